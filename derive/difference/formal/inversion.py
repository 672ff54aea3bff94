r"""Inverting the Abel function: A(w) = n + c, solved for w.

With :math:`\theta = (n/a_{-k})^{-1/k}` and :math:`w = \theta u`, :math:`u^{-k} = 1 + \eta`, the equation becomes

.. math:: \eta = \frac{\theta^k}{a_{-k}} \Bigl(Y - b \log u - \sum_{j>-k,\ j\ne0} a_j \theta^j u^j\Bigr),
          \qquad Y = c - b \log\theta ,

in which :math:`\theta` occurs in powers only: the free constant and every logarithm enter through the one variable
Y.  So :math:`\eta = \sum_{i\ge1} \eta_i(Y)\,\theta^i` with polynomials :math:`\eta_i`, found one after the other; the
powers :math:`u^j = (1+\eta)^{-j/k}` and the logarithm are carried along by their differential equations, each
coefficient once (online, Miller).

:func:`observe` then gives any series in w along the orbit, and so x_n itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

from derive.difference.formal.abel import AbelSeries, LogSeries
from derive.difference.series import powerseries as ps

__all__ = ["Inverse", "LogPowers", "invert", "observe"]


@dataclass(frozen=True)
class Inverse:
    """The solution ``eta`` as coefficients of theta, polynomials in Y; ``k`` and ``stride`` as for the map."""

    k: int
    stride: int
    eta: tuple[Any, ...]

    def power(self, j: int, size: int) -> list[Any]:
        """The coefficients of ``(w/theta)**j`` in powers of theta**stride."""
        return ps.power([1, *self.eta[1:size]], _fraction(-j, self.k), size)

    def log(self, size: int) -> list[Any]:
        """The coefficients of ``log(w/theta)`` in powers of theta**stride."""
        return [0 if ps.is_zero(c) else ps.ratio(c, -1, self.k) for c in ps.log([1, *self.eta[1:size]], size)]


@dataclass(frozen=True)
class LogPowers:
    r"""A series along the orbit, :math:`\sum_i P_i \theta^{start + i} + \ell \log\theta`, the P_i polynomials in Y."""

    start: int
    coefficients: tuple[Any, ...]
    log: Any = 0


def _fraction(p: int, q: int) -> Any:
    from fractions import Fraction

    return Fraction(p, q)


class _OnlinePower:
    """(1 + eta)**e, one coefficient at a time; ``e`` rational."""

    def __init__(self, p: int, q: int) -> None:
        self.p, self.q = p, q
        self.out: list[Any] = [1]

    def next(self, eta: list[Any]) -> None:
        """Append the next coefficient; eta must be known through its index."""
        i = len(self.out)
        total: Any = 0
        for j in range(1, i + 1):
            if ps.is_zero(eta[j]) or ps.is_zero(self.out[i - j]):
                continue
            factor = self.p * j - self.q * (i - j)
            if factor:
                total = total + eta[j] * self.out[i - j] * factor
        self.out.append(0 if ps.is_zero(total) else ps.ratio(total, 1, self.q * i))


class _OnlineLog:
    """log(1 + eta), one coefficient at a time."""

    def __init__(self) -> None:
        self.out: list[Any] = [0]

    def next(self, eta: list[Any]) -> None:
        i = len(self.out)
        total = eta[i] * i
        for j in range(1, i):
            if not ps.is_zero(eta[j]) and not ps.is_zero(self.out[i - j]):
                total = total - eta[j] * self.out[i - j] * (i - j)
        self.out.append(0 if ps.is_zero(total) else ps.ratio(total, 1, i))


def invert(abel: AbelSeries, Y: Any, order: int) -> Inverse:
    """The inverse through theta^order; the Abel series must be known through w^(order - k).

    ``Y`` is the generator (or number) that stands for Y in the ring of the coefficients.
    """
    k = abel.k
    rows = {j: abel.coefficient(j) for j in range(-k + 1, order - k + 1)}
    present = [j + k for j, a in rows.items() if not ps.is_zero(a)]
    stride = gcd(k, *present)
    size = order // stride + 1
    lead = abel.coefficients[0]
    moving = {j: a / lead for j, a in rows.items() if not ps.is_zero(a)}
    powers = {j: _OnlinePower(-j, k) for j in moving}
    log = _OnlineLog()
    b = 0 if ps.is_zero(abel.log) else abel.log / lead
    eta: list[Any] = [0]
    for i in range(1, size):
        total: Any = Y / lead if i * stride == k else 0
        if b and i * stride >= k:
            place = i - k // stride
            while len(log.out) <= place:
                log.next(eta)
            if not ps.is_zero(log.out[place]):
                total = total + ps.ratio(b * log.out[place], 1, k)
        for j, a in moving.items():
            place = i - (j + k) // stride
            if place < 0:
                continue
            online = powers[j]
            while len(online.out) <= place:
                online.next(eta)
            if not ps.is_zero(online.out[place]):
                total = total - a * online.out[place]
        eta.append(total)
    return Inverse(k, stride, tuple(eta))


def observe(inverse: Inverse, series: LogSeries, order: int) -> LogPowers:
    r"""The series :math:`\sum_j h_j w^j + \ell \log w` along the orbit, through theta^order.

    ``inverse`` must reach ``order - series.start`` and the series w^order.
    """
    out: list[Any] = [0] * (order - series.start + 1)
    for i, h in enumerate(series.coefficients[: len(out)]):
        if ps.is_zero(h):
            continue
        count = (len(out) - i - 1) // inverse.stride + 1
        for s, c in enumerate(inverse.power(series.start + i, count)):
            if not ps.is_zero(c):
                place = i + s * inverse.stride
                out[place] = out[place] + h * c
    if not ps.is_zero(series.log) and order >= 0:
        for s, c in enumerate(inverse.log(order // inverse.stride + 1)):
            if not ps.is_zero(c):
                place = s * inverse.stride - series.start
                out[place] = out[place] + series.log * c
    return LogPowers(series.start, tuple(out), series.log)
