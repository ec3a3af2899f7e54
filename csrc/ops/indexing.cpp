#include "ops/indexing.h"

#include <algorithm>

#include "op/var.h"

namespace ember::indexing {

namespace {

// Operations in place write the changed tensor itself, whatever its layout.
void output_like_input(Call& c) {
  if (!c.inplace) c.output(0, c.sizes(0), c.arg(0).body()->dtype);
}

Tensor zeros_like_input(const Backward& b, int i) { return zeros(b.sizes(i), b.dtype(i), b.gradient().device()); }

Tensor number(double value) {
  Tensor tensor = scalar(value, DType::Float64);
  tensor.body()->wrapped_number = true;
  return tensor;
}

bool is_mask(const Tensor& tensor) { return tensor.dtype() == DType::Bool || tensor.dtype() == DType::UInt8; }

// The indices of a mask's True elements, one tensor for each of its dims.
void append_mask(std::vector<Tensor>& into, const Tensor& mask, const Dims& sizes, size_t position) {
  static Operation& find = named("nonzero");
  const int at = int(into.size());
  for (int d = 0; d < mask.dim(); ++d)
    if (at + d >= sizes.size() || mask.size(d) != sizes[at + d])
      fail(ErrorKind::Index, "The shape of the mask ", to_string(mask.sizes()), " at index ", position,
           " does not match the shape of the indexed tensor ", to_string(sizes), " at index ", at + d);
  const NoGradient off;
  const Tensor found = run(find, {mask});  // (count, dims of the mask)
  for (int d = 0; d < mask.dim(); ++d)
    into.push_back(on_storage(found.storage(), DType::Int64, d * found.stride(1), {found.size(0)}, {found.stride(0)}));
}

Dims meet(const Dims& a, const Dims& b) {
  try {
    return broadcast(a, b, "index");
  } catch (const Error&) {
    fail(ErrorKind::Index, "shape mismatch: indexing tensors could not be broadcast together with shapes ", to_string(a), ", ",
         to_string(b));
  }
}

}  // namespace

Plan plan_index(const Dims& sizes, const std::vector<Tensor>& given, const char* name) {
  Plan plan;
  for (size_t i = 0; i < given.size(); ++i) {
    const Tensor& each = given[i];
    if (each && is_mask(each)) {
      append_mask(plan.indices, each, sizes, i);
      continue;
    }
    if (each && each.dtype() != DType::Int64 && each.dtype() != DType::Int32)
      fail(ErrorKind::Index, name, "(): tensors used as indices must be long, int, byte or bool tensors; index ", i, " is ",
           name_of(each.dtype()), ".");
    plan.indices.push_back(each);
  }
  if (int(plan.indices.size()) > sizes.size())
    fail(ErrorKind::Index, name, "(): too many indices for tensor of dimension ", sizes.size(), " (got ", plan.indices.size(),
         ").");
  plan.indices.resize(size_t(sizes.size()));
  int last = -1, count = 0;
  plan.first = sizes.size();
  for (int d = 0; d < sizes.size(); ++d) {
    const Tensor& each = plan.indices[size_t(d)];
    if (!each) continue;
    plan.index_sizes = count ? meet(plan.index_sizes, each.sizes()) : each.sizes();
    plan.first = std::min(plan.first, d);
    last = d;
    ++count;
  }
  if (count && last - plan.first + 1 != count) plan.first = 0;  // apart from each other: their shape comes first
  for (int d = 0; d <= sizes.size(); ++d) {
    if (count && d == plan.first)
      for (const int64_t size : plan.index_sizes) plan.result.push_back(size);
    if (d < sizes.size() && !plan.indices[size_t(d)]) plan.result.push_back(sizes[d]);
  }
  for (Tensor& each : plan.indices)
    if (each && each.sizes() != plan.index_sizes) each = expand(each, plan.index_sizes);
  return plan;
}

void index::infer(Call& c) {
  const Plan plan = plan_index(c.sizes(0), c.arg(1).tensors(), c.name());
  c.args[1] = plan.indices;  // masks have become indices, for the kernel and for backward
  c.output(0, plan.result, c.arg(0).body()->dtype);
}
void index::backward(Backward& b) { b.set(0, run<index_put>(zeros_like_input(b, 0), b.arg(1), b.gradient(), true)); }
KERNEL(index)

void index_put::infer(Call& c) {
  const Plan plan = plan_index(c.sizes(0), c.arg(1).tensors(), c.name());
  c.args[1] = plan.indices;
  const Tensor values = c.tensor(2);
  const DType dtype = c.arg(0).body()->dtype;
  if (values.dtype() != dtype && values.dim() > 0)
    fail(ErrorKind::Runtime, c.name(), "(): Index put requires the source and destination dtypes match, got ", name_of(dtype),
         " for the destination and ", name_of(values.dtype()), " for the source.");
  if (c.arg(3).boolean() && is_limited(dtype))
    fail(ErrorKind::NotImplemented, c.name(), "(): accumulate=True is not implemented for '", name_of(dtype),
         "' tensors. Convert them with .to() first.");
  const int lead = plan.result.size() - values.dim();
  bool fits = true;
  for (int d = 0; d < values.dim(); ++d)
    fits &= values.size(d) == 1 || (lead + d >= 0 && values.size(d) == plan.result[lead + d]);
  if (!fits)
    fail(ErrorKind::Runtime, "shape mismatch: value tensor of shape ", to_string(values.sizes()),
         " cannot be broadcast to indexing result of shape ", to_string(plan.result));
  output_like_input(c);
}
void index_put::backward(Backward& b) {
  if (b.needs(0)) b.set(0, b.arg(3).boolean() ? b.gradient() : run<index_put>(b.gradient(), b.arg(1), number(0)));
  if (b.needs(2)) b.set(2, run<index>(b.gradient(), b.arg(1)));
}
KERNEL(index_put)

// The number of results is known when they are found: the kernel declares the output.
void nonzero::infer(Call& c) {
  if (c.device.type == DeviceType::Meta)
    fail(ErrorKind::NotImplemented, c.name(), "(): the shape of the result depends on data, which a meta tensor has not.");
}
KERNEL(nonzero)

// ---- along one dim ----

namespace {

void check_index_type(const Call& c, int i) {
  const DType dtype = c.arg(i).body()->dtype;
  if (dtype != DType::Int64 && dtype != DType::Int32)
    fail(ErrorKind::Runtime, c.name(), "(): Expected dtype int32 or int64 for index; it is ", name_of(dtype), ".");
}

// The dim, with a vector of indices along it.
int check_vector(const Call& c) {
  const int dim = wrap_dim(c.arg(1).integer(), c.sizes(0).size(), c.name());
  check_index_type(c, 2);
  if (c.sizes(2).size() > 1)
    fail(ErrorKind::Index, c.name(), "(): Index is supposed to be a vector, but got dim: ", c.sizes(2).size(), " with shape ",
         to_string(c.sizes(2)), ".");
  return dim;
}

void check_dtype(const Call& c, int i) {
  const DType dtype = c.arg(0).body()->dtype, other = c.arg(i).body()->dtype;
  if (dtype != other)
    fail(ErrorKind::Runtime, c.name(), "(): input and ", c.op.schema.parameters[size_t(i)].name,
         " must have the same dtype, but they are ", name_of(dtype), " and ", name_of(other), ".");
}

// `source` has one slice for each index and else the shape of the input.
void check_source(const Call& c, int dim, ErrorKind kind) {
  check_dtype(c, 3);
  Dims expected = c.sizes(0);
  if (!expected.empty()) expected[dim] = c.arg(2).body()->numel;
  const Dims& source = c.sizes(3);
  const bool scalar_source = c.arg(2).body()->numel == 1 && source.empty() && expected.size() <= 1;
  if (source != expected && !scalar_source)
    fail(source.size() == expected.size() ? ErrorKind::Runtime : kind, c.name(), "(): source has shape ", to_string(source),
         "; for an input of shape ", to_string(c.sizes(0)), ", dim ", dim, " and ", c.arg(2).body()->numel, " indices ",
         to_string(expected), " is expected.");
}

}  // namespace

void index_select::infer(Call& c) {
  const int dim = check_vector(c);
  Dims sizes = c.sizes(0);
  if (sizes.empty() && c.arg(2).body()->numel != 1)
    fail(ErrorKind::Runtime, c.name(), "(): Index to scalar can have only 1 value, got ", c.arg(2).body()->numel, " value(s).");
  if (!sizes.empty()) sizes[dim] = c.arg(2).body()->numel;
  c.output(0, sizes, c.arg(0).body()->dtype);
}
void index_select::backward(Backward& b) { b.set(0, run<index_add>(zeros_like_input(b, 0), b.arg(1), b.arg(2), b.gradient())); }
KERNEL(index_select)

void index_add::infer(Call& c) {
  check_source(c, check_vector(c), ErrorKind::Runtime);
  output_like_input(c);
}
void index_add::backward(Backward& b) {
  static Operation& multiply = named("mul");
  b.set(0, b.gradient());
  if (!b.needs(3)) return;
  Tensor gradient = run<index_select>(b.gradient(), b.arg(1), b.arg(2));
  if (b.arg(4).real() != 1) gradient = run(multiply, {gradient, number(b.arg(4).real())});
  b.set(3, gradient);
}
KERNEL(index_add)

void index_copy::infer(Call& c) {
  check_source(c, check_vector(c), ErrorKind::Index);
  output_like_input(c);
}
void index_copy::backward(Backward& b) {
  if (b.needs(0)) b.set(0, run<index_fill>(b.gradient(), b.arg(1), b.arg(2), number(0)));
  if (b.needs(3)) b.set(3, run<index_select>(b.gradient(), b.arg(1), b.arg(2)));
}
KERNEL(index_copy)

void index_fill::infer(Call& c) {
  check_vector(c);
  if (!c.sizes(3).empty())
    fail(ErrorKind::Runtime, c.name(), "(): index_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
         c.sizes(3).size(), " dimension(s).");
  output_like_input(c);
}
// The number's gradient is what the others do not get: an index that is named twice counts once.
void index_fill::backward(Backward& b) {
  static Operation& subtract = named("sub");
  const Tensor others = run<index_fill>(b.gradient(), b.arg(1), b.arg(2), number(0));
  b.set(0, others);
  if (b.needs(3)) b.set(3, run(subtract, {b.gradient(), others}));
}
KERNEL(index_fill)

// ---- element by element along one dim ----

namespace {

// gather and its inverses: `index` has the dims of the input and is nowhere larger, but along dim.
void check_elements(const Call& c, int source) {
  const int dim = wrap_dim(c.arg(1).integer(), c.sizes(0).size(), c.name());
  const Dims &sizes = c.sizes(0), &index = c.sizes(2);
  if (c.arg(2).body()->dtype != DType::Int64 && c.arg(2).body()->dtype != DType::Int32)
    fail(ErrorKind::Runtime, c.name(), "(): Expected dtype int32/int64 for index; it is ", name_of(c.arg(2).body()->dtype),
         ".");
  if (c.arg(2).body()->numel == 0) return;
  const int dims = std::max(sizes.size(), 1);
  if (std::max(index.size(), 1) != dims)
    fail(ErrorKind::Runtime, c.name(),
         "(): Index tensor must have the same number of dimensions as input tensor; the shapes are ", to_string(index), " and ",
         to_string(sizes), ".");
  for (int d = 0; d < index.size() && d < sizes.size(); ++d)
    if (d != dim && index[d] > sizes[d])
      fail(ErrorKind::Runtime, c.name(), "(): Size does not match at dimension ", d, " expected index ", to_string(index),
           " to be no larger than self ", to_string(sizes), " apart from dimension ", dim, ".");
  if (source < 0) return;
  const Dims& values = c.sizes(source);
  if (std::max(values.size(), 1) != dims)
    fail(ErrorKind::Runtime, c.name(),
         "(): Index tensor must have the same number of dimensions as src tensor; the shapes are ", to_string(index), " and ",
         to_string(values), ".");
  for (int d = 0; d < index.size() && d < values.size(); ++d)
    if (index[d] > values[d])
      fail(ErrorKind::Runtime, c.name(), "(): Expected index ", to_string(index), " to be no larger than src ",
           to_string(values), ", which it is at dimension ", d, ".");
}

// src counts as far as index reaches: the gradient of the rest is 0.
Tensor gathered_for(const Backward& b, const Tensor& from, int source) {
  static Operation& place = named("_place");
  const Tensor part = run<gather>(from, b.arg(1), b.arg(2));
  const Dims& whole = b.sizes(source);
  return part.sizes() == whole ? part : run(place, {part, part.sizes(), contiguous_strides(whole), 0, whole});
}

}  // namespace

void gather::infer(Call& c) {
  check_elements(c, -1);
  c.output(0, c.sizes(2), c.arg(0).body()->dtype);
}
void gather::backward(Backward& b) { b.set(0, run<scatter_add>(zeros_like_input(b, 0), b.arg(1), b.arg(2), b.gradient())); }
KERNEL(gather)

void scatter::infer(Call& c) {
  if (c.arg(3).is_none()) std::swap(c.args[3], c.args[4]);
  if (!c.arg(4).is_none() || c.arg(3).is_none()) fail(ErrorKind::Type, c.name(), "(): expected one of src and value.");
  const bool one_number = c.sizes(3).empty() && c.arg(3).body()->wrapped_number;
  check_elements(c, one_number ? -1 : 3);
  if (!one_number) check_dtype(c, 3);
  if (!c.arg(5).is_none() && c.arg(5).string() != "add" && c.arg(5).string() != "multiply")
    fail(ErrorKind::Runtime, c.name(), "(): reduce argument must be either add or multiply; it is '", c.arg(5).string(), "'.");
  output_like_input(c);
}
void scatter::backward(Backward& b) {
  const bool adds = !b.arg(5).is_none() && b.arg(5).string() == "add";
  if (!b.arg(5).is_none() && !adds)
    fail(ErrorKind::Runtime,
         "scatter(): the derivative with reduce='multiply' does not exist. Use scatter_reduce() with reduce='prod'.");
  if (b.needs(0)) b.set(0, adds ? b.gradient() : run<scatter>(b.gradient(), b.arg(1), b.arg(2), number(0)));
  if (b.needs(3)) b.set(3, gathered_for(b, b.gradient(), 3));
}
KERNEL(scatter)

void scatter_add::infer(Call& c) {
  check_elements(c, 3);
  check_dtype(c, 3);
  output_like_input(c);
}
void scatter_add::backward(Backward& b) {
  b.set(0, b.gradient());
  if (b.needs(3)) b.set(3, gathered_for(b, b.gradient(), 3));
}
KERNEL(scatter_add)

void scatter_reduce::infer(Call& c) {
  check_elements(c, 3);
  check_dtype(c, 3);
  static const char* known[] = {"sum", "prod", "mean", "amax", "amin"};
  if (std::none_of(std::begin(known), std::end(known), [&](const char* each) { return c.arg(4).string() == each; }))
    fail(ErrorKind::Runtime, c.name(), "(): reduce argument must be either sum, prod, mean, amax or amin, got ",
         c.arg(4).string(), ".");
  output_like_input(c);
}

namespace {

// Where a group holds zeros the product of the others is not out / value: counted apart.
Var product_of_others(const Var& value, const Var& nonzero_product, const Var& zeros_in_group) {
  return select(value == 0, select(zeros_in_group == 1, nonzero_product, 0),
                select(zeros_in_group == 0, nonzero_product / value, 0));
}

struct ReduceGradients {
  Var input, source;  // `source` in the shape of index
};

ReduceGradients reduce_gradients(const Backward& b, const Tensor& source) {
  const Value &dim = b.arg(1), &indices = b.arg(2);
  const std::string& reduce = b.arg(4).string();
  const bool with_self = b.arg(5).boolean();
  const DType dtype = b.gradient().dtype();
  const Device device = b.gradient().device();
  auto gathered = [&](const Var& from) { return Var(run<gather>(from.as_tensor(b.gradient()), dim, indices)); };
  auto added = [&](const Tensor& to, const Tensor& from) { return Var(run<scatter_add>(to, dim, indices, from)); };
  auto at_named = [&](const Tensor& tensor, double value) { return run<scatter>(tensor, dim, indices, number(value)); };
  auto as_numbers = [&](const Var& flags) { return to_dtype(flags.as_tensor(source), dtype); };
  const Var gradient(b.gradient());
  if (reduce == "sum") return {gradient, gathered(gradient)};
  if (reduce == "mean") {
    const Var count = added(full(b.sizes(0), with_self ? 1. : 0., dtype, device), full(source.sizes(), 1., dtype, device));
    const Var share = gradient / max(count, 1);
    return {share, gathered(share)};
  }
  if (reduce == "prod") {
    const Tensor self = with_self ? b.tensor(0) : at_named(b.tensor(0), 1);
    const Var self_is_zero = Var(self) == 0, source_is_zero = Var(source) == 0;
    const Var product(run<scatter_reduce>(select(self_is_zero, 1, Var(self)).as_tensor(self), dim, indices,
                                          select(source_is_zero, 1, Var(source)).as_tensor(source), b.arg(4)));
    const Var zeros_in_group = added(as_numbers(self_is_zero), as_numbers(source_is_zero));
    return {gradient * product_of_others(Var(self), product, zeros_in_group),
            gathered(gradient) * product_of_others(Var(source), gathered(product), gathered(zeros_in_group))};
  }
  // amax, amin: those that are equal to the result share its gradient.
  Tensor self_won = as_numbers(Var(b.tensor(0)) == Var(b.out()));
  if (!with_self) self_won = at_named(self_won, 0);
  const Tensor source_won = as_numbers(Var(source) == gathered(Var(b.out())));
  const Var share = gradient / max(added(self_won, source_won), 1);
  const Var untouched = with_self ? Var(self_won) : Var(at_named(full(b.sizes(0), 1., dtype, device), 0));
  return {untouched * share, Var(source_won) * gathered(share)};
}

}  // namespace

void scatter_reduce::backward(Backward& b) {
  static Operation& narrow = named("narrow");
  static Operation& place = named("_place");
  Tensor source = b.tensor(3);
  const Dims &part = b.sizes(2), &whole = b.sizes(3);
  if (part.product() == 0) return b.set(0, b.gradient());
  for (int d = 0; d < part.size() && d < whole.size(); ++d)
    if (part[d] != whole[d]) source = run(narrow, {source, d, 0, part[d]});
  const ReduceGradients gradients = reduce_gradients(b, source);
  if (b.needs(0)) {
    const Tensor gradient = gradients.input.as_tensor(b.gradient());
    b.set(0, b.arg(5).boolean() ? gradient : run<scatter>(gradient, b.arg(1), b.arg(2), number(0)));
  }
  if (!b.needs(3)) return;
  const Tensor gradient = gradients.source.as_tensor(source);
  b.set(3, part == whole ? gradient : run(place, {gradient, part, contiguous_strides(whole), 0, whole}));
}
KERNEL(scatter_reduce)

// ---- masks ----

namespace {

void check_mask(const Call& c) {
  if (c.arg(1).body()->dtype != DType::Bool)
    fail(ErrorKind::Runtime, c.name(), "(): ", c.name(), " only supports boolean masks, but got mask with dtype ",
         name_of(c.arg(1).body()->dtype), ".");
}

void check_fits(const Call& c, int value) {
  if (is_complex_dtype(c.arg(value).body()->dtype) && !is_complex_dtype(c.arg(0).body()->dtype))
    fail(ErrorKind::Runtime, c.name(), "(): a complex value cannot be converted to ", name_of(c.arg(0).body()->dtype),
         " without overflow.");
}

void output_masked(Call& c) {
  const Dims sizes = broadcast(c.sizes(0), c.sizes(1), c.name());
  if (c.inplace && sizes != c.sizes(0))
    fail(ErrorKind::Runtime, c.name(), "_(): output with shape ", to_string(c.sizes(0)), " doesn't match the broadcast shape ",
         to_string(sizes), ".");
  if (!c.inplace) c.output(0, sizes, c.arg(0).body()->dtype);
}

}  // namespace

void masked_fill::infer(Call& c) {
  check_mask(c);
  check_fits(c, 2);
  if (!c.sizes(2).empty())
    fail(ErrorKind::Runtime, c.name(), "(): masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
         c.sizes(2).size(), " dimension(s).");
  output_masked(c);
}
void masked_fill::backward(Backward& b) {
  static Operation& where = named("where");
  if (b.needs(0)) b.set(0, run<masked_fill>(b.gradient(), b.arg(1), number(0)));
  if (b.needs(2)) b.set(2, run(where, {b.arg(1), b.gradient(), number(0)}));
}
KERNEL(masked_fill)

void masked_select::infer(Call& c) {
  check_mask(c);
  if (c.device.type == DeviceType::Meta)
    fail(ErrorKind::NotImplemented, c.name(), "(): the shape of the result depends on data, which a meta tensor has not.");
  broadcast(c.sizes(0), c.sizes(1), c.name());
}
void masked_select::backward(Backward& b) {
  const Dims sizes = broadcast(b.sizes(0), b.sizes(1), "masked_select");
  b.set(0, run<masked_scatter>(zeros(sizes, b.dtype(0), b.gradient().device()), b.arg(1), b.gradient()));
}
KERNEL(masked_select)

void masked_scatter::infer(Call& c) {
  check_mask(c);
  check_dtype(c, 2);
  output_masked(c);
}
void masked_scatter::backward(Backward& b) {
  static Operation& place = named("_place");
  static Operation& reshape = named("reshape");
  if (b.needs(0)) b.set(0, run<masked_fill>(b.gradient(), b.arg(1), number(0)));
  if (!b.needs(2)) return;
  const Tensor part = run<masked_select>(b.gradient(), b.arg(1));
  const Tensor flat = run(place, {part, part.sizes(), Dims{1}, 0, Dims{b.sizes(2).product()}});
  b.set(2, run(reshape, {flat, b.sizes(2)}));
}
KERNEL(masked_scatter)

// ---- embeddings ----

void embedding::infer(Call& c) {
  check_index_type(c, 0);
  if (c.sizes(1).size() != 2)
    fail(ErrorKind::Runtime, c.name(), "(): 'weight' must be 2-D; its shape is ", to_string(c.sizes(1)), ".");
  const int64_t rows = c.sizes(1)[0];
  if (!c.arg(2).is_none() && (c.arg(2).integer() < -rows || c.arg(2).integer() >= rows))
    fail(ErrorKind::Runtime, c.name(), "(): Padding_idx must be within num_embeddings; it is ", c.arg(2).integer(), " for ",
         rows, " rows.");
  Dims sizes = c.sizes(0);
  sizes.push_back(c.sizes(1)[1]);
  c.output(0, sizes, c.arg(1).body()->dtype);
}
void embedding::backward(Backward& b) {
  b.set(1, run<_embedding_gradient>(b.gradient(), b.arg(0), b.sizes(1)[0], b.arg(2), b.arg(3)));
}
KERNEL(embedding)

void _embedding_gradient::infer(Call& c) {
  check_index_type(c, 1);
  if (c.sizes(0).empty() || c.arg(0).body()->numel != c.arg(1).body()->numel * c.sizes(0).back())
    fail(ErrorKind::Runtime, c.name(), "(): a gradient of shape ", to_string(c.sizes(0)),
         " does not belong to an input of shape ", to_string(c.sizes(1)), ".");
  c.output(0, {c.arg(2).integer(), c.sizes(0).back()}, c.arg(0).body()->dtype);
}
void _embedding_gradient::backward(Backward& b) {
  static Operation& not_equal = named("ne");
  static Operation& unsqueeze = named("unsqueeze");
  static Operation& multiply = named("mul");
  if (b.arg(4).boolean())
    fail(ErrorKind::NotImplemented, "embedding(): the second derivative with scale_grad_by_freq does not exist.");
  Tensor gradient = run<embedding>(b.arg(1), b.gradient());
  if (!b.arg(3).is_none()) {
    const int64_t padding = b.arg(3).integer() < 0 ? b.arg(3).integer() + b.arg(2).integer() : b.arg(3).integer();
    const Tensor kept = run(not_equal, {b.arg(1), number(double(padding))});
    gradient = run(multiply, {gradient, run(unsqueeze, {kept, -1})});
  }
  b.set(0, gradient);
}
KERNEL(_embedding_gradient)

void _repeated_indices::infer(Call& c) {
  check_index_type(c, 0);
  if (c.sizes(0).size() != 1)
    fail(ErrorKind::Runtime, "repeat_interleave(): repeats must be 0-dim or 1-dim tensor; its shape is ", to_string(c.sizes(0)),
         ".");
}
KERNEL(_repeated_indices)

}  // namespace ember::indexing
