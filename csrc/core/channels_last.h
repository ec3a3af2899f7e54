// Activations that lie channels-last in memory behind the row-major strides that users see. oneDNN's convolutions are 2 to 10
// times faster so; operations whose record says `layouts` pass the order on, any other access to the elements undoes it.
#pragma once
#include "core/tensor.h"

namespace ember {

// (N, C, d1, ...) as strides: the channels next to each other.
Dims channels_last_strides(const Dims& sizes);
// Dense, of three dims or more, the channels next to each other, and not row-major at the same time.
bool is_channels_last(const Tensor& tensor);

// Of a new tensor whose elements lie, or are about to be written, channels-last: users see row-major strides.
void hide_channels_last(const Tensor& tensor);
inline bool hides_channels_last(const TensorBody& body) { return body.storage->channels && !body.as_stored; }
// The same elements with the strides that they have in memory, for the length of a call. Where the tensor is not the whole
// of what is hidden, its elements are laid out as shown, and it is returned as it is.
Tensor as_stored(const Tensor& tensor);

}  // namespace ember
