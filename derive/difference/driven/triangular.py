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

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from derive.difference.driven.formal_fibre import FormalFibre, Function, OrbitRows
from derive.difference.driven.transseries import ExponentRange, Term, Transseries, select_terms
from derive.difference.driven.triangular_numbers import Rescaled, TriangularNumbers
from derive.difference.near_point.series_function import SeriesFunction, as_expression
from derive.difference.recurrence import Recurrence
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W
from derive.difference.series.laurent import Element
from derive.errors import InputError, UnsupportedError

__all__ = ["triangular"]

_DEEPEST = 40
_ENDED = 6
Candidate = tuple[int, sp.Rational]


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
    recurrence = _driver(driver)
    coefficient, count = _coefficient(coefficients, recurrence.x)
    formal = FormalFibre(recurrence, coefficient, counts, front, also)
    base = as_expression(limit, "limit")
    linear = coefficient(2) is None
    delta = _homogeneous(formal)
    symbols = _symbols(recurrence, base, state)
    span = _span(delta, interval)
    _refuse_unstable(formal, span, linear)
    if step is None and count is not None:
        step = _polynomial_step(recurrence, [coefficient(j) for j in range(count)])
    engine = None
    if step is not None:
        own = base if front is None else front[1]
        engine = TriangularNumbers(recurrence, coefficient, step, numbers, own, linear, step_cost, also)
        if front is not None:
            engine = Rescaled(engine, formal.distance ** front[0], base)
    return _assemble(formal, span, terms, symbols, base, engine)


def _driver(driver: Any) -> Recurrence:
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
        if isinstance(function, SeriesFunction):
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
        (symbol, ends), *more = interval.items()
        if more or delta.free_symbols != {symbol} or sp.diff(delta, symbol, 2) != 0:
            raise InputError(f"the exponent is {delta}; declare interval=(low, high) for its own values instead")
        interval = sorted((delta.subs(symbol, as_expression(e, "interval")) for e in ends), key=sp.N)
    if interval is None:
        raise InputError(
            f"the exponent {delta} is symbolic, so the order of the terms is open; declare interval=(low, high) for it"
        )
    low, high = (as_expression(e, "interval") for e in interval)
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


def _assemble(
    formal: FormalFibre, span: ExponentRange, terms: int, symbols: tuple[sp.Symbol, ...], base: sp.Expr, engine: Any
) -> Transseries:
    n, c, C, state = symbols
    rows, kept, first, candidates, reach = _enough_rows(formal, span, terms)
    table, abel = formal.table, rows.solved.abel
    scale, log = table.expr(abel.coefficients[0]), table.expr(abel.log)
    along = {"Y": (0 if formal.counts else c) + log / formal.k * sp.log(n / scale), "T": -sp.log(n / scale) / formal.k}
    make_of = lambda rows, candidate: _term(formal, rows, candidate, span, scale, along)  # noqa: E731
    make = lambda m: make_of(rows, candidates[m])  # noqa: E731
    error = sp.Add(*(_order_term(make(m), n, C, _decay(formal, rows, scale, n)) for m in first[:1]))
    return Transseries(
        state,
        n,
        c,
        C,
        base,
        span.value,
        _decay(formal, rows, scale, n),
        tuple(make(m) for m in kept),
        error,
        _conditions(formal),
        tuple(rows.fibre.resonances),
        *_in_state(formal, rows),
        lambda: _further(formal, span, [candidates[m] for m in kept], reach, make_of),
        engine,
    )


def _enough_rows(
    formal: FormalFibre, span: ExponentRange, terms: int
) -> tuple[OrbitRows, list[int], list[int], list[Candidate], int]:
    """Rows that contain the terms asked for and the first omitted one; what is kept, that one, and the reach."""
    fibre, _ = formal.solve([1, 1])
    flat = fibre.start < 0 or not ps.is_zero(fibre.mu - 1)
    before, unchanged = None, 0
    for reach in range(2, _DEEPEST):
        rows = formal.along_orbit([reach, reach] if flat else _sizes(formal, span, reach))
        candidates = _candidates(formal, rows)
        unchanged = unchanged + 1 if candidates == before else 0
        before = candidates
        if unchanged > _ENDED + 2 * formal.k:  # nothing new for so long: the series has ended
            if flat:
                kept, first, _ = _select_by_power(candidates, terms, True)
            else:
                kept, first = select_terms(candidates, span, terms)
            break
        if flat:
            kept, first, enough = _select_by_power(candidates, terms, formal.coefficient(0) != 0)
        else:
            edge = reach / formal.k + float(_ahead(formal))
            inside = {m for m, (i, s) in enumerate(candidates) if float(s + i * span.high) <= edge}
            if len(inside) <= terms and reach < _DEEPEST - 1:
                continue
            kept, first = select_terms(candidates, span, terms)
            enough = bool(first) and set(kept) | set(first) <= inside
        if enough:
            break
    return rows, kept, first, candidates, reach


