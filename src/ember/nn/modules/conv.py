"""Convolutions and transposed convolutions."""

from __future__ import annotations

import math
from typing import Any

from ..._C import Tensor
from ...ops.creation import empty
from ...types import _size
from .. import functional as F
from .. import init
from ..parameter import Parameter, UninitializedParameter
from .lazy import LazyModuleMixin
from .module import Module

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
]

_MODES = ("zeros", "reflect", "replicate", "circular")


def _tuple(value: Any, dims: int) -> tuple[int, ...]:
    return (value,) * dims if isinstance(value, int) else tuple(value)


class _ConvNd(Module):
    """What all convolutions hold: the sizes, the weight and the bias."""

    __constants__ = [
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
        "output_padding",
        "in_channels",
        "out_channels",
        "kernel_size",
    ]
    bias: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: Any,
        dilation: tuple[int, ...],
        transposed: bool,
        output_padding: tuple[int, ...],
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError(f"groups must be a positive integer, got {groups}")
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} must be divisible by groups, got {channels} and groups={groups}")
        if isinstance(padding, str):
            if padding not in ("valid", "same"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}")
            if padding == "same" and any(each != 1 for each in stride):
                raise ValueError(f"padding='same' is not supported for strided convolutions, got stride={stride}")
        if padding_mode not in _MODES:
            raise ValueError(f"padding_mode must be one of {_MODES}, but got padding_mode={padding_mode!r}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.transposed = transposed
        self.output_padding = output_padding
        self.groups = groups
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = self._border()
        shape = (in_channels, out_channels // groups) if transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(empty((*shape, *kernel_size), device=device, dtype=dtype))
        self.register_parameter("bias", Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _border(self) -> list[int]:
        """The padding as `F.pad` takes it: before and after of the last dim, then of the one before it."""
        if self.padding == "valid":
            return [0, 0] * len(self.kernel_size)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [width for total in reversed(totals) for width in (total // 2, total - total // 2)]
        return [width for width in reversed(self.padding) for _ in range(2)]

    def reset_parameters(self) -> None:
        """Draw new values, uniform within ``sqrt(groups / (in_channels * product of kernel_size))``."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = self.weight[0].numel()
            bound = 1 / math.sqrt(fan_in) if fan_in else 0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        dims = len(self.kernel_size)
        if self.padding != (0,) * dims:
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * dims:
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != (0,) * dims:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("padding_mode", "zeros")


class _Convolution(_ConvNd):
    """A convolution over as many dims as the class says."""

    _dims = 0
    _function: Any = None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        dims = self._dims
        super().__init__(
            in_channels,
            out_channels,
            _tuple(kernel_size, dims),
            _tuple(stride, dims),
            padding if isinstance(padding, str) else _tuple(padding, dims),
            _tuple(dilation, dims),
            False,
            (0,) * dims,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
        padding = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        return type(self)._function(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Convolution):
    """Convolution over a sequence: ``y[n, o] = bias[o] + sum over c of weight[o, c] * x[n, c]``, ``*`` slides.

    Args:
        in_channels: C of the input.
        out_channels: O of the result.
        kernel_size: size of the kernel, in elements.
        stride: positions between two results. Default: 1.
        padding: elements added at both ends; ``"valid"`` is none, ``"same"`` keeps L. Default: 0.
        dilation: positions between two elements of the kernel. Default: 1.
        groups: channels are cut into so many groups that do not see each other; ``in_channels`` is a convolution of
            each channel by itself. Default: 1.
        bias: add one number to each channel of the result. Default: ``True``.
        padding_mode: what is added: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``. Default:
            ``"zeros"``.
        device, dtype: of the parameters. Default: the current ones.

    Attributes:
        weight: ``(out_channels, in_channels / groups, kernel_size)``, uniform within
            ``sqrt(groups / (in_channels * kernel_size))``.
        bias: ``(out_channels)``, uniform in the same bounds, or None.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(N, O, L')`` or ``(O, L')`` with
        ``L' = (L + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1``, rounded down.

    Example:
        >>> ember.nn.Conv1d(16, 33, 3, stride=2)(ember.zeros(20, 16, 50)).shape
        torch.Size([20, 33, 24])
    """

    _dims = 1
    _function = staticmethod(F.conv1d)


class Conv2d(_Convolution):
    """Convolution over images, as :class:`Conv1d` over sequences; sizes are integers or pairs (height, width).

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(N, O, H', W')`` or ``(O, H', W')``.
        weight: ``(O, C / groups, kernel height, kernel width)``.

    Example:
        >>> ember.nn.Conv2d(3, 32, kernel_size=3, padding=1)(ember.zeros(8, 3, 32, 32)).shape
        torch.Size([8, 32, 32, 32])
    """

    _dims = 2
    _function = staticmethod(F.conv2d)


class Conv3d(_Convolution):
    """Convolution over volumes, as :class:`Conv1d` over sequences; sizes are integers or (depth, height, width).

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Output: ``(N, O, D', H', W')`` or ``(O, D', H', W')``.
        weight: ``(O, C / groups, kernel depth, kernel height, kernel width)``.

    Example:
        >>> ember.nn.Conv3d(2, 4, 3)(ember.zeros(1, 2, 5, 5, 5)).shape
        torch.Size([1, 4, 3, 3, 3])
    """

    _dims = 3
    _function = staticmethod(F.conv3d)


class _ConvTransposeNd(_ConvNd):
    """A transposed convolution over as many dims as the class says."""

    _dims = 0
    _function: Any = None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        dims = self._dims
        super().__init__(
            in_channels,
            out_channels,
            _tuple(kernel_size, dims),
            _tuple(stride, dims),
            _tuple(padding, dims),
            _tuple(dilation, dims),
            True,
            _tuple(output_padding, dims),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _output_padding(self, input: Any, output_size: Any) -> Any:
        """What has to be added at the ends so that the result has the size `output_size`."""
        if output_size is None:
            return self.output_padding
        dims = self._dims
        size = list(output_size)
        if len(size) in (dims + 1, dims + 2):
            size = size[-dims:]
        if len(size) != dims:
            raise ValueError(
                f"{type(self).__name__}: output_size has {len(size)} numbers; input of shape {tuple(input.shape)} "
                f"expects {dims} or {input.dim()}."
            )
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[-dims:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        most = [low + s - 1 for low, s in zip(least, self.stride, strict=True)]
        if not all(low <= n <= high for low, n, high in zip(least, size, most, strict=True)):
            raise ValueError(
                f"requested an output size of {tuple(size)}, but valid sizes range from {least} to {most} "
                f"(for an input of {input.shape[-dims:]})"
            )
        return tuple(n - low for n, low in zip(size, least, strict=True))

    def forward(self, input: Tensor, output_size: int | _size | None = None) -> Tensor:
        more = self._output_padding(input, output_size)
        return type(self)._function(
            input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation
        )


class ConvTranspose1d(_ConvTransposeNd):
    """The transpose of :class:`Conv1d` as a linear map: each element of the input adds a scaled kernel to the result.

    Args:
        in_channels: C of the input.
        out_channels: O of the result.
        kernel_size: size of the kernel, in elements.
        stride: positions between the kernels of two inputs. Default: 1.
        padding: elements cut off at both ends of the result. Default: 0.
        output_padding: size that is added at the end, to choose among the sizes that a strided convolution would map to
            the input's. Default: 0.
        groups: channels are cut into so many groups that do not see each other. Default: 1.
        bias: add one number to each channel of the result. Default: ``True``.
        dilation: positions between two elements of the kernel. Default: 1.
        padding_mode: only ``"zeros"``.
        device, dtype: of the parameters. Default: the current ones.

    Attributes:
        weight: ``(in_channels, out_channels / groups, kernel_size)``.
        bias: ``(out_channels)`` or None.

    Shape:
        Input: ``(N, C, L)`` or ``(C, L)``. Output: ``(N, O, L')`` or ``(O, L')`` with
        ``L' = (L - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1``. `forward` takes
        `output_size` in place of `output_padding`.

    Source: Zeiler et al. 2010, "Deconvolutional networks".

    Example:
        >>> ember.nn.ConvTranspose1d(4, 2, 2, stride=2)(ember.zeros(1, 4, 5)).shape
        torch.Size([1, 2, 10])
    """

    _dims = 1
    _function = staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """The transpose of :class:`Conv2d`; the arguments are :class:`ConvTranspose1d`'s, sizes integers or pairs.

    Shape:
        Input: ``(N, C, H, W)`` or ``(C, H, W)``. Output: ``(N, O, H', W')`` or ``(O, H', W')``.

    Example:
        >>> up = ember.nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1)
        >>> up(ember.zeros(1, 16, 6, 6), output_size=(12, 12)).shape
        torch.Size([1, 8, 12, 12])
    """

    _dims = 2
    _function = staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """The transpose of :class:`Conv3d`; the arguments are :class:`ConvTranspose1d`'s, sizes integers or triples.

    Shape:
        Input: ``(N, C, D, H, W)`` or ``(C, D, H, W)``. Output: ``(N, O, D', H', W')`` or ``(O, D', H', W')``.

    Example:
        >>> ember.nn.ConvTranspose3d(2, 1, 2, stride=2)(ember.zeros(1, 2, 3, 3, 3)).shape
        torch.Size([1, 1, 6, 6, 6])
    """

    _dims = 3
    _function = staticmethod(F.conv_transpose3d)


class _LazyConvNd(LazyModuleMixin, _ConvNd):
    """Takes `in_channels` from the first input."""

    _dims: int

    def _wait(self, out_channels: int, bias: bool, device: Any, dtype: Any) -> None:
        self.out_channels = out_channels
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        if self.in_channels and not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        """Take ``in_channels`` from an input, or from the weight of a state dict that was loaded before."""
        if not self.has_uninitialized_params():
            self.in_channels = self.weight.shape[0] if self.transposed else self.weight.shape[1] * self.groups
            return
        if input.dim() not in (self._dims + 1, self._dims + 2):
            raise RuntimeError(
                f"{type(self).__name__}: input is {input.dim()}-d (shape {tuple(input.shape)}); expected "
                f"{self._dims + 1}-d or {self._dims + 2}-d."
            )
        self.in_channels = input.shape[input.dim() - self._dims - 1]
        for name, channels in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if channels % self.groups:
                raise ValueError(f"{name} must be divisible by groups, got {channels} and groups={self.groups}")
        rows, columns = self.out_channels, self.in_channels
        shape = (columns, rows // self.groups) if self.transposed else (rows, columns // self.groups)
        weight: Any = self.weight
        weight.materialize((*shape, *self.kernel_size))
        if self.bias is not None:
            self.bias.materialize((rows,))
        self.reset_parameters()


class _LazyConvolution(_LazyConvNd, _Convolution):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode)
        self._wait(out_channels, bias, device, dtype)


class _LazyConvTransposeNd(_LazyConvNd, _ConvTransposeNd):
    def __init__(
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation, padding_mode)
        self._wait(out_channels, bias, device, dtype)


class LazyConv1d(_LazyConvolution, Conv1d):
    """A :class:`Conv1d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`Conv1d`'s.
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvolution, Conv2d):
    """A :class:`Conv2d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`Conv2d`'s.

    Example:
        >>> ember.nn.LazyConv2d(4, 3)(ember.zeros(1, 2, 5, 5)).shape
        torch.Size([1, 4, 3, 3])
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvolution, Conv3d):
    """A :class:`Conv3d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`Conv3d`'s.
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvTransposeNd, ConvTranspose1d):
    """A :class:`ConvTranspose1d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`ConvTranspose1d`'s.
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTransposeNd, ConvTranspose2d):
    """A :class:`ConvTranspose2d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`ConvTranspose2d`'s.
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTransposeNd, ConvTranspose3d):
    """A :class:`ConvTranspose3d` whose `in_channels` the first input tells; the other arguments are the same.

    Shape:
        Input and output: :class:`ConvTranspose3d`'s.
    """

    cls_to_become = ConvTranspose3d
