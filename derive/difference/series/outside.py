"""The refusal of an expression that has no expansion in powers, with the class it belongs to instead."""

from __future__ import annotations

from derive.errors import UnsupportedError

__all__ = ["OutsideClass"]


class OutsideClass(UnsupportedError):
    """No expansion in powers; ``kind`` says what there is (``logarithmic``, ``symbolic_powers``, ...)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
