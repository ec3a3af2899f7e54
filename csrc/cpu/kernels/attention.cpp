// FlashAttention (Dao et al. 2022, arXiv 2205.14135; Dao 2023, arXiv
// 2307.08691) on the CPU's caches: scores exist tile by tile, with a running
// maximum and sum for each query; backward computes them again from the saved
// log of the sum.
#pragma GCC optimize("fp-contract=fast") // sums of products: a fused one is as
                                         // good as the next
#include "cpu/kernels/attention_few.h"
#include "cpu/kernels/attention_parts.h"
#include "cpu/philox.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int tile_rows = vector_bytes == 64 ? 12 : 6; // with two vectors a row: 24 of 32 or 12 of 16 registers
constexpr int64_t queries_of_block = kQueryBlock, keys_of_block = kKeyBlock;

// ---- products of tiles

// Element (i, p) at data[i * row + p * col].
template <class T> struct Left {
  const T* data;
  int64_t row, col;
};
// `rows` <= Height rows of c by Vectors vectors of columns. Rows that do not
// exist repeat the last one.
template <int Height, int Vectors, bool Add, class T>
EMBER_FN void multiply_tile(Left<T> a, const T* b, int64_t b_row, T* c, int64_t c_row, int64_t k, int64_t rows) {
  using V = typename Simd<T>::Vector;
  constexpr int64_t lanes = Simd<T>::lanes;
  V sums[Height][Vectors] = {};
  const T* row[Height];
  for (int i = 0; i < Height; ++i) row[i] = a.data + (i < rows ? i : rows - 1) * a.row;
  for (int64_t p = 0; p < k; ++p, b += b_row) {
    V right[Vectors];
#pragma GCC unroll 2
    for (int j = 0; j < Vectors; ++j) right[j] = Simd<T>::load(b + j * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < Height; ++i) {
      const T left = row[i][p * a.col];
#pragma GCC unroll 2
      for (int j = 0; j < Vectors; ++j) sums[i][j] += left * right[j];
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < Height; ++i) {
    if (i >= rows) break;
    for (int j = 0; j < Vectors; ++j) {
      T* to = c + i * c_row + j * lanes;
      Simd<T>::store(to, Add ? Simd<T>::load(to) + sums[i][j] : sums[i][j]);
    }
  }
}

template <int Vectors, bool Add, class T>
EMBER_FN void multiply_columns(Left<T> a, const T* b, int64_t b_row, T* c, int64_t c_row, int64_t m, int64_t k) {
  int64_t i = 0;
  for (; i + tile_rows <= m; i += tile_rows)
    multiply_tile<tile_rows, Vectors, Add>({a.data + i * a.row, a.row, a.col}, b, b_row, c + i * c_row, c_row, k, tile_rows);
  for (; i < m; i += 4)
    multiply_tile<4, Vectors, Add>({a.data + i * a.row, a.row, a.col}, b, b_row, c + i * c_row, c_row, k, least(4, m - i));
}

// c = a b or c += a b for a of (m, k) and b of (k, n), n a multiple of a
// vector's lanes.
template <bool Add, class T>
void multiply(Left<T> a, Rows<const T> b, Rows<T> c, int64_t m, int64_t n, int64_t k) {
  constexpr int64_t lanes = Simd<T>::lanes;
  int64_t j = 0;
  for (; j + 2 * lanes <= n; j += 2 * lanes) multiply_columns<2, Add>(a, b.data + j, b.row, c.data + j, c.row, m, k);
  if (j < n) multiply_columns<1, Add>(a, b.data + j, b.row, c.data + j, c.row, m, k);
}

// (count, width) times factor, turned into (width, kQueryBlock); missing
// queries are 0.
template <class T>
void turn(Rows<const T> from, int64_t count, int64_t width, T factor, T* to) {
  constexpr int64_t lanes = Simd<T>::lanes;
  for (int64_t i = 0; i < queries_of_block; i += lanes)
    for (int64_t p = 0; p < width; p += lanes) {
      if (i + lanes <= count && p + lanes <= width) {
        transpose_tile(to + p * queries_of_block + i, queries_of_block, from.data + i * from.row + p, from.row);
        continue;
      }
      for (int64_t x = p; x < least(p + lanes, width); ++x)
        for (int64_t j = i; j < i + lanes; ++j) to[x * queries_of_block + j] = j < count ? from.data[j * from.row + x] : T(0);
    }
  for (int64_t x = 0; factor != T(1) && x < width * queries_of_block; ++x) to[x] *= factor;
}

// ---- one tile of scores

struct TilePlace {
  int64_t query, queries, key, keys; // the first ones and how many there are
};

template <class T, class M>
void add_mask(const AttentionMatrix& mask, TilePlace place, T* scores) {
  const M* data = static_cast<const M*>(mask.data) + place.query * mask.row + place.key * mask.col;
  for (int64_t j = 0; j < place.keys; ++j, data += mask.col)
    for (int64_t i = 0; i < place.queries; ++i) {
      T& score = scores[j * queries_of_block + i];
      if constexpr (is_same<M, bool>) score = data[i * mask.row] ? score : -infinity<T>;
      else score += T(widen(data[i * mask.row]));
    }
}

// scores[key][query] = query . key, masked with -inf; `turned` holds the scaled
// queries as columns.
template <class T>
void compute_scores(const AttentionShape& shape, const AttentionHead& head, TilePlace place, Rows<const T> keys,
                    const T* turned, T* scores) {
  multiply<false, T>({keys.data + place.key * keys.row, keys.row, 1}, {turned, queries_of_block}, {scores, queries_of_block},
                     place.keys, queries_of_block, shape.width);
  if (head.mask.data) {
    if (shape.mask_dtype == DType::Bool) add_mask<T, bool>(head.mask, place, scores);
    else dispatch_floating(shape.mask_dtype, [&]<class M>() { add_mask<T, M>(head.mask, place, scores); });
  }
  if (shape.causal && place.key + place.keys - 1 > place.query)
    for (int64_t j = 0; j < place.keys; ++j)
      for (int64_t i = 0; i < least(queries_of_block, place.key + j - place.query); ++i)
        scores[j * queries_of_block + i] = -infinity<T>;
}

// factors[key][query] = 0 or 1 / (1 - p), what dropout makes of ones in the
// shape (keys, queries). Each row of a tile lies in two groups of the draw at
// most.
template <class T>
void draw_factors(const AttentionShape& shape, const AttentionHead& head, TilePlace place, T* factors) {
  const double threshold = shape.dropout * 0x1p32;
  const uint32_t last_dropped = threshold >= 1 ? uint32_t(uint64_t(threshold) - 1) : 0;
  const T kept = T(shape.dropout < 1 ? 1 / (1 - shape.dropout) : 0);
  alignas(64) uint32_t words[2][4][kPhiloxLanes] = {};
  for (int64_t j = 0; j < place.keys; ++j, factors += queries_of_block) {
    const int64_t begin = head.first_draw + (place.key + j) * shape.queries + place.query, shift = begin % kPhiloxGroup32;
    const uint64_t counter = shape.range.offset + uint64_t(begin / kPhiloxGroup32) * kPhiloxLanes;
    philox_group(shape.range.seed, counter, words[0]);
    if (shift + place.queries > kPhiloxGroup32) philox_group(shape.range.seed, counter + kPhiloxLanes, words[1]);
    const uint32_t* bits = &words[0][0][0] + shift;
    for (int64_t i = 0; i < queries_of_block; ++i) factors[i] = bits[i] > last_dropped ? kept : T(0);
  }
}

// ---- forward

// Room for keys and values that do not lie ready, and the tiles of one block of
// queries.
template <class T> struct ForwardRoom {
  T *keys, *values, *queries, *turned, *scores, *factors, *sums;
  ForwardRoom(const AttentionShape& shape, char*& scratch) {
    const int64_t width = padded<T>(shape.width), value_width = padded<T>(shape.value_width);
    keys = take<T>(scratch, shape.keys * width);
    values = take<T>(scratch, shape.keys * value_width);
    queries = take<T>(scratch, queries_of_block * width);
    turned = take<T>(scratch, queries_of_block * shape.width);
    scores = take<T>(scratch, queries_of_block * keys_of_block);
    factors = take<T>(scratch, queries_of_block * keys_of_block);
    sums = take<T>(scratch, queries_of_block * value_width);
  }
};

// What is known of each query's softmax so far.
template <class T> struct Running {
  alignas(64) T top[queries_of_block], total[queries_of_block], shrink[queries_of_block];
};

// scores = exp(scores - top) with a new top; what was summed under the old one
// is to be multiplied by shrink.
template <class T>
void exponentials(T* scores, int64_t keys, Running<T>& state) {
  alignas(64) T top[queries_of_block], added[queries_of_block];
  for (int64_t i = 0; i < queries_of_block; ++i) top[i] = state.top[i], added[i] = T(0);
  for (int64_t j = 0; j < keys; ++j)
    for (int64_t i = 0; i < queries_of_block; ++i) {
      const T score = scores[j * queries_of_block + i];
      top[i] = score > top[i] ? score : top[i];
    }
  for (int64_t i = 0; i < queries_of_block; ++i) {
    const T shift = top[i] == -infinity<T> ? T(0) : top[i]; // -inf - -inf would be nan
    state.shrink[i] = weight_of(state.top[i] - shift);
    state.top[i] = top[i];
    top[i] = shift;
  }
  for (int64_t j = 0; j < keys; ++j)
    for (int64_t i = 0; i < queries_of_block; ++i) {
      T& score = scores[j * queries_of_block + i];
      score = weight_of(score - top[i]);
      added[i] += score;
    }
  for (int64_t i = 0; i < queries_of_block; ++i) state.total[i] = state.total[i] * state.shrink[i] + added[i];
}

template <class T>
void scale_rows(T* rows, int64_t count, int64_t width, const T* factors) {
  for (int64_t i = 0; i < count; ++i)
    for (int64_t x = 0; x < width; ++x) rows[i * width + x] *= factors[i];
}

// Output = sums / total, 0 where no key takes part; log_sums for backward.
template <class T>
void finish_queries(const AttentionShape& shape, const AttentionHead& head, int64_t first, int64_t count, Running<T>& state,
                    T* sums) {
  const int64_t width = padded<T>(shape.value_width);
  for (int64_t i = 0; i < count; ++i) {
    const T total = state.total[i];
    state.shrink[i] = total == T(0) ? T(0) : T(1) / total;
    if (head.log_sums) static_cast<T*>(head.log_sums)[first + i] = total == T(0) ? infinity<T> : state.top[i] + log(total);
  }
  scale_rows(sums, count, width, state.shrink);
  store_rows<T>(shape, head.output, first, count, shape.value_width, {sums, width});
}

template <class T>
void forward(const AttentionShape& shape, const AttentionHead& head, AttentionBlocks blocks, char* scratch) {
  const ForwardRoom<T> room(shape, scratch);
  const Rows<const T> keys = load_rows(shape, head.key, 0, shape.keys, shape.width, room.keys),
                      values = load_rows(shape, head.value, 0, shape.keys, shape.value_width, room.values);
  const int64_t value_width = padded<T>(shape.value_width);
  for (int64_t first = blocks.first * queries_of_block; first < shape.queries; first += blocks.step * queries_of_block) {
    const int64_t count = least(queries_of_block, shape.queries - first);
    turn(load_rows(shape, head.query, first, count, shape.width, room.queries), count, shape.width, T(shape.scale),
         room.turned);
    Running<T> state;
    for (int64_t i = 0; i < queries_of_block; ++i) state.top[i] = -infinity<T>, state.total[i] = T(0);
    for (int64_t x = 0; x < queries_of_block * value_width; ++x) room.sums[x] = T(0);
    const int64_t visible = visible_keys(shape, first + count - 1);
    for (int64_t key = 0; key < visible; key += keys_of_block) {
      const TilePlace place = {first, count, key, least(keys_of_block, visible - key)};
      compute_scores(shape, head, place, keys, room.turned, room.scores);
      exponentials(room.scores, place.keys, state);
      if (shape.dropout > 0) {
        draw_factors(shape, head, place, room.factors);
        for (int64_t x = 0; x < place.keys * queries_of_block; ++x) room.scores[x] *= room.factors[x];
      }
      if (key > 0) scale_rows(room.sums, count, value_width, state.shrink);
      multiply<true, T>({room.scores, 1, queries_of_block}, {values.data + key * values.row, values.row},
                        {room.sums, value_width}, count, value_width, place.keys);
    }
    finish_queries(shape, head, first, count, state, room.sums);
  }
}

// ---- backward

template <class T> struct BackwardRoom {
  T *keys, *values, *key_sums, *value_sums, *queries, *gradients, *outputs, *turned_queries, *turned_gradients, *query_sums;
  T *weights, *slopes, *factors;
  BackwardRoom(const AttentionShape& shape, char*& scratch) {
    const int64_t width = padded<T>(shape.width), value_width = padded<T>(shape.value_width);
    keys = take<T>(scratch, shape.keys * width);
    values = take<T>(scratch, shape.keys * value_width);
    key_sums = take<T>(scratch, shape.keys * width);
    value_sums = take<T>(scratch, shape.keys * value_width);
    queries = take<T>(scratch, queries_of_block * width);
    gradients = take<T>(scratch, queries_of_block * value_width);
    outputs = take<T>(scratch, queries_of_block * value_width);
    turned_queries = take<T>(scratch, queries_of_block * shape.width);
    turned_gradients = take<T>(scratch, queries_of_block * shape.value_width);
    query_sums = take<T>(scratch, queries_of_block * width);
    weights = take<T>(scratch, queries_of_block * keys_of_block);
    slopes = take<T>(scratch, queries_of_block * keys_of_block);
    factors = take<T>(scratch, queries_of_block * keys_of_block);
  }
};

// What the tiles of one block of queries read.
template <class T> struct QueryBlock {
  int64_t first, count;
  Rows<const T> queries, gradients;
  alignas(64) T log_sums[queries_of_block],
      dots[queries_of_block]; // dots: gradient . output

  QueryBlock(const AttentionShape& shape, const AttentionHead& head, int64_t first, const BackwardRoom<T>& room)
      : first(first), count(least(queries_of_block, shape.queries - first)) {
    queries = load_rows(shape, head.query, first, count, shape.width, room.queries);
    gradients = load_rows(shape, head.output_gradient, first, count, shape.value_width, room.gradients);
    const Rows<const T> outputs = load_rows(shape, head.output, first, count, shape.value_width, room.outputs);
    turn(queries, count, shape.width, T(shape.scale), room.turned_queries);
    turn(gradients, count, shape.value_width, T(1), room.turned_gradients);
    for (int64_t i = 0; i < queries_of_block; ++i) {
      T parts[16] = {}; // as many on all processors: the same sums
      for (int64_t x = 0; i < count && x < padded<T>(shape.value_width); x += Simd<T>::lanes)
        for (int64_t lane = 0; lane < Simd<T>::lanes; ++lane)
          parts[x % 16 + lane] += outputs.data[i * outputs.row + x + lane] * gradients.data[i * gradients.row + x + lane];
      dots[i] = T(0);
      for (const T part : parts) dots[i] += part;
      log_sums[i] = i < count ? static_cast<const T*>(head.log_sums)[first + i] : infinity<T>; // infinity: weights of 0
    }
  }
};

// weights = softmax(scores) with dropout, slopes = the gradient of the scores
// times scale.
template <class T>
void gradient_tile(const AttentionShape& shape, const AttentionHead& head, TilePlace place, const QueryBlock<T>& block,
                   Rows<const T> keys, Rows<const T> values, const BackwardRoom<T>& room) {
  compute_scores(shape, head, place, keys, static_cast<const T*>(room.turned_queries), room.weights);
  multiply<false, T>({values.data + place.key * values.row, values.row, 1}, {room.turned_gradients, queries_of_block},
                     {room.slopes, queries_of_block}, place.keys, queries_of_block, shape.value_width);
  if (shape.dropout > 0) draw_factors(shape, head, place, room.factors);
  const T scale = T(shape.scale);
  for (int64_t j = 0; j < place.keys; ++j) {
    T* weights = room.weights + j * queries_of_block;
    T* slopes = room.slopes + j * queries_of_block;
    const T* factors = room.factors + j * queries_of_block;
    if (shape.dropout > 0) {
#pragma GCC ivdep
      for (int64_t i = 0; i < queries_of_block; ++i) {
        const T weight = weight_of(weights[i] - block.log_sums[i]);
        slopes[i] = weight * (slopes[i] * factors[i] - block.dots[i]) * scale;
        weights[i] = weight * factors[i];
      }
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < queries_of_block; ++i) {
        weights[i] = weight_of(weights[i] - block.log_sums[i]);
        slopes[i] = weights[i] * (slopes[i] - block.dots[i]) * scale;
      }
    }
  }
}

