"""Written by tools/write_stubs.py: all operations, by their records."""

from collections.abc import Sequence
from typing import overload

from .._C import Generator, Tensor, dtype
from ..types import Device, _size
from . import return_types

def _absolute_error(input: Tensor | complex, target: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """|input - target|."""
def _absolute_error_(input: Tensor, target: Tensor | complex) -> Tensor:
    """|input - target|."""
def _adadelta_step_(params: Sequence[Tensor], grads: Sequence[Tensor], square_avgs: Sequence[Tensor], acc_deltas: Sequence[Tensor], steps: Sequence[Tensor], lr: float, rho: float, eps: float, weight_decay: float, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of Adadelta."""
def _adagrad_step_(params: Sequence[Tensor], grads: Sequence[Tensor], sums: Sequence[Tensor], steps: Sequence[Tensor], lr: float, lr_decay: float, eps: float, weight_decay: float, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of Adagrad."""
def _adam_step_(params: Sequence[Tensor], grads: Sequence[Tensor], exp_avgs: Sequence[Tensor], exp_avg_sqs: Sequence[Tensor], max_exp_avg_sqs: Sequence[Tensor], steps: Sequence[Tensor], lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, decoupled: bool, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of Adam, with AMSGrad if max_exp_avg_sqs are given, and AdamW's decay if decoupled."""
def _adamax_step_(params: Sequence[Tensor], grads: Sequence[Tensor], exp_avgs: Sequence[Tensor], exp_infs: Sequence[Tensor], steps: Sequence[Tensor], lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of Adamax."""
def _adaptive_avg_pool2d(input: Tensor, output_size: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, H, W)."""
def _adaptive_avg_pool3d(input: Tensor, output_size: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, D, H, W)."""
def _adaptive_avg_pool_backward(gradient: Tensor, sizes: int | _size, output_size: int | _size, pool: str, order: int, *, out: Tensor | None = None) -> Tensor:
    """The gradient of adaptive_avg_pool for an input of shape `sizes`."""
def _adaptive_max_pool1d(input: Tensor, output_size: int | _size) -> return_types.adaptive_max_pool1d:
    """The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, L), and its position."""
def _adaptive_max_pool2d(input: Tensor, output_size: int | _size) -> return_types.adaptive_max_pool2d:
    """The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, H, W), and its position."""
def _adaptive_max_pool3d(input: Tensor, output_size: int | _size) -> return_types.adaptive_max_pool3d:
    """The largest of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, D, H, W), and its position."""
def _asgd_step_(params: Sequence[Tensor], grads: Sequence[Tensor], axs: Sequence[Tensor], etas: Sequence[Tensor], mus: Sequence[Tensor], steps: Sequence[Tensor], lr: float, lambd: float, alpha: float, t0: float, weight_decay: float, maximize: bool, differentiable: bool = False) -> None:
    """One step of averaged SGD."""
def _avg_pool_backward(gradient: Tensor, sizes: int | _size, kernel_size: int | _size, stride: int | _size | None, padding: int | _size, ceil_mode: bool, count_include_pad: bool, divisor_override: int | None, pool: str, order: int, *, out: Tensor | None = None) -> Tensor:
    """The gradient of avg_pool for an input of shape `sizes`."""
def _batch_norm_backward(gradient: Tensor, input: Tensor, weight: Tensor | None, mean: Tensor, rstd: Tensor, training: bool) -> return_types.batch_norm_backward:
    """The gradients of batch_norm."""
def _bce(input: Tensor | complex, target: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """-(y log p + (1 - y) log(1 - p)), each logarithm at least -100."""
def _bce_(input: Tensor, target: Tensor | complex) -> Tensor:
    """-(y log p + (1 - y) log(1 - p)), each logarithm at least -100."""
def _bce_with_logits(input: Tensor | complex, target: Tensor | complex, pos_weight: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """-(w y log s(x) + (1 - y) log(1 - s(x))) with s = sigmoid, through softplus so that no kink cancels."""
def _bce_with_logits_(input: Tensor, target: Tensor | complex, pos_weight: Tensor | complex) -> Tensor:
    """-(w y log s(x) + (1 - y) log(1 - s(x))) with s = sigmoid, through softplus so that no kink cancels."""
def _bernoulli(input: Tensor, p: float = 0.5, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of draws that are 1 with probability p, else 0."""
def _bernoulli_(input: Tensor, p: float = 0.5, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of draws that are 1 with probability p, else 0."""
def _cast(input: Tensor, dtype: dtype, *, out: Tensor | None = None) -> Tensor:
    """A copy of input with another element type. Floats become integers by truncation, anything but 0 is True."""
def _clamp(input: Tensor | complex, min: Tensor | complex, max: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Between min and max; max where min is above it."""
def _clamp_(input: Tensor, min: Tensor | complex, max: Tensor | complex) -> Tensor:
    """Between min and max; max where min is above it."""
def _constant_in(input: Tensor, x: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input, whose derivative by x is 0."""
def _contract_rows(left: Tensor, right: Tensor, *, out: Tensor | None = None) -> Tensor:
    """(*, n) and (*, k) give (n, k): left^T right with all leading dims as rows."""
def _convolution(input: Tensor, weight: Tensor, bias: Tensor | None, stride: int | _size, padding: int | _size, dilation: int | _size, groups: int, *, out: Tensor | None = None) -> Tensor:
    """y[n, o] = sum over c and k of weight[o, c, k] x[n, c, stride i + dilation k - padding] + bias[o] for x of (N, C, *), weight of (O, C / groups, *), with 1 to 3 dims as *."""
def _convolution_input(input: Tensor, weight: Tensor, bias: Tensor | None, size: int | _size, stride: int | _size, padding: int | _size, dilation: int | _size, groups: int, *, out: Tensor | None = None) -> Tensor:
    """The transpose of _convolution as a linear map: from (N, O, *) to (N, C, size), the gradient of its input. With a bias of (C), a transposed convolution."""
def _convolution_weight(gradient: Tensor, input: Tensor, size: int | _size, stride: int | _size, padding: int | _size, dilation: int | _size, groups: int) -> return_types.convolution_weight:
    """The gradients of _convolution's weight, of spatial size `size`, and of its bias."""
def _count_nonzero(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The number of elements over the dims in `dim` that are not zero."""
def _cross_entropy_backward(gradient: Tensor, input: Tensor, target: Tensor, weight: Tensor | None, log_sums: Tensor, total: Tensor, ignore_index: int, reduction: str, label_smoothing: float, *, out: Tensor | None = None) -> Tensor:
    """The gradient of cross_entropy by its input."""
def _ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Tensor, target_lengths: Tensor, blank: int = 0, zero_infinity: bool = False, *, out: Tensor | None = None) -> Tensor:
    """-log of the probability of each target sequence, summed over all ways to lay it along the time steps; log_probs are (T, N, C), targets (N, S) or all sequences joined. The gradient takes log_probs for normalized, as log_softmax makes them: exp(log_probs) less the share of the ways that pass through a class."""
def _ctc_loss_backward(gradient: Tensor, log_probs: Tensor, slope: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The gradient of ctc_loss by log_probs: slope times the gradient of each sample."""
def _dirichlet_grad(x: Tensor, alpha: Tensor, total: Tensor, *, out: Tensor | None = None) -> Tensor:
    """How draws x of Beta(alpha, total - alpha) move with alpha at the same total - alpha, divided by 1 - x."""
def _embedding_bag(weight: Tensor, input: Tensor, offsets: Tensor, per_sample_weights: Tensor | None = None, mean: bool = False, include_last_offset: bool = False, padding_idx: int | None = None, scale_grad_by_freq: bool = False, *, out: Tensor | None = None) -> Tensor:
    """For each bag the sum (mean) of the rows of weight that input[offsets[b]:offsets[b + 1]] names, times per_sample_weights; the row padding_idx does not count. scale_grad_by_freq divides a row's gradient by how often it was named."""
def _embedding_bag_max(weight: Tensor, input: Tensor, offsets: Tensor, include_last_offset: bool = False, padding_idx: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """As _embedding_bag with the largest number of each column; the gradient goes to the first row that has it."""
def _embedding_bag_sample_gradient(gradient: Tensor, weight: Tensor, input: Tensor, offsets: Tensor, include_last_offset: bool, padding_idx: int | None, *, out: Tensor | None = None) -> Tensor:
    """The gradient of _embedding_bag by per_sample_weights: the product of a row with the gradient of its bag."""
def _embedding_bag_table_gradient(gradient: Tensor, input: Tensor, offsets: Tensor, per_sample_weights: Tensor | None, mean: bool, include_last_offset: bool, padding_idx: int | None, count: int, *, out: Tensor | None = None) -> Tensor:
    """The gradient of _embedding_bag by its table of `count` rows."""
def _embedding_gradient(gradient: Tensor, input: Tensor, count: int, padding_idx: int | None = None, scale_grad_by_freq: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The gradient of the `count` rows of an embedding's weight."""
def _fold(input: Tensor, output_size: int | _size, kernel_size: int | _size, dilation: int | _size, padding: int | _size, stride: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The image (N, C, H, W) as the sum of its blocks, the columns of (N, C kernel kernel, blocks)."""
def _fractional_max_pool2d(input: Tensor, kernel_size: int | _size, output_size: int | _size, samples: Tensor) -> return_types.fractional_max_pool2d:
    """The largest of windows of (*, H, W) whose places `samples` (N, C, 2) of [0, 1) draw, and its position."""
def _fractional_max_pool3d(input: Tensor, kernel_size: int | _size, output_size: int | _size, samples: Tensor) -> return_types.fractional_max_pool3d:
    """The largest of windows of (*, D, H, W) whose places `samples` (N, C, 3) of [0, 1) draw, and its position."""
def _gammainc(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x."""
def _gammainc_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x."""
def _gammaincc(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The regularised upper incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from x on."""
def _gammaincc_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The regularised upper incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from x on."""
def _gelu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input times the normal distribution function at input."""
def _gelu_(input: Tensor) -> Tensor:
    """input times the normal distribution function at input."""
def _gelu_tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """gelu with its distribution function approximated through tanh."""
def _gelu_tanh_(input: Tensor) -> Tensor:
    """gelu with its distribution function approximated through tanh."""
def _glu(input: Tensor | complex, gate: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * sigmoid(gate)."""
def _glu_(input: Tensor, gate: Tensor | complex) -> Tensor:
    """input * sigmoid(gate)."""
def _grid_neighbours(grid: Tensor, size: int | _size, mode: str, padding_mode: str, units: str, orders: int | _size) -> return_types.grid_neighbours:
    """Of which elements of a channel each place of grid is mixed in an input of shape `size`, (N, neighbours, places), and their weights, differentiated orders[e] times by coordinate e."""
def _grid_sample(input: Tensor, grid: Tensor, mode: str, padding_mode: str, units: str, *, out: Tensor | None = None) -> Tensor:
    """The values of the input (N, C, d1, ...) at the places (N, e1, ..., x y or x y z) that grid names. Its units: 'corners' has the centres of the outermost elements at -1 and 1, 'edges' their outer edges, 'pixels' counts elements from 0."""
def _grid_sample_backward(gradient: Tensor, input: Tensor, grid: Tensor, mode: str, padding_mode: str, units: str, of_input: bool, of_grid: bool) -> return_types.grid_sample_backward:
    """The gradients of grid_sample, of those that are wanted."""
def _group_norm_backward(gradient: Tensor, input: Tensor, weight: Tensor | None, mean: Tensor, rstd: Tensor) -> return_types.group_norm_backward:
    """The gradients of group_norm."""
def _gru_cell_candidate(r: Tensor | complex, input: Tensor | complex, hidden: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """tanh(input + sigmoid(r) hidden)."""
def _gru_cell_candidate_(r: Tensor, input: Tensor | complex, hidden: Tensor | complex) -> Tensor:
    """tanh(input + sigmoid(r) hidden)."""
def _gru_cell_output(z: Tensor | complex, n: Tensor | complex, h: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """n + sigmoid(z) (h - n)."""
def _gru_cell_output_(z: Tensor, n: Tensor | complex, h: Tensor | complex) -> Tensor:
    """n + sigmoid(z) (h - n)."""
def _huber(input: Tensor | complex, target: Tensor | complex, delta: float = 1, *, out: Tensor | None = None) -> Tensor:
    """d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) elsewhere; d = input - target."""
def _huber_(input: Tensor, target: Tensor | complex, delta: float = 1) -> Tensor:
    """d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) elsewhere; d = input - target."""
def _keep_best_boxes(boxes: Tensor, scores: Tensor, threshold: float, *, out: Tensor | None = None) -> Tensor:
    """Non-maximum suppression: the indices of the boxes that share no more than `threshold` of their union with a kept box of higher score, best first."""
def _layer_norm_backward(gradient: Tensor, input: Tensor, weight: Tensor | None, mean: Tensor, rstd: Tensor, affine: bool) -> return_types.layer_norm_backward:
    """The gradients of layer_norm; of weight and bias only with affine."""
def _logit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(input / (1 - input))."""
def _logit_(input: Tensor) -> Tensor:
    """log(input / (1 - input))."""
def _logsumexp(input: Tensor, dim: int, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """log(sum(exp(x))) along dim, without overflow."""
def _lstm_cell_output(o: Tensor | complex, c: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """sigmoid(o) tanh(c)."""
def _lstm_cell_output_(o: Tensor, c: Tensor | complex) -> Tensor:
    """sigmoid(o) tanh(c)."""
def _lstm_cell_state(i: Tensor | complex, f: Tensor | complex, g: Tensor | complex, c: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """sigmoid(f) c + sigmoid(i) tanh(g)."""
def _lstm_cell_state_(i: Tensor, f: Tensor | complex, g: Tensor | complex, c: Tensor | complex) -> Tensor:
    """sigmoid(f) c + sigmoid(i) tanh(g)."""
def _max_pool2d_with_indices(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False) -> tuple[Tensor, Tensor]:
    """The largest element of each window of (*, H, W), and its position, counted row-major."""
def _max_pool3d_with_indices(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False) -> tuple[Tensor, Tensor]:
    """The largest element of each window of (*, D, H, W), and its position, counted row-major."""
def _max_pool_backward(gradient: Tensor, places: Tensor, sizes: int | _size, kernel_size: int | _size, stride: int | _size | None, padding: int | _size, dilation: int | _size, ceil_mode: bool, pool: str, order: int, *, out: Tensor | None = None) -> Tensor:
    """The gradient of max_pool for an input of shape `sizes`, from which place of its window each output is."""
def _max_pool_positions(places: Tensor, sizes: int | _size, kernel_size: int | _size, stride: int | _size | None, padding: int | _size, dilation: int | _size, ceil_mode: bool, pool: str, *, out: Tensor | None = None) -> Tensor:
    """Places of windows as positions of the input, counted row-major over its spatial dims."""
def _max_pool_regions(input: Tensor, regions: Tensor, scale: float, bins: int | _size) -> return_types.max_pool_regions:
    """The largest element of each bin of regions, and its place in the channel; 0 and -1 where a bin is empty."""
def _moments(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, correction: complex | Tensor = 1) -> return_types.moments:
    """sum((x - mean)^2) / max(0, count - correction) and mean over the dims in `dim`."""
def _nadam_step_(params: Sequence[Tensor], grads: Sequence[Tensor], exp_avgs: Sequence[Tensor], exp_avg_sqs: Sequence[Tensor], mu_products: Sequence[Tensor], steps: Sequence[Tensor], lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, momentum_decay: float, decoupled: bool, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of NAdam, with AdamW's decay if decoupled."""
def _nan_to_num(input: Tensor, nan: float = 0, posinf: float = 0, neginf: float = 0, *, out: Tensor | None = None) -> Tensor:
    """NaN and infinities replaced by numbers."""
def _nan_to_num_(input: Tensor, nan: float = 0, posinf: float = 0, neginf: float = 0) -> Tensor:
    """NaN and infinities replaced by numbers."""
def _nll_loss_backward(gradient: Tensor, input: Tensor, target: Tensor, weight: Tensor | None, total: Tensor, ignore_index: int, reduction: str, *, out: Tensor | None = None) -> Tensor:
    """The gradient of nll_loss by its input, which is read for its shape alone."""
def _norm_2(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The Euclidean norm, sqrt(sum(|x|^2)), over the dims in `dim`. Its gradient at 0 is 0."""
def _normal(input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of normal draws."""
def _normal_(input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of normal draws."""
def _normal_cdf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The distribution function of the standard normal distribution."""
def _normal_cdf_(input: Tensor) -> Tensor:
    """The distribution function of the standard normal distribution."""
def _pad_gradient(gradient: Tensor, pad: int | _size, mode: str, size: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The gradient of pad for an input of shape `size`: what an element gave to the border is added to it."""
def _pair_distances(input: Tensor, p: float, *, out: Tensor | None = None) -> Tensor:
    """The p-norms of the differences of every two rows, in the order (0, 1), (0, 2), ..., (1, 2), ..."""
def _pair_distances_backward(gradient: Tensor, input: Tensor, distances: Tensor, p: float, *, out: Tensor | None = None) -> Tensor:
    """The gradient of _pair_distances; 0 where two rows are equal."""
def _place(input: Tensor, size: int | _size, stride: int | _size, offset: int, whole: int | _size, *, out: Tensor | None = None) -> Tensor:
    """Zeros of shape whole to which input is added at the places (size, stride, offset) of the row-major memory."""
def _polygamma(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """The n-th derivative of digamma."""
def _polygamma_(input: Tensor, n: int) -> Tensor:
    """The n-th derivative of digamma."""
def _pool_regions(input: Tensor, regions: Tensor, rule: str, scale: float, bins: int | _size, samples: int, *, out: Tensor | None = None) -> Tensor:
    """Means over the bins of regions: (K, C, bins) from maps (N, C, H, W) and regions (K, 5)."""
def _pool_regions_backward(gradient: Tensor, regions: Tensor, rule: str, scale: float, bins: int | _size, samples: int, sizes: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The gradient of _pool_regions by an input of shape `sizes`."""
def _prelu(input: Tensor | complex, weight: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input where positive, weight * input elsewhere; shapes broadcast."""
def _prelu_(input: Tensor, weight: Tensor | complex) -> Tensor:
    """input where positive, weight * input elsewhere; shapes broadcast."""
def _radam_step_(params: Sequence[Tensor], grads: Sequence[Tensor], exp_avgs: Sequence[Tensor], exp_avg_sqs: Sequence[Tensor], steps: Sequence[Tensor], lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, decoupled: bool, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of RAdam, with AdamW's decay if decoupled."""
def _recurrent_layer(mode: str, input: Tensor, hx: Tensor | None, cx: Tensor | None, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None, w_hr: Tensor | None, batch_sizes: int | _size | None, reverse: bool) -> return_types.recurrent_layer:
    """The layer of `mode` (rnn_tanh, rnn_relu, gru or lstm) over input (T, N, I), or over packed rows (sum of batch_sizes, I). hx (N, P) and cx (N, H) are zero where they are None. hidden is the last output of each sequence, cell the last state of an lstm, empty for others."""
def _recurrent_layer_backward(mode: str, g_output: Tensor | None, g_hidden: Tensor | None, g_cell: Tensor | None, input: Tensor, hx: Tensor | None, cx: Tensor | None, w_ih: Tensor, w_hh: Tensor, w_hr: Tensor | None, output: Tensor, kept: Tensor | None, batch_sizes: int | _size | None, reverse: bool, wanted: int) -> tuple[Tensor, ...]:
    """The gradients of _recurrent_layer by input, hx, cx, w_ih, w_hh, b_ih, b_hh and w_hr: those whose bit is wanted."""
def _repeated_indices(repeats: Tensor, *, out: Tensor | None = None) -> Tensor:
    """0 repeats[0] times, then 1 repeats[1] times, ..."""
def _resample(input: Tensor, size: int | _size, scales: Sequence[float], mode: str, align_corners: bool = False, transposed: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Interpolates (N, C, d1, ...) to the spatial dims `size`: along each dim every result is a weighted sum of neighbours (cpu/bands.h has the modes). A scale above 0 replaces the ratio of the sizes. Transposed, it is the gradient: what was spread from `size` is added up there."""
def _rms_norm_backward(gradient: Tensor, input: Tensor, weight: Tensor | None, rstd: Tensor, affine: bool) -> return_types.rms_norm_backward:
    """The gradients of rms_norm; of weight only with affine."""
def _rmsprop_step_(params: Sequence[Tensor], grads: Sequence[Tensor], square_avgs: Sequence[Tensor], grad_avgs: Sequence[Tensor], momentum_buffers: Sequence[Tensor], steps: Sequence[Tensor], lr: float, alpha: float, eps: float, weight_decay: float, momentum: float, maximize: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of RMSprop, centered if grad_avgs are given, with momentum if momentum_buffers are."""
def _rotated_overlaps(boxes: Tensor, others: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Intersection over union of every two rotated boxes, rows (x, y, width, height, degrees) about their centres."""
def _rprop_step_(params: Sequence[Tensor], grads: Sequence[Tensor], prevs: Sequence[Tensor], step_sizes: Sequence[Tensor], steps: Sequence[Tensor], shrink: float, grow: float, least: float, most: float, maximize: bool, differentiable: bool = False) -> None:
    """One step of Rprop."""
def _sample_dirichlet(input: Tensor, generator: Generator | None = None, *, out: Tensor | None = None) -> Tensor:
    """Dirichlet draws: gamma draws of shapes `input`, divided by their sum along the last dim."""
def _scale_(tensors: Sequence[Tensor], factor: Tensor) -> None:
    """Multiplies every element by the one number in factor, in place; outside the graph."""
def _scaled_dot_product_attention_backward(gradient: Tensor, query: Tensor, key: Tensor, value: Tensor | complex, attn_mask: Tensor | None, output: Tensor, log_sums: Tensor, dropout_p: float, is_causal: bool, scale: float | None, seed: int | None, offset: int | None) -> return_types.scaled_dot_product_attention_backward:
    """The gradients of scaled_dot_product_attention by query, key and value, before broadcasting is undone."""
def _searchsorted(sorted_sequence: Tensor, input: Tensor, right: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Where each element would stand in the sorted last dim: the number of elements below it, with right also equal ones."""
def _sgd_step_(params: Sequence[Tensor], grads: Sequence[Tensor], momentum_buffers: Sequence[Tensor], lr: float, momentum: float, dampening: float, weight_decay: float, nesterov: bool, maximize: bool, first: bool, differentiable: bool = False, rate: Tensor | None = None) -> None:
    """One step of SGD. first: the buffers are new, so that each becomes the gradient."""
def _smooth_l1(input: Tensor | complex, target: Tensor | complex, beta: float = 1, *, out: Tensor | None = None) -> Tensor:
    """d^2 / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere; d = input - target."""
def _smooth_l1_(input: Tensor, target: Tensor | complex, beta: float = 1) -> Tensor:
    """d^2 / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere; d = input - target."""
def _softmax_backward(gradient: Tensor, output: Tensor, dim: int, logarithm: bool, *, out: Tensor | None = None) -> Tensor:
    """y (g - sum(g y)) of softmax, g - exp(y) sum(g) of log_softmax."""
def _squared_error(input: Tensor | complex, target: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """(input - target)^2."""
def _squared_error_(input: Tensor, target: Tensor | complex) -> Tensor:
    """(input - target)^2."""
def _standard_gamma(input: Tensor, generator: Generator | None = None, *, out: Tensor | None = None) -> Tensor:
    """Gamma draws of rate 1 whose shapes are the elements of input."""
def _standard_gamma_grad(input: Tensor, output: Tensor, *, out: Tensor | None = None) -> Tensor:
    """How the gamma draws `output` of shapes `input` move with the shapes: -(dF / d shape) / density."""
def _total_norm(tensors: Sequence[Tensor], norm_type: float, *, out: Tensor | None = None) -> Tensor:
    """The norm of all elements of all tensors together; of complex ones the 2-norm only."""
def _trunc_divide(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input / other rounded to zero."""
def _trunc_divide_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input / other rounded to zero."""
def _unfold(input: Tensor, kernel_size: int | _size, dilation: int | _size, padding: int | _size, stride: int | _size, *, out: Tensor | None = None) -> Tensor:
    """Each block of the image (N, C, H, W) as a column of (N, C kernel kernel, blocks)."""
def _view_dtype(input: Tensor, dtype: dtype, *, out: Tensor | None = None) -> Tensor:
    """The same bytes as elements of another type; the last dim grows or shrinks with their size."""
def _xlog1py(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * log(1 + other); 0 where input is 0 and other is not nan."""
def _xlog1py_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input * log(1 + other); 0 where input is 0 and other is not nan."""
def _xlogy(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * log(other); 0 where input is 0 and other is not nan."""
def _xlogy_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input * log(other); 0 where input is 0 and other is not nan."""
def _zeta(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Hurwitz' zeta function: the sum of (other + k)^-input over k of 0 and more."""
def _zeta_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Hurwitz' zeta function: the sum of (other + k)^-input over k of 0 and more."""
def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value; of complex numbers the modulus, a real number."""
def abs_(input: Tensor) -> Tensor:
    """The absolute value; of complex numbers the modulus, a real number."""
def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle in [0, pi] whose cosine is input."""
def acos_(input: Tensor) -> Tensor:
    """The angle in [0, pi] whose cosine is input."""
def acosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of cosh."""
def acosh_(input: Tensor) -> Tensor:
    """The inverse of cosh."""
def adaptive_avg_pool1d(input: Tensor, output_size: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The mean of window o, [floor(o in / out), ceil((o + 1) in / out)), of (*, L)."""
def add(input: Tensor | complex, other: Tensor | complex, *, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """input + alpha * other."""
def add_(input: Tensor, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
    """input + alpha * other."""
def addcdiv(input: Tensor | complex, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """input + value * tensor1 / tensor2."""
def addcdiv_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
def addcmul(input: Tensor | complex, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """input + value * tensor1 * tensor2."""
def addcmul_(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """beta * input + alpha * mat1 @ mat2; with beta = 0 the input is not read."""
def addmm_(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Tensor:
    """beta * input + alpha * mat1 @ mat2; with beta = 0 the input is not read."""
def alias(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The same shape on the same memory, as a tensor of its own."""
def all(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Whether no element over the dims in `dim` is zero."""
def amax(input: Tensor, dim: int | _size | None = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest element over the dims in `dim`; over all of them by default. Equal ones share the gradient."""
def amin(input: Tensor, dim: int | _size | None = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The smallest element over the dims in `dim`; over all of them by default. Equal ones share the gradient."""
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> return_types.aminmax:
    """The smallest and the largest element along dim; of all by default."""
def any(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """Whether an element over the dims in `dim` is not zero."""
def arange(start: complex | Tensor, end: complex | Tensor, step: complex | Tensor, *, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """start, start + step, ... before end; without dtype int64 if all three are integers."""
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index of the first largest element along dim; of the flattened input by default."""
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index of the first smallest element along dim; of the flattened input by default."""
def as_strided(input: Tensor, size: int | _size, stride: int | _size, storage_offset: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """Any sizes and strides on the memory of input; storage_offset counts from the start of the storage."""
def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is input."""
def asin_(input: Tensor) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is input."""
def asinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of sinh."""
def asinh_(input: Tensor) -> Tensor:
    """The inverse of sinh."""
def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is input."""
def atan2(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input) in (-pi, pi]."""
def atan2_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The angle of the point (other, input) in (-pi, pi]."""
def atan_(input: Tensor) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is input."""
def atanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of tanh."""
def atanh_(input: Tensor) -> Tensor:
    """The inverse of tanh."""
def avg_pool1d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, ceil_mode: bool = False, count_include_pad: bool = True, *, out: Tensor | None = None) -> Tensor:
    """The mean of each window of (*, L)."""
def avg_pool2d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The mean of each window of (*, H, W)."""
def avg_pool3d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """The mean of each window of (*, D, H, W)."""
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """beta * input + alpha * batch1 @ batch2 for batches of matrices; with beta = 0 the input is not read."""
def baddbmm_(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Tensor:
    """beta * input + alpha * batch1 @ batch2 for batches of matrices; with beta = 0 the input is not read."""
def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None, bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-05, *, out: Tensor | None = None) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel (dim 1). Training takes mean and variance of the batch and moves the running ones by momentum towards them, the variance unbiased."""
def bernoulli(input: Tensor, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """1 with the probability that the element of input says, else 0."""
def bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0; its absolute error is below 1e-15."""
def bessel_j0_(input: Tensor) -> Tensor:
    """The Bessel function of the first kind of order 0; its absolute error is below 1e-15."""
def bessel_j1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1; its absolute error is below 1e-15."""
def bessel_j1_(input: Tensor) -> Tensor:
    """The Bessel function of the first kind of order 1; its absolute error is below 1e-15."""
def bessel_y0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0; its absolute error is below 2e-15."""
def bessel_y0_(input: Tensor) -> Tensor:
    """The Bessel function of the second kind of order 0; its absolute error is below 2e-15."""
def bessel_y1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1; its absolute error is below 2e-15 from 1 on."""
def bessel_y1_(input: Tensor) -> Tensor:
    """The Bessel function of the second kind of order 1; its absolute error is below 2e-15 from 1 on."""
def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None, *, out: Tensor | None = None) -> Tensor:
    """Numbers of successes among `count` trials of probability `prob`."""
def bitwise_and(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit: and."""
def bitwise_and_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Bit by bit: and."""
def bitwise_left_shift(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * 2^other."""
def bitwise_left_shift_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input * 2^other."""
def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """All bits turned; of bool: not."""
def bitwise_not_(input: Tensor) -> Tensor:
    """All bits turned; of bool: not."""
def bitwise_or(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit: or."""
def bitwise_or_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Bit by bit: or."""
def bitwise_right_shift(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input / 2^other, rounded down."""
def bitwise_right_shift_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input / 2^other, rounded down."""
def bitwise_xor(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Bit by bit: exclusive or."""
def bitwise_xor_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Bit by bit: exclusive or."""
def bmm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Products of two batches of matrices: (b, n, k) and (b, k, m) give (b, n, m)."""
def cat(tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """Joins tensors along dim; their other sizes are equal. Empty tensors of shape (0,) are left out."""
def cauchy(input: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of Cauchy draws."""
def cauchy_(input: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of Cauchy draws."""
def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounded up."""
def ceil_(input: Tensor) -> Tensor:
    """Rounded up."""
def celu(input: Tensor, alpha: float = 1, *, out: Tensor | None = None) -> Tensor:
    """input where positive, alpha * (exp(input / alpha) - 1) elsewhere."""
def celu_(input: Tensor, alpha: float = 1) -> Tensor:
    """input where positive, alpha * (exp(input / alpha) - 1) elsewhere."""
def channel_shuffle(input: Tensor, groups: int, *, out: Tensor | None = None) -> Tensor:
    """The channels (dim 1) of all groups in turn: seen as (groups, C / groups) they are transposed."""
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces along dim, all of one size but the last."""
def clamp_max(input: Tensor | complex, max: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """At most max."""
def clamp_max_(input: Tensor, max: Tensor | complex) -> Tensor:
    """At most max."""
def clamp_min(input: Tensor | complex, min: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """At least min."""
def clamp_min_(input: Tensor, min: Tensor | complex) -> Tensor:
    """At least min."""
def clone(input: Tensor, *, memory_format: str | None = None, out: Tensor | None = None) -> Tensor:
    """A copy of input. Strides are kept where input is dense, unless memory_format asks for an order."""
def conj(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex conjugate of each element; a real tensor is returned as it is."""
def constant_pad_nd(input: Tensor, pad: int | _size, value: complex | Tensor = 0, *, out: Tensor | None = None) -> Tensor:
    """A border of one value: nn.functional.pad with mode 'constant'."""
def copy(input: Tensor, src: Tensor, non_blocking: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The elements of src, broadcast to the shape of input and cast to its dtype."""
def copy_(input: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """The elements of src, broadcast to the shape of input and cast to its dtype."""
def copysign(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The magnitude of input with the sign of other."""
def copysign_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The magnitude of input with the sign of other."""
def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The cosine; input in radians, of a size up to 2^50."""
def cos_(input: Tensor) -> Tensor:
    """The cosine; input in radians, of a size up to 2^50."""
def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """(exp(x) + exp(-x)) / 2."""
def cosh_(input: Tensor) -> Tensor:
    """(exp(x) + exp(-x)) / 2."""
def cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = 'mean', label_smoothing: float = 0, *, out: Tensor | None = None) -> Tensor:
    """Mean of -log(softmax(input)[target]) over positions; classes in dim 1 (dim 0 of a 1-d input), targets are class indices."""
def cummax(input: Tensor, dim: int) -> return_types.cummax:
    """The largest of the elements up to each place along dim, and where the last such stands."""
def cummin(input: Tensor, dim: int) -> return_types.cummin:
    """The smallest of the elements up to each place along dim, and where the last such stands."""
def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Products of the elements up to each place along dim."""
def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Sums of the elements up to each place along dim."""
def deg2rad(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Degrees to radians."""
def deg2rad_(input: Tensor) -> Tensor:
    """Degrees to radians."""
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1, *, out: Tensor | None = None) -> Tensor:
    """The elements (i, i + offset) of dims dim1 and dim2, as a new last dim."""
def digamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The derivative of lgamma."""
def digamma_(input: Tensor) -> Tensor:
    """The derivative of lgamma."""
def div(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input / other; integers become the default floating type."""
def div_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input / other; integers become the default floating type."""
def dropout(input: Tensor, p: float = 0.5, training: bool = True, *, seed: int | None = None, offset: int | None = None, out: Tensor | None = None) -> Tensor:
    """While training each element is 0 with probability p and else divided by 1 - p; input itself otherwise."""
def dropout_(input: Tensor, p: float = 0.5, training: bool = True, *, seed: int | None = None, offset: int | None = None) -> Tensor:
    """While training each element is 0 with probability p and else divided by 1 - p; input itself otherwise."""
def elu(input: Tensor, alpha: float = 1, *, out: Tensor | None = None) -> Tensor:
    """input where positive, alpha * (exp(input) - 1) elsewhere."""
def elu_(input: Tensor, alpha: float = 1) -> Tensor:
    """input where positive, alpha * (exp(input) - 1) elsewhere."""
def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None, scale_grad_by_freq: bool = False, sparse: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The rows of weight that the integers in input name. The row padding_idx gets no gradient; scale_grad_by_freq divides a row's gradient by how often it was named."""
@overload
def empty(size: _size, *, dtype: dtype | None = None, device: Device | None = None, memory_format: str | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor whose elements are not set."""
@overload
def empty(*size: int, dtype: dtype | None = None, device: Device | None = None, memory_format: str | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor whose elements are not set."""
def empty_like(input: Tensor, *, dtype: dtype | None = None, device: Device | None = None, memory_format: str | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor of the shape of input, and in its memory order where it is dense, whose elements are not set."""
def empty_strided(size: int | _size, stride: int | _size, *, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor with the given strides whose elements are not set."""
def entr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-x log(x); 0 at 0 and -inf below it."""
def entr_(input: Tensor) -> Tensor:
    """-x log(x); 0 at 0 and -inf below it."""
def eq(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input equals other."""
def eq_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input equals other."""
def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The error function."""
def erf_(input: Tensor) -> Tensor:
    """The error function."""
def erfc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 - erf(input), exact in the tail."""
def erfc_(input: Tensor) -> Tensor:
    """1 - erf(input), exact in the tail."""
def erfcx(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(input^2) erfc(input), without overflow."""
def erfcx_(input: Tensor) -> Tensor:
    """exp(input^2) erfc(input), without overflow."""
def erfinv(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverse of erf on (-1, 1)."""
def erfinv_(input: Tensor) -> Tensor:
    """The inverse of erf on (-1, 1)."""
def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """e^input."""
def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2^input."""
def exp2_(input: Tensor) -> Tensor:
    """2^input."""
def exp_(input: Tensor) -> Tensor:
    """e^input."""
@overload
def expand(input: Tensor, size: _size, *, out: Tensor | None = None) -> Tensor:
    """Dims of size 1 repeated without a copy, to the given sizes; -1 keeps a size."""
@overload
def expand(input: Tensor, *size: int, out: Tensor | None = None) -> Tensor:
    """Dims of size 1 repeated without a copy, to the given sizes; -1 keeps a size."""
def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(input) - 1, exact near 0."""
def expm1_(input: Tensor) -> Tensor:
    """exp(input) - 1, exact near 0."""
def exponential(input: Tensor, lambd: float = 1, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of exponential draws of rate lambd."""
def exponential_(input: Tensor, lambd: float = 1, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of exponential draws of rate lambd."""
def fill(input: Tensor, value: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """A tensor like input with every element equal to value, a number or a 0-d tensor."""
def fill_(input: Tensor, value: Tensor | complex) -> Tensor:
    """A tensor like input with every element equal to value, a number or a 0-d tensor."""
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1, *, out: Tensor | None = None) -> Tensor:
    """Dims start_dim to end_dim as one, as a view where the strides allow one."""
@overload
def flip(input: Tensor, dims: _size, *, out: Tensor | None = None) -> Tensor:
    """input in reverse order along dims."""
@overload
def flip(input: Tensor, *dims: int, out: Tensor | None = None) -> Tensor:
    """input in reverse order along dims."""
def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounded down."""
def floor_(input: Tensor) -> Tensor:
    """Rounded down."""
def floor_divide(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input / other rounded down, as Python's //."""
def floor_divide_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input / other rounded down, as Python's //."""
def fmax(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The larger of both; a NaN loses."""
def fmax_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The larger of both; a NaN loses."""
def fmin(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The smaller of both; a NaN loses."""
def fmin_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The smaller of both; a NaN loses."""
def fmod(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The rest of a division rounded to zero: it has the sign of input, as C's fmod."""
def fmod_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The rest of a division rounded to zero: it has the sign of input, as C's fmod."""
def frac(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input - trunc(input)."""
def frac_(input: Tensor) -> Tensor:
    """input - trunc(input)."""
def full(size: int | _size, fill_value: complex | Tensor, *, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor with one value everywhere; without dtype of the value's own type."""
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False, out: Tensor | None = None) -> Tensor:
    """out[i][j] = input[index[i][j]][j] for dim 0, and alike for the others."""
def ge(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input is at least other."""
def ge_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input is at least other."""
def geometric(input: Tensor, p: float, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of numbers of trials up to the first success of probability p."""
def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of numbers of trials up to the first success of probability p."""
def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05, *, out: Tensor | None = None) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias, mean and variance of each sample over groups of neighbouring channels (dim 1) and all positions; weight and bias by channel."""
def gt(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input is greater than other."""
def gt_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input is greater than other."""
def hardshrink(input: Tensor, lambd: float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """0 where |input| <= lambd, input elsewhere."""
def hardshrink_(input: Tensor, lambd: float = 0.5) -> Tensor:
    """0 where |input| <= lambd, input elsewhere."""
def hardsigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """relu6(input + 3) / 6."""
def hardsigmoid_(input: Tensor) -> Tensor:
    """relu6(input + 3) / 6."""
def hardswish(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input * relu6(input + 3) / 6."""
def hardswish_(input: Tensor) -> Tensor:
    """input * relu6(input + 3) / 6."""
def hardtanh(input: Tensor, min_val: float = -1, max_val: float = 1, *, out: Tensor | None = None) -> Tensor:
    """input between min_val and max_val."""
def hardtanh_(input: Tensor, min_val: float = -1, max_val: float = 1) -> Tensor:
    """input between min_val and max_val."""
def hypot(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """sqrt(input^2 + other^2)."""
def hypot_(input: Tensor, other: Tensor | complex) -> Tensor:
    """sqrt(input^2 + other^2)."""
def i0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""
def i0_(input: Tensor) -> Tensor:
    """The modified Bessel function of the first kind of order 0."""
def i0e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(-|x|) i0(x)."""
def i0e_(input: Tensor) -> Tensor:
    """exp(-|x|) i0(x)."""
def i1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1."""
def i1_(input: Tensor) -> Tensor:
    """The modified Bessel function of the first kind of order 1."""
def i1e(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(-|x|) i1(x)."""
def i1e_(input: Tensor) -> Tensor:
    """exp(-|x|) i1(x)."""
def imag(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The imaginary parts of a complex tensor, as a view."""
def index(input: Tensor, indices: Sequence[Tensor], *, out: Tensor | None = None) -> Tensor:
    """input[indices]: integer tensors, broadcast together, name elements along their dims; None takes a dim whole; a bool mask counts as the indices of its True elements."""
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """input with alpha times the slices of source added to the slices along dim that index names."""
def index_add_(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: complex | Tensor = 1) -> Tensor:
    """input with alpha times the slices of source added to the slices along dim that index names."""
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input with the slices along dim that index names replaced by those of source."""
def index_copy_(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """input with the slices along dim that index names replaced by those of source."""
def index_fill(input: Tensor, dim: int, index: Tensor, value: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input with the slices along dim that index names filled with a number or 0-d tensor."""
def index_fill_(input: Tensor, dim: int, index: Tensor, value: Tensor | complex) -> Tensor:
    """input with the slices along dim that index names filled with a number or 0-d tensor."""
def index_put(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False, *, out: Tensor | None = None) -> Tensor:
    """input with values, broadcast, at the elements that indices name as in index(); added where accumulate."""
def index_put_(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False) -> Tensor:
    """input with values, broadcast, at the elements that indices name as in index(); added where accumulate."""
def index_select(input: Tensor, dim: int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The slices of input along dim that the 1-d tensor index names."""
def isfinite(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is neither infinite nor NaN."""
def isfinite_(input: Tensor) -> Tensor:
    """Whether it is neither infinite nor NaN."""
def isinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is infinite."""
def isinf_(input: Tensor) -> Tensor:
    """Whether it is infinite."""
def isnan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is no number."""
def isnan_(input: Tensor) -> Tensor:
    """Whether it is no number."""
def isneginf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is -inf."""
def isneginf_(input: Tensor) -> Tensor:
    """Whether it is -inf."""
def isposinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is +inf."""
def isposinf_(input: Tensor) -> Tensor:
    """Whether it is +inf."""
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> return_types.kthvalue:
    """The k-th smallest element along dim (k counts from 1), and where it stands."""
def layer_norm(input: Tensor, normalized_shape: int | _size, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-05, *, out: Tensor | None = None) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last dims, those of normalized_shape."""
def le(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input is at most other."""
def le_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input is at most other."""
def leaky_relu(input: Tensor, negative_slope: float = 0.01, *, out: Tensor | None = None) -> Tensor:
    """input where positive, negative_slope * input elsewhere."""
def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """input where positive, negative_slope * input elsewhere."""
def lerp(input: Tensor | complex, end: Tensor | complex, weight: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input + weight * (end - input), computed from the nearer end."""
def lerp_(input: Tensor, end: Tensor | complex, weight: Tensor | complex) -> Tensor:
    """input + weight * (end - input), computed from the nearer end."""
def lgamma(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the absolute gamma function."""
def lgamma_(input: Tensor) -> Tensor:
    """The logarithm of the absolute gamma function."""
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None, *, out: Tensor | None = None) -> Tensor:
    """y = x W^T + b for x of shape (*, in), W of shape (out, in) and b of shape (out,)."""
def linspace(start: complex | Tensor, end: complex | Tensor, steps: int, *, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """steps values at equal distances from start to end."""
def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The natural logarithm."""
def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 10."""
def log10_(input: Tensor) -> Tensor:
    """The logarithm to base 10."""
def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(1 + input), exact near 0."""
def log1p_(input: Tensor) -> Tensor:
    """log(1 + input), exact near 0."""
def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 2."""
def log2_(input: Tensor) -> Tensor:
    """The logarithm to base 2."""
def log_(input: Tensor) -> Tensor:
    """The natural logarithm."""
def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the standard normal distribution function, also far below 0."""
def log_ndtr_(input: Tensor) -> Tensor:
    """The logarithm of the standard normal distribution function, also far below 0."""
def log_normal(input: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of draws whose logarithm is normal."""
def log_normal_(input: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of draws whose logarithm is normal."""
def log_softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """x - log(sum(exp(x))) along dim."""
def logaddexp(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """log(exp(input) + exp(other)) without overflow."""
def logaddexp_(input: Tensor, other: Tensor | complex) -> Tensor:
    """log(exp(input) + exp(other)) without overflow."""
def logcumsumexp(input: Tensor, dim: int, *, out: Tensor | None = None) -> Tensor:
    """log(sum(exp(x))) of the elements up to each place along dim."""
def logical_and(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether both are nonzero."""
def logical_and_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether both are nonzero."""
def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether it is zero."""
def logical_not_(input: Tensor) -> Tensor:
    """Whether it is zero."""
def logical_or(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether one is nonzero."""
def logical_or_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether one is nonzero."""
def logical_xor(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether exactly one is nonzero."""
def logical_xor_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether exactly one is nonzero."""
def logsigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(sigmoid(input)) without overflow."""
def logsigmoid_(input: Tensor) -> Tensor:
    """log(sigmoid(input)) without overflow."""
def lt(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input is less than other."""
def lt_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input is less than other."""
def masked_fill(input: Tensor, mask: Tensor, value: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input with value, a number or 0-d tensor, where the bool tensor mask is True."""
def masked_fill_(input: Tensor, mask: Tensor, value: Tensor | complex) -> Tensor:
    """input with value, a number or 0-d tensor, where the bool tensor mask is True."""
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input with its elements where mask is True replaced by those of source, in order."""
def masked_scatter_(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """input with its elements where mask is True replaced by those of source, in order."""
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements of input where mask is True, both broadcast together, as a 1-d tensor."""
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Matrix product. 1-d operands are a row on the left, a column on the right; dims before the last two broadcast."""
def max_dim(input: Tensor, dim: int, keepdim: bool = False) -> return_types.max:
    """The largest element along dim and the index of the first such."""
def max_pool1d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest element of each window of (*, L); nan is the largest."""
def max_pool1d_with_indices(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False) -> tuple[Tensor, Tensor]:
    """The largest element of each window of (*, L), and its position, counted row-major."""
def max_pool2d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest element of each window of (*, H, W); nan is the largest."""
def max_pool3d(input: Tensor, kernel_size: int | _size, stride: int | _size | None = None, padding: int | _size = 0, dilation: int | _size = 1, ceil_mode: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest element of each window of (*, D, H, W); nan is the largest."""
def maximum(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The larger of both; NaN where either is."""
def maximum_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The larger of both; NaN where either is."""
def mean(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Mean of the elements over the dims in `dim`; over all of them by default. nan where there are none."""
def median_dim(input: Tensor, dim: int = -1, keepdim: bool = False) -> return_types.median:
    """The median along dim, the lower of the two middle elements, and where it stands; nan where there is a nan."""
def min_dim(input: Tensor, dim: int, keepdim: bool = False) -> return_types.min:
    """The smallest element along dim and the index of the first such."""
def minimum(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The smaller of both; NaN where either is."""
def minimum_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The smaller of both; NaN where either is."""
def mish(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input * tanh(softplus(input))."""
def mish_(input: Tensor) -> Tensor:
    """input * tanh(softplus(input))."""
def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Product of two matrices: (n, k) and (k, m) give (n, m)."""
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> return_types.mode:
    """The most frequent element along dim, the smallest of such, and where its last occurrence stands."""
def modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0."""
def modified_bessel_k0_(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind of order 0."""
def modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1."""
def modified_bessel_k1_(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind of order 1."""
def movedim(input: Tensor, source: int | _size, destination: int | _size, *, out: Tensor | None = None) -> Tensor:
    """The dims in source moved to the positions in destination; the others keep their order."""
def mul(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input * other."""
def mul_(input: Tensor, other: Tensor | complex) -> Tensor:
    """input * other."""
def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """num_samples indices drawn with probabilities in proportion to the rows of input."""
def nanmedian_dim(input: Tensor, dim: int = -1, keepdim: bool = False) -> return_types.nanmedian:
    """The median of the elements along dim that are not nan, and where it stands."""
def nansum(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Sum of the elements over the dims in `dim`, nan counted as 0."""
def narrow(input: Tensor, dim: int, start: int, length: int, *, out: Tensor | None = None) -> Tensor:
    """Elements start to start + length along dim."""
def native_channel_shuffle(input: Tensor, groups: int, *, out: Tensor | None = None) -> Tensor:
    """Another name of channel_shuffle."""
def ndtri(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The number below which a standard normal variable lies with probability `input`."""
def ndtri_(input: Tensor) -> Tensor:
    """The number below which a standard normal variable lies with probability `input`."""
def ne(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """Whether input differs from other."""
def ne_(input: Tensor, other: Tensor | complex) -> Tensor:
    """Whether input differs from other."""
def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-input."""
def neg_(input: Tensor) -> Tensor:
    """-input."""
def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = 'mean', *, out: Tensor | None = None) -> Tensor:
    """Mean of -input[target] over positions, for log-probabilities with classes in dim 1 (dim 0 of a 1-d input)."""
def nonzero(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The indices of all elements that are not 0, in row-major order, one row each."""
def pad(input: Tensor, pad: int | _size, mode: str = 'constant', value: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """A border around the last dims of input. `pad` has (before, after) of the last dim, then of the one before it, and so on; negative numbers cut off. Modes: 'constant' (value, by default 0) for any dims; 'reflect' (mirrored at the outermost elements), 'replicate' (the outermost elements) and 'circular' (from the opposite side) for the last 1 to 3 dims with 1 or 2 dims before them."""
@overload
def permute(input: Tensor, dims: _size, *, out: Tensor | None = None) -> Tensor:
    """The dims in another order: dim i of the result is dim dims[i] of input."""
@overload
def permute(input: Tensor, *dims: int, out: Tensor | None = None) -> Tensor:
    """The dims in another order: dim i of the result is dim dims[i] of input."""
def pixel_shuffle(input: Tensor, upscale_factor: int, *, out: Tensor | None = None) -> Tensor:
    """(*, C r^2, H, W) as (*, C, H r, W r): each pixel's r^2 channels become a square of r by r pixels."""
def pixel_unshuffle(input: Tensor, downscale_factor: int, *, out: Tensor | None = None) -> Tensor:
    """(*, C, H r, W r) as (*, C r^2, H, W): the inverse of pixel_shuffle."""
def poisson(input: Tensor, generator: Generator | None = None, *, out: Tensor | None = None) -> Tensor:
    """Poisson draws whose rates are the elements of input."""
def pow(input: Tensor | complex, exponent: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input to the power of exponent."""
def pow_(input: Tensor, exponent: Tensor | complex) -> Tensor:
    """input to the power of exponent."""
def prod(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Product of the elements over the dims in `dim`; over all of them by default."""
def rad2deg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Radians to degrees."""
def rad2deg_(input: Tensor) -> Tensor:
    """Radians to degrees."""
def random(input: Tensor, from_: int | None = None, to: int | None = None, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of integers in [from, to); without bounds all that the dtype holds exactly, from 0."""
def random_(input: Tensor, from_: int | None = None, to: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of integers in [from, to); without bounds all that the dtype holds exactly, from 0."""
def randperm(n: int, *, generator: Generator | None = None, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """The integers 0 to n - 1 in random order."""
def real(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The real parts, as a view; a real tensor as it is."""
def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / input."""
def reciprocal_(input: Tensor) -> Tensor:
    """1 / input."""
def relu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """max(input, 0)."""
def relu6(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input between 0 and 6."""
def relu6_(input: Tensor) -> Tensor:
    """input between 0 and 6."""
def relu_(input: Tensor) -> Tensor:
    """max(input, 0)."""
def remainder(input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """The rest of a division rounded down: it has the sign of other, as Python's %."""
def remainder_(input: Tensor, other: Tensor | complex) -> Tensor:
    """The rest of a division rounded down: it has the sign of other, as Python's %."""
@overload
def repeat(input: Tensor, repeats: _size, *, out: Tensor | None = None) -> Tensor:
    """input laid out repeats[i] times along dim i. Missing leading dims count as 1."""
@overload
def repeat(input: Tensor, *repeats: int, out: Tensor | None = None) -> Tensor:
    """input laid out repeats[i] times along dim i. Missing leading dims count as 1."""
@overload
def reshape(input: Tensor, shape: _size, *, out: Tensor | None = None) -> Tensor:
    """The same elements in another shape, as a view where the strides allow one; one size may be -1."""
@overload
def reshape(input: Tensor, *shape: int, out: Tensor | None = None) -> Tensor:
    """The same elements in another shape, as a view where the strides allow one; one size may be -1."""
def rms_norm(input: Tensor, normalized_shape: int | _size, weight: Tensor | None = None, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last dims, those of normalized_shape; eps is by default the machine epsilon of the type that is computed in."""
def roll(input: Tensor, shifts: int | _size, dims: int | _size | None = None, *, out: Tensor | None = None) -> Tensor:
    """input moved by shifts along dims, what leaves at the end comes in at the start. Without dims: as if flat."""
def round(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounded to the nearest integer, halves to even."""
def round_(input: Tensor) -> Tensor:
    """Rounded to the nearest integer, halves to even."""
def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / sqrt(input)."""
def rsqrt_(input: Tensor) -> Tensor:
    """1 / sqrt(input)."""
def rsub(input: Tensor | complex, other: Tensor | complex, *, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """other - alpha * input."""
def rsub_(input: Tensor, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
    """other - alpha * input."""
def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor | complex, attn_mask: Tensor | None = None, dropout_p: float = 0, is_causal: bool = False, *, scale: float | None = None, enable_gqa: bool = False, seed: int | None = None, offset: int | None = None, out: Tensor | None = None) -> Tensor:
    """softmax(query key^T scale + mask) value, in memory linear in the number of queries and keys."""
def scaled_modified_bessel_k0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) modified_bessel_k0(x)."""
def scaled_modified_bessel_k0_(input: Tensor) -> Tensor:
    """exp(x) modified_bessel_k0(x)."""
def scaled_modified_bessel_k1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) modified_bessel_k1(x)."""
def scaled_modified_bessel_k1_(input: Tensor) -> Tensor:
    """exp(x) modified_bessel_k1(x)."""
def scatter(input: Tensor | complex, dim: int, index: Tensor | complex, src: Tensor | complex | None = None, value: Tensor | complex | None = None, *, reduce: str | None = None, out: Tensor | None = None) -> Tensor:
    """input with input[index[i][j]][j] = src[i][j] for dim 0, and alike for the others; src may be one number (value). reduce='add' or 'multiply' combines with what is there."""
def scatter_(input: Tensor, dim: int, index: Tensor | complex, src: Tensor | complex | None = None, value: Tensor | complex | None = None, *, reduce: str | None = None) -> Tensor:
    """input with input[index[i][j]][j] = src[i][j] for dim 0, and alike for the others; src may be one number (value). reduce='add' or 'multiply' combines with what is there."""
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input with input[index[i][j]][j] += src[i][j] for dim 0, and alike for the others."""
def scatter_add_(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """input with input[index[i][j]][j] += src[i][j] for dim 0, and alike for the others."""
def scatter_reduce(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True, out: Tensor | None = None) -> Tensor:
    """input with input[index[i][j]][j] reduced with all src[i][j] that name it: sum, prod, mean, amax or amin. Without include_self the old values of named elements do not count."""
def scatter_reduce_(input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True) -> Tensor:
    """input with input[index[i][j]][j] reduced with all src[i][j] that name it: sum, prod, mean, amax or amin. Without include_self the old values of named elements do not count."""
def select(input: Tensor, dim: int, index: int, *, out: Tensor | None = None) -> Tensor:
    """Element `index` along dim, without that dim."""
def selu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """scale * elu(input, alpha) with the constants that keep mean 0 and variance 1."""
def selu_(input: Tensor) -> Tensor:
    """scale * elu(input, alpha) with the constants that keep mean 0 and variance 1."""
def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / (1 + exp(-input))."""
def sigmoid_(input: Tensor) -> Tensor:
    """1 / (1 + exp(-input))."""
def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1."""
def sign_(input: Tensor) -> Tensor:
    """-1, 0 or 1."""
def signbit(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether the sign bit is set: also of -0."""
def signbit_(input: Tensor) -> Tensor:
    """Whether the sign bit is set: also of -0."""
def silu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input * sigmoid(input)."""
def silu_(input: Tensor) -> Tensor:
    """input * sigmoid(input)."""
def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sine; input in radians, of a size up to 2^50."""
def sin_(input: Tensor) -> Tensor:
    """The sine; input in radians, of a size up to 2^50."""
def sinc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(pi x) / (pi x), 1 at 0."""
def sinc_(input: Tensor) -> Tensor:
    """sin(pi x) / (pi x), 1 at 0."""
def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """(exp(x) - exp(-x)) / 2."""
def sinh_(input: Tensor) -> Tensor:
    """(exp(x) - exp(-x)) / 2."""
def slice(input: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1, *, out: Tensor | None = None) -> Tensor:
    """Every step-th element from start up to end along dim, as Python's slices."""
def softmax(input: Tensor, dim: int, dtype: dtype | None = None, *, out: Tensor | None = None) -> Tensor:
    """exp(x) / sum(exp(x)) along dim."""
def softplus(input: Tensor, beta: float = 1, threshold: float = 20, *, out: Tensor | None = None) -> Tensor:
    """Smooth relu: log(1 + exp(beta x)) / beta; equals x where beta x > threshold."""
def softplus_(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """Smooth relu: log(1 + exp(beta x)) / beta; equals x where beta x > threshold."""
def softshrink(input: Tensor, lambd: float = 0.5, *, out: Tensor | None = None) -> Tensor:
    """input moved towards 0 by lambd."""
def softshrink_(input: Tensor, lambd: float = 0.5) -> Tensor:
    """input moved towards 0 by lambd."""
def softsign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input / (1 + |input|)."""
def softsign_(input: Tensor) -> Tensor:
    """input / (1 + |input|)."""
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> return_types.sort:
    """The elements in order along dim, and where they stood. nan is the largest; equal elements keep their order."""
def spherical_bessel_j0(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """sin(x) / x, 1 at 0."""
def spherical_bessel_j0_(input: Tensor) -> Tensor:
    """sin(x) / x, 1 at 0."""
def split(input: Tensor, split_size_or_sections: int | _size, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces along dim: all of one size (the last may be smaller), or of the sizes in a list."""
def split_with_sizes(input: Tensor, split_sizes: int | _size, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of the given sizes along dim; together they are all of it."""
def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square root."""
def sqrt_(input: Tensor) -> Tensor:
    """The square root."""
def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input * input."""
def square_(input: Tensor) -> Tensor:
    """input * input."""
def squeeze(input: Tensor, dim: int | _size | None = None, *, out: Tensor | None = None) -> Tensor:
    """Without the dims of size 1: all of them, or those in dim."""
def stack(tensors: Sequence[Tensor], dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """Joins tensors of one shape along a new dim."""
def sub(input: Tensor | complex, other: Tensor | complex, *, alpha: complex | Tensor = 1, out: Tensor | None = None) -> Tensor:
    """input - alpha * other."""
def sub_(input: Tensor, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
    """input - alpha * other."""
def sum(input: Tensor, dim: int | _size | None = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Tensor | None = None) -> Tensor:
    """Sum of the elements over the dims in `dim`; over all of them by default."""
def t(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The transpose of a matrix; vectors and 0-d tensors stay as they are."""
def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tangent; input in radians, of a size up to 2^50."""
def tan_(input: Tensor) -> Tensor:
    """The tangent; input in radians, of a size up to 2^50."""
def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent."""
def tanh_(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
def tanhshrink(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """input - tanh(input)."""
def tanhshrink_(input: Tensor) -> Tensor:
    """input - tanh(input)."""
def threshold(input: Tensor, threshold: float, value: float, *, out: Tensor | None = None) -> Tensor:
    """input where above threshold, value elsewhere."""
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """input where above threshold, value elsewhere."""
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> return_types.topk:
    """The k largest (or smallest) elements along dim, in order, and where they stand."""
def transpose(input: Tensor, dim0: int, dim1: int, *, out: Tensor | None = None) -> Tensor:
    """With dims dim0 and dim1 exchanged."""
def tril(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The matrices in the last two dims with 0 above the diagonal."""
def tril_(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices in the last two dims with 0 above the diagonal."""
def triu(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The matrices in the last two dims with 0 below the diagonal."""
def triu_(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices in the last two dims with 0 below the diagonal."""
def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Rounded to zero."""
def trunc_(input: Tensor) -> Tensor:
    """Rounded to zero."""
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """All elements along dim, each without that dim."""
def unflatten(input: Tensor, dim: int, sizes: int | _size, *, out: Tensor | None = None) -> Tensor:
    """One dim as several, of the given sizes; one of them may be -1."""
def unfold(input: Tensor, dimension: int, size: int, step: int, *, out: Tensor | None = None) -> Tensor:
    """All windows of `size` elements along dimension, `step` apart; a window is a new last dim."""
def uniform(input: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor like input of draws from [from, to)."""
def uniform_(input: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None) -> Tensor:
    """A tensor like input of draws from [from, to)."""
def unsqueeze(input: Tensor, dim: int, *, out: Tensor | None = None) -> Tensor:
    """With a new dim of size 1 at position dim."""
@overload
def view(input: Tensor, size: _size, *, out: Tensor | None = None) -> Tensor:
    """The same memory in another shape; one size may be -1. Fails where the strides do not allow it."""
@overload
def view(input: Tensor, *size: int, out: Tensor | None = None) -> Tensor:
    """The same memory in another shape; one size may be -1. Fails where the strides do not allow it."""
def view_as_complex(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Pairs of numbers in the last dim as complex numbers, on the same memory."""
def view_as_real(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers as pairs of numbers in a new last dim, on the same memory."""
def where(condition: Tensor, input: Tensor | complex, other: Tensor | complex, *, out: Tensor | None = None) -> Tensor:
    """input where condition holds, other elsewhere."""
def where_(condition: Tensor, input: Tensor | complex, other: Tensor | complex) -> Tensor:
    """input where condition holds, other elsewhere."""
def zero(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A tensor like input with every element 0."""
def zero_(input: Tensor) -> Tensor:
    """A tensor like input with every element 0."""
@overload
def zeros(size: _size, *, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor of zeros."""
@overload
def zeros(*size: int, dtype: dtype | None = None, device: Device | None = None, out: Tensor | None = None) -> Tensor:
    """A tensor of zeros."""
