"""Figures of tanh residual networks: theory curves of Figs. 1, 2 and 3 of paper 000, and the expansions behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.report.plotting import COLOURS, panels, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["depths", "dynamics", "expansions", "exponents"]

_VARIANCES = {"sigma_v2": 1, "sigma_w2": 2, "sigma_a2": sp.Rational(1, 2), "sigma_b2": sp.Rational(1, 2)}
_STARTS = (0.0, 0.25, 0.5, 0.75, 0.95)


def dynamics() -> Figure:
    """Lengths and overlaps, cosine distance, and gradients against the layer."""
    import numpy as np

    from derive.networks import FullResidual

    net = FullResidual("tanh")
    figure, (lengths, cosine, gradients) = panels(3)
    limit = float(net.cosine_limit(digits=12, **_VARIANCES).e)
    run = _layers(net, 200)
    lengths.plot(run["p"][:, 0], color=COLOURS[6], label="$p$")
    for i, (start, colour) in enumerate(zip(_STARTS, shades(len(_STARTS)), strict=True)):
        lengths.plot(run["gamma"][:, i], color=colour, lw=1, label=rf"$\gamma$, $e_0={start:g}$")
        cosine.plot(run["e"][:, i], color=colour)
    cosine.axhline(limit, color="0.5", ls="--", lw=0.8)
    cosine.annotate("$e^*$", (200, limit), ha="right", va="top", color="0.3")
    lengths.set(xlabel="layer $l$", ylabel=r"$p_l$, $\gamma_l$")
    lengths.legend(loc="upper left")
    cosine.set(xlabel="layer $l$", ylabel="cosine distance $e_l$")
    short = net.trajectory(50, p0=1, **_VARIANCES)
    for name, label in _GRADIENTS:
        gradients.semilogy(np.arange(51), short[name], label=label)
    gradients.set(xlabel="layer $l$", ylabel="mean square gradient")
    gradients.legend(ncol=2)
    return figure


_GRADIENTS = (("chi", r"$\chi$"), ("chi_b", r"$\chi_b$"), ("chi_w", r"$\chi_w$"), ("chi_v", r"$\chi_v$"))


def _layers(net: Any, depth: int) -> Any:
    """Every layer for all starts, as arrays of shape (depth + 1, starts)."""
    import numpy as np

    values = {name: float(value) for name, value in _VARIANCES.items() if hasattr(net.symbols, name)}
    return net.compile()(depth, trajectory=True, p0=1.0, e0=np.array(_STARTS), **values)


def exponents() -> Figure:
    """e* and delta* against the ratio of variances; increments of e; growth of the gradient."""
    import numpy as np

    from derive.networks import FullResidual

    net = FullResidual("tanh")
    figure, (limit, approach, growth) = panels(3)
    ratios = [sp.Rational(k, 40) for k in range(1, 40)]
    rows = [net.cosine_limit(digits=12, sigma_v2=1, sigma_w2=1, sigma_a2=1 / r - 1, sigma_b2=0) for r in ratios]
    ratio = [float(r) for r in ratios]
    limit.plot(ratio, [float(row.e) for row in rows], label="limit $e^*$")
    limit.plot(ratio, [float(row.rate) for row in rows], label=r"exponent $\delta^*$")
    limit.set(xlabel=r"$\sigma_v^2/(\sigma_v^2+\sigma_a^2)$", ylim=(0, 1))
    limit.legend()

    run = _layers(net, 10000)
    layers = np.unique(np.geomspace(1, 9999, 240).astype(int))
    steps = np.abs(np.diff(run["one_minus_e"], axis=0))
    rate = float(net.cosine_limit(digits=12, **_VARIANCES).rate)
    for i, (start, colour) in enumerate(zip(_STARTS, shades(len(_STARTS)), strict=True)):
        approach.loglog(layers, steps[layers, i], color=colour, lw=1, label=f"$e_0={start:g}$")
    approach.loglog(layers, 0.1 * layers ** (-rate - 1), "k--", lw=0.9, label=r"$l^{-\delta^*-1}$")
    approach.set(xlabel="layer $l$", ylabel="$|e_{l+1}-e_l|$")
    approach.legend()

    growth.loglog(layers, _log_ratio(run)[layers, 0], label="from the recurrences")
    growth.loglog(layers, _leading(net)(layers), "k--", lw=0.9, label=r"$A\sqrt{l}$")
    growth.set(xlabel="layer $l$", ylabel=r"$\log(\chi_0/\chi_l)$")
    growth.legend()
    return figure


def _log_ratio(run: Any) -> Any:
    """log(chi_0/chi_l) at every layer."""
    return run["log_chi"][0] - run["log_chi"]


def _leading(net: Any) -> Any:
    """The largest term of log(chi_0/chi_l) with the variances put in, as a function of arrays."""
    law = net.asymptotics("log_chi_ratio", terms=1)
    values = {getattr(net.symbols, name): value for name, value in _VARIANCES.items()}
    return sp.lambdify(law.n, law.terms[0].subs(values), "numpy")


def depths() -> Figure:
    """Level curves of log(chi_0/chi_l) over the weight variance and the depth, with sigma_w^2 l = const."""
    import numpy as np

    from derive.networks import FullResidual, ReducedResidual

    figure, axes = panels(2, width=6.4, height=2.7)
    weights = np.linspace(0.25, 4, 61)
    for panel, net in zip(axes, (ReducedResidual("tanh"), FullResidual("tanh")), strict=True):
        fixed = {n: float(v) for n, v in _VARIANCES.items() if n != "sigma_w2" and hasattr(net.symbols, n)}
        run = net.compile()(400, trajectory=True, p0=1.0, sigma_w2=weights, **fixed)
        run = _log_ratio(run)
        levels = (4, 8, 12, 16, 20)
        for level, colour in zip(levels, shades(len(levels)), strict=True):
            reached = [np.interp(level, column, np.arange(401), right=np.nan) for column in run.T]
            panel.plot(weights, reached, color=colour, label=str(level))
        middle = np.interp(levels[2], run[:, 40], np.arange(401))
        panel.plot(weights, middle * weights[40] / weights, "k--", lw=0.9, label=r"$\sigma_w^2 l$ = const")
        kind = "reduced" if isinstance(net, ReducedResidual) else "full"
        panel.set_title(f"{panel.get_title(loc='left')} {kind} network")
        panel.set(xlabel=r"$\sigma_w^2$", ylabel="depth $l$", ylim=(0, 200))
        panel.legend(title=r"$\log(\chi_0/\chi_l)$", ncol=2)
    return figure


def expansions() -> Figure:
    """V(tanh, q) and its two expansions; the relative error of the first k terms at large q."""
    import numpy as np

    from derive.activations import activation
    from derive.expectations import V, variance_small_terms, variance_terms

    phi, q = activation("tanh"), sp.Symbol("q", positive=True)
    figure, (values, errors) = panels(2, width=6.4, height=2.6)
    grid = np.logspace(-2, 3, 76)
    exact = np.array([float(V(phi, sp.Float(g, 20)).evalf(18)) for g in grid])
    values.semilogx(grid, exact, color=COLOURS[6], label=r"$\mathrm{V}\tanh(q)$")
    small = sum(c * q**k for k, c in variance_small_terms(phi, 4).items())
    terms = [c * q**k for k, c in sorted(variance_terms(phi, 8).items(), reverse=True)]
    partial = [sum(terms[:n]) for n in range(1, len(terms) + 1)]
    for expr, label, keep in ((small, "small $q$", grid < 2), (partial[1], "large $q$, two terms", grid > 0.4)):
        values.semilogx(grid[keep], sp.lambdify(q, expr)(grid[keep]), "--", label=label)
    values.set(xlabel="variance $q$", ylim=(0, 1.05))
    values.legend()
    for n, colour in zip(range(1, 6), shades(5), strict=True):
        with np.errstate(all="ignore"):
            errors.loglog(
                grid, np.abs(sp.lambdify(q, partial[n - 1])(grid) / exact - 1) + 0 * grid, color=colour, label=f"{n}"
            )
    errors.set(xlabel="variance $q$", ylabel="relative error", ylim=(1e-15, 10))
    errors.legend(title="terms at large $q$")
    return figure
