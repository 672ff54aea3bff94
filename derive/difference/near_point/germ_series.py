r"""Laurent series in w with real ball coefficients: the Taylor arithmetic behind
:mod:`derive.difference.near_point.germ`.

:class:`BallLaurent` is :math:`w^{start}` times a truncated series of python-flint (``arb_series``); its coefficients
enclose the true ones.  A coefficient that is exactly zero (an empty sum) is the exact ball 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import UnsupportedError
from derive.numerics import to_arb

__all__ = ["BallLaurent", "apply_function", "series_context"]


@contextmanager
def series_context(length: int, bits: int) -> Iterator[None]:
    """python-flint set to ``length`` coefficients and ``bits`` of working precision, restored afterwards."""
    from flint import ctx

    cap = ctx.cap
    with ctx.workprec(bits):
        ctx.cap = length
        try:
            yield
        finally:
            ctx.cap = cap


@dataclass(frozen=True)
class BallLaurent:
    """``w**start * tail``, ``tail`` an ``arb_series`` known to ``tail.prec`` coefficients."""

    start: int
    tail: Any

    @classmethod
    def constant(cls, value: Any, length: int) -> BallLaurent:
        """A series without w."""
        from flint import arb_series

        return cls(0, arb_series([value], prec=length))

    @property
    def end(self) -> int:
        """The first exponent that is not known."""
        return self.start + self.tail.prec

    def coefficients(self) -> list[Any]:
        """The known coefficients from ``w**start`` on."""
        from flint import arb

        rows = self.tail.coeffs()
        return rows + [arb(0)] * (self.tail.prec - len(rows))

    def without(self, skip: int) -> BallLaurent:
        """The same series, its first ``skip`` coefficients being zero."""
        from flint import arb_series

        if skip == 0:
            return self
        return BallLaurent(self.start + skip, arb_series(self.tail.coeffs()[skip:], prec=max(self.tail.prec - skip, 0)))

    def __add__(self, other: BallLaurent) -> BallLaurent:
        from flint import arb_series

        start = min(self.start, other.start)
        total = None
        for part in (self, other):
            gap = part.start - start
            tail = arb_series([0] * gap + part.tail.coeffs(), prec=part.tail.prec + gap) if gap else part.tail
            total = tail if total is None else total + tail
        return BallLaurent(start, total)

    def __mul__(self, other: BallLaurent) -> BallLaurent:
        return BallLaurent(self.start + other.start, self.tail * other.tail)

    def natural_power(self, n: int) -> BallLaurent:
        """The n-th power, n >= 1."""
        return BallLaurent(self.start * n, self.tail**n)

    def real_power(self, exponent: sp.Expr, node: sp.Expr) -> BallLaurent:
        """A power of a series whose first coefficient is not zero (positive unless the exponent is an integer)."""
        shift = self.start * exponent
        if not shift.is_Integer:
            raise UnsupportedError(
                f"{node} behaves like the power {shift} of the small variable, which is no integer; "
                "this chart has no series for it"
            )
        if exponent == -1:
            return BallLaurent(int(shift), self.tail.inv())
        if exponent.is_Integer:
            return BallLaurent(int(shift), (self.tail.inv() if exponent < 0 else self.tail) ** abs(int(exponent)))
        lead = self.tail.coeffs()[0]
        if not lead > 0:
            raise UnsupportedError(f"{node} is a real power of something negative near the point; it is not real there")
        if exponent in (sp.S.Half, -sp.S.Half):
            return BallLaurent(int(shift), self.tail.sqrt() if exponent > 0 else self.tail.rsqrt())
        power = to_arb(exponent)
        return BallLaurent(int(shift), ((self.tail / lead).log() * power).exp() * lead**power)


def _exp(tail: Any) -> Any:
    return tail.exp()


def _turned(tail: Any) -> Any:
    """i times the series."""
    from flint import acb, acb_series

    return acb_series([acb(0, c) for c in tail.coeffs()], prec=tail.prec)


def _sinh(tail: Any) -> Any:
    """-i sin(i u), which keeps the coefficients of a parity exactly zero (a difference of exponentials would not)."""
    from flint import arb_series

    return arb_series([c.imag for c in _turned(tail).sin().coeffs()], prec=tail.prec)


def _cosh(tail: Any) -> Any:
    from flint import arb_series

    return arb_series([c.real for c in _turned(tail).cos().coeffs()], prec=tail.prec)


def _by_derivative(tail: Any, slope: Any, start: Any) -> Any:
    """The function with the given start whose derivative is ``slope`` times that of the argument."""
    return (tail.derivative() * slope).integral() + start


def _asinh(tail: Any) -> Any:
    return _by_derivative(tail, (tail * tail + 1).rsqrt(), tail.coeffs()[0].asinh() if tail.coeffs() else 0)


def _atanh(tail: Any) -> Any:
    return _by_derivative(tail, (1 - tail * tail).inv(), tail.coeffs()[0].atanh() if tail.coeffs() else 0)


_SERIES: dict[type, Callable[[Any], Any]] = {
    sp.exp: _exp,
    sp.log: lambda s: s.log(),
    sp.sin: lambda s: s.sin(),
    sp.cos: lambda s: s.cos(),
    sp.sinh: _sinh,
    sp.cosh: _cosh,
    sp.asin: lambda s: s.asin(),
    sp.acos: lambda s: s.acos(),
    sp.atan: lambda s: s.atan(),
    sp.asinh: _asinh,
    sp.atanh: _atanh,
    sp.erf: lambda s: s.erf(),
    sp.erfc: lambda s: s.erfc(),
    sp.erfi: lambda s: s.erfi(),
    sp.LambertW: lambda s: s.lambertw(),
}


def apply_function(node: sp.Expr, part: BallLaurent) -> BallLaurent:
    """The function at the head of ``node`` applied to the series of its argument."""
    function = _SERIES.get(node.func)
    if function is None:
        raise UnsupportedError(
            f"{node.func.__name__} in {node} has no Taylor arithmetic here; rewrite the map without it"
        )
    if part.start < 0:
        raise UnsupportedError(f"the argument of {node} grows beyond all bounds at the point, where it has no series")
    if part.start > 0:
        part = part + BallLaurent.constant(0, part.end)
    tail = function(part.tail)
    if any(not c.is_finite() for c in tail.coeffs()):
        raise UnsupportedError(f"{node} is not analytic at the point")
    return BallLaurent(0, tail)
