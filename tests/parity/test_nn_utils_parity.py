"""`nn.utils` beside PyTorch's: values, gradients, state dicts, reprs, signatures and errors."""

import importlib
import inspect
import warnings

import numpy
import pytest

import ember

torch = pytest.importorskip("torch")
LIBRARIES = (ember, torch)


def module_of(library, name):
    return importlib.import_module(f"{library.__name__}.{name}")


def linear(library, rows=4, columns=3, dtype="float64"):
    random = numpy.random.default_rng(0)
    layer = library.nn.Linear(columns, rows, dtype=getattr(library, dtype))
    with library.no_grad():
        layer.weight.copy_(library.tensor(random.standard_normal((rows, columns))))
        layer.bias.copy_(library.tensor(random.standard_normal(rows)))
    return layer


def values(x):
    return numpy.array(x.detach().double().tolist())


@pytest.mark.parametrize(
    "name",
    [
        "nn.utils.parametrize.register_parametrization", "nn.utils.parametrize.remove_parametrizations",
        "nn.utils.parametrize.is_parametrized", "nn.utils.parametrize.cached",
        "nn.utils.parametrize.transfer_parametrizations_and_params",
        "nn.utils.parametrize.type_before_parametrizations", "nn.utils.parametrizations.weight_norm",
        "nn.utils.parametrizations.spectral_norm", "nn.utils.weight_norm", "nn.utils.remove_weight_norm",
        "nn.utils.spectral_norm", "nn.utils.remove_spectral_norm", "nn.utils.fuse_conv_bn_eval",
        "nn.utils.fuse_conv_bn_weights", "nn.utils.fuse_linear_bn_eval", "nn.utils.fuse_linear_bn_weights",
        "nn.utils.skip_init", "nn.utils.clip_grad_norm_", "nn.utils.clip_grads_with_norm_", "nn.utils.get_total_norm",
        "nn.utils.convert_conv2d_weight_memory_format", "nn.utils.stateless.functional_call", "func.functional_call",
        *(f"nn.utils.prune.{name}" for name in (
            "identity", "random_unstructured", "l1_unstructured", "random_structured", "ln_structured",
            "global_unstructured", "custom_from_mask", "remove", "is_pruned")),
    ],
)  # fmt: skip
def test_signatures(name):
    module, name = name.rsplit(".", 1)
    ours, theirs = (
        inspect.signature(getattr(module_of(library, module), name)).parameters.values() for library in LIBRARIES
    )
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


CASES = {
    "weight_norm": lambda t: t.nn.utils.parametrizations.weight_norm(linear(t)),
    "weight_norm columns": lambda t: t.nn.utils.parametrizations.weight_norm(linear(t), dim=1),
    "weight_norm of all": lambda t: t.nn.utils.parametrizations.weight_norm(linear(t), dim=None),
    "spectral_norm": lambda t: t.nn.utils.parametrizations.spectral_norm(linear(t)),
    "old weight_norm": lambda t: t.nn.utils.weight_norm(linear(t)),
    "old spectral_norm": lambda t: t.nn.utils.spectral_norm(linear(t)),
    "l1_unstructured": lambda t: module_of(t, "nn.utils.prune").l1_unstructured(linear(t), "weight", 0.4),
    "ln_structured": lambda t: module_of(t, "nn.utils.prune").ln_structured(linear(t), "weight", 2, 2, 0),
    "pruned twice": lambda t: module_of(t, "nn.utils.prune").ln_structured(
        module_of(t, "nn.utils.prune").l1_unstructured(linear(t), "weight", 3), "weight", 0.5, n=1, dim=1
    ),
}


