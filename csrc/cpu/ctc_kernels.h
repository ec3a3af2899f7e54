// The loop of ctc_loss over one sample.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

constexpr int64_t kCtcPad = 2;  // states before the first and behind the last that no path is in

struct CtcSample {
  const void* log_probs;  // of `compute`: `steps` rows of `classes` numbers, `stride` numbers apart
  DType compute;          // Float32 or Float64
  int64_t steps, classes, stride;
  const int64_t* labels;  // of the states: blank, first target, blank, second target, ..., blank
  int64_t states;
  double* scratch;        // ctc_scratch(steps, states, gradient) numbers
  double* loss;
  void* slope;            // like log_probs, of all_steps rows; null where no gradient is wanted
  int64_t all_steps;
  bool zero_infinity;
};

constexpr int64_t ctc_scratch(int64_t steps, int64_t states, bool gradient) {
  return (states + 2 * kCtcPad) * (gradient ? steps + 5 : 3);
}

EMBER_KERNEL(ctc_sample, (const CtcSample& sample))

}  // namespace ember
