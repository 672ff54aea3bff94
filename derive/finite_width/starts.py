"""Signals at layer 0 with second moments as asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derive.errors import DomainError

__all__ = ["covariance_start", "fixed_start", "gaussian_start", "paired_start"]

Start = Callable[[Any, int], Any]


def paired_start(width: int, lengths: Sequence[float], cosines: Sequence[float] | None) -> Start:
    """Vectors whose mean square is exactly the length, in pairs with exactly the cosine; directions at random."""
    if cosines is not None and width < 2:
        raise DomainError("two inputs with a given cosine need width 2 or more")

    def start(generator: Any, nets: int) -> Any:
        import numpy as np

        draws = generator.standard_normal((nets, len(lengths), 2, width))
        first = draws[:, :, 0] / np.linalg.norm(draws[:, :, 0], axis=-1, keepdims=True) * np.sqrt(width)
        scale = np.sqrt(np.array(lengths))[:, None]
        if cosines is None:
            return first * scale
        other = draws[:, :, 1]
        other = other - first * (other * first).mean(axis=-1, keepdims=True)
        other = other / np.linalg.norm(other, axis=-1, keepdims=True) * np.sqrt(width)
        cos = np.array(cosines)[:, None]
        second = cos * first + np.sqrt((1 - cos) * (1 + cos)) * other
        return np.concatenate([first * scale, second * scale], axis=1)

    return start


def gaussian_start(
    width: int, lengths: Sequence[float], cosines: Sequence[float] | None, second_lengths: Sequence[float]
) -> Start:
    """Independent Gaussian units, in pairs of inputs with the given variances and correlation.

    That is the law of the first pre-activations of two fixed inputs.
    """

    def start(generator: Any, nets: int) -> Any:
        import numpy as np

        draws = generator.standard_normal((nets, len(lengths), 2, width))
        first = draws[:, :, 0] * np.sqrt(np.array(lengths))[:, None]
        if cosines is None:
            return first
        cos = np.array(cosines)[:, None]
        second = cos * draws[:, :, 0] + np.sqrt((1 - cos) * (1 + cos)) * draws[:, :, 1]
        return np.concatenate([first, second * np.sqrt(np.array(second_lengths))[:, None]], axis=1)

    return start


def covariance_start(channels: int, size: int, matrix: Any) -> Start:
    """Independent Gaussian channels with a covariance matrix over the positions."""
    import numpy as np

    sigma = np.asarray(matrix, dtype=float)
    if sigma.shape != (size, size) or not np.allclose(sigma, sigma.T):
        raise DomainError(f"sigma0 is no symmetric matrix of size {size}")
    values, vectors = np.linalg.eigh(sigma)
    if values.min() < -1e-9 * max(abs(values.max()), 1e-300):
        raise DomainError(f"sigma0 has the negative eigenvalue {values.min()}; a covariance matrix has none")
    root = vectors * np.sqrt(np.maximum(values, 0))

    def start(generator: Any, nets: int) -> Any:
        return (root @ generator.standard_normal((nets, size, channels)))[:, None]

    return start


def fixed_start(vector: Sequence[Any]) -> Start:
    """One input, the same in every net: a vector, or the rows (positions) of an image."""

    def start(generator: Any, nets: int) -> Any:
        import numpy as np

        entries = np.array(vector, dtype=float)
        return np.broadcast_to(entries, (nets, 1, *entries.shape))

    return start
