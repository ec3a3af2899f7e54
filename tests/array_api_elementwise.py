"""The elementwise functions of the array API standard 2025.12, as array_api_cases asks for them."""

from __future__ import annotations

import operator

import numpy as np

from array_api_calls import (
    ALL,
    BOOL,
    COMPLEX,
    FLOATING,
    INTEGERS,
    NUMERIC,
    REAL_NUMERIC,
    REALS,
    SIGNED,
    Cases,
    apply,
    call,
    meet,
    sample,
    special,
)

UNARY = {
    **dict.fromkeys(("abs", "negative", "positive", "sign", "square", "isfinite", "isinf", "isnan"), NUMERIC),
    **dict.fromkeys(("ceil", "floor", "trunc"), REAL_NUMERIC),
    **dict.fromkeys(("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1"), FLOATING),
    **dict.fromkeys(("log", "log10", "log1p", "log2", "reciprocal", "sin", "sinh", "sqrt", "tan", "tanh"), FLOATING),
    "round": NUMERIC,
    "signbit": REALS,
    "conj": NUMERIC,
    "real": NUMERIC,
    "imag": COMPLEX,
    "bitwise_invert": BOOL + INTEGERS,
    "logical_not": BOOL,
}
OPERATORS = {  # the function of each method of the array, and the dtypes of both
    "add": (operator.add, NUMERIC),
    "subtract": (operator.sub, NUMERIC),
    "multiply": (operator.mul, NUMERIC),
    "divide": (operator.truediv, FLOATING),
    "floor_divide": (operator.floordiv, REAL_NUMERIC),
    "remainder": (operator.mod, REAL_NUMERIC),
    "pow": (operator.pow, NUMERIC),
    "bitwise_and": (operator.and_, BOOL + INTEGERS),
    "bitwise_or": (operator.or_, BOOL + INTEGERS),
    "bitwise_xor": (operator.xor, BOOL + INTEGERS),
    "bitwise_left_shift": (operator.lshift, INTEGERS),
    "bitwise_right_shift": (operator.rshift, INTEGERS),
    "equal": (operator.eq, ALL),
    "not_equal": (operator.ne, ALL),
    "less": (operator.lt, REAL_NUMERIC),
    "less_equal": (operator.le, REAL_NUMERIC),
    "greater": (operator.gt, REAL_NUMERIC),
    "greater_equal": (operator.ge, REAL_NUMERIC),
}
BINARY = {
    **{name: dtypes for name, (_, dtypes) in OPERATORS.items()},
    **dict.fromkeys(("atan2", "copysign", "hypot", "logaddexp", "nextafter"), REALS),
    **dict.fromkeys(("maximum", "minimum"), REAL_NUMERIC),
    **dict.fromkeys(("logical_and", "logical_or", "logical_xor"), BOOL),
}
IN_PLACE = {
    name: getattr(operator, "i" + one.__name__.rstrip("_"))
    for name, (one, _) in OPERATORS.items()
    if hasattr(operator, "i" + one.__name__.rstrip("_"))
}
UNARY_OPERATORS = {
    "abs": operator.abs,
    "negative": operator.neg,
    "positive": operator.pos,
    "bitwise_invert": operator.invert,
}


def operands(name: str, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """What it is defined on: no division by an integer 0, no negative power of integers, no shift by all bits."""
    left, right = special(one), special(other)
    if name in ("bitwise_left_shift", "bitwise_right_shift"):
        right = np.arange(np.dtype(min(one, other, key=lambda d: np.dtype(d).itemsize)).itemsize * 8 - 1).astype(other)
    elif name == "pow" and other in INTEGERS:
        left, right = np.array([0, 1, 2, 3], one), np.array([0, 1, 2, 3], other)
    elif name == "pow" and (one in COMPLEX or other in COMPLEX):  # at 0 and inf the standard leaves it open
        left, right = sample(one, 9), sample(other, 9, seed=1)
    elif other in INTEGERS and name in ("floor_divide", "remainder"):
        left, right = left[left != np.iinfo(one).min] if one in SIGNED else left, right[right != 0]
    return left[:, None], right[None, :]


def elementwise() -> Cases:
    for name, dtypes in UNARY.items():
        for one in dtypes:
            yield f"{name}[{one}]", call(name, special(one))
            yield f"{name}[{one}, 3 dims]", call(name, sample(one, 2, 3, 2))
            yield f"{name}[{one}, none]", call(name, sample(one, 0, 3))
    for name, method in UNARY_OPERATORS.items():
        for one in UNARY[name]:
            yield f"__{name}__[{one}]", apply(method, special(one))
    for name, dtypes in BINARY.items():
        for one, other in meet(dtypes):
            left, right = operands(name, one, other)
            yield f"{name}[{one}, {other}]", call(name, left, right)
            yield f"{name}[{one} of 0 dims, {other}]", call(name, left[1, 0], right)
            yield f"{name}[{one}, {other} of 0 dims]", call(name, left, right[0, 1])
            if name in OPERATORS:
                method = OPERATORS[name][0]
                yield f"__{name}__[{one}, {other}]", apply(method, left, right)
                yield f"__{name}__[{one} of 0 dims, {other}]", apply(method, left[1, 0], right)
                yield f"__{name}__[{one}, {other} of 0 dims]", apply(method, left, right[0, 1])
        for one in dtypes:
            yield from with_numbers(name, one)


def with_numbers(name: str, one: str) -> Cases:
    """An array and a Python number: the array's dtype wins."""
    left, right = operands(name, one, one)
    numbers = {"bool": True, "int": 1, "float": 1.5, "complex": 1 + 2j}
    kinds = ("bool",) if one in BOOL else ("int",) if one in INTEGERS else ("int", "float")
    for kind in kinds + (("complex",) if one in COMPLEX else ()):
        number = numbers[kind]
        yield f"{name}[{one}, a number, {kind}]", call(name, left, number)
        yield f"{name}[a number, {kind}, {one}]", call(name, number, right)
        if name in OPERATORS:
            method = OPERATORS[name][0]
            yield f"__{name}__[{one}, a number, {kind}]", apply(method, left, number)
            yield f"__{name}__[a number, {kind}, {one}]", apply(method, number, right)
        if name in IN_PLACE:
            yield f"__i{name}__[{one}, a number, {kind}]", apply(IN_PLACE[name], left.copy(), number)


def choosing() -> Cases:
    for one in REAL_NUMERIC:
        x, low, high = special(one), sample(one, 1), sample(one, 1) + np.array(3, one)
        yield f"clip[{one}, numbers]", call("clip", x, 1, 3)
        yield f"clip[{one}, low]", call("clip", x, 1)
        yield f"clip[{one}, high]", call("clip", x, max=3)
        yield f"clip[{one}, arrays]", call("clip", x, low, high)
        yield f"clip[{one}, an array and a number]", call("clip", x, low, 5)
        yield f"clip[{one}, nothing]", call("clip", x)
    for one, other in meet(ALL):
        choice = sample("bool", 3, 1)
        yield f"where[{one}, {other}]", call("where", choice, sample(one, 3, 4), sample(other, 4))
        yield f"where[{one} of 0 dims, {other}]", call("where", choice, sample(one, 1)[0], sample(other, 4))
    yield "where[a number]", call("where", sample("bool", 3), sample("float32", 3), 1)
    yield "where[a number first]", call("where", sample("bool", 3), 1.5, sample("float32", 3))
