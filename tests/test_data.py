"""Datasets, samplers, collating, and the loader."""

import collections
import pickle

import numpy
import pytest

import ember
from ember.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    default_convert,
    get_worker_info,
    random_split,
)
from ember.utils.data._utils.collate import collate

Pair = collections.namedtuple("Pair", "a b")


def pairs(n=10):
    return TensorDataset(ember.arange(2 * n).reshape(n, 2), ember.arange(n) * 0.5)


class Plain(Dataset):
    """The samples of another dataset, one by one: nothing to gather at once."""

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.dataset[index]


class Stream(IterableDataset):
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def values(batches):
    return [[tensor.tolist() for tensor in batch] for batch in batches]


def generator(seed=3):
    return ember.Generator().manual_seed(seed)


# ---- datasets


def test_tensor_dataset():
    dataset = pairs(5)
    x, y = dataset[-1]
    assert (x.tolist(), y.item(), len(dataset)) == ([8, 9], 2.0, 5)
    assert [tensor.shape[0] for tensor in dataset[1:3]] == [2, 2]
    with pytest.raises(IndexError):
        dataset[5]
    with pytest.raises(AssertionError, match="Size mismatch"):
        TensorDataset(ember.ones(2), ember.ones(3))


def test_stack_dataset():
    dataset = StackDataset(range(5), [i * i for i in range(5)])
    assert (dataset[3], len(dataset)) == ((3, 9), 5)
    assert dataset.__getitems__([1, 2]) == [(1, 1), (2, 4)]
    named = StackDataset(a=range(5), b=Subset(range(10, 20), [4, 3, 2, 1, 0]))
    assert named[1] == {"a": 1, "b": 13}
    assert named.__getitems__([0, 4]) == [{"a": 0, "b": 14}, {"a": 4, "b": 10}]
    for make in (StackDataset, lambda: StackDataset(range(2), [1]), lambda: StackDataset(range(2), a=range(2))):
        with pytest.raises(ValueError, match=r"dataset|Supported"):
            make()


def test_concat_and_chain():
    both = pairs(3) + pairs(4)
    assert isinstance(both, ConcatDataset)
    assert (len(both), both.cumulative_sizes) == (7, [3, 7])
    assert both[3][0].tolist() == both[0][0].tolist() == [0, 1]
    assert both[-1][0].tolist() == [6, 7]
    with pytest.raises(ValueError, match="absolute value of index"):
        both[-8]
    with pytest.raises(AssertionError, match="empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="IterableDataset"):
        ConcatDataset([Stream(3)])
    chained = Stream(2) + Stream(3)
    assert isinstance(chained, ChainDataset)
    assert list(chained) == [0, 1, 0, 1, 2]
    with pytest.raises(AssertionError, match="only supports IterableDataset"):
        list(ChainDataset([range(3)]))


def test_abstract_methods():
    with pytest.raises(NotImplementedError):
        Dataset()[0]
    with pytest.raises(NotImplementedError):
        iter(Sampler())
    with pytest.raises(TypeError):
        IterableDataset()


def test_random_split():
    parts = random_split(range(10), [3, 7], generator())
    assert sorted(parts[0].indices + parts[1].indices) == list(range(10))
    assert [part.indices for part in parts] == [part.indices for part in random_split(range(10), [3, 7], generator())]
    assert [len(part) for part in random_split(range(10), [0.33, 0.33, 0.34])] == [4, 3, 3]
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(10), [1, 0.0])
    for lengths, message in (([3, 4], "Sum of input lengths"), ([0.5, 0.3], "Sum of"), ([1.5, -0.5], "Fraction at")):
        with pytest.raises(ValueError, match=message):
            random_split(range(10), lengths)


def test_subset():
    subset = Subset(pairs(5), [3, 1])
    assert (subset[0][1].item(), len(subset)) == (1.5, 2)
    assert [sample[1].item() for sample in subset.__getitems__([1, 0])] == [0.5, 1.5]
    assert subset[[0, 1]][1].tolist() == [1.5, 0.5]


# ---- samplers


def test_random_sampler():
    first = list(RandomSampler(range(50), generator=generator()))
    assert sorted(first) == list(range(50))
    assert first == list(RandomSampler(range(50), generator=generator()))
    assert first == ember.randperm(50, generator=generator()).tolist()
    assert first != list(RandomSampler(range(50), generator=generator(4)))
    assert list(RandomSampler(range(50), num_samples=20, generator=generator())) == first[:20]
    longer = list(RandomSampler(range(50), num_samples=120, generator=generator()))
    assert longer[:50] == first
    assert sorted(longer[50:100]) == list(range(50))
    drawn = list(RandomSampler(range(5), replacement=True, num_samples=100, generator=generator()))
    assert len(drawn) == 100
    assert set(drawn) == set(range(5))


