// Half and BFloat16: every value, and the rounding of floats between them; integers that would trap.
// sources:
#include "scalar/math.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "check.h"

namespace {

// What the standard says about rounding to nearest: among two neighbours the nearer, at a tie the one with an even last bit.
template <class Short, class ToFloat, class ToShort>
void every_value(ToFloat to_float, ToShort to_short) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const Short x{uint16_t(bits)};
    const float value = to_float(x);
    if (std::isnan(value)) {
      CHECK(std::isnan(to_float(to_short(value))));
      continue;
    }
    CHECK(to_short(value).bits == bits);
    if (bits & 0x8000 || std::isinf(value)) continue;
    const float next = to_float(Short{uint16_t(bits + 1)});
    if (std::isinf(next)) continue;
    const float middle = float((double(value) + double(next)) / 2);
    CHECK(to_short(middle).bits == bits + (bits & 1));
    CHECK(to_short(std::nextafter(middle, 0.0f)).bits == bits);
    CHECK(to_short(std::nextafter(middle, INFINITY)).bits == bits + 1);
    CHECK(to_short(-std::nextafter(middle, 0.0f)).bits == (bits | 0x8000));
  }
}

void shorts() {
  every_value<ember::Half>([](ember::Half x) { return ember::to_float(x); }, [](float x) { return ember::to_half(x); });
  every_value<ember::BFloat16>([](ember::BFloat16 x) { return ember::to_float(x); },
                               [](float x) { return ember::to_bfloat16(x); });
  CHECK(ember::to_float(ember::to_half(1e-45f)) == 0);
  CHECK(ember::to_float(ember::Half{1}) == std::ldexp(1.0f, -24));
  CHECK(ember::to_float(ember::to_half(65519.0f)) == 65504 && std::isinf(ember::to_float(ember::to_half(65520.0f))));
  CHECK(std::isinf(ember::to_float(ember::to_bfloat16(std::numeric_limits<float>::max()))));
  uint32_t nan = 0x7f800001;  // the payload is in the half that is cut off
  float x;
  std::memcpy(&x, &nan, 4);
  CHECK(std::isnan(ember::to_float(ember::to_bfloat16(x))) && std::isnan(ember::to_float(ember::to_half(x))));
}

void integers() {
  const ember::int64_t least = std::numeric_limits<ember::int64_t>::min();
  for (ember::int64_t a : {least, least + 1, ember::int64_t(-7), ember::int64_t(0), ember::int64_t(7)}) {
    CHECK(ember::floor_divide(a, ember::int64_t(0)) == 0 && ember::remainder(a, ember::int64_t(0)) == 0);
    CHECK(ember::fmod(a, ember::int64_t(0)) == 0 && ember::remainder(a, ember::int64_t(-1)) == 0);
    CHECK(ember::trunc_divide(a, ember::int64_t(-1)) == ember::int64_t(0 - uint64_t(a)));
  }
  CHECK(ember::floor_divide(-7, 2) == -4 && ember::remainder(-7, 2) == 1 && ember::fmod(-7, 2) == -1);
  CHECK(ember::floor_divide(7, -2) == -4 && ember::remainder(7, -2) == -1);
  CHECK(ember::pow(-3, 3) == -27 && ember::pow(0, 0) == 1 && ember::pow(2, -1) == 0 && ember::pow(-1, -3) == -1);
  CHECK(ember::pow(uint8_t(2), uint8_t(8)) == 0 && ember::abs(-5) == 5 && ember::sign(-5) == -1);
  CHECK(ember::abs(least) == least);
}

void complex_numbers() {
  using Z = ember::Complex<float>;
  CHECK(Z(1, 2) * Z(3, -1) == Z(5, 5) && ember::abs(Z(5, 5) / Z(3, -1) - Z(1, 2)) < 1e-6f);
  const Z quotient = Z(1e30f, 1e30f) / Z(1e30f, -1e30f);  // the squares overflow
  CHECK(quotient == Z(0, 1));
  CHECK(ember::abs(Z(3e38f, 4e37f)) < INFINITY && ember::abs(ember::Complex<double>(3e-320, 4e-320)) > 0);
  CHECK(ember::sqrt(Z(-4, 0.0f)) == Z(0, 2) && ember::sqrt(Z(-4, -0.0f)) == Z(0, -2));
}

}  // namespace

int main() {
  shorts();
  integers();
  complex_numbers();
}
