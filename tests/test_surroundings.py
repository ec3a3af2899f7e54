"""What packages ask around tensors: compilers, processes, devices, versions, downloads, shared results."""

from __future__ import annotations

import hashlib
import http.server
import importlib
import itertools
import os
import pathlib
import subprocess
import sys
import threading
import typing

import pytest

import ember
from ember import nn

# ---- compilers ------------------------------------------------------------------------------------------------------


def test_compile_returns_what_it_is_given():
    net = nn.Linear(2, 3)
    assert ember.compile(net) is net
    assert ember.compile(net, fullgraph=True, dynamic=False, backend="inductor", mode="max-autotune") is net

    @ember.compile
    def f(x):
        return x + 1

    @ember.compile(dynamic=True)
    def g(x):
        return x + 2

    assert f(1) == 2 and g(1) == 3
    assert net.compile(mode="default") is None
    with pytest.raises(RuntimeError, match="both mode and options are given"):
        ember.compile(net, mode="default", options={})
    with pytest.raises(RuntimeError, match="model is int; expected a function or a module"):
        ember.compile(3)


def test_nothing_is_compiled():
    from ember import _dynamo, compiler, jit, onnx

    answers = [compiler.is_compiling(), compiler.is_dynamo_compiling(), compiler.is_exporting(), _dynamo.is_compiling()]
    assert not any([*answers, jit.is_scripting(), jit.is_tracing(), onnx.is_in_onnx_export()])
    assert not isinstance(nn.Linear(1, 1), _dynamo.OptimizedModule)
    for decorator in (compiler.disable, compiler.disable(), compiler.allow_in_graph, compiler.assume_constant_result):
        assert decorator(abs) is abs
    with _dynamo.config.patch(suppress_errors=True):
        assert _dynamo.config.suppress_errors
    assert not _dynamo.config.suppress_errors


def test_jit_runs_eagerly():
    from ember import jit

    net = nn.Linear(2, 2)
    assert jit.script(net) is net and jit.trace(net, ember.ones(2)) is net
    assert not isinstance(jit.script(net), jit.ScriptModule) and jit.Final[int]
    for decorator in (jit.ignore, jit.ignore(drop=True), jit.unused, jit.export, jit._overload, jit.script_if_tracing):
        assert decorator(len) is len
    assert jit.annotate(typing.List[int], [1]) == [1]  # noqa: UP006
    assert jit.isinstance(([1], {"a": None}), typing.Tuple[typing.List[int], typing.Dict[str, typing.Optional[int]]])  # noqa: UP006, UP045
    assert not jit.isinstance([1, "a"], list[int])
    assert jit.wait(jit.fork(lambda x: x + 1, 2)) == 3
    for call in (lambda: jit.save(net, "x.pt"), lambda: jit.load("x.pt")):
        with pytest.raises(RuntimeError, match="Ember does not read or write TorchScript; save the state_dict"):
            call()


def test_onnx_says_that_it_is_not_there():
    with pytest.raises(RuntimeError, match=r"onnx.export\(\): Ember does not write ONNX files."):
        ember.onnx.export(nn.Linear(1, 1), (ember.ones(1),), "x.onnx")


# ---- processes ------------------------------------------------------------------------------------------------------


def test_distributed_is_not_available():
    from ember import distributed

    assert not distributed.is_available() and not distributed.is_initialized()
    for name in ("get_rank", "get_world_size", "barrier"):
        with pytest.raises(ValueError, match=rf"{name}\(\): Default process group has not been initialized"):
            getattr(distributed, name)()
    with pytest.raises(
        ValueError, match=r"DistributedDataParallel\(\): Default process group has not been initialized"
    ):
        nn.parallel.DistributedDataParallel(nn.Linear(1, 1))
    assert not isinstance(nn.Linear(1, 1), nn.parallel.DistributedDataParallel)
    assert distributed.ReduceOp.SUM == 0 and distributed.group.WORLD is None
    assert distributed.Backend("NCCL") == distributed.Backend.NCCL


