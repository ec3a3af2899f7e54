#include "ops/norms.h"

#include "ops/norm_rules.h"

namespace ember {

// ---- layer_norm

void layer_norm::infer(Call& call) {
  check_floating(call);
  const Dims &input = call.sizes(0), &shape = call.arg(1).ints();
  check_ends_with(call, shape);
  check_parameter(call, 2, shape);
  check_parameter(call, 3, shape);
  const DType dtype = call.args[0].body()->dtype;
  call.output(0, input, dtype);
  if (!call.gradient) return;
  Dims rows = input;
  rows.resize(input.size() - shape.size());
  call.output(1, rows, DType::Float64);
  call.output(2, rows, DType::Float64);
}

void layer_norm::backward(Backward& b) {
  const Tensor& g = b.gradient();
  const Value& weight = b.arg(2);
  if (!modes.gradient) {
    static Operation& fused = operation<layer_norm_backward>();
    const auto gradients = run_all(fused, {g, b.arg(0), weight, b.out(1), b.out(2), b.needs(2) || b.needs(3)});
    b.set(0, gradients[0]);
    b.set(2, gradients[1]);
    b.set(3, gradients[2]);
    return;
  }
  const Tensor input = b.tensor(0);
  const int inner = b.arg(1).ints().size(), outer = input.dim() - inner;
  Dims last, leading;
  for (int i = 0; i < input.dim(); ++i) (i < outer ? leading : last).push_back(i);
  const RecordedNorm norm(input, last, b.arg(4).real());
  if (b.needs(0)) b.set(0, norm.gradient(weight.is_none() ? Var(g) : Var(g) * Var(weight.tensor())));
  if (b.needs(2)) b.set(2, sum_over(Var(g) * norm.normal, input, leading));
  if (b.needs(3)) b.set(3, sum_over(Var(g), input, leading));
}

KERNEL(layer_norm)

void layer_norm_backward::infer(Call& call) {
  const DType dtype = call.args[1].body()->dtype;
  call.output(0, call.sizes(1), dtype);
  if (!call.arg(5).boolean()) return;
  Dims shape;
  for (int i = call.sizes(3).size(); i < call.sizes(1).size(); ++i) shape.push_back(call.sizes(1)[i]);
  call.output(1, shape, statistics_dtype(dtype));
  call.output(2, shape, statistics_dtype(dtype));
}

KERNEL(layer_norm_backward)

// ---- batch_norm

void batch_norm::infer(Call& call) {
  check_floating(call);
  const Dims& input = call.sizes(0);
  if (input.size() < 2)
    fail(ErrorKind::Runtime, "batch_norm(): input is ", input.size(), "-d (shape ", to_string(input),
         "); expected (N, C) or (N, C, d1, ...).");
  const Dims channels = {input[1]};
  for (int i = 1; i <= 4; ++i) check_parameter(call, i, channels);
  const bool training = call.arg(5).boolean();
  if (!training && !(call.arg(1).is_tensor() && call.arg(2).is_tensor()))
    fail(ErrorKind::Runtime, "batch_norm(): running_mean or running_var is None; expected both where training is False.");
  const DType dtype = call.args[0].body()->dtype;
  const Tensor given = call.tensor(0);
  if (!call.given && !given.is_contiguous() && is_dense(given))
    call.outputs[0] = empty_strided(input, given.strides(), dtype, call.device);
  else call.output(0, input, dtype);
  if (!call.gradient) return;
  call.output(1, channels, DType::Float64);
  call.output(2, channels, DType::Float64);
}

void batch_norm::backward(Backward& b) {
  const Tensor& g = b.gradient();
  const Value& weight = b.arg(3);
  const bool training = b.arg(5).boolean();
  if (!modes.gradient) {
    static Operation& fused = operation<batch_norm_backward>();
    const auto gradients = run_all(fused, {g, b.arg(0), weight, b.out(1), b.out(2), training});
    b.set(0, gradients[0]);
    b.set(3, gradients[1]);
    b.set(4, gradients[2]);
    return;
  }
  static Operation& reshape = named("reshape");
  const Tensor input = b.tensor(0);
  Dims shape(input.dim(), 1), others;
  shape[1] = input.size(1);
  for (int i = 0; i < input.dim(); ++i)
    if (i != 1) others.push_back(i);
  const auto channelwise = [&](const Tensor& tensor) { return Var(run(reshape, {to_dtype(tensor, input.dtype()), shape})); };
  const Var scaled = weight.is_none() ? Var(g) : Var(g) * channelwise(weight.tensor());
  Var normal;
  if (training) {
    const RecordedNorm norm(input, others, b.arg(7).real());
    normal = norm.normal;
    if (b.needs(0)) b.set(0, norm.gradient(scaled));
  } else {
    const Var rstd = channelwise(b.out(2));
    normal = (Var(input) - channelwise(b.out(1))) * rstd;
    b.set(0, (scaled * rstd).as_tensor(g));
  }
  if (b.needs(3)) b.set(3, sum_over(Var(g) * normal, input, others));
  if (b.needs(4)) b.set(4, sum_over(Var(g), input, others));
}

KERNEL(batch_norm)

void batch_norm_backward::infer(Call& call) {
  const Tensor input = call.tensor(1);
  const DType dtype = input.dtype();
  if (!input.is_contiguous() && is_dense(input))
    call.outputs[0] = empty_strided(input.sizes(), input.strides(), dtype, call.device);
  else call.output(0, input.sizes(), dtype);
  for (int i = 1; i < 3; ++i) call.output(i, {input.size(1)}, statistics_dtype(dtype));
}

KERNEL(batch_norm_backward)

}  // namespace ember
