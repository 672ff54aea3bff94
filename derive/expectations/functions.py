r"""V, W and E: Gaussian expectations of activations as SymPy functions.

.. math::

    V(\varphi, q) = E\,\varphi(\sqrt q z)^2, \qquad
    W(\varphi, q, \lambda) = E\,\varphi(u_1)\varphi(u_2),\ (u_1,u_2)\sim N\bigl(0,\bigl[\begin{smallmatrix}q&\lambda\\
    \lambda&q\end{smallmatrix}\bigr]\bigr), \qquad E(f, q) = E f(\sqrt q z), \quad E(f, g, q_1, q_2, \lambda).

*Derivatives.*  The Gaussian density solves the heat equation, so :math:`\partial_q E f = \tfrac12 E f''` and, for two
arguments, :math:`\partial_{q_1} = \tfrac12 E f''g`, :math:`\partial_\lambda = E f'g'` (Price 1958).  Where f has kinks
but no jumps, :math:`\partial_q E f(\sqrt q z) = E\,x f'(x)/2q` and :math:`\partial_\lambda` still hold; a second
derivative that would be a point mass raises :class:`~derive.errors.UnsupportedError`.

*Digits* come from proven balls (:mod:`derive.expectations.values`); ``.ball(digits)`` returns the ball itself.
*Series* at 0 and infinity come from :mod:`derive.expectations.small` and :mod:`derive.expectations.large`.

Text in any argument is read by the package's parser, never by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DomainError, InputError, UnsupportedError

__all__ = ["E", "V", "W"]


def _function(value: Any) -> Activation:
    return value if isinstance(value, Activation) else activation(value)


def _number(value: Any, name: str) -> sp.Expr:
    """An argument that is a number or an expression; text goes through the parser."""
    if isinstance(value, str):
        from derive.parsing import parse

        return parse(value)
    if isinstance(value, Activation) or (isinstance(value, sp.Basic) and not isinstance(value, sp.Expr)):
        raise InputError(f"{name} is {value}, which is a function; give a number or an expression")
    if isinstance(value, sp.Expr):
        return value
    from derive.numerics.exact import exact_number

    return exact_number(value, name)


def _variance(value: Any, name: str) -> sp.Expr:
    number = _number(value, name)
    if number.is_extended_real is False or number.is_negative or number is sp.nan or number.is_infinite:
        raise DomainError(f"{name} = {number} is not a variance; give a finite number that is at least 0")
    return number


class GaussianMean(sp.Function):
    """What V, W and E share: real values, digits, balls and the way into generated code."""

    is_commutative = True
    is_extended_real = True

    def __new__(cls, *args: Any, **options: Any) -> sp.Expr:
        evaluate = options.pop("evaluate", True)
        args = cls._read(*args)
        if evaluate:
            found = cls._simple(*args)
            if found is not None:
                return found
        return sp.Expr.__new__(cls, *args)

    @classmethod
    def _read(cls, *args: Any) -> tuple[sp.Basic, ...]:
        raise NotImplementedError

    @classmethod
    def _simple(cls, *args: Any) -> sp.Expr | None:
        return None

    @property
    def numbers(self) -> tuple[sp.Expr, ...]:
        """The arguments that are numbers: variances and covariances."""
        return tuple(a for a in self.args if not isinstance(a, Activation))

    @property
    def functions(self) -> tuple[Activation, ...]:
        """The arguments that are activations."""
        return tuple(a for a in self.args if isinstance(a, Activation))

    @property
    def free_symbols(self) -> set:
        return set().union(*(a.free_symbols for a in self.numbers))

    def _value(self, *numbers: Any, digits: int) -> Any:
        """The value at exact numbers, as an mpf."""
        raise NotImplementedError

    def _ball_(self, *numbers: Any) -> Any:
        raise NotImplementedError

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if self.free_symbols:
            return None
        digits = int(prec / 3.3219280948873626) + 1
        value = self._value(*(_exact(a, digits) for a in self.numbers), digits=digits)
        return sp.Float._new(value._mpf_, prec)

    def _mp_(self, *numbers: Any) -> Any:
        import mpmath

        return self._value(*numbers, digits=mpmath.mp.dps)

    def ball(self, digits: int = 30) -> Any:
        """A :class:`~derive.numerics.ball.Ball` around the value, of relative radius below 10**-digits."""
        import flint

        from derive.errors import PrecisionError
        from derive.numerics.ball import Ball
        from derive.numerics.compile import compile_ball
        from derive.numerics.exact import positive_integer

        digits = positive_integer(digits, "digits")
        if self.free_symbols:
            names = ", ".join(sorted(s.name for s in self.free_symbols))
            raise InputError(f"a ball needs numbers; {self} still holds {names}")
        need = int(3.33 * digits) + 4
        for bits in (need + 30, 2 * need + 100, 4 * need + 400):
            with flint.ctx.workprec(bits):
                value = self._ball_(*(compile_ball(a, [])() for a in self.numbers))
                if value.rel_accuracy_bits() >= need or value == 0:
                    return Ball.from_arb(value)
        raise PrecisionError(f"{self} was enclosed in {value.str(10)} only, not to {digits} digits; it may be zero")

    def _mpmathcode(self, printer: Any) -> str:
        return _callable_code(printer, self, "mpmath")

    def _numpycode(self, printer: Any) -> str:
        return _callable_code(printer, self, "numpy")

    _scipycode = _numpycode
    _pythoncode = _numpycode

    def _latex_numbers(self, printer: Any) -> str:
        return ", ".join(printer._print(a) for a in self.numbers)

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"


def _exact(value: sp.Expr, digits: int) -> Any:
    """An argument without symbols as something exact: itself, or a float of enough digits for a nested mean."""
    if value.atoms(GaussianMean):
        return value.evalf(digits + 15)
    return value


def _callable_code(printer: Any, node: GaussianMean, target: str) -> str:
    """Code that calls back into this module: a name bound to the function's values."""
    from derive.expectations.callables import register

    name = register(node, target, printer)
    return f"{name}({', '.join(printer._print(a) for a in node.numbers)})"


