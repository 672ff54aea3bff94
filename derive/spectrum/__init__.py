"""Spectra of Jacobians: the singular values of wide residual networks at initialisation, by free probability.

``transforms`` derives the equations in symbols, ``limit_law`` and ``angle_*`` hold the universal law in one angle,
``finite_*`` and ``correction`` what finite depth changes, ``cumulant`` the one parameter for any activation,
``outside`` what the law leaves out.  ``jacobian`` puts it together for the user.
"""

from derive.spectrum.corrected import CorrectedSpectrum
from derive.spectrum.cumulant import LayerCumulants, effective_cumulant, layer_cumulants
from derive.spectrum.deep_limit import deep_expansion, resting_length
from derive.spectrum.jacobian import JacobianSpectrum
from derive.spectrum.network_moments import network_moment
from derive.spectrum.outside import IsometryReport, IsometryWarning, isometry_report, tangent_gain
from derive.spectrum.weights import weight_variance_for

__all__ = [
    "CorrectedSpectrum",
    "IsometryReport",
    "IsometryWarning",
    "JacobianSpectrum",
    "LayerCumulants",
    "deep_expansion",
    "effective_cumulant",
    "isometry_report",
    "layer_cumulants",
    "network_moment",
    "resting_length",
    "tangent_gain",
    "weight_variance_for",
]
