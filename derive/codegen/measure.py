"""The error of tables in float64, measured against proven values on a fixed random sample of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.activations import Activation
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.codegen.tables import Tables

__all__ = ["measured", "sample"]

_POINTS = 12


def sample(points: int, seed: int = 0) -> list[tuple[float, float]]:
    """Variances from 1e-3 to 1e4 and values of 1 - c from 1e-8 to 1, spread over their decades."""
    random = np.random.default_rng(seed)
    q = 10.0 ** random.uniform(-3, 4, points)
    return list(
        zip(
            q.tolist(),
            (
                10.0 ** -random.uniform(0, 8, points) * (np.arange(points) % 2 == 0)
                + random.uniform(0, 1, points) * (np.arange(points) % 2)
            ).tolist(),
            strict=True,
        )
    )


def measured(phi: Activation, tables: Tables, points: int = _POINTS) -> Tables:
    """The tables with ``errors`` filled in: V and S relative, D relative, C relative to V."""
    from derive.codegen.evaluate import evaluate
    from derive.expectations.values import expectation_value, gap_value, variance_value

    slope = phi.diff(1)
    worst: dict[str, float] = {}

    def note(name: str, got: float, make: Any) -> None:
        try:
            expected = float(make())
        except DeriveError:
            return
        worst[name] = max(worst.get(name, 0.0), abs(got - expected) / abs(expected))

    for q, distance in sample(points):
        v = q * distance
        got = evaluate(phi, tables, np.array([q]), np.array([v]))
        exact_distance = _ratio(v, q)
        note("V", got["V"][0], lambda q=q: variance_value(phi, q, 20))
        note("S", got["S"][0], lambda q=q: expectation_value(slope.expr**2, q, 20))
        if tables.two is not None:
            note("D", got["D"][0], lambda q=q, d=exact_distance: gap_value(phi, q, d, 20))
    return replace(tables, errors=worst)


def _ratio(v: float, q: float) -> Any:
    from fractions import Fraction

    return Fraction(v) / Fraction(q)
