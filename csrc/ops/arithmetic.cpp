#include "op/pointwise.h"
#include "ops/arithmetic.h"
