"""Layers, losses, initialisation and clipping, against NumPy."""

import copy
import inspect
import math
import pickle
import warnings

import numpy
import pytest

import ember
from ember import nn
from ember.nn import functional as F
from ember.nn import init

RANDOM = numpy.random.default_rng(0)


def random(*shape, low=-3.0, high=3.0):
    return RANDOM.uniform(low, high, shape)


def tensor(array, **options):
    return ember.tensor(numpy.asarray(array), **options)


def close(result, expected, tolerance=1e-9):
    numpy.testing.assert_allclose(result.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def softmax(x, axis):
    e = numpy.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


# ---- laws of all layers ----

LAYERS = {
    "Identity": (),
    "Linear": (3, 4),
    "LazyLinear": (4,),
    "Bilinear": (3, 3, 4),
    "PReLU": (),
    "Threshold": (0.1, 2.0),
    "Unflatten": (1, (1, 3)),
    "Embedding": (5, 3),
    "EmbeddingBag": (5, 3),
    "AdaptiveLogSoftmaxWithLoss": (4, 20, (5, 10)),
    "LinearCrossEntropyLoss": (4, 5),
    "LayerNorm": (3,),
    "RMSNorm": (3,),
    "GroupNorm": (1, 3),
    "LocalResponseNorm": (2,),
    "CrossMapLRN2d": (3,),
    "SyncBatchNorm": (3,),
    "BatchNorm1d": (3,),
    "BatchNorm2d": (3,),
    "BatchNorm3d": (3,),
    "InstanceNorm1d": (3,),
    "InstanceNorm2d": (3,),
    "InstanceNorm3d": (3,),
    "ChannelShuffle": (2,),
    "PixelShuffle": (2,),
    "PixelUnshuffle": (2,),
    "Softmax": (1,),
    "LogSoftmax": (1,),
    "Softmin": (1,),
    "MultiheadAttention": (4, 2),
    "RNNBase": ("GRU", 3, 4),
    "RNNCellBase": (3, 4, True, 2),
    **dict.fromkeys(("RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"), (3, 4)),
    "Transformer": (4, 2, 1, 1, 8),
    "TransformerDecoder": (nn.TransformerDecoderLayer(4, 2, 8), 2),
    "TransformerDecoderLayer": (4, 2, 8),
    "TransformerEncoder": (nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2),
    "TransformerEncoderLayer": (4, 2, 8),
}
SIZES = {
    "ConvTranspose": (3, 4, 2),
    "Conv": (3, 4, 2),
    "AvgPool": (2,),
    "MaxPool": (2,),
    "AdaptiveAvgPool": (2,),
    "AdaptiveMaxPool": (2,),
    "LPPool": (2, 2),
    "FractionalMaxPool": (2, 3),
    "MaxUnpool": (2,),
}
LAYERS |= {f"{name}{n}d": args for name, args in SIZES.items() for n in (1, 2, 3)}
LAYERS |= {f"Lazy{name}{n}d": (4, 2) for name in ("Conv", "ConvTranspose") for n in (1, 2, 3)}
LAYERS |= dict.fromkeys(("ChannelShuffle", "PixelShuffle", "PixelUnshuffle", "Unfold"), (1,)) | {"Fold": (4, 2)}
LAYERS |= {name: (1, 2.5) if "Constant" in name else (1,) for name in nn.modules.__all__ if "Pad" in name}


@pytest.mark.parametrize("name", sorted(nn.modules.__all__))
def test_laws(name):
    """Every layer can be built, shown, copied and pickled, and has `Shape:` in its docstring."""
    kind = getattr(nn, name)
    if kind is nn.Module or not issubclass(kind, nn.Module):
        return
    layer = kind(*LAYERS.get(name, ()))
    assert repr(layer).startswith(f"{name}(")
    assert "Shape:" in kind.__doc__ or kind.__module__.endswith("container")
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(other) == repr(layer)
        assert other.load_state_dict(layer.state_dict()).missing_keys == []
    if any(each.is_floating_point() for each in layer.state_dict().values()):
        layer.double()
        assert all(each.dtype == ember.float64 for each in layer.state_dict().values() if each.is_floating_point())


def test_every_layer_is_exported():
    for family in vars(nn.modules).values():
        if not inspect.ismodule(family):
            continue
        for name, value in vars(family).items():
            if inspect.isclass(value) and issubclass(value, nn.Module) and value.__module__ == family.__name__:
                hidden = name.startswith("_") or name == "NonDynamicallyQuantizableLinear"  # as in PyTorch
                assert hidden or name in nn.modules.__all__


# ---- activations ----

X = random(4, 6)

ACTIVATIONS = [
    (nn.ReLU(), lambda x: numpy.maximum(x, 0)),
    (nn.ReLU6(), lambda x: numpy.clip(x * 1, 0, 6)),
    (nn.SiLU(), lambda x: x * sigmoid(x)),
    (nn.Mish(), lambda x: x * numpy.tanh(numpy.log1p(numpy.exp(x)))),
    (nn.ELU(1.5), lambda x: numpy.where(x > 0, x, 1.5 * numpy.expm1(x))),
    (nn.CELU(1.5), lambda x: numpy.maximum(x, 0) + numpy.minimum(0, 1.5 * numpy.expm1(x / 1.5))),
    (nn.SELU(), lambda x: 1.0507009873554805 * numpy.where(x > 0, x, 1.6732632423543772 * numpy.expm1(x))),
    (nn.LeakyReLU(0.2), lambda x: numpy.where(x > 0, x, 0.2 * x)),
    (nn.PReLU().double(), lambda x: numpy.where(x > 0, x, 0.25 * x)),
    (nn.RReLU().eval(), lambda x: numpy.where(x > 0, x, x * (1 / 8 + 1 / 3) / 2)),
    (nn.Sigmoid(), sigmoid),
    (nn.LogSigmoid(), lambda x: -numpy.log1p(numpy.exp(-x))),
    (nn.Tanh(), numpy.tanh),
    (nn.Tanhshrink(), lambda x: x - numpy.tanh(x)),
    (nn.Softplus(2.0, 3.0), lambda x: numpy.where(2 * x > 3, x, numpy.log1p(numpy.exp(2 * x)) / 2)),
    (nn.Softsign(), lambda x: x / (1 + abs(x))),
    (nn.Softshrink(0.7), lambda x: numpy.sign(x) * numpy.maximum(abs(x) - 0.7, 0)),
    (nn.Hardshrink(0.7), lambda x: numpy.where(abs(x) > 0.7, x, 0)),
    (nn.Hardtanh(-0.5, 2.0), lambda x: numpy.clip(x, -0.5, 2)),
    (nn.Hardsigmoid(), lambda x: numpy.clip(x / 6 + 0.5, 0, 1)),
    (nn.Hardswish(), lambda x: x * numpy.clip(x / 6 + 0.5, 0, 1)),
    (nn.Threshold(0.1, 9.0), lambda x: numpy.where(x > 0.1, x, 9)),
    (nn.GELU(), lambda x: x * 0.5 * (1 + numpy.vectorize(math.erf)(x / math.sqrt(2)))),
    (
        nn.GELU("tanh"),
        lambda x: 0.5 * x * (1 + numpy.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ),
    (nn.GLU(), lambda x: x[:, :3] * sigmoid(x[:, 3:])),
    (nn.GLU(0), lambda x: x[:2] * sigmoid(x[2:])),
    (nn.Softmax(1), lambda x: softmax(x, 1)),
    (nn.LogSoftmax(0), lambda x: numpy.log(softmax(x, 0))),
    (nn.Softmin(1), lambda x: softmax(-x, 1)),
]


@pytest.mark.parametrize(("layer", "expected"), ACTIVATIONS, ids=[repr(layer) for layer, _ in ACTIVATIONS])
def test_activations(layer, expected):
    close(layer(tensor(X)), expected(X))


@pytest.mark.parametrize(
    "layer", [layer for layer, _ in ACTIVATIONS if hasattr(layer, "inplace")], ids=lambda layer: type(layer).__name__
)
def test_in_place(layer):
    x = tensor(X)
    expected = layer(x)
    layer = copy.deepcopy(layer)
    layer.inplace = True
    assert layer(x) is x
    close(x, expected.numpy())


@pytest.mark.parametrize(
    "name", ["relu", "silu", "mish", "elu", "celu", "hardswish", "hardtanh", "leaky_relu", "rrelu"]
)
def test_gradient_of_in_place_forms(name):
    function = getattr(F, name)
    given = [tensor(X, requires_grad=True) for _ in range(2)]
    function(given[0] * 2).square().sum().backward()
    function(given[1] * 2, inplace=True).square().sum().backward()
    close(given[1].grad, given[0].grad.numpy())


def test_prelu_of_channels():
    x, weight = random(2, 3, 4), random(3)
    close(F.prelu(tensor(x), tensor(weight)), numpy.where(x > 0, x, x * weight[:, None]))
    with pytest.raises(RuntimeError, match=r"prelu\(\): weight of shape \(2,\)"):
        F.prelu(tensor(x), tensor(weight[:2]))


def test_rrelu_in_training():
    slopes = -F.rrelu(ember.full((10000,), -1.0), training=True).numpy()
    assert slopes.min() >= 1 / 8 and slopes.max() <= 1 / 3 and abs(slopes.mean() - (1 / 8 + 1 / 3) / 2) < 0.01


def test_gumbel_softmax():
    logits = ember.randn(50, 4, requires_grad=True)
    soft, hard = F.gumbel_softmax(logits), F.gumbel_softmax(logits, hard=True)
    close(soft.sum(1), numpy.ones(50), 1e-5)
    assert set(numpy.unique(hard.detach().numpy().round(5))) == {0, 1} and hard.requires_grad


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_implicit_dim(name):
    with pytest.warns(UserWarning, match=f"Implicit dimension choice for {name} has been deprecated"):
        close(getattr(F, name)(tensor(X)), getattr(F, name)(tensor(X), 1).numpy())


def test_wrong_options():
    with pytest.raises(RuntimeError, match=r"gelu\(\): approximate is 'tan'"):
        F.gelu(tensor(X), approximate="tan")
    with pytest.raises(RuntimeError, match=r"glu\(\): dim -1 has size 3"):
        F.glu(ember.zeros(2, 3))
    with pytest.raises(AssertionError, match=r"max_val \(1\) must be greater than min_val \(2\)"):
        nn.Hardtanh(2, 1)
    with pytest.raises(ValueError, match=r"hardtanh\(\): min_val 2 cannot be greater"):
        F.hardtanh(tensor(X), 2, 1)
    with pytest.raises(RuntimeError, match=r"rrelu\(\): lower"):
        F.rrelu(tensor(X), 0.5, 0.1)


# ---- linear, embedding, shapes ----


def test_linear():
    layer = nn.Linear(3, 4).double()
    x = random(5, 2, 3)
    close(layer(tensor(x)), x @ layer.weight.detach().numpy().T + layer.bias.detach().numpy())
    assert nn.Linear(3, 4, bias=False).bias is None
    assert abs(layer.weight).max() <= 1 / math.sqrt(3) and abs(layer.bias).max() <= 1 / math.sqrt(3)


def test_bilinear():
    layer = nn.Bilinear(3, 2, 4).double()
    a, b = random(5, 3), random(5, 2)
    expected = numpy.einsum("ni,kij,nj->nk", a, layer.weight.detach().numpy(), b) + layer.bias.detach().numpy()
    close(layer(tensor(a), tensor(b)), expected)
    with pytest.raises(RuntimeError, match=r"bilinear\(\): inputs have"):
        layer(tensor(b), tensor(a))


def test_flatten_and_unflatten():
    x = ember.zeros(2, 3, 4)
    assert nn.Flatten()(x).shape == (2, 12) and nn.Flatten(0, 1)(x).shape == (6, 4)
    assert nn.Unflatten(2, (2, 2))(x).shape == (2, 3, 2, 2)
    with pytest.raises(TypeError, match="unflattened_size must be a tuple of ints"):
        nn.Unflatten(1, 3)


def test_embedding():
    layer = nn.Embedding(5, 3, padding_idx=-1)
    assert layer.padding_idx == 4 and layer.weight[4].tolist() == [0, 0, 0]
    index = ember.tensor([[0, 4], [2, 0]])
    close(layer(index), layer.weight.detach().numpy()[index.numpy()])
    layer(index).sum().backward()
    assert layer.weight.grad.tolist() == [[2] * 3, [0] * 3, [1] * 3, [0] * 3, [0] * 3]
    with pytest.raises(AssertionError, match="Padding_idx must be within num_embeddings"):
        nn.Embedding(3, 2, padding_idx=3)
    with pytest.raises(IndexError):
        layer(ember.tensor([5]))


def test_embedding_options():
    table = tensor(random(4, 3))
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad and layer.weight.data_ptr() == table.data_ptr()
    limited = F.embedding(ember.tensor([1, 1, 2]), table, max_norm=0.5)
    assert (limited.norm(2, 1) <= 0.5 + 1e-6).all() and limited.data_ptr() != table.data_ptr()
    assert table[1].norm() <= 0.5 + 1e-6
    weight = ember.zeros(3, 1, requires_grad=True)
    F.embedding(ember.tensor([0, 0, 1]), weight, scale_grad_by_freq=True).sum().backward()
    assert weight.grad.flatten().tolist() == [1, 1, 0]


def test_one_hot():
    assert F.one_hot(ember.tensor([0, 2])).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert F.one_hot(ember.tensor([[1]]), 4).tolist() == [[[0, 1, 0, 0]]]
    assert F.one_hot(ember.zeros(0, dtype=ember.int64), 3).shape == (0, 3)
    for index, classes in [(ember.tensor([3]), 2), (ember.tensor([-1]), -1), (ember.tensor([1.0]), -1)]:
        with pytest.raises(RuntimeError, match=r"^one_hot\(\): "):
            F.one_hot(index, classes)


# ---- dropout ----


def test_dropout():
    x = ember.ones(100, 100)
    layer = nn.Dropout(0.25)
    y = layer(x).numpy()
    assert set(numpy.unique(y.round(5))) == {0, numpy.float32(1.33333)} and abs((y == 0).mean() - 0.25) < 0.03
    assert layer.eval()(x) is x
    assert (nn.Dropout(1.0)(x) == 0).all()
    with pytest.raises(ValueError, match=r"dropout probability has to be between 0 and 1, but got 2\.0"):
        nn.Dropout(2.0)


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.Dropout1d(), (4, 5, 6)), (nn.Dropout2d(), (4, 5, 6, 7)), (nn.Dropout3d(), (4, 5, 3, 3, 3))]
)
def test_dropout_of_channels(layer, shape):
    channels = layer(ember.ones(*shape)).numpy().reshape(20, -1)
    assert all(len(set(channel)) == 1 for channel in channels)
    assert set(numpy.unique(channels)) == {0, 2}


