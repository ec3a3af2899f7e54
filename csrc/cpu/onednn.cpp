#include "cpu/onednn.h"

namespace ember::onednn {

dnnl_engine_t engine() {
  static const dnnl_engine_t one = [] {
    dnnl_engine_t made;
    expect(dnnl_engine_create(&made, dnnl_cpu, 0), "engine");
    return made;
  }();
  return one;
}

dnnl_data_type_t type_of(DType dtype) {
  switch (dtype) {
    case DType::Float32: return dnnl_f32;
    case DType::BFloat16: return dnnl_bf16;
    case DType::Float16: return dnnl_f16;
    default: return dnnl_data_type_undef;
  }
}

bool is_fast(const_dnnl_primitive_desc_t descriptor, const char** name) {
  dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, name);
  return std::strstr(*name, "ref") == nullptr;
}

}  // namespace ember::onednn
