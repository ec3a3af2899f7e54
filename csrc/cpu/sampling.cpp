#include "ops/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/allocator.h"
#include "core/random.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/random_stream.h"
#include "cpu/sampling_kernels.h"

namespace ember::sampling {

namespace {

constexpr int64_t kLongWork = 1 << 16;
constexpr int64_t kDrawCost = 8;
constexpr int64_t kGroup = 64;  // parts on its multiples compute no Philox group twice

PhiloxRange reserve(const Value& generator, uint64_t counters) {
  return generator.is_none() ? default_generator().reserve(counters) : generator.generator()->reserve(counters);
}

Tensor cast(const Tensor& tensor, DType dtype) {
  const Tensor result = empty(tensor.sizes(), dtype);
  copy_elements(result, tensor);
  return result;
}

// Complex numbers are drawn as two real ones.
void fill_with(Call& c, Distribution distribution, double a, double b, const Value& generator) {
  const Tensor& out = c.out();
  const bool complex = is_complex_dtype(out.dtype());
  const DType dtype = real_of(out.dtype());
  const int64_t n = out.numel() * (complex ? 2 : 1);
  if (complex && distribution == Distribution::Normal) b *= std::sqrt(0.5);
  const PhiloxRange range = reserve(generator, counters_for(dtype, n));
  void* data = out.raw();
  Unlocked unlocked(n > kLongWork);
  parallel_for(
      n, grain_of(kDrawCost),
      [=](int64_t begin, int64_t end) { fill_random(distribution, range, data, dtype, a, b, begin, end); }, kGroup);
}

}  // namespace

void uniform::cpu(Call& c) { fill_with(c, Distribution::Uniform, c.arg(1).real(), c.arg(2).real(), c.arg(3)); }
void _normal::cpu(Call& c) { fill_with(c, Distribution::Normal, c.arg(1).real(), c.arg(2).real(), c.arg(3)); }
void exponential::cpu(Call& c) { fill_with(c, Distribution::Exponential, c.arg(1).real(), 0, c.arg(2)); }
void cauchy::cpu(Call& c) { fill_with(c, Distribution::Cauchy, c.arg(1).real(), c.arg(2).real(), c.arg(3)); }
void log_normal::cpu(Call& c) { fill_with(c, Distribution::LogNormal, c.arg(1).real(), c.arg(2).real(), c.arg(3)); }
void geometric::cpu(Call& c) { fill_with(c, Distribution::Geometric, c.arg(1).real(), 0, c.arg(2)); }
void _bernoulli::cpu(Call& c) { fill_with(c, Distribution::Bernoulli, c.arg(1).real(), 0, c.arg(2)); }

namespace {

// The largest integer up to which a type holds all.
int64_t last_integer(DType dtype) {
  switch (dtype) {
    case DType::Bool: return 1;
    case DType::UInt8: return 255;
    case DType::Int8: return 127;
    case DType::Int16: return 32767;
    case DType::Int32: return std::numeric_limits<int32_t>::max();
    case DType::UInt16: return std::numeric_limits<uint16_t>::max();
    case DType::UInt32: return std::numeric_limits<uint32_t>::max();
    case DType::Float16: return 1 << 11;
    case DType::BFloat16: return 1 << 8;
    case DType::Float32: return 1 << 24;
    case DType::Float64: return int64_t(1) << 53;
    default: return std::numeric_limits<int64_t>::max();
  }
}

// The type that the same bits are written as, where integers wrap.
DType wrapping_as(DType dtype) {
  return dtype == DType::UInt16   ? DType::Int16
         : dtype == DType::UInt32 ? DType::Int32
         : dtype == DType::UInt64 ? DType::Int64
                                  : dtype;
}

}  // namespace

void random::cpu(Call& c) {
  const Tensor& out = c.out();
  const int64_t from = c.arg(1).is_none() ? 0 : c.arg(1).integer();
  const uint64_t end = c.arg(2).is_none() ? uint64_t(last_integer(out.dtype())) + 1 : uint64_t(c.arg(2).integer());
  const uint64_t count = end - uint64_t(from);
  const bool wide = count == 0 || count > 0x100000000u;
  const int64_t n = out.numel();
  const PhiloxRange range = reserve(c.arg(3), wide ? philox_counters_64(n) : philox_counters_32(n));
  void* data = out.raw();
  const DType dtype = wrapping_as(out.dtype());
  Unlocked unlocked(n > kLongWork);
  parallel_for(
      n, grain_of(kDrawCost), [=](int64_t begin, int64_t last) { fill_integers(range, data, dtype, from, count, begin, last); },
      kGroup);
}

void bernoulli::cpu(Call& c) {
  const Tensor& out = c.out();
  const Tensor input = contiguous(c.tensor(0)), check = cast(input, DType::Float64);
  for (int64_t i = 0; i < check.numel(); ++i)
    if (!(check.data<double>()[i] >= 0 && check.data<double>()[i] <= 1))
      fail(ErrorKind::Runtime, c.name(), "(): Expected p_in >= 0 && p_in <= 1, but the probability at position ", i, " is ",
           check.data<double>()[i], ".");
  const PhiloxRange range = reserve(c.arg(1), counters_for(out.dtype(), out.numel()));
  const void* x = input.raw();
  void* y = out.raw();
  const DType dtype = out.dtype();
  parallel_for(
      out.numel(), grain_of(kDrawCost), [=](int64_t begin, int64_t end) { draw_bernoulli(range, x, y, dtype, begin, end); },
      kGroup);
}

void dropout::cpu(Call& c) {
  const Tensor& out = c.out();
  const double p = c.arg(1).real();
  if (!c.arg(2).boolean() || p == 0) return;
  const Tensor input = contiguous(c.tensor(0));
  if (c.arg(3).is_none()) {
    const PhiloxRange fresh = default_generator().reserve(philox_counters_32(out.numel()));
    c.args[3] = int64_t(fresh.seed);
    c.args[4] = int64_t(fresh.offset);
  }
  const PhiloxRange range = {uint64_t(c.arg(3).integer()), uint64_t(c.arg(4).integer())};
  const void* x = input.raw();
  void* y = out.raw();
  const DType dtype = out.dtype();
  Unlocked unlocked(out.numel() > kLongWork);
  parallel_for(
      out.numel(), grain_of(kDrawCost), [=](int64_t begin, int64_t end) { drop_elements(range, x, y, dtype, p, begin, end); },
      kGroup);
}

// ---- draws of integers ----

// Fisher and Yates: place i takes what stands at a random place not after it.
void randperm::cpu(Call& c) {
  const Tensor& out = c.out();
  const int64_t n = out.numel();
  if (n == 0) return;
  const Tensor order = empty({n}, DType::Int64), bits = empty({n}, DType::Int64);
  const PhiloxRange range = reserve(c.arg(1), philox_counters_64(n));
  int64_t* place = order.data<int64_t>();
  void* draws = bits.raw();
  parallel_for(
      n, grain_of(kDrawCost), [=](int64_t begin, int64_t end) { fill_integers(range, draws, DType::Int64, 0, 0, begin, end); },
      kGroup);
  const uint64_t* random_bits = bits.data<uint64_t>();
  for (int64_t i = 0; i < n; ++i) {
    const int64_t j = int64_t(random_bits[i] % uint64_t(i + 1));
    place[i] = place[j];
    place[j] = i;
  }
  copy_elements(out, order);
}

namespace {

// Indices with probabilities in proportion to weights: by the cumulative sum, where u times the total falls into.
void draw_with_replacement(const double* weights, int64_t n, PhiloxRange range, int64_t first, int64_t* out, int64_t samples) {
  std::vector<double> sums(static_cast<size_t>(n));
  double total = 0;
  for (int64_t i = 0; i < n; ++i) sums[size_t(i)] = total += weights[i];
  for (int64_t s = 0; s < samples; ++s) {
    const double point = uniform_of_bits(random_bits_64(range, first + s)) * total;
    int64_t found = std::upper_bound(sums.begin(), sums.end(), point) - sums.begin();
    if (found == n)
      found = std::lower_bound(sums.begin(), sums.end(), total) - sums.begin();  // the point rounded up to the total
    out[s] = found;
  }
}

// Exponential clocks of rates `weights`: the first to ring are the sample.
void draw_without_replacement(const double* weights, int64_t n, PhiloxRange range, int64_t first, int64_t* out,
                              int64_t samples) {
  std::vector<std::pair<double, int64_t>> clocks(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    const double u = (double(random_bits_64(range, first + i) >> 12) + 0.5) * 0x1p-52;  // (0, 1)
    clocks[size_t(i)] = {weights[i] > 0 ? -std::log(u) / weights[i] : std::numeric_limits<double>::infinity(), i};
  }
  std::partial_sort(clocks.begin(), clocks.begin() + samples, clocks.end());
  for (int64_t s = 0; s < samples; ++s) out[s] = clocks[size_t(s)].second;
}

}  // namespace

void multinomial::cpu(Call& c) {
  const Tensor weights = cast(c.tensor(0), DType::Float64);
  const int64_t n = weights.size(-1), rows = weights.dim() == 2 ? weights.size(0) : 1, samples = c.out().size(-1);
  const double* data = weights.data<double>();
  for (int64_t r = 0; r < rows; ++r) {
    double total = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double weight = data[r * n + i];
      if (!(weight >= 0) || std::isinf(weight))
        fail(ErrorKind::Runtime, c.name(), "(): probability tensor contains either `inf`, `nan` or element < 0: ", weight,
             " at position ", i, " of row ", r, ".");
      total += weight;
    }
    if (!(total > 0))
      fail(ErrorKind::Runtime, c.name(), "(): invalid multinomial distribution (sum of probabilities <= 0) in row ", r, ".");
  }
  const bool replacement = c.arg(2).boolean();
  const int64_t draws = replacement ? samples : n;
  const PhiloxRange range = reserve(c.arg(3), philox_counters_64(rows * draws));
  int64_t* out = c.out().data<int64_t>();
  for (int64_t r = 0; r < rows; ++r) {
    if (replacement) draw_with_replacement(data + r * n, n, range, r * draws, out + r * samples, samples);
    else draw_without_replacement(data + r * n, n, range, r * draws, out + r * samples, samples);
  }
}

