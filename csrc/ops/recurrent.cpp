#include "ops/recurrent.h"

#include <algorithm>
#include <vector>

#include "op/var.h"

namespace ember {

namespace {

RecurrentMode parse_mode(const std::string& name) {
  if (name == "rnn_tanh") return RecurrentMode::Tanh;
  if (name == "rnn_relu") return RecurrentMode::Relu;
  if (name == "gru") return RecurrentMode::Gru;
  if (name == "lstm") return RecurrentMode::Lstm;
  fail(ErrorKind::Runtime, "recurrent_layer(): mode is '", name, "'; expected rnn_tanh, rnn_relu, gru or lstm.");
}

struct Expected {
  int parameter;
  Dims sizes;
  const char* why;
};

// Each tensor that is there has the shape that input and weights ask for, and input's element type.
void check_tensors(const Call& call, const std::string& name, std::initializer_list<Expected> tensors) {
  for (const Expected& each : tensors) {
    if (!call.arg(each.parameter).is_tensor()) continue;
    const char* parameter = call.op.schema.parameters[size_t(each.parameter)].name.c_str();
    const Tensor tensor = call.tensor(each.parameter), input = call.tensor(1);
    if (tensor.dtype() != input.dtype())
      fail(ErrorKind::Runtime, name, "(): input is ", name_of(input.dtype()), ", ", parameter, " is ", name_of(tensor.dtype()),
           "; expected one dtype. Convert one with .to().");
    if (tensor.sizes() != each.sizes)
      fail(ErrorKind::Runtime, name, "(): ", parameter, " has shape ", to_string(tensor.sizes()), "; ", each.why, " ",
           to_string(each.sizes), ".");
  }
}

void check_batch_sizes(const std::string& name, const Dims& sizes, int64_t rows) {
  int64_t sum = 0;
  bool falling = !sizes.empty();
  for (int i = 0; i < sizes.size(); ++i) {
    falling &= sizes[i] > 0 && (i == 0 || sizes[i] <= sizes[i - 1]);
    sum += sizes[i];
  }
  if (!falling)
    fail(ErrorKind::Runtime, name, "(): batch_sizes are ", to_string(sizes), "; expected positive sizes that never grow.");
  if (sum != rows)
    fail(ErrorKind::Runtime, name, "(): batch_sizes ", to_string(sizes), " add up to ", sum, "; the packed data has ", rows,
         " rows.");
}

}  // namespace

RecurrentShape::RecurrentShape(const Value& mode_name, const Tensor& input, const Tensor& w_hh, const Value& batch_sizes,
                               bool backwards)
    : mode(parse_mode(mode_name.string())),
      packed(!batch_sizes.is_none()),
      reverse(backwards),
      inputs(input.size(-1)),
      hidden(w_hh.size(0) / gates_of(mode)),
      width(w_hh.size(1)) {
  active = packed ? batch_sizes.ints() : Dims(int(input.size(0)), input.size(1));
  steps = active.size();
  batch = packed ? active[0] : input.size(1);
  rows = 0;
  first.resize(int(steps));
  for (int t = 0; t < int(steps); ++t) {
    first[t] = rows;
    rows += active[t];
  }
}

void recurrent_layer::infer(Call& call) {
  const std::string& name = call.arg(0).string();
  const RecurrentMode mode = parse_mode(name);
  const Tensor input = call.tensor(1), w_ih = call.tensor(4), w_hh = call.tensor(5);
  const bool packed = !call.arg(9).is_none();
  if (input.dim() != (packed ? 2 : 3))
    fail(ErrorKind::Runtime, name, "(): ", packed ? "the packed data" : "input", " is ", input.dim(), "-d (shape ",
         to_string(input.sizes()), "); expected ", packed ? "(rows, features)." : "(steps, batch, features).");
  if (packed) check_batch_sizes(name, call.arg(9).ints(), input.size(0));
  else if (input.size(0) == 0)
    fail(ErrorKind::Runtime, name, "(): input of shape ", to_string(input.sizes()),
         " has no steps; expected sequence length to be larger than 0.");
  if (w_ih.dim() != 2 || w_hh.dim() != 2 || w_hh.size(0) % gates_of(mode) != 0)
    fail(ErrorKind::Runtime, name, "(): w_ih and w_hh have shapes ", to_string(w_ih.sizes()), " and ", to_string(w_hh.sizes()),
         "; expected (", gates_of(mode), " * hidden, features) and (", gates_of(mode), " * hidden, hidden).");
  if (input.size(-1) != w_ih.size(1))
    fail(ErrorKind::Runtime, name, "(): input has ", input.size(-1), " features in its last dim (shape ",
         to_string(input.sizes()), "); w_ih of shape ", to_string(w_ih.sizes()), " expects ", w_ih.size(1), ".");
  if (mode != RecurrentMode::Lstm && !(call.arg(3).is_none() && call.arg(8).is_none()))
    fail(ErrorKind::Runtime, name, "(): ", call.arg(3).is_none() ? "w_hr" : "cx", " is given; expected it of an lstm only.");
  const RecurrentShape shape(call.arg(0), input, w_hh, call.arg(9), call.arg(10).boolean());
  const char* const by_batch = "for this batch and these weights it should be";
  const char* const by_weights = "the weights ask for";
  check_tensors(call, name,
                {{4, {shape.gates(), shape.inputs}, by_weights},
                 {5, {shape.gates(), call.arg(8).is_none() ? shape.hidden : shape.width}, by_weights},
                 {6, {shape.gates()}, by_weights},
                 {7, {shape.gates()}, by_weights},
                 {8, {shape.width, shape.hidden}, by_weights},
                 {2, {shape.batch, shape.width}, by_batch},
                 {3, {shape.batch, shape.hidden}, by_batch}});
  Dims sizes = input.sizes();
  sizes.back() = shape.width;
  const DType dtype = input.dtype(), compute = dtype == DType::Float64 ? dtype : DType::Float32;
  call.output(0, sizes, dtype);
  call.output(1, {shape.batch, shape.width}, dtype);
  call.output(2, mode == RecurrentMode::Lstm ? Dims{shape.batch, shape.hidden} : Dims{0}, dtype);
  if (call.gradient && kept_of(mode)) call.output(3, {shape.rows, kept_of(mode) * shape.hidden + kRowGap}, compute);
}

void recurrent_layer_backward::infer(Call& call) {
  const Tensor input = call.tensor(4), w_ih = call.tensor(7), w_hh = call.tensor(8), w_hr = call.tensor(9);
  const RecurrentShape shape(call.arg(0), input, w_hh, call.arg(12), call.arg(13).boolean());
  const Dims bias = {shape.gates()};
  const Dims sizes[kGradients] = {
      input.sizes(), {shape.batch, shape.width},  {shape.batch, shape.hidden}, w_ih.sizes(), w_hh.sizes(), bias,
      bias,          w_hr ? w_hr.sizes() : Dims()};
  call.list.resize(kGradients);
  for (int i = 0; i < kGradients; ++i)
    if (call.arg(14).integer() >> i & 1) call.list[size_t(i)] = empty(sizes[i], input.dtype(), call.device);
}

KERNEL(recurrent_layer)
KERNEL(recurrent_layer_backward)

// ---- the gradient as recorded operations, for create_graph

namespace {

Tensor joined(const std::vector<Tensor>& parts, int dim) {
  static Operation& cat = named("cat");
  return parts.size() == 1 ? parts[0] : run(cat, {parts, dim});
}
Tensor narrowed(const Tensor& tensor, int dim, int64_t start, int64_t length) {
  static Operation& narrow = named("narrow");
  return start == 0 && length == tensor.size(dim) ? tensor : run(narrow, {tensor, dim, start, length});
}
Tensor product(const Tensor& a, const Tensor& b) {
  static Operation& mm = named("mm");
  return run(mm, {a, b});
}

// Goes back through the steps in the formulas of the cells. The gates are computed again from input, hx and the layer's own
// output, which are all tensors of the graph.
class RecordedGradient {
 public:
  explicit RecordedGradient(const Backward& b)
      : b_(b), shape_(b.arg(0), b.tensor(1), b.tensor(5), b.arg(9), b.arg(10).boolean()) {}

