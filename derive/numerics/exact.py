"""Numbers from a caller, made exact.

Integers, fractions and text are exact as written; a binary floating-point number means the fraction it stores, so that
``0.1`` is 3602879701896397/36028797018963968 and ``"0.1"`` is 1/10.  Closed real SymPy numbers such as ``sqrt(2)``
stay symbolic.  Nothing here rounds.
"""

from __future__ import annotations

import numbers
from decimal import Decimal
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError, PrecisionError

__all__ = ["correlation", "exact_number", "positive_integer", "sign_of", "variance", "whole_number"]

#: bounds that hold wherever such a number is read
_MOST = {"digits": 1_000_000}

_LARGEST_EXPONENT = 1_000_000  # of two, in an arbitrary-precision float

_WAYS = "give an int, a Fraction, a SymPy number, a float, or text such as '37/100'"


def exact_number(value: Any, name: str = "value") -> sp.Expr:
    """The real number ``value`` as an exact SymPy number.

    Accepted: ``int``, ``Fraction``, ``Decimal``, ``float`` and NumPy or mpmath scalars (their exact binary value), text
    (through :func:`derive.parsing.parse_number`), python-flint integers and rationals, and closed real SymPy
    expressions, which are kept as they are (SymPy Floats become the fractions they store).

    Raises :class:`~derive.errors.DomainError` naming ``name`` and the value for bool, NaN, infinities and numbers that
    are not real, and :class:`~derive.errors.InputError` for anything that is not a number.

    >>> exact_number("0.37"), exact_number(0.5), exact_number(sp.sqrt(2))
    (37/100, 1/2, sqrt(2))
    """
    if isinstance(value, (bool, sp.logic.boolalg.BooleanAtom)) or type(value).__name__ in ("bool", "bool_"):
        raise DomainError(f"{name} = {value} is a truth value, not a number; {_WAYS}")
    if isinstance(value, str):
        from derive.parsing import parse_number

        return exact_number(parse_number(value), name)
    if isinstance(value, sp.Basic):
        return _closed_expression(value, name)
    if isinstance(value, numbers.Integral):
        return sp.Integer(int(value))
    if isinstance(value, numbers.Rational):
        return sp.Rational(int(value.numerator), int(value.denominator))
    if isinstance(value, (numbers.Real, Decimal)) and not hasattr(value, "_mpf_"):
        return _binary(value, name)
    return _foreign(value, name)


