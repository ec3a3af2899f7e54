// The number types that the language lacks: Half, BFloat16, 8-bit floats, Complex<T>; what is needed to tell number types
// apart; and the conversion from any of them to any other.
#pragma once
#include "config.h"

namespace ember {

template <class A, class B>
inline constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

template <class T>
concept Floating = is_same<T, float> || is_same<T, double>;
template <class T>
concept SignedInteger = is_same<T, signed char> || is_same<T, char> || is_same<T, short> || is_same<T, int> ||
                        is_same<T, long> || is_same<T, long long>;
template <class T>
concept UnsignedInteger = is_same<T, unsigned char> || is_same<T, unsigned short> || is_same<T, unsigned int> ||
                          is_same<T, unsigned long> || is_same<T, unsigned long long>;
template <class T>
concept Integer = SignedInteger<T> || UnsignedInteger<T>;
template <class T>
concept Arithmetic = Floating<T> || Integer<T> || is_same<T, bool>;

// The same bits read as another type of the same size.
template <class To, class From>
EMBER_FN To bit_cast(From x) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, x);
}

// IEEE 754 binary16 (1 sign, 5 exponent, 10 mantissa bits), for storage; computing is done in float.
struct Half {
  uint16_t bits;
};

// The upper half of a float (1 sign, 8 exponent, 7 mantissa bits), for storage; computing is done in float.
struct BFloat16 {
  uint16_t bits;
};

EMBER_FN float to_float(Half x) {
  uint32_t magnitude = x.bits & 0x7fffu;
  uint32_t rebiased = (magnitude << 13) + (112u << 23);  // exponent bias 15 -> 127
  // A subnormal has no hidden bit: give it one (exponent 2^-14) and subtract it again, exactly.
  float subnormal = bit_cast<float>(rebiased + (1u << 23)) - 0x1p-14f;
  uint32_t special = magnitude >= 0x7c00u ? rebiased + (112u << 23) : rebiased;  // inf and nan: exponent 255
  uint32_t result = magnitude < 0x400u ? bit_cast<uint32_t>(subnormal) : special;
  return bit_cast<float>(result | (uint32_t(x.bits & 0x8000u) << 16));
}

// Rounds to nearest, ties to even; beyond 65520 gives inf, nan stays nan.
EMBER_FN Half to_half(float x) {
  uint32_t bits = bit_cast<uint32_t>(x);
  uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
  // Below 2^-14 the adder of 0.5f (whose last place is 2^-24, Half's smallest step) does the rounding.
  uint32_t subnormal = bit_cast<uint32_t>(bit_cast<float>(magnitude) + 0.5f) - bit_cast<uint32_t>(0.5f);
  uint32_t special = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
  uint32_t finite = magnitude < (113u << 23) ? subnormal : normal;
  uint32_t result = magnitude >= 0x477ff000u ? special : finite;  // 65520 and above
  return {uint16_t(result | ((bits >> 16) & 0x8000u))};
}

EMBER_FN float to_float(BFloat16 x) { return bit_cast<float>(uint32_t(x.bits) << 16); }

