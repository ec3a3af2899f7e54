// The path of every operation. Read call() at the end first: seven steps, each a function above it.
#include "op/call.h"

#include <algorithm>

#include "core/channels_last.h"
#include "op/autocast.h"
#include "op/batched.h"
#include "op/numbers.h"
#include "op/watch.h"

namespace ember {

void (*record_node)(Call&) = nullptr;
void (*check_inplace)(Call&) = nullptr;
bool (*follows_base)(const Tensor&) = nullptr;
void* (*unlock_interpreter)() = nullptr;
void (*lock_interpreter)(void*) = nullptr;

namespace {

template <class Visit>
void each_tensor(const Call& call, Visit visit) {
  int left = call.op.tensor_slots;
  for (int i = 0; left; ++i) {
    const ValueKind kind = call.op.schema.parameters[size_t(i)].kind;
    if (kind == ValueKind::Tensor) {
      --left;
      if (call.args[i].is_tensor()) visit(i, *call.args[i].body());
    } else if (kind == ValueKind::Tensors) {
      --left;
      if (!call.args[i].is_none())
        for (const Tensor& tensor : call.args[i].tensors())
          if (tensor) visit(i, *tensor.body());
    }
  }
}

// A wrapped Python float counts as the default floating type, whatever precision it is kept in.
DType promotion_dtype(const TensorBody& body) {
  if (!body.wrapped_number) return body.dtype;
  if (is_complex_dtype(body.dtype)) return complex_of(default_dtype());
  return is_floating(body.dtype) ? default_dtype() : body.dtype;
}

// Tensors with dims outrank 0-d tensors, which outrank numbers: the weaker changes the category only, not the width.
struct Promotion {
  const char* caller;
  bool seen[3] = {};
  DType best[3] = {};
  void add(const TensorBody& body) {
    const int rank = body.wrapped_number ? 2 : body.sizes.empty() ? 1 : 0;
    const DType dtype = promotion_dtype(body);
    best[rank] = seen[rank] ? promote(best[rank], dtype, caller) : dtype;
    seen[rank] = true;
  }
  DType result() const {
    DType found = DType::Bool;
    bool any = false;
    for (int rank = 2; rank >= 0; --rank) {
      if (!seen[rank]) continue;
      found = any ? combine(best[rank], found) : best[rank];
      any = true;
    }
    return found;
  }
  DType combine(DType strong, DType weak) const {
    if (is_complex_dtype(strong)) return strong;
    if (is_floating(strong) && !is_complex_dtype(weak)) return strong;
    if (is_floating(strong)) return is_limited(strong) ? promote(strong, weak, caller) : complex_of(strong);
    if (is_complex_dtype(weak)) return weak;
    if (strong == DType::Bool || category_of(weak) > 1) return promote(strong, weak, caller);
    return strong;
  }
};

// The type in which tensors of several meet. Where one is limited and meets few others, masks do not count, nor what stands
// after the first argument of a kernel: indices, and what is written.
DType met_type(const Call& call, bool limited) {
  Promotion promotion{call.name()};
  int leader = -1;
  each_tensor(call, [&](int i, const TensorBody& body) {
    if (leader < 0) leader = i;
    if (!limited || (call.op.pointwise ? body.dtype != DType::Bool : i == leader)) promotion.add(body);
  });
  return promotion.result();
}

Value number_in(const TensorBody& body) {
  const Tensor tensor(const_cast<TensorBody*>(&body));
  if (is_complex_dtype(body.dtype)) return *tensor.data<Complex<double>>();
  return is_floating(body.dtype) || body.dtype == DType::UInt64 ? Value(tensor.as_double()) : Value(tensor.as_int());
}

// Few operations take the limited types: all others refuse them here. An operation on elements takes the type in which
// its tensors meet, another one all that it is given, or else the type that it is asked for.
void check_limited(const Call& call) {
  if (call.op.is_view) return;
  const Record& record = *call.op.record;
  // What computes in floating point reads integers of any width.
  const unsigned taken =
      record.types | (record.result == Result::Floating && record.types & kInteger ? unsigned(kUnsigned) : 0u);
  const auto check = [&](DType dtype) {
    if (is_limited(dtype) && !(taken & kDTypeFacts[int(dtype)].kind))
      fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype),
           "' tensors. Convert them with .to() first.");
  };
  each_tensor(call, [&](int, const TensorBody& body) {  // an integer of more than 63 bits
    if (body.wrapped_number && body.dtype == DType::UInt64 && is_integral(call.dtype) && call.dtype != DType::UInt64)
      fail(ErrorKind::Runtime, call.name(), "(): value cannot be converted to type ", name_of(call.dtype),
           " without overflow.");
  });
  if (call.op.pointwise) return check(call.dtype);
  bool checked = false;
  for (int i = 0; i < call.count(); ++i)
    if (call.args[i].kind == ValueKind::DType) {
      check(call.args[i].dtype());
      checked = true;
    }
  if (checked) return;
  each_tensor(call, [&](int, const TensorBody& body) {
    if (!body.wrapped_number) check(body.dtype);
    checked = true;
  });
  if (!checked && call.given) check(call.outputs[0].dtype());
}

}  // namespace

