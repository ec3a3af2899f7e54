// The largest of each window, and the gradient back to it.
#include "cpu/kernels/pooling_windows.h"

namespace ember::EMBER_ISA {

namespace {

template <class T>
constexpr T lowest() {
  if constexpr (Integer<T>) return T(uint64_t(1) << 63);
  else return -T(__builtin_inf());
}

// ---- channels innermost: a vector of channels at a time ----

// The largest of `lanes` windows, which begin `stride` numbers apart.
template <class T, class P, int lanes, int known = 1>
[[gnu::always_inline]] inline void largest_lanes(const T* x, int64_t stride, const Window& window, T* y, P* chosen) {
  using V = Lanes<T, lanes>;
  using I = Lanes<Word<T>, lanes>;
  V best = load_apart<known, lanes>(x + window.places[0].offset, stride);
  I number = I{} + Word<T>(window.places[0].number);
  for (int64_t i = 1; i < window.count; ++i) {
    const PoolPlace place = window.places[i];
    const V value = load_apart<known, lanes>(x + place.offset, stride);
    const auto better = (value > best) | (value != value);  // the last nan stays
    best = better ? value : best;
    number = better ? I{} + Word<T>(place.number) : number;
  }
  store(y, best);
  if (chosen) store(chosen, converted<P, lanes>(number));
}

template <class T, class P>
void largest_inner(const PoolTask& task, const T* x, T* y, P* chosen, int64_t begin, int64_t end, PoolPlace* scratch) {
  const int64_t channels = task.channels, out = task.axis[2].out, sample = positions(task) * channels;
  Row row(task, begin);
  for (int64_t r = begin; r < end; ++r, row.next(task)) {
    for (int64_t w = 0; w < out; ++w) {
      const Window window = window_at(task, row.d, row.h, w, scratch);
      const T* from = x + row.outer * sample + window.begin;
      const int64_t to = (r * out + w) * channels;
      by_lanes<T>(0, channels, [&]<int lanes>(int64_t c) __attribute__((always_inline)) {
        largest_lanes<T, P, lanes>(from + c, 1, window, y + to + c, chosen ? chosen + to + c : nullptr);
      });
    }
  }
}

template <class T, class P, bool overlapping>
void to_largest_inner(const PoolTask& task, const T* g, const P* chosen, T* gx, const ChannelBlock& block, PoolPlace* scratch) {
  const int64_t channels = task.channels;
  each_window(task, block, gx, scratch, [&](const Window& window, int64_t, int64_t, int64_t) __attribute__((always_inline)) {
    T* to = gx + window.begin;
    by_lanes<T>(block.first, block.last, [&]<int lanes>(int64_t c) __attribute__((always_inline)) {
      using V = Lanes<T, lanes>;
      const V value = load<V>(g + c);
      const auto number = converted<Word<T>, lanes>(load<Lanes<P, lanes>>(chosen + c));
      for (int64_t i = 0; i < window.count; ++i) {
        T* target = to + window.places[i].offset + c;
        const V part = number == Word<T>(window.places[i].number) ? value : V{};
        if constexpr (overlapping) store<V>(target, load<V>(target) + part);
        else store<V>(target, part);
      }
    });
    g += channels;
    chosen += channels;
  });
}

// ---- positions innermost: a vector of windows at a time ----

// The outputs [from, to) of a row one by one.
template <class T, class P>
void largest_singly(const PoolTask& task, const Row& row, const T* plane, T* y, P* chosen, int64_t from, int64_t to) {
  const PoolAxis& width = task.axis[2];
  for (int64_t w = from; w < to; ++w) {
    T best = lowest<T>();
    int64_t number = 0;
    each_input_row(task, row, [&](int64_t offset, int64_t first) __attribute__((always_inline)) {
      const T* x = plane + offset + width.begin[w];
      for (int64_t k = 0; k < width.count[w]; ++k) {
        const T value = x[k * width.dilation];
        const bool better = (value > best) | (value != value);
        best = better ? value : best;
        number = better ? first + k : number;
      }
    });
    y[w] = best;
    if (chosen) chosen[w] = P(number);
  }
}

template <class T, class P>
void largest_outer(const PoolTask& task, const T* x, T* y, P* chosen, int64_t begin, int64_t end, PoolPlace* scratch) {
  const int64_t out = task.axis[2].out, plane = positions(task), stride = task.axis[2].stride;
  Row row(task, begin);
  for (int64_t r = begin; r < end; ++r, row.next(task)) {
    const T* from = x + row.outer * plane;
    T* to = y + r * out;
    P* numbers = chosen ? chosen + r * out : nullptr;
    largest_singly(task, row, from, to, numbers, 0, task.low);
    largest_singly(task, row, from, to, numbers, task.high, out);
    if (task.low == task.high) continue;
    const Window window = window_at(task, row.d, row.h, task.low, scratch);
    from += window.begin;
    with_stride(stride, [&]<int known>() __attribute__((always_inline)) {
      by_lanes<T>(task.low, task.high, [&]<int lanes>(int64_t w) __attribute__((always_inline)) {
        largest_lanes<T, P, lanes, known>(from + (w - task.low) * stride, stride, window, to + w,
                                          numbers ? numbers + w : nullptr);
      });
    });
  }
}

template <class T, class P>
void to_largest_outer(const PoolTask& task, const T* g, const P* chosen, T* gx) {
  const PoolAxis &depth = task.axis[0], &height = task.axis[1], &width = task.axis[2];
  __builtin_memset(gx, 0, size_t(positions(task)) * sizeof(T));
  for (int64_t d = 0; d < depth.out; ++d)
    for (int64_t h = 0; h < height.out; ++h) {
      T* to = gx + depth.begin[d] * depth.step + height.begin[h] * height.step;
      for (int64_t w = 0; w < width.out; ++w) to[width.begin[w] + task.places[chosen[w]].offset] += g[w];
      g += width.out;
      chosen += width.out;
    }
}

// ---- types ----

template <class T, class P>
void largest(const PoolTask& task, const void* x, void* y, void* chosen, int64_t begin, int64_t end, PoolPlace* scratch) {
  const T* from = static_cast<const T*>(x);
  if (task.channels_inner) largest_inner(task, from, static_cast<T*>(y), static_cast<P*>(chosen), begin, end, scratch);
  else largest_outer(task, from, static_cast<T*>(y), static_cast<P*>(chosen), begin, end, scratch);
}

template <class T>
void largest_in(const PoolTask& task, const void* x, void* y, void* chosen, int64_t begin, int64_t end, PoolPlace* scratch) {
  if (task.wide) largest<T, int32_t>(task, x, y, chosen, begin, end, scratch);
  else largest<T, uint8_t>(task, x, y, chosen, begin, end, scratch);
}

template <class T, class P>
void to_largest(const PoolTask& task, const void* gradient, const void* numbers, void* result, int64_t blocks, int64_t begin,
                int64_t end, PoolPlace* scratch) {
  const T* g = static_cast<const T*>(gradient);
  const P* chosen = static_cast<const P*>(numbers);
  T* gx = static_cast<T*>(result);
  const int64_t in = positions(task), out = outputs(task), channels = task.channels;
  for (int64_t unit = begin; unit < end; ++unit) {
    if (!task.channels_inner) {
      to_largest_outer(task, g + unit * out, chosen + unit * out, gx + unit * in);
      continue;
    }
    const ChannelBlock block(task, blocks, unit);
    const T* sample_g = g + block.sample * out * channels;
    const P* sample_chosen = chosen + block.sample * out * channels;
    T* sample_gx = gx + block.sample * in * channels;
    if (task.overlapping) to_largest_inner<T, P, true>(task, sample_g, sample_chosen, sample_gx, block, scratch);
    else to_largest_inner<T, P, false>(task, sample_g, sample_chosen, sample_gx, block, scratch);
  }
}

template <class T>
void to_largest_in(const PoolTask& task, const void* g, const void* chosen, void* gx, int64_t blocks, int64_t begin,
                   int64_t end, PoolPlace* scratch) {
  if (task.wide) to_largest<T, int32_t>(task, g, chosen, gx, blocks, begin, end, scratch);
  else to_largest<T, uint8_t>(task, g, chosen, gx, blocks, begin, end, scratch);
}

}  // namespace

void pool_largest(const PoolTask& task, const void* x, void* y, void* chosen, int64_t begin, int64_t end, PoolPlace* scratch) {
  if (task.compute == DType::Float32) largest_in<float>(task, x, y, chosen, begin, end, scratch);
  else if (task.compute == DType::Float64) largest_in<double>(task, x, y, chosen, begin, end, scratch);
  else largest_in<int64_t>(task, x, y, chosen, begin, end, scratch);
}

void spread_to_largest(const PoolTask& task, const void* g, const void* chosen, void* gx, int64_t blocks, int64_t begin,
                       int64_t end, PoolPlace* scratch) {
  if (task.compute == DType::Float64) to_largest_in<double>(task, g, chosen, gx, blocks, begin, end, scratch);
  else to_largest_in<float>(task, g, chosen, gx, blocks, begin, end, scratch);
}

}  // namespace ember::EMBER_ISA
