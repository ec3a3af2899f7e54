// What views are made of: geometries, and how the gradient of a look into a tensor finds its place in the whole.
#pragma once
#include "op/backward.h"
#include "op/call.h"

namespace ember::views {

struct Geometry {
  Dims sizes, strides;
  int64_t offset = 0;
};

// A kernel for gradients: a tensor of zeros of shape `whole`, in row-major order, to which input is added at the places
// that (size, stride, offset) name.
struct _place {
  static constexpr Record record = {
      .schema = "_place(Tensor input, int[] size, int[] stride, int offset, int[] whole) -> Tensor",
      .doc = "Zeros of shape whole to which input is added at the places (size, stride, offset) of the row-major memory.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

// input itself where it is real, else a tensor of the conjugates.
struct conj {
  static constexpr Record record = {
      .schema = "conj(Tensor input) -> Tensor",
      .doc = "The complex conjugate of each element; a real tensor is returned as it is.",
      .types = kAny,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember::views
