// Operations on stand-ins: what each kind of record tells about batches.
#include "op/batched.h"

#include <algorithm>

#include "core/layout.h"

namespace ember {

uint32_t (*batching_rule)(Call&, const BatchLevel&, const std::vector<uint64_t>&, bool) = nullptr;
bool (*batching_composition)(Call&) = nullptr;

namespace {

// What a storage of stand-ins owns: Storage::on_delete is where it keeps it.
struct Holder {
  Batch batch;
  void operator()() const {}
};

template <class Visit>
void each_tensor(const Call& call, Visit visit) {
  for (int i = 0; i < call.count(); ++i) {
    const Value& arg = call.args[i];
    if (arg.is_tensor()) visit(arg.tensor());
    else if (arg.kind == ValueKind::Tensors)
      for (const Tensor& tensor : arg.tensors())
        if (tensor) visit(tensor);
  }
}

int innermost_level(const Call& call) {
  int level = call.given ? level_of(call.outputs[0]) : 0;
  each_tensor(call, [&](const Tensor& tensor) { level = std::max(level, level_of(tensor)); });
  return level;
}

}  // namespace

Batch& batch_of(const Tensor& stand_in) { return stand_in.storage()->on_delete.target<Holder>()->batch; }

bool differs_by_sample(const Tensor& tensor) {
  return is_stand_in(tensor) && (batch_of(tensor).mapped || differs_by_sample(batch_of(tensor).root));
}

void show_elements(Storage& storage) {
  const Batch& batch = storage.on_delete.target<Holder>()->batch;
  if (batch.mapped)
    fail(ErrorKind::Runtime,
         "vmap(): the function reads the numbers of one sample, by .item(), by `if` or in other data-dependent control flow; "
         "expected operations on tensors. Use torch.where() for `if`.");
  batch.root.raw();
  storage.data = batch.root.storage()->data;
}

Tensor stand_in(const Tensor& value, int level, bool mapped) {
  Ref<Storage> storage(new Storage);
  storage->data = storage.get();  // something: null is the memory of no elements
  storage->device = value.device();
  storage->bytes = value.storage()->bytes;
  storage->resizable = false;
  storage->channels = -1;
  storage->on_delete = Holder{{value, level, mapped}};
  Dims sizes = value.sizes(), strides = value.strides();
  if (mapped) {
    sizes.erase(0);
    strides.erase(0);
  }
  return on_storage(storage, value.dtype(), value.offset(), std::move(sizes), std::move(strides));
}

namespace {

// Dims of size 1 have no stride to speak of.
bool same_places(const Dims& sizes, const Dims& a, const Dims& b) {
  for (int i = 0; i < sizes.size(); ++i)
    if (sizes[i] > 1 && a[i] != b[i]) return false;
  return true;
}

Dims wide_dims(const Dims& sizes) {
  Dims wide;
  for (int i = 0; i < sizes.size(); ++i)
    if (sizes[i] != 1) wide.push_back(i);
  return wide;
}

// How the dims of one geometry, but those of size 1, are those of another in some order; empty where they are not.
Dims permutation(const Tensor& from, const Dims& sizes, const Dims& strides) {
  const Dims have = wide_dims(from.sizes()), want = wide_dims(sizes);
  if (have.size() != want.size()) return {};
  Dims order;
  for (const int64_t i : want)
    for (int j = 0; j < have.size(); ++j) {
      if (order.contains(j) || from.size(int(have[j])) != sizes[int(i)] || from.stride(int(have[j])) != strides[int(i)])
        continue;
      order.push_back(j);
      break;
    }
  return order.size() == want.size() ? order : Dims();
}

Tensor reshaped(const Tensor& tensor, const Dims& sizes) {
  static Operation& reshape = named("reshape");
  return tensor.sizes() == sizes ? tensor : run(reshape, {tensor, sizes});
}

// A view of the root in the graph, by the operation with the cheapest derivative.
Tensor recorded_view(const Tensor& root, const Dims& sizes, const Dims& strides, int64_t offset) {
  static Operation& permute = named("permute");
  static Operation& as_strided = named("as_strided");
  Dims found;
  if (offset == root.offset() && sizes.product() == root.numel()) {
    if (strides_for_view(root.sizes(), root.strides(), sizes, found) && same_places(sizes, strides, found))
      return reshaped(root, sizes);
    const Dims order = permutation(root, sizes, strides);
    if (!order.empty()) {
      Dims wide;
      for (const int64_t i : wide_dims(root.sizes())) wide.push_back(root.size(int(i)));
      return reshaped(run(permute, {reshaped(root, wide), order}), sizes);
    }
  }
  return run(as_strided, {root, sizes, strides, offset});
}

}  // namespace

namespace {

// Real numbers seen as complex ones, or the other way round: in the geometry of the root's type, then as the view's.
Tensor value_of_other_type(const Tensor& stand_in) {
  const Batch& batch = batch_of(stand_in);
  static Operation& as_real = named("view_as_real");
  static Operation& as_complex = named("view_as_complex");
  const bool pairs = is_complex_dtype(stand_in.dtype());
  const Tensor root = pairs ? batch.root : run(as_real, {batch.root});
  Dims sizes = stand_in.sizes(), strides = stand_in.strides();
  if (pairs) {
    for (int64_t& stride : strides) stride *= 2;
    sizes.push_back(2);
    strides.push_back(1);
  }
  const Tensor view = on_storage(ember::stand_in(root, batch.level, batch.mapped).storage(), root.dtype(),
                                 stand_in.offset() * (pairs ? 2 : 1), std::move(sizes), std::move(strides));
  return pairs ? run(as_complex, {value_of(view)}) : value_of(view);
}

}  // namespace

Tensor value_of(const Tensor& stand_in) {
  const Batch& batch = batch_of(stand_in);
  const Tensor& root = batch.root;
  if (stand_in.dtype() != root.dtype()) return value_of_other_type(stand_in);
  Dims sizes = stand_in.sizes(), strides = stand_in.strides();
  if (batch.mapped) {
    sizes.insert(0, root.size(0));
    strides.insert(0, root.stride(0));
  }
  if (stand_in.offset() == root.offset() && sizes == root.sizes() && same_places(sizes, strides, root.strides())) return root;
  if (!sizes.contains(0) && stand_in.offset() + reach(sizes, strides) > int64_t(root.storage()->bytes / bytes_of(root.dtype())))
    fail(ErrorKind::Runtime, "vmap(): a view of shape ", to_string(stand_in.sizes()), ", strides ",
         to_string(stand_in.strides()), " and offset ", stand_in.offset(),
         " leaves the memory of the batch; expected one within each sample.");
  if (modes.gradient && root.body()->requires_grad) return recorded_view(root, sizes, strides, stand_in.offset());
  return view_of(root, std::move(sizes), std::move(strides), stand_in.offset());
}

Tensor detached_at_all_levels(const Tensor& tensor) {
  if (!is_stand_in(tensor)) return detached(tensor);
  const Batch& batch = batch_of(tensor);
  const NoGradient off;
  return stand_in(detached_at_all_levels(value_of(tensor)), batch.level, batch.mapped);
}

// ---- levels ----

std::vector<BatchLevel>& batch_levels() {
  thread_local std::vector<BatchLevel> levels;
  return levels;
}

int enter_batching(BatchLevel level) {
  auto& levels = batch_levels();
  levels.resize(size_t(batching_depth));
  levels.push_back(std::move(level));
  modes.watched |= kBatching;
  return ++batching_depth;
}

void exit_batching() {
  if (--batching_depth == 0) modes.watched &= uint8_t(~kBatching);
}

Tensor empty_for_samples(const Dims& sizes, const Dims& strides, DType dtype, Device device) {
  Dims all = sizes, steps = strides;
  int64_t step = std::max<int64_t>(reach(sizes, strides), 1);
  for (int i = batching_depth; i-- > 0;) {
    const int64_t size = batch_levels()[size_t(i)].size;
    all.insert(0, size);
    steps.insert(0, step);
    step *= size;
  }
  Tensor tensor = empty_strided(all, steps, dtype, device);
  for (int i = 1; i <= batching_depth; ++i) tensor = stand_in(tensor, i, true);
  return tensor;
}

// ---- a call ----

namespace {

// What is made for the batches of a level is not of that level itself.
struct Outside {
  const int before = batching_depth;
  explicit Outside(int level) { batching_depth = level - 1; }
  ~Outside() { batching_depth = before; }
};

class BatchedCall {
 public:
  BatchedCall(Call& call, int level, void (*steps)(Call&)) : call_(call), level_(level), steps_(steps), given_(call.args) {
    if (level > batching_depth)
      fail(ErrorKind::Runtime, call.name(), "(): a tensor belongs to a vmap that has ended; expected results to be returned.");
    lifted_.reserve(size_t(call.count()));
    for (int i = 0; i < call.count(); ++i) lifted_.push_back(lifted(call.args[i]));
  }

