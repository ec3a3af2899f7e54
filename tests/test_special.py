"""torch.special: values beyond the domains of the laws, relations between functions, gradients, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special

import ember
from ember import special
from ember.autograd import gradcheck, gradgradcheck

PRECISION = {ember.float32: 2**-24, ember.float64: 2**-53}


def tensor(values, dtype=ember.float64):
    return ember.tensor(values, dtype=dtype)


ABSOLUTE = {"bessel_j0": "j0", "bessel_j1": "j1", "bessel_y0": "y0", "bessel_y1": "y1"}


@pytest.mark.parametrize("dtype", PRECISION, ids=str)
@pytest.mark.parametrize("name", ABSOLUTE)
def test_bessel_functions_over_many_waves(name, dtype):
    """Both errors are absolute: the promise of csrc/scalar/bessel.h, and that of SciPy's own functions."""
    x = np.concatenate([np.linspace(1, 60, 500), [7.99999, 8.0, 8.00001, 100.0, 1000.0]])
    if name.startswith("bessel_j"):
        x = np.concatenate([-x, x])
    rounded = tensor(x, dtype)
    found = getattr(special, name)(rounded).numpy()
    wanted = getattr(scipy.special, ABSOLUTE[name])(rounded.double().numpy())
    assert np.abs(found - wanted).max() < 2e-15 + PRECISION[dtype]


RELATIVE = {
    "modified_bessel_i0": "i0",
    "modified_bessel_i1": "i1",
    "modified_bessel_k0": "k0",
    "modified_bessel_k1": "k1",
    "scaled_modified_bessel_k0": "k0e",
    "scaled_modified_bessel_k1": "k1e",
    "i0e": "i0e",
    "i1e": "i1e",
}


@pytest.mark.parametrize("name", RELATIVE)
def test_modified_bessel_functions(name):
    x = np.concatenate([np.geomspace(1e-8, 600, 400), [2.0, 10.0]])
    found, wanted = getattr(special, name)(tensor(x)).numpy(), getattr(scipy.special, RELATIVE[name])(x)
    assert np.allclose(found, wanted, rtol=1e-14 if "scaled" in name or name.endswith("e") else 3e-13, atol=0)


LIMITS = {
    "bessel_j0": [0, 1, 0, math.nan],
    "bessel_j1": [0, 0, 0, math.nan],
    "bessel_y0": [math.nan, -math.inf, 0, math.nan],
    "bessel_y1": [math.nan, -math.inf, 0, math.nan],
    "modified_bessel_k0": [math.nan, math.inf, 0, math.nan],
    "modified_bessel_k1": [math.nan, math.inf, 0, math.nan],
    "scaled_modified_bessel_k0": [math.nan, math.inf, 0, math.nan],
    "spherical_bessel_j0": [0, 1, 0, math.nan],
    "i0e": [0, 1, 0, math.nan],
    "i0": [math.inf, 1, math.inf, math.nan],
    "entr": [-math.inf, 0, -math.inf, math.nan],
    "log_ndtr": [-math.inf, math.log(0.5), 0, math.nan],
    "ndtri": [math.nan, -math.inf, math.nan, math.nan],
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name):
    points = tensor([-math.inf, 0.0, math.inf, math.nan])
    assert np.allclose(getattr(special, name)(points).numpy(), LIMITS[name], rtol=4e-16, atol=0, equal_nan=True)


def test_quantiles_undo_the_distribution():
    x = tensor(np.linspace(-35, 5, 200))
    assert np.allclose(special.ndtri(special.ndtr(x)).numpy(), x.numpy(), rtol=1e-10, atol=1e-10)
    p = tensor(np.geomspace(1e-300, 0.5, 200))
    assert np.allclose(special.ndtri(p).numpy(), scipy.special.ndtri(p.numpy()), rtol=1e-14, atol=1e-16)
    assert special.ndtri(tensor([0.5, 1.0, 1.5])).tolist()[:2] == [0, math.inf]


def test_log_of_a_probability_that_underflows():
    assert math.isclose(
        special.log_ndtr(tensor(-1e5)).item(), -0.5e10 - math.log(1e5 * math.sqrt(2 * math.pi)), rel_tol=1e-15
    )


