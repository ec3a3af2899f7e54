#include "cpu/tiles.h"

#include "cpu/types.h"

#if EMBER_MULTI_ISA
#include <immintrin.h>
#endif

namespace ember::EMBER_ISA {

namespace {

template <class From, class To>
void convert_row(const void* from, int64_t from_stride, void* to, int64_t to_stride, int64_t n) {
  const From* x = static_cast<const From*>(from);
  To* y = static_cast<To*>(to);
  if (from_stride == 1 && to_stride == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = convert<To>(x[i]);
  } else if (from_stride == 0 && to_stride == 1) {
    const To value = convert<To>(*x);
    for (int64_t i = 0; i < n; ++i) y[i] = value;
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * to_stride] = convert<To>(x[i * from_stride]);
  }
}

using Row = void (*)(const void*, int64_t, void*, int64_t, int64_t);

template <class Compute>
Row load_row(DType from) {
  return dispatch(from, []<class T>() -> Row { return convert_row<T, Compute>; });
}

template <class Compute>
Row store_row(DType to) {
  return dispatch(to, []<class T>() -> Row { return convert_row<Compute, T>; });
}

// By the constant: kDTypeFacts would be a symbol that the instruction sets share.
bool is_limited_type(DType dtype) { return kLimitedTypes >> int(dtype) & 1; }

// Limited types have one loop, not five: from or to the type in which they are computed, the stop, and another loop goes
// on from there. Only uint64, whose upper half an int64 does not hold, meets floats without that stop.
struct Route {
  Row row = nullptr;
  DType stop = DType::Int64;
  int64_t bytes = 0, stop_bytes = 0;
};

template <bool Loads, class T, class Stop>
Route route() {
  if constexpr (Loads) return {convert_row<T, Stop>, dtype_of<Stop>, sizeof(T), sizeof(Stop)};
  else return {convert_row<Stop, T>, dtype_of<Stop>, sizeof(T), sizeof(Stop)};
}

template <bool Loads>
Route route_of(DType dtype, DType compute) {
  return visit_stored(dtype, [=]<class T>() -> Route {
    if constexpr (is_same<T, uint64_t>) {
      const DType real = real_of(compute);
      return real == DType::Int64     ? route<Loads, T, int64_t>()
             : real == DType::Float32 ? route<Loads, T, float>()
                                      : route<Loads, T, double>();
    } else if constexpr (is_same<T, Complex<Half>>) {
      return route<Loads, T, Complex<float>>();
    } else if constexpr (Integer<T>) {
      return route<Loads, T, int64_t>();
    } else if constexpr (is_stored_float<T>) {
      return route<Loads, T, float>();
    } else {
      return {};
    }
  });
}

int64_t width_of(DType compute) {
  return dispatch(compute, []<class T>() { return int64_t(sizeof(T)); });
}

constexpr int64_t kStopBytes = 4096;

void load_limited(const char* from, DType dtype, int64_t stride, char* tile, DType compute, int64_t n) {
  const Route route = route_of<true>(dtype, compute);
  if (route.stop == compute) return route.row(from, stride, tile, 1, n);
  alignas(64) char buffer[kStopBytes];
  const int64_t step = kStopBytes / route.stop_bytes, width = width_of(compute);
  for (int64_t start = 0; start < n; start += step) {
    const int64_t count = n - start < step ? n - start : step;
    route.row(from + start * stride * route.bytes, stride, buffer, 1, count);
    load_tile(buffer, route.stop, 1, tile + start * width, compute, count);
  }
}

void store_limited(const char* tile, DType compute, char* to, DType dtype, int64_t stride, int64_t n) {
  const Route route = route_of<false>(dtype, compute);
  if (route.stop == compute) return route.row(tile, 1, to, stride, n);
  alignas(64) char buffer[kStopBytes];
  const int64_t step = kStopBytes / route.stop_bytes, width = width_of(compute);
  for (int64_t start = 0; start < n; start += step) {
    const int64_t count = n - start < step ? n - start : step;
    store_tile(tile + start * width, compute, buffer, route.stop, 1, count);
    route.row(buffer, 1, to + start * stride * route.bytes, stride, count);
  }
}

template <class Word>
void copy_words(const void* from, int64_t from_stride, void* to, int64_t to_stride, int64_t n) {
  const Word* x = static_cast<const Word*>(from);
  Word* y = static_cast<Word*>(to);
  if (to_stride == 1 && from_stride == 1) {
    __builtin_memcpy(to, from, size_t(n) * sizeof(Word));
  } else if (to_stride == 1) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i * from_stride];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * to_stride] = x[i * from_stride];
  }
}

}  // namespace

void load_tile(const void* from, DType from_dtype, int64_t stride, void* tile, DType compute, int64_t n) {
  if (is_limited_type(from_dtype))
    return load_limited(static_cast<const char*>(from), from_dtype, stride, static_cast<char*>(tile), compute, n);
  Row row = nullptr;
  switch (compute) {
    case DType::Int64: row = load_row<int64_t>(from_dtype); break;
    case DType::Float32: row = load_row<float>(from_dtype); break;
    case DType::Float64: row = load_row<double>(from_dtype); break;
    case DType::Complex64: row = load_row<Complex<float>>(from_dtype); break;
    default: row = load_row<Complex<double>>(from_dtype); break;
  }
  row(from, stride, tile, 1, n);
}

void store_tile(const void* tile, DType compute, void* to, DType to_dtype, int64_t stride, int64_t n) {
  if (is_limited_type(to_dtype))
    return store_limited(static_cast<const char*>(tile), compute, static_cast<char*>(to), to_dtype, stride, n);
  Row row = nullptr;
  switch (compute) {
    case DType::Int64: row = store_row<int64_t>(to_dtype); break;
    case DType::Float32: row = store_row<float>(to_dtype); break;
    case DType::Float64: row = store_row<double>(to_dtype); break;
    case DType::Complex64: row = store_row<Complex<float>>(to_dtype); break;
    default: row = store_row<Complex<double>>(to_dtype); break;
  }
  row(tile, 1, to, stride, n);
}

void copy_row(const void* from, int64_t from_stride, void* to, int64_t to_stride, int64_t bytes, int64_t n) {
  switch (bytes) {
    case 1: return copy_words<uint8_t>(from, from_stride, to, to_stride, n);
    case 2: return copy_words<uint16_t>(from, from_stride, to, to_stride, n);
    case 4: return copy_words<uint32_t>(from, from_stride, to, to_stride, n);
    case 8: return copy_words<uint64_t>(from, from_stride, to, to_stride, n);
    default: return copy_words<Complex<double>>(from, from_stride, to, to_stride, n);
  }
}

#if EMBER_MULTI_ISA
void stream_tile(const void* tile, void* to, int64_t bytes) {
  const __m256i* from = static_cast<const __m256i*>(tile);
  __m256i* out = static_cast<__m256i*>(to);
  for (int64_t i = 0; i < bytes / 32; ++i) _mm256_stream_si256(out + i, _mm256_load_si256(from + i));
}
void end_streams() { _mm_sfence(); }
#else
void stream_tile(const void* tile, void* to, int64_t bytes) { __builtin_memcpy(to, tile, size_t(bytes)); }
void end_streams() {}
#endif

}  // namespace ember::EMBER_ISA
