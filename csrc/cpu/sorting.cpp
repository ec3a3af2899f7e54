// Sorting by keys: each element becomes an unsigned number in the same order, sorted together with its place. Places
// decide between equal keys, so that every order is stable. Long lines are sorted digit by digit (radix).
#include "ops/sorting.h"

#include <algorithm>
#include <cmath>

#include "core/allocator.h"
#include "cpu/copies.h"
#include "cpu/parallel.h"
#include "cpu/types.h"

namespace ember {

namespace {

// ---- keys

EMBER_FN uint32_t ordered(float x) {
  if (x != x) return ~uint32_t(0);
  const uint32_t bits = bit_cast<uint32_t>(x + 0.0f);  // -0 becomes 0, which it equals
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
EMBER_FN uint64_t ordered(double x) {
  if (x != x) return ~uint64_t(0);
  const uint64_t bits = bit_cast<uint64_t>(x + 0.0);
  return bits >> 63 ? ~bits : bits | uint64_t(1) << 63;
}

template <class T>
EMBER_FN auto key_of(T x) {
  if constexpr (is_same<T, Half> || is_same<T, BFloat16>) return ordered(to_float(x));
  else if constexpr (Floating<T>) return ordered(x);
  else if constexpr (sizeof(T) == 8) return uint64_t(x) ^ uint64_t(1) << 63;
  else return uint32_t(int32_t(x)) ^ 0x80000000u;
}
template <class T> using Key = decltype(key_of(T()));

struct Narrow {  // a 32-bit key and a place below 2^32, compared as one number
  uint64_t word;
  Narrow() = default;
  Narrow(uint32_t key, int64_t place) : word(uint64_t(key) << 32 | uint64_t(place)) {}
  int64_t place() const { return int64_t(word & 0xffffffffu); }
  uint64_t key() const { return word >> 32; }
  bool operator<(const Narrow& other) const { return word < other.word; }
  static constexpr int kDigits = 4;
};
struct Wide {
  uint64_t bits;
  int64_t at;
  Wide() = default;
  Wide(uint64_t key, int64_t place) : bits(key), at(place) {}
  int64_t place() const { return at; }
  uint64_t key() const { return bits; }
  bool operator<(const Wide& other) const { return bits != other.bits ? bits < other.bits : at < other.at; }
  static constexpr int kDigits = 8;
};
template <class T> using Entry = std::conditional_t<sizeof(Key<T>) == 4, Narrow, Wide>;

constexpr int64_t kRadixFrom = 2048;  // elements of a line from which digits beat comparisons

// One pass for each byte of the key in which the keys differ.
template <class E>
void radix_sort(E* entries, E* spare, int64_t n) {
  static_assert(sizeof(E) >= 8);
  int64_t counts[E::kDigits][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t key = entries[i].key();
    for (int digit = 0; digit < E::kDigits; ++digit) ++counts[digit][key >> (8 * digit) & 255];
  }
  E *from = entries, *to = spare;
  for (int digit = 0; digit < E::kDigits; ++digit) {
    int64_t* count = counts[digit];
    if (count[from[0].key() >> (8 * digit) & 255] == n) continue;
    int64_t start = 0;
    for (int value = 0; value < 256; ++value) {
      const int64_t here = count[value];
      count[value] = start;
      start += here;
    }
    for (int64_t i = 0; i < n; ++i) to[count[from[i].key() >> (8 * digit) & 255]++] = from[i];
    std::swap(from, to);
  }
  if (from != entries) std::copy(from, from + n, entries);
}

template <class E>
void sort_entries(E* entries, E* spare, int64_t n) {
  if (n >= kRadixFrom) radix_sort(entries, spare, n);
  else std::sort(entries, entries + n);
}

// ---- lines: the elements along one dim

struct Lines {
  int64_t count, n, inner;
  Lines(const Tensor& input, int dim) : n(input.dim() ? input.size(dim) : 1), inner(1) {
    for (int i = dim + 1; i < input.dim(); ++i) inner *= input.size(i);
    count = n ? input.numel() / n : 0;
  }
  // Of line i in a tensor with m elements along dim.
  int64_t start(int64_t i, int64_t m) const { return i / inner * m * inner + i % inner; }
};

template <class T>
void check_length(const Lines& lines) {
  if (sizeof(Key<T>) == 4 && lines.n > int64_t(0xffffffff))
    fail(ErrorKind::Runtime, "sort(): a dim of ", lines.n, " elements is too long; expected at most 2**32 - 1.");
}

// For each line of `input` calls f(line, entries, spare): entries hold keys (turned round where `descending`) and places.
template <class T, class F>
void each_line(const Tensor& input, const Lines& lines, bool descending, double cost, F f) {
  using E = Entry<T>;
  check_length<T>(lines);
  const T* data = input.data<T>();
  Unlocked unlocked(input.numel() > (1 << 13));
  parallel_for(lines.count, std::max<int64_t>(1, int64_t(parallel_work / cost / double(std::max<int64_t>(lines.n, 1)))),
               [&](int64_t begin, int64_t end) {
                 const Scratch scratch(size_t(2 * lines.n) * sizeof(E));
                 E* entries = static_cast<E*>(scratch.data());
                 for (int64_t line = begin; line < end; ++line) {
                   const T* x = data + lines.start(line, lines.n);
                   for (int64_t i = 0; i < lines.n; ++i) {
                     const Key<T> key = key_of(x[i * lines.inner]);
                     entries[i] = E(descending ? Key<T>(~key) : key, i);
                   }
                   f(line, entries, entries + lines.n);
                 }
               });
}

// Writes the first k entries of a line: elements and places.
template <class T>
void write_entries(const Tensor& input, const Lines& lines, int64_t line, const Entry<T>* entries, int64_t k,
                   const Tensor& values, const Tensor& indices) {
  const T* x = input.data<T>() + lines.start(line, lines.n);
  T* value = values.data<T>() + lines.start(line, k);
  int64_t* index = indices.data<int64_t>() + lines.start(line, k);
  for (int64_t i = 0; i < k; ++i) {
    index[i * lines.inner] = entries[i].place();
    value[i * lines.inner] = x[entries[i].place() * lines.inner];
  }
}

template <class T>
bool is_nan(T x) {
  if constexpr (is_same<T, Half> || is_same<T, BFloat16>) return std::isnan(to_float(x));
  else if constexpr (Floating<T>) return std::isnan(x);
  else return false;
}

int dim_of(const Call& call, int argument) { return wrap_dim(call.arg(argument).integer(), call.sizes(0).size(), call.name()); }

// One element of each line: `choose` gives its place from the entries, which it may rearrange.
template <class F>
void choose_one(Call& call, int dim_argument, F choose) {
  const Tensor input = contiguous(call.tensor(0)), values = call.out(0), indices = call.out(1);
  const Lines lines(input, dim_of(call, dim_argument));
  dispatch_real(input.dtype(), [&]<class T>() {
    each_line<T>(input, lines, false, 8, [&](int64_t line, Entry<T>* entries, Entry<T>* spare) {
      const T* x = input.data<T>() + lines.start(line, lines.n);
      const int64_t place = choose.template operator()<T>(x, lines, entries, spare);
      indices.data<int64_t>()[line] = place;
      values.data<T>()[line] = x[place * lines.inner];
    });
  });
}

// The k-th entry in order, k from 0.
template <class E>
int64_t nth_place(E* entries, int64_t n, int64_t k) {
  std::nth_element(entries, entries + k, entries + n);
  return entries[k].place();
}

}  // namespace

namespace {

// One long line of int64 that span less than 2^32: sorted by 32-bit keys. False where they span more.
bool sort_narrow(const Tensor& input, const Lines& lines, bool descending, const Tensor& values, const Tensor& indices) {
  if (lines.count != 1 || lines.n < kRadixFrom || lines.n >= int64_t(1) << 32) return false;
  const int64_t* x = input.data<int64_t>();
  const auto [low, high] = std::minmax_element(x, x + lines.n);
  const uint64_t span = uint64_t(*high) - uint64_t(*low);
  if (span >> 32) return false;
  const int64_t lowest = *low;
  Unlocked unlocked(true);
  const Scratch scratch(size_t(2 * lines.n) * sizeof(Narrow));
  Narrow* entries = static_cast<Narrow*>(scratch.data());
  for (int64_t i = 0; i < lines.n; ++i) {
    const uint64_t key = uint64_t(x[i]) - uint64_t(lowest);
    entries[i] = Narrow(uint32_t(descending ? span - key : key), i);
  }
  radix_sort(entries, entries + lines.n, lines.n);
  for (int64_t i = 0; i < lines.n; ++i) {
    indices.data<int64_t>()[i] = entries[i].place();
    values.data<int64_t>()[i] = x[entries[i].place()];
  }
  return true;
}

void sort_lines(const Tensor& input, int dim, bool descending, const Tensor& values, const Tensor& indices) {
  const Lines lines(input, dim);
  if (input.dtype() == DType::Int64 && sort_narrow(input, lines, descending, values, indices)) return;
  dispatch_real(input.dtype(), [&]<class T>() {
    each_line<T>(input, lines, descending, 20, [&](int64_t line, Entry<T>* entries, Entry<T>* spare) {
      sort_entries(entries, spare, lines.n);
      write_entries<T>(input, lines, line, entries, lines.n, values, indices);
    });
  });
}

// The upper half of uint64, which int64 holds as negative numbers, changes places with the lower: then both are in order.
void exchange_halves(const Tensor& keys) {
  int64_t* x = keys.data<int64_t>();
  for (int64_t i = 0; i < keys.numel(); ++i) x[i] ^= INT64_MIN;
}

}  // namespace

void sort::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(0)), values = call.out(0), indices = call.out(1);
  const int dim = dim_of(call, 1);
  const bool descending = call.arg(2).boolean(), halves = input.dtype() == DType::UInt64;
  if (!is_limited(input.dtype())) return sort_lines(input, dim, descending, values, indices);
  const Tensor keys = empty(input.sizes(), DType::Int64), sorted = empty(input.sizes(), DType::Int64);
  copy_elements(keys, input);
  if (halves) exchange_halves(keys);
  sort_lines(keys, dim, descending, sorted, indices);
  if (halves) exchange_halves(sorted);
  copy_elements(values, sorted);
}

