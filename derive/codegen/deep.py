r"""Any depth in float64 without iterating: the map's flow, integrated in log l.

A state that changes slowly follows a smooth curve z(l) with
:math:`dz/dl = \log(1+\Delta)z = \Delta z - \tfrac12\Delta^2 z + \tfrac13\Delta^3 z - \dots`,
a function of the state alone: a few layers from it give the forward differences.  The increments are computed as such,
never as differences of z, so nothing is lost where z is 10^12 times as large.  The equation is integrated in log l by a
Runge-Kutta method of order 8; a decade costs some ten steps.

This needs slow states (powers or logarithms of the depth).  Where the differences do not fall off, as for exponential
growth or decay, the point is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from derive.codegen.compiled import CompiledSystem, Source, compile_system
from derive.system import RecurrenceSystem

__all__ = ["Deep"]

FIRST = 1024  # layers iterated one by one
#: (layers from which on, differences kept): the rest is below l**-differences
_DIFFERENCES = ((1e6, 3), (2e4, 4), (0, 6))
_TOLERANCE = 2.5e-14
_SLOW = 1e-12  # the sixth difference against the first, where the flow may be trusted at FIRST
_FAST = 100  # second differences of powers of l are this many times smaller than those of anything exponential


@dataclass(frozen=True)
class Deep:
    """A system whose states change slowly, at any depth; ``source`` as in :func:`derive.codegen.compile_network`."""

    source: Source
    backend: str

    @cached_property
    def system(self) -> RecurrenceSystem:
        return self.source()[0]

    @cached_property
    def factors(self) -> Mapping[str, sp.Expr]:
        """What is multiplied up over the layers."""
        return self.source()[1]

    @cached_property
    def compiled(self) -> CompiledSystem:
        """The system that shows the increments of states and the excess over 1 of factors."""
        shown = {f"increment_{u.state.name}": sp.expand(u.value - u.state) for u in self.system.updates}
        shown |= {f"excess_{n}": sp.expand(e - 1) for n, e in self.factors.items()}
        return compile_system(self.system, self.backend, self.factors, shown)

    def run(
        self, depth: int, inputs: dict[str, np.ndarray], threads: int = 1
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """(states and logarithms of products after ``depth`` layers, whether each point could be followed)."""
        first = self.compiled.runner.run(min(depth, FIRST), inputs, threads=threads).final
        size = len(next(iter(inputs.values())))
        if depth <= FIRST:
            return first, np.ones(size, bool)
        flow = _Flow(self, inputs, threads)
        start = np.stack([first[n] for n in flow.names])
        usable = np.isfinite(start).all(axis=0) & flow.slow(start)
        end = np.full_like(start, np.nan)
        if usable.any():
            with np.errstate(all="ignore"):
                end[:, usable] = flow.restricted(usable).integrate(start[:, usable], depth)
        return dict(zip(flow.names, end, strict=True)), usable & np.isfinite(end).all(axis=0)


class _Flow:
    """dz/dl for all points at once; rows are states, then logarithms of products."""

    def __init__(self, deep: Deep, inputs: dict[str, np.ndarray], threads: int) -> None:
        self.deep, self.inputs, self.threads = deep, inputs, threads
        self.states = [u.state.name for u in deep.system.updates]
        self.names = [*self.states, *deep.factors]
        self.lost = np.zeros(len(next(iter(inputs.values()))), bool)

    def restricted(self, points: np.ndarray) -> _Flow:
        return _Flow(self.deep, {n: a[points] for n, a in self.inputs.items()}, self.threads)

    def differences(self, z: np.ndarray, count: int) -> np.ndarray:
        """Delta z, Delta^2 z, ... at the state z."""
        inputs = self.inputs | {n: z[i] for i, n in enumerate(self.states)}
        layers = self.deep.compiled.runner.run(count, inputs, True, self.threads).layers
        rows = [layers[f"increment_{n}"][1:] for n in self.states]
        rows += [np.log1p(layers[f"excess_{n}"][1:]) for n in self.deep.factors]
        table, found = np.stack(rows, axis=1), []
        for _ in range(count):
            found.append(table[0])
            table = np.diff(table, axis=0)
        return np.stack(found)

    def slow(self, z: np.ndarray) -> np.ndarray:
        """Whether the differences of each point fall off."""
        with np.errstate(all="ignore"):
            d = self.differences(z, 6)
            return (np.abs(d[-1]) <= _SLOW * np.abs(d[0]) + 1e-14 * np.abs(z) / FIRST).all(axis=0)

    def speed(self, x: float, flat: np.ndarray, sign: np.ndarray) -> np.ndarray:
        """d log|z| / d log l for states, d (log product) / d log l for factors; ``sign`` is that of the states."""
        depth, k = np.exp(x), len(self.states)
        z = flat.reshape(len(self.names), -1).copy()
        z[:k] = sign * np.exp(z[:k])
        count = next(n for least, n in _DIFFERENCES if depth >= least)
        d = self.differences(z, count)
        speed = sum((-1) ** i / (i + 1) * d[i] for i in range(count)) * depth
        speed[:k] = np.where(sign == 0, 0.0, speed[:k] / np.where(sign == 0, 1.0, z[:k]))
        fast = np.abs(d[1]) * depth > _FAST * (np.abs(d[0]) + np.abs(z) / depth)
        self.lost |= fast.any(axis=0) | ~np.isfinite(speed).all(axis=0)
        return np.where(self.lost, 0.0, speed).ravel()

    def integrate(self, start: np.ndarray, depth: int) -> np.ndarray:
        """The states at ``depth`` from those at FIRST; a state that is 0 stays so."""
        from scipy.integrate import solve_ivp

        k = len(self.states)
        sign = np.sign(start[:k])
        flat = start.copy()
        flat[:k] = np.log(np.where(sign == 0, 1.0, np.abs(start[:k])))
        span = (np.log(float(FIRST)), np.log(float(depth)))
        tight = {"rtol": _TOLERANCE, "atol": _TOLERANCE}
        done: Any = solve_ivp(self.speed, span, flat.ravel(), "DOP853", args=(sign,), first_step=0.05, **tight)
        end = done.y[:, -1].reshape(start.shape).copy()
        end[:k] = sign * np.exp(end[:k])
        return np.where(self.lost | (not done.success), np.nan, end)
