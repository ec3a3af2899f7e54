#include "cpu/softmax_kernels.h"

#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

template <class T> inline constexpr int lanes_of = 256 / int(sizeof(T));
constexpr int64_t kSteps = 64;     // of a lane in its own type; then sums go on in double
constexpr int64_t kShortRow = 32;  // rows up to it are worked on side by side
constexpr int64_t kGroup = 32;

template <class T> inline constexpr T lowest = -__builtin_huge_val();

template <class T>
[[gnu::always_inline]] inline bool is_infinite(T x) {
  return (x == lowest<T>) | (x == -lowest<T>);
}

template <class T>
[[gnu::always_inline]] inline T fold_sum(T* lane) {
  for (int width = lanes_of<T> / 2; width > 0; width /= 2)
    for (int k = 0; k < width; ++k) lane[k] += lane[k + width];
  return lane[0];
}

template <class T>
T largest(const T* x, int64_t n) {
  constexpr int lanes = lanes_of<T>;
  T lane[lanes];
  for (int k = 0; k < lanes; ++k) lane[k] = lowest<T>;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int k = 0; k < lanes; ++k) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  for (int k = 0; i + k < n; ++k) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int k = 0; k < width; ++k) lane[k] = lane[k + width] > lane[k] ? lane[k + width] : lane[k];
  return lane[0];
}

// sum(f(i)) of i in [0, n), f called once for each i.
template <class T, class F>
[[gnu::always_inline]] inline double sum_of(int64_t n, F f) {
  constexpr int lanes = lanes_of<T>;
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += lanes * kSteps) {
    const int64_t end = n - begin < lanes * kSteps ? n : begin + lanes * kSteps;
    T lane[lanes];
    for (int k = 0; k < lanes; ++k) lane[k] = 0;
    int64_t i = begin;
    for (; i + lanes <= end; i += lanes)
#pragma GCC ivdep
      for (int k = 0; k < lanes; ++k) lane[k] += f(i + k);
#pragma GCC ivdep
    for (int k = 0; k < int(end - i); ++k) lane[k] += f(i + k);
    total += double(fold_sum(lane));
  }
  return total;
}

template <class T>
[[gnu::always_inline]] inline double sum_of_exp(const T* x, T shift, int64_t n) {
  return sum_of<T>(n, [&](int64_t i) { return exp(x[i] - shift); });
}

template <class T>
void forward_row(const T* x, T* y, int64_t n, bool logarithm) {
  const T top = largest(x, n);
  if (logarithm) {
    const T shift = T(log(sum_of_exp(x, top, n)));
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - top) - shift;
    return;
  }
  const double total = sum_of<T>(n, [&](int64_t i) { return y[i] = exp(x[i] - top); });
  const T scale = T(1 / total);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] *= scale;
}

// Of each column, over blocks of rows short enough for sums in T.
template <class T, class F>
[[gnu::always_inline]] inline void sum_columns(int64_t cols, int64_t n, double* total, F f) {
  T part[kSoftmaxColumns];
  for (int64_t c = 0; c < cols; ++c) total[c] = 0;
  for (int64_t begin = 0; begin < n; begin += kSteps) {
    const int64_t end = n - begin < kSteps ? n : begin + kSteps;
    for (int64_t c = 0; c < cols; ++c) part[c] = 0;
    for (int64_t i = begin; i < end; ++i)
#pragma GCC ivdep
      for (int64_t c = 0; c < cols; ++c) part[c] += f(i, c);
    for (int64_t c = 0; c < cols; ++c) total[c] += double(part[c]);
  }
}

template <class T>
[[gnu::always_inline]] inline void top_of_columns(const SoftmaxSlab& slab, const T* x, T* top) {
  for (int64_t c = 0; c < slab.positions; ++c) top[c] = lowest<T>;
  for (int64_t i = 0; i < slab.n; ++i)
    for (int64_t c = 0; c < slab.positions; ++c) top[c] = x[i * slab.stride + c] > top[c] ? x[i * slab.stride + c] : top[c];
}

template <class T>
void forward_columns(const SoftmaxSlab& slab, const T* x, T* y) {
  const int64_t cols = slab.positions, stride = slab.stride;
  T top[kSoftmaxColumns], factor[kSoftmaxColumns];
  double total[kSoftmaxColumns];
  top_of_columns(slab, x, top);
  if (slab.logarithm) {
    sum_columns<T>(cols, slab.n, total, [&](int64_t i, int64_t c) { return exp(x[i * stride + c] - top[c]); });
    for (int64_t c = 0; c < cols; ++c) factor[c] = T(log(total[c]));
    for (int64_t i = 0; i < slab.n; ++i)
#pragma GCC ivdep
      for (int64_t c = 0; c < cols; ++c) y[i * stride + c] = (x[i * stride + c] - top[c]) - factor[c];
    return;
  }
  sum_columns<T>(cols, slab.n, total,
                 [&](int64_t i, int64_t c) { return y[i * stride + c] = exp(x[i * stride + c] - top[c]); });
  for (int64_t c = 0; c < cols; ++c) factor[c] = T(1 / total[c]);
  for (int64_t i = 0; i < slab.n; ++i)
#pragma GCC ivdep
    for (int64_t c = 0; c < cols; ++c) y[i * stride + c] *= factor[c];
}

