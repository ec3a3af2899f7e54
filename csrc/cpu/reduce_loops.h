// From a monoid to its loops, for one instruction set: included by csrc/cpu/kernels/reductions.cpp alone.
// Blocks are folded in lanes (independent accumulators, which the compiler turns into vectors), block results in the
// wider type: a float32 sum's error is that of 64 additions in float32, whatever its length.
#pragma once
#include <cstdint>

#include "op/monoid.h"

namespace ember {

namespace EMBER_ISA {

// 512 bytes of lanes: eight vectors of the widest kind hide the latency of a step.
template <class X> inline constexpr int lanes_of = 512 / int(sizeof(X));
constexpr int64_t kBlockSteps = 64;    // of one lane, before it is widened
constexpr int64_t kColumnBlock = 512;  // columns whose lanes stay in the first-level cache
constexpr int64_t kShortRow = 24;      // rows below it are folded 16 at a time

template <class To, class From>
EMBER_FN static To widen(From x) {
  if constexpr (is_complex<To> && !is_complex<From>) return To(typename To::Real(x), typename To::Real(0));
  else return To(x);
}

namespace {

template <class Op, class X>
struct MonoidLoops {
  using L = Lane<Op, X>;
  using S = Widened<L>;

  EMBER_FN static S fold(const X* x, int64_t n) {
    constexpr int lanes = lanes_of<X>;
    S total = Op::template init<S>();
    while (n > 0) {
      const int64_t block = n < lanes * kBlockSteps ? n : lanes * kBlockSteps;
      L lane[lanes];
      for (int k = 0; k < lanes; ++k) lane[k] = Op::template init<L>();
      int64_t i = 0;
      for (; i + lanes <= block; i += lanes)
        for (int k = 0; k < lanes; ++k) lane[k] = Op::template step<L>(lane[k], x[i + k]);
      for (int k = 0; i + k < block; ++k) lane[k] = Op::template step<L>(lane[k], x[i + k]);
      for (int width = lanes / 2; width > 0; width /= 2)
        for (int k = 0; k < width; ++k) lane[k] = Op::template merge<L>(lane[k], lane[k + width]);
      total = Op::template merge<S>(total, widen<S>(lane[0]));
      x += block;
      n -= block;
    }
    return total;
  }

  static void start(void* states, int64_t n) {
    S* state = static_cast<S*>(states);
    for (int64_t i = 0; i < n; ++i) state[i] = Op::template init<S>();
  }

  static void rows(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t, void* states) {
    const X* x = static_cast<const X*>(from);
    S* state = static_cast<S*>(states);
    int64_t r = 0;
    if (n < kShortRow) {
      for (; r + 16 <= rows; r += 16) {
        L lane[16];
        for (int k = 0; k < 16; ++k) lane[k] = Op::template init<L>();
        const X* block = x + r * stride;
        for (int64_t i = 0; i < n; ++i)
          for (int k = 0; k < 16; ++k) lane[k] = Op::template step<L>(lane[k], block[k * stride + i]);
        for (int k = 0; k < 16; ++k) state[r + k] = Op::template merge<S>(state[r + k], widen<S>(lane[k]));
      }
      for (; r < rows; ++r) {
        L lane = Op::template init<L>();
        for (int64_t i = 0; i < n; ++i) lane = Op::template step<L>(lane, x[r * stride + i]);
        state[r] = Op::template merge<S>(state[r], widen<S>(lane));
      }
      return;
    }
    for (; r < rows; ++r) state[r] = Op::template merge<S>(state[r], fold(x + r * stride, n));
  }

  EMBER_FN static void column_block(const X* x, int64_t stride, int64_t rows, int64_t n, S* state) {
    L lane[kColumnBlock];
    while (rows > 0) {
      const int64_t block = rows < kBlockSteps ? rows : kBlockSteps;
      for (int64_t k = 0; k < n; ++k) lane[k] = Op::template init<L>();
      int64_t r = 0;
      for (; r + 4 <= block; r += 4) {
        const X *a = x + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
        for (int64_t k = 0; k < n; ++k)
          lane[k] = Op::template step<L>(
              Op::template step<L>(Op::template step<L>(Op::template step<L>(lane[k], a[k]), b[k]), c[k]), d[k]);
      }
      for (; r < block; ++r)
        for (int64_t k = 0; k < n; ++k) lane[k] = Op::template step<L>(lane[k], x[r * stride + k]);
      for (int64_t k = 0; k < n; ++k) state[k] = Op::template merge<S>(state[k], widen<S>(lane[k]));
      x += block * stride;
      rows -= block;
    }
  }

