// Loops of _pair_distances over the pairs of one row. Rows are dense, of Float32 or Float64.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

struct PairRows {
  const void* data;  // (rows, columns)
  DType dtype;
  int64_t rows, columns;
  double p;
};

// The place of the pair (i, j), i < j, among all.
constexpr int64_t pair_place(int64_t i, int64_t j, int64_t rows) { return i * (2 * rows - i - 1) / 2 + j - i - 1; }

// The distances of row i to all behind it.
EMBER_KERNEL(pair_row_distances, (const PairRows& rows, int64_t i, void* distances))
// The gradient of row i, from the gradients and distances of all pairs.
EMBER_KERNEL(pair_row_gradient, (const PairRows& rows, int64_t i, const void* gradient, const void* distances, void* result))

}  // namespace ember
