#include "op/pointwise.h"
#include "ops/elementary.h"
