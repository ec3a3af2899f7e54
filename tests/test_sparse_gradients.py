"""Sparse gradients of tables: what the engine makes of them, and optimizers that take them."""

import numpy
import pytest

import ember as torch
from ember import nn, optim
from ember.nn import functional as F

INDICES = torch.tensor([[0, 1, 3], [3, 4, 0]])


def table(rows=5, columns=2, dtype=torch.float64):
    return (torch.arange(rows * columns, dtype=dtype).reshape(rows, columns) / 7).requires_grad_()


def looked_up(weight, sparse, **options):
    return (F.embedding(INDICES, weight, sparse=sparse, **options) ** 2).sum()


def bagged(weight, sparse, **options):
    offsets = torch.tensor([0, 2, 2, 5])
    return (F.embedding_bag(INDICES.reshape(-1), weight, offsets, sparse=sparse, **options) ** 2).sum()


CASES = {
    "rows": (looked_up, {}),
    "rows with padding": (looked_up, {"padding_idx": 3}),
    "sums": (bagged, {"mode": "sum"}),
    "means": (bagged, {"mode": "mean"}),
    "means with padding": (bagged, {"mode": "mean", "padding_idx": 3}),
    "weighted": (bagged, {"mode": "sum", "per_sample_weights": torch.arange(6.0, dtype=torch.float64)}),
}


@pytest.mark.parametrize("case", CASES)
def test_equal_to_the_strided_gradient(case):
    function, options = CASES[case]
    gradients = []
    for sparse in (False, True):
        weight = table()
        function(weight, sparse, **options).backward()
        gradients.append(weight.grad)
    strided, sparse = gradients
    assert sparse.layout is torch.sparse_coo and strided.layout is torch.strided
    numpy.testing.assert_allclose(sparse.to_dense().numpy(), strided.numpy(), rtol=1e-12)


def test_accumulation():
    weight, other = table(), table()
    for _ in range(3):
        looked_up(weight, True).backward()
        looked_up(other, False).backward()
    assert weight.grad.layout is torch.sparse_coo and weight.grad._nnz() == 6  # the same rows are added, not kept apart
    numpy.testing.assert_allclose(weight.grad.to_dense().numpy(), other.grad.numpy(), rtol=1e-12)
    weight.grad = weight.grad * 2
    numpy.testing.assert_allclose(weight.grad.to_dense().numpy(), 2 * other.grad.numpy(), rtol=1e-12)


def test_beside_a_strided_gradient():
    for order in (1, -1):
        weight = table()
        parts = [looked_up(weight, True), (weight**3).sum()][::order]
        (parts[0] + parts[1]).backward()
        expected = table()
        (looked_up(expected, False) + (expected**3).sum()).backward()
        assert weight.grad.layout is torch.strided
        numpy.testing.assert_allclose(weight.grad.numpy(), expected.grad.numpy(), rtol=1e-12)


def test_through_other_operations():
    weight, expected = table(), table()
    looked_up(weight * 2, True).backward()
    looked_up(expected * 2, False).backward()
    numpy.testing.assert_allclose(weight.grad.numpy(), expected.grad.numpy(), rtol=1e-12)


def test_gradients_that_are_asked_for():
    weight = table()
    (gradient,) = torch.autograd.grad(looked_up(weight, True), weight)
    assert gradient.is_sparse and weight.grad is None
    seen = []
    weight.register_hook(lambda g: seen.append(g.layout))
    weight.register_post_accumulate_grad_hook(lambda w: seen.append(w.grad.layout))
    looked_up(weight, True).backward()
    assert seen == [torch.sparse_coo, torch.sparse_coo]


def test_the_graph_keeps_it():
    weight = table()
    looked_up(weight, True).backward()
    gradient = weight.grad
    assert weight.grad is gradient
    address = id(gradient)
    del gradient
    assert id(weight.grad) == address and weight.grad._nnz() == 6