  static void columns(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t, void* states) {
    const X* x = static_cast<const X*>(from);
    S* state = static_cast<S*>(states);
    // A few columns without gaps: several rows make one long row, whose parts meet at the end.
    const int64_t joined = stride == n && n <= kColumnBlock / 8 ? kColumnBlock / 2 / n : 1;
    if (joined > 1 && rows >= 2 * joined) {
      S wide[kColumnBlock];
      const int64_t long_rows = rows / joined;
      start(wide, n * joined);
      column_block(x, n * joined, long_rows, n * joined, wide);
      for (int64_t j = 0; j < joined; ++j) merge(states, wide + j * n, n);
      x += long_rows * joined * n;
      rows -= long_rows * joined;
    }
    for (int64_t k = 0; k < n; k += kColumnBlock)
      column_block(x + k, stride, rows, n - k < kColumnBlock ? n - k : kColumnBlock, state + k);
  }

  static void merge(void* states, const void* others, int64_t n) {
    S* state = static_cast<S*>(states);
    const S* other = static_cast<const S*>(others);
    for (int64_t i = 0; i < n; ++i) state[i] = Op::template merge<S>(state[i], other[i]);
  }

  using R = decltype(Op::template finish<S>(S(), 0.));

  static void finish(const void* states, void* const* outs, int64_t n, double count, double) {
    const S* state = static_cast<const S*>(states);
    R* out = static_cast<R*>(outs[0]);
    for (int64_t i = 0; i < n; ++i) out[i] = Op::template finish<S>(state[i], count);
  }

  static consteval ReductionLoop table() {
    return {int64_t(sizeof(S)), {dtype_of<R>, dtype_of<R>}, start, rows, columns, merge, finish};
  }
};

// Mean and squared deviations: of a block by two passes over it in the cache, of blocks by merging.
template <class X>
struct MomentLoops {
  struct S {
    double count, mean, squares;
  };

  EMBER_FN static S merged(const S& a, const S& b) {
    if (b.count == 0) return a;
    const double count = a.count + b.count, delta = b.mean - a.mean;
    return {count, a.mean + delta * (b.count / count), a.squares + b.squares + delta * delta * (a.count * b.count / count)};
  }
  // Of n numbers with sums of d and d^2, where d is the distance from `center`, any number near the mean.
  EMBER_FN static S around(double center, double sum, double squares, int64_t n) {
    return {double(n), center + sum / double(n), squares - sum * sum / double(n)};
  }

  EMBER_FN static S block(const X* x, int64_t n) {
    constexpr int lanes = lanes_of<X>;
    X first[lanes], second[lanes];
    for (int k = 0; k < lanes; ++k) first[k] = X(0);
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
      for (int k = 0; k < lanes; ++k) first[k] += x[i + k];
    for (int k = 0; i + k < n; ++k) first[k] += x[i + k];
    const X center = total(first) / X(n);
    for (int k = 0; k < lanes; ++k) first[k] = second[k] = X(0);
    for (i = 0; i + lanes <= n; i += lanes)
      for (int k = 0; k < lanes; ++k) {
        const X d = x[i + k] - center;
        first[k] += d;
        second[k] += d * d;
      }
    for (int k = 0; i + k < n; ++k) {
      const X d = x[i + k] - center;
      first[k] += d;
      second[k] += d * d;
    }
    return around(double(center), double(total(first)), double(total(second)), n);
  }
  EMBER_FN static X total(X* lane) {
    for (int width = lanes_of<X> / 2; width > 0; width /= 2)
      for (int k = 0; k < width; ++k) lane[k] += lane[k + width];
    return lane[0];
  }

  static void start(void* states, int64_t n) {
    S* state = static_cast<S*>(states);
    for (int64_t i = 0; i < n; ++i) state[i] = {0, 0, 0};
  }

