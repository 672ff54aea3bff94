r"""The bivariate normal distribution as a SymPy function, with digits and balls.

.. math:: \Phi_2(h, k, \rho) = P(z_1 \le h,\ z_2 \le k), \qquad (z_1, z_2)\ \text{standard normal, correlation } \rho .

Plackett's identity :math:`\partial_\rho\Phi_2 = \varphi_2(h, k, \rho)`, the density, gives

.. math:: \Phi_2(h, k, \rho) = \Phi(h)\Phi(k) + \frac1{2\pi}\int_0^{\arcsin\rho}
          \exp\Bigl(-\frac{h^2 + k^2 - 2hk\sin t}{2\cos^2 t}\Bigr)\,dt,

integrated rigorously.  The integrand is entire in the strip but at :math:`t = \pm\pi/2`, where it is flat unless h = k
(h = -k); close to perfect correlation the integral from there is taken instead, :math:`\Phi(\min(h,k))` less what lies
between.  Closed forms: :math:`\Phi_2(0,0,\rho) = 1/4 + \arcsin\rho/2\pi`; :math:`\rho = 0, \pm1`; infinite ends.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError, PrecisionError

__all__ = ["BivariateNormal", "bivariate_ball", "normal_cdf"]

_BITS_PER_DIGIT = 3.3219280948873626


def normal_cdf(x: sp.Expr) -> sp.Expr:
    """P(z <= x) for a standard normal z, by the error function."""
    if x.is_infinite:
        return sp.S.One if x.is_extended_positive else sp.S.Zero
    return (1 + sp.erf(x / sp.sqrt(2))) / 2


def _read(value: Any, name: str) -> sp.Expr:
    from derive.numerics.exact import exact_number

    if isinstance(value, str):
        from derive.parsing import parse

        return parse(value)
    if not isinstance(value, sp.Expr) or hasattr(value, "kinks") or value.is_Float:
        if isinstance(value, sp.Basic) and not isinstance(value, sp.Expr):
            raise InputError(f"{name} = {value} is neither a number nor an expression")
        return exact_number(value, name)
    if value.has(sp.nan, sp.zoo) or value.is_extended_real is False:
        raise DomainError(f"{name} = {value} is not a real number")
    return value


class BivariateNormal(sp.Function):
    r"""The distribution function :math:`\Phi_2(h, k, \rho)` of two standard normal variables of correlation rho.

    Domain: real h and k (infinite ones allowed), :math:`-1 \le \rho \le 1` (``DomainError`` otherwise).  ``.evalf(n)``
    gives n right digits, ``.ball(n)`` a proven ball; ``.diff`` in every argument; ``.rewrite(Integral)`` is Plackett's
    integral.

    >>> BivariateNormal(0, 0, sp.Rational(1, 2))
    1/3
    >>> BivariateNormal("1/2", -1, "3/10").evalf(25)
    0.1332561354499511079667500
    >>> h = sp.Symbol("h", real=True)
    >>> BivariateNormal(h, 0, 0)
    erf(sqrt(2)*h/2)/4 + 1/4
    """

    nargs = 3
    is_commutative = True
    is_real = True
    is_nonnegative = True

    def __new__(cls, *args: Any, evaluate: bool = True, **options: Any) -> sp.Expr:
        if len(args) != 3:
            raise InputError(f"BivariateNormal takes (h, k, rho), not {len(args)} arguments")
        h, k, rho = (_read(a, name) for a, name in zip(args, ("h", "k", "rho"), strict=True))
        if rho.is_number and (sp.Abs(rho) - 1).is_positive:
            raise DomainError(f"rho = {rho} is not a correlation; it lies between -1 and 1")
        if sp.default_sort_key(k) < sp.default_sort_key(h):
            h, k = k, h
        found = cls._simple(h, k, rho) if evaluate else None
        return sp.Expr.__new__(cls, h, k, rho) if found is None else found

    @classmethod
    def _simple(cls, h: sp.Expr, k: sp.Expr, rho: sp.Expr) -> sp.Expr | None:
        for one, other in ((h, k), (k, h)):
            if one.is_infinite:
                return normal_cdf(other) if one.is_extended_positive else sp.S.Zero
        if rho == 0:
            return sp.expand(normal_cdf(h) * normal_cdf(k))
        if h == 0 and k == 0:
            return sp.Rational(1, 4) + sp.asin(rho) / (2 * sp.pi)
        if rho == 1 and h == k:
            return normal_cdf(h)
        if rho == 1 and (h - k).is_number:
            return normal_cdf(h if (h - k).is_negative else k)
        if rho == -1 and (h + k).is_number:
            return normal_cdf(h) + normal_cdf(k) - 1 if (h + k).is_positive else sp.S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative: the density in rho, a density times a conditional probability in h and k."""
        h, k, rho = self.args
        r2 = 1 - rho**2
        if argindex == 3:
            return sp.exp(-(h**2 + k**2 - 2 * rho * h * k) / (2 * r2)) / (2 * sp.pi * sp.sqrt(r2))
        one, other = (h, k) if argindex == 1 else (k, h)
        density = sp.exp(-(one**2) / 2) / sp.sqrt(2 * sp.pi)
        return density * normal_cdf((other - rho * one) / sp.sqrt(r2))

    def _eval_rewrite_as_Integral(self, h: sp.Expr, k: sp.Expr, rho: sp.Expr, **hints: Any) -> sp.Expr:
        t = sp.Dummy("t", real=True)
        inside = sp.exp(-(h**2 + k**2 - 2 * h * k * sp.sin(t)) / (2 * sp.cos(t) ** 2))
        return normal_cdf(h) * normal_cdf(k) + sp.Integral(inside, (t, 0, sp.asin(rho))) / (2 * sp.pi)

    # values

    def _ball_(self, h: Any, k: Any, rho: Any) -> Any:
        return bivariate_ball(h, k, rho)

    def _mp_(self, *numbers: Any) -> Any:
        import mpmath
        from flint import ctx

        from derive.numerics.compile import arb_to_mpf, to_arb

        bits = mpmath.mp.prec
        for more in (20, 64 + bits, 400 + 4 * bits):
            with ctx.workprec(bits + more):
                value = bivariate_ball(*(to_arb(n) for n in numbers))
            if value.rel_accuracy_bits() >= bits + 2 or value.is_zero():
                return +arb_to_mpf(value)
        raise PrecisionError(f"BivariateNormal at {numbers} was enclosed in {value.str(10)} only")

    def _enclose(self, bits: int) -> Any:
        from flint import ctx

        from derive.numerics.compile import compile_ball

        if self.free_symbols:
            names = ", ".join(sorted(s.name for s in self.free_symbols))
            raise InputError(f"a value needs numbers; {self} still holds {names}")
        for more in (32, 64 + bits, 500 + 4 * bits, 4000 + 16 * bits):
            with ctx.workprec(bits + more):
                value = bivariate_ball(*(compile_ball(a, [])() for a in self.args))
                if value.rel_accuracy_bits() >= bits:
                    return value
        raise PrecisionError(f"{self} was enclosed in {value.str(10)} only; it may be too small to be told from 0")

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if self.free_symbols:
            return None
        from derive.numerics.compile import arb_to_mpf

        return sp.Float._new(arb_to_mpf(self._enclose(prec + 2))._mpf_, prec)

    def ball(self, digits: int = 30) -> Any:
        """Return a :class:`~derive.numerics.ball.Ball` around the value, of relative radius below 10**-digits."""
        from derive.numerics.ball import Ball
        from derive.numerics.exact import positive_integer

        return Ball.from_arb(self._enclose(int(_BITS_PER_DIGIT * positive_integer(digits, "digits")) + 4))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inside = ", ".join(printer._print(a) for a in self.args)
        return r"\Phi_2" + ("" if exp is None else rf"^{{{exp}}}") + rf"\left({inside}\right)"


