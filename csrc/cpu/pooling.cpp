// Pooling on the CPU: the windows of each dim as lists, layouts, element types and threads.
#include "ops/pooling.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "core/allocator.h"
#include "core/channels_last.h"
#include "cpu/parallel.h"
#include "cpu/pooling_kernels.h"
#include "cpu/types.h"

namespace ember {

namespace {

constexpr int64_t kLongWork = 1 << 18;
constexpr int64_t kMostPlaces = 1024;  // of windows that are worked on side by side

// 16-bit floats are pooled in float32, integers in int64.
DType loop_dtype(DType dtype) { return compute_of(dtype); }

Dims strides_of(const Dims& sizes, bool channels_inner) {
  return channels_inner ? channels_last_strides(sizes) : contiguous_strides(sizes);
}

bool lies(const Tensor& tensor, bool channels_inner) {
  const Dims strides = strides_of(tensor.sizes(), channels_inner);
  for (int i = 0; i < tensor.dim(); ++i)
    if (tensor.size(i) != 1 && tensor.stride(i) != strides[i]) return false;
  return true;
}

Tensor room_for(const Dims& sizes, DType dtype, bool channels_inner) {
  return empty_strided(sizes, strides_of(sizes, channels_inner), dtype);
}

// In the loops' type and order, outside the graph.
Tensor staged(const Tensor& tensor, DType dtype, bool channels_inner) {
  if (tensor.dtype() == dtype && lies(tensor, channels_inner)) return tensor;
  const Tensor copy = room_for(tensor.sizes(), dtype, channels_inner);
  copy_into(copy, tensor);
  return copy;
}

// Where the loops write: into `out`, or beside it where it is of another type or order.
Tensor target_for(const Tensor& out, DType dtype, bool channels_inner) {
  return out.dtype() == dtype && lies(out, channels_inner) ? out : room_for(out.sizes(), dtype, channels_inner);
}
void deliver(const Tensor& out, const Tensor& target) {
  if (!out.same(target)) copy_into(out, target);
}

// The windows of one dim, as lists of the outputs' length (pooling_kernels.h).
struct AxisLists {
  std::vector<int64_t> numbers;
  int64_t *begin, *count, *first, *divisor;

  AxisLists(const PoolDim& dim, bool count_padding) : numbers(size_t(4 * dim.out)) {
    begin = numbers.data();
    count = begin + dim.out;
    first = count + dim.out;
    divisor = first + dim.out;
    for (int64_t o = 0; o < dim.out; ++o) {
      if (dim.stride == 0) {
        begin[o] = o * dim.in / dim.out;
        divisor[o] = count[o] = ((o + 1) * dim.in + dim.out - 1) / dim.out - begin[o];
        continue;
      }
      const int64_t start = o * dim.stride - dim.padding;
      first[o] = start < 0 ? (-start + dim.dilation - 1) / dim.dilation : 0;
      begin[o] = start + first[o] * dim.dilation;
      count[o] = std::min(dim.kernel, (dim.in - start + dim.dilation - 1) / dim.dilation) - first[o];
      divisor[o] = count_padding ? std::min(dim.kernel, dim.in + dim.padding - start) : count[o];
    }
  }
};

// Last dims that one window covers are one dim: their elements follow each other.
void join_dims(PoolDim (&dim)[3]) {
  const auto covered = [](const PoolDim& each) {
    return each.out == 1 && each.stride > 0 && each.kernel == each.in && each.padding == 0 && each.dilation == 1;
  };
  for (int i = 0; i < 2 && covered(dim[2]) && covered(dim[1]); ++i) {
    dim[2].in = dim[2].kernel = dim[1].in * dim[2].in;
    dim[1] = dim[0];
    dim[0] = PoolDim();
  }
}

struct Windows {
  PoolTask task{};
  std::vector<AxisLists> lists;
  std::vector<PoolPlace> places;