  void run_back() {
    compute_gates();
    Tensor dh = given(1, {shape_.batch, shape_.width}), dc;
    if (shape_.mode == RecurrentMode::Lstm) dc = given(2, {shape_.batch, shape_.hidden});
    const size_t steps = size_t(shape_.steps);
    input_gates_.resize(steps), hidden_gates_.resize(steps), projected_.resize(steps);
    const Tensor g_output = b_.gradient(0) ? flat(b_.gradient(0), shape_.width) : Tensor();
    for (int64_t i = shape_.steps - 1; i >= 0; --i) {
      const int t = int(shape_.step(i));
      Tensor g = narrowed(dh, 0, 0, shape_.active[t]);
      if (g_output) g = (Var(g) + Var(at_step(g_output, t))).as_tensor(g);
      const Tensor direct = step_back(t, g, dc);
      Tensor before = product(hidden_gates_[size_t(t)], b_.tensor(5));
      if (direct) before = (Var(before) + Var(direct)).as_tensor(before);
      dh = with_rest(before, dh);
    }
    deliver(dh, dc);
  }

 private:
  static Tensor flat(const Tensor& tensor, int64_t columns) {
    static Operation& reshape = named("reshape");
    return tensor.dim() == 2 ? tensor : run(reshape, {tensor, Dims{tensor.size(0) * tensor.size(1), columns}});
  }
  Tensor at_step(const Tensor& rows, int t) const { return narrowed(rows, 0, shape_.first[t], shape_.active[t]); }
  Tensor gate(const Tensor& gates, int64_t i) const { return narrowed(gates, 1, i * shape_.hidden, shape_.hidden); }
  Tensor given(int output, const Dims& sizes) const {
    return b_.gradient(output) ? b_.gradient(output) : zeros(sizes, b_.dtype(1), b_.tensor(1).device());
  }
  // The first sequences from `some`, the others as they were.
  static Tensor with_rest(const Tensor& some, const Tensor& all) {
    const int64_t count = some.size(0), rest = all.size(0) - count;
    return rest ? joined({some, narrowed(all, 0, count, rest)}, 0) : some;
  }
  // What the sequences of the i-th step start from: `values` of the step before, `initial` where that had fewer.
  Tensor before_step(int64_t i, const Tensor& initial, const std::vector<Tensor>& values) const {
    const int64_t count = shape_.active[int(shape_.step(i))];
    const Tensor start = i == 0 ? initial : with_rest(values[size_t(shape_.step(i - 1))], initial);
    return narrowed(start, 0, 0, count);
  }

