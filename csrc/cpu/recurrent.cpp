// Recurrent layers: the input part of all gates in one product, then the steps. Each thread takes some of the sequences
// through all steps alone: the threads meet once a layer, and a step's small product finds its weight packed in the cache.
#include <algorithm>
#include <cstring>
#include <vector>

#include "core/allocator.h"
#include "cpu/gemm.h"
#include "cpu/parallel.h"
#include "cpu/recurrent_kernels.h"
#include "ops/recurrent.h"

namespace ember {

namespace {

// Sequences whose gradients by the biases are added up together, and which one thread has: a number that does not depend on
// how many threads there are, and that two threads can share evenly.
int64_t group_of(int64_t batch) {
  int64_t group = 8;
  while (group > 1 && batch % (2 * group) != 0) group /= 2;
  return group;
}

void* at(const Tensor& tensor, int64_t element) {
  return static_cast<char*>(tensor.raw()) + element * int64_t(bytes_of(tensor.dtype()));
}
void* at(void* data, int64_t element, DType dtype) { return static_cast<char*>(data) + element * int64_t(bytes_of(dtype)); }

// As a contiguous tensor of the loops' type, outside the graph; undefined where there is none.
Tensor staged(const Tensor& tensor, DType compute) {
  NoGradient off;
  return tensor ? contiguous(to_dtype(tensor, compute)) : Tensor();
}
Tensor target_for(const Tensor& out, DType compute) {
  return !out || out.dtype() == compute ? out : empty(out.sizes(), compute, out.device());
}
void deliver(const Tensor& out, const Tensor& target) {
  if (out && !out.same(target)) copy_into(out, target);
}

// A tensor to begin from: zeros, or a copy.
Tensor started(const Dims& sizes, const Tensor& from, DType compute) {
  if (!from) return zeros(sizes, compute, {});
  Tensor own = empty(sizes, compute);
  copy_into(own, from);
  return own;
}

// A weight (n, k) as the right side of products, transposed or as it is; empty where there is none.
class PackedWeight {
 public:
  PackedWeight(const Tensor& weight, bool transpose)
      : k_(!weight ? 0 : weight.size(transpose ? 1 : 0)),
        panels_(!weight ? 0 : panels_of(weight.size(transpose ? 0 : 1))),
        compute_(weight ? weight.dtype() : DType::Float32),
        packed_(size_t(panels_ * kPanel * k_) * bytes_of(compute_)) {
    if (!weight) return;
    const int64_t row = weight.stride(transpose ? 1 : 0), column = weight.stride(transpose ? 0 : 1);
    const int64_t all = weight.size(transpose ? 0 : 1);
    parallel_for(panels_, std::max<int64_t>(1, parallel_work / (4 * kPanel * std::max<int64_t>(k_, 1))),
                 [&](int64_t begin, int64_t end) {
                   const int64_t first = begin * kPanel;
                   pack_weight(at(weight, first * column), row, column, k_, std::min(all, end * kPanel) - first,
                               at(packed_.data(), first * k_, compute_), compute_);
                 });
  }
  int64_t columns() const { return panels_ * kPanel; }
  // c = a weight, or c += a weight; c has columns() columns.
  void multiply(int64_t rows, const void* a, int64_t a_row, void* c, bool accumulate = false) const {
    multiply_packed({rows, k_, panels_, a, a_row, packed_.data(), c, columns(), accumulate, compute_});
  }