def test_a_group_of_one_process(monkeypatch):
    """As a launcher of one process sets the variables; what is sent is received, and training goes on as alone."""
    from ember import distributed

    launched = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
    for name, value in launched.items():
        monkeypatch.setenv(name, value)
    distributed.init_process_group("nccl")
    try:
        assert (distributed.get_rank(), distributed.get_world_size(), distributed.get_backend()) == (0, 1, "nccl")
        net = nn.Linear(2, 1)
        both = nn.parallel.DistributedDataParallel(net)
        both(ember.ones(1, 2)).sum().backward()
        before = net.weight.grad.clone()
        distributed.all_reduce(net.weight.grad, op=distributed.ReduceOp.AVG)
        gathered, objects = [ember.zeros(1, 2)], [None]
        distributed.all_gather(gathered, before)
        distributed.all_gather_object(objects, {"loss": 0.5})
        assert before.tolist() == net.weight.grad.tolist() == gathered[0].tolist() == [[1, 1]]
        assert objects == [{"loss": 0.5}] and list(both.state_dict()) == ["module.weight", "module.bias"]
        with pytest.raises(ValueError, match="there is no other process"):
            distributed.send(before, 1)
    finally:
        distributed.destroy_process_group()
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RuntimeError, match="world_size is 2 and rank 0; Ember computes in one process"):
        distributed.init_process_group("gloo")
    assert not distributed.is_initialized()


DISTRIBUTED = [
    ("distributed.tensor", "DTensor distribute_tensor"),
    ("distributed._tensor", "DTensor"),
    ("distributed.tensor.parallel", "ColwiseParallel parallelize_module"),
    ("distributed.tensor.placement_types", "_StridedShard"),
    ("distributed.device_mesh", "DeviceMesh init_device_mesh"),
    ("distributed.fsdp", "FullyShardedDataParallel FSDPModule fully_shard"),
    ("distributed.fsdp.fully_sharded_data_parallel", "FullyShardedDataParallel"),
    ("distributed.checkpoint", "FileSystemReader FileSystemWriter load save"),
    ("distributed.checkpoint.default_planner", "DefaultLoadPlanner"),
    ("distributed.rpc", "init_rpc RRef TensorPipeRpcBackendOptions"),
    ("distributed.rpc.api", "_require_initialized"),
    ("distributed._functional_collectives", "wait_tensor"),
    ("distributed.algorithms.join", "Join"),
    ("distributed.optim", "ZeroRedundancyOptimizer"),
    ("distributed", "DeviceMesh TCPStore FileStore"),
]


@pytest.mark.parametrize(("module", "names"), DISTRIBUTED, ids=[module for module, _ in DISTRIBUTED])
def test_names_of_distributed_training_refuse(module, names):
    found = importlib.import_module(f"ember.{module}")
    for name in names.split():
        with pytest.raises(RuntimeError, match="Ember computes in one process"):
            getattr(found, name)()


def test_methods_of_classes_of_distributed_training_refuse():
    from ember.distributed import fsdp

    with pytest.raises(
        RuntimeError, match=r"FullyShardedDataParallel.state_dict_type\(\): Ember computes in one process"
    ):
        fsdp.FullyShardedDataParallel.state_dict_type(nn.Linear(1, 1))
    with pytest.raises(RuntimeError, match=r"DeviceMesh.size\(\): Ember computes in one process"):
        ember.distributed.device_mesh.DeviceMesh.size()


def test_extensions_of_torch_are_not_compiled():
    with pytest.raises(RuntimeError, match=r"Ember has no C\+\+ interface"):
        ember.utils.cpp_extension.load("name", ["source.cpp"])


def test_state_dicts_by_name():
    """What another optimizer, with other groups, made for the same names; flat ones too."""
    from ember.distributed.checkpoint import state_dict as states

    net, other = nn.Linear(2, 3), nn.Linear(2, 3)
    one = ember.optim.Adam(net.parameters(), lr=0.5)
    two = ember.optim.Adam([{"params": [other.bias]}, {"params": [other.weight]}], lr=0.1)
    net(ember.ones(1, 2)).sum().backward()
    one.step()
    for options in (states.StateDictOptions(), states.StateDictOptions(flatten_optimizer_state_dict=True)):
        state = states.get_optimizer_state_dict(net, one, options=options)
        states.set_optimizer_state_dict(other, two, state, options=options)
        assert two.state[other.weight]["exp_avg"].tolist() == one.state[net.weight]["exp_avg"].tolist() != 0
        assert [(group["lr"], len(group["params"])) for group in two.param_groups] == [(0.5, 1), (0.5, 1)]
    assert sorted(state)[:2] == ["param_groups.bias.amsgrad", "param_groups.bias.betas"]
    net.bias.requires_grad_(False)
    options = states.StateDictOptions(ignore_frozen_params=True)
    assert list(states.get_model_state_dict(net, options=options)) == ["weight"]
    assert list(states.get_optimizer_state_dict(net, [one], options=options)["state"]) == ["weight"]


