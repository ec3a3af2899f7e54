"""Chains of datasets: the classes that packages derive theirs from."""
