"""Mean-field networks: an architecture and an activation become recurrences, and their laws at any depth.

``layer`` computes recurrences from a layer definition by Gaussian moments; ``residual`` holds the definitions of
paper 000.
``driver`` names the autonomous state, ``laws`` and ``overlap`` solve for large depth, ``depths`` evaluates,
``trajectory``
iterates, ``cosine`` has the limit of the cosine distance, ``degenerate`` the cases with closed forms.  ``network``
puts it together for the user.
``scaled_residual`` is paper 001, branches scaled by the depth, for any activation.
``convolutional`` is the covariance map on a ring or torus, ``sharp_bound`` the smallest weight variance of a critical
network.
``alpha_map``, ``alpha_flow`` and ``alpha_depths`` have digits for positively homogeneous activations (ReLU, its
powers), ``alpha_cosine`` the limit of the cosine and its rate, ``alpha_laws``, ``alpha_one``, ``alpha_symbolic`` laws.
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
