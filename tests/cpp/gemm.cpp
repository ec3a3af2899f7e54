// Matrix products against plain loops: every type, layout, batch, epilogue and empty size; and the route they take.
// sources: cpu/gemm.cpp cpu/onednn_matmul.cpp cpu/onednn.cpp cpu/dispatch.cpp cpu/kernels/matmul.cpp cpu/kernels/matvec.cpp core/allocator.cpp core/threads.cpp
#include "cpu/gemm.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "core/threads.h"
#include "scalar/types.h"

using namespace ember;

static thread_local std::mt19937 generator(1);

// Small integers: every product and sum is exact in every type but the 16-bit results.
template <class T>
T make(int value) {
  return T(value);
}
template <>
Half make(int value) {
  return to_half(float(value));
}
template <>
BFloat16 make(int value) {
  return to_bfloat16(float(value));
}

using Wide = std::complex<double>;
template <class T>
Wide wide(T x) {
  return double(x);
}
template <>
Wide wide(Half x) {
  return double(to_float(x));
}
template <>
Wide wide(BFloat16 x) {
  return double(to_float(x));
}
template <>
Wide wide(Complex<float> x) {
  return {x.re, x.im};
}
template <>
Wide wide(Complex<double> x) {
  return {x.re, x.im};
}

template <class T>
T draw() {
  const int value = int(generator() % 7) - (std::is_unsigned_v<T> ? 0 : 3);
  if constexpr (is_complex<T>) return T(typename T::Real(value), typename T::Real(int(generator() % 7) - 3));
  else return make<T>(value);
}

struct Case {
  int64_t m, n, k;
  std::vector<int64_t> batch = {}, a_batch = {}, b_batch = {};  // broadcast where the operand's size is 1
  int a_layout = 0, b_layout = 0, c_layout = 0;  // 0 rows, 1 columns, 2 every second element, 3 padded rows
  bool bias = false, relu = false;
  double alpha = 1, beta = 0;
};

struct Laid {
  int64_t row, col, size;
};

static Laid lay(int64_t rows, int64_t cols, int layout) {
  switch (layout) {
    case 1: return {1, rows, rows * cols};
    case 2: return {2 * cols + 2, 2, rows * (2 * cols + 2)};
    case 3: return {cols + 5, 1, rows * (cols + 5)};
    default: return {cols, 1, rows * cols};
  }
}

static std::vector<int64_t> steps(const std::vector<int64_t>& sizes, int64_t size) {
  std::vector<int64_t> strides(sizes.size());
  for (size_t i = sizes.size(); i-- > 0; size *= sizes[i]) strides[i] = sizes[i] == 1 ? 0 : size;
  return strides;
}

static int64_t count(const std::vector<int64_t>& sizes) {
  int64_t total = 1;
  for (int64_t size : sizes) total *= size;
  return total;
}

