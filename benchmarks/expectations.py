"""Gaussian expectations against mpmath, python-flint and scipy, side by side in one run.

    python benchmarks/expectations.py [--long] [--record FOLDER]

V tanh, E tanh(sqrt(q) z)^2, to 50 digits against ``mpmath.quad`` over the real line and against ``acb.integral``, to
500 digits against one sample of ``acb.integral`` (with ``--long`` also of mpmath.quad, some ten minutes).  The gap
V - W to 20 digits against scipy's ``dblquad``.  Our caches are emptied before every call, and right digits are counted
against a value with 30 digits more.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import flint
import mpmath
import numpy as np
import sympy as sp
from flint import acb, arb
from mpmath import mp
from shared.rows import Other, Row, median, run

from derive.activations import activation
from derive.expectations import balls, values
from derive.expectations.one_variable import integrand, poles
from derive.expectations.one_variable.exprational import _recognise

TANH = activation("tanh")
GAPS = (
    ("tanh", np.tanh, 1, "0.1"),
    ("tanh", np.tanh, 10**4, "1e-6"),
    ("softsign", lambda x: x / (1 + np.abs(x)), 1, "1e-3"),
    ("arctan", np.arctan, 10**8, "1e-3"),
)


def empty_caches() -> None:
    """Forget everything our evaluation keeps between calls, SymPy's cache included."""
    for cached in (
        _recognise,
        poles.ladders,
        poles.ray_bound,
        poles.decay_bound,
        poles._clear_ray,
        poles._starts,
        integrand._of_expression,
        integrand.squared,
    ):
        cached.cache_clear()
    sp.core.cache.clear_cache()


def by_mpmath(q: int, digits: int) -> Any:
    """V tanh by mpmath's tanh-sinh quadrature over the real line."""
    with mp.workdps(digits):
        line = [-mpmath.inf, mpmath.inf]
        total = mpmath.quad(lambda x: mpmath.tanh(x) ** 2 * mpmath.exp(-x * x / (2 * q)), line)
        return total / mpmath.sqrt(2 * mpmath.pi * q)


def by_flint(q: int, digits: int) -> Any:
    """V tanh by acb.integral on 0 <= x <= L, with e^(-L^2/2q) below the last digit."""
    bits = int(digits * 3.33) + 8
    with flint.ctx.workprec(bits):
        length = (arb(2 * q) * (digits + 2) * arb(10).log()).sqrt()

        def integrand_(x: Any, analytic: bool) -> Any:
            t = x.tanh()
            return t * t * (-x * x / (2 * q)).exp()

        total = acb.integral(integrand_, 0, length).real * 2 / (2 * arb.pi() * q).sqrt()
        return values.arb_to_mpf(total)


def by_scipy(f: Callable[[Any], Any], q: int, one_minus_c: float) -> float:
    """V - W by scipy's dblquad in independent normal variables, its warnings kept quiet."""
    from scipy.integrate import dblquad

    spread, width = np.sqrt(q * (1 - one_minus_c / 2)), np.sqrt(q * one_minus_c / 2)
    density = lambda z: np.exp(-z * z / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    difference = lambda s, d: f(spread * s + width * d) - f(spread * s - width * d)  # noqa: E731
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dblquad(lambda s, d: difference(s, d) ** 2 * density(s) * density(d) / 2, -9, 9, -9, 9)[0]


def right_digits(value: Any, truth: Any, most: int) -> int:
    """Right significant digits, at most ``most``."""
    with mp.workdps(most + 30):
        error = abs(value / truth - 1)
        return most if error == 0 else max(0, min(most, int(mpmath.floor(-mpmath.log10(error)))))


def variance_row(q: int, digits: int, slow: bool) -> Row:
    """V tanh at one variance; ``slow`` adds mpmath.quad above 100 digits."""
    with flint.ctx.workprec(int((digits + 30) * 3.4)):
        truth = values.arb_to_mpf(balls.variance_ball(TANH, q, int((digits + 30) * 3.33)))
    ways = [("mpmath.quad", by_mpmath)] if digits < 100 or slow else []
    others = []
    for name, f in (*ways, ("acb.integral", by_flint)):
        seconds = median(partial(f, q, digits), 9 if digits < 100 else 1)
        others.append(Other(name, seconds, right_digits(f(q, digits), truth, digits)))
    ours = partial(values.variance_value, TANH, q, digits)
    right = right_digits(ours(), truth, digits)
    return Row(f"V tanh at q = {q} to {digits} digits", median(ours, 9, empty_caches), right, tuple(others))


def gap_row(name: str, f: Callable[[Any], Any], q: int, gap: str) -> Row:
    """V - W to 20 digits."""
    phi = activation(name)
    truth = values.gap_value(phi, q, gap, digits=40)
    other = partial(by_scipy, f, q, float(gap))
    scipy = Other("scipy dblquad", median(other, 1), right_digits(other(), truth, 20))
    ours = partial(values.gap_value, phi, q, gap, digits=20)
    job = f"V - W of {name} at q = {q:g}, 1 - c = {gap} to 20 digits"
    return Row(job, median(ours, 5, empty_caches), right_digits(ours(), truth, 20), (scipy,))


def rows(long: bool) -> Iterator[Row]:
    values.variance_value(TANH, 1, 20)  # imports
    for q, digits in ((1, 50), (100, 50), (1, 500), (100, 500)):
        yield variance_row(q, digits, long and q == 1)
    for case in GAPS:
        yield gap_row(*case)


if __name__ == "__main__":
    run("expectations", __doc__.splitlines()[0], rows)
