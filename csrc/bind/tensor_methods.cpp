// Methods of Tensor that are no operations: sizes, addresses, conversion, gradients.
#include <algorithm>

#include "bind/python.h"
#include "core/layout.h"
#include "op/batched.h"

namespace ember {

namespace {

using Arguments = PyObject* const*;

PyObject* size(PyObject* self, Arguments args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    if (count + (keywords ? PyTuple_GET_SIZE(keywords) : 0) == 0 || args[0] == Py_None) return wrap_size(tensor.sizes());
    const int64_t dim = PyLong_AsLongLong(args[0]);
    if (dim == -1 && PyErr_Occurred()) throw PythonError();
    return PyLong_FromLongLong(tensor.dim() ? tensor.size(wrap_dim(dim, tensor.dim(), "size")) : (wrap_dim(dim, 0, "size"), 1));
  });
}

PyObject* stride(PyObject* self, Arguments args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    if (count + (keywords ? PyTuple_GET_SIZE(keywords) : 0) == 0) return wrap_ints(tensor.strides());
    const int64_t dim = PyLong_AsLongLong(args[0]);
    if (dim == -1 && PyErr_Occurred()) throw PythonError();
    return PyLong_FromLongLong(tensor.stride(wrap_dim(dim, tensor.dim(), "stride")));
  });
}

PyObject* dim(PyObject* self, PyObject*) { return PyLong_FromLong(unwrap(self).dim()); }
PyObject* numel(PyObject* self, PyObject*) { return PyLong_FromLongLong(unwrap(self).numel()); }
PyObject* element_size(PyObject* self, PyObject*) { return PyLong_FromSize_t(bytes_of(unwrap(self).dtype())); }
PyObject* storage_offset(PyObject* self, PyObject*) { return PyLong_FromLongLong(unwrap(self).offset()); }
PyObject* data_ptr(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor tensor = unwrap(self);
    return PyLong_FromVoidPtr(tensor.storage()->data ? tensor.raw() : nullptr);
  });
}
PyObject* is_floating_point(PyObject* self, PyObject*) { return PyBool_FromLong(is_floating(unwrap(self).dtype())); }
PyObject* is_complex(PyObject* self, PyObject*) { return PyBool_FromLong(is_complex_dtype(unwrap(self).dtype())); }
PyObject* is_signed_(PyObject* self, PyObject*) { return PyBool_FromLong(is_signed(unwrap(self).dtype())); }
PyObject* is_inference(PyObject* self, PyObject*) { return PyBool_FromLong(unwrap(self).body()->inference); }
PyObject* is_conj(PyObject*, PyObject*) { Py_RETURN_FALSE; }
PyObject* untyped_storage(PyObject* self, PyObject*) {
  return guarded([&] {
    const Ref<Storage>& storage = unwrap(self).storage();
    if (storage->channels) lay_out_as_shown(*storage);
    return wrap(storage);
  });
}
PyObject* item(PyObject* self, PyObject*) {
  return guarded([&] { return item_of(unwrap(self)); });
}

// The order of dims that is_contiguous and contiguous are asked for: row-major without arguments.
std::string asked_format(PyObject* args, PyObject* keywords) {
  PyObject* format = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0)
                     : keywords             ? PyDict_GetItemString(keywords, "memory_format")
                                            : nullptr;
  if (!format || format == Py_None) return "contiguous_format";
  if (!PyUnicode_Check(format))
    fail(ErrorKind::Type, "contiguous(): memory_format must be torch.memory_format, not ", type_name(format), ".");
  return utf8_of(format);
}

bool lies_in(const Tensor& tensor, const std::string& format) {
  if (format == "contiguous_format") return tensor.is_contiguous();
  if (tensor.dim() != (format == "channels_last" ? 4 : 5)) return false;
  const Dims strides = strides_of_format(format, tensor.sizes(), "is_contiguous");
  for (int i = 0; i < tensor.dim(); ++i)
    if (tensor.size(i) != 1 && tensor.stride(i) != strides[i]) return tensor.numel() == 0;
  return true;
}

PyObject* is_contiguous_(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded([&] { return PyBool_FromLong(lies_in(unwrap(self), asked_format(args, keywords))); });
}

PyObject* contiguous_(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    const std::string format = asked_format(args, keywords);
    if (lies_in(tensor, format)) {
      Py_INCREF(self);
      return self;
    }
    static Operation& clone = named("clone");
    return wrap(run(clone, {tensor, format}));
  });
}

