// Reductions whose state is one number: the monoids. Their gradients stand in reductions.cpp.
#pragma once
#include "op/monoid.h"

namespace ember {

struct sum {
  static constexpr Record record = {
      .schema = "sum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
      .doc = "Sum of the elements over the dims in `dim`; over all of them by default.",
      .types = kNumbers | kUnsigned,
  };
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return state + x; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return summed_dtype(input); }
  static void backward(Backward& b);
};
EMBER_REDUCTION(sum)

struct mean {
  static constexpr Record record = {
      .schema = "mean(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
      .doc = "Mean of the elements over the dims in `dim`; over all of them by default. nan where there are none.",
      .types = kInexact,
  };
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return state + x; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
  template <class S> EMBER_FN static S finish(S state, double count) { return state / count; }
  static DType result(DType input) { return input; }
  static void backward(Backward& b);
};
EMBER_REDUCTION(mean)

struct prod {
  static constexpr Record record = {
      .schema = "prod(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
      .doc = "Product of the elements over the dims in `dim`; over all of them by default.",
      .types = kNumbers | kUnsigned,
      .saves = "input out",
      .autocast = Autocast::Float32,
  };
  template <class X> EMBER_FN static X init() { return X(1); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return state * x; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a * b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return summed_dtype(input); }
  static void backward(Backward& b);
};
EMBER_REDUCTION(prod)

struct nansum {
  static constexpr Record record = {
      .schema = "nansum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
      .doc = "Sum of the elements over the dims in `dim`, nan counted as 0.",
      .types = kReal | kUnsigned,
      .saves = "input",
  };
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return x != x ? state : state + x; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return summed_dtype(input); }
  static void backward(Backward& b);
};
EMBER_REDUCTION(nansum)

// nan is larger, and smaller, than any number: where there is one, it is the result.
struct amax {
  static constexpr Record record = {
      .schema = "amax(Tensor input, int[]? dim=[], bool keepdim=False) -> Tensor",
      .doc = "The largest element over the dims in `dim`; over all of them by default. Equal ones share the gradient.",
      .types = kReal,
      .saves = "input out",
  };
  static constexpr bool needs_elements = true;
  template <class X> EMBER_FN static X init() { return lowest_of<X>; }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return (x > state) | (x != x) ? S(x) : state; }
  template <class S> EMBER_FN static S merge(S a, S b) { return step(a, b); }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return input; }
  static void backward(Backward& b);
};
EMBER_REDUCTION(amax)

struct amin {
  static constexpr Record record = {
      .schema = "amin(Tensor input, int[]? dim=[], bool keepdim=False) -> Tensor",
      .doc = "The smallest element over the dims in `dim`; over all of them by default. Equal ones share the gradient.",
      .types = kReal,
      .saves = "input out",
  };
  static constexpr bool needs_elements = true;
  template <class X> EMBER_FN static X init() { return highest_of<X>; }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return (x < state) | (x != x) ? S(x) : state; }
  template <class S> EMBER_FN static S merge(S a, S b) { return step(a, b); }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return input; }
  static void backward(Backward& b);
};
EMBER_REDUCTION(amin)

struct any {
  static constexpr Record record = {
      .schema = "any(Tensor input, int[]? dim=None, bool keepdim=False) -> Tensor",
      .doc = "Whether an element over the dims in `dim` is not zero.",
      .types = kAny,
      .result = Result::Bool,
  };
  static constexpr bool real_lanes = true;
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return x != X(0) ? S(1) : state; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a > b ? a : b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return input == DType::UInt8 ? input : DType::Bool; }
};
EMBER_REDUCTION(any)

struct all {
  static constexpr Record record = {
      .schema = "all(Tensor input, int[]? dim=None, bool keepdim=False) -> Tensor",
      .doc = "Whether no element over the dims in `dim` is zero.",
      .types = kAny,
      .result = Result::Bool,
  };
  static constexpr bool real_lanes = true;
  template <class X> EMBER_FN static X init() { return X(1); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return x != X(0) ? state : S(0); }
  template <class S> EMBER_FN static S merge(S a, S b) { return a < b ? a : b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType input) { return input == DType::UInt8 ? input : DType::Bool; }
};
EMBER_REDUCTION(all)