  void run() {
    call_.args = lifted_.data();
    if (call_.op.is_view && call_.op.schema.name != "_view_dtype") {
      steps_(call_);  // other sizes and strides, which are those of the batch too
      call_.args = given_;
      return;
    }
    const bool hidden = std::exchange(wants_hidden, false);
    if (!call_.given && batching_composition(call_)) {
      call_.args = given_;
      return;
    }
    if (call_.given && !call_.inplace)
      fail(ErrorKind::Runtime, call_.name(),
           "(): vmap has no batching rule for out=; the fallback path doesn't work on out= or view ops.");
    promote_types(call_);
    call_.gradient = modes.gradient && call_.op.backward && wants_gradient();
    if (call_.inplace) check_inplace(call_);
    {
      const Outside outside(level_);
      try {
        lower();
        if (call_.inplace) run_inplace();
        else run_apart(hidden || call_.gradient);
      } catch (...) {
        wants_hidden = false;
        check_samples();
        throw;
      }
    }
    const bool follows = call_.inplace && modes.gradient && call_.outputs[0].body()->requires_grad;
    if (call_.gradient || follows) record_node(call_);
    call_.args = given_;
  }

 private:
  // What is of no level, or of an outer one, is the same for all samples of this one.
  Value lifted(const Value& value) const {
    if (value.is_tensor()) return lifted(value.tensor());
    if (value.kind != ValueKind::Tensors) return value;
    std::vector<Tensor> tensors = value.tensors();
    for (Tensor& tensor : tensors)
      if (tensor) tensor = lifted(tensor);
    return tensors;
  }
  Tensor lifted(const Tensor& tensor) const {
    if (level_of(tensor) == level_ || tensor.body()->wrapped_number) return tensor;
    return stand_in(has_shape_only(tensor) ? zeros_of_shape(tensor) : tensor, level_, false);
  }

