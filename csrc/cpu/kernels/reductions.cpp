#include "cpu/reduce_loops.h"

#include "ops/reductions.h"  // stands on the above
