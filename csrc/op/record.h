// What an operation is. Each stands once, as a struct with a `record` in csrc/ops; everything else is derived from it.
#pragma once
#include "core/dtype.h"

namespace ember {

// The element type of the result, from the type that the inputs meet in.
enum class Result : uint8_t {
  Same,      // add
  Floating,  // sqrt: integers and bool become the default floating type
  Bool,      // eq
  Real,      // abs: complex becomes its real type
};

// What integer inputs of an operation of two tensors must not be: they know no infinity and no fractions.
enum class Refuses : uint8_t {
  Nothing,
  ZeroDivisor,    // a zero in the second
  NegativePower,  // a negative number as the second
};

// What autocast does with the floating arguments; those of float64 stay as they are.
enum class Autocast : uint8_t {
  Keep,     // nothing: relu
  Lower,    // to the type that the mode was given: matmul
  Float32,  // to float32, for range or precision: losses
  Widest,   // to the widest of their types, where they would not meet by themselves: index_copy
};

// Where users find the name.
enum : unsigned { kFunction = 1, kMethod = 2, kFunctional = 4 };  // torch.f, Tensor.f, torch.nn.functional.f

struct Record {
  const char* schema;
  const char* doc = "";
  const char* source = "";
  struct Domain {
    double low = -3, high = 3;
  } domain = {};  // where tests and plots sample the inputs
  unsigned types = kNumbers;  // element types that it takes; others are a NotImplementedError that names them
  Result result = Result::Same;
  double ulp = 1;            // promised error of float32 and float64 values, in units in the last place
  double cost = 1;           // of one element, in float additions: decides when threads pay
  const char* saves = "";    // kernels: what backward reads, by the name of a parameter or output; `out` is the first output
  bool inplace = false;      // kernels: `name_` exists and works on the first argument
  bool layouts = false;      // kernels: any order of dims in memory; others see no hidden one (core/channels_last.h)
  Refuses integers = Refuses::Nothing;
  unsigned where = kFunction | kMethod;
  Autocast autocast = Autocast::Keep;
};

}  // namespace ember