template <class T>
void backward(const AttentionShape& shape, const AttentionHead* heads, int64_t heads_count, AttentionBlocks query_blocks,
              AttentionBlocks key_blocks, char* scratch) {
  const BackwardRoom<T> room(shape, scratch);
  const AttentionHead& shared = heads[0];
  const bool wants_queries = shared.query_gradient.data, wants_keys = shared.key_gradient.data;
  const Rows<const T> keys = load_rows(shape, shared.key, 0, shape.keys, shape.width, room.keys),
                      values = load_rows(shape, shared.value, 0, shape.keys, shape.value_width, room.values);
  const int64_t width = padded<T>(shape.width), value_width = padded<T>(shape.value_width);
  for (int64_t x = 0; wants_keys && x < shape.keys * width; ++x) room.key_sums[x] = T(0);
  for (int64_t x = 0; wants_keys && x < shape.keys * value_width; ++x) room.value_sums[x] = T(0);
  for (const AttentionHead* head = heads; head < heads + heads_count; ++head) {
    for (int64_t first = query_blocks.first * queries_of_block; first < shape.queries;
         first += query_blocks.step * queries_of_block) {
      const QueryBlock<T> block(shape, *head, first, room);
      for (int64_t x = 0; x < queries_of_block * width; ++x) room.query_sums[x] = T(0);
      const int64_t visible = visible_keys(shape, first + block.count - 1);
      for (int64_t key = key_blocks.first * keys_of_block; key < visible; key += key_blocks.step * keys_of_block) {
        const TilePlace place = {first, block.count, key, least(keys_of_block, visible - key)};
        gradient_tile(shape, *head, place, block, keys, values, room);
        if (wants_keys) {
          multiply<true, T>({room.weights, queries_of_block, 1}, block.gradients,
                            {room.value_sums + key * value_width, value_width}, place.keys, value_width, block.count);
          multiply<true, T>({room.slopes, queries_of_block, 1}, block.queries, {room.key_sums + key * width, width}, place.keys,
                            width, block.count);
        }
        if (wants_queries)
          multiply<true, T>({room.slopes, 1, queries_of_block}, {keys.data + key * keys.row, keys.row},
                            {room.query_sums, width}, block.count, width, place.keys);
      }
      if (wants_queries) store_rows<T>(shape, head->query_gradient, first, block.count, shape.width, {room.query_sums, width});
    }
  }
  for (int64_t key = key_blocks.first * keys_of_block; wants_keys && key < shape.keys; key += key_blocks.step * keys_of_block) {
    const int64_t count = least(keys_of_block, shape.keys - key);
    store_rows<T>(shape, shared.key_gradient, key, count, shape.width, {room.key_sums + key * width, width});
    store_rows<T>(shape, shared.value_gradient, key, count, shape.value_width,
                  {room.value_sums + key * value_width, value_width});
  }
}

