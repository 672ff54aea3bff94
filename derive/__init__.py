"""derive: derives, certifies and evaluates the laws of deep random networks.

The public names are flat and loaded where they are first used, so that ``import derive`` costs almost nothing::

    import derive as dv
    phi = dv.activation("tanh")

See ``docs/architecture.md`` for the rooms behind these names.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public names and the modules that define them.
_HOME: dict[str, str] = {
    **dict.fromkeys(("Activation", "activation", "registered_activations"), "derive.activations"),
    **dict.fromkeys(("parse", "parse_call", "parse_number"), "derive.parsing"),
    "Ball": "derive.numerics.ball",
    **dict.fromkeys(("ReLUConvNet", "ReLUNet", "ResidualReLU", "simulate"), "derive.finite_width"),
    **dict.fromkeys(("E", "V", "W"), "derive.expectations.functions"),
    **dict.fromkeys(("J", "c_alpha", "one_minus_J"), "derive.kernels.functions"),
    "RecurrenceSystem": "derive.system",
    "sweep": "derive.sweeps.run",
    "Recurrence": "derive.difference.recurrence",
    "Expansion": "derive.difference.expansion",
    **dict.fromkeys(("assert_enclosed", "assert_expansion", "assert_identity"), "derive.testing"),
    "SeriesMap": "derive.difference.near_point.series_function",
    **dict.fromkeys(("FullResidual", "ReducedResidual"), "derive.networks.residual.network"),
    "alpha_relu_law": "derive.networks.homogeneous.symbolic",
    "BivariateNormal": "derive.expectations.bivariate",
    "FeedForward": "derive.networks.feedforward.network",
    "Convolutional": "derive.networks.convolution.network",
    "minimal_critical_weight_variance": "derive.networks.critical.minimum",
    "prove_unique_variance": "derive.networks.critical.unique",
    "ScaledResidual": "derive.networks.scaled_residual",
    "JacobianSpectrum": "derive.spectrum.jacobian",
    "effective_cumulant": "derive.spectrum.cumulant",
    "weight_variance_for": "derive.spectrum.weights",
    "initial_variances": "derive.initialisation.choose",
    **dict.fromkeys(("check", "claims", "errata"), "derive.evidence.records"),
    "cite": "derive.report.bibtex",
    **dict.fromkeys(
        (
            "CertificationError",
            "DeriveError",
            "DomainError",
            "InputError",
            "OutputError",
            "ParseError",
            "PrecisionError",
            "Undecided",
            "UnknownNameError",
            "UnsupportedError",
        ),
        "derive.errors",
    ),
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        from difflib import get_close_matches

        near = get_close_matches(name, _HOME, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise AttributeError(f"module 'derive' has no attribute {name!r}{hint}", name=name)
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
