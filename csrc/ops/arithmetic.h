// Sums, products, powers and their like, element by element.
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct add {
  static constexpr Record record = {.schema = "add(Tensor input, Tensor other, *, number alpha=1) -> Tensor",
                                    .doc = "input + alpha * other.",
                                    .types = kNumbers | kHalfComplex,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y, Number<X> alpha) { return x + y * alpha; }
};
EMBER_REGISTER(add)

struct sub {
  static constexpr Record record = {.schema = "sub(Tensor input, Tensor other, *, number alpha=1) -> Tensor",
                                    .doc = "input - alpha * other.",
                                    .types = kInteger | kInexact | kHalfComplex,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y, Number<X> alpha) { return x - y * alpha; }
};
EMBER_REGISTER(sub)

struct rsub {
  static constexpr Record record = {.schema = "rsub(Tensor input, Tensor other, *, number alpha=1) -> Tensor",
                                    .doc = "other - alpha * input.",
                                    .types = kInteger | kInexact | kHalfComplex,
                                    .ulp = 0.5,
                                    .where = kFunction};
  template <class X> EMBER_FN static X forward(X x, X y, Number<X> alpha) { return y - x * alpha; }
};
EMBER_REGISTER(rsub)

struct mul {
  static constexpr Record record = {
      .schema = "mul(Tensor input, Tensor other) -> Tensor", .doc = "input * other.", .types = kAny, .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return x * y; }
};
EMBER_REGISTER(mul)

struct div {
  static constexpr Record record = {
      .schema = "div(Tensor input, Tensor other) -> Tensor",
      .doc = "input / other; integers become the default floating type.",
      .result = Result::Floating,
      .ulp = 0.5,
      .where = 0};  // torch.div and Tensor.div, with rounding_mode, are in ember/ops/arithmetic.py
  template <class X> EMBER_FN static X forward(X x, X y) { return x / y; }
};
EMBER_REGISTER(div)

struct neg {
  static constexpr Record record = {
      .schema = "neg(Tensor input) -> Tensor", .doc = "-input.", .types = kInteger | kInexact | kHalfComplex, .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x) { return -x; }
};
EMBER_REGISTER(neg)

struct square {
  static constexpr Record record = {.schema = "square(Tensor input) -> Tensor", .doc = "input * input.", .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x) { return x * x; }
};
EMBER_REGISTER(square)

struct reciprocal {
  static constexpr Record record = {
      .schema = "reciprocal(Tensor input) -> Tensor", .doc = "1 / input.", .result = Result::Floating, .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x) { return X(1) / x; }
};
EMBER_REGISTER(reciprocal)

struct pow {
  static constexpr Record record = {.schema = "pow(Tensor input, Tensor exponent) -> Tensor",
                                    .doc = "input to the power of exponent.",
                                    .domain = {0.1, 4},
                                    .ulp = 4,
                                    .cost = 30,
                                    .integers = Refuses::NegativePower,
                                    .where = 0};  // torch.pow is in ember/ops/arithmetic.py
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::pow(x, y); }
};
EMBER_REGISTER(pow)

struct remainder {
  static constexpr Record record = {.schema = "remainder(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The rest of a division rounded down: it has the sign of other, as Python's %.",
                                    .types = kReal,
                                    .cost = 8,
                                    .integers = Refuses::ZeroDivisor};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::remainder(x, y); }
};
EMBER_REGISTER(remainder)

struct fmod {
  static constexpr Record record = {.schema = "fmod(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The rest of a division rounded to zero: it has the sign of input, as C's fmod.",
                                    .types = kReal,
                                    .cost = 8,
                                    .integers = Refuses::ZeroDivisor};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::fmod(x, y); }
};
EMBER_REGISTER(fmod)

struct floor_divide {
  static constexpr Record record = {.schema = "floor_divide(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input / other rounded down, as Python's //.",
                                    .types = kReal,
                                    .cost = 8,
                                    .integers = Refuses::ZeroDivisor};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::floor_divide(x, y); }
};
EMBER_REGISTER(floor_divide)

struct trunc_divide {
  static constexpr Record record = {.schema = "_trunc_divide(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input / other rounded to zero.",
                                    .types = kReal,
                                    .cost = 8,
                                    .integers = Refuses::ZeroDivisor,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, X y) {
    if constexpr (Integer<X>) return select(y == X(0), X(0), x / select(y == X(0), X(1), y));
    else return trunc(x / y);
  }
};
EMBER_REGISTER(trunc_divide)

struct maximum {
  static constexpr Record record = {.schema = "maximum(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The larger of both; NaN where either is.",
                                    .types = kReal,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return max(x, y); }
};
EMBER_REGISTER(maximum)

struct minimum {
  static constexpr Record record = {.schema = "minimum(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The smaller of both; NaN where either is.",
                                    .types = kReal,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return min(x, y); }
};
EMBER_REGISTER(minimum)

