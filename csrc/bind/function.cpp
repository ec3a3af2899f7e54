// One callable type for all operations: reads its arguments by the operation's schema line.
#include <cstddef>
#include <cstring>

#include "bind/overrides.h"
#include "bind/python.h"

namespace ember {

namespace {

// `op` as a function of the module, as a method, in place (name_), or both.
struct Function {
  PyObject_HEAD
  vectorcallfunc vectorcall;
  const Operation* op;
  bool inplace;
  PyObject* name;
  PyObject* dict;
};

PyTypeObject* function_type = nullptr;
PyObject* out_name = nullptr;
PyObject* dtype_name = nullptr;

[[noreturn]] void wrong_arguments(const Function& function, const std::string& what) {
  fail(ErrorKind::Type, PyUnicode_AsUTF8(function.name), "(): ", what, "; expected ", function.op->schema.line, ".");
}

std::string signature_type(const Parameter& parameter) {
  return std::string(parameter.number ? "Number" : name_of(parameter.kind)) + (parameter.optional ? " or None" : "");
}

// Names that a parameter has besides its own: NumPy's, and those of one of PyTorch's two forms, function and method.
constexpr std::pair<const char*, const char*> kOtherNames[] = {
    {"axis", "dim"}, {"axes", "dims"},  {"keepdims", "keepdim"}, {"x", "input"},  {"x1", "input"},
    {"a", "input"},  {"self", "input"}, {"tensor", "input"},     {"x2", "other"}, {"split_size", "split_size_or_sections"}};

// The slot of a keyword; -1 if there is none.
int slot_of(const Schema& schema, PyObject* keyword) {
  for (size_t i = 0; i < schema.parameters.size(); ++i)
    if (schema.parameters[i].interned == keyword) return int(i);
  const char* text = utf8_of(keyword);
  const int found = schema.find(text);
  if (found >= 0) return found;
  for (const auto& [other, parameter] : kOtherNames)
    if (!std::strcmp(text, other)) return schema.find(parameter);
  return -1;
}

void set_argument(const Function& function, size_t slot, PyObject* object, Value& value) {
  const Parameter& parameter = function.op->schema.parameters[slot];
  // The frequent case first: a tensor where a tensor belongs.
  if (parameter.kind == ValueKind::Tensor && is_tensor(object)) {
    value = Value(unwrap(object));
    return;
  }
  bool fits;
  try {
    fits = convert_argument(object, parameter, value);
  } catch (const PythonError&) {
    const bool integers = parameter.kind == ValueKind::Ints;
    if ((!integers && parameter.kind != ValueKind::Int) || !PyErr_ExceptionMatches(PyExc_OverflowError)) throw;
    PyErr_Clear();
    fail(integers ? ErrorKind::Type : ErrorKind::Value, utf8_of(function.name), "(): argument '", parameter.name,
         "' (position ", slot + 1, ") has an integer of more than 64 bits; expected at most 2**63 - 1.");
  }
  if (!fits)
    wrong_arguments(function, text("argument '", parameter.name, "' (position ", slot + 1, ") must be ",
                                   signature_type(parameter), ", not ", type_name(object)));
}

struct Arguments {
  alignas(Value) unsigned char memory[sizeof(Value) * kMaxParameters];
  size_t count;
  explicit Arguments(size_t count) : count(count) {
    for (size_t i = 0; i < count; ++i) new (values() + i) Value();
  }
  ~Arguments() {
    for (size_t i = 0; i < count; ++i) values()[i].~Value();
  }
  Value* values() { return reinterpret_cast<Value*>(memory); }
};

PyObject* call_function(PyObject* self, PyObject* const* given, size_t flags, PyObject* keywords) {
  if (overridden(given, flags, keywords)) return call_overridden(self, given, flags, keywords);
  return guarded([&]() -> PyObject* {
    const Function& function = *reinterpret_cast<Function*>(self);
    const Operation& op = *function.op;
    const auto& parameters = op.schema.parameters;
    const size_t count = parameters.size();
    const size_t positional = size_t(PyVectorcall_NARGS(flags));
    Arguments arguments(count);
    Value* values = arguments.values();
    uint32_t seen = 0;
    for (size_t i = 0; i < positional; ++i) {
      if (i >= count || parameters[i].keyword_only)
        wrong_arguments(function, text("takes ", i, " positional arguments, but ", positional, " were given"));
      if (parameters[i].variadic && (positional > i + 1 || PyLong_Check(given[i]))) {
        // x.view(2, 3): the rest are its integers
        Object rest = Object::take(PyTuple_New(Py_ssize_t(positional - i)));
        for (size_t j = i; j < positional; ++j) {
          Py_INCREF(given[j]);
          PyTuple_SET_ITEM(rest.get(), Py_ssize_t(j - i), given[j]);
        }
        set_argument(function, i, rest.get(), values[i]);
        seen |= 1u << i;
        break;
      }
      set_argument(function, i, given[i], values[i]);
      seen |= 1u << i;
    }
    Tensor out;
    if (keywords) {
      const Py_ssize_t pairs = PyTuple_GET_SIZE(keywords);
      for (Py_ssize_t i = 0; i < pairs; ++i) {
        PyObject* keyword = PyTuple_GET_ITEM(keywords, i);
        PyObject* object = given[positional + size_t(i)];
        const int slot = slot_of(op.schema, keyword);
        if (slot < 0) {
          if (!function.inplace && op.schema.outputs == 1 && PyUnicode_Compare(keyword, out_name) == 0) {
            if (object == Py_None) continue;
            if (!is_tensor(object)) wrong_arguments(function, text("argument 'out' must be Tensor, not ", type_name(object)));
            out = unwrap(object);
            continue;
          }
          wrong_arguments(function, text("unknown argument '", PyUnicode_AsUTF8(keyword), "'"));
        }
        if (seen >> slot & 1) wrong_arguments(function, text("argument '", parameters[size_t(slot)].name, "' was given twice"));
        set_argument(function, size_t(slot), object, values[slot]);
        seen |= 1u << slot;
      }
    }
    for (size_t i = 0; i < count; ++i) {
      if (seen >> i & 1) continue;
      if (!parameters[i].has_default) wrong_arguments(function, text("argument '", parameters[i].name, "' is missing"));
      values[i] = parameters[i].standard;
    }
    Call request(op, values);
    if (function.inplace) {
      if (!values[0].is_tensor()) wrong_arguments(function, "the first argument must be a Tensor");
      request.outputs[0] = values[0].tensor();
      request.given = request.inplace = true;
    } else if (out) {
      request.outputs[0] = out;
      request.given = true;
    }
    call_from_python(request);
    return results_of(op, request);
  });
}

// A method of tensors alone: as an attribute of another class it stays a function, as PyTorch's are, which Python does not
// bind: `class Block(Module): activation = torch.relu`.
PyObject* get_method(PyObject* self, PyObject* instance, PyObject*) {
  return instance && is_tensor(instance) ? PyMethod_New(self, instance) : Py_NewRef(self);
}

PyObject* represent(PyObject* self) {
  return PyUnicode_FromFormat("<ember operation %U>", reinterpret_cast<Function*>(self)->name);
}

PyObject* get_doc(PyObject* self, void*) {
  const Operation& op = *reinterpret_cast<Function*>(self)->op;
  std::string doc = op.schema.line + "\n\n" + op.record->doc;
  if (*op.record->source) doc += std::string("\n\nSource: ") + op.record->source;
  return PyUnicode_FromStringAndSize(doc.data(), Py_ssize_t(doc.size()));
}

PyObject* get_schema(PyObject* self, void*) {
  return PyUnicode_FromString(reinterpret_cast<Function*>(self)->op->schema.line.c_str());
}

PyObject* reduce(PyObject* self, PyObject*) {  // pickled and copied by name, as functions are
  Py_INCREF(reinterpret_cast<Function*>(self)->name);
  return reinterpret_cast<Function*>(self)->name;
}

PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Function, vectorcall), READONLY, nullptr},
                         {"__dictoffset__", T_PYSSIZET, offsetof(Function, dict), READONLY, nullptr},
                         {"__name__", T_OBJECT, offsetof(Function, name), READONLY, nullptr},
                         {"__qualname__", T_OBJECT, offsetof(Function, name), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef properties[] = {{"__doc__", get_doc, nullptr, nullptr, nullptr},
                            {"schema", get_schema, nullptr, "The operation's schema line.", nullptr},
                            {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_descr_get, reinterpret_cast<void*>(get_method)},
                       {Py_tp_repr, reinterpret_cast<void*>(represent)},
                       {Py_tp_members, members},
                       {Py_tp_getset, properties},
                       {Py_tp_methods, methods},
                       {0, nullptr}};
PyType_Spec spec = {"ember._C.Function", sizeof(Function), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR, slots};

Object make_function(const Operation& op, bool inplace) {
  Object object = Object::take(function_type->tp_alloc(function_type, 0));
  Function* function = reinterpret_cast<Function*>(object.get());
  function->vectorcall = call_function;
  function->op = &op;
  function->inplace = inplace;
  function->name = PyUnicode_InternFromString((op.schema.name + (inplace ? "_" : "")).c_str());
  function->dict = nullptr;
  return object;
}

}  // namespace

PyObject* create_functions(PyObject* module) {
  out_name = PyUnicode_InternFromString("out");
  dtype_name = PyUnicode_InternFromString("dtype");
  function_type = reinterpret_cast<PyTypeObject*>(Object::take(PyType_FromSpec(&spec)).give());
  Object all = Object::take(PyDict_New());
  for (Operation* op : operations()) {
    for (Parameter& parameter : op->schema.parameters) parameter.interned = PyUnicode_InternFromString(parameter.name.c_str());
    for (const bool inplace : {false, true}) {
      if (inplace && !(op->pointwise || op->record->inplace)) continue;
      Object function = make_function(*op, inplace);
      const std::string name = op->schema.name + (inplace ? "_" : "");
      if (PyDict_SetItemString(all.get(), name.c_str(), function.get()) < 0) throw PythonError();
      if (op->record->where & kMethod)
        if (PyObject_SetAttrString(reinterpret_cast<PyObject*>(tensor_type), name.c_str(), function.get()) < 0)
          throw PythonError();
    }
  }
  if (PyModule_AddObjectRef(module, "Function", reinterpret_cast<PyObject*>(function_type)) < 0) throw PythonError();
  return all.give();
}

}  // namespace ember
