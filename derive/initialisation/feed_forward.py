r"""Feed-forward networks: the critical point, where :math:`\chi_1 = 1`; with dropout the longest memory.

At :math:`\chi_1 = 1` neither gradients nor differences of inputs shrink or grow exponentially with the depth.
Dropout leaves no such point; then the weight variance with the largest depth scale :math:`\xi_c` is recommended, and
information about the inputs is lost beyond about :math:`6\,\xi_c` layers.  Source: paper 004, sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, UnsupportedError
from derive.initialisation.result import Family, Initialisation
from derive.networks import FeedForward

__all__ = ["feed_forward"]

_DIGITS = 12


def feed_forward(phi: Activation, depth: int, fixed: Mapping[str, sp.Expr], keep: sp.Expr) -> Initialisation:
    """The recommendation; sigma_b2 is the one given, else 1/20 or 0, whichever has an attracting length."""
    net = FeedForward(phi, keep_probability=keep)
    given = fixed.get("sigma_b2")
    biases = [given] if given is not None else [sp.Rational(1, 20), sp.Integer(0)]
    if net.keep_probability != 1:
        return _longest(net, phi, depth, biases[0])
    found: list[Any] = []
    for bias in biases:
        found += net.critical_points(sigma_b2=bias, digits=_DIGITS)
        if any(p.stable for p in found):
            break
    if found:
        return _critical(phi, depth, min(found, key=lambda p: (not p.stable, p.sigma_w2)))
    shown = ", ".join(str(b) for b in biases)
    raise DomainError(
        f"{phi} has no critical point with sigma_b2 = {shown}: chi_1 never passes 1 there; give another sigma_b2"
    )


def _critical(phi: Activation, depth: int, point: Any) -> Initialisation:
    families = (Family("sigma_w2", point.sigma_w2), Family("sigma_b2", point.sigma_b2, is_bias=True))
    facts: list[tuple[str, Any]] = [("chi_1", 1), ("length q*", _or_any(point.q)), ("chi_q", point.chi_q)]
    warnings = []
    if not point.stable:
        warnings.append("the length is not attracted to a single value there; normalise the inputs")
    if phi.parity != "odd":
        warnings.append("correlations tend to 1 at this point, though only like a power of the depth")
    return Initialisation(
        "feed-forward", str(phi), depth, families, "the critical point chi_1 = 1", tuple(facts), tuple(warnings)
    )


def _or_any(value: Any) -> Any:
    """ "any" where every length is fixed."""
    return value if value.is_finite else "any"


def _longest(net: Any, phi: Activation, depth: int, bias: sp.Expr) -> Initialisation:
    try:
        best = net.longest_memory(sigma_b2=bias, digits=_DIGITS)
    except UnsupportedError as error:
        raise UnsupportedError(f"with dropout: {error}") from error
    families = (Family("sigma_w2", best.sigma_w2), Family("sigma_b2", bias, is_bias=True))
    reach = 6 * best.xi_c
    facts = (("depth scale xi_c", best.xi_c), ("correlation c*", best.c), ("length q*", best.q))
    warnings = []
    if depth > reach:
        warnings.append(
            f"a depth of {depth} is beyond 6 xi_c = {float(reach):.4g}; keep more units than {net.keep_probability}"
        )
    law = f"the largest xi_c with dropout, units kept with probability {net.keep_probability}"
    return Initialisation("feed-forward", str(phi), depth, families, law, facts, tuple(warnings))
