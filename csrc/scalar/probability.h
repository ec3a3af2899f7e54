// Functions of probability: the normal distribution's tails and quantiles, the incomplete gamma function.
#pragma once
#include "dual.h"

namespace ember {

// log P(Z < x) of the normal distribution; below -1 through erfcx, which does not underflow.
EMBER_FN double log_normal_cdf(double x) {
  double low = x < -1.0 ? x : -1.0, high = x < -1.0 ? -1.0 : x;
  double tail = log(0.5 * erfcx(-0x1.6a09e667f3bcdp-1 * low)) - 0.5 * low * low;  // sqrt(1/2)
  double body = log1p(-normal_cdf(-high));
  return x < -1.0 ? tail : body;
}
EMBER_FN float log_normal_cdf(float x) { return float(log_normal_cdf(double(x))); }

// The x of P(Z < x) = p: by erfinv in the middle, in the tails by Newton's method on log P, which is concave.
EMBER_FN double normal_quantile(double p) {
  double small = p > 0.5 ? 1.0 - p : p;  // exact
  bool outside = !(small >= 0.0), tail = small < 0.25;
  double logarithm = log(tail & (small > 0.0) ? small : 0.125);
  double size = sqrt(-2.0 * logarithm);
  double y = (log(size) + 0.9189385332046728) / size - size;  // log(2 pi) / 2
  for (int i = 0; i < 5; ++i) y -= (log_normal_cdf(y) - logarithm) * erfcx(-0x1.6a09e667f3bcdp-1 * y) * 0x1.40d931ff62706p+0;
  double middle = -0x1.6a09e667f3bcdp+0 * erfinv(1.0 - 2.0 * (tail ? 0.5 : small));  // -sqrt(2)
  y = tail ? y : middle;
  y = small == 0.0 ? -infinity<double>() : y;
  return outside ? nan<double>() : p > 0.5 ? -y : y;
}
EMBER_FN float normal_quantile(float p) { return float(normal_quantile(double(p))); }

// --- incomplete gamma ------------------------------------------------------------------------------------------------

namespace series {
// u - log(1 + u) for u = (x - a) / a; near 0 it is u r - 2 r^3 (1/3 + r^2/5 + ...) with r = u / (2 + u).
EMBER_FN double excess_of_log(double a, double x) {
  double u = (x - a) / a;
  if (!(abs(u) < 0.5)) return u - log(x / a);
  double r = u / (2.0 + u), square = r * r, sum = 0.0;
  for (int k = 18; k >= 1; --k) sum = fused_multiply_add(sum, square, 1.0 / (2 * k + 1));
  return u * r - 2.0 * r * square * sum;
}
// x^a exp(-x) / gamma(a + 1), x > 0; from a = 8 on around its peak at x = a.
EMBER_FN double gamma_density(double a, double x) {
  if (a < 8.0) return exp(a * log(x) - x - lgamma_positive(a + 1.0));
  double z = 1.0 / (a * a);
  double correction = polynomial(z, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156) / a;
  return exp(-a * excess_of_log(a, x) - correction) * 0x1.9884533d43651p-2 / sqrt(a);  // 1 / sqrt(2 pi)
}
// P(a, x): the sum over k of x^k / ((a + 1) ... (a + k)), for x about a and below.
EMBER_FN double gammainc_sum(double a, double x) {
  double term = 1.0, sum = 1.0;
  for (double k = 1.0; term > 0x1p-54 * sum; k += 1.0) sum += term *= x / (a + k);
  return gamma_density(a, x) * sum;
}
// Q(a, x) by its continued fraction (Legendre; Lentz's method), for x above a + 1.
EMBER_FN double gammaincc_fraction(double a, double x) {
  double b = x + 1.0 - a, c = 0x1p900, d = 1.0 / b, h = d;
  for (double k = 1.0; k < 1e5; k += 1.0) {
    double numerator = -k * (k - a);
    b += 2.0;
    d = 1.0 / fused_multiply_add(numerator, d, b);
    c = b + numerator / c;
    h *= c * d;
    if (abs(c * d - 1.0) < 0x1p-53) break;
  }
  return gamma_density(a, x) * a * h;
}
// log gamma(1 + a) for 0 <= a < 1, by its Taylor series (with zeta(k) / k) where 1 + a would lose digits of a
EMBER_FN double lgamma_of_successor(double a) {
  if (a >= 0.1) return lgamma_positive(a + 1.0);
  return a * polynomial(a, -0.5772156649015329, 0.8224670334241132, -0.40068563438653143, 0.27058080842778454,
                        -0.207385551028674, 0.16955717699740822, -0.14404989676884614, 0.12550966952474304,
                        -0.11133426586956469, 0.10009945751278179, -0.09095401714582904, 0.083353840546109, -0.0769325164113522,
                        0.07143294629536134, -0.06666870588242046);
}
// Q(a, x) for x up to 1, where 1 - P would cancel: 1 - x^a / gamma(a + 1) (1 + a sum of (-x)^k / (k! (a + k))).
EMBER_FN double gammaincc_small(double a, double x) {
  double logarithm = a * log(x) - lgamma_of_successor(a), term = 1.0, sum = 0.0;
  for (int k = 1; k < 25; ++k) {
    term *= -x / k;
    sum += term / (a + k);
  }
  return -expm1(logarithm) - exp(logarithm) * a * sum;
}
// Q(a, x) for large a, by the expansion that is uniform in x (Temme 1979); P(a, x) with the other sign of eta.
EMBER_FN double gammaincc_uniform(double a, double x, bool upper) {
  double half = excess_of_log(a, x), eta = copysign(sqrt(2.0 * half), x - a);
  double first =
      polynomial(eta, -1.0 / 3, 1.0 / 12, -2.0 / 135, 1.0 / 864, 1.0 / 2835, -139.0 / 777600, 1.0 / 25515, -571.0 / 261273600);
  double second = polynomial(eta, -1.0 / 540, -1.0 / 288, 1.0 / 378, -77.0 / 77760, 1.0 / 4860);
  double third = polynomial(eta, 25.0 / 6048, -139.0 / 51840);
  double rest = exp(-a * half) * 0x1.9884533d43651p-2 / sqrt(a) * (first + (second + third / a) / a);
  double side = upper ? eta : -eta;
  return 0.5 * erfc(side * sqrt(0.5 * a)) + (upper ? rest : -rest);
}
// P (lower) or Q (upper) where 0 < a < inf and 0 < x < inf.
EMBER_FN double incomplete_gamma(double a, double x, bool upper) {
  if (a > 1e5 && abs(x - a) < 0.2 * a) return gammaincc_uniform(a, x, upper);
  if (x <= 1.0 && a < 1.0 && (upper || x > a)) {
    double q = gammaincc_small(a, x);
    return upper ? q : 1.0 - q;
  }
  if (x <= a + 1.0) {
    double p = gammainc_sum(a, x);
    return upper ? 1.0 - p : p;
  }
  double q = gammaincc_fraction(a, x);
  return upper ? q : 1.0 - q;
}
EMBER_FN double incomplete_gamma_anywhere(double a, double x, bool upper) {
  if (!(a >= 0.0) || !(x >= 0.0) || (a == 0.0 && x == 0.0)) return nan<double>();
  if (a == infinity<double>()) return x == a ? nan<double>() : upper ? 1.0 : 0.0;
  if (x == 0.0) return upper ? 1.0 : 0.0;
  if (a == 0.0 || x == infinity<double>()) return upper ? 0.0 : 1.0;
  return incomplete_gamma(a, x, upper);
}
}  // namespace series

EMBER_FN double gammainc(double a, double x) { return series::incomplete_gamma_anywhere(a, x, false); }
EMBER_FN double gammaincc(double a, double x) { return series::incomplete_gamma_anywhere(a, x, true); }
EMBER_FN float gammainc(float a, float x) { return float(gammainc(double(a), double(x))); }
EMBER_FN float gammaincc(float a, float x) { return float(gammaincc(double(a), double(x))); }

// x log(y) and x log(1 + y), 0 at x = 0 also where the logarithm is not finite.
template <Floating T>
EMBER_FN T xlogy(T x, T y) {
  return (x == T(0)) & (y == y) ? T(0) : x * log(y);
}
template <Floating T>
EMBER_FN T xlog1py(T x, T y) {
  return (x == T(0)) & (y == y) ? T(0) : x * log1p(y);
}
template <Floating T>
EMBER_FN T entropy(T x) {
  return x == T(0) ? T(0) : x < T(0) ? -infinity<T>() : -x * log(x);
}

// --- derivatives; none is known by the first argument of zeta, gammainc and gammaincc -----------------------------------

template <class T>
EMBER_FN Dual<T> log_normal_cdf(Dual<T> dual) {
  const T x = dual.value;
  return {log_normal_cdf(x),
          chain(dual.derivative, T(0.797884560802865355879892119869) / erfcx(T(-0.707106781186547524400844362105) * x))};
}
template <class T>
EMBER_FN Dual<T> normal_quantile(Dual<T> dual) {
  const T y = normal_quantile(dual.value);
  return {y, chain(dual.derivative, T(2.50662827463100050241576528481) * exp(T(0.5) * (y * y)))};  // sqrt(2 pi)
}
template <class T>
EMBER_FN Dual<T> entropy(Dual<T> dual) {
  const T x = dual.value;
  return {entropy(x), chain(dual.derivative, T(-1) - log(x))};
}
template <class T>
EMBER_FN Dual<T> xlogy(Dual<T> x, Dual<T> y) {
  const T slope = select((x.value == T(0)) & (y.value <= T(0)), T(0), log(y.value));
  return {xlogy(x.value, y.value), chain(x.derivative, slope) + chain(y.derivative, x.value / y.value)};
}
template <class T>
EMBER_FN Dual<T> xlog1py(Dual<T> x, Dual<T> y) {
  const T slope = select((x.value == T(0)) & (y.value <= T(-1)), T(0), log1p(y.value));
  return {xlog1py(x.value, y.value), chain(x.derivative, slope) + chain(y.derivative, x.value / (y.value + T(1)))};
}
template <class T>
EMBER_FN Dual<T> zeta(Dual<T> s, Dual<T> q) {
  return {zeta(s.value, q.value), chain(q.derivative, -s.value * zeta(s.value + T(1), q.value))};
}
// x^(a - 1) exp(-x) / gamma(a)
template <class T>
EMBER_FN T gamma_distribution_density(T a, T x) {
  return exp(xlogy(a - T(1), x) - x - lgamma(a));
}
template <class T>
EMBER_FN Dual<T> gammainc(Dual<T> a, Dual<T> x) {
  return {gammainc(a.value, x.value), chain(x.derivative, gamma_distribution_density(a.value, x.value))};
}
template <class T>
EMBER_FN Dual<T> gammaincc(Dual<T> a, Dual<T> x) {
  return {gammaincc(a.value, x.value), chain(x.derivative, -gamma_distribution_density(a.value, x.value))};
}

}  // namespace ember
