"""Names of devices, backends, processes and random states, beside a PyTorch that has no device but the CPU."""

from __future__ import annotations

import importlib

import pytest
from answers import check, shown, torch

import ember

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="PyTorch has a device here")

EXPRESSIONS = [
    # What scripts ask first.
    "T.cuda.is_available()",
    "T.cuda.device_count()",
    "T.cuda.is_initialized()",
    "T.cuda.is_bf16_supported()",
    "T.xpu.is_available()",
    "T.xpu.device_count()",
    "T.backends.mps.is_available()",
    "T.backends.mps.is_built()",
    "T.accelerator.current_accelerator()",
    "T.accelerator.is_available()",
    "T.accelerator.device_count()",
    "[hasattr(T, name) for name in ('npu', 'neuron', 'mlu', 'hpu', 'musa')]",
    "T.version.cuda",
    "T.version.hip",
    "T.get_device_module()",
    "T.get_device_module('cpu')",
    "T.get_device_module('cuda')",
    # What does nothing without one.
    "T.cuda.manual_seed(1)",
    "T.cuda.manual_seed_all(1)",
    "T.cuda.empty_cache()",
    "T.cuda.memory_allocated()",
    "T.cuda.max_memory_allocated()",
    "T.cuda.memory_reserved()",
    "T.cuda.max_memory_reserved()",
    "T.cuda.get_rng_state_all()",
    "T.cuda.set_rng_state(T.zeros(1, dtype=T.uint8))",
    "T.cuda.set_rng_state_all([])",
    "T.cuda.stream(None).__enter__()",
    "T.cuda.device(-1).__enter__()",
    "T.cuda.set_device(-1)",
    "T.xpu.empty_cache()",
    "T.compiler.cudagraph_mark_step_begin()",
    # What needs one.
    "T.ones(1).cuda()",
    "T.ones(1).xpu()",
    "T.ones(1).mtia()",
    "T.ones(1).ipu()",
    "T.nn.Linear(1, 1).xpu()",
    "T.nn.Linear(1, 1).cuda()",
    "T.cuda.current_device()",
    "T.cuda.current_stream()",
    "T.cuda.get_device_name()",
    "T.cuda.get_device_capability()",
    "T.cuda.get_device_properties(0)",
    "T.cuda.get_rng_state()",
    "T.cuda.mem_get_info()",
    "T.cuda.synchronize()",
    "T.cuda.CUDAGraph()",
    "T.cuda.graph(None)",
    "T.cuda.Stream()",
    "T.cuda.Event()",
    "T.cuda.FloatTensor(2)",
    "isinstance(x, T.cuda.FloatTensor)",
    "isinstance(x, T.cuda.Stream)",
    "callable(T.cuda.Event.record)",
    "T.xpu.current_device()",
    "T.xpu.get_device_name()",
    "T.get_autocast_gpu_dtype()",
    "T.xpu.memory_allocated()",
    "T.xpu.get_device_capability()",
    "T.xpu.get_device_properties(0)",
    "T.xpu.set_device(0)",
    "T.mps.current_allocated_memory()",
    "T.mps.driver_allocated_memory()",
    "T.accelerator.set_device_index(0)",
    "T.mps.empty_cache()",
    "x.record_stream(T.Stream())",
    # Settings.
    "T.set_deterministic_debug_mode('loud')",
    "T.set_deterministic_debug_mode(5)",
    "T.set_deterministic_debug_mode(None)",
    "T.backends.cudnn.benchmark",
    "T.backends.cudnn.deterministic",
    "T.backends.cudnn.allow_tf32",
    "T.backends.cudnn.enabled",
    "T.backends.cuda.matmul.allow_tf32",
    # Before there is a group of processes.
    "T.distributed.is_initialized()",
    "T.distributed.is_nccl_available()",
    "T.distributed.is_mpi_available()",
    "T.distributed.group.WORLD",
    "T.distributed.ReduceOp.SUM",
    "T.distributed.ReduceOp.MAX",
    "isinstance(T.distributed.ReduceOp.SUM, T.distributed.ReduceOp)",
    "T.distributed.get_rank()",
    "T.distributed.get_world_size()",
    "T.distributed.get_backend()",
    "T.distributed.barrier()",
    "T.distributed.all_reduce(x)",
    "T.distributed.reduce(x, 0)",
    "T.distributed.broadcast(x, 0)",
    "T.distributed.all_gather([x], x)",
    "T.distributed.all_gather_into_tensor(x, x)",
    "T.distributed.all_gather_object([1], 1)",
    "T.distributed.gather_object(1)",
    "T.distributed.broadcast_object_list([1])",
    "T.distributed.scatter_object_list([1], [1])",
    "T.distributed.isend(x, 0)",
    "T.distributed.irecv(x)",
    "T.distributed.new_group()",
    "T.distributed.destroy_process_group()",
    "importlib.import_module(T.__name__ + '.distributed.rpc').shutdown()",
    "importlib.import_module(T.__name__ + '.distributed.tensor').DTensor.from_local(x)",
    "T.nn.parallel.DistributedDataParallel(T.nn.Linear(1, 1))",
    "list(T.utils.data.distributed.DistributedSampler([1, 2, 3], 2, 0, shuffle=False))",
    "T.utils.data.distributed.DistributedSampler([1, 2, 3])",
    # Processes.
    "T.multiprocessing.get_start_method()",
    "T.multiprocessing.get_context('spawn').get_start_method()",
    "T.multiprocessing.Process",
    "T.multiprocessing.get_all_sharing_strategies()",
    "T.multiprocessing.get_sharing_strategy()",
]


