// gather, scatter and its reductions: lines along dim, each thread with lines of its own, so that the order of what meets
// in one place never depends on the number of threads.
#include <algorithm>
#include <atomic>
#include <limits>

#include "cpu/copies.h"
#include "cpu/iterate.h"
#include "cpu/parallel.h"
#include "cpu/types.h"
#include "ops/indexing.h"

namespace ember::indexing {

namespace {

constexpr int64_t kLongWork = 1 << 18;

// The three tensors, in the shape of index; `whole` is the one that is indexed and has step 0 along dim here.
struct Lines {
  Iteration walk;       // without dim; operands: index, part, whole
  int64_t length;       // of a line
  int64_t index_step, part_step, whole_step, size;
  bool line_by_line;    // else elements of neighbouring lines together
};

Tensor without(const Tensor& tensor, const Dims& sizes, int dim) {
  Dims strides = tensor.strides();
  if (tensor.dim()) strides.erase(dim);
  return raw_view(tensor, sizes, strides, tensor.offset());
}

Lines lines_of(const Tensor& index, const Tensor& part, const Tensor& whole, int dim) {
  Dims sizes = index.sizes();
  const bool flat = sizes.empty();
  if (!flat) sizes.erase(dim);
  const Tensor a = without(index, sizes, dim), b = without(part, sizes, dim), c = without(whole, sizes, dim);
  const Tensor* tensors[] = {&a, &b, &c};
  const auto step = [&](const Tensor& tensor) { return tensor.dim() ? tensor.stride(dim) : 0; };
  Lines lines{Iteration(tensors, 3), flat ? 1 : index.size(dim),        step(index), step(part),
              step(whole),           whole.dim() ? whole.size(dim) : 1, true};
  lines.line_by_line = lines.walk.dims == 0 || lines.index_step <= lines.walk.strides[0][0];
  return lines;
}

// Calls f(part, whole) for each element: the one of `part` and its place in `whole`. An index outside [0, size) is an error.
template <class P, class W, class F>
void each_element(const Lines& lines, const char* name, int dim, F f) {
  const Iteration& walk = lines.walk;
  const int64_t* index = reinterpret_cast<const int64_t*>(walk.data[0]);
  P* part = reinterpret_cast<P*>(walk.data[1]);
  W* whole = reinterpret_cast<W*>(walk.data[2]);
  const int64_t row = walk.dims ? walk.sizes[0] : 1, outer = walk.numel / row;
  const int64_t index_stride = walk.dims ? walk.strides[0][0] : 0, part_stride = walk.dims ? walk.strides[1][0] : 0,
                whole_stride = walk.dims ? walk.strides[2][0] : 0;
  const int64_t width = lines.line_by_line ? 1 : 256, pieces = (row + width - 1) / width;
  const uint64_t size = uint64_t(lines.size);
  const int64_t whole_step = lines.whole_step;
  std::atomic<const int64_t*> bad{nullptr};
  // n elements, so many steps apart in index, part and (beside what the index says) whole.
  auto span = [&](const int64_t* k, P* p, W* w, int64_t n, int64_t k_step, int64_t p_step, int64_t w_step) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = k[i * k_step];
      if (uint64_t(at) >= size) {
        bad = k + i * k_step;
        return false;
      }
      f(p[i * p_step], w[at * whole_step + i * w_step]);
    }
    return true;
  };
  {
    Unlocked unlocked(walk.numel * lines.length > kLongWork);
    parallel_for(outer * pieces, grain_of(4 * lines.length * width), [&](int64_t begin, int64_t end) {
      for (int64_t unit = begin; unit < end; ++unit) {
        const Iteration::Position position = walk.at(unit / pieces * row);
        const int64_t first = unit % pieces * width, n = std::min(width, row - first);
        const int64_t* k = index + walk.offset(position, 0) + first * index_stride;
        P* p = part + walk.offset(position, 1) + first * part_stride;
        W* w = whole + walk.offset(position, 2) + first * whole_stride;
        if (lines.line_by_line) {
          if (!span(k, p, w, lines.length, lines.index_step, lines.part_step, 0)) return;
        } else {
          for (int64_t j = 0; j < lines.length; ++j)
            if (!span(k + j * lines.index_step, p + j * lines.part_step, w, n, index_stride, part_stride, whole_stride)) return;
        }
      }
    });
  }
  if (bad)
    fail(ErrorKind::Runtime, name, "(): index ", *bad.load(), " is out of bounds for dimension ", dim, " with size ",
         lines.size);
}

