r"""Residual networks as compiled float64 functions of arrays.

The states are p, gamma and s = p - gamma, so that both e and 1 - e keep their relative accuracy; q - lam is
:math:`\sigma_w^2 s` and the update of s is that of p less that of gamma, worked out symbolically from the layer
equations.  The gradient's factor of each layer is multiplied up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.activations import Activation
from derive.errors import InputError
from derive.networks.notation import Quantity
from derive.networks.residual.equations import SYMBOLS, layer_equations
from derive.system import RecurrenceSystem

if TYPE_CHECKING:
    import numpy as np

__all__ = ["STATUS", "CompiledNetwork", "gradients", "judge", "layer_system", "read_arrays", "with_cosine"]

Arrays = dict[str, "np.ndarray"]

#: what ``status`` says about a point
STATUS = ("right", "input is not a number", "negative variance or length", "|e0| > 1", "out of range at depth")

_DISTANCE = Quantity("s", nonnegative=True)


@lru_cache(maxsize=64)
def layer_system(architecture: str, phi: Activation) -> tuple[RecurrenceSystem, dict[str, sp.Expr], dict[str, sp.Expr]]:
    """(the system of p, gamma, s; the gradient's factor; q and lam of the layer), in the quantities before it."""
    from derive.codegen import CovarianceAt, GapAt
    from derive.expectations import V, W

    S, rows = SYMBOLS, dict(layer_equations(architecture, phi))
    before = {S.p_: S.p, S.gamma_: S.gamma}
    q, lam = rows["q"].rhs, rows["lam"].rhs
    distance = sp.expand(q - lam.subs(S.gamma_, S.p_ - _DISTANCE))
    second, covariance, gap = V(phi, S.q), W(phi, S.q, S.lam), sp.Dummy("gap")
    s = sp.expand(rows["p"].rhs - rows["gamma"].rhs.subs({S.gamma_: S.p_ - _DISTANCE, covariance: second - gap}))
    if s.has(second) or s.has(S.p_):
        raise InputError(f"the update of p - gamma does not close: {s}")

    def put(e: sp.Expr) -> sp.Expr:
        e = e.subs({covariance: CovarianceAt(phi, S.q, S.lam, distance), gap: GapAt(phi, S.q, S.lam, distance)})
        return e.subs({S.q: q, S.lam: lam}).subs(before)

    system = RecurrenceSystem([(S.p, put(rows["p"].rhs)), (S.gamma, put(rows["gamma"].rhs)), (_DISTANCE, put(s))])
    factor = {"chi": put(sp.expand(rows["chi"].rhs / S.chi))}
    return system, factor, {"q": q.subs(before), "lam": lam.subs(before)}


@dataclass(frozen=True)
class CompiledNetwork:
    """A network as a function of arrays: ``f(depth, sigma_w2=.., .., p0=.., e0=..)``.

    Keywords are the network's variances, ``p0``, and ``e0`` or, where e0 is close to 1, ``one_minus_e0``; numbers and
    arrays are broadcast together.  The result holds float64 arrays of that shape: p, q, gamma, lam, s, e, one_minus_e,
    log_chi_ratio = log(chi_0/chi_depth), and ``status``, an integer array that is 0 where the numbers are right and
    else an index of :data:`STATUS`; the quantities are NaN there and other points are not affected.

    With ``trajectory=True`` there is a first axis of layers 0..depth, with chi = 1 at the last layer, and log_chi.
    ``threads`` work on different points.  :meth:`at` reaches depths that cannot be iterated.
    Wrong names and shapes raise :class:`~derive.errors.InputError`.
    """

    network: str
    free: tuple[str, ...]
    fixed: tuple[tuple[str, float], ...]
    compiled: Any
    deep: Any

    @property
    def backend(self) -> str:
        """The back end that was taken: c, numba, numpy or jax."""
        return self.compiled.backend

    def __call__(self, depth: int, *, trajectory: bool = False, threads: int = 1, **arrays: Any) -> Arrays:
        from derive.networks.values import read_depth

        depth = read_depth(depth)
        used, status, shape = self._start(arrays)
        found = self.compiled.runner.run(depth, used, trajectory, threads)
        return _finished(dict(found.layers if trajectory else found.final), found.final, status, shape, trajectory)

    def at(self, depth: int, threads: int = 1, **arrays: Any) -> Arrays:
        """The same after any number of layers, such as 10**12, without iterating (q and lam excepted).

        Beyond some thousand layers the flow of the map is integrated (:mod:`derive.codegen.deep`), to about 13 digits;
        this takes a fraction of a second.  It needs quantities that change like powers or logarithms of the depth:
        where they do not (ReLU), the point's ``status`` is 4.
        """
        import numpy as np

        from derive.networks.values import read_depth

        depth = read_depth(depth)
        used, status, shape = self._start(arrays)
        found, slow = self.deep.run(depth, used, threads)
        found = {n: np.where(slow, found[n], np.nan) for n in (*self.compiled.program.states, "chi")}
        return _finished(dict(found), found, status, shape, False)

    def _start(self, arrays: dict[str, Any]) -> tuple[dict[str, np.ndarray], np.ndarray, tuple[int, ...]]:
        """(states and parameters, status, shape); points with bad input are NaN."""
        import numpy as np

        inputs, shape = self._inputs(arrays)
        status = judge(inputs, "e0", "one_minus_e0")
        ready = {n: np.where(status == 0, a, np.nan) for n, a in inputs.items()}
        p0 = ready["p0"]
        ready |= {"p": p0, "gamma": ready["e0"] * p0, "s": ready["one_minus_e0"] * p0}
        return {n: ready[n] for n in (*self.compiled.program.states, *self.compiled.program.parameters)}, status, shape

    def _inputs(self, arrays: dict[str, Any]) -> tuple[dict[str, np.ndarray], tuple[int, ...]]:
        import numpy as np

        required = (*self.free, "p0")
        numbers, shape = read_arrays(self.network, required, ("e0", "one_minus_e0"), arrays)
        with_cosine(numbers, "e0", "one_minus_e0")
        return numbers | {n: np.full(numbers["p0"].size, v) for n, v in self.fixed}, shape


def _finished(result: Arrays, final: Arrays, status: np.ndarray, shape: tuple[int, ...], trajectory: bool) -> Arrays:
    """Quotients and gradients added, points that overflowed reported, the shape of the input restored."""
    import numpy as np

    status = np.where((status == 0) & ~np.isfinite(final["p"] + final["gamma"]), 4, status)
    result = {n: np.where(status == 0, values, np.nan) for n, values in result.items()}
    result = _quotients(result)
    result |= gradients(result.pop("chi"), trajectory)
    return {n: a.reshape((*a.shape[:-1], *shape)) for n, a in (result | {"status": status}).items()}


def read_arrays(
    network: str, required: tuple[str, ...], optional: tuple[str, ...], arrays: dict[str, Any]
) -> tuple[dict[str, np.ndarray], tuple[int, ...]]:
    """Keywords as flat float64 arrays of one length, and the shape they have together."""
    import numpy as np

    from derive.codegen.compiled import as_floats

    accepted = (*required, *optional)
    unknown = sorted(set(arrays) - set(accepted))
    missing = [n for n in required if n not in arrays]
    if unknown or missing:
        what = f"unknown keyword {', '.join(unknown)}" if unknown else f"missing {', '.join(missing)}"
        raise InputError(f"{what}; {network} takes {', '.join(accepted)}")
    numbers = {n: as_floats(n, a) for n, a in arrays.items()}
    try:
        wide = np.broadcast_arrays(*numbers.values())
    except ValueError as error:
        shapes = ", ".join(f"{n} {a.shape}" for n, a in numbers.items() if a.ndim)
        raise InputError(f"the arrays do not broadcast together: {shapes}") from error
    return {n: np.array(a, float).ravel() for n, a in zip(numbers, wide, strict=True)}, wide[0].shape


def with_cosine(numbers: dict[str, np.ndarray], cosine: str, distance: str) -> None:
    """Fill in the cosine of two inputs and one less it, from whichever was given; one input twice if neither was."""
    import numpy as np

    if cosine in numbers and distance in numbers:
        raise InputError(f"give {cosine} or {distance}, not both")
    if distance in numbers:
        numbers[cosine] = 1 - numbers[distance]
    else:
        numbers.setdefault(cosine, np.ones_like(next(iter(numbers.values()))))
        numbers[distance] = 1 - numbers[cosine]


def judge(inputs: dict[str, np.ndarray], cosine: str, distance: str) -> np.ndarray:
    """The status of each point from its inputs alone."""
    import numpy as np

    status = np.zeros(inputs[cosine].size, np.int64)
    for name, values in inputs.items():
        if name not in (cosine, distance):
            status[values < 0] = 2
    status[np.abs(inputs[cosine]) > 1] = 3
    status[(inputs[distance] < 0) | (inputs[distance] > 2)] = 3
    for values in inputs.values():
        status[~np.isfinite(values)] = 1
    return status


def _quotients(result: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import numpy as np

    with np.errstate(all="ignore"):
        return result | {"e": result["gamma"] / result["p"], "one_minus_e": result["s"] / result["p"]}


def gradients(factor: np.ndarray, trajectory: bool) -> dict[str, np.ndarray]:
    """log(chi_0/chi_depth), or log_chi and chi at all layers from the factor of each."""
    import numpy as np

    if not trajectory:
        return {"log_chi_ratio": factor}
    with np.errstate(all="ignore"):
        steps = np.log(factor[1:])
        log_chi = np.concatenate([np.cumsum(steps[::-1], axis=0)[::-1], np.zeros_like(factor[:1])])
        log_chi[:, np.isnan(steps).any(axis=0)] = np.nan
        return {"log_chi": log_chi, "chi": np.exp(log_chi)}
