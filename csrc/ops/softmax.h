// Softmax, its logarithm, and the losses that stand on it.
#pragma once
#include "op/backward.h"

namespace ember {

struct softmax {
  static constexpr Record record = {
      .schema = "softmax(Tensor input, int dim, dtype? dtype=None) -> Tensor",
      .doc = "exp(x) / sum(exp(x)) along dim.",
      .types = kFloat,
      .cost = 12,
      .saves = "out",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct log_softmax {
  static constexpr Record record = {
      .schema = "log_softmax(Tensor input, int dim, dtype? dtype=None) -> Tensor",
      .doc = "x - log(sum(exp(x))) along dim.",
      .types = kFloat,
      .cost = 10,
      .saves = "out",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

// Both gradients in one pass; the recorded form is made of other operations.
struct softmax_backward {
  static constexpr Record record = {
      .schema = "_softmax_backward(Tensor gradient, Tensor output, int dim, bool logarithm) -> Tensor",
      .doc = "y (g - sum(g y)) of softmax, g - exp(y) sum(g) of log_softmax.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct logsumexp {
  static constexpr Record record = {
      .schema = "_logsumexp(Tensor input, int dim, bool keepdim=False) -> Tensor",
      .doc = "log(sum(exp(x))) along dim, without overflow.",
      .types = kFloat,
      .saves = "input out",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct cross_entropy {
  static constexpr Record record = {
      .schema =
          "cross_entropy(Tensor input, Tensor target, Tensor? weight=None, int ignore_index=-100, str reduction='mean', "
          "float label_smoothing=0) -> (Tensor loss, Tensor _log_sums, Tensor _total)",
      .doc =
          "Mean of -log(softmax(input)[target]) over positions; classes in dim 1 (dim 0 of a 1-d input), targets are class indices.",
      .types = kFloat,
      .saves = "input target weight log_sums total",
      .where = kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct cross_entropy_backward {
  static constexpr Record record = {
      .schema =
          "_cross_entropy_backward(Tensor gradient, Tensor input, Tensor target, Tensor? weight, Tensor log_sums, Tensor total, "
          "int ignore_index, str reduction, float label_smoothing) -> Tensor",
      .doc = "The gradient of cross_entropy by its input.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct nll_loss {
  static constexpr Record record = {
      .schema =
          "nll_loss(Tensor input, Tensor target, Tensor? weight=None, int ignore_index=-100, str reduction='mean') "
          "-> (Tensor loss, Tensor _total)",
      .doc = "Mean of -input[target] over positions, for log-probabilities with classes in dim 1 (dim 0 of a 1-d input).",
      .types = kFloat,
      .saves = "target weight total",
      .where = kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct nll_loss_backward {
  static constexpr Record record = {
      .schema =
          "_nll_loss_backward(Tensor gradient, Tensor input, Tensor target, Tensor? weight, Tensor total, int ignore_index, "
          "str reduction) -> Tensor",
      .doc = "The gradient of nll_loss by its input, which is read for its shape alone.",
      .types = kFloat,
      .saves = "target weight total",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
