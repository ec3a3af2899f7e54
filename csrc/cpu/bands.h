// Resampling along one dim is a product with a banded matrix: each result is a weighted sum of neighbours.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/dtype.h"

namespace ember {

// Row o of the matrix: result[o] = sum over k < taps of weights[o * taps + k] * input[first[o] + k].
struct Band {
  int64_t in = 0, out = 0, taps = 1;
  std::vector<int64_t> first;   // first[o] + taps <= in
  std::vector<double> weights;  // (out, taps); 0 where a row has fewer

  bool is_identity() const;
  Band transposed() const;
};

// `mode` is nearest, nearest-exact, linear, cubic, area, or linear-antialias, cubic-antialias, lanczos-antialias. `scale` is
// out / in where it is not above 0. Places are computed in the type `compute`, as PyTorch does.
Band make_band(const std::string& mode, int64_t in, int64_t out, double scale, bool align_corners, DType compute);

}  // namespace ember
