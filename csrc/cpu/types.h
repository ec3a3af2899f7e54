// From an element type known at run time to one known at compile time, and arithmetic on types that have none.
#pragma once
#include "core/dtype.h"

namespace ember {

// Calls f.operator()<T>() with the type of the elements: dispatch(dtype, [&]<class T>() { ... }). Never a limited type:
// what they are taken for loads and stores them (visit_stored in core/dtype.h).
template <class F>
[[gnu::always_inline]] static inline auto dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool: return f.template operator()<bool>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Float16: return f.template operator()<Half>();
    case DType::BFloat16: return f.template operator()<BFloat16>();
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    case DType::Complex64: return f.template operator()<Complex<float>>();
    default: return f.template operator()<Complex<double>>();
  }
}

// Real types only; the caller has refused complex ones.
template <class F>
[[gnu::always_inline]] static inline auto dispatch_real(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool: return f.template operator()<bool>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::Float16: return f.template operator()<Half>();
    case DType::BFloat16: return f.template operator()<BFloat16>();
    case DType::Float32: return f.template operator()<float>();
    default: return f.template operator()<double>();
  }
}

template <class F>
[[gnu::always_inline]] static inline auto dispatch_floating(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Float16: return f.template operator()<Half>();
    case DType::BFloat16: return f.template operator()<BFloat16>();
    case DType::Float32: return f.template operator()<float>();
    default: return f.template operator()<double>();
  }
}

// int32 and int64, the types of indices.
template <class F>
[[gnu::always_inline]] static inline auto dispatch_index(DType dtype, F&& f) {
  return dtype == DType::Int32 ? f.template operator()<int32_t>() : f.template operator()<int64_t>();
}

// The number type to compute in, and back: 16-bit floats become float, bool an integer; others stay.
template <class T>
EMBER_FN auto widen(T x) {
  if constexpr (is_same<T, Half> || is_same<T, BFloat16>) return to_float(x);
  else if constexpr (is_same<T, bool>) return int(x);
  else return x;
}
template <class T, class Wide>
EMBER_FN T narrowed(Wide x) {
  if constexpr (is_same<T, Half>) return to_half(float(x));
  else if constexpr (is_same<T, BFloat16>) return to_bfloat16(float(x));
  else if constexpr (is_same<T, bool>) return x != Wide(0);
  else return T(x);
}

}  // namespace ember
