#include "op/autocast.h"

#include <unordered_map>

namespace ember {

namespace {

struct CastLeaf {
  Tensor leaf;  // kept, so that its address names it
  Tensor cast;
  uint32_t version;
};
// Never destroyed: a thread ends without the interpreter's lock, which the last holder of a tensor needs.
thread_local auto& cast_leaves = *new std::unordered_map<TensorBody*, CastLeaf>;

bool is_cast(const Tensor& tensor) {
  return tensor && is_floating(tensor.dtype()) && tensor.dtype() != DType::Float64 && tensor.device().type == DeviceType::Cpu;
}

bool is_cached(const Tensor& tensor, DType to) {
  const TensorBody& body = *tensor.body();
  return autocast_state.cache && to == autocast_state.lower && body.dtype == DType::Float32 && body.requires_grad &&
         !body.base && !(body.gradient && body.gradient->node);
}

Tensor cast(const Tensor& tensor, DType to) {
  if (tensor.dtype() == to) return tensor;
  if (!is_cached(tensor, to)) return to_dtype(tensor, to);
  CastLeaf& entry = cast_leaves[tensor.body()];
  // Cast again if the leaf has changed since, or if a cast outside the graph is now wanted inside it.
  if (!entry.cast || entry.version != tensor.version() || entry.cast.dtype() != to ||
      (modes.gradient && !entry.cast.body()->requires_grad))
    entry = {tensor, to_dtype(tensor, to), tensor.version()};
  return entry.cast;
}

template <class Visit>
void each_list(Call& call, Visit visit) {
  for (int i = 0; i < call.count(); ++i) {
    Value& arg = call.args[i];
    if (arg.is_tensor()) {
      Tensor tensor = arg.tensor();
      if (visit(tensor)) arg = tensor;
    } else if (arg.kind == ValueKind::Tensors) {
      std::vector<Tensor> tensors = arg.tensors();
      bool changed = false;
      for (Tensor& tensor : tensors) changed |= visit(tensor);
      if (changed) arg = std::move(tensors);
    }
  }
}

void cast_all(Call& call, DType to) {
  each_list(call, [&](Tensor& tensor) {
    if (!is_cast(tensor) || tensor.dtype() == to || tensor.body()->wrapped_number) return false;
    tensor = cast(tensor, to);
    return true;
  });
}

DType widest(Call& call) {
  bool any = false;
  DType found = DType::Float32;
  each_list(call, [&](Tensor& tensor) {
    if (tensor && is_floating(tensor.dtype())) found = any ? promote(found, tensor.dtype()) : tensor.dtype();
    any |= tensor && is_floating(tensor.dtype());
    return false;
  });
  return found;
}

}  // namespace

void cast_arguments(Call& call) {
  if (call.given) return;  // in place and out=: the types are what the caller has made them
  switch (call.op.record->autocast) {
    case Autocast::Keep: return;
    case Autocast::Lower: return cast_all(call, autocast_state.lower);
    case Autocast::Float32: return cast_all(call, DType::Float32);
    case Autocast::Widest: return cast_all(call, widest(call));
  }
}

void clear_autocast_cache() { cast_leaves.clear(); }

}  // namespace ember
