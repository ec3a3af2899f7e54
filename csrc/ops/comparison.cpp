#include "op/pointwise.h"
#include "ops/comparison.h"
