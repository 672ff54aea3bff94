r"""Feed-forward networks as compiled float64 functions of arrays.

The states are q, the covariance q_ab of two inputs of equal norm and s = q - q_ab, so that both c and 1 - c keep their
relative accuracy; the update of s is the difference of the other two, worked out symbolically from the layer equations
(with dropout it holds :math:`\sigma_w^2(1/\rho-1)V` beside the gap).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.activations import Activation
from derive.networks.feedforward.equations import SYMBOLS, feed_forward_equations
from derive.networks.notation import Quantity
from derive.networks.residual.compiled import gradients, judge, read_arrays, with_cosine
from derive.system import RecurrenceSystem

if TYPE_CHECKING:
    import numpy as np

__all__ = ["CompiledFeedForward", "feed_forward_system"]

_DISTANCE = Quantity("s", nonnegative=True)


@lru_cache(maxsize=64)
def feed_forward_system(phi: Activation, keep: sp.Expr) -> tuple[RecurrenceSystem, dict[str, sp.Expr]]:
    """(the system of q, q_ab and s = q - q_ab; the gradient's factor), all in the quantities before the layer."""
    from derive.codegen import CovarianceAt, GapAt
    from derive.expectations import E, V, W

    S, rows = SYMBOLS, dict(feed_forward_equations(phi))
    second, gap = sp.symbols("second gap")
    before = {S.q_: S.q, S.q_ab_: S.q_ab, S.rho: keep}
    equal = {S.q_a_: S.q_, S.q_b_: S.q_}
    heads = (E(phi, phi, S.q_, S.q_, S.q_ab_), W(phi, S.q_, S.q_ab_))
    length, overlap = rows["q"].rhs, rows["q_ab"].rhs.subs(equal)
    s = length.subs(V(phi, S.q_), second) - overlap.subs(dict.fromkeys(heads, second - gap))
    s = sp.expand(s).subs({second: V(phi, S.q_), gap: GapAt(phi, S.q_, S.q_ab_, _DISTANCE)})
    overlap = overlap.subs(dict.fromkeys(heads, CovarianceAt(phi, S.q_, S.q_ab_, _DISTANCE)))
    factor = sp.expand(rows["chi"].rhs / S.chi).subs(S.width_ratio, 1)
    system = RecurrenceSystem([(S.q, length.subs(before)), (S.q_ab, overlap.subs(before)), (_DISTANCE, s.subs(before))])
    return system, {"chi": factor.subs(before)}


@dataclass(frozen=True)
class CompiledFeedForward:
    """A network as a function of arrays: ``f(depth, sigma_w2=.., sigma_b2=.., q0=.., c0=..)``.

    ``c0`` (or ``one_minus_c0`` near c0 = 1) is the correlation of two inputs of equal norm; without it they are one
    input.  The result holds float64 arrays: q, q_ab, s = q - q_ab, c, one_minus_c, log_chi_ratio = log(chi_0/chi_depth)
    and ``status`` (see :data:`derive.networks.residual.compiled.STATUS`).  ``trajectory=True`` and ``threads`` as in
    :class:`~derive.networks.residual.compiled.CompiledNetwork`.
    """

    network: str
    compiled: Any

    @property
    def backend(self) -> str:
        """The back end that was taken: c, numba, numpy or jax."""
        return self.compiled.backend

    def __call__(
        self, depth: int, *, trajectory: bool = False, threads: int = 1, **arrays: Any
    ) -> dict[str, np.ndarray]:
        import numpy as np

        from derive.networks.values import read_depth

        depth = read_depth(depth)
        required = ("sigma_w2", "sigma_b2", "q0")
        inputs, shape = read_arrays(self.network, required, ("c0", "one_minus_c0"), arrays)
        with_cosine(inputs, "c0", "one_minus_c0")
        status = judge(inputs, "c0", "one_minus_c0")
        ready = {n: np.where(status == 0, a, np.nan) for n, a in inputs.items()}
        q0 = ready["q0"]
        ready |= {"q": q0, "q_ab": ready["c0"] * q0, "s": ready["one_minus_c0"] * q0}
        used = {n: ready[n] for n in (*self.compiled.program.states, *self.compiled.program.parameters)}
        found = self.compiled.runner.run(depth, used, trajectory, threads)
        status = np.where((status == 0) & ~np.isfinite(found.final["q"] + found.final["q_ab"]), 4, status)
        result = {n: np.where(status == 0, a, np.nan) for n, a in (found.layers or found.final).items()}
        with np.errstate(all="ignore"):
            result |= {"c": result["q_ab"] / result["q"], "one_minus_c": result["s"] / result["q"]}
        result |= gradients(result.pop("chi"), trajectory)
        return {n: a.reshape((*a.shape[:-1], *shape)) for n, a in (result | {"status": status}).items()}
