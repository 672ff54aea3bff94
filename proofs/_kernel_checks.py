"""Checks that several proofs about the kernels have in common."""

import sympy as sp

from derive.evidence import digits

from . import _kernel, _kernel_boxes
from ._kernel import alpha, c

_CORRELATIONS = [{c: sp.Rational(p, q)} for p, q in ((31, 47), (-19, 29), (1, 3), (-88, 89))]
_LOW = sp.Rational(-9, 10)
_BOX = {alpha: (sp.Rational(1, 4), sp.Rational(3, 4)), c: (sp.Rational(1, 5), sp.Rational(1, 2))}


def over_the_angle(value, points):
    """Fifty digits against two integrals over the angle; ``value`` takes the numbers of a point in its order."""
    return digits(
        "integral over the angle",
        lambda point, digits: value(*(_kernel.mp(number) for number in point.values())),
        points,
        digits=50,
        method="quotient of two integrals over the angle by mpmath.quad",
    )


def on_interval(quantity, interval):
    """The two sides agree to a twentieth on an interval, in balls."""
    return _kernel_boxes.agree_on(
        "an interval",
        quantity,
        interval,
        method="acb.integral over the angle at the ends of parts of the interval",
        within=sp.Rational(1, 20),
    )


def on_a_box(quantity, method):
    """The two sides agree to a tenth on a box around alpha = 1/2, in balls."""
    return _kernel_boxes.agree_on("a box", quantity, _BOX, method=method)


def two_dimensional(partial=False):
    """Fifty digits against the mean as it stands."""
    return digits(
        "the two-dimensional mean",
        _kernel.direct,
        [_kernel.POINTS[3]],
        digits=50,
        method="double trapezoidal sum of the Gaussian density times (u1 u2)^alpha",
        partial=partial,
    )


def closed_form(order, low=_LOW):
    """J of one order: digits at four correlations, balls on [low, 9/10]."""
    yield over_the_angle(lambda r: _kernel.kernel(_kernel.mp(order), r), _CORRELATIONS)
    yield on_interval(lambda r: _kernel_boxes.kernel_of(order, r), {c: (low, sp.Rational(9, 10))})