def test_modules():
    for layer in (nn.Embedding(5, 2, sparse=True), nn.EmbeddingBag(5, 2, sparse=True)):
        layer(INDICES).sum().backward()
        assert layer.weight.grad.is_sparse
        with torch.no_grad():
            layer(INDICES)
        layer.zero_grad()
        assert layer.weight.grad is None
    with pytest.raises(RuntimeError, match="scale_grad_by_freq"):
        nn.Embedding(5, 2, sparse=True, scale_grad_by_freq=True)(INDICES)


def stepped(make, sparse, steps=3):
    """The table after some steps with a sparse gradient, or a strided one."""
    weight, strided = table(), torch.ones(3, dtype=torch.float64, requires_grad=True)
    optimizer = make([strided, weight])
    for _ in range(steps):
        optimizer.zero_grad()
        (looked_up(weight, sparse) + (strided**2).sum()).backward()
        optimizer.step()
    return weight.detach().numpy(), strided.detach().numpy()


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.1, maximize=True),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.1),
        lambda p: optim.Adagrad(p, lr=0.1, maximize=True),
    ],
)
def test_steps_equal_those_of_strided_gradients(make):
    for sparse, strided in zip(stepped(make, True), stepped(make, False), strict=True):
        numpy.testing.assert_allclose(sparse, strided, rtol=1e-12)


def test_sparse_adam():
    # Where every row is read in every step, it is Adam, but for where eps is added.
    results = []
    for make, sparse in ((optim.SparseAdam, True), (optim.Adam, False)):
        weight = table()
        optimizer = make([weight], lr=0.1, eps=1e-100)
        for _ in range(4):
            optimizer.zero_grad()
            (F.embedding(torch.arange(5), weight, sparse=sparse) ** 2).sum().backward()
            optimizer.step()
        results.append(weight.detach().numpy())
    numpy.testing.assert_allclose(*results, rtol=1e-12)
    # Rows that are not read keep their value and their state.
    weight = table()
    optimizer = optim.SparseAdam([weight], lr=0.1)
    looked_up(weight, True).backward()
    optimizer.step()
    assert (weight[2] == table()[2]).all() and not (optimizer.state[weight]["exp_avg_sq"][2]).any()
    assert set(optimizer.state[weight]) == {"step", "exp_avg", "exp_avg_sq"} and optimizer.state[weight]["step"] == 1
    weight.grad = torch.ones(5, 2, dtype=torch.float64)
    with pytest.raises(RuntimeError, match="dense gradients"):
        optimizer.step()
    with pytest.raises(ValueError, match="Sparse params at indices"):
        optim.SparseAdam([torch.zeros(2, 2, layout=torch.sparse_coo)])


@pytest.mark.parametrize("name", ["Adam", "AdamW", "RMSprop", "Adadelta", "Adamax", "NAdam", "RAdam", "ASGD", "Rprop"])
def test_optimizers_that_do_not_take_them(name):
    weight = table()
    looked_up(weight, True).backward()
    before = weight.detach().clone()
    with pytest.raises(RuntimeError, match=f"{name.removesuffix('W')} does not support sparse gradients"):
        getattr(optim, name)([weight], lr=0.1).step()
    assert (weight == before).all()


def test_sgd_refuses_weight_decay():
    weight = table()
    looked_up(weight, True).backward()
    with pytest.raises(RuntimeError, match="weight_decay"):
        optim.SGD([weight], lr=0.1, weight_decay=0.1).step()


def test_sparse_parameters():
    weight = nn.Parameter(torch.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 2.0], (2, 2)))
    optimizer = optim.SGD([weight], lr=0.5)
    (weight @ torch.ones(2, 1)).sum().backward()
    optimizer.step()
    assert weight._values().tolist() == [0.5, 1.5] and weight.requires_grad and weight.is_leaf


def test_nested_tensors_leave_sparse_gradients_as_they_are():
    torch.nested.nested_tensor([torch.ones(2)])  # a second class of tensors that hold others
    embedding = torch.nn.Embedding(5, 2, sparse=True)
    embedding(torch.tensor([1, 3])).sum().backward()
    assert embedding.weight.grad.is_sparse and embedding.weight.grad.to_dense().sum() == 4
