"""A grid of parameters over any ``concurrent.futures`` executor, resumed after an interruption without recomputing.

``grid`` cuts the grid into chunks, ``run`` computes the missing ones, ``result`` is the labelled dataset.
"""

from derive.sweeps.result import Sweep
from derive.sweeps.run import sweep

__all__ = ["Sweep", "sweep"]
