"""Written by tools/write_stubs.py: the methods of storages."""

from builtins import bool as _bool
from builtins import int as _int
from collections.abc import Iterator as Iterator
from ember._C import Storage as Storage
from typing import Any as Any

class StorageMethods:
    def __deepcopy__(self, memo: dict[Any, Any]) -> Any: ...
    def __getitem__(self, index: _int | slice) -> Any:
        """A byte; or a storage on some of the bytes, which are shared."""
    def __iter__(self) -> Iterator[_int]: ...
    def __reduce_ex__(self, protocol: Any) -> Any: ...
    def __repr__(self) -> str: ...
    def __setitem__(self, index: _int | slice, value: _int) -> None: ...
    def __sizeof__(self) -> _int:
        """Bytes of the object and of what it holds: summaries of memory ask ``sys.getsizeof``."""
    def clone(self) -> Storage:
        """A copy with bytes of its own."""
    def copy_(self, source: Any, non_blocking: _bool | None=None) -> Storage:
        """Copies the bytes of ``source``."""
    def cpu(self) -> Storage:
        """This storage where it is on the CPU already, else a copy there."""
    def element_size(self) -> _int:
        """Bytes of one element: 1."""
    def fill_(self, value: _int) -> Storage:
        """Sets every byte to ``value``."""
    def is_shared(self) -> _bool:
        """Whether other processes may see these bytes."""
    def share_memory_(self) -> Storage:
        """Moves the bytes to where processes that get this storage see them too; arrays made before keep the old ones."""
    def tolist(self) -> list[_int]:
        """The bytes as numbers."""
    def untyped(self) -> Storage:
        """Itself."""
