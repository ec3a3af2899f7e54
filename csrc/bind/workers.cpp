// What the workers of a data loader need: randomness of a thread's own, and memory that two processes share.
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>

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

PyMethodDef functions[] = {
    {"_use_generator", use_generator_of, METH_O, "This thread's default generator from now on; returns the one before."},
    {"_generator_of_thread", generator_of_this_thread, METH_NOARGS, "The one that _use_generator() has set, or None."},
    {"_work_alone", work_alone_from_now, METH_NOARGS, "From now on this thread's kernels are serial."},
    {"_map_memory", map_memory, METH_VARARGS, "A storage on the memory behind a file descriptor."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyMethodDef* worker_functions() { return functions; }

}  // namespace ember
