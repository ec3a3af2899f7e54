#include "ops/linalg.h"

#include "op/var.h"

namespace ember {

namespace {

void check_dtypes(const Call& call, int first, int second) {
  const DType a = call.args[first].body()->dtype, b = call.args[second].body()->dtype;
  if (a != b)
    fail(ErrorKind::Runtime, call.name(), "(): expected both operands to have the same dtype, but ",
         call.op.schema.parameters[size_t(first)].name, " is ", name_of(a), " and ",
         call.op.schema.parameters[size_t(second)].name, " is ", name_of(b), ". Convert one with .to().");
  if (a == DType::Bool) fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for 'bool' tensors.");
}

void check_dim(const Call& call, int i, int dims) {
  if (call.sizes(i).size() != dims)
    fail(ErrorKind::Runtime, call.name(), "(): ", call.op.schema.parameters[size_t(i)].name, " is ", call.sizes(i).size(),
         "-d (shape ", to_string(call.sizes(i)), "); expected a ", dims, "-d tensor.");
}

void check_inner(const Call& call, const Dims& a, const Dims& b, int64_t columns, int64_t rows) {
  if (columns != rows)
    fail(ErrorKind::Runtime, call.name(), "(): shapes ", to_string(a), " and ", to_string(b),
         " cannot be multiplied: ", columns, " columns against ", rows, " rows; expected as many.");
}

// Conjugate transpose of the last two dims.
Tensor adjoint(const Tensor& tensor) {
  static Operation& transpose = named("transpose");
  static Operation& conj = named("conj");
  const Tensor turned = run(transpose, {tensor, -2, -1});
  return is_complex_dtype(tensor.dtype()) ? run(conj, {turned}) : turned;
}

Tensor conjugate(const Tensor& tensor) {
  static Operation& conj = named("conj");
  return is_complex_dtype(tensor.dtype()) ? run(conj, {tensor}) : tensor;
}

Tensor reshaped(const Tensor& tensor, const Dims& sizes) {
  static Operation& reshape = named("reshape");
  return run(reshape, {tensor, sizes});
}

Tensor times(const Tensor& tensor, const Value& factor) {
  if (factor.complex() == Complex<double>(1)) return tensor;
  static Operation& multiply = named("mul");
  return run(multiply, {tensor, Var(factor.real()).value()});
}

// x of shape (..., n, k) and y of shape (..., k, m), no 1-d among them; gradient of shape (..., n, m).
void matrix_gradients(Backward& b, int left, int right) {
  if (b.needs(left)) b.set(left, run<matmul>(b.gradient(), adjoint(b.tensor(right))));
  if (b.needs(right)) {
    const bool shared = b.sizes(right).size() == 2 && b.sizes(left).size() > 2;
    b.set(right, shared ? run<contract_rows>(conjugate(b.tensor(left)), b.gradient())
                        : run<matmul>(adjoint(b.tensor(left)), b.gradient()));
  }
}

}  // namespace

// ---- linear

void linear::infer(Call& call) {
  check_dtypes(call, 0, 1);
  const Dims &input = call.sizes(0), &weight = call.sizes(1);
  if (weight.size() != 1 && weight.size() != 2)
    fail(ErrorKind::Runtime, "linear(): weight is ", weight.size(), "-d (shape ", to_string(weight),
         "); expected (out, in) or (in,).");
  const int64_t features = input.empty() ? 0 : input.back();
  if (input.empty() || features != weight.back())
    fail(ErrorKind::Runtime, "linear(): input has ", features, " features in its last dim (shape ", to_string(input),
         "); weight of shape ", to_string(weight), " expects ", weight.back(), ".");
  Dims sizes = input;
  sizes.resize(input.size() - 1);
  if (weight.size() == 2) sizes.push_back(weight[0]);
  if (call.arg(2).is_tensor()) {
    check_dtypes(call, 0, 2);
    const Dims& bias = call.sizes(2);
    const bool fits =
        weight.size() == 2 ? bias.size() <= 1 && (bias.empty() || bias[0] == 1 || bias[0] == weight[0]) : bias.empty();
    if (!fits)
      fail(ErrorKind::Runtime, "linear(): bias has shape ", to_string(bias), "; weight of shape ", to_string(weight),
           " expects ", weight.size() == 2 ? to_string(Dims{weight[0]}) : "()", ".");
  }
  call.output(sizes);
}

void linear::backward(Backward& b) {
  const bool matrix = b.sizes(1).size() == 2;
  const Tensor g = matrix ? b.gradient() : reshaped(b.gradient(), [&] {
    Dims d = b.result_sizes;
    d.push_back(1);
    return d;
  }());
  if (b.needs(0)) {
    const Tensor weight = conjugate(matrix ? b.tensor(1) : reshaped(b.tensor(1), {1, b.sizes(1)[0]}));
    b.set(0, run<matmul>(g, weight));
  }
  if (b.needs(1)) {
    const Tensor gradient = run<contract_rows>(g, conjugate(b.tensor(0)));
    b.set(1, matrix ? gradient : reshaped(gradient, b.sizes(1)));
  }
  if (b.needs(2)) {
    static Operation& sum = named("sum");
    Dims leading;
    for (int i = 0; i < g.dim() - 1; ++i) leading.push_back(i);
    b.set(2, leading.empty() ? g : run(sum, {g, leading}));
  }
}

KERNEL(linear)

// ---- matmul, mm, bmm

void matmul::infer(Call& call) {
  check_dtypes(call, 0, 1);
  const Dims &a = call.sizes(0), &b = call.sizes(1);
  if (a.empty() || b.empty())
    fail(ErrorKind::Runtime, "matmul(): both arguments to matmul need to be at least 1D, but they are ", a.size(), "D and ",
         b.size(), "D.");
  const int64_t columns = a.back(), rows = b.size() == 1 ? b[0] : b[b.size() - 2];
  check_inner(call, a, b, columns, rows);
  Dims left = a, right = b;
  left.resize(std::max(a.size() - 2, 0));
  right.resize(std::max(b.size() - 2, 0));
  Dims sizes = broadcast(left, right, "matmul");
  if (a.size() > 1) sizes.push_back(a[a.size() - 2]);
  if (b.size() > 1) sizes.push_back(b.back());
  call.output(sizes);
}

void matmul::backward(Backward& b) {
  const int left = b.sizes(0).size(), right = b.sizes(1).size();
  if (left > 1 && right > 1) return matrix_gradients(b, 0, 1);
  Dims full = b.result_sizes;  // with the row or column that the 1-d operand lost
  if (right == 1) full.push_back(1);
  if (left == 1) full.insert(full.size() - 1, 1);
  const Tensor g = reshaped(b.gradient(), full);
  const Tensor row = left == 1 ? reshaped(b.tensor(0), {1, b.sizes(0)[0]}) : b.tensor(0);
  const Tensor column = right == 1 ? reshaped(b.tensor(1), {b.sizes(1)[0], 1}) : b.tensor(1);
  if (b.needs(0)) {
    const Tensor gradient = run<matmul>(g, adjoint(column));
    b.set(0, left == 1 ? reshaped(sum_to(gradient, row.sizes()), b.sizes(0)) : gradient);
  }
  if (b.needs(1)) {
    const Tensor gradient = row.dim() > 2 && right == 1 ? run<contract_rows>(conjugate(row), g) : run<matmul>(adjoint(row), g);
    b.set(1, right == 1 ? reshaped(sum_to(gradient, column.sizes()), b.sizes(1)) : gradient);
  }
}

KERNEL(matmul)

void mm::infer(Call& call) {
  check_dim(call, 0, 2);
  check_dim(call, 1, 2);
  check_dtypes(call, 0, 1);
  const Dims &a = call.sizes(0), &b = call.sizes(1);
  check_inner(call, a, b, a[1], b[0]);
  call.output({a[0], b[1]});
}

void mm::backward(Backward& b) { matrix_gradients(b, 0, 1); }

KERNEL(mm)

namespace {

void check_batches(const Call& call, int left, int right) {
  check_dim(call, left, 3);
  check_dim(call, right, 3);
  check_dtypes(call, left, right);
  const Dims &a = call.sizes(left), &b = call.sizes(right);
  if (a[0] != b[0])
    fail(ErrorKind::Runtime, call.name(), "(): shapes ", to_string(a), " and ", to_string(b), " have ", a[0], " and ", b[0],
         " matrices; expected as many.");
  check_inner(call, a, b, a[2], b[1]);
}

}  // namespace

void bmm::infer(Call& call) {
  check_batches(call, 0, 1);
  call.output({call.sizes(0)[0], call.sizes(0)[1], call.sizes(1)[2]});
}

void bmm::backward(Backward& b) { matrix_gradients(b, 0, 1); }

KERNEL(bmm)

// ---- the sum of outer products

void contract_rows::infer(Call& call) {
  check_dtypes(call, 0, 1);
  call.output({call.sizes(0).back(), call.sizes(1).back()});
}

// out = left^T right: d left = right g^T, d right = left g.
void contract_rows::backward(Backward& b) {
  if (b.needs(0)) b.set(0, run<linear>(conjugate(b.tensor(1)), b.gradient()));
  if (b.needs(1)) b.set(1, run<matmul>(conjugate(b.tensor(0)), b.gradient()));
}

KERNEL(contract_rows)

// ---- addmm, baddbmm

namespace {

// The result's shape, to which the input must broadcast.
void infer_added(Call& call, const Dims& sizes) {
  check_dtypes(call, 0, 1);
  const Dims& input = call.sizes(0);
  if (broadcast(input, sizes, call.name()) != sizes)
    fail(ErrorKind::Runtime, call.name(), "(): input of shape ", to_string(input), " does not expand to the product's shape ",
         to_string(sizes), ".");
  call.output(sizes);
}

void added_gradients(Backward& b) {
  b.set(0, times(b.gradient(), b.arg(3)));
  if (!b.needs(1) && !b.needs(2)) return;
  const Tensor g = times(b.gradient(), b.arg(4));
  if (b.needs(1)) b.set(1, run<matmul>(g, adjoint(b.tensor(2))));
  if (b.needs(2)) b.set(2, run<matmul>(adjoint(b.tensor(1)), g));
}

}  // namespace

void addmm::infer(Call& call) {
  check_dim(call, 1, 2);
  check_dim(call, 2, 2);
  check_dtypes(call, 1, 2);
  const Dims &a = call.sizes(1), &b = call.sizes(2);
  check_inner(call, a, b, a[1], b[0]);
  infer_added(call, {a[0], b[1]});
}

void addmm::backward(Backward& b) { added_gradients(b); }

KERNEL(addmm)

void baddbmm::infer(Call& call) {
  check_batches(call, 1, 2);
  infer_added(call, {call.sizes(1)[0], call.sizes(1)[1], call.sizes(2)[2]});
}

void baddbmm::backward(Backward& b) { added_gradients(b); }

KERNEL(baddbmm)

}  // namespace ember
