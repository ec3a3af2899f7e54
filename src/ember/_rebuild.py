"""How tensors go into a pickle and come back, and how they are deep-copied.

The ``_rebuild_*`` functions carry the names and signatures that files written by PyTorch call.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

from . import _C, _layout
from .storage import LEGACY_STORAGES, TypedStorage, UntypedStorage


def _view(storage: Any, dtype: Any, storage_offset: int, size: Any, stride: Any) -> Any:
    if storage.device.type == "meta":
        return _rebuild_meta_tensor_no_storage(dtype, size, stride, False)
    return _C._rebuild_tensor(storage, dtype, storage_offset, tuple(size), tuple(stride))


def _rebuild_tensor(storage: TypedStorage, storage_offset: int, size: Any, stride: Any) -> Any:
    return _view(storage._untyped_storage, storage.dtype, storage_offset, size, stride)


def _rebuild_tensor_v2(
    storage: TypedStorage,
    storage_offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    backward_hooks: Any,
    metadata: dict[str, bool] | None = None,
) -> Any:
    return _finish(_rebuild_tensor(storage, storage_offset, size, stride), requires_grad, metadata)


def _rebuild_tensor_v3(
    storage: TypedStorage | UntypedStorage,
    storage_offset: int,
    size: Any,
    stride: Any,
    requires_grad: bool,
    backward_hooks: Any,
    dtype: Any,
    metadata: dict[str, bool] | None = None,
) -> Any:
    bytes_of = storage._untyped_storage if isinstance(storage, TypedStorage) else storage
    tensor = _view(bytes_of, dtype, storage_offset, size, stride)
    return _finish(tensor, requires_grad, metadata)


def _finish(tensor: Any, requires_grad: bool, metadata: dict[str, bool] | None) -> Any:
    # PyTorch's lazy conjugate and negative views; Ember holds the values themselves.
    if metadata and metadata.get("conj"):
        tensor = tensor.conj().clone()
    if metadata and metadata.get("neg"):
        tensor = tensor.neg()
    return tensor.requires_grad_() if requires_grad else tensor


def _rebuild_meta_tensor_no_storage(dtype: Any, size: Any, stride: Any, requires_grad: bool) -> Any:
    tensor = _C.ops.empty_strided(tuple(size), tuple(stride), dtype=dtype, device="meta")
    return tensor.requires_grad_() if requires_grad else tensor


def _rebuild_parameter(data: Any, requires_grad: bool, backward_hooks: Any) -> Any:
    from .nn.parameter import Parameter

    return Parameter(data, requires_grad)


def _rebuild_parameter_with_state(data: Any, requires_grad: bool, backward_hooks: Any, state: Any) -> Any:
    parameter = _rebuild_parameter(data, requires_grad, backward_hooks)
    _set_attributes(parameter, state)
    return parameter


def _rebuild_from_type_v2(function: Any, new_type: type, args: tuple[Any, ...], state: Any) -> Any:
    tensor = function(*args)
    if type(tensor) is not new_type:
        tensor = tensor.as_subclass(new_type)
    if state is not None:
        restore = getattr(type(tensor), "__setstate__", None)
        if restore is not None:
            restore(tensor, state)
        else:
            _set_attributes(tensor, state)
    return tensor


def _set_attributes(tensor: Any, state: Any) -> None:
    """Sets what :func:`_attributes` gave: a dict, or a pair of dicts where the class has slots."""
    for attributes in state if isinstance(state, tuple) else (state,):
        if attributes:
            tensor.__dict__.update(attributes)


def _get_layout(name: str) -> Any:
    """The layout that files call ``name``, as ``'torch.strided'``."""
    for known in vars(_layout).values():
        if isinstance(known, _layout.layout) and str(known) == name:
            return known
    raise RuntimeError(f"load(): the file holds the layout {name!r}, which Ember does not have.")


def _rebuild_sparse_tensor(layout: Any, data: Any) -> Any:
    from .sparse._files import rebuilt

    return rebuilt(layout, data)


def _rebuild_typed_storage(storage: Any, dtype: Any) -> TypedStorage:
    return TypedStorage(wrap_storage=storage, dtype=dtype)


def _rebuild_storage(data: Any) -> Any:
    # Bytes cannot be written to, and tensors must be.
    return UntypedStorage.from_buffer(bytearray(data) if memoryview(data).readonly else data)


def reduce_storage(storage: Any, protocol: int) -> Any:
    """``__reduce_ex__`` of an untyped storage: from protocol 5 on, its bytes can travel out of band without a copy."""
    if protocol >= 5:
        from pickle import PickleBuffer

        return _rebuild_storage, (PickleBuffer(storage),)
    return _rebuild_storage, (bytes(memoryview(storage)),)


def _attributes(tensor: Any) -> dict[str, Any] | None:
    """What the user hung on the tensor; None where there is nothing."""
    return getattr(tensor, "__dict__", None) or None


def _plain_reduction(tensor: Any) -> Any:
    if tensor.device.type == "meta":
        shape = tuple(tensor.shape), tensor.stride()
        return _rebuild_meta_tensor_no_storage, (tensor.dtype, *shape, tensor.requires_grad)
    view = tensor.storage_offset(), tuple(tensor.shape), tensor.stride(), tensor.requires_grad
    hooks: OrderedDict[Any, Any] = OrderedDict()
    if tensor.dtype not in LEGACY_STORAGES:  # files have no storage class that says the dtype
        return _rebuild_tensor_v3, (tensor.untyped_storage(), *view, hooks, tensor.dtype)
    return _rebuild_tensor_v2, (TypedStorage(wrap_storage=tensor.untyped_storage(), dtype=tensor.dtype), *view, hooks)


def reduce_tensor(tensor: Any, protocol: int) -> Any:
    """``Tensor.__reduce_ex__``: the storage and the view on it, so that tensors that share memory go on sharing it."""
    function, args = _plain_reduction(tensor)
    state = _attributes(tensor)
    if type(tensor) is _C.Tensor:
        return (function, args) if state is None else (function, args, state)
    return _rebuild_from_type_v2, (function, type(tensor), args, state)


def copy_of_storage(storage: Any, memo: dict[Any, Any]) -> Any:
    """The one copy of ``storage`` that a deep copy makes, so that views of one storage stay views of one storage."""
    copies = memo.setdefault("ember storages", {})
    key = storage.data_ptr() or id(storage)
    if key not in copies:
        # The original is kept too: its address must not be given to another storage meanwhile.
        copies[key] = (storage.clone(), storage)
    return copies[key][0]


def deepcopy_tensor(tensor: Any, memo: dict[Any, Any]) -> Any:
    """``Tensor.__deepcopy__``.

    Raises:
        RuntimeError: the tensor was computed from others; its history cannot be copied.
    """
    if not tensor.is_leaf:
        raise RuntimeError(
            f"deepcopy(): the tensor was made by {tensor.grad_fn.name()}; only tensors created by the user (graph "
            "leaves) can be deep-copied. Copy tensor.detach() instead."
        )
    if id(tensor) in memo:
        return memo[id(tensor)]
    plain = tensor.detach()
    if plain.device.type == "meta":
        copied = plain.clone()
    else:
        storage = copy_of_storage(plain.untyped_storage(), memo)
        shape = tuple(plain.shape), plain.stride()
        copied = _C._rebuild_tensor(storage, plain.dtype, plain.storage_offset(), *shape)
    if type(tensor) is not type(copied):
        copied = copied.as_subclass(type(tensor))
    memo[id(tensor)] = copied
    if tensor.requires_grad:
        copied.requires_grad_()
    if tensor.grad is not None:
        copied.grad = copy.deepcopy(tensor.grad, memo)
    state = _attributes(tensor)
    if state is not None:
        copied.__dict__.update(copy.deepcopy(state, memo))
    return copied
