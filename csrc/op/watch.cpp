#include "op/watch.h"

#include <chrono>

#include "core/allocator.h"

namespace ember {

void (*observe)(const Call&) = nullptr;
Ref<Counted> (*note_place)() = nullptr;
std::string (*describe_place)(const Counted&) = nullptr;

namespace {

struct Profile {
  ProfileOptions options;
  std::vector<ProfileEvent> events;
  int open = -1;
};
thread_local Profile* profile = nullptr;  // of a thread that ends in a profile it stays: its notes are Python's

int64_t allocated_bytes() { return int64_t(memory_statistics().allocated); }

void note_arguments(const Call& call, ProfileEvent& event) {
  for (int i = 0; i < call.count(); ++i) {
    const Value& arg = call.arg(i);
    const bool tensor = arg.is_tensor() && !arg.body()->wrapped_number;
    event.shapes.push_back(tensor ? to_string(arg.body()->sizes) : "");
    event.dtypes.push_back(tensor ? name_of(arg.body()->dtype) : "");
    if (arg.kind != ValueKind::Tensors) continue;
    for (const Tensor& each : arg.tensors())
      event.shapes.back() += (event.shapes.back().empty() ? "" : ", ") + (each ? to_string(each.sizes()) : "()");
    event.shapes.back() = "[" + event.shapes.back() + "]";
  }
}

// ---- the search for the first nan ----

// The search does not look at its own operations, nor does the profiler.
struct Unwatched {
  const Modes before = modes;
  Unwatched() {
    modes.gradient = modes.autocast = false;
    modes.watched = 0;
  }
  ~Unwatched() { modes = before; }
};

bool has_nan(const Tensor& tensor) {
  if (!tensor || !is_differentiable(tensor.dtype()) || tensor.is_meta() || !tensor.numel()) return false;
  static Operation& sum = named("sum");
  static Operation& is_nan = named("isnan");
  static Operation& any = named("any");
  const Tensor total = run(any, {run(is_nan, {run(sum, {tensor})})});
  // inf - inf is a nan of the sum alone
  return total.as_int() && run(any, {run(is_nan, {tensor})}).as_int();
}

bool arguments_have_nan(const Call& call) {
  for (int i = 0; i < call.count(); ++i) {
    if (call.arg(i).is_tensor() && has_nan(call.tensor(i))) return true;
    if (call.arg(i).kind != ValueKind::Tensors) continue;
    for (const Tensor& each : call.arg(i).tensors())
      if (has_nan(each)) return true;
  }
  return false;
}

// Memory that nobody has written yet may hold anything.
bool makes_nothing(const Call& call) { return call.op.is_view || !call.op.tensor_slots || call.op.family == "creation"; }

std::string index_text(int64_t flat, const Dims& sizes) {
  Dims index = sizes;
  for (int d = sizes.size() - 1; d >= 0; --d) {
    index[d] = flat % sizes[d];
    flat /= sizes[d];
  }
  return to_string(index);
}

[[noreturn]] void report_nan(const Call& call, const Tensor& result) {
  static Operation& is_nan = named("isnan");
  static Operation& sum = named("sum");
  static Operation& argmax = named("argmax");
  static Operation& select = named("select");
  static Operation& reshape = named("reshape");
  const Tensor flags = to_dtype(run(is_nan, {result}), DType::UInt8);
  const int64_t count = run(sum, {flags}).as_int(), first = run(argmax, {flags}).as_int();
  std::string from;
  for (int i = 0; i < call.count() && !call.given; ++i) {
    if (!call.op.pointwise || !call.arg(i).is_tensor()) continue;
    const Tensor tensor = call.tensor(i);
    const bool broadcast_number = tensor.numel() == 1;
    if ((!broadcast_number && tensor.sizes() != result.sizes()) || is_complex_dtype(tensor.dtype())) continue;
    const Tensor value = run(select, {run(reshape, {tensor, Dims{-1}}), 0, broadcast_number ? int64_t(0) : first});
    from += text(from.empty() ? " from " : ", ", call.op.schema.parameters[size_t(i)].name, "=", value.as_double());
  }
  const Ref<Counted> place = note_place ? note_place() : nullptr;
  fail(ErrorKind::Runtime, call.name(), call.inplace ? "_" : "", "(): made nan out of inputs without nan: ", count, " of ",
       result.numel(), " values of its result of shape ", to_string(result.sizes()), ", the first at ",
       index_text(first, result.sizes()), from, place ? ", at " + describe_place(*place) : std::string(), ".");
}

void find_nan(const Call& call) {
  const Unwatched here;
  std::vector<Tensor> results = call.list;
  for (const Tensor& output : call.outputs)
    if (output) results.push_back(output);
  for (const Tensor& result : results) {
    if (!has_nan(result)) continue;
    if (!call.given && arguments_have_nan(call)) return;
    report_nan(call, result);
  }
}

thread_local bool searching = false;

// Operations that this one is made of count as it.
void search_nan(Call& call, void (*steps)(Call&)) {
  const bool known = call.given && [&] {  // in place: afterwards the arguments are no longer there
    const Unwatched here;
    return arguments_have_nan(call);
  }();
  {
    struct Inside {
      Inside() { searching = true; }
      ~Inside() { searching = false; }
    } inside;
    steps(call);
  }
  if (!known && !makes_nothing(call)) find_nan(call);
}

}  // namespace

void watch(Call& call, void (*steps)(Call&)) {
  std::optional<ProfileRange> range;
  if (modes.watched & kProfiler) {
    range.emplace(call.op.schema.name + (call.inplace ? "_" : ""), Scope::Operation);
    if (profile->options.shapes) note_arguments(call, profile->events[size_t(range->index)]);
  }
  if (modes.watched & kNanSearch && !searching) search_nan(call, steps);
  else steps(call);
  range.reset();
  if (modes.watched & kObserver) observe(call);
}

int64_t profile_clock() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void start_profile(ProfileOptions options) {
  if (profile) fail(ErrorKind::Runtime, "profile(): a profile runs on this thread already; expected one at a time.");
  profile = new Profile{.options = options, .events = {}};
  modes.watched |= kProfiler;
}

std::vector<ProfileEvent> stop_profile() {
  if (!profile) fail(ErrorKind::Runtime, "profile(): no profile runs on this thread. Use it in a `with` block.");
  while (profile->open >= 0) close_range(profile->open);
  modes.watched &= uint8_t(~kProfiler);
  std::vector<ProfileEvent> events = std::move(profile->events);
  delete std::exchange(profile, nullptr);
  return events;
}

int open_range(std::string name, Scope scope, int64_t number) {
  if (!profile) return -1;
  const int index = int(profile->events.size());
  ProfileEvent event;
  event.name = std::move(name);
  event.scope = scope;
  event.parent = profile->open;
  event.number = number;
  if (profile->options.places && note_place) event.place = note_place();
  if (profile->options.memory) event.memory = -allocated_bytes();
  profile->events.push_back(std::move(event));
  profile->open = index;
  profile->events.back().start = profile_clock();
  return index;
}

void close_range(int index) {
  if (!profile || index < 0 || size_t(index) >= profile->events.size()) return;
  ProfileEvent& event = profile->events[size_t(index)];
  if (event.end >= 0) return;
  event.end = profile_clock();
  if (profile->options.memory) event.memory += allocated_bytes();
  profile->open = event.parent;
}

}  // namespace ember
