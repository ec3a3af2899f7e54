// ctc_loss: a thread takes whole samples of the batch.
#include "ops/ctc.h"

#include <algorithm>
#include <vector>

#include "core/allocator.h"
#include "cpu/ctc_kernels.h"
#include "cpu/parallel.h"

namespace ember {

namespace {

Tensor as_int64(const Tensor& tensor) {
  const NoGradient off;
  return contiguous(to_dtype(tensor, DType::Int64));
}

// The lengths, each checked to lie in [0, most].
std::vector<int64_t> lengths_of(const Call& c, int i, int64_t most, const char* room) {
  const Tensor lengths = as_int64(c.tensor(i));
  const int64_t* first = lengths.data<int64_t>();
  for (int64_t k = 0; k < lengths.numel(); ++k)
    if (first[k] < 0 || first[k] > most)
      fail(ErrorKind::Runtime, c.name(), "(): ", c.op.schema.parameters[size_t(i)].name, " has ", first[k], " at position ", k,
           "; expected a number in [0, ", most, "]: ", room, ".");
  return {first, first + lengths.numel()};
}

// The states of all samples, one after another, each sample's from first[i] on: blank, label, blank, ..., blank.
struct States {
  std::vector<int64_t> labels, first;
  int64_t most = 0;

  States(const Call& c, int64_t classes) {
    const Tensor targets = as_int64(c.tensor(1));
    const bool joined = targets.dim() == 1;
    const std::vector<int64_t> lengths = joined ? lengths_of(c, 3, targets.numel(), "targets has no more")
                                                : lengths_of(c, 3, targets.size(1), "targets has no more");
    int64_t total = 0;
    for (const int64_t length : lengths) total += length;
    if (joined && total != targets.numel())
      fail(ErrorKind::Runtime, c.name(), "(): targets has ", targets.numel(), " labels; target_lengths add up to ", total, ".");
    const int64_t blank = c.arg(4).integer();
    labels.reserve(size_t(2 * total) + lengths.size());
    int64_t start = 0;
    for (size_t i = 0; i < lengths.size(); ++i) {
      first.push_back(int64_t(labels.size()));
      most = std::max(most, 2 * lengths[i] + 1);
      const int64_t* target = targets.data<int64_t>() + (joined ? start : int64_t(i) * targets.size(1));
      labels.push_back(blank);
      for (int64_t k = 0; k < lengths[i]; ++k) {
        if (target[k] < 0 || target[k] >= classes)
          fail(ErrorKind::Index, c.name(), "(): target ", target[k], " at position ", k, " of sample ", i, " is outside [0, ",
               classes, ").");
        labels.push_back(target[k]);
        labels.push_back(blank);
      }
      start += lengths[i];
    }
    first.push_back(int64_t(labels.size()));
  }
};

}  // namespace

void ctc_loss::cpu(Call& c) {
  const DType dtype = c.out().dtype(), compute = dtype == DType::Float64 ? dtype : DType::Float32;
  Tensor log_probs;
  {
    const NoGradient off;
    log_probs = contiguous(to_dtype(c.tensor(0), compute));
  }
  const int64_t all_steps = log_probs.size(0), samples = log_probs.size(1), classes = log_probs.size(2);
  const std::vector<int64_t> steps = lengths_of(c, 2, all_steps, "log_probs has no more steps");
  const States states(c, classes);
  const Tensor losses = empty({samples}, DType::Float64);
  const Tensor slopes = !c.gradient ? Tensor() : dtype == compute ? c.out(1) : empty(log_probs.sizes(), compute);
  // 20: a state of a step, of which two of exp and one log.
  const int64_t work = all_steps * states.most * 20,
                parts = samples * work > parallel_work ? std::min<int64_t>(samples, available_threads()) : 1;
  const int64_t room = ctc_scratch(all_steps, states.most, c.gradient), bytes = int64_t(bytes_of(compute));
  const Tensor scratch = empty({parts * room}, DType::Float64);
  {
    Unlocked unlocked(samples * work > (1 << 18));
    parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part)
        for (int64_t i = part; i < samples; i += parts) {
          char* slope = c.gradient ? static_cast<char*>(slopes.raw()) + i * classes * bytes : nullptr;
          ctc_sample({static_cast<char*>(log_probs.raw()) + i * classes * bytes, compute, steps[size_t(i)], classes,
                      samples * classes, states.labels.data() + states.first[size_t(i)],
                      states.first[size_t(i) + 1] - states.first[size_t(i)], scratch.data<double>() + part * room,
                      losses.data<double>() + i, slope, all_steps, c.arg(5).boolean()});
        }
    });
  }
  copy_into(c.out(), losses);
  if (c.gradient && !slopes.same(c.out(1))) copy_into(c.out(1), slopes);
}

void ctc_loss_backward::cpu(Call& c) {
  static Operation& unsqueeze = named("unsqueeze");
  static Operation& multiply = named("mul");
  const NoGradient off;
  run_into(multiply, c.out(), {c.tensor(2), run(unsqueeze, {c.tensor(0), 1})});
}

}  // namespace ember
