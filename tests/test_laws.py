"""Laws that every pointwise record obeys, whatever its formula. A new record is picked up by itself; it needs one line in
references.py."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

import ember
from ember import _C
from references import REFERENCES

BOOL, INTEGER, FLOAT, COMPLEX = 1, 2, 4, 8
SAME, FLOATING, RESULT_BOOL, REAL = range(4)
RECORDS = {record["name"]: record for record in _C._records() if record["kind"] == "pointwise"}
FLOATS = {ember.float32: (np.float32, 24), ember.float64: (np.float64, 53)}

every_record = pytest.mark.parametrize("name", RECORDS)
differentiable = pytest.mark.parametrize(
    "name", [n for n, r in RECORDS.items() if r["differentiable"] and r["types"] & FLOAT]
)


def tensors_of(record) -> int:
    return sum(kind == "Tensor" for _, kind, *_ in record["parameters"])


def numbers_of(record) -> list[float]:
    """A value for each number without a default."""
    sample = {"int": 2, "float": 0.5, "Number": 0.5}
    return [sample[kind] for _, kind, _, _, has_default in record["parameters"] if kind != "Tensor" and not has_default]


def samples(record, shape, dtype=np.float64, seed=0) -> list[np.ndarray]:
    random = np.random.default_rng([seed, *record["name"].encode()])
    low, high = record["domain"]
    if np.issubdtype(dtype, np.floating):
        return [random.uniform(low, high, shape).astype(dtype) for _ in range(tensors_of(record))]
    if dtype == np.bool_:
        return [random.integers(0, 2, shape).astype(bool) for _ in range(tensors_of(record))]
    # positive where the domain is; small, so that powers and shifts stay in range
    lowest = 1 if low > 0 or "divide" in record["name"] or record["name"] in ("remainder", "fmod") else -6
    return [random.integers(lowest, 7, shape).astype(dtype) for _ in range(tensors_of(record))]


def run(record, arrays, *numbers, **options):
    tensors = [ember.from_numpy(np.array(array)) if isinstance(array, np.ndarray) else array for array in arrays]
    return getattr(_C.ops, record["name"])(*tensors, *numbers, **options)


def natural(record) -> type:
    """The NumPy type that a record is sampled in: float64, or int64 for what takes only integers."""
    return np.float64 if record["types"] & FLOAT else np.int64


def identical(a, b) -> bool:
    x, y = np.atleast_1d(a.detach().numpy()), np.atleast_1d(b.detach().numpy())
    return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()


@every_record
def test_has_a_reference(name):
    assert name in REFERENCES, f"{name} needs one line in tests/references.py"


def expected_of(name, values, numbers):
    with mp.workdps(400):
        try:
            result = REFERENCES[name](*[mp.mpf(float(v)) for v in values], *numbers)
        except (ValueError, ZeroDivisionError, OverflowError, mp.libmp.NoConvergence):
            return None
        return None if isinstance(result, mp.mpc) else result


def error_in_ulp(found: float, expected, precision: int, smallest_exponent: int) -> float:
    """|found - expected| in units of the last place of a number of `expected`'s size."""
    with mp.workdps(40):
        expected = mp.mpf(expected)
        if mp.isnan(expected) or mp.isinf(expected) or math.isinf(found) or math.isnan(found):
            same = found == float(expected) or (math.isnan(found) and mp.isnan(expected))
            return 0.0 if same else math.inf
        exponent = max(mp.frexp(expected)[1] if expected else smallest_exponent, smallest_exponent)
        return float(abs(mp.mpf(found) - expected) / mp.ldexp(1, exponent - precision))


takes_complex = pytest.mark.parametrize(
    "name", [n for n, r in RECORDS.items() if r["types"] & COMPLEX and r["result"] != RESULT_BOOL and n != "where"]
)


def complex_samples(record, shape) -> list[np.ndarray]:
    """Off the real axis, as far as the domain reaches, and off the branch cuts that lie on it."""
    random = np.random.default_rng([*record["name"].encode()])
    size = min(max(abs(bound) for bound in record["domain"]), 3)
    return [random.uniform(0.2, size, shape) * np.exp(1j * random.uniform(0.2, 2.9, shape)) for _ in range(3)][
        : tensors_of(record)
    ]


