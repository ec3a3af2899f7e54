// Scaled dot-product attention.
#pragma once
#include "op/backward.h"

namespace ember {

// seed and offset name the draw of dropout; the first call takes them from the generator, backward draws the same again.
struct scaled_dot_product_attention {
  static constexpr Record record = {
      .schema =
          "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0, "
          "bool is_causal=False, *, float? scale=None, bool enable_gqa=False, int? seed=None, int? offset=None) "
          "-> (Tensor output, Tensor _log_sums)",
      .doc = "softmax(query key^T scale + mask) value, in memory linear in the number of queries and keys.",
      .source = "Vaswani et al. 2017; Dao et al. 2022, FlashAttention",
      .types = kFloat,
      .saves = "query key value attn_mask output log_sums",
      .where = 0,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct scaled_dot_product_attention_backward {
  static constexpr Record record = {
      .schema =
          "_scaled_dot_product_attention_backward(Tensor gradient, Tensor query, Tensor key, Tensor value, Tensor? attn_mask, "
          "Tensor output, Tensor log_sums, float dropout_p, bool is_causal, float? scale, int? seed, int? offset) "
          "-> (Tensor query, Tensor key, Tensor value)",
      .doc = "The gradients of scaled_dot_product_attention by query, key and value, before broadcasting is undone.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

// 1 / sqrt(width), or the scale that was given.
double attention_scale(const Value& scale, int64_t width);

}  // namespace ember
