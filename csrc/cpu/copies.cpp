// The copy engine: memcpy where both sides run on alike, blocks where one is the transpose of the other, else rows.
#include "cpu/copies.h"

#include <algorithm>
#include <cstring>

#include "core/channels_last.h"
#include "cpu/copy_kernels.h"
#include "cpu/iterate.h"
#include "cpu/parallel.h"
#include "cpu/tiles.h"
#include "op/batched.h"
#include "ops/copies.h"

namespace ember {

namespace {

constexpr int64_t kTileBytes = 4096;
constexpr int64_t kLongWork = 1 << 18;  // elements: then other Python threads may run
constexpr int64_t kCopyCost = 1;

bool memory_meets(const Tensor& a, const Tensor& b) {
  if (a.storage()->data != b.storage()->data) return false;
  auto range = [](const Tensor& tensor) {
    int64_t low = 0, high = 0;
    for (int i = 0; i < tensor.dim(); ++i) {
      const int64_t reach = (tensor.size(i) - 1) * tensor.stride(i);
      (reach < 0 ? low : high) += reach;
    }
    const char* start = static_cast<const char*>(tensor.raw());
    const int64_t bytes = int64_t(bytes_of(tensor.dtype()));
    return std::pair(start + low * bytes, start + (high + 1) * bytes);
  };
  const auto [a_low, a_high] = range(a);
  const auto [b_low, b_high] = range(b);
  return a_low < b_high && b_low < a_high;
}

// ---- transposition ----

void transpose(const Iteration& walk, int across, int64_t bytes) {
  constexpr int64_t strip = 64;  // rows of one unit of work
  const int64_t columns = walk.sizes[0], rows = walk.sizes[across];
  const int64_t strips = (rows + strip - 1) / strip;
  const int64_t units = walk.numel / (columns * rows) * strips;
  parallel_for(units, grain_of(kCopyCost * columns * strip), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t r = unit % strips * strip;
      int64_t left = unit / strips, from = r, to = r * walk.strides[0][across];
      for (int d = 1; d < walk.dims; ++d) {
        if (d == across) continue;
        from += left % walk.sizes[d] * walk.strides[1][d];
        to += left % walk.sizes[d] * walk.strides[0][d];
        left /= walk.sizes[d];
      }
      transpose_block(walk.data[1] + from * bytes, walk.strides[1][0], walk.data[0] + to * bytes, walk.strides[0][across],
                      std::min(strip, rows - r), columns, bytes);
    }
  });
}

// The dim along which the source runs on while the target runs on along dim 0; 0 if it is no transposition.
int transposed_dim(const Iteration& walk) {
  if (walk.dims < 2 || walk.strides[0][0] != 1 || walk.strides[1][0] <= 1 || walk.sizes[0] < 8) return 0;
  for (int d = 1; d < walk.dims; ++d)
    if (walk.strides[1][d] == 1 && walk.sizes[d] >= 8) return d;
  return 0;
}

// ---- rows ----

// The dim along which the source runs on, where rows of the target are only a few elements: three channels of an image.
int longer_row(const Iteration& walk) {
  constexpr int64_t few = 8;
  if (walk.dims < 2 || walk.sizes[0] >= few || walk.strides[1][0] == 1) return 0;
  for (int d = 1; d < walk.dims; ++d)
    if (walk.strides[1][d] == 1 && walk.sizes[d] >= few) return d;
  return 0;
}

// Calls row(to, from, count) for the rows of elements [begin, end).
template <class Row>
void each_row(const Iteration& walk, int64_t begin, int64_t end, Row row) {
  const int64_t to_bytes = int64_t(bytes_of(walk.dtypes[0])), from_bytes = int64_t(bytes_of(walk.dtypes[1]));
  Iteration::Position position = walk.at(begin);
  for (int64_t start = begin; start < end;) {
    const int64_t count = std::min(end - start, walk.row_left(position));
    row(walk.data[0] + walk.offset(position, 0) * to_bytes, walk.data[1] + walk.offset(position, 1) * from_bytes, count);
    walk.advance(position, count);
    start += count;
  }
}

// Converts one row; `tile` is needed where neither side is of the compute type.
void convert_row(const Iteration& walk, DType compute, char* to, const char* from, int64_t count) {
  const int64_t to_stride = walk.dims ? walk.strides[0][0] : 1, from_stride = walk.dims ? walk.strides[1][0] : 1;
  if (walk.dtypes[1] == compute && from_stride == 1) return store_tile(from, compute, to, walk.dtypes[0], to_stride, count);
  if (walk.dtypes[0] == compute && to_stride == 1) return load_tile(from, walk.dtypes[1], from_stride, to, compute, count);
  alignas(64) char tile[kTileBytes];
  const int64_t tile_size = kTileBytes / int64_t(bytes_of(compute));
  for (int64_t start = 0; start < count; start += tile_size) {
    const int64_t n = std::min(tile_size, count - start);
    load_tile(from + start * from_stride * int64_t(bytes_of(walk.dtypes[1])), walk.dtypes[1], from_stride, tile, compute, n);
    store_tile(tile, compute, to + start * to_stride * int64_t(bytes_of(walk.dtypes[0])), walk.dtypes[0], to_stride, n);
  }
}

}  // namespace

void copy_elements(const Tensor& to, const Tensor& source) {
  const int64_t numel = to.numel();
  if (numel == 0) return;
  Tensor from = source;
  if (memory_meets(to, source)) {
    if (to.raw() == source.raw() && to.dtype() == source.dtype() && to.strides() == source.strides() &&
        to.sizes() == source.sizes())
      return;
    from = empty(source.sizes(), source.dtype());
    copy_elements(from, source);
  }
  Unlocked unlocked(numel * kCopyCost > kLongWork);
  const int64_t bytes = int64_t(bytes_of(to.dtype()));
  const bool same_type = to.dtype() == from.dtype();
  if (same_type && to.is_contiguous() && from.is_contiguous() && from.numel() == numel) {
    char* target = static_cast<char*>(to.raw());
    const char* origin = static_cast<const char*>(from.raw());
    parallel_for(
        numel, grain_of(kCopyCost),
        [=](int64_t begin, int64_t end) {
          std::memcpy(target + begin * bytes, origin + begin * bytes, size_t((end - begin) * bytes));
        },
        64);
    return;
  }
  const Tensor* tensors[] = {&to, &from};
  Iteration walk(tensors, 2);
  if (const int across = same_type ? transposed_dim(walk) : 0) return transpose(walk, across, bytes);
  if (const int d = longer_row(walk)) walk.bring_inside(d);
  const int64_t to_stride = walk.dims ? walk.strides[0][0] : 1, from_stride = walk.dims ? walk.strides[1][0] : 1;
  // A uint64 is not what an int64 would make of it.
  const bool to_floats = from.dtype() == DType::UInt64 && is_differentiable(to.dtype());
  const DType compute = compute_of(to_floats ? to.dtype() : from.dtype());
  parallel_for(
      numel, grain_of(kCopyCost),
      [&](int64_t begin, int64_t end) {
        if (same_type)
          each_row(walk, begin, end,
                   [&](char* y, const char* x, int64_t n) { copy_row(x, from_stride, y, to_stride, bytes, n); });
        else each_row(walk, begin, end, [&](char* y, const char* x, int64_t n) { convert_row(walk, compute, y, x, n); });
      },
      64);
}

namespace {

DType dtype_of_width(int64_t bytes) {
  switch (bytes) {
    case 1: return DType::UInt8;
    case 2: return DType::Int16;
    case 4: return DType::Float32;
    case 8: return DType::Float64;
    default: return DType::Complex128;
  }
}

// Another thread's call may still read the old memory: it goes when the storage goes.
void lay_out(Storage& storage) {
  if (storage.channels < 0) return show_elements(storage);
  const int64_t images = int64_t(storage.bytes) / (storage.channels * storage.pixels * storage.width);
  const Dims sizes = {images, storage.channels, storage.pixels};
  const DType dtype = dtype_of_width(storage.width);
  const Tensor dense = empty(sizes, dtype);
  {
    const Tensor stored = as_stored(on_storage(Ref<Storage>(&storage), dtype, 0, sizes, contiguous_strides(sizes)));
    copy_elements(dense, stored);
  }
  std::swap(storage.data, dense.storage()->data);
  storage.channels = 0;
  if (storage.readers) storage.replaced = dense.storage();
}

const bool installed = (lay_out_as_shown = lay_out, true);

}  // namespace

