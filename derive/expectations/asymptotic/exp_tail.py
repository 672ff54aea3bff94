r"""Half-line moments of functions rational in an exponential, in closed form.

On x > 0 let f(x) = sum_j x^j R_j(t), t = exp(-a x), with R_j rational and regular at t = 0.  Then
sum_j R_j(0) x^j is the polynomial to which f tends, and g = f - (that polynomial) decays like exp(-a x).  Partial
fractions of R_j - R_j(0) in t make its Taylor coefficients r_n a quasi-polynomial in n, so

.. math:: \int_0^\infty x^{s-1} R(e^{-ax})\,dx = \Gamma(s)\, a^{-s} \sum_{n\ge1} r_n n^{-s}

is a finite sum of zeta values (pole at t = 1), eta values (t = -1), Hurwitz zeta values (other roots of unity) and
polylogarithms (any other real pole).  Both sides are analytic in s wherever the integral converges, so the identity
holds there although the sums on the right may only converge by continuation; a pole of zeta at one exponent has to
cancel against the other powers of x, and its finite part is kept.

``1 - tanh^2``, ``sech^n``, ``sigmoid'``, ``x*sigmoid``, ``x tanh``, ``x/sinh``, elu and products of all of
these are of this kind.  Nothing is typed in: every value comes out of the partial fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

import sympy as sp

from derive.activations.local import local_series
from derive.activations.values import sign_of
from derive.errors import DomainError, UnsupportedError
from derive.expectations.asymptotic.dirichlet import Quasi, mellin_ball, mellin_exact
from derive.expectations.asymptotic.pieces import X
from derive.expectations.one_variable.exprational import exp_rational
from derive.numerics.compile import to_arb

__all__ = ["ExpTail"]

T = sp.Dummy("t", positive=True)
N = sp.Dummy("n")
_MAX_ROOT_ORDER = 60
Factors = tuple[tuple[sp.Poly, int], ...]


@dataclass(frozen=True)
class ExpTail:
    """f = sum_j x^j N_j(t)/prod D_i(t)^(m_i) on x > 0, t = exp(-rate x): asymptote, exact moments, balls, sign."""

    rate: sp.Expr
    numerators: tuple[tuple[int, sp.Poly], ...]
    factors: Factors

    @classmethod
    def of(cls, expr: sp.Expr) -> ExpTail | None:
        """Return the tail of ``expr`` (in ``X``) on x > 0, or None if it is not of this kind."""
        found = exp_rational(expr, X)
        if found is None:
            return None
        factors = tuple((_poly(dict(enumerate(reversed(d)))), m) for d, m in found.factors)
        degree = sum((len(d) - 1) * m for d, m in found.factors)
        rows: dict[int, dict[int, sp.Expr]] = {}
        for (j, n), c in found.terms:
            rows.setdefault(j, {})[degree - n] = c
        step = gcd(*(n for row in rows.values() for n in row), *(n for f, _ in factors for (n,) in f.monoms()))
        if step > 1:  # only powers of t^step occur, as in sech^2: fewer poles
            rows = {j: {n // step: c for n, c in row.items()} for j, row in rows.items()}
            factors = tuple((_poly({n // step: c for (n,), c in f.terms()}), m) for f, m in factors)
        if any(n < 0 for row in rows.values() for n in row):
            raise UnsupportedError(
                "the function grows exponentially, so its large-variance expansion is not one in powers of q"
            )
        return cls(found.rate * max(step, 1), tuple((j, _poly(row)) for j, row in sorted(rows.items())), factors)

    @cached_property
    def _denominator(self) -> sp.Poly:
        return sp.prod([f**m for f, m in self.factors], start=_poly({0: sp.S.One}))

    @cached_property
    def asymptote(self) -> dict[sp.Expr, sp.Expr]:
        """The polynomial {power: coefficient} that f approaches at +oo."""
        values = {sp.Integer(j): p.eval(0) / self._denominator.eval(0) for j, p in self.numerators}
        return {j: v for j, v in values.items() if v != 0}

    @cached_property
    def _decaying(self) -> dict[int, sp.Poly]:
        """Numerators of R_j - R_j(0)."""
        parts = {j: p - self._denominator * (p.eval(0) / self._denominator.eval(0)) for j, p in self.numerators}
        return {j: p for j, p in parts.items() if not p.is_zero}

    def rest(self) -> sp.Expr:
        """f - asymptote as an expression in X in which nothing cancels at large x."""
        t = sp.exp(-self.rate * X)
        numerator = sp.Add(*(X**j * p.as_expr() for j, p in self._decaying.items()))
        return (numerator / sp.Mul(*(f.as_expr() ** m for f, m in self.factors))).xreplace({T: t})

    @cached_property
    def _quasi(self) -> dict[int, Quasi]:
        return {j: _expand(p, self.factors) for j, p in self._decaying.items()}

    def is_exact(self) -> bool:
        """Whether every denominator factors into roots of unity and linear factors."""
        try:
            return self._quasi is not None
        except UnsupportedError:
            return False

    def moment(self, k: int) -> sp.Expr:
        r"""Return the exact value of \int_0^oo x^k (f - asymptote) dx."""
        self._check_integrable(k)
        total, residue = sp.S.Zero, sp.S.Zero
        for j, quasi in self._quasi.items():
            s = j + k + 1
            value, pole = mellin_exact(quasi, s, self.rate)
            scale = sp.factorial(s - 1) * self.rate ** (-s)
            total += scale * value
            residue += scale * pole
        if residue != 0 and sp.simplify(residue) != 0:
            raise DomainError(f"the moment of order {k} diverges at 0: {residue} is left of the poles")
        return sp.expand(total)

    @cached_property
    def _order_at_zero(self) -> sp.Expr:
        """An exponent v with f = O(x^v) at 0+ (the true one where f is singular part by part)."""
        depth = sum(m for f, m in self.factors if f.eval(1) == 0)
        worst = min((j for j in self._decaying), default=0) - depth
        return sp.Integer(worst) if worst >= 0 else local_series(self.rest(), X, sp.S.Zero, 1, 1).valuation

    def _check_integrable(self, k: int) -> None:
        """The analytic continuation gives a finite part where the integral itself diverges; refuse that."""
        if not self._order_at_zero + k > -1:
            raise DomainError(f"the function behaves like x^({self._order_at_zero}) at 0, so moment {k} is infinite")

    def moment_ball(self, k: int) -> Any:
        """Return the same moment as a ball at the current flint precision."""
        from flint import arb

        self._check_integrable(k)
        total = arb(0)
        rate = to_arb(self.rate)
        for j, quasi in self._quasi.items():
            s = j + k + 1
            total += arb(s).gamma() * rate ** (-s) * mellin_ball(quasi, s, rate)
        return total

    @cached_property
    def sign(self) -> int | None:
        """1 or -1 when f - asymptote has that sign on all of x > 0 (proved by Sturm counts), 0 if it vanishes."""
        if not self._decaying:
            return 0
        bottom = _sign_on_unit_interval(self._denominator)
        if bottom is None:
            return None
        signs = {_sign_on_unit_interval(p) for p in self._decaying.values()}
        top = signs.pop() if len(signs) == 1 else None
        return None if top is None else top * bottom


def _poly(coefficients: dict[int, sp.Expr]) -> sp.Poly:
    return sp.Poly({(n,): c for n, c in coefficients.items()}, T, field=True)


def _expand(numerator: sp.Poly, factors: Factors) -> Quasi:
    """Return the Taylor coefficients of numerator/prod(factors), which vanishes at T = 0."""
    quasi = Quasi()
    quotient = numerator
    for i, (f, m) in enumerate(factors):
        power = f**m
        others = sp.prod([g**k for g, k in (*factors[:i], *factors[i + 1 :])], start=_poly({0: sp.S.One}))
        inverse = others.rem(power).invert(power) if others.degree() > 0 else 1 / others.LC()
        part = (numerator * inverse).rem(power)
        quotient = quotient - part * others
        if not part.is_zero:
            _add_fraction(quasi, part, f, m)
    whole = sp.prod([f**m for f, m in factors], start=_poly({0: sp.S.One}))
    for (n,), c in quotient.quo(whole).terms():
        if n and c != 0:
            quasi.finite[n] = quasi.finite.get(n, sp.S.Zero) + c
    return quasi


def _add_fraction(quasi: Quasi, numerator: sp.Poly, factor: sp.Poly, m: int) -> None:
    """Add the Taylor coefficients of numerator/factor^m, deg numerator < m deg factor."""
    if factor.degree() == 1:
        alpha, beta = factor.all_coeffs()
        root = -beta / alpha
        if not root.is_Rational:
            root = sp.simplify(root)
        if (root > 0) == True and (root < 1) == True:  # noqa: E712 - SymPy's three-valued comparison
            raise DomainError("the function has a pole on the real line, so the expectation does not exist")
        # numerator/(beta (1 - T/root))^m; the coefficient of T^n gathers u_i root^(i-n) C(n - i + m - 1, m - 1)
        p = sum((u * root**i * _binomial_poly(N - i, m) for (i,), u in numerator.terms()), sp.S.Zero) / beta**m
        quasi.roots.append((root, _in_index(p)))
        return
    modulus = _root_order(factor)
    lead = factor.LC()
    cofactor = sp.div(_poly({0: sp.S.One, modulus: -sp.S.One}), factor * (1 / lead))[0]
    by_class: dict[int, sp.Expr] = {}
    for (i,), u in (numerator * cofactor**m * (1 / lead**m)).terms():
        residue = i % modulus or modulus
        by_class[residue] = by_class.get(residue, sp.S.Zero) + u * _binomial_poly((N - i) / modulus, m)
    for r, p in sorted(by_class.items()):
        poly = _in_index(p)
        if not poly.is_zero:
            quasi.classes.append((modulus, r, poly))


def _in_index(p: sp.Expr) -> sp.Poly:
    """A polynomial in N with its coefficients in lowest terms."""
    poly = sp.Poly(sp.expand(p), N)
    rational = all(c.is_Rational for c in poly.coeffs())
    return poly if rational else sp.Poly({k: sp.cancel(c) for k, c in poly.terms()}, N)


def _binomial_poly(shift: sp.Expr, m: int) -> sp.Expr:
    """Return C(shift + m - 1, m - 1) as a polynomial in N."""
    return sp.prod([shift + i for i in range(1, m)]) / sp.factorial(m - 1)


def _root_order(factor: sp.Poly) -> int:
    monic = factor.monic()
    if all(c.is_Rational for c in monic.all_coeffs()):
        for modulus in range(3, _MAX_ROOT_ORDER):
            if factor.degree() == sp.totient(modulus) and monic.as_expr() == sp.cyclotomic_poly(modulus, T):
                return modulus
    raise UnsupportedError(f"no closed form for the poles of 1/({factor.as_expr()})")


def _sign_on_unit_interval(poly: sp.Poly) -> int | None:
    """Return the sign of a polynomial on (0, 1), or None if it changes there (or that could not be decided)."""
    value = poly.eval(sp.Rational(1, 2))
    for edge in (0, 1):
        while sp.cancel(poly.eval(edge)) == 0:
            poly = sp.div(poly, sp.Poly(T - edge, T))[0]
    rational = poly.domain.is_QQ or poly.domain.is_ZZ
    if poly.count_roots(0, 1) > 0 if rational else not _has_no_root_between(poly):
        return None
    return sign_of(sp.sympify(value, strict=True))


def _has_no_root_between(poly: sp.Poly) -> bool:
    """Whether balls around all complex roots show that none lies in [0, 1]."""
    from flint import acb_poly, ctx

    with ctx.workprec(128):
        coefficients = [to_arb(sp.sympify(c, strict=True)) for c in reversed(poly.sqf_part().all_coeffs())]
        try:
            roots = acb_poly(coefficients).roots()
        except (ValueError, ZeroDivisionError):  # roots that could not be isolated
            return False
    return not any(z.imag.contains(0) and not (z.real < 0 or z.real > 1) for z in roots)
