// One step of a recurrent layer behind its linear maps, forward and backward, a sequence a row.
#include "cpu/recurrent_kernels.h"
#include "scalar/math.h"

namespace ember::EMBER_ISA {
namespace {

// ---- forward: `kept` holds the input part of the gates and takes what backward needs

template <class T>
void step_lstm(int64_t n, const T* product, const T* bias, T* kept, T* c, T* h) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const T in = ember::sigmoid(kept[u] + (product[u] + bias[u]));
    const T forget = ember::sigmoid(kept[n + u] + (product[n + u] + bias[n + u]));
    const T candidate = ember::tanh(kept[2 * n + u] + (product[2 * n + u] + bias[2 * n + u]));
    const T out = ember::sigmoid(kept[3 * n + u] + (product[3 * n + u] + bias[3 * n + u]));
    const T cell = forget * c[u] + in * candidate;
    kept[u] = in;
    kept[n + u] = forget;
    kept[2 * n + u] = candidate;
    kept[3 * n + u] = out;
    kept[4 * n + u] = cell;
    c[u] = cell;
    h[u] = out * ember::tanh(cell);
  }
}

template <class T>
void step_gru(int64_t n, const T* product, const T* bias, T* kept, T* h) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const T reset = ember::sigmoid(kept[u] + (product[u] + bias[u]));
    const T update = ember::sigmoid(kept[n + u] + (product[n + u] + bias[n + u]));
    const T hidden = product[2 * n + u] + bias[2 * n + u];
    const T candidate = ember::tanh(kept[2 * n + u] + reset * hidden);
    kept[u] = reset;
    kept[n + u] = update;
    kept[2 * n + u] = candidate;
    kept[3 * n + u] = hidden;
    h[u] = candidate + update * (h[u] - candidate);
  }
}

template <bool Relu, class T>
void step_rnn(int64_t n, const T* product, const T* bias, T* kept, T* h) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const T x = kept[u] + (product[u] + bias[u]);
    kept[u] = h[u] = Relu ? (x < T(0) ? T(0) : x) : ember::tanh(x);
  }
}

template <class T> void step(const RecurrentStep& task) {
  const T *product = static_cast<const T*>(task.product), *bias = static_cast<const T*>(task.bias);
  T *kept = static_cast<T*>(task.kept), *h = static_cast<T*>(task.h), *c = static_cast<T*>(task.c);
  T* output = static_cast<T*>(task.output);
  const int64_t n = task.hidden;
  for (int64_t r = 0; r < task.rows; ++r) {
    switch (task.mode) {
      case RecurrentMode::Lstm: step_lstm(n, product, bias, kept, c + r * n, h); break;
      case RecurrentMode::Gru: step_gru(n, product, bias, kept, h); break;
      case RecurrentMode::Relu: step_rnn<true>(n, product, bias, kept, h); break;
      case RecurrentMode::Tanh: step_rnn<false>(n, product, bias, kept, h); break;
    }
    if (output) __builtin_memcpy(output + r * task.output_row, h, size_t(n) * sizeof(T));
    product += task.product_row;
    kept += task.kept_row;
    h += task.h_row;
  }
}

// ---- backward

template <class T>
void back_lstm(int64_t n, const T* kept, const T* before, const T* dh, T* dc, T* gates, T* unprojected) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const T in = kept[u], forget = kept[n + u], candidate = kept[2 * n + u], out = kept[3 * n + u];
    const T squashed = ember::tanh(kept[4 * n + u]);
    const T through = dc[u] + dh[u] * out * (T(1) - squashed * squashed);
    gates[u] = through * candidate * in * (T(1) - in);
    gates[n + u] = through * before[u] * forget * (T(1) - forget);
    gates[2 * n + u] = through * in * (T(1) - candidate * candidate);
    gates[3 * n + u] = dh[u] * squashed * out * (T(1) - out);
    dc[u] = through * forget;
  }
  if (!unprojected) return;
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) unprojected[u] = kept[3 * n + u] * ember::tanh(kept[4 * n + u]);
}

template <class T>
void back_gru(int64_t n, const T* kept, const T* before, T* dh, T* gates) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) {
    const T reset = kept[u], update = kept[n + u], candidate = kept[2 * n + u], hidden = kept[3 * n + u], g = dh[u];
    const T slope = g * (T(1) - update) * (T(1) - candidate * candidate);
    gates[u] = slope;
    gates[n + u] = slope * hidden * reset * (T(1) - reset);
    gates[2 * n + u] = g * (before[u] - candidate) * update * (T(1) - update);
    gates[3 * n + u] = slope * reset;
    dh[u] = g * update;
  }
}

template <bool Relu, class T>
void back_rnn(int64_t n, const T* output, const T* dh, T* gates) {
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) gates[u] = Relu ? (output[u] <= T(0) ? T(0) : dh[u]) : dh[u] * (T(1) - output[u] * output[u]);
}

template <class T> void add(int64_t n, const T* x, const T* y, T* sum) {
  if (!y) {
    __builtin_memcpy(sum, x, size_t(n) * sizeof(T));
    return;
  }
#pragma GCC ivdep
  for (int64_t u = 0; u < n; ++u) sum[u] = x[u] + y[u];
}

template <class T> void add(const RowSum& task) {
  const T *x = static_cast<const T*>(task.x), *y = static_cast<const T*>(task.y);
  T* sum = static_cast<T*>(task.sum);
  for (int64_t r = 0; r < task.rows; ++r)
    add(task.columns, x + r * task.x_row, y ? y + r * task.y_row : y, sum + r * task.sum_row);
}

template <class T> void step_back(const RecurrentStepGradient& task) {
  const T *kept = static_cast<const T*>(task.kept), *before = static_cast<const T*>(task.before);
  T *dh = static_cast<T*>(task.dh), *dc = static_cast<T*>(task.dc), *gates = static_cast<T*>(task.gates);
  T* unprojected = static_cast<T*>(task.unprojected);
  const int64_t n = task.hidden, columns = gate_gradients_of(task.mode) * n;
  for (int64_t r = 0; r < task.rows; ++r) {
    switch (task.mode) {
      case RecurrentMode::Lstm:
        back_lstm(n, kept, before, dh, dc + r * n, gates, unprojected ? unprojected + r * n : nullptr);
        break;
      case RecurrentMode::Gru: back_gru(n, kept, before, dh, gates); break;
      case RecurrentMode::Relu: back_rnn<true>(n, kept, dh, gates); break;
      case RecurrentMode::Tanh: back_rnn<false>(n, kept, dh, gates); break;
    }
    add<T>(columns, gates, static_cast<T*>(task.sums), static_cast<T*>(task.sums));
    kept += task.kept_row;
    if (before) before += task.before_row;
    dh += task.dh_row;
    gates += task.gates_row;
  }
}

}  // namespace

void recurrent_step(const RecurrentStep& task) {
  return task.compute == DType::Float64 ? step<double>(task) : step<float>(task);
}

void recurrent_step_gradient(const RecurrentStepGradient& task) {
  return task.compute == DType::Float64 ? step_back<double>(task) : step_back<float>(task);
}

void add_rows(const RowSum& task) { return task.compute == DType::Float64 ? add<double>(task) : add<float>(task); }

}  // namespace ember::EMBER_ISA
