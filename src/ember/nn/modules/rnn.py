"""Recurrent networks: Elman's, LSTM and GRU, over sequences and step by step."""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any, overload

from ... import _C
from ..._C import Tensor
from ...ops.creation import empty, zeros
from ...ops.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell, run_layers
from ...types import Device
from .. import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from ._recurrent_input import RecurrentInput
from .module import Module

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]

_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


class RNNBase(RecurrentInput, Module):
    """What :class:`RNN`, :class:`LSTM` and :class:`GRU` share.

    Args:
        mode: ``"RNN_TANH"``, ``"RNN_RELU"``, ``"LSTM"`` or ``"GRU"``.
        input_size: features of each step's input.
        hidden_size: features of the hidden state.
        num_layers: layers, each on the outputs of the one before. Default: 1.
        bias: add ``b_ih`` and ``b_hh``. Default: ``True``.
        batch_first: inputs and outputs are ``(N, T, features)``. Default: ``False``, ``(T, N, features)``.
        dropout: probability of a zero in the outputs of all layers but the last, in training. Default: 0.
        bidirectional: a second direction begins at the end; outputs are joined. Default: ``False``.
        proj_size: of an LSTM: the hidden state is projected to so many features. Default: 0, no projection.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        As of :class:`RNN`.
    """

    __constants__ = [
        "mode",
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ]

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check_sizes(dropout)
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse") if bidirectional else ("",):
                self._add_direction(layer, suffix, device, dtype)
        self.reset_parameters()

    def _check_sizes(self, dropout: Any) -> None:
        if self.mode not in _GATES:
            raise ValueError(f"Unrecognized RNN mode: {self.mode}")
        if not isinstance(dropout, numbers.Number) or not 0 <= self.dropout <= 1 or isinstance(dropout, bool):
            raise ValueError(
                f"dropout should be a number in range [0, 1] representing the probability of an element being zeroed; "
                f"it is {dropout}"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers=1",
                stacklevel=4,
            )
        if not isinstance(self.hidden_size, int):
            raise TypeError(f"hidden_size should be of type int, got: {type(self.hidden_size).__name__}")
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero; it is {getattr(self, name)}")
        if self.proj_size < 0:
            raise ValueError(
                f"proj_size should be a positive integer or zero to disable projections; it is {self.proj_size}"
            )
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"proj_size has to be smaller than hidden_size; they are {self.proj_size} and {self.hidden_size}"
            )
        if self.proj_size and self.mode != "LSTM":
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")

    def _add_direction(self, layer: int, suffix: str, device: Any, dtype: Any) -> None:
        rows = _GATES[self.mode] * self.hidden_size
        state = self.proj_size or self.hidden_size
        directions = 2 if self.bidirectional else 1
        shapes: dict[str, Any] = {
            "weight_ih": (rows, self.input_size if layer == 0 else state * directions),
            "weight_hh": (rows, state),
        }
        if self.bias:
            shapes.update(bias_ih=rows, bias_hh=rows)
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        names = [f"{name}_l{layer}{suffix}" for name in shapes]
        for name, shape in zip(names, shapes.values(), strict=True):
            setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)))
        self._all_weights.append(names)

    def reset_parameters(self) -> None:
        """Draw new values, uniform within ``1 / sqrt(hidden_size)``."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self) -> None:
        """Nothing, as on PyTorch's CPU: each layer packs its weights when it runs, wherever they lie."""

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._flat_weights_names]

    def extra_repr(self) -> str:
        shown = {
            "proj_size": self.proj_size != 0,
            "num_layers": self.num_layers != 1,
            "bias": self.bias is not True,
            "batch_first": self.batch_first is not False,
            "dropout": self.dropout != 0,
            "bidirectional": self.bidirectional is not False,
        }
        parts = [f"{name}={getattr(self, name)}" for name, given in shown.items() if given]
        return ", ".join([str(self.input_size), str(self.hidden_size), *parts])

    # ---- the computation ----

    def _run(self, input: Any, states: list[Any] | None) -> tuple[Any, list[Any]]:
        """Outputs and last states of a padded, packed or unbatched input; the states are None where they begin at 0."""
        if isinstance(input, PackedSequence):
            return self._run_packed(input, states)
        self._check_dims(input, states or [])
        batched = input.dim() == 3
        if not batched:
            input = input.unsqueeze(0 if self.batch_first else 1)
            states = states and [state.unsqueeze(1) for state in states]
        self._check(input, states, None)
        steps = input.transpose(0, 1).contiguous() if self.batch_first else input
        if steps.shape[0] == 0:
            raise RuntimeError(
                f"{self._operation()}(): input of shape {tuple(input.shape)} has no steps; expected sequence length "
                "to be larger than 0."
            )
        output, *ends = self._run_layers(steps, states, None)
        if self.batch_first:
            output = output.transpose(0, 1)
        if not batched:
            output = output.squeeze(0 if self.batch_first else 1)
            ends = [end.squeeze(1) for end in ends]
        return output, ends

    def _run_packed(self, input: PackedSequence, states: list[Any] | None) -> tuple[Any, list[Any]]:
        data, batch_sizes, sorted_indices, unsorted_indices = input
        states = states and [self.permute_hidden(state, sorted_indices) for state in states]
        self._check(data, states, batch_sizes)
        output, *ends = self._run_layers(data, states, batch_sizes.tolist())
        ends = [self.permute_hidden(end, unsorted_indices) for end in ends]
        return PackedSequence(output, batch_sizes, sorted_indices, unsorted_indices), ends

    def _check(self, input: Any, states: list[Any] | None, batch_sizes: Any) -> None:
        if states is None:
            self.check_input(input, batch_sizes)
        else:
            self.check_forward_args(input, states[0] if len(states) == 1 else tuple(states), batch_sizes)

    def _run_layers(self, input: Any, states: list[Any] | None, batch_sizes: list[int] | None) -> tuple[Any, ...]:
        return run_layers(
            self._operation(),
            input,
            batch_sizes,
            states or [None] * (2 if self.mode == "LSTM" else 1),
            self._flat_weights,
            self.bias,
            self.num_layers,
            self.dropout,
            self.training,
            self.bidirectional,
        )

    @overload
    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]: ...

    @overload
    def forward(self, input: PackedSequence, hx: Tensor | None = None) -> tuple[PackedSequence, Tensor]: ...

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The outputs of all steps, and the last h."""
        output, ends = self._run(input, None if hx is None else [hx])
        return output, ends[0]


class RNN(RNNBase):
    """Elman's network: ``h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)``.

    Args:
        input_size: features of each step's input.
        hidden_size: features of h.
        num_layers: layers, each on the outputs of the one before. Default: 1.
        nonlinearity: ``"tanh"`` or ``"relu"``. Default: ``"tanh"``.
        bias: add ``b_ih`` and ``b_hh``. Default: ``True``.
        batch_first: input and output are ``(N, T, features)``. Default: ``False``.
        dropout: probability of a zero in the outputs of all layers but the last, in training. Default: 0.
        bidirectional: a second direction begins at the end; outputs are joined. Default: ``False``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input: ``(T, N, input_size)``, ``(N, T, input_size)`` with ``batch_first``, ``(T, input_size)``, or a
        :class:`~ember.nn.utils.rnn.PackedSequence`. hx: ``(layers * directions, N, hidden_size)``, 0 where it is not
        given.
        Output: as the input with ``directions * hidden_size`` features, and the last h in the shape of hx.

    Source: Elman 1990.

    Example:
        >>> output, h = ember.nn.RNN(10, 20, 2)(ember.zeros(5, 3, 10))
        >>> output.shape, h.shape
        (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        if len(args) > 3:
            self.nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            self.nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if self.nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{self.nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{self.nonlinearity.upper()}", *args, **kwargs)


class GRU(RNNBase):
    """Gated recurrent units.

    ``r = σ(W_ir x + b_ir + W_hr h + b_hr)``, ``z = σ(W_iz x + b_iz + W_hz h + b_hz)``,
    ``n = tanh(W_in x + b_in + r (W_hn h + b_hn))``, ``h' = (1 - z) n + z h``.

    Args:
        input_size: features of each step's input.
        hidden_size: features of h.
        num_layers, bias, batch_first, dropout, bidirectional, device, dtype: as of :class:`RNN`.

    Shape:
        As of :class:`RNN`; the weights' rows are those of r, z and n.

    Source: Cho et al. 2014; r after the product, as in cuDNN.

    Example:
        >>> output, h = ember.nn.GRU(10, 20, batch_first=True)(ember.zeros(3, 5, 10))
        >>> output.shape, h.shape
        (torch.Size([3, 5, 20]), torch.Size([1, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)


def _refuse_projection(options: dict[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class LSTM(RNNBase):
    """Long short-term memory.

    ``i, f, g, o = W_ih x + b_ih + W_hh h + b_hh``, ``c' = σ(f) c + σ(i) tanh(g)``, ``h' = σ(o) tanh(c')``, projected
    with ``proj_size``: ``h' = W_hr (σ(o) tanh(c'))``.

    Args:
        input_size: features of each step's input.
        hidden_size: features of c, and of h where it is not projected.
        num_layers, bias, batch_first, dropout, bidirectional, device, dtype: as of :class:`RNN`.
        proj_size: features of a projected h. Default: 0, no projection.

    Shape:
        As of :class:`RNN`, but hx is a pair (h, c): h ``(layers * directions, N, proj_size or hidden_size)`` and c
        ``(layers * directions, N, hidden_size)``; the weights' rows are those of i, f, g and o.

    Source: Hochreiter, Schmidhuber 1997; Gers, Schmidhuber, Cummins 2000; Sak, Senior, Beaufays 2014.

    Example:
        >>> output, (h, c) = ember.nn.LSTM(10, 20, 2)(ember.zeros(5, 3, 10))
        >>> output.shape, h.shape, c.shape
        (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def check_forward_args(self, input: Any, hidden: Any, batch_sizes: Any) -> None:
        """Raises where input or first states do not fit."""
        self.check_input(input, batch_sizes)
        text = "Expected hidden[{}] size {{}}, got {{}}"
        self.check_hidden_size(hidden[0], self.get_expected_hidden_size(input, batch_sizes), text.format(0))
        self.check_hidden_size(hidden[1], self.get_expected_cell_size(input, batch_sizes), text.format(1))

    @overload  # type: ignore[override]
    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]: ...

    @overload
    def forward(
        self, input: PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[PackedSequence, tuple[Tensor, Tensor]]: ...

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The outputs of all steps, and the last (h, c)."""
        if hx is not None and (isinstance(hx, _C.Tensor) or len(hx) != 2):
            raise RuntimeError(
                f"lstm(): hx is {'a tensor' if isinstance(hx, _C.Tensor) else f'{len(hx)} tensors'}; lstm expects two "
                "hidden states, (h, c)."
            )
        output, (h, c) = self._run(input, None if hx is None else list(hx))
        return output, (h, c)


# ---- one step
# -----------------------------------------------------------------------------------------------------------


class RNNCellBase(Module):
    """What the cells share.

    Args:
        input_size: features of the input.
        hidden_size: features of the states.
        bias: add ``b_ih`` and ``b_hh``.
        num_chunks: gates, that is, rows of the weights in hidden sizes.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        As of :class:`RNNCell`.
    """

    __constants__ = ["input_size", "hidden_size", "bias"]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new values, uniform within ``1 / sqrt(hidden_size)``."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = getattr(self, "nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def _run(self, cell: Any, input: Any, states: list[Any], names: list[str]) -> Any:
        """One step of (N, features) or (features); no states stand for zeros."""
        operation = type(self).__name__
        for tensor, name in zip([input, *states], ["input", *names], strict=False):
            if tensor.dim() not in (1, 2):
                raise ValueError(
                    f"{operation}(): {name} has {tensor.dim()} dims (shape {tuple(tensor.shape)}); expected 1 "
                    "(features) or 2 (N, features)."
                )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{operation}(): input has {input.shape[-1]} features in its last dim (shape {tuple(input.shape)}); "
                f"input_size is {self.input_size}."
            )
        batch = input if input.dim() == 2 else input.unsqueeze(0)
        if not states:
            states = [zeros(batch.shape[0], self.hidden_size, dtype=input.dtype, device=input.device)] * len(names)
        states = [state if state.dim() == 2 else state.unsqueeze(0) for state in states]
        for state, name in zip(states, names, strict=True):
            if state.shape != (batch.shape[0], self.hidden_size):
                raise RuntimeError(
                    f"{operation}(): {name} has shape {tuple(state.shape)}; for a batch size of {batch.shape[0]} and "
                    f"hidden_size {self.hidden_size} expected {(batch.shape[0], self.hidden_size)}."
                )
        hx = states[0] if len(states) == 1 else tuple(states)
        result = cell(batch, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        if input.dim() == 2:
            return result
        return tuple(each.squeeze(0) for each in result) if isinstance(result, tuple) else result.squeeze(0)


class RNNCell(RNNCellBase):
    """One step of Elman's network: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``.

    Args:
        input_size: features of the input.
        hidden_size: features of h.
        bias: add ``b_ih`` and ``b_hh``. Default: ``True``.
        nonlinearity: ``"tanh"`` or ``"relu"``. Default: ``"tanh"``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input: ``(N, input_size)`` or ``(input_size)``. hx: ``(N, hidden_size)`` or ``(hidden_size)``, 0 where it is
            not given.
        Output: h', in the shape of hx.

    Source: Elman 1990.

    Example:
        >>> ember.nn.RNNCell(10, 20)(ember.zeros(3, 10)).shape
        torch.Size([3, 20])
    """

    __constants__ = ["input_size", "hidden_size", "bias", "nonlinearity"]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device = None,
        dtype: _C.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=1, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """h'."""
        cells = {"tanh": rnn_tanh_cell, "relu": rnn_relu_cell}
        if self.nonlinearity not in cells:
            raise RuntimeError(f"RNNCell(): Unknown nonlinearity: {self.nonlinearity}; expected 'tanh' or 'relu'.")
        return self._run(cells[self.nonlinearity], input, [] if hx is None else [hx], ["hidden"])


class LSTMCell(RNNCellBase):
    """One step of long short-term memory; the formulas of :class:`LSTM`.

    Args:
        input_size: features of the input.
        hidden_size: features of h and c.
        bias: add ``b_ih`` and ``b_hh``. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        Input: ``(N, input_size)`` or ``(input_size)``. hx: a pair (h, c) of ``(N, hidden_size)`` or ``(hidden_size)``,
        0 where it is not given. Output: h' and c'.

    Source: Hochreiter, Schmidhuber 1997.

    Example:
        >>> h, c = ember.nn.LSTMCell(10, 20)(ember.zeros(3, 10))
        >>> h.shape, c.shape
        (torch.Size([3, 20]), torch.Size([3, 20]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Device = None, dtype: _C.dtype | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=4, device=device, dtype=dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """h' and c'."""
        if isinstance(hx, _C.Tensor):
            raise TypeError("LSTMCell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor.")
        h, c = self._run(lstm_cell, input, [] if hx is None else list(hx), ["hx[0]", "hx[1]"])
        return h, c


class GRUCell(RNNCellBase):
    """One step of gated recurrent units; the formulas of :class:`GRU`.

    Args:
        input_size: features of the input.
        hidden_size: features of h.
        bias: add ``b_ih`` and ``b_hh``. Default: ``True``.
        device, dtype: of the parameters. Default: the current ones.

    Shape:
        As of :class:`RNNCell`.

    Source: Cho et al. 2014.

    Example:
        >>> ember.nn.GRUCell(10, 20)(ember.zeros(3, 10)).shape
        torch.Size([3, 20])
    """

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Device = None, dtype: _C.dtype | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, num_chunks=3, device=device, dtype=dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """h'."""
        return self._run(gru_cell, input, [] if hx is None else [hx], ["hidden"])
