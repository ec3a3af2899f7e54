// Scans: what stands at i is made of the elements up to i along one dim.
#pragma once
#include "op/backward.h"

namespace ember {

struct cumsum {
  static constexpr Record record = {
      .schema = "cumsum(Tensor input, int dim, *, dtype? dtype=None) -> Tensor",
      .doc = "Sums of the elements up to each place along dim.",
      .types = kNumbers | kUnsigned,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct cumprod {
  static constexpr Record record = {
      .schema = "cumprod(Tensor input, int dim, *, dtype? dtype=None) -> Tensor",
      .doc = "Products of the elements up to each place along dim.",
      .types = kNumbers | kUnsigned,
      .saves = "input out",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct logcumsumexp {
  static constexpr Record record = {
      .schema = "logcumsumexp(Tensor input, int dim) -> Tensor",
      .doc = "log(sum(exp(x))) of the elements up to each place along dim.",
      .types = kFloat,
      .saves = "input out",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct cummax {
  static constexpr Record record = {
      .schema = "cummax(Tensor input, int dim) -> (Tensor values, Tensor indices)",
      .doc = "The largest of the elements up to each place along dim, and where the last such stands.",
      .types = kReal,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct cummin {
  static constexpr Record record = {
      .schema = "cummin(Tensor input, int dim) -> (Tensor values, Tensor indices)",
      .doc = "The smallest of the elements up to each place along dim, and where the last such stands.",
      .types = kReal,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
