// Inner loops of regions of interest, in Float32 or Float64.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// What the bins along one dim read: bin i the elements index[k], with weights[k], for k in [ends[i], ends[i + 1]).
struct BinTaps {
  int64_t bins;
  const int64_t* ends;
  const int64_t* index;
  const void* weights;
};

// The bins of a region in one channel, weighted along rows and columns, all times `factor`.
struct RegionTaps {
  BinTaps rows, columns;
  int64_t first_column, end_column;  // that any bin reads
  double factor;
  DType compute;
};

// out[i, j] = factor * sum over the taps of row i and column j of `channel`, whose rows are `width` long; `line` has room for
// as many elements.
EMBER_KERNEL(mix_bins, (const RegionTaps& taps, const void* channel, int64_t width, void* line, void* out))
// The inverse: adds the shares of each bin's gradient to `channel`.
EMBER_KERNEL(spread_bins, (const RegionTaps& taps, const void* gradient, int64_t width, void* line, void* channel))

// Boxes by coordinate, n numbers each: x1, y1, x2, y2, area. Marks those of [first, end) of which more than `threshold` of the
// union is shared with box `best`.
EMBER_KERNEL(suppress_overlapping, (const void* boxes, int64_t best, int64_t first, int64_t end, int64_t n, double threshold,
                                    uint8_t* marks, DType compute))

}  // namespace ember
