#include "cpu/scan_kernels.h"

#include "op/monoid.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

// y_i = f(state, x_i), the state kept in the wider type: rounding does not add up.
template <class T, class F>
[[gnu::always_inline]] inline void scan(const ScanBlock& block, const T* x, T* y, Widened<T> start, F f) {
  using S = Widened<T>;
  if (block.columns == 1) {
    S state = start;
    for (int64_t i = 0; i < block.n; ++i) {
      state = f(state, S(x[i * block.stride]));
      y[i * block.stride] = T(state);
    }
    return;
  }
  S state[kScanColumns];
  for (int64_t c = 0; c < block.columns; ++c) state[c] = start;
  for (int64_t i = 0; i < block.n; ++i) {
    const int64_t at = i * block.stride;
#pragma GCC ivdep
    for (int64_t c = 0; c < block.columns; ++c) {
      state[c] = f(state[c], S(x[at + c]));
      y[at + c] = T(state[c]);
    }
  }
}

// log(exp(a) + exp(b)): inf and -inf stand for themselves, nan stays.
[[gnu::always_inline]] inline double add_logs(double a, double b) {
  const double high = a > b ? a : b, low = a > b ? b : a;
  const double sum = high + log1p(exp(low - high));
  return a == b ? a + 0.693147180559945309417 : (a != a) | (b != b) ? a + b : low == -__builtin_huge_val() ? high : sum;
}

template <class T, int Sign>
void scan_extremes(const ScanBlock& block, const T* x, T* y, int64_t* indices) {
  T best[kScanColumns];
  int64_t place[kScanColumns];
  for (int64_t i = 0; i < block.n; ++i) {
    const int64_t at = i * block.stride;
    for (int64_t c = 0; c < block.columns; ++c) {
      const T here = x[at + c];
      const bool wins = i == 0 || here != here || (best[c] == best[c] && (Sign > 0 ? here >= best[c] : here <= best[c]));
      best[c] = wins ? here : best[c];
      place[c] = wins ? i : place[c];
      y[at + c] = best[c];
      indices[at + c] = place[c];
    }
  }
}

template <class T>
void run(const ScanBlock& block, const void* from, void* to, int64_t* indices) {
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  using S = Widened<T>;
  if (block.kind == Scan::Sum) return scan(block, x, y, S(0), [](S a, S b) __attribute__((always_inline)) { return a + b; });
  if (block.kind == Scan::Product)
    return scan(block, x, y, S(1), [](S a, S b) __attribute__((always_inline)) { return a * b; });
  if constexpr (Floating<T>)
    if (block.kind == Scan::LogSumExp)
      return scan(block, x, y, lowest_of<S>, [](S a, S b) __attribute__((always_inline)) { return S(add_logs(a, b)); });
  if constexpr (!is_complex<T>) {
    if (block.kind == Scan::Largest) return scan_extremes<T, 1>(block, x, y, indices);
    return scan_extremes<T, -1>(block, x, y, indices);
  }
}

}  // namespace

void scan_columns(const ScanBlock& block, const void* x, void* y, int64_t* indices) {
  switch (block.compute) {
    case DType::Int64: return run<int64_t>(block, x, y, indices);
    case DType::Float32: return run<float>(block, x, y, indices);
    case DType::Float64: return run<double>(block, x, y, indices);
    case DType::Complex64: return run<Complex<float>>(block, x, y, indices);
    default: return run<Complex<double>>(block, x, y, indices);
  }
}

}  // namespace ember::EMBER_ISA
