// Saved tensors that hooks keep in a form of their own: on disk, not at all (checkpointing), ...
#include "graph/autograd.h"

namespace ember {

void OperationNode::pack() {
  const Ref<SavedHooks> hooks = saved_hooks.back();
  saved_hooks.emplace_back(nullptr);  // what the hooks themselves compute is saved as usual
  struct Restore {
    ~Restore() { saved_hooks.pop_back(); }
  } restore;
  for (int i = 0; saved >> i; ++i) {
    if (!(saved >> i & 1) || !args[size_t(i)].is_tensor()) continue;
    const Tensor tensor = args[size_t(i)].tensor();
    packed.push_back({i, hooks, hooks->pack(tensor)});
    args[size_t(i)] = shape_only(tensor);
  }
  for (int i = 0; op->saved_outputs >> i; ++i) {
    Tensor& output = saved_outputs[size_t(i)];
    if (!(op->saved_outputs >> i & 1) || !output) continue;
    packed.push_back({-1 - i, hooks, hooks->pack(output)});
    output = shape_only(output);
  }
}

void OperationNode::unpack() {
  for (Packed& each : packed) {
    Tensor tensor = each.hooks->unpack(*each.content);
    const Tensor shape = each.slot >= 0 ? args[size_t(each.slot)].tensor() : saved_outputs[size_t(-1 - each.slot)];
    if (tensor.sizes() != shape.sizes() || tensor.dtype() != shape.dtype())
      fail(ErrorKind::Runtime, "backward(): the unpack hook of ", op->name(), " gave ", name_of(tensor.dtype()), " of shape ",
           to_string(tensor.sizes()), "; expected ", name_of(shape.dtype()), " of shape ", to_string(shape.sizes()),
           ", as was packed.");
    tensor = detached(tensor);
    if (each.slot < 0) {
      saved_outputs[size_t(-1 - each.slot)] = tensor;
      output_versions[size_t(-1 - each.slot)] = tensor.version();
      continue;
    }
    // Back to its place in the graph, for a recorded backward.
    const Edge& edge = edges[size_t(first_edge[each.slot])];
    if (edge.node && modes.gradient) {
      if (dynamic_cast<AccumulateGradient*>(edge.node.get())) {
        tensor.body()->requires_grad = true;
        gradient_of(tensor).accumulator = edge.node.get();
      } else {
        set_node(tensor, edge.node, edge.output);
      }
    }
    args[size_t(each.slot)] = tensor;
    versions[size_t(each.slot)] = tensor.version();
  }
}

void OperationNode::put_away() {
  for (Packed& each : packed) {
    if (each.slot >= 0) {
      args[size_t(each.slot)] = shape_only(args[size_t(each.slot)].tensor());
    } else {
      Tensor& output = saved_outputs[size_t(-1 - each.slot)];
      output = shape_only(output);
    }
  }
}

}  // namespace ember
