#include "op/var.h"

#include <cmath>

namespace ember {

Value Var::value() const {
  if (tensor_) return tensor_;
  Tensor number = scalar(number_, DType::Float64);
  number.body()->wrapped_number = true;
  return number;
}

Tensor Var::as_tensor(const Tensor& like) const {
  if (missing_) fail(ErrorKind::Runtime, "backward(): a derivative reads a tensor that its operation does not save.");
  return tensor_ ? tensor_ : full(like.sizes(), number_, like.dtype(), like.device());
}

Var apply(const Operation& op, std::initializer_list<Var> arguments) {
  static const Operation& where = named("where");
  const Var* given = arguments.begin();
  const bool numbers = &op == &where && given[1].is_number() && given[2].is_number();
  // Else a derivative that is 0 in both branches would be a tensor, which times a missing value is missing too.
  if (numbers && given[1].number() == given[2].number()) return given[1];
  for (const Var& each : arguments)
    if (each.is_missing()) return each;
  Value args[kMaxParameters];
  int i = 0;
  for (const Var& each : arguments) args[i++] = each.value();
  for (; i < int(op.schema.parameters.size()); ++i) args[i] = op.schema.parameters[size_t(i)].standard;
  // Two wrapped numbers would meet in the default type, which may be narrower than that of the tensors.
  for (int k = 1; numbers && k < 3; ++k) args[k] = scalar(given[k].number(), DType::Float64);
  Call request(op, args);
  call(request);
  return Var(request.outputs[0]);
}

Var operator+(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) return a.number() + b.number();
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  static Operation& op = named("add");
  return apply(op, {a, b});
}

Var operator-(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) return a.number() - b.number();
  if (a.is(0)) return -b;
  if (b.is(0)) return a;
  static Operation& op = named("sub");
  return apply(op, {a, b});
}

Var operator*(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) return a.number() * b.number();
  if (a.is(0) || b.is(0)) return 0;
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  static Operation& op = named("mul");
  return apply(op, {a, b});
}

Var operator/(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) return a.number() / b.number();
  if (a.is(0)) return 0;
  if (b.is(1)) return a;
  static Operation& op = named("div");
  return apply(op, {a, b});
}

Var operator-(const Var& a) {
  if (a.is_number()) return -a.number();
  static Operation& op = named("neg");
  return apply(op, {a});
}

namespace {

bool is_complex_tensor(const Var& a) { return !a.is_number() && !a.is_missing() && is_complex_dtype(a.value().body()->dtype); }

}  // namespace

Var conj(const Var& a) {
  if (!is_complex_tensor(a)) return a;
  static Operation& op = named("conj");
  const Tensor tensor = a.value().tensor();
  if (!tensor.body()->wrapped_number) return apply(op, {a});
  // Read as it is stored, which may be wider than what the number counts as.
  const Tensor number = run(op, {detached(tensor)});
  number.body()->wrapped_number = true;
  return Var(number);
}

Var sign(const Var& a) {
  if (is_complex_tensor(a)) {
    const Var size = abs(a);
    return conj(a) / select(size == Var(0), Var(1), size);
  }
  static Operation& op = named("sign");
  return apply(op, {a});
}

Var pow_by_exponent(const Var& x, const Var& y, const Var& power) {
  const Var at_zero = is_complex_tensor(x) || is_complex_tensor(y) ? x == Var(0) : (x == Var(0)) & (y >= Var(0));
  return select(at_zero, Var(0), power * log(x));
}

Var polygamma(int order, const Var& a) {
  if (a.is_missing()) return a;
  static Operation& op = named("_polygamma");
  Value args[2] = {a.value(), int64_t(order)};
  Call request(op, args);
  call(request);
  return Var(request.outputs[0]);
}

}  // namespace ember
