r"""Positively homogeneous activations: :math:`\varphi(x) = r x^a` for x > 0 and :math:`l |x|^a` for x < 0.

relu, leaky relu, abs, x, x^3, alpha-relu and their slopes are of this kind.  Scaling takes the variance out, and what
is left is the kernel of alpha-ReLU, :math:`J_a` (:mod:`derive.kernels`).  The quadrants of :math:`(u_1, u_2)`
contribute :math:`J_a(c)` where the signs agree and :math:`J_a(-c)` where they differ:

.. math::

    E\,\varphi(\sqrt q z) &= (r + l)\,m_a\,q^{a/2}, \qquad m_a = 2^{a/2-1}\,\Gamma(\tfrac{a+1}2)/\sqrt\pi, \\
    E\,\varphi_1(u_1)\varphi_2(u_2) &= c_a\,(q_1q_2)^{a/2}\bigl((r_1r_2 + l_1l_2)\,J_a(c)
      + (r_1l_2 + l_1r_2)\,J_a(-c)\bigr),

with :math:`c_a = m_{2a}` and :math:`c = \lambda/\sqrt{q_1q_2}`.  The mean exists for a > -1, so do products for
``|c| < 1``; V and products at c = 1 or -1 for a > -1/2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import VARIABLE
from derive.errors import DomainError, UnsupportedError

_LOWEST = -sp.Rational(1, 2)  # the mean square is finite above it

__all__ = ["Homogeneous", "closed_covariance", "closed_mean", "closed_variance", "homogeneous", "known_form", "moment"]


@dataclass(frozen=True)
class Homogeneous:
    """``right`` x^degree for x > 0 and ``left`` |x|^degree for x < 0; exact numbers."""

    degree: sp.Expr
    right: sp.Expr
    left: sp.Expr

    @property
    def square(self) -> sp.Expr:
        """right^2 + left^2: V is this times c_degree q^degree."""
        return self.right**2 + self.left**2

    @property
    def mixed(self) -> sp.Expr:
        """2 right left/(right^2 + left^2), what J(-c) is weighted with in the normalised kernel."""
        return 2 * self.right * self.left / self.square

    def slope(self) -> Homogeneous:
        """The derivative away from 0."""
        a = self.degree
        return Homogeneous(a - 1, a * self.right, -a * self.left)

    def squared(self) -> Homogeneous:
        """The square."""
        return Homogeneous(2 * self.degree, self.right**2, self.left**2)


def homogeneous(f: Any) -> Homogeneous | None:
    """The form of a positively homogeneous function, or None; ``f`` is an activation or has ``pieces``.

    >>> from derive.activations import activation
    >>> homogeneous(activation("leaky_relu", slope="1/10"))
    Homogeneous(degree=1, right=1, left=-1/10)
    >>> homogeneous(activation("tanh")) is None
    True
    """
    pieces = f.pieces
    if len(pieces) > 2 or (hasattr(f, "masses") and f.masses):
        return None
    return _form(tuple((p.expr, p.left) for p in pieces))


def known_form(f: Any) -> Homogeneous:
    """The form of a function that has to be homogeneous.

    Raises :class:`~derive.errors.UnsupportedError` where it is not.
    """
    form = homogeneous(f)
    if form is None:
        raise UnsupportedError(f"{f} is not positively homogeneous")
    return form


@lru_cache(maxsize=512)
def _form(pieces: tuple[tuple[sp.Expr, sp.Expr], ...]) -> Homogeneous | None:
    if len(pieces) == 2 and pieces[1][1] != 0:
        return None
    degree, ends = None, []
    for side, (expr, _) in ((-1, pieces[0]), (1, pieces[-1])):
        if expr == 0:
            ends.append(sp.S.Zero)
            continue
        found = _degree(expr)
        if found is None or (degree is not None and found != degree):
            return None
        degree = found
        ends.append(expr.subs(VARIABLE, side))
    if degree is None or any(not e.is_real or e.has(sp.nan, sp.zoo) for e in ends):
        return None
    return Homogeneous(degree, ends[1], ends[0])


def _degree(expr: sp.Expr) -> sp.Expr | None:
    """a where x f' = a f, for products of constants and powers of x, -x and |x|."""
    degree = sp.S.Zero
    for factor in sp.Mul.make_args(sp.factor_terms(expr)):
        base, power = factor.as_base_exp()
        if not factor.has(VARIABLE):
            continue
        if power.has(VARIABLE) or not power.is_real:
            return None
        if base.is_Add or base not in (VARIABLE, -VARIABLE, sp.Abs(VARIABLE)):
            ratio = (base / VARIABLE) if base.has(VARIABLE) else base
            if sp.cancel(ratio).has(VARIABLE):
                return None
        degree += power
    return degree


def moment(a: sp.Expr) -> sp.Expr:
    """E z^a on z > 0 for a standard normal z, for a > -1: 2^(a/2-1) Gamma((a+1)/2)/sqrt(pi)."""
    if not (a + 1).is_positive:
        raise DomainError(f"x**({a}) is not integrable at 0 against a Gaussian; the exponent must exceed -1")
    return 2 ** (a / 2 - 1) * sp.gamma((a + 1) / 2) / sp.sqrt(sp.pi)


