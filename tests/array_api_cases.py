"""Every function of the array API standard 2025.12 as calls whose results any namespace can be asked for.

As a script it runs them under `array_api_compat.torch`, on PyTorch or what stands for it, and pickles the outcomes.
"""

from __future__ import annotations

import itertools
import math
import operator
import pickle
import sys
import warnings
from typing import Any

import numpy as np

from array_api_calls import (
    ALL,
    COMPLEX,
    DEFAULT,
    FLOATING,
    INTEGERS,
    NUMERIC,
    REAL_NUMERIC,
    REALS,
    Case,
    Cases,
    apply,
    call,
    dtype,
    give,
    meet,
    plain,
    sample,
)
from array_api_elementwise import choosing, elementwise

# ---- making arrays --------------------------------------------------------------------------------------------------


def creation() -> Cases:
    for one in ALL:
        d = dtype(one)
        yield f"zeros[{one}]", call("zeros", (2, 3), dtype=d)
        yield f"ones[{one}]", call("ones", 3, dtype=d)
        yield f"full[{one}]", call("full", (2,), one == "bool" or 7, dtype=d)
        yield f"empty[{one}]", lambda xp, d=d: xp.zeros_like(xp.empty((2, 0), dtype=give(xp, d)))
        x = sample(one, 2, 3)
        yield f"zeros_like[{one}]", call("zeros_like", x)
        yield f"ones_like[{one}]", call("ones_like", x)
        yield f"full_like[{one}]", call("full_like", x, one == "bool" or 7)
        yield f"empty_like[{one}]", lambda xp, x=x: xp.zeros_like(xp.empty_like(give(xp, x)))
        yield f"zeros_like[to {one}]", call("zeros_like", sample("float32", 2), dtype=d)
        yield f"eye[{one}]", call("eye", 3, 4, k=1, dtype=d)
        yield f"tril[{one}]", call("tril", sample(one, 2, 3, 4), k=1)
        yield f"triu[{one}]", call("triu", sample(one, 2, 3, 4), k=-1)
        yield f"asarray[{one}]", call("asarray", [True, False] if one == "bool" else [1, 2], dtype=d)
        yield f"asarray[{one}, copy]", call("asarray", x, copy=True)
        yield f"from_dlpack[{one}]", lambda xp, x=x: xp.from_dlpack(give(xp, x))
        yield f"meshgrid[{one}]", call("meshgrid", sample(one, 2), sample(one, 3))
        yield f"meshgrid[{one}, ij]", call("meshgrid", sample(one, 2), sample(one, 3), indexing="ij")
    for one in INTEGERS + REALS:
        yield f"arange[{one}]", call("arange", 1, 9, 3, dtype=dtype(one))
    for one in FLOATING:
        yield f"linspace[{one}]", call("linspace", -1, 2, 7, dtype=dtype(one))
        yield f"linspace[{one}, without its end]", call("linspace", -1, 2, 7, dtype=dtype(one), endpoint=False)
    for arguments in ((5,), (2, 5), (5, 2, -1), (5, 2), (0.5, 3.0, 0.5), (3.0,), (1, 1)):
        yield f"arange[{DEFAULT}, {arguments}]", call("arange", *arguments)
    for value in (True, 3, 2.5, 1 + 2j, [1, 2.5], [[True], [False]], [1, 2j], []):
        yield f"asarray[{DEFAULT}, {value}]", call("asarray", value)
        if not isinstance(value, list):
            yield f"full[{DEFAULT}, {value}]", call("full", (2,), value)
    for rows in ((3,), (2, 3), (0,), (3, None)):
        yield f"eye[{DEFAULT}, {rows}]", call("eye", *rows)
    yield f"eye[{DEFAULT}, k beyond]", call("eye", 2, 3, k=9)
    yield f"zeros[{DEFAULT}, 0 dims]", call("zeros", ())
    yield "meshgrid[one]", call("meshgrid", sample("float32", 3))


# ---- dtypes ---------------------------------------------------------------------------------------------------------


KINDS = ("bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric")


