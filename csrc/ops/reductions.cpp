// Shape rules and gradients of the reductions in reductions.h.
#include "op/batched.h"
#include "op/reduction.h"
#include "op/var.h"

#include "ops/reductions.h"  // stands on the above

namespace ember {

namespace {

Tensor divided(const Tensor& tensor, double divisor) { return (Var(tensor) * Var(1 / divisor)).as_tensor(tensor); }

double folded_count(const Backward& b) {
  return double(reduced_count(b.sizes(0), reduced_mask(b.arg(1), b.sizes(0).size(), b.op.name())));
}

}  // namespace

void sum::backward(Backward& b) { b.set(0, spread(b, b.gradient())); }

void mean::backward(Backward& b) { b.set(0, spread(b, divided(b.gradient(), folded_count(b)))); }

void nansum::backward(Backward& b) {
  static Operation& is_number = named("eq");
  const Tensor input = b.tensor(0);
  const Var counted(to_dtype(run(is_number, {input, input}), b.gradient().dtype()));
  b.set(0, (Var(keep_reduced(b, b.gradient())) * counted).as_tensor(input));
}

// ---- prod

namespace {

bool has_zero(const Tensor& tensor) {
  if (tensor.is_meta()) return false;
  if (is_stand_in(tensor)) return true;  // of some sample it may be so
  NoGradient off;
  static Operation& equal = named("eq");
  return run<any>(run(equal, {tensor, Var(0).value()})).as_int() != 0;
}

// Of each element along the last dim: the product of all before it.
Tensor product_before(const Tensor& x) {
  static Operation& narrow = named("narrow");
  static Operation& cat = named("cat");
  static Operation& cumulate = named("cumprod");
  const Tensor first = run(narrow, {x, -1, 0, 1}), rest = run(narrow, {x, -1, 0, x.size(-1) - 1});
  return run(cumulate,
             {run(cat, {std::vector<Tensor>{full(first.sizes(), 1.0, first.dtype(), first.device()), rest}, -1}), -1});
}

// The product of all other elements, whatever zeros there are: of those before times of those after.
Tensor product_of_others(const Tensor& input, uint64_t mask) {
  static Operation& permute = named("permute");
  static Operation& reshape = named("reshape");
  static Operation& flip = named("flip");
  static Operation& conj = named("conj");
  Dims order, back(input.dim()), sizes;
  for (int i = 0; i < input.dim(); ++i)
    if (!(mask >> i & 1)) order.push_back(i), sizes.push_back(input.size(i));
  for (int i = 0; i < input.dim(); ++i)
    if (mask >> i & 1) order.push_back(i);
  for (int i = 0; i < input.dim(); ++i) back[int(order[i])] = i;
  const Tensor turned = run(permute, {input, order});
  sizes.push_back(reduced_count(input.sizes(), mask));
  const Tensor x = run(reshape, {turned, sizes});
  const Tensor after = run(flip, {product_before(run(flip, {x, Dims{-1}})), Dims{-1}});
  const Tensor others = (Var(product_before(x)) * Var(after)).as_tensor(x);
  const Tensor result = run(permute, {run(reshape, {others, turned.sizes()}), back});
  return is_complex_dtype(result.dtype()) ? run(conj, {result}) : result;
}

}  // namespace

void prod::backward(Backward& b) {
  const Tensor input = to_dtype(b.tensor(0), b.gradient().dtype()), g = keep_reduced(b, b.gradient());
  if (input.numel() == 0) return b.set(0, spread(b, b.gradient()));
  if (input.dim() > 0 && has_zero(input)) {
    const Tensor others = product_of_others(input, reduced_mask(b.arg(1), input.dim(), b.op.name()));
    return b.set(0, (Var(g) * Var(others)).as_tensor(input));
  }
  b.set(0, (Var(g) * conj(Var(keep_reduced(b, b.out())) / Var(input))).as_tensor(input));
}

// ---- amax, amin

namespace {

// Elements equal to the result share its gradient evenly.
void extreme_gradient(Backward& b) {
  static Operation& equal = named("eq");
  const Tensor input = b.tensor(0), g = keep_reduced(b, b.gradient());
  const Tensor hits = to_dtype(run(equal, {input, keep_reduced(b, b.out())}), input.dtype());
  const Tensor count = run<sum>(hits, b.arg(1), true);
  b.set(0, (Var(hits) * (Var(g) / Var(count))).as_tensor(input));
}

}  // namespace

void amax::backward(Backward& b) { extreme_gradient(b); }
void amin::backward(Backward& b) { extreme_gradient(b); }

// ---- norm

void norm_2::backward(Backward& b) {
  static Operation& equal = named("eq");
  const Tensor norm = keep_reduced(b, b.out());
  const Var is_zero(run(equal, {norm, Var(0).value()}));
  const Var scale = select(is_zero, 0, Var(keep_reduced(b, b.gradient())) / Var(norm));
  b.set(0, (scale * Var(b.tensor(0))).as_tensor(norm));
}

// ---- moments

void moments::infer(Call& call) {
  const DType dtype = call.args[0].body()->dtype;
  infer_reduced(call, false, {dtype, dtype});
}

void moments::backward(Backward& b) {
  const double count = folded_count(b), divisor = count - b.arg(3).real();
  Tensor result;
  if (b.gradient(0)) {
    const Var deviation = Var(b.tensor(0)) - Var(keep_reduced(b, b.out(1)));
    const Var slope = Var(keep_reduced(b, b.gradient(0))) * Var(divisor > 0 ? 2 / divisor : 2 / 0.0);
    result = (slope * deviation).as_tensor(b.tensor(0));
  }
  if (b.gradient(1)) {
    const Tensor even = spread(b, divided(b.gradient(1), count));
    result = result ? (Var(result) + Var(even)).as_tensor(even) : even;
  }
  b.set(0, result);
}

// ---- max, min and their places

namespace {

void infer_with_index(Call& call) { infer_reduced(call, true, {call.args[0].body()->dtype, DType::Int64}); }
void infer_index(Call& call) { infer_reduced(call, true, {DType::Int64}); }

void place_gradient(Backward& b) {
  static Operation& scatter = named("scatter");
  const Tensor g = keep_reduced(b, b.gradient()), index = keep_reduced(b, b.out(1));
  b.set(0, run(scatter, {zeros(b.sizes(0), g.dtype(), g.device()), b.arg(1), index, g}));
}

}  // namespace

void max_dim::infer(Call& call) { infer_with_index(call); }
void max_dim::backward(Backward& b) { place_gradient(b); }
void min_dim::infer(Call& call) { infer_with_index(call); }
void min_dim::backward(Backward& b) { place_gradient(b); }
void argmax::infer(Call& call) { infer_index(call); }
void argmin::infer(Call& call) { infer_index(call); }

}  // namespace ember
