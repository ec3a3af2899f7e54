// Element types, their sizes, and which type two of them meet in.
#pragma once
#include <cstddef>
#include <cstdint>

#include "scalar/types.h"

namespace ember {

// bool, the integers, the floats and the complex numbers stand together; compute types from Float32 on in one order.
enum class DType : uint8_t {
  Bool,
  UInt8,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt16,
  UInt32,
  UInt64,
  Float8E4M3FN,
  Float8E5M2,
  Float8E4M3FNUZ,
  Float8E5M2FNUZ,
  Float8E8M0FNU,
  Float16,
  BFloat16,
  Float32,
  Float64,
  Complex64,
  Complex128,
  Complex32
};
inline constexpr int kDTypes = 21;

// What operations say that they take. Few take the limited types: call() refuses them for all others.
enum : unsigned {
  kBool = 1,
  kInteger = 2,
  kFloat = 4,
  kComplex = 8,
  kUnsigned = 16,  // of 16, 32 and 64 bits
  kFloat8 = 32,
  kHalfComplex = 64
};
inline constexpr unsigned kReal = kBool | kInteger | kFloat;
inline constexpr unsigned kNumbers = kReal | kComplex;
inline constexpr unsigned kInexact = kFloat | kComplex;
inline constexpr unsigned kLimited = kUnsigned | kFloat8 | kHalfComplex;
inline constexpr unsigned kAny = kNumbers | kLimited;  // what only moves elements

struct DTypeFacts {
  const char* name;    // as in torch.float32
  const char* legacy;  // as in FloatTensor, FloatStorage
  uint8_t bytes;
  unsigned kind;
  DType compute;       // the type of the loops
  const char* format;  // in the buffer protocol, which NumPy speaks; null: it has none
  uint8_t dlpack;      // the type code in dlpack.h
};
inline constexpr DTypeFacts kDTypeFacts[kDTypes] = {
    {"bool", "Bool", 1, kBool, DType::Int64, "?", 6},
    {"uint8", "Byte", 1, kInteger, DType::Int64, "B", 1},
    {"int8", "Char", 1, kInteger, DType::Int64, "b", 0},
    {"int16", "Short", 2, kInteger, DType::Int64, "h", 0},
    {"int32", "Int", 4, kInteger, DType::Int64, "i", 0},
    {"int64", "Long", 8, kInteger, DType::Int64, "q", 0},
    {"uint16", "UInt16", 2, kUnsigned, DType::Int64, "H", 1},
    {"uint32", "UInt32", 4, kUnsigned, DType::Int64, "I", 1},
    {"uint64", "UInt64", 8, kUnsigned, DType::Int64, "Q", 1},
    {"float8_e4m3fn", "Float8_e4m3fn", 1, kFloat8, DType::Float32, nullptr, 10},
    {"float8_e5m2", "Float8_e5m2", 1, kFloat8, DType::Float32, nullptr, 12},
    {"float8_e4m3fnuz", "Float8_e4m3fnuz", 1, kFloat8, DType::Float32, nullptr, 11},
    {"float8_e5m2fnuz", "Float8_e5m2fnuz", 1, kFloat8, DType::Float32, nullptr, 13},
    {"float8_e8m0fnu", "Float8_e8m0fnu", 1, kFloat8, DType::Float32, nullptr, 14},
    {"float16", "Half", 2, kFloat, DType::Float32, "e", 2},
    {"bfloat16", "BFloat16", 2, kFloat, DType::Float32, nullptr, 4},
    {"float32", "Float", 4, kFloat, DType::Float32, "f", 2},
    {"float64", "Double", 8, kFloat, DType::Float64, "d", 2},
    {"complex64", "ComplexFloat", 8, kComplex, DType::Complex64, "Zf", 5},
    {"complex128", "ComplexDouble", 16, kComplex, DType::Complex128, "Zd", 5},
    {"complex32", "ComplexHalf", 4, kHalfComplex, DType::Complex64, nullptr, 5}};

inline const char* name_of(DType dtype) { return kDTypeFacts[int(dtype)].name; }
inline size_t bytes_of(DType dtype) { return kDTypeFacts[int(dtype)].bytes; }
inline bool is_complex_dtype(DType dtype) { return dtype >= DType::Complex64; }
inline bool is_floating(DType dtype) { return dtype >= DType::Float8E4M3FN && dtype <= DType::Float64; }
inline bool is_integral(DType dtype) { return dtype >= DType::UInt8 && dtype <= DType::UInt64; }
inline bool is_differentiable(DType dtype) { return dtype >= DType::Float8E4M3FN; }
inline bool is_signed(DType dtype) {
  return dtype > DType::UInt8 && kDTypeFacts[int(dtype)].kind != kUnsigned && dtype != DType::Float8E8M0FNU;
}
// A bit for each limited type.
inline constexpr uint32_t kLimitedTypes = [] {
  uint32_t found = 0;
  for (int i = 0; i < kDTypes; ++i) found |= uint32_t((kDTypeFacts[i].kind & kLimited) != 0) << i;
  return found;
}();
inline bool is_limited(DType dtype) { return kLimitedTypes >> int(dtype) & 1; }

// 0 bool, 1 integer, 2 floating, 3 complex: a value of a higher category never fits a lower one.
inline int category_of(DType dtype) { return dtype == DType::Bool ? 0 : is_integral(dtype) ? 1 : is_floating(dtype) ? 2 : 3; }
inline bool can_cast(DType from, DType to) { return category_of(from) <= category_of(to); }

inline DType real_of(DType dtype) {
  return dtype == DType::Complex64    ? DType::Float32
         : dtype == DType::Complex128 ? DType::Float64
         : dtype == DType::Complex32  ? DType::Float16
                                      : dtype;
}
inline DType complex_of(DType dtype) {
  return is_complex_dtype(dtype)   ? dtype
         : dtype == DType::Float64 ? DType::Complex128
         : dtype == DType::Float16 ? DType::Complex32
                                   : DType::Complex64;
}
// The type that loops compute in: floats of 16 and 8 bits in float32, all integers and bool in int64.
inline DType compute_of(DType dtype) { return kDTypeFacts[int(dtype)].compute; }

// The type that two meet in; a RuntimeError in the name of `caller` where limited ones meet in none.
DType promote(DType a, DType b, const char* caller = "promote_types");

DType default_dtype();
void set_default_dtype(DType dtype);

// Calls f.operator()<T>() with the C++ type of the elements, for what loads and stores; loops use dispatch() in cpu/types.h.
template <class F>
[[gnu::always_inline]] inline auto visit_stored(DType dtype, F&& f) {
  switch (dtype) {
    case DType::Bool: return f.template operator()<bool>();
    case DType::UInt8: return f.template operator()<uint8_t>();
    case DType::Int8: return f.template operator()<int8_t>();
    case DType::Int16: return f.template operator()<int16_t>();
    case DType::Int32: return f.template operator()<int32_t>();
    case DType::Int64: return f.template operator()<int64_t>();
    case DType::UInt16: return f.template operator()<uint16_t>();
    case DType::UInt32: return f.template operator()<uint32_t>();
    case DType::UInt64: return f.template operator()<uint64_t>();
    case DType::Float8E4M3FN: return f.template operator()<Float8E4M3FN>();
    case DType::Float8E5M2: return f.template operator()<Float8E5M2>();
    case DType::Float8E4M3FNUZ: return f.template operator()<Float8E4M3FNUZ>();
    case DType::Float8E5M2FNUZ: return f.template operator()<Float8E5M2FNUZ>();
    case DType::Float8E8M0FNU: return f.template operator()<Float8E8M0FNU>();
    case DType::Float16: return f.template operator()<Half>();
    case DType::BFloat16: return f.template operator()<BFloat16>();
    case DType::Float32: return f.template operator()<float>();
    case DType::Float64: return f.template operator()<double>();
    case DType::Complex64: return f.template operator()<Complex<float>>();
    case DType::Complex128: break;
    case DType::Complex32: return f.template operator()<Complex<Half>>();
  }
  return f.template operator()<Complex<double>>();
}

template <class T> inline constexpr DType dtype_of = DType::Bool;
template <> inline constexpr DType dtype_of<uint8_t> = DType::UInt8;
template <> inline constexpr DType dtype_of<int8_t> = DType::Int8;
template <> inline constexpr DType dtype_of<int16_t> = DType::Int16;
template <> inline constexpr DType dtype_of<int32_t> = DType::Int32;
template <> inline constexpr DType dtype_of<int64_t> = DType::Int64;
template <> inline constexpr DType dtype_of<uint16_t> = DType::UInt16;
template <> inline constexpr DType dtype_of<uint32_t> = DType::UInt32;
template <> inline constexpr DType dtype_of<uint64_t> = DType::UInt64;
template <> inline constexpr DType dtype_of<Float8E4M3FN> = DType::Float8E4M3FN;
template <> inline constexpr DType dtype_of<Float8E5M2> = DType::Float8E5M2;
template <> inline constexpr DType dtype_of<Float8E4M3FNUZ> = DType::Float8E4M3FNUZ;
template <> inline constexpr DType dtype_of<Float8E5M2FNUZ> = DType::Float8E5M2FNUZ;
template <> inline constexpr DType dtype_of<Float8E8M0FNU> = DType::Float8E8M0FNU;
template <> inline constexpr DType dtype_of<Complex<Half>> = DType::Complex32;
template <> inline constexpr DType dtype_of<Half> = DType::Float16;
template <> inline constexpr DType dtype_of<BFloat16> = DType::BFloat16;
template <> inline constexpr DType dtype_of<float> = DType::Float32;
template <> inline constexpr DType dtype_of<double> = DType::Float64;
template <> inline constexpr DType dtype_of<Complex<float>> = DType::Complex64;
template <> inline constexpr DType dtype_of<Complex<double>> = DType::Complex128;

}  // namespace ember
