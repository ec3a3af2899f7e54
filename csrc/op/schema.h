// The schema line of an operation, parsed: `clamp(Tensor input, number? min=None, number? max=None) -> Tensor`.
#pragma once
#include <string>
#include <vector>

#include "op/value.h"

namespace ember {

// In schema lines: Tensor Tensor? Tensor[] int int? int[] int[]? int... float float? float[]? bool bool? number number?
// dtype? device? str str? generator?. `int...` also takes its integers as separate positional arguments.
// `number` keeps what was given: int, float, complex or bool. A Tensor slot takes a Python number too.
struct Parameter {
  std::string name;
  ValueKind kind = ValueKind::None;
  bool number = false;        // any of Bool, Int, Float, Complex
  bool optional = false;      // None is accepted
  bool variadic = false;
  bool keyword_only = false;
  bool has_default = false;
  Value standard;             // the default
  void* interned = nullptr;   // bind/: the name as a Python string
};

struct Schema {
  std::string name;       // softplus
  std::string line;       // the whole line, for errors and docs
  std::vector<Parameter> parameters;
  int outputs = 1;
  std::vector<std::string> output_names;  // of a named tuple: `-> (Tensor values, Tensor indices)`
  std::vector<std::string>
      hidden_names;  // `-> (Tensor loss, Tensor _sum)`: backward alone sees outputs whose names begin with _
  int find(const std::string& parameter) const;  // -1 where there is none
  int find_output(const std::string& name) const;
};

Schema parse_schema(const char* line);
const char* name_of(ValueKind kind);

}  // namespace ember
