r"""Exact expansions of the kernel at c = -1, 0, 1 and at any point between.

At -1, with :math:`t = (1+c)/2` and :math:`K = \Gamma(\alpha+1)^2/(\Gamma(\alpha+3/2)\Gamma(\alpha+1/2))`,

.. math:: J_\alpha = K\,t^{\alpha+1/2}\sum_k \frac{(1/2)_k^2}{(\alpha+3/2)_k\,k!}\,t^k.

At 1, with :math:`y = (1-c)/2`, the differential equation has a regular solution and one that starts with
:math:`y^{\alpha+1/2}`; the connection formula of the hypergeometric function gives

.. math:: J_\alpha = \sum_k \frac{(-\alpha)_k^2}{(1/2-\alpha)_k\,k!}\,y^k
    - \frac{K}{\cos\pi\alpha}\,y^{\alpha+1/2}\sum_k \frac{(1/2)_k^2}{(\alpha+3/2)_k\,k!}\,y^k .

As :math:`\alpha \to m - 1/2` the coefficient :math:`a_k` of :math:`y^k`, :math:`k \ge m`, and the coefficient
:math:`b_{k-m}` of :math:`y^{\alpha+1/2+k-m}` have opposite poles: with :math:`\varepsilon = \alpha + 1/2 - m` the pair
tends to

.. math:: \lim\,(a_k + b_{k-m}\,y^\varepsilon)\,y^k = (A_k + \beta_k\log y)\,y^k, \quad
    \beta_k = \lim \varepsilon b_{k-m}, \quad A_k = \tfrac{d}{d\varepsilon}\,\varepsilon(a_k + b_{k-m})\big|_0 .

At 0 the coefficients are Hermite coefficients squared: :math:`a_{n+2} = (n-\alpha)^2 a_n/((n+1)(n+2))`, from the
differential equation.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derive.errors import InputError
from derive.kernels.arguments import half_integer, read_alpha

__all__ = ["KernelExpansion", "at_minus_one", "at_one", "hermite_coefficients", "taylor_coefficients"]

_HALF = sp.Rational(1, 2)


@dataclass(frozen=True)
class KernelExpansion:
    """Terms (exponent, power of the logarithm, coefficient) in a variable that tends to 0 from above.

    ``variable`` is t = (1 + c)/2 or y = (1 - c)/2 as an expression in c; :meth:`expr` is the sum of the terms.
    """

    variable: sp.Expr
    terms: tuple[tuple[sp.Expr, int, sp.Expr], ...]

    def expr(self) -> sp.Expr:
        """The sum of the terms."""
        return self.at(self.variable)

    def at(self, small: sp.Expr) -> sp.Expr:
        """The sum of the terms with another expression for the small variable."""
        return sp.Add(*(a * small**power * sp.log(small) ** logs for power, logs, a in self.terms))

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self.expr())}$"


def scale(alpha: sp.Expr) -> sp.Expr:
    """K = 1/2F1(1/2, 1/2; alpha + 3/2; 1), the coefficient of t^(alpha+1/2) at c = -1."""
    return sp.gamma(alpha + 1) ** 2 / (sp.gamma(alpha + _HALF) * sp.gamma(alpha + 3 * _HALF))


def _rising(a: sp.Expr, k: int) -> sp.Expr:
    return sp.prod([a + j for j in range(k)])


def _singular(alpha: sp.Expr, k: int) -> sp.Expr:
    """(1/2)_k^2/((alpha + 3/2)_k k!)."""
    return _rising(_HALF, k) ** 2 / (_rising(alpha + 3 * _HALF, k) * sp.factorial(k))


def _regular(alpha: sp.Expr, k: int) -> sp.Expr:
    """(-alpha)_k^2/((1/2 - alpha)_k k!)."""
    return _rising(-alpha, k) ** 2 / (_rising(_HALF - alpha, k) * sp.factorial(k))


def _checked(terms: int) -> int:
    from derive.numerics.exact import positive_integer

    return positive_integer(terms, "terms")


def _powers(alpha: sp.Expr, order: int) -> list[int]:
    """The k for which alpha + 1/2 + k is below the order; for a symbolic alpha every k below it."""
    return [k for k in range(order) if not (alpha + _HALF + k - order).is_nonnegative]


def at_minus_one(alpha: sp.Expr, c: sp.Expr, order: int) -> KernelExpansion:
    """The terms at c = -1 of exponent below ``order``, in t = (1 + c)/2.

    >>> at_minus_one(sp.Integer(1), sp.Symbol("c"), 3).terms
    ((3/2, 0, 8/(3*pi)), (5/2, 0, 4/(15*pi)))
    """
    alpha = read_alpha(alpha)
    powers = _powers(alpha, _checked(order))
    found = tuple((alpha + _HALF + k, 0, scale(alpha) * _singular(alpha, k)) for k in powers)
    return KernelExpansion((1 + c) / 2, found)


def at_one(alpha: sp.Expr, c: sp.Expr, order: int) -> KernelExpansion:
    """The terms at c = 1 of exponent below ``order``, in y = (1 - c)/2; logarithms where alpha is a half-integer.

    A symbolic alpha gives the generic form, with poles at the half-integers, and ``order`` terms of either series.

    >>> at_one(sp.Integer(1), sp.Symbol("c"), 2).terms
    ((0, 0, 1), (1, 0, -2), (3/2, 0, 8/(3*pi)))
    >>> at_one(sp.Rational(1, 2), sp.Symbol("c"), 2).terms
    ((0, 0, 1), (1, 1, 1/4), (1, 0, -log(2) - 1/4))
    """
    alpha, order = read_alpha(alpha), _checked(order)
    y = (1 - c) / 2
    if half_integer(alpha):
        return KernelExpansion(y, tuple(_logarithmic(alpha, order)))
    regular = [(sp.Integer(k), 0, _regular(alpha, k)) for k in range(order)]
    factor = -scale(alpha) / sp.cos(sp.pi * alpha)
    singular = [(alpha + _HALF + k, 0, factor * _singular(alpha, k)) for k in _powers(alpha, order)]
    return KernelExpansion(y, tuple(term for term in regular + singular if term[2] != 0))


def _logarithmic(alpha: sp.Rational, terms: int) -> list[tuple[sp.Expr, int, sp.Expr]]:
    """The terms at alpha = m - 1/2: m regular ones, then pairs with and without the logarithm."""
    m = int(alpha + _HALF)
    found = [(sp.Integer(k), 0, _regular(alpha, k)) for k in range(min(m, terms))]
    for k in range(m, terms):
        plain, log = logarithmic_pair(m, k)
        found += [(sp.Integer(k), 1, log), (sp.Integer(k), 0, plain)]
    return found


def logarithmic_pair(m: int, k: int) -> tuple[sp.Expr, sp.Expr]:
    """(A_k, beta_k) for alpha = m - 1/2 and k >= m: derivative and value of eps a_k, eps b_(k-m) at eps = 0.

    eps a_k is rational in eps; the logarithmic derivative of eps b_(k-m) is a sum of digamma functions and fractions,
    as eps/sin(pi eps) is even.
    """
    eps = sp.Dummy("eps")
    alpha = sp.Integer(m) - _HALF
    pole = sp.cancel(eps * _regular(alpha + eps, k))
    slope = sp.diff(pole, eps).subs(eps, 0)
    sign = sp.Integer(-1) ** m  # cos(pi (m - 1/2 + eps)) = (-1)^m sin(pi eps)
    log = -sign / sp.pi * scale(alpha) * _singular(alpha, k - m)
    growth = 2 * sp.digamma(alpha + 1) - sp.digamma(alpha + _HALF) - sp.digamma(alpha + 3 * _HALF)
    fractions = sum((1 / (alpha + 3 * _HALF + j) for j in range(k - m)), sp.S.Zero)
    plain = slope + log * (sp.expand_func(growth) - fractions)
    return sp.expand(sp.simplify(plain)), sp.simplify(log)


def hermite_coefficients(alpha: sp.Expr, terms: int) -> list[sp.Expr]:
    r"""The squares of the Hermite coefficients: J_alpha(c) = sum of them times c^n/n!.

    h_n = E psi^(n)(z) = Gamma(alpha+1) E z_+^(alpha-n)/Gamma(alpha-n+1); by the moments of the half-normal law
    and the duplication formula h_n^2 = Gamma(alpha+1)^2 2^(n-alpha-2)/Gamma((alpha-n)/2+1)^2, divided here by c_alpha.
    """
    alpha = read_alpha(alpha)
    factor = sp.sqrt(sp.pi) * sp.gamma(alpha + 1) ** 2 / (2 ** (2 * alpha + 1) * sp.gamma(alpha + _HALF))
    return [factor * 2**n / _gamma_or_pole((alpha - n) / 2 + 1) ** 2 for n in range(_checked(terms))]


def _gamma_or_pole(z: sp.Expr) -> sp.Expr:
    return sp.zoo if z.is_Integer and z <= 0 else sp.gamma(z)


def taylor_coefficients(alpha: sp.Expr, at: sp.Expr, terms: int) -> list[sp.Expr]:
    """The first Taylor coefficients at a point strictly between -1 and 1, from value and slope there."""
    from derive.kernels.functions import J

    alpha, terms = read_alpha(alpha), _checked(terms)
    if at == 0:
        return [h / sp.factorial(n) for n, h in enumerate(hermite_coefficients(alpha, terms))]
    if at in (1, -1):
        raise InputError(f"the kernel has no Taylor series at c = {at}; use at_one or at_minus_one")
    a = [J(alpha, at), J(alpha, at, evaluate=False).fdiff(2)]
    for n in range(terms - 2):
        pull = (n + 1) * (2 * n + 1 - 2 * alpha) * at * a[n + 1] + (n - alpha) ** 2 * a[n]
        a.append(pull / ((1 - at**2) * (n + 1) * (n + 2)))
    return a[:terms]
