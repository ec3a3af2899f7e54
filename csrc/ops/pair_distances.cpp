#include "ops/pair_distances.h"

#include <cmath>

#include "op/var.h"

namespace ember {

void pair_distances::infer(Call& c) {
  if (c.sizes(0).size() != 2)
    fail(ErrorKind::Runtime, c.name(), "(): input has shape ", to_string(c.sizes(0)), "; expected (rows, columns).");
  const int64_t rows = c.sizes(0)[0];
  c.output(0, {rows * (rows - 1) / 2}, c.arg(0).body()->dtype);
}

namespace {

Var column(const Tensor& tensor) {
  static Operation& unsqueeze = named("unsqueeze");
  return Var(run(unsqueeze, {tensor, 1}));
}

// The gradient of each pair by its difference, of operations that are differentiable again.
Tensor by_difference(const Var& difference, const Tensor& distances, const Tensor& gradient, double p) {
  const Var norm = column(distances), g = column(gradient), signed_g = sign(difference) * g;
  Var result;
  if (p == 2) {
    result = select(norm == 0, 0, g * difference / select(norm == 0, 1, norm));
  } else if (p == 1) {
    result = signed_g;
  } else if (std::isinf(p)) {
    result = select(abs(difference) == norm, signed_g, 0);
  } else {
    const Var still = difference == 0;
    result = select(still, 0, signed_g * pow(select(still, 1, abs(difference) / norm), p - 1));
  }
  return result.as_tensor(gradient);
}

// Which rows are the first and the second of each pair.
void pairs(int64_t rows, Tensor& first, Tensor& second) {
  first = empty({rows * (rows - 1) / 2}, DType::Int64);
  second = empty(first.sizes(), DType::Int64);
  int64_t *a = first.data<int64_t>(), *b = second.data<int64_t>();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = i + 1; j < rows; ++j) {
      *a++ = i;
      *b++ = j;
    }
}

}  // namespace

void pair_distances::backward(Backward& b) {
  const double p = b.arg(1).real();
  if (p == 0) return b.set(0, zeros(b.sizes(0), b.dtype(0), b.gradient().device()));
  if (!modes.gradient) return b.set(0, run<pair_distances_backward>(b.gradient(), b.arg(0), b.out(), p));
  static Operation& select_rows = named("index_select");
  static Operation& add_rows = named("index_add");
  Tensor first, second;
  pairs(b.sizes(0)[0], first, second);
  const Var difference = Var(run(select_rows, {b.arg(0), 0, first})) - Var(run(select_rows, {b.arg(0), 0, second}));
  const Tensor each = by_difference(difference, b.out(), b.gradient(), p);
  const Tensor none = zeros(b.sizes(0), each.dtype(), each.device());
  b.set(0, run(add_rows, {run(add_rows, {none, 0, first, each}), 0, second, (-Var(each)).as_tensor(each)}));
}
KERNEL(pair_distances)

void pair_distances_backward::infer(Call& c) {
  const Dims& input = c.sizes(1);
  const Dims expected{input.size() == 2 ? input[0] * (input[0] - 1) / 2 : -1};
  if (c.sizes(0) != expected || c.sizes(2) != expected)
    fail(ErrorKind::Runtime, c.name(), "(): gradient and distances have shapes ", to_string(c.sizes(0)), " and ",
         to_string(c.sizes(2)), ", which are not those of the pairs of rows of input, ", to_string(input), ".");
  c.output(0, input, c.arg(1).body()->dtype);
}
KERNEL(pair_distances_backward)

}  // namespace ember
