// Classes of arguments, and modes, that take calls over: __torch_function__. A call of plain tensors pays a comparison of
// types for each argument.
#include "bind/overrides.h"

#include <algorithm>
#include <cstddef>

namespace ember {

int function_modes = 0;

namespace {

PyObject* method_name = nullptr;      // "__torch_function__"
PyObject* disabled_method = nullptr;  // as a class's method: the class takes no calls over
PyTypeObject* overridable_type = nullptr;
// The class of tensors whose body no operation can read (sparse ones): asked even where classes are not.
PyTypeObject* always_asked = nullptr;

// 1: the classes of arguments take no calls over; 2: modes neither.
thread_local int disabled = 0;
// The modes of the thread, the innermost last: a list that lives as long as the thread.
thread_local PyObject* modes_entered = nullptr;

PyObject* innermost_mode() {
  if (!modes_entered || disabled > 1 || PyList_GET_SIZE(modes_entered) == 0) return nullptr;
  return PyList_GET_ITEM(modes_entered, PyList_GET_SIZE(modes_entered) - 1);
}

bool takes_over(PyObject* argument) {
  PyTypeObject* type = Py_TYPE(argument);
  PyObject* method = _PyType_Lookup(type, method_name);
  return method && method != disabled_method && !PyType_Check(argument);
}

// Whether the class is asked now.
bool is_asked(PyObject* argument) {
  return takes_over(argument) && (!disabled || (always_asked && PyObject_TypeCheck(argument, always_asked)));
}

// Adds an argument whose class is new: a subclass before the classes that it derives from.
void add(std::vector<PyObject*>& found, PyObject* argument) {
  for (PyObject* each : found)
    if (Py_TYPE(each) == Py_TYPE(argument)) return;
  const auto place = std::find_if(found.begin(), found.end(),
                                  [&](PyObject* each) { return PyType_IsSubtype(Py_TYPE(argument), Py_TYPE(each)); });
  found.insert(place, argument);
}

void find(PyObject* argument, std::vector<PyObject*>& found) {
  if (is_plain(argument)) return;
  if (PyList_CheckExact(argument) || PyTuple_CheckExact(argument)) {
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(argument);
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* element = PySequence_Fast_GET_ITEM(argument, i);
      if (!is_plain(element) && is_asked(element)) add(found, element);
    }
  } else if (is_asked(argument)) {
    add(found, argument);
  }
}

// A mode is off while it handles a call.
struct WithoutInnermost {
  Object mode;
  explicit WithoutInnermost(PyObject* innermost) : mode(Object::borrow(innermost)) {
    if (PyList_SetSlice(modes_entered, PyList_GET_SIZE(modes_entered) - 1, PyList_GET_SIZE(modes_entered), nullptr) < 0)
      throw PythonError();
    --function_modes;
  }
  ~WithoutInnermost() {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyList_Append(modes_entered, mode.get()) < 0) PyErr_WriteUnraisable(mode.get());
    ++function_modes;
    PyErr_Restore(type, value, traceback);
  }
};

PyObject* ask(const std::vector<PyObject*>& found, PyObject* function, PyObject* args, PyObject* keywords) {
  Object types = Object::take(PyTuple_New(Py_ssize_t(found.size())));
  for (size_t i = 0; i < found.size(); ++i)
    PyTuple_SET_ITEM(types.get(), Py_ssize_t(i), Py_NewRef(reinterpret_cast<PyObject*>(Py_TYPE(found[i]))));
  PyObject* given = keywords ? keywords : Py_None;
  if (PyObject* mode = innermost_mode()) {
    WithoutInnermost off(mode);
    Object method = Object::take(PyObject_GetAttr(off.mode.get(), method_name));
    Object result = Object::take(PyObject_CallFunctionObjArgs(method.get(), function, types.get(), args, given, nullptr));
    if (result.get() != Py_NotImplemented) return result.give();
  }
  for (PyObject* each : found) {
    Object method = Object::take(PyObject_GetAttr(each, method_name));
    Object result = Object::take(PyObject_CallFunctionObjArgs(method.get(), function, types.get(), args, given, nullptr));
    if (result.get() != Py_NotImplemented) return result.give();
  }
  std::string names;
  for (PyObject* each : found) names += (names.empty() ? "" : ", ") + type_name(each);
  Object name = Object::take(PyObject_GetAttrString(function, "__name__"));
  fail(ErrorKind::Type, utf8_of(name.get()), "(): no implementation found: __torch_function__ of all classes that take part (",
       names, ") returned NotImplemented.");
}

// ---- functions of Python ----

// A function of Python that asks before it runs.
struct Overridable {
  PyObject_HEAD
  vectorcallfunc vectorcall;
  PyObject* function;
  PyObject* dict;
  bool of_tensor;  // the first parameter, `input`, is a tensor
};

