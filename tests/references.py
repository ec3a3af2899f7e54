"""What each pointwise operation should give, for one element, with mpmath: one line an operation.

A function of the operation's tensors and numbers, in the order of its schema. `tests/test_laws.py` holds every pointwise
record against it, and fails for a record that has no line here.
"""

from __future__ import annotations

import math

import mpmath as mp


def _floor_mod(x, y):
    return mp.nan if y == 0 else x - y * mp.floor(x / y)


def _trunc(x):
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def _sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def _softplus(x, beta=1, threshold=20):
    return x if x * beta > threshold else mp.log1p(mp.exp(x * beta)) / beta


def _clamp(x, low, high):
    return min(max(x, low), high)


def _relu6(x):
    return _clamp(x, 0, 6)


def _selu(x):
    return mp.mpf("1.0507009873554804934193349852946") * (
        x if x > 0 else mp.mpf("1.6732632423543772848170429916717") * mp.expm1(x)
    )


def _half_even(x):
    low = mp.floor(x)
    rest = x - low
    return low if rest < 0.5 or (rest == 0.5 and int(low) % 2 == 0) else low + 1


def _briefly(function):
    """`function` with 30 digits: these take long with more."""

    def brief(*numbers):
        with mp.workdps(30):
            return function(*numbers)

    return brief


def _quantile(p):
    if p == 0 or p == 1:
        return -mp.inf if p == 0 else mp.inf
    with mp.workdps(40):
        guess = -mp.sqrt(-2 * mp.log(p)) if p < 0.02 else mp.sqrt(-2 * mp.log(1 - p)) if p > 0.98 else mp.mpf(0)
        return mp.findroot(lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2) - mp.log(p), guess)