def data_types() -> Cases:
    for one, other in itertools.product(ALL, repeat=2):
        if other in COMPLEX or one not in COMPLEX:
            x = np.abs(sample(one, 2, 3)) if one not in COMPLEX else sample(one, 2, 3)
            yield f"astype[{one}, {other}]", call("astype", x, dtype(other))
    for one, other in meet(ALL):
        yield f"result_type[{one}, {other}]", call("result_type", dtype(one), dtype(other))
        yield f"result_type[arrays, {one}, {other}]", call("result_type", sample(one, 2), sample(other, 1)[0])
        yield f"can_cast[{one}, {other}]", call("can_cast", dtype(one), dtype(other))
    for one, kind in itertools.product(ALL, (*KINDS, ("integral", "bool"))):
        yield f"isdtype[{one}, {kind}]", call("isdtype", dtype(one), kind)
    for one in FLOATING:
        for field in ("bits", "eps", "max", "min", "smallest_normal", "dtype"):
            yield f"finfo[{one}, {field}]", lambda xp, one=one, f=field: getattr(xp.finfo(getattr(xp, one)), f)
    for one in INTEGERS:
        for field in ("bits", "max", "min", "dtype"):
            yield f"iinfo[{one}, {field}]", lambda xp, one=one, f=field: getattr(xp.iinfo(getattr(xp, one)), f)
    yield "result_type[a number]", call("result_type", sample("float32", 2), 1.5, sample("float64", 2))
    yield "result_type[several]", call("result_type", dtype("int8"), dtype("uint8"), dtype("int32"))


def inspection() -> Cases:
    yield "info[devices]", lambda xp: len(xp.__array_namespace_info__().devices()) > 0
    yield "info[default_device]", lambda xp: xp.__array_namespace_info__().default_device() is not None
    yield "info[capabilities]", lambda xp: sorted(xp.__array_namespace_info__().capabilities())
    yield "info[default_dtypes]", lambda xp: sorted(xp.__array_namespace_info__().default_dtypes())
    for kind in KINDS:
        yield f"info[dtypes, {kind}]", lambda xp, k=kind: list(xp.__array_namespace_info__().dtypes(kind=k).items())
    yield "info[dtypes]", lambda xp: sorted(xp.__array_namespace_info__().dtypes())
    for constant in ("e", "inf", "nan", "newaxis", "pi"):
        yield constant, lambda xp, c=constant: getattr(xp, c)


# ---- the array itself -----------------------------------------------------------------------------------------------


def array_object() -> Cases:
    for one in ALL:
        x = sample(one, 2, 3, 4)
        for attribute in ("dtype", "mT", "ndim", "shape", "size"):
            yield f".{attribute}[{one}]", apply(operator.attrgetter(attribute), x)
        yield f".T[{one}]", apply(operator.attrgetter("T"), x[0])
        one_number = np.array(1, one)
        yield f"bool(x)[{one}]", apply(bool, one_number)
        yield f"complex(x)[{one}]", apply(complex, one_number)
        if one not in COMPLEX:
            yield f"float(x)[{one}]", apply(float, one_number)
            yield f"int(x)[{one}]", apply(int, one_number)
        if one in INTEGERS:
            yield f"index(x)[{one}]", apply(operator.index, one_number)
        for label, key in KEYS.items():
            yield f"x[{label}][{one}]", apply(operator.getitem, x, key)
            if None not in (key if isinstance(key, tuple) else ()):
                yield f"x[{label}] = number[{one}]", set_item(x, key, True if one == "bool" else 1)
                yield f"x[{label}] = array[{one}]", set_item(x, key, np.array(1, one))
        yield f"x[mask][{one}]", lambda xp, x=x: give(xp, x)[give(xp, x != 0)]
        yield f"x[mask] = number[{one}]", set_item(x, x != 0, True if one == "bool" else 1)
        yield f"x[integers][{one}]", apply(operator.getitem, x[0, 0], np.array([1, 0, -1]))
        yield f"x[integers, integers, integers][{one}]", take_places(x, np.array([1, 0, -1]))
        yield f"x[mask of 0 dims][{one}]", lambda xp, x=x: give(xp, x[0, 0, 0])[give(xp, np.array(True))]
        if one in NUMERIC:
            yield f"__matmul__[{one}]", apply(operator.matmul, sample(one, 2, 3), sample(one, 3, 2))
    x = sample("float32", 2, 3)
    yield "to_device", lambda xp: give(xp, x).to_device(give(xp, x).device)
    yield "__array_namespace__", lambda xp: hasattr(give(xp, x).__array_namespace__(), "asarray")
    yield "__dlpack_device__", lambda xp: tuple(map(int, give(xp, x).__dlpack_device__()))
    for label, options in {
        "max_version": {"max_version": (1, 0)},
        "copy": {"copy": True},
        "dl_device": {"dl_device": (1, 0)},
    }.items():
        yield f"__dlpack__[{label}]", lambda xp, o=options: give(xp, x).__dlpack__(**o) is not None


