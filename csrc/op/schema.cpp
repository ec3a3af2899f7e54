#include "op/schema.h"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace ember {

namespace {

struct Cursor {
  const char* at;
  const char* line;

  void skip() {
    while (*at == ' ') ++at;
  }
  bool take(char symbol) {
    skip();
    if (*at != symbol) return false;
    ++at;
    return true;
  }
  std::string until(const char* stops) {
    skip();
    const char* begin = at;
    while (*at && !std::strchr(stops, *at)) ++at;
    const char* end = at;
    while (end > begin && end[-1] == ' ') --end;
    return std::string(begin, end);
  }
};

void set_type(Parameter& parameter, std::string type, const char* line) {
  auto drop = [&](const std::string& ending) {
    if (type.size() < ending.size() || type.compare(type.size() - ending.size(), ending.size(), ending) != 0) return false;
    type.resize(type.size() - ending.size());
    return true;
  };
  parameter.optional = drop("?");
  parameter.variadic = drop("...");
  const bool list = drop("[]") || parameter.variadic;
  if (type == "Tensor") parameter.kind = list ? ValueKind::Tensors : ValueKind::Tensor;
  else if (type == "int") parameter.kind = list ? ValueKind::Ints : ValueKind::Int;
  else if (type == "float") parameter.kind = list ? ValueKind::Floats : ValueKind::Float;
  else if (type == "bool") parameter.kind = ValueKind::Bool;
  else if (type == "dtype") parameter.kind = ValueKind::DType;
  else if (type == "device") parameter.kind = ValueKind::Device;
  else if (type == "str") parameter.kind = ValueKind::String;
  else if (type == "generator") parameter.kind = ValueKind::Generator;
  else if (type == "number") parameter.kind = ValueKind::Float, parameter.number = true;
  else fail(ErrorKind::Runtime, "schema '", line, "': unknown type '", type, "'.");
}

Value parse_default(const Parameter& parameter, const std::string& word) {
  if (word == "None") return nullptr;
  if (word == "True" || word == "False") return word == "True";
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (word[0] == '\'') return word.substr(1, word.size() - 2);
  if (word == "[]") return Dims();
  if (parameter.kind == ValueKind::Ints) return Dims{std::atoll(word.c_str() + (word[0] == '['))};
  const bool floating =
      word.find_first_of(".e") != std::string::npos || (parameter.kind == ValueKind::Float && !parameter.number);
  if (floating) return std::atof(word.c_str());
  return int64_t(std::atoll(word.c_str()));
}

}  // namespace

int Schema::find(const std::string& parameter) const {
  for (size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].name == parameter) return int(i);
  return -1;
}

int Schema::find_output(const std::string& name) const {
  for (size_t i = 0; i < output_names.size(); ++i)
    if (output_names[i] == name) return int(i);
  for (size_t i = 0; i < hidden_names.size(); ++i)
    if (hidden_names[i] == name) return outputs + int(i);
  return -1;
}

Schema parse_schema(const char* line) {
  Schema schema;
  schema.line = line;
  Cursor cursor{line, line};
  schema.name = cursor.until("(");
  cursor.take('(');
  bool keyword_only = false;
  while (!cursor.take(')')) {
    if (cursor.take('*')) {
      keyword_only = true;
    } else {
      Parameter parameter;
      parameter.keyword_only = keyword_only;
      set_type(parameter, cursor.until(" "), line);
      parameter.name = cursor.until("=,)");
      if (cursor.take('=')) {
        parameter.has_default = true;
        parameter.standard = parse_default(parameter, cursor.until(",)"));
      }
      schema.parameters.push_back(std::move(parameter));
    }
    cursor.take(',');
    if (!*cursor.at) fail(ErrorKind::Runtime, "schema '", line, "': no closing parenthesis.");
  }
  cursor.until("(T");  // ->
  if (cursor.take('(')) {
    schema.outputs = 0;
    while (!cursor.take(')')) {
      cursor.until(" ,)");  // Tensor
      const std::string name = cursor.until(",)");
      if (name[0] == '_') {
        schema.hidden_names.push_back(name.substr(1));
      } else {
        if (!name.empty()) schema.output_names.push_back(name);
        ++schema.outputs;
      }
      cursor.take(',');
    }
  } else if (std::string(cursor.at) == "Tensor[]") {
    schema.outputs = -1;  // as many as the shape rule says
  }
  return schema;
}

const char* name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::None: return "None";
    case ValueKind::Tensor: return "Tensor";
    case ValueKind::Bool: return "bool";
    case ValueKind::Int: return "int";
    case ValueKind::Float: return "float";
    case ValueKind::Complex: return "complex";
    case ValueKind::Ints: return "tuple of ints";
    case ValueKind::Floats: return "tuple of floats";
    case ValueKind::Tensors: return "tuple of Tensors";
    case ValueKind::DType: return "dtype";
    case ValueKind::Device: return "device";
    case ValueKind::String: return "str";
    case ValueKind::Generator: return "Generator";
  }
  return "?";
}

}  // namespace ember