def test_order_depends_on_the_seed_alone():
    orders = []
    for _ in range(2):
        ember.manual_seed(11)
        sampler = RandomSampler(range(30))
        orders.append((list(sampler), list(sampler)))
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


def test_other_samplers():
    assert list(SequentialSampler(range(4))) == [0, 1, 2, 3]
    chosen = list(SubsetRandomSampler([5, 3, 8], generator=generator()))
    assert sorted(chosen) == [3, 5, 8]
    drawn = list(WeightedRandomSampler([0.0, 1.0, 3.0], 400, generator=generator()))
    assert drawn.count(0) == 0
    assert drawn.count(2) / 400 == pytest.approx(0.75, abs=0.1)
    assert sorted(WeightedRandomSampler([1.0, 1.0], 2, replacement=False)) == [0, 1]
    batches = BatchSampler(SequentialSampler(range(5)), 2, False)
    assert (list(batches), len(batches)) == ([[0, 1], [2, 3], [4]], 3)
    batches = BatchSampler(range(5), 2, True)
    assert (list(batches), len(batches)) == ([[0, 1], [2, 3]], 2)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: RandomSampler([]), ValueError, "num_samples=0"),
        (lambda: RandomSampler(range(5), replacement=1), TypeError, "replacement=1"),
        (lambda: RandomSampler(range(5), num_samples=2.0), ValueError, "num_samples=2.0"),
        (lambda: WeightedRandomSampler([1, 2], 0), ValueError, "num_samples=0"),
        (lambda: WeightedRandomSampler([1, 2], True), ValueError, "num_samples=True"),
        (lambda: WeightedRandomSampler([1, 2], 2, 1), ValueError, "replacement=1"),
        (lambda: WeightedRandomSampler([[1, 2]], 2), ValueError, r"weights have shape \(1, 2\)"),
        (lambda: BatchSampler(range(5), 0, False), ValueError, "batch_size=0"),
        (lambda: BatchSampler(range(5), 2, 1), ValueError, "drop_last=1"),
        (lambda: DistributedSampler(range(5)), ValueError, "num_replicas is None"),
        (lambda: DistributedSampler(range(5), 2, 2), ValueError, r"Invalid rank 2"),
    ],
)
def test_sampler_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_distributed_sampler():
    shares = [list(DistributedSampler(range(10), 3, rank, shuffle=False)) for rank in range(3)]
    assert shares == [[0, 3, 6, 9], [1, 4, 7, 0], [2, 5, 8, 1]]
    assert list(DistributedSampler(range(10), 3, 1, shuffle=False, drop_last=True)) == [1, 4, 7]
    assert list(DistributedSampler(range(3), 8, 7, shuffle=False)) == [1]
    samplers = [DistributedSampler(range(10), 2, rank, seed=3) for rank in range(2)]
    first = [list(sampler) for sampler in samplers]
    assert sorted(first[0] + first[1]) == list(range(10))
    samplers[0].set_epoch(1)
    assert list(samplers[0]) != first[0]


# ---- collating


def test_collate_numbers_and_strings():
    for batch, dtype in (
        ([1, 2], ember.int64),
        ([1.0, 2.5], ember.float64),
        ([True, False], ember.bool),
        ([numpy.float32(1), numpy.float32(2)], ember.float32),
        ([numpy.float64(1), numpy.float64(2)], ember.float64),
        ([numpy.int16(1), numpy.int16(2)], ember.int16),
        ([numpy.ones(2, "float32"), numpy.ones(2, "float32")], ember.float32),
        ([ember.ones(2), ember.ones(2)], ember.float32),
    ):
        result = default_collate(batch)
        assert isinstance(result, ember.Tensor)
        assert (result.shape[0], result.dtype) == (2, dtype)
    assert default_collate(["a", "b"]) == ["a", "b"]
    assert default_collate([b"a"]) == [b"a"]