// Step 3: the element type in which the tensors meet, and their one device.
void promote_types(Call& call) {
  const TensorBody* first = nullptr;
  bool one_dtype = true;
  each_tensor(call, [&](int, const TensorBody& body) {
    if (!first) {
      first = &body;
      call.device = body.device;
    } else if (!(body.device == call.device)) {
      const bool first_follows = first->sizes.empty() && call.device.type == DeviceType::Cpu;
      const bool body_follows = body.sizes.empty() && body.device.type == DeviceType::Cpu;
      if (first_follows) call.device = body.device;
      if (first_follows || body_follows) call.mixed_devices = true;
      else
        fail(ErrorKind::Runtime, call.name(), "(): tensors are on ", to_string(call.device), " and ", to_string(body.device),
             "; all must be on one device. Move one with .to().");
    }
    call.hides_layout |= hides_channels_last(body);
    one_dtype &= !body.wrapped_number && body.dtype == first->dtype;
  });
  if (first && one_dtype && !is_limited(first->dtype)) [[likely]] {
    call.dtype = first->dtype;
    return;
  }
  const TensorBody* number = nullptr;
  bool limited = !first;
  each_tensor(call, [&](int, const TensorBody& body) {
    limited |= is_limited(body.dtype);
    if (body.wrapped_number) number = &body;
  });
  if (first) call.dtype = one_dtype ? first->dtype : met_type(call, limited);
  if (limited) [[unlikely]]
    check_limited(call);
  if (number && call.op.record->inplace && !(number->dtype == DType::UInt64 && is_integral(first->dtype)))
    check_number(number_in(*number), first->dtype, call.name(), call.inplace);
}

