// Loops of scans, over columns whose elements stand `stride` apart, at most kScanColumns side by side.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

constexpr int64_t kScanColumns = 64;

enum class Scan : int { Sum, Product, LogSumExp, Largest, Smallest };

struct ScanBlock {
  Scan kind;
  DType compute;  // int64, float32, float64, complex64, complex128; the last two for Sum and Product alone
  int64_t n, stride, columns;
};

// `indices` of Largest and Smallest, else null.
EMBER_KERNEL(scan_columns, (const ScanBlock& block, const void* x, void* y, int64_t* indices))

}  // namespace ember
