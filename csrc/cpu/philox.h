// Loops over the elements of a random draw, a group of counters at a time, so that they vectorise. For csrc/cpu/kernels.
// begin and end may be anything; in parallel, parts on multiples of 64 elements compute no group twice.
#pragma once
#include "scalar/normal.h"
#include "scalar/philox.h"

#if EMBER_MULTI_ISA
#include <immintrin.h>
#endif

namespace ember {

// 64-bit lanes for 32-bit words; what stands in their upper halves does not matter.
typedef uint64_t PhiloxVector __attribute__((vector_size(__BIGGEST_ALIGNMENT__)));

// Products of the lower halves. The compiler does not find the instruction that multiplies just these.
EMBER_FN PhiloxVector low_product(PhiloxVector x, uint32_t factor) {
#if EMBER_MULTI_ISA && __BIGGEST_ALIGNMENT__ == 64
  return PhiloxVector(_mm512_maskz_mul_epu32(0xff, __m512i(x), _mm512_set1_epi64(factor)));
#elif EMBER_MULTI_ISA && __BIGGEST_ALIGNMENT__ == 32
  return PhiloxVector(_mm256_mul_epu32(__m256i(x), _mm256_set1_epi64x(factor)));
#else
  return (x & 0xffffffff) * factor;
#endif
}

// The words of 16 counters from `counter` on, word by word: philox_rounds, the even counters in one vector and the odd
// ones in another, which together are one of 32-bit words.
EMBER_FN void philox_group(uint64_t seed, uint64_t counter, uint32_t (&words)[4][kPhiloxLanes]) {
  constexpr int lanes = __BIGGEST_ALIGNMENT__ / 8;
  constexpr uint64_t low = 0xffffffff;
  for (int first = 0; first < kPhiloxLanes; first += 2 * lanes) {
    PhiloxVector word[2][4] = {};  // of the even and of the odd counters
    for (int odd = 0; odd < 2; ++odd)
      for (int lane = 0; lane < lanes; ++lane) {
        word[odd][0][lane] = counter + uint64_t(first + 2 * lane + odd);
        word[odd][1][lane] = word[odd][0][lane] >> 32;
      }
    uint32_t key0 = uint32_t(seed), key1 = uint32_t(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      for (auto& w : word) {
        const PhiloxVector product0 = low_product(w[0], 0xD2511F53u), product1 = low_product(w[2], 0xCD9E8D57u);
        w[0] = (product1 >> 32) ^ w[1] ^ uint64_t(key0);
        w[2] = (product0 >> 32) ^ w[3] ^ uint64_t(key1);
        w[1] = product1;
        w[3] = product0;
      }
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    for (int row = 0; row < 4; ++row) {
      const PhiloxVector both = (word[0][row] & low) | (word[1][row] << 32);
      __builtin_memcpy(words[row] + first, &both, sizeof both);
    }
  }
}

// Fills one group of a draw: `size` values of type V from 16 counters.
struct Bits32 {
  using Value = uint32_t;
  static constexpr int64_t size = kPhiloxGroup32;
  EMBER_FN static void fill(uint32_t (&words)[4][kPhiloxLanes], uint32_t* values) {
    __builtin_memcpy(values, words, sizeof words);
  }
};
struct Bits64 {
  using Value = uint64_t;
  static constexpr int64_t size = kPhiloxGroup64;
  EMBER_FN static void fill(uint32_t (&words)[4][kPhiloxLanes], uint64_t* values) {
    for (int row = 0; row < 2; ++row)
      for (int lane = 0; lane < kPhiloxLanes; ++lane)
        values[row * kPhiloxLanes + lane] = uint64_t(words[2 * row][lane]) | uint64_t(words[2 * row + 1][lane]) << 32;
  }
};
struct NormalFloats {
  using Value = float;
  static constexpr int64_t size = kPhiloxGroup32;
  EMBER_FN static void fill(uint32_t (&words)[4][kPhiloxLanes], float* values) {
    for (int row = 0; row < 4; row += 2) {
      for (int lane = 0; lane < kPhiloxLanes; ++lane) {
        const NormalPair<float> pair = normal_of_bits(words[row][lane], words[row + 1][lane]);
        values[row * kPhiloxLanes + lane] = pair.cosine;
        values[(row + 1) * kPhiloxLanes + lane] = pair.sine;
      }
    }
  }
};
struct NormalDoubles {
  using Value = double;
  static constexpr int64_t size = kPhiloxGroup64;
  EMBER_FN static void fill(uint32_t (&words)[4][kPhiloxLanes], double* values) {
    for (int lane = 0; lane < kPhiloxLanes; ++lane) {
      const NormalPair<double> pair = normal_of_bits(uint64_t(words[0][lane]) | uint64_t(words[1][lane]) << 32,
                                                     uint64_t(words[2][lane]) | uint64_t(words[3][lane]) << 32);
      values[lane] = pair.cosine;
      values[kPhiloxLanes + lane] = pair.sine;
    }
  }
};

// Calls f(i, value) for begin <= i < end.
template <class Group, class F>
EMBER_FN void draw(PhiloxRange range, int64_t begin, int64_t end, F&& f) {
  uint32_t words[4][kPhiloxLanes];
  typename Group::Value values[Group::size];
  for (int64_t group = begin / Group::size; group * Group::size < end; ++group) {
    const int64_t first = group * Group::size;
    philox_group(range.seed, range.offset + uint64_t(group) * kPhiloxLanes, words);
    Group::fill(words, values);
    if (first >= begin && first + Group::size <= end) {
#pragma GCC ivdep
      for (int64_t place = 0; place < Group::size; ++place) f(first + place, values[place]);
    } else {
      for (int64_t place = 0; place < Group::size; ++place)
        if (first + place >= begin && first + place < end) f(first + place, values[place]);
    }
  }
}

}  // namespace ember
