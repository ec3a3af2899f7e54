// Reference counting for everything that C++ and Python share: storages, tensors, graph nodes.
#pragma once
#include <cstdint>
#include <utility>

namespace ember {

// Counts are plain integers: they change only while the interpreter's lock is held, kernels run on raw pointers.
struct Counted {
  uint32_t references = 0;
  virtual ~Counted() = default;
};

inline void retain(Counted* object) { ++object->references; }
inline void release(Counted* object) {
  if (--object->references == 0) delete object;
}

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  Ref(T* object) : object_(object) {
    if (object_) retain(object_);
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
  Ref(const Ref<U>& other) : Ref(other.get()) {}
  ~Ref() {
    if (object_) release(object_);
  }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref& other) const { return object_ == other.object_; }
  T* detach() { return std::exchange(object_, nullptr); }           // gives the reference to the caller
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }  // takes over the caller's reference

 private:
  T* object_ = nullptr;
};

}  // namespace ember
