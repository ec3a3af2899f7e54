#include "cpu/pointwise_loops.h"
#include "ops/elementary.h"
