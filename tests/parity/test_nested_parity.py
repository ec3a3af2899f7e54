"""Nested tensors beside PyTorch: values, lengths, layouts, dtypes, reprs, gradients, signatures and types of errors."""

from __future__ import annotations

import inspect
import re

import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def rows(library, lengths=(2, 4)):
    return [library.arange(float(length * 6)).reshape(length, 6).sin() for length in lengths]


def nested(library, layout, **options):
    return library.nested.nested_tensor(rows(library), layout=getattr(library, layout), **options)


def dense(library, *shape):
    return library.arange(float(torch.Size(shape).numel())).reshape(shape).cos()


def heads(x):
    return x.unflatten(-1, [2, 3]).transpose(1, 2)


def same(one, other):
    assert bool(one.is_nested) == bool(other.is_nested) and str(one.dtype) == str(other.dtype)
    if one.is_nested:
        assert str(one.layout) == str(other.layout) and one.dim() == other.dim() and one.numel() == other.numel()
    pairs = zip(*(each.unbind() if each.is_nested else (each,) for each in (one, other)), strict=True)
    for mine, theirs in pairs:
        assert tuple(mine.shape) == tuple(theirs.shape)
        torch.testing.assert_close(torch.from_numpy(mine.detach().numpy()), theirs.detach(), rtol=1e-5, atol=1e-6)


BOTH = {
    "itself": lambda t, x: x,
    "number": lambda t, x: x * 2 - 1,
    "sum of two": lambda t, x: x + x,
    "comparison": lambda t, x: x >= 0.5,
    "activations": lambda t, x: t.nn.functional.gelu(x) + x.relu() + t.nn.functional.silu(x) + x.tanh(),
    "linear": lambda t, x: t.nn.functional.linear(x, dense(t, 3, 6), dense(t, 3)),
    "layer_norm": lambda t, x: t.nn.functional.layer_norm(x, (6,), dense(t, 6), dense(t, 6)),
    "softmax": lambda t, x: x.softmax(-1),
    "softmax of a row": lambda t, x: x.softmax(1),
    "sum": lambda t, x: x.sum(-1, keepdim=True),
    "transpose": lambda t, x: x.transpose(1, 2),
    "cat": lambda t, x: t.cat([x, x], -1),
    "view": lambda t, x: x.view(2, -1, 2, 3),
    "unsqueeze": lambda t, x: x.unsqueeze(-1),
    "select": lambda t, x: x.select(2, 1),
    "row": lambda t, x: x[1],
    "element of a row": lambda t, x: x[0, 1],
    "padded": lambda t, x: x.to_padded_tensor(-1.0),
    "padded further": lambda t, x: t.nested.to_padded_tensor(x, 0.5, (2, 5, 6)),
    "values": lambda t, x: x.values(),
    "zeros_like": lambda t, x: t.zeros_like(x),
    "half": lambda t, x: x.half(),
    "chunk": lambda t, x: x.chunk(3, -1)[1],
    "masked_fill": lambda t, x: x.masked_fill(x > 0, 0.0),
}
JAGGED = {
    "dense": lambda t, x: x * dense(t, 6) + dense(t, 1, 1, 6),
    "dense of each row": lambda t, x: x - dense(t, 2, 1, 6),
    "dense of each place": lambda t, x: x - dense(t, 2, 4, 6),
    "where": lambda t, x: t.where(x > 0, x, 0.0),
    "matrix": lambda t, x: x @ dense(t, 6, 2),
    "matrix of each row": lambda t, x: x @ dense(t, 2, 6, 2),
    "rms_norm": lambda t, x: t.nn.functional.rms_norm(x, (6,)),
    "mean": lambda t, x: x.mean(-1),
    "sum of rows": lambda t, x: x.sum(1),
    "mean of rows": lambda t, x: x.mean(1, keepdim=True),
    "largest of rows": lambda t, x: x.amax(1),
    "max": lambda t, x: x.max(1).values,
    "argmax": lambda t, x: x.argmax(1),
    "of all": lambda t, x: x.sum() + x.mean() + x.max(),
    "of rows and places": lambda t, x: x.mean((0, 1)),
    "unflatten": lambda t, x: x.unflatten(-1, [2, 3]),
    "attention": lambda t, x: t.nn.functional.scaled_dot_product_attention(heads(x), heads(x) * 2, heads(x)),
    "permute": lambda t, x: x.permute(0, 2, 1),
    "embedding": lambda t, x: t.nn.functional.embedding((x * 0 + 1).long(), dense(t, 3, 2)),
    "offsets": lambda t, x: x.offsets(),
    "cut": lambda t, x: x.to_padded_tensor(0.0, (2, 3, 6)),
    "split": lambda t, x: x.split(2, -1)[1],
}
CASES = [(name, function, layout) for name, function in BOTH.items() for layout in ("strided", "jagged")]
CASES += [(name, function, "jagged") for name, function in JAGGED.items()]


@pytest.mark.parametrize(("name", "function", "layout"), CASES, ids=[f"{each[0]} {each[2]}" for each in CASES])
def test_values(name, function, layout):
    same(function(ember, nested(ember, layout)), function(torch, nested(torch, layout)))


