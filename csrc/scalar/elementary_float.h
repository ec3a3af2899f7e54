// Elementary functions of a float: own short series where speed counts, else the double function, rounded once.
#pragma once
#include "elementary_double.h"

namespace ember {

namespace series {

constexpr float kRounderFloat = 0x1.8p23f;  // adding it leaves the nearest integer in the low bits

// x * 2^n for -252 <= n <= 254, in two factors, so that subnormal and infinite results come out rounded once.
EMBER_FN float scale_by_power(float x, int32_t n) {
  int32_t half = n >> 1;
  return x * bit_cast<float>((half + 127) << 23) * bit_cast<float>((n - half + 127) << 23);
}

struct ReducedFloat {
  float r;
  int32_t n;
};
EMBER_FN ReducedFloat reduce_exp(float x) {
  float rounded = fused_multiply_add(x, 0x1.715476p+0f, kRounderFloat), n = rounded - kRounderFloat;
  float r = fused_multiply_add(n, 0x1.05c610p-29f, fused_multiply_add(n, -0x1.62e430p-1f, x));  // log(2), 24 + 24 bits
  return {r, bit_cast<int32_t>(rounded) - bit_cast<int32_t>(kRounderFloat)};
}
// exp(r) = 1 + r + r^2 exp_rest(r). fit exp_float, 2^-26.1 of expm1
EMBER_FN float exp_rest(float r) {
  return polynomial(r, 0.49999997f, 0.16666539f, 0.0416677557f, 0.00836712401f, 0.00138356572f);
}
// exp(x) for |x| <= 80, where one factor is enough.
EMBER_FN float exp_moderate(float x) {
  ReducedFloat reduced = reduce_exp(x);
  float r = reduced.r, y = 1.0f + fused_multiply_add(r * r, exp_rest(r), r);
  return y * bit_cast<float>((reduced.n + 127) << 23);
}

struct SplitFloat {
  float f;
  int32_t exponent;
};
EMBER_FN SplitFloat split(float x) {
  int32_t bits = bit_cast<int32_t>(x) - 0x3f3504f3;  // sqrt(1/2)
  int32_t exponent = bits >> 23;
  return {bit_cast<float>(bit_cast<int32_t>(x) - (exponent << 23)) - 1.0f, exponent};
}
// log(2^e (1 + f)). log(1 + f) = f - f^2 / 2 + f^3 L(f). fit log_float, 2^-29.2
EMBER_FN float log_of_parts(float e, float f) {
  float square = f * f;
  float cubic = square * f * polynomial(f, 0.333333135f, -0.250000149f, 0.200020581f, -0.166676909f, 0.142206043f,
                                        -0.12412107f, 0.118867025f, -0.1163297f, 0.0669604838f);
  float tail = fused_multiply_add(-0.5f, square, fused_multiply_add(e, -0x1.bd0106p-13f, cubic));
  return fused_multiply_add(e, 0x1.63p-1f, f + tail);  // log(2), 9 + 24 bits: e * head is exact
}
EMBER_FN float log_specials(float x, float y) {
  y = x == infinity<float>() ? x : y;
  y = x == 0.0f ? -infinity<float>() : y;
  return x < 0.0f ? nan<float>() : y;
}

// sin or cos of a float reduced in double: x = quadrant pi/2 + r. Accurate for |x| <= 2^50, in [-1, 1] beyond.
struct AngleFloat {
  float r;
  uint32_t quadrant;
  double exact;  // r before rounding
};
EMBER_FN AngleFloat reduce_angle(float x) {
  double rounded = fused_multiply_add(double(x), 0x1.45f306dc9c883p-1, kRounder), n = rounded - kRounder;
  double r = fused_multiply_add(-n, kHalfPi[1], fused_multiply_add(-n, kHalfPi[0], double(x)));
  r = r > 1.0 ? 1.0 : r;
  r = r < -1.0 ? -1.0 : r;
  return {float(r), uint32_t(bit_cast<uint64_t>(rounded)), r};
}
// fit sin_float 2^-27.9, fit cos_float 2^-33.0
EMBER_FN float sin_near_zero(float r) {
  float z = r * r;
  return fused_multiply_add(r * z, polynomial(z, -0.166666552f, 0.00833218917f, -0.000195182773f), r);
}
EMBER_FN float cos_near_zero(float r) {
  float z = r * r;
  return fused_multiply_add(z * z, polynomial(z, 0.0416666456f, -0.00138873095f, 2.44323273e-05f), fused_multiply_add(z, -0.5f, 1.0f));
}
EMBER_FN float sin_of_quadrant(AngleFloat angle) {
  float y = angle.quadrant & 1 ? cos_near_zero(angle.r) : sin_near_zero(angle.r);
  return bit_cast<float>(bit_cast<uint32_t>(y) ^ ((angle.quadrant & 2) << 30));
}

// P(Z < -t) of the standard normal distribution for 0 <= t <= 14.5, given -t^2 / 2 in two parts: it is exp(-t^2 / 2) times
// a ratio of polynomials, all of whose terms are positive (Hart 1968), so nothing cancels. fit tail_float, 2^-26.4
EMBER_FN float normal_tail(float t, float exponent, float exponent_tail) {
  float scaled = polynomial(t, 81.7070465f, 71.6518936f, 29.9614906f, 6.64540625f, 0.673222721f) /
                 polynomial(t, 163.414093f, 273.689423f, 196.587784f, 76.7656631f, 16.6585979f, 1.6875f);
  ReducedFloat reduced = reduce_exp(exponent);
  float r = reduced.r + exponent_tail, growth = fused_multiply_add(r * r, exp_rest(r), r);
  return scale_by_power(fused_multiply_add(scaled, growth, scaled), reduced.n);
}

}  // namespace series

EMBER_FN float exp(float x) {
  x = x > 89.0f ? 89.0f : x;    // inf already
  x = x < -104.0f ? -104.0f : x;  // 0 already
  series::ReducedFloat reduced = series::reduce_exp(x);
  float r = reduced.r, y = 1.0f + fused_multiply_add(r * r, series::exp_rest(r), r);
  return series::scale_by_power(y, reduced.n);
}
EMBER_FN float exp2(float x) {
  x = x > 129.0f ? 129.0f : x;
  x = x < -151.0f ? -151.0f : x;
  float rounded = x + series::kRounderFloat, n = rounded - series::kRounderFloat, r = (x - n) * 0x1.62e430p-1f;
  float y = 1.0f + fused_multiply_add(r * r, series::exp_rest(r), r);
  return series::scale_by_power(y, bit_cast<int32_t>(rounded) - bit_cast<int32_t>(series::kRounderFloat));
}
EMBER_FN float expm1(float x) {
  float clamped = x > 89.0f ? 89.0f : x;
  clamped = clamped < -20.0f ? -20.0f : clamped;
  series::ReducedFloat reduced = series::reduce_exp(clamped);
  float r = reduced.r, p = fused_multiply_add(r * r, series::exp_rest(r), r);
  float half = bit_cast<float>((reduced.n + 126) << 23);  // 2^(n - 1): 2^n may overflow where the result does not
  float y = 2.0f * fused_multiply_add(half, p, half - 0.5f);
  return abs(x) < 0x1p-25f ? x : y;
}

EMBER_FN float log(float x) {
  bool subnormal = x < 0x1p-126f;
  series::SplitFloat parts = series::split(subnormal ? x * 0x1p23f : x);
  float y = series::log_of_parts(float(parts.exponent - (subnormal ? 23 : 0)), parts.f);
  return x != x ? x : series::log_specials(x, y);
}
EMBER_FN float log1p(float x) {
  float u = 1.0f + x, lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);  // u + lost = 1 + x
  series::SplitFloat parts = series::split(u);
  float power = bit_cast<float>((127 - (parts.exponent > 127 ? 127 : parts.exponent)) << 23);  // 2^-exponent
  float y = series::log_of_parts(float(parts.exponent), fused_multiply_add(lost, power, parts.f));
  y = series::log_specials(u, y);
  return (x != x) | (abs(x) < 0x1p-25f) ? x : y;
}