  // What backward formulas pass on for its sizes alone; rules may copy it.
  static bool has_shape_only(const Tensor& tensor) {
    return !is_stand_in(tensor) && !tensor.is_meta() && tensor.numel() && !tensor.storage()->data;
  }
  static Tensor zeros_of_shape(const Tensor& tensor) {
    const Tensor zero = zeros({}, tensor.dtype(), tensor.device());
    return on_storage(zero.storage(), tensor.dtype(), 0, tensor.sizes(), Dims(tensor.dim(), 0));
  }

  // What is wrong with the samples is told in their shapes: the shape rule alone, on tensors without elements.
  void check_samples() const {
    const auto shape_of = [](const Tensor& tensor) {
      return tensor ? empty(tensor.sizes(), tensor.dtype(), {DeviceType::Meta}) : tensor;
    };
    std::vector<Value> shapes;
    for (const Value& arg : lifted_) {
      if (arg.is_tensor() && !arg.body()->wrapped_number) {
        shapes.push_back(shape_of(arg.tensor()));
      } else if (arg.kind == ValueKind::Tensors) {
        std::vector<Tensor> tensors = arg.tensors();
        for (Tensor& tensor : tensors) tensor = shape_of(tensor);
        shapes.push_back(std::move(tensors));
      } else {
        shapes.push_back(arg);
      }
    }
    const NoGradient off;
    Call check(call_.op, shapes.data());
    if (call_.inplace) {
      check.outputs[0] = shapes[0].tensor();
      check.given = check.inplace = true;
    }
    try {
      steps_(check);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::NotImplemented) throw;  // a shape that depends on the elements
    }
  }

