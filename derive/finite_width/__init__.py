"""Nets of finite width: simulation of real random ones, exact moments of ReLU nets, corrections in 1/width.

``simulation`` draws nets and measures them (``designs`` has the architectures as ``operations``, ``engine`` runs them
in batches, ``results`` holds means with errors); ``weights`` has the laws of weights.
"""

from derive.finite_width.results import Estimate, Simulation
from derive.finite_width.simulation import simulate
from derive.finite_width.weights import WeightLaw, truncated_normal, truncated_normal_variance, weight_law

__all__ = [
    "Estimate",
    "Simulation",
    "WeightLaw",
    "simulate",
    "truncated_normal",
    "truncated_normal_variance",
    "weight_law",
]
