"""Sparse tensors beside PyTorch: values, layouts, gradients, reprs, files, steps of optimizers, types of errors."""

from __future__ import annotations

import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
INDICES = [[0, 1, 1, 0, 3], [2, 0, 2, 2, 1]]
VALUES = [3.0, -4.0, 5.0, 6.0, 0.5]
LAYOUTS = ["coo", "coalesced", "csr", "csc"]


def matrix(library, layout, values=None, **options):
    x = library.sparse_coo_tensor(INDICES, VALUES if values is None else values, (4, 3), **options)
    x = x if layout == "coo" else x.coalesce()
    return x if layout in ("coo", "coalesced") else getattr(x, f"to_sparse_{layout}")()


def dense(library, *shape):
    return library.arange(float(numpy.prod(shape))).reshape(shape) - 3


def numbers(x):
    if not hasattr(x, "detach"):
        return x
    x = x.detach()
    return (x if str(x.layout) == "torch.strided" else x.to_dense()).numpy()


def described(x):
    """Layout, shape and dtype."""
    return str(x.layout), tuple(x.shape), str(x.dtype)


ANYWHERE = {
    "to_dense": lambda t, x: x.to_dense(),
    "times number": lambda t, x: x * 2,
    "negative": lambda t, x: -x,
    "absolute": lambda t, x: x.abs(),
    "sine": lambda t, x: x.sin(),
    "relu": lambda t, x: x.relu(),
    "plus itself": lambda t, x: x + x,
    "strided plus": lambda t, x: dense(t, 4, 3) + x,
    "product": lambda t, x: x @ dense(t, 3, 2),
    "product from the left": lambda t, x: dense(t, 2, 4) @ x,
    "product with a vector": lambda t, x: x @ dense(t, 3),
    "torch.sparse.mm": lambda t, x: t.sparse.mm(x, dense(t, 3, 2)),
    "addmm": lambda t, x: t.addmm(dense(t, 4, 2), x, dense(t, 3, 2), beta=2, alpha=3),
    "linear": lambda t, x: t.nn.functional.linear(dense(t, 5, 3), x),
    "square": lambda t, x: x @ x.t(),
    "transposed": lambda t, x: x.t(),
    "row": lambda t, x: x[1],
    "column": lambda t, x: x[:, 2],
    "element": lambda t, x: x[3, 1],
    "sum": lambda t, x: x.sum(),
    "double": lambda t, x: x.double(),
    "as COO": lambda t, x: x.to_sparse_coo(),
    "as CSR": lambda t, x: x.to_sparse_csr(),
    "as CSC": lambda t, x: x.to_sparse_csc(),
    "zeros_like": lambda t, x: t.zeros_like(x),
    "unbound": lambda t, x: x.unbind()[0],
}
OF_COO = {
    "sum over rows": lambda t, x: t.sparse.sum(x, 0),
    "sum over columns": lambda t, x: t.sparse.sum(x, [1], dtype=t.float64),
    "sum keeping dims": lambda t, x: x.sum(0, keepdim=True),
    "softmax": lambda t, x: t.sparse.softmax(x, 1),
    "log_softmax": lambda t, x: t.sparse.log_softmax(x, 0, dtype=t.float64),
    "divided": lambda t, x: x / 2,
    "times strided": lambda t, x: x * dense(t, 4, 3),
    "floor divided": lambda t, x: x // 2,
    "power": lambda t, x: x**2,
    "norm": lambda t, x: x.norm(),
    "index_select": lambda t, x: x.index_select(0, t.tensor([1, 0, 1])),
    "narrow_copy": lambda t, x: x.narrow_copy(1, 1, 2),
    "permuted": lambda t, x: x.permute(1, 0),
    "unsqueezed": lambda t, x: x.unsqueeze(1),
    "cat": lambda t, x: t.cat([x, x], 1),
    "stack": lambda t, x: t.stack([x, x], 2),
    "bmm": lambda t, x: t.stack([x, x]).bmm(dense(t, 2, 3, 2)),
    "hspmm": lambda t, x: t.hspmm(x, dense(t, 3, 2)),
    "smm": lambda t, x: t.smm(x, dense(t, 3, 2)),
    "sspaddmm": lambda t, x: t.sspaddmm(dense(t, 4, 2).to_sparse(), x, dense(t, 3, 2)),
    "masked": lambda t, x: dense(t, 4, 3).sparse_mask(x),
    "subtracted": lambda t, x: x - x.t().t() * 2,
}
OF_CSR = {
    "mean": lambda t, x: t.sparse.mm(x, dense(t, 3, 2), "mean"),
    "amax": lambda t, x: t.sparse.mm(x, dense(t, 3, 2), "amax"),
    "amin": lambda t, x: t.sparse.mm(x, dense(t, 3, 2), "amin"),
    "sampled": lambda t, x: t.sparse.sampled_addmm(x, dense(t, 4, 5), dense(t, 5, 3), beta=0.5, alpha=2),
    "sum of rows": lambda t, x: x.sum(1, keepdim=True),
    "masked": lambda t, x: dense(t, 4, 3).sparse_mask(x),
    "times strided": lambda t, x: x * dense(t, 4, 3),
    "product of two": lambda t, x: x * x,
}
CASES = [(layout, *case) for layout in LAYOUTS for case in ANYWHERE.items()]
CASES += [(layout, *case) for layout in LAYOUTS[:2] for case in OF_COO.items()]
CASES += [("csr", *case) for case in OF_CSR.items()]


