// Images as columns of their blocks, and back: what a convolution is a matrix product of.
#pragma once
#include "op/backward.h"

namespace ember {

// The blocks of an image: one number each for height and width.
struct Blocks {
  bool batched;
  int64_t batch, channels;
  int64_t image[2], kernel[2], dilation[2], padding[2], stride[2];
  int64_t count[2];  // of blocks
};

// `args` are the kernel's, the dilation, the padding and the stride; an error in the name of the operation where they do not fit.
Blocks blocks_of_image(const Call& call, const Value* args);
Blocks blocks_of_columns(const Call& call, const Dims& image, const Value* args);

struct unfold_blocks {
  static constexpr Record record = {
      .schema = "_unfold(Tensor input, int[] kernel_size, int[] dilation, int[] padding, int[] stride) -> Tensor",
      .doc = "Each block of the image (N, C, H, W) as a column of (N, C kernel kernel, blocks).",
      .types = kBool | kInexact,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct fold_blocks {
  static constexpr Record record = {
      .schema =
          "_fold(Tensor input, int[] output_size, int[] kernel_size, int[] dilation, int[] padding, int[] stride) -> Tensor",
      .doc = "The image (N, C, H, W) as the sum of its blocks, the columns of (N, C kernel kernel, blocks).",
      .types = kBool | kInexact,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
