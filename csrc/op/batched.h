// Tensors that stand for one sample of a batch: vmap's functions see samples, operations work on the batches behind them.
#pragma once
#include "op/call.h"

namespace ember {

// A bit of Modes::watched: a vmap is running on this thread, so arguments may be stand-ins.
inline constexpr uint8_t kBatching = 128;

// What a vmap that is running maps over. Levels are numbered from 1, the innermost highest.
struct BatchLevel {
  int64_t size;
  std::string randomness;  // error, same, different
};

// What stands behind a storage of stand-ins: views of one stand-in look at one root.
struct Batch {
  Tensor root;
  int level;
  bool mapped;  // dim 0 of root is the batch; otherwise all samples are the same
};

// A stand-in has the sizes of a sample and the strides of the batch without its dim 0. Its storage says -1 channels, so that
// whoever asks for its elements comes to show_elements() first (Tensor::raw).
inline bool is_stand_in(const TensorBody& body) { return body.storage->channels < 0; }
inline bool is_stand_in(const Tensor& tensor) { return tensor && is_stand_in(*tensor.body()); }
Batch& batch_of(const Tensor& stand_in);
// Whether its elements depend on the sample.
bool differs_by_sample(const Tensor& tensor);
// Lets the storage of a stand-in show the elements that all samples have; an error where they differ.
void show_elements(Storage& storage);
inline int level_of(const Tensor& tensor) { return is_stand_in(tensor) ? batch_of(tensor).level : 0; }

// The tensor of a level whose samples are those of `value`, along its dim 0 if it is mapped.
Tensor stand_in(const Tensor& value, int level, bool mapped);
// What a stand-in stands for, the batch in front where it is mapped; recorded like a view of the root.
Tensor value_of(const Tensor& stand_in);
// Outside the graph, and what it stands for as well.
Tensor detached_at_all_levels(const Tensor& tensor);

// The levels of this thread.
std::vector<BatchLevel>& batch_levels();
// How many of them the code that runs now is within: rules are outside of the level whose batches they see.
inline thread_local constinit int batching_depth = 0;
int enter_batching(BatchLevel level);
void exit_batching();

// Set by bind/. The rule of an operation that is neither pointwise nor a view: call.args are values, with the batch in front
// where `mapped` says so (by parameter, a bit for each element of a list). It fills call.outputs and returns a bit for each
// that has the batch in front.
extern uint32_t (*batching_rule)(Call& call, const BatchLevel& level, const std::vector<uint64_t>& mapped, bool hidden);
// An operation that runs as others do, on the stand-ins themselves; false where it is none.
extern bool (*batching_composition)(Call& call);

// Runs a call with stand-ins among its arguments; false where there are none.
bool run_batched(Call& call, void (*steps)(Call&));

// Memory for each sample of all levels, where a vmap is running.
Tensor empty_for_samples(const Dims& sizes, const Dims& strides, DType dtype, Device device);

// The type in which a call's tensors meet, and their one device (call.cpp).
void promote_types(Call& call);

// Set before a call: it makes its hidden outputs although it is not recorded.
inline thread_local constinit bool wants_hidden = false;

}  // namespace ember
