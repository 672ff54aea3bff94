r"""Functions rational in an exponential and polynomial in x: tanh, sigmoid, swish, their powers and derivatives.

With T = e^{a x}, a > 0, such a function is

.. math:: f(x) = \frac{\sum_{j,n} c_{jn}\, x^j T^n}{\prod_i D_i(T)^{m_i}},

so its only poles are x = (log tau + 2 pi i k)/a over the zeros tau of the D_i, and these are what a trapezoidal
rule needs to know.  :func:`exp_rational` finds the form from the expression, exactly, with elementary arithmetic
of its own (a cold call takes well under a millisecond); it returns ``None`` for every other expression.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import gcd, lcm

import sympy as sp

from derive.activations import VARIABLE
from derive.numerics.tape import Arithmetic, Tape

__all__ = ["ExpRational", "exp_rational"]

X = VARIABLE
T = sp.Dummy("T", positive=True)

Terms = dict[tuple[int, int], sp.Expr]  # (power of x, power of T) -> coefficient
Factor = tuple[sp.Expr, ...]  # coefficients of a polynomial in T, lowest first
Fraction = tuple[Terms, dict[Factor, int]]

_MAX_TERMS = 400
_HYPERBOLIC = (sp.tanh, sp.coth, sp.sinh, sp.cosh, sp.sech, sp.csch)


class _NotOfThisKind(Exception):
    """The expression is not rational in one exponential."""


@dataclass(frozen=True)
class ExpRational:
    """f as numerator over factors, with T = exp(rate*x).

    ``terms`` holds ((j, n), c) for c x^j T^n; ``factors`` holds (coefficients of D_i, m_i).  Factors with rational
    coefficients are irreducible over Q, hence without common zeros.  ``expr`` is f itself, in the symbol X.
    """

    rate: sp.Expr
    terms: tuple[tuple[tuple[int, int], sp.Expr], ...]
    factors: tuple[tuple[Factor, int], ...]
    expr: sp.Expr

    @cached_property
    def parity(self) -> int:
        """1 if f is even, -1 if odd, 0 if neither (decided by exact cross-multiplication)."""
        den = _expand_factors(dict(self.factors))
        mirrored_num = {(j, -n): (-1) ** j * c for (j, n), c in self.terms}
        mirrored_den = {(j, -n): c for (j, n), c in den.items()}
        left = _multiply(mirrored_num, den)
        right = _multiply(dict(self.terms), mirrored_den)
        if not _add(left, right, -1):
            return 1
        return 0 if _add(left, right, 1) else -1

    @cached_property
    def tape(self) -> Tape:
        """f as a function of the balls x and T."""
        from derive.numerics.ball_arithmetic import BALLS

        return _ExponentialTape(self.expr, self.rate, BALLS)

    @cached_property
    def jet_tape(self) -> Tape:
        """f as a function of the power series x + t and T e^{a t}."""
        from derive.numerics.series_arithmetic import SERIES

        return _ExponentialTape(self.expr, self.rate, SERIES)

    @cached_property
    def degree(self) -> int:
        """The highest power of x."""
        return max((j for (j, _), _ in self.terms), default=0)


def exp_rational(expr: sp.Expr, x: sp.Symbol) -> ExpRational | None:
    """The exact form of ``expr``, or ``None`` if it is not rational in one exponential exp(a x) and polynomial in x.

    >>> x = sp.Symbol("x", real=True)
    >>> exp_rational(sp.tanh(x) ** 2, x).factors
    (((1, 1), 2),)
    >>> exp_rational(sp.erf(x), x) is None
    True
    """
    return _recognise(expr if x == X else expr.xreplace({x: X}))


@lru_cache(maxsize=256)
def _recognise(expr: sp.Expr) -> ExpRational | None:
    try:
        expr = _without_logarithms(expr)
        rate = _rate(_exponents(expr))
        terms, den = _rational(expr, rate)
    except _NotOfThisKind:
        return None
    return ExpRational(rate, tuple(sorted(terms.items())), tuple(sorted(den.items(), key=str)), expr)


# the exponents in the expression ------------------------------------------------------------------------------


def _linear(u: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """(alpha, beta) with u = alpha x + beta, alpha not 0."""
    if u is X:
        return sp.S.One, sp.S.Zero
    if isinstance(u, sp.Mul) and len(u.args) == 2 and u.args[1] is X and u.args[0].is_Rational:
        return u.args[0], sp.S.Zero
    terms = sp.Add.make_args(u)
    if any(t.has(X) and t.has(sp.Add) for t in terms):
        terms = sp.Add.make_args(sp.expand(u))
    slope, rest = [], []
    for term in terms:
        if not term.has(X):
            rest.append(term)
            continue
        coefficient = term / X
        if coefficient.has(X):
            raise _NotOfThisKind
        slope.append(coefficient)
    alpha, beta = sp.Add(*slope), sp.Add(*rest)
    if not (alpha.is_real and alpha.is_nonzero and beta.is_real):
        raise _NotOfThisKind
    return alpha, beta


def _exponents(expr: sp.Expr) -> set[sp.Expr]:
    found: set[sp.Expr] = set()
    for node in sp.preorder_traversal(expr):
        if not isinstance(node, sp.Function) or not node.has(X):
            continue
        if not isinstance(node, (sp.exp, *_HYPERBOLIC)):
            raise _NotOfThisKind
        alpha = _linear(node.args[0])[0]
        found.add(2 * alpha if isinstance(node, (sp.tanh, sp.coth)) else alpha)
    return found


def _without_logarithms(expr: sp.Expr) -> sp.Expr:
    """tanh(log w) and its kin as rational functions of w, so that mish is recognised."""
    if not expr.has(sp.log):
        return expr
    return expr.replace(
        lambda e: isinstance(e, _HYPERBOLIC) and isinstance(e.args[0], sp.log),
        lambda e: _of_log(e.func, e.args[0].args[0]),
    )


def _of_log(head: type, w: sp.Expr) -> sp.Expr:
    tanh, cosh, sinh = (w**2 - 1) / (w**2 + 1), (w + 1 / w) / 2, (w - 1 / w) / 2
    return {
        sp.tanh: tanh,
        sp.coth: 1 / tanh,
        sp.cosh: cosh,
        sp.sinh: sinh,
        sp.sech: 1 / cosh,
        sp.csch: 1 / sinh,
    }[head]


def _rate(exponents: Iterable[sp.Expr]) -> sp.Expr:
    """The largest a > 0 of which every exponent is an integer multiple."""
    exponents = list(exponents)
    if not exponents:
        raise _NotOfThisKind
    first = exponents[0]
    if len(exponents) == 1:
        return first if first.is_positive else -first
    ratios = [e / first if e.is_Rational and first.is_Rational else sp.expand(e / first) for e in exponents]
    if not all(r.is_Rational for r in ratios):
        raise _NotOfThisKind
    below = lcm(*(int(r.q) for r in ratios))
    above = gcd(*(int(r.p * below // r.q) for r in ratios))
    rate = first * sp.Rational(above, below)
    return rate if rate.is_positive else -rate


def _multiple(alpha: sp.Expr, rate: sp.Expr) -> int:
    ratio = alpha / rate
    return int(ratio if ratio.is_Rational else sp.expand(ratio))


# arithmetic of numerators and factored denominators -----------------------------------------------------------


def _multiply(left: Terms, right: Terms) -> Terms:
    total: Terms = {}
    for (j, n), a in left.items():
        for (k, m), b in right.items():
            key = (j + k, n + m)
            total[key] = total[key] + a * b if key in total else a * b
    return _cleaned(total)


def _add(left: Terms, right: Terms, sign: int = 1) -> Terms:
    total = dict(left)
    for key, b in right.items():
        total[key] = total[key] + sign * b if key in total else sign * b
    return _cleaned(total)


def _cleaned(terms: Terms) -> Terms:
    if len(terms) > _MAX_TERMS:
        raise _NotOfThisKind
    return {key: c for key, c in terms.items() if c != 0 and (c.is_Rational or sp.expand(c) != 0)}


def _power(base: Terms, exponent: int) -> Terms:
    result: Terms = {(0, 0): sp.S.One}
    for _ in range(exponent):
        result = _multiply(result, base)
    return result


def _as_terms(factor: Factor) -> Terms:
    return {(0, n): c for n, c in enumerate(factor) if c != 0}


def _expand_factors(factors: dict[Factor, int]) -> Terms:
    result: Terms = {(0, 0): sp.S.One}
    for factor, m in factors.items():
        result = _multiply(result, _power(_as_terms(factor), m))
    return result


def _sum(fractions: list[Fraction]) -> Fraction:
    common: dict[Factor, int] = {}
    for _, den in fractions:
        for factor, m in den.items():
            common[factor] = max(m, common.get(factor, 0))
    total: Terms = {}
    for num, den in fractions:
        missing = {factor: m - den.get(factor, 0) for factor, m in common.items() if m > den.get(factor, 0)}
        total = _add(total, _multiply(num, _expand_factors(missing)) if missing else num)
    return total, common


def _product(fractions: list[Fraction]) -> Fraction:
    num: Terms = {(0, 0): sp.S.One}
    den: dict[Factor, int] = {}
    for n, d in fractions:
        num = _multiply(num, n)
        for factor, m in d.items():
            den[factor] = den.get(factor, 0) + m
    return num, den


def _reciprocal(fraction: Fraction) -> Fraction:
    num, den = fraction
    if not num or any(j for j, _ in num):
        raise _NotOfThisKind
    lowest = min(n for _, n in num)
    length = max(n for _, n in num) - lowest + 1
    if length > _MAX_TERMS:
        raise _NotOfThisKind
    coefficients = tuple(num.get((0, lowest + i), sp.S.Zero) for i in range(length))
    scale, factors = _factor(coefficients)
    top = _multiply({(0, -lowest): 1 / scale}, _expand_factors(den))
    return top, factors


def _factor(coefficients: Factor) -> tuple[sp.Expr, dict[Factor, int]]:
    """Leading scale and factors; irreducible over Q when all coefficients are rational."""
    if len(coefficients) == 1:
        return coefficients[0], {}
    if not all(c.is_Rational for c in coefficients):
        lead = coefficients[-1]
        return lead, {tuple(c / lead for c in coefficients): 1}
    from flint import fmpz_poly

    below = lcm(*(int(c.q) for c in coefficients))
    content, factors = fmpz_poly([int(c.p) * (below // int(c.q)) for c in coefficients]).factor()
    return (
        sp.Rational(int(content), below),
        {tuple(sp.Integer(int(c)) for c in factor.coeffs()): m for factor, m in factors},
    )


# the walk -----------------------------------------------------------------------------------------------------


def _exponential(u: sp.Expr, rate: sp.Expr, times: int = 1) -> tuple[int, sp.Expr]:
    """(n, c) with exp(times*u) = c T^n."""
    alpha, beta = _linear(u)
    return _multiple(times * alpha, rate), sp.S.One if beta is sp.S.Zero else sp.exp(times * beta)


def _rational(expr: sp.Expr, rate: sp.Expr) -> Fraction:
    if not expr.has(X):
        if not (expr.is_real and expr.is_finite):
            raise _NotOfThisKind
        return ({(0, 0): expr} if expr != 0 else {}), {}
    if expr == X:
        return {(1, 0): sp.S.One}, {}
    if isinstance(expr, sp.Add):
        return _sum([_rational(a, rate) for a in expr.args])
    if isinstance(expr, sp.Mul):
        return _product([_rational(a, rate) for a in expr.args])
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer and abs(expr.exp) <= 64:
        base = _rational(expr.base, rate)
        if expr.exp < 0:
            base = _reciprocal(base)
        n = abs(int(expr.exp))
        return _power(base[0], n), {factor: m * n for factor, m in base[1].items()}
    if isinstance(expr, sp.exp):
        n, c = _exponential(expr.args[0], rate)
        return {(0, n): c}, {}
    if isinstance(expr, _HYPERBOLIC):
        return _rational_hyperbolic(type(expr), expr.args[0], rate)
    raise _NotOfThisKind


def _rational_hyperbolic(head: type, u: sp.Expr, rate: sp.Expr) -> Fraction:
    if head in (sp.tanh, sp.coth):
        n, c = _exponential(u, rate, 2)
        plus, minus = {(0, n): c, (0, 0): sp.S.One}, {(0, n): c, (0, 0): -sp.S.One}
        top, bottom = (minus, plus) if head is sp.tanh else (plus, minus)
        return _product([(top, {}), _reciprocal((bottom, {}))])
    n, c = _exponential(u, rate)
    sign = 1 if head in (sp.cosh, sp.sech) else -1
    doubled = {(0, n): c, (0, -n): sign / c}
    if head in (sp.cosh, sp.sinh):
        return {key: value / 2 for key, value in doubled.items()}, {}
    num, den = _reciprocal((doubled, {}))
    return {key: 2 * value for key, value in num.items()}, den


# evaluation ---------------------------------------------------------------------------------------------------


class _ExponentialTape(Tape):
    """The expression as a program in x and T: every exponential or hyperbolic function of x is read off from T.

    tanh becomes 1 - 2/(T^n + 1): a ball T with a radius then gives a tight value, which (T - 1)/(T + 1) would not.
    """

    def __init__(self, expr: sp.Expr, rate: sp.Expr, arithmetic: Arithmetic) -> None:
        self._rate = rate
        super().__init__(expr, (X, T), arithmetic)

    def _build(self, node: sp.Basic) -> int:
        if not (isinstance(node, (sp.exp, *_HYPERBOLIC)) and node.has(X)):
            return super()._build(node)
        doubled = isinstance(node, (sp.tanh, sp.coth))
        n, c = _exponential(node.args[0], self._rate, 2 if doubled else 1)
        function = _FROM_EXPONENTIAL[type(node)]
        if c == 1:
            return self._step(lambda analytic, t: function(t**n), self._place(T))
        return self._step(lambda analytic, t, scale: function(scale * t**n), self._place(T), self._place(c))


_FROM_EXPONENTIAL = {
    sp.exp: lambda e: e,
    sp.tanh: lambda e: 1 - 2 / (e + 1),
    sp.coth: lambda e: 1 + 2 / (e - 1),
    sp.cosh: lambda e: (e + 1 / e) / 2,
    sp.sinh: lambda e: (e - 1 / e) / 2,
    sp.sech: lambda e: 2 / (e + 1 / e),
    sp.csch: lambda e: 2 / (e - 1 / e),
}
