"""The error of tables in float64, measured against proven values on a fixed random sample of the domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from derive.activations import Activation
from derive.codegen.approximation.table_set import Tables
from derive.errors import DeriveError, UnsupportedError

__all__ = ["direct_values", "measured", "sample", "wide_errors", "wide_sample"]

_POINTS = 12
_NEGATIVE = ((1.0, 1.9999),)  # c < 0
_NEAR = 0.02  # 1 - c below which proven values of an activation with kinks take seconds each
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
    from derive.codegen.approximation.evaluate import evaluate
    from derive.expectations.values import expectation_value, gap_value, variance_value

    slope = phi.derivative_away_from_kinks(1)
    worst: dict[str, float] = {}
    known: dict[str, float] = {}  # proven values of one point, rounded; W is V less the gap

    def note(name: str, got: float, make: Any, scale: float | None = None) -> None:
        try:
            expected = float(make())
        except (DeriveError, KeyError):
            return
        known[name] = expected
        scale = expected if scale is None else scale
        error = float(abs(got - expected) / abs(scale))
        worst[name] = max(worst.get(name, 0.0), error if error == error else np.inf)

    q, distance = np.array([*sample(points), *_NEGATIVE]).T
    v = q * distance
    got = evaluate(phi, tables, q, v)
    for i in range(len(q)):
        known.clear()
        note("V", got["V"][i], lambda i=i: variance_value(phi, q[i], 20))
        note("S", got["S"][i], lambda i=i: expectation_value(slope.expr**2, q[i], 20))
        if tables.two is not None and (not phi.kinks or distance[i] > _NEAR):
            note("D", got["D"][i], lambda i=i: gap_value(phi, q[i], _ratio(v[i], q[i]), 20))
            note("C", got["C"][i], lambda i=i: known["V"] - known["D"], got["V"][i])
    for name, error in wide_errors(phi, tables).items():
        worst[name] = max(worst.get(name, 0.0), error)
    return replace(tables, errors=worst)


def wide_errors(phi: Activation, tables: Tables) -> dict[str, float]:
    """Errors over :func:`wide_sample` against the float64 sums of :mod:`derive.codegen.approximation.heat`.

    Nothing is compared for one input, nor where the activation has no profile because it oscillates.
    """
    from derive.codegen.approximation.evaluate import evaluate

    if tables.two is None:
        return {}
    q, distance = np.array(wide_sample()).T
    v = q * distance
    try:
        expected = [direct_values(phi, *pair) for pair in zip(q.tolist(), v.tolist(), strict=True)]
    except UnsupportedError:
        return {}
    got, worst = evaluate(phi, tables, q, v), {}
    for name in ("V", "S", "C", "D"):
        right = np.array([e[name] for e in expected])
        scale = np.array([e["V" if name == "C" else name] for e in expected])
        worst[name] = float(np.max(np.nan_to_num(np.abs(got[name] - right) / np.abs(scale), nan=np.inf)))
    return worst


def direct_values(phi: Activation, q: float, v: float) -> dict[str, float]:
    """V, S = E phi'^2, D = V - W and C = W at one variance and distance v = q - lam, without tables."""
    from derive.codegen.approximation.functions import split
    from derive.codegen.approximation.heat import Smoothed, one_input
    from derive.codegen.approximation.profile import profile_of

    near = min(v, 2 * q - v)
    average, total, slope, gap = float(phi.expr.subs(phi.variable, 0)), 0.0, 0.0, 0.0
    for part in split(phi):
        if part.is_constant:
            continue
        profile = profile_of(phi, part.parity)
        mean, variance, squares = one_input(profile, q)
        lam = q - near
        d = Smoothed(profile, near, lam, lam).pair(np.array([lam]))[1][0] if lam > 0 else variance
        average, total, slope = average + mean, total + variance, slope + squares
        gap += 2 * variance - d if part.parity < 0 and v > q else d
    total += average**2
    return {"V": total, "S": slope, "D": float(gap), "C": total - float(gap)}


def _ratio(v: float, q: float) -> Any:
    from fractions import Fraction

    return Fraction(float(v)) / Fraction(float(q))
