// Data in and out without copies where there is memory to share: lists, NumPy and buffers, DLPack.
#include <cstring>

#include "bind/python.h"
#include "op/numbers.h"
#include "op/batched.h"

namespace ember {

namespace {

// ---- nested lists ----

struct Found {
  Dims sizes;
  DType dtype = DType::Bool;
  bool any = false;
  bool other_sequences = false;  // some that are no lists: they have to become lists
  void meet(DType other) {
    dtype = any ? promote(dtype, other, "tensor") : other;
    any = true;
  }
};

bool is_list(PyObject* object) { return PyList_Check(object) || PyTuple_Check(object); }

bool is_other_sequence(PyObject* object) {
  if (!PySequence_Check(object) || is_list(object) || is_tensor(object) || is_number(object)) return false;
  if (PyUnicode_Check(object) || PyBytes_Check(object)) return false;
  const bool has_size = PySequence_Size(object) >= 0;  // an array of 0 dims has none
  PyErr_Clear();
  return has_size;
}

[[noreturn]] void nests_too_deep() {
  fail(ErrorKind::Value, "tensor(): the data nests deeper than ", kMaxDims, " levels; a list may contain itself.");
}

// Lists of lists, from any sequences of sequences.
Object lists_of(PyObject* object, int depth) {
  if (depth > kMaxDims) nests_too_deep();
  if (!is_list(object) && !is_other_sequence(object)) return Object::borrow(object);
  Object list = Object::take(PySequence_List(object));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i)
    PyList_SetItem(list.get(), i, lists_of(PyList_GET_ITEM(list.get(), i), depth + 1).give());
  return list;
}

bool has_own_dtype(PyObject* object, DType& dtype);  // NumPy's numbers

void look_at_number(PyObject* object, int depth, Found& found) {
  DType own;
  if (PyBool_Check(object)) found.meet(DType::Bool);
  else if (PyLong_CheckExact(object)) found.meet(DType::Int64);
  else if (PyFloat_CheckExact(object)) found.meet(default_dtype());
  else if (is_tensor(object)) {
    if (unwrap(object).numel() != 1)
      fail(ErrorKind::Value, "tensor(): only one element tensors can be converted to Python scalars; one of shape ",
           to_string(unwrap(object).sizes()), " is in the data. Use stack().");
    found.meet(unwrap(object).dtype());
  } else if (has_own_dtype(object, own)) {
    found.meet(own);
  } else {
    const Value number = is_number(object) ? number_of(object) : Value();
    if (number.is_none()) {
      const bool text = PyUnicode_Check(object) || PyBytes_Check(object);
      // In PyTorch a string that comes first is a sequence of too many dims.
      const bool first = PyUnicode_Check(object) && depth && !found.any;
      const ErrorKind kind = !text ? ErrorKind::Runtime : first ? ErrorKind::Value : ErrorKind::Type;
      fail(kind, "tensor(): could not infer dtype of ", type_name(object),
           "; expected numbers, sequences of numbers, arrays or tensors.");
    }
    found.meet(number.kind == ValueKind::Bool    ? DType::Bool
               : number.kind == ValueKind::Int   ? DType::Int64
               : number.kind == ValueKind::Float ? default_dtype()
                                                 : complex_of(default_dtype()));
  }
}

void look(PyObject* object, int depth, Found& found) {
  if (depth > kMaxDims) nests_too_deep();
  if (!is_list(object)) return look_at_number(object, depth, found);
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
  if (depth == found.sizes.size()) found.sizes.push_back(count);
  if (found.sizes[depth] != count)
    fail(ErrorKind::Value, "tensor(): expected sequence of length ", found.sizes[depth], " at dim ", depth, " (got ", count,
         ").");
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* element = PySequence_Fast_ITEMS(object)[i];
    if (!PyFloat_CheckExact(element) && !PyLong_CheckExact(element) && is_other_sequence(element)) found.other_sequences = true;
    if (found.other_sequences) return;
    if (i > 0 && is_list(element) != is_list(PySequence_Fast_ITEMS(object)[0]))
      fail(ErrorKind::Value, "tensor(): element ", i, " at dim ", depth,
           " mixes numbers and sequences; expected all of one kind.");
    look(element, depth + 1, found);
    if (found.other_sequences) return;
  }
}

