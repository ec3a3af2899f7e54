#include "ops/creation.h"

#include <cmath>

#include "core/layout.h"
#include "op/numbers.h"

namespace ember::creation {

namespace {

DType asked_dtype(const Call& c, int i, DType otherwise) { return c.arg(i).is_none() ? otherwise : c.arg(i).dtype(); }

DType dtype_of_number(const Value& value) {
  switch (value.kind) {
    case ValueKind::Bool: return DType::Bool;
    case ValueKind::Int: return DType::Int64;
    case ValueKind::Complex: return complex_of(default_dtype());
    default: return default_dtype();
  }
}

void check_sizes(const Call& c, const Dims& sizes) {
  for (const int64_t size : sizes)
    if (size < 0)
      fail(ErrorKind::Runtime, c.name(), "(): Trying to create tensor with negative dimension ", size, ": ", to_string(sizes),
           "; sizes are 0 or more.");
}

}  // namespace

void empty::infer(Call& c) {
  const Dims& sizes = c.arg(0).ints();
  c.read_device(2);
  check_sizes(c, sizes);
  const DType dtype = asked_dtype(c, 1, default_dtype());
  const Value& format = c.arg(3);
  if (format.is_none() || format.string() == "contiguous_format") c.output(0, sizes, dtype);
  else c.outputs[0] = ember::empty_strided(sizes, strides_of_format(format.string(), sizes, c.name()), dtype, c.device);
}
void empty::cpu(Call&) {}
KERNEL(empty)

void empty_strided::infer(Call& c) {
  const Dims &sizes = c.arg(0).ints(), &strides = c.arg(1).ints();
  c.read_device(3);
  check_sizes(c, sizes);
  bool good = sizes.size() == strides.size();
  for (const int64_t stride : strides) good &= stride >= 0;
  if (!good)
    fail(ErrorKind::Runtime, "empty_strided(): dimensionality of sizes ", to_string(sizes),
         " must match dimensionality of strides ", to_string(strides), ", which are 0 or more.");
  c.outputs[0] = ember::empty_strided(sizes, strides, asked_dtype(c, 2, default_dtype()), c.device);
}
void empty_strided::cpu(Call&) {}
KERNEL(empty_strided)

namespace {

// Row-major, but with the dims in the memory order of a dense tensor.
Dims like_strides(const Tensor& input, const Value& format, const char* name) {
  if (!format.is_none() && format.string() != "preserve_format") return strides_of_format(format.string(), input.sizes(), name);
  return is_dense(input) ? input.strides() : contiguous_strides(input.sizes());
}

}  // namespace

void empty_like::infer(Call& c) {
  const Tensor input = c.tensor(0);
  c.read_device(2);
  c.outputs[0] =
      ember::empty_strided(input.sizes(), like_strides(input, c.arg(3), c.name()), asked_dtype(c, 1, input.dtype()), c.device);
}
void empty_like::cpu(Call&) {}
KERNEL(empty_like)

void zeros::infer(Call& c) {
  c.read_device(2);
  check_sizes(c, c.arg(0).ints());
  c.output(0, c.arg(0).ints(), asked_dtype(c, 1, default_dtype()));
}
KERNEL(zeros)

void full::infer(Call& c) {
  c.read_device(3);
  check_sizes(c, c.arg(0).ints());
  const DType dtype = asked_dtype(c, 2, dtype_of_number(c.arg(1)));
  check_number(c.arg(1), dtype, c.name());
  c.output(0, c.arg(0).ints(), dtype);
}
KERNEL(full)

namespace {

bool is_integer(const Value& value) { return value.kind == ValueKind::Int || value.kind == ValueKind::Bool; }

int64_t whole_number(const Value& value) {
  if (!is_integer(value) && !(std::abs(value.real()) < 0x1p63))
    fail(ErrorKind::Runtime, "arange(): unsupported range: ", value.real(), " is no 64-bit integer.");
  return value.integer();
}

int64_t count_steps(const Value& start, const Value& end, const Value& step) {
  if (step.real() == 0) fail(ErrorKind::Runtime, "arange(): step must be nonzero.");
  if (!std::isfinite(start.real()) || !std::isfinite(end.real()))
    fail(ErrorKind::Runtime, "arange(): unsupported range: ", start.real(), " -> ", end.real(), ".");
  if (step.real() > 0 ? end.real() < start.real() : end.real() > start.real())
    fail(ErrorKind::Runtime, "arange(): upper bound and lower bound inconsistent with step sign: start ", start.real(),
         ", end ", end.real(), ", step ", step.real(), ".");
  if (is_integer(start) && is_integer(end) && is_integer(step)) {
    const int64_t by = step.integer();
    int64_t distance;
    if (__builtin_sub_overflow(end.integer(), start.integer(), &distance) || distance == INT64_MIN)
      fail(ErrorKind::Runtime, "arange(): invalid size, possible overflow: from ", start.integer(), " to ", end.integer(), ".");
    return distance / by + (distance % by != 0);
  }
  const double count = std::ceil((end.real() - start.real()) / step.real());
  if (!(count >= 0) || count >= 0x1p62)
    fail(ErrorKind::Runtime, "arange(): invalid size, possible overflow: ", count, " elements.");
  return int64_t(count);
}

}  // namespace

void arange::infer(Call& c) {
  c.read_device(4);
  const bool integers = is_integer(c.arg(0)) && is_integer(c.arg(1)) && is_integer(c.arg(2));
  const DType dtype = c.given ? c.out().dtype() : asked_dtype(c, 3, integers ? DType::Int64 : default_dtype());
  if (dtype == DType::Int64 && !integers)
    for (int i = 0; i < 3; ++i) c.args[i] = whole_number(c.arg(i));
  c.output(0, {count_steps(c.arg(0), c.arg(1), c.arg(2))}, dtype);
}
KERNEL(arange)

void linspace::infer(Call& c) {
  c.read_device(4);
  if (c.arg(2).integer() < 0)
    fail(ErrorKind::Runtime, "linspace(): number of steps must be non-negative; it is ", c.arg(2).integer(), ".");
  c.output(0, {c.arg(2).integer()}, c.given ? c.out().dtype() : asked_dtype(c, 3, default_dtype()));
}
KERNEL(linspace)

}  // namespace ember::creation
