// Images of bytes in another size, in whole numbers as Pillow and PyTorch compute them.
#pragma once
#include "core/tensor.h"
#include "cpu/bands.h"

namespace ember::resampling {

// (N, C, H, W) to the sizes of the bands. Along rows first; what lies between the two dims is bytes again.
void resample_bytes(const Tensor& input, const Band& height, const Band& width, const Tensor& out);

}  // namespace ember::resampling
