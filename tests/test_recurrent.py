"""Recurrent layers and cells against loops in NumPy; packed and padded batches; gradients by differences."""

import itertools
import warnings

import numpy
import pytest

import ember
from ember import nn
from ember.autograd import gradcheck, gradgradcheck
from ember.nn.utils import rnn

RANDOM = numpy.random.default_rng(0)
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4}
MODES = list(GATES)


def random(*shape):
    return RANDOM.normal(0, 0.6, shape)


def tensor(array, **options):
    return ember.tensor(numpy.asarray(array), **options)


def close(result, expected, tolerance=1e-12):
    numpy.testing.assert_allclose(result.detach().numpy(), expected, rtol=tolerance, atol=tolerance)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


# ---- the formulas ----


def cell(mode, x, h, c, weights):
    """One step: the next h and c. `weights` are w_ih, w_hh, b_ih, b_hh and, projected, w_hr."""
    w_ih, w_hh, b_ih, b_hh = weights[:4]
    a, b = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    if mode == "lstm":
        i, f, g, o = numpy.split(a + b, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        h = sigmoid(o) * numpy.tanh(c)
        return (h @ weights[4].T if len(weights) > 4 else h), c
    if mode == "gru":
        (x_r, x_z, x_n), (h_r, h_z, h_n) = numpy.split(a, 3, -1), numpy.split(b, 3, -1)
        z, n = sigmoid(x_z + h_z), numpy.tanh(x_n + sigmoid(x_r + h_r) * h_n)
        return (1 - z) * n + z * h, c
    return (numpy.tanh(a + b) if mode == "rnn_tanh" else numpy.maximum(a + b, 0)), c


def network(mode, x, h, c, weights, layers, directions):
    """All layers over (T, N, I): outputs, last h and last c, layer by layer and direction by direction."""
    ends = []
    for layer in range(layers):
        outputs = []
        for reverse in range(directions):
            at = layer * directions + reverse
            state, memory = h[at], c[at]
            steps = [None] * len(x)
            for t in reversed(range(len(x))) if reverse else range(len(x)):
                state, memory = cell(mode, x[t], state, memory, weights[at])
                steps[t] = state
            outputs.append(numpy.stack(steps))
            ends.append((state, memory))
        x = numpy.concatenate(outputs, -1)
    return x, *(numpy.stack(each) for each in zip(*ends, strict=True))


def parameters(mode, inputs, hidden, layers, directions, width=None):
    """`width` is that of a projected h."""
    out = width or hidden
    rows = GATES[mode] * hidden
    for layer in range(layers):
        for _ in range(directions):
            shapes = [(rows, out * directions if layer else inputs), (rows, out), (rows,), (rows,)]
            yield [random(*shape) for shape in shapes + ([(width, hidden)] if width else [])]


def module(mode, inputs, hidden, layers=1, bidirectional=False, **options):
    kind = {"lstm": nn.LSTM, "gru": nn.GRU}.get(mode, nn.RNN)
    if kind is nn.RNN:
        options["nonlinearity"] = mode[4:]
    return kind(inputs, hidden, layers, bidirectional=bidirectional, **{"dtype": ember.float64, **options})


def load(layer, weights):
    with ember.no_grad():
        for parameter, value in zip(layer.parameters(), itertools.chain.from_iterable(weights), strict=True):
            parameter.copy_(tensor(value))


def called(layer, x, h, c):
    """Outputs, last h and last c (None where there is none)."""
    lstm = isinstance(layer, nn.LSTM)
    output, ends = layer(x, (h, c) if lstm else h)
    return output, *(ends if lstm else (ends, None))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("layers", "directions", "width"), [(1, 1, 0), (2, 1, 0), (1, 2, 0), (2, 2, 0), (1, 1, 2), (2, 2, 3)]
)
def test_values(mode, layers, directions, width):
    if width and mode != "lstm":
        pytest.skip("only lstm is projected")
    steps, batch, inputs, hidden = 5, 3, 4, 6
    weights = list(parameters(mode, inputs, hidden, layers, directions, width))
    layer = module(mode, inputs, hidden, layers, directions == 2, **({"proj_size": width} if width else {}))
    load(layer, weights)
    x, h, c = (
        random(*s)
        for s in (
            (steps, batch, inputs),
            (layers * directions, batch, width or hidden),
            (layers * directions, batch, hidden),
        )
    )
    expected = network(mode, x, h, c, weights, layers, directions)
    found = called(layer, tensor(x), tensor(h), tensor(c))
    for result, value in zip(found, expected, strict=True):
        if result is not None:
            close(result, value)
    with ember.no_grad():
        close(called(layer, tensor(x), tensor(h), tensor(c))[0], expected[0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("batch", "inputs", "hidden"), [(13, 7, 33), (1, 1, 1), (40, 3, 64), (5, 130, 17)])
def test_sizes_that_no_vector_divides(mode, batch, inputs, hidden):
    weights = list(parameters(mode, inputs, hidden, 1, 1))
    weights = [[each / max(inputs, hidden) ** 0.5 for each in own] for own in weights]
    x, zeros = random(9, batch, inputs), numpy.zeros((1, batch, hidden))
    expected = network(mode, x, zeros, zeros, weights, 1, 1)[0]
    for dtype, tolerance in ((ember.float64, 1e-12), (ember.float32, 2e-5)):
        layer = module(mode, inputs, hidden, dtype=dtype)
        load(layer, weights)
        close(layer(tensor(x, dtype=dtype))[0], expected, tolerance)


@pytest.mark.parametrize("mode", MODES)
def test_without_biases_and_first_states(mode):
    weights = list(parameters(mode, 4, 5, 2, 2))
    for own in weights:
        own[2] *= 0
        own[3] *= 0
    layer = module(mode, 4, 5, 2, True, bias=False)
    load(layer, [own[:2] for own in weights])
    x, zeros = random(6, 3, 4), numpy.zeros((4, 3, 5))
    close(layer(tensor(x))[0], network(mode, x, zeros, zeros, weights, 2, 2)[0])


@pytest.mark.parametrize("mode", MODES)
def test_batch_first_and_unbatched(mode):
    layer, x = module(mode, 4, 5, 2, True), tensor(random(6, 3, 4))
    output, ends = layer(x)
    first = module(mode, 4, 5, 2, True, batch_first=True)
    first.load_state_dict(layer.state_dict())
    other, other_ends = first(x.transpose(0, 1))
    close(other.transpose(0, 1), output.detach().numpy(), 0)
    h, other_h = (each[0] if mode == "lstm" else each for each in (ends, other_ends))
    close(other_h, h.detach().numpy(), 0)
    alone, alone_ends = layer(x[:, 1])
    alone_h = alone_ends[0] if mode == "lstm" else alone_ends
    assert alone.shape == (6, 10)
    assert alone_h.shape == (4, 5)
    close(alone, output[:, 1].detach().numpy())
    close(alone_h, h[:, 1].detach().numpy())
    state = tensor(random(4, 5))
    assert layer(x[:, 1], (state, state) if mode == "lstm" else state)[0].shape == (6, 10)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", [[4, 4, 2, 1], [1, 4, 2, 4], [3], [2, 2, 2]])
def test_packed_sequences_run_as_if_alone(mode, lengths):
    layer = module(mode, 3, 5, 2, True)
    sequences = [tensor(random(length, 3)) for length in lengths]
    states = [tensor(random(4, len(lengths), 5)) for _ in range(2)]
    packed = rnn.pack_sequence(sequences, enforce_sorted=False)
    output, h, c = called(layer, packed, *states)
    assert isinstance(output, rnn.PackedSequence)
    for i, (sequence, result) in enumerate(zip(sequences, rnn.unpack_sequence(output), strict=True)):
        alone = called(layer, sequence, states[0][:, i], states[1][:, i])
        for one, other in zip((result, h[:, i], None if c is None else c[:, i]), alone, strict=True):
            if one is not None:
                close(one, other.detach().numpy())


def differentiable(mode, layers, directions, width=0, packed=False):
    """A network of its input, first states and parameters, and values for these."""
    weights = list(parameters(mode, 2, 3, layers, directions, width))
    states = [random(layers * directions, 3, n) for n in (width or 3, 3)[: 2 if mode == "lstm" else 1]]
    arrays = [random(6, 2) if packed else random(3, 3, 2), *states, *itertools.chain.from_iterable(weights)]

    def run(x, *rest):
        hx, params = rest[: len(states)], rest[len(states) :]
        hx = hx if mode == "lstm" else hx[0]
        options = (True, layers, 0.0, True, directions == 2)
        if packed:
            return getattr(ember, mode)(x, ember.tensor([3, 2, 1]), hx, params, *options)
        return getattr(ember, mode)(x, hx, params, *options, False)

    return run, [tensor(each, requires_grad=True) for each in arrays]


NETWORKS = [
    *((mode, 1, 1, 0, packed) for mode in MODES for packed in (False, True)),
    *((mode, 2, 2, 0, packed) for mode in MODES for packed in (False, True)),
    *(("lstm", layers, layers, 2, packed) for layers in (1, 2) for packed in (False, True)),
]


@pytest.mark.parametrize("arguments", NETWORKS)
def test_gradients(arguments):
    assert gradcheck(*differentiable(*arguments))


@pytest.mark.parametrize("arguments", [each for each in NETWORKS if each[1] == 1])
def test_second_gradients(arguments):
    assert gradgradcheck(*differentiable(*arguments))


@pytest.mark.parametrize("arguments", [each for each in NETWORKS if each[1] == 2])
def test_recorded_gradients_equal_the_fused_ones(arguments):
    run, inputs = differentiable(*arguments)
    loss = sum((output * output).sum() for output in run(*inputs))
    fused = ember.autograd.grad(loss, inputs, retain_graph=True)
    recorded = ember.autograd.grad(loss, inputs, create_graph=True)
    for one, other in zip(fused, recorded, strict=True):
        assert other.requires_grad
        close(one, other.detach().numpy())


@pytest.mark.parametrize("mode", MODES)
def test_one_thread_gives_the_same_bits(mode):
    layer = module(mode, 20, 40, 2, dtype=ember.float32)
    x = tensor(random(20, 24, 20), dtype=ember.float32, requires_grad=True)

    def run():
        layer.zero_grad()
        x.grad = None
        output, _ = layer(x)
        output.square().sum().backward()
        # The weights' gradients are products of whole matrices, which have a law of their own.
        return [output, *(each.grad for name, each in layer.named_parameters() if name.startswith("bias"))]

    threads = ember.get_num_threads()
    try:
        results = []
        for count in (1, 2, 3):
            ember.set_num_threads(count)
            results.append([each.detach().numpy().tobytes() for each in run()])
    finally:
        ember.set_num_threads(threads)
    assert results[0][0] == results[1][0] == results[2][0]
    assert results[0][-2:] == results[1][-2:] == results[2][-2:]  # the last layer's biases


def test_gradient_only_where_it_is_wanted():
    layer = nn.LSTM(3, 4)
    layer.weight_hh_l0.requires_grad_(False)
    x = tensor(random(2, 1, 3), dtype=ember.float32, requires_grad=True)
    layer(x)[1][1].sum().backward()  # through the last c alone
    assert layer.weight_hh_l0.grad is None
    assert x.grad.shape == x.shape
    assert layer.bias_ih_l0.grad.equal(layer.bias_hh_l0.grad)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16])
