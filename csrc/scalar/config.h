// What differs between compilers: the function marker and the machine's own operations. The only file with #ifdef.
#pragma once

// Kernel files are compiled once per instruction set; always_inline keeps any function from becoming a weak symbol that
// the linker would share between them (an AVX-512 copy running on an older CPU).
#ifdef __CUDACC__
#define EMBER_FN __host__ __device__ __forceinline__
#define EMBER_MACHINE(host, device) device
#else
#define EMBER_FN __attribute__((always_inline)) inline
#define EMBER_MACHINE(host, device) host
#endif

namespace ember {

// The C library's own widths and types, spelt without its headers (NVRTC has none).
#ifdef __INT64_TYPE__
using int64_t = __INT64_TYPE__;
using uint64_t = __UINT64_TYPE__;
#else
using int64_t = long long;
using uint64_t = unsigned long long;
#endif
using int8_t = signed char;
using uint8_t = unsigned char;
using int16_t = short;
using uint16_t = unsigned short;
using int32_t = int;
using uint32_t = unsigned int;

// One rounded result of a * b + c. One instruction from x86-64-v3 on.
EMBER_FN float fused_multiply_add(float a, float b, float c) {
  return EMBER_MACHINE(__builtin_fmaf(a, b, c), __fmaf_rn(a, b, c));
}
EMBER_FN double fused_multiply_add(double a, double b, double c) {
  return EMBER_MACHINE(__builtin_fma(a, b, c), __fma_rn(a, b, c));
}

// Operations that IEEE 754 rounds correctly; one instruction each from x86-64-v3 on.
EMBER_FN float sqrt(float x) { return EMBER_MACHINE(__builtin_sqrtf(x), __fsqrt_rn(x)); }
EMBER_FN double sqrt(double x) { return EMBER_MACHINE(__builtin_sqrt(x), __dsqrt_rn(x)); }
EMBER_FN float floor(float x) { return EMBER_MACHINE(__builtin_floorf(x), ::floorf(x)); }
EMBER_FN double floor(double x) { return EMBER_MACHINE(__builtin_floor(x), ::floor(x)); }
EMBER_FN float ceil(float x) { return EMBER_MACHINE(__builtin_ceilf(x), ::ceilf(x)); }
EMBER_FN double ceil(double x) { return EMBER_MACHINE(__builtin_ceil(x), ::ceil(x)); }
EMBER_FN float trunc(float x) { return EMBER_MACHINE(__builtin_truncf(x), ::truncf(x)); }
EMBER_FN double trunc(double x) { return EMBER_MACHINE(__builtin_trunc(x), ::trunc(x)); }

// Round half to even.
EMBER_FN float round(float x) { return EMBER_MACHINE(__builtin_nearbyintf(x), ::rintf(x)); }
EMBER_FN double round(double x) { return EMBER_MACHINE(__builtin_nearbyint(x), ::rint(x)); }

}  // namespace ember
