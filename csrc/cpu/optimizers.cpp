// The optimizers' steps on the CPU: from lists of tensors to arrays, and from the options to each parameter's numbers.
#include "cpu/optimizers.h"

#include <cmath>

#include "cpu/copies.h"
#include "cpu/dispatch.h"
#include "op/call.h"

namespace ember {

EMBER_KERNEL(update_sgd, (DType dtype, const OptimizerSlot<Sgd>* slots, int64_t count))
EMBER_KERNEL(update_sgd_momentum, (DType dtype, const OptimizerSlot<SgdMomentum>* slots, int64_t count))
EMBER_KERNEL(update_adam, (DType dtype, const OptimizerSlot<Adam<false>>* slots, int64_t count))
EMBER_KERNEL(update_amsgrad, (DType dtype, const OptimizerSlot<Adam<true>>* slots, int64_t count))
EMBER_KERNEL(update_rmsprop, (DType dtype, const OptimizerSlot<RmsProp<false, false>>* slots, int64_t count))
EMBER_KERNEL(update_rmsprop_centered, (DType dtype, const OptimizerSlot<RmsProp<true, false>>* slots, int64_t count))
EMBER_KERNEL(update_rmsprop_momentum, (DType dtype, const OptimizerSlot<RmsProp<false, true>>* slots, int64_t count))
EMBER_KERNEL(update_rmsprop_both, (DType dtype, const OptimizerSlot<RmsProp<true, true>>* slots, int64_t count))
EMBER_KERNEL(update_adagrad, (DType dtype, const OptimizerSlot<Adagrad>* slots, int64_t count))

namespace {

// Arrays of a parameter, its gradient and its states with the elements in one order: in place where the strides agree,
// else through dense copies, which are written back at the end.
class Arrays {
 public:
  void* of(const Tensor& tensor, const Tensor& parameter, bool changes) {
    if (changes) ++tensor.storage()->version;
    const bool dense = is_dense(parameter);
    const bool fits =
        (tensor.is_contiguous() && (parameter.is_contiguous() || !dense)) || (dense && tensor.strides() == parameter.strides());
    if (fits) return tensor.raw();
    Tensor copy =
        dense ? empty_strided(parameter.sizes(), parameter.strides(), tensor.dtype()) : empty(tensor.sizes(), tensor.dtype());
    copy_elements(copy, tensor);
    copies_.push_back(copy);
    if (changes) changed_.push_back({tensor, copy});
    return copy.raw();
  }
  void write_back() {
    for (const auto& [tensor, copy] : changed_) copy_elements(tensor, copy);
  }

