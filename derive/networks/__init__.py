"""Mean-field networks: an architecture and an activation become recurrences, and their laws at any depth.

``layer`` computes recurrences from a layer definition by Gaussian moments; ``notation`` has the symbols and the means
over an activation that is not yet chosen.
``residual`` is paper 000: equations, laws, values at any depth, iteration, the limit of the cosine distance.
``homogeneous`` has the same for ReLU and its powers, numeric or symbolic.
``feedforward`` has every fixed point of length and correlation, the edge of chaos, dropout and phase diagrams.
``convolution`` is the covariance map on a ring or torus.
``critical`` has theorems in balls: the smallest weight variance of a critical network, uniqueness of the length.
``scaled_residual`` is paper 001, branches scaled by the depth, for any activation.
"""

from derive.networks.convolution.network import Convolutional, ConvolutionalSpectrum
from derive.networks.critical.minimum import CriticalMinimum, minimal_critical_weight_variance
from derive.networks.critical.unique import UniqueVariance, prove_unique_variance
from derive.networks.feedforward import FeedForward
from derive.networks.homogeneous.symbolic import SymbolicLaw, alpha_relu_law
from derive.networks.residual.cosine import CosineLimit
from derive.networks.residual.network import FullResidual, ReducedResidual, ResidualNetwork
from derive.networks.residual.trajectory import Trajectory
from derive.networks.scaled_residual import ScaledResidual

__all__ = [
    "Convolutional",
    "ConvolutionalSpectrum",
    "CosineLimit",
    "CriticalMinimum",
    "FeedForward",
    "FullResidual",
    "ReducedResidual",
    "ResidualNetwork",
    "ScaledResidual",
    "SymbolicLaw",
    "Trajectory",
    "UniqueVariance",
    "alpha_relu_law",
    "minimal_critical_weight_variance",
    "prove_unique_variance",
]
