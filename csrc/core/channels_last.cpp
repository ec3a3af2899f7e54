#include "core/channels_last.h"

#include <algorithm>

namespace ember {

Dims channels_last_strides(const Dims& sizes) {
  Dims strides(sizes.size());
  int64_t step = std::max<int64_t>(sizes[1], 1);
  strides[1] = 1;
  for (int d = sizes.size() - 1; d >= 0; --d) {
    if (d == 1) continue;
    strides[d] = step;
    step *= std::max<int64_t>(sizes[d], 1);
  }
  return strides;
}

bool is_channels_last(const Tensor& tensor) {
  if (tensor.dim() < 3 || tensor.is_contiguous() || tensor.numel() == 0) return false;
  const Dims strides = channels_last_strides(tensor.sizes());
  for (int d = 0; d < tensor.dim(); ++d)
    if (tensor.size(d) != 1 && tensor.stride(d) != strides[d]) return false;
  return true;
}

void hide_channels_last(const Tensor& tensor) {
  TensorBody& body = *tensor.body();
  body.strides = contiguous_strides(body.sizes);
  body.contiguous = true;
  const int64_t pixels = body.numel / (body.sizes[0] * body.sizes[1]);
  if (pixels == 1 || body.sizes[1] == 1) return;  // both orders are one
  Storage& storage = *body.storage;
  storage.channels = body.sizes[1];
  storage.pixels = pixels;
  storage.width = int64_t(bytes_of(body.dtype));
}

Tensor as_stored(const Tensor& tensor) {
  const TensorBody& body = *tensor.body();
  Storage& storage = *body.storage;
  if (!hides_channels_last(body)) return tensor;
  const bool whole = body.contiguous && body.offset == 0 && body.sizes.size() >= 3 && body.sizes[1] == storage.channels &&
                     body.numel == body.sizes[0] * storage.channels * storage.pixels &&
                     size_t(body.numel * storage.width) <= storage.bytes && int64_t(bytes_of(body.dtype)) == storage.width;
  if (!whole) {
    lay_out_as_shown(storage);
    return tensor;
  }
  Tensor shown = on_storage(body.storage, body.dtype, 0, body.sizes, channels_last_strides(body.sizes));
  shown.body()->as_stored = true;
  ++storage.readers;
  shown.body()->requires_grad = body.requires_grad;
  shown.body()->wrapped_number = body.wrapped_number;
  return shown;
}

}  // namespace ember