KEYS: dict[str, Any] = {  # the standard wants an index for each dim, or an ellipsis
    "1, ...": (1, ...),
    "-1, 2, ...": (-1, 2, ...),
    "...": ...,
    "..., 0": (..., 0),
    ":, 1:3, ...": (slice(None), slice(1, 3), ...),
    "::2, ...": (slice(None, None, 2), ...),
    "None, ...": (None, ...),
    "0, ..., None": (0, ..., None),
    "2:2, ...": (slice(2, 2), ...),
    "..., 0:4": (..., slice(0, 4)),
    "1, 2, 3": (1, 2, 3),
    "::-1, ...": (slice(None, None, -1), ...),
    ":, 2:0:-1, :": (slice(None), slice(2, 0, -1), slice(None)),
}


def take_places(x: np.ndarray, places: np.ndarray) -> Case:
    return lambda xp: give(xp, x)[give(xp, places), give(xp, places), 1]


def set_item(x: np.ndarray, key: Any, value: Any) -> Case:
    def case(xp: Any) -> Any:
        array = xp.asarray(x, copy=True)
        array[give(xp, key)] = give(xp, value)
        return array

    return case


# ---- arranging, searching, sorting ----------------------------------------------------------------------------------


def manipulation() -> Cases:
    for one in ALL:
        x, y = sample(one, 2, 3, 4), sample(one, 2, 3, 4, seed=1)
        yield f"broadcast_to[{one}]", call("broadcast_to", x[:, :1], (5, 2, 3, 4))
        yield f"broadcast_arrays[{one}]", call("broadcast_arrays", x, y[0, :1], y[:, :1, :1])
        yield f"concat[{one}]", call("concat", [x, y], axis=1)
        yield f"concat[{one}, flat]", call("concat", [x, y[0]], axis=None)
        yield f"stack[{one}]", call("stack", [x, y], axis=-1)
        yield f"unstack[{one}]", call("unstack", x, axis=1)
        yield f"moveaxis[{one}]", call("moveaxis", x, 0, -1)
        yield f"moveaxis[{one}, several]", call("moveaxis", x, (0, 1), (-1, 0))
        yield f"permute_dims[{one}]", call("permute_dims", x, (2, 0, 1))
        yield f"matrix_transpose[{one}]", call("matrix_transpose", x)
        yield f"squeeze[{one}]", call("squeeze", x[:, :1, :1], axis=(1, 2))
        yield f"expand_dims[{one}]", call("expand_dims", x, axis=-2)
        yield f"expand_dims[{one}, several]", call("expand_dims", x, axis=(0, -1))
        yield f"tile[{one}]", call("tile", x, (2, 1, 1, 2))
        yield f"repeat[{one}]", call("repeat", x, 2, axis=1)
        yield f"repeat[{one}, flat]", call("repeat", x, 2)
        yield f"repeat[{one}, each its own]", call("repeat", x, np.array([1, 0, 2]), axis=1)
        for axis in (None, 0, -1, (0, 2)):
            yield f"flip[{one}, {axis}]", call("flip", x, axis=axis)
        for shift, axis in ((1, None), (-2, 1), ((1, 2), (0, 2)), (9, -1)):
            yield f"roll[{one}, {shift}, {axis}]", call("roll", x, shift, axis=axis)
        for shape in ((6, 4), (-1,), (4, -1, 2)):
            yield f"reshape[{one}, {shape}]", call("reshape", x, shape)
        yield f"reshape[{one}, copy]", call("reshape", x, (6, 4), copy=True)
        yield f"take[{one}]", call("take", x, np.array([2, 0, -1]), axis=1)
        yield f"take_along_axis[{one}]", call("take_along_axis", x, sample("int64", 2, 3, 4) % 3, axis=1)
        if one in NUMERIC:
            yield f"diff[{one}]", call("diff", x, axis=1)
            yield f"diff[{one}, more]", call("diff", x, axis=-1, n=2, prepend=y[..., :1], append=y[..., 1:3])
    for one, other in meet(ALL):
        yield f"concat[{one}, {other}]", call("concat", [sample(one, 2), sample(other, 3)])
        yield f"stack[{one}, {other}]", call("stack", [sample(one, 2), sample(other, 2)])
    yield "broadcast_shapes", call("broadcast_shapes", (2, 1), (3,), ())
    yield "repeat[short integers]", call("repeat", sample("float32", 3), np.array([1, 0, 2], "int8"))


