// What the kernels of attention share: exponentials, and rows as they are computed with.
#pragma once
#include "cpu/attention_kernels.h"
#include "cpu/kernels/simd.h"
#include "cpu/tiles.h"
#include "cpu/types.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

template <class T>
EMBER_FN int64_t padded(int64_t width) {
  return (width + Simd<T>::lanes - 1) / Simd<T>::lanes * Simd<T>::lanes;
}
EMBER_FN int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

template <class T> constexpr DType compute_dtype = DType::Float32;
template <> constexpr DType compute_dtype<double> = DType::Float64;
template <class T> constexpr T infinity = T(__builtin_inf());

// exp(x) for x <= 0, as it is up to rounding, and 0 where that is no normal number: processors take a hundred cycles for
// each vector with a subnormal result.
EMBER_FN float weight_of(float x) {
  const float weight = series::exp_moderate(x < -87.0f ? -87.0f : x);
  return x < -87.0f ? 0.0f : weight;
}
EMBER_FN double weight_of(double x) {
  const double weight = exp(x < -708.0 ? -708.0 : x);
  return x < -708.0 ? 0.0 : weight;
}

// Rows are contiguous and whole vectors may be read from them.
template <class T>
struct Rows {
  T* data;
  int64_t row;
};

// The keys that the queries up to `last` see.
EMBER_FN int64_t visible_keys(const AttentionShape& shape, int64_t last) {
  return shape.causal ? least(shape.keys, last + 1) : shape.keys;
}

template <class T>
EMBER_FN T* take(char*& scratch, int64_t count) {
  T* room = reinterpret_cast<T*>(scratch);
  scratch += (count * int64_t(sizeof(T)) + 63) / 64 * 64;
  return room;
}

// ---- loading and storing

char* at(const AttentionShape& shape, const AttentionMatrix& matrix, int64_t row) {
  return static_cast<char*>(matrix.data) + row * matrix.row * shape.bytes;
}

// Rows [first, first + count) as T, where they lie or as a copy in `room` with columns of 0 behind.
template <class T>
Rows<const T> load_rows(const AttentionShape& shape, const AttentionMatrix& matrix, int64_t first, int64_t count, int64_t width,
                        T* room) {
  if (shape.dtype == compute_dtype<T> && matrix.col == 1 && width % Simd<T>::lanes == 0)
    return {reinterpret_cast<const T*>(at(shape, matrix, first)), matrix.row};
  const int64_t row = padded<T>(width);
  for (int64_t i = 0; i < count; ++i) {
    load_tile(at(shape, matrix, first + i), shape.dtype, matrix.col, room + i * row, compute_dtype<T>, width);
    for (int64_t x = width; x < row; ++x) room[i * row + x] = T(0);
  }
  return {room, row};
}

template <class T>
void store_rows(const AttentionShape& shape, const AttentionMatrix& matrix, int64_t first, int64_t count, int64_t width,
                Rows<const T> from) {
  for (int64_t i = 0; i < count; ++i)
    store_tile(from.data + i * from.row, compute_dtype<T>, at(shape, matrix, first + i), shape.dtype, matrix.col, width);
}

}  // namespace

}  // namespace ember::EMBER_ISA