  bool wants_gradient() const {
    bool wanted = false;
    each_tensor(call_, [&](const Tensor& tensor) {
      const TensorBody& body = *tensor.body();
      wanted |= body.requires_grad || (body.base && body.base->requires_grad && follows_base(tensor));
    });
    return wanted;
  }

  Tensor lowered(const Tensor& tensor, bool& mapped) const {
    if (!tensor || level_of(tensor) != level_) return tensor;
    mapped = batch_of(tensor).mapped;
    return value_of(tensor);
  }

  // The values of the arguments, and which have the batch in front. Elements of a list agree, but for indices.
  void lower() {
    const int64_t size = batch_levels()[size_t(level_) - 1].size;
    for (const Value& arg : lifted_) {
      uint64_t bits = 0;
      if (arg.is_tensor()) {
        bool mapped = false;
        values_.push_back(lowered(arg.tensor(), mapped));
        bits = mapped;
      } else if (arg.kind == ValueKind::Tensors) {
        std::vector<Tensor> tensors = arg.tensors();
        std::vector<bool> each(tensors.size());
        bool any = false;
        for (size_t i = 0; i < tensors.size(); ++i) {
          bool mapped = false;
          tensors[i] = lowered(tensors[i], mapped);
          each[i] = mapped;
          any |= mapped;
        }
        const bool indices = call_.op.family == "indexing";
        for (size_t i = 0; i < tensors.size() && !indices && any; ++i)
          if (tensors[i] && !each[i]) tensors[i] = spread(tensors[i], size);
        for (size_t i = 0; i < tensors.size() && i < 64; ++i) bits |= uint64_t(indices ? each[i] : any) << i;
        values_.push_back(std::move(tensors));
      } else {
        values_.push_back(arg);
      }
      mapped_.push_back(bits);
      any_mapped_ |= bits != 0;
    }
  }

  // Memory that was made within the function, of which each sample gets its own now that numbers differ.
  bool spread_over_samples(const Tensor& target) const {
    static Operation& clone = named("clone");
    Batch& batch = batch_of(target);
    const Tensor& root = batch.root;
    const bool whole =
        root.is_contiguous() && root.offset() == 0 && root.storage()->bytes == size_t(root.numel()) * bytes_of(root.dtype());
    if (!whole) return false;
    batch.root = ember::run(clone, {spread(root, batch_levels()[size_t(level_) - 1].size), "contiguous_format"});
    batch.mapped = true;
    Storage& storage = *target.storage();
    storage.data = &storage;
    storage.bytes = batch.root.storage()->bytes;
    return true;
  }

  static Tensor spread(const Tensor& tensor, int64_t size) {
    static Operation& expand = named("expand");
    Dims sizes = tensor.sizes();
    sizes.insert(0, size);
    return ember::run(expand, {tensor, sizes});
  }

