"""Written by tools/write_stubs.py: the methods of Tensor."""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from collections.abc import Callable as Callable
from collections.abc import Sequence as Sequence
from ember._C import Generator as Generator
from ember._C import Tensor as Tensor
from ember._C import dtype as _dtype
from ember._layout import layout as _layout
from ember._layout import memory_format as memory_format
from ember.storage import TypedStorage as TypedStorage
from ember.types import Device as Device
from ember.types import _size as _size
from ember.utils.hooks import RemovableHandle as RemovableHandle
from numpy import ndarray as ndarray
from typing import Any as Any
from typing import Literal as Literal
from typing import NoReturn as NoReturn
from typing import overload as overload
from typing_extensions import Self as Self

from . import return_types

class TensorMethods:
    @property
    def H(self) -> Tensor:
        """The conjugate transpose of a matrix."""
    @property
    def T(self) -> Tensor:
        """The dims in reverse order."""
    def __array__(self, dtype: Any=None, copy: _bool | None=None) -> ndarray[Any, Any]: ...
    def __array_wrap__(self, array: Any, context: Any=None, return_scalar: _bool=False) -> Tensor: ...
    def __complex__(self) -> complex: ...
    def __deepcopy__(self, memo: dict[_int, Any]) -> Tensor: ...
    def __dlpack__(self, *, stream: Any=None, max_version: Any=None, dl_device: Any=None, copy: Any=None) -> Any:
        """A DLPack capsule of the same memory."""
    def __dlpack_device__(self) -> tuple[_int, _int]:
        """(device type, device number) of DLPack: (1, 0) is the CPU."""
    def __format__(self, format_spec: str) -> str: ...
    def __reduce_ex__(self, protocol: Any) -> Any: ...
    def __reversed__(self) -> Tensor: ...
    def _coalesced_(self, *args: Any, **kwargs: Any) -> Any:
        """Claims that each place appears once, in row-major order, or that it is not known."""
    def _indices(self, *args: Any, **kwargs: Any) -> Any:
        """The positions of the elements, (sparse dims, nnz)."""
    def _nnz(self, *args: Any, **kwargs: Any) -> Any:
        """The number of elements that are stored."""
    def _typed_storage(self) -> Any:
        """Its memory as a list of numbers of its type."""
    def _values(self, *args: Any, **kwargs: Any) -> Any:
        """The elements."""
    def abs(self) -> Tensor:
        """The absolute value; of complex numbers the modulus, a real number."""
    def abs_(self) -> Self:
        """The absolute value; of complex numbers the modulus, a real number."""
    def absolute(self) -> Tensor:
        """The absolute value; of complex numbers the modulus, a real number."""
    def absolute_(self) -> Self:
        """The absolute value; of complex numbers the modulus, a real number."""
    def acos(self) -> Tensor:
        """The angle in [0, pi] whose cosine is input."""
    def acos_(self) -> Self:
        """The angle in [0, pi] whose cosine is input."""
    def acosh(self) -> Tensor:
        """The inverse of cosh."""
    def acosh_(self) -> Self:
        """The inverse of cosh."""
    def add(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
        """input + alpha * other."""
    def add_(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Self:
        """input + alpha * other."""
    def addbmm(self, batch1: Tensor, batch2: Tensor, *, beta: complex=1, alpha: complex=1) -> Tensor:
        """beta * input + alpha * the sum of all products of two batches of matrices."""
    def addbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: complex=1, alpha: complex=1) -> Self:
        """:func:`addbmm` in place."""
    def addcdiv(self, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Tensor:
        """input + value * tensor1 / tensor2."""
    def addcdiv_(self, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Self:
        """input + value * tensor1 / tensor2."""
    def addcmul(self, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Tensor:
        """input + value * tensor1 * tensor2."""
    def addcmul_(self, tensor1: Tensor, tensor2: Tensor, *, value: complex | Tensor = 1) -> Self:
        """input + value * tensor1 * tensor2."""
    def addmm(self, mat1: Tensor, mat2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Tensor:
        """beta * input + alpha * mat1 @ mat2; with beta = 0 the input is not read."""
    def addmm_(self, mat1: Tensor, mat2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Self:
        """beta * input + alpha * mat1 @ mat2; with beta = 0 the input is not read."""
    def addmv(self, mat: Tensor, vec: Tensor, *, beta: complex=1, alpha: complex=1) -> Tensor:
        """beta * input + alpha * mat @ vec."""
    def addmv_(self, mat: Tensor, vec: Tensor, *, beta: complex=1, alpha: complex=1) -> Self:
        """:func:`addmv` in place."""
    def addr(self, vec1: Tensor, vec2: Tensor, *, beta: complex=1, alpha: complex=1) -> Tensor:
        """beta * input + alpha * outer(vec1, vec2)."""
    def addr_(self, vec1: Tensor, vec2: Tensor, *, beta: complex=1, alpha: complex=1) -> Self:
        """:func:`addr` in place."""
    def adjoint(self) -> Tensor:
        """The conjugate transpose of the matrices in the last two dims."""
    def all(self, dim: _int | _size | None = None, keepdim: _bool = False) -> Tensor:
        """Whether no element over the dims in `dim` is zero."""
    def allclose(self, other: Tensor, rtol: _float=1e-05, atol: _float=1e-08, equal_nan: _bool=False) -> _bool:
        """Whether all elements are close, as `isclose` says."""
    def amax(self, dim: _int | _size | None = (), keepdim: _bool = False) -> Tensor:
        """The largest element over the dims in `dim`; over all of them by default. Equal ones share the gradient."""
    def amin(self, dim: _int | _size | None = (), keepdim: _bool = False) -> Tensor:
        """The smallest element over the dims in `dim`; over all of them by default. Equal ones share the gradient."""
    def aminmax(self, *, dim: _int | None = None, keepdim: _bool = False) -> return_types.aminmax:
        """The smallest and the largest element along dim; of all by default."""
    def angle(self) -> Tensor:
        """The angle of each complex number in radians; of real ones 0, or pi below 0."""
    def any(self, dim: _int | _size | None = None, keepdim: _bool = False) -> Tensor:
        """Whether an element over the dims in `dim` is not zero."""
    def apply_(self, callable: Callable[[Any], Any]) -> Self:
        """Replace each element by what the Python function makes of it. Slow: one call for each element."""
    def arccos(self) -> Tensor:
        """The angle in [0, pi] whose cosine is input."""
    def arccos_(self) -> Self:
        """The angle in [0, pi] whose cosine is input."""
    def arccosh(self) -> Tensor:
        """The inverse of cosh."""
    def arccosh_(self) -> Self:
        """The inverse of cosh."""
    def arcsin(self) -> Tensor:
        """The angle in [-pi/2, pi/2] whose sine is input."""
    def arcsin_(self) -> Self:
        """The angle in [-pi/2, pi/2] whose sine is input."""
    def arcsinh(self) -> Tensor:
        """The inverse of sinh."""
    def arcsinh_(self) -> Self:
        """The inverse of sinh."""
    def arctan(self) -> Tensor:
        """The angle in (-pi/2, pi/2) whose tangent is input."""
    def arctan2(self, other: Tensor | complex) -> Tensor:
        """The angle of the point (other, input) in (-pi, pi]."""
    def arctan2_(self, other: Tensor | complex) -> Self:
        """The angle of the point (other, input) in (-pi, pi]."""
    def arctan_(self) -> Self:
        """The angle in (-pi/2, pi/2) whose tangent is input."""
    def arctanh(self) -> Tensor:
        """The inverse of tanh."""
    def arctanh_(self) -> Self:
        """The inverse of tanh."""
    def argmax(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The index of the first largest element along dim; of the flattened input by default."""
    def argmin(self, dim: _int | None = None, keepdim: _bool = False) -> Tensor:
        """The index of the first smallest element along dim; of the flattened input by default."""
    def argsort(self, dim: _int=-1, descending: _bool=False, stable: _bool=False) -> Tensor:
        """The places from which the elements come in order along `dim`; equal ones keep their order."""
    def argwhere(self) -> Tensor:
        """The indices of all elements that are not 0, one row each."""
    def as_strided(self, size: _int | _size, stride: _int | _size, storage_offset: _int | None = None) -> Tensor:
        """Any sizes and strides on the memory of input; storage_offset counts from the start of the storage."""
    def as_strided_scatter(self, src: Tensor, size: _size, stride: _size, storage_offset: _int | None=None) -> Tensor:
        """A copy of `input` with `src` at the places that `as_strided` would show."""
    def asin(self) -> Tensor:
        """The angle in [-pi/2, pi/2] whose sine is input."""
    def asin_(self) -> Self:
        """The angle in [-pi/2, pi/2] whose sine is input."""
    def asinh(self) -> Tensor:
        """The inverse of sinh."""
    def asinh_(self) -> Self:
        """The inverse of sinh."""
    def atan(self) -> Tensor:
        """The angle in (-pi/2, pi/2) whose tangent is input."""
    def atan2(self, other: Tensor | complex) -> Tensor:
        """The angle of the point (other, input) in (-pi, pi]."""
    def atan2_(self, other: Tensor | complex) -> Self:
        """The angle of the point (other, input) in (-pi, pi]."""
    def atan_(self) -> Self:
        """The angle in (-pi/2, pi/2) whose tangent is input."""
    def atanh(self) -> Tensor:
        """The inverse of tanh."""
    def atanh_(self) -> Self:
        """The inverse of tanh."""
    def backward(self, gradient: Tensor | None=None, retain_graph: _bool | None=None, create_graph: _bool=False, inputs: Tensor | Sequence[Tensor] | None=None) -> None:
        """Add the gradients of this tensor by the graph's leaves into their `.grad`; see `autograd.backward`."""
    def baddbmm(self, batch1: Tensor, batch2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Tensor:
        """beta * input + alpha * batch1 @ batch2 for batches of matrices; with beta = 0 the input is not read."""
    def baddbmm_(self, batch1: Tensor, batch2: Tensor, *, beta: complex | Tensor = 1, alpha: complex | Tensor = 1) -> Self:
        """beta * input + alpha * batch1 @ batch2 for batches of matrices; with beta = 0 the input is not read."""
    def bernoulli(self, p: _float | None=None, *, generator: Generator | None=None) -> Tensor:
        """1 with the probability that each element of `input` says (all with `p`, where given), else 0."""
    def bernoulli_(self, p: _float | Tensor=0.5, *, generator: Generator | None=None) -> Self:
        """Fill with draws that are 1 with probability `p`, a number or a tensor of them, else 0."""
    def bincount(self, weights: Tensor | None=None, minlength: _int=0) -> Tensor:
        """How often each integer from 0 on occurs, or the sum of its `weights`."""
    def bitwise_and(self, other: Tensor | complex) -> Tensor:
        """Bit by bit: and."""
    def bitwise_and_(self, other: Tensor | complex) -> Self:
        """Bit by bit: and."""
    def bitwise_left_shift(self, other: Tensor | complex) -> Tensor:
        """input * 2^other."""
    def bitwise_left_shift_(self, other: Tensor | complex) -> Self:
        """input * 2^other."""
    def bitwise_not(self) -> Tensor:
        """All bits of integers turned; of bool: not."""
    def bitwise_not_(self) -> Self:
        """All bits of integers turned; of bool: not."""
    def bitwise_or(self, other: Tensor | complex) -> Tensor:
        """Bit by bit: or."""
    def bitwise_or_(self, other: Tensor | complex) -> Self:
        """Bit by bit: or."""
    def bitwise_right_shift(self, other: Tensor | complex) -> Tensor:
        """input / 2^other, rounded down."""
    def bitwise_right_shift_(self, other: Tensor | complex) -> Self:
        """input / 2^other, rounded down."""
    def bitwise_xor(self, other: Tensor | complex) -> Tensor:
        """Bit by bit: exclusive or."""
    def bitwise_xor_(self, other: Tensor | complex) -> Self:
        """Bit by bit: exclusive or."""
    def bmm(self, mat2: Tensor) -> Tensor:
        """Products of two batches of matrices: (b, n, k) and (b, k, m) give (b, n, m)."""
    def broadcast_to(self, *args: Any, size: _size | None=None) -> Tensor:
        """`input` expanded to `size`, as a view: `broadcast_to((2, 3))` or, as a method, `broadcast_to(2, 3)`."""
    def bucketize(self, boundaries: Tensor, *, out_int32: _bool=False, right: _bool=False) -> Tensor:
        """The bucket between ascending 1-d `boundaries` in which each value lies: :func:`searchsorted`, turned round."""
    def cauchy_(self, median: _float = 0, sigma: _float = 1, *, generator: Generator | None = None) -> Self:
        """A tensor like input of Cauchy draws."""
    def ccol_indices(self, *args: Any, **kwargs: Any) -> Any:
        """Where each column begins among the elements, and where the last one ends."""
    def ceil(self) -> Tensor:
        """Rounded up."""
    def ceil_(self) -> Self:
        """Rounded up."""
    def cholesky(self, upper: _bool=False) -> Tensor:
        """The triangular factor of positive-definite matrices; see :func:`ember.linalg.cholesky`."""
    def cholesky_inverse(self, upper: _bool=False) -> Tensor:
        """The inverse of A from its Cholesky factor ``(*, n, n)``, lower triangular or ``upper``."""
    def cholesky_solve(self, input2: Tensor, upper: _bool=False) -> Tensor:
        """X with A X = B from the Cholesky factor of A."""
    def chunk(self, chunks: _int, dim: _int = 0) -> tuple[Tensor, ...]:
        """At most `chunks` pieces along dim, all of one size but the last."""
    def clamp(self, min: Tensor | complex | None=None, max: Tensor | complex | None=None) -> Tensor:
        """input held between `min` and `max` (numbers or tensors, either may be None); max wins where min > max."""
    def clamp_(self, min: Tensor | complex | None=None, max: Tensor | complex | None=None) -> Self:
        """`clamp` in place."""
    def clamp_max(self, max: Tensor | complex) -> Tensor:
        """At most max."""
    def clamp_max_(self, max: Tensor | complex) -> Self:
        """At most max."""
    def clamp_min(self, min: Tensor | complex) -> Tensor:
        """At least min."""
    def clamp_min_(self, min: Tensor | complex) -> Self:
        """At least min."""
    def clip(self, min: Tensor | complex | None=None, max: Tensor | complex | None=None) -> Tensor:
        """input held between `min` and `max` (numbers or tensors, either may be None); max wins where min > max."""
    def clip_(self, min: Tensor | complex | None=None, max: Tensor | complex | None=None) -> Self:
        """`clamp` in place."""
    def clone(self, *, memory_format: str | None = None) -> Tensor:
        """A copy of input. Strides are kept where input is dense, unless memory_format asks for an order."""
    def coalesce(self, *args: Any, **kwargs: Any) -> Any:
        """The tensor with the elements at each place added up, in row-major order."""
    def col_indices(self, *args: Any, **kwargs: Any) -> Any:
        """The column of each element."""
    def combinations(self, r: _int=2, with_replacement: _bool=False) -> Tensor:
        """All choices of r elements of a vector, in order of position, as rows."""
    def conj(self) -> Tensor:
        """The complex conjugate of each element; a real tensor is returned as it is."""
    def conj_physical(self) -> Tensor:
        """The complex conjugate of each element; a real tensor is returned as it is."""
    def conj_physical_(self) -> Self:
        """The complex conjugate of each element; a real tensor is returned as it is."""
    def copy(self, src: Tensor, non_blocking: _bool = False) -> Tensor:
        """The elements of src, broadcast to the shape of input and cast to its dtype."""
    def copy_(self, src: Tensor, non_blocking: _bool = False) -> Self:
        """The elements of src, broadcast to the shape of input and cast to its dtype."""
    def copysign(self, other: Tensor | complex) -> Tensor:
        """The magnitude of input with the sign of other."""
    def copysign_(self, other: Tensor | complex) -> Self:
        """The magnitude of input with the sign of other."""
    def corrcoef(self) -> Tensor:
        """The correlation coefficients of variables in rows, observed in columns, in [-1, 1]."""
    def cos(self) -> Tensor:
        """The cosine; input in radians, of a size up to 2^50."""
    def cos_(self) -> Self:
        """The cosine; input in radians, of a size up to 2^50."""
    def cosh(self) -> Tensor:
        """(exp(x) + exp(-x)) / 2."""
    def cosh_(self) -> Self:
        """(exp(x) + exp(-x)) / 2."""
    def count_nonzero(self, dim: _int | _size | None=None) -> Tensor:
        """The number of elements that are not 0, over `dim` (None: all)."""
    def cov(self, *, correction: _int=1, fweights: Tensor | None=None, aweights: Tensor | None=None) -> Tensor:
        """The covariance matrix of variables in rows, observed in columns."""
    def cpu(self, memory_format: memory_format | None=None) -> Tensor:
        """Itself: its memory is the CPU's."""
    def cross(self, other: Tensor, dim: _int | None=None) -> Tensor:
        """The vector product over a dim of size 3 (None: the first such)."""
    def crow_indices(self, *args: Any, **kwargs: Any) -> Any:
        """Where each row begins among the elements, and where the last one ends."""
    def cuda(self, device: Device=None, non_blocking: _bool=False, memory_format: memory_format | None=None) -> Tensor:
        """AssertionError: this build of Ember has no CUDA."""
    def cummax(self, dim: _int) -> return_types.cummax:
        """The largest of the elements up to each place along dim, and where the last such stands."""
    def cummin(self, dim: _int) -> return_types.cummin:
        """The smallest of the elements up to each place along dim, and where the last such stands."""
    def cumprod(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Products of the elements up to each place along dim."""
    def cumprod_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """Products of the elements up to each place along dim."""
    def cumsum(self, dim: _int, *, dtype: _dtype | None = None) -> Tensor:
        """Sums of the elements up to each place along dim."""
    def cumsum_(self, dim: _int, *, dtype: _dtype | None = None) -> Self:
        """Sums of the elements up to each place along dim."""
    def deg2rad(self) -> Tensor:
        """Degrees to radians."""
    def deg2rad_(self) -> Self:
        """Degrees to radians."""
    def dense_dim(self) -> _int:
        """How many of the last dims each element has: all of a strided tensor."""
    def dequantize(self) -> Tensor:
        """Itself, as float32: no dtype of Ember is quantized."""
    def det(self) -> Tensor:
        """The determinant of each matrix ``(*, n, n)``."""
    def diag(self, diagonal: _int=0) -> Tensor:
        """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
    def diag_embed(self, offset: _int=0, dim1: _int=-2, dim2: _int=-1) -> Tensor:
        """Matrices in dims dim1 and dim2 with the last dim of `input` on a diagonal and zeros elsewhere."""
    def diagflat(self, offset: _int=0) -> Tensor:
        """The matrix with all elements of `input` on a diagonal."""
    def diagonal(self, offset: _int = 0, dim1: _int = 0, dim2: _int = 1) -> Tensor:
        """The elements (i, i + offset) of dims dim1 and dim2, as a new last dim."""
    def diagonal_scatter(self, src: Tensor, offset: _int=0, dim1: _int=0, dim2: _int=1) -> Tensor:
        """A copy of `input` with `src` on a diagonal of dims dim1 and dim2."""
    def diff(self, n: _int=1, dim: _int=-1, prepend: Tensor | None=None, append: Tensor | None=None) -> Tensor:
        """The n-th differences of neighbours along `dim`; `prepend` and `append` are joined on before."""
    def digamma(self) -> Tensor:
        """The derivative of lgamma."""
    def digamma_(self) -> Self:
        """The derivative of lgamma."""
    def dim_order(self) -> tuple[_int, ...]:
        """The dims in the order of memory, the one with the largest stride first."""
    def dist(self, other: Tensor, p: _float=2) -> Tensor:
        """The p-norm of input - other."""
    def div(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Tensor:
        """Divide; `rounding_mode` 'trunc' or 'floor' rounds the quotient."""
    def div_(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Self:
        """`div` in place."""
    def divide(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Tensor:
        """Divide; `rounding_mode` 'trunc' or 'floor' rounds the quotient."""
    def divide_(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Self:
        """`div` in place."""
    def dot(self, tensor: Tensor) -> Tensor:
        """The sum of the products of two vectors' elements."""
    def dsplit(self, indices_or_sections: _int | _size | Tensor | None=None, *, indices: _size | None=None, sections: _int | None=None) -> tuple[Tensor, ...]:
        """`tensor_split` along dim 2."""
    def eig(self, eigenvectors: _bool=False, *, e: Any=None, v: Any=None) -> NoReturn:
        """RuntimeError: use :func:`ember.linalg.eig`."""
    def eq(self, other: Tensor | complex) -> Tensor:
        """Whether input equals other."""
    def eq_(self, other: Tensor | complex) -> Self:
        """Whether input equals other."""
    def equal(self, other: Tensor) -> _bool:
        """Whether both have the same shape and the same elements."""
    def erf(self) -> Tensor:
        """The error function."""
    def erf_(self) -> Self:
        """The error function."""
    def erfc(self) -> Tensor:
        """1 - erf(input), exact in the tail."""
    def erfc_(self) -> Self:
        """1 - erf(input), exact in the tail."""
    def erfinv(self) -> Tensor:
        """The inverse of erf on (-1, 1)."""
    def erfinv_(self) -> Self:
        """The inverse of erf on (-1, 1)."""
    def exp(self) -> Tensor:
        """e^input."""
    def exp2(self) -> Tensor:
        """2^input."""
    def exp2_(self) -> Self:
        """2^input."""
    def exp_(self) -> Self:
        """e^input."""
    @overload
    def expand(self, size: _size) -> Tensor:
        """Dims of size 1 repeated without a copy, to the given sizes; -1 keeps a size."""
    @overload
    def expand(self, *size: _int) -> Tensor:
        """Dims of size 1 repeated without a copy, to the given sizes; -1 keeps a size."""
    def expand_as(self, other: Tensor) -> Tensor:
        """`expand` to the shape of `other`."""
    def expm1(self) -> Tensor:
        """exp(input) - 1, exact near 0."""
    def expm1_(self) -> Self:
        """exp(input) - 1, exact near 0."""
    def exponential_(self, lambd: _float = 1, *, generator: Generator | None = None) -> Self:
        """A tensor like input of exponential draws of rate lambd."""
    def fill(self, value: Tensor | complex) -> Tensor:
        """A tensor like input with every element equal to value, a number or a 0-d tensor."""
    def fill_(self, value: Tensor | complex) -> Self:
        """A tensor like input with every element equal to value, a number or a 0-d tensor."""
    def fill_diagonal_(self, fill_value: _float, wrap: _bool=False) -> Self:
        """Fill the main diagonal; of a tall matrix, with `wrap`, again below it after a row's gap."""
    def fix(self) -> Tensor:
        """Rounded to zero."""
    def fix_(self) -> Self:
        """Rounded to zero."""
    def flatten(self, start_dim: _int = 0, end_dim: _int = -1) -> Tensor:
        """Dims start_dim to end_dim as one, as a view where the strides allow one."""
    @overload
    def flip(self, dims: _size) -> Tensor:
        """input in reverse order along dims."""
    @overload
    def flip(self, *dims: _int) -> Tensor:
        """input in reverse order along dims."""
    def fliplr(self) -> Tensor:
        """The columns in reverse order."""
    def flipud(self) -> Tensor:
        """The rows in reverse order."""
    def float_power(self, exponent: Tensor | complex) -> Tensor:
        """input to the power of exponent, in float64 (complex128 for complex numbers); either may be a number."""
    def float_power_(self, exponent: Tensor | complex) -> Self:
        """input to the power of exponent, in float64 (complex128 for complex numbers); either may be a number."""
    def floor(self) -> Tensor:
        """Rounded down."""
    def floor_(self) -> Self:
        """Rounded down."""
    def floor_divide(self, other: Tensor | complex) -> Tensor:
        """input / other rounded down, as Python's //."""
    def floor_divide_(self, other: Tensor | complex) -> Self:
        """input / other rounded down, as Python's //."""
    def fmax(self, other: Tensor | complex) -> Tensor:
        """The larger of both; a NaN loses."""
    def fmax_(self, other: Tensor | complex) -> Self:
        """The larger of both; a NaN loses."""
    def fmin(self, other: Tensor | complex) -> Tensor:
        """The smaller of both; a NaN loses."""
    def fmin_(self, other: Tensor | complex) -> Self:
        """The smaller of both; a NaN loses."""
    def fmod(self, other: Tensor | complex) -> Tensor:
        """The rest of a division rounded to zero: it has the sign of input, as C's fmod."""
    def fmod_(self, other: Tensor | complex) -> Self:
        """The rest of a division rounded to zero: it has the sign of input, as C's fmod."""
    def frac(self) -> Tensor:
        """input - trunc(input)."""
    def frac_(self) -> Self:
        """input - trunc(input)."""
    def frexp(self) -> return_types.frexp:
        """Mantissa m and exponent e of each number: input = m 2^e with 1/2 <= abs(m) < 1."""
    def gather(self, dim: _int, index: Tensor, *, sparse_grad: _bool = False) -> Tensor:
        """out[i][j] = input[index[i][j]][j] for dim 0, and alike for the others."""
    def gcd(self, other: Tensor) -> Tensor:
        """The greatest common divisor of integers, by Euclid's algorithm on all elements at once."""
    def gcd_(self, other: Tensor) -> Self:
        """The greatest common divisor of integers, by Euclid's algorithm on all elements at once."""
    def ge(self, other: Tensor | complex) -> Tensor:
        """Whether input is at least other."""
    def ge_(self, other: Tensor | complex) -> Self:
        """Whether input is at least other."""
    def geometric_(self, p: _float, *, generator: Generator | None = None) -> Self:
        """A tensor like input of numbers of trials up to the first success of probability p."""
    def geqrf(self) -> return_types.geqrf:
        """LAPACK's packed QR: R, and below its diagonal the vectors of the reflectors whose factors are tau."""
    def ger(self, vec2: Tensor) -> Tensor:
        """Each element of one vector times each of another: (n) and (m) give (n, m)."""
    def get_device(self) -> _int:
        """The number of a CUDA device; -1 on the CPU."""
    def greater(self, other: Tensor | complex) -> Tensor:
        """Whether input is greater than other."""
    def greater_(self, other: Tensor | complex) -> Self:
        """Whether input is greater than other."""
    def greater_equal(self, other: Tensor | complex) -> Tensor:
        """Whether input is at least other."""
    def greater_equal_(self, other: Tensor | complex) -> Self:
        """Whether input is at least other."""
    def gt(self, other: Tensor | complex) -> Tensor:
        """Whether input is greater than other."""
    def gt_(self, other: Tensor | complex) -> Self:
        """Whether input is greater than other."""
    def hardshrink(self, lambd: _float = 0.5) -> Tensor:
        """0 where |input| <= lambd, input elsewhere."""
    def hardshrink_(self, lambd: _float = 0.5) -> Self:
        """0 where |input| <= lambd, input elsewhere."""
    def heaviside(self, values: Tensor) -> Tensor:
        """0 below 0, 1 above it, `values` where input is 0."""
    def heaviside_(self, values: Tensor) -> Self:
        """0 below 0, 1 above it, `values` where input is 0."""
    def histc(self, bins: _int=100, min: _float=0, max: _float=0) -> Tensor:
        """The number of elements in each of `bins` equal parts of [min, max] (of the elements' range if both are equal)."""
    def histogram(self, bins: _int | Tensor, *, range: tuple[_float, _float] | None=None, weight: Tensor | None=None, density: _bool=False) -> return_types.histogram:
        """The number of elements in each bin."""
    def histogramdd(self, bins: Any, *, range: Sequence[_float] | None=None, weight: Tensor | None=None, density: _bool=False) -> return_types.histogramdd:
        """The number of points in each bin of a grid."""
    def hsplit(self, indices_or_sections: _int | _size | Tensor | None=None, *, indices: _size | None=None, sections: _int | None=None) -> tuple[Tensor, ...]:
        """`tensor_split` along the columns: dim 1, or dim 0 of a vector."""
    def hypot(self, other: Tensor | complex) -> Tensor:
        """sqrt(input^2 + other^2)."""
    def hypot_(self, other: Tensor | complex) -> Self:
        """sqrt(input^2 + other^2)."""
    def i0(self) -> Tensor:
        """The modified Bessel function of the first kind of order 0."""
    def i0_(self) -> Self:
        """The modified Bessel function of the first kind of order 0."""
    def igamma(self, other: Tensor) -> Tensor:
        """The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x."""
    def igamma_(self, other: Tensor) -> Self:
        """The regularised lower incomplete gamma function: the integral of t^(a - 1) exp(-t) / gamma(a) from 0 to x."""
    def igammac(self, other: Tensor) -> Tensor:
        """The regularised upper incomplete gamma function, 1 - :func:`igamma`, exact also where that is near 1."""
    def igammac_(self, other: Tensor) -> Self:
        """The regularised upper incomplete gamma function, 1 - :func:`igamma`, exact also where that is near 1."""
    imag: Tensor
    def index_add(self, dim: _int, index: Tensor, source: Tensor, *, alpha: complex | Tensor = 1) -> Tensor:
        """input with alpha times the slices of source added to the slices along dim that index names."""
    def index_add_(self, dim: _int, index: Tensor, source: Tensor, *, alpha: complex | Tensor = 1) -> Self:
        """input with alpha times the slices of source added to the slices along dim that index names."""
    def index_copy(self, dim: _int, index: Tensor, source: Tensor) -> Tensor:
        """input with the slices along dim that index names replaced by those of source."""
    def index_copy_(self, dim: _int, index: Tensor, source: Tensor) -> Self:
        """input with the slices along dim that index names replaced by those of source."""
    def index_fill(self, dim: _int, index: Tensor, value: Tensor | complex) -> Tensor:
        """input with the slices along dim that index names filled with a number or 0-d tensor."""
    def index_fill_(self, dim: _int, index: Tensor, value: Tensor | complex) -> Self:
        """input with the slices along dim that index names filled with a number or 0-d tensor."""
    def index_put(self, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Tensor:
        """input with values, broadcast, at the elements that indices name as in index(); added where accumulate."""
    def index_put_(self, indices: Sequence[Tensor], values: Tensor, accumulate: _bool = False) -> Self:
        """input with values, broadcast, at the elements that indices name as in index(); added where accumulate."""
    def index_reduce(self, dim: _int, index: Tensor, source: Tensor, reduce: str, *, include_self: _bool=True) -> Tensor:
        """`input`, its slices along `dim` named by `index` reduced with those of `source`: prod, mean, amax or amin."""
    def index_reduce_(self, dim: _int, index: Tensor, source: Tensor, reduce: str, *, include_self: _bool=True) -> Self:
        """`index_reduce` in place."""
    def index_select(self, dim: _int, index: Tensor) -> Tensor:
        """The slices of input along dim that the 1-d tensor index names."""
    def indices(self, *args: Any, **kwargs: Any) -> Any:
        """The positions of the elements, (sparse dims, nnz); of a coalesced tensor."""
    def inner(self, other: Tensor) -> Tensor:
        """The sum of products over the last dims: (*, k) and (+, k) give (*, +)."""
    def inverse(self) -> Tensor:
        """The inverse of each matrix; see :func:`ember.linalg.inv`."""
    def ipu(self, device: Device=None, non_blocking: _bool=False, memory_format: memory_format | None=None) -> Tensor:
        """RuntimeError: this build of Ember has no IPU."""
    def is_coalesced(self, *args: Any, **kwargs: Any) -> Any:
        """Whether each place appears once, in row-major order, as far as is known."""
    def is_nonzero(self) -> _bool:
        """Whether the single element is not 0."""
    def is_pinned(self, device: Device=None) -> _bool:
        """Whether the memory is page-locked for CUDA: never in this build."""
    def is_same_size(self, other: Tensor) -> _bool:
        """Whether both have the same shape."""
    def is_shared(self) -> _bool:
        """Whether the memory is shared between processes."""
    def isclose(self, other: Tensor, rtol: _float=1e-05, atol: _float=1e-08, equal_nan: _bool=False) -> Tensor:
        """Whether |input - other| <= atol + rtol * |other|, element by element."""
    def isfinite(self) -> Tensor:
        """Whether it is neither infinite nor NaN."""
    def isfinite_(self) -> Self:
        """Whether it is neither infinite nor NaN."""
    def isinf(self) -> Tensor:
        """Whether it is infinite."""
    def isinf_(self) -> Self:
        """Whether it is infinite."""
    def isnan(self) -> Tensor:
        """Whether it is no number."""
    def isnan_(self) -> Self:
        """Whether it is no number."""
    def isneginf(self) -> Tensor:
        """Whether it is -inf."""
    def isneginf_(self) -> Self:
        """Whether it is -inf."""
    def isposinf(self) -> Tensor:
        """Whether it is +inf."""
    def isposinf_(self) -> Self:
        """Whether it is +inf."""
    def isreal(self) -> Tensor:
        """Where the imaginary part is 0."""
    def istft(self, n_fft: _int, hop_length: _int | None=None, win_length: _int | None=None, window: Tensor | None=None, center: _bool=True, normalized: _bool=False, onesided: _bool | None=None, length: _int | None=None, return_complex: _bool=False) -> Tensor:
        """The signal of which :func:`stft` gives these spectra, or the nearest one in the least-squares sense."""
    def kron(self, other: Tensor) -> Tensor:
        """The Kronecker product: each element of input times the whole of other. Missing leading dims have size 1."""
    def kthvalue(self, k: _int, dim: _int = -1, keepdim: _bool = False) -> return_types.kthvalue:
        """The k-th smallest element along dim (k counts from 1), and where it stands."""
    @property
    def layout(self) -> _layout: ...
    def lcm(self, other: Tensor) -> Tensor:
        """The least common multiple of integers."""
    def lcm_(self, other: Tensor) -> Self:
        """The least common multiple of integers."""
    def ldexp(self, other: Tensor | complex) -> Tensor:
        """input * 2^other."""
    def ldexp_(self, other: Tensor | complex) -> Self:
        """:func:`ldexp` in place."""
    def le(self, other: Tensor | complex) -> Tensor:
        """Whether input is at most other."""
    def le_(self, other: Tensor | complex) -> Self:
        """Whether input is at most other."""
    def lerp(self, end: Tensor | complex, weight: Tensor | complex) -> Tensor:
        """input + weight * (end - input), computed from the nearer end."""
    def lerp_(self, end: Tensor | complex, weight: Tensor | complex) -> Self:
        """input + weight * (end - input), computed from the nearer end."""
    def less(self, other: Tensor | complex) -> Tensor:
        """Whether input is less than other."""
    def less_(self, other: Tensor | complex) -> Self:
        """Whether input is less than other."""
    def less_equal(self, other: Tensor | complex) -> Tensor:
        """Whether input is at most other."""
    def less_equal_(self, other: Tensor | complex) -> Self:
        """Whether input is at most other."""
    def lgamma(self) -> Tensor:
        """The logarithm of the absolute gamma function."""
    def lgamma_(self) -> Self:
        """The logarithm of the absolute gamma function."""
    def log(self) -> Tensor:
        """The natural logarithm."""
    def log10(self) -> Tensor:
        """The logarithm to base 10."""
    def log10_(self) -> Self:
        """The logarithm to base 10."""
    def log1p(self) -> Tensor:
        """log(1 + input), exact near 0."""
    def log1p_(self) -> Self:
        """log(1 + input), exact near 0."""
    def log2(self) -> Tensor:
        """The logarithm to base 2."""
    def log2_(self) -> Self:
        """The logarithm to base 2."""
    def log_(self) -> Self:
        """The natural logarithm."""
    def log_normal_(self, mean: _float = 1, std: _float = 2, *, generator: Generator | None = None) -> Self:
        """A tensor like input of draws whose logarithm is normal."""
    def log_softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """x - log(sum(exp(x))) along dim."""
    def logaddexp(self, other: Tensor | complex) -> Tensor:
        """log(exp(input) + exp(other)) without overflow."""
    def logaddexp2(self, other: Tensor) -> Tensor:
        """log2(2^input + 2^other), without overflow."""
    def logaddexp2_(self, other: Tensor) -> Self:
        """log2(2^input + 2^other), without overflow."""
    def logaddexp_(self, other: Tensor | complex) -> Self:
        """log(exp(input) + exp(other)) without overflow."""
    def logcumsumexp(self, dim: _int) -> Tensor:
        """log(sum(exp(x))) of the elements up to each place along dim."""
    def logdet(self) -> Tensor:
        """The logarithm of each determinant; nan where it is negative, -inf where it is 0."""
    def logical_and(self, other: Tensor | complex) -> Tensor:
        """Whether both are nonzero."""
    def logical_and_(self, other: Tensor | complex) -> Self:
        """Whether both are nonzero."""
    def logical_not(self) -> Tensor:
        """Whether it is zero."""
    def logical_not_(self) -> Self:
        """Whether it is zero."""
    def logical_or(self, other: Tensor | complex) -> Tensor:
        """Whether one is nonzero."""
    def logical_or_(self, other: Tensor | complex) -> Self:
        """Whether one is nonzero."""
    def logical_xor(self, other: Tensor | complex) -> Tensor:
        """Whether exactly one is nonzero."""
    def logical_xor_(self, other: Tensor | complex) -> Self:
        """Whether exactly one is nonzero."""
    def logit(self, eps: _float | None=None) -> Tensor:
        """log(p / (1 - p)), with p held in [eps, 1 - eps] where eps is given."""
    def logit_(self, eps: _float | None=None) -> Self:
        """log(p / (1 - p)), with p held in [eps, 1 - eps] where eps is given."""
    def logsumexp(self, dim: _int | _size, keepdim: _bool=False) -> Tensor:
        """log(sum(exp(x))) over `dim`, without overflow."""
    def lstsq(self, A: Any) -> NoReturn:
        """RuntimeError: use :func:`ember.linalg.lstsq`, whose arguments are the other way round."""
    def lt(self, other: Tensor | complex) -> Tensor:
        """Whether input is less than other."""
    def lt_(self, other: Tensor | complex) -> Self:
        """Whether input is less than other."""
    @overload
    def lu(self, pivot: _bool=True, get_infos: Literal[False]=False, out: Sequence[Tensor] | None=None) -> tuple[Tensor, Tensor]:
        """(LU, pivots), and with `get_infos` info; see :func:`ember.linalg.lu_factor_ex`."""
    @overload
    def lu(self, pivot: _bool=True, *, get_infos: Literal[True]) -> tuple[Tensor, Tensor, Tensor]:
        """(LU, pivots), and with `get_infos` info; see :func:`ember.linalg.lu_factor_ex`."""
    def lu_solve(self, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
        """X with A X = B, `input`, from A's LU; see :func:`ember.linalg.lu_solve`."""
    @property
    def mH(self) -> Tensor:
        """The last two dims exchanged, conjugated."""
    @property
    def mT(self) -> Tensor:
        """The last two dims exchanged."""
    def map_(self, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Self:
        """Replace each element by what the Python function makes of it and that of `tensor`. Slow, as :func:`apply_`."""
    def masked_fill(self, mask: Tensor, value: Tensor | complex) -> Tensor:
        """input with value, a number or 0-d tensor, where the bool tensor mask is True."""
    def masked_fill_(self, mask: Tensor, value: Tensor | complex) -> Self:
        """input with value, a number or 0-d tensor, where the bool tensor mask is True."""
    def masked_scatter(self, mask: Tensor, source: Tensor) -> Tensor:
        """input with its elements where mask is True replaced by those of source, in order."""
    def masked_scatter_(self, mask: Tensor, source: Tensor) -> Self:
        """input with its elements where mask is True replaced by those of source, in order."""
    def masked_select(self, mask: Tensor) -> Tensor:
        """The elements of input where mask is True, both broadcast together, as a 1-d tensor."""
    def matmul(self, other: Tensor) -> Tensor:
        """Matrix product. 1-d operands are a row on the left, a column on the right; dims before the last two broadcast."""
    def matrix_exp(self) -> Tensor:
        """The exponential of square matrices; see :func:`ember.linalg.matrix_exp`."""
    def matrix_power(self, n: _int) -> Tensor:
        """The n-th power of square matrices; see :func:`ember.linalg.matrix_power`."""
    @overload
    def max(self) -> Tensor:
        """The largest element; with `dim` a named tuple (values, indices); with a tensor the larger of both, by element."""
    @overload
    def max(self, dim: _int, keepdim: _bool=False) -> return_types.max:
        """The largest element; with `dim` a named tuple (values, indices); with a tensor the larger of both, by element."""
    @overload
    def max(self, other: Tensor) -> Tensor:
        """The largest element; with `dim` a named tuple (values, indices); with a tensor the larger of both, by element."""
    def maximum(self, other: Tensor | complex) -> Tensor:
        """The larger of both; NaN where either is."""
    def maximum_(self, other: Tensor | complex) -> Self:
        """The larger of both; NaN where either is."""
    def mean(self, dim: _int | _size | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """Mean of the elements over the dims in `dim`; over all of them by default. nan where there are none."""
    @overload
    def median(self) -> Tensor:
        """The median, the lower of the two middle elements; nan where there is a nan. With `dim`: (values, indices)."""
    @overload
    def median(self, dim: _int, keepdim: _bool=False) -> return_types.median:
        """The median, the lower of the two middle elements; nan where there is a nan. With `dim`: (values, indices)."""
    @overload
    def min(self) -> Tensor:
        """The smallest element; with `dim` a named tuple (values, indices); with a tensor the smaller of both, by element."""
    @overload
    def min(self, dim: _int, keepdim: _bool=False) -> return_types.min:
        """The smallest element; with `dim` a named tuple (values, indices); with a tensor the smaller of both, by element."""
    @overload
    def min(self, other: Tensor) -> Tensor:
        """The smallest element; with `dim` a named tuple (values, indices); with a tensor the smaller of both, by element."""
    def minimum(self, other: Tensor | complex) -> Tensor:
        """The smaller of both; NaN where either is."""
    def minimum_(self, other: Tensor | complex) -> Self:
        """The smaller of both; NaN where either is."""
    def mm(self, mat2: Tensor) -> Tensor:
        """Product of two matrices: (n, k) and (k, m) give (n, m)."""
    def mode(self, dim: _int = -1, keepdim: _bool = False) -> return_types.mode:
        """The most frequent element along dim, the smallest of such, and where its last occurrence stands."""
    def moveaxis(self, source: _int | _size, destination: _int | _size) -> Tensor:
        """The dims in source moved to the positions in destination; the others keep their order."""
    def movedim(self, source: _int | _size, destination: _int | _size) -> Tensor:
        """The dims in source moved to the positions in destination; the others keep their order."""
    def msort(self) -> Tensor:
        """The elements in order along dim 0."""
    def mtia(self, device: Device=None, non_blocking: _bool=False, memory_format: memory_format | None=None) -> Tensor:
        """AssertionError: this build of Ember has no MTIA."""
    def mul(self, other: Tensor | complex) -> Tensor:
        """input * other."""
    def mul_(self, other: Tensor | complex) -> Self:
        """input * other."""
    def multinomial(self, num_samples: _int, replacement: _bool = False, *, generator: Generator | None = None) -> Tensor:
        """num_samples indices drawn with probabilities in proportion to the rows of input."""
    def multiply(self, other: Tensor | complex) -> Tensor:
        """input * other."""
    def multiply_(self, other: Tensor | complex) -> Self:
        """input * other."""
    def mv(self, vec: Tensor) -> Tensor:
        """The product of a matrix and a vector: (n, k) and (k) give (n)."""
    def mvlgamma(self, p: _int) -> Tensor:
        """log of the p-dimensional gamma function: p (p - 1) / 4 log(pi) + sum over j < p of lgamma(x - j / 2)."""
    def mvlgamma_(self, p: _int) -> Self:
        """log of the p-dimensional gamma function: p (p - 1) / 4 log(pi) + sum over j < p of lgamma(x - j / 2)."""
    @property
    def names(self) -> tuple[None, ...]: ...
    def nan_to_num(self, nan: _float | None=None, posinf: _float | None=None, neginf: _float | None=None) -> Tensor:
        """NaN replaced by `nan` (0), infinities by `posinf` and `neginf` (the type's largest and smallest numbers)."""
    def nan_to_num_(self, nan: _float | None=None, posinf: _float | None=None, neginf: _float | None=None) -> Self:
        """`nan_to_num` in place."""
    def nanmean(self, dim: _int | _size | None=None, keepdim: _bool=False, *, dtype: _dtype | None=None) -> Tensor:
        """The mean of the elements that are not nan, over `dim` (None: all)."""
    @overload
    def nanmedian(self) -> Tensor:
        """The median of the elements that are not nan. With `dim`: (values, indices)."""
    @overload
    def nanmedian(self, dim: _int, keepdim: _bool=False) -> return_types.nanmedian:
        """The median of the elements that are not nan. With `dim`: (values, indices)."""
    def nanquantile(self, q: _float | Tensor, dim: _int | None=None, keepdim: _bool=False, *, interpolation: str='linear') -> Tensor:
        """:func:`quantile` of the elements that are not nan."""
    def nansum(self, dim: _int | _size | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """Sum of the elements over the dims in `dim`, nan counted as 0."""
    def narrow(self, dim: _int, start: _int, length: _int) -> Tensor:
        """Elements start to start + length along dim."""
    def narrow_copy(self, dim: _int, start: _int, length: _int) -> Tensor:
        """`narrow` as a copy."""
    def ne(self, other: Tensor | complex) -> Tensor:
        """Whether input differs from other."""
    def ne_(self, other: Tensor | complex) -> Self:
        """Whether input differs from other."""
    def neg(self) -> Tensor:
        """-input."""
    def neg_(self) -> Self:
        """-input."""
    def negative(self) -> Tensor:
        """-input."""
    def negative_(self) -> Self:
        """-input."""
    def new(self, *data: Any, device: Device=None) -> Tensor:
        """A tensor of the same type: of a shape, or with data."""
    def new_empty(self, *size: _int | _size, dtype: _dtype | None=None, device: Device=None, requires_grad: _bool=False, **keywords: Any) -> Tensor:
        """A tensor of the given size and, unless said otherwise, of this dtype and device; its elements are not set."""
    def new_empty_strided(self, size: _size, stride: _size, *, dtype: _dtype | None=None, layout: _layout | None=None, device: Device=None, requires_grad: _bool=False, pin_memory: _bool=False) -> Tensor:
        """`empty_strided` with this dtype and device, unless said otherwise."""
    def new_full(self, size: _int | _size, fill_value: Tensor | complex, *, dtype: _dtype | None=None, layout: _layout | None=None, device: Device=None, requires_grad: _bool=False, pin_memory: _bool=False) -> Tensor:
        """A tensor of the given size with `fill_value` everywhere and, unless said otherwise, this dtype and device."""
    def new_ones(self, *size: _int | _size, dtype: _dtype | None=None, device: Device=None, requires_grad: _bool=False, **keywords: Any) -> Tensor:
        """Ones of the given size and, unless said otherwise, of this dtype and device."""
    def new_tensor(self, data: Any, *, dtype: _dtype | None=None, layout: _layout | None=None, device: Device=None, requires_grad: _bool=False, pin_memory: _bool=False) -> Tensor:
        """`torch.tensor(data)` with this dtype and device, unless said otherwise."""
    def new_zeros(self, *size: _int | _size, dtype: _dtype | None=None, device: Device=None, requires_grad: _bool=False, **keywords: Any) -> Tensor:
        """Zeros of the given size and, unless said otherwise, of this dtype and device."""
    def nextafter(self, other: Tensor) -> Tensor:
        """The floating number that follows `input` in the direction of `other`, element by element."""
    @overload
    def nonzero(self, *, as_tuple: Literal[False]=False) -> Tensor:
        """The indices of all elements that are not 0: (N, dims), or with `as_tuple` one tensor for each dim."""
    @overload
    def nonzero(self, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]:
        """The indices of all elements that are not 0: (N, dims), or with `as_tuple` one tensor for each dim."""
    def nonzero_static(self, *, size: _int, fill_value: _int=-1) -> Tensor:
        """The indices of the first `size` elements that are not 0, ``(size, dims)``; missing rows hold `fill_value`."""
    def norm(self, p: _float | str | None='fro', dim: _int | _size | None=None, keepdim: _bool=False, *, dtype: _dtype | None=None) -> Tensor:
        """The p-norm of the elements over `dim` (None: all); 'fro' is the 2-norm, 'nuc' the nuclear norm of matrices."""
    def normal_(self, mean: _float = 0, std: _float = 1, *, generator: Generator | None = None) -> Self:
        """A tensor like input of normal draws."""
    def not_equal(self, other: Tensor | complex) -> Tensor:
        """Whether input differs from other."""
    def not_equal_(self, other: Tensor | complex) -> Self:
        """Whether input differs from other."""
    def numpy(self, *, force: _bool=False) -> ndarray[Any, Any]:
        """A NumPy array on the same memory; `force` first detaches and copies where that is needed."""
    def orgqr(self, input2: Tensor) -> Tensor:
        """The product of reflectors; `input2` is tau. See :func:`ember.linalg.householder_product`."""
    def ormqr(self, input2: Tensor, input3: Tensor, left: _bool=True, transpose: _bool=False) -> Tensor:
        """The product of Q, which is kept as reflectors, and a matrix."""
    def outer(self, vec2: Tensor) -> Tensor:
        """Each element of one vector times each of another: (n) and (m) give (n, m)."""
    def pdist(self, p: _float=2) -> Tensor:
        """The p-norm distance between every two rows, in the order (0, 1), (0, 2), ..., (1, 2), ..."""
    @overload
    def permute(self, dims: _size) -> Tensor:
        """The dims in another order: dim i of the result is dim dims[i] of input."""
    @overload
    def permute(self, *dims: _int) -> Tensor:
        """The dims in another order: dim i of the result is dim dims[i] of input."""
    def pin_memory(self, device: Device=None) -> Tensor:
        """Itself: there is no CUDA device to pin memory for."""
    def pinverse(self, rcond: _float=1e-15) -> Tensor:
        """The pseudoinverse; singular values up to rcond times the largest count as 0. See :func:`ember.linalg.pinv`."""
    def polygamma(self, n: _int) -> Tensor: ...
    def positive(self) -> Tensor:
        """`input` itself."""
    def pow(self, exponent: Tensor | complex) -> Tensor:
        """input to the power of exponent; either may be a number."""
    def pow_(self, exponent: Tensor | complex) -> Self:
        """`pow` in place."""
    def prelu(self, weight: Tensor) -> Tensor:
        """``x`` where positive, ``weight x`` elsewhere, with one learned weight or one for each channel."""
    def prod(self, dim: _int | _size | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """Product of the elements over the dims in `dim`; over all of them by default."""
    def put(self, index: Tensor, source: Tensor, accumulate: _bool=False) -> Tensor:
        """A copy of `input` with `put_`."""
    def put_(self, index: Tensor, source: Tensor, accumulate: _bool=False) -> Self:
        """Set the elements at `index` of this tensor seen as flat to those of `source`; `accumulate` adds them."""
    def qr(self, some: _bool=True) -> return_types.qr:
        """A = Q R; see :func:`ember.linalg.qr`, whose mode is ``"complete"`` unless `some`."""
    def quantile(self, q: _float | Tensor, dim: _int | None=None, keepdim: _bool=False, *, interpolation: str='linear') -> Tensor:
        """The q-th quantiles along `dim` (None: of all elements), for q in [0, 1]; nan where there is a nan."""
    def rad2deg(self) -> Tensor:
        """Radians to degrees."""
    def rad2deg_(self) -> Self:
        """Radians to degrees."""
    def random_(self, *bounds: _int, generator: Generator | None=None, **keywords: Any) -> Self:
        """Fill with integers: random_(to), random_(from, to), or random_() for all that the dtype holds exactly, from 0."""
    def ravel(self) -> Tensor:
        """All elements in one dim, as a view where the strides allow one."""
    real: Tensor
    def reciprocal(self) -> Tensor:
        """1 / input."""
    def reciprocal_(self) -> Self:
        """1 / input."""
    def record_stream(self, s: Any) -> None:
        """NotImplementedError: memory on the CPU belongs to no stream of a device."""
    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` whenever this tensor's gradient was computed; what it returns replaces the gradient."""
    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(tensor)` after a gradient was added into this leaf's `.grad`."""
    def relu(self) -> Tensor:
        """max(input, 0)."""
    def relu_(self) -> Self:
        """max(input, 0)."""
    def remainder(self, other: Tensor | complex) -> Tensor:
        """The rest of a division rounded down: it has the sign of other, as Python's %."""
    def remainder_(self, other: Tensor | complex) -> Self:
        """The rest of a division rounded down: it has the sign of other, as Python's %."""
    def renorm(self, p: _float, dim: _int, maxnorm: _float) -> Tensor:
        """`input` with every slice along `dim` whose p-norm is above `maxnorm` scaled down to it."""
    def renorm_(self, p: _float, dim: _int, maxnorm: _float) -> Self:
        """:func:`renorm` in place."""
    @overload
    def repeat(self, repeats: _size) -> Tensor:
        """input laid out repeats[i] times along dim i. Missing leading dims count as 1."""
    @overload
    def repeat(self, *repeats: _int) -> Tensor:
        """input laid out repeats[i] times along dim i. Missing leading dims count as 1."""
    def repeat_interleave(self, repeats: Tensor | _int | None=None, dim: _int | None=None, *, output_size: _int | None=None) -> Tensor:
        """Each slice along `dim` (each element of the flat tensor without it) so many times in a row."""
    @overload
    def reshape(self, shape: _size) -> Tensor:
        """The same elements in another shape, as a view where the strides allow one; one size may be -1."""
    @overload
    def reshape(self, *shape: _int) -> Tensor:
        """The same elements in another shape, as a view where the strides allow one; one size may be -1."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """`reshape` in the shape of `other`."""
    def resize(self, *sizes: Any) -> Tensor:
        """`reshape` under its old name."""
    def resize_as(self, tensor: Tensor) -> Tensor:
        """`reshape_as` under its old name."""
    def resize_as_(self, the_template: Tensor, *, memory_format: memory_format | None=None) -> Self:
        """`resize_` to the shape of another tensor."""
    def resize_as_sparse_(self, the_template: Tensor) -> Self:
        """The sizes and sparse dims of another COO tensor, with the elements that are there."""
    def resolve_conj(self) -> Tensor:
        """`input`: conjugates are never put off."""
    def resolve_neg(self) -> Tensor:
        """`input`: negation is never put off."""
    def roll(self, shifts: _int | _size, dims: _int | _size | None = None) -> Tensor:
        """input moved by shifts along dims, what leaves at the end comes in at the start. Without dims: as if flat."""
    def rot90(self, k: _int=1, dims: Sequence[_int]=(0, 1)) -> Tensor:
        """Turned by k quarter turns in the plane of two dims, from the first towards the second."""
    def round(self, *, decimals: _int=0) -> Tensor:
        """Round to the nearest multiple of 10^-decimals, halves to even."""
    def round_(self, *, decimals: _int=0) -> Self:
        """`round` in place."""
    def row_indices(self, *args: Any, **kwargs: Any) -> Any:
        """The row of each element."""
    def rsqrt(self) -> Tensor:
        """1 / sqrt(input)."""
    def rsqrt_(self) -> Self:
        """1 / sqrt(input)."""
    def scatter(self, dim: _int, index: Tensor | complex, src: Tensor | complex | None = None, value: Tensor | complex | None = None, *, reduce: str | None = None) -> Tensor:
        """input with input[index[i][j]][j] = src[i][j] for dim 0, and alike for the others; src may be one number (value). reduce='add' or 'multiply' combines with what is there."""
    def scatter_(self, dim: _int, index: Tensor | complex, src: Tensor | complex | None = None, value: Tensor | complex | None = None, *, reduce: str | None = None) -> Self:
        """input with input[index[i][j]][j] = src[i][j] for dim 0, and alike for the others; src may be one number (value). reduce='add' or 'multiply' combines with what is there."""
    def scatter_add(self, dim: _int, index: Tensor, src: Tensor) -> Tensor:
        """input with input[index[i][j]][j] += src[i][j] for dim 0, and alike for the others."""
    def scatter_add_(self, dim: _int, index: Tensor, src: Tensor) -> Self:
        """input with input[index[i][j]][j] += src[i][j] for dim 0, and alike for the others."""
    def scatter_reduce(self, dim: _int, index: Tensor, src: Tensor, reduce: str, *, include_self: _bool = True) -> Tensor:
        """input with input[index[i][j]][j] reduced with all src[i][j] that name it: sum, prod, mean, amax or amin. Without include_self the old values of named elements do not count."""
    def scatter_reduce_(self, dim: _int, index: Tensor, src: Tensor, reduce: str, *, include_self: _bool = True) -> Self:
        """input with input[index[i][j]][j] reduced with all src[i][j] that name it: sum, prod, mean, amax or amin. Without include_self the old values of named elements do not count."""
    def select(self, dim: _int, index: _int) -> Tensor:
        """Element `index` along dim, without that dim."""
    def select_scatter(self, src: Tensor, dim: _int, index: _int) -> Tensor:
        """A copy of `input` with `src` at position `index` of `dim`."""
    def sgn(self) -> Tensor:
        """The sign; of complex numbers the number of size 1 in the same direction, 0 for 0."""
    def sgn_(self) -> Self:
        """The sign; of complex numbers the number of size 1 in the same direction, 0 for 0."""
    def share_memory_(self) -> Self:
        """Moves the memory to where processes that get this tensor see it and its changes; returns itself."""
    def sigmoid(self) -> Tensor:
        """1 / (1 + exp(-input))."""
    def sigmoid_(self) -> Self:
        """1 / (1 + exp(-input))."""
    def sign(self) -> Tensor:
        """-1, 0 or 1."""
    def sign_(self) -> Self:
        """-1, 0 or 1."""
    def signbit(self) -> Tensor:
        """Whether the sign bit is set: also of -0."""
    def signbit_(self) -> Self:
        """Whether the sign bit is set: also of -0."""
    def sin(self) -> Tensor:
        """The sine; input in radians, of a size up to 2^50."""
    def sin_(self) -> Self:
        """The sine; input in radians, of a size up to 2^50."""
    def sinc(self) -> Tensor:
        """sin(pi x) / (pi x), 1 at 0."""
    def sinc_(self) -> Self:
        """sin(pi x) / (pi x), 1 at 0."""
    def sinh(self) -> Tensor:
        """(exp(x) - exp(-x)) / 2."""
    def sinh_(self) -> Self:
        """(exp(x) - exp(-x)) / 2."""
    def slice_scatter(self, src: Tensor, dim: _int=0, start: _int | None=None, end: _int | None=None, step: _int=1) -> Tensor:
        """A copy of `input` with `src` in the slice start:end:step of `dim`."""
    def slogdet(self) -> return_types.slogdet:
        """The determinant's sign and the logarithm of its size; see :func:`ember.linalg.slogdet`."""
    def smm(self, mat: Tensor) -> Tensor:
        """A sparse matrix times a strided one, as a sparse one."""
    def softmax(self, dim: _int, dtype: _dtype | None = None) -> Tensor:
        """exp(x) / sum(exp(x)) along dim."""
    def solve(self, A: Any) -> NoReturn:
        """RuntimeError: use :func:`ember.linalg.solve`, whose arguments are the other way round."""
    def sort(self, dim: _int = -1, descending: _bool = False, stable: _bool = False) -> return_types.sort:
        """The elements in order along dim, and where they stood. nan is the largest; equal elements keep their order."""
    def sparse_dim(self) -> _int:
        """How many of the first dims are stored by index: 0 of a strided tensor."""
    def sparse_mask(self, mask: Tensor) -> Tensor:
        """The elements at the places of those of a sparse tensor of the same shape, in its layout."""
    def sparse_resize_(self, *args: Any, **kwargs: Any) -> Any:
        """Other sizes, (size, sparse_dim, dense_dim), with the elements that are there."""
    def sparse_resize_and_clear_(self, *args: Any, **kwargs: Any) -> Any:
        """Other sizes, (size, sparse_dim, dense_dim), without elements."""
    def split(self, split_size_or_sections: _int | _size, dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces along dim: all of one size (the last may be smaller), or of the sizes in a list."""
    def split_with_sizes(self, split_sizes: _int | _size, dim: _int = 0) -> tuple[Tensor, ...]:
        """Pieces of the given sizes along dim; together they are all of it."""
    def sqrt(self) -> Tensor:
        """The square root."""
    def sqrt_(self) -> Self:
        """The square root."""
    def square(self) -> Tensor:
        """input * input."""
    def square_(self) -> Self:
        """input * input."""
    def squeeze(self, dim: _int | _size | None = None) -> Tensor:
        """Without the dims of size 1: all of them, or those in dim."""
    def squeeze_(self, dim: _int | _size | None = None) -> Self:
        """Without the dims of size 1: all of them, or those in dim."""
    def sspaddmm(self, mat1: Tensor, mat2: Tensor, *, beta: complex=1, alpha: complex=1) -> Tensor:
        """``beta * input + alpha * (mat1 @ mat2)`` of sparse `input` and `mat1`, as a sparse matrix."""
    def std(self, dim: _int | _size | _bool | None=None, unbiased: _bool | None=None, keepdim: _bool=False, *, correction: _float | None=None) -> Tensor:
        """The standard deviation: the square root of :func:`var`, whose arguments it takes."""
    def std_mean(self, dim: _int | _size | _bool | None=None, unbiased: _bool | None=None, keepdim: _bool=False, *, correction: _float | None=None) -> tuple[Tensor, Tensor]:
        """Standard deviation and mean in one pass; arguments as in :func:`var`."""
    def stft(self, n_fft: _int, hop_length: _int | None=None, win_length: _int | None=None, window: Tensor | None=None, center: _bool=True, pad_mode: str='reflect', normalized: _bool=False, onesided: _bool | None=None, return_complex: _bool | None=None, align_to_window: _bool | None=None) -> Tensor:
        """The spectra of frames of a signal: X_km = sum over j of w_j x_(m hop + j) exp(-2 pi i j k / n_fft)."""
    def storage(self) -> TypedStorage:
        """The storage, counted in elements, as before untyped storages."""
    def sub(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
        """input - alpha * other."""
    def sub_(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Self:
        """input - alpha * other."""
    def subtract(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Tensor:
        """input - alpha * other."""
    def subtract_(self, other: Tensor | complex, *, alpha: complex | Tensor = 1) -> Self:
        """input - alpha * other."""
    def sum(self, dim: _int | _size | None = None, keepdim: _bool = False, *, dtype: _dtype | None = None) -> Tensor:
        """Sum of the elements over the dims in `dim`; over all of them by default."""
    def sum_to_size(self, *size: Any) -> Tensor:
        """Summed over the dims in which `size` would have to be expanded to this tensor's shape."""
    def svd(self, some: _bool=True, compute_uv: _bool=True) -> return_types.svd:
        """A = U diag(S) V^H; see :func:`ember.linalg.svd`, which gives V^H."""
    def swapaxes(self, dim0: _int, dim1: _int) -> Tensor:
        """With dims dim0 and dim1 exchanged."""
    def swapaxes_(self, dim0: _int, dim1: _int) -> Self:
        """With dims dim0 and dim1 exchanged."""
    def swapdims(self, dim0: _int, dim1: _int) -> Tensor:
        """With dims dim0 and dim1 exchanged."""
    def swapdims_(self, dim0: _int, dim1: _int) -> Self:
        """With dims dim0 and dim1 exchanged."""
    def symeig(self, eigenvectors: _bool=False, upper: _bool=True) -> NoReturn:
        """RuntimeError: use :func:`ember.linalg.eigh`."""
    def t(self) -> Tensor:
        """The transpose of a matrix; vectors and 0-d tensors stay as they are."""
    def t_(self) -> Self:
        """The transpose of a matrix; vectors and 0-d tensors stay as they are."""
    def take(self, index: Tensor) -> Tensor:
        """The elements at `index` (int64, any shape) of `input` seen as flat."""
    def take_along_dim(self, indices: Tensor, dim: _int | None=None) -> Tensor:
        """`gather` whose shapes broadcast apart from `dim`; without `dim` both are flat."""
    def tan(self) -> Tensor:
        """The tangent; input in radians, of a size up to 2^50."""
    def tan_(self) -> Self:
        """The tangent; input in radians, of a size up to 2^50."""
    def tanh(self) -> Tensor:
        """The hyperbolic tangent."""
    def tanh_(self) -> Self:
        """The hyperbolic tangent."""
    def tensor_split(self, indices_or_sections: _int | _size | Tensor | None=None, dim: _int=0, *, indices: _size | None=None, sections: _int | None=None, tensor_indices_or_sections: Tensor | None=None) -> tuple[Tensor, ...]:
        """Pieces along `dim`: so many of nearly equal sizes, or cut before each of the given indices."""
    def tile(self, *args: Any, dims: Any=None) -> Tensor:
        """`input` laid out dims[i] times along dim i; missing leading entries of `dims` count as 1."""
    def to_dense(self, dtype: _dtype | None=None, *, masked_grad: _bool | None=None) -> Tensor:
        """The tensor with torch.strided as its layout: itself if it has that."""
    def to_sparse(self, sparse_dim: _int | None=None, *, layout: _layout | None=None, blocksize: Any=None, dense_dim: _int | None=None) -> Tensor:
        """The elements that are not 0, in a sparse layout."""
    def to_sparse_bsc(self, blocksize: Any, dense_dim: _int | None=None) -> Tensor:
        """NotImplementedError: Ember has no blocks."""
    def to_sparse_bsr(self, blocksize: Any, dense_dim: _int | None=None) -> Tensor:
        """NotImplementedError: Ember has no blocks."""
    def to_sparse_coo(self) -> Tensor:
        """The elements that are not 0, in the layout torch.sparse_coo."""
    def to_sparse_csc(self, dense_dim: _int | None=None) -> Tensor:
        """The elements of a matrix that are not 0, column by column; the last `dense_dim` dims stay dense."""
    def to_sparse_csr(self, dense_dim: _int | None=None) -> Tensor:
        """The elements of a matrix that are not 0, row by row; the last `dense_dim` dims stay dense."""
    def topk(self, k: _int, dim: _int = -1, largest: _bool = True, sorted: _bool = True) -> return_types.topk:
        """The k largest (or smallest) elements along dim, in order, and where they stand."""
    def trace(self) -> Tensor:
        """The sum of a matrix's diagonal."""
    def transpose(self, dim0: _int, dim1: _int) -> Tensor:
        """With dims dim0 and dim1 exchanged."""
    def transpose_(self, dim0: _int, dim1: _int) -> Self:
        """With dims dim0 and dim1 exchanged."""
    def triangular_solve(self, A: Tensor, upper: _bool=True, transpose: _bool=False, unitriangular: _bool=False) -> return_types.triangular_solve:
        """X with A X = B, `input`, for triangular A (with `transpose`: A^T X = B), and a copy of A."""
    def tril(self, diagonal: _int = 0) -> Tensor:
        """The matrices in the last two dims with 0 above the diagonal."""
    def tril_(self, diagonal: _int = 0) -> Self:
        """The matrices in the last two dims with 0 above the diagonal."""
    def triu(self, diagonal: _int = 0) -> Tensor:
        """The matrices in the last two dims with 0 below the diagonal."""
    def triu_(self, diagonal: _int = 0) -> Self:
        """The matrices in the last two dims with 0 below the diagonal."""
    def true_divide(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Tensor:
        """Divide; `rounding_mode` 'trunc' or 'floor' rounds the quotient."""
    def true_divide_(self, other: Tensor | complex, *, rounding_mode: str | None=None) -> Self:
        """`div` in place."""
    def trunc(self) -> Tensor:
        """Rounded to zero."""
    def trunc_(self) -> Self:
        """Rounded to zero."""
    @overload
    def type(self, dtype: None=None, non_blocking: _bool=False) -> str:
        """The legacy type name ('torch.FloatTensor'); or the tensor cast to a dtype or such a name."""
    @overload
    def type(self, dtype: _dtype | str, non_blocking: _bool=False) -> Tensor:
        """The legacy type name ('torch.FloatTensor'); or the tensor cast to a dtype or such a name."""
    def type_as(self, other: Tensor) -> Tensor:
        """Cast to the type of `other`."""
    def unbind(self, dim: _int = 0) -> tuple[Tensor, ...]:
        """All elements along dim, each without that dim."""
    def unflatten(self, dim: _int, sizes: _int | _size) -> Tensor:
        """One dim as several, of the given sizes; one of them may be -1."""
    def unfold(self, dimension: _int, size: _int, step: _int) -> Tensor:
        """All windows of `size` elements along dimension, `step` apart; a window is a new last dim."""
    def uniform_(self, from_: _float = 0, to: _float = 1, *, generator: Generator | None = None) -> Self:
        """A tensor like input of draws from [from, to)."""
    @overload
    def unique(self, sorted: _bool=True, return_inverse: Literal[False]=False, return_counts: Literal[False]=False, dim: _int | None=None) -> Tensor:
        """The different elements in order (with `dim`: the different slices along it)."""
    @overload
    def unique(self, sorted: _bool=True, return_inverse: _bool=False, return_counts: _bool=False, dim: _int | None=None) -> Any:
        """The different elements in order (with `dim`: the different slices along it)."""
    @overload
    def unique_consecutive(self, return_inverse: Literal[False]=False, return_counts: Literal[False]=False, dim: _int | None=None) -> Tensor:
        """The first element of each run of equal ones; arguments and results as in :func:`unique`."""
    @overload
    def unique_consecutive(self, return_inverse: _bool=False, return_counts: _bool=False, dim: _int | None=None) -> Any:
        """The first element of each run of equal ones; arguments and results as in :func:`unique`."""
    def unsafe_chunk(self, chunks: _int, dim: _int=0) -> tuple[Tensor, ...]:
        """`chunk`."""
    def unsafe_split(self, split_size: _int, dim: _int=0) -> tuple[Tensor, ...]:
        """`split`."""
    def unsqueeze(self, dim: _int) -> Tensor:
        """With a new dim of size 1 at position dim."""
    def unsqueeze_(self, dim: _int) -> Self:
        """With a new dim of size 1 at position dim."""
    def values(self, *args: Any, **kwargs: Any) -> Any:
        """The elements; of a coalesced tensor."""
    def var(self, dim: _int | _size | _bool | None=None, unbiased: _bool | None=None, keepdim: _bool=False, *, correction: _float | None=None) -> Tensor:
        """The variance, sum((x - mean)^2) / max(0, n - correction), over `dim` (None: all)."""
    def var_mean(self, dim: _int | _size | _bool | None=None, unbiased: _bool | None=None, keepdim: _bool=False, *, correction: _float | None=None) -> tuple[Tensor, Tensor]:
        """Variance and mean in one pass; arguments as in :func:`var`."""
    def vdot(self, other: Tensor) -> Tensor:
        """:func:`dot` with the first vector conjugated."""
    @overload
    def view(self, dtype: _dtype) -> Tensor:
        """The same memory in another shape, `view(2, -1)`, or as another dtype, `view(torch.int32)`."""
    @overload
    def view(self, size: _size) -> Tensor:
        """The same memory in another shape, `view(2, -1)`, or as another dtype, `view(torch.int32)`."""
    @overload
    def view(self, *size: _int) -> Tensor:
        """The same memory in another shape, `view(2, -1)`, or as another dtype, `view(torch.int32)`."""
    def view_as(self, other: Tensor) -> Tensor:
        """`view` in the shape of `other`."""
    def vsplit(self, indices_or_sections: _int | _size | Tensor | None=None, *, indices: _size | None=None, sections: _int | None=None) -> tuple[Tensor, ...]:
        """`tensor_split` along dim 0."""
    def where(self, condition: Tensor, other: Tensor | complex) -> Tensor: ...
    def xlogy(self, other: Tensor | complex) -> Tensor:
        """input * log(other); 0 where input is 0 and other is not nan. Either may be a number."""
    def xlogy_(self, other: Tensor | complex) -> Self:
        """input * log(other); 0 where input is 0 and other is not nan. Either may be a number."""
    def xpu(self, device: Device=None, non_blocking: _bool=False, memory_format: memory_format | None=None) -> Tensor:
        """AssertionError: this build of Ember has no XPU."""
    def zero(self) -> Tensor:
        """A tensor like input with every element 0."""
    def zero_(self) -> Self:
        """A tensor like input with every element 0."""
