"""Expansions in files: JSON with expressions as nested lists, read back by a table of known heads.

An expression is ``["head", argument, ...]`` with numbers as text and symbols with their assumptions; nothing is ever
evaluated as code.  A recurrence whose map is a SeriesMap, or holds functions that are not plain SymPy ones, cannot be
written: the expansion is saved without it, and gives no digits after loading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.errors import InputError, ParseError, UnsupportedError
from derive.files import write_file

if TYPE_CHECKING:
    from derive.difference.expansion import Expansion

__all__ = ["decode", "encode", "load_expansion", "save_expansion"]

_FRAME = ("n", "c", "Y", "scale", "log_coefficient")
_FORMAT = "derive expansion"
_VERSION = 1
_ASSUMPTIONS = ("positive", "nonnegative", "negative", "real", "integer", "nonzero")
_CONSTANTS = {
    "pi": sp.pi,
    "E": sp.E,
    "EulerGamma": sp.EulerGamma,
    "Catalan": sp.Catalan,
    "oo": sp.oo,
    "-oo": -sp.oo,
    "true": sp.true,
    "false": sp.false,
}
_HEADS: dict[str, Any] = {
    f.__name__: f
    for f in (
        *(sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside),
        *(sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.asin, sp.acos, sp.atan, sp.acot),
        *(sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch, sp.asinh, sp.acosh, sp.atanh, sp.acoth),
        *(sp.erf, sp.erfc, sp.erfi, sp.gamma, sp.loggamma, sp.polygamma, sp.zeta, sp.LambertW, sp.factorial),
        *(sp.besselj, sp.bessely, sp.besseli, sp.besselk, sp.Ei, sp.Si, sp.Ci, sp.li),
    )
}
_LARGEST = 50_000_000
_DEEPEST = 500


def encode(expr: sp.Basic) -> list[Any]:
    """An expression as nested lists; UnsupportedError names a head that is not in the table.

    >>> encode(sp.sqrt(2) / 3)
    ['Mul', ['Rational', '1', '3'], ['Pow', ['Integer', '2'], ['Rational', '1', '2']]]
    """
    for name, value in _CONSTANTS.items():
        if expr == value:
            return ["constant", name]
    if isinstance(expr, sp.Integer):
        return ["Integer", str(expr)]
    if isinstance(expr, sp.Rational):
        return ["Rational", str(expr.p), str(expr.q)]
    if isinstance(expr, sp.Float):
        return encode(sp.Rational(expr))
    if type(expr) is sp.Symbol:
        return ["Symbol", expr.name, [a for a in _ASSUMPTIONS if expr.assumptions0.get(a)]]
    head = expr.func.__name__
    if _HEADS.get(head) is not expr.func:
        raise UnsupportedError(f"{head} cannot be written to a file")
    return [head, *(encode(a) for a in expr.args)]


def decode(data: Any, depth: int = 0) -> sp.Basic:
    """The expression that :func:`encode` wrote; ParseError where the data are not of that form."""
    if not isinstance(data, list) or not data or not isinstance(data[0], str) or depth > _DEEPEST:
        raise ParseError(f"not an expression written by derive: {str(data)[:60]}")
    head, *rest = data
    if head == "constant" and len(rest) == 1 and rest[0] in _CONSTANTS:
        return _CONSTANTS[rest[0]]
    if head in ("Integer", "Rational") and all(isinstance(t, str) for t in rest):
        return sp.Rational(*(_integer(t) for t in rest))
    if head == "Symbol" and len(rest) == 2 and isinstance(rest[0], str) and rest[0].isidentifier():
        if not set(rest[1]) <= set(_ASSUMPTIONS):
            raise ParseError(f"unknown assumptions on the symbol {rest[0]}: {rest[1]}")
        return sp.Symbol(rest[0], **dict.fromkeys(rest[1], True))
    if head in _HEADS:
        return _HEADS[head](*(decode(a, depth + 1) for a in rest))
    raise ParseError(f"not an expression written by derive: {str(data)[:60]}")


def _integer(text: str) -> int:
    digits = text[1:] if text[:1] == "-" else text
    if not digits.isdigit() or len(digits) > 100_000:
        raise ParseError(f"not an integer: {text[:40]!r}")
    return int(text)


def save_expansion(law: Expansion, path: Any) -> None:
    """Write an expansion; the file appears complete or not at all.  OutputError where it cannot be written."""
    from derive.difference.near_point.series_function import SeriesFunction

    path = path_of(path)
    if isinstance(law.image, SeriesFunction):
        raise UnsupportedError("the image under a SeriesFunction cannot be written to a file")
    frame = law.frame
    data = {
        "format": _FORMAT,
        "version": _VERSION,
        "recurrence": _encode_recurrence(law.recurrence),
        "frame": {name: encode(getattr(frame, name)) for name in _FRAME},
        "k": frame.k,
        "rows": [[r.exponent, [encode(p) for p in r.coefficients]] for r in law.rows],
        "asked": law.asked,
        "reach": law.reach,
        **{name: encode(getattr(law, name)) for name in ("abel", "offset", "log_theta", "by")},
        **{name: _optional(getattr(law, name)) for name in ("constant", "image")},
    }
    write_file(Path(path), json.dumps(data, indent=1) + "\n")


def _optional(expr: sp.Expr | None) -> list[Any] | None:
    return None if expr is None else encode(expr)


def _encode_recurrence(recurrence: Any) -> dict[str, Any]:
    try:
        F = encode(recurrence.F) if isinstance(recurrence.F, sp.Expr) else None
    except UnsupportedError:
        F = None
    return {
        "x": encode(recurrence.x),
        "F": F,
        "point": encode(recurrence.point_given),
        "side": recurrence.side,
        "params": [[encode(k), encode(v)] for k, v in sorted(recurrence.params.items(), key=str)],
    }


def path_of(path: Any) -> Path:
    """The path of a file that was named."""
    try:
        return Path(path)
    except TypeError:
        raise InputError(f"path = {path!r} is not the name of a file") from None


def load_expansion(path: Any) -> Expansion:
    """Read an expansion.  ParseError where the file is not one written by :func:`save_expansion`."""
    path = path_of(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path} is larger than any expansion written by derive")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{path} is not a JSON file: {error}") from error
    if not isinstance(data, Mapping) or data.get("format") != _FORMAT or data.get("version") != _VERSION:
        raise ParseError(f"{path} is not an expansion written by this version of derive")
    try:
        return _decode_expansion(data)
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, ParseError):
            raise
        raise ParseError(f"{path} is damaged: {error}") from error


def _decode_expansion(data: Mapping[str, Any]) -> Expansion:
    from derive.difference.expansion import Expansion
    from derive.difference.formal.formal import FormalRow
    from derive.difference.frame import Frame

    rows = [FormalRow(int(e), tuple(decode(p) for p in coefficients)) for e, coefficients in data["rows"]]
    pieces = {name: decode(data[name]) for name in ("abel", "offset", "log_theta", "by")}
    pieces |= {name: None if data[name] is None else decode(data[name]) for name in ("constant", "image")}
    return Expansion(
        recurrence=_decode_recurrence(data["recurrence"]),
        frame=Frame(k=int(data["k"]), **{name: decode(data["frame"][name]) for name in _FRAME}),
        rows=tuple(rows),
        asked=int(data["asked"]),
        reach=int(data["reach"]),
        **pieces,
    )


def _decode_recurrence(data: Mapping[str, Any]) -> Any:
    from derive.difference.near_point.series_function import SeriesMap
    from derive.difference.recurrence import Recurrence

    x = decode(data["x"])
    F: Any = SeriesMap(x, _lost) if data["F"] is None else decode(data["F"])
    params = {decode(k): decode(v) for k, v in data["params"]}
    return Recurrence(x, F, point=decode(data["point"]), side=data["side"], params=params)


def _lost(order: int) -> sp.Expr:
    raise UnsupportedError(
        "this expansion was loaded from a file that could not hold its map; make it again for digits"
    )
