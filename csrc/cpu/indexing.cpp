// Reading, writing and adding of slices that index tensors name: by rows where they run on in memory, else by elements.
#include "ops/indexing.h"

#include <algorithm>
#include <atomic>

#include "cpu/copies.h"
#include "cpu/indexing_kernels.h"
#include "cpu/iterate.h"
#include "cpu/parallel.h"
#include "cpu/tiles.h"
#include "cpu/types.h"

namespace ember::indexing {

namespace {

constexpr int64_t kLongWork = 1 << 18;

bool shares_memory(const Tensor& a, const Tensor& b) { return a.storage()->data && a.storage()->data == b.storage()->data; }

// What is read while `target` is written.
Tensor apart_from(const Tensor& target, const Tensor& tensor) {
  if (!shares_memory(target, tensor)) return tensor;
  const Tensor copy = empty(tensor.sizes(), tensor.dtype());
  copy_elements(copy, tensor);
  return copy;
}

void begin_in_place(Call& c) {
  if (!c.out().same(c.tensor(0))) copy_elements(c.out(), c.tensor(0));
}

Tensor as_int64(const Tensor& index) {
  const Tensor dense = contiguous(index);
  if (dense.dtype() == DType::Int64) return dense;
  const Tensor wide = empty(dense.sizes(), DType::Int64);
  copy_elements(wide, dense);
  return wide;
}

Tensor cast_to(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() == dtype) return tensor;
  const Tensor cast = empty(tensor.sizes(), dtype);
  copy_elements(cast, tensor);
  return cast;
}

// ---- offsets ----

// The position of the first index outside [low, size), -1 where there is none; and whether any is negative.
struct Range {
  int64_t bad = -1;
  bool negative = false;
};

Range range_of(const int64_t* index, int64_t count, int64_t low, int64_t size) {
  std::atomic<bool> outside{false}, negative{false};
  parallel_for(count, grain_of(1), [&](int64_t begin, int64_t end) {
    int64_t least = INT64_MAX, largest = INT64_MIN;
    for (int64_t i = begin; i < end; ++i) {
      least = std::min(least, index[i]);
      largest = std::max(largest, index[i]);
    }
    if (least < low || largest >= size) outside = true;
    if (least < 0) negative = true;
  });
  Range range{-1, negative};
  if (outside) range.bad = std::find_if(index, index + count, [=](int64_t k) { return k < low || k >= size; }) - index;
  return range;
}

// The offsets, in elements of the indexed tensor, of the slices that are named.
class Offsets {
 public:
  explicit Offsets(int64_t count) : count_(count) {}
  const int64_t* data() const { return data_; }
  int64_t count() const { return count_; }

  // Along one dim, where negative indices do not count from the end.
  void add_vector(const Tensor& index, int64_t size, int64_t stride, const char* name) {
    const Tensor wide = as_int64(index);
    const Range range = range_of(wide.data<int64_t>(), count_, 0, size);
    if (range.bad >= 0)
      fail(ErrorKind::Index, name, "(): index ", wide.data<int64_t>()[range.bad], " at position ", range.bad,
           " is outside [0, ", size, ").");
    add(wide, range, size, stride);
  }
  void add_dim(const Tensor& index, int64_t size, int64_t stride, int dim) {
    const Tensor wide = as_int64(index);
    const Range range = range_of(wide.data<int64_t>(), count_, -size, size);
    if (range.bad >= 0)
      fail(ErrorKind::Index, "index ", wide.data<int64_t>()[range.bad], " is out of bounds for dimension ", dim, " with size ",
           size);
    add(wide, range, size, stride);
  }

 private:
  void add(const Tensor& index, const Range& range, int64_t size, int64_t stride) {
    if (!data_ && stride == 1 && !range.negative) {  // the indices are the offsets
      sums_ = index;
      data_ = index.data<int64_t>();
      return;
    }
    const Tensor before = sums_;
    sums_ = empty({count_}, DType::Int64);
    const int64_t *k = index.data<int64_t>(), *old = data_;
    int64_t* sum = sums_.data<int64_t>();
    parallel_for(count_, grain_of(2), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) sum[i] = (old ? old[i] : 0) + (k[i] < 0 ? k[i] + size : k[i]) * stride;
    });
    data_ = sum;
  }

  int64_t count_;
  Tensor sums_;
  const int64_t* data_ = nullptr;
};

