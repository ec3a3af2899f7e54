// What the loops of pooling share: vectors, windows and rows. Read by pooling_largest.cpp and pooling_mean.cpp.
#pragma once
#include "cpu/pooling_kernels.h"
#include "scalar/types.h"

namespace ember::EMBER_ISA {

namespace {

// ---- vectors ----

constexpr int kVectorBytes = __BIGGEST_ALIGNMENT__;  // 64 with AVX-512, 32 with AVX

// `lanes` numbers next to each other; one is a plain number.
template <class T, int lanes>
struct Pack {
  typedef T Type __attribute__((vector_size(lanes * sizeof(T))));
};
template <class T>
struct Pack<T, 1> {
  typedef T Type;
};
template <class T, int lanes>
using Lanes = typename Pack<T, lanes>::Type;
// The integer as wide as T: what the places of a vector of T are numbered in.
template <int bytes>
struct WordOf {
  typedef int64_t Type;
};
template <>
struct WordOf<4> {
  typedef int32_t Type;
};
template <class T>
using Word = typename WordOf<sizeof(T)>::Type;

template <class V>
[[gnu::always_inline]] inline V load(const void* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}
template <class V>
[[gnu::always_inline]] inline void store(void* to, V value) {
  __builtin_memcpy(to, &value, sizeof value);
}
template <class To, int lanes, class V>
[[gnu::always_inline]] inline Lanes<To, lanes> converted(V value) {
  if constexpr (lanes == 1) return To(value);
  else return __builtin_convertvector(value, Lanes<To, lanes>);
}

// Calls f.operator()<lanes>(i) for i in [begin, end), in steps of `lanes` of T as wide as they fit.
template <class T, class F>
[[gnu::always_inline]] inline void by_lanes(int64_t begin, int64_t end, F f) {
  constexpr int lanes = kVectorBytes / int(sizeof(T)), quarter = lanes >= 8 ? lanes / 4 : 1;
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) f.template operator()<lanes>(i);
  for (; i + quarter <= end; i += quarter) f.template operator()<quarter>(i);
  for (; i < end; ++i) f.template operator()<1>(i);
}

// Strides 1 and 2 are known at compile time, which makes vectors of them.
template <class F>
[[gnu::always_inline]] inline void with_stride(int64_t stride, F f) {
  if (stride == 1) f.template operator()<1>();
  else if (stride == 2) f.template operator()<2>();
  else f.template operator()<0>();
}

// Every `stride`-th number: `known` of them where that is 1 or 2.
template <int known, int lanes, class T>
[[gnu::always_inline]] inline Lanes<T, lanes> load_apart(const T* x, int64_t stride) {
  using V = Lanes<T, lanes>;
  if constexpr (lanes == 1 || known == 1) {
    return load<V>(x);
  } else if constexpr (known == 2) {  // nothing is read behind the last
    Lanes<Word<T>, lanes> order;
    for (int k = 0; k < lanes; ++k) order[k] = Word<T>(k < lanes / 2 ? 2 * k : 2 * k + 1);
    return __builtin_shuffle(load<V>(x), load<V>(x + lanes - 1), order);
  } else {
    V values;
    for (int k = 0; k < lanes; ++k) values[k] = x[k * stride];
    return values;
  }
}

// ---- windows ----

// Where a window begins, and its places inside the input.
struct Window {
  int64_t begin = 0;
  const PoolPlace* places;
  int64_t count;
};

// A window that the border cuts off lists the places that are left in `scratch`.
[[gnu::noinline]] inline int64_t list_places(const PoolTask& task, const int64_t* counts, PoolPlace* scratch) {
  int64_t n = 0;
  for (int64_t d = 0; d < counts[0]; ++d)
    for (int64_t h = 0; h < counts[1]; ++h)
      for (int64_t w = 0; w < counts[2]; ++w)
        scratch[n++] = task.places[(d * task.axis[1].extent + h) * task.axis[2].extent + w];
  return n;
}

[[gnu::always_inline]] inline Window window_at(const PoolTask& task, int64_t d, int64_t h, int64_t w, PoolPlace* scratch) {
  const int64_t at[3] = {d, h, w};
  int64_t counts[3];
  bool whole = true;
  Window window;
  for (int k = 0; k < 3; ++k) {
    const PoolAxis& axis = task.axis[k];
    counts[k] = axis.count[at[k]];
    whole &= counts[k] == axis.extent;
    window.begin += axis.begin[at[k]] * axis.step;
  }
  window.places = whole ? task.places : scratch;
  window.count = whole ? task.place_count : list_places(task, counts, scratch);
  return window;
}

inline int64_t divisor_of(const PoolTask& task, int64_t d, int64_t h, int64_t w) {
  return task.divisor ? task.divisor : task.axis[0].divisor[d] * task.axis[1].divisor[h] * task.axis[2].divisor[w];
}

inline int64_t positions(const PoolTask& task) { return task.axis[0].in * task.axis[1].in * task.axis[2].in; }

inline int64_t outputs(const PoolTask& task) { return task.axis[0].out * task.axis[1].out * task.axis[2].out; }

// A row of outputs: which sample (or plane), and where in it.
struct Row {
  int64_t outer, d, h;
  Row(const PoolTask& task, int64_t row)
      : outer(row / (task.axis[0].out * task.axis[1].out)),
        d(row / task.axis[1].out % task.axis[0].out),
        h(row % task.axis[1].out) {}
  void next(const PoolTask& task) {
    if (++h < task.axis[1].out) return;
    h = 0;
    if (++d < task.axis[0].out) return;
    d = 0;
    ++outer;
  }
};

// The plane's rows that the windows of a row of outputs read: calls f(row of x, number of its first place).
template <class F>
[[gnu::always_inline]] inline void each_input_row(const PoolTask& task, const Row& row, F f) {
  const PoolAxis &depth = task.axis[0], &height = task.axis[1];
  for (int64_t d = 0; d < depth.count[row.d]; ++d)
    for (int64_t h = 0; h < height.count[row.h]; ++h)
      f((depth.begin[row.d] + d * depth.dilation) * depth.step + (height.begin[row.h] + h * height.dilation) * height.step,
        (d * height.extent + h) * task.axis[2].extent);
}

// The channels [first, last) of a sample, where a unit is one of `blocks` parts of it.
struct ChannelBlock {
  int64_t sample, first, last;
  ChannelBlock(const PoolTask& task, int64_t blocks, int64_t unit) : sample(unit / blocks) {
    first = task.channels * (unit % blocks) / blocks;
    last = task.channels * (unit % blocks + 1) / blocks;
  }
};

// Sets the positions [from, to) of a block's gradient to 0.
template <class T>
inline void clear(const PoolTask& task, const ChannelBlock& block, T* gx, int64_t from, int64_t to) {
  const size_t bytes = size_t(block.last - block.first) * sizeof(T);
  if (block.last - block.first == task.channels) __builtin_memset(gx + from * task.channels, 0, bytes * size_t(to - from));
  else
    for (int64_t p = from; p < to; ++p) __builtin_memset(gx + p * task.channels + block.first, 0, bytes);
}

// Calls f(window, d, h, w) for each window of a sample. Where windows leave gaps or overlap, its gradient is 0 before: in
// 2-d row by row, while the cache has it.
template <class T, class F>
[[gnu::always_inline]] inline void each_window(const PoolTask& task, const ChannelBlock& block, T* gx, PoolPlace* scratch,
                                               F f) {
  const PoolAxis &depth = task.axis[0], &height = task.axis[1];
  const bool by_rows = depth.in == 1;
  int64_t cleared = 0;  // rows
  if (!task.tiling && !by_rows) clear(task, block, gx, 0, positions(task));
  for (int64_t d = 0; d < depth.out; ++d)
    for (int64_t h = 0; h < height.out; ++h) {
      if (!task.tiling && by_rows) {
        const int64_t below = h + 1 == height.out ? height.in : height.begin[h] + (height.count[h] - 1) * height.dilation + 1;
        if (below > cleared) {
          clear(task, block, gx, cleared * task.axis[2].in, below * task.axis[2].in);
          cleared = below;
        }
      }
      for (int64_t w = 0; w < task.axis[2].out; ++w) f(window_at(task, d, h, w, scratch), d, h, w);
    }
}

}  // namespace

}  // namespace ember::EMBER_ISA
