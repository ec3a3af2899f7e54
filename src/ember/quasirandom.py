"""Numbers that fill the unit cube evenly: Sobol's sequence, by SciPy."""

from __future__ import annotations

from typing import Any

from . import _C
from .ops.sampling import randint

__all__ = ["SobolEngine"]


class SobolEngine:
    """Draws the points of Sobol's sequence, which lie in [0, 1) more evenly than random ones.

    Args:
        dimension: of a point, 1 to 21201.
        scramble: shift the digits of all points at random, which keeps them even. Default: False
        seed: of the scrambling; without it, one drawn from the default generator.

    Raises:
        ValueError: if there are no points of that dimension.

    Note:
        SciPy makes the points (``scipy.stats.qmc.Sobol``). Those that are not scrambled are PyTorch's; for the same
        seed, scrambled ones are as even as PyTorch's but others.

    Source:
        Joe and Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30,
        2008; Matousek, On the L2-discrepancy for anchored boxes, J. Complexity 14, 1998 (scrambling).

    Example:
        >>> ember.quasirandom.SobolEngine(2).draw(4)
        tensor([[0.0000, 0.0000],
                [0.5000, 0.5000],
                [0.7500, 0.2500],
                [0.2500, 0.7500]])
    """

    MAXBIT = 30
    MAXDIM = 21201

    def __init__(self, dimension: int, scramble: bool = False, seed: int | None = None) -> None:
        if not 1 <= dimension <= self.MAXDIM:
            raise ValueError(
                f"SobolEngine(): Supported range of dimensionality for SobolEngine is [1, {self.MAXDIM}]; dimension is "
                f"{dimension}."
            )
        from scipy.stats import qmc

        self.dimension, self.scramble, self.seed = dimension, scramble, seed
        if scramble and seed is None:
            seed = int(randint(2**31, ()))
        self._points = qmc.Sobol(dimension, scramble=scramble, bits=self.MAXBIT, seed=seed)

    @property
    def num_generated(self) -> int:
        """How many points were drawn or passed over."""
        return int(self._points.num_generated)

    def draw(self, n: int = 1, out: Any = None, dtype: _C.dtype | None = None) -> Any:
        """The next `n` points.

        Args:
            n: how many.
            out: a tensor that takes them.
            dtype: float32 or float64. Default: that of new tensors.

        Shape: ``(n, dimension)``.
        """
        dtype = dtype or (out.dtype if out is not None else _C.get_default_dtype())
        if dtype not in (_C.float32, _C.float64):
            raise NotImplementedError(f"SobolEngine.draw(): dtype is {dtype}; expected torch.float32 or torch.float64.")
        if n < 1:
            raise RuntimeError(f"SobolEngine.draw(): n is {n}; expected at least 1.")
        points = _C._from_numpy(self._quietly(n)).to(dtype)
        return points if out is None else out.resize_(points.shape).copy_(points)

    def draw_base2(self, m: int, out: Any = None, dtype: _C.dtype | None = None) -> Any:
        """The next ``2 ** m`` points, which with those before make a power of 2: only then they are even.

        Raises:
            ValueError: if they do not.
        """
        total = self.num_generated + 2**m
        if total & (total - 1):
            raise ValueError(
                f"SobolEngine.draw_base2(): {self.num_generated} points were drawn before, and with 2**{m} more they "
                f"are {total}, which is no power of 2. The balance properties of Sobol' points require n to be a power "
                "of 2. Use draw() if they do not matter."
            )
        return self.draw(2**m, out, dtype)

    def reset(self) -> SobolEngine:
        """Go back to the first point; returns itself."""
        self._points.reset()
        return self

    def fast_forward(self, n: int) -> SobolEngine:
        """Pass over the next `n` points; returns itself."""
        if n:
            self._points.fast_forward(n)
        return self

    def _quietly(self, n: int) -> Any:
        import warnings

        with warnings.catch_warnings():  # SciPy says that a count is no power of 2; PyTorch does not
            warnings.simplefilter("ignore", UserWarning)
            return self._points.random(n)

    def __repr__(self) -> str:
        text = f"SobolEngine(dimension={self.dimension}"
        text += ", scramble=True" if self.scramble else ""
        text += f", seed={self.seed}" if self.seed is not None else ""
        return text + ")"
