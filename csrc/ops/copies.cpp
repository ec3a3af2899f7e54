#include "ops/copies.h"

#include <cstring>

#include "core/layout.h"

namespace ember::copies {

namespace {

[[noreturn]] void does_not_broadcast(const Call& c, const Tensor& source, const Dims& sizes) {
  fail(ErrorKind::Runtime, c.name(), c.inplace ? "_" : "", "(): src of shape ", to_string(source.sizes()),
       " does not broadcast to the shape ", to_string(sizes), " of input; expected sizes that are equal or 1.");
}

bool broadcasts_to(const Dims& from, const Dims& to) {
  const int lead = to.size() - from.size();
  if (lead < 0) return false;
  for (int i = 0; i < from.size(); ++i)
    if (from[i] != 1 && from[i] != to[i + lead]) return false;
  return true;
}

// The changed tensor as it is, whatever its layout: the kernels of these operations write any strides.
void output_like_input(Call& c) {
  const Tensor input = c.tensor(0);
  c.device = input.device();
  if (!c.given || !c.inplace) c.output(0, input.sizes(), input.dtype());
}

// Dense tensors keep their order in memory.
void output_in_order(Call& c, DType dtype) {
  const Tensor input = c.tensor(0);
  if (!c.given && !input.is_contiguous() && is_dense(input))
    c.outputs[0] = empty_strided(input.sizes(), input.strides(), dtype, c.device);
  else c.output(0, input.sizes(), dtype);
}

}  // namespace

void copy::infer(Call& c) {
  const Tensor source = c.tensor(1);
  if (!broadcasts_to(source.sizes(), c.sizes(0))) does_not_broadcast(c, source, c.sizes(0));
  output_like_input(c);
}
void copy::backward(Backward& b) {
  b.set(0, zeros(b.sizes(0), b.dtype(0), b.gradient().device()));
  b.set(1, b.gradient());
}
KERNEL(copy)

void fill::infer(Call& c) {
  if (c.arg(1).is_tensor() && c.sizes(1).size() != 0)
    fail(ErrorKind::Runtime, c.name(), c.inplace ? "_" : "", "(): value has shape ", to_string(c.sizes(1)),
         "; expected a number or a 0-dimensional tensor.");
  const DType from = c.arg(1).is_tensor()                  ? c.arg(1).body()->dtype
                     : c.arg(1).kind == ValueKind::Complex ? DType::Complex128
                                                           : DType::Float64;
  if (is_complex_dtype(from) && !is_complex_dtype(c.arg(0).body()->dtype))
    fail(ErrorKind::Runtime, c.name(), c.inplace ? "_" : "", "(): a complex value cannot be converted to ",
         name_of(c.arg(0).body()->dtype), " without overflow.");
  output_like_input(c);
}
void fill::backward(Backward& b) {
  b.set(0, zeros(b.sizes(0), b.dtype(0), b.gradient().device()));
  b.set(1, b.gradient());
}
KERNEL(fill)

void zero::infer(Call& c) { output_like_input(c); }
void zero::backward(Backward& b) { b.set(0, zeros(b.sizes(0), b.dtype(0), b.gradient().device())); }
KERNEL(zero)

void clone::infer(Call& c) {
  const Tensor input = c.tensor(0);
  if (c.arg(1).is_none()) return output_in_order(c, input.dtype());
  const std::string& format = c.arg(1).string();
  if (format == "preserve_format") return output_in_order(c, input.dtype());
  const Dims strides = strides_of_format(format, input.sizes(), c.name());
  c.hides_layout = false;  // users see the order that they asked for
  if (c.given || is_contiguous(input.sizes(), strides)) c.output(0, input.sizes(), input.dtype());
  else c.outputs[0] = empty_strided(input.sizes(), strides, input.dtype(), c.device);
}
void clone::backward(Backward& b) { b.set(0, b.gradient()); }
KERNEL(clone)

void _cast::infer(Call& c) { output_in_order(c, c.arg(1).dtype()); }
void _cast::backward(Backward& b) { b.set(0, b.gradient()); }
KERNEL(_cast)

namespace {

bool is_left_out(const Dims& sizes) { return sizes.size() == 1 && sizes[0] == 0; }

// The strides of channels last, where every tensor has them.
bool all_channels_last(const std::vector<Tensor>& tensors, const char* format) {
  for (const Tensor& tensor : tensors) {
    const int dims = std::strcmp(format, "channels_last") ? 5 : 4;
    if (tensor.dim() != dims || tensor.is_contiguous()) return false;
    if (tensor.strides() != strides_of_format(format, tensor.sizes(), "cat")) return false;
  }
  return true;
}

void check_list(const Call& c, const std::vector<Tensor>& tensors) {
  if (tensors.empty()) fail(ErrorKind::Value, c.name(), "(): expected a non-empty list of Tensors.");
  for (size_t i = 0; i < tensors.size(); ++i)
    if (!tensors[i]) fail(ErrorKind::Type, c.name(), "(): element ", i, " of tensors is None; expected a Tensor.");
}

}  // namespace

void cat::infer(Call& c) {
  const std::vector<Tensor>& tensors = c.arg(0).tensors();
  check_list(c, tensors);
  size_t leader = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].dim() == 0)
      fail(ErrorKind::Runtime, c.name(), "(): zero-dimensional tensor (at position ", i,
           ") cannot be concatenated. Use stack().");
    if (is_left_out(tensors[leader].sizes()) && !is_left_out(tensors[i].sizes())) leader = i;
  }
  Dims sizes = tensors[leader].sizes();
  const int dim = wrap_dim(c.arg(1).integer(), sizes.size(), c.name());
  sizes[dim] = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Dims& each = tensors[i].sizes();
    if (is_left_out(each)) continue;
    if (each.size() != sizes.size())
      fail(ErrorKind::Runtime, c.name(), "(): Tensors must have same number of dimensions: got ", sizes.size(), " and ",
           each.size(), " (tensor number ", i, ").");
    for (int d = 0; d < sizes.size(); ++d)
      if (d != dim && each[d] != sizes[d])
        fail(ErrorKind::Runtime, c.name(), "(): Sizes of tensors must match except in dimension ", dim, ". Expected size ",
             sizes[d], " but got size ", each[d], " for tensor number ", i, " in the list.");
    sizes[dim] += each[dim];
  }
  for (const char* format : {"channels_last", "channels_last_3d"})
    if (!c.given && all_channels_last(tensors, format)) {
      c.outputs[0] = empty_strided(sizes, strides_of_format(format, sizes, c.name()), c.dtype, c.device);
      return;
    }
  c.output(0, sizes, c.dtype);
}

