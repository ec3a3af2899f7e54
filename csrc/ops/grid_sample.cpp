#include "ops/grid_sample.h"

namespace ember::grids {

namespace {

void check_shapes(const Dims& input, const Dims& grid) {
  const int spatial = input.size() - 2;
  if (spatial != 2 && spatial != 3)
    fail(ErrorKind::Runtime, "grid_sample(): input is ", input.size(), "-d (shape ", to_string(input),
         "); expected (N, C, H, W) or (N, C, D, H, W).");
  if (grid.size() != input.size() || grid.back() != spatial)
    fail(ErrorKind::Runtime, "grid_sample(): grid has shape ", to_string(grid), "; input of shape ", to_string(input),
         " expects ", spatial == 2 ? "(N, H_out, W_out, 2)." : "(N, D_out, H_out, W_out, 3).");
  if (grid[0] != input[0])
    fail(ErrorKind::Runtime, "grid_sample(): input has ", input[0], " images (shape ", to_string(input), ") and grid ", grid[0],
         " (shape ", to_string(grid), "); expected as many.");
  int64_t elements = 1;
  for (int d = 2; d < input.size(); ++d) {
    if (input[d] == 0)
      fail(ErrorKind::Runtime, "grid_sample(): input has shape ", to_string(input), "; expected no empty spatial dim.");
    if (__builtin_mul_overflow(elements, input[d], &elements) || elements > INT32_MAX)
      fail(ErrorKind::Runtime, "grid_sample(): input of shape ", to_string(input),
           "; expected channels of at most 2**31 - 1 elements.");
  }
}

}  // namespace

void grid_sample::infer(Call& c) {
  const Dims &input = c.sizes(0), &grid = c.sizes(1);
  const DType dtype = c.arg(0).body()->dtype, other = c.arg(1).body()->dtype;
  for (int i = 0; i < 2; ++i)
    if (c.arg(i).body()->wrapped_number)
      fail(ErrorKind::Type, "grid_sample(): ", i ? "grid" : "input", " is a number; expected a tensor.");
  check_shapes(input, grid);
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, "grid_sample(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point input.");
  if (dtype != other)
    fail(ErrorKind::Runtime, "grid_sample(): input is ", name_of(dtype), " and grid is ", name_of(other),
         "; expected one dtype. Convert one with .to().");
  if (c.arg(2).string() == "bicubic" && input.size() == 5)
    fail(ErrorKind::Runtime, "grid_sample(): mode 'bicubic' with a 5-d input (shape ", to_string(input),
         "); expected a 4-d one.");
  Dims sizes = {input[0], input[1]};
  for (int d = 1; d + 1 < grid.size(); ++d) sizes.push_back(grid[d]);
  c.output(0, sizes, dtype);
}

