"""What a model is made of: its layers, what comes out of them, their parameters and the memory they need."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import _C
from ._readable import bytes_text
from .autograd.grad_mode import no_grad
from .random import fork_rng


@dataclass
class LayerSummary:
    """One module: its path and type, the shapes of its outputs, its own parameters, the bytes of its outputs."""

    path: str
    type: str
    depth: int
    parameters: int = 0
    trainable: int = 0
    output_shapes: list[tuple[int, ...]] = field(default_factory=list)
    output_bytes: int = 0
    calls: int = 0
    is_leaf: bool = True


@dataclass
class ModelSummary:
    """What :func:`summary` found; its text is a table.

    Attributes:
        layers: one for each module, in the order of `named_modules`.
        parameters, trainable_parameters: their elements, shared ones once.
        parameter_bytes: of parameters and buffers.
        output_bytes: of all outputs of modules without children, which training keeps for backward, about.
        inactive: in eval mode, the layers that behave differently in training.
    """

    layers: list[LayerSummary]
    parameters: int
    trainable_parameters: int
    parameter_bytes: int
    output_bytes: int
    training: bool
    inactive: list[str]

    def __str__(self) -> str:
        names = [_branch(layer) for layer in self.layers]
        shapes = [_shapes_text(layer.output_shapes) for layer in self.layers]
        counts = [f"{layer.parameters:,}" if layer.parameters else "" for layer in self.layers]
        sizes = [
            bytes_text(layer.output_bytes) if layer.output_bytes and layer.is_leaf else "" for layer in self.layers
        ]
        columns = [
            ("Layer", names, "<"),
            ("Output shape", shapes, "<"),
            ("Parameters", counts, ">"),
            ("Output memory", sizes, ">"),
        ]
        widths = [max(len(title), *map(len, texts)) for title, texts, _ in columns]
        rule = "-" * (sum(widths) + 2 * len(widths) - 2)
        lines = ["  ".join(f"{title:{side}{width}}" for (title, _, side), width in zip(columns, widths, strict=True))]
        lines.append(rule)
        for index in range(len(self.layers)):
            cells = zip(columns, widths, strict=True)
            lines.append("  ".join(f"{texts[index]:{side}{width}}" for (_, texts, side), width in cells).rstrip())
        frozen = self.parameters - self.trainable_parameters
        lines += [
            rule,
            f"Parameters: {self.parameters:,}" + (f", of them {frozen:,} frozen" if frozen else ""),
            f"Memory: {bytes_text(self.parameter_bytes)} of parameters and buffers, "
            f"{bytes_text(self.output_bytes)} of outputs",
        ]
        if not self.training:
            verb = "does" if len(self.inactive) == 1 else "do"
            named = f": {', '.join(self.inactive)} {verb} not train" if self.inactive else ""
            lines.append(f"Mode: eval{named}. Call train() before training.")
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__


def _branch(layer: LayerSummary) -> str:
    name = layer.path.rpartition(".")[2]
    calls = f" ({layer.calls} calls)" if layer.calls > 1 else ""
    return "  " * layer.depth + (f"{name}: {layer.type}" if name else layer.type) + calls


def _shapes_text(shapes: list[tuple[int, ...]]) -> str:
    return ", ".join(str(shape) for shape in shapes[:3]) + (", ..." if len(shapes) > 3 else "")


def _tensors_in(value: Any) -> Iterator[Any]:
    if isinstance(value, _C.Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tensors_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _tensors_in(each)


def _run(model: Any, input: Any) -> Any:
    if isinstance(input, dict):
        return model(**input)
    if isinstance(input, (list, tuple)) and not all(isinstance(each, int) for each in input):
        return model(*input)
    return model(input if isinstance(input, _C.Tensor) else _C.ops.zeros(list(input)))


def _inactive_layers(model: Any) -> list[str]:
    """Layers in eval mode that behave differently in training: dropout, and norms with running statistics."""
    return [
        f"{path or 'the model'} ({type(module).__name__})"
        for path, module in model.named_modules()
        if not module.training and (getattr(module, "track_running_stats", False) or "Dropout" in type(module).__name__)
    ]


def _warn_of_eval(model: Any, inactive: list[str]) -> None:
    if inactive and any(parameter.grad is not None for parameter in model.parameters()):
        warnings.warn(
            f"summary(): the model is being trained (its parameters have gradients) while {', '.join(inactive)} "
            f"{'is' if len(inactive) == 1 else 'are'} in eval mode. Call train() before training.",
            stacklevel=3,
        )


def summary(model: Any, input: Any = None) -> ModelSummary:
    """Runs a model once, in eval mode and without gradients, and says what came out of each layer.

    Warns where a model that is being trained has dropout or batch norm in eval mode.

    Args:
        model: a Module. Its mode, its buffers and the random state are left as they were.
        input: a tensor; a tuple or dict of arguments; or the shape of a tensor of zeros. Default: nothing is run, and
            the table has no outputs.

    Returns:
        A :class:`ModelSummary`; its text is a table.

    Example:
        >>> print(ember.summary(ember.nn.Sequential(ember.nn.Linear(4, 3), ember.nn.ReLU()), (2, 4)))
        Layer        Output shape  Parameters  Output memory
        ----------------------------------------------------
        Sequential   (2, 3)
          0: Linear  (2, 3)                15       24 bytes
          1: ReLU    (2, 3)                         24 bytes
        ----------------------------------------------------
        Parameters: 15
        Memory: 60 bytes of parameters and buffers, 48 bytes of outputs
    """
    modules = dict(model.named_modules())
    layers = {
        path: LayerSummary(path, type(module).__name__, path.count(".") + 1 if path else 0, is_leaf=not module._modules)
        for path, module in modules.items()
    }
    inactive = _inactive_layers(model)
    _warn_of_eval(model, inactive)
    if input is not None:
        _observe(model, modules, layers, input)
    seen: set[int] = set()
    for path, module in modules.items():
        for parameter in module._parameters.values():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            layers[path].parameters += parameter.numel()
            layers[path].trainable += parameter.numel() * parameter.requires_grad
    stored = {id(each): each for each in (*model.parameters(), *model.buffers())}
    return ModelSummary(
        list(layers.values()),
        sum(layer.parameters for layer in layers.values()),
        sum(layer.trainable for layer in layers.values()),
        sum(each.numel() * each.element_size() for each in stored.values()),
        sum(layer.output_bytes for layer in layers.values() if layer.is_leaf),
        model.training and not inactive,
        inactive,
    )


def _observe(model: Any, modules: dict[str, Any], layers: dict[str, LayerSummary], input: Any) -> None:
    """Fills in what the layers gave in one run."""

    def note(layer: LayerSummary) -> Any:
        def hook(module: Any, arguments: Any, output: Any) -> None:
            tensors = list(_tensors_in(output))
            layer.calls += 1
            layer.output_shapes = [tuple(tensor.shape) for tensor in tensors]
            layer.output_bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)

        return hook

    handles = [module.register_forward_hook(note(layers[path])) for path, module in modules.items()]
    modes = [(module, module.training) for module in modules.values()]
    try:
        model.eval()
        with no_grad(), fork_rng():
            _run(model, input)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
