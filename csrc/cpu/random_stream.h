// A stream of random numbers of each element's own, for draws that need a number of them that is not known beforehand.
#pragma once
#include <cmath>

#include "core/random.h"
#include "scalar/philox.h"

namespace ember {

// Pairs of uniform numbers in [0, 1): next() gives one and leaves the other in `second`. One counter serves an element,
// because the rounds count in a word that other draws leave at 0.
struct RandomStream {
  PhiloxRange range;
  uint64_t counter;
  uint32_t round = 0;
  double second = 0;
  double next() {
    const PhiloxWords words = philox_rounds({{uint32_t(counter), uint32_t(counter >> 32), round++, 1}}, uint32_t(range.seed),
                                            uint32_t(range.seed >> 32));
    second = uniform_of_bits(uint64_t(words.word[2]) | uint64_t(words.word[3]) << 32);
    return uniform_of_bits(uint64_t(words.word[0]) | uint64_t(words.word[1]) << 32);
  }
  // Box and Muller.
  double normal() {
    const double u = next();
    return std::sqrt(-2 * std::log(1 - u)) * std::cos(2 * 3.141592653589793 * second);
  }
};

}  // namespace ember
