#include "op/pointwise.h"

#include <algorithm>

#include "op/batched.h"

namespace ember {

namespace {

DType result_dtype(const Record& record, DType met) {
  switch (record.result) {
    case Result::Same: return met;
    case Result::Floating: return is_differentiable(met) ? met : default_dtype();
    case Result::Bool: return DType::Bool;
    case Result::Real: return real_of(met);
  }
  return met;
}

void check_type(const Call& call) {
  static constexpr unsigned kinds[] = {kBool, kInteger, kFloat, kComplex};
  if (!(call.op.record->types & kinds[category_of(call.dtype)]))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(call.dtype), "' tensors.");
}

// A result keeps the order of dimensions in memory of the inputs, where they are dense in another than row-major order.
bool keeps_order(const Call& call, const Dims& sizes, Dims& strides) {
  for (int i = 0; i < call.op.pointwise->tensors; ++i) {
    const TensorBody& body = *call.args[i].body();
    if (body.sizes == sizes && body.contiguous) return false;
    if (body.sizes == sizes && is_dense(Tensor(call.args[i].body()))) {
      strides = body.strides;
      return true;
    }
  }
  return false;
}

}  // namespace

void infer_pointwise(Call& call) {
  check_type(call);
  const int tensors = call.op.pointwise->tensors;
  for (int i = 0; i < tensors; ++i)
    if (!call.args[i].is_tensor())
      fail(ErrorKind::Type, call.name(), "(): argument '", call.op.schema.parameters[size_t(i)].name,
           "' is None; expected a Tensor.");
  const TensorBody& first = *call.args[0].body();
  const DType dtype = result_dtype(*call.op.record, call.dtype);
  bool same = true;
  for (int i = 1; i < tensors; ++i) same &= call.args[i].body()->sizes == first.sizes;
  Dims sizes = first.sizes;
  if (!same)
    for (int i = 1; i < tensors; ++i) sizes = broadcast(sizes, call.args[i].body()->sizes, call.name());
  Dims strides;
  if (!call.given && !(first.contiguous && same) && keeps_order(call, sizes, strides))
    call.outputs[0] = empty_strided(sizes, strides, dtype, call.device);
  else call.output(0, sizes, dtype);
}

void collect_numbers(const Operation& op, const Value* args, Number64* numbers) {
  const int tensors = op.pointwise->tensors;
  for (int i = 0; i < op.pointwise->numbers; ++i) {
    const Value& value = args[tensors + i];
    numbers[i] = {value.real(), value.kind == ValueKind::Float ? int64_t(value.real()) : value.integer()};
  }
}

// The arguments, integers as the floating numbers that they met: formulas of them alone would be of the default type.
static void copy_as_met(const Backward& backward, Value* args) {
  const DType met = real_of(backward.gradient().dtype());
  for (size_t i = 0; i < backward.op.schema.parameters.size(); ++i) {
    const Value& arg = backward.args[i];
    const bool counts = arg.is_tensor() && !arg.body()->wrapped_number && category_of(arg.body()->dtype) == 1;
    args[i] = counts && arg.body()->storage->data ? Value(to_dtype(arg.tensor(), met)) : arg;
  }
}

// The derivative by input k as a recorded function of what it reads, also where it is piecewise constant.
static Tensor recorded_gradient(Backward& backward, int k) {
  static Operation& constant_in = named("_constant_in");
  const Pointwise& pointwise = *backward.op.pointwise;
  Value args[kMaxParameters];
  copy_as_met(backward, args);
  Backward as_met = backward;
  as_met.args = args;
  const Tensor gradient = pointwise.higher(as_met, k);
  if (!modes.gradient || gradient.body()->requires_grad) return gradient;
  for (int j = 0; j < pointwise.tensors; ++j) {
    const bool read = pointwise.from_output ? j == 0 : pointwise.reads[k] >> j & 1;
    const Tensor x = pointwise.from_output ? backward.out() : backward.tensor(j);
    if (read && x.body()->requires_grad) return run(constant_in, {gradient, x});
  }
  return gradient;
}

// The loops of gradients know memory only.
static bool has_memory(const Backward& backward) {
  bool found = !backward.gradient().is_meta() && !is_stand_in(backward.gradient());
  if (modes.watched & kBatching) {
    for (int i = 0; i < backward.op.pointwise->tensors; ++i) found &= !is_stand_in(backward.tensor(i));
    found &= !is_stand_in(backward.out());
  }
  return found;
}

void backward_pointwise(Backward& backward) {
  const Pointwise& pointwise = *backward.op.pointwise;
  Number64 numbers[kMaxNumbers];
  collect_numbers(backward.op, backward.args, numbers);
  for (int k = 0; k < pointwise.tensors; ++k) {
    if (!backward.needs(k)) continue;
    double constant;
    if (!pointwise.from_output && pointwise.constant_derivative(k, numbers, &constant)) {
      if (constant == 1) {
        backward.set(k, backward.gradient());
      } else if (constant == 0) {
        backward.set(k, zeros(backward.gradient().sizes(), backward.gradient().dtype(), backward.gradient().device()));
      } else {
        static Operation& multiply = named("mul");
        Tensor factor = scalar(constant, DType::Float64);
        factor.body()->wrapped_number = true;
        backward.set(k, run(multiply, {backward.gradient(), factor}));
      }
    } else if (modes.gradient || !has_memory(backward)) {
      backward.set(k, recorded_gradient(backward, k));
    } else {
      backward.set(k, gradient_pointwise_cpu(backward, k));
    }
  }
}

}  // namespace ember