namespace {

bool same_geometry(const TensorBody& a, const TensorBody& b) {
  return a.storage == b.storage && a.offset == b.offset && a.dtype == b.dtype && a.sizes == b.sizes && a.strides == b.strides;
}

std::pair<const char*, const char*> memory_range(const TensorBody& body) {
  int64_t low = 0, high = 0;
  for (int i = 0; i < body.sizes.size(); ++i) {
    const int64_t reach = (body.sizes[i] - 1) * body.strides[i];
    (reach < 0 ? low : high) += reach;
  }
  const char* start = static_cast<const char*>(body.storage->data) + body.offset * int64_t(bytes_of(body.dtype));
  return {start + low * int64_t(bytes_of(body.dtype)), start + (high + 1) * int64_t(bytes_of(body.dtype))};
}

bool overlaps(const TensorBody& a, const TensorBody& b) {
  if (!a.numel || !b.numel || !a.storage->data || a.storage->data != b.storage->data || same_geometry(a, b)) return false;
  const auto [a_low, a_high] = memory_range(a);
  const auto [b_low, b_high] = memory_range(b);
  return a_low < b_high && b_low < a_high;
}

// What is written must be one element at each place, and must not be read at another place at the same time.
void check_given(Call& call) {
  const TensorBody& out = *call.outputs[0].body();
  for (int i = 0; i < out.sizes.size(); ++i)
    if (out.strides[i] == 0 && out.sizes[i] > 1)
      fail(ErrorKind::Runtime, call.name(),
           "(): unsupported operation: more than one element of the written-to tensor of shape ", to_string(out.sizes),
           " refers to a single memory location (dim ", i, " is expanded); expected a tensor of its own. Use clone() first.");
  if (!call.inplace && out.requires_grad && modes.gradient)
    fail(ErrorKind::Runtime, call.name(),
         "(): out= does not support automatic differentiation, but out requires grad; expected a tensor without gradient.");
  if (!call.inplace && !is_differentiable(out.dtype)) return;
  if (!call.inplace && modes.gradient)
    each_tensor(call, [&](int, const TensorBody& body) {
      if (body.requires_grad)
        fail(
            ErrorKind::Runtime, call.name(),
            "(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad. Use no_grad().");
    });
}

void check_device(const Call& call, const Tensor& out) {
  if (!(out.device() == call.device))
    fail(ErrorKind::Runtime, call.name(), "(): out is on ", to_string(out.device()), ", the result on ", to_string(call.device),
         "; both must be on one device. Move one with .to().");
}

// What lies channels-last behind row-major strides, as the operation is to see it: with the strides that it has in memory,
// or, where the operation knows one order only, laid out as the strides say.
class Layouts {
 public:
  Layouts(Call& call, const Tensor& target) : call_(call), given_(call.args) {
    if (target) call.hides_layout |= hides_channels_last(*target.body());
    if (!call.hides_layout || call.op.is_view) return;
    stored_.assign(call.args, call.args + call.count());
    // Once without a result: where an argument is laid out, others that look into its memory are not shown as it was.
    for (const Value& value : stored_) shown(value);
    if (target) shown(Value(target));
    for (Value& value : stored_) value = shown(value);
    if (target) target_ = call.inplace ? stored_[0].tensor() : shown(Value(target)).tensor();
    if (target) call.outputs[0] = target_;
    call.args = stored_.data();
  }
  // After the kernel: the caller's tensors again, and results that users see in row-major order.
  void restore(const Tensor& target) {
    if (stored_.empty()) return;
    call_.args = given_;
    if (target && call_.outputs[0].same(target_)) call_.outputs[0] = target;
    if (!call_.hides_layout) return;
    for (size_t i = target ? 1 : 0; i < call_.outputs.size(); ++i)
      if (call_.outputs[i] && is_channels_last(call_.outputs[i])) hide_channels_last(call_.outputs[i]);
  }

 private:
  Value shown(const Value& value) const {
    if (value.is_tensor()) {
      if (call_.op.any_layout) return as_stored(value.tensor());
      if (hides_channels_last(*value.body())) lay_out_as_shown(*value.body()->storage);
    } else if (value.kind == ValueKind::Tensors) {
      std::vector<Tensor> tensors = value.tensors();
      for (Tensor& tensor : tensors)
        if (tensor) tensor = shown(Value(tensor)).tensor();
      return tensors;
    }
    return value;
  }

  Call& call_;
  Value* given_;
  std::vector<Value> stored_;
  Tensor target_;
};

// A number on the CPU goes with tensors of any device, but not the other way round.
void check_followers(const Call& call) {
  if (call.mixed_devices && call.device.type == DeviceType::Cpu)
    fail(ErrorKind::NotImplemented, call.name(),
         "(): Cannot copy out of meta tensor; no data! Its result would be on cpu; expected tensors on one device.");
}

bool overlaps_inputs(const Call& call, const TensorBody& out) {
  bool found = false;
  each_tensor(call, [&](int, const TensorBody& body) { found |= overlaps(body, out); });
  return found;
}

bool wants_gradient(const Call& call) {
  bool wanted = false;
  each_tensor(call, [&](int, TensorBody& body) {
    wanted |= body.requires_grad || (body.base && body.base->requires_grad && follows_base(Tensor(&body)));
  });
  return wanted;
}

}  // namespace

