// Matrix products in oneDNN, for gemm.cpp.
#pragma once
#include "cpu/kernels/matmul.h"

namespace ember {

// Runs the product on so many threads. False, with nothing done, if oneDNN has no fast kernel for the types and strides.
// alpha must be 1 if there is a bias; relu is left to the caller.
bool onednn_matmul(const BatchedTask& task, int threads);

// The name of the kernel that it runs, null if there is none.
const char* onednn_matmul_name(const BatchedTask& task, int threads);

}  // namespace ember
