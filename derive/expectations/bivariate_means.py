r"""Means of two functions that are piecewise polynomials times exponentials, by the bivariate normal distribution.

On a rectangle of pieces the tilted probability

.. math:: G(a, b) = E\bigl[e^{a u_1 + b u_2};\ l_1 < u_1 < r_1,\ l_2 < u_2 < r_2\bigr]
            = e^{(q_1 a^2 + 2\lambda ab + q_2 b^2)/2}\; P\bigl(u_1 + q_1 a + \lambda b \in (l_1, r_1),\
              u_2 + \lambda a + q_2 b \in (l_2, r_2)\bigr)

is four values of :math:`\Phi_2` (:mod:`derive.expectations.bivariate`), and powers of u_1 and u_2 are derivatives in a
and b.  Differentiating :math:`\Phi_2` gives densities and error functions, so that one :math:`\Phi_2` per corner is
all that stays.  hard tanh, selu, elu and what Max, Min and Piecewise make of polynomials and exponentials are of this
kind.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp

from derive.expectations.bivariate import BivariateNormal
from derive.expectations.one_variable.gaussian_closed import Term, closed_terms

__all__ = ["rectangle_covariance"]

_MOST_PAIRS = 64
_MOST_DEGREE = 4


def rectangle_covariance(f: Any, g: Any, x: sp.Symbol, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
    """E f(u1) g(u2) for functions with ``pieces`` (low, high, expr in ``x``), or None where a piece is of another kind.

    Gaussian factors and more than a few pieces are not treated.
    """
    rows, columns = _terms(f, x), _terms(g, x)
    if rows is None or columns is None or len(rows) * len(columns) > _MOST_PAIRS:
        return None
    total: dict[tuple[Any, ...], sp.Expr] = {}
    for (s, low1, high1), (t, low2, high2) in product(rows, columns):
        for (h, sign_h), (k, sign_k) in product(_ends(low1, high1), _ends(low2, high2)):
            key = (h, k, s.power, t.power, s.alpha, t.alpha)
            total[key] = total.get(key, sp.S.Zero) + sign_h * sign_k * s.factor * t.factor
    names: dict[sp.Symbol, sp.Expr] = {}  # long constants (selu's) keep out of the algebra
    parts = []
    for key, c in total.items():
        if sp.expand(c) != 0:
            name = c if c.is_Rational else sp.Dummy("c", real=True)
            names |= {} if c.is_Rational else {name: c}
            parts.append(name * _corner(key, q1, q2, lam))
    whole = sp.expand(sp.Add(*parts), power_exp=False)
    return sp.collect(whole, sorted(whole.atoms(BivariateNormal), key=sp.default_sort_key)).xreplace(names)


def _ends(low: sp.Expr, high: sp.Expr) -> list[tuple[sp.Expr, int]]:
    return [(high, 1)] + ([] if low.is_infinite else [(low, -1)])


def _terms(f: Any, x: sp.Symbol) -> list[tuple[Term, sp.Expr, sp.Expr]] | None:
    found = []
    for piece in f.pieces:
        terms = closed_terms(piece.expr, x)
        if terms is None:
            return None
        for term in terms:
            if not (term.power.is_Integer and term.beta == 0 and term.alpha.is_real) or term.power > _MOST_DEGREE:
                return None
            found.append((term, piece.left, piece.right))
    return found


def _corner(key: tuple[Any, ...], q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr:
    """E[u1^m u2^n e^{alpha u1 + beta u2}; u1 < h, u2 < k]."""
    h, k, m, n, alpha, beta = key
    a, b = sp.symbols("a b", cls=sp.Dummy, real=True)
    rho = lam / sp.sqrt(q1 * q2) if q1 != q2 else lam / q1
    shift = [q1 * a + lam * b, lam * a + q2 * b]
    place = [c if c.is_infinite else (c - s) / sp.sqrt(q) for c, s, q in ((h, shift[0], q1), (k, shift[1], q2))]
    tilted = sp.exp((q1 * a**2 + 2 * lam * a * b + q2 * b**2) / 2) * BivariateNormal(*place, rho)
    value = sp.diff(tilted, a, int(m)) if m else tilted
    value = sp.diff(value, b, int(n)) if n else value
    return value.subs({a: alpha, b: beta})
