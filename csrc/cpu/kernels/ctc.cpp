#include "cpu/ctc_kernels.h"

#include "cpu/types.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {

namespace {

constexpr double kNever = -__builtin_huge_val();  // the logarithm of probability 0

// A path stays in its state, moves to the next, or skips a blank between two different labels. Forward in time
// (direction 1) next[s] is the log probability of all beginnings that end in s; backward (-1) of all ends that begin there.
template <int direction, class T>
void advance(const T* x, const CtcSample& sample, const double* skip, const double* before, double* next) {
  const int64_t* labels = sample.labels;
  const int64_t n = sample.states;
#pragma GCC ivdep
  for (int64_t s = 0; s < n; ++s) {
    const double stay = before[s], move = before[s - direction];
    const double leap = before[s - 2 * direction] + skip[direction > 0 ? s : s + 2];
    const double larger = stay > move ? stay : move, largest = leap > larger ? leap : larger;
    const double shift = largest == kNever ? 0 : largest;
    next[s] = double(x[labels[s]]) + (shift + log(exp(stay - shift) + exp(move - shift) + exp(leap - shift)));
  }
}

// The probability, given the targets, that the path is in state s.
template <class T>
void occupy(const T* x, const CtcSample& sample, const double* begins, const double* ends, double loss, double* share) {
  const int64_t* labels = sample.labels;
  const int64_t n = sample.states;
#pragma GCC ivdep
  for (int64_t s = 0; s < n; ++s) {
    const double both = begins[s] + ends[s];
    share[s] = both == kNever ? 0 : exp(both - double(x[labels[s]]) + loss);
  }
}

template <class T>
void write_slope(const T* x, const CtcSample& sample, const double* share, T* slope) {
#pragma GCC ivdep
  for (int64_t k = 0; k < sample.classes; ++k) slope[k] = exp(x[k]);
  for (int64_t s = 0; s < sample.states; ++s) slope[sample.labels[s]] -= T(share[s]);
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
  double *next = begins(steps), *ends = next + width, *share = ends + width;
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
