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
void update_adadelta(DType dtype, const OptimizerSlot<Adadelta>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_adamax(DType dtype, const OptimizerSlot<Adamax>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_nadam(DType dtype, const OptimizerSlot<NAdam>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_radam(DType dtype, const OptimizerSlot<RAdam>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_asgd(DType dtype, const OptimizerSlot<AveragedSgd>* slots, int64_t count) { update_by_type(dtype, slots, count); }
void update_rprop(DType dtype, const OptimizerSlot<Rprop>* slots, int64_t count) { update_by_type(dtype, slots, count); }

}  // namespace ember::EMBER_ISA
