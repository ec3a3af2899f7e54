// The little that the C++ tests need: CHECK stops the program with the place and the text of what does not hold.
#pragma once
#include <chrono>
#include <cstdio>
#include <cstdlib>

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      std::exit(1); \
    } \
  } while (0)

// Nanoseconds of one call: the smallest of `rounds` means over `calls`.
template <class F>
double nanoseconds(int rounds, int calls, F&& f) {
  double best = 1e300;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) f();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    if (spent.count() / calls < best) best = spent.count() / calls;
  }
  return best;
}
