r"""Covariances and gaps as SymPy functions that carry the distance v = q - lam next to lam.

``CovarianceAt(phi, q, lam, v)`` is :math:`E\varphi(u_1)\varphi(u_2)` and ``GapAt(phi, q, lam, v)`` is
:math:`V(\varphi, q)` less it.  A network that follows lam and q - lam as two states keeps both to full relative
accuracy: neither is computed as a difference.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import InputError

__all__ = ["CovarianceAt", "GapAt"]


class _At(sp.Function):
    nargs = 4

    def __new__(cls, phi: Any, *numbers: Any) -> sp.Expr:
        if not isinstance(phi, Activation) or not all(isinstance(n, (sp.Expr, int)) for n in numbers):
            raise InputError(f"{cls.__name__} takes an Activation and three SymPy expressions, no text")
        return super().__new__(cls, phi, *numbers, evaluate=False)


class CovarianceAt(_At):
    """E phi(u1) phi(u2): arguments phi, the variance q, the covariance lam, and q - lam."""


class GapAt(_At):
    """V(phi, q) - E phi(u1) phi(u2): the same arguments."""
