// Who looks on while a thread's operations run: the profiler, which times them, the search for the first nan, and a function
// of Python that is shown each call.
#pragma once
#include <optional>

#include "op/call.h"

namespace ember {

// Bits of Modes::watched.
inline constexpr uint8_t kProfiler = 1;
inline constexpr uint8_t kNanSearch = 2;
inline constexpr uint8_t kObserver = 4;

// Runs the steps of a call in sight of whoever watches.
void watch(Call& call, void (*steps)(Call&));

// Shows the thread's observer a call that is done; set by bind/.
extern void (*observe)(const Call&);

// Where Python is; set by bind/. A note is cheap; its description is a place as `model.py:14 in forward`.
extern Ref<Counted> (*note_place)();
extern std::string (*describe_place)(const Counted&);

// ---- the profiler ----

enum class Scope : uint8_t { Operation, Backward, User };

struct ProfileEvent {
  std::string name;
  Scope scope = Scope::Operation;
  int parent = -1;               // the event that it ran within, by index
  int64_t start = 0, end = -1;   // nanoseconds of the steady clock; end is -1 while it runs
  int64_t memory = 0;            // bytes allocated less bytes released within
  int64_t number = -1;           // of a backward event: the graph node's
  std::vector<std::string> shapes, dtypes;  // of the arguments, as Python writes them
  Ref<Counted> place;
};

struct ProfileOptions {
  bool shapes = false, memory = false, places = false;
};

// One profile at a time on each thread.
void start_profile(ProfileOptions options);
std::vector<ProfileEvent> stop_profile();
// A range of the running profile; -1 where none runs.
int open_range(std::string name, Scope scope, int64_t number = -1);
void close_range(int index);
int64_t profile_clock();

struct ProfileRange {
  int index;
  ProfileRange(std::string name, Scope scope, int64_t number = -1) : index(open_range(std::move(name), scope, number)) {}
  ~ProfileRange() { close_range(index); }
  ProfileRange(const ProfileRange&) = delete;
};

}  // namespace ember
