#include "ops/padding.h"

#include <algorithm>

#include "core/channels_last.h"

namespace ember::padding {

namespace {

// (before, after) of a dim, counted from the first.
std::pair<int64_t, int64_t> border(const Dims& pad, int dims, int dim) {
  const int at = 2 * (dims - 1 - dim);
  return at + 1 < pad.size() ? std::pair(pad[at], pad[at + 1]) : std::pair<int64_t, int64_t>(0, 0);
}

Dims negated(const Dims& pad) {
  Dims result = pad;
  for (int64_t& each : result) each = -each;
  return result;
}

void check_length(const Call& c, const Dims& pad, int dims) {
  if (c.arg(0).body()->wrapped_number) fail(ErrorKind::Type, c.name(), "(): input is a number; expected a tensor.");
  if (pad.size() % 2)
    fail(ErrorKind::Runtime, c.name(), "(): pad has ", pad.size(), " numbers; an even number is expected, two for each dim.");
  if (pad.size() > 2 * dims)
    fail(ErrorKind::Runtime, c.name(), "(): pad has ", pad.size(), " numbers; input of shape ", to_string(c.sizes(0)),
         " takes at most ", 2 * dims, ".");
}

// What the modes that repeat the tensor's values ask for.
void check_mode(const Call& c, const std::string& mode, const Dims& sizes, const Dims& pad) {
  const int padded = pad.size() / 2, others = sizes.size() - padded;
  if (mode != "reflect" && mode != "replicate" && mode != "circular")
    fail(ErrorKind::NotImplemented, "pad(): unknown mode '", mode,
         "'; expected 'constant', 'reflect', 'replicate' or 'circular'.");
  if (!c.arg(3).is_none() && c.arg(3).real() != 0)
    fail(ErrorKind::Runtime, "pad(): value is ", c.arg(3).real(), " with mode '", mode, "'; only mode 'constant' takes one.");
  if (padded < 1 || padded > 3 || others < 1 || others > 2)
    fail(ErrorKind::NotImplemented, "pad(): mode '", mode, "' with ", pad.size(), " numbers for input of shape ",
         to_string(sizes), "; the last 1 to 3 dims may be padded, with 1 or 2 dims before them.");
  if (mode == "circular") return;
  if (c.arg(0).body()->dtype == DType::Bool)
    fail(ErrorKind::NotImplemented, "pad(): mode '", mode, "' is not implemented for 'bool' tensors.");
  for (int d = 1; d < sizes.size(); ++d)
    if (sizes[d] == 0)
      fail(ErrorKind::Runtime, "pad(): mode '", mode, "' with input of shape ", to_string(sizes),
           "; expected no empty dim but the first.");
}

void check_border(const char* name, const std::string& mode, int dim, int64_t size, int64_t before, int64_t after) {
  const int64_t kept = size + std::min<int64_t>(before, 0) + std::min<int64_t>(after, 0);
  if ((mode == "constant" || mode == "circular") && kept < 0)
    fail(ErrorKind::Runtime, name, "(): (", before, ", ", after, ") cuts off more than dim ", dim, " has, ", size, ".");
  if (mode == "reflect" && std::max(before, after) >= size)
    fail(ErrorKind::Runtime, "pad(): mode 'reflect' with (", before, ", ", after, ") in dim ", dim, " of size ", size,
         "; less than the size is expected.");
  if (mode == "circular" && std::max(before, after) > std::max<int64_t>(kept, 0))
    fail(ErrorKind::Runtime, "pad(): mode 'circular' with (", before, ", ", after, ") in dim ", dim, ", of which ", kept,
         " elements are left; at most as many are expected.");
}

Dims padded_sizes(const char* name, const std::string& mode, const Dims& sizes, const Dims& pad) {
  Dims result = sizes;
  bool empty = true;
  for (int d = sizes.size() - pad.size() / 2; d < sizes.size(); ++d) {
    const auto [before, after] = border(pad, sizes.size(), d);
    if (std::max(std::abs(before), std::abs(after)) > INT32_MAX)
      fail(ErrorKind::Runtime, name, "(): pad has (", before, ", ", after, ") for dim ", d, "; expected numbers below 2**31.");
    check_border(name, mode, d, sizes[d], before, after);
    result[d] += before + after;
    empty &= result[d] < 1;
    if (result[d] < 0)
      fail(ErrorKind::Runtime, name, "(): (", before, ", ", after, ") cuts off more than dim ", d, " has, ", sizes[d], ".");
  }
  if (empty && (mode == "reflect" || mode == "replicate"))
    fail(ErrorKind::Runtime, name, "(): mode '", mode, "' with input of shape ", to_string(sizes), " leaves ",
         to_string(result), "; expected a result that is not empty.");
  return result;
}

void declare(Call& c, const Dims& sizes) {
  const Tensor input = c.tensor(0);
  if (!c.given && is_channels_last(input))
    c.out() = empty_strided(sizes, channels_last_strides(sizes), input.dtype(), c.device);
  else c.output(0, sizes, input.dtype());
}

}  // namespace

std::vector<int64_t> padding_sources(const std::string& mode, int64_t size, int64_t before, int64_t after) {
  std::vector<int64_t> sources;
  const int64_t last = size - 1, cut = std::max<int64_t>(-before, 0), kept = size - cut - std::max<int64_t>(-after, 0);
  for (int64_t i = -before; i < size + after; ++i) {
    if (mode == "reflect") sources.push_back(last - std::abs(last - std::abs(i)));
    else if (mode == "replicate") sources.push_back(std::clamp<int64_t>(i, 0, last));
    else if (mode == "circular") sources.push_back((i - cut + kept) % kept + cut);
    else sources.push_back(i < 0 || i > last ? -1 : i);
  }
  return sources;
}

void pad::infer(Call& c) {
  const Dims &sizes = c.sizes(0), &widths = c.arg(1).ints();
  const std::string& mode = c.arg(2).string();
  check_length(c, widths, sizes.size());
  if (mode != "constant") check_mode(c, mode, sizes, widths);
  declare(c, padded_sizes(c.name(), mode, sizes, widths));
}
void pad::backward(Backward& b) {
  const std::string& mode = b.arg(2).string();
  if (mode == "constant") b.set(0, run<pad>(b.gradient(), negated(b.arg(1).ints())));
  else b.set(0, run<_pad_gradient>(b.gradient(), b.arg(1), b.arg(2), b.sizes(0)));
}
KERNEL(pad)

void constant_pad_nd::infer(Call& c) {
  check_length(c, c.arg(1).ints(), c.sizes(0).size());
  declare(c, padded_sizes(c.name(), "constant", c.sizes(0), c.arg(1).ints()));
}
void constant_pad_nd::backward(Backward& b) { b.set(0, run<pad>(b.gradient(), negated(b.arg(1).ints()))); }
KERNEL(constant_pad_nd)

void _pad_gradient::infer(Call& c) {
  const Dims& sizes = c.arg(3).ints();
  check_length(c, c.arg(1).ints(), sizes.size());
  if (padded_sizes("pad", c.arg(2).string(), sizes, c.arg(1).ints()) != c.sizes(0))
    fail(ErrorKind::Runtime, "pad(): the gradient has shape ", to_string(c.sizes(0)), "; that of a border around ",
         to_string(sizes), " is expected.");
  declare(c, sizes);
}
void _pad_gradient::backward(Backward& b) { b.set(0, run<pad>(b.gradient(), b.arg(1), b.arg(2))); }
KERNEL(_pad_gradient)

}  // namespace ember::padding