@takes_complex
@pytest.mark.parametrize("dtype", [ember.complex64, ember.complex128], ids=str)
def test_complex_value(name, dtype):
    """Within 16 units of the last place of the result's size, for numbers of the size of 1."""
    record = RECORDS[name]
    arrays = [array.astype(str(dtype).partition(".")[2]) for array in complex_samples(record, 200)]
    numbers = numbers_of(record)
    found = run(record, arrays, *numbers)
    unit = ember.finfo(dtype).eps
    for i, value in enumerate(found.tolist()):
        inputs = [mp.mpmathify(complex(array[i])) for array in arrays]
        with mp.workdps(40):
            expected = complex(REFERENCES[name](*inputs, *numbers))
        assert abs(value - expected) <= 16 * unit * max(abs(expected), 0.1), inputs


@takes_complex
def test_complex_gradient(name):
    record = RECORDS[name]
    numbers = numbers_of(record)
    inputs = [ember.from_numpy(array).requires_grad_() for array in complex_samples(record, (2, 3))]
    operation = getattr(_C.ops, name)
    assert ember.autograd.gradcheck(lambda *x: operation(*x, *numbers), inputs)
    assert ember.autograd.gradgradcheck(lambda *x: operation(*x, *numbers), inputs, atol=1e-4)


@every_record
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_value_within_the_promised_ulp(name, dtype):
    record = RECORDS[name]
    if not record["types"] & FLOAT:
        pytest.skip("takes no floating numbers")
    numpy_type, precision = FLOATS[dtype]
    arrays = samples(record, 200, numpy_type)
    numbers = numbers_of(record)
    found = run(record, arrays, *numbers)
    result = found.double().tolist() if found.dtype is not ember.bool else found.tolist()
    worst = (0.0, None)
    for i, value in enumerate(result):
        inputs = [array[i] for array in arrays]
        expected = expected_of(name, inputs, numbers)
        if expected is None:
            continue
        if found.dtype is ember.bool:
            assert bool(value) == bool(expected), inputs
            continue
        smallest = -125 if precision == 24 else -1021
        worst = max(worst, (error_in_ulp(value, expected, precision, smallest), inputs), key=lambda pair: pair[0])
    assert worst[0] <= record["ulp"], f"{worst[0]:.2f} ulp at {worst[1]}; the record promises {record['ulp']}"


@every_record
def test_integers_are_exact(name):
    record = RECORDS[name]
    if not record["types"] & INTEGER or record["result"] in (FLOATING,):
        pytest.skip("computes in floating point")
    arrays = samples(record, 60, np.int64)
    found = run(record, arrays, *numbers_of(record)).tolist()
    for i, value in enumerate(found):
        expected = expected_of(name, [array[i] for array in arrays], numbers_of(record))
        if expected is not None and not (mp.isnan(expected) or mp.isinf(expected)):
            assert value == int(expected), [array[i] for array in arrays]


@every_record
@pytest.mark.parametrize("dtype", [ember.float16, ember.bfloat16], ids=str)
def test_sixteen_bits_are_float32_rounded(name, dtype):
    record = RECORDS[name]
    if not record["types"] & FLOAT:
        pytest.skip("takes no floating numbers")
    short = [ember.from_numpy(a).to(dtype) for a in samples(record, 100, np.float32)]
    numbers = numbers_of(record)
    found = run(record, short, *numbers)
    expected = run(record, [s.float() for s in short], *numbers)
    assert identical(found.float(), expected.to(found.dtype).float())


SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-310, -1e-310, 1e-40, 1e-30, 1e5, -1e5, 1e300, -1e300, math.inf, -math.inf, math.nan]
# A NaN need not come through: it is chosen away, or (pow, hypot) the other operand decides.
NAN_MAY_VANISH = {
    "fmax",
    "fmin",
    "_nan_to_num",
    "where",
    "copysign",
    "pow",
    "hypot",
    "sign",
    "relu",
    "lerp",
    "_prelu",
    "_zeta",
}


