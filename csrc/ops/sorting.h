// Order: sorting, the largest k, the k-th, and places in what is sorted.
#pragma once
#include "op/backward.h"

namespace ember {

struct sort {
  static constexpr Record record = {
      .schema = "sort(Tensor input, int dim=-1, bool descending=False, bool stable=False) -> (Tensor values, Tensor indices)",
      .doc = "The elements in order along dim, and where they stood. nan is the largest; equal elements keep their order.",
      .types = kReal | kUnsigned,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct topk {
  static constexpr Record record = {
      .schema = "topk(Tensor input, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)",
      .doc = "The k largest (or smallest) elements along dim, in order, and where they stand.",
      .types = kReal,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct kthvalue {
  static constexpr Record record = {
      .schema = "kthvalue(Tensor input, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The k-th smallest element along dim (k counts from 1), and where it stands.",
      .types = kReal,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct median_dim {
  static constexpr Record record = {
      .schema = "median_dim(Tensor input, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The median along dim, the lower of the two middle elements, and where it stands; nan where there is a nan.",
      .types = kReal,
      .saves = "indices",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct nanmedian_dim {
  static constexpr Record record = {
      .schema = "nanmedian_dim(Tensor input, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The median of the elements along dim that are not nan, and where it stands.",
      .types = kReal,
      .saves = "indices",
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct mode {
  static constexpr Record record = {
      .schema = "mode(Tensor input, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
      .doc = "The most frequent element along dim, the smallest of such, and where its last occurrence stands.",
      .types = kReal,
      .saves = "indices",
  };
  static void infer(Call& call);
  static void cpu(Call& call);
  static void backward(Backward& b);
};

struct searchsorted {
  static constexpr Record record = {
      .schema = "_searchsorted(Tensor sorted_sequence, Tensor input, bool right=False) -> Tensor",
      .doc =
          "Where each element would stand in the sorted last dim: the number of elements below it, with right also equal ones.",
      .types = kReal,
      .where = 0,
  };
  static void infer(Call& call);
  static void cpu(Call& call);
};

}  // namespace ember
