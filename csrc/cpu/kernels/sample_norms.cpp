#include "cpu/sample_norm_kernels.h"

#include "cpu/kernels/row_sums.h"

namespace ember::EMBER_ISA {

namespace {

// y = a x + b for one channel of a row
template <class T>
[[gnu::always_inline]] inline void affine(int64_t n, const T* x, T* y, T center, T scale, T shift) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - center) * scale + shift;
}

template <class T>
void normalise(const GroupRow& row, const T* x, T* y, double* mean, double* rstd) {
  row_moments(row.channels * row.inner, x, row.eps, mean, rstd);
  const T *weight = static_cast<const T*>(row.weight), *bias = static_cast<const T*>(row.bias);
  const T center = T(*mean), scale = T(*rstd);
  if (!weight && !bias) return affine(row.channels * row.inner, x, y, center, scale, T(0));
  if (row.inner == 1 && weight && bias) {
#pragma GCC ivdep
    for (int64_t c = 0; c < row.channels; ++c) y[c] = (x[c] - center) * scale * weight[c] + bias[c];
    return;
  }
  for (int64_t c = 0; c < row.channels; ++c) {
    const int64_t at = c * row.inner;
    affine(row.inner, x + at, y + at, center, weight ? scale * weight[c] : scale, bias ? bias[c] : T(0));
  }
}

// The sums of g x^ and of g over each channel.
template <class T>
void channel_sums(const GroupRow& row, const T* g, const T* x, T center, T scale, double* dots, double* sums) {
  if (row.inner == 1) {
#pragma GCC ivdep
    for (int64_t c = 0; c < row.channels; ++c) {
      dots[c] = double(g[c]) * double((x[c] - center) * scale);
      sums[c] = double(g[c]);
    }
    return;
  }
  for (int64_t c = 0; c < row.channels; ++c) {
    const T *channel_g = g + c * row.inner, *channel_x = x + c * row.inner;
    double both[2];
    two_sums<T>(row.inner, both, [&](int64_t i, T& a, T& b) __attribute__((always_inline)) {
      a += channel_g[i];
      b += channel_g[i] * ((channel_x[i] - center) * scale);
    });
    sums[c] = both[0];
    dots[c] = both[1];
  }
}

// With x^ = (x - mean) rstd over n elements: gx = rstd (w g - mean(w g) - x^ mean(w g x^)).
template <class T>
void gradient(const GroupRow& row, const T* g, const T* x, double mean, double rstd, T* gx, double* dots, double* sums) {
  const T center = T(mean), scale = T(rstd);
  const T* weight = static_cast<const T*>(row.weight);
  channel_sums(row, g, x, center, scale, dots, sums);
  double total = 0, total_dot = 0;
  for (int64_t c = 0; c < row.channels; ++c) {
    const double w = weight ? double(weight[c]) : 1.;
    total += w * sums[c];
    total_dot += w * dots[c];
  }
  const double n = double(row.channels * row.inner);
  const T even = T(total / n * rstd), along = T(total_dot / n * rstd * rstd);
  const int64_t channels = weight ? row.channels : 1, inner = weight ? row.inner : row.channels * row.inner;
  if (weight && inner == 1) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) gx[c] = scale * weight[c] * g[c] - even - (x[c] - center) * along;
    return;
  }
  for (int64_t c = 0; c < channels; ++c) {
    const T slope = weight ? scale * weight[c] : scale;
#pragma GCC ivdep
    for (int64_t i = c * inner; i < (c + 1) * inner; ++i) gx[i] = slope * g[i] - even - (x[i] - center) * along;
  }
}

template <class T>
void divide_rows(const NormRows& task, const T* x, T* y, double* rstd) {
  const int64_t n = task.n;
  const T* weight = static_cast<const T*>(task.weight);
  for (int64_t r = 0; r < task.rows; ++r, x += n, y += n) {
    double sums[2];
    two_sums<T>(n, sums, [&](int64_t i, T& a, T&) __attribute__((always_inline)) { a += x[i] * x[i]; });
    rstd[r] = 1 / sqrt(sums[0] / double(n) + task.eps);
    const T scale = T(rstd[r]);
    if (weight) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) y[i] = x[i] * scale * weight[i];
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) y[i] = x[i] * scale;
    }
  }
}

