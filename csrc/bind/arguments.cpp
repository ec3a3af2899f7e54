// Python arguments into values, results and errors back.
#include <cstring>
#include <map>
#include <new>

#include "bind/python.h"
#include "core/allocator.h"

namespace ember {

PyObject* out_of_memory_error = nullptr;

std::string type_name(PyObject* object) { return Py_TYPE(object)->tp_name; }

const char* utf8_of(PyObject* text) {
  const char* bytes = PyUnicode_AsUTF8(text);
  if (!bytes) throw PythonError();
  return bytes;
}

namespace {

// Arguments of the call that found no memory, with names for them.
std::vector<std::pair<std::string, Tensor>> starved;

// What holds the most memory (ember/_memory_holders.py), for the error that says that there is no more.
std::string describe_holders() {
  static bool describing = false;
  const auto arguments = std::exchange(starved, {});
  if (describing) return "";  // there is no memory for this either
  describing = true;
  std::string holders;
  try {
    Object list = Object::take(PyList_New(0));
    for (const auto& [name, tensor] : arguments) {
      Object each = Object::take(Py_BuildValue("(sN)", name.c_str(), wrap(tensor)));
      if (PyList_Append(list.get(), each.get()) < 0) throw PythonError();
    }
    Object module = Object::take(PyImport_ImportModule("ember._memory_holders"));
    holders = utf8_of(Object::take(PyObject_CallMethod(module.get(), "describe", "O", list.get())).get());
  } catch (...) { PyErr_Clear(); }
  describing = false;
  return holders;
}

}  // namespace

void call_from_python(Call& request) {
  try {
    call(request);
  } catch (const OutOfMemory&) {
    for (int i = 0; i < request.count(); ++i)
      if (request.arg(i).is_tensor())
        starved.emplace_back(text("`", request.op.schema.parameters[size_t(i)].name, "` of ", request.name(), "()"),
                             request.tensor(i));
    throw;
  }
}

void set_python_error() {
  try {
    throw;
  } catch (const PythonError&) {
  } catch (const Error& error) {
    PyObject* const kinds[] = {PyExc_RuntimeError,        PyExc_TypeError,      PyExc_ValueError,   PyExc_IndexError,
                               PyExc_NotImplementedError, PyExc_AssertionError, out_of_memory_error};
    const std::string holders = error.kind == ErrorKind::Memory ? describe_holders() : "";
    PyErr_SetString(kinds[int(error.kind)], (error.what() + holders).c_str());
  } catch (const std::bad_alloc&) { PyErr_NoMemory(); } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

namespace {

bool is_numpy_scalar(PyObject* object) {
  // Without importing NumPy: its scalars answer __index__ or __float__ and name their module.
  return std::strncmp(Py_TYPE(object)->tp_name, "numpy.", 6) == 0 && !PyObject_HasAttrString(object, "__len__");
}

}  // namespace

bool is_number(PyObject* object) {
  if (PyFloat_Check(object) || PyLong_Check(object) || PyComplex_Check(object)) return true;
  return is_numpy_scalar(object) && PyNumber_Check(object) && !PyObject_CheckBuffer(object) ? true : is_numpy_scalar(object);
}

Value number_of(PyObject* object) {
  if (PyBool_Check(object)) return object == Py_True;
  if (PyFloat_Check(object)) return PyFloat_AS_DOUBLE(object);
  if (PyLong_Check(object)) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow) {
      const double real = PyLong_AsDouble(object);
      if (real == -1 && PyErr_Occurred()) throw PythonError();
      return real;
    }
    return int64_t(value);
  }
  if (PyComplex_Check(object)) return Complex<double>(PyComplex_RealAsDouble(object), PyComplex_ImagAsDouble(object));
  if (is_tensor(object)) return number_of(Object::take(item_of(unwrap(object))).get());
  // NumPy scalars know their Python number.
  Object plain = Object::take(PyObject_CallMethod(object, "item", nullptr));
  if (!PyFloat_Check(plain.get()) && !PyLong_Check(plain.get()) && !PyComplex_Check(plain.get()))
    fail(ErrorKind::Type, "expected a number, not ", type_name(object), ".");
  return number_of(plain.get());
}

// An integer that fits into 64 bits without a sign.
static bool is_unsigned(PyObject* object, uint64_t& integer) {
  if (!PyLong_Check(object)) return false;
  integer = PyLong_AsUnsignedLongLong(object);
  if (!PyErr_Occurred()) return true;
  PyErr_Clear();
  return false;
}

