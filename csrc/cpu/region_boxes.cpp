// Boxes against each other: which of those that overlap stay, and how much rotated ones share.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/allocator.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/region_kernels.h"
#include "ops/regions.h"

namespace ember::regions {

namespace {

Tensor staged(const Tensor& tensor, DType compute) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, compute));
}

// Boxes from the best on, by coordinate: x1, y1, x2, y2 and the area.
template <class T>
void put_in_order(const T* boxes, const int64_t* order, int64_t n, T* columns) {
  for (int64_t i = 0; i < n; ++i) {
    const T* box = boxes + 4 * order[i];
    for (int e = 0; e < 4; ++e) columns[e * n + i] = box[e];
    columns[4 * n + i] = (box[2] - box[0]) * (box[3] - box[1]);
  }
}

std::vector<int64_t> kept_places(const void* columns, int64_t n, double threshold, DType compute) {
  std::vector<uint8_t> marks(size_t(n), 0);
  std::vector<int64_t> kept;
  const Unlocked unlocked(n > 512);
  for (int64_t best = 0; best < n; ++best) {
    if (marks[size_t(best)]) continue;
    kept.push_back(best);
    parallel_for(n - best - 1, grain_of(8), [&](int64_t begin, int64_t end) {
      suppress_overlapping(columns, best, best + 1 + begin, best + 1 + end, n, threshold, marks.data(), compute);
    });
  }
  return kept;
}

}  // namespace

void keep_best_boxes::cpu(Call& c) {
  static Operation& sort = named("sort");
  const DType compute = c.tensor(0).dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
  const Tensor boxes = staged(c.tensor(0), compute), order = run_all(sort, {c.tensor(1), 0, true})[1];
  const int64_t n = boxes.size(0), *by_score = order.data<int64_t>();
  const Scratch columns(size_t(5 * n) * bytes_of(compute));
  if (compute == DType::Float64) put_in_order(boxes.data<double>(), by_score, n, static_cast<double*>(columns.data()));
  else put_in_order(boxes.data<float>(), by_score, n, static_cast<float*>(columns.data()));
  const std::vector<int64_t> kept = kept_places(columns.data(), n, c.arg(2).real(), compute);
  int64_t* indices = c.output(0, {int64_t(kept.size())}, DType::Int64).data<int64_t>();
  for (const int64_t place : kept) *indices++ = by_score[place];
}

// ---- rotated boxes ----

namespace {

struct Point {
  double x, y;
};
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
double cross(Point a, Point b) { return a.x * b.y - a.y * b.x; }

constexpr int kMostCorners = 8;  // of what two rectangles share; rounding may add one or two

struct Polygon {
  Point corners[kMostCorners + 4];
  int count = 0;
  void add(Point corner) {
    if (count < kMostCorners + 4) corners[count++] = corner;
  }
  double area() const {
    double twice = 0;
    for (int i = 2; i < count; ++i) twice += cross(corners[i - 1] - corners[0], corners[i] - corners[0]);
    return std::abs(twice) / 2;
  }
};

// Corners counter-clockwise in the plane of x and y, about `origin`.
Polygon corners_of(const double* box, Point origin) {
  const double angle = box[4] * std::numbers::pi / 180, c = std::cos(angle) / 2, s = std::sin(angle) / 2;
  const Point centre = Point{box[0], box[1]} - origin;
  const Point across = {c * box[2], -s * box[2]}, along = {s * box[3], c * box[3]};
  Polygon polygon;
  for (const auto& [u, v] : {std::pair{-1, -1}, {1, -1}, {1, 1}, {-1, 1}})
    polygon.add({centre.x + u * across.x + v * along.x, centre.y + u * across.y + v * along.y});
  return polygon;
}

// What of a convex polygon lies left of the line from a to b (Sutherland and Hodgman 1974).
Polygon clipped(const Polygon& polygon, Point a, Point b) {
  Polygon result;
  for (int i = 0; i < polygon.count; ++i) {
    const Point from = polygon.corners[i], to = polygon.corners[(i + 1) % polygon.count];
    const double before = cross(b - a, from - a), after = cross(b - a, to - a);
    if (before >= 0) result.add(from);
    if ((before > 0 && after < 0) || (before < 0 && after > 0)) {
      const double share = before / (before - after);
      result.add({from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)});
    }
  }
  return result;
}

double overlap(const double* box, const double* other) {
  constexpr double kNothing = 1e-14;  // an area below is none
  const double area = box[2] * box[3], other_area = other[2] * other[3];
  if (!(area >= kNothing && other_area >= kNothing)) return 0;
  const Point middle = {(box[0] + other[0]) / 2, (box[1] + other[1]) / 2};
  const Polygon window = corners_of(other, middle);
  Polygon shared = corners_of(box, middle);
  for (int i = 0; i < 4; ++i) shared = clipped(shared, window.corners[i], window.corners[(i + 1) % 4]);
  const double both = shared.area();
  return both / (area + other_area - both);
}

}  // namespace

void rotated_overlaps::cpu(Call& c) {
  const Tensor boxes = staged(c.tensor(0), DType::Float64), others = staged(c.tensor(1), DType::Float64);
  const Tensor& out = c.out();
  const Tensor target = out.dtype() == DType::Float64 ? out : empty(out.sizes(), DType::Float64);
  const int64_t n = others.size(0);
  const double *a = boxes.data<double>(), *b = others.data<double>();
  double* shares = target.data<double>();
  const Unlocked unlocked(target.numel() > 4096);
  parallel_for(target.numel(), grain_of(400), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) shares[i] = overlap(a + i / n * 5, b + i % n * 5);
  });
  if (!target.same(out)) copy_elements(out, target);
}

}  // namespace ember::regions