def test_activations_of_wrapped_modules_are_computed_again():
    from ember.distributed.algorithms._checkpoint.checkpoint_wrapper import (
        CheckpointWrapper,
        apply_activation_checkpointing,
    )

    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x = ember.ones(4, 2)
    net(x).sum().backward()
    expected, keys = [p.grad.clone() for p in net.parameters()], list(net.state_dict())
    state = {name: value.clone() for name, value in net.state_dict().items()}
    net.zero_grad()
    apply_activation_checkpointing(net, check_fn=lambda module: isinstance(module, nn.Linear))
    assert isinstance(net[0], CheckpointWrapper) and net[0].in_features == 2
    net(x).sum().backward()
    assert all(ember.equal(p.grad, g) for p, g in zip(net.parameters(), expected, strict=True))
    assert list(net.state_dict()) == keys
    assert [name for name, _ in net[0].named_parameters()] == ["weight", "bias"]
    net.load_state_dict(state)


# ---- devices --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["cuda", "xpu", "mps", "mtia", "accelerator"])
def test_other_devices_are_not_there(device):
    module = getattr(ember, device)
    assert module.is_available() is False and module.device_count() == 0
    with pytest.raises((AssertionError, RuntimeError), match="this build of Ember has no"):
        module.synchronize()


def test_cuda_answers_as_a_build_without_it():
    cuda = ember.cuda
    assert cuda.memory_allocated() == cuda.max_memory_reserved() == 0
    assert cuda.get_rng_state_all() == [] and cuda.memory_stats() == {} and cuda.get_arch_list() == []
    cuda.set_rng_state_all([])
    cuda.set_device(-1)
    with cuda.stream(None), cuda.device(0):
        pass
    for call in (lambda: cuda.set_device(0), cuda.current_device, cuda.get_device_name):
        with pytest.raises(AssertionError, match=r"cuda\.\w+\(\): this build of Ember has no CUDA devices"):
            call()
    with pytest.raises(RuntimeError, match="no CUDA devices"):
        cuda.Stream()
    assert ember.accelerator.current_accelerator() is None
    assert not hasattr(ember, "npu")


def test_streams_of_the_cpu_are_empty():
    stream, event = ember.Stream(), ember.Event()
    with stream:
        event.record()
    assert stream.query() and event.query() and stream == ember.Stream("cpu")


def test_settings_of_backends():
    from ember import backends

    assert backends.openmp.is_available() and backends.mkldnn.is_available()
    assert not any(each.is_available() for each in (backends.cudnn, backends.mps, backends.mkl))
    with backends.cudnn.flags(benchmark=True):
        assert backends.cudnn.benchmark is True
    assert backends.cudnn.benchmark is False and backends.cudnn.enabled is True
    try:
        backends.cuda.matmul.allow_tf32 = True
        assert ember.get_float32_matmul_precision() == "high"
        backends.cuda.matmul.allow_tf32 = False
        assert ember.get_float32_matmul_precision() == "highest"
    finally:
        ember.set_float32_matmul_precision("highest")
    with pytest.raises(AttributeError):
        backends.cuda.matmul.nothing = 1
    with backends.cuda.sdp_kernel(enable_flash=False):
        assert not backends.cuda.flash_sdp_enabled()
    assert backends.cuda.flash_sdp_enabled()


# ---- versions, private names ----------------------------------------------------------------------------------------


def test_versions_are_ordered():
    Version = ember.torch_version.TorchVersion
    ordered = [
        "1.9",
        "1.10.0a0",
        "1.10.0b2",
        "1.10.0rc1",
        "1.10.0",
        "1.10.0+cpu",
        "1.10.0.post1",
        "2.0.0.dev2023",
        "2.0",
        "2.13.0",
    ]
    for first, second in itertools.pairwise(ordered):
        assert Version(first) < second and Version(second) > first and Version(first) <= Version(second)
        assert Version(first) != second
    assert Version("2.13.0") >= (2, 13) and Version("2.0") == "2.0.0" and str(Version("2.0")) == "2.0"