template <class S, class R = S>
std::string run(const Case& x) {
  const Laid a = lay(x.m, x.k, x.a_layout), b = lay(x.k, x.n, x.b_layout), c = lay(x.m, x.n, x.c_layout);
  const auto a_batch = x.a_batch.empty() ? x.batch : x.a_batch, b_batch = x.b_batch.empty() ? x.batch : x.b_batch;
  const auto a_steps = steps(a_batch, a.size), b_steps = steps(b_batch, b.size);
  auto c_steps = steps(x.batch, c.size);
  for (size_t i = 0; i < c_steps.size(); ++i) c_steps[i] = c_steps[i] ? c_steps[i] : c.size;
  std::vector<S> av(a.size * count(a_batch) + 1), bv(b.size * count(b_batch) + 1);
  std::vector<R> cv(c.size * count(x.batch) + 1), bias(x.n + 1);
  std::generate(av.begin(), av.end(), draw<S>);
  std::generate(bv.begin(), bv.end(), draw<S>);
  std::generate(cv.begin(), cv.end(), draw<R>);
  std::generate(bias.begin(), bias.end(), draw<R>);
  const std::vector<R> before = cv;

  Product p;
  p.dtype = dtype_of<S>, p.output_dtype = dtype_of<R>;
  p.m = x.m, p.n = x.n, p.k = x.k;
  p.batch_dims = int(x.batch.size()), p.batch_sizes = x.batch.data();
  p.a = {av.data(), a.row, a.col, a_steps.data()};
  p.b = {bv.data(), b.row, b.col, b_steps.data()};
  p.c = {cv.data(), c.row, c.col, c_steps.data()};
  p.bias = x.bias ? bias.data() : nullptr;
  p.relu = x.relu, p.alpha = x.alpha, p.beta = x.beta;
  const std::string route = gemm_route(p);
  gemm(p);

  std::vector<bool> written(cv.size());
  for (int64_t matrix = 0; matrix < count(x.batch); ++matrix) {
    int64_t rest = matrix, at_a = 0, at_b = 0, at_c = 0;
    for (size_t i = x.batch.size(); i-- > 0; rest /= x.batch[i]) {
      const int64_t place = rest % x.batch[i];
      at_a += place * a_steps[i], at_b += place * b_steps[i], at_c += place * c_steps[i];
    }
    const bool large = x.m * x.n * x.k > 1000000;  // then a sample
    for (int64_t i = 0; i < x.m; ++i) {
      for (int64_t j = 0; j < x.n; ++j) {
        const int64_t place = at_c + i * c.row + j * c.col;
        written[place] = true;
        if (large && (i * 31 + j * 17) % 97) continue;
        Wide sum = 0;
        for (int64_t q = 0; q < x.k; ++q)
          sum += wide(av[at_a + i * a.row + q * a.col]) * wide(bv[at_b + q * b.row + j * b.col]);
        sum *= x.alpha;
        if (x.bias) sum += wide(bias[j]);
        if (x.beta != 0) sum += x.beta * wide(before[place]);
        if (x.relu && sum.real() < 0) sum = 0;
        const Wide got = wide(cv[place]);
        bool equal = std::abs(got - sum) <= (sizeof(R) == 2 ? std::abs(sum) / 200 : 0);
        if constexpr (std::is_integral_v<R>) equal = R(int64_t(sum.real())) == cv[place];
        if (!equal)
          std::fprintf(stderr, "%s (%s) %ldx%ldx%ld layouts %d%d%d at (%ld, %ld): %g, not %g\n", name_of(p.dtype),
                       route.c_str(), x.m, x.n, x.k, x.a_layout, x.b_layout, x.c_layout, i, j, got.real(), sum.real());
        CHECK(equal);
      }
    }
  }
  for (size_t i = 0; i < cv.size(); ++i) CHECK(written[i] || std::memcmp(&cv[i], &before[i], sizeof(R)) == 0);
  return route;
}

template <class S, class R = S>
void run_all() {
  constexpr bool real = !is_complex<S>;
  const std::vector<std::array<int64_t, 3>> shapes = {{1, 1, 1},   {8, 16, 16},   {7, 5, 3},    {1, 40, 17},
                                                      {33, 1, 20}, {13, 37, 300}, {50, 70, 65}, {25, 130, 40},
                                                      {3, 4, 0},   {1, 300, 70},  {90, 1, 75},  {150, 40, 600}};
  for (const auto& [m, n, k] : shapes)
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) {
        run<S, R>({m, n, k, {}, {}, {}, a, b, (a + b) % 4});
        run<S, R>({m, n, k, {}, {}, {}, a, b, (a + b) % 2 ? 3 : 0, true, real});
        run<S, R>({m, n, k, {}, {}, {}, a, b, (a + b) % 4, (a & 1) != 0, real && (b & 1), 2, 3});
      }
  for (int layout = 0; layout < 4; ++layout) {
    run<S, R>({9, 12, 20, {3, 4}, {}, {}, layout, 0, 0});
    run<S, R>({9, 12, 20, {3, 4}, {3, 1}, {1, 4}, 0, layout, 0});
    run<S, R>({40, 24, 33, {2, 1, 3}, {2, 1, 3}, {1, 1, 1}, 0, layout, layout, true, real});
    run<S, R>({40, 24, 33, {5}, {1}, {}, layout, 1, 0, false, false, 1, 1});
  }
  run<S, R>({0, 4, 3});
  run<S, R>({4, 0, 3});
  run<S, R>({4, 5, 3, {0}});
  run<S, R>({16, 16, 16, {2, 2, 2, 2, 2, 2}, {2, 1, 2, 1, 2, 1}, {1, 2, 1, 2, 1, 2}});
}

