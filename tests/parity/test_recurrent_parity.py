"""Recurrent networks beside PyTorch: values and gradients of all options, parameters, packing, types of errors."""

from __future__ import annotations

import inspect
import itertools
import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

RANDOM = numpy.random.default_rng(0)
NETWORKS = ["RNN", "GRU", "LSTM"]
CELLS = ["RNNCell", "GRUCell", "LSTMCell"]
# PyTorch's own oneDNN kernels round differently; its plain ones are compared with.
TOLERANCE = {numpy.float64: 1e-10, numpy.float32: 2e-4}


def random(*shape):
    return RANDOM.normal(0, 0.6, shape)


def options_of(name):
    """All combinations that a network takes."""
    for layers, bias, batch_first, both in itertools.product((1, 2), (True, False), (False, True), (False, True)):
        plain = {"num_layers": layers, "bias": bias, "batch_first": batch_first, "bidirectional": both}
        yield plain
        if name == "LSTM":
            yield plain | {"proj_size": 3}
        if name == "RNN":
            yield plain | {"nonlinearity": "relu"}


def pair(name, *arguments, dtype=numpy.float64, **options):
    """The same layer in both libraries."""
    theirs = getattr(torch.nn, name)(*arguments, **options).to(getattr(torch, dtype.__name__))
    ours = getattr(ember.nn, name)(*arguments, **options).to(getattr(ember, dtype.__name__))
    ours.load_state_dict({key: ember.from_numpy(value.numpy().copy()) for key, value in theirs.state_dict().items()})
    return ours, theirs


def flat(result):
    """The tensors of nested tuples; a packed sequence is its data."""
    if result is None:
        return []
    if type(result).__name__ == "PackedSequence":
        return [result.data]
    return [each for part in result for each in flat(part)] if isinstance(result, tuple) else [result]


def same(ours, theirs, arrays, call, dtype=numpy.float64):
    """Results and all gradients of `call(library, layer, *tensors)`."""
    found = []
    for library, layer in ((ember, ours), (torch, theirs)):
        inputs = [library.from_numpy(each.astype(dtype)).requires_grad_() for each in arrays]
        results = flat(call(library, layer, *inputs))
        loss = sum((each * each.cos()).sum() for each in results)
        loss.backward()
        found.append([*results, *(each.grad for each in (*inputs, *layer.parameters()))])
    for mine, other in zip(*found, strict=True):
        assert mine.shape == other.shape
        assert mine.stride() == other.stride() or mine.is_contiguous() or not other.is_contiguous()
        numpy.testing.assert_allclose(
            mine.detach().numpy(), other.detach().numpy(), rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype]
        )


def states(name, options, batch):
    count = options["num_layers"] * (1 + options["bidirectional"])
    sizes = [options.get("proj_size", 5) or 5] + ([5] if name == "LSTM" else [])
    return [random(*([count, batch, size] if batch else [count, size])) for size in sizes]


