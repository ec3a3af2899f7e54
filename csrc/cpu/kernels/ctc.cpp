#include "cpu/ctc_kernels.h"

#include "cpu/types.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

constexpr double kNever = -__builtin_huge_val();  // the logarithm of probability 0

constexpr int64_t kBlock = 256;  // states whose intermediate numbers stay in the first-level cache

// What is below counts for nothing in a sum with 1, and results in the subnormal range would cost hundreds of cycles.
template <class T> inline constexpr double kLeast = sizeof(T) == 4 ? -80 : -700;

template <class T>
[[gnu::always_inline]] inline T bounded(double x) {
  return T(x < kLeast<T> ? kLeast<T> : x);  // nan stays
}

// A path stays in its state, moves to the next, or skips a blank between two different labels. Forward in time
// (direction 1) next[s] is the log probability of all beginnings that end in s; backward (-1) of all ends that begin there.
// Logarithms are in double; what a sum adds to its largest term, at most log(3), is computed in the type of the input.
// Loops are apart by type, so that they are vectorised.
template <int direction, class T>
void advance(const T* x, const CtcSample& sample, const double* skip, const double* before, double* next) {
  T smallest[kBlock], middle[kBlock];
  for (int64_t begin = 0; begin < sample.states; begin += kBlock) {
    const int64_t n = sample.states - begin < kBlock ? sample.states - begin : kBlock;
    const int64_t* labels = sample.labels + begin;
    const double *from = before + begin, *skips = skip + begin + (direction > 0 ? 0 : 2);
    double* to = next + begin;
#pragma GCC ivdep
    for (int64_t s = 0; s < n; ++s) {
      const double stay = from[s], move = from[s - direction], leap = from[s - 2 * direction] + skips[s];
      const double larger = stay > move ? stay : move, smaller = stay > move ? move : stay;
      const double largest = leap > larger ? leap : larger, shift = largest == kNever ? 0 : largest;
      smallest[s] = bounded<T>(smaller - shift);
      middle[s] = bounded<T>((leap > larger ? larger : leap) - shift);
      to[s] = largest;
    }
#pragma GCC ivdep
    for (int64_t s = 0; s < n; ++s) smallest[s] = log(T(1) + exp(smallest[s]) + exp(middle[s]));
#pragma GCC ivdep
    for (int64_t s = 0; s < n; ++s) to[s] += double(smallest[s]) + double(x[labels[s]]);
  }
}

// The probability, given the targets, that the path is in state s.
template <class T>
void occupy(const T* x, const CtcSample& sample, const double* begins, const double* ends, double loss, T* share) {
  const int64_t* labels = sample.labels;
  const int64_t n = sample.states;
#pragma GCC ivdep
  for (int64_t s = 0; s < n; ++s) {
    const double both = begins[s] + ends[s];
    share[s] = bounded<T>(both == kNever ? kNever : both - double(x[labels[s]]) + loss);
  }
#pragma GCC ivdep
  for (int64_t s = 0; s < n; ++s) share[s] = share[s] <= T(kLeast<T>) ? T(0) : exp(share[s]);
}

template <class T>
void write_slope(const T* x, const CtcSample& sample, const T* share, T* slope) {
#pragma GCC ivdep
  for (int64_t k = 0; k < sample.classes; ++k) slope[k] = exp(x[k]);
  for (int64_t s = 0; s < sample.states; ++s) slope[sample.labels[s]] -= share[s];
}

void clear(double* row, int64_t n) {
  for (int64_t s = -kCtcPad; s < n + kCtcPad; ++s) row[s] = kNever;
}

template <class T>
void fill_rows(T* rows, const CtcSample& sample, int64_t first, int64_t last, T value) {
  for (int64_t t = first; t < last; ++t)
    for (int64_t k = 0; k < sample.classes; ++k) rows[t * sample.stride + k] = value;
}

template <class T>
void run_sample(const CtcSample& sample) {
  const T* x = static_cast<const T*>(sample.log_probs);
  T* slope = static_cast<T*>(sample.slope);
  const int64_t n = sample.states, width = n + 2 * kCtcPad, steps = sample.steps;
  double* skip = sample.scratch;
  for (int64_t s = 0; s < width; ++s) skip[s] = s >= 2 && s < n && sample.labels[s] == sample.labels[s - 2] ? kNever : 0;
  double* rows = sample.scratch + width + kCtcPad;  // before the first step, then each step; two by turns without a gradient
  const auto begins = [&](int64_t t) { return rows + (slope ? t + 1 : (t + 1) % 2) * width; };
  clear(begins(-1), n);
  clear(begins(0), n);
  begins(-1)[-1] = 0;  // from here a path moves to the first blank, or leaps to the first label
  for (int64_t t = 0; t < steps; ++t) {
    clear(begins(t), n);
    advance<1>(x + t * sample.stride, sample, skip, begins(t - 1), begins(t));
  }
  const double* last = begins(steps - 1);
  const double in_blank = last[n - 1], in_label = n > 1 ? last[n - 2] : kNever;
  const double largest = in_blank > in_label ? in_blank : in_label, shift = largest == kNever ? 0 : largest;
  double loss = -(shift + log(exp(in_blank - shift) + exp(in_label - shift)));
  if (steps == 0) loss = n == 1 ? 0 : -kNever;
  const bool impossible = loss == -kNever, zero = impossible && sample.zero_infinity;
  *sample.loss = zero ? 0 : loss;
  if (!slope) return;
  fill_rows(slope, sample, impossible ? 0 : steps, sample.all_steps, T(0));
  if (impossible) {
    if (!zero) fill_rows(slope, sample, 0, steps, T(__builtin_nan("")));
    return;
  }
  double *next = begins(steps), *ends = next + width;
  T* share = reinterpret_cast<T*>(ends + width);
  clear(next, n);
  next[n] = 0;
  for (int64_t t = steps - 1; t >= 0; --t) {
    const T* row = x + t * sample.stride;
    clear(ends, n);
    advance<-1>(row, sample, skip, next, ends);
    occupy(row, sample, begins(t), ends, loss, share);
    write_slope(row, sample, share, slope + t * sample.stride);
    double* free_row = next;
    next = ends;
    ends = free_row;
  }
}

}  // namespace

void ctc_sample(const CtcSample& sample) {
  if (sample.compute == DType::Float64) run_sample<double>(sample);
  else run_sample<float>(sample);
}

}  // namespace ember::EMBER_ISA
