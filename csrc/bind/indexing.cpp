// tensor[...]: Python's index becomes views (integers, slices, None, ...) and at most one index() or index_put().
#include <algorithm>
#include <cstring>

#include "bind/python.h"
#include "op/batched.h"

namespace ember {

namespace {

// ---- single steps ----

bool is_recorded(const Tensor& tensor) { return modes.inference || (modes.gradient && requires_grad(tensor)); }

// `own_dim` is the dim's number in the tensor that the user indexes.
Tensor select_at(const Tensor& tensor, int dim, int64_t index, int own_dim) {
  const int64_t size = tensor.size(dim);
  if (index < -size || index >= size)
    fail(ErrorKind::Index, "index ", index, " is out of bounds for dimension ", own_dim, " with size ", size);
  if (index < 0) index += size;
  if (is_recorded(tensor)) {
    static Operation& select = named("select");
    return run(select, {tensor, dim, index});
  }
  const int count = tensor.dim() - 1;
  Dims sizes(tensor.sizes().begin(), count), strides(tensor.strides().begin(), count);
  for (int d = dim; d < count; ++d) {
    sizes[d] = tensor.size(d + 1);
    strides[d] = tensor.stride(d + 1);
  }
  return view_of(tensor, std::move(sizes), std::move(strides), tensor.offset() + index * tensor.stride(dim));
}

int64_t bound_of(PyObject* object) {
  Object index;
  if (is_tensor(object)) {
    const Tensor tensor = unwrap(object);
    if (tensor.numel() != 1 || is_differentiable(tensor.dtype()))
      fail(ErrorKind::Type, "slice indices must be integers or None or have an __index__ method");
    return tensor.as_int();
  }
  if (PyLong_CheckExact(object)) index = Object::borrow(object);
  else if (!PyIndex_Check(object)) fail(ErrorKind::Type, "slice indices must be integers or None or have an __index__ method");
  else index = Object::take(PyNumber_Index(object));
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(index.get(), &overflow);
  return overflow ? (overflow > 0 ? INT64_MAX : INT64_MIN) : value;
}

Tensor slice_at(const Tensor& tensor, int dim, PyObject* object) {
  const PySliceObject& bounds = *reinterpret_cast<PySliceObject*>(object);
  const int64_t size = tensor.size(dim);
  const int64_t step = bounds.step == Py_None ? 1 : bound_of(bounds.step);
  if (step == 0) fail(ErrorKind::Value, "slice step cannot be zero");
  if (step < 0) fail(ErrorKind::Value, "step must be greater than zero");
  auto within = [size](int64_t bound) { return bound < 0 ? std::max<int64_t>(bound + size, 0) : std::min(bound, size); };
  const int64_t start = bounds.start == Py_None ? 0 : within(bound_of(bounds.start));
  const int64_t end = std::max(start, bounds.stop == Py_None ? size : within(bound_of(bounds.stop)));
  if (start == 0 && end == size && step == 1) return tensor;
  if (is_recorded(tensor)) {
    static Operation& slice = named("slice");
    return run(slice, {tensor, dim, start, end, step});
  }
  Dims sizes = tensor.sizes(), strides = tensor.strides();
  sizes[dim] = (end - start) / step + ((end - start) % step != 0);
  (void)__builtin_mul_overflow(strides[dim], step, &strides[dim]);  // only where nothing is a step away
  return view_of(tensor, std::move(sizes), std::move(strides), tensor.offset() + start * tensor.stride(dim));
}

Tensor with_new_dim(const Tensor& tensor, int dim) {
  static Operation& unsqueeze = named("unsqueeze");
  return run(unsqueeze, {tensor, dim});
}

Tensor alias_of(const Tensor& tensor) {
  static Operation& alias = named("alias");
  return run(alias, {tensor});
}

// ---- reading the index ----

struct Parsed {
  Tensor view;                  // after integers, slices, None and ...
  std::vector<Tensor> indices;  // by dim of the view; undefined where a dim is taken whole; a mask stands for all its dims
  int masks = 0;
};

Tensor from_data(PyObject* data) {
  static PyObject* convert = nullptr;
  if (!convert) {
    Object module = Object::take(PyImport_ImportModule("ember._C"));
    convert = Object::take(PyObject_GetAttrString(module.get(), "_tensor_from_data")).give();
  }
  Object made = Object::take(PyObject_CallFunctionObjArgs(convert, data, Py_None, nullptr));
  const Tensor tensor = unwrap(made.get());
  return is_differentiable(tensor.dtype()) ? to_dtype(tensor, DType::Int64) : tensor;
}

[[noreturn]] void not_an_index(PyObject* object) {
  fail(ErrorKind::Index,
       "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got ",
       type_name(object), ")");
}

bool is_mask(const Tensor& tensor) { return tensor.dtype() == DType::Bool || tensor.dtype() == DType::UInt8; }

// How many dims of the tensor an item uses up.
int dims_used(PyObject* item) {
  if (item == Py_None || item == Py_Ellipsis || PyBool_Check(item)) return 0;
  if (is_tensor(item) && is_mask(unwrap(item))) return unwrap(item).dim();
  return 1;
}

class Parser {
 public:
  explicit Parser(const Tensor& tensor) { parsed_.view = tensor; }

