// Borders around tensors: of a constant, or of the tensor's own values.
#pragma once
#include <vector>

#include "op/backward.h"

namespace ember::padding {

struct pad {
  static constexpr Record record = {
      .schema = "pad(Tensor input, int[] pad, str mode='constant', float? value=None) -> Tensor",
      .doc =
          "A border around the last dims of input. `pad` has (before, after) of the last dim, then of the one before it, and "
          "so on; negative numbers cut off. Modes: 'constant' (value, by default 0) for any dims; 'reflect' (mirrored at the "
          "outermost elements), 'replicate' (the outermost elements) and 'circular' (from the opposite side) for the last 1 "
          "to 3 dims with 1 or 2 dims before them.",
      .types = kAny,
      .layouts = true,
      .where = kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct constant_pad_nd {
  static constexpr Record record = {
      .schema = "constant_pad_nd(Tensor input, int[] pad, number value=0) -> Tensor",
      .doc = "A border of one value: nn.functional.pad with mode 'constant'.",
      .types = kAny,
      .layouts = true,
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _pad_gradient {
  static constexpr Record record = {
      .schema = "_pad_gradient(Tensor gradient, int[] pad, str mode, int[] size) -> Tensor",
      .doc = "The gradient of pad for an input of shape `size`: what an element gave to the border is added to it.",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

// Where the elements along one dim of a padded tensor come from; -1 is the constant.
std::vector<int64_t> padding_sources(const std::string& mode, int64_t size, int64_t before, int64_t after);

}  // namespace ember::padding
