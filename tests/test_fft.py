"""Fourier transforms: values by the sum that defines them, gradients by differences, windows by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

import ember
from ember.autograd import gradcheck, gradgradcheck

PRECISION = {ember.float32: 2**-23, ember.float64: 2**-52}
ONE = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
FACTOR = {None: (0, -1), "backward": (0, -1), "ortho": (-0.5, -0.5), "forward": (-1, 0)}


def matrix(n, inverse):
    """exp(-+2 pi i j k / n), exact to an ulp: j k is reduced first."""
    products = np.outer(np.arange(n), np.arange(n)) % n
    return np.exp((2j if inverse else -2j) * np.pi * products / n)


def transformed(x, inverse, norm, axis=-1):
    n = x.shape[axis]
    return np.moveaxis(np.moveaxis(x, axis, -1) @ matrix(n, inverse), -1, axis) * n ** float(FACTOR[norm][inverse])


def whole(half, n):
    """The Hermitian sequence of n points with this half."""
    half = half.astype(complex)
    half[..., 0] = half[..., 0].real
    if n % 2 == 0:
        half[..., n // 2] = half[..., n // 2].real
    return np.concatenate([half, half[..., 1 : (n + 1) // 2][..., ::-1].conj()], -1)


def expected(name, x, n, norm):
    inverse = name in ("ifft", "irfft", "ihfft")
    if name in ("fft", "ifft"):
        return transformed(x, inverse, norm)
    if name in ("rfft", "ihfft"):
        return transformed(x, inverse, norm)[..., : n // 2 + 1]
    return transformed(whole(x[..., : n // 2 + 1], n), inverse, norm).real


def sample(name, shape, seed=0):
    random = np.random.default_rng(seed)
    real = random.normal(size=shape)
    return real if name in ("rfft", "ihfft") else real + 1j * random.normal(size=shape)


def tensor(array, dtype=ember.float64):
    x = ember.from_numpy(array)
    return x.to(dtype.to_complex() if x.is_complex() else dtype)


@pytest.mark.parametrize("dtype", PRECISION, ids=str)
@pytest.mark.parametrize("norm", FACTOR)
@pytest.mark.parametrize("name", ONE)
def test_values(name, norm, dtype):
    for n in (1, 2, 3, 8, 30, 37, 128):
        size = n // 2 + 1 if name in ("irfft", "hfft") else n
        x = tensor(sample(name, (3, size)), dtype)
        found = getattr(ember.fft, name)(x, n, norm=norm)
        wanted = expected(name, x.numpy().astype(complex if x.is_complex() else float), n, norm)
        assert found.dtype is (dtype if name in ("irfft", "hfft") else dtype.to_complex())
        error = np.abs(found.numpy() - wanted).max()
        assert error <= 8 * PRECISION[dtype] * np.abs(wanted).max(), (n, error)


@pytest.mark.parametrize("name", ONE)
def test_undo_each_other(name):
    inverse = {"fft": "ifft", "rfft": "irfft", "hfft": "ihfft"}
    inverse |= {there: here for here, there in inverse.items()}
    for norm in FACTOR:
        for suffix, shape in (("", 6), ("2", (4, 6)), ("n", (3, 4, 6))):
            there = getattr(ember.fft, name + suffix)
            back = getattr(ember.fft, inverse[name] + suffix)
            x = ember.fft.ihfftn(ember.randn(3, 4, 6, dtype=ember.float64))
            if name not in ("irfft", "hfft"):
                x = ember.randn(3, 4, 6, dtype=ember.float64)
            elif suffix != "n":
                x = ember.fft.ihfft(ember.randn(3, 4, 6, dtype=ember.float64))
                x = ember.fft.ihfft2(ember.randn(3, 4, 6, dtype=ember.float64)) if suffix == "2" else x
            result = back(there(x, norm=norm), shape, norm=norm)
            assert float((result - x).abs().max()) < 2**-48


@pytest.mark.parametrize("name", ONE)
def test_several_dims_are_one_after_the_other(name):
    x = tensor(sample(name, (4, 5, 6)))
    along = getattr(ember.fft, name + "n")(x, dim=(0, 1, 2))
    if name in ("rfft", "ihfft"):
        steps = getattr(ember.fft, name)(x)
        for dim in (0, 1):
            steps = (ember.fft.fft if name == "rfft" else ember.fft.ifft)(steps, dim=dim)
    else:
        steps = x
        for dim in (0, 1):
            steps = (ember.fft.ifft if name in ("ifft", "irfft") else ember.fft.fft)(steps, dim=dim)
        steps = getattr(ember.fft, name)(steps)
    assert float((along - steps).abs().max()) < 2**-44


@pytest.mark.parametrize("norm", ["backward", "ortho"])
@pytest.mark.parametrize("name", [*ONE, *(name + "n" for name in ONE)])
def test_gradients(name, norm):
    shape = (3, 4)
    for n in (4, 5, 7, 2):
        function = getattr(ember.fft, name)
        size = (2, n) if name.endswith("n") else n
        x = tensor(sample(name.removesuffix("n"), shape)).requires_grad_()
        gradcheck(lambda x, f=function, s=size: f(x, s, norm=norm), (x,))
        gradgradcheck(lambda x, f=function, s=size: f(x, s, norm=norm), (x,))


def test_layouts_and_empty_batches():
    x = ember.randn(5, 6, dtype=ember.float64)
    assert ember.equal(ember.fft.fft(x.t()), ember.fft.fft(x.t().contiguous()))
    assert ember.equal(ember.fft.fft(x[:, ::2]), ember.fft.fft(x[:, ::2].contiguous()))
    assert ember.fft.rfft(x[:0]).shape == (0, 4)
    assert ember.fft.irfft(ember.zeros(0, 4, dtype=ember.complex64)).shape == (0, 6)
    meta = ember.fft.rfftn(ember.zeros(2, 3, 4, device="meta"))
    assert meta.is_meta and meta.shape == (2, 3, 3) and meta.dtype is ember.complex64


def test_autocast_runs_in_float32():
    with ember.autocast("cpu", ember.bfloat16):
        assert ember.fft.fft(ember.ones(4, dtype=ember.bfloat16)).dtype is ember.complex64


def test_frequencies_and_shifts():
    for n in range(1, 9):
        assert np.array_equal(ember.fft.fftfreq(n, 0.5, dtype=ember.float64).numpy(), np.fft.fftfreq(n, 0.5))
        assert np.array_equal(ember.fft.rfftfreq(n, 0.5, dtype=ember.float64).numpy(), np.fft.rfftfreq(n, 0.5))
        x = ember.arange(n)
        assert np.array_equal(ember.fft.fftshift(x).numpy(), np.fft.fftshift(x.numpy()))
        assert ember.equal(ember.fft.ifftshift(ember.fft.fftshift(x)), x)


# ---- short-time transforms --------------------------------------------------------------------------------------------


def test_stft_by_its_sum():
    x, window = ember.randn(2, 50, dtype=ember.float64), ember.hann_window(12, dtype=ember.float64)
    found = ember.stft(x, 16, 5, 12, window, return_complex=True).numpy()
    padded = np.pad(x.numpy(), ((0, 0), (8, 8)), "reflect")
    bell = np.pad(window.numpy(), 2)
    wanted = np.stack([(padded[:, m : m + 16] * bell) @ matrix(16, False)[:, :9] for m in range(0, 51, 5)], -1)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() < 2**-46


@pytest.mark.parametrize(
    "options", [{}, {"normalized": True}, {"hop_length": 3}, {"win_length": 12}, {"onesided": False}]
)
def test_istft_undoes_stft(options):
    x = ember.randn(2, 64, dtype=ember.float64)
    options = {"window": ember.hann_window(options.get("win_length", 16), dtype=ember.float64), **options}
    spectra = ember.stft(x, 16, return_complex=True, **options)
    assert float((ember.istft(spectra, 16, length=64, **options) - x).abs().max()) < 2**-46


def test_istft_of_a_complex_signal():
    x = tensor(sample("fft", (40,)))
    window = ember.hann_window(16, dtype=ember.float64)
    spectra = x.stft(16, window=window)
    assert float((spectra.istft(16, window=window, onesided=False, return_complex=True) - x).abs().max()) < 2**-46


def test_short_time_gradients():
    window = ember.hamming_window(8, dtype=ember.float64, requires_grad=True)
    x = ember.randn(20, dtype=ember.float64, requires_grad=True)
    gradcheck(lambda x, w: ember.stft(x, 8, 3, window=w, return_complex=True), (x, window))
    spectra = tensor(sample("fft", (5, 6))).requires_grad_()
    gradcheck(lambda s, w: ember.istft(s, 8, 3, window=w), (spectra, window))


def test_short_time_warnings():
    with pytest.warns(UserWarning, match="A window was not provided"):
        spectra = ember.stft(ember.ones(40), 16, return_complex=True)
    with pytest.warns(UserWarning, match="signal is shorter than the length"):
        assert ember.istft(spectra, 16, window=ember.ones(16), length=60).shape == (60,)


# ---- windows ----------------------------------------------------------------------------------------------------------

WINDOWS = {
    "bartlett": {},
    "blackman": {},
    "cosine": {},
    "exponential": {"tau": 2.0},
    "gaussian": {"std": 1.5},
    "general_cosine": {"a": [0.4, 0.3, 0.2, 0.1]},
    "general_hamming": {"alpha": 0.6},
    "hamming": {},
    "hann": {},
    "kaiser": {"beta": 6.0},
    "nuttall": {},
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name):
    for size in (0, 1, 2, 5, 8):
        for sym in (True, False):
            options = {**WINDOWS[name], "sym": sym}
            found = getattr(ember.signal.windows, name)(size, dtype=ember.float64, **options).numpy()
            wanted = getattr(scipy.signal.windows, name)(size, **options)
            assert np.allclose(found, wanted, rtol=0, atol=2**-50), (size, options)


def test_takes_numpys_names():
    x = ember.ones(3, 4)
    assert ember.equal(ember.fft.fft(x=x, axis=0), ember.fft.fft(x, dim=0))
    assert ember.equal(ember.fft.irfft2(a=x, axis=(0, 1)), ember.fft.irfft2(x))
    assert ember.equal(ember.fft.fftshift(x, axis=1), ember.fft.fftshift(x, 1))


ERRORS = {
    "fft.fft(ember.ones(3).half())": "dtype",
    "fft.fft(ember.ones(3), 0)": "Invalid number of data points (0)",
    "fft.fft(ember.ones(3), norm='x')": "Invalid normalization mode",
    "fft.rfft(ember.ones(3, dtype=ember.complex64))": "expects a real input",
    "fft.fftn(ember.ones(3, 3), dim=(0, 0))": "must be unique",
    "stft(ember.ones(40), 16)": "requires the return_complex parameter",
    "stft(ember.ones(8), 16, window=ember.ones(16), center=False, return_complex=True)": "0 < n_fft <= 8",
    "istft(ember.ones(9, 3), 16)": "requires a complex-valued input",
    "signal.windows.hann(-1)": "non-negative window length",
}


@pytest.mark.parametrize(("call", "text"), ERRORS.items())
def test_errors(call, text):
    with pytest.raises((RuntimeError, ValueError)) as caught:
        eval("ember." + call)
    assert text in str(caught.value)
