#include "cpu/gemm.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/allocator.h"
#include "core/error.h"
#include "core/threads.h"
#include "cpu/kernels/matmul.h"
#include "cpu/kernels/matvec.h"
#include "cpu/onednn_matmul.h"
#include "cpu/parallel.h"

namespace ember {
namespace {

// ---- the batch

// Drops dimensions of size 1 and joins neighbours that all three matrices step through evenly.
void collapse_batch(const Product& p, BatchedTask& t) {
  int dims = 0;
  for (int i = 0; i < p.batch_dims; ++i) {
    const int64_t size = p.batch_sizes[i];
    if (size == 1) continue;
    const int64_t a = p.a.batch_strides[i], b = p.b.batch_strides[i], c = p.c.batch_strides[i];
    const int before = dims - 1;
    if (dims > 0 && t.a_batch[before] == a * size && t.b_batch[before] == b * size && t.c_batch[before] == c * size) {
      t.sizes[before] *= size;
      t.a_batch[before] = a, t.b_batch[before] = b, t.c_batch[before] = c;
    } else {
      t.sizes[dims] = size, t.a_batch[dims] = a, t.b_batch[dims] = b, t.c_batch[dims] = c;
      ++dims;
    }
  }
  t.batch_dims = dims;
  // (..., m, k) times one (k, n): the batch is more rows.
  while (t.batch_dims > 0) {
    const int inner = t.batch_dims - 1;
    if (t.b_batch[inner] != 0 || t.a_batch[inner] != t.m * t.a_row || t.c_batch[inner] != t.m * t.c_row) break;
    t.m *= t.sizes[inner];
    --t.batch_dims;
  }
}

int64_t matrices(const BatchedTask& t) {
  int64_t count = 1;
  for (int i = 0; i < t.batch_dims; ++i) count *= t.sizes[i];
  return count;
}

const void* at(const void* data, int64_t elements, DType dtype) {
  return static_cast<const char*>(data) + elements * int64_t(bytes_of(dtype));
}
void* at(void* data, int64_t elements, DType dtype) { return static_cast<char*>(data) + elements * int64_t(bytes_of(dtype)); }

// The task of matrix `index` alone.
MatmulTask matrix_of(const BatchedTask& t, int64_t index) {
  MatmulTask one = t;
  int64_t a = 0, b = 0, c = 0;
  for (int i = t.batch_dims - 1; i >= 0; --i) {
    const int64_t place = index % t.sizes[i];
    index /= t.sizes[i];
    a += place * t.a_batch[i], b += place * t.b_batch[i], c += place * t.c_batch[i];
  }
  one.a = at(t.a, a, t.dtype);
  one.b = at(t.b, b, t.dtype);
  one.c = at(t.c, c, t.output_dtype);
  return one;
}

// A side of 1 has no stride of its own: give it the one that a dense matrix would have.
void settle_strides(int64_t rows, int64_t cols, int64_t& row, int64_t& col) {
  if (cols == 1 && row != 1) col = 1;
  if (rows == 1) row = std::max<int64_t>(col == 1 ? cols : 1, 1);
  if (cols == 1 && row == 1) col = std::max<int64_t>(rows, 1);
}

// c^T = b^T a^T, where c is laid out by columns.
void transpose(BatchedTask& t) {
  std::swap(t.m, t.n);
  std::swap(t.a, t.b);
  std::swap(t.a_row, t.b_col);
  std::swap(t.a_col, t.b_row);
  std::swap(t.c_row, t.c_col);
  std::swap_ranges(t.a_batch, t.a_batch + t.batch_dims, t.b_batch);
}

BatchedTask normalise(const Product& p) {
  BatchedTask t;
  t.m = p.m, t.n = p.n, t.k = p.k;
  t.a = p.a.data, t.a_row = p.a.row_stride, t.a_col = p.a.col_stride;
  t.b = p.b.data, t.b_row = p.b.row_stride, t.b_col = p.b.col_stride;
  t.c = p.c.data, t.c_row = p.c.row_stride, t.c_col = p.c.col_stride;
  t.bias = p.bias, t.relu = p.relu, t.alpha = p.alpha, t.beta = p.beta;
  t.dtype = p.dtype, t.output_dtype = p.output_dtype;
  collapse_batch(p, t);
  settle_strides(t.m, t.n, t.c_row, t.c_col);
  if (t.c_row == 1 && t.c_col != 1 && !t.bias) transpose(t);
  settle_strides(t.m, t.k, t.a_row, t.a_col);
  settle_strides(t.k, t.n, t.b_row, t.b_col);
  return t;
}

// ---- our own kernel

// Multiply-adds that one thread does in about 3 us.
int64_t grain(DType dtype) {
  switch (dtype) {
    case DType::Float64: return 100'000;
    case DType::Int64: return 20'000;
    default: return is_integral(dtype) ? 50'000 : 400'000;
  }
}

int64_t multiply_adds(const BatchedTask& t) {
  const double count = double(t.m) * double(t.n) * double(std::max<int64_t>(t.k, 1)) * double(matrices(t));
  return int64_t(std::min(count, 1e18));
}

struct Grid {
  int64_t rows, cols;  // parts of one c
};

// How to split each c so that every thread has a part, with the least packed twice: parts near to squares.
Grid grid_of(const BatchedTask& t, int64_t parts_wanted) {
  constexpr int64_t least = 24;  // two register tiles
  Grid best{1, 1};
  double best_cost = 1e300;
  for (int64_t rows = 1; rows <= parts_wanted; ++rows) {
    const int64_t cols = (parts_wanted + rows - 1) / rows;
    const Grid grid{std::min(rows, std::max<int64_t>(1, t.m / least)), std::min(cols, std::max<int64_t>(1, t.n / least))};
    const double m = double(t.m) / double(grid.rows), n = double(t.n) / double(grid.cols);
    const double cost = m * n + 16 * (m + n);  // packing an element costs about as much as 16 multiply-adds of a vector
    if (cost < best_cost) best = grid, best_cost = cost;
  }
  return best;
}

MatmulTask part_of(MatmulTask one, const BatchedTask& t, Grid grid, int64_t part) {
  const auto bound = [](int64_t size, int64_t index, int64_t count, int64_t multiple) {
    return index == count ? size : size * index / count / multiple * multiple;
  };
  const int64_t i = part / grid.cols, j = part % grid.cols;
  const int64_t top = bound(t.m, i, grid.rows, 12), bottom = bound(t.m, i + 1, grid.rows, 12);
  const int64_t left = bound(t.n, j, grid.cols, 16), right = bound(t.n, j + 1, grid.cols, 16);
  one.m = bottom - top, one.n = right - left;
  one.a = at(one.a, top * t.a_row, t.dtype);
  one.b = at(one.b, left * t.b_col, t.dtype);
  one.c = at(one.c, top * t.c_row + left * t.c_col, t.output_dtype);
  if (one.bias) one.bias = at(one.bias, left, t.output_dtype);
  return one;
}

void run_own(const BatchedTask& t) {
  MatmulKernel kernel;
  find_matmul(t.dtype, t.output_dtype, &kernel);
  const int64_t count = matrices(t), work = multiply_adds(t);
  const int threads = work > grain(t.dtype) ? available_threads() : 1;
  if (threads == 1) {
    const Scratch scratch(size_t(kernel.scratch_bytes(t)));
    for (int64_t i = 0; i < count; ++i) kernel.run(matrix_of(t, i), scratch.data());
    return;
  }
  const Grid grid = count >= 2 * threads ? Grid{1, 1} : grid_of(t, (threads + count - 1) / count);
  const int64_t parts = grid.rows * grid.cols, units = count * parts;
  const int64_t workers = std::min<int64_t>(threads, units);
  const size_t bytes = (size_t(kernel.scratch_bytes(t)) + 63) / 64 * 64;
  const Scratch scratch(bytes * size_t(workers));
  parallel_for(workers, 1, [&](int64_t begin, int64_t end) {
    for (int64_t worker = begin; worker < end; ++worker) {
      void* own = static_cast<char*>(scratch.data()) + size_t(worker) * bytes;
      for (int64_t unit = units * worker / workers; unit < units * (worker + 1) / workers; ++unit)
        kernel.run(part_of(matrix_of(t, unit / parts), t, grid, unit % parts), own);
    }
  });
}

// ---- matrix by vector

// Rows of b are the vector's elements; c^T = b^T a^T makes one of a vector on the left.
bool is_by_vector(const BatchedTask& t) {
  if (t.dtype != DType::Float32 && t.dtype != DType::Float64) return false;
  if (t.n == 1) return t.b_row == 1 && (t.a_row == 1 || t.a_col == 1);
  return t.m == 1 && t.a_col == 1 && (t.b_row == 1 || t.b_col == 1);
}

void run_by_vector(BatchedTask t) {
  const int64_t bias_step = t.n == 1 ? 0 : 1;
  if (t.n != 1) transpose(t);
  const int64_t row_work = std::max<int64_t>(1, t.k * int64_t(bytes_of(t.dtype)) / 4);
  parallel_for(matrices(t) * t.m, std::max<int64_t>(1, parallel_work / row_work), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t row = begin % t.m, rows = std::min(end - begin, t.m - row);
      MatmulTask part = matrix_of(t, begin / t.m);
      part.m = rows;
      part.a = at(part.a, row * t.a_row, t.dtype);
      part.c = at(part.c, row * t.c_row, t.dtype);
      if (part.bias) part.bias = at(part.bias, row * bias_step, t.dtype);
      multiply_vector(part, t.dtype, bias_step);
      begin += rows;
    }
  });
}

