// The Tensor type: its objects' life, its operators, and its constructor.
#include <algorithm>
#include <cstddef>

#include "bind/overrides.h"
#include "bind/python.h"

namespace ember {

PyTypeObject* tensor_type = nullptr;

PyObject* wrap_as(const Tensor& tensor, PyTypeObject* type) {
  PyTensor* object = reinterpret_cast<PyTensor*>(type->tp_alloc(type, 0));
  if (!object) throw PythonError();
  object->body = tensor.body();
  retain(object->body);
  object->body->python = object;
  return reinterpret_cast<PyObject*>(object);
}

PyObject* wrap(const Tensor& tensor) {
  if (!tensor) Py_RETURN_NONE;
  if (tensor.body()->python) {
    PyObject* known = static_cast<PyObject*>(tensor.body()->python);
    Py_INCREF(known);
    return known;
  }
  PyTensor* object = PyObject_New(PyTensor, tensor_type);
  if (!object) throw PythonError();
  object->dict = nullptr;
  object->weak_references = nullptr;
  object->body = tensor.body();
  retain(object->body);
  object->body->python = object;
  return reinterpret_cast<PyObject*>(object);
}

namespace {

// ---- life ----

// An object with attributes or of a subclass is kept for as long as C++ (a graph, a grad) holds its tensor.
void finalize(PyObject* self) {
  TensorBody* body = reinterpret_cast<PyTensor*>(self)->body;
  if (body && body->references > 1) {
    Py_INCREF(self);
    body->owns_python = true;
  }
}

void drop(TensorBody* body) {
  body->owns_python = false;
  Py_DECREF(static_cast<PyObject*>(body->python));
}

void deallocate(PyObject* self) {
  PyTensor* object = reinterpret_cast<PyTensor*>(self);
  PyTypeObject* type = Py_TYPE(self);
  if (type == tensor_type && object->dict && PyObject_CallFinalizerFromDealloc(self) < 0) return;
  if (object->weak_references) PyObject_ClearWeakRefs(self);
  Py_CLEAR(object->dict);
  if (object->body) {
    object->body->python = nullptr;
    release(object->body);
  }
  type->tp_free(self);
  Py_DECREF(type);
}

// ---- operators ----

template <size_t N>
struct Name {
  char text[N];
  constexpr Name(const char (&literal)[N]) { std::copy_n(literal, N, text); }
};

bool operand(PyObject* object, Value& value) {
  if (is_tensor(object)) value = Value(unwrap(object));
  else if (is_number(object)) value = wrapped_number(object);
  else return false;
  return true;
}

// The operation as a function of Python, which classes that take calls over are handed.
PyObject* function_of(const char* name) { return PyObject_GetAttrString(reinterpret_cast<PyObject*>(tensor_type), name); }

// The operator on these operands, if the class of one of them or a mode takes it over; otherwise null without an error.
template <size_t count>
PyObject* taken_over(const char* name, PyObject* const (&operands)[count]) {
  if (!overridden(operands, count, nullptr)) return nullptr;
  return guarded([&] {
    Object function = Object::take(function_of(name));
    return call_overridden(function.get(), operands, count, nullptr);
  });
}

// Whether an operator has to ask: a mode is entered, or an operand is neither a plain tensor nor a number.
inline bool may_be_taken_over(PyObject* a, PyObject* b) { return function_modes || !is_plain(a) || !is_plain(b); }

template <Name name>
PyObject* binary(PyObject* a, PyObject* b) {
  if (may_be_taken_over(a, b)) {
    PyObject* result = taken_over(name.text, {a, b});
    if (result || PyErr_Occurred()) return result;
  }
  return guarded([&]() -> PyObject* {
    static const Operation& op = named(name.text);
    Value args[4];
    if (!operand(a, args[0]) || !operand(b, args[1])) Py_RETURN_NOTIMPLEMENTED;
    for (size_t i = 2; i < op.schema.parameters.size(); ++i) args[i] = op.schema.parameters[i].standard;
    Call request(op, args);
    call_from_python(request);
    return wrap(request.outputs[0]);
  });
}

template <Name name>
PyObject* inplace(PyObject* a, PyObject* b) {
  if (may_be_taken_over(a, b)) {
    PyObject* result = taken_over((std::string(name.text) + "_").c_str(), {a, b});
    if (result || PyErr_Occurred()) return result;
  }
  return guarded([&]() -> PyObject* {
    static const Operation& op = named(name.text);
    Value args[4];
    if (!operand(a, args[0]) || !operand(b, args[1])) Py_RETURN_NOTIMPLEMENTED;
    for (size_t i = 2; i < op.schema.parameters.size(); ++i) args[i] = op.schema.parameters[i].standard;
    Call request(op, args);
    request.outputs[0] = unwrap(a);
    request.given = request.inplace = true;
    call_from_python(request);
    Py_INCREF(a);
    return a;
  });
}

template <Name name>
PyObject* unary(PyObject* a) {
  if (may_be_taken_over(a, a)) {
    PyObject* result = taken_over(name.text, {a});
    if (result || PyErr_Occurred()) return result;
  }
  return guarded([&]() -> PyObject* {
    static const Operation& op = named(name.text);
    return wrap(run(op, {unwrap(a)}));
  });
}

// x ** 2, the frequent power, is a multiplication.
PyObject* power(PyObject* a, PyObject* b, PyObject*) {
  if (is_tensor(a) && !is_tensor(b) && PyLong_CheckExact(b) && PyLong_AsLong(b) == 2 && unwrap(a).dtype() != DType::Bool)
    return unary<"square">(a);
  return PyErr_Occurred() ? nullptr : binary<"pow">(a, b);
}
PyObject* invert(PyObject* a) {
  if (is_differentiable(unwrap(a).dtype()))
    return guarded([&]() -> PyObject* {
      fail(ErrorKind::Type, "~ works on integer and bool tensors; this one is of ", name_of(unwrap(a).dtype()), ".");
    });
  return unwrap(a).dtype() == DType::Bool ? unary<"logical_not">(a) : unary<"bitwise_not">(a);
}
PyObject* inplace_power(PyObject* a, PyObject* b, PyObject*) { return inplace<"pow">(a, b); }
PyObject* itself(PyObject* a) {
  Py_INCREF(a);
  return a;
}

PyObject* compare(PyObject* a, PyObject* b, int how) {
  if (!is_tensor(b) && !is_number(b) && !overridden(&b, 1, nullptr)) Py_RETURN_NOTIMPLEMENTED;
  switch (how) {
    case Py_LT: return binary<"lt">(a, b);
    case Py_LE: return binary<"le">(a, b);
    case Py_EQ: return binary<"eq">(a, b);
    case Py_NE: return binary<"ne">(a, b);
    case Py_GT: return binary<"gt">(a, b);
    default: return binary<"ge">(a, b);
  }
}

int is_true(PyObject* self) {
  try {
    const Tensor tensor = unwrap(self);
    if (tensor.numel() != 1)
      fail(ErrorKind::Runtime, "bool(): Boolean value of Tensor with ", tensor.numel() ? "more than one value" : "no values",
           " is ambiguous; its shape is ", to_string(tensor.sizes()), ".");
    if (tensor.is_meta()) fail(ErrorKind::Runtime, "bool(): the tensor is on meta and has no data; expected a cpu tensor.");
    if (is_complex_dtype(tensor.dtype())) {
      Object item = Object::take(item_of(tensor));
      return PyObject_IsTrue(item.get());
    }
    return is_differentiable(tensor.dtype()) ? tensor.as_double() != 0 : tensor.as_int() != 0;
  } catch (...) {
    set_python_error();
    return -1;
  }
}

// For float() and int(), whose error is of another type than item()'s.
Object number_in(PyObject* self) {
  const Tensor tensor = unwrap(self);
  if (tensor.numel() != 1)
    fail(ErrorKind::Value, "only one element tensors can be converted to Python scalars; this one has shape ",
         to_string(tensor.sizes()), ".");
  return Object::take(item_of(tensor));
}

// A complex number only where its imaginary part is 0.
Object real_number_in(PyObject* self, const char* function) {
  Object item = number_in(self);
  if (!PyComplex_Check(item.get())) return item;
  if (const double imaginary = PyComplex_ImagAsDouble(item.get()); imaginary != 0)
    fail(ErrorKind::Runtime, function,
         "(): value cannot be converted to a real number without overflow; its imaginary part is ", imaginary,
         ". Use .real or complex().");
  return Object::take(PyFloat_FromDouble(PyComplex_RealAsDouble(item.get())));
}

PyObject* as_int(PyObject* self) {
  return guarded([&] {
    Object item = real_number_in(self, "int");
    return PyNumber_Long(item.get());
  });
}
PyObject* as_float(PyObject* self) {
  return guarded([&] {
    Object item = real_number_in(self, "float");
    return PyNumber_Float(item.get());
  });
}
PyObject* as_index(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    if (tensor.numel() != 1 || is_differentiable(tensor.dtype()))
      fail(ErrorKind::Type, "only integer tensors of a single element can be converted to an index; this one is ",
           name_of(tensor.dtype()), " of shape ", to_string(tensor.sizes()), ".");
    Object item = Object::take(item_of(tensor));
    return PyNumber_Long(item.get());
  });
}

