r"""Half-line moments of functions rational in an exponential, in closed form.

On x > 0 let f(x) = sum_j x^j R_j(t), t = exp(-a x), with R_j rational and regular at t = 0.  Then
sum_j R_j(0) x^j is the polynomial to which f tends, and g = f - (that polynomial) decays like exp(-a x).  Partial
fractions of R_j - R_j(0) in t make its Taylor coefficients r_n a quasi-polynomial in n, so

.. math:: \int_0^\infty x^{s-1} R(e^{-ax})\,dx = \Gamma(s)\, a^{-s} \sum_{n\ge1} r_n n^{-s}

is a finite sum of zeta values (pole at t = 1), eta values (t = -1), Hurwitz zeta values (other roots of unity) and
polylogarithms (any other real pole).  Both sides are analytic in s wherever the integral converges, so the identity
holds there although the sums on the right may only converge by continuation; a pole of zeta at one exponent has to
cancel against the other powers of x, and its finite part is kept.

``1 - tanh^2``, ``sech^n``, ``sigmoid'``, ``x*sigmoid``, ``x tanh``, ``x/sinh``, elu and products of all of
these are of this kind.  Nothing is typed in: every value comes out of the partial fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from typing import Any

import sympy as sp

from derive.errors import DomainError, UnsupportedError
from derive.expectations.pieces import X

__all__ = ["ExpTail"]

T = sp.Dummy("t", positive=True)
N = sp.Dummy("n")
_MAX_ROOT_ORDER = 60
_HYPERBOLIC = [sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch]  # (a bare rewrite turns x^2 into exp(2 log x))


@dataclass(frozen=True)
class Quasi:
    """Taylor coefficients r_n = c_n + sum of p(n) root^-n (and p(n) on one residue class) of a rational function."""

    finite: dict[int, sp.Expr] = field(default_factory=dict)  # n -> coefficient
    roots: tuple[tuple[sp.Expr, sp.Poly], ...] = ()  # (root, p): p(n) root^-n
    classes: tuple[tuple[int, int, sp.Poly], ...] = ()  # (modulus, residue 1..modulus, p)


@dataclass(frozen=True)
class ExpTail:
    """f = sum_j x^j R_j(exp(-rate x)) on x > 0: asymptote, exact moments, balls and sign of f minus the asymptote."""

    rate: sp.Expr
    parts: dict[int, sp.Expr]  # j -> R_j in T
    constants: dict[sp.Symbol, sp.Expr]

    @classmethod
    def of(cls, expr: sp.Expr) -> ExpTail | None:
        """Return the tail of ``expr`` (in ``X``) on x > 0, or None if it is not of this kind."""
        found = _in_exponential(expr)
        if found is None:
            return None
        rate, rational, constants = found
        numerator, denominator = sp.fraction(sp.cancel(sp.together(rational)))
        numerator, denominator, rate = _coarsest(numerator, denominator, rate)
        if denominator.has(X):
            return None
        tail = sp.Poly(denominator, T)
        if tail.eval(0) == 0:
            raise UnsupportedError(
                "the function grows exponentially, so its large-variance expansion is not one in powers of q"
            )
        parts = {j: sp.cancel(c / denominator) for (j,), c in sp.Poly(numerator, X).terms()} if numerator != 0 else {}
        return cls(rate, parts, constants)

    def _put_back(self, e: sp.Expr) -> sp.Expr:
        return e.xreplace(self.constants)

    @cached_property
    def asymptote(self) -> dict[sp.Expr, sp.Expr]:
        """The polynomial {power: coefficient} that f approaches at +oo."""
        values = {sp.Integer(j): self._put_back(sp.sympify(r).subs(T, 0)) for j, r in self.parts.items()}
        return {j: v for j, v in values.items() if v != 0}

    @cached_property
    def _decaying(self) -> dict[int, sp.Expr]:
        parts = {j: sp.cancel(r - r.subs(T, 0)) for j, r in self.parts.items()}
        return {j: r for j, r in parts.items() if r != 0}

    @cached_property
    def _quasi(self) -> dict[int, Quasi]:
        return {j: _expand(r, self.constants) for j, r in self._decaying.items()}

    def is_exact(self) -> bool:
        """Whether every denominator factors into roots of unity and linear factors."""
        try:
            return self._quasi is not None
        except UnsupportedError:
            return False

    def moment(self, k: int) -> sp.Expr:
        r"""Return the exact value of \int_0^oo x^k (f - asymptote) dx."""
        total, residue = sp.S.Zero, sp.S.Zero
        for j, quasi in self._quasi.items():
            s = j + k + 1
            value, pole = _mellin_exact(quasi, s, self.rate)
            scale = sp.factorial(s - 1) * self.rate ** (-s)
            total += scale * value
            residue += scale * pole
        if residue != 0 and sp.simplify(residue) != 0:
            raise DomainError(f"the moment of order {k} diverges at 0: {residue} is left of the poles")
        return sp.expand(total)

    def moment_ball(self, k: int) -> Any:
        """Return the same moment as a ball at the current flint precision."""
        from flint import arb

        total = arb(0)
        rate = _to_arb(self.rate)
        for j, quasi in self._quasi.items():
            s = j + k + 1
            total += arb(s).gamma() * rate ** (-s) * _mellin_ball(quasi, s, rate)
        return total

    @cached_property
    def sign(self) -> int | None:
        """1 or -1 when f - asymptote has that sign on all of x > 0 (proved by Sturm counts), 0 if it vanishes."""
        signs = {_sign_on_unit_interval(r) for r in self._decaying.values()}
        if not signs:
            return 0
        return signs.pop() if len(signs) == 1 else None


def _in_exponential(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, dict] | None:
    """Return (rate, expression in X and T, constants) with T = exp(-rate X), or None."""
    expr = expr.rewrite(_HYPERBOLIC, sp.exp)
    expr = expr.replace(
        lambda e: isinstance(e, sp.Pow) and not e.base.has(X) and e.exp.has(X),
        lambda e: sp.exp(e.exp * sp.log(e.base), evaluate=False) if e.base != sp.E else e,
    )
    slopes: dict[sp.Expr, tuple[sp.Expr, sp.Expr]] = {}
    for atom in expr.atoms(sp.exp):
        argument = sp.expand(atom.exp)
        if not argument.has(X):
            continue
        if not argument.is_polynomial(X) or sp.degree(argument, X) > 1:
            return None
        slope = argument.coeff(X, 1)
        if not slope.is_real:
            return None
        slopes[atom] = (slope, argument.coeff(X, 0))
    rate = _common_rate([slope for slope, _ in slopes.values()])
    if rate is None:
        return None
    names: dict[sp.Expr, sp.Symbol] = {}

    def name(value: sp.Expr) -> sp.Expr:
        if value.is_Rational:
            return value
        return names.setdefault(value, sp.Dummy("k", positive=True))

    def name_exp(offset: sp.Expr) -> sp.Expr:
        if offset.could_extract_minus_sign():
            return 1 / name(sp.exp(-offset))
        return name(sp.exp(offset))

    table = {
        atom: T ** (-sp.nsimplify(slope / rate)) * (name_exp(offset) if offset != 0 else 1)
        for atom, (slope, offset) in slopes.items()
    }
    expr = expr.xreplace(table)
    leftover = {a for a in expr.atoms(sp.Function, sp.NumberSymbol) if not a.has(X) and not a.has(T)}
    leftover |= {
        a for a in expr.atoms(sp.Pow) if not a.has(X) and not a.has(T) and not a.exp.is_Integer and a.is_number
    }
    expr = expr.xreplace({a: name(a) for a in sorted(leftover, key=sp.default_sort_key)})
    if not expr.is_rational_function(X, T):
        return None
    return rate, expr, {symbol: value for value, symbol in names.items()}


def _coarsest(numerator: sp.Expr, denominator: sp.Expr, rate: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Replace T^g by T where only powers of T^g occur (exp(x) and exp(-x) in tanh give T^2)."""
    polys = [sp.Poly(numerator, T), sp.Poly(denominator, T)]
    step = 0
    for poly in polys:
        for (n,) in poly.monoms():
            step = gcd(step, n)
    if step < 2:
        return numerator, denominator, rate
    shrunk = [sp.Add(*(c * T ** (n // step) for (n,), c in poly.terms())) for poly in polys]
    return shrunk[0], shrunk[1], rate * step


def _common_rate(slopes: list[sp.Expr]) -> sp.Expr | None:
    """Return the largest a > 0 of which all slopes are integer multiples (1 for no slopes, None if there is none)."""
    if not slopes:
        return sp.S.One
    unit = sp.Abs(slopes[0])
    ratios = [sp.nsimplify(sp.simplify(s / unit)) for s in slopes]
    if not all(r.is_Rational for r in ratios):
        return None
    common = sp.S.Zero
    for r in ratios:
        common = sp.gcd(common, r)
    return sp.simplify(unit * common)


def _expand(rational: sp.Expr, constants: dict) -> Quasi:
    """Return the Taylor coefficients of a rational function of T that vanishes at 0."""
    finite: dict[int, sp.Expr] = {}
    roots: list[tuple[sp.Expr, sp.Poly]] = []
    classes: list[tuple[int, int, sp.Poly]] = []
    for term in sp.Add.make_args(sp.apart(rational, T)):
        numerator, denominator = sp.fraction(sp.together(term))
        if not denominator.has(T):
            for (n,), c in sp.Poly(term, T).terms():
                finite[n] = finite.get(n, sp.S.Zero) + sp.sympify(c).xreplace(constants)
            continue
        constant, factors = sp.factor_list(denominator, T)
        (factor, m), *others = [(f, m) for f, m in factors if f.has(T)]
        if others:
            raise UnsupportedError(f"partial fractions left {term}")
        for f, power in factors:
            if not f.has(T):
                constant *= f**power
        numerator = numerator / constant
        poly = sp.Poly(factor, T)
        if poly.degree() == 1:
            roots.append(_linear(sp.Poly(numerator, T), poly, m, constants))
        else:
            classes.extend(_cyclotomic(sp.Poly(numerator, T), poly, m))
    finite.pop(0, None)
    return Quasi(finite, tuple(roots), tuple(classes))


def _binomial_poly(shift: sp.Expr, m: int) -> sp.Expr:
    """Return C(shift + m - 1, m - 1) as a polynomial in N."""
    return sp.prod([shift + i for i in range(1, m)]) / sp.factorial(m - 1)


def _linear(numerator: sp.Poly, factor: sp.Poly, m: int, constants: dict) -> tuple[sp.Expr, sp.Poly]:
    alpha, beta = factor.all_coeffs()
    if numerator.degree() > 0:
        raise UnsupportedError("partial fractions left a numerator over a linear factor")
    root = sp.sympify(-beta / alpha).xreplace(constants)
    if (root > 0) == True and (root < 1) == True:  # noqa: E712 - SymPy's three-valued comparison
        raise DomainError("the function has a pole on the real line, so the expectation does not exist")
    scale = sp.sympify(numerator.eval(0) / beta**m).xreplace(constants)
    return root, sp.Poly(scale * _binomial_poly(N, m), N)


def _cyclotomic(numerator: sp.Poly, factor: sp.Poly, m: int) -> list[tuple[int, int, sp.Poly]]:
    """Write numerator/factor^m over (1 - T^modulus)^m; return one polynomial for each residue class."""
    modulus = _root_order(factor)
    cofactor = sp.div(sp.Poly(1 - T**modulus, T), factor)[0]
    raised = numerator * cofactor**m
    by_class: dict[int, sp.Expr] = {}
    for (i,), c in raised.terms():
        residue = i % modulus or modulus
        by_class[residue] = by_class.get(residue, sp.S.Zero) + c * _binomial_poly((N - i) / modulus, m)
    return [(modulus, r, sp.Poly(p, N)) for r, p in sorted(by_class.items()) if sp.expand(p) != 0]


def _root_order(factor: sp.Poly) -> int:
    for modulus in range(3, _MAX_ROOT_ORDER):
        if factor.degree() == sp.totient(modulus) and factor.monic().as_expr() == sp.cyclotomic_poly(modulus, T):
            return modulus
    raise UnsupportedError(f"no closed form for the poles of 1/({factor.as_expr()})")


def _powers(p: sp.Poly) -> list[tuple[int, sp.Expr]]:
    return [(i, c) for (i,), c in p.terms()]


def _zeta_finite(u: int, s: int, rate: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return (finite part, residue) of zeta at u inside Gamma(s) rate^-s zeta(u), as s varies."""
    if u == 1:
        return sp.EulerGamma + sp.digamma(s) - sp.log(rate), sp.S.One
    return sp.zeta(u), sp.S.Zero


def _mellin_exact(quasi: Quasi, s: int, rate: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return (finite part, residue) of sum_n r_n n^-s."""
    value = sp.Add(*(c * sp.Integer(n) ** (-s) for n, c in quasi.finite.items()))
    residue = sp.S.Zero
    for root, p in quasi.roots:
        for i, c in _powers(p):
            u = s - i
            if root == 1:
                finite, pole = _zeta_finite(u, s, rate)
                value += c * finite
                residue += c * pole
            elif root == -1:
                value -= c * (sp.log(2) if u == 1 else (1 - sp.Integer(2) ** (1 - u)) * sp.zeta(u))
            else:
                value += c * _polylog(u, 1 / root)
    by_class_residue = sp.S.Zero
    for modulus, r, p in quasi.classes:
        for i, c in _powers(p):
            u = s - i
            if u == 1:
                value -= c * (sp.digamma(sp.Rational(r, modulus)) + sp.log(modulus)) / modulus
                by_class_residue += c / modulus
            else:
                value += c * sp.Integer(modulus) ** (-u) * _hurwitz(u, sp.Rational(r, modulus))
    if by_class_residue != 0:
        raise DomainError("the classes of a cyclotomic factor do not balance at zeta's pole")
    return value, residue


def _hurwitz(u: int, a: sp.Rational) -> sp.Expr:
    if u <= 0:
        return -sp.bernoulli(1 - u, a) / (1 - u)
    return sp.zeta(u, a)


def _polylog(u: int, z: sp.Expr) -> sp.Expr:
    if u > 1:
        return sp.polylog(u, z)
    value = -sp.log(1 - T) if u == 1 else T / (1 - T)
    for _ in range(-u):
        value = sp.cancel(T * sp.diff(value, T))
    return value.subs(T, z)


def _to_arb(value: sp.Expr) -> Any:
    from flint import arb, fmpq

    value = sp.sympify(value)
    if value.is_Rational:
        return arb(fmpq(int(value.p), int(value.q)))
    from derive.numerics.compile import to_arb

    return to_arb(value)


def _mellin_ball(quasi: Quasi, s: int, rate: Any) -> Any:
    from flint import acb, arb, fmpq

    value = arb(0)
    for n, c in quasi.finite.items():
        value += _to_arb(c) * arb(n) ** (-s)
    for root, p in quasi.roots:
        for i, c in _powers(p):
            u, weight = s - i, _to_arb(c)
            if root == 1:
                finite = arb(s).digamma() + arb.const_euler() - rate.log() if u == 1 else None
                value += weight * (arb(u).zeta() if finite is None else finite)
            elif root == -1:
                value -= weight * (arb.const_log2() if u == 1 else (1 - arb(2) ** (1 - u)) * arb(u).zeta())
            elif u > 1:
                value += weight * acb(1 / _to_arb(root)).polylog(u).real
            else:
                value += weight * _to_arb(_polylog(u, 1 / root))
    for modulus, r, p in quasi.classes:
        a = arb(fmpq(r, modulus))
        for i, c in _powers(p):
            u, weight = s - i, _to_arb(c)
            if u == 1:
                value -= weight * (a.digamma() + arb(modulus).log()) / modulus
            else:
                value += weight * arb(modulus) ** (-u) * acb(u).zeta(acb(a)).real
    return value


def _sign_on_unit_interval(rational: sp.Expr) -> int | None:
    """Return the sign of a rational function of T on (0, 1), or None if it changes there (or is not over Q)."""
    numerator, denominator = sp.fraction(sp.together(rational))
    half = sp.Rational(1, 2)
    for part in (numerator, denominator):
        poly = sp.Poly(part, T)
        if not poly.domain.is_QQ and not poly.domain.is_ZZ:
            return None
        for edge in (0, 1):
            while poly.eval(edge) == 0:
                poly = sp.div(poly, sp.Poly(T - edge, T))[0]
        if poly.count_roots(0, 1) > 0:
            return None
    return 1 if rational.subs(T, half) > 0 else -1