// ---- matrix by a few rows, as when a layer sees a few samples

// Up to how many rows that is faster was measured. Rows of b that are pages apart fall on the same lines of the caches,
// which delays oneDNN.
bool is_by_few_rows(const BatchedTask& t) {
  if ((t.dtype != DType::Float32 && t.dtype != DType::Float64) || t.n < 16 || t.k < 16 || t.m > 8) return false;
  if (t.b_col == 1) return t.m <= 4 || t.b_row * int64_t(bytes_of(t.dtype)) % 4096 == 0;
  return t.b_row == 1 && t.a_col == 1;
}

void run_by_few_rows(const BatchedTask& t) {
  const int64_t column_work = std::max<int64_t>(1, (t.m + 2) * t.k * int64_t(bytes_of(t.dtype)) / 16);
  parallel_for(matrices(t) * t.n, std::max<int64_t>(1, parallel_work / column_work), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t column = begin % t.n, columns = std::min(end - begin, t.n - column);
      MatmulTask part = matrix_of(t, begin / t.n);
      part.n = columns;
      part.b = at(part.b, column * t.b_col, t.dtype);
      part.c = at(part.c, column * t.c_col, t.dtype);
      if (part.bias) part.bias = at(part.bias, column, t.dtype);
      multiply_few_rows(part, t.dtype);
      begin += columns;
    }
  });
}