 private:
  static int64_t panels_of(int64_t columns) { return (columns + kPanel - 1) / kPanel; }
  int64_t k_, panels_;
  DType compute_;
  Scratch packed_;
};

// c (m, n) = a b + beta c, all with rows of their own strides; a and b may be transposed.
struct Matrix {
  const void* data;
  int64_t row, column = 1;
};
void multiply(DType dtype, int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, Matrix c, double beta = 0,
              const void* bias = nullptr) {
  Product product;
  product.dtype = product.output_dtype = dtype;
  product.m = m, product.n = n, product.k = k;
  product.a = {a.data, a.row, a.column, nullptr};
  product.b = {b.data, b.row, b.column, nullptr};
  product.c = {const_cast<void*>(c.data), c.row, c.column, nullptr};
  product.beta = beta;
  product.bias = bias;
  gemm(product);
}

// Where the parts begin that threads work on: whole groups, with even numbers of (sequence, step) pairs.
std::vector<int64_t> parts_of(const RecurrentShape& shape) {
  const int64_t group = group_of(shape.batch), groups = (shape.batch + group - 1) / group;
  const double work = double(shape.rows) * double(shape.gates()) * double(shape.width);  // multiply-adds
  const int64_t threads = work > 400'000 ? std::min<int64_t>(available_threads(), groups) : 1;
  std::vector<int64_t> parts = {0};
  int64_t done = 0;
  for (int64_t end = group; end < shape.batch && int64_t(parts.size()) < threads; end += group) {
    for (const int64_t active : shape.active) done += std::clamp<int64_t>(active - (end - group), 0, group);
    if (done * threads >= shape.rows * int64_t(parts.size())) parts.push_back(end);
  }
  if (parts.back() != shape.batch) parts.push_back(shape.batch);
  return parts;
}

// Calls f(begin, end, scratch) for each part, with `columns` elements of scratch for each sequence.
template <class F>
void each_part(const RecurrentShape& shape, int64_t columns, DType compute, F f) {
  const std::vector<int64_t> parts = parts_of(shape);
  const Scratch scratch(size_t(shape.batch * columns) * bytes_of(compute));
  parallel_for(int64_t(parts.size()) - 1, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      f(parts[size_t(i)], parts[size_t(i) + 1], at(scratch.data(), parts[size_t(i)] * columns, compute));
  });
}

// ---- forward

struct Forward {
  RecurrentShape shape;
  DType compute;
  Tensor w_hh = {}, b_hh = {}, w_hr = {};
  Tensor h = {}, c = {};  // the states, from those that were given to the last ones
  bool from_zero = true;  // h is zero at first
  Tensor output = {};
  Tensor kept = {};  // of lstm and gru; else the output, which takes the gates' place
  int64_t kept_row = 0;

  void run() const {
    const PackedWeight recurrent(w_hh, true), projection(w_hr, true);
    const bool projected = bool(w_hr);
    const int64_t columns = recurrent.columns() + (projected ? shape.hidden + projection.columns() : 0);
    each_part(shape, columns, compute, [&](int64_t begin, int64_t end, void* product) {
      void* const unprojected = at(product, (end - begin) * recurrent.columns(), compute);
      void* const narrow = at(unprojected, (end - begin) * shape.hidden, compute);
      for (int64_t i = 0; i < shape.steps; ++i) {
        const int t = int(shape.step(i));
        const int64_t rows = std::min(end, shape.active[t]) - begin, row = shape.first[t] + begin;
        if (rows <= 0) continue;
        void* const state = at(h, begin * shape.width);
        if (i == 0 && from_zero) std::memset(product, 0, size_t(rows * recurrent.columns()) * bytes_of(compute));
        else recurrent.multiply(rows, state, shape.width, product);
        RecurrentStep step = {.mode = shape.mode, .compute = compute, .rows = rows, .hidden = shape.hidden};
        step.product = product, step.product_row = recurrent.columns();
        step.bias = b_hh.raw();
        step.kept = at(kept, row * kept_row), step.kept_row = kept_row;
        step.h = projected ? unprojected : state, step.h_row = shape.hidden;
        step.c = c ? at(c, begin * shape.hidden) : nullptr;
        step.output_row = shape.width;
        step.output = projected || kept.same(output) ? nullptr : at(output, row * shape.width);
        recurrent_step(step);
        if (!projected) continue;
        projection.multiply(rows, unprojected, shape.hidden, narrow);
        copy_rows(rows, narrow, projection.columns(), state);
        copy_rows(rows, narrow, projection.columns(), at(output, row * shape.width));
      }
    });
  }

 private:
  void copy_rows(int64_t rows, void* from, int64_t from_row, void* to) const {
    for (int64_t r = 0; r < rows; ++r)
      std::memcpy(at(to, r * shape.width, compute), at(from, r * from_row, compute), size_t(shape.width) * bytes_of(compute));
  }
};

}  // namespace

