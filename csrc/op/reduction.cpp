#include "op/reduction.h"

namespace ember {

uint64_t reduced_mask(const Value& dim, int dims, const char* name, bool empty_is_none) {
  const uint64_t all = dims == 64 ? ~uint64_t(0) : (uint64_t(1) << dims) - 1;
  if (dim.is_none()) return all;
  if (dim.kind == ValueKind::Int) return uint64_t(1) << wrap_dim(dim.integer(), dims, name);
  if (dim.ints().empty()) return empty_is_none ? all : 0;
  uint64_t mask = 0;
  for (int64_t each : wrap_dims(dim.ints(), dims, name)) mask |= uint64_t(1) << each;
  return mask;
}

Dims reduced_sizes(const Dims& sizes, uint64_t mask, bool keepdim) {
  Dims result;
  for (int i = 0; i < sizes.size(); ++i) {
    if (!(mask >> i & 1)) result.push_back(sizes[i]);
    else if (keepdim) result.push_back(1);
  }
  return result;
}

int64_t reduced_count(const Dims& sizes, uint64_t mask) {
  int64_t count = 1;
  for (int i = 0; i < sizes.size(); ++i)
    if (mask >> i & 1) count *= sizes[i];
  return count;
}

Tensor keep_reduced(const Tensor& tensor, const Dims& input_sizes, const Value& dim, const Value& keepdim, const char* name) {
  if (keepdim.boolean() || input_sizes.empty()) return tensor;
  static Operation& reshape = named("reshape");
  return run(reshape, {tensor, reduced_sizes(input_sizes, reduced_mask(dim, input_sizes.size(), name), true)});
}

Tensor keep_reduced(const Backward& b, const Tensor& tensor) {
  return keep_reduced(tensor, b.sizes(0), b.arg(1), b.arg(2), b.op.name());
}

Tensor spread(const Backward& b, const Tensor& tensor) {
  static Operation& expand = named("expand");
  return run(expand, {keep_reduced(b, tensor), b.sizes(0)});
}

namespace {

const Value* given_dtype(const Call& call) {
  for (int i = call.count() - 1; i > 2; --i)
    if (call.op.schema.parameters[size_t(i)].kind == ValueKind::DType) return call.arg(i).is_none() ? nullptr : &call.arg(i);
  return nullptr;
}

double given_number(const Call& call) {
  for (int i = 3; i < call.count(); ++i)
    if (call.op.schema.parameters[size_t(i)].kind == ValueKind::Float) return call.arg(i).real();
  return 0;
}

// any and all take dim=[] at its word.
bool empty_means_all(const Call& call) { return call.op.record->result != Result::Bool; }

void check_type(const Call& call, DType dtype) {
  static constexpr unsigned kinds[] = {kBool, kInteger, kFloat, kComplex};
  if (call.op.record->types & kinds[category_of(dtype)]) return;
  if (call.op.record->types == kInexact || call.op.record->types == kFloat)
    fail(ErrorKind::Runtime, call.name(), "(): input is of dtype ", name_of(dtype), "; expected a floating point",
         call.op.record->types & kComplex ? " or complex" : "", " dtype. Convert it with .float() or pass dtype.");
  fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype), "' tensors.");
}

// A minimum of no elements does not exist.
void check_elements(const Call& call, uint64_t mask) {
  const Dims& sizes = call.sizes(0);
  if (reduced_count(sizes, mask) != 0 || reduced_sizes(sizes, mask, false).product() == 0) return;
  const bool index = call.op.schema.parameters[1].kind == ValueKind::Int;
  if (call.arg(1).is_none() || (!index && call.arg(1).ints().empty()))
    fail(index ? ErrorKind::Index : ErrorKind::Runtime, call.name(), "(): the input of shape ", to_string(sizes),
         " has no elements; expected at least one, or a dim of other size in `dim`.");
  fail(ErrorKind::Index, call.name(), "(): dim to reduce of the input of shape ", to_string(sizes),
       " has size 0; expected a non-zero size.");
}

// The type to read the input as.
DType compute_dtype(DType input, const Value* given) { return compute_of(given ? given->dtype() : input); }

}  // namespace

uint64_t infer_reduced(Call& call, bool needs_elements, std::initializer_list<DType> results) {
  if (!given_dtype(call)) check_type(call, call.args[0].body()->dtype);
  const Dims& sizes = call.sizes(0);
  const uint64_t mask = reduced_mask(call.arg(1), sizes.size(), call.name(), empty_means_all(call));
  if (needs_elements) check_elements(call, mask);
  const Dims left = reduced_sizes(sizes, mask, call.arg(2).boolean());
  int i = 0;
  for (DType dtype : results) call.output(i++, left, dtype);
  return mask;
}

void infer_reduction(Call& call, DType (*result)(DType), bool needs_elements) {
  const Value* given = given_dtype(call);
  const DType input = call.args[0].body()->dtype;
  if (given) check_type(call, given->dtype());
  infer_reduced(call, needs_elements, {given ? given->dtype() : result(input)});
}

void run_reduction_cpu(Call& call) {
  const ReductionLoops* loops = find_reduction_loops(call.op.record->schema);
  // An index over all dims is one of the flattened input.
  const Tensor input = call.op.schema.parameters[1].kind == ValueKind::Int ? contiguous(call.tensor(0)) : call.tensor(0);
  const uint64_t mask = reduced_mask(call.arg(1), input.dim(), call.name(), empty_means_all(call));
  const DType compute = compute_dtype(input.dtype(), given_dtype(call));
  reduce_cpu(*loops, input, mask, compute, given_number(call), call.outputs.data(), call.op.schema.outputs);
}

}  // namespace ember
