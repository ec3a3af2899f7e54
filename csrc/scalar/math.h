// All functions of one number: float, double, integers and Complex. Every name is an overload set in ember.
#pragma once
#include "elementary_float.h"
#include "integer.h"
#include "special.h"
