// Sums, means and maxima of table rows that are named bag by bag.
#pragma once
#include "op/backward.h"

namespace ember {

// The sum over a bag is bilinear in the table and the weights of the samples, so that the gradients of these three
// operations are each other.
struct embedding_bag {
  static constexpr Record record = {
      .schema =
          "_embedding_bag(Tensor weight, Tensor input, Tensor offsets, Tensor? per_sample_weights=None, bool mean=False, "
          "bool include_last_offset=False, int? padding_idx=None, bool scale_grad_by_freq=False) -> Tensor",
      .doc =
          "For each bag the sum (mean) of the rows of weight that input[offsets[b]:offsets[b + 1]] names, times "
          "per_sample_weights; the row padding_idx does not count. scale_grad_by_freq divides a row's gradient by how often it "
          "was named.",
      .types = kFloat,
      .saves = "weight input offsets per_sample_weights",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct embedding_bag_table_gradient {
  static constexpr Record record = {
      .schema =
          "_embedding_bag_table_gradient(Tensor gradient, Tensor input, Tensor offsets, Tensor? per_sample_weights, bool mean, "
          "bool include_last_offset, int? padding_idx, int count) -> Tensor",
      .doc = "The gradient of _embedding_bag by its table of `count` rows.",
      .types = kFloat,
      .saves = "gradient input offsets per_sample_weights",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct embedding_bag_sample_gradient {
  static constexpr Record record = {
      .schema =
          "_embedding_bag_sample_gradient(Tensor gradient, Tensor weight, Tensor input, Tensor offsets, "
          "bool include_last_offset, int? padding_idx) -> Tensor",
      .doc = "The gradient of _embedding_bag by per_sample_weights: the product of a row with the gradient of its bag.",
      .types = kFloat,
      .saves = "gradient weight input offsets",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct embedding_bag_max {
  static constexpr Record record = {
      .schema =
          "_embedding_bag_max(Tensor weight, Tensor input, Tensor offsets, bool include_last_offset=False, "
          "int? padding_idx=None) -> (Tensor out, Tensor _picked)",
      .doc = "As _embedding_bag with the largest number of each column; the gradient goes to the first row that has it.",
      .types = kFloat,
      .saves = "picked",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember
