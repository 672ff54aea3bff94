"""One of several known names, or an error that helps: what was given and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from derive.errors import UnknownNameError

__all__ = ["brief", "known_name"]

_LONGEST = 60


def brief(value: Any) -> str:
    """How a value is quoted in a message: its repr on one line, cut where it is long."""
    text = " ".join(repr(value[: 2 * _LONGEST] if isinstance(value, str) else value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def known_name(value: Any, known: Iterable[str], what: str) -> str:
    """``value`` if it is one of the known names; otherwise :class:`~derive.errors.UnknownNameError`.

    >>> known_name("tabel1", ["table1", "claims"], "table")
    Traceback (most recent call last):
    derive.errors.UnknownNameError: no table is called 'tabel1'; did you mean table1?
    """
    names = list(known)
    if isinstance(value, str) and value in names:
        return value
    near = get_close_matches(value, names, 1) if isinstance(value, str) and len(value) < 10 * _LONGEST else []
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    raise UnknownNameError(f"no {what} is called {brief(value)}; {hint}")
