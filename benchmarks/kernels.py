"""The kernel J_alpha to 50 digits: this package against mpmath's hypergeometric function and its quadrature.

    python benchmarks/kernels.py [record.json]

Each row is one (alpha, c); times are medians in milliseconds, SymPy's cache emptied before every call.  The digits that
mpmath's route gets right at the same working precision are counted against a proven ball.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp

from derive import J

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


def exact(text: str) -> sp.Rational:
    from derive.parsing import parse_number

    return sp.Rational(parse_number(text))


def median(call: Callable[[], Any], repeats: int = 15) -> float:
    """Median time of a call in milliseconds."""
    taken = []
    for _ in range(repeats):
        sp.core.cache.clear_cache()
        start = time.perf_counter()
        call()
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken)


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


def main() -> None:
    """Print the comparison; write it as JSON where a path is given."""
    record = []
    for alpha_text, c_text in ROWS:
        alpha, c = exact(alpha_text), exact(c_text)
        row = {
            "alpha": alpha_text,
            "c": c_text,
            "derive_ms": round(median(lambda a=alpha, r=c: J(a, r).evalf(DIGITS)), 3),
            "mpmath_hyp2f1_ms": round(median(lambda a=alpha, r=c: by_mpmath(a, r)), 3),
            "mpmath_hyp2f1_digits": right_digits(by_mpmath(alpha, c), alpha, c),
            "mpmath_quad_ms": round(median(lambda a=alpha, r=c: by_quadrature(a, r), 3), 3),
            "mpmath_quad_digits": right_digits(by_quadrature(alpha, c), alpha, c),
        }
        print(row, flush=True)
        record.append(row)
    if len(sys.argv) > 1:
        data = {
            "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
            "rows": record,
        }
        Path(sys.argv[1]).write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
