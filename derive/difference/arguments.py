"""What callers give: digits, depths, starts, numbers of terms, parameters; what is unusable is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError

__all__ = [
    "bits_of",
    "checked_digits",
    "checked_index",
    "checked_terms",
    "exact_key",
    "exact_values",
    "given_mapping",
    "interval_ends",
    "start_value",
    "values_of_terms",
]

_MOST_DIGITS = 10_000
_MOST_TERMS = 1000
_MOST_BITS = 10**7


def checked_digits(digits: Any) -> int:
    """A usable number of digits."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= _MOST_DIGITS:
        raise InputError(f"digits = {_short(digits)} must be an integer from 1 to {_MOST_DIGITS}")
    return digits


def checked_index(n: Any) -> int:
    """A usable depth."""
    if isinstance(n, sp.Integer):
        n = int(n)
    try:
        steps = -1 if isinstance(n, bool) else index(n)
    except TypeError:
        steps = -1
    if steps < 0:
        raise InputError(f"n = {_short(n)} must be a non-negative integer, the number of steps from x0")
    return steps


def checked_terms(terms: Any) -> int:
    """A usable number of terms."""
    if isinstance(terms, bool) or not isinstance(terms, int) or not 1 <= terms <= _MOST_TERMS:
        raise InputError(f"terms = {_short(terms)} must be a positive integer, at most {_MOST_TERMS}")
    return terms


def start_value(x0: Any, name: str = "x0") -> sp.Expr:
    """The exact start."""
    from derive.numerics import exact_number

    return exact_number(x0, name)


def bits_of(bits: Any) -> int:
    """A usable working precision."""
    if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= _MOST_BITS:
        raise InputError(f"bits = {_short(bits)} must be an integer from 2 to {_MOST_BITS}")
    return bits


def interval_ends(interval: Any) -> tuple[sp.Expr, sp.Expr]:
    """The two ends of an interval that was given."""
    if not isinstance(interval, (tuple, list)) or len(interval) != 2:
        raise InputError(f"interval = {_short(interval)} must be a pair (low, high)")
    return start_value(interval[0], "interval"), start_value(interval[1], "interval")


def exact_key(given: Mapping[Any, Any], symbol: sp.Symbol) -> Any:
    """The value under a symbol or its name."""
    for key, value in given.items():
        if key in (symbol, symbol.name):
            return value
    raise InputError(f"{_short(given)} has no entry for {symbol}")


def given_mapping(given: Any, name: str) -> dict[Any, Any]:
    """A mapping, or nothing, as a dictionary."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(f"{name} = {_short(given)} must be a mapping, such as {{symbol: value}}")
    return dict(given)


def exact_values(given: Any, name: str = "params") -> dict[sp.Symbol, sp.Expr]:
    """Exact values by symbol; text names a symbol."""
    from derive.parsing import parse

    found = {}
    for key, value in given_mapping(given, name).items():
        symbol = parse(key) if isinstance(key, str) else key
        if not isinstance(symbol, sp.Symbol):
            raise InputError(f"{name} has the key {_short(key)}, which is not a symbol")
        found[symbol] = value if hasattr(value, "_mpf_") else start_value(value, symbol.name)
    return found


def values_of_terms(exprs: list[sp.Expr], values: Mapping[sp.Symbol, Any], digits: int) -> list[Any]:
    """Expressions at given values as mpmath numbers, ten digits more than asked.

    DomainError where one of them has no value there: an expansion for large n has none at n = 0.
    """
    import mpmath

    from derive.numerics import compile_mp, to_mpf

    with mpmath.mp.workdps(digits + 10):
        numbers = [to_mpf(v) for v in values.values()]
        try:
            return [compile_mp(e, list(values))(*numbers) for e in exprs]
        except (ZeroDivisionError, OverflowError):
            shown = ", ".join(f"{s} = {mpmath.nstr(v, 8)}" for s, v in zip(values, numbers, strict=True))
            raise DomainError(f"the expansion has no value at {shown}; choose a larger index") from None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