  void read(PyObject* const* items, Py_ssize_t count) {
    std::vector<Object> made;  // lists and arrays as tensors
    std::vector<PyObject*> all(static_cast<size_t>(count));
    std::copy_n(items, count, all.begin());
    int used = 0;
    for (PyObject*& item : all) {
      if (!is_plain(item)) {
        made.push_back(Object::take(wrap(from_data(item))));
        item = made.back().get();
      }
      used += dims_used(item);
    }
    const int dims = parsed_.view.dim();
    if (used > dims) fail(ErrorKind::Index, "too many indices for tensor of dimension ", dims);
    bool expanded = false;
    for (PyObject* item : all) {
      if (item == Py_Ellipsis) {
        dim_ += expanded ? 0 : dims - used;
        own_dim_ += expanded ? 0 : dims - used;
        expanded = true;
      } else {
        take(item);
        own_dim_ += dims_used(item);
      }
    }
  }

  Parsed& result() { return parsed_; }

 private:
  static bool is_plain(PyObject* item) {
    return PyLong_Check(item) || PySlice_Check(item) || item == Py_None || item == Py_Ellipsis || is_tensor(item) ||
           (!PySequence_Check(item) && !PyObject_CheckBuffer(item)) || (PyIndex_Check(item) && !PyObject_CheckBuffer(item)) ||
           is_number(item);
  }

  void take(PyObject* item) {
    if (PyBool_Check(item)) {
      take_boolean(item == Py_True);
    } else if (PyLong_Check(item)) {
      parsed_.view = select_at(parsed_.view, dim_, bound_of(item), own_dim_);
    } else if (PySlice_Check(item)) {
      parsed_.view = slice_at(parsed_.view, dim_++, item);
    } else if (item == Py_None) {
      parsed_.view = with_new_dim(parsed_.view, dim_++);
    } else if (is_tensor(item)) {
      take_tensor(unwrap(item));
    } else {
      take_number(item);
    }
  }

  // A NumPy scalar, or whatever answers __index__.
  void take_number(PyObject* item) {
    if (is_number(item) && number_of(item).kind == ValueKind::Bool) return take_boolean(number_of(item).boolean());
    if (!PyIndex_Check(item)) not_an_index(item);
    parsed_.view = select_at(parsed_.view, dim_, bound_of(item), own_dim_);
  }

  void take_boolean(bool keep) {
    parsed_.view = with_new_dim(parsed_.view, dim_);
    add(keep ? scalar(int64_t(0), DType::Int64) : Tensor(), keep ? Tensor() : empty({0}, DType::Int64));
  }

  // On meta, a number that nobody knows: any place of the dim has the same shape, but a mask may keep it or not.
  void take_meta_number(const Tensor& tensor) {
    if (is_mask(tensor))
      fail(ErrorKind::NotImplemented, "index(): the shape of the result depends on the mask, and a meta tensor has no data.");
    if (!parsed_.view.is_meta())
      fail(ErrorKind::Runtime, "index(): the index is on meta, the tensor on ", to_string(parsed_.view.device()),
           "; all must be on one device.");
    parsed_.view = select_at(parsed_.view, dim_, 0, own_dim_);
  }

