r"""Closed forms of V, W and E, where one is found by derivation.

*One variable.*  Sums of x^n e^{alpha x + beta x^2} (polynomials, sine, cosine, exponentials, Gaussians), whole or on
pieces (relu, hard tanh, elu: erfc enters), powers of x on a half-line (Gamma functions), and polynomials in x, error
functions and Gaussians (:mod:`derive.expectations.asymptotic.gauss_tail`, with 1/2q added to the exponent).

*Two variables.*  (a) Where the large-variance expansion ends, its remainder bound being exactly 0, it is the value:
relu, abs, sign and their kin.  (b) Sums of x^n e^{alpha x + beta x^2} by the Gaussian integral of a quadratic form.
(c) phi whose derivative of order k is e^{-bx^2} times a polynomial (erf, gelu): Price's theorem k times, from the
means of the lower derivatives and the integral from 0 to lam of the Gaussian integral, elementary in s = 2b
lam/(1+2bq).  (d) Positively homogeneous functions of one degree: the kernel of alpha-ReLU, in closed form for integer
and half-integer degrees (:mod:`derive.expectations.homogeneous`).  (e) Pieces that are polynomials times exponentials:
the bivariate normal distribution (:mod:`derive.expectations.bivariate_means`).

Each form is compared with the proved digits of the mean at one point before it is handed out.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.activations.pieces import Piece
from derive.errors import CertificationError, DeriveError, UnsupportedError
from derive.expectations import homogeneous as powers
from derive.expectations.asymptotic.elementary import Elementary
from derive.expectations.asymptotic.gauss_tail import GaussTail, exact_integral
from derive.expectations.asymptotic.large import half_line_power
from derive.expectations.asymptotic.pieces import RealFunction, X, real_function
from derive.expectations.one_variable.gaussian_closed import Term, closed_terms

__all__ = ["closed_form"]

Q = sp.Dummy("q", positive=True)
LAM = sp.Dummy("lam", real=True)
_TEST = {Q: sp.Rational(7, 5), LAM: sp.Rational(-3, 5)}
_TEST_DIGITS = 25
_MOST_DERIVATIVES = 3
_MOST_OPERATIONS = 150  # beyond that a simplification takes longer than it is worth


def closed_form(mean: Any) -> sp.Expr | None:
    """Return a closed form of V, W or E, or None.

    >>> from derive.expectations import W
    >>> q, lam = sp.symbols("q lam", positive=True)
    >>> closed_form(W("erf", q, lam))
    2*asin(2*lam/(2*q + 1))/pi
    """
    name, numbers = type(mean).__name__, mean.numbers
    if name == "V":
        found = _single(Activation(mean.functions[0].expr ** 2))
    elif len(numbers) == 1:
        found = _single(mean.functions[0])
    elif name == "W":
        found = _double(mean.functions[0])
    else:
        return _product(*mean.functions, *numbers)
    return None if found is None else found.xreplace(dict(zip((Q, LAM), numbers, strict=False)))


@lru_cache(maxsize=256)
def _single(f: Activation) -> sp.Expr | None:
    scaling = powers.homogeneous(f)
    found = powers.closed_mean(scaling, Q) if scaling else _mean(real_function(f))
    if found is not None:
        from derive.expectations.values import expectation_value

        _verify(found, f, lambda: expectation_value(f, _TEST[Q], _TEST_DIGITS))
    return found


@lru_cache(maxsize=256)
def _double(phi: Activation) -> sp.Expr | None:
    f = real_function(phi)
    for rule in (_ending, _quadratic, _by_price, lambda _: _scaling(phi, phi, Q, Q, LAM), _rectangles):
        found = rule(f)
        if found is not None:
            from derive.expectations.values import covariance_value

            _verify(found, phi, lambda: covariance_value(phi, _TEST[Q], lam=_TEST[LAM], digits=_TEST_DIGITS))
            return found
    return None


def _verify(found: sp.Expr, f: Activation, value: Any) -> None:
    at = found.subs(_TEST).evalf(_TEST_DIGITS + 5)
    try:
        known = sp.Float(value(), _TEST_DIGITS)
    except DeriveError:  # no digits to compare with (a mean that vanishes, or no rule): the derivation stands alone
        return
    if abs(at - known) > abs(known) * sp.Float(10) ** (3 - _TEST_DIGITS):
        raise CertificationError(
            f"the closed form {found} of the mean of {f} is {at} at {_TEST}, but the mean is {known}"
        )


# one variable --------------------------------------------------------------------------------------------------------


def _mean(f: RealFunction) -> sp.Expr | None:
    """E f(X), X ~ N(0, Q)."""
    parts = [_piece_mean(p.expr, p.left, p.right) for p in f.pieces]
    if all(part is not None for part in parts):
        return _neat(sp.Add(*parts))
    return _error_function_mean(f)


def _piece_mean(expr: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
    terms = closed_terms(expr, X)
    if terms is None or any(t.beta.is_positive for t in terms):
        return None
    whole = low.is_infinite and high.is_infinite
    if not whole and any(not t.alpha.is_real for t in terms):
        return None
    total = sp.S.Zero
    for t in terms:
        moment = _moment(t, low, high)
        if moment is None:
            return None
        total += t.factor * moment
    return total


def _moment(t: Term, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
    """E[X^n e^{alpha X + beta X^2}; low < X < high]."""
    if not t.power.is_Integer:
        return half_line_power(t.power) * Q ** (t.power / 2) if low == 0 and high.is_infinite else None
    spread = Q / (1 - 2 * t.beta * Q)
    mu = t.alpha * spread
    mass = sp.sqrt(spread / Q) * sp.exp(t.alpha**2 * spread / 2)
    ends = [(x, sign) for x, sign in ((low, -1), (high, 1)) if not x.is_infinite]
    share = sp.S.One
    if ends:
        share = sum((sign * (1 + sp.erf((x - mu) / sp.sqrt(2 * spread))) / 2 for x, sign in ends), sp.S.Zero)
        share += 1 if high.is_infinite else 0
    edges = [
        (
            x,
            sign
            * sp.sqrt(spread / Q)
            * sp.exp(t.alpha * x + t.beta * x**2 - x**2 / (2 * Q))
            / sp.sqrt(2 * sp.pi * spread),
        )
        for x, sign in ends
    ]
    before, moment = sp.S.Zero, mass * share
    for k in range(1, int(t.power) + 1):
        jump = sum((value * x ** (k - 1) for x, value in edges), sp.S.Zero)
        before, moment = moment, mu * moment + (k - 1) * spread * before - spread * jump
    return moment


def _error_function_mean(f: RealFunction) -> sp.Expr | None:
    if len(f.pieces) > 1 and f.kinks != (0,):
        return None
    even = next(p.expr for p in (f + f.mirrored()).cut_at_zero() if p.left >= 0)
    tail = GaussTail.of(even)
    if tail is None:
        return None
    try:
        total = sum((c * exact_integral(j, b + 1 / (2 * Q), erfs) for (j, b, erfs), c in tail.terms), sp.S.Zero)
    except UnsupportedError:
        return None
    return _neat(total / sp.sqrt(2 * sp.pi * Q))


def _neat(expr: sp.Expr) -> sp.Expr:
    """Tidy the arguments of inverse functions, then expand."""
    expr = _tidy_arguments(expr)
    if expr.has(sp.exp, sp.erf) or expr.count_ops() > _MOST_OPERATIONS:
        return sp.expand(expr, power_base=False)
    return sp.simplify(sp.expand(expr))


def _tidy_arguments(expr: sp.Expr) -> sp.Expr:
    return expr.replace(
        lambda e: isinstance(e, (sp.asin, sp.atan, sp.erf)), lambda e: e.func(sp.simplify(sp.together(e.args[0])))
    )


# two variables -------------------------------------------------------------------------------------------------------


def _ending(f: RealFunction) -> sp.Expr | None:
    from derive.expectations.asymptotic.covariance_large import covariance_remainder, covariance_terms

    c = sp.Dummy("c", real=True)
    try:
        if covariance_remainder(f, 1, c)[0] != 0:
            return None
        terms = covariance_terms(f, 1, c)
    except UnsupportedError:
        return None
    return sp.Add(*(v * Q**e for e, v in terms.items())).subs(c, LAM / Q)


def _scaling(f: Activation, g: Activation, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
    forms = powers.both(f, g)
    return None if forms is None else powers.closed_covariance(*forms, q1, q2, lam)


def _rectangles(f: RealFunction) -> sp.Expr | None:
    from derive.expectations.bivariate_means import rectangle_covariance

    return rectangle_covariance(f, f, X, Q, Q, LAM) if len(f.pieces) > 1 else None


def _quadratic(f: RealFunction) -> sp.Expr | None:
    terms = closed_terms(f.pieces[0].expr, X) if len(f.pieces) == 1 else None
    if terms is None or any(t.beta.is_positive or not t.power.is_Integer for t in terms):
        return None
    total = sum((_joint(s, t, Q, Q, LAM) for s, t in product(terms, repeat=2)), sp.S.Zero)
    return _real_form(total)


def _joint(s: Term, t: Term, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr:
    """E u1^m u2^n e^{alpha u1 + beta u1^2 + alpha' u2 + beta' u2^2}, by derivatives in alpha and alpha'."""
    a, b = sp.symbols("a b", cls=sp.Dummy)
    mixed = 1 - 2 * s.beta * q1, 1 - 2 * t.beta * q2
    determinant = mixed[0] * mixed[1] - 4 * s.beta * t.beta * lam**2
    area = q1 * q2 - lam**2
    form = (a**2 * (q1 - 2 * t.beta * area) + b**2 * (q2 - 2 * s.beta * area) + 2 * a * b * lam) / determinant
    value = sp.exp(form / 2)
    value = sp.diff(value, a, int(s.power)) if s.power else value
    value = sp.diff(value, b, int(t.power)) if t.power else value
    return s.factor * t.factor * value.subs({a: s.alpha, b: t.alpha}) / sp.sqrt(determinant)


