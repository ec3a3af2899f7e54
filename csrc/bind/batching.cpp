// vmap's levels, stand-ins and rules, as ember.func knows them.
#include <unordered_map>

#include "bind/python.h"
#include "op/batched.h"

namespace ember {

namespace {

PyObject* rule_of_operation = nullptr;  // (name, size, randomness, hidden, mapped, args) -> results
auto& compositions = *new std::unordered_map<const Operation*, PyObject*>;

Object object_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::None: return Object::borrow(Py_None);
    case ValueKind::Tensor: return Object::take(wrap(value.tensor()));
    case ValueKind::Bool: return Object::take(PyBool_FromLong(value.boolean()));
    case ValueKind::Int: return Object::take(PyLong_FromLongLong(value.integer()));
    case ValueKind::Float: return Object::take(PyFloat_FromDouble(value.real()));
    case ValueKind::Complex: return Object::take(PyComplex_FromDoubles(value.complex().re, value.complex().im));
    case ValueKind::Ints: return Object::take(wrap_ints(value.ints()));
    case ValueKind::Floats: {
      Object list = Object::take(PyList_New(0));
      for (const double each : value.floats()) {
        Object number = Object::take(PyFloat_FromDouble(each));
        if (PyList_Append(list.get(), number.get()) < 0) throw PythonError();
      }
      return list;
    }
    case ValueKind::Tensors: {
      Object list = Object::take(PyList_New(Py_ssize_t(value.tensors().size())));
      Py_ssize_t i = 0;
      for (const Tensor& each : value.tensors()) PyList_SET_ITEM(list.get(), i++, wrap(each));
      return list;
    }
    case ValueKind::DType: return Object::take(wrap(value.dtype()));
    case ValueKind::Device: return Object::take(wrap(value.device()));
    case ValueKind::String: return Object::take(PyUnicode_FromString(value.string().c_str()));
    case ValueKind::Generator: return Object::take(wrap(value.generator()));
  }
  return Object::borrow(Py_None);
}

Object arguments_of(const Call& call) {
  Object args = Object::take(PyTuple_New(call.count()));
  for (int i = 0; i < call.count(); ++i) PyTuple_SET_ITEM(args.get(), i, object_of(call.arg(i)).give());
  return args;
}

// A bool for each parameter, a list of them for a list.
Object flags_of(const Call& call, const std::vector<uint64_t>& mapped) {
  Object flags = Object::take(PyTuple_New(call.count()));
  for (int i = 0; i < call.count(); ++i) {
    if (call.arg(i).kind != ValueKind::Tensors) {
      PyTuple_SET_ITEM(flags.get(), i, PyBool_FromLong(mapped[size_t(i)] & 1));
      continue;
    }
    const Py_ssize_t count = Py_ssize_t(call.arg(i).tensors().size());
    Object list = Object::take(PyList_New(count));
    for (Py_ssize_t j = 0; j < count; ++j)
      PyList_SET_ITEM(list.get(), j, PyBool_FromLong(mapped[size_t(i)] >> std::min<Py_ssize_t>(j, 63) & 1));
    PyTuple_SET_ITEM(flags.get(), i, list.give());
  }
  return flags;
}

// A tensor has the batch in front; (tensor,) is the same for all samples.
Tensor result_of(PyObject* object, bool& mapped) {
  mapped = is_tensor(object);
  if (mapped) return unwrap(object);
  if (object == Py_None) return {};
  return unwrap(PyTuple_GET_ITEM(object, 0));
}

uint32_t read_results(Call& call, PyObject* results) {
  bool mapped = false;
  if (is_tensor(results)) {
    call.outputs[0] = unwrap(results);
    return 1;
  }
  uint32_t bits = 0;
  Object fast = Object::take(PySequence_Fast(results, "a batching rule returns tensors"));
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(fast.get());
  for (Py_ssize_t i = 0; i < count; ++i) {
    const Tensor tensor = result_of(PySequence_Fast_GET_ITEM(fast.get(), i), mapped);
    if (call.op.schema.outputs < 0) call.list.push_back(tensor);
    else if (i < kMaxOutputs) call.outputs[size_t(i)] = tensor;
    bits |= uint32_t(mapped) << i;
  }
  return bits;
}

uint32_t run_rule(Call& call, const BatchLevel& level, const std::vector<uint64_t>& mapped, bool hidden) {
  Object args = arguments_of(call), flags = flags_of(call, mapped);
  Object results = Object::take(PyObject_CallFunction(rule_of_operation, "sLsOOO", call.op.schema.name.c_str(),
                                                      static_cast<long long>(level.size), level.randomness.c_str(),
                                                      hidden ? Py_True : Py_False, flags.get(), args.get()));
  return read_results(call, results.get());
}

bool run_composition(Call& call) {
  const auto found = compositions.find(&call.op);
  if (found == compositions.end()) return false;
  Object args = arguments_of(call);
  Object results = Object::take(PyObject_CallObject(found->second, args.get()));
  if (results.get() == Py_NotImplemented) return false;
  read_results(call, results.get());
  return true;
}

