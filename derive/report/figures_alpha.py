"""Figures of ReLU and alpha-ReLU residual networks: exponents by alpha (Fig. B.8) and the dynamics of Fig. A.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.report.plotting import panels, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["dynamics", "exponents"]

_SIGMA = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": sp.Rational(1, 4), "sigma_b2": sp.Rational(1, 4)}


def exponents() -> Figure:
    """R with its minima; mu and the exponent that the bias forces; 1 - e*, all against alpha."""
    from derive.activations import activation
    from derive.networks import FullResidual
    from derive.networks.homogeneous.cosine import threshold_degree
    from derive.networks.homogeneous.symbolic import gradient_exponent

    figure, (gradient, rate, limit) = panels(3)
    grid = [sp.Rational(k, 200) for k in range(104, 194)]
    gradient.plot([float(a) for a in grid], [float(gradient_exponent(a)) for a in grid], label="$R$: gradient")
    gradient.plot([float(a) for a in grid], [float(1 / (1 - a)) for a in grid], label=r"$1/(1-\alpha)$: length")
    gradient.plot(
        [float(a) for a in grid], [float(a / (2 * a - 1)) for a in grid], label=r"$\alpha/(2\alpha-1)$: weights"
    )
    for a in (sp.Rational(2, 3), sp.Rational(3, 4)):
        gradient.plot([float(a)], [float(gradient_exponent(a))], "o", color="0.2", ms=4)
    gradient.set(xlabel=r"$\alpha$", ylim=(0, 16), ylabel="exponent of the depth")
    gradient.legend()

    degrees = [sp.Rational(k, 60) for k in range(1, 60)]
    rows = [
        FullResidual(activation("alpha_relu", alpha=a)).cosine_limit(digits=12, **(_SIGMA | {"sigma_a2": 0}))
        for a in degrees
    ]
    x = [float(a) for a in degrees]
    rate.plot(x, [float(row.rate) for row in rows], label=r"$\mu$: start")
    rate.plot(x, [float(a / (1 - a)) for a in degrees], label=r"$\alpha/(1-\alpha)$: $\sigma_a$", ls="--")
    rate.axvline(float(threshold_degree(12)), color="0.6", lw=0.8)
    rate.set(xlabel=r"$\alpha$", ylim=(0, 0.8), ylabel="rate of $e$")
    rate.legend()
    limit.semilogy(x, [float(row.one_minus_e) for row in rows], label="$1-e^*$")
    near = [float(9 * sp.pi**2 / 8 * (1 - a) ** 4) for a in degrees[30:]]
    limit.semilogy(x[30:], near, color="0.4", ls="--", lw=0.9, label=r"$\frac{9\pi^2}{8}(1-\alpha)^4$")
    limit.set(xlabel=r"$\alpha$")
    limit.legend()
    return figure


def dynamics() -> Figure:
    """Cosine distance and gradient of alpha-ReLU networks against the layer, with the exponents of the laws."""
    import numpy as np

    from derive.activations import activation
    from derive.networks import FullResidual
    from derive.networks.homogeneous.symbolic import gradient_exponent

    figure, (approach, growth) = panels(2)
    depth = 400
    layers = np.arange(1, depth)
    for alpha, colour in zip(("3/5", "3/4", "9/10"), shades(3), strict=True):
        a = sp.Rational(alpha)
        net = FullResidual(activation("alpha_relu", alpha=a))
        run = net.trajectory(depth, p0=1, e0=sp.Rational(1, 2), **_SIGMA)
        steps = np.abs(np.diff(run["one_minus_e"]))[1:]
        approach.loglog(layers, steps, color=colour, lw=1.2, label=rf"$\alpha={alpha}$")
        rate = float(net.cosine_limit(digits=12, **_SIGMA).rate)
        approach.loglog(layers, steps[-1] * (layers / depth) ** (-rate - 1), color=colour, ls="--", lw=0.8)
        log = run["log_chi"][0] - run["log_chi"]
        growth.semilogx(np.arange(1, depth + 1), log[1:], color=colour, label=rf"$\alpha={alpha}$")
        law = float(gradient_exponent(a)) * np.log(np.arange(1, depth + 1) / depth) + log[-1]
        growth.semilogx(np.arange(1, depth + 1), law, color=colour, ls="--", lw=0.8)
    approach.set(xlabel="layer $l$", ylabel=r"$|e_{l+1}-e_l|$")
    approach.legend()
    growth.set(xlabel="layer $l$", ylabel=r"$\log\chi_0/\chi_l$", ylim=(0, None))
    growth.legend()
    return figure
