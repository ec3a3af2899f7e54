// From a formula to its loops, for one instruction set: included by csrc/cpu/kernels/pointwise_*.cpp alone.
// A loop runs over contiguous arrays of one compute type; strides, broadcasting and casts are the engine's (tiles).
#pragma once
#include <utility>

#include "op/formula.h"

namespace ember {

using PointwiseLoop = void (*)(const void* const* inputs, void* out, const Number64* numbers, int64_t n);
struct PointwiseLoops {
  const char* schema;
  PointwiseLoop forward[5];
  PointwiseLoop gradient[4][5];
};

namespace EMBER_ISA {

template <class Op, class T, size_t... I, size_t... N>
[[gnu::always_inline]] static inline void forward_over(const void* const* inputs, void* out, const Number64* numbers, int64_t n,
                                                       std::index_sequence<I...>, std::index_sequence<N...>) {
  const T* x[sizeof...(I)] = {static_cast<const T*>(inputs[I])...};
  const Number<T> number[sizeof...(N) + 1] = {number_as<T>(numbers[N])..., Number<T>()};
  (void)number;
  T* y = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = Op::template forward<T>(x[I][i]..., number[N]...);
}

// d/dx_k of the formula, times g: the formula on Dual, seeded at k.
template <class Op, class T, size_t K, size_t... I, size_t... N>
[[gnu::always_inline]] static inline void gradient_over(const void* const* inputs, void* out, const Number64* numbers,
                                                        int64_t n, std::index_sequence<I...>, std::index_sequence<N...>) {
  const T* g = static_cast<const T*>(inputs[0]);
  const T* x[sizeof...(I)] = {static_cast<const T*>(inputs[I + 1])...};
  const Number<T> number[sizeof...(N) + 1] = {number_as<T>(numbers[N])..., Number<T>()};
  (void)number;
  T* y = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    const T derivative = Op::template forward<Dual<T>>(Dual<T>(x[I][i], T(I == K ? 1 : 0))..., number[N]...).derivative;
    if constexpr (is_complex<T>) y[i] = g[i] * conj(derivative);
    else y[i] = g[i] * derivative;
  }
}

template <class Op, class T>
static void forward_loop(const void* const* inputs, void* out, const Number64* numbers, int64_t n) {
  forward_over<Op, T>(inputs, out, numbers, n, std::make_index_sequence<tensors_in(Op::record.schema)>(),
                      std::make_index_sequence<numbers_in(Op::record.schema)>());
}

template <class Op, class T, size_t K>
static void gradient_loop(const void* const* inputs, void* out, const Number64* numbers, int64_t n) {
  if constexpr (requires { &Op::template from_output<T>; }) {
    const T* g = static_cast<const T*>(inputs[0]);
    const T* y = static_cast<const T*>(inputs[1]);
    T* gx = static_cast<T*>(out);
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = Op::template from_output<T>(g[i], y[i]);
  } else {
    gradient_over<Op, T, K>(inputs, out, numbers, n, std::make_index_sequence<tensors_in(Op::record.schema)>(),
                            std::make_index_sequence<numbers_in(Op::record.schema)>());
  }
}

template <class Op, size_t K>
consteval void add_gradients(PointwiseLoops& loops) {
  if constexpr (is_differentiable_formula<Op> && K < tensors_in(Op::record.schema)) {
    if constexpr (Op::record.types & kFloat) {
      loops.gradient[K][1] = gradient_loop<Op, float, K>;
      loops.gradient[K][2] = gradient_loop<Op, double, K>;
    }
    if constexpr (Op::record.types & kComplex) {
      loops.gradient[K][3] = gradient_loop<Op, Complex<float>, K>;
      loops.gradient[K][4] = gradient_loop<Op, Complex<double>, K>;
    }
    add_gradients<Op, K + 1>(loops);
  }
}

// Integer inputs of a `Result::Floating` formula are converted on the way in, so that it needs no integer loop.
template <class Op>
consteval PointwiseLoops loops_of() {
  PointwiseLoops loops = {};
  loops.schema = Op::record.schema;
  if constexpr ((Op::record.types & (kInteger | kBool)) && Op::record.result != Result::Floating)
    loops.forward[0] = forward_loop<Op, int64_t>;
  if constexpr (Op::record.types & kFloat) {
    loops.forward[1] = forward_loop<Op, float>;
    loops.forward[2] = forward_loop<Op, double>;
  }
  if constexpr (Op::record.types & kComplex) {
    loops.forward[3] = forward_loop<Op, Complex<float>>;
    loops.forward[4] = forward_loop<Op, Complex<double>>;
  }
  add_gradients<Op, 0>(loops);
  return loops;
}

}  // namespace EMBER_ISA
}  // namespace ember

#define EMBER_TEXT_(x) #x
#define EMBER_TEXT(x) EMBER_TEXT_(x)
#define EMBER_REGISTER(op) \
  namespace EMBER_ISA { \
  static constinit const PointwiseLoops loops_##op = ember::EMBER_ISA::loops_of<op>(); \
  [[gnu::section("ember_loops_" EMBER_TEXT(EMBER_ISA)), gnu::used]] static constinit const PointwiseLoops* const listed_##op = \
      &loops_##op; \
  }
