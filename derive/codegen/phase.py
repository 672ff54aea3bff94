r"""Fixed points of the length and of the correlation of two inputs, for millions of pairs of variances; float64.

The length solves :math:`q = g V(q) + b`.  On a fixed grid of lengths :math:`g(q) = (q-b)/V(q)` brackets the largest
root that attracts, for all g at once.  Newton's method then runs in compiled code, one step a layer, from a chord
of the bracket and by bisection where a step leaves it.  The gap
:math:`\varepsilon = 1 - c` solves :math:`q\varepsilon = w D(q,\varepsilon) + f`: the covariance is convex in c, so
there is one root in (0, 1] besides 0; without f the factor :math:`\varepsilon` is divided out.

Slopes are derivatives of the tables: :math:`dV/dq`, and :math:`E\varphi'(u_1)\varphi'(u_2) = dD/dv` with v = q - lam.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activation
from derive.codegen.compiled import runner_for
from derive.codegen.graph import Graph, Program
from derive.codegen.phase_derivative import Differentiable, derivative
from derive.codegen.programs import kept, name_of

__all__ = ["Guess", "Solver", "solver_for"]

_LOWEST, _HIGHEST, _PER_DECADE = -20, 12, 125  # the grid of lengths, in powers of 10
_SETTLED = 4e-15  # of the last step, relative to the root or to what rounding moves it by
_ROUNDS = (3, 3, 12, 60)  # steps for all points, then for those that still move
_GUESSED = (2, 3, 12, 60)


@lru_cache(maxsize=8)
def solver_for(phi: Activation, backend: str) -> Solver:
    """The solver of an activation; UnsupportedError where it has no tables for two inputs."""
    return Solver(phi, backend)


@dataclass
class Guess:
    """A start inside a bracket for each length; where the start is NaN, both are looked for."""

    start: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Solver:
    """Fixed points of one activation by compiled Newton steps."""

    def __init__(self, phi: Activation, backend: str) -> None:
        self.length_step = runner_for(kept(name_of("length", phi), partial(_length_step, phi)), backend)
        self.gap_steps = {
            forced: runner_for(kept(name_of("gap", forced, phi), partial(_gap_step, phi, forced)), backend)
            for forced in (False, True)
        }
        self.grid = 10.0 ** np.arange(_LOWEST, _HIGHEST + 0.5 / _PER_DECADE, 1 / _PER_DECADE)
        self.table, self.slope = self._variance(self.grid)
        self.at_zero = float(self._variance(np.zeros(1))[0][0])

    def _variance(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """V and its derivative."""
        program = self.length_step.program
        inputs = dict.fromkeys((*program.states, *program.parameters), np.zeros_like(q)) | {"x": q}
        found = self.length_step.run(1, inputs).final
        return found["V"], found["slope"]

    def lengths(
        self, gains: np.ndarray, bias: np.ndarray, guess: Guess | None = None, threads: int = 1
    ) -> dict[str, np.ndarray]:
        """q* as x, V, S = E phi'^2, slope = dV/dq, mean = (E phi)^2 and settled, of shape (len(bias), len(gains)).

        x is NaN where lengths grow without end.
        """
        shape = len(bias), len(gains)
        if guess is None:
            guess = Guess(*(np.full(shape, np.nan) for _ in range(3)))
        end, missing = self._end(float(gains.max()), float(bias.max())), np.isnan(guess.start)
        rows = np.flatnonzero(missing.any(axis=1))
        for i in rows:
            at = missing[i]
            low, high, start = self._brackets(gains[at], float(bias[i]), end)
            guess.low[i, at], guess.high[i, at], guess.start[i, at] = low, high, start
        start, low, high = (a.ravel() for a in (guess.start, guess.low, guess.high))
        gain, b = np.tile(gains, len(bias)), np.repeat(bias, len(gains))
        rounds = (_ROUNDS, _GUESSED)[2 * len(rows) < len(bias)]
        found = _newton(self.length_step, rounds, start, low, high, threads, gain=gain, b=b)
        return {n: a.reshape(shape) for n, a in found.items()}

    def _end(self, gain: float, b: float) -> int:
        """So much of the grid is needed: beyond it lengths fall for gains and biases up to these."""
        with np.errstate(all="ignore"):
            grows = np.flatnonzero(~((self.grid - b) / self.table > gain))
        return min(int(grows[-1]) + 3, len(self.grid)) if grows.size else 2

    def single(self, bias: np.ndarray) -> np.ndarray:
        """Whether (q - b)/V rises along the grid: no gain has two lengths, nor for a bias between two such."""
        with np.errstate(all="ignore"):
            rising = [self.table > (self.grid - b) * self.slope for b in bias]
        return np.array([bool(np.all(r[self.grid > b])) for r, b in zip(rising, bias, strict=True)])

    def _brackets(self, gains: np.ndarray, b: float, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(low, high, start) around the largest attracting length; 0 where that is 0, NaN where there is none."""
        if 0 < b < self.grid[0]:
            below = b * np.logspace(0, np.log10(self.grid[0] / b), 500, endpoint=False)
            q = np.concatenate([below, self.grid[:end]])
            V, slope = self._variance(q)
        else:
            first = max(int(np.searchsorted(self.grid, b)) - 1, 0)
            q, V, slope = self.grid[first:end], self.table[first:end], self.slope[first:end]
        with np.errstate(all="ignore"):
            balance = (q - b) / V  # the gain for which q is fixed; smaller gains shorten q
            stretch = V / (1 - slope * balance)  # dq over d balance
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
        inside = np.clip(cell, 0, len(q) - 2)
        start = _hermite(gains, balance, q, stretch, inside)
        return low, high, np.where((cell == inside) & (start > low) & (start < high), start, high)

    def gaps(
        self,
        q: np.ndarray,
        weight: np.ndarray,
        ends: tuple[np.ndarray, np.ndarray],
        forced: np.ndarray | None,
        start: np.ndarray | None = None,
        threads: int = 1,
    ) -> dict[str, np.ndarray]:
        """1 - c* as x, the slope chi_c of the map there, and settled.

        ``ends`` are slopes w D/(q x) at x = 0 and x = 1, for a first guess where ``start`` has none (NaN, or outside
        (0, 1)); ``forced`` is f or None.
        """
        extra = {} if forced is None else {"f": forced}
        one, zero, rounds = np.ones_like(q), np.zeros_like(q), _GUESSED
        if start is None:
            start, rounds = one, _ROUNDS
        if forced is None:
            with np.errstate(all="ignore"):
                chord = (ends[0] - 1) / (ends[0] - ends[1])
        else:
            chord = one
        for guess in (chord, one):
            start = np.where((start > 0) & (start < 1), start, guess)
        step = self.gap_steps[forced is not None]
        return _newton(step, rounds, start, zero, one, threads, q=q, w=weight, **extra)


def _hermite(x: np.ndarray, nodes: np.ndarray, values: np.ndarray, slopes: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """The cubic with these values and slopes at both ends of each point's cell."""
    a, b = nodes[cell], nodes[cell + 1]
    with np.errstate(all="ignore"):
        h = b - a
        t = (x - a) / h
        s = 1 - t
        ends = values[cell] * s * s * (1 + 2 * t) + values[cell + 1] * t * t * (1 + 2 * s)
        return ends + h * s * t * (slopes[cell] * s - slopes[cell + 1] * t)


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