// Integer types are told numbers that they do not hold; floats become inf.
template <class T>
void store(PyObject* object, T*& out, DType wanted) {
  if (is_list(object)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(object); ++i) store(PySequence_Fast_ITEMS(object)[i], out, wanted);
  } else {
    const Value value = number_of(object);
    if (is_integral(wanted) && (wanted != DType::UInt64 || !PyLong_Check(object))) check_number(value, wanted, "tensor");
    if constexpr (std::is_same_v<T, Complex<double>>) *out++ = value.complex();
    else if constexpr (std::is_same_v<T, uint64_t>) {
      *out++ = PyIndex_Check(object) ? PyLong_AsUnsignedLongLong(Object::take(PyNumber_Index(object)).get())
                                     : uint64_t(value.integer());
      if (PyErr_Occurred()) throw PythonError();
    } else if constexpr (std::is_same_v<T, int64_t>) {
      if (value.kind == ValueKind::Float && PyLong_Check(object))
        fail(ErrorKind::Runtime, "tensor(): an integer in the data does not fit 64 bits.");
      *out++ = value.integer();
    } else {
      *out++ = value.real();
    }
  }
}

template <class T>
Tensor filled(PyObject* data, const Dims& sizes, DType wanted) {
  Tensor tensor = empty(sizes, dtype_of<T>);
  T* out = tensor.data<T>();
  store<T>(data, out, wanted);
  return tensor;
}

// ---- buffers ----

// Of C's names for integers of one size NumPy's own come first; its C programs ask for those: long where that has 64 bits.
const char* format_of(DType dtype) {
  if (sizeof(long) == 8 && dtype == DType::Int64) return "l";
  if (sizeof(long) == 8 && dtype == DType::UInt64) return "L";
  return kDTypeFacts[int(dtype)].format;
}

// C has several names for integers of one size.
bool same_format(const char* own, size_t own_bytes, const char* given, size_t bytes) {
  if (!own) return false;
  for (const char* integers : {"ilq", "ILQ"})
    if (std::strchr(integers, *own) && std::strchr(integers, *given)) return own_bytes == bytes;
  return !std::strcmp(own, given);
}

bool dtype_of_format(const char* format, Py_ssize_t bytes, DType& dtype) {
  if (!format) format = "B";
  if (*format == '<' || *format == '=' || *format == '@' || *format == '|') ++format;
  for (int i = 0; i < kDTypes; ++i) {
    dtype = DType(i);
    if (*format && same_format(format_of(dtype), bytes_of(dtype), format, size_t(bytes))) return true;
  }
  return false;
}

bool has_own_dtype(PyObject* object, DType& dtype) {
  Py_buffer view;
  if (!PyObject_CheckBuffer(object)) return false;
  if (PyObject_GetBuffer(object, &view, PyBUF_RECORDS_RO) < 0) {
    PyErr_Clear();
    return false;
  }
  const bool found = view.ndim == 0 && dtype_of_format(view.format, view.itemsize, dtype);
  PyBuffer_Release(&view);
  return found;
}

std::string names_with_format() {
  std::string names;
  for (const DTypeFacts& facts : kDTypeFacts)
    if (facts.format) names += (names.empty() ? "" : ", ") + std::string(facts.name);
  return names;
}

