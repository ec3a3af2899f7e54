"""`__torch_function__`: classes of arguments and modes that take calls over."""

from __future__ import annotations

import pickle

import pytest

import ember
from ember import nn
from ember.nn import functional as F
from ember.overrides import (
    TorchFunctionMode,
    handle_torch_function,
    has_torch_function,
    is_tensor_like,
    is_tensor_method_or_property,
    resolve_name,
    wrap_torch_function,
)


class Plain(ember.Tensor):
    pass


class Logged(ember.Tensor):
    seen: list[str] = []

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.seen.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})


class Duck:
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return func, types, kwargs


class Refuses:
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return NotImplemented


def plain():
    return ember.ones(2, 2).as_subclass(Plain)


KEEP = [
    *(
        lambda p: p + 1,
        lambda p: 1 - p,
        lambda p: ember.ones(2, 2) + p,
        lambda p: -p,
        lambda p: p == 1,
        lambda p: p @ p,
    ),
    *(lambda p: p**2, lambda p: p.sum(), lambda p: p[0], lambda p: p.T, lambda p: p.data, lambda p: p.detach()),
    *(lambda p: p.to(ember.float64), lambda p: ember.stack([p, p]), lambda p: F.relu(p), lambda p: p.split(1)[0]),
    *(
        lambda p: p.max(0).values,
        lambda p: ember.einsum("ij->i", p),
        lambda p: ember.zeros_like(p),
        lambda p: next(iter(p)),
    ),
    *(lambda p: F.linear(p, p), lambda p: p.new_zeros(2), lambda p: p.requires_grad_(), lambda p: nn.Parameter(p)),
    lambda p: F.scaled_dot_product_attention(p[None], p[None], p[None]),
]


@pytest.mark.parametrize("call", KEEP)
def test_results_have_the_subclass(call):
    assert type(call(plain())) is Plain


def test_what_is_no_tensor_stays():
    p = plain()
    assert (
        type(p.shape) is ember.Size
        and p.dtype is ember.float32
        and p.grad is None
        and type(p.numpy()).__name__ == "ndarray"
    )
    assert type(p.max(0)).__name__ == "max"


def test_parameters_and_disabled_classes_give_plain_tensors():
    assert type(nn.Parameter(ember.ones(1)) + 1) is ember.Tensor
    with ember._C.DisableTorchFunctionSubclass():
        assert type(plain() + 1) is ember.Tensor

    class Off(ember.Tensor):
        __torch_function__ = ember._C._disabled_torch_function_impl

    off = ember.ones(1).as_subclass(Off)
    assert type(off + 1) is ember.Tensor and not has_torch_function((off,))


def test_gradients_pass_through_subclasses():
    x = plain().requires_grad_()
    (x * x).sum().backward()
    assert x.grad.tolist() == [[2, 2], [2, 2]]


SEEN = [
    (lambda a: a + 1, "add"),
    (lambda a: ember.add(a, 1), "add"),
    (lambda a: a.shape, "__get__"),
    (lambda a: a[0], "__getitem__"),
    (lambda a: F.cross_entropy(a, ember.tensor([0, 1])), "cross_entropy"),
    (lambda a: ember.cat((ember.ones(1, 2), a)), "cat"),
    (lambda a: a.size(), "size"),
    (lambda a: len(a), "__len__"),
    (lambda a: a.numpy(), "numpy"),
    (lambda a: a.add_(1), "add_"),
    (lambda a: a.__setitem__(0, 1.0), "__setitem__"),
    (lambda a: a.tolist(), "tolist"),
]


@pytest.mark.parametrize(("call", "name"), SEEN, ids=[name for _, name in SEEN])
def test_a_call_is_handed_over_once(call, name):
    a = ember.ones(2, 2).as_subclass(Logged)
    Logged.seen.clear()
    call(a)
    assert Logged.seen == [name]


