// The caching allocator: classes, statistics, refusals, threads, fork.
// sources: core/allocator.cpp
#include "core/allocator.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "check.h"

using namespace ember;

static void classes() {
  for (size_t bytes : {1, 63, 64, 65, 1000, 1024, 1025, 1280, 1281, 65536, 65537, 1 << 20, (1 << 20) + 1, 5 << 20}) {
    const Block block = allocate(bytes);
    CHECK(block.bytes >= bytes && (bytes <= 1024 ? block.bytes < bytes + 64 : block.bytes <= bytes * 5 / 4));
    CHECK(reinterpret_cast<uintptr_t>(block.data) % (bytes >= 1 << 20 ? 2 << 20 : 64) == 0);
    std::memset(block.data, 1, block.bytes);
    release({block.data, bytes});  // what was asked for names the same class
    const Block again = allocate(block.bytes);
    CHECK(again.data == block.data && again.bytes == block.bytes);
    release(again);
  }
  CHECK(allocate(0).data == nullptr);
  release({});
}

static void statistics() {
  empty_cache();
  reset_peak();
  const MemoryStatistics before = memory_statistics();
  const Block small = allocate(100), large = allocate(3 << 20);
  release(large);
  const MemoryStatistics after = memory_statistics();
  CHECK(after.allocated == before.allocated + 128);
  CHECK(after.peak_allocated == before.allocated + 128 + (3 << 20));
  CHECK(after.reserved == before.reserved + 128 + (3 << 20));
  CHECK(after.requests == before.requests + 2 && after.cache_hits == before.cache_hits);
  empty_cache();
  CHECK(memory_statistics().reserved == before.reserved + 128);
  reset_peak();
  CHECK(memory_statistics().peak_allocated == before.allocated + 128);
  release(small);
  CHECK(memory_statistics().allocated == before.allocated);
}

static void refusals() {
  for (size_t bytes : {size_t{1} << 40, size_t{1000000000000000}, SIZE_MAX, SIZE_MAX / 2}) {
    try {
      allocate(bytes);
      CHECK(!"refused");
    } catch (const OutOfMemory& error) {
      CHECK(std::strstr(error.what(), "were asked for") && std::strstr(error.what(), "are free of"));
      if (bytes == 1000000000000000) std::printf("%s\n", error.what());
    }
  }
  release(allocate(64));
}

// Blocks cross threads in both directions; each keeps a pattern that nobody else may write.
static void threads() {
  std::vector<std::vector<Block>> made(4);
  const auto work = [&](int me) {
    std::mt19937 random(me);
    for (int i = 0; i < 4000; ++i) {
      const Block block = allocate(1 + random() % (i % 50 ? 4000 : 200000));
      std::memset(block.data, me, block.bytes);
      made[me].push_back(block);
    }
  };
  const auto check = [&](int me) {
    for (const Block& block : made[(me + 1) % 4]) {
      CHECK(static_cast<char*>(block.data)[0] == (me + 1) % 4 &&
            static_cast<char*>(block.data)[block.bytes - 1] == (me + 1) % 4);
      release(block);
    }
  };
  const size_t before = memory_statistics().allocated;
  std::vector<std::thread> all;
  for (int me = 0; me < 4; ++me) all.emplace_back(work, me);
  for (auto& thread : all) thread.join();
  all.clear();
  for (int me = 0; me < 4; ++me) all.emplace_back(check, me);
  for (auto& thread : all) thread.join();
  CHECK(memory_statistics().allocated == before);
  empty_cache();
  CHECK(memory_statistics().reserved == before);  // the threads' lists came back when they ended
}

// A child of a process whose other threads hold the lock all the time still allocates.
static void forks() {
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) release(allocate(1 << 20));
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(5);
      release(allocate(1 << 20));
      release(allocate(100));
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  stop = true;
  busy.join();
}

int main() {
  classes();
  statistics();
  refusals();
  threads();
  forks();
  const double small = nanoseconds(20, 100000, [] { release(allocate(256)); });
  const double large = nanoseconds(20, 10000, [] { release(allocate(4 << 20)); });
  std::printf("allocate + release: %.1f ns small, %.1f ns large\n", small, large);
}
