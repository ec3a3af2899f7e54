// Convolutions on the CPU: activations are brought to channels-last order, oneDNN computes; what it has no fast kernel for
// (double precision, integers) is unfolded into matrix products.
#include "ops/convolution.h"

#include <algorithm>
#include <cstring>

#include "core/allocator.h"
#include "core/channels_last.h"
#include "cpu/gemm.h"
#include "cpu/onednn_convolution.h"
#include "cpu/parallel.h"
#include "cpu/types.h"

namespace ember {

namespace {

// The elements in channels-last order, of the type that is computed in.
Tensor channels_last(const Tensor& tensor, DType dtype) {
  const bool either = tensor.is_contiguous() && (tensor.size(1) == 1 || tensor.numel() == tensor.size(0) * tensor.size(1));
  if (tensor.dtype() == dtype && (either || is_channels_last(tensor))) return tensor;
  const Tensor ordered = empty_strided(tensor.sizes(), channels_last_strides(tensor.sizes()), dtype);
  copy_into(ordered, tensor);
  return ordered;
}

Tensor row_major(const Tensor& tensor, DType dtype) { return contiguous(to_dtype(tensor, dtype)); }

// ---- by matrix products ----

// Where kernel position `k` reads for output position `p`, in elements of one image's pixels; -1 in the padding.
struct Positions {
  const ConvolutionTask& t;
  int64_t operator()(int64_t p, int64_t k) const {
    int64_t pixel = 0, step = 1;
    for (int d = t.in.size() - 1; d >= 0; --d) {
      const int64_t at = p % t.out[d] * t.stride[d] + k % t.kernel[d] * t.dilation[d] - t.padding[d];
      if (at < 0 || at >= t.in[d]) return -1;
      pixel += at * step;
      step *= t.in[d];
      p /= t.out[d];
      k /= t.kernel[d];
    }
    return pixel;
  }
};

// One image and one group at a time; columns are (P, K, C / groups), the weight is (O, K, C / groups).
template <class T>
class Unfolded {
 public:
  explicit Unfolded(const ConvolutionTask& t)
      : t_(t),
        pixels_(t.in.product()),
        positions_(t.out.product()),
        kernel_(t.kernel.product()),
        columns_(t.channels / t.groups),
        rows_(t.outputs / t.groups),
        unfolded_(size_t(positions_ * kernel_ * columns_) * sizeof(T)),
        turned_(size_t(t.outputs * kernel_ * columns_) * sizeof(T)) {}

  void run() {
    const bool computes_weight = t_.part == ConvolutionPart::Weight;
    if (!computes_weight) turn(static_cast<const T*>(t_.weight), turned(), columns_, kernel_);
    else std::memset(turned(), 0, size_t(t_.outputs * kernel_ * columns_) * sizeof(T));
    if (t_.part == ConvolutionPart::Input) std::memset(t_.input, 0, size_t(t_.images * pixels_ * t_.channels) * sizeof(T));
    for (int64_t n = 0; n < t_.images; ++n)
      for (int64_t g = 0; g < t_.groups; ++g) one(n, g);
    if (!computes_weight) return;
    turn(turned(), static_cast<T*>(t_.weight), kernel_, columns_);
    if (t_.bias) sum_outputs();
  }

 private:
  T* columns() const { return static_cast<T*>(unfolded_.data()); }
  T* turned() const { return static_cast<T*>(turned_.data()); }

  // (O, a, b) to (O, b, a).
  void turn(const T* from, T* to, int64_t a, int64_t b) const {
    for (int64_t o = 0; o < t_.outputs; ++o)
      for (int64_t i = 0; i < a; ++i)
        for (int64_t j = 0; j < b; ++j) to[(o * b + j) * a + i] = from[(o * a + i) * b + j];
  }