// An AttributeError of something else that was taken for a tensor names the argument.
void say_what_is_no_tensor(PyObject* self, PyObject* const* given, size_t flags, PyObject* keywords) {
  PyObject* input = PyVectorcall_NARGS(flags) ? given[0] : nullptr;
  for (Py_ssize_t i = 0; !input && keywords && i < PyTuple_GET_SIZE(keywords); ++i)
    if (!PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, i), "input")) input = given[i];
  if (input && is_tensor(input)) return;
  PyErr_Clear();
  Object name = Object::take(PyObject_GetAttrString(self, "__name__"));
  fail(ErrorKind::Type, utf8_of(name.get()), "(): argument 'input' (position 1) must be Tensor, not ",
       input ? type_name(input) : "nothing", ".");
}

PyObject* call_overridable(PyObject* self, PyObject* const* given, size_t flags, PyObject* keywords) {
  if (overridden(given, flags, keywords)) return call_overridden(self, given, flags, keywords);
  const Overridable& overridable = *reinterpret_cast<Overridable*>(self);
  PyObject* result = PyObject_Vectorcall(overridable.function, given, flags, keywords);
  if (result || !overridable.of_tensor || !PyErr_ExceptionMatches(PyExc_AttributeError)) return result;
  return guarded([&]() -> PyObject* {
    say_what_is_no_tensor(self, given, flags, keywords);
    return nullptr;
  });
}

PyObject* as_method(PyObject* self, PyObject* instance, PyObject*) {  // of tensors alone, as those of function.cpp
  return instance && is_tensor(instance) ? PyMethod_New(self, instance) : Py_NewRef(self);
}

PyObject* represent(PyObject* self) { return PyObject_Repr(reinterpret_cast<Overridable*>(self)->function); }

PyObject* reduce(PyObject* self, PyObject*) { return PyObject_GetAttrString(self, "__name__"); }

PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Overridable, vectorcall), READONLY, nullptr},
                         {"__dictoffset__", T_PYSSIZET, offsetof(Overridable, dict), READONLY, nullptr},
                         {"__wrapped__", T_OBJECT, offsetof(Overridable, function), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};
PyGetSetDef properties[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
PyType_Slot slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_descr_get, reinterpret_cast<void*>(as_method)},
                       {Py_tp_repr, reinterpret_cast<void*>(represent)},
                       {Py_tp_members, members},
                       {Py_tp_getset, properties},
                       {Py_tp_methods, methods},
                       {0, nullptr}};
PyType_Spec spec = {"ember._C.Overridable", sizeof(Overridable), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR, slots};

// (function, whether its first parameter is a tensor)
PyObject* make_overridable(PyObject*, PyObject* args) {
  return guarded([&] {
    PyObject* function;
    int of_tensor;
    if (!PyArg_ParseTuple(args, "Op", &function, &of_tensor)) throw PythonError();
    Object object = Object::take(overridable_type->tp_alloc(overridable_type, 0));
    Overridable* made = reinterpret_cast<Overridable*>(object.get());
    made->vectorcall = call_overridable;
    made->function = Py_NewRef(function);
    made->dict = nullptr;
    made->of_tensor = of_tensor;
    for (const char* name : {"__module__", "__name__", "__qualname__", "__doc__"}) {
      Object value = Object::take(PyObject_GetAttrString(function, name));
      if (PyObject_SetAttrString(object.get(), name, value.get()) < 0) throw PythonError();
    }
    return object.give();
  });
}

// ---- what Python asks and sets ----

PyObject* is_overridden(PyObject*, PyObject* arguments) {
  return guarded([&] {
    if (!PyTuple_Check(arguments)) fail(ErrorKind::Type, "has_torch_function(): expected a tuple of arguments.");
    return PyBool_FromLong(overridden(&PyTuple_GET_ITEM(arguments, 0), size_t(PyTuple_GET_SIZE(arguments)), nullptr));
  });
}

// (function, relevant arguments, args, kwargs)
PyObject* call_with(PyObject*, PyObject* given) {
  return guarded([&] {
    PyObject *function, *relevant, *args, *keywords;
    if (!PyArg_ParseTuple(given, "OO!O!O", &function, &PyTuple_Type, &relevant, &PyTuple_Type, &args, &keywords))
      throw PythonError();
    std::vector<PyObject*> found;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(relevant); ++i) find(PyTuple_GET_ITEM(relevant, i), found);
    if (found.empty() && !innermost_mode()) return PyObject_Call(function, args, keywords == Py_None ? nullptr : keywords);
    return ask(found, function, args, keywords == Py_None ? nullptr : keywords);
  });
}

PyObject* set_disabled(PyObject*, PyObject* level) {
  const long wanted = PyLong_AsLong(level);
  if (wanted == -1 && PyErr_Occurred()) return nullptr;
  return PyLong_FromLong(std::exchange(disabled, int(wanted)));
}

PyObject* set_disabled_method(PyObject*, PyObject* method) {
  disabled_method = Py_NewRef(method);
  Py_RETURN_NONE;
}

