"""Pruning: which entries go, what is left in the module, and that prunings add up."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import ember
from ember import nn
from ember.nn.utils import prune


def layer_of(weight):
    layer = nn.Linear(len(weight[0]), len(weight), dtype=ember.float64)
    layer.weight = nn.Parameter(ember.tensor(weight, dtype=ember.float64))
    return layer


def layer():
    return layer_of([[3.0, -1.0, 0.5, 2.0], [-0.2, 4.0, -5.0, 0.1], [1.5, -2.5, 0.3, 6.0]])


def mask_of(module, name="weight"):
    return getattr(module, name + "_mask").tolist()


def test_what_pruning_leaves_in_a_module():
    pruned = layer()
    original = pruned.weight
    assert prune.l1_unstructured(pruned, "weight", amount=4) is pruned
    assert list(pruned.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    assert pruned.weight_orig is original
    assert not isinstance(pruned.weight, nn.Parameter)
    assert mask_of(pruned) == [[1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 0, 1]]
    assert ember.equal(pruned.weight, original * pruned.weight_mask)
    x = ember.ones(2, 4, dtype=ember.float64)
    pruned(x).sum().backward()
    assert ember.equal(original.grad, 2 * pruned.weight_mask)
    with ember.no_grad():
        original.mul_(2)
    ember.testing.assert_close(pruned(x), x @ (original * pruned.weight_mask).mT + pruned.bias)
    assert prune.is_pruned(pruned)
    assert prune.is_pruned(nn.Sequential(nn.ReLU(), pruned))
    assert not prune.is_pruned(layer())


def test_removal_keeps_the_zeros():
    pruned = prune.l1_unstructured(layer(), "weight", amount=0.5)
    original, values = pruned.weight_orig, pruned.weight.detach().clone()
    prune.remove(pruned, "weight")
    assert pruned.weight is original
    assert ember.equal(pruned.weight, values)
    assert list(pruned.state_dict()) == ["bias", "weight"]
    assert not pruned._forward_pre_hooks
    with pytest.raises(ValueError, match=r"Parameter 'weight' of module Linear.* has to be pruned"):
        prune.remove(pruned, "weight")


def test_structured_pruning():
    assert mask_of(prune.ln_structured(layer(), "weight", amount=1, n=2, dim=0)) == [[0] * 4, [1] * 4, [1] * 4]
    assert mask_of(prune.ln_structured(layer(), "weight", amount=0.5, n=1, dim=1)) == [[0, 1, 0, 1]] * 3
    ember.manual_seed(1)
    mask = np.array(mask_of(prune.random_structured(layer(), "weight", amount=2, dim=-1)))
    assert (mask == mask[0]).all()
    assert mask[0].sum() == 2


def test_random_pruning():
    pruned = prune.random_unstructured(layer(), "weight", amount=0.25)
    assert np.array(mask_of(pruned)).sum() == 9
    assert mask_of(prune.random_unstructured(layer(), "weight", amount=0)) == [[1] * 4] * 3
    assert mask_of(prune.identity(layer(), "weight")) == [[1] * 4] * 3


def test_prunings_add_up():
    pruned = prune.ln_structured(layer(), "weight", amount=1, n=2, dim=0)  # the first row
    prune.l1_unstructured(pruned, "weight", amount=0.5)  # half of what is left
    assert mask_of(pruned) == [[0] * 4, [0, 1, 1, 0], [0, 1, 0, 1]]
    (hook,) = pruned._forward_pre_hooks.values()
    assert isinstance(hook, prune.PruningContainer)
    assert [type(method) for method in hook] == [prune.LnStructured, prune.L1Unstructured]
    assert (len(hook), hook[0].dim) == (2, 0)
    prune.ln_structured(pruned, "weight", amount=1, n=2, dim=1)  # of the columns that have something left
    assert mask_of(pruned) == [[0] * 4, [0, 0, 1, 0], [0, 0, 0, 1]]
    prune.custom_from_mask(pruned, "weight", ember.tensor([[1, 1, 1, 0]] * 3))
    assert mask_of(pruned) == [[0] * 4, [0, 0, 1, 0], [0] * 4]
    prune.remove(pruned, "weight")
    assert pruned.weight.tolist() == [[0] * 4, [0, 0, -5, 0], [0] * 4]


def test_importance_scores():
    scores = ember.arange(12.0).reshape(3, 4)
    assert mask_of(prune.l1_unstructured(layer(), "weight", 4, importance_scores=scores)) == [[0] * 4, [1] * 4, [1] * 4]
    pruned = prune.ln_structured(layer(), "weight", 1, n=2, dim=1, importance_scores=scores)
    assert mask_of(pruned) == [[0, 1, 1, 1]] * 3
    method = prune.L1Unstructured(amount=2)
    assert method.prune(ember.tensor([3.0, -1.0, 2.0])).tolist() == [3, 0, 0]
    assert method.prune(ember.tensor([3.0, -1.0, 2.0]), importance_scores=ember.tensor([0.0, 1.0, 2.0])).tolist() == [
        0,
        0,
        2,
    ]


def test_global_pruning():
    one, two = layer_of([[1.0, 5.0], [2.0, 6.0]]), layer_of([[3.0, -0.5]])
    pairs = [(one, "weight"), (two, "weight")]
    prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=2)
    assert (mask_of(one), mask_of(two)) == ([[0, 1], [1, 1]], [[1, 0]])
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=0.5)  # half of the four that are left
    assert (mask_of(one), mask_of(two)) == ([[0, 1], [0, 1]], [[0, 0]])
    scores = {(one, "weight"): ember.tensor([[9.0, 0.0], [9.0, 9.0]])}
    prune.global_unstructured(pairs, prune.L1Unstructured, importance_scores=scores, amount=1)
    assert mask_of(one) == [[0, 0], [0, 1]]


def test_a_method_of_ones_own():
    class EveryOther(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    pruned = layer()
    EveryOther.apply(pruned, "bias")
    assert mask_of(pruned, "bias") == [0, 1, 0]


def test_pruned_modules_are_copied_and_saved():
    pruned = prune.l1_unstructured(layer(), "weight", amount=4)
    x = ember.ones(1, 4, dtype=ember.float64)
    loaded = prune.identity(layer(), "weight")
    loaded.load_state_dict(pruned.state_dict())
    ember.testing.assert_close(loaded(x), pruned(x))
    with ember.no_grad():  # the hook sets the product, which is no leaf and cannot be copied where it is in a graph
        pruned(x)
    for other in (copy.deepcopy(pruned), pickle.loads(pickle.dumps(pruned))):
        ember.testing.assert_close(other(x), pruned(x))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: prune.l1_unstructured(layer(), "weight", "x"), TypeError, "Invalid type for amount: x"),
        (lambda: prune.l1_unstructured(layer(), "weight", -1), ValueError, r"amount=-1 should either be a float"),
        (lambda: prune.l1_unstructured(layer(), "weight", 1.5), ValueError, r"amount=1.5 should either be a float"),
        (lambda: prune.l1_unstructured(layer(), "weight", 13), ValueError, "parameters to prune=12"),
        (
            lambda: prune.ln_structured(layer(), "bias", 1, 2, 0),
            ValueError,
            "multidimensional tensors. Found .* 1 dims",
        ),
        (lambda: prune.ln_structured(layer(), "weight", 1, 2, 5), IndexError, "Invalid index 5 for tensor of size"),
        (lambda: prune.l1_unstructured(layer(), "foo", 1), AttributeError, "foo"),
        (lambda: prune.global_unstructured(3, prune.L1Unstructured), TypeError, "parameters is not an Iterable"),
        (
            lambda: prune.global_unstructured([(layer(), "weight")], prune.LnStructured, amount=1, n=2),
            TypeError,
            'Only "unstructured" PRUNING_TYPE supported',
        ),
        (
            lambda: prune.custom_from_mask(layer(), "weight", ember.ones(2)),
            AssertionError,
            "must match self.mask shape",
        ),
        (
            lambda: prune.l1_unstructured(layer(), "weight", 1, ember.ones(2)),
            AssertionError,
            "importance_scores should have the same shape as parameter weight",
        ),
        (lambda: prune.PruningContainer().add_pruning_method(3), TypeError, "is not a BasePruningMethod subclass"),
    ],
)
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_failed_pruning_leaves_the_parameter():
    unpruned = layer()
    weight = unpruned.weight
    with pytest.raises(ValueError, match="to prune=12"):
        prune.l1_unstructured(unpruned, "weight", 13)
    assert unpruned.weight is weight
    assert set(unpruned.state_dict()) == {"bias", "weight"}
