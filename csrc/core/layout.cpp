#include "core/layout.h"

#include <algorithm>

#include "core/channels_last.h"

namespace ember {

Dims strides_of_format(const std::string& format, const Dims& sizes, const char* name) {
  if (format == "contiguous_format") return contiguous_strides(sizes);
  const int wanted = format == "channels_last" ? 4 : format == "channels_last_3d" ? 5 : 0;
  if (!wanted)
    fail(ErrorKind::Runtime, name, "(): unknown memory format '", format,
         "'; expected contiguous_format, preserve_format, channels_last or channels_last_3d.");
  if (sizes.size() != wanted)
    fail(ErrorKind::Runtime, name, "(): required rank ", wanted, " tensor to use ", format, " format; the shape is ",
         to_string(sizes), ".");
  return channels_last_strides(sizes);
}

namespace {

std::string in_brackets(const Dims& dims) {
  std::string result = "[";
  for (int i = 0; i < dims.size(); ++i) result += (i ? ", " : "") + std::to_string(dims[i]);
  return result + "]";
}

}  // namespace

Dims infer_shape(const Dims& wanted, int64_t numel, const char* name) {
  int open = -1;
  int64_t known = 1;
  for (int i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == -1) {
      if (open >= 0)
        fail(ErrorKind::Runtime, name, "(): only one dimension can be inferred; shape ", to_string(wanted), " has several -1.");
      open = i;
    } else if (wanted[i] < 0) {
      fail(ErrorKind::Runtime, name, "(): invalid shape dimension ", wanted[i], " in ", to_string(wanted),
           "; expected 0 or more, or one -1.");
    } else if (__builtin_mul_overflow(known, wanted[i], &known)) {
      known = -1;
      break;
    }
  }
  Dims shape = wanted;
  if (open >= 0 && known == 0 && numel == 0)
    fail(ErrorKind::Runtime, name, "(): cannot reshape tensor of 0 elements into shape ", in_brackets(wanted),
         " because the unspecified dimension size -1 can be any value and is ambiguous.");
  if (open >= 0 && known > 0 && numel % known == 0) {
    shape[open] = numel / known;
  } else if (open >= 0 || known != numel) {
    fail(ErrorKind::Runtime, name, "(): shape '", in_brackets(wanted), "' is invalid for input of size ", numel, ".");
  }
  return shape;
}

// Dims of the old shape that run on in memory form a group; the new dims must be cut out of one group each.
bool strides_for_view(const Dims& sizes, const Dims& strides, const Dims& new_sizes, Dims& new_strides) {
  new_strides.resize(new_sizes.size());
  if (sizes.contains(0)) {
    new_strides = contiguous_strides(new_sizes);
    return true;
  }
  int at = new_sizes.size() - 1;
  int64_t group = 1, taken = 1;  // elements of the group, and of the new dims that it has been cut into
  int64_t step = sizes.empty() ? 1 : strides.back();
  for (int d = sizes.size() - 1; d >= 0; --d) {
    group *= sizes[d];
    const bool ends = d == 0 || (sizes[d - 1] != 1 && strides[d - 1] != group * step);
    if (!ends) continue;
    while (at >= 0 && (taken < group || new_sizes[at] == 1)) {
      new_strides[at] = taken * step;
      taken *= new_sizes[at--];
    }
    if (taken != group) return false;
    if (d > 0) {
      step = strides[d - 1];
      group = taken = 1;
    }
  }
  for (; at >= 0; --at) {  // left are dims of size 1
    if (new_sizes[at] != 1) return false;
    new_strides[at] = taken * step;
  }
  return true;
}

int64_t reach(const Dims& sizes, const Dims& strides) {
  constexpr int64_t uncountable = int64_t(1) << 62;
  int64_t last = 0;
  bool overflow = false;
  for (int i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0) return 0;
    int64_t step;
    overflow |= __builtin_mul_overflow(sizes[i] - 1, strides[i], &step) || __builtin_add_overflow(last, step, &last);
  }
  return overflow || last >= uncountable ? uncountable : last + 1;
}

bool has_own_places(const Dims& sizes, const Dims& strides) {
  int order[kMaxDims];
  int count = 0;
  for (int d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == 0) return true;
    if (sizes[d] > 1) order[count++] = d;
  }
  std::sort(order, order + count, [&](int a, int b) { return std::abs(strides[a]) < std::abs(strides[b]); });
  int64_t reach = 0;  // of the dims so far
  for (int i = 0; i < count; ++i) {
    const int64_t stride = std::abs(strides[order[i]]);
    if (stride <= reach) return false;
    reach += stride * (sizes[order[i]] - 1);
  }
  return true;
}

}  // namespace ember
