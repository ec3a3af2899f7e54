// The update rules of the optimizers: what one step does to one element of a parameter, its gradient and its states; and
// the operations that run a rule over all parameters of a group in one call.
//
// The order of roundings is that of PyTorch's results: a product that is added is one fused operation, a quotient that is
// added is rounded first.
#pragma once
#include "op/record.h"
#include "scalar/config.h"

namespace ember {

struct Call;

// ---- operations: lists of equal length, one entry a parameter; parameters, states and step counters change in place.
// A list of states that a variant does not have is empty. `steps` are 0-d CPU tensors, which each call counts up by one.

struct _sgd_step_ {
  static constexpr Record record = {
      .schema =
          "_sgd_step_(Tensor[] params, Tensor[] grads, Tensor[] momentum_buffers, float lr, float momentum, "
          "float dampening, float weight_decay, bool nesterov, bool maximize, bool first) -> ()",
      .doc = "One step of SGD. first: the buffers are new, so that each becomes the gradient.",
      .source = "Sutskever et al. 2013",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adam_step_ {
  static constexpr Record record = {
      .schema =
          "_adam_step_(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, "
          "Tensor[] max_exp_avg_sqs, Tensor[] steps, float lr, float beta1, float beta2, float eps, "
          "float weight_decay, bool decoupled, bool maximize) -> ()",
      .doc = "One step of Adam, with AMSGrad if max_exp_avg_sqs are given, and AdamW's decay if decoupled.",
      .source = "Kingma and Ba 2015; Loshchilov and Hutter 2019; Reddi et al. 2018",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _rmsprop_step_ {
  static constexpr Record record = {
      .schema =
          "_rmsprop_step_(Tensor[] params, Tensor[] grads, Tensor[] square_avgs, Tensor[] grad_avgs, "
          "Tensor[] momentum_buffers, Tensor[] steps, float lr, float alpha, float eps, float weight_decay, "
          "float momentum, bool maximize) -> ()",
      .doc = "One step of RMSprop, centered if grad_avgs are given, with momentum if momentum_buffers are.",
      .source = "Tieleman and Hinton 2012; Graves 2013",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adagrad_step_ {
  static constexpr Record record = {
      .schema =
          "_adagrad_step_(Tensor[] params, Tensor[] grads, Tensor[] sums, Tensor[] steps, float lr, "
          "float lr_decay, float eps, float weight_decay, bool maximize) -> ()",
      .doc = "One step of Adagrad.",
      .source = "Duchi et al. 2011",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

// ---- rules

// a + weight (b - a), from the end that is nearer, so that weight 0 gives a and weight 1 gives b.
template <class X>
EMBER_FN X interpolate(X a, X b, X weight) {
  const X difference = b - a;
  return weight < X(0.5) ? fused_multiply_add(difference, weight, a) : fused_multiply_add(difference, weight - X(1), b);
}

// sign * gradient + weight_decay * parameter; without decay an infinite parameter must not turn the sum into nan.
template <class X>
EMBER_FN X decayed(X gradient, X parameter, X sign, X weight_decay) {
  const X directed = sign * gradient;
  return weight_decay == X(0) ? directed : fused_multiply_add(weight_decay, parameter, directed);
}

// theta <- theta - lr g
struct Sgd {
  static constexpr int states = 0;
  static constexpr int cost = 2;  // of one element, in float additions
  template <class X>
  struct Hyper {
    X lr, weight_decay, sign;  // sign is -1 to maximize
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.lr), X(h.weight_decay), X(h.sign)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    parameter = fused_multiply_add(gradient, -h.lr, parameter);
  }
};

// b <- momentum b + gain g;  theta <- theta - lr b, with Nesterov theta - lr (g + momentum b).
struct SgdMomentum {
  static constexpr int states = 1;
  static constexpr int cost = 3;
  template <class X>
  struct Hyper {
    X lr, weight_decay, sign;
    X decay, gain;  // momentum and 1 - dampening; 0 and 1 in a parameter's first step
    X nesterov;     // momentum, or 0 for the plain form
    X plain;        // 1 where the step is the buffer itself, 0 with Nesterov
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.lr), X(h.weight_decay), X(h.sign), X(h.decay), X(h.gain), X(h.nesterov), X(h.plain)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& buffer, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    buffer = fused_multiply_add(gradient, h.gain, h.decay * buffer);
    const X direction = h.plain == X(1) ? buffer : fused_multiply_add(buffer, h.nesterov, gradient);
    parameter = fused_multiply_add(direction, -h.lr, parameter);
  }
};

// m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  theta <- theta - lr m' / (sqrt(v') + eps), where m' and v' are
// corrected for their start at zero, m' = m / (1 - b1^t) and v' = v / (1 - b2^t). With c = sqrt(1 - b2^t) the quotient is
// m' / (sqrt(v') + eps) = c m' / (sqrt(v) + c eps), which saves a division: beside the root it is what costs the time.
// Kingma & Ba 2015; decoupled decay: Loshchilov & Hutter 2019; AMSGrad: Reddi et al. 2018.
template <bool amsgrad>
struct Adam {
  static constexpr int states = amsgrad ? 3 : 2;
  static constexpr int cost = 9;
  template <class X>
  struct Hyper {
    X shrink;                              // 1 - lr weight_decay where the decay is decoupled, else 1
    X weight_decay, sign;                  // weight_decay is 0 where the decay is decoupled
    X first_weight, beta2, second_weight;  // 1 - beta1, beta2, 1 - beta2
    X step_size;                           // c lr / (1 - beta1^step)
    X eps;                                 // c eps
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.shrink), X(h.weight_decay),  X(h.sign),      X(h.first_weight),
            X(h.beta2),  X(h.second_weight), X(h.step_size), X(h.eps)};
  }
  template <class X>
  EMBER_FN static void moments(X& parameter, X gradient, X& average, X& square, const Hyper<X>& h) {
    parameter = parameter * h.shrink;
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    average = interpolate(average, gradient, h.first_weight);
    square = fused_multiply_add(h.second_weight * gradient, gradient, square * h.beta2);
  }
  template <class X>
  EMBER_FN static void move(X& parameter, X average, X square, const Hyper<X>& h) {
    parameter = parameter - h.step_size * average / (sqrt(square) + h.eps);
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, X& square, const Hyper<X>& h) {
    moments(parameter, gradient, average, square, h);
    move(parameter, average, square, h);
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, X& square, X& largest, const Hyper<X>& h) {
    moments(parameter, gradient, average, square, h);
    largest = (largest < square) | (square != square) ? square : largest;  // nan stays
    move(parameter, average, largest, h);
  }
};

// v <- alpha v + (1 - alpha) g^2;  theta <- theta - lr g / (sqrt(v) + eps); centered: v - mean(g)^2 for v; with momentum
// the quotients are gathered in a buffer. Tieleman & Hinton 2012; centered: Graves 2013.
template <bool centered, bool momentum>
struct RmsProp {
  static constexpr int states = 1 + int(centered) + int(momentum);
  static constexpr int cost = 9;
  template <class X>
  struct Hyper {
    X lr, weight_decay, sign, alpha, weight, eps, decay;  // weight is 1 - alpha, decay the momentum
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.lr), X(h.weight_decay), X(h.sign), X(h.alpha), X(h.weight), X(h.eps), X(h.decay)};
  }
  template <class X>
  EMBER_FN static X mean_square(X gradient, X& square, const Hyper<X>& h) {
    return square = fused_multiply_add(h.weight * gradient, gradient, square * h.alpha);
  }
  template <class X>
  EMBER_FN static X variance(X gradient, X& square, X& average, const Hyper<X>& h) {
    average = interpolate(average, gradient, h.weight);
    return fused_multiply_add(-average, average, mean_square(gradient, square, h));
  }
  template <class X>
  EMBER_FN static void move(X& parameter, X gradient, X spread, const Hyper<X>& h) {
    parameter = parameter - h.lr * gradient / (sqrt(spread) + h.eps);
  }
  template <class X>
  EMBER_FN static void move(X& parameter, X gradient, X spread, X& buffer, const Hyper<X>& h) {
    buffer = buffer * h.decay + gradient / (sqrt(spread) + h.eps);
    parameter = fused_multiply_add(buffer, -h.lr, parameter);
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& square, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    move(parameter, gradient, mean_square(gradient, square, h), h);
  }
  // second: the mean gradient if centered, else the momentum buffer
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& square, X& second, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    if constexpr (centered) move(parameter, gradient, variance(gradient, square, second, h), h);
    else move(parameter, gradient, mean_square(gradient, square, h), second, h);
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& square, X& average, X& buffer, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    move(parameter, gradient, variance(gradient, square, average, h), buffer, h);
  }
};

// s <- s + g^2;  theta <- theta - lr' g / (sqrt(s) + eps) with lr' = lr / (1 + (step - 1) lr_decay). Duchi et al. 2011.
struct Adagrad {
  static constexpr int states = 1;
  static constexpr int cost = 8;
  template <class X>
  struct Hyper {
    X lr, weight_decay, sign, eps;  // lr after its decay
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.lr), X(h.weight_decay), X(h.sign), X(h.eps)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& sum, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    sum = fused_multiply_add(gradient, gradient, sum);
    parameter = parameter - h.lr * gradient / (sqrt(sum) + h.eps);
  }
};

}  // namespace ember
