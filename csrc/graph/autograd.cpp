// The engine: from the roots back through the graph, later nodes first, on the caller's thread.
#include "graph/autograd.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "op/batched.h"

namespace ember {

int64_t HookList::add(Ref<Hook> hook) {
  const int64_t id = entries.empty() ? 1 : entries.back().first + 1;
  entries.emplace_back(id, std::move(hook));
  return id;
}

void HookList::remove(int64_t id) {
  std::erase_if(entries, [&](const auto& entry) { return entry.first == id; });
}

void HookList::run(std::vector<Tensor>& gradients, const std::vector<Tensor>& others) const {
  const auto now = entries;  // a hook may remove itself
  for (const auto& [id, hook] : now) hook->run(gradients, others);
}

bool (*is_sparse)(const Tensor&) = nullptr;
Tensor (*add_sparse)(const Tensor&, const Tensor&) = nullptr;
Tensor (*densify)(const Tensor&) = nullptr;

namespace {

Tensor add(const Tensor& a, const Tensor& b) {
  if (holds_sparse(a) || holds_sparse(b)) return add_sparse(a, b);
  static Operation& plus = named("add");
  return run(plus, {a, b});
}

// A gradient in the shape and type of what it belongs to.
Tensor fitted(const Tensor& gradient, const Dims& sizes, DType dtype) {
  Tensor result = gradient;
  if (result.sizes() != sizes) result = sum_to(result, sizes);
  if (result.dtype() != dtype) {
    static Operation& real_part = named("real");
    if (is_complex_dtype(result.dtype()) && !is_complex_dtype(dtype)) result = run(real_part, {result});
    result = to_dtype(result, dtype);
  }
  return result;
}

// The forward call of a node, for an error's last words.
std::string place_text(const Node& node) {
  if (!node.metadata) return ". set_detect_anomaly(True) names the line of the forward call.";
  return ". The forward call was at " + describe_place(*node.metadata) + ".";
}

}  // namespace

// ---- what a node does ----

void OperationNode::free_saved() {
  if (!saved && !op->saved_outputs) return;
  freed = true;
  for (size_t i = 0; i < args.size(); ++i)
    if (op->schema.parameters[i].kind == ValueKind::Tensor || op->schema.parameters[i].kind == ValueKind::Tensors)
      args[i] = Value();
  saved_outputs = {};
  packed.clear();
}

void OperationNode::apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) {
  if (freed)
    fail(ErrorKind::Runtime, "backward(): Trying to backward through the graph a second time: ", op->name(),
         "'s saved tensors were freed by the first backward(). Specify retain_graph=True there if you need both.");
  struct Unpacked {
    OperationNode& node;
    explicit Unpacked(OperationNode& node) : node(node) { node.unpack(); }
    ~Unpacked() { node.put_away(); }
  } here(*this);
  for (size_t i = 0; i < args.size(); ++i) {
    if (!(saved >> i & 1) || !args[i].is_tensor()) continue;
    const uint32_t now = args[i].body()->storage->version;
    if (now != versions[i])
      fail(ErrorKind::Runtime, "backward(): ", op->name(), "'s saved ", op->schema.parameters[i].name, " (shape ",
           to_string(args[i].body()->sizes), ") has been modified by an inplace operation (version ", now, ", saved at ",
           versions[i], ")", change_text(*args[i].body()->storage), "; expected it unchanged. Work on a copy there",
           place_text(*this));
  }
  std::array<Tensor, kMaxOutputs> unpacked = saved_outputs;
  for (size_t i = 0; op->saved_outputs >> i; ++i) {
    if (!unpacked[i]) continue;
    if (unpacked[i].version() != output_versions[i])
      fail(ErrorKind::Runtime, "backward(): ", op->name(), "'s saved output (shape ", to_string(unpacked[i].sizes()),
           ") has been modified by an inplace operation (version ", unpacked[i].version(), ", saved at ", output_versions[i],
           ")", change_text(*unpacked[i].storage()), "; expected it unchanged. Use the form without _ of what changed it",
           place_text(*this));
    if (modes.gradient && int(i) < op->schema.outputs && is_differentiable(unpacked[i].dtype())) {
      unpacked[i] = detached(unpacked[i]);
      set_node(unpacked[i], Ref<Node>(this), uint32_t(i));
    }
  }
  std::vector<uint8_t> wanted(edges.size());
  for (size_t i = 0; i < edges.size(); ++i) wanted[i] = bool(edges[i].node);
  Backward backward{*op,           args.data(),    unpacked.data(), gradients.data(),
                    wanted.data(), results.data(), first_edge,      outputs[0].sizes};
  op->backward(backward);
  for (size_t i = 0; i < args.size(); ++i) {
    if (first_edge[i] < 0) continue;
    const size_t first = size_t(first_edge[i]);
    if (args[i].kind == ValueKind::Tensors) {
      const auto& list = args[i].tensors();
      for (size_t j = 0; j < list.size(); ++j)
        if (results[first + j]) results[first + j] = fitted(results[first + j], list[j].sizes(), list[j].dtype());
    } else if (results[first]) {
      const bool like_output = args[i].is_none();
      results[first] = fitted(results[first], like_output ? outputs[0].sizes : args[i].body()->sizes,
                              like_output ? outputs[0].dtype : args[i].body()->dtype);
    }
  }
}

