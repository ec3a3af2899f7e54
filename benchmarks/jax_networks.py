"""The networks of the table beside compilers in JAX: a whole step is one program, which updates its state in place.

Initial values, number of parameters and arithmetic are those of `networks.py`; shapes and forms are those that JAX runs
fastest on a processor.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
from jax import Array, lax
from jax import numpy as jnp

Tree = Any  # parameters by name, in nested dicts and lists
Names = dict[str, Any]


# ---- what the networks share -----------------------------------------------------------------------------------------


class Keys:
    """Random keys, each used once."""

    def __init__(self, key: Array) -> None:
        self.key = key

    def __call__(self) -> Array:
        self.key, used = jax.random.split(self.key)
        return used


def uniform(key: Array, shape: tuple[int, ...], fan_in: int) -> Array:
    bound = 1 / math.sqrt(fan_in)
    return jax.random.uniform(key, shape, minval=-bound, maxval=bound)


def linear(keys: Keys, inputs: int, outputs: int) -> Tree:
    return {"weight": uniform(keys(), (inputs, outputs), inputs), "bias": uniform(keys(), (outputs,), inputs)}


def apply_linear(layer: Tree, x: Array) -> Array:
    return x @ layer["weight"] + layer["bias"]


def dropout(key: Array, x: Array, rate: float) -> Array:
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def cross_entropy(scores: Array, classes: Array) -> Array:
    """Mean over all but the last dimension of scores."""
    chosen = jnp.take_along_axis(scores, classes[..., None], -1)[..., 0]
    return (jax.nn.logsumexp(scores, -1) - chosen).mean()


def adam(state: Tree, gradients: Tree, rate: float = 0.001, decay: float = 0.0) -> Tree:
    """Adam; with `decay`, AdamW."""
    b1, b2, eps = 0.9, 0.999, 1e-8
    t = state["t"] + 1
    mean = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state["mean"], gradients)
    square = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state["square"], gradients)
    c1, c2 = 1 - b1**t, jnp.sqrt(1 - b2**t)

    def moved(p: Array, m: Array, v: Array) -> Array:
        return p * (1 - rate * decay) - rate / c1 * m / (jnp.sqrt(v) / c2 + eps)

    parameters = jax.tree.map(moved, state["parameters"], mean, square)
    return {"parameters": parameters, "mean": mean, "square": square, "t": t}


def training_step(parameters: Tree, loss: Callable[..., Array], x: Array, y: Array, decay: float = 0.0) -> Names:
    """One step on a fixed batch; `loss(parameters, key, x, y)` is compiled with its gradient and the optimizer."""

    @functools.partial(jax.jit, donate_argnums=0)
    def update(state: Tree, x: Array, y: Array) -> tuple[Tree, Array]:
        key, used = jax.random.split(state["key"])
        value, gradients = jax.value_and_grad(loss)(state["parameters"], used, x, y)
        return adam(state, gradients, decay=decay) | {"key": key}, value

    zeros = functools.partial(jax.tree.map, jnp.zeros_like)
    state = {
        "parameters": parameters,
        "mean": zeros(parameters),
        "square": zeros(parameters),
        "t": jnp.zeros(()),
        "key": jax.random.key(1),
    }

    def step() -> float:
        nonlocal state
        state, value = update(state, x, y)
        return float(value)

    return {"step": step}


# ---- the networks ----------------------------------------------------------------------------------------------------


def simple_net_step() -> Names:
    """784-128-64-10."""
    keys = Keys(jax.random.key(0))
    parameters = [linear(keys, 784, 128), linear(keys, 128, 64), linear(keys, 64, 10)]

    def loss(parameters: Tree, _: Array, x: Array, y: Array) -> Array:
        for layer in parameters[:-1]:
            x = jax.nn.relu(apply_linear(layer, x))
        return cross_entropy(apply_linear(parameters[-1], x), y)

    return training_step(
        parameters, loss, jax.random.normal(keys(), (32, 784)), jax.random.randint(keys(), (32,), 0, 10)
    )


def convolution(keys: Keys, inputs: int, outputs: int) -> Tree:
    fan_in = 9 * inputs
    return {"weight": uniform(keys(), (3, 3, inputs, outputs), fan_in), "bias": uniform(keys(), (outputs,), fan_in)}


def convolve(layer: Tree, x: Array) -> Array:
    dimensions = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, layer["weight"], (1, 1), "SAME", dimension_numbers=dimensions) + layer["bias"]


def max_pool(x: Array) -> Array:
    """2 by 2, as a maximum over dimensions: its gradient is faster than reduce_window's."""
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def cnn_step() -> Names:
    """Two convolutions with pooling, then 4096-128-10 with dropout; channels are last."""
    keys = Keys(jax.random.key(0))
    parameters = {
        "conv1": convolution(keys, 3, 32),
        "conv2": convolution(keys, 32, 64),
        "fc1": linear(keys, 64 * 8 * 8, 128),
        "fc2": linear(keys, 128, 10),
    }

    def loss(parameters: Tree, key: Array, x: Array, y: Array) -> Array:
        x = max_pool(jax.nn.relu(convolve(parameters["conv1"], x)))
        x = max_pool(jax.nn.relu(convolve(parameters["conv2"], x)))
        x = jax.nn.relu(apply_linear(parameters["fc1"], x.reshape(x.shape[0], -1)))
        return cross_entropy(apply_linear(parameters["fc2"], dropout(key, x, 0.5)), y)

    return training_step(
        parameters, loss, jax.random.normal(keys(), (32, 32, 32, 3)), jax.random.randint(keys(), (32,), 0, 10)
    )


