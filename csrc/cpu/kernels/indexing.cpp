#include "cpu/indexing_kernels.h"

#include "cpu/types.h"

namespace ember::EMBER_ISA {

namespace {

template <class T>
void add_row_of(void* to, const void* from, int64_t stride, int64_t n) {
  T* y = static_cast<T*>(to);
  const T* x = static_cast<const T*>(from);
  if (stride == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = narrowed<T>(widen(y[i]) + widen(x[i]));
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = narrowed<T>(widen(y[i]) + widen(x[i * stride]));
  }
}

template <class T>
void add_elements_of(void* to, const int64_t* offsets, const void* from, int64_t step, int64_t n) {
  T* y = static_cast<T*>(to);
  const T* x = static_cast<const T*>(from);
  for (int64_t i = 0; i < n; ++i) y[offsets[i]] = narrowed<T>(widen(y[offsets[i]]) + widen(x[i * step]));
}

template <class Word>
void read_words(const void* from, const int64_t* offsets, void* to, int64_t step, int64_t n) {
  const Word* x = static_cast<const Word*>(from);
  Word* y = static_cast<Word*>(to);
  if (step == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = x[offsets[i]];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * step] = x[offsets[i]];
  }
}

template <class Word>
void write_words(void* to, const int64_t* offsets, const void* from, int64_t step, int64_t n) {
  Word* y = static_cast<Word*>(to);
  const Word* x = static_cast<const Word*>(from);
  for (int64_t i = 0; i < n; ++i) y[offsets[i]] = x[i * step];
}

template <class Word>
void masked_fill_words(const void* from, int64_t x_stride, const uint8_t* mask, int64_t mask_stride, const void* value,
                       void* to, int64_t y_stride, int64_t n) {
  const Word* x = static_cast<const Word*>(from);
  Word* y = static_cast<Word*>(to);
  const Word word = *static_cast<const Word*>(value);
  if (x_stride == 1 && y_stride == 1 && mask_stride == 1) {
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) y[i] = mask[i] ? word : x[i];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * y_stride] = mask[i * mask_stride] ? word : x[i * x_stride];
  }
}

struct Word16 {
  uint64_t halves[2];
};

}  // namespace

void add_row(void* to, const void* from, int64_t from_stride, DType dtype, int64_t n) {
  dispatch(dtype, [=]<class T>() { add_row_of<T>(to, from, from_stride, n); });
}

void add_elements(void* to, const int64_t* offsets, const void* from, int64_t step, DType dtype, int64_t n) {
  dispatch(dtype, [=]<class T>() { add_elements_of<T>(to, offsets, from, step, n); });
}

void read_elements(const void* from, const int64_t* offsets, void* to, int64_t step, int64_t bytes, int64_t n) {
  switch (bytes) {
    case 1: return read_words<uint8_t>(from, offsets, to, step, n);
    case 2: return read_words<uint16_t>(from, offsets, to, step, n);
    case 4: return read_words<uint32_t>(from, offsets, to, step, n);
    case 8: return read_words<uint64_t>(from, offsets, to, step, n);
    default: return read_words<Word16>(from, offsets, to, step, n);
  }
}

void write_elements(void* to, const int64_t* offsets, const void* from, int64_t step, int64_t bytes, int64_t n) {
  switch (bytes) {
    case 1: return write_words<uint8_t>(to, offsets, from, step, n);
    case 2: return write_words<uint16_t>(to, offsets, from, step, n);
    case 4: return write_words<uint32_t>(to, offsets, from, step, n);
    case 8: return write_words<uint64_t>(to, offsets, from, step, n);
    default: return write_words<Word16>(to, offsets, from, step, n);
  }
}

void masked_fill_row(const void* x, int64_t x_stride, const uint8_t* mask, int64_t mask_stride, const void* value, void* y,
                     int64_t y_stride, int64_t bytes, int64_t n) {
  switch (bytes) {
    case 1: return masked_fill_words<uint8_t>(x, x_stride, mask, mask_stride, value, y, y_stride, n);
    case 2: return masked_fill_words<uint16_t>(x, x_stride, mask, mask_stride, value, y, y_stride, n);
    case 4: return masked_fill_words<uint32_t>(x, x_stride, mask, mask_stride, value, y, y_stride, n);
    case 8: return masked_fill_words<uint64_t>(x, x_stride, mask, mask_stride, value, y, y_stride, n);
    default: return masked_fill_words<Word16>(x, x_stride, mask, mask_stride, value, y, y_stride, n);
  }
}

}  // namespace ember::EMBER_ISA