Tensor dense_int64(const Tensor& index) {
  if (index.dtype() == DType::Int64) return index;
  const Tensor wide = empty(index.sizes(), DType::Int64);
  copy_elements(wide, index);
  return wide;
}

struct Word16 {
  uint64_t halves[2];
};

template <class F>
void by_bytes(size_t bytes, F f) {
  switch (bytes) {
    case 1: return f.template operator()<uint8_t>();
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    case 8: return f.template operator()<uint64_t>();
    default: return f.template operator()<Word16>();
  }
}

// ---- what happens where elements meet ----

enum class Meet { Set, Add, Multiply, Maximum, Minimum };

template <Meet meet, class T>
[[gnu::always_inline]] inline void combine(T from, T& to) {
  const auto x = widen(from), y = widen(to);
  if constexpr (meet == Meet::Add) to = narrowed<T>(y + x);
  else if constexpr (meet == Meet::Multiply) to = narrowed<T>(y * x);
  else if constexpr (is_complex<T>) to = from;  // order is refused before
  else if constexpr (meet == Meet::Maximum) to = x != x || x > y ? from : to;  // nan wins
  else to = x != x || x < y ? from : to;
}

template <Meet meet>
void combine_lines(const Lines& lines, DType dtype, const char* name, int dim) {
  if constexpr (meet == Meet::Set) {
    by_bytes(bytes_of(dtype),
             [&]<class Word>() { each_element<Word, Word>(lines, name, dim, [](Word from, Word& to) { to = from; }); });
  } else {
    dispatch(dtype, [&]<class T>() { each_element<T, T>(lines, name, dim, combine<meet, T>); });
  }
}

struct Scattering {
  Tensor out, index, source;
  int dim;
  const char* name;

  void run(Meet meet) const {
    if (index.numel() == 0) return;
    const Lines lines = lines_of(index, source, out, dim);
    switch (meet) {
      case Meet::Set: return combine_lines<Meet::Set>(lines, out.dtype(), name, dim);
      case Meet::Add: return combine_lines<Meet::Add>(lines, out.dtype(), name, dim);
      case Meet::Multiply: return combine_lines<Meet::Multiply>(lines, out.dtype(), name, dim);
      case Meet::Maximum: return combine_lines<Meet::Maximum>(lines, out.dtype(), name, dim);
      case Meet::Minimum: return combine_lines<Meet::Minimum>(lines, out.dtype(), name, dim);
    }
  }
};

// One number in the shape of index.
Tensor number_like(const Tensor& value, const Tensor& index, DType dtype) {
  const Tensor cast = empty({}, dtype);
  copy_elements(cast, value);
  return raw_view(cast, index.sizes(), Dims(index.dim(), 0), 0);
}

Tensor apart_from(const Tensor& target, const Tensor& tensor) {
  if (target.storage()->data != tensor.storage()->data) return tensor;
  const Tensor copy = empty(tensor.sizes(), tensor.dtype());
  copy_elements(copy, tensor);
  return copy;
}

Scattering begin(Call& c, const Tensor& source) {
  const Tensor& out = c.out();
  const Tensor index = dense_int64(apart_from(out, c.tensor(2)));
  const Tensor values =
      source.dim() == 0 && index.dim() != 0 ? number_like(source, index, out.dtype()) : apart_from(out, source);
  if (!out.same(c.tensor(0))) copy_elements(out, c.tensor(0));
  return {out, index, values, wrap_dim(c.arg(1).integer(), out.dim(), c.name()), c.name()};
}

}  // namespace

