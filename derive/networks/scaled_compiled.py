r"""Residual networks scaled by depth as compiled float64 functions of arrays.

The states are p, m, gamma and s = p - gamma; q - lam is :math:`\sigma_w^2 s/L`, and the update of s is that of p less
that of gamma, worked out symbolically from the layer equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.activations import Activation
from derive.networks.notation import Quantity
from derive.networks.residual.compiled import gradients, judge, read_arrays, with_cosine
from derive.system import RecurrenceSystem

if TYPE_CHECKING:
    import numpy as np

    from derive.networks.scaled_residual import ScaledResidual

__all__ = ["CompiledScaledResidual", "scaled_system"]

_DISTANCE = Quantity("s", nonnegative=True)


def scaled_system(net: ScaledResidual) -> tuple[RecurrenceSystem, dict[str, sp.Expr], dict[str, sp.Expr]]:
    """(the system of p, m, gamma, s; the gradient's factor; q of the layer), in the quantities before the layer."""
    from derive.codegen import CovarianceAt, GapAt
    from derive.expectations import V, W

    S, rows, phi = net.symbols, net.recurrences(), net.activation
    second, covariance, gap = V(phi, S.q), W(phi, S.q, S.lam), sp.Dummy("gap")
    distance = sp.expand(rows["q"].rhs - rows["lam"].rhs.subs(S.gamma_, S.p_ - _DISTANCE))
    s = sp.expand(rows["p"].rhs - rows["gamma"].rhs.subs({S.gamma_: S.p_ - _DISTANCE, covariance: second - gap}))

    def put(e: sp.Expr) -> sp.Expr:
        e = e.subs({covariance: CovarianceAt(phi, S.q, S.lam, distance), gap: GapAt(phi, S.q, S.lam, distance)})
        e = e.subs({S.q: rows["q"].rhs, S.lam: rows["lam"].rhs})
        return e.subs({S.p_: S.p, S.m_: S.m, S.gamma_: S.gamma, S.a: net.skip, S.L: net.depth})

    states = [(S.p, rows["p"].rhs), (S.m, rows["m"].rhs), (S.gamma, rows["gamma"].rhs), (_DISTANCE, s)]
    system = RecurrenceSystem([(state, put(value)) for state, value in states])
    return system, {"chi": put(sp.expand(rows["chi"].rhs / S.chi))}, {"q": put(rows["q"].rhs)}


@dataclass(frozen=True)
class CompiledScaledResidual:
    """A network as a function of arrays: ``f(sigma_w2=.., sigma_b2=.., p0=.., m0=.., e0=..)`` runs its L layers.

    ``m0`` (0 if left out) is the mean of the input; ``e0`` or ``one_minus_e0`` the cosine of two inputs of equal mean
    square and mean.  The result holds float64 arrays: p, m, gamma, s = p - gamma, e, one_minus_e, q of the last layer,
    log_chi_ratio, and ``status`` (see :data:`derive.networks.residual.compiled.STATUS`; m0**2 > p0 is a 2).
    ``trajectory=True`` and ``threads`` as in :class:`~derive.networks.residual.compiled.CompiledNetwork`.
    """

    network: str
    depth: int
    activation: Activation
    compiled: Any

    @property
    def backend(self) -> str:
        """The back end that was taken: c, numba, numpy or jax."""
        return self.compiled.backend

    def __call__(self, *, trajectory: bool = False, threads: int = 1, **arrays: Any) -> dict[str, np.ndarray]:
        import numpy as np

        inputs, shape = read_arrays(self.network, ("sigma_w2", "sigma_b2", "p0"), ("m0", "e0", "one_minus_e0"), arrays)
        with_cosine(inputs, "e0", "one_minus_e0")
        mean = inputs.pop("m0", np.zeros_like(inputs["p0"]))
        status = judge(inputs, "e0", "one_minus_e0")
        status = np.where((status == 0) & (mean * mean > inputs["p0"]), 2, status)
        status = np.where(np.isfinite(mean), status, 1)
        ready = {n: np.where(status == 0, a, np.nan) for n, a in (inputs | {"m": mean}).items()}
        p0 = ready["p0"]
        ready |= {"p": p0, "gamma": ready["e0"] * p0, "s": ready["one_minus_e0"] * p0}
        used = {n: ready[n] for n in (*self.compiled.program.states, *self.compiled.program.parameters)}
        found = self.compiled.runner.run(self.depth, used, trajectory, threads)
        status = np.where((status == 0) & ~np.isfinite(found.final["p"] + found.final["gamma"]), 4, status)
        result = {n: np.where(status == 0, a, np.nan) for n, a in (found.layers or found.final).items()}
        with np.errstate(all="ignore"):
            result |= {"e": result["gamma"] / result["p"], "one_minus_e": result["s"] / result["p"]}
        result |= gradients(result.pop("chi"), trajectory)
        return {n: a.reshape((*a.shape[:-1], *shape)) for n, a in (result | {"status": status}).items()}