class V(GaussianMean):
    r"""The second moment :math:`E\,\varphi(\sqrt q z)^2` of an activation at variance q.

    ``phi`` is anything :func:`derive.activation` takes; ``q`` a non-negative number or expression.  Digits are right
    for q = 0 and from 1e-12 to 1e8 and beyond.  Raises DomainError for negative, infinite or NaN q.  Source: paper 000,
    section 5 (variance transform).

    >>> V("tanh", 2).evalf(30)
    0.519975745663948623531815773545
    >>> q = sp.Symbol("q", positive=True)
    >>> V("sin", q).diff(q)
    E(2*cos(x)**2 - 2*sin(x)**2, q)/2
    """

    nargs = 2
    is_nonnegative = True

    @classmethod
    def _read(cls, phi: Any, q: Any) -> tuple[sp.Basic, ...]:
        return _function(phi), _variance(q, "q")

    @classmethod
    def _simple(cls, phi: Activation, q: sp.Expr) -> sp.Expr | None:
        if q == 0:
            return phi(sp.Integer(0)) ** 2
        return None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        phi, q = self.args
        return _slope(activation(phi.expr**2), q)

    def _value(self, q: Any, *, digits: int) -> Any:
        from derive.expectations.values import variance_value

        return variance_value(self.args[0], q, digits)

    def _ball_(self, q: Any) -> Any:
        import flint

        from derive.expectations.balls import variance_ball

        return variance_ball(self.args[0], q, flint.ctx.prec)

    def large_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to infinity, exponents above -order."""
        from derive.expectations.large import variance_terms

        return variance_terms(self.args[0], order)

    def large_argument_remainder(self, order: Any) -> Any:
        """(bound, exponent, q_min): how far those terms are from the value at most."""
        from derive.expectations.large import variance_remainder

        return variance_remainder(self.args[0], order)

    def _eval_aseries(self, n: int, args0: Any, x: Any, logx: Any) -> sp.Expr:
        return _at_infinity(self.large_argument_terms(n), self.args[1], n, x)

    def _eval_nseries(self, x: Any, n: int, logx: Any, cdir: int = 0) -> sp.Expr:
        return _composed(self, x, n)

    def small_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to 0, exponents below order."""
        from derive.expectations.small import variance_small_terms

        return variance_small_terms(self.args[0], order)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _power(rf"\mathrm V{printer._print(self.args[0])}({self._latex_numbers(printer)})", exp)


