#include "core/dtype.h"

#include <algorithm>

#include "core/error.h"

namespace ember {

namespace {
DType default_floating = DType::Float32;
}

DType default_dtype() { return default_floating; }
void set_default_dtype(DType dtype) { default_floating = dtype; }

DType promote(DType a, DType b, const char* caller) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  const unsigned kinds = kDTypeFacts[int(a)].kind | kDTypeFacts[int(b)].kind;
  if (kinds & kFloat8)
    fail(ErrorKind::Runtime, caller, "(): Promotion for Float8 Types is not supported, attempted to promote ", name_of(a),
         " and ", name_of(b), ". Convert one with .to().");
  if (kinds & kUnsigned && !(kinds & kFloat))
    fail(ErrorKind::Runtime, caller, "(): Promotion for uint16, uint32, uint64 types is not supported, attempted to promote ",
         name_of(a), " and ", name_of(b), ". Convert one with .to().");
  if (b == DType::Complex32)
    return a <= DType::Float16 ? b : a == DType::Float64 ? DType::Complex128 : std::max(a, DType::Complex64);
  if (is_complex_dtype(b)) return a == DType::Float64 ? DType::Complex128 : b;
  if (is_floating(b)) return a == DType::Float16 && b == DType::BFloat16 ? DType::Float32 : b;
  // uint8 and int8 hold neither each other: both fit int16.
  return a == DType::UInt8 && b == DType::Int8 ? DType::Int16 : b;
}

}  // namespace ember
