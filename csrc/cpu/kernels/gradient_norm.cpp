#include "cpu/gradient_norm_kernels.h"

#include "cpu/kernels/row_sums.h"
#include "cpu/types.h"

namespace ember::EMBER_ISA {

namespace {

template <class T>
void measure_elements(const T* x, int64_t n, Measure measure, double power, double* result) {
  using X = decltype(widen(T()));
  double sums[2] = {0, 0};
  if (measure == Measure::Squares) {
    // In double where float32 would overflow or lose what is small.
    two_sums<double>(n, sums, [=](int64_t i, double& a, double&) __attribute__((always_inline)) {
      const double value = double(widen(x[i]));
      a += value * value;
    });
  } else if (measure == Measure::Magnitudes) {
    two_sums<X>(n, sums, [=](int64_t i, X& a, X&) __attribute__((always_inline)) { a += abs(widen(x[i])); });
  } else if (measure == Measure::Powers) {
    for (int64_t i = 0; i < n; ++i) sums[0] += pow(abs(double(widen(x[i]))), power);
  } else {
    X lanes[16];
    for (int k = 0; k < 16; ++k) lanes[k] = X(0);
    int64_t i = 0;
    for (; i + 16 <= n; i += 16)
#pragma GCC ivdep
      for (int k = 0; k < 16; ++k) lanes[k] = max(abs(widen(x[i + k])), lanes[k]);
    for (; i < n; ++i) lanes[0] = max(abs(widen(x[i])), lanes[0]);
    for (int k = 1; k < 16; ++k) lanes[0] = max(lanes[k], lanes[0]);
    sums[0] = double(lanes[0]);
  }
  *result = sums[0];
}

template <class T>
void scale_elements(T* x, int64_t n, double factor) {
  using X = decltype(widen(T()));
  const X scale = X(factor);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) x[i] = narrowed<T>(widen(x[i]) * scale);
}

}  // namespace

void measure_run(const Run& run, Measure measure, double power, double* result) {
  dispatch_floating(run.dtype,
                    [&]<class T>() { measure_elements(static_cast<const T*>(run.data), run.length, measure, power, result); });
}

void scale_run(const Run& run, double factor) {
  dispatch_floating(run.dtype, [&]<class T>() { scale_elements(static_cast<T*>(run.data), run.length, factor); });
}

}  // namespace ember::EMBER_ISA
