// Views: other sizes and strides on the same memory. The gradient of a rearrangement is the inverse rearrangement, that
// of a look at a part is put into zeros at the places of the part.
#include "ops/views.h"

#include <algorithm>

#include "core/layout.h"

namespace ember::views {

namespace {

Geometry geometry_of(const Tensor& tensor) { return {tensor.sizes(), tensor.strides(), tensor.offset()}; }

Tensor shown(const Tensor& tensor, Geometry geometry) {
  return view_of(tensor, std::move(geometry.sizes), std::move(geometry.strides), geometry.offset);
}

// For operations with `static Geometry part(Geometry, const Value* args)`.
template <class Op>
void show_part(Call& c) {
  const Tensor input = c.tensor(0);
  c.outputs[0] = shown(input, Op::part(geometry_of(input), c.args));
}

template <class Op>
void place_part(Backward& b) {
  const Dims& whole = b.sizes(0);
  const Geometry part = Op::part({whole, contiguous_strides(whole), 0}, b.args);
  b.set(0, run<_place>(b.gradient(), part.sizes, part.strides, part.offset, whole));
}

void reshape_back(Backward& b) {
  static Operation& reshape = named("reshape");
  b.set(0, run(reshape, {b.gradient(), b.sizes(0)}));
}

std::string in_brackets(const Dims& dims) {
  std::string result = "[";
  for (int i = 0; i < dims.size(); ++i) result += (i ? ", " : "") + std::to_string(dims[i]);
  return result + "]";
}

// A view where the strides allow one, else a copy in row-major order.
Tensor reshaped(const Tensor& input, const Dims& sizes) {
  Dims strides;
  if (strides_for_view(input.sizes(), input.strides(), sizes, strides)) return view_of(input, sizes, strides, input.offset());
  const Tensor dense = contiguous(input);
  return on_storage(dense.storage(), dense.dtype(), dense.offset(), sizes, contiguous_strides(sizes));
}

}  // namespace

void _place::infer(Call& c) {
  const Dims &sizes = c.arg(1).ints(), &strides = c.arg(2).ints(), &whole = c.arg(4).ints();
  bool fits = sizes.size() == strides.size() && sizes == c.sizes(0) && c.arg(3).integer() >= 0;
  for (const int64_t stride : strides) fits &= stride >= 0;
  if (!fits || (!sizes.contains(0) && reach(sizes, strides) > whole.product() - c.arg(3).integer()))
    fail(ErrorKind::Runtime, c.name(), "(): places of size ", to_string(sizes), ", stride ", to_string(strides), " and offset ",
         c.arg(3).integer(), " for an input of shape ", to_string(c.sizes(0)), " are not within ", to_string(whole), ".");
  c.output(0, whole, c.dtype);
}
void _place::backward(Backward& b) {
  static Operation& as_strided = named("as_strided");
  static Operation& clone = named("clone");
  const Tensor dense = b.gradient().is_contiguous() ? b.gradient() : run(clone, {b.gradient(), "contiguous_format"});
  b.set(0, run(as_strided, {dense, b.arg(1), b.arg(2), dense.offset() + b.arg(3).integer()}));
}
KERNEL(_place)

struct alias {
  static constexpr Record record = {
      .schema = "alias(Tensor input) -> Tensor",
      .doc = "The same shape on the same memory, as a tensor of its own.",
      .where = 0,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    c.outputs[0] = shown(input, geometry_of(input));
  }
  static void backward(Backward& b) { b.set(0, b.gradient()); }
};
VIEW(alias)

// A derivative that does not change where x does, relu's for one, is still a function of x: its derivative is 0.
struct constant_in {
  static constexpr Record record = {
      .schema = "_constant_in(Tensor input, Tensor x) -> Tensor",
      .doc = "input, whose derivative by x is 0.",
      .where = 0,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    c.outputs[0] = shown(input, geometry_of(input));
  }
  static void backward(Backward& b) {
    b.set(0, b.gradient());
    if (b.needs(1)) b.set(1, zeros(b.sizes(1), b.dtype(1), b.gradient().device()));
  }
};
VIEW(constant_in)

// ---- other shapes of the same elements ----

struct view {
  static constexpr Record record = {
      .schema = "view(Tensor input, int... size) -> Tensor",
      .doc = "The same memory in another shape; one size may be -1. Fails where the strides do not allow it.",
      .where = kMethod,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const Dims sizes = infer_shape(c.arg(1).ints(), input.numel(), c.name());
    Dims strides;
    if (!strides_for_view(input.sizes(), input.strides(), sizes, strides))
      fail(
          ErrorKind::Runtime,
          "view(): view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces): shape ",
          to_string(input.sizes()), ", strides ", to_string(input.strides()), ", asked for ", to_string(sizes),
          ". Use .reshape(...) instead.");
    c.outputs[0] = view_of(input, sizes, strides, input.offset());
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(view)

struct reshape {
  static constexpr Record record = {
      .schema = "reshape(Tensor input, int... shape) -> Tensor",
      .doc = "The same elements in another shape, as a view where the strides allow one; one size may be -1.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    c.outputs[0] = reshaped(input, infer_shape(c.arg(1).ints(), input.numel(), c.name()));
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(reshape)

struct flatten {
  static constexpr Record record = {
      .schema = "flatten(Tensor input, int start_dim=0, int end_dim=-1) -> Tensor",
      .doc = "Dims start_dim to end_dim as one, as a view where the strides allow one.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const int first = wrap_dim(c.arg(1).integer(), input.dim(), c.name());
    const int last = wrap_dim(c.arg(2).integer(), input.dim(), c.name());
    if (first > last)
      fail(ErrorKind::Runtime, c.name(), "(): flatten() has invalid args: start_dim cannot come after end_dim; they are ",
           c.arg(1).integer(), " and ", c.arg(2).integer(), ".");
    Dims sizes;
    for (int i = 0; i < first; ++i) sizes.push_back(input.size(i));
    int64_t joined = 1;
    for (int i = first; i <= last && i < input.dim(); ++i) joined *= input.size(i);
    sizes.push_back(joined);
    for (int i = last + 1; i < input.dim(); ++i) sizes.push_back(input.size(i));
    c.outputs[0] = reshaped(input, sizes);
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(flatten)

struct unflatten {
  static constexpr Record record = {
      .schema = "unflatten(Tensor input, int dim, int[] sizes) -> Tensor",
      .doc = "One dim as several, of the given sizes; one of them may be -1.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const int dim = wrap_dim(c.arg(1).integer(), input.dim(), c.name());
    const Dims& wanted = c.arg(2).ints();
    if (wanted.empty()) fail(ErrorKind::Runtime, c.name(), "(): sizes must be non-empty.");
    if (input.dim() == 0) fail(ErrorKind::Index, c.name(), "(): a 0-d tensor has no dim to unflatten.");
    const int64_t size = input.size(dim);
    int64_t product = 1;
    for (int64_t each : wanted) product *= each;
    const bool open = wanted.contains(-1);
    if (open ? product == 0 || size % product != 0 : product != size)
      fail(ErrorKind::Runtime, c.name(), "(): Provided sizes ", in_brackets(wanted), " don't multiply up to the size of dim ",
           dim, " (", size, ") in the input tensor.");
    const Dims parts = infer_shape(wanted, size, c.name());
    Geometry result{{}, {}, input.offset()};
    for (int i = 0; i < input.dim(); ++i) {
      if (i != dim) {
        result.sizes.push_back(input.size(i));
        result.strides.push_back(input.stride(i));
        continue;
      }
      const Dims strides = contiguous_strides(parts);
      for (int j = 0; j < parts.size(); ++j) {
        result.sizes.push_back(parts[j]);
        result.strides.push_back(strides[j] * input.stride(i));
      }
    }
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(unflatten)

struct squeeze {
  static constexpr Record record = {
      .schema = "squeeze(Tensor input, int[]? dim=None) -> Tensor",
      .doc = "Without the dims of size 1: all of them, or those in dim.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    Dims dims;
    if (!c.arg(1).is_none()) dims = wrap_dims(c.arg(1).ints(), input.dim(), c.name());
    Geometry result{{}, {}, input.offset()};
    for (int i = 0; i < input.dim(); ++i) {
      if (input.size(i) == 1 && (c.arg(1).is_none() || dims.contains(i))) continue;
      result.sizes.push_back(input.size(i));
      result.strides.push_back(input.stride(i));
    }
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(squeeze)

struct unsqueeze {
  static constexpr Record record = {
      .schema = "unsqueeze(Tensor input, int dim) -> Tensor",
      .doc = "With a new dim of size 1 at position dim.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const int dim = wrap_dim(c.arg(1).integer(), input.dim() + 1, c.name());
    Geometry result = geometry_of(input);
    const int64_t stride = dim < input.dim() ? input.size(dim) * input.stride(dim) : 1;
    result.sizes.insert(dim, 1);
    result.strides.insert(dim, stride);
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { reshape_back(b); }
};
VIEW(unsqueeze)

struct expand {
  static constexpr Record record = {
      .schema = "expand(Tensor input, int... size) -> Tensor",
      .doc = "Dims of size 1 repeated without a copy, to the given sizes; -1 keeps a size.",
      .where = kMethod,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const Tensor wide = ember::expand(input, c.arg(1).ints());
    c.outputs[0] = wide.same(input) ? shown(input, geometry_of(input)) : wide;
  }
  static void backward(Backward& b) { b.set(0, b.gradient()); }
};
VIEW(expand)

// ---- other orders of the dims ----

struct permute {
  static constexpr Record record = {
      .schema = "permute(Tensor input, int... dims) -> Tensor",
      .doc = "The dims in another order: dim i of the result is dim dims[i] of input.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (c.arg(1).ints().size() != input.dim())
      fail(
          ErrorKind::Runtime, c.name(),
          "(): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ",
          input.dim(), " is not equal to len(dims) = ", c.arg(1).ints().size(), ".");
    const Dims dims = wrap_dims(c.arg(1).ints(), input.dim(), c.name());
    Geometry result = geometry_of(input);
    for (int i = 0; i < dims.size(); ++i) {
      result.sizes[i] = input.size(int(dims[i]));
      result.strides[i] = input.stride(int(dims[i]));
    }
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) {
    const Dims dims = wrap_dims(b.arg(1).ints(), b.sizes(0).size(), "permute");
    Dims inverse(dims.size());
    for (int i = 0; i < dims.size(); ++i) inverse[int(dims[i])] = i;
    b.set(0, run<permute>(b.gradient(), inverse));
  }
};
VIEW(permute)

struct transpose {
  static constexpr Record record = {
      .schema = "transpose(Tensor input, int dim0, int dim1) -> Tensor",
      .doc = "With dims dim0 and dim1 exchanged.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const int a = wrap_dim(c.arg(1).integer(), input.dim(), c.name());
    const int b = wrap_dim(c.arg(2).integer(), input.dim(), c.name());
    Geometry result = geometry_of(input);
    if (a != b) {
      std::swap(result.sizes[a], result.sizes[b]);
      std::swap(result.strides[a], result.strides[b]);
    }
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { b.set(0, run<transpose>(b.gradient(), b.arg(1), b.arg(2))); }
};
VIEW(transpose)

struct t {
  static constexpr Record record = {
      .schema = "t(Tensor input) -> Tensor",
      .doc = "The transpose of a matrix; vectors and 0-d tensors stay as they are.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (input.dim() > 2)
      fail(ErrorKind::Runtime, c.name(), "(): t() expects a tensor with <= 2 dimensions, but self is ", input.dim(),
           "D. Use mT or transpose().");
    Geometry result = geometry_of(input);
    std::reverse(result.sizes.begin(), result.sizes.end());
    std::reverse(result.strides.begin(), result.strides.end());
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { b.set(0, run<t>(b.gradient())); }
};
VIEW(t)

struct movedim {
  static constexpr Record record = {
      .schema = "movedim(Tensor input, int[] source, int[] destination) -> Tensor",
      .doc = "The dims in source moved to the positions in destination; the others keep their order.",
  };
  static Dims order(int count, const Value* args) {
    const Dims from = wrap_dims(args[1].ints(), count, "movedim"), to = wrap_dims(args[2].ints(), count, "movedim");
    if (from.size() != to.size())
      fail(ErrorKind::Runtime, "movedim(): Invalid source or destination dims: source (", to_string(args[1].ints()),
           " dims ) should contain the same number of dims as destination (", to_string(args[2].ints()), " dims).");
    Dims order(count, -1);
    for (int i = 0; i < from.size() && i < count; ++i) order[int(to[i])] = from[i];
    int next = 0;
    for (int i = 0; i < count; ++i) {
      if (order[i] >= 0) continue;
      while (from.contains(next)) ++next;
      order[i] = next++;
    }
    return order;
  }
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const Dims dims = order(input.dim(), c.args);
    Geometry result = geometry_of(input);
    for (int i = 0; i < dims.size(); ++i) {
      result.sizes[i] = input.size(int(dims[i]));
      result.strides[i] = input.stride(int(dims[i]));
    }
    c.outputs[0] = shown(input, std::move(result));
  }
  static void backward(Backward& b) { b.set(0, run<movedim>(b.gradient(), b.arg(2), b.arg(1))); }
};
VIEW(movedim)

// ---- looks at a part ----

struct as_strided {
  static constexpr Record record = {
      .schema = "as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
      .doc = "Any sizes and strides on the memory of input; storage_offset counts from the start of the storage.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const Dims& sizes = c.arg(1).ints();
    const Dims& strides = c.arg(2).ints();
    const int64_t offset = c.arg(3).is_none() ? input.offset() : c.arg(3).integer();
    if (sizes.size() != strides.size())
      fail(ErrorKind::Runtime, c.name(), "(): mismatch in length of strides and shape: size ", to_string(sizes), ", stride ",
           to_string(strides), ".");
    for (int i = 0; i < sizes.size(); ++i)
      if (sizes[i] < 0 || strides[i] < 0)
        fail(ErrorKind::Runtime, c.name(), "(): Negative sizes or strides are not supported: size ", to_string(sizes),
             ", stride ", to_string(strides), ".");
    if (offset < 0) fail(ErrorKind::Runtime, c.name(), "(): Tensor: invalid storage offset ", offset, "; expected 0 or more.");
    const int64_t elements = int64_t(input.storage()->bytes / bytes_of(input.dtype()));
    const int64_t needed = reach(sizes, strides);
    if (!input.is_meta() && needed > 0 && needed > elements - offset)
      fail(ErrorKind::Runtime, c.name(), "(): setStorage: sizes ", in_brackets(sizes), ", strides ", in_brackets(strides),
           ", storage offset ", offset, " require ", needed, " elements from there, which are out of bounds for storage of ",
           elements, " elements.");
    c.outputs[0] = view_of(input, sizes, strides, offset);
  }
  // By way of a stretch of memory that holds both: the gradient is put where the view was, then seen as the input was.
  static void backward(Backward& b) {
    const Tensor input = b.tensor(0);
    const int64_t offset = b.arg(3).is_none() ? input.offset() : b.arg(3).integer();
    const int64_t start = std::min(offset, input.offset());
    const int64_t length =
        std::max(offset + reach(b.arg(1).ints(), b.arg(2).ints()), input.offset() + reach(input.sizes(), input.strides())) -
        start;
    const Tensor memory = run<_place>(b.gradient(), b.arg(1), b.arg(2), offset - start, Dims{length});
    b.set(0, run<as_strided>(memory, input.sizes(), input.strides(), input.offset() - start));
  }
};
VIEW(as_strided)

struct select {
  static constexpr Record record = {
      .schema = "select(Tensor input, int dim, int index) -> Tensor",
      .doc = "Element `index` along dim, without that dim.",
  };
  static Geometry part(Geometry whole, const Value* args) {
    const int count = whole.sizes.size();
    if (count == 0) fail(ErrorKind::Index, "select(): select() cannot be applied to a 0-dim tensor.");
    const int dim = wrap_dim(args[1].integer(), count, "select");
    const int64_t size = whole.sizes[dim];
    int64_t index = args[2].integer();
    if (index < -size || index >= size)
      fail(ErrorKind::Index, "select(): index ", index, " out of range for tensor of size ", in_brackets(whole.sizes),
           " at dimension ", dim, ".");
    if (index < 0) index += size;
    whole.offset += index * whole.strides[dim];
    whole.sizes.erase(dim);
    whole.strides.erase(dim);
    return whole;
  }
  static void infer(Call& c) { show_part<select>(c); }
  static void backward(Backward& b) { place_part<select>(b); }
};
VIEW(select)

struct slice {
  static constexpr Record record = {
      .schema = "slice(Tensor input, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
      .doc = "Every step-th element from start up to end along dim, as Python's slices.",
      .where = 0,
  };
  static Geometry part(Geometry whole, const Value* args) {
    const int count = whole.sizes.size();
    if (count == 0) fail(ErrorKind::Index, "slice(): slice() cannot be applied to a 0-dim tensor.");
    const int dim = wrap_dim(args[1].integer(), count, "slice");
    const int64_t size = whole.sizes[dim], step = args[4].integer();
    if (step <= 0)
      fail(ErrorKind::Value, "slice(): step must be greater than zero; it is ", step, ". Use flip() for reversed order.");
    auto within = [&](int64_t bound) { return std::clamp<int64_t>(bound < 0 ? bound + size : bound, 0, size); };
    const int64_t start = args[2].is_none() ? 0 : within(args[2].integer());
    const int64_t end = std::max(start, args[3].is_none() ? size : within(args[3].integer()));
    whole.offset += start * whole.strides[dim];
    whole.sizes[dim] = (end - start) / step + ((end - start) % step != 0);
    (void)__builtin_mul_overflow(whole.strides[dim], step, &whole.strides[dim]);  // only where nothing is a step away
    return whole;
  }
  static void infer(Call& c) { show_part<slice>(c); }
  static void backward(Backward& b) { place_part<slice>(b); }
};
VIEW(slice)

struct narrow {
  static constexpr Record record = {
      .schema = "narrow(Tensor input, int dim, int start, int length) -> Tensor",
      .doc = "Elements start to start + length along dim.",
  };
  static Geometry part(Geometry whole, const Value* args) {
    const int count = whole.sizes.size();
    if (count == 0) fail(ErrorKind::Runtime, "narrow(): narrow() cannot be applied to a 0-dim tensor.");
    const int dim = wrap_dim(args[1].integer(), count, "narrow");
    const int64_t size = whole.sizes[dim], length = args[3].integer();
    int64_t start = args[2].integer();
    if (length < 0) fail(ErrorKind::Runtime, "narrow(): length must be non-negative; it is ", length, ".");
    if (start < -size || start > size)
      fail(ErrorKind::Index, "narrow(): start out of range (expected to be in range of [", -size, ", ", size, "], but got ",
           start, ").");
    if (start < 0) start += size;
    if (length > size - start)
      fail(ErrorKind::Runtime, "narrow(): start (", start, ") + length (", length, ") exceeds dimension size (", size, ").");
    whole.offset += start * whole.strides[dim];
    whole.sizes[dim] = length;
    return whole;
  }
  static void infer(Call& c) { show_part<narrow>(c); }
  static void backward(Backward& b) { place_part<narrow>(b); }
};
VIEW(narrow)

struct diagonal {
  static constexpr Record record = {
      .schema = "diagonal(Tensor input, int offset=0, int dim1=0, int dim2=1) -> Tensor",
      .doc = "The elements (i, i + offset) of dims dim1 and dim2, as a new last dim.",
  };
  static Geometry part(Geometry whole, const Value* args) {
    const int count = whole.sizes.size();
    const int rows = wrap_dim(args[2].integer(), count, "diagonal"), columns = wrap_dim(args[3].integer(), count, "diagonal");
    if (rows == columns)
      fail(ErrorKind::Runtime, "diagonal(): diagonal dimensions cannot be identical ", args[2].integer(), ", ",
           args[3].integer(), ".");
    const int64_t offset = args[1].integer();
    const int64_t height = whole.sizes[rows] + std::min<int64_t>(offset, 0),
                  width = whole.sizes[columns] - std::max<int64_t>(offset, 0);
    const int64_t length = std::max<int64_t>(0, std::min(height, width));
    const int64_t stride = whole.strides[rows] + whole.strides[columns];
    if (length) whole.offset += offset >= 0 ? offset * whole.strides[columns] : -offset * whole.strides[rows];
    for (const int dim : {std::max(rows, columns), std::min(rows, columns)}) {
      whole.sizes.erase(dim);
      whole.strides.erase(dim);
    }
    whole.sizes.push_back(length);
    whole.strides.push_back(stride);
    return whole;
  }
  static void infer(Call& c) { show_part<diagonal>(c); }
  static void backward(Backward& b) { place_part<diagonal>(b); }
};
VIEW(diagonal)

struct unfold {
  static constexpr Record record = {
      .schema = "unfold(Tensor input, int dimension, int size, int step) -> Tensor",
      .doc = "All windows of `size` elements along dimension, `step` apart; a window is a new last dim.",
      .where = kMethod,
  };
  static Geometry part(Geometry whole, const Value* args) {
    const int dim = wrap_dim(args[1].integer(), whole.sizes.size(), "unfold");
    const int64_t have = whole.sizes.empty() ? 1 : whole.sizes[dim], size = args[2].integer(), step = args[3].integer();
    if (size < 0) fail(ErrorKind::Runtime, "unfold(): size is ", size, " but must be >= 0.");
    if (size > have)
      fail(ErrorKind::Runtime, "unfold(): maximum size for tensor at dimension ", dim, " is ", have, " but size is ", size,
           ".");
    if (step <= 0) fail(ErrorKind::Runtime, "unfold(): step is ", step, " but must be > 0.");
    if (whole.sizes.empty()) return {Dims{size}, Dims{1}, whole.offset};
    const int64_t stride = whole.strides[dim];
    whole.sizes[dim] = (have - size) / step + 1;
    (void)__builtin_mul_overflow(stride, step, &whole.strides[dim]);
    whole.sizes.push_back(size);
    whole.strides.push_back(stride);
    return whole;
  }
  static void infer(Call& c) { show_part<unfold>(c); }
  static void backward(Backward& b) { place_part<unfold>(b); }
};
VIEW(unfold)

}  // namespace ember::views
