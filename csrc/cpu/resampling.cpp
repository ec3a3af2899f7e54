// Interpolation dim by dim, a piece of the result at a time, so that what lies between two dims stays in the cache.
#include "ops/resampling.h"

#include <algorithm>

#include "core/allocator.h"
#include "core/channels_last.h"
#include "cpu/bands.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/resampling_bytes.h"
#include "cpu/resampling_kernels.h"
#include "op/var.h"

namespace ember::resampling {

namespace {

constexpr int64_t kPieceSize = 32768;   // elements of a piece, which fit the second-level cache
constexpr int64_t kLongWork = 1 << 17;  // elements: then other Python threads may run

// A band with its weights in the loops' type, as weigh_columns wants them (by tap) or weigh_rows (by row).
struct Pass {
  Band band;
  bool columns;  // along a dim whose elements lie next to each other
  Tensor weights;
  std::vector<int32_t> first;  // of columns

  Pass(Band given, bool columns, DType compute)
      : band(std::move(given)), columns(columns), weights(empty({int64_t(band.weights.size())}, compute)) {
    for (int64_t o = 0; o < band.out; ++o)
      for (int64_t k = 0; k < band.taps; ++k) {
        const double weight = band.weights[size_t(o * band.taps + k)];
        const int64_t at = columns ? k * band.out + o : o * band.taps + k;
        if (compute == DType::Float64) weights.data<double>()[at] = weight;
        else weights.data<float>()[at] = float(weight);
      }
    if (columns) first.assign(band.first.begin(), band.first.end());
  }
};

// The tensor as blocks of three dims with `inner` elements at each place; the first dim may be the images or signals.
struct Resampling {
  int64_t blocks, inner;
  DType compute;
  std::vector<Pass> passes;

  // Rows [begin, end) of the first dim of a block's result, and the rows of the block that they come from.
  struct Piece {
    int64_t begin, end, first, last;
  };

  Piece piece(int64_t begin, int64_t end) const {
    const Band& band = passes[0].band;
    Piece piece{begin, end, band.in, 0};
    for (int64_t o = begin; o < end; ++o) {
      piece.first = std::min(piece.first, band.first[size_t(o)]);
      piece.last = std::max(piece.last, band.first[size_t(o)] + band.taps);
    }
    return piece;
  }

  int64_t elements_in() const { return passes[1].band.in * passes[2].band.in * inner; }  // of a row of the first dim
  int64_t elements_out() const { return passes[1].band.out * passes[2].band.out * inner; }
  int64_t rows_at_once() const {
    const Band& band = passes[0].band;
    const int64_t row = std::max(elements_out(), elements_in() * std::max<int64_t>(1, band.in / band.out));
    return std::clamp<int64_t>(kPieceSize / std::max<int64_t>(row, 1), 1, band.out);
  }

  // Which dims first: those that shrink, from the outermost, for the fewest products; then as PyTorch, from the innermost.
  std::vector<int> order() const {
    std::vector<int> order;
    for (int d = 0; d < 3; ++d)
      if (passes[size_t(d)].band.out < passes[size_t(d)].band.in) order.push_back(d);
    for (int d = 2; d >= 0; --d)
      if (passes[size_t(d)].band.out >= passes[size_t(d)].band.in && !passes[size_t(d)].band.is_identity()) order.push_back(d);
    return order;
  }

  // The most elements that lie between two passes for a piece of so many rows.
  int64_t scratch_size(const Piece& piece) const {
    return std::max(piece.end - piece.begin, piece.last - piece.first) * std::max(passes[1].band.in, passes[1].band.out) *
           std::max(passes[2].band.in, passes[2].band.out) * inner;
  }

