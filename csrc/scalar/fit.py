"""The minimax fits behind the constants of csrc/scalar: `python csrc/scalar/fit.py [name ...]` prints coefficients.

Each fit makes the largest |weight(x) (target(x) - p(variable(x)))| over an interval least (Remez exchange).
The weight turns the polynomial's error into the relative error of the function that it serves. Float coefficients are
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
    """A polynomial p of the given degree with p(variable(x)) = target(x) about."""

    target: Function
    weight: Function
    low: mpf | float
    high: mpf | float
    degree: int
    variable: Function = lambda x: x
    double: bool = True


@dataclass
class Ratio:
    """p(x) / q(x) = target(x) about, in relative terms, with q's highest coefficient given."""

    target: Function
    warp: Function  # from [low, high], where points lie as Chebyshev's do, to x
    low: mpf | float
    high: mpf | float
    degrees: tuple[int, int]
    highest: float
    double: bool = True


def to_float32(value: mpf) -> mpf:
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def to_float64(value: mpf) -> mpf:
    return mpf(float(value))


def chebyshev_points(low: mpf | float, high: mpf | float, size: int) -> list[mpf]:
    low, high = mpf(low), mpf(high)
    return [low + (high - low) * (1 - mpmath.cos(mp.pi * (i + mpf(0.5)) / size)) / 2 for i in range(size)]


def remez(target: list[mpf], weight: list[mpf], variable: list[mpf], powers: list[int]) -> list[mpf]:
    """Coefficients of variable^p for p in powers, on a grid of points."""
    terms, size = len(powers), len(target)
    chosen = [round((1 - mpmath.cos(mp.pi * i / terms)) / 2 * (size - 1)) for i in range(terms + 1)]
    coefficients: list[mpf] = []
    for _ in range(30):
        matrix = mp.matrix(terms + 1, terms + 1)
        for row, at in enumerate(chosen):
            for column, power in enumerate(powers):
                matrix[row, column] = variable[at] ** power
            matrix[row, terms] = (-1) ** row / weight[at]
        solution = mp.lu_solve(matrix, mp.matrix([target[at] for at in chosen]))
        coefficients = list(solution[:terms])
        errors = [
            w * (f - sum(c * v**p for c, p in zip(coefficients, powers, strict=True)))
            for f, w, v in zip(target, weight, variable, strict=True)
        ]
        extrema: list[int] = []  # the largest error of each run of one sign
        for at in range(size):
            if not extrema or (errors[at] > 0) != (errors[extrema[-1]] > 0):
                extrema.append(at)
            elif abs(errors[at]) > abs(errors[extrema[-1]]):
                extrema[-1] = at
        while len(extrema) > terms + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < terms + 1 or max(map(abs, errors)) < abs(solution[terms]) * mpf("1.01"):
            break
        chosen = extrema
    return coefficients


def solve_polynomial(fit: Fit) -> tuple[list[list[mpf]], mpf]:
    """The rounded coefficients and the largest weighted error with them."""
    points = chebyshev_points(fit.low, fit.high, 40 * (fit.degree + 3))
    target, weight = [fit.target(x) for x in points], [abs(fit.weight(x)) for x in points]
    variable = [fit.variable(x) for x in points]

    def error(coefficients: list[mpf]) -> mpf:
        found = [sum(c * v**i for i, c in enumerate(coefficients)) for v in variable]
        return max(abs(w * (f - p)) for f, w, p in zip(target, weight, found, strict=True))

    nearest = to_float64 if fit.double else to_float32
    rest = remez(target, weight, variable, list(range(fit.degree + 1)))
    candidates = [[nearest(c) for c in rest]]
    rounded: list[mpf] = []
    left = target
    for power in range(min(fit.degree, 3) if fit.double else fit.degree):
        rounded.append(nearest(rest[0]))
        left = [f - rounded[-1] * v**power for f, v in zip(left, variable, strict=True)]
        rest = remez(left, weight, variable, list(range(power + 1, fit.degree + 1)))
        candidates.append(rounded + [nearest(c) for c in rest])
    best = min(candidates, key=error)
    return [best], error(best)