// Row by row as nested lists.
PyObject* list_of(const Tensor& tensor, int dim, int64_t offset) {
  if (dim == tensor.dim()) return item_of(on_storage(tensor.storage(), tensor.dtype(), offset, {}, {}));
  Object list = Object::take(PyList_New(Py_ssize_t(tensor.size(dim))));
  for (int64_t i = 0; i < tensor.size(dim); ++i)
    PyList_SET_ITEM(list.get(), Py_ssize_t(i), list_of(tensor, dim + 1, offset + i * tensor.stride(dim)));
  return list.give();
}

PyObject* tolist(PyObject* self, PyObject*) {
  return guarded([&] {
    if (unwrap(self).is_meta())
      fail(ErrorKind::NotImplemented, "tolist(): the tensor is on meta and has no data; expected a cpu tensor.");
    return list_of(unwrap(self), 0, unwrap(self).offset());
  });
}

// ---- .to(): dtype, device, or another tensor's ----

struct Target {
  bool has_dtype = false, has_device = false, copy = false;
  DType dtype = DType::Float32;
  Device device;
  std::string format = "preserve_format";
};

void read_target(PyObject* object, Target& target) {
  if (object == Py_None) return;
  if (is_dtype(object)) {
    target.dtype = unwrap_dtype(object);
    target.has_dtype = true;
  } else if (is_tensor(object)) {
    target.dtype = unwrap(object).dtype();
    target.device = unwrap(object).device();
    target.has_dtype = target.has_device = true;
  } else if (unwrap_device(object, target.device)) {
    target.has_device = true;
  } else {
    fail(ErrorKind::Type, "to(): expected a dtype, a device or a Tensor, not ", type_name(object), ".");
  }
}

Tensor moved(const Tensor& tensor, const Target& target) {
  Tensor result = tensor;
  if (target.has_device && !(target.device == tensor.device())) {
    const Device device = device_here(target.device, "to");
    if (tensor.is_meta())
      fail(ErrorKind::NotImplemented, "to(): Cannot copy out of meta tensor; no data! Use empty_like() on the device instead.");
    result = empty(tensor.sizes(), tensor.dtype(), device);
  }
  if (target.has_dtype) result = to_dtype(result, target.dtype);
  static Operation& clone = named("clone");
  if (target.format != "preserve_format" && !lies_in(result, target.format)) return run(clone, {result, target.format});
  return target.copy && result.same(tensor) ? run(clone, {result}) : result;
}

PyObject* to(PyObject* self, Arguments args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Target target;
    for (Py_ssize_t i = 0; i < count; ++i) {
      if (PyBool_Check(args[i])) {  // non_blocking, then copy
        target.copy |= i == count - 1 && args[i] == Py_True && count > 2;
        continue;
      }
      read_target(args[i], target);
    }
    for (Py_ssize_t i = 0; keywords && i < PyTuple_GET_SIZE(keywords); ++i) {
      const std::string name = utf8_of(PyTuple_GET_ITEM(keywords, i));
      PyObject* value = args[count + i];
      if (name == "dtype" || name == "device" || name == "other") read_target(value, target);
      else if (name == "copy") target.copy = PyObject_IsTrue(value);
      else if (name == "memory_format" && PyUnicode_Check(value)) target.format = PyUnicode_AsUTF8(value);
      else if (name != "non_blocking" && (name != "memory_format" || value != Py_None))
        fail(ErrorKind::Type, "to(): unknown argument '", name,
             "'; expected dtype, device, non_blocking, copy, memory_format.");
    }
    const Tensor tensor = unwrap(self);
    const Tensor result = moved(tensor, target);
    if (result.same(tensor)) {
      Py_INCREF(self);
      return self;
    }
    return wrap(result);
  });
}

template <DType dtype>
PyObject* cast(PyObject* self, PyObject*, PyObject*) {
  return guarded([&] { return wrap(to_dtype(unwrap(self), dtype)); });
}

// ---- gradients ----

PyObject* detach(PyObject* self, PyObject*) {
  return guarded([&] { return wrap(detached_at_all_levels(unwrap(self))); });
}

PyObject* detach_(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    if (tensor.body()->base) fail(ErrorKind::Runtime, "detach_(): Can't detach views in-place. Use detach() instead.");
    tensor.body()->requires_grad = false;
    if (tensor.body()->gradient) tensor.body()->gradient->node = nullptr;
    Py_INCREF(self);
    return self;
  });
}

