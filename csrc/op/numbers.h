// Python numbers that are to become elements.
#pragma once
#include "op/value.h"

namespace ember {

// A RuntimeError where an element of `dtype` cannot hold the number: an integer type one beyond its ends (from -max on for
// unsigned ones, where negative integers wrap), float32 a finite one that would become inf.
void check_number(const Value& number, DType dtype, const char* caller, bool inplace = false);

}  // namespace ember
