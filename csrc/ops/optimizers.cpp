// Checks of the optimizers' steps. They have no outputs: what they change are the tensors in their lists.
#include "ops/optimizers.h"

#include "op/call.h"

namespace ember {

namespace {

// States of one parameter agree with it in shape and type, as its gradient does; `step` names the user's call.
void check_lists(const Call& call, const char* step, int lists, int steps) {
  const std::vector<Tensor>& parameters = call.arg(0).tensors();
  for (int list = 1; list < lists; ++list) {
    const std::vector<Tensor>& tensors = call.arg(list).tensors();
    const std::string& name = call.op.schema.parameters[size_t(list)].name;
    if (tensors.empty() && list > 1) continue;  // a variant without this state
    if (tensors.size() != parameters.size())
      fail(ErrorKind::Runtime, step, ": ", name, " has ", tensors.size(), " tensors; expected one for each of the ",
           parameters.size(), " parameters.");
    if (list == steps) continue;
    for (size_t i = 0; i < tensors.size(); ++i) {
      const Tensor &parameter = parameters[i], &tensor = tensors[i];
      if (tensor.sizes() != parameter.sizes() || tensor.dtype() != parameter.dtype())
        fail(ErrorKind::Runtime, step, ": ", name, " of parameter ", i, " has shape ", to_string(tensor.sizes()), " and type ",
             name_of(tensor.dtype()), "; expected those of the parameter, ", to_string(parameter.sizes()), " and ",
             name_of(parameter.dtype()), ".");
    }
  }
  for (size_t i = 0; i < parameters.size(); ++i)
    if (!is_differentiable(parameters[i].dtype()))
      fail(ErrorKind::Runtime, step, ": parameter ", i, " is ", name_of(parameters[i].dtype()),
           "; expected a floating or complex type.");
  if (steps < 0) return;
  for (const Tensor& counter : call.arg(steps).tensors())
    if (counter.numel() != 1 || counter.device().type != DeviceType::Cpu)
      fail(ErrorKind::Runtime, step, ": the state 'step' is a tensor of shape ", to_string(counter.sizes()), " on ",
           to_string(counter.device()), "; expected one element on cpu.");
}

}  // namespace

void _sgd_step_::infer(Call& call) { check_lists(call, "SGD.step()", 3, -1); }
void _adam_step_::infer(Call& call) { check_lists(call, "Adam.step()", 6, 5); }
void _rmsprop_step_::infer(Call& call) { check_lists(call, "RMSprop.step()", 6, 5); }
void _adagrad_step_::infer(Call& call) { check_lists(call, "Adagrad.step()", 4, 3); }

KERNEL(_sgd_step_)
KERNEL(_adam_step_)
KERNEL(_rmsprop_step_)
KERNEL(_adagrad_step_)

}  // namespace ember
