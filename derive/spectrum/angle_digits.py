r"""The angle of the limit law at one point, to any number of digits, in a ball.

Along the curve of :mod:`derive.spectrum.limit_law` y decreases strictly from the edge (sigma = 0) to 0: there
:math:`dy = f'(u)\,du` with :math:`u = \tau + i\sigma`, :math:`f(u) = u + \kappa\coth(u/2)`, and
:math:`f'(u) = 1 - \kappa/(2\sinh^2(u/2))` vanishes at the edges only.  So a sign change of y(sigma) - y encloses sigma.
"""

from __future__ import annotations

from typing import Any

from derive.errors import PrecisionError

__all__ = ["angle_ball", "edge_ball", "middle_angle_ball", "root_ball", "tail_ball", "tau_ball"]


def _narrowed(function: Any, low: Any, high: Any, tolerance: Any) -> tuple[Any, Any]:
    """A sign change of an increasing function between low and high, narrowed by regula falsi and bisection."""
    from flint import arb

    f_low, f_high = function(low), function(high)
    for step in range(10_000):
        width = high - low
        if width < tolerance * abs(high):
            break
        middle = (low + high) / 2
        if step % 3 != 2 and f_high - f_low > 0:  # Illinois: the value at the end that stays is halved below
            middle = low - f_low * width / (f_high - f_low)
        middle = arb(middle.mid())
        if not low < middle < high:
            middle = arb(((low + high) / 2).mid())
        value = function(middle)
        if value > 0:
            high, f_high = middle, value
            f_low = f_low / 2
        elif value < 0:
            low, f_low = middle, value
            f_high = f_high / 2
        else:
            break
    return low, high


def middle_angle_ball(kappa: Any) -> Any:
    """A ball around sigma_m with sigma_m tan(sigma_m/2) = kappa, 0 < sigma_m < pi."""
    from flint import arb

    def excess(sigma: Any) -> Any:
        half = sigma / 2
        return sigma * half.sin() - kappa * half.cos()

    return root_ball(excess, arb(0), arb(arb.pi().upper()))


def root_ball(function: Any, low: Any, high: Any) -> Any:
    """A ball around the root of a function with function(low) < 0 < function(high), at flint's current precision."""
    from flint import arb, ctx

    return _root(function, low, high, arb(2) ** (24 - ctx.prec))


def _root(function: Any, low: Any, high: Any, tolerance: Any) -> Any:
    low, high = _narrowed(function, low, high, tolerance)
    spread = (high - low) + abs(high) * tolerance
    for _ in range(40):
        left, right = low - spread, high + spread
        if function(left) < 0 < function(right):
            return left.union(right)
        spread = spread * 4
    raise PrecisionError("the angle of the spectrum was not bracketed; raise the number of digits")


def tau_ball(kappa: Any, sigma: Any) -> Any:
    """tau >= 0 on the curve at the angle sigma (a ball inside (0, sigma_m])."""
    from flint import arb

    half = (sigma / 2).sin()
    inner = kappa * sigma.sin() / sigma / 2 - half * half
    if not inner >= 0:  # at sigma_m the ball reaches below 0, the value does not
        top = arb(inner.upper())
        inner = arb((top / 2).mid(), (top / 2).upper())
    return 2 * inner.sqrt().asinh()


def angle_ball(kappa: Any, y: Any) -> tuple[Any, Any]:
    """Balls around (sigma, tau) at 0 <= y < edge, at flint's current precision.

    ``y`` is an exact point or a ball.  Near y = 0 the angle differs from sigma_m by order y^2; the work is done with
    that many more bits, so that tau keeps its digits there.
    """
    from flint import arb, ctx

    edge = edge_ball(kappa)
    if y.is_zero():
        return middle_angle_ball(kappa), arb(0)
    if not 0 < y < edge:
        raise PrecisionError(f"y = {y.str(10)} is not certainly inside the support, whose edge is {edge.str(10)}")
    extra = 2 * max(0, int(float((edge / y).log().mid()) / 0.69)) + 16
    with ctx.workprec(ctx.prec + extra):
        top = middle_angle_ball(kappa)

        def below(sigma: Any) -> Any:
            if not sigma > 0:
                return y - edge
            tau = tau_ball(kappa, sigma)
            return y - (tau + sigma * tau.sinh() / sigma.sin())

        sigma = root_ball(below, arb(0), arb(top.lower()))
        return sigma, tau_ball(kappa, sigma)


def edge_ball(kappa: Any) -> Any:
    """y at the upper edge, sqrt(kappa(kappa+2)) + arcosh(1+kappa), without cancellation for small kappa."""
    return (kappa * (kappa + 2)).sqrt() + 2 * (kappa / 2).sqrt().asinh()


def tail_ball(kappa: Any, y: Any, sigma: Any, tau: Any) -> Any:
    """P(Y > y) for y >= 0; see :func:`derive.spectrum.angle_arrays.upper_tail`."""
    from flint import acb

    turn = acb((tau / 2).sinh() * (sigma / 2).cos(), (tau / 2).cosh() * (sigma / 2).sin()).arg()
    return (turn - sigma * (y - tau) / (2 * kappa)) / turn.pi()
