r"""Moments of the squared length in random ReLU ConvNets at finite width: :class:`ReLUConvNet`.

:math:`h_{c'}(\alpha) = \sum_{c,\beta} W_{c'c}(\beta)\,act_c(\alpha + \beta) + b_{c'}`, :math:`act' =
\mathrm{ReLU}(h)`, and :math:`M_j = \|act^{(j)}\|^2/(C_jS)` with C_j channels and S positions.  Given a layer the
channels of the next are independent and have one law, in which positions are correlated by :math:`K(\alpha, \alpha') =
v\sum_{c,\beta} act_c(\alpha + \beta)\,act_c(\alpha' + \beta) + \nu`.

* The mean is linear in the profile :math:`m(\alpha) = \sum_c act_c(\alpha)^2/C`: exact for every symmetric law.
* :math:`E\,y^2y'^2 = \frac32KK'J_2(c)` for ReLUs y, y' of Gaussian variables with variances K, K' and correlation c, so
  the second moment after one layer is exact for every image.
* An image with equal positions keeps them equal, and the net is a fully connected one whose weights are the sums over
  the kernel: everything is exact, for every symmetric law.  With k taps these sums have kurtosis 3 + (K - 3)/k.
* Elsewhere, as activations are not negative, 0 <= c <= 1, and a layer multiplies the mean square of a linear function
  of the profile by a factor between :math:`1 + 5/(CS)` and :math:`1 + 5/C`: bounds.  In terms of the fan-in n = C k the
  upper one is :math:`1 + 5k/n`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import sympy as sp

from derive.display import rows_html
from derive.errors import DomainError, InputError, UnsupportedError
from derive.finite_width.initialisers import Initialiser, initialiser, read_biases, read_list
from derive.finite_width.relu_net import ReLUNet, read_widths
from derive.finite_width.residual_bounds import Bounds
from derive.finite_width.weights import WeightLaw, weight_law
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["ReLUConvNet"]

_MOST_POSITIONS = 48  # of exact second moments: all pairs of positions are written out
_LARGEST_IMAGE = 10**6  # positions: the image is written out


class ReLUConvNet:
    r"""A random ReLU ConvNet without pooling, with moments of :math:`M_j = \|act^{(j)}\|^2/(C_jS)`.

    Parameters
    ----------
    channels
        :math:`C_0, \dots, C_d`, those of the image first.
    size, kernel
        Positions and taps: a number each, or one for each dimension of the image.
    padding
        "circular" (positions wrap around) or "zero".
    weights, bias_variances
        As in :class:`ReLUNet`; the fan-in of 2/fan-in is channels times taps.
    input
        The image: one nested list of positions for each channel; by default equal entries of norm ``input_norm``.

    >>> net = ReLUConvNet(channels=[1, 10, 10], size=8, kernel=3, input_norm="sqrt(8)")
    >>> net.moment(1), net.moment(2)
    (1, 9/4)
    >>> ReLUConvNet([1, 10, 10], size=8, padding="zero", input_norm="sqrt(8)").moment(1)
    31/36
    """

    def __init__(
        self,
        channels: Sequence[Any],
        size: Any,
        kernel: Any = 3,
        *,
        padding: str = "circular",
        weights: Any = "gaussian",
        bias_variances: Any = 0,
        input: Sequence[Any] | None = None,
        input_norm: Any = 1,
    ) -> None:
        self.channels = read_widths(channels, "channels")
        self.depth = len(self.channels) - 1
        self.size, self.kernel = _numbers(size, "size"), _numbers(kernel, "kernel")
        if len(self.kernel) == 1:
            self.kernel = self.kernel * len(self.size)
        if len(self.kernel) != len(self.size):
            raise InputError(f"kernel has {len(self.kernel)} dimensions, the image {len(self.size)}")
        if padding not in ("circular", "zero"):
            raise InputError(f"padding = {padding!r}; give 'circular' or 'zero'")
        self.padding = padding
        self.initialiser = initialiser(weights)
        self.positions, self.taps = int(sp.prod(self.size)), int(sp.prod(self.kernel))
        if self.positions * self.channels[0] > _LARGEST_IMAGE:
            raise DomainError(f"an image of {self.positions} positions and {self.channels[0]} channels is too large")
        self.bias_variances = read_biases(bias_variances, self.depth)
        self.image = self._image(input, input_norm)

    def _image(self, given: Sequence[Any] | None, norm: Any) -> tuple[tuple[sp.Expr, ...], ...]:
        if given is None:
            count = self.channels[0] * self.positions
            return ((variance(norm, "input_norm") / sp.sqrt(count),) * self.positions,) * self.channels[0]
        listed = read_list(given, "input", "a list of positions for each channel")
        rows = tuple(tuple(exact_number(x, "input") for x in _flat(row)) for row in listed)
        if len(rows) != self.channels[0] or any(len(row) != self.positions for row in rows):
            shape = f"{len(rows)} channels of {sorted({len(row) for row in rows})} positions"
            raise InputError(f"the image has {shape}; it needs {self.channels[0]} of {self.positions}")
        return rows

    def __repr__(self) -> str:
        return f"ReLUConvNet(depth {self.depth}, size {self.size}, kernel {self.kernel}, {self.padding})"

    def _repr_html_(self) -> str:
        rows = {"channels": self.channels, "size": self.size, "kernel": self.kernel, "padding": self.padding}
        rows |= {"weights": self.initialiser.name, "bias variances": self.bias_variances}
        return rows_html(rows, repr(self))

    def weight_variance(self, layer: int) -> sp.Expr:
        """The variance of the weights of layer 1, ..., d; fan-in and fan-out count channels times taps."""
        n_in, n_out = (self.taps * c for c in self.channels[layer - 1 : layer + 1])
        return self.initialiser.variance(n_in, n_out)

    # --- moments

    def moment(self, k: Any, digits: int | None = None) -> sp.Expr:
        r""":math:`E M_d^k` at the last layer, exactly; with ``digits`` as a Float.

        k = 1 for every image and symmetric law; every k for which :class:`ReLUNet` has one where all positions of the
        image are equal and wrap around; k = 2 for every image after one layer, Gaussian weights.  Elsewhere
        :class:`~derive.errors.UnsupportedError`: :meth:`bounds` encloses.
        """
        k = positive_integer(k, "k", 1000)
        if self._constant():
            return self._fully_connected(k).moment(k, digits=digits)
        if k == 1:
            exact = self._mean()
        elif k == 2 and self.depth == 1:
            exact = self._first_layer(*self._pulled(1))
        else:
            raise UnsupportedError(
                f"moment {k} of an image with unequal positions is exact after one layer only, for k = 2; bounds() "
                "encloses the second after several"
            )
        return exact if digits is None else exact.evalf(positive_integer(digits, "digits"))

    def bounds(self) -> Bounds:
        r"""A lower and an upper bound of :math:`E M_d^2`, proved, for Gaussian weights; exact numbers.

        The first layer is exact (for at most 48 positions), each further one has a factor between 1 + 5/(C S)
        (1 with biases) and 1 + 5/C.

        >>> low, high = ReLUConvNet([1, 5, 5], size=3, kernel=2, input=[[1, 2, 0]]).bounds()
        >>> low.evalf(6), high.evalf(6)
        (6.03742, 9.05614)
        """
        self._gaussian()
        low = high = sp.Integer(1)
        for c in self.channels[2:]:
            high *= 1 + sp.Rational(5, c)
            low *= 1 if any(self.bias_variances) else 1 + sp.Rational(5, c * self.positions)
        if self.positions <= _MOST_POSITIONS:
            first = self._first_layer(*self._pulled(1))
            return Bounds(low * first, high * first)
        square = self._mean() ** 2
        return Bounds(low * square, high * (1 + sp.Rational(5, self.channels[1])) * square)

    # --- inside

    def _gaussian(self) -> None:
        if self.initialiser.law.name != "gaussian":
            raise UnsupportedError(
                f"second moments of ConvNets need Gaussian weights or an image with equal positions, not "
                f"{self.initialiser.law.name} weights"
            )

    def _constant(self) -> bool:
        return self.padding == "circular" and all(len(set(row)) == 1 for row in self.image)

    def _fully_connected(self, k: int) -> ReLUNet:
        """The net of the sums of the weights over the taps."""
        law, taps = self.initialiser.law, self.taps
        if law.name != "gaussian" and k > 2 and taps > 1:
            raise UnsupportedError(f"moments beyond the second need Gaussian weights in ConvNets, not {law.name}")
        summed: WeightLaw = law if law.name == "gaussian" or taps == 1 else weight_law(3 + (law.kurtosis - 3) / taps)
        given = self.initialiser
        sums = Initialiser(given.name, summed, lambda a, b: taps * given.variance(taps * a, taps * b))
        return ReLUNet(self.channels, sums, list(self.bias_variances), input=[row[0] for row in self.image])

    def _profile(self) -> list[sp.Expr]:
        """m of the image."""
        return [sp.expand(sum(row[p] ** 2 for row in self.image) / self.channels[0]) for p in range(self.positions)]

    def _patches(self) -> list[list[int | None]]:
        """The positions under the kernel at every position, None for one outside the image."""
        if self.positions * self.taps > _LARGEST_IMAGE:
            raise UnsupportedError(
                f"{self.positions} positions under {self.taps} taps are too many to go through; only images with equal "
                "positions that wrap around can have so many"
            )
        places = list(product(*(range(n) for n in self.size)))
        number = {place: i for i, place in enumerate(places)}
        offsets = list(product(*(range(-(k // 2), k - k // 2) for k in self.kernel)))
        return [list(self._under(place, offsets, number)) for place in places]

    def _under(self, place: tuple, offsets: list, number: dict) -> Iterator[int | None]:
        for offset in offsets:
            moved = tuple(a + b for a, b in zip(place, offset, strict=True))
            if self.padding == "circular":
                moved = tuple(a % n for a, n in zip(moved, self.size, strict=True))
            yield number.get(moved)

    def _pulled(self, layer: int) -> tuple[list[sp.Expr], sp.Expr]:
        """E[M_d | profile m of a layer] as l . m + c."""
        weights, constant = [sp.Rational(1, self.positions)] * self.positions, sp.Integer(0)
        patches = self._patches()
        for j in range(self.depth, layer, -1):
            constant += self.bias_variances[j - 1] / 2 * sum(weights)
            factor = self.weight_variance(j) * self.channels[j - 1] / 2
            earlier = [sp.Integer(0)] * self.positions
            for weight, patch in zip(weights, patches, strict=True):
                for p in patch:
                    if p is not None:
                        earlier[p] += factor * weight
            weights = earlier
        return weights, constant

    def _mean(self) -> sp.Expr:
        weights, constant = self._pulled(0)
        return sp.expand(sum(w * m for w, m in zip(weights, self._profile(), strict=True)) + constant)

    def _first_layer(self, weights: list[sp.Expr], constant: sp.Expr) -> sp.Expr:
        """E (l . m_1 + c)^2, m_1 the profile of layer 1: its mean squared, and pairs of positions in a channel."""
        from derive.kernels import J

        self._gaussian()
        if self.positions > _MOST_POSITIONS:
            raise UnsupportedError(
                f"the exact second moment goes through all pairs of {self.positions} positions; bounds() encloses it"
            )
        K = self._covariance()
        mean = sum(w * K[i][i] / 2 for i, w in enumerate(weights))
        pairs = sp.Integer(0)
        for i, j in product(range(self.positions), repeat=2):
            size = K[i][i] * K[j][j]
            if size == 0 or weights[i] * weights[j] == 0:
                continue
            kernel = J(2, sp.sqrtdenest(K[i][j] / sp.sqrt(size))).doit()
            pairs += weights[i] * weights[j] * size * (sp.Rational(3, 2) * kernel - sp.Rational(1, 4))
        return sp.expand((mean + constant) ** 2 + pairs / self.channels[1])

    def _covariance(self) -> list[list[sp.Expr]]:
        """K of the first pre-activations."""
        v, bias, patches = self.weight_variance(1), self.bias_variances[0], self._patches()

        def entry(first: list, second: list) -> sp.Expr:
            both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
            return sp.expand(v * sum((row[a] * row[b] for row in self.image for a, b in both), sp.Integer(0)) + bias)

        return [[entry(a, b) for b in patches] for a in patches]

    def simulation_design(self) -> Any:
        """What :func:`~derive.finite_width.simulate` runs (one dimension); the mean of ``q`` over positions is M."""
        from derive.finite_width.relu_designs import convolutional_design

        if len(self.size) > 1:
            raise UnsupportedError("ConvNets in two dimensions are not simulated; use one dimension of positions")
        return convolutional_design(self)


def _numbers(given: Any, name: str) -> tuple[int, ...]:
    listed = given if isinstance(given, (list, tuple)) else [given]
    if not listed:
        raise DomainError(f"{name} is empty; give a number, or one for each dimension")
    return tuple(positive_integer(n, name) for n in listed)


def _flat(nested: Any) -> list[Any]:
    if isinstance(nested, (list, tuple)) or getattr(nested, "ndim", False):
        return [x for part in nested for x in _flat(part)]
    return [nested]
