"""torch.func, autograd.functional and forward_ad against formulas, loops and central differences."""

import collections
import functools

import numpy
import pytest

import ember as torch
from ember import nn
from ember.autograd import forward_ad, functional, gradcheck
from ember.func import (
    functional_call,
    functionalize,
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    linearize,
    replace_all_batch_norm_modules_,
    stack_module_state,
    vjp,
    vmap,
)

EPSILON = numpy.finfo(numpy.float64).eps


def draw(*shape, seed=0):
    return torch.tensor(numpy.random.default_rng(seed).standard_normal(shape))


def values(x):
    return numpy.array(x.detach().tolist())


def assert_close(ours, expected, ulps=64):
    expected = values(expected) if isinstance(expected, torch.Tensor) else numpy.asarray(expected)
    assert tuple(ours.shape) == expected.shape
    numpy.testing.assert_allclose(values(ours), expected, rtol=ulps * EPSILON, atol=ulps * EPSILON)


def mixed(x):
    """From R^n to R^n, with a Jacobian that is not symmetric."""
    return x.sin() * x.cumsum(0)


def mixed_jacobian(x):
    x = values(x)
    lower = numpy.tri(len(x))
    return numpy.diag(numpy.cos(x) * numpy.cumsum(x)) + numpy.sin(x)[:, None] * lower


def cubes(x):
    return (x**3).sum()


# ---- derivatives ----


def test_gradients_of_gradients_nest():
    def f(x):
        return x**4

    x = torch.tensor(1.5, dtype=torch.float64)
    for order, expected in enumerate([4 * 1.5**3, 12 * 1.5**2, 24 * 1.5, 24.0, 0.0]):
        assert_close(functools.reduce(lambda g, _: grad(g), range(order + 1), f)(x), expected)


def test_an_inner_transform_does_not_see_the_outer_ones():
    x = torch.tensor(3.0, dtype=torch.float64)
    # d/dx (x * d/dy (x + y)), whose inner derivative is 1 whatever x: the confusion of perturbations would give 2.
    assert_close(grad(lambda x: x * grad(lambda y: x + y)(x))(x), 1)
    assert_close(grad(lambda x: x * jvp(lambda y: x + y, (x,), (torch.ones_like(x),))[1])(x), 1)
    assert_close(jvp(lambda x: x * grad(lambda y: x * y)(x), (x,), (torch.ones_like(x),))[1], 6)


def test_gradient_is_built_like_the_arguments():
    point = collections.namedtuple("point", "a b")

    def f(p, x):
        return (p.a * p.b["c"] * x).sum()

    p, x = point(draw(3), {"c": draw(3, seed=1)}), draw(3, seed=2)
    result = grad(f)(p, x)
    assert type(result) is point
    assert_close(result.a, values(p.b["c"]) * values(x))
    by_both = grad(f, argnums=(1, 0))(p, x)
    assert_close(by_both[0], values(p.a) * values(p.b["c"]))
    assert_close(by_both[1].b["c"], values(p.a) * values(x))
    assert_close(grad(f, argnums=-1)(p, x), by_both[0])


def test_value_and_aux():
    x = draw(4)
    (slope, (value, aux)) = grad_and_value(lambda x: (cubes(x), {"y": x * 2}), has_aux=True)(x)
    assert_close(slope, 3 * values(x) ** 2)
    assert_close(value, (values(x) ** 3).sum())
    assert_close(aux["y"], 2 * values(x))
    assert not (slope.requires_grad or value.requires_grad or aux["y"].requires_grad)
    assert_close(grad(lambda x: (cubes(x), x), has_aux=True)(x)[1], x)


def test_results_keep_the_graph_of_what_is_outside():
    x, w = draw(3), draw(3, seed=1).requires_grad_()
    inside = grad(lambda x: (w * x * x).sum())(x)
    inside.sum().backward()
    assert_close(w.grad, 2 * values(x))
    assert not grad(lambda x: (w + x * x).sum())(x).requires_grad
    with torch.no_grad():
        assert not grad(lambda x: (w * x * x).sum())(x).requires_grad
    y = x.clone().requires_grad_()
    grad(cubes)(y).sum().backward()
    assert_close(y.grad, 6 * values(x))
    assert x.grad is None and not x.requires_grad


