// What the normalisations on the CPU share: tensors in the loops' type, and sums that several threads gather.
#pragma once
#include <algorithm>
#include <vector>

#include "core/allocator.h"
#include "cpu/parallel.h"
#include "op/call.h"

namespace ember {

constexpr int64_t kMostChunks = 128;  // parts of a sum over rows, each added up by one thread

inline DType loop_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

// As a contiguous tensor of the loops' type, outside the graph.
inline Tensor staged(const Tensor& tensor, DType compute) {
  NoGradient off;
  return tensor ? contiguous(to_dtype(tensor, compute)) : Tensor();
}
inline const void* data_of(const Tensor& tensor) { return tensor ? tensor.raw() : nullptr; }

// Where the loops write: into `out`, or beside it where out is of another type or layout.
inline Tensor target_for(const Tensor& out, DType compute) {
  return out.dtype() == compute && out.is_contiguous() ? out : empty(out.sizes(), compute, out.device());
}
inline void deliver(const Tensor& out, const Tensor& target) {
  if (!out.same(target)) copy_into(out, target);
}

struct Chunks {
  int64_t size, count;
  explicit Chunks(int64_t rows)
      : size(std::max<int64_t>(64, (rows + kMostChunks - 1) / kMostChunks)), count((rows + size - 1) / size) {}
};

// Adds the parts of all chunks, in their order, to the first.
inline void add_up(std::vector<double>& parts, int64_t n, int64_t count) {
  for (int64_t chunk = 1; chunk < count; ++chunk)
    for (int64_t i = 0; i < n; ++i) parts[size_t(i)] += parts[size_t(chunk * n + i)];
}

inline void write_doubles(const Tensor& out, const double* values) {
  for (int64_t i = 0; i < out.numel(); ++i) {
    if (out.dtype() == DType::Float64) out.data<double>()[i] = values[i];
    else out.data<float>()[i] = float(values[i]);
  }
}

}  // namespace ember
