#include "core/worker_thread.h"

#include "core/threads.h"

namespace ember {
namespace {

thread_local bool alone = false;

}  // namespace

void work_alone() noexcept {
  static thread_local const SerialScope serial;  // until the thread ends
  alone = true;
}

bool works_alone() noexcept { return alone; }

}  // namespace ember
