#include "ops/pooling.h"

#include <algorithm>
#include <limits>

#include "core/channels_last.h"

namespace ember {

namespace {

constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();  // of a kernel's numbers, whose sums fit 64 bits then

// One number for each spatial dim from one number or so many.
Dims spread(const Pooling& pooling, const char* parameter, const Dims& numbers, int64_t least) {
  const int dims = pooling.dims;
  if (numbers.size() != 1 && numbers.size() != dims)
    fail(ErrorKind::Runtime, pooling.name, "(): ", parameter, " is ", to_string(numbers), "; expected one integer",
         dims == 1 ? "." : " or " + std::to_string(dims) + ".");
  for (int64_t number : numbers)
    if (number < least || number > kLargest)
      fail(ErrorKind::Runtime, pooling.name, "(): ", parameter, " is ", to_string(numbers), "; expected integers from ", least,
           " to ", kLargest, ".");
  return numbers.size() == 1 ? Dims(dims, numbers[0]) : numbers;
}

// A window that begins in the padding at the end does not count.
int64_t count_windows(const PoolDim& dim, bool ceil_mode) {
  const int64_t room = dim.in + 2 * dim.padding - dim.dilation * (dim.kernel - 1) - 1 + (ceil_mode ? dim.stride - 1 : 0);
  if (room < 0) return 0;
  const int64_t strides = room / dim.stride;
  return ceil_mode && strides * dim.stride >= dim.in + dim.padding ? strides : strides + 1;
}

// A window without a position of the input has no largest element. Only a first window between dilated places is so.
bool reaches_input(const PoolDim& dim) {
  for (int64_t o = 0; o < dim.out && o * dim.stride < dim.padding; ++o) {
    const int64_t outside = (dim.padding - o * dim.stride + dim.dilation - 1) / dim.dilation;
    if (o * dim.stride - dim.padding + outside * dim.dilation >= dim.in) return false;
  }
  return true;
}

void set_windows(Pooling& pooling, const Dims& kernel_size, const Value& strides, const Dims& paddings, const Dims& dilations,
                 bool ceil_mode) {
  const bool has_stride = !strides.is_none() && !strides.ints().empty();
  const Dims kernel = spread(pooling, "kernel_size", kernel_size, 1),
             stride = spread(pooling, "stride", has_stride ? strides.ints() : kernel, 1),
             padding = spread(pooling, "padding", paddings, 0), dilation = spread(pooling, "dilation", dilations, 1);
  bool fits = true, reaches = true;
  for (int i = 0; i < pooling.dims; ++i) {
    PoolDim& dim = pooling.dim[3 - pooling.dims + i];
    dim.kernel = kernel[i];
    dim.stride = stride[i];
    dim.padding = padding[i];
    dim.dilation = dilation[i];
    if (2 * dim.padding > dim.kernel)
      fail(ErrorKind::Runtime, pooling.name, "(): padding is ", to_string(padding), " with kernel_size ", to_string(kernel),
           "; expected at most half of the kernel.");
    dim.out = count_windows(dim, ceil_mode);
    fits &= dim.out > 0;
    reaches &= reaches_input(dim);
  }
  if (fits && reaches) return;
  Dims in;
  for (int i = 3 - pooling.dims; i < 3; ++i) in.push_back(pooling.dim[i].in);
  fail(ErrorKind::Runtime, pooling.name, "(): kernel_size ", to_string(kernel), " with padding ", to_string(padding),
       " and dilation ", to_string(dilation),
       fits ? " has a window outside the input of size " : " is larger than the input of size ", to_string(in),
       "; expected a window that fits. Pool less often, or take a smaller kernel.");
}

// Output sizes of adaptive and fractional pools.
void set_output(Pooling& pooling, const Dims& output_size) {
  const Dims out = spread(pooling, "output_size", output_size, 0);
  for (int i = 0; i < pooling.dims; ++i) {
    PoolDim& dim = pooling.dim[3 - pooling.dims + i];
    dim.out = out[i];
    dim.stride = 0;
  }
}

void check_types(const Call& call, const Pooling& pooling, bool integers) {
  const DType dtype = call.args[0].body()->dtype;
  if (!is_floating(dtype) && !(integers && is_integral(dtype)))
    fail(ErrorKind::NotImplemented, pooling.name, "(): not implemented for '", name_of(dtype),
         "' tensors; expected floating point", integers ? " or integer" : "", " ones.");
}

// Declares an output, its channels innermost in memory where asked.
void declare(Call& call, int i, const Dims& sizes, DType dtype, bool channels_last, bool hidden) {
  const Dims strides = channels_last_strides(sizes);
  const bool either = hidden && is_contiguous(sizes, strides);  // both orders are the same: users see row-major strides
  if (channels_last && !either) call.outputs[size_t(i)] = empty_strided(sizes, strides, dtype, call.device);
  else call.output(i, sizes, dtype);
}

// An output of a pool, which lies as its input.
void declare_like_input(Call& call, int i, const Pooling& pooling, DType dtype) {
  declare(call, i, pooling.output(), dtype, keeps_channels_last(call, pooling), call.hides_layout);
}

void infer_with_indices(Call& call, const Pooling& pooling, bool integers) {
  check_types(call, pooling, integers);
  declare_like_input(call, 0, pooling, call.args[0].body()->dtype);
  declare_like_input(call, 1, pooling, DType::Int64);
}

// What came from positions of the input goes back there, made of recorded operations.
Tensor put_back(const Backward& b, const Tensor& indices) {
  static Operation& reshape = named("reshape");
  static Operation& scatter_add = named("scatter_add");
  const Tensor& gradient = b.gradient();
  const int dims = Pooling(b.op, b.sizes(0)).dims;
  const auto flattened = [&](const Dims& shape) {  // (N, C, d1, ...) as (N, C, d1 ...)
    Dims flat;
    int64_t positions = 1;
    for (int i = 0; i < shape.size(); ++i)
      if (i < shape.size() - dims) flat.push_back(shape[i]);
      else positions *= shape[i];
    flat.push_back(positions);
    return flat;
  };
  const Dims flat = flattened(gradient.sizes());
  const Tensor blank = zeros(flattened(b.sizes(0)), gradient.dtype(), gradient.device());
  const Tensor added = run(scatter_add, {blank, -1, run(reshape, {indices, flat}), run(reshape, {gradient, flat})});
  return run(reshape, {added, b.sizes(0)});
}

// Output i tells the gradient how the input lies.
void note_order(Call& call, int i, const Pooling& pooling) {
  const bool last = keeps_channels_last(call, pooling);
  const PoolOrder order = !last               ? PoolOrder::RowMajor
                          : call.hides_layout ? PoolOrder::HiddenChannelsLast
                                              : PoolOrder::ChannelsLast;
  call.outputs[size_t(i)] = scalar(int64_t(order), DType::Int64, call.device);
}

int64_t noted_order(const Backward& b, int i) { return b.out(i).is_meta() ? 0 : b.out(i).as_int(); }

void infer_mean(Call& call, const Pooling& pooling, bool integers) {
  check_types(call, pooling, integers);
  declare_like_input(call, 0, pooling, call.args[0].body()->dtype);
  if (call.gradient) note_order(call, 1, pooling);
}

void infer_gradient(Call& call, int sizes_argument, int order_argument) {
  const PoolOrder order = PoolOrder(call.arg(order_argument).integer());
  declare(call, 0, call.arg(sizes_argument).ints(), call.args[0].body()->dtype, order != PoolOrder::RowMajor,
          order == PoolOrder::HiddenChannelsLast);
}

// Output i and the next tell the gradient of max_pool where the largest elements are.
void note_places(Call& call, int i, const Pooling& pooling) {
  int64_t places = 1;  // inside the input
  for (const PoolDim& dim : pooling.dim) places *= std::min(dim.kernel, dim.in);
  declare_like_input(call, i, pooling, places > 256 ? DType::Int32 : DType::UInt8);
  note_order(call, i + 1, pooling);
}

// The gradient from the places that output i told.
Tensor back_to_places(const Backward& b, int i) {
  const Tensor& g = b.gradient();
  const Value sizes = b.sizes(0), pool = b.op.schema.name;
  if (!modes.gradient) {
    static Operation& fused = operation<max_pool_backward>();
    return run(fused, {g, b.out(i), sizes, b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), pool, noted_order(b, i + 1)});
  }
  static Operation& find = operation<max_pool_positions>();
  return put_back(b, run(find, {b.out(i), sizes, b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), pool}));
}

}  // namespace