  void one(int64_t n, int64_t g) {
    T* x = static_cast<T*>(t_.input) + n * pixels_ * t_.channels + g * columns_;
    T* y = static_cast<T*>(t_.output) + n * positions_ * t_.outputs + g * rows_;
    T* w = turned() + g * rows_ * kernel_ * columns_;
    const int64_t width = kernel_ * columns_;
    Product product;
    product.dtype = product.output_dtype = dtype_of<T>;
    if (t_.part == ConvolutionPart::Output) {
      unfold(x);
      product.m = positions_, product.n = rows_, product.k = width;
      product.a = {columns(), width, 1};
      product.b = {w, 1, width};
      product.c = {y, t_.outputs, 1};
      if (t_.bias) product.bias = static_cast<const T*>(t_.bias) + g * rows_;
      gemm(product);
    } else if (t_.part == ConvolutionPart::Input) {
      product.m = positions_, product.n = width, product.k = rows_;
      product.a = {y, t_.outputs, 1};
      product.b = {w, width, 1};
      product.c = {columns(), width, 1};
      gemm(product);
      fold(x);
    } else {
      unfold(x);
      product.m = rows_, product.n = width, product.k = positions_;
      product.a = {y, 1, t_.outputs};
      product.b = {columns(), width, 1};
      product.c = {w, width, 1};
      product.beta = 1;
      gemm(product);
    }
  }

  void unfold(const T* x) const {
    const Positions at{t_};
    parallel_for(positions_, std::max<int64_t>(1, parallel_work / (kernel_ * columns_)), [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p)
        for (int64_t k = 0; k < kernel_; ++k) {
          T* to = columns() + (p * kernel_ + k) * columns_;
          const int64_t pixel = at(p, k);
          if (pixel < 0) std::memset(to, 0, size_t(columns_) * sizeof(T));
          else std::memcpy(to, x + pixel * t_.channels, size_t(columns_) * sizeof(T));
        }
    });
  }

  void fold(T* x) const {
    const Positions at{t_};
    for (int64_t p = 0; p < positions_; ++p)
      for (int64_t k = 0; k < kernel_; ++k) {
        const int64_t pixel = at(p, k);
        const T* from = columns() + (p * kernel_ + k) * columns_;
        for (int64_t c = 0; pixel >= 0 && c < columns_; ++c) x[pixel * t_.channels + c] += from[c];
      }
  }

  void sum_outputs() const {
    T* sums = static_cast<T*>(t_.bias);
    const T* y = static_cast<const T*>(t_.output);
    std::fill_n(sums, t_.outputs, T(0));
    for (int64_t row = 0; row < t_.images * positions_; ++row)
      for (int64_t o = 0; o < t_.outputs; ++o) sums[o] += y[row * t_.outputs + o];
  }

  const ConvolutionTask& t_;
  const int64_t pixels_, positions_, kernel_, columns_, rows_;
  const Scratch unfolded_, turned_;
};

// ---- tasks ----

Dims spatial(const Dims& sizes) {
  Dims result;
  for (int d = 2; d < sizes.size(); ++d) result.push_back(sizes[d]);
  return result;
}

// A result in channels-last order. One that users see in row-major order hides it where memory and type allow.
class Activation {
 public:
  Activation(const Tensor& out, DType compute) : out_(out), in_place_(out.dtype() == compute) {
    if (in_place_ && !is_channels_last(out)) hide_channels_last(out);
    memory_ = in_place_ ? as_stored(out) : empty_strided(out.sizes(), channels_last_strides(out.sizes()), compute);
  }
  void* raw() const { return memory_.raw(); }
  void deliver() const {
    if (!in_place_) copy_into(out_, memory_);
  }

