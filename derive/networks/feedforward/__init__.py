"""Feed-forward networks in the mean field: lengths, correlations, fixed points, phases, criticality, dropout.

``equations`` derives the recurrences from the layer definition; ``isolate``, ``ends`` and ``lengths`` find every
fixed point of the length with a proof, ``correlation`` and ``gaps`` that of the correlation, ``silence`` treats q* =
0; ``fixed_points`` puts them together.  ``critical``, ``corner``, ``divergence`` and ``dropout`` are about the edge of
chaos, ``phase_diagram`` about grids, ``trajectory`` about layers.  ``network`` is what the user meets.
"""

from derive.networks.feedforward.fixed_points import FixedPoint, FixedPoints
from derive.networks.feedforward.network import FeedForward

__all__ = ["FeedForward", "FixedPoint", "FixedPoints"]
