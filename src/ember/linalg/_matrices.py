"""Between tensors of matrices and NumPy's and SciPy's LAPACK: checks, arrays on tensors' memory, failures, nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from .. import _C
from ..autograd._reach import outside_of_level
from ..autograd.function import Function
from ..ops.creation import eye
from ..return_types import OF_FUNCTIONS

_TYPES = (_C.float32, _C.float64, _C.complex64, _C.complex128)
# LAPACK's letter of a NumPy type: "s" in sgetrf.
_LETTERS = {"float32": "s", "float64": "d", "complex64": "c", "complex128": "z"}


class LinAlgError(RuntimeError):
    """A matrix does not have what an operation needs: it is singular, or not positive-definite.

    Example:
        >>> try:
        ...     ember.linalg.inv(ember.zeros(2, 2))
        ... except ember.linalg.LinAlgError:
        ...     print("singular")
        singular
    """


LinAlgError.__module__, LinAlgError.__qualname__ = "torch._C", "_LinAlgError"


# ---- checks ---------------------------------------------------------------------------------------------------------


def check_type(name: str, tensor: Any, argument: str = "A") -> None:
    """An error where it is no tensor of a type that LAPACK knows."""
    if not isinstance(tensor, _C.Tensor):
        raise TypeError(f"{name}(): argument '{argument}' must be Tensor, not {type(tensor).__name__}.")
    if tensor.dtype not in _TYPES:
        hint = " Use float()." if not tensor.is_complex() else ""
        raise RuntimeError(
            f"{name}(): {argument} is of {tensor.dtype}; expected float32, float64, complex64 or complex128.{hint}"
        )


def check_matrices(name: str, tensor: Any, argument: str = "A") -> None:
    """An error where it is no batch of matrices."""
    check_type(name, tensor, argument)
    if tensor.dim() < 2:
        raise RuntimeError(f"{name}(): {argument} has shape {tuple(tensor.shape)}; expected at least 2 dimensions.")


def check_square(name: str, tensor: Any, argument: str = "A") -> None:
    """An error where the matrices are not square."""
    check_matrices(name, tensor, argument)
    shape = tensor.shape
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            f"{name}(): {argument} must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} "
            "matrices."
        )


def check_same_type(name: str, a: Any, b: Any, arguments: tuple[str, str] = ("A", "B")) -> None:
    """An error where the two tensors are of different types."""
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}(): expected {arguments[0]} and {arguments[1]} to have the same dtype, but found {arguments[0]} of "
            f"{a.dtype} and {arguments[1]} of {b.dtype}."
        )


# ---- shapes ---------------------------------------------------------------------------------------------------------


def same_batches(name: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Both with the batch dims to which theirs broadcast."""
    first, second = a.shape[:-2], b.shape[:-2]
    if first == second:
        return a, b
    import numpy

    try:
        batch = numpy.broadcast_shapes(tuple(first), tuple(second))
    except ValueError:
        raise RuntimeError(
            f"{name}(): batch dims {tuple(first)} and {tuple(second)} do not broadcast together; "
            "expected equal sizes, or 1."
        ) from None
    return a.expand(*batch, *a.shape[-2:]), b.expand(*batch, *b.shape[-2:])


def diagonal_of(matrices: Any) -> Any:
    """The diagonals, as a view of shape (*, n)."""
    return matrices.diagonal(0, -2, -1)


def identity_like(matrices: Any, size: int) -> Any:
    """The identity, of the type of some matrices."""
    return eye(size, dtype=matrices.dtype, device=matrices.device)


def given(out: Any, result: Any) -> Any:
    """A result, or `out` with it."""
    return result if out is None else out.resize_(result.shape).copy_(result)


def named(name: str, values: Sequence[Any], out: Any = None) -> Any:
    """torch.return_types.<name> of values, or of the tensors of `out` with them."""
    if out is not None:
        values = [given(target, value) for target, value in zip(out, values, strict=True)]
    return OF_FUNCTIONS[name](values)


# ---- arrays ---------------------------------------------------------------------------------------------------------


def _tensor(result: Any) -> Any:
    import numpy

    return _C._from_numpy(numpy.asarray(result))


