// Elementary functions of a float: own short series where speed counts, else the double function, rounded once.
#pragma once
#include "elementary_double.h"

namespace ember {

namespace series {

// Adding it leaves the nearest integer n as n + 254 in the low bits.
constexpr float kRounderFloat = 0x1.8p23f + 254.0f;

// |x| at most the limit, with the sign of x. Integers need two instructions where floats, for nan's sake, need four to
// eight; so a nan becomes a number here and has to be put back at the end.
EMBER_FN float limit_size(float x, float limit) {
  uint32_t bits = bit_cast<uint32_t>(x), size = bits & 0x7fffffffu, most = bit_cast<uint32_t>(limit);
  return bit_cast<float>((size < most ? size : most) | (bits & 0x80000000u));
}

// x * 2^n, -252 <= n <= 254, in two factors, so that subnormal and infinite results come out rounded once.
EMBER_FN float scale_by_power(float x, uint32_t biased) {
  uint32_t half = biased >> 1;
  return x * bit_cast<float>(half << 23) * bit_cast<float>((biased - half) << 23);
}

struct ReducedFloat {
  float r;
  uint32_t biased;  // low nine bits: n + 254
};
EMBER_FN ReducedFloat reduce_exp(float x) {
  float rounded = fused_multiply_add(x, 0x1.715476p+0f, kRounderFloat), n = rounded - kRounderFloat;
  float r = fused_multiply_add(n, 0x1.05c610p-29f, fused_multiply_add(n, -0x1.62e430p-1f, x));  // log(2), 24 + 24 bits
  return {r, bit_cast<uint32_t>(rounded)};
}
// exp(r) = 1 + r + r^2 exp_rest(r). fit exp_float, 2^-26.1 of expm1
EMBER_FN float exp_rest(float r) {
  return polynomial(r, 0.49999997f, 0.16666539f, 0.0416677557f, 0.00836712401f, 0.00138356572f);
}
EMBER_FN float expm1_near_zero(float r) { return fused_multiply_add(r * r, exp_rest(r), r); }
// exp(x) for |x| <= 80, where one factor is enough.
EMBER_FN float exp_moderate(float x) {
  ReducedFloat reduced = reduce_exp(x);
  return (1.0f + expm1_near_zero(reduced.r)) * bit_cast<float>((reduced.biased - 127) << 23);
}
// exp(x) / 2
EMBER_FN float half_exp(float x) {
  ReducedFloat reduced = reduce_exp(x);
  return scale_by_power(1.0f + expm1_near_zero(reduced.r), reduced.biased - 1);
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
// log(1 + f) = f + log_tail(f) = f - f^2 / 2 + f^3 L(f). fit log_float, 2^-29.2
EMBER_FN float log_tail(float f, float added = 0.0f) {
  float square = f * f;
  float rest = polynomial(f, 0.333333135f, -0.250000149f, 0.200020581f, -0.166676909f, 0.142206043f, -0.12412107f, 0.118867025f,
                          -0.1163297f, 0.0669604838f);
  return fused_multiply_add(-0.5f, square, fused_multiply_add(square * f, rest, added));
}
// log(2^e (1 + f))
EMBER_FN float log_of_parts(float e, float f) {
  float tail = log_tail(f, e * -0x1.bd0106p-13f);
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
  return fused_multiply_add(z * z, polynomial(z, 0.0416666456f, -0.00138873095f, 2.44323273e-05f),
                            fused_multiply_add(z, -0.5f, 1.0f));
}
EMBER_FN float sin_of_quadrant(AngleFloat angle) {
  float y = angle.quadrant & 1 ? cos_near_zero(angle.r) : sin_near_zero(angle.r);
  return bit_cast<float>(bit_cast<uint32_t>(y) ^ ((angle.quadrant & 2) << 30));
}

// P(Z < -t) of the standard normal distribution for 0 <= t <= 14.5: exp(-t^2 / 2) times a ratio of polynomials, all of
// whose terms are positive (Hart 1968), so nothing cancels. fit tail_float, 2^-26.6
EMBER_FN float normal_tail(float t) {
  float scaled = polynomial(t, 57.5461273f, 50.4531479f, 21.0938034f, 4.67769241f, 0.473749399f) /
                 polynomial(t, 115.092255f, 192.736664f, 138.422607f, 54.0447159f, 11.7259712f, 1.1875f);
  // -t^2 = 2 n log(2) + r, with the square's rounding error; exp(r / 2) = 1 + r / 2 + r^2 / 8 + ..., as in exp_rest
  float square = t * t, lost = fused_multiply_add(t, t, -square);
  float rounded = fused_multiply_add(square, -0x1.715476p-1f, kRounderFloat), n = rounded - kRounderFloat;
  float r = fused_multiply_add(n, 0x1.05c610p-28f, fused_multiply_add(n, -0x1.62e430p+0f, -square)) - lost;
  float growth =
      r * polynomial(r, 0.5f, 0.49999997f / 4, 0.16666539f / 8, 0.0416677557f / 16, 0.00836712401f / 32, 0.00138356572f / 64);
  return scale_by_power(fused_multiply_add(scaled, growth, scaled), bit_cast<uint32_t>(rounded));
}

// asin(x) = x + x asin_tail(x^2), |x| <= 1/2. fit asin_float, 2^-27.6
EMBER_FN float asin_tail(float z) {
  return z * polynomial(z, 0.166667521f, 0.0749530941f, 0.0454691499f, 0.0241847783f, 0.0421583019f);
}
// atan(t), 0 <= t <= 1. fit atan_float, 2^-28.5
EMBER_FN float atan_near_zero(float t) {
  float z = t * t;
  return fused_multiply_add(t * z,
                            polynomial(z, -0.333332986f, 0.199985296f, -0.142640144f, 0.109508611f, -0.0839920789f,
                                       0.0578788705f, -0.0310935341f, 0.0108662723f, -0.00178214512f),
                            t);
}

}  // namespace series

EMBER_FN float exp(float x) {
  bool vanishes = x < -104.0f;  // masked scores often: a product that underflows takes six times as long
  series::ReducedFloat reduced = series::reduce_exp(series::limit_size(vanishes ? 0.0f : x, 104.0f));  // inf already
  float y = series::scale_by_power(1.0f + series::expm1_near_zero(reduced.r), reduced.biased);
  y = vanishes ? 0.0f : y;
  return x != x ? x : y;
}
EMBER_FN float exp2(float x) {
  float limited = series::limit_size(x, 151.0f), rounded = limited + series::kRounderFloat;
  float r = (limited - (rounded - series::kRounderFloat)) * 0x1.62e430p-1f;  // log(2)
  float y = series::scale_by_power(1.0f + series::expm1_near_zero(r), bit_cast<uint32_t>(rounded));
  return x != x ? x : y;
}
EMBER_FN float expm1(float x) {
  float limited = x > 89.0f ? 89.0f : x;
  limited = limited < -20.0f ? -20.0f : limited;
  series::ReducedFloat reduced = series::reduce_exp(limited);
  float half = bit_cast<float>((reduced.biased - 128) << 23);  // 2^(n - 1): 2^n may overflow where the result does not
  float y = 2.0f * fused_multiply_add(half, series::expm1_near_zero(reduced.r), half - 0.5f);
  return abs(x) < 0x1p-25f ? x : y;
}

EMBER_FN float log(float x) {
  bool subnormal = x < 0x1p-126f;
  series::SplitFloat parts = series::split(subnormal ? x * 0x1p23f : x);
  float y = series::log_of_parts(float(parts.exponent - (subnormal ? 23 : 0)), parts.f);
  return x != x ? x : series::log_specials(x, y);
}
// log in another base: exponent * head is exact, and the product with the factor keeps its rounding error.
EMBER_FN float log2(float x) {
  bool subnormal = x < 0x1p-126f;
  series::SplitFloat parts = series::split(subnormal ? x * 0x1p23f : x);
  float e = float(parts.exponent - (subnormal ? 23 : 0)), tail = series::log_tail(parts.f);
  float head = parts.f * 0x1.715476p+0f;
  float rest =
      fused_multiply_add(tail, 0x1.715476p+0f, fused_multiply_add(parts.f, 0x1.715476p+0f, -head) + parts.f * 0x1.4ae0c0p-26f);
  return x != x ? x : series::log_specials(x, (e + head) + rest);
}
EMBER_FN float log10(float x) {
  bool subnormal = x < 0x1p-126f;
  series::SplitFloat parts = series::split(subnormal ? x * 0x1p23f : x);
  float e = float(parts.exponent - (subnormal ? 23 : 0)), tail = series::log_tail(parts.f);
  float head = parts.f * 0x1.bcb7b2p-2f;
  float rest =
      fused_multiply_add(tail, 0x1.bcb7b2p-2f, fused_multiply_add(parts.f, 0x1.bcb7b2p-2f, -head) + parts.f * -0x1.5b235ep-27f);
  rest = fused_multiply_add(e, 0x1.3509f8p-18f, rest);
  return x != x ? x : series::log_specials(x, fused_multiply_add(e, 0x1.344000p-2f, head) + rest);
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
  float near = fused_multiply_add(
      size * z, polynomial(z, -0.333332807f, 0.133314058f, -0.0537365116f, 0.0206281431f, -0.00569226081f), size);
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
  float near = fused_multiply_add(
      size, polynomial(z, 0.128379151f, -0.376124799f, 0.112816177f, -0.0267585646f, 0.00498068566f, -0.000592511147f), size);
  float t = (size > 4.0f ? 4.0f : size) - 1.0f;
  float exponent = polynomial(t, -1.84960556f, -2.6389668f, -0.84308666f, -0.0417770371f, 0.0107275201f, -0.00294051436f,
                              0.000848655356f, -0.000142802892f);
  float far = 1.0f - series::exp_moderate(exponent);
  return copysign(size < 0.9375f ? near : far, x);
}

// P(Z < x) of the standard normal distribution, accurate in relative terms also in the negative tail.
EMBER_FN float normal_cdf(float x) {
  float y = series::normal_tail(abs(x) > 14.5f ? 14.5f : abs(x));
  return x < 0.0f ? y : 1.0f - y;
}
EMBER_FN float erfc(float x) {  // as normal_tail of sqrt(2) x, with the ratio in double
  float size = abs(x) > 10.2f ? 10.2f : abs(x), square = size * size, lost = fused_multiply_add(size, size, -square);
  double t = 0x1.6a09e667f3bcdp+0 * double(size);
  float scaled =
      float(polynomial(t, 96.91979089897647, 84.95962778605282, 35.51854686275152, 7.8763764157284015, 0.7978938090790872) /
            polynomial(t, 96.91979032918115, 162.2904727121999, 116.54725137954868, 45.50139756203688, 9.87219821732894,
                       1.0));  // twice fit tail, 2^-27.3
  series::ReducedFloat reduced = series::reduce_exp(-square);
  float growth = series::expm1_near_zero(reduced.r - lost);
  float y = series::scale_by_power(fused_multiply_add(scaled, growth, scaled), reduced.biased);
  return x < 0.0f ? 2.0f - y : y;
}
EMBER_FN float erfcx(float x) { return float(erfcx(double(x))); }

EMBER_FN float asin(float x) {  // asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)) above 1/2
  float size = abs(x), z = size > 0.5f ? 0.5f - 0.5f * size : size * size, t = size > 0.5f ? sqrt(z) : size;
  float y = fused_multiply_add(t, series::asin_tail(z), t);
  y = size > 0.5f ? 0x1.921fb6p+0f - fused_multiply_add(2.0f, y, 0x1.777a5cp-25f) : y;  // pi / 2 = head - tail
  return copysign(size > 1.0f ? nan<float>() : y, x);
}
EMBER_FN float acos(float x) {
  float size = abs(x), z = size > 0.5f ? 0.5f - 0.5f * size : size * size, t = size > 0.5f ? sqrt(z) : size;
  float y = fused_multiply_add(t, series::asin_tail(z), t);
  float middle = 0x1.921fb6p+0f - (copysign(y, x) + 0x1.777a5cp-25f);
  float outer = x < 0.0f ? 0x1.921fb6p+1f - (2.0f * y + 0x1.777a5cp-24f) : 2.0f * y;
  y = size > 0.5f ? outer : middle;
  return size > 1.0f ? nan<float>() : y;
}
EMBER_FN float atan(float x) {
  float size = abs(x), inverse = 1.0f / size;
  float y = series::atan_near_zero(size > 1.0f ? inverse : size);
  return copysign(size > 1.0f ? 0x1.921fb6p+0f - (y + 0x1.777a5cp-25f) : y, x);
}
EMBER_FN float atan2(float y, float x) {  // the quotient in double: the angle is rounded once more only
  float x_size = abs(x), y_size = abs(y);
  bool steep = y_size > x_size;
  double quotient = double(steep ? x_size : y_size) / double(steep ? y_size : x_size);
  float t = float(quotient), angle = series::atan_near_zero(t);
  angle = (x_size == y_size) ? (x_size == 0.0f ? 0.0f : 0x1.921fb6p-1f) : angle;
  angle = steep ? 0x1.921fb6p+0f - (angle + 0x1.777a5cp-25f) : angle;
  angle = sign_bit(x) ? 0x1.921fb6p+1f - (angle + 0x1.777a5cp-24f) : angle;
  return (x != x) | (y != y) ? x + y : copysign(angle, y);
}

// sinh(x) = x + x^3 S(x^2) below 1. fit sinh_float, 2^-31
EMBER_FN float sinh(float x) {
  float size = abs(x), z = size * size, half = series::half_exp(size > 90.0f ? 90.0f : size);
  float near =
      fused_multiply_add(size * z, polynomial(z, 0.166666672f, 0.00833331048f, 0.000198428956f, 2.78221182e-06f), size);
  return copysign(size < 1.0f ? near : half - 0.25f / half, x);
}
EMBER_FN float cosh(float x) {
  float half = series::half_exp(abs(x) > 90.0f ? 90.0f : abs(x));
  return half + 0.25f / half;
}
EMBER_FN float asinh(float x) { return float(asinh(double(x))); }
EMBER_FN float acosh(float x) { return float(acosh(double(x))); }
EMBER_FN float atanh(float x) { return float(atanh(double(x))); }

// exp(y log(x)) in double, with series as long as a float needs. fit log_short 2^-37.6, fit exp_short 2^-34.3
EMBER_FN float pow(float x, float y) {
  series::Split parts = series::split(double(abs(x)));
  double s = parts.f / (2.0 + parts.f), z = s * s;
  double log_f =
      s * fused_multiply_add(z, polynomial(z, 0.6666666564543794, 0.4000033518996042, 0.28537308737700623, 0.2358214595415408),
                             2.0);
  double power = double(y) * fused_multiply_add(parts.exponent, 0x1.62e42fefa39efp-1, log_f);  // log(2)
  power = power > 200.0 ? 200.0 : power;
  power = power < -200.0 ? -200.0 : power;
  double rounded = fused_multiply_add(power, series::kLog2E, series::kRounder);
  double r = fused_multiply_add(rounded - series::kRounder, -0x1.62e42fefa39efp-1, power);
  double e = 1.0 + fused_multiply_add(r * r,
                                      polynomial(r, 0.5000000077904481, 0.1666666686079753, 0.041666269943817086,
                                                 0.008333264323018046, 0.0013946072985697594, 0.00019918404940845943),
                                      r);
  uint64_t biased = bit_cast<uint64_t>(rounded) + 1023;  // the upper bits are shifted out
  return series::pow_specials(x, y, float(e * bit_cast<double>(biased << 52)));
}

}  // namespace ember
