r"""Expansions of W\phi(q, cq) = E \phi(u_1)\phi(u_2) for q -> oo at fixed correlation |c| < 1, with remainders.

Let phi approach powers of degree at most d on either side (d = -1: it decays), so that h = phi^{(d+1)} decays; jumps of
phi^{(d)} make point masses of h.  Price's theorem dW\phi/dc = q W\phi', used d+1 times, gives

.. math::

    W\phi(q, cq) = \sum_{i=0}^{d} \frac{(qc)^i}{i!}\bigl(E\phi^{(i)}(\sqrt q z)\bigr)^2 + q^{d+1} I^{d+1}\,[\,W h\,](c),
    \qquad I[f](c) = \int_0^c f .

With r^2 = 1 - c^2 and Q = (x^2 - 2cxy + y^2)/2r^2 the bivariate density is e^{-Q/q}/(2 pi q r), hence

.. math::

    W h(q, cq) = \frac1{2\pi q r}\iint h(x)h(y) e^{-Q/q} = \sum_{j<J} \frac{(-1)^j P_j(c)}{q^{j+1} r^{2j+1}} +
    R_J,\qquad P_j = \frac{1}{2\pi\, j!\,2^j} \sum_{a+b+d=j} \frac{j!}{a!\,b!\,d!} (-2c)^b \mu_{2a+b}\,\mu_{2d+b},

where mu_k are the moments of h.  All iterated integrals are elementary
(:mod:`derive.expectations.asymptotic.elementary`).  For an odd phi with limits +-1 this is (2/pi) asin(c) + sum_j
w_j(c) q^{-j}.

Remainder.  Q >= 0, so |e^{-Q/q} - (first J terms)| <= (Q/q)^J/J! as in :mod:`derive.expectations.asymptotic.large`.  If
h keeps one sign then |R_J| is at most the first omitted term, and so is its iterated integral, since what is integrated
keeps its sign.  Otherwise every moment is replaced by an absolute one and c by |c|.  The squares of the means are
expanded with their own remainders.  All bounds hold for every q > q_min; q_min is 0 unless terms of different powers
had to be gathered (then 1).

Not uniform.  The j-th term behaves like q^{-1/2} (q(1-c))^{1/2-j} as c -> 1 (and likewise at -1 in 1+c): the
expansion needs q(1 - |c|) large, and at fixed q(1-c) all terms count alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any

import sympy as sp

from derive.activations.values import is_zero
from derive.errors import InputError, UnsupportedError
from derive.expectations.asymptotic.elementary import Elementary
from derive.expectations.asymptotic.large import absolute_moment, as_order, expectation_remainder, expectation_terms
from derive.expectations.asymptotic.pieces import RealFunction, X, real_function
from derive.expectations.asymptotic.tails import Segment, decompose, lowest_terms
from derive.numerics.compile import to_arb

__all__ = ["Measure", "covariance_remainder", "covariance_terms", "multinomial_rows", "price"]


@dataclass(frozen=True)
class Measure:
    """A decaying function as segments, and point masses ((place, weight), ...)."""

    segments: tuple[Segment, ...]
    masses: tuple[tuple[sp.Expr, sp.Expr], ...]

    def moment(self, k: int) -> sp.Expr:
        """The exact moment of order k."""
        points = (w * place**k for place, w in self.masses)
        return lowest_terms(sp.Add(*(s.moment(k) for s in self.segments), *points))

    def moment_ball(self, k: int) -> Any:
        """The moment as a ball at the current flint precision."""
        from flint import arb

        points = (to_arb(w) * to_arb(place) ** k for place, w in self.masses)
        return sum(points, sum((s.moment_ball(k) for s in self.segments), arb(0)))

    def absolute(self, k: int) -> sp.Expr:
        """An exact upper bound of the moment of |x|^k against the absolute measure."""
        points = (sp.Abs(w) * sp.Abs(place) ** k for place, w in self.masses)
        return sp.Add(*(absolute_moment(s, k) for s in self.segments), *points)

    @cached_property
    def sign(self) -> int | None:
        """1, -1, or 0 where the measure is known to have that sign, else None."""
        signs = {s.sign for s in self.segments} | {1 if w.evalf(30) > 0 else -1 for _, w in self.masses}
        signs.discard(0)
        if not signs:
            return 0
        return signs.pop() if len(signs) == 1 else None


@dataclass(frozen=True)
class PriceForm:
    """phi, phi', ..., phi^(d) as functions and phi^(d+1) as a measure."""

    functions: tuple[RealFunction, ...]
    measure: Measure

    @property
    def degree(self) -> int:
        """d."""
        return len(self.functions) - 1


