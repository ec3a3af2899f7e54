#include "cpu/optimizers.h"

namespace ember::EMBER_ISA {

void update_sgd(DType dtype, const OptimizerSlot<Sgd>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_sgd_momentum(DType dtype, const OptimizerSlot<SgdMomentum>* slots, int64_t count) {
  update_by_type(dtype, slots, count);
}
void update_adam(DType dtype, const OptimizerSlot<Adam<false>>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_amsgrad(DType dtype, const OptimizerSlot<Adam<true>>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_rmsprop(DType dtype, const OptimizerSlot<RmsProp<false, false>>* slots, int64_t count) {
  update_by_type(dtype, slots, count);
}
void update_rmsprop_centered(DType dtype, const OptimizerSlot<RmsProp<true, false>>* slots, int64_t count) {
  update_by_type(dtype, slots, count);
}
void update_rmsprop_momentum(DType dtype, const OptimizerSlot<RmsProp<false, true>>* slots, int64_t count) {
  update_by_type(dtype, slots, count);
}
void update_rmsprop_both(DType dtype, const OptimizerSlot<RmsProp<true, true>>* slots, int64_t count) {
  update_by_type(dtype, slots, count);
}
void update_adagrad(DType dtype, const OptimizerSlot<Adagrad>* slots, int64_t count) { update_by_type(dtype, slots, count); }

}  // namespace ember::EMBER_ISA
