"""ReLU nets of paper 003 as layers for the simulation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from derive.activations import activation
from derive.finite_width.designs import Design, nonlinear
from derive.finite_width.operations import Affine, Block, Convolution
from derive.finite_width.starts import fixed_start

__all__ = ["convolutional_design", "feed_forward_design", "residual_design"]


def feed_forward_design(net: Any) -> Design:
    """A :class:`~derive.finite_width.ReLUNet`: layers of its widths, weights of its law and variance."""
    relu = nonlinear(activation("leaky_relu", slope=net.slope) if net.slope else activation("relu"))
    layers = []
    for j in range(1, net.depth + 1):
        n_in, n_out = net.widths[j - 1], net.widths[j]
        step = Affine(("w", "b"), n_in, n_out, float(net.weight_variance(j)) * n_in, float(net.bias_variances[j - 1]))
        layers.append(Block((step, relu), preactivation=1))
    n0 = net.widths[0]
    vector = [float(x) for x in net.input] if isinstance(net.input, tuple) else [float(net.input / n0) ** 0.5] * n0
    told = {"network": repr(net), "width": net.widths[1] if len(set(net.widths[1:])) == 1 else None}
    laws = {"law": net.initialiser.law, "bias_law": net.bias_law}
    return Design(layers, fixed_start(vector), 1, False, True, told, square=False, **laws)


def residual_design(net: Any) -> Design:
    """A :class:`~derive.finite_width.ResidualReLU`: x -> x + eta module(x), each module with weights of its own."""
    relu = nonlinear(activation("relu"))
    sizes = (net.width, *net.hidden, net.width)
    layers = []
    for eta, bias in zip(net.scales, net.bias_variances, strict=True):
        operations: list[Any] = []
        for m, (n_in, n_out) in enumerate(pairwise(sizes), 1):
            nominal = float(net.weight_variance(n_in, n_out)) * n_in
            operations.append(Affine((f"w{m}", f"b{m}"), n_in, n_out, nominal, float(bias)))
            if m < len(sizes) - 1 or net.module == "relu":
                operations.append(relu)
        layers.append(Block(tuple(operations), skip=1.0, scale=float(eta)))
    start = fixed_start([float(x) for x in net.input])
    told = {"network": repr(net), "width": net.width}
    laws = {"law": net.initialiser.law, "bias_law": net.bias_law}
    return Design(layers, start, 1, False, True, told, square=False, **laws)


def convolutional_design(net: Any) -> Design:
    """A :class:`~derive.finite_width.ReLUConvNet` in one dimension."""
    relu, taps = nonlinear(activation("relu")), (1.0,) * net.taps
    layers = []
    for j in range(1, net.depth + 1):
        n_in, n_out = net.channels[j - 1], net.channels[j]
        nominal, bias = float(net.weight_variance(j)) * n_in, float(net.bias_variances[j - 1])
        layers.append(Block((Convolution(n_in, taps, nominal, bias, n_out, net.padding == "circular"), relu)))
    rows = [[float(channel[p]) for channel in net.image] for p in range(net.positions)]
    told = {"network": repr(net), "width": net.channels[1] if len(set(net.channels[1:])) == 1 else None}
    return Design(
        layers, fixed_start(rows), 1, False, True, told, positions=True, square=False, law=net.initialiser.law
    )
