// Distances of all pairs of rows: a thread takes the pairs of whole rows, and whole rows of the gradient.
#include "ops/pair_distances.h"

#include <algorithm>

#include "cpu/pair_distance_kernels.h"
#include "cpu/parallel.h"

namespace ember {

namespace {

DType compute_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

Tensor dense(const Tensor& tensor, DType dtype) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, dtype));
}

// Rows in pairs, (0, n - 1), (1, n - 2), ..., so that every unit has as many pairs of rows.
template <class F>
void each_row(const PairRows& rows, F f) {
  const int64_t units = (rows.rows + 1) / 2, cost = rows.rows * rows.columns * (rows.p == 1 || rows.p == 2 ? 1 : 20);
  const Unlocked unlocked(units * cost > (1 << 18));
  parallel_for(units, std::max<int64_t>(1, parallel_work / std::max<int64_t>(1, cost)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      f(i);
      if (rows.rows - 1 - i != i) f(rows.rows - 1 - i);
    }
  });
}

}  // namespace

void pair_distances::cpu(Call& c) {
  const DType compute = compute_dtype(c.out().dtype());
  const Tensor input = dense(c.tensor(0), compute);
  const Tensor result = c.out().dtype() == compute ? c.out() : empty(c.out().sizes(), compute);
  const PairRows rows{input.raw(), compute, input.size(0), input.size(1), c.arg(1).real()};
  each_row(rows, [&](int64_t i) { pair_row_distances(rows, i, result.raw()); });
  if (!result.same(c.out())) copy_into(c.out(), result);
}

void pair_distances_backward::cpu(Call& c) {
  const DType compute = compute_dtype(c.out().dtype());
  const Tensor gradient = dense(c.tensor(0), compute), input = dense(c.tensor(1), compute),
               distances = dense(c.tensor(2), compute);
  const Tensor result = c.out().dtype() == compute ? c.out() : empty(c.out().sizes(), compute);
  const PairRows rows{input.raw(), compute, input.size(0), input.size(1), c.arg(3).real()};
  each_row(rows, [&](int64_t i) { pair_row_gradient(rows, i, gradient.raw(), distances.raw(), result.raw()); });
  if (!result.same(c.out())) copy_into(c.out(), result);
}

}  // namespace ember
