// Dual<T>: a value and its derivative. A formula instantiated on Dual is its own gradient; on Dual<Dual> the second one.
//
//   template <class X> EMBER_FN static X forward(X x, Number<X> beta) { return log1p(exp(x * beta)) / beta; }
//
// is read with X = float, double, int64_t, Complex<float>, Dual of these, Dual<Var> (tensors) and Dual<Taint> (marks).
// Rules for formulas:
//   - write constants as X(0.5): `x * 0.5` would turn a float loop into a double one;
//   - Number<X> is the type of a parameter that is not differentiated: Number<Dual<float>> is float;
//   - choose with select(condition, a, b), never `if` or `?:`; join conditions with & | !, never && ||;
//   - both branches of a select are evaluated, and the derivative of the other one is dropped, whatever it is;
//   - a derivative that is exactly 0 stays 0, also times inf or nan (chain()).
// T may be any type with + - * / unary -, comparisons, select() and the elementary functions found by its namespace.
#pragma once
#include "math.h"

namespace ember {

template <class T> struct Dual;

// The type of a parameter that a formula does not differentiate. Types of tensors specialise it.
template <class X> struct NumberType {
  using type = X;
};
template <class T> struct NumberType<Complex<T>> {
  using type = T;
};
template <class T> struct NumberType<Dual<T>> {
  using type = typename NumberType<T>::type;
};
template <class X> using Number = typename NumberType<X>::type;

// Derivative times local derivative. A zero derivative wins over an infinite or nan factor: what does not depend on the
// input contributes nothing. Compilers fold it away where the derivative is the constant 0 or 1.
template <class T>
EMBER_FN T chain(T derivative, T factor) {
  if constexpr (Arithmetic<T>) return derivative == T(0) ? T(0) : derivative * factor;
  else return derivative * factor;
}
template <class T>
EMBER_FN Complex<T> chain(Complex<T> derivative, Complex<T> factor) {
  return select(derivative == Complex<T>(T(0)), Complex<T>(T(0)), derivative * factor);
}
template <class T>
EMBER_FN Dual<T> chain(Dual<T> derivative, Dual<T> factor) {
  return {chain(derivative.value, factor.value),
          chain(derivative.derivative, factor.value) + chain(factor.derivative, derivative.value)};
}

template <class T>
struct Dual {
  T value, derivative;

  Dual() = default;
  EMBER_FN Dual(T value) : value(value), derivative(T(0)) {}
  EMBER_FN Dual(T value, T derivative) : value(value), derivative(derivative) {}
  template <Arithmetic A>
    requires(!is_same<A, T>)
  EMBER_FN explicit Dual(A constant) : value(T(constant)), derivative(T(0)) {}

