"""Workers of a loader: the same batches whoever loads them, resuming, and what happens when something goes wrong."""

import gc
import io
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy
import pytest

import ember
from ember.utils.data import (
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    Sampler,
    Subset,
    TensorDataset,
    get_worker_info,
)

BOTH = [None, "fork"]
KINDS = [None, "fork", "forkserver", "spawn"]


def workers(kind, number, **options):
    """Options of a loader; threads where `kind` is None."""
    if number == 0:
        return options
    return {"num_workers": number, "multiprocessing_context": kind, **options}


class Drawn(Dataset):
    """Samples with random numbers in them."""

    def __init__(self, length=23):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        return index, ember.rand(2)


class DrawnEverywhere(Drawn):
    def __getitem__(self, index):
        return index, random.random(), numpy.random.rand()


class Parts(IterableDataset):
    """A stream of which each worker reads every n-th number; lengths of the parts may differ."""

    def __init__(self, length=20):
        self.length = length

    def __iter__(self):
        info = get_worker_info()
        first, step = (info.id, info.num_workers) if info else (0, 1)
        for number in range(first, self.length, step):
            yield number, ember.rand(1)


class Trouble(Dataset):
    """At index 3 something happens."""

    def __init__(self, what):
        self.what = what

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if index == 3:
            self.what()
        return index


def values(batches):
    return [[column.tolist() for column in batch] for batch in batches]


def generator(seed=3):
    return ember.Generator().manual_seed(seed)


def no_workers_left():
    """Whether threads and processes of loaders have gone."""
    gc.collect()  # an iterator lives on in the traceback of its error
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("DataLoader")]
    return not threads and not multiprocessing.active_children()


