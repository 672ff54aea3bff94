"""The coefficients of the correlation's equation as balls: power series in 1/sqrt(P) with Taylor coefficients in eta.

The exact coefficients (:mod:`derive.networks.residual.overlap`) grow quickly with the order; at given variances their
numbers come from one pass of series arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

__all__ = ["coefficient_numbers"]


def coefficient_numbers(
    equation: Any, powers: int, order: int, bits: int, params: Mapping[sp.Symbol, Any]
) -> list[dict[sp.Expr, Any]]:
    """m_0, ..., m_powers as ``{exponent of P: arb}``, complete for exponents above ``-order``."""
    from flint import arb, ctx

    from derive.numerics.compile import to_arb

    with ctx.workprec(bits):
        number = lambda e: to_arb(sp.sympify(e, strict=True).subs(params))  # noqa: E731
        branch, scale, limit = (number(e) for e in (equation.branch, equation.scale, equation.limit))
        size = 2 * (order + 2)
        growth = [arb(0)] * size  # (F - P) by powers of w = P**(-1/2)
        for exponent, v in equation.variances(order + 1).items():
            growth[_place(exponent)] += branch * to_arb(v) * _power(scale, exponent)
        growth[0] += number(equation.offset)
        inverse = _series([arb(1), arb(0), *growth], size).inv()  # P/F
        rows = _covariance_rows(equation, powers, order, size, limit, branch, scale)
        leading = number(equation.growth)
        # exact cancellations at the limit: see the module of the equation
        rows[0] = [arb(0)] + [rows[0][i] - limit * growth[i] for i in range(1, size)]
        rows[1][0] = (1 - number(equation.delta)) * leading
        result = []
        for j, row in enumerate(rows):
            # numerator/F = (numerator w**2)(P/F), and for j = 1 the numerator starts with P = w**-2
            shifted = [arb(1 if j == 1 else 0), arb(0), *row][:size]
            product = (_series(shifted, size) * inverse).coeffs()
            result.append({sp.Rational(-i, 2): c for i, c in enumerate(product) if i < 2 * order})
        return result


def _covariance_rows(
    equation: Any, powers: int, order: int, size: int, limit: Any, branch: Any, scale: Any
) -> list[list[Any]]:
    """Row j: the numbers of branch * (j-th Taylor coefficient of W at the limit), by powers of w."""
    from flint import arb, arb_series, ctx

    from derive.numerics.compile import compile_ball

    rows = [[arb(0)] * size for _ in range(max(powers, 1) + 1)]
    cap = ctx.cap
    try:
        ctx.cap = len(rows)
        state = arb_series([limit, 1], prec=len(rows))
        for exponent, w in equation.covariances(order + 1).items():
            taylor = compile_ball(w, [equation.correlation])(state)
            factor = branch * _power(scale, exponent)
            for j, c in enumerate(taylor.coeffs()[: len(rows)]):
                rows[j][_place(exponent)] += factor * c
    finally:
        ctx.cap = cap
    return rows


def _place(exponent: sp.Rational) -> int:
    """The power of w = P**(-1/2) that P**exponent is."""
    return int(-2 * exponent)


def _power(scale: Any, exponent: sp.Rational) -> Any:
    """scale**exponent for a multiple of 1/2."""
    return scale.sqrt() ** int(2 * exponent)


def _series(coefficients: list[Any], size: int) -> Any:
    from flint import arb_series, ctx

    ctx.cap = max(ctx.cap, size)
    return arb_series(coefficients[:size], prec=size)
