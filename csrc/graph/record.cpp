// After a call whose inputs want gradients: its node, and the edges that lead to it.
#include <cctype>
#include <unordered_map>

#include "graph/autograd.h"
#include "op/batched.h"
#include "op/pointwise.h"

namespace ember {

Tensor shape_only(const Tensor& tensor) {
  static const Ref<Storage> nothing(new Storage);
  Tensor shape = on_storage(nothing, tensor.dtype(), tensor.offset(), tensor.sizes(), tensor.strides());
  shape.body()->device = tensor.device();
  return shape;
}

namespace {

thread_local uint64_t next_sequence = 0;

// In anomaly mode: the last change of each storage. Never destroyed: notes hold Python objects.
struct Change {
  uint32_t version;
  std::string operation;
  Ref<Counted> place;
};
std::unordered_map<const Storage*, Change>& changes = *new std::unordered_map<const Storage*, Change>;

uint32_t saved_inputs(const Call& call) {
  if (!call.op.pointwise) return call.op.saved_inputs;
  uint32_t mask = 0;
  for (int k = 0; k < call.op.pointwise->tensors; ++k)
    if (requires_grad(call.tensor(k))) mask |= call.op.pointwise->reads[k];
  return mask;
}

OutputFacts facts_of(const Tensor& tensor) { return {tensor.sizes(), tensor.dtype(), tensor.device()}; }

// A change in place of `view` in the graph of its base: the gradient of the base loses the part that was overwritten,
// which goes through the operation instead.
struct CopySlices final : Node {
  Ref<Node> operation;
  Dims base_sizes, base_strides, sizes, strides;
  int64_t offset;
  DType dtype;

