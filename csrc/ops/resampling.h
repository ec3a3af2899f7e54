// Functions that move pixels: interpolation, and channels that become pixels.
#pragma once
#include "op/backward.h"

namespace ember::resampling {

struct _resample {
  static constexpr Record record = {
      .schema =
          "_resample(Tensor input, int[] size, float[] scales, str mode, bool align_corners=False, bool transposed=False) "
          "-> Tensor",
      .doc =
          "Interpolates (N, C, d1, ...) to the spatial dims `size`: along each dim every result is a weighted sum of "
          "neighbours (cpu/bands.h has the modes). A scale above 0 replaces the ratio of the sizes. Transposed, it is the "
          "gradient: what was spread from `size` is added up there.",
      .types = kFloat | kInteger,
      .cost = 4,
      .layouts = true,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct pixel_shuffle {
  static constexpr Record record = {
      .schema = "pixel_shuffle(Tensor input, int upscale_factor) -> Tensor",
      .doc = "(*, C r^2, H, W) as (*, C, H r, W r): each pixel's r^2 channels become a square of r by r pixels.",
      .source = "Shi et al. 2016",
      .where = kFunction | kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct pixel_unshuffle {
  static constexpr Record record = {
      .schema = "pixel_unshuffle(Tensor input, int downscale_factor) -> Tensor",
      .doc = "(*, C, H r, W r) as (*, C r^2, H, W): the inverse of pixel_shuffle.",
      .source = "Shi et al. 2016",
      .where = kFunction | kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct channel_shuffle {
  static constexpr Record record = {
      .schema = "channel_shuffle(Tensor input, int groups) -> Tensor",
      .doc = "The channels (dim 1) of all groups in turn: seen as (groups, C / groups) they are transposed.",
      .source = "Zhang et al. 2018",
      .where = kFunction | kFunctional,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct native_channel_shuffle : channel_shuffle {
  static constexpr Record record = {
      .schema = "native_channel_shuffle(Tensor input, int groups) -> Tensor",
      .doc = "Another name of channel_shuffle.",
      .where = kFunction | kFunctional,
  };
};

}  // namespace ember::resampling
