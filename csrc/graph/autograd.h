// Who made what: the graph that calls leave behind, and the engine that runs it backwards.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "op/autocast.h"
#include "op/backward.h"
#include "op/watch.h"

namespace ember {

struct Node;

// Where a gradient goes: into output `output` of the node that made the tensor.
struct Edge {
  Ref<Node> node;
  uint32_t output = 0;
};

struct OutputFacts {
  Dims sizes;
  DType dtype = DType::Float32;
  Device device;
};

// A Python function, seen from here. Tensor hooks get one gradient, node hooks all of them.
struct Hook : Counted {
  virtual void run(std::vector<Tensor>& gradients, const std::vector<Tensor>& others) = 0;
};
struct HookList {
  std::vector<std::pair<int64_t, Ref<Hook>>> entries;
  int64_t add(Ref<Hook> hook);
  void remove(int64_t id);
  bool empty() const { return entries.empty(); }
  void run(std::vector<Tensor>& gradients, const std::vector<Tensor>& others) const;
};

// The hooks of one tensor, and where its gradient is kept if the user asked for that (retain_grad).
struct TensorHooks final : OwnedHooks {
  HookList list;
  HookList after_accumulation;
  TensorBody* retained = nullptr;  // not counted: the tensor says when it dies
  void owner_died() override { retained = nullptr; }
};

// A pair of Python functions that saved tensors pass through (autograd.graph.saved_tensors_hooks).
struct SavedHooks : Counted {
  virtual Ref<Counted> pack(const Tensor& tensor) = 0;
  virtual Tensor unpack(Counted& packed) = 0;
};
inline thread_local std::vector<Ref<SavedHooks>> saved_hooks;  // the innermost last; a null one switches the others off

struct Node : Counted {
  uint64_t sequence;                   // later nodes run first
  std::vector<Edge> edges;
  std::vector<OutputFacts> outputs;
  std::vector<std::pair<uint32_t, Ref<TensorHooks>>> tensor_hooks;  // by output
  HookList before, after;              // grad_fn.register_prehook, register_hook
  Ref<Counted> metadata;               // where it was made (anomaly mode)
  void* python = nullptr;              // the Python object that stands for it, not counted

  Node();
  ~Node() override;
  virtual std::string name() const = 0;
  // gradients: of the outputs, undefined where none arrived. results: one slot for each edge.
  virtual void apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) = 0;
  virtual void free_saved() {}
};

// One call of an operation.
struct OperationNode final : Node, Recycled<OperationNode> {
  const Operation* op;
  std::vector<Value> args;             // tensors that are not saved have no memory
  std::vector<uint32_t> versions;      // of the saved tensors, by parameter
  uint32_t saved = 0;                  // bit i: parameter i is saved with its memory
  int16_t first_edge[kMaxParameters];
  std::array<Tensor, kMaxOutputs> saved_outputs;
  std::array<uint32_t, kMaxOutputs> output_versions = {};
  bool freed = false;
  struct Packed {
    int slot;                          // parameter, or -1 - output
    Ref<SavedHooks> hooks;
    Ref<Counted> content;
  };
  std::vector<Packed> packed;          // what hooks took over of the saved tensors

  explicit OperationNode(const Operation& op) : op(&op) {}
  std::string name() const override;
  void apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) override;
  void free_saved() override;
  void pack();        // hands the saved tensors to the innermost hooks
  void unpack();      // gets them back for the length of apply()
  void put_away();
};

// The end of a path: adds into a leaf's grad.
struct AccumulateGradient final : Node, Recycled<AccumulateGradient> {
  Tensor variable;
  explicit AccumulateGradient(const Tensor& variable);
  ~AccumulateGradient() override;
  std::string name() const override { return "AccumulateGrad"; }
  void apply(std::vector<Tensor>& gradients, std::vector<Tensor>& results) override;
};

// Keeps shape, offset, type and device, not the memory.
Tensor shape_only(const Tensor& tensor);
bool requires_grad(const Tensor& tensor);
bool is_leaf(const Tensor& tensor);
Ref<Node> node_of(const Tensor& tensor);  // null for leaves and what is outside the graph
Edge edge_of(const Tensor& tensor);       // a leaf's accumulator too
void set_node(const Tensor& tensor, Ref<Node> node, uint32_t output);
TensorHooks& hooks_of(const Tensor& tensor);
void retain_gradient(const Tensor& tensor);

struct BackwardOptions {
  bool retain_graph = false;
  bool create_graph = false;
  bool accumulate = true;   // into the leaves' grad; false for autograd.grad
  const char* caller = "backward";
};

// Runs the graph from `roots`. With `inputs`, only what leads to them; the gradients of `inputs` come back
// (undefined where a root does not depend on one) when options.accumulate is false.
std::vector<Tensor> run_backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients,
                                 const std::vector<Tensor>& inputs, const BackwardOptions& options);

// Gradients of sparse layouts, which Python alone knows; their own bodies lie on meta. Set by bind/.
extern bool (*is_sparse)(const Tensor& on_meta);
extern Tensor (*add_sparse)(const Tensor& a, const Tensor& b);
extern Tensor (*densify)(const Tensor& sparse);
inline bool holds_sparse(const Tensor& tensor) { return tensor && tensor.is_meta() && is_sparse(tensor); }

// Anomaly mode. The hook is set by bind/ and warns with the lines that led to the forward call of a node that failed.
extern void (*warn_of_place)(const std::string& node, const Counted& place);
void set_anomaly(bool detect, bool check_nan);
// Who last changed the memory, as `, by add_() at model.py:14 in forward`; empty where that is not known.
std::string change_text(const Storage& storage);
inline bool detect_anomaly = false;
// The number of the node whose backward runs on this thread; the largest number where none does.
inline thread_local uint64_t running_node = UINT64_MAX;
// That of the next node that the thread makes: what a module has made lies between two of them.
uint64_t next_node();
inline bool check_nan = true;

}  // namespace ember
