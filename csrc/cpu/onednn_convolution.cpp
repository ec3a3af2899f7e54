#include "cpu/onednn_convolution.h"

#include <algorithm>

#include "core/allocator.h"
#include "core/threads.h"
#include "cpu/onednn.h"

namespace ember {
namespace {

using namespace onednn;
using ConvolutionKey = Key<6 + 6 * 3>;

constexpr size_t kSmallWeight = 1 << 18;  // bytes that one thread reorders while a second would wake up
constexpr int64_t kSmallWork = 1 << 19;  // multiply-adds below which a second thread costs more than it brings

// A memory description that goes with its scope.
struct Description {
  dnnl_memory_desc_t md = nullptr;
  Description(const Dims& sizes, DType dtype, const Dims& strides) {
    expect(dnnl_memory_desc_create_with_strides(&md, sizes.size(), sizes.begin(), type_of(dtype), strides.begin()),
           "memory_desc");
  }
  Description(const Dims& sizes, DType dtype) {  // oneDNN chooses the order
    expect(dnnl_memory_desc_create_with_tag(&md, sizes.size(), sizes.begin(), type_of(dtype), dnnl_format_tag_any),
           "memory_desc");
  }
  ~Description() { dnnl_memory_desc_destroy(md); }
  Description(const Description&) = delete;
  operator const_dnnl_memory_desc_t() const { return md; }
};

Dims with_spatial(std::initializer_list<int64_t> lead, const Dims& rest) {
  Dims sizes(lead);
  for (int64_t size : rest) sizes.push_back(size);
  return sizes;
}

Dims row_major(const Dims& sizes) {
  Dims strides(sizes.size());
  int64_t step = 1;
  for (int d = sizes.size() - 1; d >= 0; --d) strides[d] = step, step *= sizes[d];
  return strides;
}

Dims channels_last(const Dims& sizes) {
  Dims strides(sizes.size());
  int64_t step = sizes[1];
  strides[1] = 1;
  for (int d = sizes.size() - 1; d >= 2; --d) strides[d] = step, step *= sizes[d];
  strides[0] = step;
  return strides;
}

Dims weight_sizes(const ConvolutionTask& t) {
  const int64_t rows = t.outputs / t.groups, columns = t.channels / t.groups;
  return t.groups == 1 ? with_spatial({rows, columns}, t.kernel) : with_spatial({t.groups, rows, columns}, t.kernel);
}

// oneDNN checks that the padding on the right gives the size of the output.
Dims right_padding(const ConvolutionTask& t) {
  Dims right = t.padding;
  for (int d = 0; d < right.size(); ++d) {
    const int64_t kernel = t.dilation[d] * (t.kernel[d] - 1) + 1;
    if ((t.in[d] + 2 * t.padding[d] - kernel) / t.stride[d] + 1 != t.out[d])
      right[d] = (t.out[d] - 1) * t.stride[d] + kernel - t.in[d] - t.padding[d];
  }
  return right;
}

class Convolution {
 public:
  static ConvolutionKey key(const ConvolutionTask& t, int threads) {
    ConvolutionKey key;
    key.add(int64_t(t.part) | int64_t(t.dtype) << 8 | int64_t(t.bias != nullptr) << 16 | int64_t(t.in.size()) << 24 |
            int64_t(threads) << 32);
    for (int64_t word : {t.images, t.channels, t.outputs, t.groups}) key.add(word);
    for (const Dims* dims : {&t.in, &t.out, &t.kernel, &t.stride, &t.padding, &t.dilation})
      for (int64_t word : *dims) key.add(word);
    return key;
  }

