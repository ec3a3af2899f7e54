#include "ops/fold.h"

#include <limits>

namespace ember {

namespace {

constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();  // of the numbers, whose products fit 64 bits then

void read_pair(const Call& call, const char* parameter, const Dims& numbers, int64_t least, int64_t (&pair)[2]) {
  if (numbers.size() != 1 && numbers.size() != 2)
    fail(ErrorKind::Runtime, call.name(), "(): ", parameter, " is ", to_string(numbers), "; expected one integer or 2.");
  for (int64_t number : numbers)
    if (number < least || number > kLargest)
      fail(ErrorKind::Runtime, call.name(), "(): ", parameter, " is ", to_string(numbers), "; expected integers from ", least,
           " to ", kLargest, ".");
  pair[0] = numbers[0];
  pair[1] = numbers.back();
}

void check_types(const Call& call) {
  const DType dtype = call.args[0].body()->dtype;
  if (is_integral(dtype))
    fail(ErrorKind::NotImplemented, call.name(), "(): not implemented for '", name_of(dtype),
         "' tensors; expected floating point ones.");
}

// (N, *) or (*) with `dims` in the star, of which only N may be 0.
void check_shape(const Call& call, int dims, const char* expected) {
  const Dims& sizes = call.sizes(0);
  bool fits = sizes.size() == dims || sizes.size() == dims + 1;
  for (int i = sizes.size() - dims; fits && i < sizes.size(); ++i) fits = sizes[i] > 0;
  if (!fits)
    fail(ErrorKind::Runtime, call.name(), "(): input has shape ", to_string(sizes), "; expected ", expected,
         ", empty at most in N.");
}

void count_blocks(const Call& call, const Value* args, Blocks& blocks) {
  read_pair(call, "kernel_size", args[0].ints(), 1, blocks.kernel);
  read_pair(call, "dilation", args[1].ints(), 1, blocks.dilation);
  read_pair(call, "padding", args[2].ints(), 0, blocks.padding);
  read_pair(call, "stride", args[3].ints(), 1, blocks.stride);
  for (int i = 0; i < 2; ++i) {
    const int64_t reach = blocks.dilation[i] * (blocks.kernel[i] - 1) + 1, room = blocks.image[i] + 2 * blocks.padding[i];
    if (reach > room)
      fail(ErrorKind::Runtime, call.name(), "(): kernel_size ", to_string(Dims(blocks.kernel, 2)), " with dilation ",
           to_string(Dims(blocks.dilation, 2)), " is larger than the image ", to_string(Dims(blocks.image, 2)),
           " with padding ", to_string(Dims(blocks.padding, 2)), "; expected a block that fits.");
    blocks.count[i] = (room - reach) / blocks.stride[i] + 1;
  }
}

}  // namespace

Blocks blocks_of_image(const Call& call, const Value* args) {
  check_shape(call, 3, "(N, C, H, W) or (C, H, W)");
  const Dims& sizes = call.sizes(0);
  Blocks blocks{};
  blocks.batched = sizes.size() == 4;
  blocks.batch = blocks.batched ? sizes[0] : 1;
  blocks.channels = sizes[sizes.size() - 3];
  for (int i = 0; i < 2; ++i) blocks.image[i] = sizes[sizes.size() - 2 + i];
  count_blocks(call, args, blocks);
  return blocks;
}

Blocks blocks_of_columns(const Call& call, const Dims& image, const Value* args) {
  check_shape(call, 2, "(N, C kernel kernel, blocks) or (C kernel kernel, blocks)");
  const Dims& sizes = call.sizes(0);
  const int64_t rows = sizes[sizes.size() - 2], columns = sizes.back();
  Blocks blocks{};
  blocks.batched = sizes.size() == 3;
  blocks.batch = blocks.batched ? sizes[0] : 1;
  read_pair(call, "output_size", image, 1, blocks.image);
  count_blocks(call, args, blocks);
  const int64_t places = blocks.kernel[0] * blocks.kernel[1];
  if (rows % places != 0)
    fail(ErrorKind::Runtime, call.name(), "(): input of shape ", to_string(sizes), " has ", rows, " rows; kernel_size ",
         to_string(Dims(blocks.kernel, 2)), " expects a multiple of ", places, ".");
  if (columns != blocks.count[0] * blocks.count[1])
    fail(ErrorKind::Runtime, call.name(), "(): input of shape ", to_string(sizes), " has ", columns, " columns; output_size ",
         to_string(Dims(blocks.image, 2)), " has ", blocks.count[0], " * ", blocks.count[1], " = ",
         blocks.count[0] * blocks.count[1], " blocks.");
  blocks.channels = rows / places;
  return blocks;
}

void unfold_blocks::infer(Call& call) {
  check_types(call);
  const Blocks blocks = blocks_of_image(call, call.args + 1);
  count_elements({blocks.channels, blocks.kernel[0], blocks.kernel[1], blocks.count[0], blocks.count[1]});  // can be counted
  Dims sizes = {blocks.channels * blocks.kernel[0] * blocks.kernel[1], blocks.count[0] * blocks.count[1]};
  if (blocks.batched) sizes.insert(0, blocks.batch);
  call.output(0, sizes, call.args[0].body()->dtype);
}
void unfold_blocks::backward(Backward& b) {
  const Dims& sizes = b.sizes(0);
  const Dims image = {sizes[sizes.size() - 2], sizes.back()};
  b.set(0, run<fold_blocks>(b.gradient(), image, b.arg(1), b.arg(2), b.arg(3), b.arg(4)));
}
KERNEL(unfold_blocks)

void fold_blocks::infer(Call& call) {
  check_types(call);
  const Blocks blocks = blocks_of_columns(call, call.arg(1).ints(), call.args + 2);
  Dims sizes = {blocks.channels, blocks.image[0], blocks.image[1]};
  if (blocks.batched) sizes.insert(0, blocks.batch);
  call.output(0, sizes, call.args[0].body()->dtype);
}
void fold_blocks::backward(Backward& b) { b.set(0, run<unfold_blocks>(b.gradient(), b.arg(2), b.arg(3), b.arg(4), b.arg(5))); }
KERNEL(fold_blocks)

}  // namespace ember
