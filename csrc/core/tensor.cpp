#include "core/tensor.h"

#include <algorithm>
#include <cstring>

#include "core/layout.h"

namespace ember {

void (*drop_python)(TensorBody*) = nullptr;

TensorBody::TensorBody() = default;
TensorBody::~TensorBody() {
  if (as_stored) --storage->readers;
}

GradientState& gradient_of(const Tensor& tensor) {
  if (!tensor.body()->gradient) tensor.body()->gradient = std::make_unique<GradientState>();
  return *tensor.body()->gradient;
}

Dims contiguous_strides(const Dims& sizes) {
  Dims strides(sizes.size());
  int64_t step = 1;
  for (int i = sizes.size() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= std::max<int64_t>(sizes[i], 1);
  }
  return strides;
}

bool is_contiguous(const Dims& sizes, const Dims& strides) {
  int64_t step = 1;
  for (int i = sizes.size() - 1; i >= 0; --i) {
    if (sizes[i] == 0) return true;
    if (sizes[i] != 1 && strides[i] != step) return false;
    step *= sizes[i];
  }
  return true;
}

int64_t count_elements(const Dims& sizes) {
  int64_t count = 1;
  bool overflow = false;
  for (int64_t size : sizes) {
    if (size == 0) return 0;
    overflow |= __builtin_mul_overflow(count, size, &count);
  }
  if (overflow) fail(ErrorKind::Runtime, "empty(): shape ", to_string(sizes), " has more than 2**63 elements.");
  return count;
}

bool is_dense(const Tensor& tensor) {
  if (tensor.is_contiguous()) return true;
  int order[kMaxDims];
  const int dims = tensor.dim();
  for (int i = 0; i < dims; ++i) order[i] = i;
  std::sort(order, order + dims, [&](int a, int b) { return tensor.stride(a) < tensor.stride(b); });
  int64_t step = 1;
  for (int i = 0; i < dims; ++i) {
    const int64_t size = tensor.size(order[i]);
    if (size == 1) continue;
    if (tensor.stride(order[i]) != step) return false;
    step *= size;
  }
  return true;
}

namespace {

void check_sizes(const Dims& sizes) {
  if (sizes.size() > kMaxDims)
    fail(ErrorKind::Runtime, "empty(): ", sizes.size(), " dimensions were asked for; a tensor has at most ", kMaxDims, ".");
  for (int64_t size : sizes)
    if (size < 0)
      fail(ErrorKind::Runtime, "empty(): size ", size, " in shape ", to_string(sizes), " is negative; sizes are 0 or more.");
}

size_t bytes_for(int64_t elements, DType dtype, const Dims& sizes) {
  int64_t bytes;
  if (__builtin_mul_overflow(elements, int64_t(bytes_of(dtype)), &bytes))
    fail(ErrorKind::Memory, "empty(): shape ", to_string(sizes), " of ", name_of(dtype), " needs more than 2**63 bytes.");
  return size_t(bytes);
}

}  // namespace

Tensor empty(const Dims& sizes, DType dtype, Device device) {
  check_sizes(sizes);
  Tensor tensor(new TensorBody);
  TensorBody& body = *tensor.body();
  body.dtype = dtype;
  body.device = device;
  body.numel = count_elements(sizes);
  body.sizes = sizes;
  body.strides = contiguous_strides(sizes);
  body.storage = allocate_storage(bytes_for(body.numel, dtype, sizes), device);
  return tensor;
}

Tensor empty_strided(const Dims& sizes, const Dims& strides, DType dtype, Device device) {
  check_sizes(sizes);
  Tensor tensor(new TensorBody);
  TensorBody& body = *tensor.body();
  body.dtype = dtype;
  body.device = device;
  body.numel = count_elements(sizes);
  body.sizes = sizes;
  body.strides = strides;
  body.contiguous = is_contiguous(sizes, strides);
  body.storage = allocate_storage(bytes_for(reach(sizes, strides), dtype, sizes), device);
  return tensor;
}

Tensor on_storage(const Ref<Storage>& storage, DType dtype, int64_t offset, Dims sizes, Dims strides) {
  Tensor tensor(new TensorBody);
  TensorBody& body = *tensor.body();
  body.dtype = dtype;
  body.device = storage->device;
  body.offset = offset;
  body.numel = count_elements(sizes);
  body.contiguous = is_contiguous(sizes, strides);
  body.sizes = std::move(sizes);
  body.strides = std::move(strides);
  body.storage = storage;
  return tensor;
}

Tensor view_of(const Tensor& tensor, Dims sizes, Dims strides, int64_t offset) {
  Tensor view = on_storage(tensor.storage(), tensor.dtype(), offset, std::move(sizes), std::move(strides));
  view.body()->base = tensor.body()->base ? tensor.body()->base : Ref<TensorBody>(tensor.body());
  return view;
}

Tensor detached(const Tensor& tensor) {
  return on_storage(tensor.storage(), tensor.dtype(), tensor.offset(), tensor.sizes(), tensor.strides());
}

namespace {

template <class From>
void store_number(const Tensor& tensor, From value) {
  visit_stored(tensor.dtype(), [&]<class T>() { *tensor.data<T>() = convert<T>(value); });
}

template <class To>
To read_number(const Tensor& tensor) {
  return visit_stored(tensor.dtype(), [&]<class T>() { return convert<To>(*tensor.data<T>()); });
}

}  // namespace

double Tensor::as_double() const { return read_number<double>(*this); }
int64_t Tensor::as_int() const { return read_number<int64_t>(*this); }

Tensor scalar(double value, DType dtype, Device device) {
  Tensor tensor = empty({}, dtype, device);
  if (device.type == DeviceType::Cpu) store_number(tensor, value);
  return tensor;
}

Tensor scalar(int64_t value, DType dtype, Device device) {
  Tensor tensor = empty({}, dtype, device);
  if (device.type == DeviceType::Cpu) store_number(tensor, value);
  return tensor;
}

void resize(const Tensor& tensor, const Dims& sizes) {
  check_sizes(sizes);
  TensorBody& body = *tensor.body();
  const int64_t count = count_elements(sizes);
  const size_t needed = bytes_for(body.offset + count, body.dtype, sizes);
  if (body.storage->channels < 0) lay_out_as_shown(*body.storage);  // of a sample in a vmap, which has no memory: an error
  if (count && needed > body.storage->bytes) body.storage->resize(needed);
  body.sizes = sizes;
  body.strides = contiguous_strides(sizes);
  body.numel = count;
  body.contiguous = true;
}

int wrap_dim(int64_t dim, int dims, const char* name) {
  const int range = std::max(dims, 1);
  if (dim < -range || dim >= range)
    fail(ErrorKind::Index, name, "(): Dimension out of range: dim ", dim, " of a ", dims, "-d tensor; expected [", -range, ", ",
         range - 1, "].");
  return int(dim < 0 ? dim + range : dim);
}

Dims wrap_dims(const Dims& dims, int count, const char* name) {
  Dims wrapped(dims.size());
  for (int i = 0; i < dims.size(); ++i) {
    wrapped[i] = wrap_dim(dims[i], count, name);
    for (int j = 0; j < i; ++j)
      if (wrapped[j] == wrapped[i])
        fail(ErrorKind::Runtime, name, "(): dim ", dims[i], " appears multiple times in ", to_string(dims), ".");
  }
  return wrapped;
}

Dims broadcast(const Dims& a, const Dims& b, const char* name) {
  const int dims = std::max(a.size(), b.size());
  Dims sizes(dims);
  for (int i = 1; i <= dims; ++i) {
    const int64_t left = i <= a.size() ? a[a.size() - i] : 1;
    const int64_t right = i <= b.size() ? b[b.size() - i] : 1;
    if (left != right && left != 1 && right != 1)
      fail(ErrorKind::Runtime, name, "(): shapes ", to_string(a), " and ", to_string(b), " do not broadcast: sizes ", left,
           " and ", right, " in dim -", i, "; expected equal sizes or 1.");
    sizes[dims - i] = left == 1 ? right : left;
  }
  return sizes;
}

Tensor expand(const Tensor& tensor, const Dims& sizes) {
  if (tensor.sizes() == sizes) return tensor;
  const int lead = sizes.size() - tensor.dim();
  if (lead < 0)
    fail(ErrorKind::Runtime, "expand(): shape ", to_string(sizes), " has fewer dimensions than the tensor of shape ",
         to_string(tensor.sizes()), ".");
  Dims wide = sizes;
  Dims strides(sizes.size());
  for (int i = 0; i < sizes.size(); ++i) {
    if (i < lead) {
      if (sizes[i] < 0)
        fail(ErrorKind::Runtime, "expand(): size ", sizes[i], " of a new leading dim in ", to_string(sizes),
             "; expected 0 or more.");
      continue;
    }
    const int64_t have = tensor.size(i - lead);
    if (sizes[i] == -1) wide[i] = have;
    if ((wide[i] != have && have != 1) || wide[i] < 0)
      fail(ErrorKind::Runtime, "expand(): size ", have, " in dim ", i - lead, " of shape ", to_string(tensor.sizes()),
           " does not expand to ", sizes[i], " of ", to_string(sizes), "; expected equal sizes or 1.");
    strides[i] = wide[i] == have ? tensor.stride(i - lead) : 0;
  }
  return view_of(tensor, std::move(wide), std::move(strides), tensor.offset());
}

}  // namespace ember