void fill_elements(const Tensor& to, const Tensor& value) {
  if (to.numel() == 0) return;
  Tensor cast = empty({}, to.dtype());
  copy_elements(cast, value);
  const char* word = static_cast<const char*>(cast.raw());
  const Tensor* tensors[] = {&to, &cast};
  const Iteration walk(tensors, 2);
  const int64_t bytes = int64_t(bytes_of(to.dtype())), stride = walk.dims ? walk.strides[0][0] : 1;
  Unlocked unlocked(to.numel() * kCopyCost > kLongWork);
  parallel_for(
      to.numel(), grain_of(kCopyCost),
      [&](int64_t begin, int64_t end) {
        each_row(walk, begin, end, [&](char* y, const char*, int64_t n) { fill_row(y, stride, word, bytes, n); });
      },
      64);
}

Tensor raw_view(const Tensor& tensor, Dims sizes, Dims strides, int64_t offset) {
  return on_storage(tensor.storage(), tensor.dtype(), offset, std::move(sizes), std::move(strides));
}

Tensor raw_narrow(const Tensor& tensor, int dim, int64_t start, int64_t length) {
  Dims sizes = tensor.sizes();
  sizes[dim] = length;
  return raw_view(tensor, std::move(sizes), tensor.strides(), tensor.offset() + start * tensor.stride(dim));
}

Tensor raw_select(const Tensor& tensor, int dim, int64_t index) {
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  sizes.erase(dim);
  strides.erase(dim);
  return raw_view(tensor, std::move(sizes), std::move(strides), tensor.offset() + index * tensor.stride(dim));
}

