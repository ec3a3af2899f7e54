"""The names of PyTorch's graphs, which Ember does not make."""

from __future__ import annotations

import pytest

import ember


def test_a_wrapped_function_is_itself() -> None:
    def function() -> None: ...

    assert ember.fx.wrap(function) is function
    assert ember.fx.wrap("function") == "function"


def test_nothing_is_a_graph_and_making_one_says_so() -> None:
    assert not isinstance(ember.nn.Linear(1, 1), ember.fx.GraphModule)
    for make in (ember.fx.GraphModule, ember.fx.Tracer, ember.fx.symbolic_trace):
        with pytest.raises(RuntimeError, match="Ember makes no graphs of modules; they run eagerly"):
            make(ember.nn.Linear(1, 1))


def test_no_tensor_is_fake() -> None:
    from ember._subclasses.fake_tensor import FakeTensor, FakeTensorMode, is_fake
    from ember.fx.experimental.proxy_tensor import get_proxy_mode

    x = ember.ones(1, device="meta")
    assert not is_fake(x) and not isinstance(x, FakeTensor)
    assert get_proxy_mode() is None
    with pytest.raises(RuntimeError, match="Ember has no fake tensors"):
        FakeTensorMode()
