// Matrix products. Shape rules and gradients stand in ops/linalg.cpp, the loops in cpu/linalg.cpp over cpu/gemm.h.
#pragma once
#include "op/backward.h"

namespace ember {

struct linear {
  static constexpr Record record = {
      .schema = "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
      .doc = "y = x W^T + b for x of shape (*, in), W of shape (out, in) and b of shape (out,).",
      .saves = "input weight",
      .where = kFunctional,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct matmul {
  static constexpr Record record = {
      .schema = "matmul(Tensor input, Tensor other) -> Tensor",
      .doc = "Matrix product. 1-d operands are a row on the left, a column on the right; dims before the last two broadcast.",
      .saves = "input other",
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct mm {
  static constexpr Record record = {
      .schema = "mm(Tensor input, Tensor mat2) -> Tensor",
      .doc = "Product of two matrices: (n, k) and (k, m) give (n, m).",
      .saves = "input mat2",
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct bmm {
  static constexpr Record record = {
      .schema = "bmm(Tensor input, Tensor mat2) -> Tensor",
      .doc = "Products of two batches of matrices: (b, n, k) and (b, k, m) give (b, n, m).",
      .saves = "input mat2",
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

// Sum over all leading positions of the outer products of rows: a weight's gradient in one product.
struct contract_rows {
  static constexpr Record record = {
      .schema = "_contract_rows(Tensor left, Tensor right) -> Tensor",
      .doc = "(*, n) and (*, k) give (n, k): left^T right with all leading dims as rows.",
      .saves = "left right",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct addmm {
  static constexpr Record record = {
      .schema = "addmm(Tensor input, Tensor mat1, Tensor mat2, *, number beta=1, number alpha=1) -> Tensor",
      .doc = "beta * input + alpha * mat1 @ mat2; with beta = 0 the input is not read.",
      .saves = "mat1 mat2",
      .inplace = true,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct baddbmm {
  static constexpr Record record = {
      .schema = "baddbmm(Tensor input, Tensor batch1, Tensor batch2, *, number beta=1, number alpha=1) -> Tensor",
      .doc = "beta * input + alpha * batch1 @ batch2 for batches of matrices; with beta = 0 the input is not read.",
      .saves = "batch1 batch2",
      .inplace = true,
      .autocast = Autocast::Lower,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

}  // namespace ember
