"""torch.linalg against NumPy and SciPy: values, batches, complex numbers, gradients of first and second order, errors."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg

import ember
from ember import linalg
from ember.autograd import gradcheck, gradgradcheck

REAL = ("float32", "float64")
KINDS = (*REAL, "complex64", "complex128")
BATCHES = [(), (3,), (2, 3), (0,), (2, 0)]
# Residuals are held to this many epsilons times the size of the matrices (all below 10).
ROUNDINGS = 400


def draw(*shape, kind="float64", seed=0):
    random = np.random.default_rng([seed, *shape])
    array = random.standard_normal(shape)
    if kind.startswith("complex"):
        array = array + 1j * random.standard_normal(shape)
    return array.astype(kind)


def regular(*shape, kind="float64", seed=0):
    """Square matrices with condition numbers below 10 or so."""
    return draw(*shape, kind=kind, seed=seed) + 4 * np.eye(shape[-1], dtype=kind)


def positive(*shape, kind="float64", seed=0):
    a = draw(*shape, kind=kind, seed=seed)
    return a @ np.conj(np.swapaxes(a, -1, -2)) + np.eye(shape[-1], dtype=kind)


def tensor(array):
    return ember.from_numpy(np.array(array))


def leaf(array):
    return tensor(array).requires_grad_()


def close(found, expected, roundings=ROUNDINGS):
    expected = np.asarray(expected)
    assert tuple(found.shape) == expected.shape
    assert str(found.dtype) == f"torch.{expected.dtype}"
    tolerance = roundings * np.finfo(expected.dtype).eps if expected.dtype.kind in "fc" else 0
    np.testing.assert_allclose(found.detach().resolve_conj().numpy(), expected, rtol=tolerance, atol=tolerance)


def checked(function, *arrays, second=True):
    inputs = tuple(leaf(array) for array in arrays)
    assert gradcheck(function, inputs)
    assert not second or gradgradcheck(function, inputs)


def size(x):
    """|x|^2, of which the phases of eigenvectors cancel."""
    return (x * x.conj()).real


def hermitian(x):
    return x + x.mH


# ---- inverses, systems, determinants ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_values_of_square_matrices(kind, batch):
    a = regular(*batch, 4, 4, kind=kind)
    x = tensor(a)
    close(linalg.inv(x), np.linalg.inv(a))
    close(x.inverse(), np.linalg.inv(a))
    close(linalg.inv(x.mT), np.linalg.inv(np.swapaxes(a, -1, -2)))
    close(linalg.det(x), np.linalg.det(a), 4000)
    sign, size = linalg.slogdet(x)
    expected = np.linalg.slogdet(a)
    close(sign, expected[0])
    close(size, expected[1])
    found, info = linalg.inv_ex(x)
    close(found, np.linalg.inv(a))
    assert info.dtype == ember.int32 and tuple(info.shape) == batch and not info.any()
    b = draw(*batch, 4, 2, kind=kind, seed=1)
    close(linalg.solve(x, tensor(b)), np.linalg.solve(a, b))
    close(linalg.solve(x, tensor(b).mT, left=False), np.swapaxes(np.linalg.solve(np.swapaxes(a, -1, -2), b), -1, -2))
    close(linalg.solve(x, tensor(b[..., 0])), np.linalg.solve(a, b)[..., 0])
    close(linalg.solve_ex(x, tensor(b)).result, np.linalg.solve(a, b))
    close(linalg.matrix_power(x, 3), a @ a @ a)
    close(linalg.matrix_power(x, -2), np.linalg.inv(a) @ np.linalg.inv(a))
    close(linalg.matrix_power(x, 0), np.broadcast_to(np.eye(4, dtype=kind), a.shape))


def test_empty_matrices():
    nothing = ember.zeros(2, 0, 0)
    assert linalg.inv(nothing).shape == (2, 0, 0)
    assert linalg.det(nothing).tolist() == [1, 1]
    assert linalg.solve(nothing, ember.zeros(2, 0, 3)).shape == (2, 0, 3)
    assert linalg.cholesky(nothing).shape == (2, 0, 0)
    assert [tuple(each.shape) for each in linalg.svd(ember.zeros(2, 0, 3))] == [(2, 0, 0), (2, 0), (2, 3, 3)]
    assert [tuple(each.shape) for each in linalg.qr(ember.zeros(3, 0), "complete")] == [(3, 3), (3, 0)]
    assert [tuple(each.shape) for each in linalg.lu(ember.zeros(3, 0))] == [(3, 3), (3, 0), (0, 0)]
    assert linalg.pinv(ember.zeros(2, 0, 3)).shape == (2, 3, 0)
    assert linalg.matrix_rank(ember.zeros(2, 0, 3)).tolist() == [0, 0]
    assert linalg.matrix_exp(nothing).shape == (2, 0, 0)
    assert linalg.solve_triangular(nothing, ember.zeros(2, 0, 3), upper=True).shape == (2, 0, 3)
    assert linalg.eigvals(nothing).shape == (2, 0)
    assert linalg.cond(nothing).tolist() == [0, 0]


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_square_matrices(kind):
    a, b = regular(2, 3, 3, kind=kind), draw(2, 3, 2, kind=kind, seed=1)
    checked(linalg.inv, a)
    checked(linalg.det, a)
    checked(lambda x: linalg.slogdet(x).logabsdet, a)
    checked(ember.logdet, positive(2, 3, 3, kind=kind))
    checked(linalg.solve, a, b)
    checked(lambda x, y: linalg.solve(x, y, left=False), a, np.swapaxes(b, -1, -2))
    checked(linalg.solve, a, b[..., 0])
    checked(linalg.solve, a[0], b)
    checked(linalg.solve, a[:1], b)
    checked(lambda x: linalg.matrix_power(x, 3), a[0])
    checked(lambda x: linalg.matrix_power(x, -1), a[0])
    if kind == "complex128":
        checked(lambda x: linalg.slogdet(x).sign, a)


def test_determinant_of_singular_matrices():
    a = np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [0.3, 1.0, 2.0]])  # rank 2
    x = leaf(a)
    linalg.det(x).backward()
    cofactors = [
        [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(3)] for i in range(3)
    ]
    np.testing.assert_allclose(x.grad.numpy(), cofactors, atol=1e-14)
    checked(linalg.det, np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 3.0]]), second=False)
    zero = ember.zeros(3, 3, dtype=ember.float64, requires_grad=True)
    linalg.det(zero).backward()
    assert not zero.grad.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [(), (3,), (9,), (0,)], ids=str)
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("upper", [False, True])
def test_triangular_systems(kind, batch, unit, upper):
    a, b = regular(*batch, 4, 4, kind=kind), draw(*batch, 4, 2, kind=kind, seed=1)
    triangle = np.triu(a, 1) if upper else np.tril(a, -1)
    diagonal = np.eye(4, dtype=kind) if unit else np.eye(4, dtype=kind) * a
    expected = np.linalg.solve(triangle + diagonal, b)
    x, y = tensor(a), tensor(b)
    close(linalg.solve_triangular(x, y, upper=upper, unitriangular=unit), expected, 20_000)
    turned = tensor(np.swapaxes(a, -1, -2)).mT
    close(linalg.solve_triangular(turned, y, upper=upper, unitriangular=unit), expected, 20_000)
    other = np.swapaxes(np.linalg.solve(np.swapaxes(triangle + diagonal, -1, -2), b), -1, -2)
    close(linalg.solve_triangular(x, y.mT, upper=upper, left=False, unitriangular=unit), other, 20_000)
    close(ember.triangular_solve(y, x, upper, False, unit).solution, expected, 20_000)
    close(ember.triangular_solve(y, x, upper, True, unit).solution, np.swapaxes(other, -1, -2), 20_000)


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_triangular_systems(kind):
    a, b = regular(2, 3, 3, kind=kind), draw(2, 3, 2, kind=kind, seed=1)
    for upper in (False, True):
        checked(lambda x, y, u=upper: linalg.solve_triangular(x, y, upper=u), a, b)
        checked(lambda x, y, u=upper: linalg.solve_triangular(x, y, upper=u, left=False), a[0], b[0].T)
        checked(lambda x, y, u=upper: linalg.solve_triangular(x, y, upper=u, unitriangular=True), a[0], b)


def test_a_zero_on_the_diagonal_is_infinite():
    a = ember.tensor([[1.0, 2.0], [0.0, 0.0]])
    assert not linalg.solve_triangular(a, ember.ones(2, 1), upper=True).isfinite().any()
    many = ember.stack([a] * 8 + [ember.eye(2)])
    found = linalg.solve_triangular(many, ember.ones(9, 2, 1), upper=True)
    assert found[8].flatten().tolist() == [1, 1]
    assert not found[0].isfinite().any()


# ---- factors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_cholesky(kind, batch):
    a = positive(*batch, 4, 4, kind=kind)
    L = np.linalg.cholesky(a)
    x = tensor(a)
    close(linalg.cholesky(x), L)
    close(linalg.cholesky(tensor(np.tril(a))), L)
    close(linalg.cholesky(tensor(np.triu(a)), upper=True), np.conj(np.swapaxes(L, -1, -2)))
    factor, info = linalg.cholesky_ex(x)
    close(factor, L)
    assert tuple(info.shape) == batch and not info.any()
    b = draw(*batch, 4, 2, kind=kind, seed=1)
    for upper in (False, True):
        factor = x.cholesky(upper)
        close(ember.cholesky_solve(tensor(b), factor, upper), np.linalg.solve(a, b), 4000)
        close(factor.cholesky_inverse(upper), np.linalg.inv(a), 4000)


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_cholesky(kind):
    a = draw(2, 3, 3, kind=kind)
    one = 3 * ember.eye(3, dtype=tensor(a).dtype)
    for upper in (False, True):
        checked(lambda x, u=upper: linalg.cholesky(hermitian(x) + 2 * one, upper=u), a)
    b = draw(2, 3, 2, kind=kind, seed=1)
    checked(lambda y, x: ember.cholesky_solve(y, x.tril() + one), b, a)
    checked(lambda x: ember.cholesky_inverse(x.tril() + one), a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3), (0, 4, 3)], ids=str)
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_qr(kind, shape, mode):
    a = draw(*shape, kind=kind)
    Q, R = linalg.qr(tensor(a), mode)
    expected = np.linalg.qr(a, mode)
    close(Q, expected[0])
    close(R, expected[1])
    close(Q @ R, a)
    empty, only = linalg.qr(tensor(a), "r")
    assert empty.numel() == 0
    close(only, np.linalg.qr(a, "r"))
    old = tensor(a).qr(some=mode == "reduced")
    assert old.R.equal(R) and type(old).__name__ == "qr"


@pytest.mark.parametrize("kind", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 5), (2, 3, 2)], ids=str)
def test_gradients_of_qr(kind, shape):
    a = draw(*shape, kind=kind)
    checked(lambda x: tuple(linalg.qr(x)), a)
    checked(lambda x: linalg.qr(x).Q, a, second=False)
    checked(lambda x: linalg.qr(x).R, a, second=False)
    if shape[-2] <= shape[-1]:
        checked(lambda x: tuple(linalg.qr(x, "complete")), a, second=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (2, 4, 3)], ids=str)
def test_reflectors(kind, shape):
    a = draw(*shape, kind=kind)
    packed, tau = ember.geqrf(tensor(a))
    Q, R = np.linalg.qr(a, "complete")
    count = shape[-1]
    close(packed.triu()[..., :count, :], R[..., :count, :])
    close(linalg.householder_product(packed, tau), Q[..., :count], 2000)
    close(packed.orgqr(tau), Q[..., :count], 2000)
    b = draw(*shape[:-1], 2, kind=kind, seed=1)
    adjoint = np.conj(np.swapaxes(Q, -1, -2))
    close(ember.ormqr(packed, tau, tensor(b)), Q @ b, 2000)
    close(packed.ormqr(tau, tensor(b), transpose=True), adjoint @ b, 2000)
    row = np.swapaxes(b, -1, -2)
    close(packed.ormqr(tau, tensor(row), left=False), row @ Q, 2000)
    close(packed.ormqr(tau, tensor(row), left=False, transpose=True), row @ adjoint, 2000)
    assert linalg.householder_product(packed[..., :0], tau[..., :0]).shape == (*shape[:-1], 0)


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_reflectors(kind):
    a, tau, b = draw(2, 4, 3, kind=kind), draw(2, 3, kind=kind, seed=1), draw(2, 4, 2, kind=kind, seed=2)
    tau[0, 1] = 0  # no reflection
    checked(linalg.householder_product, a, tau)
    checked(ember.ormqr, a, tau, b)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3), (2, 3, 3, 3), (0, 3, 3)], ids=str)
def test_lu(kind, shape):
    a = draw(*shape, kind=kind)
    x = tensor(a)
    P, L, U = linalg.lu(x)
    close(P @ L @ U, a)
    packed, pivots = linalg.lu_factor(x)
    assert pivots.dtype == ember.int32 and tuple(pivots.shape) == (*shape[:-2], min(shape[-2:]))
    assert all(found.equal(one) for found, one in zip(ember.lu_unpack(packed, pivots), (P, L, U), strict=True))
    if math.prod(shape):
        first, order = scipy.linalg.lu_factor(a.reshape(-1, *shape[-2:])[0])
        close(packed.reshape(-1, *shape[-2:])[0], first)
        assert (pivots.reshape(-1, pivots.shape[-1])[0].numpy() == order + 1).all()
    assert not linalg.lu_factor_ex(x).info.any()
    assert ember.lu(x)[1].equal(pivots) and len(x.lu(get_infos=True)) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [(), (2,), (2, 3), (0,)], ids=str)
def test_solutions_by_lu(kind, batch):
    a, b = regular(*batch, 4, 4, kind=kind), draw(*batch, 4, 2, kind=kind, seed=1)
    packed, pivots = linalg.lu_factor(tensor(a[..., ::-1, :]))  # exchanges rows
    a = a[..., ::-1, :]
    adjoint = np.conj(np.swapaxes(a, -1, -2))
    row = np.conj(np.swapaxes(b, -1, -2))
    close(linalg.lu_solve(packed, pivots, tensor(b)), np.linalg.solve(a, b), 4000)
    close(linalg.lu_solve(packed, pivots, tensor(b), adjoint=True), np.linalg.solve(adjoint, b), 4000)
    found = linalg.lu_solve(packed, pivots, tensor(row), left=False)
    close(found, np.conj(np.swapaxes(np.linalg.solve(adjoint, b), -1, -2)), 4000)
    found = linalg.lu_solve(packed, pivots, tensor(row), left=False, adjoint=True)
    close(found, np.conj(np.swapaxes(np.linalg.solve(a, b), -1, -2)), 4000)
    close(ember.lu_solve(tensor(b), packed, pivots), np.linalg.solve(a, b), 4000)


@pytest.mark.parametrize("kind", ["float64", "complex128"])
@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 5), (2, 3, 3)], ids=str)
def test_gradients_of_lu(kind, shape):
    a = draw(*shape, kind=kind)
    checked(lambda x: tuple(linalg.lu(x))[1:], a)
    checked(lambda x: linalg.lu_factor(x).LU, a, second=False)
    if shape[-1] == shape[-2]:
        b = draw(*shape[:-1], 2, kind=kind, seed=1)
        for adjoint in (False, True):
            checked(lambda x, y, h=adjoint: linalg.lu_solve(*linalg.lu_factor(x), y, adjoint=h), a, b)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hermitian", [False, True])
@pytest.mark.parametrize("batch", [(), (3,), (0,)], ids=str)
def test_ldl(kind, hermitian, batch):
    a = draw(*batch, 5, 5, kind=kind)
    other = np.swapaxes(a, -1, -2)
    a = a + (np.conj(other) if hermitian else other)
    b = draw(*batch, 5, 2, kind=kind, seed=1)
    packed, pivots = linalg.ldl_factor(tensor(a), hermitian=hermitian)
    close(linalg.ldl_solve(packed, pivots, tensor(b), hermitian=hermitian), np.linalg.solve(a, b), 40_000)
    assert not linalg.ldl_factor_ex(tensor(a), hermitian=hermitian).info.any()
    if kind.endswith("8") and batch:
        checked(lambda y: linalg.ldl_solve(packed, pivots, y, hermitian=hermitian), b)


# ---- eigenvalues ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_eigenvalues(kind, batch):
    a = draw(*batch, 4, 4, kind=kind)
    h = a + np.conj(np.swapaxes(a, -1, -2))
    values, vectors = linalg.eigh(tensor(h))
    close(values, np.linalg.eigh(h)[0])
    close(vectors * values.unsqueeze(-2) @ vectors.mH, h)
    close(linalg.eigvalsh(tensor(h)), np.linalg.eigvalsh(h))
    close(linalg.eigh(tensor(np.triu(h)), "U").eigenvalues, np.linalg.eigvalsh(h))
    values, vectors = linalg.eig(tensor(a))
    assert values.is_complex() and vectors.is_complex()
    close(vectors * values.unsqueeze(-2) @ linalg.inv(vectors), a.astype(np.result_type(kind, "complex64")), 4000)
    close(linalg.eigvals(tensor(a)), np.linalg.eigvals(a).astype(np.result_type(kind, "complex64")), 4000)
    real = linalg.eig(ember.diag(ember.tensor([1.0, 2.0])))  # all eigenvalues real: complex all the same
    assert real.eigenvalues.dtype == real.eigenvectors.dtype == ember.complex64


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_eigenvalues(kind):
    a = draw(2, 3, 3, kind=kind)
    checked(lambda x: linalg.eigvalsh(hermitian(x)), a)
    # What does not depend on the phases of the vectors.
    checked(lambda x: size(linalg.eigh(hermitian(x)).eigenvectors), a)
    checked(lambda x: size(linalg.eigh(hermitian(x), "U")[1]), a, second=False)
    checked(lambda x: size(linalg.eigvals(x)), a)
    checked(lambda x: size(linalg.eig(x).eigenvectors), a)
    checked(lambda x: tuple(size(each) for each in linalg.eig(x)), a, second=False)


# ---- singular values --------------------------------------------------------------------------------------------------

SHAPES = [(4, 4), (5, 3), (3, 5), (2, 4, 3), (0, 4, 3)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_singular_values(kind, shape):
    a = draw(*shape, kind=kind)
    for full in (False, True):
        U, S, Vh = linalg.svd(tensor(a), full_matrices=full)
        assert [tuple(each.shape) for each in (U, S, Vh)] == [
            each.shape for each in np.linalg.svd(a, full_matrices=full)
        ]
        count = S.shape[-1]
        close(S, np.linalg.svd(a, compute_uv=False))
        close(U[..., :count] * S.unsqueeze(-2) @ Vh[..., :count, :], a)
    close(linalg.svdvals(tensor(a)), np.linalg.svd(a, compute_uv=False))
    U, S, V = tensor(a).svd()
    close(U * S.unsqueeze(-2) @ V.mH, a)
    assert not ember.svd(tensor(a), compute_uv=False).U.any()
    close(linalg.pinv(tensor(a)), np.linalg.pinv(a), 4000)
    close(tensor(a).pinverse(), np.linalg.pinv(a), 4000)
    close(linalg.matrix_rank(tensor(a)), np.full(shape[:-2], min(shape[-2:])))


@pytest.mark.parametrize("kind", ["float64", "complex128"])
@pytest.mark.parametrize("shape", SHAPES[:4], ids=str)
def test_gradients_of_singular_values(kind, shape):
    a = draw(*shape, kind=kind)
    checked(linalg.svdvals, a)

    def without_phases(x, full=False):
        U, S, Vh = linalg.svd(x, full)
        count = S.shape[-1]
        return size(U[..., :count]), S, size(Vh[..., :count, :]), (U[..., :count] @ Vh[..., :count, :])

    checked(without_phases, a)
    checked(lambda x: size(linalg.svd(x, False).U), a, second=False)
    checked(lambda x: size(linalg.svd(x, False).Vh), a, second=False)
    checked(lambda x: without_phases(x, True), a, second=False)
    checked(linalg.pinv, a)


def test_pseudoinverse_of_low_rank():
    left, right = draw(5, 2), draw(2, 4, seed=1)
    a = left @ right
    close(linalg.pinv(tensor(a)), np.linalg.pinv(a, rcond=1e-12), 4000)
    assert linalg.matrix_rank(tensor(a)).item() == 2
    checked(lambda x, y: linalg.pinv(x @ y), left, right, second=False)
    values = np.array([4.0, 2.0, 1.0, 0.5])
    d = tensor(np.diag(values))
    assert linalg.matrix_rank(d, atol=1.5).item() == 2
    assert linalg.matrix_rank(d, 1.5).item() == 2
    assert linalg.matrix_rank(d, rtol=0.2).item() == 3
    assert linalg.matrix_rank(d, atol=0.7, rtol=0.4, hermitian=True).item() == 2
    assert linalg.matrix_rank(d.expand(2, 4, 4), atol=ember.tensor([0.7, 3.0])).tolist() == [3, 1]
    close(linalg.pinv(d, rtol=0.3), np.diag([0.25, 0.5, 0, 0]))
    close(linalg.pinv(-d, atol=0.7, hermitian=True), np.diag([-0.25, -0.5, -1, 0]))
    checked(lambda x: linalg.pinv(hermitian(x), hermitian=True), draw(3, 3), second=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (2, 5, 3), (0, 5, 3)], ids=str)
@pytest.mark.parametrize("driver", [None, "gels", "gelsd"])
def test_least_squares(kind, shape, driver):
    a, b = draw(*shape, kind=kind), draw(*shape[:-1], 2, kind=kind, seed=1)
    found = linalg.lstsq(tensor(a), tensor(b), driver=driver)
    expected = np.linalg.pinv(a) @ b
    close(found.solution, expected, 4000)
    if shape[-2] > shape[-1] and driver is not None:
        close(found.residuals, (np.abs(a @ expected - b) ** 2).sum(-2), 4000)
    else:
        assert found.residuals.numel() == 0
    assert found.rank.numel() == (0 if driver == "gels" else math.prod(shape[:-2]))
    assert found.singular_values.numel() == (math.prod(shape[:-2]) * 3 if driver == "gelsd" else 0)
    close(linalg.lstsq(tensor(a), tensor(b[..., 0])).solution, expected[..., 0], 4000)
    if kind in ("float64", "complex128") and math.prod(shape):
        checked(lambda x, y: linalg.lstsq(x, y).solution, a, b)


def test_low_rank_approximations():
    a = draw(2, 20, 3) @ draw(2, 3, 12, seed=1)
    for matrix in (a, np.swapaxes(a, -1, -2)):
        U, S, V = ember.svd_lowrank(tensor(matrix), q=5)
        close(U * S.unsqueeze(-2) @ V.mH, matrix, 40_000)
    U, S, V = ember.pca_lowrank(tensor(a), q=4)
    close(U * S.unsqueeze(-2) @ V.mH, a - a.mean(-2, keepdims=True), 40_000)
    U, S, V = ember.svd_lowrank(tensor(a), 4, M=tensor(a[:, :1]))
    close(U * S.unsqueeze(-2) @ V.mH, a - a[:, :1], 40_000)


# ---- norms ------------------------------------------------------------------------------------------------------------

ORDERS = ["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_norms_of_matrices(kind, order):
    a = draw(2, 4, 3, kind=kind)
    expected = np.linalg.norm(a, order, (1, 2))
    close(linalg.matrix_norm(tensor(a), order), expected)
    close(linalg.norm(tensor(a), order, (-2, -1), True), expected[:, None, None])
    close(linalg.matrix_norm(tensor(a), order, (2, 0)), np.linalg.norm(a, order, (2, 0)))
    close(linalg.matrix_norm(tensor(a), order, dim=(0, 2), keepdim=True), np.linalg.norm(a, order, (0, 2), True))
    close(linalg.norm(tensor(a[0]), order), np.linalg.norm(a[0], order))
    square = regular(2, 3, 3, kind=kind)
    close(linalg.cond(tensor(square), order), np.linalg.cond(square, order), 4000)
    if kind in ("float64", "complex128"):
        twice = kind == "float64" or order in ("fro", "nuc", 2, -2)  # abs of complex numbers has no second derivative
        checked(lambda x: linalg.matrix_norm(x, order), a, second=twice)
        checked(lambda x: linalg.cond(x, order), square, second=twice)


def test_norms():
    a = draw(3, 4)
    x = tensor(a)
    close(linalg.norm(x), np.linalg.norm(a))
    close(linalg.norm(x, dim=1), np.linalg.norm(a, axis=1))
    close(linalg.norm(x, 3, 0), np.linalg.norm(a, 3, 0))
    close(linalg.norm(x, ord=1, axis=1, keepdims=True), np.linalg.norm(a, 1, 1, True))
    close(linalg.norm(x.flatten(), -1), np.linalg.norm(a.ravel(), -1))
    close(linalg.norm(x.float(), "nuc", dtype=ember.float64), np.linalg.norm(a.astype("f4").astype("f8"), "nuc"))
    close(linalg.vector_norm(x, 1), np.abs(a).sum())
    close(linalg.vector_norm(x, math.inf, axis=0), np.abs(a).max(0))
    close(linalg.cond(x), np.linalg.cond(a))
    close(x.norm("nuc"), np.linalg.norm(a, "nuc"))
    close(ember.norm(tensor(draw(2, 3, 4)), "nuc", dim=(1, 2)), np.linalg.norm(draw(2, 3, 4), "nuc", (1, 2)))
    singular = ember.ones(2, 2)
    assert math.isinf(linalg.cond(singular, "fro").item())


# ---- products and functions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_matrix_exponential(kind, scale):
    a = draw(3, 4, 4, kind=kind) * np.array(scale, "f4")
    a[1] *= 1e-2  # matrices of a batch are scaled apart
    a = a - np.conj(np.swapaxes(a, -1, -2))  # bounded: the exponential is unitary
    expected = np.stack([scipy.linalg.expm(each.astype(np.result_type(kind, "f8"))) for each in a]).astype(kind)
    close(linalg.matrix_exp(tensor(a)), expected, 40 * max(1, np.abs(a).sum(-1).max()))
    close(tensor(a[0] * 0).matrix_exp(), np.eye(4, dtype=kind))


@pytest.mark.parametrize("kind", ["float64", "complex128"])
def test_gradients_of_the_exponential(kind):
    a = draw(2, 3, 3, kind=kind)
    a[1] *= 5
    checked(linalg.matrix_exp, a[:1])
    checked(linalg.matrix_exp, a, second=False)


def test_products():
    a, b, c = draw(3, 40), draw(40, 4, seed=1), draw(4, seed=2)
    close(linalg.multi_dot([tensor(a), tensor(b), tensor(c)]), a @ b @ c)
    close(linalg.multi_dot((tensor(a[0]), tensor(b), tensor(c))), a[0] @ b @ c)
    close(ember.chain_matmul(tensor(a), tensor(b), tensor(b).t()), a @ b @ b.T, 4000)
    close(ember.chain_matmul(tensor(a)), a)
    checked(lambda *x: linalg.multi_dot(x), draw(2, 3), draw(3, 2), draw(2, 4))
    z, w = draw(2, 3, kind="complex128"), draw(2, 3, kind="complex128", seed=1)
    close(linalg.vecdot(tensor(z), tensor(w)), (z.conj() * w).sum(-1))
    close(linalg.vecdot(tensor(z), tensor(w), dim=0), (z.conj() * w).sum(0))
    checked(linalg.vecdot, z, w)
    u, v = draw(4, 3), draw(1, 3, seed=1)
    close(linalg.cross(tensor(u), tensor(v)), np.cross(u, v))
    checked(linalg.cross, u, v)
    close(linalg.diagonal(tensor(b), offset=1), np.diagonal(b, 1))
    close(linalg.matmul(tensor(a), tensor(b)), a @ b)
    close(linalg.vander(tensor(u), N=4), np.stack([u**k for k in range(4)], -1))
    close(ember.vander(tensor(c)), np.vander(c))
    close(ember.vander(ember.tensor([1, 2, 3]), 2, True), np.vander([1, 2, 3], 2, True))
    checked(linalg.vander, u)


def test_tensors_as_matrices():
    a = draw(4, 6, 8, 3) + np.eye(24).reshape(4, 6, 8, 3) * 20
    close(linalg.tensorinv(tensor(a)), np.linalg.tensorinv(a))
    b = draw(4, 6, seed=1)
    close(linalg.tensorsolve(tensor(a), tensor(b)), np.linalg.tensorsolve(a, b))
    close(linalg.tensorsolve(tensor(np.moveaxis(a, -1, 0).copy()), tensor(b), (0,)), np.linalg.tensorsolve(a, b))
    small = draw(2, 2, 4) + np.eye(4).reshape(2, 2, 4) * 4
    checked(linalg.tensorinv, small)
    checked(linalg.tensorsolve, small, draw(2, 2))


# ---- one interface ----------------------------------------------------------------------------------------------------


def test_results_are_named_tuples():
    found = linalg.svd(ember.eye(2))
    assert isinstance(found, ember.return_types.linalg_svd) and isinstance(found, tuple)
    assert repr(type(found)) == "<class 'torch.return_types.linalg_svd'>"
    assert repr(linalg.slogdet(ember.eye(2))) == (
        "torch.return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))"
    )
    assert isinstance(ember.max(ember.eye(2), 0), ember.return_types.max)
    assert ember.return_types.topk.n_fields == 2
    assert ember.return_types.max((1, 2)).indices == 2
    assert ember.return_types.sort in ember.return_types.all_return_types


def test_given_outputs():
    a = tensor(regular(3, 3))
    out = ember.empty(0, dtype=ember.float64)
    assert linalg.inv(a, out=out) is out and out.equal(linalg.inv(a))
    pair = (ember.empty(0, dtype=ember.float64), ember.empty(0, dtype=ember.float64))
    found = linalg.qr(a, out=pair)
    assert found.Q is pair[0] and pair[1].equal(linalg.qr(a).R)


def test_shapes_on_meta():
    a, b = ember.empty(2, 3, 3, device="meta"), ember.empty(2, 3, 5, device="meta")
    assert linalg.inv(a).shape == (2, 3, 3) and linalg.inv(a).is_meta
    assert linalg.solve(a, b).shape == (2, 3, 5)
    assert [tuple(each.shape) for each in linalg.svd(b)] == [(2, 3, 3), (2, 3), (2, 5, 5)]
    assert linalg.eig(a).eigenvalues.dtype == ember.complex64
    assert linalg.cholesky(a).shape == linalg.matrix_exp(a).shape == (2, 3, 3)
    assert linalg.det(a).shape == (2,)
    assert [tuple(each.shape) for each in linalg.lu_factor(b)] == [(2, 3, 5), (2, 3)]
    assert linalg.pinv(b).shape == (2, 5, 3)
    assert linalg.solve_triangular(a, b, upper=True).shape == (2, 3, 5)


def test_autocast_computes_in_float32():
    a = tensor(regular(3, 3, kind="float32")).bfloat16()
    with ember.autocast("cpu"):
        assert linalg.inv(a).dtype == ember.float32
        assert linalg.svd(a).S.dtype == ember.float32
        x = leaf(positive(3, 3, kind="float32"))
        linalg.cholesky(x).sum().backward()
        assert x.grad.dtype == ember.float32


def test_saved_tensors_are_compared_by_version():
    x = leaf(regular(3, 3))
    y = linalg.inv(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


# ---- errors -----------------------------------------------------------------------------------------------------------

REGULAR, SINGULAR = [[2.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    "function",
    [
        linalg.inv,
        lambda x: linalg.solve(x, x),
        lambda x: linalg.inv_ex(x, check_errors=True),
        lambda x: linalg.solve_ex(x, x, check_errors=True),
        lambda x: linalg.matrix_power(x, -1),
        lambda x: linalg.lu_factor(x),
        lambda x: linalg.lu_factor_ex(x, check_errors=True),
        lambda x: linalg.cholesky(x - ember.diag(ember.tensor([0.0, 0.5]))),
        lambda x: linalg.cholesky_ex(x - ember.diag(ember.tensor([0.0, 0.5])), check_errors=True),
    ],
)
def test_singular_matrices(function):
    batch = ember.tensor([REGULAR, SINGULAR, SINGULAR])
    with pytest.raises(linalg.LinAlgError, match=r"^[a-z_.]+\(\): \(Batch element 1\): .*(pivot 2 |minor of order 2 )"):
        function(batch)
    assert issubclass(linalg.LinAlgError, RuntimeError)


def test_singular_matrices_among_others():
    batch = ember.tensor([REGULAR, SINGULAR])
    inverse, info = linalg.inv_ex(batch)
    assert info.tolist() == [0, 2]
    assert inverse[0].tolist() == [[0.5, 0], [0, 1]]
    assert not inverse[1].isfinite().any()
    assert linalg.solve_ex(batch, batch).info.tolist() == [0, 2]
    assert linalg.lu_factor_ex(batch).info.tolist() == [0, 2]
    indefinite = ember.tensor([[[2.0, 0, 0], [0, 1, 0], [0, 0, -1]], [[1, 0, 0], [0, -1, 0], [0, 0, 1]]])
    info = linalg.cholesky_ex(indefinite).info
    assert info.tolist() == [3, 2]
    assert linalg.cholesky_ex(ember.eye(3) * math.nan).info.item() == 1
    assert math.isnan(ember.logdet(-ember.eye(3)).item())
    assert ember.logdet(ember.zeros(2, 2)).item() == -math.inf


def test_numbers_that_are_not_finite():
    a = ember.eye(2) * math.nan
    with pytest.raises(linalg.LinAlgError, match=r"svd\(\): .*non-finite"):
        linalg.svd(a)
    with pytest.raises(linalg.LinAlgError, match=r"svdvals\(\): \(Batch element 1\).*non-finite"):
        linalg.svdvals(ember.stack([ember.eye(2), a]))
    with pytest.raises(RuntimeError, match="should not contain infs or NaNs"):
        linalg.eig(a)
    assert not linalg.eigh(a).eigenvalues.isfinite().any()
    assert not linalg.inv(a).isfinite().any()


def test_phases_must_not_matter():
    x = leaf(draw(3, 3, kind="complex128"))
    with pytest.raises(RuntimeError, match=r"linalg.eigh_backward\(\): .* up to multiplication by e\^\(i phi\)"):
        linalg.eigh(hermitian(x)).eigenvectors.real.sum().backward()
    with pytest.raises(RuntimeError, match=r"linalg.svd_backward\(\): .* ill-defined"):
        linalg.svd(x).U.real.sum().backward()
    with pytest.raises(RuntimeError, match=r"linalg.eig_backward\(\): .* ill-defined"):
        linalg.eig(x).eigenvectors.real.sum().backward()


def test_what_has_no_gradient():
    x = leaf(draw(3, 2))
    with pytest.raises(RuntimeError, match="not differentiable when mode='complete' and nrows > ncols"):
        linalg.qr(x, "complete").Q.sum().backward()
    with pytest.raises(RuntimeError, match="depends on Q, which is not computed when mode='r'"):
        linalg.qr(x, "r").R.sum().backward()
    with pytest.raises(RuntimeError, match="ldl_factor is not implemented"):
        linalg.ldl_factor(leaf(positive(2, 2))).LD.sum().backward()


@pytest.mark.parametrize(
    "name", ["inv", "det", "cholesky", "eigh", "eig", "slogdet", "matrix_exp", "inv_ex", "ldl_factor"]
)
def test_arguments_that_are_no_square_matrices(name):
    function = getattr(linalg, name)
    with pytest.raises(
        RuntimeError, match=rf"linalg.{name}\(\): .* must be batches of square matrices, but they are 2 by 3"
    ):
        function(ember.zeros(4, 2, 3))
    with pytest.raises(RuntimeError, match=rf"linalg.{name}\(\): .* has shape \(2,\); expected at least 2 dimensions"):
        function(ember.zeros(2))
    with pytest.raises(RuntimeError, match=rf"linalg.{name}\(\): .* is of torch.int64; expected float32"):
        function(ember.ones(2, 2, dtype=ember.int64))
    with pytest.raises(RuntimeError, match=r"is of torch.float16; expected float32"):
        function(ember.ones(2, 2, dtype=ember.float16))
    with pytest.raises(TypeError, match=r"must be Tensor, not int"):
        function(3)


def test_takes_numpys_names():
    x = ember.ones(3, 4, dtype=ember.float64)
    assert ember.linalg.vector_norm(x, axis=0, keepdims=True).shape == (1, 4)
    assert ember.linalg.matrix_norm(x, axis=(0, 1)) == ember.linalg.norm(x, axis=None) == 12**0.5
    assert ember.linalg.vecdot(x, x, axis=0).tolist() == [3.0] * 4
    assert ember.equal(ember.linalg.cross(x1=x, x2=2 * x, axis=0), ember.zeros(3, 4))
    with pytest.raises(TypeError, match="axes"):
        ember.linalg.norm(x, axes=0)


def test_works_without_scipy_but_for_lu():
    program = """
import sys
sys.modules["scipy"] = sys.modules["scipy.linalg"] = None
import ember
x = (ember.rand(3, 3) + 3 * ember.eye(3)).requires_grad_()
ember.linalg.cholesky(x @ x.mH).sum().backward()
ember.linalg.qr(x).Q.sum().backward()
assert ember.linalg.solve_triangular(x, x, upper=True).isfinite().all()
try:
    ember.linalg.lu(x)
except ModuleNotFoundError as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "linalg.lu(): needs SciPy, which is not installed. Install it: pip install 'ember[linalg]'." in found
