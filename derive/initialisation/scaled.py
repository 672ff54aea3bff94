r"""Residual networks scaled by depth: the weight variance that gives the Jacobian a chosen effective cumulant.

Weights have variance :math:`\sigma_w^2/(N L)`; the spectrum of the Jacobian depends on the effective cumulant c alone,
and c = 1/8 keeps singular values of order 1.  Source: paper 001, section 3.2 and appendix D.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derive.activations import Activation
from derive.initialisation.result import Family, Initialisation
from derive.spectrum import JacobianSpectrum, weight_variance_for

__all__ = ["scaled_residual"]

CUMULANT = sp.Rational(1, 8)


def scaled_residual(phi: Activation, depth: int, fixed: Mapping[str, sp.Expr], cumulant: sp.Expr) -> Initialisation:
    """The recommendation: sigma_w2 / depth over the fan-in."""
    bias = fixed.get("sigma_b2", sp.Integer(0))
    weight = weight_variance_for(phi, c=cumulant, depth=depth, sigma_b2=bias, digits=12)
    low, high = JacobianSpectrum(c=cumulant).edges(digits=12)
    families = (Family("sigma_w2/L", weight / depth), Family("sigma_b2", bias, is_bias=True))
    facts = (("sigma_w2", weight), ("smallest singular value of the bulk", low), ("largest", high))
    warnings = (
        ("a singular value leaves the bulk and grows: see derive.spectrum.isometry_report",) if _bends(phi) else ()
    )
    law = f"effective cumulant c = {cumulant} at depth {depth}"
    return Initialisation("scaled-residual", str(phi), depth, families, law, facts, warnings)


def _bends(phi: Activation) -> bool:
    """Whether the mean output E phi depends on the length: then one direction of the input is stretched.

    The mean vanishes for an odd phi and is constant for the sigmoid; variances 1 and 2 tell.
    """
    from derive.expectations.values import expectation_value

    return abs(expectation_value(phi, 1, 15) - expectation_value(phi, 2, 15)) > 1e-12