def test_collate_containers():
    assert default_collate([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])["a"].tolist() == [1, 2]
    ordered = default_collate([collections.OrderedDict(a=1), collections.OrderedDict(a=2)])
    assert type(ordered) is collections.OrderedDict
    named = default_collate([Pair(1, 2.0), Pair(3, 4.0)])
    assert type(named) is Pair
    assert named.a.tolist() == [1, 3]
    numbers, words = default_collate([(1, "x"), (2, "y")])
    assert (numbers.tolist(), words) == ([1, 2], ("x", "y"))
    nested = default_collate([[{"a": [1, 2]}], [{"a": [3, 4]}]])
    assert [tensor.tolist() for tensor in nested[0]["a"]] == [[1, 3], [2, 4]]
    assert [tensor.tolist() for tensor in default_collate([range(2), range(2)])] == [[0, 0], [1, 1]]


def test_collate_errors():
    for batch in ([None], [object()], [{1, 2}], [numpy.array(["a"])], [numpy.array([None])]):
        with pytest.raises(TypeError, match="default_collate: batch must contain"):
            default_collate(batch)
    with pytest.raises(RuntimeError, match="equal size"):
        default_collate([(1, 2), (3,)])
    with pytest.raises(RuntimeError):
        default_collate([ember.ones(2), ember.ones(3)])


def test_collate_with_own_functions():
    functions = {set: lambda batch, *, collate_fn_map=None: set.union(*batch)}
    assert collate([{1}, {2}], collate_fn_map=functions) == {1, 2}
    with pytest.raises(TypeError):
        collate([1, 2])


def test_default_convert():
    array = numpy.ones(2, "float32")
    assert default_convert(1) == 1
    assert default_convert(array).dtype == ember.float32
    assert default_convert(numpy.float64(2)).item() == 2.0
    assert default_convert(numpy.array(["a"])).tolist() == ["a"]
    converted = default_convert({"a": [array, "x"], "b": (1, array)})
    assert isinstance(converted["a"][0], ember.Tensor)
    assert type(converted["b"]) is list
    assert type(default_convert(Pair(1, array))) is Pair


# ---- the loader


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("subset", [False, True])
def test_gathered_batches_equal_collated_samples(drop_last, shuffle, subset):
    dataset = pairs(11)
    if subset:
        dataset = Subset(Subset(dataset, [7, 3, 3, 0, 10, 5, 1, 2]), [6, 0, 1, 2, 3, 4, 5])
    options = {"batch_size": 3, "shuffle": shuffle, "drop_last": drop_last}
    results = []
    for source in (dataset, Plain(dataset)):
        ember.manual_seed(5)
        loader = DataLoader(source, **options)
        results.append([values(loader), values(loader), ember.rand(1).item()])
    assert results[0] == results[1]
    assert len(results[0][0]) == len(loader)


@pytest.mark.parametrize(
    "sampler",
    [
        lambda: SubsetRandomSampler([4, 0, 2, 5], generator=generator()),
        lambda: SubsetRandomSampler(range(3, 9), generator=generator()),
        lambda: WeightedRandomSampler([1.0] * 11, 7, generator=generator()),
        lambda: RandomSampler(range(11), replacement=True, num_samples=9, generator=generator()),
        lambda: RandomSampler(range(11), num_samples=30, generator=generator()),
        lambda: [3, 1, -2, 0, 5],
        lambda: ember.tensor([3, 1, 2]),
    ],
)
def test_samplers_give_gathered_batches_the_same_order(sampler):
    results = [values(DataLoader(source, 3, sampler=sampler())) for source in (pairs(11), Plain(pairs(11)))]
    assert results[0] == results[1]


def test_batch_sampler():
    batches = [[0, 1], [5], [2, 2, -1]]
    for source in (pairs(), Plain(pairs())):
        assert [y.tolist() for _, y in DataLoader(source, batch_sampler=batches)] == [
            [0.0, 0.5],
            [2.5],
            [1.0, 1.0, 4.5],
        ]


def test_gathered_batches_are_copies():
    dataset = pairs(4)
    for shuffle in (False, True):
        for x, _ in DataLoader(dataset, batch_size=2, shuffle=shuffle):
            x.zero_()
    assert dataset.tensors[0].tolist() == pairs(4).tensors[0].tolist()


def test_gathered_batches_keep_gradients_and_layout():
    leaf = ember.ones(4, 3, requires_grad=True)
    turned = ember.arange(12.0).reshape(3, 4).t()
    for shuffle in (False, True):
        for x, y in DataLoader(TensorDataset(leaf * 2, turned), batch_size=4, shuffle=shuffle):
            assert y.is_contiguous()
            assert sorted(y[:, 0].tolist()) == [0.0, 1.0, 2.0, 3.0]
            x.sum().backward()
    assert leaf.grad.tolist() == [[4.0] * 3] * 4