@pytest.mark.parametrize("layer", [nn.AlphaDropout(0.3), nn.FeatureAlphaDropout(0.3)])
def test_alpha_dropout_keeps_mean_and_variance(layer):
    y = layer(ember.randn(400, 500))
    assert abs(y.mean()) < 0.02 and abs(y.std() - 1) < 0.02


# ---- normalisation ----


def normalized(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / numpy.sqrt(x.var(axes, keepdims=True) + eps)


def test_layer_norm():
    x = random(2, 3, 4)
    layer = nn.LayerNorm((3, 4)).double()
    with ember.no_grad():
        layer.weight.copy_(tensor(random(3, 4)))
    close(layer(tensor(x)), normalized(x, (1, 2)) * layer.weight.detach().numpy())
    assert nn.LayerNorm(4, bias=False).bias is None


def test_rms_norm():
    x = random(2, 3, 4)
    expected = x / numpy.sqrt((x**2).mean(-1, keepdims=True) + 2.0**-52)
    close(nn.RMSNorm(4, dtype=ember.float64)(tensor(x)), expected)
    with pytest.raises(RuntimeError, match=r"rms_norm\(\): input of shape \(2, 3, 4\) does not end with"):
        nn.RMSNorm(3)(ember.zeros(2, 3, 4))


def test_group_and_instance_norm():
    x = random(2, 6, 5)
    close(nn.GroupNorm(3, 6).double()(tensor(x)), normalized(x.reshape(2, 3, 10), 2).reshape(2, 6, 5))
    close(nn.InstanceNorm1d(6)(tensor(x)), normalized(x, 2))
    close(nn.InstanceNorm1d(6)(tensor(x[0])), normalized(x[0], 1))
    tracking = nn.InstanceNorm1d(6, track_running_stats=True).double()
    tracking(tensor(x))
    close(tracking.running_mean, 0.1 * x.mean((0, 2)))
    with pytest.raises(ValueError, match="must be divisible"):
        nn.GroupNorm(4, 6)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (nn.BatchNorm1d, (8, 3)),
        (nn.BatchNorm1d, (4, 3, 5)),
        (nn.BatchNorm2d, (4, 3, 2, 2)),
        (nn.BatchNorm3d, (2, 3, 2, 2, 2)),
    ],
)
def test_batch_norm(kind, shape):
    x = random(*shape)
    axes = tuple(i for i in range(len(shape)) if i != 1)
    layer = kind(3).double()
    close(layer(tensor(x)), normalized(x, axes))
    count = x.size // 3
    close(layer.running_mean, 0.1 * x.mean(axes))
    close(layer.running_var, 0.9 + 0.1 * x.var(axes) * count / (count - 1))
    assert layer.num_batches_tracked.item() == 1
    layer.eval()
    column = (3,) + (1,) * (len(shape) - 2)
    mean, variance = layer.running_mean.numpy().reshape(column), layer.running_var.numpy().reshape(column)
    close(layer(tensor(x)), (x - mean) / numpy.sqrt(variance + 1e-5))
    assert layer.num_batches_tracked.item() == 1


