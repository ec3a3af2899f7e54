#include "cpu/dispatch.h"

namespace ember {

bool processor_is_v4() {
#if EMBER_MULTI_ISA
  static const bool v4 = (__builtin_cpu_init(), __builtin_cpu_supports("x86-64-v4"));
  return v4;
#else
  return false;
#endif
}

}  // namespace ember
