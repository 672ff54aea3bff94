r"""The free constant of an orbit: digits, or an enclosure with its proof.

The law of x_n carries one number that depends on the start, :math:`c = A(x_0)`, the Abel function being normalised to
have no constant term.  :func:`constant_value` computes it to any number of digits
(:mod:`derive.difference.orbits.abel_constant`) or encloses it (:mod:`derive.difference.proofs.certified`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, start_value
from derive.difference.digits.numbers_of import Numbers, numbers_of
from derive.difference.proofs.enclosure import Enclosure, settled
from derive.difference.series.magnitude import log10_size
from derive.errors import PrecisionError

__all__ = ["constant_value", "enclosed_constant", "recurrence_of"]

_GUARD = 3


def constant_value(
    law: Any, x0: Any, digits: int = 50, certified: bool = False, params: Mapping[Any, Any] | None = None
) -> sp.Float | Enclosure:
    r"""The constant :math:`c = A(x_0)` of the orbit that starts at ``x0`` (index 0).

    ``law`` is a Recurrence of the parabolic class or its Expansion; ``params`` gives exact values to its parameters.
    Returns a SymPy Float with ``digits`` right digits (by a calibrated estimate of the truncation error; rounding is
    bounded), or, with ``certified=True``, an :class:`~derive.difference.proofs.enclosure.Enclosure` of relative radius
    below 10**-digits that lists what was proved.

    Raises DomainError where the orbit of x0 does not tend to the fixed point, CertificationError naming the side
    condition that cannot be shown, PrecisionError where the digits are out of reach.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> constant_value(Recurrence(x, x * (1 - x), point=0), "1/2", digits=30)
    1.76799378613615405044363440678
    """
    digits = checked_digits(digits)
    rec = recurrence_of(law)
    start = start_value(x0)
    if rec.classify().kind != "parabolic":
        return rec.asymptotics().constant_value(start, digits=digits, certified=certified, params=params)
    numbers = numbers_of(rec, params, certain=certified)
    if certified:
        return enclosed_constant(numbers, start, digits)
    return estimated_constant(numbers, start, digits)


def recurrence_of(law: Any) -> Any:
    """The recurrence behind an expansion, or the recurrence itself."""
    return getattr(law, "recurrence", law)


def estimated_constant(numbers: Numbers, start: sp.Expr, digits: int) -> sp.Float:
    """The constant with ``digits`` right digits; 0 where it vanishes to twice as many decimals."""
    from derive.numerics import arb_to_sympy

    orbit = numbers.orbit(start)
    target = digits + _GUARD - max(orbit.depth(), 0.0)
    for _ in range(6):
        known = numbers.constant(start, target)
        if known.log10_uncertainty <= log10_size(known.value) - digits - _GUARD + 1:
            return arb_to_sympy(known.value, digits)
        if target > 2 * digits + 10:
            return arb_to_sympy(known.value * 0, digits)
        size = log10_size(known.value)
        target = min(max(target + 2, digits + _GUARD - size if math.isfinite(size) else 0), 2 * digits + 12)
    raise PrecisionError(f"the constant of x0 = {start} did not settle to {digits} digits; ask for fewer")


@settled
def enclosed_constant(numbers: Numbers, start: sp.Expr, digits: int) -> Enclosure:
    """The constant in a ball of relative radius below 10**-digits (absolute where it is smaller than 1e-3)."""
    orbit = numbers.orbit(start)
    target = digits + 1 - max(orbit.depth(), 0.0)
    proof = numbers.proof(start, target)
    size = max(log10_size(proof.constant), -3.0)
    if size < digits + 1 - target:
        proof = numbers.proof(start, digits + 1 - size)
    return Enclosure.of(f"c(x0 = {start}) of {numbers.what.name}", proof.constant, proof.conditions)
