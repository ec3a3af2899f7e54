// layer_norm over rows and batch_norm over channels: staging, threads and statistics.
#include "ops/norms.h"

#include "core/channels_last.h"
#include "cpu/norm_kernels.h"
#include "cpu/norm_staging.h"
#include "op/reduction.h"

namespace ember {

// ---- layer_norm

void layer_norm::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(call.tensor(0), compute), weight = staged(call.tensor(2), compute),
               bias = staged(call.tensor(3), compute);
  const Tensor target = target_for(out, compute);
  const int64_t n = call.arg(1).ints().product(), rows = input.numel() / n, width = int64_t(bytes_of(compute));
  std::vector<double> own(call.gradient ? 0 : size_t(2 * rows));
  double* mean = call.gradient ? call.out(1).data<double>() : own.data();
  double* rstd = call.gradient ? call.out(2).data<double>() : own.data() + rows;
  Unlocked unlocked(input.numel() > (1 << 17));
  parallel_for(rows, std::max<int64_t>(1, parallel_work / 3 / n), [&](int64_t begin, int64_t end) {
    const NormRows task{end - begin, n, call.arg(4).real(), data_of(weight), data_of(bias), compute};
    layer_norm_rows(task, static_cast<char*>(input.raw()) + begin * n * width,
                    static_cast<char*>(target.raw()) + begin * n * width, mean + begin, rstd + begin);
  });
  deliver(out, target);
}

void layer_norm_backward::cpu(Call& call) {
  const Tensor out = call.out();
  const bool affine = call.arg(5).boolean();
  if (out.numel() == 0) {
    for (int i = 1; affine && i < 3; ++i)
      std::memset(call.out(i).raw(), 0, size_t(call.out(i).numel()) * bytes_of(call.out(i).dtype()));
    return;
  }
  const DType compute = loop_dtype(out.dtype());
  const Tensor gradient = staged(call.tensor(0), compute), input = staged(call.tensor(1), compute),
               weight = staged(call.tensor(2), compute);
  const Tensor target = target_for(out, compute);
  const int64_t rows = call.tensor(3).numel(), n = out.numel() / rows, width = int64_t(bytes_of(compute));
  const double *mean = call.tensor(3).data<double>(), *rstd = call.tensor(4).data<double>();
  const Chunks chunks(rows);
  std::vector<double> parts(affine ? size_t(2 * n * chunks.count) : 0);
  {
    Unlocked unlocked(input.numel() > (1 << 17));
    parallel_for(chunks.count, std::max<int64_t>(1, parallel_work / 8 / (n * std::min(rows, chunks.size))),
                 [&](int64_t begin, int64_t end) {
                   const Scratch scratch(size_t(2 * n * width));
                   for (int64_t chunk = begin; chunk < end; ++chunk) {
                     const int64_t first = chunk * chunks.size, count = std::min(chunks.size, rows - first),
                                   at = first * n * width;
                     const NormRows task{count, n, 0, data_of(weight), nullptr, compute};
                     double* sums = affine ? parts.data() + chunk * 2 * n : nullptr;
                     layer_norm_gradient(task, static_cast<char*>(gradient.raw()) + at, static_cast<char*>(input.raw()) + at,
                                         mean + first, rstd + first, static_cast<char*>(target.raw()) + at, sums,
                                         affine ? sums + n : nullptr, scratch.data());
                   }
                 });
  }
  deliver(out, target);
  if (!affine) return;
  add_up(parts, 2 * n, chunks.count);
  write_doubles(call.out(1), parts.data());
  write_doubles(call.out(2), parts.data() + n);
}

// ---- batch_norm

namespace {

// The elements as (outer, channels, inner): inner is 1 where the channels run in memory (channels_last, or no other dims).
struct ChannelLayout {
  int64_t outer, channels, inner;
  bool last;  // channels_last in memory

