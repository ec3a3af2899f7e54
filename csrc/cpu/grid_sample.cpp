// grid_sample: the neighbours of a tile of places are found once and serve all channels.
#include "ops/grid_sample.h"

#include <algorithm>
#include <cstring>

#include "core/allocator.h"
#include "cpu/copies.h"
#include "cpu/grid_sample_kernels.h"
#include "cpu/parallel.h"
#include "cpu/tiles.h"

namespace ember::grids {

namespace {

constexpr int64_t kTile = 256;          // places: with 16 neighbours their tables stay in the first two caches
constexpr int64_t kGroups = 8;          // of the channels into which gradients are added by one thread each
constexpr int64_t kLongWork = 1 << 16;  // elements of a result: then other Python threads may run

Sampling sampling_of(const Dims& input, const Call& c, int first_option, DType compute) {
  const std::string &mode = c.arg(first_option).string(), &padding = c.arg(first_option + 1).string();
  Sampling sampling = {};
  sampling.dims = input.size() - 2;
  for (int d = 0; d < sampling.dims; ++d) sampling.sizes[d] = input[d + 2];
  sampling.between = mode == "nearest" ? Between::Nearest : mode == "bilinear" ? Between::Linear : Between::Cubic;
  sampling.outside = padding == "zeros" ? Outside::Zeros : padding == "border" ? Outside::Border : Outside::Reflection;
  const std::string& units = c.arg(first_option + 2).string();
  sampling.units = units == "corners" ? Units::Corners : units == "edges" ? Units::Edges : Units::Pixels;
  sampling.compute = compute;
  return sampling;
}

Tensor staged(const Tensor& tensor, DType compute) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, compute));
}

// Images, channels, places of each image, elements of a channel.
struct Counts {
  int64_t images, channels, places, elements;
  Counts(const Tensor& input, const Tensor& grid)
      : images(input.size(0)),
        channels(input.size(1)),
        places(grid.numel() / (images * grid.size(-1))),
        elements(input.numel() / (images * channels)) {}
  int64_t tiles() const { return (places + kTile - 1) / kTile; }
  bool is_long_work() const { return images * channels * places > kLongWork; }
};

// Where the neighbours of a tile and `count` tables of their weights stand, on one thread.
class Tables {
 public:
  Tables(const Sampling& sampling, const Orders* orders, int count)
      : sampling_(sampling),
        orders_(orders),
        count_(count),
        bytes_(int64_t(bytes_of(sampling.compute))),
        memory_(size_t(kTile * (sampling.dims * bytes_ + sampling.taps() * (4 + bytes_ * count)))) {}

  void find(const char* grid, int64_t n) const { find_neighbours(sampling_, grid, n, offsets(), table(0, n), orders_, count_); }
  char* rows() const { return static_cast<char*>(memory_.data()); }  // a tile of grid gradients, coordinate by coordinate
  char* table(int i, int64_t n) const { return rows() + (sampling_.dims * kTile + i * sampling_.taps() * n) * bytes_; }
  int32_t* offsets() const { return reinterpret_cast<int32_t*>(table(count_, kTile)); }

 private:
  const Sampling& sampling_;
  const Orders* orders_;
  int count_;
  int64_t bytes_;
  Scratch memory_;
};

constexpr Orders kWeights = {};
constexpr Orders kSlopes[] = {{{1, 0, 0}}, {{0, 1, 0}}, {{0, 0, 1}}};

void sample(const Sampling& sampling, const Counts& counts, const char* input, const char* grid, char* out) {
  const int64_t bytes = int64_t(bytes_of(sampling.compute)), taps = sampling.taps();
  const Unlocked unlocked(counts.is_long_work());
  parallel_for(counts.images * counts.tiles(), grain_of(4 * taps * kTile * counts.channels), [&](int64_t begin, int64_t end) {
    const Tables tables(sampling, &kWeights, 1);
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t image = unit / counts.tiles(), place = unit % counts.tiles() * kTile,
                    n = std::min(kTile, counts.places - place);
      tables.find(grid + (image * counts.places + place) * sampling.dims * bytes, n);
      for (int64_t channel = image * counts.channels; channel < (image + 1) * counts.channels; ++channel)
        mix_neighbours(input + channel * counts.elements * bytes, tables.offsets(), tables.table(0, n), taps,
                       out + (channel * counts.places + place) * bytes, n, sampling.compute);
    }
  });
}

