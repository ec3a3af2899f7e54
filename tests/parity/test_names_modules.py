"""Names of modules, their gradients, data and distributions, beside PyTorch."""

from __future__ import annotations

import importlib

import pytest
from answers import check, shown

EXPRESSIONS = [
    "T.nn.Linear(2, 3)._get_name()",
    "T.nn.Linear(2, 3).extra_repr()",
    "T.nn.Module().extra_repr()",
    "T.nn.Linear(2, 3).cpu()",
    "T.nn.Linear(2, 3).type(T.float64).weight.dtype",
    "T.nn.Linear(2, 3).to_empty(device='cpu').weight.shape",
    "T.nn.Linear(2, 3, device='meta').to_empty(device='cpu').weight.is_meta",
    "T.nn.Linear(2, 3).get_extra_state()",
    "T.nn.Linear(2, 3).set_extra_state(1)",
    "T.nn.Module().forward(x)",
    "T.nn.Linear(4, 2).forward(x).shape",
    "T.nn.LayerNorm(4).forward(x)",
    "T.nn.ReLU().forward(x)",
    "T.nn.Conv2d(1, 1, 1).forward(T.ones(1, 1, 2, 2)).shape",
    "T.nn.init._calculate_fan_in_and_fan_out(T.zeros(3, 4, 2, 5))",
    "T.nn.init._calculate_fan_in_and_fan_out(T.zeros(3))",
    "issubclass(T.optim.lr_scheduler._LRScheduler, T.optim.lr_scheduler.LRScheduler)",
    "isinstance(T.optim.lr_scheduler.StepLR(T.optim.SGD([xg]), 1), T.optim.lr_scheduler._LRScheduler)",
    "T.optim.lr_scheduler._LRScheduler(T.optim.SGD([xg], lr=0.5))",
    "T.nn.attention.SDPBackend.EFFICIENT_ATTENTION",
    "sorted(T.nn.attention.SDPBackend.__members__)",
    "T.distributions.constraints.real",
    "T.distributions.constraints.real.check(x)",
    "T.distributions.constraints.positive_definite",
    "T.distributions.constraints.positive_definite.check(T.tensor([[2.0, 1.0], [1.0, 2.0]]))",
    "T.distributions.constraints.is_dependent(T.distributions.constraints.dependent_property(is_discrete=True))",
    "T.distributions.constraints.dependent_property(is_discrete=True, event_dim=1).event_dim",
    "T.distributions.Categorical(T.tensor([1.0, 3.0])).probs",
    "T.distributions.utils.broadcast_all(x, 1.0)",
    "T.distributions.utils.broadcast_all(1, 2.0)",
    "T.utils.data.DataLoader([1, 2, 3]).dataset",
    "T.utils.data.DataLoader([1, 2, 3], 2).batch_sampler.batch_size",
    "type(T.utils.data.DataLoader([1, 2, 3]).sampler)",
    "T.utils.data.dataloader._DatasetKind.Map",
    "T.utils.data.dataloader._DatasetKind.Iterable",
    "T.utils.data.sampler",
    "T.utils.data.distributed",
    "T.jit.trace_module(T.nn.ReLU(), {'forward': x})(x)",
    "issubclass(T.jit.ScriptModule, T.nn.Module)",
    "issubclass(T.jit.TracerWarning, Warning)",
    "isinstance(T.nn.ReLU(), T.jit.ScriptModule)",
    "T.nn.Embedding(3, 2).forward(j[:2]).shape",
    "T.nn.Sequential(T.nn.ReLU()).forward(x)",
    "T.nn.GroupNorm(2, 4).forward(x)",
    "T.nn.modules.utils._pair(3)",
    "T.nn.modules.utils._pair((1, 2))",
    "T.multiprocessing.Value('i', 3).value",
    "T.multiprocessing.cpu_count() > 0",
    "T.multiprocessing.current_process().name",
    "T.utils._pytree.tree_map_only(int, lambda v: v + 1, [1, 'a', (2,)])",
    "str(T.utils._pytree.MappingKey('a'))",
    "T.utils._pytree._dict_flatten({'b': 1, 'a': 2})",
    "T.utils._pytree._dict_unflatten([1, 2], ['b', 'a'])",
    "T.distributions.utils.logits_to_probs(x)",
    "T.distributions.utils.logits_to_probs(x, is_binary=True)",
    "T.distributions.utils.probs_to_logits(p)",
    "T.distributions.utils.probs_to_logits(p, is_binary=True)",
    "T.distributions.utils._sum_rightmost(b, 2)",
    "T.distributions.Distribution.set_default_validate_args(True)",
    "T.distributions.Distribution.set_default_validate_args(3)",
    "T.utils.data._utils.worker._generate_state(1, 2)",
    "T.utils.data._utils.pin_memory.pin_memory([1, 'a'])",
    "T.hub._get_torch_home()",
    "T.distributions.transforms.ExpTransform().inv",
    "isinstance(T.distributions.transforms.ExpTransform().inv, T.distributions.transforms._InverseTransform)",
    "T.optim.lr_scheduler.StepLR(T.optim.SGD([xg]), 1).optimizer.param_groups[0]['lr']",
]


