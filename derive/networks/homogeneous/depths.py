r"""Quantities of a full residual network with a homogeneous activation at any depth, to any number of digits.

Degree in (0, 1): some thousand layers are iterated, the rest is a flow (:mod:`derive.networks.homogeneous.flow`).
Degree 1: p is a geometric sum and log chi proportional to the depth, in closed form; the correlation, once the bias is
nothing against P, is a flow of its own.  Degree above 1: the length squares (or more) at each layer, so what can be
represented at all is iterated, and the correlation has settled long before.  Digits are estimates, made twice with
different starts of the flow and compared.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.errors import DomainError, PrecisionError
from derive.expectations.homogeneous import Homogeneous
from derive.networks.homogeneous.flow import NotSlow, Panels, extrapolated, mean_over_step, velocities
from derive.networks.homogeneous.map import LayerMap
from derive.networks.values import RunValues
from derive.numerics.compile import arb_to_sympy, to_arb

__all__ = ["homogeneous_value"]

_BITS = math.log2(10)
_FIRST, _LAST = 512, 1 << 18  # layers iterated before the flow takes over
_DEEPEST_POWER = 10**7  # decimal exponent of p that is still written out for degrees above 1


def homogeneous_value(form: Homogeneous, values: RunValues, quantity: str, depth: int, digits: int) -> sp.Expr:
    """p, q, s, gamma, lam, e or log_chi_ratio at ``depth`` >= 1, for positive sigma_v2, sigma_w2 and a signal."""
    if quantity == "log_chi_ratio":
        LayerMap(form, values, 64).gradient  # noqa: B018  (refuses what is infinite)
    layers = depth - 1 if quantity in ("q", "lam") else depth
    for guard in (8, 28, 68):
        two = [_attempt(form, values, quantity, layers, digits + guard, turn) for turn in (0, 1)]
        gap = abs(two[0] - two[1])
        if gap == 0 or gap < abs(two[1]) * sp.Float(10) ** (-digits - 1):
            # not sp.N, which writes numbers out in full where one digit is asked for
            return sp.Integer(0) if two[1].is_zero else sp.Float(two[1], digits)
    raise PrecisionError(f"{quantity} at depth {depth} did not settle to {digits} digits; ask for fewer")


def _attempt(form: Homogeneous, values: RunValues, quantity: str, layers: int, digits: int, turn: int) -> sp.Expr:
    """One evaluation with about ``digits`` relative digits; ``turn`` changes where the flow begins."""
    run = _run(form, values, digits, turn, -(-len(str(layers)) // 16) * 16)
    extra = digits + 10
    with ctx.workprec(run.map.bits):
        if quantity == "log_chi_ratio":
            return arb_to_sympy(run.log_chi(layers), extra)
        if quantity == "e":
            return arb_to_sympy(run.cosine(layers), extra)
        P = run.length(layers)
        if quantity in ("p", "q"):
            scale, offset = (values.sigma_w2, 0) if quantity == "q" else (1, -values.shift)
            return arb_to_sympy(to_arb(scale) * P + to_arb(offset), extra)
        s = run.spread(layers)
        if quantity == "s":
            return arb_to_sympy(s, extra)
        if quantity == "lam":
            return arb_to_sympy(to_arb(values.sigma_w2) * (P - s), extra)
        return arb_to_sympy(P - to_arb(values.shift) - s, extra)


@lru_cache(maxsize=32)
def _run(form: Homogeneous, values: RunValues, digits: int, turn: int, reach: int) -> _Run:
    return _Run(form, values, digits, turn, reach)


class _Run:
    """The orbit of one start: its first layers, and the flow behind them, to 10**reach layers."""

    def __init__(self, form: Homogeneous, values: RunValues, digits: int, turn: int, reach: int) -> None:
        self.form, self.values, self.digits, self.turn = form, values, digits, turn
        self.map = LayerMap(form, values, int((digits + reach + 12) * _BITS) + 64)
        with ctx.workprec(self.map.bits):
            P, s = self.map.start()
            self.P0, self.s0 = P, s
            self.u = [None, self.map.first_length(P)]
            self.eta = [None, self.map.second_state(P, s)]
        self._panels: dict[str, tuple[int, Panels]] = {}
        self._sums = [arb(0)]

    # p

    def length(self, n: int) -> Any:
        """P after n layers."""
        if n == 0:
            return self.P0
        return self._log_length(n).exp()

    def _log_length(self, n: int) -> Any:
        if self.form.degree == 1:
            return self._geometric(n)
        if n < len(self.u):
            return self.u[n]
        if self.form.degree > 1 or n <= _FIRST:
            return self._iterated(n)
        found = self._flow("length", n)
        return self._iterated(n) if found is None else found[0]

    def _iterated(self, n: int) -> Any:
        while len(self.u) <= n:
            self.u.append(self.map.length(self.u[-1]))
            if self.form.degree > 1 and self.u[-1] > _DEEPEST_POWER * math.log(10):
                raise PrecisionError(
                    f"with an activation of degree {self.form.degree} p has more than {_DEEPEST_POWER} digits before "
                    f"the point from layer {len(self.u) - 1} on; ask for fewer layers, or for e, which has a limit"
                )
        return self.u[n]

    def _geometric(self, n: int) -> Any:
        """log(B^n (P0 + r) - r), r = sigma_a2/(B-1)."""
        rate = self.map.strength
        rest = self.map.bias / rate
        power = n * rate.log1p()
        return (power + (self.P0 + rest - rest * (-power).exp()).log()).mid()

    def _flow(self, kind: str, n: int) -> tuple[Any, list[Any]] | None:
        """u and the integrals at layer n, by panels from where the orbit is slow enough; None before that."""
        m = self._panels[kind][0] if kind in self._panels else _FIRST << self.turn
        while m < n:
            try:
                if kind not in self._panels:
                    self._panels[kind] = self._started(kind, m)
                return self._panels[kind][1].at(n)
            except NotSlow:
                self._panels.pop(kind, None)
                m *= 4
                if m > _LAST:
                    raise PrecisionError(
                        f"the length is still far from its power law after {m // 4} layers; ask for fewer digits"
                    ) from None
        return None

    def _started(self, kind: str, m: int) -> tuple[int, Panels]:
        u = self._iterated(m)
        with_sum = kind == "sum"
        density = lambda z: self._density(z, with_sum)  # noqa: E731
        totals = [arb(m)] + ([self._sum_of(m)] if with_sum else [])
        with ctx.workprec(self.map.bits):
            panels = Panels(density, u, totals, self.digits + 4, self.map.bits)
            panels._extend()
        return m, panels

    def _density(self, u: Any, with_sum: bool) -> list[Any]:
        """dn/du, and the gradient's part per du."""
        path = [u]

        def orbit() -> Any:
            while True:
                yield (path[-1],)
                path.append(self.map.length(path[-1]))

        (speed,) = velocities(orbit(), self.digits + 4)
        if not with_sum:
            return [(1 / speed).mid()]
        part = mean_over_step([self.map.gradient_part(x) for x in path])
        return [(1 / speed).mid(), (part / speed).mid()]

    # chi

    def log_chi(self, n: int) -> Any:
        """log chi_0/chi_n."""
        if self.form.degree == 1:
            return n * self.map.strength.log1p()
        if self.form.degree > 1 or n <= _FIRST:
            return self._sum_of(n)
        found = self._flow("sum", n)
        return self._sum_of(n) if found is None else found[1][1]

    def _sum_of(self, n: int) -> Any:
        """The sum over layers 0 .. n-1, iterated."""
        if n >= 1 and len(self._sums) == 1:
            if self.P0.is_zero():
                if self.form.degree < 1:
                    raise DomainError(
                        "the first layer sees no signal, where the slope is infinite: give p0 or sigma_b2 above 0"
                    )
                first = arb(0)
            else:
                first = self.map.gradient_part(self.P0.log())
            self._sums.append(first)
        while len(self._sums) <= n:
            self._iterated(len(self._sums))
            self._sums.append((self._sums[-1] + self.map.gradient_part(self.u[len(self._sums) - 1])).mid())
        return self._sums[n]

    # two inputs

    def cosine(self, n: int) -> Any:
        """e after n layers: 1 - delta P/p, where P itself may be out of reach."""
        if n == 0 or self.eta[1] is None:
            return to_arb(self.values.e0) if n == 0 else arb(1)
        if self.form.degree == 1 and self.form.mixed == -1:
            return 1 - self.spread(n) / (self.length(n) - to_arb(self.values.shift))
        gap = self._log_gap(n).exp()
        if self.values.shift == 0 or (self.form.degree > 1 and n >= len(self.u)):
            return 1 - gap
        return 1 - gap / (1 - to_arb(self.values.shift) * (-self._log_length(n)).exp())

    def spread(self, n: int) -> Any:
        """s = P delta after n layers."""
        if n == 0:
            return self.s0
        if self.eta[1] is None:
            return arb(0)
        if self.form.degree == 1 and self.form.mixed == -1:  # linear: s grows like p
            return self.s0 * (1 + self.map.strength) ** n
        return (self._log_length(n) + self._log_gap(n)).exp()

    def _log_gap(self, n: int) -> Any:
        """eta after n layers."""
        if n < len(self.eta):
            return self.eta[n]
        if self.form.degree > 1:
            return self._settled(n)
        if self.form.degree == 1:
            return self._log_gap_of_degree_one(n)
        if n <= _FIRST:
            return self._walked(n)
        found = self._flow("length", n)
        if found is None:
            return self._walked(n)
        m = self._panels["length"][0]
        while m < n:
            u, eta = self._iterated(m), self._walked(m)
            try:
                return extrapolated(self._slope, u, eta, found[0], self.digits + 3, self.map.bits)
            except NotSlow:
                m *= 4
                if m > _LAST:
                    raise PrecisionError("the correlation does not become slow; ask for fewer digits") from None
        return self._walked(n)

    def _walked(self, n: int) -> Any:
        while len(self.eta) <= n:
            k = len(self.eta) - 1
            self._iterated(k)
            self.eta.append(self.map.both(self.u[k], self.eta[k])[1])
        return self.eta[n]

    def _field(self, u: Any, eta: Any) -> list[Any]:
        def orbit() -> Any:
            state = (u, eta)
            while True:
                yield state
                state = self.map.both(*state)

        return velocities(orbit(), self.digits + 4)

    def _slope(self, u: Any, eta: Any) -> Any:
        du, deta = self._field(u, eta)
        return (deta / du).mid()

    def _settled(self, n: int) -> Any:
        """Degree above 1: until P dwarfs everything (u beyond the bits), then the kernel alone."""
        last, still = self.map.bits * 4, 0
        while len(self.eta) <= n:
            k = len(self.eta) - 1
            if self.u[k] < last:
                if len(self.u) <= k + 1:
                    self.u.append(self.map.length(self.u[k]))
                self.eta.append(self.map.both(self.u[k], self.eta[k])[1])
            else:
                self.u.append(self.u[k])  # beyond every digit
                self.eta.append((self.eta[k] + (-self.map.loss(self.eta[k])).log1p()).mid())
            still = still + 1 if abs(self.eta[-1] - self.eta[-2]) < arb(10) ** (-self.digits - 12) else 0
            if still > 3:
                return self.eta[-1]
        return self.eta[n]

    def _log_gap_of_degree_one(self, n: int) -> Any:
        """Iterate until the bias is nothing against P, then flow in eta alone."""
        m = self._panels["gap"][0] if "gap" in self._panels else self._unbiased()
        while m < n:
            try:
                if "gap" not in self._panels:
                    start = -self._walked_geometric(m)
                    with ctx.workprec(self.map.bits):
                        panels = Panels(
                            self._density_of_gap, start, [arb(m)], self.digits + 4, self.map.bits, width=0.5
                        )
                    self._panels["gap"] = m, panels
                return -self._panels["gap"][1].at(n)[0]
            except NotSlow:
                self._panels.pop("gap", None)
                m *= 4
                if m > _LAST:
                    raise PrecisionError("the correlation does not become slow; ask for fewer digits") from None
        return self._walked_geometric(n)

    def _unbiased(self) -> int:
        """A layer from which on the bias is nothing against P."""
        m = _FIRST << self.turn
        while self.map.bias != 0 and not self._geometric(m) > (self.digits + 20) * math.log(10):
            m *= 2
            if m > _LAST:
                raise PrecisionError("the growth factor is so close to 1 that the bias stays felt; ask for less")
        return m

    def _walked_geometric(self, n: int) -> Any:
        while len(self.eta) <= n:
            k = len(self.eta) - 1
            self.eta.append(self.map.both(self._geometric(k), self.eta[k])[1])
        return self.eta[n]

    def _density_of_gap(self, z: Any) -> list[Any]:
        """dn/dz for z = -eta with the bias switched off."""
        share = self.map.strength / (1 + self.map.strength)

        def orbit() -> Any:
            eta = -z
            while True:
                yield (eta,)
                eta = (eta + (-share * self.map.loss(eta)).log1p()).mid()

        (speed,) = velocities(orbit(), self.digits + 4)
        return [(-1 / speed).mid()]