@every_record
def test_special_points(name):
    """Zeros, tiny numbers and domain bounds are as the reference says; NaN spreads."""
    record = RECORDS[name]
    if not record["types"] & FLOAT or record["result"] == RESULT_BOOL or record["family"] == "losses":
        pytest.skip("no floating result of a plain function")
    count = tensors_of(record)
    pairs = [(a, b, a, b)[:count] for a in SPECIAL for b in (SPECIAL if count > 1 else [0])]
    grid = [np.array(points) for points in zip(*pairs, strict=True)]
    numbers = numbers_of(record)
    low, high = record["domain"]
    for inputs, value in zip(pairs, run(record, grid, *numbers).tolist(), strict=True):
        if any(math.isnan(x) for x in inputs):
            assert name in NAN_MAY_VANISH or math.isnan(value), f"{name}{inputs} is {value}"
        elif all((low <= x <= high and abs(x) > 1e-300) or (x == 0 and math.copysign(1, x) > 0) for x in inputs):
            expected = expected_of(name, inputs, numbers)
            if expected is not None and not mp.isnan(expected):
                error = error_in_ulp(value, expected, 53, -1021)
                assert error <= record["ulp"], f"{name}{inputs} is {value}, not {expected}"


@every_record
def test_layouts_agree_exactly(name):
    record = RECORDS[name]
    arrays = samples(record, (6, 8), natural(record))
    numbers = numbers_of(record)
    plain = run(record, arrays, *numbers)
    tensors = [ember.from_numpy(a) for a in arrays]
    assert identical(run(record, [t.t().contiguous().t() for t in tensors], *numbers), plain)
    mixed = [t.t().contiguous().t() if i % 2 else t for i, t in enumerate(tensors)]
    assert identical(run(record, mixed, *numbers), plain)
    strided = [ember.from_numpy(np.repeat(a, 2, axis=1))[:, ::2] for a in arrays]
    assert not strided[0].is_contiguous()
    assert identical(run(record, strided, *numbers), plain)
    offset = [ember.from_numpy(np.concatenate([a[:1], a]))[1:] for a in arrays]
    assert identical(run(record, offset, *numbers), plain)
    for i in range(6):  # one element at a time, as 0-d tensors
        single = run(record, [t[i, 3] for t in tensors], *numbers)
        assert single.shape == () and identical(single, plain[i, 3])
    empty = run(record, [a[:0] for a in arrays], *numbers)
    assert empty.shape == (0, 8) and empty.dtype == plain.dtype


@every_record
def test_broadcasting(name):
    record = RECORDS[name]
    if tensors_of(record) < 2:
        pytest.skip("one tensor")
    arrays = samples(record, (4, 1), natural(record))
    arrays[1:] = samples(record, (5,), natural(record), seed=1)[1:]
    numbers = numbers_of(record)
    found = run(record, arrays, *numbers)
    wide = [np.ascontiguousarray(np.broadcast_to(a, (4, 5))) for a in arrays]
    assert identical(found, run(record, wide, *numbers))
    with pytest.raises(RuntimeError, match="do not broadcast"):
        shapes = [(2, 3), (2, 4), (1,), (1,)][: tensors_of(record)]
        run(record, [np.ones(shape, natural(record)) for shape in shapes], *numbers)


@every_record
def test_meta_gives_the_same_shape_and_type(name):
    record = RECORDS[name]
    for dtype in (np.float64, np.float32, np.int64, np.int32, np.bool_):
        needed = BOOL if dtype == np.bool_ else FLOAT if np.issubdtype(dtype, np.floating) else INTEGER
        if not record["types"] & needed:
            continue
        tensors = [ember.from_numpy(a) for a in samples(record, (3, 4), dtype)]
        real = getattr(_C.ops, name)(*tensors, *numbers_of(record))
        inferred = getattr(_C.ops, name)(*[t.to("meta") for t in tensors], *numbers_of(record))
        assert inferred.is_meta and inferred.shape == real.shape and inferred.dtype == real.dtype


@every_record
def test_refuses_types_that_it_does_not_take(name):
    record = RECORDS[name]
    for flag, dtype in ((FLOAT, ember.float32), (COMPLEX, ember.complex64), (INTEGER, ember.int64), (BOOL, ember.bool)):
        if record["types"] & flag:
            continue
        tensors = [ember.from_numpy(np.ones(3)).to(dtype) for _ in range(tensors_of(record))]
        with pytest.raises(RuntimeError, match=r"\(\): not implemented for"):
            getattr(_C.ops, name)(*tensors, *numbers_of(record))


