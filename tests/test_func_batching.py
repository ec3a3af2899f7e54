"""vmap against a loop over the samples: values, gradients for each sample, gradients through it, and both."""

import warnings

import numpy
import pytest

import ember as torch
from batching_cases import CASES, B, draw, index
from ember import nn
from ember.func import functional_call, grad, hessian, jacfwd, jacrev, stack_module_state, vjp, vmap
from ember.nn import functional as F

EPSILON = numpy.finfo(numpy.float64).eps


def values(x):
    return numpy.array(x.detach().tolist())


def assert_close(ours, expected, ulps=2**16):
    ours, expected = values(ours), values(expected)
    assert ours.shape == expected.shape
    scale = max(1.0, float(numpy.abs(expected).max(initial=0)))
    numpy.testing.assert_allclose(ours, expected, rtol=ulps * EPSILON, atol=ulps * EPSILON * scale)


def loop(f, in_dims):
    """The same as vmap(f, in_dims), sample by sample."""

    def mapped(*args):
        dims = in_dims if isinstance(in_dims, tuple) else (in_dims,) * len(args)
        rows = [x.unbind(d) if d is not None else [x] * B for x, d in zip(args, dims, strict=True)]
        results = [f(*sample) for sample in zip(*rows, strict=True)]
        if isinstance(results[0], tuple):
            return tuple(torch.stack(list(column)) for column in zip(*results, strict=True))
        return torch.stack(results)

    return mapped


def weighted(y):
    """A number that depends on every element in its own way."""
    return (y * torch.cos(torch.arange(y.numel(), dtype=y.dtype)).reshape(y.shape)).sum()


def floating(args):
    return tuple(i for i, x in enumerate(args) if x.is_floating_point())


