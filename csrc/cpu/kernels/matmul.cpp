// Goto's blocked product (Goto and van de Geijn 2008): a register tile of c, panels of b in the first cache, a block of
// a in the second. Operands are converted and laid out while they are packed, so that one tile serves all types and
// strides. Small operands of the tile's own type are used where they lie.
#pragma GCC optimize("fp-contract=fast")  // sums of products: a fused one is as good as the next
#include "cpu/kernels/matmul.h"

#include "cpu/kernels/simd.h"
#include "scalar/types.h"

namespace ember::EMBER_ISA {
namespace {

constexpr int tile_rows = vector_bytes == 64 ? 12 : 6;   // with two vectors a row: 24 of 32 or 12 of 16 registers
constexpr int64_t k_block = 256, m_block = 144, n_block = 1024;  // of c: multiples of the tile's sides

EMBER_FN int64_t round_up(int64_t x, int64_t multiple) { return (x + multiple - 1) / multiple * multiple; }

EMBER_FN float widen(Half x) { return to_float(x); }
EMBER_FN float widen(BFloat16 x) { return to_float(x); }
template <class S>
EMBER_FN S widen(S x) {
  return x;
}

template <class R>
struct Narrow {
  template <class T>
  EMBER_FN static R from(T x) {
    return R(x);
  }
};
template <>
struct Narrow<Half> {
  EMBER_FN static Half from(float x) { return to_half(x); }
};
template <>
struct Narrow<BFloat16> {
  EMBER_FN static BFloat16 from(float x) { return to_bfloat16(x); }
};

// A task in its types: S the operands, T what is computed in, R the result.
template <class T, class S, class R>
struct Job {
  int64_t m, n, k;
  const S* a;
  int64_t a_row, a_col;
  const S* b;
  int64_t b_row, b_col;
  R* c;
  int64_t c_row, c_col;
  const R* bias;
  bool relu;
  T alpha, beta;

  explicit Job(const MatmulTask& t)
      : m(t.m),
        n(t.n),
        k(t.k),
        a(static_cast<const S*>(t.a)),
        a_row(t.a_row),
        a_col(t.a_col),
        b(static_cast<const S*>(t.b)),
        b_row(t.b_row),
        b_col(t.b_col),
        c(static_cast<R*>(t.c)),
        c_row(t.c_row),
        c_col(t.c_col),
        bias(static_cast<const R*>(t.bias)),
        relu(t.relu),
        alpha(T(t.alpha)),
        beta(T(t.beta)) {}

