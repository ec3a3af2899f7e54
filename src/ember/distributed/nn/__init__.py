"""Exchanges between processes with gradients: in a group of one process each receives what it sends."""

from __future__ import annotations

from typing import Any

from .. import _one_process
from .._one_process import group as _group
from .._reduce_op import ReduceOp


def _received(name: str, tensor: Any, group: Any) -> Any:
    _one_process._member(f"nn.{name}", group)
    return _one_process._tensor(f"nn.{name}", tensor).clone()


def broadcast(tensor: Any, src: int, group: Any = _group.WORLD) -> Any:
    """The tensor of one process."""
    return _received("broadcast", tensor, group)


def gather(tensor: Any, dst: int = 0, group: Any = _group.WORLD) -> tuple[Any, ...]:
    """The tensors of all processes."""
    return (_received("gather", tensor, group),)


def scatter(tensors: Any, src: int = 0, group: Any = _group.WORLD) -> Any:
    """This process's tensor of one process's list."""
    return _received("scatter", _one_process._one("nn.scatter", tensors), group)


def reduce(tensor: Any, dst: int, op: Any = ReduceOp.SUM, group: Any = _group.WORLD) -> Any:
    """The reduction of all processes' tensors."""
    return _received("reduce", tensor, group)


def reduce_scatter(output: Any, input_list: Any, op: Any = ReduceOp.SUM, group: Any = _group.WORLD) -> Any:
    """This process's part of a reduction of lists."""
    return _received("reduce_scatter", _one_process._one("nn.reduce_scatter", input_list), group)


def all_gather(tensor: Any, group: Any = _group.WORLD) -> tuple[Any, ...]:
    """The tensors of all processes."""
    return (_received("all_gather", tensor, group),)


def all_to_all(output_tensor_list: Any, input_tensor_list: Any, group: Any = _group.WORLD) -> tuple[Any, ...]:
    """From each process its part for this one."""
    return (_received("all_to_all", _one_process._one("nn.all_to_all", input_tensor_list), group),)


def all_to_all_single(
    output: Any,
    input: Any,
    output_split_sizes: Any = None,
    input_split_sizes: Any = None,
    group: Any = _group.WORLD,
) -> Any:
    """From each process its part for this one, in one tensor."""
    return _received("all_to_all_single", input, group)


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = _group.WORLD) -> Any:
    """The reduction of all processes' tensors."""
    return _received("all_reduce", tensor, group)
