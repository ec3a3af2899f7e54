// Regions of interest. What a bin reads is a product of what it reads along rows and along columns, so that a region is two
// short lists of taps (BinTaps), found once and used for all its channels.
#include "ops/regions.h"

#include <algorithm>
#include <cmath>

#include "core/allocator.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/region_kernels.h"

namespace ember::regions {

namespace {

constexpr int64_t kGroups = 4;  // of channels, when regions are few or add into one map: each has the taps found anew
constexpr int64_t kLongWork = 1 << 16;  // elements: then other Python threads may run

DType loop_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

Tensor staged(const Tensor& tensor, DType compute) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, compute));
}

template <class F>
void by_type(DType compute, F&& f) {
  if (compute == DType::Float64) f.template operator()<double>();
  else f.template operator()<float>();
}

enum class Rule { Align, AlignCentred, SensitiveAlign, SensitiveMean };

Rule rule_of(const std::string& name) {
  return name == "align"             ? Rule::Align
         : name == "align_centred"   ? Rule::AlignCentred
         : name == "sensitive_align" ? Rule::SensitiveAlign
                                     : Rule::SensitiveMean;
}

struct Pooling {
  Rule rule;
  double scale;
  int64_t rows, columns;  // bins
  int64_t samples;  // of a bin along each dim; as many as it has pixels, if not above 0
  int64_t channels, height, width;
  DType compute;
  bool is_sensitive() const { return rule == Rule::SensitiveAlign || rule == Rule::SensitiveMean; }
  int64_t results() const { return is_sensitive() ? channels / (rows * columns) : channels; }  // channels of the result
};

void check_images(const Tensor& regions, int64_t images, const char* name) {
  by_type(regions.dtype(), [&]<class T>() {
    const T* region = regions.data<T>();
    for (int64_t k = 0; k < regions.size(0); ++k)
      if (!(region[5 * k] > -1 && region[5 * k] < T(images)))
        fail(ErrorKind::Index, name, "(): rois[", k, ", 0] is ", region[5 * k], "; expected the index of one of ", images,
             " images.");
  });
}

// ---- taps ----

template <class T>
struct AxisTaps {
  std::vector<int64_t> ends, index;
  std::vector<T> weights;

  void clear() {
    ends.assign(1, 0);
    index.clear();
    weights.clear();
  }
  void end_bin() { ends.push_back(int64_t(index.size())); }
  void add(int64_t at, T weight) {
    if (weight == 0) return;
    const int64_t last = int64_t(index.size()) - 1;
    for (int64_t k = last; k >= ends.back() && k > last - 2; --k)  // neighbouring samples share pixels
      if (index[size_t(k)] == at) {
        weights[size_t(k)] += weight;
        return;
      }
    index.push_back(at);
    weights.push_back(weight);
  }
  BinTaps all() const { return {int64_t(ends.size()) - 1, ends.data(), index.data(), weights.data()}; }
  BinTaps bin(int64_t i) const { return {1, ends.data() + i, index.data(), weights.data()}; }
};

// Linear interpolation at `at`, which counts as inside up to one pixel beyond the outermost centres.
template <class T>
void add_sample(T at, int64_t size, AxisTaps<T>& taps) {
  if (!(at >= -1 && at <= T(size))) return;
  at = std::max(at, T(0));
  const int64_t low = std::min(int64_t(at), size - 1);
  const T share = low == size - 1 ? T(0) : at - T(low);
  taps.add(low, T(1) - share);
  taps.add(low + 1, share);
}

// Which samples of a bin of `count` can lie in [-1, size]: far outside there may be any number of them.
template <class T>
std::pair<int64_t, int64_t> samples_inside(T start, T step, T count, int64_t size) {
  double low = 0, high = double(count);
  if (step != 0) {
    const double one = (-1 - double(start)) / double(step), other = (double(size) - double(start)) / double(step);
    low = std::max(low, std::floor(std::min(one, other)) - 2);
    high = std::min(high, std::ceil(std::max(one, other)) + 2);
  }
  constexpr double kMost = 1ll << 52;
  return {int64_t(std::min(low, kMost)), int64_t(std::min(high, kMost))};
}

// Returns the number of samples of each bin; nan where the region is not finite.
template <class T>
T find_samples(T start, T length, int64_t bins, int64_t samples, int64_t size, AxisTaps<T>& taps) {
  const T bin = length / T(bins), count = samples > 0 ? T(samples) : std::ceil(bin);
  const bool finite = std::isfinite(start) && std::isfinite(length);
  for (int64_t i = 0; i < bins; ++i) {
    const T begin = start + T(i) * bin;
    if (finite && size > 0 && count > 0) {
      const auto [first, end] = samples_inside(begin, bin / count, count, size);
      for (int64_t k = first; k < end; ++k) add_sample(begin + T(double(k) + 0.5) * bin / count, size, taps);
    }
    taps.end_bin();
  }
  return finite ? count : T(NAN);
}

// A place as a pixel between 0 and `most`; nan is 0.
int64_t pixel_at(double place, int64_t most) { return int64_t(std::fmin(std::fmax(place, 0.), double(most))); }

