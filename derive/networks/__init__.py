"""Mean-field networks: an architecture and an activation become recurrences, and their laws at any depth.

``layer`` computes recurrences from a layer definition by Gaussian moments; ``residual`` holds the definitions of
paper 000.
``driver`` names the autonomous state, ``laws`` and ``overlap`` solve for large depth, ``depths`` evaluates,
``trajectory``
iterates, ``cosine`` has the limit of the cosine distance, ``degenerate`` the cases with closed forms.  ``network``
puts it together for the user.
"""

from derive.networks.cosine import CosineLimit
from derive.networks.network import FullResidual, ReducedResidual, ResidualNetwork
from derive.networks.trajectory import Trajectory

__all__ = ["CosineLimit", "FullResidual", "ReducedResidual", "ResidualNetwork", "Trajectory"]
