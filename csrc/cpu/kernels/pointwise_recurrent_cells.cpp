#include "cpu/pointwise_loops.h"
#include "ops/recurrent_cells.h"
