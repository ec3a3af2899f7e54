"""SciPy and scikit-learn on the tensors of `torch`, by the array API: the results, beside those for NumPy's arrays."""

from __future__ import annotations

import os

os.environ["SCIPY_ARRAY_API"] = "1"  # SciPy reads it when it is imported

import numpy as np
import sklearn
import torch
from scipy import fft, integrate, ndimage, signal, special, stats
from scipy.cluster import hierarchy
from scipy.spatial.transform import Rotation
from sklearn import decomposition, discriminant_analysis, linear_model, metrics, mixture, model_selection, preprocessing

random = np.random.default_rng(0)
X = random.normal(size=(60, 6))
CLASSES = (X[:, 0] + X[:, 1] > 0).astype("int64")
TARGET = X @ random.normal(size=6)

# Functions of samples, classes and a target.
CALLS = {
    "stats.zscore": lambda x, c, t: stats.zscore(x, axis=1),
    "stats.ttest_ind": lambda x, c, t: stats.ttest_ind(x[:30, ...], x[30:, ...]).pvalue,
    "stats.pearsonr": lambda x, c, t: stats.pearsonr(x[:, 0], t).statistic,
    "stats.quantile": lambda x, c, t: stats.quantile(x, 0.3, axis=0),
    "stats.rankdata": lambda x, c, t: stats.rankdata(x, axis=0),
    "special.gammainc": lambda x, c, t: special.gammainc(x * x, x * x),
    "special.logsumexp": lambda x, c, t: special.logsumexp(x, axis=1),
    "special.ndtri": lambda x, c, t: special.ndtri(special.expit(x)),
    "fft.rfft": lambda x, c, t: fft.rfft(x, axis=0),
    "fft.dct": lambda x, c, t: fft.dct(x),
    "signal.fftconvolve": lambda x, c, t: signal.fftconvolve(x, x, axes=1),
    "signal.hilbert": lambda x, c, t: abs(signal.hilbert(x)),
    "ndimage.gaussian_filter": lambda x, c, t: ndimage.gaussian_filter(x, 1.0),
    "integrate.cumulative_simpson": lambda x, c, t: integrate.cumulative_simpson(x, dx=1.0, axis=0),
    "cluster.linkage": lambda x, c, t: hierarchy.linkage(x),
    "spatial.Rotation": lambda x, c, t: Rotation.from_rotvec(x[:, :3]).apply(x[:, 3:]),
    "StandardScaler": lambda x, c, t: preprocessing.StandardScaler().fit(x).transform(x),
    "PolynomialFeatures": lambda x, c, t: preprocessing.PolynomialFeatures(2).fit_transform(x),
    "PCA": lambda x, c, t: abs(decomposition.PCA(2, svd_solver="full").fit(x).transform(x)),
    "Ridge": lambda x, c, t: linear_model.Ridge(solver="svd").fit(x, t).predict(x),
    "LinearDiscriminantAnalysis": lambda x, c, t: (
        discriminant_analysis.LinearDiscriminantAnalysis().fit(x, c).predict(x)
    ),
    "cross_val_predict": lambda x, c, t: model_selection.cross_val_predict(linear_model.Ridge(solver="svd"), x, t),
    "GaussianMixture": lambda x, c, t: (
        mixture.GaussianMixture(2, init_params="random_from_data", random_state=0).fit(x).score_samples(x)
    ),
    "rbf_kernel": lambda x, c, t: metrics.pairwise.rbf_kernel(x),
    "mean_squared_error": lambda x, c, t: metrics.mean_squared_error(t, x[:, 0]),
}

if __name__ == "__main__":
    tensors = [torch.from_numpy(array) for array in (X, CLASSES, TARGET)]
    for name, function in CALLS.items():
        with sklearn.config_context(array_api_dispatch=True):
            found = function(*tensors)
        if not isinstance(found, torch.Tensor | float):
            raise TypeError(f"{name}: {type(found)} of tensors")
        np.testing.assert_allclose(np.asarray(found), function(X, CLASSES, TARGET), rtol=1e-6, atol=1e-9, err_msg=name)
    print(len(CALLS))