def hooks_and_private_names_of_modules(T):
    seen = []
    module = T.nn.Linear(2, 1)
    module.register_backward_hook(lambda *_: None)
    module._register_load_state_dict_pre_hook(lambda state, *rest: seen.append((sorted(state), rest)))
    module.load_state_dict(module.state_dict())
    names = [name for name, _ in module._named_members(lambda each: each._parameters.items(), prefix="net")]
    doubled = module._apply(lambda tensor: tensor.double())
    return seen, names, len(module._backward_hooks), doubled is module, module.weight.dtype, list(module._parameters)


def parts_by_name(T):
    module = T.nn.Module()
    module.add_module("layer", T.nn.ReLU())
    module.register_module("other", None)
    module.register_parameter("weight", T.nn.Parameter(T.ones(2)))
    module.register_parameter("bias", None)
    module.register_buffer("kept", T.zeros(1), persistent=False)
    return repr(module), list(module._modules), list(module._parameters), list(module.state_dict()), module.bias


def older_schedules(T):
    class Halved(T.optim.lr_scheduler._LRScheduler):
        def get_lr(self):
            return [rate / 2**self.last_epoch for rate in self.base_lrs]

    optimizer = T.optim.SGD([T.ones(1, requires_grad=True)], lr=0.5)
    schedule = Halved(optimizer)
    optimizer.step()
    schedule.step()
    return schedule.get_last_lr(), optimizer.param_groups[0]["lr"]


def extra_states(T):
    class Counting(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.count = 3

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    one, other = Counting(), Counting()
    one.count = 5
    state = one.state_dict()
    other.load_state_dict(state)
    return list(state.items()), other.count, (one.get_extra_state(), other.set_extra_state({"count": 1}), other.count)


def old_weight_norm(T):
    module = T.nn.utils.weight_norm(T.nn.Linear(2, 3))
    shapes = [(name, tuple(p.shape)) for name, p in module.named_parameters()]
    same = T.allclose(module.weight, module.weight_g * module.weight_v / module.weight_v.norm(dim=1, keepdim=True))
    module(T.ones(1, 2)).sum().backward()
    return shapes, same, [name for name, _ in T.nn.utils.remove_weight_norm(module).named_parameters()]


def functions_with_a_context(T):
    class Scaled(T.autograd.Function):
        @staticmethod
        def forward(ctx, x, y, factor):
            ctx.save_for_backward(x, y)
            ctx.factor = factor
            return x * y * factor

        @staticmethod
        @T.autograd.function.once_differentiable
        def backward(ctx, grad):
            _, y = ctx.saved_tensors
            needed.append(ctx.needs_input_grad)
            return grad * y * ctx.factor, None, None

    needed = []
    x, y = T.tensor([2.0, 3.0], requires_grad=True), T.tensor([5.0, 7.0])
    T.autograd.backward([Scaled.apply(x, y, 2).sum(), x.sum()])
    (first,) = T.autograd.grad(Scaled.apply(x, y, 2).sum(), x, create_graph=True)
    try:
        first.sum().backward()
        twice = None
    except RuntimeError as error:
        twice = type(error)
    return x.grad, needed, twice, type(x.grad_fn), isinstance(Scaled, type(T.autograd.Function))


def lazy_properties(T):
    class Squared:
        def __init__(self):
            self.computed = 0

        @T.distributions.utils.lazy_property
        def square(self):
            """What it is."""
            self.computed += 1
            return T.tensor(4.0)

    one = Squared()
    return one.square, one.square, one.computed, isinstance(Squared.square, property), Squared.square.__doc__


def loaders_again(T):
    loader = T.utils.data.DataLoader([1, 2, 3], batch_size=2)
    iterator = iter(loader)
    first = next(iterator)
    iterator._reset(loader, first_iter=False)
    return first, list(iterator), isinstance(iterator, T.utils.data.dataloader._BaseDataLoaderIter)


def pipes(T):
    data = T.utils.data

    class Times(data.IterDataPipe):
        def __init__(self, source, factor=2):
            super().__init__()
            self.source, self.factor = source, factor

        def __iter__(self):
            return (self.factor * each for each in self.source)

    @data.functional_datapipe("in_threes")
    class Threes(Times):
        def __init__(self, source):
            super().__init__(source, 3)

    @data.functional_datapipe("twice")
    class Twice(data.MapDataPipe):
        def __init__(self, source):
            self.source = source

        def __getitem__(self, index):
            return 2 * self.source[index]

    pipe = Times([1, 2])
    errors = []
    for wrong in (lambda: pipe.nothing, lambda: data.functional_datapipe("twice")(Twice)):
        try:
            wrong()
        except Exception as error:
            errors.append(type(error))
    chained = pipe.in_threes().in_threes()
    return (
        *(list(chained), repr(pipe), str(chained), Twice([5]).twice()[0], errors, pipe.reset()),
        *("in_threes" in data.IterDataPipe.functions, "in_threes" in data.MapDataPipe.functions),
        *(isinstance(pipe, data.IterableDataset), isinstance(Twice([]), data.Dataset)),
    )


def contexts_of_functions(T):
    class Both(T.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            seen.append((first is None, second is None))
            return first * 2

    seen = []
    x = T.ones(2, requires_grad=True)
    Both.apply(x)[0].sum().backward()
    return x.grad, seen


def divergences_of_ones_own(T):
    class Mine(T.distributions.Normal):
        pass

    @T.distributions.kl.register_kl(Mine, Mine)
    def divergence(p, q):
        return T.tensor(7.0)

    return T.distributions.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 1.0))


