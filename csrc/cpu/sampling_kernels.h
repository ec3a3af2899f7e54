// Loops over random draws: elements [begin, end) of dense arrays.
#pragma once
#include "core/dtype.h"
#include "cpu/dispatch.h"
#include "scalar/philox.h"

namespace ember {

enum class Distribution : int { Uniform, Normal, Exponential, Cauchy, LogNormal, Geometric, Bernoulli };

// Types of 8 bytes draw 64 bits for an element, the others 32.
inline uint64_t counters_for(DType dtype, int64_t n) {
  return bytes_of(dtype) == 8 ? philox_counters_64(n) : philox_counters_32(n);
}

// a and b are the distribution's parameters, as in its record. Real types.
EMBER_KERNEL(fill_random, (Distribution distribution, PhiloxRange range, void* out, DType dtype, double a, double b,
                           int64_t begin, int64_t end))
// Integers from + [0, count); count 0 stands for 2^64. Draws 64 bits where count passes 2^32.
EMBER_KERNEL(fill_integers,
             (PhiloxRange range, void* out, DType dtype, int64_t from, uint64_t count, int64_t begin, int64_t end))
// y = 1 with probability x, else 0.
EMBER_KERNEL(draw_bernoulli, (PhiloxRange range, const void* x, void* y, DType dtype, int64_t begin, int64_t end))
// y = x / (1 - p) or, with probability p, 0; 32 bits for an element.
EMBER_KERNEL(drop_elements, (PhiloxRange range, const void* x, void* y, DType dtype, double p, int64_t begin, int64_t end))

}  // namespace ember
