// A thread that loads data beside others: it draws from a generator of its own, and its kernels are serial.
#pragma once
#include "core/random.h"

namespace ember {

// From now on this thread draws from `generator` where none is given; null is the process's again. Returns the one before.
Ref<Generator> use_generator(const Ref<Generator>& generator);
Generator* generator_of_thread() noexcept;

// From now on this thread leaves the other cores to others: its kernels are serial.
void work_alone() noexcept;
bool works_alone() noexcept;

}  // namespace ember
