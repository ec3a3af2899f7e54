// Optimizer steps: all instruction sets, thread counts and ways to split give the same bits; 16-bit types are rounded once.
// sources: cpu/dispatch.cpp cpu/kernels/optimizers.cpp core/threads.cpp
#include "cpu/optimizers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "check.h"
#include "cpu/dispatch.h"

using namespace ember;

#define DECLARE(name, Rule) void name(DType dtype, const OptimizerSlot<Rule>* slots, int64_t count);
#define DECLARE_ALL \
  DECLARE(update_sgd, Sgd) \
  DECLARE(update_sgd_momentum, SgdMomentum) \
  DECLARE(update_amsgrad, Adam<true>)
namespace ember {
#if EMBER_MULTI_ISA
namespace v3 {
DECLARE_ALL
}
namespace v4 {
DECLARE_ALL
}
namespace oldest = v3;
#else
namespace generic {
DECLARE_ALL
}
namespace oldest = generic;
#endif
}  // namespace ember

static std::mt19937 generator(1);

template <class T>
T of_float(float x) {
  if constexpr (is_same<T, Half>) return to_half(x);
  else if constexpr (is_same<T, BFloat16>) return to_bfloat16(x);
  else return T(x);
}

template <class T>
std::vector<T> draw(int64_t n) {
  std::normal_distribution<float> normal;
  std::vector<T> values;
  for (int64_t i = 0; i < n; ++i) values.push_back(of_float<T>(normal(generator)));
  return values;
}

// Five arrays of one length: parameter, gradient and up to three states.
template <class T>
struct Data {
  std::vector<T> arrays[5];
  explicit Data(int64_t n) {
    for (auto& array : arrays) array = draw<T>(n);
    for (int state = 3; state < 5; ++state)  // mean squares are not negative
      for (T& x : arrays[state]) x = of_float<T>(std::abs(float(load_number(x))));
  }
  template <class Rule>
  OptimizerSlot<Rule> slot(int64_t begin, int64_t end, const typename Rule::template Hyper<double>& hyper) {
    OptimizerSlot<Rule> slot{arrays[0].data() + begin, arrays[1].data() + begin, {}, end - begin, hyper};
    for (int i = 0; i < Rule::states; ++i) slot.states[i] = arrays[2 + i].data() + begin;
    return slot;
  }
  bool operator==(const Data& other) const {
    for (int i = 0; i < 5; ++i)
      if (std::memcmp(arrays[i].data(), other.arrays[i].data(), arrays[i].size() * sizeof(T))) return false;
    return true;
  }
};

template <class Rule, class T>
void check_splits(DType dtype, void (*kernel)(DType, const OptimizerSlot<Rule>*, int64_t),
                  void (*newest)(DType, const OptimizerSlot<Rule>*, int64_t),
                  const typename Rule::template Hyper<double>& hyper) {
  for (int64_t n : {0, 1, 15, 16, 17, 1000, 300001}) {
    const Data<T> start(n);
    Data<T> whole = start, parts = start, serial = start, other = start;
    const auto slot = whole.template slot<Rule>(0, n, hyper);
    kernel(dtype, &slot, 1);
    std::vector<OptimizerSlot<Rule>> slots;
    for (int64_t begin = 0, size = 0; begin < n; begin += size) {
      size = std::min<int64_t>(n - begin, int64_t(generator() % (n < 2000 ? 40 : 40000)));
      slots.push_back(parts.template slot<Rule>(begin, begin + size, hyper));
    }
    kernel(dtype, slots.data(), int64_t(slots.size()));
    CHECK(whole == parts);
    {
      SerialScope one_thread;
      const auto alone = serial.template slot<Rule>(0, n, hyper);
      kernel(dtype, &alone, 1);
    }
    CHECK(whole == serial);
    const auto last = other.template slot<Rule>(0, n, hyper);
    newest(dtype, &last, 1);
    CHECK(whole == other);
    CHECK(n == 0 || !(whole == start));
  }
}

template <class Rule>
void check_types(void (*kernel)(DType, const OptimizerSlot<Rule>*, int64_t),
                 void (*newest)(DType, const OptimizerSlot<Rule>*, int64_t),
                 const typename Rule::template Hyper<double>& hyper) {
  check_splits<Rule, float>(DType::Float32, kernel, newest, hyper);
  check_splits<Rule, double>(DType::Float64, kernel, newest, hyper);
  check_splits<Rule, Half>(DType::Float16, kernel, newest, hyper);
  check_splits<Rule, BFloat16>(DType::BFloat16, kernel, newest, hyper);
}

// A 16-bit step is the float step of the same numbers, rounded at the end.
void check_rounding() {
  const SgdMomentum::Hyper<double> hyper{.1, .01, 1, .9, .5, .9, 0};
  Data<BFloat16> narrow(1000);
  Data<float> wide(1000);
  for (int i = 0; i < 5; ++i)
    for (size_t j = 0; j < 1000; ++j) wide.arrays[i][j] = to_float(narrow.arrays[i][j]);
  const auto narrow_slot = narrow.slot<SgdMomentum>(0, 1000, hyper);
  const auto wide_slot = wide.slot<SgdMomentum>(0, 1000, hyper);
  oldest::update_sgd_momentum(DType::BFloat16, &narrow_slot, 1);
  oldest::update_sgd_momentum(DType::Float32, &wide_slot, 1);
  for (int i = 0; i < 5; ++i)
    for (size_t j = 0; j < 1000; ++j) CHECK(narrow.arrays[i][j].bits == to_bfloat16(wide.arrays[i][j]).bits);
}

int main() {
  const Sgd::Hyper<double> sgd{.1, .01, -1};
  const SgdMomentum::Hyper<double> momentum{.1, .01, 1, .9, .5, .9, 1};
  const Adam<true>::Hyper<double> amsgrad{.999, 0, 1, .1, .999, .001, .01, 1e-9};
#if EMBER_MULTI_ISA
  const bool v4 = processor_is_v4();
  check_types<Sgd>(v3::update_sgd, v4 ? v4::update_sgd : v3::update_sgd, sgd);
  check_types<SgdMomentum>(v3::update_sgd_momentum, v4 ? v4::update_sgd_momentum : v3::update_sgd_momentum, momentum);
  check_types<Adam<true>>(v3::update_amsgrad, v4 ? v4::update_amsgrad : v3::update_amsgrad, amsgrad);
#else
  check_types<Sgd>(generic::update_sgd, generic::update_sgd, sgd);
  check_types<SgdMomentum>(generic::update_sgd_momentum, generic::update_sgd_momentum, momentum);
  check_types<Adam<true>>(generic::update_amsgrad, generic::update_amsgrad, amsgrad);
#endif
  check_rounding();
  return 0;
}
