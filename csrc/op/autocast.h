// Autocast: within its blocks operations cast what they are given, as their records say (Record::autocast).
#pragma once
#include "op/call.h"

namespace ember {

// Of each thread. Whether the mode is on stands in `modes`.
struct AutocastState {
  DType lower = DType::BFloat16;  // what Autocast::Lower casts to
  bool cache = true;              // a leaf that requires grad is cast once until the outermost block ends
  int blocks = 0;                 // open ones
};
inline thread_local constinit AutocastState autocast_state;

// Casts the tensor arguments of the call, by its record.
void cast_arguments(Call& call);

// Forgets the cast leaves of this thread.
void clear_autocast_cache();

// Autocast is off within its life: what an operation or a backward pass is made of keeps its types.
struct NoAutocast {
  bool before = modes.autocast;
  NoAutocast() { modes.autocast = false; }
  ~NoAutocast() { modes.autocast = before; }
  NoAutocast(const NoAutocast&) = delete;
};

}  // namespace ember
