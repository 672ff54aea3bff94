"""Fast code from a recurrence system: tables instead of quadrature, generated C99 and NumPy; knows no network by name.

``heads`` carries q - lam beside lam; ``functions`` splits an activation into parts, ``profile`` makes polynomials of
them, ``heat`` their expectations in float64; ``charts`` says in which coordinates those are smooth, ``faces`` samples
them there (``closed`` where phi oscillates), ``tiles`` fits, ``tables`` keeps them with the error measured by
``measure``; ``homogeneous`` is the ReLU family.  ``lower`` turns SymPy into the operations of
``graph``: ``numpy_backend`` and ``jax_backend`` run them as arrays (``arrays``), ``numba_backend`` as numbers
(``bytecode``), ``c_source`` and ``c_backend`` print, compile and call them.  ``programs`` keeps graphs on disk.
"""

from derive.codegen.heads import CovarianceAt, GapAt

__all__ = ["CovarianceAt", "GapAt"]
