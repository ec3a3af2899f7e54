"""Loaders beside PyTorch's: batches for given samplers, collating, streams with workers, attributes and errors."""

import collections
import importlib
import inspect
import os

import numpy
import pytest

import ember

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore")

LIBRARIES = (ember, torch)
Pair = collections.namedtuple("Pair", "a b")


def plain(value):
    """A batch without the library's types: tensors as (dtype, values), containers as they are."""
    if isinstance(value, (ember.Tensor, torch.Tensor)):
        return str(value.dtype), value.tolist()
    if isinstance(value, dict):
        return type(value).__name__, {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [plain(item) for item in value]
    return type(value).__name__, value.tolist() if isinstance(value, numpy.ndarray) else value


def same(function):
    """What `function(library)` gives, as the name and first line of its error where it raises one."""

    def result(library):
        try:
            return plain(function(library))
        except Exception as error:
            first = str(error).partition("\n")[0]
            return type(error).__name__, first.replace(". ", ".")  # a space that PyTorch has forgotten

    mine, reference = (result(library) for library in LIBRARIES)
    assert mine == reference
    return mine


def rows(library):
    return library.utils.data.TensorDataset(library.arange(22).reshape(11, 2), library.arange(11) * 0.5)


SAMPLERS = {
    "none": lambda data: {},
    "batches": lambda data: {"batch_size": 3},
    "whole batches": lambda data: {"batch_size": 4, "drop_last": True},
    "no batches": lambda data: {"batch_size": None},
    "list": lambda data: {"sampler": [3, 1, 7, 7, 0], "batch_size": 2},
    "negative": lambda data: {"sampler": [-1, 3, -11], "batch_size": 2},
    "batch sampler": lambda data: {"batch_sampler": [[1, 2], [10], [0, 0, 5]]},
    "sampled batches": lambda data: {"batch_sampler": data.BatchSampler(range(10, 0, -1), 4, False)},
    "distributed": lambda data: {
        "sampler": data.DistributedSampler(range(11), 3, 1, shuffle=False),
        "batch_size": 2,
    },
}


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("name", SAMPLERS)
def test_batches(name, workers):
    def batches(library):
        data = library.utils.data
        loaders = [
            data.DataLoader(dataset, num_workers=workers, **SAMPLERS[name](data))
            for dataset in (rows(library), data.Subset(rows(library), list(range(10, -1, -1))))
        ]
        return [(list(loader), len(loader)) for loader in loaders]

    same(batches)


SAMPLES = {
    "numbers": lambda library: [1, 2],
    "floats": lambda library: [1.5, 2],
    "bools": lambda library: [True, False],
    "strings": lambda library: ["a", "b"],
    "bytes": lambda library: [b"a", b"b"],
    "arrays": lambda library: [numpy.ones(2, "float32"), numpy.zeros(2, "float32")],
    "numpy scalars": lambda library: [numpy.float32(1), numpy.float32(2)],
    "numpy doubles": lambda library: [numpy.float64(1), numpy.float64(2)],
    "numpy bools": lambda library: [numpy.bool_(True), numpy.bool_(False)],
    "0-d arrays": lambda library: [numpy.array(3), numpy.array(4)],
    "tensors": lambda library: [library.ones(2), library.zeros(2)],
    "0-d tensors": lambda library: [library.tensor(1), library.tensor(2)],
    "tuples": lambda library: [(1, "a"), (2, "b")],
    "lists": lambda library: [[1, [2.0]], [3, [4.0]]],
    "named tuples": lambda library: [Pair(1, 2.0), Pair(3, 4.0)],
    "dicts": lambda library: [{"a": 1, "b": [2]}, {"a": 3, "b": [4]}],
    "ordered": lambda library: [collections.OrderedDict(a=1), collections.OrderedDict(a=2)],
    "defaults": lambda library: [collections.defaultdict(int, a=1), collections.defaultdict(int, a=2)],
    "empty tuples": lambda library: [(), ()],
    "ranges": lambda library: [range(2), range(2)],
    "none": lambda library: [None, None],
    "sets": lambda library: [{1}, {2}],
    "string arrays": lambda library: [numpy.array(["a"]), numpy.array(["b"])],
    "object arrays": lambda library: [numpy.array([None]), numpy.array([None])],
    "different lengths": lambda library: [(1, 2), (3,)],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_collating(name):
    same(lambda library: library.utils.data.default_collate(SAMPLES[name](library)))
    same(lambda library: library.utils.data.default_convert(SAMPLES[name](library)))


@pytest.mark.parametrize("in_workers", [1, 3])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_streams_of_workers(in_workers, batch_size):
    def batches(library):
        data = library.utils.data

        class Unequal(data.IterableDataset):
            def __iter__(self):
                info = data.get_worker_info()
                return iter(range(100 * info.id, 100 * info.id + (1, 6, 3)[info.id]))

        return list(data.DataLoader(Unequal(), batch_size, num_workers=in_workers))

    same(batches)


def test_what_a_worker_knows():
    def told(library):
        data = library.utils.data
        fields = ("id", "num_workers", "seed", "dataset", "rng", "worker_method")

        def collate(samples):
            info = data.get_worker_info()
            return samples, info.id, info.num_workers, info.seed - info.id, list(info.dataset), info.worker_method

        loader = data.DataLoader(
            range(4), num_workers=2, collate_fn=collate, multiprocessing_context="fork", persistent_workers=True
        )
        knows = list(loader)
        assert len({item[3] for item in knows}) == 1  # one base seed
        names = list(inspect.signature(type(data._utils.worker.WorkerInfo(0, 1, 2, None))).parameters)
        assert names == list(fields)
        return [item[:3] + item[4:] for item in knows]

    same(told)


def broken(library, error, **options):
    data = library.utils.data

    class Broken(data.Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            if index == 2:
                raise error
            return index

    return list(data.DataLoader(Broken(), num_workers=2, multiprocessing_context="fork", **options))


@pytest.mark.parametrize(
    "error", [KeyError("k"), ValueError("v"), OSError(2, "no file"), UnicodeDecodeError("a", b"", 0, 1, "")]
)
def test_errors_of_workers(error):
    found = same(lambda library: broken(library, error))
    assert "in DataLoader worker process 0" in found[1]


ERRORS = {
    "negative workers": {"num_workers": -1},
    "timeout": {"timeout": -1},
    "prefetch without workers": {"prefetch_factor": 2},
    "negative prefetch": {"num_workers": 1, "prefetch_factor": -2},
    "persistent without workers": {"persistent_workers": True},
    "context without workers": {"multiprocessing_context": "fork"},
    "unknown context": {"num_workers": 1, "multiprocessing_context": "x"},
    "no context": {"num_workers": 1, "multiprocessing_context": 3},
    "sampler and shuffle": {"sampler": [1], "shuffle": True},
    "batch sampler and size": {"batch_sampler": [[1]], "batch_size": 2},
    "batch sampler and drop_last": {"batch_sampler": [[1]], "drop_last": True},
    "no batches and drop_last": {"batch_size": None, "drop_last": True},
    "batch of none": {"batch_size": 0},
    "batch of half": {"batch_size": 1.5},
    "drop_last": {"drop_last": 1},
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_options(name):
    found = same(lambda library: library.utils.data.DataLoader(range(4), **ERRORS[name]))
    assert found[0].endswith("Error")


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [1]}, {"batch_sampler": [[1]]}])
def test_errors_of_streams(options):
    def loader(library):
        class Stream(library.utils.data.IterableDataset):
            def __iter__(self):
                return iter(range(3))

            def __repr__(self):
                return "Stream()"

        return library.utils.data.DataLoader(Stream(), **options)

    found = same(loader)
    assert found[0] == "ValueError"


DATASETS = {
    "split": lambda data: [len(part) for part in data.random_split(range(10), [0.33, 0.33, 0.34])],
    "split of wrong lengths": lambda data: data.random_split(range(10), [3, 3]),
    "split of wrong fractions": lambda data: data.random_split(range(10), [1.5, -0.5]),
    "stack": lambda data: data.StackDataset(range(3), [4, 5, 6])[1],
    "named stack": lambda data: data.StackDataset(a=range(3), b=[4, 5, 6]).__getitems__([0, 2]),
    "unequal stack": lambda data: data.StackDataset(range(3), [4]),
    "concat": lambda data: [data.ConcatDataset([range(3), range(10, 12)])[i] for i in (0, 3, -1)],
    "concat out of range": lambda data: data.ConcatDataset([range(3)])[-4],
    "concat of nothing": lambda data: data.ConcatDataset([]),
    "subset": lambda data: data.Subset(range(10, 20), [3, 1])[1],
    "distributed": lambda data: list(data.DistributedSampler(range(7), 3, 2, shuffle=False)),
    "distributed of whole": lambda data: list(data.DistributedSampler(range(7), 3, 2, False, 0, True)),
    "distributed rank": lambda data: data.DistributedSampler(range(7), 3, 3),
    "distributed alone": lambda data: data.DistributedSampler(range(7)),
    "weights": lambda data: list(data.WeightedRandomSampler([0.0, 1.0], 3)),
    "weights of none": lambda data: data.WeightedRandomSampler([0.0, 1.0], 0),
    "random of none": lambda data: data.RandomSampler([]),
    "random of many": lambda data: len(list(data.RandomSampler(range(3), num_samples=7))),
    "replacement": lambda data: data.RandomSampler(range(3), replacement=1),
    "batches": lambda data: list(data.BatchSampler(range(7), 3, True)),
}


@pytest.mark.parametrize("name", DATASETS)
def test_datasets_and_samplers(name):
    if name == "distributed alone":  # the text is Ember's own: there is no process group
        for library in LIBRARIES:
            with pytest.raises(ValueError):
                DATASETS[name](library.utils.data)
        return
    same(lambda library: DATASETS[name](library.utils.data))


CLASSES = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "DistributedSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
]


