#include "ops/regions.h"

#include <algorithm>

namespace ember::regions {

namespace {

bool is_sensitive(const std::string& rule) { return rule.starts_with("sensitive"); }

void check_type(const Call& c, int argument, const char* name) {
  const DType dtype = c.arg(argument).body()->dtype;
  if (!is_floating(dtype))
    fail(ErrorKind::NotImplemented, name, "(): not implemented for '", name_of(dtype),
         "' tensors; expected a floating point type.");
}

// As torchvision calls them.
const char* name_of_rule(const std::string& rule) {
  return rule == "sensitive_mean" ? "ps_roi_pool" : is_sensitive(rule) ? "ps_roi_align" : "roi_align";
}

// Of the map at argument 0 (named `what`) and the regions at argument 1.
void check_regions(const Call& c, const char* name, const char* what) {
  check_type(c, 0, name);
  const Dims& regions = c.sizes(1);
  if (regions.size() != 2 || regions[1] != 5)
    fail(ErrorKind::Runtime, name, "(): rois must have shape as Tensor[K, 5], (image, x1, y1, x2, y2) in each row; got ",
         to_string(regions), ".");
  if (c.sizes(0).size() != 4)
    fail(ErrorKind::Index, name, "(): ", what, " is ", c.sizes(0).size(), "-d (shape ", to_string(c.sizes(0)),
         "); expected 4 dims.");
  if (c.arg(0).body()->dtype != c.arg(1).body()->dtype)
    fail(ErrorKind::Runtime, name, "(): ", what, " is ", name_of(c.arg(0).body()->dtype), " and rois are ",
         name_of(c.arg(1).body()->dtype), "; expected one dtype. Convert one with .to().");
}

void check_bins(const char* name, const Dims& bins) {
  if (bins.size() != 2 || bins[0] < 0 || bins[1] < 0)
    fail(ErrorKind::Runtime, name, "(): the output has ", to_string(bins), " bins; expected two numbers from 0 on.");
}

int64_t channels_of_result(int64_t channels, const std::string& rule, const Dims& bins) {
  if (!is_sensitive(rule)) return channels;
  const int64_t each = bins.product();
  if (each == 0 || channels % each)
    fail(ErrorKind::Runtime, name_of_rule(rule),
         "(): input channels must be a multiple of pooling height * pooling width; got ", channels, " channels and ",
         to_string(bins), " bins.");
  return channels / each;
}

}  // namespace

void pool_regions::infer(Call& c) {
  const std::string& rule = c.arg(2).string();
  check_regions(c, name_of_rule(rule), "input");
  const Dims& bins = c.arg(4).ints();
  check_bins(name_of_rule(rule), bins);
  const int64_t channels = channels_of_result(c.sizes(0)[1], rule, bins);
  c.output(0, {c.sizes(1)[0], channels, bins[0], bins[1]}, c.arg(0).body()->dtype);
}
void pool_regions::backward(Backward& b) {
  b.set(0, run<pool_regions_backward>(b.gradient(), b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), b.sizes(0)));
}
KERNEL(pool_regions)

void pool_regions_backward::infer(Call& c) {
  const std::string& rule = c.arg(2).string();
  check_regions(c, name_of_rule(rule), "grad");
  const Dims &bins = c.arg(4).ints(), &sizes = c.arg(6).ints();
  check_bins(name_of_rule(rule), bins);
  if (sizes.size() != 4 || std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size < 0; }))
    fail(ErrorKind::Runtime, name_of_rule(rule), "(): the input's shape is ", to_string(sizes), "; expected (N, C, H, W).");
  const Dims expected = {c.sizes(1)[0], channels_of_result(sizes[1], rule, bins), bins[0], bins[1]};
  if (c.sizes(0) != expected)
    fail(ErrorKind::Runtime, name_of_rule(rule), "(): grad has shape ", to_string(c.sizes(0)), "; expected ",
         to_string(expected), ".");
  c.output(0, sizes, c.arg(0).body()->dtype);
}
void pool_regions_backward::backward(Backward& b) {
  b.set(0, run<pool_regions>(b.gradient(), b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5)));
}
KERNEL(pool_regions_backward)

void max_pool_regions::infer(Call& c) {
  check_regions(c, "roi_pool", "input");
  const Dims& bins = c.arg(3).ints();
  check_bins("roi_pool", bins);
  const Dims sizes = {c.sizes(1)[0], c.sizes(0)[1], bins[0], bins[1]};
  c.output(0, sizes, c.arg(0).body()->dtype);
  c.output(1, sizes, DType::Int32);
}
KERNEL(max_pool_regions)

// The number of boxes that stay is known when they are found: the kernel declares the output.
void keep_best_boxes::infer(Call& c) {
  const Dims &boxes = c.sizes(0), &scores = c.sizes(1);
  if (boxes.size() != 2) fail(ErrorKind::Runtime, "nms(): boxes should be a 2d tensor, got ", boxes.size(), "D.");
  if (boxes[1] != 4) fail(ErrorKind::Runtime, "nms(): boxes should have 4 elements in dimension 1, got ", boxes[1], ".");
  if (scores.size() != 1) fail(ErrorKind::Runtime, "nms(): scores should be a 1d tensor, got ", scores.size(), "D.");
  if (boxes[0] != scores[0])
    fail(ErrorKind::Runtime, "nms(): boxes and scores should have same number of elements in dimension 0, got ", boxes[0],
         " and ", scores[0], ".");
  if (c.arg(0).body()->dtype != c.arg(1).body()->dtype)
    fail(ErrorKind::Runtime, "nms(): dets should have the same type as scores; they are ", name_of(c.arg(0).body()->dtype),
         " and ", name_of(c.arg(1).body()->dtype), ".");
  check_type(c, 0, "nms");
  if (c.device.type == DeviceType::Meta)
    fail(ErrorKind::NotImplemented, "nms(): the shape of the result depends on data, which a meta tensor has not.");
}
KERNEL(keep_best_boxes)

void rotated_overlaps::infer(Call& c) {
  for (int i = 0; i < 2; ++i) {
    check_type(c, i, "box_iou_rotated");
    if (c.sizes(i).size() != 2 || c.sizes(i)[1] != 5)
      fail(ErrorKind::Runtime, "box_iou_rotated(): boxes", i + 1, " has shape ", to_string(c.sizes(i)),
           "; expected (boxes, 5): x, y, width, height and degrees in each row.");
  }
  c.output({c.sizes(0)[0], c.sizes(1)[0]});
}
KERNEL(rotated_overlaps)

}  // namespace ember::regions
