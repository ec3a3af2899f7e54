#include "core/allocator.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace ember {
namespace {

constexpr size_t KiB = 1024, MiB = 1024 * KiB;
constexpr size_t alignment = 64;              // a cache line, an AVX-512 register
constexpr size_t small_limit = 64 * KiB;      // up to here blocks are cached by thread
constexpr size_t mapped_from = MiB;           // from here on blocks are mappings of their own
constexpr size_t huge_page = 2 * MiB;
constexpr size_t checked_from = 64 * MiB;     // from here on the free memory is read first (20 us, as 50 page faults)
constexpr size_t largest = size_t{1} << 46;   // x86-64 gives a process 47 bits of addresses

// Classes: the multiples of 64 bytes to 1 KiB, then 4 to an octave: at most 25 % are wasted.
constexpr unsigned class_of(size_t bytes) {
  if (bytes <= KiB) return static_cast<unsigned>((bytes - 1) / alignment);
  const unsigned octave = std::bit_width(bytes - 1) - 1;  // 2^octave < bytes <= 2^(octave + 1)
  return 16 + 4 * (octave - 10) + static_cast<unsigned>(((bytes - 1) >> (octave - 2)) & 3);
}

constexpr size_t size_of(unsigned index) {
  if (index < 16) return (index + 1) * alignment;
  const unsigned octave = 10 + (index - 16) / 4;
  return (size_t{5} + (index - 16) % 4) << (octave - 2);
}

constexpr unsigned classes = class_of(largest) + 1;
constexpr unsigned small_classes = class_of(small_limit) + 1;
static_assert(size_of(class_of(1)) == 64 && size_of(class_of(1025)) == 1280 && size_of(class_of(small_limit)) == small_limit);
static_assert(size_of(class_of(small_limit + 1)) == 80 * KiB && size_of(classes - 1) == largest);

// A thread's list of a class holds at most this many blocks and (from 2 KiB on) 128 KiB.
constexpr int list_capacity = 64;
constexpr int list_length(unsigned index) {
  return std::clamp<int>(static_cast<int>(128 * KiB / size_of(index)), 4, list_capacity);
}

// A counter with one writer: a plain add, but others may read it.
class Count {
 public:
  int64_t get() const { return value_.load(std::memory_order_relaxed); }
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(int64_t value) { set(get() + value); }

 private:
  std::atomic<int64_t> value_{0};
};

struct ThreadCache {
  Count requests, hits;
  Count unsettled;     // bytes allocated less bytes released since this thread last settled
  Count unsettled_peak;  // its largest value since then
  int count[small_classes] = {};
  void* blocks[small_classes][list_capacity];
};

constexpr int64_t settle_at = 256 * KiB;

struct Central {
  std::mutex mutex;
  std::vector<void*> blocks[classes];
  std::vector<ThreadCache*> threads;
  size_t cached = 0;  // bytes in `blocks`
  size_t reserved = 0, peak_reserved = 0;
  int64_t allocated = 0, peak_allocated = 0;  // without what threads have not settled
  int64_t requests = 0, hits = 0;             // of threads that have ended
  size_t cache_limit;                         // more than half of the memory is never kept
  size_t limit = 0;                           // of `reserved`, if not 0
};

Central& central() {
  static Central& one = *[] {  // never destroyed: static tensors are released after every destructor here
    auto* made = new Central;
    made->cache_limit = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 2;
    // A child must find the lock free. Its parent's other threads are gone; what they had cached is lost to it.
    pthread_atfork([] { central().mutex.lock(); }, [] { central().mutex.unlock(); }, [] { central().mutex.unlock(); });
    return made;
  }();
  return one;
}

[[gnu::tls_model("initial-exec")]] thread_local ThreadCache* this_cache = nullptr;

// ---- the system's memory

struct Memory {
  size_t total, free;
};

// The limit of a memory cgroup. The file pages that it has cached count as free, as in MemAvailable.
void apply_cgroup(const std::string& folder, const char* limit_name, const char* usage_name, Memory& memory) {
  size_t limit = 0, usage = 0;
  if (!(std::ifstream(folder + limit_name) >> limit) || !(std::ifstream(folder + usage_name) >> usage)) return;
  if (limit >= memory.total) return;
  std::ifstream file(folder + "memory.stat");
  std::string name;
  for (size_t value; file >> name >> value;)
    if (name == "inactive_file") usage -= std::min(usage, value);
  memory.total = limit;
  memory.free = std::min(memory.free, limit > usage ? limit - usage : 0);
}

Memory system_memory() {
  struct sysinfo info;
  sysinfo(&info);
  Memory memory{info.totalram * info.mem_unit, (info.freeram + info.bufferram) * info.mem_unit};
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    size_t kilobytes;
    if (std::sscanf(line.c_str(), "MemAvailable: %zu kB", &kilobytes) == 1) memory.free = kilobytes * KiB;
  }
  apply_cgroup("/sys/fs/cgroup/", "memory.max", "memory.current", memory);  // version 2, then 1
  apply_cgroup("/sys/fs/cgroup/memory/", "memory.limit_in_bytes", "memory.usage_in_bytes", memory);
  return memory;
}

