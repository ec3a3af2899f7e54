// Borders: rows of the padded tensor are runs of the inner one's rows.
#include "ops/padding.h"

#include <algorithm>
#include <cstring>

#include "core/channels_last.h"
#include "cpu/copies.h"
#include "cpu/copy_kernels.h"
#include "cpu/indexing_kernels.h"
#include "cpu/parallel.h"

namespace ember::padding {

namespace {

constexpr int64_t kLongWork = 1 << 18;  // elements: then other Python threads may run

struct Run {
  int64_t padded, inner, count;  // positions along a row; `inner` is -1 where the constant stands
};

// Both tensors as (outer, padded dims and what is between them, block): the last padded dim makes the rows.
class Rows {
 public:
  Rows(const Tensor& inner, bool channels_last, const Dims& pad, const std::string& mode)
      : bytes_(int64_t(bytes_of(inner.dtype()))) {
    const int dims = inner.dim();
    std::vector<std::vector<int64_t>> sources;  // in the order of memory
    std::vector<int64_t> sizes;
    int first = dims, last = -1;
    for (int i = 0; i < dims; ++i) {
      const int d = channels_last && i ? (i + 1 == dims ? 1 : i + 1) : i;
      const int at = 2 * (dims - 1 - d);
      const bool changes = at + 1 < pad.size() && (pad[at] || pad[at + 1]);
      if (changes) first = std::min(first, i);
      if (changes) last = i;
      sizes.push_back(inner.size(d));
      sources.push_back(
          padding_sources(changes ? mode : "constant", inner.size(d), changes ? pad[at] : 0, changes ? pad[at + 1] : 0));
    }
    for (int i = 0; i < dims; ++i) {
      if (i < first) outer *= sizes[size_t(i)];
      if (i > last) block_ *= sizes[size_t(i)];
      if (i < first || i >= last) continue;
      add_dim(sources[size_t(i)], sizes[size_t(i)]);
    }
    find_runs(sources[size_t(last)]);
    inner_row_ = sizes[size_t(last)] * block_;
    padded_row_ = int64_t(sources[size_t(last)].size()) * block_;
  }

  int64_t outer = 1;
  int64_t rows() const { return int64_t(row_sources_.size()); }  // of the padded tensor, in each outer part
  int64_t elements() const { return padded_row_; }
  const std::vector<Run>& runs() const { return runs_; }
  // Bytes from the beginnings of the tensors; that of the inner row is -1 where all of a row is the constant.
  int64_t padded_offset(int64_t part, int64_t row) const { return (part * rows() + row) * padded_row_ * bytes_; }
  int64_t inner_offset(int64_t part, int64_t row) const {
    const int64_t source = row_sources_[size_t(row)];
    return source < 0 ? -1 : (part * inner_rows_ + source) * inner_row_ * bytes_;
  }

 private:
  // One more dim below those that the row numbers count.
  void add_dim(const std::vector<int64_t>& sources, int64_t size) {
    std::vector<int64_t> finer;
    for (const int64_t row : row_sources_)
      for (const int64_t source : sources) finer.push_back(row < 0 || source < 0 ? -1 : row * size + source);
    row_sources_ = std::move(finer);
    inner_rows_ *= size;
  }

  void find_runs(const std::vector<int64_t>& sources) {
    for (int64_t i = 0; i < int64_t(sources.size()); ++i) {
      const int64_t source = sources[size_t(i)];
      if (!runs_.empty()) {
        Run& before = runs_.back();
        if (source < 0 ? before.inner < 0 : before.inner >= 0 && source * block_ == before.inner + before.count) {
          before.count += block_;
          continue;
        }
      }
      runs_.push_back({i * block_, source < 0 ? -1 : source * block_, block_});
    }
  }

