// The norm of many tensors taken as one vector, and their common scaling: what clipping of gradients is made of.
#pragma once
#include "op/record.h"

namespace ember {

struct Call;

struct _total_norm {
  static constexpr Record record = {.schema = "_total_norm(Tensor[] tensors, float norm_type) -> Tensor",
                                    .doc = "The norm of all elements of all tensors together; of complex ones the 2-norm only.",
                                    .types = kInexact,
                                    .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _scale_ {
  static constexpr Record record = {.schema = "_scale_(Tensor[] tensors, Tensor factor) -> ()",
                                    .doc = "Multiplies every element by the one number in factor, in place; outside the graph.",
                                    .types = kInexact,
                                    .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

}  // namespace ember
