// The kinds of recurrent layer, and the sizes that follow from them. Read by kernels too: no standard containers here.
#pragma once
#include <cstdint>

namespace ember {

enum class RecurrentMode : uint8_t { Tanh, Relu, Gru, Lstm };

// Rows of the weights, in hidden sizes: one for each gate (lstm: i f g o; gru: r z n).
constexpr int64_t gates_of(RecurrentMode mode) { return mode == RecurrentMode::Lstm ? 4 : mode == RecurrentMode::Gru ? 3 : 1; }

// What a step keeps for backward, in hidden sizes (lstm: i f g o c; gru: r z n and n's hidden part; else the output alone).
constexpr int64_t kept_of(RecurrentMode mode) { return mode == RecurrentMode::Lstm ? 5 : mode == RecurrentMode::Gru ? 4 : 0; }

// Gradients of the gates, in hidden sizes (lstm: i f g o; gru: n's input part, r, z, n's hidden part).
constexpr int64_t gate_gradients_of(RecurrentMode mode) { return mode == RecurrentMode::Gru ? 4 : gates_of(mode); }

// Columns between the rows of what a step keeps and of its gradients: rows a multiple of 4 KiB apart would share the sets
// of the caches.
constexpr int64_t kRowGap = 16;

}  // namespace ember