REFERENCES = {
    # arithmetic
    "add": lambda x, y, alpha=1: x + alpha * y,
    "sub": lambda x, y, alpha=1: x - alpha * y,
    "rsub": lambda x, y, alpha=1: y - alpha * x,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "pow": lambda x, y: mp.power(x, y),
    "remainder": _floor_mod,
    "fmod": lambda x, y: x - y * _trunc(x / y),
    "floor_divide": lambda x, y: mp.floor(x / y),
    "_trunc_divide": lambda x, y: _trunc(x / y),
    "maximum": max,
    "minimum": min,
    "fmax": max,
    "fmin": min,
    "clamp_min": max,
    "clamp_max": min,
    "_clamp": lambda x, low, high: min(max(x, low), high),
    "where": lambda c, x, y: x if c != 0 else y,
    "lerp": lambda x, end, w: x + w * (end - x),
    "addcmul": lambda x, a, b, value=1: x + value * a * b,
    "addcdiv": lambda x, a, b, value=1: x + value * a / b,
    "hypot": mp.hypot,
    "atan2": mp.atan2,
    "copysign": lambda x, y: mp.mpf(math.copysign(float(x), float(y))),
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    # comparison
    "eq": lambda x, y: x == y,
    "ne": lambda x, y: x != y,
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y,
    "logical_and": lambda x, y: x != 0 and y != 0,
    "logical_or": lambda x, y: x != 0 or y != 0,
    "logical_xor": lambda x, y: (x != 0) != (y != 0),
    "logical_not": lambda x: x == 0,
    "isnan": mp.isnan,
    "isinf": mp.isinf,
    "isfinite": lambda x: not (mp.isnan(x) or mp.isinf(x)),
    "isposinf": lambda x: x == mp.inf,
    "isneginf": lambda x: x == -mp.inf,
    "signbit": lambda x: math.copysign(1, float(x)) < 0,
    "bitwise_and": lambda x, y: int(x) & int(y),
    "bitwise_or": lambda x, y: int(x) | int(y),
    "bitwise_xor": lambda x, y: int(x) ^ int(y),
    "bitwise_left_shift": lambda x, y: int(x) << int(y) if y >= 0 else 0,
    "bitwise_right_shift": lambda x, y: int(x) >> (int(y) if y >= 0 else 63),
    "bitwise_not": lambda x: ~int(x),
    # elementary
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "expm1": mp.expm1,
    "log": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": mp.log10,
    "log1p": mp.log1p,
    "sqrt": mp.sqrt,
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": _sigmoid,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfinv": mp.erfinv,
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "digamma": mp.digamma,
    "_polygamma": lambda x, n: mp.polygamma(int(n), x),
    "_normal_cdf": mp.ncdf,
    "sinc": lambda x: mp.mpf(1) if x == 0 else mp.sin(mp.pi * x) / (mp.pi * x),
    "sign": mp.sign,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "trunc": _trunc,
    "frac": lambda x: x - _trunc(x),
    "round": _half_even,
    "abs": abs,
    "deg2rad": mp.radians,
    "rad2deg": mp.degrees,
    "_logit": lambda x: mp.log(x / (1 - x)),
    "_nan_to_num": lambda x, nan=0, posinf=0, neginf=0: (
        nan if mp.isnan(x) else posinf if x == mp.inf else neginf if x == -mp.inf else x
    ),
    # special
    "i0": _briefly(lambda x: mp.besseli(0, x)),
    "i0e": _briefly(lambda x: mp.besseli(0, x) * mp.exp(-abs(x))),
    "i1": _briefly(lambda x: mp.besseli(1, x)),
    "i1e": _briefly(lambda x: mp.besseli(1, x) * mp.exp(-abs(x))),
    "bessel_j0": _briefly(lambda x: mp.besselj(0, x)),
    "bessel_j1": _briefly(lambda x: mp.besselj(1, x)),
    "bessel_y0": _briefly(lambda x: mp.bessely(0, x) if x else -mp.inf),
    "bessel_y1": _briefly(lambda x: mp.bessely(1, x) if x else -mp.inf),
    "modified_bessel_k0": _briefly(lambda x: mp.besselk(0, x) if x else mp.inf),
    "modified_bessel_k1": _briefly(lambda x: mp.besselk(1, x) if x else mp.inf),
    "scaled_modified_bessel_k0": _briefly(lambda x: mp.besselk(0, x) * mp.exp(x) if x else mp.inf),
    "scaled_modified_bessel_k1": _briefly(lambda x: mp.besselk(1, x) * mp.exp(x) if x else mp.inf),
    "spherical_bessel_j0": lambda x: mp.sin(x) / x if x else mp.mpf(1),
    "_zeta": _briefly(lambda s, q: mp.zeta(s, q) if s > 1 else mp.nan),
    "entr": lambda x: -x * mp.log(x) if x > 0 else mp.mpf(0),
    "log_ndtr": _briefly(lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)),
    "ndtri": _quantile,
    "_xlogy": lambda x, y: x * mp.log(y) if x else mp.mpf(0),
    "_xlog1py": lambda x, y: x * mp.log1p(y) if x else mp.mpf(0),
    "_gammainc": _briefly(lambda a, x: mp.gammainc(a, 0, x, regularized=True) if a else mp.mpf(1) if x else mp.nan),
    "_gammaincc": _briefly(
        lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True) if a else mp.mpf(0) if x else mp.nan
    ),
    # activations
    "relu": lambda x: max(x, 0),
    "_gelu": lambda x: x * mp.ncdf(x),
    "_gelu_tanh": lambda x: x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))),
    "_glu": lambda x, gate: x * _sigmoid(gate),
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "elu": lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x),
    "selu": _selu,
    "celu": lambda x, alpha=1: x if x > 0 else alpha * mp.expm1(x / alpha),
    "leaky_relu": lambda x, slope=0.01: x if x > 0 else slope * x,
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "logsigmoid": lambda x: -mp.log1p(mp.exp(-x)),
    "hardtanh": lambda x, low=-1, high=1: _clamp(x, low, high),
    "relu6": _relu6,
    "hardsigmoid": lambda x: _relu6(x + 3) / 6,
    "hardswish": lambda x: x * _relu6(x + 3) / 6,
    "hardshrink": lambda x, lambd=0.5: 0 if -lambd <= x <= lambd else x,
    "softshrink": lambda x, lambd=0.5: x - lambd if x > lambd else x + lambd if x < -lambd else 0,
    "tanhshrink": lambda x: x - mp.tanh(x),
    "threshold": lambda x, threshold, value: x if x > threshold else value,
    "_prelu": lambda x, w: x if x > 0 else w * x,
    # losses
    "_squared_error": lambda x, y: (x - y) ** 2,
    "_absolute_error": lambda x, y: abs(x - y),
    "_smooth_l1": lambda x, y, beta=1: (
        (x - y) ** 2 / (2 * beta) if abs(x - y) < beta else abs(x - y) - beta / mp.mpf(2)
    ),
    "_huber": lambda x, y, delta=1: (
        (x - y) ** 2 / 2 if abs(x - y) <= delta else delta * (abs(x - y) - delta / mp.mpf(2))
    ),
    "_bce": lambda p, y: -(y * max(mp.log(p), -100) + (1 - y) * max(mp.log(1 - p), -100)),
    "_bce_with_logits": lambda x, y, w: (1 - y) * x + (1 + (w - 1) * y) * mp.log1p(mp.exp(-x)),
    "_lstm_cell_state": lambda i, f, g, c: _sigmoid(f) * c + _sigmoid(i) * mp.tanh(g),
    "_lstm_cell_output": lambda o, c: _sigmoid(o) * mp.tanh(c),
    "_gru_cell_candidate": lambda r, x, h: mp.tanh(x + _sigmoid(r) * h),
    "_gru_cell_output": lambda z, n, h: n + _sigmoid(z) * (h - n),
}