template <class T>
int64_t scratch_bytes(const AttentionShape& shape, bool backward) {
  char* const begin = nullptr;
  char* end = begin;
  if (backward) BackwardRoom<T>(shape, end);
  else if (are_few(shape)) FewRoom<T>(shape, end);
  else ForwardRoom<T>(shape, end);
  return end - begin;
}

} // namespace

template <class T>
void forward_of_any(const AttentionShape& shape, const AttentionHead& head, AttentionBlocks blocks, char* scratch) {
  if (are_few(shape)) forward_few<T>(shape, head, scratch);
  else forward<T>(shape, head, blocks, scratch);
}

void attention_forward(const AttentionShape& shape, const AttentionHead& head, AttentionBlocks queries, void* scratch) {
  if (shape.dtype == DType::Float64) forward_of_any<double>(shape, head, queries, static_cast<char*>(scratch));
  else forward_of_any<float>(shape, head, queries, static_cast<char*>(scratch));
}

void attention_backward(const AttentionShape& shape, const AttentionHead* heads, int64_t count, AttentionBlocks queries,
                        AttentionBlocks keys, void* scratch) {
  if (shape.dtype == DType::Float64) backward<double>(shape, heads, count, queries, keys, static_cast<char*>(scratch));
  else backward<float>(shape, heads, count, queries, keys, static_cast<char*>(scratch));
}

void attention_scratch(const AttentionShape& shape, bool backward, int64_t* bytes) {
  *bytes = shape.dtype == DType::Float64 ? scratch_bytes<double>(shape, backward) : scratch_bytes<float>(shape, backward);
}

} // namespace ember::EMBER_ISA