def gone(pid):
    """Whether a process has ended; one that nobody has waited for yet counts too."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def eventually(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


# ---- the same batches


@pytest.mark.parametrize("kind", KINDS)
def test_batches_do_not_depend_on_who_loads_them(kind):
    def epochs(number):
        ember.manual_seed(5)
        loader = DataLoader(Drawn(), 4, shuffle=True, **workers(kind, number))
        return [values(loader), values(loader), ember.rand(1).item()]

    alone = epochs(0)
    assert alone[0] != alone[1]
    for number in (1, 4) if kind in BOTH else (2,):
        assert epochs(number) == alone


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shuffle", [False, True])
def test_gathered_batches_do_not_depend_on_who_loads_them(kind, shuffle):
    whole = TensorDataset(ember.arange(3000.0).reshape(300, 10), ember.arange(300))
    for dataset in (whole, Subset(whole, range(290, 3, -2))):
        results = []
        for number in (0, 1, 4) if kind in BOTH else (0, 2):
            options = workers(kind, number, shuffle=shuffle, generator=generator())
            results.append(values(DataLoader(dataset, 7, **options)))
        assert all(result == results[0] for result in results)


@pytest.mark.parametrize("kind", BOTH)
def test_gathered_batches_of_every_kind_of_tensor(kind):
    tensors = [
        ember.arange(40.0).reshape(4, 10).t(),
        ember.arange(10, dtype=ember.int32),
        ember.arange(10) % 2 == 0,
        ember.zeros(10, 0),
        ember.arange(60, dtype=ember.float64).reshape(10, 3, 2).to(ember.complex128),
    ]
    batches = list(DataLoader(TensorDataset(*tensors), 4, True, generator=generator(), **workers(kind, 2)))
    alone = list(DataLoader(TensorDataset(*tensors), 4, True, generator=generator()))
    assert values(batches) == values(alone)
    assert all(got.dtype == tensor.dtype for batch in batches for got, tensor in zip(batch, tensors, strict=True))


def test_threads_gather_with_gradients():
    leaf = ember.ones(6, 2, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(leaf * 3), 4, True, num_workers=2):
        batch.sum().backward(retain_graph=True)
    assert leaf.grad.tolist() == [[3.0] * 2] * 6


def test_rows_that_are_not_there():
    subset = Subset(TensorDataset(ember.arange(5)), [0, 1, 7])
    for number in (0, 2):
        with pytest.raises(IndexError, match="7"):
            list(DataLoader(subset, 2, shuffle=True, num_workers=number))


def test_processes_draw_the_same_from_random_and_numpy():
    results = []
    for kind, number in (("fork", 1), ("fork", 3), ("forkserver", 2)):
        results.append(values(DataLoader(DrawnEverywhere(), 4, generator=generator(), **workers(kind, number))))
    assert results[0] == results[1] == results[2]
    drawn = [number for batch in results[0] for column in batch[1:] for number in column]
    assert len(set(drawn)) == len(drawn)


class DrawnByThread(Drawn):
    def __getitem__(self, index):
        rng = get_worker_info().rng
        return index, rng.random_generator.random(), rng.numpy_generator.random()


def test_threads_have_generators_of_their_own():
    results = [
        values(DataLoader(DrawnByThread(), 4, generator=generator(), num_workers=number)) for number in (1, 2, 4)
    ]
    assert results[0] == results[1] == results[2]


def test_threads_leave_the_numbers_of_the_process_alone():
    state = ember.get_rng_state()
    list(DataLoader(Drawn(), 4, num_workers=3, generator=generator()))
    assert ember.get_rng_state().tolist() == state.tolist()
    threads = ember.get_num_threads()
    list(DataLoader(Drawn(), num_workers=2, worker_init_fn=lambda worker: ember.set_num_threads(7)))
    assert ember.get_num_threads() == threads


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("prefetch_factor", [1, 2, 5])
def test_streams_take_turns(kind, prefetch_factor):
    class Unequal(IterableDataset):
        def __iter__(self):
            info = get_worker_info()
            return iter(range(100 * info.id, 100 * info.id + (1, 5, 2)[info.id]))

    loader = DataLoader(Unequal(), batch_size=None, **workers(kind, 3, prefetch_factor=prefetch_factor))
    assert list(loader) == [0, 100, 200, 101, 201, 102, 103, 104]


@pytest.mark.parametrize("kind", BOTH)
def test_streams_draw_the_same_in_every_kind(kind):
    alone = values(DataLoader(Parts(), 3, generator=generator()))
    assert values(DataLoader(Parts(), 3, generator=generator(), **workers(kind, 1))) == alone
    threads = values(DataLoader(Parts(), 3, generator=generator(), **workers(None, 3)))
    assert values(DataLoader(Parts(), 3, generator=generator(), **workers(kind, 3))) == threads


@pytest.mark.parametrize("kind", BOTH)
def test_options(kind):
    pairs = [[0, 2], [5], [1, 1, 1]]
    assert [batch.tolist() for batch in DataLoader(range(6), batch_sampler=pairs, **workers(kind, 2))] == pairs
    assert list(DataLoader(range(4), batch_size=None, **workers(kind, 2))) == [0, 1, 2, 3]
    assert list(DataLoader(range(5), 2, drop_last=True, collate_fn=sum, **workers(kind, 2))) == [1, 5]
    assert list(DataLoader(["a", "b", "c"], 2, **workers(kind, 1))) == [["a", "b"], ["c"]]
    assert list(DataLoader([], **workers(kind, 2))) == []
    orders = [batch.item() for batch in DataLoader(range(20), in_order=False, **workers(kind, 4))]
    assert sorted(orders) == list(range(20))


@pytest.mark.parametrize("kind", BOTH)
def test_many_large_index_lists_do_not_block(kind):
    batches = [list(range(i, i + 30_000)) for i in range(12)]
    loader = DataLoader(
        range(40_000), batch_sampler=batches, collate_fn=lambda samples: samples, **workers(kind, 2, prefetch_factor=6)
    )
    assert all(batch == samples for batch, samples in zip(batches, loader, strict=True))
    few = DataLoader(range(900), **workers(kind, 1, prefetch_factor=600))
    assert [batch.item() for batch in few] == list(range(900))


def test_no_more_is_loaded_ahead_than_asked_for():
    class Counted(Drawn):
        loaded = []  # one list for all copies

        def __getitem__(self, index):
            self.loaded.append(index)
            return index

    dataset = Counted(60)
    for given, _ in enumerate(DataLoader(dataset, num_workers=2, prefetch_factor=3), 1):
        assert len(dataset.loaded) <= given + 2 * 3


# ---- what a worker knows


def told(worker):
    info = get_worker_info()
    info.dataset.told = (worker, info.id, info.num_workers, info.seed, ember.initial_seed(), info.worker_method)


class Telling(Drawn):
    told = None

    def __getitem__(self, index):
        return self.told


@pytest.mark.parametrize("kind", KINDS)
def test_worker_info(kind):
    seed = ember.empty((), dtype=ember.int64).random_(generator=generator()).item()
    dataset = Telling(2)
    options = workers(kind, 2, generator=generator(), worker_init_fn=told)
    method = "multiprocessing" if kind else "thread"
    for worker, batch in enumerate(DataLoader(dataset, batch_size=None, **options)):
        assert batch == [worker, worker, 2, seed + worker, seed + worker, method] or tuple(batch) == (
            worker,
            worker,
            2,
            seed + worker,
            seed + worker,
            method,
        )
    assert dataset.told is None  # each worker has its own
    assert get_worker_info() is None


@pytest.mark.parametrize("kind", BOTH)
def test_what_worker_init_fn_seeds_stays_so(kind):
    def seed(worker):
        ember.manual_seed(100)

    expected = ember.rand(2, generator=generator(100)).tolist()
    batch = next(iter(DataLoader(Drawn(), batch_size=None, worker_init_fn=seed, **workers(kind, 1))))
    assert batch[1].tolist() == expected


# ---- errors


class Strange(Exception):
    def __init__(self, one, two):
        super().__init__(one, two)


def local_error():
    class Local(ValueError):
        pass

    raise Local("local")


def strange_error():
    raise Strange(1, 2)


def key_error():
    return {}["missing"]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("what", "error"), [(key_error, KeyError), (local_error, ValueError), (strange_error, RuntimeError)]
)
def test_errors_of_samples_are_raised_again(kind, what, error):
    batches = iter(DataLoader(Trouble(what), 2, **workers(kind, 2)))
    assert next(batches).tolist() == [0, 1]
    with pytest.raises(error) as caught:
        next(batches)
    place = "process" if kind else "thread"
    assert f"in DataLoader worker {place} 1.\nOriginal Traceback (most recent call last):" in str(caught.value)
    assert what.__name__ in str(caught.value)
    assert [batch.tolist() for batch in batches] == [[4, 5], [6, 7]]  # and on it goes
    assert no_workers_left()


class Unreadable(IterableDataset):
    def __iter__(self):
        raise OSError("no such stream")


@pytest.mark.parametrize("kind", KINDS)
def test_errors_elsewhere_in_a_worker(kind):
    with pytest.raises(OSError, match="no such stream"):
        list(DataLoader(Unreadable(), **workers(kind, 1)))
    if kind is not None:
        with pytest.raises((AttributeError, TypeError), match="pickle"):
            list(DataLoader(range(3), collate_fn=unpicklable, **workers(kind, 1)))
    if kind in BOTH:
        with pytest.raises(KeyError, match="missing"):
            list(DataLoader(range(3), worker_init_fn=lambda worker: key_error(), **workers(kind, 2)))
    else:
        with pytest.raises((AttributeError, TypeError), match="pickle"):  # where workers start afresh
            iter(DataLoader(range(3), worker_init_fn=lambda worker: None, **workers(kind, 2)))
    assert no_workers_left()


def unpicklable(samples):
    return threading.Lock()


@pytest.mark.parametrize("number", [0, 1])
def test_an_error_of_the_sampler_is_raised(number):
    class Broken(Sampler):
        def __iter__(self):
            yield 0
            raise ZeroDivisionError("sampler")

    with pytest.raises(ZeroDivisionError, match="sampler"):
        list(DataLoader(range(3), sampler=Broken(), num_workers=number))


def pause():
    signal.pause()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_killed_worker_is_named(kind):
    batches = iter(DataLoader(Trouble(pause), **workers(kind, 2)))
    assert [next(batches).item() for _ in range(3)] == [0, 1, 2]
    victim = batches._workers[1]  # it is at index 3, and will not come back
    os.kill(victim.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match=rf"DataLoader worker 1 \(pid {victim.pid}\) is killed by signal: SIGKILL"):
        next(batches)
    with pytest.raises(RuntimeError, match="have ended"):
        next(batches)
    assert no_workers_left()


def test_a_worker_that_exits_is_named():
    with pytest.raises(RuntimeError, match=r"DataLoader worker 1 \(pid \d+\) exited unexpectedly with exit code 7"):
        list(DataLoader(Trouble(lambda: os._exit(7)), **workers("fork", 2)))
    with pytest.raises(RuntimeError, match=r"worker 1 \(thread\) exited unexpectedly with SystemExit: 7"):
        list(DataLoader(Trouble(lambda: sys.exit(7)), num_workers=2))
    with pytest.raises(RuntimeError, match=r"worker 0 \(pid \d+\) exited unexpectedly with exit code 0"):
        list(DataLoader(Trouble(lambda: os._exit(0)), in_order=False, **workers("fork", 1)))
    assert no_workers_left()


def test_a_stuck_process_is_named_with_its_stack():
    with pytest.raises(RuntimeError, match=r"timed out after 1.5 seconds: worker 1 \(pid \d+\)") as caught:
        list(DataLoader(Trouble(pause), timeout=1.5, **workers("fork", 2)))
    assert "in pause" in str(caught.value)
    assert no_workers_left()


def test_a_stopped_process_is_named():
    batches = iter(DataLoader(Trouble(lambda: os.kill(os.getpid(), signal.SIGSTOP)), timeout=1.5, **workers("fork", 1)))
    assert [next(batches).item() for _ in range(3)] == [0, 1, 2]
    with pytest.raises(RuntimeError, match=r"timed out after 1.5 seconds: worker 0 \(pid \d+\)"):
        next(batches)
    assert no_workers_left()


def test_a_stuck_thread_is_named_with_its_stack():
    release = threading.Event()

    def hang():
        release.wait(60)

    try:
        with pytest.raises(RuntimeError, match=r"timed out after 1.5 seconds: worker 1 \(thread\)") as caught:
            list(DataLoader(Trouble(hang), num_workers=2, timeout=1.5))
        assert "in hang" in str(caught.value)
    finally:
        release.set()
    assert eventually(no_workers_left)


@pytest.mark.parametrize(
    ("context", "error", "message"),
    [("x", ValueError, "valid start method in"), (3, TypeError, "valid context object")],
)
def test_wrong_contexts(context, error, message):
    with pytest.raises(error, match=message):
        DataLoader(range(3), num_workers=1, multiprocessing_context=context)


def test_prefetch_factor_of_none():
    with pytest.raises(AssertionError, match="prefetch_factor 0"):
        iter(DataLoader(range(3), num_workers=1, prefetch_factor=0))
    assert DataLoader(range(3), num_workers=1).prefetch_factor == 2
    assert DataLoader(range(3)).prefetch_factor is None


# ---- lives of workers


@pytest.mark.parametrize("kind", BOTH)
def test_abandoned_iterators_leave_nothing_behind(kind):
    for _ in DataLoader(Drawn(), **workers(kind, 2)):
        break
    assert no_workers_left()
    iterators = [iter(DataLoader(Parts(), **workers(kind, 2))) for _ in range(2)]
    assert not no_workers_left()
    del iterators
    assert no_workers_left()


@pytest.mark.parametrize("kind", BOTH)
def test_persistent_workers(kind):
    def loader(**options):
        return DataLoader(Drawn(), 4, shuffle=True, generator=generator(), **workers(kind, 2, **options))

    fresh, kept = loader(), loader(persistent_workers=True)
    before = None
    for _ in range(3):
        assert values(fresh) == values(kept)
        members = {worker.ident for worker in kept._iterator._workers}
        assert before in (None, members)
        before = members
    next(iter(fresh)), next(iter(kept))  # left early
    assert values(fresh) == values(kept)
    stream = DataLoader(Parts(), 3, generator=generator(), **workers(kind, 3, persistent_workers=True))
    again = DataLoader(Parts(), 3, generator=generator(), **workers(kind, 3))
    assert [values(stream), values(stream)] == [values(again), values(again)]
    del kept, stream
    assert no_workers_left()


def test_a_persistent_loader_recovers_from_a_dead_worker():
    loader = DataLoader(Drawn(), 4, **workers("fork", 2, persistent_workers=True))
    expected = [batch[0].tolist() for batch in loader]
    victim = loader._iterator._workers[0]
    victim.kill()
    victim.join()
    with pytest.raises(RuntimeError, match=f"pid {victim.pid}"):
        list(loader)
    assert [batch[0].tolist() for batch in loader] == expected


PROGRAM = """
import os, signal, sys
from ember.utils.data import DataLoader, Dataset