// The large ones run in oneDNN, and never in its reference kernel.
static void routes() {
  CHECK(run<float>({300, 310, 320}) != "own");
  CHECK(run<float>({32, 128, 784, {}, {}, {}, 0, 1, 0, true, true}) != "own");
  CHECK(run<float>({128, 784, 32, {}, {}, {}, 1, 0, 0}) != "own");
  CHECK(run<float>({64, 64, 64, {16}}) != "own");
  CHECK(run<float>({64, 64, 64, {4, 4}, {4, 1}, {1, 4}, 0, 1, 0}) != "own");
  CHECK(run<float>({8, 16, 16}) == "own");
  CHECK(run<float>({300, 310, 320, {}, {}, {}, 2, 0, 0}) == "own");
  CHECK(run<double>({300, 310, 320}) == "own");
  CHECK(run<float>({1, 5000, 300, {}, {}, {}, 0, 1, 0, true, true}) == "own");
  CHECK(run<float>({1, 5000, 300, {3}, {}, {}, 0, 0, 0}) == "own");
  for (const std::string& route : {run<float>({300, 310, 320}), run<BFloat16>({64, 310, 64}), run<Half>({64, 310, 64})})
    CHECK(route.rfind("ref", 0) != 0);
}

static void special_values() {
  const float nan = NAN;
  for (int64_t size : {8, 64, 300}) {
    std::vector<float> a(size * size, 1), b(size * size, 1), c(size * size, nan);
    a[0] = nan;
    Product p;
    p.m = p.n = p.k = size;
    p.a = {a.data(), size, 1, nullptr}, p.b = {b.data(), size, 1, nullptr}, p.c = {c.data(), size, 1, nullptr};
    p.relu = true;
    gemm(p);  // beta = 0: the nan in c is not read; relu keeps the one in a
    CHECK(std::isnan(c[0]) && std::isnan(c[size - 1]) && c[size] == float(size));
  }
}

// The same bits whatever the number of threads, in our own kernel.
static void thread_counts() {
  const int64_t size = 200;
  std::vector<double> a(size * size), b(size * size), one(size * size), many(size * size);
  for (auto* matrix : {&a, &b})
    for (double& x : *matrix) x = double(generator()) / 4294967296.0 - 0.5;
  Product p;
  p.dtype = p.output_dtype = DType::Float64;
  p.m = p.n = p.k = size;
  p.a = {a.data(), size, 1, nullptr}, p.b = {b.data(), 1, size, nullptr};
  for (auto& [threads, c] : {std::pair{1, &one}, std::pair{5, &many}}) {
    set_thread_count(threads);
    p.c = {c->data(), size, 1, nullptr};
    gemm(p);
  }
  CHECK(one == many);
  set_thread_count(2);
}

// oneDNN in a child of a process that has computed on two threads.
static void forked_child() {
  set_thread_count(2);
  run<float>({300, 310, 320});
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    run<float>({300, 310, 320});
    run<double>({200, 200, 200});
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

// Several threads at once.
static void many_threads() {
  std::vector<std::thread> all;
  for (int thread = 0; thread < 3; ++thread) {
    all.emplace_back([] {
      for (int64_t i = 0; i < 40; ++i) run<float>({70 + i % 20, 80, 70});
    });
  }
  for (auto& thread : all) thread.join();
}

int main() {
  run_all<float>();
  run_all<double>();
  run_all<BFloat16>();
  run_all<BFloat16, float>();
  run_all<Half>();
  run_all<Half, float>();
  run_all<int64_t>();
  run_all<int32_t>();
  run_all<int16_t>();
  run_all<int8_t>();
  run_all<uint8_t>();
  run_all<Complex<float>>();
  run_all<Complex<double>>();
  routes();
  special_values();
  thread_counts();
  many_threads();
  forked_child();
}
