// The engine of reductions: from any shape and strides to blocks of rows or columns, from any element type to a compute
// type, over threads. Blocks and the order in which they are merged depend on the shape alone, never on the threads.
#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <unordered_map>

#include "core/allocator.h"
#include "cpu/dispatch.h"
#include "cpu/parallel.h"
#include "cpu/tiles.h"
#include "op/reduction.h"

#define EMBER_SECTION(isa) \
  extern "C" const ember::ReductionLoops __start_ember_reductions_##isa[]; \
  extern "C" const ember::ReductionLoops __stop_ember_reductions_##isa[];
#if EMBER_MULTI_ISA
EMBER_SECTION(v3)
EMBER_SECTION(v4)
#else
EMBER_SECTION(generic)
#endif

namespace ember {

const ReductionLoops* find_reduction_loops(const char* schema) {
#if EMBER_MULTI_ISA
  static const ReductionLoops* begin = processor_is_v4() ? __start_ember_reductions_v4 : __start_ember_reductions_v3;
  static const ReductionLoops* end = processor_is_v4() ? __stop_ember_reductions_v4 : __stop_ember_reductions_v3;
#else
  static const ReductionLoops* begin = __start_ember_reductions_generic;
  static const ReductionLoops* end = __stop_ember_reductions_generic;
#endif
  static const auto* by_schema = [] {
    auto* map = new std::unordered_map<std::string_view, const ReductionLoops*>;
    for (const ReductionLoops* each = begin; each != end; ++each) map->emplace(each->schema, each);
    return map;
  }();
  const auto found = by_schema->find(schema);
  return found == by_schema->end() ? nullptr : found->second;
}

namespace {

constexpr int64_t kRowResults = 128;       // results of one unit where rows are folded
constexpr int64_t kColumnResults = 512;    // ... where columns are
constexpr int64_t kPiece = 1 << 14;        // elements of a row, or of a block of columns, between two looks at the shape
constexpr int64_t kTileBytes = 16384;      // of elements that need a conversion
constexpr int64_t kFewUnits = 64;          // below it a long reduction is cut into chunks
constexpr int64_t kChunk = 1 << 17;        // elements of a chunk

struct Axis {
  int64_t size, stride, out_stride;
};

// The dims of the input, joined and in memory order, innermost first.
struct Axes {
  int count = 0;
  Axis at[kMaxDims];
  void add(const Axis& axis) { at[count++] = axis; }
  void settle() {
    std::stable_sort(at, at + count, [](const Axis& a, const Axis& b) { return std::abs(a.stride) < std::abs(b.stride); });
    int kept = 0;
    for (int i = 1; i < count; ++i) {
      Axis& inner = at[kept];
      if (at[i].stride == inner.stride * inner.size && at[i].out_stride == inner.out_stride * inner.size)
        inner.size *= at[i].size;
      else at[++kept] = at[i];
    }
    if (count) count = kept + 1;
    else add({1, 1, 1});
  }
  int64_t outer() const {  // positions of all but the innermost
    int64_t product = 1;
    for (int i = 1; i < count; ++i) product *= at[i].size;
    return product;
  }
};

// Where the index-th position of the outer axes lies.
int64_t outer_offset(const Axes& axes, int64_t index, int64_t Axis::* stride) {
  int64_t offset = 0;
  for (int i = 1; i < axes.count; ++i) {
    offset += index % axes.at[i].size * (axes.at[i].*stride);
    index /= axes.at[i].size;
  }
  return offset;
}

class Reduction {
 public:
  Reduction(const ReductionLoop& loop, const Tensor& input, uint64_t mask, DType compute, double number, const Tensor* outs,
            int count)
      : loop_(loop),
        data_(static_cast<const char*>(input.raw())),
        dtype_(input.dtype()),
        compute_(compute),
        number_(number),
        outs_(outs),
        out_count_(count) {
    int64_t out_stride = 1;
    for (int i = input.dim() - 1; i >= 0; --i) {
      const int64_t size = input.size(i);
      const bool folded = mask >> i & 1;
      if (folded) elements_ *= size;
      if (size != 1) (folded ? folded_ : kept_).add({size, input.stride(i), folded ? 0 : out_stride});
      if (!folded) out_stride *= size;
    }
    kept_.settle();
    folded_.settle();
    columns_ =
        kept_.at[0].size > 1 && (folded_.at[0].size == 1 || std::abs(kept_.at[0].stride) < std::abs(folded_.at[0].stride));
    width_ = std::min(kept_.at[0].size, columns_ ? kColumnResults : kRowResults);
    piece_ = columns_ ? std::max<int64_t>(64, kPiece / width_) : kPiece;
    unit_blocks_ = (kept_.at[0].size + width_ - 1) / width_;
    pieces_ = (folded_.at[0].size + piece_ - 1) / piece_;
    lines_ = pieces_ * folded_.outer();
  }