@pytest.mark.parametrize("name", CLASSES)
def test_signatures(name):
    def parameters(library):
        signature = inspect.signature(getattr(library.utils.data, name).__init__)
        return [(each.name, each.kind, repr(each.default)) for each in signature.parameters.values()]

    assert parameters(ember) == parameters(torch)


def test_names_that_packages_use():
    from ember.utils.data import _utils, dataloader

    for name in (
        "_BaseDataLoaderIter",
        "_SingleProcessDataLoaderIter",
        "_MultiProcessingDataLoaderIter",
        "_DatasetKind",
    ):
        assert inspect.isclass(getattr(dataloader, name))
        assert inspect.isclass(getattr(torch.utils.data.dataloader, name))
    for name in ("collate.default_collate", "collate.default_convert", "worker.get_worker_info", "worker.WorkerInfo"):
        module, _, function = name.partition(".")
        assert hasattr(getattr(_utils, module), function)
    for library in LIBRARIES:
        internals = library.utils.data.dataloader
        loader = library.utils.data.DataLoader(range(3), num_workers=1)
        assert isinstance(iter(loader), internals._MultiProcessingDataLoaderIter)
        assert isinstance(iter(loader), internals._BaseDataLoaderIter)
        assert next(internals._SingleProcessDataLoaderIter(library.utils.data.DataLoader([5]))).item() == 5


@pytest.mark.parametrize("name", ["spawn", "start_processes", "ProcessContext.join", "set_sharing_strategy"])
def test_signatures_of_multiprocessing(name):
    def parameters(library):
        function = importlib.import_module(f"{library.__name__}.multiprocessing")
        for part in name.split("."):
            function = getattr(function, part)
        return [(each.name, repr(each.default)) for each in inspect.signature(function).parameters.values()]

    assert parameters(ember) == parameters(torch)


def exit_with_three(index):
    os._exit(3)


def raise_here(index):
    raise ValueError("here")


@pytest.mark.parametrize("function", [exit_with_three, raise_here])
def test_failures_of_processes(function):
    def failure(library):
        importlib.import_module(f"{library.__name__}.multiprocessing").start_processes(function, start_method="fork")

    found = []
    for library in LIBRARIES:
        with pytest.raises(Exception) as caught:
            failure(library)
        lines = str(caught.value).strip().splitlines()
        found.append((type(caught.value).__name__, lines[0], lines[-1]))
    assert found[0] == found[1]
