"""The graph and its engine: accumulation, retained and created graphs, hooks, views changed in place, user functions."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import ember
from ember import nn


def leaf(*values: float) -> ember.Tensor:
    return ember.tensor(list(values), dtype=ember.float64, requires_grad=True)


def test_gradients_accumulate_until_they_are_cleared():
    x = leaf(1.0, 2.0)
    for times in (1, 2, 3):
        (x * x).sum().backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
    x.grad = None
    (x * 3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_a_leaf_used_twice_and_a_shared_subexpression():
    x = leaf(3.0)
    y = x * 2
    (y * y + y * x).backward()  # 4x^2 + 2x^2
    assert x.grad.item() == 36.0


def test_backward_twice_needs_retain_graph():
    x = leaf(2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8.0
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_second_and_third_derivatives():
    x = leaf(0.5)
    y = x.sin()
    for expected in (np.cos(0.5), -np.sin(0.5), -np.cos(0.5), np.sin(0.5)):
        (y,) = ember.autograd.grad(y, x, create_graph=True)
        assert abs(y.item() - expected) < 1e-15


def test_grad_leaves_grad_alone_and_knows_unused_inputs():
    x, z = leaf(1.0), leaf(1.0)
    y = x * 2
    assert ember.autograd.grad(y, x)[0].item() == 2.0 and x.grad is None
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        ember.autograd.grad(x * 2, [x, z])
    assert ember.autograd.grad(x * 2, [x, z], allow_unused=True)[1] is None
    assert ember.autograd.grad(x * 2, [x, z], materialize_grads=True)[1].tolist() == [0.0]


def test_grad_of_intermediate_results():
    x = leaf(2.0)
    y = x * x
    z = y * y
    gy, gx = ember.autograd.grad(z, [y, x])
    assert gy.item() == 8.0 and gx.item() == 32.0


def test_backward_into_chosen_inputs_only():
    x, w = leaf(1.0), leaf(2.0)
    (x * w).backward(inputs=[w])
    assert x.grad is None and w.grad.item() == 1.0


def test_gradient_must_fit_the_output():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    with pytest.raises(RuntimeError, match="Mismatch in shape"):
        (x * 2).backward(ember.ones(3, dtype=ember.float64))
    (x * 2).backward(ember.tensor([1.0, 10.0], dtype=ember.float64))
    assert x.grad.tolist() == [2.0, 20.0]


def test_modes():
    x = leaf(1.0)
    with ember.no_grad():
        assert not (x * 2).requires_grad
        with ember.enable_grad():
            assert (x * 2).requires_grad
        with ember.set_grad_enabled(True):
            assert ember.is_grad_enabled()
        assert not ember.is_grad_enabled()
    assert (x * 2).requires_grad

    @ember.no_grad()
    def silent(t):
        return t * 2

    assert not silent(x).requires_grad
    with ember.inference_mode():
        y = ember.ones(2)
        assert y.is_inference() and not (x * 2).requires_grad
    with pytest.raises(ZeroDivisionError), ember.no_grad():
        raise ZeroDivisionError
    assert ember.is_grad_enabled()


def test_no_grad_generators_do_not_leak_their_mode():
    @ember.no_grad()
    def numbers():
        for i in range(2):
            assert not ember.is_grad_enabled()
            yield i

    for _ in numbers():
        assert ember.is_grad_enabled()


def test_leaves_refuse_changes_in_place():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad"):
        x[0].add_(1)
    with ember.no_grad():
        x.add_(1)
    assert x.tolist() == [2.0, 3.0] and x.is_leaf


def test_saved_tensors_changed_in_place_are_an_error():
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y * y
    y.add_(1)
    with pytest.raises(
        RuntimeError, match=r"mul's saved .* has been modified by an inplace operation \(version 1, saved at 0\)"
    ):
        z.sum().backward()
    y = (x * 1).sigmoid()
    z = y.sum()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="sigmoid's saved output"):
        z.backward()


def test_data_changes_are_not_noticed():
    x = leaf(1.0, 2.0)
    y = x * x
    x.data.mul_(10)
    assert x._version == 0
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 40.0]


def test_in_place_results_are_part_of_the_graph():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.exp_()
    (y * 3).sum().backward()
    assert np.allclose(x.grad.numpy(), 3 * np.exp([1.0, 2.0]), rtol=1e-15)


def test_views_share_versions_and_gradients():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    y = (x * 1).view(2, 2)
    row = y[0]
    row.mul_(5)
    assert y._version == row._version == 1
    y.sum().backward()
    assert x.grad.tolist() == [5.0, 5.0, 1.0, 1.0]


def test_a_view_sees_what_its_base_became():
    w = leaf(2.0)
    base = ember.zeros(2, 2, dtype=ember.float64)
    view = base.view(4)
    base[0] = w * 3
    assert base.requires_grad and view.requires_grad
    view.sum().backward()
    assert w.grad.item() == 6.0


def test_assignment_into_a_constant_tensor():
    w = leaf(2.0, 5.0)
    c = ember.zeros(4, dtype=ember.float64)
    c[1:3] = w * w
    (c * ember.arange(4, dtype=ember.float64)).sum().backward()
    assert w.grad.tolist() == [4.0, 20.0]


def test_overlapping_views_add_up():
    x = leaf(1.0, 2.0, 3.0)
    x.unfold(0, 2, 1).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0, 1.0]
    x.grad = None
    x.expand(5, 3).sum().backward()
    assert x.grad.tolist() == [5.0, 5.0, 5.0]


def test_tensor_hooks():
    x = leaf(1.0)
    seen = []
    y = x * 2
    handle = y.register_hook(lambda g: seen.append(g.item()))
    y.register_hook(lambda g: g * 10)
    (y * 3).backward()
    assert seen == [3.0] and x.grad.item() == 60.0
    handle.remove()
    (x * 2 * 3).backward()
    assert seen == [3.0]
    x.register_hook(lambda g: g + 1)
    x.grad = None
    (x * 2).backward()
    assert x.grad.item() == 3.0
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        ember.ones(1).register_hook(print)


def test_retained_gradients_and_node_hooks():
    x = leaf(1.0)
    y = x * 2
    y.retain_grad()
    z = y * 3
    order = []
    z.grad_fn.register_prehook(lambda outputs: order.append(("before", outputs[0].item())))
    z.grad_fn.register_hook(lambda inputs, outputs: order.append(("after", inputs[0].item())))
    z.backward()
    assert y.grad.item() == 3.0 and y.retains_grad and not y.is_leaf
    assert order == [("before", 1.0), ("after", 3.0)]


def test_post_accumulate_hooks():
    x = leaf(1.0)
    seen = []
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.item()))
    (x * 4).backward()
    assert seen == [4.0]


def test_identity_and_attributes_survive_in_the_graph():
    x = nn.Parameter(ember.ones(2))
    x.note = "kept"
    y = (x * 2).sum()
    identity = id(x)
    y.backward()
    grad = x.grad
    assert x.grad is grad
    holder = y.grad_fn.next_functions[0][0].next_functions[0][0]
    del x
    gc.collect()
    again = holder.variable
    assert type(again) is nn.Parameter and again.note == "kept" and id(again) == identity


def test_graphs_are_freed_without_the_garbage_collector():
    gc.disable()
    try:
        x = leaf(1.0)
        y = (x * 2).exp().sigmoid()
        y.grad_fn.register_hook(lambda a, b: None)
        reference = weakref.ref(y)
        y.sum().backward()
        del y
        assert reference() is None
    finally:
        gc.enable()


def test_long_chains_run_and_are_freed_without_recursion():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1.0
    z = x
    for _ in range(100_000):
        z = z * 1.0
    del z


class Cube(ember.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * 3 * x * x


def test_functions():
    x = leaf(2.0)
    y = Cube.apply(x)
    assert y.grad_fn.name() == "CubeBackward"
    (g,) = ember.autograd.grad(y, x, create_graph=True)
    (gg,) = ember.autograd.grad(g, x)
    assert (y.item(), g.item(), gg.item()) == (8.0, 12.0, 12.0)
    assert ember.autograd.gradcheck(Cube.apply, [leaf(1.5, -0.5)])
    assert ember.autograd.gradgradcheck(Cube.apply, [leaf(1.5, -0.5)])
    with ember.no_grad():
        assert not Cube.apply(x).requires_grad


def test_function_with_several_outputs_and_setup_context():
    class Split(ember.autograd.Function):
        @staticmethod
        def forward(x, scale):
            return x * scale, (x > 0).to(ember.int64)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.scale = inputs[1]
            ctx.mark_non_differentiable(output[1])

        @staticmethod
        def backward(ctx, gradient, _):
            return gradient * ctx.scale, None

    x = leaf(2.0, -1.0)
    y, positive = Split.apply(x, 4.0)
    assert positive.tolist() == [1, 0] and not positive.requires_grad
    y.sum().backward()
    assert x.grad.tolist() == [4.0, 4.0]


def test_function_that_saves_its_output_is_freed():
    class Exponential(ember.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            result = x.exp()
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx, gradient):
            return gradient * ctx.saved_tensors[0]

    x = leaf(1.0)
    assert ember.autograd.gradgradcheck(Exponential.apply, [x])
    gc.disable()
    try:
        y = Exponential.apply(x)
        reference = weakref.ref(y)
        del y
        assert reference() is None
    finally:
        gc.enable()


def test_function_errors():
    class Wrong(ember.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    with pytest.raises(
        RuntimeError, match=r"WrongBackward returned an incorrect number of gradients \(expected 2, got 1\)"
    ):
        Wrong.apply(leaf(1.0), leaf(1.0)).backward()


def test_backward_within_backward():
    class Checkpointed(ember.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.exp()

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            with ember.enable_grad():
                again = x.detach().requires_grad_()
                again.exp().backward(gradient)
            return again.grad

    x = leaf(0.5)
    (Checkpointed.apply(x) * 2).backward()
    assert abs(x.grad.item() - 2 * np.exp(0.5)) < 1e-15


def test_anomaly_mode_names_the_forward_line():
    x = leaf(-1.0)
    with ember.autograd.detect_anomaly():
        y = x.sqrt()  # the line that is to blame
        with pytest.raises(RuntimeError, match=r"(?s)'SqrtBackward0' returned nan values.*y = x.sqrt\(\)"):
            y.backward()
    assert not ember.is_anomaly_enabled()


def test_requires_grad_is_for_floating_leaves():
    with pytest.raises(RuntimeError, match="only Tensors of floating point and complex dtype can require gradients"):
        ember.arange(3).requires_grad_()
    y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        y.requires_grad = False
    assert not y.detach().requires_grad and y.detach().data_ptr() == y.data_ptr()


def test_complex_gradients_follow_the_conjugate_convention():
    z = ember.tensor([1 + 2j, -0.5 + 1j], dtype=ember.complex128, requires_grad=True)
    assert ember.autograd.gradcheck(lambda t: t * t, [z])
    assert ember.autograd.gradcheck(lambda t: t.exp(), [z])
    assert ember.autograd.gradcheck(lambda t: (t * t.conj()).real, [z])


def test_gradcheck_finds_a_wrong_gradient():
    class Off(ember.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2.01

    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        ember.autograd.gradcheck(Off.apply, [leaf(1.0)])
    assert not ember.autograd.gradcheck(Off.apply, [leaf(1.0)], raise_exception=False)


def test_saved_tensors_pass_through_hooks():
    x = leaf(1.0, 2.0)
    packed = []

    def pack(tensor):
        packed.append(tensor.tolist())
        return tensor.detach().numpy().copy()

    with ember.autograd.graph.saved_tensors_hooks(pack, ember.from_numpy):
        y = (x * x).exp()
    assert packed == [[1.0, 2.0], [1.0, 2.0], y.tolist()]
    (g,) = ember.autograd.grad(y.sum(), x, create_graph=True)
    assert np.allclose(g.detach().numpy(), 2 * np.array([1, 2]) * np.exp([1.0, 4.0]), rtol=1e-14)
    (gg,) = ember.autograd.grad(g.sum(), x)
    assert np.allclose(gg.numpy(), (2 + 4 * np.array([1.0, 4.0])) * np.exp([1.0, 4.0]), rtol=1e-14)
    with ember.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t[:1]):
        z = (x * x).sum()
    with pytest.raises(RuntimeError, match="expected float64 of shape"):
        z.backward()


def test_checkpoint_gives_the_same_gradients_with_less_memory():
    from ember.utils.checkpoint import checkpoint, checkpoint_sequential

    ember.manual_seed(0)
    net = nn.Sequential(*[nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Tanh()) for _ in range(4)])
    x = ember.randn(5, 8, requires_grad=True)

    def gradients(run):
        ember.manual_seed(1)
        net.zero_grad()
        x.grad = None
        run(x).sum().backward()
        return [x.grad.clone(), *[p.grad.clone() for p in net.parameters()]]

    expected = gradients(net)
    for found in (
        gradients(lambda t: checkpoint(net, t, use_reentrant=False)),
        gradients(lambda t: checkpoint_sequential(net, 2, t)),
    ):
        assert all(ember.equal(a, b) for a, b in zip(expected, found, strict=True))

    saved = []
    with ember.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        checkpoint(net, x, use_reentrant=False).sum()
    assert len(saved) == 0  # the checkpoint's own hooks took them


def test_numpy_of_what_requires_grad_needs_no_grad():
    x = ember.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        x.numpy()
    with ember.no_grad():
        x.numpy()[0] = 5
    assert x.tolist() == [5, 1]


@pytest.mark.parametrize(
    "f",
    [
        lambda z: z.abs(),
        lambda z: (z * 1j).abs() ** 2,
        lambda z: (2j / z).real,
        lambda z: z.sgn().imag,
        lambda z: ember.view_as_real(z - 3j * z),
    ],
)
def test_recorded_gradients_of_complex_numbers_are_those_that_are_not(f):
    z = ember.tensor([1 + 2j, 3 - 1j], dtype=ember.complex128, requires_grad=True)
    (plain,) = ember.autograd.grad(f(z).sum(), z)
    (recorded,) = ember.autograd.grad(f(z).sum(), z, create_graph=True)
    np.testing.assert_allclose(recorded.detach().numpy(), plain.numpy(), rtol=2**-48)
    assert ember.autograd.gradcheck(f, (z,)) and ember.autograd.gradgradcheck(f, (z,))


def test_recorded_gradients_read_integers_in_the_type_that_they_met():
    x, count = ember.tensor(1.0, dtype=ember.float64, requires_grad=True), ember.tensor(6)
    (slope,) = ember.autograd.grad(x / count, x, create_graph=True)
    assert slope.item() == 1 / 6


def test_a_change_through_one_view_is_seen_by_the_others():
    x = ember.arange(1.0, 4.0).requires_grad_()
    whole = ember.zeros(3, 3)
    turned, seen = whole.mT, whole[:]
    turned.diagonal().copy_(x)
    (seen * seen).sum().backward()
    assert x.grad.tolist() == [2, 4, 6]
    (slope,) = ember.autograd.grad((ember.diag_embed(x) ** 2).sum(), x)
    assert slope.tolist() == [2, 4, 6]
