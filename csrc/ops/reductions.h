// Reductions whose state is one number: the monoids. Their gradients stand in reductions.cpp.
#include "op/monoid.h"

namespace ember {

struct sum {
  static constexpr Record record = {
      .schema = "sum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
      .doc = "Sum of the elements over the dims in `dim`; over all of them by default.",
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

}  // namespace ember
