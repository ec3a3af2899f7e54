// The C base type of nn.Module: attribute lookup and call.
#pragma once
#include <Python.h>

namespace ember {

// A new reference to the type `ember._C.ModuleBase`; null with a Python exception set on failure.
PyObject* make_module_base();

}  // namespace ember
