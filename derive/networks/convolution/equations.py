r"""The convolutional layer: its definition, and the covariance map that follows from it.

Paper 002, equation (13), with channels i, j = 1..N and positions alpha on a ring or torus:

.. math:: h_j'(\alpha) = \sum_\beta \sum_i \omega_{ij}(\beta)\,\varphi\bigl(h_i(\alpha+\beta)\bigr) + b_j,

weights of variance :math:`\sigma_w^2 v_\beta/N`, biases :math:`\sigma_b^2`.  The covariance of two positions is
computed by :mod:`derive.networks.layer` (pairing of the weights, average over the channels), nothing is typed in.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.tensor.indexed import Idx

from derive.activations import Activation
from derive.networks import layer
from derive.networks.convolution.kernel import Index, Kernel
from derive.networks.layer import N, Nonlinearity, Weights
from derive.networks.notation import Variance

__all__ = ["SYMBOLS", "MeanOfProduct", "Sigma", "Sigma_", "covariance_equation", "general_covariance_equation"]


class Sigma(sp.Function):
    """The covariance of the pre-activations at two positions."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        return cls(b, a) if sp.default_sort_key(b) < sp.default_sort_key(a) else None

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\Sigma_{{{printer._print(self.args[0])},{printer._print(self.args[1])}}}"


class Sigma_(Sigma):
    """The covariance in the layer before."""

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\underline{{{super()._latex(printer)}}}"


class MeanOfProduct(sp.Function):
    """E phi(u1) phi(u2) for an activation not yet chosen: both variances and the covariance."""

    nargs = 3


class _Symbols:
    sigma_w2 = Variance("sigma_w2", positive=True)
    sigma_b2 = Variance("sigma_b2", positive=True)


SYMBOLS = _Symbols()
_j, _i = Idx("j", (1, N)), Idx("i", (1, N))


def covariance_equation(kernel: Kernel, phi: Activation, first: Any, second: Any) -> sp.Eq:
    """Sigma(first, second) of the next layer; positions are symbols (or tuples of them on a torus)."""
    from derive.expectations import E, V

    def mean(a: sp.Expr, b: sp.Expr, ab: sp.Expr) -> sp.Expr:
        return V(phi, a) if a == b == ab else E(phi, phi, a, b, ab)

    general = general_covariance_equation(kernel, first, second)
    return sp.Eq(general.lhs, general.rhs.replace(MeanOfProduct, mean), evaluate=False)


def general_covariance_equation(kernel: Kernel, first: Any, second: Any) -> sp.Eq:
    """The same for an activation not yet chosen; the kernel's variances may be symbols."""
    a, b = (_position(kernel, p) for p in (first, second))
    places: dict[sp.Basic, sp.Basic] = {}
    bias = sp.IndexedBase("b")
    weights = [Weights(bias, SYMBOLS.sigma_b2)]
    for n, (_, variance) in enumerate(kernel.variances):
        weights.append(Weights(sp.IndexedBase(f"omega{n}"), SYMBOLS.sigma_w2 * variance / N))

    def output(position: tuple) -> sp.Expr:
        total: sp.Expr = bias[_j]
        for n, (offset, _) in enumerate(kernel.variances):
            h = sp.IndexedBase(f"h{len(places)}")
            places[h] = _index(_shifted(kernel, position, offset))
            total += sp.Sum(sp.IndexedBase(f"omega{n}")[_j, _i] * Nonlinearity(0, h[_i]), (_i, 1, N))
        return total

    def mean(group: sp.Expr) -> sp.Expr:
        factors = [f for f, power in group.as_powers_dict().items() for _ in range(int(power))]
        one, two = (places[f.args[1].base] for f in factors)
        return MeanOfProduct(Sigma_(one, one), Sigma_(two, two), Sigma_(one, two))

    rhs = layer.self_average(layer.pair(output(a), output(b), tuple(weights)), mean)
    return sp.Eq(Sigma(_index(a), _index(b)), sp.collect(rhs, SYMBOLS.sigma_w2), evaluate=False)


def _position(kernel: Kernel, position: Any) -> tuple:
    return tuple(position) if isinstance(position, (tuple, sp.Tuple)) else (position,)


def _index(position: tuple) -> sp.Basic:
    return position[0] if len(position) == 1 else sp.Tuple(*position)


def _shifted(kernel: Kernel, position: tuple, offset: Index) -> tuple:
    """position + offset, offsets written between -n/2 and n/2."""
    small = [b - n if 2 * b > n else b for b, n in zip(offset, kernel.sizes, strict=True)]
    moved = []
    for p, b, n in zip(position, small, kernel.sizes, strict=True):
        total = p + b
        moved.append(sp.Integer(int(total) % n) if getattr(total, "is_Integer", isinstance(total, int)) else total)
    return tuple(moved)