@pytest.mark.parametrize(("layout", "name", "function"), CASES, ids=lambda each: each if isinstance(each, str) else "")
def test_operations(layout, name, function):
    ours, theirs = (function(library, matrix(library, layout)) for library in (ember, torch))
    assert described(ours) == described(theirs)
    numpy.testing.assert_allclose(numbers(ours), numbers(theirs), rtol=1e-5, atol=1e-6)


GRADIENTS = {
    "product": lambda t, x, d: t.sparse.mm(x, d),
    "to_dense": lambda t, x, d: x.to_dense() @ d,
    "scaled": lambda t, x, d: (x * 3).to_dense() @ d,
    "product of two": lambda t, x, d: t.sparse.mm(x, x.t()).to_dense() @ d[:, :2].t().reshape(-1)[:4],
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    results = []
    for library in (ember, torch):
        values = library.tensor(VALUES, requires_grad=True)
        x, d = matrix(library, "coalesced", values), dense(library, 3, 2).requires_grad_()
        function = GRADIENTS[name]
        (function(library, x, d) ** 2).sum().backward()
        results.append((values.grad.numpy(), d.grad.numpy()))
    for ours, theirs in zip(*results, strict=True):
        numpy.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-4)


def test_a_leaf():
    gradients = []
    for library in (ember, torch):
        x = matrix(library, "coalesced").detach().requires_grad_()
        (library.sparse.mm(x, dense(library, 3, 2)) ** 2).sum().backward()
        assert x.is_leaf
        gradients.append(numbers(x.grad) * (numbers(x) != 0))
    numpy.testing.assert_allclose(*gradients, rtol=1e-5)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_reprs(layout):
    for options in ({}, {"dtype": "float64"}, {"dtype": "int64"}, {"dtype": "bool"}):
        texts = []
        for library in (ember, torch):
            dtype = getattr(library, options["dtype"]) if options else None
            made = matrix(library, layout)
            texts.append(repr(made if dtype is None else made.to(dtype)))
        assert texts[0] == texts[1]
    ours, theirs = (
        [
            repr(library.zeros(2, 0, layout=library.sparse_coo)),
            repr(library.zeros(2, 3, layout=library.sparse_csr)),
            repr(library.eye(40).to_sparse()),
            repr(library.sparse_coo_tensor(INDICES, dense(library, 5, 2), (4, 3, 2))),
            repr(library.nn.Parameter(matrix(library, "coo"))),
            repr(matrix(library, "csr").requires_grad_()),
            repr(library.sparse_coo_tensor(INDICES, VALUES, (4, 3), requires_grad=True)),
        ]
        for library in (ember, torch)
    )
    assert ours == theirs


@pytest.mark.parametrize("layout", LAYOUTS)
def test_files(layout, tmp_path):
    for writer, reader in ((ember, torch), (torch, ember)):
        parameter = writer.nn.Parameter(matrix(writer, "coo"))
        writer.save({"x": matrix(writer, layout), "p": parameter}, tmp_path / "x.pt")
        read = reader.load(tmp_path / "x.pt")
        assert described(read["x"]) == described(matrix(writer, layout))
        assert isinstance(read["p"], reader.nn.Parameter) and read["p"].requires_grad
        numpy.testing.assert_array_equal(numbers(read["x"]), numbers(matrix(writer, layout)))
        if layout == "coo":
            assert not read["x"].is_coalesced()


