"""The figures by name.  A provider is a function without arguments that returns a matplotlib Figure.

To add one, write its provider in a file of its own (it may use :mod:`derive.report.plotting`) and list it in
``FIGURES``.  Providers compute what they draw with the package; measured data never enters, except for simulations
with a fixed seed and the stored record of the benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from derive.names import known_name
from derive.report.figure import Figure

__all__ = ["FIGURES", "Entry", "figure", "figure_names"]


@dataclass(frozen=True)
class Entry:
    """Where a figure is made, what it shows, and the printed figure it corresponds to."""

    module: str
    function: str
    caption: str
    source: str = ""


#: name -> entry; modules are imported when a figure is asked for
FIGURES: dict[str, Entry] = {
    "jacobian_spectrum": Entry(
        "derive.report.figures_spectrum",
        "universal_spectrum",
        "Singular values of residual Jacobians: random tanh and ReLU networks and the universal law.",
        "Tarnowski et al. 2019, Fig. 1",
    ),
    "jacobian_spectrum_activations": Entry(
        "derive.report.figures_spectrum",
        "activations_and_depths",
        "Singular values for seven activations with weight variances that give c = 1/8, depths 10 and 20.",
        "Tarnowski et al. 2019, Fig. 3",
    ),
    "jacobian_outside_the_bulk": Entry(
        "derive.report.figures_spectrum",
        "outside_the_bulk",
        "The largest singular value at c = 1/8 against depth: random networks, its lower bound, the end of the bulk.",
    ),
    "alpha_relu_exponents": Entry(
        "derive.report.figures_alpha",
        "exponents",
        "Exponents of alpha-ReLU residual networks against alpha: gradients, lengths, rates and limit of the cosine.",
        "Yang & Schoenholz 2017, Fig. B.8",
    ),
    "alpha_relu_dynamics": Entry(
        "derive.report.figures_alpha",
        "dynamics",
        "Cosine distance and gradients of alpha-ReLU residual networks by layer, and the exponents of their laws.",
        "Yang & Schoenholz 2017, Fig. A.2, theory",
    ),
    "alpha_relu_levels": Entry(
        "derive.report.figures_alpha",
        "levels",
        "Depths at which lengths, distances and gradients of ReLU and alpha-ReLU residual networks have grown by given "
        "factors, over the weight variance and over alpha.",
        "Yang & Schoenholz 2017, Fig. 3 (d), (e), theory curves",
    ),
    "tanh_residual_dynamics": Entry(
        "derive.report.figures_residual",
        "dynamics",
        "Lengths, cosine distance and gradients of a tanh full residual network, layer by layer, for several starts.",
        "Yang & Schoenholz 2017, Fig. 1, theory",
    ),
    "tanh_residual_exponents": Entry(
        "derive.report.figures_residual",
        "exponents",
        "The limit of the cosine distance and its exponent; the approach to it; the growth of gradients.",
        "Yang & Schoenholz 2017, Fig. 2",
    ),
    "tanh_residual_depths": Entry(
        "derive.report.figures_residual",
        "depths",
        "Where the gradient of a tanh residual network has grown by a given factor: exact levels and their law.",
        "Yang & Schoenholz 2017, Fig. 3, theory curves",
    ),
    "tanh_expansions": Entry(
        "derive.report.figures_residual",
        "expansions",
        "The variance after tanh with its expansions at small and large variance, and what they leave.",
    ),
    "alpha_relu_kernels": Entry(
        "derive.report.figures_kernels",
        "kernel_figure",
        "The kernels J_alpha of alpha-ReLU with the identity, and their gaps near c = 1.",
        "Yang & Schoenholz 2017, kernel plot of section C.7",
    ),
    "sigmoid_susceptibility": Entry(
        "derive.report.figures_convolutional",
        "susceptibility",
        "chi_1 of a sigmoid network without bias, and its critical line; the smallest critical weight variance.",
        "Pabari & Zhou, Fig. 5",
    ),
    "critical_depth_scales": Entry(
        "derive.report.figures_convolutional",
        "depth_scales",
        "4.5 times the depth scale of the correlation against the weight variance, for five activations.",
        "Pabari & Zhou, Figs. 1, 2 and 4, overlays",
    ),
    "convolution_modes": Entry(
        "derive.report.figures_convolutional",
        "modes",
        "Eigenvalues and depth scales of the Fourier modes of a convolutional tanh network for three kernels.",
        "Pabari & Zhou, section 3.3",
    ),
    "tanh_residual_simulated": Entry(
        "derive.report.figures_finite_width",
        "tanh_nets",
        "Real tanh residual nets of width 200 (bands: mean and standard deviation) over the recurrences (dashed).",
        "Yang & Schoenholz 2017, Fig. 1",
    ),
    "alpha_relu_residual_simulated": Entry(
        "derive.report.figures_finite_width",
        "alpha_relu_nets",
        "Real alpha-ReLU residual nets over the recurrences; gradients have no variance where alpha is at most 3/4.",
        "Yang & Schoenholz 2017, Fig. A.1",
    ),
    "relu_initialisations": Entry(
        "derive.report.figures_finite_width",
        "initialisations",
        "Mean squared length of ReLU nets as deep as wide, exact and simulated, for common initialisers.",
        "Hanin & Rolnick 2018, Fig. 1(a)",
    ),
    "relu_residual_scales": Entry(
        "derive.report.figures_finite_width",
        "residual_scales",
        "Mean squared length of residual ReLU nets of width 5 with scales 1 and b^l: real nets and proved bounds.",
        "Hanin & Rolnick 2018, Fig. 2(a)",
    ),
    "relu_residual_variance": Entry(
        "derive.report.figures_finite_width",
        "residual_variance",
        "Mean empirical variance of the lengths in residual ReLU nets of width 5: 4000 real nets, and proved bounds.",
        "Hanin & Rolnick 2018, Theorem 4",
    ),
    "relu_convolutional_lengths": Entry(
        "derive.report.figures_finite_width",
        "convolutional_lengths",
        "Mean squared length of one-dimensional ReLU ConvNets for several laws of weights, exact and simulated.",
        "Hanin & Rolnick 2018, Fig. 4, in one dimension",
    ),
    "relu_order_of_widths": Entry(
        "derive.report.figures_finite_width",
        "order_of_widths",
        "Exact mean empirical variance of the lengths for five architectures: the order of the widths matters.",
        "Hanin & Rolnick 2018, Fig. 3, theory",
    ),
    "fast_path_speed": Entry(
        "derive.report.figures_speed",
        "speed",
        "Time and right digits of generated code, Gauss-Hermite, trapezoidal sums and SciPy for a tanh layer.",
    ),
    "feed_forward_phases": Entry(
        "derive.report.figures_feedforward",
        "phases",
        "tanh networks: asymptotic correlation and edge of chaos; lengths and correlations settle exponentially.",
        "Schoenholz et al. 2017, Fig. 1",
    ),
    "feed_forward_scales": Entry(
        "derive.report.figures_feedforward",
        "scales",
        "The correlation map of tanh; depth scales of the length and of the correlation, predicted and by iteration.",
        "Schoenholz et al. 2017, Fig. 2",
    ),
    "feed_forward_dropout": Entry(
        "derive.report.figures_feedforward",
        "dropout",
        "Dropout: the correlation map, the asymptotic correlation and its depth scale, which no longer diverges.",
        "Schoenholz et al. 2017, Fig. 3",
    ),
    "feed_forward_gradients": Entry(
        "derive.report.figures_feedforward",
        "gradients",
        "Gradients of random tanh networks of width 300 over the layers, and the depth scale of their growth or decay.",
        "Schoenholz et al. 2017, Fig. 4",
    ),
    "feed_forward_overlays": Entry(
        "derive.report.figures_feedforward",
        "overlays",
        "Multiples of the depth scale of the correlation, 1 to 6, against the weight variance.",
        "Schoenholz et al. 2017, Fig. 5, overlay",
    ),
    "feed_forward_overlays_dropout": Entry(
        "derive.report.figures_feedforward",
        "overlays_with_dropout",
        "Six depth scales of the correlation with dropout, and of the gradient (dashed).",
        "Schoenholz et al. 2017, Fig. 6, overlay",
    ),
}


def figure_names() -> tuple[str, ...]:
    """The names of all figures."""
    return tuple(FIGURES)


def figure(name: str) -> Figure:
    """The figure of that name, computed and drawn now.

    Needs matplotlib (the extra ``plot``).  An unknown name raises :class:`~derive.errors.UnknownNameError`.
    """
    entry = FIGURES[known_name(name, FIGURES, "figure")]
    from derive.report.plotting import style

    with style():
        drawing = getattr(import_module(entry.module), entry.function)()
    return Figure(name, entry.caption, entry.source, drawing)
