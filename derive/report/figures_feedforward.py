"""Figures of paper 004: phase diagram, depth scales, dropout, gradients of random networks, overlays of depth scales.

Everything is theory, except the gradients of one random network with a fixed seed; no network is trained here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.report.plotting import COLOURS, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["dropout", "gradients", "overlays", "overlays_with_dropout", "phases", "scales"]

_BIAS = 0.05  # sigma_b^2 of the paper's figures
_START = {"q0": "4/5", "c0": "3/5"}


def _net(keep: Any = 1) -> Any:
    from derive.networks import FeedForward

    return FeedForward("tanh", keep)


def phases() -> Figure:
    """Fig. 1: the phases of tanh with the critical line; the decay of \\|q - q*\\| and \\|c - c*\\| over the layers."""
    import numpy as np

    figure, (a, b, c) = panels(3)
    net = _net()
    grid = net.phase_diagram(np.linspace(0.5, 3, 51), np.linspace(0.002, 0.25, 25))
    a.pcolormesh(grid.sigma_w2, grid.sigma_b2, grid.c.T, cmap="Greys_r", shading="nearest", rasterized=True)
    biases = np.linspace(0.002, 0.25, 12)
    line = [float(net.critical_points(sigma_b2=float(x), digits=12)[-1].sigma_w2) for x in biases]
    a.plot([1, *line], [0, *biases], color=COLOURS[1])
    a.set(xlabel=r"$\sigma_w^2$", ylabel=r"$\sigma_b^2$", title=r"$c^*$ and the edge of chaos")
    for weight, colour in zip(("0.5", "1.3", "2", "3"), COLOURS, strict=False):
        point = net.fixed_points(sigma_w2=weight, sigma_b2="1/20", digits=17)[0]
        run = net.trajectory(40, sigma_w2=weight, sigma_b2="1/20", **_START)
        layers = np.arange(41)
        b.semilogy(layers, np.abs(run.q - float(point.q)), color=colour, label=rf"$\sigma_w^2 = {weight}$")
        c.semilogy(layers, np.abs(run.one_minus_c - float(point.one_minus_c)), color=colour)
    b.set(xlabel="layer", ylabel=r"$|q - q^*|$", ylim=(1e-15, 1))
    c.set(xlabel="layer", ylabel=r"$|c - c^*|$", ylim=(1e-15, 1))
    b.legend()
    return figure


def scales() -> Figure:
    """Fig. 2: the correlation map; xi_q and xi_c predicted (lines) and measured by iteration (points)."""
    import numpy as np

    figure, (a, b, c) = panels(3)
    net, weights = _net(), np.linspace(0.4, 3, 66)
    for weight, colour in zip(("1", "1.76", "3"), COLOURS, strict=False):
        point = net.fixed_points(sigma_w2=weight, sigma_b2="1/20", digits=12)[0]
        cs = np.linspace(0, 1, 41)
        image = [float(net.at(1, "c", 10, sigma_w2=weight, sigma_b2="1/20", q0=point.q, c0=float(x))) for x in cs]
        a.plot(cs, image, color=colour, label=rf"$\sigma_w^2 = {weight}$")
    a.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    a.set(xlabel=r"$c_l$", ylabel=r"$c_{l+1}$")
    a.legend()
    for bias, colour in zip((0.01, 0.05, 0.3), COLOURS, strict=False):
        grid = net.phase_diagram(weights, [bias])
        b.plot(weights, grid.xi_q[:, 0], color=colour, label=rf"$\sigma_b^2 = {bias}$")
        c.plot(weights, np.minimum(grid.xi_c[:, 0], 1e3), color=colour)
        for place in (0.7, 1.2, 2.2, 2.9):
            measured = _measured(net, place, bias)
            b.plot([place], [measured[0]], "o", color=colour, markersize=3)
            c.plot([place], [measured[1]], "o", color=colour, markersize=3)
    b.set(xlabel=r"$\sigma_w^2$", ylabel=r"$\xi_q$")
    c.set(xlabel=r"$\sigma_w^2$", ylabel=r"$\xi_c$", ylim=(0, 60))
    b.legend()
    return figure


def _measured(net: Any, weight: float, bias: float) -> tuple[float, float]:
    """Depth scales from the slope of log|q - q*| and log|c - c*| over the layers that float64 resolves."""
    import numpy as np

    point = net.fixed_points(sigma_w2=weight, sigma_b2=bias, digits=17)[0]
    run = net.trajectory(60, sigma_w2=weight, sigma_b2=bias, **_START)
    found = []
    for name, limit in (("q", point.q), ("one_minus_c", point.one_minus_c)):
        left = np.abs(run[name] - float(limit))
        last = int(np.argmax(left < 1e-11)) or 60
        found.append(-(last - last // 2) / np.log(left[last] / left[last // 2]))
    return found[0], found[1]


def dropout() -> Figure:
    """Fig. 3: dropout lowers the correlation map, the correlation and its depth scale."""
    import numpy as np

    figure, (a, b, c) = panels(3)
    weights = np.linspace(0.5, 3.5, 61)
    for keep, colour in zip(("1", "0.99", "0.95", "0.9", "0.8"), COLOURS, strict=False):
        net = _net(keep)
        point = net.fixed_points(sigma_w2="1.76", sigma_b2="1/20", digits=12)[0]
        cs = np.linspace(0, 1, 31)
        image = [float(net.at(1, "c", 10, sigma_w2="1.76", sigma_b2="1/20", q0=point.q, c0=float(x))) for x in cs]
        a.plot(cs, image, color=colour, label=rf"$\rho = {keep}$")
        grid = net.phase_diagram(weights, [_BIAS])
        b.plot(weights, grid.c[:, 0], color=colour)
        c.plot(weights, np.minimum(grid.xi_c[:, 0], 1e3), color=colour)
    a.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    a.set(xlabel=r"$c_l$", ylabel=r"$c_{l+1}$")
    b.set(xlabel=r"$\sigma_w^2$", ylabel=r"$c^*$")
    c.set(xlabel=r"$\sigma_w^2$", ylabel=r"$\xi_c$", ylim=(0, 30))
    a.legend()
    return figure


def gradients(width: int = 300, depth: int = 120) -> Figure:
    """Fig. 4: the gradient's mean square over the layers of random tanh networks, and exp(-(L - l)/xi_grad)."""
    import numpy as np

    figure, (a, b) = panels(2)
    net, weights = _net(), np.linspace(0.8, 4, 65)
    for weight, colour in zip((1.0, 1.3, 1.76, 2.5, 3.5), COLOURS, strict=False):
        chi = float(net.fixed_points(sigma_w2=weight, sigma_b2=_BIAS, digits=12)[0].chi_1)
        norms = _backward(weight, width, depth)
        layers = np.arange(depth + 1)
        a.semilogy(layers, norms, ".", color=colour, markersize=2)
        a.semilogy(layers, chi ** (depth - layers.astype(float)), color=colour, label=rf"$\sigma_w^2 = {weight}$")
        fit = -depth / np.log(norms[0] / norms[depth])
        b.plot([weight], [abs(fit)], "o", color=colour, markersize=4)
    grid = net.phase_diagram(weights, [_BIAS])
    b.plot(weights, np.minimum(np.abs(1 / np.log(grid.chi_1[:, 0])), 1e3), color="0.3")
    a.set(xlabel="layer", ylabel="mean square gradient", xlim=(-60, depth + 2))
    b.set(xlabel=r"$\sigma_w^2$", ylabel=r"$|\xi_\nabla|$", ylim=(0, 60))
    a.legend()
    return figure


