"""A group of one process: what it sends to all, it receives; a group of more cannot be made."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .. import _C
from ._names import NO_GROUP
from ._reduce_op import ReduceOp

__all__ = [
    *("GroupMember", "HashStore", "ProcessGroup", "Work", "all_gather", "all_gather_coalesced"),
    *("all_gather_into_tensor", "all_gather_object", "all_reduce", "all_reduce_coalesced", "all_to_all"),
    *("all_to_all_single", "barrier", "batch_isend_irecv", "broadcast", "broadcast_object_list"),
    *("destroy_process_group", "gather", "gather_object", "get_backend", "get_global_rank", "get_group_rank"),
    *("get_process_group_ranks", "get_rank", "get_world_size", "group", "init_process_group", "irecv"),
    *("is_initialized", "isend", "monitored_barrier", "new_group", "recv", "recv_object_list", "reduce"),
    *("reduce_scatter", "reduce_scatter_tensor", "scatter", "scatter_object_list", "send", "send_object_list"),
]


class ProcessGroup:
    """The processes that exchange tensors: this one.

    Args:
        backend: what the exchange would be made with.
    """

    def __init__(self, backend: str) -> None:
        self._backend = backend

    def rank(self) -> int:
        """0."""
        return 0

    def size(self) -> int:
        """1."""
        return 1

    def name(self) -> str:
        """The backend's name."""
        return self._backend


class Work:
    """An exchange, which is done."""

    def wait(self, timeout: Any = None) -> bool:
        """True."""
        return True

    def is_completed(self) -> bool:
        """True."""
        return True

    def is_success(self) -> bool:
        """True."""
        return True

    def exception(self) -> None:
        """None."""


class group:
    """The group of all processes: None before `init_process_group`."""

    WORLD: ProcessGroup | None = None


class GroupMember:
    """Marks of membership in a group."""

    WORLD = None
    NON_GROUP_MEMBER = -100


def is_initialized() -> bool:
    """Whether `init_process_group` was called."""
    return group.WORLD is not None


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    store: Any = None,
    group_name: str = "",
    pg_options: Any = None,
    device_id: Any = None,
    _ranks: Any = None,
) -> None:
    """Make the group of all processes, which has to be one process.

    Args:
        backend: "gloo", which is the default, "nccl", "mpi" or "ucc"; the exchange is the same.
        init_method: where processes would meet; default: the variables MASTER_ADDR and MASTER_PORT.
        timeout: accepted.
        world_size: 1; default: the variable WORLD_SIZE.
        rank: 0; default: the variable RANK.
        store: where processes would meet, instead of `init_method`.
        group_name: accepted.
        pg_options: accepted.
        device_id: accepted.
    """
    if group.WORLD is not None:
        raise ValueError("init_process_group(): trying to initialize the default process group twice!")
    name = "gloo" if backend is None else str(backend).lower()
    for each in name.split(","):
        assert each.rpartition(":")[2] in ("gloo", "nccl", "mpi", "ucc", "xccl"), f"Unknown backend type {backend}"
    if store is None and init_method in (None, "env://"):
        rank, world_size = _from_environment("RANK", rank), _from_environment("WORLD_SIZE", world_size)
        for variable in ("MASTER_ADDR", "MASTER_PORT"):
            _from_environment(variable, -1)
    if world_size != 1 or rank != 0:
        raise RuntimeError(
            f"init_process_group(): world_size is {world_size} and rank {rank}; Ember computes in one process: "
            "expected world_size 1 and rank 0."
        )
    group.WORLD = ProcessGroup(name)


def _from_environment(variable: str, given: int) -> int:
    if given != -1:
        return given
    value = os.environ.get(variable)
    if value is None:
        raise ValueError(
            "init_process_group(): Error initializing torch.distributed using env:// rendezvous: environment variable "
            f"{variable} expected, but not set."
        )
    return int(value) if value.isdigit() else 0


