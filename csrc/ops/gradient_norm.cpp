#include "ops/gradient_norm.h"

#include "op/call.h"

namespace ember {

namespace {

void check_tensors(const Call& call) {
  for (const Tensor& tensor : call.arg(0).tensors()) {
    if (!tensor) fail(ErrorKind::Type, call.name(), "(): one of the tensors is None; expected tensors.");
    if (!is_differentiable(tensor.dtype()))
      fail(ErrorKind::Runtime, call.name(), "(): one of the tensors is ", name_of(tensor.dtype()),
           "; expected floating point or complex tensors.");
  }
}

}  // namespace

void _total_norm::infer(Call& call) {
  check_tensors(call);
  if (is_complex_dtype(call.dtype) && call.arg(1).real() != 2)
    fail(ErrorKind::NotImplemented, "_total_norm(): norm_type is ", call.arg(1).real(), "; complex tensors have the 2-norm.");
  call.output(0, {}, real_of(call.dtype));
}

void _scale_::infer(Call& call) {
  check_tensors(call);
  if (call.tensor(1).numel() != 1)
    fail(ErrorKind::Runtime, "_scale_(): factor has shape ", to_string(call.sizes(1)), "; expected one element.");
}

KERNEL(_total_norm)
KERNEL(_scale_)

}  // namespace ember