Pooling::Pooling(const Operation& op, const Dims& sizes)
    : name(op.public_name), dims(name[name.find("pool") + 4] - '0'), batched(sizes.size() == dims + 2) {
  name.resize(name.find("pool") + 6);  // the same with indices
  static const char* const shapes[] = {"(N, C, L) or (C, L)", "(N, C, H, W) or (C, H, W)", "(N, C, D, H, W) or (C, D, H, W)"};
  if (sizes.size() != dims + 1 && sizes.size() != dims + 2)
    fail(ErrorKind::Runtime, name, "(): input is ", sizes.size(), "-d (shape ", to_string(sizes), "); expected ",
         shapes[dims - 1], ".");
  for (int i = batched; i < sizes.size(); ++i)
    if (sizes[i] == 0)
      fail(ErrorKind::Runtime, name, "(): input of shape ", to_string(sizes), " is empty in dim ", i,
           "; expected sizes of 1 or more but for the batch.");
  batch = batched ? sizes[0] : 1;
  channels = sizes[batched];
  for (int i = 0; i < dims; ++i) dim[3 - dims + i].in = sizes[sizes.size() - dims + i];
}

bool keeps_channels_last(const Call& call, const Pooling& pooling) {
  return pooling.batched && is_channels_last(call.tensor(0));
}