namespace {

// Few events: as many uniform factors as keep the product above exp(-rate).
double small_poisson(double rate, RandomStream stream) {
  const double limit = std::exp(-rate);
  double product = stream.next();
  double count = 0;
  for (bool fresh = true; product > limit; ++count, fresh = !fresh) product *= fresh ? stream.second : stream.next();
  return count;
}

// PTRS: the constants are the paper's.
double large_poisson(double rate, RandomStream stream) {
  const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = stream.next() - 0.5, v = 1 - stream.second, us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <= -rate + k * std::log(rate) - std::lgamma(k + 1))
      return k;
  }
}

}  // namespace

void poisson::cpu(Call& c) {
  const Tensor rates = cast(c.tensor(0), DType::Float64);
  const int64_t n = rates.numel();
  double* data = rates.data<double>();
  for (int64_t i = 0; i < n; ++i)
    if (!(data[i] >= 0))
      fail(ErrorKind::Runtime, c.name(), "(): invalid Poisson rate, expected rate to be non-negative; it is ", data[i],
           " at position ", i, ".");
  const PhiloxRange range = reserve(c.arg(1), uint64_t(n));
  parallel_for(n, grain_of(200), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const RandomStream stream{range, range.offset + uint64_t(i)};
      data[i] = data[i] == 0 ? 0 : data[i] < 10 ? small_poisson(data[i], stream) : large_poisson(data[i], stream);
    }
  });
  copy_elements(c.out(), rates);
}

}  // namespace ember::sampling
