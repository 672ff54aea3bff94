"""A dictionary that forgets: what was computed is kept for the next question, but not for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

__all__ = ["Remembered"]


class Remembered(OrderedDict[Any, Any]):
    """At most ``kept`` entries; the one that was not asked for longest goes first.

    >>> squares = Remembered(2)
    >>> [squares.get_or_make(i, lambda: i * i) for i in (1, 2, 1, 3)], list(squares)
    ([1, 4, 1, 9], [1, 3])
    """

    def __init__(self, kept: int = 256) -> None:
        super().__init__()
        self.kept = kept

    def get_or_make(self, key: Any, make: Callable[[], Any]) -> Any:
        """The entry, made now if it is missing."""
        if key in self:
            self.move_to_end(key)
            return self[key]
        self[key] = found = make()
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > self.kept:
            self.popitem(last=False)
