// The engine of pointwise operations: threads, tiles, and the loop of the formula in the middle.
#include "op/pointwise.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <string_view>

#include "core/channels_last.h"
#include "cpu/copies.h"
#include "cpu/dispatch.h"
#include "cpu/iterate.h"
#include "cpu/parallel.h"
#include "cpu/tiles.h"

#define EMBER_SECTION(isa) \
  extern "C" const ember::PointwiseLoops* const __start_ember_loops_##isa[]; \
  extern "C" const ember::PointwiseLoops* const __stop_ember_loops_##isa[];
#if EMBER_MULTI_ISA
EMBER_SECTION(v3)
EMBER_SECTION(v4)
#else
EMBER_SECTION(generic)
#endif

namespace ember {

const PointwiseLoops* find_pointwise_loops(const char* schema) {
#if EMBER_MULTI_ISA
  static const PointwiseLoops* const* begin = processor_is_v4() ? __start_ember_loops_v4 : __start_ember_loops_v3;
  static const PointwiseLoops* const* end = processor_is_v4() ? __stop_ember_loops_v4 : __stop_ember_loops_v3;
#else
  static const PointwiseLoops* const* begin = __start_ember_loops_generic;
  static const PointwiseLoops* const* end = __stop_ember_loops_generic;
#endif
  static const auto* by_schema = [] {
    auto* map = new std::unordered_map<std::string_view, const PointwiseLoops*>;
    for (auto* each = begin; each != end; ++each) map->emplace((*each)->schema, *each);
    return map;
  }();
  return by_schema->at(schema);
}

namespace {

constexpr int64_t kTileBytes = 4096;  // of each operand: all of them stay in the first-level cache
constexpr int64_t kLongWork = 1 << 18;  // in element costs, about 10 us: then other Python threads may run

// One thread's share: elements [begin, end) of the iteration, tile by tile. Operand 0 is the output.
void run_tiles(const Iteration& walk, PointwiseLoop loop, const Number64* numbers, DType compute, int64_t begin, int64_t end) {
  alignas(64) char tiles[kMaxOperands][kTileBytes];
  const int64_t width = int64_t(bytes_of(compute));
  const int64_t tile_size = kTileBytes / width;
  bool direct[kMaxOperands];
  bool moving = false;
  for (int k = 0; k < walk.operands; ++k) {
    direct[k] = walk.dtypes[k] == compute && walk.linear[k] == 1;
    moving |= walk.linear[k] == -1;
    if (k > 0 && walk.linear[k] == 0)
      load_tile(walk.data[k], walk.dtypes[k], 0, tiles[k], compute, std::min(tile_size, end - begin));
  }
  Iteration::Position position;
  if (moving) position = walk.at(begin);
  for (int64_t start = begin; start < end; start += tile_size) {
    const int64_t n = std::min(tile_size, end - start);
    const void* inputs[kMaxOperands];
    Iteration::Position next = position;
    for (int k = 1; k < walk.operands; ++k) {
      const int64_t bytes = int64_t(bytes_of(walk.dtypes[k]));
      inputs[k - 1] = tiles[k];
      if (direct[k]) {
        inputs[k - 1] = walk.data[k] + start * bytes;
      } else if (walk.linear[k] > 0 || walk.linear[k] < -1) {
        load_tile(walk.data[k] + start * walk.linear[k] * bytes, walk.dtypes[k], walk.linear[k], tiles[k], compute, n);
      } else if (walk.linear[k] == -1) {
        next = position;
        for (int64_t done = 0; done < n;) {
          const int64_t row = std::min(n - done, walk.row_left(next));
          load_tile(walk.data[k] + walk.offset(next, k) * bytes, walk.dtypes[k], walk.strides[k][0], tiles[k] + done * width,
                    compute, row);
          walk.advance(next, row);
          done += row;
        }
      }
    }
    const int64_t bytes = int64_t(bytes_of(walk.dtypes[0]));
    if (direct[0]) {
      loop(inputs, walk.data[0] + start * bytes, numbers, n);
    } else {
      loop(inputs, tiles[0], numbers, n);
      if (walk.linear[0] != -1) {
        store_tile(tiles[0], compute, walk.data[0] + start * walk.linear[0] * bytes, walk.dtypes[0], walk.linear[0], n);
      } else {
        next = position;
        for (int64_t done = 0; done < n;) {
          const int64_t row = std::min(n - done, walk.row_left(next));
          store_tile(tiles[0] + done * width, compute, walk.data[0] + walk.offset(next, 0) * bytes, walk.dtypes[0],
                     walk.strides[0][0], row);
          walk.advance(next, row);
          done += row;
        }
      }
    }
    if (moving) position = next;
  }
}

// A result larger than the caches goes to memory past them. Measured on 64 MB: a quarter less time.
constexpr int64_t kStreamBytes = 16 << 20;

void run_streaming(PointwiseLoop loop, const Number64* numbers, int64_t width, char* const* data, int count, int64_t begin,
                   int64_t end) {
  alignas(64) char tile[kTileBytes];
  const int64_t step = kTileBytes / width;
  const void* inputs[kMaxOperands];
  for (int64_t start = begin; start < end; start += step) {
    const int64_t n = std::min(step, end - start);
    for (int k = 1; k < count; ++k) inputs[k - 1] = data[k] + start * width;
    char* out = data[0] + start * width;
    if (n == step && reinterpret_cast<uintptr_t>(out) % 64 == 0) {
      loop(inputs, tile, numbers, n);
      stream_tile(tile, out, kTileBytes);
    } else {
      loop(inputs, out, numbers, n);
    }
  }
  end_streams();
}

void run_loop(PointwiseLoop loop, DType compute, const Number64* numbers, double cost, const Tensor* const* tensors,
              int count) {
  const int64_t numel = tensors[0]->numel();
  if (numel == 0) return;
  bool plain = true;
  for (int k = 0; k < count; ++k)
    plain &= tensors[k]->dtype() == compute && tensors[k]->is_contiguous() && tensors[k]->numel() == numel;
  const double work = double(numel) * cost;
  Unlocked unlocked(work > double(kLongWork));
  const int64_t grain = grain_of(int64_t(cost));
  if (plain) {
    const int64_t width = int64_t(bytes_of(compute));
    char* data[kMaxOperands];
    for (int k = 0; k < count; ++k) data[k] = static_cast<char*>(tensors[k]->raw());
    if (numel * width >= kStreamBytes) {
      parallel_for(
          numel, grain, [&](int64_t begin, int64_t end) { run_streaming(loop, numbers, width, data, count, begin, end); }, 64);
      return;
    }
    parallel_for(
        numel, grain,
        [&](int64_t begin, int64_t end) {
          const void* inputs[kMaxOperands];
          for (int k = 1; k < count; ++k) inputs[k - 1] = data[k] + begin * width;
          loop(inputs, data[0] + begin * width, numbers, end - begin);
        },
        16);
    return;
  }
  Iteration walk(tensors, count);
  if (walk.dims == 0) walk.numel = numel;
  parallel_for(numel, grain, [&](int64_t begin, int64_t end) { run_tiles(walk, loop, numbers, compute, begin, end); }, 16);
}

// The type that the loop computes in: of the inputs, or floating where the result must be.
DType loop_dtype(const Record& record, DType met) {
  if (record.result == Result::Floating && !is_differentiable(met)) return compute_of(default_dtype());
  return compute_of(met);
}

// What integers refuse is an error, as in Python.
void check_integers(const Call& call) {
  const Refuses refused = call.op.record->integers;
  if (refused == Refuses::NegativePower && call.args[1].body()->wrapped_number && call.tensor(1).as_int() < 0)
    fail(ErrorKind::Runtime, call.name(), "(): Integers to negative integer powers are not allowed; exponent is ",
         call.tensor(1).as_int(), ". Use a float tensor.");
  if (refused != Refuses::ZeroDivisor) return;
  static const Operation& all = named("all");
  const NoGradient off;
  if (!run(all, {call.tensor(1)}).as_int())
    fail(ErrorKind::Runtime, call.name(), "(): ZeroDivisionError: other has a 0; expected none, for ", name_of(call.dtype),
         " knows no infinity. Divide floats where zeros may occur.");
}

}  // namespace

// What is compared is rounded first to the type that the comparison is made in: half(0.1) == 0.1, as in PyTorch.
static void round_operands(const Call& call, Tensor* inputs, int count) {
  for (int k = 0; k < count; ++k) {
    if (inputs[k].dtype() == call.dtype) continue;
    const Tensor rounded = empty(inputs[k].sizes(), call.dtype);
    copy_elements(rounded, inputs[k]);
    inputs[k] = rounded;
  }
}

void run_pointwise_cpu(Call& call) {
  const Pointwise& pointwise = *call.op.pointwise;
  Number64 numbers[kMaxNumbers];
  collect_numbers(call.op, call.args, numbers);
  Tensor inputs[kMaxTensors];
  const Tensor* tensors[kMaxOperands] = {&call.outputs[0]};
  for (int k = 0; k < pointwise.tensors; ++k) {
    inputs[k] = call.tensor(k);
    tensors[k + 1] = &inputs[k];
  }
  if (category_of(call.dtype) == 1) check_integers(call);
  const DType compute = loop_dtype(*call.op.record, call.dtype);
  if (call.op.record->result == Result::Bool && compute != call.dtype && is_differentiable(call.dtype))
    round_operands(call, inputs, pointwise.tensors);
  const PointwiseLoop loop = pointwise.loops->forward[compute_index(compute)];
  if (!loop) fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(call.dtype), "' tensors.");
  run_loop(loop, compute, numbers, call.op.record->cost, tensors, pointwise.tensors + 1);
}

