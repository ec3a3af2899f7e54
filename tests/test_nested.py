"""Nested tensors beside loops over their rows: components, operations, gradients, and what is refused."""

import copy
import pickle

import numpy
import pytest

import ember as torch
from ember.autograd import gradcheck
from ember.nested import (
    as_nested_tensor,
    masked_select,
    narrow,
    nested_tensor,
    nested_tensor_from_jagged,
    to_padded_tensor,
)

F = torch.nn.functional
LAYOUTS = [torch.strided, torch.jagged]
LENGTHS = [2, 5, 1]


def rows(*sizes, lengths=LENGTHS):
    """One tensor for each length, of shape (length, *sizes)."""
    generator = numpy.random.default_rng(0)
    return [torch.from_numpy(generator.normal(size=(length, *sizes))) for length in lengths]


def close(result, expected):
    """Nested with these rows, or dense with this value."""
    if isinstance(expected, list):
        assert result.is_nested and len(result) == len(expected)
        for one, other in zip(result.unbind(), expected, strict=True):
            assert one.shape == other.shape and one.dtype == other.dtype
            torch.testing.assert_close(one, other)
    else:
        assert not result.is_nested and result.shape == expected.shape
        torch.testing.assert_close(result, expected)


# ---- what it is


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_attributes(layout):
    x = nested_tensor(rows(3), layout=layout)
    assert isinstance(x, torch.Tensor) and torch.is_tensor(x) and x.is_nested and not torch.ones(1).is_nested
    assert (x.layout, x.dtype, str(x.device), x.dim(), x.ndim) == (layout, torch.float64, "cpu", 3, 3)
    assert (len(x), x.numel(), torch.numel(x), x.nbytes, x.size(0), x.size(2), x.size(-1)) == (3, 24, 24, 192, 3, 3, 3)
    assert not x.requires_grad and x.is_leaf and x.grad is None and x.is_contiguous() and x.is_cpu and not x.is_sparse
    close(x, rows(3))
    close(x[1], rows(3)[1])
    close(x[-1, 0], rows(3)[-1][0])
    assert [tuple(each.shape) for each in x] == [(2, 3), (5, 3), (1, 3)]


def test_sizes():
    x, y = (nested_tensor(rows(3), layout=torch.jagged) for _ in range(2))
    ragged = x.size(1)
    assert x.shape == (3, ragged, 3) == x.size() and (x * 2).size(1) is ragged
    assert ragged == x.size(1) and ragged != y.size(1) and str(ragged).startswith("j")
    strided = nested_tensor(rows(3))
    for ask in (lambda: strided.shape, strided.size):
        with pytest.raises(RuntimeError, match="no shape"):
            ask()
    with pytest.raises(RuntimeError, match="Given dimension 1 is irregular"):
        strided.size(1)
    assert nested_tensor(rows(3, lengths=[4, 4])).size(1) == 4
    with pytest.raises(IndexError, match="out of range"):
        x.size(3)


def test_components():
    x = nested_tensor(rows(3), layout=torch.jagged)
    close(x.values(), torch.cat(rows(3)))
    assert x.offsets().tolist() == [0, 2, 7, 8] and x.lengths() is None
    close(nested_tensor(rows(3)).values(), torch.cat(rows(3)).reshape(-1))
    with pytest.raises(RuntimeError, match="along dim 0"):
        x.unbind(1)


def test_text():
    x = nested_tensor([[1.0, 2.0], [3.0]], requires_grad=True)
    expected = "nested_tensor([\n  tensor([1., 2.], requires_grad=True),\n  tensor([3.], requires_grad=True)\n]"
    assert repr(x) == expected + ", requires_grad=True)" and f"{x.detach()}" == str(x.detach())
    y = nested_tensor(rows(3), layout=torch.jagged)
    assert repr(y) == f"NestedTensor(size=(3, {y.size(1)}, 3), offsets=tensor([0, 2, 7, 8]), contiguous=True)"
    assert "grad_fn=<MulBackward0" in repr(y.requires_grad_() * 2)


# ---- construction


def test_nested_tensor_copies():
    given = rows(3)
    x = nested_tensor(given, dtype=torch.float32, requires_grad=True)
    given[0].zero_()
    close(x.detach(), [each.float() for each in rows(3)])
    assert x.is_leaf and x.requires_grad


