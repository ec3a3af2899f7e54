#include "op/pointwise.h"
#include "ops/losses.h"
