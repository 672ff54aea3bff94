r"""V, W and E: Gaussian expectations of activations as SymPy functions.

.. math::

    V(\varphi, q) = E\,\varphi(\sqrt q z)^2, \qquad
    W(\varphi, q, \lambda) = E\,\varphi(u_1)\varphi(u_2),\ (u_1,u_2)\sim N\bigl(0,\bigl[\begin{smallmatrix}q&\lambda\\
    \lambda&q\end{smallmatrix}\bigr]\bigr), \qquad E(f, q) = E f(\sqrt q z), \quad E(f, g, q_1, q_2, \lambda).

Derivatives follow the heat equation (:mod:`derive.expectations.heat`), series at 0 and infinity the exact expansions
(:mod:`derive.expectations.nseries`), digits and balls are proved (:mod:`derive.expectations.values`), ``.doit()`` and
``.rewrite("closed")`` give closed forms where one can be derived (:mod:`derive.expectations.closed`).

Text in any argument is read by the package's parser, never by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, UnsupportedError
from derive.expectations.mean import GaussianMean, read_function, read_number, read_variance

__all__ = ["E", "V", "W"]


class V(GaussianMean):
    r"""The second moment :math:`E\,\varphi(\sqrt q z)^2` of an activation at variance q.

    ``phi`` is anything :func:`derive.activation` takes; ``q`` a non-negative number or expression (or text).  Digits
    are proved; floats mean their exact binary value.  Raises :class:`~derive.errors.DomainError` for negative, infinite
    or NaN q.  Source: paper 000, section 5 (variance transform).

    >>> V("tanh", 2).evalf(30)
    0.519975745663948623531815773545
    >>> q = sp.Symbol("q", positive=True)
    >>> V("tanh", q).series(q, 0, 4)
    q - 2*q**2 + 17*q**3/3 + O(q**4)
    >>> V("relu", q).doit()
    q/2
    """

    nargs = 2
    signature = "(phi, q)"
    is_nonnegative = True

    @classmethod
    def _read(cls, phi: Any, q: Any) -> tuple[sp.Basic, ...]:
        return read_function(phi), read_variance(q, "q")

    @classmethod
    def _simple(cls, phi: Activation, q: sp.Expr) -> sp.Expr | None:
        if q == 0:
            return phi(sp.Integer(0)) ** 2
        return phi.expr**2 if not phi.expr.has(phi.variable) else None

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[1].is_positive and self.args[0].expr != 0 else None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative with respect to q."""
        from derive.expectations.heat import variance_slope

        return variance_slope(*self.args)

    def _value(self, *numbers: Any, digits: int) -> Any:
        from derive.expectations.values import variance_value

        return variance_value(self.args[0], numbers[0], digits)

    def _ball_(self, *numbers: Any) -> Any:
        import flint

        from derive.expectations.balls import variance_ball

        return variance_ball(self.args[0], numbers[0], flint.ctx.prec)

    def large_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to infinity, exponents above -order."""
        from derive.expectations.asymptotic.large import variance_terms

        return variance_terms(self.args[0], order)

    def large_argument_remainder(self, order: Any) -> Any:
        """(bound, exponent, q_min): how far those terms are from the value at most."""
        from derive.expectations.asymptotic.large import variance_remainder

        return variance_remainder(self.args[0], order)

    def small_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to 0, exponents below order."""
        from derive.expectations.asymptotic.small import variance_small_terms

        return variance_small_terms(self.args[0], order)

    def _eval_rewrite_as_E(self, phi: Activation, q: sp.Expr, **hints: Any) -> sp.Expr:
        return E(Activation(phi.expr**2), q)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return self._latex_call(printer, rf"\mathrm{{V}}{printer._print(self.args[0])}", exp)


