// A loop over every scalar function: ORDER 0 its value, 1 its derivative, 2 the second one. The tests call them and read
// the compiler's report, which must say of each line that its loops are vectorised.
#include "../../csrc/scalar/dual.h"

namespace ember {

template <int order, class T>
EMBER_FN auto variable(T x) {
  if constexpr (order == 0) return x;
  else if constexpr (order == 1) return Dual<T>(x, T(1));
  else return Dual<Dual<T>>(Dual<T>(x, T(1)), Dual<T>(T(1)));
}
template <Floating T>
EMBER_FN T highest(T y) {
  return y;
}
template <class T>
EMBER_FN auto highest(Dual<T> y) {
  return highest(y.derivative);
}

}  // namespace ember

#define LOOP(name, type, formula) \
  extern "C" void name##_##type(const type* __restrict x, [[maybe_unused]] const type* __restrict y, type* __restrict z, \
                                long n) { \
    for (long i = 0; i < n; ++i) z[i] = formula; \
  }
#define UNARY(name, type) LOOP(name, type, ember::highest(ember::name(ember::variable<ORDER>(x[i]))))
#define FUNCTION(name, ...) \
  UNARY(name, float) \
  UNARY(name, double)
#include "functions.inc"

// Two arguments; the derivative is by the first one.
#define BINARY(name, type) LOOP(name, type, ember::highest(ember::name(ember::variable<ORDER>(x[i]), y[i])))
BINARY(pow, float)
BINARY(pow, double)
BINARY(atan2, float)
BINARY(atan2, double)
BINARY(hypot, float)
BINARY(hypot, double)
BINARY(copysign, float)
BINARY(copysign, double)
BINARY(min, float)
BINARY(min, double)
BINARY(max, float)
BINARY(max, double)

#if ORDER == 0
using ember::int64_t;
BINARY(fmod, float)
BINARY(remainder, float)
BINARY(floor_divide, float)
UNARY(floor, float)
UNARY(floor, double)
UNARY(ceil, float)
UNARY(ceil, double)
UNARY(trunc, float)
UNARY(trunc, double)
UNARY(round, float)
UNARY(round, double)
UNARY(abs, float)
UNARY(abs, double)
UNARY(sign, float)
UNARY(sign, double)
UNARY(reciprocal, float)
UNARY(reciprocal, double)
UNARY(square, float)
UNARY(square, double)
LOOP(through_half, float, ember::to_float(ember::to_half(x[i])))
LOOP(through_bfloat16, float, ember::to_float(ember::to_bfloat16(x[i])))
LOOP(complex_product, float, (ember::Complex<float>(x[i], y[i]) * ember::Complex<float>(y[i], x[i])).im)
LOOP(complex_exp, float, ember::exp(ember::Complex<float>(x[i], y[i])).re)
LOOP(complex_sqrt, float, ember::sqrt(ember::Complex<float>(x[i], y[i])).im)
LOOP(complex_log, float, ember::log(ember::Complex<float>(x[i], y[i])).im)
#endif