struct fmax {
  static constexpr Record record = {.schema = "fmax(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The larger of both; a NaN loses.",
                                    .types = kReal,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return select((x >= y) | is_nan(y), x, y); }
};
EMBER_REGISTER(fmax)

struct fmin {
  static constexpr Record record = {.schema = "fmin(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The smaller of both; a NaN loses.",
                                    .types = kReal,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return select((x <= y) | is_nan(y), x, y); }
};
EMBER_REGISTER(fmin)

struct clamp_min {
  static constexpr Record record = {
      .schema = "clamp_min(Tensor input, Tensor min) -> Tensor", .doc = "At least min.", .types = kReal, .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X low) { return select((x >= low) | is_nan(x), x, low); }
};
EMBER_REGISTER(clamp_min)

struct clamp_max {
  static constexpr Record record = {
      .schema = "clamp_max(Tensor input, Tensor max) -> Tensor", .doc = "At most max.", .types = kReal, .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X high) { return select((x <= high) | is_nan(x), x, high); }
};
EMBER_REGISTER(clamp_max)

struct clamp_both {
  static constexpr Record record = {.schema = "_clamp(Tensor input, Tensor min, Tensor max) -> Tensor",
                                    .doc = "Between min and max; max where min is above it.",
                                    .types = kReal,
                                    .ulp = 0.5,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, X low, X high) {
    X raised = select((x >= low) | is_nan(x), x, low);
    return select((raised <= high) | is_nan(raised), raised, high);
  }
};
EMBER_REGISTER(clamp_both)

struct where {
  static constexpr Record record = {.schema = "where(Tensor condition, Tensor input, Tensor other) -> Tensor",
                                    .doc = "input where condition holds, other elsewhere.",
                                    .types = kAny,
                                    .ulp = 0.5,
                                    .where = 0};  // torch.where also has a form of one argument: ember/ops/arithmetic.py
  template <class X> EMBER_FN static X forward(X condition, X x, X y) { return select(condition != X(0), x, y); }
};
EMBER_REGISTER(where)

struct lerp {
  static constexpr Record record = {.schema = "lerp(Tensor input, Tensor end, Tensor weight) -> Tensor",
                                    .doc = "input + weight * (end - input), computed from the nearer end.",
                                    .domain = {0.1, 0.9},
                                    .types = kFloat,
                                    .ulp = 3};
  template <class X> EMBER_FN static X forward(X x, X end, X weight) {
    return select(abs(weight) < X(0.5), x + weight * (end - x), end - (end - x) * (X(1) - weight));
  }
};
EMBER_REGISTER(lerp)

struct addcmul {
  static constexpr Record record = {
      .schema = "addcmul(Tensor input, Tensor tensor1, Tensor tensor2, *, number value=1) -> Tensor",
      .doc = "input + value * tensor1 * tensor2.",
      .domain = {0.1, 3},  // of one sign: a sum that cancels has no relative precision
      .types = kNumbers | kHalfComplex,
      .ulp = 2};
  template <class X> EMBER_FN static X forward(X x, X a, X b, Number<X> value) { return x + a * b * value; }
};
EMBER_REGISTER(addcmul)

struct addcdiv {
  static constexpr Record record = {
      .schema = "addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, *, number value=1) -> Tensor",
      .doc = "input + value * tensor1 / tensor2.",
      .domain = {0.1, 3},
      .types = kInexact,
      .ulp = 2};
  template <class X> EMBER_FN static X forward(X x, X a, X b, Number<X> value) { return x + a / b * value; }
};
EMBER_REGISTER(addcdiv)

struct hypot {
  static constexpr Record record = {.schema = "hypot(Tensor input, Tensor other) -> Tensor",
                                    .doc = "sqrt(input^2 + other^2).",
                                    .types = kFloat,
                                    .ulp = 2,
                                    .cost = 4};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::hypot(x, y); }
};
EMBER_REGISTER(hypot)

struct atan2 {
  static constexpr Record record = {.schema = "atan2(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The angle of the point (other, input) in (-pi, pi].",
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 25};
  template <class X> EMBER_FN static X forward(X y, X x) { return ember::atan2(y, x); }
};
EMBER_REGISTER(atan2)

struct copysign {
  static constexpr Record record = {.schema = "copysign(Tensor input, Tensor other) -> Tensor",
                                    .doc = "The magnitude of input with the sign of other.",
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 0.5};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::copysign(x, y); }
};
EMBER_REGISTER(copysign)

struct logaddexp {
  static constexpr Record record = {.schema = "logaddexp(Tensor input, Tensor other) -> Tensor",
                                    .doc = "log(exp(input) + exp(other)) without overflow.",
                                    .domain = {0.1, 10},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 25};
  template <class X> EMBER_FN static X forward(X x, X y) {
    X high = select(x < y, y, x), low = select(x < y, x, y);
    // Equal infinities: their difference would be nan.
    return select(is_inf(x) & (x == y), x, high + log1p(exp(low - high)));
  }
};
EMBER_REGISTER(logaddexp)

}  // namespace ember::ops
