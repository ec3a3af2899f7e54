#include "core/random.h"

#include <sys/random.h>

#include <cstring>
#include <ctime>
#include <utility>

#include "core/error.h"
#include "core/worker_thread.h"

namespace ember {
namespace {

constexpr char tag[8] = {'p', 'h', 'i', 'l', 'o', 'x', '1', '0'};
constexpr size_t state_bytes = sizeof tag + 2 * sizeof(uint64_t);

void append(std::string& text, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) text.push_back(static_cast<char>(value >> shift & 255));
}

uint64_t number_at(const std::string& text, size_t position) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(text[position + i]);
  return value;
}

// Set by use_generator(), which counts it: a thread ends without the interpreter's lock, that counting needs.
thread_local Generator* of_this_thread = nullptr;

}  // namespace

void Generator::manual_seed(uint64_t seed) {
  const std::lock_guard lock(mutex_);
  seed_ = seed;
  offset_ = 0;
}

uint64_t Generator::initial_seed() const {
  const std::lock_guard lock(mutex_);
  return seed_;
}

uint64_t Generator::seed() {
  uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value))
    value = static_cast<uint64_t>(std::time(nullptr)) * 0x9E3779B97F4A7C15u;  // golden ratio: spreads close times
  value >>= 11;  // 53 bits, exact as a float in any language, as PyTorch's
  manual_seed(value);
  return value;
}

PhiloxRange Generator::reserve(uint64_t counters) {
  const std::lock_guard lock(mutex_);
  const PhiloxRange range{seed_, offset_};
  offset_ += counters;
  return range;
}

std::string Generator::get_state() const {
  const std::lock_guard lock(mutex_);
  std::string state(tag, sizeof tag);
  append(state, seed_);
  append(state, offset_);
  return state;
}

void Generator::set_state(const std::string& state) {
  if (state.size() != state_bytes || std::memcmp(state.data(), tag, sizeof tag) != 0)
    fail(ErrorKind::Runtime, "set_state(): the state has ", state.size(), " bytes; ", state_bytes,
         " bytes from get_state() are expected.");
  const std::lock_guard lock(mutex_);
  seed_ = number_at(state, sizeof tag);
  offset_ = number_at(state, sizeof tag + sizeof(uint64_t));
}

Generator& default_generator() {
  if (of_this_thread) return *of_this_thread;
  static Generator& generator = *new Generator;  // never destroyed: other statics may draw on their way out
  return generator;
}

Generator* generator_of_thread() noexcept { return of_this_thread; }

Ref<Generator> use_generator(const Ref<Generator>& generator) {
  return Ref<Generator>::adopt(std::exchange(of_this_thread, Ref<Generator>(generator).detach()));
}

}  // namespace ember