struct count_nonzero {
  static constexpr Record record = {
      .schema = "_count_nonzero(Tensor input, int[]? dim=None, bool keepdim=False) -> Tensor",
      .doc = "The number of elements over the dims in `dim` that are not zero.",
      .types = kNumbers | kHalfComplex,
      .where = 0,
  };
  static constexpr bool real_lanes = true;
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return x != X(0) ? state + S(1) : state; }
  template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
  template <class S> EMBER_FN static S finish(S state, double) { return state; }
  static DType result(DType) { return DType::Int64; }
};
EMBER_REDUCTION(count_nonzero)

template <class X> EMBER_FN X size_squared(X x) { return x * x; }
template <class T> EMBER_FN T size_squared(Complex<T> x) { return x.re * x.re + x.im * x.im; }

struct norm_2 {
  static constexpr Record record = {
      .schema = "_norm_2(Tensor input, int[]? dim=None, bool keepdim=False) -> Tensor",
      .doc = "The Euclidean norm, sqrt(sum(|x|^2)), over the dims in `dim`. Its gradient at 0 is 0.",
      .types = kInexact | kHalfComplex,
      .saves = "input out",
      .where = 0,
  };
  static constexpr bool real_lanes = true;
  template <class X> EMBER_FN static X init() { return X(0); }
  template <class S, class X> EMBER_FN static S step(S state, X x) { return state + size_squared(x); }
  template <class S> EMBER_FN static S merge(S a, S b) { return a + b; }
  template <class S> EMBER_FN static S finish(S state, double) { return sqrt(state); }
  static DType result(DType input) { return real_of(input); }
  static void backward(Backward& b);
};
EMBER_REDUCTION(norm_2)

// ---- states of more than one number

struct moments {
  static constexpr Record record = {
      .schema =
          "_moments(Tensor input, int[]? dim=None, bool keepdim=False, number correction=1) -> (Tensor variance, Tensor mean)",
      .doc = "sum((x - mean)^2) / max(0, count - correction) and mean over the dims in `dim`.",
      .source = "Chan, Golub, LeVeque 1979 (merging of blocks)",
      .types = kFloat,
      .saves = "input mean",
      .where = 0,
  };
  static constexpr bool moments_state = true;
  static void infer(Call& call);
  static void backward(Backward& b);
};
EMBER_REDUCTION(moments)

struct max_dim {
  static constexpr Record record = {
      .schema = "max_dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The largest element along dim and the index of the first such.",
      .types = kReal,
      .saves = "indices",
      .where = 0,
  };
  static constexpr int extreme = 1;
  static void infer(Call& call);
  static void backward(Backward& b);
};
EMBER_REDUCTION(max_dim)

struct min_dim {
  static constexpr Record record = {
      .schema = "min_dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The smallest element along dim and the index of the first such.",
      .types = kReal,
      .saves = "indices",
      .where = 0,
  };
  static constexpr int extreme = -1;
  static void infer(Call& call);
  static void backward(Backward& b);
};
EMBER_REDUCTION(min_dim)

struct argmax {
  static constexpr Record record = {
      .schema = "argmax(Tensor input, int? dim=None, bool keepdim=False) -> Tensor",
      .doc = "The index of the first largest element along dim; of the flattened input by default.",
      .types = kReal,
  };
  static constexpr int extreme = 1;
  static constexpr bool index_only = true;
  static void infer(Call& call);
};
EMBER_REDUCTION(argmax)

struct argmin {
  static constexpr Record record = {
      .schema = "argmin(Tensor input, int? dim=None, bool keepdim=False) -> Tensor",
      .doc = "The index of the first smallest element along dim; of the flattened input by default.",
      .types = kReal,
  };
  static constexpr int extreme = -1;
  static constexpr bool index_only = true;
  static void infer(Call& call);
};
EMBER_REDUCTION(argmin)

}  // namespace ember
