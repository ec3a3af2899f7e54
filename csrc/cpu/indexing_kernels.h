// Inner loops of indexing: rows and elements at offsets, sums into them, masks.
#pragma once
#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// to[i] += from[i * from_stride].
EMBER_KERNEL(add_row, (void* to, const void* from, int64_t from_stride, DType dtype, int64_t n))
// to[i * step] = from[offsets[i]], and the inverse, for elements of so many bytes.
EMBER_KERNEL(read_elements, (const void* from, const int64_t* offsets, void* to, int64_t step, int64_t bytes, int64_t n))
EMBER_KERNEL(write_elements, (void* to, const int64_t* offsets, const void* from, int64_t step, int64_t bytes, int64_t n))
// to[offsets[i]] += from[i * step], in order.
EMBER_KERNEL(add_elements, (void* to, const int64_t* offsets, const void* from, int64_t step, DType dtype, int64_t n))
// y[i] = mask[i] ? *value : x[i], each with its stride.
EMBER_KERNEL(masked_fill_row, (const void* x, int64_t x_stride, const uint8_t* mask, int64_t mask_stride, const void* value,
                               void* y, int64_t y_stride, int64_t bytes, int64_t n))

}  // namespace ember
