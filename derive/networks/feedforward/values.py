"""The numbers a feed-forward network is run with, checked once and kept exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.numerics.exact import correlation, exact_number, sign_of, variance

__all__ = ["Layer", "Start", "read_keep_probability", "read_layer", "read_start"]


@dataclass(frozen=True)
class Layer:
    """Exact sigma_w2, sigma_b2 and keep probability of every layer."""

    sigma_w2: sp.Expr
    sigma_b2: sp.Expr
    rho: sp.Expr

    @property
    def gain(self) -> sp.Expr:
        """sigma_w2/rho, what multiplies V in the recurrence of the length."""
        return self.sigma_w2 / self.rho

    def __str__(self) -> str:
        dropout = "" if self.rho == 1 else f", keep_probability = {self.rho}"
        return f"sigma_w2 = {self.sigma_w2}, sigma_b2 = {self.sigma_b2}{dropout}"


@dataclass(frozen=True)
class Start:
    """Exact lengths and correlation of one or two inputs; ``q0b`` and ``c0`` are None for one input."""

    q0: sp.Expr
    q0b: sp.Expr | None = None
    c0: sp.Expr | None = None


def read_keep_probability(value: Any) -> sp.Expr:
    """A probability in (0, 1], exactly."""
    rho = exact_number(value, "keep_probability")
    if sign_of(rho) <= 0 or sign_of(rho - 1) > 0:
        raise DomainError(
            f"keep_probability = {rho} lies outside (0, 1]; it is the probability that a unit is kept, 1 for no dropout"
        )
    return rho


def _only(given: Mapping[str, Any], accepted: Iterable[str]) -> None:
    names = list(accepted)
    for name, value in given.items():
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise InputError(f"unknown keyword {name}={value!r}; {hint}This method takes {', '.join(names)}")


def read_layer(rho: sp.Expr, given: Mapping[str, Any]) -> Layer:
    """sigma_w2 and sigma_b2, both needed; DomainError for a negative, infinite or NaN value."""
    _only(given, ("sigma_w2", "sigma_b2"))
    for name in ("sigma_w2", "sigma_b2"):
        if given.get(name) is None:
            raise InputError(f"missing {name}; give both variances as keywords, e.g. sigma_w2=2, sigma_b2='1/20'")
    return Layer(variance(given["sigma_w2"], "sigma_w2"), variance(given["sigma_b2"], "sigma_b2"), rho)


def read_start(given: Mapping[str, Any]) -> Start:
    """q0, and for two inputs c0 and (for unequal norms) q0b."""
    _only(given, ("q0", "q0b", "c0"))
    if given.get("q0") is None:
        raise InputError("missing q0, the variance of the pre-activations of the first layer; give q0=1, say")
    q0 = variance(given["q0"], "q0")
    c0 = None if given.get("c0") is None else correlation(given["c0"], "c0")
    q0b = None if given.get("q0b") is None else variance(given["q0b"], "q0b")
    if q0b is not None and c0 is None:
        raise InputError("q0b belongs to a second input; give its correlation with the first one as c0")
    return Start(q0, q0b, c0)
