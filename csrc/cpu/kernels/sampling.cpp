#include "cpu/sampling_kernels.h"

#include "cpu/philox.h"
#include "cpu/types.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

// In (0, 1], every step of the bits used as far as the type has it.
EMBER_FN float above_zero(uint32_t bits) {
  return (float(int32_t(bits >> 16)) * 65536.0f + float(int32_t(bits & 0xffffu)) + 0.5f) * 0x1p-32f;
}
EMBER_FN double above_zero(uint64_t bits) { return (double(int64_t(bits >> 1)) + 0.5) * 0x1p-63; }

// In [0, 1) after rounding to T: no more bits than its mantissa holds.
template <class T, class Bits>
EMBER_FN auto below_one(Bits bits) {
  if constexpr (is_same<T, Half>) return float(int32_t(bits >> 21)) * 0x1p-11f;
  else if constexpr (is_same<T, BFloat16>) return float(int32_t(bits >> 24)) * 0x1p-8f;
  else return uniform_of_bits(bits);
}

template <class T, class X>
EMBER_FN T stored(X x) {
  if constexpr (Integer<T>) return T(int64_t(x));
  else return narrowed<T>(x);
}

// Number types by the width of their draws.
template <class T> struct Draws {
  using Bits = Bits32;
  using Normals = NormalFloats;
  using Number = float;
};
template <class T>
  requires(sizeof(T) == 8)
struct Draws<T> {
  using Bits = Bits64;
  using Normals = NormalDoubles;
  using Number = double;
};

template <class T>
void fill(Distribution distribution, PhiloxRange range, T* y, double first, double second, int64_t begin, int64_t end) {
  using Bits = typename Draws<T>::Bits;
  using Normals = typename Draws<T>::Normals;
  using X = typename Draws<T>::Number;
  const X a = X(first), b = X(second);
  switch (distribution) {
    case Distribution::Uniform: {
      const X width = X(second - first);
      return draw<Bits>(range, begin, end, [=](int64_t i, auto bits) { y[i] = stored<T>(a + X(below_one<T>(bits)) * width); });
    }
    case Distribution::Normal: return draw<Normals>(range, begin, end, [=](int64_t i, X z) { y[i] = stored<T>(a + b * z); });
    case Distribution::LogNormal:
      return draw<Normals>(range, begin, end, [=](int64_t i, X z) { y[i] = stored<T>(exp(a + b * z)); });
    case Distribution::Exponential: {
      const X scale = X(1 / first), least = X(0x1p-33);  // 0, where u rounds to 1, would be inf for whoever divides by it
      return draw<Bits>(range, begin, end, [=](int64_t i, auto bits) {
        const X x = -log(above_zero(bits));
        y[i] = stored<T>((x > least ? x : least) * scale);
      });
    }
    case Distribution::Cauchy: {
      const X pi = X(3.14159265358979323846);
      return draw<Bits>(range, begin, end,
                        [=](int64_t i, auto bits) { y[i] = stored<T>(a + b * tan(pi * (above_zero(bits) - X(0.5)))); });
    }
    case Distribution::Geometric: {
      const X scale = X(1 / log1p(-first));
      return draw<Bits>(range, begin, end, [=](int64_t i, auto bits) {
        const X trials = ceil(log(above_zero(bits)) * scale);
        y[i] = stored<T>(trials < X(1) ? X(1) : trials);
      });
    }
    case Distribution::Bernoulli:
      return draw<Bits>(range, begin, end,
                        [=](int64_t i, auto bits) { y[i] = stored<T>(X(uniform_of_bits(bits) < a ? 1 : 0)); });
  }
}

template <class T>
void drop(PhiloxRange range, const T* x, T* y, double p, int64_t begin, int64_t end) {
  const double threshold = p * 0x1p32;
  const uint32_t last_dropped = threshold >= 1 ? uint32_t(uint64_t(threshold) - 1) : 0;  // all bits where p is 1
  const auto scale = decltype(widen(T()))(typename Draws<T>::Number(p < 1 ? 1 / (1 - p) : 0));
  draw<Bits32>(range, begin, end, [=](int64_t i, uint32_t bits) {
    const auto kept = widen(x[i]) * scale;
    y[i] = bits > last_dropped ? narrowed<T>(kept) : narrowed<T>(decltype(kept)(0));
  });
}

}  // namespace

void fill_random(Distribution distribution, PhiloxRange range, void* out, DType dtype, double a, double b, int64_t begin,
                 int64_t end) {
  dispatch_real(dtype, [=]<class T>() { fill<T>(distribution, range, static_cast<T*>(out), a, b, begin, end); });
}

void fill_integers(PhiloxRange range, void* out, DType dtype, int64_t from, uint64_t count, int64_t begin, int64_t end) {
  dispatch_real(dtype, [=]<class T>() {
    T* y = static_cast<T*>(out);
    if (count == 0)
      draw<Bits64>(range, begin, end, [=](int64_t i, uint64_t bits) { y[i] = stored<T>(int64_t(uint64_t(from) + bits)); });
    else if (count > 0x100000000u)
      draw<Bits64>(range, begin, end,
                   [=](int64_t i, uint64_t bits) { y[i] = stored<T>(int64_t(uint64_t(from) + bits % count)); });
    else
      draw<Bits32>(range, begin, end,
                   [=](int64_t i, uint32_t bits) { y[i] = stored<T>(int64_t(uint64_t(from) + (bits * count >> 32))); });
  });
}

void draw_bernoulli(PhiloxRange range, const void* x, void* y, DType dtype, int64_t begin, int64_t end) {
  dispatch_floating(dtype, [=]<class T>() {
    const T* p = static_cast<const T*>(x);
    T* out = static_cast<T*>(y);
    draw<typename Draws<T>::Bits>(range, begin, end, [=](int64_t i, auto bits) {
      out[i] = narrowed<T>(uniform_of_bits(bits) < widen(p[i]) ? 1.0f : 0.0f);
    });
  });
}

void drop_elements(PhiloxRange range, const void* x, void* y, DType dtype, double p, int64_t begin, int64_t end) {
  auto run = [=]<class T>() { drop<T>(range, static_cast<const T*>(x), static_cast<T*>(y), p, begin, end); };
  if (dtype == DType::Complex64) run.template operator()<Complex<float>>();
  else if (dtype == DType::Complex128) run.template operator()<Complex<double>>();
  else dispatch_floating(dtype, run);
}

}  // namespace ember::EMBER_ISA