PyObject* requires_grad_(PyObject* self, Arguments args, Py_ssize_t count, PyObject* keywords) {
  PyObject* wanted = count + (keywords ? PyTuple_GET_SIZE(keywords) : 0) ? args[0] : Py_True;
  if (!PyBool_Check(wanted)) {
    PyErr_Format(PyExc_TypeError, "requires_grad_(): argument 'requires_grad' must be bool, not %.100s.",
                 Py_TYPE(wanted)->tp_name);
    return nullptr;
  }
  if (PyObject_SetAttrString(self, "requires_grad", wanted) < 0) return nullptr;
  Py_INCREF(self);
  return self;
}

PyObject* retain_grad(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    retain_gradient(unwrap(self));
    Py_RETURN_NONE;
  });
}

// ---- subclasses, storages ----

PyObject* make_subclass(PyObject*, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* names[] = {"cls", "data", "require_grad", nullptr};
    PyObject *type, *data;
    int wanted = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O!O!|p", const_cast<char**>(names), &PyType_Type, &type, tensor_type,
                                     &data, &wanted))
      throw PythonError();
    if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type), tensor_type))
      fail(ErrorKind::Type, "_make_subclass(): the class must be a subclass of Tensor.");
    const Tensor tensor = detached(unwrap(data));
    if (wanted && !is_differentiable(tensor.dtype()))
      fail(ErrorKind::Runtime,
           "requires_grad: only Tensors of floating point and complex dtype can require gradients; this one is ",
           name_of(tensor.dtype()), ".");
    tensor.body()->requires_grad = wanted;
    return wrap_as(tensor, reinterpret_cast<PyTypeObject*>(type));
  });
}

PyObject* as_subclass(PyObject* self, PyObject* type) {
  return guarded([&]() -> PyObject* {
    if (!PyType_Check(type) || !PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type), tensor_type))
      fail(ErrorKind::Type, "as_subclass(): expected a subclass of Tensor, not ", type_name(type), ".");
    static Operation& alias = named("alias");
    const Tensor same = run(alias, {unwrap(self)});
    return wrap_as(same, reinterpret_cast<PyTypeObject*>(type));
  });
}

PyObject* set_(PyObject* self, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *source, *sizes = nullptr, *strides = nullptr;
    long long offset = 0;
    if (!PyArg_ParseTuple(args, "O|LOO", &source, &offset, &sizes, &strides)) throw PythonError();
    TensorBody& body = *unwrap(self).body();
    if (is_tensor(source)) {
      if (PyObject_SetAttrString(self, "data", source) < 0) throw PythonError();
    } else {
      body.storage = unwrap_storage(source);
      body.offset = offset;
      Parameter ints;
      ints.kind = ValueKind::Ints;
      Value value;
      if (sizes && convert_argument(sizes, ints, value)) body.sizes = value.ints();
      else body.sizes = Dims{int64_t(body.storage->bytes / bytes_of(body.dtype))};
      body.strides = contiguous_strides(body.sizes);
      if (strides && convert_argument(strides, ints, value)) body.strides = value.ints();
      body.numel = count_elements(body.sizes);
      body.contiguous = is_contiguous(body.sizes, body.strides);
    }
    Py_INCREF(self);
    return self;
  });
}

PyObject* resize_(PyObject* self, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    Parameter ints;
    ints.kind = ValueKind::Ints;
    ints.variadic = true;
    Value value;
    if (!convert_argument(args, ints, value)) fail(ErrorKind::Type, "resize_(): expected integers.");
    if (requires_grad(unwrap(self))) fail(ErrorKind::Runtime, "resize_(): cannot resize variables that require grad.");
    resize(unwrap(self), value.ints());
    Py_INCREF(self);
    return self;
  });
}

// Takes over the geometry and the place in the graph of a view of itself: what unsqueeze_ and its kin do.
PyObject* become_view(PyObject* self, PyObject* other) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(other) || unwrap(other).storage() != unwrap(self).storage())
      fail(ErrorKind::Type, "_become_view(): expected a view of the tensor, not ", type_name(other), ".");
    const Tensor tensor = unwrap(self), view = unwrap(other);
    if (tensor.body()->requires_grad && modes.gradient && is_leaf(tensor))
      fail(ErrorKind::Runtime, "a leaf Variable that requires grad is being used in an in-place operation; its shape is ",
           to_string(tensor.sizes()), ".");
    TensorBody& body = *tensor.body();
    const Ref<Node> node = requires_grad(view) ? node_of(view) : nullptr;
    body.sizes = view.sizes();
    body.strides = view.strides();
    body.offset = view.offset();
    body.numel = view.numel();
    body.contiguous = view.is_contiguous();
    if (node) set_node(tensor, node, gradient_of(view).output);
    ++body.storage->version;
    Py_INCREF(self);
    return self;
  });
}