AccumulateGradient::AccumulateGradient(const Tensor& variable) : variable(variable) {
  sequence = UINT64_MAX;
  outputs.push_back({variable.sizes(), variable.dtype(), variable.device()});
}

AccumulateGradient::~AccumulateGradient() {
  if (variable.body()->gradient) variable.body()->gradient->accumulator = nullptr;
}

void AccumulateGradient::apply(std::vector<Tensor>& gradients, std::vector<Tensor>&) {
  if (!gradients[0]) return;
  GradientState& state = gradient_of(variable);
  auto* hooks = static_cast<TensorHooks*>(state.hooks.get());
  if (hooks && !hooks->list.empty()) hooks->list.run(gradients, {});
  Tensor gradient = std::move(gradients[0]);
  if (holds_sparse(gradient) || holds_sparse(state.grad)) {
    state.grad = state.grad ? add(state.grad, gradient) : gradient;
  } else if (!state.grad) {
    // Nobody else holds it: it becomes the grad without a copy.
    const bool own = gradient.body()->references == 1 && gradient.storage()->references == 1 && !gradient.body()->base;
    if (modes.gradient || (own && gradient.strides() == variable.strides())) {
      state.grad = gradient;
    } else {
      const Tensor copy = is_dense(variable)
                              ? empty_strided(variable.sizes(), variable.strides(), gradient.dtype(), gradient.device())
                              : empty(variable.sizes(), gradient.dtype(), gradient.device());
      if (!gradient.is_meta()) copy_into(copy, gradient);
      state.grad = copy;
    }
  } else if (modes.gradient) {
    state.grad = add(state.grad, gradient);
  } else {
    static Operation& plus = named("add");
    run_into(plus, state.grad, {state.grad, gradient});
  }
  if (hooks && !hooks->after_accumulation.empty()) {
    std::vector<Tensor> self = {variable};
    hooks->after_accumulation.run(self, {});
  }
}

// ---- the engine ----

namespace {

struct Task {
  Node* node;
  int waiting = 0;        // gradients that are still to come
  bool needed = true;     // leads to an input that was asked for, or is one
  bool passes = true;     // leads further to one
  int capture = -1;       // which of the asked inputs ends here
  std::vector<Tensor> gradients;
  Ref<Node> held;
};

// Node -> task, by open addressing: a graph of ten nodes costs nothing to speak of.
class Tasks {
 public:
  Tasks() : slots_(64, -1) {}
  int find(const Node* node) const {
    for (size_t i = slot(node);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] < 0) return -1;
      if (tasks_[size_t(slots_[i])].node == node) return slots_[i];
    }
  }
  int add(Node* node) {
    if (tasks_.size() * 2 >= slots_.size()) grow();
    tasks_.emplace_back().node = node;
    place(int(tasks_.size()) - 1);
    return int(tasks_.size()) - 1;
  }
  Task& operator[](int i) { return tasks_[size_t(i)]; }
  int size() const { return int(tasks_.size()); }

 private:
  size_t slot(const Node* node) const {
    return (reinterpret_cast<size_t>(node) >> 5) * 0x9E3779B97F4A7C15u >> 20 & (slots_.size() - 1);
  }
  void place(int task) {
    size_t i = slot(tasks_[size_t(task)].node);
    while (slots_[i] >= 0) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = task;
  }
  void grow() {
    slots_.assign(slots_.size() * 4, -1);
    for (int i = 0; i < size(); ++i) place(i);
  }
  std::vector<Task> tasks_;
  std::vector<int> slots_;
};

class Engine {
  auto later() {
    return [this](int a, int b) { return tasks_[a].node->sequence < tasks_[b].node->sequence; };
  }

 public:
  Engine(const BackwardOptions& options) : options_(options) {}

  int task_of(Node* node) {
    const int found = tasks_.find(node);
    return found >= 0 ? found : tasks_.add(node);
  }

