"""Layer-by-layer iteration of a feed-forward network with expectations of full accuracy.

Two inputs are carried by s = (q_a + q_b)/2 - q_ab for equal norms, so that 1 - c keeps its digits near c = 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, InputError, UnsupportedError
from derive.networks.feedforward.correlation import slope_product, slope_variance
from derive.networks.feedforward.ends import slope_at_zero
from derive.networks.feedforward.equations import SYMBOLS, feed_forward_equations
from derive.networks.feedforward.values import Layer, Start
from derive.networks.residual.trajectory import Trajectory
from derive.numerics.compile import to_mpf
from derive.numerics.exact import exact_number

__all__ = ["iterate", "run", "value_at"]

GUARD_DIGITS = 20
_MOST = 20_000  # layers that are iterated whether or not the orbit settles
_PATIENCE = 5_000  # layers within which it has to settle for depths beyond
DEEPEST = 100_000  # layers of a trajectory
_LONGEST = 1_000_000  # bits before the point of a length


@lru_cache(maxsize=64)
def _step(phi: Activation) -> tuple[Any, Any]:
    """Q from V, and (q - q_ab)' from V and V - W at equal norms, out of the derived equations."""
    from derive.expectations import E, V, W

    S, rows = SYMBOLS, dict(feed_forward_equations(phi))
    second, lost = sp.symbols("second lost")
    sigma = (S.sigma_w2, S.sigma_b2, S.rho)
    length = rows["q"].rhs.subs(V(phi, S.q_), second)
    overlap = rows["q_ab"].rhs.subs({S.q_a_: S.q_, S.q_b_: S.q_})
    overlap = overlap.subs({E(phi, phi, S.q_, S.q_, S.q_ab_): second - lost, W(phi, S.q_, S.q_ab_): second - lost})
    split = sp.collect(sp.expand(length - overlap), second, sp.factor)  # exactly without V where no unit is dropped
    return sp.lambdify((second, *sigma), length, "mpmath"), sp.lambdify((second, lost, *sigma), split, "mpmath")


def iterate(phi: Activation, layer: Layer, start: Start, digits: int) -> Iterator[dict[str, Any]]:
    """Yield the quantities of layers 0, 1, 2, ... as mpmath numbers with about ``digits`` digits.

    Equal norms: q, gap (= q - q_ab).  Unequal norms: q_a, q_b, q_ab.
    """
    if start.q0b is not None and start.q0b != start.q0:
        yield from _iterate_unequal(phi, layer, start, digits)
        return
    from derive.expectations.values import gap_value

    grow, split = _step(phi)
    with mpmath.workdps(digits + 10):
        sigma = [to_mpf(v) for v in (layer.sigma_w2, layer.sigma_b2, layer.rho)]
        q = to_mpf(start.q0)
        apart = None if start.c0 is None else to_mpf(start.q0 * (1 - start.c0))
    while True:
        row = {"q": q}
        if apart is not None:
            row["gap"] = apart
        yield row
        with mpmath.workdps(digits + 10):
            second = _second_moment(phi, q, digits)
            if apart is not None:
                lost = gap_value(phi, q, apart / q, digits) if q and apart else mpmath.mpf(0)
                apart = split(second, lost, *sigma)
            q = _representable(grow(second, *sigma))


def _second_moment(phi: Activation, q: Any, digits: int) -> Any:
    """V(q); by its leading power where the next one is out of sight."""
    from derive.expectations.values import variance_value

    if q and q > mpmath.mpf(10) ** -(2 * digits + 10):
        return variance_value(phi, q, digits)
    leading = slope_at_zero(phi)
    if leading is None:
        return mpmath.mpf(0)
    if not q:
        return to_mpf(leading[1]) if leading[0] == 0 else mpmath.mpf(0)
    return to_mpf(leading[1]) * q ** to_mpf(leading[0])