def test_the_ragged_dimension_may_be_any():
    given = [each.T for each in rows(3)]
    x = nested_tensor(given, layout=torch.jagged)
    assert x.size(1) == 3 and not isinstance(x.size(2), int)
    close(x.sin(), [each.sin() for each in given])
    close(x.sum(2), torch.stack([each.sum(1) for each in given]))
    close(x.to_padded_tensor(0.0)[0, :, :2], given[0])


def test_from_jagged():
    values = torch.arange(14.0).reshape(7, 2)
    x = nested_tensor_from_jagged(values, torch.tensor([0, 2, 7]))
    y = nested_tensor_from_jagged(values, lengths=torch.tensor([2, 5]))
    for each in (x, y):
        close(each, [values[:2], values[2:]])
    values[0, 0] = 9.0
    assert x[0][0, 0] == 9.0
    z = nested_tensor_from_jagged(values.T, torch.tensor([0, 2, 7]), jagged_dim=2)
    close(z, [values.T[:, :2], values.T[:, 2:]])


def test_holes():
    values = torch.arange(14.0, dtype=torch.float64).reshape(7, 2).requires_grad_()
    x = nested_tensor_from_jagged(values, torch.tensor([0, 3, 7]), torch.tensor([2, 3]))
    expected = [values[:2], values[3:6]]
    assert x.lengths().tolist() == [2, 3] and not x.is_contiguous() and x.numel() == 10
    close(x, expected)
    close(x.contiguous(), expected)
    close(x.exp(), [each.exp() for each in expected])
    close(x + x.contiguous(), [each + each for each in expected])
    close(x.sum(), torch.cat(expected).sum())
    close(x.sum(1), torch.stack([each.sum(0) for each in expected]))
    close(x.softmax(1), [each.softmax(0) for each in expected])
    assert x.contiguous().offsets().tolist() == [0, 2, 5]
    x.sum().backward()
    assert values.grad[:, 0].tolist() == [1, 1, 0, 1, 1, 1, 0]


def test_gradients_flow_to_the_rows():
    given = [each.requires_grad_() for each in rows(3)]
    x = as_nested_tensor(given)
    assert x.requires_grad and not x.is_leaf
    (x * x).sum().backward()
    for each in given:
        close(each.grad, 2 * each.detach())
    assert as_nested_tensor(x) is x
    close(as_nested_tensor(torch.ones(2, 3, 4)), [torch.ones(3, 4)] * 2)


def test_narrow_and_masked_select():
    x = torch.arange(15).reshape(3, 5)
    start, length = torch.tensor([0, 1, 2]), torch.tensor([3, 2, 3])
    close(narrow(x, 1, start, length, layout=torch.jagged), [x[0, :3], x[1, 1:3], x[2, 2:]])
    close(narrow(x, 1, 1, 2), list(x[:, 1:3]))
    mask = x % 2 == 0
    close(masked_select(x, mask), [each[at] for each, at in zip(x, mask, strict=True)])
    with pytest.raises(RuntimeError, match="leaves its row"):
        narrow(x, 1, start, length + 1, layout=torch.jagged)


def test_padding():
    x = nested_tensor(rows(3))
    result = to_padded_tensor(x, -1.0)
    assert result.shape == (3, 5, 3) and (result[0, 2:] == -1).all()
    close(result[0, :2], rows(3)[0])
    larger = x.to_padded_tensor(0.0, (3, 6, 4))
    assert larger.shape == (3, 6, 4) and float(larger.sum()) == pytest.approx(float(x.sum()))
    cut = nested_tensor(rows(3), layout=torch.jagged).to_padded_tensor(0.0, (3, 2, 3))
    close(cut[1], rows(3)[1][:2])
    for size in ((3, 4, 3), (3, 5)):
        with pytest.raises(RuntimeError, match="output_size"):
            x.to_padded_tensor(0.0, size)
    with pytest.raises(NotImplementedError, match="not nested"):
        to_padded_tensor(torch.ones(2), 0.0)


