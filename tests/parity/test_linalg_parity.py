"""torch.linalg beside PyTorch: names, results and their types, gradients, dtypes, the types of exceptions."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402
from ember import linalg  # noqa: E402

REAL, COMPLEX = ["float32", "float64"], ["complex64", "complex128"]


def arrays(kind):
    """Named arrays: A, P (positive), B (right sides), T (tall), W (wide), V (vectors), E (no matrices)."""
    random = np.random.default_rng(7)

    def draw(*shape):
        real = random.standard_normal(shape)
        return (real + 1j * random.standard_normal(shape) if kind in COMPLEX else real).astype(kind)

    a = draw(2, 3, 3)
    return {
        "A": a + 3 * np.eye(3, dtype=kind),
        "P": a @ np.conj(np.swapaxes(a, -1, -2)) + np.eye(3, dtype=kind),
        "B": draw(2, 3, 2),
        "T": draw(2, 4, 3),
        "W": draw(2, 3, 5),
        "V": draw(2, 3),
        "E": draw(0, 3, 3),
        "X": draw(2, 2, 4),
        "S": np.array([[[1, 2], [2, 4]], [[1, 0], [0, 1]]], kind),
    }


# Results that are unique, or the same LAPACK's.
CALLS = """
L.inv(A) | L.inv_ex(A) | L.det(A) | L.slogdet(A) | L.cholesky(P) | L.cholesky(P, upper=True) | L.cholesky_ex(P)
L.solve(A, B) | L.solve(A, B.mT, left=False) | L.solve(A, V) | L.solve(A[0], B) | L.solve_ex(A, B) | L.solve(A, B[0])
L.solve_triangular(A, B, upper=True) | L.solve_triangular(A, B, upper=False, unitriangular=True)
L.solve_triangular(A, B.mT, upper=True, left=False) | L.lu(A) | L.lu(T) | L.lu(W) | L.lu_factor(A) | L.lu_factor_ex(T)
L.lu_solve(*L.lu_factor(A), B) | L.lu_solve(*L.lu_factor(A), B.mT, left=False)
L.lu_solve(*L.lu_factor(A), B, adjoint=True) | L.lu_solve(*L.lu_factor(A), B.mT, left=False, adjoint=True)
L.qr(T) | L.qr(W) | L.qr(A, mode='complete') | L.qr(T, mode='complete') | L.qr(T, mode='r')
L.eigh(P).eigenvalues | L.eigvalsh(P) | L.eigvalsh(A, UPLO='U') | L.svdvals(T) | L.svd(W).S | L.svd(T, False).S
L.pinv(T) | L.pinv(W) | L.pinv(P, hermitian=True) | L.pinv(T, rtol=0.5) | L.pinv(T, atol=1.5) | L.pinv(S)
L.matrix_rank(T) | L.matrix_rank(S) | L.matrix_rank(T, atol=1.5, rtol=0.1) | L.matrix_rank(P, hermitian=True)
L.lstsq(T, T[..., :2]) | L.lstsq(W, B).solution | L.lstsq(T, T[..., :2], driver='gelsd') | L.lstsq(T, T[..., 0]).solution
L.lstsq(T, T[..., :1], driver='gels') | L.matrix_exp(A) | L.matrix_power(A, 3) | L.matrix_power(A, -2) | L.matrix_power(A, 0)
L.norm(A) | L.norm(A, 2, (1, 2)) | L.norm(V, 3, 1, True) | L.norm(A[0], 'nuc') | L.norm(V, float('inf'), dim=0)
L.matrix_norm(W) | L.matrix_norm(W, 1) | L.matrix_norm(W, float('-inf'), (0, 2), True) | L.matrix_norm(W, -2) | L.vector_norm(W)
L.cond(A) | L.cond(A, 'fro') | L.cond(A, 1) | L.cond(T) | L.cond(A, -2) | L.cond(S[1])
L.vecdot(V, V) | L.vander(V) | L.vander(V, N=4) | L.cross(V, V.flip(0)) | L.diagonal(W, offset=1) | L.multi_dot([W[0], W[1].mT, A[0]])
L.tensorinv(X.reshape(2, 2, 4)[:, :, :] + 3 * O.reshape(2, 2, 4)) | L.tensorsolve(X + 3 * O.reshape(2, 2, 4), X[0, :, :2])
L.householder_product(T, V) | T.orgqr(V) | T.ormqr(V, T) | T.ormqr(V, T, transpose=True) | T.geqrf() | T.qr() | T.qr(some=False).R
L.ldl_solve(*L.ldl_factor(P), B) | L.ldl_factor(P) | L.ldl_factor_ex(P, hermitian=True)
P.cholesky() | P.cholesky(True) | P.cholesky().cholesky_inverse() | P.cholesky(True).cholesky_inverse(upper=True) | B.cholesky_solve(P.cholesky())
A.det() | A.logdet() | A.slogdet() | A.inverse() | T.pinverse() | A.matrix_exp() | A.matrix_power(2) | T.svd().S | T.svd(compute_uv=False)
A.lu() | F.lu(A, get_infos=True) | F.lu_unpack(*A.lu()) | F.lu_unpack(*T.lu(), unpack_pivots=False) | B.lu_solve(*A.lu())
B.triangular_solve(A) | B.triangular_solve(A, False, True, True) | F.chain_matmul(W[0], W[1].mT, A[0]) | F.vander(V[0])
W[0].norm('nuc') | W.norm('nuc', (1, 2)) | W.norm('fro') | F.kron(V, A[0]) | F.tensordot(W, W, ([1, 2], [1, 2]))
L.inv(E) | L.det(E) | L.svd(E) | L.eigh(E) | L.qr(E) | L.cholesky(E) | L.lu(E) | L.eig(E) | L.pinv(E) | L.matrix_exp(E)
L.solve(E, E) | L.lstsq(E, E).solution | L.matrix_rank(E) | L.cond(E)
"""
EXPRESSIONS = [each.strip() for line in CALLS.strip().splitlines() for each in line.split("|")]


def scope(T, kind, gradients=False):
    library = torch if T is torch else ember
    named = {"L": library.linalg, "F": library}
    for name, array in arrays(kind).items():
        named[name] = library.from_numpy(array.copy()).requires_grad_(gradients)
    named["O"] = library.eye(4, dtype=getattr(library, kind))
    return named


def parts(result):
    return list(result) if isinstance(result, tuple) else [result]


def evaluated(T, expression, kind, gradients=False):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        named = scope(T, kind, gradients)
        return eval(expression, named), named


def numbers(tensor):
    return tensor.detach().resolve_conj().numpy()


def same(found, expected, kind, roundings=3000):
    assert tuple(found.shape) == tuple(expected.shape)
    assert str(found.dtype) == str(expected.dtype)
    tolerance = roundings * np.finfo(kind).eps
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", REAL + COMPLEX)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_results(expression, kind):
    expected = evaluated(torch, expression, kind)[0]
    found = evaluated(ember, expression, kind)[0]
    assert repr(type(found)).replace("ember", "torch") == repr(type(expected))
    for one, other in zip(parts(found), parts(expected), strict=True):
        same(one, other, kind)


NOT_DIFFERENTIABLE = ["rank", "geqrf", "ldl_factor", "qr(T, mode", "T.qr(some=False)", "(S)", "compute_uv=False"]
NOT_DIFFERENTIABLE += ["matrix_power(A, 0)", "cond(E)"]
# PyTorch's own gradients fail there: a tensor that it needs was changed in place.
NOT_DIFFERENTIABLE += ["cond(A, 'fro')", "cond(A, 1)", "F.vander"]


@pytest.mark.parametrize("kind", ["float64", "complex128"])
@pytest.mark.parametrize("expression", [e for e in EXPRESSIONS if not any(each in e for each in NOT_DIFFERENTIABLE)])
def test_gradients(expression, kind):
    gradients = []
    for T in (torch, ember):
        result, named = evaluated(T, expression, kind, True)
        leaves = [each for name, each in named.items() if name in arrays(kind)]
        total = 0
        for part in parts(result):
            if part.requires_grad:
                weights = np.cos(np.arange(1.0, part.numel() + 1)).reshape(tuple(part.shape))
                part = (part * part.conj()).real if part.is_complex() else part
                total = total + (part * named["F"].from_numpy(weights).to(part.dtype)).sum()
        library = named["F"]
        found = library.autograd.grad(total, leaves, allow_unused=True)
        gradients.append(found)
    for other, one in zip(*gradients, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            same(one, other, kind, 1e6)


def test_vectors_up_to_their_phases():
    """Eigenvectors and singular vectors: gradients of what does not depend on the phases."""
    losses = [
        lambda T, x: abs(T.linalg.eigh(x + x.mH).eigenvectors) ** 2,
        lambda T, x: abs(T.linalg.eigh(x + x.mH, UPLO="U").eigenvectors) ** 2,
        lambda T, x: abs(T.linalg.eig(x).eigenvectors) ** 2,
        lambda T, x: abs(T.linalg.svd(x).U) ** 2,
        lambda T, x: abs(T.linalg.svd(x[..., :2], full_matrices=False).U) ** 2,
        lambda T, x: abs(T.linalg.svd(x[..., :2, :], full_matrices=False).Vh) ** 2,
        lambda T, x: abs(T.svd(x).V) ** 2,
        lambda T, x: T.linalg.svdvals(x),
    ]
    for kind in ("float64", "complex128"):
        for loss in losses:
            found = []
            for T in (torch, ember):
                x = T.from_numpy(arrays(kind)["A"].copy()).requires_grad_()
                value = loss(T, x)
                weights = T.from_numpy(np.cos(np.arange(value.numel())).reshape(tuple(value.shape)))
                (value * weights).sum().backward()
                found.append(x.grad)
            same(found[1], found[0], kind, 1e6)


def test_names():
    ours, theirs = set(dir(linalg)), {name for name in dir(torch.linalg) if not name.startswith("_")}
    theirs -= {"common_notes", "sys", "torch", "Tensor"}
    assert theirs - ours == set()
    assert set(linalg.__all__) - theirs == set()
    assert repr(linalg.LinAlgError) == repr(torch.linalg.LinAlgError)
    for name in (
        "det",
        "logdet",
        "slogdet",
        "inverse",
        "pinverse",
        "cholesky",
        "cholesky_inverse",
        "cholesky_solve",
        "qr",
    ):
        assert hasattr(ember, name) and hasattr(ember.Tensor, name)
    for each in ember.return_types.all_return_types:
        other = getattr(torch.return_types, each.__name__)
        assert repr(each) == repr(other) and each.n_fields == other.n_fields
        assert each.__match_args__ == other.__match_args__


# By PyTorch's own text: the names that take keywords.
KEYWORDS = """
cholesky(input=P, upper=True) | cholesky_ex(input=P, check_errors=True) | cond(input=A, p=2) | det(A=A) | diagonal(A=A, dim1=0, dim2=1)
eig(input=A).eigenvalues.abs().sum() | eigvals(input=A).abs().sum() | eigh(input=P, UPLO='L').eigenvalues | inv(A=A) | inv_ex(A=A)
ldl_factor(input=P, hermitian=True) | lu(A=A, pivot=True) | lu_factor(A=A) | matrix_exp(input=A) | matrix_norm(input=A, ord=1, dim=(0, 1))
matrix_norm(A, axis=(0, 1), keepdims=True) | matrix_rank(input=A, tol=0.1) | norm(input=A, ord=None, dim=None) | norm(A, axis=1)
pinv(input=A, rcond=0.1) | qr(A=A) | slogdet(A=A) | svd(A=A).S | svdvals(A=A) | tensorinv(input=A, ind=1) | vector_norm(x=A, axis=0)
lstsq(input=A, b=B, rcond=None).solution | solve(A=A, B=B) | solve_triangular(input=A, B=B, upper=True) | tensorsolve(input=A, other=B)
householder_product(input=A, tau=V) | matrix_power(input=A, n=2) | vecdot(x=V, y=V, dim=0) | vander(x=V, N=2) | matmul(input=A, other=A)
"""


@pytest.mark.parametrize("call", [each.strip() for line in KEYWORDS.strip().splitlines() for each in line.split("|")])
def test_keywords(call):
    answers = []
    for T in (torch, ember):
        named = {name: value[0] for name, value in scope(T, "float64").items() if name in "APBV"}
        if call.startswith("tensorinv"):
            named["A"] = named["A"].reshape(3, 3, 1)
        if call.startswith("tensorsolve"):
            named["B"] = named["B"][:, 0]
        answers.append(eval("L." + call, {"L": T.linalg, **named}))
    for other, one in zip(*map(parts, answers), strict=True):
        same(one, other, "float64")


ERRORS = """
L.inv(S) | L.solve(S, S) | L.cholesky(-P) | L.inv(W) | L.inv(V[0]) | L.inv(I) | L.inv(H) | L.inv(3) | L.svd(A * float('nan'))
L.eig(A * float('nan')) | L.cholesky(A * float('nan')) | L.qr(A, mode='x') | L.eigh(A, UPLO='X') | L.solve(A, W[..., :1, :])
L.solve(A, D) | L.solve_triangular(A, X, upper=True) | L.matrix_norm(A, ord=3) | L.matrix_norm(A, ord='x') | L.norm(A, 2, (0, 1, 1))
L.norm(A, 2) | L.cond(A, p='x') | L.cond(W, p=1) | L.multi_dot([A[0]]) | L.multi_dot([A[0], X[0]]) | L.vander(A[0, 0, 0]) | L.svd(A, driver='gesvd')
L.lstsq(A, A, driver='x') | L.matrix_power(S, -1) | L.matrix_power(W, 2) | L.tensorinv(W) | L.tensorinv(W, 0) | L.cross(B, B) | L.pinv(V[0])
L.lu_solve(A, I, B) | L.lu_factor(A * 0) | L.lu(A, pivot=False) | F.inverse(S) | F.det(W) | L.matrix_exp(W) | L.matrix_rank(V[0]) | F.logdet(W)
L.lstsq(V[0], V[0]) | L.lstsq(T, W) | L.householder_product(W, V) | F.cholesky_inverse(W) | F.norm(A, 'nuc') | L.lu_factor_ex(S, check_errors=True)
L.inv_ex(S, check_errors=True) | L.cholesky_ex(-P, check_errors=True) | L.solve_ex(S, S, check_errors=True) | L.vecdot(V, B) | L.det(I)
L.vector_norm(I) | L.norm(A, foo=1) | F.vander(A) | F.lu_unpack(A, I) | L.matrix_norm(A, dim=(0, 5)) | L.matrix_norm(A, dim=(1, 1))
"""


@pytest.mark.parametrize(
    "expression", [each.strip() for line in ERRORS.strip().splitlines() for each in line.split("|")]
)
def test_errors(expression):
    caught = []
    for T in (torch, ember):
        named = scope(T, "float32")
        named |= {"I": named["A"].to(T.int64), "H": named["A"].to(T.float16), "D": named["B"].to(T.float64)}
        with pytest.raises(Exception) as error:
            eval(expression, named)
        caught.append(error.value)
    # LinAlgError, a RuntimeError, is raised for every singular matrix.
    same_type = repr(type(caught[1])) == repr(type(caught[0]))
    assert same_type or (isinstance(caught[1], linalg.LinAlgError) and type(caught[0]) is RuntimeError), caught
    assert re.match(r"[a-z_.]+\(\):? |LU|expected", str(caught[1])), str(caught[1])


@pytest.mark.parametrize("trivial", [True, False])
@pytest.mark.parametrize("chosen", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)], ids=str)
def test_orthogonal_parametrization(shape, chosen, trivial):
    start = np.random.default_rng(0).standard_normal(shape)
    layers = []
    for T in (torch, ember):
        layer = T.nn.Linear(shape[1], shape[0], dtype=T.float64)
        layer.weight.data.copy_(T.from_numpy(start))
        layers.append(T.nn.utils.parametrizations.orthogonal(layer, "weight", chosen, use_trivialization=trivial))
    theirs, ours = layers
    assert repr(ours) == repr(theirs)
    expected = theirs.state_dict()
    assert {k: tuple(v.shape) for k, v in ours.state_dict().items()} == {k: tuple(v.shape) for k, v in expected.items()}
    if shape[0] == shape[1] or not trivial:  # the base is completed at random otherwise
        same(ours.weight, theirs.weight, "float64")
    ours.load_state_dict({name: ember.from_numpy(value.numpy().copy()) for name, value in expected.items()})
    same(ours.weight, theirs.weight, "float64")
    for layer in layers:
        (layer.weight**3).sum().backward()
    same(ours.parametrizations.weight.original.grad, theirs.parametrizations.weight.original.grad, "float64", 1e5)
