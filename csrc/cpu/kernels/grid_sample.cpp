#if EMBER_MULTI_ISA  // x86: the general tuning puts vectors together from single elements, which takes twice as long as gathers
#pragma GCC target("tune=skylake-avx512")
#endif

#include "cpu/grid_sample_kernels.h"

#include <math.h>

namespace ember::EMBER_ISA {

namespace {

// A place along one dim, in elements, and its derivative by the coordinate in the grid.
template <class T>
struct Place {
  T at, slope;
};

template <class T>
Place<T> from_coordinate(T x, int64_t size, Units units) {
  if (units == Units::Pixels) return {x, 1};
  return units == Units::Corners ? Place<T>{(x + 1) / 2 * T(size - 1), T(size - 1) / 2}
                                 : Place<T>{((x + 1) * T(size) - 1) / 2, T(size) / 2};
}

// The edges themselves count as outside, where the derivative is 0. NaN becomes 0.
template <class T>
Place<T> clipped(Place<T> place, int64_t size) {
  const T last = T(size - 1);
  if (!(place.at > 0)) return {0, 0};
  return place.at >= last ? Place<T>{last, 0} : place;
}

// Mirrored at the centres of the outermost elements, or at their outer edges, as often as it takes.
template <class T>
Place<T> reflected(Place<T> place, int64_t size, Units units) {
  const bool at_edges = units == Units::Edges;
  const T low = at_edges ? T(-0.5) : T(0), span = at_edges ? T(size) : T(size - 1);
  if (span == 0) return {0, 0};
  const T distance = place.at - low, length = distance < 0 ? -distance : distance;
  const T extra = fmod(length, span), flips = floor(length / span);
  const bool odd = fmod(flips, T(2)) != 0;
  return {(odd ? span - extra : extra) + low, (distance < 0) != odd ? -place.slope : place.slope};
}

template <class T>
Place<T> brought_inside(Place<T> place, int64_t size, Outside outside, Units units) {
  if (outside == Outside::Zeros) return place;
  if (outside == Outside::Reflection) place = reflected(place, size, units);
  return clipped(place, size);
}

constexpr int kOrders = 4;

// The neighbours of a place along one dim; index -1 is not read. weight[m] is the m-th derivative by the coordinate.
template <class T>
struct Neighbours {
  int64_t index[4];
  T weight[kOrders][4];
};

// `at` may be anything: compared before it becomes an integer.
template <class T>
int64_t index_at(T at, int64_t size) {
  return at >= 0 && at < T(size) ? int64_t(at) : -1;
}

// Keys 1981: the kernel at the four distances of a place from its neighbours, and its derivatives.
template <class T>
void cubic_weights(Place<T> share, T (&weight)[kOrders][4]) {
  constexpr T a = T(-0.75);
  for (int k = 0; k < 4; ++k) {
    const T offset = share.at + T(1 - k), x = offset < 0 ? -offset : offset;
    const T slope = k < 2 ? share.slope : -share.slope;
    const bool inner = k == 1 || k == 2;
    weight[0][k] = inner ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    weight[1][k] = (inner ? (3 * (a + 2) * x - 2 * (a + 3)) * x : (3 * a * x - 10 * a) * x + 8 * a) * slope;
    weight[2][k] = (inner ? 6 * (a + 2) * x - 2 * (a + 3) : 6 * a * x - 10 * a) * slope * slope;
    weight[3][k] = (inner ? 6 * (a + 2) : 6 * a) * slope * slope * slope;
  }
}

template <class T>
Neighbours<T> neighbours_of(T coordinate, int64_t size, const Sampling& sampling) {
  Neighbours<T> found = {};
  Place<T> place = from_coordinate(coordinate, size, sampling.units);
  if (sampling.between == Between::Cubic) {
    const T below = floor(place.at);
    cubic_weights(Place<T>{place.at - below, place.slope}, found.weight);
    for (int k = 0; k < 4; ++k) {
      const Place<T> each = brought_inside(Place<T>{below + T(k - 1), 1}, size, sampling.outside, sampling.units);
      found.index[k] = index_at(each.at, size);
    }
    return found;
  }
  place = brought_inside(place, size, sampling.outside, sampling.units);
  if (sampling.between == Between::Nearest) {
    found.index[0] = index_at(T(nearbyint(place.at)), size);
    found.weight[0][0] = 1;
    return found;
  }
  const T below = floor(place.at), share = place.at - below;
  for (int k = 0; k < 2; ++k) {
    found.index[k] = index_at(below + T(k), size);
    found.weight[0][k] = k ? share : 1 - share;
    found.weight[1][k] = k ? place.slope : -place.slope;
  }
  return found;
}

template <class T>
void find_neighbours_of(const Sampling& sampling, const T* grid, int64_t n, int32_t* offsets, T* tables, const Orders* orders,
                        int count) {
  const int dims = sampling.dims;
  const int64_t width = sampling.width(), taps = sampling.taps();
  for (int64_t i = 0; i < n; ++i) {
    Neighbours<T> along[3];  // by coordinate; x belongs to the last dim
    for (int e = 0; e < dims; ++e) along[e] = neighbours_of(grid[i * dims + e], sampling.sizes[dims - 1 - e], sampling);
    for (int64_t tap = 0; tap < taps; ++tap) {
      int64_t at[3], offset = 0, left = tap;
      bool inside = true;
      for (int e = 0; e < dims; ++e, left /= width) at[e] = left % width;
      for (int e = dims - 1; e >= 0; --e) {
        const int64_t index = along[e].index[at[e]];
        inside &= index >= 0;
        offset = offset * sampling.sizes[dims - 1 - e] + index;
      }
      offsets[tap * n + i] = inside ? int32_t(offset) : 0;
      for (int table = 0; table < count; ++table) {
        T weight = inside ? T(1) : T(0);
        for (int e = 0; e < dims; ++e) {
          const int order = orders[table].by[e];
          weight = inside && order < kOrders ? weight * along[e].weight[order][at[e]] : T(0);
        }
        tables[(table * taps + tap) * n + i] = weight;
      }
    }
  }
}

// The sum of `count` neighbours of place i.
template <int count, class T>
[[gnu::always_inline]] inline T mixed(const T* x, const int32_t* offsets, const T* weights, int64_t n, int64_t i) {
  T sum = 0;
  for (int k = 0; k < count; ++k) {
    const T weight = weights[k * n + i], value = x[offsets[k * n + i]];
    sum += weight != 0 ? weight * value : T(0);
  }
  return sum;
}

// y (+)= the sums of `count` neighbours.
template <int count, bool adds, class T>
void mix_some(const T* x, const int32_t* offsets, const T* weights, T* y, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = mixed<count>(x, offsets, weights, n, i) + (adds ? y[i] : T(0));
}

template <class T>
void mix_neighbours_of(const T* x, const int32_t* offsets, const T* weights, int64_t taps, T* y, int64_t n) {
  if (taps == 1) return mix_some<1, false>(x, offsets, weights, y, n);
  mix_some<4, false>(x, offsets, weights, y, n);
  for (int64_t k = 4; k < taps; k += 4) mix_some<4, true>(x, offsets + k * n, weights + k * n, y, n);
}

template <int dims, int count, class T>
void add_some_slopes(const T* x, const int32_t* offsets, const T* tables, int64_t taps, const T* y, T* sums, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i)
    for (int e = 0; e < dims; ++e) sums[e * n + i] += y[i] * mixed<count>(x, offsets, tables + e * taps * n, n, i);
}

template <int dims, class T>
void add_slopes_of(const T* x, const int32_t* offsets, const T* tables, int64_t taps, const T* y, T* sums, int64_t n) {
  if (taps == 1) return add_some_slopes<dims, 1>(x, offsets, tables, taps, y, sums, n);
  for (int64_t k = 0; k < taps; k += 4) add_some_slopes<dims, 4>(x, offsets + k * n, tables + k * n, taps, y, sums, n);
}

template <class T>
void add_slopes_by_dims(const T* x, const int32_t* offsets, const T* tables, int dims, int64_t taps, const T* y, T* sums,
                        int64_t n) {
  if (dims == 2) add_slopes_of<2>(x, offsets, tables, taps, y, sums, n);
  else add_slopes_of<3>(x, offsets, tables, taps, y, sums, n);
}

template <class T>
void spread_to_neighbours_of(T* x, const int32_t* offsets, const T* weights, int64_t taps, const T* y, int64_t n) {
  for (int64_t k = 0; k < taps; ++k, offsets += n, weights += n)
    for (int64_t i = 0; i < n; ++i)
      if (weights[i] != 0) x[offsets[i]] += weights[i] * y[i];
}

}  // namespace

