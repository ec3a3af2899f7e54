// Distances between every two rows of a matrix.
#pragma once
#include "op/backward.h"

namespace ember {

struct pair_distances {
  static constexpr Record record = {
      .schema = "_pair_distances(Tensor input, float p) -> Tensor",
      .doc = "The p-norms of the differences of every two rows, in the order (0, 1), (0, 2), ..., (1, 2), ...",
      .types = kFloat,
      .saves = "input out",
      .where = 0,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct pair_distances_backward {
  static constexpr Record record = {
      .schema = "_pair_distances_backward(Tensor gradient, Tensor input, Tensor distances, float p) -> Tensor",
      .doc = "The gradient of _pair_distances; 0 where two rows are equal.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

}  // namespace ember
