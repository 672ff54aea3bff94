r"""Gaussian means of polynomials times exponentials in closed form, on the whole line or on a piece of it.

A function that is on an interval a finite sum of terms c x^n e^{alpha x + beta x^2} (sin and cos give complex
alpha) has

.. math::

    E\bigl[X^n e^{\alpha X + \beta X^2};\; l < X < r\bigr] = \sqrt{q'/q}\; e^{\alpha^2 q'/2}\, M_n, \qquad
    q' = \frac{q}{1 - 2\beta q}, \quad \mu = \alpha q',

where M_n is the truncated moment of N(mu, q'), a combination of erfc at the ends:

.. math:: M_n = \mu M_{n-1} + (n-1) q' M_{n-2} - q' \bigl[x^{n-1} p(x)\bigr]_l^r .

Real powers x^a (no exponential) on l, r >= 0 give incomplete gamma functions.  Covers polynomials, sin, cos, relu
and its kin, elu, selu, hard tanh, exp(-x^2), alpha-relu.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import acb, arb

from derive.errors import DomainError
from derive.numerics.compile import to_arb

__all__ = ["Term", "closed_terms", "enclose_shifted_terms", "enclose_terms"]

_MAX_TERMS = 200


@dataclass(frozen=True)
class Term:
    """c x^power e^{alpha x + beta x^2}: ``factor`` and ``alpha`` may be complex, ``power`` is a real number >= 0."""

    factor: sp.Expr
    power: sp.Expr
    alpha: sp.Expr = sp.S.Zero
    beta: sp.Expr = sp.S.Zero


@lru_cache(maxsize=512)
def closed_terms(expr: sp.Expr, x: sp.Symbol) -> tuple[Term, ...] | None:
    """The terms of ``expr``, or None if it is not such a sum.

    >>> x = sp.Symbol("x")
    >>> closed_terms(x**2 * sp.exp(-x), x)
    (Term(factor=1, power=2, alpha=-1, beta=0),)
    """
    allowed = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh)
    for node in sp.preorder_traversal(expr):
        if node.has(x) and node != x and not isinstance(node, allowed):
            return None
        if isinstance(node, sp.Pow) and node.base.has(x) and not _usable_power(node, x):
            return None
    if expr.has(sp.sin, sp.cos, sp.sinh, sp.cosh):
        expr = expr.rewrite(sp.exp)
    expanded = sp.expand(expr, power_exp=True, power_base=False)
    summands = sp.Add.make_args(expanded)
    if len(summands) > _MAX_TERMS:
        return None
    terms: dict[tuple[sp.Expr, sp.Expr, sp.Expr], sp.Expr] = {}
    for summand in summands:
        term = _term(summand, x)
        if term is None:
            return None
        key = (term.power, term.alpha, term.beta)
        terms[key] = terms.get(key, sp.S.Zero) + term.factor
    return tuple(Term(c, *key) for key, c in terms.items() if c != 0)


def _usable_power(node: sp.Pow, x: sp.Symbol) -> bool:
    if node.exp.has(x):
        return node.base is sp.E
    if node.exp.is_Integer and node.exp > 0:
        return bool(node.exp <= 64)
    return node.base == x and bool(node.exp.is_positive)


def _term(summand: sp.Expr, x: sp.Symbol) -> Term | None:
    factor, power, alpha, beta = sp.S.One, sp.S.Zero, sp.S.Zero, sp.S.Zero
    for part in sp.Mul.make_args(summand):
        if not part.has(x):
            factor *= part
        elif part == x or (isinstance(part, sp.Pow) and part.base == x and not part.exp.has(x)):
            power += sp.S.One if part == x else part.exp
        elif isinstance(part, sp.exp):
            exponent = part.args[0]
            if not exponent.is_polynomial(x):
                return None
            poly = sp.Poly(exponent, x)
            if poly.degree() > 2:
                return None
            alpha += poly.coeff_monomial(x)
            beta += poly.coeff_monomial(x**2)
            factor *= sp.exp(poly.coeff_monomial(1))
        else:
            return None
    if not beta.is_real or (not power.is_Integer and (alpha != 0 or beta != 0)):
        return None
    return Term(factor, power, sp.expand(alpha), sp.expand(beta))


def enclose_terms(terms: tuple[Term, ...], left: sp.Expr, right: sp.Expr, q: Any) -> Any:
    """A ball with E[sum of the terms; left < X < right], X ~ N(0, q), at the current flint precision.

    Raises :class:`~derive.errors.DomainError` when a term makes the expectation infinite.
    """
    total = acb(0)
    for term in terms:
        if term.power.is_Integer:
            total += _complex(term.factor) * _exponential_moment(term, left, right, q, acb(0))
        else:
            total += _complex(term.factor) * _power_moment(term.power, left, right, q)
    return total.real


def enclose_shifted_terms(terms: tuple[Term, ...], left: sp.Expr, right: sp.Expr, v: Any, m: Any) -> Any:
    """A complex ball with E[sum of the terms; left < m + X < right], X ~ N(0, v), continued to complex m.

    Powers must be integers.
    """
    return sum((_complex(t.factor) * _exponential_moment(t, left, right, v, m) for t in terms), acb(0))


def _complex(number: sp.Expr) -> Any:
    if number.is_real:
        return acb(to_arb(number))
    real, imag = number.as_real_imag()
    return acb(to_arb(real), to_arb(imag))


def _exponential_moment(term: Term, left: sp.Expr, right: sp.Expr, q: Any, m: Any) -> Any:
    """E[x^n e^{alpha x + beta x^2}; left < x < right], x ~ N(m, q)."""
    n, alpha, beta = int(term.power), _complex(term.alpha), to_arb(term.beta)
    precision = 1 / q - 2 * beta
    if not precision > 0:
        raise DomainError(
            f"the expectation of exp(({term.beta})*x**2) is infinite at the variance {_short(q)}; "
            f"it is finite below {1 / (2 * term.beta)}"
        )
    spread = 1 / precision
    shrink = 1 / (1 - 2 * beta * q)  # spread/q; 1 when beta = 0
    mu = alpha * spread + m * shrink
    log_height = alpha * alpha * spread / 2 + alpha * m * shrink + beta * m * m * shrink
    scale = shrink.sqrt()
    if left.is_infinite and right.is_infinite:
        before, moment = acb(0), scale * log_height.exp()
        for k in range(1, n + 1):
            before, moment = moment, mu * moment + (k - 1) * spread * before
        return moment
    ends = [(to_arb(end), sign) for end, sign in ((left, -1), (right, 1)) if not end.is_infinite]
    log_edges = [alpha * x + beta * x * x - (x - m) * (x - m) / (2 * q) for x, _ in ends]
    return _truncated(n, mu, spread, (scale, log_height), ends, log_edges)


def _truncated(n: int, mu: Any, spread: Any, height: tuple[Any, Any], ends: list[Any], log_edges: list[Any]) -> Any:
    """The truncated moment; ``height`` is (scale, log) of the whole mass, ``log_edges`` the exponents at the ends."""
    scale, log_height = height
    width = (2 * spread).sqrt()
    places = [(x - mu) / width for x, _ in ends]
    if len(ends) == 1:
        moment = scale * _half_mass(-ends[0][1] * places[0], log_height, log_edges[0])
    elif places[1].real < 0:  # both ends on the left: measure the tails from there, where they are small
        moment = scale * (
            _half_mass(-places[1], log_height, log_edges[1]) - _half_mass(-places[0], log_height, log_edges[0])
        )
    else:
        moment = scale * (
            _half_mass(places[0], log_height, log_edges[0]) - _half_mass(places[1], log_height, log_edges[1])
        )
    before = acb(0)
    density = scale / (2 * arb.pi() * spread).sqrt()
    boundary = [(x, sign * density * e.exp()) for (x, sign), e in zip(ends, log_edges, strict=True)]
    for k in range(1, n + 1):
        jump = sum((value * x ** (k - 1) if k > 1 else value for x, value in boundary), acb(0))
        before, moment = moment, mu * moment + (k - 1) * spread * before - spread * jump
    return moment


def _half_mass(z: Any, log_height: Any, log_edge: Any) -> Any:
    """e^log_height erfc(z)/2, where log_height - z^2 = log_edge.

    Far out as e^log_edge U(1/2, 1/2, z^2)/(2 sqrt(pi)): the two exponentials would be enormous and cancel, and balls of
    erfc far out are wide.
    """
    if z.real > 8 and z.real > abs(z.imag):
        half = arb(0.5)
        return log_edge.exp() * (z * z).hypgeom_u(acb(half), acb(half)) / (2 * arb.pi().sqrt())
    return log_height.exp() * z.erfc() / 2


def _power_moment(power: sp.Expr, left: sp.Expr, right: sp.Expr, q: Any) -> Any:
    r"""E[X^a; l < X < r] = (2q)^{a/2} (Gamma(s, l^2/2q) - Gamma(s, r^2/2q)) / (2 sqrt(pi)), s = (a+1)/2."""
    s = (to_arb(power) + 1) / 2
    pieces = []
    for end in (left, right):
        if end.is_infinite:
            pieces.append(arb(0))
        elif end == 0:
            pieces.append(s.gamma())
        else:
            x = to_arb(end)
            pieces.append((x * x / (2 * q)).gamma_upper(s))
    return (2 * q) ** (to_arb(power) / 2) * (pieces[0] - pieces[1]) / (2 * arb.pi().sqrt())


def _short(q: Any) -> str:
    return q.str(8, radius=False)
