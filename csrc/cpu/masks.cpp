// Masks: counted in chunks first, so that each thread knows where its results begin.
#include <algorithm>
#include <vector>

#include "cpu/copies.h"
#include "cpu/indexing_kernels.h"
#include "cpu/iterate.h"
#include "cpu/parallel.h"
#include "ops/indexing.h"

namespace ember::indexing {

namespace {

constexpr int64_t kChunk = 1 << 15;  // elements of a mask that are counted together
constexpr int64_t kLongWork = 1 << 18;

// A dense mask of bytes 0 and 1.
Tensor dense_mask(const Tensor& tensor) {
  if (tensor.dtype() == DType::Bool && tensor.is_contiguous()) return tensor;
  const Tensor mask = empty(tensor.sizes(), DType::Bool);
  copy_elements(mask, tensor);
  return mask;
}

Tensor dense(const Tensor& tensor, const Dims& sizes) {
  if (tensor.is_contiguous() && tensor.sizes() == sizes) return tensor;
  const Tensor copy = empty(sizes, tensor.dtype());
  copy_elements(copy, tensor);
  return copy;
}

// How many elements are True before each chunk; the last entry is the number of all.
std::vector<int64_t> count_true(const uint8_t* mask, int64_t n) {
  const int64_t chunks = (n + kChunk - 1) / kChunk;
  std::vector<int64_t> before(size_t(chunks) + 1, 0);
  int64_t* counts = before.data() + 1;
  parallel_for(chunks, 8, [=](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      int64_t count = 0;
      const int64_t last = std::min(n, (chunk + 1) * kChunk);
      for (int64_t i = chunk * kChunk; i < last; ++i) count += mask[i] != 0;
      counts[chunk] = count;
    }
  });
  for (int64_t chunk = 0; chunk < chunks; ++chunk) counts[chunk] += before[size_t(chunk)];
  return before;
}

// Calls f(start, positions, count, rank) for blocks of elements: the True ones are at start + positions[...], the first of
// them is number `rank` of all. Positions are collected without branches, which random masks would mispredict.
template <class F>
void each_block(const uint8_t* mask, int64_t n, const std::vector<int64_t>& before, F f) {
  constexpr int64_t block = 1024;
  parallel_for(int64_t(before.size()) - 1, 2, [&](int64_t begin, int64_t end) {
    int32_t positions[block];
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      int64_t rank = before[size_t(chunk)];
      const int64_t last = std::min(n, (chunk + 1) * kChunk);
      for (int64_t start = chunk * kChunk; start < last; start += block) {
        const int32_t length = int32_t(std::min(block, last - start));
        int32_t count = 0;
        for (int32_t i = 0; i < length; ++i) {
          positions[count] = i;
          count += mask[start + i] != 0;
        }
        f(start, positions, count, rank);
        rank += count;
      }
    }
  });
}

template <class F>
void by_bytes(size_t bytes, F f) {
  struct Word16 {
    uint64_t halves[2];
  };
  switch (bytes) {
    case 1: return f(uint8_t());
    case 2: return f(uint16_t());
    case 4: return f(uint32_t());
    case 8: return f(uint64_t());
    default: return f(Word16());
  }
}

}  // namespace

void nonzero::cpu(Call& c) {
  const Tensor input = c.tensor(0), mask = dense_mask(input);
  const uint8_t* flags = mask.data<uint8_t>();
  const int64_t n = mask.numel();
  const std::vector<int64_t> before = count_true(flags, n);
  const int dims = input.dim();
  const int64_t count = before.back();
  if (c.given) c.output(0, {count, dims}, DType::Int64);
  else
    c.outputs[0] = empty_strided({count, dims}, {1, count}, DType::Int64);  // each dim's indices run on: index() reads them so
  int64_t* out = c.out().data<int64_t>();
  const int64_t row = c.out().stride(0), column = c.out().stride(1);
  const Dims& sizes = input.sizes();
  each_block(flags, n, before, [&](int64_t start, const int32_t* positions, int32_t found, int64_t rank) {
    // The row that the element is in stays for many elements: only then are its coordinates worked out again.
    const int64_t width = dims ? sizes[dims - 1] : 1;
    int64_t first = -1;  // element of the row
    for (int32_t i = 0; i < found; ++i) {
      int64_t* place = out + (rank + i) * row;
      const int64_t element = start + positions[i];
      if (first < 0 || element - first >= width) first = element / width * width;
      if (dims) place[(dims - 1) * column] = element - first;
      int64_t left = first / width;
      for (int d = dims - 2; d > 0; --d) {
        place[d * column] = left % sizes[d];
        left /= sizes[d];
      }
      if (dims > 1) place[0] = left;
    }
  });
}

