// Recycles objects of one type: a tensor or a node is made and dropped in a few nanoseconds.
#pragma once
#include <cstddef>
#include <new>

namespace ember {

// Derive: struct Node : Recycled<Node>. Only what has exactly T's size is recycled. Used under the interpreter's lock.
template <class T>
struct Recycled {
  static void* operator new(size_t bytes) {
    if (bytes == sizeof(T) && free_) {
      Link* link = free_;
      free_ = link->next;
      --count_;
      return link;
    }
    return ::operator new(bytes);
  }
  static void operator delete(void* memory, size_t bytes) {
    if (bytes == sizeof(T) && count_ < kKept) {
      free_ = new (memory) Link{free_};
      ++count_;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  struct Link {
    Link* next;
  };
  static constexpr int kKept = 1024;
  static inline Link* free_ = nullptr;
  static inline int count_ = 0;
};

}  // namespace ember