void cat::backward(Backward& b) {
  static Operation& narrow = named("narrow");
  const std::vector<Tensor>& tensors = b.arg(0).tensors();
  const int dim = wrap_dim(b.arg(1).integer(), b.result_sizes.size(), "cat");
  int64_t start = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (is_left_out(tensors[i].sizes())) {
      b.set(0, zeros(tensors[i].sizes(), tensors[i].dtype(), tensors[i].device()), int(i));
      continue;
    }
    const int64_t length = tensors[i].size(dim);
    if (b.needs(0, int(i))) b.set(0, run(narrow, {b.gradient(), dim, start, length}), int(i));
    start += length;
  }
}
KERNEL(cat)

void stack::infer(Call& c) {
  const std::vector<Tensor>& tensors = c.arg(0).tensors();
  if (tensors.empty()) fail(ErrorKind::Runtime, c.name(), "(): stack expects a non-empty TensorList.");
  check_list(c, tensors);
  Dims sizes = tensors[0].sizes();
  for (size_t i = 1; i < tensors.size(); ++i)
    if (tensors[i].sizes() != sizes)
      fail(ErrorKind::Runtime, c.name(), "(): stack expects each tensor to be equal size, but got ", to_string(sizes),
           " at entry 0 and ", to_string(tensors[i].sizes()), " at entry ", i, ".");
  sizes.insert(wrap_dim(c.arg(1).integer(), sizes.size() + 1, c.name()), int64_t(tensors.size()));
  c.output(0, sizes, c.dtype);
}

