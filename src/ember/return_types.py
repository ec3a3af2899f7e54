"""The named tuples that operations return, as classes: ``ember.return_types.max`` is what ``max(x, 0)`` gives.

The classes of operations follow from their records; those of functions in Python are named here.
"""

from __future__ import annotations

from typing import Any

from . import _C

_IN_PYTHON = {
    "geqrf": "a tau",
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


def _publish() -> list[Any]:
    named = {record["public_name"]: record["output_names"] for record in _C._records() if record["output_names"]}
    named.update({name: fields.split() for name, fields in _IN_PYTHON.items()})
    for name, fields in named.items():
        globals()[name] = _C._return_type(name, fields)
    return [globals()[name] for name in named if not name.startswith("_")]


all_return_types = _publish()
__all__ = ["all_return_types", *(each.__name__ for each in all_return_types)]
