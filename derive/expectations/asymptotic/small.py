r"""Expansions of Gaussian expectations at small variance, from the Taylor coefficients of the function.

With f(x) + f(-x) = sum_s c_s x^s near 0+ (one-sided, so a kink at 0 is allowed and then odd s occur),

.. math:: E f(\sqrt q z) \sim \sum_s c_s\, h_s\, q^{s/2}, \qquad
   h_s = \int_0^\infty z^s\,\frac{e^{-z^2/2}}{\sqrt{2\pi}}\,dz = \frac{2^{s/2-1}\Gamma(\frac{s+1}2)}{\sqrt\pi},

and for phi analytic at 0, with u_1, u_2 of variance q and covariance lam,

.. math:: W\phi(q, \lambda) \sim \sum_{m,n} \phi_m \phi_n\, E u_1^m u_2^n .

The series are asymptotic, not convergent, unless phi is entire: those of tanh have radius of convergence 0.

Remainder.  Let s be an integer and g(x) = f(x) + f(-x) be smooth on x > 0.  Taylor's formula gives |g - (terms below
x^s)| <= x^s sup|g^(s)|/s!, so what is left of E f is at most sup|g^(s)| h_s q^{s/2}/s! for every q > 0.  In two
variables, with S_m = sup|phi^(m)| on the whole line,

.. math:: |R_N| \le q^N (2N-1)!! \sum_{m+n=2N} \frac{S_m S_n}{m!\,n!},

by Hoelder's inequality E|u_1|^m|u_2|^n <= E|u|^{m+n}.  The suprema are enclosed
(:mod:`derive.expectations.asymptotic.suprema`), so the bounds are proved; where a function has kinks elsewhere, grows,
or has algebraic tails none is given (:class:`~derive.errors.UnsupportedError`) and the first omitted term is all there
is: an estimate.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations.local import local_series
from derive.errors import DomainError, UnsupportedError
from derive.expectations.asymptotic.large import as_order, half_line_power
from derive.expectations.asymptotic.pieces import RealFunction, X, real_function
from derive.expectations.asymptotic.suprema import supremum

__all__ = [
    "covariance_small_remainder",
    "covariance_small_terms",
    "expectation_small_remainder",
    "expectation_small_terms",
    "variance_small_remainder",
    "variance_small_terms",
]


def expectation_small_terms(f: Any, order: Any) -> dict[sp.Expr, sp.Expr]:
    r"""Return {exponent of q: exact coefficient} of E f(\sqrt q z) for q -> 0, all exponents below ``order``.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> expectation_small_terms(sp.cos(x), 3), expectation_small_terms(sp.Abs(sp.tanh(x)), 2)
    ({0: 1, 1: -1/2, 2: 1/8}, {1/2: sqrt(2)/sqrt(pi), 3/2: -2*sqrt(2)/(3*sqrt(pi))})
    """
    return dict(_terms(real_function(f), as_order(order)))


def variance_small_terms(phi: Any, order: Any) -> dict[sp.Expr, sp.Expr]:
    r"""Return {exponent of q: exact coefficient} of V\phi(q) for q -> 0, all exponents below ``order``.

    >>> import sympy as sp
    >>> variance_small_terms(sp.tanh(sp.Symbol("x", real=True)), 5)
    {1: 1, 2: -2, 3: 17/3, 4: -62/3}
    """
    return expectation_small_terms(real_function(phi).squared(), order)


def expectation_small_remainder(f: Any, order: Any) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_max): |E f - :func:`expectation_small_terms`| <= bound q^exponent for all q >= 0.

    ``bound`` is rational times h_s; the proof is in the docstring of the module.
    """
    g = _even_part(real_function(f))
    order = as_order(order)
    s = int(sp.ceiling(2 * order))
    derivative = sp.diff(g, X, s)
    if derivative == 0:
        return sp.S.Zero, sp.Rational(s, 2), sp.oo
    if not all(e.is_Integer for e in local_series(g, X, sp.S.Zero, 1, s + 1).terms):
        raise UnsupportedError(f"{g} is not smooth at 0, so its Taylor remainder is not bounded here")
    return supremum(derivative) * half_line_power(sp.Integer(s)) / sp.factorial(s), sp.Rational(s, 2), sp.oo