std::string readable(double bytes) {
  static const char* const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  int unit = 0;
  for (; bytes >= 999.95 && unit < 6; ++unit) bytes /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
  return text;
}

[[noreturn, gnu::cold]] void refuse(size_t bytes) {
  const Memory memory = system_memory();
  throw OutOfMemory("allocate(): " + readable(static_cast<double>(bytes)) + " were asked for; " +
                    readable(static_cast<double>(memory.free)) + " are free of " + readable(static_cast<double>(memory.total)) +
                    ".");
}

[[noreturn, gnu::cold]] void refuse_beyond_limit(size_t bytes, const Central& shared) {
  throw OutOfMemory("allocate(): " + readable(static_cast<double>(bytes)) + " were asked for; " +
                    readable(static_cast<double>(shared.reserved)) + " are taken of the " +
                    readable(static_cast<double>(shared.limit)) + " that set_per_process_memory_fraction() allows.");
}

// Mapped on a 2 MiB boundary, so that whole huge pages fit. Null if the system refuses.
void* map_block(size_t bytes) {
  const size_t span = bytes + huge_page;
  void* mapping = mmap(nullptr, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  const auto begin = reinterpret_cast<uintptr_t>(mapping);
  const uintptr_t aligned = (begin + huge_page - 1) & ~(huge_page - 1);
  if (aligned != begin) munmap(mapping, aligned - begin);
  munmap(reinterpret_cast<void*>(aligned + bytes), begin + span - (aligned + bytes));
  madvise(reinterpret_cast<void*>(aligned), bytes, MADV_HUGEPAGE);  // refused where huge pages are off: no matter
  return reinterpret_cast<void*>(aligned);
}

void* take_from_system(size_t bytes) {
  if (bytes >= mapped_from) return map_block(bytes);
  return std::aligned_alloc(alignment, bytes);
}

void give_to_system(void* data, size_t bytes) noexcept {
  if (bytes >= mapped_from) munmap(data, bytes);
  else std::free(data);
}

// ---- under the lock

void drop_cached(Central& shared) noexcept {
  for (unsigned index = 0; index < classes; ++index) {
    for (void* data : shared.blocks[index]) give_to_system(data, size_of(index));
    shared.reserved -= shared.blocks[index].size() * size_of(index);
    shared.blocks[index].clear();
    shared.blocks[index].shrink_to_fit();
  }
  shared.cached = 0;
}

void keep(Central& shared, unsigned index, void* data) noexcept {
  const size_t bytes = size_of(index);
  if (shared.cached + bytes <= shared.cache_limit) {
    try {
      shared.blocks[index].push_back(data);
      shared.cached += bytes;
      return;
    } catch (const std::bad_alloc&) {}
  }
  give_to_system(data, bytes);
  shared.reserved -= bytes;
}

void settle(Central& shared, ThreadCache& cache) noexcept {
  shared.peak_allocated = std::max(shared.peak_allocated, shared.allocated + cache.unsettled_peak.get());
  shared.allocated += cache.unsettled.get();
  cache.unsettled.set(0);
  cache.unsettled_peak.set(0);
}

void* take_new(Central& shared, unsigned index, size_t asked) {
  const size_t bytes = size_of(index);
  const auto beyond_limit = [&] { return shared.limit && shared.reserved + bytes > shared.limit; };
  void* data = nullptr;
  if (beyond_limit()) {
    drop_cached(shared);
    if (beyond_limit()) refuse_beyond_limit(asked, shared);
  }
  if (asked < checked_from || asked <= system_memory().free) data = take_from_system(bytes);
  if (!data) {
    drop_cached(shared);
    if (asked <= system_memory().free) data = take_from_system(bytes);
    if (!data) refuse(asked);
  }
  shared.reserved += bytes;
  shared.peak_reserved = std::max(shared.peak_reserved, shared.reserved);
  return data;
}

// ---- threads

void empty_thread_lists(Central& shared, ThreadCache& cache) noexcept {
  for (unsigned index = 0; index < small_classes; ++index)
    while (cache.count[index] > 0) keep(shared, index, cache.blocks[index][--cache.count[index]]);
}

// Hands the thread's blocks to the others when it ends.
struct ThreadExit {
  ThreadCache* cache = nullptr;
  ~ThreadExit() {
    if (!cache) return;
    Central& shared = central();
    const std::lock_guard lock(shared.mutex);
    empty_thread_lists(shared, *cache);
    settle(shared, *cache);
    shared.requests += cache->requests.get();
    shared.hits += cache->hits.get();
    std::erase(shared.threads, cache);
    delete cache;
    this_cache = nullptr;
    ended = true;
  }
  static thread_local bool ended;
};
thread_local bool ThreadExit::ended = false;

// Null on a thread that is ending: its last blocks go through the lock.
[[gnu::cold, gnu::noinline]] ThreadCache* make_cache() {
  if (ThreadExit::ended) return nullptr;
  static thread_local ThreadExit at_exit;
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  shared.threads.push_back(nullptr);
  at_exit.cache = this_cache = shared.threads.back() = new ThreadCache;
  return this_cache;
}

inline ThreadCache* cache_of_thread() { return this_cache ? this_cache : make_cache(); }

// Notes `bytes` in use (or out of it, if negative). The caller holds the lock.
void note(Central& shared, ThreadCache* cache, int64_t bytes) noexcept {
  if (cache) settle(shared, *cache);
  shared.allocated += bytes;
  shared.peak_allocated = std::max(shared.peak_allocated, shared.allocated);
}

[[gnu::noinline]] Block allocate_shared(unsigned index, size_t asked, ThreadCache* cache) {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  const size_t bytes = size_of(index);
  auto& blocks = shared.blocks[index];
  const bool hit = !blocks.empty();
  void* data;
  if (hit) {
    data = blocks.back();
    blocks.pop_back();
    shared.cached -= bytes;
  } else {
    data = take_new(shared, index, asked);
  }
  (cache ? cache->requests.add(1) : void(++shared.requests));
  if (hit) (cache ? cache->hits.add(1) : void(++shared.hits));
  note(shared, cache, static_cast<int64_t>(bytes));
  return {data, bytes};
}

[[gnu::noinline]] void release_shared(unsigned index, void* data, ThreadCache* cache) noexcept {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  note(shared, cache, -static_cast<int64_t>(size_of(index)));
  keep(shared, index, data);
  if (!cache || index >= small_classes) return;
  // The thread's list was full: it only releases what others allocate. Half of it goes to them.
  for (int half = list_length(index) / 2; cache->count[index] > half;)
    keep(shared, index, cache->blocks[index][--cache->count[index]]);
}

[[gnu::noinline]] void settle_now(ThreadCache& cache) noexcept {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  settle(shared, cache);
}

}  // namespace