  void run_pass(int d, int64_t (&sizes)[3], const Piece& piece, const char* x, char* y) const {
    const Pass& pass = passes[size_t(d)];
    const Band& band = pass.band;
    const int64_t bytes = int64_t(bytes_of(compute)), from = d ? 0 : piece.begin, shift = d ? 0 : piece.first;
    const int64_t in = sizes[d], out = d ? band.out : piece.end - piece.begin;
    int64_t outer = 1, tail = inner;
    for (int e = 0; e < d; ++e) outer *= sizes[e];
    for (int e = d + 1; e < 3; ++e) tail *= sizes[e];
    const char* weights = static_cast<const char*>(pass.weights.raw());
    if (pass.columns) {
      weigh_columns(x, in, pass.first.data(), weights, band.taps, y, out, outer, compute);
    } else {
      for (int64_t i = 0; i < outer; ++i)
        for (int64_t o = 0; o < out; ++o)
          weigh_rows(x + (i * in + band.first[size_t(from + o)] - shift) * tail * bytes, tail,
                     weights + (from + o) * band.taps * bytes, band.taps, y + (i * out + o) * tail * bytes, tail, compute);
    }
    sizes[d] = out;
  }

  void run_piece(const Piece& piece, const std::vector<int>& order, const char* x, char* y, char* scratch) const {
    const int64_t bytes = int64_t(bytes_of(compute));
    int64_t sizes[] = {piece.last - piece.first, passes[1].band.in, passes[2].band.in};
    char* free = scratch;
    char* other = scratch + scratch_size(piece) * bytes;
    for (size_t i = 0; i < order.size(); ++i) {
      char* to = i + 1 == order.size() ? y : free;
      run_pass(order[i], sizes, piece, x, to);
      x = to;
      std::swap(free, other);
    }
  }

