#include "ops/variates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/random_stream.h"
#include "scalar/special.h"

namespace ember::variates {

namespace {

PhiloxRange reserve(const Value& generator, uint64_t counters) {
  return generator.is_none() ? default_generator().reserve(counters) : generator.generator()->reserve(counters);
}

// A dense copy in double precision, in the shape of the result.
Tensor doubles(const Tensor& tensor, const Dims& sizes) {
  const Tensor result = empty(sizes, DType::Float64);
  copy_elements(result, tensor);
  return result;
}

// The least positive number of a type, its smallest subnormal left aside.
double least_of(DType dtype) {
  switch (dtype) {
    case DType::Float16: return 0x1p-14;
    case DType::Float64: return 0x1p-1022;
    default: return 0x1p-126;
  }
}

// The logarithm of a gamma draw; a shape below 1 is drawn as the next larger one's, times U^(1 / shape), which may be
// too small for a number.
double log_gamma_draw(double shape, RandomStream& stream) {
  const double boost = shape < 1 ? std::log(1 - stream.next()) / shape : 0;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  if (!(shape >= 0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(shape)) return shape;
  for (;;) {
    const double x = stream.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, u = 1 - stream.next();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v) + boost;
  }
}

// ---- how a draw moves with its shape ----

// Points and weights of Gauss and Legendre's rule of 32 points on [-1, 1], the positive half.
constexpr double kPoints[16] = {0.048307665687738324, 0.1444719615827965, 0.23928736225213706, 0.33186860228212767,
                                0.42135127613063533,  0.5068999089322294, 0.5877157572407623,  0.6630442669302152,
                                0.7321821187402897,   0.7944837959679424, 0.84936761373257,    0.8963211557660521,
                                0.9349060759377397,   0.9647622555875064, 0.9856115115452684,  0.9972638618494816};
constexpr double kWeights[16] = {0.09654008851472766,  0.09563872007927471,  0.09384439908080451,  0.09117387869576378,
                                 0.08765209300440378,  0.08331192422694671,  0.07819389578707023,  0.07234579410884834,
                                 0.06582222277636168,  0.058684093478535565, 0.05099805926237609,  0.042835898022226836,
                                 0.034273862913021765, 0.025392065309262024, 0.016274394730905743, 0.007018610009470506};
constexpr double kNegligible = 40;  // exp(-40) is below the double precision of the whole

// The integral over u from `start` to where the density has gone (upwards or downwards) of
//   density(u) / density(start) * (log_value(u) - mean),
// f(shift, log_density, log_value) giving the logarithms at start + shift. The logarithm of the density is concave; it
// bends at u = 0 within about 1, and is nearly straight far from there: panels grow with the distance from 0.
template <class F>
double tail_integral(double start, bool upwards, double mean, F f) {
  const double sign = upwards ? 1 : -1;
  double log_density, log_value;
  double inside = 0, length = 1e-8;
  for (f(sign * length, log_density, log_value); log_density > -kNegligible && length < 1e300;
       f(sign * length, log_density, log_value)) {
    inside = length;
    length *= 2;
  }
  for (int i = 0; i < 40 && !(log_density > -1.5 * kNegligible); ++i) {
    const double middle = 0.5 * (inside + length);
    f(sign * middle, log_density, log_value);
    if (log_density > -kNegligible) inside = middle;
    else length = middle;
  }
  double sum = 0;
  for (double from = 0, to; from < length; from = to) {
    const double past = from + sign * start;  // the bend at u = 0
    to = std::min(length, from + (past < -4 ? -0.5 * past : past < 0 ? 2 : past + 2));
    const double center = 0.5 * (from + to), half = 0.5 * (to - from);
    double part = 0;
    for (int i = 0; i < 32; ++i) {
      const double x = i < 16 ? -kPoints[i] : kPoints[i - 16];
      f(sign * (center + half * x), log_density, log_value);
      part += kWeights[i & 15] * std::exp(log_density) * (log_value - mean);
    }
    sum += half * part;
  }
  return sum;
}

// u = log t, whose density is t^shape exp(-t). The whole integral being 0, the side that has one sign is taken.
double gamma_gradient(double shape, double x) {
  if (!(shape > 0) || !(x >= 0) || std::isinf(shape) || std::isinf(x)) return std::numeric_limits<double>::quiet_NaN();
  x = std::max(x, 0x1p-1022);
  const double start = std::log(x), mean = digamma(shape);
  const bool upwards = start > mean;
  const double integral = tail_integral(start, upwards, mean, [=](double shift, double& log_density, double& log_value) {
    log_density = shape * shift - x * std::expm1(shift);
    log_value = start + shift;
  });
  return upwards ? x * integral : -x * integral;
}

// u = log(t / (1 - t)), whose density is t^alpha (1 - t)^beta; divided by 1 - x.
double beta_gradient(double x, double alpha, double beta) {
  if (!(alpha > 0) || !(x >= 0 && x <= 1) || !(beta >= 0) || std::isinf(alpha) || std::isinf(beta))
    return std::numeric_limits<double>::quiet_NaN();
  if (beta == 0) return 0;
  x = std::max(x, 0x1p-1022);
  const double log_x = std::log(x), mean = digamma(alpha) - digamma(alpha + beta);
  const double start = std::min(log_x - std::log1p(-x), 800.0);
  const bool upwards = log_x > mean;
  const double integral = tail_integral(start, upwards, mean, [=](double shift, double& log_density, double& log_value) {
    // log(t / x) and log((1 - t) / (1 - x)), which differ by the shift; neither exponential overflows
    const double grown = shift > 0 ? -std::log1p((1 - x) * std::expm1(-shift)) : shift - std::log1p(x * std::expm1(shift));
    log_density = alpha * grown + beta * (grown - shift);
    log_value = log_x + grown;
  });
  return upwards ? x * integral : -x * integral;
}

// ---- binomial draws ----

// Few successes: the number of failures before each is geometric.
double small_binomial(double count, double p, RandomStream& stream) {
  const double scale = std::log1p(-p);
  double successes = 0, trials = 0;
  for (;;) {
    trials += std::floor(std::log(1 - stream.next()) / scale) + 1;
    if (!(trials <= count)) return successes;
    ++successes;
  }
}

// log k! - (Stirling's formula at k)
double stirling_rest(double k) { return std::lgamma(k + 1) - ((k + 0.5) * std::log(k + 1) - (k + 1) + 0.9189385332046727); }

// BTRS: the constants are the paper's; count * p >= 10 and p <= 1/2.
double large_binomial(double count, double p, RandomStream& stream) {
  const double deviation = std::sqrt(count * p * (1 - p)), b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p, c = count * p + 0.5, v_r = 0.92 - 4.2 / b;
  const double odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation, mode = std::floor((count + 1) * p);
  for (;;) {
    const double u = stream.next() - 0.5, us = 0.5 - std::abs(u);
    double v = 1 - stream.second;
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return k;
    if (!(k >= 0 && k <= count)) continue;
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (count - mode + 1))) +
                         (count + 1) * std::log((count - mode + 1) / (count - k + 1)) +
                         (k + 0.5) * std::log(odds * (count - k + 1) / (k + 1)) + stirling_rest(mode) +
                         stirling_rest(count - mode) - stirling_rest(k) - stirling_rest(count - k);
    if (v <= bound) return k;
  }
}

