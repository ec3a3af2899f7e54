// Memory formats and the geometry of views.
#pragma once
#include <string>

#include "core/tensor.h"

namespace ember {

// The strides of 'contiguous_format', 'channels_last' (4-d) or 'channels_last_3d' (5-d) for a shape; `name` is the
// operation for the error.
Dims strides_of_format(const std::string& format, const Dims& sizes, const char* name);

// The shape `wanted`, its -1 replaced, for so many elements.
Dims infer_shape(const Dims& wanted, int64_t numel, const char* name);

// The strides with which the same memory shows the new shape; false where there are none.
bool strides_for_view(const Dims& sizes, const Dims& strides, const Dims& new_sizes, Dims& new_strides);

// The number of elements from the first to the last that a geometry without negative strides reaches; 2**62 where that
// is not countable, so that offsets can be added.
int64_t reach(const Dims& sizes, const Dims& strides);

// Each element of the shape has a place of its own. May say no of exotic strides for which it is so.
bool has_own_places(const Dims& sizes, const Dims& strides);

}  // namespace ember
