r"""The autonomous state behind a residual network, and what it drives.

With :math:`P = p + \sigma_b^2/\sigma_w^2` and :math:`G = \gamma + \sigma_b^2/\sigma_w^2` the pre-activation
variances of
the next layer are :math:`q = \sigma_w^2 P` and :math:`\lambda = \sigma_w^2 G`: the biases b leave the recurrences and
stand in the start only.  P obeys a map of its own; the gradient factor of a layer is a function of P; the correlation
:math:`c = G/P` obeys a map driven by P.  All three are read off the layer equations by substitution.

Everything needs :math:`\sigma_w > 0`.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from derive.activations import Activation
from derive.networks.residual.equations import SYMBOLS, layer_equations

__all__ = ["G", "P", "gradient_factor", "length_map", "overlap_map"]

P = sp.Symbol("P", positive=True)
G = sp.Symbol("G", real=True)


def _right_sides(architecture: str, phi: Activation) -> dict[str, sp.Expr]:
    """The right-hand sides of the layer equations, in terms of P and G of the layer before."""
    S = SYMBOLS
    shift = S.sigma_b2 / S.sigma_w2
    rows = dict(layer_equations(architecture, phi))
    stream = {S.p_: P - shift, S.gamma_: G - shift}
    inner = {S.q: sp.expand(rows["q"].rhs.subs(stream)), S.lam: sp.expand(rows["lam"].rhs.subs(stream))}
    return {name: sp.expand(eq.rhs.subs(inner).subs(stream)) for name, eq in rows.items()}


@lru_cache(maxsize=64)
def length_map(architecture: str, phi: Activation) -> sp.Expr:
    """F with P' = F(P)."""
    return sp.expand(_right_sides(architecture, phi)["p"] + SYMBOLS.sigma_b2 / SYMBOLS.sigma_w2)


@lru_cache(maxsize=64)
def overlap_map(architecture: str, phi: Activation) -> sp.Expr:
    """The next G as a function of P and G."""
    return sp.expand(_right_sides(architecture, phi)["gamma"] + SYMBOLS.sigma_b2 / SYMBOLS.sigma_w2)


@lru_cache(maxsize=64)
def gradient_factor(architecture: str, phi: Activation) -> sp.Expr:
    """chi of the layer before divided by chi of this layer, as a function of P of the layer before."""
    return sp.expand(_right_sides(architecture, phi)["chi"] / SYMBOLS.chi)
