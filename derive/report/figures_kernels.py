"""The kernels of alpha-ReLU, drawn: J_alpha for several orders, and its gap near c = 1 (paper 000, section C.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.report.plotting import panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["kernel_figure"]

_ORDERS = (0.0, 0.25, 0.5, 0.79, 1.0, 1.5, 2.0, 3.0)


def kernel_figure() -> Figure:
    """J_alpha(c) over -1 <= c <= 1 with the identity for comparison, and 1 - J_alpha against 1 - c in log-log scale."""
    import numpy as np

    from derive.kernels import arrays

    figure, (left, right) = panels(2, height=3.0)
    c = np.linspace(-1, 1, 801)
    d = np.logspace(-8, np.log10(2), 400)
    for k, alpha in enumerate(_ORDERS):
        shade = (0.1 + 0.75 * k / (len(_ORDERS) - 1), 0.25, 0.75 - 0.6 * k / (len(_ORDERS) - 1))
        left.plot(c, arrays.J(alpha, c), color=shade, label=rf"$\alpha={alpha:g}$")
        right.loglog(d, arrays.one_minus_J(alpha, d), color=shade)
    left.plot(c, c, color="black", linestyle="--", linewidth=0.8, label="$c$")
    right.loglog(d, d, color="black", linestyle="--", linewidth=0.8)
    left.set(xlabel="$c$", ylabel=r"$J_\alpha(c)$", xlim=(-1, 1), ylim=(-0.15, 1.02))
    right.set(xlabel="$1-c$", ylabel=r"$1-J_\alpha(c)$")
    left.legend()
    return figure
