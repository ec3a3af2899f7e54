#include "ops/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "op/var.h"

namespace ember {

double attention_scale(const Value& scale, int64_t width) {
  return scale.is_none() ? 1 / std::sqrt(double(std::max<int64_t>(width, 1))) : scale.real();
}

namespace {

constexpr const char* kName = "scaled_dot_product_attention";

Dims leading(const Dims& sizes) {
  Dims batch = sizes;
  batch.resize(sizes.size() - 2);
  return batch;
}

bool broadcasts_to(const Dims& from, const Dims& to) {
  if (from.size() > to.size()) return false;
  for (int i = 1; i <= from.size(); ++i)
    if (from[from.size() - i] != 1 && from[from.size() - i] != to[to.size() - i]) return false;
  return true;
}

void check_operands(const Call& call) {
  const DType dtype = call.args[0].body()->dtype;
  for (int i = 0; i < 3; ++i) {
    const char* name = call.op.schema.parameters[size_t(i)].name.c_str();
    if (call.sizes(i).size() < 2)
      fail(ErrorKind::Runtime, kName, "(): ", name, " has shape ", to_string(call.sizes(i)),
           "; expected at least 2 dims: (..., length, features).");
    if (call.args[i].body()->dtype != dtype)
      fail(ErrorKind::Runtime, kName, "(): query is ", name_of(dtype), " and ", name, " is ",
           name_of(call.args[i].body()->dtype), "; expected one dtype. Convert one with .to().");
  }
  if (!is_floating(dtype))
    fail(is_complex_dtype(dtype) ? ErrorKind::NotImplemented : ErrorKind::Runtime, kName, "(): not implemented for '",
         name_of(dtype), "' tensors; expected a floating dtype.");
  const Dims &query = call.sizes(0), &key = call.sizes(1), &value = call.sizes(2);
  if (query.back() != key.back())
    fail(ErrorKind::Runtime, kName, "(): query of shape ", to_string(query), " has ", query.back(),
         " features in its last dim and key of shape ", to_string(key), " ", key.back(), "; expected as many.");
  if (key[key.size() - 2] != value[value.size() - 2])
    fail(ErrorKind::Runtime, kName, "(): key of shape ", to_string(key), " has length ", key[key.size() - 2],
         " and value of shape ", to_string(value), " ", value[value.size() - 2], "; expected the same.");
}

// The shape of the scores: (batch..., queries, keys), where with enable_gqa heads of keys count for several of queries.
Dims score_sizes(const Call& call) {
  const Dims &query = call.sizes(0), &key = call.sizes(1), &value = call.sizes(2);
  Dims batch = leading(query), key_batch = leading(key), value_batch = leading(value);
  if (call.arg(7).boolean()) {
    if (query.size() < 3 || key.size() < 3 || value.size() < 3)
      fail(ErrorKind::Index, kName, "(): enable_gqa expects heads in dim -3; shapes are ", to_string(query), ", ",
           to_string(key), " and ", to_string(value), ".");
    const int64_t heads = batch.back(), key_heads = key_batch.back();
    if (key_heads != value_batch.back() || key_heads == 0 || heads % key_heads)
      fail(ErrorKind::Runtime, kName, "(): query has ", heads, " heads, key ", key_heads, " and value ", value_batch.back(),
           "; with enable_gqa key and value need the same number, a divisor of the query's.");
    key_batch.back() = value_batch.back() = heads;
  }
  Dims sizes;
  try {
    sizes = broadcast(broadcast(batch, key_batch, kName), value_batch, kName);
  } catch (const Error&) {
    fail(ErrorKind::Runtime, kName, "(): query, key and value have shapes ", to_string(query), ", ", to_string(key), " and ",
         to_string(value), ", whose dims before the last two do not broadcast; expected equal sizes or 1.");
  }
  sizes.push_back(query[query.size() - 2]);
  sizes.push_back(key[key.size() - 2]);
  return sizes;
}

void check_mask(const Call& call, const Dims& scores) {
  const DType dtype = call.args[3].body()->dtype, of_query = call.args[0].body()->dtype;
  if (dtype != DType::Bool && dtype != DType::Float32 && dtype != of_query)
    fail(ErrorKind::Runtime, kName, "(): attn_mask is ", name_of(dtype), " and query ", name_of(of_query),
         "; expected a mask of bool, of float32 or of the query's dtype.");
  if (call.sizes(3).size() < 2)
    fail(ErrorKind::Index, kName, "(): attn_mask has shape ", to_string(call.sizes(3)),
         "; expected at least 2 dims: (..., queries, keys).");
  if (!broadcasts_to(call.sizes(3), scores))
    fail(ErrorKind::Runtime, kName, "(): attn_mask has shape ", to_string(call.sizes(3)), "; expected one that broadcasts to ",
         to_string(scores), ", the scores of query ", to_string(call.sizes(0)), " and key ", to_string(call.sizes(1)), ".");
}

// Contiguous in the order that the dims of `model` have in memory: what was permuted before is dense when permuted back.
Tensor ordered_like(const Tensor& model, const Dims& sizes, DType dtype) {
  const int dims = sizes.size();
  bool known = model.dim() == dims;
  Dims order(dims), strides(dims);
  for (int i = 0; i < dims; ++i) {
    order[i] = i;
    known &= model.dim() == dims && model.stride(i) > 0;
  }
  if (!known) return empty(sizes, dtype, model.device());
  std::stable_sort(order.begin(), order.end() - 1,
                   [&](int64_t a, int64_t b) { return model.stride(int(a)) > model.stride(int(b)); });
  int64_t step = 1;
  for (int i = dims - 1; i >= 0; --i) {
    strides[int(order[i])] = step;
    step *= std::max<int64_t>(sizes[int(order[i])], 1);
  }
  return empty_strided(sizes, strides, dtype, model.device());
}

}  // namespace

void scaled_dot_product_attention::infer(Call& call) {
  check_operands(call);
  Dims sizes = score_sizes(call);
  const bool causal = call.arg(5).boolean();
  if (call.arg(3).is_tensor()) {
    check_mask(call, sizes);
    if (causal)
      fail(ErrorKind::Runtime, kName,
           "(): attn_mask is given and is_causal is True; expected one of them. Put the causal part into the mask.");
  }
  const double dropout = call.arg(4).real();
  if (!(dropout >= 0 && dropout <= 1))
    fail(ErrorKind::Runtime, kName, "(): dropout_p is ", dropout, "; expected a probability between 0 and 1.");
  const DType dtype = call.args[0].body()->dtype;
  sizes.back() = call.sizes(2).back();
  if (call.given) call.output(0, sizes, dtype);
  else call.outputs[0] = ordered_like(call.tensor(0), sizes, dtype);
  if (!call.gradient) return;
  sizes.resize(sizes.size() - 1);
  call.output(1, sizes, dtype == DType::Float64 ? dtype : DType::Float32);
}

// ---- the gradient, fused or as operations that are recorded themselves

namespace {

Tensor transposed(const Tensor& tensor) {
  static Operation& transpose = named("transpose");
  return run(transpose, {tensor, -2, -1});
}

Tensor product(const Tensor& a, const Tensor& b) {
  static Operation& matmul = named("matmul");
  return run(matmul, {a, b});
}

// With enable_gqa: each head of keys once for every query head that reads it.
Tensor repeated_heads(const Tensor& tensor, int64_t heads) {
  if (tensor.dim() < 3 || tensor.size(-3) == heads || tensor.size(-3) == 1) return tensor;
  static Operation& unsqueeze = named("unsqueeze");
  static Operation& expanded = named("expand");
  static Operation& reshape = named("reshape");
  const int64_t group = heads / tensor.size(-3);
  Dims sizes = tensor.sizes(), grouped = sizes;
  grouped.insert(sizes.size() - 2, group);
  sizes[sizes.size() - 3] = heads;
  return run(reshape, {run(expanded, {run(unsqueeze, {tensor, -3}), grouped}), sizes});
}

// The inverse: the sum over the query heads of a group.
Tensor summed_heads(const Tensor& gradient, const Dims& sizes) {
  if (sizes.size() < 3 || sizes[sizes.size() - 3] == 1 || gradient.size(-3) == sizes[sizes.size() - 3]) return gradient;
  static Operation& reshape = named("reshape");
  static Operation& sum = named("sum");
  Dims grouped = gradient.sizes();
  const int64_t heads = sizes[sizes.size() - 3];
  grouped.insert(gradient.dim() - 2, gradient.size(-3) / heads);
  grouped[gradient.dim() - 3] = heads;
  return run(sum, {run(reshape, {gradient, grouped}), Dims{-3}});
}

struct RecordedAttention {
  const Backward& b;
  double scale;
  Tensor query, key, value;

