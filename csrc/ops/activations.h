// Activation functions of neural networks.
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct relu {
  static constexpr Record record = {.schema = "relu(Tensor input) -> Tensor",
                                    .doc = "max(input, 0).",
                                    .source = "Fukushima 1969",
                                    .domain = {-6, 6},
                                    .types = kReal & ~kBool,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunction | kMethod};
  template <class X> EMBER_FN static X forward(X x) { return select(x < X(0), X(0), x); }
  template <class X> EMBER_FN static X from_output(X g, X y) { return select(y > X(0), g, X(0)); }
};
EMBER_REGISTER(relu)

struct gelu {
  static constexpr Record record = {.schema = "_gelu(Tensor input) -> Tensor",
                                    .doc = "input times the normal distribution function at input.",
                                    .source = "Hendrycks and Gimpel 2016, arXiv 1606.08415",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 18,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) { return x * ember::normal_cdf(x); }
};
EMBER_REGISTER(gelu)

struct gelu_tanh {
  static constexpr Record record = {.schema = "_gelu_tanh(Tensor input) -> Tensor",
                                    .doc = "gelu with its distribution function approximated through tanh.",
                                    .source = "Hendrycks and Gimpel 2016, arXiv 1606.08415",
                                    .domain = {-1, 6},
                                    .types = kFloat,
                                    .ulp = 6,
                                    .cost = 18,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x) {
    // sqrt(2 / pi)
    X inner = X(0.79788456080286535588) * (x + X(0.044715) * x * x * x);
    return X(0.5) * x * (X(1) + ember::tanh(inner));
  }
};
EMBER_REGISTER(gelu_tanh)

struct silu {
  static constexpr Record record = {.schema = "silu(Tensor input) -> Tensor",
                                    .doc = "input * sigmoid(input).",
                                    .source = "Elfwing et al. 2017, arXiv 1702.03118",
                                    .domain = {-6, 6},
                                    .types = kInexact,
                                    .ulp = 4,
                                    .cost = 12,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) { return x * ember::sigmoid(x); }
};
EMBER_REGISTER(silu)

struct mish {
  static constexpr Record record = {.schema = "mish(Tensor input) -> Tensor",
                                    .doc = "input * tanh(softplus(input)).",
                                    .source = "Misra 2019, arXiv 1908.08681",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 40,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) {
    X softplus = select(x > X(40), x, log1p(ember::exp(select(x > X(40), X(0), x))));
    return x * ember::tanh(softplus);
  }
};
EMBER_REGISTER(mish)

struct elu {
  static constexpr Record record = {.schema = "elu(Tensor input, float alpha=1) -> Tensor",
                                    .doc = "input where positive, alpha * (exp(input) - 1) elsewhere.",
                                    .source = "Clevert et al. 2015, arXiv 1511.07289",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 14,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> alpha) {
    return select(x > X(0), x, ember::expm1(select(x > X(0), X(0), x)) * alpha);
  }
};
EMBER_REGISTER(elu)

struct selu {
  static constexpr Record record = {.schema = "selu(Tensor input) -> Tensor",
                                    .doc = "scale * elu(input, alpha) with the constants that keep mean 0 and variance 1.",
                                    .source = "Klambauer et al. 2017, arXiv 1706.02515",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 14,
                                    .where = kFunction | kFunctional};
  template <class X> EMBER_FN static X forward(X x) {
    return X(1.0507009873554804934193349852946) *
           select(x > X(0), x, X(1.6732632423543772848170429916717) * ember::expm1(select(x > X(0), X(0), x)));
  }
};
EMBER_REGISTER(selu)

struct celu {
  static constexpr Record record = {.schema = "celu(Tensor input, float alpha=1) -> Tensor",
                                    .doc = "input where positive, alpha * (exp(input / alpha) - 1) elsewhere.",
                                    .source = "Barron 2017, arXiv 1704.07483",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 14,
                                    .where = kFunction | kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> alpha) {
    return select(x > X(0), x, ember::expm1(select(x > X(0), X(0), x) / alpha) * alpha);
  }
};
EMBER_REGISTER(celu)

struct leaky_relu {
  static constexpr Record record = {.schema = "leaky_relu(Tensor input, float negative_slope=0.01) -> Tensor",
                                    .doc = "input where positive, negative_slope * input elsewhere.",
                                    .source = "Maas et al. 2013",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 1.5,
                                    .cost = 1,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> slope) { return select(x > X(0), x, x * slope); }
};
EMBER_REGISTER(leaky_relu)

struct softplus {
  static constexpr Record record = {.schema = "softplus(Tensor input, float beta=1, float threshold=20) -> Tensor",
                                    .doc = "Smooth relu: log(1 + exp(beta x)) / beta; equals x where beta x > threshold.",
                                    .source = "Dugas et al. 2001",
                                    .domain = {-30, 30},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 25,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> beta, Number<X> threshold) {
    X z = x * beta;
    return select(z > X(threshold), x, log1p(ember::exp(select(z > X(threshold), X(0), z))) / beta);
  }
};
EMBER_REGISTER(softplus)