// Whole pixels, each bin from the one that its begin falls into up to the one that its end falls into.
template <class T>
void find_pixels(T start, T length, int64_t bins, int64_t size, AxisTaps<T>& taps) {
  const T bin = length / T(bins);
  for (int64_t i = 0; i < bins; ++i) {
    const double first = double(std::floor(T(i) * bin) + start), end = double(std::ceil(T(i + 1) * bin) + start);
    const int64_t low = pixel_at(first, size - 1), high = pixel_at(end, size - 1);
    for (int64_t at = low; at < high; ++at) taps.add(at, T(1) / T(high - low));
    taps.end_bin();
  }
}

// One region's taps, on one thread.
template <class T>
class Region {
 public:
  explicit Region(const Pooling& pooling) : pooling_(pooling) {}

  void find(const T* region) {
    const T scale = T(pooling_.scale), offset = pooling_.rule == Rule::Align ? T(0) : T(0.5);
    rows_.clear();
    columns_.clear();
    T corners[4];
    for (int e = 0; e < 4; ++e) corners[e] = region[e + 1] * scale;
    if (pooling_.rule == Rule::SensitiveMean) {
      for (T& corner : corners) corner = std::round(corner);
      find_pixels(corners[1], std::max(corners[3] - corners[1], T(1)), pooling_.rows, pooling_.height, rows_);
      find_pixels(corners[0], std::max(corners[2] - corners[0], T(1)), pooling_.columns, pooling_.width, columns_);
      factor_ = 1;
      return;
    }
    for (T& corner : corners) corner -= offset;
    T width = corners[2] - corners[0], height = corners[3] - corners[1];
    if (pooling_.rule == Rule::Align) {
      width = std::max(width, T(1));
      height = std::max(height, T(1));
    }
    const T samples = find_samples(corners[1], height, pooling_.rows, pooling_.samples, pooling_.height, rows_) *
                      find_samples(corners[0], width, pooling_.columns, pooling_.samples, pooling_.width, columns_);
    factor_ = std::isnan(samples) ? NAN : 1 / std::max(double(samples), 1.);
  }

  // Calls f(taps, channel, offset) for what makes up channel c of the result, its bins from `offset` on.
  template <class F>
  void each_part(int64_t c, F f) const {
    if (!pooling_.is_sensitive()) return f(taps_of(rows_.all(), columns_.all()), c, int64_t{0});
    for (int64_t i = 0; i < pooling_.rows; ++i)
      for (int64_t j = 0; j < pooling_.columns; ++j) {
        const int64_t bin = i * pooling_.columns + j;
        f(taps_of(rows_.bin(i), columns_.bin(j)), c * pooling_.rows * pooling_.columns + bin, bin);
      }
  }

 private:
  RegionTaps taps_of(const BinTaps& rows, const BinTaps& columns) const {
    const int64_t *first = columns.index + columns.ends[0], *end = columns.index + columns.ends[columns.bins];
    if (first == end) return {rows, columns, 0, 0, factor_, pooling_.compute};
    const auto [low, high] = std::minmax_element(first, end);
    return {rows, columns, *low, *high + 1, factor_, pooling_.compute};
  }

  const Pooling& pooling_;
  AxisTaps<T> rows_, columns_;
  double factor_ = 1;
};

int64_t cost_of(const Pooling& pooling) { return 8 * pooling.rows * pooling.columns * 4 + 64; }

template <class T>
void pool(const Pooling& pooling, const T* input, const Tensor& regions, T* out) {
  const int64_t count = regions.size(0), results = pooling.results(), bins = pooling.rows * pooling.columns,
                area = pooling.height * pooling.width, groups = count >= 16 ? 1 : std::clamp<int64_t>(results, 1, kGroups);
  const Unlocked unlocked(count * results * bins > kLongWork);
  parallel_for(count * groups, grain_of(cost_of(pooling) * results / groups), [&](int64_t begin, int64_t end) {
    Region<T> region(pooling);
    const Scratch line(size_t(pooling.width) * sizeof(T));
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t k = unit / groups, group = unit % groups;
      const T* corners = regions.data<T>() + 5 * k;
      const T* image = input + int64_t(corners[0]) * pooling.channels * area;
      region.find(corners);
      for (int64_t c = group * results / groups; c < (group + 1) * results / groups; ++c)
        region.each_part(c, [&](const RegionTaps& taps, int64_t channel, int64_t offset) {
          mix_bins(taps, image + channel * area, pooling.width, line.data(), out + (k * results + c) * bins + offset);
        });
    }
  });
}

template <class T>
void add_gradients(const Pooling& pooling, const T* gradient, const Tensor& regions, T* out) {
  const int64_t count = regions.size(0), results = pooling.results(), bins = pooling.rows * pooling.columns,
                area = pooling.height * pooling.width, groups = std::clamp<int64_t>(results, 1, kGroups);
  const Unlocked unlocked(count * results * bins > kLongWork);
  parallel_for(groups, grain_of(cost_of(pooling) * results / groups * count), [&](int64_t begin, int64_t end) {
    Region<T> region(pooling);
    const Scratch line(size_t(pooling.width) * sizeof(T));
    for (int64_t group = begin; group < end; ++group)
      for (int64_t k = 0; k < count; ++k) {
        const T* corners = regions.data<T>() + 5 * k;
        T* image = out + int64_t(corners[0]) * pooling.channels * area;
        region.find(corners);
        for (int64_t c = group * results / groups; c < (group + 1) * results / groups; ++c)
          region.each_part(c, [&](const RegionTaps& taps, int64_t channel, int64_t offset) {
            spread_bins(taps, gradient + (k * results + c) * bins + offset, pooling.width, line.data(), image + channel * area);
          });
      }
  });
}

