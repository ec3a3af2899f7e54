// Storages whose bytes several processes see: files in memory, known by the address at which they are mapped.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "bind/python.h"
#include "core/allocator.h"

namespace ember {

namespace {

[[noreturn]] void fail_with_errno() {
  PyErr_SetFromErrno(PyExc_OSError);
  throw PythonError();
}

// The file behind each shared address; the interpreter's lock guards it.
std::unordered_map<void*, int>& shared_files() {
  static auto& files = *new std::unordered_map<void*, int>;  // never destroyed: storages may go later
  return files;
}

size_t mapped_bytes(size_t bytes) { return std::max<size_t>(bytes, 1); }

void* map_shared(int file, size_t bytes) {
  void* data = mmap(nullptr, mapped_bytes(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) {
    const int error = errno;
    close(file);
    errno = error;
    fail_with_errno();
  }
  shared_files()[data] = file;
  return data;
}

void unmap_shared(void* data, size_t bytes) {
  close(shared_files().at(data));
  shared_files().erase(data);
  munmap(data, mapped_bytes(bytes));
}

Storage& root_of(Storage& storage) { return storage.memory_of ? *storage.memory_of : storage; }

// Moves the bytes into shared memory. The old ones stay as long as the storage: arrays and x.data may look at them.
void move_to_shared(Storage& storage) {
  const int file = memfd_create("ember-shared", MFD_CLOEXEC);
  if (file < 0) fail_with_errno();
  // Allocated here, so that memory that is not to be had is an error, not a signal at the first touch.
  if (const int error = posix_fallocate(file, 0, off_t(mapped_bytes(storage.bytes)))) {
    close(file);
    errno = error;
    fail_with_errno();
  }
  void* data = map_shared(file, storage.bytes);
  if (storage.bytes) std::memcpy(data, storage.data, storage.bytes);
  auto delete_old = std::move(storage.on_delete);
  const Block old{storage.data, storage.bytes};
  storage.on_delete = [delete_old = std::move(delete_old), old, data] {
    if (delete_old) delete_old();
    else if (old.data) release(old);
    unmap_shared(data, old.bytes);
  };
  storage.data = data;
}

PyObject* share_memory(PyObject*, PyObject* object) {
  return guarded([&] {
    const Ref<Storage> storage = unwrap_storage(object);
    Storage& root = root_of(*storage);
    if (root.channels < 0)
      fail(ErrorKind::Runtime, "share_memory_(): the tensor stands for samples of vmap; expected one that is made outside.");
    if (!shared_files().count(root.data)) move_to_shared(root);
    storage->data = root.data;
    return PyLong_FromLong(shared_files().at(root.data));
  });
}

PyObject* is_shared(PyObject*, PyObject* object) {
  return guarded([&] { return PyBool_FromLong(long(shared_files().count(unwrap_storage(object)->data))); });
}

PyObject* shared_storage(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    int file;
    Py_ssize_t bytes;
    if (!PyArg_ParseTuple(args, "in", &file, &bytes)) throw PythonError();
    void* data = map_shared(file, size_t(bytes));
    return wrap(foreign_storage(data, size_t(bytes), [data, bytes] { unmap_shared(data, size_t(bytes)); }));
  });
}

PyMethodDef functions[] = {
    {"_share_memory", share_memory, METH_O, "Moves a storage into shared memory; the descriptor of that memory's file."},
    {"_is_shared", is_shared, METH_O, "Whether a storage is in shared memory."},
    {"_shared_storage", shared_storage, METH_VARARGS, "A storage on the shared memory of a file, which it closes."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

PyMethodDef* shared_memory_functions() { return functions; }

}  // namespace ember
