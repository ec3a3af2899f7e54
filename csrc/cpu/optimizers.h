// One optimizer step over all parameters of a group: one parallel region over their elements laid end to end, so that
// many small tensors and a few large ones split alike. Compiled once per instruction set: no std:: containers here.
#pragma once
#include "core/dtype.h"
#include "cpu/parallel.h"
#include "ops/optimizer_rules.h"
#include "scalar/types.h"

namespace ember {

// A parameter, its gradient and its states: arrays of one type with the elements in one order.
template <class Rule>
struct OptimizerSlot {
  void* parameter;
  const void* gradient;
  void* states[Rule::states > 0 ? Rule::states : 1];
  int64_t length;
  typename Rule::template Hyper<double> hyper;
};

// 16-bit floats are loaded, computed and stored through float.
EMBER_FN float load_number(float x) { return x; }
EMBER_FN double load_number(double x) { return x; }
EMBER_FN float load_number(Half x) { return to_float(x); }
EMBER_FN float load_number(BFloat16 x) { return to_float(x); }
EMBER_FN void store_number(float& to, float x) { to = x; }
EMBER_FN void store_number(double& to, double x) { to = x; }
EMBER_FN void store_number(Half& to, float x) { to = to_half(x); }
EMBER_FN void store_number(BFloat16& to, float x) { to = to_bfloat16(x); }

// Elements [begin, end) of one parameter. The arrays never overlap: the caller has checked.
template <class Rule, class T>
EMBER_FN void update_range(const OptimizerSlot<Rule>& slot, int64_t begin, int64_t end) {
  using X = decltype(load_number(T()));
  const auto h = Rule::template rounded<X>(slot.hyper);
  T* __restrict parameter = static_cast<T*>(slot.parameter);
  const T* __restrict gradient = static_cast<const T*>(slot.gradient);
  T* __restrict first = static_cast<T*>(slot.states[0]);
  if constexpr (Rule::states == 0) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) {
      X x = load_number(parameter[i]);
      Rule::step(x, load_number(gradient[i]), h);
      store_number(parameter[i], x);
    }
  } else if constexpr (Rule::states == 1) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) {
      X x = load_number(parameter[i]), a = load_number(first[i]);
      Rule::step(x, load_number(gradient[i]), a, h);
      store_number(parameter[i], x);
      store_number(first[i], a);
    }
  } else if constexpr (Rule::states == 2) {
    T* __restrict second = static_cast<T*>(slot.states[1]);
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) {
      X x = load_number(parameter[i]), a = load_number(first[i]), b = load_number(second[i]);
      Rule::step(x, load_number(gradient[i]), a, b, h);
      store_number(parameter[i], x);
      store_number(first[i], a);
      store_number(second[i], b);
    }
  } else {
    T* __restrict second = static_cast<T*>(slot.states[1]);
    T* __restrict third = static_cast<T*>(slot.states[2]);
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) {
      X x = load_number(parameter[i]), a = load_number(first[i]), b = load_number(second[i]), c = load_number(third[i]);
      Rule::step(x, load_number(gradient[i]), a, b, c, h);
      store_number(parameter[i], x);
      store_number(first[i], a);
      store_number(second[i], b);
      store_number(third[i], c);
    }
  }
}

// One step of all `count` parameters.
template <class Rule, class T>
static void update_parameters(const OptimizerSlot<Rule>* slots, int64_t count) {
  int64_t total = 0;
  for (int64_t i = 0; i < count; ++i) total += slots[i].length;
  const auto update_part = [=](int64_t begin, int64_t end) {
    int64_t start = 0;  // of the slot, in the elements laid end to end
    for (int64_t i = 0; i < count && start < end; start += slots[i++].length) {
      const int64_t from = begin > start ? begin - start : 0;
      const int64_t to = end - start < slots[i].length ? end - start : slots[i].length;
      if (from < to) update_range<Rule, T>(slots[i], from, to);
    }
  };
  parallel_for(total, grain_of(Rule::cost), update_part, 16);
}

// The same by element type: Float16, BFloat16, Float32 or Float64.
template <class Rule>
EMBER_FN void update_by_type(DType dtype, const OptimizerSlot<Rule>* slots, int64_t count) {
  if (dtype == DType::Float32) update_parameters<Rule, float>(slots, count);
  else if (dtype == DType::Float64) update_parameters<Rule, double>(slots, count);
  else if (dtype == DType::BFloat16) update_parameters<Rule, BFloat16>(slots, count);
  else update_parameters<Rule, Half>(slots, count);
}

}  // namespace ember