def bivariate_ball(h: Any, k: Any, rho: Any) -> Any:
    """Phi_2 on balls at flint's current precision; |rho| <= 1."""
    from flint import arb

    if not rho.overlaps(arb(0, 1)):
        return arb("nan")
    low, high = _cdf(h), _cdf(k)
    near_one, near_minus = 1 - rho, 1 + rho
    if abs(rho) < arb(0.9):
        return low * high + _plackett(h, k, arb(0), rho.asin()) / (2 * arb.pi())
    if rho > 0:
        whole = low if h < k else high if k < h else _cdf(h.min(k))
        if near_one.is_zero():
            return whole
        return whole - _edge(h, k, _angle(near_one)) / (2 * arb.pi())
    whole = low + high - 1
    whole = whole if h + k > 0 else arb(0) if h + k < 0 else whole.max(arb(0))
    if near_minus.is_zero():
        return whole
    return whole + _edge(h, -k, _angle(near_minus)) / (2 * arb.pi())


def _cdf(x: Any) -> Any:
    from flint import arb

    return (-x / arb(2).sqrt()).erfc() / 2


def _angle(distance: Any) -> Any:
    """pi/2 - asin(1 - distance) = 2 asin(sqrt(distance/2))."""
    return 2 * (distance / 2).sqrt().asin()


def _plackett(h: Any, k: Any, low: Any, high: Any) -> Any:
    """The integral over t of the docstring, away from the ends of the strip."""
    from flint import acb, ctx

    from derive.numerics.quadrature import enclose_integral

    square, product = h * h + k * k, h * k

    def inside(t: Any, analytic: bool) -> Any:
        cosine = t.cos()
        return (-(square - 2 * product * t.sin()) / (2 * cosine * cosine)).exp()

    if high.is_zero():
        return high
    start, end = (low, high) if high > low else (high, low)
    value = enclose_integral(inside, [acb(start).real, acb(end).real], ctx.prec, 1).real
    return value if high > low else -value


def _edge(h: Any, k: Any, angle: Any) -> Any:
    """The integral over s in (0, angle) with sin t = cos s: exp(-(h-k)^2/(2 sin^2 s) - hk/(1 + cos s)), angle small."""
    from flint import arb, ctx

    from derive.numerics.quadrature import enclose_integral

    gap, product = (h - k) * (h - k), h * k
    start = arb(0)
    if gap > 0:  # below the start the integrand is nothing
        start = (gap.lower() / (4 * ctx.prec + 8 * abs(product).upper())).sqrt().mid()
    elif not gap.is_zero():  # h and k are equal but for rounding: below the start nothing is known of the first factor
        start = gap.upper().sqrt().sqrt().mid()
    start = start if start < angle else angle.mid()

    def inside(s: Any, analytic: bool) -> Any:
        sine = s.sin()
        plain = (-product / (1 + s.cos())).exp()
        return plain if gap.is_zero() else plain * (-gap / (2 * sine * sine)).exp()

    total = arb(0)
    if not start.is_zero():
        bound = abs(product).exp() * start
        if gap > 0:
            bound *= (-gap / (2 * start * start)).exp()
        total = arb(0).union(bound)
    if start < angle:
        total += enclose_integral(inside, [start, angle], ctx.prec, 1).real
    return total
