"""Written by tools/write_stubs.py: the types of elements."""

from typing import Final

from .._C import dtype

bool: Final[dtype]
uint8: Final[dtype]
int8: Final[dtype]
int16: Final[dtype]
int32: Final[dtype]
int64: Final[dtype]
uint16: Final[dtype]
uint32: Final[dtype]
uint64: Final[dtype]
float8_e4m3fn: Final[dtype]
float8_e5m2: Final[dtype]
float8_e4m3fnuz: Final[dtype]
float8_e5m2fnuz: Final[dtype]
float8_e8m0fnu: Final[dtype]
float16: Final[dtype]
bfloat16: Final[dtype]
float32: Final[dtype]
float64: Final[dtype]
complex64: Final[dtype]
complex128: Final[dtype]
complex32: Final[dtype]
qint8: Final[dtype]
quint8: Final[dtype]
qint32: Final[dtype]
quint4x2: Final[dtype]
quint2x4: Final[dtype]
