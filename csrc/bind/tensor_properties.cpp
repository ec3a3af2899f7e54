// Attributes of Tensor: shape, dtype, device, grad, ...
#include "bind/python.h"
#include "op/batched.h"

namespace ember {

namespace {

PyObject* shape(PyObject* self, void*) {
  return guarded([&] { return wrap_size(unwrap(self).sizes()); });
}
PyObject* dtype(PyObject* self, void*) {
  return guarded([&] { return wrap(unwrap(self).dtype()); });
}
PyObject* device(PyObject* self, void*) {
  return guarded([&] { return wrap(unwrap(self).device()); });
}
PyObject* ndim(PyObject* self, void*) { return PyLong_FromLong(unwrap(self).dim()); }
PyObject* itemsize(PyObject* self, void*) { return PyLong_FromSize_t(bytes_of(unwrap(self).dtype())); }
PyObject* nbytes(PyObject* self, void*) {
  return PyLong_FromLongLong(unwrap(self).numel() * int64_t(bytes_of(unwrap(self).dtype())));
}
PyObject* version(PyObject* self, void*) { return PyLong_FromUnsignedLong(unwrap(self).version()); }
PyObject* is_cpu(PyObject* self, void*) { return PyBool_FromLong(!unwrap(self).is_meta()); }
PyObject* is_meta(PyObject* self, void*) { return PyBool_FromLong(unwrap(self).is_meta()); }
PyObject* no(PyObject*, void*) { Py_RETURN_FALSE; }
PyObject* is_leaf_(PyObject* self, void*) {
  return guarded([&] { return PyBool_FromLong(is_leaf(unwrap(self))); });
}
PyObject* output_nr(PyObject* self, void*) {
  const auto& state = unwrap(self).body()->gradient;
  return PyLong_FromUnsignedLong(state ? state->output : 0);
}
PyObject* retains_grad(PyObject* self, void*) {
  const auto& state = unwrap(self).body()->gradient;
  return PyBool_FromLong(state && state->retains_grad);
}
PyObject* base(PyObject* self, void*) {
  return guarded([&] { return wrap(Tensor(unwrap(self).body()->base)); });
}
PyObject* data_address(PyObject* self, void*) { return PyLong_FromVoidPtr(unwrap(self).body()); }

PyObject* get_requires_grad(PyObject* self, void*) {
  return guarded([&] { return PyBool_FromLong(requires_grad(unwrap(self))); });
}

int set_requires_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const Tensor tensor = unwrap(self);
    if (!value) fail(ErrorKind::Type, "requires_grad cannot be deleted.");
    if (!PyBool_Check(value))
      fail(ErrorKind::Runtime, "requires_grad: must be a bool, not ", type_name(value), "; expected True or False.");
    const bool wanted = value == Py_True;
    if (wanted && !is_differentiable(tensor.dtype()))
      fail(ErrorKind::Runtime,
           "requires_grad: only Tensors of floating point and complex dtype can require gradients; this one is ",
           name_of(tensor.dtype()), ".");
    if (!is_leaf(tensor)) {
      if (wanted) return;
      fail(
          ErrorKind::Runtime,
          "requires_grad: you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
    }
    if (wanted && tensor.body()->inference && !modes.inference)
      fail(ErrorKind::Runtime, "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    tensor.body()->requires_grad = wanted;
  });
}

PyObject* get_grad(PyObject* self, void*) {
  return guarded([&] {
    const auto& state = unwrap(self).body()->gradient;
    return wrap(state ? state->grad : Tensor());
  });
}

int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const Tensor tensor = unwrap(self);
    if (!value || value == Py_None) {
      if (tensor.body()->gradient) tensor.body()->gradient->grad = Tensor();
      return;
    }
    if (!is_tensor(value))
      fail(ErrorKind::Type, "grad: assigned grad expected to be a Tensor or None but got ", type_name(value), ".");
    const Tensor grad = unwrap(value);
    if (grad.same(tensor)) fail(ErrorKind::Runtime, "grad: can't assign Variable as its own grad.");
    if (grad.dtype() != tensor.dtype())
      fail(ErrorKind::Runtime, "grad: assigned grad has data of a different type: ", name_of(grad.dtype()), "; expected ",
           name_of(tensor.dtype()), ".");
    if (grad.sizes() != tensor.sizes())
      fail(ErrorKind::Runtime, "grad: assigned grad has data of a different size: ", to_string(grad.sizes()), "; expected ",
           to_string(tensor.sizes()), ".");
    if (!(grad.device() == tensor.device()) && !holds_sparse(grad))
      fail(ErrorKind::Runtime, "grad: assigned grad has data located on a different device: ", to_string(grad.device()),
           "; expected ", to_string(tensor.device()), ".");
    gradient_of(tensor).grad = grad;
  });
}