def closed_mean(f: Homogeneous, q: sp.Expr) -> sp.Expr:
    """E f at the variance q."""
    if f.right + f.left == 0:
        return sp.S.Zero
    return (f.right + f.left) * moment(f.degree) * q ** (f.degree / 2)


def closed_variance(f: Homogeneous, q: sp.Expr) -> sp.Expr:
    """E f^2 at the variance q."""
    return closed_mean(f.squared(), q)


def closed_covariance(f: Homogeneous, g: Homogeneous, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
    """E f g by the kernel J, written out where J has a closed form; None for two different degrees."""
    from derive.kernels import J

    a = f.degree
    if a != g.degree or not (2 * a + 1).is_positive:
        return None
    c = lam / q1 if q1 == q2 else lam / sp.sqrt(q1 * q2)
    size = q1**a if q1 == q2 else (q1 * q2) ** (a / 2)
    total = sp.S.Zero
    for weight, sign in ((f.right * g.right + f.left * g.left, 1), (f.right * g.left + f.left * g.right, -1)):
        if weight != 0:
            total += weight * J(a, sign * c)
    return moment(2 * a) * size * total.doit()


# balls -------------------------------------------------------------------------------------------------------------


def mean_ball(f: Homogeneous, q: Any) -> Any:
    """E f on a positive ball q, at the current precision."""
    from flint import arb

    from derive.numerics.compile import to_arb

    if f.right + f.left == 0:
        return arb(0)
    moment(f.degree)  # refuses what is not integrable
    a = to_arb(f.degree)
    return to_arb(f.right + f.left) * (2 * q) ** (a / 2) * ((a + 1) / 2).gamma() / (2 * arb.pi().sqrt())


def covariance_ball(f: Homogeneous, g: Homogeneous, q: Any, parts: tuple[Any, Any], sign: int) -> Any:
    """E f(u1) g(u2) at equal variances q, covariance ``sign`` mu, ``parts`` = (q - mu, mu)."""
    from derive.numerics.compile import to_arb

    a = to_arb(f.degree)
    near, far = parts[0] / q, parts[1] / q  # 1 - |c| and |c|
    c = far if near > far else 1 - near
    total = 0 * q
    for weight, turn in ((f.right * g.right + f.left * g.left, 1), (f.right * g.left + f.left * g.right, -1)):
        if weight != 0:
            total += to_arb(weight) * _quadrant(f.degree, sign * turn * c)
    return q**a * total


def _quadrant(degree: sp.Expr, c: Any) -> Any:
    r"""c_a J_a(c), continued to -1 < a <= -1/2 and ``|c| < 1``, where V is infinite but the mean product is not.

    With x = (1 + c)/2 it is :math:`\frac{\Gamma(a+1)^2}{2\sqrt{2\pi}}(1+c)^{a+1/2}` times the regularised
    :math:`{}_2F_1(\tfrac12,\tfrac12;a+\tfrac32;x)`, analytic in a > -1.
    """
    from flint import arb

    from derive.kernels.balls import kernel_ball, norm_ball
    from derive.numerics.compile import to_arb

    a, half = to_arb(degree), arb(1) / 2
    if (2 * degree + 1).is_positive:
        return norm_ball(a) * kernel_ball(a, c)
    x = (1 + c) / 2
    series = x.hypgeom_2f1(half, half, a + 3 * half, regularized=True)
    return (a + 1).gamma() ** 2 / (2 * (2 * arb.pi()).sqrt()) * (1 + c) ** (a + half) * series


def gap_ball(f: Homogeneous, q: Any, v: Any) -> Any:
    """V - W for the covariance q - v, v in [0, 2q]."""
    from derive.numerics.compile import to_arb

    return variance_scale(to_arb(f.degree), q) * to_arb(f.square) * relative_gap_ball(f, v / q)


def relative_gap_ball(f: Homogeneous, d: Any) -> Any:
    """1 - W/V at the correlation 1 - d: the gap of J, less the share of J(-c)."""
    from derive.kernels.balls import kernel_ball
    from derive.kernels.gap import gap_ball as kernel_gap
    from derive.numerics.compile import to_arb

    a = to_arb(f.degree)
    gap = kernel_gap(a, d)
    return gap if f.mixed == 0 else gap - to_arb(f.mixed) * kernel_ball(a, d - 1)


def variance_scale(a: Any, q: Any) -> Any:
    """c_a q^a."""
    from derive.kernels.balls import norm_ball

    return norm_ball(a) * q**a


def sharpened(rule: Callable[[], Any], bits: int, exact: bool) -> Any:
    """The value of ``rule`` at a precision raised until ``bits`` are right, where the input is exact."""
    from flint import ctx

    value, extra = None, 32
    for _ in range(6):
        with ctx.workprec(bits + extra):
            value = rule()
        if value.rel_accuracy_bits() >= bits or value.is_zero() or not exact:
            break
        extra = 2 * extra + bits // 2
    return value


def both(f: Any, g: Any, lowest: sp.Expr = _LOWEST) -> tuple[Homogeneous, Homogeneous] | None:
    """The forms of two functions of one degree above ``lowest``, or None."""
    one = homogeneous(f)
    two = one if f is g or one is None else homogeneous(g)
    if one is None or two is None or one.degree != two.degree or not (one.degree - lowest).is_positive:
        return None
    return one, two