def test_sixteen_bits_are_computed_in_float32(mode, dtype):
    layer = module(mode, 4, 5, dtype=dtype)
    wide = module(mode, 4, 5, dtype=ember.float32)
    wide.load_state_dict({key: value.float() for key, value in layer.state_dict().items()})
    x = tensor(random(6, 3, 4), dtype=dtype)
    output, _ = layer(x)
    assert output.dtype == dtype
    assert output.equal(wide(x.float())[0].to(dtype))
    output.sum().backward()
    assert layer.weight_ih_l0.grad.dtype == dtype


@pytest.mark.parametrize("mode", MODES)
def test_meta_tensors_have_the_shapes(mode):
    layer = module(mode, 4, 5, 2, True, device="meta")
    output, ends = layer(ember.zeros(6, 3, 4, device="meta", dtype=ember.float64))
    assert output.shape == (6, 3, 10)
    assert (ends[0] if mode == "lstm" else ends).shape == (4, 3, 5)
    output.sum().backward()
    assert layer.weight_ih_l0.grad.shape == layer.weight_ih_l0.shape


@pytest.mark.parametrize("mode", MODES)
def test_no_sequences(mode):
    layer = module(mode, 4, 5)
    output, ends = layer(tensor(numpy.zeros((6, 0, 4))))
    assert output.shape == (6, 0, 5)
    assert (ends[0] if mode == "lstm" else ends).shape == (1, 0, 5)
    output.sum().backward()
    assert layer.weight_ih_l0.grad.abs().sum() == 0


