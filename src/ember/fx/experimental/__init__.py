"""Parts of PyTorch's tracing that packages ask whether it runs."""
