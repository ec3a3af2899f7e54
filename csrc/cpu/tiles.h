// Loading and storing: rows of any element type and stride, to and from contiguous tiles of a compute type.
#pragma once
#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// `stride` in elements; a compute type is one of int64, float32, float64, complex64, complex128.
EMBER_KERNEL(load_tile, (const void* from, DType from_dtype, int64_t stride, void* tile, DType compute, int64_t n))
EMBER_KERNEL(store_tile, (const void* tile, DType compute, void* to, DType to_dtype, int64_t stride, int64_t n))
// n elements of `bytes` bytes each, from one stride to another, bit for bit.
EMBER_KERNEL(copy_row, (const void* from, int64_t from_stride, void* to, int64_t to_stride, int64_t bytes, int64_t n))
// A tile to memory past the caches, for results that are larger than these: the old contents are not read first.
// Both 64-byte aligned; `bytes` a multiple of 64. end_streams() makes what was written visible to other threads.
EMBER_KERNEL(stream_tile, (const void* tile, void* to, int64_t bytes))
EMBER_KERNEL(end_streams, ())

}  // namespace ember
