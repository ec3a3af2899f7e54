#if EMBER_MULTI_ISA  // x86: the general tuning puts vectors together from single elements, which takes twice as long as gathers
#pragma GCC target("tune=skylake-avx512")
#endif

#include "cpu/resampling_byte_kernels.h"

#include <cstddef>

namespace ember::EMBER_ISA {

namespace {

[[gnu::always_inline]] inline uint8_t rounded(int32_t sum, int bits) {
  const int32_t value = (sum + (1 << (bits - 1))) >> bits;
  return uint8_t(value < 0 ? 0 : value > 255 ? 255 : value);
}

template <int count>
void add_taps(const int32_t* x, const int32_t* first, int64_t stride, const int32_t* weights, int32_t* sums, int64_t n) {
#pragma GCC ivdep
  for (int64_t o = 0; o < n; ++o) {
    int32_t sum = sums[o];
    for (int k = 0; k < count; ++k) sum += weights[k * n + o] * x[first[o] + k * stride];
    sums[o] = sum;
  }
}

using Four [[gnu::aligned(1), gnu::may_alias]] = uint32_t;

// Neighbouring taps come four at a time, as one number whose lowest byte is the first.
void add_four_taps(const uint8_t* x, const int32_t* first, const int32_t* weights, int32_t* sums, int64_t n) {
#pragma GCC ivdep
  for (int64_t o = 0; o < n; ++o) {
    const uint32_t four = *reinterpret_cast<const Four*>(x + first[o]);
    sums[o] += weights[o] * int32_t(four & 255) + weights[n + o] * int32_t(four >> 8 & 255) +
               weights[2 * n + o] * int32_t(four >> 16 & 255) + weights[3 * n + o] * int32_t(four >> 24);
  }
}

}  // namespace

void weigh_byte_columns(const uint8_t* x, int64_t in, const int32_t* first, int64_t stride, const int32_t* weights,
                        int64_t taps, int bits, int32_t* numbers, int32_t* sums, uint8_t* y, int64_t n) {
  for (int64_t o = 0; o < n; ++o) sums[o] = 0;
  if (stride == 1) {
    uint8_t* row = reinterpret_cast<uint8_t*>(numbers);  // with room to read behind its end
    __builtin_memcpy(row, x, std::size_t(in));
    for (int64_t k = 0; k < taps; k += 4) add_four_taps(row + k, first, weights + k * n, sums, n);
  } else {
    for (int64_t i = 0; i < in; ++i) numbers[i] = x[i];
    int64_t k = 0;
    for (; k + 2 <= taps; k += 2) add_taps<2>(numbers + k * stride, first, stride, weights + k * n, sums, n);
    if (k < taps) add_taps<1>(numbers + k * stride, first, stride, weights + k * n, sums, n);
  }
  for (int64_t o = 0; o < n; ++o) y[o] = rounded(sums[o], bits);
}

void weigh_byte_rows(const uint8_t* x, int64_t stride, const int32_t* weights, int64_t taps, int bits, uint8_t* y, int64_t n) {
  constexpr int64_t kBlock = 64;
  for (int64_t j = 0; j < n; j += kBlock) {
    const int64_t size = n - j < kBlock ? n - j : kBlock;
    int32_t sums[kBlock] = {};
    for (int64_t k = 0; k < taps; ++k) {
      const uint8_t* row = x + k * stride + j;
      for (int64_t i = 0; i < size; ++i) sums[i] += weights[k] * row[i];
    }
    for (int64_t i = 0; i < size; ++i) y[j + i] = rounded(sums[i], bits);
  }
}

}  // namespace ember::EMBER_ISA
