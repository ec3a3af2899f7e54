// The small classes: dtype, device, Size, Generator, Storage.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "bind/python.h"

namespace ember {

PyTypeObject* dtype_type = nullptr;
PyTypeObject* device_type = nullptr;
PyTypeObject* size_type = nullptr;
PyTypeObject* generator_type = nullptr;
PyTypeObject* storage_type = nullptr;

namespace {

template <class F>
void* slot(F* function) {
  return reinterpret_cast<void*>(function);
}

// ---- dtype: one object each ----

struct PyDType {
  PyObject_HEAD
  DType dtype;
  const char* name;
};
PyObject* dtype_objects[kDTypes];
DType dtype_in(PyObject* self) { return reinterpret_cast<PyDType*>(self)->dtype; }
const char* name_in(PyObject* self) { return reinterpret_cast<PyDType*>(self)->name; }

// PyTorch's quantized types, which packages have in their tables, and what their elements are stored as: no tensor has them.
struct NamedType {
  const char* name;
  DType stored;
};
constexpr NamedType kQuantizedTypes[] = {{"qint8", DType::Int8},
                                         {"quint8", DType::UInt8},
                                         {"qint32", DType::Int32},
                                         {"quint4x2", DType::UInt8},
                                         {"quint2x4", DType::UInt8}};

PyObject* new_dtype(PyObject* module, const char* name, DType dtype) {
  PyObject* object = Object::take(dtype_type->tp_alloc(dtype_type, 0)).give();
  reinterpret_cast<PyDType*>(object)->dtype = dtype;
  reinterpret_cast<PyDType*>(object)->name = name;
  if (PyModule_AddObjectRef(module, name, object) < 0) throw PythonError();
  return object;
}

PyObject* dtype_represent(PyObject* self) { return PyUnicode_FromFormat("torch.%s", name_in(self)); }
PyObject* dtype_itemsize(PyObject* self, void*) { return PyLong_FromSize_t(bytes_of(dtype_in(self))); }
PyObject* dtype_is_floating(PyObject* self, void*) { return PyBool_FromLong(is_floating(dtype_in(self))); }
PyObject* dtype_is_complex(PyObject* self, void*) { return PyBool_FromLong(is_complex_dtype(dtype_in(self))); }
PyObject* dtype_is_signed(PyObject* self, void*) { return PyBool_FromLong(is_signed(dtype_in(self))); }
PyObject* dtype_to_complex(PyObject* self, PyObject*) {
  return guarded([&] {
    const DType dtype = dtype_in(self);
    if (!(kDTypeFacts[int(dtype)].kind & (kInexact | kHalfComplex)))
      fail(ErrorKind::Runtime, "to_complex(): Unknown Complex ScalarType for ", name_of(dtype),
           "; expected a floating point or complex dtype.");
    return wrap(complex_of(dtype));
  });
}
PyObject* dtype_to_real(PyObject* self, PyObject*) { return wrap(real_of(dtype_in(self))); }
PyObject* dtype_reduce(PyObject* self, PyObject*) { return PyUnicode_FromString(name_in(self)); }
PyGetSetDef dtype_properties[] = {{"itemsize", dtype_itemsize, nullptr, "Bytes of one element.", nullptr},
                                  {"is_floating_point", dtype_is_floating, nullptr, nullptr, nullptr},
                                  {"is_complex", dtype_is_complex, nullptr, nullptr, nullptr},
                                  {"is_signed", dtype_is_signed, nullptr, nullptr, nullptr},
                                  {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef dtype_methods[] = {{"to_complex", dtype_to_complex, METH_NOARGS, nullptr},
                               {"to_real", dtype_to_real, METH_NOARGS, nullptr},
                               {"__reduce__", dtype_reduce, METH_NOARGS, nullptr},
                               {nullptr, nullptr, 0, nullptr}};

// ---- device ----

struct PyDevice {
  PyObject_HEAD
  Device device;
};
Device device_in(PyObject* self) { return reinterpret_cast<PyDevice*>(self)->device; }

// 'cpu', 'cuda:0': any name that PyTorch knows, with an index or without.
Device parse_device(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto found = std::find(std::begin(kDeviceNames), std::end(kDeviceNames), name);
  if (found == std::end(kDeviceNames)) {
    std::string known = kDeviceNames[0];
    for (auto each = std::begin(kDeviceNames) + 1; each != std::end(kDeviceNames); ++each) known += std::string(", ") + *each;
    fail(ErrorKind::Runtime, "device(): '", text, "' is no device string. Expected one of ", known,
         " device types, with an optional index as in cuda:0.");  // array-api-compat reads the names between these words
  }
  Device device{DeviceType(found - std::begin(kDeviceNames))};
  if (colon == text.npos) return device;
  const std::string_view digits = text.substr(colon + 1);
  int index = -1;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (error != std::errc() || stop != digits.data() + digits.size() || leading_zero || index < 0 || index > kMaxDeviceIndex)
    fail(ErrorKind::Runtime, "device(): Invalid device string: '", text, "'; expected an index of 0 to ", kMaxDeviceIndex,
         " after the colon, as in cuda:0.");
  device.index = int8_t(index);
  return device;
}

int64_t integer_of(PyObject* number) {
  const int64_t value = PyLong_AsLongLong(number);
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  return value;
}

// device(device), device(type, index=None); an index alone would be one of an accelerator.
PyObject* device_new(PyTypeObject*, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* names[] = {"type", "index", nullptr};
    PyObject *type, *number = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O", const_cast<char**>(names), &type, &number)) throw PythonError();
    Device device;
    if (!unwrap_device(type, device)) fail(ErrorKind::Type, "device(): expected a device string, not ", type_name(type), ".");
    if (number == Py_None) return wrap(device);
    const int64_t index = integer_of(number);
    if (!PyUnicode_Check(type))
      fail(ErrorKind::Type, "device(): argument 'type' must be str where an index is given, not ", type_name(type), ".");
    if (device.index >= 0)
      fail(ErrorKind::Runtime,
           "device(): type (string) must not include an index because index was passed explicitly: ", to_string(device), ".");
    if (index < 0 || index > kMaxDeviceIndex)
      fail(ErrorKind::Runtime, "device(): Device index must not be negative or above ", kMaxDeviceIndex, "; it is ", index,
           ".");
    device.index = int8_t(index);
    return wrap(device);
  });
}
PyObject* device_text(PyObject* self) { return PyUnicode_FromString(to_string(device_in(self)).c_str()); }
PyObject* device_represent(PyObject* self) {
  const Device device = device_in(self);
  return device.index < 0 ? PyUnicode_FromFormat("device(type='%s')", name_of(device.type))
                          : PyUnicode_FromFormat("device(type='%s', index=%d)", name_of(device.type), int(device.index));
}
PyObject* device_kind(PyObject* self, void*) { return PyUnicode_FromString(name_of(device_in(self).type)); }
PyObject* device_index(PyObject* self, void*) {
  if (device_in(self).index < 0) Py_RETURN_NONE;
  return PyLong_FromLong(device_in(self).index);
}
PyObject* device_compare(PyObject* a, PyObject* b, int how) {
  if ((how != Py_EQ && how != Py_NE) || Py_TYPE(b) != device_type) Py_RETURN_NOTIMPLEMENTED;
  const bool equal = device_in(a) == device_in(b) && device_in(a).index == device_in(b).index;
  return PyBool_FromLong(equal == (how == Py_EQ));
}
Py_hash_t device_hash(PyObject* self) { return Py_hash_t(int(device_in(self).type) * 1000 + device_in(self).index + 2); }
PyObject* device_reduce(PyObject* self, PyObject*) {
  const Device device = device_in(self);
  if (device.index < 0) return Py_BuildValue("(O(s))", device_type, name_of(device.type));
  return Py_BuildValue("(O(si))", device_type, name_of(device.type), int(device.index));
}
// `with device:` puts the new tensors of this thread there.
PyObject* device_enter(PyObject* self, PyObject*) {
  enter_device(device_in(self));
  Py_INCREF(self);
  return self;
}
PyObject* device_exit(PyObject*, PyObject*) {
  leave_device();
  Py_RETURN_NONE;
}
PyGetSetDef device_properties[] = {{"type", device_kind, nullptr, "'cpu', 'cuda', ...", nullptr},
                                   {"index", device_index, nullptr, "The number of the device, or None.", nullptr},
                                   {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef device_methods[] = {{"__reduce__", device_reduce, METH_NOARGS, nullptr},
                                {"__enter__", device_enter, METH_NOARGS, nullptr},
                                {"__exit__", device_exit, METH_VARARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};

// ---- Size: a tuple of ints ----

PyObject* size_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    Object sizes = Object::take(PyTuple_Type.tp_new(type, args, keywords));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(sizes.get()); ++i) {
      PyObject* item = PyTuple_GET_ITEM(sizes.get(), i);
      if (PyLong_Check(item)) continue;
      if (!PyIndex_Check(item))
        fail(ErrorKind::Type, "torch.Size() takes an iterable of 'int' (item ", i, " is '", type_name(item), "')");
      PyObject* number = Object::take(PyNumber_Index(item)).give();
      PyTuple_SetItem(sizes.get(), i, number);  // of a tuple that nobody else has yet
    }
    return sizes.give();
  });
}
PyObject* size_represent(PyObject* self) {
  return guarded([&] {
    Object list = Object::take(PySequence_List(self));
    return PyUnicode_FromFormat("torch.Size(%R)", list.get());
  });
}
PyObject* size_numel(PyObject* self, PyObject*) {
  long long product = 1;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) product *= PyLong_AsLongLong(PyTuple_GET_ITEM(self, i));
  return PyErr_Occurred() ? nullptr : PyLong_FromLongLong(product);
}
PyObject* as_size(PyObject* tuple) {
  if (!tuple || !PyTuple_CheckExact(tuple)) return tuple;
  PyObject* size = PyObject_CallFunctionObjArgs(reinterpret_cast<PyObject*>(size_type), tuple, nullptr);
  Py_DECREF(tuple);
  return size;
}
PyObject* size_concatenate(PyObject* a, PyObject* b) { return as_size(PyTuple_Type.tp_as_sequence->sq_concat(a, b)); }
PyObject* size_repeat(PyObject* a, Py_ssize_t n) { return as_size(PyTuple_Type.tp_as_sequence->sq_repeat(a, n)); }
PyObject* size_subscript(PyObject* self, PyObject* index) {
  PyObject* part = PyTuple_Type.tp_as_mapping->mp_subscript(self, index);
  return PySlice_Check(index) ? as_size(part) : part;
}
PyObject* size_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    Object tuple = Object::take(PyTuple_GetSlice(self, 0, PyTuple_GET_SIZE(self)));
    return Py_BuildValue("(O(O))", size_type, tuple.get());
  });
}
PyMethodDef size_methods[] = {{"numel", size_numel, METH_NOARGS, "The product of the sizes."},
                              {"__reduce__", size_reduce, METH_NOARGS, nullptr},
                              {nullptr, nullptr, 0, nullptr}};