def test_copies():
    x = nested_tensor(rows(3), layout=torch.jagged, requires_grad=True)
    for each in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        close(each.detach(), rows(3))
        assert each.layout is torch.jagged and each.requires_grad and each.is_leaf
    assert x.clone().requires_grad and not x.detach().requires_grad and x.to(torch.float64) is x
    assert x.float().dtype == torch.float32 and x.data.layout is torch.jagged
    for other in (torch.ones(2, 3), x.float()):
        assert x.type_as(other).dtype == x.to(other).dtype == torch.float32
    assert torch.ones(2).to(x).dtype == torch.float64
    assert x.to("meta").is_meta and x.type(torch.float32).dtype == torch.float32 and x.type() == "torch.DoubleTensor"


# ---- operations beside loops over the rows


def others():
    return [each.flip(-1) + 1 for each in rows(4)]


EACH = {
    "number": lambda x: 2 - x * 3 + x / 2,
    "power": lambda x: 2**x,
    "comparison": lambda x: (x > 0) & (x < 1),
    "where": lambda x: torch.where(x > 0, x, 0.0),
    "fill": lambda x: x.masked_fill(x > 0, 1.0),
    "clamp": lambda x: x.clamp(-1, 1),
    "dense": lambda x: x * torch.arange(4.0, dtype=torch.float64) + torch.ones(1, 1, 4, dtype=torch.float64),
    "dense first": lambda x: torch.arange(4.0, dtype=torch.float64) - x,
    "activations": lambda x: F.gelu(F.relu(x)) + F.silu(x) + x.sigmoid() + F.elu(x) + F.leaky_relu(x),
    "tanh": lambda x: torch.tanh(x).abs().sqrt(),
    "no dropout": lambda x: F.dropout(x, 0.5, training=False),
    "linear": lambda x: F.linear(x, torch.ones(2, 4, dtype=torch.float64), torch.ones(2, dtype=torch.float64)),
    "matrix": lambda x: x @ torch.ones(4, 2, dtype=torch.float64),
    "vector": lambda x: x @ torch.ones(4, dtype=torch.float64),
    "layer_norm": lambda x: F.layer_norm(x, (4,)),
    "rms_norm": lambda x: F.rms_norm(x, (4,)),
    "softmax": lambda x: F.softmax(x, -1) + x.log_softmax(-1),
    "softmax of a row": lambda x: F.softmax(x, -2),
    "softmin of a row": lambda x: F.softmin(x, -2),
    "sum": lambda x: x.sum(-1),
    "mean": lambda x: x.mean(-1, keepdim=True),
    "amax": lambda x: x.amax(-1),
    "max": lambda x: x.max(-1).values,
    "argmax": lambda x: x.argmax(-1),
    "transpose": lambda x: x.transpose(-1, -2),
    "mT": lambda x: x.mT * 2,
    "unflatten": lambda x: x.unflatten(-1, (2, 2)),
    "flatten": lambda x: x.unflatten(-1, (2, 2)).flatten(-2),
    "unsqueeze": lambda x: x.unsqueeze(-1),
    "unsqueeze before": lambda x: x.unsqueeze(-3),
    "squeeze": lambda x: x.unsqueeze(-3).squeeze(-3),
    "heads": lambda x: x.unflatten(-1, (2, 2)).transpose(-3, -2).select(-3, 0),
    "slice": lambda x: x[..., 1:],
    "number of a column": lambda x: x[..., 1],
    "narrow": lambda x: x.narrow(-1, 1, 2),
    "chunk": lambda x: x.chunk(2, -1)[1],
    "split": lambda x: x.split(3, -1)[1],
    "cat": lambda x: torch.cat([x, x + 1], -1),
    "stack": lambda x: torch.stack([x, x + 1], -1),
    "sort": lambda x: x.sort(-1).values,
    "cumsum": lambda x: x.cumsum(-1),
    "normalize": lambda x: x / x.square().sum(-1, keepdim=True),
    "like": lambda x: torch.zeros_like(x) + torch.ones_like(x),
    "type": lambda x: x.to(torch.float32).half(),
    "attention": lambda x: F.scaled_dot_product_attention(x, x * 2, x + 1),
    "causal": lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True, scale=0.3),
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("name", EACH)
def test_row_by_row(name, layout):
    function = EACH[name]
    given = [each.requires_grad_() for each in rows(4)]
    expected = [function(each.squeeze(0)) if name == "none" else function(each.unsqueeze(0))[0] for each in given]
    result = function(as_nested_tensor(given, layout=layout))
    assert result.layout is layout
    close(result, expected)
    if not result.requires_grad:
        return
    weights = [torch.arange(1.0, each.numel() + 1).reshape(each.shape).to(each.dtype) for each in expected]
    wanted = torch.autograd.grad(sum((each * by).sum() for each, by in zip(expected, weights, strict=True)), given)
    gradients = torch.autograd.grad((result * nested_tensor(weights, layout=layout)).sum(), given)
    for one, other in zip(gradients, wanted, strict=True):
        close(one, other)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_two_nested(layout):
    x, y = (nested_tensor(each, layout=layout) for each in (rows(4), others()))
    pairs = list(zip(rows(4), others(), strict=True))
    close(x + y, [a + b for a, b in pairs])
    close(torch.maximum(x, y), [torch.maximum(a, b) for a, b in pairs])
    close(x.max(y), [torch.maximum(a, b) for a, b in pairs])
    close(x * y.sum(-1, keepdim=True), [a * b.sum(-1, keepdim=True) for a, b in pairs])
    close(torch.cat([x, y], 2), [torch.cat([a, b], 1) for a, b in pairs])
    assert x.is_same_size(y) and not x.is_same_size(y[..., 1:])
    with pytest.raises(RuntimeError, match=r"rows of lengths \[2, 5, 1\] and \[1, 2\]"):
        x + nested_tensor(rows(4, lengths=[1, 2]), layout=layout)


