// Taint: what a formula's result depends on. Dual<Taint> tells, when an operation is registered, which inputs its
// derivative reads: that of a + b none, that of a * b by a only b, that of exp(x) only x.
#pragma once
#include "dual.h"

namespace ember {

class Taint {
 public:
  Taint() : Taint(0.0) {}
  template <Arithmetic A>
  Taint(A constant) : mask_(0), known_(true), number_(double(constant)) {}
  // The input at this place.
  static Taint input(int index) { return unknown(1u << index); }
  static Taint unknown(uint32_t mask) {
    Taint result;
    result.mask_ = mask;
    result.known_ = false;
    return result;
  }

  // One bit for each input that the value is computed from.
  uint32_t mask() const { return mask_; }
  bool is_number() const { return known_; }
  // Whether the value is one number whatever the inputs hold; then sets it.
  bool is_number(double* number) const {
    if (known_) *number = number_;
    return known_;
  }
  bool is(double number) const { return known_ && number_ == number; }

  // A constant 0 times anything is 0, a constant 1 times x is x, x + 0 is x.
  friend Taint operator-(Taint a) { return a.known_ ? Taint(-a.number_) : a; }
  friend Taint operator+(Taint a, Taint b) {
    if (a.is(0)) return b;
    if (b.is(0)) return a;
    return combine(a, b, a.number_ + b.number_);
  }
  friend Taint operator-(Taint a, Taint b) { return b.is(0) ? a : a.is(0) ? -b : combine(a, b, a.number_ - b.number_); }
  friend Taint operator*(Taint a, Taint b) {
    if (a.is(0) || b.is(0)) return Taint(0);
    if (a.is(1)) return b;
    if (b.is(1)) return a;
    return combine(a, b, a.number_ * b.number_);
  }
  friend Taint operator/(Taint a, Taint b) {
    if (a.is(0)) return a;
    if (b.is(1)) return a;
    return combine(a, b, a.number_ / b.number_);
  }
  // The outcome of a comparison is not folded: a formula's two branches both count.
  friend Taint operator<(Taint a, Taint b) { return unknown(a.mask_ | b.mask_); }
  friend Taint operator<=(Taint a, Taint b) { return a < b; }
  friend Taint operator>(Taint a, Taint b) { return a < b; }
  friend Taint operator>=(Taint a, Taint b) { return a < b; }
  friend Taint operator==(Taint a, Taint b) { return a < b; }
  friend Taint operator!=(Taint a, Taint b) { return a < b; }
  friend Taint operator&(Taint a, Taint b) { return a < b; }
  friend Taint operator|(Taint a, Taint b) { return a < b; }
  friend Taint operator!(Taint a) { return unknown(a.mask_); }

  friend Taint select(Taint condition, Taint a, Taint b) {
    if (a.known_ && b.known_ && a.number_ == b.number_) return a;
    return unknown(condition.mask_ | a.mask_ | b.mask_);
  }
  friend Taint select(bool, Taint a, Taint b) { return select(unknown(0), a, b); }

 private:
  static Taint combine(Taint a, Taint b, double number) {
    return a.known_ && b.known_ ? Taint(number) : unknown(a.mask_ | b.mask_);
  }

  uint32_t mask_;
  bool known_;      // a constant
  double number_;   // its value
};

template <> struct NumberType<Taint> {
  using type = double;
};

#define EMBER_TAINT_UNARY(name) \
  inline Taint name(Taint x) { return Taint::unknown(x.mask()); }
#define EMBER_TAINT_BINARY(name) \
  inline Taint name(Taint a, Taint b) { return Taint::unknown(a.mask() | b.mask()); }
// clang-format off: one list, not a line for each
EMBER_TAINT_UNARY(exp) EMBER_TAINT_UNARY(exp2) EMBER_TAINT_UNARY(expm1) EMBER_TAINT_UNARY(log) EMBER_TAINT_UNARY(log2)
EMBER_TAINT_UNARY(log10) EMBER_TAINT_UNARY(log1p) EMBER_TAINT_UNARY(sqrt) EMBER_TAINT_UNARY(rsqrt)
EMBER_TAINT_UNARY(reciprocal) EMBER_TAINT_UNARY(square) EMBER_TAINT_UNARY(sin) EMBER_TAINT_UNARY(cos)
EMBER_TAINT_UNARY(tan) EMBER_TAINT_UNARY(asin) EMBER_TAINT_UNARY(acos) EMBER_TAINT_UNARY(atan) EMBER_TAINT_UNARY(sinh)
EMBER_TAINT_UNARY(cosh) EMBER_TAINT_UNARY(tanh) EMBER_TAINT_UNARY(asinh) EMBER_TAINT_UNARY(acosh)
EMBER_TAINT_UNARY(atanh) EMBER_TAINT_UNARY(sigmoid) EMBER_TAINT_UNARY(erf) EMBER_TAINT_UNARY(erfc)
EMBER_TAINT_UNARY(erfcx) EMBER_TAINT_UNARY(erfinv) EMBER_TAINT_UNARY(normal_cdf) EMBER_TAINT_UNARY(lgamma)
EMBER_TAINT_UNARY(digamma) EMBER_TAINT_UNARY(abs) EMBER_TAINT_UNARY(sign) EMBER_TAINT_UNARY(floor)
EMBER_TAINT_UNARY(ceil) EMBER_TAINT_UNARY(trunc) EMBER_TAINT_UNARY(round) EMBER_TAINT_UNARY(is_nan)
EMBER_TAINT_UNARY(is_inf) EMBER_TAINT_UNARY(is_finite) EMBER_TAINT_UNARY(conj) EMBER_TAINT_UNARY(i0)
EMBER_TAINT_UNARY(i1) EMBER_TAINT_UNARY(i0e) EMBER_TAINT_UNARY(i1e)
EMBER_TAINT_BINARY(pow) EMBER_TAINT_BINARY(atan2) EMBER_TAINT_BINARY(hypot) EMBER_TAINT_BINARY(fmod)
EMBER_TAINT_BINARY(remainder) EMBER_TAINT_BINARY(floor_divide) EMBER_TAINT_BINARY(copysign) EMBER_TAINT_BINARY(min)
EMBER_TAINT_BINARY(max)
    // clang-format on
    inline Taint polygamma(int, Taint x) {
  return Taint::unknown(x.mask());
}
#undef EMBER_TAINT_UNARY
#undef EMBER_TAINT_BINARY

}  // namespace ember
