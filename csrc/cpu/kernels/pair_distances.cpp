#include "cpu/pair_distance_kernels.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int kLanes = 16;
constexpr double kInfinity = __builtin_huge_val();

template <class T>
[[gnu::always_inline]] inline T sign_of(T x) {
  return T(x > T(0)) - T(x < T(0));
}

// join(f(0), f(1), ...) over the differences of two rows.
template <class T, class F, class Join>
[[gnu::always_inline]] inline T folded(const T* a, const T* b, int64_t n, F f, Join join) {
  T lane[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= n; k += kLanes)
    for (int l = 0; l < kLanes; ++l) lane[l] = join(lane[l], f(a[k + l] - b[k + l]));
  for (int l = 0; k + l < n; ++l) lane[l] = join(lane[l], f(a[k + l] - b[k + l]));
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int l = 0; l < width; ++l) lane[l] = join(lane[l], lane[l + width]);
  return lane[0];
}

template <class T>
T distance(const T* a, const T* b, int64_t n, double p) {
  const auto add = [](T x, T y) { return x + y; };
  const auto larger = [](T x, T y) { return (y > x) | (y != y) ? y : x; };  // nan stays
  if (p == 2) return sqrt(folded(a, b, n, [](T d) { return d * d; }, add));
  if (p == 1) return folded(a, b, n, [](T d) { return abs(d); }, add);
  if (p == 0) return folded(a, b, n, [](T d) { return T(d != T(0)); }, add);
  if (p == kInfinity) return folded(a, b, n, [](T d) { return abs(d); }, larger);
  return pow(folded(a, b, n, [p](T d) { return pow(abs(d), T(p)); }, add), T(1 / p));
}

// y += the gradient of |a - b| by a, times g.
template <class T>
void add_gradient(const T* a, const T* b, int64_t n, double p, T g, T norm, T* y) {
  if (p == 2) {
    const T factor = norm == T(0) ? T(0) : g / norm;
    for (int64_t k = 0; k < n; ++k) y[k] += factor * (a[k] - b[k]);
  } else if (p == 1) {
    for (int64_t k = 0; k < n; ++k) y[k] += g * sign_of(a[k] - b[k]);
  } else if (p == kInfinity) {
    for (int64_t k = 0; k < n; ++k) y[k] += abs(a[k] - b[k]) == norm ? g * sign_of(a[k] - b[k]) : T(0);
  } else {
    for (int64_t k = 0; k < n; ++k) {
      const T d = a[k] - b[k], size = d == T(0) ? T(1) : abs(d) / norm;
      y[k] += g * sign_of(d) * pow(size, T(p - 1));
    }
  }
}

template <class T>
void distances_of(const PairRows& rows, int64_t i, T* distances) {
  const T* data = static_cast<const T*>(rows.data);
  for (int64_t j = i + 1; j < rows.rows; ++j)
    distances[pair_place(i, j, rows.rows)] = distance(data + i * rows.columns, data + j * rows.columns, rows.columns, rows.p);
}

template <class T>
void gradient_of(const PairRows& rows, int64_t i, const T* gradient, const T* distances, T* result) {
  const T* data = static_cast<const T*>(rows.data);
  T* y = result + i * rows.columns;
  for (int64_t k = 0; k < rows.columns; ++k) y[k] = 0;
  for (int64_t j = 0; j < rows.rows; ++j) {
    if (j == i) continue;
    const int64_t place = j < i ? pair_place(j, i, rows.rows) : pair_place(i, j, rows.rows);
    add_gradient(data + i * rows.columns, data + j * rows.columns, rows.columns, rows.p, gradient[place], distances[place], y);
  }
}

}  // namespace

void pair_row_distances(const PairRows& rows, int64_t i, void* distances) {
  if (rows.dtype == DType::Float64) distances_of(rows, i, static_cast<double*>(distances));
  else distances_of(rows, i, static_cast<float*>(distances));
}

void pair_row_gradient(const PairRows& rows, int64_t i, const void* gradient, const void* distances, void* result) {
  if (rows.dtype == DType::Float64)
    gradient_of(rows, i, static_cast<const double*>(gradient), static_cast<const double*>(distances),
                static_cast<double*>(result));
  else
    gradient_of(rows, i, static_cast<const float*>(gradient), static_cast<const float*>(distances),
                static_cast<float*>(result));
}

}  // namespace ember::EMBER_ISA
