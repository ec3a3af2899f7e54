// Philox against its published vectors, the layout of draws, the distributions' moments, and the generator.
// sources: core/random.cpp
#include "core/random.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "check.h"
#include "core/error.h"
#include "cpu/philox.h"

using namespace ember;

// From kat_vectors of the authors' Random123 1.14: philox4x32 with 10 rounds.
static void published_vectors() {
  const struct {
    PhiloxWords counter;
    uint32_t key[2];
    PhiloxWords result;
  } vectors[] = {
      {{{0, 0, 0, 0}}, {0, 0}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
      {{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
       {0xffffffff, 0xffffffff},
       {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
      {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {0xa4093822, 0x299f31d0},
       {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
  };
  for (const auto& vector : vectors) {
    const PhiloxWords words = philox_rounds(vector.counter, vector.key[0], vector.key[1]);
    CHECK(std::memcmp(&words, &vector.result, sizeof words) == 0);
  }
}

// Loops over any part give what element by element gives.
template <class Group, class Alone>
static void layout(Alone&& alone) {
  const PhiloxRange range{42, 0xffffffff0u};  // the low word of the counter overflows on the way
  for (const auto& [begin, end] :
       {std::pair{0, 1000}, std::pair{1, 64}, std::pair{63, 65}, std::pair{500, 511}, std::pair{7, 7}}) {
    int64_t next = begin;
    draw<Group>(range, begin, end, [&](int64_t i, auto value) {
      CHECK(i == next++);
      CHECK(value == alone(range, i));
    });
    CHECK(next == end);
  }
}

template <class Group, class F>
static void moments(F&& value_of, double mean, double variance, double fourth, double low, double high) {
  const int64_t n = 1 << 20;
  double sums[3] = {}, least = 1e300, most = -1e300, neighbours = 0, last = mean;
  draw<Group>({7, 0}, 0, n, [&](int64_t, auto drawn) {
    const double x = value_of(drawn) - mean;
    sums[0] += x, sums[1] += x * x, sums[2] += x * x * x * x;
    neighbours += x * last, last = x;
    least = std::fmin(least, x + mean), most = std::fmax(most, x + mean);
  });
  const double deviation = 5 / std::sqrt(double(n));  // five standard errors
  CHECK(std::abs(sums[0] / n) < deviation * std::sqrt(variance));
  CHECK(std::abs(sums[1] / n - variance) < deviation * std::sqrt(fourth - variance * variance));
  CHECK(std::abs(sums[2] / n / fourth - 1) < 0.05);
  CHECK(std::abs(neighbours / n) < deviation * variance);
  CHECK(least >= low && most < high);
}

static void generators() {
  Generator generator(5);
  CHECK(generator.initial_seed() == 5);
  const PhiloxRange first = generator.reserve(philox_counters_32(65));
  CHECK(first.seed == 5 && first.offset == 0 && generator.reserve(1).offset == 32);
  const std::string state = generator.get_state();
  const PhiloxRange next = generator.reserve(3);
  generator.manual_seed(6);
  CHECK(generator.reserve(1).offset == 0 && generator.initial_seed() == 6);
  generator.set_state(state);
  const PhiloxRange again = generator.reserve(3);
  CHECK(again.seed == next.seed && again.offset == next.offset);
  for (const std::string& bad : {std::string(), state + "x", std::string(state.size(), 'x')}) {
    bool refused = false;
    try {
      generator.set_state(bad);
    } catch (const Error&) { refused = true; }
    CHECK(refused);
  }
  CHECK(generator.seed() != generator.seed() && generator.initial_seed() < uint64_t(1) << 53);
  CHECK(&default_generator() == &default_generator() && default_generator().initial_seed() == Generator::default_seed);
}

int main() {
  published_vectors();
  layout<Bits32>(random_bits_32);
  layout<Bits64>(random_bits_64);
  layout<NormalFloats>(random_normal<float>);
  layout<NormalDoubles>(random_normal<double>);
  CHECK(uniform_of_bits(0xffffffffu) < 1 && uniform_of_bits(~uint64_t(0)) < 1 && uniform_of_bits(0u) == 0);
  const auto uniform = [](auto bits) { return double(uniform_of_bits(bits)); };
  const auto same = [](auto x) { return double(x); };
  moments<Bits32>(uniform, 0.5, 1.0 / 12, 1.0 / 80, 0, 1);
  moments<Bits64>(uniform, 0.5, 1.0 / 12, 1.0 / 80, 0, 1);
  moments<NormalFloats>(same, 0, 1, 3, -6.8, 6.8);
  moments<NormalDoubles>(same, 0, 1, 3, -9.5, 9.5);
  for (uint32_t bits : {0u, 1u, 0x80000000u, 0xf0000000u}) {
    for (uint32_t angle : {0u, 0x20000000u, 0x80000000u, 0xffffffffu}) {
      const NormalPair<float> single = normal_of_bits(bits, angle);
      const NormalPair<double> exact = normal_of_bits(uint64_t(bits) << 32 | 0x80000000u, uint64_t(angle) << 32);
      CHECK(std::abs(single.cosine - exact.cosine) < 2e-6 && std::abs(single.sine - exact.sine) < 2e-6);
    }
  }
  generators();
  std::vector<float> out(1 << 16);
  const double bits = nanoseconds(
      50, 1, [&] { draw<Bits32>({1, 0}, 0, 1 << 16, [&](int64_t i, uint32_t x) { out[i] = uniform_of_bits(x); }); });
  const double normals =
      nanoseconds(50, 1, [&] { draw<NormalFloats>({1, 0}, 0, 1 << 16, [&](int64_t i, float x) { out[i] = x; }); });
  std::printf("64 K floats: uniform %.1f us, normal %.1f us\n", bits * 1e-3, normals * 1e-3);
}
