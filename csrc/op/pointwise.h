// Pointwise operations: a scalar formula, from which everything else is derived.
//
//   struct square {
//     static constexpr Record record = {.schema = "square(Tensor input) -> Tensor", ...};
//     template <class X> EMBER_FN static X forward(X x) { return x * x; }
//   };
//   EMBER_REGISTER(square)
//
// The tensors come first in the schema, the numbers after them. The derivative is the formula on Dual<X>; where the node
// should keep the output and not the input, `from_output(g, y)` gives the gradient from it. Higher orders run the same
// Dual on tensors (op/var.h).
#pragma once
#include "op/backward.h"
#include "op/formula.h"
#include "op/var.h"
#include "scalar/taint.h"

namespace ember {

inline constexpr int kMaxTensors = 4;
inline constexpr int kMaxNumbers = 4;
inline constexpr int kComputeTypes = 5;  // int64, float32, float64, complex64, complex128

inline int compute_index(DType dtype) {
  const DType compute = compute_of(dtype);
  return compute == DType::Int64 ? 0 : int(compute) - int(DType::Float32) + 1;
}

using PointwiseLoop = void (*)(const void* const* inputs, void* out, const Number64* numbers, int64_t n);

// Constant data of one instruction set's library section (cpu/pointwise_loops.h).
struct PointwiseLoops {
  const char* schema;
  PointwiseLoop forward[kComputeTypes];
  PointwiseLoop gradient[kMaxTensors][kComputeTypes];  // inputs: g, then the tensors (or the output, for from_output)
};

struct Pointwise {
  int tensors = 0;
  int numbers = 0;
  bool from_output = false;
  uint32_t reads[kMaxTensors] = {};                // which tensors the derivative by tensor k depends on
  // The derivative by tensor k where it is a plain number, whatever the tensors hold (add: 1): no kernel needed.
  bool (*constant_derivative)(int k, const Number64* numbers, double* result) = nullptr;
  Tensor (*higher)(Backward&, int k) = nullptr;    // gradient by tensor k, made of recorded operations
  const PointwiseLoops* loops = nullptr;
};

void infer_pointwise(Call& call);
void backward_pointwise(Backward& backward);
void collect_numbers(const Operation& op, const Value* args, Number64* numbers);
// cpu/: the engine, and its loops for this processor.
void run_pointwise_cpu(Call& call);
Tensor gradient_pointwise_cpu(Backward& backward, int k);
const PointwiseLoops* find_pointwise_loops(const char* schema);

namespace formula {

template <class Op, class X, size_t... T, size_t... N>
X evaluate(const X* tensors, const Number64* numbers, std::index_sequence<T...>, std::index_sequence<N...>) {
  return Op::template forward<X>(tensors[T]..., number_as<X>(numbers[N])...);
}

template <class Op, class X>
X evaluate(const X* tensors, const Number64* numbers) {
  return evaluate<Op, X>(tensors, numbers, std::make_index_sequence<tensors_in(Op::record.schema)>(),
                         std::make_index_sequence<numbers_in(Op::record.schema)>());
}

template <class Op, class X>
Dual<X> seeded(const X* values, int k, const Number64* numbers) {
  Dual<X> duals[kMaxTensors];
  for (size_t j = 0; j < tensors_in(Op::record.schema); ++j) duals[j] = Dual<X>(values[j], X(int(j) == k ? 1 : 0));
  return evaluate<Op, Dual<X>>(duals, numbers);
}

// From formula to the inputs that its derivative reads, by running it on marks.
template <class Op>
Taint derivative_taint(int k, const Number64* numbers) {
  Taint values[kMaxTensors];
  for (int j = 0; j < int(tensors_in(Op::record.schema)); ++j) values[j] = Taint::input(j);
  return seeded<Op, Taint>(values, k, numbers).derivative;
}

template <class Op>
bool constant_derivative(int k, const Number64* numbers, double* result) {
  const Taint taint = derivative_taint<Op>(k, numbers);
  return taint.is_number(result);
}

template <class Op>
Tensor higher(Backward& b, int k) {
  Number64 numbers[kMaxNumbers];
  collect_numbers(b.op, b.args, numbers);
  Var values[kMaxTensors];
  for (int j = 0; j < int(tensors_in(Op::record.schema)); ++j)
    values[j] = b.op.pointwise->reads[k] >> j & 1 ? Var(b.tensor(j)) : Var::missing();
  Var gradient(b.gradient());
  if constexpr (requires { Op::template from_output<Var>; }) {
    return Op::template from_output<Var>(gradient, Var(b.out())).as_tensor(b.gradient());
  } else {
    Var derivative = seeded<Op, Var>(values, k, numbers).derivative;
    return (gradient * conj(derivative)).as_tensor(b.gradient());
  }
}

}  // namespace formula

template <class Op>
void build_pointwise(Operation& operation) {
  Pointwise* pointwise = new Pointwise;  // lives as long as the process
  constexpr int tensors = int(tensors_in(Op::record.schema));
  pointwise->tensors = tensors;
  pointwise->numbers = int(numbers_in(Op::record.schema));
  pointwise->loops = find_pointwise_loops(Op::record.schema);
  if constexpr (is_differentiable_formula<Op>) {
    pointwise->from_output = requires { Op::template from_output<Var>; };
    Number64 numbers[kMaxNumbers];
    // Any values, but no two that a formula could cancel: marks follow the formula, not them.
    for (int i = 0; i < kMaxNumbers; ++i) numbers[i] = {0.7 + 1.37 * i, 7 + 6 * i};
    if (!pointwise->from_output)
      for (int k = 0; k < tensors; ++k) pointwise->reads[k] = formula::derivative_taint<Op>(k, numbers).mask();
    pointwise->constant_derivative = formula::constant_derivative<Op>;
    pointwise->higher = formula::higher<Op>;
    operation.backward = backward_pointwise;
    operation.saved_outputs = pointwise->from_output;
  }
  operation.pointwise = pointwise;
  operation.any_layout = true;
  operation.infer = infer_pointwise;
  operation.run[int(DeviceType::Cpu)] = run_pointwise_cpu;
}

#define EMBER_REGISTER(op) EMBER_REGISTRATION(op, build_pointwise<op>)

}  // namespace ember