@every_record
def test_in_place_and_out_forms(name):
    record = RECORDS[name]
    arrays = samples(record, (5, 7), natural(record))
    numbers = numbers_of(record)
    plain = run(record, arrays, *numbers)
    out = ember.from_numpy(np.zeros((5, 7), natural(record))).to(plain.dtype)
    result = run(record, arrays, *numbers, out=out)
    assert result is out and identical(out, plain) and out._version == 1
    columns = ember.from_numpy(np.zeros((7, 5), natural(record))).to(plain.dtype).t()
    assert identical(run(record, arrays, *numbers, out=columns), plain)
    tensors = [ember.from_numpy(a.copy()) for a in arrays]
    changed = getattr(_C.ops, name + "_")(*tensors, *numbers)
    assert changed is tensors[0] and tensors[0]._version == 1
    assert identical(tensors[0], plain.to(tensors[0].dtype))
    wide = ember.from_numpy(np.ones((1, 7), natural(record))).expand(5, 7)
    with pytest.raises(RuntimeError, match="single memory location"):
        getattr(_C.ops, name + "_")(wide, *tensors[1:], *numbers)


@every_record
def test_results_do_not_depend_on_threads(name):
    record = RECORDS[name]
    arrays = samples(record, 150_000, np.float32 if record["types"] & FLOAT else np.int64)
    numbers = numbers_of(record)
    threads = ember.get_num_threads()
    try:
        ember.set_num_threads(1)
        alone = run(record, arrays, *numbers)
        ember.set_num_threads(3)
        together = run(record, arrays, *numbers)
    finally:
        ember.set_num_threads(threads)
    assert identical(alone, together)


# By the other tensor only: nobody has a formula for the first, which Python's functions say in backward.
BY_THE_SECOND_ONLY = {"_zeta", "_gammainc", "_gammaincc"}


@differentiable
def test_first_and_second_gradient(name):
    record = RECORDS[name]
    if name == "where":
        arrays = [np.array([1.0, 0.0, 1.0]), *samples(record, 3)[1:]]
        inputs = [ember.from_numpy(a) for a in arrays]
        inputs[1].requires_grad_()
        inputs[2].requires_grad_()
    else:
        inputs = [ember.from_numpy(a).requires_grad_() for a in samples(record, (2, 3), seed=7)]
        inputs[0].requires_grad_(name not in BY_THE_SECOND_ONLY)
    numbers = numbers_of(record)
    operation = getattr(_C.ops, name)
    assert ember.autograd.gradcheck(lambda *x: operation(*x, *numbers), inputs)
    if operation(*inputs, *numbers).requires_grad:
        assert ember.autograd.gradgradcheck(lambda *x: operation(*x, *numbers), inputs, atol=1e-4)


