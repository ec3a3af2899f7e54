"""torch.fft, stft and istft beside PyTorch: values, gradients, dtypes, signatures, types of errors."""

from __future__ import annotations

import inspect

import numpy
import pytest

torch = pytest.importorskip("torch")

import ember  # noqa: E402

SHAPE = (4, 3, 5)
EPSILON = {torch.float32: 2**-23, torch.float64: 2**-52, torch.complex64: 2**-23, torch.complex128: 2**-52}
ULP = 64  # of the largest value: a transform's error grows with the logarithm of the number of points

ONE = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
MANY = [name + "n" for name in ONE]
TWO = [name + "2" for name in ONE]
ONE_ARGUMENTS = [{}, {"n": 7}, {"n": 3}, {"n": 1}, {"dim": 0}, {"n": 6, "dim": 1}, {"dim": -2}]
TWO_ARGUMENTS = [{}, {"s": (4, 6)}, {"s": (2, -1)}, {"dim": (0, 2)}, {"s": (3, 5), "dim": (1, 0)}]
MANY_ARGUMENTS = [
    *TWO_ARGUMENTS,
    {"s": (6,)},
    {"s": 6},
    {"dim": 1},
    {"dim": (1,)},
    {"s": (2, 3, 4)},
    {"dim": [2, 0, 1]},
]
CASES = [
    *((name, options) for name in ONE for options in ONE_ARGUMENTS),
    *((name, options) for name in TWO for options in TWO_ARGUMENTS),
    *((name, options) for name in MANY for options in MANY_ARGUMENTS),
]
REAL_INPUT = {name for name in (*ONE, *TWO, *MANY) if name.startswith(("rfft", "ihfft"))}


def sample(shape, complex_numbers, seed=0):
    random = numpy.random.default_rng(seed)
    values = random.normal(size=shape)
    return values + 1j * random.normal(size=shape) if complex_numbers else values


def compare(ours, theirs, where, ulp=ULP):
    assert str(ours.dtype) == str(theirs.dtype), where
    assert tuple(ours.shape) == tuple(theirs.shape), where
    expected = theirs.detach().resolve_conj().numpy()
    tolerance = ulp * EPSILON[theirs.dtype] * max(1, numpy.abs(expected).max(initial=0))
    assert numpy.allclose(ours.detach().numpy(), expected, rtol=0, atol=tolerance), where


