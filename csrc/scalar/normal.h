// Normal numbers from random bits: Box and Muller 1958, "A note on the generation of random normal deviates".
#pragma once
#include "math.h"
#include "philox.h"

namespace ember {

// Two independent standard normal numbers.
template <Floating T>
struct NormalPair {
  T cosine, sine;
};

// Magnitudes to 6.7. The angle's quadrant and its rest in [-pi/4, pi/4) are read off the bits exactly.
EMBER_FN NormalPair<float> normal_of_bits(uint32_t radius_bits, uint32_t angle_bits) {
  // (0, 1] in steps of 2^-32, as far as float has them; the halves of the word avoid an unsigned conversion.
  const float u = (float(int32_t(radius_bits >> 16)) * 65536.0f + float(int32_t(radius_bits & 0xffffu)) + 0.5f) * 0x1p-32f;
  const float radius = sqrt(-2.0f * log(u));
  const uint32_t quadrant = (angle_bits + (1u << 29)) >> 30;
  const float angle = float(int32_t(angle_bits - (quadrant << 30))) * 0x1.921fb6p-30f;  // 2 pi / 2^32
  const float sine = series::sin_near_zero(angle), cosine = series::cos_near_zero(angle);
  const float x = quadrant & 1 ? sine : cosine, y = quadrant & 1 ? cosine : sine;
  const uint32_t x_sign = ((quadrant + 1) & 2) << 30, y_sign = (quadrant & 2) << 30;
  return {radius * bit_cast<float>(bit_cast<uint32_t>(x) ^ x_sign), radius * bit_cast<float>(bit_cast<uint32_t>(y) ^ y_sign)};
}

// Magnitudes to 9.4.
EMBER_FN NormalPair<double> normal_of_bits(uint64_t radius_bits, uint64_t angle_bits) {
  const double u = (double(int64_t(radius_bits >> 1)) + 0.5) * 0x1p-63;  // (0, 1]
  const double radius = sqrt(-2.0 * log(u));
  const uint64_t quadrant = (angle_bits + (uint64_t(1) << 61)) >> 62;
  const double angle = double(int64_t(angle_bits - (quadrant << 62))) * 0x1.921fb54442d18p-62;  // 2 pi / 2^64
  const double sine = series::sin_near_zero(angle, 0.0), cosine = series::cos_near_zero(angle, 0.0);
  const double x = quadrant & 1 ? sine : cosine, y = quadrant & 1 ? cosine : sine;
  const uint64_t x_sign = ((quadrant + 1) & 2) << 62, y_sign = (quadrant & 2) << 62;
  return {radius * bit_cast<double>(bit_cast<uint64_t>(x) ^ x_sign), radius * bit_cast<double>(bit_cast<uint64_t>(y) ^ y_sign)};
}

// Element i of a normal draw alone. Floats share the layout of 32-bit draws, doubles that of 64-bit draws: words 0 and 1
// (2 and 3) of a counter make a pair of floats, all four a pair of doubles; the cosine comes first.
template <Floating T>
EMBER_FN T random_normal(PhiloxRange range, int64_t i) {
  constexpr int64_t group_size = is_same<T, float> ? kPhiloxGroup32 : kPhiloxGroup64;
  const uint64_t group = uint64_t(i) / group_size, place = uint64_t(i) % group_size;
  const PhiloxWords words = philox(range.seed, range.offset + group * kPhiloxLanes + place % kPhiloxLanes);
  const uint64_t row = place / kPhiloxLanes;
  NormalPair<T> pair;
  if constexpr (is_same<T, float>) {
    pair = normal_of_bits(words.word[row & 2], words.word[(row & 2) + 1]);
  } else {
    pair = normal_of_bits(uint64_t(words.word[0]) | uint64_t(words.word[1]) << 32,
                          uint64_t(words.word[2]) | uint64_t(words.word[3]) << 32);
  }
  return row & 1 ? pair.sine : pair.cosine;
}

}  // namespace ember