namespace {

// The k first of a line in order, at the front of `kept`: room for twice k. What does not come before the worst of
// those kept so far is passed over, which is nearly everything.
template <class T>
void keep_first(const T* x, int64_t n, int64_t stride, int64_t k, bool descending, Entry<T>* kept) {
  using E = Entry<T>;
  const Key<T> flip = descending ? ~Key<T>(0) : Key<T>(0);
  int64_t count = 0;
  Key<T> worst = ~Key<T>(0);
  bool full = false;
  for (int64_t i = 0; i < n; ++i) {
    const Key<T> key = key_of(x[i * stride]) ^ flip;
    if (full && key >= worst) continue;  // of equal ones the earlier stays
    kept[count++] = E(key, i);
    if (count < 2 * k) continue;
    std::nth_element(kept, kept + k - 1, kept + count);
    worst = Key<T>(kept[k - 1].key());
    count = k;
    full = true;
  }
  if (count > k) std::nth_element(kept, kept + k - 1, kept + count);
  std::sort(kept, kept + k);
}

}  // namespace

void topk::cpu(Call& call) {
  const Tensor input = contiguous(call.tensor(0)), values = call.out(0), indices = call.out(1);
  const Lines lines(input, dim_of(call, 2));
  const int64_t k = call.arg(1).integer();
  const bool largest = call.arg(3).boolean();
  if (k == 0) return;
  dispatch_real(input.dtype(), [&]<class T>() {
    check_length<T>(lines);
    Unlocked unlocked(input.numel() > (1 << 14));
    parallel_for(lines.count, std::max<int64_t>(1, parallel_work / 3 / lines.n), [&](int64_t begin, int64_t end) {
      const Scratch scratch(size_t(2 * k) * sizeof(Entry<T>));
      Entry<T>* kept = static_cast<Entry<T>*>(scratch.data());
      for (int64_t line = begin; line < end; ++line) {
        keep_first(input.data<T>() + lines.start(line, lines.n), lines.n, lines.inner, k, largest, kept);
        write_entries<T>(input, lines, line, kept, k, values, indices);
      }
    });
  });
}

