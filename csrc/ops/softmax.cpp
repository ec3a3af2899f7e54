#include "ops/softmax.h"

#include "op/reduction.h"
#include "op/var.h"

namespace ember {

namespace {

DType softmax_dtype(const Call& call) { return call.arg(2).is_none() ? call.args[0].body()->dtype : call.arg(2).dtype(); }

void infer_softmax(Call& call) {
  const DType dtype = softmax_dtype(call);
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point dtype. Pass dtype=.");
  wrap_dim(call.arg(1).integer(), call.sizes(0).size(), call.name());
  call.output(0, call.sizes(0), dtype);
}

Tensor sum_along(const Tensor& tensor, const Value& dim) {
  static Operation& sum = named("sum");
  return run(sum, {tensor, Dims{dim.integer()}, true});
}

void softmax_gradients(Backward& b, bool logarithm) {
  const Tensor& g = b.gradient();
  if (!modes.gradient) return b.set(0, run<softmax_backward>(g, b.out(), b.arg(1), logarithm));
  const Var y(b.out()), gradient(g);
  const Var result = logarithm ? gradient - exp(y) * Var(sum_along(g, b.arg(1)))
                               : y * (gradient - Var(sum_along((gradient * y).as_tensor(g), b.arg(1))));
  b.set(0, result.as_tensor(g));
}

}  // namespace

void softmax::infer(Call& call) { infer_softmax(call); }
void softmax::backward(Backward& b) { softmax_gradients(b, false); }
KERNEL(softmax)

void log_softmax::infer(Call& call) { infer_softmax(call); }
void log_softmax::backward(Backward& b) { softmax_gradients(b, true); }
KERNEL(log_softmax)

void softmax_backward::infer(Call& call) { call.output(0, call.sizes(1), call.args[1].body()->dtype); }
KERNEL(softmax_backward)

void logsumexp::infer(Call& call) {
  const uint64_t mask = reduced_mask(call.arg(1), call.sizes(0).size(), call.name());
  call.output(0, reduced_sizes(call.sizes(0), mask, call.arg(2).boolean()), call.args[0].body()->dtype);
}

void logsumexp::backward(Backward& b) {
  const Tensor result = keep_reduced(b, b.out()), input = b.tensor(0);
  // Where the result is infinite so are inputs: their difference would be nan.
  static Operation& is_infinite = named("isinf");
  const Var shift = select(Var(run(is_infinite, {result})), 0, Var(result));
  b.set(0, (Var(keep_reduced(b, b.gradient())) * exp(Var(input) - shift)).as_tensor(input));
}

KERNEL(logsumexp)

// ---- the losses

namespace {

// Checks input, target and weight; gives the shape of one loss for each position.
Dims check_targets(const Call& call) {
  const Dims &input = call.sizes(0), &target = call.sizes(1);
  const DType dtype = call.args[0].body()->dtype, index = call.args[1].body()->dtype;
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point input.");
  if (index != DType::Int64 && index != DType::UInt8)
    fail(ErrorKind::Runtime, call.name(), "(): target is of dtype ", name_of(index),
         "; expected class indices of dtype int64.");
  Dims expected = input;
  if (input.empty()) fail(ErrorKind::Runtime, call.name(), "(): input is 0-d; expected (C), (N, C) or (N, C, d1, ...).");
  expected.erase(input.size() == 1 ? 0 : 1);
  if (target != expected)
    fail(input.size() > 1 && !target.empty() && target[0] != input[0] ? ErrorKind::Value : ErrorKind::Runtime, call.name(),
         "(): input of shape ", to_string(input), " expects a target of shape ", to_string(expected), ", not ",
         to_string(target), ".");
  const int64_t classes = input[input.size() == 1 ? 0 : 1];
  if (call.arg(2).is_tensor() && (call.sizes(2).size() != 1 || call.sizes(2)[0] != classes))
    fail(ErrorKind::Runtime, call.name(), "(): weight has shape ", to_string(call.sizes(2)), "; ", classes, " classes expect ",
         to_string(Dims{classes}), ".");
  const std::string& reduction = call.arg(4).string();
  if (reduction != "mean" && reduction != "sum" && reduction != "none")
    fail(ErrorKind::Value, call.name(), "(): reduction is '", reduction, "'; expected 'none', 'mean' or 'sum'.");
  return expected;
}

void infer_loss(Call& call) {
  const Dims positions = check_targets(call);
  const DType dtype = call.args[0].body()->dtype;
  call.output(0, call.arg(4).string() == "none" ? positions : Dims(), dtype);
}

}  // namespace

void cross_entropy::infer(Call& call) {
  const double smoothing = call.arg(5).real();
  if (!(smoothing >= 0 && smoothing <= 1))
    fail(ErrorKind::Runtime, "cross_entropy(): label_smoothing is ", smoothing, "; expected a number in [0, 1].");
  infer_loss(call);
  if (!call.gradient) return;
  call.output(1, call.sizes(1), DType::Float64);
  call.output(2, {}, DType::Float64);
}

// Recorded: the loss by log_softmax, whose parts are differentiable again.
static Tensor recorded_gradient(Backward& b) {
  const Tensor input = b.tensor(0);
  const int classes = input.dim() == 1 ? 0 : 1;
  const Tensor log_probability = run<log_softmax>(input, classes);
  const double smoothing = b.arg(5).real();
  const Value& weight = b.arg(2);
  // d loss / d log_probability is linear in the gradient: that of nll_loss, and an even part of the smoothing.
  Var slope(run<nll_loss_backward>(b.gradient(), log_probability, b.tensor(1), weight, b.out(2), b.arg(3), b.arg(4)));
  if (smoothing > 0) {
    static Operation& where = named("where");
    static Operation& equal = named("eq");
    static Operation& unsqueeze = named("unsqueeze");
    Var even = Var(b.gradient()) * Var(-smoothing / double(input.size(classes)));
    if (b.arg(4).string() == "mean") even = even / Var(to_dtype(b.out(2), input.dtype()));
    if (b.arg(4).string() == "none") even = Var(run(unsqueeze, {even.as_tensor(b.gradient()), classes}));
    if (!weight.is_none()) {
      static Operation& reshape = named("reshape");
      Dims shape(input.dim(), 1);
      shape[classes] = input.size(classes);
      even = even * Var(run(reshape, {weight.tensor(), shape}));
    }
    const Tensor ignored = run(unsqueeze, {run(equal, {b.tensor(1), Var(double(b.arg(3).integer())).value()}), classes});
    even = even * Var(full(input.sizes(), 1.0, input.dtype(), input.device()));
    slope = slope * Var(1 - smoothing) + Var(run(where, {ignored, Var(0).value(), even.value()}));
  }
  const Tensor g = slope.as_tensor(input);
  return (Var(g) - exp(Var(log_probability)) * Var(sum_along(g, classes))).as_tensor(input);
}

void cross_entropy::backward(Backward& b) {
  if (!b.needs(0)) return;
  if (modes.gradient) return b.set(0, recorded_gradient(b));
  b.set(0, run<cross_entropy_backward>(b.gradient(), b.arg(0), b.arg(1), b.arg(2), b.out(1), b.out(2), b.arg(3), b.arg(4),
                                       b.arg(5)));
}

KERNEL(cross_entropy)

void cross_entropy_backward::infer(Call& call) { call.output(0, call.sizes(1), call.args[1].body()->dtype); }
KERNEL(cross_entropy_backward)

void nll_loss::infer(Call& call) {
  infer_loss(call);
  if (call.gradient) call.output(1, {}, DType::Float64);
}

void nll_loss::backward(Backward& b) {
  b.set(0, run<nll_loss_backward>(b.gradient(), b.arg(0), b.arg(1), b.arg(2), b.out(1), b.arg(3), b.arg(4)));
}

KERNEL(nll_loss)

void nll_loss_backward::infer(Call& call) { call.output(0, call.sizes(1), call.args[1].body()->dtype); }

// Linear in the gradient: the way back is the loss itself, with the same total.
void nll_loss_backward::backward(Backward& b) {
  if (!b.needs(0)) return;
  const bool mean = b.arg(6).string() == "mean";
  const Tensor loss = run<nll_loss>(b.gradient(), b.tensor(2), b.arg(3), b.arg(5), mean ? "sum" : b.arg(6));
  b.set(0, mean ? (Var(loss) / Var(to_dtype(b.tensor(4), loss.dtype()))).as_tensor(loss) : loss);
}

KERNEL(nll_loss_backward)

}  // namespace ember
