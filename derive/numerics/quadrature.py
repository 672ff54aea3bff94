r"""Integrals over intervals and the real line.

``estimate_...`` functions halve the step of a trapezoidal rule until two results agree, and return an
:class:`~derive.numerics.extrapolation.Estimate`: a feature that no point of two grids meets stays unseen, so they are
for integrands without features much narrower than the step.  ``enclose_integral`` proves what it returns.

The trapezoidal rule converges like exp(-2 pi a/h) for integrands analytic in a strip |Im| < a that decay; the
substitutions x = d sinh t (real line, slow scale) and x = a + e^{t - e^{-t}} (half line) make decaying integrands of
others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import mpmath
from mpmath import mp

from derive.errors import PrecisionError
from derive.numerics.extrapolation import Estimate

__all__ = ["enclose_integral", "estimate_half_line", "estimate_line", "estimate_line_sinh"]

_MAX_HALVINGS = 12


def estimate_line(f: Callable[[Any], Any], digits: int, step: Any = 1) -> Estimate:
    r"""The integral of f over the real line by the trapezoidal rule with step halving; f must decay like a Gaussian.

    >>> found = estimate_line(lambda x: mpmath.exp(-x * x), 20)
    >>> abs(found.value - mpmath.sqrt(mpmath.pi)) < 1e-15
    True

    Raises :class:`~derive.errors.PrecisionError` if the results do not settle.
    """
    return _halving(f, digits, step)


def estimate_line_sinh(f: Callable[[Any], Any], digits: int, scale: Any = 1, step: Any = 1) -> Estimate:
    """The same with x = scale*sinh(t): for integrands of unit scale under a very wide weight."""

    def substituted(t: Any) -> Any:
        return f(scale * mpmath.sinh(t)) * scale * mpmath.cosh(t)

    return _halving(substituted, digits, step)


def estimate_half_line(f: Callable[[Any], Any], digits: int, start: Any = 0, scale: Any = 1) -> Estimate:
    """The integral of f over (start, oo) with x = start + scale*exp(t - exp(-t)); algebraic ends do no harm."""

    def substituted(t: Any) -> Any:
        inner = mpmath.exp(-t)
        u = scale * mpmath.exp(t - inner)
        return f(start + u) * u * (1 + inner)

    return _halving(substituted, digits, mpmath.mpf(1) / 2)


def _halving(f: Callable[[Any], Any], digits: int, step: Any) -> Estimate:
    with mp.workdps(digits + 10):
        target = mpmath.mpf(10) ** (-digits - 3)
        h = mpmath.mpf(step)
        total = f(mpmath.mpf(0)) + _side(f, h, h, target) + _side(f, -h, -h, target)
        before = None
        for _ in range(_MAX_HALVINGS):
            value = h * total
            if before is not None and abs(value - before) <= target * 1000 * abs(value):
                return Estimate(value, abs(value - before))
            before = value
            total += _side(f, h / 2, h, target) + _side(f, -h / 2, -h, target)
            h /= 2
    raise PrecisionError(
        f"the trapezoidal rule did not settle to {digits} digits with steps down to {mpmath.nstr(h, 3)}; "
        "split the integral at its features or ask for fewer digits"
    )


def _side(f: Callable[[Any], Any], start: Any, step: Any, target: Any) -> Any:
    """The sum of f from ``start`` outwards until eight terms in a row no longer count."""
    total, quiet, x = mpmath.mpf(0), 0, start
    while quiet < 8:
        term = f(x)
        total += term
        quiet = quiet + 1 if abs(term) <= target * (abs(total) + target) * mpmath.mpf(10) ** -3 else 0
        x += step
        if abs(x) > 10**6 * abs(step):
            raise PrecisionError("the integrand does not decay, or far too slowly, for a trapezoidal rule")
    return total


def enclose_integral(f: Callable[[Any, bool], Any], points: Sequence[Any], bits: int, scale: Any = 1) -> Any:
    """A ball (``acb``) with the integral of ``f(x, analytic)`` along the polyline through ``points``.

    ``f`` is given complex balls and must return a ball that is not finite where it is not analytic and ``analytic`` is
    True (:func:`derive.numerics.compile_ball` does so).  The absolute radius aims at 2^-bits times ``scale``.

    >>> from flint import acb
    >>> enclose_integral(lambda x, analytic: x.sin(), [0, acb.pi()], 60).real.str(10, radius=False)
    '2.000000000'
    """
    from flint import acb, arb, ctx

    with ctx.workprec(bits + 20):
        total = acb(0)
        for a, b in pairwise(points):
            total += acb.integral(
                f, a, b, rel_tol=arb(2) ** -bits, abs_tol=arb(2) ** (-bits - 8) * scale, eval_limit=200_000
            )
        return total