@pytest.fixture(autouse=True)
def no_loops():
    """Every operation of the cases has a rule."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_a_loop(name):
    f, args, dims = CASES[name]
    assert_close(vmap(f, dims)(*args), loop(f, dims)(*args))


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_samples_are_those_of_a_loop(name):
    f, args, dims = CASES[name]
    of_sample = grad(lambda *a: weighted(f(*a)), floating(args))
    for ours, expected in zip(vmap(of_sample, dims)(*args), loop(of_sample, dims)(*args), strict=True):
        assert_close(ours, expected)


@pytest.mark.parametrize("name", CASES)
def test_gradients_pass_through(name):
    f, args, dims = CASES[name]
    chosen = floating(args)
    ours = grad(lambda *a: weighted(vmap(f, dims)(*a)), chosen)(*args)
    for found, expected in zip(ours, grad(lambda *a: weighted(loop(f, dims)(*a)), chosen)(*args), strict=True):
        assert_close(found, expected)


@pytest.mark.parametrize("name", CASES)
def test_gradients_pass_through_gradients_of_samples(name):
    f, args, dims = CASES[name]
    chosen = floating(args)
    of_sample = grad(lambda *a: weighted(f(*a)), chosen)

    def total(mapping):
        return grad(lambda *a: sum(weighted(x) for x in mapping(of_sample, dims)(*a)), chosen)(*args)

    for ours, expected in zip(total(vmap), total(loop), strict=True):
        assert_close(ours, expected, 2**22)


@pytest.mark.parametrize("name", [name for name, (_, args, dims) in CASES.items() if dims == 0 and len(args) == 1])
def test_nesting_and_jacobians(name):
    f, (x,), _ = CASES[name]
    twice = torch.stack([x, x * 2])
    assert_close(vmap(vmap(f))(twice), torch.stack([loop(f, 0)(twice[0]), loop(f, 0)(twice[1])]))
    y, pull = vjp(f, x[0])
    units = torch.eye(y.numel(), dtype=y.dtype).view(-1, *y.shape)
    rows = torch.stack([pull(unit)[0] for unit in units]).reshape((*y.shape, *x[0].shape))
    assert_close(jacrev(f)(x[0]), rows)
    assert_close(jacfwd(f)(x[0]), rows)
    assert_close(vmap(pull)(units)[0].view(rows.shape), rows)


# ---- what a function of samples may do ----


def test_a_function_runs_once():
    calls = []
    vmap(lambda x: calls.append(1) or x * 2)(draw(5, 2))
    assert len(calls) == 1


def test_samples_look_like_samples():
    def look(x):
        assert type(x) is torch.Tensor
        assert (x.shape, x.dtype, x.device.type, x.dim(), len(x)) == ((4,), torch.float64, "cpu", 1, 4)
        assert not x.requires_grad
        assert repr(x).startswith("BatchedTensor(lvl=1, bdim=0, value=\n    tensor([[")
        return x

    vmap(look)(draw(B, 4).requires_grad_())


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x.sum().item() * x,
        lambda x: torch.tensor(x.tolist()),
        lambda x: torch.tensor(x.numpy()),
        lambda x: x * float(x[0]),
        lambda x: torch.arange(int(x.sum())),
    ],
)
def test_numbers_in_samples_cannot_be_asked_for(f):
    with pytest.raises(RuntimeError, match="vmap"):
        vmap(f)(draw(B, 4))


def test_what_is_made_in_the_function_can_be_asked_for():
    def f(x):
        steps = torch.arange(3)
        assert steps.tolist() == [0, 1, 2] and int(steps.sum()) == 3
        return sum(x * int(i) for i in steps)

    x = draw(B, 4)
    assert_close(vmap(f)(x), 3 * x)


def test_shared_tensors_are_not_written_to():
    shared = torch.zeros(4, dtype=torch.float64)
    with pytest.raises(RuntimeError, match="all samples share"):
        vmap(lambda x: shared.add_(x))(draw(B, 4))
    with pytest.raises(RuntimeError, match="out="):
        vmap(lambda x: torch.add(x, x, out=shared))(draw(B, 4))
    with pytest.raises(RuntimeError, match="backward"):
        vmap(lambda x: x.sum().backward())(draw(B, 4).requires_grad_())


def test_an_operation_without_a_rule_warns():
    table, bags = draw(7, 2), index(7, B, 2, 3)
    with pytest.warns(UserWarning, match="performance drop"):
        result = vmap(F.embedding_bag, (0, None))(bags, table)
    assert_close(result, loop(F.embedding_bag, (0, None))(bags, table))


def test_samples_that_do_not_fit_in_shape():
    with (
        pytest.warns(UserWarning, match="performance drop"),
        pytest.raises(RuntimeError, match="the same for each sample"),
    ):
        vmap(lambda x: x.nonzero())(torch.tensor([[0.0, 1.0], [1.0, 1.0]]))


def test_types_meet_as_samples_do():
    single, double, whole = torch.ones(B, 2), torch.ones(B, dtype=torch.float64), torch.ones(B, dtype=torch.int64)
    f = lambda a, b: a * b  # noqa: E731
    assert vmap(f)(single, double).dtype is torch.float32
    assert vmap(f, (0, None))(whole, torch.tensor(1.0)).dtype is torch.float32
    assert vmap(f, (0, None))(double, torch.ones(2)).dtype is torch.float32
    assert vmap(f)(whole, double).dtype is torch.float64
    assert vmap(lambda a: a * 2.5)(whole).dtype is torch.float32


def test_chunks():
    x = draw(7, 4)
    for size in (1, 3, 7, 10):
        sums, pairs = vmap(lambda x: (x.sum(), torch.stack([x, x])), out_dims=(0, 1), chunk_size=size)(x)
        assert_close(sums, x.sum(1))
        assert_close(pairs, torch.stack([x, x]))
    assert_close(jacrev(torch.sin, chunk_size=3)(x[0]), x[0].cos().diag())


# ---- random numbers ----


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + torch.rand(4),
        lambda x: x + torch.randn_like(x),
        lambda x: F.dropout(x, 0.5),
        lambda x: torch.bernoulli(x.sigmoid()),
        lambda x: x + torch.randperm(4),
        lambda x: torch.multinomial(x.exp(), 2).to(x.dtype),
        lambda x: torch.normal(x, 1.0),
        lambda x: x + F.dropout(torch.ones(4), 0.5),
        lambda x: x.clone().uniform_(),
        lambda x: torch.poisson(x.exp() * 100),
    ],
)
def test_randomness(f):
    x = torch.ones(16, 4)
    with pytest.raises(RuntimeError, match="random operation"):
        vmap(f)(x)
    torch.manual_seed(0)
    different = {tuple(row) for row in vmap(f, randomness="different")(x).tolist()}
    assert len(different) > 1
    same = {tuple(row) for row in vmap(f, randomness="same")(x).tolist()}
    assert len(same) == 1


def test_gradients_know_what_dropout_drew():
    x = torch.ones(16, 4)
    f = lambda x: F.dropout(x * x, 0.5).sum()  # noqa: E731
    torch.manual_seed(0)
    slopes = vmap(grad(f), randomness="different")(x)
    torch.manual_seed(0)
    assert_close(slopes.sum(1), 2 * vmap(f, randomness="different")(x))


# ---- functions of the user, modules ----


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * 3 * x**2


class CubeOfArrays(Cube):
    @staticmethod
    def forward(x):
        return torch.tensor(x.detach().numpy() ** 3)

    @staticmethod
    def vmap(info, in_dims, x):
        assert info.batch_size == B and info.randomness == "error"
        return CubeOfArrays.apply(x), in_dims[0]


@pytest.mark.parametrize("function", [Cube, CubeOfArrays])
def test_functions_of_the_user(function):
    x = draw(B, 4)
    f = lambda a: function.apply(a).sum()  # noqa: E731
    assert_close(vmap(function.apply)(x), x**3)
    assert_close(vmap(grad(f))(x), 3 * x**2)
    assert_close(grad(lambda x: vmap(f)(x).sum())(x), 3 * x**2)
    assert_close(grad(lambda x: vmap(grad(f))(x).sum())(x), 6 * x)
    assert_close(vmap(hessian(f))(x), torch.diag_embed(6 * x))


def test_gradients_of_samples_of_a_network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 4)).double()
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    images, classes = draw(B, 1, 8, 8), index(4, B)

    def loss(parameters, image, target):
        return F.cross_entropy(functional_call(model, parameters, (image[None],)), target[None])

    found = vmap(grad(loss), (None, 0, 0))(parameters, images, classes)
    for i in range(B):
        model.zero_grad()
        F.cross_entropy(model(images[i : i + 1]), classes[i : i + 1]).backward()
        for name, parameter in model.named_parameters():
            assert_close(found[name][i], parameter.grad)


def test_batches_of_gradients():
    x = draw(4).requires_grad_()
    y, unused = x.sin(), draw(4).requires_grad_()
    found, nothing = torch.autograd.grad(
        y, (x, unused), torch.eye(4, dtype=torch.float64), is_grads_batched=True, allow_unused=True
    )
    assert_close(found, x.detach().cos().diag())
    assert nothing is None


LAYERS = {
    "recurrent": (lambda: nn.GRU(4, 6, batch_first=True), (B, 2, 5, 4), lambda y: y[0]),
    "attention": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval(), (B, 2, 5, 8), None),
    "evaluation": (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval(), (B, 2, 3, 6, 6), None),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), (B, 4), None),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    make, shape, pick = LAYERS[name]
    torch.manual_seed(0)
    model, x = make().double(), draw(*shape)
    state = {name: p.detach() for name, p in model.state_dict().items()}

    def f(state, x):
        y = functional_call(model, state, (x,))
        return weighted(pick(y) if pick else y)

    trained = {name: p for name, p in state.items() if p.is_floating_point()}
    fixed = {name: p for name, p in state.items() if not p.is_floating_point()}
    of_sample = grad(lambda trained, x: f({**trained, **fixed}, x))
    with warnings.catch_warnings():  # the gradients of recurrent layers by their weights run sample by sample
        warnings.filterwarnings("ignore", "There is a performance drop")
        found = vmap(of_sample, (None, 0))(trained, x)
    for i in range(B):
        for name, expected in of_sample(trained, x[i]).items():
            assert_close(found[name][i], expected)


def test_an_ensemble_in_training():
    models = [nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).double() for _ in range(B)]
    parameters, buffers = stack_module_state(models)
    x = draw(5, 4)
    result = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    for i, model in enumerate(models):
        assert_close(result[i], model(x))
        assert_close(buffers["1.running_mean"][i], model[1].running_mean)


@pytest.mark.parametrize(
    ("f", "shape", "text"),
    [
        (lambda x: x + torch.ones(5), (B, 4), r"shapes \(4,\) and \(5,\)"),
        (lambda x: F.linear(x, torch.ones(2, 5)), (B, 4), r"shape \(4,\)"),
        (lambda x: x.sum(3), (B, 4), "dim 3 of a 1-d tensor"),
        (lambda x: x.add_(torch.ones(2, 4)), (B, 4), r"shape \(4,\)"),
    ],
)
def test_errors_tell_the_shapes_of_samples(f, shape, text):
    with pytest.raises((RuntimeError, IndexError), match=text):
        vmap(f)(torch.ones(shape))


def test_what_is_kept_beyond_the_function_is_safe():
    kept = []
    vmap(lambda x: kept.extend([x, x.mT, torch.zeros(2)]) or x)(draw(B, 2, 2))
    sample, turned, made = kept
    for tensor in (sample, turned):
        for use in (torch.sum, torch.Tensor.tolist, torch.Tensor.share_memory_, torch.Tensor.data_ptr):
            with pytest.raises(RuntimeError, match="vmap"):
                use(tensor)
    assert (made + 1).tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="vmap"):
        made.share_memory_()
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 / 0)(draw(B, 4))
    assert (torch.ones(2) + torch.zeros(2)).tolist() == [1, 1]


def test_modes_within():
    def f(x):
        with torch.autograd.detect_anomaly(), torch.autocast("cpu", dtype=torch.bfloat16):
            return grad(lambda x: (x @ x).float().sum())(x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anomaly mode says that it is slow
        assert vmap(f)(torch.eye(2).expand(B, 2, 2)).tolist() == [[[2.0, 2.0], [2.0, 2.0]]] * B
