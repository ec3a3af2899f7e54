#pragma GCC optimize("fp-contract=fast")  // sums of products: a fused one is as good as the next
#include "cpu/kernels/matvec.h"

#include "scalar/config.h"

namespace ember::EMBER_ISA {
namespace {

constexpr int lanes = 32;            // partial sums of a row, as plain arrays that the compiler keeps in registers
constexpr int rows_together = 4;     // streams that the processor fetches ahead
constexpr int64_t strip = 2048;      // results that stay in the first cache while the columns pass

template <class T>
void finish(const MatmulTask& t, int64_t bias_step, int64_t first, const T* sums, int64_t count) {
  const T alpha = T(t.alpha), beta = T(t.beta);
  const T* bias = static_cast<const T*>(t.bias);
  for (int64_t i = first; i < first + count; ++i) {
    T& c = static_cast<T*>(t.c)[i * t.c_row];
    T x = sums[i - first] * alpha;
    if (bias) x += bias[i * bias_step];
    if (beta != T(0)) x += beta * c;
    c = t.relu && x < T(0) ? T(0) : x;
  }
}

// Rows of a lie whole: dot products, `Rows` at a time.
template <int Rows, class T>
void dot_rows(const T* a, int64_t row, const T* b, int64_t k, T* sums) {
  T partial[Rows][lanes] = {};
  int64_t p = 0;
  for (; p + lanes <= k; p += lanes)
    for (int r = 0; r < Rows; ++r)
      for (int lane = 0; lane < lanes; ++lane) partial[r][lane] += a[r * row + p + lane] * b[p + lane];
  for (int r = 0; r < Rows; ++r) {
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int lane = 0; lane < half; ++lane) partial[r][lane] += partial[r][lane + half];
    sums[r] = partial[r][0];
    for (int64_t rest = p; rest < k; ++rest) sums[r] += a[r * row + rest] * b[rest];
  }
}

template <class T>
void by_rows(const MatmulTask& t, int64_t bias_step) {
  const T* a = static_cast<const T*>(t.a);
  const T* b = static_cast<const T*>(t.b);
  T sums[rows_together];
  for (int64_t i = 0; i < t.m; i += rows_together) {
    const int64_t count = t.m - i < rows_together ? t.m - i : rows_together;
    if (count == rows_together) dot_rows<rows_together>(a + i * t.a_row, t.a_row, b, t.k, sums);
    else
      for (int64_t r = 0; r < count; ++r) dot_rows<1>(a + (i + r) * t.a_row, t.a_row, b, t.k, sums + r);
    finish(t, bias_step, i, sums, count);
  }
}

// Columns of a lie whole: four at a time are added to a strip of the result.
template <class T>
void by_columns(const MatmulTask& t, int64_t bias_step) {
  const T* b = static_cast<const T*>(t.b);
  T sums[strip];
  for (int64_t i = 0; i < t.m; i += strip) {
    const int64_t count = t.m - i < strip ? t.m - i : strip;
    for (int64_t x = 0; x < count; ++x) sums[x] = T(0);
    const T* a = static_cast<const T*>(t.a) + i;
    int64_t p = 0;
    for (; p + 4 <= t.k; p += 4) {
      const T* a0 = a + p * t.a_col;
      const T *a1 = a0 + t.a_col, *a2 = a1 + t.a_col, *a3 = a2 + t.a_col;
      for (int64_t x = 0; x < count; ++x) sums[x] += (a0[x] * b[p] + a1[x] * b[p + 1]) + (a2[x] * b[p + 2] + a3[x] * b[p + 3]);
    }
    for (; p < t.k; ++p)
      for (int64_t x = 0; x < count; ++x) sums[x] += a[p * t.a_col + x] * b[p];
    finish(t, bias_step, i, sums, count);
  }
}

template <class T>
void run(const MatmulTask& t, int64_t bias_step) {
  t.a_col == 1 ? by_rows<T>(t, bias_step) : by_columns<T>(t, bias_step);
}

}  // namespace

void multiply_vector(const MatmulTask& task, DType dtype, int64_t bias_step) {
  dtype == DType::Float64 ? run<double>(task, bias_step) : run<float>(task, bias_step);
}

}  // namespace ember::EMBER_ISA
