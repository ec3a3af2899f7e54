// Random draws. Element i of a draw depends on the seed and the counter alone, never on threads or strides.
#pragma once
#include "op/backward.h"
#include "op/call.h"

namespace ember::sampling {

// In place these fill a tensor, each element drawn anew.
#define EMBER_DRAW(name, parameters, kinds, text) \
  struct name { \
    static constexpr Record record = { \
        .schema = #name "(Tensor input, " parameters ", *, generator? generator=None) -> Tensor", \
        .doc = text, \
        .types = kinds, \
        .inplace = true, \
        .where = 0, \
    }; \
    static void infer(Call& c); \
    static void cpu(Call& c); \
    static void backward(Backward& b); \
  };
EMBER_DRAW(uniform, "float from=0, float to=1", kNumbers | kHalfComplex, "A tensor like input of draws from [from, to).")
EMBER_DRAW(_normal, "float mean=0, float std=1", kNumbers | kHalfComplex, "A tensor like input of normal draws.")
EMBER_DRAW(exponential, "float lambd=1", kNumbers, "A tensor like input of exponential draws of rate lambd.")
EMBER_DRAW(cauchy, "float median=0, float sigma=1", kNumbers, "A tensor like input of Cauchy draws.")
EMBER_DRAW(log_normal, "float mean=1, float std=2", kNumbers, "A tensor like input of draws whose logarithm is normal.")
EMBER_DRAW(geometric, "float p", kNumbers, "A tensor like input of numbers of trials up to the first success of probability p.")
EMBER_DRAW(_bernoulli, "float p=0.5", kNumbers, "A tensor like input of draws that are 1 with probability p, else 0.")
EMBER_DRAW(random, "int? from=None, int? to=None", kNumbers | kUnsigned,
           "A tensor like input of integers in [from, to); without bounds all that the dtype holds exactly, from 0.")
#undef EMBER_DRAW

struct bernoulli {
  static constexpr Record record = {
      .schema = "bernoulli(Tensor input, *, generator? generator=None) -> Tensor",
      .doc = "1 with the probability that the element of input says, else 0.",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct poisson {
  static constexpr Record record = {
      .schema = "poisson(Tensor input, generator? generator=None) -> Tensor",
      .doc = "Poisson draws whose rates are the elements of input.",
      .source = "Hormann 1993, The transformed rejection method for generating Poisson random variables (PTRS)",
      .where = kFunction,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct randperm {
  static constexpr Record record = {
      .schema = "randperm(int n, *, generator? generator=None, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "The integers 0 to n - 1 in random order.",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct multinomial {
  static constexpr Record record = {
      .schema = "multinomial(Tensor input, int num_samples, bool replacement=False, *, generator? generator=None) -> Tensor",
      .doc = "num_samples indices drawn with probabilities in proportion to the rows of input.",
      .source = "without replacement: Efraimidis and Spirakis 2006, Weighted random sampling with a reservoir",
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

// seed and offset name the draw; the first call takes them from the generator, the gradient draws the same mask again.
struct dropout {
  static constexpr Record record = {
      .schema = "dropout(Tensor input, float p=0.5, bool training=True, *, int? seed=None, int? offset=None) -> Tensor",
      .doc = "While training each element is 0 with probability p and else divided by 1 - p; input itself otherwise.",
      .source = "Srivastava et al. 2014",
      .inplace = true,
      .where = kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember::sampling