void recurrent_layer::cpu(Call& call) {
  const Tensor out = call.out(0), hidden = call.out(1), cell = call.out(2);
  const DType compute = out.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
  const RecurrentShape shape(call.arg(0), call.tensor(1), call.tensor(5), call.arg(9), call.arg(10).boolean());
  const bool lstm = shape.mode == RecurrentMode::Lstm;
  const int64_t kept_columns = kept_of(shape.mode) ? kept_of(shape.mode) * shape.hidden + kRowGap : 0;
  const Tensor input = staged(call.tensor(1), compute), w_ih = staged(call.tensor(4), compute),
               b_ih = staged(call.tensor(6), compute), b_hh = staged(call.tensor(7), compute);
  Forward layer{.shape = shape, .compute = compute};
  layer.w_hh = staged(call.tensor(5), compute), layer.w_hr = staged(call.tensor(8), compute);
  layer.b_hh = b_hh ? b_hh : zeros({shape.gates()}, compute, {});
  layer.h = started({shape.batch, shape.width}, call.tensor(2), compute);
  layer.from_zero = call.arg(2).is_none();
  if (lstm) layer.c = started({shape.batch, shape.hidden}, call.tensor(3), compute);
  layer.output = target_for(out, compute);
  layer.kept = call.out(3) ? call.out(3) : kept_columns ? empty({shape.rows, kept_columns}, compute) : layer.output;
  layer.kept_row = kept_columns ? kept_columns : shape.width;
  {
    Unlocked unlocked(shape.rows * shape.gates() * (shape.inputs + shape.width) > (1 << 20));
    multiply(compute, shape.rows, shape.gates(), shape.inputs, {input.raw(), shape.inputs}, {w_ih.raw(), 1, shape.inputs},
             {layer.kept.raw(), layer.kept_row}, 0, b_ih ? b_ih.raw() : nullptr);
    layer.run();
  }
  deliver(out, layer.output);
  copy_into(hidden, layer.h);
  if (lstm) copy_into(cell, layer.c);
}

// ---- backward

namespace {

struct Gradients {
  RecurrentShape shape;
  DType compute;
  Tensor hx = {}, cx = {}, w_hh = {}, w_hr = {};
  Tensor output = {}, g_output = {};
  Tensor kept = {};         // of rnn the output
  Tensor dh = {}, dc = {};  // by the states, from the last ones back to those that were given; dh in whole panels
  Tensor gates = {};        // (rows, gates_row()): by the gates
  Tensor sums = {};         // (groups, gate_columns()): of the gates of a group's sequences over all steps
  Tensor projected = {};    // (rows, width): by the outputs of a projected lstm
  Tensor unprojected = {};  // (rows, hidden): those outputs before their projection
  bool by_hx = true;        // dh is wanted in the end
  bool from_zero = false;   // hx is 0

  int64_t gate_columns() const { return gate_gradients_of(shape.mode) * shape.hidden; }
  // The hidden part of gru's gates begins after the gradient by n's input part.
  int64_t hidden_column() const { return shape.mode == RecurrentMode::Gru ? shape.hidden : 0; }
  int64_t gates_row() const { return gate_columns() + kRowGap; }
  int64_t kept_row() const { return kept_of(shape.mode) ? kept.size(1) : shape.width; }

  void run_back() const {
    const PackedWeight recurrent(w_hh, false), projection(w_hr, false);
    each_part(shape, projection.columns(), compute, [&](int64_t begin, int64_t end, void* scratch) {
      for (int64_t i = shape.steps - 1; i >= 0; --i) {
        const int t = int(shape.step(i));
        const int64_t rows = std::min(end, shape.active[t]) - begin, row = shape.first[t] + begin;
        if (rows <= 0) continue;
        void* const state = at(dh, begin * dh.size(1));
        void* const whole = projected ? at(projected, row * shape.width) : state;
        const int64_t whole_row = projected ? shape.width : dh.size(1);
        if (projected || g_output)
          add_rows({compute, rows, shape.width, state, dh.size(1), g_output ? at(g_output, row * shape.width) : nullptr,
                    shape.width, whole, whole_row});
        if (projected) projection.multiply(rows, whole, shape.width, scratch);
        step_back(i, begin, begin + rows, projected ? scratch : state, projected ? projection.columns() : dh.size(1));
        if (i > 0 || by_hx)
          recurrent.multiply(rows, at(gates, row * gates_row() + hidden_column()), gates_row(), state,
                             shape.mode == RecurrentMode::Gru);
      }
    });
  }

