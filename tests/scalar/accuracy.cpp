// Prints for every scalar function the largest error in units of the last place, the promise and the argument:
// `float exp 0.84 1.25 0x1.2p+3`.
// Float functions are compared with the C library's double functions, double ones with its long double functions.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../../csrc/scalar/math.h"

namespace {

constexpr int kBlock = 4096;

template <class T> using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

template <class T> double error_in_ulp(T found, Wide<T> expected) {
  const T rounded = T(expected);
  if (std::isnan(expected) || std::isnan(found)) return std::isnan(expected) && std::isnan(found) ? 0 : 1e9;
  if (std::isinf(rounded) || std::isinf(found)) {
    if (rounded == found) return 0;
    // One side of the overflow bound: the largest finite number stands for inf.
    const T largest = std::numeric_limits<T>::max();
    return std::fabs(std::isinf(rounded) ? found : rounded) == largest && std::signbit(rounded) == std::signbit(found) ? 1
                                                                                                                       : 1e9;
  }
  if (expected == 0 && found == 0) return std::signbit(expected) == std::signbit(found) ? 0 : 1e9;
  const int exponent = std::max(std::ilogb(rounded == 0 ? std::numeric_limits<T>::denorm_min() : rounded),
                                std::numeric_limits<T>::min_exponent - 1);
  return double(std::fabs(Wide<T>(found) - expected) / std::ldexp(Wide<T>(1), exponent - std::numeric_limits<T>::digits + 1));
}

template <class T> std::vector<T> sample(double low, double high, int dense) {
  std::vector<T> points;
  const T infinite = std::numeric_limits<T>::infinity();
  for (T x : {T(0), std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::min(), std::numeric_limits<T>::epsilon(),
              T(0.5), T(1), T(2), T(3), T(10), T(100), T(1e5), T(1e9), std::numeric_limits<T>::max(), infinite,
              std::numeric_limits<T>::quiet_NaN()})
    for (T signed_x : {x, T(-x)}) points.push_back(signed_x);
  for (int i = 0; i <= dense; ++i) points.push_back(T(low + (high - low) * i / dense));  // the range where the function lives
  uint64_t state = 88172645463325252u;
  for (int i = 0; i < dense; ++i) {  // any bit pattern
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    T x;
    std::memcpy(&x, &state, sizeof x);
    points.push_back(x);
  }
  while (points.size() % kBlock) points.push_back(T(1));
  return points;
}

// Arguments for which the reference or the promise does not hold: sin of huge numbers, gamma's zeros.
template <class T> bool is_excluded(const char* name, T x, Wide<T> expected) {
  const auto is = [&](const char* other) { return !std::strcmp(name, other); };
  if (is("sin") || is("cos") || is("tan")) return std::fabs(x) > T(0x1p50);
  if (is("lgamma")) return x < 0 && std::isfinite(x);
  if (is("digamma")) return (x < 0 && std::isfinite(x)) || std::fabs(expected) < Wide<T>(0.05);
  return false;
}

template <class T, class F, class R>
void measure(const char* type, const char* name, double low, double high, double promise, int dense, F function, R reference) {
  const std::vector<T> points = sample<T>(low, high, dense);
  T results[kBlock], worst_at = 0;
  double worst = 0;
  for (size_t start = 0; start < points.size(); start += kBlock) {
    for (int i = 0; i < kBlock; ++i) results[i] = function(points[start + i]);
    for (int i = 0; i < kBlock; ++i) {
      const T x = points[start + i];
      const Wide<T> expected = reference(Wide<T>(x));
      if (is_excluded<T>(name, x, expected)) continue;
      const double error = error_in_ulp<T>(results[i], expected);
      if (error > worst) worst = error, worst_at = x;
    }
  }
  std::printf("%s %s %.2f %g %a\n", type, name, worst, promise, double(worst_at));
}

// References that the C library lacks.
template <class W> W expected_sqrt_half(W) { return W(0.707106781186547524400844362104849039L); }
template <class W> W expected_erfinv(W x) {  // Newton's method in the wide type, from the result to be checked
  if (!(std::fabs(x) < 1) || x == 0) return ember::erfinv(double(x));
  W y = ember::erfinv(double(x));
  for (int i = 0; i < 2; ++i) {
    const W distance = std::fabs(x) < W(0.5) ? std::erf(y) - x : std::copysign((1 - std::fabs(x)) - std::erfc(std::fabs(y)), x);
    y -= distance * std::exp(y * y) * W(0.886226925452758013649083741670572591L);
  }
  return y;
}
template <class W> W expected_digamma(W x) {
  const W pi = W(3.14159265358979323846264338327950288L);
  if (x == 0 || std::isinf(x) || std::isnan(x)) return x == 0 ? W(std::copysign(W(INFINITY), -x)) : x > 0 ? x : W(NAN);
  if (x < 0 && x == std::floor(x)) return W(NAN);
  if (x < 0) return expected_digamma(1 - x) - pi * std::cos(pi * (x - std::round(x))) / std::sin(pi * (x - std::round(x)));
  W sum = 0;
  for (; x < 40; x += 1) sum -= 1 / x;
  const W z = 1 / (x * x);
  return sum + std::log(x) - 1 / (2 * x) - z * (W(1) / 12 - z * (W(1) / 120 - z * (W(1) / 252 - z * (W(1) / 240 - z / 132))));
}
template <class W> W expected_bessel(W x, int order) {
  if (std::isnan(x)) return x;
  const W z = x * x / 4;
  if (std::fabs(x) > 900) return order && x < 0 ? -W(INFINITY) : W(INFINITY);
  W term = order ? x / 2 : W(1), sum = 0;
  for (int k = 1; sum + term != sum; ++k) sum += term, term *= z / (W(k) * (k + order));
  return order && x == 0 ? x : sum;
}

}  // namespace

int main() {
  using namespace std;
#define FUNCTION(name, low, high, float_promise, double_promise, ...) \
  measure<float>( \
      "float", #name, low, high, float_promise, DENSE, [](float x) { return ember::name(x); }, \
      [](double x) -> double { return __VA_ARGS__; }); \
  measure<double>( \
      "double", #name, low, high, double_promise, DENSE / 4, [](double x) { return ember::name(x); }, \
      [](long double x) -> long double { return __VA_ARGS__; });
#include "functions.inc"
}
