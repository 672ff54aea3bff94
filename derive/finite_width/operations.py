"""What a layer does to a batch of signals: affine maps, convolutions, nonlinearities, dropout; forwards and backwards.

Shapes: signals are ``(nets, inputs, units)``, or ``(nets, inputs, positions, channels)`` for convolutions.  Every
operation maps a signal forwards, a tangent vector of the first input forwards, and a gradient backwards; gradients
of parameters come back as mean squares over the entries of the parameter.  Weights are never shared between nets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derive.finite_width.backends import roll

__all__ = ["Affine", "Block", "Convolution", "Dropout", "Family", "Nonlinear", "unit_mean"]


@dataclass(frozen=True)
class Family:
    """One family of random parameters of a layer: its name, the shape in one net, the standard deviation of an entry.

    ``kind``: ``"weights"`` (drawn from the law of the weights), ``"bias"`` (Gaussian) or ``"mask"`` (uniform numbers).
    """

    name: str
    shape: tuple[int, ...]
    deviation: Any
    kind: str = "weights"


def unit_mean(x: Any) -> Any:
    """The mean over everything but nets and inputs."""
    return x.reshape(*x.shape[:2], -1).mean(axis=-1)


@dataclass(frozen=True)
class Affine:
    """x -> W x + b, with entries of variance ``weight_variance / n_in`` and ``bias_variance``.

    ``letters`` name the weights and the bias.
    """

    letters: tuple[str, str]
    n_in: int
    n_out: int
    weight_variance: float
    bias_variance: float

    def families(self) -> list[Family]:
        w, b = self.letters
        made = [Family(w, (self.n_out, self.n_in), (self.weight_variance / self.n_in) ** 0.5)]
        if self.bias_variance:
            made.append(Family(b, (1, self.n_out), self.bias_variance**0.5, "bias"))
        return made

    def forward(self, x: Any, weights: dict) -> tuple[Any, Any]:
        y = x @ weights[self.letters[0]].swapaxes(-1, -2)
        if self.letters[1] in weights:
            y = y + weights[self.letters[1]]
        return y, unit_mean(x**2)

    def tangent(self, t: Any, cache: Any, weights: dict) -> Any:
        return t @ weights[self.letters[0]].swapaxes(-1, -2)

    def cotangent(self, g: Any, cache: Any, weights: dict) -> tuple[Any, dict[str, Any]]:
        w, b = self.letters
        size = unit_mean(g**2)
        return g @ weights[w], {f"chi_{w}": size * cache[:, : g.shape[1]], f"chi_{b}": size}


@dataclass(frozen=True)
class Convolution:
    """h_j(α) = sum over channels i and offsets β of x_i(α + β) W_ij(β), plus b_j, with periodic positions.

    ``variances[k]`` times ``weight_variance / channels`` is the variance of the weights at offset
    ``k - len(variances) // 2``.  ``channels_out`` is the number of channels that come out, where it is another one;
    with ``wrap=False`` positions outside count as 0.  Source: paper 002, equation (13).
    """

    channels: int
    variances: tuple[float, ...]
    weight_variance: float
    bias_variance: float
    channels_out: int | None = None
    wrap: bool = True

    def families(self) -> list[Family]:
        import numpy as np

        per_tap = np.sqrt(np.array(self.variances) * self.weight_variance / self.channels).reshape(-1, 1, 1)
        out = self.channels if self.channels_out is None else self.channels_out
        made = [Family("w", (len(self.variances), out, self.channels), per_tap)]
        if self.bias_variance:
            made.append(Family("b", (1, 1, out), self.bias_variance**0.5, "bias"))
        return made

    def _inside(self, x: Any, beta: int) -> Any:
        """x with zeros at the positions whose partner at offset beta lies outside."""
        if self.wrap:
            return x
        import numpy as np

        partner = np.arange(x.shape[2]) + beta
        return x * ((partner >= 0) & (partner < x.shape[2]))[:, None]

    def _offsets(self) -> range:
        return range(-(len(self.variances) // 2), len(self.variances) - len(self.variances) // 2)

    def forward(self, x: Any, weights: dict) -> tuple[Any, Any]:
        y = self.tangent(x, None, weights)
        return (y + weights["b"] if "b" in weights else y), unit_mean(x**2)

    def tangent(self, t: Any, cache: Any, weights: dict) -> Any:
        taps = weights["w"]
        return sum(
            self._inside(roll(t, -beta, axis=2), beta) @ taps[:, None, k].swapaxes(-1, -2)
            for k, beta in enumerate(self._offsets())
        )

    def cotangent(self, g: Any, cache: Any, weights: dict) -> tuple[Any, dict[str, Any]]:
        taps = weights["w"]
        back = sum(
            roll(self._inside(g, beta), beta, axis=2) @ taps[:, None, k] for k, beta in enumerate(self._offsets())
        )
        return back, {}


@dataclass(frozen=True)
class Nonlinear:
    """x -> phi(x), entry by entry; keeps the slopes for what runs backwards."""

    phi: Callable[[Any], Any]
    slope: Callable[[Any], Any]

    def families(self) -> list[Family]:
        return []

    def forward(self, x: Any, weights: dict) -> tuple[Any, Any]:
        return self.phi(x), self.slope(x)

    def tangent(self, t: Any, cache: Any, weights: dict) -> Any:
        return t * cache[:, :1]

    def cotangent(self, g: Any, cache: Any, weights: dict) -> tuple[Any, dict[str, Any]]:
        return g * cache[:, : g.shape[1]], {}


@dataclass(frozen=True)
class Dropout:
    """Every unit is kept with probability ``keep``, and divided by it; every input has its own mask."""

    inputs: int
    units: int
    keep: float

    def families(self) -> list[Family]:
        return [Family("mask", (self.inputs, self.units), 1.0, "mask")]

    def forward(self, x: Any, weights: dict) -> tuple[Any, Any]:
        scale = (weights["mask"] < self.keep) / self.keep
        return x * scale, scale

    def tangent(self, t: Any, cache: Any, weights: dict) -> Any:
        return t * cache[:, :1]

    def cotangent(self, g: Any, cache: Any, weights: dict) -> tuple[Any, dict[str, Any]]:
        return g * cache[:, : g.shape[1]], {}


@dataclass(frozen=True)
class Block:
    """One layer: x -> skip * x + scale * (the operations, one after the other).

    ``preactivation`` is the number of the operation whose input is the pre-activation h, None where the stream is h.
    """

    operations: tuple[Any, ...]
    skip: float = 0.0
    scale: float = 1.0
    preactivation: int | None = None

    def families(self) -> list[Family]:
        """The random parameters of the layer, in the order in which they are drawn."""
        return [family for operation in self.operations for family in operation.families()]

    def forward(self, x: Any, weights: dict) -> tuple[Any, list, Any]:
        """The next signal, what has to be kept for the way back, and the pre-activations."""
        caches, y, seen = [], x, None
        for number, operation in enumerate(self.operations):
            if number == self.preactivation:
                seen = y
            y, cache = operation.forward(y, weights)
            caches.append(cache)
        return self._joined(x, y), caches, seen

    def tangent(self, t: Any, caches: list, weights: dict) -> Any:
        """The derivative along t at the first input."""
        y = t
        for operation, cache in zip(self.operations, caches, strict=True):
            y = operation.tangent(y, cache, weights)
        return self._joined(t, y)

    def cotangent(self, g: Any, caches: list, weights: dict) -> tuple[Any, dict[str, Any]]:
        """The gradient before the layer, and the mean squares of the gradients of its parameters."""
        back = g * self.scale
        sizes: dict[str, Any] = {}
        for operation, cache in zip(reversed(self.operations), reversed(caches), strict=True):
            back, more = operation.cotangent(back, cache, weights)
            sizes |= more
        return self._joined(g, back, 1.0), sizes

    def _joined(self, x: Any, y: Any, scale: float | None = None) -> Any:
        y = y * (self.scale if scale is None else scale)
        return y + self.skip * x if self.skip else y
