// nn.Module's two hot paths. Reading `m.weight` looks into `_parameters`, `_modules` and `_buffers` without first building
// an AttributeError, as a Python `__getattr__` would; `m(x)` goes straight to `forward` unless the module has hooks.
// The three dicts stay the only truth: nothing is cached here.
#include "bind/module_base.h"

#include <cstring>

namespace ember {

namespace {

// Names that the lookups need, interned once.
struct Names {
  PyObject* registries[3];  // in order of use: parameters are read most
  PyObject* getattr = PyUnicode_InternFromString("__getattr__");
  PyObject* getattribute = PyUnicode_InternFromString("__getattribute__");
  PyObject* init_subclass = PyUnicode_InternFromString("__init_subclass__");
  PyObject* forward = PyUnicode_InternFromString("forward");
  PyObject* hooked = PyUnicode_InternFromString("_hooked");
  PyObject* call_with_hooks = PyUnicode_InternFromString("_call_with_hooks");
  PyObject* locate_error = PyUnicode_InternFromString("_locate_error");
  Names()
      : registries{PyUnicode_InternFromString("_parameters"), PyUnicode_InternFromString("_modules"),
                   PyUnicode_InternFromString("_buffers")} {}
};

const Names& names() {
  static const Names interned;
  return interned;
}

PyTypeObject* base_type = nullptr;
PyObject* base_getattr = nullptr;       // ModuleBase.__getattr__
PyObject* base_getattribute = nullptr;  // ModuleBase.__getattribute__
bool global_hooks = false;              // a hook on all modules was registered at some time in this process

// Borrowed; null where the module has no dict yet.
PyObject* dict_of(PyObject* self) {
  PyObject** dict = _PyObject_GetDictPtr(self);
  return dict ? *dict : nullptr;
}

// A new reference to the parameter, submodule or buffer, or null; an exception is set only if a lookup failed.
PyObject* find_registered(PyObject* self, PyObject* name) {
  PyObject* dict = dict_of(self);
  if (!dict) return nullptr;
  for (PyObject* registry_name : names().registries) {
    PyObject* registry = PyDict_GetItemWithError(dict, registry_name);
    if (!registry || !PyDict_Check(registry)) {
      if (PyErr_Occurred()) return nullptr;
      continue;
    }
    PyObject* found = PyDict_GetItemWithError(registry, name);
    if (found) return Py_NewRef(found);
    if (PyErr_Occurred()) return nullptr;
  }
  return nullptr;
}

// 'Net' object has no attribute 'foo', with what Python needs to suggest a similar name.
void raise_no_attribute(PyObject* self, PyObject* name) {
  const char* type = std::strrchr(Py_TYPE(self)->tp_name, '.');
  PyObject* message =
      PyUnicode_FromFormat("'%.200s' object has no attribute '%U'", type ? type + 1 : Py_TYPE(self)->tp_name, name);
  PyObject* args = message ? PyTuple_Pack(1, message) : nullptr;
  PyObject* context = args ? Py_BuildValue("{s:O,s:O}", "name", name, "obj", self) : nullptr;
  PyObject* error = context ? PyObject_Call(PyExc_AttributeError, args, context) : nullptr;
  if (error) PyErr_SetObject(PyExc_AttributeError, error);
  Py_XDECREF(error);
  Py_XDECREF(context);
  Py_XDECREF(args);
  Py_XDECREF(message);
}

// The last resort of a lookup: the registries, then a subclass's `__getattr__`. An AttributeError that a property raised
// is set on entry, and stands where nothing else has the name.
PyObject* find_or_raise(PyObject* self, PyObject* name) {
  PyObject *error_type, *error, *traceback;
  PyErr_Fetch(&error_type, &error, &traceback);
  PyObject* found = find_registered(self, name);
  if (!found && !PyErr_Occurred()) {
    PyObject* custom = _PyType_Lookup(Py_TYPE(self), names().getattr);
    if (custom && custom != base_getattr) {
      Py_INCREF(custom);
      if (Py_TYPE(custom)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR)
        found = PyObject_CallFunctionObjArgs(custom, self, name, nullptr);
      else if (PyObject* bound = Py_TYPE(custom)->tp_descr_get
                                     ? Py_TYPE(custom)->tp_descr_get(custom, self, reinterpret_cast<PyObject*>(Py_TYPE(self)))
                                     : Py_NewRef(custom)) {
        found = PyObject_CallOneArg(bound, name);
        Py_DECREF(bound);
      }
      Py_DECREF(custom);
    } else if (error_type) {
      PyErr_Restore(error_type, error, traceback);
      return nullptr;
    } else {
      raise_no_attribute(self, name);
    }
  }
  Py_XDECREF(error_type);
  Py_XDECREF(error);
  Py_XDECREF(traceback);
  return found;
}

// Python's order (data descriptor, instance, class), then the registries.
PyObject* module_getattro(PyObject* self, PyObject* name) {
  if (!PyUnicode_Check(name))
    return PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name);
  PyTypeObject* type = Py_TYPE(self);
  PyObject* descriptor = _PyType_Lookup(type, name);  // borrowed
  descrgetfunc get = descriptor ? Py_TYPE(descriptor)->tp_descr_get : nullptr;
  PyObject* found = nullptr;
  if (get && Py_TYPE(descriptor)->tp_descr_set) {
    Py_INCREF(descriptor);
    found = get(descriptor, self, reinterpret_cast<PyObject*>(type));
    Py_DECREF(descriptor);
  } else {
    PyObject* dict = dict_of(self);
    found = dict ? PyDict_GetItemWithError(dict, name) : nullptr;
    if (found) return Py_NewRef(found);
    if (PyErr_Occurred()) return nullptr;
    if (!descriptor) return find_or_raise(self, name);
    Py_INCREF(descriptor);
    if (!get) return descriptor;
    found = get(descriptor, self, reinterpret_cast<PyObject*>(type));
    Py_DECREF(descriptor);
  }
  if (!found && PyErr_ExceptionMatches(PyExc_AttributeError)) return find_or_raise(self, name);
  return found;
}

// `super().__getattr__(name)` in a subclass: the registries alone.
PyObject* module_getattr(PyObject* self, PyObject* name) {
  PyObject* found = find_registered(self, name);
  if (!found && !PyErr_Occurred()) raise_no_attribute(self, name);
  return found;
}

PyObject* call_forward(PyObject* self, PyObject* dict, PyObject* args, PyObject* kwargs) {
  PyObject* forward = dict ? PyDict_GetItemWithError(dict, names().forward) : nullptr;  // `module.forward = function`
  if (!forward && PyErr_Occurred()) return nullptr;
  bool is_method = false;
  if (forward) {
    Py_INCREF(forward);
  } else {
    forward = _PyType_Lookup(Py_TYPE(self), names().forward);
    is_method = forward && Py_TYPE(forward)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR;
    forward = is_method ? Py_NewRef(forward) : PyObject_GetAttr(self, names().forward);
    if (!forward) return nullptr;
  }
  const Py_ssize_t given = PyTuple_GET_SIZE(args);
  constexpr Py_ssize_t kOnStack = 8;
  PyObject* small[kOnStack];
  PyObject** values = small;
  if (given + 2 > kOnStack) values = static_cast<PyObject**>(PyMem_Malloc(size_t(given + 2) * sizeof(PyObject*)));
  if (!values) {
    Py_DECREF(forward);
    return PyErr_NoMemory();
  }
  values[0] = nullptr;  // room that the callee may use (PY_VECTORCALL_ARGUMENTS_OFFSET)
  values[1] = self;
  for (Py_ssize_t i = 0; i < given; ++i) values[i + 2] = PyTuple_GET_ITEM(args, i);
  PyObject** first = is_method ? values + 1 : values + 2;
  PyObject* result =
      PyObject_VectorcallDict(forward, first, size_t(given + is_method) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwargs);
  if (values != small) PyMem_Free(values);
  Py_DECREF(forward);
  return result;
}

// Lets Python (nn/_error_location.py) add the module's path to the text of the exception that passes through.
void locate_error(PyObject* self) {
  PyObject* located[] = {PyExc_RuntimeError, PyExc_ValueError, PyExc_IndexError, PyExc_TypeError};
  bool matches = false;
  for (PyObject* type : located) matches |= PyErr_ExceptionMatches(type) != 0;
  if (!matches) return;
  PyObject *type, *error, *traceback;
  PyErr_Fetch(&type, &error, &traceback);
  PyErr_NormalizeException(&type, &error, &traceback);
  PyObject* done = PyObject_CallMethodObjArgs(self, names().locate_error, error, nullptr);
  if (!done) PyErr_Clear();  // the text stays as it was
  Py_XDECREF(done);
  PyErr_Restore(type, error, traceback);
}

PyObject* module_call(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject* dict = dict_of(self);
  PyObject* hooked = dict ? PyDict_GetItemWithError(dict, names().hooked) : nullptr;
  if (!hooked && PyErr_Occurred()) return nullptr;
  PyObject* result = nullptr;
  if (hooked || global_hooks) {
    PyObject* call_with_hooks = PyObject_GetAttr(self, names().call_with_hooks);
    result = call_with_hooks ? PyObject_Call(call_with_hooks, args, kwargs) : nullptr;
    Py_XDECREF(call_with_hooks);
  } else {
    result = call_forward(self, dict, args, kwargs);
  }
  if (!result) locate_error(self);
  return result;
}

// A subclass inherits `__getattr__`, for which Python gives it a lookup that builds an AttributeError first; put ours back.
// A class with its own `__getattribute__` keeps it. Then the next class in line (Generic, for one) has its turn.
PyObject* init_subclass(PyObject* type, PyObject* args, PyObject* kwargs) {
  PyTypeObject* subclass = reinterpret_cast<PyTypeObject*>(type);
  if (_PyType_Lookup(subclass, names().getattribute) == base_getattribute) subclass->tp_getattro = module_getattro;
  PyObject* rest = PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(&PySuper_Type), base_type, type, nullptr);
  PyObject* next = rest ? PyObject_GetAttr(rest, names().init_subclass) : nullptr;
  PyObject* result = next ? PyObject_Call(next, args, kwargs) : nullptr;
  Py_XDECREF(next);
  Py_XDECREF(rest);
  return result;
}

