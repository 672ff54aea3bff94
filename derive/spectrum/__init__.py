"""Spectra of Jacobians: the singular values of wide residual networks at initialisation, by free probability.

``transforms`` derives the equations in symbols, ``limit_law`` and ``angle_*`` hold the universal law in one angle,
``finite_depth`` and ``correction`` what finite depth changes, ``cumulant`` the one parameter for any activation,
``outside`` what the law leaves out.  ``jacobian`` puts it together for the user.
"""

from derive.spectrum.corrected import CorrectedSpectrum
from derive.spectrum.jacobian import JacobianSpectrum

__all__ = ["CorrectedSpectrum", "JacobianSpectrum"]
