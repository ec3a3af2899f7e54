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
  Pooling(const char* kind, int dims, const Dims& sizes);
  Dims output() const;
};

// From the arguments of max_pool and avg_pool, `args` being the kernel's; and of adaptive and fractional pools.
Pooling max_pooling(const Value* args, const Dims& sizes);
Pooling avg_pooling(const Value* args, const Dims& sizes);
Pooling adaptive_pooling(const char* kind, const Value* args, const Dims& sizes);
Pooling fractional_pooling(const Value* args, const Dims& sizes);

// The results have the channels innermost in memory where the input has; a sample alone has none outside.
bool keeps_channels_last(const Call& call, const Pooling& pooling);

// How the input lay in memory, which the gradient does too.
enum class PoolOrder : int64_t { RowMajor, ChannelsLast, HiddenChannelsLast };

struct max_pool {
  static constexpr Record record = {
      .schema =
          "_max_pool(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, bool ceil_mode, int dims) "
          "-> (Tensor output, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window; nan is the largest.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct max_pool_backward {
  static constexpr Record record = {
      .schema =
          "_max_pool_backward(Tensor gradient, Tensor places, int[] sizes, int[] kernel_size, int[]? stride, int[] padding, "
          "int[] dilation, bool ceil_mode, int dims, int order) -> Tensor",
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
          "bool ceil_mode, int dims) -> Tensor",
      .doc = "Places of windows as positions of the input, counted row-major over its spatial dims.",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct max_pool_with_indices {
  static constexpr Record record = {
      .schema =
          "_max_pool_with_indices(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, "
          "bool ceil_mode, int dims) -> (Tensor values, Tensor indices, Tensor _places, Tensor _order)",
      .doc = "The largest element of each window, and its position, counted row-major over the spatial dims.",
      .types = kFloat | kInteger,
      .saves = "places order",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct adaptive_max_pool {
  static constexpr Record record = {
      .schema = "_adaptive_max_pool(Tensor input, int[] output_size, int dims) -> (Tensor values, Tensor indices)",
      .doc = "The largest of window o, [floor(o in / out), ceil((o + 1) in / out)) in each dim, and its position.",
      .types = kFloat,
      .saves = "indices",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct fractional_max_pool {
  static constexpr Record record = {
      .schema =
          "_fractional_max_pool(Tensor input, int[] kernel_size, int[] output_size, Tensor samples, int dims) "
          "-> (Tensor values, Tensor indices)",
      .doc = "The largest element of windows whose places `samples` (N, C, dims) of [0, 1) draw, and its position.",
      .source = "Graham 2014, arXiv 1412.6071",
      .types = kFloat,
      .saves = "indices",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct avg_pool {
  static constexpr Record record = {
      .schema =
          "_avg_pool(Tensor input, int[] kernel_size, int[]? stride, int[] padding, bool ceil_mode, bool count_include_pad, "
          "int? divisor_override, int dims) -> (Tensor output, Tensor _order)",
      .doc = "The mean of each window.",
      .types = kFloat | kInteger,
      .saves = "order",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct avg_pool_backward {
  static constexpr Record record = {
      .schema =
          "_avg_pool_backward(Tensor gradient, int[] sizes, int[] kernel_size, int[]? stride, int[] padding, bool ceil_mode, "
          "bool count_include_pad, int? divisor_override, int dims, int order) -> Tensor",
      .doc = "The gradient of avg_pool for an input of shape `sizes`.",
      .types = kFloat,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct adaptive_avg_pool {
  static constexpr Record record = {
      .schema = "_adaptive_avg_pool(Tensor input, int[] output_size, int dims) -> (Tensor output, Tensor _order)",
      .doc = "The mean of window o, [floor(o in / out), ceil((o + 1) in / out)) in each dim.",
      .types = kFloat,
      .saves = "order",
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct adaptive_avg_pool_backward {
  static constexpr Record record = {
      .schema = "_adaptive_avg_pool_backward(Tensor gradient, int[] sizes, int[] output_size, int dims, int order) -> Tensor",
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
