"""Text with Gaussian expectations in it, such as ``2*V(tanh, 2) + 1``, as a closed SymPy expression.

The calls ``V(phi, q)``, ``W(phi, q, lam)``, ``E(f, q)`` and ``E(f, g, q1, q2, lam)`` are cut out first.  Their
functions go to :func:`derive.activation`, their numbers and the rest of the text to :mod:`derive.parsing`; no other
text is read.
"""

from __future__ import annotations

import re

import sympy as sp

from derive.errors import ParseError
from derive.parsing import parse

__all__ = ["closed_formula"]

#: head -> how many functions stand first, for each possible number of arguments
_HEADS: dict[str, dict[int, int]] = {"V": {2: 1}, "W": {3: 1}, "E": {2: 1, 5: 2}}
_CALL = re.compile(r"(?<![A-Za-z0-9_.])([VWE])\s*\(")
_LONGEST = 10_000
_DEEPEST = 8
_PLACE = "expectation"


def _end(text: str, start: int) -> int:
    """The position of the bracket that closes the one before ``start``."""
    depth = 1
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ParseError(f"a bracket of {text[:60]!r} is not closed")


def _split(inside: str) -> list[str]:
    """The arguments between two brackets."""
    parts, depth, last = [], 0, 0
    for i, c in enumerate(inside):
        depth += {"(": 1, ")": -1}.get(c, 0)
        if c == "," and depth == 0:
            parts.append(inside[last:i])
            last = i + 1
    return [*parts, inside[last:]]


def _call(name: str, inside: str, depth: int) -> sp.Expr:
    """One call, its arguments read."""
    import derive

    parts = _split(inside)
    shapes = _HEADS[name]
    if len(parts) not in shapes:
        wanted = " or ".join(str(n) for n in shapes)
        raise ParseError(f"{name}({inside[:60]}) has {len(parts)} arguments; {name} takes {wanted}")
    count = shapes[len(parts)]
    functions = [derive.activation(p.strip()) for p in parts[:count]]
    numbers = [closed_formula(p, depth + 1) for p in parts[count:]]
    return getattr(derive, name)(*functions, *numbers)


def closed_formula(text: str, depth: int = 0) -> sp.Expr:
    """The closed expression written in ``text``; anything but numbers and the calls above is a ParseError."""
    if len(text) > _LONGEST:
        raise ParseError(f"the formula has {len(text)} characters; at most {_LONGEST} are read")
    if _PLACE in text:
        raise ParseError(f"the name {_PLACE} has no meaning here")
    if depth > _DEEPEST:
        raise ParseError(f"expectations are nested more than {_DEEPEST} deep")
    rest, position = "", 0
    values: dict[str, sp.Expr] = {}
    while (found := _CALL.search(text, position)) is not None:
        end = _end(text, found.end())
        name = f"{_PLACE}{len(values)}"
        values[name] = _call(found[1], text[found.end() : end], depth)
        rest += text[position : found.start()] + f" {name} "
        position = end + 1
    rest += text[position:]
    places = {name: sp.Dummy(name, real=True) for name in values}
    return parse(rest, names=places).subs({places[name]: value for name, value in values.items()})
