// A short list of integers: sizes, strides, dimension numbers. Up to five stand in place, more on the heap.
#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

namespace ember {

inline constexpr int kMaxDims = 64;

class Dims {
 public:
  Dims() = default;
  explicit Dims(int count, int64_t fill = 0) {
    resize(count);
    for (int i = 0; i < count; ++i) data_[i] = fill;
  }
  Dims(std::initializer_list<int64_t> values) {
    resize(int(values.size()));
    int i = 0;
    for (int64_t value : values) data_[i++] = value;
  }
  Dims(const int64_t* values, int count) {
    resize(count);
    std::memcpy(data_, values, sizeof(int64_t) * size_t(count));
  }
  Dims(const Dims& other) : Dims(other.data_, other.count_) {}
  Dims(Dims&& other) noexcept { take(other); }
  ~Dims() {
    if (data_ != here_) delete[] data_;
  }
  Dims& operator=(const Dims& other) {
    if (this != &other) {
      resize(other.count_);
      std::memcpy(data_, other.data_, sizeof(int64_t) * size_t(count_));
    }
    return *this;
  }
  Dims& operator=(Dims&& other) noexcept {
    if (this != &other) {
      if (data_ != here_) delete[] data_;
      take(other);
    }
    return *this;
  }

  int size() const { return count_; }
  bool empty() const { return count_ == 0; }
  int64_t& operator[](int i) { return data_[i]; }
  int64_t operator[](int i) const { return data_[i]; }
  int64_t* begin() { return data_; }
  int64_t* end() { return data_ + count_; }
  const int64_t* begin() const { return data_; }
  const int64_t* end() const { return data_ + count_; }
  int64_t back() const { return data_[count_ - 1]; }
  int64_t& back() { return data_[count_ - 1]; }

  // Keeps the first values; new ones are not set.
  void resize(int count) {
    if (count > capacity_) {
      int64_t* wider = new int64_t[size_t(count) * 2];
      std::memcpy(wider, data_, sizeof(int64_t) * size_t(count_));
      if (data_ != here_) delete[] data_;
      data_ = wider;
      capacity_ = count * 2;
    }
    count_ = count;
  }
  void push_back(int64_t value) {
    resize(count_ + 1);
    data_[count_ - 1] = value;
  }
  void insert(int at, int64_t value) {
    resize(count_ + 1);
    std::memmove(data_ + at + 1, data_ + at, sizeof(int64_t) * size_t(count_ - 1 - at));
    data_[at] = value;
  }
  void erase(int at) {
    std::memmove(data_ + at, data_ + at + 1, sizeof(int64_t) * size_t(count_ - 1 - at));
    --count_;
  }
  bool operator==(const Dims& other) const {
    return count_ == other.count_ && std::memcmp(data_, other.data_, sizeof(int64_t) * size_t(count_)) == 0;
  }
  bool contains(int64_t value) const {
    for (int64_t each : *this)
      if (each == value) return true;
    return false;
  }
  int64_t product() const {
    int64_t result = 1;
    for (int64_t each : *this) result *= each;
    return result;
  }

 private:
  void take(Dims& other) {
    count_ = other.count_;
    if (other.data_ == other.here_) {
      data_ = here_;
      capacity_ = kInPlace;
      std::memcpy(here_, other.here_, sizeof(int64_t) * size_t(count_));
    } else {
      data_ = std::exchange(other.data_, other.here_);
      capacity_ = std::exchange(other.capacity_, kInPlace);
    }
    other.count_ = 0;
  }

  static constexpr int kInPlace = 5;
  int64_t* data_ = here_;
  int count_ = 0;
  int capacity_ = kInPlace;
  int64_t here_[kInPlace];
};

// As users write shapes: (2, 3), (4,), ().
inline std::string to_string(const Dims& dims) {
  std::string result = "(";
  for (int i = 0; i < dims.size(); ++i) result += (i ? ", " : "") + std::to_string(dims[i]);
  return result + (dims.size() == 1 ? ",)" : ")");
}

}  // namespace ember
