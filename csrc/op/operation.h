// An operation at run time: its record, its parsed schema, and the functions derived from it.
#pragma once
#include <string>

#include "op/record.h"
#include "op/schema.h"

namespace ember {

struct Call;
struct Backward;
struct Pointwise;

struct Operation {
  const Record* record = nullptr;
  Schema schema;
  std::string family;                           // the file in csrc/ops
  void (*infer)(Call&) = nullptr;               // shape rule: declares the outputs
  void (*run[kDeviceTypes])(Call&) = {};        // one function per device; none for views
  void (*backward)(Backward&) = nullptr;        // null: not differentiable
  const Pointwise* pointwise = nullptr;         // of pointwise operations: the formula's loops (op/pointwise.h)
  bool is_view = false;                         // outputs share the first input's memory
  bool any_layout = false;                      // inputs in any order of dims in memory, which the outputs keep
  uint32_t saved_inputs = 0;                    // bit i: backward reads parameter i
  uint32_t saved_outputs = 0;                   // bit i: backward reads output i
  int tensor_slots = 0;                         // parameters of kind Tensor or Tensors
  std::string public_name;                      // what users called, for errors and named tuples: max of max_dim
  const char* name() const { return schema.name.c_str(); }
};

}  // namespace ember