  explicit ChannelLayout(const Tensor& tensor) : channels(tensor.size(1)) {
    const int64_t others = channels ? tensor.numel() / channels : 0;
    last = is_channels_last(tensor);
    inner = last || tensor.size(0) == 0 ? 1 : others / tensor.size(0);
    outer = inner ? others / inner : 0;
  }
  int64_t units() const { return inner == 1 ? Chunks(outer).count : outer * channels; }
};

// `tensor` in the loops' type, laid out like `like`.
Tensor staged_like(const Tensor& tensor, const Tensor& like, DType compute) {
  if (tensor.dtype() == compute && tensor.strides() == like.strides()) return tensor;
  const Tensor copy = empty_strided(like.sizes(), like.strides(), compute);
  copy_into(copy, tensor);
  return copy;
}

// A layout that the loops know: as it is, or contiguous.
Tensor channel_order(const Tensor& tensor, DType compute) {
  const bool known = tensor.is_contiguous() || is_channels_last(tensor);
  return known ? staged_like(tensor, tensor, compute) : staged(tensor, compute);
}

std::vector<double> doubles_of(const Tensor& tensor, int64_t n, double standard) {
  std::vector<double> values(size_t(n), standard);
  if (!tensor) return values;
  const Tensor wide = staged(tensor, DType::Float64);
  std::copy(wide.data<double>(), wide.data<double>() + n, values.begin());
  return values;
}

struct Factors {
  const double *a, *b, *center, *c;
};

// out = a g + b (x - center) + c; g or x may be absent.
void combine(const ChannelLayout& layout, const Tensor& g, const Tensor& x, const Tensor& out, const Factors& f) {
  const DType compute = out.dtype();
  const int64_t width = int64_t(bytes_of(compute));
  const auto at = [&](const Tensor& tensor, int64_t element) {
    return tensor ? static_cast<char*>(tensor.raw()) + element * width : nullptr;
  };
  if (layout.inner == 1) {
    parallel_for(layout.outer, std::max<int64_t>(1, parallel_work / 2 / layout.channels), [&](int64_t begin, int64_t end) {
      const ChannelBlock block{end - begin, layout.channels, compute};
      const int64_t first = begin * layout.channels;
      combine_channels(block, at(g, first), at(x, first), at(out, first), f.a, f.b, f.center, f.c);
    });
    return;
  }
  parallel_for(layout.outer * layout.channels, std::max<int64_t>(1, parallel_work / 2 / layout.inner),
               [&](int64_t begin, int64_t end) {
                 const ChannelBlock block{layout.inner, 1, compute};
                 for (int64_t unit = begin; unit < end; ++unit) {
                   const int64_t channel = unit % layout.channels, first = unit * layout.inner;
                   combine_channels(block, at(g, first), at(x, first), at(out, first), f.a + channel, f.b + channel,
                                    f.center + channel, f.c + channel);
                 }
               });
}

// Sums of g and of g (x - center) for each channel.
void sums_of(const ChannelLayout& layout, const Tensor& g, const Tensor& x, const double* center, double* sums, double* dots) {
  const DType compute = g.dtype();
  const int64_t width = int64_t(bytes_of(compute)), channels = layout.channels;
  const auto at = [&](const Tensor& tensor, int64_t element) { return static_cast<char*>(tensor.raw()) + element * width; };
  if (layout.inner == 1) {
    const Chunks chunks(layout.outer);
    std::vector<double> parts(size_t(2 * channels * chunks.count));
    parallel_for(chunks.count, std::max<int64_t>(1, parallel_work / 2 / (channels * chunks.size)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t chunk = begin; chunk < end; ++chunk) {
                     const int64_t first = chunk * chunks.size, count = std::min(chunks.size, layout.outer - first);
                     double* own = parts.data() + chunk * 2 * channels;
                     sum_channels({count, channels, compute}, at(g, first * channels), at(x, first * channels), center, own,
                                  own + channels);
                   }
                 });
    add_up(parts, 2 * channels, chunks.count);
    std::copy(parts.begin(), parts.begin() + channels, sums);
    std::copy(parts.begin() + channels, parts.begin() + 2 * channels, dots);
    return;
  }
  parallel_for(channels, std::max<int64_t>(1, parallel_work / 2 / (layout.inner * layout.outer)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t channel = begin; channel < end; ++channel) {
                   sums[channel] = dots[channel] = 0;
                   for (int64_t outer = 0; outer < layout.outer; ++outer) {
                     const int64_t first = (outer * channels + channel) * layout.inner;
                     sum_channels({layout.inner, 1, compute}, at(g, first), at(x, first), center + channel, sums + channel,
                                  dots + channel);
                   }
                 }
               });
}