void kthvalue::cpu(Call& call) {
  const int64_t k = call.arg(1).integer() - 1;
  choose_one(call, 2, [&]<class T>(const T*, const Lines& lines, Entry<T>* entries, Entry<T>*) {
    return nth_place(entries, lines.n, k);
  });
}

void median_dim::cpu(Call& call) {
  choose_one(call, 1, [&]<class T>(const T* x, const Lines& lines, Entry<T>* entries, Entry<T>*) {
    for (int64_t i = 0; i < lines.n; ++i)
      if (is_nan(x[i * lines.inner])) return i;
    return nth_place(entries, lines.n, (lines.n - 1) / 2);
  });
}

void nanmedian_dim::cpu(Call& call) {
  choose_one(call, 1, [&]<class T>(const T* x, const Lines& lines, Entry<T>* entries, Entry<T>*) {
    int64_t numbers = 0;
    for (int64_t i = 0; i < lines.n; ++i) numbers += !is_nan(x[i * lines.inner]);
    return nth_place(entries, lines.n, numbers ? (numbers - 1) / 2 : 0);
  });
}

void mode::cpu(Call& call) {
  choose_one(call, 1, [&]<class T>(const T*, const Lines& lines, Entry<T>* entries, Entry<T>* spare) {
    sort_entries(entries, spare, lines.n);
    int64_t best = 0, longest = 0;
    for (int64_t begin = 0; begin < lines.n;) {
      int64_t end = begin + 1;
      while (end < lines.n && entries[end].key() == entries[begin].key()) ++end;
      if (end - begin > longest) longest = end - begin, best = entries[end - 1].place();
      begin = end;
    }
    return best;
  });
}

void searchsorted::cpu(Call& call) {
  const Tensor out = call.out();
  NoGradient off;
  const Tensor sequence = contiguous(to_dtype(call.tensor(0), call.dtype)),
               input = contiguous(to_dtype(call.tensor(1), call.dtype));
  const bool right = call.arg(2).boolean(), shared = sequence.dim() == 1;
  const int64_t n = sequence.size(-1), row = shared || out.dim() == 0 ? out.numel() : out.size(-1);
  int64_t* places = out.data<int64_t>();
  Unlocked unlocked(out.numel() > (1 << 14));
  dispatch_real(call.dtype, [&]<class T>() {
    const T *keys = sequence.data<T>(), *x = input.data<T>();
    const auto less = [](T a, T b) { return key_of(a) < key_of(b); };
    parallel_for(out.numel(), grain_of(40), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* first = keys + i / row * n;
        places[i] =
            (right ? std::upper_bound(first, first + n, x[i], less) : std::lower_bound(first, first + n, x[i], less)) - first;
      }
    });
  });
}

}  // namespace ember
