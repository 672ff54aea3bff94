"""ReLU and alpha-ReLU residual networks: exponents (Fig. B.8), dynamics (Fig. A.2), levels (Fig. 3 (d), (e))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.report.plotting import COLOURS, panels, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["dynamics", "exponents", "levels"]

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


def levels() -> Figure:
    """Depths at which lengths, distances and gradients have grown by given factors, over sigma_w2 and over alpha."""
    import numpy as np

    from derive.activations import activation
    from derive.networks import FullResidual

    figure, (linear, powers) = panels(2, width=6.6, height=2.9)
    weights = np.geomspace(0.05, 4, 41)
    given = {name: float(value) for name, value in _SIGMA.items()} | {"sigma_w2": weights}
    run = _growth(FullResidual("relu").compile()(600, trajectory=True, p0=1.0, e0=0.5, **given))
    for height, dash in ((10, "-"), (40, "--")):
        for name, colour, label in (("p", 0, "p_l/p_0"), ("s", 2, "s_l/s_0"), ("chi", 1, r"\chi_0/\chi_l")):
            reached = [_reached(column, height) for column in run[name].T]
            text = rf"$\log\,{label} = {height}$"
            linear.loglog(weights, reached, dash, color=COLOURS[colour], lw=1.2, label=text)
    linear.set(xlabel=r"$\sigma_w^2$", ylabel="depth $l$", title="(a) ReLU", ylim=(5, 600))
    linear.legend()

    alphas = [sp.Rational(k, 20) for k in range(11, 21)]
    start = {"p0": 1, "e0": sp.Rational(1, 2)}
    runs = [_growth(FullResidual(activation("alpha_relu", alpha=a)).trajectory(600, **start, **_SIGMA)) for a in alphas]
    x = [float(a) for a in alphas]
    heights = (4, 8, 12, 16, 20)
    for height, colour in zip(heights, shades(len(heights)), strict=True):
        reached = [_reached(r["s"], height) for r in runs]
        powers.semilogy(x, reached, color=colour, lw=1.2, label=str(height))
    reached = [_reached(r["chi"], 8) for r in runs]
    powers.semilogy(x, reached, "--", color="0.3", lw=1.2, label=r"$\log\,\chi_0/\chi_l = 8$")
    powers.set(xlabel=r"$\alpha$", ylabel="depth $l$", title=r"(b) $\alpha$-ReLU, $\sigma_w^2 = 1$", ylim=(3, 600))
    powers.legend(title=r"$\log\,s_l/s_0$", loc="lower left", ncol=3, columnspacing=1)
    return figure


def _growth(run: Any) -> dict[str, Any]:
    """log p_l/p_0, log s_l/s_0 and log chi_0/chi_l at every layer."""
    import numpy as np

    with np.errstate(all="ignore"):
        rows = {name: np.log(run[name] / run[name][0]) for name in ("p", "s")}
    return rows | {"chi": run["log_chi"][0] - run["log_chi"]}


def _reached(column: Any, height: float) -> float:
    """The depth at which a growing column first passes the height, by linear interpolation; NaN where it never does."""
    import numpy as np

    above = np.flatnonzero(column >= height)
    if not len(above) or not np.isfinite(column[above[0]]):
        return float("nan")
    k = int(above[0])
    return k - float((column[k] - height) / (column[k] - column[k - 1]))
