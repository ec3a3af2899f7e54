// Copies between tensors of any layout and type, for kernels.
#pragma once
#include "core/tensor.h"

namespace ember {

// to[...] = from broadcast to the shape of `to` and cast to its type. The two may overlap.
void copy_elements(const Tensor& to, const Tensor& from);

// Sets every element of a tensor of any layout to the 0-d tensor `value`.
void fill_elements(const Tensor& to, const Tensor& value);

// Another look at the memory without being a view: for kernels, outside autograd.
Tensor raw_view(const Tensor& tensor, Dims sizes, Dims strides, int64_t offset);
// Elements [start, start + length) along dim, and element `index` along dim without the dim.
Tensor raw_narrow(const Tensor& tensor, int dim, int64_t start, int64_t length);
Tensor raw_select(const Tensor& tensor, int dim, int64_t index);

}  // namespace ember