  EMBER_FN friend Dual operator+(Dual a) { return a; }
  EMBER_FN friend Dual operator-(Dual a) { return {-a.value, -a.derivative}; }
  EMBER_FN friend Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.derivative + b.derivative}; }
  EMBER_FN friend Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.derivative - b.derivative}; }
  EMBER_FN friend Dual operator*(Dual a, Dual b) {
    return {a.value * b.value, chain(a.derivative, b.value) + chain(b.derivative, a.value)};
  }
  EMBER_FN friend Dual operator/(Dual a, Dual b) {
    T quotient = a.value / b.value;
    return {quotient, chain(a.derivative, T(1) / b.value) - chain(b.derivative, quotient / b.value)};
  }

  // With a number that is not differentiated.
  EMBER_FN friend Dual operator+(Dual a, T b) { return {a.value + b, a.derivative}; }
  EMBER_FN friend Dual operator+(T a, Dual b) { return {a + b.value, b.derivative}; }
  EMBER_FN friend Dual operator-(Dual a, T b) { return {a.value - b, a.derivative}; }
  EMBER_FN friend Dual operator-(T a, Dual b) { return {a - b.value, -b.derivative}; }
  EMBER_FN friend Dual operator*(Dual a, T b) { return {a.value * b, chain(a.derivative, b)}; }
  EMBER_FN friend Dual operator*(T a, Dual b) { return {a * b.value, chain(b.derivative, a)}; }
  EMBER_FN friend Dual operator/(Dual a, T b) { return {a.value / b, chain(a.derivative, T(1) / b)}; }
  EMBER_FN friend Dual operator/(T a, Dual b) {
    T quotient = a / b.value;
    return {quotient, -chain(b.derivative, quotient / b.value)};
  }

  EMBER_FN friend auto operator<(Dual a, Dual b) { return a.value < b.value; }
  EMBER_FN friend auto operator<=(Dual a, Dual b) { return a.value <= b.value; }
  EMBER_FN friend auto operator>(Dual a, Dual b) { return a.value > b.value; }
  EMBER_FN friend auto operator>=(Dual a, Dual b) { return a.value >= b.value; }
  EMBER_FN friend auto operator==(Dual a, Dual b) { return a.value == b.value; }
  EMBER_FN friend auto operator!=(Dual a, Dual b) { return a.value != b.value; }
  EMBER_FN friend auto operator<(Dual a, T b) { return a.value < b; }
  EMBER_FN friend auto operator<=(Dual a, T b) { return a.value <= b; }
  EMBER_FN friend auto operator>(Dual a, T b) { return a.value > b; }
  EMBER_FN friend auto operator>=(Dual a, T b) { return a.value >= b; }
  EMBER_FN friend auto operator==(Dual a, T b) { return a.value == b; }
  EMBER_FN friend auto operator!=(Dual a, T b) { return a.value != b; }
  EMBER_FN friend auto operator<(T a, Dual b) { return a < b.value; }
  EMBER_FN friend auto operator<=(T a, Dual b) { return a <= b.value; }
  EMBER_FN friend auto operator>(T a, Dual b) { return a > b.value; }
  EMBER_FN friend auto operator>=(T a, Dual b) { return a >= b.value; }

  EMBER_FN Dual& operator+=(Dual b) { return *this = *this + b; }
  EMBER_FN Dual& operator-=(Dual b) { return *this = *this - b; }
  EMBER_FN Dual& operator*=(Dual b) { return *this = *this * b; }
  EMBER_FN Dual& operator/=(Dual b) { return *this = *this / b; }
};

template <class C, class T>
EMBER_FN Dual<T> select(C condition, Dual<T> a, Dual<T> b) {
  return {select(condition, a.value, b.value), select(condition, a.derivative, b.derivative)};
}

// --- one rule per elementary function: y = f(x), f'(x) ---------------------------------------------------------------

#define EMBER_RULE(name, local_derivative) \
  template <class T> \
  EMBER_FN Dual<T> name(Dual<T> dual) { \
    const T x = dual.value, y = name(x); \
    return {y, chain(dual.derivative, local_derivative)}; \
  }
#define EMBER_RULE_OF_INPUT(name, local_derivative) \
  template <class T> \
  EMBER_FN Dual<T> name(Dual<T> dual) { \
    const T x = dual.value; \
    return {name(x), chain(dual.derivative, local_derivative)}; \
  }
#define EMBER_CONSTANT_RULE(name) \
  template <class T> \
  EMBER_FN Dual<T> name(Dual<T> dual) { \
    return {name(dual.value), T(0)}; \
  }