def gradients(library, function, layout):
    given = [each.requires_grad_() for each in rows(library)]
    result = function(library, library.nested.as_nested_tensor(given, layout=getattr(library, layout)))
    if not result.requires_grad:
        return None
    (result.to_padded_tensor(0.0) if result.is_nested else result).square().sum().backward()
    return [each.grad for each in given]


# Not compared: no gradient or another padded shape; then what PyTorch raises an error for, or where (softmax along the
# ragged dimension) its gradient is not the one of a loop over the rows.
CUT = {"cut", "half", "zeros_like", "chunk", "split", "select"}
CUT |= {"sum", "sum of rows", "mean of rows", "max", "of rows and places", "attention", "softmax of a row"}


@pytest.mark.parametrize(
    ("name", "function"),
    [each for each in (BOTH | JAGGED).items() if each[0] not in CUT],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_gradients(name, function):
    expected = gradients(torch, function, "jagged")
    found = gradients(ember, function, "jagged")
    assert (found is None) == (expected is None)
    for one, other in zip(found or [], expected or [], strict=True):
        same(one, other)


def test_text():
    for layout in ("strided", "jagged"):
        for options in ({}, {"requires_grad": True}, {"dtype": "float64"}):
            both = []
            for library in (ember, torch):
                given = {key: getattr(library, value) if key == "dtype" else value for key, value in options.items()}
                both.append(re.sub(r"\bj\d+", "j", repr(nested(library, layout, **given))))
            assert both[0] == both[1]


def test_names_and_signatures():
    assert set(ember.nested.__all__) == set(torch.nested.__all__)
    for name in torch.nested.__all__:
        if name != "to_padded_tensor":  # built in: it has no signature
            parameters = [list(inspect.signature(getattr(each.nested, name)).parameters) for each in (ember, torch)]
            assert parameters[0] == parameters[1]
    assert repr(ember.jagged) == repr(torch.jagged)


def test_from_jagged():
    for options in ({"lengths": [2, 4]}, {"offsets": [0, 2, 6]}, {"offsets": [0, 2, 6], "lengths": [1, 3]}):
        results = []
        for library in (ember, torch):
            given = {key: library.tensor(value) for key, value in options.items()}
            results.append(library.nested.nested_tensor_from_jagged(dense(library, 6, 2), **given))
        same(*results)
        assert (results[0].lengths() is None) == (results[1].lengths() is None)
        assert results[0].is_contiguous() == results[1].is_contiguous()


def test_narrow_and_masked_select():
    for call in (
        lambda t: t.nested.narrow(dense(t, 3, 5, 2), 1, t.tensor([0, 1, 2]), t.tensor([3, 2, 3]), layout=t.jagged),
        lambda t: t.nested.narrow(dense(t, 3, 5, 2), 1, 0, t.tensor([3, 2, 3]), layout=t.jagged),
        lambda t: t.nested.masked_select(dense(t, 3, 5), dense(t, 3, 5) > 0),
        lambda t: t.nested.as_nested_tensor(dense(t, 2, 3, 4), layout=t.jagged),
        lambda t: t.nested.nested_tensor([[1, 2], [3]]),
    ):
        same(call(ember), call(torch))


REFUSED = {
    "no list": lambda t: t.nested.nested_tensor(5),
    "no tensors": lambda t: t.nested.as_nested_tensor(3),
    "another layout": lambda t: t.nested.nested_tensor([[1]], layout=t.sparse_coo),
    "empty": lambda t: t.nested.nested_tensor([], layout=t.jagged),
    "dims": lambda t: t.nested.nested_tensor([t.ones(2), t.ones(2, 2)]),
    "two ragged dims": lambda t: t.nested.nested_tensor([t.ones(2, 3), t.ones(3, 2)], layout=t.jagged),
    "types": lambda t: t.nested.nested_tensor([[1], [1.0]], layout=t.jagged),
    "layouts": lambda t: t.nested.as_nested_tensor(nested(t, "strided"), layout=t.jagged),
    "no offsets": lambda t: t.nested.nested_tensor_from_jagged(t.ones(3)),
    "offsets no tensor": lambda t: t.nested.nested_tensor_from_jagged(t.ones(3), [0, 3]),
    "size": lambda t: nested(t, "strided").size(1),
    "shape": lambda t: nested(t, "strided").shape,
    "unbind": lambda t: nested(t, "jagged").unbind(1),
    "lengths": lambda t: nested(t, "strided") + t.nested.nested_tensor(rows(t, (4, 2))),
    "rows": lambda t: nested(t, "jagged").sum(0),
    "stack": lambda t: t.stack([nested(t, "jagged")] * 2),
    "padding": lambda t: nested(t, "strided").to_padded_tensor(0.0, (2, 3, 6)),
    "numpy": lambda t: nested(t, "jagged").numpy(),
    "narrow": lambda t: t.nested.narrow(t.ones(3, 5), 1, t.tensor([0, 1, 2]), t.tensor([1, 1, 1])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_types_of_errors(name):
    with pytest.raises(Exception) as expected:
        REFUSED[name](torch)
    with pytest.raises(expected.type):
        REFUSED[name](ember)
