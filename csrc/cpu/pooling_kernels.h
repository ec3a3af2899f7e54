// Loops of pooling over (batch, channels, 3 spatial dims), dense in memory with the channels innermost or the positions.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// The windows along one dim: output o takes the positions begin[o] + i * dilation for i in [0, count[o]).
struct PoolAxis {
  int64_t in, out;
  int64_t stride, padding, dilation;
  int64_t extent;          // the largest count
  int64_t step;            // elements between two positions of the input
  const int64_t* begin;    // (out)
  const int64_t* count;    // (out)
  const int64_t* first;    // (out), which place of the kernel `begin` is, counted from the padding
  const int64_t* divisor;  // (out), what this dim contributes to the number that a sum is divided by
};

// One place of a window: how far from the window's begin, and its number (row-major among the extents).
struct PoolPlace {
  int64_t offset, number;
};

struct PoolTask {
  PoolAxis axis[3];
  int64_t channels;
  int64_t divisor;          // unless 0: of every window, instead of the axes' product
  bool channels_inner;      // memory is (batch, positions, channels), otherwise (batch, channels, positions)
  bool overlapping;         // two windows may share a position
  bool tiling;              // every position lies in exactly one window
  bool wide;                // numbers are int32, otherwise uint8
  int64_t low, high;        // outputs of a row whose windows are whole in the last dim and a stride apart; may be none
  const PoolPlace* places;  // of a whole window: extent x extent x extent; for channels_inner, or where low < high
  int64_t place_count;
  DType compute;            // Float32, Float64 or Int64
};

// Rows [begin, end) of outputs: (batch, d, h) where the channels are innermost, otherwise (batch, channel, d, h).
// `chosen` takes the number of each largest place, and may be null; `scratch` has room for place_count places.
EMBER_KERNEL(pool_largest,
             (const PoolTask& task, const void* x, void* y, void* chosen, int64_t begin, int64_t end, PoolPlace* scratch))
EMBER_KERNEL(pool_mean, (const PoolTask& task, const void* x, void* y, int64_t begin, int64_t end, PoolPlace* scratch))

// The gradients: gx is written for samples or planes [begin, end), `blocks` parts of the channels a sample, one a plane.
EMBER_KERNEL(spread_to_largest, (const PoolTask& task, const void* g, const void* chosen, void* gx, int64_t blocks,
                                 int64_t begin, int64_t end, PoolPlace* scratch))
EMBER_KERNEL(spread_evenly,
             (const PoolTask& task, const void* g, void* gx, int64_t blocks, int64_t begin, int64_t end, PoolPlace* scratch))

}  // namespace ember
