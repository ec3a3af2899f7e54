// Inner loops of copies.
#pragma once
#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// to[i * to_step + j] = from[j * from_step + i] for i < rows, j < columns, elements of so many bytes.
EMBER_KERNEL(transpose_block,
             (const void* from, int64_t from_step, void* to, int64_t to_step, int64_t rows, int64_t columns, int64_t bytes))
// to[i * stride] = *value.
EMBER_KERNEL(fill_row, (void* to, int64_t stride, const void* value, int64_t bytes, int64_t n))

}  // namespace ember
