// What every function of one number stands on: selection, signs, classification, extremes, polynomials.
//
// No function here or in the elementary_*.h branches or calls a library, so loops over them vectorise. Clamps are written
// `x > high ? high : x`, through which nan falls.
#pragma once
#include "types.h"

namespace ember {

template <Floating T>
EMBER_FN T infinity() {
  if constexpr (is_same<T, float>) return bit_cast<float>(0x7f800000u);
  else return bit_cast<double>(uint64_t(0x7ff) << 52);
}
template <Floating T>
EMBER_FN T nan() {
  if constexpr (is_same<T, float>) return bit_cast<float>(0x7fc00000u);
  else return bit_cast<double>(uint64_t(0xfff) << 51);
}

// a where the condition holds, else b. Both must be of one type: select(c, x, X(0)).
template <class T>
  requires Arithmetic<T> || is_complex<T>
EMBER_FN T select(bool condition, T a, T b) {
  return condition ? a : b;
}

// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <Floating T>
EMBER_FN T polynomial(T, T c0) {
  return c0;
}
template <Floating T, class... Rest>
EMBER_FN T polynomial(T x, T c0, Rest... rest) {
  return fused_multiply_add(polynomial(x, T(rest)...), x, c0);
}

EMBER_FN float abs(float x) { return bit_cast<float>(bit_cast<uint32_t>(x) & 0x7fffffffu); }
EMBER_FN double abs(double x) { return bit_cast<double>(bit_cast<uint64_t>(x) & ~(uint64_t(1) << 63)); }
EMBER_FN float copysign(float x, float y) {
  return bit_cast<float>((bit_cast<uint32_t>(x) & 0x7fffffffu) | (bit_cast<uint32_t>(y) & 0x80000000u));
}
EMBER_FN double copysign(double x, double y) {
  uint64_t sign = uint64_t(1) << 63;
  return bit_cast<double>((bit_cast<uint64_t>(x) & ~sign) | (bit_cast<uint64_t>(y) & sign));
}
EMBER_FN bool sign_bit(float x) { return bit_cast<uint32_t>(x) >> 31; }
EMBER_FN bool sign_bit(double x) { return bit_cast<uint64_t>(x) >> 63; }

template <Floating T>
EMBER_FN T sign(T x) {
  return x > T(0) ? T(1) : x < T(0) ? T(-1) : T(0);
}

template <Floating T>
EMBER_FN bool is_nan(T x) {
  return x != x;
}
template <Floating T>
EMBER_FN bool is_inf(T x) {
  return abs(x) == infinity<T>();
}
template <Floating T>
EMBER_FN bool is_finite(T x) {
  return abs(x) < infinity<T>();
}

// A nan in either argument is the result.
template <Floating T>
EMBER_FN T min(T a, T b) {
  return (a < b) | (a != a) ? a : b;
}
template <Floating T>
EMBER_FN T max(T a, T b) {
  return (a > b) | (a != a) ? a : b;
}

template <Floating T>
EMBER_FN T reciprocal(T x) {
  return T(1) / x;
}
template <Floating T>
EMBER_FN T rsqrt(T x) {
  return T(1) / sqrt(x);
}
template <Floating T>
EMBER_FN T square(T x) {
  return x * x;
}

}  // namespace ember
