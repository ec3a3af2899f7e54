// group_norm over groups of channels and rms_norm over rows: staging, threads and the sums of the parameters' gradients.
#include "ops/sample_norms.h"

#include "cpu/norm_staging.h"
#include "cpu/sample_norm_kernels.h"

namespace ember {

namespace {

constexpr int64_t kLong = 1 << 17;  // elements from which on other Python threads may run

// (N, C, *) as rows of (N, groups), each of so many channels of `inner` elements.
struct Groups {
  int64_t rows, channels, inner, groups;
  Groups(const Dims& sizes, int64_t groups) : rows(sizes[0] * groups), channels(sizes[1] / groups), inner(1), groups(groups) {
    for (int i = 2; i < sizes.size(); ++i) inner *= sizes[i];
  }
  int64_t elements() const { return channels * inner; }
  int64_t first_channel(int64_t row) const { return row % groups * channels; }
  int64_t grain(int64_t cost) const { return std::max<int64_t>(1, parallel_work / cost / elements()); }
};

const char* element(const void* data, int64_t i, int64_t width) {
  return data ? static_cast<const char*>(data) + i * width : nullptr;
}
char* element(void* data, int64_t i, int64_t width) { return static_cast<char*>(data) + i * width; }

}  // namespace

void group_norm::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(call.tensor(0), compute), weight = staged(call.tensor(2), compute),
               bias = staged(call.tensor(3), compute);
  const Tensor target = target_for(out, compute);
  const Groups groups(input.sizes(), call.arg(1).integer());
  const int64_t width = int64_t(bytes_of(compute));
  double* mean = call.gradient ? call.out(1).data<double>() : nullptr;
  double* rstd = call.gradient ? call.out(2).data<double>() : nullptr;
  const void *source = input.raw(), *scale = data_of(weight), *shift = data_of(bias);
  void* sink = target.raw();
  {
    Unlocked unlocked(input.numel() > kLong);
    parallel_for(groups.rows, groups.grain(3), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t channel = groups.first_channel(r), at = r * groups.elements();
        const GroupRow row{
            groups.channels, groups.inner, call.arg(4).real(), element(scale, channel, width), element(shift, channel, width),
            compute};
        double moments[2];
        group_norm_row(row, element(source, at, width), element(sink, at, width), mean ? mean + r : moments,
                       rstd ? rstd + r : moments + 1);
      }
    });
  }
  deliver(out, target);
}

void group_norm_backward::cpu(Call& call) {
  const Tensor out = call.out();
  const DType compute = loop_dtype(out.dtype());
  const Tensor gradient = staged(call.tensor(0), compute), input = staged(call.tensor(1), compute),
               weight = staged(call.tensor(2), compute);
  const Tensor target = target_for(out, compute);
  const int64_t channels = out.size(1), width = int64_t(bytes_of(compute));
  std::vector<double> dots(size_t(std::max<int64_t>(1, out.size(0)) * channels)), sums(dots.size());  // (N, C)
  if (out.numel()) {
    const Groups groups(input.sizes(), call.sizes(3)[1]);
    const double *mean = call.tensor(3).data<double>(), *rstd = call.tensor(4).data<double>();
    const void *g = gradient.raw(), *x = input.raw(), *scale = data_of(weight);
    void* sink = target.raw();
    Unlocked unlocked(input.numel() > kLong);
    parallel_for(groups.rows, groups.grain(5), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = r * groups.elements(), first = r * groups.channels;
        const GroupRow row{groups.channels, groups.inner, 0, element(scale, groups.first_channel(r), width), nullptr, compute};
        group_norm_gradient(row, element(g, at, width), element(x, at, width), mean[r], rstd[r], element(sink, at, width),
                            dots.data() + first, sums.data() + first);
      }
    });
  }
  deliver(out, target);
  add_up(dots, channels, out.size(0));
  add_up(sums, channels, out.size(0));
  write_doubles(call.out(1), dots.data());
  write_doubles(call.out(2), sums.data());
}

void rms_norm::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(call.tensor(0), compute), weight = staged(call.tensor(2), compute);
  const Tensor target = target_for(out, compute);
  const int64_t n = call.arg(1).ints().product(), rows = input.numel() / n, width = int64_t(bytes_of(compute));
  std::vector<double> own(call.gradient ? 0 : size_t(rows));
  double* rstd = call.gradient ? call.out(1).data<double>() : own.data();
  const double eps = root_mean_square_eps(call.arg(3), compute);
  {
    Unlocked unlocked(input.numel() > kLong);
    parallel_for(rows, std::max<int64_t>(1, parallel_work / 2 / n), [&](int64_t begin, int64_t end) {
      const NormRows task{end - begin, n, eps, data_of(weight), nullptr, compute};
      rms_norm_rows(task, element(input.raw(), begin * n, width), element(target.raw(), begin * n, width), rstd + begin);
    });
  }
  deliver(out, target);
}

void rms_norm_backward::cpu(Call& call) {
  const Tensor out = call.out();
  const bool affine = call.arg(4).boolean();
  const DType compute = loop_dtype(out.dtype());
  const int64_t rows = call.tensor(3).numel(), n = rows ? out.numel() / rows : 0, width = int64_t(bytes_of(compute));
  const Chunks chunks(rows);
  const int64_t sums = affine ? call.out(1).numel() : 0;
  std::vector<double> parts(size_t(sums * std::max<int64_t>(1, chunks.count)));
  if (out.numel()) {
    const Tensor gradient = staged(call.tensor(0), compute), input = staged(call.tensor(1), compute),
                 weight = staged(call.tensor(2), compute);
    const Tensor target = target_for(out, compute);
    const double* rstd = call.tensor(3).data<double>();
    {
      Unlocked unlocked(input.numel() > kLong);
      parallel_for(chunks.count, std::max<int64_t>(1, parallel_work / 6 / (n * std::min(rows, chunks.size))),
                   [&](int64_t begin, int64_t end) {
                     const Scratch scratch(size_t(n * width));
                     for (int64_t chunk = begin; chunk < end; ++chunk) {
                       const int64_t first = chunk * chunks.size, count = std::min(chunks.size, rows - first), at = first * n;
                       const NormRows task{count, n, 0, data_of(weight), nullptr, compute};
                       rms_norm_gradient(task, element(gradient.raw(), at, width), element(input.raw(), at, width),
                                         rstd + first, element(target.raw(), at, width),
                                         affine ? parts.data() + chunk * n : nullptr, scratch.data());
                     }
                   });
    }
    deliver(out, target);
  }
  if (!affine) return;
  add_up(parts, sums, chunks.count);
  write_doubles(call.out(1), parts.data());
}

}  // namespace ember