def both(function, array, dtype, second=False):
    """Result and gradients (with `second` of the gradient too) of `function(T, x)` in both packages."""
    results = []
    for T in (ember, torch):
        x = T.from_numpy(array).to(getattr(T, dtype)).requires_grad_()
        y = function(T, x)
        weights = T.from_numpy(sample(tuple(y.shape), y.is_complex(), seed=1)).to(y.dtype)
        (gradient,) = T.autograd.grad(y, x, weights.requires_grad_(), create_graph=second)
        found = [y, gradient]
        if second:
            found.append(T.autograd.grad(gradient, weights, T.ones_like(gradient) * x.detach())[0])
        results.append(found)
    return results


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("norm", [None, "backward", "forward", "ortho"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_transforms(name, options, norm, dtype):
    if name in REAL_INPUT and "complex" in dtype:
        pytest.skip("takes real values")
    array = sample(SHAPE, "complex" in dtype)
    ours, theirs = both(lambda T, x: getattr(T.fft, name)(x, norm=norm, **options), array, dtype, second=True)
    for mine, other in zip(ours, theirs, strict=True):
        compare(mine, other, f"{name} {options}")


@pytest.mark.parametrize("dtype", ["int64", "bool", "uint8", "float32", "float64"])
@pytest.mark.parametrize("name", ONE)
def test_dtypes(name, dtype):
    array = numpy.arange(12).reshape(3, 4) % 5
    ours, theirs = (getattr(T.fft, name)(T.from_numpy(array).to(getattr(T, dtype))) for T in (ember, torch))
    compare(ours, theirs, name)


@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name):
    for n in range(1, 8):
        for options in ({}, {"d": 0.1}, {"dtype": "float64"}):
            made = [
                getattr(T.fft, name)(n, **{k: getattr(T, v) if k == "dtype" else v for k, v in options.items()})
                for T in (ember, torch)
            ]
            compare(*made, f"{name} {n} {options}", ulp=1)


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts(name):
    for dim in (None, 0, -1, (0, 2), [1]):
        ours, theirs = (getattr(T.fft, name)(T.from_numpy(sample(SHAPE, False)), dim) for T in (ember, torch))
        compare(ours, theirs, f"{name} {dim}", ulp=0)


ERRORS = """
fft(x.half()) | fft(x.bfloat16()) | fft(x, n=0) | fft(x, n=-1) | fft(x, dim=3) | fft(x, norm='x') | fft(x[0, 0, 0])
rfft(c) | ihfft(c) | irfft(c[..., :1]) | irfft(c, n=0) | fft(x[..., :0]) | fftn(x, s=(3,), dim=(0, 1)) | fftn(x, dim=(0, 0))
fftn(x, s=(3, 3, 3, 3)) | fft2(x[0, 0]) | rfftn(x[0, 0, 0]) | irfftn(x[0, 0, 0]) | rfftn(x, dim=()) | fft2(x, s=(3,))
fftfreq(-1) | fftfreq(5, dtype=T.int64) | fftshift(x, 3) | fft([1, 2]) | fft(x, out=T.empty(0)) | fft(x, 2**40)
irfft(c, out=T.empty(0, dtype=T.complex64)) | fft(x, 2.5) | fft(x, dim='0')
"""


@pytest.mark.parametrize("call", [part.strip() for line in ERRORS.strip().splitlines() for part in line.split("|")])
def test_errors(call):
    found = []
    for T in (ember, torch):
        values = {"x": T.ones(2, 3, 4), "c": T.ones(2, 3, 4, dtype=T.complex64), "T": T}
        with pytest.raises(Exception) as caught:
            eval("T.fft." + call, values)
        found.append(caught.type)
    assert issubclass(found[0], found[1]), found


def test_names():
    theirs = {name for name in dir(torch.fft) if type(getattr(torch.fft, name)) is type(torch.fft.fft)}
    assert {name for name in theirs if not name.startswith("_")} == set(ember.fft.__all__)


# ---- short-time transforms --------------------------------------------------------------------------------------------


def window_of(T, name, size, dtype):
    if name is None:
        return None
    return T.hann_window(size, dtype=getattr(T, dtype)) if name == "hann" else T.ones(size, dtype=T.complex64)


STFT = [
    {"n_fft": 16},
    {"n_fft": 16, "hop_length": 5},
    {"n_fft": 16, "win_length": 8},
    {"n_fft": 15, "win_length": 8, "hop_length": 3},
    {"n_fft": 16, "center": False},
    {"n_fft": 16, "center": False, "win_length": 8, "align_to_window": True},
    {"n_fft": 16, "pad_mode": "constant"},
    {"n_fft": 16, "pad_mode": "replicate"},
    {"n_fft": 16, "pad_mode": "circular"},
    {"n_fft": 16, "normalized": True},
    {"n_fft": 16, "win_length": 10, "normalized": True},
    {"n_fft": 16, "onesided": False},
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("window", [None, "hann"])
@pytest.mark.parametrize("shape", [(40,), (2, 40)])
@pytest.mark.parametrize("options", STFT, ids=str)
def test_stft(options, shape, window):
    def transformed(T, x):
        bell = window_of(T, window, options.get("win_length", options["n_fft"]), "float64")
        return T.stft(x, window=bell, return_complex=True, **options)

    ours, theirs = both(transformed, sample(shape, False), "float64", second=True)
    for mine, other in zip(ours, theirs, strict=True):
        compare(mine, other, str(options))
    assert ours[0].stride() == theirs[0].stride()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("complex_input", "options"),
    [
        (False, {"return_complex": False}),
        (True, {}),
        (True, {"onesided": False, "return_complex": True}),
        (True, {"return_complex": False}),
    ],
)
def test_stft_results(complex_input, options):
    ours, theirs = both(
        lambda T, x: T.stft(x, 16, window=T.hann_window(16), **options),
        sample((2, 40), complex_input),
        "complex64" if complex_input else "float32",
    )
    for mine, other in zip(ours, theirs, strict=True):
        compare(mine, other, str(options))


@pytest.mark.filterwarnings("ignore")
def test_stft_meets_its_window_s_dtype():
    for dtype in ("float64", "float32", "int64", "complex64"):
        made = [
            T.stft(T.ones(40), 16, window=T.ones(16, dtype=getattr(T, dtype)), return_complex=True)
            for T in (ember, torch)
        ]
        compare(*made, dtype)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("batch", [(), (2,)])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"length": 37},
        {"length": 60},
        {"hop_length": 5},
        {"win_length": 12},
        {"normalized": True},
        {"onesided": False},
        {"center": False},
        {"center": False, "length": 40},
        {"onesided": False, "return_complex": True},
    ],
    ids=str,
)
def test_istft(options, batch):
    def inverse(T, x):
        size = options.get("win_length", 16)
        bell = T.hamming_window(size, dtype=T.float64)
        return T.istft(x, 16, window=bell, **options)

    rows = 16 if options.get("onesided") is False else 9
    ours, theirs = both(inverse, sample((*batch, rows, 11), True), "complex128", second=True)
    for mine, other in zip(ours, theirs, strict=True):
        compare(mine, other, str(options), ulp=256)