// ---- moving the named slices ----

enum class Move { Read, Write, Add };

// Slice b of `whole` stands at offsets[b], slice b of `part` at b * part_step; both tensors have the dims of one slice.
struct Slices {
  Tensor whole, part;
  const int64_t* offsets;
  int64_t count;
  int64_t part_step;
};

struct SliceWalk {
  Iteration walk;  // operand 0: part, 1: whole
  int64_t bytes;
  int64_t row;     // elements of an innermost row
  explicit SliceWalk(const Slices& slices, const Tensor* const* tensors)
      : walk(tensors, 2), bytes(int64_t(bytes_of(slices.whole.dtype()))), row(walk.dims ? walk.sizes[0] : 1) {}
};

// Rows that run on in `whole`.
void move_rows(const Slices& slices, const SliceWalk& s, Move move) {
  const int64_t outer = s.walk.numel / s.row, part_stride = s.walk.strides[0][0];
  const DType dtype = slices.whole.dtype();
  // Reads may go on in parallel anywhere; writes to one place keep their order, so threads share out columns.
  const int64_t width =
      move == Move::Read ? s.row : std::max<int64_t>(64, (s.row + available_threads() - 1) / available_threads());
  const int64_t pieces = (s.row + width - 1) / width;
  const int64_t repeats = move == Move::Read ? slices.count : 1;  // slices that count as units of their own
  const int64_t each = slices.count / repeats;
  parallel_for(outer * pieces * repeats, grain_of(width * each), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t first_slice = move == Move::Read ? unit % repeats : 0;
      const int64_t piece = unit / repeats % pieces, column = piece * width;
      const Iteration::Position position = s.walk.at(unit / repeats / pieces * s.row);
      const int64_t n = std::min(width, s.row - column);
      char* whole = s.walk.data[1] + (s.walk.offset(position, 1) + column) * s.bytes;
      char* part = s.walk.data[0] + (s.walk.offset(position, 0) + column * part_stride) * s.bytes;
      for (int64_t b = first_slice; b < first_slice + each; ++b) {
        char* there = whole + slices.offsets[b] * s.bytes;
        char* here = part + b * slices.part_step * s.bytes;
        if (move == Move::Read) copy_row(there, 1, here, part_stride, s.bytes, n);
        else if (move == Move::Write) copy_row(here, part_stride, there, 1, s.bytes, n);
        else add_row(there, here, part_stride, dtype, n);
      }
    }
  });
}

// Element by element of a slice, for all slices.
void move_elements(const Slices& slices, const SliceWalk& s, Move move) {
  const DType dtype = slices.whole.dtype();
  auto elements = [&](int64_t element, int64_t first, int64_t n) {
    const Iteration::Position position = s.walk.at(element);
    char* whole = s.walk.data[1] + s.walk.offset(position, 1) * s.bytes;
    char* part = s.walk.data[0] + (s.walk.offset(position, 0) + first * slices.part_step) * s.bytes;
    if (move == Move::Read) read_elements(whole, slices.offsets + first, part, slices.part_step, s.bytes, n);
    else if (move == Move::Write) write_elements(whole, slices.offsets + first, part, slices.part_step, s.bytes, n);
    else add_elements(whole, slices.offsets + first, part, slices.part_step, dtype, n);
  };
  if (move != Move::Read) {
    parallel_for(s.walk.numel, grain_of(2 * slices.count), [&](int64_t begin, int64_t end) {
      for (int64_t element = begin; element < end; ++element) elements(element, 0, slices.count);
    });
    return;
  }
  parallel_for(s.walk.numel * slices.count, grain_of(2), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t first = begin % slices.count, n = std::min(slices.count - first, end - begin);
      elements(begin / slices.count, first, n);
      begin += n;
    }
  });
}

void move_slices(const Slices& slices, Move move) {
  if (slices.count == 0 || slices.whole.numel() == 0) return;
  const Tensor* tensors[] = {&slices.part, &slices.whole};
  const SliceWalk walk(slices, tensors);
  Unlocked unlocked(slices.whole.numel() * slices.count > kLongWork);
  if (walk.walk.dims && walk.walk.strides[1][0] == 1) move_rows(slices, walk, move);
  else move_elements(slices, walk, move);
}

