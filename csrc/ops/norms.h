// Normalisation of activations by their mean and variance.
#pragma once
#include "op/backward.h"

namespace ember {

struct layer_norm {
  static constexpr Record record = {
      .schema =
          "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) "
          "-> (Tensor output, Tensor _mean, Tensor _rstd)",
      .doc = "(x - mean) / sqrt(variance + eps) * weight + bias over the last dims, those of normalized_shape.",
      .source = "Ba, Kiros, Hinton 2016",
      .types = kFloat,
      .saves = "input weight mean rstd",
      .where = kFunction | kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct layer_norm_backward {
  static constexpr Record record = {
      .schema =
          "_layer_norm_backward(Tensor gradient, Tensor input, Tensor? weight, Tensor mean, Tensor rstd, bool affine) "
          "-> (Tensor input, Tensor weight, Tensor bias)",
      .doc = "The gradients of layer_norm; of weight and bias only with affine.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct batch_norm {
  static constexpr Record record = {
      .schema =
          "batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, "
          "bool training=False, float momentum=0.1, float eps=1e-05) -> (Tensor output, Tensor _mean, Tensor _rstd)",
      .doc =
          "(x - mean) / sqrt(variance + eps) * weight + bias for each channel (dim 1). Training takes mean and variance of the "
          "batch and moves the running ones by momentum towards them, the variance unbiased.",
      .source = "Ioffe, Szegedy 2015",
      .types = kFloat,
      .saves = "input weight mean rstd",
      .layouts = true,
      .where = kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct batch_norm_backward {
  static constexpr Record record = {
      .schema =
          "_batch_norm_backward(Tensor gradient, Tensor input, Tensor? weight, Tensor mean, Tensor rstd, bool training) "
          "-> (Tensor input, Tensor weight, Tensor bias)",
      .doc = "The gradients of batch_norm.",
      .types = kFloat,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

}  // namespace ember
