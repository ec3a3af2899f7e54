// The same functions for integers. Nothing traps: x / 0 and x mod 0 are 0 here, and the caller reports the error.
#pragma once
#include "basics.h"

namespace ember {

namespace series {
// Signed overflow wraps, as in two's complement arithmetic.
template <Integer T>
EMBER_FN T negate(T x) {
  return T(0 - uint64_t(x));
}
template <Integer T>
EMBER_FN bool is_negative(T x) {
  if constexpr (SignedInteger<T>) return x < 0;
  else return false;
}
// Divisors 0 and -1 are replaced: the first traps, the second does for the smallest number.
template <Integer T>
EMBER_FN T safe_divisor(T b) {
  if constexpr (SignedInteger<T>) return (b == 0) | (b == T(-1)) ? T(1) : b;
  else return b == 0 ? T(1) : b;
}
}  // namespace series

template <Integer T>
EMBER_FN T abs(T x) {
  return series::is_negative(x) ? series::negate(x) : x;
}
template <Integer T>
EMBER_FN T sign(T x) {
  return T((x > T(0)) - series::is_negative(x));
}
template <Integer T>
EMBER_FN T min(T a, T b) {
  return b < a ? b : a;
}
template <Integer T>
EMBER_FN T max(T a, T b) {
  return a < b ? b : a;
}
template <Integer T>
EMBER_FN T square(T x) {
  return T(uint64_t(x) * uint64_t(x));
}
template <Integer T>
EMBER_FN bool is_nan(T) {
  return false;
}
template <Integer T>
EMBER_FN bool is_inf(T) {
  return false;
}
template <Integer T>
EMBER_FN bool is_finite(T) {
  return true;
}
template <Integer T>
EMBER_FN T floor(T x) {
  return x;
}
template <Integer T>
EMBER_FN T ceil(T x) {
  return x;
}
template <Integer T>
EMBER_FN T trunc(T x) {
  return x;
}
template <Integer T>
EMBER_FN T round(T x) {
  return x;
}

// Quotients rounded towards zero and towards minus infinity.
template <Integer T>
EMBER_FN T trunc_divide(T a, T b) {
  T quotient = T(a / series::safe_divisor(b));
  if constexpr (SignedInteger<T>) quotient = b == T(-1) ? series::negate(a) : quotient;
  return b == 0 ? T(0) : quotient;
}
template <Integer T>
EMBER_FN T fmod(T a, T b) {  // the sign of a
  T divisor = series::safe_divisor(b);
  return b == 0 ? T(0) : T(a % divisor);  // mod 1 is right for -1 too
}
template <Integer T>
EMBER_FN T remainder(T a, T b) {  // the sign of b, as in Python
  T rest = fmod(a, b);
  bool turn = (rest != 0) & (series::is_negative(rest) != series::is_negative(b));
  return turn ? T(rest + b) : rest;
}
template <Integer T>
EMBER_FN T floor_divide(T a, T b) {
  T rest = fmod(a, b);
  bool turn = (rest != 0) & (series::is_negative(rest) != series::is_negative(b));
  return T(trunc_divide(a, b) - T(turn));
}

// By squaring; overflow wraps. A negative power is the whole part of the fraction: 0 unless the base is 1 or -1.
template <Integer T>
EMBER_FN T pow(T base, T exponent) {
  uint64_t result = 1, square = uint64_t(base);
  for (uint64_t left = series::is_negative(exponent) ? 0 : uint64_t(exponent); left; left >>= 1) {
    result *= left & 1 ? square : 1;
    square *= square;
  }
  T fraction = base == T(1) ? T(1) : base == T(-1) ? (exponent & 1 ? T(-1) : T(1)) : T(0);
  return series::is_negative(exponent) ? fraction : T(result);
}

}  // namespace ember
