#include "ops/scans.h"

#include "op/batched.h"
#include "op/var.h"

namespace ember {

namespace {

void check_type(const Call& call, unsigned types) {
  static constexpr unsigned kinds[] = {kBool, kInteger, kFloat, kComplex};
  const DType dtype = call.args[0].body()->dtype;
  if (!(types & kinds[category_of(dtype)]))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype), "' tensors.");
}

void infer_scan(Call& call, DType dtype) {
  check_type(call, call.op.record->types);
  wrap_dim(call.arg(1).integer(), call.sizes(0).size(), call.name());
  call.output(0, call.sizes(0), dtype);
}

// Integers and bool add up in int64.
DType summed(const Call& call) {
  if (!call.arg(2).is_none()) return call.arg(2).dtype();
  const DType input = call.args[0].body()->dtype;
  return is_differentiable(input) ? input : DType::Int64;
}

void infer_extreme_scan(Call& call) {
  infer_scan(call, call.args[0].body()->dtype);
  call.output(1, call.sizes(0), DType::Int64);
}

Tensor flipped(const Tensor& tensor, const Value& dim) {
  static Operation& flip = named("flip");
  return run(flip, {tensor, Dims{dim.integer()}});
}

// At i: the sum of the elements from i on.
Tensor sum_from(const Tensor& tensor, const Value& dim) {
  if (tensor.dim() == 0) return tensor;
  return flipped(run<cumsum>(flipped(tensor, dim), dim), dim);
}

bool has_zero(const Tensor& tensor) {
  if (tensor.is_meta()) return false;
  if (is_stand_in(tensor)) return true;  // of some sample it may be so
  NoGradient off;
  static Operation& equal = named("eq");
  static Operation& any = named("any");
  return run(any, {run(equal, {tensor, Var(0).value()})}).as_int() != 0;
}

// With s_k = g_k + x_(k+1) s_(k+1) the gradient is s_k times the product of all before k: right with zeros too.
Tensor product_gradient(const Tensor& g, const Tensor& x, const Value& dim) {
  static Operation& select = named("select");
  static Operation& stack = named("stack");
  const int64_t n = x.size(int(dim.integer()));
  std::vector<Var> before(static_cast<size_t>(n));
  std::vector<Tensor> result(before.size());
  const auto at = [&](const Tensor& tensor, int64_t i) { return Var(run(select, {tensor, dim, i})); };
  before[0] = 1;
  for (int64_t i = 1; i < n; ++i) before[size_t(i)] = before[size_t(i - 1)] * conj(at(x, i - 1));
  Var s = at(g, n - 1);
  for (int64_t i = n - 1; i >= 0; --i) {
    result[size_t(i)] = (before[size_t(i)] * s).as_tensor(s.value().tensor());
    if (i) s = at(g, i - 1) + conj(at(x, i)) * s;
  }
  return run(stack, {result, dim});
}

void extreme_gradient(Backward& b) {
  static Operation& scatter_add = named("scatter_add");
  const Tensor& g = b.gradient();
  if (g.dim() == 0) return b.set(0, g);
  b.set(0, run(scatter_add, {zeros(b.sizes(0), g.dtype(), g.device()), b.arg(1), b.out(1), g}));
}

}  // namespace

void cumsum::infer(Call& call) { infer_scan(call, summed(call)); }
void cumsum::backward(Backward& b) { b.set(0, sum_from(b.gradient(), b.arg(1))); }
KERNEL(cumsum)

void cumprod::infer(Call& call) { infer_scan(call, summed(call)); }
void cumprod::backward(Backward& b) {
  const Tensor &g = b.gradient(), input = to_dtype(b.tensor(0), g.dtype());
  if (g.dim() == 0 || g.numel() == 0) return b.set(0, g);
  if (has_zero(input)) return b.set(0, product_gradient(g, input, b.arg(1)));
  const Tensor weighted = (Var(g) * conj(Var(b.out()))).as_tensor(g);
  b.set(0, (Var(sum_from(weighted, b.arg(1))) / conj(Var(input))).as_tensor(g));
}
KERNEL(cumprod)

// gx_k = exp(x_k) sum over j >= k of g_j exp(-y_j), the sum in logarithms, for each sign of g. A finite stand-in for
// log(0) keeps the second derivative finite; as a float32 it is -inf, whose exp is 0 as well.
void logcumsumexp::infer(Call& call) { infer_scan(call, call.args[0].body()->dtype); }
void logcumsumexp::backward(Backward& b) {
  const Tensor& g = b.gradient();
  if (g.dim() == 0 || g.numel() == 0) return b.set(0, g);
  const Var x(b.tensor(0)), y(b.out());
  const auto part = [&](const Var& sized) {
    const Tensor weights = (select(sized > Var(0), log(sized), Var(-1e300)) - y).as_tensor(g);
    return exp(Var(flipped(run<logcumsumexp>(flipped(weights, b.arg(1)), b.arg(1)), b.arg(1))) + x);
  };
  b.set(0, (part(Var(g)) - part(-Var(g))).as_tensor(g));
}
KERNEL(logcumsumexp)

void cummax::infer(Call& call) { infer_extreme_scan(call); }
void cummax::backward(Backward& b) { extreme_gradient(b); }
KERNEL(cummax)

void cummin::infer(Call& call) { infer_extreme_scan(call); }
void cummin::backward(Backward& b) { extreme_gradient(b); }
KERNEL(cummin)

}  // namespace ember
