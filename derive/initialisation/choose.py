"""One call for every architecture."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import activation
from derive.errors import InputError
from derive.initialisation.result import Initialisation
from derive.names import known_name
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["ARCHITECTURES", "initial_variances"]

#: architecture -> (the variances that may be given, the options that apply)
ARCHITECTURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "feed-forward": (("sigma_b2",), ("keep_probability",)),
    "full-residual": (("sigma_v2", "sigma_a2", "sigma_b2"), ("growth",)),
    "reduced-residual": (("sigma_b2",), ("growth",)),
    "scaled-residual": (("sigma_b2",), ("c",)),
}


def initial_variances(architecture: str, phi: Any, depth: Any, **settings: Any) -> Initialisation:
    """The variances to start from, the law they come from, and what to type in PyTorch and JAX.

    ``architecture`` is "feed-forward", "full-residual", "reduced-residual" or "scaled-residual"; ``phi`` a name, text,
    expression or Activation; ``depth`` the number of layers.  ``settings`` fix other variances (sigma_v2, sigma_a2,
    sigma_b2) and the aim: ``growth`` of the mean square gradient in residual networks (default 100), the effective
    cumulant ``c`` (default 1/8), ``keep_probability`` of units under dropout (default 1).

    The rules are those of :mod:`derive.initialisation.feed_forward`, :mod:`~derive.initialisation.residual` and
    :mod:`~derive.initialisation.scaled`; variances are right to six digits.  Raises DomainError where no variance
    reaches the aim, UnknownNameError for another architecture, InputError for a setting that does not apply.

    >>> found = initial_variances("feed-forward", "relu", 50)
    >>> found.variances["sigma_w2"] == 2, found.variances["sigma_b2"] == 0
    (True, True)
    >>> found.families[0].pytorch
    'torch.nn.init.normal_(weight, std=1.41421 / math.sqrt(fan_in))'
    """
    names, options = ARCHITECTURES[known_name(architecture, ARCHITECTURES, "architecture")]
    unknown = sorted(set(settings) - {*names, *options})
    if unknown:
        raise InputError(f"{unknown[0]} does not apply to {architecture}, which takes {', '.join((*names, *options))}")
    phi, depth = activation(phi), positive_integer(depth, "depth")
    fixed = {n: variance(settings[n], n) for n in names if n in settings}
    if architecture == "feed-forward":
        from derive.initialisation.feed_forward import feed_forward

        return feed_forward(phi, depth, fixed, exact_number(settings.get("keep_probability", 1), "keep_probability"))
    if architecture == "scaled-residual":
        from derive.initialisation.scaled import CUMULANT, scaled_residual

        return scaled_residual(phi, depth, fixed, variance(settings.get("c", CUMULANT), "c"))
    from derive.initialisation.residual import residual

    return residual(architecture, phi, depth, fixed, exact_number(settings.get("growth", sp.Integer(100)), "growth"))
