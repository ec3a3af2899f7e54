"""Sparse tensors beside NumPy: components, layouts, operations, gradients, files, and what is refused."""

import copy
import pickle

import numpy
import pytest

import ember as torch
from ember.autograd import gradcheck, gradgradcheck
from ember.sparse._tensor import _RULES, SparseTensor

INDICES = numpy.array([[0, 1, 1, 0, 3], [2, 0, 2, 2, 1]])  # (0, 2) twice, row 2 empty
VALUES = numpy.array([3.0, -4.0, 5.0, 6.0, 0.5])
DENSE = numpy.zeros((4, 3))
numpy.add.at(DENSE, tuple(INDICES), VALUES)
OTHER = numpy.random.default_rng(0).normal(size=(3, 5))
LAYOUTS = ["coo", "coalesced", "csr", "csc"]


def tensor(layout="coo", values=VALUES):
    made = torch.sparse_coo_tensor(torch.from_numpy(INDICES), torch.as_tensor(values), (4, 3))
    return {
        "coo": lambda: made,
        "coalesced": made.coalesce,
        "csr": made.to_sparse_csr,
        "csc": made.to_sparse_csc,
    }[layout]()


def close(result, expected, tolerance=1e-12):
    result = result.detach()
    result = result.to_dense() if isinstance(result, SparseTensor) else result
    numpy.testing.assert_allclose(result.numpy(), expected, rtol=tolerance, atol=tolerance)


def other():
    return torch.from_numpy(OTHER)


# ---- what it is


@pytest.mark.parametrize("layout", LAYOUTS)
def test_attributes(layout):
    x = tensor(layout)
    assert isinstance(x, torch.Tensor) and torch.is_tensor(x)
    assert (tuple(x.shape), x.dtype, str(x.device), x.numel(), len(x)) == ((4, 3), torch.float64, "cpu", 12, 4)
    assert x.layout is {"csr": torch.sparse_csr, "csc": torch.sparse_csc}.get(layout, torch.sparse_coo)
    assert x.is_sparse == (x.layout is torch.sparse_coo) and x.is_sparse_csr == (layout == "csr")
    assert (x.sparse_dim(), x.dense_dim(), x._nnz()) == (2, 0, 5 if layout == "coo" else 4)
    assert not x.is_meta and x.is_cpu and not x.requires_grad and x.is_leaf and x.grad is None
    close(x, DENSE)


def test_components():
    x = tensor()
    assert not x.is_coalesced() and x._indices().tolist() == INDICES.tolist()
    with pytest.raises(RuntimeError, match="uncoalesced"):
        x.indices()
    y = x.coalesce()
    assert y.is_coalesced() and y.coalesce() is y
    assert y.indices().tolist() == [[0, 1, 1, 3], [2, 0, 2, 1]] and y.values().tolist() == [9.0, -4.0, 5.0, 0.5]
    z = y.to_sparse_csr()
    assert z.crow_indices().tolist() == [0, 1, 3, 3, 4] and z.col_indices().tolist() == [2, 0, 2, 1]
    w = y.to_sparse_csc()
    assert w.ccol_indices().tolist() == [0, 1, 2, 4] and w.row_indices().tolist() == [1, 3, 0, 1]
    with pytest.raises(RuntimeError, match="sparse_csc"):
        z.ccol_indices()


@pytest.mark.parametrize("start", LAYOUTS)
@pytest.mark.parametrize("end", ["coo", "csr", "csc"])
def test_conversions(start, end):
    converted = getattr(tensor(start), f"to_sparse_{end}")()
    assert str(converted.layout) == f"torch.sparse_{end}"
    close(converted, DENSE)
    close(getattr(torch.from_numpy(DENSE), f"to_sparse_{end}")(), DENSE)
    assert converted.to_sparse(layout=converted.layout) is converted