PyObject* is_same(PyObject* self, PyObject* other) {
  return PyBool_FromLong(is_tensor(other) && unwrap(self).storage()->data == unwrap(other).storage()->data);
}

template <class F>
PyCFunction method(F* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}
constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;
constexpr int kPlain = METH_VARARGS | METH_KEYWORDS;

PyMethodDef methods[] = {{"size", method(size), kFast, "size(dim=None): all sizes, or one."},
                         {"stride", method(stride), kFast, "stride(dim=None): steps in elements."},
                         {"dim", dim, METH_NOARGS, "The number of dimensions."},
                         {"ndimension", dim, METH_NOARGS, "The number of dimensions."},
                         {"numel", numel, METH_NOARGS, "The number of elements."},
                         {"nelement", numel, METH_NOARGS, "The number of elements."},
                         {"element_size", element_size, METH_NOARGS, "Bytes of one element."},
                         {"storage_offset", storage_offset, METH_NOARGS, "Where it starts in its storage, in elements."},
                         {"data_ptr", data_ptr, METH_NOARGS, "The address of the first element."},
                         {"is_floating_point", is_floating_point, METH_NOARGS, nullptr},
                         {"is_complex", is_complex, METH_NOARGS, nullptr},
                         {"is_signed", is_signed_, METH_NOARGS, nullptr},
                         {"is_inference", is_inference, METH_NOARGS, nullptr},
                         {"is_conj", is_conj, METH_NOARGS, nullptr},
                         {"is_neg", is_conj, METH_NOARGS, nullptr},
                         {"untyped_storage", untyped_storage, METH_NOARGS, "The bytes behind it."},
                         {"item", item, METH_NOARGS, "The Python number of a one-element tensor."},
                         {"is_contiguous", method(is_contiguous_), kPlain, "Whether it is dense in row-major order."},
                         {"contiguous", method(contiguous_), kPlain, "Itself, or a copy in row-major order."},
                         {"tolist", tolist, METH_NOARGS, "The elements as nested lists."},
                         {"to", method(to), kFast, "to(dtype and/or device, or another tensor): itself where nothing changes."},
                         {"float", method(cast<DType::Float32>), kPlain, nullptr},
                         {"double", method(cast<DType::Float64>), kPlain, nullptr},
                         {"half", method(cast<DType::Float16>), kPlain, nullptr},
                         {"bfloat16", method(cast<DType::BFloat16>), kPlain, nullptr},
                         {"int", method(cast<DType::Int32>), kPlain, nullptr},
                         {"long", method(cast<DType::Int64>), kPlain, nullptr},
                         {"short", method(cast<DType::Int16>), kPlain, nullptr},
                         {"char", method(cast<DType::Int8>), kPlain, nullptr},
                         {"byte", method(cast<DType::UInt8>), kPlain, nullptr},
                         {"bool", method(cast<DType::Bool>), kPlain, nullptr},
                         {"chalf", method(cast<DType::Complex32>), kPlain, nullptr},
                         {"cfloat", method(cast<DType::Complex64>), kPlain, nullptr},
                         {"cdouble", method(cast<DType::Complex128>), kPlain, nullptr},
                         {"detach", detach, METH_NOARGS, "The same memory, outside the graph."},
                         {"detach_", detach_, METH_NOARGS, "Takes this tensor out of the graph."},
                         {"requires_grad_", method(requires_grad_), kFast, "requires_grad_(requires_grad=True)"},
                         {"retain_grad", retain_grad, METH_NOARGS, "Keeps grad on a non-leaf too."},
                         {"_make_subclass", method(make_subclass), kPlain | METH_STATIC, nullptr},
                         {"as_subclass", as_subclass, METH_O, "The same tensor as an object of a subclass."},
                         {"set_", set_, METH_VARARGS, "Takes over another tensor's or a storage's memory."},
                         {"resize_", method(resize_), kPlain, "Other sizes on the same storage, grown where needed."},
                         {"_become_view", become_view, METH_O, nullptr},
                         {"is_set_to", is_same, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyMethodDef* tensor_methods() { return methods; }

}  // namespace ember