Dims Pooling::output() const {
  Dims sizes;
  if (batched) sizes.push_back(batch);
  sizes.push_back(channels);
  for (int i = 3 - dims; i < 3; ++i) sizes.push_back(dim[i].out);
  return sizes;
}

Pooling max_pooling(const Operation& op, const Value* args, const Dims& sizes) {
  Pooling pooling(op, sizes);
  set_windows(pooling, args[0].ints(), args[1], args[2].ints(), args[3].ints(), args[4].boolean());
  return pooling;
}

Pooling avg_pooling(const Operation& op, const Value* args, const Dims& sizes) {
  Pooling pooling(op, sizes);
  set_windows(pooling, args[0].ints(), args[1], args[2].ints(), Dims{1}, args[3].boolean());
  if (pooling.dims > 1 && !args[5].is_none() && args[5].integer() == 0)
    fail(ErrorKind::Runtime, pooling.name, "(): divisor_override is 0; expected another integer.");
  return pooling;
}

Pooling adaptive_pooling(const Operation& op, const Value* args, const Dims& sizes) {
  Pooling pooling(op, sizes);
  set_output(pooling, args[0].ints());
  for (PoolDim& dim : pooling.dim)  // windows of one size
    if (dim.out > 0 && dim.in % dim.out == 0) dim.kernel = dim.stride = dim.in / dim.out;
  return pooling;
}

Pooling fractional_pooling(const Operation& op, const Value* args, const Dims& sizes) {
  Pooling pooling(op, sizes);
  set_output(pooling, args[1].ints());
  const Dims kernel = spread(pooling, "kernel_size", args[0].ints(), 1);
  for (int i = 0; i < pooling.dims; ++i) {
    PoolDim& dim = pooling.dim[3 - pooling.dims + i];
    dim.kernel = kernel[i];
    if (dim.out + dim.kernel - 1 > dim.in)
      fail(ErrorKind::Runtime, pooling.name, "(): output_size ", dim.out, " with kernel_size ", dim.kernel,
           " is too large for the input, whose size in dim ", sizes.size() - pooling.dims + i, " is ", dim.in,
           "; expected output_size + kernel_size - 1 to be at most that.");
  }
  const Dims& samples = args[2].body()->sizes;
  const Dims expected = {pooling.batch, pooling.channels, pooling.dims};
  if (samples != expected)
    fail(ErrorKind::Runtime, pooling.name, "(): _random_samples has shape ", to_string(samples), "; input of shape ",
         to_string(sizes), " expects ", to_string(expected), ".");
  return pooling;
}

// ---- the largest

