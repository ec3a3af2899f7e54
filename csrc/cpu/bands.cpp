#include "cpu/bands.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace ember {

namespace {

// Collects rows of any length; ends as a band of equally long ones.
class Rows {
 public:
  Rows(int64_t in, int64_t out) : in_(in), starts_(size_t(out)), ends_(size_t(out)) {}

  void add(int64_t row, int64_t start, const double* weights, int64_t count) {
    constexpr double nothing = 0;
    if (count <= 0) start = 0, weights = &nothing, count = 1;
    while (count > 1 && weights[count - 1] == 0) --count;
    for (; count > 1 && weights[0] == 0; --count, ++weights) ++start;
    starts_[size_t(row)] = start;
    flat_.insert(flat_.end(), weights, weights + count);
    ends_[size_t(row)] = int64_t(flat_.size());
    longest_ = std::max(longest_, count);
  }

  Band band() const {
    Band band;
    band.in = in_;
    band.out = int64_t(starts_.size());
    band.taps = longest_;
    band.first.resize(starts_.size());
    band.weights.assign(starts_.size() * size_t(longest_), 0);
    int64_t at = 0;
    for (size_t row = 0; row < starts_.size(); ++row) {
      const int64_t first = std::min(starts_[row], in_ - longest_), shift = starts_[row] - first;
      band.first[row] = first;
      std::copy(flat_.begin() + at, flat_.begin() + ends_[row], band.weights.begin() + int64_t(row) * longest_ + shift);
      at = ends_[row];
    }
    return band;
  }

