"""Memory shared between processes: tensors in queues and pipes, shared parameters, functions in several processes."""

import os
import signal

import pytest

import ember
import ember.multiprocessing as mp

METHODS = ["fork", "spawn"]


def add_to_all(tensors, ready):
    for tensor in tensors:
        with ember.no_grad():
            tensor.add_(10)
    ready.put(("seen", [tensor.sum().item() for tensor in tensors]))


@pytest.mark.parametrize("method", METHODS)
def test_processes_see_each_others_changes(method):
    context = mp.get_context(method)
    whole = ember.arange(6.0)
    parameter = ember.nn.Parameter(ember.ones(2))
    if method == "fork":  # a forked process has copies of what is not shared yet
        whole.share_memory_(), parameter.share_memory_()
    tensors = [whole, whole[2:4], parameter]
    ready = context.Queue()
    process = context.Process(target=add_to_all, args=(tensors, ready))
    process.start()
    # The view is of the tensor's own memory in the other process too.
    assert ready.get(timeout=30) == ("seen", [95.0, 45.0, 22.0])
    process.join()
    assert process.exitcode == 0
    assert whole.tolist() == [10, 11, 22, 23, 14, 15]
    assert parameter.tolist() == [11, 11]
    assert all(tensor.is_shared() for tensor in tensors)


def answer(requests, answers):
    while (tensor := requests.get()) is not None:
        answers.put(tensor)
        answers.put(ember.full((3,), 2.0, dtype=ember.float64))
        requests.get()  # a process whose tensors are to be received must live until then


@pytest.mark.parametrize("method", METHODS)
def test_tensors_in_queues(method):
    context = mp.get_context(method)
    requests, answers = context.Queue(), context.Queue()
    process = context.Process(target=answer, args=(requests, answers))
    process.start()
    sent = ember.zeros(4, dtype=ember.int16)
    requests.put(sent)
    back, made = answers.get(timeout=30), answers.get(timeout=30)
    back[1] = 7
    assert sent.tolist() == [0, 7, 0, 0]
    assert (made.dtype, made.tolist()) == (ember.float64, [2.0] * 3)
    requests.put("received")
    requests.put(None)
    process.join(30)
    assert process.exitcode == 0


def test_share_memory_keeps_values_and_views():
    whole = ember.arange(5)
    view, array, data = whole[1:], whole.numpy(), whole.data
    assert not whole.is_shared()
    assert whole.share_memory_() is whole
    address = whole.data_ptr()
    assert whole.share_memory_().data_ptr() == address  # once is enough
    assert view.is_shared()
    view[0] = 9
    assert whole.tolist() == [0, 9, 2, 3, 4]
    assert array.tolist() == data.tolist() == [0, 1, 2, 3, 4]  # made before: the old memory
    assert whole.data.is_shared()
    del whole
    assert view.tolist() == [9, 2, 3, 4]
    assert ember.empty(0).share_memory_().tolist() == []
    assert not ember.empty(2, device="meta").is_shared()
    with pytest.raises(RuntimeError, match="on meta"):
        ember.empty(2, device="meta").share_memory_()
    with pytest.raises(RuntimeError, match="cannot grow"):
        view.untyped_storage().resize_(1000)


def test_modules_share_memory():
    model = ember.nn.Linear(2, 2).share_memory()
    assert all(parameter.is_shared() for parameter in model.parameters())
    assert model(ember.ones(1, 2)).shape == (1, 2)


def test_shared_memory_is_given_back():
    files = len(os.listdir("/proc/self/fd"))
    for _ in range(50):
        ember.ones(1000).share_memory_()
    assert len(os.listdir("/proc/self/fd")) == files


def good(index, queue, offset):
    queue.put(index + offset)


def raising(index):
    if index == 1:
        raise ValueError("this one")
    signal.pause()


def exiting(index):
    os._exit(3 * index)


def killing(index):
    os.kill(os.getpid(), signal.SIGKILL)


def test_spawn():
    queue = mp.get_context("spawn").SimpleQueue()
    assert mp.spawn(good, (queue, 5), nprocs=2) is None
    assert sorted([queue.get(), queue.get()]) == [5, 6]
    context = mp.start_processes(exiting, nprocs=1, join=False, start_method="fork")
    assert len(context.pids()) == 1
    assert context.join()


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (
            raising,
            mp.ProcessRaisedException,
            r"\n\n-- Process 1 terminated with the following error:\nTraceback.*this one",
        ),
        (exiting, mp.ProcessExitedException, "process 1 terminated with exit code 3"),
        (killing, mp.ProcessExitedException, r"process [01] terminated with signal SIGKILL"),
    ],
)
def test_failures_of_processes(function, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        mp.start_processes(function, nprocs=2, start_method="fork")
    assert not mp.active_children()


def test_sharing_strategies():
    assert mp.get_sharing_strategy() in mp.get_all_sharing_strategies()
    mp.set_sharing_strategy("file_system")
    with pytest.raises(AssertionError, match="invalid sharing strategy 'x'"):
        mp.set_sharing_strategy("x")