@pytest.mark.parametrize("options", [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {}], ids=str)
@pytest.mark.parametrize("optimizer", ["SGD", "Adagrad", "SparseAdam"])
def test_steps(optimizer, options):
    if optimizer != "SGD" and options:
        pytest.skip("options of SGD")
    results = []
    for library in (ember, torch):
        weight = library.nn.Parameter(dense(library, 5, 2))
        make = getattr(library.optim, optimizer)([weight], lr=0.1, **options)
        for indices in ([[0, 1, 1]], [[1, 3, 0]], [[1, 1, 1]]):
            make.zero_grad()
            rows = library.nn.functional.embedding(library.tensor(indices), weight, padding_idx=3, sparse=True)
            (rows**2).sum().backward()
            assert weight.grad.is_sparse
            make.step()
        results.append((weight.detach().numpy(), sorted(make.state_dict()["state"].get(0, {})), repr(make)))
    numpy.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-5)
    if not options:
        assert results[0][1:] == results[1][1:]


ERRORS = {
    "uncoalesced": lambda t: matrix(t, "coo").indices(),
    "not COO": lambda t: matrix(t, "csr").coalesce(),
    "not CSR": lambda t: matrix(t, "csc").crow_indices(),
    "strided": lambda t: t.ones(2).values(),
    "plus number": lambda t: matrix(t, "coo") + 1,
    "plus strided": lambda t: matrix(t, "coo") + dense(t, 4, 3),
    "divided by strided": lambda t: matrix(t, "coo") / dense(t, 4, 3),
    "no rule": lambda t: matrix(t, "coo").exp(),
    "no rule for two": lambda t: matrix(t, "coo") == matrix(t, "coo"),
    "reshaped": lambda t: matrix(t, "coo").reshape(12),
    "as NumPy": lambda t: matrix(t, "coo").numpy(),
    "address": lambda t: matrix(t, "coo").data_ptr(),
    "storage": lambda t: matrix(t, "coo").untyped_storage(),
    "lengths": lambda t: t.sparse_coo_tensor([[1]], [1.0, 2.0], (2,)),
    "dims": lambda t: t.sparse_coo_tensor([1], [1.0], (2,)),
    "size": lambda t: t.sparse_coo_tensor([[1]], [1.0], (2, 3)),
    "order": lambda t: t.sparse_csr_tensor([0, 2], [1, 0], [1.0, 2.0], check_invariants=True),
    "range": lambda t: t.sparse_csr_tensor([0, 1], [5], [1.0], (1, 2), check_invariants=True),
    "no layout": lambda t: t.sparse_compressed_tensor([0, 1], [0], [1.0]),
    "ones": lambda t: t.ones(2, layout=t.sparse_coo),
    "types": lambda t: matrix(t, "coo") @ dense(t, 3, 2).double(),
}


@pytest.mark.parametrize("name", ERRORS)
def test_types_of_errors(name):
    with pytest.raises(Exception) as theirs:
        ERRORS[name](torch)
    with pytest.raises(theirs.type):
        ERRORS[name](ember)


def test_properties():
    for layout in LAYOUTS:
        ours, theirs = matrix(ember, layout), matrix(torch, layout)
        for name in ("is_sparse", "is_sparse_csr", "is_leaf", "requires_grad", "ndim", "itemsize", "is_cpu", "is_meta"):
            assert getattr(ours, name) == getattr(theirs, name), name
        for name in ("sparse_dim", "dense_dim", "_nnz", "numel", "element_size"):
            assert getattr(ours, name)() == getattr(theirs, name)(), name
        assert repr(ours.layout) == repr(theirs.layout)
        assert repr(ours.values() if layout != "coo" else ours._values()) == repr(
            theirs.values() if layout != "coo" else theirs._values()
        )
    for name in ("FloatTensor", "LongTensor"):
        assert repr(getattr(ember.sparse, name)) == repr(getattr(torch.sparse, name))
        assert isinstance(matrix(ember, "coo"), getattr(ember.sparse, name)) == (name == "FloatTensor")


def test_segment_reduce():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for reduce in ("sum", "mean", "max", "min", "prod"):
            for initial in (None, 2.5):
                results = []
                for library in (ember, torch):
                    data = dense(library, 5, 2).requires_grad_()
                    lengths = library.tensor([2, 0, 3])
                    result = library.segment_reduce(data, reduce, lengths=lengths, initial=initial)
                    (result.nan_to_num(0, 0, 0) ** 2).sum().backward()
                    results.append((result.detach().numpy(), data.grad.numpy()))
                for ours, theirs in zip(*results, strict=True):
                    numpy.testing.assert_allclose(ours, theirs, rtol=1e-5)
