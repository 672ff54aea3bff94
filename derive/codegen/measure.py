"""The error of tables in float64, measured against proven values on a fixed random sample of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.codegen.tables import Tables

__all__ = ["measured", "sample", "wide_errors", "wide_sample"]

_POINTS = 12
_NEGATIVE = ((1.0, 1.9999),)  # c < 0
_WIDE = 200  # points compared with a finer quadrature


def wide_sample(points: int = _WIDE, seed: int = 1) -> list[tuple[float, float]]:
    """Variances from 1e-6 to 1e6, 1 - c down to 1e-10, up to 1, and up to 2 less 1e-10, in equal shares."""
    random = np.random.default_rng(seed)
    q = 10.0 ** random.uniform(-6, 6, points)
    small, middle = 10.0 ** random.uniform(-10, 0, points), random.uniform(0, 2, points)
    distance = np.choose(np.arange(points) % 3, [small, middle, 2 - small])
    return list(zip(q.tolist(), distance.tolist(), strict=True))


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

    q, distance = np.array([*sample(points), *_NEGATIVE]).T
    v = q * distance
    got = evaluate(phi, tables, q, v)
    for i in range(len(q)):
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
    for name, error in wide_errors(phi, tables).items():
        worst[name] = max(worst.get(name, 0.0), error)
    return replace(tables, errors=worst)


def wide_errors(phi: Activation, tables: Tables) -> dict[str, float]:
    """Errors over :func:`wide_sample` against float64 quadrature with half the step: V, and the gap D of two inputs.

    Only parts that float64 quadrature serves: nothing is compared where the activation oscillates.
    """
    from derive.codegen.evaluate import evaluate
    from derive.codegen.functions import split
    from derive.codegen.quadrature import Rule, covariance_and_gap, mean, variance

    odd, even = split(phi)
    slope = 0.0
    if odd.polynomial is not None and sp.degree(odd.polynomial, odd.x) == 1:
        slope = float(sp.diff(odd.polynomial, odd.x))
    parts = [part for part in (odd, even) if not part.is_zero and not (part.parity < 0 and slope)]
    if any(part.polynomial is not None or part.oscillates for part in parts) or tables.two is None:
        return {}
    q, distance = np.array(wide_sample()).T
    v = q * distance
    got = evaluate(phi, tables, q, v)
    centre, worst = float(phi.expr.subs(phi.variable, 0)), {"V": 0.0, "C": 0.0, "D": 0.0}
    for i, (variance_, near) in enumerate(zip(q, np.minimum(v, 2 * q - v), strict=True)):
        total, gap = slope**2 * variance_, slope**2 * v[i]
        for part in parts:
            rule = Rule(0.05, part.scale)
            a, d = variance(part, variance_, rule), covariance_and_gap(part, near, variance_ - near, rule)[1]
            gap += 2 * a - d if part.parity < 0 and v[i] > variance_ else d
            total += a + ((centre + mean(part, variance_, rule)) ** 2 if part.parity > 0 else 0.0)
        if all(part.parity < 0 for part in parts):
            total += centre**2
        found = {"V": (got["V"][i], total), "D": (got["D"][i], gap), "C": (got["C"][i], total - gap)}
        for name, (value, expected) in found.items():
            error = abs(value - expected) / abs(total if name == "C" else expected)
            worst[name] = max(worst[name], float(error))
    return worst


def _ratio(v: float, q: float) -> Any:
    from fractions import Fraction

    return Fraction(float(v)) / Fraction(float(q))
