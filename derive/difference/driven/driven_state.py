r"""An explicit second state e' = g(x, e): its limit, and its equation around the limit.

Along the driver's orbit :math:`g(x, e) - e = L(e)\,w^{\kappa} + \dots` with a small variable w.  The limit is a root of
L at which the state is attracted: :math:`|1 + L'(e_*)| < 1` for :math:`\kappa = 0`, and :math:`L'(e_*) < 0` otherwise.
Where no closed form is found and every parameter has a value, the root is kept as :class:`ImplicitRoot`, an exact
constant known by its equation.  The Taylor coefficients of g in :math:`\eta = e - e_*` are the coefficients of
:func:`~derive.difference.driven.triangular.triangular`; as numbers they come from
:mod:`derive.difference.near_point.jets`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_terms
from derive.difference.driven.implicit_root import ImplicitRoot, real_roots
from derive.difference.driven.transseries import Transseries
from derive.difference.driven.triangular import driver_of, triangular
from derive.difference.near_point.jets import jet
from derive.difference.near_point.series_function import as_expression, expand_at
from derive.difference.recurrence import Recurrence
from derive.difference.series.coefficients import Coefficients
from derive.errors import InputError, UnsupportedError

__all__ = ["limits", "solve_state"]

_GENERIC = sp.Rational(1, 97)  # a deviation at which nothing cancels, to see which roots of x occur
_POWERS = tuple(sorted({sp.Rational(i, j) for j in range(1, 5) for i in range(1, 3 * j + 1)}))


def solve_state(
    driver: Recurrence,
    state: sp.Symbol,
    update: sp.Expr,
    *,
    terms: int = 5,
    limit: Any = None,
    interval: Any = None,
    counts: bool = False,
) -> Transseries:
    r"""The transseries of the state with :math:`e' = g(x, e)` around its limit.

    ``update`` is g, analytic in the state at the limit; ``limit`` is needed only where several limits attract;
    ``interval`` and ``counts`` as for :func:`~derive.difference.driven.triangular.triangular`.
    Where the linearisation vanishes at the limit, a balance :math:`e - e_* \sim a\,u^p` is looked for, u = 1/x or the
    distance to the driver's point.  Raises UnsupportedError where there is none (the state then approaches its limit
    like a power of log n), or where the limit depends on the start.

    >>> x, e = sp.symbols("x e", positive=True)
    >>> solve_state(Recurrence(x, x + 1), e, e + (1 - e**2) / (4 * x), terms=2)
    C**2/(2*n) + C/sqrt(n) + 1 + O(log(1/n)/n**(3/2), (n, oo))
    """
    terms, driver = checked_terms(terms), driver_of(driver)
    if not isinstance(state, sp.Symbol):
        raise InputError(f"state = {state!r} is not a symbol; give sp.Symbol('e')")
    update = as_expression(update, "update", driver.x)
    if not update.has(state):
        raise InputError(f"the update {update} does not contain the state {state}; apply it to the driver's expansion")
    try:
        base = _the_limit(driver, state, update, limit)
    except Degenerate as degenerate:
        return _rescaled(driver, state, update, degenerate, terms, interval, counts)
    return _around(driver, state, update, base, terms=terms, interval=interval, counts=counts)


def _around(
    driver: Recurrence, state: sp.Symbol, update: sp.Expr, base: sp.Expr, front: Any = None, **options: Any
) -> Transseries:
    """The transseries around a limit; with ``front`` the update is that of the rescaled state."""
    order, balance = leading_balance(driver, state, update)
    return triangular(
        driver,
        _taylor(driver, state, update, base, order, balance),
        state=state,
        limit=base if front is None else front[2],
        step=_step(driver, state, update, base),
        numbers=_numbers(driver, state, update, base, order),
        front=None if front is None else (front[0], front[1]),
        also=sp.expand(update).subs(state, base + _GENERIC),
        **options,
    )


class Degenerate(UnsupportedError):
    """The linearisation at the limit vanishes; ``limit`` is that limit."""

    def __init__(self, message: str, limit: sp.Expr) -> None:
        super().__init__(message)
        self.limit = limit


def _the_limit(driver: Recurrence, state: sp.Symbol, update: sp.Expr, limit: Any) -> sp.Expr:
    order, balance = leading_balance(driver, state, update)
    found = limits(driver, state, update) if limit is None else [as_expression(limit, "limit")]
    if len(found) == 1:
        _check_root(balance, state, found[0], order)
        return found[0]
    shown = ", ".join(str(v) for v in found[:4]) + (", ..." if len(found) > 4 else "")
    which = f"the attracting roots {shown}" if found else "no attracting real root"
    raise InputError(f"the limit of {state} solves {balance} = 0, which has {which}; give limit=... to choose one")


def _rescaled(
    driver: Recurrence,
    state: sp.Symbol,
    update: sp.Expr,
    degenerate: Degenerate,
    terms: int,
    interval: Any,
    counts: bool,
) -> Transseries:
    """The state as limit + u**p (a + eta), for the one power p at which a balance with a != 0 attracts."""
    chart, x, base = driver.chart, driver.x, degenerate.limit
    if not isinstance(driver.F, sp.Expr):
        raise degenerate
    u = 1 / (chart.side * x) if chart.at_infinity else chart.side * (x - chart.point)
    found = []
    for p in _POWERS:
        scaled = (sp.expand(update.subs(state, base + u**p * state)) - base) / u.subs(x, driver.F) ** p
        try:
            order, balance = leading_balance(driver, state, scaled)
            roots = [r for r in limits(driver, state, scaled) if r != 0] if order > 0 and balance.has(state) else []
        except (UnsupportedError, InputError):
            continue
        found += [(p, a, scaled) for a in roots]
    if len(found) != 1:
        raise degenerate
    p, a, scaled = found[0]
    return _around(driver, state, scaled, a, (p, a, base), terms=terms, interval=interval, counts=counts)


def leading_balance(driver: Recurrence, state: sp.Symbol, update: sp.Expr) -> tuple[sp.Rational, sp.Expr]:
    """``(kappa in powers of x or of the distance, L)``: the leading term of g - e."""
    local = driver.local_map()
    local.multiplier(1)
    table = Coefficients()
    found, chart = expand_at(table, sp.expand(update - state), driver.x, local.chart, 1)
    if found.growth or table.degree_in_log(found.coefficients[0]):
        raise UnsupportedError(f"the update of {state} is not on the power scale of {driver.x}")
    leading = sp.factor_terms(table.expr(found.coefficients[0]))
    return sp.Rational(found.start, chart.root), leading


def limits(driver: Recurrence, state: sp.Symbol, update: sp.Expr) -> list[sp.Expr]:
    """The attracting real roots of the limiting fixed-point equation (where parameters leave it open: all roots)."""
    order, balance = leading_balance(driver, state, update)
    if order < 0:
        raise UnsupportedError(f"{state} changes by ({balance})*{driver.x}**({-order}) at each step: it has no limit")
    if not balance.has(state):
        raise UnsupportedError(
            f"{state} changes by ({balance})*{driver.x}**({-order}) at each step whatever it is: it has no limit of "
            "its own; sums along the orbit are derive.difference.orbit_sums"
        )
    if driver.params:
        balance = balance.subs(driver.params)
    roots = real_roots(balance, state)
    found = [r for r in roots if _attracts(balance, state, r, order) is not False]
    for root in roots if not found else ():
        _check_root(balance, state, root, order)
    return found


def _attracts(balance: sp.Expr, state: sp.Symbol, root: sp.Expr, order: sp.Rational) -> bool | None:
    from derive.numerics import sign_of

    slope = sp.diff(balance, state).subs(state, root)
    if slope.has(sp.zoo, sp.oo, sp.nan):
        return False  # a root of the state begins there: it is left at once, or the linearisation does not exist
    gap = sp.Abs(1 + slope) - 1 if order == 0 else slope
    if gap.free_symbols:
        return gap.is_negative
    return sign_of(gap) < 0


def _check_root(balance: sp.Expr, state: sp.Symbol, base: sp.Expr, order: sp.Rational) -> None:
    slope = sp.diff(balance, state).subs(state, base)
    if not slope.has(ImplicitRoot) and sp.simplify(slope) == 0:
        what = f"{state} - {base}" if base != 0 else str(state)
        raise Degenerate(
            f"the linearisation at the limit {base} vanishes: {state}' - {state} ~ ({balance}) at relative order "
            f"{order}, and {what} has no balance on the power scale; it decays like a power of log n, a class that is "
            "not treated",
            base,
        )


def _taylor(
    driver: Recurrence, state: sp.Symbol, update: sp.Expr, base: sp.Expr, order: sp.Rational, balance: sp.Expr
) -> Callable[[int], Any]:
    """j -> the Taylor coefficient of g at the limit.

    The forcing is written without the leading term that vanishes by the choice of the limit: where the limit is an
    implicit root nothing else would show that it is zero.
    """
    chart = driver.chart
    gap = chart.side * driver.x if chart.at_infinity else 1 / (chart.side * (driver.x - chart.point))
    degree = sp.degree(update, state) if update.is_polynomial(state) else None

    @cache
    def coefficient(j: int) -> Any:
        if degree is not None and j > degree:
            return None
        value = sp.diff(update, state, j).subs(state, base) / sp.factorial(j)
        if j:
            return sp.expand(value) if degree is not None else value
        value = value - base - balance.subs(state, base) * gap**-order
        simple = sp.cancel(sp.expand(value)) if not value.has(ImplicitRoot) else value
        return sp.S.Zero if simple == 0 else simple

    return coefficient


def _step(driver: Recurrence, state: sp.Symbol, update: sp.Expr, base: sp.Expr) -> Callable[..., tuple[Any, Any]]:
    """Both maps, the second one for the deviation from the limit."""
    compiled: dict[Any, Any] = {}

    def step(x: Any, eta: Any, digits: int, params: Mapping[sp.Symbol, Any]) -> tuple[Any, Any]:
        from derive.numerics import compile_mp, to_mpf

        key = tuple(params.items())
        if key not in compiled:
            compiled[key] = (compile_mp(update.subs(params), [driver.x, state]), {})
        tape, centres = compiled[key]
        if digits not in centres:
            centres[digits] = to_mpf(base.subs(params))
        centre = centres[digits]
        return driver.map_value(x, digits, params), tape(x, eta + centre) - centre

    return step


def _numbers(
    driver: Recurrence, state: sp.Symbol, update: sp.Expr, base: sp.Expr, order: sp.Rational
) -> Callable[..., Any]:
    """The Taylor coefficients as numbers, by jets."""

    degree = sp.degree(update, state) if update.is_polynomial(state) else None

    def numbers(powers: int, count: int, bits: int, params: Mapping[sp.Symbol, Any]) -> list[dict[Any, Any]]:
        powers = powers if degree is None else min(powers, int(degree))
        local = driver.numeric(params).local_map()
        local.multiplier(1)
        table, g = Coefficients(), update.subs(params)
        _, chart = expand_at(table, g, driver.x, local.chart, 6)
        rows = jet(g - state, driver.x, state, chart, base.subs(params), powers, count * chart.root, bits + 4 * powers)
        sign = 1 if chart.at_infinity else -1
        out = []
        for start, coefficients in rows:
            out.append({sp.Rational(-sign * (start + a), chart.root): c for a, c in enumerate(coefficients)})
        out[0] = {e: c for e, c in out[0].items() if -sign * e > order}
        out[1][sp.Integer(0)] = out[1].get(sp.Integer(0), 0) + 1
        return out

    return numbers
