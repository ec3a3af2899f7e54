// parallel_for over OpenMP. Everything is static inline: these files are built once per instruction set, and a weak
// symbol would be shared by the copies.
#pragma once
#include <omp.h>

#include <cstdint>

#include "core/threads.h"

namespace ember {

// A second thread pays from about 3 us of serial work on: 64 K elements of cost 1 (a float addition in cache).
constexpr int64_t parallel_work = 65536;

// Elements that are worth a thread where one costs `cost` float additions: 1 for add, 8 for exp, 25 for gelu.
static inline constexpr int64_t grain_of(int64_t cost) {
  return cost >= parallel_work ? 1 : parallel_work / (cost < 1 ? 1 : cost);
}

// Calls f(begin, end) on parts that cover [0, n), each of at least about `grain`; on the caller's thread alone if
// n <= grain or a region is open already. Inner bounds are multiples of `multiple`. f must not throw.
// A region always takes all threads: libgomp ends and restarts threads when the team size changes.
template <class F>
[[gnu::always_inline]] static inline void parallel_for(int64_t n, int64_t grain, F&& f, int64_t multiple = 1) {
  if (n <= 0) return;
  const int threads = n > grain ? available_threads() : 1;
  if (threads == 1) {
    f(int64_t{0}, n);
    return;
  }
  const int64_t units = (n + multiple - 1) / multiple;
  const int64_t wanted = grain < 1 ? n : (n + grain - 1) / grain;
  const int64_t most = units < threads ? units : threads;
  const int64_t parts = wanted < most ? wanted : most;
#pragma omp parallel num_threads(threads)
  {
    const int64_t team = omp_get_num_threads();  // fewer than asked for if the system is out of threads
    for (int64_t part = omp_get_thread_num(); part < parts; part += team) {
      const int64_t begin = units * part / parts * multiple;
      const int64_t end = units * (part + 1) / parts * multiple;
      if (begin < n) f(begin, end < n ? end : n);
    }
  }
}

}  // namespace ember