  // A narrower result would be rounded between blocks of k, so there k stays whole.
  static int64_t depth(int64_t k) { return is_same<T, R> && k > k_block ? k_block : k; }
  // As many rows or columns as a block of k_block deep holds, but at least one tile.
  static int64_t limit(int64_t block, int64_t side, int64_t depth) {
    const int64_t fitting = depth > k_block ? block * k_block / depth / side * side : block;
    return fitting > side ? fitting : side;
  }
  static int64_t m_limit(int64_t k) { return limit(m_block, tile_rows, depth(k)); }
  static int64_t n_limit(int64_t k) { return limit(n_block, Simd<T>::panel, depth(k)); }
  // Packing pays when what is packed is used often enough; other types are always converted.
  static bool packs_a(int64_t m, int64_t n) { return !is_same<S, T> || (n > 4 * Simd<T>::panel && m > tile_rows); }
  static bool packs_b(int64_t m, int64_t b_col) { return !is_same<S, T> || b_col != 1 || m > 4 * tile_rows; }
};

// ---- packing

// (rows, k) of a into panels of tile_rows rows, each k-major; missing rows are 0.
template <class T, class S>
void pack_a(T* to, const S* a, int64_t row, int64_t col, int64_t rows, int64_t k) {
  for (int64_t i = 0; i < rows; i += tile_rows, to += tile_rows * k) {
    const int height = rows - i < tile_rows ? int(rows - i) : tile_rows;
    const S* from = a + i * row;
    if (height < tile_rows)
      for (int64_t x = 0; x < tile_rows * k; ++x) to[x] = T(0);
    if (row == 1) {
      for (int64_t p = 0; p < k; ++p)
        for (int r = 0; r < height; ++r) to[p * tile_rows + r] = T(widen(from[p * col + r]));
    } else {
      for (int r = 0; r < height; ++r)
        for (int64_t p = 0; p < k; ++p) to[p * tile_rows + r] = T(widen(from[r * row + p * col]));
    }
  }
}

// (k, cols) of b into [k][width], cols <= width; missing columns are 0.
template <class T, class S>
void pack_panel(T* to, int width, const S* from, int64_t row, int64_t col, int64_t k, int cols) {
  if (cols < width)
    for (int64_t x = 0; x < width * k; ++x) to[x] = T(0);
  if (col == 1) {
    for (int64_t p = 0; p < k; ++p)
      for (int j = 0; j < cols; ++j) to[p * width + j] = T(widen(from[p * row + j]));
    return;
  }
  int done = 0;
  if constexpr (is_same<S, T>) {
    constexpr int lanes = Simd<T>::lanes;
    const int64_t whole = k / lanes * lanes;
    for (; row == 1 && done + lanes <= cols; done += lanes) {
      const T* strip = from + done * col;
      for (int64_t p = 0; p < whole; p += lanes) transpose_tile(to + p * width + done, width, strip + p, col);
      for (int j = 0; j < lanes; ++j)
        for (int64_t p = whole; p < k; ++p) to[p * width + done + j] = strip[j * col + p];
    }
  }
  for (int j = done; j < cols; ++j)
    for (int64_t p = 0; p < k; ++p) to[p * width + j] = T(widen(from[p * row + j * col]));
}

template <class T>
EMBER_FN int panel_width(int64_t cols) {
  return cols <= Simd<T>::lanes ? Simd<T>::lanes : Simd<T>::panel;
}

// ---- the register tile

template <class T, class R>
struct Tile {
  const T* a;  // element (i, p) at a[i * a_row + p * a_col]
  int64_t a_row, a_col;
  const T* b;  // row p at b + p * b_row
  int64_t b_row, k;
  R* c;
  int64_t c_row, c_col;
  int rows, cols;  // of c that exist
  const R* bias;   // null except in the first block of k
  T alpha, beta;
  bool relu;       // only in the last block of k
};

// count < 2 Piece elements, in pieces of Piece, Piece / 2, ... 1.
template <int Piece, class T>
EMBER_FN void copy_part(T* to, const T* from, int count) {
  if (count & Piece) {
    __builtin_memcpy(to, from, Piece * sizeof(T));
    to += Piece, from += Piece;
  }
  if constexpr (Piece > 1) copy_part<Piece / 2>(to, from, count);
}

// The first `cols` elements of a row of whole vectors.
template <int Vectors, class T>
EMBER_FN void load_row(typename Simd<T>::Vector (&to)[Vectors], const T* from, int cols) {
  constexpr int lanes = Simd<T>::lanes;
  if (cols == Vectors * lanes) {
    for (int j = 0; j < Vectors; ++j) to[j] = Simd<T>::load(from + j * lanes);
  } else {
    alignas(vector_bytes) T part[Vectors * lanes] = {};
    copy_part<Vectors * lanes / 2>(part, from, cols);
    for (int j = 0; j < Vectors; ++j) to[j] = Simd<T>::load(part + j * lanes);
  }
}
template <int Vectors, class T>
EMBER_FN void store_row(T* to, const typename Simd<T>::Vector (&from)[Vectors], int cols) {
  constexpr int lanes = Simd<T>::lanes;
  if (cols == Vectors * lanes) {
    for (int j = 0; j < Vectors; ++j) Simd<T>::store(to + j * lanes, from[j]);
  } else {
    alignas(vector_bytes) T part[Vectors * lanes];
    for (int j = 0; j < Vectors; ++j) Simd<T>::store(part + j * lanes, from[j]);
    copy_part<Vectors * lanes / 2>(to, part, cols);
  }
}

// Results of the type that is computed in, in contiguous rows.
template <int Rows, int Vectors, class T>
EMBER_FN void finish_rows(typename Simd<T>::Vector (&sums)[Rows][Vectors], const Tile<T, T>& tile) {
  using V = typename Simd<T>::Vector;
  V bias[Vectors] = {};
  if (tile.bias) load_row<Vectors>(bias, tile.bias, tile.cols);
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i) {
    if (i >= tile.rows) break;
    T* c = tile.c + i * tile.c_row;
    V old[Vectors] = {};
    if (tile.beta != T(0)) load_row<Vectors>(old, static_cast<const T*>(c), tile.cols);
    for (int j = 0; j < Vectors; ++j) {
      V x = sums[i][j] * tile.alpha + bias[j] + old[j] * tile.beta;
      sums[i][j] = tile.relu ? (x < T(0) ? V{} : x) : x;
    }
    store_row<Vectors>(c, sums[i], tile.cols);
  }
}

// Element by element: narrow or strided results.
template <class T, class R>
void finish_edge(const T* sums, int stride, const Tile<T, R>& tile) {
  for (int i = 0; i < tile.rows; ++i) {
    for (int j = 0; j < tile.cols; ++j) {
      R& c = tile.c[i * tile.c_row + j * tile.c_col];
      T x = sums[i * stride + j] * tile.alpha;
      if (tile.bias) x += T(widen(tile.bias[j]));
      if (tile.beta != T(0)) x += tile.beta * T(widen(c));
      if (tile.relu) x = x < T(0) ? T(0) : x;
      c = Narrow<R>::from(x);
    }
  }
}

template <int Rows, int Vectors, bool Packed, class T, class R>
void run_tile(const Tile<T, R>& tile) {
  using V = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  V sums[Rows][Vectors] = {};
  const T* a = tile.a;
  const T* b = tile.b;
  // Rows that do not exist repeat the last one: only existing memory is read.
  const int64_t last = tile.rows - 1;
  const T* row[Rows];
  for (int i = 0; i < Rows; ++i) row[i] = a + (i < last ? i : last) * tile.a_row;
  for (int64_t p = 0; p < tile.k; ++p, b += tile.b_row) {
    V right[Vectors];
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j) right[j] = Simd<T>::load(b + j * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < Rows; ++i) {
      const T left = Packed ? a[p * tile_rows + i] : row[i][p * tile.a_col];
#pragma GCC unroll 2
      for (int j = 0; j < Vectors; ++j) sums[i][j] += left * right[j];
    }
  }
  if constexpr (is_same<T, R>) {
    if (tile.c_col == 1) return finish_rows(sums, tile);
  }
  alignas(vector_bytes) T spilled[Rows * Vectors * lanes];
#pragma GCC unroll 12
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j) Simd<T>::store(spilled + (i * Vectors + j) * lanes, sums[i][j]);
  finish_edge(spilled, Vectors * lanes, tile);
}