// ---- Generator ----

struct PyGenerator {
  PyObject_HEAD
  Generator* generator;
};
Generator& generator_in(PyObject* self) { return *reinterpret_cast<PyGenerator*>(self)->generator; }

PyObject* generator_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* names[] = {"device", nullptr};
    PyObject* where = nullptr;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O", const_cast<char**>(names), &where)) throw PythonError();
    Device device;
    if (where && where != Py_None && !unwrap_device(where, device))
      fail(ErrorKind::Type, "Generator(): device must be a device, not ", type_name(where), ".");
    device_here(device, "Generator");
    Object object = Object::take(type->tp_alloc(type, 0));
    Ref<Generator> generator(new Generator);
    reinterpret_cast<PyGenerator*>(object.get())->generator = generator.detach();
    return object.give();
  });
}
void generator_deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  if (Generator* generator = reinterpret_cast<PyGenerator*>(self)->generator) release(generator);
  type->tp_free(self);
  Py_DECREF(type);
}
uint64_t seed_from(PyObject* number) {
  Object index = Object::take(PyNumber_Index(number));
  const uint64_t seed = PyLong_AsUnsignedLongLongMask(index.get());  // negative seeds wrap, as in PyTorch
  if (PyErr_Occurred()) throw PythonError();
  return seed;
}
PyObject* generator_manual_seed(PyObject* self, PyObject* seed) {
  return guarded([&] {
    generator_in(self).manual_seed(seed_from(seed));
    Py_INCREF(self);
    return self;
  });
}
PyObject* generator_initial_seed(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(generator_in(self).initial_seed());
}
PyObject* generator_seed(PyObject* self, PyObject*) { return PyLong_FromUnsignedLongLong(generator_in(self).seed()); }
PyObject* generator_get_state(PyObject* self, PyObject*) {
  return guarded([&] {
    const std::string state = generator_in(self).get_state();
    Tensor tensor = empty({int64_t(state.size())}, DType::UInt8);
    std::memcpy(tensor.raw(), state.data(), state.size());
    return wrap(tensor);
  });
}
PyObject* generator_set_state(PyObject* self, PyObject* state) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(state) || unwrap(state).dtype() != DType::UInt8 || unwrap(state).is_meta())
      fail(ErrorKind::Type, "set_state(): expected a uint8 tensor, not ", type_name(state), ".");
    const Tensor bytes = contiguous(unwrap(state));
    generator_in(self).set_state(std::string(bytes.data<char>(), size_t(bytes.numel())));
    Py_INCREF(self);
    return self;
  });
}
PyObject* generator_device(PyObject*, void*) {
  return guarded([] { return wrap(Device()); });
}
PyMethodDef generator_methods[] = {{"manual_seed", generator_manual_seed, METH_O, "Starts the stream of this seed."},
                                   {"initial_seed", generator_initial_seed, METH_NOARGS, "The seed that was set."},
                                   {"seed", generator_seed, METH_NOARGS, "Seeds from the operating system."},
                                   {"get_state", generator_get_state, METH_NOARGS, "Seed and position as a uint8 tensor."},
                                   {"set_state", generator_set_state, METH_O, "Goes on from a state of get_state()."},
                                   {nullptr, nullptr, 0, nullptr}};
