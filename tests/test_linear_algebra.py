"""Matrix products against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import ember
import ember.nn.functional as F
from ember.autograd import gradcheck, gradgradcheck


def draw(*shape: int, kind: str = "float64", seed: int = 0) -> np.ndarray:
    random = np.random.default_rng([seed, *shape])
    array = random.standard_normal(shape)
    if kind.startswith("complex"):
        return (array + 1j * random.standard_normal(shape)).astype(kind)
    return (array * 5).astype(kind) if kind.startswith("int") else array.astype(kind)


def tensor(array: np.ndarray) -> ember.Tensor:
    return ember.from_numpy(array.copy()).requires_grad_()


def close(found: ember.Tensor, expected: np.ndarray, tolerance: float = 1e-11) -> None:
    assert tuple(found.shape) == np.shape(expected)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


def checked(function, *arrays) -> None:
    inputs = tuple(tensor(array) for array in arrays)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


PAIRS = [
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (6, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_matmul_of_all_ranks(pair):
    for kind in ("float64", "complex128", "int64"):
        a, b = draw(*pair[0], kind=kind), draw(*pair[1], kind=kind, seed=1)
        close(ember.from_numpy(a) @ ember.from_numpy(b), a @ b)
    checked(lambda x, y: x @ y, draw(*pair[0]), draw(*pair[1], seed=1))
    inputs = tensor(draw(*pair[0], kind="complex128")), tensor(draw(*pair[1], kind="complex128", seed=1))
    assert gradcheck(lambda x, y: x @ y, inputs)


@pytest.mark.parametrize("shape", [(300, 200), (20, 5000), (5000, 20), (129, 1)])
def test_products_with_vectors(shape):
    a = draw(*shape)
    for matrix in (ember.from_numpy(a), ember.from_numpy(np.ascontiguousarray(a.T)).t(), ember.from_numpy(a)[:, ::2]):
        exact = matrix.numpy()
        v, w = draw(exact.shape[1], seed=1), draw(exact.shape[0], seed=2)
        close(matrix @ ember.from_numpy(v), exact @ v)
        close(ember.from_numpy(w) @ matrix, w @ exact)
        close(matrix.float() @ ember.from_numpy(v).float(), exact @ v, 1e-3)
    long = draw(100_001)
    close(ember.from_numpy(long).dot(ember.from_numpy(long)), np.dot(long, long))


def test_shapes_that_do_not_fit():
    with pytest.raises(RuntimeError, match=r"matmul\(\): shapes \(2, 3\) and \(4, 5\) cannot be multiplied: 3 columns"):
        ember.zeros(2, 3) @ ember.zeros(4, 5)
    with pytest.raises(RuntimeError, match="expected both operands to have the same dtype"):
        ember.zeros(2, 3) @ ember.zeros(3, 2, dtype=ember.float64)
    with pytest.raises(RuntimeError, match="at least 1D"):
        ember.zeros(2) @ ember.tensor(1.0)
    with pytest.raises(RuntimeError, match=r"mm\(\): input is 3-d"):
        ember.mm(ember.zeros(1, 2, 3), ember.zeros(3, 4))
    with pytest.raises(RuntimeError, match="expected as many"):
        ember.bmm(ember.zeros(2, 3, 4), ember.zeros(3, 4, 5))
    with pytest.raises(NotImplementedError):
        ember.zeros(2, 2, dtype=ember.bool) @ ember.zeros(2, 2, dtype=ember.bool)
    for shape in [(0, 3), (3, 0)]:
        close(ember.zeros(shape) @ ember.zeros(shape[::-1]), np.zeros((shape[0],) * 2))


@pytest.mark.parametrize("lead", [(), (2,), (5, 2), (4, 5, 2), (0,)])
def test_linear(lead):
    x, w, b = draw(*lead, 3), draw(4, 3, seed=1), draw(4, seed=2)
    close(F.linear(tensor(x), tensor(w), tensor(b)), x @ w.T + b)
    close(F.linear(tensor(x), tensor(w)), x @ w.T)
    close(F.linear(tensor(x), tensor(w[0])), x @ w[0])
    if 0 not in lead:
        checked(F.linear, x, w, b)
        checked(F.linear, x, w[0])


def test_linear_error():
    with pytest.raises(RuntimeError) as caught:
        F.linear(ember.zeros(2, 5), ember.zeros(4, 3))
    assert str(caught.value) == (
        "linear(): input has 5 features in its last dim (shape (2, 5)); weight of shape (4, 3) expects 3."
    )
    with pytest.raises(RuntimeError, match=r"bias has shape \(3,\); weight of shape \(4, 3\) expects \(4,\)"):
        F.linear(ember.zeros(2, 3), ember.zeros(4, 3), ember.zeros(3))


@pytest.mark.parametrize("added", [(4,), (2, 4), (2, 1), (1,), ()])
def test_products_added_to_something(added):
    c, x, y = draw(*added), draw(2, 3, seed=1), draw(3, 4, seed=2)
    for beta, alpha in ((1, 1), (0.5, 2), (0, 3)):
        function = lambda c, x, y, beta=beta, alpha=alpha: ember.addmm(c, x, y, beta=beta, alpha=alpha)  # noqa: E731
        close(function(tensor(c), tensor(x), tensor(y)), beta * c + alpha * (x @ y))
        if beta:
            checked(function, c, x, y)
    nothing = ember.full(added, float("nan"), dtype=ember.float64)
    close(ember.addmm(nothing, ember.from_numpy(x), ember.from_numpy(y), beta=0), x @ y)
    if added == (2, 4):
        inplace = ember.from_numpy(c.copy())
        assert inplace.addmm_(ember.from_numpy(x), ember.from_numpy(y), beta=2) is inplace
        close(inplace, 2 * c + x @ y)
    a, b = draw(5, 2, 3, seed=3), draw(5, 3, 4, seed=4)
    close(ember.baddbmm(tensor(c), tensor(a), tensor(b), beta=2), 2 * c + a @ b)
    close(ember.addbmm(tensor(c), tensor(a), tensor(b), alpha=2), c + 2 * (a @ b).sum(0))


def test_vectors():
    x, y = draw(4), draw(4, seed=1)
    a, b = ember.from_numpy(x), ember.from_numpy(y)
    close(ember.dot(a, b), x @ y)
    close(ember.inner(a, b), x @ y)
    close(ember.outer(a, b), np.outer(x, y))
    close(ember.addr(ember.ones(4, 4, dtype=ember.float64), a, b, alpha=2), 1 + 2 * np.outer(x, y))
    z = draw(4, kind="complex128")
    close(ember.vdot(ember.from_numpy(z), ember.from_numpy(z)), np.vdot(z, z))
    m, n = draw(3, 4), draw(2, 1, 2)
    close(ember.from_numpy(m).mv(a), m @ x)
    close(ember.addmv(a[:3], ember.from_numpy(m), b, beta=3), 3 * x[:3] + m @ y)
    close(ember.trace(ember.from_numpy(m)), np.trace(m))
    close(ember.kron(ember.from_numpy(m), ember.from_numpy(n)), np.kron(m, n))
    u, v = draw(5, 3), draw(5, 3, seed=1)
    close(ember.cross(ember.from_numpy(u), ember.from_numpy(v), 1), np.cross(u, v))
    with pytest.raises(RuntimeError, match=r"dot\(\): input is 2-d"):
        ember.dot(ember.from_numpy(m), a)


def test_tensordot():
    a, b = draw(3, 4, 5), draw(4, 5, 6, seed=1)
    close(ember.tensordot(tensor(a), tensor(b), 2), np.tensordot(a, b, 2))
    dims = ([1, 0], [0, 2])
    b = draw(4, 5, 3, seed=1)
    close(ember.tensordot(tensor(a), tensor(b), dims), np.tensordot(a, b, dims))
    checked(lambda x, y: ember.tensordot(x, y, dims), a[:, :2, :2], b[:2, :2])
    with pytest.raises(RuntimeError, match="do not meet"):
        ember.tensordot(tensor(a), tensor(b), ([0], [0]))


EQUATIONS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "bij,bjk->bik": [(5, 2, 3), (5, 3, 4)],
    "ii->i": [(3, 3)],
    "ii": [(3, 3)],
    "ij->ji": [(2, 3)],
    "ij->": [(2, 3)],
    "i,j->ij": [(2,), (3,)],
    "...ij,...jk->...ik": [(2, 1, 3, 4), (5, 4, 6)],
    "bhid,bhjd->bhij": [(2, 3, 4, 5), (2, 3, 6, 5)],
    "ab,bc,cd->ad": [(2, 3), (3, 4), (4, 5)],
    "ij,ij->": [(2, 3), (2, 3)],
    "b n h d, b m h d -> b h n m": [(2, 4, 3, 5), (2, 6, 3, 5)],
    "ijk,k": [(2, 3, 4), (4,)],
    "i...->...": [(3, 4, 5)],
    "iij,jk->ik": [(3, 3, 2), (2, 4)],
}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum(equation):
    arrays = [draw(*shape, seed=i) for i, shape in enumerate(EQUATIONS[equation])]
    expected = np.einsum(equation.replace(" ", ""), *arrays)
    close(ember.einsum(equation, *map(tensor, arrays)), expected)
    close(ember.einsum(equation, list(map(tensor, arrays))), expected)
    checked(lambda *x: ember.einsum(equation, *x), *arrays)


def test_einsum_by_sublists_and_errors():
    a, b = draw(2, 3), draw(3, 4)
    close(ember.einsum(tensor(a), [0, 1], tensor(b), [1, 2], [0, 2]), a @ b)
    for equation, operands in {
        "ij,jk": [(2, 3)],
        "ij": [(2, 3, 4)],
        "ij,jk->ik": [(2, 3), (4, 5)],
        "i1": [(2, 3)],
        "ij->ik": [(2, 3)],
    }.items():
        with pytest.raises(RuntimeError, match=r"einsum\(\)"):
            ember.einsum(equation, *[ember.zeros(shape) for shape in operands])


@pytest.mark.parametrize("dtype", [ember.float32, ember.float64])
@pytest.mark.parametrize("rows", range(1, 10))
def test_few_rows_by_matrices_of_either_order(rows, dtype):
    """As a layer sees a few samples: kernels of their own up to 8 rows."""
    for inner, columns in ((16, 16), (33, 37), (100, 300), (256, 1024)):
        left, right = (ember.randn(*shape, dtype=dtype) for shape in ((rows, inner), (inner, columns)))
        bias = ember.randn(columns, dtype=dtype)
        expected = left.double().numpy() @ right.double().numpy()
        bound = 4 * inner**0.5 * ember.finfo(dtype).eps * np.abs(expected).max()
        for other in (right, right.T.contiguous().T):
            for found, added in (
                (left @ other, 0),
                (ember.addmm(bias, left, other), bias),
                (ember.addmm(bias, left, other, beta=0.5, alpha=-2) / -2, bias / -4),
                (F.linear(left, other.T, bias), bias),
                (ember.stack([left, left])[1] @ other, 0),
            ):
                wanted = expected + (added.double().numpy() if isinstance(added, ember.Tensor) else 0)
                np.testing.assert_allclose(found.double().numpy(), wanted, rtol=0, atol=bound)
        out = ember.full((rows, columns), ember.nan, dtype=dtype)
        ember.mm(left, right, out=out)
        np.testing.assert_allclose(out.double().numpy(), expected, rtol=0, atol=bound)