def test_batch_norm_options():
    x = random(8, 3)
    plain_mean = nn.BatchNorm1d(3, momentum=None).double()
    plain_mean(tensor(x))
    plain_mean(tensor(x + 1))
    close(plain_mean.running_mean, x.mean(0) + 0.5)
    untracked = nn.BatchNorm1d(3, track_running_stats=False, affine=False)
    assert list(untracked.state_dict()) == []
    close(untracked.eval()(tensor(x)), normalized(x, 0))
    assert list(nn.BatchNorm1d(3).state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    with pytest.raises(ValueError, match="expected 2D or 3D input"):
        nn.BatchNorm1d(3)(ember.zeros(3))
    with pytest.raises(ValueError, match=r"batch_norm\(\): input of shape \(1, 3\) has 1 value for each channel"):
        nn.BatchNorm1d(3)(ember.zeros(1, 3))


def test_state_from_before_batches_were_counted():
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    del state["num_batches_tracked"]
    state._metadata[""]["version"] = 1
    layer.load_state_dict(state)


def test_normalize():
    x = random(3, 4)
    close(F.normalize(tensor(x)), x / numpy.linalg.norm(x, axis=1, keepdims=True))
    close(F.normalize(tensor(x), p=1, dim=0), x / abs(x).sum(0))
    assert F.normalize(ember.zeros(2, 2)).tolist() == [[0, 0], [0, 0]]


# ---- distances and padding ----


def test_distances():
    a, b = random(5, 3), random(5, 3)
    lengths = numpy.linalg.norm(a, axis=1) * numpy.linalg.norm(b, axis=1)
    close(nn.CosineSimilarity()(tensor(a), tensor(b)), (a * b).sum(1) / lengths)
    close(F.cosine_similarity(tensor(a), tensor(b[:1])), F.cosine_similarity(tensor(a), tensor(b[[0] * 5])).numpy())
    close(nn.PairwiseDistance()(tensor(a), tensor(b)), numpy.linalg.norm(a - b + 1e-6, axis=1))
    assert nn.PairwiseDistance(keepdim=True)(tensor(a), tensor(b)).shape == (5, 1)


@pytest.mark.parametrize(
    ("mode", "numpy_mode"),
    [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")],
)
@pytest.mark.parametrize("widths", [(1, 2), (2, 0, 1, 1)])
def test_pad(mode, numpy_mode, widths):
    x = random(2, 3, 4, 5) if len(widths) == 4 else random(2, 3, 4)
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2) + [
        (widths[i], widths[i + 1]) for i in range(len(widths) - 2, -1, -2)
    ]
    given = tensor(x, requires_grad=True)
    result = F.pad(given, widths, mode)
    close(result, numpy.pad(x, pairs, mode=numpy_mode))
    result.sum().backward()
    assert given.grad.shape == x.shape and given.grad.sum() == (x.size if mode == "constant" else result.numel())


def test_pad_options():
    x = random(2, 3)
    close(F.pad(tensor(x), (1, -2), value=7.0), numpy.pad(x[:, :1], [(0, 0), (1, 0)], constant_values=7))
    close(F.pad(tensor(x), (-1, -1)), x[:, 1:-1])
    for call, error in [
        (lambda: F.pad(tensor(x), (1,)), RuntimeError),
        (lambda: F.pad(tensor(x), (1,) * 6), RuntimeError),
        (lambda: F.pad(tensor(x), (-2, -2)), RuntimeError),
        (lambda: F.pad(tensor(x), (3, 3), "reflect"), RuntimeError),
        (lambda: F.pad(tensor(x), (4, 4), "circular"), RuntimeError),
        (lambda: F.pad(tensor(x), (1, 1), "mirror"), NotImplementedError),
        (lambda: F.pad(tensor(x), (1, 1), "reflect", 3.0), RuntimeError),
    ]:
        with pytest.raises(error, match=r"^pad\(\): "):
            call()


# ---- losses ----

P, T = random(5, 4), random(5, 4)
D = P - T
PROBABILITY, SHARE = sigmoid(P), sigmoid(T)
SIGN = numpy.where(RANDOM.uniform(size=5) > 0.5, 1.0, -1.0)
CLASSES = numpy.array([0, 3, 2, 2, 1])
WEIGHTS = random(4, low=0.5, high=2)
A, B, C = random(5, 3), random(5, 3), random(5, 3)


def cosines(a, b):
    return (a * b).sum(1) / (numpy.linalg.norm(a, axis=1) * numpy.linalg.norm(b, axis=1))


def distances(a, b):
    return numpy.linalg.norm(a - b + 1e-6, axis=1)


def bce(p, y, w=1.0):
    return -(w * y * numpy.log(p) + (1 - y) * numpy.log(1 - p))


LOSSES = [
    (nn.MSELoss, {}, (P, T), D**2),
    (nn.L1Loss, {}, (P, T), abs(D)),
    (nn.SmoothL1Loss, {"beta": 0.5}, (P, T), numpy.where(abs(D) < 0.5, D**2, abs(D) - 0.25)),
    (nn.SmoothL1Loss, {"beta": 0}, (P, T), abs(D)),
    (nn.HuberLoss, {"delta": 0.5}, (P, T), numpy.where(abs(D) <= 0.5, D**2 / 2, 0.5 * (abs(D) - 0.25))),
    (nn.BCELoss, {}, (PROBABILITY, SHARE), bce(PROBABILITY, SHARE)),
    (nn.BCELoss, {"weight": tensor(WEIGHTS)}, (PROBABILITY, SHARE), bce(PROBABILITY, SHARE) * WEIGHTS),
    (nn.BCEWithLogitsLoss, {}, (P, SHARE), bce(PROBABILITY, SHARE)),
    (nn.BCEWithLogitsLoss, {"pos_weight": tensor(WEIGHTS)}, (P, SHARE), bce(PROBABILITY, SHARE, WEIGHTS)),
    (nn.NLLLoss, {}, (P, CLASSES), -P[range(5), CLASSES]),
    (nn.CrossEntropyLoss, {}, (P, CLASSES), -numpy.log(softmax(P, 1))[range(5), CLASSES]),
    (
        nn.CrossEntropyLoss,
        {"label_smoothing": 0.1},
        (P, CLASSES),
        -0.9 * numpy.log(softmax(P, 1))[range(5), CLASSES] - 0.1 * numpy.log(softmax(P, 1)).mean(1),
    ),
    (nn.CrossEntropyLoss, {}, (P, softmax(T, 1)), -(numpy.log(softmax(P, 1)) * softmax(T, 1)).sum(1)),
    (
        nn.CrossEntropyLoss,
        {"weight": tensor(WEIGHTS)},
        (P, softmax(T, 1)),
        -(numpy.log(softmax(P, 1)) * softmax(T, 1) * WEIGHTS).sum(1),
    ),
    (nn.KLDivLoss, {}, (P, SHARE), SHARE * (numpy.log(SHARE) - P)),
    (nn.KLDivLoss, {"log_target": True}, (P, T), numpy.exp(T) * (T - P)),
    (nn.PoissonNLLLoss, {}, (P, SHARE), numpy.exp(P) - SHARE * P),
    (
        nn.PoissonNLLLoss,
        {"log_input": False},
        (PROBABILITY, SHARE),
        PROBABILITY - SHARE * numpy.log(PROBABILITY + 1e-8),
    ),
    (nn.GaussianNLLLoss, {}, (P, T, SHARE), 0.5 * (numpy.log(SHARE) + D**2 / SHARE)),
    (nn.SoftMarginLoss, {}, (P, numpy.sign(T)), numpy.log1p(numpy.exp(-numpy.sign(T) * P))),
    (nn.HingeEmbeddingLoss, {}, (P[:, 0], SIGN), numpy.where(SIGN == 1, P[:, 0], numpy.maximum(0, 1 - P[:, 0]))),
    (nn.MarginRankingLoss, {"margin": 0.5}, (A[:, 0], B[:, 0], SIGN), numpy.maximum(0, 0.5 - SIGN * (A - B)[:, 0])),
    (
        nn.CosineEmbeddingLoss,
        {"margin": 0.1},
        (A, B, SIGN),
        numpy.where(SIGN == 1, 1 - cosines(A, B), numpy.maximum(0, cosines(A, B) - 0.1)),
    ),
    (nn.TripletMarginLoss, {}, (A, B, C), numpy.maximum(0, 1 + distances(A, B) - distances(A, C))),
    (
        nn.TripletMarginLoss,
        {"swap": True},
        (A, B, C),
        numpy.maximum(0, 1 + distances(A, B) - numpy.minimum(distances(A, C), distances(B, C))),
    ),
    (nn.TripletMarginWithDistanceLoss, {}, (A, B, C), numpy.maximum(0, 1 + distances(A, B) - distances(A, C))),
    (
        nn.MultiMarginLoss,
        {},
        (P, CLASSES),
        [sum(max(0, 1 - row[t] + row[j]) for j in range(4) if j != t) / 4 for row, t in zip(P, CLASSES, strict=True)],
    ),
    (
        nn.MultiMarginLoss,
        {"p": 2, "weight": tensor(WEIGHTS)},
        (P, CLASSES),
        [
            sum(WEIGHTS[t] * max(0, 1 - row[t] + row[j]) ** 2 for j in range(4) if j != t) / 4
            for row, t in zip(P, CLASSES, strict=True)
        ],
    ),
    (
        nn.MultiLabelMarginLoss,
        {},
        (P, numpy.array([[3, 0, -1, 1]] * 5)),
        [sum(max(0, 1 - (row[t] - row[j])) for t in (3, 0) for j in (1, 2)) / 4 for row in P],
    ),
    (nn.MultiLabelSoftMarginLoss, {}, (P, SHARE), bce(PROBABILITY, SHARE).mean(1)),
]
LOSS_NAMES = [f"{kind.__name__}-{'-'.join(options) or 'plain'}-{i}" for i, (kind, options, _, _) in enumerate(LOSSES)]


@pytest.mark.parametrize(("kind", "options", "inputs", "expected"), LOSSES, ids=LOSS_NAMES)
def test_losses(kind, options, inputs, expected):
    expected = numpy.asarray(expected)
    given = [tensor(each) for each in inputs]
    given[0].requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # kl_div's reduction
        close(kind(**options, reduction="none")(*given), expected)
        close(kind(**options, reduction="sum")(*given), expected.sum())
        loss = kind(**options)(*given)
    close(loss, expected.mean())
    loss.backward()
    assert given[0].grad.shape == given[0].shape and bool(given[0].grad.isfinite().all())
    with pytest.raises(ValueError):
        kind(**options, reduction="average")(*given)


def test_weighted_means():
    picked = -numpy.log(softmax(P, 1))[range(5), CLASSES]
    weights = WEIGHTS[CLASSES]
    close(F.cross_entropy(tensor(P), tensor(CLASSES), tensor(WEIGHTS)), (picked * weights).sum() / weights.sum())
    kept = CLASSES != 2
    close(F.cross_entropy(tensor(P), tensor(CLASSES), ignore_index=2), picked[kept].mean())
    close(F.mse_loss(tensor(P), tensor(T), weight=tensor(SHARE)), (D**2 * SHARE).sum() / SHARE.sum())
    close(F.huber_loss(tensor(P), tensor(P + 1), weight=tensor(SHARE)), 0.5 * SHARE.mean())


def test_cross_entropy_shapes():
    x = random(2, 3, 4)
    target = RANDOM.integers(0, 3, (2, 4))
    expected = -numpy.take_along_axis(numpy.log(softmax(x, 1)), target[:, None], 1)[:, 0]
    close(F.cross_entropy(tensor(x), tensor(target), reduction="none"), expected)
    single = F.cross_entropy(tensor(x[0, :, 0]), tensor(target[0, 0]))
    assert single.shape == () and abs(single.item() - expected[0, 0]) < 1e-9
    close(
        F.cross_entropy(tensor(x[0, :, 0]), tensor(softmax(x[1, :, 0], 0))),
        -(numpy.log(softmax(x[0, :, 0], 0)) * softmax(x[1, :, 0], 0)).sum(),
    )


def test_kl_batchmean():
    close(F.kl_div(tensor(P), tensor(SHARE), reduction="batchmean"), (SHARE * (numpy.log(SHARE) - P)).sum() / 5)
    zero = ember.zeros(1, requires_grad=True)
    F.kl_div(ember.zeros(1), zero, reduction="sum").backward()
    assert F.kl_div(ember.zeros(1), ember.zeros(1), reduction="sum").item() == 0


def test_extreme_logits():
    x = ember.tensor([100.0, -100.0], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(x, ember.tensor([0.0, 1.0]))
    loss.backward()
    assert loss.item() == 100 and x.grad.tolist() == [0.5, -0.5]
    assert F.binary_cross_entropy(ember.tensor([0.0, 1.0]), ember.tensor([1.0, 0.0])).item() == 100


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_broadcast_warns(name):
    with pytest.warns(
        UserWarning, match=r"^Using a target size \(torch.Size\(\[8\]\)\) that is different to the input size"
    ):
        getattr(F, name)(ember.zeros(8, 1), ember.zeros(8))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: F.binary_cross_entropy(ember.zeros(2, 1), ember.zeros(2)),
            ValueError,
            "target has shape (2,); input of shape (2, 1)",
        ),
        (
            lambda: F.binary_cross_entropy_with_logits(ember.zeros(2, 1), ember.zeros(2)),
            ValueError,
            "target has shape (2,)",
        ),
        (
            lambda: F.binary_cross_entropy(ember.full((2,), 2.0), ember.zeros(2)),
            RuntimeError,
            "probabilities in [0, 1]",
        ),
        (
            lambda: F.cross_entropy(ember.zeros(2, 3), ember.zeros(4, dtype=ember.int64)),
            ValueError,
            "cross_entropy(): ",
        ),
        (lambda: F.cross_entropy(ember.zeros(2, 3), ember.zeros(2)), RuntimeError, "cross_entropy(): "),
        (
            lambda: F.cross_entropy(ember.zeros(1, 3), ember.tensor([7])),
            IndexError,
            "target 7 at position 0 is outside [0, 3)",
        ),
        (lambda: F.nll_loss(ember.zeros(1, 3), ember.tensor([7])), IndexError, "target 7"),
        (lambda: F.cross_entropy(ember.zeros(1, 3), ember.ones(1, 3), ignore_index=1), RuntimeError, "ignore_index 1"),
        (
            lambda: F.cross_entropy(ember.zeros(1, 3), ember.ones(1, 3), label_smoothing=2.0),
            RuntimeError,
            "label_smoothing",
        ),
        (
            lambda: F.mse_loss(ember.zeros(2), ember.zeros(2), weight=ember.zeros(1)),
            ValueError,
            "weight has shape (1,)",
        ),
        (lambda: F.huber_loss(ember.zeros(2), ember.zeros(2), delta=0), RuntimeError, "delta is 0"),
        (lambda: F.smooth_l1_loss(ember.zeros(2), ember.zeros(2), beta=-1), RuntimeError, "beta is -1"),
        (lambda: F.gaussian_nll_loss(ember.zeros(2), ember.zeros(2), -1.0), ValueError, "var is -1.0"),
        (lambda: F.gaussian_nll_loss(ember.zeros(2), ember.zeros(2), ember.ones(3)), ValueError, "var has shape (3,)"),
        (lambda: F.multi_margin_loss(ember.zeros(1, 3), ember.tensor([3])), RuntimeError, "target 3 is outside [0, 3)"),
        (
            lambda: F.triplet_margin_loss(ember.zeros(1, 2), ember.zeros(1, 2), ember.zeros(2)),
            RuntimeError,
            "anchor has shape",
        ),
        (
            lambda: F.margin_ranking_loss(ember.zeros(2), ember.zeros(2, 1), ember.zeros(2)),
            RuntimeError,
            "number of dims",
        ),
        (
            lambda: F.cosine_embedding_loss(ember.zeros(2), ember.zeros(2), ember.ones(2)),
            RuntimeError,
            "inputs of shapes",
        ),
        (lambda: nn.TripletMarginLoss(margin=0), ValueError, "expected margin to be greater than 0"),
        (lambda: nn.MultiMarginLoss(p=3), ValueError, "only p == 1 and p == 2 supported"),
    ],
)
def test_wrong_losses(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)


