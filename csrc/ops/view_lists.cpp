// Views that come as several tensors: the gradient of each is its piece of the whole.
#include <algorithm>

#include "op/backward.h"
#include "op/call.h"

namespace ember::view_lists {

namespace {

// Pieces of the given lengths along dim.
void cut(Call& c, int dim, const Dims& lengths) {
  const Tensor input = c.tensor(0);
  int64_t start = 0;
  c.list.reserve(size_t(lengths.size()));
  for (const int64_t length : lengths) {
    Dims sizes = input.sizes();
    sizes[dim] = length;
    c.list.push_back(view_of(input, std::move(sizes), input.strides(), input.offset() + start * input.stride(dim)));
    start += length;
  }
}

void need_dims(const Tensor& input, const char* name) {
  if (input.dim() == 0)
    fail(ErrorKind::Runtime, name, "(): ", name, " expects at least a 1-dimensional tensor; this one is 0-d.");
}

// The pieces' gradients joined along dim; pieces without one count as zeros.
void join(Backward& b, int dim, const Dims& lengths) {
  static Operation& cat = named("cat");
  const Tensor* known = std::find_if(b.gradients, b.gradients + lengths.size(), [](const Tensor& each) { return bool(each); });
  std::vector<Tensor> pieces;
  for (int i = 0; i < lengths.size(); ++i) {
    Dims sizes = b.sizes(0);
    sizes[dim] = lengths[i];
    pieces.push_back(b.gradient(i) ? b.gradient(i) : zeros(sizes, known->dtype(), known->device()));
  }
  b.set(0, run(cat, {pieces, dim}));
}

Dims equal_lengths(int64_t size, int64_t length) {
  Dims lengths;
  for (int64_t start = 0; start < size; start += length) lengths.push_back(std::min(length, size - start));
  if (size == 0) lengths.push_back(0);
  return lengths;
}

}  // namespace

struct unbind {
  static constexpr Record record = {
      .schema = "unbind(Tensor input, int dim=0) -> Tensor[]",
      .doc = "All elements along dim, each without that dim.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (input.dim() == 0)
      fail(ErrorKind::Index, "unbind(): Dimension specified as ", c.arg(1).integer(), " but tensor has no dimensions.");
    const int dim = wrap_dim(c.arg(1).integer(), input.dim(), c.name());
    Dims sizes = input.sizes(), strides = input.strides();
    sizes.erase(dim);
    strides.erase(dim);
    c.list.reserve(size_t(input.size(dim)));
    for (int64_t i = 0; i < input.size(dim); ++i)
      c.list.push_back(view_of(input, sizes, strides, input.offset() + i * input.stride(dim)));
  }
  static void backward(Backward& b) {
    static Operation& stack = named("stack");
    const int dim = wrap_dim(b.arg(1).integer(), b.sizes(0).size(), "unbind");
    const int count = int(b.sizes(0)[dim]);
    const Tensor* known = std::find_if(b.gradients, b.gradients + count, [](const Tensor& each) { return bool(each); });
    std::vector<Tensor> pieces;
    for (int i = 0; i < count; ++i)
      pieces.push_back(b.gradient(i) ? b.gradient(i) : zeros(b.result_sizes, known->dtype(), known->device()));
    b.set(0, run(stack, {pieces, dim}));
  }
};
VIEW(unbind)

namespace {

// The lengths of the pieces, which add up to the whole dim.
Dims section_lengths(const Dims& sections, int64_t size, const char* name) {
  int64_t sum = 0;
  bool negative = false;
  for (const int64_t length : sections) {
    negative |= length < 0;
    sum += length;
  }
  if (negative)
    fail(ErrorKind::Runtime, name,
         "(): split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=", to_string(sections),
         ".");
  if (sum != size)
    fail(ErrorKind::Runtime, name, "(): split_with_sizes expects split_sizes to sum exactly to ", size,
         " (input tensor's size at dimension), but got split_sizes=", to_string(sections), ".");
  return sections;
}

}  // namespace

struct split {
  static constexpr Record record = {
      .schema = "split(Tensor input, int[] split_size_or_sections, int dim=0) -> Tensor[]",
      .doc = "Pieces along dim: all of one size (the last may be smaller), or of the sizes in a list.",
  };
  static Dims lengths(const Dims& sizes, int dim, const Value* args) {
    const Dims& sections = args[1].ints();
    if (sections.size() != 1) return section_lengths(sections, sizes[dim], "split");
    if (sections[0] < 0)
      fail(ErrorKind::Runtime, "split(): split expects split_size be non-negative, but got split_size=", sections[0], ".");
    if (sections[0] == 0 && sizes[dim] != 0)
      fail(ErrorKind::Runtime, "split(): split_size can only be 0 if dimension size is 0, but got dimension size of ",
           sizes[dim], ".");
    return equal_lengths(sizes[dim], std::max<int64_t>(sections[0], 1));
  }
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    need_dims(input, c.name());
    const int dim = wrap_dim(c.arg(2).integer(), input.dim(), c.name());
    cut(c, dim, lengths(input.sizes(), dim, c.args));
  }
  static void backward(Backward& b) {
    const int dim = wrap_dim(b.arg(2).integer(), b.sizes(0).size(), "split");
    join(b, dim, lengths(b.sizes(0), dim, b.args));
  }
};
VIEW(split)

struct split_with_sizes {
  static constexpr Record record = {
      .schema = "split_with_sizes(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]",
      .doc = "Pieces of the given sizes along dim; together they are all of it.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    need_dims(input, c.name());
    const int dim = wrap_dim(c.arg(2).integer(), input.dim(), c.name());
    cut(c, dim, section_lengths(c.arg(1).ints(), input.size(dim), c.name()));
  }
  static void backward(Backward& b) {
    join(b, wrap_dim(b.arg(2).integer(), b.sizes(0).size(), "split_with_sizes"), b.arg(1).ints());
  }
};
VIEW(split_with_sizes)

constexpr int64_t kMostEmptyChunks = 1 << 20;  // PyTorch has no bound, and makes as many tensors as are asked for

struct chunk {
  static constexpr Record record = {
      .schema = "chunk(Tensor input, int chunks, int dim=0) -> Tensor[]",
      .doc = "At most `chunks` pieces along dim, all of one size but the last.",
  };
  static Dims lengths(const Dims& sizes, int dim, int64_t chunks) {
    if (sizes[dim] > 0) return equal_lengths(sizes[dim], (sizes[dim] - 1) / chunks + 1);
    if (chunks > kMostEmptyChunks)
      fail(ErrorKind::Runtime, "chunk(): dim ", dim, " is empty and chunks is ", chunks, "; expected at most ",
           kMostEmptyChunks, ".");
    return Dims(int(chunks), 0);
  }
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    need_dims(input, c.name());
    if (c.arg(1).integer() <= 0)
      fail(ErrorKind::Runtime, "chunk(): chunk expects `chunks` to be greater than 0, got: ", c.arg(1).integer(), ".");
    const int dim = wrap_dim(c.arg(2).integer(), input.dim(), c.name());
    cut(c, dim, lengths(input.sizes(), dim, c.arg(1).integer()));
  }
  static void backward(Backward& b) {
    const int dim = wrap_dim(b.arg(2).integer(), b.sizes(0).size(), "chunk");
    join(b, dim, lengths(b.sizes(0), dim, b.arg(1).integer()));
  }
};
VIEW(chunk)

}  // namespace ember::view_lists