// Shares the memory of an object with the buffer protocol (a NumPy array).
Tensor from_strided_buffer(PyObject* object, const char* caller) {
  auto view = std::make_unique<Py_buffer>();
  bool writable = true;
  if (PyObject_GetBuffer(object, view.get(), PyBUF_RECORDS) < 0) {
    PyErr_Clear();
    writable = false;
    if (PyObject_GetBuffer(object, view.get(), PyBUF_RECORDS_RO) < 0) throw PythonError();
  }
  struct Giver {
    Py_buffer* view;
    ~Giver() {
      if (view) {
        PyBuffer_Release(view);
        delete view;
      }
    }
  } giver{view.release()};
  Py_buffer& buffer = *giver.view;
  DType dtype;
  if (!dtype_of_format(buffer.format, buffer.itemsize, dtype))
    fail(ErrorKind::Type, caller, "(): can't convert elements of format '", buffer.format, "'; expected one of ",
         names_with_format(), ".");
  Dims sizes(buffer.ndim), strides(buffer.ndim);
  for (int i = 0; i < buffer.ndim; ++i) {
    sizes[i] = buffer.shape[i];
    const Py_ssize_t step = buffer.strides ? buffer.strides[i] : 0;
    if (step < 0 && sizes[i] > 1)
      fail(ErrorKind::Value, caller, "(): dim ", i, " has the negative stride ", step,
           "; expected strides of 0 or more. Use array.copy().");
    if (step % buffer.itemsize)
      fail(ErrorKind::Value, caller, "(): stride ", step, " of dim ", i, " is no multiple of the element size ",
           buffer.itemsize, ".");
    strides[i] = step / buffer.itemsize;
  }
  if (!buffer.strides) strides = contiguous_strides(sizes);
  int64_t reach = 1;
  for (int i = 0; i < sizes.size(); ++i) reach = sizes[i] == 0 ? 0 : reach + (sizes[i] - 1) * strides[i];
  Py_buffer* held = std::exchange(giver.view, nullptr);
  Ref<Storage> storage = foreign_storage(held->buf, size_t(std::max<int64_t>(reach, 0) * held->itemsize), [held] {
    if (!Py_IsInitialized()) return;
    const PyGILState_STATE state = PyGILState_Ensure();
    PyBuffer_Release(held);
    delete held;
    PyGILState_Release(state);
  });
  (void)writable;
  return on_storage(storage, dtype, 0, std::move(sizes), std::move(strides));
}

PyObject* from_numpy(PyObject*, PyObject* array) {
  return guarded([&] { return wrap(from_strided_buffer(array, "from_numpy")); });
}

PyObject* frombuffer(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *object, *type;
    long long count, offset;
    if (!PyArg_ParseTuple(args, "OOLL", &object, &type, &count, &offset)) throw PythonError();
    const DType dtype = unwrap_dtype(type);
    const int64_t width = int64_t(bytes_of(dtype));
    Object held = Object::take(PyObject_CallMethod(reinterpret_cast<PyObject*>(storage_type), "from_buffer", "O", object));
    const Ref<Storage> storage = unwrap_storage(held.get());
    const int64_t bytes = int64_t(storage->bytes);
    if (offset < 0 || offset >= bytes)
      fail(ErrorKind::Value, "frombuffer(): offset ", offset, " is outside the buffer of ", bytes, " bytes.");
    if (count < 0) {
      if ((bytes - offset) % width)
        fail(ErrorKind::Value, "frombuffer(): ", bytes - offset, " bytes after offset are no multiple of the ", width,
             " bytes of ", name_of(dtype), ".");
      count = (bytes - offset) / width;
    }
    if (count == 0 || count > (bytes - offset) / width)
      fail(ErrorKind::Value, "frombuffer(): ", count, " elements of ", width, " bytes from offset ", offset,
           " do not fit the buffer of ", bytes, " bytes.");
    storage->data = static_cast<char*>(storage->data) + offset;  // offsets need not be multiples of the element size
    storage->bytes -= size_t(offset);
    return wrap(on_storage(storage, dtype, 0, {count}, {1}));
  });
}