def test_dropout_lies_between_layers():
    layer = nn.GRU(3, 4, 2, dropout=1.0, dtype=ember.float64)
    x = tensor(random(5, 2, 3))
    weights = [[each.detach().numpy() for each in own] for own in layer.all_weights]
    zeros = numpy.zeros((1, 2, 4))
    close(layer(x)[0], network("gru", numpy.zeros((5, 2, 4)), zeros, zeros, weights[1:], 1, 1)[0])
    layer.eval()
    zeros = numpy.zeros((2, 2, 4))
    close(layer(x)[0], network("gru", x.numpy(), zeros, zeros, weights, 2, 1)[0])
    with pytest.warns(UserWarning, match="all but last recurrent layer"):
        nn.GRU(3, 4, dropout=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.GRU(3, 4, 2, dropout=0.5)


def test_parameters_and_what_is_public():
    layer = nn.LSTM(2, 5, 2, bidirectional=True, proj_size=3)
    each = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
    names = [f"{name}_l{i}{suffix}" for i in range(2) for suffix in ("", "_reverse") for name in each]
    assert list(layer.state_dict()) == layer._flat_weights_names == names
    assert [len(own) for own in layer.all_weights] == [5, 5, 5, 5]
    assert layer.weight_ih_l1.shape == (20, 6)
    assert layer.flatten_parameters() is None
    assert all(parameter.abs().max() <= 5**-0.5 for parameter in layer.parameters())
    layer.weight_hh_l0 = nn.Parameter(layer.weight_hh_l0.detach() * 0)
    assert layer._flat_weights[1] is layer.weight_hh_l0


def test_functions_take_padded_and_packed_input():
    layer, x = nn.GRU(3, 4), tensor(random(5, 2, 3), dtype=ember.float32)
    h = ember.zeros(1, 2, 4)
    output, _ = ember.gru(x, h, layer._flat_weights, True, 1, 0.0, False, False, False)
    assert output.equal(layer(x)[0])
    packed = rnn.pack_padded_sequence(x, [5, 5])
    data, _ = ember.gru(packed.data, packed.batch_sizes, h, layer._flat_weights, True, 1, 0.0, False, False)
    assert data.equal(output.flatten(0, 1))
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        ember.lstm(x)
    with pytest.raises(RuntimeError, match="3 parameters are given"):
        ember.gru(x, h, layer._flat_weights[:3], True, 1, 0.0, False, False, False)


# ---- cells ----


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bias", [True, False])
def test_cells(mode, bias):
    kind = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}.get(mode, nn.RNNCell)
    layer = kind(3, 4, bias, *([mode[4:]] if kind is nn.RNNCell else []), dtype=ember.float64)
    (weights,) = parameters(mode, 3, 4, 1, 1)
    if not bias:
        weights = [*weights[:2], weights[2] * 0, weights[3] * 0]
    load(layer, [weights if bias else weights[:2]])
    x, h, c = random(5, 3), random(5, 4), random(5, 4)
    for states in ((h, c), (h * 0, c * 0)):
        expected = cell(mode, x, *states, weights)
        given = tuple(map(tensor, states)) if mode == "lstm" else tensor(states[0])
        found = layer(tensor(x), given if states[0].any() else None)
        for result, value in zip(found if mode == "lstm" else [found], expected, strict=False):
            close(result, value)
    alone = layer(tensor(x[0]))
    assert (alone[0] if mode == "lstm" else alone).shape == (4,)
    arrays = [x[:2], h[:2], *([c[:2]] if mode == "lstm" else []), *weights]

    def run(x, *rest):
        function = getattr(ember, f"{mode}_cell")
        return function(x, rest[:2], *rest[2:]) if mode == "lstm" else function(x, *rest)

    inputs = [tensor(each, requires_grad=True) for each in arrays]
    assert gradcheck(run, inputs)
    assert gradgradcheck(run, inputs)


