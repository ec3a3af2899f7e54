#include "cpu/fold_kernels.h"

namespace ember::EMBER_ISA {

namespace {

// The blocks of one dim whose place `k` lies inside the image: [low, high), and its position in the first of them.
struct Inside {
  int64_t low, high, from;
  Inside(const FoldTask& task, int dim, int64_t k) {
    const int64_t stride = task.stride[dim], shift = k * task.dilation[dim] - task.padding[dim];
    low = shift < 0 ? (-shift + stride - 1) / stride : 0;
    high = task.image[dim] > shift ? (task.image[dim] - 1 - shift) / stride + 1 : 0;
    if (high > task.count[dim]) high = task.count[dim];
    if (low > high) low = high;
    from = low * stride + shift;
  }
};

struct Word16 {
  uint64_t halves[2];
};

template <class T>
void unfold_row(const FoldTask& task, const T* plane, T* columns, int64_t kernel_row, int64_t kernel_column) {
  const Inside rows(task, 0, kernel_row), cols(task, 1, kernel_column);
  const int64_t width = task.count[1], stride = task.stride[1];
  __builtin_memset(columns, 0, size_t(rows.low * width) * sizeof(T));
  for (int64_t r = rows.low; r < rows.high; ++r) {
    const T* from = plane + (rows.from + (r - rows.low) * task.stride[0]) * task.image[1] + cols.from;
    T* to = columns + r * width;
    __builtin_memset(to, 0, size_t(cols.low) * sizeof(T));
    if (stride == 1) __builtin_memcpy(to + cols.low, from, size_t(cols.high - cols.low) * sizeof(T));
    else
      for (int64_t i = cols.low; i < cols.high; ++i) to[i] = from[(i - cols.low) * stride];
    __builtin_memset(to + cols.high, 0, size_t(width - cols.high) * sizeof(T));
  }
  __builtin_memset(columns + rows.high * width, 0, size_t((task.count[0] - rows.high) * width) * sizeof(T));
}

template <class T>
void unfold_words(const FoldTask& task, const void* planes, void* columns, int64_t begin, int64_t end) {
  const int64_t blocks = task.count[0] * task.count[1], plane = task.image[0] * task.image[1];
  for (int64_t r = begin; r < end; ++r) {
    const int64_t column = r % task.kernel[1], row = r / task.kernel[1] % task.kernel[0],
                  outer = r / task.kernel[1] / task.kernel[0];
    unfold_row(task, static_cast<const T*>(planes) + outer * plane, static_cast<T*>(columns) + r * blocks, row, column);
  }
}

// Of numbers of `parts` real parts.
template <class T, int parts>
void fold_row(const FoldTask& task, const T* columns, T* plane, int64_t kernel_row, int64_t kernel_column) {
  const Inside rows(task, 0, kernel_row), cols(task, 1, kernel_column);
  const int64_t stride = task.stride[1], n = cols.high - cols.low;
  for (int64_t r = rows.low; r < rows.high; ++r) {
    const T* from = columns + (r * task.count[1] + cols.low) * parts;
    T* to = plane + ((rows.from + (r - rows.low) * task.stride[0]) * task.image[1] + cols.from) * parts;
    if (stride == 1) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n * parts; ++i) to[i] += from[i];
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; ++i)
        for (int p = 0; p < parts; ++p) to[i * stride * parts + p] += from[i * parts + p];
    }
  }
}

template <class T, int parts>
void fold_numbers(const FoldTask& task, const void* columns, void* planes, int64_t begin, int64_t end) {
  const int64_t blocks = task.count[0] * task.count[1] * parts, plane = task.image[0] * task.image[1] * parts;
  const int64_t places = task.kernel[0] * task.kernel[1];
  for (int64_t outer = begin; outer < end; ++outer) {
    T* to = static_cast<T*>(planes) + outer * plane;
    __builtin_memset(to, 0, size_t(plane) * sizeof(T));
    for (int64_t k = 0; k < places; ++k)
      fold_row<T, parts>(task, static_cast<const T*>(columns) + (outer * places + k) * blocks, to, k / task.kernel[1],
                         k % task.kernel[1]);
  }
}

}  // namespace

void unfold_rows(const FoldTask& task, const void* planes, void* columns, int64_t begin, int64_t end) {
  switch (task.bytes) {
    case 1: return unfold_words<uint8_t>(task, planes, columns, begin, end);
    case 2: return unfold_words<uint16_t>(task, planes, columns, begin, end);
    case 4: return unfold_words<uint32_t>(task, planes, columns, begin, end);
    case 8: return unfold_words<uint64_t>(task, planes, columns, begin, end);
    default: return unfold_words<Word16>(task, planes, columns, begin, end);
  }
}

void fold_planes(const FoldTask& task, const void* columns, void* planes, int64_t begin, int64_t end) {
  switch (task.dtype) {
    case DType::Float64: return fold_numbers<double, 1>(task, columns, planes, begin, end);
    case DType::Complex64: return fold_numbers<float, 2>(task, columns, planes, begin, end);
    case DType::Complex128: return fold_numbers<double, 2>(task, columns, planes, begin, end);
    default: return fold_numbers<float, 1>(task, columns, planes, begin, end);
  }
}

}  // namespace ember::EMBER_ISA
