// One thread's product of a matrix and a vector, for gemm.cpp: bound by memory, so each element is read once in order.
#pragma once
#include "cpu/dispatch.h"
#include "cpu/kernels/matmul.h"

namespace ember {

// The task has n = 1; one of a's strides is 1, and b is contiguous. Here bias is (m), `bias_step` apart (0: one number).
// Float32 and Float64.
EMBER_KERNEL(multiply_vector, (const MatmulTask& task, DType dtype, int64_t bias_step))

}  // namespace ember