PyGetSetDef generator_properties[] = {{"device", generator_device, nullptr, nullptr, nullptr},
                                      {nullptr, nullptr, nullptr, nullptr, nullptr}};

// ---- Storage ----

struct PyStorage {
  PyObject_HEAD
  Storage* storage;
};
Storage& storage_in(PyObject* self) { return *reinterpret_cast<PyStorage*>(self)->storage; }

PyObject* storage_new(PyTypeObject*, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    Py_ssize_t bytes = 0;
    if (!PyArg_ParseTuple(args, "|n", &bytes)) throw PythonError();
    if (bytes < 0) fail(ErrorKind::Runtime, "Storage(): ", bytes, " bytes were asked for; expected 0 or more.");
    return wrap(allocate_storage(size_t(bytes), Device()));
  });
}
void storage_deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  release(&storage_in(self));
  type->tp_free(self);
  Py_DECREF(type);
}
int storage_buffer(PyObject* self, Py_buffer* view, int flags) {
  static char nothing;
  Storage& storage = storage_in(self);
  return PyBuffer_FillInfo(view, self, storage.data ? storage.data : &nothing, Py_ssize_t(storage.data ? storage.bytes : 0), 0,
                           flags);
}
PyObject* storage_nbytes(PyObject* self, PyObject*) { return PyLong_FromSize_t(storage_in(self).bytes); }
Py_ssize_t storage_length(PyObject* self) { return Py_ssize_t(storage_in(self).bytes); }
PyObject* storage_address(PyObject* self, PyObject*) { return PyLong_FromVoidPtr(storage_in(self).data); }
PyObject* storage_device(PyObject* self, void*) {
  return guarded([&] { return wrap(storage_in(self).device); });
}
PyObject* storage_identity(PyObject* self, void*) { return PyLong_FromVoidPtr(&storage_in(self)); }
PyObject* storage_resize(PyObject* self, PyObject* bytes) {
  return guarded([&]() -> PyObject* {
    storage_in(self).resize(PyLong_AsSize_t(bytes));
    Py_INCREF(self);
    return self;
  });
}
// Shares the memory of any buffer (bytearray, memoryview, mmap, array) and keeps it alive.
PyObject* storage_from_buffer(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    auto view = std::make_unique<Py_buffer>();
    if (PyObject_GetBuffer(object, view.get(), PyBUF_WRITABLE) < 0) {
      PyErr_Clear();
      if (PyObject_GetBuffer(object, view.get(), PyBUF_SIMPLE) < 0) throw PythonError();
    }
    Py_buffer* held = view.release();
    return wrap(foreign_storage(held->buf, size_t(held->len), [held] {
      const PyGILState_STATE state = PyGILState_Ensure();
      PyBuffer_Release(held);
      delete held;
      PyGILState_Release(state);
    }));
  });
}
PyMethodDef storage_methods[] = {{"nbytes", storage_nbytes, METH_NOARGS, "The number of bytes."},
                                 {"size", storage_nbytes, METH_NOARGS, "The number of bytes."},
                                 {"data_ptr", storage_address, METH_NOARGS, "The address of the first byte."},
                                 {"resize_", storage_resize, METH_O, "Grows or shrinks to so many bytes."},
                                 {"from_buffer", storage_from_buffer, METH_O | METH_STATIC, "Shares the memory of a buffer."},
                                 {nullptr, nullptr, 0, nullptr}};
