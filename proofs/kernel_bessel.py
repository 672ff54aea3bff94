r"""The kernel is a Laplace transform of the modified Bessel function :math:`K_0`.

.. math:: c_\alpha J_\alpha(c) = \frac{(1-c^2)^{\alpha+1/2}}{2\pi}\int_0^\infty t^\alpha K_0(t)\,e^{ct}\,dt

for real alpha > -1/2 and |c| < 1.  (The integral itself exists down to alpha > -1, where c_alpha does not.)  As c
tends to 1 it grows like (1-c)^(-alpha-1/2), as c tends to -1 it stays finite; with the factor in front J tends to 1
and to 0.
"""

from fractions import Fraction

import sympy as sp

from derive import J, c_alpha
from derive.claim import Claim, Printed
from derive.evidence import digits, enclosure

from . import _kernel, _kernel_balls, _kernel_checks, _kernel_steps
from ._kernel import HALF, alpha, c
from ._kernel_steps import t


def transform(bessel):
    """The right-hand side with a Bessel function of order 0 put in."""
    integral = _kernel.HalfLine(t**alpha * bessel(0, t) * sp.exp(c * t), (t, 0, sp.oo))
    return (1 - c**2) ** (alpha + HALF) / (2 * sp.pi) * integral


CLAIM = Claim(
    id="kernel_bessel",
    title="J_alpha by the modified Bessel function K_0",
    statement=sp.Eq(c_alpha(alpha) * J(alpha, c), transform(sp.besselk)),
    source=_kernel.source(
        "abstract and section 4, on the identities of section C.7.1 (which is missing from the text)"
    ),
    meaning=_kernel.MEANING,
    variables=_kernel.DOMAIN,
    printed=Printed(
        text="the kernels are related to the zeroth Bessel function of the second kind (read by that name: Y_0; "
        "K_0 is the modified one)",
        statement=sp.Eq(c_alpha(alpha) * J(alpha, c), transform(sp.bessely)),
    ),
)


def derive() -> sp.Expr:
    """Coordinates s = u1 u2 and w = log(u1/u2): the integral over w is K_0, and s = (1 - c^2) t."""
    return _kernel_steps.bessel_moment()


def ball(point, bits):
    """c_alpha J by acb.integral over the angle (Cho and Saul's form), with the gamma functions of the radius."""
    from flint import arb, fmpq

    a, r = (arb(fmpq(int(point[s].p), int(point[s].q))) for s in (alpha, c))
    half_line = 2 ** (a - 1) * (a + arb(1) / 2).gamma() / arb.pi().sqrt()
    return _kernel_balls.angular_on_box(a, r) * half_line


def formula(statement, point, bits):
    from derive.numerics.compile import to_arb

    return _kernel_balls.ball_of(statement.rhs, {s: to_arb(v) for s, v in point.items()})


def checks():
    yield digits(
        "integral over the angle",
        _kernel.angular_moment,
        _kernel.POINTS[2:4],
        digits=50,
        method="mpmath.quad over the angle in polar coordinates",
    )
    yield _kernel_checks.two_dimensional(partial=True)
    yield _kernel_balls.on_box(
        "a box around alpha = 1/2",
        _kernel_balls.moment_on_box,
        _kernel_balls.BOX,
        method="acb.integral of the Bessel integral against the hypergeometric corner values",
    )


def printed_checks():
    yield enclosure(
        "Y_0 in place of K_0",
        ball,
        [{alpha: 1, c: Fraction(-4, 5)}, {alpha: Fraction(1, 2), c: Fraction(-9, 10)}],
        radius=Fraction(1, 10**4),
        within=Fraction(1, 10**4),
        bits=64,
        formula=formula,
        method="acb.integral over the angle and of the Bessel integral",
    )