def evaluate(function: Callable[..., Any], *tensors: Any) -> Any:
    """What a function of arrays makes of tensors, whose memory it reads in place; on meta, the same shapes."""
    if tensors[0].is_meta:
        return _evaluate_on_meta(function, tensors)
    level = max(behind[1] if behind else 0 for behind in map(_C._behind_stand_in, tensors))
    if level:
        return _evaluate_batches(function, tensors, level)
    results = function(*[tensor.detach().numpy() for tensor in tensors])
    return tuple(map(_tensor, results)) if isinstance(results, tuple) else _tensor(results)


def _evaluate_batches(function: Callable[..., Any], tensors: Sequence[Any], level: int) -> Any:
    """Within vmap: the samples' batches are matrices like any others."""
    size = _C._batching_level(level)[1]

    def value(tensor: Any) -> Any:
        behind = _C._behind_stand_in(tensor)
        if behind is not None and behind[1] == level:
            tensor = behind[0]
        is_mapped = behind is not None and behind[1] == level and behind[2]
        return tensor if is_mapped else _C.ops.expand(tensor, (size, *tensor.shape))

    with outside_of_level(level):
        results = evaluate(function, *map(value, tensors))
    if isinstance(results, tuple):
        return tuple(_C._stand_in(each, level, True) for each in results)
    return _C._stand_in(results, level, True)


def all_samples(tensor: Any) -> Any:
    """Within vmap the numbers of all samples, with more dims in front; elsewhere the tensor itself."""
    behind = _C._behind_stand_in(tensor)
    return tensor if behind is None else all_samples(behind[0])


def _evaluate_on_meta(function: Callable[..., Any], tensors: Sequence[Any]) -> Any:
    """LAPACK's answer to an empty batch has the shapes of a matrix's results."""
    import numpy

    arrays = [numpy.empty((0, *each.shape[-2:]), str(each.dtype).removeprefix("torch.")) for each in tensors]
    results = function(*arrays)
    batch = tensors[0].shape[:-2]

    def on_meta(result: Any) -> Any:
        return _C.ops.empty([*batch, *result.shape[1:]], dtype=_tensor(result).dtype, device="meta")

    return tuple(map(on_meta, results)) if isinstance(results, tuple) else on_meta(results)


def matrices_of(array: Any) -> Any:
    """An array with one batch dim."""
    return array.reshape(math.prod(array.shape[:-2]), *array.shape[-2:])


def tolerant(function: Callable[..., Any], diagnose: Callable[[Any], int]) -> Callable[..., tuple[Any, ...]]:
    """A function of batches that does not stop at a matrix that LAPACK fails for, and tells which did.

    Args:
        function: raises numpy.linalg.LinAlgError for the whole batch.
        diagnose: for a matrix that it failed for, LAPACK's info, above 0.

    Returns:
        A function whose result is that of `function`, with nan for such matrices, and int32 info, 0 where all is well.
    """

    def tolerating(*arrays: Any) -> tuple[Any, ...]:
        import numpy

        batch = arrays[0].shape[:-2]
        try:
            results = function(*arrays)
            info = numpy.zeros(batch, numpy.int32)
            return (*results, info) if isinstance(results, tuple) else (results, info)
        except numpy.linalg.LinAlgError:
            return _one_by_one(function, diagnose, arrays)

    return tolerating


def _one_by_one(function: Callable[..., Any], diagnose: Callable[[Any], int], arrays: Sequence[Any]) -> tuple[Any, ...]:
    import numpy

    batch = arrays[0].shape[:-2]
    shapes = function(*[numpy.empty((0, *array.shape[-2:]), array.dtype) for array in arrays])
    shapes = shapes if isinstance(shapes, tuple) else (shapes,)
    results = [numpy.full((*batch, *each.shape[1:]), numpy.nan, each.dtype) for each in shapes]
    info = numpy.zeros(batch, numpy.int32)
    for index in numpy.ndindex(*batch):
        own = [array[index] for array in arrays]
        try:
            found = function(*own)
        except numpy.linalg.LinAlgError:
            info[index] = max(1, diagnose(own[0]))
            continue
        for result, each in zip(results, found if isinstance(found, tuple) else (found,), strict=True):
            result[index] = each
    return (*results, info)