 private:
  std::vector<Tensor> copies_;
  std::vector<std::pair<Tensor, Tensor>> changed_;
};

// Counts a step of parameter i and returns its number.
double count_step(const Tensor& counter) {
  ++counter.storage()->version;
  if (counter.dtype() == DType::Float32) return double(*counter.data<float>() += 1.f);
  if (counter.dtype() == DType::Float64) return *counter.data<double>() += 1.;
  const double step = counter.as_double() + 1.;
  copy_elements(counter, scalar(step, DType::Float64));
  return step;
}

// Runs a kernel over all parameters, one type after another; hyper(i) gives the numbers of parameter i.
template <class Rule, class Hyper>
void run_step(const Call& call, std::initializer_list<int> states,
              void (*const kernel)(DType, const OptimizerSlot<Rule>*, int64_t), Hyper hyper) {
  const std::vector<Tensor>&parameters = call.arg(0).tensors(), &gradients = call.arg(1).tensors();
  for (DType dtype : {DType::Float32, DType::Float64, DType::BFloat16, DType::Float16}) {
    std::vector<OptimizerSlot<Rule>> slots;
    Arrays arrays;
    int64_t total = 0;
    for (size_t i = 0; i < parameters.size(); ++i) {
      const Tensor& parameter = parameters[i];
      if (real_of(parameter.dtype()) != dtype) continue;
      if (slots.empty()) slots.reserve(parameters.size() - i);
      OptimizerSlot<Rule>& slot = slots.emplace_back();
      slot.parameter = arrays.of(parameter, parameter, true);
      slot.gradient = arrays.of(gradients[i], parameter, false);
      void** array = slot.states;
      for (int list : states) *array++ = arrays.of(call.arg(list).tensors()[i], parameter, true);
      slot.length = parameter.numel() * (is_complex_dtype(parameter.dtype()) ? 2 : 1);  // parts are numbers of their own
      slot.hyper = hyper(i);
      total += slot.length;
    }
    if (slots.empty()) continue;
    Unlocked unlocked(total > parallel_work);
    kernel(dtype, slots.data(), int64_t(slots.size()));
    arrays.write_back();
  }
}

double sign_of(bool maximize) { return maximize ? -1. : 1.; }

}  // namespace

void _sgd_step_::cpu(Call& call) {
  const double lr = call.arg(3).real(), momentum = call.arg(4).real(), dampening = call.arg(5).real();
  const double weight_decay = call.arg(6).real(), sign = sign_of(call.arg(8).boolean());
  const bool nesterov = call.arg(7).boolean(), first = call.arg(9).boolean();
  if (call.arg(2).tensors().empty()) {
    run_step(call, {}, update_sgd, [&](size_t) { return Sgd::Hyper<double>{lr, weight_decay, sign}; });
    return;
  }
  const SgdMomentum::Hyper<double> hyper = {.lr = lr,
                                            .weight_decay = weight_decay,
                                            .sign = sign,
                                            .decay = first ? 0. : momentum,
                                            .gain = first ? 1. : 1. - dampening,
                                            .nesterov = momentum,
                                            .plain = nesterov ? 0. : 1.};
  run_step(call, {2}, update_sgd_momentum, [&](size_t) { return hyper; });
}

void _adam_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(5).tensors();
  const double lr = call.arg(6).real(), beta1 = call.arg(7).real(), beta2 = call.arg(8).real();
  const double weight_decay = call.arg(10).real();
  const bool decoupled = call.arg(11).boolean();
  double step = 0, step_size = 0, correction = 0;  // of the parameter before: mostly all have made as many steps
  auto hyper = [&]<bool amsgrad>(size_t i, Adam<amsgrad>) {
    const double own = count_step(counters[i]);
    if (own != step) {
      step = own;
      correction = std::sqrt(1. - std::pow(beta2, step));
      step_size = correction * lr / (1. - std::pow(beta1, step));
    }
    return typename Adam<amsgrad>::template Hyper<double>{.shrink = decoupled ? 1. - lr * weight_decay : 1.,
                                                          .weight_decay = decoupled ? 0. : weight_decay,
                                                          .sign = sign_of(call.arg(12).boolean()),
                                                          .first_weight = 1. - beta1,
                                                          .beta2 = beta2,
                                                          .second_weight = 1. - beta2,
                                                          .step_size = step_size,
                                                          .eps = correction * call.arg(9).real()};
  };
  if (call.arg(4).tensors().empty()) run_step(call, {2, 3}, update_adam, [&](size_t i) { return hyper(i, Adam<false>()); });
  else run_step(call, {2, 3, 4}, update_amsgrad, [&](size_t i) { return hyper(i, Adam<true>()); });
}

void _rmsprop_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(5).tensors();
  auto hyper = [&]<bool centered, bool momentum>(size_t i, RmsProp<centered, momentum>) {
    count_step(counters[i]);
    const double alpha = call.arg(7).real();
    return typename RmsProp<centered, momentum>::template Hyper<double>{.lr = call.arg(6).real(),
                                                                        .weight_decay = call.arg(9).real(),
                                                                        .sign = sign_of(call.arg(11).boolean()),
                                                                        .alpha = alpha,
                                                                        .weight = 1. - alpha,
                                                                        .eps = call.arg(8).real(),
                                                                        .decay = call.arg(10).real()};
  };
  const bool centered = !call.arg(3).tensors().empty(), momentum = !call.arg(4).tensors().empty();
  if (centered && momentum)
    run_step(call, {2, 3, 4}, update_rmsprop_both, [&](size_t i) { return hyper(i, RmsProp<true, true>()); });
  else if (centered)
    run_step(call, {2, 3}, update_rmsprop_centered, [&](size_t i) { return hyper(i, RmsProp<true, false>()); });
  else if (momentum)
    run_step(call, {2, 4}, update_rmsprop_momentum, [&](size_t i) { return hyper(i, RmsProp<false, true>()); });
  else run_step(call, {2}, update_rmsprop, [&](size_t i) { return hyper(i, RmsProp<false, false>()); });
}

void _adagrad_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(3).tensors();
  const double lr = call.arg(4).real(), lr_decay = call.arg(5).real();
  run_step(call, {2}, update_adagrad, [&](size_t i) {
    const double step = count_step(counters[i]);
    return Adagrad::Hyper<double>{.lr = lr / (1. + (step - 1.) * lr_decay),
                                  .weight_decay = call.arg(7).real(),
                                  .sign = sign_of(call.arg(8).boolean()),
                                  .eps = call.arg(6).real()};
  });
}

}  // namespace ember