def _real_form(expr: sp.Expr) -> sp.Expr:
    expr = sp.powsimp(sp.expand(expr))
    if expr.has(sp.I):  # from sines and cosines: the value is real
        expr = sp.powsimp(sp.expand(sp.expand(expr.rewrite(sp.cos), complex=True)))
    return expr if expr.has(sp.exp) or expr.count_ops() > _MOST_OPERATIONS else sp.simplify(expr)


def _by_price(f: RealFunction) -> sp.Expr | None:
    if len(f.pieces) > 1:
        return None
    expr, means = f.pieces[0].expr, []
    for _ in range(_MOST_DERIVATIVES):
        gaussian = _gaussian_terms(expr)
        if gaussian is not None:
            break
        mean = _mean(RealFunction((Piece(sp.S.NegativeInfinity, sp.S.Infinity, expr),)))
        if mean is None:
            return None
        means.append(mean)
        expr = sp.expand(sp.diff(expr, X))
    else:
        return None
    b, coefficients = gaussian
    integral = _gaussian_product(b, coefficients)
    scale = (1 + 2 * b * Q) / (2 * b)
    for _ in means:
        integral = integral.integrated(sp.Rational)
    s = 2 * b * LAM / (1 + 2 * b * Q)
    tidy = Elementary({key: sp.factor(sp.together(scale ** len(means) * w)) for key, w in integral.terms.items()})
    lower = sum((mean**2 * LAM**i / sp.factorial(i) for i, mean in enumerate(means)), sp.S.Zero)
    upper = _tidy_arguments(tidy.symbolic(s))
    return lower + upper.replace(
        lambda e: isinstance(e, sp.Pow) and not e.exp.is_Integer, lambda e: sp.factor(e.base) ** e.exp
    )