Py_ssize_t length(PyObject* self) {
  const Tensor tensor = unwrap(self);
  if (tensor.dim() == 0) {
    PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
    return -1;
  }
  return Py_ssize_t(tensor.size(0));
}

PyObject* iterate(PyObject* self) {
  return guarded([&]() -> PyObject* {
    if (unwrap(self).dim() == 0) fail(ErrorKind::Type, "iteration over a 0-d tensor");
    Object rows = Object::take(PyObject_CallMethod(self, "unbind", "i", 0));
    return PyObject_GetIter(rows.get());
  });
}

int contains(PyObject* self, PyObject* element) {
  PyObject* equal = PyObject_RichCompare(self, element, Py_EQ);
  if (!equal) return -1;
  if (!is_tensor(equal)) {
    Py_DECREF(equal);
    PyErr_Format(PyExc_RuntimeError, "Tensor.__contains__ only supports Tensor or scalar, but you passed in a %s.",
                 Py_TYPE(element)->tp_name);
    return -1;
  }
  PyObject* any = PyObject_CallMethod(equal, "any", nullptr);
  Py_DECREF(equal);
  if (!any) return -1;
  const int found = PyObject_IsTrue(any);
  Py_DECREF(any);
  return found;
}

PyObject* represent(PyObject* self) {
  return guarded([&] {
    Object module = Object::take(PyImport_ImportModule("ember._tensor_str"));
    return PyObject_CallMethod(module.get(), "tensor_repr", "O", self);
  });
}

