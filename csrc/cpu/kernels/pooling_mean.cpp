// The mean of each window, and the gradient that spreads evenly over it.
#include "cpu/kernels/pooling_windows.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int64_t kTile = 256;  // channels, or outputs of a row, that are worked on together
constexpr int64_t kLong = 32;   // places from which on memory is read place by place, not channel by channel
constexpr int64_t kPart = 64;   // numbers that are added before their sum is

// Of integers, the least by -1 would stop the process.
template <class T, class V>
[[gnu::always_inline]] inline V quotient(V x, T divisor) {
  if constexpr (Integer<T>)
    if (divisor == -1) return V{} - x;
  return x / divisor;
}

// ---- channels innermost: a vector of channels at a time ----

// The means of `lanes` windows, which begin `stride` numbers apart.
template <class T, int lanes, int known = 1>
[[gnu::always_inline]] inline void mean_lanes(const T* x, int64_t stride, const Window& window, T divisor, T* y) {
  using V = Lanes<T, lanes>;
  V total{};
  for (int64_t i = 0; i < window.count;) {
    const int64_t stop = window.count - i < kPart ? window.count : i + kPart;
    V sum = load_apart<known, lanes>(x + window.places[i++].offset, stride);
    for (; i < stop; ++i) sum += load_apart<known, lanes>(x + window.places[i].offset, stride);
    total += sum;
  }
  store<V>(y, quotient(total, divisor));
}

// The same for all channels of a window of many places: those of one place lie together.
template <class T>
void mean_long(const T* x, const Window& window, T divisor, int64_t channels, T* y) {
  T total[kTile], sum[kTile];
  for (int64_t left = 0; left < channels; left += kTile) {
    const int64_t n = channels - left < kTile ? channels - left : kTile;
    for (int64_t k = 0; k < n; ++k) total[k] = T(0);
    for (int64_t i = 0; i < window.count;) {
      const int64_t stop = window.count - i < kPart ? window.count : i + kPart;
      for (int64_t k = 0; k < n; ++k) sum[k] = T(0);
      for (; i < stop; ++i) {
        const T* from = x + window.places[i].offset + left;
#pragma GCC ivdep
        for (int64_t k = 0; k < n; ++k) sum[k] += from[k];
      }
      for (int64_t k = 0; k < n; ++k) total[k] += sum[k];
    }
    for (int64_t k = 0; k < n; ++k) y[left + k] = quotient(total[k], divisor);
  }
}

template <class T>
void mean_inner(const PoolTask& task, const T* x, T* y, int64_t begin, int64_t end, PoolPlace* scratch) {
  const int64_t channels = task.channels, out = task.axis[2].out, sample = positions(task) * channels;
  Row row(task, begin);
  for (int64_t r = begin; r < end; ++r, row.next(task)) {
    for (int64_t w = 0; w < out; ++w) {
      const Window window = window_at(task, row.d, row.h, w, scratch);
      const T* from = x + row.outer * sample + window.begin;
      const T divisor = T(divisor_of(task, row.d, row.h, w));
      T* to = y + (r * out + w) * channels;
      if (window.count > kLong) {
        mean_long(from, window, divisor, channels, to);
        continue;
      }
      by_lanes<T>(0, channels, [&]<int lanes>(int64_t c) __attribute__((always_inline)) {
        mean_lanes<T, lanes>(from + c, 1, window, divisor, to + c);
      });
    }
  }
}

template <bool overlapping, class V, class T>
[[gnu::always_inline]] inline void put(T* to, V part) {
  if constexpr (overlapping) store<V>(to, load<V>(to) + part);
  else store<V>(to, part);
}

template <class T, bool overlapping>
void evenly_long(const T* g, const Window& window, T divisor, const ChannelBlock& block, T* gx) {
  T part[kTile];
  for (int64_t left = block.first; left < block.last; left += kTile) {
    const int64_t n = block.last - left < kTile ? block.last - left : kTile;
    for (int64_t k = 0; k < n; ++k) part[k] = g[left + k] / divisor;
    for (int64_t i = 0; i < window.count; ++i) {
      T* to = gx + window.places[i].offset + left;
      by_lanes<T>(0, n, [&]<int lanes>(int64_t k) __attribute__((always_inline)) {
        put<overlapping>(to + k, load<Lanes<T, lanes>>(part + k));
      });
    }
  }
}

