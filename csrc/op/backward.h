// What a backward formula sees: the gradients of the outputs, what was saved, and where its results go.
#pragma once
#include "op/call.h"

namespace ember {

struct SavedArgument;

struct Backward {
  const Operation& op;
  Value* args;                   // as saved: tensors that the record does not save are of the right shape but without memory
  Tensor* saved_outputs;
  const Tensor* gradients;       // of the outputs; undefined where none arrived
  const uint8_t* wanted;         // by edge
  Tensor* results;               // by edge
  const int16_t* first_edge;     // by parameter; -1 where it is no tensor
  Dims result_sizes;             // of output 0

  const Tensor& gradient(int output = 0) const { return gradients[output]; }
  Tensor tensor(int i) const { return args[i].tensor(); }
  const Dims& sizes(int i) const { return args[i].body()->sizes; }
  DType dtype(int i) const { return args[i].body()->dtype; }
  const Value& arg(int i) const { return args[i]; }
  const Tensor& out(int i = 0) const { return saved_outputs[i]; }
  bool needs(int i, int element = 0) const { return first_edge[i] >= 0 && wanted[first_edge[i] + element]; }
  // The gradient of parameter i (of its element, where it is a list). Broadcasting and a cast are undone by the engine.
  void set(int i, const Tensor& gradient, int element = 0) const {
    if (needs(i, element)) results[first_edge[i] + element] = gradient;
  }
};

}  // namespace ember
