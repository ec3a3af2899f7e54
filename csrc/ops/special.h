// The functions of torch.special that are no elementary ones.
#pragma once
#include "op/formula.h"
#include "scalar/bessel.h"
#include "scalar/probability.h"

namespace ember::ops {

struct i0 {
  static constexpr Record record = {.schema = "i0(Tensor input) -> Tensor",
                                    .doc = "The modified Bessel function of the first kind of order 0.",
                                    .domain = {-12, 12},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 40};
  template <class X> EMBER_FN static X forward(X x) { return ember::i0(x); }
};
EMBER_REGISTER(i0)

struct i0e {
  static constexpr Record record = {.schema = "i0e(Tensor input) -> Tensor",
                                    .doc = "exp(-|x|) i0(x).",
                                    .domain = {-12, 12},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 40,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::i0e(x); }
};
EMBER_REGISTER(i0e)

struct i1 {
  static constexpr Record record = {.schema = "i1(Tensor input) -> Tensor",
                                    .doc = "The modified Bessel function of the first kind of order 1.",
                                    .domain = {-12, 12},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 40,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::i1(x); }
};
EMBER_REGISTER(i1)

struct i1e {
  static constexpr Record record = {.schema = "i1e(Tensor input) -> Tensor",
                                    .doc = "exp(-|x|) i1(x).",
                                    .domain = {-12, 12},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 40,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::i1e(x); }
};
EMBER_REGISTER(i1e)

struct zeta {
  static constexpr Record record = {.schema = "_zeta(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Hurwitz' zeta function: the sum of (other + k)^-input over k of 0 and more.",
                                    .domain = {1.1, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 150,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X s, X q) { return ember::zeta(s, q); }
};
EMBER_REGISTER(zeta)

struct entropy {
  static constexpr Record record = {.schema = "entr(Tensor input) -> Tensor",
                                    .doc = "-x log(x); 0 at 0 and -inf below it.",
                                    .domain = {0, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 10,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::entropy(x); }
};
EMBER_REGISTER(entropy)

struct log_normal_cdf {
  static constexpr Record record = {.schema = "log_ndtr(Tensor input) -> Tensor",
                                    .doc = "The logarithm of the standard normal distribution function, also far below 0.",
                                    .domain = {-30, 8},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 12,
                                    .cost = 60,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return ember::log_normal_cdf(x); }
};
EMBER_REGISTER(log_normal_cdf)

struct normal_quantile {
  static constexpr Record record = {.schema = "ndtri(Tensor input) -> Tensor",
                                    .doc = "The number below which a standard normal variable lies with probability `input`.",
                                    .domain = {0, 1},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 8,
                                    .cost = 400,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X p) { return ember::normal_quantile(p); }
};
EMBER_REGISTER(normal_quantile)

struct xlogy {
  static constexpr Record record = {.schema = "_xlogy(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input * log(other); 0 where input is 0 and other is not nan.",
                                    .domain = {0, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 10,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::xlogy(x, y); }
};
EMBER_REGISTER(xlogy)

struct xlog1py {
  static constexpr Record record = {.schema = "_xlog1py(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input * log(1 + other); 0 where input is 0 and other is not nan.",
                                    .domain = {0, 10},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 12,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::xlog1py(x, y); }
};
EMBER_REGISTER(xlog1py)

struct gammainc {
  static constexpr Record record = {
      .schema = "_gammainc(Tensor input, Tensor other) -> Tensor",
      .doc = "The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x.",
      .domain = {0.1, 10},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 200,
      .cost = 400,
      .where = 0};
  template <class X> EMBER_FN static X forward(X a, X x) { return ember::gammainc(a, x); }
};
EMBER_REGISTER(gammainc)

struct gammaincc {
  static constexpr Record record = {
      .schema = "_gammaincc(Tensor input, Tensor other) -> Tensor",
      .doc = "The regularised upper incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from x on.",
      .domain = {0.1, 10},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 200,
      .cost = 400,
      .where = 0};
  template <class X> EMBER_FN static X forward(X a, X x) { return ember::gammaincc(a, x); }
};
EMBER_REGISTER(gammaincc)

struct bessel_j0 {
  static constexpr Record record = {
      .schema = "bessel_j0(Tensor input) -> Tensor",
      .doc = "The Bessel function of the first kind of order 0; its absolute error is below 1e-15.",
      .domain = {0, 2},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 8,
      .cost = 60,
      .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_j0(x); }
};
EMBER_REGISTER(bessel_j0)

struct bessel_j1 {
  static constexpr Record record = {
      .schema = "bessel_j1(Tensor input) -> Tensor",
      .doc = "The Bessel function of the first kind of order 1; its absolute error is below 1e-15.",
      .domain = {0, 3},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 16,
      .cost = 60,
      .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_j1(x); }
};
EMBER_REGISTER(bessel_j1)

struct bessel_y0 {
  static constexpr Record record = {
      .schema = "bessel_y0(Tensor input) -> Tensor",
      .doc = "The Bessel function of the second kind of order 0; its absolute error is below 2e-15.",
      .domain = {1.5, 3},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 16,
      .cost = 60,
      .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_y0(x); }
};
EMBER_REGISTER(bessel_y0)

struct bessel_y1 {
  static constexpr Record record = {
      .schema = "bessel_y1(Tensor input) -> Tensor",
      .doc = "The Bessel function of the second kind of order 1; its absolute error is below 2e-15 from 1 on.",
      .domain = {0, 1.5},
      .types = kReal,
      .result = Result::Floating,
      .ulp = 16,
      .cost = 60,
      .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_y1(x); }
};
EMBER_REGISTER(bessel_y1)

struct bessel_k0 {
  static constexpr Record record = {.schema = "modified_bessel_k0(Tensor input) -> Tensor",
                                    .doc = "The modified Bessel function of the second kind of order 0.",
                                    .domain = {0, 20},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 60,
                                    .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_k0(x); }
};
EMBER_REGISTER(bessel_k0)

struct bessel_k1 {
  static constexpr Record record = {.schema = "modified_bessel_k1(Tensor input) -> Tensor",
                                    .doc = "The modified Bessel function of the second kind of order 1.",
                                    .domain = {0, 20},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 60,
                                    .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::bessel_k1(x); }
};
EMBER_REGISTER(bessel_k1)

struct scaled_bessel_k0 {
  static constexpr Record record = {.schema = "scaled_modified_bessel_k0(Tensor input) -> Tensor",
                                    .doc = "exp(x) modified_bessel_k0(x).",
                                    .domain = {0, 20},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 60,
                                    .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::scaled_bessel_k0(x); }
};
EMBER_REGISTER(scaled_bessel_k0)

struct scaled_bessel_k1 {
  static constexpr Record record = {.schema = "scaled_modified_bessel_k1(Tensor input) -> Tensor",
                                    .doc = "exp(x) modified_bessel_k1(x).",
                                    .domain = {0, 20},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 16,
                                    .cost = 60,
                                    .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ember::scaled_bessel_k1(x); }
};
EMBER_REGISTER(scaled_bessel_k1)

struct spherical_bessel_j0 {
  static constexpr Record record = {.schema = "spherical_bessel_j0(Tensor input) -> Tensor",
                                    .doc = "sin(x) / x, 1 at 0.",
                                    .domain = {-2, 2},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 4,
                                    .cost = 14,
                                    .where = 0};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) {
    return select(x == X(0), X(1), select(is_inf(x), X(0), ember::sin(x) / x));
  }
};
EMBER_REGISTER(spherical_bessel_j0)

}  // namespace ember::ops
