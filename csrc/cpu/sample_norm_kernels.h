// Loops of group_norm and rms_norm, in Float32 or Float64 (`compute`).
#pragma once
#include <cstdint>

#include "cpu/norm_kernels.h"

namespace ember {

// One group of one sample: `inner` contiguous elements of each of its channels.
struct GroupRow {
  int64_t channels, inner;
  double eps;
  const void* weight;  // (channels), may be null
  const void* bias;    // (channels), may be null
  DType compute;
};

EMBER_KERNEL(group_norm_row, (const GroupRow& row, const void* x, void* y, double* mean, double* rstd))
// gx, and by channel the sums of g x^ and of g.
EMBER_KERNEL(group_norm_gradient, (const GroupRow& row, const void* g, const void* x, double mean, double rstd, void* gx,
                                   double* dots, double* sums))

EMBER_KERNEL(rms_norm_rows, (const NormRows& task, const void* x, void* y, double* rstd))
// gx, and where weight_sums is given: weight_sums += sum of g x^ over rows. `scratch`: n elements.
EMBER_KERNEL(rms_norm_gradient, (const NormRows& task, const void* g, const void* x, const double* rstd, void* gx,
                                 double* weight_sums, void* scratch))

}  // namespace ember
