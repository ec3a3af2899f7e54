// Loops over one run of contiguous elements, of any floating type.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"

namespace ember {

enum class Measure { Largest, Magnitudes, Squares, Powers };  // max |x|, sum |x|, sum x^2, sum |x|^p

struct Run {
  void* data;
  int64_t length;
  DType dtype;
};

EMBER_KERNEL(measure_run, (const Run& run, Measure measure, double power, double* result))
EMBER_KERNEL(scale_run, (const Run& run, double factor))

}  // namespace ember
