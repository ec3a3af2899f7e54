// Which of the builds of csrc/cpu/kernels runs on this processor. EMBER_MULTI_ISA is set by CMake on x86-64, where each
// kernel file is built for x86-64-v3 and x86-64-v4; elsewhere there is one build, called generic.
#pragma once

namespace ember {

bool processor_is_v4();

// Declares a kernel function that csrc/cpu/kernels defines inside `namespace ember::EMBER_ISA`, and the pointer to the
// build that fits: EMBER_KERNEL(softmax_rows, (const float* x, float* y, int64_t rows, int64_t size))
#if defined(EMBER_ISA)  // a kernel file: its own build; a pointer would be set by code that the processor may not run
#define EMBER_KERNEL(name, parameters) \
  namespace EMBER_ISA { \
  void name parameters; \
  }
#elif EMBER_MULTI_ISA
#define EMBER_KERNEL(name, parameters) \
  namespace v3 { \
  void name parameters; \
  } \
  namespace v4 { \
  void name parameters; \
  } \
  inline void(*const name) parameters = processor_is_v4() ? v4::name : v3::name;
#else
#define EMBER_KERNEL(name, parameters) \
  namespace generic { \
  void name parameters; \
  } \
  inline void(*const name) parameters = generic::name;
#endif

}  // namespace ember
