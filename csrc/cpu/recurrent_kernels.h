// Loops of recurrent layers, in Float32 or Float64 (`compute`). Strides are in elements; columns run on.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"
#include "ops/recurrent_mode.h"

namespace ember {

constexpr int64_t kPanel = 32;  // columns of a packed weight that lie together

// packed[j / kPanel][p][j % kPanel] = weight[p row + j column] for p < k, j < columns; the last panel is filled up with 0.
EMBER_KERNEL(pack_weight,
             (const void* weight, int64_t row, int64_t column, int64_t k, int64_t columns, void* packed, DType compute))

// c = a weight, or c += a weight: a is (rows, k), the packed weight (k, panels * kPanel).
struct PackedProduct {
  int64_t rows, k, panels;
  const void* a;
  int64_t a_row;
  const void* weight;
  void* c;
  int64_t c_row;
  bool accumulate;
  DType compute;
};
EMBER_KERNEL(multiply_packed, (const PackedProduct& task))

// Some sequences at one step: from the linear maps to the states.
struct RecurrentStep {
  RecurrentMode mode = RecurrentMode::Tanh;
  DType compute = DType::Float32;
  int64_t rows = 0, hidden = 0;
  const void* product = nullptr;  // the hidden part of the gates without its bias, (rows, gates * hidden)
  int64_t product_row = 0;
  const void* bias = nullptr;  // of the hidden part, (gates * hidden)
  void* kept = nullptr;  // (rows, kept_of(mode) * hidden), or for rnn the output: holds the input part of the gates
  int64_t kept_row = 0;
  void* h = nullptr;  // the state, read by gru, and written
  int64_t h_row = 0;
  void* c = nullptr;  // of lstm: the state, read and written
  void* output = nullptr;  // takes h too; may be null
  int64_t output_row = 0;
};
EMBER_KERNEL(recurrent_step, (const RecurrentStep& task))

// The same sequences in backward: from the gradients by the states to those by the gates.
struct RecurrentStepGradient {
  RecurrentMode mode = RecurrentMode::Tanh;
  DType compute = DType::Float32;
  int64_t rows = 0, hidden = 0;
  const void* kept = nullptr;  // as recurrent_step left it
  int64_t kept_row = 0;
  const void* before = nullptr;  // the state before the step: of lstm c, of gru h
  int64_t before_row = 0;
  void* dh = nullptr;  // by h; gru leaves what goes to the step before directly
  int64_t dh_row = 0;
  void* dc = nullptr;  // of lstm: by c, then by c before the step
  void* gates = nullptr;  // takes the gradients by the gates, gate_gradients_of(mode) * hidden a row
  int64_t gates_row = 0;
  void* unprojected = nullptr;  // of a projected lstm: takes the output before its projection; else null
  void* sums = nullptr;  // += the gradients by the gates
};
EMBER_KERNEL(recurrent_step_gradient, (const RecurrentStepGradient& task))

// sum = x + y in rows of `columns`; without y, sum = x.
struct RowSum {
  DType compute;
  int64_t rows, columns;
  const void* x;
  int64_t x_row;
  const void* y;
  int64_t y_row;
  void* sum;
  int64_t sum_row;
};
EMBER_KERNEL(add_rows, (const RowSum& task))

}  // namespace ember
