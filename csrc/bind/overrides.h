// __torch_function__: whether classes of arguments, or modes, take a call over, and the call that asks them.
#pragma once
#include "bind/python.h"

namespace ember {

// Modes that are entered, in all threads.
extern int function_modes;

// Of a type that certainly takes no calls over.
inline bool is_plain(PyObject* argument) {
  const PyTypeObject* type = Py_TYPE(argument);
  return type == tensor_type || type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type || argument == Py_None ||
         type == dtype_type || type == &PyUnicode_Type;
}

// Arguments as a vectorcall has them.
bool overridden(PyObject* const* given, size_t flags, PyObject* keywords);
PyObject* call_overridden(PyObject* function, PyObject* const* given, size_t flags, PyObject* keywords);

PyMethodDef* override_functions();
void create_overrides(PyObject* module);

}  // namespace ember
