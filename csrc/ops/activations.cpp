#include "op/pointwise.h"
#include "ops/activations.h"