  void run() {
    const int64_t units = unit_blocks_ * kept_.outer();
    const int64_t unit_elements = std::max<int64_t>(width_ * elements_, 1);
    if (units < kFewUnits && lines_ > 1 && unit_elements >= 2 * kChunk) return run_chunks(units, unit_elements);
    parallel_for(units, std::max<int64_t>(1, parallel_work / unit_elements), [&](int64_t begin, int64_t end) {
      alignas(64) char states[kColumnResults * kStateBytes];
      for (int64_t unit = begin; unit < end; ++unit) {
        loop_.start(states, results_of(unit));
        fold(unit, 0, lines_, states);
        finish(unit, states);
      }
    });
  }

 private:
  static constexpr int64_t kStateBytes = 32;

  int64_t results_of(int64_t unit) const { return std::min(width_, kept_.at[0].size - unit % unit_blocks_ * width_); }

  void run_chunks(int64_t units, int64_t unit_elements) const {
    const int64_t line_elements = std::max<int64_t>(1, unit_elements / lines_);
    const int64_t chunk_lines = std::max<int64_t>(1, kChunk / line_elements);
    const int64_t chunks = (lines_ + chunk_lines - 1) / chunk_lines;
    const int64_t part_bytes = width_ * loop_.state_bytes;
    const Scratch scratch(size_t(units * chunks * part_bytes));
    char* parts = static_cast<char*>(scratch.data());
    parallel_for(units * chunks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t unit = i / chunks, chunk = i % chunks;
        char* states = parts + i * part_bytes;
        loop_.start(states, results_of(unit));
        fold(unit, chunk * chunk_lines, std::min((chunk + 1) * chunk_lines, lines_), states);
      }
    });
    for (int64_t unit = 0; unit < units; ++unit) {
      char* states = parts + unit * chunks * part_bytes;
      for (int64_t chunk = 1; chunk < chunks; ++chunk) loop_.merge(states, states + chunk * part_bytes, results_of(unit));
      finish(unit, states);
    }
  }

  // Adds lines [begin, end) of the folded dims to the results of `unit`.
  void fold(int64_t unit, int64_t begin, int64_t end, char* states) const {
    const int64_t bytes = int64_t(bytes_of(dtype_));
    const Axis &kept = kept_.at[0], &folded = folded_.at[0];
    const char* from =
        data_ + (outer_offset(kept_, unit / unit_blocks_, &Axis::stride) + unit % unit_blocks_ * width_ * kept.stride) * bytes;
    const int64_t results = results_of(unit);
    for (int64_t line = begin; line < end; ++line) {
      const int64_t base = line % pieces_ * piece_;
      const int64_t n = std::min(piece_, folded.size - base);
      const char* at = from + (outer_offset(folded_, line / pieces_, &Axis::stride) + base * folded.stride) * bytes;
      if (columns_) fold_columns(at, n, results, base, states);
      else fold_rows(at, results, n, base, states);
    }
  }

