// The operations that run an optimizer's rule (optimizer_rules.h) over all parameters of a group in one call.
//
// They take lists of equal length, one entry a parameter; parameters, states and step counters change in place. A list of
// states that a variant does not have is empty. Numbers of a parameter are 0-d CPU tensors; each call counts `steps` up by one.
// With `differentiable` autograd records the rule; `rate` is then a factor of the step, which keeps its graph where `lr` is 1.
#pragma once
#include "op/record.h"

namespace ember {

struct Call;

struct _sgd_step_ {
  static constexpr Record record = {
      .schema =
          "_sgd_step_(Tensor[] params, Tensor[] grads, Tensor[] momentum_buffers, float lr, float momentum, "
          "float dampening, float weight_decay, bool nesterov, bool maximize, bool first, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of SGD. first: the buffers are new, so that each becomes the gradient.",
      .source = "Sutskever et al. 2013",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adam_step_ {
  static constexpr Record record = {
      .schema =
          "_adam_step_(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, "
          "Tensor[] max_exp_avg_sqs, Tensor[] steps, float lr, float beta1, float beta2, float eps, "
          "float weight_decay, bool decoupled, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of Adam, with AMSGrad if max_exp_avg_sqs are given, and AdamW's decay if decoupled.",
      .source = "Kingma and Ba 2015; Loshchilov and Hutter 2019; Reddi et al. 2018",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _rmsprop_step_ {
  static constexpr Record record = {
      .schema =
          "_rmsprop_step_(Tensor[] params, Tensor[] grads, Tensor[] square_avgs, Tensor[] grad_avgs, "
          "Tensor[] momentum_buffers, Tensor[] steps, float lr, float alpha, float eps, float weight_decay, "
          "float momentum, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of RMSprop, centered if grad_avgs are given, with momentum if momentum_buffers are.",
      .source = "Tieleman and Hinton 2012; Graves 2013",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adagrad_step_ {
  static constexpr Record record = {
      .schema =
          "_adagrad_step_(Tensor[] params, Tensor[] grads, Tensor[] sums, Tensor[] steps, float lr, "
          "float lr_decay, float eps, float weight_decay, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of Adagrad.",
      .source = "Duchi et al. 2011",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adadelta_step_ {
  static constexpr Record record = {
      .schema =
          "_adadelta_step_(Tensor[] params, Tensor[] grads, Tensor[] square_avgs, Tensor[] acc_deltas, Tensor[] steps, "
          "float lr, float rho, float eps, float weight_decay, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of Adadelta.",
      .source = "Zeiler 2012",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _adamax_step_ {
  static constexpr Record record = {
      .schema =
          "_adamax_step_(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_infs, Tensor[] steps, "
          "float lr, float beta1, float beta2, float eps, float weight_decay, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of Adamax.",
      .source = "Kingma and Ba 2015",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _nadam_step_ {
  static constexpr Record record = {
      .schema =
          "_nadam_step_(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, Tensor[] mu_products, Tensor[] steps, "
          "float lr, float beta1, float beta2, float eps, float weight_decay, float momentum_decay, bool decoupled, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of NAdam, with AdamW's decay if decoupled.",
      .source = "Dozat 2016",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _radam_step_ {
  static constexpr Record record = {
      .schema =
          "_radam_step_(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, Tensor[] steps, "
          "float lr, float beta1, float beta2, float eps, float weight_decay, bool decoupled, bool maximize, bool differentiable=False, "
          "Tensor? rate=None) -> ()",
      .doc = "One step of RAdam, with AdamW's decay if decoupled.",
      .source = "Liu et al. 2020",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _asgd_step_ {
  static constexpr Record record = {
      .schema =
          "_asgd_step_(Tensor[] params, Tensor[] grads, Tensor[] axs, Tensor[] etas, Tensor[] mus, Tensor[] steps, "
          "float lr, float lambd, float alpha, float t0, float weight_decay, bool maximize, bool differentiable=False) -> ()",
      .doc = "One step of averaged SGD.",
      .source = "Polyak and Juditsky 1992",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

struct _rprop_step_ {
  static constexpr Record record = {
      .schema =
          "_rprop_step_(Tensor[] params, Tensor[] grads, Tensor[] prevs, Tensor[] step_sizes, Tensor[] steps, "
          "float shrink, float grow, float least, float most, bool maximize, bool differentiable=False) -> ()",
      .doc = "One step of Rprop.",
      .source = "Riedmiller and Braun 1993",
      .types = kInexact,
      .where = 0};
  static void infer(Call& call);
  static void cpu(Call& call);
};

}  // namespace ember
