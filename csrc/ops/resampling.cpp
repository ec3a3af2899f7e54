#include "ops/resampling.h"

#include "core/channels_last.h"

namespace ember::resampling {

// ---- interpolation ----

void _resample::infer(Call& c) {
  const Tensor input = c.tensor(0);
  const Dims& size = c.arg(1).ints();
  const int spatial = input.dim() - 2;
  const DType dtype = input.dtype();
  if (!is_floating(dtype) && dtype != DType::UInt8)
    fail(ErrorKind::NotImplemented, "interpolate(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point or uint8 input.");
  if (spatial < 1 || spatial > 3 || size.size() != spatial || int(c.arg(2).floats().size()) != spatial)
    fail(ErrorKind::Runtime, "interpolate(): input of shape ", to_string(input.sizes()), " with size ", to_string(size),
         "; expected (N, C, d1, ...) with 1 to 3 spatial dims and a size for each.");
  Dims sizes = input.sizes();
  for (int d = 0; d < spatial; ++d) {
    if (sizes[d + 2] < 1 || size[d] < 1 || sizes[d + 2] > INT32_MAX || size[d] > INT32_MAX)
      fail(ErrorKind::Runtime, "interpolate(): input of shape ", to_string(input.sizes()), " to size ", to_string(size),
           "; expected spatial dims between 1 and 2**31 - 1.");
    sizes[d + 2] = size[d];
  }
  if (!c.given && is_channels_last(input)) c.out() = empty_strided(sizes, channels_last_strides(sizes), dtype, c.device);
  else c.output(sizes);
}

// Linear in the input: the gradient is the transposed operation, whose gradient is this one again.
void _resample::backward(Backward& b) {
  Dims size = b.sizes(0);
  size.erase(0);
  size.erase(0);
  b.set(0, run<_resample>(b.gradient(), size, b.arg(2), b.arg(3), b.arg(4), !b.arg(5).boolean()));
}
KERNEL(_resample)

// ---- pixels and channels ----

namespace {

void check_dims(const Call& c) {
  if (c.sizes(0).size() < 3)
    fail(ErrorKind::Runtime, c.name(), "(): input is ", c.sizes(0).size(), "-d (shape ", to_string(c.sizes(0)),
         "); expected at least 3 dims, (*, C, H, W).");
}

int64_t checked_factor(const Call& c) {
  const int64_t factor = c.arg(1).integer();
  if (factor < 1 || factor > INT32_MAX)
    fail(ErrorKind::Runtime, c.name(), "(): ", c.op.schema.parameters[1].name, " is ", factor,
         "; expected a positive number below 2**31.");
  return factor;
}

}  // namespace

void pixel_shuffle::infer(Call& c) {
  check_dims(c);
  const int64_t factor = checked_factor(c);
  Dims sizes = c.sizes(0);
  const int channels = sizes.size() - 3;
  if (sizes[channels] % (factor * factor))
    fail(ErrorKind::Runtime, "pixel_shuffle(): input of shape ", to_string(sizes), " has ", sizes[channels],
         " channels; expected a multiple of upscale_factor squared, ", factor * factor, ".");
  sizes[channels] /= factor * factor;
  sizes[channels + 1] *= factor;
  sizes[channels + 2] *= factor;
  c.output(sizes);
}
void pixel_shuffle::backward(Backward& b) { b.set(0, run<pixel_unshuffle>(b.gradient(), b.arg(1))); }
KERNEL(pixel_shuffle)

void pixel_unshuffle::infer(Call& c) {
  check_dims(c);
  const int64_t factor = checked_factor(c);
  Dims sizes = c.sizes(0);
  const int channels = sizes.size() - 3;
  if (sizes[channels + 1] % factor || sizes[channels + 2] % factor)
    fail(ErrorKind::Runtime, "pixel_unshuffle(): input of shape ", to_string(sizes), " with downscale_factor ", factor,
         "; expected a height and width that are multiples of it.");
  sizes[channels] *= factor * factor;
  sizes[channels + 1] /= factor;
  sizes[channels + 2] /= factor;
  c.output(sizes);
}
void pixel_unshuffle::backward(Backward& b) { b.set(0, run<pixel_shuffle>(b.gradient(), b.arg(1))); }
KERNEL(pixel_unshuffle)

void channel_shuffle::infer(Call& c) {
  check_dims(c);
  const int64_t groups = checked_factor(c);
  if (c.sizes(0)[1] % groups)
    fail(ErrorKind::Runtime, c.name(), "(): input of shape ", to_string(c.sizes(0)), " has ", c.sizes(0)[1],
         " channels in dim 1; expected a multiple of groups, ", groups, ".");
  c.output(c.sizes(0));
}
// Back again is a shuffle with as many groups as there were channels in one.
void channel_shuffle::backward(Backward& b) {
  const int64_t channels = b.sizes(0)[1], groups = b.arg(1).integer();
  b.set(0, channels ? run<channel_shuffle>(b.gradient(), channels / groups) : b.gradient());
}
KERNEL(channel_shuffle)
KERNEL(native_channel_shuffle)

}  // namespace ember::resampling