struct softsign {
  static constexpr Record record = {.schema = "softsign(Tensor input) -> Tensor",
                                    .doc = "input / (1 + |input|).",
                                    .domain = {-6, 6},
                                    .types = kReal,
                                    .result = Result::Floating,
                                    .ulp = 1.5,
                                    .cost = 3,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) { return x / (X(1) + ember::abs(x)); }
};
EMBER_REGISTER(softsign)

struct logsigmoid {
  static constexpr Record record = {.schema = "logsigmoid(Tensor input) -> Tensor",
                                    .doc = "log(sigmoid(input)) without overflow.",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 25,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) {
    return select(x < X(-40), x, -log1p(ember::exp(select(x < X(-40), X(0), -x))));
  }
};
EMBER_REGISTER(logsigmoid)

struct hardtanh {
  static constexpr Record record = {.schema = "hardtanh(Tensor input, float min_val=-1, float max_val=1) -> Tensor",
                                    .doc = "input between min_val and max_val.",
                                    .domain = {-6, 6},
                                    .types = kInteger | kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> low, Number<X> high) {
    X raised = select(x <= X(low), X(low), x);  // slope 0 at the ends
    return select(raised >= X(high), X(high), raised);
  }
};
EMBER_REGISTER(hardtanh)

struct relu6 {
  static constexpr Record record = {.schema = "relu6(Tensor input) -> Tensor",
                                    .doc = "input between 0 and 6.",
                                    .source = "Howard et al. 2017, arXiv 1704.04861",
                                    .domain = {-6, 6},
                                    .types = kInteger | kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) { return select(x <= X(0), X(0), select(x >= X(6), X(6), x)); }
};
EMBER_REGISTER(relu6)

struct hardsigmoid {
  static constexpr Record record = {.schema = "hardsigmoid(Tensor input) -> Tensor",
                                    .doc = "relu6(input + 3) / 6.",
                                    .source = "Howard et al. 2019, arXiv 1905.02244",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 1.5,
                                    .cost = 2,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) {
    X z = x + X(3);
    return select(z <= X(0), X(0), select(z >= X(6), X(6), z)) / X(6);
  }
};
EMBER_REGISTER(hardsigmoid)

struct hardswish {
  static constexpr Record record = {.schema = "hardswish(Tensor input) -> Tensor",
                                    .doc = "input * relu6(input + 3) / 6.",
                                    .source = "Howard et al. 2019, arXiv 1905.02244",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 2,
                                    .cost = 2,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) {
    X z = x + X(3);
    return x * select(z <= X(0), X(0), select(z >= X(6), X(6), z)) / X(6);
  }
};
EMBER_REGISTER(hardswish)

struct hardshrink {
  static constexpr Record record = {.schema = "hardshrink(Tensor input, float lambd=0.5) -> Tensor",
                                    .doc = "0 where |input| <= lambd, input elsewhere.",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunction | kMethod | kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> lambd) {
    return select((x <= X(lambd)) & (x >= X(-lambd)), X(0), x);
  }
};
EMBER_REGISTER(hardshrink)

struct softshrink {
  static constexpr Record record = {.schema = "softshrink(Tensor input, float lambd=0.5) -> Tensor",
                                    .doc = "input moved towards 0 by lambd.",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> lambd) {
    return select(x > X(lambd), x - X(lambd), select(x < X(-lambd), x + X(lambd), x * X(0)));
  }
};
EMBER_REGISTER(softshrink)

struct tanhshrink {
  static constexpr Record record = {.schema = "tanhshrink(Tensor input) -> Tensor",
                                    .doc = "input - tanh(input).",
                                    .domain = {1, 6},
                                    .types = kFloat,
                                    .ulp = 3,
                                    .cost = 12,
                                    .where = kFunctional};
  template <class X> EMBER_FN static X forward(X x) { return x - ember::tanh(x); }
};
EMBER_REGISTER(tanhshrink)

struct threshold {
  static constexpr Record record = {.schema = "threshold(Tensor input, float threshold, float value) -> Tensor",
                                    .doc = "input where above threshold, value elsewhere.",
                                    .domain = {-6, 6},
                                    .types = kInteger | kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = kFunction | kFunctional};
  template <class X> EMBER_FN static X forward(X x, Number<X> threshold, Number<X> value) {
    return select(x <= X(threshold), X(value), x);
  }
};
EMBER_REGISTER(threshold)

struct glu {
  static constexpr Record record = {.schema = "_glu(Tensor input, Tensor gate) -> Tensor",
                                    .doc = "input * sigmoid(gate).",
                                    .source = "Dauphin et al. 2016, arXiv 1612.08083",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 4,
                                    .cost = 12,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X x, X gate) { return x * sigmoid(gate); }
};
EMBER_REGISTER(glu)

struct prelu_kernel {
  static constexpr Record record = {.schema = "_prelu(Tensor input, Tensor weight) -> Tensor",
                                    .doc = "input where positive, weight * input elsewhere; shapes broadcast.",
                                    .source = "He et al. 2015, arXiv 1502.01852",
                                    .domain = {-6, 6},
                                    .types = kFloat,
                                    .ulp = 0.5,
                                    .cost = 1,
                                    .where = 0,
                                    .autocast = Autocast::Lower};
  template <class X> EMBER_FN static X forward(X x, X weight) { return select(x > X(0), x, x * weight); }
};
EMBER_REGISTER(prelu_kernel)

}  // namespace ember::ops