def test_private_names_of_torch():
    assert ember._C._log_api_usage_once("x") is None
    device, dtype, non_blocking, memory_format = ember._C._nn._parse_to("cpu", ember.float64, non_blocking=True)
    assert (device, dtype, non_blocking, memory_format) == (ember.device("cpu"), ember.float64, True, None)
    keys = ember._C.DispatchKeySet(ember._C.DispatchKey.Autograd) | ember._C.DispatchKeySet(ember._C.DispatchKey.CPU)
    assert ember._C.DispatchKey.CPU in keys
    assert isinstance(ember.Tensor, ember._C._TensorMeta)
    with pytest.raises(AttributeError, match=r"'torch\._C' has no attribute 'nothing'"):
        ember._C.nothing
    flat = ember._utils._flatten_dense_tensors([ember.ones(2), ember.zeros(1, 2)])
    assert [
        tuple(each.shape) for each in ember._utils._unflatten_dense_tensors(flat, [ember.ones(2), ember.ones(1, 2)])
    ] == [(2,), (1, 2)]


def test_checks():
    ember._check(True)
    with pytest.raises(ValueError, match="told"):
        ember._check_value(False, lambda: "told")
    with pytest.raises(RuntimeError, match="nonzero"):
        ember._assert_async(ember.tensor(0))
    assert (
        ember.sym_int(2.7) == 2
        and ember.sym_max(1, 2.0) == 2.0
        and ember._shape_as_tensor(ember.ones(2, 3)).tolist() == [2, 3]
    )


def test_old_resize():
    with pytest.warns(UserWarning, match="non-inplace resize is deprecated"):
        assert ember.arange(6).resize(2, 3).tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match=r"requested resize to \(4,\)"):
        ember.arange(6).resize(4)


# ---- hub ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "source" / "weights.pth"
    path.parent.mkdir()
    ember.save({"w": ember.arange(3.0)}, path)
    return path


def test_files_from_urls(weights, tmp_path, capsys):
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    named = weights.rename(weights.with_name(f"weights-{digest[:8]}.pth"))
    folder = tmp_path / "models"
    load = lambda **options: ember.hub.load_state_dict_from_url(named.as_uri(), str(folder), **options)  # noqa: E731
    assert load(check_hash=True, progress=False)["w"].tolist() == [0, 1, 2]
    assert "Downloading" in capsys.readouterr().err
    named.unlink()
    assert load(progress=False, weights_only=True)["w"].tolist() == [0, 1, 2]  # once only
    assert [path.name for path in folder.iterdir()] == [named.name]
    ember.hub.download_url_to_file(
        (folder / named.name).as_uri(), str(tmp_path / "copy.pth"), digest[:8], progress=False
    )
    assert (tmp_path / "copy.pth").read_bytes() == (folder / named.name).read_bytes()


def test_files_over_http_and_wrong_hashes(weights, tmp_path):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(weights.parent))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/weights.pth"
            found = ember.hub.load_state_dict_from_url(url, str(tmp_path / "models"), progress=True)
            with pytest.raises(RuntimeError, match=r'invalid hash value \(expected "0000"'):
                ember.hub.download_url_to_file(url, str(tmp_path / "other.pth"), "0000", progress=False)
        finally:
            server.shutdown()
            thread.join()
    assert found["w"].tolist() == [0, 1, 2]
    assert not (tmp_path / "other.pth").exists() and not list(tmp_path.glob("*.partial"))


def test_models_of_a_folder(tmp_path):
    (tmp_path / "hubconf.py").write_text(
        "dependencies = ['numpy']\nimport parts\ndef model(width, depth=1):\n    return parts.made(width, depth)\n"
    )
    (tmp_path / "parts.py").write_text("def made(*sizes):\n    return sizes\n")
    assert ember.hub.load(tmp_path, "model", 3, depth=2, source="local") == (3, 2)
    with pytest.raises(RuntimeError, match="Cannot find callable other in hubconf"):
        ember.hub.load(tmp_path, "other", source="local")
    (tmp_path / "hubconf.py").write_text("dependencies = ['no_such_package_here']\n")
    with pytest.raises(RuntimeError, match="Missing dependencies: no_such_package_here"):
        ember.hub.load(tmp_path, "model", source="local")
    with pytest.raises(RuntimeError, match="Ember does not download code"):
        ember.hub.load("pytorch/vision", "resnet18")
    with pytest.raises(ValueError, match='Unknown source: "other"'):
        ember.hub.load(tmp_path, "model", source="other")


def test_the_hubs_folder(monkeypatch):
    monkeypatch.setenv("TORCH_HOME", "/somewhere/torch")
    assert ember.hub.get_dir() == "/somewhere/torch/hub"
    assert ember.hub.HASH_REGEX.search("resnet18-bfd8deac.pth")[1] == "bfd8deac"
    assert ember.utils.model_zoo.load_url is ember.hub.load_state_dict_from_url


# ---- futures --------------------------------------------------------------------------------------------------------