  std::string name() const override { return "CopySlices"; }
  void free_saved() override { operation->free_saved(); }
  void apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) override {
    static Operation& clone = named("clone");
    static Operation& as_strided = named("as_strided");
    static Operation& copy = named("copy");
    static Operation& fill_value = named("fill");
    Tensor whole = empty_for_samples(base_sizes, base_strides, gradients[0].dtype(), gradients[0].device());
    run_into(copy, whole, {whole, gradients[0]});
    Tensor part = run(as_strided, {whole, sizes, strides, offset});
    std::vector<Tensor> inner = {run(clone, {part})};
    std::vector<Tensor> through(operation->edges.size());
    operation->apply(inner, through);
    for (size_t i = 1; i < through.size(); ++i) results[i] = through[i];
    if (through[0]) run_into(copy, part, {part, through[0]});
    else run_into(fill_value, part, {part, 0.0});
    results[0] = whole;
  }
};

void rebase(const Tensor& target, const Ref<Node>& node) {
  Tensor base(target.body()->base);
  Ref<CopySlices> slices(new CopySlices);
  slices->operation = node;
  slices->base_sizes = base.sizes();
  slices->base_strides = is_dense(base) ? base.strides() : contiguous_strides(base.sizes());
  if (!is_dense(base))
    fail(ErrorKind::Runtime, "in-place change of a view whose base of shape ", to_string(base.sizes()),
         " has gaps in memory: not supported by autograd. Use clone() first.");
  slices->sizes = target.sizes();
  slices->strides = target.strides();
  slices->offset = target.offset() - base.offset();
  slices->outputs.push_back(facts_of(base));
  slices->edges = node->edges;
  slices->edges[0] = edge_of(base);
  set_node(base, slices, 0);
  gradient_of(target).node_version = target.version() - 1;  // its own node is made again from the base's
  target.body()->requires_grad = true;
}

void make_node(Call& call) {
  const Operation& op = call.op;
  if (!op.backward)
    fail(ErrorKind::Runtime, "the derivative of ", op.name(), call.inplace ? "_" : "",
         "() does not exist; an input requires grad. Use no_grad() or detach().");
  if (op.schema.outputs < 0 && call.list.empty()) return;                         // unbind along a dim of size 0
  if (call.inplace && !is_differentiable(call.outputs[0].dtype())) return;        // floats copied into integers
  const int count = call.count();
  Ref<OperationNode> node(new OperationNode(op));
  node->args.resize(size_t(count));
  node->versions.resize(size_t(count));
  const uint32_t mask = node->saved = saved_inputs(call);
  const bool lists_outputs = !call.list.empty();
  const Tensor& first_output = lists_outputs ? call.list[0] : call.outputs[0];
  int left = op.tensor_slots;
  for (int i = 0; i < count; ++i) {
    const Value& arg = call.args[i];
    node->first_edge[i] = -1;
    const ValueKind kind = left ? op.schema.parameters[size_t(i)].kind : ValueKind::None;
    if (kind == ValueKind::Tensor) {
      --left;
      if (!arg.is_tensor()) continue;
      const Tensor tensor = arg.tensor();
      node->first_edge[i] = int16_t(node->edges.size());
      node->edges.push_back(edge_of(tensor));
      if (mask >> i & 1) {
        if (tensor.body()->inference)
          fail(ErrorKind::Runtime, op.name(), "(): Inference tensors cannot be saved for backward; argument '",
               op.schema.parameters[size_t(i)].name,
               "' was made in inference_mode(). Make a clone() of it, or use no_grad() instead of inference_mode().");
        const bool changed = call.inplace && tensor.same(first_output);
        const Tensor& kept = changed ? call.before : tensor;
        node->args[size_t(i)] = kept;
        node->versions[size_t(i)] = kept.version();
      } else if (tensor.sizes() != first_output.sizes() || tensor.dtype() != first_output.dtype() || !op.pointwise) {
        node->args[size_t(i)] = shape_only(tensor);
      }
    } else if (kind == ValueKind::Tensors) {
      --left;
      if (arg.is_none()) continue;
      node->first_edge[i] = int16_t(node->edges.size());
      std::vector<Tensor> kept;
      for (const Tensor& tensor : arg.tensors()) {
        node->edges.push_back(tensor ? edge_of(tensor) : Edge());
        kept.push_back(!tensor || mask >> i & 1 ? tensor : shape_only(tensor));
      }
      node->args[size_t(i)] = std::move(kept);
    } else {
      node->args[size_t(i)] = arg;
    }
  }
  for (size_t i = 0; op.saved_outputs >> i; ++i) {
    if (!(op.saved_outputs >> i & 1) || !call.outputs[i]) continue;
    node->saved_outputs[i] = detached(call.outputs[i]);
    node->output_versions[i] = call.outputs[i].version();
  }
  if (!saved_hooks.empty() && saved_hooks.back()) node->pack();
  if ((detect_anomaly || modes.watched & kNanSearch) && note_place) node->metadata = note_place();

  if (call.inplace) {
    node->outputs.push_back(facts_of(first_output));
    if (first_output.body()->base) rebase(first_output, node);
    else set_node(first_output, node, 0);
    return;
  }
  auto attach = [&](const Tensor& output) {
    node->outputs.push_back(facts_of(output));
    if (is_differentiable(output.dtype())) set_node(output, node, uint32_t(node->outputs.size() - 1));
  };
  if (lists_outputs) {
    for (const Tensor& output : call.list) attach(output);
  } else {
    for (int i = 0; i < op.schema.outputs; ++i) attach(call.outputs[size_t(i)]);
  }
}

// Refuses changes that the graph cannot follow, and keeps what the derivative reads and the change would overwrite.
void check_change(Call& call) {
  const Tensor target = call.outputs[0];
  if (detect_anomaly && note_place)
    changes[target.storage().get()] = {target.version() + 1, call.op.schema.name + "_()", note_place()};
  if (!modes.gradient) return;
  const Tensor base(target.body()->base);
  if (is_leaf(target) && target.body()->requires_grad)
    fail(ErrorKind::Runtime, call.name(),
         "_(): a leaf Variable that requires grad is being used in an in-place operation; its shape is ",
         to_string(target.sizes()), ". Use no_grad(), or work on a copy.");
  if (base && is_leaf(base) && base.body()->requires_grad)
    fail(ErrorKind::Runtime, call.name(),
         "_(): a view of a leaf Variable that requires grad is being used in an in-place operation; the leaf's shape is ",
         to_string(base.sizes()), ". Use no_grad(), or work on a copy.");
  if (!call.gradient) return;
  const uint32_t mask = saved_inputs(call);
  for (int i = 0; mask >> i; ++i)
    if (mask >> i & 1 && call.tensor(i).same(target) && !call.before)
      call.before = run(named("clone"), {target});  // recorded: the second derivative goes through it
}

const bool installed = (record_node = make_node, check_inplace = check_change, follows_base = requires_grad, true);

}  // namespace

void (*warn_of_place)(const std::string&, const Counted&) = nullptr;

void set_anomaly(bool detect, bool nan) {
  detect_anomaly = detect;
  check_nan = nan;
  if (!detect) changes.clear();
}

std::string change_text(const Storage& storage) {
  const auto found = changes.find(&storage);
  if (found == changes.end() || found->second.version != storage.version) return "";
  return ", by " + found->second.operation + " at " + describe_place(*found->second.place);
}

