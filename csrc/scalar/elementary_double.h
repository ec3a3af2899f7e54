// Elementary functions of a double. Coefficients come from fit.py; the name behind "fit" is their entry there.
#pragma once
#include "basics.h"

namespace ember {

namespace series {

constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLogOf2Head = 0x1.62e42fefa3800p-1, kLogOf2Tail = 0x1.ef35793c76730p-45;  // 42 + 53 bits
constexpr double kHalfPi[3] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
constexpr double kRounder = 0x1.8p52;  // adding it leaves the nearest integer in the low bits

// A number as an unevaluated sum: the tail is below the head's last place.
struct Pair {
  double head, tail;
};
EMBER_FN Pair fast_two_sum(double a, double b) {  // |a| >= |b|
  double sum = a + b;
  return {sum, b - (sum - a)};
}
EMBER_FN Pair two_sum(double a, double b) {
  double sum = a + b, b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}
EMBER_FN Pair two_product(double a, double b) {
  double product = a * b;
  return {product, fused_multiply_add(a, b, -product)};
}

// x * 2^n for -2044 <= n <= 2046, in two factors, so that subnormal and infinite results come out rounded once.
EMBER_FN double scale_by_power(double x, int64_t n) {
  uint64_t biased = uint64_t(n + 2046), half = biased >> 1;  // unsigned: AVX2 has no arithmetic shift of 64 bits
  return x * bit_cast<double>(half << 52) * bit_cast<double>((biased - half) << 52);
}

// x = n log(2) + r
struct Reduced {
  double r;
  int64_t n;
};
EMBER_FN Reduced reduce_exp(double x) {
  double rounded = fused_multiply_add(x, kLog2E, kRounder), n = rounded - kRounder;
  double r = fused_multiply_add(n, -kLogOf2Tail, fused_multiply_add(n, -kLogOf2Head, x));
  return {r, bit_cast<int64_t>(rounded) - bit_cast<int64_t>(kRounder)};
}

// exp(r) = 1 + r + r^2 exp_rest(r), |r| <= log(2) / 2. fit exp, 2^-59.9
EMBER_FN double exp_rest(double r) {
  return polynomial(r, 0.5, 0.16666666666666677, 0.04166666666666651, 0.008333333333321691, 0.0013888888888962312,
                    0.00019841269885964913, 2.480158717264098e-05, 2.755724437499875e-06, 2.755740256538052e-07,
                    2.5108978635638468e-08, 2.08753514737289e-09);
}

// exp(x) * (1 + tail) * 2^power, for a small tail.
EMBER_FN double exp_scaled(double x, double tail, int64_t power) {
  x = x > 1416.0 ? 1416.0 : x;  // room for power to bring back what overflows
  x = x < -1400.0 ? -1400.0 : x;
  Reduced reduced = reduce_exp(x);
  double r = reduced.r, square_part = r * r * exp_rest(r);
  double y = 1.0 + (r + (square_part + fused_multiply_add(tail, r + square_part, tail)));
  return scale_by_power(y, reduced.n + power);
}

// x = 2^exponent (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for normal positive x.
struct Split {
  double f, exponent;
};
EMBER_FN Split split(double x) {
  uint64_t bits = bit_cast<uint64_t>(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);  // sqrt(1/2) up to a power of two
  double exponent = bit_cast<double>((bits >> 52) + bit_cast<uint64_t>(0x1p52)) - (0x1p52 + 1023);
  double m = bit_cast<double>((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu);
  return {m - 1.0, exponent};
}
// The same for subnormal x too.
EMBER_FN Split split_any(double x) {
  bool subnormal = x < 0x1p-1022;
  Split parts = split(subnormal ? x * 0x1p54 : x);
  return {parts.f, subnormal ? parts.exponent - 54.0 : parts.exponent};
}

// log(1 + f) = f - (f^2 / 2 - tail). With s = f / (2 + f): log(1 + f) = 2 s + s^3 R(s^2). fit log, 2^-59.5
EMBER_FN double log_tail(double f) {
  double s = f / (2.0 + f), z = s * s, half_square = 0.5 * f * f;
  double rest = z * polynomial(z, 0.6666666666666734, 0.3999999999941666, 0.28571428742029004, 0.22222198604480947,
                               0.18183562902561234, 0.1531408308648145, 0.14795654446776269);
  return s * (half_square + rest);
}

EMBER_FN double log_specials(double x, double y) {
  y = x == infinity<double>() ? x : y;
  y = x == 0.0 ? -infinity<double>() : y;
  return x < 0.0 ? nan<double>() : y;
}

// log(x) times a factor given as head and tail, plus exponent times another (the logarithm of 2 in that base).
EMBER_FN double log_in_base(double x, Pair factor, Pair log_of_2) {
  Split parts = split_any(x);
  double f = parts.f, half_square = 0.5 * f * f;
  Pair difference = fast_two_sum(f, -half_square);
  double half_square_error = fused_multiply_add(0.5 * f, f, -half_square);
  Pair log_f = fast_two_sum(difference.head, log_tail(f) + (difference.tail - half_square_error));
  Pair product = two_product(log_f.head, factor.head);
  product.tail += fused_multiply_add(log_f.tail, factor.head, log_f.head * factor.tail);
  Pair sum = two_sum(parts.exponent * log_of_2.head, product.head);
  double y = sum.head + (sum.tail + fused_multiply_add(parts.exponent, log_of_2.tail, product.tail));
  return x != x ? x : log_specials(x, y);
}

// x = quadrant pi/2 + head + tail, exact enough for |x| <= 2^50: a double apart from a multiple of pi/2 by far less than
// one ulp does not exist there. Beyond, the head is clamped: the results are numbers in [-1, 1], not accurate ones.
struct Angle {
  double head, tail;
  uint64_t quadrant;
};
EMBER_FN Angle reduce_angle(double x) {
  double rounded = fused_multiply_add(x, 0x1.45f306dc9c883p-1, kRounder), n = rounded - kRounder;  // 2 / pi
  double first = fused_multiply_add(-n, kHalfPi[0], x);                                            // exact
  Pair product = two_product(n, kHalfPi[1]);
  Pair difference = two_sum(first, -product.head);
  double tail = fused_multiply_add(-n, kHalfPi[2], difference.tail - product.tail);
  Pair angle = fast_two_sum(difference.head, tail);
  bool far = abs(angle.head) > 1.0;
  return {far ? copysign(1.0, angle.head) : angle.head, far ? 0.0 : angle.tail, bit_cast<uint64_t>(rounded)};
}

// What x^y is at zeros, infinities, negative bases and nan; result is |x|^y elsewhere.
template <Floating T>
EMBER_FN T pow_specials(T x, T y, T result) {
  T size = abs(x), y_size = abs(y);
  bool whole = y == trunc(y), odd = whole & (T(0.5) * y != trunc(T(0.5) * y));
  bool edge = (size == T(0)) | (size == infinity<T>()) | (y_size == infinity<T>());
  result = edge ? ((size > T(1)) == (y > T(0)) ? infinity<T>() : T(0)) : result;
  result = (size == T(1)) & (y_size == infinity<T>()) ? T(1) : result;
  result = odd & sign_bit(x) ? -result : result;
  result = (x < T(0)) & !whole & (size != infinity<T>()) ? nan<T>() : result;
  result = (x != x) | (y != y) ? x + y : result;
  return (y == T(0)) | (x == T(1)) ? T(1) : result;
}

// sin and cos of head + tail, |head| <= pi / 4. fit sin 2^-57.9, fit cos 2^-63.9
EMBER_FN double sin_near_zero(double head, double tail) {
  double z = head * head;
  double cubic = head * z *
                 polynomial(z, -0.1666666666666663, 0.008333333333321842, -0.00019841269829360547, 2.755731353927956e-06,
                            -2.5050734502737356e-08, 1.5895438883442912e-10);
  return head + (cubic + tail * fused_multiply_add(z, -0.5, 1.0));
}
EMBER_FN double cos_near_zero(double head, double tail) {
  double z = head * head, half = 0.5 * z, y = 1.0 - half;
  double rest = z * z *
                polynomial(z, 0.041666666666666595, -0.001388888888887334, 2.4801587288999738e-05, -2.7557314216139386e-07,
                           2.0875705249013478e-09, -1.1358740540154908e-11);
  return y + (((1.0 - y) - half) + fused_multiply_add(-head, tail, rest));
}
EMBER_FN double sin_of_quadrant(Angle angle) {
  double sine = sin_near_zero(angle.head, angle.tail), cosine = cos_near_zero(angle.head, angle.tail);
  double y = angle.quadrant & 1 ? cosine : sine;
  return bit_cast<double>(bit_cast<uint64_t>(y) ^ ((angle.quadrant & 2) << 62));
}

// sin(pi x): the reduction is exact.
EMBER_FN double sin_pi(double x) {
  double rounded = fused_multiply_add(x, 2.0, kRounder), r = fused_multiply_add(rounded - kRounder, -0.5, x);
  Pair head = two_product(r, 0x1.921fb54442d18p+1);
  return sin_of_quadrant(
      Angle{head.head, fused_multiply_add(r, 0x1.1a62633145c07p-53, head.tail), bit_cast<uint64_t>(rounded)});
}

// asin(x) = x + x asin_tail(x^2), |x| <= 1/2. fit asin, 2^-55.9
EMBER_FN double asin_tail(double z) {
  return z * polynomial(z, 0.1666666666666541, 0.07500000000336646, 0.04464285682855164, 0.03038195912979585,
                        0.02237175819063195, 0.017359702977092106, 0.013885250797806593, 0.01216912218574882,
                        0.006528325176468482, 0.01952738700618764, -0.016222974650098924, 0.031911449673903705);
}

// atan(numerator / denominator) for 0 <= numerator <= denominator. fit atan, 2^-59.4
EMBER_FN double atan_of_ratio(double numerator, double denominator) {
  bool upper = numerator > 0.41421356237309503 * denominator;  // tan(pi / 8): turn by pi / 4
  double t = (upper ? numerator - denominator : numerator) / (upper ? numerator + denominator : denominator);
  double z = t * t;
  double cubic = t * z *
                 polynomial(z, -0.333333333333332, 0.1999999999995369, -0.14285714280202047, 0.11111110783631915,
                            -0.09090897761708175, 0.07692060286247132, -0.06663104966412459, 0.05847897104615256,
                            -0.050393457190918985, 0.038065762547596756, -0.017908705527219928);
  return upper ? 0x1.921fb54442d18p-1 + (t + (cubic + 0x1.1a62633145c07p-55)) : t + cubic;
}

// erfcx(x) = exp(x^2) erfc(x) for x >= 0. fit erfcx, 2^-54.4
EMBER_FN double erfcx_positive(double x) {
  double t = (x - 4.0) / (x + 4.0);
  double c = polynomial(
      t, 1.2329951186255526, -0.13962111684056208, 0.01537965210260654, 0.06809705425465087, -0.10103906603567375,
      0.09373283499955544, -0.0663303658239453, 0.03716751552116831, -0.016197733945984682, 0.005031970102653651,
      -0.0007577739107634011, -0.0001992572855893765, 0.0001506238372084136, -2.439739173882533e-05, -1.1226868779311259e-05,
      5.706010678574446e-06, 3.0082457618612426e-07, -8.204454708112301e-07, 6.820205912844415e-08, 1.0589362011422965e-07,
      -1.4408043410423319e-08, -1.2172739600478563e-08, 8.235880809715642e-10, 9.015300405656965e-10, 1.253553006501093e-10);
  return c / fused_multiply_add(2.0, x, 1.0);
}

// exp(-x^2): the rounding error of the square would be magnified by its size.
EMBER_FN double exp_of_negative_square(double x) {
  Pair square = two_product(x, x);
  return exp_scaled(-square.head, -square.tail, 0);
}

EMBER_FN double erfc_positive(double x) {
  x = x > 40.0 ? 40.0 : x;
  return exp_of_negative_square(x) * erfcx_positive(x);
}
// erf(x) = x + x E(x^2), |x| <= 0.7. fit erf, 2^-56.3
EMBER_FN double erf_near_zero(double x) {
  double e = polynomial(x * x, 0.1283791670955126, -0.3761263890318425, 0.11283791670987822, -0.02686617065351378,
                        0.005223977734606509, -0.0008548335180447819, 0.00012055702938896852, -1.4935967239670419e-05,
                        1.6633368924659564e-06, -1.7873354743116128e-07, 1.9313448596266123e-08);
  return fused_multiply_add(x, e, x);
}

}  // namespace series

EMBER_FN double exp(double x) {
  bool vanishes = x < -746.0;  // as of floats
  double y = series::exp_scaled(vanishes ? 0.0 : x, 0.0, 0);
  return vanishes ? 0.0 : y;
}

EMBER_FN double exp2(double x) {
  x = x > 1100.0 ? 1100.0 : x;
  x = x < -1100.0 ? -1100.0 : x;
  double rounded = x + series::kRounder, n = rounded - series::kRounder;
  series::Pair r = series::two_product(x - n, 0x1.62e42fefa39efp-1);
  double tail = fused_multiply_add(x - n, 0x1.abc9e3b39803fp-56, r.tail);
  double y = 1.0 + (r.head + fused_multiply_add(r.head * r.head, series::exp_rest(r.head), tail));
  return series::scale_by_power(y, bit_cast<int64_t>(rounded) - bit_cast<int64_t>(series::kRounder));
}

EMBER_FN double expm1(double x) {
  double clamped = x > 709.8 ? 709.8 : x;  // inf already
  clamped = clamped < -60.0 ? -60.0 : clamped;
  series::Reduced reduced = series::reduce_exp(clamped);
  double r = reduced.r, p = fused_multiply_add(r * r, series::exp_rest(r), r);
  double half = bit_cast<double>(uint64_t(reduced.n + 1022) << 52);  // 2^(n - 1): 2^n may overflow where the result does not
  double y = 2.0 * fused_multiply_add(half, p, half - 0.5);
  return abs(x) < 0x1p-54 ? x : y;
}

EMBER_FN double log(double x) {
  series::Split parts = series::split_any(x);
  double f = parts.f, half_square = 0.5 * f * f;
  double tail = fused_multiply_add(parts.exponent, series::kLogOf2Tail, series::log_tail(f));
  double y = fused_multiply_add(parts.exponent, series::kLogOf2Head, f - (half_square - tail));
  return x != x ? x : series::log_specials(x, y);
}
EMBER_FN double log2(double x) { return series::log_in_base(x, {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56}, {1.0, 0.0}); }
EMBER_FN double log10(double x) {
  return series::log_in_base(x, {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57}, {0x1.34413509f7000p-2, 0x1.3fde623e2566bp-43});
}
EMBER_FN double log1p(double x) {
  double u = 1.0 + x, lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);  // u + lost = 1 + x
  series::Split parts = series::split(u);
  double exponent = parts.exponent > 1000.0 ? 1000.0 : parts.exponent;
  double power = bit_cast<double>(bit_cast<uint64_t>(0x1p52 + 1023 - exponent) << 52);  // 2^-exponent
  double f = fused_multiply_add(lost, power, parts.f), half_square = 0.5 * f * f;
  double tail = fused_multiply_add(parts.exponent, series::kLogOf2Tail, series::log_tail(f));
  double y = fused_multiply_add(parts.exponent, series::kLogOf2Head, f - (half_square - tail));
  y = series::log_specials(u, y);
  return (x != x) | (abs(x) < 0x1p-54) ? x : y;
}

EMBER_FN double sin(double x) {
  double y = series::sin_of_quadrant(series::reduce_angle(x));
  return x == 0.0 ? x : y;  // -0
}
EMBER_FN double cos(double x) {
  series::Angle angle = series::reduce_angle(x);
  return series::sin_of_quadrant(series::Angle{angle.head, angle.tail, angle.quadrant + 1});
}
EMBER_FN double tan(double x) {
  series::Angle angle = series::reduce_angle(x);
  double sine = series::sin_near_zero(angle.head, angle.tail), cosine = series::cos_near_zero(angle.head, angle.tail);
  bool odd = angle.quadrant & 1;
  double y = (odd ? -cosine : sine) / (odd ? sine : cosine);
  return x == 0.0 ? x : y;
}

EMBER_FN double asin(double x) {
  double size = abs(x), z = size > 0.5 ? 0.5 - 0.5 * size : size * size;  // asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2))
  double t = size > 0.5 ? sqrt(z) : size, tail = t * series::asin_tail(z);
  double root_error = fused_multiply_add(-t, t, z) / (t + t + 0x1p-1000);  // of sqrt(z)
  double upper = 0x1.921fb54442d18p+0 - (2.0 * t - (0x1.1a62633145c07p-54 - 2.0 * (tail + root_error)));
  double y = size > 0.5 ? upper : t + tail;
  return copysign(size > 1.0 ? nan<double>() : y, x);
}
EMBER_FN double acos(double x) {
  double size = abs(x), z = size > 0.5 ? 0.5 - 0.5 * size : size * size;
  double t = size > 0.5 ? sqrt(z) : size, tail = t * series::asin_tail(z);
  double root_error = fused_multiply_add(-t, t, z) / (t + t + 0x1p-1000);
  double signed_t = copysign(t, x), signed_tail = copysign(tail, x);
  double middle = 0x1.921fb54442d18p+0 - (signed_t - (0x1.1a62633145c07p-54 - signed_tail));
  double upper = 2.0 * (t + (tail + root_error));
  double lower = 0x1.921fb54442d18p+1 - (2.0 * t - (0x1.1a62633145c07p-53 - 2.0 * (tail + root_error)));
  double y = size > 0.5 ? (x < 0.0 ? lower : upper) : middle;
  return size > 1.0 ? nan<double>() : y;
}
EMBER_FN double atan(double x) {
  double size = abs(x);
  bool inverted = size > 1.0;
  double y = series::atan_of_ratio(inverted ? 1.0 : size, inverted ? size : 1.0);
  y = inverted ? 0x1.921fb54442d18p+0 - (y - 0x1.1a62633145c07p-54) : y;
  y = size == infinity<double>() ? 0x1.921fb54442d18p+0 : y;
  return copysign(y, x);
}
EMBER_FN double atan2(double y, double x) {
  double x_size = abs(x), y_size = abs(y);
  bool steep = y_size > x_size;
  double numerator = steep ? x_size : y_size, denominator = steep ? y_size : x_size;
  bool huge = denominator > 0x1p1000;  // their sum must not overflow
  double scale = huge ? 0x1p-100 : 1.0;
  double angle = series::atan_of_ratio(numerator * scale, denominator * scale);
  angle = denominator == 0.0 ? 0.0 : angle;
  angle = denominator == infinity<double>() ? (numerator == infinity<double>() ? 0x1.921fb54442d18p-1 : 0.0) : angle;
  angle = steep ? 0x1.921fb54442d18p+0 - (angle - 0x1.1a62633145c07p-54) : angle;
  angle = sign_bit(x) ? 0x1.921fb54442d18p+1 - (angle - 0x1.1a62633145c07p-53) : angle;
  return (x != x) | (y != y) ? x + y : copysign(angle, y);
}

EMBER_FN double sinh(double x) {
  double size = abs(x), e = expm1(size > 30.0 ? 30.0 : size);
  double near = 0.5 * (e + e / (e + 1.0)), far = series::exp_scaled(size, 0.0, -1);
  return copysign(size > 30.0 ? far : near, x);
}
EMBER_FN double cosh(double x) {
  double half = series::exp_scaled(abs(x), 0.0, -1);
  return half + 0.25 / half;
}
EMBER_FN double tanh(double x) {
  double size = abs(x), e = expm1(size > 20.0 ? 40.0 : 2.0 * size);
  return copysign(e / (e + 2.0), x);
}
EMBER_FN double asinh(double x) {
  double size = abs(x), square = size * size;
  double near = log1p(size + square / (1.0 + sqrt(square + 1.0))), far = log(size) + 0x1.62e42fefa39efp-1;
  return copysign(size > 0x1p28 ? far : near, x);
}
EMBER_FN double acosh(double x) {
  double t = x - 1.0, near = log1p(t + sqrt(t * (t + 2.0))), far = log(x) + 0x1.62e42fefa39efp-1;
  return x < 1.0 ? nan<double>() : x > 0x1p28 ? far : near;
}
EMBER_FN double atanh(double x) {
  double size = abs(x);
  return copysign(0.5 * log1p(2.0 * size / (1.0 - size)), x);
}

// 1 / (1 + exp(-x)), accurate in relative terms also in the negative tail.
EMBER_FN double sigmoid(double x) {
  double z = exp(-abs(x));
  return (x < 0.0 ? z : 1.0) / (1.0 + z);
}

EMBER_FN double erf(double x) {
  double size = abs(x);
  double y = size < 0.7 ? series::erf_near_zero(size) : 1.0 - series::erfc_positive(size);
  return copysign(y, x);
}
EMBER_FN double erfc(double x) {
  double size = abs(x), tail = series::erfc_positive(size);
  double y = size < 0.4 ? 1.0 - series::erf_near_zero(x) : x < 0.0 ? 2.0 - tail : tail;
  return y;
}
// exp(x^2) erfc(x)
EMBER_FN double erfcx(double x) {
  double size = abs(x), square = size > 40.0 ? 1600.0 : size * size;
  double growth = series::exp_scaled(square, size > 40.0 ? 0.0 : fused_multiply_add(size, size, -square), 1);
  double y = series::erfcx_positive(size > 0x1p60 ? 0x1p60 : size);
  y = size > 0x1p60 ? 0x1.20dd750429b6dp-1 / size : y;  // 1 / (sqrt(pi) x)
  return x < 0.0 ? growth - y : y;
}

// P(Z < x) of the standard normal distribution, accurate in relative terms also in the negative tail.
EMBER_FN double normal_cdf(double x) {
  double size = abs(x) > 40.0 ? 40.0 : abs(x), scaled = size * 0x1.6a09e667f3bcdp-1;  // sqrt(1/2)
  series::Pair square = series::two_product(size, size);
  double tail = series::exp_scaled(-0.5 * square.head, -0.5 * square.tail, -1) * series::erfcx_positive(scaled);
  double near = 0.5 + copysign(0.5 * series::erf_near_zero(scaled), x);
  return size < 0.6 ? near : x < 0.0 ? tail : 1.0 - tail;
}

EMBER_FN double pow(double x, double y) {
  using namespace series;
  double size = abs(x);
  Split parts = split_any(size);
  // s = f / (2 + f) in double-double; log(1 + f) = 2 s + s^3 (2/3 + s^2 Q(s^2)). fit log_pow, 2^-73.5
  double f = parts.f, m = 1.0 + f, d = 1.0 + m, d_tail = m - (d - 1.0);
  double s = f / d, s_tail = (fused_multiply_add(-s, d, f) - s * d_tail) / d;
  double z = s * s, z_tail = fused_multiply_add(s, s, -z) + 2.0 * s * s_tail;
  double q = z * polynomial(z, 0.3999999999999998, 0.2857142857144384, 0.2222222221778975, 0.1818181884399135,
                            0.15384558428564876, 0.1333626450378459, 0.11675780466462544, 0.11981756814168004);
  Pair a = fast_two_sum(0x1.5555555555555p-1, q);
  a.tail += 0x1.5555555555555p-55;
  Pair cube = two_product(s, z);
  cube.tail += fused_multiply_add(s, z_tail, s_tail * z);
  Pair product = two_product(cube.head, a.head);
  product.tail += fused_multiply_add(cube.head, a.tail, cube.tail * a.head);
  Pair log_f = fast_two_sum(2.0 * s, product.head);
  log_f.tail += fused_multiply_add(2.0, s_tail, product.tail);
  Pair logarithm = fast_two_sum(parts.exponent * kLogOf2Head, log_f.head);
  logarithm.tail += fused_multiply_add(parts.exponent, kLogOf2Tail, log_f.tail);
  Pair power = two_product(y, logarithm.head);
  power.tail = fused_multiply_add(y, logarithm.tail, power.tail);
  bool outside = !(abs(power.head) < 800.0);
  double result = exp_scaled(outside ? copysign(800.0, power.head) : power.head, outside ? 0.0 : power.tail, 0);

  return pow_specials(x, y, result);
}

}  // namespace ember