def test_futures():
    from ember.futures import Future, collect_all, wait_all

    future = Future()
    doubled = future.then(lambda done: 2 * done.value())
    seen = []
    future.add_done_callback(lambda done: seen.append(done.value()))
    threading.Timer(0.01, future.set_result, (4,)).start()
    assert future.wait() == 4 and doubled.wait() == 8 and seen == [4] and future.done()
    with pytest.raises(RuntimeError, match="done already"):
        future.set_result(5)
    failed = Future()
    failed.set_exception(ValueError("why"))
    with pytest.raises(ValueError, match="why"):
        failed.wait()
    assert [each.done() for each in collect_all([future, failed]).wait()] == [True, True]
    assert wait_all([future, doubled]) == [4, 8] and collect_all([]).wait() == []


# ---- the whole environment ------------------------------------------------------------------------------------------


def test_a_variable_makes_torch_ember(tmp_path):
    """The .pth file of the wheel, in a folder of its own beside a link to the package."""
    package = pathlib.Path(ember.__file__).parent
    start = package.parent.parent / "cmake" / "ember_as_torch.pth"
    if not start.exists():
        pytest.skip("the sources are not here")
    (tmp_path / "ember").symlink_to(package)
    (tmp_path / "ember_as_torch.pth").write_text(start.read_text())
    program = (
        "import site, sys; site.addsitedir(sys.argv[1]); import importlib.metadata as m, torch.nn as nn\n"
        "import torch; print(m.version('torch'), torch.__name__, nn.__name__, torch.__version__ >= '2.6')"
    )
    environment = {**os.environ, "EMBER_AS_TORCH": "1"}
    found = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env=environment, capture_output=True, text=True, check=False
    )
    assert (found.stdout, found.stderr) == ("2.13.0 torch ember.nn True\n", "")


def test_no_graphs_are_exported():
    from ember import export

    for refused in (export.export, export.load, export.ExportedProgram):
        with pytest.raises(RuntimeError, match="Ember makes no graphs of programs"):
            refused()
    assert repr(export.Dim("batch", max=8)) == "Dim('batch', min=0, max=8)"
    assert [repr(each) for each in export.dims("a", "b", min=2)] == ["Dim('a')", "Dim('b')"]
    assert repr(export.Dim.AUTO) == "DimHint(AUTO)"
    for arguments in ({"name": "a", "min": 5, "max": 4}, {"name": "1a"}):
        with pytest.raises(AssertionError):
            export.Dim(**arguments)


def test_marks_of_compilers_are_accepted():
    from ember import _dynamo

    x = ember.ones(2)
    marks = (_dynamo.mark_dynamic(x, 0, min=2), _dynamo.maybe_mark_dynamic(x, 0), _dynamo.mark_static(x))
    assert marks == (None, None, None) and _dynamo.mark_static_address(x) is None


def test_what_profilers_and_strategies_of_packages_ask():
    from ember import autograd, distributed, profiler

    assert not autograd._profiler_enabled()
    with profiler.profile():
        assert autograd._profiler_enabled()
    assert distributed.Backend.default_device_backend_map["cpu"] == "gloo"


def test_private_names_that_packages_read():
    from ember import _tensor, _utils
    from ember._rebuild import _rebuild_from_type_v2

    assert _tensor._rebuild_from_type_v2 is _rebuild_from_type_v2
    assert _utils._element_size(ember.bfloat16) == 2
    assert _utils._get_device_index(3) == 3 and _utils._get_device_index("cpu", allow_cpu=True) == -1
    assert _utils._get_device_index(None, optional=True) is None
    for device in (None, "cpu"):
        with pytest.raises(ValueError, match="Expected a"):
            _utils._get_device_index(device)
    with pytest.raises(KeyError, match="why"):
        ember._check_with(KeyError, False, lambda: "why")
    with pytest.raises(KeyError, match="why"):
        ember._check_tensor_all_with(KeyError, ember.tensor([True, False]), lambda: "why")
    ember._check_tensor_all_with(KeyError, ember.tensor([True]))
    assert ember.legacy_contiguous_format is ember.contiguous_format


def test_gradient_of_softmax_from_its_result():
    x = ember.randn(2, 3, dtype=ember.float64, requires_grad=True)
    weights, gradient = x.softmax(-1), ember.randn(2, 3, dtype=ember.float64)
    (expected,) = ember.autograd.grad(weights, x, gradient)
    assert ember.allclose(ember._softmax_backward_data(gradient, weights.detach(), -1, x.dtype), expected)
