// Reading and writing elements that other tensors name.
#pragma once
#include "op/backward.h"
#include "op/call.h"

namespace ember::indexing {

// ---- tensor[...] with tensors ----

struct index {
  static constexpr Record record = {
      .schema = "index(Tensor input, Tensor[] indices) -> Tensor",
      .doc =
          "input[indices]: integer tensors, broadcast together, name elements along their dims; None takes a dim whole; "
          "a bool mask counts as the indices of its True elements.",
      .types = kAny,
      .saves = "indices",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct index_put {
  static constexpr Record record = {
      .schema = "index_put(Tensor input, Tensor[] indices, Tensor values, bool accumulate=False) -> Tensor",
      .doc = "input with values, broadcast, at the elements that indices name as in index(); added where accumulate.",
      .types = kNumbers | kFloat8 | kHalfComplex,
      .saves = "indices",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct nonzero {
  static constexpr Record record = {
      .schema = "nonzero(Tensor input) -> Tensor",
      .doc = "The indices of all elements that are not 0, in row-major order, one row each.",
      .types = kNumbers | kHalfComplex,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

// ---- along one dim ----

struct index_select {
  static constexpr Record record = {
      .schema = "index_select(Tensor input, int dim, Tensor index) -> Tensor",
      .doc = "The slices of input along dim that the 1-d tensor index names.",
      .types = kAny,
      .saves = "index",
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct index_add {
  static constexpr Record record = {
      .schema = "index_add(Tensor input, int dim, Tensor index, Tensor source, *, number alpha=1) -> Tensor",
      .doc = "input with alpha times the slices of source added to the slices along dim that index names.",
      .saves = "index",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct index_copy {
  static constexpr Record record = {
      .schema = "index_copy(Tensor input, int dim, Tensor index, Tensor source) -> Tensor",
      .doc = "input with the slices along dim that index names replaced by those of source.",
      .types = kNumbers | kHalfComplex,
      .saves = "index",
      .inplace = true,
      .autocast = Autocast::Widest,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct index_fill {
  static constexpr Record record = {
      .schema = "index_fill(Tensor input, int dim, Tensor index, Tensor value) -> Tensor",
      .doc = "input with the slices along dim that index names filled with a number or 0-d tensor.",
      .types = kNumbers | kHalfComplex,
      .saves = "index",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct gather {
  static constexpr Record record = {
      .schema = "gather(Tensor input, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor",
      .doc = "out[i][j] = input[index[i][j]][j] for dim 0, and alike for the others.",
      .saves = "index",
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct scatter {
  static constexpr Record record = {
      .schema =
          "scatter(Tensor input, int dim, Tensor index, Tensor? src=None, Tensor? value=None, *, str? reduce=None) -> Tensor",
      .doc =
          "input with input[index[i][j]][j] = src[i][j] for dim 0, and alike for the others; src may be one number (value). "
          "reduce='add' or 'multiply' combines with what is there.",
      .saves = "index",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct scatter_add {
  static constexpr Record record = {
      .schema = "scatter_add(Tensor input, int dim, Tensor index, Tensor src) -> Tensor",
      .doc = "input with input[index[i][j]][j] += src[i][j] for dim 0, and alike for the others.",
      .saves = "index",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct scatter_reduce {
  static constexpr Record record = {
      .schema =
          "scatter_reduce(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor",
      .doc =
          "input with input[index[i][j]][j] reduced with all src[i][j] that name it: sum, prod, mean, amax or amin. "
          "Without include_self the old values of named elements do not count.",
      .saves = "input index src out",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

// ---- masks ----

struct masked_fill {
  static constexpr Record record = {
      .schema = "masked_fill(Tensor input, Tensor mask, Tensor value) -> Tensor",
      .doc = "input with value, a number or 0-d tensor, where the bool tensor mask is True.",
      .types = kNumbers | kHalfComplex,
      .saves = "mask",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct masked_select {
  static constexpr Record record = {
      .schema = "masked_select(Tensor input, Tensor mask) -> Tensor",
      .doc = "The elements of input where mask is True, both broadcast together, as a 1-d tensor.",
      .types = kAny,
      .saves = "mask",
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct masked_scatter {
  static constexpr Record record = {
      .schema = "masked_scatter(Tensor input, Tensor mask, Tensor source) -> Tensor",
      .doc = "input with its elements where mask is True replaced by those of source, in order.",
      .saves = "mask",
      .inplace = true,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

// ---- embeddings ----

struct embedding {
  static constexpr Record record = {
      .schema =
          "embedding(Tensor input, Tensor weight, int? padding_idx=None, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
      .doc =
          "The rows of weight that the integers in input name. The row padding_idx gets no gradient; scale_grad_by_freq divides "
          "a row's gradient by how often it was named.",
      .types = kAny,
      .saves = "input",
      .where = kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _embedding_gradient {
  static constexpr Record record = {
      .schema =
          "_embedding_gradient(Tensor gradient, Tensor input, int count, int? padding_idx=None, bool scale_grad_by_freq=False) -> Tensor",
      .doc = "The gradient of the `count` rows of an embedding's weight.",
      .saves = "input",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

// ---- counts ----

struct _repeated_indices {
  static constexpr Record record = {
      .schema = "_repeated_indices(Tensor repeats) -> Tensor",
      .doc = "0 repeats[0] times, then 1 repeats[1] times, ...",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

// ---- what infer and cpu share ----

// The plan of index() and index_put(): which dims of the input stay, which are named, and the shapes between.
struct Plan {
  std::vector<Tensor> indices;  // by dim of the input, expanded to one shape; undefined where the dim stays
  Dims index_sizes;             // the shape that they meet in
  int first = 0;                // where that shape stands in the result
  Dims result;
};
// Masks in `indices` become the indices of their True elements.
Plan plan_index(const Dims& sizes, const std::vector<Tensor>& indices, const char* name);

}  // namespace ember::indexing
