"""Formulas from a test, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import sympy as sp

from derive.display import ShownAsTable
from derive.errors import DomainError, InputError
from derive.evidence.points import as_mpf
from derive.names import brief
from derive.numerics.exact import exact_number

__all__ = ["GUARD", "Agreement", "evaluated", "number_at", "side_of"]

GUARD = 15


@dataclass(frozen=True)
class Agreement(ShownAsTable):
    """What an assertion saw: how many points, and the digits asked for; ``where`` lists the points in words."""

    points: int
    digits: int
    where: tuple[str, ...] = field(default=(), repr=False)


def side_of(what: Any) -> sp.Expr | Callable[..., Any]:
    """A formula from outside: text through the parser, numbers exact, functions as they are."""
    if isinstance(what, str):
        from derive.parsing import parse

        return parse(what)
    if isinstance(what, sp.Expr) or callable(what):
        return what
    return exact_number(what, "side")


def number_at(side: Any, point: Mapping[sp.Symbol, sp.Expr], digits: int, far: bool = False) -> Any:
    """The side's number, possibly complex; None where it has none.  ``far``: the point is put in as numbers."""
    try:
        if isinstance(side, sp.Expr):
            found = evaluated(side, digits, point) if far else evaluated(side.subs(point), digits)
        else:
            found = _number(side(*(as_mpf(v) for v in point.values())))
    except (DomainError, ZeroDivisionError):
        return None
    return found if mpmath.isfinite(found) else None


def _number(value: Any) -> Any:
    """What a function of the caller returned, as mpf or mpc."""
    try:
        found = None if isinstance(value, (str, bytes, bool, type)) else mpmath.mpmathify(value)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, (mpmath.mpf, mpmath.mpc)):
        raise InputError(f"the function returned {brief(value)}, which is not a number")
    return found


def evaluated(expr: sp.Expr, digits: int, point: Mapping[sp.Symbol, sp.Expr] | None = None) -> Any:
    """An expression as ``mpf``, or ``mpc`` where it is not real.

    The values of ``point`` are put in as numbers of the working precision, never exactly: SymPy would turn a gamma
    function at the integer 10^64 into a factorial.
    """
    value = expr.evalf(digits + GUARD, subs=dict(point) if point else None)
    if value.free_symbols:
        names = ", ".join(sorted(s.name for s in value.free_symbols))
        raise InputError(f"{names} has no value; list it in domain= or params=")
    parts = value.as_real_imag()
    if not all(isinstance(p, (sp.Float, sp.Rational)) for p in parts):
        raise DomainError(f"{expr} has no number")
    re, im = (p._to_mpmath(mpmath.mp.prec) for p in parts)
    return mpmath.mpc(re, im) if im else re