void Call::read_device(int i) {
  bool of_tensor = false;
  each_tensor(*this, [&](int, const TensorBody&) { of_tensor = true; });
  if (!arg(i).is_none()) device = arg(i).device();
  else if (given) device = outputs[0].device();
  else if (!of_tensor) device = default_device();
  device = device_here(device, name());
}

Tensor& Call::output(int i, const Dims& sizes, DType dtype) {
  Tensor& slot = outputs[size_t(i)];
  if (i != 0 || !given) return slot = empty(sizes, dtype, device);
  const Tensor target = slot;
  check_device(*this, target);
  if (target.sizes() != sizes) {
    if (inplace)
      fail(ErrorKind::Runtime, name(), "_(): output with shape ", to_string(target.sizes()),
           " doesn't match the broadcast shape ", to_string(sizes), ".");
    resize(target, sizes);
  }
  if (!can_cast(dtype, target.dtype()))
    fail(ErrorKind::Runtime, name(), inplace ? "_" : "", "(): result type ", name_of(dtype),
         " can't be cast to the desired output type ", name_of(target.dtype()), ".");
  // Pointwise loops write any layout and type; kernels get a plain tensor, copied out afterwards.
  const bool plain = op.pointwise || (target.dtype() == dtype && target.is_contiguous());
  if (!op.pointwise && overlaps_inputs(*this, *target.body())) return slot = empty(sizes, dtype, device);
  // An output that is also an input may be written only by operations made for that.
  bool is_input = false;
  if (!op.pointwise && !(inplace && op.record->inplace))
    each_tensor(*this, [&](int, const TensorBody& body) { is_input |= same_geometry(body, *target.body()); });
  if (!plain || is_input) slot = empty(sizes, dtype, device);
  return slot;
}

namespace {

// Inputs that lie across what is written are read before: cloned, in the graph. Where both are dense they share elements
// for certain, which PyTorch refuses.
void separate_inputs(Call& call, const Tensor& out) {
  static Operation& clone = named("clone");
  for (int i = call.inplace; i < call.count(); ++i) {
    const Tensor input = call.tensor(i);
    if (!input || !overlaps(*input.body(), *out.body())) continue;
    if (call.op.pointwise && is_dense(input) && is_dense(out))
      fail(
          ErrorKind::Runtime, call.name(),
          "(): unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Use clone() first.");
    if (call.op.pointwise || call.gradient) call.args[i] = run(clone, {input});
  }
}

void run_steps(Call& call) {
  const Operation& op = call.op;
  promote_types(call);
  Tensor target;
  if (call.given) {
    check_given(call);
    target = call.outputs[0];
  }
  call.gradient = modes.gradient && op.backward && wants_gradient(call);
  if (call.given) separate_inputs(call, target);
  if (call.inplace) check_inplace(call);
  const bool recorded = call.gradient;
  if (modes.watched & kBatching) call.gradient |= std::exchange(wants_hidden, false);

  Layouts layouts(call, target);
  op.infer(call);
  check_followers(call);
  if (target) check_device(call, target);
  if (auto* kernel = op.run[int(call.device.type)]) kernel(call);
  else if (!op.is_view && call.device.type == DeviceType::Cpu)
    fail(ErrorKind::NotImplemented, op.name(), "(): no kernel for ", to_string(call.device), " tensors.");
  layouts.restore(target);

  if (target) {
    if (!target.same(call.outputs[0])) {
      if (call.device.type == DeviceType::Cpu) copy_into(target, call.outputs[0]);
      call.outputs[0] = target;
    }
    ++target.storage()->version;
  }
  if (recorded || (call.inplace && modes.gradient && target.body()->requires_grad)) record_node(call);
  if (modes.inference && !call.given)
    for (Tensor& output : call.outputs)
      if (output) output.body()->inference = true;
}

// The modes that are rarely on stand before the other steps.
[[gnu::cold, gnu::noinline]] void run_in_modes(Call& request) {
  if (!modes.autocast) {
    if (modes.watched & kBatching && run_batched(request, run_steps)) return;
    return modes.watched & ~kBatching ? watch(request, run_steps) : run_steps(request);
  }
  cast_arguments(request);
  const NoAutocast inside;  // what the operation is made of keeps its types
  call(request);
}

}  // namespace