def searching() -> Cases:
    for one in ALL:
        x = sample(one, 3, 4, 5)
        yield f"nonzero[{one}]", call("nonzero", x)
        for axis, keep in itertools.product((None, 0, -1, (0, 2)), (False, True)):
            yield f"count_nonzero[{one}, {axis}, {keep}]", call("count_nonzero", x, axis=axis, keepdims=keep)
            yield f"all[{one}, {axis}, {keep}]", call("all", x, axis=axis, keepdims=keep)
            yield f"any[{one}, {axis}, {keep}]", call("any", x, axis=axis, keepdims=keep)
    for one in REAL_NUMERIC:
        x = sample(one, 3, 4, 5)
        for axis, keep in itertools.product((None, 0, -1), (False, True)):
            yield f"argmax[{one}, {axis}, {keep}]", call("argmax", x, axis=axis, keepdims=keep)
            yield f"argmin[{one}, {axis}, {keep}]", call("argmin", x, axis=axis, keepdims=keep)
        for axis, descending in itertools.product((0, -1), (False, True)):
            yield f"sort[{one}, {axis}, {descending}]", call("sort", x, axis=axis, descending=descending)
            yield f"argsort[{one}, {axis}, {descending}]", call("argsort", x, axis=axis, descending=descending)
        rising, sought = np.sort(sample(one, 6)), sample(one, 2, 3)
        for side in ("left", "right"):
            yield f"searchsorted[{one}, {side}]", call("searchsorted", rising, sought, side=side)
        if one in INTEGERS:
            yield f"isin[{one}]", call("isin", sample(one, 3, 4), sample(one, 3))
        order = np.argsort(sample(one, 6), kind="stable")
        yield f"searchsorted[{one}, sorter]", call("searchsorted", sample(one, 6), sought, sorter=order)
    for one in ALL:
        x = sample(one, 3, 4)
        yield f"unique_values[{one}]", lambda xp, x=x: in_order(xp.unique_values(give(xp, x)))
        yield f"unique_counts[{one}]", lambda xp, x=x: in_order(*xp.unique_counts(give(xp, x)))
        yield f"unique_inverse[{one}]", lambda xp, x=x: rebuilt(*xp.unique_inverse(give(xp, x)))
        yield f"unique_all[{one}]", lambda xp, x=x: in_order(*xp.unique_all(give(xp, x)))


def in_order(values: Any, *others: Any) -> list[np.ndarray]:
    """The standard leaves the order of unique values open."""
    order = np.argsort(plain(values))
    return [plain(one)[order] if plain(one).shape == order.shape else plain(one) for one in (values, *others)]


def rebuilt(values: Any, inverse: Any) -> np.ndarray:
    return plain(values)[plain(inverse)]


def statistics() -> Cases:
    x = {one: sample(one, 2, 3, 4) for one in NUMERIC}
    for axis, keep in itertools.product((None, 0, -1, (0, 2), (), (-1, 0, 1)), (False, True)):
        for one in NUMERIC:
            yield f"sum[{one}, {axis}, {keep}]", call("sum", x[one], axis=axis, keepdims=keep)
            yield f"prod[{one}, {axis}, {keep}]", call("prod", x[one], axis=axis, keepdims=keep)
        for one in FLOATING:
            yield f"mean[{one}, {axis}, {keep}]", call("mean", x[one], axis=axis, keepdims=keep)
        for one in REAL_NUMERIC:
            yield f"max[{one}, {axis}, {keep}]", call("max", x[one], axis=axis, keepdims=keep)
            yield f"min[{one}, {axis}, {keep}]", call("min", x[one], axis=axis, keepdims=keep)
        for one, correction in itertools.product(REALS, (0, 1, 1.0, 0.5)):
            options = {"axis": axis, "keepdims": keep, "correction": correction}
            yield f"var[{one}, {axis}, {keep}, {correction}]", call("var", x[one], **options)
            yield f"std[{one}, {axis}, {keep}, {correction}]", call("std", x[one], **options)
    for one in NUMERIC:
        yield f"sum[{one}, dtype]", call("sum", x[one], dtype=dtype("complex128" if one in COMPLEX else "float64"))
        yield (
            f"prod[{one}, dtype]",
            call("prod", x[one], axis=1, dtype=dtype("complex128" if one in COMPLEX else "float64")),
        )
        yield f"sum[{one}, none]", call("sum", x[one][:0])
        for initial in (False, True):
            yield f"cumulative_sum[{one}, {initial}]", call("cumulative_sum", x[one], axis=1, include_initial=initial)
            yield (
                f"cumulative_prod[{one}, {initial}]",
                call("cumulative_prod", x[one], axis=-1, include_initial=initial),
            )
        yield f"cumulative_sum[{one}, 1 dim]", call("cumulative_sum", x[one][0, 0])
    for name in ("max", "min", "mean", "sum", "prod"):
        yield f"{name}[nan]", call(name, np.array([1.0, math.nan, 2.0]))


