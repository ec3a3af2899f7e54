// Reductions: a monoid (op/monoid.h), from which shape rule, threads, layouts and element types follow.
// Schemas begin `(Tensor input, int[]? dim=None, bool keepdim=False`; then numbers and `dtype`.
#pragma once
#include "op/backward.h"
#include "op/monoid.h"

namespace ember {

// The loops of the processor at hand; null where the schema has none.
const ReductionLoops* find_reduction_loops(const char* schema);

// Which dims a reduction folds, from its `dim` argument: None and, unless `empty_is_none` is false, [] mean all.
uint64_t reduced_mask(const Value& dim, int dims, const char* name, bool empty_is_none = true);
Dims reduced_sizes(const Dims& sizes, uint64_t mask, bool keepdim);
// The number of elements that meet in one result.
int64_t reduced_count(const Dims& sizes, uint64_t mask);

// Folds the dims in `mask` of `input` (any strides), read as `compute`, into outs (contiguous, keepdim or not).
void reduce_cpu(const ReductionLoops& loops, const Tensor& input, uint64_t mask, DType compute, double number,
                const Tensor* outs, int count);

// A result or its gradient again in the shape of the input with size 1 in the reduced dims, so that it broadcasts.
Tensor keep_reduced(const Tensor& tensor, const Dims& input_sizes, const Value& dim, const Value& keepdim, const char* name);
Tensor keep_reduced(const Backward& backward, const Tensor& tensor);
// ... and expanded to the input's sizes.
Tensor spread(const Backward& backward, const Tensor& tensor);

// Declares the outputs: one for each type, of the shape that is left. Gives the folded dims.
uint64_t infer_reduced(Call& call, bool needs_elements, std::initializer_list<DType> results);
void infer_reduction(Call& call, DType (*result)(DType), bool needs_elements);
void run_reduction_cpu(Call& call);

template <class Op>
void infer_by_record(Call& call) {
  infer_reduction(call, Op::result, requires { Op::needs_elements; });
}

template <class Op>
void build_reduction(Operation& operation) {
  if constexpr (requires { Op::infer; }) operation.infer = Op::infer;
  else operation.infer = infer_by_record<Op>;
  operation.run[int(DeviceType::Cpu)] = run_reduction_cpu;
  operation.any_layout = true;
  if constexpr (requires { Op::backward; }) operation.backward = Op::backward;
}

#define EMBER_REDUCTION(op) EMBER_REGISTRATION(op, build_reduction<op>)

}  // namespace ember
