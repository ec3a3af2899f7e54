// embedding_bag: a thread takes whole bags, and, of the table's gradient, a range of rows.
#include "ops/embedding_bag.h"

#include <algorithm>
#include <cstring>

#include "cpu/embedding_bag_kernels.h"
#include "cpu/parallel.h"

namespace ember {

namespace {

constexpr int64_t kLongWork = 1 << 18;

Tensor as_int64(const Tensor& tensor) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, DType::Int64));
}

int64_t padding_of(const Value& given, int64_t rows) {
  if (given.is_none()) return -1;
  const int64_t padding = given.integer();
  if (padding < -rows || padding >= rows)
    fail(ErrorKind::Runtime, "embedding_bag(): padding_idx ", padding, " is outside [", -rows, ", ", rows, ").");
  return padding < 0 ? padding + rows : padding;
}

// Which samples are in which bag; all indices are rows of the table.
class Bags {
 public:
  Bags(const Tensor& input, const Tensor& offsets, bool include_last_offset, const Value& padding_idx, int64_t rows)
      : index_(as_int64(input)), offsets_(as_int64(offsets)), padding_(padding_of(padding_idx, rows)) {
    const int64_t last = offsets_.numel() - 1;
    count_ = include_last_offset ? last : last + 1;
    const int64_t *at = offsets_.data<int64_t>(), *index = index_.data<int64_t>();
    if (last >= 0 && at[0] != 0)
      fail(ErrorKind::Runtime, "embedding_bag(): offsets[0] is ", at[0], "; the first bag starts at 0.");
    for (int64_t b = 0; b < last; ++b)
      if (at[b] > at[b + 1])
        fail(ErrorKind::Runtime, "embedding_bag(): offsets falls from ", at[b], " to ", at[b + 1], " at position ", b + 1,
             "; bags stand one after another.");
    if (last >= 0 && at[last] > samples())
      fail(ErrorKind::Runtime, "embedding_bag(): offsets[-1] is ", at[last], "; the input has ", samples(), " indices.");
    for (int64_t i = 0; i < samples(); ++i)
      if (index[i] < 0 || index[i] >= rows)
        fail(ErrorKind::Runtime, "embedding_bag(): index ", index[i], " at position ", i, " is outside [0, ", rows, ").");
  }

  int64_t count() const { return count_; }
  int64_t samples() const { return index_.numel(); }
  int64_t begin(int64_t b) const { return offsets_.data<int64_t>()[b]; }
  int64_t end(int64_t b) const { return b + 1 < offsets_.numel() ? begin(b + 1) : samples(); }
  int64_t grain(int64_t columns) const {
    return std::max<int64_t>(1, parallel_work * count_ / std::max<int64_t>(1, samples() * columns));
  }
  // Bag b over rows of `table`, with the weights of its samples.
  Bag at(int64_t b, const Tensor& table, const Tensor& weights) const {
    const char* first = weights ? static_cast<char*>(weights.raw()) + begin(b) * int64_t(bytes_of(weights.dtype())) : nullptr;
    return {table.raw(),       table.dtype(), table.size(1), table.stride(0), index_.data<int64_t>() + begin(b),
            end(b) - begin(b), padding_,      first};
  }

 private:
  Tensor index_, offsets_;
  int64_t padding_, count_;
};

// Rows are read where they are.
Tensor rows_of(const Tensor& table) { return table.stride(1) == 1 || table.size(1) < 2 ? table : contiguous(table); }

Tensor dense(const Tensor& tensor, DType dtype) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, dtype));
}

Tensor weights_of(const Value& weights, DType dtype) { return weights.is_tensor() ? dense(weights.tensor(), dtype) : Tensor(); }

char* row_at(const Tensor& tensor, int64_t row) {
  return static_cast<char*>(tensor.raw()) + row * tensor.size(1) * int64_t(bytes_of(tensor.dtype()));
}

}  // namespace

void embedding_bag::cpu(Call& c) {
  const Tensor table = rows_of(c.tensor(0)), weights = weights_of(c.arg(3), table.dtype()), out = c.out();
  const Bags bags(c.tensor(1), c.tensor(2), c.arg(5).boolean(), c.arg(6), table.size(0));
  const Unlocked unlocked(bags.samples() * table.size(1) > kLongWork);
  parallel_for(bags.count(), bags.grain(table.size(1)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) bag_sum(bags.at(b, table, weights), c.arg(4).boolean(), row_at(out, b));
  });
}

void embedding_bag_max::cpu(Call& c) {
  const Tensor table = rows_of(c.tensor(0)), out = c.out(), picked = c.out(1);
  const Bags bags(c.tensor(1), c.tensor(2), c.arg(3).boolean(), c.arg(4), table.size(0));
  const Unlocked unlocked(bags.samples() * table.size(1) > kLongWork);
  parallel_for(bags.count(), bags.grain(table.size(1)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b)
      bag_max(bags.at(b, table, Tensor()), row_at(out, b), picked ? picked.data<int64_t>() + b * table.size(1) : nullptr);
  });
}

void embedding_bag_sample_gradient::cpu(Call& c) {
  const Tensor table = rows_of(c.tensor(1)), gradient = dense(c.tensor(0), table.dtype()), out = c.out();
  const Bags bags(c.tensor(2), c.tensor(3), c.arg(4).boolean(), c.arg(5), table.size(0));
  const int64_t bytes = int64_t(bytes_of(out.dtype()));
  std::memset(out.raw(), 0, size_t(out.numel() * bytes));  // samples behind the last bag
  const Unlocked unlocked(bags.samples() * table.size(1) > kLongWork);
  parallel_for(bags.count(), bags.grain(table.size(1)), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b)
      bag_products(bags.at(b, table, Tensor()), row_at(gradient, b), static_cast<char*>(out.raw()) + bags.begin(b) * bytes);
  });
}

void embedding_bag_table_gradient::cpu(Call& c) {
  const Tensor gradient = contiguous(c.tensor(0)), weights = weights_of(c.arg(3), gradient.dtype()), out = c.out();
  const int64_t rows = out.size(0), columns = out.size(1);
  const Bags bags(c.tensor(1), c.tensor(2), c.arg(5).boolean(), c.arg(6), rows);
  const DType compute = out.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
  const Tensor sums = out.dtype() == compute ? out : empty(out.sizes(), compute);
  {
    const Unlocked unlocked((rows + bags.samples()) * columns > kLongWork);
    const int64_t work = (rows + bags.samples()) * columns;
    parallel_for(rows, std::max<int64_t>(1, parallel_work * rows / std::max<int64_t>(1, work)),
                 [&](int64_t begin, int64_t end) {
                   std::memset(row_at(sums, begin), 0, size_t((end - begin) * columns) * bytes_of(compute));
                   for (int64_t b = 0; b < bags.count(); ++b)
                     bag_spread(bags.at(b, gradient, weights), c.arg(4).boolean(), row_at(gradient, b), sums.raw(), begin, end);
                 });
  }
  if (!sums.same(out)) copy_into(out, sums);
}

}  // namespace ember