PyObject* grad_fn(PyObject* self, void*) {
  return guarded([&] { return wrap_node(node_of(unwrap(self))); });
}

PyObject* get_data(PyObject* self, void*) {
  return guarded([&] {
    const Tensor tensor = unwrap(self);
    if (is_stand_in(tensor)) return wrap(detached_at_all_levels(tensor));
    return wrap(on_storage(unversioned(tensor.storage()), tensor.dtype(), tensor.offset(), tensor.sizes(), tensor.strides()));
  });
}

int set_data(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (!value || !is_tensor(value))
      fail(ErrorKind::Type, "data: expected a Tensor, not ", value ? type_name(value) : "nothing", ".");
    const Tensor tensor = unwrap(self), from = unwrap(value);
    TensorBody& body = *tensor.body();
    body.storage = from.storage();
    body.dtype = from.dtype();
    body.device = from.device();
    body.offset = from.offset();
    body.sizes = from.sizes();
    body.strides = from.strides();
    body.numel = from.numel();
    body.contiguous = from.is_contiguous();
  });
}

PyGetSetDef properties[] = {
    {"shape", shape, nullptr, "The sizes, as torch.Size.", nullptr},
    {"dtype", dtype, nullptr, "The element type.", nullptr},
    {"device", device, nullptr, "Where the memory is.", nullptr},
    {"ndim", ndim, nullptr, "The number of dimensions.", nullptr},
    {"itemsize", itemsize, nullptr, "Bytes of one element.", nullptr},
    {"nbytes", nbytes, nullptr, "Bytes of all elements.", nullptr},
    {"requires_grad", get_requires_grad, set_requires_grad, "Whether operations on it are recorded.", nullptr},
    {"grad", get_grad, set_grad, "The gradient that backward() added up here, or None.", nullptr},
    {"_grad", get_grad, set_grad, nullptr, nullptr},
    {"grad_fn", grad_fn, nullptr, "The graph node that made it; None for a leaf.", nullptr},
    {"is_leaf", is_leaf_, nullptr, "Whether no recorded operation made it.", nullptr},
    {"output_nr", output_nr, nullptr, "Which output of grad_fn it is.", nullptr},
    {"retains_grad", retains_grad, nullptr, "Whether retain_grad() was called on this non-leaf.", nullptr},
    {"data", get_data, set_data, "The same memory outside the graph, with a version number of its own.", nullptr},
    {"_version", version, nullptr, "How often the memory was changed in place.", nullptr},
    {"_base", base, nullptr, "Of a view: the tensor that it looks into.", nullptr},
    {"_cdata", data_address, nullptr, nullptr, nullptr},
    {"is_cpu", is_cpu, nullptr, nullptr, nullptr},
    {"is_meta", is_meta, nullptr, nullptr, nullptr},
    {"is_cuda", no, nullptr, nullptr, nullptr},
    {"is_sparse", no, nullptr, nullptr, nullptr},
    {"is_sparse_csr", no, nullptr, nullptr, nullptr},
    {"is_quantized", no, nullptr, nullptr, nullptr},
    {"is_mps", no, nullptr, nullptr, nullptr},
    {"is_xpu", no, nullptr, nullptr, nullptr},
    {"is_nested", no, nullptr, nullptr, nullptr},
    {"is_mkldnn", no, nullptr, nullptr, nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

PyGetSetDef* tensor_properties() { return properties; }

}  // namespace ember
