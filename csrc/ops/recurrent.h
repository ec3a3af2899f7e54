// Recurrent networks: all steps of one layer in one direction.
#pragma once
#include "op/backward.h"
#include "ops/recurrent_mode.h"

namespace ember {

struct recurrent_layer {
  static constexpr Record record = {
      .schema =
          "_recurrent_layer(str mode, Tensor input, Tensor? hx, Tensor? cx, Tensor w_ih, Tensor w_hh, Tensor? b_ih, "
          "Tensor? b_hh, Tensor? w_hr, int[]? batch_sizes, bool reverse) "
          "-> (Tensor output, Tensor hidden, Tensor cell, Tensor _kept)",
      .doc =
          "The layer of `mode` (rnn_tanh, rnn_relu, gru or lstm) over input (T, N, I), or over packed rows (sum of batch_sizes, "
          "I). hx (N, P) and cx (N, H) are zero where they are None. hidden is the last output of each sequence, cell the last "
          "state of an lstm, empty for others.",
      .source = "Elman 1990; Hochreiter, Schmidhuber 1997; Cho et al. 2014; Sak, Senior, Beaufays 2014",
      .types = kFloat,
      .saves = "input hx cx w_ih w_hh b_ih b_hh w_hr output kept",
      .where = 0,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct recurrent_layer_backward {
  static constexpr Record record = {
      .schema =
          "_recurrent_layer_backward(str mode, Tensor? g_output, Tensor? g_hidden, Tensor? g_cell, Tensor input, Tensor? hx, "
          "Tensor? cx, Tensor w_ih, Tensor w_hh, Tensor? w_hr, Tensor output, Tensor? kept, int[]? batch_sizes, bool reverse, "
          "int wanted) -> Tensor[]",
      .doc = "The gradients of _recurrent_layer by input, hx, cx, w_ih, w_hh, b_ih, b_hh and w_hr: those whose bit is wanted.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

// Of recurrent_layer_backward's results.
enum RecurrentGradient { kInput, kHx, kCx, kInputWeight, kHiddenWeight, kInputBias, kHiddenBias, kProjection, kGradients };

// The sizes of a layer. Rows are those of all steps, one below the other; step t begins at row first[t] with its active[t]
// sequences, of which a packed batch has fewer from step to step.
struct RecurrentShape {
  RecurrentMode mode;
  bool packed, reverse;
  int64_t inputs, hidden, width;  // of input, of a gate, of the output: hidden, or less where it is projected
  int64_t steps, batch, rows;
  Dims active, first;

  RecurrentShape(const Value& mode, const Tensor& input, const Tensor& w_hh, const Value& batch_sizes, bool reverse);

  int64_t gates() const { return gates_of(mode) * hidden; }
  int64_t step(int64_t i) const { return reverse ? steps - 1 - i : i; }  // the i-th in the order of computation
};

}  // namespace ember
