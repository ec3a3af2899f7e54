// The formulas of recurrent cells, from what their linear maps give; cells are composed of them (ember/ops/recurrent.py).
#pragma once
#include "op/formula.h"

namespace ember::ops {

struct lstm_cell_state {
  static constexpr Record record = {.schema = "_lstm_cell_state(Tensor i, Tensor f, Tensor g, Tensor c) -> Tensor",
                                    .doc = "sigmoid(f) c + sigmoid(i) tanh(g).",
                                    .source = "Hochreiter, Schmidhuber 1997; Gers, Schmidhuber, Cummins 2000",
                                    .domain = {0.1, 3},
                                    .types = kFloat,
                                    .ulp = 6,
                                    .cost = 40,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X i, X f, X g, X c) {
    return ember::sigmoid(f) * c + ember::sigmoid(i) * ember::tanh(g);
  }
};
EMBER_REGISTER(lstm_cell_state)

struct lstm_cell_output {
  static constexpr Record record = {.schema = "_lstm_cell_output(Tensor o, Tensor c) -> Tensor",
                                    .doc = "sigmoid(o) tanh(c).",
                                    .source = "Hochreiter, Schmidhuber 1997",
                                    .domain = {-3, 3},
                                    .types = kFloat,
                                    .ulp = 6,
                                    .cost = 25,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X o, X c) { return ember::sigmoid(o) * ember::tanh(c); }
};
EMBER_REGISTER(lstm_cell_output)

struct gru_cell_candidate {
  static constexpr Record record = {.schema = "_gru_cell_candidate(Tensor r, Tensor input, Tensor hidden) -> Tensor",
                                    .doc = "tanh(input + sigmoid(r) hidden).",
                                    .source = "Cho et al. 2014",
                                    .domain = {0.1, 3},
                                    .types = kFloat,
                                    .ulp = 6,
                                    .cost = 25,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X r, X input, X hidden) {
    return ember::tanh(input + ember::sigmoid(r) * hidden);
  }
};
EMBER_REGISTER(gru_cell_candidate)

struct gru_cell_output {
  static constexpr Record record = {.schema = "_gru_cell_output(Tensor z, Tensor n, Tensor h) -> Tensor",
                                    .doc = "n + sigmoid(z) (h - n).",
                                    .source = "Cho et al. 2014",
                                    .domain = {0.1, 3},
                                    .types = kFloat,
                                    .ulp = 16,
                                    .cost = 12,
                                    .where = 0};
  template <class X> EMBER_FN static X forward(X z, X n, X h) { return n + ember::sigmoid(z) * (h - n); }
};
EMBER_REGISTER(gru_cell_output)

}  // namespace ember::ops