template <class T, bool overlapping>
void evenly_inner(const PoolTask& task, const T* g, T* gx, const ChannelBlock& block, PoolPlace* scratch) {
  each_window(task, block, gx, scratch,
              [&](const Window& window, int64_t d, int64_t h, int64_t w) __attribute__((always_inline)) {
                T* to = gx + window.begin;
                const T divisor = T(divisor_of(task, d, h, w));
                if (window.count > kLong) evenly_long<T, overlapping>(g, window, divisor, block, to);
                else
                  by_lanes<T>(block.first, block.last, [&]<int lanes>(int64_t c) __attribute__((always_inline)) {
                    const Lanes<T, lanes> part = load<Lanes<T, lanes>>(g + c) / divisor;
                    for (int64_t i = 0; i < window.count; ++i) put<overlapping>(to + window.places[i].offset + c, part);
                  });
                g += task.channels;
              });
}

// ---- positions innermost: a vector of windows at a time ----

// The sum of contiguous numbers, in lanes that are added in pairs.
template <class T>
[[gnu::always_inline]] inline T sum_of(const T* x, int64_t n) {
  constexpr int lanes = kVectorBytes / int(sizeof(T));
  T sum = T(0);
  int64_t i = 0;
  if (n >= lanes) {
    Lanes<T, lanes> sums{};
    for (; i + lanes <= n; i += lanes) sums += load<Lanes<T, lanes>>(x + i);
    T parts[lanes];
    store(parts, sums);
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int k = 0; k < width; ++k) parts[k] += parts[k + width];
    sum = parts[0];
  }
  for (; i < n; ++i) sum += x[i];
  return sum;
}

// The outputs [from, to) of a row one by one.
template <class T>
void mean_singly(const PoolTask& task, const Row& row, const T* plane, T* y, int64_t from, int64_t to) {
  const PoolAxis& width = task.axis[2];
  for (int64_t w = from; w < to; ++w) {
    T sum = T(0);
    each_input_row(task, row, [&](int64_t offset, int64_t) __attribute__((always_inline)) {
      sum += sum_of(plane + offset + width.begin[w], width.count[w]);
    });
    y[w] = quotient(sum, T(divisor_of(task, row.d, row.h, w)));
  }
}

template <class T>
void mean_outer(const PoolTask& task, const T* x, T* y, int64_t begin, int64_t end, PoolPlace* scratch) {
  const int64_t out = task.axis[2].out, plane = positions(task), stride = task.axis[2].stride;
  Row row(task, begin);
  for (int64_t r = begin; r < end; ++r, row.next(task)) {
    const T* from = x + row.outer * plane;
    T* to = y + r * out;
    mean_singly(task, row, from, to, 0, task.low);
    mean_singly(task, row, from, to, task.high, out);
    if (task.low == task.high) continue;
    const Window window = window_at(task, row.d, row.h, task.low, scratch);
    from += window.begin;
    const T divisor = T(divisor_of(task, row.d, row.h, task.low));
    with_stride(stride, [&]<int known>() __attribute__((always_inline)) {
      by_lanes<T>(task.low, task.high, [&]<int lanes>(int64_t w) __attribute__((always_inline)) {
        mean_lanes<T, lanes, known>(from + (w - task.low) * stride, stride, window, divisor, to + w);
      });
    });
  }
}

// The outputs of [begin, end) whose place `k` of the kernel lies inside, [low, high), and the position of the first.
template <int known>
struct Run {
  int64_t low, high, from;
  Run(const PoolAxis& axis, int64_t k, int64_t begin, int64_t end) {
    const int64_t stride = known ? known : axis.stride, shift = k - axis.padding;
    low = shift < 0 ? (-shift + stride - 1) / stride : 0;
    high = axis.in > shift ? (axis.in - 1 - shift) / stride + 1 : 0;
    if (low < begin) low = begin;
    if (high > end) high = end;
    from = low * stride + shift;
  }
};

