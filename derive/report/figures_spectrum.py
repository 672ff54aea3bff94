"""Singular values of residual Jacobians: Figs. 1 and 3 of paper 001, random networks (fixed seeds) over the theory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.report.plotting import COLOURS, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["activations_and_depths", "outside_the_bulk", "universal_spectrum"]

_WIDTH = 240
_ACTIVATIONS = (
    "relu",
    "leaky_relu(slope=1/20)",
    "leaky_relu(slope=1/4)",
    "tanh",
    "hard_tanh",
    "sigmoid",
    "selu",
)


def universal_spectrum() -> Figure:
    """Density of singular values: tanh at three depths, and ReLU for three values of c at depth 20, with the theory."""
    figure, (top, bottom) = panels(2, height=2.8)
    for depth, colour in zip((10, 20, 50), COLOURS, strict=False):
        _histogram(top, "tanh", depth, "1/8", colour, f"$L={depth}$")
    _theory(top, "1/8", "k", "universal law")
    top.set(xlabel="singular value $s$", ylabel="density", title=r"(a) tanh, $c=1/8$")
    for c, colour in zip(("1/32", "1/8", "1/2"), COLOURS, strict=False):
        _histogram(bottom, "relu", 20, c, colour, f"ReLU, $c={c}$")
        _theory(bottom, c, colour, None)
    bottom.set(xlabel="singular value $s$", ylabel="density", title="(b) ReLU, $L=20$", xlim=(0, 2.8))
    for panel in (top, bottom):
        panel.legend()
    return figure


def activations_and_depths() -> Figure:
    """Density of singular values for seven activations at c = 1/8, depths 10 and 20, with the universal law."""
    figure, axes = panels(2, height=2.8)
    for panel, depth in zip(axes, (10, 20), strict=True):
        for phi, colour in zip(_ACTIVATIONS, COLOURS, strict=True):
            _histogram(panel, phi, depth, "1/8", colour, phi.replace("leaky_relu(slope=", "leaky (")[:16])
        _theory(panel, "1/8", "k", "universal law")
        panel.set(xlabel="singular value $s$", ylabel="density", title=f"$L={depth}$", xlim=(0.4, 2.3))
    axes[0].legend()
    return figure


def outside_the_bulk() -> Figure:
    """The largest singular value of ReLU networks at c = 1/8 against depth, with its lower bound and the bulk."""
    import numpy as np

    from derive.spectrum import JacobianSpectrum, tangent_gain, weight_variance_for

    figure, (panel,) = panels(1, width=4.2, height=2.8)
    depths = (5, 10, 20, 40)
    edge = float(JacobianSpectrum("1/8").edges(12)[1])
    for phi, colour in zip(("relu", "selu", "tanh"), COLOURS, strict=False):
        weights = [weight_variance_for(phi, "1/8", depth, digits=10) for depth in depths]
        largest = [
            np.max(_singular_values(phi, d, w, 120), axis=-1).mean() for d, w in zip(depths, weights, strict=True)
        ]
        bound = [max(edge, float(tangent_gain(phi, d, w, digits=8))) for d, w in zip(depths, weights, strict=True)]
        panel.plot(depths, largest, "o", color=colour, ms=4, label=f"{phi}, simulated")
        if max(bound) > edge:
            panel.plot(depths, bound, "-", color=colour, lw=1, label=f"{phi}, lower bound")
    panel.axhline(edge, color="0.4", ls="--", lw=0.8, label="end of the bulk")
    panel.set(xlabel="depth $L$", ylabel=r"largest singular value")
    panel.legend()
    return figure


def _singular_values(phi: Any, depth: int, sigma_w2: Any, width: int = _WIDTH) -> Any:
    """Singular values of two random networks."""
    from derive.finite_width import simulate

    run = simulate(
        "scaled_residual",
        phi,
        depth=depth,
        width=width,
        realisations=2,
        seed=1,
        gradients=False,
        jacobian=True,
        progress=False,
        sigma_w2=sigma_w2,
        sigma_b2=0,
        p0=1,
    )
    return run.singular_values


def _histogram(panel: Axes, phi: str, depth: int, c: str, colour: Any, label: str) -> None:
    from derive.spectrum import weight_variance_for

    values = _singular_values(phi, depth, weight_variance_for(phi, c, depth, digits=10)).ravel()
    panel.hist(values, bins=40, density=True, histtype="step", color=colour, label=label, lw=1)


def _theory(panel: Axes, c: str, colour: Any, label: str | None) -> None:
    import numpy as np

    from derive.spectrum import JacobianSpectrum

    law = JacobianSpectrum(sp.Rational(c))
    low, high = (float(e) for e in law.edges(12))
    s = np.linspace(low, high, 400)
    panel.plot(s, law.density(s), color=colour, ls="--", lw=1.2, label=label)
