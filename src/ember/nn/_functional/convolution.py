"""Convolutions over (N, C, L), (N, C, H, W) and (N, C, D, H, W), and their transposes."""

from __future__ import annotations

from typing import Any

from ... import _C
from ..._C import Tensor
from ..._composite import in_torch
from ...types import _size
from .padding import pad

__all__ = ["conv1d", "conv2d", "conv3d", "conv_tbc", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

_convolution = _C.ops._convolution
_convolution_input = _C.ops._convolution_input


def expanded(name: str, argument: str, value: Any, dims: int) -> tuple[int, ...]:
    """One integer for each spatial dim, from one for all or a sequence."""
    if isinstance(value, int):
        return (value,) * dims
    values = tuple(value)
    if len(values) == 1:
        return values * dims
    if len(values) != dims:
        raise RuntimeError(f"{name}(): {argument} is {value}; expected one integer, or {dims} of them.")
    return values


def _checked(name: str, input: Any, weight: Any, dims: int) -> bool:
    """Whether the input is a batch."""
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{name}(): input is {input.dim()}-d (shape {tuple(input.shape)}); expected {dims + 2}-d (batched) or "
            f"{dims + 1}-d (unbatched) input."
        )
    if weight.dim() != dims + 2:
        raise RuntimeError(
            f"{name}(): weight is {weight.dim()}-d (shape {tuple(weight.shape)}); expected {dims + 2}-d."
        )
    return bool(input.dim() == dims + 2)


def _by_parts(convolve: Any, input: Any, weight: Any, bias: Any) -> Any:
    """A complex convolution, of three real ones (Gauss): `convolve(input, weight, bias)`."""
    from ...ops.copies import complex as complex_of

    if not (input.is_complex() and weight.is_complex()):
        raise RuntimeError(f"conv(): input is {input.dtype} and weight {weight.dtype}; both must be of one type.")
    real, imaginary = convolve(input.real, weight.real, None), convolve(input.imag, weight.imag, None)
    both = convolve(input.real + input.imag, weight.real + weight.imag, None)
    result = complex_of(real - imaginary, both - real - imaginary)
    return result if bias is None else result + bias.reshape(-1, *(1,) * (weight.dim() - 2))


