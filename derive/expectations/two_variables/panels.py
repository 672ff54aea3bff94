r"""A function cut into panels on which Gauss-Legendre quadrature converges fast, with proven bounds.

On a panel of half-width h let F be analytic and |F| <= M on the ellipse around it whose half-axes are 5h/3 and 4h/3
(its Bernstein parameter is rho = 3).  The Chebyshev series of F, cut after the degree 2n - 1 that the rule of n points
integrates exactly, leaves at most 2 M rho^(1-2n)/(rho - 1), which enters once in the integral and once in the sum:

.. math:: \Bigl|\int F - h\sum_i w_i F(x_i)\Bigr| \le 12\,h\,M\,3^{-2n} .

Panels are split until a ball around the ellipse shows that the function is analytic and hardly larger there than on
the panel, so they shrink by themselves where a singularity of the complex plane is near.  Towards a kink at 0 that is
not analytic from either side, such as that of sqrt|x|, they shrink to a stub, on which the function is only bounded.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from math import exp, inf, log
from typing import Any

import sympy as sp
from flint import acb, arb, ctx

from derive.errors import UnsupportedError
from derive.expectations.one_variable.integrand import Integrand
from derive.numerics.compile import compile_ball, to_arb

__all__ = ["Cut", "Interval", "Panel", "error_of_rule", "points_needed"]

_MAX_PANELS = 3000
_SWELL = exp(14.0)  # how much larger than on the panel the function may be on the ellipse


class Interval:
    """[low, high], and the ellipse around it."""

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = arb(low), arb(high)
        self.middle, self.half = (self.low + self.high) / 2, (self.high - self.low) / 2
        self.width = 2 * float(self.half.mid())

    @cached_property
    def ellipse(self) -> Any:
        """A box around the ellipse."""
        return acb(self.middle + arb(0, (self.half * 5 / 3).upper()), arb(0, (self.half * 4 / 3).upper()))

    def rule(self, count: int) -> tuple[list[Any], list[Any]]:
        """Points and weights of Gauss and Legendre at the current precision."""
        nodes = _gauss_legendre(count, ctx.prec)
        return [self.middle + self.half * u for u, _ in nodes], [self.half * w for _, w in nodes]


class Panel(Interval):
    """An interval inside one analytic piece of a function; ``ends`` says whether its ends are those of the piece."""

    is_stub = False

    def __init__(self, cut: Cut, piece: int, low: Any, high: Any, ends: tuple[bool, bool] = (False, False)) -> None:
        super().__init__(low, high)
        self.cut, self.piece, self.ends = cut, piece, ends
        self._sampled: dict[tuple[int, int], tuple[list[Any], list[Any], list[Any]]] = {}

    @cached_property
    def image(self) -> Any:
        """A ball with the function's values on the ellipse; not finite where it is not analytic there."""
        with ctx.workprec(64):
            return self.cut.value(self.piece, self.ellipse, True)

    def is_tame(self, floor: Any) -> bool:
        """Is the function analytic on the ellipse and not much larger than on the panel, or than ``floor``?"""
        if not self.image.is_finite():
            return False
        largest = self.image.abs_upper()
        if largest <= floor:
            return True
        with ctx.workprec(64):
            on_panel = self.cut.value(self.piece, self.middle + arb(0, self.half.upper()))
            return bool(on_panel.is_finite() and largest <= _SWELL * on_panel.abs_upper())

    def parts(self) -> tuple[Panel, Panel]:
        """Two panels, the smaller at an end of the piece."""
        share = {(True, False): arb(1) / 3, (False, True): arb(2) / 3}.get(self.ends, arb(1) / 2)
        between = (self.low + (self.high - self.low) * share).mid()
        left, right = self.ends
        return (
            Panel(self.cut, self.piece, self.low, between, (left, False)),
            Panel(self.cut, self.piece, between, self.high, (False, right)),
        )

    def stub(self) -> Panel | None:
        """The panel with a bound in place of an image, if it lies at 0 and there is one."""
        if self.ends[0] and self.low.is_zero():
            far = self.high
        elif self.ends[1] and self.high.is_zero():
            far = self.low
        else:
            return None
        value = self.cut.value_up_to(self.piece, far)
        self.image, self.is_stub = acb(value), True
        return self if value.is_finite() else None

    def samples(self, count: int) -> tuple[list[Any], list[Any], list[Any]]:
        """Points, weights and values of the rule of ``count`` points."""
        key = count, ctx.prec
        if key not in self._sampled:
            points, weights = self.rule(count)
            self._sampled[key] = points, weights, [self.cut.value(self.piece, u) for u in points]
        return self._sampled[key]