PyGetSetDef storage_properties[] = {{"device", storage_device, nullptr, nullptr, nullptr},
                                    {"_cdata", storage_identity, nullptr, nullptr, nullptr},
                                    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyTypeObject* make_type(PyObject* module, const char* name, size_t bytes, unsigned flags, PyType_Slot* slots,
                        PyTypeObject* base = nullptr) {
  const std::string full = std::string("ember.") + name;
  PyType_Spec spec = {(new std::string(full))->c_str(), int(bytes), 0, unsigned(Py_TPFLAGS_DEFAULT) | flags, slots};
  Object bases;
  if (base) bases = Object::take(PyTuple_Pack(1, base));
  Object type = Object::take(PyType_FromSpecWithBases(&spec, bases.get()));
  if (PyModule_AddObjectRef(module, name, type.get()) < 0) throw PythonError();
  return reinterpret_cast<PyTypeObject*>(type.give());
}

}  // namespace

bool create_types(PyObject* module) {
  PyType_Slot dtype_slots[] = {
      {Py_tp_repr, slot(dtype_represent)}, {Py_tp_getset, dtype_properties}, {Py_tp_methods, dtype_methods}, {0, nullptr}};
  dtype_type = make_type(module, "dtype", sizeof(PyDType), 0, dtype_slots);
  Object all = Object::take(PyDict_New());
  for (int i = 0; i < kDTypes; ++i) {
    dtype_objects[i] = new_dtype(module, name_of(DType(i)), DType(i));
    Object facts = Object::take(Py_BuildValue("(sO)", kDTypeFacts[i].legacy, is_limited(DType(i)) ? Py_True : Py_False));
    if (PyDict_SetItem(all.get(), dtype_objects[i], facts.get()) < 0) throw PythonError();
  }
  if (PyModule_AddObjectRef(module, "_DTYPES", all.get()) < 0) throw PythonError();
  for (const auto& [name, stored] : kQuantizedTypes) Py_DECREF(new_dtype(module, name, stored));
  PyType_Slot device_slots[] = {{Py_tp_new, slot(device_new)},        {Py_tp_str, slot(device_text)},
                                {Py_tp_repr, slot(device_represent)}, {Py_tp_getset, device_properties},
                                {Py_tp_methods, device_methods},      {Py_tp_richcompare, slot(device_compare)},
                                {Py_tp_hash, slot(device_hash)},      {0, nullptr}};
  device_type = make_type(module, "device", sizeof(PyDevice), 0, device_slots);
  PyType_Slot size_slots[] = {{Py_tp_new, slot(size_new)},
                              {Py_tp_repr, slot(size_represent)},
                              {Py_tp_methods, size_methods},
                              {Py_sq_concat, slot(size_concatenate)},
                              {Py_sq_repeat, slot(size_repeat)},
                              {Py_mp_subscript, slot(size_subscript)},
                              {0, nullptr}};
  size_type = make_type(module, "Size", 0, 0, size_slots, &PyTuple_Type);
  PyType_Slot generator_slots[] = {{Py_tp_new, slot(generator_new)},
                                   {Py_tp_dealloc, slot(generator_deallocate)},
                                   {Py_tp_methods, generator_methods},
                                   {Py_tp_getset, generator_properties},
                                   {0, nullptr}};
  generator_type = make_type(module, "Generator", sizeof(PyGenerator), 0, generator_slots);
  PyType_Slot storage_slots[] = {{Py_tp_new, slot(storage_new)},
                                 {Py_tp_dealloc, slot(storage_deallocate)},
                                 {Py_tp_methods, storage_methods},
                                 {Py_tp_getset, storage_properties},
                                 {Py_bf_getbuffer, slot(storage_buffer)},
                                 {Py_sq_length, slot(storage_length)},
                                 {0, nullptr}};
  storage_type = make_type(module, "Storage", sizeof(PyStorage), 0, storage_slots);
  return true;
}