namespace copies {

// An operation in place that keeps what it does not write.
static void begin_in_place(Call& c) {
  if (!c.out().same(c.tensor(0))) copy_elements(c.out(), c.tensor(0));
}

void copy::cpu(Call& c) { copy_elements(c.out(), c.tensor(1)); }

void fill::cpu(Call& c) {
  const Value& value = c.arg(1);
  if (value.is_tensor()) return fill_elements(c.out(), value.tensor());
  if (value.kind == ValueKind::Complex) {
    Tensor number = empty({}, DType::Complex128);
    *number.data<Complex<double>>() = value.complex();
    return fill_elements(c.out(), number);
  }
  fill_elements(c.out(),
                value.kind == ValueKind::Float ? scalar(value.real(), DType::Float64) : scalar(value.integer(), DType::Int64));
}

void zero::cpu(Call& c) {
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  if (out.is_contiguous() && out.numel() <= kLongWork) std::memset(out.raw(), 0, size_t(out.numel()) * bytes_of(out.dtype()));
  else fill_elements(out, scalar(int64_t(0), DType::Int64));
}

void clone::cpu(Call& c) { copy_elements(c.out(), c.tensor(0)); }
void _cast::cpu(Call& c) { copy_elements(c.out(), c.tensor(0)); }

void cat::cpu(Call& c) {
  const Tensor& out = c.out();
  const int dim = wrap_dim(c.arg(1).integer(), out.dim(), c.name());
  int64_t start = 0;
  for (const Tensor& tensor : c.arg(0).tensors()) {
    if (tensor.dim() == 1 && tensor.numel() == 0) continue;
    copy_elements(raw_narrow(out, dim, start, tensor.size(dim)), tensor);
    start += tensor.size(dim);
  }
}

void stack::cpu(Call& c) {
  const Tensor& out = c.out();
  const int dim = wrap_dim(c.arg(1).integer(), out.dim(), c.name());
  int64_t at = 0;
  for (const Tensor& tensor : c.arg(0).tensors()) copy_elements(raw_select(out, dim, at++), tensor);
}

// Seen as (repeats, size) for each dim, the source is constant along the first of the two.
void repeat::cpu(Call& c) {
  const Tensor& out = c.out();
  const Tensor input = c.tensor(0);
  const Dims& repeats = c.arg(1).ints();
  const int lead = repeats.size() - input.dim();
  Dims sizes, strides;
  for (int i = 0; i < repeats.size(); ++i) {
    sizes.push_back(repeats[i]);
    strides.push_back(0);
    if (i < lead) continue;
    sizes.push_back(input.size(i - lead));
    strides.push_back(input.stride(i - lead));
  }
  const Tensor wide = raw_view(out, sizes, contiguous_strides(sizes), out.offset());
  copy_elements(wide, raw_view(input, sizes, strides, input.offset()));
}

void flip::cpu(Call& c) {
  const Tensor input = c.tensor(0);
  if (input.numel() == 0) return;
  Dims strides = input.strides();
  int64_t offset = input.offset();
  for (const int64_t dim : wrap_dims(c.arg(1).ints(), input.dim(), c.name())) {
    if (input.dim() == 0) break;
    offset += (input.size(int(dim)) - 1) * input.stride(int(dim));
    strides[int(dim)] = -strides[int(dim)];
  }
  copy_elements(c.out(), raw_view(input, input.sizes(), strides, offset));
}

static void roll_dim(const Tensor& to, const Tensor& from, int dim, int64_t shift) {
  const int64_t size = to.size(dim);
  const int64_t first = ((shift % size) + size) % size;  // the new place of element 0
  copy_elements(raw_narrow(to, dim, first, size - first), raw_narrow(from, dim, 0, size - first));
  if (first) copy_elements(raw_narrow(to, dim, 0, first), raw_narrow(from, dim, size - first, first));
}

void roll::cpu(Call& c) {
  const Tensor& out = c.out();
  Tensor from = c.tensor(0);
  if (out.numel() == 0) return;
  if (out.dim() == 0) return copy_elements(out, from);
  const Dims& shifts = c.arg(1).ints();
  if (c.arg(2).is_none() || c.arg(2).ints().empty()) {
    from = contiguous(from);
    const Dims flat = {out.numel()}, step = {1};
    return roll_dim(raw_view(out, flat, step, out.offset()), raw_view(from, flat, step, from.offset()), 0, shifts[0]);
  }
  for (int i = 0; i < shifts.size(); ++i) {
    const int dim = wrap_dim(c.arg(2).ints()[i], out.dim(), c.name());
    const Tensor to = i + 1 == shifts.size() ? out : empty(out.sizes(), out.dtype());
    roll_dim(to, from, dim, shifts[i]);
    from = to;
  }
}

// Keeps columns [first(row), last(row)) of each matrix row, the others become 0.
template <class Range>
static void keep_columns(Call& c, Range range) {
  begin_in_place(c);
  const Tensor& out = c.out();
  if (out.numel() == 0) return;
  const int64_t columns = out.size(-1), rows = out.size(-2), bytes = int64_t(bytes_of(out.dtype()));
  char* data = static_cast<char*>(out.raw());
  parallel_for(out.numel() / columns, grain_of(columns), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const auto [first, last] = range(row % rows, columns);
      std::memset(data + row * columns * bytes, 0, size_t(first * bytes));
      std::memset(data + (row * columns + last) * bytes, 0, size_t((columns - last) * bytes));
    }
  });
}

void tril::cpu(Call& c) {
  const int64_t diagonal = c.arg(1).integer();
  keep_columns(c, [=](int64_t row, int64_t columns) {
    return std::pair<int64_t, int64_t>(0, std::clamp<int64_t>(row + diagonal + 1, 0, columns));
  });
}

void triu::cpu(Call& c) {
  const int64_t diagonal = c.arg(1).integer();
  keep_columns(c, [=](int64_t row, int64_t columns) {
    return std::pair<int64_t, int64_t>(std::clamp<int64_t>(row + diagonal, 0, columns), columns);
  });
}

}  // namespace copies
}  // namespace ember
