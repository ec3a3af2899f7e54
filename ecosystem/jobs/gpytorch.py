"""exact regression: five steps of Adam on the marginal likelihood, then predictions"""

import gpytorch
import torch


class Regression(gpytorch.models.ExactGP):
    """Constant mean, scaled squared exponential kernel."""

    def __init__(self, inputs, targets, likelihood):
        super().__init__(inputs, targets, likelihood)
        self.mean_module = gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())

    def forward(self, inputs):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(inputs), self.covar_module(inputs))


def job():
    inputs = torch.linspace(0, 1, 50)
    targets = torch.sin(6 * inputs)
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model = Regression(inputs, targets, likelihood)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    objective = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = -objective(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval(), likelihood.eval()
    with torch.no_grad():
        prediction = likelihood(model(torch.linspace(0, 1, 21)))
    return {"losses": losses, "mean": prediction.mean, "variance": prediction.variance}