  static void rows(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t, void* states) {
    constexpr int64_t longest = lanes_of<X> * kBlockSteps;
    S* state = static_cast<S*>(states);
    for (int64_t r = 0; r < rows; ++r) {
      const X* x = static_cast<const X*>(from) + r * stride;
      for (int64_t i = 0; i < n; i += longest) state[r] = merged(state[r], block(x + i, n - i < longest ? n - i : longest));
    }
  }

  static void columns(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t, void* states) {
    S* state = static_cast<S*>(states);
    X center[kColumnBlock], first[kColumnBlock], second[kColumnBlock];
    for (int64_t left = 0; left < n; left += kColumnBlock) {
      const int64_t cols = n - left < kColumnBlock ? n - left : kColumnBlock;
      for (int64_t top = 0; top < rows; top += kBlockSteps) {
        const int64_t height = rows - top < kBlockSteps ? rows - top : kBlockSteps;
        const X* x = static_cast<const X*>(from) + top * stride + left;
        for (int64_t k = 0; k < cols; ++k) first[k] = X(0);
        for (int64_t r = 0; r < height; ++r)
          for (int64_t k = 0; k < cols; ++k) first[k] += x[r * stride + k];
        for (int64_t k = 0; k < cols; ++k) {
          center[k] = first[k] / X(height);
          first[k] = second[k] = X(0);
        }
        for (int64_t r = 0; r < height; ++r)
          for (int64_t k = 0; k < cols; ++k) {
            const X d = x[r * stride + k] - center[k];
            first[k] += d;
            second[k] += d * d;
          }
        for (int64_t k = 0; k < cols; ++k)
          state[left + k] = merged(state[left + k], around(double(center[k]), double(first[k]), double(second[k]), height));
      }
    }
  }

  static void merge(void* states, const void* others, int64_t n) {
    S* state = static_cast<S*>(states);
    for (int64_t i = 0; i < n; ++i) state[i] = merged(state[i], static_cast<const S*>(others)[i]);
  }

  static void finish(const void* states, void* const* outs, int64_t n, double count, double correction) {
    const S* state = static_cast<const S*>(states);
    const double divisor = count > correction ? count - correction : 0;
    for (int64_t i = 0; i < n; ++i) {
      static_cast<double*>(outs[0])[i] = state[i].squares / divisor;
      static_cast<double*>(outs[1])[i] = count == 0 ? 0 / count : state[i].mean;
    }
  }

  static consteval ReductionLoop table() {
    return {int64_t(sizeof(S)), {DType::Float64, DType::Float64}, start, rows, columns, merge, finish};
  }
};

// The largest (Sign 1) or smallest (-1) element and where it stands first; a nan wins.
template <class X, int Sign, bool IndexOnly>
struct ExtremeLoops {
  struct S {
    X value;
    int64_t index;
  };

  EMBER_FN static bool better(X x, X best) { return ((Sign > 0 ? x > best : x < best) | (x != x)) & (best == best); }

  EMBER_FN static void offer(S& state, X value, int64_t index) {
    if (state.index < 0 || better(value, state.value)) state = {value, index};
  }

  EMBER_FN static X extreme_of(const X* x, int64_t n) {
    constexpr int lanes = lanes_of<X>;
    X lane[lanes];
    for (int k = 0; k < lanes; ++k) lane[k] = x[0];
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
      for (int k = 0; k < lanes; ++k) lane[k] = better(x[i + k], lane[k]) ? x[i + k] : lane[k];
    for (int k = 0; i + k < n; ++k) lane[k] = better(x[i + k], lane[k]) ? x[i + k] : lane[k];
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int k = 0; k < width; ++k) lane[k] = better(lane[k + width], lane[k]) ? lane[k + width] : lane[k];
    return lane[0];
  }

  EMBER_FN static int64_t first_place(const X* x, int64_t n, X value) {
    constexpr int lanes = lanes_of<X>;
    const bool nan = value != value;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      X hits = X(0);
      for (int k = 0; k < lanes; ++k) hits += (x[i + k] == value) | (nan & (x[i + k] != x[i + k])) ? X(1) : X(0);
      if (hits != X(0)) break;
    }
    for (; i < n; ++i)
      if (x[i] == value || (nan && x[i] != x[i])) return i;
    return 0;
  }

  static void start(void* states, int64_t n) {
    S* state = static_cast<S*>(states);
    for (int64_t i = 0; i < n; ++i) state[i] = {X(0), -1};
  }