def _binary(value: Any, name: str) -> sp.Rational:
    if isinstance(value, Decimal) and value.is_finite() and value:
        _require_within(value.adjusted() * 10 // 3, int(value.as_tuple().exponent) * 10 // 3, name)
    try:
        return sp.Rational(*(int(part) for part in value.as_integer_ratio()))
    except (ValueError, OverflowError):
        raise DomainError(f"{name} = {value} is not finite; {_WAYS}") from None


def _foreign(value: Any, name: str) -> sp.Expr:
    """Scalars of mpmath and python-flint, zero-dimensional arrays; everything else is refused."""
    kind = type(value).__name__
    if kind in ("mpf", "constant") and hasattr(value, "_mpf_"):
        _, man, exp, _ = value._mpf_
        if not man and exp:
            raise DomainError(f"{name} = {value} is not finite; {_WAYS}")
        return _stored(value._mpf_, name)
    if kind == "fmpz":
        return sp.Integer(int(value))
    if kind == "fmpq":
        return sp.Rational(int(value.p), int(value.q))
    if kind in ("arb", "Ball"):
        raise DomainError(f"{name} = {value} is a ball, and an exact number is needed here; {_WAYS}")
    if getattr(value, "shape", None) == ():
        return exact_number(value.item(), name)
    if isinstance(value, numbers.Complex) or kind in ("mpc", "acb"):
        raise DomainError(f"{name} = {value} is complex; {_WAYS}")
    raise InputError(f"{name} = {value!r} ({kind}) is not a number; {_WAYS}")


def _closed_expression(value: sp.Basic, name: str) -> sp.Expr:
    if not isinstance(value, sp.Expr):
        raise InputError(f"{name} = {value} is not a number; {_WAYS}")
    if value.free_symbols:
        unknown = ", ".join(sorted(str(s) for s in value.free_symbols))
        raise DomainError(f"{name} = {value} contains {unknown}; put numbers in first (subs)")
    if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise DomainError(f"{name} = {value} is not finite; {_WAYS}")
    if value.has(sp.Float):
        value = value.replace(lambda e: isinstance(e, sp.Float), lambda e: _stored(e._mpf_, name))
    if value.is_real is None and (value.is_extended_real is False or value.has(sp.I)):
        value = sp.simplify(value)
    if value.is_real is False or value.has(sp.I):
        raise DomainError(f"{name} = {value} is not real; {_WAYS}")
    return value


def _stored(parts: tuple[int, Any, int, int], name: str) -> sp.Rational:
    """The fraction that mpmath's (sign, mantissa, exponent, bits) stands for."""
    sign, mantissa, exponent, _ = parts
    _require_within(exponent + int(mantissa).bit_length(), exponent, name)
    return sp.Rational(-int(mantissa) if sign else int(mantissa)) * sp.Integer(2) ** int(exponent)


def _require_within(high: int, low: int, name: str) -> None:
    """Refuse floats whose fraction would fill the memory: bits of the integer part, and of the denominator."""
    if max(high, -low) > _LARGEST_EXPONENT:
        raise DomainError(
            f"{name} is about 10**{high * 3 // 10}; floats between 10**-{_LARGEST_EXPONENT * 3 // 10} and "
            f"10**{_LARGEST_EXPONENT * 3 // 10} can be made exact"
        )


def sign_of(value: sp.Expr) -> int:
    """The sign (-1, 0, 1) of a closed real SymPy number, decided with certainty.

    Rationals are compared exactly; other numbers are enclosed with rising precision, and a number that is still not
    separated from zero at 4096 bits counts as zero only if SymPy proves that it is.
    Raises :class:`~derive.errors.PrecisionError` when neither settles it.
    """
    if value.is_Rational:
        return (value.p > 0) - (value.p < 0)
    for known, sign in ((value.is_positive, 1), (value.is_negative, -1), (value.is_zero, 0)):
        if known:
            return sign
    from flint import ctx

    from derive.numerics.compile import to_arb

    for bits in (64, 256, 1024, 4096):
        with ctx.workprec(bits):
            ball = to_arb(value)
        if ball > 0:
            return 1
        if ball < 0:
            return -1
    if value.equals(0):
        return 0
    raise PrecisionError(f"the sign of {value} could not be decided with 4096 bits; simplify it first")


def variance(value: Any, name: str = "variance") -> sp.Expr:
    """A variance: an exact real number that is not negative.

    >>> variance("2/3", "q")
    2/3
    """
    number = exact_number(value, name)
    sign = sign_of(number)
    if sign < 0:
        raise DomainError(f"{name} = {number} is negative; a variance is at least 0")
    return number if sign else sp.Integer(0)


def correlation(value: Any, name: str = "correlation") -> sp.Expr:
    """A correlation: an exact real number between -1 and 1.

    >>> correlation(-1, "c")
    -1
    """
    number = exact_number(value, name)
    if sign_of(1 - number) < 0 or sign_of(1 + number) < 0:
        raise DomainError(f"{name} = {number} lies outside [-1, 1]; a correlation is between -1 and 1")
    return number


def positive_integer(value: Any, name: str = "count", most: int | None = None) -> int:
    """A positive integer, at most ``most``, as a Python int; ``10.0`` and ``"10"`` count as 10, ``10.5`` does not.

    >>> positive_integer(10**12, "depth")
    1000000000000
    """
    number = exact_number(value, name)
    if not number.is_Integer or number <= 0:
        raise DomainError(f"{name} = {number} is not a positive integer")
    return _at_most(number, name, most)


def whole_number(value: Any, name: str = "count", most: int | None = None) -> int:
    """An integer from 0 to ``most`` as a Python int; otherwise DomainError.

    >>> whole_number("0", "order")
    0
    """
    number = exact_number(value, name)
    if not number.is_Integer or number < 0:
        raise DomainError(f"{name} = {number} is not an integer that is at least 0")
    return _at_most(number, name, most)


def _at_most(number: sp.Expr, name: str, most: int | None) -> int:
    most = _MOST.get(name) if most is None else most
    if most is not None and number > most:
        raise DomainError(f"{name} = {_short(number)} is too large; at most {most} is possible here")
    return int(number)


def _short(number: Any) -> str:
    """An integer, or its order of magnitude where it is long."""
    bits = int(number).bit_length()
    return str(number) if bits < 200 else f"about 10**{int(bits * 0.30103)}"