// ---- complex: four real products on the parts

template <class T>
void start_complex(const BatchedTask& t, int64_t begin, int64_t end) {
  const auto* bias = static_cast<const T*>(t.bias);
  for (int64_t row = begin; row < end; ++row) {
    auto* c = static_cast<T*>(matrix_of(t, row / t.m).c) + 2 * (row % t.m) * t.c_row;
    for (int64_t j = 0; j < t.n; ++j, c += 2 * t.c_col) {
      for (int part = 0; part < 2; ++part) {
        const T old = t.beta == 0 ? T(0) : T(t.beta) * c[part];
        c[part] = old + (bias ? bias[2 * j + part] : T(0));
      }
    }
  }
}

void run_complex(BatchedTask t) {
  if (t.bias || (t.beta != 0 && t.beta != 1)) {
    const auto start = t.dtype == DType::Complex64 ? start_complex<float> : start_complex<double>;
    parallel_for(matrices(t) * t.m, grain_of(4 * t.n), [&](int64_t begin, int64_t end) { start(t, begin, end); });
    t.bias = nullptr;
    t.beta = 1;
  }
  BatchedTask real = t;
  real.dtype = real.output_dtype = real_of(t.dtype);
  for (int64_t* stride : {&real.a_row, &real.a_col, &real.b_row, &real.b_col, &real.c_row, &real.c_col}) *stride *= 2;
  for (int i = 0; i < t.batch_dims; ++i) real.a_batch[i] *= 2, real.b_batch[i] *= 2, real.c_batch[i] *= 2;
  for (int left = 0; left < 2; ++left) {
    for (int right = 0; right < 2; ++right) {
      real.a = at(t.a, left, real.dtype);
      real.b = at(t.b, right, real.dtype);
      real.c = at(t.c, left ^ right, real.dtype);
      real.alpha = left & right ? -t.alpha : t.alpha;
      real.beta = left == 0 ? t.beta : 1;  // the first product into each part
      run_own(real);
    }
  }
}