def variance_small_remainder(phi: Any, order: Any) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_max): |V\phi - :func:`variance_small_terms`| <= bound q^exponent for all q >= 0."""
    return expectation_small_remainder(real_function(phi).squared(), order)


def covariance_small_terms(phi: Any, order: int) -> dict[tuple[int, int], sp.Expr]:
    r"""Return {(i, j): coefficient of q^i lam^j} of W\phi(q, lam) for q -> 0, all total degrees i + j below ``order``.

    >>> import sympy as sp
    >>> covariance_small_terms(sp.tanh(sp.Symbol("x", real=True)), 3)
    {(0, 1): 1, (1, 1): -2}

    Raises :class:`~derive.errors.DomainError` when phi has a kink at 0.
    """
    coefficients = _taylor(real_function(phi), 2 * order - 2)
    terms: dict[tuple[int, int], sp.Expr] = {}
    for m, a in coefficients.items():
        for n, b in coefficients.items():
            if (m + n) % 2 or m + n >= 2 * order:
                continue
            for k in range(m % 2, min(m, n) + 1, 2):
                key = ((m + n) // 2 - k, k)
                terms[key] = terms.get(key, sp.S.Zero) + a * b * _pairings(m, n, k)
    return {key: sp.expand(v) for key, v in sorted(terms.items()) if sp.expand(v) != 0}


def covariance_small_remainder(phi: Any, order: int) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_max): |W\phi - :func:`covariance_small_terms`| <= bound q^exponent, |lam| <= q."""
    f = real_function(phi)
    _taylor(f, 0)
    if len(f.pieces) > 1:
        raise UnsupportedError("the Taylor remainder is bounded for functions without kinks only")
    suprema = [_line_supremum(f, m) for m in range(2 * order + 1)]
    total = sum(
        (
            suprema[m] * suprema[2 * order - m] / (sp.factorial(m) * sp.factorial(2 * order - m))
            for m in range(2 * order + 1)
        ),
        sp.S.Zero,
    )
    return total * sp.factorial2(2 * order - 1), sp.Integer(order), sp.oo


def _pairings(m: int, n: int, k: int) -> sp.Rational:
    """The coefficient of q^((m+n)/2-k) lam^k in E u1^m u2^n: pairings with k mixed pairs (Isserlis)."""
    alone = sp.factorial2(m - k - 1) * sp.factorial2(n - k - 1)
    return sp.binomial(m, k) * sp.binomial(n, k) * sp.factorial(k) * alone


def _line_supremum(f: RealFunction, m: int) -> sp.Rational:
    expr = sp.diff(f.pieces[0].expr, X, m)
    return max(supremum(expr), supremum(expr.subs(X, -X)))


def _even_part(f: RealFunction) -> sp.Expr:
    """f(x) + f(-x) on x > 0, which must be one analytic piece."""
    whole = [p for p in (f + f.mirrored()).cut_at_zero() if p.left >= 0]
    if len(whole) > 1:
        raise UnsupportedError(
            f"the function has a kink at {whole[0].right}, so its Taylor remainder is not bounded here"
        )
    return whole[0].expr


@lru_cache(maxsize=512)
def _terms(f: RealFunction, order: sp.Rational) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    inner = next(p for p in (f + f.mirrored()).cut_at_zero() if p.left >= 0)
    series = local_series(inner.expr, X, sp.S.Zero, 1, int(sp.ceiling(2 * order)))
    terms = {}
    for s, c in series.terms.items():
        if s <= -1:
            raise DomainError("the function is not integrable at 0, so the expectation does not exist")
        if s < 2 * order:
            terms[s / 2] = sp.expand(c * half_line_power(s))
    return tuple(sorted(terms.items()))


@lru_cache(maxsize=512)
def _taylor_cached(f: RealFunction, degree: int) -> tuple[tuple[int, sp.Expr], ...]:
    if any(k == 0 for k in f.kinks):
        raise DomainError("the function has a kink at 0, so it has no Taylor series there")
    piece = next(p for p in f.cut_at_zero() if p.left >= 0)
    found = local_series(piece.expr, X, sp.S.Zero, 1, degree + 1)
    return tuple((int(e), c) for e, c in found.terms.items() if e <= degree)


def _taylor(f: RealFunction, degree: int) -> dict[int, sp.Expr]:
    return dict(_taylor_cached(f, degree))
