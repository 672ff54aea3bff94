"""The ends of the support of a :class:`~derive.spectrum.JacobianSpectrum`, in balls at flint's current precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, ctx

from derive.errors import PrecisionError
from derive.numerics.compile import to_arb
from derive.spectrum import finite_depth
from derive.spectrum.angle_digits import edge_ball

__all__ = ["edge_balls", "log_edges", "log_edges_float", "ratio_ball", "settled"]


def log_edges(spectrum: Any) -> tuple[Any, Any]:
    """Balls around log(lambda/a^(2L)) at the two ends; -oo for a lower end at lambda = 0."""
    if spectrum.c == 0:
        return arb(0), arb(0)
    if not spectrum._free:
        edge = edge_ball(to_arb(spectrum.kappa))
        return -edge, edge
    epsilon, depth = to_arb(spectrum._epsilon()), int(spectrum.depth)
    low = arb.neg_inf() if spectrum._hard() else finite_depth.edge_log(epsilon, depth, upper=False)
    return low, finite_depth.edge_log(epsilon, depth, upper=True)


def log_edges_float(spectrum: Any) -> tuple[float, float]:
    """The same as floats."""
    (high,) = settled(lambda: log_edges(spectrum)[1:], 20)
    if spectrum._hard():
        return -float("inf"), float(high.mid())
    (low,) = settled(lambda: log_edges(spectrum)[:1], 20)
    return float(low.mid()), float(high.mid())


def edge_balls(spectrum: Any) -> tuple[Any, Any]:
    """Balls around s_min and s_max."""
    scale = to_arb(spectrum.log_scale)
    low, high = log_edges(spectrum)
    least = arb(0) if spectrum._hard() else ((low + scale) / 2).exp()
    return least, ((high + scale) / 2).exp()


def ratio_ball(spectrum: Any) -> Any:
    """s_max/s_min where s_min > 0."""
    low, high = edge_balls(spectrum)
    return high / low


def settled(balls: Callable[[], tuple[Any, ...]], digits: int) -> tuple[Any, ...]:
    """The balls at the first precision at which all of them have ``digits`` digits; raises PrecisionError."""
    need = int(3.33 * digits) + 8
    found: tuple[Any, ...] = ()
    for bits in (need + 40, 2 * need + 100, 4 * need + 400, 16 * need + 4000):
        with ctx.workprec(bits):
            found = tuple(balls())
        if all(b.is_finite() and (b.rel_accuracy_bits() >= need or b == 0) for b in found):
            return found
    raise PrecisionError(f"the enclosure {found[-1].str(10)} does not fix {digits} digits; ask for fewer")
