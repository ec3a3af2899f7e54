// Gradients of the reductions in reductions.h.
#include "op/reduction.h"
#include "op/var.h"
#include "ops/reductions.h"

namespace ember {

void sum::backward(Backward& b) { b.set(0, spread(b, b.gradient())); }

void mean::backward(Backward& b) {
  static Operation& multiply = named("mul");
  const int64_t count = reduced_count(b.sizes(0), reduced_mask(b.arg(1), b.sizes(0).size(), b.op.name()));
  b.set(0, spread(b, run(multiply, {b.gradient(), Var(1.0 / double(count)).value()})));
}

}  // namespace ember
