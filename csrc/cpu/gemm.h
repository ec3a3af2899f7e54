// Matrix products of every element type, layout and batch. Large ones run in oneDNN, small or unusual ones in our own
// kernel (cpu/kernels/matmul.cpp).
#pragma once
#include <cstdint>

#include "core/dtype.h"

namespace ember {

// Strides are in elements, of any sign or 0 (broadcast). One batch stride for each batch dimension.
struct MatrixView {
  const void* data = nullptr;
  int64_t row_stride = 0;
  int64_t col_stride = 1;
  const int64_t* batch_strides = nullptr;
};

struct Output {
  void* data = nullptr;
  int64_t row_stride = 0;
  int64_t col_stride = 1;
  const int64_t* batch_strides = nullptr;
};

// c = act(alpha a b + bias + beta c) for each matrix of the batch; c must not overlap a or b. With beta = 0 what c held
// (nan even) is not read. k = 0 gives act(bias + beta c).
struct Product {
  DType dtype = DType::Float32;         // of a and b; not Bool
  DType output_dtype = DType::Float32;  // `dtype`, or Float32 for Float16 and BFloat16 operands
  int64_t m = 0, n = 0, k = 0;          // a is (m, k), b is (k, n), c is (m, n)
  int batch_dims = 0;
  const int64_t* batch_sizes = nullptr;
  MatrixView a, b;
  Output c;
  const void* bias = nullptr;  // (n) of output_dtype, contiguous
  bool relu = false;           // nan stays nan; not for complex types
  double alpha = 1, beta = 0;  // truncated for integer types
};

void gemm(const Product& product);

// What gemm() runs it with: "own" or the name of a oneDNN kernel.
const char* gemm_route(const Product& product);

}  // namespace ember
