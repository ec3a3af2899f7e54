"""Autocast beside PyTorch: the types of all results, call by call; GradScaler, step by step."""

from __future__ import annotations

import inspect
import operator
import warnings

import pytest

torch = pytest.importorskip("torch")

from test_ops_parity import arguments_of, as_calls, inputs, lines_of, outcome, tensors_in  # noqa: E402

import ember  # noqa: E402
from parity_cases import BINARY, BINARY_PAIRS, CALLS, REDUCTION_ARGUMENTS, REDUCTIONS, UNARY  # noqa: E402

LOWER = ["bfloat16", "float16"]

# x (3, 4), y (3, 4), r (4,), b (2, 3, 4), q (4, 4), p in (0, 1) of (3, 4); of test_ops_parity.py.
FUNCTIONAL = """
linear x, q | x, q, r
bilinear x, y, b.reshape(6, 4)[:4].reshape(1, 4, 4)
prelu x, r
relu x
gelu x
silu x
softplus x
elu x
softmax x, dim=1
log_softmax x, dim=1
layer_norm x, (4,) | x, (4,), r, r
group_norm b, 3 | b, 3, r[:3], r[:3]
batch_norm x, None, None, training=True | x, r.float(), r.float().abs(), None, None, False
instance_norm b
rms_norm x, (4,)
local_response_norm b, 2
normalize x
dropout x, 0.5, False
embedding k, q.repeat(2, 1)
cosine_similarity x, y
pairwise_distance x, y
mse_loss x, y
l1_loss x, y
smooth_l1_loss x, y
huber_loss x, y
binary_cross_entropy p, p
binary_cross_entropy_with_logits x, p
cross_entropy x, j[:3] | x, p | x, j[:3], r | x, j[:3], label_smoothing=0.1 | x, j[:3], reduction='sum' | x, j[:3], reduction='none'
nll_loss x, j[:3] | x, j[:3], r
kl_div x, p
poisson_nll_loss x, p
gaussian_nll_loss x, y, p
hinge_embedding_loss x, y.sign()
cosine_embedding_loss x, y, r[:3].sign()
margin_ranking_loss x, y, x.sign()
soft_margin_loss x, y.sign()
triplet_margin_loss x, y, p
multi_margin_loss x, j[:3]
multilabel_margin_loss x, k.clamp(max=3)
multilabel_soft_margin_loss x, p
conv1d b, b | b, b, r[:2]
conv2d b[None], b[None]
conv3d b[None, None], b[None, None]
conv_transpose1d b, b[:, :, :2].transpose(0, 1)
conv_transpose2d b[None], b[:, :, None, :]
conv_transpose3d b[None, None], b[None, None]
max_pool1d b, 2
max_pool2d b, 2
max_pool3d b[None], 2
avg_pool1d b, 2
avg_pool2d b, 2
avg_pool3d b[None], 2
adaptive_avg_pool1d b, 2
adaptive_avg_pool2d b, 2
adaptive_avg_pool3d b[None], 2
adaptive_max_pool1d b, 2
adaptive_max_pool2d b, 2
adaptive_max_pool3d b[None], 2
lp_pool1d b, 2, 2
interpolate b, scale_factor=2 | b, scale_factor=2, mode='linear'
grid_sample b[None], T.zeros(1, 2, 2, 2, dtype=D)
affine_grid T.zeros(1, 2, 3, dtype=D), (1, 1, 2, 2)
pad b, (1, 1) | b, (1, 1), 'reflect' | b, (1, 1), 'replicate' | b, (1, 1), 'circular' | b[None], (1, 1, 1, 1), 'reflect'
fold T.zeros(1, 4, 4, dtype=D), (3, 3), 2
unfold b[None], 2
pixel_shuffle b.reshape(4, 3, 2), 2
scaled_dot_product_attention b, b, b
ctc_loss b.transpose(0, 1).log_softmax(2), j[None, 2:].repeat(2, 1), (3, 3), (1, 1)
"""

# PyTorch sees that these are no matrix products and takes mul or dot; here they are products like the others.
DIFFERENCES = ("T.einsum('i,j', r, r)", "T.tensordot(x, y, dims=2)")


def type_of(result) -> list[str]:
    return [str(each.dtype) for each in tensors_in(result)]


def check_types(expression: str, dtype: str, lower: str) -> None:
    found = []
    for T in (torch, ember):
        values = inputs(T, dtype) | {"F": T.nn.functional}
        if outcome(expression, values)[1] is not None and T is torch:
            return
        with T.autocast("cpu", dtype=getattr(T, lower)):
            result, error = outcome(expression, values)
        if T is torch and error is not None:
            return
        found.append(type(error).__name__ + ": " + str(error) if error else type_of(result))
    assert found[1] == found[0], f"{expression} of {dtype} under autocast to {lower}: {found[1]}; expected {found[0]}"