@differentiable
def test_recorded_gradient_is_the_gradient(name):
    """Tensors that are not saved are missing when the gradient is made of operations: it must not read them."""
    numbers = numbers_of(RECORDS[name])
    leaves = [ember.from_numpy(a).requires_grad_() for a in samples(RECORDS[name], (2, 3), seed=7)]
    result = getattr(_C.ops, name)(*leaves, *numbers).sum()
    if not result.requires_grad:
        pytest.skip("no gradient flows")
    plain = ember.autograd.grad(result, leaves, retain_graph=True, allow_unused=True)
    recorded = ember.autograd.grad(result, leaves, create_graph=True, allow_unused=True)
    for a, b in zip(plain, recorded, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(b.detach().numpy(), a.numpy(), rtol=1e-12, atol=1e-12)


@differentiable
def test_gradient_of_broadcast_and_strided_inputs(name):
    record = RECORDS[name]
    numbers = numbers_of(record)
    arrays = samples(record, (3, 4), seed=3)
    operation = getattr(_C.ops, name)

    def gradients(make):
        leaves = [ember.from_numpy(a.copy()).requires_grad_() for a in arrays]
        operation(*[make(x) for x in leaves], *numbers).sum().backward()
        return [x.grad if x.grad is not None else ember.tensor(0.0) for x in leaves]

    for plain, turned in zip(gradients(lambda x: x), gradients(lambda x: x.t().contiguous().t()), strict=True):
        assert identical(plain, turned)


@differentiable
def test_changed_saved_tensors_are_noticed(name):
    record = RECORDS[name]
    leaves = [ember.from_numpy(a).requires_grad_() for a in samples(record, 4)]
    used = [x * 1 for x in leaves]
    result = getattr(_C.ops, name)(*used, *numbers_of(record))
    if not result.requires_grad:
        pytest.skip("no gradient flows")
    fresh = list(ember.autograd.grad(result.sum(), used, retain_graph=True, allow_unused=True))
    with ember.no_grad():
        for x in used:
            x.mul_(2)
    try:
        after = ember.autograd.grad(result.sum(), used, allow_unused=True)
    except RuntimeError as error:
        assert "has been modified by an inplace operation" in str(error)
    else:  # then it read nothing that was changed
        for a, b in zip(fresh, after, strict=True):
            assert (a is None and b is None) or identical(a, b)


@every_record
def test_errors_name_the_operation(name):
    record = RECORDS[name]
    tensors = [ember.from_numpy(a) for a in samples(record, 3, natural(record))]
    operation = getattr(_C.ops, name)
    shown = "_?" + name.lstrip("_")  # an error names what users called
    with pytest.raises(TypeError, match=rf"{shown}\(\): unknown argument 'gamma'; expected {name}\("):
        operation(*tensors, *numbers_of(record), gamma=1)
    with pytest.raises(TypeError, match=rf"{shown}\(\): argument '\w+' is missing"):
        operation()
    with pytest.raises(TypeError, match=rf"{shown}\(\): argument '\w+' \(position 1\) must be Tensor, not str"):
        operation("abc", *tensors[1:], *numbers_of(record))
    if len(tensors) > 1:
        with pytest.raises(RuntimeError, match=rf"{shown}\(\): tensors are on cpu and meta; all must be on one device"):
            operation(tensors[0], *[t.to("meta") for t in tensors[1:]], *numbers_of(record))


@every_record
def test_is_documented(name):
    record = RECORDS[name]
    assert record["doc"].endswith(".") and len(record["doc"]) > 3
    assert getattr(_C.ops, name).__doc__.startswith(record["schema"])


PROMOTION = [
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.mark.parametrize("a", PROMOTION)
@pytest.mark.parametrize("b", PROMOTION)
def test_type_promotion_is_a_lattice(a, b):
    """PyTorch's documented rules: the category decides first, then the width; both halves meet in float32."""
    x, y = getattr(ember, a), getattr(ember, b)
    met = ember.promote_types(x, y)
    assert met == ember.promote_types(y, x) and ember.promote_types(x, x) == x
    assert ember.promote_types(met, x) == met
    order = PROMOTION.index
    if {a, b} == {"float16", "bfloat16"}:
        assert met is ember.float32
    elif {a, b} == {"uint8", "int8"}:
        assert met is ember.int16
    elif "complex64" in (a, b) and "float64" in (a, b):
        assert met is ember.complex128
    else:
        assert met == getattr(ember, max(a, b, key=order))


def test_weak_operands_do_not_widen():
    """A number, and a 0-d tensor, change the type of a tensor with dims only where their category is higher."""
    half, ints = ember.tensor([1.0]).half(), ember.tensor([1])
    assert (half * 2.5).dtype is ember.float16 and (half * ember.tensor(2.5)).dtype is ember.float16
    assert (ints * 2).dtype is ember.int64 and (ints * 2.5).dtype is ember.float32
    assert (ints.to(ember.uint8) + 300).dtype is ember.uint8
    assert (ints * ember.tensor(2.5, dtype=ember.float64)).dtype is ember.float64
    assert (ember.tensor([1.0]) * ember.tensor(2.5, dtype=ember.float64)).dtype is ember.float32
    assert (ember.tensor([1.0]) * 1j).dtype is ember.complex64
    assert (ember.tensor(True) + True).dtype is ember.bool
