// Loops of softmax and its kin on slabs: `positions` results, each over n elements. In rows the n elements of a position
// are contiguous and positions `stride` apart; in columns (rows = false) positions are contiguous and their elements
// `stride` apart. x, y, g and gx are Float32 or Float64 (`compute`); what stands once a position is double.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

struct SoftmaxSlab {
  int64_t positions, n, stride;
  bool rows, logarithm;
  DType compute;
};

constexpr int64_t kSoftmaxColumns = 128;  // positions of a slab of columns, at most

EMBER_KERNEL(softmax_forward, (const SoftmaxSlab& slab, const void* x, void* y))
// gx = y (g - sum(g y)), or g - exp(y) sum(g) with the logarithm.
EMBER_KERNEL(softmax_gradient, (const SoftmaxSlab& slab, const void* g, const void* y, void* gx))
// log(sum(exp(x))).
EMBER_KERNEL(log_sum_exp, (const SoftmaxSlab& slab, const void* x, double* result))
// sum(weight x), of all n elements; weight may be null (ones) and is of the type of x.
EMBER_KERNEL(weighted_sum, (const SoftmaxSlab& slab, const void* x, const void* weight, double* result))
// gx = a exp(x - log_sum) - b weight; 0 where a is 0.
EMBER_KERNEL(cross_entropy_gradient, (const SoftmaxSlab& slab, const void* x, const void* weight, const double* log_sums,
                                      const double* a, const double* b, void* gx))

}  // namespace ember