def test_older_reductions():
    for options, meant in [({"size_average": False}, "sum"), ({"reduce": False}, "none"), ({"reduce": True}, "mean")]:
        with pytest.warns(UserWarning, match=f"please use reduction='{meant}' instead"):
            assert nn.MSELoss(**options).reduction == meant


def test_state_of_losses():
    assert list(nn.CrossEntropyLoss().state_dict()) == []
    assert list(nn.CrossEntropyLoss(weight=ember.ones(3)).state_dict()) == ["weight"]
    assert list(nn.BCEWithLogitsLoss(pos_weight=ember.ones(3)).state_dict()) == ["pos_weight"]


# ---- initialisation ----


@pytest.mark.parametrize(
    ("fill", "mean", "std", "bound"),
    [
        (lambda w: init.uniform_(w, -1, 3), 1, 4 / math.sqrt(12), 3),
        (lambda w: init.normal_(w, 1, 2), 1, 2, None),
        (lambda w: init.xavier_uniform_(w, gain=2), 0, 2 * math.sqrt(2 / 500), 2 * math.sqrt(6 / 500)),
        (lambda w: init.xavier_normal_(w), 0, math.sqrt(2 / 500), None),
        (lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), 0, math.sqrt(2 / 300), math.sqrt(6 / 300)),
        (lambda w: init.kaiming_normal_(w, mode="fan_out", nonlinearity="tanh"), 0, 5 / 3 / math.sqrt(200), None),
        # The standard deviation of N(0, 1) cut off at -2 and 2.
        (lambda w: init.trunc_normal_(w), 0, 0.8796, 2),
        (
            lambda w: init.trunc_normal_(w, mean=1, std=0.5, a=1, b=9),
            1 + 0.5 * math.sqrt(2 / math.pi),
            0.5 * math.sqrt(1 - 2 / math.pi),
            9,
        ),
    ],
)
def test_distributions(fill, mean, std, bound):
    weight = ember.empty(200, 300)
    assert fill(weight) is weight
    values = weight.numpy().astype(float)
    assert abs(values.mean() - mean) < 4 * std / math.sqrt(values.size) + 1e-3
    assert abs(values.std() / std - 1) < 0.02
    assert bound is None or abs(values).max() <= bound * 1.0001


