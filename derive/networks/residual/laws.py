r"""Large-depth laws of residual networks, symbolic in the variances.

Lengths follow from Abel's equation for :math:`P' = F(P)`; log chi is a sum along that orbit; the correlation
:math:`c = G/P` is a state driven by P (:mod:`derive.networks.residual.overlap`), and e, s, gamma, lam are images of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.networks.homogeneous.laws import form_of, homogeneous_exponents, homogeneous_law
from derive.networks.residual.driver import P, gradient_factor, length_map
from derive.networks.residual.equations import SYMBOLS

__all__ = ["asymptotics", "exponents", "length_recurrence"]

SHIFT = SYMBOLS.sigma_b2 / SYMBOLS.sigma_w2


@lru_cache(maxsize=64)
def length_recurrence(architecture: str, phi: Activation) -> Any:
    """The recurrence of P, symbolic in the variances."""
    from derive.difference.recurrence import Recurrence

    return Recurrence(P, length_map(architecture, phi))


@lru_cache(maxsize=64)
def log_gradient_factor(architecture: str, phi: Activation) -> sp.Expr:
    """What one layer adds to log chi_0/chi_l, as a function of P of the layer before."""
    return sp.log(gradient_factor(architecture, phi))


@lru_cache(maxsize=64)
def asymptotics(architecture: str, phi: Activation, quantity: str, terms: int) -> Any:
    """The expansion of one quantity; see :meth:`derive.networks.residual.network.ResidualNetwork.asymptotics`."""
    form = form_of(architecture, phi)
    if form is not None:
        found = homogeneous_law(phi, form, quantity, terms)
        if found is not None:
            return found
    if quantity in ("s", "gamma", "lam", "e"):
        from derive.networks.residual.overlap_laws import overlap_law

        return overlap_law(architecture, phi, quantity, terms)
    from derive.difference.expansion import Expansion

    length = length_recurrence(architecture, phi).asymptotics(terms=terms)
    if not isinstance(length, Expansion):
        kind = length_recurrence(architecture, phi).classify().kind
        raise UnsupportedError(
            f"with {phi} the length does not grow like a power of the depth (its class is {kind}), so there is no "
            "expansion in powers; net.at gives p and q, net.trajectory all layers"
        )
    if quantity == "p":
        return length.affine(1, -SHIFT)
    if quantity == "q":
        return length.shift_index(-1).affine(SYMBOLS.sigma_w2, 0)
    return length.sum(log_gradient_factor(architecture, phi))


def exponents(architecture: str, phi: Activation) -> dict[str, sp.Expr]:
    """Leading powers of the depth; see :meth:`derive.networks.residual.network.ResidualNetwork.exponents`."""
    form = form_of(architecture, phi)
    if form is not None:
        return dict(homogeneous_exponents(form))
    result = {}
    for quantity in ("p", "q", "log_chi_ratio"):
        law = asymptotics(architecture, phi, quantity, 2)
        result[quantity] = sp.limit(sp.log(law.expr).subs(law.c, 0) / sp.log(law.n), law.n, sp.oo)
    for quantity in ("s", "gamma"):
        result[quantity] = asymptotics(architecture, phi, quantity, 2).powers[0]
    result["e"] = -asymptotics(architecture, phi, "e", 2).exponent
    return result