  void compute_gates() {
    static Operation& linear = named("linear");
    const Tensor &x = b_.tensor(1), w_hh = b_.tensor(5);
    const Tensor hx = b_.arg(2).is_none() ? zeros({shape_.batch, shape_.width}, x.dtype(), x.device()) : b_.tensor(2);
    const Tensor output = flat(b_.out(0), shape_.width);
    std::vector<Tensor> outputs, previous(size_t(shape_.steps));
    for (int t = 0; t < int(shape_.steps); ++t) outputs.push_back(at_step(output, t));
    for (int64_t i = 0; i < shape_.steps; ++i) previous[size_t(shape_.step(i))] = before_step(i, hx, outputs);
    input_ = flat(x, shape_.inputs);
    outputs_ = outputs;
    previous_ = joined(previous, 0);
    const Tensor from_input = run(linear, {input_, b_.tensor(4), b_.arg(6)});
    const Tensor from_hidden = run(linear, {previous_, w_hh, b_.arg(7)});
    if (shape_.mode == RecurrentMode::Lstm) compute_lstm((Var(from_input) + Var(from_hidden)).as_tensor(from_input));
    if (shape_.mode == RecurrentMode::Gru) {
      for (int i = 0; i < 2; ++i) gate_[i] = sigmoid(Var(gate(from_input, i)) + Var(gate(from_hidden, i)));
      gate_[3] = Var(gate(from_hidden, 2));
      gate_[2] = tanh(Var(gate(from_input, 2)) + gate_[0] * gate_[3]);
    }
  }

  void compute_lstm(const Tensor& gates) {
    const Tensor& x = b_.tensor(1);
    for (int i = 0; i < 4; ++i) gate_[i] = i == 2 ? tanh(Var(gate(gates, i))) : sigmoid(Var(gate(gates, i)));
    const Tensor cx = b_.arg(3).is_none() ? zeros({shape_.batch, shape_.hidden}, x.dtype(), x.device()) : b_.tensor(3);
    cells_.resize(size_t(shape_.steps)), cells_before_.resize(size_t(shape_.steps));
    for (int64_t i = 0; i < shape_.steps; ++i) {
      const int t = int(shape_.step(i));
      cells_before_[size_t(t)] = before_step(i, cx, cells_);
      cells_[size_t(t)] = (gate_at(1, t) * Var(cells_before_[size_t(t)]) + gate_at(0, t) * gate_at(2, t)).as_tensor(cx);
    }
  }
  Var gate_at(int i, int t) const { return Var(at_step(gate_[i].as_tensor(previous_), t)); }

