"""The arguments of the kernel functions, read and checked once.

Text goes through the package's parser, floats mean their exact binary value; what certainly lies outside the domain
(alpha <= -1/2, |c| > 1, NaN, infinite, complex) is refused with the value and the remedy.  Expressions with symbols
pass.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.numerics.exact import exact_number, sign_of

__all__ = ["half_integer", "read_alpha", "read_correlation", "read_distance", "read_number"]

_HALF = sp.Rational(1, 2)


def read_number(value: Any, name: str) -> sp.Expr:
    """A number or an expression; text through the parser, numbers exact."""
    if isinstance(value, str):
        from derive.parsing import parse

        return parse(value)
    if not isinstance(value, sp.Basic):
        return exact_number(value, name)
    if not isinstance(value, sp.Expr) or hasattr(value, "kinks"):
        raise InputError(f"{name} = {value} is neither a number nor an expression; give one of these")
    if value.is_number or value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or value.is_extended_real is False:
        return exact_number(value, name)
    if value.has(sp.Float):
        value = value.replace(lambda e: isinstance(e, sp.Float), lambda e: exact_number(e, name))
    return value


def _negative(value: sp.Expr) -> bool:
    """Is a number below zero?  Expressions pass: SymPy's series code forms ones with signs outside the domain."""
    return value.is_number and sign_of(value) < 0


def _not_positive(value: sp.Expr) -> bool:
    """Is it certainly at most zero?"""
    return sign_of(value) <= 0 if value.is_number else bool(value.is_nonpositive)


def read_alpha(value: Any) -> sp.Expr:
    """The exponent of the activation: a real number above -1/2, or an expression."""
    alpha = read_number(value, "alpha")
    if _not_positive(alpha + _HALF):
        raise DomainError(f"alpha = {alpha} is not above -1/2; the second moment of x**alpha diverges there")
    return alpha


def read_correlation(value: Any, name: str = "c") -> sp.Expr:
    """A correlation: a real number between -1 and 1, or an expression."""
    c = read_number(value, name)
    if _negative(1 - c) or _negative(1 + c):
        raise DomainError(f"{name} = {c} lies outside [-1, 1]; a correlation is between -1 and 1")
    return c


def read_distance(value: Any, name: str = "d") -> sp.Expr:
    """The distance d = 1 - c of a correlation from 1: between 0 and 2, or an expression."""
    d = read_number(value, name)
    if _negative(d) or _negative(2 - d):
        raise DomainError(f"{name} = {d} lies outside [0, 2]; it is 1 - c for a correlation c")
    return d


def half_integer(alpha: sp.Expr) -> bool:
    """Is alpha one of -1/2, 1/2, 3/2, ...?"""
    return bool(alpha.is_Rational and alpha.q == 2)
