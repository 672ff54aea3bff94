"""An activation as a function of NumPy (or JAX) arrays: branch by branch, right where formulas overflow.

Each analytic branch is compiled on its own and evaluated everywhere; the branch that holds is selected, the left one at
a kink.  Values that come out as NaN or infinite in floating point (``exp(x)/(1 + exp(x))**2`` at x = 800, ``sin(x)/x``
at 0) are computed again with mpmath, one by one, so that a formula may be written in any way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import VARIABLE, Activation
from derive.errors import DomainError
from derive.finite_width.backends import is_jax

__all__ = ["MANY", "array_function", "slope_function"]

MANY = 20_000  # values that may be computed one by one


@lru_cache(maxsize=128)
def array_function(phi: Activation) -> Callable[[Any], Any]:
    """phi as a function of float64 arrays of any shape, as accurate as its formula is in double arithmetic.

    Raises :class:`~derive.errors.DomainError` where phi has no finite double value at more than ``MANY`` entries, or
    at a single one for which mpmath finds none either.

    >>> import numpy as np
    >>> from derive.activations import activation
    >>> array_function(activation("relu"))(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    pieces = phi.pieces
    branches = [_compiled(piece.expr) for piece in pieces]
    ends = [float(piece.right) for piece in pieces[:-1]]

    def function(x: Any) -> Any:
        import numpy as np

        if is_jax(x):
            return _on_jax(phi)(x)
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            value = branches[-1](x)
            for end, branch in zip(reversed(ends), reversed(branches[:-1]), strict=True):
                value = np.where(x <= end, branch(x), value)
        bad = ~np.isfinite(value) & np.isfinite(x)
        return _repaired(phi, x, value, bad) if bad.any() else value

    return function


@lru_cache(maxsize=128)
def _on_jax(phi: Activation) -> Callable[[Any], Any]:
    """The same for JAX arrays; values that are not finite stay so, and the simulation refuses them."""
    import jax.numpy as jnp
    from jax.scipy import special

    names = {n: getattr(special, n) for n in ("erf", "erfc", "gammaln") if hasattr(special, n)}
    branches = [sp.lambdify(VARIABLE, _stable(piece.expr), [names, "jax"]) for piece in phi.pieces]
    ends = [float(piece.right) for piece in phi.pieces[:-1]]

    def function(x: Any) -> Any:
        value = branches[-1](x) + jnp.zeros_like(x)
        for end, branch in zip(reversed(ends), reversed(branches[:-1]), strict=True):
            value = jnp.where(x <= end, branch(x), value)
        return value

    return function


def slope_function(phi: Activation) -> Callable[[Any], Any]:
    """phi' as a function of arrays; at a kink the slope from the left (a set of probability zero, or a dead unit)."""
    return array_function(phi.derivative_away_from_kinks(1))


def _compiled(expr: sp.Expr) -> Callable[[Any], Any]:
    """One analytic branch; a constant branch has the shape of its argument."""
    import numpy as np

    if not expr.has(VARIABLE):
        constant = float(expr)
        return lambda x: np.full_like(x, constant)
    return sp.lambdify(VARIABLE, _stable(expr), ["scipy", "numpy"])


def _stable(expr: sp.Expr) -> sp.Expr:
    """The same function with logarithms of 1 + exp(u) written as logaddexp, which neither overflows nor cancels."""
    pair = sp.Function("logaddexp")
    u = sp.Wild("u")
    return expr.replace(sp.log(1 + sp.exp(u)), pair(0, u))


def _repaired(phi: Activation, x: Any, value: Any, bad: Any) -> Any:
    """The values at ``bad`` from mpmath."""
    import mpmath
    import numpy as np

    points = np.unique(x[bad])
    if len(points) > MANY:
        raise DomainError(
            f"{phi} has no finite double value at {len(points)} of the arguments met, such as {points[0]}; use smaller "
            "variances or fewer layers"
        )
    found = []
    with mpmath.workdps(30):
        for point in points:
            try:
                found.append(float(_branch_at(phi, point)(mpmath.mpf(float(point)))))
            except (ZeroDivisionError, ValueError, OverflowError):
                found.append(float(phi(sp.Rational(*float(point).as_integer_ratio()))))
    if not np.isfinite(found).all():
        at = points[~np.isfinite(found)][0]
        raise DomainError(f"{phi} is not a finite double at {at}; use smaller variances or fewer layers")
    value = np.array(value)
    value[bad] = np.asarray(found)[np.searchsorted(points, x[bad])]
    return value


def _branch_at(phi: Activation, point: float) -> Callable[[Any], Any]:
    """The branch that holds at a point, in mpmath."""
    from derive.numerics.compile import compile_mp

    piece = next(p for p in phi.pieces if p.right == sp.oo or point <= float(p.right))
    return compile_mp(piece.expr, (VARIABLE,))