void gather::cpu(Call& c) {
  const Tensor input = c.tensor(0), index = dense_int64(c.tensor(2));
  if (index.numel() == 0) return;
  const int dim = wrap_dim(c.arg(1).integer(), input.dim(), c.name());
  const Lines lines = lines_of(index, c.out(), input, dim);
  by_bytes(bytes_of(input.dtype()), [&]<class Word>() {
    each_element<Word, const Word>(lines, c.name(), dim, [](Word& to, const Word& from) { to = from; });
  });
}

void scatter::cpu(Call& c) {
  Tensor source = c.tensor(3);
  if (source.dtype() != c.out().dtype()) source = number_like(source, c.tensor(2), c.out().dtype());
  const bool set = c.arg(5).is_none();
  begin(c, source).run(set ? Meet::Set : c.arg(5).string() == "add" ? Meet::Add : Meet::Multiply);
}

void scatter_add::cpu(Call& c) { begin(c, c.tensor(3)).run(Meet::Add); }

// ---- scatter_reduce ----

namespace {

// What changes nothing when it meets another element.
template <class T>
T identity_of(Meet meet) {
  using Wide = decltype(widen(T()));
  if (meet == Meet::Add) return narrowed<T>(Wide(0));
  if (meet == Meet::Multiply) return narrowed<T>(Wide(1));
  if constexpr (is_complex<T>) {
    return T(0);
  } else {
    using Limits = std::numeric_limits<Wide>;
    const bool lowest = meet == Meet::Maximum;
    if constexpr (is_same<T, bool>) return !lowest;
    else if constexpr (Limits::has_infinity) return narrowed<T>(lowest ? -Limits::infinity() : Limits::infinity());
    else return lowest ? Limits::lowest() : Limits::max();
  }
}

template <class T>
void divide(const Tensor& out, const Tensor& counts) {
  T* y = out.data<T>();
  const int64_t* n = counts.data<int64_t>();
  for (int64_t i = 0; i < out.numel(); ++i) {
    if (n[i] < 2) continue;
    if constexpr (Integer<T>) {
      const int64_t value = int64_t(y[i]), quotient = value / n[i];
      y[i] = T(quotient - (value % n[i] < 0));  // rounded down
    } else if constexpr (!is_same<T, bool>) {
      y[i] = narrowed<T>(widen(y[i]) /
                         decltype(widen(T()))(typename std::conditional_t<is_complex<T>, double, decltype(widen(T()))>(n[i])));
    }
  }
}

Meet meet_of(const std::string& reduce) {
  if (reduce == "prod") return Meet::Multiply;
  if (reduce == "amax") return Meet::Maximum;
  if (reduce == "amin") return Meet::Minimum;
  return Meet::Add;  // sum and mean
}

}  // namespace

void scatter_reduce::cpu(Call& c) {
  const std::string& reduce = c.arg(4).string();
  const Meet meet = meet_of(reduce);
  const bool ordered = meet == Meet::Maximum || meet == Meet::Minimum;
  if (ordered && is_complex_dtype(c.out().dtype()))
    fail(ErrorKind::Runtime, c.name(), "(): ", reduce, " is not defined for complex tensors; input is ",
         name_of(c.out().dtype()), ".");
  const Scattering scattering = begin(c, c.tensor(3));
  const bool with_self = c.arg(5).boolean();
  if (!with_self) {
    const Tensor identity = empty({}, scattering.out.dtype());
    dispatch(identity.dtype(), [&]<class T>() { *identity.data<T>() = identity_of<T>(meet); });
    Scattering reset = scattering;
    reset.source = number_like(identity, scattering.index, identity.dtype());
    reset.run(Meet::Set);
  }
  scattering.run(meet);
  if (reduce != "mean") return;
  const Tensor one = scalar(int64_t(1), DType::Int64);
  const Tensor counts = empty(scattering.out.sizes(), DType::Int64);
  fill_elements(counts, scalar(int64_t(with_self), DType::Int64));
  Scattering{counts, scattering.index, number_like(one, scattering.index, DType::Int64), scattering.dim, c.name()}.run(
      Meet::Add);
  const Tensor result = contiguous(scattering.out);
  dispatch(result.dtype(), [&]<class T>() { divide<T>(result, counts); });
  copy_elements(scattering.out, result);
}

}  // namespace ember::indexing
