#include "op/registry.h"

#include <cstring>
#include <unordered_map>

// The linker sets these two around the section that EMBER_REGISTRATION fills.
extern "C" const ember::Registration* const __start_ember_operations[];
extern "C" const ember::Registration* const __stop_ember_operations[];

namespace ember {

namespace {

struct Registry {
  std::vector<Operation*> all;
  std::unordered_map<std::string_view, Operation*> by_name;
  std::unordered_map<const Record*, Operation*> by_record;
};

// Internal records begin with _; those of a function's form with one dim end with _dim.
std::string public_name(std::string name) {
  name.erase(0, name.find_first_not_of('_'));
  if (name.ends_with("_dim")) name.resize(name.size() - 4);
  return name;
}

std::string family_of(const char* file) {
  const char* slash = std::strrchr(file, '/');
  std::string name = slash ? slash + 1 : file;
  return name.substr(0, name.find('.'));
}

// `input weight out` as a bit mask of parameters, and whether the output is among them.
void parse_saves(Operation& operation) {
  const char* at = operation.record->saves;
  while (*at) {
    const char* space = std::strchr(at, ' ');
    const std::string word(at, space ? size_t(space - at) : std::strlen(at));
    if (word == "out") {
      operation.saved_outputs |= 1;
    } else if (const int output = operation.schema.find_output(word); output >= 0) {
      operation.saved_outputs |= 1u << output;
    } else {
      const int index = operation.schema.find(word);
      if (index < 0) fail(ErrorKind::Runtime, "record of ", operation.name(), ": saves '", word, "', which is no parameter.");
      operation.saved_inputs |= 1u << index;
    }
    at = space ? space + 1 : at + word.size();
  }
}

Registry build_registry() {
  Registry registry;
  for (auto* entry = __start_ember_operations; entry != __stop_ember_operations; ++entry) {
    const Registration* each = *entry;
    Operation* operation = new Operation;  // lives as long as the process
    operation->record = each->record;
    operation->schema = parse_schema(each->record->schema);
    operation->public_name = public_name(operation->schema.name);
    operation->family = family_of(each->file);
    for (const Parameter& parameter : operation->schema.parameters)
      operation->tensor_slots += parameter.kind == ValueKind::Tensor || parameter.kind == ValueKind::Tensors;
    parse_saves(*operation);
    each->build(*operation);
    registry.all.push_back(operation);
    if (!registry.by_name.emplace(operation->schema.name, operation).second)
      fail(ErrorKind::Runtime, "two records are called ", operation->name(), ".");
    registry.by_record.emplace(each->record, operation);
  }
  return registry;
}

const Registry& registry() {
  static const Registry* built = new Registry(build_registry());
  return *built;
}

}  // namespace

const std::vector<Operation*>& operations() { return registry().all; }

Operation* find_operation(std::string_view name) {
  auto found = registry().by_name.find(name);
  return found == registry().by_name.end() ? nullptr : found->second;
}

Operation& operation_of(const Record& record) { return *registry().by_record.at(&record); }

}  // namespace ember