  void take_tensor(const Tensor& tensor) {
    if (tensor.dim() == 0 && tensor.is_meta() && (is_mask(tensor) || is_integral(tensor.dtype())))
      return take_meta_number(tensor);
    if (tensor.dim() == 0 && !(differs_by_sample(tensor) && is_integral(tensor.dtype()) && !is_mask(tensor))) {
      if (is_mask(tensor)) return take_boolean(tensor.as_int() != 0);
      if (is_integral(tensor.dtype())) {
        parsed_.view = select_at(parsed_.view, dim_, tensor.as_int(), own_dim_);
        return;
      }
    }
    if (!is_mask(tensor) && tensor.dtype() != DType::Int64 && tensor.dtype() != DType::Int32)
      fail(ErrorKind::Index, "tensors used as indices must be long, int, byte or bool tensors; this one is ",
           name_of(tensor.dtype()));
    parsed_.masks += is_mask(tensor);
    add(tensor, Tensor());
    if (is_mask(tensor)) dim_ += tensor.dim() - 1;
  }

  // `tensor`, or for True one index 0 and for False none, at the dim reached.
  void add(const Tensor& tensor, const Tensor& none) {
    while (reached_ < dim_) {
      parsed_.indices.emplace_back();
      ++reached_;
    }
    Tensor index = tensor ? tensor : none;
    if (index.dim() == 0 && !differs_by_sample(index)) {
      const Tensor one = empty({1}, DType::Int64);
      *one.data<int64_t>() = index.as_int();
      index = one;
    }
    parsed_.indices.push_back(index);
    reached_ += is_mask(index) ? index.dim() : 1;
    ++dim_;
  }

