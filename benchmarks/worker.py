"""One library, also `torch.compile` or `jax`, in one process: reads lines of JSON, answers each with one.

    {"prepare": name}                 -> {"count": repetitions that take about ROUND seconds}
    {"measure": name, "count": n}     -> {"seconds": of one repetition}
    {"growth": steps}                 -> {"bytes": }
    {"peak": name, "count": n}        -> {"bytes": of the process at its largest, after n repetitions}
    {"about": true}                   -> {"version": , "threads": }

A failure is answered with {"error": text}.
"""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import timeit
from functools import partial
from types import ModuleType
from typing import Any

import networks
from cases import CASES, OUT_CASES, growth_in_training

ROUND = 0.1  # seconds
WARM_UP = 3  # repetitions, in which compilers compile
BY_NAME = {case.name: case for case in CASES + OUT_CASES}


class Worker:
    def __init__(self, library: str) -> None:
        networks.compiling = library == "torch.compile"
        self.is_jax = library == "jax"
        self.torch: ModuleType = importlib.import_module("jax_networks" if self.is_jax else library.partition(".")[0])
        if not self.is_jax:
            self.torch.manual_seed(0)
        self.timer: timeit.Timer | None = None

    def timer_of(self, name: str) -> timeit.Timer:
        case = BY_NAME[name]
        setup = self.torch.SETUPS[name] if self.is_jax else partial(case.setup, self.torch)
        return timeit.Timer(case.statement, globals=setup() | {"torch": self.torch})

    def prepare(self, name: str) -> dict[str, Any]:
        """Fills the namespace, warms up, and finds out how often the statement fits into a round."""
        self.timer = None
        gc.collect()
        self.timer = self.timer_of(name)
        self.timer.timeit(WARM_UP)
        count, seconds = 1, self.timer.timeit(1)
        while seconds < ROUND:
            count = max(count + 1, min(10 * count, int(1.1 * ROUND / max(seconds, 1e-9) * count)))
            seconds = self.timer.timeit(count)
        return {"count": count}

    def measure(self, name: str, count: int) -> dict[str, Any]:
        assert self.timer is not None, f"{name} is not prepared"
        return {"seconds": self.timer.timeit(count) / count}

    def peak(self, name: str, count: int) -> dict[str, Any]:
        self.timer_of(name).timeit(count)
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "prepare" in request:
            return self.prepare(request["prepare"])
        if "measure" in request:
            return self.measure(request["measure"], request["count"])
        if "growth" in request:
            return {"bytes": growth_in_training(self.torch, request["growth"])}
        if "peak" in request:
            return self.peak(request["peak"], request["count"])
        return {"version": self.torch.__version__, "threads": self.torch.get_num_threads()}


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not get between the answers
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except Exception as error:  # the table names it, the other cases go on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
