// Loss functions, element by element; reduction is the caller's (ember/nn/functional).
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct squared_error {
  static constexpr Record record = {.schema = "_squared_error(Tensor input, Tensor target) -> Tensor",
                                    .doc = "(input - target)^2.",
                                    .domain = {-3, 3},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 1,
                                    .where = 0,
                                    .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X x, X y) {
    X d = x - y;
    return d * d;
  }
};
EMBER_REGISTER(squared_error)

struct absolute_error {
  static constexpr Record record = {.schema = "_absolute_error(Tensor input, Tensor target) -> Tensor",
                                    .doc = "|input - target|.",
                                    .domain = {-3, 3},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 1,
                                    .where = 0,
                                    .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X x, X y) { return ember::abs(x - y); }
};
EMBER_REGISTER(absolute_error)

struct smooth_l1 {
  static constexpr Record record = {.schema = "_smooth_l1(Tensor input, Tensor target, float beta=1) -> Tensor",
                                    .doc = "d^2 / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere; d = input - target.",
                                    .domain = {-3, 3},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 2,
                                    .where = 0,
                                    .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X x, X y, Number<X> beta) {
    X d = x - y, size = ember::abs(d);
    return select(size < X(beta), X(0.5) * d * d / beta, size - X(0.5) * beta);
  }
};
EMBER_REGISTER(smooth_l1)

struct huber {
  static constexpr Record record = {.schema = "_huber(Tensor input, Tensor target, float delta=1) -> Tensor",
                                    .doc = "d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) elsewhere; d = input - target.",
                                    .domain = {-3, 3},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 2,
                                    .where = 0,
                                    .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X x, X y, Number<X> delta) {
    X d = x - y, size = ember::abs(d);
    return select(size <= X(delta), X(0.5) * d * d, (size - X(0.5) * delta) * delta);
  }
};
EMBER_REGISTER(huber)

struct bce {
  static constexpr Record record = {.schema = "_bce(Tensor input, Tensor target) -> Tensor",
                                    .doc = "-(y log p + (1 - y) log(1 - p)), each logarithm at least -100.",
                                    .domain = {0.05, 0.95},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 20,
                                    .where = 0,
                                    .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X p, X y) {
    X low = X(-100), a = ember::log(p), b = ember::log(X(1) - p);
    return -(y * select(a < low, low, a) + (X(1) - y) * select(b < low, low, b));
  }
};
EMBER_REGISTER(bce)

struct bce_with_logits {
  static constexpr Record record = {
      .schema = "_bce_with_logits(Tensor input, Tensor target, Tensor pos_weight) -> Tensor",
      .doc = "-(w y log s(x) + (1 - y) log(1 - s(x))) with s = sigmoid, through softplus so that no kink cancels.",
      .domain = {0.05, 0.95},
      .types = kFloat,
      .ulp = 4,
      .cost = 30,
      .where = 0,
      .autocast = Autocast::Float32};
  template <class X> EMBER_FN static X forward(X x, X y, X w) {
    // softplus(-x), which has no kink at 0
    X away = select(x < X(-40), -x, ember::log1p(ember::exp(select(x < X(-40), X(0), -x))));
    return (X(1) - y) * x + (X(1) + (w - X(1)) * y) * away;
  }
};
EMBER_REGISTER(bce_with_logits)

}  // namespace ember::ops
