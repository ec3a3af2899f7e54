// Division with remainder, and the functions of statistics and physics: gamma family, erfinv, zeta, Bessel.
#pragma once
#include "elementary_float.h"

namespace ember {

// --- division with remainder -----------------------------------------------------------------------------------------

namespace series {
// The rest of a / b for 0 <= a, 0 < b and a / b < 2^53, exactly: the fused product has one rounding, which is none.
EMBER_FN double rest_of_division(double a, double b) {
  double rest = fused_multiply_add(-trunc(a / b), b, a);  // the rounded quotient may be one too large
  return rest < 0.0 ? rest + b : rest;
}
}  // namespace series

// a - trunc(a / b) b, exactly. A float's quotient is below 2^277: six steps of up to 53 bits.
EMBER_FN float fmod(float a, float b) {
  double divisor = abs(double(b)), rest = abs(double(a));
  rest = series::rest_of_division(rest, divisor * 0x1p250);
  rest = series::rest_of_division(rest, divisor * 0x1p200);
  rest = series::rest_of_division(rest, divisor * 0x1p150);
  rest = series::rest_of_division(rest, divisor * 0x1p100);
  rest = series::rest_of_division(rest, divisor * 0x1p50);
  rest = series::rest_of_division(rest, divisor);
  rest = divisor == infinity<double>() ? abs(double(a)) : rest;
  rest = (abs(a) == infinity<float>()) | (b == 0.0f) | (b != b) ? nan<double>() : rest;
  return copysign(float(rest), a);
}
// A double's quotient may have 2098 bits: the processor's own loop. CUDA's library has the same name for it.
EMBER_FN double fmod(double a, double b) { return EMBER_MACHINE(__builtin_fmod(a, b), ::fmod(a, b)); }

// a - floor(a / b) b: the sign of b, as in Python.
template <Floating T>
EMBER_FN T remainder(T a, T b) {
  T rest = fmod(a, b);
  return (rest != T(0)) & ((b < T(0)) != (rest < T(0))) ? rest + b : rest;
}
// floor(a / b), from the exact remainder: a rounded quotient may have crossed a whole number.
template <Floating T>
EMBER_FN T floor_divide(T a, T b) {
  T rest = fmod(a, b), quotient = (a - rest) / b;
  quotient = (rest != T(0)) & ((b < T(0)) != (rest < T(0))) ? quotient - T(1) : quotient;
  T whole = floor(quotient);
  whole = quotient - whole > T(0.5) ? whole + T(1) : whole;
  whole = quotient == T(0) ? copysign(T(0), a / b) : whole;
  return b == T(0) ? a / b : whole;
}
template <Floating T>
EMBER_FN T trunc_divide(T a, T b) { return trunc(a / b); }

// --- inverse error function ------------------------------------------------------------------------------------------

// x W(w), w = -log(1 - x^2) (Giles 2010), then one step of Halley's method. fit erfinv 2^-27, fit erfinv_tail 2^-21
EMBER_FN double erfinv(double x) {
  double size = abs(x), w = -log((1.0 - size) * (1.0 + size)), s = sqrt(w);
  double near = polynomial(w - 2.5, 1.5014093592802393, 0.24664028614738506, -0.004177386779648012, -0.0012527418724511707,
                           0.000218344439037237, -4.963350131130007e-06, -3.462704613539943e-06, 4.661710660955067e-07,
                           2.3232625379867383e-08, -8.791083215754347e-09);
  double far = polynomial(s - 4.0, 3.8397842935337376, 1.0095021076787516, 0.001253586803409473, -0.0009169529457328147,
                          0.00033808383000534314, -4.6653068215689454e-05, 3.3032814341868445e-05,
                          -7.362521203039949e-05, 3.3935298471976e-05, -5.065328653395625e-07, -1.5490694068706276e-06);
  double y = size * (w < 5.0 ? near : far);
  double distance = size < 0.5 ? series::erf_near_zero(y) - size : (1.0 - size) - series::erfc_positive(y);
  double step = distance * 0x1.c5bf891b4ef6bp-1 * exp(y * y);  // sqrt(pi) / 2
  y -= step / fused_multiply_add(y, step, 1.0);
  y = size == 1.0 ? infinity<double>() : y;
  return copysign(size > 1.0 ? nan<double>() : y, x);
}
EMBER_FN float erfinv(float x) { return float(erfinv(double(x))); }

// --- gamma family ----------------------------------------------------------------------------------------------------

namespace series {
// lgamma of x > 0: from x = 2 + d near 2 by recurrence, by Stirling's series from 8. fit lgamma 2^-55.5, fit stirling 2^-63.6
EMBER_FN double lgamma_positive(double x) {
  double y = x < 0.5 ? x + 2.0 : x < 1.5 ? x + 1.0 : x;
  double factor = x < 0.5 ? x * (x + 1.0) : x < 1.5 ? x : 1.0;
  for (int i = 0; i < 6; ++i) {  // 2.5 <= x < 8.5
    bool above = y >= 2.5;
    y = above ? y - 1.0 : y;
    factor = above ? factor * y : factor;
  }
  double d = y - 2.0;
  double core = d * polynomial(d, 0.42278433509846713, 0.3224670334241133, -0.0673523010531949, 0.02058080842776582,
                               -0.00738555102901223, 0.0028905103318225874, -0.0011927538979448365, 0.0005096694962592644,
                               -0.00022315503799319293, 9.945792021061686e-05, -4.4923057079533466e-05,
                               2.05037896053664e-05, -9.460630520542816e-06, 4.3921916428863565e-06,
                               -1.957995805331218e-06, 9.03546514729197e-07, -6.140420473805782e-07,
                               2.9371658635619685e-07, 2.7546244059932232e-08);
  bool large = x >= 8.0;
  double logarithm = log(large ? x : factor);
  double small = x < 1.5 ? core - logarithm : core + logarithm;
  double inverse = 1.0 / x, z = inverse * inverse;
  double correction = inverse * polynomial(z, 0.08333333333333333, -0.002777777777754852, 0.0007936507750934582,
                                           -0.0005952325013086044, 0.0008409581023328016, -0.0018608829012035726,
                                           0.004429907323614904);
  double stirling = fused_multiply_add(x - 0.5, logarithm - 1.0, 0x1.acfe390c97d69p-2 + correction);  // log(2 pi) / 2 - 1/2
  return large ? (x == infinity<double>() ? x : stirling) : small;
}
}  // namespace series

// log |gamma(x)|, for negative x by reflection: gamma(x) gamma(-x) = -pi / (x sin(pi x)).
EMBER_FN double lgamma(double x) {
  double size = abs(x), y = series::lgamma_positive(size);
  double reflected = log(0x1.921fb54442d18p+1 / abs(size * series::sin_pi(size))) - y;
  reflected = (size == trunc(size)) | (size > 0x1p51) ? infinity<double>() : reflected;
  y = x < 0.0 ? reflected : y;
  return x == 0.0 ? infinity<double>() : y;
}
EMBER_FN float lgamma(float x) { return float(lgamma(double(x))); }

// The derivative of lgamma: recurrence up to 10, then the asymptotic series; negative x by reflection. fit digamma 2^-64.2
EMBER_FN double digamma(double x) {
  double y = x < 0.0 ? 1.0 - x : x, numerator = 0.0, denominator = 1.0;  // the sum of 1 / (y + i) as one fraction
  for (int i = 0; i < 10; ++i) {
    bool below = y < 10.0;
    numerator = below ? fused_multiply_add(numerator, y, denominator) : numerator;
    denominator = below ? denominator * y : denominator;
    y = below ? y + 1.0 : y;
  }
  double inverse = 1.0 / y, z = inverse * inverse;
  double rest = z * polynomial(z, 0.08333333333333333, -0.008333333333298273, 0.003968253924836681, -0.004166646714799773,
                               0.007571480352206502, -0.020637758408619238, 0.06048994132001831);
  double result = ((log(y) - 0.5 * inverse) - rest) - numerator / denominator;
  double cotangent = series::sin_pi(x + 0.5) / series::sin_pi(x);
  result = x < 0.0 ? result - 0x1.921fb54442d18p+1 * cotangent : result;
  result = (x < 0.0) & (x == trunc(x)) ? nan<double>() : result;
  result = x == infinity<double>() ? x : result;
  return x == 0.0 ? copysign(infinity<double>(), -x) : result;
}
EMBER_FN float digamma(float x) { return float(digamma(double(x))); }

// Hurwitz zeta: the sum of (q + k)^-s for k >= 0, s > 1, by Euler and Maclaurin's formula from the tenth term on.
// The sum's length depends on a negative q, so this is a loop.
EMBER_FN double zeta(double s, double q) {
  if (s == 1.0) return infinity<double>();
  if (!(s > 1.0) || q != q) return nan<double>();
  if (q <= 0.0 && q == floor(q)) return infinity<double>();
  if (q <= 0.0 && s != floor(s)) return nan<double>();
  double sum = 0.0, at = q;
  for (int k = 0; k < 10 || at < 10.0; ++k, at += 1.0) sum += pow(at, -s);
  double power = pow(at, -s), total = sum + at * power / (s - 1.0) + 0.5 * power;
  // B(2j) / (2j)! for j = 1, 2, ...
  const double bernoulli[9] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
                               1.0 / 74724249600.0, -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0};
  double rising = s, step = power / at;
  for (int j = 0; j < 9; ++j) {
    total += bernoulli[j] * rising * step;
    rising *= (s + 2 * j + 1) * (s + 2 * j + 2);
    step /= at * at;
  }
  return total;
}
EMBER_FN float zeta(float s, float q) { return float(zeta(double(s), double(q))); }

// The n-th derivative of digamma: (-1)^(n+1) n! zeta(n + 1, x).
EMBER_FN double polygamma(int n, double x) {
  if (n == 0) return digamma(x);
  double factorial = 1.0;
  for (int i = 2; i <= n; ++i) factorial *= i;
  if (n == 1 && x < 0.0) {  // reflection keeps the precision that the sum over negative terms would lose
    double sine = series::sin_pi(x);
    return 0x1.3bd3cc9be45dep+3 / (sine * sine) - zeta(2.0, 1.0 - x);  // pi^2
  }
  return (n & 1 ? factorial : -factorial) * zeta(n + 1.0, x);
}
EMBER_FN float polygamma(int n, float x) { return float(polygamma(n, double(x))); }

}  // namespace ember