# ---- linear algebra and Fourier transforms --------------------------------------------------------------------------


def linear_algebra() -> Cases:
    for prefix, (one, other) in itertools.product(("", "linalg."), meet(NUMERIC)):
        a, b = sample(one, 2, 3, 4), sample(other, 4, 3)
        yield f"{prefix}matmul[{one}, {other}]", call(prefix + "matmul", a, b)
        yield f"{prefix}vecdot[{one}, {other}]", call(prefix + "vecdot", a, sample(other, 4))
        yield f"{prefix}vecdot[{one}, {other}, axis]", call(prefix + "vecdot", a, sample(other, 2, 3, 1), axis=-2)
        yield f"{prefix}tensordot[{one}, {other}]", call(prefix + "tensordot", a, sample(other, 3, 4, 2))
        yield f"{prefix}tensordot[{one}, {other}, axes]", call(prefix + "tensordot", a, b, axes=((1, 2), (1, 0)))
    for one in NUMERIC:
        a, b = sample(one, 2, 3, 3), sample(one, 4)
        yield f"matmul[{one}, vectors]", call("matmul", b, b)
        yield f"tensordot[{one}, 0]", call("tensordot", b, b, axes=0)
        yield f"linalg.outer[{one}]", call("linalg.outer", b, sample(one, 3))
        yield f"linalg.cross[{one}]", call("linalg.cross", a, sample(one, 3))
        yield f"linalg.diagonal[{one}]", call("linalg.diagonal", a, offset=1)
        yield f"linalg.trace[{one}]", call("linalg.trace", a)
        yield f"linalg.trace[{one}, offset]", call("linalg.trace", a, offset=-1)
        yield f"linalg.matrix_transpose[{one}]", call("linalg.matrix_transpose", a)
    for one in FLOATING:
        a, wide = sample(one, 2, 3, 3), sample(one, 2, 3, 5)
        hermitian = a @ a.conj().swapaxes(-1, -2) + np.eye(3, dtype=one)
        yield f"linalg.det[{one}]", call("linalg.det", a)
        yield f"linalg.slogdet[{one}]", call("linalg.slogdet", a)
        yield f"linalg.inv[{one}]", call("linalg.inv", a)
        yield f"linalg.pinv[{one}]", call("linalg.pinv", wide)
        yield f"linalg.matrix_rank[{one}]", call("linalg.matrix_rank", wide)
        yield f"linalg.matrix_power[{one}]", call("linalg.matrix_power", a, 3)
        yield f"linalg.matrix_power[{one}, -2]", call("linalg.matrix_power", a, -2)
        yield f"linalg.solve[{one}]", call("linalg.solve", a, sample(one, 2, 3, 2))
        yield f"linalg.solve[{one}, a vector]", call("linalg.solve", a, sample(one, 3))
        yield f"linalg.cholesky[{one}]", call("linalg.cholesky", hermitian)
        yield f"linalg.cholesky[{one}, upper]", call("linalg.cholesky", hermitian, upper=True)
        yield f"linalg.eigvalsh[{one}]", call("linalg.eigvalsh", hermitian)
        yield f"linalg.svdvals[{one}]", call("linalg.svdvals", wide)
        yield f"linalg.eigh[{one}]", lambda xp, h=hermitian: spectrum(xp.linalg.eigh(give(xp, h)))
        for full in (False, True):
            yield (
                f"linalg.svd[{one}, {full}]",
                lambda xp, w=wide, f=full: recomposed(xp.linalg.svd(give(xp, w), full_matrices=f)),
            )
        for mode in ("reduced", "complete"):
            yield f"linalg.qr[{one}, {mode}]", lambda xp, w=wide, m=mode: product(xp.linalg.qr(give(xp, w), mode=m))
        for order in (1, 2, math.inf, -1, -2, -math.inf, "fro", "nuc"):
            yield f"linalg.matrix_norm[{one}, {order}]", call("linalg.matrix_norm", wide, ord=order)
        for order, axis, keep in itertools.product(
            (1, 2, math.inf, 0, 3.5, -1, -math.inf), (None, 1, (0, 2)), (False, True)
        ):
            yield (
                f"linalg.vector_norm[{one}, {order}, {axis}, {keep}]",
                call("linalg.vector_norm", wide, ord=order, axis=axis, keepdims=keep),
            )


