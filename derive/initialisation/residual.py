r"""Residual networks: the weight variance at which gradients grow by a chosen factor over the depth.

Gradients of a residual network never vanish; they grow, for a bounded activation like
:math:`\exp(A\sqrt{l})` with :math:`A \propto \sigma_w`, for one that grows linearly like :math:`B^l`.  Trainability
therefore asks for a small enough :math:`\sigma_w^2` and expressivity for a large one: the recommendation is the largest
:math:`\sigma_w^2` for which :math:`\chi_0/\chi_L` does not exceed ``growth``.  The recurrences are iterated, not
their law; beyond 20000 layers :math:`\sigma_w^2 L` is kept, as the leading term asks (bounded activations only).
Source: paper 000, section 6 and Fig. 3, where the best :math:`\sigma_w^2` follows :math:`\sigma_w^2 L` = const.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, UnsupportedError
from derive.initialisation.result import Family, Initialisation
from derive.networks import FullResidual, ReducedResidual

__all__ = ["residual"]

_CLASSES = {"full-residual": FullResidual, "reduced-residual": ReducedResidual}
_ITERATED = 20_000
_DEFAULTS = {"sigma_v2": sp.Integer(1), "sigma_a2": sp.Integer(0), "sigma_b2": sp.Integer(0)}


def residual(
    architecture: str, phi: Activation, depth: int, fixed: Mapping[str, sp.Expr], growth: sp.Expr
) -> Initialisation:
    """The recommendation; ``fixed`` are the other variances where they are not 1 (v) and 0 (a, b)."""
    net = _CLASSES[architecture](phi)
    names = [n for n in ("sigma_v2", "sigma_w2", "sigma_a2", "sigma_b2") if hasattr(net.symbols, n)]
    rest = {n: fixed.get(n, _DEFAULTS[n]) for n in names if n != "sigma_w2"}
    if growth <= 1:
        raise DomainError(f"growth = {growth} must lie above 1: gradients of a residual network do not vanish")
    if rest.get("sigma_v2", 1) == 0:
        raise DomainError("sigma_v2 = 0 leaves the identity: gradients do not grow, and every sigma_w2 serves")
    layers = min(depth, _ITERATED)
    if layers < depth and not all(limit.is_finite for limit in phi.limits):
        raise UnsupportedError(
            f"a depth of {depth} is beyond what is iterated ({_ITERATED} layers), and {phi} is not bounded"
        )
    run = net.compile(_backend(layers))
    weight = _weight(run, layers, {n: float(v) for n, v in rest.items()}, float(sp.log(growth)))
    iterated = {n: float(rest.get(n, weight)) for n in names}
    chosen = {n: rest.get(n, sp.Float(f"{weight * layers / depth:.6g}", 15)) for n in names}
    families = tuple(Family(n, v, is_bias=n in ("sigma_a2", "sigma_b2")) for n, v in chosen.items())
    law = f"the largest sigma_w2 at which the mean square gradient grows by at most {growth} over {depth} layers"
    facts, warnings = _facts(run, iterated, layers), _warnings(phi, chosen, layers, depth)
    return Initialisation(architecture, str(phi), depth, families, law, facts, warnings)


def _weight(run: Any, layers: int, rest: Mapping[str, float], goal: float) -> float:
    """sigma_w2 with log(chi_0/chi_L) = goal, by rounds of 32 values at once."""
    import numpy as np

    low, high = 1e-12, 1e6
    for _ in range(6):
        grid = np.geomspace(low, high, 32)
        found = run(layers, p0=1.0, sigma_w2=grid, **rest)["log_chi_ratio"]
        above = np.flatnonzero(~(found < goal))  # NaN counts as above: the length overflows there
        if not len(above) or above[0] == 0:
            raise DomainError(
                f"no sigma_w2 between {low:.3g} and {high:.3g} makes log(chi_0/chi_L) equal to {goal:.6g}; "
                "choose another growth"
            )
        low, high = grid[above[0] - 1], grid[above[0]]
        if high / low < 1 + 1e-9:
            break
    return low


def _backend(layers: int) -> str:
    """Compiling C takes longer than going through a few layers in NumPy."""
    return "numpy" if layers <= 2000 else "auto"


def _facts(run: Any, variances: Mapping[str, float], layers: int) -> tuple[tuple[str, Any], ...]:
    found = run(layers, p0=1.0, e0=0.0, **variances)
    return (
        (f"p after {layers} layers, from p0 = 1", sp.Float(float(found["p"]), 15)),
        (f"cosine of two orthogonal inputs after {layers} layers", sp.Float(float(found["e"]), 15)),
        (
            f"growth of the gradient's norm over {layers} layers",
            sp.Float(float(sp.exp(float(found["log_chi_ratio"]) / 2)), 15),
        ),
    )


def _warnings(phi: Activation, chosen: Mapping[str, sp.Expr], layers: int, depth: int) -> tuple[str, ...]:
    found = []
    if layers < depth:
        found.append(f"computed at {layers} layers and scaled by sigma_w2 L = const, the leading term of the law")
    if not phi.limits[1].is_finite:
        found.append("for activations that grow, expressivity s = p - gamma decides more than gradients (paper 000)")
    if chosen.get("sigma_a2", 0) == 0 and phi.parity != "odd":
        found.append("the activation is not odd: the mean of the stream grows with the depth")
    return tuple(found)
