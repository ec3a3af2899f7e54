#include "ops/grid_sample.h"

#include "op/var.h"

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

void grid_sample::backward(Backward& b) {
  static Operation& fused = operation<grid_sample_backward>();
  const auto gradients =
      run_all(fused, {b.gradient(), b.arg(0), b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.needs(0), b.needs(1)});
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

}  // namespace ember::grids
