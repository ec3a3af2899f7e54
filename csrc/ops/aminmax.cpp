// The smallest and the largest element together.
#include "op/reduction.h"
#include "op/var.h"

namespace ember {

struct aminmax {
  static constexpr Record record = {
      .schema = "aminmax(Tensor input, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
      .doc = "The smallest and the largest element along dim; of all by default.",
      .types = kReal,
      .saves = "input min max",
  };
  static Value dims_of(const Value& dim) { return dim.is_none() ? Value(Dims()) : Value(Dims{dim.integer()}); }

  static void infer(Call& call) {
    const uint64_t mask = reduced_mask(call.arg(1), call.sizes(0).size(), call.name());
    const Dims sizes = reduced_sizes(call.sizes(0), mask, call.arg(2).boolean());
    for (int i = 0; i < 2; ++i) call.output(i, sizes, call.args[0].body()->dtype);
  }

  static void cpu(Call& call) {
    static Operation* extremes[] = {&named("amin"), &named("amax")};
    NoGradient off;
    for (int i = 0; i < 2; ++i) call.outputs[size_t(i)] = run(*extremes[i], {call.arg(0), dims_of(call.arg(1)), call.arg(2)});
  }

  // Elements equal to a result share its gradient evenly.
  static void backward(Backward& b) {
    static Operation& equal = named("eq");
    static Operation& sum = named("sum");
    const Tensor input = b.tensor(0);
    Var total = 0;
    for (int i = 0; i < 2; ++i) {
      if (!b.gradient(i)) continue;
      const Tensor hits = to_dtype(run(equal, {input, keep_reduced(b, b.out(i))}), input.dtype());
      const Var count(run(sum, {hits, dims_of(b.arg(1)), true}));
      total = total + Var(hits) * (Var(keep_reduced(b, b.gradient(i))) / count);
    }
    b.set(0, total.as_tensor(input));
  }
};
KERNEL(aminmax)

}  // namespace ember