  void run(const char* x, char* y) const {
    const std::vector<int> passes_in_order = order();
    const Band& lead = passes[0].band;
    const int64_t bytes = int64_t(bytes_of(compute)), rows = rows_at_once(), pieces = (lead.out + rows - 1) / rows;
    int64_t most = 0;
    for (int64_t p = 0; p < pieces; ++p)
      most = std::max(most, scratch_size(piece(p * rows, std::min((p + 1) * rows, lead.out))));
    Unlocked unlocked(blocks * lead.out * elements_out() > kLongWork);
    parallel_for(blocks * pieces, grain_of(4 * rows * elements_out()), [&](int64_t begin, int64_t end) {
      const Scratch scratch(size_t(2 * most * bytes));
      for (int64_t unit = begin; unit < end; ++unit) {
        const int64_t block = unit / pieces, row = unit % pieces * rows;
        const Piece part = piece(row, std::min(row + rows, lead.out));
        run_piece(part, passes_in_order, x + (block * lead.in + part.first) * elements_in() * bytes,
                  y + (block * lead.out + row) * elements_out() * bytes, static_cast<char*>(scratch.data()));
      }
    });
  }
};

Pass unchanged(int64_t size, DType compute) {
  return Pass(make_band("nearest", size, size, 0, false, compute), false, compute);
}

Band band_of(const Tensor& input, const Call& c, int d, DType compute) {
  const int64_t here = input.size(d + 2), there = c.arg(1).ints()[d];
  const bool transposed = c.arg(5).boolean();
  Band band = make_band(c.arg(3).string(), transposed ? there : here, transposed ? here : there, c.arg(2).floats()[size_t(d)],
                        c.arg(4).boolean(), compute);
  return transposed ? band.transposed() : band;
}

Resampling plan(const Tensor& input, Call& c, bool channels_last, DType compute) {
  const int spatial = c.arg(1).ints().size();
  Resampling result{
      channels_last ? input.size(0) : input.size(0) * input.size(1), channels_last ? input.size(1) : 1, compute, {}};
  std::vector<Pass>& passes = result.passes;
  for (int d = 0; d < spatial; ++d)
    passes.emplace_back(band_of(input, c, d, compute), d + 1 == spatial && result.inner == 1, compute);
  // Large images are cut themselves; of small ones, and of signals, several make a piece.
  const int64_t image = std::max(input.numel(), c.out().numel()) / std::max<int64_t>(result.blocks, 1);
  if (spatial == 2 && image > kPieceSize) passes.insert(passes.begin() + 1, unchanged(1, compute));
  while (passes.size() < 3) passes.insert(passes.begin(), unchanged(std::exchange(result.blocks, 1), compute));
  return result;
}

Tensor laid_out(const Tensor& tensor, bool channels_last, DType dtype) {
  if (tensor.dtype() == dtype && (channels_last || tensor.is_contiguous())) return tensor;
  const Dims& sizes = tensor.sizes();
  const Tensor copy = empty_strided(sizes, channels_last ? channels_last_strides(sizes) : contiguous_strides(sizes), dtype);
  copy_elements(copy, tensor);
  return copy;
}

// To whole numbers between 0 and 255.
void store_bytes(const Tensor& out, const Tensor& values) {
  const NoGradient off;
  copy_elements(out, min(max(round(Var(values)), 0), 255).as_tensor(values));
}

}  // namespace

void _resample::cpu(Call& c) {
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  if (out.dtype() == DType::UInt8 && out.dim() == 4 && !c.arg(3).string().starts_with("nearest"))
    return resample_bytes(c.tensor(0), band_of(c.tensor(0), c, 0, DType::Float64), band_of(c.tensor(0), c, 1, DType::Float64),
                          out);
  const bool channels_last = is_channels_last(c.tensor(0)) && is_channels_last(out);
  const DType compute = out.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
  const Tensor input = laid_out(c.tensor(0), channels_last, compute);
  const Tensor target = out.dtype() == compute ? out : empty_strided(out.sizes(), out.strides(), compute);
  const Resampling resampling = plan(input, c, channels_last, compute);
  if (resampling.order().empty()) copy_elements(target, input);
  else resampling.run(static_cast<const char*>(input.raw()), static_cast<char*>(target.raw()));
  if (out.dtype() == DType::UInt8) store_bytes(out, target);
  else if (!target.same(out)) copy_elements(out, target);
}

// ---- pixels and channels ----

namespace {

// (*, C r^2, H, W) and (*, C, H r, W r), both contiguous, with the same elements at (images, H, r, W, r).
std::pair<Tensor, Tensor> shuffled(const Tensor& deep, const Tensor& wide, int64_t r) {
  const int64_t height = deep.size(-2), width = deep.size(-1), pixels = height * width,
                images = deep.numel() / (pixels * r * r);
  const Dims sizes = {images, height, r, width, r};
  return {raw_view(deep, sizes, {r * r * pixels, width, r * pixels, 1, pixels}, deep.offset()),
          raw_view(wide, sizes, contiguous_strides(sizes), wide.offset())};
}

}  // namespace

void pixel_shuffle::cpu(Call& c) {
  if (c.out().numel() == 0) return;
  const auto [deep, wide] = shuffled(contiguous(c.tensor(0)), c.out(), c.arg(1).integer());
  copy_elements(wide, deep);
}

void pixel_unshuffle::cpu(Call& c) {
  if (c.out().numel() == 0) return;
  const auto [deep, wide] = shuffled(c.out(), contiguous(c.tensor(0)), c.arg(1).integer());
  copy_elements(deep, wide);
}

void channel_shuffle::cpu(Call& c) {
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  const Tensor input = contiguous(c.tensor(0));
  const int64_t images = out.size(0), groups = c.arg(1).integer(), each = out.size(1) / groups,
                pixels = out.numel() / (images * out.size(1));
  const Dims sizes = {images, each, groups, pixels};
  copy_elements(raw_view(out, sizes, contiguous_strides(sizes), out.offset()),
                raw_view(input, sizes, {each * groups * pixels, pixels, each * pixels, 1}, input.offset()));
}

}  // namespace ember::resampling
