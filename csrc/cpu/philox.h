// Loops over the elements of a random draw, a group of counters at a time, so that they vectorise. For csrc/cpu/kernels.
// begin and end may be anything; in parallel, parts on multiples of 64 elements compute no group twice.
#pragma once
#include "scalar/normal.h"
#include "scalar/philox.h"

namespace ember {

// The words of 16 counters from `counter` on, word by word.
EMBER_FN void philox_group(uint64_t seed, uint64_t counter, uint32_t (&words)[4][kPhiloxLanes]) {
  uint32_t c0[kPhiloxLanes], c1[kPhiloxLanes];
  for (int lane = 0; lane < kPhiloxLanes; ++lane) {
    c0[lane] = uint32_t(counter + uint64_t(lane));
    c1[lane] = uint32_t((counter + uint64_t(lane)) >> 32);
  }
  for (int lane = 0; lane < kPhiloxLanes; ++lane) {
    const PhiloxWords all = philox_rounds({{c0[lane], c1[lane], 0, 0}}, uint32_t(seed), uint32_t(seed >> 32));
    for (int row = 0; row < 4; ++row) words[row][lane] = all.word[row];
  }
}

// Fills one group of a draw: `size` values of type V from 16 counters.
struct Bits32 {
  using Value = uint32_t;
  static constexpr int64_t size = kPhiloxGroup32;
  EMBER_FN static void fill(uint32_t (&words)[4][kPhiloxLanes], uint32_t* values) {
    for (int place = 0; place < size; ++place) values[place] = words[place / kPhiloxLanes][place % kPhiloxLanes];
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
      for (int64_t place = 0; place < Group::size; ++place) f(first + place, values[place]);
    } else {
      for (int64_t place = 0; place < Group::size; ++place)
        if (first + place >= begin && first + place < end) f(first + place, values[place]);
    }
  }
}

}  // namespace ember
