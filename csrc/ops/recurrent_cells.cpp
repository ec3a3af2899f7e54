#include "op/pointwise.h"
#include "ops/recurrent_cells.h"
