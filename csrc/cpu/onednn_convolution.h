// Convolutions in oneDNN, for convolution.cpp.
#pragma once
#include <cstdint>

#include "core/dims.h"
#include "core/dtype.h"

namespace ember {

enum class ConvolutionPart : uint8_t { Output, Input, Weight };  // what is computed, from the two others

// Activations are dense and channels-last, (N, *, C) and (N, *, O); the weight is row-major, (O, C / groups, *).
struct ConvolutionTask {
  ConvolutionPart part;
  DType dtype;
  int64_t images, channels, outputs, groups;
  Dims in, out, kernel, stride, padding, dilation;  // 1 to 3 dims
  void *input, *weight, *bias, *output;             // bias (O) may be null; where the weight is computed it is its gradient

  int64_t multiply_adds() const { return images * outputs * (channels / groups) * out.product() * kernel.product(); }
};

// False, with nothing done, if oneDNN has no fast kernel.
bool onednn_convolution(const ConvolutionTask& task);

}  // namespace ember