# ---- padded and packed batches ----


def test_packing():
    padded = ember.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]])
    packed = rnn.pack_padded_sequence(padded, [2, 1, 3], batch_first=True, enforce_sorted=False)
    assert packed.data.tolist() == [4, 1, 3, 5, 2, 6]
    assert packed.batch_sizes.tolist() == [3, 2, 1]
    assert packed.sorted_indices.tolist() == [2, 0, 1]
    assert packed.unsorted_indices.tolist() == [1, 2, 0]
    back, lengths = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=-1, total_length=4)
    assert back.tolist() == [[1, 2, -1, -1], [3, -1, -1, -1], [4, 5, 6, -1]]
    assert lengths.tolist() == [2, 1, 3]
    assert [each.tolist() for each in rnn.unpack_sequence(packed)] == [[1, 2], [3], [4, 5, 6]]
    same = rnn.pack_padded_sequence(padded.t(), ember.tensor([3, 3, 3]))
    assert same.sorted_indices is None
    assert same.data.tolist() == padded.t().flatten().tolist()


def test_padding():
    sequences = [ember.tensor([[1.0], [2.0]]), ember.tensor([[3.0]]), ember.zeros(0, 1)]
    right = rnn.pad_sequence(sequences, padding_value=9)
    assert right.squeeze(2).tolist() == [[1, 3, 9], [2, 9, 9]]
    left = rnn.pad_sequence(sequences, True, 9, "left")
    assert left.squeeze(2).tolist() == [[1, 2], [9, 3], [9, 9]]
    lengths = ember.tensor([2, 1, 0])
    for found, expected in zip(rnn.unpad_sequence(right, lengths), sequences, strict=True):
        assert found.equal(expected)
    assert rnn.pad_sequence(ember.ones(2, 3)).shape == (3, 2)
    assert rnn.pad_sequence([ember.ones(1), ember.ones(2, dtype=ember.int64)]).dtype == ember.float32


