// Python objects and C++ values meet here. The binding files are the only ones with Python.h.
#pragma once
#include <Python.h>
#include <structmember.h>

#include <string>
#include <vector>

#include "graph/autograd.h"
#include "op/call.h"

namespace ember {

// Thrown when a Python exception is already set.
struct PythonError {};

// An owned Python reference.
class Object {
 public:
  Object() = default;
  Object(Object&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  Object& operator=(Object&& other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  Object(const Object& other) : pointer_(other.pointer_) { Py_XINCREF(pointer_); }
  ~Object() { Py_XDECREF(pointer_); }
  // Takes over a new reference; null means that an exception is set.
  static Object take(PyObject* pointer) {
    if (!pointer) throw PythonError();
    Object object;
    object.pointer_ = pointer;
    return object;
  }
  static Object borrow(PyObject* pointer) {
    Py_XINCREF(pointer);
    Object object;
    object.pointer_ = pointer;
    return object;
  }
  PyObject* get() const { return pointer_; }
  PyObject* give() { return std::exchange(pointer_, nullptr); }
  explicit operator bool() const { return pointer_ != nullptr; }

 private:
  PyObject* pointer_ = nullptr;
};

// ---- tensors (tensor.cpp) ----
struct PyTensor {
  PyObject_HEAD
  TensorBody* body;
  PyObject* dict;
  PyObject* weak_references;
};
extern PyTypeObject* tensor_type;
inline bool is_tensor(PyObject* object) {
  return Py_TYPE(object) == tensor_type || PyType_IsSubtype(Py_TYPE(object), tensor_type);
}
// The tensor of an object that is one (not checked).
inline Tensor unwrap(PyObject* object) { return Tensor(reinterpret_cast<PyTensor*>(object)->body); }
// The one Python object of a tensor, as a new reference; None for an undefined tensor.
PyObject* wrap(const Tensor& tensor);
// The same as an object of a subclass of Tensor.
PyObject* wrap_as(const Tensor& tensor, PyTypeObject* type);

// ---- small types (types.cpp) ----
extern PyTypeObject* dtype_type;
extern PyTypeObject* device_type;
extern PyTypeObject* size_type;
extern PyTypeObject* generator_type;
extern PyTypeObject* storage_type;
PyObject* wrap(DType dtype);
PyObject* wrap(Device device);
PyObject* wrap_size(const Dims& dims);         // torch.Size
PyObject* wrap_ints(const Dims& dims);         // tuple
PyObject* wrap(const Ref<Generator>& generator);
PyObject* wrap(const Ref<Storage>& storage);
bool is_dtype(PyObject* object);
DType unwrap_dtype(PyObject* object);          // float, int, bool and complex stand for dtypes too
bool unwrap_device(PyObject* object, Device& device);  // 'cpu', 'meta:0', device; false where it is none of these
Ref<Storage> unwrap_storage(PyObject* object);
Ref<Generator> unwrap_generator(PyObject* object);
bool create_types(PyObject* module);

// ---- numbers ----
bool is_number(PyObject* object);              // int, float, complex, bool, NumPy scalars; no tensors
Value number_of(PyObject* object);
// As an operation's Tensor argument: a 0-d tensor that is weak in type promotion.
Tensor wrapped_number(PyObject* object);
PyObject* item_of(const Tensor& tensor);       // the Python number of a one-element tensor

// ---- arguments and results (arguments.cpp, function.cpp) ----
std::string type_name(PyObject* object);
// The bytes of a str object, which keeps them.
const char* utf8_of(PyObject* text);
// An argument for the given parameter of an operation; false where the type does not fit.
bool convert_argument(PyObject* object, const Parameter& parameter, Value& value);
PyObject* results_of(const Operation& op, Call& call);
// torch.return_types.sort(values=..., indices=...): one structseq type for each name; the first call fixes its fields.
PyTypeObject* return_type(const std::string& name, const std::vector<std::string>& fields);
// All operations as callables: a dict of name -> function; methods set on the Tensor type.
PyObject* create_functions(PyObject* module);

extern PyObject* out_of_memory_error;  // a RuntimeError
// call(), whose arguments are remembered where it finds no memory: often only the interpreter's stack holds them.
void call_from_python(Call& request);
// Runs f and turns C++ exceptions into Python's.
void set_python_error();
template <class F>
inline PyObject* guarded(F&& f) noexcept {
  try {
    return f();
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}
template <class F>
inline int guarded_int(F&& f) noexcept {
  try {
    f();
    return 0;
  } catch (...) {
    set_python_error();
    return -1;
  }
}

// ---- parts of the module ----
bool create_tensor_type(PyObject* module);          // tensor.cpp
PyMethodDef* tensor_methods();                      // tensor_methods.cpp
PyGetSetDef* tensor_properties();                   // tensor_properties.cpp
PyMethodDef* autograd_functions();                  // autograd.cpp
bool create_autograd_types(PyObject* module);
PyMethodDef* modes_functions();                     // modes.cpp: autocast, anomaly mode, the profiler
PyMethodDef* interchange_functions();               // interchange.cpp: data, NumPy, buffers, DLPack
PyMethodDef* worker_functions();                    // workers.cpp
PyMethodDef* shared_memory_functions();             // shared_memory.cpp
PyMethodDef* batching_functions();                  // batching.cpp: vmap
PyObject* wrap_node(const Ref<Node>& node);         // grad_fn
PyObject* subscript(PyObject* self, PyObject* index);  // indexing.cpp
int assign_subscript(PyObject* self, PyObject* index, PyObject* value);

}  // namespace ember