PyObject* set_always_asked(PyObject*, PyObject* type) {
  always_asked = reinterpret_cast<PyTypeObject*>(Py_NewRef(type));
  Py_RETURN_NONE;
}

PyObject* push_mode(PyObject*, PyObject* mode) {
  if (!modes_entered && !(modes_entered = PyList_New(0))) return nullptr;
  if (PyList_Append(modes_entered, mode) < 0) return nullptr;
  ++function_modes;
  Py_RETURN_NONE;
}

PyObject* pop_mode(PyObject*, PyObject*) {
  const Py_ssize_t count = modes_entered ? PyList_GET_SIZE(modes_entered) : 0;
  if (!count) {
    PyErr_SetString(PyExc_RuntimeError, "TorchFunctionMode: left a mode that was not entered.");
    return nullptr;
  }
  if (PyList_SetSlice(modes_entered, count - 1, count, nullptr) < 0) return nullptr;
  --function_modes;
  Py_RETURN_NONE;
}

// ---- sparse gradients, which the engine hands on ----

bool is_sparse_in_python(const Tensor& tensor) {
  auto* object = static_cast<PyObject*>(tensor.body()->python);
  return object && always_asked && PyObject_TypeCheck(object, always_asked);
}

Tensor tensor_of(const Object& object) {
  if (!is_tensor(object.get())) fail(ErrorKind::Type, "a rule for sparse tensors returned ", type_name(object.get()), ".");
  return unwrap(object.get());
}

// A strided tensor comes first: the sum has its layout.
Tensor add_in_python(const Tensor& a, const Tensor& b) {
  Object first = Object::take(wrap(holds_sparse(a) ? b : a)), second = Object::take(wrap(holds_sparse(a) ? a : b));
  return tensor_of(Object::take(PyNumber_Add(first.get(), second.get())));
}

Tensor densify_in_python(const Tensor& sparse) {
  Object object = Object::take(wrap(sparse));
  return tensor_of(Object::take(PyObject_CallMethod(object.get(), "to_dense", nullptr)));
}

PyMethodDef functions[] = {
    {"_overridable", make_overridable, METH_VARARGS, nullptr},
    {"_overridden", is_overridden, METH_O, nullptr},
    {"_call_overridden", call_with, METH_VARARGS, nullptr},
    {"_torch_function_disabled", set_disabled, METH_O, nullptr},
    {"_set_disabled_torch_function", set_disabled_method, METH_O, nullptr},
    {"_set_always_asked", set_always_asked, METH_O, nullptr},
    {"_push_function_mode", push_mode, METH_O, nullptr},
    {"_pop_function_mode", pop_mode, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool overridden(PyObject* const* given, size_t flags, PyObject* keywords) {
  if (function_modes && innermost_mode()) return true;
  const Py_ssize_t count = PyVectorcall_NARGS(flags) + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* argument = given[i];
    if (is_plain(argument)) continue;
    if (PyList_CheckExact(argument) || PyTuple_CheckExact(argument)) {
      const Py_ssize_t length = PySequence_Fast_GET_SIZE(argument);
      PyObject** elements = PySequence_Fast_ITEMS(argument);
      for (Py_ssize_t j = 0; j < length; ++j)
        if (!is_plain(elements[j]) && is_asked(elements[j])) return true;
    } else if (is_asked(argument)) {
      return true;
    }
  }
  return false;
}

PyObject* call_overridden(PyObject* function, PyObject* const* given, size_t flags, PyObject* keywords) {
  return guarded([&] {
    const Py_ssize_t positional = PyVectorcall_NARGS(flags), named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    std::vector<PyObject*> found;
    for (Py_ssize_t i = 0; i < positional + named; ++i) find(given[i], found);
    Object args = Object::take(PyTuple_New(positional));
    for (Py_ssize_t i = 0; i < positional; ++i) PyTuple_SET_ITEM(args.get(), i, Py_NewRef(given[i]));
    Object options;
    if (named) {
      options = Object::take(PyDict_New());
      for (Py_ssize_t i = 0; i < named; ++i)
        if (PyDict_SetItem(options.get(), PyTuple_GET_ITEM(keywords, i), given[positional + i]) < 0) throw PythonError();
    }
    return ask(found, function, args.get(), options.get());
  });
}

PyMethodDef* override_functions() { return functions; }

void create_overrides(PyObject* module) {
  is_sparse = is_sparse_in_python;
  add_sparse = add_in_python;
  densify = densify_in_python;
  method_name = PyUnicode_InternFromString("__torch_function__");
  overridable_type = reinterpret_cast<PyTypeObject*>(Object::take(PyType_FromSpec(&spec)).give());
  if (PyModule_AddObjectRef(module, "Overridable", reinterpret_cast<PyObject*>(overridable_type)) < 0) throw PythonError();
}

}  // namespace ember
