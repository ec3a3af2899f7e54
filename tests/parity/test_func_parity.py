"""`torch.func`, `autograd.functional` and `forward_ad` beside PyTorch's: signatures, values, structures, errors."""

import importlib
import inspect

import numpy
import pytest

import ember

torch = pytest.importorskip("torch")
LIBRARIES = (ember, torch)
FUNC = [
    "grad", "grad_and_value", "vmap", "vjp", "jvp", "linearize", "jacrev", "jacfwd", "hessian", "functionalize",
    "functional_call", "stack_module_state", "replace_all_batch_norm_modules_",
]  # fmt: skip
FUNCTIONAL = ["vjp", "jvp", "vhp", "hvp", "jacobian", "hessian"]
FORWARD_AD = ["dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual", "UnpackedDualTensor"]
TOLERANCE = 1e-12  # float64, sums of a few terms


def module_of(library, name):
    return importlib.import_module(f"{library.__name__}.{name}")


@pytest.mark.parametrize(
    "name",
    [
        *(f"func.{name}" for name in FUNC),
        *(f"autograd.functional.{name}" for name in FUNCTIONAL),
        *(f"autograd.forward_ad.{name}" for name in FORWARD_AD),
    ],
)
def test_signatures(name):
    module, name = name.rsplit(".", 1)
    ours, theirs = (
        inspect.signature(getattr(module_of(library, module), name)).parameters.values() for library in LIBRARIES
    )
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


def test_vmap_is_in_torch():
    assert ember.vmap is ember.func.vmap


def flat(tree):
    """Leaves as arrays, containers as lists with their kind."""
    if isinstance(tree, (ember.Tensor, torch.Tensor)):
        facts = str(tree.dtype), tuple(tree.shape), tree.requires_grad
        return [*facts, numpy.array(tree.detach().tolist())]
    if isinstance(tree, dict):
        return {key: flat(value) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return [type(tree).__name__, *(flat(each) for each in tree)]
    return None if callable(tree) else tree


def assert_same(ours, theirs):
    assert type(ours) is type(theirs)
    if isinstance(ours, dict):
        assert list(ours) == list(theirs)
        for key in ours:
            assert_same(ours[key], theirs[key])
    elif isinstance(ours, list):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_same(a, b)
    elif isinstance(ours, numpy.ndarray):
        numpy.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE)
    else:
        assert ours == theirs


class Inputs:
    """The same numbers for either library."""

    def __init__(self, library):
        random = numpy.random.default_rng(0)

        def draw(*shape):
            return library.tensor(random.standard_normal(shape))

        self.t, self.x, self.y, self.m = library, draw(3), draw(3), draw(2, 3)
        self.w = draw(3).requires_grad_()
        self.z = library.tensor([1 + 2j, -0.5j], dtype=library.complex128)
        self.n = library.arange(3)
        self.func = module_of(library, "func")
        self.functional = module_of(library, "autograd.functional")
        self.forward_ad = module_of(library, "autograd.forward_ad")


def cubes(x):
    return (x**3).sum()


def twisted(x, y):
    return {"a": x.sin() * y, "b": [x.cumsum(0)]}


def repr_within(i):
    """What a sample looks like when it is printed."""
    seen = []
    i.func.vmap(lambda x: seen.append(repr(x)) or x)(i.m)
    return seen[0]