def test_gradients_of_padding_and_packing():
    sequences = [tensor(random(length, 2), requires_grad=True) for length in (2, 3, 1)]
    for side in ("left", "right"):
        assert gradcheck(lambda *each, side=side: rnn.pad_sequence(each, True, 0.0, side), sequences)

    def there_and_back(*each):
        packed = rnn.pack_sequence(each, enforce_sorted=False)
        return packed.data, rnn.pad_packed_sequence(packed)[0]

    assert gradcheck(there_and_back, sequences)


def test_packed_sequence_is_a_named_tuple():
    packed = rnn.pack_sequence([ember.ones(2), ember.ones(3)], enforce_sorted=False)
    data, batch_sizes, sorted_indices, _ = packed
    assert packed._fields == ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
    assert repr(packed).startswith("PackedSequence(data=tensor([1., 1., 1., 1., 1.]), batch_sizes=tensor([2, 2, 1])")
    assert rnn.PackedSequence((data, batch_sizes)).sorted_indices is None
    assert rnn.PackedSequence(data, batch_sizes, sorted_indices).unsorted_indices.tolist() == [1, 0]
    assert packed.to(ember.float32) is packed.cpu() is packed
    for name, dtype in {
        "double": "float64",
        "half": "float16",
        "long": "int64",
        "char": "int8",
        "byte": "uint8",
    }.items():
        converted = getattr(packed, name)()
        assert isinstance(converted, rnn.PackedSequence)
        assert converted.data.dtype == getattr(ember, dtype)
        assert converted.batch_sizes is batch_sizes
    assert packed.is_cuda is packed.is_pinned() is False


def test_invert_permutation():
    permutation = ember.tensor([3, 0, 2, 1])
    assert rnn.invert_permutation(permutation)[permutation].tolist() == [0, 1, 2, 3]
    assert rnn.invert_permutation(None) is None


