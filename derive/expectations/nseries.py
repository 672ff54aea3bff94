r"""Series of V, W and E in a variable on which their arguments depend: SymPy's ``series``, ``limit`` and leading terms.

Where the variance tends to oo the expansions of :mod:`derive.expectations.asymptotic.large` (and, at a fixed
correlation,
:mod:`derive.expectations.asymptotic.covariance_large`) are composed with it, where it tends to 0 those of
:mod:`derive.expectations.asymptotic.small`; at a positive finite point Taylor's formula is used with the heat
equation's derivatives.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import UnsupportedError

__all__ = ["leading_term", "mean_series"]

_MOST_TERMS = 10


def mean_series(mean: Any, x: sp.Symbol, n: int) -> sp.Expr:
    """Return the expansion of ``mean`` as x -> 0+, up to O(x^n)."""
    if not mean.has(x):
        return mean
    body = _body(mean, x, sp.Integer(n))
    return body + sp.Order(x**n, x)


def leading_term(mean: Any, x: sp.Symbol) -> sp.Expr:
    """Return the first term of the expansion as x -> 0+."""
    if not mean.has(x):
        return mean
    for n in range(1, _MOST_TERMS):
        terms = sp.Add.make_args(sp.expand(_body(mean, x, sp.Integer(n))))
        found: dict[sp.Expr, sp.Expr] = {}
        for term in terms:
            c, exponent = term.as_coeff_exponent(x)
            found[exponent] = found.get(exponent, sp.S.Zero) + c
        for exponent in sorted(found):
            if exponent < n and found[exponent].equals(0) is not True:
                return found[exponent] * x**exponent
    raise UnsupportedError(f"the first {_MOST_TERMS} orders of {mean} vanish as {x} tends to 0")


def _body(mean: Any, x: sp.Symbol, n: sp.Expr) -> sp.Expr:
    numbers = mean.numbers
    exponent = _exponent(numbers[0], x)
    if exponent == 0 or not all(a.has(x) or a == 0 for a in numbers):
        return _taylor(mean, x, n)
    rows = _rows(mean, x, n, exponent)
    total = []  # one term for each power of x: SymPy's products of series read them one by one
    for powers, c in rows.items():
        total += [c * term for term in sp.Add.make_args(_power_product(numbers, powers, x, n))]
    return sp.Add(*total)


def _rows(mean: Any, x: sp.Symbol, n: sp.Expr, exponent: sp.Expr) -> dict[tuple, sp.Expr]:
    """Return {(power of each number): coefficient}."""
    order = n / abs(exponent)
    if len(mean.numbers) == 1:
        terms = mean.large_argument_terms(order) if exponent < 0 else mean.small_argument_terms(order)
        return {(e,): c for e, c in terms.items()}
    if len(mean.numbers) == 2 and exponent > 0:
        from derive.expectations.asymptotic.small import covariance_small_terms

        return dict(covariance_small_terms(mean.args[0], int(sp.ceiling(order))))
    if len(mean.numbers) == 2:
        q, lam = mean.numbers
        c = sp.simplify(lam / q)
        if not c.has(x):
            from derive.expectations.asymptotic.covariance_large import covariance_terms

            return {(e, 0): v for e, v in covariance_terms(mean.args[0], order, c).items()}
    raise UnsupportedError(
        f"no expansion of {mean} as {x} tends to 0: for growing variances the correlation has to be fixed "
        "(W(phi, q, c*q)), and for two functions both variances have to tend to finite values"
    )


def _exponent(u: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The power of x with which u tends to 0 or oo, or 0 where it tends to a positive number."""
    if not u.has(x):
        return sp.S.Zero
    lead = u.as_leading_term(x)
    coefficient, exponent = lead.as_coeff_exponent(x)
    if coefficient.has(x) or not exponent.is_Rational:
        raise UnsupportedError(f"{u} does not behave like a power of {x} as {x} tends to 0")
    return exponent


def _power_product(numbers: tuple, powers: tuple, x: sp.Symbol, n: sp.Expr) -> sp.Expr:
    """The part of prod u_i^e_i below x^n: leading powers times binomial series."""
    leads = [u.as_leading_term(x) for u in numbers]
    front = sp.Mul(*(lead**e for lead, e in zip(leads, powers, strict=True)))
    c, exponent = sp.powsimp(front, force=True).as_coeff_exponent(x)
    room = n - exponent
    if room <= 0:
        return sp.S.Zero
    total = sp.S.One
    for u, lead, e in zip(numbers, leads, powers, strict=True):
        rest = sp.expand(sp.cancel(u / lead)) - 1
        if rest == 0 or e == 0:
            continue
        if not rest.is_polynomial(x):
            rest = rest.series(x, 0, sp.ceiling(room) + 1).removeO()
        total = _below(total * _binomial(rest, e, x, room), x, room)
    return sp.expand(c * total * x**exponent)


def _binomial(rest: sp.Expr, e: sp.Expr, x: sp.Symbol, room: sp.Expr) -> sp.Expr:
    """(1 + rest)^e below x^room, for a rest that vanishes at 0."""
    total, power, k = sp.S.One, sp.S.One, 0
    while power != 0:
        k += 1
        power = _below(power * rest, x, room)
        total += sp.binomial(e, k) * power
    return total


def _below(expr: sp.Expr, x: sp.Symbol, room: sp.Expr) -> sp.Expr:
    return sp.Add(*(t for t in sp.Add.make_args(sp.expand(expr)) if t.as_coeff_exponent(x)[1] < room))


def _taylor(mean: Any, x: sp.Symbol, n: sp.Expr) -> sp.Expr:
    total, current = sp.S.Zero, mean
    for k in range(int(sp.ceiling(n))):
        total += current.subs(x, 0) * x**k / sp.factorial(k)
        current = current.diff(x)
    return total