uint64_t next_node() { return next_sequence; }

Node::Node() : sequence(next_sequence++) {}

// A graph may be a chain of a million nodes: unlinked here one by one, or their destructors would nest.
Node::~Node() {
  thread_local std::vector<Ref<Node>>* pending = nullptr;
  if (pending) {
    for (Edge& edge : edges)
      if (edge.node && edge.node->references == 1) pending->push_back(std::move(edge.node));
    return;
  }
  std::vector<Ref<Node>> chain;
  pending = &chain;
  for (Edge& edge : edges)
    if (edge.node && edge.node->references == 1) chain.push_back(std::move(edge.node));
  while (!chain.empty()) {
    Ref<Node> next = std::move(chain.back());
    chain.pop_back();
    next = nullptr;
  }
  pending = nullptr;
}

bool is_leaf(const Tensor& tensor) { return !node_of(tensor); }

bool requires_grad(const Tensor& tensor) {
  const TensorBody& body = *tensor.body();
  return body.requires_grad || (body.base && body.base->requires_grad && bool(node_of(tensor)));
}

namespace {

// A view whose base was changed in place by a recorded operation is a new look at the new base.
void refresh_view(const Tensor& view) {
  const Tensor base(view.body()->base);
  GradientState& state = gradient_of(view);
  if (state.node_version == view.version() || !requires_grad(base) || is_leaf(base)) return;
  const uint32_t base_state = base.body()->gradient ? base.body()->gradient->node_version : 0;
  if (state.node && int32_t(base_state - state.node_version) <= 0) return;  // changed, but not by the graph
  static Operation& as_strided = named("as_strided");
  Ref<OperationNode> node(new OperationNode(as_strided));
  node->args = {shape_only(base), view.sizes(), view.strides(), view.offset()};
  node->versions.resize(4);
  std::fill(node->first_edge, node->first_edge + kMaxParameters, int16_t(-1));
  node->first_edge[0] = 0;
  node->edges.push_back(edge_of(base));
  node->outputs.push_back(facts_of(view));
  state.node = node;
  state.output = 0;
  state.node_version = view.version();
  view.body()->requires_grad = true;
}

}  // namespace

Ref<Node> node_of(const Tensor& tensor) {
  if (tensor.body()->base && tensor.body()->base->requires_grad) refresh_view(tensor);
  if (!tensor.body()->gradient) return nullptr;
  return Ref<Node>(static_cast<Node*>(tensor.body()->gradient->node.get()));
}

Edge edge_of(const Tensor& tensor) {
  if (!tensor.body()->requires_grad && !requires_grad(tensor)) return {};
  GradientState& state = gradient_of(tensor);
  if (Ref<Node> node = node_of(tensor)) return {node, state.output};
  if (state.accumulator) return {Ref<Node>(static_cast<Node*>(state.accumulator)), 0};
  Ref<Node> accumulator(new AccumulateGradient(tensor));
  state.accumulator = accumulator.get();
  return {accumulator, 0};
}

void set_node(const Tensor& tensor, Ref<Node> node, uint32_t output) {
  GradientState& state = gradient_of(tensor);
  if (state.hooks) {  // hooks stay with the value that they were put on
    state.hooks->owner_died();
    state.hooks = nullptr;
  }
  state.node = node;
  state.output = output;
  state.node_version = tensor.version();
  tensor.body()->requires_grad = true;
}

TensorHooks& hooks_of(const Tensor& tensor) {
  GradientState& state = gradient_of(tensor);
  if (!state.hooks) {
    Ref<TensorHooks> hooks(new TensorHooks);
    state.hooks = hooks;
    if (Ref<Node> node = node_of(tensor)) node->tensor_hooks.emplace_back(state.output, hooks);
  }
  return static_cast<TensorHooks&>(*state.hooks);
}

void retain_gradient(const Tensor& tensor) {
  if (!requires_grad(tensor))
    fail(ErrorKind::Runtime, "retain_grad(): can't retain_grad on Tensor that has requires_grad=False.");
  if (is_leaf(tensor)) return;
  hooks_of(tensor).retained = tensor.body();
  gradient_of(tensor).retains_grad = true;
}

std::string OperationNode::name() const {
  std::string result;
  bool upper = true;
  for (char letter : op->schema.name) {
    if (letter == '_') {
      upper = true;
    } else {
      result += upper ? char(std::toupper(letter)) : letter;
      upper = false;
    }
  }
  return result + "Backward0";
}

}  // namespace ember
