"""Calls every public operation with random arguments: only Python exceptions may come out, never a crash or a hang.

    python tests/fuzz_api.py --seconds 600            # worker after worker, each with a new seed
    python tests/fuzz_api.py --seed 17 --worker       # one worker here, in this process, to debug what it does
    python tests/fuzz_api.py --only gather --seconds 20

Workers run in processes of their own and note each call before they make it, so that a crash names its call.
"""

from __future__ import annotations

import argparse
import inspect
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time

import ember
from ember import _C
from ember._composite import published

HANG = 20  # seconds that one call may take
DTYPES = list(_C._DTYPES)
SHAPES = [
    (),
    (1,),
    (0,),
    (3,),
    (4,),
    (2, 3),
    (3, 4),
    (4, 4),
    (0, 3),
    (3, 0),
    (1, 3),
    (2, 3, 4),
    (2, 4, 3),
    (1, 1, 1, 5),
    (70,),
    (40, 33),
]
# Between what is small and what no machine can hold lies what only takes long: not asked for.
LONGEST = 4 << 30  # bytes that a worker may hold; the address sanitizer needs all addresses
SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
EXTREMES = [2**40] if SANITIZED else [2**31 - 1, 2**31]
EXTREMES += [-(2**31), 2**40, 2**62, 2**63 - 1, -(2**63), 2**63, 10**400]
FLOATS = [0.0, 0.5, 1.0, -1.0, 2.5, 1e-300, 1e300, float("inf"), float("-inf"), float("nan"), -0.0]
STRINGS = [
    "mean",
    "sum",
    "none",
    "prod",
    "amax",
    "amin",
    "add",
    "multiply",
    "contiguous_format",
    "channels_last",
    "preserve_format",
    "",
    "ij,jk",
    "\ud800",
    "é",
]
WORDS = {
    "reduce": ["sum", "prod", "mean", "amax", "amin", "add", "multiply", "?"],
    "reduction": ["mean", "sum", "none", "?"],
    "equation": ["ij,jk->ik", "ii->i", "i,i->", "...i->...", "ij->ji", "i,j", "->", ",", "abc,abc", "i..."],
    "memory_format": ["contiguous_format", "channels_last", "preserve_format", "?"],
    "indexing": ["ij", "xy", "?"],
    "rounding_mode": ["trunc", "floor", "?"],
}