void masked_select::cpu(Call& c) {
  const Dims sizes = broadcast(c.sizes(0), c.sizes(1), c.name());
  const Tensor mask = dense(c.tensor(1), sizes), input = dense(c.tensor(0), sizes);
  const uint8_t* flags = mask.data<uint8_t>();
  const std::vector<int64_t> before = count_true(flags, mask.numel());
  const Tensor out = c.output(0, {before.back()}, input.dtype());
  by_bytes(bytes_of(out.dtype()), [&]<class Word>(Word) {
    const Word* x = input.data<Word>();
    Word* y = out.data<Word>();
    each_block(flags, mask.numel(), before, [=](int64_t start, const int32_t* positions, int32_t found, int64_t rank) {
      for (int32_t i = 0; i < found; ++i) y[rank + i] = x[start + positions[i]];
    });
  });
}

void masked_scatter::cpu(Call& c) {
  const Tensor& out = c.out();
  const Tensor mask = dense(c.tensor(1), out.sizes());
  const Tensor source = dense(c.tensor(2), c.sizes(2));
  const uint8_t* flags = mask.data<uint8_t>();
  const std::vector<int64_t> before = count_true(flags, mask.numel());
  if (before.back() > source.numel())
    fail(ErrorKind::Runtime, c.name(), "(): Number of elements of source < number of ones in mask: ", source.numel(), " and ",
         before.back(), ".");
  Tensor result = empty(out.sizes(), out.dtype());
  copy_elements(result, c.tensor(0));
  by_bytes(bytes_of(out.dtype()), [&]<class Word>(Word) {
    const Word* x = source.data<Word>();
    Word* y = result.data<Word>();
    each_block(flags, mask.numel(), before, [=](int64_t start, const int32_t* positions, int32_t found, int64_t rank) {
      for (int32_t i = 0; i < found; ++i) y[start + positions[i]] = x[rank + i];
    });
  });
  copy_elements(out, result);
}

void masked_fill::cpu(Call& c) {
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  const Tensor input = c.tensor(0), mask = c.tensor(1);
  const Tensor value = empty({}, out.dtype());
  copy_elements(value, c.tensor(2));
  const Tensor* tensors[] = {&out, &input, &mask};
  const Iteration walk(tensors, 3);
  const int64_t bytes = int64_t(bytes_of(out.dtype()));
  const int64_t y_stride = walk.dims ? walk.strides[0][0] : 1, x_stride = walk.dims ? walk.strides[1][0] : 1,
                mask_stride = walk.dims ? walk.strides[2][0] : 1;
  Unlocked unlocked(out.numel() > kLongWork);
  parallel_for(
      out.numel(), grain_of(1),
      [&](int64_t begin, int64_t end) {
        Iteration::Position position = walk.at(begin);
        while (begin < end) {
          const int64_t n = std::min(end - begin, walk.row_left(position));
          masked_fill_row(walk.data[1] + walk.offset(position, 1) * bytes, x_stride,
                          reinterpret_cast<const uint8_t*>(walk.data[2]) + walk.offset(position, 2), mask_stride, value.raw(),
                          walk.data[0] + walk.offset(position, 0) * bytes, y_stride, bytes, n);
          walk.advance(position, n);
          begin += n;
        }
      },
      16);
}

}  // namespace ember::indexing
