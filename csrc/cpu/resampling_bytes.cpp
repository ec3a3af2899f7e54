#include "cpu/resampling_bytes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/allocator.h"
#include "core/channels_last.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/resampling_byte_kernels.h"
#include "op/call.h"

namespace ember::resampling {

namespace {

constexpr int64_t kPieceSize = 1 << 16;  // bytes of a piece of the result
constexpr int64_t kLongWork = 1 << 17;   // bytes: then other Python threads may run

// A band in whole numbers, with `inner` channels at each place: 2**bits make 1, as many bits as let the largest weight fit
// into 16.
struct ByteBand {
  const Band& band;
  int64_t inner;
  int bits = 0;
  std::vector<int32_t> first, by_row, by_tap;  // by_tap and first with a column for each channel

  ByteBand(const Band& band, int64_t inner) : band(band), inner(inner) {
    const double largest = *std::max_element(band.weights.begin(), band.weights.end());
    while (bits < 22 && int64_t(0.5 + largest * double(1 << (bits + 1))) < 1 << 15) ++bits;
    for (const double weight : band.weights) {
      const double scaled = weight * double(1 << bits);
      by_row.push_back(int32_t(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }

  int64_t in() const { return band.in * inner; }
  int64_t out() const { return band.out * inner; }

  int64_t taps() const { return inner == 1 ? (band.taps + 3) / 4 * 4 : band.taps; }  // of by_tap

  void spread_over_channels() {
    by_tap.resize(size_t(taps() * out()));
    for (int64_t o = 0; o < out(); ++o) {
      const int64_t place = o / inner;
      first.push_back(int32_t(band.first[size_t(place)] * inner + o % inner));
      for (int64_t k = 0; k < band.taps; ++k) by_tap[size_t(k * out() + o)] = by_row[size_t(place * band.taps + k)];
    }
  }
};

// Rows of the result and the rows of the image that they come from.
struct Piece {
  int64_t begin, end, first, last;
  Piece(const Band& band, int64_t begin, int64_t end) : begin(begin), end(end), first(band.in), last(0) {
    for (int64_t o = begin; o < end; ++o) {
      first = std::min(first, band.first[size_t(o)]);
      last = std::max(last, band.first[size_t(o)] + band.taps);
    }
  }
};

void run_piece(const ByteBand& height, const ByteBand& width, const Piece& piece, const uint8_t* image, uint8_t* out) {
  const int64_t rows = piece.last - piece.first, row = width.out();
  const bool as_wide = width.band.is_identity();
  const Scratch between(size_t(as_wide ? 0 : rows * row)), numbers(size_t(width.in() + 4 + row) * sizeof(int32_t));
  const uint8_t* x = image + piece.first * width.in();
  if (!as_wide) {
    uint8_t* y = static_cast<uint8_t*>(between.data());
    int32_t* room = static_cast<int32_t*>(numbers.data());
    for (int64_t i = 0; i < rows; ++i)
      weigh_byte_columns(x + i * width.in(), width.in(), width.first.data(), width.inner, width.by_tap.data(), width.taps(),
                         width.bits, room, room + width.in() + 4, y + i * row, row);
    x = y;
  }
  for (int64_t o = piece.begin; o < piece.end; ++o)
    weigh_byte_rows(x + (height.band.first[size_t(o)] - piece.first) * row, row, height.by_row.data() + o * height.band.taps,
                    height.band.taps, height.bits, out + o * row, row);
}

Tensor laid_out(const Tensor& tensor, bool channels_last) {
  if (channels_last || tensor.is_contiguous()) return tensor;
  const Tensor copy = empty(tensor.sizes(), DType::UInt8);
  copy_elements(copy, tensor);
  return copy;
}

}  // namespace

void resample_bytes(const Tensor& given, const Band& height, const Band& width, const Tensor& out) {
  const bool channels_last = is_channels_last(given) && is_channels_last(out);
  const Tensor input = laid_out(given, channels_last);
  const Tensor target = channels_last || out.is_contiguous() ? out : empty(out.sizes(), DType::UInt8);
  const int64_t inner = channels_last ? input.size(1) : 1, images = input.size(0) * (channels_last ? 1 : input.size(1));
  const ByteBand rows(height, inner);
  ByteBand columns(width, inner);
  columns.spread_over_channels();
  const int64_t at_once = std::clamp<int64_t>(kPieceSize / columns.out(), 1, height.out),
                pieces = (height.out + at_once - 1) / at_once;
  const uint8_t* x = static_cast<const uint8_t*>(input.raw());
  uint8_t* y = static_cast<uint8_t*>(target.raw());
  const Unlocked unlocked(target.numel() > kLongWork);
  parallel_for(images * pieces, grain_of(2 * at_once * columns.out()), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t image = unit / pieces, row = unit % pieces * at_once;
      run_piece(rows, columns, Piece(height, row, std::min(row + at_once, height.out)), x + image * height.in * columns.in(),
                y + image * height.out * columns.out());
    }
  });
  if (!target.same(out)) copy_elements(out, target);
}

}  // namespace ember::resampling
