#include "cpu/tiles.h"

#include "scalar/types.h"

#if EMBER_MULTI_ISA
#include <immintrin.h>
#endif

namespace ember::EMBER_ISA {

namespace {

template <class To, class From>
[[gnu::always_inline]] inline To convert(From x) {
  if constexpr (is_same<From, Half> || is_same<From, BFloat16>) {
    return convert<To>(to_float(x));
  } else if constexpr (is_complex<From>) {
    if constexpr (is_complex<To>) return To(typename To::Real(x.re), typename To::Real(x.im));
    else if constexpr (is_same<To, bool>) return x.re != 0 || x.im != 0;
    else return convert<To>(x.re);
  } else if constexpr (is_complex<To>) {
    return To(typename To::Real(x), 0);
  } else if constexpr (is_same<To, Half>) {
    return to_half(float(x));
  } else if constexpr (is_same<To, BFloat16>) {
    return to_bfloat16(float(x));
  } else if constexpr (is_same<To, bool>) {
    return x != 0;
  } else if constexpr (Floating<From> && Integer<To> && sizeof(To) < 8) {
    return To(int64_t(x));  // out of range values wrap as an int64 does, without trapping
  } else {
    return To(x);
  }
}

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
  switch (from) {
    case DType::Bool: return convert_row<bool, Compute>;
    case DType::UInt8: return convert_row<uint8_t, Compute>;
    case DType::Int8: return convert_row<int8_t, Compute>;
    case DType::Int16: return convert_row<int16_t, Compute>;
    case DType::Int32: return convert_row<int32_t, Compute>;
    case DType::Int64: return convert_row<int64_t, Compute>;
    case DType::Float16: return convert_row<Half, Compute>;
    case DType::BFloat16: return convert_row<BFloat16, Compute>;
    case DType::Float32: return convert_row<float, Compute>;
    case DType::Float64: return convert_row<double, Compute>;
    case DType::Complex64: return convert_row<Complex<float>, Compute>;
    case DType::Complex128: return convert_row<Complex<double>, Compute>;
  }
  return nullptr;
}

template <class Compute>
Row store_row(DType to) {
  switch (to) {
    case DType::Bool: return convert_row<Compute, bool>;
    case DType::UInt8: return convert_row<Compute, uint8_t>;
    case DType::Int8: return convert_row<Compute, int8_t>;
    case DType::Int16: return convert_row<Compute, int16_t>;
    case DType::Int32: return convert_row<Compute, int32_t>;
    case DType::Int64: return convert_row<Compute, int64_t>;
    case DType::Float16: return convert_row<Compute, Half>;
    case DType::BFloat16: return convert_row<Compute, BFloat16>;
    case DType::Float32: return convert_row<Compute, float>;
    case DType::Float64: return convert_row<Compute, double>;
    case DType::Complex64: return convert_row<Compute, Complex<float>>;
    case DType::Complex128: return convert_row<Compute, Complex<double>>;
  }
  return nullptr;
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
