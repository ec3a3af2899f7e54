// Softmax and the losses on it over any layout: the tensor as (outer, n, inner), cut into slabs for the loops.
#include "ops/softmax.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/allocator.h"
#include "cpu/parallel.h"
#include "cpu/softmax_kernels.h"
#include "cpu/tiles.h"

namespace ember {

namespace {

struct Layout {
  int64_t outer = 1, n = 1, inner = 1;
  Layout(const Dims& sizes, int dim) {
    for (int i = 0; i < sizes.size(); ++i) (i < dim ? outer : i == dim ? n : inner) *= sizes[i];
  }
  int64_t positions() const { return outer * inner; }
};

int wrapped(const Call& call, int tensor, int argument) {
  return wrap_dim(call.arg(argument).integer(), call.sizes(tensor).size(), call.name());
}

int class_dim(const Dims& sizes) { return sizes.size() == 1 ? 0 : 1; }

// The type that the loops compute in: 16-bit floats and everything else but float64 in float32.
DType loop_dtype(DType dtype) { return dtype == DType::Float64 ? dtype : DType::Float32; }

constexpr int64_t kRowElements = 4096;  // of a slab of rows that is converted on the way

// Calls loop(slab, pointers, first position) over slabs of contiguous tensors of one shape; the last `outputs` of them
// are written. Elements of another type than `compute` go through a tile.
template <class Loop>
void each_slab(const Layout& layout, DType compute, double cost, const Tensor* const* tensors, int count, int outputs,
               bool logarithm, Loop loop) {
  if (layout.positions() == 0 || layout.n == 0) return;
  const bool rows = layout.inner == 1;
  const int64_t columns = std::min<int64_t>(layout.inner, kSoftmaxColumns), blocks = (layout.inner + columns - 1) / columns;
  const int64_t together = rows ? std::max<int64_t>(1, kRowElements / layout.n) : columns;
  const int64_t units = rows ? (layout.outer + together - 1) / together : layout.outer * blocks;
  const double work = double(layout.positions()) * double(layout.n) * cost;
  const int64_t width = int64_t(bytes_of(compute)), tile_bytes = (together * layout.n * width + 63) / 64 * 64;
  bool staged = false;
  for (int k = 0; k < count; ++k) staged |= tensors[k]->dtype() != compute;
  Unlocked unlocked(work > double(1 << 18));
  const double unit_cost = double(together) * double(layout.n) * cost;
  parallel_for(units, std::max<int64_t>(1, int64_t(double(parallel_work) / unit_cost)), [&](int64_t begin, int64_t end) {
    const Scratch scratch(staged ? size_t(tile_bytes * count) : 64);
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first = rows ? unit * together : unit / blocks * layout.inner + unit % blocks * columns;
      const int64_t positions =
          rows ? std::min(together, layout.outer - first) : std::min(columns, layout.inner - unit % blocks * columns);
      const int64_t start = rows ? first * layout.n : unit / blocks * layout.n * layout.inner + unit % blocks * columns;
      SoftmaxSlab slab{positions, layout.n, rows ? layout.n : layout.inner, rows, logarithm, compute};
      void* pointers[3];
      const auto place = [&](int k, int64_t row) {
        return static_cast<char*>(tensors[k]->raw()) + (start + row * layout.inner) * int64_t(bytes_of(tensors[k]->dtype()));
      };
      // In a tile columns stand close together. All operands then do, so that they share one stride.
      if (staged && !rows) slab.stride = positions;
      for (int k = 0; k < count; ++k) {
        pointers[k] = staged ? static_cast<char*>(scratch.data()) + k * tile_bytes : place(k, 0);
        if (!staged || k >= count - outputs) continue;
        if (rows) load_tile(place(k, 0), tensors[k]->dtype(), 1, pointers[k], compute, positions * layout.n);
        else
          for (int64_t i = 0; i < layout.n; ++i)
            load_tile(place(k, i), tensors[k]->dtype(), 1, static_cast<char*>(pointers[k]) + i * positions * width, compute,
                      positions);
      }
      loop(slab, pointers, first);
      for (int k = count - outputs; staged && k < count; ++k) {
        if (rows) store_tile(pointers[k], compute, place(k, 0), tensors[k]->dtype(), 1, positions * layout.n);
        else
          for (int64_t i = 0; i < layout.n; ++i)
            store_tile(static_cast<char*>(pointers[k]) + i * positions * width, compute, place(k, i), tensors[k]->dtype(), 1,
                       positions);
      }
    }
  });
}

void run_softmax(Call& call, bool logarithm) {
  const Tensor input = contiguous(call.tensor(0)), out = call.out();
  const Layout layout(input.sizes(), wrapped(call, 0, 1));
  const Tensor* tensors[] = {&input, &out};
  each_slab(layout, loop_dtype(out.dtype()), call.op.record->cost, tensors, 2, 1, logarithm,
            [](const SoftmaxSlab& slab, void** data, int64_t) { softmax_forward(slab, data[0], data[1]); });
}

}  // namespace