def test_dense_of_each_row():
    x = nested_tensor(rows(4), layout=torch.jagged)
    one, all_places = torch.randn(3, 1, 4, dtype=torch.float64), torch.randn(3, 5, 4, dtype=torch.float64)
    close(x * one, [a * b for a, b in zip(rows(4), one, strict=True)])
    close(x - all_places, [a - b[: len(a)] for a, b in zip(rows(4), all_places, strict=True)])
    matrices = torch.randn(3, 4, 2, dtype=torch.float64)
    close(x @ matrices, [a @ b for a, b in zip(rows(4), matrices, strict=True)])
    for shape in ((3, 4, 4), (2, 1, 4), (1, 3, 1, 4)):
        with pytest.raises(RuntimeError, match="does not broadcast to a nested tensor"):
            x * torch.ones(shape, dtype=torch.float64)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "prod", "logsumexp", "any", "all", "argmax", "argmin"])
def test_reductions_over_the_ragged_dimension(name, keepdim, layout):
    x = nested_tensor(rows(4), layout=layout)
    expected = torch.stack([getattr(each, name)(0, keepdim=keepdim) for each in rows(4)])
    close(getattr(x, name)(1, keepdim=keepdim), expected)


def test_reductions_over_all():
    x, values = nested_tensor(rows(4), layout=torch.jagged), torch.cat(rows(4))
    for name in ("sum", "mean", "amax", "max", "min", "prod", "any"):
        close(getattr(x, name)(), getattr(values, name)())
    close(x.sum((0, 1)), values.sum(0))
    close(x.mean((0, 1), keepdim=True), values.mean(0).reshape(1, 1, 4))
    close(x.max(1).indices, torch.stack([each.argmax(0) for each in rows(4)]))
    for dim in (0, (1, 2)):
        with pytest.raises(RuntimeError, match="is reduced over the ragged dimension"):
            x.sum(dim)
    integers = nested_tensor([[1, 2], [-3]])
    assert (
        integers.amax(1).tolist() == [2, -3]
        and integers.sum().item() == 0
        and integers.mean(1, dtype=torch.float64).tolist() == [1.5, -3.0]
    )


def test_names_of_numpy():
    x = nested_tensor(rows(4))
    close(x.sum(axis=1, keepdims=True), x.sum(1, keepdim=True))
    close(torch.max(x, other=x), rows(4))


