#include "cpu/region_kernels.h"

namespace ember::EMBER_ISA {

namespace {

template <class T>
void mix_bins_of(const RegionTaps& taps, const T* channel, int64_t width, T* line, T* out) {
  const BinTaps &rows = taps.rows, &columns = taps.columns;
  const T *row_weights = static_cast<const T*>(rows.weights), *column_weights = static_cast<const T*>(columns.weights);
  const int64_t low = taps.first_column, high = taps.end_column;
  for (int64_t i = 0; i < rows.bins; ++i, out += columns.bins) {
    for (int64_t x = low; x < high; ++x) line[x] = 0;
    for (int64_t k = rows.ends[i]; k < rows.ends[i + 1]; ++k) {
      const T weight = row_weights[k];
      const T* row = channel + rows.index[k] * width;
#pragma GCC ivdep
      for (int64_t x = low; x < high; ++x) line[x] += weight * row[x];
    }
    for (int64_t j = 0; j < columns.bins; ++j) {
      T sum = 0;
      for (int64_t k = columns.ends[j]; k < columns.ends[j + 1]; ++k) sum += column_weights[k] * line[columns.index[k]];
      out[j] = T(taps.factor) * sum;
    }
  }
}

template <class T>
void spread_bins_of(const RegionTaps& taps, const T* gradient, int64_t width, T* line, T* channel) {
  const BinTaps &rows = taps.rows, &columns = taps.columns;
  const T *row_weights = static_cast<const T*>(rows.weights), *column_weights = static_cast<const T*>(columns.weights);
  const int64_t low = taps.first_column, high = taps.end_column;
  for (int64_t i = 0; i < rows.bins; ++i, gradient += columns.bins) {
    for (int64_t x = low; x < high; ++x) line[x] = 0;
    for (int64_t j = 0; j < columns.bins; ++j) {
      const T share = T(taps.factor) * gradient[j];
      for (int64_t k = columns.ends[j]; k < columns.ends[j + 1]; ++k) line[columns.index[k]] += column_weights[k] * share;
    }
    for (int64_t k = rows.ends[i]; k < rows.ends[i + 1]; ++k) {
      const T weight = row_weights[k];
      T* row = channel + rows.index[k] * width;
#pragma GCC ivdep
      for (int64_t x = low; x < high; ++x) row[x] += weight * line[x];
    }
  }
}

// The largest number of type T that is not above `bound`: for any x of T, x > bound exactly where x > it.
template <class T>
T below(double bound) {
  const T nearest = T(bound);
  return double(nearest) > bound ? T(__builtin_nextafterf(float(nearest), -__builtin_huge_valf())) : nearest;
}

template <class T>
void suppress_overlapping_of(const T* boxes, int64_t best, int64_t first, int64_t end, int64_t n, double threshold,
                             uint8_t* marks) {
  const T *x1 = boxes, *y1 = x1 + n, *x2 = y1 + n, *y2 = x2 + n, *areas = y2 + n;
  const T left = x1[best], top = y1[best], right = x2[best], bottom = y2[best], area = areas[best], bound = below<T>(threshold);
#pragma GCC ivdep
  for (int64_t i = first; i < end; ++i) {
    const T low_x = x1[i] > left ? x1[i] : left, low_y = y1[i] > top ? y1[i] : top;
    const T high_x = x2[i] < right ? x2[i] : right, high_y = y2[i] < bottom ? y2[i] : bottom;
    const T width = high_x - low_x > T(0) ? high_x - low_x : T(0), height = high_y - low_y > T(0) ? high_y - low_y : T(0);
    const T shared = width * height;
    marks[i] |= shared / (area + areas[i] - shared) > bound;
  }
}

}  // namespace

void mix_bins(const RegionTaps& taps, const void* channel, int64_t width, void* line, void* out) {
  if (taps.compute == DType::Float64)
    mix_bins_of(taps, static_cast<const double*>(channel), width, static_cast<double*>(line), static_cast<double*>(out));
  else mix_bins_of(taps, static_cast<const float*>(channel), width, static_cast<float*>(line), static_cast<float*>(out));
}

void spread_bins(const RegionTaps& taps, const void* gradient, int64_t width, void* line, void* channel) {
  if (taps.compute == DType::Float64)
    spread_bins_of(taps, static_cast<const double*>(gradient), width, static_cast<double*>(line),
                   static_cast<double*>(channel));
  else
    spread_bins_of(taps, static_cast<const float*>(gradient), width, static_cast<float*>(line), static_cast<float*>(channel));
}

void suppress_overlapping(const void* boxes, int64_t best, int64_t first, int64_t end, int64_t n, double threshold,
                          uint8_t* marks, DType compute) {
  if (compute == DType::Float64)
    suppress_overlapping_of(static_cast<const double*>(boxes), best, first, end, n, threshold, marks);
  else suppress_overlapping_of(static_cast<const float*>(boxes), best, first, end, n, threshold, marks);
}

}  // namespace ember::EMBER_ISA