class Endless(Dataset):
    def __len__(self):
        return 1 << 40
    def __getitem__(self, index):
        return index

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs deaf to it
    kind, how = sys.argv[1:]
    context = None if kind == "threads" else kind
    loader = DataLoader(Endless(), num_workers=2, multiprocessing_context=context)
    batches = iter(loader)
    next(batches)
    pids = [worker.pid for worker in batches._workers] if context else []
    print(*pids, flush=True)
    if how == "interrupt":
        while True:
            next(batches)
    if how == "killed":
        signal.pause()
"""


@pytest.mark.parametrize("kind", ["threads", "fork", "spawn"])
@pytest.mark.parametrize("how", ["end", "interrupt", "killed"])
def test_workers_end_with_their_program(tmp_path, kind, how):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    program = subprocess.Popen(
        [sys.executable, str(script), kind, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        pids = [int(pid) for pid in program.stdout.readline().split()]
        assert len(pids) == (0 if kind == "threads" else 2)
        if how == "interrupt":
            os.killpg(program.pid, signal.SIGINT)  # as a terminal does: the workers hear it too
        elif how == "killed":
            program.kill()
        errors = program.communicate(timeout=30)[1].decode()
    finally:
        program.kill()
    assert program.returncode == {"end": 0, "interrupt": -signal.SIGINT, "killed": -signal.SIGKILL}[how]
    assert errors.count("Traceback") == (how == "interrupt"), errors
    assert eventually(lambda: all(map(gone, pids)))


# ---- memory


def shared_maps():
    """How many pieces of memory of this process are shared with others."""
    return Path("/proc/self/maps").read_text().count("/memfd:ember")


def test_batches_of_processes_lie_in_shared_memory():
    dataset = TensorDataset(ember.ones(40, 30_000))
    before = len(os.listdir("/proc/self/fd"))
    batches = list(DataLoader(dataset, 4, **workers("fork", 2)))
    assert len(os.listdir("/proc/self/fd")) == before  # a batch holds memory, no file
    assert shared_maps() >= 2
    for (batch,) in batches:
        batch.add_(1)
    assert sum(batch.sum().item() for (batch,) in batches) == 2 * 40 * 30_000
    assert dataset.tensors[0].sum().item() == 40 * 30_000
    del batches, batch
    assert shared_maps() == 0


def with_shared_maps(samples):
    return ember.stack(samples), shared_maps()


class Filled(Dataset):
    """Sample i is 20,000 times i."""

    def __len__(self):
        return 60

    def __getitem__(self, index):
        return ember.full((20_000,), float(index))


def test_shared_memory_is_used_again_when_nobody_sees_it():
    batches = iter(DataLoader(Filled(), batch_size=None, **workers("fork", 1)))
    kept, files = [], []
    for i, batch in enumerate(batches):
        assert (batch == i).all()
        files.append(len(os.listdir(f"/proc/{batches._workers[0].pid}/fd")))
        if i % 4 == 0:
            kept.append(batch)
        if i == 20:  # a child that lets go of what it has got from us
            child = os.fork()
            if child == 0:
                del batch, kept
                os._exit(0)
            os.waitpid(child, 0)
    assert all((batch == 4 * i).all() for i, batch in enumerate(kept))
    assert max(files) - min(files) <= 24  # used again, but for those that are kept


class Rows(Dataset):
    def __init__(self, tensor):
        self.tensor = tensor

    def __len__(self):
        return len(self.tensor)

    def __getitem__(self, index):
        return self.tensor[index]


@pytest.mark.parametrize("kind", ["forkserver", "spawn"])
def test_tensors_of_datasets_are_in_shared_memory(kind):
    data = ember.arange(1_000_000.0).reshape(10, -1)
    for batch, shared in DataLoader(Rows(data), 5, collate_fn=with_shared_maps, **workers(kind, 2)):
        assert shared
        assert batch.shape == (5, 100_000)
    arrays = {"tensor": data, "array": data.numpy()}
    (got,) = list(DataLoader([arrays], batch_size=None, **workers(kind, 1)))
    assert (got["tensor"] == data).all()
    assert (got["array"] == data).all()


def test_views_carry_only_what_they_show():
    data = ember.arange(4_000_000.0).reshape(4, -1)
    views = list(DataLoader(Rows(data), batch_size=None, **workers("fork", 1)))
    assert [view.untyped_storage().nbytes() for view in views] == [4_000_000] * 4
    assert all((view == row).all() for view, row in zip(views, data, strict=True))


STRINGS = """
import os
from ember.utils.data import DataLoader, Dataset