def test_same_seed_same_values():
    generators = [ember.Generator().manual_seed(3) for _ in range(2)]
    a, b = (init.kaiming_uniform_(ember.empty(3, 4), generator=each) for each in generators)
    assert ember.equal(a, b)


def test_fixed_values():
    assert init.constant_(ember.empty(2), 3).tolist() == [3, 3]
    assert init.ones_(ember.empty(2)).tolist() == [1, 1] and init.zeros_(ember.empty(2)).tolist() == [0, 0]
    assert init.eye_(ember.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    weight = init.dirac_(ember.empty(4, 2, 3), groups=2)
    x = tensor(random(1, 4, 5)).float()
    for channel in range(4):
        assert weight[channel, channel % 2].tolist() == [0, 1, 0] and weight[channel].sum() == 1
    assert x.shape[1] == weight.shape[0]


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (4, 4), (3, 2, 2)])
def test_orthogonal(shape):
    values = init.orthogonal_(ember.empty(*shape), gain=2.0).numpy().reshape(shape[0], -1)
    product = values @ values.T if values.shape[0] <= values.shape[1] else values.T @ values
    numpy.testing.assert_allclose(product, 4 * numpy.eye(len(product)), atol=1e-5)


def test_sparse():
    weight = init.sparse_(ember.empty(20, 6), sparsity=0.3, std=0.5).numpy()
    assert ((weight == 0).sum(0) == 6).all()