PyObject* watch_global_hooks(PyObject*, PyObject*) {
  global_hooks = true;
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"__getattr__", module_getattr, METH_O, "The parameter, submodule or buffer of this name."},
    {"__init_subclass__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(init_subclass)),
     METH_CLASS | METH_VARARGS | METH_KEYWORDS, nullptr},
    {"_watch_global_hooks", watch_global_hooks, METH_NOARGS | METH_STATIC,
     "From now on every call looks for hooks on all modules."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("The attribute lookup and the call of nn.Module.")},
    {Py_tp_getattro, reinterpret_cast<void*>(module_getattro)},
    {Py_tp_call, reinterpret_cast<void*>(module_call)},
    {Py_tp_methods, methods},
    {0, nullptr},
};

PyType_Spec spec = {"ember._C.ModuleBase", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

PyObject* make_module_base() {
  if (base_type) return Py_NewRef(reinterpret_cast<PyObject*>(base_type));
  PyObject* type = PyType_FromSpec(&spec);
  if (!type) return nullptr;
  base_type = reinterpret_cast<PyTypeObject*>(type);
  base_getattr = Py_XNewRef(_PyType_Lookup(base_type, names().getattr));
  base_getattribute = Py_XNewRef(_PyType_Lookup(base_type, names().getattribute));
  return Py_NewRef(type);
}

}  // namespace ember
