"""The exceptions of the package, named by cause.

Every error raised on purpose is a :class:`DeriveError`.  Its message names the offending value and says what to try.
"""

from __future__ import annotations

__all__ = [
    "CertificationError",
    "DeriveError",
    "DomainError",
    "InputError",
    "OutputError",
    "ParseError",
    "PrecisionError",
    "Undecided",
    "UnknownNameError",
    "UnsupportedError",
]


class DeriveError(Exception):
    """Base class of every error this package raises on purpose."""


class InputError(DeriveError, ValueError):
    """An argument cannot be used."""


class ParseError(InputError):
    """Text from outside is not a formula of the whitelisted language."""


class DomainError(InputError):
    """A number lies outside the domain of the quantity asked for (NaN, infinite, negative variance, ...)."""


class UnknownNameError(InputError):
    """A name (activation, claim, table, quantity) is not known; the message lists near matches."""


class UnsupportedError(DeriveError, NotImplementedError):
    """The problem is well posed and recognised, but lies outside the classes this package solves."""


class PrecisionError(DeriveError, ArithmeticError):
    """The digits asked for cannot be delivered."""


class Undecided(DeriveError, ArithmeticError):
    """Two enclosures overlap, so a comparison has no certain answer."""


class CertificationError(DeriveError, ArithmeticError):
    """A side condition of a proof in ball arithmetic could not be shown."""


class OutputError(DeriveError, OSError):
    """A file or folder cannot be written."""