  // Pointwise: the batch dims meet in front of the dims of the largest sample, in the type that the samples meet in.
  void align() {
    int dims = 0;
    each_tensor(call_, [&](const Tensor& tensor) { dims = std::max(dims, tensor.dim()); });
    for (size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].is_tensor() || values_[i].body()->wrapped_number) continue;
      Tensor value = values_[i].tensor();
      const bool target = call_.inplace && i == 0;
      if (!target && value.dtype() != call_.dtype && value.dtype() != DType::Bool) value = to_dtype(value, call_.dtype);
      if (mapped_[i] && value.dim() - 1 < dims) {
        Dims sizes = value.sizes();
        while (sizes.size() - 1 < dims) sizes.insert(1, 1);
        value = reshaped(value, sizes);
      }
      values_[i] = value;
    }
  }

  // Random numbers may differ although what they are drawn for does not.
  bool draws() const {
    const std::string& family = call_.op.family;
    return (family == "sampling" || family == "variates") && batch_levels()[size_t(level_) - 1].randomness != "same";
  }

  // Into call.outputs, as values; a bit for each that has the batch in front.
  uint32_t compute(bool hidden) {
    if ((any_mapped_ && !call_.op.pointwise) || draws()) {
      Call inner(call_.op, values_.data());
      const uint32_t mapped = batching_rule(inner, batch_levels()[size_t(level_) - 1], mapped_, hidden);
      call_.outputs = std::move(inner.outputs);
      call_.list = std::move(inner.list);
      return mapped;
    }
    if (any_mapped_) align();
    wants_hidden = hidden;
    Call inner(call_.op, values_.data());
    call(inner);
    call_.outputs = std::move(inner.outputs);
    call_.list = std::move(inner.list);
    return any_mapped_ ? ~0u : 0;
  }

  void run_apart(bool hidden) {
    const uint32_t mapped = compute(hidden);
    for (size_t i = 0; i < call_.list.size(); ++i)
      if (call_.list[i]) call_.list[i] = stand_in(call_.list[i], level_, mapped >> i & 1);
    for (int i = 0; i < kMaxOutputs; ++i) {
      Tensor& output = call_.outputs[size_t(i)];
      const bool shared = !(mapped >> i & 1);
      if (output && !(shared && i >= call_.op.schema.outputs)) output = stand_in(output, level_, !shared);
    }
  }

  void run_inplace() {
    const Tensor target = call_.outputs[0];
    const bool own = level_of(target) == level_;
    uint32_t found = any_mapped_;
    if (!call_.op.pointwise) found = compute(false) & 1;
    if ((found && !own) || (!own && call_.gradient) || (found && !batch_of(target).mapped && !spread_over_samples(target)))
      fail(ErrorKind::Runtime, "vmap(): ", call_.name(),
           "_() would change in place, by each sample's numbers, a tensor that all samples share; expected a change of what is "
           "mapped over. Use ",
           call_.name(), "(), or map the tensor.");
    bool mapped = false;
    const Tensor memory = lowered(target, mapped);
    if (call_.op.pointwise) {
      mapped_[0] = mapped;
      values_[0] = memory;
      align();
      values_[0] = memory;
      Call inner(call_.op, values_.data());
      inner.outputs[0] = memory;
      inner.given = inner.inplace = true;
      call(inner);
    } else {
      static Operation& copy = named("copy");
      run_into(copy, memory, {memory, call_.outputs[0]});
    }
    call_.outputs[0] = target;
    if (own) ++target.storage()->version;
  }

  Call& call_;
  const int level_;
  void (*const steps_)(Call&);
  Value* const given_;
  std::vector<Value> lifted_, values_;
  std::vector<uint64_t> mapped_;
  bool any_mapped_ = false;
};

}  // namespace

namespace {

// What the function makes of nothing: the same for all samples until it is written to.
bool run_creation(Call& call, void (*steps)(Call&)) {
  const int number = batching_depth;
  if (number == 0 || call.given || (call.op.family != "creation" && call.op.family != "sampling")) return false;
  const BatchLevel& level = batch_levels()[size_t(number) - 1];
  const Outside outside(number);
  Call inner(call.op, call.args);
  uint32_t mapped = 0;
  if (call.op.family == "sampling" && level.randomness != "same")
    mapped = batching_rule(inner, level, std::vector<uint64_t>(size_t(call.count())), false);
  else if (!run_creation(inner, steps)) steps(inner);
  call.outputs[0] = stand_in(inner.outputs[0], number, mapped & 1);
  return true;
}

}  // namespace

bool run_batched(Call& call, void (*steps)(Call&)) {
  const int level = innermost_level(call);
  if (!level) return call.op.tensor_slots == 0 && run_creation(call, steps);
  BatchedCall(call, level, steps).run();
  return true;
}

}  // namespace ember
