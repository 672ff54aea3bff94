"""The real zeros of an analytic expression in one variable, exact and complete, or a refusal.

An activation is split at the points where the arguments of ``Abs``, ``Max``, ``Piecewise``, ... change sign.  A missed
point would be a silently wrong activation, so only rules that find *all* zeros are used: signs SymPy knows, products,
inverse functions, polynomials, polynomials in one function such as exp(a x), and bounds that exclude zeros.  Where none
applies the answer is an :class:`~derive.errors.UnsupportedError`, never a guess and never a numerical root.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, reduce

import sympy as sp

from derive.activations.values import in_exponentials, power, sign_of
from derive.errors import UnsupportedError

__all__ = ["dominated", "plain", "real_zeros", "sorted_points"]


def _atanh(y: sp.Expr) -> sp.Expr:
    """Inverse hyperbolic functions are written as logarithms, which SymPy simplifies inside exponentials."""
    return sp.log(sp.radsimp((1 + y) / (1 - y))) / 2


# f(v) = y has at most one solution v: the condition on y and the solution.
_INJECTIVE: dict[type, tuple[Callable[[sp.Expr], bool], Callable[[sp.Expr], sp.Expr]]] = {
    sp.exp: (lambda y: sign_of(y) > 0, sp.log),
    sp.log: (lambda y: True, sp.exp),
    sp.tanh: (lambda y: _inside(y, 1), _atanh),
    sp.erf: (lambda y: _inside(y, 1), sp.erfinv),
    sp.erfc: (lambda y: _inside(y - 1, 1), lambda y: sp.erfinv(1 - y)),
    sp.atan: (lambda y: _inside(y, sp.pi / 2), sp.tan),
    sp.sinh: (lambda y: True, lambda y: sp.log(y + sp.sqrt(y**2 + 1))),
    sp.asinh: (lambda y: True, sp.sinh),
    sp.atanh: (lambda y: True, sp.tanh),
    sp.asin: (lambda y: not sign_of(sp.pi / 2 - abs(y)) < 0, sp.sin),
    sp.acos: (lambda y: sign_of(y) >= 0 and sign_of(sp.pi - y) >= 0, sp.cos),
    sp.acosh: (lambda y: sign_of(y) >= 0, sp.cosh),
}
_BOUNDED = {sp.sin: 1, sp.cos: 1, sp.tanh: 1, sp.erf: 1, sp.atan: sp.pi / 2, sp.sech: 1}


def _inside(y: sp.Expr, radius: sp.Expr | int) -> bool:
    return sign_of(radius - sp.Abs(y)) > 0


def plain(e: sp.Basic) -> sp.Basic:
    """The expression with its dummy variables shown as plain symbols, for messages."""
    return e.xreplace({d: sp.Symbol(d.name) for d in e.atoms(sp.Dummy)})


def _unknown(u: sp.Expr) -> UnsupportedError:
    return UnsupportedError(
        f"the real zeros of {plain(u)} could not be found exactly; "
        "write the function with Piecewise and explicit break points"
    )


@lru_cache(maxsize=1024)
def real_zeros(u: sp.Expr, x: sp.Symbol) -> tuple[sp.Expr, ...]:
    """All real zeros of ``u`` in increasing order; ``u`` is analytic in ``x`` and not identically zero.

    >>> x = sp.Symbol("x", real=True)
    >>> real_zeros(sp.exp(2*x) - 3*sp.exp(x) + 2, x)
    (0, log(2))
    """
    return sorted_points(_zeros(u, x))


def sorted_points(points: set[sp.Expr]) -> tuple[sp.Expr, ...]:
    """The points in increasing order, each once, compared with certainty."""
    ordered: list[sp.Expr] = []
    for p in points:
        place = 0
        for place, q in enumerate(ordered):  # noqa: B007 - the place is used after the loop
            sign = sign_of(p - q)
            if sign <= 0:
                break
        else:
            place, sign = len(ordered), -1
        if sign != 0:
            ordered.insert(place, p)
    return tuple(ordered)


def _zeros(u: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    if not u.has(x) or u.is_positive or u.is_negative or u.is_nonzero:
        return set()
    if u == x:
        return {sp.S.Zero}
    if isinstance(u, sp.Mul):
        return set().union(*(_zeros(f, x) for f in u.args))
    if isinstance(u, sp.Pow):
        return _power_zeros(u, x)
    if isinstance(u, sp.Function):
        return _level(u, sp.S.Zero, x)
    if isinstance(u, sp.Add):
        return _sum_zeros(u, x)
    raise _unknown(u)


def _power_zeros(u: sp.Pow, x: sp.Symbol) -> set[sp.Expr]:
    if u.exp.has(x):
        if u.base.is_positive:
            return set()
        raise _unknown(u)
    return set() if sign_of(u.exp) < 0 else _zeros(u.base, x)


def _level(f: sp.Expr, y: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    """The solutions of f = y for a function, a power or the variable itself."""
    if f == x:
        return {y}
    if isinstance(f, sp.Pow) and f.exp.is_Rational:
        return _power_level(f, y, x)
    argument = f.args[0] if f.args else f
    if f.func in _INJECTIVE:
        fits, inverse = _INJECTIVE[f.func]
        return _zeros(argument - inverse(y), x) if fits(y) else set()
    if isinstance(f, sp.sech):
        return set() if sign_of(y) <= 0 else _level(sp.cosh(argument), 1 / y, x)
    if isinstance(f, sp.cosh):
        side = sign_of(y - 1)
        if side < 0:
            return set()
        root = sp.log(y + sp.sqrt(y**2 - 1))
        return _zeros(argument - root, x) | (_zeros(argument + root, x) if side else set())
    if isinstance(f, sp.erfi) and y == 0:
        return _zeros(argument, x)
    if isinstance(f, (sp.sin, sp.cos)):
        return _wave_level(f, y, x)
    raise _unknown(f - y)


def _power_level(f: sp.Pow, y: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    """The solutions of base**exp = y for a rational exponent that is not 1."""
    sign = sign_of(y)
    if sign == 0:
        return _zeros(f.base, x) if f.exp > 0 else set()
    odd = f.exp.is_Integer and f.exp % 2
    if sign < 0 and not odd:
        return set()
    root = sign * power(sp.Abs(y), 1 / f.exp)
    if odd:
        return _zeros(f.base - root, x)
    found = _zeros(f.base - root, x)
    return found | _zeros(f.base + root, x) if f.exp.is_Integer and sign else found


def _wave_level(f: sp.Expr, y: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    """sin(v) = y and cos(v) = y where v stays in so small a range that there are finitely many solutions."""
    argument = f.args[0]
    bound = _bound(argument, x)
    if bound is None:
        raise UnsupportedError(
            f"{plain(f)} = {y} has no or infinitely many solutions; an activation has finitely many kinks"
        )
    if isinstance(f, sp.sin) and y == 0 and sign_of(sp.pi - bound) > 0:
        return _zeros(argument, x)
    if isinstance(f, sp.cos) and y == 0 and sign_of(sp.pi / 2 - bound) > 0:
        return set()
    raise _unknown(f - y)


def _sum_zeros(u: sp.Add, x: sp.Symbol) -> set[sp.Expr]:
    constant, rest = u.as_independent(x, as_Add=True)
    bound = _bound(rest, x)
    if bound is not None and constant != 0 and sign_of(sp.Abs(constant) - bound) > 0:
        return set()
    if u.is_polynomial(x):
        return _polynomial_zeros(sp.Poly(u, x))
    together = sp.factor_terms(u)
    if isinstance(together, sp.Mul):
        return _zeros(together, x)
    if not isinstance(rest, sp.Add):
        factor, inner = rest.as_independent(x, as_Add=False)
        if not isinstance(inner, sp.Mul):
            return _level(inner, -constant / factor, x)
    return _kernel_zeros(u, x)


def _polynomial_zeros(p: sp.Poly) -> set[sp.Expr]:
    if p.degree() <= 2:
        return _quadratic_zeros(p)
    if p.domain.is_ZZ or p.domain.is_QQ:
        return {root for root, _ in sp.real_roots(p, multiple=False)}
    if len(p.terms()) == 2 and p.monoms()[1] == (0,):
        return _power_level(sp.Pow(p.gen, p.degree()), -p.eval(0) / p.LC(), p.gen)
    content, q = sp.gcd_list(p.all_coeffs()), p
    if content != 1:
        q = sp.Poly([sp.cancel(c / content) for c in p.all_coeffs()], p.gen)
    if q.domain.is_ZZ or q.domain.is_QQ:
        return _polynomial_zeros(q)
    _, factors = sp.factor_list(p)
    if len(factors) > 1 or (factors and factors[0][1] > 1):
        return set().union(*(_polynomial_zeros(f) for f, _ in factors))
    raise _unknown(p.as_expr())


def _quadratic_zeros(p: sp.Poly) -> set[sp.Expr]:
    if p.degree() < 2:
        return {sp.simplify(-p.coeff_monomial(1) / p.coeff_monomial(p.gen))} if p.degree() == 1 else set()
    a, b, c = (sp.simplify(k) for k in p.all_coeffs())
    discriminant = sp.expand(b**2 - 4 * a * c)
    if sign_of(discriminant) < 0:
        return set()
    root = sp.sqrt(discriminant)
    return {(-b - root) / (2 * a), (-b + root) / (2 * a)}


def _kernel_zeros(u: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    """Zeros of a polynomial in one function of x; hyperbolic functions are written in exp and fractions cleared."""
    for form in (_plain, _expanded, _exponential):
        found = form(u, x)
        if found is None:
            continue
        changed, kernel, y = found
        if changed.has(x) or not changed.is_polynomial(y):
            continue
        roots = sorted_points(_polynomial_zeros(sp.Poly(changed, y)))
        return set().union(*(_level(kernel, r, x) for r in roots))
    raise _unknown(u)


_Y = sp.Dummy("y", positive=True)
_InKernel = tuple[sp.Expr, sp.Expr, sp.Symbol]


def _plain(u: sp.Expr, x: sp.Symbol) -> _InKernel | None:
    kernels = _kernels(u, x)
    if len(kernels) != 1:
        return None
    (kernel,) = kernels
    return u.xreplace({kernel: _Y}), kernel, _Y


def _expanded(u: sp.Expr, x: sp.Symbol) -> _InKernel | None:
    return _plain(sp.expand(u), x)


def _exponential(u: sp.Expr, x: sp.Symbol) -> _InKernel | None:
    """All exp(a x + b) as powers of one exponential, where the rates a are commensurable."""
    u = sp.expand(sp.numer(sp.together(in_exponentials(u))))
    rates = {sp.diff(e.args[0], x) for e in u.atoms(sp.exp) if e.has(x)}
    if not rates or not all(r.is_number for r in rates):
        return None
    first = next(iter(rates))
    ratios = [sp.cancel(r / first) for r in rates]
    if not all(r.is_Rational for r in ratios):
        return None
    unit = sp.Abs(first) * reduce(sp.gcd, ratios)

    def power(e: sp.exp) -> sp.Expr:
        rate = sp.diff(e.args[0], x)
        return sp.exp(sp.expand(e.args[0] - rate * x)) * _Y ** sp.cancel(rate / unit)

    in_y = u.replace(lambda e: isinstance(e, sp.exp) and e.has(x), power)
    return sp.expand(sp.numer(sp.together(in_y))), sp.exp(unit * x), _Y


def _kernels(u: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    if not u.has(x):
        return set()
    if isinstance(u, (sp.Add, sp.Mul)) or (isinstance(u, sp.Pow) and u.exp.is_Integer and u.exp > 0):
        return set().union(*(_kernels(a, x) for a in u.args))
    return {u}


def dominated(u: sp.Expr, x: sp.Symbol) -> bool:
    """Whether u is plainly nowhere negative, as 1 + cos(x): a constant at least as large as a bound on the rest."""
    constant, rest = u.as_independent(x, as_Add=True)
    bound = _bound(rest, x)
    return bound is not None and sign_of(constant - bound) >= 0


def _bound(u: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    """A bound on |u| over the real line where one is plain to see."""
    if not u.has(x):
        return sp.Abs(u)
    if u.func in _BOUNDED:
        return sp.sympify(_BOUNDED[u.func], strict=True)
    if isinstance(u, (sp.Add, sp.Mul)):
        parts = [_bound(a, x) for a in u.args]
        return None if None in parts else u.func(*parts)
    if isinstance(u, sp.Pow) and u.exp.is_Integer and u.exp > 0:
        inner = _bound(u.base, x)
        return None if inner is None else inner**u.exp
    return None