void add_input_gradients(const Sampling& sampling, const Counts& counts, const char* gradient, const char* grid, char* out) {
  const int64_t bytes = int64_t(bytes_of(sampling.compute)), groups = std::min(kGroups, counts.channels);
  const auto first_channel = [&](int64_t unit) {
    return unit / groups * counts.channels + unit % groups * counts.channels / groups;
  };
  const int64_t cost = 4 * sampling.taps() * counts.places * (counts.channels / groups);
  const Unlocked unlocked(counts.is_long_work());
  parallel_for(counts.images * groups, grain_of(cost), [&](int64_t begin, int64_t end) {
    const Tables tables(sampling, &kWeights, 1);
    for (int64_t unit = begin; unit < end; ++unit) {
      for (int64_t place = 0; place < counts.places; place += kTile) {
        const int64_t n = std::min(kTile, counts.places - place);
        tables.find(grid + (unit / groups * counts.places + place) * sampling.dims * bytes, n);
        for (int64_t channel = first_channel(unit); channel < first_channel(unit + 1); ++channel)
          spread_to_neighbours(out + channel * counts.elements * bytes, tables.offsets(), tables.table(0, n), sampling.taps(),
                               gradient + (channel * counts.places + place) * bytes, n, sampling.compute);
      }
    }
  });
}

void add_grid_gradients(const Sampling& sampling, const Counts& counts, const char* gradient, const char* input,
                        const char* grid, char* out) {
  const int64_t bytes = int64_t(bytes_of(sampling.compute)), taps = sampling.taps();
  const int dims = sampling.dims;
  const int64_t cost = 4 * taps * kTile * counts.channels * dims;
  const Unlocked unlocked(counts.is_long_work());
  parallel_for(counts.images * counts.tiles(), grain_of(cost), [&](int64_t begin, int64_t end) {
    const Tables tables(sampling, kSlopes, dims);
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t image = unit / counts.tiles(), place = unit % counts.tiles() * kTile,
                    n = std::min(kTile, counts.places - place), at = (image * counts.places + place) * dims;
      tables.find(grid + at * bytes, n);
      std::memset(tables.rows(), 0, size_t(dims * n * bytes));
      for (int64_t channel = image * counts.channels; channel < (image + 1) * counts.channels; ++channel)
        add_slopes(input + channel * counts.elements * bytes, tables.offsets(), tables.table(0, n), dims, taps,
                   gradient + (channel * counts.places + place) * bytes, tables.rows(), n, sampling.compute);
      for (int e = 0; e < dims; ++e) copy_row(tables.rows() + e * n * bytes, 1, out + (at + e) * bytes, dims, bytes, n);
    }
  });
}

DType loop_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }
char* data_of(const Tensor& tensor) { return static_cast<char*>(tensor.raw()); }

// Runs add(memory) on zeros and puts the sums where they belong.
template <class Add>
void deliver_sums(const Tensor& out, DType compute, Add add) {
  const Tensor sums = zeros(out.sizes(), compute, out.device());
  add(data_of(sums));
  copy_elements(out, sums);
}

}  // namespace

void grid_sample::cpu(Call& c) {
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(c.tensor(0), compute), grid = staged(c.tensor(1), compute);
  const Tensor target = out.dtype() == compute ? out : empty(out.sizes(), compute);
  sample(sampling_of(input.sizes(), c, 2, compute), Counts(input, grid), data_of(input), data_of(grid), data_of(target));
  if (!target.same(out)) copy_elements(out, target);
}

void grid_sample_backward::cpu(Call& c) {
  const DType compute = loop_dtype(c.tensor(1).dtype());
  const Tensor gradient = staged(c.tensor(0), compute), input = staged(c.tensor(1), compute),
               grid = staged(c.tensor(2), compute);
  const Sampling sampling = sampling_of(input.sizes(), c, 3, compute);
  const bool nothing = gradient.numel() == 0;
  if (c.arg(6).boolean())
    deliver_sums(c.out(0), compute, [&](char* sums) {
      if (!nothing) add_input_gradients(sampling, Counts(input, grid), data_of(gradient), data_of(grid), sums);
    });
  if (c.arg(7).boolean())
    deliver_sums(c.out(1), compute, [&](char* sums) {
      if (!nothing) add_grid_gradients(sampling, Counts(input, grid), data_of(gradient), data_of(input), data_of(grid), sums);
    });
}

void _grid_neighbours::cpu(Call& c) {
  const Tensor &weights = c.out(0), &offsets = c.out(1);
  if (weights.numel() == 0) return;
  const DType compute = loop_dtype(weights.dtype());
  const Tensor grid = staged(c.tensor(0), compute), target = empty(weights.sizes(), compute);
  const Tensor found = empty(offsets.sizes(), DType::Int32);
  const Sampling sampling = sampling_of(c.arg(1).ints(), c, 2, compute);
  Orders orders;
  for (int e = 0; e < sampling.dims; ++e) orders.by[e] = int(std::min<int64_t>(c.arg(5).ints()[e], INT16_MAX));
  const int64_t bytes = int64_t(bytes_of(compute)), places = weights.size(2), taps = sampling.taps();
  for (int64_t image = 0; image < weights.size(0); ++image)
    find_neighbours(sampling, data_of(grid) + image * places * sampling.dims * bytes, places,
                    found.data<int32_t>() + image * taps * places, data_of(target) + image * taps * places * bytes, &orders, 1);
  copy_elements(weights, target);
  copy_elements(offsets, found);
}

}  // namespace ember::grids
