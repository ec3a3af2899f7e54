// What an operation is. Each stands once, as a struct with a `record` in csrc/ops; everything else is derived from it.
#pragma once
#include <cstdint>

namespace ember {

// Element types that an operation takes; others are a TypeError that names them.
enum : unsigned { kBool = 1, kInteger = 2, kFloat = 4, kComplex = 8 };
inline constexpr unsigned kReal = kBool | kInteger | kFloat;
inline constexpr unsigned kNumbers = kReal | kComplex;
inline constexpr unsigned kInexact = kFloat | kComplex;

// The element type of the result, from the type that the inputs meet in.
enum class Result : uint8_t {
  Same,      // add
  Floating,  // sqrt: integers and bool become the default floating type
  Bool,      // eq
  Real,      // abs: complex becomes its real type
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
  unsigned types = kNumbers;
  Result result = Result::Same;
  double ulp = 1;            // promised error of float32 and float64 values, in units in the last place
  double cost = 1;           // of one element, in float additions: decides when threads pay
  const char* saves = "";    // kernels: what backward reads, by the name of a parameter or output; `out` is the first output
  bool inplace = false;      // kernels: `name_` exists and works on the first argument
  unsigned where = kFunction | kMethod;
};

}  // namespace ember