template <class T>
void evenly_from_row(const PoolTask& task, const Row& row, const T* g, T* gx) {
  const PoolAxis& width = task.axis[2];
  T part[kTile];
  for (int64_t begin = 0; begin < width.out; begin += kTile) {
    const int64_t end = width.out - begin < kTile ? width.out : begin + kTile;
    for (int64_t i = begin; i < end; ++i) part[i - begin] = g[i] / T(divisor_of(task, row.d, row.h, i));
    each_input_row(task, row, [&](int64_t offset, int64_t) __attribute__((always_inline)) {
      if (task.low == task.high) {  // long windows
        for (int64_t i = begin; i < end; ++i)
          for (int64_t k = 0; k < width.count[i]; ++k) gx[offset + width.begin[i] + k] += part[i - begin];
        return;
      }
      with_stride(width.stride, [&]<int known>() __attribute__((always_inline)) {
        const int64_t stride = known ? known : width.stride;
        // The places of the kernel that lie inside for some output of the row.
        for (int64_t k = width.first[width.out - 1]; k < width.first[0] + width.count[0]; ++k) {
          const Run<known> run(width, k, begin, end);
          T* to = gx + offset + run.from;
#pragma GCC ivdep
          for (int64_t i = run.low; i < run.high; ++i) to[(i - run.low) * stride] += part[i - begin];
        }
      });
    });
  }
}

template <class T>
void evenly_outer(const PoolTask& task, const T* g, T* gx) {
  __builtin_memset(gx, 0, size_t(positions(task)) * sizeof(T));
  const int64_t rows = task.axis[0].out * task.axis[1].out;
  Row row(task, 0);
  for (int64_t r = 0; r < rows; ++r, row.next(task)) evenly_from_row(task, row, g + r * task.axis[2].out, gx);
}

// ---- types ----

template <class T>
void mean(const PoolTask& task, const void* x, void* y, int64_t begin, int64_t end, PoolPlace* scratch) {
  if (task.channels_inner) mean_inner(task, static_cast<const T*>(x), static_cast<T*>(y), begin, end, scratch);
  else mean_outer(task, static_cast<const T*>(x), static_cast<T*>(y), begin, end, scratch);
}

template <class T>
void evenly(const PoolTask& task, const void* gradient, void* result, int64_t blocks, int64_t begin, int64_t end,
            PoolPlace* scratch) {
  const T* g = static_cast<const T*>(gradient);
  T* gx = static_cast<T*>(result);
  const int64_t in = positions(task), out = outputs(task), channels = task.channels;
  for (int64_t unit = begin; unit < end; ++unit) {
    if (!task.channels_inner) {
      evenly_outer(task, g + unit * out, gx + unit * in);
      continue;
    }
    const ChannelBlock block(task, blocks, unit);
    const T* sample_g = g + block.sample * out * channels;
    T* sample_gx = gx + block.sample * in * channels;
    if (task.overlapping) evenly_inner<T, true>(task, sample_g, sample_gx, block, scratch);
    else evenly_inner<T, false>(task, sample_g, sample_gx, block, scratch);
  }
}

}  // namespace

void pool_mean(const PoolTask& task, const void* x, void* y, int64_t begin, int64_t end, PoolPlace* scratch) {
  if (task.compute == DType::Float32) mean<float>(task, x, y, begin, end, scratch);
  else if (task.compute == DType::Float64) mean<double>(task, x, y, begin, end, scratch);
  else mean<int64_t>(task, x, y, begin, end, scratch);
}

void spread_evenly(const PoolTask& task, const void* g, void* gx, int64_t blocks, int64_t begin, int64_t end,
                   PoolPlace* scratch) {
  if (task.compute == DType::Float64) evenly<double>(task, g, gx, blocks, begin, end, scratch);
  else evenly<float>(task, g, gx, blocks, begin, end, scratch);
}

}  // namespace ember::EMBER_ISA
