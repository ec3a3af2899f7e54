#include "cpu/pointwise_loops.h"
#include "ops/comparison.h"