PyObject* wrap(DType dtype) {
  Py_INCREF(dtype_objects[int(dtype)]);
  return dtype_objects[int(dtype)];
}

PyObject* wrap(Device device) {
  PyObject* object = Object::take(device_type->tp_alloc(device_type, 0)).give();
  reinterpret_cast<PyDevice*>(object)->device = device;
  return object;
}

PyObject* wrap_ints(const Dims& dims) {
  Object tuple = Object::take(PyTuple_New(dims.size()));
  for (int i = 0; i < dims.size(); ++i) PyTuple_SET_ITEM(tuple.get(), i, PyLong_FromLongLong(dims[i]));
  return tuple.give();
}

PyObject* wrap_size(const Dims& dims) {
  Object tuple = Object::take(size_type->tp_alloc(size_type, dims.size()));
  for (int i = 0; i < dims.size(); ++i) PyTuple_SET_ITEM(tuple.get(), i, PyLong_FromLongLong(dims[i]));
  return tuple.give();
}

PyObject* wrap(const Ref<Generator>& generator) {
  PyObject* object = Object::take(generator_type->tp_alloc(generator_type, 0)).give();
  retain(generator.get());
  reinterpret_cast<PyGenerator*>(object)->generator = generator.get();
  return object;
}

PyObject* wrap(const Ref<Storage>& storage) {
  PyObject* object = Object::take(storage_type->tp_alloc(storage_type, 0)).give();
  retain(storage.get());
  reinterpret_cast<PyStorage*>(object)->storage = storage.get();
  return object;
}