Tensor wrapped_number(PyObject* object) {
  const Value value = number_of(object);
  Tensor tensor;
  if (value.kind == ValueKind::Bool) {
    tensor = scalar(value.integer(), DType::Bool);
  } else if (value.kind == ValueKind::Int) {
    tensor = scalar(value.integer(), DType::Int64);
  } else if (uint64_t integer; value.kind == ValueKind::Float && is_unsigned(object, integer)) {
    tensor = empty({}, DType::UInt64);
    *tensor.data<uint64_t>() = integer;
  } else if (value.kind == ValueKind::Float) {
    tensor = scalar(value.real(), DType::Float64);
  } else {
    tensor = empty({}, DType::Complex128);
    *tensor.data<Complex<double>>() = value.complex();
  }
  tensor.body()->wrapped_number = true;
  return tensor;
}

PyObject* item_of(const Tensor& tensor) {
  if (tensor.is_meta()) fail(ErrorKind::Runtime, "item(): the tensor is on meta and has no data; expected a cpu tensor.");
  if (tensor.numel() != 1)
    fail(ErrorKind::Runtime, "item(): a Tensor with ", tensor.numel(), " elements cannot be converted to Scalar; its shape is ",
         to_string(tensor.sizes()), ".");
  if (tensor.dtype() == DType::Bool) return PyBool_FromLong(*tensor.data<uint8_t>() != 0);
  if (tensor.dtype() == DType::UInt64) return PyLong_FromUnsignedLongLong(*tensor.data<uint64_t>());
  if (is_integral(tensor.dtype())) return PyLong_FromLongLong(tensor.as_int());
  if (is_complex_dtype(tensor.dtype())) {
    const auto z = visit_stored(tensor.dtype(), [&]<class T>() { return convert<Complex<double>>(*tensor.data<T>()); });
    return PyComplex_FromDoubles(z.re, z.im);
  }
  return PyFloat_FromDouble(tensor.as_double());
}

namespace {

bool convert_int(PyObject* object, int64_t& value) {
  if (PyFloat_Check(object)) return false;
  if (is_tensor(object)) {
    const Tensor tensor = unwrap(object);
    if (tensor.numel() != 1 || is_differentiable(tensor.dtype()) || tensor.is_meta()) return false;
    value = tensor.as_int();
    if (value < 0 && !is_signed(tensor.dtype()))
      fail(ErrorKind::Runtime, "value cannot be converted to type int64_t without overflow: ", uint64_t(value),
           "; expected less than 2^63.");
    return true;
  }
  if (!PyIndex_Check(object)) return false;
  Object index = Object::take(PyNumber_Index(object));
  value = PyLong_AsLongLong(index.get());
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  return true;
}

bool convert_float(PyObject* object, double& value) {
  if (is_tensor(object)) {
    const Tensor tensor = unwrap(object);
    if (tensor.numel() != 1 || is_complex_dtype(tensor.dtype()) || tensor.is_meta()) return false;
    value = tensor.as_double();
    return true;
  }
  if (!is_number(object) || PyComplex_Check(object)) return false;
  value = number_of(object).real();
  return true;
}

// A tuple, a list, or anything else that is a sequence; a tensor only where tensors are meant.
bool is_sequence(PyObject* object) { return PyTuple_Check(object) || PyList_Check(object); }

bool convert_ints(PyObject* object, const Parameter& parameter, Value& value) {
  int64_t number;
  if (!is_sequence(object)) {
    if (is_tensor(object) && unwrap(object).dim() == 1) {
      Object list = Object::take(PyObject_CallMethod(object, "tolist", nullptr));
      return convert_ints(list.get(), parameter, value);
    }
    if (!convert_int(object, number)) return false;
    value = Dims{number};
    return true;
  }
  PyObject** items = PySequence_Fast_ITEMS(object);
  Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
  if (parameter.variadic && count == 1 && is_sequence(items[0])) {  // view([2, 3])
    count = PySequence_Fast_GET_SIZE(items[0]);
    items = PySequence_Fast_ITEMS(items[0]);
  }
  Dims dims;
  dims.resize(int(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (!convert_int(items[i], number)) return false;
    dims[int(i)] = number;
  }
  value = std::move(dims);
  return true;
}

bool convert_tensors(PyObject* object, Value& value) {
  std::vector<Tensor> tensors;
  if (!is_sequence(object)) return false;
  PyObject** items = PySequence_Fast_ITEMS(object);
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
  tensors.reserve(size_t(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (items[i] == Py_None) tensors.emplace_back();
    else if (is_tensor(items[i])) tensors.push_back(unwrap(items[i]));
    else return false;
  }
  value = std::move(tensors);
  return true;
}

bool convert_floats(PyObject* object, Value& value) {
  if (!is_sequence(object)) return false;
  std::vector<double> floats(size_t(PySequence_Fast_GET_SIZE(object)));
  for (size_t i = 0; i < floats.size(); ++i)
    if (!convert_float(PySequence_Fast_ITEMS(object)[i], floats[i])) return false;
  value = std::move(floats);
  return true;
}

}  // namespace

bool convert_argument(PyObject* object, const Parameter& parameter, Value& value) {
  if (object == Py_None) {
    value = Value();
    return parameter.optional;
  }
  switch (parameter.kind) {
    case ValueKind::Tensor:
      if (is_tensor(object)) value = unwrap(object);
      else if (is_number(object)) value = wrapped_number(object);
      else return false;
      return true;
    case ValueKind::Float:
      if (parameter.number) {
        if (!is_number(object) && !(is_tensor(object) && unwrap(object).numel() == 1)) return false;
        value = number_of(object);
        return true;
      } else {
        double number;
        if (!convert_float(object, number)) return false;
        value = number;
        return true;
      }
    case ValueKind::Int: {
      int64_t number;
      if (!convert_int(object, number)) return false;
      value = number;
      return true;
    }
    case ValueKind::Bool: {
      int64_t number;
      if (PyBool_Check(object)) value = object == Py_True;
      else if (convert_int(object, number)) value = number != 0;
      else return false;
      return true;
    }
    case ValueKind::Ints: return convert_ints(object, parameter, value);
    case ValueKind::Floats: return convert_floats(object, value);
    case ValueKind::Tensors: return convert_tensors(object, value);
    case ValueKind::DType:
      if (!is_dtype(object)) return false;
      value = unwrap_dtype(object);
      return true;
    case ValueKind::Device: {
      Device device;
      if (!unwrap_device(object, device)) return false;
      value = device;
      return true;
    }
    case ValueKind::String: {
      if (!PyUnicode_Check(object)) return false;
      value = std::string(utf8_of(object));
      return true;
    }
    case ValueKind::Generator:
      if (Py_TYPE(object) != generator_type) return false;
      value = unwrap_generator(object);
      return true;
    default: return false;
  }
}

namespace {

// Each field begins a line.
PyObject* represent_named(PyObject* self) {
  return guarded([&] {
    std::string fields;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); ++i) {
      Object value = Object::take(PyObject_Repr(PyTuple_GET_ITEM(self, i)));
      fields += (i ? ",\n" : "\n") + std::string(Py_TYPE(self)->tp_members[i].name) + "=" + utf8_of(value.get());
    }
    return PyUnicode_FromFormat("%s(%s)", Py_TYPE(self)->tp_name, fields.c_str());
  });
}

// The type of an operation that names its outputs, found without a comparison of names.
PyTypeObject* named_tuple_of(const Operation& op) {
  static auto* types = new std::vector<std::pair<const Operation*, PyTypeObject*>>;
  for (const auto& [known, type] : *types)
    if (known == &op) return type;
  types->emplace_back(&op, return_type(op.public_name, op.schema.output_names));
  return types->back().second;
}

}  // namespace

