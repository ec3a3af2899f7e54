#include "ops/sample_norms.h"

#include "ops/norm_rules.h"

namespace ember {

// ---- group_norm

void group_norm::infer(Call& call) {
  check_floating(call);
  const Dims& input = call.sizes(0);
  const int64_t groups = call.arg(1).integer();
  if (input.size() < 2)
    fail(ErrorKind::Runtime, "group_norm(): input is ", input.size(), "-d (shape ", to_string(input),
         "); expected (N, C) or (N, C, d1, ...).");
  if (groups < 1 || input[1] % groups)
    fail(ErrorKind::Runtime, "group_norm(): input of shape ", to_string(input), " with ", groups,
         " groups; the number of channels (dim 1) must be divisible by the number of groups.");
  for (int i = 2; i <= 3; ++i) check_parameter(call, i, {input[1]});
  if (input[0] == 1 && input.product() == groups)
    fail(ErrorKind::Value, "group_norm(): Expected more than 1 value per channel when training, got input of shape ",
         to_string(input), " with ", groups, " groups: each group has 1 value, which has no variance.");
  output_like(call, call.tensor(0));
  if (!call.gradient) return;
  for (int i = 1; i <= 2; ++i) call.output(i, {input[0], groups}, DType::Float64);
}

void group_norm::backward(Backward& b) {
  const Tensor& g = b.gradient();
  const Value& weight = b.arg(2);
  if (!modes.gradient) {
    static Operation& fused = operation<group_norm_backward>();
    const auto gradients = run_all(fused, {g, b.arg(0), weight, b.out(1), b.out(2)});
    b.set(0, gradients[0]);
    b.set(2, gradients[1]);
    b.set(3, gradients[2]);
    return;
  }
  static Operation& reshape = named("reshape");
  const Tensor input = b.tensor(0);
  Dims by_channel(input.dim(), 1), others;
  by_channel[1] = input.size(1);
  for (int i = 0; i < input.dim(); ++i)
    if (i != 1) others.push_back(i);
  const Dims grouped = {input.size(0), b.arg(1).integer(), -1};  // (N, groups, elements)
  const auto shaped = [&](const Tensor& tensor, const Dims& sizes) { return run(reshape, {tensor, sizes}); };
  const RecordedNorm norm(shaped(input, grouped), {2}, b.arg(4).real());
  if (b.needs(0)) {
    Var scaled(g);
    if (!weight.is_none()) scaled = scaled * Var(shaped(to_dtype(weight.tensor(), input.dtype()), by_channel));
    b.set(0, shaped(norm.gradient(Var(shaped(scaled.as_tensor(g), grouped))), input.sizes()));
  }
  if (b.needs(2)) b.set(2, sum_over(Var(g) * Var(shaped(norm.normal.as_tensor(g), input.sizes())), input, others));
  if (b.needs(3)) b.set(3, sum_over(Var(g), input, others));
}

KERNEL(group_norm)

void group_norm_backward::infer(Call& call) {
  const Tensor input = call.tensor(1);
  output_like(call, input);
  for (int i = 1; i < 3; ++i) call.output(i, {input.size(1)}, statistics_dtype(input.dtype()));
}

KERNEL(group_norm_backward)

// ---- rms_norm

double root_mean_square_eps(const Value& eps, DType dtype) {
  if (!eps.is_none()) return eps.real();
  return dtype == DType::Float64 ? 0x1p-52 : 0x1p-23;
}

void rms_norm::infer(Call& call) {
  check_floating(call);
  const Dims &input = call.sizes(0), &shape = call.arg(1).ints();
  check_ends_with(call, shape);
  check_parameter(call, 2, shape);
  output_like(call, call.tensor(0));
  if (!call.gradient) return;
  Dims rows = input;
  rows.resize(input.size() - shape.size());
  call.output(1, rows, DType::Float64);
}

void rms_norm::backward(Backward& b) {
  const Tensor& g = b.gradient();
  const Value& weight = b.arg(2);
  if (!modes.gradient) {
    static Operation& fused = operation<rms_norm_backward>();
    const auto gradients = run_all(fused, {g, b.arg(0), weight, b.out(1), b.needs(2)});
    b.set(0, gradients[0]);
    b.set(2, gradients[1]);
    return;
  }
  const Tensor input = b.tensor(0);
  const int inner = b.arg(1).ints().size(), outer = input.dim() - inner;
  Dims last, leading;
  for (int i = 0; i < input.dim(); ++i) (i < outer ? leading : last).push_back(i);
  const Var x(input);
  const Var rstd = rsqrt(Var(mean_over(x * x, input, last)) + Var(root_mean_square_eps(b.arg(3), input.dtype())));
  const Var normal = x * rstd;
  const Var scaled = weight.is_none() ? Var(g) : Var(g) * Var(weight.tensor());
  if (b.needs(0)) b.set(0, (rstd * (scaled - normal * Var(mean_over(scaled * normal, input, last)))).as_tensor(input));
  if (b.needs(2)) b.set(2, sum_over(Var(g) * normal, input, leading));
}

KERNEL(rms_norm)

void rms_norm_backward::infer(Call& call) {
  const Tensor input = call.tensor(1);
  output_like(call, input);
  if (!call.arg(4).boolean()) return;
  Dims shape;
  for (int i = call.sizes(3).size(); i < input.dim(); ++i) shape.push_back(input.size(i));
  call.output(1, shape, statistics_dtype(input.dtype()));
}

KERNEL(rms_norm_backward)

}  // namespace ember