bool is_dtype(PyObject* object) {
  return Py_TYPE(object) == dtype_type || object == reinterpret_cast<PyObject*>(&PyFloat_Type) ||
         object == reinterpret_cast<PyObject*>(&PyLong_Type) || object == reinterpret_cast<PyObject*>(&PyBool_Type) ||
         object == reinterpret_cast<PyObject*>(&PyComplex_Type);
}

DType unwrap_dtype(PyObject* object) {
  if (Py_TYPE(object) == dtype_type) {
    if (dtype_objects[int(dtype_in(object))] != object)
      fail(ErrorKind::NotImplemented, "dtype is torch.", name_in(object), "; Ember has no quantized tensors.");
    return dtype_in(object);
  }
  if (object == reinterpret_cast<PyObject*>(&PyFloat_Type)) return DType::Float64;
  if (object == reinterpret_cast<PyObject*>(&PyLong_Type)) return DType::Int64;
  if (object == reinterpret_cast<PyObject*>(&PyBool_Type)) return DType::Bool;
  if (object == reinterpret_cast<PyObject*>(&PyComplex_Type)) return DType::Complex128;
  fail(ErrorKind::Type, "expected a dtype, not ", type_name(object), ".");
}

bool unwrap_device(PyObject* object, Device& device) {
  if (Py_TYPE(object) == device_type) {
    device = device_in(object);
    return true;
  }
  if (PyLong_CheckExact(object))
    fail(ErrorKind::Runtime, "device(): ", integer_of(object),
         " is the index of an accelerator, and this build of Ember has none. ", "Use device 'cpu'.");
  if (!PyUnicode_Check(object)) return false;
  device = parse_device(utf8_of(object));
  return true;
}

Ref<Storage> unwrap_storage(PyObject* object) {
  if (Py_TYPE(object) != storage_type) fail(ErrorKind::Type, "expected a Storage, not ", type_name(object), ".");
  return Ref<Storage>(&storage_in(object));
}

Ref<Generator> unwrap_generator(PyObject* object) { return Ref<Generator>(&generator_in(object)); }

}  // namespace ember