void call(Call& call) {
  if (modes.autocast || modes.watched) [[unlikely]]
    return run_in_modes(call);
  run_steps(call);
}

Tensor run(const Operation& op, std::initializer_list<Value> arguments) { return std::move(run_all(op, arguments)[0]); }

std::array<Tensor, kMaxOutputs> run_all(const Operation& op, std::initializer_list<Value> arguments) {
  Value args[kMaxParameters];
  std::copy(arguments.begin(), arguments.end(), args);
  for (size_t i = arguments.size(); i < op.schema.parameters.size(); ++i) args[i] = op.schema.parameters[i].standard;
  Call request(op, args);
  call(request);
  return std::move(request.outputs);
}

void run_into(const Operation& op, const Tensor& out, std::initializer_list<Value> arguments) {
  Value args[kMaxParameters];
  std::copy(arguments.begin(), arguments.end(), args);
  for (size_t i = arguments.size(); i < op.schema.parameters.size(); ++i) args[i] = op.schema.parameters[i].standard;
  Call request(op, args);
  request.outputs[0] = out;
  request.given = true;
  request.inplace = args[0].is_tensor() && args[0].body() == out.body();
  call(request);
}

Operation& named(std::string_view name) {
  if (Operation* found = find_operation(name)) return *found;
  fail(ErrorKind::Runtime, "there is no operation called ", std::string(name), ".");
}

Tensor contiguous(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  static Operation& clone = named("clone");
  if (is_stand_in(tensor)) return run(clone, {tensor, "contiguous_format"});  // in the graph of what it stands for
  NoGradient off;
  Tensor dense = empty(tensor.sizes(), tensor.dtype(), tensor.device());
  copy_into(dense, tensor);
  return dense;
}

Tensor to_dtype(const Tensor& tensor, DType dtype) {
  static Operation& cast = named("_cast");
  return tensor.dtype() == dtype ? tensor : run(cast, {tensor, dtype});
}

Tensor zeros(const Dims& sizes, DType dtype, Device device) {
  Tensor tensor = empty(sizes, dtype, device);
  if (tensor.storage()->data) std::memset(tensor.raw(), 0, tensor.storage()->bytes);
  return tensor;
}

Tensor full(const Dims& sizes, const Value& number, DType dtype, Device device) {
  Tensor tensor = empty(sizes, dtype, device);
  fill(tensor, number);
  return tensor;
}

void copy_into(const Tensor& to, const Tensor& from) {
  static Operation& copy = named("copy");
  NoGradient off;
  run_into(copy, to, {to, from});
}

void fill(const Tensor& tensor, const Value& number) {
  static Operation& fill_value = named("fill");
  NoGradient off;
  run_into(fill_value, tensor, {tensor, number});
}

Tensor sum_to(const Tensor& tensor, const Dims& sizes) {
  if (tensor.sizes() == sizes) return tensor;
  static Operation& sum = named("sum");
  static Operation& reshape = named("reshape");
  const int lead = tensor.dim() - sizes.size();
  Dims dims;
  for (int i = 0; i < tensor.dim(); ++i)
    if (i < lead || (sizes[i - lead] == 1 && tensor.size(i) != 1)) dims.push_back(i);
  Tensor result = tensor;
  if (!dims.empty()) result = run(sum, {tensor, dims, true});
  return lead ? run(reshape, {result, sizes}) : result;
}

}  // namespace ember
