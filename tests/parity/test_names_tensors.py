"""Names of tensors, their types and functions on them, beside PyTorch: those that the tables of operations leave out."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import pytest
from answers import check, shown

EXPRESSIONS = [
    "isinstance(T.__version__, str)",
    "[T.int, T.double, T.half, T.float, T.long, T.short, T.cfloat, T.cdouble]",
    "x.nelement()",
    "x.clone().clamp_max_(1)",
    "x.clone().clamp_min_(s)",
    "x.is_cpu",
    "x.is_mps",
    "x.is_xpu",
    "x.is_nested",
    "x.is_quantized",
    "x.cpu()",
    "x.dequantize()",
    "T.ByteTensor([1, 2])",
    "T.ByteTensor(3).dtype",
    "isinstance(x.layout, T.layout)",
    "T.layout",
    "x.layout",
    "x.solve(x)",
    "x.symeig()",
    "x.lstsq(x)",
    "x.eig()",
    "T.solve(x, x)",
    "T.symeig(x)",
    "T.lstsq(x, x)",
    "T.eig(x)",
    "T.SymInt",
    "isinstance(3, T.SymInt)",
    "T.types.Number",
    "isinstance(2.5, T.types.Number)",
    "T.ops.aten.alias(x)",
    "T.ops.aten.add(x, x)",
    "hasattr(T.ops.aten, 'nothing_there')",
    "T.ops.load_library('nothing_there.so')",
    "T._shape_as_tensor(x)",
    "T._assert_async(T.tensor(1))",
    "T._assert_async(T.tensor(0))",
    "isinstance(x, T._dynamo.OptimizedModule)",
    "T._dynamo.OptimizedModule is T._dynamo.eval_frame.OptimizedModule",
    "T.jit.Final",
    "T.onnx.symbolic_helper.__name__.rpartition('.')[2]",
    "T.ops.aten.slice(x, 1, 0, 2)",
    "T.ops.aten.unsqueeze(x, 0)",
    "T.ops.aten.clone(x)",
    "T.ops.aten.cat([x, y], 1)",
    "T.ops.aten.sub(x, y)",
    "T.ops.aten.mm(x, q)",
    "T.ops.aten.detach(x)",
    "T.ops.aten.remainder(x, 2)",
    "T.ops.aten.index_select(x, 0, j[:2])",
    "T.det(q)",
    "x.argwhere()",
    "x.fliplr()",
    "x.flipud()",
    "x.clone().transpose_(0, 1)",
    "x.__getitem__(0)",
    "T.HalfTensor([1.0])",
    "isinstance(2.0, T.SymFloat)",
    "T._C._get_tracing_state()",
    "T._C._are_functorch_transforms_active()",
    "T._C._get_privateuse1_backend_name()",
    "T._C._get_accelerator()",
    "T._C._disabled_torch_function_impl(T.add, (), (x, 1), {})",
    "T.Tensor._make_subclass(T.Tensor, x)",
    "T.Tensor._make_subclass(T.nn.Parameter, x)",
    "T._utils._rebuild_tensor_v2(x.untyped_storage(), 0, (2, 2), (2, 1), False, {})",
    "T._dynamo.reset()",
    "T.utils.hooks.RemovableHandle({}).id >= 0",
]


def futures(T):
    future = T.futures.Future()
    then = future.then(lambda done: done.value() + 1)
    returned = future.set_result(3)
    return returned, future.wait(), then.wait(), future.done()


def shared_memory(T):
    x = T.ones(2)
    before = x.is_shared()
    return before, x.share_memory_() is x, x.is_shared(), x


FUNCTIONS = [futures, shared_memory]


@pytest.mark.parametrize("case", [*EXPRESSIONS, *FUNCTIONS], ids=shown)
def test_answers_are_the_same(case):
    check(case)


with open(Path(__file__).parent.parent / "data" / "api-usage.tsv", newline="") as file:
    NAMES = {row["name"]: int(row["packages"]) for row in csv.DictReader(file, delimiter="\t")}


def modules():
    for name in (name for name, packages in NAMES.items() if packages >= 3):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        yield name


@pytest.mark.parametrize("name", modules())
def test_modules_are_imported_by_their_names(name):
    module = importlib.import_module(name.replace("torch", "ember", 1))
    assert module.__name__.replace("ember", "torch", 1) == name