 private:
  // Sequences [begin, end) of the i-th step, in runs of one group whose states before stand in one place.
  void step_back(int64_t i, int64_t begin, int64_t end, void* g, int64_t g_row) const {
    const int t = int(shape.step(i)), last = i == 0 ? t : int(shape.step(i - 1));
    const int64_t running = i == 0 ? 0 : shape.active[last];  // sequences that had a step before
    const int64_t group = group_of(shape.batch);
    const bool lstm = shape.mode == RecurrentMode::Lstm;
    RecurrentStepGradient step = {.mode = shape.mode, .compute = compute, .hidden = shape.hidden};
    step.kept_row = kept_row(), step.dh_row = g_row, step.gates_row = gates_row();
    for (int64_t from = begin, to; from < end; from = to) {
      to = std::min(end, (from / group + 1) * group);
      if (from < running) to = std::min(to, running);
      const int64_t row = shape.first[t] + from, row_before = shape.first[last] + from;
      step.rows = to - from;
      step.kept = at(kept, row * kept_row());
      if (lstm && from < running) {
        step.before = at(kept, row_before * kept_row() + 4 * shape.hidden), step.before_row = kept_row();
      } else if (lstm) {
        step.before = at(cx, from * shape.hidden), step.before_row = shape.hidden;
      } else {
        step.before = from < running ? at(output, row_before * shape.width) : at(hx, from * shape.width);
        step.before_row = shape.width;
      }
      step.dh = at(g, (from - begin) * g_row, compute);
      step.dc = lstm ? at(dc, from * shape.hidden) : nullptr;
      step.gates = at(gates, row * gates_row());
      step.unprojected = unprojected ? at(unprojected, row * shape.hidden) : nullptr;
      step.sums = at(sums, from / group * gate_columns());
      recurrent_step_gradient(step);
    }
  }
};

// The input weight's rows, or what stands for them, in the order of the gates' gradients: gru's n r z for r z n, or back.
void turn_rows(const RecurrentShape& shape, const Tensor& from, const Tensor& to, bool back) {
  const int64_t columns = from.numel() / from.size(0), one = shape.hidden * columns, two = 2 * one;
  const size_t bytes = bytes_of(from.dtype());
  std::memcpy(at(to, back ? two : 0), at(from, back ? 0 : two), size_t(one) * bytes);
  std::memcpy(at(to, back ? 0 : one), at(from, back ? one : 0), size_t(two) * bytes);
}

// The states before all steps, one row below the other.
Tensor states_before(const RecurrentShape& shape, const Tensor& output, const Tensor& hx) {
  Tensor before = empty({shape.rows, shape.width}, output.dtype());
  const auto copy = [&](int64_t row, const Tensor& from, int64_t from_row, int64_t count) {
    if (count > 0)
      std::memcpy(at(before, row * shape.width), at(from, from_row * shape.width),
                  size_t(count * shape.width) * bytes_of(output.dtype()));
  };
  for (int64_t i = 0; i < shape.steps; ++i) {
    const int t = int(shape.step(i)), last = i == 0 ? t : int(shape.step(i - 1));
    const int64_t running = i == 0 ? 0 : std::min(shape.active[t], shape.active[last]);
    copy(shape.first[t], output, shape.first[last], running);
    copy(shape.first[t] + running, hx, running, shape.active[t] - running);
  }
  return before;
}

// gradient (gates, columns): the sum over `rows` rows, from `row` on, of what the gates from `column` on have there times the
// row of `right`.
void contract(const Gradients& g, int64_t column, int64_t row, int64_t rows, const void* right, const Tensor& gradient) {
  const int64_t columns = gradient.size(1);
  multiply(g.compute, g.shape.gates(), columns, rows, {at(g.gates, row * g.gates_row() + column), 1, g.gates_row()},
           {right, columns}, {gradient.raw(), columns});
}

void sum_groups(const Gradients& g, int64_t column, const Tensor& gradient) {
  const int64_t columns = gradient.numel();
  std::memset(gradient.raw(), 0, size_t(columns) * bytes_of(g.compute));
  for (int64_t group = 0; group < g.sums.size(0); ++group)
    add_rows({g.compute, 1, columns, gradient.raw(), columns, at(g.sums, group * g.gate_columns() + column), columns,
              gradient.raw(), columns});
}

// The gradients by what the input part of the gates is made of.
void finish_input_part(const Gradients& g, const Tensor& input, const Tensor& weight, const Tensor* targets) {
  const RecurrentShape& shape = g.shape;
  const bool turned = shape.mode == RecurrentMode::Gru;
  if (targets[kInput]) {
    const Tensor own = turned ? empty(weight.sizes(), g.compute) : weight;
    if (turned) turn_rows(shape, weight, own, false);
    multiply(g.compute, shape.rows, shape.inputs, shape.gates(), {g.gates.raw(), g.gates_row()}, {own.raw(), shape.inputs},
             {targets[kInput].raw(), shape.inputs});
  }
  for (const int i : {kInputWeight, kInputBias}) {
    if (!targets[i]) continue;
    const Tensor own = turned ? empty(targets[i].sizes(), g.compute) : targets[i];
    if (i == kInputWeight) contract(g, 0, 0, shape.rows, input.raw(), own);
    else sum_groups(g, 0, own);
    if (turned) turn_rows(shape, own, targets[i], true);
  }
}

void finish_hidden_part(const Gradients& g, const Tensor* targets) {
  const RecurrentShape& shape = g.shape;
  if (targets[kHiddenWeight] && g.from_zero && !shape.packed) {
    // The states before are the outputs, a step apart; before the first step they are 0.
    const int64_t rows = shape.rows - shape.batch, behind = shape.reverse ? shape.batch : 0;
    contract(g, g.hidden_column(), shape.batch - behind, rows, at(g.output, behind * shape.width), targets[kHiddenWeight]);
  } else if (targets[kHiddenWeight]) {
    const Tensor before = states_before(shape, g.output, g.hx);
    contract(g, g.hidden_column(), 0, shape.rows, before.raw(), targets[kHiddenWeight]);
  }
  if (targets[kHiddenBias]) sum_groups(g, g.hidden_column(), targets[kHiddenBias]);
  if (targets[kProjection])
    multiply(g.compute, shape.width, shape.hidden, shape.rows, {g.projected.raw(), 1, shape.width},
             {g.unprojected.raw(), shape.hidden}, {targets[kProjection].raw(), shape.hidden});
}

}  // namespace

