// Regions of interest: what detectors read out of feature maps, and which of their boxes they keep.
#pragma once
#include "op/backward.h"

namespace ember::regions {

// How the bins of a region read the map. A region is (image, x1, y1, x2, y2), its corners multiplied by `scale`.
//   align            samples between pixels, whose centres are at whole numbers
//   align_centred    the same with centres at halves
//   sensitive_align  align_centred, where each bin reads a channel of its own
//   sensitive_mean   the mean of whole pixels, where each bin reads a channel of its own
struct pool_regions {
  static constexpr Record record = {
      .schema = "_pool_regions(Tensor input, Tensor regions, str rule, float scale, int[] bins, int samples) -> Tensor",
      .doc = "Means over the bins of regions: (K, C, bins) from maps (N, C, H, W) and regions (K, 5).",
      .source = "He et al. 2017; Dai et al. 2016",
      .types = kFloat,
      .saves = "regions",
      .where = 0,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct pool_regions_backward {
  static constexpr Record record = {
      .schema =
          "_pool_regions_backward(Tensor gradient, Tensor regions, str rule, float scale, int[] bins, int samples, int[] sizes) "
          "-> Tensor",
      .doc = "The gradient of _pool_regions by an input of shape `sizes`.",
      .types = kFloat,
      .saves = "regions",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct max_pool_regions {
  static constexpr Record record = {
      .schema = "_max_pool_regions(Tensor input, Tensor regions, float scale, int[] bins) -> (Tensor output, Tensor places)",
      .doc = "The largest element of each bin of regions, and its place in the channel; 0 and -1 where a bin is empty.",
      .source = "Girshick 2015",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct keep_best_boxes {
  static constexpr Record record = {
      .schema = "_keep_best_boxes(Tensor boxes, Tensor scores, float threshold) -> Tensor",
      .doc =
          "Non-maximum suppression: the indices of the boxes that share no more than `threshold` of their union with a "
          "kept box of higher score, best first.",
      .types = kFloat,
      .where = 0,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct rotated_overlaps {
  static constexpr Record record = {
      .schema = "_rotated_overlaps(Tensor boxes, Tensor others) -> Tensor",
      .doc = "Intersection over union of every two rotated boxes, rows (x, y, width, height, degrees) about their centres.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

}  // namespace ember::regions