Pooling pooling_of(const Call& c, const Dims& sizes, DType compute) {
  const Dims& bins = c.arg(4).ints();
  return {
      rule_of(c.arg(2).string()), c.arg(3).real(), bins[0], bins[1], c.arg(5).integer(), sizes[1], sizes[2], sizes[3], compute};
}

}  // namespace

void pool_regions::cpu(Call& c) {
  const Tensor& out = c.out();
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(c.tensor(0), compute), regions = staged(c.tensor(1), compute);
  check_images(regions, input.size(0), "roi_align");
  if (out.numel() == 0) return;
  const Tensor target = out.dtype() == compute ? out : empty(out.sizes(), compute);
  by_type(compute, [&]<class T>() { pool(pooling_of(c, input.sizes(), compute), input.data<T>(), regions, target.data<T>()); });
  if (!target.same(out)) copy_elements(out, target);
}

void pool_regions_backward::cpu(Call& c) {
  const DType compute = loop_dtype(c.out().dtype());
  const Tensor gradient = staged(c.tensor(0), compute), regions = staged(c.tensor(1), compute);
  check_images(regions, c.arg(6).ints()[0], "roi_align");
  const Tensor sums = zeros(c.out().sizes(), compute, c.device);
  if (gradient.numel())
    by_type(compute, [&]<class T>() {
      add_gradients(pooling_of(c, sums.sizes(), compute), gradient.data<T>(), regions, sums.data<T>());
    });
  copy_elements(c.out(), sums);
}

// ---- the largest element of each bin ----

namespace {

struct Span {
  int64_t low, high;
};

// The pixels of bin i of a region from pixel `start` to pixel `last`, both inside.
template <class T>
Span pixels_of_bin(T start, T last, int64_t i, int64_t bins, int64_t size) {
  const T bin = std::max(last - start + 1, T(1)) / T(bins);
  const double first = double(std::floor(T(i) * bin) + start), end = double(std::ceil(T(i + 1) * bin) + start);
  return {pixel_at(first, size), pixel_at(end, size)};
}

template <class T>
void find_largest(const T* channel, int64_t width, Span rows, Span columns, T& value, int32_t& place) {
  const bool is_empty = rows.high <= rows.low || columns.high <= columns.low;
  T best = is_empty ? T(0) : -std::numeric_limits<T>::max();
  int64_t found = -1;
  for (int64_t y = rows.low; y < rows.high; ++y)
    for (int64_t x = columns.low; x < columns.high; ++x)
      if (const T here = channel[y * width + x]; here > best) {
        best = here;
        found = y * width + x;
      }
  value = best;
  place = int32_t(found);
}

template <class T>
void find_largest_of_bins(const Tensor& input, const Tensor& regions, T scale, const Dims& bins, T* out, int32_t* places) {
  const int64_t channels = input.size(1), height = input.size(2), width = input.size(3), each = bins.product();
  parallel_for(regions.size(0), grain_of(channels * each * 16), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const T* region = regions.data<T>() + 5 * k;
      T corners[4];
      for (int e = 0; e < 4; ++e) corners[e] = std::round(region[e + 1] * scale);
      const T* image = input.data<T>() + int64_t(region[0]) * channels * height * width;
      for (int64_t i = 0; i < bins[0]; ++i)
        for (int64_t j = 0; j < bins[1]; ++j) {
          const Span rows = pixels_of_bin(corners[1], corners[3], i, bins[0], height),
                     columns = pixels_of_bin(corners[0], corners[2], j, bins[1], width);
          for (int64_t channel = 0; channel < channels; ++channel) {
            const int64_t at = (k * channels + channel) * each + i * bins[1] + j;
            find_largest(image + channel * height * width, width, rows, columns, out[at], places[at]);
          }
        }
    }
  });
}

}  // namespace

void max_pool_regions::cpu(Call& c) {
  const Tensor& out = c.out();
  const DType compute = loop_dtype(out.dtype());
  const Tensor input = staged(c.tensor(0), compute), regions = staged(c.tensor(1), compute);
  check_images(regions, input.size(0), "roi_pool");
  if (out.numel() == 0) return;
  const Tensor target = out.dtype() == compute ? out : empty(out.sizes(), compute);
  const Unlocked unlocked(out.numel() > kLongWork);
  by_type(compute, [&]<class T>() {
    find_largest_of_bins(input, regions, T(c.arg(2).real()), c.arg(3).ints(), target.data<T>(), c.out(1).data<int32_t>());
  });
  if (!target.same(out)) copy_elements(out, target);
}

}  // namespace ember::regions
