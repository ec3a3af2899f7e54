"""Random tensors of all kinds print as in PyTorch, character for character."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

FLOATS = ["float32", "float64", "float16", "bfloat16", "complex64", "complex128"]
INTEGERS = ["int64", "int32", "int16", "uint8", "int8"]
DTYPES = [*FLOATS, *INTEGERS, "bool"]
OPTIONS = [
    {},
    {},
    {},
    {"precision": 2},
    {"precision": 0},
    {"precision": 8, "sci_mode": True},
    {"sci_mode": False},
    {"linewidth": 40},
    {"linewidth": 200},
    {"threshold": 10},
    {"edgeitems": 1, "threshold": 3},
    {"edgeitems": 0, "threshold": 4},
    {"profile": "full"},
    {"profile": "short"},
]


def random_pair(seed):
    """The same tensor in both frameworks: sizes, magnitudes, special values and dtype at random."""
    generator = random.Random(seed)
    torch.manual_seed(seed)
    shape = [generator.choice([0, 1, 1, 2, 3, 5, 7, 8, 40, 200]) for _ in range(generator.randint(0, 4))]
    while torch.Size(shape).numel() > 5000:
        shape.pop()
    values = torch.randn(shape, dtype=torch.float64)
    values = generator.choice(
        [
            values,
            values * 10 ** generator.randint(-10, 12),
            (values * 10 ** generator.randint(0, 5)).round(),
            torch.exp(values * generator.randint(1, 20)),
            values * 0,
        ]
    )
    for special in (float("nan"), float("inf"), -float("inf"), 0.0):
        if generator.random() < 0.15:
            values[torch.rand(shape) < 0.2] = special
    name = generator.choice(DTYPES)
    dtype = getattr(torch, name)
    if dtype.is_complex:
        values = torch.complex(values, values * generator.choice([0, 1, -2.5]))
    elif not dtype.is_floating_point:
        values = values.nan_to_num(0, 5, -5).clamp(-1e18, 1e18)
    theirs = values.to(dtype)
    return theirs, ember.tensor(theirs.tolist(), dtype=getattr(ember, name)).reshape(shape)


@pytest.fixture
def _restored():
    yield
    for framework in (torch, ember):
        framework.set_printoptions(profile="default")


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("seed", range(400))
def test_repr(seed):
    theirs, ours = random_pair(seed)
    for framework in (torch, ember):
        framework.set_printoptions(profile="default")
        framework.set_printoptions(**OPTIONS[seed % len(OPTIONS)])
    assert repr(ours) == repr(theirs)
    assert repr(ours.to("meta")) == repr(theirs.to("meta"))


@pytest.mark.parametrize("name", [*FLOATS, *INTEGERS])
def test_limits(name):
    kind = "finfo" if name in FLOATS else "iinfo"
    theirs, ours = (getattr(framework, kind)(getattr(framework, name)) for framework in (torch, ember))
    assert repr(ours) == repr(theirs)
    for attribute in (name for name in dir(theirs) if not name.startswith("_")):
        value = getattr(theirs, attribute)
        assert getattr(ours, attribute) == value
        assert type(getattr(ours, attribute)) is type(value)
