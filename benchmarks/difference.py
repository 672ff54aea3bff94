"""Times of the asymptotics engine, and the calibration of its error estimates.

    python benchmarks/difference.py [--record FOLDER]
    python benchmarks/difference.py calibration

The first prints times; where the constant of a classical orbit is computed, beside iterating 10^5 times and reading
it off the first terms of the law, as one would without the engine.  The second prints, for every class, how many error
estimates lie outside 0.1 to 100 times the true error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from shared.rows import Other, Row, median, run

from derive.difference import Recurrence

x = sp.Symbol("x", positive=True)
a, b, C, D = sp.symbols("a b C D", positive=True)
R = sp.Rational
PHI = (1 + sp.sqrt(5)) / 2

SYMBOLIC = [
    (x + 1 - C / sp.sqrt(x) + D * x ** R(-3, 2), sp.oo),
    (x + a / x, sp.oo),
    (x + a / x**2, sp.oo),
    (x + a + b / x, sp.oo),
    (x + a * sp.sqrt(x) + b, sp.oo),
    (x - a * x**2, 0),
    (x - a * x**3 + b * x**5, 0),
    (sp.sin(a * x) / a, 0),
    (x * sp.exp(-a * x), 0),
    (sp.tanh(a * x) / a, 0),
    (x / (1 + a * x + b * x**2), 0),
    (a * x * (1 - x), 0),
    (x**2 + a, sp.oo),
]

NUMERIC = [
    ("sin x", sp.sin(x), 0, "+", 1),
    ("asinh x", sp.asinh(x), 0, "+", 1),
    ("tanh x", sp.tanh(x), 0, "+", 1),
    ("atan x", sp.atan(x), 0, "+", 1),
    ("log(1+x)", sp.log(1 + x), 0, "+", 1),
    ("x exp(-x)", x * sp.exp(-x), 0, "+", 1),
    ("x(1-x)", x * (1 - x), 0, "+", R(1, 2)),
    ("(sqrt(1+4x)-1)/2", (sp.sqrt(1 + 4 * x) - 1) / 2, 0, "+", 1),
    ("x + 1/x", x + 1 / x, sp.oo, "+", 1),
    ("x + 1/x^2", x + 1 / x**2, sp.oo, "+", 1),
    ("x + sqrt x", x + sp.sqrt(x), sp.oo, "+", 1),
    ("sqrt(1+x)", sp.sqrt(1 + x), PHI, "-", 1),
    ("x^2 + 1", x**2 + 1, sp.oo, "+", 1),
    ("Heron", (x + 2 / x) / 2, sp.sqrt(2), "+", 2),
]


def forget() -> None:
    """Drop remembered numbers, so that every constant is computed anew."""
    from derive.difference.classes import conjugacy_numbers
    from derive.difference.digits import numbers_of

    numbers_of._remembered.clear()
    conjugacy_numbers._made.clear()


def by_iteration(law: Any, F: sp.Expr, start: Any, steps: int = 100_000) -> Any:
    """The constant from Y at a late state, A(x_n) - n, with the terms of the law that it shows."""
    state, step = mpmath.mpf(start), sp.lambdify(x, F, "mpmath")
    for _ in range(steps):
        state = step(state)
    return mpmath.mpf(sp.N(law.abel.subs(x, sp.Float(state, 30)), 30)) - steps


def rows(long: bool) -> Iterator[Row]:
    Recurrence(x, x + 1 / x).asymptotics(2).constant_value(1, certified=True)  # imports
    for F, point in SYMBOLIC:
        for terms in (8, 20):
            work = lambda: Recurrence(x, F, point=point).asymptotics(terms).shifted_terms  # noqa: B023, E731
            yield Row(f"{terms} terms of x -> {F}", median(work, 1))
    for name, F, point, side, start in NUMERIC:
        law = Recurrence(x, F, point=point, side=side).asymptotics(2)
        others = ()
        if name in ("sin x", "x + 1/x"):
            with mpmath.workdps(30):
                found = by_iteration(law, F, start)
                gap = abs(found / mpmath.mpf(law.constant_value(start, 30)._mpf_) - 1)
                seconds = median(lambda: by_iteration(law, F, start), 1)  # noqa: B023
            others = (Other("10^5 iterations and the first terms", seconds, int(-mpmath.log10(gap))),)
        value, longer = law.constant_value(start, 100), law.constant_value(start, 130)
        with mpmath.workdps(130):
            gap = abs(mpmath.mpf(value._mpf_) / mpmath.mpf(longer._mpf_) - 1)
            right = 100 if gap == 0 else min(100, int(-mpmath.log10(gap)))
        for digits, known, ways in ((100, right, others), (1000, None, ())):
            seconds = median(lambda: law.constant_value(start, digits), 1, forget)  # noqa: B023
            yield Row(f"{digits} digits of the constant of {name}", seconds, known, ways)
        seconds = median(lambda: law.constant_value(start, 60, certified=True), 1, forget)  # noqa: B023
        ball = law.constant_value(start, 60, certified=True)
        proven = min(60, int(-sp.log(ball.rad / abs(ball.mid), 10).evalf(5)))
        yield Row(f"60 proven digits of the constant of {name}", seconds, proven)
    yield from arrays()


def arrays() -> Iterator[Row]:
    """A million starts at depth 10**12, against the exact values of a few."""
    for name, F, point, low, high in (
        ("sin x", sp.sin(x), 0, 0.5, 2.5),
        ("x + 1/x", x + 1 / x, sp.oo, 1.0, 50.0),
        ("x(1-x)", x * (1 - x), 0, 0.05, 0.95),
    ):
        law, starts = Recurrence(x, F, point=point).asymptotics(2), np.linspace(low, high, 10**6)
        found, worst = law.at(10**12, starts), 1e-17
        for i in range(0, 10**6, 99_991):
            with mpmath.workdps(30):
                exact = mpmath.mpf(law.at(10**12, sp.Rational(float(starts[i])), digits=25)._mpf_)
                worst = max(worst, float(abs(mpmath.mpf(float(found[i])) / exact - 1)))
        seconds = median(lambda: law.at(10**12, starts), 1)  # noqa: B023
        yield Row(f"10^6 starts of {name} taken to 10^12", seconds, int(-np.log10(worst)))


def calibration() -> None:
    """The sweep of tests/difference/test_calibration.py, class by class."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "difference"))
    import test_calibration as sweep

    total = outside = 0
    for name in sweep.CLASSES:
        cases, out = sweep.shares(sweep.ratios(name))
        total, outside = total + cases, outside + out
        print(f"{name:24}{cases:6} cases{out:4} outside")
    print(f"{'all':24}{total:6} cases{outside:4} outside: {100 * (1 - outside / total):.2f} % between 0.1 and 100")


if __name__ == "__main__":
    if "calibration" in sys.argv[1:]:
        calibration()
    else:
        run("difference", "Times of the asymptotics engine.", rows)
