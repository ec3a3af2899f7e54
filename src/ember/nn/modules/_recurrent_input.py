"""What recurrent layers say about input and first states that do not fit."""

from __future__ import annotations

from typing import Any

from ... import _C


class RecurrentInput:
    """The part of RNNBase that checks what it is called with."""

    mode: str
    input_size: int
    hidden_size: int
    num_layers: int
    batch_first: bool
    bidirectional: bool
    proj_size: int
    _all_weights: list[list[str]]

    def _operation(self) -> str:
        return self.mode.lower()

    def check_input(self, input: Any, batch_sizes: Any) -> None:
        """Raises where the features or the dtype of (T, N, I) or packed input do not fit."""
        weight = getattr(self, self._all_weights[0][0])
        if input.dtype != weight.dtype and not _C._is_autocast():
            raise ValueError(
                f"{self._operation()}(): input is {input.dtype}, the parameters are {weight.dtype}; expected one "
                f"dtype. Use input.to({weight.dtype}), or model.to({input.dtype})."
            )
        if input.dim() != (3 if batch_sizes is None else 2):
            raise RuntimeError(
                f"{self._operation()}(): input has {input.dim()} dims (shape {tuple(input.shape)}); expected "
                f"{3 if batch_sizes is None else 2}."
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{self._operation()}(): input has {input.shape[-1]} features in its last dim (shape "
                f"{tuple(input.shape)}); input_size is {self.input_size}."
            )

    def get_expected_hidden_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """(layers * directions, N, features of h)."""
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else int(batch_sizes[0])
        directions = 2 if self.bidirectional else 1
        return (self.num_layers * directions, batch, self.proj_size or self.hidden_size)

    def get_expected_cell_size(self, input: Any, batch_sizes: Any) -> tuple[int, int, int]:
        """(layers * directions, N, features of c)."""
        return (*self.get_expected_hidden_size(input, batch_sizes)[:2], self.hidden_size)

    def check_hidden_size(
        self, hx: Any, expected_hidden_size: tuple[int, int, int], msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """Raises where a first state has another shape than the expected one."""
        if tuple(hx.shape) != expected_hidden_size:
            text = msg.format(expected_hidden_size, list(hx.shape))
            raise RuntimeError(f"{self._operation()}(): {text}; the sizes are (layers * directions, batch, features).")

    def check_forward_args(self, input: Any, hidden: Any, batch_sizes: Any) -> None:
        """Raises where input or first states do not fit."""
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def permute_hidden(self, hx: Any, permutation: Any) -> Any:
        """The states with the sequences in another order; None leaves them."""
        return hx if permutation is None else hx.index_select(1, permutation)

    def _check_dims(self, input: Any, states: list[Any]) -> None:
        if input.dim() not in (2, 3):
            raise ValueError(
                f"{self._operation()}(): input has {input.dim()} dims (shape {tuple(input.shape)}); expected 2 (T, "
                f"features) or 3 {'(N, T, features)' if self.batch_first else '(T, N, features)'}."
            )
        dims = [state.dim() for state in states]
        if any(each != input.dim() for each in dims):
            kind = "batched 3-D" if input.dim() == 3 else "unbatched 2-D"
            raise RuntimeError(
                f"{self._operation()}(): the first states have {' and '.join(map(str, dims))} dims; for {kind} input "
                f"expected {input.dim()}."
            )
