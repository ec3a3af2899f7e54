"""Rules of layers of images and sequences: the batch joins the dim of the images, or that of the channels."""

from __future__ import annotations

import math
from typing import Any

from .registry import Batch, by_sample, composition, is_mapped, ops, rule


def folded(x: Any) -> Any:
    """(B, N, ...) as (B N, ...)."""
    return None if x is None else ops.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))


def unfolded(batch: Batch, result: Any) -> Any:
    """The inverse, of all results that have the dim."""
    if isinstance(result, tuple):
        return tuple(unfolded(batch, each) for each in result)
    if result is None:
        return None
    if result.dim() == 0:  # a note for the gradient, the same for all samples
        return (result,)
    return ops.reshape(result, (batch.size, result.shape[0] // batch.size, *result.shape[1:]))


def _noted(result: Any) -> Any:
    """Results of a call with the batch in the place of the images."""
    if not isinstance(result, tuple):
        return result
    return tuple((each,) if each is not None and each.dim() == 0 else each for each in result)


# ---- convolutions: (N, C, d1, ...), weight (O, C / groups, k1, ...) ----


def channels_folded(x: Any) -> Any:
    """(B, N, C, ...) as (N, B C, ...)."""
    x = ops.transpose(x, 0, 1)
    return ops.reshape(x, (x.shape[0], x.shape[1] * x.shape[2], *x.shape[3:]))


def channels_unfolded(batch: Batch, x: Any) -> Any:
    """The inverse."""
    x = ops.reshape(x, (x.shape[0], batch.size, x.shape[1] // batch.size, *x.shape[2:]))
    return ops.transpose(x, 0, 1)


def _with_bias(batch: Batch, result: Any, bias: Any) -> Any:
    """(B, N, O, ...) and a bias of its own for each sample."""
    if bias is None:
        return result
    return result + ops.reshape(bias, (batch.size, 1, -1, *[1] * (result.dim() - 3)))


@rule("_convolution", "_convolution_input")
def _convolution(batch: Batch, x: Any, weight: Any, bias: Any, *settings: Any) -> Any:
    own_bias = bias if batch.mapped[2] else None
    shared_bias = None if batch.mapped[2] else bias
    if not batch.mapped[1]:
        if not batch.mapped[0]:
            result = batch.run(x, weight, None, *settings)
            return _with_bias(batch, ops.expand(result, (batch.size, *result.shape)), own_bias)
        result = unfolded(batch, batch.run(folded(x), weight, shared_bias, *settings))
        return _with_bias(batch, result, own_bias)
    *others, groups = settings
    if batch.name == "_convolution" and groups == 1 and not batch.mapped[0]:
        result = batch.run(x, folded(weight), None, *others, 1)
    else:
        result = batch.run(channels_folded(batch.full(0, x)), folded(weight), None, *others, groups * batch.size)
    result = channels_unfolded(batch, result)
    if shared_bias is not None:
        own_bias = ops.expand(shared_bias, (batch.size, *shared_bias.shape))
    return _with_bias(batch, result, own_bias)


@rule("_convolution_weight")
def _convolution_weight(batch: Batch, g: Any, x: Any, *settings: Any) -> Any:
    *others, groups = settings
    g = channels_folded(batch.full(0, g))
    if batch.mapped[1] or groups > 1:
        result = batch.run(g, channels_folded(batch.full(1, x)), *others, groups * batch.size)
    else:
        result = batch.run(g, x, *others, 1)
    return unfolded(batch, result)


# ---- pooling: (N, C, d1, ...) or (C, d1, ...) ----


def _dims_of_pool(name: str) -> int:
    return int(name[name.index("pool") + 4])


@rule(
    *(f"{kind}_pool{d}d" for kind in ("max", "avg") for d in (1, 2, 3)),
    *("max_pool1d_with_indices", "_max_pool2d_with_indices", "_max_pool3d_with_indices", "adaptive_avg_pool1d"),
    *("_adaptive_avg_pool2d", "_adaptive_avg_pool3d"),
    *(f"_adaptive_max_pool{d}d" for d in (1, 2, 3)),
)
def _pool(batch: Batch, x: Any, *settings: Any) -> Any:
    if x.dim() - 1 == _dims_of_pool(batch.name) + 2:
        return unfolded(batch, batch.run(folded(x), *settings))
    return _noted(batch.run(x, *settings))


@rule("_fractional_max_pool2d", "_fractional_max_pool3d")
def _fractional(batch: Batch, x: Any, kernel: Any, output: Any, samples: Any) -> Any:
    x, samples = batch.full(0, x), batch.full(3, samples)
    if x.dim() - 1 == _dims_of_pool(batch.name) + 2:
        return unfolded(batch, batch.run(folded(x), kernel, output, folded(samples)))
    return batch.run(x, kernel, output, folded(samples))


def _pool_back(batch: Batch, tensors: list[Any], sizes: Any, rest: Any, pool: str) -> Any:
    if len(sizes) == _dims_of_pool(pool) + 2:
        result = batch.run(*map(folded, tensors), (batch.size * sizes[0], *sizes[1:]), *rest)
        return unfolded(batch, result)
    return batch.run(*tensors, (batch.size, *sizes), *rest)


@rule("_avg_pool_backward")
def _avg_pool_backward(batch: Batch, g: Any, sizes: Any, *rest: Any) -> Any:
    return _pool_back(batch, [g], sizes, rest, rest[-2])


@rule("_adaptive_avg_pool_backward")
def _adaptive_avg_pool_backward(batch: Batch, g: Any, sizes: Any, *rest: Any) -> Any:
    return _pool_back(batch, [g], sizes, rest, rest[-2])


@rule("_max_pool_backward")
def _max_pool_backward(batch: Batch, g: Any, places: Any, sizes: Any, *rest: Any) -> Any:
    return _pool_back(batch, [batch.full(0, g), batch.full(1, places)], sizes, rest, rest[-2])


@rule("_max_pool_positions")
def _max_pool_positions(batch: Batch, places: Any, sizes: Any, *rest: Any) -> Any:
    return _pool_back(batch, [places], sizes, rest, rest[-1])


# ---- padding, blocks, resampling ----


@rule("constant_pad_nd", "pixel_shuffle", "pixel_unshuffle")
def _trailing(batch: Batch, x: Any, *rest: Any) -> Any:
    return batch.run(x, *rest)


@rule("pad")
def _pad(batch: Batch, x: Any, pad: Any, mode: str, value: Any) -> Any:
    if mode != "constant" and x.dim() - 1 == len(pad) // 2 + 2:
        return unfolded(batch, batch.run(folded(x), pad, mode, value))
    return batch.run(x, pad, mode, value)


@rule("_pad_gradient")
def _pad_gradient(batch: Batch, g: Any, pad: Any, mode: str, size: Any) -> Any:
    if mode != "constant" and g.dim() - 1 == len(pad) // 2 + 2:
        return unfolded(batch, batch.run(folded(g), pad, mode, (batch.size * size[0], *size[1:])))
    return batch.run(g, pad, mode, (batch.size, *size))


@rule("_unfold", "_fold")
def _blocks(batch: Batch, x: Any, *rest: Any) -> Any:
    if x.dim() - 1 == (4 if batch.name == "_unfold" else 3):
        return unfolded(batch, batch.run(folded(x), *rest))
    return batch.run(x, *rest)


@rule("_resample", "channel_shuffle", "native_channel_shuffle")
def _resample(batch: Batch, x: Any, *rest: Any) -> Any:
    return unfolded(batch, batch.run(folded(x), *rest))


@rule("_grid_sample")
def _grid_sample(batch: Batch, x: Any, grid: Any, *rest: Any) -> Any:
    return unfolded(batch, batch.run(folded(batch.full(0, x)), folded(batch.full(1, grid)), *rest))


@rule("_grid_sample_backward")
def _grid_sample_backward(batch: Batch, g: Any, x: Any, grid: Any, *rest: Any) -> Any:
    return unfolded(batch, batch.run(*(folded(batch.full(i, each)) for i, each in enumerate((g, x, grid))), *rest))


# ---- norms of rows: (*, normalized_shape) ----


@composition("layer_norm")
def _layer_norm_apart(x: Any, shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    if not (is_mapped(weight) or is_mapped(bias)):
        return NotImplemented
    normal = ops.layer_norm(x, shape, None, None, eps)
    normal = normal if weight is None else normal * weight
    return normal if bias is None else normal + bias


@rule("layer_norm")
def _layer_norm(batch: Batch, x: Any, *rest: Any) -> Any:
    return batch.run(x, *rest)


def _sum_of_rows(batch: Batch, x: Any, rank: int) -> Any:
    """The sum over the rows of each sample; `rank` dims are a row."""
    dims = tuple(range(1, x.dim() - rank))
    return ops.sum(x, dims) if dims else x


@rule("_layer_norm_backward")
def _layer_norm_backward(batch: Batch, g: Any, x: Any, weight: Any, mean: Any, rstd: Any, affine: bool) -> Any:
    if batch.mapped[2]:
        return by_sample(batch, g, x, weight, mean, rstd, affine)
    g, x, mean, rstd = (batch.full(i, each) for i, each in ((0, g), (1, x), (3, mean), (4, rstd)))
    by_input = batch.run(g, x, weight, mean, rstd, False)[0]
    if not affine:
        return by_input, None, None
    rank = x.dim() - mean.dim()
    rows = (*mean.shape, *[1] * rank)
    normal = (x - ops.reshape(mean, rows).to(x.dtype)) * ops.reshape(rstd, rows).to(x.dtype)
    return by_input, _sum_of_rows(batch, g * normal, rank), _sum_of_rows(batch, g, rank)


@composition("rms_norm")
def _rms_norm_apart(x: Any, shape: Any, weight: Any, eps: Any) -> Any:
    return ops.rms_norm(x, shape, None, eps) * weight if is_mapped(weight) else NotImplemented


@rule("rms_norm")
def _rms_norm(batch: Batch, x: Any, *rest: Any) -> Any:
    return batch.run(x, *rest)


@rule("_rms_norm_backward")
def _rms_norm_backward(batch: Batch, g: Any, x: Any, weight: Any, rstd: Any, affine: bool) -> Any:
    if batch.mapped[2]:
        return by_sample(batch, g, x, weight, rstd, affine)
    g, x, rstd = (batch.full(i, each) for i, each in ((0, g), (1, x), (3, rstd)))
    by_input = batch.run(g, x, weight, rstd, False)[0]
    if not affine:
        return by_input, None
    rank = x.dim() - rstd.dim()
    normal = x * ops.reshape(rstd, (*rstd.shape, *[1] * rank)).to(x.dtype)
    return by_input, _sum_of_rows(batch, g * normal, rank)


# ---- norms of channels: (N, C, *) ----


def _by_channel(x: Any, rank: int) -> Any:
    """(C) so that it broadcasts over (N, C, *) of `rank` dims."""
    return ops.reshape(x, (-1, *[1] * (rank - 2)))


@composition("group_norm")
def _group_norm_apart(x: Any, groups: int, weight: Any, bias: Any, eps: float) -> Any:
    if not (is_mapped(weight) or is_mapped(bias)):
        return NotImplemented
    normal = ops.group_norm(x, groups, None, None, eps)
    normal = normal if weight is None else normal * _by_channel(weight, x.dim())
    return normal if bias is None else normal + _by_channel(bias, x.dim())


@rule("group_norm")
def _group_norm(batch: Batch, x: Any, *rest: Any) -> Any:
    return unfolded(batch, batch.run(folded(x), *rest))


@rule("_group_norm_backward")
def _group_norm_backward(batch: Batch, g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> Any:
    if batch.mapped[2]:
        return by_sample(batch, g, x, weight, mean, rstd)
    g, x, mean, rstd = (batch.full(i, each) for i, each in ((0, g), (1, x), (3, mean), (4, rstd)))
    by_input = batch.run(*(folded(each) for each in (g, x)), weight, folded(mean), folded(rstd))[0]
    grouped = (*x.shape[:2], mean.shape[-1], math.prod(x.shape[2:]) // mean.shape[-1])
    centred = ops.reshape(x, grouped) - ops.unsqueeze(mean, -1).to(x.dtype)
    normal = ops.reshape(centred * ops.unsqueeze(rstd, -1).to(x.dtype), x.shape)
    others = tuple(i for i in range(1, x.dim()) if i != 2)
    return unfolded(batch, by_input), ops.sum(g * normal, others), ops.sum(g, others)


def _for_all(batch: Batch, i: int, x: Any) -> Any:
    """A tensor (C) of parameter i as (B C)."""
    return None if x is None else ops.reshape(batch.full(i, x), (-1,))


@rule("batch_norm")
def _batch_norm(
    batch: Batch, x: Any, mean: Any, var: Any, weight: Any, bias: Any, training: bool, momentum: float, eps: float
) -> Any:
    if training and mean is not None and not (batch.mapped[1] and batch.mapped[2]):
        raise RuntimeError(
            "batch_norm(): Batch norm got a batched tensor as input while the running_mean or running_var, which will "
            "be updated in place, were not batched. Use func.replace_all_batch_norm_modules_(), or "
            "track_running_stats=False."
        )
    means, variances = _for_all(batch, 1, mean), _for_all(batch, 2, var)
    parameters = _for_all(batch, 3, weight), _for_all(batch, 4, bias)
    input = channels_folded(batch.full(0, x))
    result = batch.run(input, means, variances, *parameters, training, momentum, eps)
    if training and mean is not None:
        ops.copy_(mean, ops.reshape(means, mean.shape))
        ops.copy_(var, ops.reshape(variances, var.shape))
    if not isinstance(result, tuple):
        return channels_unfolded(batch, result)
    output, *hidden = result
    return channels_unfolded(batch, output), *(h if h is None else ops.reshape(h, (batch.size, -1)) for h in hidden)


@rule("_batch_norm_backward")
def _batch_norm_backward(batch: Batch, g: Any, x: Any, weight: Any, mean: Any, rstd: Any, training: bool) -> Any:
    images = (channels_folded(batch.full(i, each)) for i, each in ((0, g), (1, x)))
    statistics = (_for_all(batch, i, each) for i, each in ((2, weight), (3, mean), (4, rstd)))
    by_input, *others = batch.run(*images, *statistics, training)
    return channels_unfolded(batch, by_input), *(y if y is None else ops.reshape(y, (batch.size, -1)) for y in others)


# ---- recurrent layers: (T, N, features), states (N, width) ----


def _sequences_folded(x: Any) -> Any:
    """(B, T, N, ...) as (T, B N, ...)."""
    x = ops.transpose(x, 0, 1)
    return ops.reshape(x, (x.shape[0], x.shape[1] * x.shape[2], *x.shape[3:]))


def _sequences_unfolded(batch: Batch, x: Any) -> Any:
    """The inverse."""
    return ops.transpose(ops.reshape(x, (x.shape[0], batch.size, -1, *x.shape[2:])), 0, 1)


@rule("_recurrent_layer")
def _recurrent_layer(batch: Batch, mode: str, x: Any, hx: Any, cx: Any, *rest: Any) -> Any:
    *weights, sizes, reverse = rest
    if any(batch.mapped[4:9]) or sizes is not None:
        return by_sample(batch, mode, x, hx, cx, *rest)
    steps = x.shape[-3]
    states = (None if s is None else folded(batch.full(i, s)) for i, s in ((2, hx), (3, cx)))
    output, hidden, cell, *kept = batch.run(mode, _sequences_folded(batch.full(1, x)), *states, *weights, None, reverse)
    results = (_sequences_unfolded(batch, output), unfolded(batch, hidden), unfolded(batch, cell))
    if not kept or kept[0] is None:
        return (*results, None)[: 3 + len(kept)]
    by_step = ops.reshape(kept[0], (steps, -1, kept[0].shape[-1]))
    return *results, ops.reshape(_sequences_unfolded(batch, by_step), (batch.size, -1, kept[0].shape[-1]))


# ---- attention: (N, ..., L, E) ----


def _folded_heads(batch: Batch, i: int, x: Any) -> Any:
    x = batch.full(i, x)
    return folded(x) if x.dim() > 4 else x


@rule("scaled_dot_product_attention")
def _attention(batch: Batch, q: Any, k: Any, v: Any, mask: Any, dropout: float, *rest: Any) -> Any:
    if dropout > 0:
        return by_sample(batch, q, k, v, mask, dropout, *rest)
    operands = [_folded_heads(batch, i, x) for i, x in enumerate((q, k, v))]
    rank = batch.rank(0, q)
    if mask is not None and (batch.mapped[3] or (mask.dim() > rank - 1 and operands[0].dim() <= rank)):
        mask = batch.full(3, mask)
        mask = ops.reshape(mask, (mask.shape[0], *[1] * (rank + 1 - mask.dim()), *mask.shape[1:]))
        if operands[0].dim() <= rank:
            mask = folded(ops.expand(mask, (batch.size, q.shape[-rank], *mask.shape[2:])))
    result = batch.run(*operands, mask, dropout, *rest)
    return unfolded(batch, result) if operands[0].dim() <= rank else result


@rule("_scaled_dot_product_attention_backward")
def _attention_backward(
    batch: Batch, g: Any, q: Any, k: Any, v: Any, mask: Any, out: Any, sums: Any, dropout: float, *rest: Any
) -> Any:
    if mask is not None or dropout > 0:
        return by_sample(batch, g, q, k, v, mask, out, sums, dropout, *rest)
    operands = [_folded_heads(batch, i, x) for i, x in ((0, g), (1, q), (2, k), (3, v), (5, out))]
    sums = batch.full(6, sums)
    rank = batch.rank(1, q)
    is_folded = operands[1].dim() <= rank
    result = batch.run(*operands[:4], None, operands[4], folded(sums) if is_folded else sums, dropout, *rest)
    return unfolded(batch, result) if is_folded else result