// (rule_of_operation, {name: composition})
PyObject* set_rules(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *rule, *composed, *name, *function;
    if (!PyArg_ParseTuple(args, "OO!", &rule, &PyDict_Type, &composed)) throw PythonError();
    rule_of_operation = Py_NewRef(rule);
    for (Py_ssize_t i = 0; PyDict_Next(composed, &i, &name, &function);)
      compositions[&named(utf8_of(name))] = Py_NewRef(function);
    batching_rule = run_rule;
    batching_composition = run_composition;
    Py_RETURN_NONE;
  });
}

// (name, args, hidden): all outputs of an operation, the hidden ones too if asked for.
PyObject* run_operation(PyObject*, PyObject* given) {
  return guarded([&]() -> PyObject* {
    const char* name;
    PyObject* args;
    int hidden;
    if (!PyArg_ParseTuple(given, "sO!p", &name, &PyTuple_Type, &args, &hidden)) throw PythonError();
    const Operation& op = named(name);
    Value values[kMaxParameters];
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i)
      if (!convert_argument(PyTuple_GET_ITEM(args, i), op.schema.parameters[size_t(i)], values[i]))
        fail(ErrorKind::Type, name, "(): argument ", i, " does not fit in ", op.schema.line, ".");
    Call request(op, values);
    wants_hidden = hidden;
    call_from_python(request);
    if (op.schema.outputs < 0) return results_of(op, request);
    const size_t count = size_t(op.schema.outputs) + (hidden ? op.schema.hidden_names.size() : 0);
    if (count == 1) return wrap(request.outputs[0]);
    Object results = Object::take(PyTuple_New(Py_ssize_t(count)));
    for (size_t i = 0; i < count; ++i) PyTuple_SET_ITEM(results.get(), Py_ssize_t(i), wrap(request.outputs[i]));
    return results.give();
  });
}

// (size, randomness) -> level
PyObject* enter(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    long long size;
    const char* randomness;
    if (!PyArg_ParseTuple(args, "Ls", &size, &randomness)) throw PythonError();
    return PyLong_FromLong(enter_batching({size, randomness}));
  });
}

PyObject* leave(PyObject*, PyObject*) {
  exit_batching();
  Py_RETURN_NONE;
}

// The innermost level as (number, size), or None.
PyObject* innermost(PyObject*, PyObject*) {
  if (batching_depth == 0) Py_RETURN_NONE;
  return Py_BuildValue("(iL)", batching_depth, static_cast<long long>(batch_levels()[size_t(batching_depth) - 1].size));
}

// level -> (number, size, randomness)
PyObject* describe_level(PyObject*, PyObject* number) {
  return guarded([&]() -> PyObject* {
    const long level = PyLong_AsLong(number);
    if (level < 1 || level > batching_depth)
      fail(ErrorKind::Runtime, "vmap(): a tensor belongs to a vmap that has ended; expected results to be returned.");
    const BatchLevel& found = batch_levels()[size_t(level) - 1];
    return Py_BuildValue("(iLs)", int(level), static_cast<long long>(found.size), found.randomness.c_str());
  });
}

// Sets how many levels the code that runs is within, and returns the number before.
PyObject* set_depth(PyObject*, PyObject* depth) {
  const long wanted = PyLong_AsLong(depth);
  if (wanted == -1 && PyErr_Occurred()) return nullptr;
  return PyLong_FromLong(std::exchange(batching_depth, int(wanted)));
}

// (value, level, mapped) -> stand-in
PyObject* stand_in_for(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject* value;
    int level, mapped;
    if (!PyArg_ParseTuple(args, "O!ip", tensor_type, &value, &level, &mapped)) throw PythonError();
    return wrap(stand_in(unwrap(value), level, mapped));
  });
}

// A stand-in as (value, level, mapped); None for others.
PyObject* look_behind(PyObject*, PyObject* tensor) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(tensor) || !is_stand_in(unwrap(tensor))) Py_RETURN_NONE;
    const Batch& batch = batch_of(unwrap(tensor));
    return Py_BuildValue("(NiO)", wrap(value_of(unwrap(tensor))), batch.level, batch.mapped ? Py_True : Py_False);
  });
}

PyObject* is_different(PyObject*, PyObject* tensor) {
  return PyBool_FromLong(is_tensor(tensor) && differs_by_sample(unwrap(tensor)));
}

// The same, outside the graph of its own level alone.
PyObject* leaf_of(PyObject*, PyObject* tensor) {
  return guarded([&] { return wrap(detached(unwrap(tensor))); });
}

PyMethodDef functions[] = {
    {"_set_batching_rules", set_rules, METH_VARARGS, nullptr},
    {"_run_operation", run_operation, METH_VARARGS, nullptr},
    {"_enter_batching", enter, METH_VARARGS, nullptr},
    {"_exit_batching", leave, METH_NOARGS, nullptr},
    {"_innermost_batching", innermost, METH_NOARGS, nullptr},
    {"_set_batching_depth", set_depth, METH_O, nullptr},
    {"_batching_level", describe_level, METH_O, nullptr},
    {"_stand_in", stand_in_for, METH_VARARGS, nullptr},
    {"_behind_stand_in", look_behind, METH_O, nullptr},
    {"_differs_by_sample", is_different, METH_O, nullptr},
    {"_detached_alias", leaf_of, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyMethodDef* batching_functions() { return functions; }

}  // namespace ember
