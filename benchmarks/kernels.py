"""The kernel J_alpha to 50 digits: this package against mpmath's hypergeometric function and its quadrature.

    python benchmarks/kernels.py [--record FOLDER]

Each row is one (alpha, c); times are medians, SymPy's cache emptied before every call.  The digits that mpmath's
routes get right at the same working precision are counted against a proven ball.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp
from shared.rows import Other, Row, median, run

from derive import J
from derive.parsing import parse_number

DIGITS = 50
ROWS = (
    ("-49/100", "-1 + 1e-15"),
    ("1/2", "1/3"),
    ("1/2 + 1e-9", "1 - 1e-15"),
    ("1/2 + 1e-9", "0.9"),
    ("3/10", "-1"),
    ("79/100", "1/2"),
    ("77/10", "1 - 1e-15"),
    ("20", "-2/5"),
    ("20", "1 - 1e-15"),
)


def by_mpmath(alpha: sp.Rational, c: sp.Rational) -> Any:
    """The hypergeometric form by mpmath at 50 digits."""
    with mp.workdps(DIGITS):
        a, r, half = (mpmath.mpf(int(x.p)) / int(x.q) for x in (alpha, c, sp.Rational(1, 2)))
        scale = mpmath.gamma(a + 1) ** 2 / (mpmath.gamma(a + half) * mpmath.gamma(a + 3 * half))
        x = (1 + r) / 2
        return scale * x ** (a + half) * mpmath.hyp2f1(half, half, a + 3 * half, x)


def by_quadrature(alpha: sp.Rational, c: sp.Rational) -> Any:
    """The integral over the angle by mpmath.quad at 50 digits."""
    with mp.workdps(DIGITS):
        a, r = (mpmath.mpf(int(x.p)) / int(x.q) for x in (alpha, c))
        integral = lambda v: mpmath.quad(lambda t: abs(v + mpmath.cos(t)) ** a, [0, mpmath.pi - mpmath.acos(v)])  # noqa: E731
        return integral(r) / integral(mpmath.mpf(1))


def right_digits(value: Any, alpha: sp.Rational, c: sp.Rational) -> int:
    with mp.workdps(2 * DIGITS):
        true = mpmath.mpf(str(J(alpha, c).evalf(DIGITS + 30)))
        value = mpmath.re(value)
        gap = abs(value - true) / true if true else abs(value)
        if not mpmath.isfinite(gap):
            return 0
        return DIGITS if gap == 0 else max(0, min(DIGITS, int(-mpmath.log10(gap))))


def rows(long: bool) -> Iterator[Row]:
    clear = sp.core.cache.clear_cache
    for texts in ROWS:
        alpha, c = (sp.Rational(parse_number(text)) for text in texts)
        others = [
            Other(name, median(partial(f, alpha, c), repeats, clear), right_digits(f(alpha, c), alpha, c))
            for name, f, repeats in (("mpmath, hypergeometric", by_mpmath, 15), ("mpmath.quad", by_quadrature, 3))
        ]
        ours = partial(lambda a, r: J(a, r).evalf(DIGITS), alpha, c)
        with mp.workdps(DIGITS + 5):
            right = right_digits(mpmath.mpf(str(ours())), alpha, c)
        yield Row(f"J({texts[0]}, {texts[1]}) to {DIGITS} digits", median(ours, 15, clear), right, tuple(others))


if __name__ == "__main__":
    run("kernels", __doc__.splitlines()[0], rows)
