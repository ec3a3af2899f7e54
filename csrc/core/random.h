// Random generators: Philox4x32-10 by counter, so that a draw does not depend on the number of threads or on the device.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>

#include "core/counted.h"
#include "scalar/philox.h"

namespace ember {

class Generator : public Counted {
 public:
  static constexpr uint64_t default_seed = 67280421310721;  // PyTorch's

  explicit Generator(uint64_t seed = default_seed) : seed_(seed) {}

  void manual_seed(uint64_t seed);
  uint64_t initial_seed() const;
  uint64_t seed();  // seeds from the operating system and returns that seed

  // Reserves `counters` Philox counters (philox_counters_32 or philox_counters_64 of the elements to draw) and moves past them.
  PhiloxRange reserve(uint64_t counters);

  // 24 bytes: a tag, the seed, the offset (little-endian). set_state fails for anything else.
  std::string get_state() const;
  void set_state(const std::string& state);

 private:
  mutable std::mutex mutex_;
  uint64_t seed_;
  uint64_t offset_ = 0;
};

// The generator of operations that are given none.
Generator& default_generator();

}  // namespace ember