// clang-format off: products in a macro's arguments read as pointers to it
EMBER_RULE(exp, y)
EMBER_RULE(exp2, y * T(0.693147180559945309417232121458))  // log(2)
EMBER_RULE(expm1, y + T(1))
EMBER_RULE_OF_INPUT(log, T(1) / x)
EMBER_RULE_OF_INPUT(log2, T(1.44269504088896340735992468100) / x)   // 1 / log(2)
EMBER_RULE_OF_INPUT(log10, T(0.434294481903251827651128918917) / x)  // 1 / log(10)
EMBER_RULE_OF_INPUT(log1p, T(1) / (x + T(1)))
EMBER_RULE(sqrt, T(0.5) / y)
EMBER_RULE(rsqrt, T(-0.5) * y * y * y)
EMBER_RULE(reciprocal, -(y * y))
EMBER_RULE_OF_INPUT(square, x + x)
EMBER_RULE_OF_INPUT(sin, cos(x))
EMBER_RULE_OF_INPUT(cos, -sin(x))
EMBER_RULE(tan, y * y + T(1))
EMBER_RULE_OF_INPUT(asin, rsqrt(T(1) - x * x))
EMBER_RULE_OF_INPUT(acos, -rsqrt(T(1) - x * x))
EMBER_RULE_OF_INPUT(atan, T(1) / (x * x + T(1)))
EMBER_RULE_OF_INPUT(sinh, cosh(x))
EMBER_RULE_OF_INPUT(cosh, sinh(x))
EMBER_RULE(tanh, T(1) - y * y)
EMBER_RULE_OF_INPUT(asinh, rsqrt(x * x + T(1)))
EMBER_RULE_OF_INPUT(acosh, rsqrt(x - T(1)) * rsqrt(x + T(1)))
EMBER_RULE_OF_INPUT(atanh, T(1) / (T(1) - x * x))
EMBER_RULE(sigmoid, y * (T(1) - y))
EMBER_RULE_OF_INPUT(erf, T(1.12837916709551257389615890312) * exp(-(x * x)))    // 2 / sqrt(pi)
EMBER_RULE_OF_INPUT(erfc, T(-1.12837916709551257389615890312) * exp(-(x * x)))
EMBER_RULE(erfcx, T(2) * x * y - T(1.12837916709551257389615890312))
EMBER_RULE(erfinv, T(0.886226925452758013649083741671) * exp(y * y))            // sqrt(pi) / 2
EMBER_RULE_OF_INPUT(normal_cdf, T(0.398942280401432677939946059934) * exp(T(-0.5) * (x * x)))  // 1 / sqrt(2 pi)
EMBER_RULE_OF_INPUT(lgamma, digamma(x))
EMBER_RULE_OF_INPUT(digamma, polygamma(1, x))
EMBER_RULE_OF_INPUT(abs, sign(x))
EMBER_RULE_OF_INPUT(i0, i1(x))
EMBER_RULE(i1, i0(x) - select(x == T(0), T(0.5), y / x))
EMBER_RULE(i0e, i1e(x) - sign(x) * y)
EMBER_RULE(i1e, i0e(x) - sign(x) * y - select(x == T(0), T(0.5), y / x))

EMBER_CONSTANT_RULE(sign)
EMBER_CONSTANT_RULE(floor)
EMBER_CONSTANT_RULE(ceil)
EMBER_CONSTANT_RULE(trunc)
EMBER_CONSTANT_RULE(round)
// clang-format on

// For types that lack it (tensors): the same function through erfc.
template <class T>
  requires(!Arithmetic<T> && !is_complex<T>)
EMBER_FN T normal_cdf(T x) {
  return T(0.5) * erfc(T(-0.707106781186547524400844362105) * x);
}  // sqrt(1/2)

template <class T>
EMBER_FN Dual<T> polygamma(int n, Dual<T> x) {
  return {polygamma(n, x.value), chain(x.derivative, polygamma(n + 1, x.value))};
}

#undef EMBER_RULE
#undef EMBER_RULE_OF_INPUT
#undef EMBER_CONSTANT_RULE

template <class T>
EMBER_FN auto is_nan(Dual<T> x) {
  return is_nan(x.value);
}
template <class T>
EMBER_FN auto is_inf(Dual<T> x) {
  return is_inf(x.value);
}
template <class T>
EMBER_FN auto is_finite(Dual<T> x) {
  return is_finite(x.value);
}

// --- functions of two numbers; each also with one of them not differentiated ------------------------------------------

// d x^y / dx = y x^(y - 1), 0 where y is 0 (also at x = 0).
template <class T, class Y>
EMBER_FN T pow_by_base(T x, Y y) {
  if constexpr (Arithmetic<Y> && !Arithmetic<T>) return y == Y(0) ? T(0) : T(y) * pow(x, T(y - Y(1)));
  else return select(y == Y(0), T(0), y * pow(x, y - Y(1)));
}
// d x^y / dy = x^y log(x), 0 at x = 0 for y >= 0.
template <class T>
EMBER_FN T pow_by_exponent(T x, T y, T power) {
  return select((x == T(0)) & (y >= T(0)), T(0), power * log(x));
}
template <class T>
EMBER_FN Complex<T> pow_by_exponent(Complex<T> x, Complex<T>, Complex<T> power) {
  return select(x == Complex<T>(T(0)), Complex<T>(T(0)), power * log(x));
}

