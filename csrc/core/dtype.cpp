#include "core/dtype.h"

#include <algorithm>

namespace ember {

namespace {
DType default_floating = DType::Float32;
}

DType default_dtype() { return default_floating; }
void set_default_dtype(DType dtype) { default_floating = dtype; }

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  if (is_complex_dtype(b)) return a == DType::Float64 ? DType::Complex128 : b;
  if (is_floating(b)) return a == DType::Float16 && b == DType::BFloat16 ? DType::Float32 : b;
  // uint8 and int8 hold neither each other: both fit int16.
  return a == DType::UInt8 && b == DType::Int8 ? DType::Int16 : b;
}

}  // namespace ember
