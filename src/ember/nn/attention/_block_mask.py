"""A mask of attention as a function, with a table of the blocks in which some or all scores count."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from ... import _C
from ...ops.creation import arange, ones, zeros

MaskFunction = Callable[[Any, Any, Any, Any], Any]
_DEFAULT_SPARSE_BLOCK_SIZE = 128


def noop_mask(batch: Any, head: Any, token_q: Any, token_kv: Any) -> Any:
    """True: every key counts."""
    return ones((), dtype=_C.bool, device=batch.device)


def _sliced_mask(batch: Any, head: Any, token_q: Any, token_kv: Any) -> Any:
    """Of a part of a table: its places are not those that the function knows."""
    raise RuntimeError(
        "BlockMask: this is a part of a mask, whose function counts from the start of the whole. Set mask_mod to one "
        "that counts from the start of the part."
    )


def indices(sizes: tuple[int, int, int, int], device: Any) -> Iterator[Any]:
    """The numbers of batch, head, query and key, each along a dim of its own, so that functions of them broadcast."""
    for dim, size in enumerate(sizes):
        shape = [-1 if each == dim else 1 for each in range(4)]
        yield arange(size, dtype=_C.int32, device=device).reshape(shape)


def evaluated(function: MaskFunction, sizes: tuple[int, int, int, int], device: Any) -> Any:
    """A mask's function at all places: (B, H, Q, KV), bool."""
    return function(*indices(sizes, device)).to(_C.bool).expand(sizes)


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _listed(dense: Any) -> tuple[Any, Any]:
    """Of a table of blocks: how many of each row count, and which, in front of those that do not."""
    order = dense.to(_C.int32).argsort(dim=-1, descending=True, stable=True)
    return dense.sum(-1).to(_C.int32), order.to(_C.int32).contiguous()


def _table(count: Any, order: Any) -> Any:
    """The inverse: a table of zeros and ones."""
    table = zeros(order.shape, dtype=_C.int32, device=order.device)
    place = arange(order.shape[-1], device=order.device)
    return table.scatter(-1, order.long(), (place < count.unsqueeze(-1)).to(_C.int32))