  // Every node that can be reached, and how many gradients each waits for.
  void explore(const std::vector<Edge>& roots) {
    std::vector<int> stack;
    for (const Edge& root : roots) {
      if (tasks_.find(root.node.get()) < 0) stack.push_back(tasks_.add(root.node.get()));
    }
    while (!stack.empty()) {
      Node* node = tasks_[stack.back()].node;
      stack.pop_back();
      order_.push_back(node);
      for (const Edge& edge : node->edges) {
        if (!edge.node) continue;
        int next = tasks_.find(edge.node.get());
        if (next < 0) {
          next = tasks_.add(edge.node.get());
          stack.push_back(next);
        }
        ++tasks_[next].waiting;
      }
    }
  }

  // Keeps only the tasks from which one of the asked inputs is reached.
  void restrict_to_captures() {
    std::sort(order_.begin(), order_.end(), [](Node* a, Node* b) { return a->sequence < b->sequence; });
    for (int i = 0; i < tasks_.size(); ++i) {
      tasks_[i].needed = tasks_[i].capture >= 0;
      tasks_[i].passes = false;
    }
    bool changed = true;
    while (changed) {  // one pass in the order of making; again only where hooks or views broke that order
      changed = false;
      for (Node* node : order_) {
        Task& task = tasks_[tasks_.find(node)];
        if (task.passes) continue;
        for (const Edge& edge : node->edges)
          if (edge.node && tasks_[tasks_.find(edge.node.get())].needed) {
            task.needed = task.passes = changed = true;
            break;
          }
      }
    }
  }

  void deliver(const Edge& edge, const Tensor& gradient) {
    Task& task = tasks_[tasks_.find(edge.node.get())];
    if (task.gradients.size() <= edge.output) task.gradients.resize(edge.node->outputs.size());
    Tensor& slot = task.gradients[edge.output];
    slot = slot ? add(slot, gradient) : gradient;
  }

  void push(int index) {
    tasks_[index].held = Ref<Node>(tasks_[index].node);
    heap_.push_back(index);
    std::push_heap(heap_.begin(), heap_.end(), later());
  }

  void run(std::vector<Tensor>& captured) {
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), later());
      const int index = heap_.back();
      heap_.pop_back();
      Ref<Node> node = std::move(tasks_[index].held);
      std::vector<Tensor> gradients = std::move(tasks_[index].gradients);
      gradients.resize(std::max<size_t>(node->outputs.size(), 1));
      const bool needed = tasks_[index].needed;
      const bool any = std::any_of(gradients.begin(), gradients.end(), [](const Tensor& g) { return bool(g); });
      std::vector<Tensor> results(node->edges.size());
      if (any && needed) run_node(tasks_[index], *node, gradients, results, captured);
      for (size_t i = 0; i < node->edges.size(); ++i) {
        const Edge& edge = node->edges[i];
        if (!edge.node) continue;
        if (results[i]) deliver(edge, results[i]);
        const int next = tasks_.find(edge.node.get());
        if (--tasks_[next].waiting == 0) push(next);
      }
    }
  }

  std::vector<std::pair<Edge, int>> captures;  // asked inputs
  Tasks tasks_;

 private:
  void run_node(const Task& task, Node& node, std::vector<Tensor>& gradients, std::vector<Tensor>& results,
                std::vector<Tensor>& captured) {
    const bool capture = task.capture >= 0, passes = task.passes;  // a hook may run another backward
    for (const auto& [output, hooks] : node.tensor_hooks) {
      if (!gradients[output]) continue;
      std::vector<Tensor> one = {gradients[output]};
      hooks->list.run(one, {});
      gradients[output] = one[0];
      if (hooks->retained) {
        GradientState& state = *hooks->retained->gradient;
        state.grad = state.grad ? add(state.grad, one[0]) : one[0];
      }
    }
    if (!node.before.empty()) node.before.run(gradients, {});
    if (capture && !options_.accumulate)
      for (const auto& [edge, slot] : captures)
        if (edge.node.get() == &node) captured[size_t(slot)] = gradients[edge.output];
    const bool accumulator = node.sequence == UINT64_MAX && node.edges.empty();
    if (accumulator ? !options_.accumulate : !passes) return;
    if (!accumulator)
      for (Tensor& gradient : gradients)
        if (holds_sparse(gradient)) gradient = densify(gradient);
    const std::vector<Tensor> arrived = node.after.empty() ? std::vector<Tensor>() : gradients;
    {
      std::optional<ProfileRange> range;
      if (modes.watched & kProfiler) range.emplace(node.name(), Scope::Backward, int64_t(node.sequence));
      apply(node, gradients, results);
    }
    if (!options_.retain_graph) node.free_saved();
    if (!node.after.empty()) node.after.run(results, arrived);
    if ((detect_anomaly && check_nan) || modes.watched & kNanSearch) find_nan(node, results);
  }

  struct Running {  // a node's backward may run another backward
    uint64_t before = running_node;
    explicit Running(const Node& node) { running_node = node.sequence; }
    ~Running() { running_node = before; }
  };

  static void apply(Node& node, std::vector<Tensor>& gradients, std::vector<Tensor>& results) {
    const Running running(node);
    try {
      node.apply(gradients, results);
    } catch (const Error& error) {
      if (!node.metadata) throw;
      if (detect_anomaly) warn_of_place(node.name(), *node.metadata);
      const std::string place = describe_place(*node.metadata), what = error.what();
      if (what.find(place) != std::string::npos) throw;
      throw Error(error.kind, what + " In the backward of " + node.name() + ", whose forward call was at " + place + ".");
    } catch (...) {  // an exception of Python
      if (node.metadata && detect_anomaly) warn_of_place(node.name(), *node.metadata);
      throw;
    }
  }

  static void find_nan(const Node& node, const std::vector<Tensor>& results) {
    static Operation& is_nan = named("isnan");
    static Operation& any = named("any");
    NoGradient off;
    for (size_t i = 0; i < results.size(); ++i) {
      Tensor result = results[i];
      while (is_stand_in(result)) result = value_of(result);
      if (!result || result.is_meta() || !is_differentiable(result.dtype())) continue;
      if (!ember::run(any, {ember::run(is_nan, {result})}).as_int()) continue;
      if (node.metadata) warn_of_place(node.name(), *node.metadata);
      fail(ErrorKind::Runtime, "Function '", node.name(), "' returned nan values in its ", i, "th output",
           node.metadata ? place_text(node) : std::string("."));
    }
  }

  BackwardOptions options_;
  std::vector<Node*> order_;
  std::vector<int> heap_;
};

}  // namespace