 private:
  Tensor out_, memory_;
  bool in_place_;
};

struct Sizes {
  Dims input, weight, output;  // of the tensors
};

struct Settings {
  Dims stride, padding, dilation;
  int64_t groups;
};

ConvolutionTask task_of(ConvolutionPart part, DType dtype, const Sizes& sizes, const Settings& settings) {
  return {part,
          dtype,
          sizes.input[0],
          sizes.input[1],
          sizes.weight[0],
          settings.groups,
          spatial(sizes.input),
          spatial(sizes.output),
          spatial(sizes.weight),
          settings.stride,
          settings.padding,
          settings.dilation,
          nullptr,
          nullptr,
          nullptr,
          nullptr};
}

void zero(const Tensor& tensor) {
  if (tensor.numel()) std::memset(tensor.raw(), 0, size_t(tensor.numel()) * bytes_of(tensor.dtype()));
}

// Runs `attempt` in the tensors' type, or in float32 where oneDNN has no kernel for 16 bits.
template <class Attempt>
void in_fitting_type(DType dtype, Attempt attempt) {
  if (attempt(dtype)) return;
  attempt(DType::Float32);
}

bool compute(const ConvolutionTask& task) {
  Unlocked unlocked(task.multiply_adds() > (1 << 18));
  if (onednn_convolution(task)) return true;
  if (task.dtype == DType::Float16 || task.dtype == DType::BFloat16) return false;
  dispatch_real(task.dtype, [&]<class T>() {
    if constexpr (!is_same<T, Half> && !is_same<T, BFloat16> && !is_same<T, bool>) Unfolded<T>(task).run();
  });
  return true;
}

}  // namespace

void convolution::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Settings settings{call.arg(3).ints(), call.arg(4).ints(), call.arg(5).ints(), call.arg(6).integer()};
  in_fitting_type(out.dtype(), [&](DType dtype) {
    const Tensor input = channels_last(call.tensor(0), dtype), weight = row_major(call.tensor(1), dtype);
    const Tensor bias = call.arg(2).is_tensor() ? row_major(call.tensor(2), dtype) : Tensor();
    ConvolutionTask task = task_of(ConvolutionPart::Output, dtype, {input.sizes(), weight.sizes(), out.sizes()}, settings);
    const Activation result(out, dtype);
    task.input = input.raw(), task.weight = weight.raw(), task.output = result.raw();
    task.bias = bias ? bias.raw() : nullptr;
    if (!compute(task)) return false;
    result.deliver();
    return true;
  });
}

void convolution_input::cpu(Call& call) {
  static Operation& add = named("add");
  static Operation& reshape = named("reshape");
  const Tensor out = call.out();
  if (call.args[0].body()->numel == 0) zero(out);
  else if (out.numel() == 0) return;
  else {
    const Settings settings{call.arg(4).ints(), call.arg(5).ints(), call.arg(6).ints(), call.arg(7).integer()};
    in_fitting_type(out.dtype(), [&](DType dtype) {
      const Tensor gradient = channels_last(call.tensor(0), dtype), weight = row_major(call.tensor(1), dtype);
      ConvolutionTask task = task_of(ConvolutionPart::Input, dtype, {out.sizes(), weight.sizes(), gradient.sizes()}, settings);
      const Activation result(out, dtype);
      task.input = result.raw(), task.weight = weight.raw(), task.output = gradient.raw();
      if (!compute(task)) return false;
      result.deliver();
      return true;
    });
  }
  if (!call.arg(2).is_tensor()) return;
  Dims shape(out.dim(), 1);
  shape[1] = out.size(1);
  NoGradient off;
  run_into(add, out, {out, run(reshape, {call.tensor(2), shape})});
}

void convolution_weight::cpu(Call& call) {
  const Tensor out = call.out(0), bias = call.out(1);
  if (out.numel() == 0 || call.args[0].body()->numel == 0) {
    zero(out);
    return zero(bias);
  }
  const Settings settings{call.arg(3).ints(), call.arg(4).ints(), call.arg(5).ints(), call.arg(6).integer()};
  in_fitting_type(out.dtype(), [&](DType dtype) {
    const Tensor gradient = channels_last(call.tensor(0), dtype), input = channels_last(call.tensor(1), dtype);
    const Tensor weights = out.dtype() == dtype ? out : empty(out.sizes(), dtype);
    const Tensor sums = out.dtype() == dtype ? bias : empty(bias.sizes(), dtype);
    ConvolutionTask task = task_of(ConvolutionPart::Weight, dtype, {input.sizes(), out.sizes(), gradient.sizes()}, settings);
    task.input = input.raw(), task.weight = weights.raw(), task.bias = sums.raw(), task.output = gradient.raw();
    if (!compute(task)) return false;
    if (!weights.same(out)) {
      copy_into(out, weights);
      copy_into(bias, sums);
    }
    return true;
  });
}

}  // namespace ember
