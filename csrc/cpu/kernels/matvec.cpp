#pragma GCC optimize("fp-contract=fast")  // sums of products: a fused one is as good as the next
#include "cpu/kernels/matvec.h"

#include "cpu/kernels/simd.h"
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

// ---- a few rows by a matrix whose columns lie whole, as in a layer: the weight's rows

// The products of Rows rows of a and lanes / Rows columns of b, row by row.
template <class T, int Rows>
EMBER_FN typename Simd<T>::Vector dot_tile(const T* const (&a)[Rows], const T* const (&b)[Simd<T>::lanes / Rows], int64_t k) {
  using V = typename Simd<T>::Vector;
  constexpr int width = Simd<T>::lanes, columns = width / Rows;
  constexpr int64_t parts = sum_parts<T>;
  V sums[width] = {};
  for (int64_t half = 0; half < parts; half += width) {
    V partial[width] = {};
    for (int64_t p = half; p + width <= k / parts * parts; p += parts) {
      V left[Rows];
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) left[r] = Simd<T>::load(a[r] + p);
#pragma GCC unroll 8
      for (int j = 0; j < columns; ++j) {
        const V right = Simd<T>::load(b[j] + p);
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r) partial[r * columns + j] += left[r] * right;
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < width; ++i) sums[i] += partial[i];
  }
  return sums_of<T>(sums);
}

// What follows the product, for `count` columns of a row.
template <class T>
void finish_row(const MatmulTask& t, int64_t row, int64_t column, T* x, int64_t count) {
  T* c = static_cast<T*>(t.c) + row * t.c_row + column * t.c_col;
  const T* bias = static_cast<const T*>(t.bias);
  if (t.alpha != 1)
    for (int64_t j = 0; j < count; ++j) x[j] *= T(t.alpha);
  if (bias)
    for (int64_t j = 0; j < count; ++j) x[j] += bias[column + j];
  if (t.beta != 0)
    for (int64_t j = 0; j < count; ++j) x[j] += T(t.beta) * c[j * t.c_col];
  if (t.relu)
    for (int64_t j = 0; j < count; ++j) x[j] = x[j] < T(0) ? T(0) : x[j];
  if (t.c_col == 1)
    for (int64_t j = 0; j < count; ++j) c[j] = x[j];
  else
    for (int64_t j = 0; j < count; ++j) c[j * t.c_col] = x[j];
}

template <class T, int Rows>
void few_rows(const MatmulTask& t, int64_t first) {
  constexpr int64_t columns = Simd<T>::lanes / Rows, together = 256;  // columns whose results are finished together
  const T *a[Rows], *b[columns];
  const int64_t rows = t.m - first < Rows ? t.m - first : Rows, whole = t.k / sum_parts<T> * sum_parts<T>;
  for (int r = 0; r < Rows; ++r) a[r] = static_cast<const T*>(t.a) + (first + (r < rows ? r : rows - 1)) * t.a_row;
  T results[Rows][together], sums[Simd<T>::lanes];
  for (int64_t begin = 0; begin < t.n; begin += together) {
    const int64_t count = t.n - begin < together ? t.n - begin : together;
    for (int64_t j = 0; j < count; j += columns) {
      for (int64_t i = 0; i < columns; ++i)
        b[i] = static_cast<const T*>(t.b) + (begin + j + i < t.n ? begin + j + i : t.n - 1) * t.b_col;
      Simd<T>::store(sums, dot_tile<T, Rows>(a, b, t.k));
      for (int64_t p = whole; p < t.k; ++p)
        for (int64_t x = 0; x < Simd<T>::lanes; ++x) sums[x] += a[x / columns][p] * b[x % columns][p];
      for (int r = 0; r < Rows; ++r)
        for (int64_t i = 0; i < columns; ++i) results[r][j + i] = sums[r * columns + i];
    }
    for (int64_t r = 0; r < rows; ++r) finish_row(t, first + r, begin, results[r], count);
  }
}

// ---- a few rows by a matrix whose rows lie whole: Depth of them at a time are added to strips of the results

template <int Rows, int Depth, class T>
EMBER_FN void add_rows(const T* a, const MatmulTask& t, int64_t rows, const T* b, T (&sums)[Rows][strip / Rows],
                       int64_t count) {
  T left[Rows][Depth];
  for (int r = 0; r < Rows; ++r)
    for (int d = 0; d < Depth; ++d) left[r][d] = a[(r < rows ? r : rows - 1) * t.a_row + d * t.a_col];
  for (int64_t x = 0; x < count; ++x) {
    T right[Depth];
#pragma GCC unroll 8
    for (int d = 0; d < Depth; ++d) right[d] = b[d * t.b_row + x];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
      T sum = left[r][0] * right[0];
#pragma GCC unroll 8
      for (int d = 1; d < Depth; ++d) sum += left[r][d] * right[d];
      sums[r][x] += sum;
    }
  }
}

template <int Rows, class T>
void few_rows_by_rows(const MatmulTask& t, int64_t first) {
  constexpr int depth = 16 / Rows;  // so many factors stay in registers
  constexpr int64_t together = strip / Rows;
  const int64_t rows = t.m - first < Rows ? t.m - first : Rows;
  const T* a = static_cast<const T*>(t.a) + first * t.a_row;
  T sums[Rows][together];
  for (int64_t begin = 0; begin < t.n; begin += together) {
    const int64_t count = t.n - begin < together ? t.n - begin : together;
    for (int r = 0; r < Rows; ++r)
      for (int64_t x = 0; x < count; ++x) sums[r][x] = T(0);
    const T* b = static_cast<const T*>(t.b) + begin;
    int64_t p = 0;
    for (; p + depth <= t.k; p += depth) add_rows<Rows, depth>(a + p * t.a_col, t, rows, b + p * t.b_row, sums, count);
    for (; p < t.k; ++p) add_rows<Rows, 1>(a + p * t.a_col, t, rows, b + p * t.b_row, sums, count);
    for (int64_t r = 0; r < rows; ++r) finish_row(t, first + r, begin, sums[r], count);
  }
}

template <class T>
void run_few_rows(const MatmulTask& t) {
  int64_t i = 0;
  const bool by_rows = t.b_col == 1;
  for (; t.m - i > 2; i += 4) by_rows ? few_rows_by_rows<4, T>(t, i) : few_rows<T, 4>(t, i);
  if (i < t.m) by_rows ? few_rows_by_rows<2, T>(t, i) : few_rows<T, 2>(t, i);
}

template <class T>
void run(const MatmulTask& t, int64_t bias_step) {
  t.a_col == 1 ? by_rows<T>(t, bias_step) : by_columns<T>(t, bias_step);
}

}  // namespace

void multiply_vector(const MatmulTask& task, DType dtype, int64_t bias_step) {
  dtype == DType::Float64 ? run<double>(task, bias_step) : run<float>(task, bias_step);
}

void multiply_few_rows(const MatmulTask& task, DType dtype) {
  dtype == DType::Float64 ? run_few_rows<double>(task) : run_few_rows<float>(task);
}

}  // namespace ember::EMBER_ISA
