#include "ops/ctc.h"

namespace ember {

namespace {

void check_lengths(const Call& c, int i) {
  const char* name = c.op.schema.parameters[size_t(i)].name.c_str();
  const DType dtype = c.arg(i).body()->dtype;
  if (!is_integral(dtype) || dtype == DType::Bool)
    fail(ErrorKind::Runtime, c.name(), "(): ", name, " is of dtype ", name_of(dtype), "; expected integers.");
  if (c.arg(i).body()->numel != c.sizes(0)[1])
    fail(ErrorKind::Runtime, c.name(), "(): ", name, " has ", c.arg(i).body()->numel, " numbers; log_probs of shape ",
         to_string(c.sizes(0)), " expect ", c.sizes(0)[1], ", one for each sample.");
}

}  // namespace

void ctc_loss::infer(Call& c) {
  const Dims &input = c.sizes(0), &targets = c.sizes(1);
  const DType dtype = c.arg(0).body()->dtype;
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, c.name(), "(): not implemented for '", name_of(dtype),
         "' tensors; expected floating point log_probs.");
  if (input.size() != 3)
    fail(ErrorKind::Runtime, c.name(), "(): log_probs has shape ", to_string(input), "; expected (T, N, C) or (T, C).");
  if (input.product() == 0) fail(ErrorKind::Runtime, c.name(), "(): log_probs of shape ", to_string(input), " is empty.");
  if (targets.size() < 1 || targets.size() > 2 || (targets.size() == 2 && targets[0] != input[1]))
    fail(ErrorKind::Runtime, c.name(), "(): targets has shape ", to_string(targets), "; log_probs of shape ", to_string(input),
         " expect (", input[1], ", S), or all targets joined in one dim.");
  if (is_complex_dtype(c.arg(1).body()->dtype))
    fail(ErrorKind::Runtime, c.name(), "(): targets is of dtype ", name_of(c.arg(1).body()->dtype), "; expected int64.");
  check_lengths(c, 2);
  check_lengths(c, 3);
  const int64_t blank = c.arg(4).integer();
  if (blank < 0 || blank >= input[2])
    fail(ErrorKind::Runtime, c.name(), "(): blank ", blank, " is outside [0, ", input[2], ").");
  c.output(0, {input[1]}, dtype);
  if (c.gradient) c.output(1, input, dtype);
}

void ctc_loss::backward(Backward& b) { b.set(0, run<ctc_loss_backward>(b.gradient(), b.tensor(0), b.out(1))); }
KERNEL(ctc_loss)

void ctc_loss_backward::infer(Call& c) {
  if (c.sizes(1).size() != 3 || c.sizes(2) != c.sizes(1) || c.sizes(0) != Dims{c.sizes(1)[1]})
    fail(ErrorKind::Runtime, c.name(), "(): gradient, log_probs and slope have shapes ", to_string(c.sizes(0)), ", ",
         to_string(c.sizes(1)), " and ", to_string(c.sizes(2)), "; expected (N), (T, N, C) and (T, N, C).");
  c.output(0, c.sizes(1), c.arg(1).body()->dtype);
}

void ctc_loss_backward::backward(Backward&) {
  fail(ErrorKind::Runtime, "ctc_loss(): its second derivative does not exist. Leave create_graph=True away.");
}
KERNEL(ctc_loss_backward)

}  // namespace ember
