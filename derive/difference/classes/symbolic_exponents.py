r"""Maps with a symbolic exponent: several small scales at once.

For :math:`x' = x + K (s x + b)^\alpha + a` and its like, at infinity, the relative step
:math:`g = (F - x)/x = K_0 x^{-s_0} (1 + \dots)` is a sparse series: its exponents :math:`p + q\alpha` do not lie in a
lattice of fractions, and which of two terms is larger depends on :math:`\alpha`.  The equations are those of the
parabolic class (:mod:`derive.difference.formal.abel`): with :math:`x^e \mapsto x^e (1 + g)^e`,

.. math:: A(F) - A = 1, \qquad A = \sum a_e x^e + \ell \log x,

each residual :math:`\rho\,x^{-t}` is removed by the term with :math:`e = s_0 - t`, whose coefficient is divided by
:math:`e K_0`.  Where e vanishes identically the term is the logarithm.  Where it vanishes at one value of
:math:`\alpha` (:math:`1 - 2\alpha`, :math:`1 - 3\alpha`, ...) that value is *resonant*: a logarithm appears there, the
coefficients here have a pole, and :attr:`SymbolicExpansion.resonances` lists it.

The order of the terms is decided on an open interval declared for :math:`\alpha`; where it changes inside,
UnsupportedError names the points at which to split it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from derive.difference.arguments import exact_key, interval_ends
from derive.difference.classes.symbolic_abel import SparseAbel, sparse_abel
from derive.difference.driven.transseries import ExponentRange, next_candidates, select_terms, sum_with_estimate
from derive.difference.frame import fresh_symbol, with_error
from derive.difference.near_point.sparse_expander import SparseExpander
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import Coefficients
from derive.difference.series.laurent import Element
from derive.difference.series.sparse import Exponent, Scale, Sparse, binomial, logarithm
from derive.errors import DomainError, InputError, UnsupportedError

__all__ = ["SymbolicExpansion", "solve_symbolic_powers"]

_ROUNDS = 14


@dataclass(frozen=True)
class SymbolicExpansion:
    """The expansion of x_n with exponents in alpha; ``resonances`` are the values of alpha at which it has a pole.

    ``error`` is the O-term.  Digits for given parameter values come from the same sparse series in balls.
    """

    recurrence: Recurrence
    n: sp.Symbol
    c: sp.Symbol
    alpha: sp.Symbol
    interval: tuple[sp.Expr, sp.Expr]
    terms: tuple[sp.Expr, ...]
    error: sp.Expr
    abel: sp.Expr
    resonances: tuple[sp.Expr, ...]
    omitted: tuple[sp.Expr, ...] = ()
    numbers: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def expr(self) -> sp.Expr:
        """The sum of the terms."""
        return sp.Add(*self.terms)

    def constant_value(
        self, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> sp.Float:
        """c = A(x_0) at given parameter values, by estimate."""
        return self._numeric(certified, params).constant_value(x0, digits)

    def at(
        self, n: int, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> sp.Float:
        """x_n at given parameter values, by estimate."""
        return self._numeric(certified, params).at(n, x0, digits)

    def evaluate(self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the terms for a given constant; an estimate, not a bound."""
        values = {**self.recurrence.values(params), self.n: n, self.c: c}
        try:
            return sum_with_estimate(self.expr, self.omitted, values, digits)
        except DomainError:
            raise DomainError(
                f"{self.alpha} = {values.get(self.alpha)} is resonant (the resonances are {self.resonances}): a "
                "logarithm appears there; put the number into the map and expand again"
            ) from None

    def _numeric(self, certified: bool, params: Mapping[Any, Any] | None) -> Any:
        if certified:
            raise UnsupportedError(
                "enclosures need a rational exponent: put its value into the map, which then has fractional powers only"
            )
        from derive.difference.classes.symbolic_numbers import SymbolicNumbers

        return SymbolicNumbers.of(self.recurrence, self.alpha, params)

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"