def test_dense_dims():
    elements = numpy.arange(10.0).reshape(5, 2)
    x = torch.sparse_coo_tensor(INDICES, torch.from_numpy(elements), (4, 3, 2))
    expected = numpy.zeros((4, 3, 2))
    numpy.add.at(expected, tuple(INDICES), elements)
    assert (x.sparse_dim(), x.dense_dim()) == (2, 1)
    close(x, expected)
    close(x.coalesce(), expected)
    close(x.to_sparse_csr(), expected)
    close(torch.sparse.sum(x, 2), expected.sum(2))
    close(torch.sparse.sum(x, (0, 2)), expected.sum((0, 2)))
    close(x.transpose(0, 1), expected.swapaxes(0, 1))
    close(x[:, 2], expected[:, 2])
    close(x[..., 1], expected[..., 1])
    hybrid = torch.from_numpy(expected).to_sparse(1)
    assert hybrid._indices().tolist() == [[0, 1, 3]]
    close(hybrid, expected)


def test_construction():
    assert tuple(torch.sparse_coo_tensor([[0, 1], [1, 1]], [1, 2]).shape) == (2, 2)
    empty = torch.sparse_coo_tensor((2, 3))
    assert (tuple(empty.shape), empty._nnz(), empty.dtype) == ((2, 3), 0, torch.float32)
    close(torch.sparse_coo_tensor([[1]], 2.0, (3,)), [0, 2, 0])
    assert torch.sparse_coo_tensor([[1]], [2], (3,), dtype=torch.float16).dtype is torch.float16
    for layout in (torch.sparse_coo, torch.sparse_csr, torch.sparse_csc):
        for made in (torch.zeros(2, 3, layout=layout), torch.zeros_like(torch.ones(2, 3), layout=layout)):
            assert made.layout is layout and made._nnz() == 0
            close(made, numpy.zeros((2, 3)))
    values = torch.ones(5, dtype=torch.float64, requires_grad=True)
    x = torch.sparse_coo_tensor(INDICES, values, (4, 3))
    assert not x.is_leaf and torch.sparse_coo_tensor(INDICES, values, (4, 3), requires_grad=True).is_leaf
    assert isinstance(x, torch.sparse.DoubleTensor) and not isinstance(x, torch.DoubleTensor)
    close(torch.sparse.FloatTensor(torch.tensor([[0]]), torch.ones(1), torch.Size([2])), [1, 0])


@pytest.mark.parametrize("size", [(0, 3), (3, 0), (4, 4)])
def test_nothing_stored(size):
    for layout in (torch.sparse_coo, torch.sparse_csr, torch.sparse_csc):
        x = torch.zeros(size, layout=layout)
        close(x @ torch.ones(size[1], 2), numpy.zeros((size[0], 2)))
        close(torch.ones(2, size[0]) @ x, numpy.zeros((2, size[1])))
        close(x @ x.t(), numpy.zeros((size[0], size[0])))
        close(x * x, numpy.zeros(size))
        close(x + x, numpy.zeros(size))
        close(x.sum(), 0)
        assert "nnz=0" in repr(x)


