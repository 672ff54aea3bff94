"""Times of the asymptotics engine, and the calibration of its error estimates.

``python benchmarks/difference.py`` prints times, each with the limit that it is meant to stay under and their
ratio.  ``python benchmarks/difference.py calibration`` prints, for every class, how many error estimates lie outside
0.1 to 100 times the true error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sympy as sp

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


def timed(work: Callable[[], Any]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def forget() -> None:
    """Drop remembered numbers, so that every constant is computed anew."""
    from derive.difference.classes import conjugacy_numbers
    from derive.difference.digits import numbers_of

    numbers_of._remembered.clear()
    conjugacy_numbers._made.clear()


def rows() -> Iterator[tuple[str, str, float, float]]:
    """``(what, map, seconds, limit)``."""
    for F, point in SYMBOLIC:
        for terms, limit in ((8, 0.05), (20, 1.0)):
            work = lambda: Recurrence(x, F, point=point).asymptotics(terms).shifted_terms  # noqa: B023, E731
            yield f"{terms} terms", str(F), timed(work), limit
    for name, F, point, side, start in NUMERIC:
        rec = Recurrence(x, F, point=point, side=side)
        yield "60 terms", name, timed(lambda: rec.asymptotics(60).shifted_terms), 10.0  # noqa: B023
        law = rec.asymptotics(2)
        for digits, limit in ((100, 1.0), (1000, 60.0)):
            forget()
            yield f"{digits} digits", name, timed(lambda: law.constant_value(start, digits)), limit  # noqa: B023
        forget()
        yield "60 certified", name, timed(lambda: law.constant_value(start, 60, certified=True)), 1.0  # noqa: B023


def arrays() -> None:
    """A million starts at depth 10**12, against the exact values of a few."""
    import mpmath
    import numpy as np

    for name, F, point, low, high in (
        ("sin x", sp.sin(x), 0, 0.5, 2.5),
        ("x + 1/x", x + 1 / x, sp.oo, 1.0, 50.0),
        ("x(1-x)", x * (1 - x), 0, 0.05, 0.95),
    ):
        law, starts = Recurrence(x, F, point=point).asymptotics(2), np.linspace(low, high, 10**6)
        begin = time.perf_counter()
        found = law.at(10**12, starts)
        seconds, worst = time.perf_counter() - begin, 0.0
        for i in range(0, 10**6, 99_991):
            with mpmath.workdps(30):
                exact = mpmath.mpf(law.at(10**12, sp.Rational(float(starts[i])), digits=25)._mpf_)
                worst = max(worst, float(abs(mpmath.mpf(float(found[i])) / exact - 1)))
        print(
            f"{'10^6 starts to 10^12':22}{name:40}{seconds:9.3f} s   largest relative error {worst:.1e} (wanted 1e-15)"
        )


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


def main() -> None:
    """Print the table."""
    Recurrence(x, x + 1 / x).asymptotics(2).constant_value(1, certified=True)  # imports
    missed = 0
    for what, name, seconds, limit in rows():
        missed, mark = missed + (seconds > limit), "" if seconds <= limit else "  MISSED"
        print(f"{what:22}{name:40}{seconds:9.4f} s   {seconds / limit:6.3f} of {limit} s{mark}")
    arrays()
    print(f"{missed} times above their limit")


if __name__ == "__main__":
    calibration() if "calibration" in sys.argv[1:] else main()
