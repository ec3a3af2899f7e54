// Convolutions. A layer's forward, the gradient of its input and that of its weight are three operations, and the gradients
// of each are made of the three: so every derivative exists, and a transposed convolution is the second of them.
#pragma once
#include "op/backward.h"

namespace ember {

struct convolution {
  static constexpr Record record = {
      .schema =
          "_convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, int groups) "
          "-> Tensor",
      .doc =
          "y[n, o] = sum over c and k of weight[o, c, k] x[n, c, stride i + dilation k - padding] + bias[o] for x of "
          "(N, C, *), weight of (O, C / groups, *), with 1 to 3 dims as *.",
      .types = kInteger | kFloat,
      .saves = "input weight",
      .layouts = true,
      .where = 0,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct convolution_input {
  static constexpr Record record = {
      .schema =
          "_convolution_input(Tensor input, Tensor weight, Tensor? bias, int[] size, int[] stride, int[] padding, "
          "int[] dilation, int groups) -> Tensor",
      .doc =
          "The transpose of _convolution as a linear map: from (N, O, *) to (N, C, size), the gradient of its input. With a "
          "bias of (C), a transposed convolution.",
      .types = kInteger | kFloat,
      .saves = "input weight",
      .layouts = true,
      .where = 0,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct convolution_weight {
  static constexpr Record record = {
      .schema =
          "_convolution_weight(Tensor gradient, Tensor input, int[] size, int[] stride, int[] padding, int[] dilation, "
          "int groups) -> (Tensor weight, Tensor bias)",
      .doc = "The gradients of _convolution's weight, of spatial size `size`, and of its bias.",
      .types = kInteger | kFloat,
      .saves = "gradient input",
      .layouts = true,
      .where = 0,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