Block allocate(size_t bytes) {
  if (bytes == 0) return {};
  if (bytes > largest) refuse(bytes);
  const unsigned index = class_of(bytes);
  ThreadCache* cache = cache_of_thread();
  if (index >= small_classes || !cache || cache->count[index] == 0) return allocate_shared(index, bytes, cache);
  void* data = cache->blocks[index][--cache->count[index]];
  const auto size = static_cast<int64_t>(size_of(index));
  cache->requests.add(1);
  cache->hits.add(1);
  cache->unsettled.add(size);
  const int64_t unsettled = cache->unsettled.get();
  if (unsettled > cache->unsettled_peak.get()) {
    cache->unsettled_peak.set(unsettled);
    if (unsettled > settle_at) settle_now(*cache);
  }
  return {data, static_cast<size_t>(size)};
}

void release(Block block) noexcept {
  if (!block.data) return;
  const unsigned index = class_of(block.bytes);
  ThreadCache* cache = cache_of_thread();
  if (index >= small_classes || !cache || cache->count[index] == list_length(index)) {
    release_shared(index, block.data, cache);
    return;
  }
  cache->blocks[index][cache->count[index]++] = block.data;
  cache->unsettled.add(-static_cast<int64_t>(size_of(index)));
  if (cache->unsettled.get() < -settle_at) settle_now(*cache);
}

void empty_cache() noexcept {
  ThreadCache* cache = this_cache;
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  if (cache) empty_thread_lists(shared, *cache);
  drop_cached(shared);
}

void set_memory_limit(size_t bytes) noexcept {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  shared.limit = bytes;
}

size_t total_memory() { return system_memory().total; }

MemoryStatistics memory_statistics() noexcept {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  if (this_cache) settle(shared, *this_cache);
  int64_t allocated = shared.allocated, peak = shared.peak_allocated;
  int64_t requests = shared.requests, hits = shared.hits;
  for (const ThreadCache* cache : shared.threads) {
    peak = std::max(peak, allocated + cache->unsettled_peak.get());
    allocated += cache->unsettled.get();
    requests += cache->requests.get();
    hits += cache->hits.get();
  }
  return {static_cast<size_t>(std::max<int64_t>(0, allocated)),
          shared.reserved,
          static_cast<size_t>(std::max(peak, allocated)),
          shared.peak_reserved,
          static_cast<uint64_t>(requests),
          static_cast<uint64_t>(hits)};
}

void reset_peak() noexcept {
  Central& shared = central();
  const std::lock_guard lock(shared.mutex);
  if (this_cache) settle(shared, *this_cache);
  int64_t allocated = shared.allocated;
  for (ThreadCache* cache : shared.threads) {
    allocated += cache->unsettled.get();
    cache->unsettled_peak.set(cache->unsettled.get());
  }
  shared.peak_allocated = allocated;
  shared.peak_reserved = shared.reserved;
}

}  // namespace ember
