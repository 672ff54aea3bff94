"""One quantity of a residual network at one depth, to any number of digits, however deep.

p and q come from the orbit of P, log chi_0/chi_l from a sum along it, the quantities of two inputs from the state
that P drives.  Degenerate networks have closed forms.  Digits lost when sigma_b2/sigma_w2 is subtracted are asked for
beforehand.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import UnsupportedError
from derive.networks.homogeneous.depths import homogeneous_value
from derive.networks.homogeneous.laws import form_of
from derive.networks.residual.degenerate import degenerate_value
from derive.networks.residual.laws import asymptotics, length_recurrence
from derive.networks.values import RunValues

__all__ = ["at"]


def at(
    architecture: str, phi: Activation, values: RunValues, quantity: str, depth: int, digits: int, certified: bool
) -> Any:
    """The value at ``depth``; see :meth:`derive.networks.residual.network.ResidualNetwork.at`."""
    if depth == 0 and quantity in ("q", "lam"):
        raise UnsupportedError(f"{quantity} belongs to the inside of a layer; it exists from depth 1 on")
    exact = degenerate_value(phi, values, quantity, depth)
    if exact is not None:
        return _evaluated(exact, digits, certified)
    # a reduced network is a full one with sigma_v2 = 1, sigma_a2 = 0
    form = form_of("full", phi, lowest=-sp.Rational(1, 2))
    if form is not None and not certified and depth > 0:
        return homogeneous_value(form, values, quantity, depth, digits)
    if certified or depth > _ITERABLE:
        return _by_law(architecture, phi, values, quantity, depth, digits, certified)
    if length_recurrence(architecture, phi).classify().kind != "parabolic":
        return _by_iteration(architecture, phi, values, quantity, depth, digits)
    try:
        return _by_law(architecture, phi, values, quantity, depth, digits, certified)
    except UnsupportedError:
        return _by_iteration(architecture, phi, values, quantity, depth, digits)


_ITERABLE = 10_000


def _by_law(
    architecture: str, phi: Activation, values: RunValues, quantity: str, depth: int, digits: int, certified: bool
) -> Any:
    """The value from the law of the quantity."""
    if quantity in ("p", "q"):
        return _length(architecture, phi, values, quantity, depth, digits, certified)
    if quantity == "log_chi_ratio":
        return _log_gradient_ratio(architecture, phi, values, depth, digits, certified)
    from derive.networks.residual import overlap

    return overlap.at(architecture, phi, values, quantity, depth, digits, certified)


def _by_iteration(architecture: str, phi: Activation, values: RunValues, quantity: str, depth: int, digits: int) -> Any:
    """The value by going through the layers: for activations that no law covers, at depths that can be reached."""
    from itertools import islice

    import mpmath

    from derive.networks.residual.trajectory import compile_step, iterate
    from derive.networks.values import VARIANCES
    from derive.numerics.compile import to_mpf

    guard = digits + 8 + len(str(depth))
    factor = compile_step(architecture).gradients["chi"]
    row: dict[str, Any] = {"p": values.p0, "s": None if values.e0 is None else values.s0}
    with mpmath.workdps(guard):
        total, before = mpmath.mpf(0), to_mpf(values.p0)
        sigma = [to_mpf(getattr(values, name)) for name in VARIANCES]
        for row in islice(iterate(architecture, phi, values, guard), depth):
            total += mpmath.log(factor(mpmath.mpf(1), before, row["V"], row["slope"], *sigma))
            before = row["p"]
        found = {"log_chi_ratio": total, "p": row["p"], "q": row.get("q")}
        if row.get("s") is not None:  # two inputs
            found |= {"s": row["s"], "gamma": row["p"] - row["s"], "e": 1 - row["s"] / row["p"]}
            found["lam"] = row["q"] - row["gap"] if "gap" in row else None
        value = found[quantity]  # exact at depth 0
        return sp.N(value, digits) if isinstance(value, sp.Expr) else sp.Float(str(value), digits)


def _evaluated(exact: sp.Expr, digits: int, certified: bool) -> Any:
    """A closed form, as digits or as a ball."""
    if not certified:
        return sp.N(exact, digits)
    import flint

    from derive.numerics.ball import Ball
    from derive.numerics.compile import compile_ball

    with flint.ctx.workprec(int(3.33 * digits) + 40):
        return Ball.from_arb(compile_ball(exact, [])())


def _length(
    architecture: str, phi: Activation, values: RunValues, quantity: str, depth: int, digits: int, certified: bool
) -> Any:
    """p_l = P_l - sigma_b2/sigma_w2, or q_l = sigma_w2 P_(l-1)."""
    from derive.difference.digits.depth import value_at

    steps = depth - 1 if quantity == "q" else depth
    law = length_recurrence(architecture, phi)
    lost = _digits_lost(values) if quantity == "p" else 0
    found = value_at(law, steps, values.P0, digits + lost + 3, certified=certified, params=values.parameters)
    scale, offset = (values.sigma_w2, 0) if quantity == "q" else (1, -values.shift)
    if certified:
        return found.ball * scale + offset
    return sp.N(found * scale + offset, digits)


def _digits_lost(values: RunValues) -> int:
    """How many digits p can lose against P: p_l >= p_0 + l sigma_a2 is at worst much smaller than sigma_b2/sigma_w2."""
    smallest = values.p0 if values.p0 else values.sigma_a2 if values.sigma_a2 else None
    if smallest is None or not values.shift:
        return 2
    return max(0, int(sp.N(sp.log(values.shift / smallest, 10), 5)) + 2)


def _log_gradient_ratio(
    architecture: str, phi: Activation, values: RunValues, depth: int, digits: int, certified: bool
) -> Any:
    """The sum of the logarithms of the gradient factors along the orbit of P."""
    from derive.difference.orbit_sums import sum_at

    if certified:
        raise UnsupportedError(
            "no enclosure of log_chi_ratio is implemented: sums along an orbit have error estimates only; "
            "ask for digits, or for certified p or q"
        )
    if depth == 0:
        return sp.Integer(0)
    law = asymptotics(architecture, phi, "log_chi_ratio", 2)
    return sum_at(law, depth, values.P0, digits, params=values.parameters)
