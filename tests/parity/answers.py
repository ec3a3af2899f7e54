"""Cases that are asked of Ember and of PyTorch alike: expressions as text, and functions of the module.

In an expression T is the module, and `inputs` of test_ops_parity.py has the tensors. What raises is known by the error's
first class that is not the library's own.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from types import ModuleType

import numpy
import pytest

torch = pytest.importorskip("torch")

from test_ops_parity import compare, inputs  # noqa: E402

import ember  # noqa: E402


def plain(value):
    """Classes, functions and modules by their names, errors by their type, dicts as their items, objects as they show."""
    if isinstance(value, ModuleType):
        return f"module {value.__name__}".replace("ember", "torch", 1)
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}".replace("ember", "torch", 1)
    if isinstance(value, Exception):
        builtin = next(each for each in type(value).__mro__ if each.__module__ == "builtins")
        return f"raises {builtin.__name__}"
    if inspect.isfunction(value):
        return value.__name__
    if isinstance(value, dict):
        return [plain(each) for pair in value.items() for each in pair]
    if type(value) in (list, tuple):
        return type(value)(plain(each) for each in value)
    if type(value) in (bool, int, float, complex, str, type(None)):
        return value
    if isinstance(value, (ember.Tensor, torch.Tensor, numpy.ndarray, tuple)):
        return value
    return repr(value).replace("'ember.", "'torch.")


def answer(case, T):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if callable(case):
                return plain(case(T))
            return plain(eval(case, inputs(T, "float32") | {"importlib": importlib}))
        except Exception as error:
            return plain(error)


def check(case):
    """Both answer the same."""
    where = case if isinstance(case, str) else case.__name__
    compare(answer(case, ember), answer(case, torch), 8, where)


def shown(case):
    """What pytest calls a case."""
    return case if isinstance(case, str) else case.__name__