  Parsed parsed_;
  int dim_ = 0;      // of the view
  int own_dim_ = 0;  // of the tensor
  int reached_ = 0;  // dims that the entries of `indices` stand for
};

// A list that holds slices, sequences, tensors, None or ... is read as a tuple; one of numbers as a tensor.
bool counts_as_tuple(PyObject* index) {
  if (PyTuple_Check(index)) return true;
  if (!PyList_Check(index) || PyList_GET_SIZE(index) >= 32) return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(index); ++i) {
    PyObject* item = PyList_GET_ITEM(index, i);
    if (is_tensor(item) || PySlice_Check(item) || item == Py_None || item == Py_Ellipsis || PyList_Check(item) ||
        PyTuple_Check(item))
      return true;
  }
  return false;
}

Parsed parse(const Tensor& tensor, PyObject* index) {
  Parser parser(tensor);
  if (counts_as_tuple(index)) parser.read(PySequence_Fast_ITEMS(index), PySequence_Fast_GET_SIZE(index));
  else parser.read(&index, 1);
  return std::move(parser.result());
}

// tensor[mask] with a mask of the tensor's shape needs no indices.
bool is_one_whole_mask(const Parsed& parsed) {
  return parsed.masks == 1 && parsed.indices.size() == 1 && parsed.indices[0] && parsed.indices[0].dtype() == DType::Bool &&
         parsed.indices[0].sizes() == parsed.view.sizes();
}

[[noreturn]] void index_of_scalar() {
  fail(ErrorKind::Index,
       "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number");
}

// ---- writing ----

Tensor value_for(const Tensor& target, PyObject* value) {
  if (is_tensor(value)) return unwrap(value);
  if (is_number(value)) return wrapped_number(value);
  fail(ErrorKind::Type, "can't assign a ", type_name(value), " to a torch.", kDTypeFacts[int(target.dtype())].legacy, "Tensor");
}

// Leading dims of size 1 do not count in an assignment.
Tensor without_leading_ones(const Tensor& value, int dims) {
  int drop = 0;
  while (value.dim() - drop > dims && value.size(drop) == 1) ++drop;
  if (!drop) return value;
  static Operation& reshape = named("reshape");
  return run(reshape, {value, Dims(value.sizes().begin() + drop, value.dim() - drop)});
}

void write_view(const Tensor& target, const Tensor& value) {
  if (value.dim() == 0) {
    static Operation& fill_value = named("fill");
    return run_into(fill_value, target, {target, value});
  }
  const Tensor source = without_leading_ones(value, target.dim());
  const int lead = target.dim() - source.dim();
  for (int d = 0; d < source.dim(); ++d)
    if (lead + d < 0 || (source.size(d) != 1 && source.size(d) != target.size(lead + d)))
      fail(ErrorKind::Runtime,
           lead + d < 0 ? text("expand(): the number of sizes provided (", target.dim(),
                               ") must be greater or equal to the number of dimensions in the tensor (", source.dim(), ").")
                        : text("The expanded size of the tensor (", target.size(lead + d), ") must match the existing size (",
                               source.size(d), ") at non-singleton dimension ", lead + d, "."),
           " Target sizes: ", to_string(target.sizes()), ". Tensor sizes: ", to_string(source.sizes()));
  static Operation& copy = named("copy");
  run_into(copy, target, {target, source});
}

// One mask and one number: no indices are needed.
bool write_masked(const Parsed& parsed, const Tensor& value) {
  if (value.numel() != 1 || value.dim() != 0 || parsed.masks != 1) return false;
  if (std::count_if(parsed.indices.begin(), parsed.indices.end(), [](const Tensor& each) { return bool(each); }) != 1)
    return false;
  const Tensor& mask = parsed.indices.back();
  const Tensor& view = parsed.view;
  const int before = int(parsed.indices.size()) - 1;
  for (int d = 0; d < mask.dim(); ++d)
    if (mask.size(d) != view.size(before + d))
      fail(ErrorKind::Index, "The shape of the mask ", to_string(mask.sizes()), " at index ", before,
           " does not match the shape of the indexed tensor ", to_string(view.sizes()), " at index ", before + d);
  Dims sizes = mask.sizes(), strides = mask.strides();
  for (int d = before + mask.dim(); d < view.dim(); ++d) {
    sizes.push_back(1);
    strides.push_back(0);
  }
  const Tensor wide = on_storage(mask.storage(), DType::Bool, mask.offset(), sizes, strides);
  static Operation& masked_fill = named("masked_fill");
  if (view.is_meta()) return true;
  run_into(masked_fill, view, {view, wide, value});
  return true;
}

void write_indexed(const Parsed& parsed, const Tensor& given) {
  if (write_masked(parsed, given)) return;
  static Operation& index_put = named("index_put");
  Tensor value = to_dtype(given, parsed.view.dtype());
  value = without_leading_ones(value, 0);
  run_into(index_put, parsed.view, {parsed.view, parsed.indices, value});
}

}  // namespace

PyObject* subscript(PyObject* self, PyObject* index) {
  return guarded([&]() -> PyObject* {
    const Tensor tensor = unwrap(self);
    if (PyLong_CheckExact(index)) {
      if (tensor.dim() == 0) index_of_scalar();
      return wrap(select_at(tensor, 0, bound_of(index), 0));
    }
    if (PySlice_Check(index) && tensor.dim() > 0) {
      const Tensor part = slice_at(tensor, 0, index);
      return wrap(part.same(tensor) ? alias_of(tensor) : part);
    }
    const Parsed parsed = parse(tensor, index);
    if (is_one_whole_mask(parsed)) {
      static Operation& select = named("masked_select");
      return wrap(run(select, {parsed.view, parsed.indices[0]}));
    }
    if (!parsed.indices.empty()) {
      static Operation& read = named("index");
      return wrap(run(read, {parsed.view, parsed.indices}));
    }
    return wrap(parsed.view.same(tensor) ? alias_of(tensor) : parsed.view);
  });
}

int assign_subscript(PyObject* self, PyObject* index, PyObject* value) {
  return guarded_int([&] {
    if (!value) fail(ErrorKind::Type, "Tensor does not support deleting items");
    const Tensor tensor = unwrap(self);
    const Tensor given = value_for(tensor, value);
    if (PyLong_CheckExact(index)) {
      if (tensor.dim() == 0) index_of_scalar();
      return write_view(select_at(tensor, 0, bound_of(index), 0), given);
    }
    const Parsed parsed = parse(tensor, index);
    if (parsed.indices.empty()) write_view(parsed.view, given);
    else write_indexed(parsed, given);
  });
}

}  // namespace ember