// `tensor` without some dims, at index 0 of them.
Tensor without_dims(const Tensor& tensor, int first, int count) {
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  for (int i = 0; i < count; ++i) {
    sizes.erase(first);
    strides.erase(first);
  }
  return raw_view(tensor, sizes, strides, tensor.offset());
}

// The one step from element to element of dims [first, first + count) of a tensor; false where there is none.
bool single_step(const Tensor& tensor, int first, int count, int64_t& step) {
  step = 0;
  int64_t next = -1;  // what the next dim's stride must be
  for (int d = first + count - 1; d >= first; --d) {
    if (tensor.size(d) == 1) continue;
    if (next < 0) step = tensor.stride(d);
    else if (tensor.stride(d) != next) return false;
    next = tensor.stride(d) * tensor.size(d);
  }
  return true;
}

Tensor expanded(const Tensor& tensor, const Dims& sizes) {
  Dims strides(sizes.size());
  const int lead = sizes.size() - tensor.dim();
  for (int d = 0; d < tensor.dim(); ++d)
    if (lead + d >= 0) strides[lead + d] = tensor.size(d) == 1 ? 0 : tensor.stride(d);
  return raw_view(tensor, sizes, strides, tensor.offset());
}

Tensor dense_copy(const Tensor& tensor) {
  const Tensor copy = empty(tensor.sizes(), tensor.dtype());
  copy_elements(copy, tensor);
  return copy;
}

// index() and index_put(): `part` has the shape of the result.
void move_indexed(const Tensor& whole, const std::vector<Tensor>& indices, Tensor part, Move move, const char* name) {
  const Plan plan = plan_index(whole.sizes(), indices, name);
  const int dims = plan.index_sizes.size();
  if (std::none_of(plan.indices.begin(), plan.indices.end(), [](const Tensor& each) { return bool(each); })) {
    if (move == Move::Read) return copy_elements(part, whole);
    if (move == Move::Write) return copy_elements(whole, part);
  }
  int64_t step;
  if (!single_step(part, plan.first, dims, step)) {
    part = dense_copy(part);
    single_step(part, plan.first, dims, step);
  }
  Offsets offsets(plan.index_sizes.product());
  if (offsets.count() == 1) offsets.add_dim(zeros({1}, DType::Int64, {}), 1, 0, 0);  // for no indices at all
  Dims sizes, strides;
  for (int d = 0; d < whole.dim(); ++d) {
    if (plan.indices[size_t(d)]) {
      offsets.add_dim(plan.indices[size_t(d)], whole.size(d), whole.stride(d), d);
    } else {
      sizes.push_back(whole.size(d));
      strides.push_back(whole.stride(d));
    }
  }
  move_slices({raw_view(whole, sizes, strides, whole.offset()), without_dims(part, plan.first, dims), offsets.data(),
               offsets.count(), step},
              move);
}

// The slices of `whole` along dim that a vector names, against those of `part` in order.
void move_along(const Tensor& whole, int dim, const Tensor& index, const Tensor& part, Move move, const char* name) {
  const bool scalars = whole.dim() == 0;
  Offsets offsets(index.numel());
  offsets.add_vector(index, scalars ? 1 : whole.size(dim), scalars ? 0 : whole.stride(dim), name);
  const bool flat = part.dim() == 0;
  move_slices({scalars ? whole : without_dims(whole, dim, 1), flat ? part : without_dims(part, dim, 1), offsets.data(),
               offsets.count(), flat ? 0 : part.stride(dim)},
              move);
}

}  // namespace

void index::cpu(Call& c) { move_indexed(c.tensor(0), c.arg(1).tensors(), c.out(), Move::Read, c.name()); }

void index_put::cpu(Call& c) {
  const Tensor& out = c.out();
  std::vector<Tensor> indices = c.arg(1).tensors();
  for (Tensor& each : indices)
    if (each) each = apart_from(out, each);
  const Tensor values = cast_to(apart_from(out, c.tensor(2)), out.dtype());
  begin_in_place(c);
  const Plan plan = plan_index(out.sizes(), indices, c.name());
  move_indexed(out, indices, expanded(values, plan.result), c.arg(3).boolean() ? Move::Add : Move::Write, c.name());
}

