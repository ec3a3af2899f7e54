// Complex tensors seen as pairs of real numbers, and back.
#include "ops/views.h"

namespace ember::views {

namespace {

// A view with another element type; offset and strides count in that type.
Tensor retyped(const Tensor& tensor, DType dtype, Dims sizes, Dims strides, int64_t offset) {
  Tensor view = on_storage(tensor.storage(), dtype, offset, std::move(sizes), std::move(strides));
  view.body()->base = tensor.body()->base ? tensor.body()->base : Ref<TensorBody>(tensor.body());
  return view;
}

Tensor itself(const Tensor& tensor) { return view_of(tensor, tensor.sizes(), tensor.strides(), tensor.offset()); }

Dims doubled(const Dims& strides) {
  Dims result = strides;
  for (int64_t& stride : result) stride *= 2;
  return result;
}

Tensor part_of(const Tensor& tensor, int64_t part) {
  return retyped(tensor, real_of(tensor.dtype()), tensor.sizes(), doubled(tensor.strides()), tensor.offset() * 2 + part);
}

}  // namespace

struct real {
  static constexpr Record record = {
      .schema = "real(Tensor input) -> Tensor",
      .doc = "The real parts, as a view; a real tensor as it is.",
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    c.outputs[0] = is_complex_dtype(input.dtype()) ? part_of(input, 0) : itself(input);
  }
  static void backward(Backward& b) { b.set(0, b.gradient()); }
};
VIEW(real)

struct view_as_complex {
  static constexpr Record record = {
      .schema = "view_as_complex(Tensor input) -> Tensor",
      .doc = "Pairs of numbers in the last dim as complex numbers, on the same memory.",
      .types = kFloat,
      .where = kFunction,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (real_of(complex_of(input.dtype())) != input.dtype())
      fail(ErrorKind::Runtime, c.name(),
           "(): view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ",
           kDTypeFacts[int(input.dtype())].legacy, ".");
    const int last = input.dim() - 1;
    if (last < 0) fail(ErrorKind::Runtime, c.name(), "(): Input tensor must have one or more dimensions.");
    if (input.size(last) != 2)
      fail(ErrorKind::Runtime, c.name(), "(): Tensor must have a last dimension of size 2; its shape is ",
           to_string(input.sizes()), ".");
    if (input.stride(last) != 1)
      fail(ErrorKind::Runtime, c.name(), "(): Tensor must have a last dimension with stride 1; its strides are ",
           to_string(input.strides()), ".");
    Dims sizes = input.sizes(), strides = input.strides();
    sizes.erase(last);
    strides.erase(last);
    for (int64_t& stride : strides) {
      if (stride % 2)
        fail(ErrorKind::Runtime, c.name(),
             "(): Tensor must have a stride divisible by 2 for all but last dimension; its strides are ",
             to_string(input.strides()), ".");
      stride /= 2;
    }
    if (input.offset() % 2)
      fail(ErrorKind::Runtime, c.name(), "(): Tensor must have a storage_offset divisible by 2; it is ", input.offset(), ".");
    c.outputs[0] = retyped(input, complex_of(input.dtype()), sizes, strides, input.offset() / 2);
  }
  static void backward(Backward& b) {
    static Operation& view_as_real = named("view_as_real");
    static Operation& cast = named("_cast");
    const Tensor gradient =
        is_complex_dtype(b.gradient().dtype()) ? b.gradient() : run(cast, {b.gradient(), complex_of(b.gradient().dtype())});
    b.set(0, run(view_as_real, {gradient}));
  }
};
VIEW(view_as_complex)

struct view_as_real {
  static constexpr Record record = {
      .schema = "view_as_real(Tensor input) -> Tensor",
      .doc = "Complex numbers as pairs of numbers in a new last dim, on the same memory.",
      .types = kComplex,
      .where = kFunction,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (!is_complex_dtype(input.dtype()))
      fail(ErrorKind::Runtime, c.name(), "(): view_as_real is only supported for complex tensors; this one is ",
           name_of(input.dtype()), ".");
    Dims sizes = input.sizes(), strides = doubled(input.strides());
    sizes.push_back(2);
    strides.push_back(1);
    c.outputs[0] = retyped(input, real_of(input.dtype()), sizes, strides, input.offset() * 2);
  }
  static void backward(Backward& b) {
    static Operation& clone = named("clone");
    b.set(0, run<view_as_complex>(run(clone, {b.gradient(), "contiguous_format"})));
  }
};
VIEW(view_as_real)

struct imag {
  static constexpr Record record = {
      .schema = "imag(Tensor input) -> Tensor",
      .doc = "The imaginary parts of a complex tensor, as a view.",
      .types = kComplex,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    if (!is_complex_dtype(input.dtype()))
      fail(ErrorKind::Runtime, c.name(), "(): imag is not implemented for tensors with non-complex dtypes; this one is ",
           name_of(input.dtype()), ".");
    c.outputs[0] = part_of(input, 1);
  }
  static void backward(Backward& b) {
    static Operation& stack = named("stack");
    const Tensor zero = zeros(b.gradient().sizes(), b.gradient().dtype(), b.gradient().device());
    b.set(0, run<view_as_complex>(run(stack, {std::vector<Tensor>{zero, b.gradient()}, -1})));
  }
};
VIEW(imag)

void conj::infer(Call& c) {
  const Tensor input = c.tensor(0);
  if (!is_complex_dtype(input.dtype())) c.outputs[0] = itself(input);
  else if (is_dense(input) && !c.given)
    c.outputs[0] = empty_strided(input.sizes(), input.strides(), input.dtype(), input.device());
  else c.output(0, input.sizes(), input.dtype());
}
void conj::backward(Backward& b) { b.set(0, run<conj>(b.gradient())); }
KERNEL(conj)

struct _view_dtype {
  static constexpr Record record = {
      .schema = "_view_dtype(Tensor input, dtype dtype) -> Tensor",
      .doc = "The same bytes as elements of another type; the last dim grows or shrinks with their size.",
      .where = 0,
  };
  static void infer(Call& c) {
    const Tensor input = c.tensor(0);
    const DType dtype = c.arg(1).dtype();
    const int64_t from = int64_t(bytes_of(input.dtype())), to = int64_t(bytes_of(dtype));
    Dims sizes = input.sizes(), strides = input.strides();
    const int last = input.dim() - 1;
    if (from == to) {
      c.outputs[0] = retyped(input, dtype, sizes, strides, input.offset());
      return;
    }
    if (last < 0)
      fail(ErrorKind::Runtime, "view(): self.dim() cannot be 0 to view ", name_of(input.dtype()), " as ", name_of(dtype),
           " (different element sizes).");
    if (strides[last] != 1)
      fail(ErrorKind::Runtime, "view(): self.stride(-1) must be 1 to view ", name_of(input.dtype()), " as ", name_of(dtype),
           " (different element sizes), but got ", strides[last], ".");
    if (from < to) {
      const int64_t ratio = to / from;
      if (sizes[last] % ratio || input.offset() % ratio)
        fail(ErrorKind::Runtime, "view(): self.size(-1) and storage_offset must be divisible by ", ratio, " to view ",
             name_of(input.dtype()), " as ", name_of(dtype), "; they are ", sizes[last], " and ", input.offset(), ".");
      sizes[last] /= ratio;
      for (int i = 0; i < last; ++i) {
        if (strides[i] % ratio)
          fail(ErrorKind::Runtime, "view(): self.stride(", i, ") must be divisible by ", ratio, " to view ",
               name_of(input.dtype()), " as ", name_of(dtype), "; it is ", strides[i], ".");
        strides[i] /= ratio;
      }
      c.outputs[0] = retyped(input, dtype, sizes, strides, input.offset() / ratio);
    } else {
      const int64_t ratio = from / to;
      sizes[last] *= ratio;
      for (int i = 0; i < last; ++i) strides[i] *= ratio;
      c.outputs[0] = retyped(input, dtype, sizes, strides, input.offset() * ratio);
    }
  }
};
VIEW(_view_dtype)

}  // namespace ember::views
