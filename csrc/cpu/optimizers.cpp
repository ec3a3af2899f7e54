// The optimizers' steps on the CPU: from lists of tensors to arrays, and from the options to each parameter's numbers.
#include "cpu/optimizers.h"

#include <cmath>

#include "cpu/copies.h"
#include "cpu/dispatch.h"
#include "op/var.h"
#include "ops/optimizers.h"

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
EMBER_KERNEL(update_adadelta, (DType dtype, const OptimizerSlot<Adadelta>* slots, int64_t count))
EMBER_KERNEL(update_adamax, (DType dtype, const OptimizerSlot<Adamax>* slots, int64_t count))
EMBER_KERNEL(update_nadam, (DType dtype, const OptimizerSlot<NAdam>* slots, int64_t count))
EMBER_KERNEL(update_radam, (DType dtype, const OptimizerSlot<RAdam>* slots, int64_t count))
EMBER_KERNEL(update_asgd, (DType dtype, const OptimizerSlot<AveragedSgd>* slots, int64_t count))
EMBER_KERNEL(update_rprop, (DType dtype, const OptimizerSlot<Rprop>* slots, int64_t count))

// What rules call besides operators, on tensors.
static Var fused_multiply_add(const Var& a, const Var& b, const Var& c) { return a * b + c; }
static Var interpolate(const Var& a, const Var& b, const Var& weight) { return a + weight * (b - a); }
static Var decayed(const Var& gradient, const Var& parameter, const Var& sign, const Var& weight_decay) {
  return sign * gradient + weight_decay * parameter;
}

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

// Sets a number of a parameter, and returns it as it is stored.
double store(const Tensor& number, double value) {
  ++number.storage()->version;
  if (number.dtype() == DType::Float32) return double(*number.data<float>() = float(value));
  if (number.dtype() == DType::Float64) return *number.data<double>() = value;
  copy_elements(number, scalar(value, DType::Float64));
  return value;
}
// A float32 number is multiplied in float32: states are PyTorch's to the last bit.
double multiply(const Tensor& number, double factor) {
  const double value = number.as_double();
  return store(number, number.dtype() == DType::Float32 ? double(float(value) * float(factor)) : value * factor);
}
double count_step(const Tensor& counter) { return store(counter, counter.as_double() + 1.); }

// The rule as recorded operations; what it reads is copied first, for the changes in place come before backward.
template <class Rule>
void record_step(const Tensor& parameter, const Tensor& gradient, const std::vector<Tensor>& states,
                 const typename Rule::template Hyper<double>& hyper, const Tensor& rate) {
  static Operation &clone = named("clone"), &copy = named("copy"), &as_real = named("view_as_real");
  const NoGradient on(true);
  const auto real = [](const Tensor& tensor) {
    return is_complex_dtype(tensor.dtype()) ? run(as_real, {tensor}) : tensor;  // parts are numbers of their own
  };
  Tensor targets[4] = {real(parameter)};
  Var values[4];
  for (size_t i = 0; i < states.size(); ++i) targets[i + 1] = real(states[i]);
  for (size_t i = 0; i <= states.size(); ++i) values[i] = Var(run(clone, {targets[i]}));
  const Var g(real(gradient));
  const auto h = Rule::template rounded<Var>(hyper);
  if constexpr (Rule::states == 0) Rule::step(values[0], g, h);
  else if constexpr (Rule::states == 1) Rule::step(values[0], g, values[1], h);
  else if constexpr (Rule::states == 2) Rule::step(values[0], g, values[1], values[2], h);
  else Rule::step(values[0], g, values[1], values[2], values[3], h);
  if (rate) {  // steps are straight in it
    const Var start(run(clone, {targets[0]}));
    values[0] = start + Var(rate) * (values[0] - start);
  }
  for (size_t i = 0; i <= states.size(); ++i) run_into(copy, targets[i], {targets[i], values[i].as_tensor(targets[i])});
}

// Runs a kernel over all parameters, one type after another; hyper(i) gives the numbers of parameter i.
template <class Rule, class Hyper>
void run_step(const Call& call, std::initializer_list<int> states,
              void (*const kernel)(DType, const OptimizerSlot<Rule>*, int64_t), Hyper hyper) {
  const std::vector<Tensor>&parameters = call.arg(0).tensors(), &gradients = call.arg(1).tensors();
  if (call.arg(call.op.schema.find("differentiable")).boolean()) {
    const int last = call.count() - 1;
    const Tensor rate = call.op.schema.parameters[size_t(last)].name == "rate" ? call.tensor(last) : Tensor();
    for (size_t i = 0; i < parameters.size(); ++i) {
      std::vector<Tensor> own;
      for (int list : states) own.push_back(call.arg(list).tensors()[i]);
      record_step<Rule>(parameters[i], gradients[i], own, hyper(i), rate);
    }
    return;
  }
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

void _adadelta_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(4).tensors();
  const double rho = call.arg(6).real();
  run_step(call, {2, 3}, update_adadelta, [&](size_t i) {
    count_step(counters[i]);
    return Adadelta::Hyper<double>{.lr = call.arg(5).real(),
                                   .weight_decay = call.arg(8).real(),
                                   .sign = sign_of(call.arg(9).boolean()),
                                   .rho = rho,
                                   .weight = 1. - rho,
                                   .eps = call.arg(7).real()};
  });
}

