// The bytes behind tensors. Views share one storage, and with it one version number.
#pragma once
#include <cstddef>
#include <functional>

#include "core/counted.h"
#include "core/device.h"
#include "core/freelist.h"

namespace ember {

struct Storage final : Counted, Recycled<Storage> {
  void* data = nullptr;
  size_t bytes = 0;
  Device device;
  bool resizable = true;
  uint32_t version = 0;             // rises with every change in place; saved tensors compare it
  std::function<void()> on_delete;  // for foreign memory: gives it back; empty where the allocator's own
  // Above 0: elements of `width` bytes lie as (N, pixels, channels) behind strides that say (N, channels, pixels).
  // -1: no elements, but a batch that on_delete holds (op/batched.h).
  int64_t channels = 0, pixels = 0, width = 0;
  int readers = 0;                  // calls that read it channels-last now
  Ref<Storage> replaced;            // the channels-last memory, where a call still read it when it was laid out
  Ref<Storage> memory_of;           // a second Storage on the same bytes with a version of its own (Tensor.data)

  ~Storage() override;
  void resize(size_t new_bytes);  // keeps the leading bytes
};

// Puts channels-last elements where the strides say they are. Set by cpu/.
extern void (*lay_out_as_shown)(Storage&);

Ref<Storage> allocate_storage(size_t bytes, Device device);
Ref<Storage> foreign_storage(void* data, size_t bytes, std::function<void()> on_delete);
// The same bytes under a version number of their own.
Ref<Storage> unversioned(const Ref<Storage>& storage);

}  // namespace ember