def _further(
    formal: FormalFibre, span: ExponentRange, kept: list[Candidate], reach: int, make: Callable[..., Term]
) -> list[Term]:
    """What follows the terms that were kept, one full power of the small scale further than they needed.

    A block of a small amplitude may be overtaken by a later term of another, so that the first omitted term alone says
    too little.
    """
    fibre, _ = formal.solve([1, 1])
    flat = fibre.start < 0 or not ps.is_zero(fibre.mu - 1)
    reach += max(formal.k, 2)
    rows = formal.along_orbit([reach, reach] if flat else _sizes(formal, span, reach))
    found = [c for c in _candidates(formal, rows) if c not in kept]
    if not flat:
        edge = reach / formal.k + float(_ahead(formal))
        found = [(i, s) for i, s in found if float(s + i * span.high) <= edge]
    return [make(rows, c) for c in found]


def _candidates(formal: FormalFibre, rows: OrbitRows) -> list[Candidate]:
    """The nonzero entries of the rows as (power of C, exponent of 1/n)."""
    return [
        (i, sp.Rational(a, formal.k) + _ahead(formal))
        for i, row in enumerate(rows.rows)
        for a, r in enumerate(row)
        if not ps.is_zero(r)
    ]


def _ahead(formal: FormalFibre) -> sp.Rational:
    """The exponent of n that every term carries in front."""
    return sp.S.Zero if formal.front is None else sp.Rational(formal.front[0] * formal.root, formal.k)


def _sizes(formal: FormalFibre, span: ExponentRange, reach: int) -> list[int]:
    """How many coefficients of each block are needed for everything below theta**reach."""
    low = float(span.low * formal.k) - 1e-9
    if formal.coefficient(2) is None:
        return [reach, max(math.ceil(reach - low), 1)]
    sizes = [reach]
    while len(sizes) * low < reach and len(sizes) <= 4 * reach + 8:
        sizes.append(max(math.ceil(reach - len(sizes) * low), 1))
    return sizes


def _select_by_power(candidates: list[Candidate], terms: int, forced: bool) -> tuple[list[int], list[int], bool]:
    """Where C comes with less than any power of n: the first terms of the forced part and of the part linear in C."""
    blocks = [[m for m, (i, _) in enumerate(candidates) if i == power] for power in (0, 1)]
    enough = all(len(block) > terms or (power == 0 and not forced) for power, block in enumerate(blocks))
    kept = [m for block in blocks for m in block[:terms]]
    return kept, [block[terms] for block in blocks if len(block) > terms], enough


def _term(
    formal: FormalFibre,
    rows: OrbitRows,
    candidate: tuple[int, sp.Rational],
    span: ExponentRange,
    scale: sp.Expr,
    along: Mapping[str, sp.Expr],
) -> Term:
    i, offset = candidate
    element = rows.rows[i][int((offset - _ahead(formal)) * formal.k)]
    exponent = offset + i * span.value
    raw = formal.table.expr(element)
    degree = sp.Poly(raw, formal.orbit.Y, LOG_W).total_degree() if raw.has(formal.orbit.Y, LOG_W) else 0
    coefficient = sp.factor_terms(raw).subs({formal.orbit.Y: along["Y"], LOG_W: along["T"]})
    return Term(i, int((offset - _ahead(formal)) * formal.k), exponent, coefficient * scale**exponent, degree)


def _decay(formal: FormalFibre, rows: OrbitRows, scale: sp.Expr, n: sp.Symbol) -> sp.Expr:
    """mu**n exp(S): what each power of C carries beyond a power of n."""
    table, k = formal.table, formal.k
    exponent = sp.Add(*(table.expr(s) * (n / scale) ** sp.Rational(-q, k) for q, s in rows.growth.items()))
    return table.expr(rows.fibre.mu) ** n * sp.exp(exponent)


def _order_term(term: Term, n: sp.Symbol, C: sp.Symbol, decay: sp.Expr) -> sp.Expr:
    return sp.Order(decay**term.power * n ** (-term.exponent) * sp.log(n) ** term.log_degree, (n, sp.oo))


def _in_state(formal: FormalFibre, rows: OrbitRows) -> tuple[tuple[sp.Expr, ...], sp.Expr]:
    """The blocks E_i and h (without mu**n) in the driver's variable."""
    chart, table = formal.orbit.local.chart, formal.table
    x = formal.driver.x
    gap = chart.side * x if chart.at_infinity else chart.side * (x - chart.point)
    unit = sp.Rational(1, chart.power)

    def series(coefficients: Sequence[Any], start: int) -> sp.Expr:
        terms = [table.expr(c) * gap ** (unit * (start + j)) for j, c in enumerate(coefficients) if not ps.is_zero(c)]
        return sp.Add(*terms).subs(LOG_W, unit * sp.log(gap))

    fibre = rows.fibre
    h = gap ** (unit * table.expr(fibre.b)) * sp.exp(series(fibre.g, fibre.start))
    return tuple(series(block, 0) for block in fibre.blocks), h


def _conditions(formal: FormalFibre) -> tuple[sp.Expr, ...]:
    ring = formal.table.ring
    return tuple(formal.table.expr(Element(ring, d)) for d in ring.divisors)