def as_given(name, given):
    return tuple(given) if name == "LSTM" else given[0] if given else None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_all_options(name, dtype):
    for options in options_of(name):
        ours, theirs = pair(name, 4, 5, dtype=dtype, **options)
        assert repr(ours) == repr(theirs)
        x = random(3, 6, 4) if options["batch_first"] else random(6, 3, 4)

        def run(library, layer, x, *given):
            return layer(x, as_given(name, given)) if given else layer(x)

        def packed(library, layer, x, *given, options=options, order=(0, 1, 2)):
            function = library.nn.utils.rnn.pack_padded_sequence
            sizes = [(6, 4, 1)[i] for i in order]
            sequence = function(x, sizes, options["batch_first"], enforce_sorted=order == (0, 1, 2))
            return layer(sequence, as_given(name, given))

        same(ours, theirs, [x], run, dtype)
        ours.zero_grad(), theirs.zero_grad()
        same(ours, theirs, [x, *states(name, options, 3)], run, dtype)
        ours.zero_grad(), theirs.zero_grad()
        same(ours, theirs, [x[0], *states(name, options, 0)], run, dtype)
        ours.zero_grad(), theirs.zero_grad()
        same(ours, theirs, [x, *states(name, options, 3)], packed, dtype)
        ours.zero_grad(), theirs.zero_grad()
        same(
            ours,
            theirs,
            [x, *states(name, options, 3)],
            lambda *args, run=packed: run(*args, order=(2, 0, 1)),
            dtype,
        )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_second_gradients(name):
    ours, theirs = pair(name, 3, 4, num_layers=2, bidirectional=True)
    x, found = random(5, 2, 3), []
    with torch.backends.mkldnn.flags(enabled=False):
        for library, layer in ((ember, ours), (torch, theirs)):
            given = library.from_numpy(x.copy()).requires_grad_()
            loss = layer(given)[0].square().sum()
            (gradient,) = library.autograd.grad(loss, [given], create_graph=True)
            gradient.square().sum().backward()
            found.append([given.grad, *(each.grad for each in layer.parameters())])
    for mine, other in zip(*found, strict=True):
        numpy.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_cells(name, bias):
    for extra in [{}] + ([{"nonlinearity": "relu"}] if name == "RNNCell" else []):
        ours, theirs = pair(name, 3, 5, bias, **extra)
        given = [random(4, 5) for _ in range(2 if name == "LSTMCell" else 1)]

        def run(library, layer, x, *h):
            return layer(x, (tuple(h) if name == "LSTMCell" else h[0]) if h else None)

        for arrays in ([random(4, 3)], [random(4, 3), *given], [random(3), *(each[0] for each in given)]):
            ours.zero_grad(), theirs.zero_grad()
            same(ours, theirs, arrays, run)


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
def test_functions(name):
    rows = {"lstm": 4, "gru": 3}.get(name, 1) * 5
    weights = [random(rows, 3), random(rows, 5), random(rows), random(rows)]
    given = [random(2, 5) for _ in range(2 if name == "lstm" else 1)]
    found = []
    for library in (ember, torch):
        params = [library.from_numpy(each.copy()) for each in weights]
        first = [library.from_numpy(each.copy()) for each in given]
        x = library.from_numpy(numpy.ones((4, 2, 3)))
        batched = [each.unsqueeze(0) for each in first]
        hx = tuple(batched) if name == "lstm" else batched[0]
        function, cell = getattr(library, name), getattr(library, f"{name}_cell")
        step = tuple(first) if name == "lstm" else first[0]
        found.append(
            flat(tuple(function(x, hx, params, True, 1, 0.0, False, False, False)))
            + flat(tuple(function(x[:, 0], library.tensor([2, 1, 1]), hx, params, True, 1, 0.0, False, False)))
            + flat(cell(x[0], step, *params))
        )
    for mine, other in zip(*found, strict=True):
        numpy.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [*NETWORKS, *CELLS])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_types_under_autocast(name, dtype):
    found = []
    for library in (ember, torch):
        layer, x = getattr(library.nn, name)(3, 4), library.ones(2, 3, dtype=getattr(library, dtype))
        with library.autocast("cpu"):
            results = flat(layer(x))
        sum(each.float().sum() for each in results).backward()
        assert all(each.grad.dtype == library.float32 for each in layer.parameters())
        found.append([str(each.dtype) for each in results])
    assert found[0] == found[1]


# ---- nn.utils.rnn ----


@pytest.mark.parametrize("name", torch.nn.utils.rnn.__all__)
def test_signatures(name):
    ours, theirs = getattr(ember.nn.utils.rnn, name), getattr(torch.nn.utils.rnn, name)
    if name == "PackedSequence":
        assert ours._fields == theirs._fields
        assert set(dir(theirs)) - set(dir(ours)) <= {"__orig_bases__"}
        ours, theirs = ours.__new__, theirs.__new__
    assert [(each.name, each.default) for each in inspect.signature(ours).parameters.values()] == [
        (each.name, each.default) for each in inspect.signature(theirs).parameters.values()
    ]


def test_packing_and_padding():
    lengths = [2, 5, 1, 5, 3]
    found = []
    for library in (ember, torch):
        rnn = library.nn.utils.rnn
        sequences = [library.arange(float(2 * length)).reshape(length, 2) + i for i, length in enumerate(lengths)]
        packed = rnn.pack_sequence(sequences, enforce_sorted=False)
        row = [*packed, *rnn.pad_packed_sequence(packed), *rnn.pad_packed_sequence(packed, True, -1.0, 7)]
        for batch_first, side in itertools.product((False, True), ("left", "right")):
            padded = rnn.pad_sequence(sequences, batch_first, 9.0, side)
            row += [padded, library.tensor(padded.stride())]
            # A clone: PyTorch's function transposes its argument in place.
            row += rnn.unpad_sequence(padded.clone(), library.tensor(lengths), batch_first)
        row += [*rnn.unpack_sequence(packed), *packed.double(), *packed.to(library.int32), *packed.half()]
        found.append(row)
    for mine, other in zip(*found, strict=True):
        assert str(mine.dtype) == str(other.dtype)
        numpy.testing.assert_array_equal(mine.numpy(), other.numpy())


