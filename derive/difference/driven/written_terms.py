r"""From the blocks of a driven state to its terms in n: which are kept, how they are written, what was left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from derive.difference.driven.formal_fibre import FormalFibre, OrbitRows
from derive.difference.driven.transseries import ExponentRange, Term, Transseries, select_terms
from derive.difference.series import powerseries as ps
from derive.difference.series.coefficients import LOG_W
from derive.difference.series.laurent import Element

__all__ = ["assemble"]

_DEEPEST = 40
_ENDED = 6
Candidate = tuple[int, sp.Rational]


def assemble(
    formal: FormalFibre, span: ExponentRange, terms: int, symbols: tuple[sp.Symbol, ...], base: sp.Expr, engine: Any
) -> Transseries:
    """The transseries of a solved state: its terms, the error, and what is needed for digits."""
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
