// What matrix products and convolutions share of oneDNN: its engine, its number of threads, and a cache of made primitives.
#pragma once
#include <omp.h>

#include <array>
#include <bit>
#include <cstring>
#include <list>
#include <unordered_map>

#include "core/dtype.h"
#include "core/error.h"
#include "oneapi/dnnl/dnnl.h"

namespace ember::onednn {

inline void expect(dnnl_status_t status, const char* call) {
  if (status != dnnl_success) fail(ErrorKind::Runtime, "oneDNN's ", call, " failed with status ", int(status), ".");
}

// Never destroyed: threads may still compute while statics go.
dnnl_engine_t engine();

// dnnl_data_type_undef where oneDNN does not compute in the type.
dnnl_data_type_t type_of(DType dtype);

// The reference kernels are a thousand times slower than any other; so is what falls back to them.
bool is_fast(const_dnnl_primitive_desc_t descriptor, const char** name);

// oneDNN takes its number of threads from OpenMP's setting, both when it makes a primitive and when it runs one.
class TeamSize {
 public:
  explicit TeamSize(int threads) : before_(omp_get_max_threads()), set_(threads != before_) {
    if (set_) omp_set_num_threads(threads);
  }
  ~TeamSize() {
    if (set_) omp_set_num_threads(before_);
  }
  TeamSize(const TeamSize&) = delete;
  TeamSize& operator=(const TeamSize&) = delete;

 private:
  int before_;
  bool set_;
};

// Everything that a primitive depends on, as words.
template <size_t kCapacity>
class Key {
 public:
  void add(int64_t word) { words_[count_++] = word; }
  bool operator==(const Key& other) const {
    return count_ == other.count_ && std::memcmp(words_.data(), other.words_.data(), count_ * sizeof(int64_t)) == 0;
  }
  size_t hash() const {
    uint64_t hash = 0;
    for (size_t i = 0; i < count_; ++i) hash = std::rotl((hash ^ uint64_t(words_[i])) * 0x9E3779B97F4A7C15u, 29);
    return hash;
  }

 private:
  std::array<int64_t, kCapacity> words_;
  size_t count_ = 0;
};

// Primitives by what they were made for (Primitive(task, threads); its Key is Primitive::key(task, threads)). One cache for each
// thread: memory objects are not for two threads at once; the compiled code behind them is shared by oneDNN's own cache.
// The least recently used goes first.
template <class Primitive, class Task>
class Cache {
 public:
  Cache() { expect(dnnl_stream_create(&stream_, engine(), dnnl_stream_default_flags), "stream"); }
  ~Cache() {
    entries_.clear();
    dnnl_stream_destroy(stream_);
  }
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  Primitive& find(const Task& task, int threads) {
    const KeyType key = Primitive::key(task, threads);
    if (const auto found = places_.find(key); found != places_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return entries_.front().primitive;
    }
    entries_.emplace_front(key, task, threads);
    places_.emplace(key, entries_.begin());
    if (entries_.size() > kCapacity) {
      places_.erase(entries_.back().key);
      entries_.pop_back();
    }
    return entries_.front().primitive;
  }
  dnnl_stream_t stream() const { return stream_; }

 private:
  static constexpr size_t kCapacity = 1024;
  using KeyType = decltype(Primitive::key(std::declval<const Task&>(), 0));
  struct Hash {
    size_t operator()(const KeyType& key) const { return key.hash(); }
  };
  struct Entry {
    KeyType key;
    Primitive primitive;
    Entry(const KeyType& key, const Task& task, int threads) : key(key), primitive(task, threads) {}
  };
  dnnl_stream_t stream_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<KeyType, typename std::list<Entry>::iterator, Hash> places_;
};

}  // namespace ember::onednn
