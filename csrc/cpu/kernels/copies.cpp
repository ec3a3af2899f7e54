#include "cpu/copy_kernels.h"

namespace ember::EMBER_ISA {

namespace {

struct Word16 {
  uint64_t halves[2];
};

// ---- transposition ----

constexpr int64_t kSide = 8;    // of the squares that are transposed in registers
constexpr int64_t kPanel = 64;  // of those whose cache lines stay: 64 x 64 words

// Three rounds of interleaving the upper with the lower half of the rows exchange rows and columns of a square of 8.
template <class Word>
[[gnu::always_inline]] inline void transpose_square(const Word* from, int64_t from_step, Word* to, int64_t to_step) {
  typedef Word Row [[gnu::vector_size(kSide * sizeof(Word))]];
  const Row low = {0, 8, 1, 9, 2, 10, 3, 11}, high = {4, 12, 5, 13, 6, 14, 7, 15};
  Row rows[kSide], mixed[kSide];
  for (int i = 0; i < kSide; ++i) __builtin_memcpy(&rows[i], from + i * from_step, sizeof(Row));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kSide / 2; ++i) {
      mixed[2 * i] = __builtin_shuffle(rows[i], rows[i + kSide / 2], low);
      mixed[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + kSide / 2], high);
    }
    for (int i = 0; i < kSide; ++i) rows[i] = mixed[i];
  }
  for (int i = 0; i < kSide; ++i) __builtin_memcpy(to + i * to_step, &rows[i], sizeof(Row));
}

template <class Word>
[[gnu::always_inline]] inline void transpose_plain(const Word* from, int64_t from_step, Word* to, int64_t to_step, int64_t rows,
                                                   int64_t columns) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) to[i * to_step + j] = from[j * from_step + i];
}

template <class Word>
void transpose_panel(const Word* from, int64_t from_step, Word* to, int64_t to_step, int64_t rows, int64_t columns) {
  const int64_t whole_rows = rows / kSide * kSide, whole_columns = columns / kSide * kSide;
  for (int64_t i = 0; i < whole_rows; i += kSide)
    for (int64_t j = 0; j < whole_columns; j += kSide)
      transpose_square(from + j * from_step + i, from_step, to + i * to_step + j, to_step);
  transpose_plain(from + whole_columns * from_step, from_step, to + whole_columns, to_step, whole_rows,
                  columns - whole_columns);
  transpose_plain(from + whole_rows, from_step, to + whole_rows * to_step, to_step, rows - whole_rows, columns);
}

void transpose_panel(const Word16* from, int64_t from_step, Word16* to, int64_t to_step, int64_t rows, int64_t columns) {
  transpose_plain(from, from_step, to, to_step, rows, columns);
}

template <class Word>
void transpose_words(const void* source, int64_t from_step, void* target, int64_t to_step, int64_t rows, int64_t columns) {
  const Word* from = static_cast<const Word*>(source);
  Word* to = static_cast<Word*>(target);
  for (int64_t i = 0; i < rows; i += kPanel) {
    for (int64_t j = 0; j < columns; j += kPanel) {
      const int64_t height = rows - i < kPanel ? rows - i : kPanel, width = columns - j < kPanel ? columns - j : kPanel;
      transpose_panel(from + j * from_step + i, from_step, to + i * to_step + j, to_step, height, width);
    }
  }
}

template <class Word>
void fill_words(void* to, int64_t stride, const void* value, int64_t n) {
  const Word word = *static_cast<const Word*>(value);
  Word* y = static_cast<Word*>(to);
  if (stride == 1) {
    for (int64_t i = 0; i < n; ++i) y[i] = word;
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * stride] = word;
  }
}

}  // namespace

void transpose_block(const void* from, int64_t from_step, void* to, int64_t to_step, int64_t rows, int64_t columns,
                     int64_t bytes) {
  switch (bytes) {
    case 1: return transpose_words<uint8_t>(from, from_step, to, to_step, rows, columns);
    case 2: return transpose_words<uint16_t>(from, from_step, to, to_step, rows, columns);
    case 4: return transpose_words<uint32_t>(from, from_step, to, to_step, rows, columns);
    case 8: return transpose_words<uint64_t>(from, from_step, to, to_step, rows, columns);
    default: return transpose_words<Word16>(from, from_step, to, to_step, rows, columns);
  }
}

void fill_row(void* to, int64_t stride, const void* value, int64_t bytes, int64_t n) {
  switch (bytes) {
    case 1: return fill_words<uint8_t>(to, stride, value, n);
    case 2: return fill_words<uint16_t>(to, stride, value, n);
    case 4: return fill_words<uint32_t>(to, stride, value, n);
    case 8: return fill_words<uint64_t>(to, stride, value, n);
    default: return fill_words<Word16>(to, stride, value, n);
  }
}

}  // namespace ember::EMBER_ISA
