// Vectors of the widest kind that the processor has, for kernels that place them by hand. For csrc/cpu/kernels alone.
#pragma once
#include <cstddef>
#include <cstdint>

#include "scalar/config.h"

namespace ember::EMBER_ISA {
namespace {

constexpr int vector_bytes = __BIGGEST_ALIGNMENT__;  // 64 with AVX-512, 32 with AVX

template <class T>
struct Simd {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  static constexpr int lanes = vector_bytes / int(sizeof(T));
  static constexpr int panel = 2 * lanes;
  EMBER_FN static Vector load(const T* from) { return *reinterpret_cast<const Unaligned*>(from); }
  EMBER_FN static void store(T* to, Vector x) { *reinterpret_cast<Unaligned*>(to) = x; }
};

template <size_t bytes>
struct LaneIndex;
template <>
struct LaneIndex<4> {
  using type = int32_t;
};
template <>
struct LaneIndex<8> {
  using type = int64_t;
};

// One stage of a transposition in registers: exchanges the blocks of Half x Half that lie off the diagonal.
template <int Half, class T, int Lanes>
EMBER_FN void exchange(typename Simd<T>::Vector (&rows)[Lanes]) {
  using Mask = typename Simd<typename LaneIndex<sizeof(T)>::type>::Vector;
  Mask low, high;
  for (int j = 0; j < Lanes; ++j) {
    low[j] = j & Half ? Lanes + j - Half : j;
    high[j] = j & Half ? Lanes + j : j + Half;
  }
#pragma GCC unroll 16
  for (int i = 0; i < Lanes; ++i) {
    if (i & Half) continue;
    const auto upper = rows[i], lower = rows[i + Half];
    rows[i] = __builtin_shuffle(upper, lower, low);
    rows[i + Half] = __builtin_shuffle(upper, lower, high);
  }
  if constexpr (2 * Half < Lanes) exchange<2 * Half, T, Lanes>(rows);
}

// to[p * to_row + j] = from[j * from_row + p] for p, j < lanes.
template <class T>
EMBER_FN void transpose_tile(T* to, int64_t to_row, const T* from, int64_t from_row) {
  constexpr int lanes = Simd<T>::lanes;
  typename Simd<T>::Vector rows[lanes];
#pragma GCC unroll 16
  for (int j = 0; j < lanes; ++j) rows[j] = Simd<T>::load(from + j * from_row);
  exchange<1, T, lanes>(rows);
#pragma GCC unroll 16
  for (int p = 0; p < lanes; ++p) Simd<T>::store(to + p * to_row, rows[p]);
}

// Into how many parts sums of products are cut on all processors, so that their bits are the same: a vector of the widest.
template <class T>
constexpr int64_t sum_parts = 64 / sizeof(T);

// One stage of it: each vector's upper half is added to its lower, and two make one.
template <int Half, class T, int Lanes>
EMBER_FN void add_halves(typename Simd<T>::Vector (&rows)[Lanes]) {
  using Mask = typename Simd<typename LaneIndex<sizeof(T)>::type>::Vector;
  Mask low, high;
  for (int j = 0; j < Lanes; ++j) {
    low[j] = j & Half ? Lanes + j - Half : j;
    high[j] = j & Half ? Lanes + j : j + Half;
  }
#pragma GCC unroll 8
  for (int i = 0; i < Half; ++i)
    rows[i] = __builtin_shuffle(rows[i], rows[i + Half], low) + __builtin_shuffle(rows[i], rows[i + Half], high);
  if constexpr (Half > 1) add_halves<Half / 2, T, Lanes>(rows);
}

// A vector with the sums of `lanes` vectors: part i is added to part i + lanes / 2, and so on.
template <class T>
EMBER_FN typename Simd<T>::Vector sums_of(typename Simd<T>::Vector (&rows)[Simd<T>::lanes]) {
  add_halves<Simd<T>::lanes / 2, T, Simd<T>::lanes>(rows);
  return rows[0];
}

}  // namespace
}  // namespace ember::EMBER_ISA