// Short rows are turned into columns, a group at a time: f(group, tiles of the inputs, tile of the output, first position).
template <class T, int Inputs, class F>
[[gnu::always_inline]] inline void each_group(const SoftmaxSlab& slab, const T* const (&inputs)[Inputs], T* out, F f) {
  T tiles[Inputs + 1][kShortRow * kGroup];
  SoftmaxSlab group = slab;
  group.rows = false;
  group.stride = kGroup;
  const T* columns[Inputs];
  for (int k = 0; k < Inputs; ++k) columns[k] = tiles[k];
  for (int64_t first = 0; first < slab.positions; first += kGroup) {
    group.positions = slab.positions - first < kGroup ? slab.positions - first : kGroup;
    for (int k = 0; k < Inputs; ++k)
      for (int64_t i = 0; i < slab.n; ++i)
        for (int64_t r = 0; r < group.positions; ++r) tiles[k][i * kGroup + r] = inputs[k][(first + r) * slab.stride + i];
    f(group, columns, tiles[Inputs], first);
    if (!out) continue;
    for (int64_t r = 0; r < group.positions; ++r)
      for (int64_t i = 0; i < slab.n; ++i) out[(first + r) * slab.stride + i] = tiles[Inputs][i * kGroup + r];
  }
}
[[gnu::always_inline]] inline bool has_short_rows(const SoftmaxSlab& slab) {
  return slab.rows && slab.n <= kShortRow && slab.positions > 1;
}

template <class T>
void forward(const SoftmaxSlab& slab, const void* from, void* to) {
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  if (has_short_rows(slab))
    return each_group<T, 1>(slab, {x}, y, [](const SoftmaxSlab& group, const T* const* in, T* out, int64_t) {
      forward_columns(group, in[0], out);
    });
  if (!slab.rows) return forward_columns(slab, x, y);
  for (int64_t r = 0; r < slab.positions; ++r) forward_row(x + r * slab.stride, y + r * slab.stride, slab.n, slab.logarithm);
}

template <class T>
void gradient_row(const T* g, const T* y, T* gx, int64_t n, bool logarithm) {
  if (logarithm) {
    const T total = T(sum_of<T>(n, [&](int64_t i) { return g[i]; }));
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = g[i] - exp(y[i]) * total;
    return;
  }
  const T total = T(sum_of<T>(n, [&](int64_t i) { return g[i] * y[i]; }));
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) gx[i] = y[i] * (g[i] - total);
}

template <class T>
void gradient_columns(const SoftmaxSlab& slab, const T* g, const T* y, T* gx) {
  const int64_t stride = slab.stride, cols = slab.positions;
  double total[kSoftmaxColumns];
  T factor[kSoftmaxColumns];
  const bool logarithm = slab.logarithm;
  if (logarithm) sum_columns<T>(cols, slab.n, total, [&](int64_t i, int64_t c) { return g[i * stride + c]; });
  else sum_columns<T>(cols, slab.n, total, [&](int64_t i, int64_t c) { return g[i * stride + c] * y[i * stride + c]; });
  for (int64_t c = 0; c < cols; ++c) factor[c] = T(total[c]);
  for (int64_t i = 0; i < slab.n; ++i) {
    const int64_t at = i * stride;
    if (logarithm) {
#pragma GCC ivdep
      for (int64_t c = 0; c < cols; ++c) gx[at + c] = g[at + c] - exp(y[at + c]) * factor[c];
    } else {
#pragma GCC ivdep
      for (int64_t c = 0; c < cols; ++c) gx[at + c] = y[at + c] * (g[at + c] - factor[c]);
    }
  }
}

template <class T>
void gradient(const SoftmaxSlab& slab, const void* gradient, const void* output, void* to) {
  const T* g = static_cast<const T*>(gradient);
  const T* y = static_cast<const T*>(output);
  T* gx = static_cast<T*>(to);
  const int64_t stride = slab.stride;
  if (has_short_rows(slab))
    return each_group<T, 2>(slab, {g, y}, gx, [](const SoftmaxSlab& group, const T* const* in, T* out, int64_t) {
      gradient_columns(group, in[0], in[1], out);
    });
  if (!slab.rows) return gradient_columns(slab, g, y, gx);
  for (int64_t r = 0; r < slab.positions; ++r)
    gradient_row(g + r * stride, y + r * stride, gx + r * stride, slab.n, slab.logarithm);
}

template <class T>
void log_sum_columns(const SoftmaxSlab& slab, const T* x, double* result) {
  T top[kSoftmaxColumns];
  top_of_columns(slab, x, top);
  for (int64_t c = 0; c < slab.positions; ++c) top[c] = is_infinite(top[c]) ? T(0) : top[c];
  sum_columns<T>(slab.positions, slab.n, result, [&](int64_t i, int64_t c) { return exp(x[i * slab.stride + c] - top[c]); });
  for (int64_t c = 0; c < slab.positions; ++c) result[c] = log(result[c]) + double(top[c]);
}

