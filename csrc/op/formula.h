// What a file of formulas (csrc/ops/*.h) stands on. Read once for the registry and once for each instruction set, where
// nothing may leave a symbol behind: no standard containers here.
#pragma once
#include <cstddef>

#include "op/record.h"
#include "scalar/dual.h"
#include "scalar/math.h"
#include "scalar/types.h"

namespace ember {

// A number argument of a pointwise operation, in both readings.
struct Number64 {
  double real;
  int64_t integer;
};

template <class X>
EMBER_FN Number<X> number_as(const Number64& number) {
  if constexpr (Integer<Number<X>>) return Number<X>(number.integer);
  else return Number<X>(number.real);
}

namespace formula {
// Reads the schema line at compile time: `f(Tensor a, Tensor b, *, float c=1) -> Tensor` has 2 tensors and 1 number.
consteval size_t count(const char* schema, bool tensors) {
  size_t found = 0;
  bool in_list = false, at_start = false;
  for (const char* at = schema; *at && *at != ')'; ++at) {
    if (*at == '(') {
      in_list = at_start = true;
      continue;
    }
    if (*at == ',') {
      at_start = true;
      continue;
    }
    if (!in_list || *at == ' ' || !at_start) continue;
    at_start = false;
    const bool tensor = at[0] == 'T' && at[1] == 'e' && at[2] == 'n';
    found += *at != '*' && tensor == tensors;
  }
  return found;
}
}  // namespace formula
consteval size_t tensors_in(const char* schema) { return formula::count(schema, true); }
consteval size_t numbers_in(const char* schema) { return formula::count(schema, false); }

// Comparisons, floor and their like have no gradient: they say so by `static constexpr bool differentiable = false`.
template <class Op>
inline constexpr bool is_differentiable_formula = !requires { Op::differentiable; };

}  // namespace ember