def test_gains():
    gains = {"linear": 1, "conv2d": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    assert all(init.calculate_gain(name) == gain for name, gain in gains.items())
    assert init.calculate_gain("leaky_relu", 0.2) == math.sqrt(2 / 1.04)


def test_wrong_initialisation():
    for call in [
        lambda: init.xavier_uniform_(ember.empty(3)),
        lambda: init.kaiming_uniform_(ember.empty(3, 3), mode="fan"),
        lambda: init.eye_(ember.empty(3)),
        lambda: init.dirac_(ember.empty(3, 3)),
        lambda: init.dirac_(ember.empty(3, 3, 3), groups=2),
        lambda: init.orthogonal_(ember.empty(3)),
        lambda: init.sparse_(ember.empty(3), 0.1),
        lambda: init.calculate_gain("foo"),
        lambda: init.calculate_gain("leaky_relu", "a"),
    ]:
        with pytest.raises(ValueError):
            call()
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        init.kaiming_normal_(ember.empty(0, 3))
    with pytest.warns(UserWarning, match="mean is more than 2 std"):
        init.trunc_normal_(ember.empty(3), mean=9.0)
    with pytest.warns(FutureWarning, match=r"`nn\.init\.uniform` is now deprecated in favor of `nn\.init\.uniform_`"):
        init.uniform(ember.empty(3))


def test_parameters_are_filled_without_a_graph():
    parameter = init.normal_(nn.Parameter(ember.empty(3, 3)))
    assert parameter.is_leaf and parameter.requires_grad


# ---- gradients ----


def with_gradients(*values):
    parameters = []
    for value in values:
        parameter = nn.Parameter(ember.zeros(len(value)))
        parameter.grad = ember.tensor(value)
        parameters.append(parameter)
    return parameters


def test_clip_grad_norm():
    parameters = with_gradients([3.0, 0.0], [4.0])
    parameters.append(nn.Parameter(ember.zeros(1)))
    assert nn.utils.clip_grad_norm_(iter(parameters), 1.0).item() == 5
    close(parameters[0].grad, [0.6, 0], 1e-6)
    close(parameters[1].grad, [0.8], 1e-6)
    assert nn.utils.clip_grad_norm_(parameters, 100.0, norm_type=1).item() == pytest.approx(1.4)
    close(parameters[1].grad, [0.8], 1e-6)  # no gradient becomes larger
    assert nn.utils.clip_grad_norm_(parameters, 1.0, norm_type="inf").item() == pytest.approx(0.8)
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0
    assert nn.utils.get_total_norm(ember.tensor([3.0, 4.0])).item() == 5


def test_clip_grad_norm_of_nan():
    (parameter,) = with_gradients([math.nan])
    with pytest.raises(RuntimeError, match=r"total norm of order 2\.0 for gradients from `parameters` is non-finite"):
        nn.utils.clip_grad_norm_(parameter, 1.0, error_if_nonfinite=True)
    assert math.isnan(nn.utils.clip_grad_norm_(parameter, 1.0).item())


def test_clip_grad_value():
    (parameter,) = with_gradients([3.0, -4.0, 0.1])
    nn.utils.clip_grad_value_(parameter, 1)
    close(parameter.grad, [1, -1, 0.1], 1e-6)


def test_vector_of_parameters():
    net = nn.Linear(2, 3)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (9,) and vector.requires_grad
    nn.utils.vector_to_parameters(ember.arange(9.0), net.parameters())
    assert net.weight.tolist() == [[0, 1], [2, 3], [4, 5]] and net.bias.tolist() == [6, 7, 8]
    assert net.weight.requires_grad and net.weight.is_leaf
    with pytest.raises(TypeError):
        nn.utils.vector_to_parameters(3, net.parameters())


GRADIENT_CASES = [
    (nn.Linear(3, 2), (4, 3)),
    (nn.Bilinear(3, 3, 2), (4, 3)),
    (nn.PReLU(3), (4, 3)),
    (nn.GLU(), (4, 6)),
    (nn.LayerNorm(3), (4, 3)),
    (nn.RMSNorm(3), (4, 3)),
    (nn.GroupNorm(1, 4), (2, 4, 3)),
    (nn.BatchNorm1d(3), (4, 3)),
    (nn.InstanceNorm1d(3), (2, 3, 4)),
    (nn.Softmax(1), (4, 3)),
    (nn.LogSoftmax(1), (4, 3)),
    (nn.CosineSimilarity(), (4, 3)),
    (nn.PairwiseDistance(), (4, 3)),
]


@pytest.mark.parametrize(("layer", "shape"), GRADIENT_CASES, ids=[type(layer).__name__ for layer, _ in GRADIENT_CASES])
def test_gradients_of_layers(layer, shape):
    layer = copy.deepcopy(layer).double()
    two = type(layer) in (nn.Bilinear, nn.CosineSimilarity, nn.PairwiseDistance)
    inputs = [tensor(random(*shape), requires_grad=True) for _ in range(1 + two)]
    assert ember.autograd.gradcheck(layer, inputs)


@pytest.mark.parametrize(("kind", "options", "inputs", "expected"), LOSSES, ids=LOSS_NAMES)
def test_gradients_of_losses(kind, options, inputs, expected):
    loss = kind(**options, reduction="sum")
    rest = [tensor(each) for each in inputs[1:]]
    assert ember.autograd.gradcheck(lambda x: loss(x, *rest), [tensor(inputs[0], requires_grad=True)])


# ---- all together ----


def test_training_a_small_network():
    ember.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    x = ember.randn(64, 2)
    target = (x[:, 0] * x[:, 1] > 0).long()
    losses = []
    for _ in range(300):
        loss = F.cross_entropy(net(x), target)
        net.zero_grad()
        loss.backward()
        with ember.no_grad():
            for parameter in net.parameters():
                parameter.sub_(parameter.grad * 0.5)
        losses.append(loss.item())
    assert losses[-1] < 0.2 < losses[0]
