#include "op/pointwise.h"
#include "ops/special.h"

namespace ember {

// The same functions of tensors and of marks, which the rules of derivatives are read with.
#define EMBER_OF_ONE(name, operation) \
  inline Taint name(Taint x) { return Taint::unknown(x.mask()); } \
  EMBER_VAR_UNARY(name, operation)
#define EMBER_OF_TWO(name, operation) \
  inline Taint name(Taint a, Taint b) { return Taint::unknown(a.mask() | b.mask()); } \
  EMBER_VAR_BINARY(name, operation)
EMBER_VAR_UNARY(i0, "i0")
EMBER_VAR_UNARY(i1, "i1")
EMBER_VAR_UNARY(i0e, "i0e")
EMBER_VAR_UNARY(i1e, "i1e")
EMBER_OF_ONE(entropy, "entr")
EMBER_OF_ONE(log_normal_cdf, "log_ndtr")
EMBER_OF_ONE(normal_quantile, "ndtri")
EMBER_OF_TWO(zeta, "_zeta")
EMBER_OF_TWO(xlogy, "_xlogy")
EMBER_OF_TWO(xlog1py, "_xlog1py")
EMBER_OF_TWO(gammainc, "_gammainc")
EMBER_OF_TWO(gammaincc, "_gammaincc")

}  // namespace ember
