r"""The kernels of alpha-ReLU as SymPy functions.

.. math::

    \psi_\alpha(x) = x^\alpha\,[x > 0], \qquad \mathrm V\psi_\alpha(q) = c_\alpha q^\alpha, \qquad
    J_\alpha(c) = \frac{\mathrm W\psi_\alpha(q, cq)}{\mathrm V\psi_\alpha(q)}, \qquad \alpha > -\tfrac12,\ |c| \le 1.

Text in any argument is read by the package's parser, never by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import ArgumentIndexError

from derive.errors import UnsupportedError
from derive.kernels.arguments import half_integer, read_alpha, read_correlation, read_distance
from derive.kernels.base import KernelFunction

__all__ = ["J", "c_alpha", "one_minus_J"]

_EXPLICIT = 1000
_HALF = sp.Rational(1, 2)


class c_alpha(KernelFunction):
    r"""The second moment of alpha-ReLU at variance 1: :math:`c_\alpha = 2^{\alpha-1}\Gamma(\alpha+1/2)/\sqrt\pi`.

    Domain: real alpha > -1/2; ``DomainError`` otherwise (the moment diverges as alpha falls to -1/2).  Integers and
    half-integers give their value at once.  ``.evalf(n)`` and ``.ball(n)`` are proved.  Source: paper 000, section B.2.

    >>> c_alpha(1), c_alpha("3/2"), c_alpha("0.3").evalf(20)
    (1/2, sqrt(2)/sqrt(pi), 0.40433631238714407988)
    >>> c_alpha(sp.Symbol("a")).rewrite(sp.gamma)
    2**(a - 1)*gamma(a + 1/2)/sqrt(pi)
    """

    nargs = 1
    signature = "(alpha)"
    readers = (read_alpha,)
    array_function = "c_alpha"
    is_positive = True

    @classmethod
    def _simple(cls, alpha: sp.Expr) -> sp.Expr | None:
        short = alpha.is_number and abs(alpha) <= _EXPLICIT  # beyond, the exact number has thousands of digits
        return _norm(alpha) if short and (alpha.is_Integer or half_integer(alpha)) else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative in alpha."""
        return self * (sp.log(2) + sp.digamma(self.args[0] + _HALF))

    def _ball_(self, alpha: Any) -> Any:
        from derive.kernels.balls import norm_ball

        return norm_ball(alpha)

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the value by the gamma function."""
        return _norm(self.args[0].doit(**hints) if hints.get("deep", True) else self.args[0])

    def _eval_rewrite_as_gamma(self, alpha: sp.Expr, **hints: Any) -> sp.Expr:
        return _norm(alpha)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"c_{{{printer._print(self.args[0])}}}"
        return text if exp is None else rf"{text}^{{{exp}}}"


def _norm(alpha: sp.Expr) -> sp.Expr:
    return 2 ** (alpha - 1) * sp.gamma(alpha + _HALF) / sp.sqrt(sp.pi)


class J(KernelFunction):
    r"""The kernel :math:`J_\alpha(c) = E\,\psi_\alpha(u_1)\psi_\alpha(u_2)/c_\alpha` at variances 1 and correlation c.

    Domain: real alpha > -1/2 and -1 <= c <= 1 (``DomainError`` otherwise).  ``J(alpha, 1)`` is 1 and ``J(alpha, -1)``
    is 0.  ``.evalf(n)`` gives n right digits, ``.ball(n)`` a proven ball, also for alpha next to a half-integer and c
    next to -1 or 1; where :math:`1 - J` matters use :class:`one_minus_J`.

    ``.diff(c)`` of every order; ``.doit()`` is the closed form for integer and half-integer alpha;
    ``.rewrite(hyper | besselk | elliptic_k | Integral | Sum)``; ``.series(c, at, n)`` at -1, 0, 1 and between;
    ``lambdify`` to mpmath and to NumPy arrays.  Source: paper 000, section C.7; Cho & Saul 2009.

    >>> c = sp.Symbol("c", real=True)
    >>> J("1/2", c).doit().subs(c, 0).evalf(20), J("1/2", 0).evalf(20)
    (0.42360654239698954330, 0.42360654239698954330)
    >>> J(2, c).diff(c)
    4*J(1, c)/3
    """

    nargs = 2
    signature = "(alpha, c)"
    readers = (read_alpha, read_correlation)
    array_function = "J"
    is_nonnegative = True

    @classmethod
    def _simple(cls, alpha: sp.Expr, c: sp.Expr) -> sp.Expr | None:
        return {sp.S.One: sp.S.One, sp.S.NegativeOne: sp.S.Zero}.get(c)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative in c.

        alpha^2/(2 alpha - 1) J_(alpha-1) where alpha > 1/2 is known, else (2 alpha + 1)(J_(alpha+1) - c
        J_alpha)/(1 - c^2), which holds for every alpha > -1/2.
        """
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        alpha, c = self.args
        if (alpha - _HALF).is_positive:
            return alpha**2 / (2 * alpha - 1) * J(alpha - 1, c)
        return (2 * alpha + 1) * (J(alpha + 1, c) - c * J(alpha, c)) / (1 - c**2)

    def _ball_(self, alpha: Any, c: Any) -> Any:
        from flint import acb

        from derive.kernels.balls import complex_kernel, kernel_ball

        if isinstance(alpha, acb) or isinstance(c, acb):
            return complex_kernel(acb(alpha).real, acb(c))
        return kernel_ball(alpha, c)

    def _series_(self, alpha: Any, c: Any) -> Any:
        from flint import arb, arb_series

        from derive.kernels.slope import compose_series

        if isinstance(alpha, arb_series):
            if alpha.length() > 1:
                raise UnsupportedError(f"{self} has no power series in alpha; expand it in its correlation")
            alpha = alpha[0]
        return self._ball_(alpha, c) if isinstance(c, arb) else compose_series(alpha, c)

    # other forms

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the closed form for integer and half-integer alpha, or for c = 0, else the kernel itself."""
        from derive.kernels.forms import closed_form

        alpha, c = (a.doit(**hints) for a in self.args) if hints.get("deep", True) else self.args
        made = J(alpha, c)
        found = closed_form(alpha, c) if isinstance(made, J) else made
        return made if found is None else found

    def _eval_rewrite_as_hyper(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import hypergeometric_form

        return hypergeometric_form(alpha, c)

    def _eval_rewrite_as_besselk(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import bessel_form

        return bessel_form(alpha, c)

    def _eval_rewrite_as_Integral(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import angular_form

        return angular_form(alpha, c)

    def _eval_rewrite_as_Sum(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import maclaurin_form

        return maclaurin_form(alpha, c)

    def _eval_rewrite_as_elliptic_k(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import closed_form

        return (closed_form(alpha, c) or self) if half_integer(alpha) else self

    _eval_rewrite_as_elliptic_e = _eval_rewrite_as_elliptic_k

    def _eval_rewrite_as_acos(self, alpha: sp.Expr, c: sp.Expr, **hints: Any) -> sp.Expr:
        from derive.kernels.forms import closed_form

        return (closed_form(alpha, c) or self) if alpha.is_Integer else self

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: int = 0) -> sp.Expr:
        from derive.kernels.series import kernel_series

        alpha, c = self.args
        return kernel_series(alpha, c, x, n)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: int = 0) -> sp.Expr:
        from derive.kernels.series import kernel_leading_term

        alpha, c = self.args
        return kernel_leading_term(alpha, c, x)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        alpha, c = (printer._print(a) for a in self.args)
        text = rf"J_{{{alpha}}}" + ("" if exp is None else rf"^{{{exp}}}")
        return rf"{text}\left({c}\right)"


class one_minus_J(KernelFunction):
    r"""The gap :math:`1 - J_\alpha(1 - d)` with full relative accuracy for small d.

    Domain: real alpha > -1/2, 0 <= d <= 2.  ``.evalf(n)``, ``.ball(n)`` and arrays keep their digits as d tends to 0,
    where ``1 - J(alpha, 1 - d)`` loses them.  ``.rewrite(J)`` writes it by the kernel.

    >>> one_minus_J("1/2", "1e-40").evalf(20)
    1.2071142452820194238e-39
    >>> d = sp.Symbol("d", positive=True)
    >>> one_minus_J(2, d).diff(d)
    4*J(1, 1 - d)/3
    """

    nargs = 2
    signature = "(alpha, d)"
    readers = (read_alpha, read_distance)
    array_function = "one_minus_J"
    is_nonnegative = True

    @classmethod
    def _simple(cls, alpha: sp.Expr, d: sp.Expr) -> sp.Expr | None:
        return {sp.S.Zero: sp.S.Zero, sp.Integer(2): sp.S.One}.get(d)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative in d: that of J at 1 - d."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        alpha, d = self.args
        return sp.expand_mul(J(alpha, 1 - d, evaluate=False).fdiff(2))

    def _ball_(self, alpha: Any, d: Any) -> Any:
        from flint import acb

        from derive.kernels.balls import complex_kernel
        from derive.kernels.gap import gap_ball

        if isinstance(alpha, acb) or isinstance(d, acb):
            return 1 - complex_kernel(acb(alpha).real, 1 - acb(d))
        return gap_ball(alpha, d)

    def _eval_rewrite_as_J(self, alpha: sp.Expr, d: sp.Expr, **hints: Any) -> sp.Expr:
        return 1 - J(alpha, 1 - d)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: int = 0) -> sp.Expr:
        from derive.kernels.series import kernel_series

        alpha, d = self.args
        return 1 - kernel_series(alpha, 1 - d, x, n)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: int = 0) -> sp.Expr:
        from derive.kernels.series import gap_leading_term

        alpha, d = self.args
        return gap_leading_term(alpha, d, x)

    def doit(self, **hints: Any) -> sp.Expr:
        """Return 1 less the closed form of the kernel, where there is one."""
        alpha, d = self.args
        kernel = J(alpha, 1 - d)
        closed = kernel.doit(**hints)
        return self if closed == kernel else 1 - closed

    def _latex(self, printer: Any, exp: Any = None) -> str:
        alpha, d = (printer._print(a) for a in self.args)
        text = rf"\left(1 - J_{{{alpha}}}\left(1 - {d}\right)\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"