template <class T>
EMBER_FN Dual<T> pow(Dual<T> x, Dual<T> y) {
  const T power = pow(x.value, y.value);
  return {power,
          chain(x.derivative, pow_by_base(x.value, y.value)) + chain(y.derivative, pow_by_exponent(x.value, y.value, power))};
}
template <class T>
EMBER_FN Dual<T> pow(Dual<T> x, Number<Dual<T>> y) {
  return {pow(x.value, T(y)), chain(x.derivative, pow_by_base(x.value, y))};
}
template <class T>
EMBER_FN Dual<T> pow(Number<Dual<T>> x, Dual<T> y) {
  const T power = pow(T(x), y.value);
  return {power, chain(y.derivative, pow_by_exponent(T(x), y.value, power))};
}

template <class T>
EMBER_FN Dual<T> atan2(Dual<T> y, Dual<T> x) {
  const T square = x.value * x.value + y.value * y.value;
  const T norm = select(square == T(0), T(1), square);  // the angle of the origin is a constant
  return {atan2(y.value, x.value), chain(y.derivative, x.value / norm) - chain(x.derivative, y.value / norm)};
}
template <class T>
EMBER_FN Dual<T> hypot(Dual<T> a, Dual<T> b) {
  const T size = hypot(a.value, b.value);
  return {size, chain(a.derivative, a.value / size) + chain(b.derivative, b.value / size)};
}
template <class T>
EMBER_FN Dual<T> fmod(Dual<T> a, Dual<T> b) {
  return {fmod(a.value, b.value), a.derivative - chain(b.derivative, trunc(a.value / b.value))};
}
template <class T>
EMBER_FN Dual<T> remainder(Dual<T> a, Dual<T> b) {
  return {remainder(a.value, b.value), a.derivative - chain(b.derivative, floor(a.value / b.value))};
}
template <class T>
EMBER_FN Dual<T> floor_divide(Dual<T> a, Dual<T> b) {
  return {floor_divide(a.value, b.value), T(0)};
}
template <class T>
EMBER_FN Dual<T> copysign(Dual<T> a, Dual<T> b) {
  const T y = copysign(a.value, b.value);
  return {y, chain(a.derivative, select(a.value == T(0), T(0), y / a.value))};
}

// A tie is split evenly.
template <class T>
EMBER_FN Dual<T> min(Dual<T> a, Dual<T> b) {
  const T other = select(b.value < a.value, b.derivative, T(0.5) * (a.derivative + b.derivative));
  return {min(a.value, b.value), select(a.value < b.value, a.derivative, other)};
}
template <class T>
EMBER_FN Dual<T> max(Dual<T> a, Dual<T> b) {
  const T other = select(b.value > a.value, b.derivative, T(0.5) * (a.derivative + b.derivative));
  return {max(a.value, b.value), select(a.value > b.value, a.derivative, other)};
}

// max(x, number) and the like: the number becomes a Dual that does not change.
#define EMBER_WITH_NUMBER(name) \
  template <class T> \
  EMBER_FN Dual<T> name(Dual<T> a, Number<Dual<T>> b) { \
    return name(a, Dual<T>(T(b))); \
  } \
  template <class T> \
  EMBER_FN Dual<T> name(Number<Dual<T>> a, Dual<T> b) { \
    return name(Dual<T>(T(a)), b); \
  }
EMBER_WITH_NUMBER(atan2)
EMBER_WITH_NUMBER(hypot)
EMBER_WITH_NUMBER(fmod)
EMBER_WITH_NUMBER(remainder)
EMBER_WITH_NUMBER(floor_divide)
EMBER_WITH_NUMBER(copysign)
EMBER_WITH_NUMBER(min)
EMBER_WITH_NUMBER(max)
#undef EMBER_WITH_NUMBER

}  // namespace ember