// The running value moves by momentum towards the batch's.
void move_running(const Tensor& running, const std::vector<double>& batch, double momentum) {
  if (!running) return;
  std::vector<double> values = doubles_of(running, int64_t(batch.size()), 0);
  const Tensor moved = empty({int64_t(batch.size())}, DType::Float64);
  for (size_t i = 0; i < batch.size(); ++i) moved.data<double>()[i] = (1 - momentum) * values[i] + momentum * batch[i];
  copy_into(running, moved);
}

}  // namespace

void batch_norm::cpu(Call& call) {
  const Tensor out = call.out();
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = channel_order(call.tensor(0), compute);
  const ChannelLayout layout(input);
  const int64_t channels = layout.channels, count = layout.outer * layout.inner;
  const bool training = call.arg(5).boolean();
  std::vector<double> mean, variance;
  if (training) {
    const Tensor results[] = {empty({channels}, DType::Float64), empty({channels}, DType::Float64)};  // variance, mean
    static const ReductionLoops* moments = find_reduction_loops(named("_moments").record->schema);
    reduce_cpu(*moments, input, ~uint64_t(2), compute, 0, results, 2);
    variance = doubles_of(results[0], channels, 0);
    mean = doubles_of(results[1], channels, 0);
    std::vector<double> unbiased = variance;
    for (double& value : unbiased) value *= double(count) / double(count - 1);
    move_running(call.tensor(1), mean, call.arg(6).real());
    move_running(call.tensor(2), unbiased, call.arg(6).real());
  } else {
    mean = doubles_of(call.tensor(1), channels, 0);
    variance = doubles_of(call.tensor(2), channels, 1);
  }
  const std::vector<double> weight = doubles_of(call.tensor(3), channels, 1), bias = doubles_of(call.tensor(4), channels, 0);
  std::vector<double> rstd(size_t(channels), 0.), scale(rstd.size());
  for (size_t i = 0; i < rstd.size(); ++i) {
    rstd[i] = 1 / sqrt(variance[i] + call.arg(7).real());
    scale[i] = rstd[i] * weight[i];
  }
  if (call.gradient) {
    write_doubles(call.out(1), mean.data());
    write_doubles(call.out(2), rstd.data());
  }
  if (out.numel() == 0) return;
  const bool direct = out.dtype() == compute && out.strides() == input.strides();
  const Tensor target = direct ? out : empty_strided(input.sizes(), input.strides(), compute);
  {
    Unlocked unlocked(input.numel() > (1 << 18));
    combine(layout, {}, input, target, {scale.data(), scale.data(), mean.data(), bias.data()});
  }
  deliver(out, target);
}

// With x^ = (x - mean) rstd over n elements: training gives w rstd (g - mean(g) - x^ mean(g x^)), evaluation w rstd g.
void batch_norm_backward::cpu(Call& call) {
  const Tensor out = call.out();
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = channel_order(call.tensor(1), compute);
  const Tensor gradient = staged_like(call.tensor(0), input, compute);
  const ChannelLayout layout(input);
  const size_t channels = size_t(layout.channels);
  const double n = double(layout.outer * layout.inner);
  const double *mean = call.tensor(3).data<double>(), *rstd = call.tensor(4).data<double>();
  const std::vector<double> weight = doubles_of(call.tensor(2), layout.channels, 1);
  std::vector<double> sums(channels), dots(channels), slope(channels), along(channels), even(channels);
  if (out.numel()) {
    Unlocked unlocked(input.numel() > (1 << 18));
    sums_of(layout, gradient, input, mean, sums.data(), dots.data());
  }
  for (size_t i = 0; i < channels; ++i) dots[i] *= rstd[i];
  write_doubles(call.out(1), dots.data());
  write_doubles(call.out(2), sums.data());
  if (out.numel() == 0) return;
  const bool training = call.arg(5).boolean();
  for (size_t i = 0; i < channels; ++i) {
    slope[i] = weight[i] * rstd[i];
    along[i] = -slope[i] * rstd[i] * dots[i] / n;
    even[i] = training ? -slope[i] * sums[i] / n : 0;
  }
  const bool direct = out.dtype() == compute && out.strides() == input.strides();
  const Tensor target = direct ? out : empty_strided(input.sizes(), input.strides(), compute);
  {
    Unlocked unlocked(input.numel() > (1 << 18));
    combine(layout, gradient, training ? input : Tensor(), target, {slope.data(), along.data(), mean, even.data()});
  }
  deliver(out, target);
}

}  // namespace ember