// Tensor(2, 3), Tensor([1, 2]), Tensor(tensor): the constructor from before tensor() and empty().
PyObject* construct(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Object module = Object::take(PyImport_ImportModule("ember.ops.from_data"));
    Object make = Object::take(PyObject_GetAttrString(module.get(), "_legacy_tensor"));
    Object made = Object::take(PyObject_Call(make.get(), args, keywords));
    if (type == tensor_type) return made.give();
    return wrap_as(detached(unwrap(made.get())), type);
  });
}

PyMemberDef members[] = {{"__dictoffset__", T_PYSSIZET, offsetof(PyTensor, dict), READONLY, nullptr},
                         {"__weaklistoffset__", T_PYSSIZET, offsetof(PyTensor, weak_references), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

template <class F>
void* slot(F* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

bool create_tensor_type(PyObject* module) {
  drop_python = drop;
  PyType_Slot slots[] = {{Py_tp_dealloc, slot(deallocate)},
                         {Py_tp_finalize, slot(finalize)},
                         {Py_tp_new, slot(construct)},
                         {Py_tp_members, members},
                         {Py_tp_methods, tensor_methods()},
                         {Py_tp_getset, tensor_properties()},
                         {Py_tp_repr, slot(represent)},
                         {Py_tp_hash, slot(_Py_HashPointer)},
                         {Py_tp_richcompare, slot(compare)},
                         {Py_tp_iter, slot(iterate)},
                         {Py_mp_length, slot(length)},
                         {Py_mp_subscript, slot(subscript)},
                         {Py_mp_ass_subscript, slot(assign_subscript)},
                         {Py_sq_contains, slot(contains)},
                         {Py_nb_add, slot(binary<"add">)},
                         {Py_nb_subtract, slot(binary<"sub">)},
                         {Py_nb_multiply, slot(binary<"mul">)},
                         {Py_nb_true_divide, slot(binary<"div">)},
                         {Py_nb_floor_divide, slot(binary<"floor_divide">)},
                         {Py_nb_remainder, slot(binary<"remainder">)},
                         {Py_nb_power, slot(power)},
                         {Py_nb_matrix_multiply, slot(binary<"matmul">)},
                         {Py_nb_and, slot(binary<"bitwise_and">)},
                         {Py_nb_or, slot(binary<"bitwise_or">)},
                         {Py_nb_xor, slot(binary<"bitwise_xor">)},
                         {Py_nb_lshift, slot(binary<"bitwise_left_shift">)},
                         {Py_nb_rshift, slot(binary<"bitwise_right_shift">)},
                         {Py_nb_inplace_add, slot(inplace<"add">)},
                         {Py_nb_inplace_subtract, slot(inplace<"sub">)},
                         {Py_nb_inplace_multiply, slot(inplace<"mul">)},
                         {Py_nb_inplace_true_divide, slot(inplace<"div">)},
                         {Py_nb_inplace_floor_divide, slot(inplace<"floor_divide">)},
                         {Py_nb_inplace_remainder, slot(inplace<"remainder">)},
                         {Py_nb_inplace_power, slot(inplace_power)},
                         {Py_nb_inplace_and, slot(inplace<"bitwise_and">)},
                         {Py_nb_inplace_or, slot(inplace<"bitwise_or">)},
                         {Py_nb_inplace_xor, slot(inplace<"bitwise_xor">)},
                         {Py_nb_inplace_lshift, slot(inplace<"bitwise_left_shift">)},
                         {Py_nb_inplace_rshift, slot(inplace<"bitwise_right_shift">)},
                         {Py_nb_negative, slot(unary<"neg">)},
                         {Py_nb_positive, slot(itself)},
                         {Py_nb_absolute, slot(unary<"abs">)},
                         {Py_nb_invert, slot(invert)},
                         {Py_nb_bool, slot(is_true)},
                         {Py_nb_int, slot(as_int)},
                         {Py_nb_float, slot(as_float)},
                         {Py_nb_index, slot(as_index)},
                         {0, nullptr}};
  PyType_Spec spec = {"ember.Tensor", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return tensor_type && PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(tensor_type)) == 0;
}

}  // namespace ember