def calls():
    for name in UNARY:
        yield name, ["x", "p"]
    for name in BINARY:
        yield name, BINARY_PAIRS
    for name in REDUCTIONS:
        yield name, [each for line in lines_of(REDUCTION_ARGUMENTS) for each in arguments_of(line)]
    for line in lines_of(CALLS):
        name, rest = line.split(None, 1)
        yield name, arguments_of(rest)


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize(("name", "arguments"), list(calls()), ids=lambda each: each if isinstance(each, str) else "")
def test_types_of_operations(name, arguments, lower):
    if not hasattr(torch, name):
        return
    for each in arguments:
        for dtype in ("float32", "bfloat16"):
            for expression in as_calls(name, each):
                if not expression.startswith(DIFFERENCES):
                    check_types(expression, dtype, lower)


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("line", lines_of(FUNCTIONAL), ids=lambda line: line.split()[0])
def test_types_of_functional(line, lower):
    name, rest = line.split(None, 1)
    for arguments in arguments_of(rest):
        for dtype in ("float32", "bfloat16"):
            check_types(f"F.{name}({arguments})", dtype, lower)


LAYERS = {
    "Linear(4, 3)": (2, 4),
    "Conv1d(4, 3, 2)": (2, 4, 5),
    "Conv2d(4, 3, 2, padding=1, padding_mode='replicate')": (2, 4, 5, 5),
    "Conv3d(4, 3, 2)": (2, 4, 3, 3, 3),
    "ConvTranspose2d(4, 3, 2)": (2, 4, 5, 5),
    "LSTM(4, 3, 2)": (5, 2, 4),
    "RNN(4, 3)": (5, 2, 4),
    "LSTMCell(4, 3)": (2, 4),
    "RNNCell(4, 3)": (2, 4),
    "GRU(4, 3)": (5, 2, 4),
    "GRUCell(4, 3)": (2, 4),
    "BatchNorm2d(4)": (2, 4, 5, 5),
    "LayerNorm(4)": (2, 4),
    "GroupNorm(2, 4)": (2, 4, 5),
    "Softmax(1)": (2, 4),
    "PReLU()": (2, 4),
    "TransformerEncoderLayer(4, 2, 8)": (5, 2, 4),
}


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("layer", LAYERS)
def test_types_of_layers(layer, lower):
    found = []
    for T in (torch, ember):
        model = eval(f"nn.{layer}", {"nn": T.nn})
        with T.autocast("cpu", dtype=getattr(T, lower)):
            result, error = outcome("model(x)", {"model": model, "x": T.randn(*LAYERS[layer])})
        if T is torch and error is not None:
            return  # float16 in an LSTM
        found.append(type_of(result))
    assert found[0] == found[1]


# ---- the scaler ---------------------------------------------------------------------------------------------------------


def run_scaler(T, gradients):
    parameter = T.nn.Parameter(T.ones(2))
    optimizer = T.optim.SGD([parameter], lr=0.125)
    scaler = T.amp.GradScaler("cpu", init_scale=64.0, growth_interval=2, growth_factor=4.0, backoff_factor=0.25)
    seen = []
    for gradient in gradients:
        optimizer.zero_grad()
        scaler.scale((parameter * T.tensor(gradient)).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        seen.append((parameter.tolist(), scaler.get_scale(), scaler.state_dict()))
    return seen


def test_scaler_takes_the_same_steps():
    inf, nan = float("inf"), float("nan")
    gradients = [[1.0, 2.0], [inf, 0.0], [1.0, 1.0], [0.5, 1.0], [2.0, nan], [1.0, 0.0], [1e38, 1.0], [3.0, 1.0]]
    assert run_scaler(ember, gradients) == run_scaler(torch, gradients)


@pytest.mark.parametrize(
    "path",
    [
        "autocast",
        "amp.autocast",
        "amp.GradScaler",
        "amp.custom_fwd",
        "amp.custom_bwd",
        "amp.is_autocast_available",
        "cuda.amp.autocast",
        "cuda.amp.GradScaler",
        "cuda.amp.custom_fwd",
        "cuda.amp.custom_bwd",
        "cpu.amp.autocast",
        "cpu.amp.GradScaler",
    ],
)
def test_signatures(path):
    ours, theirs = (inspect.signature(operator.attrgetter(path)(T)) for T in (ember, torch))
    assert [(each.name, each.kind) for each in ours.parameters.values()] == [
        (each.name, each.kind) for each in theirs.parameters.values()
    ]
    assert [str(each.default) for each in ours.parameters.values()] == [
        str(each.default) for each in theirs.parameters.values()
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "T.autocast('cuda')",
        "T.autocast('cpu', dtype=T.float32)",
        "T.cuda.amp.autocast()",
        "T.cuda.amp.GradScaler()",
        "T.cpu.amp.autocast()",
        "T.amp.GradScaler()",
        "T.autograd.detect_anomaly()",
    ],
)
def test_warnings(expression):
    found = []
    for T in (ember, torch):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            eval(expression, {"T": T})
        found.append([(each.category, str(each.message)) for each in seen])
    assert found[0] == found[1]