VALUES = {
    "grad": lambda i: i.func.grad(cubes)(i.x),
    "grad, two arguments": lambda i: i.func.grad(lambda x, y: (x * x * y).sum(), (0, 1))(i.x, i.y),
    "grad by a dict": lambda i: i.func.grad(lambda p: (p["a"] * p["b"]).sum())({"a": i.x, "b": i.y}),
    "grad of grad": lambda i: i.func.grad(lambda x: i.func.grad(cubes)(x).sum())(i.x),
    "grad, captured": lambda i: i.func.grad(lambda x: (i.w * x * x).sum())(i.x),
    "grad, captured without need": lambda i: i.func.grad(lambda x: (i.w + x * x).sum())(i.x),
    "grad by what requires grad": lambda i: i.func.grad_and_value(cubes)(i.w),
    "grad of a constant": lambda i: i.func.grad(lambda x: i.t.tensor(1.0))(i.x),
    "grad, aux": lambda i: i.func.grad(lambda x: (cubes(x), {"y": x * 2}), has_aux=True)(i.x),
    "grad_and_value": lambda i: i.func.grad_and_value(cubes)(i.x),
    "grad_and_value, aux": lambda i: i.func.grad_and_value(lambda x: (cubes(x), x), has_aux=True)(i.x),
    "vjp": lambda i: i.func.vjp(lambda x: (x, x * 2), i.x)[1]((i.y, i.y)),
    "vjp, aux": lambda i: i.func.vjp(lambda x: (x.sin(), x), i.x, has_aux=True),
    "vjp, complex": lambda i: i.func.vjp(lambda z: z * z, i.z)[1](i.z),
    "jvp": lambda i: i.func.jvp(twisted, (i.x, i.y), (i.y, i.x)),
    "jvp, aux": lambda i: i.func.jvp(lambda x: (x.sin(), x), (i.x,), (i.y,), has_aux=True),
    "jvp, complex": lambda i: i.func.jvp(lambda z: z * z, (i.z,), (i.z,)),
    "jacrev": lambda i: i.func.jacrev(twisted, (0, 1))(i.x, i.y),
    "jacrev, aux": lambda i: i.func.jacrev(lambda x: (x.sin(), x), has_aux=True)(i.x),
    "jacfwd": lambda i: i.func.jacfwd(twisted, (0, 1))(i.x, i.y),
    "hessian": lambda i: i.func.hessian(lambda x, y: (x * x * y).sum(), (0, 1))(i.x, i.y),
    "hessian of a vector": lambda i: i.func.hessian(lambda x: x**3)(i.x),
    "vmap": lambda i: i.func.vmap(lambda a: {"s": a.sum(), "t": (a,)})(i.m),
    "vmap, dims": lambda i: i.func.vmap(lambda a, b: a * b, in_dims=(-1, None), out_dims=1)(i.m, i.m[:, 0]),
    "vmap, nested": lambda i: i.func.vmap(i.func.vmap(i.t.mul, (None, 0)), (0, None))(i.x, i.y),
    "vmap, tree": lambda i: i.func.vmap(lambda a, b: a["k"] * b, ({"k": 1}, 0))({"k": i.m}, i.x),
    "vmap, one result in a tuple of dims": lambda i: i.func.vmap(lambda a: a, out_dims=(1,))(i.m),
    "vmap, nothing": lambda i: i.func.vmap(lambda a: a.sum())(i.m[:0]),
    "vmap, None": lambda i: i.func.vmap(lambda a: (a, i.x, "word"), out_dims=(0, None, None))(i.m),
    "vmap of grad": lambda i: i.func.vmap(i.func.grad(lambda w, a: (w * a).sin().sum()), (None, 0))(i.x, i.m),
    "vmap of hessian": lambda i: i.func.vmap(i.func.hessian(cubes))(i.m),
    "vmap of vjp": lambda i: i.func.vmap(i.func.vjp(lambda x: x.sin() * x, i.x)[1])(i.m),
    "vmap of linear": lambda i: i.func.vmap(i.t.nn.functional.linear, (0, None))(i.m, i.m),
    "vmap of indices": lambda i: i.func.vmap(lambda x, j: (x[j], x.gather(0, j)))(i.m, i.n[None].expand(2, -1) * 0),
    "vmap, types": lambda i: i.func.vmap(lambda a, b: (a * b, a > b, a.float() * b))(i.m, i.m[:, 0]),
    "vmap, chunks": lambda i: i.func.vmap(lambda a: (a.sum(), a), out_dims=(0, 1), chunk_size=1)(i.m),
    "vmap, repr": lambda i: repr_within(i),
    "grad of vmap of grad": lambda i: i.func.grad(lambda m: i.func.vmap(i.func.grad(lambda a: (a**3).sum()))(m).sum())(
        i.m
    ),
    "batches of gradients": lambda i: i.t.autograd.grad(
        (i.w * i.w).sin(), i.w, i.t.eye(3, dtype=i.w.dtype), is_grads_batched=True
    ),
    "functional.vjp": lambda i: i.functional.vjp(lambda a, b: (a * b, a), (i.x, i.y), (i.y, i.y)),
    "functional.vjp, graph": lambda i: i.functional.vjp(lambda a: a * a, i.x, i.y, create_graph=True),
    "functional.jvp": lambda i: i.functional.jvp(lambda a, b: (a * b, a), (i.x, i.y), (i.y, i.y)),
    "functional.jvp, graph": lambda i: i.functional.jvp(lambda a: a * a, i.x, i.y, create_graph=True),
    "functional.jvp, one element": lambda i: i.functional.jvp(lambda a: a * a, i.x[0]),
    "functional.vhp": lambda i: i.functional.vhp(lambda a, b: (a * b * a).sum(), (i.x, i.y), (i.y, i.x)),
    "functional.hvp": lambda i: i.functional.hvp(lambda a, b: (a * b * a).sum(), (i.x, i.y), (i.y, i.x)),
    "functional.hvp, constant": lambda i: i.functional.hvp(lambda a: i.t.ones(()), i.x, i.y),
    "functional.jacobian": lambda i: i.functional.jacobian(lambda a, b: (a * b, a), (i.x, i.y)),
    "functional.jacobian, single in a tuple": lambda i: i.functional.jacobian(lambda a: (a * a,), (i.x,)),
    "functional.jacobian, graph": lambda i: i.functional.jacobian(lambda a: a * a, i.x, create_graph=True),
    "functional.jacobian, vectorized": lambda i: i.functional.jacobian(lambda a: a * a, i.x, vectorize=True),
    "functional.jacobian, forward": lambda i: i.functional.jacobian(
        lambda a: a.cumsum(0) * a, i.x, vectorize=True, strategy="forward-mode"
    ),
    "functional.hessian": lambda i: i.functional.hessian(lambda a, b: (a * b * a).sum(), (i.x, i.y)),
    "functional.hessian, linear": lambda i: i.functional.hessian(lambda a: a.sum(), i.x),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    ours, theirs = (flat(VALUES[name](Inputs(library))) for library in LIBRARIES)
    assert_same(ours, theirs)


def dual(i):
    with i.forward_ad.dual_level():
        x = i.forward_ad.make_dual(i.x, i.y)
        return [tuple(i.forward_ad.unpack_dual(each)) for each in (x, x.sin() * i.y, i.x)]


def test_dual_tensors():
    ours, theirs = (flat(dual(Inputs(library))) for library in LIBRARIES)
    assert_same(ours, theirs)


@pytest.mark.filterwarnings("ignore")
def test_linear_functions():
    results = []
    for library in LIBRARIES:
        i = Inputs(library)
        value, push = i.func.linearize(lambda x, y: (x * y, x), i.x, i.y)
        results.append(flat([value, push(i.y, i.x)]))
    assert_same(*results)


def test_stacked_modules():
    results = []
    for library in LIBRARIES:
        models = [library.nn.Sequential(library.nn.Linear(3, 2), library.nn.BatchNorm1d(2)) for _ in range(2)]
        results.append([
            {name: (tuple(x.shape), x.requires_grad, x.is_leaf) for name, x in tensors.items()}
            for tensors in module_of(library, "func").stack_module_state(models)
        ])  # fmt: skip
    assert results[0] == results[1]


ERRORS = {
    "grad, shape": lambda i: i.func.grad(lambda x: x)(i.x),
    "grad, integers": lambda i: i.func.grad(lambda x: x.sum())(i.n),
    "grad, number": lambda i: i.func.grad(lambda x: x)(1.0),
    "grad, returns a number": lambda i: i.func.grad(lambda x: 1.0)(i.x),
    "grad, complex": lambda i: i.func.grad(lambda z: z.sum())(i.z),
    "grad, aux": lambda i: i.func.grad(cubes, has_aux=True)(i.x),
    "grad, aux that is no tensor": lambda i: i.func.grad(lambda x: (cubes(x), 3), has_aux=True)(i.x),
    "grad, argnums": lambda i: i.func.grad(cubes, argnums=2)(i.x),
    "grad, argnums twice": lambda i: i.func.grad(cubes, argnums=(0, 0))(i.x),
    "grad, no argnums": lambda i: i.func.grad(cubes, argnums=())(i.x),
    "grad, argnums word": lambda i: i.func.grad(cubes, argnums="x")(i.x),
    "vjp, structure": lambda i: i.func.vjp(lambda x: (x, x), i.x)[1](i.x),
    "vjp, shape": lambda i: i.func.vjp(lambda x: x * 2, i.x)[1](i.x[:2]),
    "vjp, returns a number": lambda i: i.func.vjp(lambda x: 1, i.x),
    "jvp, list": lambda i: i.func.jvp(cubes, [i.x], [i.x]),
    "jvp, structure": lambda i: i.func.jvp(cubes, (i.x,), (i.x, i.x)),
    "jvp, shape": lambda i: i.func.jvp(cubes, (i.x,), (i.x[:2],)),
    "jvp, integers": lambda i: i.func.jvp(cubes, (i.n,), (i.n,)),
    "jvp, nothing": lambda i: i.func.jvp(lambda: i.x, (), ()),
    "jvp, strict": lambda i: i.func.jvp(lambda x: i.t.ones(2), (i.x,), (i.x,), strict=True),
    "jacrev, complex": lambda i: i.func.jacrev(lambda z: z * z)(i.z),
    "jacrev, complex result": lambda i: i.func.jacrev(lambda x: x * 1j)(i.x),
    "jacfwd, complex": lambda i: i.func.jacfwd(lambda z: z * z)(i.z),
    "jacfwd, complex result": lambda i: i.func.jacfwd(lambda x: x * 1j)(i.x),
    "jacrev, chunk": lambda i: i.func.jacrev(cubes, chunk_size=0)(i.x),
    "jacfwd, integers": lambda i: i.func.jacfwd(cubes)(i.n),
    "jacfwd, random": lambda i: i.func.jacfwd(lambda x: x * i.t.rand(3))(i.x),
    "functionalize": lambda i: i.func.functionalize(cubes, remove="views")(i.x),
    "vmap, no arguments": lambda i: i.func.vmap(lambda: i.x)(),
    "vmap, nothing mapped": lambda i: i.func.vmap(lambda x: x, None)(i.x),
    "vmap, nothing mapped in a tuple": lambda i: i.func.vmap(lambda x: x, (None,))(i.x),
    "vmap, sizes": lambda i: i.func.vmap(lambda a, b: a)(i.m, i.x),
    "vmap, number": lambda i: i.func.vmap(lambda a, b: a)(i.m, 2),
    "vmap, in_dims word": lambda i: i.func.vmap(cubes, in_dims="0")(i.m),
    "vmap, in_dims list": lambda i: i.func.vmap(cubes, in_dims=[0])(i.m),
    "vmap, in_dims count": lambda i: i.func.vmap(cubes, in_dims=(0, 0))(i.m),
    "vmap, in_dims float": lambda i: i.func.vmap(cubes, in_dims=(1.0,))(i.m),
    "vmap, in_dims range": lambda i: i.func.vmap(cubes, in_dims=2)(i.m),
    "vmap, scalar": lambda i: i.func.vmap(cubes)(i.t.tensor(1.0)),
    "vmap, returns a number": lambda i: i.func.vmap(lambda x: 2.0)(i.m),
    "vmap, returns None": lambda i: i.func.vmap(lambda x: None)(i.m),
    "vmap, out_dims count": lambda i: i.func.vmap(lambda x: (x, x), out_dims=(0, 1, 2))(i.m),
    "vmap, out_dims word": lambda i: i.func.vmap(cubes, out_dims="a")(i.m),
    "vmap, out_dims range": lambda i: i.func.vmap(lambda x: x, out_dims=3)(i.m),
    "vmap, out_dims None": lambda i: i.func.vmap(lambda x: x, out_dims=None)(i.m),
    "vmap, random": lambda i: i.func.vmap(lambda x: x + i.t.rand(3))(i.m),
    "vmap, dropout": lambda i: i.func.vmap(i.t.nn.functional.dropout)(i.m),
    "vmap, randomness": lambda i: i.func.vmap(cubes, randomness="some")(i.m),
    "vmap, chunk": lambda i: i.func.vmap(cubes, chunk_size=0)(i.m),
    "vmap, in place": lambda i: i.func.vmap(lambda a, b: b.add_(a), in_dims=(0, None))(i.m, i.x),
    "vmap, shapes": lambda i: i.func.vmap(lambda x: x[x > 0])(i.m),
    "vmap, if": lambda i: i.func.vmap(lambda x: x if x.sum() > 0 else -x)(i.m),
    "vmap, item": lambda i: i.func.vmap(lambda x: x * x.sum().item())(i.m),
    "vmap, numpy": lambda i: i.func.vmap(lambda x: i.t.tensor(x.numpy()))(i.m),
    "vmap, out": lambda i: i.func.vmap(lambda x: i.t.add(x, x, out=i.t.zeros(3)))(i.m),
    "vmap, backward": lambda i: i.func.vmap(lambda x: x.sum().backward())(i.m.requires_grad_()),
    "vmap, gradient of what is around": lambda i: i.func.vmap(lambda x: i.t.autograd.grad((i.w * x).sum(), i.w))(i.m),
    "stack, none": lambda i: i.func.stack_module_state([]),
    "stack, classes": lambda i: i.func.stack_module_state([i.t.nn.ReLU(), i.t.nn.GELU()]),
    "stack, modes": lambda i: i.func.stack_module_state([i.t.nn.ReLU(), i.t.nn.ReLU().eval()]),
    "stack, shapes": lambda i: i.func.stack_module_state([i.t.nn.Linear(2, 1), i.t.nn.Linear(3, 1)]),
    "functional.vjp, no v": lambda i: i.functional.vjp(lambda a: a, i.x),
    "functional.vjp, shape": lambda i: i.functional.vjp(lambda a: a, i.x, i.x[:2]),
    "functional.vjp, number": lambda i: i.functional.vjp(lambda a: a, 3, i.x),
    "functional.vjp, returns a number": lambda i: i.functional.vjp(lambda a: 3, i.x, i.x),
    "functional.vjp, integers": lambda i: i.functional.vjp(lambda a: a, i.n, i.x),
    "functional.jvp, strict": lambda i: i.functional.jvp(lambda a: i.x, i.x, i.x, strict=True),
    "functional.hvp, shape": lambda i: i.functional.hvp(lambda a: a, i.x, i.x),
    "functional.hvp, two": lambda i: i.functional.hvp(lambda a: (a.sum(), a.sum()), i.x, i.x),
    "functional.jacobian, strategy": lambda i: i.functional.jacobian(cubes, i.x, strategy="both"),
    "functional.jacobian, forward": lambda i: i.functional.jacobian(cubes, i.x, strategy="forward-mode"),
    "functional.jacobian, strict": lambda i: i.functional.jacobian(cubes, i.x, strict=True, vectorize=True),
    "functional.jacobian, forward graph": lambda i: i.functional.jacobian(
        cubes, i.x, create_graph=True, vectorize=True, strategy="forward-mode"
    ),
    "functional.hessian, shape": lambda i: i.functional.hessian(lambda a: a, i.x),
    "functional.hessian, strict": lambda i: i.functional.hessian(lambda a: a.sum(), i.x, strict=True),
    "dual, no level": lambda i: i.forward_ad.make_dual(i.x, i.x),
    "dual, exit": lambda i: i.forward_ad.exit_dual_level(),
    "dual, shape": lambda i: in_level(i, lambda: i.forward_ad.make_dual(i.x, i.x[:2])),
    "dual, integers": lambda i: in_level(i, lambda: i.forward_ad.make_dual(i.n, i.n)),
    "dual, number": lambda i: in_level(i, lambda: i.forward_ad.unpack_dual(3)),
    "dual, nested": lambda i: in_level(i, i.forward_ad.enter_dual_level),
    "dual, twice": lambda i: in_level(i, lambda: i.forward_ad.make_dual(i.forward_ad.make_dual(i.x, i.y), i.y)),
}


def in_level(i, function):
    with i.forward_ad.dual_level():
        return function()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ERRORS)
def test_error_types(name):
    kinds = []
    for library in LIBRARIES:
        with pytest.raises(Exception) as caught:
            ERRORS[name](Inputs(library))
        kinds.append(caught.type)
    assert kinds[0] is kinds[1], caught.value
