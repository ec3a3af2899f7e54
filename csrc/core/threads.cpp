#include "core/threads.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "core/error.h"

namespace ember {
namespace {

// Physical cores among the CPUs that this process may run on; CPUs whose topology is hidden count one each.
int allowed_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return std::max(1, omp_get_num_procs());
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    std::string siblings = std::to_string(cpu);
    std::ifstream file("/sys/devices/system/cpu/cpu" + siblings + "/topology/thread_siblings_list");
    if (std::string line; std::getline(file, line)) siblings = line;
    cores.insert(siblings);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

// This process's folder below /sys/fs/cgroup for a controller ("" is version 2), from lines "id:controllers:path".
std::string cgroup_path(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    if (names == (controller.empty() ? ",," : names) && names.find("," + controller + ",") != std::string::npos)
      return line.substr(second + 1);
  }
  return "/";
}

// CPUs that the quota of one cgroup folder allows; 0 if it sets none.
double quota_of(const std::string& folder, bool version2) {
  double quota = -1, period = 0;
  if (version2) {
    std::ifstream file(folder + "/cpu.max");  // "max 100000" or "150000 100000"
    if (!(file >> quota >> period)) return 0;
  } else {
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : 0;
}

// The smallest quota from this process's cgroup up to the root, rounded up; 0 if there is none.
int cgroup_cpus() {
  double smallest = 0;
  for (const bool version2 : {true, false}) {
    const std::string root = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
    std::string path = cgroup_path(version2 ? "" : "cpu");
    for (;;) {
      const double quota = quota_of(root + (path == "/" ? "" : path), version2);
      if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
      if (path.size() <= 1) break;
      path.erase(std::max<size_t>(1, path.rfind('/')));
    }
  }
  return static_cast<int>(std::ceil(smallest));
}

int default_count() {
  if (const char* text = std::getenv("OMP_NUM_THREADS"))
    if (const int count = std::atoi(text); count > 0) return count;
  const int cores = allowed_cores(), quota = cgroup_cpus();
  return quota > 0 ? std::min(cores, quota) : cores;
}

std::atomic<int>& setting() {
  static std::atomic<int> count = [] {
    // libgomp's worker threads do not survive a fork: a child's first region would wait for them for ever.
    pthread_atfork(nullptr, nullptr, [] {
      setting().store(1, std::memory_order_relaxed);
      omp_set_num_threads(1);
    });
    return default_count();
  }();
  return count;
}

thread_local int serial_depth = 0;

// The fork handler must be in place before anybody's first region.
[[maybe_unused]] const int count_at_start = thread_count();

}  // namespace

int thread_count() noexcept { return setting().load(std::memory_order_relaxed); }

void set_thread_count(int count) {
  if (count < 1) fail(ErrorKind::Runtime, "set_num_threads(): the number of threads is ", count, "; at least 1 is expected.");
  setting().store(count, std::memory_order_relaxed);
}

bool in_parallel_region() noexcept { return omp_in_parallel() != 0; }

int available_threads() noexcept { return serial_depth > 0 || omp_in_parallel() ? 1 : thread_count(); }

SerialScope::SerialScope() noexcept { ++serial_depth; }
SerialScope::~SerialScope() { --serial_depth; }

}  // namespace ember
