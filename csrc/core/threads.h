// How many threads a parallel region uses. No std:: here: files that are built once per instruction set include it.
#pragma once

namespace ember {

// The setting. At start: OMP_NUM_THREADS, else min(cores allowed by affinity, cgroup quota); 1 in a forked child.
int thread_count() noexcept;

// Fails unless count >= 1.
void set_thread_count(int count);

// Threads that a region started here and now would get: 1 inside a parallel region and under SerialScope.
int available_threads() noexcept;

bool in_parallel_region() noexcept;

// Everything that this thread runs while the object lives is serial.
class SerialScope {
 public:
  SerialScope() noexcept;
  ~SerialScope();
  SerialScope(const SerialScope&) = delete;
  SerialScope& operator=(const SerialScope&) = delete;
};

}  // namespace ember