void _adamax_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(4).tensors();
  const double lr = call.arg(5).real(), beta1 = call.arg(6).real();
  run_step(call, {2, 3}, update_adamax, [&](size_t i) {
    const double step = count_step(counters[i]);
    return Adamax::Hyper<double>{.weight_decay = call.arg(9).real(),
                                 .sign = sign_of(call.arg(10).boolean()),
                                 .first_weight = 1. - beta1,
                                 .beta2 = call.arg(7).real(),
                                 .eps = call.arg(8).real(),
                                 .step_size = lr / (1. - std::pow(beta1, step))};
  });
}

void _nadam_step_::cpu(Call& call) {
  const std::vector<Tensor>&products = call.arg(4).tensors(), &counters = call.arg(5).tensors();
  const double lr = call.arg(6).real(), beta1 = call.arg(7).real(), beta2 = call.arg(8).real();
  const double weight_decay = call.arg(10).real(), momentum_decay = call.arg(11).real();
  const bool decoupled = call.arg(12).boolean();
  const auto momentum = [&](double step) { return beta1 * (1. - 0.5 * std::pow(0.96, step * momentum_decay)); };
  run_step(call, {2, 3}, update_nadam, [&](size_t i) {
    const double step = count_step(counters[i]), mu = momentum(step), next = momentum(step + 1.);
    const double product = multiply(products[i], mu);
    return NAdam::Hyper<double>{.shrink = decoupled ? 1. - lr * weight_decay : 1.,
                                .weight_decay = decoupled ? 0. : weight_decay,
                                .sign = sign_of(call.arg(13).boolean()),
                                .first_weight = 1. - beta1,
                                .beta2 = beta2,
                                .second_weight = 1. - beta2,
                                .correction = 1. / (1. - std::pow(beta2, step)),
                                .gradient_rate = lr * (1. - mu) / (1. - product),
                                .average_rate = lr * next / (1. - product * next),
                                .eps = call.arg(9).real()};
  });
}

void _radam_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(4).tensors();
  const double lr = call.arg(5).real(), beta1 = call.arg(6).real(), beta2 = call.arg(7).real();
  const double weight_decay = call.arg(9).real(), longest = 2. / (1. - beta2) - 1.;  // of the mean of squares, in steps
  const bool decoupled = call.arg(10).boolean();
  run_step(call, {2, 3}, update_radam, [&](size_t i) {
    const double step = count_step(counters[i]), left = std::pow(beta2, step);
    const double length = longest - 2. * step * left / (1. - left);
    const bool plain = length <= 5.;
    const double rectified =
        std::sqrt((length - 4.) * (length - 2.) * longest * (1. - left) / ((longest - 4.) * (longest - 2.) * length));
    return RAdam::Hyper<double>{.shrink = decoupled ? 1. - lr * weight_decay : 1.,
                                .weight_decay = decoupled ? 0. : weight_decay,
                                .sign = sign_of(call.arg(11).boolean()),
                                .first_weight = 1. - beta1,
                                .beta2 = beta2,
                                .second_weight = 1. - beta2,
                                .step_size = lr / (1. - std::pow(beta1, step)) * (plain ? 1. : rectified),
                                .eps = call.arg(8).real(),
                                .plain = plain ? 1. : 0.};
  });
}

void _asgd_step_::cpu(Call& call) {
  const std::vector<Tensor>&etas = call.arg(3).tensors(), &mus = call.arg(4).tensors(), &counters = call.arg(5).tensors();
  const double lr = call.arg(6).real(), lambd = call.arg(7).real(), alpha = call.arg(8).real(), t0 = call.arg(9).real();
  run_step(call, {2}, update_asgd, [&](size_t i) {
    const double step = count_step(counters[i]), eta = etas[i].as_double(), mu = mus[i].as_double();
    store(etas[i], lr / std::pow(1. + lambd * lr * step, alpha));
    store(mus[i], 1. / std::max(1., step - t0));
    return AveragedSgd::Hyper<double>{.weight_decay = call.arg(10).real(),
                                      .sign = sign_of(call.arg(11).boolean()),
                                      .shrink = 1. - lambd * eta,
                                      .eta = eta,
                                      .mu = mu};
  });
}

void _rprop_step_::cpu(Call& call) {
  const std::vector<Tensor>& counters = call.arg(4).tensors();
  run_step(call, {2, 3}, update_rprop, [&](size_t i) {
    count_step(counters[i]);
    return Rprop::Hyper<double>{.sign = sign_of(call.arg(9).boolean()),
                                .shrink = call.arg(5).real(),
                                .grow = call.arg(6).real(),
                                .least = call.arg(7).real(),
                                .most = call.arg(8).real()};
  });
}

}  // namespace ember
