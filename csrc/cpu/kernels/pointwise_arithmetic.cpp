#include "cpu/pointwise_loops.h"
#include "ops/arithmetic.h"