# ---- errors: their texts stand in error_messages.txt ----


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_errors_of_layers(name):
    layer = getattr(nn, name)(2, 3, 2)
    zeros = ember.zeros

    def states(*shape):
        return (zeros(*shape), zeros(*shape)) if name == "LSTM" else zeros(*shape)

    for kind, given in (
        (RuntimeError, [zeros(5, 4, 3)]),
        (ValueError, [zeros(1, 5, 4, 2)]),
        (ValueError, [zeros(2)]),
        (ValueError, [zeros(5, 4, 2, dtype=ember.float64)]),
        (RuntimeError, [zeros(0, 4, 2)]),
        (RuntimeError, [zeros(5, 4, 2), states(1, 4, 3)]),
        (RuntimeError, [zeros(5, 4, 2), states(2, 5, 3)]),
        (RuntimeError, [zeros(5, 4, 2), states(2, 4, 4)]),
        (RuntimeError, [zeros(5, 4, 2), states(2, 3)]),
        (RuntimeError, [zeros(5, 2), states(2, 1, 3)]),
        (RuntimeError, [rnn.pack_sequence([zeros(3, 2), zeros(2, 2)]), states(2, 3, 3)]),
        (RuntimeError, [rnn.pack_sequence([zeros(3, 3), zeros(2, 3)])]),
    ):
        with pytest.raises(kind):
            layer(*given)


def test_bad_tensors_never_reach_the_loops():
    """The operation checks for itself: users of the functions may bring any shapes."""
    x, w, h = ember.zeros(5, 4, 2), ember.zeros(12, 2), ember.zeros(12, 3)
    run = ember._C.ops._recurrent_layer
    good = ["lstm", x, None, None, w, h, None, None, None, None, False]
    assert run(*good)[0].shape == (5, 4, 3)
    for place, wrong in (
        (0, "elman"),
        (1, ember.zeros(5, 2)),
        (1, ember.zeros(5, 4, 3)),
        (1, ember.zeros(0, 4, 2)),
        (2, ember.zeros(4, 2)),
        (3, ember.zeros(3, 3)),
        (4, ember.zeros(11, 2)),
        (5, ember.zeros(12, 2)),
        (5, ember.zeros(11, 3)),
        (6, ember.zeros(11)),
        (7, ember.zeros(12, dtype=ember.float64)),
        (8, ember.zeros(3, 2)),
        (9, [4, 4]),
    ):
        with pytest.raises(RuntimeError, match=r"\(\): "):
            run(*good[:place], wrong, *good[place + 1 :])
    for place in (3, 8):  # gru and rnn have neither cells nor projections
        others = ["gru", x, None, None, ember.zeros(9, 2), ember.zeros(9, 3), None, None, None, None, False]
        others[place] = ember.zeros(4, 3) if place == 3 else ember.zeros(3, 3)
        with pytest.raises(RuntimeError, match="of an lstm only"):
            run(*others)
    packed = ["lstm", ember.zeros(5, 2), None, None, w, h, None, None, None, [3, 2], False]
    assert run(*packed)[0].shape == (5, 3)
    for sizes in ([2, 3], [5, 0], [3, 1], [], [3, 3]):
        with pytest.raises(RuntimeError, match="batch_sizes"):
            run(*packed[:9], sizes, False)


def test_errors_of_arguments():
    for kind, error, options in (
        (nn.LSTM, ValueError, {"hidden_size": 0}),
        (nn.LSTM, ValueError, {"num_layers": 0}),
        (nn.LSTM, ValueError, {"input_size": 0}),
        (nn.LSTM, TypeError, {"hidden_size": 3.0}),
        (nn.LSTM, ValueError, {"proj_size": 3}),
        (nn.LSTM, ValueError, {"proj_size": -1}),
        (nn.GRU, ValueError, {"proj_size": 1}),
        (nn.RNN, ValueError, {"nonlinearity": "sine"}),
        *((nn.LSTM, ValueError, {"dropout": each}) for each in (-1, 2, True, "a")),
    ):
        with pytest.raises(error):
            kind(**{"input_size": 2, "hidden_size": 3, **options})
    with pytest.raises(RuntimeError):
        nn.RNNCell(2, 3, nonlinearity="sine")(ember.zeros(1, 2))
    with pytest.raises(TypeError):
        nn.LSTMCell(2, 3)(ember.zeros(1, 2), ember.zeros(1, 3))