def _same_padding(name: str, input: Any, kernel: Any, stride: Any, dilation: Any, dims: int) -> tuple[Any, Any]:
    """The input and the padding on both sides that keep its size; an odd rest is added behind the input."""
    if any(each != 1 for each in stride):
        raise RuntimeError(f"{name}(): padding='same' is not supported for strided convolutions; stride is {stride}.")
    totals = [each * (size - 1) for each, size in zip(dilation, kernel, strict=True)]
    if any(total % 2 for total in totals):
        input = pad(input, [width for total in reversed(totals) for width in (0, total % 2)])
    return input, tuple(total // 2 for total in totals)


def _convolve(
    name: str, dims: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    batched = _checked(name, input, weight, dims)
    strides, dilations = expanded(name, "stride", stride, dims), expanded(name, "dilation", dilation, dims)
    if padding == "same":
        input, paddings = _same_padding(name, input, weight.shape[2:], strides, dilations, dims)
    elif isinstance(padding, str):
        if padding != "valid":
            raise RuntimeError(f"{name}(): padding is {padding!r}; expected 'valid', 'same' or integers.")
        paddings = (0,) * dims
    else:
        paddings = expanded(name, "padding", padding, dims)
    if input.is_complex() or weight.is_complex():
        return _by_parts(
            lambda x, w, b: _convolve(name, dims, x, w, b, strides, paddings, dilations, groups), input, weight, bias
        )
    if batched:
        return _convolution(input, weight, bias, strides, paddings, dilations, groups)
    return _convolution(input.unsqueeze(0), weight, bias, strides, paddings, dilations, groups).squeeze(0)


def _transposed(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Any:
    batched = _checked(name, input, weight, dims)
    strides, dilations = expanded(name, "stride", stride, dims), expanded(name, "dilation", dilation, dims)
    paddings, more = expanded(name, "padding", padding, dims), expanded(name, "output_padding", output_padding, dims)
    if input.is_complex() or weight.is_complex():
        return _by_parts(
            lambda x, w, b: _transposed(name, dims, x, w, b, strides, paddings, more, groups, dilations),
            input,
            weight,
            bias,
        )
    for d in range(dims):
        if not 0 <= more[d] < max(strides[d], dilations[d]):
            raise RuntimeError(
                f"{name}(): output_padding is {more}; each must be smaller than its stride {strides} or dilation "
                f"{dilations}."
            )
    batch = input if batched else input.unsqueeze(0)
    size = [
        (batch.shape[d + 2] - 1) * strides[d] - 2 * paddings[d] + dilations[d] * (weight.shape[d + 2] - 1) + more[d] + 1
        for d in range(dims)
    ]
    result = _convolution_input(batch, weight, bias, size, strides, paddings, dilations, groups)
    return result if batched else result.squeeze(0)


@in_torch
def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: str | int | _size = 0,
    dilation: int | _size = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution over a sequence: ``y[n, o, i] = bias[o] + sum w[o, c, k] x[n, c, stride i + dilation k - padding]``.

    Args:
        input: ``(N, C, L)`` or ``(C, L)``.
        weight: ``(O, C / groups, K)``.
        bias: ``(O)``. Default: none.
        stride: positions between two results. Default: 1.
        padding: zeros at both ends; ``"valid"`` is none, ``"same"`` keeps L. Default: 0.
        dilation: positions between two elements of the kernel. Default: 1.
        groups: channels are cut into so many groups that do not see each other. Default: 1.

    Shape:
        Output: ``(N, O, (L + 2 padding - dilation (K - 1) - 1) / stride + 1)``, rounded down.

    Example:
        >>> ember.nn.functional.conv1d(ember.zeros(1, 2, 10), ember.zeros(4, 2, 3)).shape
        torch.Size([1, 4, 8])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@in_torch
def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: str | int | _size = 0,
    dilation: int | _size = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution over images, as :func:`conv1d` over sequences.

    Shape: input ``(N, C, H, W)`` or ``(C, H, W)``, weight ``(O, C / groups, KH, KW)``, result ``(N, O, H', W')``.

    Example:
        >>> ember.nn.functional.conv2d(ember.zeros(1, 3, 8, 8), ember.zeros(4, 3, 3, 3), padding=1).shape
        torch.Size([1, 4, 8, 8])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@in_torch
def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: str | int | _size = 0,
    dilation: int | _size = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution over volumes, as :func:`conv1d` over sequences.

    Shape: input ``(N, C, D, H, W)`` or ``(C, D, H, W)``, weight ``(O, C / groups, KD, KH, KW)``, result
    ``(N, O, D', H', W')``.
    """
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


@in_torch
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: int | _size = 0,
    output_padding: int | _size = 0,
    groups: int = 1,
    dilation: int | _size = 1,
) -> Tensor:
    """The transpose of :func:`conv1d` as a linear map: each element of the input adds a scaled kernel to the result.

    Args:
        input: ``(N, C, L)`` or ``(C, L)``.
        weight: ``(C, O / groups, K)``.
        bias: ``(O)``. Default: none.
        stride: positions between the kernels of two inputs. Default: 1.
        padding: what is cut off at both ends. Default: 0.
        output_padding: size that is added at the end, below stride or dilation. Default: 0.
        groups: channels are cut into so many groups that do not see each other. Default: 1.
        dilation: positions between two elements of the kernel. Default: 1.

    Shape:
        Output: ``(N, O, (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1)``.

    Source: Zeiler et al. 2010, "Deconvolutional networks".
    """
    return _transposed("conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@in_torch
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: int | _size = 0,
    output_padding: int | _size = 0,
    groups: int = 1,
    dilation: int | _size = 1,
) -> Tensor:
    """The transpose of :func:`conv2d`, as :func:`conv_transpose1d` is that of :func:`conv1d`.

    Shape: input ``(N, C, H, W)`` or ``(C, H, W)``, weight ``(C, O / groups, KH, KW)``, result ``(N, O, H', W')``.

    Example:
        >>> ember.nn.functional.conv_transpose2d(ember.zeros(1, 3, 4, 4), ember.zeros(3, 2, 2, 2), stride=2).shape
        torch.Size([1, 2, 8, 8])
    """
    return _transposed("conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@in_torch
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | _size = 1,
    padding: int | _size = 0,
    output_padding: int | _size = 0,
    groups: int = 1,
    dilation: int | _size = 1,
) -> Tensor:
    """The transpose of :func:`conv3d`, as :func:`conv_transpose1d` is that of :func:`conv1d`.

    Shape: input ``(N, C, D, H, W)`` or ``(C, D, H, W)``, weight ``(C, O / groups, KD, KH, KW)``, result
    ``(N, O, D', H', W')``.
    """
    return _transposed("conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation)


@in_torch
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """Convolution over a sequence of shape (time, batch, channels).

    Shape: input ``(L, N, C)``, weight ``(K, C, O)``, bias ``(O)``, result ``(L', N, O)``.
    """
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad).permute(2, 0, 1)


@in_torch
def convolution(
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Any:
    """Any of the convolutions above; the number of dims of the weight says which."""
    dims = weight.dim() - 2
    if transposed:
        name = f"conv_transpose{dims}d"
        return _transposed(name, dims, input, weight, bias, stride, padding, output_padding, groups, dilation)
    return _convolve(f"conv{dims}d", dims, input, weight, bias, stride, padding, dilation, groups)
