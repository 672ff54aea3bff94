"""The functions, constants and refusals of the formula language, as tables.

:mod:`derive.parsing` reads text with these tables and nothing else: a name that is not here cannot be called.  Each
function stands with the SymPy constructor, an mpmath counterpart (for the size of closed numbers) and the largest
argument at which a closed number may be formed, so that no text makes SymPy compute an integer of a million digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

__all__ = ["CONSTANTS", "FUNCTIONS", "MANY", "REFUSED_NAMES", "REFUSED_SIGNS", "ROUGH", "Entry"]

# A context of our own, at fixed precision: sizes of closed numbers are estimated here without touching mpmath.mp.
ROUGH = mpmath.MPContext()
ROUGH.dps = 60


@dataclass(frozen=True)
class Entry:
    """One function of the language.

    ``build`` makes the SymPy expression, ``rough`` the 60-digit value used to bound sizes.  ``largest`` bounds the
    absolute value of a closed argument; ``fast`` marks growth like exp, of which only a few may be nested.
    """

    build: Callable[..., sp.Expr]
    rough: Callable[..., Any]
    arguments: tuple[int, int] = (1, 1)
    largest: int | None = None
    fast: bool = False


_HALF = ROUGH.mpf("0.5")


def _heaviside(x: Any, at_zero: Any = _HALF) -> Any:
    return at_zero if x == 0 else ROUGH.mpf(x > 0)


def _same(sympy_name: str, rough_name: str | None = None, **options: Any) -> Entry:
    return Entry(getattr(sp, sympy_name), getattr(ROUGH, rough_name or sympy_name), **options)


CONSTANTS: dict[str, tuple[sp.Expr, Any]] = {"pi": (sp.pi, +ROUGH.pi), "E": (sp.E, +ROUGH.e)}

MANY = (1, 16)  # arguments of Max and Min

FUNCTIONS: dict[str, Entry] = {
    "exp": _same("exp", largest=10**4, fast=True),
    "log": _same("log"),
    "sqrt": _same("sqrt"),
    **{name: _same(name, largest=10**100) for name in ("sin", "cos", "tan", "cot", "sec", "csc")},
    **{name: _same(name, largest=10**4, fast=True) for name in ("sinh", "cosh")},
    **{name: _same(name, largest=10**4) for name in ("tanh", "coth", "sech", "csch")},
    **{name: _same(name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "acoth")},
    **{name: _same(name, largest=10**4) for name in ("erf", "erfc")},
    "erfi": _same("erfi", largest=10**3, fast=True),
    "gamma": _same("gamma", largest=10**3, fast=True),
    "Abs": Entry(sp.Abs, abs),
    "sign": _same("sign"),
    "Max": Entry(sp.Max, lambda *a: max(a), MANY),
    "Min": Entry(sp.Min, lambda *a: min(a), MANY),
    "Heaviside": Entry(sp.Heaviside, _heaviside, (1, 2)),
}
FUNCTIONS |= {
    alias: FUNCTIONS[name]
    for alias, name in {
        "ln": "log",
        "abs": "Abs",
        "max": "Max",
        "min": "Min",
        "arcsin": "asin",
        "arccos": "acos",
        "arctan": "atan",
        "arcsinh": "asinh",
        "arccosh": "acosh",
        "arctanh": "atanh",
        "arcoth": "acoth",
    }.items()
}

REFUSED_NAMES: dict[str, str] = {
    **dict.fromkeys(("oo", "inf", "infinity", "Infinity", "zoo"), "infinity is not a number of the formula language"),
    **dict.fromkeys(("nan", "NaN", "NAN"), "nan is not a number"),
    **dict.fromkeys(("I", "j", "1j"), "formulas are real: there is no imaginary unit"),
    **dict.fromkeys(("True", "False"), "True stands only as the last condition of a Piecewise"),
    **dict.fromkeys(("and", "or", "not"), "conditions are single comparisons: nest or order the branches of Piecewise"),
    **dict.fromkeys(("if", "else"), "write Piecewise((a, x > 0), (b, True)) for a case distinction"),
}

REFUSED_SIGNS: dict[str, str] = {
    "^": "write ** for a power, as in x**2",
    "=": "an equals sign has no place in a formula",
    "==": "conditions use <, <=, > and >= only",
    "!=": "conditions use <, <=, > and >= only",
    "//": "write / for a division",
    "%": "there is no remainder; write the decimal number itself",
    "!": "write gamma(n + 1) for a factorial",
    ".": "attributes are not part of the formula language",
    ",": "a comma stands only between the arguments of a function; the decimal sign is a point",
    "[": "subscripts and lists are not part of the formula language; use round brackets",
    "]": "subscripts and lists are not part of the formula language; use round brackets",
    "{": "use round brackets",
    "}": "use round brackets",
    "'": "strings are not part of the formula language",
    '"': "strings are not part of the formula language",
    "|": "write Abs(x) for an absolute value",
    "\\": "write plain formulas, not LaTeX: tanh(x), sqrt(x), a/b",
}