  // From g, the gradient by the outputs of step t, to those by its gates; returns what goes to the step before directly.
  Tensor step_back(int t, const Tensor& g, Tensor& dc) {
    const Var one(1.0);
    const Tensor output = outputs_[size_t(t)];
    const auto set = [&](Tensor input, Tensor hidden) { input_gates_[size_t(t)] = input, hidden_gates_[size_t(t)] = hidden; };
    if (shape_.mode == RecurrentMode::Lstm) {
      const Tensor gates = lstm_back(t, g, dc);
      set(gates, gates);
      return {};
    }
    if (shape_.mode == RecurrentMode::Gru) {
      const Tensor before = at_step(previous_, t);
      const Var r = gate_at(0, t), z = gate_at(1, t), n = gate_at(2, t), hidden = gate_at(3, t);
      const Var dn = Var(g) * (one - z) * (one - n * n);
      const Tensor dr = (dn * hidden * r * (one - r)).as_tensor(g), dn_hidden = (dn * r).as_tensor(g);
      const Tensor dz = (Var(g) * (Var(before) - n) * z * (one - z)).as_tensor(g);
      set(joined({dr, dz, dn.as_tensor(g)}, 1), joined({dr, dz, dn_hidden}, 1));
      return (Var(g) * z).as_tensor(g);
    }
    const Var y(output);
    const Var slope = shape_.mode == RecurrentMode::Tanh ? one - y * y : !(y <= Var(0.0));
    const Tensor gates = (Var(g) * slope).as_tensor(g);
    set(gates, gates);
    return {};
  }

  Tensor lstm_back(int t, const Tensor& g, Tensor& dc) {
    const Var one(1.0), in = gate_at(0, t), forget = gate_at(1, t), candidate = gate_at(2, t), out = gate_at(3, t);
    const Var squashed = tanh(Var(cells_[size_t(t)]));
    projected_[size_t(t)] = g;
    const Var dh(b_.arg(8).is_none() ? g : product(g, b_.tensor(8)));
    const Tensor like = cells_[size_t(t)];
    const Var through = Var(narrowed(dc, 0, 0, shape_.active[t])) + dh * out * (one - squashed * squashed);
    dc = with_rest((through * forget).as_tensor(like), dc);
    return joined(
        {(through * candidate * in * (one - in)).as_tensor(like),
         (through * Var(cells_before_[size_t(t)]) * forget * (one - forget)).as_tensor(like),
         (through * in * (one - candidate * candidate)).as_tensor(like), (dh * squashed * out * (one - out)).as_tensor(like)},
        1);
  }

  void deliver(const Tensor& dh, const Tensor& dc) const {
    static Operation& contract_rows = named("_contract_rows");
    static Operation& sum = named("sum");
    static Operation& reshape = named("reshape");
    const Tensor from_input = joined(input_gates_, 0), from_hidden = joined(hidden_gates_, 0);
    if (b_.needs(1)) b_.set(1, run(reshape, {product(from_input, b_.tensor(4)), b_.sizes(1)}));
    b_.set(2, dh);
    b_.set(3, dc);
    if (b_.needs(4)) b_.set(4, run(contract_rows, {from_input, input_}));
    if (b_.needs(5)) b_.set(5, run(contract_rows, {from_hidden, previous_}));
    if (b_.needs(6)) b_.set(6, run(sum, {from_input, Dims{0}}));
    if (b_.needs(7)) b_.set(7, run(sum, {from_hidden, Dims{0}}));
    if (!b_.needs(8)) return;
    const Var squashed = tanh(Var(joined(cells_, 0)));
    b_.set(8, run(contract_rows, {joined(projected_, 0), (gate_[3] * squashed).as_tensor(previous_)}));
  }

  const Backward& b_;
  RecurrentShape shape_;
  Tensor input_, previous_;  // of all rows: input, the hidden state before each step
  Var gate_[4];              // of all rows: i f g o, or r z n and n's hidden part
  // By step: values, then gradients.
  std::vector<Tensor> outputs_, cells_, cells_before_;
  std::vector<Tensor> input_gates_, hidden_gates_, projected_;
};

}  // namespace

void recurrent_layer::backward(Backward& b) {
  if (modes.gradient) return RecordedGradient(b).run_back();
  static Operation& fused = operation<recurrent_layer_backward>();
  int64_t wanted = 0;
  for (int i = 0; i < kGradients; ++i) wanted |= int64_t(b.needs(i + 1)) << i;
  Value args[] = {b.arg(0), b.gradient(0), b.gradient(1),   b.gradient(2),   b.arg(1), b.arg(2),  b.arg(3), b.arg(4),
                  b.arg(5), b.arg(8),      Value(b.out(0)), Value(b.out(3)), b.arg(9), b.arg(10), wanted};
  Call request(fused, args);
  call(request);
  for (int i = 0; i < kGradients; ++i) b.set(i + 1, request.list[size_t(i)]);
}

}  // namespace ember
