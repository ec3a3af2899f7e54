// A few queries, as when text is generated: tiles of 64 queries would be nearly empty. All scores of a query lie in a row.
// Sums have as many parts on all processors, and so the same bits.
#pragma once
#include "cpu/kernels/attention_parts.h"

namespace ember::EMBER_ISA {

namespace {

constexpr int64_t few_queries = 8;

// Where rows of the type that is computed with lie whole, they are read there, whatever their width.
template <class T>
Rows<const T> rows_of(const AttentionShape& shape, const AttentionMatrix& matrix, int64_t count, int64_t width, T* room) {
  if (shape.dtype == compute_dtype<T> && matrix.col == 1) return {static_cast<const T*>(matrix.data), matrix.row};
  return load_rows(shape, matrix, 0, count, width, room);
}

// scores[j] = query . key j for `count` keys, a vector of keys at a time; what is written behind them is not used.
template <class T>
void scores_of(const T* query, Rows<const T> keys, int64_t count, int64_t width, T* scores) {
  using V = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  constexpr int64_t parts = sum_parts<T>;
  const int64_t whole = width / parts * parts;
  for (int64_t j = 0; j < count; j += lanes) {
    V rows[lanes];
    const T* key[lanes];
    for (int r = 0; r < lanes; ++r) key[r] = keys.data + least(j + r, count - 1) * keys.row;
#pragma GCC unroll 16
    for (int r = 0; r < lanes; ++r) {
      V sums[parts / lanes] = {};
      for (int64_t p = 0; p < whole; p += parts)
#pragma GCC unroll 2
        for (int s = 0; s < parts / lanes; ++s)
          sums[s] += Simd<T>::load(query + p + s * lanes) * Simd<T>::load(key[r] + p + s * lanes);
      rows[r] = parts == lanes ? sums[0] : sums[0] + sums[parts / lanes - 1];
    }
    Simd<T>::store(scores + j, sums_of<T>(rows));
    for (int r = 0; r < lanes && whole < width; ++r)
      for (int64_t p = whole; p < width; ++p) scores[j + r] += query[p] * key[r][p];
  }
}

// scores = exp(scores - their largest); returns the largest (0 where all is -inf) and the sum. Behind `count` there is room
// for whole groups of parts.
template <class T>
void weigh(T* scores, int64_t count, T& top, T& total) {
  constexpr int64_t parts = sum_parts<T>;
  const int64_t end = (count + parts - 1) / parts * parts;
  for (int64_t j = count; j < end; ++j) scores[j] = -infinity<T>;
  T largest[parts], sums[parts] = {};
  for (int64_t x = 0; x < parts; ++x) largest[x] = -infinity<T>;
  for (int64_t j = 0; j < end; j += parts)
    for (int64_t x = 0; x < parts; ++x) largest[x] = scores[j + x] > largest[x] ? scores[j + x] : largest[x];
  top = largest[0];
  for (int64_t x = 1; x < parts; ++x) top = largest[x] > top ? largest[x] : top;
  top = top == -infinity<T> ? T(0) : top;  // -inf - -inf would be nan
  for (int64_t j = 0; j < end; j += parts)
    for (int64_t x = 0; x < parts; ++x) {
      scores[j + x] = weight_of(scores[j + x] - top);
      sums[x] += scores[j + x];
    }
  for (int64_t half = parts / 2; half > 0; half /= 2)
    for (int64_t x = 0; x < half; ++x) sums[x] += sums[x + half];
  total = sums[0];
}

// `Vectors` vectors of columns of the values' weighted sum.
template <int Vectors, class T>
EMBER_FN void add_values(const T* weights, const T* values, int64_t row, int64_t count, T factor, T* to) {
  using V = typename Simd<T>::Vector;
  constexpr int lanes = Simd<T>::lanes;
  V sums[Vectors] = {};
  for (int64_t j = 0; j < count; ++j, values += row)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sums[v] += weights[j] * Simd<T>::load(values + v * lanes);
#pragma GCC unroll 4
  for (int v = 0; v < Vectors; ++v) Simd<T>::store(to + v * lanes, sums[v] * factor);
}

template <class T>
void sum_values(const T* weights, Rows<const T> values, int64_t count, int64_t width, T factor, T* to) {
  constexpr int lanes = Simd<T>::lanes;
  int64_t x = 0;
  for (; x + 4 * lanes <= width; x += 4 * lanes) add_values<4>(weights, values.data + x, values.row, count, factor, to + x);
  for (; x + lanes <= width; x += lanes) add_values<1>(weights, values.data + x, values.row, count, factor, to + x);
  const int64_t rest = width - x;
  T sums[lanes] = {};
  for (int64_t j = 0; j < count && rest > 0; ++j)
    for (int64_t i = 0; i < rest; ++i) sums[i] += weights[j] * values.data[j * values.row + x + i];
  for (int64_t i = 0; i < rest; ++i) to[x + i] = sums[i] * factor;
}

template <class T, class M>
void mask_row(const AttentionMatrix& mask, int64_t query, int64_t count, T* scores) {
  const M* data = static_cast<const M*>(mask.data) + query * mask.row;
  for (int64_t j = 0; j < count; ++j) {
    if constexpr (is_same<M, bool>) scores[j] = data[j * mask.col] ? scores[j] : -infinity<T>;
    else scores[j] += T(widen(data[j * mask.col]));
  }
}

template <class T>
struct FewRoom {
  T *keys, *values, *scores, *query, *output;
  FewRoom(const AttentionShape& shape, char*& scratch) {
    keys = take<T>(scratch, shape.keys * padded<T>(shape.width));
    values = take<T>(scratch, shape.keys * padded<T>(shape.value_width));
    scores = take<T>(scratch, shape.keys + sum_parts<T>);
    query = take<T>(scratch, shape.width);
    output = take<T>(scratch, shape.value_width);
  }
};

bool are_few(const AttentionShape& shape) { return shape.queries <= few_queries && shape.dropout == 0; }

// Output and log_sums of all queries.
template <class T>
void forward_few(const AttentionShape& shape, const AttentionHead& head, char* scratch) {
  const FewRoom<T> room(shape, scratch);
  const Rows<const T> keys = rows_of(shape, head.key, shape.keys, shape.width, room.keys),
                      values = rows_of(shape, head.value, shape.keys, shape.value_width, room.values);
  T *const scores = room.scores, *const query = room.query, *const output = room.output;
  for (int64_t i = 0; i < shape.queries; ++i) {
    load_tile(at(shape, head.query, i), shape.dtype, head.query.col, query, compute_dtype<T>, shape.width);
    for (int64_t p = 0; p < shape.width; ++p) query[p] *= T(shape.scale);
    const int64_t visible = visible_keys(shape, i);
    T top = T(0), total = T(0);
    if (visible > 0) {
      scores_of(query, keys, visible, shape.width, scores);
      if (head.mask.data) {
        if (shape.mask_dtype == DType::Bool) mask_row<T, bool>(head.mask, i, visible, scores);
        else dispatch_floating(shape.mask_dtype, [&]<class M>() { mask_row<T, M>(head.mask, i, visible, scores); });
      }
      weigh(scores, visible, top, total);
    }
    sum_values(scores, values, visible, shape.value_width, total == T(0) ? T(0) : T(1) / total, output);
    if (head.log_sums) static_cast<T*>(head.log_sums)[i] = total == T(0) ? infinity<T> : top + log(total);
    store_tile(output, compute_dtype<T>, at(shape, head.output, i), shape.dtype, head.output.col, shape.value_width);
  }
}

}  // namespace

}  // namespace ember::EMBER_ISA
