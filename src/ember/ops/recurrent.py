"""Recurrent networks as functions: stacks of layers, and single cells.

A layer in one direction is one operation, ``_recurrent_layer`` (csrc/ops/recurrent.h); here they are stacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _C
from .._C import Tensor
from .._composite import published

_ops = _C.ops

_PADDED = ("input", "hx", "params", "has_biases", "num_layers", "dropout", "train", "bidirectional", "batch_first")
_PACKED = ("data", "batch_sizes", "hx", "params", "has_biases", "num_layers", "dropout", "train", "bidirectional")


def run_layers(
    mode: str,
    input: Any,
    batch_sizes: list[int] | None,
    hx: Sequence[Any],
    params: Sequence[Any],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
) -> tuple[Any, ...]:
    """All layers of a recurrent network.

    Args:
        mode: ``rnn_tanh``, ``rnn_relu``, ``gru`` or ``lstm``.
        input: ``(T, N, I)``, or packed rows ``(sum of batch_sizes, I)``.
        batch_sizes: of packed rows: how many sequences have each step. None where the input is not packed.
        hx: the first states: h ``(layers * directions, N, P)`` and, of an lstm, c ``(layers * directions, N, H)``;
            None is 0.
        params: of each layer and direction ``w_ih, w_hh``, with ``has_biases`` ``b_ih, b_hh``, and of a projected lstm
            ``w_hr``.

    Returns:
        the last layer's outputs, the last h and, of an lstm, the last c, in the shapes of ``hx``.
    """
    directions = 2 if bidirectional else 1
    count = num_layers * directions
    each = 4 if has_biases else 2
    projected = mode == "lstm" and len(params) == count * (each + 1)
    if len(params) != count * (each + projected):
        raise RuntimeError(
            f"{mode}(): {len(params)} parameters are given; {num_layers} layers in {directions} directions "
            f"{'with' if has_biases else 'without'} biases expect {count * each}."
        )
    starts = [[None] * count if state is None else _by_layer(mode, state, count) for state in hx] + [[None] * count]
    ends: list[tuple[Any, Any]] = []
    dtype = input.dtype
    for layer in range(num_layers):
        outputs = []
        for reverse in (False, True)[:directions]:
            i = len(ends)
            own = list(params[i * (each + projected) : (i + 1) * (each + projected)])
            w_hr = own.pop() if projected else None
            w_ih, w_hh, b_ih, b_hh = own if has_biases else (*own, None, None)
            output, h, c = _ops._recurrent_layer(
                mode, input, starts[0][i], starts[1][i], w_ih, w_hh, b_ih, b_hh, w_hr, batch_sizes, reverse
            )
            if mode == "gru" and output.dtype != dtype:  # under autocast its state stays in the type of the input
                output, h = output.to(dtype), h.to(dtype)
            outputs.append(output)
            ends.append((h, c))
        input = outputs[0] if directions == 1 else _ops.cat(outputs, -1)
        if dropout and train and layer < num_layers - 1:
            input = _ops.dropout(input, dropout, True)
    states = list(zip(*ends, strict=True))[: 2 if mode == "lstm" else 1]
    return (input, *(_ops.stack(state) if count > 1 else state[0].unsqueeze(0) for state in states))


def _by_layer(mode: str, state: Any, count: int) -> Any:
    if state.dim() != 3 or state.shape[0] != count:
        raise RuntimeError(
            f"{mode}(): a first state has shape {tuple(state.shape)}; expected ({count}, batch, hidden): the layers "
            "in all directions first."
        )
    return state.unbind(0)


def _recurrent(mode: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Called as PyTorch's functions are: with padded or with packed input."""
    states = 2 if mode == "lstm" else 1
    is_packed = "data" in kwargs or "batch_sizes" in kwargs
    if len(args) > 2 and isinstance(args[1], _C.Tensor):
        is_packed |= states == 2 or isinstance(args[2], _C.Tensor)
    names = _PACKED if is_packed else _PADDED
    given = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names) or len(given) != len(args) + len(kwargs) or given.keys() != set(names):
        raise TypeError(
            f"{mode}(): received an invalid combination of arguments; expected ({', '.join(_PADDED)}) or "
            f"({', '.join(_PACKED)})."
        )
    hx = tuple(given["hx"]) if states == 2 else (given["hx"],)
    if len(hx) != states:
        raise RuntimeError(f"{mode}(): lstm expects two hidden states; {len(hx)} are given.")
    options = [given[name] for name in ("params", "has_biases", "num_layers", "dropout", "train", "bidirectional")]
    if is_packed:
        return run_layers(mode, given["data"], given["batch_sizes"].tolist(), hx, *options)
    input, batch_first = given["input"], given["batch_first"]
    output, *rest = run_layers(mode, input.transpose(0, 1).contiguous() if batch_first else input, None, hx, *options)
    return (output.transpose(0, 1) if batch_first else output, *rest)


