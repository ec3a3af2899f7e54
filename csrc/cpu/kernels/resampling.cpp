#if EMBER_MULTI_ISA  // x86: the general tuning puts vectors together from single elements, which takes twice as long as gathers
#pragma GCC target("tune=skylake-avx512")
#endif

#include "cpu/resampling_kernels.h"

namespace ember::EMBER_ISA {

namespace {

// y (+)= the sum of `count` rows, the first of them at x[0].
template <int count, bool adds, class T>
void weigh(const T* const* x, const T* weights, T* y, int64_t n) {
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    T sum = weights[0] * x[0][j];
    if constexpr (adds) sum += y[j];
    if constexpr (count > 1) sum += weights[1] * x[1][j];
    if constexpr (count > 2) sum += weights[2] * x[2][j];
    if constexpr (count > 3) sum += weights[3] * x[3][j];
    y[j] = sum;
  }
}

template <bool adds, class T>
void weigh_some(int64_t count, const T* const* x, const T* weights, T* y, int64_t n) {
  switch (count) {
    case 1: return weigh<1, adds>(x, weights, y, n);
    case 2: return weigh<2, adds>(x, weights, y, n);
    case 3: return weigh<3, adds>(x, weights, y, n);
    default: return weigh<4, adds>(x, weights, y, n);
  }
}

template <class T>
void weigh_rows_of(const T* x, int64_t stride, const T* weights, int64_t taps, T* y, int64_t n) {
  const T* rows[4];
  T used[4];
  int64_t count = 0;
  bool adds = false;
  for (int64_t k = 0; k < taps; ++k) {
    if (weights[k] != 0) {
      rows[count] = x + k * stride;
      used[count++] = weights[k];
    }
    if (count < 4 && k + 1 < taps) continue;
    if (count == 0) break;
    if (adds) weigh_some<true>(count, rows, used, y, n);
    else weigh_some<false>(count, rows, used, y, n);
    adds = true;
    count = 0;
  }
  if (!adds)
    for (int64_t j = 0; j < n; ++j) y[j] = 0;
}

// y (+)= the sum of `count` of the columns' neighbours.
template <int count, bool adds, class T>
void weigh_neighbours(const T* x, const int32_t* first, const T* weights, T* y, int64_t n) {
#pragma GCC ivdep
  for (int64_t o = 0; o < n; ++o) {
    T sum = weights[o] != 0 ? weights[o] * x[first[o]] : T(0);
    for (int k = 1; k < count; ++k) {
      const T weight = weights[k * n + o], value = x[first[o] + k];
      sum += weight != 0 ? weight * value : T(0);
    }
    if constexpr (adds) sum += y[o];
    y[o] = sum;
  }
}

template <bool adds, class T>
void weigh_some_neighbours(int64_t count, const T* x, const int32_t* first, const T* weights, T* y, int64_t n) {
  switch (count) {
    case 1: return weigh_neighbours<1, adds>(x, first, weights, y, n);
    case 2: return weigh_neighbours<2, adds>(x, first, weights, y, n);
    case 3: return weigh_neighbours<3, adds>(x, first, weights, y, n);
    default: return weigh_neighbours<4, adds>(x, first, weights, y, n);
  }
}

template <class T>
void weigh_columns_of(const T* x, int64_t in, const int32_t* first, const T* weights, int64_t taps, T* y, int64_t n,
                      int64_t rows) {
  for (int64_t r = 0; r < rows; ++r, x += in, y += n) {
    weigh_some_neighbours<false>(taps, x, first, weights, y, n);
    for (int64_t k = 4; k < taps; k += 4) weigh_some_neighbours<true>(taps - k, x + k, first, weights + k * n, y, n);
  }
}

}  // namespace

void weigh_rows(const void* x, int64_t stride, const void* weights, int64_t taps, void* y, int64_t n, DType compute) {
  if (compute == DType::Float64)
    weigh_rows_of(static_cast<const double*>(x), stride, static_cast<const double*>(weights), taps, static_cast<double*>(y), n);
  else weigh_rows_of(static_cast<const float*>(x), stride, static_cast<const float*>(weights), taps, static_cast<float*>(y), n);
}

void weigh_columns(const void* x, int64_t in, const int32_t* first, const void* weights, int64_t taps, void* y, int64_t n,
                   int64_t rows, DType compute) {
  if (compute == DType::Float64)
    weigh_columns_of(static_cast<const double*>(x), in, first, static_cast<const double*>(weights), taps,
                     static_cast<double*>(y), n, rows);
  else
    weigh_columns_of(static_cast<const float*>(x), in, first, static_cast<const float*>(weights), taps, static_cast<float*>(y),
                     n, rows);
}

}  // namespace ember::EMBER_ISA
