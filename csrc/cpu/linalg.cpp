// Matrix products of tensors: from sizes and strides to gemm().
#include "ops/linalg.h"

#include <algorithm>
#include <vector>

#include "cpu/gemm.h"
#include "cpu/parallel.h"
#include "cpu/softmax_kernels.h"

namespace ember {

namespace {

struct Matrices {  // the last two dims of a tensor; the dims before them, broadcast to the batch
  const Tensor& tensor;
  int64_t rows, cols, row_stride, col_stride;
  Dims batch_strides;

  Matrices(const Tensor& tensor, const Dims& batch, bool vector_is_row = true) : tensor(tensor), batch_strides(batch.size()) {
    const int dims = tensor.dim();
    if (dims == 1) {
      rows = vector_is_row ? 1 : tensor.size(0);
      cols = vector_is_row ? tensor.size(0) : 1;
      row_stride = vector_is_row ? rows : tensor.stride(0);
      col_stride = vector_is_row ? tensor.stride(0) : 1;
      return;
    }
    rows = tensor.size(-2), cols = tensor.size(-1);
    row_stride = tensor.stride(-2), col_stride = tensor.stride(-1);
    const int lead = batch.size() - (dims - 2);
    for (int i = 0; i < dims - 2; ++i) batch_strides[lead + i] = tensor.size(i) == 1 ? 0 : tensor.stride(i);
  }
  void transpose() {
    std::swap(rows, cols);
    std::swap(row_stride, col_stride);
  }
  MatrixView view() const { return {tensor.raw(), row_stride, col_stride, batch_strides.begin()}; }
};

struct Factors {
  double alpha = 1, beta = 0;
  const Tensor* bias = nullptr;
};

// out (contiguous, of shape (*batch, rows, cols)) = alpha a b + beta out + bias.
void multiply(const Matrices& a, const Matrices& b, const Dims& batch, const Tensor& out, const Factors& factors = {}) {
  const int64_t size = a.rows * b.cols;
  Dims out_strides = contiguous_strides(batch);
  for (int64_t& stride : out_strides) stride *= size;
  Product product;
  product.dtype = product.output_dtype = out.dtype();
  product.m = a.rows, product.n = b.cols, product.k = a.cols;
  product.batch_dims = batch.size();
  product.batch_sizes = batch.begin();
  product.a = a.view();
  product.b = b.view();
  product.c = {out.raw(), b.cols, 1, out_strides.begin()};
  product.alpha = factors.alpha, product.beta = factors.beta;
  if (factors.bias) product.bias = factors.bias->raw();
  Unlocked unlocked(double(out.numel()) * double(a.cols) > double(1 << 20));
  gemm(product);
}

// out = alpha mat1 mat2 + beta input, in place or not.
void multiply_and_add(Call& call, const Dims& batch) {
  const Tensor input = call.tensor(0), left = call.tensor(1), right = call.tensor(2), out = call.out();
  const double beta = call.arg(3).real(), alpha = call.arg(4).real();
  const bool is_bias = beta == 1 && alpha == 1 && input.dim() == 1 && input.size(0) == right.size(-1);
  if (is_bias) {
    const Tensor bias = contiguous(input);
    return multiply(Matrices(left, batch), Matrices(right, batch), batch, out, {.bias = &bias});
  }
  if (beta != 0 && !out.same(input)) copy_into(out, input);
  multiply(Matrices(left, batch), Matrices(right, batch), batch, out, {alpha, beta});
}

// ---- both sides vectors

constexpr int64_t kVectorChunk = 1 << 15;  // elements of a dot product that one thread adds up

// The sum of x[i] y[i]: chunks are merged in their order.
double dot_product(const char* x, const char* y, int64_t n, DType dtype) {
  const int64_t chunks = std::max<int64_t>(1, (n + kVectorChunk - 1) / kVectorChunk), width = int64_t(bytes_of(dtype));
  std::vector<double> parts(static_cast<size_t>(chunks));
  parallel_for(chunks, 2, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * kVectorChunk;
      const SoftmaxSlab slab{1, std::min(kVectorChunk, n - first), 0, true, false, dtype};
      weighted_sum(slab, x + first * width, y + first * width, &parts[size_t(i)]);
    }
  });
  double total = 0;
  for (double part : parts) total += part;
  return total;
}

void multiply_vectors(const Tensor& input, const Tensor& other, const Tensor& out) {
  const Tensor x = contiguous(input), y = contiguous(other);
  const double sum = dot_product(static_cast<char*>(x.raw()), static_cast<char*>(y.raw()), x.numel(), out.dtype());
  if (out.dtype() == DType::Float64) *out.data<double>() = sum;
  else *out.data<float>() = float(sum);
}

Dims leading(const Dims& sizes, int count) {
  Dims batch = sizes;
  batch.resize(count);
  return batch;
}

}  // namespace

void linear::cpu(Call& call) {
  const Tensor input = call.tensor(0), weight = call.tensor(1), out = call.out();
  const Dims batch = leading(input.sizes(), std::max(input.dim() - 2, 0));
  Matrices right(weight, {}, true);
  right.transpose();
  const Matrices left(input, batch);
  Matrices shared = right;
  shared.batch_strides = Dims(batch.size());
  if (!call.arg(2).is_tensor()) return multiply(left, shared, batch, out);
  const Tensor bias = contiguous(expand(call.tensor(2), {right.cols}));
  multiply(left, shared, batch, out, {.bias = &bias});
}

void matmul::cpu(Call& call) {
  const Tensor input = call.tensor(0), other = call.tensor(1);
  const bool has_dot = call.out().dtype() == DType::Float32 || call.out().dtype() == DType::Float64;
  if (input.dim() == 1 && other.dim() == 1 && has_dot) return multiply_vectors(input, other, call.out());
  const int matrix_dims = (input.dim() > 1) + (other.dim() > 1);
  const Dims batch = leading(call.out().sizes(), call.out().dim() - matrix_dims);
  multiply(Matrices(input, batch), Matrices(other, batch, false), batch, call.out());
}

void mm::cpu(Call& call) {
  const Tensor input = call.tensor(0), other = call.tensor(1);
  multiply(Matrices(input, {}), Matrices(other, {}), {}, call.out());
}

void bmm::cpu(Call& call) {
  const Tensor input = call.tensor(0), other = call.tensor(1);
  const Dims batch = {input.size(0)};
  multiply(Matrices(input, batch), Matrices(other, batch), batch, call.out());
}

void contract_rows::cpu(Call& call) {
  const auto as_rows = [](const Tensor& tensor) {
    if (tensor.dim() == 2) return tensor;
    const Tensor dense = contiguous(tensor);
    return on_storage(dense.storage(), dense.dtype(), dense.offset(),
                      {dense.numel() / std::max<int64_t>(dense.size(-1), 1), dense.size(-1)}, {dense.size(-1), 1});
  };
  const Tensor left = as_rows(call.tensor(0)), right = as_rows(call.tensor(1));
  Matrices turned(left, {});
  turned.transpose();
  multiply(turned, Matrices(right, {}), {}, call.out());
}

void addmm::cpu(Call& call) { multiply_and_add(call, {}); }

void baddbmm::cpu(Call& call) { multiply_and_add(call, {call.sizes(1)[0]}); }

}  // namespace ember
