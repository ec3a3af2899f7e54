"""Transformers: layers of attention and feed-forward networks (Vaswani et al. 2017, arXiv 1706.03762)."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable
from typing import Any

from ... import _C
from ..._C import Tensor
from ...ops.creation import full
from ...types import Device
from .. import functional as F
from .. import init
from .._functional.attention import additive_mask
from .activation import GELU, ReLU
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation = str | Callable[[Any], Any]


def _causal_mask(size: int, device: Any = None, dtype: Any = None) -> Any:
    return full((size, size), -math.inf, device=device, dtype=dtype).triu(1)


def _is_causal(mask: Any, is_causal: bool | None, length: int | None) -> bool:
    """What the caller says or, where that is None, whether the mask is the causal one."""
    if is_causal is not None or mask is None:
        return bool(is_causal)
    if length is None or tuple(mask.shape) != (length, length) or not mask.is_floating_point():
        return False
    return bool((mask == _causal_mask(length, mask.device, mask.dtype)).all())


def _length(src: Any, batch_first: bool) -> int | None:
    """The number of positions of a sequence or of a batch of them."""
    return src.shape[1 if src.dim() == 3 and batch_first else 0] if src.dim() in (2, 3) else None


def _activation(layer: str, activation: Activation) -> Callable[[Any], Any]:
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"{layer}(): activation is '{activation}'; expected 'relu', 'gelu' or a function.")
    function: Callable[[Any], Any] = getattr(F, activation)
    return function


class _Layer(Module):
    """What encoder and decoder layers share: normalisation before or after, and the feed-forward network."""

    norm_first: bool
    linear1: Linear
    linear2: Linear
    dropout: Dropout

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def _around(self, x: Any, norm: Any, block: Callable[[Any], Any]) -> Any:
        """``x + block(norm(x))``, or ``norm(x + block(x))``."""
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))


class TransformerEncoderLayer(_Layer):
    """Self-attention and a feed-forward network, each with a residual connection and layer normalisation.

    ``x = norm1(x + attention(x)); y = norm2(x + linear2(activation(linear1(x))))``

    Args:
        d_model: number of features.
        nhead: number of heads.
        dim_feedforward: width of the feed-forward network. Default: 2048.
        dropout: the probability of a zero. Default: 0.1.
        activation: of the feed-forward network; 'relu', 'gelu' or a function. Default: relu.
        layer_norm_eps: added to the variances. Default: 1e-5.
        batch_first: the batch is the first dim, not the second. Default: ``False``.
        norm_first: normalise what goes into attention and network, not their sums. Default: ``False``.
        bias: have biases. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input and output: ``(S, N, E)``, with ``batch_first`` ``(N, S, E)``, or ``(S, E)``.

    Source: Vaswani et al. 2017, arXiv 1706.03762.

    Example:
        >>> layer = ember.nn.TransformerEncoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> layer(ember.zeros(2, 5, 16)).shape
        torch.Size([2, 5, 16])
    """

    __constants__ = ["norm_first"]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        function = _activation("TransformerEncoderLayer", activation)
        is_relu = function is F.relu or isinstance(function, ReLU)
        self.activation_relu_or_gelu = 1 if is_relu else 2 if function is F.gelu or isinstance(function, GELU) else 0
        self.activation = function

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The layer's output.

        Args:
            src: the sequence.
            src_mask: ``(S, S)`` or ``(N nhead, S, S)``; bool, where ``True`` is left out, or floating, added to the
                scores. Default: none.
            src_key_padding_mask: ``(N, S)``, of the same kind. Default: none.
            is_causal: a hint that ``src_mask`` is the causal one. Default: ``False``.
        """
        name = "TransformerEncoderLayer"
        padding = additive_mask(name, src_key_padding_mask, "src_key_padding_mask", src.dtype, src_mask, "src_mask")
        mask = additive_mask(name, src_mask, "src_mask", src.dtype)
        x = self._around(src, self.norm1, lambda x: self._sa_block(x, mask, padding, is_causal))
        return self._around(x, self.norm2, self._ff_block)

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False) -> Any:
        x = self.self_attn(x, x, x, key_padding_mask, False, attn_mask, is_causal=is_causal)[0]
        return self.dropout1(x)

    def _ff_block(self, x: Any) -> Any:
        return self.dropout2(self._feed_forward(x))


