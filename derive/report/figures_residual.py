"""Figures of tanh residual networks: theory curves of Figs. 1, 2 and 3 of paper 000, and the expansions behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.report.plotting import COLOURS, panels, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["depths", "dynamics", "expansions", "exponents"]

_VARIANCES = {"sigma_v2": 1, "sigma_w2": 2, "sigma_a2": sp.Rational(1, 2), "sigma_b2": sp.Rational(1, 2)}
_STARTS = ("0", "1/4", "1/2", "3/4", "95/100")


def dynamics() -> Figure:
    """Lengths and overlaps, cosine distance, and gradients against the layer."""
    import numpy as np

    from derive.networks import FullResidual

    net, layers = FullResidual("tanh"), 200
    figure, (lengths, cosine, gradients) = panels(3)
    limit = float(net.cosine_limit(digits=12, **_VARIANCES).e)
    for start, colour in zip(_STARTS, shades(len(_STARTS)), strict=True):
        run = net.trajectory(layers, p0=1, e0=start, **_VARIANCES)
        if start == _STARTS[0]:
            lengths.plot(run.p, color=COLOURS[6], label="$p$")
        value = float(sp.Rational(start))
        lengths.plot(run.gamma, color=colour, lw=1, label=rf"$\gamma$, $e_0={value:g}$")
        cosine.plot(run.e, color=colour)
    cosine.axhline(limit, color="0.5", ls="--", lw=0.8)
    cosine.annotate("$e^*$", (layers, limit), ha="right", va="bottom", color="0.3")
    lengths.set(xlabel="layer $l$", ylabel=r"$p_l$, $\gamma_l$")
    lengths.legend()
    cosine.set(xlabel="layer $l$", ylabel="cosine distance $e_l$")
    short = net.trajectory(50, p0=1, e0=0, **_VARIANCES)
    for name, label in _GRADIENTS:
        gradients.semilogy(np.arange(51), short[name], label=label)
    gradients.set(xlabel="layer $l$", ylabel="mean square gradient")
    gradients.legend(ncol=2)
    return figure


_GRADIENTS = (("chi", r"$\chi$"), ("chi_b", r"$\chi_b$"), ("chi_w", r"$\chi_w$"), ("chi_v", r"$\chi_v$"))


def exponents() -> Figure:
    """e* and delta* against the ratio of variances; increments of e; growth of the gradient."""
    import numpy as np

    from derive.networks import FullResidual

    net = FullResidual("tanh")
    figure, (limit, approach, growth) = panels(3)
    ratios = [sp.Rational(k, 40) for k in range(1, 120)]
    rows = [
        net.cosine_limit(digits=12, sigma_v2=1, sigma_w2=1, sigma_a2=1 / r - 1, sigma_b2=0) for r in ratios if r < 1
    ]
    ratio = [float(r) for r in ratios if r < 1]
    limit.plot(ratio, [float(row.e) for row in rows], label="limit $e^*$")
    limit.plot(ratio, [float(row.rate) for row in rows], label=r"exponent $\delta^*$")
    limit.set(xlabel=r"$\sigma_v^2/(\sigma_v^2+\sigma_a^2)$")
    limit.legend()

    layers = np.arange(1, 2001)
    found = net.cosine_limit(digits=12, **_VARIANCES)
    for start, colour in zip(_STARTS, shades(len(_STARTS)), strict=True):
        run = net.trajectory(int(layers[-1]), p0=1, e0=start, **_VARIANCES)
        approach.loglog(
            layers, np.abs(np.diff(run.e)), color=colour, lw=1, label=f"$e_0={float(sp.Rational(start)):g}$"
        )
    power = layers[20:] ** (-float(found.rate) - 1)
    approach.loglog(layers[20:], 0.02 * power / power[0], "k--", lw=0.9, label=r"$l^{-\delta^*-1}$")
    approach.set(xlabel="layer $l$", ylabel="$|e_{l+1}-e_l|$")
    approach.legend()

    run = net.trajectory(int(layers[-1]), p0=1, e0=0, **_VARIANCES)
    growth.loglog(layers, run.log_chi_ratio[1:], label="from the recurrences")
    law = net.asymptotics("log_chi_ratio", terms=3)
    leading = _leading(law, net)
    growth.loglog(layers, leading(layers), "k--", lw=0.9, label=r"$A\sqrt{l}$")
    growth.set(xlabel="layer $l$", ylabel=r"$\log(\chi_0/\chi_l)$")
    growth.legend()
    return figure


def _leading(law: Any, net: Any) -> Any:
    """The largest term of an expansion with the variances put in, as a function of arrays."""
    import numpy as np

    values = {getattr(net.symbols, name): value for name, value in _VARIANCES.items()}
    term = max(
        law.terms, key=lambda t: float(abs(t.subs(values).subs(law.n, sp.Integer(10) ** 30)).evalf(10, chop=True))
    )
    factor, power = term.subs(values).as_independent(law.n)
    return lambda layers: float(factor) * np.power(layers, float(power.as_base_exp()[1]))


def depths() -> Figure:
    """Level curves of log(chi_0/chi_l) over the weight variance and the depth, with sigma_w^2 l = const."""
    import numpy as np

    from derive.networks import FullResidual, ReducedResidual

    figure, axes = panels(2, width=6.4, height=2.7)
    rest = {"sigma_v2": 1, "sigma_a2": sp.Rational(1, 2), "sigma_b2": sp.Rational(1, 2)}
    weights = [sp.Rational(k, 4) for k in range(1, 17)]
    for panel, net in zip(axes, (ReducedResidual("tanh"), FullResidual("tanh")), strict=True):
        fixed = {n: v for n, v in rest.items() if hasattr(net.symbols, n)}
        runs = [net.trajectory(200, p0=1, sigma_w2=w, **fixed).log_chi_ratio for w in weights]
        levels = (4, 8, 12, 16, 20)
        for level, colour in zip(levels, shades(len(levels)), strict=True):
            reached = [np.interp(level, run, np.arange(201), right=np.nan) for run in runs]
            panel.plot([float(w) for w in weights], reached, color=colour, label=str(level))
        scale = next(r for r in (np.interp(12, run, np.arange(201), right=np.nan) for run in runs[7:]) if r == r)
        w = np.linspace(0.5, 4, 60)
        panel.plot(w, scale * 2 / w, "k--", lw=0.9, label=r"$\sigma_w^2 l$ = const")
        panel.set(xlabel=r"$\sigma_w^2$", ylabel="depth $l$", ylim=(0, 200))
        panel.set_title(f"{panel.get_title(loc='left')} {'reduced' if net.__class__ is ReducedResidual else 'full'}")
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
