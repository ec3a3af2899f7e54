// What a file of reductions (csrc/ops/reductions.h) stands on. Read once for the registry and once for each instruction
// set, where nothing may leave a symbol behind.
//
//   struct sum {
//     static constexpr Record record = {.schema = "sum(Tensor input, int[]? dim=None, bool keepdim=False, ...) -> Tensor"};
//     template <class X> EMBER_FN static X init() { return X(0); }
//     template <class S, class X> EMBER_FN static S step(S state, X x) { return state + x; }
//     template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
//     template <class S> EMBER_FN static S finish(S state, double count) { return state; }
//     static DType result(DType input) { return summed_dtype(input); }  // the rule of the element type
//     static void backward(Backward& backward);
//   };
//   EMBER_REDUCTION(sum)
//
// Two kinds of state are more than a number and have loops of their own: `moments` (count, mean, squared deviations) and
// `extreme` (1: the largest element and its index, -1: the smallest).
// A loop steps over blocks in lanes of the compute type; block results meet in the wider type that finish() sees.
#pragma once
#include "core/dtype.h"
#include "op/record.h"

namespace ember {

struct Backward;
struct Call;

// Sums and products of integers and bool are int64.
inline DType summed_dtype(DType input) { return is_differentiable(input) ? input : DType::Int64; }

template <class X> struct WidenedType {
  using type = X;
};
template <> struct WidenedType<float> {
  using type = double;
};
template <> struct WidenedType<Complex<float>> {
  using type = Complex<double>;
};
template <class X> using Widened = typename WidenedType<X>::type;

template <class X> struct RealType {
  using type = X;
};
template <class T> struct RealType<Complex<T>> {
  using type = T;
};
template <class X> using Real = typename RealType<X>::type;

// What every number of the type is above, and below.
template <class X> inline constexpr X lowest_of = X(int64_t(1) << 63);
template <> inline constexpr float lowest_of<float> = -__builtin_huge_valf();
template <> inline constexpr double lowest_of<double> = -__builtin_huge_val();
template <class X> inline constexpr X highest_of = ~X(int64_t(1) << 63);
template <> inline constexpr float highest_of<float> = __builtin_huge_valf();
template <> inline constexpr double highest_of<double> = __builtin_huge_val();

// What a lane holds between steps: the element's own type, or its real type where the operation says so (norms).
template <class Op, class X> struct LaneType {
  using type = X;
};
template <class Op, class X>
  requires requires { Op::real_lanes; }
struct LaneType<Op, X> {
  using type = Real<X>;
};
template <class Op, class X> using Lane = typename LaneType<Op, X>::type;

inline constexpr int kMaxReduced = 2;  // results of one reduction: max and its index, variance and mean

// One compute type's loops, made from the monoid for one instruction set (cpu/reduce_loops.h). States are opaque.
struct ReductionLoop {
  int64_t state_bytes;
  DType results[kMaxReduced];  // the types that finish writes
  void (*start)(void* states, int64_t n);
  // Adds `rows` rows of n contiguous elements, `stride` elements apart, to one state each. `base` is the index of the
  // first element along the reduced dim.
  void (*rows)(const void* x, int64_t stride, int64_t rows, int64_t n, int64_t base, void* states);
  // Adds the columns of such a block to n states.
  void (*columns)(const void* x, int64_t stride, int64_t rows, int64_t n, int64_t base, void* states);
  void (*merge)(void* states, const void* others, int64_t n);
  void (*finish)(const void* states, void* const* outs, int64_t n, double count, double number);
};

struct ReductionLoops {
  const char* schema;
  ReductionLoop typed[5];  // int64, float32, float64, complex64, complex128
};

}  // namespace ember