  void fold_rows(const char* x, int64_t rows, int64_t n, int64_t base, char* states) const {
    const int64_t stride = kept_.at[0].stride, step = folded_.at[0].stride;
    if (dtype_ == compute_ && (step == 1 || n == 1)) return loop_.rows(x, stride, rows, n, base, states);
    alignas(64) char tile[kTileBytes];
    const int64_t bytes = int64_t(bytes_of(dtype_)), width = int64_t(bytes_of(compute_)), room = kTileBytes / width;
    if (n > room) {
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t i = 0; i < n; i += room) {
          const int64_t part = std::min(room, n - i);
          load_tile(x + (r * stride + i * step) * bytes, dtype_, step, tile, compute_, part);
          loop_.rows(tile, 0, 1, part, base + i, states + r * loop_.state_bytes);
        }
      return;
    }
    const int64_t together = room / n;
    for (int64_t r = 0; r < rows; r += together) {
      const int64_t part = std::min(together, rows - r);
      if (stride == n * step) load_tile(x + r * stride * bytes, dtype_, step, tile, compute_, part * n);
      else
        for (int64_t i = 0; i < part; ++i)
          load_tile(x + (r + i) * stride * bytes, dtype_, step, tile + i * n * width, compute_, n);
      loop_.rows(tile, n, part, n, base, states + r * loop_.state_bytes);
    }
  }

  void fold_columns(const char* x, int64_t rows, int64_t n, int64_t base, char* states) const {
    const int64_t step = kept_.at[0].stride, stride = folded_.at[0].stride;
    if (dtype_ == compute_ && step == 1) return loop_.columns(x, stride, rows, n, base, states);
    alignas(64) char tile[kTileBytes];
    const int64_t bytes = int64_t(bytes_of(dtype_)), width = int64_t(bytes_of(compute_));
    const int64_t room = kTileBytes / width;
    for (int64_t left = 0; left < n; left += room) {
      const int64_t cols = std::min(room, n - left), together = std::max<int64_t>(1, room / cols);
      for (int64_t r = 0; r < rows; r += together) {
        const int64_t part = std::min(together, rows - r);
        for (int64_t i = 0; i < part; ++i)
          load_tile(x + ((r + i) * stride + left * step) * bytes, dtype_, step, tile + i * cols * width, compute_, cols);
        loop_.columns(tile, cols, part, cols, base + r, states + left * loop_.state_bytes);
      }
    }
  }

  void finish(int64_t unit, const char* states) const {
    alignas(64) char tiles[kMaxReduced][kColumnResults * 16];
    const Axis& kept = kept_.at[0];
    const int64_t at =
        outer_offset(kept_, unit / unit_blocks_, &Axis::out_stride) + unit % unit_blocks_ * width_ * kept.out_stride;
    const int64_t results = results_of(unit);
    void* targets[kMaxReduced] = {};
    for (int k = 0; k < out_count_; ++k) targets[k] = tiles[k];
    loop_.finish(states, targets, results, double(elements_), number_);
    for (int k = 0; k < out_count_; ++k)
      store_tile(tiles[k], loop_.results[k], static_cast<char*>(outs_[k].raw()) + at * int64_t(bytes_of(outs_[k].dtype())),
                 outs_[k].dtype(), kept.out_stride, results);
  }

  const ReductionLoop& loop_;
  const char* data_;
  DType dtype_, compute_;
  double number_;
  const Tensor* outs_;
  int out_count_;
  Axes kept_, folded_;
  int64_t elements_ = 1;   // that meet in one result
  bool columns_;
  int64_t width_;          // results of a unit
  int64_t unit_blocks_;    // units along the innermost kept axis
  int64_t piece_;          // steps of a line along the innermost folded axis
  int64_t pieces_;         // lines along it
  int64_t lines_;
};

}  // namespace

void reduce_cpu(const ReductionLoops& loops, const Tensor& input, uint64_t mask, DType compute, double number,
                const Tensor* outs, int count) {
  if (outs[0].numel() == 0) return;
  const int index = compute == DType::Int64 ? 0 : int(compute) - int(DType::Float32) + 1;
  Reduction reduction(loops.typed[index], input, mask, compute, number, outs, count);
  Unlocked unlocked(input.numel() > (1 << 18));
  reduction.run();
}

}  // namespace ember