def lstm(*args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    """Long short-term memory over all layers and steps, as :class:`ember.nn.LSTM` computes it.

    Called with ``(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)`` or, for
    packed sequences, ``(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional)``.

    Args:
        input: ``(T, N, I)``, with ``batch_first`` ``(N, T, I)``.
        hx: the first h and c, ``(layers * directions, N, H)`` each.
        params: the parameters in the order of the layer's ``state_dict()``.
        has_biases: whether these have biases.
        num_layers: how many layers.
        dropout: probability of a zero between layers, where ``train``.
        bidirectional: whether there is a second direction.

    Returns:
        the outputs, the last h, the last c.

    Source: Hochreiter, Schmidhuber 1997.
    """
    return _recurrent("lstm", args, kwargs)


def gru(*args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    """Gated recurrent units over all layers and steps; arguments as in :func:`lstm`, ``hx`` is h alone.

    Source: Cho et al. 2014.
    """
    return _recurrent("gru", args, kwargs)


def rnn_tanh(*args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    """Elman's network over all layers and steps; arguments as in :func:`lstm`, ``hx`` is h alone."""
    return _recurrent("rnn_tanh", args, kwargs)


def rnn_relu(*args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    """:func:`rnn_tanh` with relu in place of tanh."""
    return _recurrent("rnn_relu", args, kwargs)


# ---- one step, made of operations that have second derivatives -------------------------------------------------------


def lstm_cell(
    input: Tensor, hx: Sequence[Any], w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """One step of long short-term memory: ``c' = σ(f) c + σ(i) tanh(g)``, ``h' = σ(o) tanh(c')``.

    Args:
        input: ``(N, I)`` or ``(I)``.
        hx: h and c, ``(N, H)`` or ``(H)`` each.
        w_ih, w_hh: ``(4 H, I)`` and ``(4 H, H)``, for i, f, g and o.
        b_ih, b_hh: ``(4 H)``. Default: none.

    Returns:
        h' and c'.

    Source: Hochreiter, Schmidhuber 1997; Gers, Schmidhuber, Cummins 2000.
    """
    if isinstance(hx, _C.Tensor):
        raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor.")
    h, c = hx
    i, f, g, o = (_ops.linear(input, w_ih, b_ih) + _ops.linear(h, w_hh, b_hh)).chunk(4, -1)
    c = _ops._lstm_cell_state(i, f, g, c)
    return _ops._lstm_cell_output(o, c), c


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of gated recurrent units: ``n = tanh(x_n + σ(r) h_n)``, ``h' = n + σ(z) (h - n)``.

    Args:
        input: ``(N, I)`` or ``(I)``.
        hx: h, ``(N, H)`` or ``(H)``.
        w_ih, w_hh: ``(3 H, I)`` and ``(3 H, H)``, for r, z and n.
        b_ih, b_hh: ``(3 H)``. Default: none.

    Source: Cho et al. 2014.
    """
    x_r, x_z, x_n = _ops.linear(input, w_ih, b_ih).chunk(3, -1)
    h_r, h_z, h_n = _ops.linear(hx, w_hh, b_hh).chunk(3, -1)
    return _ops._gru_cell_output(x_z + h_z, _ops._gru_cell_candidate(x_r + h_r, x_n, h_n), hx)


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of Elman's network: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``; shapes as in :func:`gru_cell`.

    Source: Elman 1990.
    """
    return (_ops.linear(input, w_ih, b_ih) + _ops.linear(hx, w_hh, b_hh)).tanh()


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """:func:`rnn_tanh_cell` with relu in place of tanh."""
    return (_ops.linear(input, w_ih, b_ih) + _ops.linear(hx, w_hh, b_hh)).relu()


# Functions only: PyTorch's tensors have no such methods.
for _function in (lstm, gru, rnn_tanh, rnn_relu, lstm_cell, gru_cell, rnn_tanh_cell, rnn_relu_cell):
    published[_function.__name__] = _function
