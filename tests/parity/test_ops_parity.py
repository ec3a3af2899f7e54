"""Operations beside PyTorch: values, dtypes, shapes, strides, gradients, reprs and the types of exceptions.

The calls stand in parity_cases.py. What PyTorch refuses (a dtype, a number where it wants a tensor) Ember may compute; the
mistakes that must be refused stand in ERRORS. DIFFERENCES names, with the reason, the results that differ on purpose.
"""

from __future__ import annotations

import ast
import copy
import pickle
import re
import warnings

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402
from ember import _C  # noqa: E402
from parity_cases import (  # noqa: E402
    BINARY,
    BINARY_PAIRS,
    CALLS,
    DIFFERENCES,
    ERRORS,
    EXPRESSIONS,
    REDUCTION_ARGUMENTS,
    REDUCTIONS,
    UNARY,
    UNARY_SHAPES,
)

DTYPES = ["float32", "float64", "int64", "bool", "bfloat16", "float16", "uint8", "int32", "complex64"]
EPSILON = {
    "float32": 2**-23,
    "complex64": 2**-23,
    "float64": 2**-52,
    "complex128": 2**-52,
    "bfloat16": 2**-7,
    "float16": 2**-10,
}
# What PyTorch itself is off by: its vector functions promise 1 ulp, its lgamma, digamma and erfinv several.
REFERENCE_ULP = 8
PROMISED = {record["name"].strip("_"): record["ulp"] for record in _C._records() if record["kind"] == "pointwise"}


# ---- the tensors that the cases speak of ------------------------------------------------------------------------------


def numbers(random, shape, dtype):
    """Multiples of 1/4, so that every floating type holds them exactly; no two equal in a row of random numbers."""
    values = random.integers(-11, 12, shape)
    if dtype == "bool":
        return values > 0
    if dtype == "uint8":
        return (values % 12).astype("uint8")
    if dtype in ("int32", "int64"):
        return values.astype(dtype)
    if dtype == "complex64":
        return (values / 4 + 1j * random.integers(-11, 12, shape) / 4).astype("complex64")
    return values / 4


def inputs(T, dtype):
    random = numpy.random.default_rng(3)
    D = getattr(T, dtype)
    made = {}

    def tensor(array, to=None):
        return T.from_numpy(numpy.array(array, order="C")).to(D if to is None else to)

    shapes = {"x": (3, 4), "y": (3, 4), "r": (4,), "c": (3, 1), "s": (), "e": (0, 4), "z": (2, 0, 3), "b": (2, 3, 4)}
    shapes |= {"d": (2, 4, 3), "q": (4, 4), "v": (70,)}
    for name, shape in shapes.items():
        made[name] = tensor(numbers(random, shape, dtype))
    made["xt"], made["bn"] = made["x"].t(), made["b"].permute(2, 0, 1)
    made["p"] = tensor(random.integers(1, 31, (3, 4)) / 32)
    made["d1"], made["d2"] = tensor(random.permutation(4) % 4), tensor(random.permutation(6).reshape(3, 2) % 6)
    made["grid"] = tensor([0.125, 0.25, 0.5, 0.75])
    made["k"] = tensor(random.integers(0, 5, (3, 4)), T.int64)
    made["h"] = tensor(random.integers(-8, 8, (3, 4)) / 4, T.float16)
    made["m"] = tensor(random.integers(0, 2, (3, 4)) > 0, T.bool)
    made["i"] = tensor([[0, 1], [2, 0], [1, 2]], T.int64)
    made["j"] = tensor([2, 0, 1, 1], T.int64)
    made["zc"] = tensor(random.normal(size=(2, 3)) + 1j * random.normal(size=(2, 3)), T.complex64)
    made["xg"] = T.tensor([1.0, 2.0], requires_grad=True)
    return {**made, "T": T, "D": D, "copy": copy, "pickle": pickle, "numpy": numpy, **functions(T)}


def functions(T):
    def set_item(tensor, index, value):
        target = tensor if tensor.requires_grad and tensor.is_leaf else tensor.clone()
        target[index] = value
        return target

    def foreach(name, x, y, *args, **options):
        lists = [x.clone(), y.clone()]
        getattr(T, name)(lists, *args, **options)
        return lists

    def same_after(function, tensor):
        return function(tensor.detach())

    def subclass(T, tensor):
        return tensor.as_subclass(type("Sub", (T.Tensor,), {}))

    return {"set_item": set_item, "foreach": foreach, "same_after": same_after, "Sub": subclass}


# ---- comparison -------------------------------------------------------------------------------------------------------


def array_of(tensor):
    tensor = tensor.detach()
    name = str(tensor.dtype).removeprefix("torch.")
    return (tensor.float() if name == "bfloat16" else tensor).resolve_conj().resolve_neg().numpy(force=True), name


