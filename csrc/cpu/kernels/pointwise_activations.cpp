#include "cpu/pointwise_loops.h"
#include "ops/activations.h"