// Nobody else holds the gradient that has arrived, nor will another derivative of this node read it.
static bool may_overwrite(const Backward& backward, int k) {
  const TensorBody& gradient = *backward.gradient().body();
  for (int later = k + 1; later < backward.op.pointwise->tensors; ++later)
    if (backward.needs(later)) return false;
  return gradient.references == 1 && gradient.storage->references == 1 && !gradient.python && !gradient.storage->on_delete &&
         !gradient.storage->memory_of && is_dense(backward.gradient());
}

Tensor gradient_pointwise_cpu(Backward& backward, int k) {
  const Pointwise& pointwise = *backward.op.pointwise;
  const bool overwrite = may_overwrite(backward, k);
  Number64 numbers[kMaxNumbers];
  collect_numbers(backward.op, backward.args, numbers);
  // Once without a result: where one is laid out, others that look into its memory are not shown as it was.
  for (int j = 0; j < pointwise.tensors && !pointwise.from_output; ++j)
    if (pointwise.reads[k] >> j & 1) as_stored(backward.tensor(j));
  const Tensor gradient = as_stored(backward.gradient());
  bool hides_layout = !gradient.same(backward.gradient());
  Tensor inputs[kMaxTensors];
  const Tensor* tensors[kMaxOperands];
  const Tensor* order = &gradient;  // whose strides the result has
  DType met = gradient.dtype();
  int count = 1;
  tensors[count++] = &gradient;
  const auto read = [&](const Tensor& saved, int j) {
    inputs[j] = as_stored(saved);
    if (!inputs[j].same(saved) && inputs[j].sizes() == gradient.sizes()) {
      hides_layout = true;
      order = &inputs[j];
    }
  };
  if (pointwise.from_output) {
    read(backward.out(), 0);
    tensors[count++] = &inputs[0];
  } else {
    for (int j = 0; j < pointwise.tensors; ++j) {
      // What the derivative does not read was not saved: any memory stands in for it.
      if (pointwise.reads[k] >> j & 1) {
        read(backward.tensor(j), j);
        met = promote(met, inputs[j].dtype());
      } else {
        inputs[j] = gradient;
      }
      tensors[count++] = &inputs[j];
    }
  }
  const DType compute = compute_of(met);
  const DType dtype = is_complex_dtype(met) && !is_complex_dtype(gradient.dtype()) ? met : gradient.dtype();
  const bool in_place = overwrite && dtype == gradient.dtype() && order->strides() == gradient.strides();
  Tensor result = in_place                                      ? gradient
                  : order->is_contiguous() || !is_dense(*order) ? empty(gradient.sizes(), dtype)
                                                                : empty_strided(gradient.sizes(), order->strides(), dtype);
  tensors[0] = &result;
  const PointwiseLoop loop = pointwise.loops->gradient[k][compute_index(compute)];
  run_loop(loop, compute, numbers, backward.op.record->cost, tensors, count);
  if (in_place) return backward.gradient();
  if (hides_layout && is_channels_last(result)) hide_channels_last(result);
  return result;
}

}  // namespace ember
