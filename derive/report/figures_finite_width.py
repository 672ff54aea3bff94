"""Figures of real random nets: simulated bands over theory curves (papers 000 and 003), all seeds fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.report.plotting import COLOURS, panels, shades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "alpha_relu_nets",
    "convolutional_lengths",
    "initialisations",
    "order_of_widths",
    "residual_scales",
    "residual_variance",
    "tanh_nets",
]

_TANH = {"sigma_v2": 1, "sigma_w2": 2, "sigma_a2": sp.Rational(1, 2), "sigma_b2": sp.Rational(1, 2), "p0": 1}
_GRADIENTS = (("chi", r"$\chi$"), ("chi_b", r"$\chi_b$"), ("chi_w", r"$\chi_w$"), ("chi_v", r"$\chi_v$"))


def _band(axis: Any, layers: Any, estimate: Any, colour: Any, column: int | None = None) -> None:
    """Mean and standard deviation over nets."""
    import numpy as np

    mean, spread = estimate.mean, np.sqrt(estimate.variance)
    if column is not None:
        mean, spread = mean[:, column], spread[:, column]
    axis.fill_between(layers, mean - spread, mean + spread, color=colour, alpha=0.25, lw=0)
    axis.plot(layers, mean, color=colour, lw=0.7)


def _rows(axes: Any, net: Any, values: dict[str, Any], starts: tuple[str, ...], depth: int, label: str = "") -> None:
    """One row of three panels: lengths, cosine distance, gradients; bands of 12 nets of width 200."""
    import numpy as np

    from derive.finite_width import simulate

    lengths, cosine, gradients = axes
    layers = np.arange(depth + 1)
    run = simulate(net, depth=depth, width=200, realisations=12, gradients=False, progress=False, e0=starts, **values)
    for column, (start, colour) in enumerate(zip(starts, shades(len(starts)), strict=True)):
        theory = net.trajectory(depth, e0=start, **values)
        _band(lengths, layers, run.gamma, colour, column)
        _band(cosine, layers, run.e, colour, column)
        lengths.plot(
            layers, theory.gamma, color=colour, ls="--", label=rf"$\gamma$, $e_0={float(sp.Rational(start)):g}$"
        )
        cosine.plot(layers, theory.e, color=colour, ls="--")
    _band(lengths, layers, run.p, COLOURS[6], 0)
    lengths.plot(layers, theory.p, color=COLOURS[6], ls="--", label="$p$")
    back = simulate(net, depth=40, width=200, realisations=25, progress=False, seed=1, **values)
    expected = net.trajectory(40, **values)
    for (name, text), colour in zip(_GRADIENTS, COLOURS, strict=False):
        _band(gradients, np.arange(41), back[name], colour)
        gradients.semilogy(np.arange(41), expected[name], color=colour, ls="--", label=text)
    lengths.set(xlabel="layer $l$", ylabel=r"$p_l$, $\gamma_l$" + label)
    cosine.set(xlabel="layer $l$", ylabel="cosine distance $e_l$")
    gradients.set(xlabel="layer $l$", ylabel="mean square gradient")


def tanh_nets() -> Figure:
    """Lengths, cosine distance and gradients of real tanh nets (bands) over the theory (dashed)."""
    from derive.networks import FullResidual

    figure, axes = panels(3)
    _rows(axes, FullResidual("tanh"), _TANH, ("0", "1/2", "95/100"), 120)
    axes[0].legend()
    axes[2].legend(ncol=2)
    return figure


def alpha_relu_nets() -> Figure:
    """The same for alpha-ReLU, alpha = 1, 9/10, 3/4, 6/10: gradients scatter without bound where alpha <= 3/4."""
    from derive.networks import FullResidual

    figure, axes = panels(3, 4)
    values = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": sp.Rational(1, 4), "sigma_b2": sp.Rational(1, 4), "p0": 1}
    for row, alpha in enumerate(("1", "9/10", "3/4", "6/10")):
        part = axes[3 * row : 3 * row + 3]
        depth = 20 if alpha == "1" else 30
        _rows(part, FullResidual(f"alpha_relu(alpha={alpha})"), values, ("0", "3/4"), depth, rf", $\alpha={alpha}$")
        if alpha == "1":
            part[0].set(yscale="log", ylim=(0.1, None))
    axes[0].legend()
    axes[2].legend(ncol=2)
    return figure


_INITIALISERS = (
    ("he_normal", 2, "2 x He normal"),
    ("he_normal", 1, "He normal"),
    ("he_uniform", 1, "He uniform"),
    ("he_normal_truncated", 1, "He normal, truncated"),
    ("glorot_uniform", 1, "Glorot uniform"),
    ("lecun_normal", 1, "LeCun normal"),
)


def initialisations() -> Figure:
    """Mean squared length at the output against the depth, width = depth: exact means, and 50 real nets each."""
    import numpy as np

    from derive.finite_width import ReLUNet, simulate

    figure, (axis,) = panels(1, width=4.6, height=3.2)
    depths = (5, 10, 20, 40, 60, 80)
    for (name, scale, text), colour in zip(_INITIALISERS, COLOURS, strict=False):
        exact, mean, error = [], [], []
        for depth in depths:
            net = ReLUNet([depth] * (depth + 1), name, input_norm=f"sqrt({depth})", scale=scale)
            exact.append(float(net.moment(1, digits=15)))
            run = simulate(net, realisations=50, gradients=False, progress=False, seed=depth)
            mean.append(run.p.mean[-1])
            error.append(run.p.error[-1])
        axis.semilogy(depths, exact, color=colour, lw=1, label=text)
        low = np.maximum(np.subtract(mean, error), np.multiply(mean, 0.05))
        axis.errorbar(depths, mean, [np.subtract(mean, low), error], fmt="o", ms=3, color=colour)
    axis.set(xlabel="depth $d$ (= width)", ylabel="mean squared length $E M_d$")
    axis.legend()
    return figure


def residual_scales() -> Figure:
    """Residual nets of width 5, scales 1 and b^l: real nets, and the bounds of the mean."""
    import numpy as np

    from derive.finite_width import ResidualReLU, simulate

    figure, (axis,) = panels(1, width=4.6, height=3.2)
    modules = 30
    for b, colour in zip(("1", "9/10", "3/4", "1/2"), COLOURS, strict=False):
        scales = [sp.Rational(b) ** j for j in range(1, modules + 1)]
        net = ResidualReLU(scales, 5)
        run = simulate(net, realisations=1000, gradients=False, progress=False)
        axis.semilogy(
            range(modules + 1),
            5 * run.p.mean,
            color=colour,
            label=rf"$\eta_l = ({b})^l$" if b != "1" else r"$\eta_l = 1$",
        )
        ends = np.array([[float(x.evalf(15)) for x in net.bounds(1, j)] for j in range(0, modules + 1, 3)])
        axis.fill_between(range(0, modules + 1, 3), *ends.T, color=colour, alpha=0.15, lw=0)
    axis.set(xlabel="module", ylabel="mean squared length $E M_l$", ylim=(0.8, 1e12))
    axis.legend()
    return figure


def residual_variance() -> Figure:
    """Residual nets of width 5, scales b^l: mean variance of the lengths over the modules, real nets and bounds."""
    import numpy as np

    from derive.finite_width import ResidualReLU, simulate

    figure, (axis,) = panels(1, width=4.6, height=3.2)
    modules = 24
    for b, colour in zip(("1", "9/10", "3/4", "1/2"), COLOURS, strict=False):
        scales = [sp.Rational(b) ** j for j in range(1, modules + 1)]
        run = simulate(ResidualReLU(scales, 5), realisations=4000, gradients=False, progress=False)
        lengths = 5 * run.p.samples[:, 1:]
        counts = np.arange(2, modules + 1)
        means = [lengths[:, :count].var(axis=1).mean() for count in counts]
        axis.semilogy(counts, means, color=colour, label=rf"$\eta_l = ({b})^l$" if b != "1" else r"$\eta_l = 1$")
        places = range(2, modules + 1, 2)
        bounds = [ResidualReLU(scales[:count], 5).empirical_variance_bounds() for count in places]
        ends = np.array([[float(x.evalf(15)) for x in pair] for pair in bounds])
        axis.fill_between(places, *ends.T, color=colour, alpha=0.15, lw=0)
    axis.set(xlabel="modules $L$", ylabel=r"$E\,\widehat{\mathrm{Var}}[M]$", ylim=(1e-2, 1e20))
    axis.legend()
    return figure


def convolutional_lengths() -> Figure:
    """Periodic one-dimensional ReLU ConvNets, three taps, depth/2 channels: length of the output for laws of weights.

    Lines are exact means, dots means over 200 real nets.
    """
    from derive.finite_width import simulate

    figure, (axis,) = panels(1, width=4.6, height=3.2)
    depths = (8, 16, 32, 48, 64)
    cases = (
        ("2 x He normal", 4, "gaussian"),
        ("He normal", 2, "gaussian"),
        ("He uniform", 2, "uniform"),
        ("LeCun normal", 1, "gaussian"),
    )
    taps = [sp.Rational(1, 3)] * 3
    for (text, variance, law), colour in zip(cases, COLOURS, strict=False):
        mean = []
        for depth in depths:
            run = simulate(
                "convolutional", "relu", depth=depth, width=depth // 2, realisations=200, gradients=False,
                progress=False, seed=depth, weights=law, sigma_w2=variance, sigma_b2=0, q0=1, size=24,
                kernel_variances=taps,
            )  # fmt: skip
            mean.append(run.q.mean[-1].mean())
        axis.semilogy(depths, mean, "o", ms=3, color=colour)
        axis.semilogy(depths, [(variance / 2) ** d for d in depths], color=colour, lw=1, label=text)
    axis.set(xlabel="depth $d$ (= 2 x channels)", ylabel="mean squared pre-activation")
    axis.legend()
    return figure


def order_of_widths() -> Figure:
    """Exact mean empirical variance of the five architectures of Figure 3 of paper 003, against sum 1/n_j."""
    from derive.finite_width import ReLUNet

    figure, (axis,) = panels(1, width=4.6, height=3.2)
    depths = range(4, 61, 4)
    kinds = (
        ("alternating 30, 10", lambda d: [30, 10] * (d // 2)),
        ("30, then 10", lambda d: [30] * (d // 2) + [10] * (d // 2)),
        ("10, then 30", lambda d: [10] * (d // 2) + [30] * (d // 2)),
        ("constant 15", lambda d: [15] * d),
        ("constant 20", lambda d: [20] * d),
    )
    for (text, widths), colour in zip(kinds, COLOURS, strict=False):
        nets = [ReLUNet([1, *widths(d)]) for d in depths]
        sums = [sum(1 / n for n in net.widths[1:]) for net in nets]
        axis.semilogy(sums, [float(net.empirical_variance(digits=15)) for net in nets], color=colour, label=text)
    axis.set(xlabel=r"$\sum_j 1/n_j$", ylabel=r"$E\,\widehat{\mathrm{Var}}[M]$, $M_0 = 1$")
    axis.legend()
    return figure
