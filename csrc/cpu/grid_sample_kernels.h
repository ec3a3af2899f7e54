// Inner loops of grid_sample, in Float32 or Float64. A place is mixed from `taps` neighbours: 1 (nearest), 4 or 8 (linear in
// two or three dims) or 16 (cubic). Neighbours are offsets in one channel; those that are not read have weight 0.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

enum class Between : uint8_t { Nearest, Linear, Cubic };
enum class Outside : uint8_t { Zeros, Border, Reflection };
enum class Units : uint8_t { Corners, Edges, Pixels };  // of the coordinates

struct Sampling {
  int dims;
  int64_t sizes[3];  // of the input's spatial dims
  Between between;
  Outside outside;
  Units units;
  DType compute;

  [[gnu::always_inline]] int64_t width() const { return between == Between::Nearest ? 1 : between == Between::Linear ? 2 : 4; }
  [[gnu::always_inline]] int64_t taps() const { return dims == 2 ? width() * width() : width() * width() * width(); }
};

// How often a weight is differentiated by each coordinate: x, y, z. Cubic weights are 0 from the fourth time on.
struct Orders {
  int by[3] = {};
};

// For n places of `grid` (n, dims): offsets (taps, n), and for each of `count` orders a table of weights (taps, n).
EMBER_KERNEL(find_neighbours, (const Sampling& sampling, const void* grid, int64_t n, int32_t* offsets, void* tables,
                               const Orders* orders, int count))
// y[i] = sum over k of weights[k * n + i] * x[offsets[k * n + i]].
EMBER_KERNEL(mix_neighbours,
             (const void* x, const int32_t* offsets, const void* weights, int64_t taps, void* y, int64_t n, DType compute))
// x[offsets[k * n + i]] += weights[k * n + i] * y[i], the inverse.
EMBER_KERNEL(spread_to_neighbours,
             (void* x, const int32_t* offsets, const void* weights, int64_t taps, const void* y, int64_t n, DType compute))
// sums[e * n + i] += y[i] * sum over k of tables[e][k * n + i] * x[offsets[k * n + i]], for the tables of `dims` coordinates.
EMBER_KERNEL(add_slopes, (const void* x, const int32_t* offsets, const void* tables, int dims, int64_t taps, const void* y,
                          void* sums, int64_t n, DType compute))

}  // namespace ember