def to(library, state):
    return {
        name: library.tensor(value.tolist(), dtype=getattr(library, str(value.dtype).split(".")[1]))
        for name, value in state.items()
    }


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated")
def test_layers(name):
    ours, theirs = (CASES[name](library) for library in LIBRARIES)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert ours.state_dict()._metadata == theirs.state_dict()._metadata
    ours.load_state_dict(to(ember, theirs.state_dict()))  # the vectors of spectral_norm begin at random
    found = []
    for library, layer in zip(LIBRARIES, (ours, theirs), strict=True):
        layer.eval()
        x = library.ones(2, 3, dtype=library.float64)
        y = layer(x)
        y.square().sum().backward()
        found.append([values(y), values(layer.weight), *(values(p.grad) for p in layer.parameters())])
    for a, b in zip(*found, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
def test_fusion(bias, affine):
    random = numpy.random.default_rng(1)
    weight, mean, variance = random.standard_normal((4, 3)), random.standard_normal(4), random.uniform(0.5, 2, 4)
    found = []
    for t in LIBRARIES:
        parts = [None if not given else t.tensor(random.permutation(4) + 0.5) for given in (bias, affine, affine)]
        w, b = t.nn.utils.fuse_conv_bn_weights(
            t.tensor(weight), parts[0], t.tensor(mean), t.tensor(variance), 1e-3, parts[1], parts[2]
        )
        found.append((w, b, w.requires_grad, b.requires_grad))
        random = numpy.random.default_rng(2)
    assert found[0][2:] == found[1][2:]
    if not (bias or affine):
        numpy.testing.assert_allclose(values(found[0][0]), values(found[1][0]), rtol=1e-12)
        numpy.testing.assert_allclose(values(found[0][1]), values(found[1][1]), rtol=1e-12)


@pytest.mark.parametrize("norm_type", [0, 1, 2, 3.5, float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_total_norm(norm_type, dtype):
    random = numpy.random.default_rng(0)
    arrays = [random.standard_normal(shape) for shape in ((3, 4), (), (1000,))]
    ours, theirs = (
        t.nn.utils.get_total_norm([t.tensor(array, dtype=getattr(t, dtype)) for array in arrays], norm_type)
        for t in LIBRARIES
    )
    assert str(ours.dtype) == str(theirs.dtype)
    tolerance = {"float32": 1e-6, "float64": 1e-14, "bfloat16": 2e-2}[dtype]
    assert ours.item() == pytest.approx(theirs.item(), rel=tolerance)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.nn.utils.parametrizations.weight_norm(linear(t), "foo"),
        lambda t: t.nn.utils.parametrizations.spectral_norm(linear(t), "foo"),
        lambda t: t.nn.utils.parametrizations.spectral_norm(linear(t), n_power_iterations=0),
        lambda t: t.nn.utils.parametrizations.spectral_norm(linear(t), dim=5),
        lambda t: t.nn.utils.parametrize.remove_parametrizations(linear(t), "weight"),
        lambda t: t.nn.utils.parametrize.register_parametrization(linear(t), "weight", t.nn.Flatten(0)),
        lambda t: t.nn.utils.remove_weight_norm(linear(t)),
        lambda t: t.nn.utils.remove_spectral_norm(linear(t)),
        lambda t: t.nn.utils.fuse_linear_bn_eval(linear(t), t.nn.BatchNorm1d(4)),
        lambda t: t.nn.utils.skip_init(int),
        lambda t: t.nn.utils.skip_init(t.nn.ReLU),
        lambda t: module_of(t, "nn.utils.prune").l1_unstructured(linear(t), "weight", 1.5),
        lambda t: module_of(t, "nn.utils.prune").l1_unstructured(linear(t), "weight", 100),
        lambda t: module_of(t, "nn.utils.prune").ln_structured(linear(t), "bias", 1, 2, 0),
        lambda t: module_of(t, "nn.utils.prune").remove(linear(t), "weight"),
        lambda t: module_of(t, "func").functional_call(linear(t), {"weight": 3}, t.ones(1, 3)),
        lambda t: module_of(t, "func").functional_call(linear(t), {}, t.ones(1, 3), strict=True),
    ],
)
def test_error_types(call):
    errors = []
    for library in LIBRARIES:
        with warnings.catch_warnings(), pytest.raises(Exception) as caught:
            warnings.simplefilter("ignore")
            call(library)
        errors.append(caught.type)
    assert errors[0] is errors[1]