def test_no_grad_inside_cuts_the_path():
    def f(x):
        with torch.no_grad():
            c = x * x
        return (c * x).sum()

    x = draw(3)
    assert_close(grad(f)(x), values(x) ** 2)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_modes_around_do_not_reach_inside(mode):
    x = draw(3)
    with mode():
        results = [
            hessian(cubes)(x),
            jacfwd(grad(cubes))(x),
            functional.hessian(cubes, x),
            functional.jacobian(grad(cubes), x),
        ]
    for result in results:
        assert_close(result, numpy.diag(6 * values(x)))
        assert not result.requires_grad


def test_custom_functions_have_forward_derivatives():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x * x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, gradient):
            return 2 * ctx.saved_tensors[0] * gradient

    x, v = draw(3), draw(3, seed=1)
    assert_close(jvp(Square.apply, (x,), (v,))[1], 2 * values(x) * values(v))
    assert_close(hessian(lambda x: Square.apply(x).sum())(x), 2 * numpy.eye(3))


def test_constant_and_unused_give_zeros():
    x = draw(3)
    assert_close(grad(lambda x, y: cubes(x), argnums=1)(x, x), numpy.zeros(3))
    assert_close(grad(lambda x: torch.tensor(1.0))(x), numpy.zeros(3))
    assert_close(jacrev(lambda x: torch.ones(2))(x), numpy.zeros((2, 3)))
    assert_close(jacfwd(lambda x: torch.ones(2))(x), numpy.zeros((2, 3)))
    assert_close(jvp(lambda x: torch.ones(2), (x,), (x,))[1], numpy.zeros(2))
    assert jacrev(lambda x: x[:0])(x).shape == (0, 3)
    assert jacfwd(mixed)(x[:0]).shape == (0, 0)


def test_products_with_jacobians():
    x, v = draw(5), draw(5, seed=1)
    jacobian = mixed_jacobian(x)
    value, pull = vjp(mixed, x)
    assert_close(value, mixed(x))
    for _ in range(2):
        assert_close(pull(v)[0], values(v) @ jacobian)
    assert_close(jvp(mixed, (x,), (v,))[1], jacobian @ values(v))
    value, push = linearize(mixed, x)
    for scale in (1, 2):
        assert_close(push(scale * v), scale * jacobian @ values(v))


def test_jacobians():
    x = draw(5)
    assert_close(jacrev(mixed)(x), mixed_jacobian(x))
    assert_close(jacfwd(mixed)(x), mixed_jacobian(x))

    def twice(x):
        return (mixed(x), {"y": mixed(x)})

    for result in (jacfwd(twice)(x), jacrev(twice)(x)):
        assert_close(result[0], mixed_jacobian(x))
        assert_close(result[1]["y"], mixed_jacobian(x))
    assert_close(jacrev(lambda x: x @ x)(draw(2, 2)).reshape(4, 4), jacfwd(lambda x: x @ x)(draw(2, 2)).reshape(4, 4))


@pytest.mark.parametrize("outer", [jacrev, jacfwd])
@pytest.mark.parametrize("inner", [jacrev, jacfwd])
def test_jacobians_of_jacobians(outer, inner):
    x = draw(3)
    expected = numpy.zeros((3, 3, 3))
    expected[range(3), range(3), range(3)] = 6 * values(x)
    assert_close(outer(inner(lambda x: x**3))(x), expected)
    assert_close(hessian(lambda x: x**3)(x), expected)


def test_hessian_by_several_arguments():
    def f(a, b):
        return (a * a * b).sum()

    a, b = draw(2), draw(2, seed=1)
    blocks = hessian(f, argnums=(0, 1))(a, b)
    assert_close(blocks[0][0], numpy.diag(2 * values(b)))
    assert_close(blocks[0][1], numpy.diag(2 * values(a)))
    assert_close(blocks[1][0], numpy.diag(2 * values(a)))
    assert_close(blocks[1][1], numpy.zeros((2, 2)))


