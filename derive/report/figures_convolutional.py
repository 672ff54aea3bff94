"""Figures of paper 002: the susceptibility of the sigmoid (Fig. 5), depth-scale overlays (Figs. 1, 2, 4), modes.

The overlays are theory curves, 4.5 xi_c as printed; no network is trained here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.report.plotting import COLOURS, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["depth_scales", "modes", "susceptibility"]

_MULTIPLE = 4.5  # the multiple of xi_c drawn in the paper


class _Means:
    """V, E phi'^2 and the Hermite coefficients of phi(sqrt(q) z) by a trapezoidal sum in float64, for curves."""

    def __init__(self, name: str, order: int = 150) -> None:
        import numpy as np
        import sympy as sp

        from derive.activations import activation

        phi = activation(name)
        self.value, self.slope = (sp.lambdify(phi.variable, f.expr, "numpy") for f in (phi, phi.diff(1)))
        self.z = np.linspace(-12, 12, 3001)
        self.weight = np.exp(-(self.z**2) / 2) / np.sqrt(2 * np.pi) * (self.z[1] - self.z[0])
        rows = [np.ones_like(self.z), self.z]
        for n in range(1, order):
            rows.append((self.z * rows[n] - np.sqrt(n) * rows[n - 1]) / np.sqrt(n + 1))
        self.hermite = np.array(rows)

    def at(self, q: float) -> tuple[float, float]:
        """V and D at one variance."""
        import numpy as np

        u = np.sqrt(q) * self.z
        return float(self.weight @ self.value(u) ** 2), float(self.weight @ self.slope(u) ** 2)

    def slope_at_fixed_point(self, q: float, sigma_w2: float, sigma_b2: float) -> float:
        """The slope of the correlation map at its stable fixed point, given the fixed point q of the length."""
        import numpy as np

        V, D = self.at(q)
        if sigma_w2 * D <= 1:
            return sigma_w2 * D
        a2 = (self.hermite @ (self.weight * self.value(np.sqrt(q) * self.z))) ** 2
        powers = np.append(np.arange(len(a2)), len(a2))
        a2 = np.append(a2, max(V - a2.sum(), 0.0))  # what is left of V counts as the next power
        low, high = 0.0, 1.0
        for _ in range(45):
            c = (low + high) / 2
            low, high = (c, high) if (sigma_w2 * (a2 @ c**powers) + sigma_b2) / q > c else (low, c)
        return float(sigma_w2 * (a2[1:] * powers[1:]) @ low ** (powers[1:] - 1) / q)


def susceptibility() -> Figure:
    """chi_1 of a sigmoid network without bias against its weight variance, and the critical line above it."""
    import numpy as np

    from derive.networks import minimal_critical_weight_variance

    minimum = float(minimal_critical_weight_variance("sigmoid", digits=12).sigma_w2)
    means, q = _Means("sigmoid", order=2), np.linspace(2, 70, 120)
    V, D = np.array([means.at(x) for x in q]).T
    figure, (slope, line) = panels(2)
    slope.plot(q / V, q / V * D, label=r"$\chi_1$ at $\sigma_b^2 = 0$")
    slope.axhline(1, color="0.5", ls="--", lw=0.8)
    slope.plot([minimum], [1], "o", color=COLOURS[1], ms=4, label=f"$\\sigma_w^2 = {minimum:.6f}$")
    slope.set(xlabel=r"$\sigma_w^2$", ylabel=r"$\chi_1$")
    slope.legend()
    bias = q - V / D
    line.plot(bias[bias >= 0], 1 / D[bias >= 0], label=r"$\chi_1 = 1$")
    line.axhline(100, color="0.5", ls="--", lw=0.8)
    line.plot([0], [minimum], "o", color=COLOURS[1], ms=4)
    line.set(xlabel=r"$\sigma_b^2$", ylabel=r"$\sigma_w^2$")
    line.legend()
    return figure


#: activation, sigma_b2 of the experiments, variances q between which the curve is drawn
_CURVES = (
    ("tanh", 0.05, 0.12, 2.2),
    ("arctan", 0.05, 0.12, 3.0),
    ("softsign", 0.05, 0.1, 0.95),
    ("sigmoid", 0.09, 8.0, 70.0),
)


def depth_scales() -> Figure:
    """4.5 xi_c against the weight variance for the activations and bias variances of Figs. 1, 2 and 4."""
    import numpy as np

    figure, axes = panels(3, 2)
    for panel, (name, bias, low, high) in zip(axes, _CURVES, strict=False):
        means = _Means(name)
        points = []
        for q in np.linspace(low, high, 80):
            weight = (q - bias) / means.at(q)[0]
            slope = means.slope_at_fixed_point(q, weight, bias)
            points.append((weight, min(-_MULTIPLE / np.log(slope), 300.0) if 0 < slope < 1 else 300.0))
        panel.plot(*np.array(points).T, color=COLOURS[0])
        panel.set(xlabel=r"$\sigma_w^2$", ylabel=r"$4.5\,\xi_c$", ylim=(0, 300))
        panel.annotate(f"{name}, $\\sigma_b^2 = {bias:g}$", (0.03, 0.98), xycoords="axes fraction", fontsize=7.5)
    weights = np.linspace(0.2, 1.99, 120)
    axes[4].plot(weights, np.minimum(-_MULTIPLE / np.log(weights / 2), 300), color=COLOURS[0])
    axes[4].set(xlabel=r"$\sigma_w^2$", ylabel=r"$4.5\,\xi_c$", ylim=(0, 300))
    axes[4].annotate(r"ReLU, any $\sigma_b^2$", (0.03, 0.98), xycoords="axes fraction", fontsize=7.5)
    axes[5].set_title("")
    axes[5].axis("off")
    return figure


def modes() -> Figure:
    """Eigenvalues of the convolution and depth scales of the modes for three kernels on a ring of 16."""
    from derive.networks import Convolutional

    kernels: tuple[tuple[str, Any], ...] = (
        ("3 equal taps", ["1/3"] * 3),
        ("5 equal taps", ["1/5"] * 5),
        ("delta", [1]),
    )
    figure, (eigenvalues, scales) = panels(2)
    for (label, kernel), colour in zip(kernels, COLOURS, strict=False):
        net = Convolutional("tanh", 16, kernel)
        found = net.depth_scales(digits=8, sigma_w2="1.7", sigma_b2="1/20")
        eigenvalues.plot(
            range(16), [float(net.eigenvalue(k)) for k in range(16)], "o-", ms=3, color=colour, label=label
        )
        scales.semilogy(range(16), [max(float(x), 1e-3) for x in found.values()], "o-", ms=3, color=colour)
    eigenvalues.set(xlabel="mode $k$", ylabel=r"$\lambda_k$")
    eigenvalues.legend()
    scales.set(xlabel="mode $k$", ylabel=r"depth scale $\xi_k$")
    return figure
