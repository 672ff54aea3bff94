"""The numbers a residual network is run with: variances and start, checked once and kept exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.networks.residual.equations import SYMBOLS
from derive.numerics.exact import correlation, exact_number, variance, whole_number

__all__ = ["VARIANCES", "RunValues", "read_depth", "read_values", "read_variances"]

VARIANCES = ("sigma_v2", "sigma_w2", "sigma_a2", "sigma_b2")


@dataclass(frozen=True)
class RunValues:
    """Exact variances and start of one run; ``p0`` and ``e0`` are ``None`` where they were not given."""

    sigma_v2: sp.Expr
    sigma_w2: sp.Expr
    sigma_a2: sp.Expr
    sigma_b2: sp.Expr
    p0: sp.Expr | None = None
    e0: sp.Expr | None = None

    @property
    def shift(self) -> sp.Expr:
        """sigma_b2 / sigma_w2, what P = p + shift and G = gamma + shift add; only for sigma_w2 > 0."""
        return self.sigma_b2 / self.sigma_w2

    @property
    def s0(self) -> sp.Expr:
        """s = p - gamma at the input, (1 - e0) p0; only where both were given."""
        if self.e0 is None or self.p0 is None:
            raise InputError("this quantity is about two inputs; give p0 and e0")
        return (1 - self.e0) * self.p0

    @property
    def P0(self) -> sp.Expr:
        """P at the input."""
        return self.p0 + self.shift

    @property
    def parameters(self) -> dict[sp.Symbol, sp.Expr]:
        """The variances by symbol."""
        return {getattr(SYMBOLS, name): getattr(self, name) for name in VARIANCES}


def read_variances(fixed: Mapping[str, Any], given: Mapping[str, Any]) -> RunValues:
    """Check the variances; ``fixed`` holds those the architecture does not have."""
    return read_values(fixed, given, needs=())


def read_values(fixed: Mapping[str, Any], given: Mapping[str, Any], needs: tuple[str, ...] = ("p0",)) -> RunValues:
    """Check variances and start; ``needs`` names the start values that must be there.

    Raises :class:`~derive.errors.InputError` for a missing or unknown keyword and
    :class:`~derive.errors.DomainError` for a negative variance or length, ``|e0| > 1``, NaN or an infinite number.
    """
    free = [name for name in VARIANCES if name not in fixed]
    accepted = [*free, "p0", "e0"]
    for name in given:
        if name not in accepted:
            near = get_close_matches(name, accepted, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise InputError(f"unknown keyword {name}={given[name]!r}; {hint}This network takes {', '.join(accepted)}")
    missing = [name for name in (*free, *needs) if given.get(name) is None]
    if missing:
        raise InputError(
            f"missing {', '.join(missing)}; give every variance and start as a keyword, e.g. {missing[0]}=1"
        )
    numbers: dict[str, Any] = {name: exact_number(value, name) for name, value in fixed.items()}
    numbers |= {name: variance(given[name], name) for name in free}
    if given.get("p0") is not None:
        numbers["p0"] = variance(given["p0"], "p0")
    if given.get("e0") is not None:
        numbers["e0"] = correlation(given["e0"], "e0")
    values = RunValues(**numbers)
    if "e0" in needs and values.p0 == 0 and values.e0 != 1 and values.sigma_w2 != 0:
        raise DomainError(
            "p0 = 0 leaves e0 without meaning: both inputs are zero and stay equal; give e0 = 1 or p0 > 0"
        )
    return values


def read_depth(depth: Any, most: int | None = None) -> int:
    """A number of layers, from 0 to ``most``, as a Python int."""
    number = exact_number(depth, "depth")
    if not number.is_Integer or number < 0:
        raise DomainError(f"depth = {number} is not a number of layers; give an integer that is at least 0")
    return whole_number(number, "depth", most)
