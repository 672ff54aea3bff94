r"""The limit of the cosine distance of two inputs in a residual network with a bounded activation.

Positively homogeneous activations are in :mod:`derive.networks.homogeneous.cosine`.

Let :math:`\ell_\pm` be the limits of phi at :math:`\pm\infty`, :math:`M = ((\ell_+ + \ell_-)/2)^2`,
:math:`D = ((\ell_+ - \ell_-)/2)^2`.  As q grows, :math:`V\phi \to M + D` and, at fixed correlation c,
:math:`W\phi \to M + D\,\tfrac2\pi\arcsin c` (Sheppard).  With :math:`S_v = \sigma_v^2 D`,
:math:`S_a = \sigma_a^2 + \sigma_v^2 M` the cosine of the stream therefore settles where

.. math:: e^*(S_v + S_a) = S_v\,\tfrac2\pi \arcsin e^* + S_a .

Put :math:`e^* = \cos\vartheta` with :math:`0 < \vartheta \le \pi/2` and :math:`t = S_v/(S_v+S_a)`.  Since
:math:`\arcsin\cos\vartheta = \pi/2 - \vartheta`, the equation is :math:`1 - \cos\vartheta = 2t\vartheta/\pi`, that is

.. math:: \frac{\sin^2(\vartheta/2)}{\vartheta} = \frac{t}{\pi}.

The left side has derivative :math:`\sin(\vartheta/2)\,(\vartheta\cos(\vartheta/2)-\sin(\vartheta/2))/\vartheta^2 >
0` on
:math:`(0,\pi/2]`, rises from 0 to :math:`1/\pi`, and so has one root for each t in (0, 1].  This form keeps full
relative accuracy of :math:`1-e^* = 2t\vartheta/\pi` when e* is close to 1.  The linearised map contracts like
:math:`1 - \delta^*/l`, :math:`\delta^* = 1 - \tfrac2\pi t/\sin\vartheta = 1 - \tan(\vartheta/2)/\vartheta`, which
decreases from 1/2 (:math:`\vartheta\to0`) to :math:`1 - 2/\pi` (:math:`\vartheta = \pi/2`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import PrecisionError, UnsupportedError
from derive.expectations.homogeneous import homogeneous
from derive.networks.homogeneous.cosine import homogeneous_limit
from derive.networks.values import RunValues

__all__ = ["CosineLimit", "cosine_limit", "limit_weights"]


@dataclass(frozen=True)
class CosineLimit:
    """The limit of e, with 1 - e and the exponent of its approach to full relative accuracy.

    ``e - e_l`` decays like ``l**-rate``; ``rate`` is ``None`` where e never moves.  ``conditions`` lists in words
    the starts for which this is the limit.  With ``certified=True`` the numbers are balls.  ``factor`` is what the
    distance is multiplied by at each layer where the approach is geometric (then ``rate`` is infinite).
    """

    e: Any
    one_minus_e: Any
    rate: Any
    conditions: tuple[str, ...]
    factor: Any = None

    def _repr_latex_(self) -> str:
        rows = [rf"e^* = {sp.latex(self.e)}", rf"1 - e^* = {sp.latex(self.one_minus_e)}"]
        if self.rate is not None:
            rows.append(rf"\delta^* = {sp.latex(self.rate)}")
        return r"$\displaystyle " + r",\quad ".join(rows) + "$"


def limit_weights(phi: Activation) -> tuple[sp.Expr, sp.Expr]:
    """M and D of the module docstring, exactly.  Raises UnsupportedError for an unbounded phi."""
    low, high = phi.limits
    if not (low.is_finite and high.is_finite):
        raise UnsupportedError(
            f"the cosine limit needs an activation with finite limits; {phi} tends to {low} and {high}. "
            "For growing activations the limit follows from their covariance kernel instead"
        )
    mean, half = (high + low) / 2, (high - low) / 2
    return sp.expand(mean**2), sp.expand(half**2)


def cosine_limit(phi: Activation, values: RunValues, digits: int, certified: bool) -> CosineLimit:
    """The limit for one set of variances."""
    if values.sigma_w2 == 0 or values.sigma_v2 == 0:
        return _collapsing(phi, values, digits)
    form = homogeneous(phi)
    if form is not None and form.degree != 0:
        return homogeneous_limit(form, values, digits, certified)
    mean, half = limit_weights(phi)
    strength, offset = values.sigma_v2 * half, values.sigma_a2 + values.sigma_v2 * mean
    if strength == 0:
        raise UnsupportedError(f"{phi} has equal limits at both ends, so W forgets the correlation at leading order")
    conditions = ["e0 < 1 (e = 1 is a fixed point, unstable)"]
    if offset == 0 and phi.parity == "odd" and values.sigma_b2 == 0:
        conditions.append("e0 > -1 (without biases e = -1 is a fixed point as well, unstable)")
        conditions.append("p0 > 0 (without biases the zero input stays zero)")
    t = strength / (strength + offset)
    return _from_angle(t, digits, certified, tuple(conditions))


def _collapsing(phi: Activation, values: RunValues, digits: int) -> CosineLimit:
    """sigma_w = 0 or sigma_v = 0: p - gamma never changes, so e tends to 1 like 1/l wherever p grows."""
    from derive.expectations import V

    growth = values.sigma_a2 + values.sigma_v2 * V(phi, values.sigma_b2)
    if sp.simplify(growth).is_zero:
        raise UnsupportedError(
            "with these variances no layer changes p or gamma: e keeps its start value at every depth"
        )
    return CosineLimit(sp.Integer(1), sp.Integer(0), sp.Integer(1), ("any start: p - gamma is constant while p grows",))


def _from_angle(t: sp.Expr, digits: int, certified: bool, conditions: tuple[str, ...]) -> CosineLimit:
    import flint

    from derive.numerics.ball import Ball
    from derive.numerics.compile import arb_to_sympy, to_arb

    if t == 1 and not certified:
        rate = sp.N(1 - 2 / sp.pi, digits)
        return CosineLimit(sp.Integer(0), sp.Integer(1), rate, conditions)
    bits = int(3.33 * digits) + 32
    for _ in range(12):
        with flint.ctx.workprec(bits):
            target = to_arb(t) / flint.arb.pi()
            angle = limit_angle(target) if t != 1 else flint.arb.pi() / 2
            gap = 2 * target * angle
            rate = 1 - (angle / 2).tan() / angle
            results = (1 - gap if t != 1 else flint.arb(0), gap if t != 1 else flint.arb(1), rate)
            if all(r.rel_accuracy_bits() > 3.33 * digits + 3 or r == 0 for r in results):
                if certified:
                    e, one_minus_e, rate = (Ball.from_arb(r) for r in results)
                    return CosineLimit(e, one_minus_e, rate, conditions)
                e, one_minus_e, rate = (arb_to_sympy(r, digits) for r in results)
                return CosineLimit(e, one_minus_e, rate, conditions)
        bits *= 2
    raise PrecisionError(f"the cosine limit for S_v/(S_v+S_a) = {t} did not reach {digits} digits; ask for fewer")


def limit_angle(target: Any) -> Any:
    r"""The ball around the root of :math:`\sin^2(\vartheta/2)/\vartheta` = target in (0, pi/2], for 0 < target < 1/pi.

    Newton's method finds a centre; the signs at both ends of an interval around it prove the enclosure, because the
    left side increases (module docstring).
    """
    import flint

    arb = flint.arb

    def excess(angle: Any) -> Any:
        half = (angle / 2).sin()
        return half * half - target * angle

    angle = arb((4 * target).mid())
    top = arb.pi() / 2
    if angle > top:
        angle = top
    for _ in range(flint.ctx.prec.bit_length() + 60):
        slope = angle.sin() / 2 - target
        step = (excess(angle) / slope).mid()
        following = (angle - step).mid()
        angle = following if 0 < following < top + 1 else (angle / 2).mid()
        if abs(step) < abs(angle) * arb(2) ** (8 - flint.ctx.prec):
            break
    radius = abs(angle) * arb(2) ** (24 - flint.ctx.prec)
    low, high = angle - radius, angle + radius
    if not (excess(low) < 0 < excess(high)):
        raise PrecisionError(f"the root of sin(t/2)^2/t = {target} was not bracketed; raise the number of digits")
    return low.union(high)
