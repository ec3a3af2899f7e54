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
EMBER_FN T trunc_divide(T a, T b) {
  return trunc(a / b);
}

// --- inverse error function ------------------------------------------------------------------------------------------

// x W(w), w = -log(1 - x^2) (Giles 2010), then one step of Halley's method. fit erfinv 2^-27, fit erfinv_tail 2^-21
EMBER_FN double erfinv(double x) {
  double size = abs(x), w = -log((1.0 - size) * (1.0 + size)), s = sqrt(w);
  double near = polynomial(w - 2.5, 1.5014093592802393, 0.24664028614738506, -0.004177386779648012, -0.0012527418724511707,
                           0.000218344439037237, -4.963350131130007e-06, -3.462704613539943e-06, 4.661710660955067e-07,
                           2.3232625379867383e-08, -8.791083215754347e-09);
  double far = polynomial(s - 4.0, 3.8397842935337376, 1.0095021076787516, 0.001253586803409473, -0.0009169529457328147,
                          0.00033808383000534314, -4.6653068215689454e-05, 3.3032814341868445e-05, -7.362521203039949e-05,
                          3.3935298471976e-05, -5.065328653395625e-07, -1.5490694068706276e-06);
  double y = size * (w < 5.0 ? near : far);
  double distance = size < 0.67 ? series::erf_near_zero(y) - size : (1.0 - size) - series::erfc_positive(y);
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
  double d = x < 0.5 ? x : x < 1.5 ? x - 1.0 : y - 2.0;  // exact, where x + 1 is not
  double core = d * polynomial(d, 0.42278433509846713, 0.3224670334241133, -0.0673523010531949, 0.02058080842776582,
                               -0.00738555102901223, 0.0028905103318225874, -0.0011927538979448365, 0.0005096694962592644,
                               -0.00022315503799319293, 9.945792021061686e-05, -4.4923057079533466e-05, 2.05037896053664e-05,
                               -9.460630520542816e-06, 4.3921916428863565e-06, -1.957995805331218e-06, 9.03546514729197e-07,
                               -6.140420473805782e-07, 2.9371658635619685e-07, 2.7546244059932232e-08);
  bool large = x >= 8.0;
  double logarithm = log(large ? x : factor);
  double small = x < 1.5 ? core - logarithm : core + logarithm;
  double inverse = 1.0 / x, z = inverse * inverse;
  double correction =
      inverse * polynomial(z, 0.08333333333333333, -0.002777777777754852, 0.0007936507750934582, -0.0005952325013086044,
                           0.0008409581023328016, -0.0018608829012035726, 0.004429907323614904);
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

// The derivative of lgamma. From [1, 2], where it is (x - root) R(x - 3/2) and so accurate at the root, by recurrence up
// to 10; the asymptotic series beyond; negative x by reflection. fit digamma -54.20985900575606, fit digamma_tail 2^-64.2
EMBER_FN double digamma(double x) {
  double at = x < 0.0 ? 1.0 - x : x, y = at < 1.0 ? at + 1.0 : at;
  double numerator = at < 1.0 ? -1.0 : 0.0, denominator = at < 1.0 ? at : 1.0;  // the sum of 1 / (y - i) as one fraction
  for (int i = 0; i < 8; ++i) {
    bool above = (y >= 2.0) & (at < 10.0);
    y = above ? y - 1.0 : y;
    numerator = above ? fused_multiply_add(numerator, y, denominator) : numerator;
    denominator = above ? denominator * y : denominator;
  }
  double core = ((y - 0x1.762d86356be3fp+0) - 0x1.b86a722197829p-54) *
                polynomial(y - 1.5, 0.9510558760318328, -0.4236274212814606, 0.24054248424078722, -0.14840492305388028,
                           0.0949887244528498, -0.06192213327554275, 0.04076083394338959, -0.026975796657627827,
                           0.01790724823562973, -0.011908220153040118, 0.007927023326317945, -0.005279936638429843,
                           0.0035180887189747005, -0.0023454998095179484, 0.0015635032903018656, -0.0010364321830841619,
                           0.0006902826809892268, -0.0004860340288328133, 0.00032587907889737957, -0.00014465757532793993,
                           9.329804636501494e-05, -0.00017833239581469402, 0.00012117106446572942);
  double inverse = 1.0 / at, z = inverse * inverse;
  double rest = z * polynomial(z, 0.08333333333333333, -0.008333333333298273, 0.003968253924836681, -0.004166646714799773,
                               0.007571480352206502, -0.020637758408619238, 0.06048994132001831);
  double result = at < 10.0 ? core + numerator / denominator : (log(at) - 0.5 * inverse) - rest;
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
  const double bernoulli[9] = {1.0 / 12,
                               -1.0 / 720,
                               1.0 / 30240,
                               -1.0 / 1209600,
                               1.0 / 47900160,
                               -691.0 / 1307674368000.0,
                               1.0 / 74724249600.0,
                               -3617.0 / 10670622842880000.0,
                               43867.0 / 5109094217170944000.0};
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

// --- modified Bessel functions ---------------------------------------------------------------------------------------

namespace series {
// I0(x) = A(x^2 / 4), |x| <= 10; sqrt(x) exp(-x) I0(x) = C(1 / x) beyond. fit i0 2^-55.0, fit i0_tail 2^-54.8
EMBER_FN double i0_small(double x) {
  double z = 0.25 * x * x;
  return polynomial(z, 1.0, 1.0, 0.25, 0.027777777777777776, 0.001736111111111111, 6.944444444444444e-05,
                    1.9290123456790124e-06, 3.936759889140843e-08, 6.151187326782513e-10, 7.594058428128049e-12,
                    7.594058428097082e-14, 6.276081346030829e-16, 4.3583898174349924e-18, 2.5789289468708953e-20,
                    1.3157796049125436e-22, 5.847937925678935e-25, 2.284215021131397e-27, 7.908835833029766e-30,
                    2.4271996719679775e-32, 7.002927669139066e-35, 1.3612312038110624e-37, 6.427278111202755e-40);
}
EMBER_FN double i0_large(double v) {
  return polynomial(v, 0.3989422804014327, 0.049867785050042836, 0.028050629258170746, 0.02921931899973545,
                    0.044766215700829434, 0.08648374794693599, 0.7019341193247257, -37.79537310546268, 2296.996436187293,
                    -102983.32806613273, 3542320.9092477327, -94411014.24047448, 1961255993.8053763, -31771142838.698425,
                    399311810162.30914, -3848281651183.7056, 27854630331749.207, -146299135043288.16, 525668121855299.94,
                    -1154480697011302.8, 1167948271890150.8);
}
// I1(x) = x / 2 B(x^2 / 4), and the same beyond. fit i1 2^-55.9, fit i1_tail 2^-54.7
EMBER_FN double i1_small(double x) {
  double z = 0.25 * x * x;
  return 0.5 * x *
         polynomial(z, 1.0, 0.5, 0.08333333333333333, 0.006944444444444469, 0.0003472222222221721, 1.1574074074129817e-05,
                    2.755731922013092e-07, 4.920949879391419e-09, 6.834651991298949e-11, 7.59407285977353e-13,
                    6.9034255005189745e-15, 5.2337646208334846e-17, 3.3125421662909635e-19, 2.1800209642526066e-21,
                    -1.342471495275877e-23, 1.1666817434117822e-24, -4.397506687142888e-26, 1.2941525358183533e-27,
                    -2.7569495711173997e-29, 4.028055351368524e-31, -3.606259957753107e-33, 1.4913870967785127e-35);
}
EMBER_FN double i1_large(double v) {
  return polynomial(v, 0.3989422804014327, -0.14960335515066914, -0.046751048329200996, -0.040907243914711296,
                    -0.05750543630456806, -0.11404079475776902, 0.08942815902652973, -28.300464497032156, 1533.495389867055,
                    -64211.771342055355, 2041961.600926835, -49969970.00882045, 946056727.3899202, -13868689270.38105,
                    156772543227.11914, -1353142571442.1128, 8761668669977.666, -41295100429256.89, 134251666106025.03,
                    -270383538815803.25, 255328621771196.47);
}
}  // namespace series

// exp(-|x|) I0(x) and exp(-|x|) I1(x)
EMBER_FN double i0e(double x) {
  double size = abs(x);
  return size <= 10.0 ? series::i0_small(size) * exp(-size) : series::i0_large(1.0 / size) / sqrt(size);
}
EMBER_FN double i1e(double x) {
  double size = abs(x), large = series::i1_large(1.0 / size) / sqrt(size);
  return size <= 10.0 ? series::i1_small(x) * exp(-size) : copysign(large, x);
}
EMBER_FN double i0(double x) {
  double size = abs(x), half = series::exp_scaled(0.5 * size, 0.0, 0);  // exp(x) may overflow where I0 does not
  double large = half * (series::i0_large(1.0 / size) / sqrt(size)) * half;
  return size <= 10.0 ? series::i0_small(size) : size > 1e3 ? infinity<double>() : large;
}
EMBER_FN double i1(double x) {
  double size = abs(x), half = series::exp_scaled(0.5 * size, 0.0, 0);
  double large = half * (series::i1_large(1.0 / size) / sqrt(size)) * half;
  return size <= 10.0 ? series::i1_small(x) : copysign(size > 1e3 ? infinity<double>() : large, x);
}
EMBER_FN float i0(float x) { return float(i0(double(x))); }
EMBER_FN float i1(float x) { return float(i1(double(x))); }
EMBER_FN float i0e(float x) { return float(i0e(double(x))); }
EMBER_FN float i1e(float x) { return float(i1e(double(x))); }

}  // namespace ember