class Maker:
    """Random values; mostly those that fit, so that kernels are reached."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.shape: tuple[int, ...] = ()

    def begin(self) -> None:
        self.shape = self.random.choice(SHAPES)
        self.dtype = self.random.choice(
            [ember.float32, ember.float32, ember.float64, ember.int64, self.random.choice(DTYPES)]
        )

    def integer(self) -> int:
        if self.random.random() < 0.06:
            return self.random.choice(EXTREMES)
        return self.random.choice([-2, -1, 0, 0, 1, 1, 2, 3, 4, 7])

    def integers(self) -> object:
        if self.random.random() < 0.05:
            return self.random.choice([[], [[1, 2]], [None], [1.5], [self.integer()] * 70, "12", range(3)])
        if self.random.random() < 0.2:
            return list(self.shape)
        return [self.integer() for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, len(self.shape)]))]

    def real(self) -> object:
        return self.random.choice(FLOATS) if self.random.random() < 0.8 else self.integer()

    def tensor(self, name: str = "") -> ember.Tensor:
        choose = self.random
        shape = self.shape if choose.random() < 0.7 else choose.choice(SHAPES)
        if choose.random() < 0.1:  # what broadcasts with it
            shape = tuple(choose.choice([size, 1]) for size in shape)[choose.choice([0, 0, 1]) :]
        dtype = self.dtype if choose.random() < 0.85 else choose.choice(DTYPES)
        if any(word in name for word in ("index", "indices", "target", "repeats")) and choose.random() < 0.85:
            dtype = ember.int64
        if any(word in name for word in ("mask", "condition")) and choose.random() < 0.85:
            dtype = ember.bool
        if choose.random() < 0.06:
            return ember.empty(shape, dtype=dtype, device="meta")
        low, high = (0, 3) if dtype == ember.int64 and choose.random() < 0.7 else (-4, 5)
        result = ember.randint(low, high, shape).to(dtype)
        form = choose.random()
        if form < 0.1 and result.dim() >= 2:
            result = result.transpose(0, -1)
        elif form < 0.2:
            result = ember.cat([result.reshape(-1)] * 2)[:: choose.choice([1, 2])][: result.numel()].reshape(shape)
        elif form < 0.3 and result.dim():
            result = result.narrow(0, 0, min(1, result.shape[0])).expand(shape) if result.numel() else result
        elif form < 0.33:
            result = (
                result.copy_(ember.tensor(choose.choice(FLOATS)))
                if dtype.is_floating_point
                else result.fill_(choose.choice([-1, 0, 1]))
            )
        elif form < 0.36 and dtype in (ember.int64, ember.int32):
            result.fill_(ember.iinfo(dtype).min)
        if (dtype.is_floating_point or dtype.is_complex) and choose.random() < 0.3:
            result.requires_grad_()
        return result

    def of_kind(self, kind: str, name: str) -> object:
        optional, kind = kind.endswith("?"), kind.removesuffix("?")
        if optional and self.random.random() < 0.3:
            return None
        if kind == "Tensor":
            return self.tensor(name) if self.random.random() < 0.9 else self.real()
        if kind == "Tensor[]":
            return [self.tensor(name) for _ in range(self.random.choice([0, 1, 2, 2, 3]))]
        if kind in ("int[]", "int...", "Ints"):
            return self.integers() if self.random.random() < 0.8 else self.integer()
        if kind == "float[]":
            return [self.real() for _ in range(self.random.randrange(4))]
        if kind == "int":
            return self.integer()
        if kind in ("float", "number"):
            return self.real()
        if kind == "bool":
            return self.random.random() < 0.5
        if kind == "dtype":
            return self.random.choice(DTYPES)
        if kind == "device":
            return self.random.choice(["cpu", "cpu", "meta", ember.device("cpu"), "cuda", "moon"])
        if kind == "str":
            return self.random.choice(WORDS.get(name, STRINGS))
        if kind == "generator":
            return ember.Generator()
        return self.anything()

    def anything(self) -> object:
        choose = self.random
        return choose.choice(
            [
                lambda: None,
                self.integer,
                self.real,
                self.tensor,
                self.tensor,
                self.tensor,
                self.integers,
                lambda: choose.choice(STRINGS),
                lambda: choose.random() < 0.5,
                lambda: [self.tensor() for _ in range(choose.randrange(4))],
                lambda: choose.choice(DTYPES),
                lambda: [[self.real()], [self.real()]],
                lambda: object(),
                lambda: {"a": 1},
                lambda: slice(self.integer(), self.integer(), self.integer()),
                lambda: 1j,
                lambda: b"\x00\xff",
            ]
        )()


def guessed_kind(name: str, parameter: inspect.Parameter) -> str | None:
    """What a composite's parameter takes, by its annotation and name; None where only anything is left."""
    note = str(parameter.annotation).removeprefix("_C.")
    optional = "?" if "None" in note else ""
    if "Sequence[Tensor" in note or "list[Tensor" in note or name in ("tensors", "matrices", "operands"):
        return "Tensor[]"
    if "dtype" in note or name == "dtype":
        return "dtype?"
    if name in ("size", "shape", "dims", "stride", "shifts") or "Sequence[int" in note or "tuple[int" in note:
        return "int[]" + optional
    for word, kind in (("Tensor", "Tensor"), ("bool", "bool"), ("float", "float"), ("int", "int"), ("str", "str")):
        if word in note:
            return kind + optional
    return "Tensor" if name == "input" else None


def operations(only: str | None) -> list[tuple[str, object, list[tuple[str, str | None, bool, bool]]]]:
    """(name, function, its parameters as (name, kind, keyword only, has a default)) of all that users can call."""
    found = []
    for record in _C._records():
        if record["name"].startswith("_"):
            continue
        text = record["schema"].partition("(")[2].rpartition(") -> ")[0]
        kinds = [part.split() for part in text.split(", ") if part not in ("*", "")]
        parameters = [
            (name, kinds[i][0], keyword_only, has_default)
            for i, (name, _, _, keyword_only, has_default) in enumerate(record["parameters"])
        ]
        for name in [record["name"]] + [record["name"] + "_"] * record["inplace"]:
            found.append((name, getattr(_C.ops, name), parameters))
    for name, function in published.items():
        if not isinstance(function, _C.Overridable):
            continue
        parameters = []
        for parameter in inspect.signature(function).parameters.values():
            keyword_only = parameter.kind is parameter.KEYWORD_ONLY
            if parameter.kind is not parameter.VAR_KEYWORD:
                default = parameter.default is not parameter.empty or parameter.kind is parameter.VAR_POSITIONAL
                parameters.append((parameter.name, guessed_kind(parameter.name, parameter), keyword_only, default))
        found.append((name, function, parameters))
    found.append(
        (
            "getitem",
            lambda input, index: input[index],
            [("input", "Tensor", False, False), ("index", None, False, False)],
        )
    )

    def set_item(input: ember.Tensor, index: object, value: object) -> None:
        input[index] = value

    found.append(
        (
            "setitem",
            set_item,
            [("input", "Tensor", False, False), ("index", None, False, False), ("value", "Tensor", False, False)],
        )
    )
    return [entry for entry in found if only is None or entry[0] == only]


def described(value: object) -> str:
    if isinstance(value, ember.Tensor):
        data = "" if value.is_meta or value.numel() > 12 else f", {value.tolist()}"
        return f"Tensor({tuple(value.shape)}, stride {value.stride()}, {value.dtype}, {value.device}, grad {value.requires_grad}{data})"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(described, value)) + "]"
    return repr(value)


