// Connectionist temporal classification: the loss of a sequence of labels whose places in time are not known.
#pragma once
#include "op/backward.h"

namespace ember {

struct ctc_loss {
  static constexpr Record record = {
      .schema =
          "_ctc_loss(Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, int blank=0, "
          "bool zero_infinity=False) -> (Tensor loss, Tensor _slope)",
      .doc =
          "-log of the probability of each target sequence, summed over all ways to lay it along the time steps; log_probs "
          "are (T, N, C), targets (N, S) or all sequences joined. The gradient takes log_probs for normalized, as log_softmax "
          "makes them: exp(log_probs) less the share of the ways that pass through a class.",
      .source = "Graves et al. 2006",
      .types = kFloat,
      .saves = "log_probs slope",
      .where = 0,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct ctc_loss_backward {
  static constexpr Record record = {
      .schema = "_ctc_loss_backward(Tensor gradient, Tensor log_probs, Tensor slope) -> Tensor",
      .doc = "The gradient of ctc_loss by log_probs: slope times the gradient of each sample.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember
