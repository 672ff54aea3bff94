r"""Residual networks scaled by depth: the weight variance that gives the Jacobian a chosen effective cumulant.

Weights have variance :math:`\sigma_w^2/(N L)`; the spectrum of the Jacobian depends on the effective cumulant c alone,
and c = 1/8 keeps singular values of order 1.  Source: paper 001, section 3.2 and appendix D.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derive.activations import Activation
from derive.initialisation.result import Family, Initialisation
from derive.spectrum import JacobianSpectrum, isometry_report, weight_variance_for

__all__ = ["scaled_residual"]

CUMULANT = sp.Rational(1, 8)
_FOLLOWED = 20_000  # layers


def scaled_residual(phi: Activation, depth: int, fixed: Mapping[str, sp.Expr], cumulant: sp.Expr) -> Initialisation:
    """The recommendation: sigma_w2 / depth over the fan-in."""
    bias = fixed.get("sigma_b2", sp.Integer(0))
    weight = weight_variance_for(phi, c=cumulant, depth=depth, sigma_b2=bias, digits=12)
    low, high = JacobianSpectrum(c=cumulant).edges(digits=12)
    families = (Family("sigma_w2/L", weight / depth), Family("sigma_b2", bias, is_bias=True))
    facts = (("sigma_w2", weight), ("smallest singular value of the bulk", low), ("largest", high))
    warnings = _outside(phi, depth, weight, bias)
    law = f"effective cumulant c = {cumulant} at depth {depth}"
    return Initialisation("scaled-residual", str(phi), depth, families, law, facts, warnings)


def _outside(phi: Activation, depth: int, weight: sp.Expr, bias: sp.Expr) -> tuple[str, ...]:
    """A remark where a singular value lies outside the bulk."""
    if depth > _FOLLOWED:
        return (f"beyond {_FOLLOWED} layers it is not computed whether singular values lie outside the bulk",)
    report = isometry_report(phi, depth, sigma_w2=weight, sigma_b2=bias, digits=10)
    if not report.outside:
        return ()
    return (f"{report.beyond}; {report.remedy}",)
