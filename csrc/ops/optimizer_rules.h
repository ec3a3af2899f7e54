// The update rules of the optimizers: what one step does to one element of a parameter, its gradient and its states.
//
// The order of roundings is that of PyTorch's results: a product that is added is one fused operation, a quotient that is
// added is rounded first. A rule is read with numbers by the loops, and with tensors (op/var.h) where a step is to be
// differentiated: so it chooses with select(), as the formulas of operations do.
#pragma once
#include "scalar/basics.h"
#include "scalar/config.h"

namespace ember {

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
    const X direction = select(h.plain == X(1), buffer, fused_multiply_add(buffer, h.nesterov, gradient));
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
    largest = max(square, largest);  // nan stays
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

// v <- rho v + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;  u <- rho u + (1 - rho) d^2;  theta <- theta - lr d.
// Zeiler 2012.
struct Adadelta {
  static constexpr int states = 2;
  static constexpr int cost = 20;
  template <class X>
  struct Hyper {
    X lr, weight_decay, sign, rho, weight, eps;  // weight is 1 - rho
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.lr), X(h.weight_decay), X(h.sign), X(h.rho), X(h.weight), X(h.eps)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& square, X& accumulated, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    square = fused_multiply_add(h.weight * gradient, gradient, square * h.rho);
    const X delta = sqrt(accumulated + h.eps) / sqrt(square + h.eps) * gradient;
    accumulated = fused_multiply_add(h.weight * delta, delta, accumulated * h.rho);
    parameter = fused_multiply_add(delta, -h.lr, parameter);
  }
};

// m <- b1 m + (1 - b1) g;  u <- max(b2 u, |g| + eps);  theta <- theta - lr / (1 - b1^t) m / u. Kingma & Ba 2015.
struct Adamax {
  static constexpr int states = 2;
  static constexpr int cost = 9;
  template <class X>
  struct Hyper {
    X weight_decay, sign, first_weight, beta2, eps;  // first_weight is 1 - beta1
    X step_size;                                     // lr / (1 - beta1^step)
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.weight_decay), X(h.sign), X(h.first_weight), X(h.beta2), X(h.eps), X(h.step_size)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, X& largest, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    average = interpolate(average, gradient, h.first_weight);
    largest = max(largest * h.beta2, abs(gradient) + h.eps);
    parameter = parameter - h.step_size * average / largest;
  }
};

// Adam whose corrected mean looks one step ahead: theta <- theta - (a g + b m) / (sqrt(v') + eps), where
// a = lr (1 - mu) / (1 - mu_1 ... mu_t), b = lr mu' / (1 - mu_1 ... mu_t mu'), mu' is the next mu. Dozat 2016.
struct NAdam {
  static constexpr int states = 2;
  static constexpr int cost = 12;
  template <class X>
  struct Hyper {
    X shrink, weight_decay, sign;          // as in Adam
    X first_weight, beta2, second_weight;  // 1 - beta1, beta2, 1 - beta2
    X correction;                          // 1 / (1 - beta2^step)
    X gradient_rate, average_rate, eps;    // a, b
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.shrink),        X(h.weight_decay), X(h.sign),          X(h.first_weight), X(h.beta2),
            X(h.second_weight), X(h.correction),   X(h.gradient_rate), X(h.average_rate), X(h.eps)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, X& square, const Hyper<X>& h) {
    parameter = parameter * h.shrink;
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    average = interpolate(average, gradient, h.first_weight);
    square = fused_multiply_add(h.second_weight * gradient, gradient, square * h.beta2);
    const X spread = sqrt(square * h.correction) + h.eps;
    parameter = parameter - (h.gradient_rate * gradient + h.average_rate * average) / spread;
  }
};

// Adam whose quotient is m' alone until the variance of v is bounded, and then r m' / (sqrt(v') + eps) with the
// rectification r of that variance. Liu et al. 2020.
struct RAdam {
  static constexpr int states = 2;
  static constexpr int cost = 10;
  template <class X>
  struct Hyper {
    X shrink, weight_decay, sign;          // as in Adam
    X first_weight, beta2, second_weight;  // 1 - beta1, beta2, 1 - beta2
    X step_size, eps;                      // lr / (1 - beta1^step), rectified times r sqrt(1 - beta2^step)
    X plain;                               // 1 where the step is m' alone
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.shrink),        X(h.weight_decay), X(h.sign), X(h.first_weight), X(h.beta2),
            X(h.second_weight), X(h.step_size),    X(h.eps),  X(h.plain)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, X& square, const Hyper<X>& h) {
    parameter = parameter * h.shrink;
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    average = interpolate(average, gradient, h.first_weight);
    square = fused_multiply_add(h.second_weight * gradient, gradient, square * h.beta2);
    const X spread = select(h.plain == X(1), X(1), sqrt(square) + h.eps);
    parameter = parameter - h.step_size * average / spread;
  }
};

// theta <- (1 - lambd eta) theta - eta g;  a <- a + mu (theta - a). Polyak & Juditsky 1992.
struct AveragedSgd {
  static constexpr int states = 1;
  static constexpr int cost = 4;
  template <class X>
  struct Hyper {
    X weight_decay, sign, shrink, eta, mu;  // shrink is 1 - lambd eta
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.weight_decay), X(h.sign), X(h.shrink), X(h.eta), X(h.mu)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& average, const Hyper<X>& h) {
    gradient = decayed(gradient, parameter, h.sign, h.weight_decay);
    parameter = fused_multiply_add(gradient, -h.eta, parameter * h.shrink);
    average = select(h.mu == X(1), parameter, average + (parameter - average) * h.mu);
  }
};

// A step length of its own for each element, which grows while the gradient keeps its sign and shrinks where it has
// turned, when no step is made. Riedmiller & Braun 1993.
struct Rprop {
  static constexpr int states = 2;
  static constexpr int cost = 8;
  template <class X>
  struct Hyper {
    X sign, shrink, grow, least, most;  // least and most bound the step length
  };
  template <class X>
  EMBER_FN static Hyper<X> rounded(const Hyper<double>& h) {
    return {X(h.sign), X(h.shrink), X(h.grow), X(h.least), X(h.most)};
  }
  template <class X>
  EMBER_FN static void step(X& parameter, X gradient, X& previous, X& length, const Hyper<X>& h) {
    gradient = h.sign * gradient;
    const X agreement = gradient * previous;
    const X wanted = select(agreement > X(0), length * h.grow, select(agreement < X(0), length * h.shrink, length));
    length = min(max(wanted, h.least), h.most);
    previous = select(agreement < X(0), X(0), gradient);
    parameter = parameter - sign(previous) * length;
  }
};

}  // namespace ember
