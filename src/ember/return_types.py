"""The named tuples that operations return, as classes: ``ember.return_types.max`` is what ``max(x, 0)`` gives.

The classes of operations follow from their records; those of functions in Python are named here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import _C

if TYPE_CHECKING:
    from ._stubs.return_types import *  # noqa: F403

# Of functions that are composed in Python.
OF_FUNCTIONS: dict[str, Any] = {
    "frexp": "mantissa exponent",
    "geqrf": "a tau",
    "histogram": "hist bin_edges",
    "histogramdd": "hist bin_edges",
    "linalg_cholesky_ex": "L info",
    "linalg_eig": "eigenvalues eigenvectors",
    "linalg_eigh": "eigenvalues eigenvectors",
    "linalg_inv_ex": "inverse info",
    "linalg_ldl_factor": "LD pivots",
    "linalg_ldl_factor_ex": "LD pivots info",
    "linalg_lstsq": "solution residuals rank singular_values",
    "linalg_lu": "P L U",
    "linalg_lu_factor": "LU pivots",
    "linalg_lu_factor_ex": "LU pivots info",
    "linalg_qr": "Q R",
    "linalg_slogdet": "sign logabsdet",
    "linalg_solve_ex": "result info",
    "linalg_svd": "U S Vh",
    "_lu_with_info": "LU pivots info",
    "lu_unpack": "P L U",
    "qr": "Q R",
    "slogdet": "sign logabsdet",
    "svd": "U S V",
    "triangular_solve": "solution cloned_coefficient",
}
OF_FUNCTIONS = {name: _C._return_type(name, fields.split()) for name, fields in OF_FUNCTIONS.items()}
globals().update(OF_FUNCTIONS)


def __getattr__(name: str) -> Any:
    if "all_return_types" in globals():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    named = {
        record["public_name"]: record["output_names"]
        for record in _C._records()
        if record["output_names"] and record["name"][0] != "_" and hasattr(_C.Tensor, record["public_name"])
    }
    classes = OF_FUNCTIONS | {each: _C._return_type(each, fields) for each, fields in named.items()}
    globals().update(classes, all_return_types=[each for own, each in classes.items() if not own.startswith("_")])
    return getattr(sys.modules[__name__], name)


def __dir__() -> list[str]:
    return sorted(each.__name__ for each in getattr(sys.modules[__name__], "all_return_types"))  # noqa: B009
