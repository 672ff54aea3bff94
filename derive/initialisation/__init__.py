"""Which initial variances suit an activation, an architecture and a depth; with the settings of common frameworks.

Each architecture has one rule, in a file of its own; :func:`initial_variances` dispatches, and the result says which
law the numbers come from and what to beware of.
"""

from __future__ import annotations

from derive.initialisation.choose import ARCHITECTURES, initial_variances
from derive.initialisation.result import Initialisation

__all__ = ["ARCHITECTURES", "Initialisation", "initial_variances"]