// With x^ = x rstd over n elements: gx = rstd (w g - x^ mean(w g x^)).
template <class T>
void divided_gradient_row(const NormRows& task, const T* g, const T* x, double rstd, T* gx) {
  const int64_t n = task.n;
  const T scale = T(rstd);
  const T* weight = static_cast<const T*>(task.weight);
  double sums[2];
  if (weight) {
    two_sums<T>(n, sums, [&](int64_t i, T& a, T&) __attribute__((always_inline)) { a += g[i] * weight[i] * (x[i] * scale); });
    const T along = T(sums[0] / double(n));
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = scale * (g[i] * weight[i] - x[i] * scale * along);
  } else {
    two_sums<T>(n, sums, [&](int64_t i, T& a, T&) __attribute__((always_inline)) { a += g[i] * (x[i] * scale); });
    const T along = T(sums[0] / double(n));
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = scale * (g[i] - x[i] * scale * along);
  }
}

template <class T>
void divided_gradient_rows(const NormRows& task, const T* g, const T* x, const double* rstd, T* gx, double* weight_sums,
                           T* part) {
  const int64_t n = task.n;
  for (int64_t begin = 0; begin < task.rows; begin += kSteps) {
    const int64_t end = task.rows - begin < kSteps ? task.rows : begin + kSteps;
    if (weight_sums)
      for (int64_t i = 0; i < n; ++i) part[i] = T(0);
    for (int64_t r = begin; r < end; ++r) {
      const T *row_g = g + r * n, *row_x = x + r * n;
      divided_gradient_row(task, row_g, row_x, rstd[r], gx + r * n);
      const T scale = T(rstd[r]);
      if (!weight_sums) continue;
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i) part[i] += row_g[i] * (row_x[i] * scale);
    }
    if (weight_sums)
      for (int64_t i = 0; i < n; ++i) weight_sums[i] += double(part[i]);
  }
}

}  // namespace

void group_norm_row(const GroupRow& row, const void* x, void* y, double* mean, double* rstd) {
  if (row.compute == DType::Float64) normalise(row, static_cast<const double*>(x), static_cast<double*>(y), mean, rstd);
  else normalise(row, static_cast<const float*>(x), static_cast<float*>(y), mean, rstd);
}

void group_norm_gradient(const GroupRow& row, const void* g, const void* x, double mean, double rstd, void* gx, double* dots,
                         double* sums) {
  if (row.compute == DType::Float64)
    gradient(row, static_cast<const double*>(g), static_cast<const double*>(x), mean, rstd, static_cast<double*>(gx), dots,
             sums);
  else
    gradient(row, static_cast<const float*>(g), static_cast<const float*>(x), mean, rstd, static_cast<float*>(gx), dots, sums);
}

void rms_norm_rows(const NormRows& task, const void* x, void* y, double* rstd) {
  if (task.compute == DType::Float64) divide_rows(task, static_cast<const double*>(x), static_cast<double*>(y), rstd);
  else divide_rows(task, static_cast<const float*>(x), static_cast<float*>(y), rstd);
}

void rms_norm_gradient(const NormRows& task, const void* g, const void* x, const double* rstd, void* gx, double* weight_sums,
                       void* scratch) {
  if (task.compute == DType::Float64)
    divided_gradient_rows(task, static_cast<const double*>(g), static_cast<const double*>(x), rstd, static_cast<double*>(gx),
                          weight_sums, static_cast<double*>(scratch));
  else
    divided_gradient_rows(task, static_cast<const float*>(g), static_cast<const float*>(x), rstd, static_cast<float*>(gx),
                          weight_sums, static_cast<float*>(scratch));
}

}  // namespace ember::EMBER_ISA
