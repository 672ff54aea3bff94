r"""The gap :math:`1 - J_\alpha(1 - d)` in balls, with all its digits however small d is.

As d tends to 0 the gap is about :math:`\alpha^2 d/(2\alpha-1)` for :math:`\alpha > 1/2`, of order
:math:`d \log(1/d)` at :math:`\alpha = 1/2` and of order :math:`d^{\alpha+1/2}` below.  What cancels in
:math:`1 - J` is at most :math:`-\log_2 d` bits; these are added to the precision before the subtraction.
"""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

from derive.kernels.balls import ends, half, kernel_ball, sharpened

__all__ = ["gap_ball"]


def gap_ball(alpha: Any, d: Any) -> Any:
    """1 - J_alpha(1 - d) on balls, at flint's current precision; the part of d outside [0, 2] is left away.

    J increases in c, so the ends of the d ball are enough.  For an alpha ball the kernel on the box is
    taken from 1: the width is that of the kernel, not smaller.
    """
    if not (alpha > -half() and d.overlaps(arb(1, 1)) and alpha.is_finite()):
        return arb("nan")
    bits = ctx.prec
    d0, d1 = (arb(0) if end < 0 else arb(2) if end > 2 else end for end in ends(d))
    high = _gap(alpha, d1, bits)
    return +high if d.is_exact() else _gap(alpha, d0, bits).union(high)


def _gap(alpha: Any, d: Any, bits: int) -> Any:
    """The gap at an exact d."""
    if d.is_zero():
        return arb(0)
    mantissa, exponent = d.man_exp()
    lost = max(0, -int(exponent) - int(mantissa).bit_length())
    fine = max(0, -int(exponent))

    def difference() -> Any:
        with ctx.workprec(ctx.prec + fine):
            c = 1 - d
        return (1 - kernel_ball(alpha, c)).nonnegative_part()

    if alpha.is_exact():
        return sharpened(difference, bits, extra=lost)
    with ctx.workprec(bits + lost + 24):
        return difference()
