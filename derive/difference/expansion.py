r"""The expansion of x_n for n -> oo, with its constant, its error term, and what is derived from it.

An :class:`Expansion` is the finite sum

.. math:: x_n = x_* + \sum_i P_i(Y)\, \theta^{e_i}, \qquad \theta = (n/a)^{-1/k}, \qquad
          Y = c + \tfrac{b}{k} \log (n/a),

with polynomials :math:`P_i`; :math:`a = a_{-k}` and b are the leading and the logarithmic coefficient of the Abel
function, and :math:`c = A(x_0)` is the one free constant.  ``shifted`` prints it in Y, ``expr`` in n and log n.  Two
more terms than asked are computed: the larger of them estimates the error.

Sums along the orbit have the same form with one more constant and perhaps a term in :math:`\log\theta`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import comb
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_terms
from derive.difference.formal.abel import LogSeries
from derive.difference.formal.formal import FormalOrbit, FormalRow, Solved
from derive.difference.frame import Frame, Framed, frame_symbols, with_error
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.recurrence import Recurrence
from derive.errors import InputError, UnsupportedError

__all__ = ["Expansion", "fresh_orbit", "observed", "solve_parabolic"]


@dataclass(frozen=True)
class Expansion(Framed):
    """An asymptotic expansion along the orbits of a parabolic recurrence; see the module docstring.

    ``rows`` are the powers of theta with their polynomials in Y, two more than ``asked`` where they exist; ``reach`` is
    the largest exponent of theta that was computed.  ``offset`` is the fixed point, ``log_theta`` the coefficient of
    log theta and ``constant`` the extra constant of a sum along the orbit, ``image`` the function of the state that is
    expanded (None for the state itself; the summand for a sum), ``by`` a shift of the index.
    """

    recurrence: Recurrence
    frame: Frame
    rows: tuple[FormalRow, ...]
    asked: int
    reach: int
    abel: sp.Expr
    offset: sp.Expr = sp.S.Zero
    log_theta: sp.Expr = sp.S.Zero
    constant: sp.Symbol | None = None
    image: Any = None
    by: sp.Expr = sp.S.Zero
    orbit: FormalOrbit | None = field(default=None, repr=False, compare=False)

    # pieces

    @property
    def Y(self) -> sp.Symbol:
        """The symbol of the variable that carries the constant and the logarithms."""
        return self.frame.Y

    @property
    def Y_value(self) -> sp.Expr:
        """What Y stands for: c + (b/k) log(n/a)."""
        return self.frame.Y_value

    @property
    def theta(self) -> sp.Expr:
        """The small scale, (n/a)^(-1/k)."""
        return self.frame.theta

    @cached_property
    def shifted_terms(self) -> list[sp.Expr]:
        """The terms asked for, in n and Y."""
        return [self.frame.shifted(r.exponent, r.coefficients) for r in self.rows[: self.asked]]

    @cached_property
    def terms(self) -> list[sp.Expr]:
        """The terms asked for, each a sum of n^a (log n)^b; the fixed point is not among them."""
        return [self.frame.classical(r.exponent, r.coefficients) for r in self.rows[: self.asked]]

    @cached_property
    def omitted(self) -> list[sp.Expr]:
        """The next two nonzero terms, computed but not asked for: the larger estimates the error."""
        return [self.frame.classical(r.exponent, r.coefficients) for r in self.rows[self.asked : self.asked + 2]]

    @property
    def head(self) -> sp.Expr:
        """What stands outside the powers of theta: the fixed point, a term in log theta, the constant of a sum."""
        logs = [self.log_theta * t for t in sp.Add.make_args(sp.expand_mul(self.frame.log_theta))]
        return sp.Add(self.offset, *logs, self.constant or 0)

    @cached_property
    def shifted(self) -> sp.Expr:
        """The expansion in n and Y."""
        return sp.Add(self.head, *self.shifted_terms)

    @cached_property
    def expr(self) -> sp.Expr:
        """The expansion in n, log n and c."""
        return sp.Add(self.head, *self.terms)

    @cached_property
    def error(self) -> sp.Expr:
        """The O-term: of the first omitted nonzero term (of the next power of theta where none was found)."""
        if len(self.rows) <= self.asked:
            return self.frame.order(self.reach + 1, 0)
        row = self.rows[self.asked]
        return self.frame.order(row.exponent, row.degree if self.frame.log_coefficient != 0 else 0)

    # derived expansions

    def affine(self, scale: Any, offset: Any = 0) -> Expansion:
        """The expansion of ``scale * x_n + offset``."""
        if self.constant is not None:
            raise InputError("this is a sum along the orbit: scale its summand instead")
        scale, offset = self._parameter(scale, "scale"), self._parameter(offset, "offset")
        if scale == 0:
            raise InputError("scale = 0 leaves nothing to expand")
        rows = tuple(FormalRow(r.exponent, tuple(scale * p for p in r.coefficients)) for r in self.rows)
        shifted = sp.expand(scale * self.offset + offset)
        image = scale * self._image() + offset
        return replace(self, rows=rows, offset=shifted, log_theta=scale * self.log_theta, image=image)

    def shift_index(self, by: Any) -> Expansion:
        """The expansion at index n + by, with the same constant c = A(x_0)."""
        by = self._parameter(by, "by")
        rows = tuple(FormalRow(r.exponent, _taylor_shift(r.coefficients, by)) for r in self.rows)
        return replace(self, rows=rows, by=self.by + by)

    def apply(self, function: Any, terms: int | None = None) -> Expansion:
        """The expansion of ``function(x_n)``, an expression (or text, or a SeriesFunction) in the state."""
        if self.constant is not None or self.image is not None or self.by != 0:
            raise InputError("apply functions to the expansion of the state itself, then shift or scale")
        if not isinstance(function, SeriesFunction):
            function = as_expression(function, "function", self.recurrence.x)
            if not function.has(self.recurrence.x):
                raise InputError(f"{function} does not contain the state {self.recurrence.x}")
        orbit = fresh_orbit(self.recurrence)
        orbit.prepare(function)
        start = orbit.first_exponent(function)
        found = observed(
            self.recurrence,
            orbit,
            lambda order, _: orbit.expand(function, order),
            start,
            self.asked if terms is None else checked_terms(terms),
            self.frame,
        )
        return replace(found, image=function)

    def sum(self, g: Any, terms: int | None = None) -> Expansion:
        """The sum of g(x_i) over i = 0 .. n-1, with its own constant; see :mod:`derive.difference.orbit_sums`."""
        from derive.difference.orbit_sums import orbit_sum

        return orbit_sum(self, g, self.asked if terms is None else checked_terms(terms))

    def product(self, g: Any, terms: int | None = None) -> Any:
        """The product of g(x_i) over i = 0 .. n-1; see :mod:`derive.difference.orbit_sums`."""
        from derive.difference.orbit_sums import orbit_product

        return orbit_product(self, g, self.asked if terms is None else checked_terms(terms))

    def _image(self) -> Any:
        if isinstance(self.image, SeriesFunction):
            raise UnsupportedError("the image under a SeriesFunction cannot be scaled; scale the function instead")
        return self.recurrence.x if self.image is None else self.image

    def _parameter(self, value: Any, name: str) -> sp.Expr:
        expr = as_expression(value, name)
        for symbol in (self.n, self.recurrence.x):
            if symbol in expr.free_symbols:
                raise InputError(f"{name} = {expr} must not depend on {symbol}")
        return expr

    # numbers

    def constant_value(
        self, x0: Any, digits: int = 50, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """The constant c = A(x0); see :func:`derive.difference.digits.constants.constant_value`."""
        from derive.difference.digits.constants import constant_value

        return constant_value(self.recurrence, x0, digits=digits, certified=certified, params=params)

    def at(
        self, n: Any, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
    ) -> Any:
        """The value at index n for the start x0 (index 0), n of any size; a float64 array for an array of starts.

        Not a sum of the expansion: see :func:`derive.difference.digits.depth.value_at`, and
        :func:`derive.difference.orbit_sums.sum_at` for sums along the orbit.
        """
        from derive.difference.digits.values import value_of

        return value_of(self, n, x0, digits, certified, params)

    def evaluate(
        self, n: Any, c: Any, digits: int = 15, params: Mapping[Any, Any] | None = None, terms: int | None = None
    ) -> tuple[Any, Any]:
        """``(value, error estimate)`` of the truncated expansion for a given constant c, as mpmath numbers.

        The estimate is the larger of the next two terms in absolute value; it is an estimate, not a bound.  ``terms``
        sums fewer terms than were asked for.
        """
        from derive.difference.digits.values import evaluate_expansion

        return evaluate_expansion(self, n, c, digits, params, terms)

    def verify(self, params: Mapping[Any, Any] | None = None) -> Any:
        """Measure the decay order of the defect and compare it with the claimed one; see :mod:`.verify`."""
        from derive.difference.verify import verify_expansion

        return verify_expansion(self, params)

    # files and display

    def save(self, path: Any) -> None:
        """Write the expansion to a JSON file (:mod:`derive.difference.storage`)."""
        from derive.difference.storage import save_expansion

        save_expansion(self, path)

    @staticmethod
    def load(path: Any) -> Expansion:
        """Read an expansion written by :meth:`save`."""
        from derive.difference.storage import load_expansion

        return load_expansion(path)

    def __repr__(self) -> str:
        return with_error(str(self.expr), self.error)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {with_error(sp.latex(self.expr), self.error, sp.latex)}$"


def solve_parabolic(recurrence: Recurrence, terms: int) -> Expansion:
    """The expansion of the orbits of a parabolic recurrence."""
    orbit = fresh_orbit(recurrence)
    chart = orbit.local.chart
    found = observed(recurrence, orbit, lambda order, _: orbit.state(order), chart.power, terms)
    return found if chart.at_infinity else replace(found, offset=chart.point)


def fresh_orbit(recurrence: Recurrence) -> FormalOrbit:
    """A formal orbit with a table of its own."""
    return FormalOrbit(recurrence.local_map())


def observed(
    recurrence: Recurrence,
    orbit: FormalOrbit,
    series: Callable[[int, Solved], LogSeries],
    start: int,
    terms: int,
    frame: Frame | None = None,
    constant: sp.Symbol | None = None,
) -> Expansion:
    """The expansion of a series in w along the orbit; ``frame`` lends its symbols."""
    rows, log_theta, reach = orbit.rows(series, start, terms + 2)
    last = rows[min(terms, len(rows)) - 1].exponent if rows else start
    solved = orbit.solve(max(last - start, 2 * orbit.k))
    n, c, Y = (frame.n, frame.c, frame.Y) if frame else frame_symbols(recurrence.parameters | {recurrence.x})
    table = orbit.table
    found = Frame(n, c, Y, orbit.k, table.expr(solved.abel.coefficients[0]), table.expr(solved.abel.log))
    abel = _in_state(orbit, solved.abel.truncate(max(last - start - orbit.k, 0)), recurrence.x)
    return Expansion(recurrence, found, tuple(rows), terms, reach, abel, sp.S.Zero, log_theta, constant, orbit=orbit)


def _taylor_shift(p: tuple[sp.Expr, ...], by: sp.Expr) -> tuple[sp.Expr, ...]:
    """The coefficients of p(Y + by)."""
    return tuple(
        sp.expand(sp.Add(*(p[j] * comb(j, i) * by ** (j - i) for j in range(i, len(p))))) for i in range(len(p))
    )


def _in_state(orbit: FormalOrbit, series: LogSeries, x: sp.Symbol) -> sp.Expr:
    """A series in w as an expression in the state."""
    chart, table = orbit.local.chart, orbit.table
    gap = chart.side * x if chart.at_infinity else chart.side * (x - chart.point)
    power = sp.Rational(1, chart.power)
    rows = [table.expr(a) * gap ** (power * (series.start + i)) for i, a in enumerate(series.coefficients) if a != 0]
    log = table.expr(series.log) * power * sp.log(gap) if series.log != 0 else 0
    return sp.Add(*rows, log)
