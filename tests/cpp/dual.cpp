// Dual at kinks and edges, on a tensor-like type, and Taint: what derivatives depend on.
// sources:
#include "scalar/taint.h"

#include <cmath>

#include "check.h"

namespace ember {

// Like a tensor handle: no conversion to bool or float, every operation a function.
struct Var {
  double number;
  Var(double number = 0) : number(number) {}
};
template <> struct NumberType<Var> {
  using type = double;
};
#define VAR_OPERATOR(op) \
  Var operator op(Var a, Var b) { return Var(double(a.number op b.number)); }
// clang-format off
VAR_OPERATOR(+) VAR_OPERATOR(-) VAR_OPERATOR(*) VAR_OPERATOR(/) VAR_OPERATOR(<) VAR_OPERATOR(<=) VAR_OPERATOR(>)
VAR_OPERATOR(>=) VAR_OPERATOR(==) VAR_OPERATOR(!=)
    // clang-format on
    Var operator&(Var a, Var b) {
  return Var(a.number != 0 && b.number != 0);
}
Var operator-(Var a) { return Var(-a.number); }
Var select(Var condition, Var a, Var b) { return condition.number != 0 ? a : b; }
Var exp(Var x) { return Var(exp(x.number)); }
Var log(Var x) { return Var(log(x.number)); }
Var log1p(Var x) { return Var(log1p(x.number)); }
Var erfc(Var x) { return Var(erfc(x.number)); }
Var pow(Var x, Var y) { return Var(pow(x.number, y.number)); }

struct softplus {
  template <class X> EMBER_FN static X forward(X x, Number<X> beta, Number<X> threshold) {
    X z = x * beta;
    return select(z > threshold, x, log1p(exp(z)) / beta);
  }
};
struct mixture {  // every way of mixing X, Number<X> and constants
  template <class X> EMBER_FN static X forward(X x, Number<X> a, Number<X> b) {
    X y = pow(x, a) + pow(b, x) + a * x - x / b + b / x + normal_cdf(x) * X(0.5) + X(1);
    return select((x > a) & (x <= X(9)), y, select(a < x, -y, y * y));
  }
};

template <class Op, class X> X first(X x) { return Op::forward(Dual<X>(x, X(1)), Number<X>(1.25), Number<X>(20)).derivative; }
template <class Op, class X> X second(X x) {
  return Op::forward(Dual<Dual<X>>(Dual<X>(x, X(1)), Dual<X>(X(1))), Number<X>(1.25), Number<X>(20)).derivative.derivative;
}

template <class Op> void all_types(double x) {
  const double step = 1e-4, low = Op::forward(x - step, 1.25, 20.0), high = Op::forward(x + step, 1.25, 20.0);
  const double slope = (high - low) / (2 * step), bend = (high - 2 * Op::forward(x, 1.25, 20.0) + low) / (step * step);
  CHECK(std::fabs(first<Op>(x) - slope) < 1e-5 * (1 + std::fabs(slope)));
  CHECK(std::fabs(second<Op>(x) - bend) < 1e-4 * (1 + std::fabs(bend)));
  CHECK(std::fabs(first<Op>(float(x)) - slope) < 1e-4 * (1 + std::fabs(slope)));
  CHECK(std::fabs(first<Op>(Var(x)).number - slope) < 1e-5 * (1 + std::fabs(slope)));
}

double by_base(double x, double y) { return pow(Dual<double>(x, 1.0), y).derivative; }
double by_exponent(double x, double y) { return pow(x, Dual<double>(y, 1.0)).derivative; }
double of(Dual<double> y) { return y.derivative; }

void kinks() {
  const Dual<double> zero(0.0, 1.0), two(2.0, 1.0), constant(2.0), infinite(INFINITY, 1.0);
  CHECK(of(abs(zero)) == 0 && of(abs(-two)) == 1);
  CHECK(of(select(zero > 0.0, zero, Dual<double>(0.0))) == 0);
  CHECK(of(max(two, constant)) == 0.5 && of(min(two, constant)) == 0.5 && of(max(two, 1.0)) == 1 && of(max(two, 3.0)) == 0);
  CHECK(of(sqrt(zero)) == INFINITY && of(sqrt(infinite)) == 0);
  CHECK(of(copysign(zero, constant)) == 0 && of(copysign(two, -1.0)) == -1);
  CHECK(of(fmod(Dual<double>(5.0), Dual<double>(3.0, 1.0))) == -1);
  CHECK(of(remainder(Dual<double>(-5.0), Dual<double>(3.0, 1.0))) == 2);
  CHECK(of(constant * infinite) == 2 && of(infinite * constant) == 2);  // what does not depend on x contributes nothing
  CHECK(of(Dual<double>(0.0) * infinite) == 0 && of(Dual<double>(1.0) / zero) == -INFINITY);
}

void powers() {
  CHECK(by_base(0, 0) == 0 && by_base(0, 1) == 1 && by_base(0, 2) == 0 && by_base(0, 0.5) == INFINITY);
  CHECK(by_base(-2, 3) == 12 && by_base(-2, 1) == 1 && by_base(-2, -1) == -0.25 && std::isnan(by_base(-2, 0.5)));
  CHECK(by_exponent(0, 0) == 0 && by_exponent(0, 2) == 0 && by_exponent(0, -1) == -INFINITY && by_exponent(1, 3) == 0);
  CHECK(std::isnan(by_exponent(-2, 3)) && std::fabs(by_exponent(2, 3) - 8 * std::log(2)) < 1e-14);
}

Taint by(int k, Dual<Taint> (*formula)(Dual<Taint>, Dual<Taint>)) {
  return formula(Dual<Taint>(Taint::input(0), Taint(k == 0)), Dual<Taint>(Taint::input(1), Taint(k == 1))).derivative;
}

void marks() {
  using D = Dual<Taint>;
  double number = 0;
  CHECK(by(0, [](D a, D b) { return a + b * D(3); }).is_number(&number) && number == 1);
  CHECK(by(1, [](D a, D b) { return a - b * D(3); }).is_number(&number) && number == -3);
  CHECK(by(0, [](D a, D b) { return a * b; }).mask() == 2 && by(1, [](D a, D b) { return a * b; }).mask() == 1);
  CHECK(by(0, [](D a, D b) { return a / b; }).mask() == 2 && by(1, [](D a, D b) { return a / b; }).mask() == 3);
  CHECK(by(0, [](D a, D b) { return exp(a) + b; }).mask() == 1 && by(1, [](D a, D b) { return exp(a) + b; }).is(1));
  CHECK(by(0, [](D a, D b) { return floor(a) * b; }).is(0));
  CHECK(by(0, [](D a, D b) { return select(a > b, a, b); }).mask() == 3);
  CHECK(by(0, [](D a, D b) { return select(b > D(0), a, D(2) - a * D(-1)); }).is(1));
  CHECK(first<softplus>(Taint::input(0)).mask() == 1 && first<mixture>(Taint::input(0)).mask() == 1);
}

void complex_numbers() {
  using Z = Complex<double>;
  const Dual<Z> z(Z(1, 2), Z(1));
  const Z square = (z * z).derivative, exponential = exp(z).derivative, power = pow(z, 3.0).derivative;
  CHECK(square == Z(2, 4) && exponential == exp(Z(1, 2)));
  CHECK(abs(power - Z(3) * Z(1, 2) * Z(1, 2)) < 1e-13);
}

}  // namespace ember

int main() {
  for (double x : {-2.0, -0.3, 0.7, 1.9, 5.0}) ember::all_types<ember::softplus>(x);
  for (double x : {0.3, 0.9, 2.0}) ember::all_types<ember::mixture>(x);
  ember::kinks();
  ember::powers();
  ember::marks();
  ember::complex_numbers();
}