def _backward(weight: float, width: int, depth: int) -> Any:
    """Mean square gradients with respect to the pre-activations of one random network, 1 at the top."""
    import numpy as np

    rng = np.random.default_rng(4)
    z = rng.normal(size=width)
    steps = []
    for _ in range(depth):
        matrix = rng.normal(size=(width, width)) * np.sqrt(weight / width)
        steps.append((matrix, 1 - np.tanh(z) ** 2))
        z = matrix @ np.tanh(z) + rng.normal(size=width) * np.sqrt(_BIAS)
    gradient = rng.normal(size=width)
    norms = [gradient @ gradient]
    for matrix, slope in reversed(steps):
        gradient = slope * (matrix.T @ gradient)
        norms.append(gradient @ gradient)
    return np.array(norms[::-1]) / norms[0]


def overlays() -> Figure:
    """Fig. 5: multiples n xi_c of the depth scale, n = 1 to 6, over which training succeeds in the paper."""
    import numpy as np

    figure, (a,) = panels(1, width=4)
    weights = np.linspace(1, 4, 151)
    xi = np.minimum(_net().phase_diagram(weights, [_BIAS]).xi_c[:, 0], 1e4)
    for n in range(1, 7):
        a.plot(weights, n * xi, color=COLOURS[0], alpha=0.3 + 0.1 * n, label=rf"${n}\,\xi_c$")
    a.set(xlabel=r"$\sigma_w^2$", ylabel="depth", ylim=(10, 300))
    a.legend()
    return figure


def overlays_with_dropout() -> Figure:
    """Fig. 6: 6 xi_c with dropout (full) and 6 \\|1/log chi_1\\| (dashed)."""
    import numpy as np

    figure, (a,) = panels(1, width=4)
    weights = np.linspace(1, 4, 151)
    for keep, colour in zip(("0.99", "0.98", "0.94"), COLOURS, strict=False):
        grid = _net(keep).phase_diagram(weights, [_BIAS])
        a.plot(weights, 6 * grid.xi_c[:, 0], color=colour, label=rf"$\rho = {keep}$")
        a.plot(weights, np.minimum(6 / np.abs(np.log(grid.chi_1[:, 0])), 1e4), "--", color=colour, linewidth=0.8)
    a.set(xlabel=r"$\sigma_w^2$", ylabel="depth", ylim=(10, 300))
    a.legend()
    return figure