void MaxPool::infer(Call& call) {
  const Pooling pooling = max_pooling(call.op, call.args + 1, call.sizes(0));
  check_types(call, pooling, true);
  declare_like_input(call, 0, pooling, call.args[0].body()->dtype);
  if (call.gradient) note_places(call, 1, pooling);
}
void MaxPool::backward(Backward& b) { b.set(0, back_to_places(b, 1)); }
KERNEL(max_pool1d)
KERNEL(max_pool2d)
KERNEL(max_pool3d)

void MaxPoolWithIndices::infer(Call& call) {
  const Pooling pooling = max_pooling(call.op, call.args + 1, call.sizes(0));
  infer_with_indices(call, pooling, true);
  if (call.gradient) note_places(call, 2, pooling);
}
void MaxPoolWithIndices::backward(Backward& b) { b.set(0, back_to_places(b, 2)); }
KERNEL(max_pool1d_with_indices)
KERNEL(max_pool2d_with_indices)
KERNEL(max_pool3d_with_indices)

void max_pool_backward::infer(Call& call) { infer_gradient(call, 2, 9); }
KERNEL(max_pool_backward)

void max_pool_positions::infer(Call& call) {
  declare(call, 0, call.sizes(0), DType::Int64, is_channels_last(call.tensor(0)), call.hides_layout);
}
KERNEL(max_pool_positions)

void AdaptiveMaxPool::infer(Call& call) {
  infer_with_indices(call, adaptive_pooling(call.op, call.args + 1, call.sizes(0)), false);
}
void AdaptiveMaxPool::backward(Backward& b) { b.set(0, put_back(b, b.out(1))); }
KERNEL(adaptive_max_pool1d)
KERNEL(adaptive_max_pool2d)
KERNEL(adaptive_max_pool3d)

void FractionalMaxPool::infer(Call& call) {
  infer_with_indices(call, fractional_pooling(call.op, call.args + 1, call.sizes(0)), false);
}
void FractionalMaxPool::backward(Backward& b) { b.set(0, put_back(b, b.out(1))); }
KERNEL(fractional_max_pool2d)
KERNEL(fractional_max_pool3d)

// ---- the mean

void AvgPool::infer(Call& call) { infer_mean(call, avg_pooling(call.op, call.args + 1, call.sizes(0)), true); }
void AvgPool::backward(Backward& b) {
  static Operation& fused = operation<avg_pool_backward>();
  const Value divisor = b.op.schema.find("divisor_override") < 0 ? Value() : b.arg(6);
  b.set(0, run(fused, {b.gradient(), b.sizes(0), b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), divisor, b.op.schema.name,
                       noted_order(b, 1)}));
}
KERNEL(avg_pool1d)
KERNEL(avg_pool2d)
KERNEL(avg_pool3d)

void avg_pool_backward::infer(Call& call) { infer_gradient(call, 1, 9); }
void avg_pool_backward::backward(Backward& b) {
  const Operation& pool = named(b.arg(8).string());
  if (pool.schema.find("divisor_override") < 0)
    return b.set(0, run(pool, {b.gradient(), b.arg(2), b.arg(3), b.arg(4), b.arg(5), b.arg(6)}));
  b.set(0, run(pool, {b.gradient(), b.arg(2), b.arg(3), b.arg(4), b.arg(5), b.arg(6), b.arg(7)}));
}
KERNEL(avg_pool_backward)

void AdaptiveAvgPool::infer(Call& call) { infer_mean(call, adaptive_pooling(call.op, call.args + 1, call.sizes(0)), false); }
void AdaptiveAvgPool::backward(Backward& b) {
  static Operation& fused = operation<adaptive_avg_pool_backward>();
  b.set(0, run(fused, {b.gradient(), b.sizes(0), b.arg(1), b.op.schema.name, noted_order(b, 1)}));
}
KERNEL(adaptive_avg_pool1d)
KERNEL(adaptive_avg_pool2d)
KERNEL(adaptive_avg_pool3d)

void adaptive_avg_pool_backward::infer(Call& call) { infer_gradient(call, 1, 4); }
void adaptive_avg_pool_backward::backward(Backward& b) { b.set(0, run(named(b.arg(3).string()), {b.gradient(), b.arg(2)})); }
KERNEL(adaptive_avg_pool_backward)

}  // namespace ember
