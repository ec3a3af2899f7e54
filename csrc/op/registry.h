// All operations of the process. A registration is constant data in a section of the library, so it runs no code on load.
#pragma once
#include <string_view>
#include <vector>

#include "op/operation.h"

namespace ember {

struct Registration {
  const Record* record;
  void (*build)(Operation&);
  const char* file;
};

const std::vector<Operation*>& operations();
Operation* find_operation(std::string_view name);  // null where there is none
Operation& operation_of(const Record& record);

// The operation that struct Op describes.
template <class Op>
Operation& operation() {
  static Operation& found = operation_of(Op::record);
  return found;
}

// The section holds pointers: records themselves may be aligned apart.
#define EMBER_REGISTRATION(op, builder) \
  static constinit const Registration registration_##op = {&op::record, builder, __FILE__}; \
  [[gnu::section("ember_operations"), gnu::used]] static constinit const Registration* const listed_##op = &registration_##op;

}  // namespace ember
