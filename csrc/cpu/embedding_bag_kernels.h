// Inner loops of embedding_bag. Sums are taken in float32, of float64 in float64.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// The rows of a table that one bag names.
struct Bag {
  const void* table;
  DType dtype;
  int64_t columns, stride;  // rows are `stride` numbers apart, their numbers next to each other
  const int64_t* index;
  int64_t count;
  int64_t padding;          // the row that does not count; -1: none
  const void* weights;      // of the samples, of `dtype`; null: 1
};

// out = the sum, or the mean, of the rows.
EMBER_KERNEL(bag_sum, (const Bag& bag, bool mean, void* out))
// The largest number of each column, and its row where `picked` is not null; 0 and -1 where no row counts.
EMBER_KERNEL(bag_max, (const Bag& bag, void* out, int64_t* picked))
// out[i] = row i times `gradient`.
EMBER_KERNEL(bag_products, (const Bag& bag, const void* gradient, void* out))
// Adds `row`, times the weights (over their number, for a mean), to rows [first, last) of `to`, whose type is the sums'.
EMBER_KERNEL(bag_spread, (const Bag& bag, bool mean, const void* row, void* to, int64_t first, int64_t last))

}  // namespace ember
