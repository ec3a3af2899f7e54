"""How sparse tensors print: their components one below the other, as PyTorch prints them."""

from __future__ import annotations

from typing import Any

from .. import _C
from .._tensor_str import _add_suffixes, _tensor_str
from ._tensor import CompressedTensor


def _component(name: str, tensor: Any, indent: int) -> str:
    prefix = f"{name}=tensor("
    tensor = tensor.detach()
    if tensor.is_meta:
        return f"{prefix}..., size={tuple(tensor.shape)})"
    text = prefix + _tensor_str(tensor, indent + len(prefix))
    return text + (f", size={tuple(tensor.shape)})" if tensor.numel() == 0 else ")")


def text_of(tensor: Any) -> str:
    """``repr`` of a sparse tensor."""
    from ..nn.parameter import Parameter

    prefix = "tensor("
    indent = len(prefix)
    compressed = isinstance(tensor, CompressedTensor)
    names = ["indices"]
    if isinstance(tensor, CompressedTensor):
        names = ["crow_indices", "col_indices"] if tensor.by_rows else ["ccol_indices", "row_indices"]
    between = ",\n" + " " * indent
    parts = [_component(name, part, indent) for name, part in zip(names, tensor.parts(), strict=True)]
    parts.append(_component("values", tensor._elements, indent))
    suffixes = [f"device='{tensor.device}'"] if tensor.device.type != "cpu" else []
    suffixes += [f"size={tuple(tensor.shape)}", f"nnz={len(tensor._elements)}"]
    default = _C.get_default_dtype()
    if tensor.dtype not in (default, default.to_complex(), _C.int64, _C.bool):
        suffixes.append(f"dtype={tensor.dtype}")
    suffixes.append(f"layout={tensor.layout}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    text = _add_suffixes(prefix + between.join(parts), suffixes, indent, force_newline=not compressed)
    return "Parameter containing:\n" + text if isinstance(tensor, Parameter) else text