@lru_cache(maxsize=256)
def price(f: RealFunction) -> PriceForm:
    """Differentiate until the function decays.

    Raises :class:`~derive.errors.UnsupportedError` for tails that are not integer powers and where a derivative of a
    point mass would be needed.
    """
    parts = decompose(f)
    powers = [e for e, _ in (*parts.left, *parts.right)]
    if not all(e.is_Integer and e >= 0 for e in powers):
        raise UnsupportedError(f"the tails hold the powers {powers}; only integers >= 0 are expanded here")
    degree = max((int(e) for e in powers), default=-1)
    functions: list[RealFunction] = []
    masses: tuple[tuple[sp.Expr, sp.Expr], ...] = ()
    for i in range(degree + 1):
        functions.append(f)
        masses = _jumps(f)
        if masses and i < degree:
            raise UnsupportedError(f"derivative {i} jumps at {masses[0][0]}, so derivative {degree + 1} is no measure")
        f = f.map(lambda e: sp.diff(e, X))
    return PriceForm(tuple(functions), Measure(decompose(f).segments, masses))


def _jumps(f: RealFunction) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    found = []
    for left, right in zip(f.pieces, f.pieces[1:], strict=False):
        jump = sp.expand(right.expr.subs(X, right.left) - left.expr.subs(X, left.right))
        if not jump.is_finite:
            raise UnsupportedError(f"the function is not bounded near {right.left}")
        if not is_zero(jump):
            found.append((right.left, jump))
    return tuple(found)


@cache
def multinomial_rows(j: int) -> tuple[tuple[int, tuple[tuple[int, int, Fraction], ...]], ...]:
    """Return ((b, ((2a + b, 2d + b, weight), ...)), ...) with P_j = sum_b c^b sum weight mu mu / (2 pi)."""
    rows = []
    for b in range(j + 1):
        row = [
            (2 * a + b, 2 * (j - b - a) + b, Fraction((-2) ** b * _multinomial(j, a, b), 2**j * _factorial(j)))
            for a in range(j - b + 1)
        ]
        rows.append((b, tuple(row)))
    return tuple(rows)


def _factorial(n: int) -> int:
    return int(sp.factorial(n))


def _multinomial(j: int, a: int, b: int) -> int:
    return _factorial(j) // (_factorial(a) * _factorial(b) * _factorial(j - a - b))


