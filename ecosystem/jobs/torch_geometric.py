"""two GCNConv layers and a mean over graphs: forward, backward"""

import torch
from sample import filled, gradient_norm, labels, values
from torch_geometric.data import Batch, Data
from torch_geometric.nn import GCNConv, global_mean_pool


class Network(torch.nn.Module):
    """A graph classifier."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = GCNConv(8, 16), GCNConv(16, 16), torch.nn.Linear(16, 3)

    def forward(self, graphs):
        hidden = self.first(graphs.x, graphs.edge_index).relu()
        hidden = self.second(hidden, graphs.edge_index).relu()
        return self.last(global_mean_pool(hidden, graphs.batch))


def job():
    nodes = torch.arange(20)
    edges = torch.cat([torch.stack([nodes, (nodes + step) % 20]) for step in (1, 3, 19)], dim=1)
    graphs = Batch.from_data_list([Data(x=values(20, 8, seed=seed), edge_index=edges) for seed in range(6)])
    network = filled(Network())
    scores = network(graphs)
    torch.nn.functional.cross_entropy(scores, labels(6, 3)).backward()
    return {"scores": scores, "gradients": gradient_norm(network)}
