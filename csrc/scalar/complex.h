// Elementary functions of a complex number, by their real and imaginary parts; branch cuts as in C99.
#pragma once
#include "elementary_float.h"

namespace ember {

template <class T>
EMBER_FN bool is_nan(Complex<T> z) {
  return is_nan(z.re) | is_nan(z.im);
}
template <class T>
EMBER_FN bool is_inf(Complex<T> z) {
  return is_inf(z.re) | is_inf(z.im);
}
template <class T>
EMBER_FN bool is_finite(Complex<T> z) {
  return is_finite(z.re) & is_finite(z.im);
}
template <class T>
EMBER_FN T angle(Complex<T> z) {
  return atan2(z.im, z.re);
}
template <class T>
EMBER_FN Complex<T> square(Complex<T> z) {
  return z * z;
}
template <class T>
EMBER_FN Complex<T> reciprocal(Complex<T> z) {
  return Complex<T>(T(1)) / z;
}
template <class T>
EMBER_FN Complex<T> sign(Complex<T> z) {  // z / |z|, 0 at 0
  const T size = abs(z);
  return size == T(0) ? Complex<T>(T(0)) : z / size;
}

// A real z keeps a zero imaginary part even where exp(re) is infinite.
template <class T>
EMBER_FN Complex<T> exp(Complex<T> z) {
  const T size = exp(z.re);
  return {size * cos(z.im), z.im == T(0) ? z.im : size * sin(z.im)};
}
template <class T>
EMBER_FN Complex<T> expm1(Complex<T> z) {  // without cancellation: cos(y) - 1 = -2 sin(y / 2)^2
  const T grown = expm1(z.re), half = sin(T(0.5) * z.im);
  return {grown * cos(z.im) - T(2) * half * half, (grown + T(1)) * sin(z.im)};
}

// log |z|: near |z| = 1 from |z|^2 - 1, whose parts are exact in double for floats.
EMBER_FN double log_abs(double re, double im) {
  double a = abs(re), b = abs(im), large = a < b ? b : a, small = a < b ? a : b;
  double square = fused_multiply_add(large - 1.0, large + 1.0, small * small);
  bool near = (large > 0.5) & (large < 2.0) & (abs(square) < 0.5);
  double y = near ? 0.5 * log1p(square) : log(hypot(re, im));
  return large > 0x1p1022 ? log(hypot(0.5 * re, 0.5 * im)) + 0x1.62e42fefa39efp-1 : y;
}
EMBER_FN float log_abs(float re, float im) { return float(log_abs(double(re), double(im))); }

template <class T>
EMBER_FN Complex<T> log(Complex<T> z) {
  return {log_abs(z.re, z.im), angle(z)};
}
template <class T>
EMBER_FN Complex<T> log2(Complex<T> z) {
  return log(z) * T(1.44269504088896340735992468100);
}   // 1 / log(2)
template <class T>
EMBER_FN Complex<T> log10(Complex<T> z) {
  return log(z) * T(0.434294481903251827651128918917);
}  // 1 / log(10)
template <class T>
EMBER_FN Complex<T> log1p(Complex<T> z) {  // |1 + z|^2 - 1 = re (2 + re) + im^2
  const T square = z.re * (z.re + T(2)) + z.im * z.im, near = T(0.5) * log1p(square);
  return {abs(square) < T(0.5) ? near : log_abs(z.re + T(1), z.im), atan2(z.im, z.re + T(1))};
}

// The root with real part >= 0; the larger part is computed without cancellation, the other from it.
template <class T>
EMBER_FN Complex<T> sqrt(Complex<T> z) {
  const bool large = (abs(z.re) > T(1e30)) | (abs(z.im) > T(1e30));
  const T scale = large ? T(0.25) : T(4), back = large ? T(2) : T(0.5);
  const T re = z.re * scale, im = z.im * scale;
  const T root = sqrt(T(0.5) * (hypot(re, im) + abs(re))), other = root == T(0) ? T(0) : T(0.5) * abs(im) / root;
  const bool left = z.re < T(0);
  const T real = is_inf(z.im) ? infinity<T>() : (left ? other : root) * back;
  return {real, copysign((is_inf(z.im) ? infinity<T>() : (left ? root : other) * back), z.im)};
}
template <class T>
EMBER_FN Complex<T> rsqrt(Complex<T> z) {
  return reciprocal(sqrt(z));
}

template <class T>
EMBER_FN Complex<T> sinh(Complex<T> z) {
  return {sinh(z.re) * cos(z.im), cosh(z.re) * sin(z.im)};
}
template <class T>
EMBER_FN Complex<T> cosh(Complex<T> z) {
  return {cosh(z.re) * cos(z.im), sinh(z.re) * sin(z.im)};
}
// (sinh(2 re) + i sin(2 im)) / (cosh(2 re) + cos(2 im)), written so that neither a large re nor im near pi/2 cancels.
template <class T>
EMBER_FN Complex<T> tanh(Complex<T> z) {
  const T re = z.re > T(40) ? T(40) : z.re < T(-40) ? T(-40) : z.re;
  const T t = tan(z.im), s = sinh(re), growth = T(1) + t * t, rho = sqrt(T(1) + s * s), norm = T(1) + growth * s * s;
  const bool steep = is_inf(t);
  return {steep ? rho / s : growth * rho * s / norm, steep ? T(0) : t / norm};
}
template <class T>
EMBER_FN Complex<T> times_i(Complex<T> z) {
  return {-z.im, z.re};
}
template <class T>
EMBER_FN Complex<T> over_i(Complex<T> z) {
  return {z.im, -z.re};
}
template <class T>
EMBER_FN Complex<T> sin(Complex<T> z) {
  return over_i(sinh(times_i(z)));
}
template <class T>
EMBER_FN Complex<T> cos(Complex<T> z) {
  return cosh(times_i(z));
}
template <class T>
EMBER_FN Complex<T> tan(Complex<T> z) {
  return over_i(tanh(times_i(z)));
}

// Inverse functions by Kahan's formulas (1987), which keep the branch cuts and signed zeros.
template <class T>
EMBER_FN Complex<T> asin(Complex<T> z) {
  const Complex<T> below = sqrt(T(1) - z), above = sqrt(Complex<T>(T(1) + z.re, z.im));
  return {atan2(z.re, (below * above).re), asinh((conj(below) * above).im)};
}
template <class T>
EMBER_FN Complex<T> acos(Complex<T> z) {
  const Complex<T> below = sqrt(T(1) - z), above = sqrt(Complex<T>(T(1) + z.re, z.im));
  return {T(2) * atan2(below.re, above.re), asinh((conj(above) * below).im)};
}
template <class T>
EMBER_FN Complex<T> acosh(Complex<T> z) {
  const Complex<T> below = sqrt(z - T(1)), above = sqrt(z + T(1));
  return {asinh((conj(below) * above).re), T(2) * atan2(below.im, above.re)};
}
template <class T>
EMBER_FN Complex<T> asinh(Complex<T> z) {
  return over_i(asin(times_i(z)));
}
template <class T>
EMBER_FN Complex<T> atanh(Complex<T> z) {
  const T x = abs(z.re), y = z.im, rest = T(1) - x, size = hypot(x, y);
  const bool far = size > T(1e9);  // re / |z|^2 and pi / 2, without their squares
  const T re = far ? x / size / size : T(0.25) * log1p(T(4) * x / (rest * rest + y * y));
  const T im = far ? copysign(T(1.57079632679489661923132169164), y) : T(0.5) * atan2(T(2) * y, rest * (T(1) + x) - y * y);
  return {copysign(is_inf(size) ? T(0) : re, z.re), im};
}
template <class T>
EMBER_FN Complex<T> atan(Complex<T> z) {
  return over_i(atanh(times_i(z)));
}

template <class T>
EMBER_FN Complex<T> exp2(Complex<T> z) {
  return exp(z * T(0.693147180559945309417232121458));
}  // log(2)
template <class T>
EMBER_FN Complex<T> sigmoid(Complex<T> z) {
  return reciprocal(exp(-z) + T(1));
}
template <class T>
EMBER_FN Complex<T> pow(Complex<T> z, Complex<T> w) {
  const Complex<T> y = exp(w * log(z));
  const Complex<T> at_zero = w == Complex<T>(T(0)) ? Complex<T>(T(1)) : Complex<T>(w.re > T(0) ? T(0) : nan<T>());
  return z == Complex<T>(T(0)) ? at_zero : y;
}

}  // namespace ember