// A list of arrays of one shape and type is their stack; anything else is looked at number by number.
bool stacked(PyObject* list, Tensor& result) {
  std::vector<Tensor> rows;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); ++i) {
    PyObject* element = PySequence_Fast_ITEMS(list)[i];
    if (is_number(element) || is_tensor(element) || PyBytes_Check(element) || !PyObject_CheckBuffer(element)) return false;
    try {
      rows.push_back(from_strided_buffer(element, "tensor"));
    } catch (const Error&) {  // a type, or strides, that a tensor cannot have
      return false;
    } catch (const PythonError&) {
      PyErr_Clear();
      return false;
    }
    if (rows.back().dtype() != rows[0].dtype() || rows.back().sizes() != rows[0].sizes()) return false;
  }
  static Operation& stack = named("stack");
  NoGradient off;
  if (!rows.empty()) result = run(stack, {rows, int64_t(0)});
  return !rows.empty();
}

PyObject* tensor_from_data(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *data, *type;
    if (!PyArg_ParseTuple(args, "OO", &data, &type)) throw PythonError();
    Tensor tensor;
    if (is_tensor(data)) {
      static Operation& clone = named("clone");
      NoGradient off;
      tensor = run(clone, {detached(unwrap(data))});
    } else if (!is_list(data) && PyObject_CheckBuffer(data) && !PyBytes_Check(data)) {
      static Operation& clone = named("clone");
      tensor = run(clone, {from_strided_buffer(data, "tensor")});
    } else if (!is_list(data) || !stacked(data, tensor)) {
      Object sequence;
      if (!is_list(data) && !is_number(data) && PySequence_Check(data) && !PyUnicode_Check(data)) {
        sequence = Object::take(PySequence_List(data));
        data = sequence.get();
      }
      Found found;
      look(data, 0, found);
      if (found.other_sequences) {
        sequence = lists_of(data, 0);
        data = sequence.get();
        found = Found();
        look(data, 0, found);
      }
      const DType wanted = type == Py_None ? (found.any ? found.dtype : default_dtype()) : unwrap_dtype(type);
      if (is_complex_dtype(wanted) || is_complex_dtype(found.dtype))
        tensor = filled<Complex<double>>(data, found.sizes, wanted);
      else if (is_floating(wanted) || is_floating(found.dtype)) tensor = filled<double>(data, found.sizes, wanted);
      else if (wanted == DType::UInt64) tensor = filled<uint64_t>(data, found.sizes, wanted);
      else tensor = filled<int64_t>(data, found.sizes, wanted);
      if (is_complex_dtype(found.dtype) && !is_complex_dtype(wanted))
        fail(ErrorKind::Runtime, "tensor(): complex data cannot become ", name_of(wanted),
             " without loss; expected a complex dtype.");
      return wrap(to_dtype(tensor, wanted));
    }
    return wrap(type == Py_None ? tensor : to_dtype(tensor, unwrap_dtype(type)));
  });
}

// An object that shows a tensor's memory to NumPy and to whoever reads buffers.
struct PyBufferOf {
  PyObject_HEAD
  PyObject* tensor;
};
PyTypeObject* buffer_type = nullptr;