void recurrent_layer_backward::cpu(Call& call) {
  const Tensor given_input = call.tensor(4);
  const DType compute = given_input.dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
  const RecurrentShape shape(call.arg(0), given_input, call.tensor(8), call.arg(12), call.arg(13).boolean());
  const Tensor input = staged(given_input, compute), w_ih = staged(call.tensor(7), compute);
  const auto state = [&](int i, int64_t columns) { return started({shape.batch, columns}, call.tensor(i), compute); };
  Gradients g{.shape = shape, .compute = compute};
  g.w_hh = staged(call.tensor(8), compute), g.w_hr = staged(call.tensor(9), compute);
  g.hx = state(5, shape.width), g.from_zero = call.arg(5).is_none();
  g.output = staged(call.tensor(10), compute), g.g_output = staged(call.tensor(1), compute);
  g.kept = call.arg(11).is_none() ? g.output : call.tensor(11);
  g.dh = zeros({shape.batch, (shape.width + kPanel - 1) / kPanel * kPanel}, compute, {});
  if (!call.arg(2).is_none()) copy_into(view_of(g.dh, {shape.batch, shape.width}, g.dh.strides(), 0), call.tensor(2));
  if (shape.mode == RecurrentMode::Lstm) g.cx = state(6, shape.hidden), g.dc = state(3, shape.hidden);
  g.gates = empty({shape.rows, g.gates_row()}, compute);
  const int64_t group = group_of(shape.batch);
  g.sums = zeros({(shape.batch + group - 1) / group, g.gate_columns()}, compute, {});
  if (g.w_hr)
    g.projected = empty({shape.rows, shape.width}, compute), g.unprojected = empty({shape.rows, shape.hidden}, compute);
  Tensor targets[kGradients];
  for (int i = 0; i < kGradients; ++i) targets[i] = target_for(call.list[size_t(i)], compute);
  g.by_hx = bool(targets[kHx]);
  {
    Unlocked unlocked(shape.rows * shape.gates() * (shape.inputs + shape.width) > (1 << 20));
    g.run_back();
    finish_input_part(g, input, w_ih, targets);
    finish_hidden_part(g, targets);
  }
  if (targets[kHx]) copy_into(targets[kHx], view_of(g.dh, {shape.batch, shape.width}, g.dh.strides(), 0));
  if (targets[kCx]) copy_into(targets[kCx], g.dc);
  for (int i = 0; i < kGradients; ++i) deliver(call.list[size_t(i)], targets[i]);
}

}  // namespace ember