def index_of(make: Maker) -> object:
    """Something to index with."""
    parts = [
        make.random.choice(
            [
                make.integer,
                lambda: slice(make.integer(), make.integer(), make.integer()),
                lambda: slice(None),
                lambda: None,
                lambda: ...,
                lambda: True,
                lambda: make.tensor("index"),
                lambda: make.tensor("mask"),
                lambda: [make.integer() for _ in range(3)],
            ]
        )()
        for _ in range(make.random.choice([1, 1, 2, 3, 6]))
    ]
    return parts[0] if len(parts) == 1 else tuple(parts)


def one_call(make: Maker, table: list, note) -> str:
    """Makes one call; returns the error it ended with, '' where there was none."""
    make.begin()
    name, function, parameters = make.random.choice(table)
    arguments, keywords = [], {}
    for parameter, kind, keyword_only, has_default in parameters:
        if has_default and make.random.random() < 0.5:
            keyword_only = True
            if make.random.random() < 0.6:
                continue
        if parameter == "index" and kind is None:
            value = index_of(make)
        elif kind is None or make.random.random() < 0.03:
            value = make.anything()
        else:
            value = make.of_kind(kind, parameter)
        if keyword_only or keywords:
            keywords[parameter] = value
        else:
            arguments.append(value)
    if make.random.random() < 0.03:
        keywords["out"] = make.tensor()
    note(f"{name}({', '.join(map(described, arguments))}, { ({k: described(v) for k, v in keywords.items()}) })")
    try:
        result = function(*arguments, **keywords)
        results = result if isinstance(result, (list, tuple)) else [result]
        for tensor in results:
            if not isinstance(tensor, ember.Tensor):
                continue
            repr(tensor)
            if tensor.requires_grad and tensor.numel() and make.random.random() < 0.7:
                tensor.sum().backward() if not tensor.dtype.is_complex else tensor.abs().sum().backward()
    except (SystemError, RecursionError) as error:  # misuse of the interpreter
        raise AssertionError("an operation broke the interpreter's rules") from error
    except Exception as error:
        return f"{name}: {type(error).__name__}: {error}"
    return ""


def work(seed: int, calls: int, only: str | None, path: str, show: bool) -> None:
    """One worker: `path` is the file that names the call under way."""
    ember.set_num_threads(2)
    table = operations(only)
    make = Maker(seed)
    ember.manual_seed(seed)
    file = os.open(path, os.O_RDWR | os.O_CREAT) if path else None

    def note(text: str) -> None:
        if file is None:
            return
        data = text.encode(errors="backslashreplace")[:4000]
        os.pwrite(file, data + b"\n" + b" " * 20, 0)
        os.ftruncate(file, len(data))

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (LONGEST, LONGEST))
    errors: dict[str, str] = {}
    failed = 0
    for _ in range(calls):
        signal.alarm(HANG)
        error = one_call(make, table, note)
        failed += bool(error)
        if show and error:
            errors.setdefault(":".join(error.split(":")[:2]) + error.split(":", 2)[2][:24], error)
    signal.alarm(0)
    for error in sorted(errors.values()):
        print(error.encode(errors="backslashreplace").decode())
    print(f"seed {seed}: {calls} calls, {failed} errors")


def run_workers(seconds: float, seed: int, calls: int, only: str | None, show: bool) -> int:
    """How many workers crashed; each is reported with its seed and last call."""
    end = time.monotonic() + seconds
    crashed = 0
    while time.monotonic() < end:
        with tempfile.NamedTemporaryFile() as last:
            command = [
                sys.executable,
                "-X",
                "faulthandler",
                __file__,
                "--worker",
                "--seed",
                str(seed),
                "--calls",
                str(calls),
                "--note",
                last.name,
            ]
            worker = subprocess.run(
                command + ["--only", only] * (only is not None) + ["--show"] * show, capture_output=True, text=True
            )
            if worker.returncode:
                crashed += 1
                cause = "hung" if worker.returncode == -signal.SIGALRM else f"ended with {worker.returncode}"
                print(f"seed {seed} {cause} in {last.read().decode()}\n{worker.stderr[-3000:]}", flush=True)
            elif show:
                print(worker.stdout, end="", flush=True)
        seed += 1
    return crashed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calls", type=int, default=4000, help="of one worker")
    parser.add_argument("--only", help="one operation's name")
    parser.add_argument("--show", action="store_true", help="print the errors that came out")
    parser.add_argument("--worker", action="store_true", help="run here, in this process")
    parser.add_argument("--note", default="", help="the file that names the last call")
    options = parser.parse_args()
    if options.worker:
        work(options.seed, options.calls, options.only, options.note, options.show)
        return 0
    return 1 if run_workers(options.seconds, options.seed, options.calls, options.only, options.show) else 0


if __name__ == "__main__":
    sys.exit(main())