 private:
  int64_t in_, longest_ = 1;
  std::vector<int64_t> starts_, ends_;  // the first neighbour, and where the row ends in flat_
  std::vector<double> flat_;
};

// Keys 1981: the cubic convolution kernel with free parameter a.
double cubic_weight(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

template <class T>
T source_step(int64_t in, int64_t out, double scale, bool align_corners) {
  if (align_corners) return out > 1 ? T(in - 1) / T(out - 1) : T(0);
  return scale > 0 ? T(1 / scale) : T(in) / T(out);
}

// The centre of result o in the coordinates of the input, whose element i has its centre at i; not far outside of it.
template <class T>
T source_place(int64_t o, T step, int64_t in, bool align_corners) {
  const T place = align_corners ? step * T(o) : std::fma(step, T(o) + T(0.5), T(-0.5));
  return std::fmin(std::fmax(place, T(-1)), T(in));
}

template <class T>
void add_nearest(Rows& rows, int64_t in, int64_t out, double scale, bool exact) {
  const T step = source_step<T>(in, out, scale, false);
  const double one = 1;
  for (int64_t o = 0; o < out; ++o) {
    const float place = float((T(o) + (exact ? T(0.5) : T(0))) * step);  // of any T: rounding decides between neighbours
    int64_t nearest = int64_t(std::fmin(std::fmax(place, 0.f), float(in)));
    if (!exact && out == 2 * in) nearest = o / 2;  // whatever the rounding of a given scale says
    rows.add(o, std::min(nearest, in - 1), &one, 1);
  }
}

void add_identity(Rows& rows, int64_t size) {
  const double one = 1;
  for (int64_t o = 0; o < size; ++o) rows.add(o, o, &one, 1);
}

template <class T>
void add_linear(Rows& rows, int64_t in, int64_t out, double scale, bool align_corners) {
  const T step = source_step<T>(in, out, scale, align_corners);
  const double one = 1;
  for (int64_t o = 0; o < out; ++o) {
    const T place = std::max(source_place(o, step, in, align_corners), T(0));
    const int64_t below = std::min(int64_t(place), in - 1);
    const T share = std::min(place - T(below), T(1));
    const double weights[] = {double(T(1) - share), double(share)};
    rows.add(o, below, below + 1 < in ? weights : &one, below + 1 < in ? 2 : 1);
  }
}

template <class T>
void add_cubic(Rows& rows, int64_t in, int64_t out, double scale, bool align_corners) {
  const T step = source_step<T>(in, out, scale, align_corners);
  for (int64_t o = 0; o < out; ++o) {
    const T place = source_place(o, step, in, align_corners), below = std::floor(place);
    const double share = double(place - below);
    const auto inside = [=](int64_t i) { return std::clamp<int64_t>(i, 0, in - 1); };
    const int64_t start = inside(int64_t(below) - 1), end = inside(int64_t(below) + 2) + 1;
    double weights[4] = {};
    for (int64_t k = -1; k <= 2; ++k) weights[inside(int64_t(below) + k) - start] += cubic_weight(share - double(k), -0.75);
    rows.add(o, start, weights, end - start);
  }
}

void add_area(Rows& rows, int64_t in, int64_t out) {
  std::vector<double> weights;
  for (int64_t o = 0; o < out; ++o) {
    const int64_t start = o * in / out, end = ((o + 1) * in + out - 1) / out;
    weights.assign(size_t(end - start), 1 / double(end - start));
    rows.add(o, start, weights.data(), end - start);
  }
}

// The kernel is as wide as a result's share of the input, so that shrinking averages; its sum is made 1.
template <class T>
void add_antialiased(Rows& rows, const std::string& mode, int64_t in, int64_t out, double scale, bool align_corners) {
  const bool linear = mode == "linear-antialias", cubic = mode == "cubic-antialias";
  const T step = source_step<T>(in, out, scale, align_corners), widening = std::max(step, T(1));
  const T reach = T(linear ? 1 : cubic ? 2 : 3) * widening;
  const auto kernel = [=](double x) {
    if (cubic) return cubic_weight(x, -0.5);
    x = std::abs(x);
    if (linear) return std::max(1 - x, 0.);
    return x < 3 ? sinc(x) * sinc(x / 3) : 0;
  };
  std::vector<double> weights;
  for (int64_t o = 0; o < out; ++o) {
    const T centre = step * (T(o) + T(0.5));
    const int64_t start = int64_t(std::fmin(std::fmax(centre - reach + T(0.5), T(0)), T(in)));
    const int64_t end = std::min(int64_t(std::fmin(centre + reach + T(0.5), T(in))), in);
    weights.clear();
    double sum = 0;
    for (int64_t i = start; i < end; ++i) {
      weights.push_back(kernel(double((T(i) - centre + T(0.5)) / widening)));
      sum += weights.back();
    }
    for (double& weight : weights) weight /= sum != 0 ? sum : 1;
    rows.add(o, start, weights.data(), end - start);
  }
}

template <class T>
Band band_of(const std::string& mode, int64_t in, int64_t out, double scale, bool align_corners) {
  Rows rows(in, out);
  // Of cubic and nearest-exact a given scale other than 1 still moves the elements, as in PyTorch.
  if (in == out && mode != "cubic" && mode != "nearest-exact") add_identity(rows, in);
  else if (mode == "nearest" || mode == "nearest-exact") add_nearest<T>(rows, in, out, scale, mode == "nearest-exact");
  else if (mode == "linear") add_linear<T>(rows, in, out, scale, align_corners);
  else if (mode == "cubic") add_cubic<T>(rows, in, out, scale, align_corners);
  else if (mode == "area") add_area(rows, in, out);
  else if (mode.ends_with("-antialias")) add_antialiased<T>(rows, mode, in, out, scale, align_corners);
  else fail(ErrorKind::NotImplemented, "interpolate(): unknown mode '", mode, "'.");
  return rows.band();
}

}  // namespace

bool Band::is_identity() const {
  if (in != out || taps != 1) return false;
  for (int64_t o = 0; o < out; ++o)
    if (first[size_t(o)] != o || weights[size_t(o)] != 1) return false;
  return true;
}

// Both ends of the rows rise with the row, so that the columns are as dense.
Band Band::transposed() const {
  std::vector<int64_t> low(size_t(in), out), high(size_t(in), 0);  // the rows in which each column is not 0
  for (int64_t o = 0; o < out; ++o)
    for (int64_t k = 0; k < taps; ++k) {
      if (weights[size_t(o * taps + k)] == 0) continue;
      const size_t i = size_t(first[size_t(o)] + k);
      low[i] = std::min(low[i], o);
      high[i] = o + 1;
    }
  Rows rows(out, in);
  std::vector<double> column;
  for (int64_t i = 0; i < in; ++i) {
    column.clear();
    for (int64_t o = low[size_t(i)]; o < high[size_t(i)]; ++o) {
      const int64_t k = i - first[size_t(o)];
      column.push_back(k >= 0 && k < taps ? weights[size_t(o * taps + k)] : 0);
    }
    rows.add(i, low[size_t(i)], column.data(), int64_t(column.size()));
  }
  return rows.band();
}

Band make_band(const std::string& mode, int64_t in, int64_t out, double scale, bool align_corners, DType compute) {
  return compute == DType::Float64 ? band_of<double>(mode, in, out, scale, align_corners)
                                   : band_of<float>(mode, in, out, scale, align_corners);
}

}  // namespace ember