  explicit RecordedAttention(const Backward& b)
      : b(b), scale(attention_scale(b.arg(6), b.sizes(0).back())), query(b.tensor(0)) {
    static Operation& expanded = named("expand");
    Dims sizes = b.result_sizes;
    sizes.back() = query.size(-1);
    query = run(expanded, {query, sizes});
    const int64_t heads = sizes.size() > 2 ? sizes[sizes.size() - 3] : 1;
    key = repeated_heads(b.tensor(1), heads);
    value = repeated_heads(b.tensor(2), heads);
  }

  Tensor allowed() const {
    if (b.arg(3).is_tensor()) return b.tensor(3);
    static Operation& tril = named("tril");
    return run(tril, {full({query.size(-2), key.size(-2)}, true, DType::Bool, query.device())});
  }

  Tensor scores() const {
    const Tensor plain = (Var(product(query, transposed(key))) * Var(scale)).as_tensor(query);
    if (!b.arg(3).is_tensor() && !b.arg(5).boolean()) return plain;
    const Tensor mask = allowed();
    if (mask.dtype() != DType::Bool) return (Var(plain) + Var(to_dtype(mask, plain.dtype()))).as_tensor(plain);
    static Operation& where = named("where");
    return run(where, {mask, plain, Var(-std::numeric_limits<double>::infinity()).value()});
  }