def spectrum(result: Any) -> list[np.ndarray]:
    """Eigenvectors are known but for a factor: what they make of the eigenvalues is not."""
    values, vectors = (plain(part) for part in (result.eigenvalues, result.eigenvectors))
    return [values, vectors * values[..., None, :] @ vectors.conj().swapaxes(-1, -2)]


def recomposed(result: Any) -> list[Any]:
    u, s, vh = (plain(part) for part in (result.U, result.S, result.Vh))
    width = s.shape[-1]
    return [s, u[..., :width] * s[..., None, :] @ vh[..., :width, :], u.shape, vh.shape]


def product(result: Any) -> list[Any]:
    q, r = plain(result.Q), plain(result.R)
    return [q @ r, q.shape, r.shape, np.abs(np.tril(r, -1)).max() == 0]


def fourier() -> Cases:
    for name, one in itertools.product(("fft", "ifft", "hfft", "rfft", "ihfft", "irfft"), FLOATING):
        if (one in COMPLEX) != (name in ("rfft", "ihfft")):
            x = sample(one, 3, 6)
            if one in REALS and name in ("fft", "ifft", "hfft", "irfft"):
                continue
            for norm in ("backward", "ortho", "forward"):
                yield f"fft.{name}[{one}, {norm}]", call(f"fft.{name}", x, norm=norm)
            yield f"fft.{name}[{one}, n]", call(f"fft.{name}", x, n=8, axis=0)
    for name, one in itertools.product(("fftn", "ifftn", "rfftn", "irfftn"), FLOATING):
        if (one in COMPLEX) != (name == "rfftn"):
            x = sample(one, 3, 4, 6)
            yield f"fft.{name}[{one}]", call(f"fft.{name}", x)
            yield f"fft.{name}[{one}, axes]", call(f"fft.{name}", x, s=(5, 4), axes=(0, 2), norm="ortho")
    for name in ("fftfreq", "rfftfreq"):
        yield f"fft.{name}[{DEFAULT}]", call(f"fft.{name}", 6, d=0.5)
        yield f"fft.{name}[dtype]", call(f"fft.{name}", 5, dtype=dtype("float64"))
    for one in FLOATING:
        yield f"fft.fftshift[{one}]", call("fft.fftshift", sample(one, 3, 4))
        yield f"fft.ifftshift[{one}, axes]", call("fft.ifftshift", sample(one, 3, 4), axes=(1,))


FAMILIES = (
    elementwise,
    choosing,
    creation,
    data_types,
    inspection,
    array_object,
    manipulation,
    searching,
    statistics,
    linear_algebra,
    fourier,
)


def outcomes(xp: Any) -> dict[str, Any]:
    """What each case gives in this namespace; an error as its message behind the type's name."""
    results: dict[str, Any] = {}
    for family in FAMILIES:
        for label, case in family():
            if label in results:
                raise ValueError(f"two cases are called {label}")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    results[label] = plain(case(xp))
                except Exception as error:
                    results[label] = f"{type(error).__name__}: {error}"
    return results


if __name__ == "__main__":
    import array_api_compat
    import torch

    namespace = array_api_compat.array_namespace(torch.ones(1))
    with open(sys.argv[1], "wb") as file:
        pickle.dump(outcomes(namespace), file)
