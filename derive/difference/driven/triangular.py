r"""A second state driven by a parabolic recurrence, as a transseries.

For :math:`x_{n+1} = F(x_n)` parabolic and :math:`\eta_{n+1} = \sum_j m_j(x_n)\,\eta_n^j` with :math:`\eta \to 0`,

.. math:: \eta = \sum_{i \ge 0} E_i(x)\,(C h(x))^i, \qquad E_1 = 1,

where :math:`E_0` is the forced solution, h solves the equation linearised along :math:`E_0`, and C is the one free
constant (:mod:`derive.difference.driven.fibre` has the equations).  In the ordinary case
:math:`h \sim x^{-r\delta}`-like, a power of n; where :math:`m_1 - 1` starts below the driver's own order h is a
stretched exponential, and where
:math:`m_1(\infty) = \mu \ne 1` it is :math:`\mu^n` times a power.

:func:`triangular` is for equations given by their coefficients; :func:`solve_state` expands an explicit map around its
limit first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_terms, interval_ends
from derive.difference.driven.formal_fibre import FormalFibre, Function
from derive.difference.driven.transseries import ExponentRange, Transseries
from derive.difference.driven.triangular_numbers import Rescaled, TriangularNumbers
from derive.difference.driven.written_terms import assemble
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.errors import InputError, UnsupportedError

__all__ = ["driver_of", "triangular"]


def triangular(
    driver: Any,
    coefficients: Sequence[Any] | Callable[[int], Function | None],
    *,
    terms: int = 5,
    interval: Any = None,
    state: sp.Symbol | None = None,
    limit: Any = 0,
    step: Callable[..., tuple[Any, Any]] | None = None,
    numbers: Callable[..., Sequence[Mapping[Any, Any]]] | None = None,
    step_cost: float = 1e-4,
    counts: bool = False,
    front: tuple[sp.Rational, sp.Expr] | None = None,
    also: Function | None = None,
) -> Transseries:
    r"""The transseries of the state ``e = limit + eta`` with :math:`\eta' = \sum_j m_j(x)\,\eta^j`.

    ``driver`` is a parabolic Recurrence (or its Expansion); ``coefficients`` lists m_0 (forcing, 0 if there is none),
    m_1, m_2, ... as expressions in the driver's variable or SeriesFunctions, or is a function ``j -> m_j`` (``None``
    where the list ends).  ``terms`` counts the sizes in n (where h is smaller than any power of n: the terms of the
    forced part and of the part linear in C, each).  ``interval`` is the open interval ``(low, high)`` of the exponent
    delta in :math:`C n^{-\delta}`, or ``{symbol: (low, high)}`` for the one parameter it depends on; it is needed where
    delta is symbolic.

    Digits (``amplitude``, ``at``) need the maps themselves: ``step(x, eta, digits, params)`` returns both new states
    as ``mpf``; without it the coefficients are taken to be the exact map, which a finite list is.
    ``numbers(powers, order, bits, params)`` may return the coefficients as numbers, a list of dictionaries
    ``{exponent of x: arb or mpf}`` for m_0, ..., m_powers, each complete for exponents above -order; without it they
    come from the exact expressions.  ``step_cost`` is about what one step takes in seconds (planning only).
    ``counts`` says that the driver is the index itself (x_n = n exactly), so that its constant c is 0.
    ``front = (power, leading)`` says that the state is ``limit + u**power*(leading + eta)`` with u the distance of the
    driver from its point (1/x at infinity).  ``also`` is a function that shows which roots of x occur, where m_0, m_1
    and m_2 do not.

    Raises UnsupportedError where the state does not settle (delta <= 0 with a nonlinear equation), where the
    nonlinearity rules the approach, or where the interval does not decide the order of the terms (naming the points
    at which to split it).

    >>> x = sp.Symbol("x", positive=True)
    >>> triangular(Recurrence(x, x + 1), [1 / x**2, 1 - sp.Rational(1, 2) / x, 1 / x], terms=1)
    C/sqrt(n) + O(1/n, (n, oo))
    """
    recurrence = driver_of(driver)
    coefficient, count = _coefficient(coefficients, recurrence.x)
    formal = FormalFibre(recurrence, coefficient, counts, front, also)
    base, terms = as_expression(limit, "limit"), checked_terms(terms)
    linear = coefficient(2) is None
    delta = _homogeneous(formal)
    symbols = _symbols(recurrence, base, state)
    span = _span(delta, interval)
    _refuse_unstable(formal, span, linear)
    if step is None and count is not None:
        step = _polynomial_step(recurrence, [coefficient(j) for j in range(count)])
    engine: TriangularNumbers | Rescaled | None = None
    if step is not None:
        own = base if front is None else front[1]
        plain = TriangularNumbers(recurrence, coefficient, step, numbers, own, linear, step_cost, also)
        engine = plain if front is None else Rescaled(plain, formal.distance ** front[0], base)
    return assemble(formal, span, terms, symbols, base, engine)


def driver_of(driver: Any) -> Recurrence:
    """The parabolic recurrence behind a driver, given as itself or by its expansion."""
    recurrence = getattr(driver, "recurrence", driver)
    if not isinstance(recurrence, Recurrence):
        raise InputError(f"the driver {driver!r} is not a Recurrence")
    found = recurrence.classify()
    if found.kind != "parabolic" or found.attracting is False:
        raise found.refuse(f"{recurrence} cannot drive a transseries")
    return recurrence


def _coefficient(given: Any, x: sp.Symbol) -> tuple[Callable[[int], Function | None], int | None]:
    """The coefficients as a function of j, and how many there are if the list is finite."""
    if callable(given):
        return given, None
    if not isinstance(given, (list, tuple)):
        raise InputError(f"coefficients = {given!r} must list m_0, m_1, ..., or be a function of j")
    rows = [c if isinstance(c, SeriesFunction) else as_expression(c, "coefficient") for c in given]
    if len(rows) < 2:
        raise InputError("give at least the forcing m_0 (0 if there is none) and m_1")
    while len(rows) > 2 and rows[-1] == 0:
        rows.pop()
    return (lambda j: rows[j] if j < len(rows) else None), len(rows)


def _polynomial_step(recurrence: Recurrence, rows: list[Function | None]) -> Callable[..., tuple[Any, Any]] | None:
    """Both maps from the coefficients themselves; None where one of them has no digits."""
    functions = [recurrence.F, *rows]
    if any(isinstance(f, SeriesFunction) and f.value is None for f in functions):
        return None

    def evaluate(function: Any, x: Any, digits: int, params: Mapping[sp.Symbol, Any]) -> Any:
        if isinstance(function, SeriesFunction) and function.value is not None:
            return function.value(x, digits, params)
        from derive.numerics import compile_mp

        return compile_mp(function.subs(params) if params else function, [recurrence.x])(x)

    def step(x: Any, eta: Any, digits: int, params: Mapping[sp.Symbol, Any]) -> tuple[Any, Any]:
        total = 0 * eta
        for row in reversed(rows):
            total = total * eta + evaluate(row, x, digits, params)
        return evaluate(recurrence.F, x, digits, params), total

    return step


def _homogeneous(formal: FormalFibre) -> sp.Expr:
    """delta, the exponent of the homogeneous solution."""
    try:
        fibre, _ = formal.solve([1, 1])
    except ZeroDivisionError:
        raise UnsupportedError(
            "the linear part tends to 0 along the orbit: deviations shrink faster than any geometric sequence, so that "
            "there is no amplitude; iterate from a nearby index instead, a few steps give every digit"
        ) from None
    return formal.table.expr(fibre.b) / formal.k


def _symbols(recurrence: Recurrence, base: sp.Expr, state: sp.Symbol | None) -> tuple[sp.Symbol, ...]:
    from derive.difference.frame import frame_symbols

    used = recurrence.parameters | base.free_symbols | {recurrence.x}
    n, c, _ = frame_symbols(used)
    taken = {s.name for s in used}
    name = "C"
    while name in taken:
        name += "_0"
    return n, c, sp.Symbol(name, real=True), state or sp.Symbol("e", real=True)


def _span(delta: sp.Expr, interval: Any) -> ExponentRange:
    """The range of delta, from what was declared or from its value."""
    if not delta.free_symbols:
        return ExponentRange(delta, delta, delta)
    if isinstance(interval, Mapping):
        (symbol, ends), *more = interval.items() or [(None, None)]
        if more or delta.free_symbols != {symbol} or sp.diff(delta, symbol, 2) != 0:
            raise InputError(f"the exponent is {delta}; declare interval=(low, high) for its own values instead")
        interval = sorted((delta.subs(symbol, e) for e in interval_ends(ends)), key=sp.N)
    if interval is None:
        raise InputError(
            f"the exponent {delta} is symbolic, so the order of the terms is open; declare interval=(low, high) for it"
        )
    low, high = interval_ends(interval)
    if not _sign(high - low) > 0:
        raise InputError(f"the interval ({low}, {high}) of the exponent {delta} is empty")
    return ExponentRange(delta, low, high)


def _sign(value: sp.Expr) -> int:
    from derive.numerics import sign_of

    if value.free_symbols:
        raise InputError(f"{value} must be a number; declare the interval with numbers")
    return sign_of(value)


def _refuse_unstable(formal: FormalFibre, span: ExponentRange, linear: bool) -> None:
    if linear:
        return
    fibre, _ = formal.solve([1, 1])
    if not ps.is_zero(fibre.mu - 1):
        factor = formal.table.expr(fibre.mu)
        if (1 - sp.Abs(factor)).is_negative:
            raise UnsupportedError(f"the state is multiplied by {factor} at each step, so it leaves its limit")
        return
    if fibre.start < 0:
        if formal.table.sign(fibre.g[0]) > 0:
            raise UnsupportedError("the state leaves its limit like a stretched exponential; take the other limit")
        return
    if not (_sign(span.low) > 0 or (_sign(span.low) == 0 and _sign(span.high) > 0)):
        raise UnsupportedError(
            f"the linear part decays like n**(-({span.value})) with exponent {span.low}: the state does not settle "
            "by its linear part, and the nonlinearity decides on a logarithmic or slower scale, which is not treated"
        )