def covariance_terms(phi: Any, order: Any, c: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    r"""Return {exponent of q: coefficient in c} of W\phi(q, cq) for q -> oo at fixed |c| < 1, above ``-order``.

    ``c`` is a symbol or an exact number.  For E \phi'(u_1)\phi'(u_2) give the derivative of phi.

    >>> import sympy as sp
    >>> x, c = sp.Symbol("x", real=True), sp.Symbol("c", real=True)
    >>> terms = covariance_terms(sp.tanh(x), 2, c)
    >>> terms[0], sp.simplify(terms[-1])
    (2*asin(c)/pi, -pi*c/(6*sqrt(1 - c**2)))
    >>> covariance_terms(sp.Max(x, 0), 2, c)[1].subs(c, 1)
    1/2

    Raises :class:`~derive.errors.UnsupportedError` outside the class of the module.
    """
    c = _correlation(c)
    order = as_order(order)
    form = price(real_function(phi))
    terms = dict(_mean_squares(form, order, c))
    for j in range(max(0, int(sp.ceiling(order + form.degree)))):
        exponent = sp.Integer(form.degree - j)
        value = (-1) ** j * _coefficient(form, j).symbolic(c)
        terms[exponent] = terms.get(exponent, sp.S.Zero) + value
    return {e: v for e, v in sorted(terms.items(), key=lambda p: -p[0]) if v != 0}


def covariance_remainder(phi: Any, order: Any, c: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    r"""Return (bound, exponent, q_min): |W\phi(q, cq) - terms| <= bound q^exponent for all q > q_min.

    The bound depends on ``c`` and grows without limit as |c| -> 1; its proof is in the docstring of the module.

    >>> import sympy as sp
    >>> x, c = sp.Symbol("x", real=True), sp.Symbol("c", real=True)
    >>> covariance_remainder(sp.tanh(x), 1, sp.Rational(1, 2))
    (sqrt(3)*pi/18, -1, 0)
    """
    c = _correlation(c)
    order = as_order(order)
    form = price(real_function(phi))
    count = max(0, int(sp.ceiling(order + form.degree)))
    if form.measure.sign is not None:
        bound = sp.Abs(_coefficient(form, count).symbolic(c))
    else:
        bound = _coefficient(form, count, absolute=True).symbolic(sp.Abs(c))
    pieces = [(bound, sp.Integer(form.degree - count))]
    pieces += _mean_square_remainders(form, order, c)
    pieces = [(b, e) for b, e in pieces if b != 0]
    if not pieces:
        return sp.S.Zero, -order, sp.S.Zero
    top = max(e for _, e in pieces)
    return sp.Add(*(b for b, _ in pieces)), top, sp.S.Zero if all(e == top for _, e in pieces) else sp.S.One


def _correlation(c: Any) -> sp.Expr:
    if isinstance(c, (str, bytes)) or not isinstance(c, (sp.Expr, int)):
        raise InputError(f"the correlation is a symbol or an exact number, not {c!r}")
    c = sp.sympify(c, strict=True)
    if c.is_number and not (c.is_real and abs(c.evalf(30)) < 1):
        raise InputError(
            f"the expansion holds at a fixed correlation |c| < 1, not at c = {c}; near 1 it is not uniform"
        )
    return c


@lru_cache(maxsize=4096)
def _coefficient(form: PriceForm, j: int, absolute: bool = False) -> Elementary:
    """Return the (d+1)-fold integral of P_j r^(-2j-1) (with absolute moments and |c| if asked)."""
    moment = form.measure.absolute if absolute else form.measure.moment
    terms: dict[tuple[int, int, int], sp.Expr] = {}
    for b, row in multinomial_rows(j):
        total = sp.Add(*(sp.Rational(abs(w) if absolute else w) * moment(k) * moment(l) for k, l, w in row))
        total = total if absolute else sp.expand(total)
        if total != 0:
            terms[(b, -2 * j - 1, 0)] = total / (2 * sp.pi)
    found = Elementary(terms)
    for _ in range(form.degree + 1):
        found = found.integrated(sp.Rational)
    return found


def _mean_squares(form: PriceForm, order: sp.Rational, c: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """Expand sum_i (qc)^i/i! (E phi^(i))^2."""
    total: dict[sp.Expr, sp.Expr] = {}
    for i, f in enumerate(form.functions):
        for e, v in _squared_terms(f, order + i).items():
            exponent = e + i
            total[exponent] = total.get(exponent, sp.S.Zero) + v * c**i / sp.factorial(i)
    return [(e, sp.expand(v)) for e, v in total.items()]


def _mean_order(f: RealFunction, order: sp.Rational) -> sp.Rational:
    """How far E f has to be expanded so that its square is complete above -order."""
    lead = max(expectation_terms(f, 2), default=sp.S.Zero)
    return order + max(lead, sp.S.Zero)


def _squared_terms(f: RealFunction, order: sp.Rational, dropped: bool = False) -> dict[sp.Expr, sp.Expr]:
    mean = expectation_terms(f, _mean_order(f, order))
    square: dict[sp.Expr, sp.Expr] = {}
    for e1, v1 in mean.items():
        for e2, v2 in mean.items():
            if (e1 + e2 + order <= 0) == dropped:
                square[e1 + e2] = square.get(e1 + e2, sp.S.Zero) + v1 * v2
    return square


def _mean_square_remainders(form: PriceForm, order: sp.Rational, c: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """Bounds (coefficient, exponent) of what is left of the squares: with E f = S + R, S^2 cut, 2 S R and R^2."""
    found = []
    for i, f in enumerate(form.functions):
        weight = sp.Abs(c) ** i / sp.factorial(i)
        inner = order + i
        bound, exponent, _ = expectation_remainder(f, _mean_order(f, inner))
        mean = expectation_terms(f, _mean_order(f, inner))
        parts = [(sp.Abs(v), e) for e, v in _squared_terms(f, inner, dropped=True).items()]
        parts += [(2 * sp.Abs(v) * bound, e + exponent) for e, v in mean.items()]
        parts.append((bound**2, 2 * exponent))
        found += [(weight * b, e + i) for b, e in parts if b != 0]
    return found
