#include "cpu/embedding_bag_kernels.h"

#include "cpu/types.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int64_t kColumns = 256;  // whose sums stay in the first-level cache

template <class T> using Sum = decltype(widen(T()));

int64_t counted(const Bag& bag) {
  int64_t count = 0;
  for (int64_t i = 0; i < bag.count; ++i) count += bag.index[i] != bag.padding;
  return count;
}

template <class T>
Sum<T> weight_of(const Bag& bag, int64_t i) {
  return bag.weights ? widen(static_cast<const T*>(bag.weights)[i]) : Sum<T>(1);
}

template <class T>
const T* row_of(const Bag& bag, int64_t i) {
  return static_cast<const T*>(bag.table) + bag.index[i] * bag.stride;
}

template <class T>
void sum_rows(const Bag& bag, bool mean, T* out) {
  const int64_t count = mean ? counted(bag) : 1;
  const Sum<T> scale = Sum<T>(1) / Sum<T>(count > 0 ? count : 1);
  for (int64_t begin = 0; begin < bag.columns; begin += kColumns) {
    const int64_t n = bag.columns - begin < kColumns ? bag.columns - begin : kColumns;
    Sum<T> sums[kColumns];
    for (int64_t k = 0; k < n; ++k) sums[k] = 0;
    for (int64_t i = 0; i < bag.count; ++i) {
      if (bag.index[i] == bag.padding) continue;
      const T* row = row_of<T>(bag, i) + begin;
      const Sum<T> weight = weight_of<T>(bag, i);
      for (int64_t k = 0; k < n; ++k) sums[k] += weight * widen(row[k]);
    }
    for (int64_t k = 0; k < n; ++k) out[begin + k] = narrowed<T>(sums[k] * scale);
  }
}

template <class T>
void largest_of_rows(const Bag& bag, T* out, int64_t* picked) {
  for (int64_t begin = 0; begin < bag.columns; begin += kColumns) {
    const int64_t n = bag.columns - begin < kColumns ? bag.columns - begin : kColumns;
    Sum<T> best[kColumns];
    int64_t from[kColumns];
    for (int64_t k = 0; k < n; ++k) {
      best[k] = 0;
      from[k] = -1;
    }
    for (int64_t i = 0; i < bag.count; ++i) {
      if (bag.index[i] == bag.padding) continue;
      const T* row = row_of<T>(bag, i) + begin;
      for (int64_t k = 0; k < n; ++k) {
        const Sum<T> x = widen(row[k]);
        const bool better = (from[k] < 0) | (x > best[k]) | ((x != x) & (best[k] == best[k]));
        best[k] = better ? x : best[k];
        from[k] = better ? bag.index[i] : from[k];
      }
    }
    for (int64_t k = 0; k < n; ++k) out[begin + k] = narrowed<T>(best[k]);
    for (int64_t k = 0; picked && k < n; ++k) picked[begin + k] = from[k];
  }
}

template <class T>
void multiply_rows(const Bag& bag, const T* gradient, T* out) {
  constexpr int lanes = 16;
  for (int64_t i = 0; i < bag.count; ++i) {
    if (bag.index[i] == bag.padding) {
      out[i] = narrowed<T>(Sum<T>(0));
      continue;
    }
    const T* row = row_of<T>(bag, i);
    Sum<T> sums[lanes] = {};
    int64_t k = 0;
    for (; k + lanes <= bag.columns; k += lanes)
      for (int j = 0; j < lanes; ++j) sums[j] += widen(row[k + j]) * widen(gradient[k + j]);
    for (int j = 0; k + j < bag.columns; ++j) sums[j] += widen(row[k + j]) * widen(gradient[k + j]);
    for (int width = lanes / 2; width > 0; width /= 2)
      for (int j = 0; j < width; ++j) sums[j] += sums[j + width];
    out[i] = narrowed<T>(sums[0]);
  }
}

template <class T>
void spread_row(const Bag& bag, bool mean, const T* row, Sum<T>* to, int64_t first, int64_t last) {
  Sum<T> scale = 1;
  if (mean) {
    const int64_t count = counted(bag);
    scale /= Sum<T>(count > 0 ? count : 1);
  }
  for (int64_t i = 0; i < bag.count; ++i) {
    if (bag.index[i] < first || bag.index[i] >= last || bag.index[i] == bag.padding) continue;
    const Sum<T> factor = scale * weight_of<T>(bag, i);
    Sum<T>* sums = to + bag.index[i] * bag.columns;
#pragma GCC ivdep
    for (int64_t k = 0; k < bag.columns; ++k) sums[k] += factor * widen(row[k]);
  }
}

}  // namespace

void bag_sum(const Bag& bag, bool mean, void* out) {
  dispatch_floating(bag.dtype, [&]<class T>() { sum_rows<T>(bag, mean, static_cast<T*>(out)); });
}

void bag_max(const Bag& bag, void* out, int64_t* picked) {
  dispatch_floating(bag.dtype, [&]<class T>() { largest_of_rows<T>(bag, static_cast<T*>(out), picked); });
}

void bag_products(const Bag& bag, const void* gradient, void* out) {
  dispatch_floating(bag.dtype,
                    [&]<class T>() { multiply_rows<T>(bag, static_cast<const T*>(gradient), static_cast<T*>(out)); });
}

void bag_spread(const Bag& bag, bool mean, const void* row, void* to, int64_t first, int64_t last) {
  dispatch_floating(bag.dtype, [&]<class T>() {
    spread_row<T>(bag, mean, static_cast<const T*>(row), static_cast<Sum<T>*>(to), first, last);
  });
}

}  // namespace ember::EMBER_ISA
