// What the normalisations share: checks of their parameters, and the gradient as recorded operations.
#pragma once
#include "op/backward.h"
#include "op/var.h"

namespace ember {

inline void check_parameter(const Call& call, int i, const Dims& expected) {
  if (call.arg(i).is_tensor() && call.sizes(i) != expected)
    fail(ErrorKind::Runtime, call.name(), "(): ", call.op.schema.parameters[size_t(i)].name, " has shape ",
         to_string(call.sizes(i)), "; input of shape ", to_string(call.sizes(0)), " expects ", to_string(expected), ".");
}

inline void check_floating(const Call& call) {
  const DType dtype = call.args[0].body()->dtype;
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point input.");
}

inline void check_ends_with(const Call& call, const Dims& shape) {
  const Dims& input = call.sizes(0);
  bool ends_with = !shape.empty() && shape.size() <= input.size();
  for (int i = 1; ends_with && i <= shape.size(); ++i) ends_with = shape[shape.size() - i] == input[input.size() - i];
  if (!ends_with)
    fail(ErrorKind::Runtime, call.name(), "(): input of shape ", to_string(input), " does not end with normalized_shape ",
         to_string(shape), ".");
}

// 16-bit floats are normalised in float32.
inline DType statistics_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

// A result with the strides of `like` where these are dense, in any order.
inline void output_like(Call& call, const Tensor& like) {
  if (!call.given && !like.is_contiguous() && is_dense(like))
    call.outputs[0] = empty_strided(like.sizes(), like.strides(), like.dtype(), call.device);
  else call.output(0, like.sizes(), like.dtype());
}

inline Tensor mean_over(const Var& value, const Tensor& like, const Dims& dims) {
  static Operation& mean = named("mean");
  return run(mean, {value.as_tensor(like), dims, true});
}

inline Tensor sum_over(const Var& value, const Tensor& like, const Dims& dims) {
  static Operation& sum = named("sum");
  return dims.empty() ? value.as_tensor(like) : run(sum, {value.as_tensor(like), dims});
}

// The gradient through x^ = (x - mean) / sqrt(variance + eps) over `dims`, made of recorded operations.
struct RecordedNorm {
  Tensor input;
  Dims dims;
  Var normal, rstd;
  RecordedNorm(const Tensor& input, const Dims& dims, double eps) : input(input), dims(dims) {
    const Var deviation = Var(input) - Var(mean_over(Var(input), input, dims));
    rstd = rsqrt(Var(mean_over(deviation * deviation, input, dims)) + Var(eps));
    normal = deviation * rstd;
  }
  Tensor gradient(const Var& g) const {
    const Var even(mean_over(g, input, dims)), along(mean_over(g * normal, input, dims));
    return (rstd * (g - even - normal * along)).as_tensor(input);
  }
};

}  // namespace ember
