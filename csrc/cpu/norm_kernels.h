// Loops of layer_norm and batch_norm, in Float32 or Float64 (`compute`).
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

struct NormRows {
  int64_t rows, n;      // of contiguous elements
  double eps;
  const void* weight;   // (n), may be null
  const void* bias;     // (n), may be null
  DType compute;
};

EMBER_KERNEL(layer_norm_rows, (const NormRows& task, const void* x, void* y, double* mean, double* rstd))
// gx, and where weight_sums is given: weight_sums += sum of g x^ over rows, bias_sums += sum of g. `scratch`: 2 n elements.
EMBER_KERNEL(layer_norm_gradient, (const NormRows& task, const void* g, const void* x, const double* mean, const double* rstd,
                                   void* gx, double* weight_sums, double* bias_sums, void* scratch))

// A block of one channel's elements (channels = 1, n contiguous elements), or of n rows of all channels.
struct ChannelBlock {
  int64_t n, channels;
  DType compute;
};

// y = a g + b (x - center) + c by channel, without the term of g or of x where it is null.
EMBER_KERNEL(combine_channels, (const ChannelBlock& block, const void* g, const void* x, void* y, const double* a,
                                const double* b, const double* center, const double* c))
// sums += sum of g, dots += sum of g (x - center).
EMBER_KERNEL(sum_channels,
             (const ChannelBlock& block, const void* g, const void* x, const double* center, double* sums, double* dots))

}  // namespace ember