void index_select::cpu(Call& c) {
  const Tensor input = c.tensor(0);
  move_along(input, wrap_dim(c.arg(1).integer(), input.dim(), c.name()), c.tensor(2), c.out(), Move::Read, c.name());
}

static void write_along(Call& c, Tensor source, Move move) {
  const Tensor& out = c.out();
  const Tensor index = apart_from(out, c.tensor(2));
  source = cast_to(apart_from(out, source), out.dtype());
  begin_in_place(c);
  const int dim = wrap_dim(c.arg(1).integer(), out.dim(), c.name());
  Dims sizes = out.sizes();
  if (!sizes.empty()) sizes[dim] = index.numel();
  move_along(out, dim, index, source.dim() == 0 ? expanded(source, sizes) : source, move, c.name());
}

void index_add::cpu(Call& c) {
  static Operation& multiply = named("mul");
  Tensor source = c.tensor(3);
  if (c.arg(4).real() != 1) {
    const NoGradient off;
    const Tensor factor =
        c.arg(4).kind == ValueKind::Float ? scalar(c.arg(4).real(), DType::Float64) : scalar(c.arg(4).integer(), DType::Int64);
    factor.body()->wrapped_number = true;
    source = run(multiply, {source, factor});
  }
  write_along(c, source, Move::Add);
}
void index_copy::cpu(Call& c) { write_along(c, c.tensor(3), Move::Write); }
void index_fill::cpu(Call& c) { write_along(c, c.tensor(3), Move::Write); }

// ---- embeddings ----

void embedding::cpu(Call& c) {
  const Tensor input = c.tensor(0), weight = c.tensor(1);
  const Tensor rows = raw_view(c.out(), {input.numel(), weight.size(1)}, {weight.size(1), 1}, c.out().offset());
  move_along(weight, 0, input, rows, Move::Read, c.name());
}

template <class T>
static void divide_rows(T* data, const int64_t* counts, int64_t rows, int64_t size) {
  for (int64_t r = 0; r < rows; ++r) {
    if (counts[r] < 2) continue;
    for (int64_t i = 0; i < size; ++i) data[r * size + i] = narrowed<T>(widen(data[r * size + i]) / float(counts[r]));
  }
}

void _embedding_gradient::cpu(Call& c) {
  const Tensor& out = c.out();
  const Tensor index = c.tensor(1), gradient = contiguous(c.tensor(0));
  const int64_t rows = out.size(0), size = out.size(1);
  const Tensor zero = scalar(int64_t(0), DType::Int64);
  fill_elements(out, zero);
  move_along(out, 0, index, raw_view(gradient, {index.numel(), size}, {size, 1}, gradient.offset()), Move::Add, c.name());
  if (!c.arg(3).is_none())
    fill_elements(raw_select(out, 0, c.arg(3).integer() < 0 ? c.arg(3).integer() + rows : c.arg(3).integer()), zero);
  if (!c.arg(4).boolean()) return;
  const Tensor wide = as_int64(index);
  std::vector<int64_t> counts(size_t(rows), 0);
  for (int64_t i = 0; i < wide.numel(); ++i) ++counts[size_t(wide.data<int64_t>()[i])];
  dispatch_floating(out.dtype(), [&]<class T>() { divide_rows(out.data<T>(), counts.data(), rows, size); });
}

void _repeated_indices::cpu(Call& c) {
  const Tensor repeats = as_int64(c.tensor(0));
  const int64_t* times = repeats.data<int64_t>();
  int64_t count = 0;
  for (int64_t i = 0; i < repeats.numel(); ++i) {
    if (times[i] < 0)
      fail(ErrorKind::Runtime, "repeat_interleave(): repeats can not be negative; element ", i, " is ", times[i], ".");
    count += times[i];
  }
  int64_t* out = c.output(0, {count}, DType::Int64).data<int64_t>();
  for (int64_t i = 0; i < repeats.numel(); ++i) out = std::fill_n(out, times[i], i);
}

}  // namespace ember::indexing
