"""Random nets in batches: draw, run forwards, run a random loss direction back, measure.

A block of nets is simulated at a time; its numbers come from ``SeedSequence(seed, spawn_key=(block, layer, family))``,
so a run is reproduced by its seed, and weights can be drawn a second time on the way back where they do not fit into
memory.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.errors import DomainError
from derive.finite_width.backends import NumpyBackend
from derive.finite_width.operations import Block, Family, unit_mean
from derive.finite_width.weights import WeightLaw

__all__ = ["Measured", "Plan", "run_plan"]

KEPT_BYTES = 2**28  # weights of one block kept for the way back; beyond it they are drawn again
BLOCK_ENTRIES = 2**20  # entries of the largest weight family in one block of nets


@dataclass(frozen=True)
class Plan:
    """A simulation: the layers, the start, the law of the weights, and what to measure.

    ``start(generator, nets)`` gives the signals at layer 0; ``pairs`` is the number of pairs of inputs, whose second
    members stand in the second half of the inputs where ``two`` is true.
    """

    layers: Sequence[Block]
    start: Callable[[Any, int], Any]
    law: WeightLaw
    pairs: int
    two: bool
    gradients: bool
    jacobian: bool
    positions: bool = False
    orthogonal: bool = False
    backend: NumpyBackend = field(default_factory=NumpyBackend)
    bias_law: WeightLaw | None = None  # Gaussian where it is None


@dataclass
class Measured:
    """Samples by name, ``(nets, layers + 1, pairs, ...)``, and the singular values of the Jacobian ``(nets, k)``."""

    samples: dict[str, Any]
    singular_values: Any


def run_plan(plan: Plan, realisations: int, seed: int, progress: bool | None) -> Measured:
    """All blocks of nets, one after the other."""
    import numpy as np

    size = max((_entries(f) for layer in plan.layers for f in layer.families()), default=1)
    block = max(1, min(4096, BLOCK_ENTRIES // size, realisations))
    shown = sys.stderr.isatty() if progress is None else progress
    parts: list[Measured] = []
    for number, first in enumerate(range(0, realisations, block)):
        nets = min(block, realisations - first)
        with plan.backend.scope():
            parts.append(_Run(plan, nets, seed, number).measure())
        if shown:
            print(f"\rsimulated {first + nets} of {realisations} nets", end="", file=sys.stderr, flush=True)
    if shown:
        print(file=sys.stderr)
    samples = {name: np.concatenate([p.samples[name] for p in parts]) for name in parts[0].samples}
    values = np.concatenate([p.singular_values for p in parts]) if plan.jacobian else None
    return Measured(samples, values)


def _entries(family: Family) -> int:
    count = 1
    for n in family.shape:
        count *= n
    return count


class _Run:
    """One block of nets."""

    def __init__(self, plan: Plan, nets: int, seed: int, block: int) -> None:
        self.plan, self.nets, self.seed, self.block = plan, nets, seed, block
        total = 8 * nets * sum(_entries(f) for layer in plan.layers for f in layer.families())
        self.kept: dict[int, dict] | None = {} if total <= KEPT_BYTES and plan.gradients else None

    def generator(self, layer: int, family: int) -> Any:
        return self.plan.backend.generator(self.seed, (self.block, layer, family))

    def weights(self, layer: int) -> dict[str, Any]:
        """The parameters of layer 1, 2, ...; the same ones whenever asked for."""
        if self.kept is not None and layer in self.kept:
            return self.kept[layer]
        drawn = {
            family.name: self._draw(family, layer, number)
            for number, family in enumerate(self.plan.layers[layer - 1].families())
        }
        if self.kept is not None:
            self.kept[layer] = drawn
        return drawn

    def _draw(self, family: Family, layer: int, number: int) -> Any:
        shape, own = (self.nets, *family.shape), self.plan.backend
        if family.kind == "mask":
            return own.array(self.generator(layer, number).uniform(size=shape))
        if family.kind == "bias":
            law, made = self.plan.bias_law, self.generator(layer, number)
            return own.array((law.sample(made, shape) if law else made.standard_normal(shape)) * family.deviation)
        if self.plan.orthogonal:
            scale = family.deviation * family.shape[-1] ** 0.5
            return own.array(_orthogonal(self.generator(layer, number), shape) * scale)
        return own.sample(self.plan.law, self.seed, (self.block, layer, number), shape) * family.deviation

    def measure(self) -> Measured:
        """Forwards, backwards, and the Jacobian; overflow is refused with the layer where it happened."""
        import numpy as np

        with np.errstate(over="ignore", invalid="ignore"):
            return self._measure()

    def _measure(self) -> Measured:
        import numpy as np

        plan, layers = self.plan, self.plan.layers
        x = plan.backend.array(plan.start(self.generator(0, 0), self.nets))
        rows = [self._moments(x, None)]
        caches = []
        units = x.shape[-1]
        tangent = (
            plan.backend.array(np.broadcast_to(np.eye(units), (self.nets, units, units))) if plan.jacobian else None
        )
        for number, layer in enumerate(layers, 1):
            weights = self.weights(number)
            x, cache, seen = layer.forward(x, weights)
            rows.append(self._moments(x, seen))
            _refuse_overflow(rows[-1], number)
            if plan.jacobian:
                tangent = layer.tangent(tangent, cache, weights)
            if plan.gradients:
                caches.append(cache)
        if plan.gradients:
            self._backwards(x, caches, rows)
        values = plan.backend.singular_values(tangent) if plan.jacobian else None
        return Measured(_stacked(rows), values)

    def _moments(self, x: Any, seen: Any) -> dict[str, Any]:
        """Second moments of the stream (p, and gamma of a pair; m is its mean) and of the pre-activations (q, lam)."""
        row: dict[str, Any] = {}
        for names, signal in ((("p", "p2", "gamma"), x), (("q", "q2", "lam"), seen)):
            if signal is None:
                continue
            first = signal[:, : self.plan.pairs]
            if self.plan.positions:
                row[names[0]] = first @ first.swapaxes(-1, -2) / first.shape[-1]
                continue
            row[names[0]] = unit_mean(first**2)
            if signal is x:
                row["m"] = unit_mean(first)
            if self.plan.two:
                second = signal[:, self.plan.pairs :]
                row[names[1]] = unit_mean(second**2)
                row[names[2]] = unit_mean(first * second)
        return row

    def _backwards(self, x: Any, caches: list, rows: list[dict]) -> None:
        """Mean squares of the gradients of a loss with a random direction of mean square 1 at the last layer.

        With pairs of inputs both have the same direction, and ``chi_ab`` is the mean product of their gradients.
        """
        import numpy as np

        pairs, layers = self.plan.pairs, self.plan.layers
        shape = (x.shape[0], pairs, *x.shape[2:])
        g = self.generator(0, 1).standard_normal(shape)
        g = g / np.sqrt(unit_mean(g**2)).reshape(*g.shape[:2], *(1,) * (g.ndim - 2))
        if self.plan.two:
            g = np.concatenate([g, g], axis=1)
        g = self.plan.backend.array(g)
        for number in range(len(layers), -1, -1):
            rows[number]["chi"] = unit_mean(g[:, :pairs] ** 2)
            if self.plan.two:
                rows[number]["chi_ab"] = unit_mean(g[:, :pairs] * g[:, pairs:])
            if number:
                g, sizes = layers[number - 1].cotangent(g, caches[number - 1], self.weights(number))
                rows[number] |= {name: size[:, :pairs] for name, size in sizes.items()}
            _refuse_overflow(rows[number], number)


def _refuse_overflow(row: dict[str, Any], layer: int) -> None:
    import numpy as np

    for name, values in row.items():
        if not np.isfinite(np.asarray(values)).all():
            raise DomainError(
                f"{name} leaves the range of doubles at layer {layer}; simulate fewer layers or smaller variances"
            )


def _orthogonal(generator: Any, shape: tuple[int, ...]) -> Any:
    """Haar orthogonal matrices: QR of Gaussian ones, with the signs of the diagonal of R taken out."""
    import numpy as np

    q, r = np.linalg.qr(generator.standard_normal(shape))
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def _stacked(rows: list[dict]) -> dict[str, Any]:
    """Arrays (nets, layers + 1, pairs, ...); NaN where a layer has no such quantity."""
    import numpy as np

    names = dict.fromkeys(name for row in rows for name in row)
    empty = {name: np.full(next(row[name] for row in rows if name in row).shape, np.nan) for name in names}
    return {name: np.stack([np.asarray(row.get(name, empty[name])) for row in rows], axis=1) for name in names}