EMBER_FN float sin(float x) {
  float y = series::sin_of_quadrant(series::reduce_angle(x));
  return x == 0.0f ? x : y;  // -0
}
EMBER_FN float cos(float x) {
  series::AngleFloat angle = series::reduce_angle(x);
  return series::sin_of_quadrant(series::AngleFloat{angle.r, angle.quadrant + 1, angle.exact});
}
EMBER_FN float tan(float x) {  // in double, with the short series
  series::AngleFloat angle = series::reduce_angle(x);
  double r = angle.exact, z = r * r;
  double sine = r + r * z * polynomial(z, -0.166666552, 0.00833218917, -0.000195182773);
  double cosine = 1.0 - 0.5 * z + z * z * polynomial(z, 0.0416666456, -0.00138873095, 2.44323273e-05);
  bool odd = angle.quadrant & 1;
  float y = float((odd ? -cosine : sine) / (odd ? sine : cosine));
  return x == 0.0f ? x : y;
}

// tanh(x) = x + x^3 T(x^2) near 0. fit tanh_float, 2^-27.7
EMBER_FN float tanh(float x) {
  float size = abs(x), z = size * size;
  float near = fused_multiply_add(size * z, polynomial(z, -0.333332807f, 0.133314058f, -0.0537365116f, 0.0206281431f, -0.00569226081f), size);
  float far = 1.0f - 2.0f / (series::exp_moderate(size > 10.0f ? 20.0f : 2.0f * size) + 1.0f);
  return copysign(size < 0.625f ? near : far, x);
}

