#include "ops/sorting.h"

#include "op/var.h"

namespace ember {

namespace {

void check_real(const Call& call) {
  if (is_complex_dtype(call.args[0].body()->dtype))
    fail(ErrorKind::Runtime, call.name(), "(): not implemented for complex tensors; they have no order.");
}

// Values and indices of shape `sizes`.
void infer_pair(Call& call, const Dims& sizes) {
  check_real(call);
  call.output(0, sizes, call.args[0].body()->dtype);
  call.output(1, sizes, DType::Int64);
}

int dim_of(const Call& call, int argument) { return wrap_dim(call.arg(argument).integer(), call.sizes(0).size(), call.name()); }

// One element of each line: the shape without dim, or with size 1 there.
void infer_one(Call& call, int dim_argument) {
  Dims sizes = call.sizes(0);
  const int dim = dim_of(call, dim_argument);
  if (!sizes.empty()) {
    if (sizes[dim] == 0)
      fail(ErrorKind::Index, call.name(), "(): dim ", dim, " of the input of shape ", to_string(sizes),
           " has size 0; expected a non-zero size.");
    if (call.arg(dim_argument + 1).boolean()) sizes[dim] = 1;
    else sizes.erase(dim);
  }
  infer_pair(call, sizes);
}

// What was taken from places along dim goes back there.
void place_gradient(Backward& b, int dim_argument, bool keeps_dim) {
  static Operation& scatter = named("scatter");
  static Operation& unsqueeze = named("unsqueeze");
  Tensor g = b.gradient(), indices = b.out(1);
  if (b.sizes(0).empty()) return b.set(0, g);
  if (!keeps_dim) {
    g = run(unsqueeze, {g, b.arg(dim_argument)});
    indices = run(unsqueeze, {indices, b.arg(dim_argument)});
  }
  b.set(0, run(scatter, {zeros(b.sizes(0), g.dtype(), g.device()), b.arg(dim_argument), indices, g}));
}

}  // namespace

void sort::infer(Call& call) {
  dim_of(call, 1);
  infer_pair(call, call.sizes(0));
}
void sort::backward(Backward& b) { place_gradient(b, 1, true); }
KERNEL(sort)

void topk::infer(Call& call) {
  Dims sizes = call.sizes(0);
  const int dim = dim_of(call, 2);
  const int64_t k = call.arg(1).integer(), n = sizes.empty() ? 1 : sizes[dim];
  if (k < 0 || k > n)
    fail(ErrorKind::Runtime, "topk(): k is ", k, ", but dim ", dim, " of the input of shape ", to_string(sizes), " has ", n,
         " elements; expected k in [0, ", n, "].");
  if (!sizes.empty()) sizes[dim] = k;
  infer_pair(call, sizes);
}
void topk::backward(Backward& b) { place_gradient(b, 2, true); }
KERNEL(topk)

void kthvalue::infer(Call& call) {
  infer_one(call, 2);
  const int64_t k = call.arg(1).integer(), n = call.sizes(0).empty() ? 1 : call.sizes(0)[dim_of(call, 2)];
  if (k < 1 || k > n)
    fail(ErrorKind::Runtime, "kthvalue(): selected number k out of range for dimension ", dim_of(call, 2), ": k is ", k,
         "; expected k in [1, ", n, "].");
}
void kthvalue::backward(Backward& b) { place_gradient(b, 2, b.arg(3).boolean()); }
KERNEL(kthvalue)

void median_dim::infer(Call& call) { infer_one(call, 1); }
void median_dim::backward(Backward& b) { place_gradient(b, 1, b.arg(2).boolean()); }
KERNEL(median_dim)

void nanmedian_dim::infer(Call& call) { infer_one(call, 1); }
void nanmedian_dim::backward(Backward& b) { place_gradient(b, 1, b.arg(2).boolean()); }
KERNEL(nanmedian_dim)

void mode::infer(Call& call) { infer_one(call, 1); }
void mode::backward(Backward& b) { place_gradient(b, 1, b.arg(2).boolean()); }
KERNEL(mode)

void searchsorted::infer(Call& call) {
  check_real(call);
  const Dims &sequence = call.sizes(0), &input = call.sizes(1);
  bool fits = sequence.size() == 1;
  if (!fits && sequence.size() == input.size()) {
    fits = !sequence.empty();
    for (int i = 0; i < sequence.size() - 1; ++i) fits &= sequence[i] == input[i];
  }
  if (!fits)
    fail(ErrorKind::Runtime, "searchsorted(): sorted_sequence of shape ", to_string(sequence), " does not fit values of shape ",
         to_string(input), "; expected a 1-d sequence, or equal sizes but for the last dim.");
  call.output(0, input, DType::Int64);
}
KERNEL(searchsorted)

}  // namespace ember
