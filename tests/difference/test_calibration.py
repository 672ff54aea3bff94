"""Error estimates against true errors, for every class of recurrences, over orders and depths.

``evaluate`` returns a value and an estimate.  The truth is plain iteration in mpmath, with up to a hundred digits.
Counted is every case in which the estimate claims a relative error below one in thirty and the true error is above the
noise.  The ratio of estimate and true error has to lie between 0.1 and 100 in 99 % of the cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest
import sympy as sp

from derive.difference import Recurrence, linear, solve_state

x, e, l = sp.symbols("x e l", positive=True)
alpha = sp.Symbol("alpha", positive=True)
R = sp.Rational
DIGITS = 100
PHI = (1 + sp.sqrt(5)) / 2
COUNT = Recurrence(x, x + 1)
Case = tuple[Any, Any, Any]


def orbit(F: sp.Expr, x0: Any, depths: list[int]) -> dict[int, Any]:
    """x_n at the depths, by iteration."""
    step, found = sp.lambdify(x, F, "mpmath"), {}
    with mpmath.workdps(DIGITS):
        value = mpmath.mpf(R(x0).p) / R(x0).q
        for n in range(max(depths) + 1):
            if n in depths:
                found[n] = value
            value = step(value)
    return found


def number(value: sp.Float) -> Any:
    with mpmath.workdps(DIGITS):
        return mpmath.mpf(sp.Float(value, DIGITS)._mpf_)


DEPTHS = [10, 30, 100, 300, 1000, 3000]

PARABOLIC = [
    (sp.sin(x), 0, 1),
    (sp.tanh(x), 0, R(1, 2)),
    (sp.log(1 + x), 0, 2),
    (x * sp.exp(-x), 0, R(1, 3)),
    (x * (1 - x), 0, R(1, 2)),
    (sp.asinh(sp.sin(x)), 0, 1),
    (x - x**4 + x**5, 0, R(1, 2)),
    (x + 1 / x, sp.oo, 1),
    (x + 1 / x**2, sp.oo, 2),
    (x + 1 + sp.exp(1 / x) / x, sp.oo, 3),
    (sp.log(x) + 1, 1, 2),
    (x + 1 + sp.exp(-x), sp.oo, 1),  # exponentially small parts decide while n is small
    (x + sp.tanh(x) / x, sp.oo, 1),
    (x - x**2 + x**2 * sp.exp(-1 / x), 0, R(1, 2)),
]
FRACTIONAL = [
    (x + sp.sqrt(x), sp.oo, 1),
    (x + x ** R(1, 3), sp.oo, 2),
    (x + x ** -R(1, 2) - x ** -R(3, 2) / 2, sp.oo, 1),
    (x + x ** -R(2, 3), sp.oo, 1),
    (x - x ** R(3, 2), 0, R(1, 4)),
    (x / (1 + sp.sqrt(x) + x), 0, 1),
    (x + x ** R(3, 4) - sp.sqrt(x), sp.oo, 16),
]


def parabolic(F: sp.Expr, point: Any, x0: Any) -> Iterator[Case]:
    law = Recurrence(x, F, point=point).asymptotics(terms=10)
    c, truth = law.constant_value(x0, digits=40), orbit(F, x0, DEPTHS)
    shift = 0 if point in (0, sp.oo) else point
    for n in DEPTHS:
        for terms in range(1, 11):
            yield *law.evaluate(n, c, digits=40, terms=terms), truth[n], truth[n] - shift


SUMS = [(sp.sin(x), 0, 1, x**2), (x / (1 + x), 0, 1, x), (x + 1 / x, sp.oo, 1, x**-3), (x * (1 - x), 0, R(1, 2), x)]


def sums(F: sp.Expr, point: Any, x0: Any, g: sp.Expr) -> Iterator[Case]:
    from derive.difference import sum_constant

    law = Recurrence(x, F, point=point).asymptotics(terms=8)
    total = law.sum(g, terms=8)
    c, s = law.constant_value(x0, digits=40), sum_constant(total, x0, digits=40)
    step, one, truth = sp.lambdify(x, F, "mpmath"), sp.lambdify(x, g, "mpmath"), {}
    with mpmath.workdps(DIGITS):
        value, running = mpmath.mpf(R(x0).p) / R(x0).q, mpmath.mpf(0)
        for n in range(max(DEPTHS) + 1):
            truth[n] = running
            running, value = running + one(value), step(value)
    for n in DEPTHS:
        for terms in range(1, 9):
            found = total.evaluate(n, c, digits=40, params={total.constant: s}, terms=terms)
            yield *found, truth[n], truth[n]


GEOMETRIC = [
    (x / 2 + x**2 / 2, 0, "+", R(1, 3)),
    (-3 * x / 5 + x**2, 0, "+", R(1, 5)),
    (sp.sin(x) / 2, 0, "+", 1),
    (3 * x / 10 + 3 * x**4, 0, "+", R(1, 3)),  # every third term
    (sp.sqrt(1 + x), PHI, "-", 1),
    (x / 2 + x ** R(3, 2) / 5, 0, "+", R(1, 3)),
    (3 * x + 1 / x, sp.oo, "+", 1),
    (sp.exp(x) / 3 - R(1, 3), 0, "+", R(1, 2)),
]
DOUBLY = [
    (x**2 + 1, sp.oo, "+", 1),
    ((x + 2 / x) / 2, sp.sqrt(2), "+", 3),
    (x**2 + x**3, 0, "+", R(1, 3)),
    (2 * x**3 + x**4, 0, "+", R(1, 3)),
    (x**2 + sp.sqrt(x), sp.oo, "+", 2),
    (x**3 + x - 1 / x, sp.oo, "+", R(3, 2)),
]


def geometric(F: sp.Expr, point: Any, side: str, x0: Any, depths: tuple[int, ...] = (2, 4, 8, 14, 20, 30)):
    """The distance to the point counts, not the state."""
    truth = orbit(F, x0, list(depths))
    with mpmath.workdps(DIGITS):
        shift = 0 if point == sp.oo else number(sp.N(point, DIGITS))
    for terms in range(1, 9):
        law = Recurrence(x, F, point=point, side=side).asymptotics(terms=terms)
        c = law.constant_value(x0, digits=90)
        for n in depths:
            yield *law.evaluate(n, c, digits=90), truth[n], truth[n] - shift


def doubly_geometric(F: sp.Expr, point: Any, side: str, x0: Any) -> Iterator[Case]:
    return geometric(F, point, side, x0, (1, 2, 3, 4, 5))


SYMBOLIC = [
    (x + x**alpha, (R(1, 2), 1), (R(3, 5), R(7, 9), R(9, 10)), 3),
    (x + 2 * x**alpha, (0, R(1, 3)), (R(1, 10), R(1, 4)), 5),
    (x + x**alpha + 1, (R(1, 2), R(2, 3)), (R(11, 20), R(3, 5)), 4),
    (x + 2 * (x + 1) ** alpha, (R(1, 2), 1), (R(2, 3), R(4, 5)), 4),
]


def symbolic(F: sp.Expr, interval: Any, values: Any, x0: Any) -> Iterator[Case]:
    laws = [Recurrence(x, F).asymptotics(terms=terms, interval={alpha: interval}) for terms in (1, 2, 3)]
    for value in values:
        at = {alpha: value}
        c, truth = laws[0].constant_value(x0, digits=20, params=at), orbit(F.subs(at), x0, DEPTHS)
        for law in laws:
            for n in DEPTHS[1:]:
                yield *law.evaluate(n, c, digits=20, params=at), truth[n], truth[n]


DRIVEN = [
    (x + 1, e + (1 - e**2) / (4 * x), 3, R(1, 2)),
    (x + 1, 1 / x**2 + (1 - R(2, 5) / x) * e + e**2 / x, 10, R(1, 10)),
    (x + 1, e - e * (1 + e) / (3 * x) + 1 / x ** R(3, 2), 4, R(1, 3)),
    (x + 1, e / (1 + e**2 / x) * (1 - R(3, 4) / x), 3, R(1, 2)),
    (x + 1 / x, e - sp.sin(e) / (2 * x**2) + 1 / x**4, 3, R(1, 4)),
]


def driven(F: sp.Expr, update: sp.Expr, x0: Any, e0: Any) -> Iterator[Case]:
    """Every law with two to five terms: with one the limit alone may be all there is."""
    step, truth = sp.lambdify((x, e), (F, update), "mpmath"), {}
    with mpmath.workdps(50):
        state = (mpmath.mpf(R(x0).p) / R(x0).q, mpmath.mpf(R(e0).p) / R(e0).q)
        for n in range(max(DEPTHS) + 1):
            truth[n] = state[1]
            state = step(*state)
    driver = Recurrence(x, F)
    c = driver.asymptotics(2).constant_value(x0, digits=30)
    for terms in range(1, 6):
        law = solve_state(driver, e, update, terms=terms, limit=_limit(update))
        C = law.amplitude(x0, e0, digits=20)
        limit = number(sp.N(law.limit, 30))
        for n in DEPTHS[1:]:
            yield *law.evaluate(n, c, C, digits=25), truth[n], truth[n] - limit


def _limit(update: sp.Expr) -> Any:
    return 1 if update.has(1 - e**2) else 0


LINEAR = [
    (x + 1, 1 - R(1, 3) / x, 1 / x**2, 3, 1),
    (x + 1, 1 - 1 / x, 1 / x**2, 3, 1),  # resonant
    (sp.sin(x), 1 - x**2 / 5, x**3, 1, 1),
    (x + 1 / x, 1 - 1 / (2 * x**2), x**-3, 2, 1),
]


def linears(F: sp.Expr, m: sp.Expr, r: sp.Expr, x0: Any, e0: Any) -> Iterator[Case]:
    step, truth = sp.lambdify((x, e), (F, m * e + r), "mpmath"), {}
    with mpmath.workdps(60):
        state = (mpmath.mpf(x0), mpmath.mpf(e0))
        for n in range(max(DEPTHS) + 1):
            truth[n] = state[1]
            state = step(*state)
    driver = Recurrence(x, F, point=0 if sp.sin(x) == F else sp.oo)
    c = driver.asymptotics(2).constant_value(x0, digits=30)
    for terms in range(1, 6):
        law = linear(driver, m, r, terms=terms)
        K = law.amplitude(x0, e0, digits=25)
        for n in DEPTHS[1:]:
            yield *law.evaluate(n, c, K, digits=25), truth[n], truth[n]


INDEXED = [
    (x + (l + 1) / x, 2),
    (x + l / (x + 1), 2),
    (x + 1 / x + 1 / (l + 1), 1),
    (x + sp.sqrt(x) + 1 / (l + 1), 2),
    (x * (1 - R(1, 3) / (l + 1)) + 1 / (l + 1) ** 2, 1),
]


def indexed(F: sp.Expr, x0: Any) -> Iterator[Case]:
    step, truth = sp.lambdify((x, l), F, "mpmath"), {}
    with mpmath.workdps(50):
        value = mpmath.mpf(x0)
        for n in range(max(DEPTHS) + 1):
            truth[n] = value
            value = step(value, n)
    for terms in range(1, 6):
        law = Recurrence(x, F, index=l).asymptotics(terms=terms)
        c = law.constant_value(x0, digits=25)
        for n in DEPTHS[1:]:
            yield *law.evaluate(n, c, digits=25), truth[n], truth[n]


CLASSES: dict[str, tuple[Callable[..., Iterator[Case]], list[tuple[Any, ...]]]] = {
    "parabolic": (parabolic, PARABOLIC),
    "fractional exponents": (parabolic, FRACTIONAL),
    "sums along the orbit": (sums, SUMS),
    "geometric": (geometric, GEOMETRIC),
    "doubly geometric": (doubly_geometric, DOUBLY),
    "symbolic exponents": (symbolic, SYMBOLIC),
    "driven states": (driven, DRIVEN),
    "linear driven": (linears, LINEAR),
    "with an index": (indexed, INDEXED),
}


def ratios(name: str, sample: int | None = None) -> list[Any]:
    """Estimate over true error for the cases that count."""
    cases, rows = CLASSES[name]
    found = []
    for row in rows[:sample]:
        for value, estimate, truth, size in cases(*row):
            with mpmath.workdps(DIGITS):
                error = abs(value - truth)
                noise = abs(truth) * mpmath.mpf(10) ** -17
                if name in ("geometric", "doubly geometric"):
                    noise = abs(truth) * mpmath.mpf(10) ** -80
                elif cases in (parabolic, sums):
                    noise = abs(truth) * mpmath.mpf(10) ** -36
                if error > noise and 0 < estimate < abs(size) / 30:
                    found.append(estimate / error)
    return found


def shares(found: list[Any]) -> tuple[int, int]:
    """How many cases, and how many of them outside."""
    return len(found), sum(not mpmath.mpf("0.1") < ratio < 100 for ratio in found)


@pytest.mark.parametrize("name", list(CLASSES))
def test_estimates_are_calibrated_on_a_sample(name):
    total, outside = shares(ratios(name, 1))
    assert total >= 10
    assert outside <= max(0.01 * total, 1)


@pytest.mark.slow
def test_estimates_are_calibrated_over_all_classes():
    found = {name: shares(ratios(name)) for name in CLASSES}
    total, outside = (sum(column) for column in zip(*found.values(), strict=True))
    assert total > 2000 and outside <= 0.01 * total, found
