// Inner loops of resampling, in Float32 or Float64 (`compute`, also the type of the weights). A weight of 0 means that the
// element is not read: what lies beside a result cannot make it NaN.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// y[j] = sum over k of weights[k] * x[k * stride + j].
EMBER_KERNEL(weigh_rows, (const void* x, int64_t stride, const void* weights, int64_t taps, void* y, int64_t n, DType compute))
// y[o] = sum over k of weights[k * n + o] * x[first[o] + k], for rows of `in` elements.
EMBER_KERNEL(weigh_columns, (const void* x, int64_t in, const int32_t* first, const void* weights, int64_t taps, void* y,
                             int64_t n, int64_t rows, DType compute))

}  // namespace ember