double binomial_draw(double count, double p, RandomStream stream) {
  if (p > 0.5) return count - binomial_draw(count, 1 - p, stream);
  if (count == 0 || p == 0) return 0;
  return count * p < 10 ? small_binomial(count, p, stream) : large_binomial(count, p, stream);
}

constexpr int64_t kDrawCost = 200, kGradientCost = 4000;  // of one element, in float additions

}  // namespace

void _standard_gamma::cpu(Call& c) {
  const Tensor draws = doubles(c.tensor(0), c.out().sizes());
  const PhiloxRange range = reserve(c.arg(1), uint64_t(draws.numel()));
  const double least = least_of(c.out().dtype());
  double* data = draws.data<double>();
  {
    const Unlocked unlocked(draws.numel() > 1000);
    parallel_for(draws.numel(), grain_of(kDrawCost), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        RandomStream stream{range, range.offset + uint64_t(i)};
        const double x = std::exp(log_gamma_draw(data[i], stream));
        data[i] = x < least ? least : x;
      }
    });
  }
  copy_elements(c.out(), draws);
}

void _standard_gamma_grad::cpu(Call& c) {
  const Tensor shapes = doubles(c.tensor(0), c.out().sizes()), draws = doubles(c.tensor(1), c.out().sizes());
  const double* shape = shapes.data<double>();
  double* data = draws.data<double>();
  {
    const Unlocked unlocked(draws.numel() > 100);
    parallel_for(draws.numel(), grain_of(kGradientCost), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) data[i] = gamma_gradient(shape[i], data[i]);
    });
  }
  copy_elements(c.out(), draws);
}