def states_of_random_numbers(T):
    T.manual_seed(7)
    before = T.get_rng_state()
    first = T.rand(2)
    T.set_rng_state(before)
    same = T.equal(T.rand(2), first)
    T.random.set_rng_state(before)
    with T.random.fork_rng():
        T.rand(5)
    again = T.equal(T.rand(2), first)
    generator = T.Generator().manual_seed(3)
    state = generator.get_state()
    drawn = T.rand(3, generator=generator)
    returned = generator.set_state(state)
    return (
        same,
        again,
        T.equal(T.rand(3, generator=generator), drawn),
        returned is generator,
        before.dtype,
        T.initial_seed(),
        generator.initial_seed(),
        T.random.initial_seed(),
    )


def deterministic_algorithms(T):
    T.use_deterministic_algorithms(True, warn_only=True)
    told = T.are_deterministic_algorithms_enabled(), T.is_deterministic_algorithms_warn_only_enabled()
    modes = [T.get_deterministic_debug_mode()]
    for mode in ("error", 1, "default"):
        T.set_deterministic_debug_mode(mode)
        modes.append(T.get_deterministic_debug_mode())
    return told, modes, T.are_deterministic_algorithms_enabled()


def threads_and_start_methods(T):
    import multiprocessing

    before = multiprocessing.get_start_method()
    try:
        T.multiprocessing.set_start_method("fork", force=True)
        return T.multiprocessing.get_start_method(), T.get_num_threads() > 0
    finally:
        multiprocessing.set_start_method(before, force=True)


def work_in_processes(T):
    context = T.multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        squares = pool.map(abs, [-1, -2])
    with T.multiprocessing.Pool(1) as pool:
        sums = pool.map(sum, [[1, 2], [3]])
    queue = T.multiprocessing.Queue()
    process = T.multiprocessing.Process(target=queue.put, args=(3,))
    process.start()
    received = queue.get(timeout=60)
    process.join()
    with T.multiprocessing.Manager() as manager:
        shared = list(manager.list([1, 2]))
    return squares, sums, received, process.exitcode, shared


def distributed_plans(T):
    fsdp = importlib.import_module(f"{T.__name__}.distributed.fsdp")
    tensor = importlib.import_module(f"{T.__name__}.distributed.tensor")
    return (
        fsdp.MixedPrecisionPolicy(param_dtype=T.bfloat16),
        fsdp.MixedPrecision(),
        fsdp.CPUOffload(offload_params=True),
        fsdp.FullStateDictConfig(offload_to_cpu=True),
        list(fsdp.ShardingStrategy),
        fsdp.ShardingStrategy.FULL_SHARD.value,
        list(fsdp.StateDictType),
        fsdp.StateDictType.FULL_STATE_DICT,
        tensor.Shard(1),
        tensor.Shard(0) == tensor.Shard(0),
        tensor.Replicate(),
        tensor.Partial(),
        (tensor.Shard(0).is_shard(0), tensor.Shard(0).is_shard(1), tensor.Replicate().is_replicate()),
        isinstance(tensor.Replicate(), importlib.import_module(f"{T.__name__}.distributed.tensor").Placement),
    )


