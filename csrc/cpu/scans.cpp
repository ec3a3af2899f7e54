#include "ops/scans.h"

#include <algorithm>

#include "cpu/parallel.h"
#include "cpu/scan_kernels.h"

namespace ember {

namespace {

void run_scan(Call& call, Scan kind) {
  const Tensor out = call.out();
  if (out.numel() == 0) return;
  const int dim = wrap_dim(call.arg(1).integer(), out.dim(), call.name());
  const DType compute = compute_of(out.dtype());
  Tensor input = call.tensor(0);
  {
    NoGradient off;
    input = contiguous(to_dtype(to_dtype(input, out.dtype()), compute));
  }
  const Tensor target = out.dtype() == compute ? out : empty(out.sizes(), compute);
  const bool with_indices = kind == Scan::Largest || kind == Scan::Smallest;
  int64_t* indices = with_indices ? call.out(1).data<int64_t>() : nullptr;
  int64_t inner = 1;
  for (int i = dim + 1; i < out.dim(); ++i) inner *= out.size(i);
  const int64_t n = out.dim() ? out.size(dim) : 1, outer = out.numel() / n / inner;
  const int64_t columns = std::min(inner, kScanColumns), blocks = (inner + columns - 1) / columns,
                width = int64_t(bytes_of(compute));
  {
    Unlocked unlocked(out.numel() > (1 << 17));
    parallel_for(outer * blocks, std::max<int64_t>(1, parallel_work / 4 / (n * columns)), [&](int64_t begin, int64_t end) {
      for (int64_t unit = begin; unit < end; ++unit) {
        const int64_t left = unit % blocks * columns, at = unit / blocks * n * inner + left;
        const ScanBlock block{kind, compute, n, inner, std::min(columns, inner - left)};
        scan_columns(block, static_cast<char*>(input.raw()) + at * width, static_cast<char*>(target.raw()) + at * width,
                     indices ? indices + at : nullptr);
      }
    });
  }
  if (!target.same(out)) copy_into(out, target);
}

}  // namespace

void cumsum::cpu(Call& call) { run_scan(call, Scan::Sum); }
void cumprod::cpu(Call& call) { run_scan(call, Scan::Product); }
void logcumsumexp::cpu(Call& call) { run_scan(call, Scan::LogSumExp); }
void cummax::cpu(Call& call) { run_scan(call, Scan::Largest); }
void cummin::cpu(Call& call) { run_scan(call, Scan::Smallest); }

}  // namespace ember