def solve_symbolic_powers(recurrence: Recurrence, terms: int = 4, *, interval: Any = None) -> SymbolicExpansion:
    r"""The expansion of the orbits of a map with a symbolic exponent, at infinity.

    ``interval`` is ``{alpha: (low, high)}``, an open interval on which the order of the terms is fixed.

    >>> x, K, a = sp.symbols("x K alpha", positive=True)
    >>> law = solve_symbolic_powers(Recurrence(x, x + K * x**a), 1, interval={a: (sp.Rational(1, 2), 1)})
    >>> sp.simplify(law.expr - (K * (1 - a) * law.n) ** (1 / (1 - a)))
    0
    """
    if not recurrence.chart.at_infinity or recurrence.chart.side < 0:
        raise UnsupportedError("symbolic exponents are treated at +oo; move the fixed point there by y = 1/(x - x*)")
    alpha, low, high = _declared(recurrence, interval)
    span = ExponentRange(alpha, low, high)
    middle = Fraction(str(sp.nsimplify(span.middle, rational=True))) if span.middle.is_Rational else _near(span.middle)
    for round_ in range(_ROUNDS):
        reach = Fraction(2 * (terms + 2 + round_) + 4 * max(0, round_ - 6) ** 2, 12)
        found = _attempt(recurrence, alpha, span, middle, terms, reach)
        if found is not None:
            return found
    raise UnsupportedError(
        f"{terms} terms were not found to a relative size of x**(-{float(reach):.0f}); ask for fewer, or declare a "
        "smaller interval"
    )


def _near(value: sp.Expr) -> Fraction:
    return Fraction(float(value)).limit_denominator(1000)


def _declared(recurrence: Recurrence, interval: Any) -> tuple[sp.Symbol, sp.Expr, sp.Expr]:
    exponents = [p.exp for p in recurrence.expression.atoms(sp.Pow) if p.base.has(recurrence.x)]
    symbols = set().union(*(e.free_symbols for e in exponents)) - {recurrence.x}
    if len(symbols) != 1:
        raise UnsupportedError(
            f"one symbolic exponent can be treated, not {sorted(map(str, symbols))}; substitute numbers"
        )
    (alpha,) = symbols
    if interval is None:
        raise InputError(
            f"the order of the terms depends on {alpha}; declare interval={{{alpha}: (low, high)}}, such as (1/2, 1)"
        )
    ends = exact_key(interval, alpha) if isinstance(interval, Mapping) else interval
    low, high = interval_ends(ends)
    if not low < high:
        raise InputError(f"the interval ({low}, {high}) of {alpha} is empty")
    return alpha, low, high


def _attempt(
    recurrence: Recurrence, alpha: sp.Symbol, span: ExponentRange, middle: Fraction, wanted: int, reach: Fraction
) -> SymbolicExpansion | None:
    table = Coefficients()
    n = fresh_symbol("n", recurrence.parameters | {recurrence.x}, positive=True)
    c = fresh_symbol("c", recurrence.parameters | {recurrence.x}, real=True)
    Y = sp.Dummy("Y", real=True)
    state: dict[str, Any] = {}

    def work() -> None:
        element, _ = table.convert(alpha), table.convert(Y)
        scale = Scale(middle, reach, element, lambda r: table.ring.constant(r))
        state["scale"] = scale
        inside = Scale(middle, reach + 1, element, lambda r: table.ring.constant(r))
        raised = lambda c, e: table.convert(table.expr(c) ** e)  # noqa: E731
        walk = SparseExpander(inside, recurrence.x, alpha, table.convert, raised)
        g = walk.value(sp.expand(recurrence.F / recurrence.x - 1))
        state["short"] = Sparse(scale, g.rows).lead() is None
        if state["short"]:
            return
        state["abel"] = sparse_abel(Sparse(scale, g.rows))
        state["eta"] = _invert(state["abel"], table.convert(Y))

    table.run(work)
    if state["short"]:
        return None
    abel, eta = state["abel"], state["eta"]
    scale = eta.scale
    rows = binomial(eta.powers(), 1 / scale.element(abel.lead)).rows  # x = X (1 + eta)**(1/s0)
    candidates = list(rows)
    pairs = [(sp.Rational(q.numerator, q.denominator), sp.Rational(p.numerator, p.denominator)) for p, q in candidates]
    if len(pairs) <= wanted:
        return None
    kept, first = select_terms([(q, p) for q, p in pairs], span, wanted)
    if not first or any(scale.size(candidates[m]) + 1 > eta.scale.reach for m in kept):
        return None
    inside = {m for m, t in enumerate(candidates) if scale.size(t) + 1 <= eta.scale.reach}
    omitted = next_candidates([(q, p) for q, p in pairs], span, kept, inside) or first
    return _result(recurrence, table, abel, rows, candidates, kept, first, omitted, (n, c, Y, alpha), span)


