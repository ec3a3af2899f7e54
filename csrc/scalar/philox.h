// Random bits as a function of (seed, counter): Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as
// 1, 2, 3"). Element i of a draw is the same whatever thread or device computes it.
//
// Which word of which counter element i takes: 16 counters in a row make a group, so that a loop over them fills whole
// vectors. A group holds 64 draws of 32 bits (place p: counter p % 16, word p / 16) or 32 draws of 64 bits (place p:
// counter p % 16, words 2 (p / 16) and 2 (p / 16) + 1, the first one low).
#pragma once
#include "types.h"

namespace ember {

// The counters [offset, offset + n) of the stream `seed` that a draw has reserved.
struct PhiloxRange {
  uint64_t seed;
  uint64_t offset;
};

struct PhiloxWords {
  uint32_t word[4];
};

inline constexpr int kPhiloxLanes = 16;                       // counters of a group
inline constexpr int64_t kPhiloxGroup32 = 4 * kPhiloxLanes;   // its draws of 32 bits
inline constexpr int64_t kPhiloxGroup64 = 2 * kPhiloxLanes;   // its draws of 64 bits

// The counters to reserve for n elements.
EMBER_FN constexpr uint64_t philox_counters_32(int64_t n) {
  return uint64_t((n + kPhiloxGroup32 - 1) / kPhiloxGroup32) * kPhiloxLanes;
}
EMBER_FN constexpr uint64_t philox_counters_64(int64_t n) {
  return uint64_t((n + kPhiloxGroup64 - 1) / kPhiloxGroup64) * kPhiloxLanes;
}

// The function itself: a counter of four words, a key of two, ten rounds.
EMBER_FN PhiloxWords philox_rounds(PhiloxWords counter, uint32_t key0, uint32_t key1) {
  uint32_t c0 = counter.word[0], c1 = counter.word[1], c2 = counter.word[2], c3 = counter.word[3];
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t(0xD2511F53u) * c0, product1 = uint64_t(0xCD9E8D57u) * c2;
    c0 = uint32_t(product1 >> 32) ^ c1 ^ key0;
    c2 = uint32_t(product0 >> 32) ^ c3 ^ key1;
    c1 = uint32_t(product1);
    c3 = uint32_t(product0);
    key0 += 0x9E3779B9u;  // golden ratio
    key1 += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return {{c0, c1, c2, c3}};
}

EMBER_FN PhiloxWords philox(uint64_t seed, uint64_t counter) {
  return philox_rounds({{uint32_t(counter), uint32_t(counter >> 32), 0, 0}}, uint32_t(seed), uint32_t(seed >> 32));
}

// Element i of a draw alone. Loops over many use draw_32 and draw_64 in cpu/philox.h.
EMBER_FN uint32_t random_bits_32(PhiloxRange range, int64_t i) {
  const uint64_t group = uint64_t(i) / kPhiloxGroup32, place = uint64_t(i) % kPhiloxGroup32;
  return philox(range.seed, range.offset + group * kPhiloxLanes + place % kPhiloxLanes).word[place / kPhiloxLanes];
}
EMBER_FN uint64_t random_bits_64(PhiloxRange range, int64_t i) {
  const uint64_t group = uint64_t(i) / kPhiloxGroup64, place = uint64_t(i) % kPhiloxGroup64;
  const PhiloxWords words = philox(range.seed, range.offset + group * kPhiloxLanes + place % kPhiloxLanes);
  const bool second = place >= kPhiloxLanes;
  return uint64_t(words.word[second ? 2 : 0]) | uint64_t(words.word[second ? 3 : 1]) << 32;
}

// In [0, 1): multiples of 2^-24 and of 2^-53.
EMBER_FN float uniform_of_bits(uint32_t bits) { return float(int32_t(bits >> 8)) * 0x1p-24f; }
EMBER_FN double uniform_of_bits(uint64_t bits) { return double(int64_t(bits >> 11)) * 0x1p-53; }

}  // namespace ember
