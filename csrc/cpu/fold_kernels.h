// Loops between planes of images and the columns of their blocks.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

// Heights first, then widths.
struct FoldTask {
  int64_t image[2], kernel[2], dilation[2], padding[2], stride[2], count[2];
  int64_t bytes;  // of an element
  DType dtype;
};

// Rows [begin, end) of the columns: row (plane, kernel row, kernel column) has that place of every block.
EMBER_KERNEL(unfold_rows, (const FoldTask& task, const void* planes, void* columns, int64_t begin, int64_t end))
// Planes [begin, end), each the sum of its rows; Float32, Float64, Complex64 or Complex128.
EMBER_KERNEL(fold_planes, (const FoldTask& task, const void* columns, void* planes, int64_t begin, int64_t end))

}  // namespace ember