def first_zero_pivot(matrix: Any) -> int:
    """The first pivot, from 1 on, that is 0 in elimination with row exchanges (the last if rounding hides it)."""
    import numpy

    left = numpy.array(matrix)
    size = left.shape[-1]
    for k in range(size):
        pivot = k + int(numpy.argmax(numpy.abs(left[k:, k])))
        if left[pivot, k] == 0:
            return k + 1
        left[[k, pivot]] = left[[pivot, k]]
        left[k + 1 :] -= numpy.outer(left[k + 1 :, k] / left[k, k], left[k])
    return size


def raise_for(name: str, info: Any, reason: Callable[[int], str]) -> None:
    """Raise LinAlgError for the first matrix whose info is above 0; `reason` puts info into words."""
    info = all_samples(info)
    if info.is_meta or not bool(info.any()):
        return
    codes = info.reshape(-1).tolist()
    first = next(i for i, code in enumerate(codes) if code)
    element = f"(Batch element {first}): " if info.dim() else ""
    raise LinAlgError(f"{name}(): {element}{reason(codes[first])}")


def singular(code: int) -> str:
    """What an error says of a singular matrix; `code` is LAPACK's, the pivot that is zero."""
    return (
        f"the matrix is singular: pivot {code} of its elimination is zero; expected an invertible matrix. "
        "linalg.pinv() and linalg.lstsq() take any."
    )


# ---- SciPy ----------------------------------------------------------------------------------------------------------


def missing_scipy(name: str) -> NoReturn:
    """The error of what needs SciPy."""
    raise ModuleNotFoundError(
        f"{name}(): needs SciPy, which is not installed. Install it: pip install 'ember[linalg]'."
    )


def lapack(name: str, routine: str, array: Any) -> Any:
    """SciPy's LAPACK routine for an array's type, e.g. "getrf"; `name` is who needs it."""
    try:
        from scipy.linalg import lapack as routines
    except ModuleNotFoundError:
        missing_scipy(name)
    return getattr(routines, _LETTERS[array.dtype.name] + routine)


def triangular_routine(array: Any) -> Any:
    """SciPy's BLAS routine trsm for an array's type; None without SciPy."""
    try:
        from scipy.linalg import blas
    except ModuleNotFoundError:
        return None
    return getattr(blas, _LETTERS[array.dtype.name] + "trsm")


# ---- nodes ----------------------------------------------------------------------------------------------------------


def is_recorded(*args: Any) -> bool:
    """Whether what is computed from them has a place in a graph; within vmap it may have one in that around."""
    tensors = [arg for arg in args if isinstance(arg, _C.Tensor)]
    return _C.is_grad_enabled() and any(x.requires_grad or _C._differs_by_sample(x) for x in tensors)


class MatrixFunction(Function):
    """Operations that LAPACK computes and whose gradients are made of operations, so that these have gradients too.

    `compute(*args)` gives a tensor or a tuple. `backward` finds in `saved_tensors` the tensors among the arguments (if
    `saves_inputs`), then the outputs; a gradient that does not arrive is None. What is no tensor is in `options`.
    """

    saves_inputs = False
    options: tuple[Any, ...] = ()

    @staticmethod
    def compute(*args: Any) -> Any:
        raise NotImplementedError("compute is not implemented.")

    @staticmethod
    def _on_batch(*args: Any) -> Any:
        return args

    @classmethod
    def forward(cls, *args: Any) -> Any:
        return cls.compute(*args)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        outputs = output if isinstance(output, tuple) else (output,)
        kept = [arg for arg in inputs if isinstance(arg, _C.Tensor)] if ctx.saves_inputs else []
        ctx.options = tuple(arg for arg in inputs if not isinstance(arg, _C.Tensor))
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*kept, *outputs)

    @classmethod
    def run(cls, *args: Any) -> Any:
        """compute(*args), recorded where a gradient is wanted."""
        if is_recorded(*args):
            return cls.apply(*args)
        return cls.compute(*args)
