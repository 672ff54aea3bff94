r"""Expansions of Gaussian expectations at large variance, to any order, with rigorous remainders.

Write f = P + g with a step of powers P (one on either side of 0) and g decaying faster than every power
(:func:`derive.expectations.asymptotic.tails.decompose`).  With z standard normal,

.. math::

    E f(\sqrt q z) = \sum_{\pm}\sum_j P^{\pm}_j\, q^{j/2}\, \frac{2^{j/2-1}\Gamma(\frac{j+1}2)}{\sqrt\pi}
      + \frac{1}{\sqrt{2\pi q}} \sum_{i<J} \frac{(-1)^i m_{2i}(g)}{i!\,(2q)^i} + R_J,
    \qquad m_k(g) = \int x^k g(x)\,dx .

Remainder.  For y >= 0 Taylor's formula with integral remainder gives e^{-y} = sum_{i<J} (-y)^i/i! + (-1)^J r with
0 <= r <= y^J/J!  (the derivatives of e^{-y} alternate, so the partial sums lie on alternating sides).  Put y =
x^2/2q, multiply by |g| and integrate:

.. math:: |R_J| \le \frac{1}{\sqrt{2\pi q}}\,\frac{1}{J!\,(2q)^J} \int x^{2J} |g(x)|\,dx \qquad\text{for every } q > 0.

Where g keeps its sign on a segment the last integral is the absolute value of the exact moment there, and if it does
so on the whole line R_J has the sign of the first omitted term and is no larger than it.  Where the sign is not
known, Cauchy and Schwarz give an exact bound from moments of g^2 over that segment: for every L > 0,

.. math:: \Bigl(\int |x|^{k}|g|\Bigr)^2 \le \int x^{2k}(x^2+L^2)\,g^2 \int_0^\infty \frac{dx}{x^2+L^2}
   = \frac{\pi}{2L}\bigl(m_{2k+2}(g^2) + L^2 m_{2k}(g^2)\bigr).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.expectations.asymptotic.pieces import RealFunction, real_function
from derive.expectations.asymptotic.tails import decompose_even, lowest_terms

__all__ = ["expectation_remainder", "expectation_terms", "variance_remainder", "variance_terms"]


def expectation_terms(f: Any, order: Any) -> dict[sp.Expr, sp.Expr]:
    r"""Return {exponent of q: exact coefficient} of E f(\sqrt q z) for q -> oo, all exponents above ``-order``.

    ``f`` is an activation or an expression in one symbol, whose tails are powers up to exponentially small terms.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> expectation_terms(sp.sech(x)**2, 2)
    {-1/2: sqrt(2)/sqrt(pi), -3/2: -sqrt(2)*pi**(3/2)/24}

    Raises :class:`~derive.errors.UnsupportedError` for algebraic or exponentially growing tails.
    """
    return dict(_terms(real_function(f), as_order(order)))


def variance_terms(phi: Any, order: Any) -> dict[sp.Expr, sp.Expr]:
    r"""Return {exponent of q: exact coefficient} of V\phi(q) for q -> oo, all exponents above ``-order``.

    >>> import sympy as sp
    >>> variance_terms(sp.tanh(sp.Symbol("x", real=True)), 2)
    {0: 1, -1/2: -sqrt(2)/sqrt(pi), -3/2: sqrt(2)*pi**(3/2)/24}
    """
    return expectation_terms(real_function(phi).squared(), order)


def expectation_remainder(f: Any, order: Any) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_min): |E f - :func:`expectation_terms`| <= bound q^exponent for q > q_min = 0.

    The bound is exact (closed, or holding unevaluated moments); the proof is in the docstring of the module.
    """
    parts = decompose_even(real_function(f))
    count = _count(as_order(order))
    total = sp.Add(*(absolute_moment(segment, 2 * count) for segment in parts.segments))
    bound = total / (sp.sqrt(2 * sp.pi) * sp.factorial(count) * sp.Integer(2) ** count)
    return sp.expand(bound), -sp.Rational(2 * count + 1, 2), sp.S.Zero


def variance_remainder(phi: Any, order: Any) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_min): |V\phi - :func:`variance_terms`| <= bound q^exponent for q > q_min = 0.

    >>> import sympy as sp
    >>> variance_remainder(sp.tanh(sp.Symbol("x", real=True)), 2)
    (7*sqrt(2)*pi**(7/2)/1920, -5/2, 0)
    """
    return expectation_remainder(real_function(phi).squared(), order)


def as_order(order: Any) -> sp.Rational:
    if isinstance(order, (bool, str, bytes, float)):
        raise InputError(f"the order is an exact number (integer or fraction), not {order!r}")
    try:
        return sp.Rational(order)
    except (TypeError, ValueError) as error:
        raise InputError(f"the order is an exact number (integer or fraction), not {order!r}") from error


def _count(order: sp.Rational) -> int:
    """Return how many of the exponents -1/2, -3/2, ... lie above -order."""
    return max(0, int(sp.ceiling(order - sp.Rational(1, 2))))


@lru_cache(maxsize=512)
def _terms(f: RealFunction, order: sp.Rational) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    parts = decompose_even(f)
    terms: dict[sp.Expr, sp.Expr] = {}
    for power, c in parts.right:
        if not power > -1:
            raise DomainError(f"the function behaves like x^({power}) at 0, so the expectation is infinite")
        terms[power / 2] = terms.get(power / 2, sp.S.Zero) + c * half_line_power(power)
    for i in range(_count(order)):
        moment = lowest_terms(sp.Add(*(segment.moment(2 * i) for segment in parts.segments)))
        c = (-1) ** i * moment / (sp.factorial(i) * sp.Integer(2) ** i * sp.sqrt(2 * sp.pi))
        exponent = -sp.Rational(2 * i + 1, 2)
        terms[exponent] = terms.get(exponent, sp.S.Zero) + c
    kept = {e: sp.expand(c) for e, c in terms.items() if (e + order).is_positive}
    return tuple(sorted(((e, c) for e, c in kept.items() if c != 0), key=lambda p: -p[0]))


def half_line_power(power: sp.Expr) -> sp.Expr:
    r"""Return \int_0^oo z^power (standard normal density) dz."""
    return 2 ** (power / 2 - 1) * sp.gamma((power + 1) / 2) / sp.sqrt(sp.pi)


def absolute_moment(segment: Any, k: int) -> sp.Expr:
    """Return an exact upper bound of the integral of |x^k g| over the segment (equal to it where g keeps its sign)."""
    if segment.sign is not None:
        return segment.sign * segment.mirror**k * segment.moment(k)
    squared = segment.squared()
    high, low = squared.moment(2 * k + 2), squared.moment(2 * k)
    scale = sp.Rational(int(sp.ceiling(sp.sqrt(high / low).evalf(10) * 64)), 64)
    return sp.sqrt(sp.pi / (2 * scale) * (high + scale**2 * low))