class Strings(Dataset):
    def __init__(self):
        self.strings = [f"path/to/sample number {i}" for i in range(2_000_000)]
    def __len__(self):
        return len(self.strings)
    def __getitem__(self, index):
        return self.strings[index]

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

loader = DataLoader(Strings(), 10_000, num_workers=8, collate_fn=len)
before = resident()
assert sum(loader) == 2_000_000
print((resident() - before) / before)
"""


@pytest.mark.skipif("libasan" in os.environ.get("LD_PRELOAD", ""), reason="the sanitizer keeps what was freed")
def test_threads_do_not_multiply_the_memory_of_a_long_list():
    result = subprocess.run([sys.executable, "-c", STRINGS], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) < 0.1


# ---- resuming


def saved(state):
    """A state that has been in a file."""
    file = io.BytesIO()
    ember.save(state, file)
    file.seek(0)
    return ember.load(file)


def resumed_equals(make, taken, again=None):
    """Leaves an epoch after `taken` batches and goes on in another loader: what is left, and the next epoch, are the same."""
    loader = make()
    batches = iter(loader)
    for _ in range(taken):
        next(batches)
    state = saved(loader.state_dict())
    left = [values(batches), values(loader)]
    other = (again or make)()
    other.load_state_dict(state)
    assert [values(other), values(other)] == left
    return left


@pytest.mark.parametrize("taken", [0, 1, 4, 6])
@pytest.mark.parametrize("number", [0, 1, 3])
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("dataset", [Drawn(), Parts(23), TensorDataset(ember.arange(23), ember.rand(23))])
def test_resuming(dataset, kind, number, taken):
    shuffle = None if isinstance(dataset, Parts) else True
    left, whole = resumed_equals(
        lambda: DataLoader(dataset, 4, shuffle, generator=generator(), **workers(kind, number)), taken
    )
    assert len(left) == len(whole) - taken


def test_resuming_with_another_number_of_workers():
    for dataset in (Drawn(), TensorDataset(ember.arange(23), ember.rand(23))):

        def make(number, dataset=dataset):
            return DataLoader(dataset, 4, True, generator=generator(), num_workers=number)

        resumed_equals(lambda make=make: make(0), 2, lambda make=make: make(3))
        resumed_equals(lambda make=make: make(3), 2, lambda make=make: make(0))


def test_resuming_twice_and_after_the_end():
    loader = DataLoader(Drawn(), 4, True, generator=generator())
    batches = iter(loader)
    whole = [next(batches)]
    state = loader.state_dict()
    whole += list(batches)
    assert loader.state_dict() == {}  # between epochs
    loader.load_state_dict(state)
    assert loader.state_dict() == state
    batches = iter(loader)
    next(batches), next(batches)
    state = loader.state_dict()
    assert state["yielded"] == 3
    loader.load_state_dict(state)
    assert values(loader) == values(whole[3:])
    loader.load_state_dict({})
    assert len(list(loader)) == 6


def test_resuming_without_a_generator_of_its_own():
    ember.manual_seed(8)
    loader = DataLoader(Drawn(), 4, True, num_workers=2)
    for i, _ in enumerate(loader):
        ember.rand(3)  # the program draws too
        if i == 2:
            break
    state, numbers = saved(loader.state_dict()), ember.get_rng_state()
    ember.manual_seed(8)
    expected = values(loader)[3:]
    ember.set_rng_state(numbers)
    loader.load_state_dict(state)
    assert values(loader) == expected
    assert ember.get_rng_state().tolist() == numbers.tolist()


class Shuffled(Sampler):
    def __init__(self, source):
        self.source = source

    def __len__(self):
        return 23

    def __iter__(self):
        order = list(range(23))
        self.source.shuffle(order)
        return iter(order)


@pytest.mark.parametrize("source", [random, numpy.random])
def test_resuming_samplers_that_draw_from_elsewhere(source):
    loader = DataLoader(Drawn(), 4, sampler=Shuffled(source), generator=generator())
    batches = iter(loader)
    next(batches)
    state = saved(loader.state_dict())
    left = values(batches)
    loader.load_state_dict(state)
    assert values(loader) == left


def test_resuming_a_distributed_sampler():
    def make(epoch):
        sampler = DistributedSampler(range(40), 2, 1)
        sampler.set_epoch(epoch)
        return DataLoader(range(40), 4, sampler=sampler, num_workers=2)

    loader = make(7)
    batches = iter(loader)
    next(batches)
    other = make(0)
    other.load_state_dict(saved(loader.state_dict()))
    assert [batch.tolist() for batch in other] == [batch.tolist() for batch in batches]


@pytest.mark.parametrize("kind", BOTH)
def test_resuming_out_of_order_gives_the_rest(kind):
    loader = DataLoader(range(30), in_order=False, **workers(kind, 3))
    batches = iter(loader)
    given = [next(batches).item() for _ in range(11)]
    state = saved(loader.state_dict())
    assert state["yielded"] + len(state["ahead"]) == 11
    loader.load_state_dict(state)
    assert sorted(given + [batch.item() for batch in loader]) == list(range(30))


def test_states_that_do_not_fit():
    stream = DataLoader(Parts(), num_workers=2)
    next(iter(stream))
    other = DataLoader(Parts(), num_workers=3)
    other.load_state_dict(stream.state_dict())
    with pytest.raises(ValueError, match="2 workers read; this loader has 3"):
        iter(other)
    loader = DataLoader(range(5), shuffle=True, generator=generator())
    next(iter(loader))
    other = DataLoader(range(5), shuffle=True)
    other.load_state_dict(loader.state_dict())
    with pytest.raises(ValueError, match="2 random generators; this one has 1"):
        iter(other)
