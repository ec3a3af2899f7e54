"""nn beside PyTorch: what is public, signatures, reprs, state_dict keys, values, gradients, errors' types."""

from __future__ import annotations

import inspect
import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

RANDOM = numpy.random.default_rng(0)
ARGUMENTS = {
    "Linear": [(3, 4), (3, 4, False)],
    "LazyLinear": [(4,), (4, False)],
    "Bilinear": [(3, 2, 4)],
    "PReLU": [(), (3,)],
    "Threshold": [(0.1, 2.0), (0.1, 2.0, True)],
    "Unflatten": [(1, (1, 3))],
    "Fold": [((4, 5), 2)],
    "Unfold": [(2,), ((2, 3), 1, 2, (3, 1))],
    "Embedding": [(5, 3), (5, 3, -1, 1.0, 1.0, True)],
    "EmbeddingBag": [(5, 3), (5, 3, 1.0, 1.0, False, "sum", False, None, True, -1), (5, 3, None, 2.0, False, "max")],
    "AdaptiveLogSoftmaxWithLoss": [(4, 20, (5, 10)), (4, 20, [5], 2.0, True)],
    "LinearCrossEntropyLoss": [(4, 5)],
    "LayerNorm": [(3,), ((2, 3), 1e-3, False)],
    "RMSNorm": [(3,), ((2, 3), 1e-3, False)],
    "GroupNorm": [(1, 3), (1, 3, 1e-3, False)],
    "LocalResponseNorm": [(2,), (3, 0.1, 0.5, 2.0)],
    "CrossMapLRN2d": [(3,)],
    "SyncBatchNorm": [(3,), (3, 1e-3, None, False, False)],
    **{f"Conv{n}d": [(4, 3, 2), (4, 6, 3, 2, 1, 2, 2, False)] for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": [(4, 3, 2), (4, 6, 3, 2, 1, 1, 2, False, 2)] for n in (1, 2, 3)},
    "Conv2d": [(4, 2, (2, 1), 1, "same"), (4, 4, 3, 1, (1, 0), 1, 4, True, "circular")],
    **{f"Lazy{kind}{n}d": [(4, 2), (4, 2, 2, 1)] for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)},
    "ChannelShuffle": [(2,)],
    "PixelShuffle": [(2,)],
    "PixelUnshuffle": [(2,)],
    "Upsample": [(5,), (None, 2.0, "bilinear", True)],
    "UpsamplingBilinear2d": [(5,), (None, 1.5)],
    "UpsamplingNearest2d": [((3, 5),), (None, 2)],
    "Softmax": [(1,), ()],
    "LogSoftmax": [(1,)],
    "Softmin": [(1,)],
    "Hardtanh": [(), (-2, 2, True)],
    "GELU": [(), ("tanh",)],
    "ReLU": [(), (True,)],
    "Dropout": [(), (0.3, True)],
    "MultiheadAttention": [(4, 2), (4, 2, 0.1, False, True, True), (4, 2, 0.0, True, False, False, 3, 5)],
    "Transformer": [(4, 2, 1, 1, 8), (4, 2, 2, 1, 8, 0.1, "gelu", None, None, 1e-3, True, False, False)],
    "TransformerDecoder": [(lambda nn: nn.TransformerDecoderLayer(4, 2, 8), 2, lambda nn: nn.LayerNorm(4))],
    "TransformerDecoderLayer": [(4, 2, 8), (4, 2, 8, 0.1, "gelu", 1e-3, True, True, False)],
    "TransformerEncoder": [(lambda nn: nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2)],
    "TransformerEncoderLayer": [(4, 2, 8), (4, 2, 8, 0.1, "gelu", 1e-3, True, True, False)],
    "RNNBase": [("GRU", 3, 4)],
    "RNN": [(3, 4), (3, 4, 2, "relu", False, True, 0.5, True)],
    **{name: [(3, 4), (3, 4, 2, False, True, 0.5, True)] for name in ("GRU", "LSTM")},
    "RNNCellBase": [(3, 4, True, 2)],
    "RNNCell": [(3, 4), (3, 4, False, "relu")],
    **{name: [(3, 4), (3, 4, False)] for name in ("GRUCell", "LSTMCell")},
    **{f"{kind}Norm{n}d": [(3,), (3, 1e-3, None, False, False)] for kind in ("Batch", "Instance") for n in (1, 2, 3)},
}
for name in ember.nn.modules.__all__:
    if "Pad" in name:
        ARGUMENTS[name] = [(1, 2.5), (tuple(range(2 * int(name[-2]))), 1.0)] if "Constant" in name else [(1,)]
    if "pool" in name.lower():
        ARGUMENTS[name] = [(2, 3)] if "LP" in name or "Fractional" in name else [(2,)]
LAYERS = [name for name in ember.nn.modules.__all__ if issubclass(getattr(ember.nn, name), ember.nn.Module)]
CASES = [(name, args) for name in LAYERS for args in ARGUMENTS.get(name, [()])]


def both(name, args):
    """The layer of both; an argument that is a function is called with the library's nn."""
    return tuple(
        getattr(library.nn, name)(*(arg(library.nn) if inspect.isfunction(arg) else arg for arg in args))
        for library in (ember, torch)
    )


