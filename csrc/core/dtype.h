// Element types, their sizes, and which type two of them meet in.
#pragma once
#include <cstddef>
#include <cstdint>

#include "scalar/types.h"

namespace ember {

enum class DType : uint8_t {
  Bool,
  UInt8,
  Int8,
  Int16,
  Int32,
  Int64,
  Float16,
  BFloat16,
  Float32,
  Float64,
  Complex64,
  Complex128
};
inline constexpr int kDTypes = 12;

struct DTypeFacts {
  const char* name;    // as in torch.float32
  const char* legacy;  // as in FloatTensor, FloatStorage
  uint8_t bytes;
};
inline constexpr DTypeFacts kDTypeFacts[kDTypes] = {{"bool", "Bool", 1},
                                                    {"uint8", "Byte", 1},
                                                    {"int8", "Char", 1},
                                                    {"int16", "Short", 2},
                                                    {"int32", "Int", 4},
                                                    {"int64", "Long", 8},
                                                    {"float16", "Half", 2},
                                                    {"bfloat16", "BFloat16", 2},
                                                    {"float32", "Float", 4},
                                                    {"float64", "Double", 8},
                                                    {"complex64", "ComplexFloat", 8},
                                                    {"complex128", "ComplexDouble", 16}};

inline const char* name_of(DType dtype) { return kDTypeFacts[int(dtype)].name; }
inline size_t bytes_of(DType dtype) { return kDTypeFacts[int(dtype)].bytes; }
inline bool is_complex_dtype(DType dtype) { return dtype >= DType::Complex64; }
inline bool is_floating(DType dtype) { return dtype >= DType::Float16 && dtype <= DType::Float64; }
inline bool is_integral(DType dtype) { return dtype >= DType::UInt8 && dtype <= DType::Int64; }
inline bool is_differentiable(DType dtype) { return dtype >= DType::Float16; }

// 0 bool, 1 integer, 2 floating, 3 complex: a value of a higher category never fits a lower one.
inline int category_of(DType dtype) { return dtype == DType::Bool ? 0 : is_integral(dtype) ? 1 : is_floating(dtype) ? 2 : 3; }
inline bool can_cast(DType from, DType to) { return category_of(from) <= category_of(to); }

inline DType real_of(DType dtype) {
  return dtype == DType::Complex64 ? DType::Float32 : dtype == DType::Complex128 ? DType::Float64 : dtype;
}
inline DType complex_of(DType dtype) {
  return is_complex_dtype(dtype) ? dtype : dtype == DType::Float64 ? DType::Complex128 : DType::Complex64;
}
// The type that loops compute in: 16-bit floats in float32, all integers and bool in int64.
inline DType compute_of(DType dtype) {
  if (dtype <= DType::Int64) return DType::Int64;
  return dtype <= DType::Float32 ? DType::Float32 : dtype;
}

DType promote(DType a, DType b);

DType default_dtype();
void set_default_dtype(DType dtype);

template <class T> inline constexpr DType dtype_of = DType::Bool;
template <> inline constexpr DType dtype_of<uint8_t> = DType::UInt8;
template <> inline constexpr DType dtype_of<int8_t> = DType::Int8;
template <> inline constexpr DType dtype_of<int16_t> = DType::Int16;
template <> inline constexpr DType dtype_of<int32_t> = DType::Int32;
template <> inline constexpr DType dtype_of<int64_t> = DType::Int64;
template <> inline constexpr DType dtype_of<Half> = DType::Float16;
template <> inline constexpr DType dtype_of<BFloat16> = DType::BFloat16;
template <> inline constexpr DType dtype_of<float> = DType::Float32;
template <> inline constexpr DType dtype_of<double> = DType::Float64;
template <> inline constexpr DType dtype_of<Complex<float>> = DType::Complex64;
template <> inline constexpr DType dtype_of<Complex<double>> = DType::Complex128;

}  // namespace ember