class Cut:
    """The function u -> f(factor u), factor not 0, as analytic pieces (left, right, evaluation) that cover the line."""

    def __init__(self, f: Integrand, factor: Any = 1) -> None:
        if f.masses:
            raise UnsupportedError("the covariance of a function with Dirac masses is not covered")
        self.factor = factor
        ends = [(_end(p.left), _end(p.right), compile_ball(p.expr, (p.x,))) for p in f.pieces]
        zero = compile_ball(sp.S.Zero, (f.pieces[0].x,))
        if ends[0][0] > -inf:
            ends.insert(0, (arb("-inf"), ends[0][0], zero))
        if ends[-1][1] < inf:
            ends.append((ends[-1][1], arb("inf"), zero))
        if factor < 0:
            ends = [(right, left, tape) for left, right, tape in reversed(ends)]
        self.pieces = [(left / factor, right / factor, tape) for left, right, tape in ends]

    @property
    def kinks(self) -> list[Any]:
        """Where pieces meet."""
        return [left for left, _, _ in self.pieces[1:]]

    def value(self, piece: int, u: Any, analytic: bool = False) -> Any:
        """f(factor u) by the formula of one piece."""
        return self.pieces[piece][2](self.factor * u, analytic=analytic)

    def value_up_to(self, piece: int, far: Any) -> Any:
        """A ball with f(factor u) for u between 0 and ``far``; nothing of it lies on the other side of 0."""
        far = self.factor * far
        between = arb(0).union(abs(far)).nonnegative_part()
        return self.pieces[piece][2](between if far > 0 else -between)

    def size(self, u: Any) -> Any:
        """|f(factor u)| at a point, from above; 0 where it cannot be told."""
        for k, (left, right, _) in enumerate(self.pieces):
            if left < u and u < right:
                value = self.value(k, u)
                return value.abs_upper() if value.is_finite() else arb(0)
        return arb(0)

    def mesh(self, low: Any, high: Any, widest: float, floor: Any, least: float) -> list[Panel]:
        """Tame panels no wider than ``widest`` that cover [low, high], and stubs narrower than ``least``.

        Raises :class:`~derive.errors.UnsupportedError` where more than a few thousand would be needed.
        """
        found: list[Panel] = []
        for k, (left, right, _) in enumerate(self.pieces):
            ends = bool(left >= low), bool(right <= high)
            start, end = left if ends[0] else arb(low), right if ends[1] else arb(high)
            waiting = [Panel(self, k, start, end, ends)] if start < end else []
            while waiting:
                panel = waiting.pop()
                if panel.width <= widest and panel.is_tame(floor):
                    found.append(panel)
                elif panel.width < least and (stub := panel.stub()) is not None:
                    found.append(stub)
                else:
                    waiting += reversed(panel.parts())
                if len(found) + len(waiting) > _MAX_PANELS:
                    raise UnsupportedError(
                        f"more than {_MAX_PANELS} panels are needed around {float(panel.middle.mid()):.6g}: the "
                        "function has a singularity on the real line, or too close to it"
                    )
        return found


def _end(place: sp.Expr) -> Any:
    return to_arb(place) if place.is_finite else arb("inf") * int(sp.sign(place))


@lru_cache(maxsize=256)
def _gauss_legendre(count: int, bits: int) -> list[tuple[Any, Any]]:
    """Nodes and weights on [-1, 1]."""
    with ctx.workprec(bits):
        return [arb.legendre_p_root(count, k, weight=True) for k in range(count)]


def points_needed(log_bound: float, log_tolerance: float) -> int:
    """The least multiple of 4 with 12 e^{log_bound} 9^-n < e^{log_tolerance}, where log_bound is that of h M."""
    return max(4, 4 * int((log_bound + log(12) - log_tolerance) / log(9) / 4 + 1))


def error_of_rule(bound: Any, count: int) -> Any:
    """12 h M 9^-n from above, ``bound`` that of h M."""
    return (bound * 12 / arb(9) ** count).abs_upper()