def test_classes_that_are_no_tensors():
    duck = Duck()
    for call, function in [
        (lambda: ember.add(ember.ones(1), duck), ember.add),
        (lambda: ember.stack([duck]), ember.stack),
        (lambda: ember.einsum("i->i", duck), ember.einsum),
        (lambda: F.linear(duck, duck), F.linear),
        (lambda: ember.ones(1) + duck, ember.add),
    ]:
        assert call() == (function, (Duck,), None)
    assert ember.add(duck, 1, alpha=2)[2] == {"alpha": 2}
    with pytest.raises(
        TypeError, match=r"add\(\): no implementation found: __torch_function__ of all classes.*Refuses"
    ):
        ember.add(Refuses(), 1)
    assert is_tensor_like(duck) and is_tensor_like(ember.ones(1)) and not is_tensor_like(1)
    assert has_torch_function((duck,)) and not has_torch_function((ember.ones(1), 1, "a", None))


def test_subclasses_are_asked_first():
    class Inner(Duck):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return "inner", types

    assert ember.add(Duck(), Inner()) == ("inner", (Inner, Duck))


def test_functions_of_ones_own():
    def twice(x):
        if has_torch_function((x,)):
            return handle_torch_function(twice, (x,), x)
        return x + x

    @wrap_torch_function(lambda x: (x,))
    def thrice(x):
        return 3 * x

    assert twice(ember.ones(1)).item() == 2 and thrice(ember.ones(1)).item() == 3
    assert twice(Duck())[0] is twice and thrice(Duck())[0] is thrice
    assert resolve_name(F.relu) == "torch.nn.functional.relu" and resolve_name(ember.stack) == "torch.stack"
    assert is_tensor_method_or_property(ember.Tensor.numpy) and not is_tensor_method_or_property(len)


class Record(TorchFunctionMode):
    def __init__(self):
        self.seen = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen.append(func.__name__)
        return func(*args, **(kwargs or {}))


def test_modes_see_calls_of_plain_tensors():
    with Record() as outer, Record() as inner:
        x = ember.ones(2) + 1
        F.relu(x)
        ember.stack([x, x])
    assert inner.seen == outer.seen == ["ones", "add", "relu", "stack"]
    x + 1
    assert len(outer.seen) == 4


def test_a_mode_ends_with_an_error():
    class Fails(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            raise ValueError("here")

    for _ in range(2):
        with pytest.raises(ValueError, match="here"), Fails():
            ember.ones(1)
    assert ember.ones(1).item() == 1
    with pytest.raises(RuntimeError, match="left a mode that was not entered"):
        TorchFunctionMode().__exit__()


def test_published_functions_are_still_functions():
    import inspect

    assert pickle.loads(pickle.dumps(F.relu)) is F.relu and pickle.loads(pickle.dumps(ember.einsum)) is ember.einsum
    assert list(inspect.signature(F.dropout).parameters) == ["input", "p", "training", "inplace"]
    with pytest.raises(TypeError, match=r"std\(\): argument 'input' \(position 1\) must be Tensor, not str"):
        ember.std("a")


# ---- library --------------------------------------------------------------------------------------------------------


def test_operations_of_packages():
    from ember import library

    @library.custom_op("test_pkg::scale", mutates_args=())
    def scale(x: ember.Tensor, by: float) -> ember.Tensor:
        return x * by

    def setup(ctx, inputs, output):
        ctx.by = inputs[1]

    scale.register_autograd(lambda ctx, g: (g * ctx.by, None), setup_context=setup)
    library.register_fake("test_pkg::scale", lambda x, by: ember.empty_like(x))
    x = ember.ones(2, requires_grad=True)
    ember.ops.test_pkg.scale(x, 3.0).sum().backward()
    assert x.grad.tolist() == [3, 3] and scale._schema == "(Tensor x, float by) -> Tensor"
    assert scale(ember.ones(2, device="meta"), by=2.0).shape == (2,)


def test_unknown_operations_are_accepted():
    from ember import library

    @library.register_fake("test_vision::nms")
    def nms(boxes):
        return boxes

    with pytest.raises(NotImplementedError, match=r"test_vision::nms\(\): no function is registered for device 'cpu'"):
        ember.ops.test_vision.nms(ember.ones(1))
    with pytest.raises(AttributeError, match="object has no attribute 'other'"):
        ember.ops.test_vision.other
    with pytest.raises(OSError, match="operations compiled for PyTorch"):
        ember.ops.load_library("x.so")
    with pytest.raises(ValueError, match="namespace::name"):
        library.custom_op("nothing", mutates_args=())(len)