OPERATIONS = {
    "matmul": lambda x: x @ x,
    "softmax": lambda x: x.softmax(-1),
    "layer_norm": lambda x: nn.functional.layer_norm(x, (3,)),
    "gelu": nn.functional.gelu,
    "conv1d": lambda x: nn.functional.conv1d(x[None], x[:, :, None].contiguous()),
    "sort": lambda x: x.sort(-1).values,
    "logsumexp": lambda x: x.logsumexp(0),
    "index": lambda x: x[[0, 2, 2]],
    "cross_entropy": lambda x: nn.functional.cross_entropy(x, torch.tensor([0, 1, 2])),
    "norm": lambda x: (x * x).sum().sqrt(),
    "in place": lambda x: (x * 1).mul_(x).t(),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_forward_derivatives_are_those_of_backward(name):
    f, x, v = OPERATIONS[name], draw(3, 3), draw(3, 3, seed=1)
    jacobian = jacrev(f)(x)
    along = (jacobian * v).sum((-2, -1))
    assert_close(jvp(f, (x,), (v,))[1], along, ulps=1024)
    tall = jacfwd(lambda x: torch.stack([f(x)] * 9))(x)  # more outputs than inputs: by columns
    assert_close(tall, numpy.stack([values(jacobian)] * 9), ulps=1024)
    assert_close(jacfwd(f)(x), jacobian, ulps=1024)


def test_gradients_of_transforms_are_right():
    x, v = draw(3).requires_grad_(), draw(3, seed=1).requires_grad_()
    assert gradcheck(lambda x, v: jvp(mixed, (x,), (v,))[1], (x, v))
    assert gradcheck(lambda x, v: vjp(mixed, x)[1](v)[0], (x, v))
    assert gradcheck(jacfwd(mixed), (x,))
    assert gradcheck(jacfwd(lambda x: torch.outer(x, x)), (x,))
    assert gradcheck(jacrev(mixed), (x,))
    assert gradcheck(vmap(grad(cubes)), (draw(2, 3).requires_grad_(),))


def test_complex_jvp_is_holomorphic():
    x = torch.tensor([1 + 2j, -0.5j], dtype=torch.complex128)
    v = torch.tensor([0.3 - 1j, 2 + 0j], dtype=torch.complex128)
    tangent = jvp(lambda z: z * z, (x,), (v,))[1]
    expected = 2 * numpy.array(x.tolist()) * numpy.array(v.tolist())
    numpy.testing.assert_allclose(numpy.array(tangent.tolist()), expected, rtol=8 * EPSILON)


def test_functionalize_keeps_results_and_effects():
    x = torch.zeros(2)
    assert_close(functionalize(lambda x: x.add_(1))(x), [1.0, 1.0])
    assert_close(x, [1.0, 1.0])


# ---- vmap ----


def test_dims_of_arguments_and_results():
    x = draw(2, 3, 4)
    for dim in range(-3, 3):
        f = vmap(lambda a: a * 2, in_dims=dim, out_dims=dim)
        assert_close(f(x), 2 * values(x))
    moved = vmap(lambda a: a, in_dims=1, out_dims=-1)(x)
    assert_close(moved, values(x).transpose(0, 2, 1))
    outer = vmap(vmap(torch.mul, in_dims=(None, 0)), in_dims=(0, None))
    assert_close(outer(draw(3), draw(4)), numpy.outer(values(draw(3)), values(draw(4))))


def test_trees_of_arguments_and_results():
    a, b = draw(3, 2), draw(2, 3, seed=1)

    def f(pair, scale, *, extra):
        return {"sum": pair["a"] + pair["b"][0], "rest": (scale * extra, pair["a"].sum())}

    result = vmap(f, in_dims=({"a": 0, "b": 1}, None), out_dims={"sum": 1, "rest": 0})(
        {"a": a, "b": (b,)}, 3.0, extra=torch.arange(3.0)
    )
    assert_close(result["sum"], (values(a) + values(b).T).T)
    assert_close(result["rest"][0], [0.0, 3.0, 6.0])
    assert_close(result["rest"][1], values(a).sum(1))
    assert isinstance(vmap(lambda x: x.max(0))(a), type(a.max(0)))


def test_what_is_the_same_for_all_samples():
    x = draw(3, 2)
    y, constant, word = vmap(lambda a: (a, torch.ones(2), "word"), out_dims=(0, None, None))(x)
    assert_close(y, x)
    assert_close(constant, numpy.ones(2))
    assert word == "word"
    assert vmap(lambda a: torch.ones(2))(x).shape == (3, 2)


def test_no_samples():
    assert vmap(lambda a: a.sum())(torch.ones(0, 3)).shape == (0,)
    assert vmap(lambda a: a * 2, out_dims=1)(torch.ones(0, 3)).shape == (3, 0)


def test_changes_in_place_reach_mapped_arguments():
    x = torch.zeros(2, 3)
    vmap(lambda a: a.add_(1))(x)
    assert_close(x, numpy.ones((2, 3)))


def test_random_numbers():
    x = torch.zeros(4, 3)

    def noisy(a):
        return a + torch.rand(3)

    state = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="called random operation"):
        vmap(noisy)(x)
    assert bool((torch.get_rng_state() == state).all())
    same = values(vmap(noisy, randomness="same")(x))
    assert (same == same[0]).all() and same.any()
    different = values(vmap(noisy, randomness="different")(x))
    assert len({tuple(row) for row in different}) == 4
    with pytest.raises(RuntimeError, match="called random operation"):
        jacfwd(noisy)(x[0])
    assert_close(jacfwd(noisy, randomness="same")(x[0]), numpy.eye(3))


