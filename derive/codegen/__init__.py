"""Fast code from a recurrence system: tables instead of quadrature, generated C99 and NumPy; knows no network by name.

``heads`` carries q - lam beside lam; ``lower`` turns SymPy into the operations of ``graph``, with the tables of
``approximation`` in place of expectations; ``backends`` run them.  ``compiled`` makes a function of arrays from a
system, ``programs`` keeps graphs on disk, ``export`` writes C that stands on its own; ``deep`` reaches any depth and
``phase`` the fixed points of millions of networks.
"""

from derive.codegen.heads import CovarianceAt, GapAt

__all__ = ["CovarianceAt", "GapAt"]
