// Attention of one head on tiles of scores that fit the first-level cache: memory is linear in the number of keys. Tiles
// hold keys in rows and queries in columns, so that every step of the softmax works on whole vectors of queries.
#pragma once
#include <cstdint>

#include "core/dtype.h"
#include "cpu/dispatch.h"
#include "scalar/philox.h"

namespace ember {

constexpr int64_t kQueryBlock = 64, kKeyBlock = 64;  // a tile of floats is 16 KiB

// A matrix by its strides, in elements.
struct AttentionMatrix {
  void* data = nullptr;
  int64_t row = 0, col = 1;
};

// What all heads of a call have in common.
struct AttentionShape {
  int64_t queries, keys, width, value_width;
  double scale;
  bool causal;          // query i sees the keys 0 to i
  double dropout;       // the probability of a zero
  PhiloxRange range;    // of a draw for each score, heads by keys by queries
  DType dtype;          // of all matrices but the mask
  int64_t bytes;        // of an element of that type
  DType mask_dtype;     // Bool (true: takes part) or floating (added to the scores)
};

struct AttentionHead {
  AttentionMatrix query, key, value;  // (queries, width), (keys, width), (keys, value_width)
  AttentionMatrix mask;               // (queries, keys), strides of 0 where it is broadcast; data may be null
  AttentionMatrix output;             // (queries, value_width)
  void* log_sums;                     // (queries): log(sum(exp(score))), +inf where all is masked; may be null in forward
  int64_t first_draw;                 // of this head
  AttentionMatrix output_gradient, query_gradient, key_gradient, value_gradient;  // backward alone
};

// Which blocks of queries or keys: first, first + step, ...
struct AttentionBlocks {
  int64_t first = 0, step = 1;
};

// Output and log_sums for some blocks of queries. `scratch` has attention_scratch() bytes.
EMBER_KERNEL(attention_forward,
             (const AttentionShape& shape, const AttentionHead& head, AttentionBlocks queries, void* scratch))
// Gradients for `count` heads that share keys and values (of which the first head names the gradients): of the queries in
// some blocks, unless query_gradient is null, and of the keys in some blocks, unless key_gradient is null.
EMBER_KERNEL(attention_backward, (const AttentionShape& shape, const AttentionHead* heads, int64_t count,
                                  AttentionBlocks queries, AttentionBlocks keys, void* scratch))
EMBER_KERNEL(attention_scratch, (const AttentionShape& shape, bool backward, int64_t* bytes))

}  // namespace ember