int export_buffer(PyObject* self, Py_buffer* view, int) {
  return guarded_int([&] {
    const Tensor tensor = unwrap(reinterpret_cast<PyBufferOf*>(self)->tensor);
    const int dims = tensor.dim();
    Py_ssize_t* geometry = new Py_ssize_t[size_t(2 * dims + 1)];
    for (int i = 0; i < dims; ++i) {
      geometry[i] = Py_ssize_t(tensor.size(i));
      geometry[dims + i] = Py_ssize_t(tensor.stride(i)) * Py_ssize_t(bytes_of(tensor.dtype()));
    }
    static char nothing;
    view->buf = tensor.storage()->data ? tensor.raw() : &nothing;
    view->obj = self;
    Py_INCREF(self);
    view->len = Py_ssize_t(tensor.numel()) * Py_ssize_t(bytes_of(tensor.dtype()));
    view->itemsize = Py_ssize_t(bytes_of(tensor.dtype()));
    view->readonly = 0;
    view->ndim = dims;
    view->format = const_cast<char*>(format_of(tensor.dtype()));
    view->shape = geometry;
    view->strides = geometry + dims;
    view->suboffsets = nullptr;
    view->internal = geometry;
  });
}
void forget_buffer(PyObject*, Py_buffer* view) { delete[] static_cast<Py_ssize_t*>(view->internal); }
void drop_buffer(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(reinterpret_cast<PyBufferOf*>(self)->tensor);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* buffer_of(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(object)) fail(ErrorKind::Type, "expected a Tensor, not ", type_name(object), ".");
    const Tensor tensor = unwrap(object);
    if (tensor.is_meta()) fail(ErrorKind::Type, "numpy(): the tensor is on meta and has no data; expected a cpu tensor.");
    if (is_stand_in(tensor)) tensor.raw();  // an error where it has no memory, before NumPy asks for it
    if (!format_of(tensor.dtype()))
      fail(ErrorKind::Type, "numpy(): Got unsupported ScalarType ", kDTypeFacts[int(tensor.dtype())].legacy,
           "; NumPy has no such type. Use ", is_complex_dtype(tensor.dtype()) ? ".cfloat()" : ".float()", " first.");
    if (!buffer_type) {
      static PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(drop_buffer)},
                                    {Py_bf_getbuffer, reinterpret_cast<void*>(export_buffer)},
                                    {Py_bf_releasebuffer, reinterpret_cast<void*>(forget_buffer)},
                                    {0, nullptr}};
      static PyType_Spec spec = {"ember._C.TensorBuffer", sizeof(PyBufferOf), 0, Py_TPFLAGS_DEFAULT, slots};
      buffer_type = reinterpret_cast<PyTypeObject*>(Object::take(PyType_FromSpec(&spec)).give());
    }
    Object shown = Object::take(buffer_type->tp_alloc(buffer_type, 0));
    Py_INCREF(object);
    reinterpret_cast<PyBufferOf*>(shown.get())->tensor = object;
    return shown.give();
  });
}

// A tensor on a given storage, its bounds checked: what a file of tensors is rebuilt from.
PyObject* rebuild_tensor(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *storage_object, *type, *size_object, *stride_object;
    long long offset;
    if (!PyArg_ParseTuple(args, "OOLOO", &storage_object, &type, &offset, &size_object, &stride_object)) throw PythonError();
    Parameter ints;
    ints.kind = ValueKind::Ints;
    Value sizes, strides;
    if (!convert_argument(size_object, ints, sizes) || !convert_argument(stride_object, ints, strides))
      fail(ErrorKind::Type, "_rebuild_tensor(): size and stride must be tuples of ints.");
    const Ref<Storage> storage = unwrap_storage(storage_object);
    const DType dtype = unwrap_dtype(type);
    const Dims& shape = sizes.ints();
    const Dims& steps = strides.ints();
    if (shape.size() != steps.size() || shape.size() > kMaxDims || offset < 0)
      fail(ErrorKind::Runtime, "_rebuild_tensor(): size ", to_string(shape), ", stride ", to_string(steps), " and offset ",
           offset, " describe no tensor.");
    int64_t last = offset;
    bool bad = false;
    for (int i = 0; i < shape.size(); ++i) {
      int64_t reach = 0;
      bad |= shape[i] < 0 || steps[i] < 0 || __builtin_mul_overflow(std::max<int64_t>(shape[i] - 1, 0), steps[i], &reach) ||
             __builtin_add_overflow(last, reach, &last);
    }
    int64_t bytes = 0;
    bad |= __builtin_add_overflow(last, int64_t(1), &last) || __builtin_mul_overflow(last, int64_t(bytes_of(dtype)), &bytes);
    if (bad || (count_elements(shape) && size_t(bytes) > storage->bytes))
      fail(ErrorKind::Runtime, "_rebuild_tensor(): size ", to_string(shape), " with stride ", to_string(steps),
           " from element ", offset, " of ", name_of(dtype), " reaches beyond the storage of ", storage->bytes, " bytes.");
    return wrap(on_storage(storage, dtype, offset, shape, steps));
  });
}

// ---- DLPack (its version 0.8 structs; facts of the published header) ----