void find_neighbours(const Sampling& sampling, const void* grid, int64_t n, int32_t* offsets, void* tables,
                     const Orders* orders, int count) {
  if (sampling.compute == DType::Float64)
    find_neighbours_of(sampling, static_cast<const double*>(grid), n, offsets, static_cast<double*>(tables), orders, count);
  else find_neighbours_of(sampling, static_cast<const float*>(grid), n, offsets, static_cast<float*>(tables), orders, count);
}

void mix_neighbours(const void* x, const int32_t* offsets, const void* weights, int64_t taps, void* y, int64_t n,
                    DType compute) {
  if (compute == DType::Float64)
    mix_neighbours_of(static_cast<const double*>(x), offsets, static_cast<const double*>(weights), taps,
                      static_cast<double*>(y), n);
  else
    mix_neighbours_of(static_cast<const float*>(x), offsets, static_cast<const float*>(weights), taps, static_cast<float*>(y),
                      n);
}

void spread_to_neighbours(void* x, const int32_t* offsets, const void* weights, int64_t taps, const void* y, int64_t n,
                          DType compute) {
  if (compute == DType::Float64)
    spread_to_neighbours_of(static_cast<double*>(x), offsets, static_cast<const double*>(weights), taps,
                            static_cast<const double*>(y), n);
  else
    spread_to_neighbours_of(static_cast<float*>(x), offsets, static_cast<const float*>(weights), taps,
                            static_cast<const float*>(y), n);
}

void add_slopes(const void* x, const int32_t* offsets, const void* tables, int dims, int64_t taps, const void* y, void* sums,
                int64_t n, DType compute) {
  if (compute == DType::Float64)
    add_slopes_by_dims(static_cast<const double*>(x), offsets, static_cast<const double*>(tables), dims, taps,
                       static_cast<const double*>(y), static_cast<double*>(sums), n);
  else
    add_slopes_by_dims(static_cast<const float*>(x), offsets, static_cast<const float*>(tables), dims, taps,
                       static_cast<const float*>(y), static_cast<float*>(sums), n);
}

}  // namespace ember::EMBER_ISA
