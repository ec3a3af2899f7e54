// Attention over batch and heads: which part of which head runs where.
#include "ops/attention.h"

#include <algorithm>
#include <vector>

#include "core/allocator.h"
#include "core/random.h"
#include "cpu/attention_kernels.h"
#include "cpu/parallel.h"

namespace ember {

namespace {

constexpr double kLongWork = 1 << 20;  // multiply-adds

// A tensor as one matrix for each place in the batch. Heads of keys repeat where the batch has more of them.
struct Batched {
  const Tensor tensor;
  const Dims batch;
  Dims strides;
  int64_t group = 1;  // heads of the batch that share one of the tensor's

  Batched(const Tensor& tensor, const Dims& batch) : tensor(tensor), batch(batch), strides(batch.size()) {
    const int lead = batch.size() - (tensor.dim() - 2);
    for (int i = 0; i < tensor.dim() - 2; ++i) strides[lead + i] = tensor.size(i) == 1 ? 0 : tensor.stride(i);
    if (tensor.dim() > 2 && tensor.size(-3) > 1) group = batch.back() / tensor.size(-3);
  }
  AttentionMatrix at(int64_t index) const {
    int64_t offset = 0;
    for (int i = batch.size() - 1; i >= 0; --i) {
      const int64_t place = index % batch[i];
      offset += (i == batch.size() - 1 ? place / group : place) * strides[i];
      index /= batch[i];
    }
    char* data = static_cast<char*>(tensor.raw()) + offset * int64_t(bytes_of(tensor.dtype()));
    return {data, tensor.size(-2) == 1 ? 0 : tensor.stride(-2), tensor.size(-1) == 1 ? 1 : tensor.stride(-1)};
  }
};

AttentionShape shape_of(const Tensor& query, const Tensor& key, const Tensor& value, const Value& scale) {
  AttentionShape shape{};
  shape.queries = query.size(-2), shape.keys = key.size(-2);
  shape.width = query.size(-1), shape.value_width = value.size(-1);
  shape.scale = attention_scale(scale, shape.width);
  shape.dtype = query.dtype();
  shape.bytes = int64_t(bytes_of(shape.dtype));
  return shape;
}

// The matrix of a mask (of none where there is no mask), with strides of 0 where it is broadcast.
AttentionMatrix mask_at(const Tensor& mask, const Dims& batch, int64_t index) {
  if (!mask) return {};
  AttentionMatrix matrix = Batched(mask, batch).at(index);
  if (mask.size(-1) == 1) matrix.col = 0;
  return matrix;
}

// Into how many parts the blocks of each head go, so that all threads have work when there are few heads.
int64_t parts_of(int64_t heads, int64_t blocks, double work) {
  const int64_t threads = work > kLongWork ? available_threads() : 1;
  return threads == 1 || heads >= 2 * threads ? 1 : std::max<int64_t>(1, std::min(blocks, 2 * threads));
}

int64_t blocks(int64_t length, int64_t size) { return (length + size - 1) / size; }

// Runs f(unit, scratch) for all units; each thread has scratch of its own.
template <class F>
void run_units(int64_t units, double work, bool backward, const AttentionShape& shape, const F& f) {
  int64_t bytes = 0;
  attention_scratch(shape, backward, &bytes);
  const int64_t workers = std::min<int64_t>(units, work > kLongWork / 4 ? available_threads() : 1);
  const Scratch scratch(size_t(bytes * workers));
  Unlocked unlocked(work > kLongWork);
  parallel_for(workers, 1, [&](int64_t begin, int64_t end) {
    for (int64_t worker = begin; worker < end; ++worker)
      for (int64_t unit = units * worker / workers; unit < units * (worker + 1) / workers; ++unit)
        f(unit, static_cast<char*>(scratch.data()) + worker * bytes);
  });
}

}  // namespace

void scaled_dot_product_attention::cpu(Call& call) {
  const Tensor out = call.out(), query = call.tensor(0), key = call.tensor(1), value = call.tensor(2), mask = call.tensor(3);
  if (out.numel() == 0 && !(call.gradient && call.out(1).numel())) return;
  AttentionShape shape = shape_of(query, key, value, call.arg(6));
  shape.causal = call.arg(5).boolean();
  shape.dropout = call.arg(4).real();
  Dims batch = out.sizes();
  batch.resize(out.dim() - 2);
  const int64_t heads = batch.product(), scores = heads * shape.queries * shape.keys;
  if (shape.dropout > 0) {
    if (call.arg(8).is_none()) {
      const PhiloxRange fresh = default_generator().reserve(philox_counters_32(scores));
      call.args[8] = int64_t(fresh.seed);
      call.args[9] = int64_t(fresh.offset);
    }
    shape.range = {uint64_t(call.arg(8).integer()), uint64_t(call.arg(9).integer())};
  }
  if (mask) shape.mask_dtype = mask.dtype();
  const Batched queries(query, batch), keys(key, batch), values(value, batch), outputs(out, batch);
  char* log_sums = call.gradient ? static_cast<char*>(call.out(1).raw()) : nullptr;
  const int64_t width = shape.dtype == DType::Float64 ? 8 : 4;
  const double work = double(scores) * double(shape.width + shape.value_width);
  const int64_t parts = parts_of(heads, blocks(shape.queries, kQueryBlock), work);
  run_units(heads * parts, work, false, shape, [&](int64_t unit, void* scratch) {
    const int64_t index = unit / parts;
    AttentionHead head{};
    head.query = queries.at(index), head.key = keys.at(index), head.value = values.at(index);
    head.mask = mask_at(mask, batch, index), head.output = outputs.at(index);
    head.log_sums = log_sums ? log_sums + index * shape.queries * width : nullptr;
    head.first_draw = index * shape.queries * shape.keys;
    attention_forward(shape, head, {unit % parts, parts}, scratch);
  });
}

void scaled_dot_product_attention_backward::cpu(Call& call) {
  const Tensor gradient = call.tensor(0), query = call.tensor(1), key = call.tensor(2), value = call.tensor(3),
               mask = call.tensor(4), output = call.tensor(5), log_sums = call.tensor(6);
  AttentionShape shape = shape_of(query, key, value, call.arg(9));
  shape.dropout = call.arg(7).real();
  shape.causal = call.arg(8).boolean();
  if (shape.dropout > 0) shape.range = {uint64_t(call.arg(10).integer()), uint64_t(call.arg(11).integer())};
  if (mask) shape.mask_dtype = mask.dtype();
  Dims batch = output.sizes(), key_batch = call.out(1).sizes();
  batch.resize(output.dim() - 2);
  key_batch.resize(output.dim() - 2);
  const Batched queries(query, batch), keys(key, batch), values(value, batch), outputs(output, batch),
      gradients(gradient, batch), query_gradients(call.out(0), batch), key_gradients(call.out(1), key_batch),
      value_gradients(call.out(2), key_batch);
  const int64_t heads = batch.product(), shared = key_batch.product(), width = shape.dtype == DType::Float64 ? 8 : 4;
  if (heads == 0) return;
  const int64_t group = heads / shared;
  const double work = 2.5 * double(heads * shape.queries * shape.keys) * double(shape.width + shape.value_width);
  const int64_t parts = parts_of(shared, blocks(shape.keys, kKeyBlock), work);
  // In parts, the gradients of keys and of queries are computed apart, so that no two threads add to one number.
  const int64_t passes = parts > 1 ? 2 : 1;
  run_units(shared * parts * passes, work, true, shape, [&](int64_t unit, void* scratch) {
    const int64_t owner = unit / (parts * passes), part = unit % parts, pass = unit / parts % passes;
    std::vector<AttentionHead> members(static_cast<size_t>(group));
    for (int64_t i = 0; i < group; ++i) {
      const int64_t index = owner * group + i;
      AttentionHead& head = members[size_t(i)];
      head.query = queries.at(index), head.key = keys.at(index), head.value = values.at(index);
      head.mask = mask_at(mask, batch, index), head.output = outputs.at(index), head.output_gradient = gradients.at(index);
      head.log_sums = static_cast<char*>(log_sums.raw()) + index * shape.queries * width;
      head.first_draw = index * shape.queries * shape.keys;
      if (passes == 1 || pass == 1) head.query_gradient = query_gradients.at(index);
      if (passes == 1 || pass == 0)
        head.key_gradient = key_gradients.at(owner), head.value_gradient = value_gradients.at(owner);
    }
    const AttentionBlocks all, own{part, parts};
    attention_backward(shape, members.data(), group, passes == 2 && pass == 1 ? own : all, passes == 2 && pass == 0 ? own : all,
                       scratch);
  });
}

}  // namespace ember