void softmax::cpu(Call& call) { run_softmax(call, false); }
void log_softmax::cpu(Call& call) { run_softmax(call, true); }

void softmax_backward::cpu(Call& call) {
  const Tensor gradient = contiguous(call.tensor(0)), output = contiguous(call.tensor(1)), out = call.out();
  const Layout layout(output.sizes(), wrapped(call, 1, 2));
  const Tensor* tensors[] = {&gradient, &output, &out};
  const bool logarithm = call.arg(3).boolean();
  each_slab(layout, loop_dtype(out.dtype()), logarithm ? 10 : 2, tensors, 3, 1, logarithm,
            [](const SoftmaxSlab& slab, void** data, int64_t) { softmax_gradient(slab, data[0], data[1], data[2]); });
}

void logsumexp::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(0)), out = call.out();
  const Layout layout(input.sizes(), wrapped(call, 0, 1));
  const Tensor sums = out.dtype() == DType::Float64 ? out : empty(out.sizes(), DType::Float64);
  double* results = sums.data<double>();
  std::fill(results, results + out.numel(), -std::numeric_limits<double>::infinity());  // of no elements
  const Tensor* tensors[] = {&input};
  each_slab(layout, loop_dtype(input.dtype()), 9, tensors, 1, 0, false,
            [&](const SoftmaxSlab& slab, void** data, int64_t first) { log_sum_exp(slab, data[0], results + first); });
  if (!sums.same(out)) copy_into(out, sums);
}

// ---- the losses

namespace {

// The class of each position, and what it weighs.
class Targets {
 public:
  Targets(const Call& call, const Dims& sizes, const Tensor& target, const Tensor& weight, int64_t ignored)
      : layout_(sizes, class_dim(sizes)), ignored_(ignored), index_(contiguous(to_int64(target))) {
    check(call);
    if (!weight) return;
    NoGradient off;
    weight_ = contiguous(to_dtype(weight, DType::Float64));
  }
  const Layout& layout() const { return layout_; }
  bool is_ignored(int64_t position) const { return index_.data<int64_t>()[position] == ignored_; }
  int64_t at(int64_t position) const { return index_.data<int64_t>()[position]; }
  double weight(int64_t position) const {
    return is_ignored(position) ? 0 : weight_ ? weight_.data<double>()[at(position)] : 1;
  }
  // Where the target's element stands in the input.
  int64_t place(int64_t position) const {
    return position / layout_.inner * layout_.n * layout_.inner + at(position) * layout_.inner + position % layout_.inner;
  }
  double total() const {
    double sum = 0;
    for (int64_t i = 0; i < layout_.positions(); ++i) sum += weight(i);
    return sum;
  }
  double all_weights() const {  // of one position's classes
    if (!weight_) return double(layout_.n);
    double sum = 0;
    for (int64_t i = 0; i < layout_.n; ++i) sum += weight_.data<double>()[i];
    return sum;
  }

 private:
  static Tensor to_int64(const Tensor& target) {
    NoGradient off;
    return to_dtype(target, DType::Int64);
  }
  void check(const Call& call) const {
    for (int64_t i = 0; i < layout_.positions(); ++i)
      if (!is_ignored(i) && (at(i) < 0 || at(i) >= layout_.n))
        fail(ErrorKind::Index, call.name(), "(): target ", at(i), " at position ", i, " is outside [0, ", layout_.n, ").");
  }

  Layout layout_;
  int64_t ignored_;
  Tensor index_;
  Tensor weight_;
};

double value_at(const Tensor& tensor, int64_t place) {
  double value;
  load_tile(static_cast<char*>(tensor.raw()) + place * int64_t(bytes_of(tensor.dtype())), tensor.dtype(), 1, &value,
            DType::Float64, 1);
  return value;
}

void set_value(const Tensor& tensor, int64_t place, double value) {
  store_tile(&value, DType::Float64, static_cast<char*>(tensor.raw()) + place * int64_t(bytes_of(tensor.dtype())),
             tensor.dtype(), 1, 1);
}

// The class weights in the type of the loops.
Tensor loop_weight(const Tensor& weight, DType compute) {
  NoGradient off;
  return weight ? contiguous(to_dtype(weight, compute)) : Tensor();
}

// What an upstream gradient does to each position.
struct Upstream {
  Tensor gradient;
  bool each;
  double all = 0;
  Upstream(const Tensor& given, const std::string& reduction, double total)
      : gradient(contiguous(given)), each(reduction == "none") {
    if (!each) all = value_at(gradient, 0) / (reduction == "mean" ? total : 1);
  }
  double at(int64_t position) const { return each ? value_at(gradient, position) : all; }
};

void write_losses(const Tensor& out, const std::vector<double>& losses, const std::string& reduction, double total) {
  if (reduction == "none") {
    for (size_t i = 0; i < losses.size(); ++i) set_value(out, int64_t(i), losses[i]);
    return;
  }
  double sum = 0;
  for (double loss : losses) sum += loss;
  set_value(out, 0, reduction == "mean" ? sum / total : sum);
}

}  // namespace