def parameters_of(function):
    """Name, default and kind of each; a default that is a function is known by its name."""

    def shown(default):
        return default.__name__ if callable(default) and not inspect.isclass(default) else default

    parameters = inspect.signature(function).parameters.values()
    return [(p.name, shown(p.default), p.kind) for p in parameters if p.name != "self"]


def entries_of(layer):
    """Key, shape and dtype of each entry of the state dict; what waits for its shape is shown as it is."""
    return [
        (key, repr(each) if "<Uninitialized" in repr(each) else tuple(each.shape), str(each.dtype))
        for key, each in layer.state_dict().items()
    ]


@pytest.mark.parametrize(("name", "args"), CASES)
def test_layers(name, args):
    ours, theirs = both(name, args)
    assert repr(ours) == repr(theirs)
    assert entries_of(ours) == entries_of(theirs)
    assert ours.state_dict()._metadata == theirs.state_dict()._metadata
    assert type(ours).__module__.replace("ember", "torch", 1) == type(theirs).__module__


@pytest.mark.parametrize("name", ember.nn.modules.__all__)
def test_signatures_of_layers(name):
    ours, theirs = getattr(ember.nn, name), getattr(torch.nn, name)
    plain = [(p, inspect.Parameter.empty) for p in ("args", "kwargs")]
    found, expected = parameters_of(ours.__init__), parameters_of(theirs.__init__)
    if [each[:2] for each in expected] != plain:
        assert found == expected


def functions():
    for name, value in sorted(vars(ember.nn.functional).items()):
        if callable(value) and not name.startswith("_") and hasattr(torch.nn.functional, name):
            yield name


@pytest.mark.parametrize("name", functions())
def test_signatures_of_functions(name):
    try:
        expected = [(n, d) for n, d, _ in parameters_of(getattr(torch.nn.functional, name))]
        found = [(n, d) for n, d, _ in parameters_of(getattr(ember.nn.functional, name))]
    except ValueError:
        pytest.skip("built in, without a signature")
    if expected != [("args", inspect.Parameter.empty), ("kwargs", inspect.Parameter.empty)]:
        assert found == expected


@pytest.mark.parametrize(
    "name",
    [name for name in vars(ember.nn.init) if name.endswith("_") and name[0] != "_" and hasattr(torch.nn.init, name)],
)
def test_signatures_of_initialisation(name):
    assert parameters_of(getattr(ember.nn.init, name)) == parameters_of(getattr(torch.nn.init, name))


@pytest.mark.parametrize("name", [name for name in vars(torch.nn.Module) if not name.startswith("_")])
def test_methods_of_module(name):
    theirs, ours = getattr(torch.nn.Module, name), getattr(ember.nn.Module, name)
    if inspect.isfunction(theirs):
        assert parameters_of(ours) == parameters_of(theirs)


RESAMPLING = (
    "ChannelShuffle",
    "PixelShuffle",
    "PixelUnshuffle",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
)
SHAPES = {
    "Bilinear": [(4, 3), (4, 2)],
    "Embedding": [(4,)],
    "BatchNorm2d": [(4, 3, 2, 2)],
    "BatchNorm3d": [(4, 3, 2, 2, 2)],
    "LocalResponseNorm": [(4, 5, 2)],
    "InstanceNorm1d": [(4, 3, 5)],
    "InstanceNorm2d": [(4, 3, 2, 2)],
    "InstanceNorm3d": [(4, 3, 2, 2, 2)],
    **{name: [(2, 4, 2, 6)] for name in RESAMPLING},
    "Softmax2d": [(3, 2, 2)],
    "GLU": [(4, 6)],
    "LayerNorm": [(4, 2, 3)],
    "RMSNorm": [(4, 2, 3)],
    "CosineSimilarity": [(4, 3), (4, 3)],
    "PairwiseDistance": [(4, 3), (4, 3)],
}
RANDOM_LAYERS = ("Dropout", "RReLU")
SHAPES |= {f"{name}{n}d": [(2, 4, 5, 6, 7)[: n + 2]] for name in ("Conv", "ConvTranspose") for n in (1, 2, 3)}
SHAPES.update({name: [(2, 3, 4, 5, 6)[: 2 + int(name[-2])]] for name in ember.nn.modules.__all__ if "Pad" in name})
VALUE_CASES = [
    (name, args)
    for name, args in CASES
    if not any(
        part in name
        for part in (
            *RANDOM_LAYERS,
            "Transformer",
            "Multihead",
            "CrossMap",
            "Lazy",
            "Loss",
            "List",
            "Dict",
            "Module",
            "Container",
            "Pool",
            "Unpool",
            "Fold",
            "Unfold",
            "RNN",
            "GRU",
            "LSTM",
        )
    )
]