def test_empty_rows():
    x = nested_tensor([torch.ones(0, 3), torch.ones(2, 3)], layout=torch.jagged)
    assert x.sum(1).tolist() == [[0.0] * 3, [2.0] * 3] and x.softmax(1).sum().item() == 3
    assert x[0].shape == (0, 3) and (x + 1).to_padded_tensor(0.0).shape == (2, 2, 3)
    none = nested_tensor([torch.ones(0), torch.ones(0)], layout=torch.jagged)
    assert none.numel() == 0 and none.sum(1).tolist() == [0.0, 0.0]


def test_views():
    x = nested_tensor(rows(4), layout=torch.jagged)
    close(x.view(3, -1, 2, 2), [each.view(-1, 2, 2) for each in rows(4)])
    close(x.view(3, x.size(1), 2, -1), [each.view(-1, 2, 2) for each in rows(4)])
    close(x.reshape((3, -1, 4, 1)), [each[..., None] for each in rows(4)])
    close(x.permute(0, 2, 1), [each.T for each in rows(4)])
    close(x.mT.view(3, 2, 2, -1), [each.T.reshape(2, 2, -1) for each in rows(4)])
    for size in ((-1, 4), (2, -1, 4)):
        with pytest.raises(RuntimeError, match="cannot view"):
            x.view(size)


def test_embedding_and_modules():
    indices = [[1, 2], [0], [3, 3, 1]]
    weight = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    x = F.embedding(nested_tensor(indices, layout=torch.jagged), weight)
    close(x, [weight[each] for each in indices])
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Embedding(4, 6), torch.nn.Linear(6, 8), torch.nn.GELU(), torch.nn.LayerNorm(8), torch.nn.Dropout(0.0)
    )
    result = model(nested_tensor(indices, layout=torch.jagged))
    close(result, [model(torch.tensor(each)) for each in indices])
    result.mean(1).square().sum().backward()
    assert all(each.grad is not None for each in model.parameters())


def test_attention_with_heads():
    q, k, v = (nested_tensor(rows(6, lengths=each), layout=torch.jagged) for each in ([2, 3], [4, 1], [4, 1]))
    heads = [x.unflatten(-1, (2, 3)).transpose(1, 2) for x in (q, k, v)]
    result = F.scaled_dot_product_attention(*heads)
    close(result, [F.scaled_dot_product_attention(*row) for row in zip(*(x.unbind() for x in heads), strict=True)])
    assert result.transpose(1, 2).flatten(-2).size(1) is q.size(1)
    with pytest.raises(NotImplementedError, match="attn_mask"):
        F.scaled_dot_product_attention(*heads, attn_mask=torch.ones(1))


def test_in_place():
    x = nested_tensor(rows(4))
    elements = x._elements
    x += 1
    x.mul_(2).relu_()
    close(x, [((each + 1) * 2).relu() for each in rows(4)])
    assert x._elements is elements
    x.copy_(nested_tensor(others()))
    close(x, others())
    assert x.fill_(3.0).sum().item() == 3 * x.numel() and x.zero_().sum().item() == 0
    assert F.relu(x, inplace=True) is x
    with pytest.raises(RuntimeError, match="leaf"):
        x.requires_grad_().add_(1)


# ---- gradients


def test_gradient_of_a_leaf():
    x = nested_tensor(rows(4), layout=torch.jagged, requires_grad=True)
    (x * x).sum().backward()
    close(x.grad, [2 * each for each in rows(4)])
    (x * x).backward(nested_tensor(others(), layout=torch.jagged))
    close(x.grad, [2 * each * (1 + by) for each, by in zip(rows(4), others(), strict=True)])
    x.grad = None
    seen = []
    x.register_hook(lambda gradient: seen.append(gradient) or gradient * 2)
    x.sum().backward()
    close(x.grad, [2 * torch.ones_like(each) for each in rows(4)])
    close(seen[0], [torch.ones_like(each) for each in rows(4)])
    with pytest.raises(RuntimeError, match="scalar outputs"):
        x.backward()