  // softmax, and 0 where all is masked.
  Tensor weights() const {
    static Operation& logsumexp = named("_logsumexp");
    static Operation& infinite = named("isinf");
    const Tensor all = scores(), sums = run(logsumexp, {all, -1, true});
    return exp(Var(all) - select(Var(run(infinite, {sums})), 0, Var(sums))).as_tensor(all);
  }

  // The kernel draws in the order of keys by queries.
  Tensor dropped(const Tensor& tensor) const {
    if (b.arg(4).real() == 0) return tensor;
    static Operation& dropout = named("dropout");
    return transposed(run(dropout, {transposed(tensor), b.arg(4), true, b.arg(8), b.arg(9)}));
  }

  void gradients() const {
    static Operation& sum = named("sum");
    const Tensor p = weights(), g = b.gradient();
    if (b.needs(2)) b.set(2, summed_heads(product(transposed(dropped(p)), g), b.sizes(2)));
    if (!b.needs(0) && !b.needs(1) && !b.needs(3)) return;
    const Tensor through = dropped(product(g, transposed(value)));
    const Var along(run(sum, {(Var(through) * Var(p)).as_tensor(p), Dims{-1}, true}));
    const Tensor slope = (Var(p) * (Var(through) - along)).as_tensor(p);
    b.set(3, slope);
    const Tensor scaled = (Var(slope) * Var(scale)).as_tensor(p);
    if (b.needs(0)) b.set(0, product(scaled, key));
    if (b.needs(1)) b.set(1, summed_heads(product(transposed(scaled), query), b.sizes(1)));
  }
};

}  // namespace

void scaled_dot_product_attention::backward(Backward& b) {
  if (modes.gradient || b.needs(3)) return RecordedAttention(b).gradients();
  static Operation& fused = operation<scaled_dot_product_attention_backward>();
  const auto gradients = run_all(fused, {b.gradient(), b.arg(0), b.arg(1), b.arg(2), b.arg(3), b.out(0), b.out(1), b.arg(4),
                                         b.arg(5), b.arg(6), b.arg(8), b.arg(9)});
  for (int i = 0; i < 3; ++i) b.set(i, gradients[size_t(i)]);
}

KERNEL(scaled_dot_product_attention)

void scaled_dot_product_attention_backward::infer(Call& call) {
  const Dims batch = leading(call.sizes(5));
  const Tensor key = call.tensor(2), value = call.tensor(3);
  const bool shares = key.dim() > 2 && value.dim() > 2 && key.size(-3) == value.size(-3);
  for (int i = 0; i < 3; ++i) {
    const Tensor operand = call.tensor(1 + i);
    Dims sizes = batch;
    if (i > 0 && shares) sizes.back() = key.size(-3);
    sizes.push_back(operand.size(-2));
    sizes.push_back(operand.size(-1));
    call.outputs[size_t(i)] = ordered_like(operand, sizes, operand.dtype());
  }
}

KERNEL(scaled_dot_product_attention_backward)

}  // namespace ember
