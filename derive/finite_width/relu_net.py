r"""Exact moments of the squared length in random fully connected ReLU nets of any widths: :class:`ReLUNet`.

Notation of paper 003: widths :math:`n_0, \dots, n_d` with n_0 the dimension of the input,
:math:`act^{(j)} = \mathrm{ReLU}(W^{(j)} act^{(j-1)} + b^{(j)})`, and :math:`M_j = \|act^{(j)}\|^2/n_j`.  Weights and
biases are independent and symmetric.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from derive.display import rows_html
from derive.errors import DomainError, InputError, PrecisionError
from derive.finite_width.exact_numbers import ExactNumbers
from derive.finite_width.initialisers import initialiser, read_biases, read_list
from derive.finite_width.power_sums import Layer, Polynomial, cumulants, mean_variance_over_layers, value
from derive.finite_width.weights import even_moments, weight_law
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["ReLUNet", "read_widths"]

GUARD = 20  # decimal digits


class ReLUNet:
    r"""A random fully connected ReLU net at finite width, with exact moments of :math:`M_j = \|act^{(j)}\|^2/n_j`.

    Parameters
    ----------
    widths
        :math:`n_0, \dots, n_d`, the dimension of the input first.
    weights
        A symmetric law with the variance 2/fan-in of Definition 1: "gaussian", "uniform", "rademacher",
        "truncated_normal" (rescaled to that variance), or a kurtosis :math:`E w^4/(E w^2)^2`; or an initialiser with
        a variance of its own: "he_normal", "he_uniform", "lecun_normal", "glorot_uniform", "he_normal_truncated", ...
    bias_variances
        One variance for all layers, or a list of d; ``bias_law`` is their law (default Gaussian).
    input_norm
        The Euclidean norm of the input, so that :math:`M_0 = input\_norm^2/n_0`.  With other than Gaussian weights the
        second moment of the first layer depends on the direction of the input too; it is that of equal entries
        unless ``input`` gives the vector itself.
    scale
        A factor kappa on all weight variances (Corollary 1).
    slope
        The slope of the negative side: 0 for ReLU, 1 for a linear net.

    Moments are exact: Rational where the input is, else SymPy expressions (use ``digits``).

    >>> net = ReLUNet(widths=[4, 10, 10, 10], input_norm=2)
    >>> net.moment(1), net.moment(2)
    (1, 27/8)
    >>> ReLUNet(widths=[4, 10, 10, 10], weights="rademacher", input_norm=2).moment(2)
    1297/500
    """

    def __init__(
        self,
        widths: Iterable[Any],
        weights: Any = "gaussian",
        bias_variances: Any = 0,
        input_norm: Any = 1,
        *,
        bias_law: Any = "gaussian",
        input: Sequence[Any] | None = None,
        scale: Any = 1,
        slope: Any = 0,
    ) -> None:
        self.widths = read_widths(widths)
        self.depth = len(self.widths) - 1
        self.initialiser = initialiser(weights)
        self.bias_law = weight_law(bias_law)
        self.scale, self.slope = variance(scale, "scale"), exact_number(slope, "slope")
        self.bias_variances = read_biases(bias_variances, self.depth)
        self.input = self._input(input, input_norm)

    def _input(self, given: Any, norm: Any) -> tuple[sp.Expr, ...] | sp.Expr:
        """The entries of the input, or the square of its norm where all entries are equal."""
        if given is None:
            return variance(norm, "input_norm") ** 2
        entries = tuple(exact_number(x, "input") for x in read_list(given, "input", "its entries"))
        if len(entries) != self.widths[0]:
            raise InputError(f"the input has {len(entries)} entries; widths begin with {self.widths[0]}")
        return entries

    def __repr__(self) -> str:
        return f"ReLUNet(depth {self.depth}, widths {_short(self.widths)}, {self.initialiser.name})"

    def _repr_html_(self) -> str:
        rows = {"widths": self.widths, "weights": self.initialiser.name, "bias variances": self.bias_variances}
        return rows_html(rows | {"slope": self.slope, "scale": self.scale}, repr(self))

    def weight_variance(self, layer: int) -> sp.Expr:
        """The variance of the weights of layer 1, ..., d."""
        return self.scale * self.initialiser.variance(self.widths[layer - 1], self.widths[layer])

    # --- moments

    def moment(self, k: Any, layer: int | None = None, digits: int | None = None) -> sp.Expr:
        r""":math:`E M_j^k` at a layer (the last by default), exactly; with ``digits`` as a Float with that many digits.

        Any k for named laws; k <= 2 for a law known by its kurtosis.  Source: Theorem 5 of paper 003 bounds k = 2.
        """
        k = positive_integer(k, "k", most=1000)
        j = self.depth if layer is None else self._layer(layer)
        return self._evaluated(lambda ring: ring.moment(k, j), k, digits)

    def variance(self, layer: int | None = None, digits: int | None = None) -> sp.Expr:
        r"""The variance of :math:`M_j` over random nets."""
        j = self.depth if layer is None else self._layer(layer)
        return self._evaluated(lambda ring: ring.moment(2, j) - ring.moment(1, j) ** 2, 2, digits)

    def empirical_variance(self, digits: int | None = None) -> sp.Expr:
        r"""The mean of :math:`\widehat{Var}[M] = \frac1d\sum_j M_j^2 - (\frac1d\sum_j M_j)^2` over j = 1..d.

        Source: section 3.3 of paper 003, where Corollary 2 bounds it.
        """
        return self._evaluated(lambda ring: ring.empirical_variance(), 2, digits)

    def empirical_variance_limit(self) -> sp.Expr:
        r"""The limit of :meth:`empirical_variance` for equal widths n and depth d -> oo with d/n fixed to this net's.

        For critical weights (variance 2/fan-in, no biases) :math:`M_0^2\int_0^1(2x-1)e^{5\beta x}dx` with
        :math:`\beta = d/n`, whatever the law of the weights.  Raises DomainError elsewhere.
        """
        from derive.finite_width.laws import empirical_variance_limit

        return empirical_variance_limit(self)

    def _layer(self, layer: Any) -> int:
        number = exact_number(layer, "layer")
        if not number.is_Integer or not 0 <= number <= self.depth:
            raise DomainError(f"layer = {number} is none of 0, ..., {self.depth}")
        return int(number)

    def _evaluated(self, compute: Any, order: int, digits: int | None) -> sp.Expr:
        """Exact arithmetic, or arithmetic with guard digits, at two precisions that have to agree."""
        if digits is None:
            numbers = ExactNumbers(_inputs(self, order))
            return numbers.result(compute(_Moments(self, order, numbers)))
        import mpmath

        digits, found = positive_integer(digits, "digits"), []
        for extra in (GUARD, 3 * GUARD):
            with mpmath.workdps(digits + extra):
                found.append(compute(_Moments(self, order, _floating)) * mpmath.mpf(1))
        with mpmath.workdps(digits + GUARD):
            if abs(found[1] - found[0]) > abs(found[1]) * mpmath.mpf(10) ** (-digits - 2):
                raise PrecisionError(f"{digits} digits were lost to cancellation; leave digits out for the exact value")
            return sp.Float(found[1], digits)

    def simulation_design(self) -> Any:
        """What :func:`~derive.finite_width.simulate` runs: real nets of these widths; ``p`` is M_j."""
        from derive.finite_width.relu_designs import feed_forward_design

        return feed_forward_design(self)


class _Moments:
    """The layers of one net as operators on polynomials in power sums, over numbers made by ``number``."""

    def __init__(self, net: ReLUNet, order: int, number: Any) -> None:
        self.net = net
        weight = [number(c) for c in cumulants(even_moments(net.initialiser.law, order))]
        bias = [number(c) for c in cumulants(even_moments(net.bias_law, order))]
        self.layers = []
        for j in range(1, net.depth + 1):
            v, b = number(net.weight_variance(j)), number(net.bias_variances[j - 1])
            self.layers.append(
                Layer(
                    net.widths[j],
                    tuple(c * v**s for s, c in enumerate(weight, 1)),
                    tuple(c * b**s for s, c in enumerate(bias, 1)),
                    number(net.slope),
                )
            )
        self.sums = [number(p) for p in _power_sums(net, order)]
        self.one = number(sp.Integer(1))

    def length(self, j: int, k: int = 1) -> Polynomial:
        """M_j^k as a polynomial in the power sums of layer j."""
        return {(k,): self.one / self.net.widths[j] ** k}

    def moment(self, k: int, j: int) -> Any:
        f = self.length(j, k)
        for layer in reversed(self.layers[:j]):
            f = layer.mean(f)
        return value(f, self.sums)

    def empirical_variance(self) -> Any:
        """The mean of the variance over the layers."""
        d = self.net.depth
        lengths = [lambda k, j=j: self.length(j, k) for j in range(1, d + 1)]
        squares, square = mean_variance_over_layers(lengths, [layer.mean for layer in self.layers])
        return value(squares, self.sums) / d - value(square, self.sums) / d**2


def _power_sums(net: ReLUNet, order: int) -> list[sp.Expr]:
    """The power sums of the input."""
    if isinstance(net.input, tuple):
        return [sum((x ** (2 * r) for x in net.input), sp.Integer(0)) for r in range(1, order + 1)]
    return [net.input**r / sp.Integer(net.widths[0]) ** (r - 1) for r in range(1, order + 1)]


def _floating(x: sp.Expr) -> Any:
    from derive.numerics.compile import to_mpf

    return to_mpf(sp.sympify(x, strict=True))


def _inputs(net: ReLUNet, order: int) -> list[sp.Expr]:
    """Every number that enters the moments of a net."""
    laws = [*even_moments(net.initialiser.law, order), *even_moments(net.bias_law, order)]
    variances = [net.weight_variance(j) for j in range(1, net.depth + 1)]
    return [net.slope, *laws, *cumulants(laws[:order]), *variances, *net.bias_variances, *_power_sums(net, order)]


def read_widths(widths: Iterable[Any], name: str = "widths") -> tuple[int, ...]:
    """n_0, ..., n_d as positive integers, d >= 1."""
    listed = read_list(widths, name, f"n_0, ..., n_d, e.g. {name}=[10, 20, 20]")
    read = tuple(positive_integer(n, name) for n in listed)
    if len(read) < 2:
        raise InputError(f"{name} needs the dimension of the input and at least one layer, e.g. {name}=[10, 20]")
    return read


def _short(widths: tuple[int, ...]) -> str:
    return str(list(widths)) if len(widths) < 8 else f"[{widths[0]}, {widths[1]}, ..., {widths[-1]}]"