@pytest.mark.parametrize(("name", "args"), VALUE_CASES)
def test_values_and_gradients(name, args):
    ours, theirs = both(name, args)
    ours.double(), theirs.double()
    ours.load_state_dict({key: ember.from_numpy(each.numpy().copy()) for key, each in theirs.state_dict().items()})
    inputs = [RANDOM.uniform(-3, 3, shape) for shape in SHAPES.get(name, [(4, 3)])]
    if name in ("Embedding", "EmbeddingBag"):
        inputs = [RANDOM.integers(0, 5, (4,) if name == "Embedding" else (4, 3))]
    if getattr(ours, "inplace", False):
        ours.inplace = theirs.inplace = False
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for library, layer in ((ember, ours), (torch, theirs)):
            given = [library.tensor(each) for each in inputs]
            for each in given:
                if each.is_floating_point():
                    each.requires_grad_()
            output = layer(*given)
            gradients = []
            if output.requires_grad:
                (output * library.arange(output.numel(), dtype=library.float64).reshape(output.shape)).sum().backward()
                gradients = [each.grad for each in (*given, *layer.parameters()) if each.requires_grad]
            results.append([output, *gradients, *layer.buffers()])
    for a, b in zip(*results, strict=True):
        # Torch multiplies by a float32 sixth in hardsigmoid.
        numpy.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-7, atol=1e-8)


def test_initial_values_have_the_same_spread():
    ember.manual_seed(0)
    torch.manual_seed(0)
    for name, args in [("Linear", (50, 800)), ("Embedding", (50, 80)), ("Bilinear", (20, 20, 400))]:
        ours, theirs = both(name, args)
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert abs(a.std().item() / b.std().item() - 1) < 0.2
            assert abs(a.abs().max().item() / b.abs().max().item() - 1) < 0.25


def calls(library):
    f, nn, t = library.nn.functional, library.nn, library
    a, b, classes = t.zeros(4, 3), t.zeros(4, 1), t.tensor([0, 1, 2, 1])
    return {
        "mse": lambda: f.mse_loss(a, t.zeros(3, 3)),
        "mse reduction": lambda: f.mse_loss(a, a, reduction="foo"),
        "ce batch": lambda: f.cross_entropy(a, classes[:3]),
        "ce float": lambda: f.cross_entropy(a, classes.float()),
        "ce class": lambda: f.cross_entropy(a, t.tensor([0, 1, 9, 1])),
        "ce weight": lambda: f.cross_entropy(a, classes, weight=t.ones(2)),
        "ce smoothing": lambda: f.cross_entropy(a, classes, label_smoothing=2.0),
        "nll": lambda: f.nll_loss(a, classes[:3]),
        "bce": lambda: f.binary_cross_entropy(a, b),
        "bce range": lambda: f.binary_cross_entropy(a - 1, a),
        "bce logits": lambda: f.binary_cross_entropy_with_logits(a, b),
        "cosine": lambda: f.cosine_embedding_loss(a, a[0], classes),
        "ranking": lambda: f.margin_ranking_loss(a[:, 0], b, a),
        "triplet": lambda: f.triplet_margin_loss(a, a, a[0]),
        "gaussian": lambda: f.gaussian_nll_loss(a, a, t.ones(2)),
        "multi margin": lambda: f.multi_margin_loss(a, classes[:2]),
        "multi label": lambda: f.multilabel_margin_loss(a, classes),
        "dropout": lambda: f.dropout(a, p=1.5),
        "one hot": lambda: f.one_hot(classes, 2),
        "one hot float": lambda: f.one_hot(a),
        "pad odd": lambda: f.pad(a, (1,)),
        "pad mode": lambda: f.pad(a, (1, 1), mode="foo"),
        "embedding": lambda: f.embedding(t.tensor([9]), a),
        "padding_idx": lambda: f.embedding(classes, a, padding_idx=9),
        "batch norm": lambda: f.batch_norm(a[:1], t.zeros(3), t.ones(3), training=True),
        "batch norm dims": lambda: nn.BatchNorm2d(3)(a),
        "layer norm": lambda: f.layer_norm(a, [4]),
        "glu": lambda: f.glu(a),
        "prelu": lambda: f.prelu(a, t.ones(2)),
        "linear": lambda: nn.Linear(2, 2)(a),
        "attribute": lambda: nn.Linear(2, 2).foo,
        "parameter": lambda: setattr(nn.Linear(2, 2), "weight", 3),
        "name": lambda: nn.Linear(2, 2).register_parameter("a.b", None),
        "state": lambda: nn.Linear(2, 2).load_state_dict({}),
        "gain": lambda: nn.init.calculate_gain("foo"),
        "fan": lambda: nn.init.xavier_normal_(t.zeros(3)),
        "forward": lambda: nn.Module()(1),
        "integers": lambda: nn.Linear(2, 2).to(t.int64),
        "submodule": lambda: nn.Linear(2, 2).get_submodule("x"),
        "sequential": lambda: nn.Sequential(nn.ReLU())[3],
    }


@pytest.mark.parametrize("name", calls(ember))
def test_types_of_errors(name):
    types = []
    for library in (ember, torch):
        with pytest.raises(Exception) as caught, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calls(library)[name]()
        types.append(next(kind.__name__ for kind in caught.type.__mro__ if kind.__module__ == "builtins"))
    assert types[0] == types[1]
