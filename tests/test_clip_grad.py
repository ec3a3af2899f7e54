"""Norms and bounds of many gradients: one call over all tensors, whatever their types and layouts."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ember
from ember import nn
from ember.nn.utils import clip_grad_norm_, clip_grads_with_norm_, get_total_norm


def gradients(dtype=ember.float64):
    """Tensors of many sizes, of which one is expanded, one strided and one transposed."""
    random = np.random.default_rng(0)
    made = [
        ember.tensor(random.standard_normal(shape), dtype=dtype) for shape in ((3, 4), (), (0,), (50_000,), (7, 9, 2))
    ]
    made.append(ember.tensor(random.standard_normal((1, 5)), dtype=dtype).expand(4, 5))
    made.append(ember.tensor(random.standard_normal((6, 8)), dtype=dtype)[:, ::2])
    made.append(ember.tensor(random.standard_normal((6, 8)), dtype=dtype).t())
    return made


def vector(tensors):
    return np.concatenate([tensor.double().numpy().ravel() for tensor in tensors])


@pytest.mark.parametrize("norm_type", [1, 2, 2.5, 3, math.inf])
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(ember.float64, 1e-13), (ember.float32, 1e-6), (ember.bfloat16, 2**-8)]
)
def test_total_norm(norm_type, dtype, tolerance):
    each = gradients(dtype)
    found = get_total_norm(each, norm_type)
    assert found.dtype == dtype
    assert found.item() == pytest.approx(np.linalg.norm(vector(each), norm_type), rel=tolerance)


def test_total_norm_of_mixed_and_complex_tensors():
    mixed = [ember.ones(3), ember.ones(1, dtype=ember.float64), ember.ones(5, dtype=ember.bfloat16)]
    found = get_total_norm(mixed)
    assert (found.item(), found.dtype) == (3, ember.float64)
    complex_numbers = [ember.tensor([3 + 4j, 0]), ember.tensor([12.0])]
    assert get_total_norm(complex_numbers).item() == pytest.approx(13)
    assert get_total_norm(complex_numbers, 1).item() == pytest.approx(17)
    assert get_total_norm([ember.tensor([0.0, 3.0]), ember.tensor([2.0])], 0).item() == 2
    assert get_total_norm([]).item() == 0


def test_total_norm_neither_overflows_nor_forgets():
    assert get_total_norm([ember.full((4,), 1e30)]).item() == pytest.approx(2e30)
    assert get_total_norm([ember.full((4,), 1e-30)]).item() == pytest.approx(2e-30)
    for norm_type in (1, 2, 3, math.inf):
        assert math.isnan(get_total_norm([ember.ones(40), ember.tensor([1.0, math.nan, 2.0])], norm_type).item())
        assert get_total_norm([ember.tensor([1.0, -math.inf])], norm_type).item() == math.inf


@pytest.mark.parametrize("dtype", [ember.float64, ember.float32, ember.bfloat16, ember.complex64])
def test_clipping(dtype):
    before = [gradient for gradient in gradients() if 0 not in gradient.stride()]  # an expanded one cannot be changed
    parameters = []
    for gradient in before:
        parameter = nn.Parameter(ember.zeros(gradient.shape, dtype=dtype))
        parameter.grad = gradient.to(dtype, copy=True)
        parameters.append(parameter)
    parameters.insert(2, nn.Parameter(ember.zeros(3)))  # without a gradient
    versions = [p.grad._version for p in parameters if p.grad is not None]
    total = clip_grad_norm_(parameters, 2.0)
    assert total.item() == pytest.approx(np.linalg.norm(vector(before)), rel=1e-2)
    after = [p.grad for p in parameters if p.grad is not None]
    tolerance = {ember.float64: 1e-9, ember.bfloat16: 2e-2}.get(dtype, 1e-5)
    scale = 2 / (np.linalg.norm(vector(before)) + 1e-6)
    for old, new in zip(before, after, strict=True):
        found = new.real if new.is_complex() else new
        np.testing.assert_allclose(found.double().numpy(), old.numpy() * scale, rtol=tolerance, atol=1e-9)
    assert [gradient._version for gradient in after] == [version + 1 for version in versions]


def test_small_gradients_stay_as_they_are():
    parameter = nn.Parameter(ember.zeros(3))
    parameter.grad = ember.tensor([0.1, -0.2, 0.3])
    clip_grad_norm_(parameter, 10.0)
    assert ember.equal(parameter.grad, ember.tensor([0.1, -0.2, 0.3]))
    clip_grads_with_norm_(parameter, 1.0, ember.tensor(4.0))
    assert parameter.grad.tolist() == pytest.approx([0.025, -0.05, 0.075])


def test_the_result_does_not_depend_on_threads():
    each = gradients(ember.float32)
    before = ember.get_num_threads()
    found = []
    for threads in (1, 2):
        ember.set_num_threads(threads)
        found.append(get_total_norm(each * 5).item())
    ember.set_num_threads(before)
    assert found[0] == found[1]


def test_errors():
    with pytest.raises(TypeError, match="one of the tensors is None"):
        get_total_norm([ember.ones(2), None])
    with pytest.raises(RuntimeError, match="int64; expected floating point or complex tensors"):
        get_total_norm([ember.ones(3, dtype=ember.int64)])
    parameter = nn.Parameter(ember.zeros(1))
    parameter.grad = ember.tensor([math.inf])
    with pytest.raises(RuntimeError, match=r"total norm of order 2\.0 for gradients from `parameters` is non-finite"):
        clip_grad_norm_(parameter, 1.0, error_if_nonfinite=True)