def error_of(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function()
        except Exception as error:
            return type(error)
    return None


def wrong_calls(library):
    nn, zeros, rnn = library.nn, library.zeros, library.nn.utils.rnn
    for name in NETWORKS:
        layer = getattr(nn, name)(2, 3, 2)

        def start(*shape, name=name):
            return (zeros(*shape), zeros(*shape)) if name == "LSTM" else zeros(*shape)

        for given in (
            [zeros(5, 4, 3)],
            [zeros(1, 5, 4, 2)],
            [zeros(2)],
            [zeros(5, 4, 2).double()],
            [zeros(0, 4, 2)],
            [zeros(5, 4, 2), start(1, 4, 3)],
            [zeros(5, 4, 2), start(2, 5, 3)],
            [zeros(5, 4, 2), start(2, 4, 4)],
            [zeros(5, 4, 2), start(2, 3)],
            [zeros(5, 2), start(2, 1, 3)],
            [rnn.pack_sequence([zeros(3, 2), zeros(2, 2)]), start(2, 3, 3)],
        ):
            yield lambda layer=layer, given=given: layer(*given)
    for name in CELLS:
        layer = getattr(nn, name)(2, 3)

        def step(*shape, name=name):
            return (zeros(*shape), zeros(*shape)) if name == "LSTMCell" else zeros(*shape)

        for given in (
            [zeros(4, 3)],
            [zeros(1, 4, 2)],
            [zeros(4, 2), step(5, 3)],
            [zeros(4, 2), step(4, 4)],
            [zeros(4, 2), step(1, 4, 3)],
        ):
            yield lambda layer=layer, given=given: layer(*given)
    yield lambda: nn.LSTMCell(2, 3)(zeros(4, 2), zeros(4, 3))
    yield lambda: nn.RNNCell(2, 3, nonlinearity="x")(zeros(4, 2))
    for name, options in (
        ("LSTM", {"hidden_size": 0}),
        ("LSTM", {"hidden_size": 3.0}),
        ("LSTM", {"input_size": 0}),
        ("LSTM", {"num_layers": 0}),
        ("LSTM", {"proj_size": 3}),
        ("LSTM", {"proj_size": -1}),
        ("GRU", {"proj_size": 1}),
        ("RNN", {"proj_size": 1}),
        ("RNN", {"nonlinearity": "x"}),
        *(("LSTM", {"dropout": each, "num_layers": 2}) for each in (-1, 2, True, "a")),
    ):
        yield lambda name=name, options=options: getattr(nn, name)(**{"input_size": 2, "hidden_size": 3, **options})
    yield lambda: nn.LSTM(2)
    yield lambda: nn.RNNBase("X", 2, 3)
    x = zeros(5, 3, 2)
    for given in ([1, 2, 3], [3, 2, 0], [3, 2, -1], [3, 2], [3.0, 2.0, 1.0], library.tensor([[3, 2, 1]]), 3, (3, 2, 1)):
        yield lambda given=given: rnn.pack_padded_sequence(x, given)
    yield lambda: rnn.pack_padded_sequence(zeros(5), [3, 2])
    yield lambda: rnn.pack_padded_sequence(zeros(5, 0, 2), [])
    yield lambda: rnn.pack_padded_sequence("a", [1])
    yield lambda: rnn.pad_packed_sequence(rnn.pack_sequence([zeros(3)]), total_length=2)
    for given in ([], 3, "ab", [1, 2], [zeros(2, 3), zeros(4, 2)], [zeros(()), zeros(())]):
        yield lambda given=given: rnn.pad_sequence(given)
    yield lambda: rnn.pad_sequence([zeros(2)], padding_side="x")
    yield lambda: rnn.pack_sequence([zeros(1), zeros(2)])
    yield lambda: rnn.pack_sequence([])
    yield lambda: rnn.unpad_sequence(x, library.tensor([3, 2]))
    yield lambda: rnn.PackedSequence(zeros(3), zeros(2, device="meta"))


def test_types_of_errors():
    for i, (ours, theirs) in enumerate(zip(wrong_calls(ember), wrong_calls(torch), strict=True)):
        assert error_of(ours) is error_of(theirs), f"call {i}"


def test_dropout_with_one_layer_warns():
    for library in (ember, torch):
        with pytest.warns(UserWarning, match="got dropout=0.5 and num_layers=1"):
            library.nn.LSTM(2, 3, dropout=0.5)
