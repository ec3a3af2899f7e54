// Sampling of images and volumes at given places.
#pragma once
#include "op/backward.h"

namespace ember::grids {

struct grid_sample {
  static constexpr Record record = {
      .schema = "_grid_sample(Tensor input, Tensor grid, str mode, str padding_mode, str units) -> Tensor",
      .doc =
          "The values of the input (N, C, d1, ...) at the places (N, e1, ..., x y or x y z) that grid names. Its units: "
          "'corners' has the centres of the outermost elements at -1 and 1, 'edges' their outer edges, 'pixels' counts "
          "elements from 0.",
      .source = "Jaderberg et al. 2015",
      .types = kFloat,
      .saves = "input grid",
      .where = 0,
      .autocast = Autocast::Float32,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

struct grid_sample_backward {
  static constexpr Record record = {
      .schema =
          "_grid_sample_backward(Tensor gradient, Tensor input, Tensor grid, str mode, str padding_mode, str units, "
          "bool of_input, bool of_grid) -> (Tensor input, Tensor grid)",
      .doc = "The gradients of grid_sample, of those that are wanted.",
      .types = kFloat,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

// What second and further derivatives of grid_sample are made of.
struct _grid_neighbours {
  static constexpr Record record = {
      .schema =
          "_grid_neighbours(Tensor grid, int[] size, str mode, str padding_mode, str units, int[] orders) "
          "-> (Tensor weights, Tensor offsets)",
      .doc =
          "Of which elements of a channel each place of grid is mixed in an input of shape `size`, (N, neighbours, places), "
          "and their weights, differentiated orders[e] times by coordinate e.",
      .types = kFloat,
      .saves = "grid",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
  static void backward(Backward& b);
};

}  // namespace ember::grids