def test_gradients_of_samples():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    x, target = draw(5, 3), torch.tensor([0, 1, 1, 0, 1])

    def loss(parameters, x, target):
        return nn.functional.cross_entropy(functional_call(model, parameters, (x[None],)), target[None])

    of_samples = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, x, target)
    for i in range(5):
        model.zero_grad()
        nn.functional.cross_entropy(model(x[i : i + 1]), target[i : i + 1]).backward()
        for name, parameter in model.named_parameters():
            assert_close(of_samples[name][i], parameter.grad)


def test_gradient_passes_through_vmap():
    x = draw(4, 3)
    assert_close(grad(lambda x: vmap(cubes)(x).sum())(x), 3 * values(x) ** 2)
    assert_close(vmap(hessian(cubes))(x), [numpy.diag(6 * row) for row in values(x)])
    assert_close(vmap(jacrev(mixed))(x), [mixed_jacobian(row) for row in x])


def test_chunks_change_nothing():
    x = draw(5, 3)
    assert_close(vmap(cubes, chunk_size=2)(x), vmap(cubes)(x))
    assert_close(jacrev(mixed, chunk_size=2)(x[0]), mixed_jacobian(x[0]))


# ---- modules ----


def test_an_ensemble():
    models = [nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval() for _ in range(3)]
    parameters, buffers = stack_module_state(models)
    assert all(p.is_leaf and p.requires_grad for p in parameters.values())
    assert buffers["1.num_batches_tracked"].shape == (3,)
    x = torch.randn(4, 3)

    def run(p, b):
        return functional_call(models[0], (p, b), (x,))

    result = vmap(run)(parameters, buffers)
    for i, model in enumerate(models):
        assert_close(result[i], model(x))
    result.sum().backward()
    assert parameters["0.weight"].grad.shape == (3, 2, 3)


def test_batch_norms_without_running_averages():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3), nn.InstanceNorm1d(3, track_running_stats=True))
    assert replace_all_batch_norm_modules_(model) is model
    assert model[0].running_mean is None and not model[0].track_running_stats
    assert model[2].track_running_stats
    assert "0.running_mean" not in model.state_dict()


# ---- autograd.functional ----


def test_functional_products():
    x, v = draw(4), draw(4, seed=1)
    jacobian = mixed_jacobian(x)
    assert_close(functional.vjp(mixed, x, v)[1], values(v) @ jacobian)
    assert_close(functional.jvp(mixed, x, v)[1], jacobian @ values(v))
    for product in (functional.vhp, functional.hvp):
        value, result = product(lambda x: mixed(x).sum(), x, v)
        assert_close(value, values(mixed(x)).sum())
        assert_close(result, values(hessian(lambda x: mixed(x).sum())(x)) @ values(v))


