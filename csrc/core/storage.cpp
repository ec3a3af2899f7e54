#include "core/storage.h"

#include <algorithm>
#include <cstring>

#include "core/allocator.h"
#include "core/error.h"

namespace ember {

void (*lay_out_as_shown)(Storage&) = nullptr;

Storage::~Storage() {
  if (on_delete) {
    on_delete();
  } else if (data && !memory_of) {
    release(Block{data, bytes});
  }
}

void Storage::resize(size_t new_bytes) {
  if (!resizable || on_delete || memory_of)
    fail(ErrorKind::Runtime, "resize_(): the storage of ", bytes, " bytes is not Ember's own memory; it cannot grow to ",
         new_bytes, " bytes.");
  if (channels) lay_out_as_shown(*this);
  if (device.type == DeviceType::Cpu) {
    Block wider = new_bytes ? allocate(new_bytes) : Block{nullptr, 0};
    if (data && wider.data) std::memcpy(wider.data, data, std::min(bytes, new_bytes));
    if (data) release(Block{data, bytes});
    data = wider.data;
  }
  bytes = new_bytes;
}

Ref<Storage> allocate_storage(size_t bytes, Device device) {
  Ref<Storage> storage(new Storage);
  storage->device = device;
  if (device.type == DeviceType::Cpu && bytes) storage->data = allocate(bytes).data;
  storage->bytes = bytes;
  return storage;
}

Ref<Storage> foreign_storage(void* data, size_t bytes, std::function<void()> on_delete) {
  Ref<Storage> storage(new Storage);
  storage->data = data;
  storage->bytes = bytes;
  storage->on_delete = std::move(on_delete);
  return storage;
}

Ref<Storage> unversioned(const Ref<Storage>& storage) {
  if (storage->channels) lay_out_as_shown(*storage);
  Ref<Storage> same(new Storage);
  same->data = storage->data;
  same->bytes = storage->bytes;
  same->device = storage->device;
  same->memory_of = storage->memory_of ? storage->memory_of : storage;
  return same;
}

}  // namespace ember
