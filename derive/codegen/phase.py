r"""Fixed points of the length and of the correlation of two inputs, for millions of pairs of variances; float64.

The length solves :math:`q = g V(q) + b`.  On a fixed grid of lengths :math:`g(q) = (q-b)/V(q)` brackets the largest
root that attracts, for all g at once.  Newton's method then runs in compiled code, one step a layer, from a chord
of the bracket and by bisection where a step leaves it.  The gap
:math:`\varepsilon = 1 - c` solves :math:`q\varepsilon = w D(q,\varepsilon) + f`: the covariance is convex in c, so
there is one root in (0, 1] besides 0; without f the factor :math:`\varepsilon` is divided out.

Slopes are derivatives of the tables: :math:`dV/dq`, and :math:`E\varphi'(u_1)\varphi'(u_2) = dD/dv` with v = q - lam.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.compiled import runner_for
from derive.codegen.graph import Graph, Program
from derive.codegen.phase_derivative import Differentiable, derivative

__all__ = ["Solver", "solver_for"]

_LOWEST, _HIGHEST, _PER_DECADE = -20, 12, 125  # the grid of lengths, in powers of 10
_SETTLED = 4e-15  # of the last step, relative to the root or to what rounding moves it by
_LENGTH_ROUNDS = (3, 3, 12, 60)  # steps for all points, then for those that still move
_GAP_ROUNDS = (5, 3, 12, 60)


@lru_cache(maxsize=8)
def solver_for(phi: Activation, backend: str) -> Solver:
    """The solver of an activation; UnsupportedError where it has no tables for two inputs."""
    return Solver(phi, backend)


class Solver:
    """Fixed points of one activation by compiled Newton steps."""

    def __init__(self, phi: Activation, backend: str) -> None:
        self.length_step = runner_for(_length_step(phi), backend)
        self.gap_steps = {forced: runner_for(_gap_step(phi, forced), backend) for forced in (False, True)}
        self.grid = 10.0 ** np.arange(_LOWEST, _HIGHEST + 0.5 / _PER_DECADE, 1 / _PER_DECADE)
        self.table = self._variance(self.grid)
        self.at_zero = float(self._variance(np.zeros(1))[0])

    def _variance(self, q: np.ndarray) -> np.ndarray:
        program = self.length_step.program
        inputs = dict.fromkeys((*program.states, *program.parameters), np.zeros_like(q)) | {"x": q}
        return self.length_step.run(1, inputs).final["V"]

    def lengths(self, gains: np.ndarray, bias: np.ndarray, threads: int = 1) -> dict[str, np.ndarray]:
        """q* as x, V, S = E phi'^2, slope = dV/dq, mean = (E phi)^2 and settled, of shape (len(gains), len(bias)).

        x is NaN where lengths grow without end.
        """
        shape = len(bias), len(gains)
        low, high, start = (np.empty(shape) for _ in range(3))
        for j, b in enumerate(bias):
            low[j], high[j], start[j] = self._brackets(gains, float(b))
        low, high, start = (np.ascontiguousarray(a.T).ravel() for a in (low, high, start))
        gain, b = np.repeat(gains, len(bias)), np.tile(bias, len(gains))
        found = _newton(self.length_step, _LENGTH_ROUNDS, start, low, high, threads, gain=gain, b=b)
        return {n: a.reshape(len(gains), len(bias)) for n, a in found.items()}

    def _brackets(self, gains: np.ndarray, b: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(low, high, start) around the largest attracting length; 0 where that is 0, NaN where there is none."""
        if 0 < b < self.grid[0]:
            q = np.concatenate([b * np.logspace(0, np.log10(self.grid[0] / b), 500, endpoint=False), self.grid])
            V = self._variance(q)
        else:
            first = max(int(np.searchsorted(self.grid, b)) - 1, 0)
            q, V = self.grid[first:], self.table[first:]
        with np.errstate(all="ignore"):
            balance = (q - b) / V  # the gain for which q is fixed; smaller gains shorten q
        least = np.minimum.accumulate(balance[::-1])[::-1]
        cell = np.searchsorted(least, gains, side="right") - 1
        for i in np.flatnonzero(cell == len(q) - 1):  # grows at the top: the last cell that is left downwards
            shortens = balance > gains[i]
            ends = np.flatnonzero(~shortens[:-1] & shortens[1:])
            cell[i] = ends[-1] if ends.size else (-1 if shortens[0] else len(q))
        padded = np.concatenate([[0.0], q, [np.nan, np.nan]])
        low, high = np.maximum(padded[cell + 1], b), padded[cell + 2]
        if b == 0 and self.at_zero == 0:
            high[cell < 0] = 0.0
        padded = np.concatenate([[np.nan], balance, [np.nan, np.nan]])
        below, above = padded[cell + 1], padded[cell + 2]
        with np.errstate(all="ignore"):
            start = low + (high - low) * ((gains - below) / (above - below))
        return low, high, np.where((start > low) & (start < high), start, high)

    def gaps(
        self,
        q: np.ndarray,
        weight: np.ndarray,
        ends: tuple[np.ndarray, np.ndarray],
        forced: np.ndarray | None,
        threads: int = 1,
    ) -> dict[str, np.ndarray]:
        """1 - c* as x, the slope chi_c of the map there, and settled.

        ``ends`` are slopes w D/(q x) at x = 0 and x = 1, for the first guess; ``forced`` is f or None.
        """
        extra = {} if forced is None else {"f": forced}
        one, zero = np.ones_like(q), np.zeros_like(q)
        start = one
        if forced is None:
            with np.errstate(all="ignore"):
                start = (ends[0] - 1) / (ends[0] - ends[1])
            start = np.where((start > 0) & (start < 1), start, 1.0)
        step = self.gap_steps[forced is not None]
        return _newton(step, _GAP_ROUNDS, start, zero, one, threads, q=q, w=weight, **extra)


