r"""Closed forms of the kernel at integer and half-integer alpha, made by one raising operator.

With :math:`M_\alpha = c_\alpha J_\alpha = E\,\psi_\alpha(u_1)\psi_\alpha(u_2)` the derivative rule and the differential
equation give

.. math:: M_{\alpha+1} = (2\alpha+1)\,c\,M_\alpha + (1-c^2)\,M_\alpha'.

It maps combinations of two functions with polynomial coefficients to such combinations.  The integers start at
:math:`M_0 = (\pi - \arccos c)/2\pi`, an angle; the half-integers at :math:`M_{-1/2}`, whose hypergeometric function is
a complete elliptic integral of parameter :math:`x = (1+c)/2`.  (At :math:`\alpha = -1/2` the moment :math:`M` is still
finite for :math:`|c| < 1`; only :math:`c_\alpha` is not.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from derive.kernels.arguments import half_integer

__all__ = ["MOST", "closed_kernel", "moment_coefficients"]

MOST = 60  # closed forms are written out up to this alpha
_c = sp.Dummy("c", real=True)
_HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class _Family:
    """Two functions of c, the matrix of (1 - c^2) d/dc on them, and the start: alpha, coefficients."""

    basis: tuple[sp.Expr, sp.Expr]
    matrix: tuple[tuple[sp.Poly, sp.Poly], ...]
    start: sp.Rational
    first: tuple[sp.Expr, sp.Expr]


def _matrix(basis: tuple[sp.Expr, sp.Expr]) -> tuple[tuple[sp.Poly, sp.Poly], ...]:
    """(1 - c^2) times the derivative of each basis function, as polynomials times the basis."""
    marks = sp.symbols("b0 b1", cls=sp.Dummy)
    rows = []
    for function in basis:
        slope = sp.expand_func((1 - _c**2) * sp.diff(function, _c)).subs(dict(zip(basis, marks, strict=True)))
        slope = slope.subs(1 / basis[0], basis[0] / (1 - _c**2)).subs(basis[0], marks[0])
        slope = sp.expand(sp.cancel(slope))
        rows.append(tuple(sp.Poly(slope.coeff(mark), _c, domain="QQ") for mark in marks))
    return tuple(rows)


@lru_cache(maxsize=2)
def _family(half: bool) -> _Family:
    if half:
        x = (1 + _c) / 2
        start = -_HALF
        basis = (sp.elliptic_k(x), sp.elliptic_e(x))
        # M_alpha = Gamma(alpha+1)^2/(2 sqrt(2 pi) Gamma(alpha+3/2)) (1+c)^(alpha+1/2) 2F1(1/2, 1/2; alpha+3/2; x)
        factor = sp.gamma(start + 1) ** 2 / (2 * sp.sqrt(2 * sp.pi) * sp.gamma(start + 3 * _HALF))
        function = sp.hyperexpand(sp.hyper((_HALF, _HALF), (start + 3 * _HALF,), x))
        return _Family(basis, _matrix(basis), start, (factor * function / basis[0], sp.S.Zero))
    basis = (sp.sqrt(1 - _c**2), sp.pi - sp.acos(_c))
    t = sp.Dummy("t", real=True)
    first = sp.integrate(sp.S.One, (t, 0, basis[1])) / (2 * sp.pi)
    return _Family(basis, _matrix(basis), sp.S.Zero, (sp.S.Zero, first / basis[1]))


@lru_cache(maxsize=256)
def moment_coefficients(alpha: sp.Rational) -> tuple[sp.Expr, tuple[sp.Poly, sp.Poly]]:
    """M_alpha as (constant, two polynomials in c that stand before the two basis functions)."""
    family = _family(half_integer(alpha))
    constant = next(f for f in family.first if f != 0)
    if alpha == family.start:
        rows = tuple(sp.Poly(sp.cancel(f / constant), _c, domain="QQ") for f in family.first)
        return constant, (rows[0], rows[1])
    _, below = moment_coefficients(alpha - 1)
    c, width = sp.Poly(_c, _c, domain="QQ"), sp.Poly(1 - _c**2, _c, domain="QQ")
    raised = []
    for j in range(2):
        moved = sum((below[i] * family.matrix[i][j] for i in range(2)), sp.Poly(0, _c, domain="QQ"))
        raised.append((2 * alpha - 1) * c * below[j] + width * below[j].diff(_c) + moved)
    return constant, (raised[0], raised[1])


def has_closed_form(alpha: sp.Expr) -> bool:
    """Is alpha an integer or half-integer of moderate size?"""
    return bool((alpha.is_Integer or half_integer(alpha)) and -1 < alpha <= MOST)


def closed_kernel(alpha: sp.Rational, c: sp.Expr) -> sp.Expr:
    """J_alpha(c) for integer or half-integer alpha by an arc cosine or by elliptic integrals."""
    from derive.kernels.functions import c_alpha

    for step in range(int(alpha) + 1):  # from below, so that the recursion stays shallow
        moment_coefficients(alpha - int(alpha) + step)
    constant, rows = moment_coefficients(alpha)
    constant = sp.simplify(constant / c_alpha(alpha))
    terms = (sp.factor(row.as_expr()) * f for row, f in zip(rows, _family(half_integer(alpha)).basis, strict=True))
    return (constant * sp.Add(*terms)).subs(_c, c)
