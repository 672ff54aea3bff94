r"""One recurrence x_{n+1} = F(x_n) at a fixed point: its class, its expansion, its numbers.

:class:`Recurrence` is the front of the room.  It holds F as it was given, works out the class once, and hands the work
to the solver of that class; the parabolic one is :mod:`derive.difference.expansion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import Any

import sympy as sp

from derive.difference.arguments import bits_of, checked_terms, given_mapping
from derive.difference.formal.abel import AbelSeries, abel
from derive.difference.formal.classification import Classification, classify
from derive.difference.near_point.local_map import LocalMap
from derive.difference.near_point.series_function import SeriesFunction, as_expression, chart_of
from derive.errors import DomainError, InputError, UnsupportedError
from derive.numerics.exact import exact_number, positive_integer, whole_number

__all__ = ["Recurrence", "bind_parameters"]

_HIGHEST_ORDER = 1000  # of a series that is written out

_SOLVERS = {  # kind: (module, function), imported when first needed
    "parabolic": ("derive.difference.expansion", "solve_parabolic"),
    "hyperbolic": ("derive.difference.classes.schroeder", "solve_hyperbolic"),
    "exponential": ("derive.difference.classes.schroeder", "solve_hyperbolic"),
    "superattracting": ("derive.difference.classes.boettcher", "solve_superattracting"),
    "alternating": ("derive.difference.classes.alternating", "solve_alternating"),
    "non_autonomous": ("derive.difference.classes.nonautonomous", "solve_nonautonomous"),
    "symbolic_powers": ("derive.difference.classes.symbolic_exponents", "solve_symbolic_powers"),
}


class Recurrence:
    r"""The recurrence :math:`x_{n+1} = F(x_n)` near a fixed point, approached from one side.

    ``x`` is a SymPy symbol, ``F`` an expression in it (or text, read by :func:`derive.parsing.parse`), or a
    :class:`~derive.difference.near_point.series_function.SeriesMap` known by its series.  ``point`` is the fixed point,
    infinity by default; ``side`` says from which side a finite one is approached (``"+"``: x > point).  Other symbols
    are parameters; declare them positive where roots of them or their signs matter.  ``params`` gives them exact values
    for digits; expansions stay symbolic.  ``index`` names a symbol that stands for n inside F (non-autonomous maps).

    >>> x = sp.Symbol("x", positive=True)
    >>> Recurrence(x, x + 1 / x).classify().order
    2
    >>> Recurrence(x, sp.sin(x), point=0).asymptotics(terms=1)
    sqrt(3)/sqrt(n) + O(log(1/n)/n**(3/2), (n, oo))
    """

    def __init__(
        self,
        x: sp.Symbol | str,
        F: Any,
        point: Any = sp.oo,
        side: str = "+",
        index: sp.Symbol | None = None,
        params: Mapping[Any, Any] | None = None,
    ) -> None:
        self.x = _symbol(x, "x")
        self.F = F if isinstance(F, SeriesFunction) else as_expression(F, "F", self.x)
        self.index = None if index is None else _symbol(index, "index")
        self.chart = chart_of(point, side)
        self.point, self.side = self.chart.point, side
        self.params: Mapping[sp.Symbol, sp.Expr] = MappingProxyType({})
        self.params = MappingProxyType(self.values(params))
        if isinstance(self.F, sp.Expr) and not self.F.has(self.x):
            raise InputError(f"F = {self.F} does not contain the variable {self.x}")

    # symbolic

    def classify(self) -> Classification:
        """The class of the map: ``.kind .order .leading .attracting .reason .conditions .resonances``."""
        return self._class

    @cached_property
    def _class(self) -> Classification:
        if self.index is not None:
            reason = f"F depends on the index {self.index}"
            return Classification("non_autonomous", sp.nan, sp.nan, None, reason)
        return classify(self._local)

    @cached_property
    def _local(self) -> LocalMap:
        return LocalMap(self.F, self.x, self.chart)

    def local_map(self) -> LocalMap:
        """The map in the small variable, w' = w M(w), with exact symbolic coefficients (computed as far as asked)."""
        return self._local.copy()

    def asymptotics(self, terms: int = 8, **options: Any) -> Any:
        """The expansion of x_n for n -> oo with ``terms`` nonzero powers of the small scale.

        Returns an :class:`~derive.difference.expansion.Expansion` (parabolic class) or the expansion object of the
        class found.  Raises :class:`~derive.errors.UnsupportedError` naming the class where none applies.
        """
        terms, found = checked_terms(terms), self.classify()
        if found.attracting is False or found.kind not in _SOLVERS:
            raise found.refuse(f"no expansion of the orbits of {self}")
        return _solver(found)(self, terms=terms, **options)

    def series_coefficients(self, order: int) -> list[sp.Expr]:
        """The coefficients of M = 1 + M_k w^k + ... through w^order (parabolic class); see ``local_map`` for w."""
        local, order = self.local_map(), whole_number(order, "order", _HIGHEST_ORDER)
        return [local.table.expr(c) for c in local.multiplier(order).coefficients]

    # numeric

    def numeric(self, params: Mapping[Any, Any] | None = None) -> Recurrence:
        """The same recurrence with every parameter replaced by its exact value."""
        values = self.values(params)
        unknown = self.parameters - set(values)
        if unknown:
            names = ", ".join(sorted(s.name for s in unknown))
            raise InputError(f"digits need a value for {names}; give params={{symbol: value}}")
        if isinstance(self.F, SeriesFunction):
            return Recurrence(self.x, bind_parameters(self.F, values), self.point_given.subs(values), self.side)
        return Recurrence(self.x, self.F.subs(values), self.point_given.subs(values), self.side, self.index)

    def values(self, params: Mapping[Any, Any] | None = None) -> dict[sp.Symbol, sp.Expr]:
        """The exact values of parameters: the recurrence's own, overridden by ``params`` (keys: symbols or names)."""
        out = dict(self.params)
        for key, value in given_mapping(params, "params").items():
            symbol = _symbol(key, "the key of params")
            if isinstance(key, str):
                symbol = next((s for s in self.parameters if s.name == key), symbol)
            if symbol == self.x:
                raise InputError(f"params gives a value to {symbol}, the variable of the recurrence; give it as x0")
            out[symbol] = exact_number(value, symbol.name)
        return out

    @property
    def expression(self) -> sp.Expr:
        """F as an expression; UnsupportedError where it is known by its series only."""
        if isinstance(self.F, SeriesFunction):
            raise UnsupportedError(f"{self} is known by its series only; give F as an expression for this")
        return self.F

    @property
    def parameters(self) -> set[sp.Symbol]:
        """The symbols in F and the point that are neither the variable nor the index."""
        expr = self.F.terms(2) if isinstance(self.F, SeriesFunction) else self.F
        own = {self.x, self.index, getattr(self.F, "variable", self.x)}
        return (expr.free_symbols | self.point.free_symbols) - own

    @property
    def point_given(self) -> sp.Expr:
        """The fixed point with the sign of infinity."""
        return sp.oo * self.chart.side if self.chart.at_infinity else self.point

    def numeric_abel(self, order: int, params: Mapping[Any, Any] | None = None, bits: int = 128) -> AbelSeries:
        """The Abel series through w^order with coefficients as balls, from exact coefficients of the map."""
        from flint import ctx

        order, bits, local = (
            whole_number(order, "order", _HIGHEST_ORDER),
            bits_of(bits),
            self.numeric(params).local_map(),
        )
        k = local.contact()
        m = local.multiplier(order + 2 * k)
        with ctx.workprec(bits):
            values = local.table.values()
            return abel([c if isinstance(c, int) else local.table.number(c, values) for c in m.coefficients], order)

    def map_value(self, x: Any, digits: int = 30, params: Mapping[Any, Any] | None = None) -> Any:
        """F(x) in mpmath with about ``digits`` digits."""
        values, digits = self.values(params), positive_integer(digits, "digits")
        if isinstance(self.F, SeriesFunction):
            if self.F.value is None:
                raise UnsupportedError("the map is known by its series only; give SeriesMap(value=...) for digits")
            return self.F.value(x, digits, values)
        import mpmath

        from derive.numerics import compile_mp, to_mpf

        with mpmath.mp.workdps(digits + 10):
            x = x if isinstance(x, (mpmath.mpf, mpmath.mpc)) else to_mpf(exact_number(x, self.x.name))
            try:
                return compile_mp(self.F.subs(values), [self.x])(x)
            except ZeroDivisionError:
                raise DomainError(f"F = {self.F} has no value at {self.x} = {mpmath.nstr(x, 15)}") from None

    def map_ball(self, x: Any, bits: int = 128, params: Mapping[Any, Any] | None = None) -> Any:
        """F on a real (``arb``) or complex (``acb``) ball at ``bits`` of working precision."""
        values, bits = self.values(params), bits_of(bits)
        if isinstance(self.F, SeriesFunction):
            if self.F.ball is None:
                raise UnsupportedError("the map is known by its series only; give SeriesMap(ball=...) for enclosures")
            return self.F.ball(x, bits, values)
        from flint import acb, arb, ctx

        from derive.numerics import compile_ball, to_arb

        with ctx.workprec(bits):
            x = x if isinstance(x, (arb, acb)) else to_arb(exact_number(x, self.x.name))
            return compile_ball(self.F.subs(values), [self.x])(x)

    # identity and display

    def _key(self) -> tuple[Any, ...]:
        return self.x, self.F, self.chart, self.side, self.index, tuple(sorted(self.params.items(), key=str))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recurrence) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        body = self.F.terms(1) if isinstance(self.F, SeriesFunction) else self.F
        tail = " + ..." if isinstance(self.F, SeriesFunction) else ""
        where = "" if self.chart.at_infinity else f", side {self.side}"
        return f"{self.x} -> {body}{tail} at {self.point_given}{where}"

    def _repr_latex_(self) -> str:
        body = self.F.terms(1) if isinstance(self.F, SeriesFunction) else self.F
        tail = r" + \cdots" if isinstance(self.F, SeriesFunction) else ""
        return rf"${sp.latex(self.x)} \mapsto {sp.latex(body)}{tail}$"


def _solver(found: Classification) -> Any:
    module, function = _SOLVERS[found.kind]
    try:
        return getattr(import_module(module), function)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise found.refuse("no solver for this class is installed") from None


def _symbol(value: Any, name: str) -> sp.Symbol:
    if isinstance(value, str):
        from derive.parsing import parse

        value = parse(value)
    if not isinstance(value, sp.Symbol):
        raise InputError(f"{name} = {value!r} is not a symbol; give sp.Symbol('x') or a plain name")
    return value


def bind_parameters(F: SeriesFunction, values: Mapping[sp.Symbol, sp.Expr]) -> SeriesFunction:
    """A series function with its parameters replaced, digits, balls and remainder included."""

    def bound(evaluate: Any) -> Any:
        if evaluate is None:
            return None
        return lambda x, precision, params: evaluate(x, precision, {**values, **params})

    remainder = F.remainder
    fixed = None
    if remainder is not None:

        def fixed(order: int) -> Any:
            found = remainder(order)
            return None if found is None else tuple(sp.sympify(part, strict=True).subs(values) for part in found)

    return type(F)(
        F.variable,
        lambda order: F.terms(order).subs(values),
        bound(F.value),
        bound(F.ball),
        bound(F.derivative_ball),
        fixed,
    )
