// Normalisation of each sample by itself: over groups of channels, or by its root mean square.
#pragma once
#include "op/backward.h"

namespace ember {

struct group_norm {
  static constexpr Record record = {
      .schema =
          "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) "
          "-> (Tensor output, Tensor _mean, Tensor _rstd)",
      .doc =
          "(x - mean) / sqrt(variance + eps) * weight + bias, mean and variance of each sample over groups of neighbouring "
          "channels (dim 1) and all positions; weight and bias by channel.",
      .source = "Wu, He 2018",
      .types = kFloat,
      .saves = "input weight mean rstd",
      .where = kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct group_norm_backward {
  static constexpr Record record = {
      .schema =
          "_group_norm_backward(Tensor gradient, Tensor input, Tensor? weight, Tensor mean, Tensor rstd) "
          "-> (Tensor input, Tensor weight, Tensor bias)",
      .doc = "The gradients of group_norm.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct rms_norm {
  static constexpr Record record = {
      .schema =
          "rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) "
          "-> (Tensor output, Tensor _rstd)",
      .doc =
          "x / sqrt(mean(x^2) + eps) * weight over the last dims, those of normalized_shape; eps is by default the machine "
          "epsilon of the type that is computed in.",
      .source = "Zhang, Sennrich 2019",
      .types = kFloat,
      .saves = "input weight rstd",
      .where = kFunction | kFunctional,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct rms_norm_backward {
  static constexpr Record record = {
      .schema =
          "_rms_norm_backward(Tensor gradient, Tensor input, Tensor? weight, Tensor rstd, bool affine) "
          "-> (Tensor input, Tensor weight)",
      .doc = "The gradients of rms_norm; of weight only with affine.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

// The eps of rms_norm where none is given: the distance from 1 to the next number.
double root_mean_square_eps(const Value& eps, DType dtype);

}  // namespace ember
