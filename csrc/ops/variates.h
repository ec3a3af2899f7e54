// Random variables whose parameters are tensors, and how a sample moves with its parameters.
#pragma once
#include "op/backward.h"
#include "op/call.h"

namespace ember::variates {

struct _standard_gamma {
  static constexpr Record record = {
      .schema = "_standard_gamma(Tensor input, generator? generator=None) -> Tensor",
      .doc = "Gamma draws of rate 1 whose shapes are the elements of input.",
      .source = "Marsaglia and Tsang 2000, A simple method for generating gamma variables",
      .saves = "input out",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _standard_gamma_grad {
  static constexpr Record record = {
      .schema = "_standard_gamma_grad(Tensor input, Tensor output) -> Tensor",
      .doc = "How the gamma draws `output` of shapes `input` move with the shapes: -(dF / d shape) / density.",
      .source = "Figurnov, Mohamed and Mnih 2018, Implicit reparameterization gradients",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _sample_dirichlet {
  static constexpr Record record = {
      .schema = "_sample_dirichlet(Tensor input, generator? generator=None) -> Tensor",
      .doc = "Dirichlet draws: gamma draws of shapes `input`, divided by their sum along the last dim.",
      .saves = "input out",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct _dirichlet_grad {
  static constexpr Record record = {
      .schema = "_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor",
      .doc = "How draws x of Beta(alpha, total - alpha) move with alpha at the same total - alpha, divided by 1 - x.",
      .source = "Figurnov, Mohamed and Mnih 2018, Implicit reparameterization gradients",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct binomial {
  static constexpr Record record = {
      .schema = "binomial(Tensor count, Tensor prob, generator? generator=None) -> Tensor",
      .doc = "Numbers of successes among `count` trials of probability `prob`.",
      .source = "Hormann 1993, The generation of binomial random variates (BTRS)",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember::variates
