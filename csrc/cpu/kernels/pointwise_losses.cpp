#include "cpu/pointwise_loops.h"
#include "ops/losses.h"
