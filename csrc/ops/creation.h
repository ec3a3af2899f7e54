// New tensors: of a given shape, filled, counted. The Python functions over them are in src/ember/ops/creation.py.
#pragma once
#include "op/call.h"

namespace ember::creation {

struct empty {
  static constexpr Record record = {
      .schema = "empty(int... size, *, dtype? dtype=None, device? device=None, str? memory_format=None) -> Tensor",
      .doc = "A tensor whose elements are not set.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct empty_strided {
  static constexpr Record record = {
      .schema = "empty_strided(int[] size, int[] stride, *, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "A tensor with the given strides whose elements are not set.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct empty_like {
  static constexpr Record record = {
      .schema = "empty_like(Tensor input, *, dtype? dtype=None, device? device=None, str? memory_format=None) -> Tensor",
      .doc = "A tensor of the shape of input, and in its memory order where it is dense, whose elements are not set.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct zeros {
  static constexpr Record record = {
      .schema = "zeros(int... size, *, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "A tensor of zeros.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct full {
  static constexpr Record record = {
      .schema = "full(int[] size, number fill_value, *, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "A tensor with one value everywhere; without dtype of the value's own type.",
      .types = kAny,
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct arange {
  static constexpr Record record = {
      .schema = "arange(number start, number end, number step, *, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "start, start + step, ... before end; without dtype int64 if all three are integers.",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

struct linspace {
  static constexpr Record record = {
      .schema = "linspace(number start, number end, int steps, *, dtype? dtype=None, device? device=None) -> Tensor",
      .doc = "steps values at equal distances from start to end.",
      .where = 0,
  };
  static void infer(Call& c);
  static void cpu(Call& c);
};

}  // namespace ember::creation
