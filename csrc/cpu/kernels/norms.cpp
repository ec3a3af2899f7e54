#include "cpu/norm_kernels.h"

#include "cpu/kernels/row_sums.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int64_t kChannelTile = 256;  // channels whose factors stay in the first-level cache

template <class T>
void normalise_row(const NormRows& task, const T* x, T* y, double* mean, double* rstd) {
  const int64_t n = task.n;
  row_moments(n, x, task.eps, mean, rstd);
  const T exact = T(*mean), scale = T(*rstd);
  const T *weight = static_cast<const T*>(task.weight), *bias = static_cast<const T*>(task.bias);
  if (weight && bias) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - exact) * scale * weight[i] + bias[i];
  } else if (weight) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - exact) * scale * weight[i];
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - exact) * scale;
    if (bias)
      for (int64_t i = 0; i < n; ++i) y[i] += bias[i];
  }
}

template <class T>
void gradient_row(const NormRows& task, const T* g, const T* x, double mean, double rstd, T* gx) {
  const int64_t n = task.n;
  const T center = T(mean), scale = T(rstd);
  const T* weight = static_cast<const T*>(task.weight);
  double sums[2];
  if (weight)
    two_sums<T>(n, sums, [&](int64_t i, T& a, T& b) __attribute__((always_inline)) {
      const T gw = g[i] * weight[i];
      a += gw;
      b += gw * ((x[i] - center) * scale);
    });
  else
    two_sums<T>(n, sums, [&](int64_t i, T& a, T& b) __attribute__((always_inline)) {
      a += g[i];
      b += g[i] * ((x[i] - center) * scale);
    });
  const T even = T(sums[0] / double(n)), along = T(sums[1] / double(n));
  if (weight) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = scale * (g[i] * weight[i] - even - (x[i] - center) * scale * along);
  } else {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = scale * (g[i] - even - (x[i] - center) * scale * along);
  }
}

template <class T>
void gradient_rows(const NormRows& task, const T* g, const T* x, const double* mean, const double* rstd, T* gx,
                   double* weight_sums, double* bias_sums, T* scratch) {
  const int64_t n = task.n;
  for (int64_t begin = 0; begin < task.rows; begin += kSteps) {
    const int64_t end = task.rows - begin < kSteps ? task.rows : begin + kSteps;
    T *weight_part = scratch, *bias_part = scratch + n;
    if (weight_sums)
      for (int64_t i = 0; i < 2 * n; ++i) scratch[i] = T(0);
    for (int64_t r = begin; r < end; ++r) {
      const T *row_g = g + r * n, *row_x = x + r * n;
      gradient_row(task, row_g, row_x, mean[r], rstd[r], gx + r * n);
      if (!weight_sums) continue;
      const T center = T(mean[r]), scale = T(rstd[r]);
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) {
        weight_part[i] += row_g[i] * ((row_x[i] - center) * scale);
        bias_part[i] += row_g[i];
      }
    }
    if (weight_sums)
      for (int64_t i = 0; i < n; ++i) weight_sums[i] += double(weight_part[i]), bias_sums[i] += double(bias_part[i]);
  }
}

// Which terms there are is known at compile time, so that each loop is plain.
template <bool HasG, bool HasX, class T>
[[gnu::always_inline]] inline T combined(const T* g, const T* x, int64_t i, T a, T b, T center, T c) {
  if constexpr (HasG && HasX) return a * g[i] + b * (x[i] - center) + c;
  else if constexpr (HasG) return a * g[i] + c;
  else return b * (x[i] - center) + c;
}

template <bool HasG, bool HasX, class T>
void combine_terms(const ChannelBlock& block, const T* g, const T* x, T* y, const double* a, const double* b,
                   const double* center, const double* c) {
  if (block.channels == 1) {
    const T slope = HasG ? T(*a) : T(0), along = HasX ? T(*b) : T(0), middle = HasX ? T(*center) : T(0), even = T(*c);
#pragma GCC ivdep
    for (int64_t i = 0; i < block.n; ++i) y[i] = combined<HasG, HasX>(g, x, i, slope, along, middle, even);
    return;
  }
  T slope[kChannelTile], along[kChannelTile], middle[kChannelTile], even[kChannelTile];
  for (int64_t left = 0; left < block.channels; left += kChannelTile) {
    const int64_t cols = block.channels - left < kChannelTile ? block.channels - left : kChannelTile;
    for (int64_t k = 0; k < cols; ++k) {
      slope[k] = HasG ? T(a[left + k]) : T(0);
      along[k] = HasX ? T(b[left + k]) : T(0);
      middle[k] = HasX ? T(center[left + k]) : T(0);
      even[k] = T(c[left + k]);
    }
    for (int64_t r = 0; r < block.n; ++r) {
      const int64_t at = r * block.channels + left;
#pragma GCC ivdep
      for (int64_t k = 0; k < cols; ++k) y[at + k] = combined<HasG, HasX>(g, x, at + k, slope[k], along[k], middle[k], even[k]);
    }
  }
}

