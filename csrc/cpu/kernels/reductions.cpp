#include "cpu/reduce_loops.h"
#include "ops/reductions.h"