  Windows(Pooling pooling, DType compute, bool channels_inner, bool count_padding = true) {
    task.channels = pooling.channels;
    task.channels_inner = channels_inner;
    task.compute = compute;
    task.tiling = true;
    task.place_count = 1;
    join_dims(pooling.dim);
    lists.reserve(3);
    for (int i = 0; i < 3; ++i) add_axis(i, pooling.dim[i], count_padding);
    int64_t step = channels_inner ? pooling.channels : 1;
    for (int i = 2; i >= 0; --i) {
      task.axis[i].step = step;
      step *= task.axis[i].in;
    }
    if (task.place_count > std::numeric_limits<int32_t>::max())
      fail(ErrorKind::Runtime, pooling.name, "(): a window has ", task.place_count, " positions; expected at most 2**31 - 1.");
    find_whole_windows();
    if (channels_inner || task.low < task.high) list_places();
  }

  void list_places() {
    if (!places.empty()) return;
    places.reserve(size_t(task.place_count));
    const PoolAxis *depth = &task.axis[0], *height = &task.axis[1], *width = &task.axis[2];
    for (int64_t d = 0; d < depth->extent; ++d)
      for (int64_t h = 0; h < height->extent; ++h)
        for (int64_t w = 0; w < width->extent; ++w)
          places.push_back(
              {d * depth->dilation * depth->step + h * height->dilation * height->step + w * width->dilation * width->step,
               int64_t(places.size())});
    task.places = places.data();
  }
  // Rows of outputs, of a sample where the channels are innermost, otherwise of a plane.
  int64_t rows() const { return task.axis[0].out * task.axis[1].out; }
  int64_t work_of_row() const { return task.axis[2].out * task.place_count * (task.channels_inner ? task.channels : 2); }