template <class T>
void combine(const ChannelBlock& block, const T* g, const T* x, T* y, const double* a, const double* b, const double* center,
             const double* c) {
  if (g && x) combine_terms<true, true>(block, g, x, y, a, b, center, c);
  else if (g) combine_terms<true, false>(block, g, x, y, a, b, center, c);
  else combine_terms<false, true>(block, g, x, y, a, b, center, c);
}

template <class T>
void sum_up(const ChannelBlock& block, const T* g, const T* x, const double* center, double* sums, double* dots) {
  if (block.channels == 1) {
    const T middle = T(*center);
    double both[2];
    two_sums<T>(block.n, both, [&](int64_t i, T& a, T& b) __attribute__((always_inline)) {
      a += g[i];
      b += g[i] * (x[i] - middle);
    });
    *sums += both[0];
    *dots += both[1];
    return;
  }
  T middle[kChannelTile], a[kChannelTile], b[kChannelTile];
  for (int64_t left = 0; left < block.channels; left += kChannelTile) {
    const int64_t cols = block.channels - left < kChannelTile ? block.channels - left : kChannelTile;
    for (int64_t k = 0; k < cols; ++k) middle[k] = T(center[left + k]);
    for (int64_t begin = 0; begin < block.n; begin += kSteps) {
      const int64_t end = block.n - begin < kSteps ? block.n : begin + kSteps;
      for (int64_t k = 0; k < cols; ++k) a[k] = b[k] = T(0);
      for (int64_t r = begin; r < end; ++r) {
        const int64_t at = r * block.channels + left;
#pragma GCC ivdep
        for (int64_t k = 0; k < cols; ++k) {
          a[k] += g[at + k];
          b[k] += g[at + k] * (x[at + k] - middle[k]);
        }
      }
      for (int64_t k = 0; k < cols; ++k) sums[left + k] += double(a[k]), dots[left + k] += double(b[k]);
    }
  }
}

template <class T>
void normalise(const NormRows& task, const void* x, void* y, double* mean, double* rstd) {
  for (int64_t r = 0; r < task.rows; ++r)
    normalise_row(task, static_cast<const T*>(x) + r * task.n, static_cast<T*>(y) + r * task.n, mean + r, rstd + r);
}

}  // namespace

void layer_norm_rows(const NormRows& task, const void* x, void* y, double* mean, double* rstd) {
  return task.compute == DType::Float64 ? normalise<double>(task, x, y, mean, rstd) : normalise<float>(task, x, y, mean, rstd);
}

void layer_norm_gradient(const NormRows& task, const void* g, const void* x, const double* mean, const double* rstd, void* gx,
                         double* weight_sums, double* bias_sums, void* scratch) {
  if (task.compute == DType::Float64)
    gradient_rows(task, static_cast<const double*>(g), static_cast<const double*>(x), mean, rstd, static_cast<double*>(gx),
                  weight_sums, bias_sums, static_cast<double*>(scratch));
  else
    gradient_rows(task, static_cast<const float*>(g), static_cast<const float*>(x), mean, rstd, static_cast<float*>(gx),
                  weight_sums, bias_sums, static_cast<float*>(scratch));
}

void combine_channels(const ChannelBlock& block, const void* g, const void* x, void* y, const double* a, const double* b,
                      const double* center, const double* c) {
  if (block.compute == DType::Float64)
    combine(block, static_cast<const double*>(g), static_cast<const double*>(x), static_cast<double*>(y), a, b, center, c);
  else combine(block, static_cast<const float*>(g), static_cast<const float*>(x), static_cast<float*>(y), a, b, center, c);
}

void sum_channels(const ChannelBlock& block, const void* g, const void* x, const double* center, double* sums, double* dots) {
  if (block.compute == DType::Float64)
    sum_up(block, static_cast<const double*>(g), static_cast<const double*>(x), center, sums, dots);
  else sum_up(block, static_cast<const float*>(g), static_cast<const float*>(x), center, sums, dots);
}

}  // namespace ember::EMBER_ISA
