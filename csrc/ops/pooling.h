// Pooling: each output is the largest or the mean of a window of positions, in 1 to 3 spatial dims.
#pragma once
#include "op/backward.h"

namespace ember {

// One spatial dim of a pool. Where a pool has fewer than three, they come last, behind dims of one position.
struct PoolDim {
  int64_t in = 1, out = 1;
  int64_t kernel = 1, padding = 0, dilation = 1;
  int64_t stride = 1;  // 0: `out` windows of about equal size, or at places that are drawn
};

// What is pooled, and the windows.
struct Pooling {
  std::string name;         // max_pool2d
  int dims;
  int64_t batch, channels;  // batch is 1 where the input has none
  bool batched;
  PoolDim dim[3];

  // `sizes` is the shape of the input: (C, d1, ...) or (N, C, d1, ...). An error where it is not.
  Pooling(const Operation& op, const Dims& sizes);
  Dims output() const;
};

// From the arguments of the pools, `args` being those behind the input; `op` names the kind and the number of dims.
Pooling max_pooling(const Operation& op, const Value* args, const Dims& sizes);
Pooling avg_pooling(const Operation& op, const Value* args, const Dims& sizes);
Pooling adaptive_pooling(const Operation& op, const Value* args, const Dims& sizes);
Pooling fractional_pooling(const Operation& op, const Value* args, const Dims& sizes);

// The results have the channels innermost in memory where the input has; a sample alone has none outside.
bool keeps_channels_last(const Call& call, const Pooling& pooling);

// How the input lay in memory, which the gradient does too.
enum class PoolOrder : int64_t { RowMajor, ChannelsLast, HiddenChannelsLast };

// Pools of 1, 2 and 3 dims differ in their names, from which the functions read the number.
struct MaxPool {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct max_pool1d : MaxPool {
  static constexpr Record record = {
      .schema =
          "max_pool1d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] dilation=1, "
          "bool ceil_mode=False) -> (Tensor output, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, L); nan is the largest.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = kFunction,
  };
};
struct max_pool2d : MaxPool {
  static constexpr Record record = {
      .schema =
          "max_pool2d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] dilation=1, "
          "bool ceil_mode=False) -> (Tensor output, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, H, W); nan is the largest.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = kFunction,
  };
};
struct max_pool3d : MaxPool {
  static constexpr Record record = {
      .schema =
          "max_pool3d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] dilation=1, "
          "bool ceil_mode=False) -> (Tensor output, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, D, H, W); nan is the largest.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = kFunction,
  };
};

struct MaxPoolWithIndices {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct max_pool1d_with_indices : MaxPoolWithIndices {
  static constexpr Record record = {
      .schema =
          "max_pool1d_with_indices(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] "
          "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, L), and its position, counted row-major.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = kFunction,
  };
};
struct max_pool2d_with_indices : MaxPoolWithIndices {
  static constexpr Record record = {
      .schema =
          "_max_pool2d_with_indices(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] "
          "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, H, W), and its position, counted row-major.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = 0,
  };
};
struct max_pool3d_with_indices : MaxPoolWithIndices {
  static constexpr Record record = {
      .schema =
          "_max_pool3d_with_indices(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, int[] "
          "dilation=1, bool ceil_mode=False) -> (Tensor, Tensor, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window of (*, D, H, W), and its position, counted row-major.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = 0,
  };
};

struct AdaptiveMaxPool {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct adaptive_max_pool1d : AdaptiveMaxPool {
  static constexpr Record record = {
      .schema = "_adaptive_max_pool1d(Tensor input, int[] output_size) -> (Tensor values, Tensor indices)",
      .doc = "The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, L), and its position.",
      .types = kFloat,
      .saves = "indices",
      .layouts = true,
      .where = 0,
  };
};
struct adaptive_max_pool2d : AdaptiveMaxPool {
  static constexpr Record record = {
      .schema = "_adaptive_max_pool2d(Tensor input, int[] output_size) -> (Tensor values, Tensor indices)",
      .doc = "The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, H, W), and its position.",
      .types = kFloat,
      .saves = "indices",
      .layouts = true,
      .where = 0,
  };
};
struct adaptive_max_pool3d : AdaptiveMaxPool {
  static constexpr Record record = {
      .schema = "_adaptive_max_pool3d(Tensor input, int[] output_size) -> (Tensor values, Tensor indices)",
      .doc = "The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, D, H, W), and its position.",
      .types = kFloat,
      .saves = "indices",
      .layouts = true,
      .where = 0,
  };
};

struct FractionalMaxPool {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct fractional_max_pool2d : FractionalMaxPool {
  static constexpr Record record = {
      .schema =
          "_fractional_max_pool2d(Tensor input, int[] kernel_size, int[] output_size, Tensor samples) -> "
          "(Tensor values, Tensor indices)",
      .doc = "The largest of windows of (*, H, W) whose places `samples` (N, C, 2) of [0, 1) draw, and its position.",
      .source = "Graham 2014, arXiv 1412.6071",
      .types = kFloat,
      .saves = "indices",
      .where = 0,
  };
};
struct fractional_max_pool3d : FractionalMaxPool {
  static constexpr Record record = {
      .schema =
          "_fractional_max_pool3d(Tensor input, int[] kernel_size, int[] output_size, Tensor samples) -> "
          "(Tensor values, Tensor indices)",
      .doc = "The largest of windows of (*, D, H, W) whose places `samples` (N, C, 3) of [0, 1) draw, and its position.",
      .source = "Graham 2014, arXiv 1412.6071",
      .types = kFloat,
      .saves = "indices",
      .where = 0,
  };
};

struct AvgPool {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct avg_pool1d : AvgPool {
  static constexpr Record record = {
      .schema =
          "avg_pool1d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, bool "
          "ceil_mode=False, bool count_include_pad=True) -> (Tensor output, Tensor _order)",
      .doc = "The mean of each window of (*, L).",
      .types = kFloat | kInteger,
      .saves = "order",
      .layouts = true,
      .where = kFunction | kFunctional,
  };
};
struct avg_pool2d : AvgPool {
  static constexpr Record record = {
      .schema =
          "avg_pool2d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, bool "
          "ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> (Tensor output, Tensor "
          "_order)",
      .doc = "The mean of each window of (*, H, W).",
      .types = kFloat | kInteger,
      .saves = "order",
      .layouts = true,
      .where = kFunctional,
  };
};
struct avg_pool3d : AvgPool {
  static constexpr Record record = {
      .schema =
          "avg_pool3d(Tensor input, int[] kernel_size, int[]? stride=None, int[] padding=0, bool "
          "ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> (Tensor output, Tensor "
          "_order)",
      .doc = "The mean of each window of (*, D, H, W).",
      .types = kFloat | kInteger,
      .saves = "order",
      .layouts = true,
      .where = kFunctional,
  };
};

struct AdaptiveAvgPool {
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};
struct adaptive_avg_pool1d : AdaptiveAvgPool {
  static constexpr Record record = {
      .schema = "adaptive_avg_pool1d(Tensor input, int[] output_size) -> (Tensor output, Tensor _order)",
      .doc = "The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, L).",
      .types = kFloat,
      .saves = "order",
      .layouts = true,
      .where = kFunction | kFunctional,
  };
};
struct adaptive_avg_pool2d : AdaptiveAvgPool {
  static constexpr Record record = {
      .schema = "_adaptive_avg_pool2d(Tensor input, int[] output_size) -> (Tensor output, Tensor _order)",
      .doc = "The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, H, W).",
      .types = kFloat,
      .saves = "order",
      .layouts = true,
      .where = 0,
  };
};
struct adaptive_avg_pool3d : AdaptiveAvgPool {
  static constexpr Record record = {
      .schema = "_adaptive_avg_pool3d(Tensor input, int[] output_size) -> (Tensor output, Tensor _order)",
      .doc = "The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, D, H, W).",
      .types = kFloat,
      .saves = "order",
      .layouts = true,
      .where = 0,
  };
};

// The gradients, of any number of dims: their last argument but the order is the name of the pool.
struct max_pool_backward {
  static constexpr Record record = {
      .schema =
          "_max_pool_backward(Tensor gradient, Tensor places, int[] sizes, int[] kernel_size, int[]? stride, int[] padding, "
          "int[] dilation, bool ceil_mode, str pool, int order) -> Tensor",
      .doc = "The gradient of max_pool for an input of shape `sizes`, from which place of its window each output is.",
      .types = kFloat,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct max_pool_positions {
  static constexpr Record record = {
      .schema =
          "_max_pool_positions(Tensor places, int[] sizes, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, "
          "bool ceil_mode, str pool) -> Tensor",
      .doc = "Places of windows as positions of the input, counted row-major over its spatial dims.",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct avg_pool_backward {
  static constexpr Record record = {
      .schema =
          "_avg_pool_backward(Tensor gradient, int[] sizes, int[] kernel_size, int[]? stride, int[] padding, bool ceil_mode, "
          "bool count_include_pad, int? divisor_override, str pool, int order) -> Tensor",
      .doc = "The gradient of avg_pool for an input of shape `sizes`.",
      .types = kFloat,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct adaptive_avg_pool_backward {
  static constexpr Record record = {
      .schema = "_adaptive_avg_pool_backward(Tensor gradient, int[] sizes, int[] output_size, str pool, int order) -> Tensor",
      .doc = "The gradient of adaptive_avg_pool for an input of shape `sizes`.",
      .types = kFloat,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
