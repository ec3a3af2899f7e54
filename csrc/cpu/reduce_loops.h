// From a monoid to its loops, for one instruction set: included by csrc/cpu/kernels/reductions.cpp alone.
// Blocks are folded in lanes (independent accumulators, which the compiler turns into vectors), block results in the
// wider type: a float32 sum's error is that of 64 additions in float32, whatever its length.
#pragma once
#include <cstdint>

#include "op/monoid.h"

namespace ember {

namespace EMBER_ISA {

// In bytes of lanes: four vectors of the widest kind.
template <class X> inline constexpr int lanes_of = 256 / int(sizeof(X));
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
          lane[k] = Op::template step<L>(Op::template step<L>(Op::template step<L>(Op::template step<L>(lane[k], a[k]), b[k]), c[k]), d[k]);
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

}  // namespace

template <class Op>
consteval ReductionLoops reduction_loops() {
  ReductionLoops loops = {};
  loops.schema = Op::record.schema;
  if constexpr ((Op::record.types & (kInteger | kBool)) && !requires { Op::floating; })
    loops.typed[0] = MonoidLoops<Op, int64_t>::table();
  if constexpr (Op::record.types & kFloat) {
    loops.typed[1] = MonoidLoops<Op, float>::table();
    loops.typed[2] = MonoidLoops<Op, double>::table();
  }
  if constexpr (Op::record.types & kComplex) {
    loops.typed[3] = MonoidLoops<Op, Complex<float>>::table();
    loops.typed[4] = MonoidLoops<Op, Complex<double>>::table();
  }
  return loops;
}

}  // namespace EMBER_ISA
}  // namespace ember

#define EMBER_TEXT_(x) #x
#define EMBER_TEXT(x) EMBER_TEXT_(x)
#define EMBER_REDUCTION(op)                                                                                  \
  namespace EMBER_ISA {                                                                                      \
  [[gnu::section("ember_reductions_" EMBER_TEXT(EMBER_ISA)), gnu::used]] static constinit const ReductionLoops \
      reductions_##op = reduction_loops<op>();                                                               \
  }
