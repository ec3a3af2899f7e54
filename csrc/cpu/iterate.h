// Walking several tensors of one shape together: dimensions put in memory order, joined where they run on, cut in rows.
#pragma once
#include <algorithm>

#include "core/tensor.h"

namespace ember {

inline constexpr int kMaxOperands = 6;

// Operand 0 leads: its memory order decides. Dim 0 is the innermost.
struct Iteration {
  int operands = 0;
  int dims = 0;
  int64_t numel = 0;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];  // in elements
  char* data[kMaxOperands];
  DType dtypes[kMaxOperands];
  int64_t linear[kMaxOperands];             // the one stride, where an operand has one from first to last element; -1 else

  // `tensors[0]` gives the shape, the others are broadcast to it.
  Iteration(const Tensor* const* tensors, int count) : operands(count), numel(tensors[0]->numel()) {
    const Dims& shape = tensors[0]->sizes();
    const int all = shape.size();
    for (int k = 0; k < count; ++k) {
      data[k] = static_cast<char*>(tensors[k]->raw());
      dtypes[k] = tensors[k]->dtype();
    }
    for (int d = all - 1; d >= 0; --d) {
      if (shape[d] == 1) continue;
      sizes[dims] = shape[d];
      for (int k = 0; k < count; ++k) {
        const Dims& own = tensors[k]->sizes();
        const int at = d - (all - own.size());
        strides[k][dims] = at < 0 || own[at] == 1 ? 0 : tensors[k]->strides()[at];
      }
      ++dims;
    }
    sort();
    join();
    for (int k = 0; k < count; ++k) linear[k] = dims == 0 ? 0 : dims == 1 ? strides[k][0] : -1;
    for (int k = 0; k < count && dims > 1; ++k) {
      bool zero = true, running = true;
      int64_t step = 1;
      for (int d = 0; d < dims; ++d) {
        zero &= strides[k][d] == 0;
        running &= strides[k][d] == step;
        step *= sizes[d];
      }
      if (zero) linear[k] = 0;
      else if (running) linear[k] = 1;
    }
  }

  // Where row-wise walking stands: the index of an element, kept per dimension.
  struct Position {
    int64_t index[kMaxDims];
  };
  Position at(int64_t element) const {
    Position position;
    for (int d = 0; d < dims; ++d) {
      position.index[d] = element % sizes[d];
      element /= sizes[d];
    }
    return position;
  }
  // Rows run along dim d from now on; elements are visited in another order.
  void bring_inside(int d) { swap(0, d); }
  int64_t row_left(const Position& position) const { return dims ? sizes[0] - position.index[0] : 1; }
  int64_t offset(const Position& position, int k) const {
    int64_t sum = 0;
    for (int d = 0; d < dims; ++d) sum += position.index[d] * strides[k][d];
    return sum;
  }
  void advance(Position& position, int64_t count) const {  // at most to the end of the row
    if (dims == 0) return;
    position.index[0] += count;
    for (int d = 0; d + 1 < dims && position.index[d] == sizes[d]; ++d) {
      position.index[d] = 0;
      ++position.index[d + 1];
    }
  }

 private:
  // The smallest strides of the leading operand go innermost; where it has none, the next operand decides.
  bool before(int a, int b) const {
    for (int k = 0; k < operands; ++k) {
      const int64_t left = std::abs(strides[k][a]), right = std::abs(strides[k][b]);
      if (left != right && left != 0 && right != 0) return left < right;
    }
    return false;
  }
  void swap(int a, int b) {
    std::swap(sizes[a], sizes[b]);
    for (int k = 0; k < operands; ++k) std::swap(strides[k][a], strides[k][b]);
  }
  void sort() {
    for (int i = 1; i < dims; ++i)
      for (int j = i; j > 0 && before(j, j - 1); --j) swap(j, j - 1);
  }
  void join() {
    int kept = 0;
    for (int d = 1; d < dims; ++d) {
      bool runs_on = true;
      for (int k = 0; k < operands; ++k) runs_on &= strides[k][d] == strides[k][kept] * sizes[kept];
      if (runs_on) {
        sizes[kept] *= sizes[d];
      } else {
        ++kept;
        sizes[kept] = sizes[d];
        for (int k = 0; k < operands; ++k) strides[k][kept] = strides[k][d];
      }
    }
    if (dims) dims = kept + 1;
  }
};

}  // namespace ember
