// The caching CPU allocator: freed blocks are kept by size class, because page faults cost more than the arithmetic.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/error.h"

namespace ember {

// `bytes` is the size of the block's class, at least what was asked for; `data` is 64-byte aligned, null when it is 0.
struct Block {
  void* data = nullptr;
  size_t bytes = 0;
};

struct OutOfMemory : Error {
  explicit OutOfMemory(const std::string& message) : Error(ErrorKind::Memory, message) {}
};

struct MemoryStatistics {
  size_t allocated;       // bytes of the blocks in use
  size_t reserved;        // bytes taken from the system: in use or cached
  size_t peak_allocated;  // largest `allocated` since the last reset_peak (with several threads: to 256 KiB a thread)
  size_t peak_reserved;
  uint64_t requests;    // calls of allocate() with bytes > 0
  uint64_t cache_hits;  // of these, answered from the cache
};

// Uninitialised memory. Throws OutOfMemory when the system cannot give it, before anything is touched.
Block allocate(size_t bytes);

// Takes back a block, on any thread. `bytes` may be the block's or what was asked for: both name the same class.
void release(Block block) noexcept;

// Gives the cached blocks back to the system (the shared ones and the calling thread's own small ones).
void empty_cache() noexcept;

// A bound on the bytes taken from the system; requests beyond it throw OutOfMemory. 0: the system's own bound alone.
void set_memory_limit(size_t bytes) noexcept;
// The memory of the machine, or of the control group that the process runs in.
size_t total_memory();

MemoryStatistics memory_statistics() noexcept;
void reset_peak() noexcept;

// Owns a block for the length of a scope.
class Scratch {
 public:
  explicit Scratch(size_t bytes) : block_(allocate(bytes)) {}
  ~Scratch() { release(block_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* data() const { return block_.data; }

 private:
  Block block_;
};

}  // namespace ember
