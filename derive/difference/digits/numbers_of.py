r"""From a recurrence to numbers: the map at exact parameter values, with everything that was computed for it.

:func:`numbers_of` makes (and remembers) a :class:`Numbers` for a recurrence and a set of parameter values.  It holds
the :class:`~derive.difference.orbits.numeric_map.NumericMap`, and for each start its orbit, the best constant so far
and the proofs.

The coefficients of M come from Taylor arithmetic in balls (:class:`~derive.difference.near_point.germ.Germ`), those of
maps that are known by a series from that series; where neither applies, from the exact expansion.  Root of the chart,
order of contact and class are always exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.difference.formal.sparse_abel import Body
from derive.difference.near_point.germ import Germ
from derive.difference.near_point.germ_series import series_context
from derive.difference.near_point.headed import HeadedFunction, has_heads
from derive.difference.near_point.local_map import LocalMap
from derive.difference.near_point.series_function import SeriesFunction
from derive.difference.near_point.small_variable import SmallVariable
from derive.difference.orbits.abel_constant import Constant, abel_constant
from derive.difference.orbits.numeric_map import NumericMap
from derive.difference.orbits.orbit import Orbit
from derive.difference.orbits.steps import step_of_expression, step_of_series
from derive.difference.proofs.certified import Proof, prove_constant
from derive.difference.proofs.disc import Disc, find_disc
from derive.difference.proofs.enclosure import Hopeless
from derive.difference.proofs.remainder import Remainder
from derive.difference.remembered import Remembered
from derive.difference.series import powerseries as ps
from derive.difference.series.magnitude import log10_size
from derive.errors import UnsupportedError

__all__ = ["Numbers", "germ_maker", "numbers_of"]

_KEPT = 64
_EXPENSIVE = 3000.0
_remembered = Remembered(_KEPT)


@dataclass
class Numbers:
    """One map at exact parameter values; ``certain`` says whether its steps are rigorous balls."""

    what: NumericMap
    germ: Callable[[int], Germ]
    function: sp.Expr | SeriesFunction | HeadedFunction
    certain: bool
    orbits: Remembered = field(default_factory=Remembered)
    constants: Remembered = field(default_factory=Remembered)
    proofs: Remembered = field(default_factory=Remembered)
    summands: Remembered = field(default_factory=Remembered)
    _discs: dict[int, Disc] = field(default_factory=dict)
    _truncated: dict[int, NumericMap] = field(default_factory=dict)
    _bounds: dict[tuple[int, int], Any] = field(default_factory=dict)

    def orbit(self, start: sp.Expr) -> Orbit:
        """The orbit of an exact start."""
        return self.orbits.get_or_make(start, lambda: Orbit(self.what, start))

    def constant(self, start: sp.Expr, target: float) -> Constant:
        """The constant with an estimated absolute error below 10**-target.

        What is remembered depends on the start and the digits alone, not on what was asked before: results are the
        same in every session.
        """
        digits = math.ceil(target)
        return self.constants.get_or_make(
            (start, digits), lambda: abel_constant(self.what, self.orbit(start), float(digits))
        )

    def proof(self, start: sp.Expr, target: float) -> Proof:
        """An enclosure of the constant with radius below 10**-target."""
        digits = math.ceil(target)
        return self.proofs.get_or_make((start, digits), lambda: prove_constant(self, self.orbit(start), float(digits)))

    def truncated(self, order: int) -> NumericMap:
        """The map cut to the terms that ``germ(order)`` keeps, where it is known by its series; else the map."""
        if isinstance(self.function, sp.Expr):
            return self.what
        if order not in self._truncated:
            w, germ = self.what, self.germ(order)
            series = lambda n, bits: _from_germ(germ, w.chart, w.k, n, bits)  # noqa: E731
            self._truncated[order] = NumericMap(w.name, w.chart, w.k, w.step, series, w.cost, w.stride)
        return self._truncated[order]

    def terms_needed(self, log10_w: float, target: float) -> int:
        """How many orders of a map known by its series keep the remainder's part of the defect below 10**-target."""
        if isinstance(self.function, sp.Expr):
            return 0
        from derive.difference.series.magnitude import log10_upper
        from derive.numerics import to_arb

        least = -(-2 * self.what.k // self.what.chart.root) + 2
        sizes = {}
        for order in range(least, least + 400):
            bound, exponent, _ = self._remainder_terms(order, log10_w)
            power = self.what.chart.root * (1 - exponent) - 2 * self.what.k
            sizes[order] = log10_upper(to_arb(bound)) + float(power) * log10_w + 1
            if sizes[order] <= -target or (order > least + 12 and sizes[order] > sizes[order - 8] + 1):
                break
        return min(sizes, key=lambda order: (max(sizes[order], -target), order))

    def disc(self, order: int = 0) -> Disc:
        """A disc on which the map (or its series to the given order) is proved analytic."""
        if self.what.flat(1.0) is not None:
            raise Hopeless(f"{self.what.name} has exponentially small parts, so it is not analytic at the fixed point")
        if order not in self._discs:
            lead = self.what.multiplier(self.what.k, 128)[self.what.k]
            scale = 10 ** ((-0.5 - log10_size(lead)) / self.what.k)
            try:
                self._discs[order] = find_disc(self.germ(order), self.what.k, scale)
            except UnsupportedError as error:
                raise Hopeless(f"{self.what.name} could not be proved analytic: {error}") from error
        return self._discs[order]

    def remainder(self, order: int, log10_w: float) -> Remainder | None:
        """The remainder, from about w on, after the terms that ``germ(order)`` keeps; None for a map given exactly."""
        if isinstance(self.function, sp.Expr):
            return None
        disc = self.disc(order)
        bound, exponent, smallest = self._remainder_terms(order, log10_w)
        return Remainder(bound, exponent, smallest, disc.log_bound(disc.radius))

    def _remainder_terms(self, order: int, log10_w: float) -> Any:
        beyond = 0
        if isinstance(self.function, HeadedFunction):
            beyond = int(10 ** min(-log10_w * self.what.chart.root, 300.0) * 0.9)
        if (order, beyond) not in self._bounds:
            found: Any = None
            if isinstance(self.function, HeadedFunction):
                found = self.function.remainder(order, sp.Integer(beyond))
            elif isinstance(self.function, SeriesFunction) and self.function.remainder is not None:
                found = self.function.remainder(order)
            if found is None:
                raise Hopeless(
                    f"{self.what.name} is known by its series without a bound on the remainder; "
                    "give SeriesMap(remainder=...)"
                )
            self._bounds[order, beyond] = found
        return self._bounds[order, beyond]


def numbers_of(rec: Any, params: Mapping[Any, Any] | None = None, certain: bool = False, refine: int = 1) -> Numbers:
    """The numbers of a parabolic recurrence at the given parameter values (added to the recurrence's own).

    ``certain`` asks for rigorous steps; ``refine`` takes that root of the small variable, for functions that need it.
    """
    values = tuple(sorted(rec.values(params).items(), key=lambda row: str(row[0])))
    key = (rec.F, rec.x, rec.chart, values, certain, refine)
    return _remembered.get_or_make(key, lambda: _make(rec.numeric(params), certain, refine))


def _make(rec: Any, certain: bool, refine: int) -> Numbers:
    found = rec.classify()
    if found.kind != "parabolic" or found.attracting is False:
        raise found.refuse(f"no Abel function for {rec}")
    local = rec.local_map()
    k = local.contact()
    local.multiplier(k + 6 * local.chart.root)
    chart = SmallVariable(local.chart.point, local.chart.side, local.chart.root * refine)
    k *= refine
    function, expr = rec.F, rec.F
    if has_heads(expr, rec.x):
        function = HeadedFunction(expr, rec.x)
    germ = germ_maker(function, rec.x, chart)
    if isinstance(expr, SeriesFunction):
        step, cost = step_of_series(expr, certain), _EXPENSIVE
    else:
        step, cost = step_of_expression(expr, rec.x, certain)
    what = NumericMap(str(rec), chart, k, step, _series(germ, local, chart, k, function), cost)
    if isinstance(function, sp.Expr):
        what.body = lambda order, bits: _body_or_none(germ(0), chart, k, order, bits)
    what.stride = _stride(what)
    what.flat = lambda target: None if (limit := local.flat_limit(target)) is None else limit / refine
    return Numbers(what, germ, function, certain)


def _stride(what: NumericMap) -> int:
    """The gcd of the exponents present in the first coefficients, some whole powers of x among them."""
    return int(sp.igcd(what.k, *what.support(max(4 * what.k + 12, 4 * what.chart.root))))


def germ_maker(function: Any, x: sp.Symbol, chart: SmallVariable) -> Callable[[int], Germ]:
    """``order -> Germ``: of the map itself, or of its series complete through x**(1 - order/root)."""
    made: dict[int, Germ] = {}

    def make(order: int) -> Germ:
        order = 0 if isinstance(function, sp.Expr) else order
        if order not in made and isinstance(function, HeadedFunction):
            made[order] = function.germ(order, chart)
        if order not in made:
            expr = function if order == 0 else function.terms(order).xreplace({function.variable: x})
            made[order] = Germ(expr, x, chart)
        return made[order]

    return make


def _series(
    germ: Callable[[int], Germ], local: LocalMap, chart: SmallVariable, k: int, function: Any
) -> Callable[[int, int], list[Any]]:
    """The function ``(order, bits) -> coefficients of M``."""
    exact = False

    def series(order: int, bits: int) -> list[Any]:
        nonlocal exact
        if not exact:
            try:
                return _from_germ(germ(_terms_for(order, chart)), chart, k, order, bits)
            except UnsupportedError:
                exact = True
        return _from_exact(local, chart, order, bits)

    return series


def _terms_for(order: int, chart: SmallVariable) -> int:
    """The order of a series function that fixes M through w**order."""
    return -(-order // chart.root) + (0 if chart.at_infinity else 1) + 1


def _body_or_none(germ: Germ, chart: SmallVariable, k: int, order: int, bits: int) -> Body | None:
    """(x' - x_*)/(x - x_*), the power of M that has the terms of the map; None where Taylor arithmetic has none."""
    from flint import ctx

    try:
        start, rows = germ.taylor(order + chart.power, bits)
    except UnsupportedError:
        return None
    rows = rows[chart.power - start :][: order + 1]
    with ctx.workprec(bits):
        rows = rows if chart.side > 0 else [-c for c in rows]
    found = [1, *(0 if i < k or c.is_zero() else c for i, c in enumerate(rows[1:], start=1))]
    return Body(found, Fraction(-1 if chart.at_infinity else 1, chart.root))


def _from_germ(germ: Germ, chart: SmallVariable, k: int, order: int, bits: int) -> list[Any]:
    from flint import arb, arb_series

    start, rows = germ.taylor(order + chart.power, bits)
    with series_context(order + 1, bits):
        body = arb_series(rows[chart.power - start :][: order + 1], prec=order + 1) * chart.side
        root = arb(-1 if chart.at_infinity else 1) / chart.root
        if chart.at_infinity and chart.root == 1:
            body = body.inv()
        elif root != 1:
            body = (body.log() * root).exp()
        found = body.coeffs()
    found += [arb(0)] * (order + 1 - len(found))
    return [1, *(0 if i < k or c.is_zero() else c for i, c in enumerate(found[1:], start=1))]


def _from_exact(local: LocalMap, chart: SmallVariable, order: int, bits: int) -> list[Any]:
    """The coefficients of M from the exact ones; ``chart`` may take a finer root of the small variable than they do."""
    from flint import ctx

    found, finer = local.multiplier(0), chart.root // local.chart.root
    if finer * local.chart.root == chart.root:
        found = local.multiplier(-(-order // finer))
    if local.chart.root * finer != chart.root:
        raise UnsupportedError(
            f"the map has terms in the distance to the power 1/{local.chart.root}, which its first terms do not show; "
            "give it exactly"
        )
    with ctx.workprec(bits):
        values = local.table.values()
        rows = [c if isinstance(c, int) else local.table.number(c, values) for c in found.coefficients]
        if finer == 1:
            return rows
        spread: list[Any] = [0] * (finer * len(rows))
        spread[::finer] = rows
        return ps.power(spread, Fraction(1, finer), order + 1)