def _gaussian_terms(expr: sp.Expr) -> tuple[sp.Expr, dict[int, sp.Expr]] | None:
    """(b, {n: coefficient}) if ``expr`` is e^{-b x^2} times a polynomial, b > 0."""
    terms = closed_terms(expr, X)
    if not terms or len({t.beta for t in terms}) > 1 or any(t.alpha != 0 or not t.beta.is_negative for t in terms):
        return None
    return -terms[0].beta, {int(t.power): t.factor for t in terms}


def _gaussian_product(b: sp.Expr, coefficients: dict[int, sp.Expr]) -> Elementary:
    """E h(u1)h(u2) for h = e^{-b x^2} sum c_n x^n, in s = 2b lam/(1+2bQ) and r = sqrt(1-s^2).

    Under the weight the variance is (2bQ - s^2 (1+2bQ))/(2b (1+2bQ) r^2), the covariance s/(2b (1+2bQ) r^2).
    """
    big = 1 + 2 * b * Q
    terms: dict[tuple[int, int, int], sp.Expr] = {}
    for (m, cm), (n, cn) in product(coefficients.items(), repeat=2):
        if (m + n) % 2:
            continue
        for k in range(m % 2, min(m, n) + 1, 2):
            pairs = (m + n) // 2 - k
            weight = sp.binomial(m, k) * sp.binomial(n, k) * sp.factorial(k)
            weight *= sp.factorial2(m - k - 1) * sp.factorial2(n - k - 1)
            for i in range(pairs + 1):  # (2bQ - s^2 big)^pairs
                c = cm * cn * weight * sp.binomial(pairs, i) * (2 * b * Q) ** (pairs - i) * (-big) ** i
                key = (2 * i + k, -2 * ((m + n) // 2) - 1, 0)
                terms[key] = terms.get(key, sp.S.Zero) + c / big / (2 * b * big) ** ((m + n) // 2)
    return Elementary(terms)


def _product(f: Activation, g: Activation, q1: sp.Expr, q2: sp.Expr, lam: sp.Expr) -> sp.Expr | None:
    if not (f.is_smooth and g.is_smooth):
        from derive.expectations.bivariate_means import rectangle_covariance

        found = _scaling(f, g, q1, q2, lam)
        return found or rectangle_covariance(real_function(f), real_function(g), X, q1, q2, lam)
    found = []
    for h in (real_function(f), real_function(g)):
        terms = closed_terms(h.pieces[0].expr, X) if len(h.pieces) == 1 else None
        if terms is None or any(t.beta.is_positive or not t.power.is_Integer for t in terms):
            return None
        found.append(terms)
    return _real_form(sum((_joint(s, t, q1, q2, lam) for s, t in product(*found)), sp.S.Zero))
