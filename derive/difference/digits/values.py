"""Numbers from an expansion: the sum of its terms with an estimate, and values at any depth.

The value at depth n does not come from the terms: it is iterated, or solved for from Abel's equation
(:mod:`derive.difference.digits.depth`), and then mapped by the function that the expansion is an image of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_terms, given_mapping, values_of_terms
from derive.difference.near_point.series_function import SeriesFunction
from derive.errors import InputError, PrecisionError, UnsupportedError

if TYPE_CHECKING:
    from derive.difference.expansion import Expansion

__all__ = ["evaluate_expansion", "value_of"]


def evaluate_expansion(
    law: Expansion, n: Any, c: Any, digits: int, params: Mapping[Any, Any] | None, terms: int | None
) -> tuple[Any, Any]:
    """``(value, estimate)``; see :meth:`derive.difference.expansion.Expansion.evaluate`."""
    import mpmath

    digits, count = checked_digits(digits), law.asked if terms is None else checked_terms(terms)
    if count > law.asked:
        raise PrecisionError(f"only {law.asked} terms were asked for; ask asymptotics(terms={count})")
    with mpmath.mp.workdps(digits + 10):
        at = {**_given(law, params), law.n: n, law.c: c}
        if law.constant is not None and law.constant not in at:
            raise InputError(f"give the constant of the sum: params={{{law.constant}: value}}")
        rows = law.rows[: count + 2]
        exprs = [law.frame.classical(r.exponent, r.coefficients) for r in rows]
        head, *sizes = values_of_terms([law.head, *exprs], at, digits)
        total = mpmath.fsum([head, *sizes[:count]])
        rest = max((abs(s) for s in sizes[count:]), default=mpmath.mpf(0))
        rest = max(rest, _of_the_constant(law, rows, sizes, at, digits))
        if law.image is None and law.constant is None:
            rest += _beyond_all_orders(law, params, total, n)
        return +total, rest


def _of_the_constant(law: Expansion, rows: Any, sizes: list[Any], at: Mapping[Any, Any], digits: int) -> Any:
    """About the first power of Y that the terms computed do not contain: in the leading one n becomes n + Y."""
    import mpmath

    if not rows:
        return mpmath.mpf(0)
    (shift,) = values_of_terms([law.Y_value / law.n], at, digits)
    power = max(r.degree for r in rows) + 1
    factor = sp.binomial(sp.Rational(-rows[0].exponent, law.frame.k), power)
    return abs(sizes[0] * shift**power * int(factor.p) / int(factor.q))


def _beyond_all_orders(law: Expansion, params: Mapping[Any, Any] | None, state: Any, n: Any) -> Any:
    """About the sum of the exponentially small parts of the map from a state on: no power of 1/n shows them."""
    import mpmath

    from derive.numerics import to_mpf

    local = law.recurrence.numeric(_given(law, params)).local_map()
    found = local.expand(local.moved(), 2)
    if not found.flat:
        return mpmath.mpf(0)
    chart, values = local.chart, local.table.values()
    gap = abs(state) if chart.at_infinity else abs(state - to_mpf(chart.point))
    w = gap ** (mpmath.mpf(1) / chart.power)
    growths = ({i: float(local.table.number(c, values).mid()) for i, c in flat.items()} for flat in found.flat)
    total = mpmath.mpf(0)
    for growth in growths:
        size = mpmath.exp(mpmath.fsum(c * w**i for i, c in growth.items()))
        decay = abs(mpmath.fsum(i * c * w**i for i, c in growth.items())) / law.frame.k  # per e-fold of n
        total = max(total, size * max(1, to_mpf(n) / decay))
    return total if chart.at_infinity else gap * total


def value_of(law: Expansion, n: Any, x0: Any, digits: int, certified: bool, params: Mapping[Any, Any] | None) -> Any:
    """The value at depth n; see :meth:`derive.difference.expansion.Expansion.at`."""
    from derive.difference.digits.depth import value_at

    if law.constant is not None:
        from derive.difference.digits.sum_values import value_of_sum

        return value_of_sum(law, _index(n, law), x0, digits, certified, params)
    n = _index(n, law)
    if getattr(x0, "shape", ()) or (getattr(n, "shape", ())):
        from derive.difference.digits.arrays import array_at

        states = array_at(law.recurrence, n, x0, params)
        return states if law.image is None else _lambdified(law, params)(states)
    if law.image is None:
        return value_at(law.recurrence, n, x0, digits=digits, certified=certified, params=params)
    state = value_at(law.recurrence, n, x0, digits=digits + 15, certified=certified, params=params)
    return _image(law, state, digits, params)


def _given(law: Expansion, params: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """Values for the parameters, and for the constant of a sum where that is given."""
    given = given_mapping(params, "params")
    extra = {s: given.pop(s) for s in list(given) if s == law.constant}
    return {**law.recurrence.values(given), **extra}


def _index(n: Any, law: Expansion) -> Any:
    if law.by == 0 or getattr(n, "shape", ()):
        return n
    if not law.by.is_Integer:
        raise InputError(f"the index is shifted by {law.by}, which is not an integer; values exist at integers only")
    return n + int(law.by)


def _image(law: Expansion, state: Any, digits: int, params: Mapping[Any, Any] | None) -> Any:
    values = _given(law, params)
    if hasattr(state, "arb"):
        return _image_ball(law, state, values)
    if isinstance(law.image, SeriesFunction):
        import mpmath

        from derive.numerics import mpf_to_sympy, to_mpf

        if law.image.value is None:
            raise UnsupportedError("the image is known by its series only; give SeriesFunction(value=...) for digits")
        with mpmath.mp.workdps(digits + 15):
            return mpf_to_sympy(law.image.value(to_mpf(state), digits + 10, values), digits)
    return sp.N(law.image.subs(values).subs(law.recurrence.x, state), digits)


def _image_ball(law: Expansion, state: Any, values: Mapping[Any, Any]) -> Any:
    raise UnsupportedError("an enclosure is available for the state itself; map the ball it returns")


def _lambdified(law: Expansion, params: Mapping[Any, Any] | None) -> Any:
    if isinstance(law.image, SeriesFunction):
        raise UnsupportedError("arrays of a SeriesFunction are not available; evaluate the states and map them")
    values = _given(law, params)
    return sp.lambdify(law.recurrence.x, law.image.subs(values), "numpy")
