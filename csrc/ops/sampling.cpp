#include "ops/sampling.h"

namespace ember::sampling {

namespace {

void output_like_input(Call& c) { c.output(0, c.sizes(0), c.arg(0).body()->dtype); }

// What was there before does not matter to what is drawn.
void no_gradient(Backward& b) { b.set(0, zeros(b.sizes(0), b.dtype(0), b.gradient().device())); }

void need_floating(const Call& c) {
  if (!is_differentiable(c.arg(0).body()->dtype))
    fail(ErrorKind::NotImplemented, c.name(), c.inplace ? "_" : "", "(): not implemented for '",
         name_of(c.arg(0).body()->dtype), "' tensors; expected a floating dtype.");
}

}  // namespace

void uniform::infer(Call& c) {
  need_floating(c);
  if (c.arg(1).real() > c.arg(2).real())
    fail(ErrorKind::Runtime, "uniform_(): uniform_ expects to return a [from, to) range, but found from=", c.arg(1).real(),
         " > to=", c.arg(2).real(), ".");
  output_like_input(c);
}
void uniform::backward(Backward& b) { no_gradient(b); }
KERNEL(uniform)

void _normal::infer(Call& c) {
  need_floating(c);
  if (!(c.arg(2).real() >= 0))
    fail(ErrorKind::Runtime, "normal_(): normal expects std >= 0.0, but found std ", c.arg(2).real(), ".");
  output_like_input(c);
}
void _normal::backward(Backward& b) { no_gradient(b); }
KERNEL(_normal)

void exponential::infer(Call& c) {
  need_floating(c);
  if (!(c.arg(1).real() > 0))
    fail(ErrorKind::Runtime, "exponential_(): exponential_ expects lambda > 0.0, but found lambda=", c.arg(1).real(), ".");
  output_like_input(c);
}
void exponential::backward(Backward& b) { no_gradient(b); }
KERNEL(exponential)

void cauchy::infer(Call& c) {
  need_floating(c);
  if (!(c.arg(2).real() > 0))
    fail(ErrorKind::Runtime, "cauchy_(): cauchy_ expects sigma > 0.0, but found sigma=", c.arg(2).real(), ".");
  output_like_input(c);
}
void cauchy::backward(Backward& b) { no_gradient(b); }
KERNEL(cauchy)

void log_normal::infer(Call& c) {
  need_floating(c);
  if (!(c.arg(2).real() > 0))
    fail(ErrorKind::Runtime, "log_normal_(): log_normal_ expects std > 0.0, but found std=", c.arg(2).real(), ".");
  output_like_input(c);
}
void log_normal::backward(Backward& b) { no_gradient(b); }
KERNEL(log_normal)

void geometric::infer(Call& c) {
  if (!(c.arg(1).real() > 0 && c.arg(1).real() < 1))
    fail(ErrorKind::Runtime, "geometric_(): geometric_ expects p to be in (0, 1), but got p=", c.arg(1).real(), ".");
  output_like_input(c);
}
void geometric::backward(Backward& b) { no_gradient(b); }
KERNEL(geometric)

void _bernoulli::infer(Call& c) {
  if (!(c.arg(1).real() >= 0 && c.arg(1).real() <= 1))
    fail(ErrorKind::Runtime, "bernoulli_(): bernoulli_ expects p to be in [0, 1], but got p=", c.arg(1).real(), ".");
  output_like_input(c);
}
void _bernoulli::backward(Backward& b) { no_gradient(b); }
KERNEL(_bernoulli)

void random::infer(Call& c) {
  if (is_complex_dtype(c.arg(0).body()->dtype))
    fail(ErrorKind::NotImplemented, "random_(): not implemented for complex tensors.");
  if (!c.arg(1).is_none() && !c.arg(2).is_none() && c.arg(1).integer() >= c.arg(2).integer())
    fail(ErrorKind::Runtime, "random_(): random_ expects 'from' to be less than 'to', but got from=", c.arg(1).integer(),
         " >= to=", c.arg(2).integer(), ".");
  output_like_input(c);
}
void random::backward(Backward& b) { no_gradient(b); }
KERNEL(random)

void bernoulli::infer(Call& c) {
  need_floating(c);
  output_like_input(c);
}
void bernoulli::backward(Backward& b) { no_gradient(b); }
KERNEL(bernoulli)

void poisson::infer(Call& c) {
  need_floating(c);
  output_like_input(c);
}
void poisson::backward(Backward& b) { no_gradient(b); }
KERNEL(poisson)

void randperm::infer(Call& c) {
  if (c.arg(0).integer() < 0) fail(ErrorKind::Runtime, "randperm(): n must be non-negative, got ", c.arg(0).integer(), ".");
  c.read_device(3);
  c.output(0, {c.arg(0).integer()}, c.given ? c.out().dtype() : c.arg(2).is_none() ? DType::Int64 : c.arg(2).dtype());
}
KERNEL(randperm)

void multinomial::infer(Call& c) {
  if (!is_floating(c.arg(0).body()->dtype))
    fail(ErrorKind::Runtime, c.name(),
         "(): multinomial only supports floating-point dtypes for input, got: ", name_of(c.arg(0).body()->dtype), ".");
  const Dims& sizes = c.sizes(0);
  if (sizes.size() != 1 && sizes.size() != 2)
    fail(ErrorKind::Runtime, c.name(), "(): prob_dist must be 1 or 2 dim; its shape is ", to_string(sizes), ".");
  const int64_t samples = c.arg(1).integer();
  if (samples <= 0)
    fail(ErrorKind::Runtime, c.name(), "(): cannot sample n_sample <= 0 samples; num_samples is ", samples, ".");
  if (!c.arg(2).boolean() && samples > sizes.back())
    fail(ErrorKind::Runtime, c.name(), "(): cannot sample n_sample > prob_dist.size(-1) samples without replacement: ", samples,
         " of ", sizes.back(), ".");
  Dims result = sizes;
  result.back() = samples;
  c.output(0, result, DType::Int64);
}
KERNEL(multinomial)

void dropout::infer(Call& c) {
  const double p = c.arg(1).real();
  if (!(p >= 0 && p <= 1)) fail(ErrorKind::Value, "dropout(): dropout probability has to be between 0 and 1, but got ", p, ".");
  need_floating(c);
  const Tensor input = c.tensor(0);
  const bool idle = !c.arg(2).boolean() || p == 0;
  if (idle && !c.given) c.outputs[0] = view_of(input, input.sizes(), input.strides(), input.offset());
  else output_like_input(c);
}
void dropout::backward(Backward& b) {
  const bool idle = !b.arg(2).boolean() || b.arg(1).real() == 0;
  b.set(0, idle ? b.gradient() : run<dropout>(b.gradient(), b.arg(1), b.arg(2), b.arg(3), b.arg(4)));
}
KERNEL(dropout)

}  // namespace ember::sampling