PyTypeObject* return_type(const std::string& name, const std::vector<std::string>& names) {
  static auto* types = new std::map<std::string, PyTypeObject*>;
  if (const auto known = types->find(name); known != types->end()) return known->second;
  // The type points at the names for as long as the process runs.
  auto* kept = new std::vector<std::string>(names);
  auto* fields = new PyStructSequence_Field[names.size() + 1]();
  for (size_t i = 0; i < names.size(); ++i) fields[i].name = (*kept)[i].c_str();
  auto* full_name = new std::string("torch.return_types." + name);
  auto* description = new PyStructSequence_Desc{full_name->c_str(), nullptr, fields, int(names.size())};
  PyTypeObject* type = PyStructSequence_NewType(description);
  if (!type) throw PythonError();
  type->tp_repr = represent_named;
  return (*types)[name] = type;
}

PyObject* results_of(const Operation& op, Call& call) {
  const int count = op.schema.outputs;
  if (count == 1) return wrap(call.outputs[0]);
  if (count == 0) Py_RETURN_NONE;
  if (count < 0) {
    Object tuple = Object::take(PyTuple_New(Py_ssize_t(call.list.size())));
    for (size_t i = 0; i < call.list.size(); ++i) PyTuple_SET_ITEM(tuple.get(), Py_ssize_t(i), wrap(call.list[i]));
    return tuple.give();
  }
  if (op.schema.output_names.empty()) {
    Object tuple = Object::take(PyTuple_New(count));
    for (int i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple.get(), i, wrap(call.outputs[size_t(i)]));
    return tuple.give();
  }
  Object tuple = Object::take(PyStructSequence_New(named_tuple_of(op)));
  for (int i = 0; i < count; ++i) PyStructSequence_SetItem(tuple.get(), i, wrap(call.outputs[size_t(i)]));
  return tuple.give();
}

}  // namespace ember
