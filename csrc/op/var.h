// A tensor or a plain number in a formula: the formula's second reading, as operations that autograd records.
#pragma once
#include "op/call.h"
#include "scalar/dual.h"

namespace ember {

// Numbers fold (0 * x is 0, 1 * x is x), so that Dual<Var> leaves no operations that do nothing.
class Var {
 public:
  Var(double number = 0) : number_(number) {}
  // A wrapped number is taken as the number: two of them would meet in the default type, which may be narrower.
  explicit Var(const Tensor& tensor) {
    if (tensor && tensor.body()->wrapped_number && !is_complex_dtype(tensor.dtype())) number_ = tensor.as_double();
    else tensor_ = tensor;
  }
  // Stands for a tensor that was not saved: what is computed from it is missing too, and never read.
  static Var missing() {
    Var var;
    var.missing_ = true;
    return var;
  }
  bool is_missing() const { return missing_; }
  bool is_number() const { return !tensor_ && !missing_; }
  bool is(double number) const { return is_number() && number_ == number; }
  double number() const { return number_; }
  Value value() const;                              // as an argument: a number becomes a wrapped 0-d tensor
  Tensor as_tensor(const Tensor& like) const;       // a number becomes a tensor of the shape and type of `like`

 private:
  Tensor tensor_;
  double number_ = 0;
  bool missing_ = false;
};

Var apply(const Operation& op, std::initializer_list<Var> arguments);

template <> struct NumberType<Var> {
  using type = double;
};

Var operator+(const Var& a, const Var& b);
Var operator-(const Var& a, const Var& b);
Var operator*(const Var& a, const Var& b);
Var operator/(const Var& a, const Var& b);
Var operator-(const Var& a);

#define EMBER_VAR_BINARY(name, operation) \
  inline Var name(const Var& a, const Var& b) { \
    static Operation& op = named(operation); \
    return apply(op, {a, b}); \
  }
#define EMBER_VAR_UNARY(name, operation) \
  inline Var name(const Var& a) { \
    static Operation& op = named(operation); \
    return apply(op, {a}); \
  }
EMBER_VAR_BINARY(operator<, "lt")
EMBER_VAR_BINARY(operator<=, "le")
EMBER_VAR_BINARY(operator>, "gt")
EMBER_VAR_BINARY(operator>=, "ge")
EMBER_VAR_BINARY(operator==, "eq")
EMBER_VAR_BINARY(operator!=, "ne")
EMBER_VAR_BINARY(operator&, "logical_and")
EMBER_VAR_BINARY(operator|, "logical_or")
EMBER_VAR_BINARY(pow, "pow")
EMBER_VAR_BINARY(atan2, "atan2")
EMBER_VAR_BINARY(fmod, "fmod")
EMBER_VAR_BINARY(remainder, "remainder")
EMBER_VAR_BINARY(floor_divide, "floor_divide")
EMBER_VAR_BINARY(copysign, "copysign")
EMBER_VAR_BINARY(min, "minimum")
EMBER_VAR_BINARY(max, "maximum")
EMBER_VAR_BINARY(hypot, "hypot")
EMBER_VAR_UNARY(operator!, "logical_not")
#define EMBER_VAR_SAME(name) EMBER_VAR_UNARY(name, #name)
EMBER_VAR_SAME(exp)
EMBER_VAR_SAME(exp2)
EMBER_VAR_SAME(expm1)
EMBER_VAR_SAME(log)
EMBER_VAR_SAME(log2)
EMBER_VAR_SAME(log10)
EMBER_VAR_SAME(log1p)
EMBER_VAR_SAME(sqrt)
EMBER_VAR_SAME(rsqrt)
EMBER_VAR_SAME(reciprocal)
EMBER_VAR_SAME(sin)
EMBER_VAR_SAME(cos)
EMBER_VAR_SAME(tan)
EMBER_VAR_SAME(asin)
EMBER_VAR_SAME(acos)
EMBER_VAR_SAME(atan)
EMBER_VAR_SAME(sinh)
EMBER_VAR_SAME(cosh)
EMBER_VAR_SAME(tanh)
EMBER_VAR_SAME(asinh)
EMBER_VAR_SAME(acosh)
EMBER_VAR_SAME(atanh)
EMBER_VAR_SAME(erf)
EMBER_VAR_SAME(erfc)
EMBER_VAR_SAME(erfinv)
EMBER_VAR_SAME(lgamma)
EMBER_VAR_SAME(digamma)
EMBER_VAR_SAME(abs)
EMBER_VAR_SAME(floor)
EMBER_VAR_SAME(ceil)
EMBER_VAR_SAME(trunc)
EMBER_VAR_SAME(round)
EMBER_VAR_SAME(sigmoid)
EMBER_VAR_SAME(square)
EMBER_VAR_SAME(erfcx)
EMBER_VAR_UNARY(normal_cdf, "_normal_cdf")
EMBER_VAR_UNARY(is_nan, "isnan")
EMBER_VAR_UNARY(is_inf, "isinf")
EMBER_VAR_UNARY(is_finite, "isfinite")
#undef EMBER_VAR_SAME

inline Var select(const Var& condition, const Var& a, const Var& b) {
  static Operation& op = named("where");
  return apply(op, {condition, a, b});
}
Var conj(const Var& a);
Var sign(const Var& a);  // of a complex number conj(z) / |z|, 0 at 0: the gradient of |z| is its conjugate
Var pow_by_exponent(const Var& x, const Var& y, const Var& power);
Var polygamma(int order, const Var& a);

}  // namespace ember