def distributed_policies(T):
    wrap = importlib.import_module(f"{T.__name__}.distributed.fsdp.wrap")
    layer, several = T.nn.Linear(1, 1), T.nn.ModuleList([T.nn.ReLU()])
    policy = wrap.ModuleWrapPolicy({T.nn.Linear})
    asked = [
        (module, recurse) for module in (layer, several, T.nn.MultiheadAttention(2, 1)) for recurse in (True, False)
    ]
    return (
        [wrap.transformer_auto_wrap_policy(module, recurse, 5, {T.nn.Linear}) for module, recurse in asked],
        [wrap.size_based_auto_wrap_policy(*each, n, min_num_params=10) for each in asked for n in (5, 10, 15)],
        [wrap.lambda_auto_wrap_policy(*each, 5, lambda module: module is layer) for each in asked],
        [policy(*each) for each in asked],
        wrap.always_wrap_policy(),
        wrap.wrap(layer) is layer,
    )


def state_dicts_by_name(T, flat=False):
    states = importlib.import_module(f"{T.__name__}.distributed.checkpoint.state_dict")
    options = states.StateDictOptions(flatten_optimizer_state_dict=flat)
    nets = [T.nn.Sequential(T.nn.Linear(1, 2), T.nn.BatchNorm1d(2)).eval() for _ in range(2)]
    nets[0].load_state_dict({key: T.full_like(value, 0.5) for key, value in nets[0].state_dict().items()})
    optimizers = [T.optim.SGD(net.parameters(), lr=0.5, momentum=0.5) for net in nets]
    empty = states.get_optimizer_state_dict(*[each[1] for each in (nets, optimizers)], options=options)
    nets[0](T.tensor([[1.0], [3.0]])).pow(3).sum().backward()
    optimizers[0].step()
    model, optimizer = states.get_state_dict(nets[0], optimizers[0], options=options)
    loaded = states.set_state_dict(
        nets[1], optimizers[1], model_state_dict=model, optim_state_dict=optimizer, options=options
    )
    assert states.set_model_state_dict(nets[1], states.get_model_state_dict(nets[0])) is not None
    assert states.set_optimizer_state_dict(nets[1], optimizers[1], optimizer) is None
    again = states.get_optimizer_state_dict(nets[1], optimizers[1], options=options)
    part = states.get_model_state_dict(nets[0], submodules={nets[0][1]})
    return list(empty), model, optimizer, again, list(part), str(loaded), states.StateDictOptions()


def flat_state_dicts_by_name(T):
    return state_dicts_by_name(T, flat=True)


FUNCTIONS = [
    states_of_random_numbers,
    deterministic_algorithms,
    threads_and_start_methods,
    work_in_processes,
    distributed_plans,
    distributed_policies,
    state_dicts_by_name,
    flat_state_dicts_by_name,
]


# What a build with CUDA answers where there is no device; PyTorch's build without it lacks what it would ask.
WITHOUT_A_DEVICE = {
    "cuda.is_current_stream_capturing()": False,
    "cuda.reset_peak_memory_stats()": None,
    "cuda.device(0).__enter__()": None,
    "ones(1).pin_memory().is_pinned()": False,
}


@pytest.mark.parametrize(("expression", "expected"), WITHOUT_A_DEVICE.items(), ids=WITHOUT_A_DEVICE)
def test_answers_without_a_device(expression, expected):
    assert eval(f"ember.{expression}", {"ember": ember}) is expected


@pytest.mark.parametrize("case", [*EXPRESSIONS, *FUNCTIONS], ids=shown)
def test_answers_are_the_same(case):
    check(case)