@pytest.mark.parametrize("a", [1e-6, 0.3, 1.0, 4.5, 7.9, 8.1, 55.5, 3000.0, 99999.0, 2e5, 1e9])
def test_incomplete_gamma(a):
    spread = 6 if a < 1e4 else 4.4  # beyond, SciPy's sum ends too early for large a
    around = a + np.linspace(-spread, spread, 40) * math.sqrt(a)
    x = np.unique(np.concatenate([around, np.geomspace(1e-3, 30, 30) * a]).clip(1e-9))
    lower, upper = (f(tensor(np.full(x.shape, a)), tensor(x)).numpy() for f in (special.gammainc, special.gammaincc))
    assert np.allclose(lower, scipy.special.gammainc(a, x), rtol=1e-11, atol=1e-300)
    assert np.allclose(upper, scipy.special.gammaincc(a, x), rtol=1e-9, atol=1e-300)
    assert np.allclose(lower + upper, 1, rtol=0, atol=1e-15)


def test_incomplete_gamma_limits():
    infinity, nan = math.inf, math.nan
    a = tensor([0.0, 0, 2, 2, infinity, infinity, -1, 2, nan])
    x = tensor([0.0, 3, 0, infinity, 3, infinity, 1, -1, 1])
    wanted = np.array([nan, 1, 0, 1, 0, nan, nan, nan, nan])
    assert np.array_equal(ember.igamma(a, x).numpy(), wanted, equal_nan=True)
    assert np.array_equal(a.igammac(x).numpy(), 1 - wanted, equal_nan=True)


@pytest.mark.parametrize("name", ["entr", "log_ndtr", "ndtri", "i0", "i0e", "i1", "i1e", "erfcx", "ndtr"])
def test_gradients(name):
    x = tensor([0.2, 0.45, 0.9], ember.float64).requires_grad_()
    gradcheck(getattr(special, name), (x,))
    gradgradcheck(getattr(special, name), (x,))


def test_gradients_of_two_arguments():
    x, y = (tensor(values).requires_grad_() for values in ([0.5, 1.5, 3.0], [2.0, 0.7, 5.0]))
    for function in (special.xlogy, special.xlog1py):
        gradcheck(function, (x, y))
        gradgradcheck(function, (x, y))
    for function in (special.gammainc, special.gammaincc):
        gradcheck(lambda y, f=function: f(x.detach(), y), (y,))
        gradgradcheck(lambda y, f=function: f(x.detach(), y), (y,))
    gradcheck(lambda y: special.zeta(3.5, y), (y,))
    gradgradcheck(lambda y: special.zeta(3.5, y), (y,))


def test_gradients_at_zero():
    x, y = tensor([0.0]).requires_grad_(), tensor([2.0]).requires_grad_()
    special.xlogy(x, y).backward()
    assert x.grad.item() == math.log(2) and y.grad.item() == 0
    x.grad = None
    special.xlog1py(x, y).backward()
    assert x.grad.item() == math.log1p(2)


def test_there_is_no_derivative_by_the_order():
    x = tensor([2.0]).requires_grad_()
    for function in (special.gammainc, special.gammaincc, special.zeta):
        result = function(x, x)
        with pytest.raises(NotImplementedError, match=r"the derivative for .* is not implemented"):
            result.backward()
    assert not special.bessel_j0(x).requires_grad


def test_numbers_in_place_of_tensors():
    x = tensor([1.0, 2.0, 3.0], ember.float32)
    for function in (special.zeta, special.xlogy, special.xlog1py):
        assert ember.equal(function(2.5, x), function(ember.full((3,), 2.5), x))
        assert function(x, 2).dtype is ember.float32
    with pytest.raises(TypeError, match="must be Tensor"):
        special.gammainc(2, x)


def test_in_place_and_out():
    x = tensor([0.5, 2.0])
    assert ember.equal(x.clone().i0_(), special.i0(x)) and ember.equal(x.clone().igamma_(x), ember.igamma(x, x))
    out = ember.empty(0, dtype=ember.float64)
    assert special.entr(x, out=out) is out and ember.equal(out, special.entr(x))
