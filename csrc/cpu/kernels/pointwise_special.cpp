#include "cpu/pointwise_loops.h"
#include "ops/special.h"