class BlockMask:
    """Which keys each query reads: a function of the numbers of batch, head, query and key, and blocks of the scores.

    Ember computes with the function and the blocks; :func:`create_block_mask` makes both.

    Args:
        seq_lengths: numbers of queries and keys.
        kv_num_blocks, kv_indices: for each row of blocks how many the function decides about, ``(B, H, rows)``, and
            which, in front, ``(B, H, rows, columns)``.
        full_kv_num_blocks, full_kv_indices: the same of blocks in which all count. Default: none.
        q_num_blocks, q_indices, full_q_num_blocks, full_q_indices: the same by columns.
        BLOCK_SIZE: queries and keys of a block.
        mask_mod: the function; True where a key counts.
    """

    _TENSORS = (
        *("kv_num_blocks", "kv_indices", "full_kv_num_blocks", "full_kv_indices"),
        *("q_num_blocks", "q_indices", "full_q_num_blocks", "full_q_indices"),
    )

    def __init__(
        self,
        seq_lengths: tuple[int, int],
        kv_num_blocks: Any,
        kv_indices: Any,
        full_kv_num_blocks: Any,
        full_kv_indices: Any,
        q_num_blocks: Any,
        q_indices: Any,
        full_q_num_blocks: Any,
        full_q_indices: Any,
        BLOCK_SIZE: tuple[int, int] = (_DEFAULT_SPARSE_BLOCK_SIZE, _DEFAULT_SPARSE_BLOCK_SIZE),
        mask_mod: MaskFunction = noop_mask,
        *,
        dq_write_order: Any = None,
        dq_write_order_full: Any = None,
        dq_kv_order: Any = None,
        dq_kv_order_spt: bool | None = None,
    ) -> None:
        if kv_indices.dim() < 2:
            raise RuntimeError("BlockMask must have at least 2 dimensions")
        self.seq_lengths, self.BLOCK_SIZE, self.mask_mod = seq_lengths, BLOCK_SIZE, mask_mod
        self.kv_num_blocks, self.kv_indices = kv_num_blocks, kv_indices
        self.full_kv_num_blocks, self.full_kv_indices = full_kv_num_blocks, full_kv_indices
        self.q_num_blocks, self.q_indices = q_num_blocks, q_indices
        self.full_q_num_blocks, self.full_q_indices = full_q_num_blocks, full_q_indices
        self.dq_write_order, self.dq_write_order_full = dq_write_order, dq_write_order_full
        self.dq_kv_order, self.dq_kv_order_spt = dq_kv_order, dq_kv_order_spt

    @classmethod
    def from_kv_blocks(
        cls,
        kv_num_blocks: Any,
        kv_indices: Any,
        full_kv_num_blocks: Any = None,
        full_kv_indices: Any = None,
        BLOCK_SIZE: int | tuple[int, int] = _DEFAULT_SPARSE_BLOCK_SIZE,
        mask_mod: MaskFunction | None = None,
        seq_lengths: tuple[int, int] | None = None,
        compute_q_blocks: bool = True,
        *,
        dq_write_order: Any = None,
        dq_write_order_full: Any = None,
        dq_kv_order: Any = None,
    ) -> BlockMask:
        """A mask from its blocks by rows; those by columns are computed, unless `compute_q_blocks` is False."""
        size = _pair(BLOCK_SIZE)
        if seq_lengths is None:
            seq_lengths = kv_indices.shape[-2] * size[0], kv_indices.shape[-1] * size[1]
        by_columns: list[Any] = [None] * 4
        if compute_q_blocks:
            by_columns[:2] = _listed(_table(kv_num_blocks, kv_indices).transpose(-1, -2))
            if full_kv_num_blocks is not None:
                by_columns[2:] = _listed(_table(full_kv_num_blocks, full_kv_indices).transpose(-1, -2))
        by_rows = kv_num_blocks, kv_indices, full_kv_num_blocks, full_kv_indices
        tensors: dict[str, Any] = dict(zip(cls._TENSORS, (*by_rows, *by_columns), strict=True))
        return cls(seq_lengths, **tensors, BLOCK_SIZE=size, mask_mod=noop_mask if mask_mod is None else mask_mod)

    @property
    def shape(self) -> tuple[int, ...]:
        """(B, H, queries, keys)."""
        return (*self.kv_indices.shape[:-2], *self.seq_lengths)

    def numel(self) -> int:
        """The number of scores, those that do not count too."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    def sparsity(self) -> float:
        """Per cent of the scores that lie in blocks which need not be computed."""
        blocks = int(self.kv_num_blocks.sum())
        if self.full_kv_num_blocks is not None:
            blocks += int(self.full_kv_num_blocks.sum())
        return 100 * (1 - blocks * self.BLOCK_SIZE[0] * self.BLOCK_SIZE[1] / self.numel())

    def to_dense(self) -> Any:
        """1 for each block in which some scores count, (B, H, rows, columns) of int32."""
        table = _table(self.kv_num_blocks, self.kv_indices)
        if self.full_kv_num_blocks is None:
            return table
        return table | _table(self.full_kv_num_blocks, self.full_kv_indices)

    def _scores(self, sizes: tuple[int, int, int, int], device: Any) -> Any:
        """Which scores count: what the function says in its blocks, all in the full ones."""

        def spread(table: Any) -> Any:
            wide = table.repeat_interleave(self.BLOCK_SIZE[0], -2).repeat_interleave(self.BLOCK_SIZE[1], -1)
            return wide[..., : sizes[2], : sizes[3]].to(_C.bool)

        mask = evaluated(self.mask_mod, sizes, device) & spread(_table(self.kv_num_blocks, self.kv_indices))
        if self.full_kv_num_blocks is None:
            return mask
        return mask | spread(_table(self.full_kv_num_blocks, self.full_kv_indices))

    def as_tuple(self, flatten: bool = True) -> tuple[Any, ...]:
        """All parts, the sizes one by one or as pairs."""
        lengths, size = (self.seq_lengths, self.BLOCK_SIZE) if flatten else ((self.seq_lengths,), (self.BLOCK_SIZE,))
        orders = self.dq_write_order, self.dq_write_order_full, self.dq_kv_order, self.dq_kv_order_spt
        return (*lengths, *(getattr(self, name) for name in self._TENSORS), *orders, *size, self.mask_mod)

    def _with(self, change: Callable[[Any], Any], mask_mod: MaskFunction) -> BlockMask:
        tensors = {name: getattr(self, name) for name in self._TENSORS}
        changed = {name: None if tensor is None else change(tensor) for name, tensor in tensors.items()}
        return BlockMask(self.seq_lengths, **changed, BLOCK_SIZE=self.BLOCK_SIZE, mask_mod=mask_mod)

    def to(self, device: Any) -> BlockMask:
        """The mask on a device."""
        return self._with(lambda tensor: tensor.to(device), self.mask_mod)

    def __getitem__(self, index: Any) -> BlockMask:
        """Some of the batch, or of batch and heads: ``mask[0]``, ``mask[:, 1:3]``; its function is to be set anew."""
        places = index if isinstance(index, tuple) else (index,)
        kept = tuple(slice(each, each + 1 or None) if isinstance(each, int) else each for each in places)
        return self._with(lambda tensor: tensor[kept], _sliced_mask)

    def to_string(self, grid_size: int | tuple[int, int] = (20, 20), limit: int = 4) -> str:
        """A picture of each table: full where all blocks of a cell count, grey where some do.

        Args:
            grid_size: the most cells of a picture, down and across. Default: 20, 20.
            limit: the most pictures. Default: 4.
        """
        table = self.to_dense()
        rows, columns = (-(-n // most) for n, most in zip(table.shape[-2:], _pair(grid_size), strict=True))
        pictures: list[str] = []
        for batch in range(table.shape[0]):
            for head in range(table.shape[1]):
                if len(pictures) == limit:
                    return "\n".join([*pictures, "...", ""])
                cells = table[batch, head]
                lines = [
                    "".join(_cell(part) for part in strip.split(columns, dim=1)) for strip in cells.split(rows, dim=0)
                ]
                pictures.append("\n".join([f"({batch}, {head})", *lines, ""]))
        return "\n".join(pictures)

    def __str__(self) -> str:
        return f"BlockMask(shape={self.shape}, sparsity={self.sparsity():.2f}%, \n{self.to_string().strip()}\n)"

    def __repr__(self) -> str:
        tensors = {name: getattr(self, name) for name in self._TENSORS}
        lines = [f"{name}={None if each is None else each.shape}" for name, each in tensors.items()]
        lines += [f"BLOCK_SIZE={self.BLOCK_SIZE}", f"shape={self.shape}", f"sparsity={self.sparsity():.2f}%"]
        lines.append(f"mask_mod={getattr(self.mask_mod, '__name__', self.mask_mod)}")
        return "BlockMask(\n    " + ",\n    ".join(lines) + "\n)"


def _cell(part: Any) -> str:
    share = float(part.float().mean())
    return "██" if share == 1 else "░░" if share else "  "


def create_block_mask(
    mask_mod: MaskFunction,
    B: int | None,
    H: int | None,
    Q_LEN: int,
    KV_LEN: int,
    device: Any = None,
    BLOCK_SIZE: int | tuple[int, int] = _DEFAULT_SPARSE_BLOCK_SIZE,
    _compile: bool = False,
    separate_full_blocks: bool = True,
    compute_dq_write_order: bool = False,
    dq_kv_order: bool = True,
) -> BlockMask:
    """A :class:`BlockMask` from a function.

    Args:
        mask_mod: ``mask_mod(b, h, q, kv)``, True where a key counts. It is called once, with the numbers of batch,
            head, query and key each along a dim of its own: elementwise operations and indexing broadcast.
        B, H: sizes of batch and heads; None where the mask is the same for all.
        Q_LEN, KV_LEN: numbers of queries and keys.
        device: of the mask. Default: the CPU.
        BLOCK_SIZE: queries and keys of a block. Default: 128.
        separate_full_blocks: keep a table of the blocks in which all count. Default: True.
        _compile, compute_dq_write_order, dq_kv_order: how a kernel is to run; accepted.

    Example:
        >>> from ember.nn.attention.flex_attention import create_block_mask
        >>> mask = create_block_mask(lambda b, h, q, kv: q >= kv, None, None, 256, 256)
        >>> mask.to_dense()[0, 0].tolist()
        [[1, 0], [1, 1]]
    """
    inspect.signature(mask_mod)  # a TypeError of what cannot be called
    size = _pair(BLOCK_SIZE)
    mask = evaluated(mask_mod, (B or 1, H or 1, Q_LEN, KV_LEN), device or _C.device("cpu")).to(_C.int32)
    rows, columns = -(-Q_LEN // size[0]), -(-KV_LEN // size[1])
    from ..functional import pad

    mask = pad(mask, (0, columns * size[1] - KV_LEN, 0, rows * size[0] - Q_LEN))
    counts = mask.reshape(*mask.shape[:2], rows, size[0], columns, size[1]).sum((3, 5))
    full = counts == size[0] * size[1]
    partial, whole = counts > 0, (None, None)
    if separate_full_blocks:
        partial, whole = (counts > 0) & ~full, _listed(full)
    return BlockMask.from_kv_blocks(*_listed(partial), *whole, size, mask_mod, (Q_LEN, KV_LEN))
