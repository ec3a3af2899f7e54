// Copying, filling, casting, joining and rearranging of whole tensors.
#pragma once
#include "op/call.h"
#include "op/backward.h"

namespace ember::copies {

struct copy {
  static constexpr Record record = {
      .schema = "copy(Tensor input, Tensor src, bool non_blocking=False) -> Tensor",
      .doc = "The elements of src, broadcast to the shape of input and cast to its dtype.",
      .types = kAny,
      .inplace = true,
      .layouts = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct fill {
  static constexpr Record record = {
      .schema = "fill(Tensor input, Tensor value) -> Tensor",
      .doc = "A tensor like input with every element equal to value, a number or a 0-d tensor.",
      .types = kAny,
      .inplace = true,
      .layouts = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct zero {
  static constexpr Record record = {
      .schema = "zero(Tensor input) -> Tensor",
      .doc = "A tensor like input with every element 0.",
      .types = kAny,
      .inplace = true,
      .layouts = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct clone {
  static constexpr Record record = {
      .schema = "clone(Tensor input, *, str? memory_format=None) -> Tensor",
      .doc = "A copy of input. Strides are kept where input is dense, unless memory_format asks for an order.",
      .types = kAny,
      .layouts = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _cast {
  static constexpr Record record = {
      .schema = "_cast(Tensor input, dtype dtype) -> Tensor",
      .doc = "A copy of input with another element type. Floats become integers by truncation, anything but 0 is True.",
      .types = kAny,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct cat {
  static constexpr Record record = {
      .schema = "cat(Tensor[] tensors, int dim=0) -> Tensor",
      .doc = "Joins tensors along dim; their other sizes are equal. Empty tensors of shape (0,) are left out.",
      .types = kAny,
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct stack {
  static constexpr Record record = {
      .schema = "stack(Tensor[] tensors, int dim=0) -> Tensor",
      .doc = "Joins tensors of one shape along a new dim.",
      .types = kAny,
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct repeat {
  static constexpr Record record = {
      .schema = "repeat(Tensor input, int... repeats) -> Tensor",
      .doc = "input laid out repeats[i] times along dim i. Missing leading dims count as 1.",
      .types = kAny,
      .where = kMethod,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct flip {
  static constexpr Record record = {
      .schema = "flip(Tensor input, int... dims) -> Tensor",
      .doc = "input in reverse order along dims.",
      .types = kAny,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct roll {
  static constexpr Record record = {
      .schema = "roll(Tensor input, int[] shifts, int[]? dims=None) -> Tensor",
      .doc = "input moved by shifts along dims, what leaves at the end comes in at the start. Without dims: as if flat.",
      .types = kAny,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct tril {
  static constexpr Record record = {
      .schema = "tril(Tensor input, int diagonal=0) -> Tensor",
      .doc = "The matrices in the last two dims with 0 above the diagonal.",
      .types = kNumbers | kHalfComplex,
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct triu {
  static constexpr Record record = {
      .schema = "triu(Tensor input, int diagonal=0) -> Tensor",
      .doc = "The matrices in the last two dims with 0 below the diagonal.",
      .types = kNumbers | kHalfComplex,
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember::copies
