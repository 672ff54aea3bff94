r"""The initialisers in common use as laws of weights: a law of variance 1, and the variance of each layer.

He: :math:`2/n_{in}`, LeCun: :math:`1/n_{in}`, Glorot: :math:`2/(n_{in}+n_{out})`, each Gaussian or uniform.  The
truncated forms are cut at two standard deviations *without* rescaling, as Keras did when paper 003 was written: their
variance is 0.7737... times the nominal one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import InputError
from derive.finite_width.weights import WeightLaw, truncated_normal, truncated_normal_variance, weight_law
from derive.numerics.exact import variance

__all__ = ["INITIALISERS", "Initialiser", "initialiser", "read_biases", "read_list"]


@dataclass(frozen=True)
class Initialiser:
    """A law of weights with variance 1 and ``variance(n_in, n_out)`` of a layer."""

    name: str
    law: WeightLaw
    variance: Callable[[int, int], sp.Expr]


_SCALES: dict[str, Callable[[int, int], sp.Expr]] = {
    "he": lambda n_in, n_out: sp.Rational(2, n_in),
    "lecun": lambda n_in, n_out: sp.Rational(1, n_in),
    "glorot": lambda n_in, n_out: sp.Rational(2, n_in + n_out),
}


def _truncated(scale: Callable[[int, int], sp.Expr]) -> Callable[[int, int], sp.Expr]:
    return lambda n_in, n_out: scale(n_in, n_out) * truncated_normal_variance(2)


INITIALISERS: dict[str, Initialiser] = {
    f"{name}_{shape}": Initialiser(f"{name}_{shape}", weight_law(law), scale)
    for name, scale in _SCALES.items()
    for shape, law in (("normal", "gaussian"), ("uniform", "uniform"))
} | {
    f"{name}_normal_truncated": Initialiser(f"{name}_normal_truncated", truncated_normal(2), _truncated(scale))
    for name, scale in _SCALES.items()
}


def initialiser(weights: Any) -> Initialiser:
    """An initialiser by name, or a law of weights with the variance 2/fan-in of Definition 1 of paper 003.

    >>> initialiser("lecun_uniform").variance(10, 20), initialiser("rademacher").variance(10, 20)
    (1/10, 1/5)
    """
    if isinstance(weights, Initialiser):
        return weights
    if isinstance(weights, str) and weights in INITIALISERS:
        return INITIALISERS[weights]
    law = weight_law(weights)
    return Initialiser(law.name, law, _SCALES["he"])


def read_biases(given: Any, count: int, each: str = "layer") -> tuple[sp.Expr, ...]:
    """One variance of biases for every layer (or module), from one number or a list of ``count``."""
    listed = list(given) if isinstance(given, (list, tuple)) else [given] * count
    if len(listed) != count:
        raise InputError(
            f"bias_variances has {len(listed)} entries; give one number, or {count} of them, one for each {each}"
        )
    return tuple(variance(b, "bias_variances") for b in listed)


def read_list(given: Any, name: str, meant: str) -> list[Any]:
    """The elements of a list; text and anything that cannot be gone through is refused, naming what is meant."""
    if isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
        raise InputError(f"{name} = {given!r} is no list; give {meant}")
    return list(given)