def _newton(
    runner: Any,
    rounds: tuple[int, ...],
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    threads: int,
    **parameters: np.ndarray,
) -> dict[str, np.ndarray]:
    """The states where they have settled, by as many steps as each point needs; points without a bracket stay."""
    zero = np.zeros_like(start)
    inputs = dict.fromkeys(runner.program.states, zero) | {"x": start, "low": low, "high": high} | parameters
    result: dict[str, np.ndarray] = {}
    rows = np.arange(len(start))
    for number, steps in enumerate(rounds):
        state = runner.run(steps, inputs, threads=threads).final
        size = np.maximum(np.abs(state["x"]), np.abs(state["noise"]))
        done = np.minimum(np.abs(state["move"]), state["high"] - state["low"]) <= _SETTLED * size
        if number == 0:
            result = state | {"settled": done | ~(high > low)}
            left = np.flatnonzero(~result["settled"])
        else:
            for name, values in (state | {"settled": done}).items():
                result[name][rows] = values
            left = np.flatnonzero(~done)
        if not left.size:
            break
        rows = rows[left]
        inputs = {n: a[left] for n, a in (inputs | state).items()}
    empty = ~(high > low)
    result["x"][empty] = high[empty]
    return result


# ---------------------------------------------------------------------------------------------------- the programs


def _lowering(phi: Activation, names: tuple[str, ...]) -> tuple[Differentiable, list[int]]:
    symbols = {sp.Symbol(n, real=True): n for n in names}
    lowering = Differentiable(symbols, frozenset({phi}))
    return lowering, [lowering.expr(s) for s in symbols]


def _length_step(phi: Activation) -> Program:
    lowering, (x, low, high, gain, b) = _lowering(phi, ("x", "low", "high", "gain", "b"))
    g = lowering.graph
    V = lowering.second_moment(phi, x)
    value = g.add("sub", g.add("add", g.add("mul", gain, V), b), x)
    change = derivative(g, V, x)
    slope = g.add("sub", g.add("mul", gain, change), g.const(1.0))
    states = _step(g, x, low, high, value, slope, x)
    states |= {"V": V, "S": lowering.second_moment(phi.derivative_away_from_kinks(1), x), "slope": change}
    states["mean"] = g.power(lowering._mean(phi, x), 2)
    return Program(g, states, {}, {}, ("gain", "b"))


def _gap_step(phi: Activation, forced: bool) -> Program:
    names = ("x", "low", "high", "q", "w", *(("f",) if forced else ()))
    lowering, (x, low, high, q, w, *f) = _lowering(phi, names)
    g = lowering.graph
    v = g.add("mul", q, x)
    gap = lowering.covariance_and_gap(phi, q, g.add("sub", q, v), v)[1]
    image = g.add("div", g.add("add", g.add("mul", w, gap), f[0]) if forced else g.add("mul", w, gap), q)
    change = g.add("div", g.add("mul", w, derivative(g, gap, x)), q)
    one = g.const(1.0)
    if forced:
        value, slope = g.add("sub", image, x), g.add("sub", change, one)
    else:  # w D/(q x) - 1 instead, whose root is simple at x = 0 too
        ratio = g.add("div", image, x)
        value = g.add("sub", ratio, one)
        slope = g.add("div", g.add("sub", change, ratio), x)
    states = _step(g, x, low, high, value, slope, x if forced else one) | {"slope": change}
    return Program(g, states, {}, {}, ("q", "w", *(("f",) if forced else ())))


def _step(g: Graph, x: int, low: int, high: int, value: int, slope: int, unit: int) -> dict[str, int]:
    """Newton's step on a function that falls through its root, by bisection where it leaves the bracket.

    ``unit`` is the size of the terms of ``value``: their rounding moves the root by as much over the slope.
    """
    zero = g.const(0.0)
    down, up = g.add("below", value, zero, low, x), g.add("below", zero, value, high, x)
    newton = g.add("sub", x, g.add("div", value, slope))
    middle = g.add("mul", g.const(0.5), g.add("add", down, up))
    new = g.add("below", newton, down, middle, g.add("below", up, newton, middle, newton))
    return {"x": new, "low": down, "high": up, "move": g.add("sub", new, x), "noise": g.add("div", unit, slope)}