class W(GaussianMean):
    r"""The mean product :math:`E\,\varphi(u_1)\varphi(u_2)` at common variance q and covariance lam.

    Domain: q >= 0, ``|lam| <= q`` (:class:`~derive.errors.DomainError` otherwise).  W(phi, q, q) is V(phi, q); for odd
    phi, W is odd in lam.  Where lam/q is close to 1 use ``derive.expectations.values.gap_value`` for V - W with all
    its digits. Source: paper 000, section 5 (covariance transform).

    >>> W("erf", 1, sp.Rational(1, 2)).evalf(20)
    0.21634689593878545966
    >>> q, lam = sp.symbols("q lam", positive=True)
    >>> W("tanh", q, -lam), W("tanh", q, lam).diff(lam)
    (-W(tanh, q, lam), W(1 - tanh(x)**2, q, lam))
    """

    nargs = 3
    signature = "(phi, q, lam)"

    @classmethod
    def _read(cls, phi: Any, q: Any, lam: Any) -> tuple[sp.Basic, ...]:
        q, lam = read_variance(q, "q"), read_number(lam, "lam")
        if lam.is_number and q.is_number and (sp.Abs(lam) - q).is_positive:
            raise DomainError(f"lam = {lam} is not a covariance at variance q = {q}; |lam| is at most q")
        return read_function(phi), q, lam

    @classmethod
    def _simple(cls, phi: Activation, q: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
        if lam == q or not phi.expr.has(phi.variable):
            return V(phi, q)
        if lam != 0 and lam != -q and not lam.could_extract_minus_sign():
            return None
        sign = {"odd": -1, "even": 1, None: None}[phi.parity]
        if lam == 0:
            return sp.S.Zero if sign == -1 else E(phi, q) ** 2
        if sign is None:
            return None
        return sign * V(phi, q) if lam == -q else sign * cls(phi, q, -lam)

    def fdiff(self, argindex: int = 3) -> sp.Expr:
        """The derivative with respect to q (argindex 2) or lam (argindex 3)."""
        from derive.expectations.heat import covariance_slope, product_slope

        phi, q, lam = self.args
        if argindex == 3:
            return covariance_slope(phi, phi, q, q, lam)
        return 2 * product_slope(phi, phi, q, q, lam)

    def _value(self, *numbers: Any, digits: int) -> Any:
        from derive.expectations.values import covariance_value

        q, lam = numbers
        return covariance_value(self.args[0], q, lam=lam, digits=digits)

    def _ball_(self, *numbers: Any) -> Any:
        import flint

        from derive.expectations.covariance import covariance_ball

        return covariance_ball(self.args[0], numbers[0], numbers[1], flint.ctx.prec)

    def _eval_rewrite_as_E(self, phi: Activation, q: sp.Expr, lam: sp.Expr, **hints: Any) -> sp.Expr:
        return E(phi, phi, q, q, lam, evaluate=False)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return self._latex_call(printer, rf"\mathrm{{W}}{printer._print(self.args[0])}", exp)


class E(GaussianMean):
    r"""The mean :math:`E f(\sqrt q z)`, ``E(f, q)``, or :math:`E f(u_1) g(u_2)`, ``E(f, g, q1, q2, lam)``.

    Domain: variances >= 0 and lam^2 <= q1 q2 (:class:`~derive.errors.DomainError` otherwise).

    >>> E("x**4", 3)
    27
    >>> E("cos(x)", 1).evalf(20)
    0.60653065971263342360
    >>> E("cos(x)", sp.Symbol("q", positive=True)).doit()
    exp(-q/2)
    """

    nargs = (2, 5)
    signature = "(f, q) or (f, g, q1, q2, lam)"

    @classmethod
    def _read(cls, *args: Any) -> tuple[sp.Basic, ...]:
        if len(args) == 2:
            return read_function(args[0]), read_variance(args[1], "q")
        f, g, q1, q2, lam = args
        q1, q2, lam = read_variance(q1, "q1"), read_variance(q2, "q2"), read_number(lam, "lam")
        if all(a.is_number for a in (q1, q2, lam)) and (lam**2 - q1 * q2).is_positive:
            raise DomainError(f"lam = {lam} is not a covariance at variances {q1}, {q2}; lam^2 is at most q1 q2")
        return read_function(f), read_function(g), q1, q2, lam

    @classmethod
    def _simple(cls, *args: Any) -> sp.Expr | None:
        if len(args) == 2:
            f, q = args
            return f(sp.Integer(0)) if q == 0 else _polynomial_mean(f, q)
        f, g, q1, q2, lam = args
        if f == g and q1 == q2:
            return W(f, q1, lam)
        for a, qa, b, qb in ((f, q1, g, q2), (g, q2, f, q1)):
            if qa == 0 or not a.expr.has(a.variable):
                return a(sp.Integer(0)) * cls(b, qb)
        if lam == 0:
            return cls(f, q1) * cls(g, q2)
        if (sp.default_sort_key(g), sp.default_sort_key(q2)) < (sp.default_sort_key(f), sp.default_sort_key(q1)):
            return cls(g, f, q2, q1, lam)
        return None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative with respect to one of the numbers, by its position among the arguments."""
        from derive.expectations.heat import covariance_slope, mean_slope, product_slope

        if len(self.args) == 2:
            return mean_slope(*self.args)
        f, g, q1, q2, lam = self.args
        if argindex == 3:
            return product_slope(f, g, q1, q2, lam)
        if argindex == 4:
            return product_slope(g, f, q2, q1, lam)
        return covariance_slope(f, g, q1, q2, lam)

    def _value(self, *numbers: Any, digits: int) -> Any:
        from derive.expectations.values import expectation_value

        if len(numbers) == 1:
            return expectation_value(self.args[0], numbers[0], digits)
        import flint

        from derive.errors import PrecisionError
        from derive.numerics.compile import arb_to_mpf, to_arb

        for bits in (int(3.33 * digits) + 20, int(7 * digits) + 100):
            with flint.ctx.workprec(bits + 40):
                value = self._ball_(*(to_arb(a) for a in numbers))
                if value.rel_accuracy_bits() > 3.33 * digits or value == 0:
                    return arb_to_mpf(value.mid())
        raise PrecisionError(f"{self} was enclosed in {value.str(10)} only; it may be zero")

    def _ball_(self, *numbers: Any) -> Any:
        import flint

        if len(numbers) == 1:
            from derive.expectations.balls import expectation_ball

            return expectation_ball(self.args[0], numbers[0], flint.ctx.prec)
        from derive.expectations.covariance import cross_covariance_ball

        f, g = self.functions
        q1, q2, lam = numbers
        return cross_covariance_ball(f, g, q1, q2, lam, flint.ctx.prec)

    def large_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to infinity (one function), exponents above -order."""
        from derive.expectations.asymptotic.large import expectation_terms

        return expectation_terms(self._one_function(), order)

    def large_argument_remainder(self, order: Any) -> Any:
        """(bound, exponent, q_min): how far those terms are from the value at most."""
        from derive.expectations.asymptotic.large import expectation_remainder

        return expectation_remainder(self._one_function(), order)

    def small_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to 0 (one function), exponents below order."""
        from derive.expectations.asymptotic.small import expectation_small_terms

        return expectation_small_terms(self._one_function(), order)

    def _one_function(self) -> Activation:
        if len(self.args) != 2:
            raise UnsupportedError(f"{self} has several arguments; its expansion depends on how they grow together")
        return self.args[0]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = r",".join(printer._print(f) for f in self.functions)
        name = rf"\mathrm{{E}}\left[{inside}\right]" if len(self.functions) > 1 else rf"\mathrm{{E}}{inside}"
        return self._latex_call(printer, name, exp)


def _polynomial_mean(f: Activation, q: sp.Expr) -> sp.Expr | None:
    """E f for a polynomial: the Gaussian moments (2k-1)!! q^k."""
    x = f.variable
    if not f.expr.is_polynomial(x):
        return None
    terms = sp.Poly(f.expr, x).terms()
    return sp.Add(*(c * sp.factorial2(k - 1) * q ** (k // 2) for (k,), c in terms if k % 2 == 0))