def safe_globals(T):
    class Kept:
        pass

    with T.serialization.safe_globals([Kept]):
        inside = Kept in T.serialization.get_safe_globals()
    return inside, Kept in T.serialization.get_safe_globals()


def trees(T):
    pytree = importlib.import_module(f"{T.__name__}.utils._pytree")

    class Pair:
        def __init__(self, a, b):
            self.a, self.b = a, b

    pytree.register_pytree_node(Pair, lambda pair: ([pair.a, pair.b], None), lambda parts, _: Pair(*parts))
    known = Pair in pytree.SUPPORTED_NODES
    leaves = pytree.tree_leaves([Pair(1, {"x": 2}), None])
    paths = [pytree.keystr(path) for path, _ in pytree.tree_leaves_with_path([(1, 2), {"k": 3}])]
    key = pytree.SequenceKey(3)
    return known, leaves, paths, str(key), key == pytree.SequenceKey(3), key.get([0, 1, 2, 5])


def wrapped_tensors(T):
    asks = importlib.import_module(f"{T.__name__}.utils._python_dispatch").is_traceable_wrapper_subclass

    class Plain(T.Tensor):
        pass

    class Wrapped(T.Tensor):
        def __tensor_flatten__(self):
            return [], None

        @staticmethod
        def __tensor_unflatten__(inner, context, size, stride):
            return inner

    return [asks(each) for each in (T.ones(1), T.ones(1).as_subclass(Plain), T.ones(1).as_subclass(Wrapped), 3)]


def dlpack(T):
    x = T.arange(3.0)
    shared = T.utils.dlpack.from_dlpack(T.utils.dlpack.to_dlpack(x))
    x[0] = 5
    return shared, T.from_dlpack(x), T.utils.dlpack


def wrapped_for_checkpoints(T):
    wrapper = importlib.import_module(f"{T.__name__}.distributed.algorithms._checkpoint.checkpoint_wrapper")
    kinds = list(wrapper.CheckpointImpl), wrapper.CheckpointImpl.NO_REENTRANT
    return kinds, wrapper.checkpoint_wrapper(T.nn.Linear(2, 2), checkpoint_impl=wrapper.CheckpointImpl.NO_REENTRANT)


FUNCTIONS = [
    hooks_and_private_names_of_modules,
    parts_by_name,
    older_schedules,
    extra_states,
    old_weight_norm,
    functions_with_a_context,
    lazy_properties,
    loaders_again,
    pipes,
    contexts_of_functions,
    divergences_of_ones_own,
    safe_globals,
    trees,
    wrapped_tensors,
    dlpack,
    wrapped_for_checkpoints,
]


@pytest.mark.parametrize("case", [*EXPRESSIONS, *FUNCTIONS], ids=shown)
def test_answers_are_the_same(case):
    check(case)