 private:
  void add_axis(int i, const PoolDim& dim, bool count_padding) {
    const AxisLists& list = lists.emplace_back(dim, count_padding);
    const int64_t extent = *std::max_element(list.count, list.count + dim.out);
    task.axis[i] = {dim.in, dim.out,    dim.stride, dim.padding, dim.dilation, extent,
                    0,      list.begin, list.count, list.first,  list.divisor};
    task.place_count *= extent;
    task.overlapping |= dim.stride < dim.dilation * (dim.kernel - 1) + 1;
    task.tiling &= dim.stride == dim.kernel && dim.padding == 0 && dim.in == dim.out * dim.stride &&
                   (dim.dilation == 1 || dim.kernel == 1);
  }
  // Of a row; few of them, or long ones, are not worth vectors across windows.
  void find_whole_windows() {
    const AxisLists& width = lists[2];
    const int64_t out = task.axis[2].out;
    const auto whole = [&](int64_t o) { return width.first[o] == 0 && width.count[o] == task.axis[2].extent; };
    while (task.low < out && !whole(task.low)) ++task.low;
    task.high = task.low;
    while (task.high < out && whole(task.high)) ++task.high;
    if (task.high - task.low < 4 || task.place_count > kMostPlaces || task.axis[2].stride == 0) task.low = task.high = out;
  }
};

// Calls f(begin, end, scratch) on parts of n rows or units, which cost `work` float additions each.
template <class F>
void in_parallel(const Windows& windows, int64_t n, int64_t work, F f) {
  Unlocked unlocked(n * work > kLongWork);
  parallel_for(n, grain_of(work), [&](int64_t begin, int64_t end) {
    const Scratch scratch(windows.places.size() * sizeof(PoolPlace));
    f(begin, end, static_cast<PoolPlace*>(scratch.data()));
  });
}

// ---- the largest

void find_largest(const Pooling& pooling, Windows& windows, const Tensor& x, const Tensor& out, const Tensor& places) {
  const bool inner = windows.task.channels_inner;
  const DType compute = windows.task.compute;
  const Tensor input = staged(x, compute, inner), target = target_for(out, compute, inner);
  windows.task.wide = places && places.dtype() == DType::Int32;
  const int64_t rows = windows.rows() * pooling.batch * (inner ? 1 : pooling.channels);
  in_parallel(windows, rows, windows.work_of_row(), [&](int64_t begin, int64_t end, PoolPlace* scratch) {
    pool_largest(windows.task, input.raw(), target.raw(), places ? places.raw() : nullptr, begin, end, scratch);
  });
  deliver(out, target);
}

// The place `number` of the window (d, h, w) as a position of the input.
int64_t position_of(const PoolTask& task, int64_t d, int64_t h, int64_t w, int64_t number) {
  const PoolAxis &depth = task.axis[0], &height = task.axis[1], &width = task.axis[2];
  const int64_t column = number % width.extent, row = number / width.extent % height.extent,
                slice = number / width.extent / height.extent;
  return ((depth.begin[d] + slice * depth.dilation) * height.in + height.begin[h] + row * height.dilation) * width.in +
         width.begin[w] + column * width.dilation;
}

template <class P>
void write_positions(const PoolTask& task, const P* places, int64_t* positions, int64_t begin, int64_t end) {
  const int64_t across = task.channels_inner ? task.channels : 1, height = task.axis[1].out, width = task.axis[2].out;
  for (int64_t r = begin; r < end; ++r)
    for (int64_t w = 0; w < width; ++w)
      for (int64_t c = 0; c < across; ++c) {
        const int64_t at = (r * width + w) * across + c;
        positions[at] = position_of(task, r / height % task.axis[0].out, r % height, w, places[at]);
      }
}

void find_positions(const Pooling& pooling, const Windows& windows, const Tensor& places, const Tensor& positions) {
  const bool inner = windows.task.channels_inner;
  const int64_t rows = windows.rows() * pooling.batch * (inner ? 1 : pooling.channels);
  in_parallel(windows, rows, 8 * windows.task.axis[2].out * (inner ? pooling.channels : 1),
              [&](int64_t begin, int64_t end, PoolPlace*) {
                if (places.dtype() == DType::Int32)
                  write_positions(windows.task, places.data<int32_t>(), positions.data<int64_t>(), begin, end);
                else write_positions(windows.task, places.data<uint8_t>(), positions.data<int64_t>(), begin, end);
              });
}

void find_largest_and_positions(Call& call, const Pooling& pooling, const Tensor& noted = {}) {
  const Tensor out = call.out(), indices = call.out(1);
  if (out.numel() == 0) return;
  const bool inner = keeps_channels_last(call, pooling);
  Windows windows(pooling, loop_dtype(out.dtype()), inner);
  const DType dtype = windows.task.place_count > 256 ? DType::Int32 : DType::UInt8;
  const Tensor places = noted ? noted : room_for(out.sizes(), dtype, inner);
  find_largest(pooling, windows, call.tensor(0), out, places);
  find_positions(pooling, windows, places, indices);
}

// A gradient is hidden channels-last where the input was, even if the gradient that arrived had no order to tell.
void hide_as_was(const Tensor& out, PoolOrder order) {
  if (order == PoolOrder::HiddenChannelsLast && is_channels_last(out)) hide_channels_last(out);
}

// ---- gradients: a unit is a plane, or one of `blocks` parts of a sample's channels

struct Units {
  int64_t blocks = 1, count, work;
  Units(const Pooling& pooling, const Windows& windows) {
    const int64_t outputs = windows.rows() * windows.task.axis[2].out, places = windows.task.place_count;
    const int64_t inputs = pooling.dim[0].in * pooling.dim[1].in * pooling.dim[2].in;
    const bool inner = windows.task.channels_inner;
    // Parts of at least a cache line, where there are fewer samples than would keep threads busy.
    if (inner) blocks = std::clamp<int64_t>(16 / pooling.batch, 1, std::max<int64_t>(pooling.channels / 16, 1));
    count = pooling.batch * (inner ? blocks : pooling.channels);
    work = (inputs + outputs * places) * (inner ? (pooling.channels + blocks - 1) / blocks : 1);
  }
};

}  // namespace

void MaxPool::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Pooling pooling = max_pooling(call.op, call.args + 1, call.sizes(0));
  Windows windows(pooling, loop_dtype(out.dtype()), keeps_channels_last(call, pooling));
  find_largest(pooling, windows, call.tensor(0), out, call.gradient ? call.out(1) : Tensor());
}