// In logarithms: with small shapes every gamma draw of a row may be too small for a number.
void _sample_dirichlet::cpu(Call& c) {
  const Tensor draws = doubles(c.tensor(0), c.out().sizes());
  const int64_t categories = c.out().size(-1), rows = categories ? draws.numel() / categories : 0;
  const PhiloxRange range = reserve(c.arg(1), uint64_t(draws.numel()));
  const double least = least_of(c.out().dtype());
  double* data = draws.data<double>();
  {
    const Unlocked unlocked(draws.numel() > 1000);
    parallel_for(rows, grain_of(kDrawCost * categories), [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        double *x = data + row * categories, largest = -std::numeric_limits<double>::infinity(), sum = 0;
        for (int64_t i = 0; i < categories; ++i) {
          RandomStream stream{range, range.offset + uint64_t(row * categories + i)};
          x[i] = log_gamma_draw(x[i], stream);
          largest = std::max(largest, x[i]);
        }
        if (std::isinf(largest)) largest = 0;
        for (int64_t i = 0; i < categories; ++i) sum += x[i] = std::exp(x[i] - largest);
        for (int64_t i = 0; i < categories; ++i) x[i] = x[i] / sum < least ? least : x[i] / sum;
      }
    });
  }
  copy_elements(c.out(), draws);
}

void _dirichlet_grad::cpu(Call& c) {
  const Dims& sizes = c.out().sizes();
  const Tensor draws = doubles(c.tensor(0), sizes), alphas = doubles(c.tensor(1), sizes), totals = doubles(c.tensor(2), sizes);
  const double *alpha = alphas.data<double>(), *total = totals.data<double>();
  double* data = draws.data<double>();
  {
    const Unlocked unlocked(draws.numel() > 100);
    parallel_for(draws.numel(), grain_of(kGradientCost), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) data[i] = beta_gradient(data[i], alpha[i], total[i] - alpha[i]);
    });
  }
  copy_elements(c.out(), draws);
}

void binomial::cpu(Call& c) {
  const Tensor counts = doubles(c.tensor(0), c.out().sizes()), draws = doubles(c.tensor(1), c.out().sizes());
  const int64_t n = draws.numel();
  const double* count = counts.data<double>();
  double* data = draws.data<double>();
  for (int64_t i = 0; i < n; ++i) {
    if (!(count[i] >= 0) || std::isinf(count[i]))
      fail(ErrorKind::Runtime, c.name(), "(): count is ", count[i], " at position ", i, "; expected a number from 0 on.");
    if (!(data[i] >= 0 && data[i] <= 1))
      fail(ErrorKind::Runtime, c.name(), "(): prob is ", data[i], " at position ", i, "; expected a number in [0, 1].");
  }
  const PhiloxRange range = reserve(c.arg(2), uint64_t(n));
  {
    const Unlocked unlocked(n > 1000);
    parallel_for(n, grain_of(kDrawCost), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        data[i] = binomial_draw(std::floor(count[i]), data[i], {range, range.offset + uint64_t(i)});
    });
  }
  copy_elements(c.out(), draws);
}

}  // namespace ember::variates
