// The product of a recurrent step: few rows by a weight that is packed once for all steps.
#pragma GCC optimize("fp-contract=fast")  // sums of products: a fused one is as good as the next
#include "cpu/recurrent_kernels.h"

namespace ember::EMBER_ISA {
namespace {

constexpr int vector_bytes = __BIGGEST_ALIGNMENT__;  // 64 with AVX-512, 32 with AVX
constexpr int most_rows = vector_bytes == 64 ? 12 : 6;  // with two vectors a row: 24 of 32 or 12 of 16 registers

template <class T> struct Simd {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  static constexpr int lanes = vector_bytes / int(sizeof(T));
  [[gnu::always_inline]] static inline Vector load(const T* from) { return *reinterpret_cast<const Unaligned*>(from); }
  [[gnu::always_inline]] static inline void store(T* to, Vector x) { *reinterpret_cast<Unaligned*>(to) = x; }
};

// Rows of c, two vectors wide.
template <int Rows, class T>
void run_tile(const PackedProduct& task, const T* a, const T* weight, T* c) {
  using S = Simd<T>;
  typename S::Vector sums[Rows][2] = {};
  const int64_t k = task.k, a_row = task.a_row;
#pragma GCC unroll 4
  for (int64_t p = 0; p < k; ++p) {
    const auto left = S::load(weight + p * kPanel), right = S::load(weight + p * kPanel + S::lanes);
#pragma GCC unroll 12
    for (int i = 0; i < Rows; ++i) {
      const T x = a[i * a_row + p];
      sums[i][0] += x * left;
      sums[i][1] += x * right;
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i, c += task.c_row)
    for (int j = 0; j < 2; ++j)
      S::store(c + j * S::lanes, task.accumulate ? S::load(c + j * S::lanes) + sums[i][j] : sums[i][j]);
}

template <int Rows, class T>
void run_rows(int64_t rows, const PackedProduct& task, const T* a, const T* weight, T* c) {
  if (rows == Rows) run_tile<Rows>(task, a, weight, c);
  else if constexpr (Rows > 1) run_rows<Rows - 1>(rows, task, a, weight, c);
}

template <class T> void multiply(const PackedProduct& task) {
  const T *a = static_cast<const T*>(task.a), *weight = static_cast<const T*>(task.weight);
  T* c = static_cast<T*>(task.c);
  const int64_t tiles = (task.rows + most_rows - 1) / most_rows;
  for (int64_t panel = 0; panel < task.panels; ++panel)
    for (int64_t j = 0; j < kPanel; j += 2 * Simd<T>::lanes)
      for (int64_t tile = 0; tile < tiles; ++tile) {  // of even heights
        const int64_t row = task.rows * tile / tiles, rows = task.rows * (tile + 1) / tiles - row;
        run_rows<most_rows>(rows, task, a + row * task.a_row, weight + panel * task.k * kPanel + j,
                            c + row * task.c_row + panel * kPanel + j);
      }
}

template <class T>
void pack(const T* weight, int64_t row, int64_t column, int64_t k, int64_t columns, T* packed) {
  for (int64_t begin = 0; begin < columns; begin += kPanel, packed += k * kPanel) {
    const int64_t width = columns - begin < kPanel ? columns - begin : kPanel;
    const T* from = weight + begin * column;
    for (int64_t p = 0; p < k; ++p) {
      for (int64_t j = 0; j < width; ++j) packed[p * kPanel + j] = from[p * row + j * column];
      for (int64_t j = width; j < kPanel; ++j) packed[p * kPanel + j] = T(0);
    }
  }
}

}  // namespace

void multiply_packed(const PackedProduct& task) {
  return task.compute == DType::Float64 ? multiply<double>(task) : multiply<float>(task);
}

void pack_weight(const void* weight, int64_t row, int64_t column, int64_t k, int64_t columns, void* packed, DType compute) {
  if (compute == DType::Float64)
    pack(static_cast<const double*>(weight), row, column, k, columns, static_cast<double*>(packed));
  else pack(static_cast<const float*>(weight), row, column, k, columns, static_cast<float*>(packed));
}

}  // namespace ember::EMBER_ISA
