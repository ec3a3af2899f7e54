// Comparisons, logic and bits. Results of comparisons and logic are bool; the loops write 1 and 0.
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct eq {
  static constexpr Record record = {.schema = "eq(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input equals other.",
                                    .types = kAny,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x == y, X(1), X(0)); }
};
EMBER_REGISTER(eq)

struct ne {
  static constexpr Record record = {.schema = "ne(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input differs from other.",
                                    .types = kAny,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x != y, X(1), X(0)); }
};
EMBER_REGISTER(ne)

struct lt {
  static constexpr Record record = {.schema = "lt(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input is less than other.",
                                    .types = kReal,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x < y, X(1), X(0)); }
};
EMBER_REGISTER(lt)

struct le {
  static constexpr Record record = {.schema = "le(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input is at most other.",
                                    .types = kReal,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x <= y, X(1), X(0)); }
};
EMBER_REGISTER(le)

struct gt {
  static constexpr Record record = {.schema = "gt(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input is greater than other.",
                                    .types = kReal,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x > y, X(1), X(0)); }
};
EMBER_REGISTER(gt)

struct ge {
  static constexpr Record record = {.schema = "ge(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether input is at least other.",
                                    .types = kReal,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select(x >= y, X(1), X(0)); }
};
EMBER_REGISTER(ge)

struct logical_and {
  static constexpr Record record = {.schema = "logical_and(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether both are nonzero.",
                                    .types = kNumbers,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select((x != X(0)) & (y != X(0)), X(1), X(0)); }
};
EMBER_REGISTER(logical_and)

struct logical_or {
  static constexpr Record record = {.schema = "logical_or(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether one is nonzero.",
                                    .types = kNumbers,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select((x != X(0)) | (y != X(0)), X(1), X(0)); }
};
EMBER_REGISTER(logical_or)

struct logical_xor {
  static constexpr Record record = {.schema = "logical_xor(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Whether exactly one is nonzero.",
                                    .types = kNumbers,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return select((x != X(0)) != (y != X(0)), X(1), X(0)); }
};
EMBER_REGISTER(logical_xor)

struct logical_not {
  static constexpr Record record = {.schema = "logical_not(Tensor input) -> Tensor",
                                    .doc = "Whether it is zero.",
                                    .types = kNumbers,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(x == X(0), X(1), X(0)); }
};
EMBER_REGISTER(logical_not)

struct isnan {
  static constexpr Record record = {.schema = "isnan(Tensor input) -> Tensor",
                                    .doc = "Whether it is no number.",
                                    .types = kAny,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(is_nan(x), X(1), X(0)); }
};
EMBER_REGISTER(isnan)

struct isinf {
  static constexpr Record record = {.schema = "isinf(Tensor input) -> Tensor",
                                    .doc = "Whether it is infinite.",
                                    .types = kAny,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(is_inf(x), X(1), X(0)); }
};
EMBER_REGISTER(isinf)

struct isfinite {
  static constexpr Record record = {.schema = "isfinite(Tensor input) -> Tensor",
                                    .doc = "Whether it is neither infinite nor NaN.",
                                    .types = kAny,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(is_finite(x), X(1), X(0)); }
};
EMBER_REGISTER(isfinite)

struct isposinf {
  static constexpr Record record = {.schema = "isposinf(Tensor input) -> Tensor",
                                    .doc = "Whether it is +inf.",
                                    .types = kReal | kUnsigned,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(is_inf(x) & (x > X(0)), X(1), X(0)); }
};
EMBER_REGISTER(isposinf)

struct isneginf {
  static constexpr Record record = {.schema = "isneginf(Tensor input) -> Tensor",
                                    .doc = "Whether it is -inf.",
                                    .types = kReal | kUnsigned,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return select(is_inf(x) & (x < X(0)), X(1), X(0)); }
};
EMBER_REGISTER(isneginf)

struct signbit {
  static constexpr Record record = {.schema = "signbit(Tensor input) -> Tensor",
                                    .doc = "Whether the sign bit is set: also of -0.",
                                    .types = kReal,
                                    .result = Result::Bool,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) {
    if constexpr (Integer<X>) return select(x < X(0), X(1), X(0));
    else return select(ember::copysign(X(1), x) < X(0), X(1), X(0));
  }
};
EMBER_REGISTER(signbit)

struct bitwise_and {
  static constexpr Record record = {.schema = "bitwise_and(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Bit by bit: and.",
                                    .types = kBool | kInteger | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return x & y; }
};
EMBER_REGISTER(bitwise_and)

struct bitwise_or {
  static constexpr Record record = {.schema = "bitwise_or(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Bit by bit: or.",
                                    .types = kBool | kInteger | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return x | y; }
};
EMBER_REGISTER(bitwise_or)

struct bitwise_xor {
  static constexpr Record record = {.schema = "bitwise_xor(Tensor input, Tensor other) -> Tensor",
                                    .doc = "Bit by bit: exclusive or.",
                                    .types = kBool | kInteger | kUnsigned,
                                    .result = Result::Same,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return x ^ y; }
};
EMBER_REGISTER(bitwise_xor)

struct bitwise_left_shift {
  static constexpr Record record = {.schema = "bitwise_left_shift(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input * 2^other.",
                                    .types = kInteger,
                                    .result = Result::Same,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) {
    return select((y < X(0)) | (y > X(63)), X(0), X(uint64_t(x) << (uint64_t(y) & 63)));
  }
};
EMBER_REGISTER(bitwise_left_shift)

struct bitwise_right_shift {
  static constexpr Record record = {.schema = "bitwise_right_shift(Tensor input, Tensor other) -> Tensor",
                                    .doc = "input / 2^other, rounded down.",
                                    .types = kInteger,
                                    .result = Result::Same,
                                    .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x, X y) { return x >> select((y < X(0)) | (y > X(63)), X(63), y); }
};
EMBER_REGISTER(bitwise_right_shift)

struct bitwise_not {
  static constexpr Record record = {
      .schema = "bitwise_not(Tensor input) -> Tensor", .doc = "All bits turned; of bool: not.", .types = kInteger, .ulp = 0.5};
  static constexpr bool differentiable = false;
  template <class X> EMBER_FN static X forward(X x) { return ~x; }
};
EMBER_REGISTER(bitwise_not)

}  // namespace ember::ops
