// Norm and scaling of many tensors in one parallel region over runs of their elements. The runs do not depend on the number
// of threads, and their parts are added in order.
#include "ops/gradient_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/gradient_norm_kernels.h"
#include "cpu/parallel.h"
#include "op/call.h"

namespace ember {

namespace {

constexpr int64_t kRunLength = 1 << 14;

// Small tensors are a run each, large ones several.
std::vector<Run> runs_of(const std::vector<Tensor>& tensors) {
  std::vector<Run> runs;
  runs.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    const DType dtype = real_of(tensor.dtype());  // parts of complex numbers are numbers of their own
    const int64_t length = tensor.numel() * (is_complex_dtype(tensor.dtype()) ? 2 : 1);
    for (int64_t begin = 0; begin < length; begin += kRunLength)
      runs.push_back(
          {static_cast<char*>(tensor.raw()) + begin * int64_t(bytes_of(dtype)), std::min(kRunLength, length - begin), dtype});
  }
  return runs;
}

// Runs that are worth a thread, where an element costs `cost` additions.
int64_t grain_of_runs(const std::vector<Run>& runs, int64_t cost) {
  int64_t elements = 0;
  for (const Run& run : runs) elements += run.length;
  const int64_t longest = elements / std::max<int64_t>(1, int64_t(runs.size())) + 1;
  return std::max<int64_t>(1, grain_of(cost) / longest);
}

}  // namespace

void _total_norm::cpu(Call& call) {
  const double power = call.arg(1).real();
  const Measure measure = power == 2                       ? Measure::Squares
                          : std::isinf(power) && power > 0 ? Measure::Largest
                          : power == 1                     ? Measure::Magnitudes
                                                           : Measure::Powers;
  std::vector<Tensor> dense = call.arg(0).tensors();
  for (Tensor& tensor : dense)
    if (!is_dense(tensor)) tensor = contiguous(tensor);
  const std::vector<Run> runs = runs_of(dense);
  std::vector<double> parts(runs.size());
  {
    Unlocked unlocked(runs.size() > 16);
    parallel_for(int64_t(runs.size()), grain_of_runs(runs, measure == Measure::Powers ? 20 : 1),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) measure_run(runs[size_t(i)], measure, power, &parts[size_t(i)]);
                 });
  }
  double total = 0;
  for (double part : parts) {
    if (measure == Measure::Largest) total = part > total || part != part ? part : total;
    else total += part;
  }
  if (measure == Measure::Squares) total = std::sqrt(total);
  if (measure == Measure::Powers) total = std::pow(total, 1 / power);
  fill(call.out(), total);
}

void _scale_::cpu(Call& call) {
  const double factor = call.tensor(1).as_double();
  const std::vector<Tensor>& tensors = call.arg(0).tensors();
  std::vector<Tensor> dense;
  for (const Tensor& tensor : tensors) dense.push_back(is_dense(tensor) ? tensor : contiguous(tensor));
  for (const Tensor& tensor : tensors) ++tensor.storage()->version;
  if (factor == 1) return;
  const std::vector<Run> runs = runs_of(dense);
  {
    Unlocked unlocked(runs.size() > 16);
    parallel_for(int64_t(runs.size()), grain_of_runs(runs, 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) scale_run(runs[size_t(i)], factor);
    });
  }
  for (size_t i = 0; i < tensors.size(); ++i)
    if (!tensors[i].same(dense[i])) copy_into(tensors[i], dense[i]);
}

}  // namespace ember
