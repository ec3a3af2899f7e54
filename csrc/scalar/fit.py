"""The minimax fits behind the constants of csrc/scalar: `python csrc/scalar/fit.py [name ...]` prints coefficients.

Each fit finds c_i so that the largest |weight(x) (target(x) - sum c_i variable(x)^i)| over the interval is least (Remez
exchange). The weight turns the polynomial's error into the relative error of the function that it serves. Coefficients are
rounded one after the other, lowest first, and the rest is fitted again, so that rounding them costs almost nothing.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import mp, mpf

mp.dps = 45
Function = Callable[[mpf], mpf]


@dataclass
class Fit:
    target: Function
    weight: Function
    low: mpf | float
    high: mpf | float
    degree: int
    variable: Function = lambda x: x
    double: bool = True


def mpf_double(value: mpf) -> mpf:
    return mpf(float(value))


def to_float32(value: mpf) -> mpf:
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def remez(target: list[mpf], weight: list[mpf], variable: list[mpf], powers: list[int]) -> tuple[list[mpf], mpf]:
    """Coefficients of variable^p for p in powers, and the weighted error, on a grid of points."""
    terms, size = len(powers), len(target)
    chosen = [round((1 - mpmath.cos(mp.pi * i / terms)) / 2 * (size - 1)) for i in range(terms + 1)]
    for _ in range(30):
        matrix = mp.matrix(terms + 1, terms + 1)
        for row, at in enumerate(chosen):
            for column, power in enumerate(powers):
                matrix[row, column] = variable[at] ** power
            matrix[row, terms] = (-1) ** row / weight[at]
        solution = mp.lu_solve(matrix, mp.matrix([target[at] for at in chosen]))
        coefficients = list(solution[:terms])
        errors = []
        for f, w, v in zip(target, weight, variable):
            errors.append(w * (f - sum(c * v**p for c, p in zip(coefficients, powers))))
        extrema: list[int] = []  # the largest error of each run of one sign
        for at in range(size):
            if extrema and (errors[at] > 0) == (errors[extrema[-1]] > 0):
                if abs(errors[at]) > abs(errors[extrema[-1]]):
                    extrema[-1] = at
            else:
                extrema.append(at)
        while len(extrema) > terms + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < terms + 1:
            break
        largest = max(abs(e) for e in errors)
        chosen = extrema
        if largest < abs(solution[terms]) * mpf("1.01"):
            break
    return coefficients, max(abs(e) for e in errors)


def solve(fit: Fit) -> tuple[list[mpf], mpf]:
    """The rounded coefficients and the largest weighted error with them."""
    size = 40 * (fit.degree + 3)
    low, high = mpf(fit.low), mpf(fit.high)
    points = [low + (high - low) * (1 - mpmath.cos(mp.pi * (i + mpf(0.5)) / size)) / 2 for i in range(size)]
    target, weight = [fit.target(x) for x in points], [abs(fit.weight(x)) for x in points]
    variable = [fit.variable(x) for x in points]

    def error(coefficients: list[mpf]) -> mpf:
        found = [sum(c * v**i for i, c in enumerate(coefficients)) for v in variable]
        return max(abs(w * (f - p)) for f, w, p in zip(target, weight, found))

    nearest = mpf_double if fit.double else to_float32
    rest = remez(target, weight, variable, list(range(fit.degree + 1)))[0]
    candidates = [[nearest(c) for c in rest]]
    rounded: list[mpf] = []
    left = target
    for power in range(fit.degree if not fit.double else 3):
        rounded.append(nearest(rest[0]))
        left = [f - rounded[-1] * v**power for f, v in zip(left, variable)]
        rest = remez(left, weight, variable, list(range(power + 1, fit.degree + 1)))[0]
        candidates.append(rounded + [nearest(c) for c in rest])
    best = min(candidates, key=error)
    return best, error(best)


def _exp_rest(r: mpf) -> mpf:
    return (mpmath.expm1(r) - r) / r**2


def _log_rest(z: mpf) -> mpf:  # (log((1 + s) / (1 - s)) - 2 s) / s^3 with z = s^2
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def _root(function: Callable[[mpf], mpf], z: mpf) -> mpf:  # (function(x) - x) / x^3 with z = x^2
    x = mpmath.sqrt(z)
    return (function(x) - x) / x**3


def _odd_weight(function: Callable[[mpf], mpf]) -> Function:
    return lambda z: mpmath.sqrt(z) ** 3 / function(mpmath.sqrt(z))


def _erfcx(x: mpf) -> mpf:
    return mpmath.exp(x * x) * mpmath.erfc(x)


def _tail(t: mpf) -> mpf:  # P(Z < -t) exp(t^2 / 2) of the normal distribution
    return _erfcx(t / mpmath.sqrt(2)) / 2


def _lgamma_core(x: mpf) -> mpf:
    return mpmath.loggamma(x) / ((x - 1) * (x - 2))


HALF_LOG2 = mpmath.log(2) / 2 * mpf("1.0001")
QUARTER_PI = mp.pi / 4 * mpf("1.0001")
TINY = mpf("1e-8")
SQRT_HALF = mpmath.sqrt(mpf("0.5"))

FITS: dict[str, Fit] = {
    # exp(r) = 1 + r + r^2 q(r), |r| <= log(2) / 2
    "exp": Fit(_exp_rest, lambda r: r**2 / mpmath.expm1(r), -HALF_LOG2, HALF_LOG2, 10),
    "exp_float": Fit(_exp_rest, lambda r: r**2 / mpmath.expm1(r), -HALF_LOG2, HALF_LOG2, 4, double=False),
    # log((1 + s) / (1 - s)) = 2 s + s^3 R(s^2), |s| <= 3 - 2 sqrt(2)
    "log": Fit(_log_rest, lambda z: z / 2, TINY, (3 - 2 * mpmath.sqrt(2)) ** 2, 6),
    # log(1 + f) = f - f^2 / 2 + f^3 L(f), sqrt(1/2) <= 1 + f <= sqrt(2)
    "log_float": Fit(
        lambda f: (mpmath.log1p(f) - f + f * f / 2) / f**3,
        lambda f: f**3 / mpmath.log1p(f),
        SQRT_HALF - 1,
        mpmath.sqrt(2) - 1,
        8,
        double=False,
    ),
    "sin": Fit(lambda z: _root(mpmath.sin, z), _odd_weight(mpmath.sin), TINY, QUARTER_PI**2, 5),
    "sin_float": Fit(lambda z: _root(mpmath.sin, z), _odd_weight(mpmath.sin), TINY, QUARTER_PI**2, 2, double=False),
    "cos": Fit(
        lambda z: (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2,
        lambda z: z**2 / mpmath.cos(mpmath.sqrt(z)),
        TINY,
        QUARTER_PI**2,
        5,
    ),
    "cos_float": Fit(
        lambda z: (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2,
        lambda z: z**2 / mpmath.cos(mpmath.sqrt(z)),
        TINY,
        QUARTER_PI**2,
        2,
        double=False,
    ),
    "asin": Fit(lambda z: _root(mpmath.asin, z), _odd_weight(mpmath.asin), TINY, 0.25, 11),
    "atan": Fit(lambda z: _root(mpmath.atan, z), _odd_weight(mpmath.atan), TINY, mpf("0.41422") ** 2, 10),
    "tanh_float": Fit(lambda z: _root(mpmath.tanh, z), _odd_weight(mpmath.tanh), TINY, mpf("0.625") ** 2, 4, double=False),
    # erf(x) = x + x E(x^2)
    "erf": Fit(
        lambda z: mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1,
        lambda z: mpmath.sqrt(z) / mpmath.erf(mpmath.sqrt(z)),
        TINY,
        mpf("0.7") ** 2,
        10,
    ),
    "erf_float": Fit(
        lambda z: mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1,
        lambda z: mpmath.sqrt(z) / mpmath.erf(mpmath.sqrt(z)),
        TINY,
        mpf("0.9375") ** 2,
        5,
        double=False,
    ),
    # erf(x) = 1 - exp(q(x - 1)) beyond 0.9375; 1 - erf(4) is below half a last place of 1
    "erf_tail_float": Fit(
        lambda x: mpmath.log(mpmath.erfc(x)),
        lambda x: mpmath.erfc(x),
        mpf("0.9375"),
        4,
        7,
        variable=lambda x: x - 1,
        double=False,
    ),
    # P(Z < -t) = exp(-t^2 / 2) C(u) / (t + 4) of the normal distribution, u = (t - 4) / (t + 4); it underflows at t = 14.2
    "tail_float": Fit(
        lambda u: _tail(4 * (1 + u) / (1 - u)) * 8 / (1 - u),
        lambda u: (1 - u) / (8 * _tail(4 * (1 + u) / (1 - u))),
        -1,
        mpf("10.5") / mpf("18.5"),
        9,
        double=False,
    ),
    # erfcx(x) = exp(x^2) erfc(x) = C(t) / (1 + 2 x), t = (x - 4) / (x + 4) (Shepherd and Laframboise 1981)
    "erfcx": Fit(
        lambda t: _erfcx(4 * (1 + t) / (1 - t)) * (1 + 8 * (1 + t) / (1 - t)),
        lambda t: 1 / (_erfcx(4 * (1 + t) / (1 - t)) * (1 + 8 * (1 + t) / (1 - t))),
        -1,
        mpf("0.999"),
        24,
    ),
    # log((1 + s) / (1 - s)) = 2 s + 2/3 s^3 + s^5 Q(s^2): the part of pow's logarithm that double-double leaves over
    "log_pow": Fit(
        lambda z: (_log_rest(z) - mpf(2) / 3) / z,
        lambda z: z * z / 2,
        TINY,
        (3 - 2 * mpmath.sqrt(2)) ** 2,
        7,
    ),
    # lgamma(2 + d) = d G(d), |d| <= 1/2
    "lgamma": Fit(
        lambda d: mpmath.loggamma(2 + d) / d,
        lambda d: d / mpmath.loggamma(2 + d),
        mpf("-0.5"),
        mpf("0.50001"),
        18,
    ),
    # lgamma(x) = (x - 1/2) log(x) - x + log(2 pi) / 2 + S(1 / x^2) / x, x >= 8
    "stirling": Fit(
        lambda z: (mpmath.loggamma(z**-0.5) - (z**-0.5 - 0.5) * mpmath.log(z**-0.5) + z**-0.5 - mpmath.log(2 * mp.pi) / 2) / z**0.5,
        lambda z: mpf(1) / 64,
        mpf("1e-6"),
        mpf(1) / 64,
        6,
    ),
    # digamma(x) = log(x) - 1 / (2 x) - D(1 / x^2) / x^2, x >= 10
    "digamma": Fit(
        lambda z: (mpmath.log(z**-0.5) - z**0.5 / 2 - mpmath.digamma(z**-0.5)) / z,
        lambda z: mpf(1) / 100,
        mpf("1e-6"),
        mpf("0.01"),
        6,
    ),
    # erfinv(x) = x W(w), w = -log(1 - x^2): in w below 5, in sqrt(w) up to 1 - x = 2^-54 (Giles 2010); refined by one step
    "erfinv": Fit(
        lambda w: mpmath.erfinv(mpmath.sqrt(-mpmath.expm1(-w))) / mpmath.sqrt(-mpmath.expm1(-w)),
        lambda w: mpmath.sqrt(-mpmath.expm1(-w)) / mpmath.erfinv(mpmath.sqrt(-mpmath.expm1(-w))),
        TINY,
        5,
        9,
        variable=lambda w: w - mpf("2.5"),
    ),
    "erfinv_tail": Fit(
        lambda s: mpmath.erfinv(mpmath.sqrt(-mpmath.expm1(-s * s))) / mpmath.sqrt(-mpmath.expm1(-s * s)),
        lambda s: mpmath.sqrt(-mpmath.expm1(-s * s)) / mpmath.erfinv(mpmath.sqrt(-mpmath.expm1(-s * s))),
        mpmath.sqrt(5),
        mpf("6.1"),
        10,
        variable=lambda s: s - 4,
    ),
    # I0(x) = A(x^2 / 4), I1(x) = x / 2 B(x^2 / 4), x <= 8; exp(-x) I(x) = C(1 / x) / sqrt(x) beyond
    "i0": Fit(lambda z: mpmath.besseli(0, 2 * mpmath.sqrt(z)), lambda z: 1 / mpmath.besseli(0, 2 * mpmath.sqrt(z)), TINY, 16, 18),
    "i1": Fit(
        lambda z: mpmath.besseli(1, 2 * mpmath.sqrt(z)) / mpmath.sqrt(z),
        lambda z: mpmath.sqrt(z) / mpmath.besseli(1, 2 * mpmath.sqrt(z)),
        TINY,
        16,
        18,
    ),
    "i0_tail": Fit(
        lambda v: mpmath.besseli(0, 1 / v) * mpmath.exp(-1 / v) / mpmath.sqrt(v),
        lambda v: mpmath.sqrt(v) / (mpmath.besseli(0, 1 / v) * mpmath.exp(-1 / v)),
        mpf("1e-4"),
        mpf("0.125"),
        16,
    ),
    "i1_tail": Fit(
        lambda v: mpmath.besseli(1, 1 / v) * mpmath.exp(-1 / v) / mpmath.sqrt(v),
        lambda v: mpmath.sqrt(v) / (mpmath.besseli(1, 1 / v) * mpmath.exp(-1 / v)),
        mpf("1e-4"),
        mpf("0.125"),
        16,
    ),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FITS:
        coefficients, error = solve(FITS[name])
        print(f"{name}: error 2^{float(mpmath.log(error, 2)):.1f}")
        print("   ", ", ".join(repr(float(c)) if FITS[name].double else f"{float(c):.9g}f" for c in coefficients))
