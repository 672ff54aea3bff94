"""Points: exact values for the symbols of a statement, and the statement's formula evaluated at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError

__all__ = ["Point", "as_mpf", "effective_points", "exact_point", "point_text", "rhs_number"]

Point = Mapping[sp.Symbol, sp.Expr]


def _exact(value: Any, name: str) -> sp.Expr:
    if isinstance(value, (bool, str, float)):
        raise InputError(f"the point sets {name} to {value!r}; give an int, a Fraction or an exact SymPy number")
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    if isinstance(value, int):
        return sp.Integer(value)
    if isinstance(value, sp.Expr) and not value.free_symbols and not value.has(sp.Float):
        return value
    raise InputError(f"the point sets {name} to {value!r}, which is not an exact number")


def exact_point(point: Mapping[sp.Symbol, Any]) -> dict[sp.Symbol, sp.Expr]:
    """The point with exact SymPy numbers, in the order of the symbols' names; floats and text are refused."""
    return {s: _exact(point[s], s.name) for s in sorted(point, key=lambda s: s.name)}


def point_text(point: Point) -> str:
    """The point in words: ``p0 = 1, sigma_w2 = 77/100``."""
    return ", ".join(f"{s.name} = {v}" for s, v in point.items())


def _allowed(symbol: sp.Symbol, value: sp.Expr) -> bool:
    """Whether a value contradicts none of the assumptions of its symbol (positive, integer, ...)."""
    found = ((getattr(value, f"is_{key}", None), wanted) for key, wanted in symbol.assumptions0.items())
    return all(actual is None or actual == wanted for actual, wanted in found)


def effective_points(points: Iterable[Mapping[sp.Symbol, Any]]) -> list[dict[sp.Symbol, sp.Expr]]:
    """The points whose values satisfy their symbols' assumptions.  The others show nothing and are not counted."""
    exact = [exact_point(p) for p in points]
    return [p for p in exact if all(_allowed(s, v) for s, v in p.items())]


def as_mpf(value: Any) -> Any:
    """A real number of any of the package's kinds as an ``mpf`` at the current precision of mpmath.

    What is complex, infinite, NaN or has no numerical value raises :class:`~derive.errors.DomainError`.
    """
    import mpmath

    if isinstance(value, Fraction):
        number = mpmath.mpf(value.numerator) / value.denominator
    elif isinstance(value, sp.Basic):
        number = _sympy_mpf(value)
    else:
        number = mpmath.mpmathify(value)
    if isinstance(number, mpmath.mpc):
        if number.imag != 0:
            raise DomainError(f"{mpmath.nstr(number, 10)} is not a real number")
        number = number.real
    if not mpmath.isfinite(number):
        raise DomainError(f"the value {number} is not finite")
    return +number


def _sympy_mpf(value: sp.Basic) -> Any:
    import mpmath

    number = value if isinstance(value, sp.Float) else value.evalf(mpmath.mp.dps)
    if not getattr(number, "is_number", False):
        raise DomainError(f"{value} has no numerical value")
    parts = number.as_real_imag()
    if not all(isinstance(part, (sp.Float, sp.Rational)) for part in parts):
        raise DomainError(f"{value} has no finite numerical value")
    return mpmath.mpc(*(part._to_mpmath(mpmath.mp.prec) for part in parts))


def rhs_number(statement: sp.Basic, point: Point, digits: int) -> Any:
    """The right-hand side of a statement at a point, as an ``mpf`` at the current precision of mpmath."""
    value = statement.rhs.subs(point)  # type: ignore[attr-defined]
    if value.free_symbols:
        names = ", ".join(sorted(s.name for s in value.free_symbols))
        raise InputError(f"the point {point_text(point)} leaves {names} without a value")
    return as_mpf(value.evalf(digits + 15))
