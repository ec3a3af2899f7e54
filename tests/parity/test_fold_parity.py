"""unfold and fold beside PyTorch: values, gradients, signatures, reprs, errors."""

from __future__ import annotations

import inspect

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

OPTIONS = [(2, 1, 0, 1), (3, 1, 1, 2), ((2, 3), 1, 0, (1, 2)), (2, (2, 1), (0, 2), 3)]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 6, 7), (3, 6, 7)])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_values_and_gradients(options, shape, dtype):
    image = numpy.random.default_rng(0).integers(-8, 9, shape).astype(numpy.float32)
    results = []
    for library in (ember, torch):
        x = library.tensor(image).to(getattr(library, dtype)).requires_grad_()
        columns = library.nn.functional.unfold(x, *options)
        back = library.nn.functional.fold(columns, (6, 7), *options)
        (gradient,) = library.autograd.grad((back * back.detach()).sum().abs(), x)
        results.append([each.detach().to(library.complex64).numpy() for each in (columns, back, gradient)])
    for ours, theirs in zip(*results, strict=True):
        numpy.testing.assert_allclose(ours, theirs, rtol=2.0**-6 if dtype == "bfloat16" else 1e-6)


def test_signatures_and_reprs():
    for name in ("fold", "unfold"):
        ours, theirs = (inspect.signature(getattr(library.nn.functional, name)) for library in (ember, torch))
        assert [(p.name, p.default) for p in ours.parameters.values()] == [
            (p.name, p.default) for p in theirs.parameters.values()
        ]
    for library in (ember, torch):
        assert repr(library.nn.Fold((4, 5), 2)) == repr(torch.nn.Fold((4, 5), 2))
        assert repr(library.nn.Unfold((4, 5), 2, 1, 3)) == repr(torch.nn.Unfold((4, 5), 2, 1, 3))


def errors(library):
    f, t = library.nn.functional, library
    x, y = t.zeros(2, 3, 6, 7), t.zeros(2, 12, 30)
    return {
        "5-d": lambda: f.unfold(x[None], 2),
        "three numbers": lambda: f.unfold(x, (2, 2, 2)),
        "large": lambda: f.unfold(x, 9),
        "kernel 0": lambda: f.unfold(x, 0),
        "stride 0": lambda: f.unfold(x, 2, stride=0),
        "dilation 0": lambda: f.unfold(x, 2, dilation=0),
        "padding": lambda: f.unfold(x, 2, padding=-1),
        "float": lambda: f.unfold(x, 2.5),
        "integers": lambda: f.unfold(x.long(), 2),
        "no channels": lambda: f.unfold(x[:, :0], 2),
        "columns": lambda: f.fold(y[..., :29], (6, 7), 2),
        "rows": lambda: f.fold(y[:, :11], (6, 7), 2),
        "fold dims": lambda: f.fold(y[None], (6, 7), 2),
        "fold integers": lambda: f.fold(y.long(), (6, 7), 2),
        "fold size": lambda: f.fold(y, 6, 2),
        "fold sizes": lambda: f.fold(y, (6, 7, 8), 2),
        "fold kernel": lambda: f.fold(y, (6, 7), 0),
        "fold negative": lambda: f.fold(y, (-6, 7), 2),
    }


@pytest.mark.parametrize("name", errors(ember))
def test_types_of_errors(name):
    types = []
    for library in (ember, torch):
        with pytest.raises(Exception) as caught:
            errors(library)[name]()
        types.append(caught.type.__name__)
    assert types[0] == types[1]
