#include "op/numbers.h"

#include <cmath>

namespace ember {

namespace {

bool integer_fits(int64_t number, DType dtype) {
  const int bits = 8 * int(bytes_of(dtype));
  if (bits == 64) return true;
  const int64_t largest = (int64_t(1) << (is_signed(dtype) ? bits - 1 : bits)) - 1;
  return number <= largest && number >= (is_signed(dtype) ? -largest - 1 : -largest);
}

bool real_fits_integer(double number, DType dtype) {
  const int bits = 8 * int(bytes_of(dtype));
  const double end = std::ldexp(1., is_signed(dtype) ? bits - 1 : bits);
  const double largest = bits == 64 ? std::nextafter(end, 0.) : end - 1;
  return number <= largest && number >= (is_signed(dtype) ? -end : 0.);
}

bool real_fits_float(double number, DType dtype) {
  if (!std::isfinite(number)) return true;
  if (real_of(dtype) == DType::Float32) return std::isfinite(float(number));
  return dtype != DType::Complex32 || std::isfinite(to_float(to_half(float(number))));
}

bool fits(const Value& number, DType dtype) {
  if (dtype == DType::Bool) return true;
  if (number.kind == ValueKind::Complex && !is_complex_dtype(dtype) && number.complex().im != 0) return false;
  const bool integer = number.kind == ValueKind::Int || number.kind == ValueKind::Bool;
  if (is_integral(dtype)) return integer ? integer_fits(number.integer(), dtype) : real_fits_integer(number.real(), dtype);
  return real_fits_float(number.real(), dtype) && real_fits_float(number.complex().im, dtype);
}

}  // namespace

void check_number(const Value& number, DType dtype, const char* caller, bool inplace) {
  if (fits(number, dtype)) return;
  const std::string shown = number.kind == ValueKind::Int ? text(number.integer()) : text(number.real());
  fail(ErrorKind::Runtime, caller, inplace ? "_" : "", "(): value cannot be converted to type ", name_of(dtype),
       " without overflow; it is ", shown, number.kind == ValueKind::Complex ? " and an imaginary part" : "",
       ". Use a wider dtype.");
}

}  // namespace ember
