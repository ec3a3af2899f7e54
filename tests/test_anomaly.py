"""Anomaly mode and debug_nans: errors that name the operation, the line of the program and the module."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

import ember

nn = ember.nn


def leaf(*values: float) -> ember.Tensor:
    return ember.tensor(values, requires_grad=True)


def line_of(text: str) -> str:
    """`test_anomaly.py:14` for the only line of this file that ends with `# text`."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if line.endswith(f"# {text}")]
    return f"test_anomaly.py:{found} in "


# ---- anomaly mode -------------------------------------------------------------------------------------------------------


def test_a_nan_gradient_names_the_forward_line():
    x = leaf(-1.0, 4.0)
    with ember.autograd.set_detect_anomaly(True):
        y = x.sqrt().sum()  # the root of a negative number
        with (
            pytest.warns(UserWarning, match="Error detected in SqrtBackward0") as warned,
            pytest.raises(RuntimeError, match="'SqrtBackward0' returned nan values in its 0th output") as caught,
        ):
            y.backward()
    assert line_of("the root of a negative number") in str(caught.value)
    assert "y = x.sqrt().sum()" in str(caught.value) and "y = x.sqrt().sum()" in str(warned[0].message)


def test_the_line_is_the_users_own():
    """Not that of the layer's forward, which is Ember's."""
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    x = ember.full((1, 2), float("inf"))
    with ember.autograd.set_detect_anomaly(True), pytest.warns(UserWarning), pytest.raises(RuntimeError) as caught:
        model(x).sum().backward()  # a whole model
    assert line_of("a whole model") in str(caught.value)


def test_without_check_nan_gradients_may_be_nan():
    x = leaf(-1.0)
    with ember.autograd.set_detect_anomaly(True, check_nan=False):
        x.sqrt().backward()
    assert x.grad.isnan().all()


@pytest.mark.parametrize("anomaly", [False, True])
def test_a_saved_tensor_that_was_changed(anomaly):
    x = leaf(1.0, 2.0)
    with ember.autograd.set_detect_anomaly(anomaly):
        y = x * 1
        z = y.sin()  # where it was saved
        y.add_(1)  # where it was changed
        with pytest.raises(RuntimeError, match=r"sin's saved input \(shape \(2,\)\) has been modified") as caught:
            if anomaly:
                with pytest.warns(UserWarning, match="Error detected in SinBackward0"):
                    z.sum().backward()
            else:
                z.sum().backward()
    text = str(caught.value)
    assert "(version 1, saved at 0)" in text
    assert (line_of("where it was saved") in text) == anomaly
    assert ("by add_() at" in text and line_of("where it was changed") in text) == anomaly
    assert ("set_detect_anomaly(True) names the line" in text) == (not anomaly)


def test_a_saved_output_that_was_changed():
    y = leaf(1.0, 2.0).exp()
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"exp's saved output .* \(version 1, saved at 0\)"):
        y.sum().backward()


def test_errors_of_user_functions_are_traced():
    class Broken(ember.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            raise ValueError("broken")

    with ember.autograd.set_detect_anomaly(True):
        y = Broken.apply(leaf(1.0))  # a broken function
        warning = pytest.warns(UserWarning, match="Error detected in BrokenBackward")
        with warning as warned, pytest.raises(ValueError, match="broken"):
            y.backward()
    assert "y = Broken.apply(leaf(1.0))" in str(warned[0].message)


def test_the_mode_is_restored():
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"), ember.autograd.detect_anomaly():
        assert ember.is_anomaly_enabled() and ember.is_anomaly_check_nan_enabled()
        with ember.autograd.set_detect_anomaly(False):
            assert not ember.is_anomaly_enabled()
        assert ember.is_anomaly_enabled()
    assert not ember.is_anomaly_enabled()


# ---- debug_nans ---------------------------------------------------------------------------------------------------------


class Root(nn.Module):
    def forward(self, x):
        return (x - 1).sqrt()  # of less than nothing


def test_the_first_nan_is_named_with_line_and_module():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 2)
            self.second = nn.Sequential(nn.ReLU(), Root())

        def forward(self, x):
            return self.second(self.first(x)).log()

    net = Net()
    nn.init.zeros_(net.first.weight), nn.init.zeros_(net.first.bias)
    with ember.debug_nans(), pytest.raises(RuntimeError) as caught:
        net(ember.zeros(1, 2))
    text = str(caught.value)
    assert text.startswith("sqrt(): made nan out of inputs without nan: 2 of 2 values of its result of shape (1, 2)")
    assert "the first at (0, 0) from input=-1" in text and line_of("of less than nothing") in text
    assert text.endswith("In second.1: Root().")


@pytest.mark.parametrize(
    ("function", "start"),
    [
        (lambda: ember.tensor([1.0, -1.0]).log(), "log(): made nan"),
        (lambda: ember.tensor([float("inf")]) - float("inf"), "sub(): made nan"),
        (lambda: ember.tensor([float("inf")]).sub_(float("inf")), "sub_(): made nan"),
        (lambda: ember.zeros(2) / 0, "div(): made nan"),
        (lambda: ember.full((2, 2), float("inf")) @ ember.zeros(2, 2), "matmul(): made nan"),
        (lambda: ember.tensor([float("inf"), float("-inf")]).sum(), "sum(): made nan"),
        (lambda: ember.tensor([], dtype=ember.float64).mean(), "mean(): made nan"),
        (lambda: ember.tensor([complex("inf")]) * 0, "mul(): made nan"),
    ],
)
def test_operations_that_make_nans(function, start):
    with ember.debug_nans(), pytest.raises(RuntimeError, match="^" + re.escape(start)):
        function()
    function()


def test_nans_that_were_given_are_no_fault():
    nan = float("nan")
    with ember.debug_nans():
        x = ember.tensor([1.0, nan])
        (x + 1).mul_(2).exp().sum()
        ember.full((2,), nan), ember.empty(100).fill_(nan)
        ember.where(ember.tensor([True, False]), ember.ones(2), nan)
        ember.zeros(2).masked_fill(ember.tensor([True, False]), nan)
        ember.tensor([1e38, -1e38]).mul(10)  # whose sum would be one
        ember.empty(1000), ember.empty_like(x), x.new_empty(5)


def test_infinite_values_whose_sum_is_nan_are_no_fault():
    with ember.debug_nans():
        assert ember.tensor([1.0, -1.0]).div(0).tolist() == [float("inf"), float("-inf")]


def test_a_nan_that_backward_makes():
    x = leaf(0.0)
    with ember.debug_nans():
        y = (x * 0).sqrt()  # an infinite slope, times nothing
        with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="'MulBackward0' returned nan") as caught:
            y.sum().backward()
    assert line_of("an infinite slope, times nothing") in str(caught.value)


def test_debug_nans_as_a_switch_and_a_decorator():
    x = ember.tensor([-1.0])

    @ember.debug_nans()
    def root():
        return x.sqrt()

    assert not ember.is_debug_nans_enabled()
    with pytest.raises(RuntimeError, match="made nan"):
        root()
    ember.debug_nans(True)
    try:
        assert ember.is_debug_nans_enabled()
        with ember.debug_nans(False):
            x.sqrt()
        with pytest.raises(RuntimeError, match="made nan"):
            x.sqrt()
        seen = []
        thread = threading.Thread(target=lambda: seen.append(ember.is_debug_nans_enabled()))
        thread.start()
        thread.join()
        assert seen == [False]
    finally:
        ember.debug_nans(False)
    assert x.sqrt().isnan().all()