def compare(ours, theirs, ulp, where):
    """`ours` is what `theirs` is, tensors within `ulp` units of the dtype's epsilon."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, ember.Tensor), f"{where}: {type(ours).__name__}; expected a tensor"
        assert str(ours.dtype) == str(theirs.dtype), f"{where}: dtype"
        assert tuple(ours.shape) == tuple(theirs.shape), f"{where}: shape"
        if theirs.numel() > 1:
            assert ours.stride() == theirs.stride(), f"{where}: strides"
        found, name = array_of(ours)
        compare_arrays(found, array_of(theirs)[0], EPSILON.get(name, 0) * ulp, where)
    elif isinstance(theirs, numpy.ndarray):
        assert isinstance(ours, numpy.ndarray) and ours.dtype == theirs.dtype, f"{where}: {type(ours)}"
        assert ours.shape == theirs.shape, f"{where}: shape"
        compare_arrays(ours, theirs, EPSILON.get(str(theirs.dtype), 0) * ulp, where)
    elif isinstance(theirs, (tuple, list)):
        assert isinstance(ours, (tuple, list)), f"{where}: {type(ours).__name__}; expected {type(theirs).__name__}"
        assert type(ours).__name__ == type(theirs).__name__ or hasattr(theirs, "n_fields"), f"{where}: {type(ours)}"
        assert len(ours) == len(theirs), f"{where}: {len(ours)} results; expected {len(theirs)}"
        for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            compare(mine, other, ulp, f"{where}[{index}]")
    elif isinstance(theirs, (float, complex)):
        assert type(ours) is type(theirs), f"{where}: {ours!r}; expected {theirs!r}"
        compare_arrays(numpy.asarray(ours), numpy.asarray(theirs), 2**-23 * ulp, where)
    elif isinstance(theirs, (str, int, bool, type(None))):
        assert type(ours) is type(theirs) and ours == theirs, f"{where}: {ours!r}; expected {theirs!r}"
    else:
        assert repr(ours) == repr(theirs), f"{where}: {ours!r}; expected {theirs!r}"


def compare_arrays(found, expected, tolerance, where):
    with numpy.errstate(all="ignore"):
        scale = numpy.abs(expected[numpy.isfinite(expected)]).max(initial=0) if tolerance else 0
        same = numpy.isclose(found, expected, rtol=tolerance, atol=tolerance * min(scale, 1), equal_nan=True)
    assert same.all(), f"{where}: {found.tolist()}; expected {expected.tolist()}"


def outcome(expression, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return eval(expression, dict(values)), None  # the expressions stand in parity_cases.py
        except Exception as error:
            return None, error


def tensors_in(result):
    if isinstance(result, (torch.Tensor, ember.Tensor)):
        return [result]
    return [each for part in result for each in tensors_in(part)] if isinstance(result, (tuple, list)) else []


def gradients(T, result, leaves):
    """Gradients of the weighted sum of all results that have one."""
    results = [each for each in tensors_in(result) if each.requires_grad and each.grad_fn is not None]
    if not results:
        return None
    weights = [
        T.from_numpy(numpy.cos(numpy.arange(each.numel()) + 1.0)).to(each.dtype).reshape(each.shape) for each in results
    ]
    return T.autograd.grad(results, leaves, weights, allow_unused=True)


def differentiable(values, names):
    leaves = []
    for name in names:
        tensor = values[name]
        if tensor.is_floating_point() or tensor.is_complex():
            values[name] = tensor.detach().requires_grad_()
            leaves.append(values[name])
    return leaves


def differs_on_purpose(expression, dtype):
    return any(re.match(start, expression) and dtype in (dtypes.split() or DTYPES) for start, dtypes, _ in DIFFERENCES)


def check(expression, dtype, ulp=REFERENCE_ULP, grad=True):
    if differs_on_purpose(expression, dtype):
        return
    pairs = []
    for T in (ember, torch):
        values = inputs(T, dtype)
        used = {node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)}
        names = sorted(name for name in used if isinstance(values.get(name), T.Tensor))
        leaves = differentiable(values, names) if grad and "numpy" not in expression else []
        result, error = outcome(expression, values)
        if error is None and leaves:
            try:
                found = gradients(T, result, leaves)
            except (RuntimeError, NotImplementedError) as failure:
                found = failure
        else:
            found = None
        pairs.append((result, error, found))
    (ours, our_error, our_gradients), (theirs, their_error, their_gradients) = pairs
    where = f"{expression} [{dtype}]"
    if our_error is not None and "for 'complex64'" in str(our_error):
        return  # functions of complex numbers that Ember does not have yet
    if their_error is not None:
        if our_error is not None and dtype == "float32":
            assert isinstance(our_error, type(their_error)), (
                f"{where}: {type(our_error).__name__}: {our_error}; expected {type(their_error).__name__}: {their_error}"
            )
        return
    if our_error is not None:
        if "the derivative of" in str(our_error) and no_gradient(their_gradients):
            return
        raise AssertionError(f"{where}: {type(our_error).__name__}: {our_error}") from our_error
    compare(ours, theirs, ulp, where)
    if isinstance(our_gradients, Exception):
        assert isinstance(their_gradients, Exception), f"{where}: {our_gradients}"
    elif our_gradients is None:
        assert no_gradient(their_gradients), f"{where}: the result requires no gradient"
    elif not isinstance(their_gradients, Exception) and not has_nan(theirs):
        if their_gradients is not None:  # None: the result is the argument itself
            compare_gradients(our_gradients, their_gradients, ulp, where)
        else:
            assert all(each.requires_grad for each in tensors_in(theirs)), (
                f"{where}: PyTorch's result requires no gradient"
            )


def no_gradient(found):
    """What PyTorch cannot differentiate, or gives zeros for, Ember need not record."""
    return (
        found is None
        or isinstance(found, Exception)
        or not any(each is not None and bool((each != 0).any()) for each in found)
    )


def has_nan(result):
    """Outside an operation's domain PyTorch's gradients are whatever the formula gives."""
    return any((each != each).any() for each in tensors_in(result))


def compare_gradients(ours, theirs, ulp, where):
    for index, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        if other is None or mine is None:  # PyTorch: zeros or nothing for an input that does not matter
            known = mine if other is None else other
            assert known is None or not array_of(known)[0].any(), f"{where}: gradient {index}"
            continue
        found, name = array_of(mine)
        assert mine.dtype.itemsize == other.dtype.itemsize and tuple(mine.shape) == tuple(other.shape), (
            f"{where}: gradient"
        )
        compare_arrays(found, array_of(other)[0], EPSILON[name] * 2 * ulp, f"{where}: gradient {index}")


# ---- the tests ----------------------------------------------------------------------------------------------------------


def arguments_of(text):
    return [part.strip() for part in text.split("|")]


def lines_of(text):
    return [line for line in text.strip().splitlines() if line]


def as_calls(name, arguments):
    """The call as a function, and as a method of its first argument where PyTorch has that."""
    yield f"T.{name}({arguments})"
    call = ast.parse(f"f({arguments})", mode="eval").body
    source = [ast.get_source_segment(f"f({arguments})", each) for each in call.args]
    methods = hasattr(torch.Tensor, name) and name != "where" and "out=" not in arguments
    if source and methods and source[0][0].isalpha() and not source[0].startswith(("True", "False")):
        rest = [*source[1:], *(f"{each.arg}={ast.unparse(each.value)}" for each in call.keywords)]
        yield f"({source[0]}).{name}({', '.join(rest)})"


def ulp_of(name):
    return REFERENCE_ULP + PROMISED.get(name, 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [name for name in UNARY if hasattr(torch, name)])
def test_unary(name, dtype):
    for argument in UNARY_SHAPES:
        for expression in as_calls(name, argument):
            check(expression, dtype, ulp_of(name))
    if hasattr(torch.Tensor, name + "_"):
        check(f"x.clone().{name}_()", dtype, ulp_of(name))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [name for name in BINARY if hasattr(torch, name)])
def test_binary(name, dtype):
    for arguments in BINARY_PAIRS:
        for expression in as_calls(name, arguments):
            check(expression, dtype, ulp_of(name))
    if hasattr(torch.Tensor, name + "_"):
        check(f"x.clone().{name}_(y)", dtype, ulp_of(name))
        check(f"x.clone().{name}_(r)", dtype, ulp_of(name))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name, dtype):
    for line in lines_of(REDUCTION_ARGUMENTS):
        for arguments in arguments_of(line):
            for expression in as_calls(name, arguments):
                check(expression, dtype, 4 * REFERENCE_ULP)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("line", lines_of(CALLS), ids=lambda line: line.split()[0])
def test_calls(line, dtype):
    name, rest = line.split(None, 1)
    for arguments in arguments_of(rest):
        for expression in as_calls(name, arguments):
            check(expression, dtype, 4 * REFERENCE_ULP + PROMISED.get(name, 0))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("expression", [each for line in lines_of(EXPRESSIONS) for each in arguments_of(line)])
def test_expressions(expression, dtype):
    check(
        expression,
        dtype,
        4 * REFERENCE_ULP,
        grad=not expression.startswith(("repr", "str", "f'", "same_after", "pickle")),
    )


@pytest.mark.parametrize("expression", [each for line in lines_of(ERRORS) for each in arguments_of(line)])
def test_errors(expression):
    (_, ours), (_, theirs) = [outcome(expression, inputs(T, "float32")) for T in (ember, torch)]
    assert theirs is not None or ours is None, f"{type(ours).__name__}: {ours}; PyTorch takes it"
    assert ours is not None or theirs is None, f"expected {type(theirs).__name__}: {theirs}"
    assert theirs is None or isinstance(ours, type(theirs)), (
        f"{type(ours).__name__}: {ours}; expected {type(theirs).__name__}: {str(theirs)[:200]}"
    )


# Parts of PyTorch that do not exist yet: asked for, they are missing, so that `hasattr` and `try` tell the truth.
LATER = ["masked", "monitor", "lobpcg"]


@pytest.mark.parametrize("name", LATER)
def test_what_is_missing_is_named(name):
    with pytest.raises(AttributeError, match=name):
        getattr(ember, name)
