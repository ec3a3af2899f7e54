"""DataParallel on the one device that there is."""

import pickle

import ember
from ember import nn
from ember.nn import common_types


def test_data_parallel():
    layer = nn.Linear(2, 3)
    net = nn.DataParallel(layer, device_ids=[0, 1])
    x = ember.ones(4, 2)
    assert net(x).equal(layer(x))
    assert net(input=x).equal(layer(x))
    assert nn.parallel.data_parallel(layer, x).equal(layer(x))
    assert nn.parallel.data_parallel(layer, (), module_kwargs={"input": x}).equal(layer(x))
    assert net.module is layer
    assert net.device_ids == []
    assert list(net.state_dict()) == ["module.weight", "module.bias"]
    assert repr(net) == "DataParallel(\n  (module): Linear(in_features=2, out_features=3, bias=True)\n)"
    assert pickle.loads(pickle.dumps(net))(x).equal(layer(x))


def test_types_of_sizes():
    assert common_types._size_2_t == int | tuple[int, int]
    assert common_types._ratio_any_t == float | tuple[float, ...]