# ---- operations


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arithmetic(layout):
    x, dense = tensor(layout), torch.from_numpy(DENSE + 2)
    close(x * 3, DENSE * 3)
    close(3 * x, DENSE * 3)
    close(x / 2, DENSE / 2)
    close(-x, -DENSE)
    close(x * dense, DENSE * (DENSE + 2))
    close(dense * x, DENSE * (DENSE + 2))
    close(x * dense[:1], DENSE * (DENSE[:1] + 2))
    close(x * x, DENSE**2)
    close(x**2, DENSE**2)
    close(x // 2, DENSE // 2)
    close(x + x * 2, DENSE * 3)
    close(x - tensor("csr") * 2, -DENSE)
    close(dense + x, DENSE * 2 + 2)
    close(dense - x, numpy.full((4, 3), 2))
    close(torch.add(dense, x, alpha=2), DENSE * 3 + 2)
    shifted = torch.from_numpy(DENSE[:, ::-1].copy()).to_sparse()
    close(x * shifted, DENSE * DENSE[:, ::-1])
    close(x + shifted, DENSE + DENSE[:, ::-1])
    for name in ("abs", "sign", "sin", "tanh", "floor", "relu", "expm1", "isnan"):
        expected = numpy.maximum(DENSE, 0) if name == "relu" else getattr(numpy, name)(DENSE)
        close(getattr(x, name)(), expected)
    close(x.norm(), numpy.linalg.norm(DENSE))
    close(x.norm(1), abs(DENSE).sum())
    assert x.any()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_in_place(layout):
    x = tensor(layout).clone()
    assert x.mul_(2) is x
    close(x, DENSE * 2)
    x.add_(x)
    close(x, DENSE * 4)
    x.div_(4).neg_()
    close(x, -DENSE)
    x.copy_(tensor(layout))
    close(x, DENSE)
    dense = torch.ones(4, 3, dtype=torch.float64)
    dense.add_(x, alpha=2)
    close(dense, DENSE * 2 + 1)
    dense.t().sub_(x.t(), alpha=2)
    close(dense, numpy.ones((4, 3)))
    dense.mul_(x)
    close(dense, DENSE)
    x.zero_()
    assert x._nnz() == 0 and x.layout is tensor(layout).layout
    close(tensor(layout), DENSE)  # what it was copied from


@pytest.mark.parametrize("layout", LAYOUTS)
def test_products(layout):
    x = tensor(layout)
    expected = DENSE @ OTHER
    for result in (
        x @ other(),
        x.mm(other()),
        torch.mm(x, other()),
        torch.sparse.mm(x, other()),
        torch.spmm(x, other()),
    ):
        close(result, expected)
    close(x @ other()[:, 0], expected[:, 0])
    close(x.mv(other()[:, 0]), expected[:, 0])
    close(other().t() @ x.t(), expected.T)
    close(other()[:, 0] @ x.t(), expected[:, 0])
    close(torch.addmm(torch.ones(4, 5, dtype=torch.float64), x, other(), beta=2, alpha=3), 2 + 3 * expected)
    close(torch.sparse.addmm(torch.ones(4, 5, dtype=torch.float64), x, other()), 1 + expected)
    close(torch.nn.functional.linear(other().t(), x), OTHER.T @ DENSE.T)
    product = x @ x.t()
    assert product.layout is (torch.sparse_coo if x.is_sparse else torch.sparse_csr)
    close(product, DENSE @ DENSE.T)
    close(torch.smm(x, other()), expected)
    close(torch.hspmm(x, other()), expected)
    numbers = tensor(layout, VALUES.astype(int)) @ torch.arange(6).reshape(3, 2)
    close(numbers, tensor(layout, VALUES.astype(int)).to_dense().numpy() @ numpy.arange(6).reshape(3, 2))
    close(x.to(torch.complex128) @ other().to(torch.complex128), expected)
    close(x.float() @ other().float(), expected, 1e-6)


def test_large_products_beside_scipy():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    random = numpy.random.default_rng(1)
    matrix = scipy_sparse.random(300, 200, 0.05, format="csr", rng=random)
    x = torch.sparse_csr_tensor(matrix.indptr, matrix.indices, matrix.data, matrix.shape)
    assert x.crow_indices().dtype is torch.int32
    dense = random.normal(size=(200, 33))
    close(x @ torch.from_numpy(dense), matrix @ dense)
    close(x.to_sparse_csc() @ torch.from_numpy(dense), matrix @ dense)
    close(x.to_sparse_coo() @ torch.from_numpy(dense), matrix @ dense)
    product = x @ x.t().to_sparse_csr()
    expected = (matrix @ matrix.T).tocsr()
    expected.sort_indices()
    close(product, expected.toarray())
    assert product.crow_indices().tolist() == expected.indptr.tolist()
    assert product.col_indices().tolist() == expected.indices.tolist()


def test_batched_product():
    stacked = torch.stack([tensor(), tensor() * 2])
    dense = torch.from_numpy(numpy.stack([OTHER, OTHER + 1]))
    close(torch.bmm(stacked, dense), numpy.stack([DENSE @ OTHER, 2 * DENSE @ (OTHER + 1)]))
    close(stacked @ dense, numpy.stack([DENSE @ OTHER, 2 * DENSE @ (OTHER + 1)]))


@pytest.mark.parametrize("reduce", ["sum", "mean", "amax", "amin"])
@pytest.mark.parametrize("weighted", [True, False])
def test_reduced_products(reduce, weighted):
    matrix = tensor("csr") if weighted else tensor("csr").with_elements(torch.ones(4, dtype=torch.float64))
    dense = matrix.to_dense().numpy()
    expected = numpy.zeros((4, 5))
    for i, row in enumerate(dense):
        (columns,) = numpy.nonzero(row)
        if len(columns):
            products = row[columns, None] * OTHER[columns]
            expected[i] = getattr(products, {"amax": "max", "amin": "min"}.get(reduce, reduce))(0)
    close(torch.sparse.mm(matrix, other(), reduce), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sums(layout):
    x = tensor(layout)
    close(x.sum(), DENSE.sum())
    close(torch.sparse.sum(x, (0, 1)), DENSE.sum())
    for dim in (0, 1, -1):
        close(x.sum(dim), DENSE.sum(dim))
        close(x.sum(dim, keepdim=True), DENSE.sum(dim, keepdims=True))
    assert torch.sparse.sum(tensor("coo", VALUES.astype(int)), 0).dtype is torch.int64
    assert torch.sparse.sum(x, 0, dtype=torch.float32).dtype is torch.float32


@pytest.mark.parametrize("dim", [0, 1])
def test_softmax(dim):
    with numpy.errstate(divide="ignore"):
        logits = numpy.where(DENSE == 0, -numpy.inf, DENSE)
    exponentials = numpy.exp(logits - logits.max(dim, keepdims=True, initial=-50))
    expected = exponentials / numpy.maximum(exponentials.sum(dim, keepdims=True), 1e-300)
    close(torch.sparse.softmax(tensor(), dim), expected)
    logarithm = torch.sparse.log_softmax(tensor(), dim)
    numpy.testing.assert_allclose(logarithm.values().exp().numpy(), expected[DENSE != 0])


def test_sampled_product():
    left, right = numpy.random.default_rng(2).normal(size=(2, 4, 6))[0], numpy.random.default_rng(3).normal(size=(6, 3))
    for layout in ("csr", "csc"):
        result = torch.sparse.sampled_addmm(
            tensor(layout), torch.from_numpy(left), torch.from_numpy(right), beta=0.5, alpha=2
        )
        close(result, (2 * left @ right) * (DENSE != 0) + 0.5 * DENSE)


def test_diagonals():
    from scipy.sparse import dia_array

    diagonals = numpy.arange(1.0, 13).reshape(3, 4)
    for shape in ((4, 4), (3, 4), (5, 4), (4, 6)):
        for layout in (torch.sparse_coo, torch.sparse_csr, torch.sparse_csc):
            result = torch.sparse.spdiags(torch.from_numpy(diagonals), torch.tensor([0, -1, 2]), shape, layout)
            assert result.layout is layout
            close(result, dia_array((diagonals, [0, -1, 2]), shape=shape).toarray())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_parts(layout):
    x = tensor(layout)
    close(x.t(), DENSE.T)
    close(x.T, DENSE.T)
    close(x.mT, DENSE.T)
    close(x.permute(1, 0), DENSE.T)
    close(x[1], DENSE[1])
    close(x[-1], DENSE[-1])
    close(x[:, 2], DENSE[:, 2])
    close(x[0, 2], 9.0)
    close(x[2, 2], 0.0)
    close(x[1:3], DENSE[1:3])
    close(x[:, 1:], DENSE[:, 1:])
    close(x[torch.tensor([3, 0, 3])], DENSE[[3, 0, 3]])
    close(x.select(0, 1), DENSE[1])
    close(x.narrow(1, 1, 2), DENSE[:, 1:])
    close(x.index_select(1, torch.tensor([2, 2, 0])), DENSE[:, [2, 2, 0]])
    close(torch.cat([x, x]), numpy.concatenate([DENSE, DENSE]))
    close(torch.cat([x, x * 2], 1), numpy.concatenate([DENSE, DENSE * 2], 1))
    for row, expected in zip(x, DENSE, strict=True):
        close(row, expected)
    if x.is_sparse:
        close(x[None], DENSE[None])
        close(torch.stack([x, x], 1), numpy.stack([DENSE, DENSE], 1))


def test_mask():
    dense = torch.arange(12.0, dtype=torch.float64).reshape(4, 3)
    for layout in LAYOUTS[1:]:
        close(dense.sparse_mask(tensor(layout)), dense.numpy() * (DENSE != 0))
    assert dense.sparse_mask(tensor())._values().tolist() == [2, 3, 5, 2, 10]


def test_resizing():
    x = tensor().clone()
    assert x.sparse_resize_((5, 6), 2, 0) is x and tuple(x.shape) == (5, 6) and x._nnz() == 5
    with pytest.raises(RuntimeError, match="shrink"):
        x.sparse_resize_((1, 6), 2, 0)
    x.sparse_resize_and_clear_((2, 3, 4), 2, 1)
    assert (tuple(x.shape), x._nnz(), x.dense_dim()) == ((2, 3, 4), 0, 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_types(layout):
    x = tensor(layout)
    for converted in (
        x.float(),
        x.to(torch.float32),
        x.type(torch.float32),
        x.to(torch.ones(1)),
        x.type_as(torch.ones(1)),
    ):
        assert converted.dtype is torch.float32 and converted.layout is x.layout
        close(converted, DENSE)
    assert x.double() is x and x.to("cpu") is x and x.cpu() is x and x.to(x) is x
    assert x.type() == "torch.sparse.DoubleTensor"
    assert torch.as_tensor(x) is x and torch.tensor(x) is not x
    assert x.to("meta").is_meta


# ---- gradients


def _values():
    return torch.tensor(VALUES, requires_grad=True)


def _dense():
    return torch.tensor(OTHER, requires_grad=True)


OF_VALUES = {
    "to_dense": lambda x: x.to_dense(),
    "coalesce": lambda x: x.to_sparse_coo().coalesce().values(),
    "product of two": lambda x: (x @ x.t()).to_dense(),
    "elementwise": lambda x: (x.sin() * x + x * 2).to_dense(),
    "sum": lambda x: x.sum(0, keepdim=True).to_dense() + x.sum(),
    "softmax": lambda x: torch.sparse.softmax(x.to_sparse_coo(), 1).to_dense(),
    "log_softmax": lambda x: torch.sparse.log_softmax(x.to_sparse_coo(), 0).to_dense(),
    "parts": lambda x: torch.cat([x[1:], x.index_select(0, torch.tensor([1, 1]))]).to_dense(),
}
OF_BOTH = {
    "product": lambda x, d: x @ d,
    "product from the left": lambda x, d: d.t() @ x.t(),
    "mean": lambda x, d: torch.sparse.mm(x.to_sparse_csr(), d, "mean"),
    "amax": lambda x, d: torch.sparse.mm(x.to_sparse_csr(), d, "amax"),
    "scaled": lambda x, d: (x * d[:, 0]).to_dense(),
    "added": lambda x, d: d[:, :3] + x[:3],
    "sampled": lambda x, d: torch.sparse.sampled_addmm(x.to_sparse_csr(), d.t()[:4] * 2, d[:, :3], beta=2).to_dense(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", OF_VALUES)
def test_gradients_of_values(layout, name):
    def function(values):
        return OF_VALUES[name](tensor(layout, values))

    assert gradcheck(function, (_values(),))
    assert gradgradcheck(function, (_values(),))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", OF_BOTH)
def test_gradients_of_both(layout, name):
    def function(values, dense):
        return OF_BOTH[name](tensor(layout, values), dense)

    assert gradcheck(function, (_values(), _dense()))
    if name != "amax":  # its derivative is piecewise constant in what picks the largest
        assert gradgradcheck(function, (_values(), _dense()))


def test_gradients_through_to_sparse():
    x = torch.tensor(DENSE, requires_grad=True)
    for layout in ("coo", "csr", "csc"):
        x.grad = None
        (getattr(x, f"to_sparse_{layout}")() * 3).sum().backward()
        close(x.grad, 3.0 * (DENSE != 0))


def test_a_leaf():
    x = torch.sparse_coo_tensor(INDICES, VALUES, (4, 3), requires_grad=True)
    (x @ other()).sum().backward()
    expected = OTHER.sum(1)[INDICES[1]]
    assert x.grad is x.grad and x.grad.layout is torch.sparse_coo
    close(x.grad._values(), expected)
    (gradient,) = torch.autograd.grad((x * 2).sum(), x)
    close(gradient._values(), numpy.full(5, 2.0))
    x.grad.zero_()
    close(x.grad, numpy.zeros((4, 3)))
    x.grad = None
    seen = []
    x.register_hook(lambda gradient: seen.append(gradient) or gradient * 2)
    x.sum().backward()
    close(seen[0]._values(), numpy.ones(5))
    close(x.grad._values(), numpy.full(5, 2.0))
    with pytest.raises(RuntimeError, match="leaf"):
        x.mul_(2)
    (x * 3).backward(torch.ones(4, 3, dtype=torch.float64).to_sparse())
    assert (x.grad._values() > 2).all()


def test_values_of_a_leaf_are_in_its_graph():
    x = torch.sparse_csr_tensor([0, 1, 2], [0, 1], [1.0, 2.0], requires_grad=True)
    (x.values() ** 2).sum().backward()
    close(x.grad.values(), [2, 4])


# ---- as an object


@pytest.mark.parametrize("layout", LAYOUTS)
def test_copies(layout, tmp_path):
    x = tensor(layout)
    torch.save({"x": x}, tmp_path / "x.pt")
    for again in (
        x.clone(),
        copy.copy(x),
        copy.deepcopy(x),
        pickle.loads(pickle.dumps(x)),
        torch.load(tmp_path / "x.pt")["x"],
        torch.load(tmp_path / "x.pt", weights_only=False)["x"],
    ):
        assert again.layout is x.layout and again._nnz() == x._nnz()
        close(again, DENSE)


def test_a_file_with_wrong_indices_is_refused(tmp_path):
    x = torch.sparse_coo_tensor([[1]], [1.0], (2,))
    x._positions[0] = 7
    torch.save(x, tmp_path / "x.pt")
    with pytest.raises(Exception, match="inconsistent"):
        torch.load(tmp_path / "x.pt")


def test_in_modules():
    module = torch.nn.Module()
    module.weight = torch.nn.Parameter(tensor())
    module.register_buffer("graph", tensor("csr"))
    assert [name for name, _ in module.named_parameters()] == ["weight"] and module.weight.requires_grad
    assert repr(module.weight).startswith("Parameter containing:\ntensor(indices=")
    module.load_state_dict(copy.deepcopy(module.state_dict()))
    module.float()
    assert module.graph.dtype is module.weight.dtype is torch.float32 and module.graph.layout is torch.sparse_csr
    assert isinstance(module.weight, torch.nn.Parameter) and module.weight.requires_grad
    (module.weight @ torch.ones(3, 1)).sum().backward()
    close(module.weight.grad._values(), numpy.ones(5))
    with torch.no_grad():
        module.weight.sub_(module.weight.grad * 2)
    close(module.weight._values(), VALUES - 2)
    close(module.weight.grad._values(), numpy.ones(5))
    assert isinstance(pickle.loads(pickle.dumps(module.weight)), torch.nn.Parameter)


def test_printing():
    assert repr(tensor("coalesced").float()) == (
        "tensor(indices=tensor([[0, 1, 1, 3],\n"
        "                       [2, 0, 2, 1]]),\n"
        "       values=tensor([ 9.0000, -4.0000,  5.0000,  0.5000]),\n"
        "       size=(4, 3), nnz=4, layout=torch.sparse_coo)"
    )


# ---- what is refused


REFUSED = [
    lambda x: x.exp(),
    lambda x: torch.cumsum(x, 0),
    lambda x: x.reshape(12),
    lambda x: x == x,
    lambda x: x.numpy(),
    lambda x: x.data_ptr(),
    lambda x: x.tolist(),
    lambda x: torch.fft.fft(x),
    lambda x: torch.linalg.inv(x),
    lambda x: torch.nn.functional.dropout(x),
    lambda x: torch.nn.functional.softmax(x, 1),
    lambda x: torch.where(torch.ones(4, 3, dtype=torch.bool), x, x),
    lambda x: torch.ones(4, 3).copy_(x),
    lambda x: x.resize_(3, 4),
    lambda x: memoryview(x),
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_operation_without_a_rule_says_so(layout):
    for call in REFUSED:
        with pytest.raises((NotImplementedError, RuntimeError, TypeError)):
            call(tensor(layout))
    with pytest.raises(NotImplementedError, match=r"exp\(\): an argument has layout torch.sparse_c"):
        tensor(layout).exp()


def test_no_operation_reads_the_body():
    """Every operation on a sparse tensor gives what it gives for the strided one, or an error."""
    x = tensor()
    for name in torch._C._operation_names(1):
        function = getattr(torch, name)
        try:
            result = function(x)
        except (NotImplementedError, RuntimeError, TypeError, IndexError, ValueError):
            continue
        if isinstance(result, torch.Tensor):
            assert {name, name.removesuffix("_")} & set(_RULES) and not result.is_meta, name


def test_rules_hold_where_classes_are_not_asked():
    class Marked(torch.Tensor):
        pass

    for without in (torch._C.DisableTorchFunction, torch._C.DisableTorchFunctionSubclass):
        with without():
            close(tensor() @ other(), DENSE @ OTHER)
            close(torch.add(torch.ones(4, 3, dtype=torch.float64).as_subclass(Marked), tensor()), DENSE + 1)
            assert tensor().t().layout is torch.sparse_coo
            with pytest.raises(NotImplementedError, match="exp"):
                tensor().exp()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: torch.sparse_coo_tensor([[5]], [1.0], (2,)), "size is 2 but found index 5"),
        (lambda: torch.sparse_coo_tensor([[-1]], [1.0], (2,)), "negative index -1"),
        (lambda: torch.sparse_coo_tensor([[1]], [1.0, 2.0], (2,)), "nnz 1"),
        (lambda: torch.sparse_coo_tensor([1], [1.0], (2,)), "2 dims"),
        (lambda: torch.sparse_coo_tensor([[1]], [1.0], (2, 3)), "number of dimensions"),
        (lambda: torch.sparse_csr_tensor([0, 2], [0], [1.0], (1, 2)), "crow_indices go from 0 to 2"),
        (lambda: torch.sparse_csr_tensor([0, 2, 1], [0], [1.0], (2, 2)), "rise"),
        (lambda: torch.sparse_csr_tensor([0, 1], [5], [1.0], (1, 2)), "col_indices go from 5 to 5"),
        (lambda: torch.sparse_csr_tensor([0, 1], [0], [1.0], (3, 2)), "expected 4"),
        (lambda: torch.sparse_csr_tensor([0, 2], [1, 0], [1.0, 2.0], check_invariants=True), "sorted and distinct"),
        (lambda: tensor() + 1, "sparse, dense"),
        (lambda: tensor() + torch.ones(4, 3), "sparse, dense"),
        (lambda: tensor() / tensor(), "divided by a number"),
        (lambda: tensor() @ torch.ones(4, 2, dtype=torch.float64), "as many rows"),
        (lambda: tensor() @ torch.ones(3, 2), "same dtype"),
        (lambda: tensor() + torch.zeros(2, 2, layout=torch.sparse_coo), "expected the same"),
        (lambda: torch.ones(2).coalesce(), "torch.sparse_coo"),
        (lambda: torch.ones(2).values(), "torch.sparse_coo"),
        (lambda: torch.ones(2, 2).to_sparse_bsr((1, 1)), "blocks"),
        (lambda: torch.ones(2, layout=torch.sparse_coo), "torch.strided"),
        (lambda: tensor("csr").coalesce(), "torch.sparse_coo"),
        (lambda: tensor()[7], "outside dim 0"),
        (lambda: tensor().index_select(0, torch.tensor([9])), "0, 4"),
    ],
)
def test_errors(call, message):
    with pytest.raises((RuntimeError, IndexError), match=message):
        call()


def test_invariants():
    check = torch.sparse.check_sparse_tensor_invariants
    assert not check.is_enabled()
    with check(), pytest.raises(RuntimeError):
        torch.sparse_csr_tensor([0, 2], [1, 0], [1.0, 2.0])
    assert not check.is_enabled()
    check.enable()
    assert check.is_enabled()
    check.disable()


def test_segments():
    data = torch.tensor(numpy.arange(1.0, 9).reshape(4, 2), requires_grad=True)
    offsets = torch.tensor([0, 2, 2, 4])
    rows = numpy.arange(1.0, 9).reshape(4, 2)
    for reduce, empty in {"sum": 0, "mean": numpy.nan, "max": -numpy.inf, "min": numpy.inf, "prod": 1}.items():
        expected = numpy.stack([getattr(rows[:2], reduce)(0), numpy.full(2, empty), getattr(rows[2:], reduce)(0)])
        close(torch.segment_reduce(data, reduce, offsets=offsets), expected)
        close(torch.segment_reduce(data, reduce, lengths=torch.tensor([2, 0, 2])), expected)
        assert gradcheck(lambda x, kind=reduce: torch.segment_reduce(x, kind, offsets=offsets, initial=1), (data,))


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, matrix, dense):
        ctx.matrix = matrix
        return matrix @ dense

    @staticmethod
    def backward(ctx, gradient):
        return None, ctx.matrix.t() @ gradient


class _Sparse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, dense):
        return dense.to_sparse()


def test_functions_of_users():
    dense = _dense()
    _Product.apply(tensor(), dense).sum().backward()
    close(dense.grad, DENSE.sum(0)[:, None] * numpy.ones(5))
    with pytest.raises(NotImplementedError, match="takes a tensor of layout"):
        _Product.apply(tensor("coo", _values()), dense)
    with pytest.raises(NotImplementedError, match="returns a tensor of layout"):
        _Sparse.apply(dense)
    with torch.no_grad():
        assert _Sparse.apply(dense).is_sparse


@pytest.mark.parametrize("layout", LAYOUTS)
def test_comparison(layout):
    x = tensor(layout)
    torch.testing.assert_close(x, x.clone())
    torch.testing.assert_close(x, x.to_dense(), check_layout=False)
    torch.testing.assert_close(x, tensor("csr"), check_layout=False)
    for other, message in (
        (x * 2, r"Sparse CO?S?[ROC] values are not close"),
        (x[:, :2], "shape"),
        (x.to_dense(), "layout"),
        (torch.eye(4, dtype=torch.float64)[:, :3].to_sparse(layout=x.layout), "number of specified values"),
    ):
        with pytest.raises(AssertionError, match=message):
            torch.testing.assert_close(x, other)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_autocast(layout):
    x, dense = tensor(layout).float(), other().float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        for result in (x @ dense, torch.sparse.mm(x, dense), x @ dense.bfloat16(), torch.addmm(dense[:1], x, dense)):
            assert result.dtype is torch.bfloat16
    close(result.float(), DENSE @ OTHER + OTHER[:1], 0.1)


def test_index_types_are_kept():
    x = torch.sparse_csr_tensor(*(torch.tensor(each, dtype=torch.int32) for each in ([0, 1, 2], [1, 0])), torch.ones(2))
    for result in (x.to_sparse_csc(), x.t(), x.t().to_sparse_csr()):
        assert all(part.dtype is torch.int32 for part in result.parts())


def test_arguments_that_do_not_fit():
    x = tensor()
    for call in (
        lambda: torch.mm(x, 2),
        lambda: torch.abs([x, x]),
        lambda: torch.clone([x, x]),
        lambda: torch.index_select(x, 0, 1),
        lambda: torch.sin(torch.ones(4, 3), x),
        lambda: torch.tensor([x, x]),
        lambda: x.__setitem__(0, 1.0),
    ):
        with pytest.raises((TypeError, NotImplementedError), match=r"\(\): |sparse tensor"):
            call()
    with pytest.raises(TypeError, match="expected a Tensor, not int"):
        torch.Tensor.backward(3)


def test_a_wrong_claim_of_order_does_no_harm_to_products():
    x = torch.sparse_coo_tensor([[1, 0, 1], [0, 1, 2]], [1.0, 2.0, 3.0], (2, 3), is_coalesced=True)
    close(x @ torch.ones(3, 1), [[2], [4]])
    close(x @ x.t(), [[4, 0], [0, 10]])
    close(x + x, [[0, 4, 0], [2, 0, 6]])
