"""Two formulas agree at random points."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mpmath
import sympy as sp

from derive.errors import InputError
from derive.evidence.points import point_text
from derive.numerics.exact import exact_number, positive_integer
from derive.testing.sides import GUARD, Agreement, number_at, side_of

__all__ = ["assert_identity"]

_POINTS = 8


def assert_identity(
    lhs: Any,
    rhs: Any,
    *,
    digits: int = 50,
    domain: Mapping[Any, Any] | None = None,
    points: int = _POINTS,
    seed: int = 0,
) -> Agreement:
    """Assert that two formulas agree to so many digits at random points.

    ``lhs`` and ``rhs`` are SymPy expressions, numbers, text (read by the whitelist parser), or functions that take the
    values of the symbols of ``domain``, in its order, as ``mpf``.  ``domain`` maps symbols or names to an interval
    ``(low, high)``, whose inside is sampled, or to a list of exact values; a symbol that is not listed is sampled
    according to its assumptions: between 1/16 and 16 in size, of both signs where the assumptions allow it; integers
    from 1 to 12.  The points are rational and the same in every run with the same ``seed``.

    Agreement is relative to the larger side; absolute where one side is the number 0.  Raises AssertionError with a
    table of the points that disagree, worst first, and InputError for arguments that make no sense.

    >>> x = sp.Symbol("x", positive=True)
    >>> assert_identity(sp.gamma(x + 1), x * sp.gamma(x), domain={x: (0, 30)})
    Agreement(points=8, digits=50)
    >>> assert_identity(sp.sin(x), x - x**3 / 6, points=2)
    Traceback (most recent call last):
      ...
    AssertionError: the sides differ at 2 of 2 points (50 digits asked)
      x = 1761/512: -0.293476..., -3.34191...: 0 digits agree
      x = 1855/512: -0.463069..., -4.30326...: 0 digits agree
    """
    digits, count = positive_integer(digits, "digits"), positive_integer(points, "points")
    left, right = side_of(lhs), side_of(rhs)
    symbols = _symbols(left, right, domain)
    places = _sample(symbols, domain, count, seed)
    absolute = any(isinstance(s, sp.Expr) and s.is_zero for s in (left, right))
    bad: list[tuple[int, str]] = []
    for point in places:
        with mpmath.workdps(digits + GUARD):
            a, b = (number_at(s, point, digits) for s in (left, right))
            agreed = _agreed_digits(a, b, absolute, digits)
        if agreed < digits:
            bad.append((agreed, _row(point, a, b, agreed)))
    if bad:
        rows = [text for _, text in sorted(bad)]
        listed = "\n".join(f"  {row}" for row in rows[:10])
        raise AssertionError(
            f"the sides differ at {len(bad)} of {len(places)} points ({digits} digits asked)\n{listed}"
        )
    return Agreement(len(places), digits, tuple(point_text(p) for p in places))


def _symbols(left: Any, right: Any, domain: Mapping[Any, Any] | None) -> list[sp.Symbol]:
    """The symbols in the order of ``domain``, then the others by name."""
    free = set().union(*(s.free_symbols for s in (left, right) if isinstance(s, sp.Expr)))
    named = {s.name: s for s in free}
    listed = [named.get(str(k), k if isinstance(k, sp.Symbol) else sp.Symbol(str(k), real=True)) for k in domain or ()]
    functions = [s for s in (left, right) if not isinstance(s, sp.Expr)]
    if functions and not listed:
        raise InputError("a side is a function: say in domain= which arguments it takes, such as {'x': (0, 1)}")
    if not functions:
        strangers = [s.name for s in listed if s not in free]
        if strangers:
            raise InputError(f"domain= lists {', '.join(strangers)}, which neither side contains")
    return listed + sorted(free - set(listed), key=lambda s: s.name)


def _sample(
    symbols: Sequence[sp.Symbol], domain: Mapping[Any, Any] | None, count: int, seed: int
) -> list[dict[sp.Symbol, sp.Expr]]:
    chance = random.Random(seed)
    given = {str(k): v for k, v in (domain or {}).items()}
    draws = {s: _values(s, given.get(s.name), count, chance) for s in symbols}
    if not symbols:
        return [{}]
    return [{s: draws[s][i] for s in symbols} for i in range(count)]


def _values(symbol: sp.Symbol, choice: Any, count: int, chance: random.Random) -> list[sp.Expr]:
    if choice is None:
        return [_by_assumptions(symbol, chance) for _ in range(count)]
    if isinstance(choice, tuple) and len(choice) == 2:
        low, high = (exact_number(v, symbol.name) for v in choice)
        if not low < high:
            raise InputError(
                f"the interval ({low}, {high}) of {symbol.name} is empty; give (low, high) with low < high"
            )
        if symbol.is_integer:
            ends = int(sp.ceiling(low)), int(sp.floor(high))
            return [sp.Integer(chance.randint(*ends)) for _ in range(count)]
        return [low + (high - low) * _fraction(chance) for _ in range(count)]
    if isinstance(choice, Iterable):
        listed = [exact_number(v, symbol.name) for v in choice]
        if listed:
            return [listed[i % len(listed)] for i in range(count)]
    raise InputError(f"domain= gives {symbol.name} {choice!r}; give an interval (low, high) or a list of values")


def _fraction(chance: random.Random) -> sp.Rational:
    """A fraction strictly between 0 and 1 with a denominator of at most four digits."""
    below = chance.randint(64, 4096)
    return sp.Rational(chance.randint(1, below - 1), below)


def _by_assumptions(symbol: sp.Symbol, chance: random.Random) -> sp.Expr:
    if symbol.is_integer:
        value: sp.Expr = sp.Integer(chance.randint(1, 12))
    else:
        value = sp.Rational(chance.randint(64, 4096), 1024)
        value = value if chance.random() < 0.5 else 1 / value
    may_be_negative = symbol.is_nonnegative is None and symbol.is_positive is None
    if symbol.is_nonpositive or (may_be_negative and chance.random() < 0.5):
        return -value
    return value


def _agreed_digits(a: Any, b: Any, absolute: bool, most: int) -> int:
    if a is None or b is None:
        return -1
    gap = abs(a - b)
    scale = mpmath.mpf(1) if absolute else max(abs(a), abs(b))
    if gap == 0:
        return most
    return max(0, min(most, int(mpmath.floor(-mpmath.log10(gap / scale)))))


def _row(point: Mapping[sp.Symbol, sp.Expr], a: Any, b: Any, agreed: int) -> str:
    where = point_text(point) or "the one value there is"
    if agreed < 0:
        shown = ", ".join("no number" if v is None else _short(v, 8) for v in (a, b))
        return f"{where}: {shown}; keep domain= where both sides are defined"
    shown = f"{_short(a, agreed + 6)}, {_short(b, agreed + 6)}"
    return f"{where}: {shown}: {agreed} digit{'' if agreed == 1 else 's'} agree{'s' if agreed == 1 else ''}"


def _short(value: Any, digits: int) -> str:
    return mpmath.nstr(value, digits) + ("..." if value != 0 else "")