void cross_entropy::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(0)), weight = call.tensor(2);
  const Targets targets(call, input.sizes(), call.tensor(1), weight, call.arg(3).integer());
  const Layout& layout = targets.layout();
  const DType compute = loop_dtype(input.dtype());
  const double smoothing = call.arg(5).real(), even = smoothing / double(layout.n), all_weights = targets.all_weights();
  const Tensor weights = loop_weight(weight, compute);
  std::vector<double> losses(size_t(layout.positions())), log_sums(losses.size());
  const Tensor* tensors[] = {&input};
  each_slab(layout, compute, 9, tensors, 1, 0, false, [&](const SoftmaxSlab& slab, void** data, int64_t first) {
    double weighted[kRowElements];
    log_sum_exp(slab, data[0], &log_sums[size_t(first)]);
    if (smoothing > 0) weighted_sum(slab, data[0], weights ? weights.raw() : nullptr, weighted);
    for (int64_t i = 0; i < slab.positions; ++i) {
      const int64_t position = first + i;
      double& log_sum = log_sums[size_t(position)];
      if (log_sum == std::numeric_limits<double>::infinity()) log_sum = std::numeric_limits<double>::quiet_NaN();  // inf - inf
      if (targets.is_ignored(position)) continue;
      double loss = (1 - smoothing) * targets.weight(position) * (log_sum - value_at(input, targets.place(position)));
      if (smoothing > 0) loss += even * (log_sum * all_weights - weighted[i]);
      losses[size_t(position)] = loss;
    }
  });
  const double total = targets.total();
  write_losses(call.out(), losses, call.arg(4).string(), total);
  if (!call.gradient) return;
  std::copy(log_sums.begin(), log_sums.end(), call.out(1).data<double>());
  *call.out(2).data<double>() = total;
}

// With p the softmax: d loss / d x = u ((1 - s) w_t (p - [c = t]) + s / C (p sum(w) - w_c)).
void cross_entropy_backward::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(1)), weight = call.tensor(3), out = call.out();
  const Targets targets(call, input.sizes(), call.tensor(2), weight, call.arg(6).integer());
  const Layout& layout = targets.layout();
  const DType compute = loop_dtype(input.dtype());
  const Upstream upstream(call.tensor(0), call.arg(7).string(), call.tensor(5).as_double());
  const double smoothing = call.arg(8).real(), even = smoothing / double(layout.n), all_weights = targets.all_weights();
  const Tensor weights = loop_weight(weight, compute);
  const double* log_sums = call.tensor(4).data<double>();
  const Tensor* tensors[] = {&input, &out};
  each_slab(layout, compute, 9, tensors, 2, 1, false, [&](const SoftmaxSlab& slab, void** data, int64_t first) {
    double a[kRowElements], b[kRowElements], at_target[kRowElements];
    for (int64_t i = 0; i < slab.positions; ++i) {
      const double u = targets.is_ignored(first + i) ? 0 : upstream.at(first + i);
      at_target[i] = u * (1 - smoothing) * targets.weight(first + i);
      a[i] = at_target[i] + u * even * all_weights;
      b[i] = u * even;
    }
    ember::cross_entropy_gradient(slab, data[0], weights ? weights.raw() : nullptr, log_sums + first, a, b, data[1]);
    for (int64_t i = 0; i < slab.positions; ++i) {
      if (targets.is_ignored(first + i)) continue;
      const int64_t place = slab.rows ? i * slab.stride + targets.at(first + i) : targets.at(first + i) * slab.stride + i;
      if (compute == DType::Float64) static_cast<double*>(data[1])[place] -= at_target[i];
      else static_cast<float*>(data[1])[place] -= float(at_target[i]);
    }
  });
}

void nll_loss::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(0));
  const Targets targets(call, input.sizes(), call.tensor(1), call.tensor(2), call.arg(3).integer());
  std::vector<double> losses(size_t(targets.layout().positions()));
  for (size_t i = 0; i < losses.size(); ++i)
    if (!targets.is_ignored(int64_t(i))) losses[i] = -targets.weight(int64_t(i)) * value_at(input, targets.place(int64_t(i)));
  const double total = targets.total();
  write_losses(call.out(), losses, call.arg(4).string(), total);
  if (call.gradient) *call.out(1).data<double>() = total;
}

void nll_loss_backward::cpu(Call& call) {
  const Tensor out = call.out();
  const Targets targets(call, out.sizes(), call.tensor(2), call.tensor(3), call.arg(5).integer());
  const Upstream upstream(call.tensor(0), call.arg(6).string(), call.tensor(4).as_double());
  std::memset(out.raw(), 0, size_t(out.numel()) * bytes_of(out.dtype()));
  for (int64_t i = 0; i < targets.layout().positions(); ++i)
    if (!targets.is_ignored(i)) set_value(out, targets.place(i), -upstream.at(i) * targets.weight(i));
}

}  // namespace ember
