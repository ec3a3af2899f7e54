#include "ops/views.h"

#include "core/layout.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/types.h"

namespace ember::views {

namespace {

// Adds element by element: places may be named twice (windows that overlap).
template <class T>
void add_at_places(T* out, const T* values, const Dims& sizes, const Dims& strides) {
  Dims index(sizes.size());
  const int64_t count = sizes.product();
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    out[at] = narrowed<T>(widen(out[at]) + widen(values[i]));
    for (int d = sizes.size() - 1; d >= 0; --d) {
      at += strides[d];
      if (++index[d] < sizes[d]) break;
      at -= index[d] * strides[d];
      index[d] = 0;
    }
  }
}

}  // namespace

void _place::cpu(Call& c) {
  const Tensor& out = c.out();
  const Dims &sizes = c.arg(1).ints(), &strides = c.arg(2).ints();
  const int64_t offset = c.arg(3).integer();
  fill_elements(out, scalar(int64_t(0), DType::Int64));
  if (has_own_places(sizes, strides)) return copy_elements(raw_view(out, sizes, strides, out.offset() + offset), c.tensor(0));
  // Limited types add up where they are computed.
  const DType compute = is_limited(out.dtype()) ? compute_of(out.dtype()) : out.dtype();
  const Tensor values = empty(c.sizes(0), compute);
  copy_elements(values, c.tensor(0));
  const Tensor whole = compute == out.dtype() ? out : ember::zeros(out.sizes(), compute, out.device());
  dispatch(compute, [&]<class T>() { add_at_places(whole.data<T>() + offset, values.data<T>(), sizes, strides); });
  if (!whole.same(out)) copy_elements(out, whole);
}

namespace {

template <class T>
void conjugate(const Tensor& out, const Tensor& input) {
  T* y = out.data<T>();
  const T* x = input.data<T>();
  parallel_for(out.numel(), grain_of(2), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = {x[i].re, narrowed<typename T::Real>(-widen(x[i].im))};
  });
}

}  // namespace

void conj::cpu(Call& c) {
  if (!is_complex_dtype(c.dtype)) return;
  const bool same_order = c.out().strides() == c.tensor(0).strides() && is_dense(c.out());
  const Tensor input = same_order ? c.tensor(0) : contiguous(c.tensor(0));
  if (c.dtype == DType::Complex64) conjugate<Complex<float>>(c.out(), input);
  else if (c.dtype == DType::Complex32) conjugate<Complex<Half>>(c.out(), input);
  else conjugate<Complex<double>>(c.out(), input);
}

}  // namespace ember::views