def test_subclassed_datasets_are_asked():
    class Doubling(TensorDataset):
        def __getitem__(self, index):
            return tuple(2 * tensor for tensor in super().__getitem__(index))

    ((y,),) = [y.tolist() for _, y in DataLoader(Doubling(*pairs(1).tensors))]
    assert y == 0.0
    assert [y.item() for _, y in DataLoader(Doubling(*pairs(3).tensors))] == [0.0, 1.0, 2.0]


def test_collate_fn_sees_samples():
    seen = []
    loader = DataLoader(pairs(4), batch_size=2, collate_fn=lambda samples: seen.append(len(samples)) or "batch")
    assert list(loader) == ["batch", "batch"]
    assert seen == [2, 2]


def test_getitems_is_used():
    class Many(Dataset):
        def __len__(self):
            return 4

        def __getitems__(self, indices):
            return [10 * index for index in indices]

    assert [batch.tolist() for batch in DataLoader(Many(), batch_size=3)] == [[0, 10, 20], [30]]


def test_no_batches():
    samples = list(DataLoader(pairs(3), batch_size=None))
    assert [type(sample) for sample in samples] == [list] * 3
    assert samples[1][1].item() == 0.5
    (array,) = DataLoader([numpy.ones(2)], batch_size=None)
    assert isinstance(array, ember.Tensor)
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]


def test_streams():
    assert [batch.tolist() for batch in DataLoader(Stream(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [batch.tolist() for batch in DataLoader(Stream(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    with pytest.raises(TypeError, match="has no len"):
        len(DataLoader(Stream(5)))

    class Short(Stream):
        def __len__(self):
            return 2

    loader = DataLoader(Short(3))
    assert len(loader) == 2
    with pytest.warns(UserWarning, match="reported to be 2"):
        assert len(list(loader)) == 3


def test_generator_orders_epochs():
    def epochs(seed):
        loader = DataLoader(pairs(20), batch_size=20, shuffle=True, generator=generator(seed))
        return [y.tolist() for _ in range(2) for _, y in loader]

    assert epochs(1) == epochs(1)
    assert epochs(1)[0] != epochs(1)[1]
    assert epochs(1) != epochs(2)


def test_loader_attributes():
    loader = DataLoader(pairs(5), batch_size=2)
    assert (loader.batch_size, loader.num_workers, loader.drop_last, len(loader)) == (2, 0, False, 3)
    assert type(loader.sampler) is SequentialSampler
    assert type(loader.batch_sampler) is BatchSampler
    assert loader.collate_fn is default_collate
    for name in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set"):
            setattr(loader, name, None)
    iterator = iter(loader)
    assert iter(iterator) is iterator
    assert len(iterator) == 3
    with pytest.raises(NotImplementedError, match="cannot be pickled"):
        pickle.dumps(iterator)
    assert get_worker_info() is None
    assert DataLoader[int] is not None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"num_workers": -1}, ValueError, "num_workers option should be non-negative"),
        ({"timeout": -1}, ValueError, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, ValueError, "prefetch_factor option"),
        ({"persistent_workers": True}, ValueError, "persistent_workers option"),
        ({"multiprocessing_context": "fork"}, ValueError, "multiprocessing_context"),
        ({"sampler": range(5), "shuffle": True}, ValueError, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, ValueError, "batch_sampler option is mutually exclusive"),
        ({"batch_sampler": [[1]], "shuffle": True}, ValueError, "batch_sampler option is mutually exclusive"),
        ({"batch_size": None, "drop_last": True}, ValueError, "disables auto-batching"),
        ({"batch_size": 0}, ValueError, "batch_size=0"),
    ],
)
def test_loader_errors(options, error, message):
    with pytest.raises(error, match=message):
        DataLoader(pairs(5), **options)


@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": range(3)}, {"batch_sampler": [[1]]}])
def test_streams_have_no_order(options):
    with pytest.raises(ValueError, match=f"unspecified {next(iter(options))} option"):
        DataLoader(Stream(3), **options)


def test_errors_of_samples_reach_the_caller():
    class Broken(Dataset):
        def __len__(self):
            return 1

        def __getitem__(self, index):
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        next(iter(DataLoader(Broken())))
    with pytest.raises(AssertionError, match="timeout is 5"):
        iter(DataLoader(pairs(), timeout=5))


def test_pin_memory_without_a_device_says_so():
    if ember.cuda.is_available():
        pytest.skip("a device is there")
    with pytest.warns(UserWarning, match="no accelerator"):
        batches = list(DataLoader(pairs(2), pin_memory=True))
    assert len(batches) == 2
