// All functions of one number: float, double, integers and Complex. Every name is one overload set in ember.
#pragma once
#include "basics.h"
#include "complex.h"
#include "elementary_double.h"
#include "elementary_float.h"
#include "integer.h"
#include "special.h"
