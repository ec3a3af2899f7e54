"""An interpreter of pickle opcodes that builds data and nothing else.

It imports nothing and calls only the builders of a fixed table (``safe_globals``), so that reading a file cannot run
code from it. Every length is checked against the bytes that are there.
Source of the opcodes: the Python standard library's documentation of the pickle protocols 0 to 5 and ``pickletools``.
"""

from __future__ import annotations

import pickle
import struct
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from .safe_globals import Globals

# Longest decimal number in the text opcodes; converting one takes time quadratic in its digits.
_MOST_DIGITS = 4000

# What a damaged stream makes Python's own operations raise.
_DAMAGE = (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, struct.error)

_UNREADABLE = pickle.UnpicklingError


class _Mark:
    """Lies on the stack below the items that the next opcode takes together."""


_MARK = _Mark()


class RestrictedUnpickler:
    """Reads one pickle.

    Args:
        data: the bytes; anything with ``find`` and slices.
        globals: what names in the pickle stand for.
        persistent_load: builds the objects that the pickle names by persistent ids.
        encoding: of strings that Python 2 wrote; ``'bytes'`` leaves them bytes.
        position: where in ``data`` the pickle starts; after :meth:`load`, where it ended.
    """

    def __init__(
        self,
        data: Any,
        globals: Globals,
        persistent_load: Callable[[Any], Any] | None = None,
        encoding: str = "utf-8",
        position: int = 0,
    ) -> None:
        self._data = data
        self._end = len(data)
        self.position = position
        self._globals = globals
        self._persistent_load = persistent_load
        self._encoding = encoding
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def load(self) -> Any:
        """The object.

        Raises:
            pickle.UnpicklingError: the pickle is damaged, or names what the table of globals does not hold.
        """
        at = self.position
        try:
            while True:
                at = self.position
                code = self._data[at]
                self.position = at + 1
                if code == _STOP:
                    return self._pop()
                operation = _OPERATIONS.get(code)
                if operation is None:
                    raise _UNREADABLE(f"load(): byte {at} of the pickle is {code:#04x}, which is no known opcode.")
                operation(self)
        except _DAMAGE as error:
            kind = type(error).__name__
            raise _UNREADABLE(f"load(): the pickle is damaged at byte {at} ({kind}: {error}).") from error

    # Bytes and numbers

    def _take(self, count: int) -> bytes:
        start = self.position
        if count < 0 or count > self._end - start:
            raise ValueError(f"{count} bytes are asked for and {self._end - start} are left")
        self.position = start + count
        return self._data[start : start + count]

    def _line(self) -> bytes:
        end = self._data.find(b"\n", self.position)
        if end < 0:
            raise ValueError("a line does not end")
        line = self._take(end - self.position)
        self.position += 1
        return line

    def _number(self, format: struct.Struct) -> Any:
        return format.unpack(self._take(format.size))[0]

    def _counted(self, format: struct.Struct) -> bytes:
        return self._take(self._number(format))

    def _decimal(self) -> int:
        line = self._line()
        if len(line) > _MOST_DIGITS:
            raise ValueError(f"a number of {len(line)} digits")
        return int(line.rstrip(b"L"))

    def _decoded(self, data: bytes) -> str | bytes:
        return data if self._encoding == "bytes" else data.decode(self._encoding)

    # The stack

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:
        value = self._stack.pop()
        if value is _MARK:
            raise ValueError("a mark lies where an object should")
        return value

    def _top(self) -> Any:
        value = self._stack[-1]
        if value is _MARK:
            raise ValueError("a mark lies where an object should")
        return value

    def _pop_to_mark(self) -> list[Any]:
        stack = self._stack
        for at in range(len(stack) - 1, -1, -1):
            if stack[at] is _MARK:
                items = stack[at + 1 :]
                del stack[at:]
                return items
        raise ValueError("a mark is missing")

    def _pop_tuple(self, count: int) -> tuple[Any, ...]:
        items = [self._pop() for _ in range(count)]
        return tuple(reversed(items))

    # Memo

    def _get(self, index: int) -> None:
        self._push(self._memo[index])

    def _put(self, index: int) -> None:
        self._memo[index] = self._top()

    # Containers

    def _append(self, items: list[Any]) -> None:
        target = self._top()
        if isinstance(target, (list, deque)) or self._globals.is_added(type(target)):
            target.extend(items)
        else:
            raise TypeError(f"cannot append to {type(target).__name__}")

    def _add(self, items: list[Any]) -> None:
        target = self._top()
        if not isinstance(target, set):
            raise TypeError(f"cannot add to {type(target).__name__}")
        target.update(items)

    def _set_items(self, items: list[Any]) -> None:
        target = self._top()
        if type(target) not in (dict, OrderedDict, Counter, defaultdict) and not self._globals.is_added(type(target)):
            raise TypeError(f"cannot set items of {type(target).__name__}")
        if len(items) % 2:
            raise ValueError("a key has no value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key] = value

    def _dict(self, items: list[Any]) -> None:
        self._push({})
        self._set_items(items)

    # Globals and what is made from them

    def _global(self, module: str, name: str) -> None:
        self._push(self._globals.find(module, name))

    def _stack_global(self) -> None:
        module, name = self._pop_tuple(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError("a global is not named by strings")
        self._global(module, name)

    def _reduce(self) -> None:
        function, args = self._pop_tuple(2)
        self._push(self._globals.call(function, args))

    def _new(self, cls: Any, args: Any, keywords: Any = None) -> None:
        self._push(self._globals.construct(cls, args, keywords or {}))

    def _build(self) -> None:
        state = self._pop()
        self._globals.set_state(self._top(), state)

    def _persistent(self, identity: Any) -> None:
        if self._persistent_load is None:
            raise ValueError("a persistent id stands where none can")
        self._push(self._persistent_load(identity))

    def _refused(self, what: str) -> None:
        raise _UNREADABLE(f"load(): the pickle uses {what}, which load(weights_only=True) does not read.")


_U1, _U2, _U4, _U8 = (struct.Struct(code) for code in ("<B", "<H", "<L", "<Q"))
_I4, _F8 = struct.Struct("<i"), struct.Struct(">d")
_STOP = ord(".")

_Operation = Callable[[RestrictedUnpickler], Any]

# fmt: off
_BY_CODE: dict[str, _Operation] = {
    # protocol and frames: nothing to do beyond stepping over
    "\x80": lambda u: u._take(1), "\x95": lambda u: u._number(_U8),
    # atoms
    "N": lambda u: u._push(None), "\x88": lambda u: u._push(True), "\x89": lambda u: u._push(False),
    "I": lambda u: u._push(_integer_or_bool(u)), "L": lambda u: u._push(u._decimal()),
    "J": lambda u: u._push(u._number(_I4)), "K": lambda u: u._push(u._number(_U1)),
    "M": lambda u: u._push(u._number(_U2)),
    "\x8a": lambda u: u._push(int.from_bytes(u._counted(_U1), "little", signed=True)),
    "\x8b": lambda u: u._push(int.from_bytes(u._counted(_I4), "little", signed=True)),
    "F": lambda u: u._push(float(u._line())), "G": lambda u: u._push(u._number(_F8)),
    "S": lambda u: u._push(u._decoded(_quoted(u._line()))),
    "T": lambda u: u._push(u._decoded(u._counted(_I4))), "U": lambda u: u._push(u._decoded(u._counted(_U1))),
    "V": lambda u: u._push(str(u._line(), "raw-unicode-escape")),
    "X": lambda u: u._push(str(u._counted(_U4), "utf-8", "surrogatepass")),
    "\x8c": lambda u: u._push(str(u._counted(_U1), "utf-8", "surrogatepass")),
    "\x8d": lambda u: u._push(str(u._counted(_U8), "utf-8", "surrogatepass")),
    "C": lambda u: u._push(bytes(u._counted(_U1))), "B": lambda u: u._push(bytes(u._counted(_U4))),
    "\x8e": lambda u: u._push(bytes(u._counted(_U8))), "\x96": lambda u: u._push(bytearray(u._counted(_U8))),
    # stack and memo
    "(": lambda u: u._push(_MARK), "0": lambda u: u._stack.pop(), "1": lambda u: u._pop_to_mark(),
    "2": lambda u: u._push(u._top()),
    "g": lambda u: u._get(u._decimal()), "h": lambda u: u._get(u._number(_U1)), "j": lambda u: u._get(u._number(_U4)),
    "p": lambda u: u._put(u._decimal()), "q": lambda u: u._put(u._number(_U1)), "r": lambda u: u._put(u._number(_U4)),
    "\x94": lambda u: u._put(len(u._memo)),
    # containers
    ")": lambda u: u._push(()), "]": lambda u: u._push([]), "}": lambda u: u._push({}),
    "\x8f": lambda u: u._push(set()),
    "t": lambda u: u._push(tuple(u._pop_to_mark())), "l": lambda u: u._push(u._pop_to_mark()),
    "d": lambda u: u._dict(u._pop_to_mark()), "\x91": lambda u: u._push(frozenset(u._pop_to_mark())),
    "\x85": lambda u: u._push(u._pop_tuple(1)), "\x86": lambda u: u._push(u._pop_tuple(2)),
    "\x87": lambda u: u._push(u._pop_tuple(3)),
    "a": lambda u: u._append(list(u._pop_tuple(1))), "e": lambda u: u._append(u._pop_to_mark()),
    "s": lambda u: u._set_items(list(u._pop_tuple(2))), "u": lambda u: u._set_items(u._pop_to_mark()),
    "\x90": lambda u: u._add(u._pop_to_mark()),
    # objects
    "c": lambda u: u._global(str(u._line(), "utf-8"), str(u._line(), "utf-8")), "\x93": lambda u: u._stack_global(),
    "R": lambda u: u._reduce(), "b": lambda u: u._build(),
    "\x81": lambda u: u._new(*u._pop_tuple(2)), "\x92": lambda u: u._new(*u._pop_tuple(3)),
    "P": lambda u: u._persistent(str(u._line(), "ascii")), "Q": lambda u: u._persistent(u._pop()),
    "i": lambda u: u._refused("INST"), "o": lambda u: u._refused("OBJ"),
    "\x82": lambda u: u._refused("EXT1"), "\x83": lambda u: u._refused("EXT2"), "\x84": lambda u: u._refused("EXT4"),
    "\x97": lambda u: u._refused("NEXT_BUFFER"), "\x98": lambda u: u._refused("READONLY_BUFFER"),
}
# fmt: on
_OPERATIONS = {ord(code): operation for code, operation in _BY_CODE.items()}


def _integer_or_bool(unpickler: RestrictedUnpickler) -> int | bool:
    start = unpickler.position
    value = unpickler._decimal()
    text = unpickler._data[start : unpickler.position - 1]
    # Protocol 0 writes True and False as 01 and 00.
    return value == 1 if text in (b"00", b"01") else value


def _quoted(line: bytes) -> bytes:
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise ValueError("a string is not quoted")
    import codecs

    return codecs.escape_decode(line[1:-1])[0]
