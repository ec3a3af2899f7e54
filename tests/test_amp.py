"""Autocast by the policies of the records, its cache, functions that take part in it, and GradScaler."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings

import pytest

import ember
from ember import _C

nn, F = ember.nn, ember.nn.functional
LOWER = [ember.bfloat16, ember.float16]
POLICIES = {record["name"]: record["autocast"] for record in _C._records()}


def leaf(*values: float) -> ember.Tensor:
    return ember.tensor(values, requires_grad=True)


# ---- autocast -----------------------------------------------------------------------------------------------------------


def test_records_have_a_policy():
    assert {"matmul", "linear", "bmm", "addmm"} <= {name for name, policy in POLICIES.items() if policy == "lower"}
    assert {"_squared_error", "prod"} <= {name for name, policy in POLICIES.items() if policy == "float32"}
    assert POLICIES["add"] == POLICIES["relu"] == POLICIES["exp"] == "keep"


@pytest.mark.parametrize("lower", LOWER)
def test_operations_cast_by_their_policies(lower):
    a, b = ember.randn(3, 3), ember.randn(3, 3)
    with ember.autocast("cpu", dtype=lower):
        product = a @ b
        assert product.dtype == lower
        assert (a + b).dtype == ember.float32 and (product + a).dtype == ember.float32
        assert (product + product).dtype == lower and product.exp().dtype == lower
        assert F.mse_loss(product, product).dtype == ember.float32
        assert F.cross_entropy(product, ember.tensor([0, 1, 2])).dtype == ember.float32
        assert ember.cat([product, a]).dtype == ember.float32 and ember.cat([product, product]).dtype == lower
        assert ember.index_copy(product, 0, ember.tensor([0, 1, 2]), a).dtype == ember.float32
        assert (a.double() @ b.double()).dtype == ember.float64
        assert (a.int() @ b.int()).dtype == ember.int32
    assert (a @ b).dtype == ember.float32
    expected = (a.to(lower) @ b.to(lower)).tolist()
    assert product.tolist() == expected


def test_in_place_and_out_keep_the_types():
    a = ember.randn(3, 3)
    with ember.autocast("cpu"):
        assert ember.mm(a, a, out=ember.empty(3, 3)).dtype == ember.float32
        assert a.clone().addmm_(a, a).dtype == ember.float32
        assert ember.empty(2, 2, device="meta").mm(ember.empty(2, 2, device="meta")).dtype == ember.float32


def test_gradients_come_back_in_the_types_of_the_leaves():
    weight, x = leaf(1.0, 2.0, 3.0, 4.0), ember.ones(3, 2)
    with ember.autocast("cpu"):
        loss = (x @ weight.reshape(2, 2)).sum()
        assert loss.dtype == ember.bfloat16
        loss.backward()  # also inside a block
    assert weight.grad.dtype == ember.float32 and weight.grad.tolist() == [3.0] * 4


def test_blocks_nest_and_restore():
    assert not ember.is_autocast_enabled("cpu") and ember.get_autocast_dtype("cpu") == ember.bfloat16
    with ember.autocast("cpu", dtype=ember.float16, cache_enabled=False):
        assert ember.is_autocast_enabled("cpu") and ember.get_autocast_dtype("cpu") == ember.float16
        assert not ember.is_autocast_cache_enabled()
        with ember.autocast("cpu", enabled=False):
            assert not ember.is_autocast_enabled("cpu")
            assert (ember.ones(2, 2) @ ember.ones(2, 2)).dtype == ember.float32
        assert ember.is_autocast_enabled("cpu")
    assert not ember.is_autocast_enabled("cpu") and ember.get_autocast_dtype("cpu") == ember.bfloat16
    assert ember.is_autocast_cache_enabled()
    with pytest.raises(ValueError, match="stop"), ember.autocast("cpu"):
        raise ValueError("stop")
    assert not ember.is_autocast_enabled("cpu")


def test_one_object_may_be_entered_twice_and_decorate():
    mode = ember.autocast("cpu")
    with mode, mode:
        assert ember.is_autocast_enabled("cpu")
    assert not ember.is_autocast_enabled("cpu")

    @ember.autocast("cpu")
    def product(x):
        """Doc."""
        return x @ x

    assert product(ember.ones(2, 2)).dtype == ember.bfloat16 and product.__doc__ == "Doc."
    assert not ember.is_autocast_enabled("cpu")


def test_the_mode_is_the_threads_own():
    seen = []
    with ember.autocast("cpu"):
        thread = threading.Thread(target=lambda: seen.append(ember.is_autocast_enabled("cpu")))
        thread.start()
        thread.join()
    assert seen == [False]


def casts_of(function) -> int:
    with ember.profiler.profile() as profile:
        function()
    return sum(event.name == "aten::_cast" for event in profile.events())


def test_parameters_are_cast_once_in_the_outermost_block():
    layer, x = nn.Linear(4, 4), ember.randn(2, 4, dtype=ember.bfloat16)

    def twice(cached=True):
        with ember.autocast("cpu", cache_enabled=cached):
            with ember.autocast("cpu", cache_enabled=cached):
                layer(x)
            return layer(x)

    assert casts_of(twice) == 2 and casts_of(twice) == 2  # weight and bias; again in the next block
    assert casts_of(lambda: twice(cached=False)) == 4
    twice().sum().backward()
    assert layer.weight.grad is not None


def test_the_cache_follows_changes_and_the_graph():
    weight = leaf(1.0, 2.0).detach().reshape(1, 2).requires_grad_()
    x = ember.ones(1, 2)
    with ember.autocast("cpu"):
        with ember.no_grad():
            F.linear(x, weight)
        assert F.linear(x, weight).requires_grad  # not the cast that was made outside of the graph
        with ember.no_grad():
            weight.mul_(2)
        assert F.linear(x, weight).item() == 6.0


def test_modules_train_under_autocast():
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    optimizer = ember.optim.SGD(model.parameters(), lr=0.5)
    x, y = ember.randn(16, 8), ember.randint(0, 4, (16,))
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        with ember.autocast("cpu", dtype=ember.bfloat16):
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    assert all(parameter.dtype == ember.float32 for parameter in model.parameters())


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Conv1d(4, 3, 2), (2, 4, 5)),
        (lambda: nn.Conv2d(4, 3, 2, padding_mode="reflect", padding=1), (2, 4, 5, 5)),
        (lambda: nn.ConvTranspose2d(4, 3, 2), (2, 4, 5, 5)),
        (lambda: nn.LSTM(4, 3, 2, bidirectional=True), (5, 2, 4)),
        (lambda: nn.GRU(4, 3), (5, 2, 4)),
        (lambda: nn.RNN(4, 3), (5, 2, 4)),
        (lambda: nn.Bilinear(4, 4, 3), None),
        (lambda: nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0), (5, 2, 4)),
    ],
)
def test_layers_give_the_values_of_full_precision(layer, shape, lower):
    layer = layer()
    inputs = [ember.randn(*shape, requires_grad=True)] if shape else [ember.randn(2, 4, requires_grad=True)] * 2
    expected = layer(*inputs)
    with ember.autocast("cpu", dtype=lower):
        found = layer(*inputs)
    expected, found = (each[0] if isinstance(each, tuple) else each for each in (expected, found))
    assert found.dtype == (
        ember.float32 if isinstance(layer, (nn.Bilinear, nn.GRU, nn.TransformerEncoderLayer)) else lower
    )
    scale = expected.abs().max().item()
    assert (found.float() - expected).abs().max().item() < 16 * ember.finfo(lower).eps * scale
    found.float().sum().backward()
    assert all(each.grad is not None and each.grad.dtype == ember.float32 for each in layer.parameters())


def test_a_custom_function_says_what_it_wants():
    class Product(ember.autograd.Function):
        @staticmethod
        @ember.amp.custom_fwd(device_type="cpu", cast_inputs=ember.float32)
        def forward(ctx, a, b):
            assert a.dtype == ember.float32 and not ember.is_autocast_enabled("cpu")
            ctx.save_for_backward(a, b)
            return a @ b

        @staticmethod
        @ember.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            assert not ember.is_autocast_enabled("cpu")
            a, b = ctx.saved_tensors
            return g @ b.T, a.T @ g

    class Kept(ember.autograd.Function):
        @staticmethod
        @ember.amp.custom_fwd(device_type="cpu")
        def forward(ctx, a):
            ctx.save_for_backward(a)
            return a @ a

        @staticmethod
        @ember.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            assert ember.is_autocast_enabled("cpu")
            return (g @ ctx.saved_tensors[0]).float()

    a = ember.randn(2, 2, requires_grad=True)
    with ember.autocast("cpu"):
        result = Product.apply(a.bfloat16(), a)
        other = Kept.apply(a)
    assert result.dtype == ember.float32 and other.dtype == ember.bfloat16
    (result.sum() + other.sum()).backward()
    assert a.grad.dtype == ember.float32


def test_switches_without_blocks():
    ember.set_autocast_enabled("cpu", True)
    ember.set_autocast_dtype("cpu", ember.float16)
    try:
        assert (ember.ones(2, 2) @ ember.ones(2, 2)).dtype == ember.float16
    finally:
        ember.set_autocast_enabled("cpu", False)
        ember.set_autocast_dtype("cpu", ember.bfloat16)
        ember.clear_autocast_cache()
    assert ember.amp.is_autocast_available("cpu") and ember.amp.is_autocast_available("cuda")


def test_what_does_not_exist_here_warns_and_does_nothing():
    with pytest.warns(UserWarning, match="CUDA is not available"), ember.autocast("cuda"):
        assert (ember.ones(2, 2) @ ember.ones(2, 2)).dtype == ember.float32
    with pytest.warns(UserWarning, match="target dtype is not supported"), ember.autocast("cpu", dtype=ember.float64):
        assert not ember.is_autocast_enabled("cpu")
    with pytest.raises(ValueError, match="Expected `device_type` of type `str`"):
        ember.autocast(3)
    with pytest.raises(RuntimeError, match="expected one of cpu, cuda"):
        ember.autocast("gpu")


# ---- GradScaler ----------------------------------------------------------------------------------------------------------


def scaler_and_parameter(**options):
    parameter = nn.Parameter(ember.ones(3))
    optimizer = ember.optim.SGD([parameter], lr=1.0)
    return ember.amp.GradScaler("cpu", **options), parameter, optimizer


def test_scaled_steps_are_the_steps_without():
    scaler, parameter, optimizer = scaler_and_parameter(init_scale=1024.0)
    loss = (parameter * ember.tensor([1.0, 2.0, 3.0])).sum()
    assert scaler.scale(loss).item() == 6 * 1024
    assert scaler.scale([loss, (loss,)])[1][0].item() == 6 * 1024
    scaler.scale(loss).backward()
    assert parameter.grad.tolist() == [1024.0, 2048.0, 3072.0]
    scaler.unscale_(optimizer)
    assert parameter.grad.tolist() == [1.0, 2.0, 3.0]
    scaler.step(optimizer)
    scaler.update()
    assert parameter.tolist() == [0.0, -1.0, -2.0]
    assert scaler.state_dict()["_growth_tracker"] == 1


@pytest.mark.parametrize("bad", [float("inf"), float("nan"), float("-inf")])
def test_a_step_that_overflowed_is_left_out(bad):
    scaler, parameter, optimizer = scaler_and_parameter(init_scale=8.0)
    scaler.scale(parameter.sum())
    parameter.grad = ember.tensor([1.0, bad, 1.0])
    assert scaler.step(optimizer) is None
    scaler.update()
    assert parameter.tolist() == [1.0] * 3 and scaler.get_scale() == 4.0


def test_the_scale_grows_after_the_interval_but_never_to_infinity():
    scaler, parameter, optimizer = scaler_and_parameter(init_scale=2.0, growth_interval=2, growth_factor=4.0)
    for expected in (2.0, 8.0, 8.0, 32.0):
        scaler.scale(parameter.sum() * 0).backward()
        scaler.step(optimizer)
        scaler.update()
        assert scaler.get_scale() == expected
    scaler.update(3e38)
    for _ in range(2):
        optimizer.zero_grad()
        scaler.scale(parameter.sum() * 0).backward()
        scaler.step(optimizer)
        scaler.update()
    assert scaler.get_scale() == pytest.approx(3e38)


def test_each_optimizer_is_judged_by_itself():
    scaler, parameter, optimizer = scaler_and_parameter()
    other = nn.Parameter(ember.ones(2))
    second = ember.optim.SGD([other], lr=1.0)
    scaler.scale(parameter.sum())
    parameter.grad, other.grad = ember.full((3,), float("inf")), ember.full((2,), 65536.0)
    scaler.step(optimizer)
    scaler.step(second)
    scaler.update()
    assert parameter.tolist() == [1.0] * 3 and other.tolist() == [0.0, 0.0]
    assert scaler.get_scale() == 32768.0


def test_misuse_of_the_scaler():
    scaler, parameter, optimizer = scaler_and_parameter()
    with pytest.raises(AssertionError, match="Attempted step but _scale is None"):
        scaler.step(optimizer)
    with pytest.raises(ValueError, match="outputs must be a Tensor or an iterable of Tensors"):
        scaler.scale(3)
    scaler.scale(parameter.sum()).backward()
    with pytest.raises(RuntimeError, match="Closure use is not currently supported"):
        scaler.step(optimizer, closure=lambda: None)
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called on this optimizer"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"step\(\) has already been called"):
        scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) is being called after step"):
        scaler.unscale_(optimizer)
    with pytest.raises(AssertionError, match="may only be pickled at the beginning"):
        pickle.dumps(scaler)
    scaler.update()
    with pytest.raises(AssertionError, match="No inf checks were recorded prior to update"):
        scaler.update()
    half = nn.Parameter(ember.ones(2, dtype=ember.float16))
    half.grad = ember.ones(2, dtype=ember.float16)
    with pytest.raises(ValueError, match="Attempting to unscale FP16 gradients"):
        scaler.step(ember.optim.SGD([half], lr=1.0))
    with pytest.raises(AssertionError, match="must be > 1"):
        ember.amp.GradScaler("cpu", growth_factor=1.0)
    with pytest.raises(RuntimeError, match="source state dict is empty"):
        scaler.load_state_dict({})


def test_the_scaler_is_saved_and_pickled():
    scaler, parameter, optimizer = scaler_and_parameter(init_scale=16.0, growth_interval=7)
    scaler.scale(parameter.sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    state = scaler.state_dict()
    assert state == {
        "scale": 16.0,
        "growth_factor": 2.0,
        "backoff_factor": 0.5,
        "growth_interval": 7,
        "_growth_tracker": 1,
    }
    other = ember.amp.GradScaler("cpu")
    other.load_state_dict(copy.deepcopy(state))
    assert other.state_dict() == state == pickle.loads(pickle.dumps(scaler)).state_dict()
    other.scale(parameter.sum())
    assert other.state_dict() == state
    disabled = ember.amp.GradScaler("cpu", enabled=False)
    assert disabled.state_dict() == {} and disabled.get_scale() == 1.0 and disabled.scale(3) == 3


def test_the_training_loop_for_cuda_runs_on():
    """The loop of PyTorch's older documentation: without a GPU it warns and trains."""
    from ember.cuda.amp import GradScaler, autocast

    model = nn.Linear(4, 2)
    optimizer, criterion = ember.optim.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss()
    x, y = ember.randn(8, 4), ember.randint(0, 2, (8,))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        scaler = GradScaler()
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            with autocast():
                loss = criterion(model(x), y)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            losses.append(loss.item())
    assert losses[-1] < losses[0]
    texts = [str(each.message) for each in seen]
    assert any("GradScaler is enabled, but CUDA is not available.  Disabling." in each for each in texts)
    assert any("Disabling autocast" in each for each in texts)
    assert {each.category for each in seen} == {FutureWarning, UserWarning}