def _invert(abel: SparseAbel, Y: Any) -> Sparse:
    """eta with A(X (1 + eta)**(1/s0)) = n + c, where a X**s0 = n and Y = c - log_coefficient log X."""
    s0 = abel.lead
    scale = replace(abel.g.scale, reach=abel.g.scale.reach - abel.g.scale.size(s0))
    exponent = scale.element(s0)
    head = abel.terms[-s0[0], -s0[1]]
    rest = {t: a for t, a in abel.terms.items() if t != (-s0[0], -s0[1])}
    eta = Sparse(scale, {})
    while True:
        powers = (
            eta.powers() if eta.rows else [Sparse(scale, {(Fraction(0), Fraction(0)): scale.rational(Fraction(1))})]
        )
        total = Sparse(scale, {s0: Y / head})
        if not ps.is_zero(abel.log_coefficient):
            total = total + logarithm(powers).times(-abel.log_coefficient / (head * exponent), s0)
        for t, a in rest.items():
            factor = binomial(powers, scale.element((-t[0], -t[1])) / exponent)
            total = total + factor.times(-a / head, (t[0] + s0[0], t[1] + s0[1]))
        total = Sparse(scale, {t: c.reduced() if isinstance(c, Element) else c for t, c in total.rows.items()})
        if set(total.rows) == set(eta.rows) and all(ps.is_zero(total.rows[t] - eta.rows[t]) for t in eta.rows):
            return eta
        eta = total


def _result(
    recurrence: Recurrence,
    table: Coefficients,
    abel: SparseAbel,
    rows: Mapping[Exponent, Any],
    candidates: list[Exponent],
    kept: list[int],
    first: list[int],
    omitted: list[int],
    symbols: tuple[sp.Symbol, ...],
    span: ExponentRange,
) -> SymbolicExpansion:
    n, c, Y, alpha = symbols
    s0 = _form(abel.lead, alpha)
    speed = table.expr(abel.g.largest()[1]) * s0  # A ~ x**s0 / speed
    log = table.expr(abel.log_coefficient) if not isinstance(abel.log_coefficient, int) else sp.S.Zero
    X_log = sp.log(speed * n) / s0
    value = c - log * X_log

    def summand(m: int) -> sp.Expr:
        t = _form(candidates[m], alpha)
        power = _ratio(1 - t, s0)
        coefficient = sp.factor_terms(table.expr(rows[candidates[m]])).subs(Y, value)
        return coefficient * (speed * n) ** power

    t = _form(candidates[first[0]], alpha)
    degree = sp.degree(table.expr(rows[candidates[first[0]]]), Y) if log != 0 else 0
    error = sp.Order(n ** _ratio(1 - t, s0) * sp.log(n) ** degree, (n, sp.oo), evaluate=False)
    x = recurrence.x
    A = sp.Add(*(sp.factor(table.expr(a)) * x ** (-_form(t, alpha)) for t, a in abel.terms.items())) + log * sp.log(x)
    return SymbolicExpansion(
        recurrence,
        n,
        c,
        alpha,
        (span.low, span.high),
        tuple(summand(m) for m in kept),
        error,
        A,
        _resonances(table, alpha, s0),
        tuple(summand(m) for m in omitted),
    )


def _form(t: Exponent, alpha: sp.Symbol) -> sp.Expr:
    return sp.Rational(t[0].numerator, t[0].denominator) + alpha * sp.Rational(t[1].numerator, t[1].denominator)


def _ratio(top: sp.Expr, below: sp.Expr) -> sp.Expr:
    short = sp.cancel(top / below)
    return short if short.is_Rational else sp.expand(top) / below


def _resonances(table: Coefficients, alpha: sp.Symbol, s0: sp.Expr) -> tuple[sp.Expr, ...]:
    """The values of alpha at which a coefficient has a pole, but for the zero of s_0 itself."""
    found: set[sp.Expr] = set()
    for divisor in table.ring.divisors:
        poly = table.expr(Element(table.ring, divisor))
        if poly.free_symbols == {alpha}:
            found |= {r for r in sp.roots(sp.Poly(poly, alpha)) if r.is_real}
    return tuple(sorted((r for r in found if s0.subs(alpha, r) != 0), key=sp.N))