// 1 / (1 + exp(-x)), accurate in relative terms also in the negative tail.
EMBER_FN float sigmoid(float x) {
  float z = exp(-abs(x));
  return (x < 0.0f ? z : 1.0f) / (1.0f + z);
}

// erf(x) = x + x E(x^2) below 0.9375, 1 - exp(q(x - 1)) above. fit erf_float 2^-25.6, fit erf_tail_float 2^-26.7
EMBER_FN float erf(float x) {
  float size = abs(x), z = size * size;
  float near = fused_multiply_add(size, polynomial(z, 0.128379151f, -0.376124799f, 0.112816177f, -0.0267585646f,
                                                   0.00498068566f, -0.000592511147f), size);
  float t = (size > 4.0f ? 4.0f : size) - 1.0f;
  float exponent = polynomial(t, -1.84960556f, -2.6389668f, -0.84308666f, -0.0417770371f, 0.0107275201f, -0.00294051436f,
                              0.000848655356f, -0.000142802892f);
  float far = 1.0f - series::exp_moderate(exponent);
  return copysign(size < 0.9375f ? near : far, x);
}

// P(Z < x) of the standard normal distribution, accurate in relative terms also in the negative tail.
EMBER_FN float normal_cdf(float x) {
  float size = abs(x) > 14.5f ? 14.5f : abs(x), square = size * size;
  float y = series::normal_tail(size, -0.5f * square, -0.5f * fused_multiply_add(size, size, -square));
  return x < 0.0f ? y : 1.0f - y;
}
EMBER_FN float log2(float x) { return float(log2(double(x))); }
EMBER_FN float log10(float x) { return float(log10(double(x))); }
EMBER_FN float asin(float x) { return float(asin(double(x))); }
EMBER_FN float acos(float x) { return float(acos(double(x))); }
EMBER_FN float atan(float x) { return float(atan(double(x))); }
EMBER_FN float atan2(float y, float x) { return float(atan2(double(y), double(x))); }
EMBER_FN float sinh(float x) { return float(sinh(double(x))); }
EMBER_FN float cosh(float x) { return float(cosh(double(x))); }
EMBER_FN float asinh(float x) { return float(asinh(double(x))); }
EMBER_FN float acosh(float x) { return float(acosh(double(x))); }
EMBER_FN float atanh(float x) { return float(atanh(double(x))); }
EMBER_FN float erfc(float x) { return float(erfc(double(x))); }
EMBER_FN float erfcx(float x) { return float(erfcx(double(x))); }
EMBER_FN float pow(float x, float y) { return float(pow(double(x), double(y))); }

}  // namespace ember