class TransformerDecoderLayer(_Layer):
    """Self-attention, attention to the encoder's output, and a feed-forward network.

    Each has a residual connection and layer normalisation, as in :class:`TransformerEncoderLayer`, whose arguments
    these are.

    Args:
        d_model: number of features.
        nhead: number of heads.
        dim_feedforward: width of the feed-forward network. Default: 2048.
        dropout: the probability of a zero. Default: 0.1.
        activation: of the feed-forward network; 'relu', 'gelu' or a function. Default: relu.
        layer_norm_eps: added to the variances. Default: 1e-5.
        batch_first: the batch is the first dim, not the second. Default: ``False``.
        norm_first: normalise what goes into attention and network, not their sums. Default: ``False``.
        bias: have biases. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Target and output ``(T, N, E)``, memory ``(S, N, E)``; N first with ``batch_first``; or without N.

    Source: Vaswani et al. 2017, arXiv 1706.03762.

    Example:
        >>> layer = ember.nn.TransformerDecoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> layer(ember.zeros(2, 5, 16), ember.zeros(2, 7, 16)).shape
        torch.Size([2, 5, 16])
    """

    __constants__ = ["norm_first"]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _activation("TransformerDecoderLayer", activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The layer's output.

        Args:
            tgt: the sequence.
            memory: the encoder's output.
            tgt_mask, memory_mask: ``(T, T)`` and ``(T, S)``, or one for each head. Default: none.
            tgt_key_padding_mask, memory_key_padding_mask: ``(N, T)`` and ``(N, S)``. Default: none.
            tgt_is_causal, memory_is_causal: hints that the masks are causal. Default: ``False``.
        """
        x = self._around(tgt, self.norm1, lambda x: self._sa_block(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal))
        x = self._around(
            x, self.norm2, lambda x: self._mha_block(x, memory, memory_mask, memory_key_padding_mask, memory_is_causal)
        )
        return self._around(x, self.norm3, self._ff_block)

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False) -> Any:
        x = self.self_attn(x, x, x, key_padding_mask, False, attn_mask, is_causal=is_causal)[0]
        return self.dropout1(x)

    def _mha_block(self, x: Any, mem: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False) -> Any:
        x = self.multihead_attn(x, mem, mem, key_padding_mask, False, attn_mask, is_causal=is_causal)[0]
        return self.dropout2(x)

    def _ff_block(self, x: Any) -> Any:
        return self.dropout3(self._feed_forward(x))


def _no_nested_tensor(layer: Any) -> str:
    """Why PyTorch would not pack the sequences of a batch without their padding; empty where it would."""
    if not isinstance(layer, TransformerEncoderLayer):
        return "the layer is no TransformerEncoderLayer"
    attention = layer.self_attn
    reasons = {
        "norm_first is True": layer.norm_first,
        "batch_first is False": not attention.batch_first,
        "there is no in_proj_bias": attention.in_proj_bias is None,
        "the activation is neither relu nor gelu": not layer.activation_relu_or_gelu,
        "the norms' eps differ": layer.norm1.eps != layer.norm2.eps,
        "num_heads is odd": attention.num_heads % 2 == 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


class TransformerEncoder(Module):
    """A stack of encoder layers, copies of one.

    Args:
        encoder_layer: the layer to copy.
        num_layers: how many.
        norm: a layer behind the last one. Default: none.
        enable_nested_tensor: in evaluation PyTorch drops padding with it; here what goes into ``norm`` is 0 at padded
            positions where it is there. Default: ``True``.
        mask_check: find out whether the padding stands at the end, which that needs. Default: ``True``.

    Shape:
        As the layer's.

    Example:
        >>> layer = ember.nn.TransformerEncoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> ember.nn.TransformerEncoder(layer, num_layers=2)(ember.zeros(2, 5, 16)).shape
        torch.Size([2, 5, 16])
    """

    __constants__ = ["norm"]

    def __init__(
        self,
        encoder_layer: TransformerEncoderLayer,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        reason = _no_nested_tensor(encoder_layer)
        self.use_nested_tensor = enable_nested_tensor and not reason
        self.mask_check = mask_check
        if enable_nested_tensor and reason:
            warnings.warn(f"enable_nested_tensor is True, but has no effect: {reason}.", UserWarning, stacklevel=2)

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """The last layer's output.

        Args:
            src: the sequence.
            mask, src_key_padding_mask: as in :meth:`TransformerEncoderLayer.forward`. Default: none.
            is_causal: whether ``mask`` is the causal one. Default: look.
        """
        name = "TransformerEncoder"
        padding = additive_mask(name, src_key_padding_mask, "src_key_padding_mask", src.dtype, mask, "mask")
        mask = additive_mask(name, mask, "mask", src.dtype)
        first = getattr(self.layers[0], "self_attn", None)
        is_causal = _is_causal(mask, is_causal, _length(src, getattr(first, "batch_first", False)))
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=is_causal, src_key_padding_mask=padding)
        if mask is None and self._drops_padding(src, src_key_padding_mask):
            output = output.masked_fill(padding.isneginf().unsqueeze(-1), 0.0)
        return output if self.norm is None else self.norm(output)

    def _drops_padding(self, src: Any, padding: Any) -> bool:
        """Whether PyTorch would compute without the padded positions, which leaves 0 there."""
        if padding is None or not self.use_nested_tensor or self.training or src.dim() != 3:
            return False
        if _C.is_grad_enabled() and (src.requires_grad or any(p.requires_grad for p in self.parameters())):
            return False
        padded = padding if padding.dtype == _C.bool else padding.isneginf()
        return not self.mask_check or bool((padded[:, 1:] >= padded[:, :-1]).all())


class TransformerDecoder(Module):
    """A stack of decoder layers, copies of one.

    Args:
        decoder_layer: the layer to copy.
        num_layers: how many.
        norm: a layer behind the last one. Default: none.

    Shape:
        As the layer's.

    Example:
        >>> layer = ember.nn.TransformerDecoderLayer(d_model=16, nhead=4, batch_first=True)
        >>> ember.nn.TransformerDecoder(layer, num_layers=2)(ember.zeros(2, 5, 16), ember.zeros(2, 7, 16)).shape
        torch.Size([2, 5, 16])
    """

    __constants__ = ["norm"]

    def __init__(self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The last layer's output; arguments as in :meth:`TransformerDecoderLayer.forward`.

        Args:
            tgt, memory: the sequence and the encoder's output.
            tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask: masks. Default: none.
            tgt_is_causal: whether ``tgt_mask`` is the causal one. Default: look.
            memory_is_causal: whether ``memory_mask`` is. Default: ``False``.
        """
        first = getattr(self.layers[0], "self_attn", None) if len(self.layers) else None
        tgt_is_causal = _is_causal(tgt_mask, tgt_is_causal, _length(tgt, getattr(first, "batch_first", False)))
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=tgt_is_causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder of the source and a decoder of the target that attends to it.

    Args:
        d_model: number of features. Default: 512.
        nhead: number of heads. Default: 8.
        num_encoder_layers, num_decoder_layers: how many layers each has. Default: 6.
        dim_feedforward: width of the feed-forward networks. Default: 2048.
        dropout: the probability of a zero. Default: 0.1.
        activation: of the feed-forward networks; 'relu', 'gelu' or a function. Default: relu.
        custom_encoder, custom_decoder: modules in their places. Default: none.
        layer_norm_eps: added to the variances. Default: 1e-5.
        batch_first: the batch is the first dim, not the second. Default: ``False``.
        norm_first: normalise what goes into attention and networks, not their sums. Default: ``False``.
        bias: have biases. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Source ``(S, N, E)``, target and output ``(T, N, E)``; N first with ``batch_first``; or without N.

    Source: Vaswani et al. 2017, arXiv 1706.03762.

    Example:
        >>> model = ember.nn.Transformer(16, 4, 1, 1, 32, batch_first=True)
        >>> model(ember.zeros(2, 7, 16), ember.zeros(2, 5, 16)).shape
        torch.Size([2, 5, 16])
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        if custom_encoder is not None:
            self.encoder = custom_encoder
        else:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
            self.encoder = TransformerEncoder(TransformerEncoderLayer(*layer, **made), num_encoder_layers, norm)
        if custom_decoder is not None:
            self.decoder = custom_decoder
        else:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, **made)
            self.decoder = TransformerDecoder(TransformerDecoderLayer(*layer, **made), num_decoder_layers, norm)
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The decoder's output.

        Args:
            src, tgt: source and target.
            src_mask, tgt_mask, memory_mask: ``(S, S)``, ``(T, T)``, ``(T, S)``, or one for each head. Default: none.
            src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask: ``(N, S)``, ``(N, T)``, ``(N, S)``.
                Default: none.
            src_is_causal, tgt_is_causal: whether their masks are the causal one. Default: look.
            memory_is_causal: whether ``memory_mask`` is. Default: ``False``.
        """
        at = 0 if self.batch_first else 1  # the dim of the batch
        if src.dim() != tgt.dim() or (src.dim() == 3 and src.shape[at] != tgt.shape[at]):
            raise RuntimeError(
                f"Transformer(): src has shape {tuple(src.shape)} and tgt {tuple(tgt.shape)}; expected the same batch "
                f"in dim {at}, or none."
            )
        for name, tensor in (("src", src), ("tgt", tgt)):
            if tensor.shape[-1] != self.d_model:
                raise RuntimeError(
                    f"Transformer(): {name} has {tensor.shape[-1]} features in its last dim (shape "
                    f"{tuple(tensor.shape)}); expected d_model, {self.d_model}."
                )
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Device = None, dtype: _C.dtype | None = None) -> Tensor:
        """The causal mask: 0 up to the diagonal, -inf above it.

        Args:
            sz: number of positions.
            device, dtype: of the mask. Default: the current ones.

        Shape:
            ``(sz, sz)``.

        Example:
            >>> ember.nn.Transformer.generate_square_subsequent_mask(2)
            tensor([[0., -inf],
                    [0., 0.]])
        """
        return _causal_mask(sz, device, dtype)

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)
