// parallel_for: every element once whatever the split; serial scopes and nesting; the setting; forked children.
// sources: core/threads.cpp
#include "cpu/parallel.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "check.h"
#include "core/error.h"

using namespace ember;

static void every_element_once() {
  for (int threads : {1, 2, 3, 7}) {
    set_thread_count(threads);
    for (int64_t n : {0, 1, 2, 63, 64, 65, 1000}) {
      for (int64_t grain : {0, 1, 5, 64, 5000}) {
        for (int64_t multiple : {1, 16, 64}) {
          std::vector<std::atomic<int>> visits(static_cast<size_t>(n));
          std::atomic<int> parts = 0;
          parallel_for(
              n, grain,
              [&](int64_t begin, int64_t end) {
                ++parts;
                CHECK(begin < end && begin % multiple == 0 && (end == n || end % multiple == 0));
                for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
              },
              multiple);
          for (auto& count : visits) CHECK(count == 1);
          CHECK(parts <= threads && (n > grain || parts == (n > 0)));
        }
      }
    }
  }
  CHECK(grain_of(1) == 65536 && grain_of(8) == 8192 && grain_of(1000000) == 1 && grain_of(0) == 65536);
}

static void serial_places() {
  set_thread_count(4);
  CHECK(available_threads() == 4 && !in_parallel_region());
  parallel_for(4, 1, [](int64_t, int64_t) {
    CHECK(in_parallel_region() && available_threads() == 1);
    int inner = 0;
    parallel_for(1000, 1, [&](int64_t, int64_t) { ++inner; });
    CHECK(inner == 1);
  });
  {
    const SerialScope outer;
    const SerialScope inner;
    CHECK(available_threads() == 1 && thread_count() == 4);
    std::thread([] { CHECK(available_threads() == 4); }).join();
  }
  CHECK(available_threads() == 4);
  for (int count : {0, -1}) {
    bool refused = false;
    try {
      set_thread_count(count);
    } catch (const Error&) { refused = true; }
    CHECK(refused && thread_count() == 4);
  }
}

static int status_of(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// libgomp's threads are gone in the child: a region there must not wait for them.
static void forked_children() {
  set_thread_count(2);
  std::atomic<int64_t> sum = 0;
  const auto add = [&](int64_t begin, int64_t end) { sum += end - begin; };
  parallel_for(1000, 1, add);
  CHECK(sum == 1000);
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    sum = 0;
    parallel_for(1000, 1, add);
    _exit(sum == 1000 && thread_count() == 1 ? 0 : 1);
  }
  CHECK(status_of(child) == 0);
  CHECK(thread_count() == 2);
}

static void count_at_start() {
  const pid_t child = fork();
  if (child == 0) {
    setenv("OMP_NUM_THREADS", "3", 1);
    execl("/proc/self/exe", "parallel", "count", nullptr);
    _exit(100);
  }
  CHECK(status_of(child) == 3);
}

int main(int count, char**) {
  if (count > 1) return thread_count();
  CHECK(thread_count() >= 1);
  every_element_once();
  serial_places();
  forked_children();
  count_at_start();
}
