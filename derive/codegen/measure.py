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
    """The tables with ``errors`` filled in: relative, that of C relative to V."""
    from derive.codegen.evaluate import evaluate
    from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value

    slope = phi.diff(1)
    worst: dict[str, float] = {}

    def note(name: str, got: float, make: Any, scale: float | None = None) -> None:
        try:
            expected = float(make())
        except DeriveError:
            return
        scale = expected if scale is None else scale
        worst[name] = max(worst.get(name, 0.0), float(abs(got - expected) / abs(scale)))

    q, distance = np.array(sample(points)).T
    v = q * distance
    got = evaluate(phi, tables, q, v)
    for i in range(points):
        note("V", got["V"][i], lambda i=i: variance_value(phi, q[i], 20))
        note("S", got["S"][i], lambda i=i: expectation_value(slope.expr**2, q[i], 20))
        if tables.two is not None:
            note("D", got["D"][i], lambda i=i: gap_value(phi, q[i], _ratio(v[i], q[i]), 20))
            note(
                "C",
                got["C"][i],
                lambda i=i: covariance_value(phi, q[i], one_minus_c=_ratio(v[i], q[i]), digits=20),
                got["V"][i],
            )
    return replace(tables, errors=worst)


def _ratio(v: float, q: float) -> Any:
    from fractions import Fraction

    return Fraction(float(v)) / Fraction(float(q))
