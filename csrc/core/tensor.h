// What a tensor is: a storage, an offset, sizes and strides, and (when asked for) a place in the graph.
#pragma once
#include <memory>

#include "core/counted.h"
#include "core/device.h"
#include "core/dims.h"
#include "core/dtype.h"
#include "core/error.h"
#include "core/freelist.h"
#include "core/storage.h"

namespace ember {

struct GradientState;
struct TensorBody;

// Set by bind/: what becomes of the Python object when the last C++ holder of a tensor has gone.
extern void (*drop_python)(TensorBody*);

struct TensorBody final : Counted, Recycled<TensorBody> {
  DType dtype = DType::Float32;
  Device device;
  bool contiguous = true;       // dense in row-major order
  bool requires_grad = false;   // of a leaf: asked for by the user; of others: their node is set
  bool wrapped_number = false;  // stands for a Python number: weak in type promotion
  bool inference = false;       // made under inference_mode
  bool as_stored = false;       // strides tell how the elements lie, whatever the storage hides
  bool owns_python = false;     // keeps its Python object alive while only C++ holds the tensor
  int64_t offset = 0;           // in elements
  int64_t numel = 1;
  Ref<Storage> storage;
  Dims sizes;
  Dims strides;                 // in elements
  Ref<TensorBody> base;         // of a view: the tensor that it looks into (never itself a view)
  std::unique_ptr<GradientState> gradient;
  void* python = nullptr;       // the one Python object of this tensor, not counted

  TensorBody();
  ~TensorBody() override;
};

inline void retain(TensorBody* body) { ++body->references; }
inline void release(TensorBody* body) {
  if (--body->references == 0) delete body;
  else if (body->references == 1 && body->owns_python) drop_python(body);
}

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(TensorBody* body) : body_(body) {}
  explicit Tensor(Ref<TensorBody> body) : body_(std::move(body)) {}

  explicit operator bool() const { return bool(body_); }
  TensorBody* body() const { return body_.get(); }
  bool same(const Tensor& other) const { return body_ == other.body_; }

  DType dtype() const { return body_->dtype; }
  Device device() const { return body_->device; }
  bool is_meta() const { return body_->device.type == DeviceType::Meta; }
  const Dims& sizes() const { return body_->sizes; }
  const Dims& strides() const { return body_->strides; }
  int64_t size(int dim) const { return body_->sizes[dim < 0 ? dim + this->dim() : dim]; }
  int64_t stride(int dim) const { return body_->strides[dim < 0 ? dim + this->dim() : dim]; }
  int dim() const { return body_->sizes.size(); }
  int64_t numel() const { return body_->numel; }
  int64_t offset() const { return body_->offset; }
  bool is_contiguous() const { return body_->contiguous; }
  const Ref<Storage>& storage() const { return body_->storage; }
  uint32_t version() const { return body_->storage->version; }

  // The first element, where the strides say that it is.
  void* raw() const {
    Storage& memory = *body_->storage;
    if (memory.channels && !body_->as_stored) lay_out_as_shown(memory);
    return static_cast<char*>(memory.data) + size_t(body_->offset) * bytes_of(body_->dtype);
  }
  template <class T>
  T* data() const {
    return static_cast<T*>(raw());
  }

  // The value of a one-element CPU tensor.
  double as_double() const;
  int64_t as_int() const;

 private:
  Ref<TensorBody> body_;
};

// What users hung on a tensor's gradient (graph/autograd.h); it outlives the tensor in the graph.
struct OwnedHooks : Counted {
  virtual void owner_died() = 0;
};

// What autograd keeps beside a tensor; made when first needed.
struct GradientState {
  Ref<Counted> node;               // the graph node (graph/autograd.h) that made this tensor
  uint32_t output = 0;             // which of the node's outputs it is
  uint32_t node_version = 0;       // of a view: its storage's version when the node was set
  Tensor grad;
  Counted* accumulator = nullptr;  // of a leaf: the node that adds into grad; not counted, it clears itself
  Ref<OwnedHooks> hooks;
  bool retains_grad = false;
  ~GradientState() {
    if (hooks) hooks->owner_died();
  }
};
GradientState& gradient_of(const Tensor& tensor);

// Row-major strides of a shape.
Dims contiguous_strides(const Dims& sizes);
bool is_contiguous(const Dims& sizes, const Dims& strides);
// The product of sizes; an error, not a wrapped number, where it passes 2**63.
int64_t count_elements(const Dims& sizes);
// Dense in memory in some order of dimensions, each element once.
bool is_dense(const Tensor& tensor);

Tensor empty(const Dims& sizes, DType dtype, Device device = {});
Tensor empty_strided(const Dims& sizes, const Dims& strides, DType dtype, Device device = {});
// A tensor on given memory. The caller has checked the bounds.
Tensor on_storage(const Ref<Storage>& storage, DType dtype, int64_t offset, Dims sizes, Dims strides);
// Another look at a tensor's memory, known as a view of it.
Tensor view_of(const Tensor& tensor, Dims sizes, Dims strides, int64_t offset);
// The same memory, no view, outside the graph.
Tensor detached(const Tensor& tensor);
Tensor scalar(double value, DType dtype, Device device = {});
Tensor scalar(int64_t value, DType dtype, Device device = {});

// Gives `tensor` new sizes in row-major order, its storage grown where needed.
void resize(const Tensor& tensor, const Dims& sizes);

// dim in [-dims, dims) as [0, dims); IndexError in the form of `name(): ...` otherwise. A 0-d tensor counts as 1-d.
int wrap_dim(int64_t dim, int dims, const char* name);
Dims wrap_dims(const Dims& dims, int count, const char* name);

// The shape in which two or more shapes meet; `name` is the operation for the error.
Dims broadcast(const Dims& a, const Dims& b, const char* name);
Tensor expand(const Tensor& tensor, const Dims& sizes);

}  // namespace ember
