#include "cpu/onednn_matmul.h"

#include "core/allocator.h"
#include "cpu/onednn.h"

namespace ember {
namespace {

constexpr int max_batch_dims = DNNL_MAX_NDIMS - 2;
using namespace onednn;
using MatmulKey = Key<11 + 4 * max_batch_dims>;

// A made primitive with its memory objects, whose addresses change with every run.
class Matmul {
 public:
  Matmul(const BatchedTask& task, int threads);
  ~Matmul();
  Matmul(const Matmul&) = delete;
  Matmul& operator=(const Matmul&) = delete;

  static MatmulKey key(const BatchedTask& task, int threads);
  const char* name() const { return name_; }  // null: there is no fast kernel
  void run(const BatchedTask& task, int threads, dnnl_stream_t stream);

 private:
  void add_argument(int index, const_dnnl_memory_desc_t desc);
  bool make_descriptor(const BatchedTask& task);

  dnnl_primitive_desc_t descriptor_ = nullptr;
  dnnl_primitive_t primitive_ = nullptr;
  const char* name_ = nullptr;
  size_t scratch_bytes_ = 0;
  int arguments_ = 0;
  dnnl_exec_arg_t argument_[5];  // a, b, c, then bias and scratch if there are any
};

MatmulKey Matmul::key(const BatchedTask& t, int threads) {
  MatmulKey key;
  key.add(int64_t(t.dtype) | int64_t(t.output_dtype) << 8 | int64_t(t.bias != nullptr) << 16 | int64_t(t.batch_dims) << 24 |
          int64_t(threads) << 32);
  for (int64_t word : {t.m, t.n, t.k, t.a_row, t.a_col, t.b_row, t.b_col, t.c_row}) key.add(word);
  key.add(std::bit_cast<int64_t>(t.alpha));
  key.add(std::bit_cast<int64_t>(t.beta));
  for (int i = 0; i < t.batch_dims; ++i)
    for (int64_t word : {t.sizes[i], t.a_batch[i], t.b_batch[i], t.c_batch[i]}) key.add(word);
  return key;
}

dnnl_memory_desc_t describe(const BatchedTask& t, DType dtype, const int64_t* batch, int64_t rows, int64_t cols, int64_t row,
                            int64_t col) {
  dnnl_dims_t sizes, strides;
  for (int i = 0; i < t.batch_dims; ++i) {
    sizes[i] = batch[i] == 0 ? 1 : t.sizes[i];
    strides[i] = batch[i] == 0 ? rows * cols : batch[i];
  }
  sizes[t.batch_dims] = rows, sizes[t.batch_dims + 1] = cols;
  strides[t.batch_dims] = row, strides[t.batch_dims + 1] = col;
  dnnl_memory_desc_t desc = nullptr;
  dnnl_memory_desc_create_with_strides(&desc, t.batch_dims + 2, sizes, type_of(dtype), strides);
  return desc;  // null if oneDNN refuses the strides
}

dnnl_primitive_attr_t attributes(const BatchedTask& t) {
  dnnl_primitive_attr_t attributes;
  dnnl_post_ops_t steps;
  expect(dnnl_primitive_attr_create(&attributes), "attributes");
  expect(dnnl_post_ops_create(&steps), "post_ops");
  if (t.alpha != 1) dnnl_post_ops_append_eltwise(steps, dnnl_eltwise_linear, float(t.alpha), 0);
  if (t.beta != 0) dnnl_post_ops_append_sum(steps, float(t.beta), 0, dnnl_data_type_undef);
  dnnl_primitive_attr_set_post_ops(attributes, steps);
  dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  dnnl_post_ops_destroy(steps);
  return attributes;
}

bool Matmul::make_descriptor(const BatchedTask& t) {
  int64_t none[max_batch_dims] = {};
  dnnl_memory_desc_t a = describe(t, t.dtype, t.a_batch, t.m, t.k, t.a_row, t.a_col);
  dnnl_memory_desc_t b = describe(t, t.dtype, t.b_batch, t.k, t.n, t.b_row, t.b_col);
  dnnl_memory_desc_t c = describe(t, t.output_dtype, t.c_batch, t.m, t.n, t.c_row, t.c_col);
  dnnl_memory_desc_t bias = t.bias ? describe(t, t.output_dtype, none, 1, t.n, t.n, 1) : nullptr;
  const dnnl_primitive_attr_t with = attributes(t);
  const bool valid = a && b && c && (bias || !t.bias);
  const bool made = valid && dnnl_matmul_primitive_desc_create(&descriptor_, engine(), a, b, bias, c, with) == dnnl_success;
  if (made) {
    const char* name = nullptr;
    if (is_fast(descriptor_, &name)) name_ = name;
  }
  if (name_) {
    add_argument(DNNL_ARG_SRC, a);
    add_argument(DNNL_ARG_WEIGHTS, b);
    add_argument(DNNL_ARG_DST, c);
    if (bias) add_argument(DNNL_ARG_BIAS, bias);
  }
  dnnl_primitive_attr_destroy(with);
  for (dnnl_memory_desc_t desc : {a, b, c, bias})
    if (desc) dnnl_memory_desc_destroy(desc);
  return name_ != nullptr;
}

Matmul::Matmul(const BatchedTask& t, int threads) {
  const TeamSize team(threads);
  if (!make_descriptor(t)) return;
  const const_dnnl_memory_desc_t scratch = dnnl_primitive_desc_query_md(descriptor_, dnnl_query_scratchpad_md, 0);
  scratch_bytes_ = dnnl_memory_desc_get_size(scratch);
  if (scratch_bytes_ > 0) add_argument(DNNL_ARG_SCRATCHPAD, scratch);
  expect(dnnl_primitive_create(&primitive_, descriptor_), "primitive");
}

Matmul::~Matmul() {
  for (int i = 0; i < arguments_; ++i) dnnl_memory_destroy(argument_[i].memory);
  if (primitive_) dnnl_primitive_destroy(primitive_);
  if (descriptor_) dnnl_primitive_desc_destroy(descriptor_);
}

void Matmul::add_argument(int index, const_dnnl_memory_desc_t desc) {
  dnnl_memory_t memory;
  expect(dnnl_memory_create(&memory, desc, engine(), DNNL_MEMORY_NONE), "memory");
  argument_[arguments_++] = {index, memory};
}

void Matmul::run(const BatchedTask& t, int threads, dnnl_stream_t stream) {
  const TeamSize team(threads);
  const Scratch scratch(scratch_bytes_);
  int next = 0;
  const auto set = [&](const void* data) { dnnl_memory_set_data_handle(argument_[next++].memory, const_cast<void*>(data)); };
  set(t.a);
  set(t.b);
  set(t.c);
  if (t.bias) set(t.bias);
  if (scratch_bytes_ > 0) set(scratch.data());
  expect(dnnl_primitive_execute(primitive_, stream, arguments_, argument_), "execute");
}

Cache<Matmul, BatchedTask>& this_threads_cache() {
  static thread_local Cache<Matmul, BatchedTask> cache;
  return cache;
}

// A stride of 1 and one that leaves room for the other side; oneDNN packs or refuses anything else.
bool is_plain(int64_t rows, int64_t cols, int64_t row, int64_t col) {
  return (col == 1 && row >= cols) || (row == 1 && col >= rows);
}

bool suits(const BatchedTask& t) {
  if (t.batch_dims > max_batch_dims || type_of(t.dtype) == dnnl_data_type_undef) return false;
  for (int i = 0; i < t.batch_dims; ++i)
    if (t.a_batch[i] < 0 || t.b_batch[i] < 0 || t.c_batch[i] <= 0) return false;
  return is_plain(t.m, t.k, t.a_row, t.a_col) && is_plain(t.k, t.n, t.b_row, t.b_col) && t.c_col == 1 && t.c_row >= t.n;
}

}  // namespace

bool onednn_matmul(const BatchedTask& task, int threads) {
  if (!suits(task)) return false;
  auto& cache = this_threads_cache();
  Matmul& matmul = cache.find(task, threads);
  if (!matmul.name()) return false;
  matmul.run(task, threads, cache.stream());
  return true;
}

const char* onednn_matmul_name(const BatchedTask& task, int threads) {
  return suits(task) ? this_threads_cache().find(task, threads).name() : nullptr;
}

}  // namespace ember