def test_functional_jacobians():
    x, y = draw(3), draw(2, seed=1)

    def f(x, y):
        return (x[:, None] * y, y)

    blocks = functional.jacobian(f, (x, y))
    assert_close(blocks[0][0], jacrev(f)(x, y)[0])
    assert_close(blocks[0][1], jacrev(f, argnums=1)(x, y)[0])
    assert_close(blocks[1][0], numpy.zeros((2, 3)))
    for strategy in ("forward-mode", "reverse-mode"):
        at_once = functional.jacobian(f, (x, y), vectorize=True, strategy=strategy)
        for row, other in zip(blocks, at_once, strict=True):
            for block, same in zip(row, other, strict=True):
                assert_close(same, block)
    assert_close(functional.hessian(cubes, x, vectorize=True), numpy.diag(6 * values(x)))
    assert_close(functional.hessian(cubes, x), numpy.diag(6 * values(x)))
    assert_close(functional.hessian(cubes, (x,))[0][0], numpy.diag(6 * values(x)))
    by_both = functional.hessian(lambda x, y: (x.sum() * y * y).sum(), (x, y))
    assert_close(by_both[1][0], numpy.tile(2 * values(y)[:, None], 3))


def test_functional_results_can_be_differentiated():
    x = draw(3).requires_grad_()
    v = draw(3, seed=1)
    assert gradcheck(lambda x: functional.jacobian(mixed, x, create_graph=True), (x,))
    assert gradcheck(lambda x: functional.jvp(mixed, x, v, create_graph=True)[1], (x,))
    assert gradcheck(lambda x: functional.hessian(lambda x: (x**4).sum(), x, create_graph=True), (x,))
    assert not functional.jacobian(mixed, x).requires_grad


def test_strict_mode():
    x = draw(3)
    for call in (functional.vjp, functional.jvp):
        with pytest.raises(RuntimeError, match="does not require gradients"):
            call(lambda x: torch.ones(3), x, x, strict=True)
        with pytest.raises(RuntimeError, match="independent of input 1"):
            call(lambda x, y: x * 2, (x, x), x if call is functional.vjp else (x, x), strict=True)
    for call in (functional.vhp, functional.hvp):
        with pytest.raises(RuntimeError, match="independent of input 0"):
            call(lambda x: x.sum(), x, x, strict=True)
    with pytest.raises(RuntimeError, match="independent of input 0"):
        functional.hessian(lambda x: x.sum(), x, strict=True)
    assert_close(functional.hessian(cubes, x, strict=True), numpy.diag(6 * values(x)))


# ---- forward_ad ----


def test_dual_tensors():
    x, v = draw(3), draw(3, seed=1)
    with forward_ad.dual_level() as level:
        assert level == 0
        dual = forward_ad.make_dual(x, v)
        assert_close(forward_ad.unpack_dual(dual).tangent, v)
        other = forward_ad.make_dual(v, x)
        value, tangent = forward_ad.unpack_dual(dual.sin() * other)
        assert_close(value, numpy.sin(values(x)) * values(v))
        assert_close(tangent, numpy.cos(values(x)) * values(v) ** 2 + numpy.sin(values(x)) * values(x))
        assert not value.requires_grad and not tangent.requires_grad
        assert forward_ad.unpack_dual(x).tangent is None
        outside = dual * 2
    assert forward_ad.unpack_dual(outside).tangent is None


def test_dual_levels_record_within_no_grad():
    x = draw(3)
    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(x, torch.ones_like(x))
        assert_close(forward_ad.unpack_dual(dual * dual).tangent, 2 * values(x))
        with torch.no_grad(), pytest.raises(RuntimeError, match="recording is off"):
            forward_ad.unpack_dual(dual * dual)
    assert torch.is_grad_enabled()


def test_tangents_can_be_differentiated():
    x = draw(3).requires_grad_()
    with forward_ad.dual_level():
        tangent = forward_ad.unpack_dual(forward_ad.make_dual(x, torch.ones_like(x)) ** 3).tangent
    tangent.sum().backward()
    assert_close(x.grad, 6 * values(x))


def test_dual_tensors_can_be_changed_in_place():
    x, v = draw(3), draw(3, seed=1)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x.clone(), v)
        dual.mul_(2)
        value, tangent = forward_ad.unpack_dual(dual)
        assert_close(value, 2 * values(x))
        assert_close(tangent, 2 * values(v))
        whole = torch.zeros(3, dtype=torch.float64)
        whole[1:] = dual[1:] ** 2
        assert_close(forward_ad.unpack_dual(whole).tangent, [0, *(8 * values(x) * values(v))[1:]])
