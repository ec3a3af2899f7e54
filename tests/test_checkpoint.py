"""utils.checkpoint: the same gradients from less memory; what runs again, and what is said if it is not the same."""

from __future__ import annotations

import contextlib

import pytest

import ember
from ember.utils import checkpoint as module
from ember.utils.checkpoint import CheckpointError, checkpoint, checkpoint_sequential

nn = ember.nn


def leaf(*values: float) -> ember.Tensor:
    return ember.tensor(values, requires_grad=True)


class Alternating:
    """Runs the first function, then the second, then the first again."""

    def __init__(self, *functions):
        self.functions, self.calls = functions, 0

    def __call__(self, x):
        self.calls += 1
        return self.functions[(self.calls - 1) % len(self.functions)](x)


@pytest.mark.parametrize("use_reentrant", [True, False, None])
def test_gradients_are_the_same(use_reentrant):
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 2))
    x = ember.randn(5, 4, requires_grad=True)
    results = []
    for run in (net, lambda t: checkpoint(net, t, use_reentrant=use_reentrant)):
        ember.manual_seed(1)
        net.zero_grad()
        x.grad = None
        run(x).square().sum().backward()
        results.append([x.grad.clone(), *(parameter.grad.clone() for parameter in net.parameters())])
    assert all((a == b).all() for a, b in zip(*results, strict=True))


def test_random_numbers_after_it_are_those_without_it():
    def draws(run):
        ember.manual_seed(3)
        run(lambda t: ember.nn.functional.dropout(t, 0.5), leaf(*[1.0] * 8)).sum().backward()
        return ember.rand(3).tolist()

    assert draws(lambda function, x: checkpoint(function, x, use_reentrant=False)) == draws(lambda f, x: f(x))


def test_the_autocast_state_is_that_of_the_first_call():
    seen = []

    def product(x):
        seen.append(ember.is_autocast_enabled("cpu"))
        return x @ x

    x = ember.randn(3, 3, requires_grad=True)
    with ember.autocast("cpu"):
        y = checkpoint(product, x, use_reentrant=False)
    y.float().sum().backward()
    with ember.autocast("cpu", enabled=False):
        z = checkpoint(product, x, use_reentrant=False)
    with ember.autocast("cpu"):
        z.sum().backward()
    assert seen == [True, True, False, False] and not ember.is_autocast_enabled("cpu")


def test_keyword_arguments_and_contexts():
    seen = []

    @contextlib.contextmanager
    def noted(name):
        seen.append(name)
        yield

    x = leaf(1.0, 2.0)
    contexts = lambda: (noted("first"), noted("again"))  # noqa: E731
    checkpoint(
        lambda t, power: t.pow(power).exp(), x, power=2, use_reentrant=False, context_fn=contexts
    ).sum().backward()
    assert seen == ["first", "again"]
    assert x.grad.tolist() == pytest.approx([2 * 1 * 2.718281828, 2 * 2 * 54.59815], rel=1e-6)


def test_a_graph_that_is_kept_computes_again():
    function = Alternating(lambda t: t.sin().exp())
    x = leaf(1.0)
    y = checkpoint(function, x, use_reentrant=False)
    y.backward(retain_graph=True)
    first = x.grad.clone()
    y.backward()
    assert function.calls == 3 and x.grad.item() == 2 * first.item()


def test_second_derivatives_and_nested_checkpoints():
    x = leaf(0.5)
    inner = lambda t: checkpoint(lambda u: u.sin(), t, use_reentrant=False)  # noqa: E731
    (g,) = ember.autograd.grad(checkpoint(lambda t: inner(t).exp(), x, use_reentrant=False), x, create_graph=True)
    (h,) = ember.autograd.grad(g, x)
    s, c = x.sin(), x.cos()
    assert g.item() == pytest.approx((c * s.exp()).item()) and h.item() == pytest.approx(((c * c - s) * s.exp()).item())


def test_running_again_ends_early():
    ran = []

    def function(x):
        y = x.sin().exp()
        ran.append(len(ran))
        return y

    for options, expected in (({}, 1), ({"early_stop": False}, 2)):
        ran.clear()
        checkpoint(function, leaf(1.0), use_reentrant=False, **options).backward()
        assert len(ran) == expected
    with module.set_checkpoint_early_stop(False):
        ran.clear()
        checkpoint(function, leaf(1.0), use_reentrant=False).backward()
        assert len(ran) == 2


def test_another_number_of_tensors():
    function = Alternating(lambda t: t.sin().exp(), lambda t: t.sin())
    with pytest.raises(CheckpointError, match=r"A different number of tensors was saved.*: 2 and 1; expected the same"):
        checkpoint(function, leaf(1.0), use_reentrant=False).backward()


def test_other_shapes():
    function = Alternating(lambda t: t.sin().sum(), lambda t: t[:1].sin().sum())
    with pytest.raises(CheckpointError, match=r"different metadata.*Tensor 0 was torch.float32 of shape \(2,\) on cpu"):
        checkpoint(function, leaf(1.0, 2.0), use_reentrant=False).backward()
    function.calls = 0
    with pytest.raises(RuntimeError, match=r"expected float32 of shape \(2,\)"):  # by backward itself
        checkpoint(function, leaf(1.0, 2.0), use_reentrant=False, determinism_check="none").backward()


def test_debugging_names_the_lines():
    def first(x):
        return x.sin().exp()

    def second(x):
        return x.cos()

    with pytest.raises(
        CheckpointError, match=r"test_checkpoint.py:\d+ in first, then .*test_checkpoint.py:\d+ in second"
    ):
        checkpoint(Alternating(first, second), leaf(1.0), use_reentrant=False, debug=True).backward()
    with module.set_checkpoint_debug_enabled(True), pytest.raises(CheckpointError, match="in second"):
        checkpoint(Alternating(first, second), leaf(1.0), use_reentrant=False).backward()


def test_misuse():
    x = leaf(1.0)
    with pytest.raises(ValueError, match="determinism_check should be one of"):
        checkpoint(ember.sin, x, use_reentrant=False, determinism_check="all")
    with pytest.raises(ValueError, match="Unexpected keyword arguments: k"):
        checkpoint(ember.sin, x, use_reentrant=True, k=1)
    with pytest.raises(ValueError, match="only supported when use_reentrant=False"):
        checkpoint(ember.sin, x, use_reentrant=True, debug=True)
    with pytest.raises(ValueError, match="Unexpected keyword arguments: k"):
        checkpoint_sequential([ember.sin], 1, x, k=1)


def test_layers_in_segments():
    layers = nn.Sequential(*[nn.Linear(3, 3) for _ in range(5)])
    x = ember.randn(2, 3, requires_grad=True)
    expected = ember.autograd.grad(layers(x).sum(), [x, *layers.parameters()])
    for segments in (1, 2, 3, 5):
        result = checkpoint_sequential(layers, segments, x, use_reentrant=False)
        found = ember.autograd.grad(result.sum(), [x, *layers.parameters()])
        assert all((a == b).all() for a, b in zip(found, expected, strict=True))


def test_functions_beside_it():
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        module.check_backward_validity([ember.ones(1)])
    (x, three) = module.detach_variable((leaf(1.0).exp(), 3))
    assert x.is_leaf and x.requires_grad and three == 3
    assert module.get_device_states(x) == ([], [])
    module.set_device_states(*module.get_device_states())
