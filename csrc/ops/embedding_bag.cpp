#include "ops/embedding_bag.h"

#include "op/var.h"

namespace ember {

namespace {

void check_integers(const Call& c, int i) {
  const DType dtype = c.arg(i).body()->dtype;
  const char* name = c.op.schema.parameters[size_t(i)].name.c_str();
  if (dtype != DType::Int64 && dtype != DType::Int32)
    fail(ErrorKind::Runtime, "embedding_bag(): ", name, " is of dtype ", name_of(dtype), "; expected int64 or int32.");
  if (c.sizes(i).size() != 1)
    fail(ErrorKind::Value, "embedding_bag(): ", name, " has shape ", to_string(c.sizes(i)), "; expected 1 dim.");
}

int64_t bags_of(const Call& c, int offsets, bool include_last_offset) {
  check_integers(c, offsets - 1);
  check_integers(c, offsets);
  const int64_t count = c.arg(offsets).body()->numel;
  if (include_last_offset && count == 0)
    fail(ErrorKind::Runtime,
         "embedding_bag(): offsets is empty; include_last_offset expects at least the end of the last bag.");
  return include_last_offset ? count - 1 : count;
}

void check_floating(const Call& c, int i) {
  const DType dtype = c.arg(i).body()->dtype;
  if (!is_floating(dtype))
    fail(ErrorKind::Runtime, "embedding_bag(): ", c.op.schema.parameters[size_t(i)].name, " is of dtype ", name_of(dtype),
         "; expected a floating point dtype.");
}

void check_gradient(const Call& c, int64_t bags, int64_t columns) {
  check_floating(c, 0);
  if (c.sizes(0) != Dims{bags, columns})
    fail(ErrorKind::Runtime, c.name(), "(): gradient has shape ", to_string(c.sizes(0)), "; expected ",
         to_string(Dims{bags, columns}), ".");
}

void check_weights(const Call& c) {
  if (c.arg(3).is_tensor() && c.sizes(3) != c.sizes(1))
    fail(ErrorKind::Value, "embedding_bag(): per_sample_weights has shape ", to_string(c.sizes(3)),
         "; expected that of the input, ", to_string(c.sizes(1)), ".");
}

void infer_bags(Call& c, bool include_last_offset) {
  const Dims& table = c.sizes(0);
  check_floating(c, 0);
  if (table.size() != 2)
    fail(ErrorKind::Value, "embedding_bag(): weight has shape ", to_string(table), "; expected (rows, columns).");
  c.output(0, {bags_of(c, 2, include_last_offset), table[1]}, c.arg(0).body()->dtype);
}

}  // namespace

void embedding_bag::infer(Call& c) {
  infer_bags(c, c.arg(5).boolean());
  check_weights(c);
  if (c.arg(3).is_tensor() && c.arg(3).body()->dtype != c.arg(0).body()->dtype)
    fail(ErrorKind::Runtime, "embedding_bag(): per_sample_weights is of dtype ", name_of(c.arg(3).body()->dtype),
         " and weight of ", name_of(c.arg(0).body()->dtype), "; expected the same.");
}

// 1 / how often a row is named, as a column.
static Tensor shares(const Backward& b) {
  static Operation& index_add = named("index_add");
  static Operation& unsqueeze = named("unsqueeze");
  const Tensor none = zeros({b.sizes(0)[0]}, b.dtype(0), b.gradient().device());
  const Tensor ones = full(b.sizes(1), 1., b.dtype(0), b.gradient().device());
  const Var counts(run(index_add, {none, 0, b.arg(1), ones}));
  return run(unsqueeze, {(1 / max(counts, 1)).as_tensor(none), 1});
}

void embedding_bag::backward(Backward& b) {
  const Tensor& g = b.gradient();
  if (b.needs(0)) {
    const Tensor table =
        run<embedding_bag_table_gradient>(g, b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), b.arg(6), b.sizes(0)[0]);
    b.set(0, b.arg(7).boolean() ? (Var(table) * Var(shares(b))).as_tensor(table) : table);
  }
  if (b.needs(3)) b.set(3, run<embedding_bag_sample_gradient>(g, b.arg(0), b.arg(1), b.arg(2), b.arg(5), b.arg(6)));
}
KERNEL(embedding_bag)

void embedding_bag_table_gradient::infer(Call& c) {
  check_gradient(c, bags_of(c, 2, c.arg(5).boolean()), c.sizes(0).size() == 2 ? c.sizes(0)[1] : -1);
  check_weights(c);
  c.output(0, {c.arg(7).integer(), c.sizes(0)[1]}, c.arg(0).body()->dtype);
}

void embedding_bag_table_gradient::backward(Backward& b) {
  const Tensor& h = b.gradient();
  if (b.needs(0)) b.set(0, run<embedding_bag>(h, b.arg(1), b.arg(2), b.arg(3), b.arg(4), b.arg(5), b.arg(6)));
  if (b.needs(3)) b.set(3, run<embedding_bag_sample_gradient>(b.arg(0), h, b.arg(1), b.arg(2), b.arg(5), b.arg(6)));
}
KERNEL(embedding_bag_table_gradient)

void embedding_bag_sample_gradient::infer(Call& c) {
  check_floating(c, 1);
  check_gradient(c, bags_of(c, 3, c.arg(4).boolean()), c.sizes(1).size() == 2 ? c.sizes(1)[1] : -1);
  c.output(0, c.sizes(2), c.arg(1).body()->dtype);
}

void embedding_bag_sample_gradient::backward(Backward& b) {
  const Tensor& h = b.gradient();
  if (b.needs(0)) b.set(0, run<embedding_bag>(b.arg(1), b.arg(2), b.arg(3), h, false, b.arg(4), b.arg(5)));
  if (b.needs(1))
    b.set(1, run<embedding_bag_table_gradient>(b.arg(0), b.arg(2), b.arg(3), h, false, b.arg(4), b.arg(5), b.sizes(1)[0]));
}
KERNEL(embedding_bag_sample_gradient)

void embedding_bag_max::infer(Call& c) {
  infer_bags(c, c.arg(3).boolean());
  if (c.gradient) c.output(1, c.out().sizes(), DType::Int64);
}

// Bags without rows have picked -1.
void embedding_bag_max::backward(Backward& b) {
  static Operation& scatter_add = named("scatter_add");
  static Operation& clamp_min = named("clamp_min");
  const Tensor& g = b.gradient();
  const Tensor row = run(clamp_min, {b.out(1), scalar(int64_t(0), DType::Int64)});
  const Tensor counted = select(Var(b.out(1)) >= 0, Var(g), 0).as_tensor(g);
  b.set(0, run(scatter_add, {zeros(b.sizes(0), b.dtype(0), g.device()), 0, row, counted}));
}
KERNEL(embedding_bag_max)

}  // namespace ember