// The smallest of the compiled heights that covers the rows.
template <int Vectors, bool Packed, class T, class R>
EMBER_FN void run_rows(const Tile<T, R>& tile) {
  if (tile.rows > 6) run_tile<tile_rows, Vectors, Packed>(tile);
  else if (tile.rows > 4) run_tile<6, Vectors, Packed>(tile);
  else if (tile.rows > 2) run_tile<4, Vectors, Packed>(tile);
  else if (tile.rows == 2) run_tile<2, Vectors, Packed>(tile);
  else run_tile<1, Vectors, Packed>(tile);
}

// ---- the loops over blocks

template <class T, class S, class R>
int64_t scratch_bytes(const MatmulTask& t) {
  using J = Job<T, S, R>;
  const int64_t rows = t.m < J::m_limit(t.k) ? round_up(t.m, tile_rows) : J::m_limit(t.k);
  const int64_t cols = t.n < J::n_limit(t.k) ? round_up(t.n, Simd<T>::panel) : J::n_limit(t.k);
  return (rows + cols) * (t.k > 0 ? J::depth(t.k) : 1) * int64_t(sizeof(T));
}

// Rows [i, i + rows) of c by columns [j, j + cols), over p < k; `left` is packed or null.
template <class T, class S, class R>
void run_block(const Job<T, S, R>& job, Tile<T, R> tile, const T* left, const T* panel, int64_t panel_row, int64_t i0,
               int64_t rows, int64_t j, int64_t p0) {
  const bool wide = tile.cols > Simd<T>::lanes;
  tile.b = panel;
  tile.b_row = panel_row;
  for (int64_t i = 0; i < rows; i += tile_rows) {
    tile.rows = rows - i < tile_rows ? int(rows - i) : tile_rows;
    tile.c = job.c + (i0 + i) * job.c_row + j * job.c_col;
    if (left) {
      tile.a = left + i * tile.k;
      wide ? run_rows<2, true>(tile) : run_rows<1, true>(tile);
    } else if constexpr (is_same<S, T>) {
      tile.a = job.a + (i0 + i) * job.a_row + p0 * job.a_col;
      wide ? run_rows<2, false>(tile) : run_rows<1, false>(tile);
    }
  }
}

