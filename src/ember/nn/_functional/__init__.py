"""torch.nn.functional by family; users import it as ``ember.nn.functional``."""