def solve_ratio(fit: Ratio) -> tuple[list[list[mpf]], mpf]:
    """Lawson's reweighted least squares of p - target q, whose weights follow the error and the last q."""
    points = [fit.warp(u) for u in chebyshev_points(fit.low, fit.high, 120)]
    target = [fit.target(x) for x in points]
    upper, lower = fit.degrees
    keys = [(0, i) for i in range(upper + 1)] + [(1, i) for i in range(lower)]
    columns = {(part, i): [x**i * (-f if part else 1) for x, f in zip(points, target, strict=True)] for part, i in keys}
    right = [fit.highest * f * x**lower for x, f in zip(points, target, strict=True)]
    fixed: dict[tuple[int, int], mpf] = {}
    attention, bottom = [mpf(1)] * len(points), [x**lower + 1 for x in points]

    def improve(steps: int) -> tuple[mpf, dict[tuple[int, int], mpf]]:
        nonlocal attention, bottom
        best: tuple[mpf, dict[tuple[int, int], mpf]] = (mpf(10), dict(fixed))
        state = attention, bottom
        for _ in range(steps):
            free = [key for key in keys if key not in fixed]
            weight = [a / (f * q) ** 2 for a, f, q in zip(attention, target, bottom, strict=True)]
            rest = [r - sum(fixed[key] * columns[key][i] for key in fixed) for i, r in enumerate(right)]
            matrix = mp.matrix(len(free), len(free))
            vector = mp.matrix(len(free), 1)
            for row, key in enumerate(free):
                weighted = [c * w for c, w in zip(columns[key], weight, strict=True)]
                vector[row] = mpmath.fdot(weighted, rest)
                for column, other in enumerate(free):
                    matrix[row, column] = mpmath.fdot(weighted, columns[other])
            values = dict(zip(free, mp.lu_solve(matrix, vector), strict=True)) if free else {}
            values.update(fixed)
            top = [sum(values[0, i] * x**i for i in range(upper + 1)) for x in points]
            bottom = [fit.highest * x**lower + sum(values[1, i] * x**i for i in range(lower)) for x in points]
            errors = [abs(p / q / f - 1) for p, q, f in zip(top, bottom, target, strict=True)]
            if max(errors) < best[0]:
                best, state = (max(errors), values), (attention, bottom)
            scale = sum(a * e for a, e in zip(attention, errors, strict=True)) / len(points)
            attention = [a * e / scale for a, e in zip(attention, errors, strict=True)]
        attention, bottom = state
        return best

    error, values = improve(30)
    for key in [] if fit.double else sorted(keys, key=lambda key: key[::-1]):
        fixed[key] = to_float32(values[key])
        error, values = improve(6)
    return [[values[0, i] for i in range(upper + 1)], [values[1, i] for i in range(lower)] + [mpf(fit.highest)]], error


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


def _cos_rest(z: mpf) -> mpf:  # with z = x^2
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def _erf_ratio(z: mpf) -> mpf:  # erf(x) / x with z = x^2
    return mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z)


def _erfcx(x: mpf) -> mpf:
    return mpmath.exp(x * x) * mpmath.erfc(x)


def _tail(t: mpf) -> mpf:  # P(Z < -t) exp(t^2 / 2) of the normal distribution
    return _erfcx(t / mpmath.sqrt(2)) / 2


def _erfinv_ratio(w: mpf) -> mpf:  # erfinv(x) / x with w = -log(1 - x^2)
    x = mpmath.sqrt(-mpmath.expm1(-w))
    return mpmath.erfinv(x) / x


def _bessel(order: int, z: mpf) -> mpf:  # I(x) / (x / 2)^order with z = x^2 / 4
    return mpmath.besseli(order, 2 * mpmath.sqrt(z)) / mpmath.sqrt(z) ** order


def _bessel_tail(order: int, v: mpf) -> mpf:  # sqrt(x) exp(-x) I(x) with v = 1 / x
    return mpmath.besseli(order, 1 / v) * mpmath.exp(-1 / v) / mpmath.sqrt(v)


def _bessel_square(t: mpf) -> mpf:  # x with t = x^2 / 32 - 1, which is from -1 to 1 for x up to 8
    return mpmath.sqrt(32 * (1 + t))


def _bessel_y0_rest(x: mpf) -> mpf:
    return mpmath.bessely(0, x) - 2 / mp.pi * mpmath.log(x) * mpmath.besselj(0, x)