STFT_ERRORS = """
stft(x, 16) | stft(z, 16, window=w, onesided=True, return_complex=True) | stft(x[None], 16, return_complex=True)
stft(x, 60, center=False, return_complex=True) | stft(x, 100, return_complex=True) | stft(x, 16, 0, return_complex=True)
stft(x, 16, win_length=20, return_complex=True) | stft(x, 16, win_length=8, window=w, return_complex=True)
stft(x.long(), 16, return_complex=True) | stft(x.half(), 16, return_complex=True) | stft(x, 0, return_complex=True)
stft(x, 16, pad_mode='other', return_complex=True) | stft(x, 16, align_to_window=True, return_complex=True)
istft(S, 16, window=w, center=False) | istft(S.abs(), 16) | istft(T.view_as_real(S), 16) | istft(S, 16, return_complex=True)
istft(S, 16, hop_length=20) | istft(S, 16, hop_length=0) | istft(S, 16, win_length=8, window=w) | istft(S, 16, win_length=20)
istft(S, 14) | istft(S[..., :0], 16) | istft(S[0, 0], 16) | istft(S, 16, window=w + 0j) | istft(S, 16, window=0 * w)
istft(S, 16, window=w + 0j, return_complex=True) | istft(S, 16, length=0) | istft(S, 16, length=-1)
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "call", [part.strip() for line in STFT_ERRORS.strip().splitlines() for part in line.split("|")]
)
def test_stft_errors(call):
    found = []
    for T in (ember, torch):
        x = T.ones(2, 40)
        S = T.ones(2, 9, 11, dtype=T.complex64)
        values = {"x": x, "z": x.to(T.complex64), "w": T.hann_window(16), "S": S, "T": T}
        with pytest.raises(Exception) as caught:
            eval("T." + call, values)
        found.append(caught.type)
    assert issubclass(found[0], found[1]), found


def test_stft_signatures():
    for name in ("stft",):
        ours, theirs = (inspect.signature(getattr(T, name)) for T in (ember, torch))
        assert [(p.name, p.default) for p in ours.parameters.values()] == [
            (p.name, p.default) for p in theirs.parameters.values()
        ]


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
            ours, theirs = (getattr(T.signal.windows, name)(size, dtype=T.float64, **options) for T in (ember, torch))
            compare(ours, theirs, f"{name} {size} {options}", ulp=8)
    ours, theirs = (inspect.signature(getattr(T.signal.windows, name)) for T in (ember, torch))
    assert [(p.name, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.kind) for p in theirs.parameters.values()
    ]
    for p, q in zip(ours.parameters.values(), theirs.parameters.values(), strict=True):
        assert p.default == q.default or p.name == "layout", p


def test_names_of_windows():
    assert set(ember.signal.windows.__all__) == set(torch.signal.windows.__all__)
    for call in ("hann(-1)", "hann(4, dtype=T.int64)", "hann(4, dtype=T.complex64)", "exponential(4, tau=0)",
                 "exponential(4, center=1.0)", "gaussian(4, std=0)", "general_cosine(4, a=3)", "general_cosine(4, a=[])"):  # fmt: skip
        found = []
        for T in (ember, torch):
            with pytest.raises(Exception) as caught:
                eval("T.signal.windows." + call, {"T": T})
            found.append(caught.type)
        assert issubclass(found[0], found[1]), (call, found)
