#include "ops/variates.h"

#include "core/error.h"

namespace ember::variates {

namespace {

void need_floating(const Call& c, int i) {
  if (!is_differentiable(c.arg(i).body()->dtype) || is_complex_dtype(c.arg(i).body()->dtype))
    fail(ErrorKind::NotImplemented, c.name(), "(): not implemented for '", name_of(c.arg(i).body()->dtype),
         "' tensors; expected a floating dtype.");
}

// A density's derivative by its shape has no formula here: saying so is better than a gradient that lacks a part.
[[noreturn]] void no_second_derivative(const Backward& b) {
  fail(ErrorKind::NotImplemented, "the derivative for '", b.op.name(),
       "' is not implemented: draws of Gamma, Beta and Dirichlet by rsample() can be differentiated once by their shapes.");
}

}  // namespace

void _standard_gamma::infer(Call& c) {
  need_floating(c, 0);
  c.output(0, c.sizes(0), c.arg(0).body()->dtype);
}
void _standard_gamma::backward(Backward& b) {
  b.set(0, run(named("mul"), {b.gradient(), run<_standard_gamma_grad>(b.tensor(0), b.out())}));
}
KERNEL(_standard_gamma)

void _standard_gamma_grad::infer(Call& c) {
  need_floating(c, 0);
  c.output(0, broadcast(c.sizes(0), c.sizes(1), c.name()), c.dtype);
}
void _standard_gamma_grad::backward(Backward& b) { no_second_derivative(b); }
KERNEL(_standard_gamma_grad)

void _sample_dirichlet::infer(Call& c) {
  need_floating(c, 0);
  if (c.sizes(0).empty()) fail(ErrorKind::Runtime, c.name(), "(): input has no dims; expected shape (..., categories).");
  c.output(0, c.sizes(0), c.arg(0).body()->dtype);
}

// Where alpha_i moves x_i by d, the others keep their proportions, so that x_j moves by -d x_j / (1 - x_i).
void _sample_dirichlet::backward(Backward& b) {
  static Operation &mul = named("mul"), &sub = named("sub"), &sum = named("sum");
  const Tensor alpha = b.tensor(0), &x = b.out();
  const Dims last{-1};
  const Tensor total = run(sum, {alpha, last, true});
  const Tensor mean = run(sum, {run(mul, {x, b.gradient()}), last, true});
  b.set(0, run(mul, {run<_dirichlet_grad>(x, alpha, total), run(sub, {b.gradient(), mean})}));
}
KERNEL(_sample_dirichlet)

void _dirichlet_grad::infer(Call& c) {
  need_floating(c, 0);
  c.output(0, broadcast(broadcast(c.sizes(0), c.sizes(1), c.name()), c.sizes(2), c.name()), c.dtype);
}
void _dirichlet_grad::backward(Backward& b) { no_second_derivative(b); }
KERNEL(_dirichlet_grad)

void binomial::infer(Call& c) {
  for (const int i : {0, 1})
    if (!is_floating(c.arg(i).body()->dtype))
      fail(ErrorKind::Value, c.name(), "(): binomial only supports floating-point dtypes for ", i == 0 ? "count" : "prob",
           ", got: ", name_of(c.arg(i).body()->dtype), ".");
  if (c.arg(0).body()->dtype != c.arg(1).body()->dtype)
    fail(ErrorKind::Runtime, c.name(), "(): count is ", name_of(c.arg(0).body()->dtype), " and prob ",
         name_of(c.arg(1).body()->dtype), "; expected the same dtype.");
  c.output(0, broadcast(c.sizes(0), c.sizes(1), c.name()), c.dtype);
}
// What is drawn are integers, which do not move with the parameters.
void binomial::backward(Backward& b) {
  for (const int i : {0, 1})
    if (b.needs(i)) b.set(i, zeros(b.sizes(i), b.dtype(i), b.gradient().device()));
}
KERNEL(binomial)

}  // namespace ember::variates