def lstm(keys: Keys, inputs: int, width: int) -> Tree:
    layer = {name: uniform(keys(), (rows, 4 * width), width) for name, rows in (("input", inputs), ("hidden", width))}
    return layer | {name: uniform(keys(), (4 * width,), width) for name in ("input_bias", "hidden_bias")}


def apply_lstm(layer: Tree, x: Array) -> Array:
    """(time, batch, inputs) to (time, batch, width); the products with the input are one, before the loop."""
    given = x @ layer["input"] + (layer["input_bias"] + layer["hidden_bias"])
    zero = jnp.zeros((x.shape[1], layer["hidden"].shape[0]))

    def advance(carried: tuple[Array, Array], given: Array) -> tuple[tuple[Array, Array], Array]:
        hidden, cell = carried
        i, f, g, o = jnp.split(given + hidden @ layer["hidden"], 4, -1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
        return (hidden, cell), hidden

    return lax.scan(advance, (zero, zero), given)[1]


def lstm_step() -> Names:
    """Two layers of 256 over 50 steps of 100 features, then the last hidden state; time is first."""
    keys = Keys(jax.random.key(0))
    parameters = {"layers": [lstm(keys, 100, 256), lstm(keys, 256, 256)], "fc": linear(keys, 256, 10)}

    def loss(parameters: Tree, key: Array, x: Array, y: Array) -> Array:
        first, second = parameters["layers"]
        x = apply_lstm(second, dropout(key, apply_lstm(first, x), 0.5))
        return cross_entropy(apply_linear(parameters["fc"], x[-1]), y)

    return training_step(
        parameters, loss, jax.random.normal(keys(), (50, 32, 100)), jax.random.randint(keys(), (32,), 0, 10)
    )


def layer_norm(layer: Tree, x: Array) -> Array:
    x = x - x.mean(-1, keepdims=True)
    return x * lax.rsqrt(jnp.square(x).mean(-1, keepdims=True) + 1e-5) * layer["weight"] + layer["bias"]


def attend(block: Tree, x: Array, heads: int) -> Array:
    n, t, c = x.shape
    q, k, v = (y.reshape(n, t, heads, c // heads) for y in jnp.split(apply_linear(block["c_attn"], x), 3, -1))
    return apply_linear(block["c_proj"], jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(n, t, c))


def gpt_step() -> Names:
    """10.7 M parameters, 8 sequences of 256 characters of 65."""
    vocabulary, length, width, heads, layers = 65, 256, 384, 6, 6
    keys = Keys(jax.random.key(0))

    def norm() -> Tree:
        return {"weight": jnp.ones(width), "bias": jnp.zeros(width)}

    def block() -> Tree:
        return {
            "ln_1": norm(),
            "c_attn": linear(keys, width, 3 * width),
            "c_proj": linear(keys, width, width),
            "ln_2": norm(),
            "fc": linear(keys, width, 4 * width),
            "proj": linear(keys, 4 * width, width),
        }

    parameters = {
        "wte": uniform(keys(), (vocabulary, width), width),
        "wpe": jax.random.normal(keys(), (length, width)),
        "blocks": [block() for _ in range(layers)],
        "ln_f": norm(),
    }

    def loss(parameters: Tree, _: Array, tokens: Array, y: Array) -> Array:
        x = parameters["wte"][tokens] + parameters["wpe"]
        for block in parameters["blocks"]:
            x = x + attend(block, layer_norm(block["ln_1"], x), heads)
            inner = jax.nn.gelu(apply_linear(block["fc"], layer_norm(block["ln_2"], x)), approximate=False)
            x = x + apply_linear(block["proj"], inner)
        return cross_entropy(layer_norm(parameters["ln_f"], x) @ parameters["wte"].T, y)

    x, y = (jax.random.randint(keys(), (8, length), 0, vocabulary) for _ in range(2))
    return training_step(parameters, loss, x, y, decay=0.01)


SETUPS: dict[str, Callable[[], Names]] = {
    "training step of SimpleNet, batch 32": simple_net_step,
    "training step of the CNN, batch 32": cnn_step,
    "training step of the LSTM classifier, batch 32": lstm_step,
    "training step of a GPT, 6 x 384, 8 x 256": gpt_step,
}