class W(GaussianMean):
    r"""The mean product :math:`E\,\varphi(u_1)\varphi(u_2)` at common variance q and covariance lam.

    Domain: q >= 0, |lam| <= q (DomainError otherwise).  W(phi, q, q) is V(phi, q); for odd phi, W is odd in lam.
    Where lam/q is close to 1 use ``derive.expectations.values.gap_value`` for V - W with all its digits.
    Source: paper 000, section 5 (covariance transform).

    >>> W("erf", 1, sp.Rational(1, 2)).evalf(20)
    0.21634689593878545966
    """

    nargs = 3

    @classmethod
    def _read(cls, phi: Any, q: Any, lam: Any) -> tuple[sp.Basic, ...]:
        q, lam = _variance(q, "q"), _number(lam, "lam")
        if lam.is_number and q.is_number and (lam.is_extended_real is False or (sp.Abs(lam) - q).is_positive):
            raise DomainError(f"lam = {lam} is not a covariance at variance q = {q}; |lam| is at most q")
        return _function(phi), q, lam

    @classmethod
    def _simple(cls, phi: Activation, q: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
        if lam == q:
            return V(phi, q)
        if phi.parity is not None:
            sign = -1 if phi.parity == "odd" else 1
            if lam == -q:
                return sign * V(phi, q)
            if lam == 0 and sign < 0:
                return sp.Integer(0)
            if lam.could_extract_minus_sign():
                return sign * cls(phi, q, -lam)
        return None

    def fdiff(self, argindex: int = 3) -> sp.Expr:
        phi, q, lam = self.args
        if argindex == 3:
            return W(_derivative(phi), q, lam)
        return E(_derivative(_derivative(phi, smooth=True)), phi, q, q, lam)

    def _value(self, q: Any, lam: Any, *, digits: int) -> Any:
        from derive.expectations.values import covariance_value

        return covariance_value(self.args[0], q, lam=lam, digits=digits)

    def _ball_(self, q: Any, lam: Any) -> Any:
        import flint

        from derive.expectations.covariance import covariance_ball

        return covariance_ball(self.args[0], q, lam, flint.ctx.prec)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return _power(rf"\mathrm W{printer._print(self.args[0])}({self._latex_numbers(printer)})", exp)


class E(GaussianMean):
    r"""The mean :math:`E f(\sqrt q z)`, ``E(f, q)``, or :math:`E f(u_1) g(u_2)`, ``E(f, g, q1, q2, lam)``.

    >>> E("x**4", 3)
    27
    >>> E("cos(x)", 1).evalf(20)
    0.60653065971263342360
    """

    nargs = (2, 5)

    @classmethod
    def _read(cls, *args: Any) -> tuple[sp.Basic, ...]:
        if len(args) == 2:
            return _function(args[0]), _variance(args[1], "q")
        if len(args) != 5:
            raise InputError(f"E takes (f, q) or (f, g, q1, q2, lam), not {len(args)} arguments")
        f, g, q1, q2, lam = args
        q1, q2, lam = _variance(q1, "q1"), _variance(q2, "q2"), _number(lam, "lam")
        if all(a.is_number for a in (q1, q2, lam)) and (lam**2 - q1 * q2).is_positive:
            raise DomainError(f"lam = {lam} is not a covariance at variances {q1}, {q2}; lam^2 is at most q1 q2")
        return _function(f), _function(g), q1, q2, lam

    @classmethod
    def _simple(cls, *args: Any) -> sp.Expr | None:
        if len(args) == 2:
            f, q = args
            if q == 0:
                return f(sp.Integer(0))
            return _polynomial_mean(f, q)
        f, g, q1, q2, lam = args
        if f == g and q1 == q2:
            return W(f, q1, lam)
        if lam == 0:
            return E(f, q1) * E(g, q2)
        return None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        if len(self.args) == 2:
            return _slope(*self.args)
        f, g, q1, q2, lam = self.args
        if argindex == 3:
            return E(_derivative(_derivative(f, smooth=True)), g, q1, q2, lam) / 2
        if argindex == 4:
            return E(f, _derivative(_derivative(g, smooth=True)), q1, q2, lam) / 2
        return E(_derivative(f), _derivative(g), q1, q2, lam)

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

        return cross_covariance_ball(*self.functions, *numbers, flint.ctx.prec)

    def large_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to infinity (one function), exponents above -order."""
        from derive.expectations.large import expectation_terms

        self._one_function()
        return expectation_terms(self.args[0], order)

    def large_argument_remainder(self, order: Any) -> Any:
        """(bound, exponent, q_min): how far those terms are from the value at most."""
        from derive.expectations.large import expectation_remainder

        self._one_function()
        return expectation_remainder(self.args[0], order)

    def _one_function(self) -> None:
        if len(self.args) != 2:
            raise UnsupportedError(f"{self} has several arguments; its expansion depends on how they grow together")

    def _eval_aseries(self, n: int, args0: Any, x: Any, logx: Any) -> sp.Expr:
        return _at_infinity(self.large_argument_terms(n), self.args[1], n, x)

    def _eval_nseries(self, x: Any, n: int, logx: Any, cdir: int = 0) -> sp.Expr:
        return _composed(self, x, n)

    def small_argument_terms(self, order: Any) -> dict[sp.Expr, sp.Expr]:
        """{exponent of q: coefficient} as q tends to 0 (one function), exponents below order."""
        from derive.expectations.small import expectation_small_terms

        self._one_function()
        return expectation_small_terms(self.args[0], order)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = "".join(printer._print(f) for f in self.functions)
        return _power(rf"\mathrm E{inside}({self._latex_numbers(printer)})", exp)


def _power(text: str, exp: Any) -> str:
    return text if exp is None else rf"{text}^{{{exp}}}"


def _derivative(f: Activation, smooth: bool = False) -> Activation:
    """f', refused where it, or with ``smooth`` its own derivative, would hold a point mass."""
    if f.kinks and any(order <= (1 if smooth else 0) for order in f.kink_orders):
        where = ", ".join(str(k) for k in f.kinks)
        raise UnsupportedError(
            f"the derivative of this mean holds a point mass, because {f} is not smooth at {where}; "
            "differentiate by the covariance, or smooth the function"
        )
    return f.diff(1)


def _slope(f: Activation, q: sp.Expr) -> sp.Expr:
    """d/dq E f(sqrt(q) z)."""
    x = f.variable
    if f.kinks:
        return E(activation(x * _derivative(f).expr), q) / (2 * q)
    return E(f.diff(2), q) / 2


def _polynomial_mean(f: Activation, q: sp.Expr) -> sp.Expr | None:
    """E f for a polynomial: the Gaussian moments (2k-1)!! q^k."""
    x = f.variable
    if not f.expr.is_polynomial(x):
        return None
    moments = {k: sp.factorial2(k - 1) * q ** (k // 2) for (k,), _ in sp.Poly(f.expr, x).terms() if k % 2 == 0}
    return sp.Add(*(c * moments[k] for (k,), c in sp.Poly(f.expr, x).terms() if k % 2 == 0))


def _at_infinity(terms: dict, inner: sp.Expr, n: int, x: Any) -> sp.Expr:
    body = sp.Add(*(c * inner**e for e, c in terms.items()))
    return body + sp.Order(inner ** (-n), x)


def _composed(head: Any, x: sp.Symbol, n: int) -> sp.Expr:
    """The expansion in x at 0+ where the variance vanishes, grows without limit, or passes a point inside."""
    inner = head.args[1]
    start = inner.subs(x, 0)
    order = sp.Order(x**n, x)
    if start == 0:
        body = sp.Add(*(a * inner**k for k, a in head.small_argument_terms(n).items()))
    elif start.is_infinite:
        body = sp.Add(*(a * inner**k for k, a in head.large_argument_terms(n).items()))
    else:
        derivatives = [head.subs(x, 0)]
        for _ in range(1, n):
            head = head.diff(x)
            derivatives.append(head.subs(x, 0))
        return sp.Add(*(d * x**k / sp.factorial(k) for k, d in enumerate(derivatives))) + order
    return (body if inner in (x, 1 / x) else body.series(x, 0, n).removeO()) + order
