"""Linear algebra under the names of `torch.linalg`: batches of matrices, real and complex, with gradients.

LAPACK is NumPy's; LU, LDL and (where it is there) triangular systems are SciPy's, of the extra `ember[linalg]`. The
gradients are made of operations, so that they can be differentiated again.
"""

from ._cholesky import cholesky, cholesky_ex
from ._eigen import eig, eigh, eigvals, eigvalsh
from ._lu import ldl_factor, ldl_factor_ex, ldl_solve, lu, lu_factor, lu_factor_ex, lu_solve
from ._matrices import LinAlgError
from ._norms import cond, matrix_norm, norm, vector_norm
from ._products import (
    cross,
    diagonal,
    matmul,
    matrix_exp,
    matrix_power,
    multi_dot,
    tensorinv,
    tensorsolve,
    vander,
    vecdot,
)
from ._qr import householder_product, qr
from ._singular_values import lstsq, matrix_rank, pinv, svd, svdvals
from ._solve import det, inv, inv_ex, slogdet, solve, solve_ex, solve_triangular

__all__ = [
    "LinAlgError",
    "cholesky",
    "cholesky_ex",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "householder_product",
    "inv",
    "inv_ex",
    "ldl_factor",
    "ldl_factor_ex",
    "ldl_solve",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "vander",
    "vecdot",
    "vector_norm",
]
