"""Nets of finite width: simulation of real random ones, exact moments of ReLU nets, corrections in 1/width.

``simulation`` draws nets and measures them (``designs`` and ``relu_designs`` have the architectures as ``operations``,
``engine`` runs them in batches on a backend of ``backends``, ``results`` holds means with errors).

``relu_net``, ``relu_conv_net`` and ``residual_relu`` have exact moments, computed by ``power_sums`` over
``exact_numbers``; ``residual_modules`` those through modules that end linearly, ``relu_modules`` and ``relu_growth``
through modules ending with ReLU, where ``residual_bounds`` (by the ``residual_rows`` of every module) and
``simple_bounds`` enclose what no finite set of moments closes.  ``weights`` and ``initialisers`` are the laws of
weights, ``laws`` limits in closed form.  ``corrections`` has the terms of order 1/width for any activation, from the
Markov chains of ``correction_layers``.
"""

from derive.finite_width.corrections import WidthCorrection, width_correction
from derive.finite_width.initialisers import INITIALISERS, Initialiser, initialiser
from derive.finite_width.relu_conv_net import ReLUConvNet
from derive.finite_width.relu_net import ReLUNet
from derive.finite_width.residual_relu import ResidualReLU
from derive.finite_width.results import Estimate, Simulation
from derive.finite_width.simulation import simulate
from derive.finite_width.weights import WeightLaw, truncated_normal, truncated_normal_variance, weight_law

__all__ = [
    "INITIALISERS",
    "Estimate",
    "Initialiser",
    "ReLUConvNet",
    "ReLUNet",
    "ResidualReLU",
    "Simulation",
    "WeightLaw",
    "WidthCorrection",
    "initialiser",
    "simulate",
    "truncated_normal",
    "truncated_normal_variance",
    "weight_law",
    "width_correction",
]
