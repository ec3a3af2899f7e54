// Checks of the optimizers' steps. They have no outputs: what they change are the tensors in their lists.
#include "ops/optimizers.h"

#include "op/call.h"

namespace ember {

namespace {

// States of one parameter agree with it in shape and type, as its gradient does; lists from `numbers` on hold one number for
// each parameter. `step` names the user's call.
void check_lists(const Call& call, const char* step, int lists, int numbers) {
  const std::vector<Tensor>& parameters = call.arg(0).tensors();
  for (int list = 0; list < lists; ++list)
    for (const Tensor& tensor : call.arg(list).tensors())
      if (!tensor) fail(ErrorKind::Type, step, ": one of ", call.op.schema.parameters[size_t(list)].name, " is None.");
  for (int list = 1; list < lists; ++list) {
    const std::vector<Tensor>& tensors = call.arg(list).tensors();
    const std::string& name = call.op.schema.parameters[size_t(list)].name;
    if (tensors.empty() && list > 1) continue;  // a variant without this state
    if (tensors.size() != parameters.size())
      fail(ErrorKind::Runtime, step, ": ", name, " has ", tensors.size(), " tensors; expected one for each of the ",
           parameters.size(), " parameters.");
    if (list >= numbers) continue;
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
  for (int list = numbers; list < lists; ++list)
    for (const Tensor& number : call.arg(list).tensors())
      if (number.numel() != 1 || number.device().type != DeviceType::Cpu) {
        std::string name = call.op.schema.parameters[size_t(list)].name;
        name.pop_back();  // steps: the state 'step' of each parameter
        fail(ErrorKind::Runtime, step, ": the state '", name, "' is a tensor of shape ", to_string(number.sizes()), " on ",
             to_string(number.device()), "; expected one element on cpu.");
      }
}

}  // namespace

void _sgd_step_::infer(Call& call) { check_lists(call, "SGD.step()", 3, 3); }
void _adam_step_::infer(Call& call) { check_lists(call, "Adam.step()", 6, 5); }
void _rmsprop_step_::infer(Call& call) { check_lists(call, "RMSprop.step()", 6, 5); }
void _adagrad_step_::infer(Call& call) { check_lists(call, "Adagrad.step()", 4, 3); }
void _adadelta_step_::infer(Call& call) { check_lists(call, "Adadelta.step()", 5, 4); }
void _adamax_step_::infer(Call& call) { check_lists(call, "Adamax.step()", 5, 4); }
void _nadam_step_::infer(Call& call) { check_lists(call, "NAdam.step()", 6, 4); }
void _radam_step_::infer(Call& call) { check_lists(call, "RAdam.step()", 5, 4); }
void _asgd_step_::infer(Call& call) { check_lists(call, "ASGD.step()", 6, 3); }
void _rprop_step_::infer(Call& call) { check_lists(call, "Rprop.step()", 5, 4); }

KERNEL(_sgd_step_)
KERNEL(_adam_step_)
KERNEL(_rmsprop_step_)
KERNEL(_adagrad_step_)
KERNEL(_adadelta_step_)
KERNEL(_adamax_step_)
KERNEL(_nadam_step_)
KERNEL(_radam_step_)
KERNEL(_asgd_step_)
KERNEL(_rprop_step_)

}  // namespace ember