// Rounds to nearest, ties to even; nan stays nan.
EMBER_FN BFloat16 to_bfloat16(float x) {
  uint32_t bits = bit_cast<uint32_t>(x);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  uint32_t nan = (bits >> 16) | 0x40u;  // the quiet bit: a payload in the lost half must not turn into inf
  return {uint16_t((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded)};
}

// What the largest codes of an 8-bit float mean.
enum class Largest {
  Infinite,  // as in IEEE 754: exponent 31 is inf and nan
  Finite,    // "fn": all ones is nan, there is no inf, and what is too large becomes the largest number
  Unsigned,  // "fnuz": the code of -0 is the only nan, and what is too large becomes it
};

// 1 sign bit, 7 bits of exponent and fraction (OCP "8-bit Floating Point Specification"; fnuz: Noune et al. 2022), for storage.
template <int FractionBits, int Bias, Largest Ends>
struct Float8 {
  static constexpr int fraction_bits = FractionBits, bias = Bias;
  static constexpr Largest ends = Ends;
  uint8_t bits;
};
using Float8E4M3FN = Float8<3, 7, Largest::Finite>;
using Float8E5M2 = Float8<2, 15, Largest::Infinite>;
using Float8E4M3FNUZ = Float8<3, 8, Largest::Unsigned>;
using Float8E5M2FNUZ = Float8<2, 16, Largest::Unsigned>;

// A power of two from 2^-127 on, 255 is nan (OCP "Microscaling Formats"), for storage: no sign, no zero.
struct Float8E8M0FNU {
  uint8_t bits;
};

template <int FractionBits, int Bias, Largest Ends>
EMBER_FN float to_float(Float8<FractionBits, Bias, Ends> x) {
  uint32_t magnitude = x.bits & 0x7fu;
  uint32_t normal = (magnitude << (23 - FractionBits)) + (uint32_t(127 - Bias) << 23);
  float subnormal =
      float(int32_t(magnitude)) * bit_cast<float>(uint32_t(128 - Bias - FractionBits) << 23);  // in units of the step
  uint32_t result = magnitude < (1u << FractionBits) ? bit_cast<uint32_t>(subnormal) : normal;
  constexpr uint32_t nan = 0x7fc00000u;
  if constexpr (Ends == Largest::Unsigned) {
    return bit_cast<float>(x.bits == 0x80u ? nan : result | (uint32_t(x.bits & 0x80u) << 24));
  } else if constexpr (Ends == Largest::Finite) {
    result = magnitude == 0x7fu ? nan : result;
  } else {
    constexpr uint32_t infinity = 0x7fu >> FractionBits << FractionBits;
    result = magnitude > infinity ? nan : magnitude == infinity ? 0x7f800000u : result;
  }
  return bit_cast<float>(result | (uint32_t(x.bits & 0x80u) << 24));
}

// Rounds to nearest, ties to even.
template <class T>
EMBER_FN T to_float8(float x) {
  constexpr int bias = T::bias, dropped = 23 - T::fraction_bits;
  uint32_t bits = bit_cast<uint32_t>(x);
  uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t normal =
      (magnitude - (uint32_t(127 - bias) << 23) + ((1u << (dropped - 1)) - 1u) + ((magnitude >> dropped) & 1u)) >> dropped;
  // Below 2^(1 - bias) the adder of a number whose last place is the step does the rounding.
  float adder = bit_cast<float>(uint32_t(151 - bias - T::fraction_bits) << 23);
  uint32_t subnormal = bit_cast<uint32_t>(bit_cast<float>(magnitude) + adder) - bit_cast<uint32_t>(adder);
  uint32_t result = magnitude < (uint32_t(128 - bias) << 23) ? subnormal : normal;
  bool is_nan = magnitude > 0x7f800000u;
  uint32_t sign = (bits >> 24) & 0x80u;
  if constexpr (T::ends == Largest::Unsigned) {
    sign = result == 0u ? 0u : sign;
    return {uint8_t(is_nan | (result > 0x7fu) ? 0x80u : result | sign)};
  } else {
    constexpr uint32_t largest = T::ends == Largest::Finite ? 0x7eu : 0x7fu >> T::fraction_bits << T::fraction_bits;
    result = result > largest ? largest : result;
    return {uint8_t((is_nan ? 0x7fu : result) | sign)};
  }
}

EMBER_FN float to_float(Float8E8M0FNU x) {
  uint32_t bits = uint32_t(x.bits) << 23;
  return bit_cast<float>(x.bits == 0u ? 0x00400000u : x.bits == 255u ? 0x7fc00000u : bits);
}

// Of the size of x, its sign left out: 1.5 and more of a power of two is the next one; inf is nan.
EMBER_FN Float8E8M0FNU to_float8_e8m0fnu(float x) {
  uint32_t magnitude = bit_cast<uint32_t>(x) & 0x7fffffffu;
  uint32_t exponent = magnitude >> 23, fraction = magnitude & 0x7fffffu;
  uint32_t up = exponent == 0u ? fraction > 0x400000u : fraction >= 0x400000u;
  return {uint8_t(exponent == 255u ? 255u : exponent + up)};
}

// real + imag i. Plain data, laid out as C's complex types are.
template <class T>
struct Complex {
  using Real = T;
  T re, im;

  Complex() = default;
  EMBER_FN constexpr Complex(T real, T imag = T(0)) : re(real), im(imag) {}
  template <class U>
  EMBER_FN constexpr explicit Complex(Complex<U> z) : re(T(z.re)), im(T(z.im)) {}

  EMBER_FN friend Complex operator+(Complex a) { return a; }
  EMBER_FN friend Complex operator-(Complex a) { return {-a.re, -a.im}; }
  EMBER_FN friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  EMBER_FN friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  EMBER_FN friend Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  // By the ratio of the denominator's parts, so that no square overflows or vanishes (Smith 1962). Where it is 0 the parts
  // are infinite or nan; "+ 0" makes its -0 a +0.
  EMBER_FN friend Complex operator/(Complex a, Complex b) {
    const bool wide = !((b.re < T(0) ? -b.re : b.re) < (b.im < T(0) ? -b.im : b.im));
    const T large = wide ? b.re : b.im, small = wide ? b.im : b.re;
    const T ratio = large == T(0) ? T(0) : small / large, norm = large + small * ratio + T(0);
    return {((wide ? a.re : a.im) + (wide ? a.im : a.re) * ratio) / norm,
            wide ? (a.im - a.re * ratio) / norm : (a.im * ratio - a.re) / norm};
  }
  // With a plain number each part is treated alone: inf in one part does not become nan in the other.
  EMBER_FN friend Complex operator+(Complex a, T b) { return {a.re + b, a.im}; }
  EMBER_FN friend Complex operator+(T a, Complex b) { return {a + b.re, b.im}; }
  EMBER_FN friend Complex operator-(Complex a, T b) { return {a.re - b, a.im}; }
  EMBER_FN friend Complex operator-(T a, Complex b) { return {a - b.re, -b.im}; }
  EMBER_FN friend Complex operator*(Complex a, T b) { return {a.re * b, a.im * b}; }
  EMBER_FN friend Complex operator*(T a, Complex b) { return {a * b.re, a * b.im}; }
  EMBER_FN friend Complex operator/(Complex a, T b) { return {a.re / b, a.im / b}; }

  EMBER_FN friend bool operator==(Complex a, Complex b) { return (a.re == b.re) & (a.im == b.im); }
  EMBER_FN friend bool operator!=(Complex a, Complex b) { return (a.re != b.re) | (a.im != b.im); }

  EMBER_FN Complex& operator+=(Complex b) { return *this = *this + b; }
  EMBER_FN Complex& operator-=(Complex b) { return *this = *this - b; }
  EMBER_FN Complex& operator*=(Complex b) { return *this = *this * b; }
  EMBER_FN Complex& operator/=(Complex b) { return *this = *this / b; }
};

template <class T>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool is_complex<Complex<T>> = true;

template <class T>
EMBER_FN T real(Complex<T> z) {
  return z.re;
}
template <class T>
EMBER_FN T imag(Complex<T> z) {
  return z.im;
}
template <class T>
EMBER_FN Complex<T> conj(Complex<T> z) {
  return {z.re, -z.im};
}
template <Arithmetic T>
EMBER_FN T conj(T x) {
  return x;
}

// Types that are stored and have no arithmetic: they are read as float, and written from it.
template <class T>
inline constexpr bool is_stored_float = is_same<T, Half> || is_same<T, BFloat16> || is_same<T, Float8E8M0FNU>;
template <int FractionBits, int Bias, Largest Ends>
inline constexpr bool is_stored_float<Float8<FractionBits, Bias, Ends>> = true;

template <class To>
EMBER_FN To from_float(float x) {
  if constexpr (is_same<To, Half>) return to_half(x);
  else if constexpr (is_same<To, BFloat16>) return to_bfloat16(x);
  else if constexpr (is_same<To, Float8E8M0FNU>) return to_float8_e8m0fnu(x);
  else return to_float8<To>(x);
}

// Any element as another type: fractions are cut off, integers wrap, anything but 0 is true, a complex number loses its
// imaginary part.
template <class To, class From>
EMBER_FN To convert(From x) {
  if constexpr (is_same<To, From>) {
    return x;
  } else if constexpr (is_stored_float<From>) {
    return convert<To>(to_float(x));
  } else if constexpr (is_complex<From>) {
    if constexpr (is_complex<To>) return To(convert<typename To::Real>(x.re), convert<typename To::Real>(x.im));
    else if constexpr (is_same<To, bool>) return convert<bool>(x.re) | convert<bool>(x.im);
    else return convert<To>(x.re);
  } else if constexpr (is_complex<To>) {
    return To(convert<typename To::Real>(x), convert<typename To::Real>(0.f));
  } else if constexpr (is_stored_float<To>) {
    return from_float<To>(float(x));
  } else if constexpr (is_same<To, bool>) {
    return x != 0;
  } else if constexpr (Floating<From> && UnsignedInteger<To> && sizeof(To) == 8) {
    const bool high = x >= From(0x1p63);  // an int64 does not hold these
    return To(int64_t(high ? x - From(0x1p63) : x)) + (high ? To(1) << 63 : To(0));
  } else if constexpr (Floating<From> && Integer<To> && sizeof(To) < 8) {
    return To(int64_t(x));  // out of range values wrap as an int64 does, without trapping
  } else {
    return To(x);
  }
}

// sqrt(a^2 + b^2) without needless overflow; inf wins over nan, as in C. A float's squares fit a double.
EMBER_FN float hypot(float a, float b) {
  uint32_t infinity = 0x7f800000u, a_bits = bit_cast<uint32_t>(a) & 0x7fffffffu, b_bits = bit_cast<uint32_t>(b) & 0x7fffffffu;
  float size = float(sqrt(fused_multiply_add(double(a), double(a), double(b) * double(b))));
  return (a_bits == infinity) | (b_bits == infinity) ? bit_cast<float>(infinity) : size;
}
// A double's larger part is scaled to [1, 2) by a power of two.
EMBER_FN double hypot(double a, double b) {
  uint64_t infinity = 0x7ffull << 52, a_bits = bit_cast<uint64_t>(a) & ~(1ull << 63),
           b_bits = bit_cast<uint64_t>(b) & ~(1ull << 63);
  uint64_t exponent = (a_bits > b_bits ? a_bits : b_bits) >> 52;
  exponent = exponent < 100 ? 100 : exponent > 1945 ? 1945 : exponent;
  double scale = bit_cast<double>(exponent << 52), inverse = bit_cast<double>((2046 - exponent) << 52);
  double x = a * inverse, y = b * inverse;
  double size = sqrt(fused_multiply_add(x, x, y * y)) * scale;
  return (a_bits == infinity) | (b_bits == infinity) ? bit_cast<double>(infinity) : size;
}
template <class T>
EMBER_FN T abs(Complex<T> z) {
  return hypot(z.re, z.im);
}

}  // namespace ember