std::vector<Tensor> run_backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients,
                                 const std::vector<Tensor>& inputs, const BackwardOptions& options) {
  Engine engine(options);
  std::vector<Edge> starts;
  for (size_t i = 0; i < roots.size(); ++i) {
    const Tensor& root = roots[i];
    if (options.accumulate && is_stand_in(root))
      fail(ErrorKind::Runtime,
           "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp "
           "instead or call backward() outside of functorch transforms.");
    if (!requires_grad(root))
      fail(
          ErrorKind::Runtime, options.caller, "(): element ", i,
          " of tensors does not require grad and does not have a grad_fn; expected the result of operations on tensors with requires_grad=True.");
    starts.push_back(edge_of(root));
  }
  engine.explore(starts);
  std::vector<Tensor> captured(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!requires_grad(inputs[i]))
      fail(ErrorKind::Runtime, options.caller, "(): One of the differentiated Tensors does not require grad: input ", i,
           " of shape ", to_string(inputs[i].sizes()), ".");
    Edge edge = edge_of(inputs[i]);
    const int task = engine.tasks_.find(edge.node.get());
    if (task < 0) continue;
    engine.tasks_[task].capture = int(i);
    engine.captures.emplace_back(edge, int(i));
  }
  if (!inputs.empty()) engine.restrict_to_captures();
  NoGradient mode(options.create_graph);
  const NoAutocast types;  // backward runs in those that forward chose
  for (size_t i = 0; i < roots.size(); ++i) {
    Tensor gradient = i < gradients.size() ? gradients[i] : Tensor();
    if (!gradient) {
      if (roots[i].numel() != 1)
        fail(ErrorKind::Runtime, options.caller,
             "(): grad can be implicitly created only for scalar outputs; the output has shape ", to_string(roots[i].sizes()),
             ". Pass gradient=.");
      gradient = full(roots[i].sizes(), 1.0, roots[i].dtype(), roots[i].device());
    } else if (gradient.sizes() != roots[i].sizes()) {
      fail(ErrorKind::Runtime, options.caller, "(): Mismatch in shape: grad_output[", i, "] has a shape of ",
           to_string(gradient.sizes()), " and output[", i, "] has a shape of ", to_string(roots[i].sizes()), ".");
    }
    engine.deliver(starts[i], gradient);
  }
  std::unordered_set<Node*> pushed;
  for (const Edge& start : starts) {
    const int task = engine.tasks_.find(start.node.get());
    if (engine.tasks_[task].waiting == 0 && pushed.insert(start.node.get()).second) engine.push(task);
  }
  engine.run(captured);
  if (options.accumulate) return {};
  return captured;
}

}  // namespace ember
