// Functions of one number: exponentials, logarithms, circles, roundings.
// Formulas call ember::f, since a struct of this file may be called f too.
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct exp {
  static constexpr Record record = {.schema = "exp(Tensor input) -> Tensor",
                                    .doc = "e^input.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 1,
                                    .cost = 8};
  template <class X> EMBER_FN static X forward(X x) { return ember::exp(x); }
  template <class X> EMBER_FN static X from_output(X g, X y) { return g * conj(y); }
};
EMBER_REGISTER(exp)

struct exp2 {
  static constexpr Record record = {.schema = "exp2(Tensor input) -> Tensor",
                                    .doc = "2^input.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::exp2(x); }
};
EMBER_REGISTER(exp2)

struct expm1 {
  static constexpr Record record = {.schema = "expm1(Tensor input) -> Tensor",
                                    .doc = "exp(input) - 1, exact near 0.",
                                    .domain = {-5, 5},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::expm1(x); }
};
EMBER_REGISTER(expm1)

struct log {
  static constexpr Record record = {.schema = "log(Tensor input) -> Tensor",
                                    .doc = "The natural logarithm.",
                                    .domain = {0.01, 20},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 1,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::log(x); }
};
EMBER_REGISTER(log)

struct log2 {
  static constexpr Record record = {.schema = "log2(Tensor input) -> Tensor",
                                    .doc = "The logarithm to base 2.",
                                    .domain = {0.01, 20},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::log2(x); }
};
EMBER_REGISTER(log2)

struct log10 {
  static constexpr Record record = {.schema = "log10(Tensor input) -> Tensor",
                                    .doc = "The logarithm to base 10.",
                                    .domain = {0.01, 20},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::log10(x); }
};
EMBER_REGISTER(log10)

struct log1p {
  static constexpr Record record = {.schema = "log1p(Tensor input) -> Tensor",
                                    .doc = "log(1 + input), exact near 0.",
                                    .domain = {-0.9, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::log1p(x); }
};
EMBER_REGISTER(log1p)

struct sqrt {
  static constexpr Record record = {.schema = "sqrt(Tensor input) -> Tensor",
                                    .doc = "The square root.",
                                    .domain = {0.01, 20},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 0.5,
                                    .cost = 4};
  template <class X> EMBER_FN static X forward(X x) { return ember::sqrt(x); }
  template <class X> EMBER_FN static X from_output(X g, X y) { return g / (conj(y) + conj(y)); }
};
EMBER_REGISTER(sqrt)

struct rsqrt {
  static constexpr Record record = {.schema = "rsqrt(Tensor input) -> Tensor",
                                    .doc = "1 / sqrt(input).",
                                    .domain = {0.01, 20},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 1.5,
                                    .cost = 6};
  template <class X> EMBER_FN static X forward(X x) { return ember::rsqrt(x); }
};
EMBER_REGISTER(rsqrt)

struct sin {
  static constexpr Record record = {.schema = "sin(Tensor input) -> Tensor",
                                    .doc = "The sine; input in radians, of a size up to 2^50.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 1.5,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::sin(x); }
};
EMBER_REGISTER(sin)

struct cos {
  static constexpr Record record = {.schema = "cos(Tensor input) -> Tensor",
                                    .doc = "The cosine; input in radians, of a size up to 2^50.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 1.5,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::cos(x); }
};
EMBER_REGISTER(cos)

struct tan {
  static constexpr Record record = {.schema = "tan(Tensor input) -> Tensor",
                                    .doc = "The tangent; input in radians, of a size up to 2^50.",
                                    .domain = {-1.4, 1.4},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::tan(x); }
};
EMBER_REGISTER(tan)

struct asin {
  static constexpr Record record = {.schema = "asin(Tensor input) -> Tensor",
                                    .doc = "The angle in [-pi/2, pi/2] whose sine is input.",
                                    .domain = {-0.95, 0.95},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::asin(x); }
};
EMBER_REGISTER(asin)

struct acos {
  static constexpr Record record = {.schema = "acos(Tensor input) -> Tensor",
                                    .doc = "The angle in [0, pi] whose cosine is input.",
                                    .domain = {-0.95, 0.95},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::acos(x); }
};
EMBER_REGISTER(acos)

struct atan {
  static constexpr Record record = {.schema = "atan(Tensor input) -> Tensor",
                                    .doc = "The angle in (-pi/2, pi/2) whose tangent is input.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::atan(x); }
};
EMBER_REGISTER(atan)

struct asinh {
  static constexpr Record record = {.schema = "asinh(Tensor input) -> Tensor",
                                    .doc = "The inverse of sinh.",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::asinh(x); }
};
EMBER_REGISTER(asinh)

struct acosh {
  static constexpr Record record = {.schema = "acosh(Tensor input) -> Tensor",
                                    .doc = "The inverse of cosh.",
                                    .domain = {1.05, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::acosh(x); }
};
EMBER_REGISTER(acosh)

struct atanh {
  static constexpr Record record = {.schema = "atanh(Tensor input) -> Tensor",
                                    .doc = "The inverse of tanh.",
                                    .domain = {-0.95, 0.95},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::atanh(x); }
};
EMBER_REGISTER(atanh)

struct sinh {
  static constexpr Record record = {.schema = "sinh(Tensor input) -> Tensor",
                                    .doc = "(exp(x) - exp(-x)) / 2.",
                                    .domain = {-5, 5},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::sinh(x); }
};
EMBER_REGISTER(sinh)

struct cosh {
  static constexpr Record record = {.schema = "cosh(Tensor input) -> Tensor",
                                    .doc = "(exp(x) + exp(-x)) / 2.",
                                    .domain = {-5, 5},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 3,
                                    .cost = 20};
  template <class X> EMBER_FN static X forward(X x) { return ember::cosh(x); }
};
EMBER_REGISTER(cosh)

struct tanh {
  static constexpr Record record = {.schema = "tanh(Tensor input) -> Tensor",
                                    .doc = "The hyperbolic tangent.",
                                    .domain = {-5, 5},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2.5,
                                    .cost = 12};
  template <class X> EMBER_FN static X forward(X x) { return ember::tanh(x); }
  template <class X> EMBER_FN static X from_output(X g, X y) { return g * (X(1) - conj(y * y)); }
};
EMBER_REGISTER(tanh)

struct sigmoid {
  static constexpr Record record = {.schema = "sigmoid(Tensor input) -> Tensor",
                                    .doc = "1 / (1 + exp(-input)).",
                                    .source = "Verhulst 1845",
                                    .domain = {-10, 10},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 2.5,
                                    .cost = 10};
  template <class X> EMBER_FN static X forward(X x) { return ember::sigmoid(x); }
  template <class X> EMBER_FN static X from_output(X g, X y) { return g * conj((X(1) - y) * y); }
};
EMBER_REGISTER(sigmoid)

struct erf {
  static constexpr Record record = {.schema = "erf(Tensor input) -> Tensor",
                                    .doc = "The error function.",
                                    .domain = {-3, 3},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 2,
                                    .cost = 18};
  template <class X> EMBER_FN static X forward(X x) { return ember::erf(x); }
};
EMBER_REGISTER(erf)

struct erfc {
  static constexpr Record record = {.schema = "erfc(Tensor input) -> Tensor",
                                    .doc = "1 - erf(input), exact in the tail.",
                                    .domain = {-3, 5},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 30};
  template <class X> EMBER_FN static X forward(X x) { return ember::erfc(x); }
};
EMBER_REGISTER(erfc)

struct erfinv {
  static constexpr Record record = {.schema = "erfinv(Tensor input) -> Tensor",
                                    .doc = "The inverse of erf on (-1, 1).",
                                    .domain = {-0.95, 0.95},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 30};
  template <class X> EMBER_FN static X forward(X x) { return ember::erfinv(x); }
};
EMBER_REGISTER(erfinv)

struct lgamma {
  static constexpr Record record = {.schema = "lgamma(Tensor input) -> Tensor",
                                    .doc = "The logarithm of the absolute gamma function.",
                                    .domain = {0.1, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 60};
  template <class X> EMBER_FN static X forward(X x) { return ember::lgamma(x); }
};
EMBER_REGISTER(lgamma)

struct digamma {
  static constexpr Record record = {.schema = "digamma(Tensor input) -> Tensor",
                                    .doc = "The derivative of lgamma.",
                                    .domain = {0.1, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 60};
  template <class X> EMBER_FN static X forward(X x) { return ember::digamma(x); }
};
EMBER_REGISTER(digamma)

struct sinc {
  static constexpr Record record = {.schema = "sinc(Tensor input) -> Tensor",
                                    .doc = "sin(pi x) / (pi x), 1 at 0.",
                                    .domain = {-0.6, 0.6},
                                    .types = kNumbers,
                                    .result = Result::Floating,
                                    .ulp = 6,
                                    .cost = 14};
  template <class X> EMBER_FN static X forward(X x) {
    return select(x == X(0), X(1),
                  ember::sin(x * X(3.14159265358979323846)) / (select(x == X(0), X(1), x) * X(3.14159265358979323846)));
  }
};
EMBER_REGISTER(sinc)

struct sign {
  static constexpr Record record = {.schema = "sign(Tensor input) -> Tensor",
                                    .doc = "-1, 0 or 1.",
                                    .types = kReal,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return ember::sign(x); }
};
EMBER_REGISTER(sign)

struct floor {
  static constexpr Record record = {.schema = "floor(Tensor input) -> Tensor",
                                    .doc = "Rounded down.",
                                    .types = kInteger | kFloat | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return ember::floor(x); }
};
EMBER_REGISTER(floor)

struct ceil {
  static constexpr Record record = {.schema = "ceil(Tensor input) -> Tensor",
                                    .doc = "Rounded up.",
                                    .types = kInteger | kFloat | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return ember::ceil(x); }
};
EMBER_REGISTER(ceil)

struct trunc {
  static constexpr Record record = {.schema = "trunc(Tensor input) -> Tensor",
                                    .doc = "Rounded to zero.",
                                    .types = kInteger | kFloat | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return ember::trunc(x); }
};
EMBER_REGISTER(trunc)

struct frac {
  static constexpr Record record = {.schema = "frac(Tensor input) -> Tensor",
                                    .doc = "input - trunc(input).",
                                    .types = kFloat,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return x - ember::trunc(x); }
};
EMBER_REGISTER(frac)

struct round_half_even {
  static constexpr Record record = {.schema = "round(Tensor input) -> Tensor",
                                    .doc = "Rounded to the nearest integer, halves to even.",
                                    .types = kInteger | kFloat | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::round(x); }
};
EMBER_REGISTER(round_half_even)

// |z| is not holomorphic: its gradient is g * z / |z|, whose conjugate stands for the derivative.
template <class X>
EMBER_FN X modulus(X x) {
  return ember::abs(x);
}
template <class T>
EMBER_FN Complex<T> modulus(Complex<T> z) {
  return {ember::abs(z), T(0)};
}
template <class T>
EMBER_FN Dual<Complex<T>> modulus(Dual<Complex<T>> z) {
  const T size = ember::abs(z.value);
  const Complex<T> direction = conj(z.value) / select(size == T(0), T(1), size);
  return {Complex<T>(size, T(0)), chain(z.derivative, direction)};
}

struct absolute {
  static constexpr Record record = {.schema = "abs(Tensor input) -> Tensor",
                                    .doc = "The absolute value; of complex numbers the modulus, a real number.",
                                    .types = kNumbers | kFloat8 | kHalfComplex,
                                    .result = Result::Real,
                                    .ulp = 0.5,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return modulus(x); }
};
EMBER_REGISTER(absolute)

struct deg2rad {
  static constexpr Record record = {.schema = "deg2rad(Tensor input) -> Tensor",
                                    .doc = "Degrees to radians.",
                                    .domain = {-180, 180},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 1,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return x * X(0.017453292519943295769); }
};
EMBER_REGISTER(deg2rad)

struct rad2deg {
  static constexpr Record record = {.schema = "rad2deg(Tensor input) -> Tensor",
                                    .doc = "Radians to degrees.",
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 1,
                                    .cost = 1};
  template <class X> EMBER_FN static X forward(X x) { return x * X(57.295779513082320877); }
};
EMBER_REGISTER(rad2deg)

struct logit_plain {
  static constexpr Record record = {.schema = "_logit(Tensor input) -> Tensor",
                                    .doc = "log(input / (1 - input)).",
                                    .domain = {0.6, 0.95},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 20,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::log(x / (X(1) - x)); }
};
EMBER_REGISTER(logit_plain)

struct erfcx {
  static constexpr Record record = {.schema = "erfcx(Tensor input) -> Tensor",
                                    .doc = "exp(input^2) erfc(input), without overflow.",
                                    .domain = {-2, 5},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 30,
                                    .where = 0};  // torch.special.erfcx
  template <class X> EMBER_FN static X forward(X x) { return ember::erfcx(x); }
};
EMBER_REGISTER(erfcx)

struct normal_cdf {
  static constexpr Record record = {.schema = "_normal_cdf(Tensor input) -> Tensor",
                                    .doc = "The distribution function of the standard normal distribution.",
                                    .domain = {-6, 6},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 5.5,
                                    .cost = 16,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::normal_cdf(x); }
};
EMBER_REGISTER(normal_cdf)

struct polygamma {
  static constexpr Record record = {.schema = "_polygamma(Tensor input, int n) -> Tensor",
                                    .doc = "The n-th derivative of digamma.",
                                    .domain = {0.1, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 100,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, Number<X> n) { return ember::polygamma(int(n), x); }
};
EMBER_REGISTER(polygamma)

struct nan_to_num {
  static constexpr Record record = {
      .schema = "_nan_to_num(Tensor input, float nan=0, float posinf=0, float neginf=0) -> Tensor",
      .doc = "NaN and infinities replaced by numbers.",
      .types = kReal | kUnsigned,
      .ulp = 0.5,
      .where = 0};
  template <class X> EMBER_FN static X forward(X x, Number<X> nan, Number<X> posinf, Number<X> neginf) {
    X finite = select(is_inf(x), select(x > X(0), X(posinf), X(neginf)), x);
    return select(is_nan(x), X(nan), finite);
  }
};
EMBER_REGISTER(nan_to_num)

}  // namespace ember::ops