def _bessel_y1_rest(x: mpf) -> mpf:
    return (mpmath.bessely(1, x) - 2 / mp.pi * (mpmath.log(x) * mpmath.besselj(1, x) - 1 / x)) / x


def _hankel(order: int, w: mpf) -> tuple[mpf, mpf]:  # P and x Q / 8 with w = (8 / x)^2
    x = 8 / mpmath.sqrt(w)
    phase = x - (2 * order + 1) * mp.pi / 4
    j, y, scale = mpmath.besselj(order, x), mpmath.bessely(order, x), mpmath.sqrt(mp.pi * x / 2)
    p, q = j * mpmath.cos(phase) + y * mpmath.sin(phase), y * mpmath.cos(phase) - j * mpmath.sin(phase)
    return scale * p, scale * q * x / 8


def _bessel_k(order: int, z: mpf) -> mpf:  # without the logarithm, with z = x^2 / 4
    x = 2 * mpmath.sqrt(z)
    logarithm = mpmath.log(x / 2) * mpmath.besseli(order, x)
    return mpmath.besselk(0, x) + logarithm if order == 0 else (mpmath.besselk(1, x) - logarithm) * x


def _bessel_k_tail(order: int, v: mpf) -> mpf:  # sqrt(x) exp(x) K(x) with v = 2 / x
    x = 2 / v
    return mpmath.besselk(order, x) * mpmath.exp(x) * mpmath.sqrt(x)


def _absolute(x: mpf) -> mpf:  # the weight of an absolute error
    return mpf(1)


def _centred(x: mpf) -> mpf:  # from [0, 1] to [-1, 1]
    return 2 * x - 1


def _erfcx_of(t: mpf) -> mpf:  # (1 + 2 x) erfcx(x) with t = (x - 4) / (x + 4)
    x = 4 * (1 + t) / (1 - t)
    return _erfcx(x) * (1 + 2 * x)


def _from_tail(u: mpf) -> mpf:  # t with u = (t - 4) / (t + 4)
    return 4 * (1 + u) / (1 - u)


def _stirling(z: mpf) -> mpf:  # with z = 1 / x^2
    x = 1 / mpmath.sqrt(z)
    return (mpmath.loggamma(x) - (x - mpf(0.5)) * mpmath.log(x) + x - mpmath.log(2 * mp.pi) / 2) * x


def _digamma_tail(z: mpf) -> mpf:  # with z = 1 / x^2
    x = 1 / mpmath.sqrt(z)
    return (mpmath.log(x) - 1 / (2 * x) - mpmath.digamma(x)) / z


def _inverse(function: Function) -> Function:
    return lambda x: 1 / function(x)


HALF_LOG2 = mpmath.log(2) / 2 * mpf("1.0001")
QUARTER_PI = mp.pi / 4 * mpf("1.0001")
TINY = mpf("1e-8")
SQRT_HALF = mpmath.sqrt(mpf("0.5"))
DIGAMMA_ROOT = mpmath.findroot(mpmath.digamma, 1.46)
LOG_END = (3 - 2 * mpmath.sqrt(2)) ** 2
TAIL_END = mpf("10.5") / mpf("18.5")  # u of t = 14.5, where the normal tail has underflowed