template <class T, class S, class R>
void run(const MatmulTask& task, void* scratch) {
  using J = Job<T, S, R>;
  const J job(task);
  constexpr int width = Simd<T>::panel;
  const int64_t depth = J::depth(job.k);
  const int64_t m_limit = J::m_limit(job.k), n_limit = J::n_limit(job.k);
  const bool packs_a = J::packs_a(job.m, job.n), packs_b = J::packs_b(job.m, job.b_col);
  T* const packed_b = static_cast<T*>(scratch);
  T* const packed_a = packed_b + (job.n < n_limit ? round_up(job.n, width) : n_limit) * depth;
  int64_t p0 = 0;
  do {  // once for k = 0 too
    Tile<T, R> tile{};
    tile.k = job.k - p0 < depth ? job.k - p0 : depth;
    tile.a_row = job.a_row, tile.a_col = job.a_col;
    tile.c_row = job.c_row, tile.c_col = job.c_col;
    tile.alpha = job.alpha, tile.beta = p0 == 0 ? job.beta : T(1);
    tile.relu = job.relu && p0 + tile.k == job.k;
    for (int64_t j0 = 0; j0 < job.n; j0 += n_limit) {
      const int64_t cols = job.n - j0 < n_limit ? job.n - j0 : n_limit;
      for (int64_t i0 = 0; i0 < job.m; i0 += m_limit) {
        const int64_t rows = job.m - i0 < m_limit ? job.m - i0 : m_limit;
        if (packs_a) pack_a(packed_a, job.a + i0 * job.a_row + p0 * job.a_col, job.a_row, job.a_col, rows, tile.k);
        for (int64_t j = 0; j < cols; j += width) {
          tile.cols = cols - j < width ? int(cols - j) : width;
          tile.bias = job.bias && p0 == 0 ? job.bias + j0 + j : nullptr;
          const S* const from = job.b + p0 * job.b_row + (j0 + j) * job.b_col;
          const int panel = panel_width<T>(tile.cols);
          T* const packed = packed_b + j * tile.k;
          const T* right = packed;
          int64_t right_row = panel;
          bool lies = false;
          if constexpr (is_same<S, T>) {
            lies = !packs_b && tile.cols == panel;
            if (lies) right = from, right_row = job.b_row;
          }
          if (!lies && i0 == 0) pack_panel(packed, panel, from, job.b_row, job.b_col, tile.k, tile.cols);
          run_block(job, tile, packs_a ? packed_a : nullptr, right, right_row, i0, rows, j0 + j, p0);
        }
      }
    }
  } while ((p0 += depth) < job.k);
}

template <class T, class S, class R = S>
constexpr MatmulKernel kernel{run<T, S, R>, scratch_bytes<T, S, R>};

// The sign bit decides: 16-bit floats need no conversion. A nan is above infinity in magnitude.
template <class Bits>
void relu_row(Bits* c, int64_t n, Bits infinity) {
  constexpr Bits sign = Bits(1) << (8 * sizeof(Bits) - 1);
  for (int64_t j = 0; j < n; ++j) c[j] = c[j] >= sign && Bits(c[j] ^ sign) <= infinity ? Bits(0) : c[j];
}

}  // namespace

void find_matmul(DType dtype, DType output, MatmulKernel* found) {
  const bool widened = dtype != output;
  switch (dtype) {
    // Products modulo 2^8 and 2^16 follow from those modulo 2^32.
    case DType::UInt8: *found = kernel<int32_t, uint8_t>; break;
    case DType::Int8: *found = kernel<int32_t, int8_t>; break;
    case DType::Int16: *found = kernel<int32_t, int16_t>; break;
    case DType::Int32: *found = kernel<int32_t, int32_t>; break;
    case DType::Int64: *found = kernel<int64_t, int64_t>; break;
    case DType::Float16: *found = widened ? kernel<float, Half, float> : kernel<float, Half>; break;
    case DType::BFloat16: *found = widened ? kernel<float, BFloat16, float> : kernel<float, BFloat16>; break;
    case DType::Float64: *found = kernel<double, double>; break;
    default: *found = kernel<float, float>; break;
  }
}

void relu_rows(void* c, DType dtype, int64_t stride, int64_t rows, int64_t cols) {
  for (int64_t i = 0; i < rows; ++i) {
    if (dtype == DType::Float32) relu_row<uint32_t>(static_cast<uint32_t*>(c) + i * stride, cols, 0x7f800000u);
    else relu_row<uint16_t>(static_cast<uint16_t*>(c) + i * stride, cols, dtype == DType::Float16 ? 0x7c00 : 0x7f80);
  }
}

}  // namespace ember::EMBER_ISA
