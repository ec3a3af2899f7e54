"""Datasets that are made of other datasets, each step callable as a method of the one before."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from ..dataset import Dataset, IterableDataset

__all__ = ["IterDataPipe", "MapDataPipe"]

T_co = TypeVar("T_co", covariant=True)


class _Chained:
    """Steps by name: ``pipe.name(...)`` is ``Step(pipe, ...)``."""

    functions: ClassVar[dict[str, Callable[..., Any]]]

    def __getattr__(self, attribute_name: str) -> Any:
        if attribute_name in type(self).functions:
            return functools.partial(type(self).functions[attribute_name], self)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{attribute_name}'")

    @classmethod
    def register_function(cls, function_name: str, function: Callable[..., Any]) -> None:
        """Let ``pipe.function_name(...)`` call ``function(pipe, ...)``."""
        cls.functions[function_name] = function

    @classmethod
    def register_datapipe_as_function(
        cls, function_name: str, cls_to_register: Any, enable_df_api_tracing: bool = False
    ) -> None:
        """Let ``pipe.function_name(...)`` make a `cls_to_register` of `pipe`."""
        if function_name in cls.functions:
            raise Exception(f"Unable to add DataPipe function name {function_name} as it is already taken")
        cls.functions[function_name] = cls_to_register

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __repr__(self) -> str:
        return type(self).__qualname__

    __str__ = __repr__


class IterDataPipe(_Chained, IterableDataset[T_co]):
    """A dataset that is iterated, made of others.

    Example:
        >>> from ember.utils.data import IterDataPipe, functional_datapipe
        >>> @functional_datapipe("doubled")
        ... class Doubled(IterDataPipe):
        ...     def __init__(self, source):
        ...         self.source = source
        ...     def __iter__(self):
        ...         return (2 * each for each in self.source)
        >>> list(Doubled([1, 2]).doubled())
        [4, 8]
    """

    functions: ClassVar[dict[str, Callable[..., Any]]] = {}

    def reset(self) -> None:
        """Called by users who begin anew; a subclass may forget what it has read."""


class MapDataPipe(_Chained, Dataset[T_co]):
    """A dataset that is indexed, made of others."""

    functions: ClassVar[dict[str, Callable[..., Any]]] = {}
