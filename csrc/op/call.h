// The one way in which operations run: call() in seven steps (call.cpp).
#pragma once
#include <array>

#include "op/registry.h"

namespace ember {

inline constexpr int kMaxOutputs = 4;
inline constexpr int kMaxParameters = 16;

// What every operation looks at before it runs: one word for each thread.
struct Modes {
  bool gradient = true;      // set_grad_enabled
  bool inference = false;    // inference_mode
  bool autocast = false;     // autocast (op/autocast.h)
  uint8_t watched = 0;       // bits of who looks on: the profiler, debug_nans (op/watch.h)
};
inline thread_local constinit Modes modes;

struct Call {
  const Operation& op;
  Value* args;
  std::array<Tensor, kMaxOutputs> outputs;
  std::vector<Tensor> list;      // the outputs of an operation with `-> Tensor[]`
  DType dtype = DType::Float32;  // the type that the tensor arguments meet in
  Device device;
  bool given = false;            // outputs[0] came from the caller: out= or in place
  bool inplace = false;          // ... and is the first argument
  bool mixed_devices = false;    // 0-d tensors on the CPU follow the others
  bool gradient = false;         // a node will be made: hidden outputs are needed
  bool hides_layout = false;     // a tensor lies channels-last behind row-major strides; results that do will too
  Tensor before;                 // in place: what the output held, where the derivative reads that

  Call(const Operation& op, Value* args) : op(op), args(args) {}

  const char* name() const { return op.public_name.c_str(); }
  int count() const { return int(op.schema.parameters.size()); }
  const Value& arg(int i) const { return args[i]; }
  Tensor tensor(int i) const { return args[i].tensor(); }
  const Dims& sizes(int i) const { return args[i].body()->sizes; }
  Tensor& out(int i = 0) { return outputs[size_t(i)]; }

  // The device of a creation: argument i if it is said, else that of its tensors or of out=, else the thread's default.
  void read_device(int i);
  // Declares output i; makes it, or checks and resizes the one that was given.
  Tensor& output(int i, const Dims& sizes, DType dtype);
  Tensor& output(const Dims& sizes) { return output(0, sizes, dtype); }
};

// Runs call.op on call.args; the results stand in call.outputs.
void call(Call& call);

// Set by graph/: makes the node of a call whose inputs want gradients; checks a change in place before it is made; whether
// a view has a place in the graph, which its base may have got from a change through another view.
extern void (*record_node)(Call& call);
extern void (*check_inplace)(Call& call);
extern bool (*follows_base)(const Tensor& view);
// Set by bind/: a kernel of long work runs without the interpreter's lock.
extern void* (*unlock_interpreter)();
extern void (*lock_interpreter)(void*);

// Runs the operation described by struct Op from C++: run<mul>(a, b).
template <class Op, class... Args>
Tensor run(const Args&... arguments) {
  Operation& op = operation<Op>();
  Value args[kMaxParameters] = {Value(arguments)...};
  for (size_t i = sizeof...(Args); i < op.schema.parameters.size(); ++i) args[i] = op.schema.parameters[i].standard;
  Call request(op, args);
  call(request);
  return std::move(request.outputs[0]);
}

// The same by name, for operations of other families; `name` is a literal.
Tensor run(const Operation& op, std::initializer_list<Value> arguments);
std::array<Tensor, kMaxOutputs> run_all(const Operation& op, std::initializer_list<Value> arguments);
// Into an existing tensor; where `out` is the first argument the operation runs in place.
void run_into(const Operation& op, const Tensor& out, std::initializer_list<Value> arguments);
// Named look-up with a clear failure, for `static Operation& op = named("mul")`.
Operation& named(std::string_view name);

// Frequent needs of kernels and backward formulas.
Tensor contiguous(const Tensor& tensor);
Tensor to_dtype(const Tensor& tensor, DType dtype);
Tensor zeros(const Dims& sizes, DType dtype, Device device);
Tensor full(const Dims& sizes, const Value& number, DType dtype, Device device);
void copy_into(const Tensor& to, const Tensor& from);       // broadcast and cast, outside the graph
void fill(const Tensor& tensor, const Value& number);       // outside the graph
Tensor sum_to(const Tensor& tensor, const Dims& sizes);     // the inverse of broadcasting, recorded

// Gradients are not recorded within its life.
struct NoGradient {
  bool before = modes.gradient;
  explicit NoGradient(bool enabled = false) { modes.gradient = enabled; }
  ~NoGradient() { modes.gradient = before; }
};

// A long kernel lets other Python threads run.
struct Unlocked {
  void* state;
  explicit Unlocked(bool long_work) : state(long_work && unlock_interpreter ? unlock_interpreter() : nullptr) {}
  ~Unlocked() {
    if (state) lock_interpreter(state);
  }
  Unlocked(const Unlocked&) = delete;
};

// Registers a kernel operation: a struct with record, infer(Call&), cpu(Call&) and, if differentiable, backward(Backward&).
template <class Op>
void build_kernel(Operation& operation) {
  operation.infer = Op::infer;
  if constexpr (requires { Op::cpu; }) operation.run[int(DeviceType::Cpu)] = Op::cpu;
  if constexpr (requires { Op::backward; }) operation.backward = Op::backward;
  if constexpr (!requires { Op::cpu; }) operation.is_view = true;
  operation.any_layout = Op::record.layouts;
}
#define KERNEL(op) EMBER_REGISTRATION(op, build_kernel<op>)
// A view: record, infer(Call&) that sets the outputs by view_of(), and backward(Backward&).
#define VIEW(op) KERNEL(op)

}  // namespace ember