  Convolution(const ConvolutionTask& t, int threads) {
    const TeamSize team(threads);
    if (!describe(t)) return;
    scratch_ = description_of(dnnl_query_scratchpad_md);
    input_ = memory(description_of(t.part == ConvolutionPart::Input ? dnnl_query_diff_src_md : dnnl_query_src_md));
    output_ = memory(description_of(t.part == ConvolutionPart::Output ? dnnl_query_dst_md : dnnl_query_diff_dst_md));
    scratchpad_ = memory(scratch_);
    packed_ = description_of(t.part == ConvolutionPart::Weight ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
    packed_memory_ = memory(packed_);
    const Dims sizes = weight_sizes(t);
    const Description plain(sizes, t.dtype, row_major(sizes));
    if (!dnnl_memory_desc_equal(plain, packed_)) make_reorder(t.part, plain);
    if (t.bias) bias_ = memory(Description({t.outputs}, t.dtype, {1}));
    expect(dnnl_primitive_create(&primitive_, descriptor_), "primitive");
  }
  ~Convolution() {
    for (dnnl_memory_t each : {input_, output_, bias_, packed_memory_, plain_memory_, scratchpad_})
      if (each) dnnl_memory_destroy(each);
    for (dnnl_primitive_t each : {primitive_, reorder_})
      if (each) dnnl_primitive_destroy(each);
    if (descriptor_) dnnl_primitive_desc_destroy(descriptor_);
  }
  Convolution(const Convolution&) = delete;
  Convolution& operator=(const Convolution&) = delete;

  bool exists() const { return primitive_ != nullptr; }

  void run(const ConvolutionTask& t, int threads, dnnl_stream_t stream) {
    const TeamSize team(threads);
    const Scratch scratch(dnnl_memory_desc_get_size(scratch_)), packed(reorder_ ? dnnl_memory_desc_get_size(packed_) : 0);
    set(input_, t.input);
    set(output_, t.output);
    set(scratchpad_, scratch.data());
    set(packed_memory_, reorder_ ? packed.data() : t.weight);
    if (plain_memory_) set(plain_memory_, t.weight);
    if (bias_) set(bias_, t.bias);
    if (t.part != ConvolutionPart::Weight && reorder_) reorder(plain_memory_, packed_memory_, stream);
    compute(t.part, stream);
    if (t.part == ConvolutionPart::Weight && reorder_) reorder(packed_memory_, plain_memory_, stream);
  }

 private:
  bool describe(const ConvolutionTask& t) {
    const Dims input = with_spatial({t.images, t.channels}, t.in), output = with_spatial({t.images, t.outputs}, t.out);
    const Description x(input, t.dtype, channels_last(input)), y(output, t.dtype, channels_last(output)),
        w(weight_sizes(t), t.dtype), bias({t.outputs}, t.dtype, {1});
    const const_dnnl_memory_desc_t b = t.bias ? const_dnnl_memory_desc_t(bias) : nullptr;
    const Dims right = right_padding(t);
    Dims dilation = t.dilation;
    for (int64_t& each : dilation) --each;  // oneDNN counts the gaps
    const int64_t *strides = t.stride.begin(), *gaps = dilation.begin(), *left = t.padding.begin();
    dnnl_primitive_attr_t with;
    expect(dnnl_primitive_attr_create(&with), "attributes");
    dnnl_primitive_attr_set_scratchpad_mode(with, dnnl_scratchpad_mode_user);
    dnnl_primitive_desc_t forward = nullptr;
    dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        &forward, engine(), dnnl_forward_training, dnnl_convolution_direct, x, w,
        t.part == ConvolutionPart::Input ? nullptr : b, y, strides, gaps, left, right.begin(), with);
    if (status == dnnl_success && t.part == ConvolutionPart::Output) {
      descriptor_ = forward;
    } else if (status == dnnl_success) {
      status = t.part == ConvolutionPart::Input
                   ? dnnl_convolution_backward_data_primitive_desc_create(&descriptor_, engine(), dnnl_convolution_direct, x, w,
                                                                          y, strides, gaps, left, right.begin(), forward, with)
                   : dnnl_convolution_backward_weights_primitive_desc_create(&descriptor_, engine(), dnnl_convolution_direct, x,
                                                                             w, b, y, strides, gaps, left, right.begin(),
                                                                             forward, with);
      dnnl_primitive_desc_destroy(forward);
    }
    dnnl_primitive_attr_destroy(with);
    const char* name = nullptr;
    return status == dnnl_success && is_fast(descriptor_, &name);
  }

  const_dnnl_memory_desc_t description_of(dnnl_query_t what) const {
    return dnnl_primitive_desc_query_md(descriptor_, what, 0);
  }

  static dnnl_memory_t memory(const_dnnl_memory_desc_t description) {
    dnnl_memory_t made;
    expect(dnnl_memory_create(&made, description, engine(), DNNL_MEMORY_NONE), "memory");
    return made;
  }
  static void set(dnnl_memory_t memory, void* data) { dnnl_memory_set_data_handle(memory, data); }

  void make_reorder(ConvolutionPart part, const_dnnl_memory_desc_t plain) {
    plain_memory_ = memory(plain);
    const bool unpacks = part == ConvolutionPart::Weight;
    dnnl_primitive_desc_t descriptor;
    expect(dnnl_reorder_primitive_desc_create(&descriptor, unpacks ? packed_ : plain, engine(), unpacks ? plain : packed_,
                                              engine(), nullptr),
           "reorder");
    expect(dnnl_primitive_create(&reorder_, descriptor), "primitive");
    dnnl_primitive_desc_destroy(descriptor);
  }
  void reorder(dnnl_memory_t from, dnnl_memory_t to, dnnl_stream_t stream) const {
    const bool small = dnnl_memory_desc_get_size(packed_) < kSmallWeight;
    const TeamSize team(small ? 1 : omp_get_max_threads());
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    expect(dnnl_primitive_execute(reorder_, stream, 2, arguments), "execute");
  }
  void compute(ConvolutionPart part, dnnl_stream_t stream) const {
    const bool input = part == ConvolutionPart::Input, weight = part == ConvolutionPart::Weight;
    const dnnl_exec_arg_t arguments[] = {{input ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, input_},
                                         {weight ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, packed_memory_},
                                         {input || weight ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, output_},
                                         {DNNL_ARG_SCRATCHPAD, scratchpad_},
                                         {weight ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS, bias_}};
    expect(dnnl_primitive_execute(primitive_, stream, bias_ ? 5 : 4, arguments), "execute");
  }

  dnnl_primitive_desc_t descriptor_ = nullptr;
  dnnl_primitive_t primitive_ = nullptr, reorder_ = nullptr;
  const_dnnl_memory_desc_t packed_ = nullptr, scratch_ = nullptr;  // of the descriptor
  dnnl_memory_t input_ = nullptr, output_ = nullptr, bias_ = nullptr, packed_memory_ = nullptr, plain_memory_ = nullptr,
                scratchpad_ = nullptr;
};

}  // namespace

bool onednn_convolution(const ConvolutionTask& task) {
  if (type_of(task.dtype) == dnnl_data_type_undef) return false;
  static thread_local Cache<Convolution, ConvolutionTask> cache;
  const int threads = task.multiply_adds() < kSmallWork ? 1 : available_threads();
  Convolution& made = cache.find(task, threads);
  if (!made.exists()) return false;
  made.run(task, threads, cache.stream());
  return true;
}

}  // namespace ember