def test_autograd_grad():
    x = nested_tensor(rows(4), requires_grad=True)
    (gradient,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    close(gradient, [3 * each**2 for each in rows(4)])
    (second,) = torch.autograd.grad(gradient.sum(), [x])
    close(second, [6 * each for each in rows(4)])
    torch.autograd.backward([x * 2], [torch.ones_like(x)])
    close(x.grad, [torch.full_like(each, 2) for each in rows(4)])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.softmax(1).square().sum(1),
        lambda x: x.mean(1),
        lambda x: x.to_padded_tensor(2.0).exp(),
        lambda x: (x * x.sum(1, keepdim=True)).values(),
        lambda x: F.scaled_dot_product_attention(x, x, x).values(),
    ],
)
def test_gradcheck(function):
    given = [each.requires_grad_() for each in rows(2)]
    assert gradcheck(lambda *each: function(as_nested_tensor(list(each), layout=torch.jagged)), given)


# ---- what is refused


def test_refused():
    x = nested_tensor(rows(4))
    for call in (
        lambda: x.numpy(),
        lambda: x.tolist(),
        lambda: x.item(),
        lambda: torch.linalg.norm(x),
        lambda: x @ x,
        lambda: torch.cat([x, torch.ones(1, 1, 4)], -1),
        lambda: torch.add(x, 1, out=torch.ones(1)),
        lambda: F.cross_entropy(x, x),
        lambda: x[:, 0],
        lambda: x[None],
        lambda: x.view(torch.int64),
        lambda: torch.ones(4, 4) @ x,
    ):
        with pytest.raises(NotImplementedError, match=r"nested tensor of size \(3, j\d+, 4\)"):
            call()
    for call, message in (
        (lambda: x.transpose(0, 1), "dimension 0 cannot be transposed"),
        (lambda: x.chunk(2), "the dimension of the rows"),
        (lambda: x.sort(1), "the ragged dimension"),
        (lambda: x.unsqueeze(0), "the dimension of the rows"),
        (lambda: x.flatten(1), "the ragged dimension"),
        (lambda: F.layer_norm(x, (5, 4)), "expected dims of one size"),
        (lambda: F.linear(x.mT, torch.ones(2, 4)), "expected dims of one size"),
        (lambda: x @ torch.ones(2, 4, 2), "expected a matrix"),
        (lambda: torch.ones(3, 1, 4).add_(x), "is not nested"),
    ):
        with pytest.raises(RuntimeError, match=message):
            call()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nested_tensor(3), TypeError, "Only lists"),
        (lambda: nested_tensor([]), NotImplementedError, "empty list"),
        (
            lambda: nested_tensor([torch.ones(2, 3), torch.ones(3, 2)]),
            NotImplementedError,
            r"shapes \(2, 3\), \(3, 2\)",
        ),
        (lambda: nested_tensor([torch.ones(2), torch.ones(3, 2)]), RuntimeError, "same dimension"),
        (lambda: nested_tensor([torch.ones(2)], layout=torch.sparse_coo), RuntimeError, "layout is unsupported"),
        (lambda: nested_tensor([[1], [1.0]], layout=torch.jagged), RuntimeError, "same dtype"),
        (lambda: as_nested_tensor(3), TypeError, "Expected first argument"),
        (lambda: as_nested_tensor([torch.ones(2), 3]), TypeError, "Expected first argument"),
        (
            lambda: as_nested_tensor(nested_tensor([[1]]), layout=torch.jagged),
            RuntimeError,
            "Converting between nested tensor layouts",
        ),
        (lambda: nested_tensor_from_jagged(torch.ones(3)), RuntimeError, "At least one of"),
        (lambda: nested_tensor_from_jagged([1], torch.tensor([0, 1])), TypeError, "'values' must be Tensor"),
        (lambda: nested_tensor_from_jagged(torch.ones(3), [0, 3]), TypeError, "'offsets' must be Tensor"),
        (lambda: nested_tensor_from_jagged(torch.ones(3), torch.ones(2)), TypeError, "expected integers"),
        (lambda: nested_tensor_from_jagged(torch.ones(3), torch.tensor([0, 4])), RuntimeError, "rows within values"),
        (lambda: nested_tensor_from_jagged(torch.ones(3), torch.tensor([2, 1])), RuntimeError, "rows within values"),
        (
            lambda: nested_tensor_from_jagged(torch.ones(3), torch.tensor([0, 3]), jagged_dim=2),
            RuntimeError,
            "jagged_dim is 2",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
