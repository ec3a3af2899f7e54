// Sums over a row, in parts short enough that float32 adds them up well, and the moments of a row.
#pragma once
#include "scalar/math.h"

namespace ember::EMBER_ISA {

template <class T> static constexpr int lanes_of = 128 / int(sizeof(T));
static constexpr int64_t kSteps = 64;  // of a sum in T, before it goes on in double

// Two sums over i in [0, n): f(i, a, b) adds the i-th terms to a and b.
template <class T, class F>
[[gnu::always_inline]] static inline void two_sums(int64_t n, double* sums, F f) {
  constexpr int lanes = lanes_of<T>;
  double total_a = 0, total_b = 0;
  for (int64_t begin = 0; begin < n; begin += lanes * kSteps) {
    const int64_t end = n - begin < lanes * kSteps ? n : begin + lanes * kSteps;
    T a[lanes], b[lanes];
    for (int k = 0; k < lanes; ++k) a[k] = b[k] = T(0);
    int64_t i = begin;
    for (; i + lanes <= end; i += lanes)
#pragma GCC ivdep
      for (int k = 0; k < lanes; ++k) f(i + k, a[k], b[k]);
#pragma GCC ivdep
    for (int k = 0; k < int(end - i); ++k) f(i + k, a[k], b[k]);
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int k = 0; k < width; ++k) a[k] += a[k + width], b[k] += b[k + width];
    total_a += double(a[0]);
    total_b += double(b[0]);
  }
  sums[0] = total_a;
  sums[1] = total_b;
}

template <class T>
static void row_moments(int64_t n, const T* x, double eps, double* mean, double* rstd) {
  double sums[2];
  two_sums<T>(n, sums, [&](int64_t i, T& a, T&) __attribute__((always_inline)) { a += x[i]; });
  const T center = T(sums[0] / double(n));
  two_sums<T>(n, sums, [&](int64_t i, T& a, T& b) __attribute__((always_inline)) {
    const T d = x[i] - center;
    a += d;
    b += d * d;
  });
  // What rounding left in the mean is taken off again.
  const double shift = sums[0] / double(n);
  *mean = double(center) + shift;
  *rstd = 1 / sqrt(sums[1] / double(n) - shift * shift + eps);
}

}  // namespace ember::EMBER_ISA
