// One thread's product of a matrix and one or a few vectors, for gemm.cpp: bound by memory, so what is large is read in
// order, once or nearly so.
#pragma once
#include "cpu/dispatch.h"
#include "cpu/kernels/matmul.h"

namespace ember {

// The task has n = 1; one of a's strides is 1, and b is contiguous. Here bias is (m), `bias_step` apart (0: one number).
// Float32 and Float64.
EMBER_KERNEL(multiply_vector, (const MatmulTask& task, DType dtype, int64_t bias_step))
// The task has a few rows. Those of b are contiguous; or its columns are, and the rows of a. Float32 and Float64.
EMBER_KERNEL(multiply_few_rows, (const MatmulTask& task, DType dtype))

}  // namespace ember
