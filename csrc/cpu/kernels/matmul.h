// One thread's matrix product in our own loops: any type, any strides. matmul.cpp is built once per instruction set.
#pragma once
#include <cstdint>

#include "core/dims.h"
#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// c = act(alpha a b + bias + beta c); a is (m, k), b is (k, n). Strides in elements.
struct MatmulTask {
  int64_t m, n, k;
  const void* a;
  int64_t a_row, a_col;
  const void* b;
  int64_t b_row, b_col;
  void* c;
  int64_t c_row, c_col;
  const void* bias;  // (n), contiguous, of the type of c
  bool relu;
  double alpha, beta;
};

// The same for every matrix of a batch whose dimensions are collapsed: no size is 1. Strides are 0 where broadcast.
struct BatchedTask : MatmulTask {
  DType dtype, output_dtype;
  int batch_dims;
  int64_t sizes[kMaxDims], a_batch[kMaxDims], b_batch[kMaxDims], c_batch[kMaxDims];
};

struct MatmulKernel {
  void (*run)(const MatmulTask& task, void* scratch);
  int64_t (*scratch_bytes)(const MatmulTask& task);
};

// The kernel for operands of `dtype` and a result of `output`: the same type or, for 16-bit floats, Float32. Not for
// Bool and complex types (gemm() makes real products of them).
EMBER_KERNEL(find_matmul, (DType dtype, DType output, MatmulKernel* kernel))

// c = relu(c) in (rows, cols) of Float32, BFloat16 or Float16 with contiguous rows `stride` apart; nan stays nan.
EMBER_KERNEL(relu_rows, (void* c, DType dtype, int64_t stride, int64_t rows, int64_t cols))

}  // namespace ember