FITS: dict[str, Fit | Ratio] = {
    # exp(r) = 1 + r + r^2 q(r), |r| <= log(2) / 2; the error is that of expm1
    "exp": Fit(_exp_rest, lambda r: r**2 / mpmath.expm1(r), -HALF_LOG2, HALF_LOG2, 10),
    "exp_float": Fit(_exp_rest, lambda r: r**2 / mpmath.expm1(r), -HALF_LOG2, HALF_LOG2, 4, double=False),
    "exp_short": Fit(_exp_rest, lambda r: r**2, -HALF_LOG2, HALF_LOG2, 5),
    # log((1 + s) / (1 - s)) = 2 s + s^3 R(s^2), |s| <= 3 - 2 sqrt(2)
    "log": Fit(_log_rest, lambda z: z / 2, TINY, LOG_END, 6),
    "log_short": Fit(_log_rest, lambda z: z / 2, TINY, LOG_END, 3),
    # the same as 2 s + 2/3 s^3 + s^5 Q(s^2): the part of pow's logarithm that double-double leaves over
    "log_pow": Fit(lambda z: (_log_rest(z) - mpf(2) / 3) / z, lambda z: z * z / 2, TINY, LOG_END, 7),
    # log(1 + f) = f - f^2 / 2 + f^3 L(f), sqrt(1/2) <= 1 + f <= sqrt(2)
    "log_float": Fit(
        lambda f: (mpmath.log1p(f) - f + f * f / 2) / f**3,
        lambda f: f**3 / mpmath.log1p(f),
        SQRT_HALF - 1,
        mpmath.sqrt(2) - 1,
        8,
        double=False,
    ),
    # f(x) = x + x^3 P(x^2)
    "sin": Fit(lambda z: _root(mpmath.sin, z), _odd_weight(mpmath.sin), TINY, QUARTER_PI**2, 5),
    "sin_float": Fit(lambda z: _root(mpmath.sin, z), _odd_weight(mpmath.sin), TINY, QUARTER_PI**2, 2, double=False),
    "asin": Fit(lambda z: _root(mpmath.asin, z), _odd_weight(mpmath.asin), TINY, 0.25, 11),
    "asin_float": Fit(lambda z: _root(mpmath.asin, z), _odd_weight(mpmath.asin), TINY, 0.25, 4, double=False),
    "atan": Fit(lambda z: _root(mpmath.atan, z), _odd_weight(mpmath.atan), TINY, mpf("0.41422") ** 2, 10),
    "atan_float": Fit(lambda z: _root(mpmath.atan, z), _odd_weight(mpmath.atan), TINY, 1, 8, double=False),
    "sinh_float": Fit(lambda z: _root(mpmath.sinh, z), _odd_weight(mpmath.sinh), TINY, 1, 3, double=False),
    "tanh_float": Fit(
        lambda z: _root(mpmath.tanh, z), _odd_weight(mpmath.tanh), TINY, mpf("0.625") ** 2, 4, double=False
    ),
    # cos(x) = 1 - x^2 / 2 + x^4 C(x^2)
    "cos": Fit(_cos_rest, lambda z: z**2 / mpmath.cos(mpmath.sqrt(z)), TINY, QUARTER_PI**2, 5),
    "cos_float": Fit(_cos_rest, lambda z: z**2 / mpmath.cos(mpmath.sqrt(z)), TINY, QUARTER_PI**2, 2, double=False),
    # erf(x) = x + x E(x^2)
    "erf": Fit(lambda z: _erf_ratio(z) - 1, _inverse(_erf_ratio), TINY, mpf("0.7") ** 2, 10),
    "erf_float": Fit(lambda z: _erf_ratio(z) - 1, _inverse(_erf_ratio), TINY, mpf("0.9375") ** 2, 5, double=False),
    # erf(x) = 1 - exp(q(x - 1)) beyond 0.9375; 1 - erf(4) is below half a last place of 1
    "erf_tail_float": Fit(
        lambda x: mpmath.log(mpmath.erfc(x)), mpmath.erfc, mpf("0.9375"), 4, 7, variable=lambda x: x - 1, double=False
    ),
    # P(Z < -t) = exp(-t^2 / 2) p(t) / q(t) of the normal distribution
    "tail": Ratio(_tail, _from_tail, -1, TAIL_END, (4, 5), 1.0),
    "tail_float": Ratio(_tail, _from_tail, -1, TAIL_END, (4, 5), 1.1875, double=False),
    # erfcx(x) = exp(x^2) erfc(x) = C(t) / (1 + 2 x), t = (x - 4) / (x + 4) (Shepherd and Laframboise 1981)
    "erfcx": Fit(_erfcx_of, _inverse(_erfcx_of), -1, mpf("0.999"), 24),
    # erfinv(x) = x W(w), w = -log(1 - x^2): in w below 5, in sqrt(w) up to 1 - x = 2^-54 (Giles 2010)
    "erfinv": Fit(_erfinv_ratio, _inverse(_erfinv_ratio), TINY, 5, 9, variable=lambda w: w - mpf("2.5")),
    "erfinv_tail": Fit(
        lambda s: _erfinv_ratio(s * s),
        lambda s: 1 / _erfinv_ratio(s * s),
        mpmath.sqrt(5),
        mpf("6.1"),
        10,
        variable=lambda s: s - 4,
    ),
    # lgamma(2 + d) = d G(d), |d| <= 1/2; lgamma(x) = (x - 1/2) log(x) - x + log(2 pi) / 2 + S(1 / x^2) / x, x >= 8
    "lgamma": Fit(lambda d: mpmath.loggamma(2 + d) / d, lambda d: d / mpmath.loggamma(2 + d), -0.5, mpf("0.50001"), 18),
    "stirling": Fit(_stirling, lambda z: mpf(1) / 64, mpf("1e-6"), mpf(1) / 64, 6),
    # digamma(x) = (x - root) R(x - 3/2), 1 <= x <= 2; digamma(x) = log(x) - 1 / (2 x) - D(1 / x^2) / x^2, x >= 10
    "digamma": Fit(
        lambda x: mpmath.digamma(x) / (x - DIGAMMA_ROOT),
        lambda x: (x - DIGAMMA_ROOT) / mpmath.digamma(x),
        1,
        2,
        22,
        variable=lambda x: x - mpf("1.5"),
    ),
    "digamma_tail": Fit(_digamma_tail, lambda z: mpf("0.01"), mpf("1e-6"), mpf("0.01"), 6),
    # I0(x) = A(x^2 / 4), I1(x) = x / 2 B(x^2 / 4), x <= 10; exp(-x) I(x) = C(1 / x) / sqrt(x) beyond
    "i0": Fit(lambda z: _bessel(0, z), lambda z: 1 / _bessel(0, z), TINY, 25, 21),
    "i1": Fit(lambda z: _bessel(1, z), lambda z: 1 / _bessel(1, z), TINY, 25, 21),
    "i0_tail": Fit(lambda v: _bessel_tail(0, v), lambda v: 1 / _bessel_tail(0, v), mpf("1e-4"), mpf("0.1"), 20),
    "i1_tail": Fit(lambda v: _bessel_tail(1, v), lambda v: 1 / _bessel_tail(1, v), mpf("1e-4"), mpf("0.1"), 20),
    # J0(x), J1(x) / x and what is analytic of Y, 0 < x <= 8, t = x^2 / 32 - 1
    "j0_near_zero": Fit(lambda t: mpmath.besselj(0, _bessel_square(t)), _absolute, TINY - 1, 1, 18),
    "j1_near_zero": Fit(lambda t: mpmath.besselj(1, _bessel_square(t)) / _bessel_square(t), _absolute, TINY - 1, 1, 18),
    "y0_near_zero": Fit(lambda t: _bessel_y0_rest(_bessel_square(t)), _absolute, TINY - 1, 1, 19),
    "y1_near_zero": Fit(lambda t: _bessel_y1_rest(_bessel_square(t)), _absolute, TINY - 1, 1, 19),
    # Hankel's P and Q of J and Y, x >= 8
    "hankel_p0": Fit(lambda w: _hankel(0, w)[0], _absolute, mpf("1e-4"), 1, 16, variable=_centred),
    "hankel_q0": Fit(lambda w: _hankel(0, w)[1], _absolute, mpf("1e-4"), 1, 16, variable=_centred),
    "hankel_p1": Fit(lambda w: _hankel(1, w)[0], _absolute, mpf("1e-4"), 1, 16, variable=_centred),
    "hankel_q1": Fit(lambda w: _hankel(1, w)[1], _absolute, mpf("1e-4"), 1, 16, variable=_centred),
    # K0 and K1 for x up to 2, and exp(x) sqrt(x) K(x) from there on
    "k0_near_zero": Fit(lambda z: _bessel_k(0, z), _absolute, TINY, 1, 11),
    "k1_near_zero": Fit(lambda z: _bessel_k(1, z), _absolute, TINY, 1, 11),
    "k0_tail": Fit(lambda v: _bessel_k_tail(0, v), _absolute, mpf("1e-3"), 1, 26, variable=_centred),
    "k1_tail": Fit(lambda v: _bessel_k_tail(1, v), _absolute, mpf("1e-3"), 1, 26, variable=_centred),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FITS:
        fit = FITS[name]
        polynomials, error = solve_polynomial(fit) if isinstance(fit, Fit) else solve_ratio(fit)
        print(f"{name}: error 2^{float(mpmath.log(error, 2)):.1f}")
        for coefficients in polynomials:
            print("   ", ", ".join(repr(float(c)) if fit.double else f"{float(c):.9g}f" for c in coefficients))
