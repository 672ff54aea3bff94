r"""x_n at any depth n: digits, or an enclosure with its proof.

Up to the step m at which the constant was read off, x_n is iterated; beyond, Abel's equation :math:`A(x_n) = n + c` is
solved (:mod:`derive.difference.orbits.abel_depth`, :mod:`derive.difference.proofs.certified`).  The constant is
remembered, so that further depths of the same orbit cost one Newton solve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.difference.arguments import checked_digits, checked_index, start_value
from derive.difference.digits.constants import recurrence_of
from derive.difference.digits.numbers_of import Numbers, numbers_of
from derive.difference.orbits.abel_depth import value_at_depth
from derive.difference.proofs.certified import prove_value
from derive.difference.proofs.enclosure import Enclosure, settled
from derive.difference.series.magnitude import log10_upper
from derive.errors import CertificationError

__all__ = ["enclosed_value", "value_at"]


def value_at(
    law: Any, n: int, x0: Any, digits: int = 30, certified: bool = False, params: Mapping[Any, Any] | None = None
) -> sp.Float | Enclosure:
    r"""x_n for the orbit that starts at ``x0`` (index 0), n from 0 to 10**100 and beyond.

    Returns a SymPy Float with ``digits`` right digits (by estimate), or, with ``certified=True``, an
    :class:`~derive.difference.proofs.enclosure.Enclosure` of relative radius below 10**-digits with the list of what
    was proved.  Errors as for :func:`~derive.difference.digits.constants.constant_value`.

    >>> from derive.difference import Recurrence
    >>> x = sp.Symbol("x", positive=True)
    >>> value_at(Recurrence(x, x + 1 / x), 10**12, 1, digits=20)
    1414213.5623785887922
    """
    digits, n = checked_digits(digits), checked_index(n)
    rec = recurrence_of(law)
    start = start_value(x0)
    if rec.classify().kind != "parabolic":
        return rec.asymptotics().at(n, start, digits=digits, certified=certified, params=params)
    numbers = numbers_of(rec, params, certain=certified)
    if certified:
        return enclosed_value(numbers, n, start, digits)
    from derive.numerics import arb_to_sympy

    return arb_to_sympy(value_at_depth(numbers, n, start, digits), digits)


@settled
def enclosed_value(numbers: Numbers, n: int, start: sp.Expr, digits: int) -> Enclosure:
    """x_n in a ball of relative radius below 10**-digits."""
    orbit = numbers.orbit(start)
    # the deeper, the fewer decimals of c are needed; from 10**6 on the same, so that one proof serves every depth
    target = float(max(digits + 2 - max(orbit.depth(), min(len(str(n)) - 1.0, 6.0)), 6))
    ball: Any = None
    for _ in range(4):
        proof = numbers.proof(start, target)
        ball, conditions = prove_value(numbers.what, proof, orbit, n, digits)
        if log10_upper(ball - ball.mid()) <= log10_upper(ball) - digits:
            return Enclosure.of(f"x_{n} (x0 = {start}) of {numbers.what.name}", ball, conditions)
        target += max(3.0, digits + 1 + log10_upper(ball - ball.mid()) - log10_upper(ball))
    raise CertificationError(f"x_{n} from x0 = {start} was enclosed in {ball.str(5)} only; ask for fewer digits")