def destroy_process_group(group: Any = None) -> None:
    """End the group of all processes."""
    assert _world() is not None, "destroy_process_group(): there is no process group; ask is_initialized() first."
    if group is None or group is _world():
        globals()["group"].WORLD = None


def _world() -> ProcessGroup | None:
    return globals()["group"].WORLD


def _member(name: str, of: Any) -> bool:
    """Whether this process is of the group; a ValueError before there is one."""
    if _world() is None:
        raise ValueError(f"distributed.{name}(): {NO_GROUP}")
    return of != GroupMember.NON_GROUP_MEMBER


def _tensor(name: str, tensor: Any) -> Any:
    if not isinstance(tensor, _C.Tensor):
        raise TypeError(f"distributed.{name}(): a tensor is {type(tensor).__name__}; expected a Tensor.")
    return tensor


def _peer(name: str, of: Any, in_group: Any, what: str = "src") -> None:
    """The process named is this one."""
    if of is None and in_group is None:
        raise ValueError(f"distributed.{name}(): Must specify global_rank or group_rank.")
    found = of if of is not None else in_group
    if found != 0:
        raise RuntimeError(f"distributed.{name}(): {what} is {found}; the only process has rank 0.")


def _one(name: str, tensors: Any) -> Any:
    """The tensor of a list that has one for each process."""
    if not isinstance(tensors, (list, tuple)) or len(tensors) != 1:
        raise RuntimeError(f"distributed.{name}(): expected a list of one tensor, for there is one process.")
    return _tensor(name, tensors[0])


def _take(name: str, output: Any, given: Any) -> None:
    output, given = _tensor(name, output), _tensor(name, given)
    if output.numel() != given.numel():
        raise RuntimeError(
            f"distributed.{name}(): the output has shape {tuple(output.shape)}; expected {tuple(given.shape)}."
        )
    output.detach().copy_(given.detach().reshape(output.shape))


def _done(async_op: bool) -> Work | None:
    return Work() if async_op else None


def get_rank(group: Any = None) -> int:
    """0; -1 for who is no member."""
    return 0 if _member("get_rank", group) else -1


def get_world_size(group: Any = None) -> int:
    """1; -1 for who is no member."""
    return 1 if _member("get_world_size", group) else -1


def get_backend(group: Any = None) -> str:
    """The name that the group was made with."""
    _member("get_backend", group)
    found: Any = group or _world()
    return str(found.name())


def get_process_group_ranks(group: Any) -> list[int]:
    """[0]."""
    _member("get_process_group_ranks", group)
    return [0]


def get_global_rank(group: Any, group_rank: int) -> int:
    """The rank among all processes of one of a group: the same."""
    _member("get_global_rank", group)
    return group_rank


def get_group_rank(group: Any, global_rank: int) -> int:
    """The rank in a group: the same."""
    _member("get_group_rank", group)
    return global_rank


def new_group(
    ranks: Any = None,
    timeout: Any = None,
    backend: Any = None,
    pg_options: Any = None,
    use_local_synchronization: bool = False,
    group_desc: str | None = None,
    device_id: Any = None,
    sort_ranks: bool = True,
) -> ProcessGroup:
    """A group of some of the processes."""
    _member("new_group", None)
    for rank in ranks or ():
        if rank != 0:
            raise ValueError(f"new_group(): Rank {rank} is out of range. Valid ranks are 0 to 0 (world_size=1).")
    return ProcessGroup(get_backend() if backend is None else str(backend).lower())


def barrier(group: Any = None, async_op: bool = False, device_ids: Any = None, timeout: Any = None) -> Any:
    """Wait for all processes."""
    _member("barrier", group)
    return _done(async_op)


def monitored_barrier(group: Any = None, timeout: Any = None, wait_all_ranks: bool = False) -> None:
    """Wait for all processes."""
    _member("monitored_barrier", group)


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Any:
    """The reduction of all processes' tensors, in place: the tensor."""
    _tensor("all_reduce", tensor)
    _member("all_reduce", group)
    return _done(async_op)