struct DLDevice {
  int32_t type, id;
};
struct DLDataType {
  uint8_t code, bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
PyObject* to_dlpack(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(object)) fail(ErrorKind::Type, "to_dlpack(): expected a Tensor, not ", type_name(object), ".");
    const Tensor tensor = unwrap(object);
    if (tensor.is_meta()) fail(ErrorKind::Type, "__dlpack__(): the tensor is on meta and has no data.");
    if (requires_grad(tensor))
      fail(ErrorKind::Runtime, "__dlpack__(): Can't export tensors that require gradient, use tensor.detach()");
    struct Held {
      DLManagedTensor managed;
      Dims sizes, strides;
      Ref<Storage> storage;
    };
    Held* held = new Held{{}, tensor.sizes(), tensor.strides(), tensor.storage()};
    held->managed.tensor = {tensor.storage()->data ? tensor.raw() : nullptr,
                            {1, 0},
                            tensor.dim(),
                            {kDTypeFacts[int(tensor.dtype())].dlpack, uint8_t(bytes_of(tensor.dtype()) * 8), 1},
                            held->sizes.begin(),
                            held->strides.begin(),
                            0};
    held->managed.context = held;
    held->managed.deleter = [](DLManagedTensor* managed) {
      const PyGILState_STATE state = PyGILState_Ensure();
      delete static_cast<Held*>(managed->context);
      PyGILState_Release(state);
    };
    return PyCapsule_New(&held->managed, "dltensor", [](PyObject* capsule) {
      if (!PyCapsule_IsValid(capsule, "dltensor")) return;  // taken over by its reader
      auto* managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor"));
      managed->deleter(managed);
    });
  });
}

PyObject* from_dlpack(PyObject*, PyObject* capsule) {
  return guarded([&]() -> PyObject* {
    auto* managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor"));
    if (!managed) throw PythonError();
    const DLTensor& shown = managed->tensor;
    if (shown.device.type != 1)
      fail(ErrorKind::Runtime, "from_dlpack(): memory of device type ", shown.device.type, "; expected 1 (cpu).");
    DType dtype = DType::Bool;
    bool known = false;
    for (int i = 0; i < kDTypes && !known; ++i) {
      dtype = DType(i);
      known = kDTypeFacts[i].dlpack == shown.dtype.code && bytes_of(dtype) * 8 == shown.dtype.bits && shown.dtype.lanes == 1;
    }
    if (!known)
      fail(ErrorKind::Runtime, "from_dlpack(): elements of code ", int(shown.dtype.code), " with ", int(shown.dtype.bits),
           " bits are not supported.");
    Dims sizes(shown.shape, shown.ndim);
    Dims strides = shown.strides ? Dims(shown.strides, shown.ndim) : contiguous_strides(sizes);
    int64_t reach = 1;
    for (int i = 0; i < sizes.size(); ++i) reach = sizes[i] == 0 ? 0 : reach + (sizes[i] - 1) * strides[i];
    PyCapsule_SetName(capsule, "used_dltensor");
    const Ref<Storage> storage =
        foreign_storage(static_cast<char*>(shown.data) + shown.byte_offset, size_t(reach) * bytes_of(dtype), [managed] {
          if (managed->deleter) managed->deleter(managed);
        });
    return wrap(on_storage(storage, dtype, 0, std::move(sizes), std::move(strides)));
  });
}

PyMethodDef functions[] = {{"_from_numpy", from_numpy, METH_O, nullptr},
                           {"_frombuffer", frombuffer, METH_VARARGS, nullptr},
                           {"_tensor_from_data", tensor_from_data, METH_VARARGS, nullptr},
                           {"_buffer_of", buffer_of, METH_O, nullptr},
                           {"_rebuild_tensor", rebuild_tensor, METH_VARARGS, nullptr},
                           {"_to_dlpack", to_dlpack, METH_O, nullptr},
                           {"_from_dlpack", from_dlpack, METH_O, nullptr},
                           {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyMethodDef* interchange_functions() { return functions; }

}  // namespace ember
