r"""Half-line moments of polynomials in x, exp(-b x^2) and erf(a x), in closed form.

On x > 0 let f be a finite sum of terms  c x^j exp(-b x^2) prod_i erf(a_i x)^(n_i)  with a_i > 0, b >= 0.  The terms
with b = 0 make the polynomial to which f tends (erf -> 1).  What is left decays like a Gaussian.  Its moments follow by
integration by parts,

.. math::

    \int_0^\infty x^m h\,dx &= -\tfrac{1}{m+1}\int_0^\infty x^{m+1} h'\,dx \qquad (b = 0,\ h(\infty) = 0), \\
    \int_0^\infty x^m e^{-bx^2} E\,dx &= \tfrac{1}{2b}\Bigl([m=1]\,E(0) + \int_0^\infty e^{-bx^2} (x^{m-1}E)'\,dx\Bigr),

down to the integrals with m = 0: a Gaussian, one erf (an arctangent), two erf (the arcsine law), and n equal erf whose
square is the weight (a total derivative).  Other products of three or more erf have no elementary value; they are
refused here and left to numerical moments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.expectations.asymptotic.pieces import X
from derive.numerics.compile import to_arb

__all__ = ["GaussTail", "exact_integral"]

Erfs = tuple[tuple[sp.Expr, int], ...]  # ((a, power), ...), sorted
Key = tuple[int, sp.Expr, Erfs]  # x^j exp(-b x^2) prod erf(a x)^power


@dataclass(frozen=True)
class GaussTail:
    """f as (((j, b, erfs), coefficient), ...) on x > 0: asymptote, exact moments, balls, sign of f - asymptote."""

    terms: tuple[tuple[Key, sp.Expr], ...]

    @classmethod
    def of(cls, expr: sp.Expr) -> GaussTail | None:
        """Return the tail of ``expr`` (in ``X``) on x > 0, or None if it is not of this kind."""
        named = _in_atoms(expr)
        if named is None:
            return None
        body, erfs, exps = named
        if not body.is_polynomial(X, *erfs.values(), *exps.values()):
            return None
        generators = [X, *erfs.values(), *exps.values()]
        terms: dict[Key, sp.Expr] = {}
        for powers, c in sp.Poly(body, *generators).terms():
            product = tuple(
                sorted(
                    ((a, n) for a, n in zip(erfs, powers[1 : 1 + len(erfs)], strict=True) if n),
                    key=lambda p: p[0].sort_key(),
                )
            )
            b = sp.Add(*(rate * n for rate, n in zip(exps, powers[1 + len(erfs) :], strict=True)))
            key = (powers[0], sp.nsimplify(b) if b.is_Rational else b, product)
            terms[key] = terms.get(key, sp.S.Zero) + c
        return cls(tuple((k, c) for k, c in terms.items() if c != 0))

    @cached_property
    def asymptote(self) -> dict[sp.Expr, sp.Expr]:
        """The polynomial {power: coefficient} that f approaches at +oo."""
        values: dict[sp.Expr, sp.Expr] = {}
        for (j, b, _), c in self.terms:
            if b == 0:
                values[sp.Integer(j)] = values.get(sp.Integer(j), sp.S.Zero) + c
        return {j: sp.expand(v) for j, v in values.items() if sp.expand(v) != 0}

    def is_exact(self) -> bool:
        """Whether every moment comes down to known integrals."""
        try:
            self.moment(0), self.moment(1)
        except UnsupportedError:
            return False
        return True

    def moment(self, k: int) -> sp.Expr:
        r"""Return the exact value of \int_0^oo x^k (f - asymptote) dx."""
        total = sum((c * w for c, w in self._moment_terms(k, _EXACT)), sp.S.Zero)
        return sp.expand(total)

    def moment_ball(self, k: int) -> Any:
        """Return the same moment as a ball at the current flint precision."""
        from flint import arb

        return sum((to_arb(c) * w for c, w in self._moment_terms(k, _ball_field())), arb(0))

    def _moment_terms(self, k: int, field: Field) -> list:
        """Return (coefficient, integral) pairs; terms with b = 0 are integrated by parts first."""
        found = []
        for (j, b, erfs), c in self.terms:
            if b != 0:
                found.append((c, field.integral(j + k, b, erfs)))
                continue
            for (a, n), rest in _derivatives(erfs):
                weight = -c * n * 2 * a / sp.sqrt(sp.pi) / (j + k + 1)
                found.append((weight, field.integral(j + k + 1, a**2, rest)))
        return found

    @cached_property
    def sign(self) -> int | None:
        """1 or -1 when f - asymptote has that sign on all of x > 0 (proved by Sturm counts), 0 if it vanishes."""
        groups: dict[tuple, dict[Erfs, sp.Expr]] = {}
        for (j, b, erfs), c in self.terms:
            group = groups.setdefault((j, b), {})
            group[erfs] = group.get(erfs, sp.S.Zero) + c
        signs = set()
        for (_, b), group in groups.items():
            signs.add(_sign_in_erf(group, subtract=b == 0))
        signs.discard(0)
        if not signs:
            return 0
        return signs.pop() if len(signs) == 1 else None


def _in_atoms(expr: sp.Expr) -> tuple[sp.Expr, dict, dict] | None:
    """Return the expression with erf(a x) and exp(-b x^2) named by symbols, and the two tables, or None."""
    expr = expr.rewrite(sp.erf) if expr.has(sp.erfc) else expr
    erfs: dict[sp.Expr, sp.Symbol] = {}
    exps: dict[sp.Expr, sp.Symbol] = {}
    table = {}
    for atom in expr.atoms(sp.erf, sp.exp):
        argument = sp.expand(atom.args[0] if isinstance(atom, sp.erf) else atom.exp)
        if not argument.has(X):
            continue
        if isinstance(atom, sp.erf):
            a = argument.coeff(X, 1)
            if argument != a * X or not a.is_real:
                return None
            odd = -1 if a.is_negative else 1
            table[atom] = odd * erfs.setdefault(odd * a, sp.Dummy("e"))
        else:
            b = -argument.coeff(X, 2)
            if sp.expand(argument + b * X**2).has(X) or not b.is_positive:
                return None
            table[atom] = exps.setdefault(b, sp.Dummy("g")) * sp.exp(sp.expand(argument + b * X**2))
    return expr.xreplace(table), erfs, exps


def _derivatives(erfs: Erfs) -> list[tuple[tuple[sp.Expr, int], Erfs]]:
    """Return, for each factor, ((a, n), the product with one such factor taken away)."""
    rests = []
    for i, (a, n) in enumerate(erfs):
        less = ((a, n - 1),) if n > 1 else ()
        rests.append(((a, n), erfs[:i] + less + erfs[i + 1 :]))
    return rests


@dataclass(frozen=True)
class Field:
    """The same recursion over exact expressions or over balls: how to put in a number, and the functions needed."""

    number: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    atan: Callable[[Any], Any]
    asin: Callable[[Any], Any]
    pi: Any
    memo: dict

    def integral(self, m: int, b: sp.Expr, erfs: Erfs) -> Any:
        """Return the integral of x^m exp(-b x^2) prod erf over x > 0."""
        key = (m, b, erfs)
        for low in range(m % 2, m, 2):  # fill the memo from below: no deep recursion
            if (low, b, erfs) not in self.memo:
                self.memo[(low, b, erfs)] = self._step(low, b, erfs)
        if key not in self.memo:
            self.memo[key] = self._step(m, b, erfs)
        return self.memo[key]

    def _step(self, m: int, b: sp.Expr, erfs: Erfs) -> Any:
        if m == 0:
            return self._base(b, erfs)
        total = self.number(1 if m == 1 and not erfs else 0)
        if m > 1:
            total += (m - 1) * self.integral(m - 2, b, erfs)
        for (a, n), rest in _derivatives(erfs):
            total += self.number(2 * n * a) / self.sqrt(self.pi) * self.integral(m - 1, sp.expand(b + a**2), rest)
        return self._tidy(total / self.number(2 * b))

    def _tidy(self, value: Any) -> Any:
        return sp.expand(value) if isinstance(value, sp.Expr) else value

    def _base(self, b: sp.Expr, erfs: Erfs) -> Any:
        count = sum(n for _, n in erfs)
        half = self.sqrt(self.pi / self.number(b)) / 2
        if count == 0:
            return half
        if len(erfs) == 1 and sp.expand(erfs[0][0] ** 2 - b) == 0:
            return half / (count + 1)
        if count == 1:
            return half * 2 / self.pi * self.atan(self.number(erfs[0][0] / sp.sqrt(b)))
        if count == 2:
            a1, a2 = (erfs[0][0], erfs[-1][0])
            inner = sp.sqrt(sp.factor((b + a1**2) * (b + a2**2)))
            return half * 2 / self.pi * self.asin(self.number(a1 * a2 / inner))
        raise UnsupportedError(f"the integral of exp(-b x^2) against {count} error functions has no elementary value")


def _exact(number: Any) -> sp.Expr:
    return sp.sympify(number, strict=True)


_EXACT = Field(_exact, sp.sqrt, sp.atan, sp.asin, sp.pi, {})
_BALLS: dict[int, Field] = {}


def exact_integral(m: int, b: sp.Expr, erfs: Erfs) -> sp.Expr:
    """Return the integral of x^m exp(-b x^2) prod erf over x > 0; b may hold symbols.

    Raises :class:`~derive.errors.UnsupportedError` for products of error functions without an elementary value.
    """
    return Field(_exact, sp.sqrt, sp.atan, sp.asin, sp.pi, {}).integral(m, b, erfs)


def _ball_field() -> Field:
    from flint import arb, ctx

    if ctx.prec not in _BALLS:
        if len(_BALLS) > 8:
            _BALLS.clear()
        _BALLS[ctx.prec] = Field(to_arb, arb.sqrt, arb.atan, arb.asin, arb.pi(), {})
    return _BALLS[ctx.prec]


def _sign_in_erf(group: dict[Erfs, sp.Expr], subtract: bool) -> int | None:
    """Return the sign of a polynomial in one erf on (0, 1); ``subtract`` takes its value at 1 away first."""
    scales = {a for erfs in group for a, _ in erfs}
    if len(scales) > 1:
        return None
    e = sp.Dummy("e")
    coefficients = {erfs[0][1] if erfs else 0: sp.sympify(c, strict=True) for erfs, c in group.items()}
    if subtract:
        coefficients[0] = coefficients.get(0, sp.S.Zero) - sp.Add(*coefficients.values())
    coefficients = {n: c for n, c in coefficients.items() if c != 0}
    if not coefficients:
        return 0
    lead = coefficients[max(coefficients)]
    ratios = {n: sp.radsimp(sp.simplify(c / lead)) for n, c in coefficients.items()}
    if not all(r.is_Rational for r in ratios.values()):
        return None
    poly = sp.Poly({(n,): r for n, r in ratios.items()}, e)
    while poly.eval(0) == 0:
        poly = sp.div(poly, sp.Poly(e, e))[0]
    while poly.eval(1) == 0:
        poly = sp.div(poly, sp.Poly(e - 1, e))[0]
    if poly.count_roots(0, 1) > 0:
        return None
    at_half = sum(r * sp.Rational(1, 2) ** n for n, r in ratios.items()) * lead
    return 1 if at_half.evalf(30) > 0 else -1
