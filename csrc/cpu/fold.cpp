// unfold and fold on the CPU: element types and threads.
#include "ops/fold.h"

#include <cstring>

#include "cpu/fold_kernels.h"
#include "cpu/parallel.h"

namespace ember {

namespace {

constexpr int64_t kLongWork = 1 << 18;

FoldTask task_of(const Blocks& blocks, DType dtype) {
  FoldTask task{};
  std::memcpy(task.image, blocks.image, sizeof task.image);
  std::memcpy(task.kernel, blocks.kernel, sizeof task.kernel);
  std::memcpy(task.dilation, blocks.dilation, sizeof task.dilation);
  std::memcpy(task.padding, blocks.padding, sizeof task.padding);
  std::memcpy(task.stride, blocks.stride, sizeof task.stride);
  std::memcpy(task.count, blocks.count, sizeof task.count);
  task.bytes = int64_t(bytes_of(dtype));
  task.dtype = dtype;
  return task;
}

// Sums are taken in float32 at least; of bool it is whether any is set.
DType sum_dtype(DType dtype) { return dtype == DType::Float64 || is_complex_dtype(dtype) ? dtype : DType::Float32; }

Tensor as_sums(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() == dtype && tensor.is_contiguous()) return tensor;
  const Tensor copy = empty(tensor.sizes(), dtype);
  copy_into(copy, tensor);
  return copy;
}

}  // namespace

void unfold_blocks::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Blocks blocks = blocks_of_image(call, call.args + 1);
  const FoldTask task = task_of(blocks, out.dtype());
  const Tensor input = contiguous(call.tensor(0));
  const int64_t rows = blocks.batch * blocks.channels * blocks.kernel[0] * blocks.kernel[1];
  Unlocked unlocked(out.numel() > kLongWork);
  parallel_for(rows, grain_of(blocks.count[0] * blocks.count[1]),
               [&](int64_t begin, int64_t end) { unfold_rows(task, input.raw(), out.raw(), begin, end); });
}

void fold_blocks::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Blocks blocks = blocks_of_columns(call, call.arg(1).ints(), call.args + 2);
  const FoldTask task = task_of(blocks, sum_dtype(out.dtype()));
  const Tensor input = as_sums(call.tensor(0), task.dtype);
  const Tensor target = out.dtype() == task.dtype ? out : empty(out.sizes(), task.dtype);
  const int64_t planes = blocks.batch * blocks.channels;
  {
    Unlocked unlocked(input.numel() > kLongWork);
    parallel_for(planes, grain_of(input.numel() / planes),
                 [&](int64_t begin, int64_t end) { fold_planes(task, input.raw(), target.raw(), begin, end); });
  }
  if (!target.same(out)) copy_into(out, target);
}

}  // namespace ember