  static void rows(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t base, void* states) {
    constexpr int64_t longest = lanes_of<X> * kBlockSteps;
    S* state = static_cast<S*>(states);
    for (int64_t r = 0; r < rows; ++r) {
      const X* x = static_cast<const X*>(from) + r * stride;
      for (int64_t i = 0; i < n; i += longest) {
        const int64_t length = n - i < longest ? n - i : longest;
        const X value = extreme_of(x + i, length);
        if (state[r].index < 0 || better(value, state[r].value))
          state[r] = {value, base + i + first_place(x + i, length, value)};
      }
    }
  }

  static void columns(const void* from, int64_t stride, int64_t rows, int64_t n, int64_t base, void* states) {
    S* state = static_cast<S*>(states);
    X value[kColumnBlock], place[kColumnBlock];  // of at most kBlockSteps rows: any type holds the place
    for (int64_t left = 0; left < n; left += kColumnBlock) {
      const int64_t cols = n - left < kColumnBlock ? n - left : kColumnBlock;
      for (int64_t top = 0; top < rows; top += kBlockSteps) {
        const int64_t height = rows - top < kBlockSteps ? rows - top : kBlockSteps;
        const X* x = static_cast<const X*>(from) + top * stride + left;
        for (int64_t k = 0; k < cols; ++k) value[k] = x[k], place[k] = X(0);
        for (int64_t r = 1; r < height; ++r)
          for (int64_t k = 0; k < cols; ++k) {
            const X here = x[r * stride + k];
            const bool wins = better(here, value[k]);
            value[k] = wins ? here : value[k];
            place[k] = wins ? X(r) : place[k];
          }
        for (int64_t k = 0; k < cols; ++k) offer(state[left + k], value[k], base + top + int64_t(place[k]));
      }
    }
  }

  static void merge(void* states, const void* others, int64_t n) {
    S* state = static_cast<S*>(states);
    const S* other = static_cast<const S*>(others);
    for (int64_t i = 0; i < n; ++i)
      if (other[i].index >= 0) offer(state[i], other[i].value, other[i].index);
  }

  static void finish(const void* states, void* const* outs, int64_t n, double, double) {
    const S* state = static_cast<const S*>(states);
    for (int64_t i = 0; i < n; ++i) {
      static_cast<int64_t*>(outs[IndexOnly ? 0 : 1])[i] = state[i].index;
      if constexpr (!IndexOnly) static_cast<X*>(outs[0])[i] = state[i].value;
    }
  }

  static consteval ReductionLoop table() {
    return {int64_t(sizeof(S)), {IndexOnly ? DType::Int64 : dtype_of<X>, DType::Int64}, start, rows, columns, merge, finish};
  }
};

}  // namespace

template <class Op, class X>
consteval ReductionLoop reduction_loop() {
  if constexpr (requires { Op::moments_state; }) return MomentLoops<X>::table();
  else if constexpr (requires { Op::extreme; }) return ExtremeLoops<X, Op::extreme, requires { Op::index_only; }>::table();
  else return MonoidLoops<Op, X>::table();
}

template <class Op>
consteval ReductionLoops reduction_loops() {
  ReductionLoops loops = {};
  loops.schema = Op::record.schema;
  if constexpr (Op::record.types & (kInteger | kBool)) loops.typed[0] = reduction_loop<Op, int64_t>();
  if constexpr (Op::record.types & kFloat) {
    loops.typed[1] = reduction_loop<Op, float>();
    loops.typed[2] = reduction_loop<Op, double>();
  }
  if constexpr (Op::record.types & kComplex) {
    loops.typed[3] = reduction_loop<Op, Complex<float>>();
    loops.typed[4] = reduction_loop<Op, Complex<double>>();
  }
  return loops;
}

}  // namespace EMBER_ISA
}  // namespace ember

#define EMBER_TEXT_(x) #x
#define EMBER_TEXT(x) EMBER_TEXT_(x)
#define EMBER_REDUCTION(op) \
  namespace EMBER_ISA { \
  [[gnu::section("ember_reductions_" EMBER_TEXT(EMBER_ISA)), \
    gnu::used]] static constinit const ReductionLoops reductions_##op = reduction_loops<op>(); \
  }
