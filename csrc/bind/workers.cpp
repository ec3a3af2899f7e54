// What the workers of a data loader need: randomness of a thread's own, and memory that two processes share.
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "bind/python.h"
#include "core/worker_thread.h"

namespace ember {

namespace {

PyObject* use_generator_of(PyObject*, PyObject* generator) {
  return guarded([&]() -> PyObject* {
    if (generator != Py_None && Py_TYPE(generator) != generator_type)
      fail(ErrorKind::Type, "_use_generator(): expected a Generator or None, not ", type_name(generator), ".");
    const Ref<Generator> before = use_generator(generator == Py_None ? Ref<Generator>() : unwrap_generator(generator));
    if (before) return wrap(before);
    Py_RETURN_NONE;
  });
}

PyObject* generator_of_this_thread(PyObject*, PyObject*) {
  return guarded([]() -> PyObject* {
    if (Generator* generator = generator_of_thread()) return wrap(Ref<Generator>(generator));
    Py_RETURN_NONE;
  });
}

PyObject* work_alone_from_now(PyObject*, PyObject*) {
  work_alone();
  Py_RETURN_NONE;
}

// Rises with every fork, on both sides of it.
std::atomic<unsigned>& forks() {
  static std::atomic<unsigned> count = [] {
    const auto rise = [] { forks().fetch_add(1, std::memory_order_relaxed); };
    pthread_atfork(nullptr, rise, rise);
    return 0u;
  }();
  return count;
}

// A storage on a file in memory. When it goes it sets the file's first byte to 0: whoever wrote the file may write there
// again. After a fork it does not: the other process may still look at the memory.
PyObject* map_memory(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    int file;
    Py_ssize_t bytes;
    if (!PyArg_ParseTuple(args, "in", &file, &bytes)) throw PythonError();
    if (bytes <= 0) fail(ErrorKind::Value, "_map_memory(): ", bytes, " bytes; expected at least 1.");
    void* data = MAP_FAILED;
    {
      const Unlocked unlocked(true);
      data = mmap(nullptr, size_t(bytes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
    }
    if (data == MAP_FAILED) {
      PyErr_SetFromErrno(PyExc_OSError);
      throw PythonError();
    }
    return wrap(foreign_storage(data, size_t(bytes), [data, bytes, forks_before = forks().load()] {
      if (forks().load() == forks_before)
        std::atomic_ref(*static_cast<unsigned char*>(data)).store(0, std::memory_order_release);
      munmap(data, size_t(bytes));
    }));
  });
}

// ---- batches of tensors ----

struct RowCopy {
  const char* source;
  char* out;
  const int64_t* rows;
  int64_t count;
  size_t bytes;  // of a row
};

template <class T>
void copy_words(const RowCopy& copy) {
  const T* source = reinterpret_cast<const T*>(copy.source);
  T* out = reinterpret_cast<T*>(copy.out);
  for (int64_t i = 0; i < copy.count; ++i) out[i] = source[copy.rows[i]];
}

void copy_rows(const RowCopy& copy) {
  if (copy.bytes == 4) return copy_words<uint32_t>(copy);
  if (copy.bytes == 8) return copy_words<uint64_t>(copy);
  for (int64_t i = 0; i < copy.count; ++i)
    std::memcpy(copy.out + size_t(i) * copy.bytes, copy.source + size_t(copy.rows[i]) * copy.bytes, copy.bytes);
}

bool has_plain_rows(const Tensor& tensor) {
  return tensor.device().type == DeviceType::Cpu && tensor.dim() > 0 && tensor.is_contiguous() && !tensor.body()->requires_grad;
}

bool are_rows_of(const Tensor& rows, int64_t count) {
  if (!has_plain_rows(rows) || rows.dim() != 1 || rows.dtype() != DType::Int64) return false;
  const int64_t* index = rows.data<int64_t>();
  return std::all_of(index, index + rows.numel(), [count](int64_t row) { return row >= 0 && row < count; });
}

// For each of `batches`, tensors of row numbers, the rows of all `tensors`; all copied without the interpreter's lock.
// None where index_select has to do it, or to say what is wrong.
PyObject* gather_batches(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    PyObject *tensors, *batches;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &tensors, &PyList_Type, &batches)) throw PythonError();
    for (PyObject* list : {tensors, batches})
      for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); ++i)
        if (!is_tensor(PySequence_Fast_ITEMS(list)[i]))
          fail(ErrorKind::Type, "_gather_batches(): expected tensors, not ", type_name(PySequence_Fast_ITEMS(list)[i]), ".");
    std::vector<RowCopy> copies;
    Object result = Object::take(PyList_New(0));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(batches); ++i) {
      const Tensor rows = unwrap(PyList_GET_ITEM(batches, i));
      Object batch = Object::take(PyList_New(0));
      for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(tensors); ++k) {
        const Tensor source = unwrap(PyTuple_GET_ITEM(tensors, k));
        if (!has_plain_rows(source) || !are_rows_of(rows, source.size(0))) Py_RETURN_NONE;
        Dims sizes = source.sizes();
        sizes[0] = rows.numel();
        const Tensor out = empty(sizes, source.dtype());
        const size_t bytes = rows.numel() ? size_t(out.numel() / rows.numel()) * bytes_of(source.dtype()) : 0;
        copies.push_back(
            {static_cast<const char*>(source.raw()), static_cast<char*>(out.raw()), rows.data<int64_t>(), rows.numel(), bytes});
        if (PyList_Append(batch.get(), Object::take(wrap(out)).get()) < 0) throw PythonError();
      }
      if (PyList_Append(result.get(), batch.get()) < 0) throw PythonError();
    }
    {
      const Unlocked unlocked(true);
      for (const RowCopy& copy : copies) copy_rows(copy);
    }
    return result.give();
  });
}

PyMethodDef functions[] = {
    {"_gather_batches", gather_batches, METH_VARARGS, "The rows of tensors for each batch, or None."},
    {"_use_generator", use_generator_of, METH_O, "This thread's default generator from now on; returns the one before."},
    {"_generator_of_thread", generator_of_this_thread, METH_NOARGS, "The one that _use_generator() has set, or None."},
    {"_work_alone", work_alone_from_now, METH_NOARGS, "From now on this thread's kernels are serial."},
    {"_map_memory", map_memory, METH_VARARGS, "A storage on the memory behind a file descriptor."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyMethodDef* worker_functions() { return functions; }

}  // namespace ember