void max_pool_backward::cpu(Call& call) {
  const Tensor out = call.out(), places = call.tensor(1);
  if (out.numel() == 0) return;
  const Pooling pooling = max_pooling(named(call.arg(8).string()), call.args + 3, out.sizes());
  const PoolOrder order = PoolOrder(call.arg(9).integer());
  const bool inner = order != PoolOrder::RowMajor;
  const DType compute = loop_dtype(out.dtype());
  Windows windows(pooling, compute, inner);
  windows.list_places();
  windows.task.wide = places.dtype() == DType::Int32;
  const Tensor gradient = staged(call.tensor(0), compute, inner), chosen = staged(places, places.dtype(), inner),
               target = target_for(out, compute, inner);
  const Units units(pooling, windows);
  in_parallel(windows, units.count, units.work, [&](int64_t begin, int64_t end, PoolPlace* scratch) {
    spread_to_largest(windows.task, gradient.raw(), chosen.raw(), target.raw(), units.blocks, begin, end, scratch);
  });
  deliver(out, target);
  hide_as_was(out, order);
}

void max_pool_positions::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Pooling pooling = max_pooling(named(call.arg(7).string()), call.args + 2, call.arg(1).ints());
  const bool inner = is_channels_last(out);
  const Windows windows(pooling, DType::Int64, inner);
  find_positions(pooling, windows, staged(call.tensor(0), call.tensor(0).dtype(), inner), out);
}

void MaxPoolWithIndices::cpu(Call& call) {
  find_largest_and_positions(call, max_pooling(call.op, call.args + 1, call.sizes(0)), call.out(2));
}

void AdaptiveMaxPool::cpu(Call& call) {
  find_largest_and_positions(call, adaptive_pooling(call.op, call.args + 1, call.sizes(0)));
}

namespace {

// Window o begins at floor((o + u) a) - floor(u a) with a = (in - kernel) / (out - 1), the last one at the end.
template <class T>
void draw_windows(const PoolDim& dim, T u, int64_t* begin) {
  const T a = dim.out > 1 ? T(dim.in - dim.kernel) / T(dim.out - 1) : T(0);
  for (int64_t o = 0; o < dim.out; ++o)
    begin[o] = o == dim.out - 1 ? dim.in - dim.kernel
                                : std::clamp<int64_t>(int64_t((T(o) + u) * a) - int64_t(u * a), 0, dim.in - dim.kernel);
}

}  // namespace

void FractionalMaxPool::cpu(Call& call) {
  const Tensor out = call.out(), indices = call.out(1);
  if (out.numel() == 0) return;
  const Pooling pooling = fractional_pooling(call.op, call.args + 1, call.sizes(0));
  const DType compute = loop_dtype(out.dtype());
  Windows windows(pooling, compute, false);
  int64_t lengths = 0, extent = 1;
  for (int i = 0; i < 3; ++i) {
    PoolAxis& axis = windows.task.axis[i];
    std::fill_n(windows.lists[size_t(i)].count, axis.out, pooling.dim[i].kernel);
    extent *= axis.extent = pooling.dim[i].kernel;
    lengths += axis.out;
  }
  windows.task.place_count = extent;
  windows.task.wide = true;
  const Tensor input = staged(call.tensor(0), compute, false), samples = staged(call.tensor(3), compute, false),
               target = target_for(out, compute, false), places = empty(out.sizes(), DType::Int32);
  const int64_t planes = pooling.batch * pooling.channels, rows = windows.rows(), row = windows.task.axis[2].out,
                plane = pooling.dim[0].in * pooling.dim[1].in * pooling.dim[2].in;
  Unlocked unlocked(input.numel() > kLongWork);
  parallel_for(planes, grain_of(rows * windows.work_of_row()), [&](int64_t first, int64_t last) {
    const Scratch scratch(size_t(lengths) * sizeof(int64_t));
    PoolTask task = windows.task;
    for (int64_t p = first; p < last; ++p) {
      int64_t* begin = static_cast<int64_t*>(scratch.data());
      for (int i = 0; i < 3; ++i) {
        const int drawn = i - (3 - pooling.dims);
        const int64_t at = p * pooling.dims + (pooling.dims == 2 ? 1 - drawn : drawn);  // in 2-d the width is drawn first
        if (drawn < 0) *begin = 0;
        else if (compute == DType::Float64) draw_windows(pooling.dim[i], samples.data<double>()[at], begin);
        else draw_windows(pooling.dim[i], samples.data<float>()[at], begin);
        task.axis[i].begin = begin;
        begin += task.axis[i].out;
      }
      const int64_t bytes = int64_t(bytes_of(compute)), to = p * rows * row;
      pool_largest(task, static_cast<char*>(input.raw()) + p * plane * bytes, static_cast<char*>(target.raw()) + to * bytes,
                   places.data<int32_t>() + to, 0, rows, nullptr);
      write_positions(task, places.data<int32_t>() + to, indices.data<int64_t>() + to, 0, rows);
    }
  });
  deliver(out, target);
}