void stack::backward(Backward& b) {
  static Operation& select = named("select");
  const std::vector<Tensor>& tensors = b.arg(0).tensors();
  for (size_t i = 0; i < tensors.size(); ++i)
    if (b.needs(0, int(i))) b.set(0, run(select, {b.gradient(), b.arg(1), int64_t(i)}), int(i));
}
KERNEL(stack)

void repeat::infer(Call& c) {
  const Dims& sizes = c.sizes(0);
  Dims result = c.arg(1).ints();
  const int lead = result.size() - sizes.size();
  if (lead < 0)
    fail(ErrorKind::Runtime, c.name(),
         "(): Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: repeats ",
         to_string(result), ", shape ", to_string(sizes), ".");
  for (int i = 0; i < result.size(); ++i) {
    if (result[i] < 0)
      fail(ErrorKind::Runtime, c.name(), "(): Trying to create tensor with negative dimension ", result[i], ": repeats ",
           to_string(result), "; expected 0 or more.");
    if (i >= lead) result[i] *= sizes[i - lead];
  }
  c.output(0, result, c.dtype);
}

// Each dim of the gradient falls apart into (repeats, size); the first is summed.
void repeat::backward(Backward& b) {
  static Operation& reshape = named("reshape");
  static Operation& sum = named("sum");
  const Dims& sizes = b.sizes(0);
  const Dims& repeats = b.arg(1).ints();
  const int lead = repeats.size() - sizes.size();
  Dims apart, dims;
  for (int i = 0; i < repeats.size(); ++i) {
    if (repeats[i] != 1 || i < lead) {
      dims.push_back(apart.size());
      apart.push_back(repeats[i]);
    }
    if (i >= lead) apart.push_back(sizes[i - lead]);
  }
  Tensor gradient = b.gradient();
  if (!dims.empty()) gradient = run(sum, {run(reshape, {gradient, apart}), dims});
  b.set(0, gradient);
}
KERNEL(repeat)

void flip::infer(Call& c) {
  wrap_dims(c.arg(1).ints(), c.sizes(0).size(), c.name());
  output_in_order(c, c.dtype);
}
void flip::backward(Backward& b) { b.set(0, run<flip>(b.gradient(), b.arg(1))); }
KERNEL(flip)

void roll::infer(Call& c) {
  const Dims& shifts = c.arg(1).ints();
  const int dims = c.arg(2).is_none() ? 0 : c.arg(2).ints().size();
  if (shifts.empty()) fail(ErrorKind::Runtime, c.name(), "(): `shifts` required; it is empty.");
  if (dims == 0 ? shifts.size() != 1 : shifts.size() != dims)
    fail(ErrorKind::Runtime, c.name(), "(): shifts and dimensions must align. shifts: ", shifts.size(), ", dims: ", dims, ".");
  for (int i = 0; i < dims; ++i) wrap_dim(c.arg(2).ints()[i], c.sizes(0).size(), c.name());
  c.output(0, c.sizes(0), c.dtype);
}
void roll::backward(Backward& b) {
  Dims back = b.arg(1).ints();
  for (int64_t& shift : back) shift = -shift;
  b.set(0, run<roll>(b.gradient(), back, b.arg(2)));
}
KERNEL(roll)

namespace {

void infer_triangle(Call& c) {
  if (c.sizes(0).size() < 2)
    fail(ErrorKind::Runtime, c.name(), "(): input tensor must have at least 2 dimensions; its shape is ", to_string(c.sizes(0)),
         ".");
  c.output(0, c.sizes(0), c.dtype);
}

}  // namespace

void tril::infer(Call& c) { infer_triangle(c); }
void tril::backward(Backward& b) { b.set(0, run<tril>(b.gradient(), b.arg(1))); }
KERNEL(tril)

void triu::infer(Call& c) { infer_triangle(c); }
void triu::backward(Backward& b) { b.set(0, run<triu>(b.gradient(), b.arg(1))); }
KERNEL(triu)

}  // namespace ember::copies
