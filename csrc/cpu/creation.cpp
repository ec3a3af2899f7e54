#include "ops/creation.h"

#include <cmath>

#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/types.h"

namespace ember::creation {

void zeros::cpu(Call& c) { fill_elements(c.out(), scalar(int64_t(0), DType::Int64)); }

void full::cpu(Call& c) {
  const Value& value = c.arg(1);
  Tensor number;
  if (value.kind == ValueKind::Complex) {
    number = ember::empty({}, DType::Complex128);
    *number.data<Complex<double>>() = value.complex();
  } else {
    number = value.kind == ValueKind::Float ? scalar(value.real(), DType::Float64) : scalar(value.integer(), DType::Int64);
  }
  fill_elements(c.out(), number);
}

namespace {

// out[i] = f(i), computed in double, or in int64 for integers.
template <class F>
void fill_by_index(const Tensor& out, F f) {
  dispatch(out.dtype(), [&]<class T>() {
    T* y = out.data<T>();
    parallel_for(
        out.numel(), grain_of(4),
        [=](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            if constexpr (is_complex<T>) y[i] = T(f(i));
            else y[i] = narrowed<T>(f(i));
          }
        },
        16);
  });
}

bool is_integer(const Value& value) { return value.kind == ValueKind::Int || value.kind == ValueKind::Bool; }

}  // namespace

void arange::cpu(Call& c) {
  if (is_integer(c.arg(0)) && is_integer(c.arg(2))) {
    const int64_t start = c.arg(0).integer(), step = c.arg(2).integer();
    return fill_by_index(c.out(), [=](int64_t i) { return start + i * step; });
  }
  if (is_integral(c.out().dtype())) {  // each number is rounded, as PyTorch does, not the sum
    const int64_t start = c.arg(0).integer(), step = c.arg(2).integer();
    return fill_by_index(c.out(), [=](int64_t i) { return start + i * step; });
  }
  const double start = c.arg(0).real(), step = c.arg(2).real();
  fill_by_index(c.out(), [=](int64_t i) { return start + double(i) * step; });
}

// From both ends to the middle, so that the last value is exact.
void linspace::cpu(Call& c) {
  const int64_t steps = c.arg(2).integer(), half = steps / 2;
  if (c.arg(0).kind == ValueKind::Complex || c.arg(1).kind == ValueKind::Complex)
    fail(ErrorKind::NotImplemented, "linspace(): complex ends are not supported; expected real numbers.");
  const bool whole = is_integral(c.out().dtype());  // then so are the ends
  const double start = whole ? std::trunc(c.arg(0).real()) : c.arg(0).real();
  const double end = whole ? std::trunc(c.arg(1).real()) : c.arg(1).real(),
               step = steps > 1 ? (end - start) / double(steps - 1) : 0;
  fill_by_index(c.out(), [=](int64_t i) {
    return i < half || steps == 1 ? start + double(i) * step : end - double(steps - 1 - i) * step;
  });
}

}  // namespace ember::creation