namespace {

Tensor reshaped(const Tensor& tensor, const Dims& sizes) {
  static Operation& reshape = named("reshape");
  return run(reshape, {tensor, sizes});
}
Tensor product(const Tensor& a, const Tensor& b) {
  static Operation& multiply = named("mul");
  return run(multiply, {a, b});
}
Tensor sum_over(const Tensor& tensor, int dim) {
  static Operation& sum = named("sum");
  return run(sum, {tensor, Dims{dim}});
}
Tensor last_stacked(const std::vector<Tensor>& tensors) {
  static Operation& stack = named("stack");
  return run(stack, {tensors, -1});
}

Dims once_more(Dims orders, int coordinate) {
  ++orders[coordinate];
  return orders;
}

// The gradients as recorded operations, on (images, channels, elements) and (images, neighbours, places).
void record_gradients(Backward& b) {
  static Operation& gather = named("gather");
  static Operation& scatter_add = named("scatter_add");
  static Operation& expand = named("expand");
  const Dims &sizes = b.sizes(0), &grid = b.sizes(1);
  const int coordinates = sizes.size() - 2;
  int64_t elements = 1, places = 1;
  for (int d = 2; d < sizes.size(); ++d) elements *= sizes[d];
  for (int d = 1; d + 1 < grid.size(); ++d) places *= grid[d];
  const int64_t images = sizes[0], channels = sizes[1];
  const auto neighbours = [&](const Dims& orders) {
    return run_all(operation<_grid_neighbours>(), {b.arg(1), sizes, b.arg(2), b.arg(3), b.arg(4), orders});
  };
  const auto found = neighbours(Dims(coordinates));
  const int64_t taps = found[0].size(1);
  const Tensor offsets = run(expand, {reshaped(found[1], {images, 1, taps * places}), Dims{images, channels, taps * places}});
  const Tensor gradient = reshaped(b.gradient(), {images, channels, 1, places});
  if (b.needs(0)) {
    const Tensor shares =
        reshaped(product(gradient, reshaped(found[0], {images, 1, taps, places})), {images, channels, taps * places});
    const Tensor nothing = zeros({images, channels, elements}, shares.dtype(), shares.device());
    b.set(0, reshaped(run(scatter_add, {nothing, 2, offsets, shares}), sizes));
  }
  if (!b.needs(1)) return;
  const Tensor values = reshaped(run(gather, {reshaped(b.tensor(0), {images, channels, elements}), 2, offsets}),
                                 {images, channels, taps, places});
  const Tensor by_weight = sum_over(product(values, gradient), 1);
  std::vector<Tensor> by_coordinate;
  for (int e = 0; e < coordinates; ++e)
    by_coordinate.push_back(sum_over(product(by_weight, neighbours(once_more(Dims(coordinates), e))[0]), 1));
  b.set(1, reshaped(last_stacked(by_coordinate), grid));
}

}  // namespace

void grid_sample::backward(Backward& b) {
  if (modes.gradient) return record_gradients(b);
  const auto gradients = run_all(operation<grid_sample_backward>(),
                                 {b.gradient(), b.arg(0), b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.needs(0), b.needs(1)});
  b.set(0, gradients[0]);
  b.set(1, gradients[1]);
}
KERNEL(grid_sample)

void grid_sample_backward::infer(Call& c) {
  const DType dtype = c.arg(1).body()->dtype;
  if (c.arg(6).boolean()) c.output(0, c.sizes(1), dtype);
  if (c.arg(7).boolean()) c.output(1, c.sizes(2), dtype);
}
KERNEL(grid_sample_backward)

void _grid_neighbours::infer(Call& c) {
  const Dims &grid = c.sizes(0), &size = c.arg(1).ints();
  check_shapes(size, grid);
  if (c.arg(5).ints().size() != grid.back())
    fail(ErrorKind::Runtime, "grid_sample(): orders are ", to_string(c.arg(5).ints()), "; expected one for each coordinate.");
  int64_t places = 1, neighbours = 1;
  for (int d = 1; d + 1 < grid.size(); ++d) places *= grid[d];
  for (int64_t e = 0; e < grid.back(); ++e)
    neighbours *= c.arg(2).string() == "nearest" ? 1 : c.arg(2).string() == "bilinear" ? 2 : 4;
  c.output(0, {grid[0], neighbours, places}, c.arg(0).body()->dtype);
  c.output(1, {grid[0], neighbours, places}, DType::Int64);
}
void _grid_neighbours::backward(Backward& b) {
  if (!b.gradient()) return;
  std::vector<Tensor> by_coordinate;
  for (int e = 0; e < b.arg(5).ints().size(); ++e) {
    const Tensor slopes = run_all(operation<_grid_neighbours>(),
                                  {b.arg(0), b.arg(1), b.arg(2), b.arg(3), b.arg(4), once_more(b.arg(5).ints(), e)})[0];
    by_coordinate.push_back(sum_over(product(b.gradient(), slopes), 1));
  }
  b.set(0, reshaped(last_stacked(by_coordinate), b.sizes(0)));
}
KERNEL(_grid_neighbours)

}  // namespace ember::grids