// ---- the choice

// Below so many multiply-adds our own kernel is faster than oneDNN's call (measured; see benchmarks).
int64_t own_up_to(DType dtype) { return dtype == DType::Float32 ? 32 * 64 * 128 : 8 * 16 * 16; }

int onednn_threads(const BatchedTask& t, int64_t work) {
  const int64_t bytes = (t.m * t.k + t.k * t.n) * int64_t(bytes_of(t.dtype)) * matrices(t);
  const bool large = work > (t.dtype == DType::Float32 ? 500'000 : 2'000'000) || bytes > (1 << 20);
  return large ? available_threads() : 1;
}

bool prefers_own(const BatchedTask& t, int64_t work) {
  return t.dtype == DType::Float64 || is_integral(t.dtype) || work <= own_up_to(t.dtype) || t.k == 0 ||
         (t.bias && t.alpha != 1);
}

// oneDNN's own relu turns nan into 0.
void apply_relu(const BatchedTask& t) {
  parallel_for(matrices(t) * t.m, grain_of(t.n), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t row = begin % t.m, rows = std::min(end - begin, t.m - row);
      relu_rows(at(matrix_of(t, begin / t.m).c, row * t.c_row, t.output_dtype), t.output_dtype, t.c_row, rows, t.n);
      begin += rows;
    }
  });
}

void check(const Product& p) {
  const bool widened = p.output_dtype == DType::Float32 && (p.dtype == DType::Float16 || p.dtype == DType::BFloat16);
  if (p.dtype == DType::Bool || (p.dtype != p.output_dtype && !widened))
    fail(ErrorKind::Runtime, "matmul(): there is no product of ", name_of(p.dtype), " into ", name_of(p.output_dtype), ".");
}

bool is_empty(const Product& p) {
  bool empty = p.m == 0 || p.n == 0;
  for (int i = 0; i < p.batch_dims; ++i) empty |= p.batch_sizes[i] == 0;
  return empty;
}

}  // namespace

void gemm(const Product& product) {
  check(product);
  if (is_empty(product)) return;
  const BatchedTask task = normalise(product);
  if (is_complex_dtype(task.dtype)) return run_complex(task);
  if (is_by_vector(task)) return run_by_vector(task);
  if (is_by_few_rows(task)) return run_by_few_rows(task);
  const int64_t work = multiply_adds(task);
  if (prefers_own(task, work) || !onednn_matmul(task, onednn_threads(task, work))) return run_own(task);
  if (task.relu) apply_relu(task);
}

const char* gemm_route(const Product& product) {
  const BatchedTask task = normalise(product);
  const int64_t work = multiply_adds(task);
  if (is_complex_dtype(task.dtype) || is_by_vector(task) || is_by_few_rows(task) || prefers_own(task, work)) return "own";
  const char* name = onednn_matmul_name(task, onednn_threads(task, work));
  return name ? name : "own";
}

}  // namespace ember