def _iterate_unequal(phi: Activation, layer: Layer, start: Start, digits: int) -> Iterator[dict[str, Any]]:
    from derive.expectations import E

    grow, _ = _step(phi)
    with mpmath.workdps(digits + 10):
        sigma = [to_mpf(v) for v in (layer.sigma_w2, layer.sigma_b2, layer.rho)]
        a, b = to_mpf(start.q0), to_mpf(start.q0b)
        ab = to_mpf(start.c0) * mpmath.sqrt(a * b)
    while True:
        yield {"q_a": a, "q_b": b, "q_ab": ab}
        with mpmath.workdps(digits + 10):
            limit = mpmath.sqrt(a * b)
            ab = min(limit, max(-limit, ab))
            exact = [exact_number(v) for v in (a, b, ab)]
            if exact[2] ** 2 > exact[0] * exact[1]:
                exact[2] *= 1 - sp.Rational(1, 10 ** (digits + 5))
            product = E(phi, phi, *exact)
            product = to_mpf(product.evalf(digits)) if not product.is_zero else mpmath.mpf(0)
            ab = sigma[0] * product + sigma[1]
            a, b = (_representable(grow(_second_moment(phi, q, digits), *sigma)) for q in (a, b))


def _representable(q: Any) -> Any:
    if q and mpmath.mag(q) > _LONGEST:
        raise DomainError("a length comes to lie above 10**300000 within these layers; give fewer, or other variances")
    return q


def run(phi: Activation, layer: Layer, start: Start, depth: int) -> Trajectory:
    """Arrays over the layers 0..depth; gradients are normalised to chi = 1 at the last layer."""
    import numpy as np

    unequal = start.q0b is not None and start.q0b != start.q0
    names = (
        ("q_a", "q_b", "q_ab", "c") if unequal else ("q",) + (() if start.c0 is None else ("q_ab", "c", "one_minus_c"))
    )
    table = {name: np.full(depth + 1, np.nan) for name in names}
    slopes = np.full((2, depth + 1), np.nan)
    with mpmath.workdps(GUARD_DIGITS + 10):
        for n, row in zip(range(depth + 1), iterate(phi, layer, start, GUARD_DIGITS), strict=False):
            _store(table, n, row)
            if not unequal:
                slopes[:, n] = _factors(phi, layer, row)
    gradients = {} if unequal else _gradients(slopes, start.c0 is not None)
    inputs = {"sigma_w2": layer.sigma_w2, "sigma_b2": layer.sigma_b2, "keep_probability": layer.rho, "q0": start.q0}
    inputs |= {n: v for n, v in (("q0b", start.q0b), ("c0", start.c0)) if v is not None}
    return Trajectory({**table, **gradients}, {n: str(v) for n, v in inputs.items()})


def _store(table: dict[str, Any], n: int, row: dict[str, Any]) -> None:
    for name in ("q", "q_a", "q_b", "q_ab"):
        if name in row and name in table:
            table[name][n] = row[name]
    if "gap" in row:
        table["q_ab"][n] = row["q"] - row["gap"]
        if row["q"]:
            table["one_minus_c"][n], table["c"][n] = row["gap"] / row["q"], 1 - row["gap"] / row["q"]
    elif "q_ab" in row:
        table["c"][n] = row["q_ab"] / mpmath.sqrt(row["q_a"] * row["q_b"])


def _factors(phi: Activation, layer: Layer, row: dict[str, Any]) -> tuple[float, float]:
    """(gradient variance factor, gradient covariance factor) of one layer; nan where they do not exist."""
    from derive.errors import DeriveError

    q = row["q"]
    try:
        one = to_mpf(layer.gain) * (slope_variance(phi, q, 18) if q else to_mpf(phi.diff(1)(sp.Integer(0)) ** 2))
        if "gap" not in row:
            return float(one), float("nan")
        if not q or not row["gap"]:
            return float(one), float(one * to_mpf(layer.rho))
        return float(one), float(to_mpf(layer.sigma_w2) * slope_product(phi, q, row["gap"] / q, 18))
    except DeriveError:
        return float("nan"), float("nan")


def _gradients(slopes: Any, two: bool) -> dict[str, Any]:
    """chi, log_chi backwards from 1 at the last layer, and chi_ab, the covariance of the gradients of two inputs."""
    import numpy as np

    with np.errstate(over="ignore", divide="ignore"):
        log_chi = np.concatenate([np.cumsum(np.log(slopes[0, :-1])[::-1])[::-1], [0.0]])
        found = {"chi_1": slopes[0], "log_chi": log_chi, "chi": np.exp(log_chi)}
        if two:
            found["chi_ab"] = np.concatenate([np.cumprod(slopes[1, :-1][::-1])[::-1], [1.0]])
    return found


