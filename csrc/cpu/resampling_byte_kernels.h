// Inner loops of resampling in bytes: weights are whole numbers, of which 2**bits make 1; sums are rounded and kept in [0, 255].
#pragma once
#include <cstdint>

#include "cpu/dispatch.h"

namespace ember {

// y[o] = sum over k of weights[k * n + o] * x[first[o] + k * stride], for a row of x; with stride 1 taps come in fours, of
// which the last may lie behind the row. `numbers` has room for `in + 4` of them and `sums` for n.
EMBER_KERNEL(weigh_byte_columns, (const uint8_t* x, int64_t in, const int32_t* first, int64_t stride, const int32_t* weights,
                                  int64_t taps, int bits, int32_t* numbers, int32_t* sums, uint8_t* y, int64_t n))
// y[j] = sum over k of weights[k] * x[k * stride + j].
EMBER_KERNEL(weigh_byte_rows,
             (const uint8_t* x, int64_t stride, const int32_t* weights, int64_t taps, int bits, uint8_t* y, int64_t n))

}  // namespace ember