def all_reduce_coalesced(tensors: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False) -> Any:
    """The reductions of several tensors, in place: the tensors."""
    _member("all_reduce_coalesced", group)
    for tensor in tensors if isinstance(tensors, (list, tuple)) else [tensors]:
        _tensor("all_reduce_coalesced", tensor)
    return _done(async_op)


def all_gather_coalesced(
    output_tensor_lists: Any, input_tensor_list: Any, group: Any = None, async_op: bool = False
) -> Any:
    """The tensors of all processes, of several lists."""
    _member("all_gather_coalesced", group)
    for outputs, tensor in zip(_one_list(output_tensor_lists), input_tensor_list, strict=True):
        _take("all_gather_coalesced", outputs, tensor)
    return _done(async_op)


def _one_list(lists: Any) -> Any:
    if not isinstance(lists, (list, tuple)) or len(lists) != 1:
        raise RuntimeError("distributed.all_gather_coalesced(): expected one list, for there is one process.")
    return lists[0]


def reduce(
    tensor: Any,
    dst: int | None = None,
    op: Any = ReduceOp.SUM,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Any:
    """The reduction, at one process: the tensor."""
    _member("reduce", group)
    _tensor("reduce", tensor)
    _peer("reduce", dst, group_dst, "dst")
    return _done(async_op)


def broadcast(
    tensor: Any, src: int | None = None, group: Any = None, async_op: bool = False, group_src: int | None = None
) -> Any:
    """The tensor of one process, at all."""
    _member("broadcast", group)
    _tensor("broadcast", tensor)
    _peer("broadcast", src, group_src)
    return _done(async_op)


def all_gather(tensor_list: Any, tensor: Any, group: Any = None, async_op: bool = False) -> Any:
    """The tensors of all processes, into a list of tensors."""
    _member("all_gather", group)
    _take("all_gather", _one("all_gather", tensor_list), tensor)
    return _done(async_op)


def all_gather_into_tensor(output_tensor: Any, input_tensor: Any, group: Any = None, async_op: bool = False) -> Any:
    """The tensors of all processes, one after another in one tensor."""
    _member("all_gather_into_tensor", group)
    _take("all_gather_into_tensor", output_tensor, input_tensor)
    return _done(async_op)


def gather(
    tensor: Any,
    gather_list: Any = None,
    dst: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_dst: int | None = None,
) -> Any:
    """The tensors of all processes, into a list of one of them."""
    _member("gather", group)
    if gather_list is None:
        raise ValueError("distributed.gather(): Argument ``gather_list`` must be specified on destination rank.")
    _take("gather", _one("gather", gather_list), tensor)
    return _done(async_op)


def scatter(
    tensor: Any,
    scatter_list: Any = None,
    src: int | None = None,
    group: Any = None,
    async_op: bool = False,
    group_src: int | None = None,
) -> Any:
    """The tensors of one process's list, one to each."""
    _member("scatter", group)
    if scatter_list is None:
        raise ValueError("distributed.scatter(): Argument ``scatter_list`` must be specified on source rank.")
    _take("scatter", tensor, _one("scatter", scatter_list))
    return _done(async_op)


def reduce_scatter(
    output: Any, input_list: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Any:
    """The reduction of lists, of which each process takes its part."""
    _member("reduce_scatter", group)
    _take("reduce_scatter", output, _one("reduce_scatter", input_list))
    return _done(async_op)


def reduce_scatter_tensor(
    output: Any, input: Any, op: Any = ReduceOp.SUM, group: Any = None, async_op: bool = False
) -> Any:
    """The reduction of tensors, of which each process takes its part."""
    _member("reduce_scatter_tensor", group)
    _take("reduce_scatter_tensor", output, input)
    return _done(async_op)


def all_to_all(output_tensor_list: Any, input_tensor_list: Any, group: Any = None, async_op: bool = False) -> Any:
    """To each process its part of a list, from each process its part."""
    _member("all_to_all", group)
    _take("all_to_all", _one("all_to_all", output_tensor_list), _one("all_to_all", input_tensor_list))
    return _done(async_op)


def all_to_all_single(
    output: Any,
    input: Any,
    output_split_sizes: Any = None,
    input_split_sizes: Any = None,
    group: Any = None,
    async_op: bool = False,
) -> Any:
    """To each process its part of a tensor, from each process its part."""
    _member("all_to_all_single", group)
    _take("all_to_all_single", output, input)
    return _done(async_op)


def all_gather_object(object_list: list[Any], obj: Any, group: Any = None) -> None:
    """The objects of all processes, into a list."""
    _member("all_gather_object", group)
    object_list[0] = _copied(obj)


def gather_object(
    obj: Any,
    object_gather_list: list[Any] | None = None,
    dst: int | None = None,
    group: Any = None,
    group_dst: int | None = None,
) -> None:
    """The objects of all processes, into a list of one of them."""
    _member("gather_object", group)
    if object_gather_list is None:
        raise ValueError("distributed.gather_object(): object_gather_list must be given on the destination rank.")
    object_gather_list[0] = _copied(obj)


def broadcast_object_list(
    object_list: list[Any],
    src: int | None = None,
    group: Any = None,
    device: Any = None,
    group_src: int | None = None,
) -> None:
    """The objects of one process's list, at all."""
    _member("broadcast_object_list", group)
    _peer("broadcast_object_list", src, group_src)
    object_list[:] = [_copied(each) for each in object_list]


def scatter_object_list(
    scatter_object_output_list: list[Any],
    scatter_object_input_list: list[Any] | None = None,
    src: int | None = None,
    group: Any = None,
    group_src: int | None = None,
) -> None:
    """The objects of one process's list, one to each."""
    _member("scatter_object_list", group)
    if not scatter_object_input_list:
        raise ValueError("distributed.scatter_object_list(): Expected input list on the source rank.")
    scatter_object_output_list[0] = _copied(scatter_object_input_list[0])


def _copied(obj: Any) -> Any:
    """What would arrive: objects travel as pickles."""
    import pickle

    return pickle.loads(pickle.dumps(obj))


def _alone(name: str) -> Callable[..., Any]:
    def to_another(*args: Any, **kwargs: Any) -> Any:
        _member(name, None)
        raise ValueError(f"distributed.{name}(): there is no other process; the only one has rank 0.")

    to_another.__name__ = to_another.__qualname__ = name
    to_another.__doc__ = "ValueError: there is no other process."
    return to_another


send, recv, isend, irecv = (_alone(name) for name in ("send", "recv", "isend", "irecv"))
send_object_list, recv_object_list = (_alone(name) for name in ("send_object_list", "recv_object_list"))
batch_isend_irecv = _alone("batch_isend_irecv")


class HashStore:
    """What processes would tell each other, in a dict."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def set(self, key: str, value: str | bytes) -> None:
        """Keep a value."""
        self._values[key] = value.encode() if isinstance(value, str) else bytes(value)

    def get(self, key: str) -> bytes:
        """A value that was kept."""
        if key not in self._values:
            raise RuntimeError(f"HashStore.get(): nobody has set {key!r}, and there is no other process to wait for.")
        return self._values[key]

    def add(self, key: str, amount: int) -> int:
        """Add to a number that is kept; it begins at 0."""
        total = int(self._values.get(key, b"0")) + amount
        self._values[key] = str(total).encode()
        return total

    def check(self, keys: list[str]) -> bool:
        """Whether all the keys are there."""
        return all(key in self._values for key in keys)

    def delete_key(self, key: str) -> bool:
        """Forget a value; whether there was one."""
        return self._values.pop(key, None) is not None

    def num_keys(self) -> int:
        """The number of values."""
        return len(self._values)


for _each in (ProcessGroup, group, GroupMember, Work, HashStore):
    _each.__module__ = "ember.distributed.distributed_c10d"