def value_at(phi: Activation, layer: Layer, start: Start, depth: int, quantity: str, digits: int) -> Any:
    """One quantity at one depth, by iteration, which ends where the orbit has settled to the digits asked for.

    Raises UnsupportedError where ``depth`` is more than 20 000 and the orbit does not settle within 5000 layers.
    """
    two = ("q_ab", "c", "one_minus_c")
    if quantity not in ("q", *two):
        raise InputError(f"unknown quantity {quantity!r}; known: q, q_ab, c, one_minus_c")
    if quantity in two and start.c0 is None:
        raise InputError(f"{quantity} is about two inputs; give c0 as well")
    if quantity == "q" and start.q0b in (None, start.q0):
        start = Start(start.q0)
    before: dict[str, Any] = {}
    settling = _Settling(quantity, digits)
    for n, row in zip(range(depth + 1), iterate(phi, layer, start, digits + 8), strict=False):
        if n and (all(row[k] == before[k] for k in row) or settling.settled(before, row)):
            break
        before = row
        if depth > _MOST and settling.left(n) > _PATIENCE - n:
            raise UnsupportedError(
                f"{quantity} does not settle to {digits} digits within {_PATIENCE} layers, so depth = "
                f"{shown_depth(depth)} is out of reach; give a depth up to {_MOST}, or use fixed_points for the limit"
            )
    with mpmath.workdps(digits + 8):
        if quantity in before:
            return before[quantity]
        if "gap" in before:
            ratio = before["gap"] / before["q"] if before["q"] else mpmath.nan
            return {"q_ab": before["q"] - before["gap"], "c": 1 - ratio, "one_minus_c": ratio}[quantity]
        if quantity == "q":
            raise InputError("two norms are given: ask for q of each input in a run of its own")
        ratio = before["q_ab"] / mpmath.sqrt(before["q_a"] * before["q_b"])
        return ratio if quantity == "c" else 1 - ratio


def shown_depth(depth: int) -> str:
    """The depth, or its size where it is long."""
    return str(depth) if depth < 10**30 else f"about 10**{int(depth.bit_length() * 0.30103)}"


class _Settling:
    """Watches the steps of an orbit: their ratio r bounds what is left by step r/(1 - r) once steps shrink steadily."""

    def __init__(self, quantity: str, digits: int) -> None:
        self.quantity, self.digits = quantity, digits
        self.steps: dict[str, list[Any]] = {}
        self.rest: dict[str, tuple[Any, Any]] = {}  # (what is left over the target, the ratio)

    def settled(self, before: dict[str, Any], row: dict[str, Any]) -> bool:
        """Whether all later layers agree with ``row`` to the digits asked for."""
        with mpmath.workdps(15):
            for name, value in row.items():
                # a covariance or correlation needs the gap relative to q alone
                scale = abs(row["q"] if name == "gap" and self.quantity in ("q_ab", "c") else value)
                target = scale * mpmath.mpf(10) ** (-self.digits - 3)
                steps = [*self.steps.get(name, []), abs(value - before[name])][-6:]
                self.steps[name] = steps
                ratio = self._ratio(steps, target / 1000)
                rest = mpmath.inf if ratio >= 1 else steps[-1] * ratio / (1 - ratio)
                self.rest[name] = (rest / target if target else (mpmath.inf if rest else mpmath.mpf(0)), ratio)
            return all(left <= 1 for left, _ in self.rest.values())

    def _ratio(self, steps: list[Any], noise: Any) -> Any:
        """The largest ratio of the last five pairs of steps; 1 before there are so many, 1/2 below the noise."""
        if len(steps) < 6:
            return mpmath.mpf(1)
        if max(steps) <= noise:
            return mpmath.mpf("0.5")
        return max(b / a if a else (mpmath.inf if b else mpmath.mpf(0)) for a, b in pairwise(steps))

    def left(self, n: int) -> float:
        """About how many layers are missing, judged from layer 200 on."""
        if n >= _PATIENCE:
            return math.inf
        if n < 200 or n % 100:
            return 0
        with mpmath.workdps(15):
            found = 0.0
            for left, ratio in self.rest.values():
                if left > mpmath.mpf(10) ** (self.digits + 2):  # the value itself grows, or decays to 0
                    return math.inf
                if left > 1:
                    found = max(found, float(mpmath.log(left) / -mpmath.log(ratio)) if 0 < ratio < 1 else math.inf)
            return found