  int64_t bytes_, block_ = 1, inner_rows_ = 1, inner_row_ = 0, padded_row_ = 0;
  std::vector<int64_t> row_sources_ = {0};
  std::vector<Run> runs_;
};

bool changes_nothing(const Dims& pad) {
  return std::all_of(pad.begin(), pad.end(), [](int64_t each) { return each == 0; });
}

// Laid out like `other`, which is contiguous or channels-last.
Tensor laid_out_like(const Tensor& tensor, const Tensor& other) {
  const bool fits = other.is_contiguous() ? tensor.is_contiguous() : is_channels_last(tensor);
  if (fits) return tensor;
  const Dims& sizes = tensor.sizes();
  const Tensor copy =
      empty_strided(sizes, other.is_contiguous() ? contiguous_strides(sizes) : channels_last_strides(sizes), tensor.dtype());
  copy_elements(copy, tensor);
  return copy;
}

void pad_into(const Tensor& out, const Tensor& input, const Dims& pad, const std::string& mode, const Value& value) {
  if (out.numel() == 0) return;
  if (changes_nothing(pad)) return copy_elements(out, input);
  const Tensor word = full({}, value.is_none() ? Value(0) : value, out.dtype(), {});
  if (input.numel() == 0) return fill_elements(out, word);
  const Tensor inner = laid_out_like(input, out);
  const Rows rows(inner, !out.is_contiguous(), pad, mode);
  const int64_t bytes = int64_t(bytes_of(out.dtype()));
  const char* from = static_cast<const char*>(inner.raw());
  char* to = static_cast<char*>(out.raw());
  const Unlocked unlocked(out.numel() > kLongWork);
  parallel_for(rows.outer * rows.rows(), grain_of(rows.elements()), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t part = unit / rows.rows(), row = unit % rows.rows(), source = rows.inner_offset(part, row);
      char* y = to + rows.padded_offset(part, row);
      if (source < 0) {
        fill_row(y, 1, word.raw(), bytes, rows.elements());
        continue;
      }
      for (const Run& run : rows.runs()) {
        if (run.inner < 0) fill_row(y + run.padded * bytes, 1, word.raw(), bytes, run.count);
        else std::memcpy(y + run.padded * bytes, from + source + run.inner * bytes, size_t(run.count * bytes));
      }
    }
  });
}

}  // namespace

void pad::cpu(Call& c) { pad_into(c.out(), c.tensor(0), c.arg(1).ints(), c.arg(2).string(), c.arg(3)); }
void constant_pad_nd::cpu(Call& c) { pad_into(c.out(), c.tensor(0), c.arg(1).ints(), "constant", c.arg(2)); }

void _pad_gradient::cpu(Call& c) {
  const Tensor& out = c.out();
  const Dims& pad = c.arg(1).ints();
  if (out.numel() == 0) return;
  if (changes_nothing(pad)) return copy_elements(out, c.tensor(0));
  std::memset(out.raw(), 0, size_t(out.numel()) * bytes_of(out.dtype()));
  if (c.tensor(0).numel() == 0) return;
  const Tensor gradient = laid_out_like(c.tensor(0), out);
  const Rows rows(out, !out.is_contiguous(), pad, c.arg(2).string());
  const DType dtype = out.dtype();
  const int64_t bytes = int64_t(bytes_of(dtype));
  const char* from = static_cast<const char*>(gradient.raw());
  char* to = static_cast<char*>(out.raw());
  const Unlocked unlocked(gradient.numel() > kLongWork);
  parallel_for(rows.outer, grain_of(rows.rows() * rows.elements()), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin * rows.rows(); unit < end * rows.rows(); ++unit) {
      const int64_t part = unit / rows.rows(), row = unit % rows.rows(), target = rows.inner_offset(part, row);
      const char* x = from + rows.padded_offset(part, row);
      for (const Run& run : rows.runs()) add_row(to + target + run.inner * bytes, x + run.padded * bytes, 1, dtype, run.count);
    }
  });
}

}  // namespace ember::padding