// ---- the mean

namespace {

void take_mean(const Pooling& pooling, Windows& windows, const Tensor& x, const Tensor& out) {
  const bool inner = windows.task.channels_inner;
  const DType compute = windows.task.compute;
  const Tensor input = staged(x, compute, inner), target = target_for(out, compute, inner);
  const int64_t rows = windows.rows() * pooling.batch * (inner ? 1 : pooling.channels);
  in_parallel(windows, rows, windows.work_of_row(), [&](int64_t begin, int64_t end, PoolPlace* scratch) {
    pool_mean(windows.task, input.raw(), target.raw(), begin, end, scratch);
  });
  deliver(out, target);
}

void spread_mean(const Pooling& pooling, Windows& windows, const Tensor& g, const Tensor& out, PoolOrder order) {
  const bool inner = windows.task.channels_inner;
  const DType compute = windows.task.compute;
  const Tensor gradient = staged(g, compute, inner), target = target_for(out, compute, inner);
  const Units units(pooling, windows);
  in_parallel(windows, units.count, units.work, [&](int64_t begin, int64_t end, PoolPlace* scratch) {
    spread_evenly(windows.task, gradient.raw(), target.raw(), units.blocks, begin, end, scratch);
  });
  deliver(out, target);
  hide_as_was(out, order);
}

int64_t divisor_of(const Value& given) { return given.is_none() ? 0 : given.integer(); }

}  // namespace

void AvgPool::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Pooling pooling = avg_pooling(call.op, call.args + 1, call.sizes(0));
  Windows windows(pooling, loop_dtype(out.dtype()), keeps_channels_last(call, pooling), call.arg(5).boolean());
  if (pooling.dims > 1) windows.task.divisor = divisor_of(call.arg(6));
  take_mean(pooling, windows, call.tensor(0), out);
}

void avg_pool_backward::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Pooling pooling = avg_pooling(named(call.arg(8).string()), call.args + 2, out.sizes());
  const PoolOrder order = PoolOrder(call.arg(9).integer());
  Windows windows(pooling, loop_dtype(out.dtype()), order != PoolOrder::RowMajor, call.arg(6).boolean());
  windows.task.divisor = divisor_of(call.arg(7));
  spread_mean(pooling, windows, call.tensor(0), out, order);
}

void AdaptiveAvgPool::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const Pooling pooling = adaptive_pooling(call.op, call.args + 1, call.sizes(0));
  Windows windows(pooling, loop_dtype(out.dtype()), keeps_channels_last(call, pooling));
  take_mean(pooling, windows, call.tensor(0), out);
}

void adaptive_avg_pool_backward::cpu(Call& call) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  if (call.tensor(0).numel() == 0) return fill(out, 0.0);  // an output_size of 0
  const Pooling pooling = adaptive_pooling(named(call.arg(3).string()), call.args + 2, out.sizes());
  const PoolOrder order = PoolOrder(call.arg(4).integer());
  Windows windows(pooling, loop_dtype(out.dtype()), order != PoolOrder::RowMajor);
  spread_mean(pooling, windows, call.tensor(0), out, order);
}

}  // namespace ember