template <class T>
void log_sums(const SoftmaxSlab& slab, const void* from, double* result) {
  const T* x = static_cast<const T*>(from);
  if (has_short_rows(slab))
    return each_group<T, 1>(slab, {x}, nullptr, [&](const SoftmaxSlab& group, const T* const* in, T*, int64_t first) {
      log_sum_columns(group, in[0], result + first);
    });
  if (!slab.rows) return log_sum_columns(slab, x, result);
  for (int64_t r = 0; r < slab.positions; ++r, x += slab.stride) {
    const T top = largest(x, slab.n);
    const T shift = is_infinite(top) ? T(0) : top;  // inf - inf would be nan
    result[r] = log(sum_of_exp(x, shift, slab.n)) + double(shift);
  }
}

template <class T>
void weighted_sums(const SoftmaxSlab& slab, const void* from, const void* weights, double* result) {
  const T* x = static_cast<const T*>(from);
  const T* weight = static_cast<const T*>(weights);
  if (!slab.rows) {
    sum_columns<T>(slab.positions, slab.n, result,
                   [&](int64_t i, int64_t c) { return x[i * slab.stride + c] * (weight ? weight[i] : T(1)); });
    return;
  }
  for (int64_t r = 0; r < slab.positions; ++r, x += slab.stride)
    result[r] = weight ? sum_of<T>(slab.n, [&](int64_t i) { return x[i] * weight[i]; })
                       : sum_of<T>(slab.n, [&](int64_t i) { return x[i]; });
}

template <class T>
void entropy_gradient_columns(const SoftmaxSlab& slab, const T* x, const T* weight, const double* log_sums, const double* a,
                              const double* b, T* gx) {
  T shift[kSoftmaxColumns], scale[kSoftmaxColumns], even[kSoftmaxColumns];
  for (int64_t c = 0; c < slab.positions; ++c) shift[c] = T(log_sums[c]), scale[c] = T(a[c]), even[c] = T(b[c]);
  for (int64_t i = 0; i < slab.n; ++i) {
    const int64_t at = i * slab.stride;
    const T factor = weight ? weight[i] : T(1);
#pragma GCC ivdep
    for (int64_t c = 0; c < slab.positions; ++c) {
      const T value = scale[c] * exp(x[at + c] - shift[c]) - even[c] * factor;
      gx[at + c] = scale[c] == 0 ? T(0) : value;
    }
  }
}

template <class T>
void entropy_gradient(const SoftmaxSlab& slab, const void* from, const void* weights, const double* log_sums, const double* a,
                      const double* b, void* to) {
  const T* x = static_cast<const T*>(from);
  const T* weight = static_cast<const T*>(weights);
  T* gx = static_cast<T*>(to);
  if (has_short_rows(slab))
    return each_group<T, 1>(slab, {x}, gx, [&](const SoftmaxSlab& group, const T* const* in, T* out, int64_t first) {
      entropy_gradient_columns(group, in[0], weight, log_sums + first, a + first, b + first, out);
    });
  if (!slab.rows) return entropy_gradient_columns(slab, x, weight, log_sums, a, b, gx);
  for (int64_t r = 0; r < slab.positions; ++r, x += slab.stride, gx += slab.stride) {
    const T shift = T(log_sums[r]), scale = T(a[r]), even = T(b[r]);
    if (scale == 0) {
      for (int64_t i = 0; i < slab.n; ++i) gx[i] = 0;
    } else if (weight) {
#pragma GCC ivdep
      for (int64_t i = 0; i < slab.n; ++i) gx[i] = scale * exp(x[i] - shift) - even * weight[i];
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < slab.n; ++i) gx[i] = scale * exp(x[i] - shift) - even;
    }
  }
}

}  // namespace

void softmax_forward(const SoftmaxSlab& slab, const void* x, void* y) {
  return slab.compute == DType::Float64 ? forward<double>(slab, x, y) : forward<float>(slab, x, y);
}

void softmax_gradient(const SoftmaxSlab& slab, const void* g, const void* y, void* gx) {
  return slab.compute == DType::Float64 ? gradient<double>(slab, g, y, gx) : gradient<float>(slab, g, y, gx);
}

void log_sum_exp(const SoftmaxSlab& slab, const void* x, double* result) {
  return slab.compute == DType::Float64 ? log_sums<double>(slab, x, result) : log_sums<float>(slab, x, result);
}

void weighted_sum(const SoftmaxSlab& slab, const void* x, const void* weight, double* result) {
  return slab.compute == DType::Float64 ? weighted_sums<double>(slab, x, weight, result)
                                        : weighted_sums<float>(slab, x, weight, result);
}

void cross_entropy_gradient(const SoftmaxSlab& slab, const void* x, const void* weight, const double* log_sums, const double* a,
                            const double* b, void* gx) {
  return slab.compute == DType::Float64 ? entropy_gradient<double>(slab, x, weight, log_sums, a, b, gx)
                                        : entropy_gradient<float>(slab, x, weight, log_sums, a, b, gx);
}

}  // namespace ember::EMBER_ISA
