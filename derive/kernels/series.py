"""What SymPy's ``series`` and ``limit`` ask of the kernel: its expansion along an inner function of x."""

from __future__ import annotations

import sympy as sp

from derive.errors import DomainError, UnsupportedError
from derive.kernels.expansions import at_minus_one, at_one, scale, taylor_coefficients

__all__ = ["gap_leading_term", "kernel_leading_term", "kernel_series"]


def kernel_series(alpha: sp.Expr, c: sp.Expr, x: sp.Symbol, n: int) -> sp.Expr:
    """J(alpha, c(x)) for x -> 0 with an error O(x**n)."""
    if alpha.has(x):
        raise UnsupportedError(f"alpha = {alpha} depends on {x}; a kernel is expanded in its correlation only")
    start = sp.limit(c, x, 0) if c.subs(x, 0) is sp.nan else c.subs(x, 0)
    if start in (1, -1):
        return _at_an_end(alpha, c, int(start), x, n)
    error = sp.Order(x**n, x)
    away = c - start
    power = away.as_leading_term(x).as_coeff_exponent(x)[1] if away != 0 else sp.S.One
    coefficients = taylor_coefficients(alpha, start, max(1, int(sp.ceiling(n / power))))
    total = sp.Add(*(a * sp.expand(away) ** k for k, a in enumerate(coefficients)))
    return total + error if away == x else total.series(x, 0, n)


def _at_an_end(alpha: sp.Expr, c: sp.Expr, end: int, x: sp.Symbol, n: int) -> sp.Expr:
    """The expansion at c = 1 or c = -1 along c(x), which has to lead into [-1, 1]."""
    if alpha.free_symbols:
        raise UnsupportedError(
            f"the order of the terms at c = {end} depends on alpha = {alpha}; give alpha a number, or take the two "
            "series of derive.kernels.expansions.at_one and at_minus_one"
        )
    small = sp.expand((1 - end * c) / 2)
    lead, power = small.as_leading_term(x).as_coeff_exponent(x)
    if lead.is_negative:
        raise DomainError(
            f"the path leads from c = {end} out of [-1, 1]; approach c = {end} from inside, with "
            f"dir='{'-' if end == 1 else '+'}'"
        )
    found = (at_one if end == 1 else at_minus_one)(alpha, c, max(1, int(sp.ceiling(n / power))))
    if small == lead * x**power:
        return found.at(small) + sp.Order(x**n, x)
    parts = (sp.expand_mul(a * _power(small, e, logs, x, n)) for e, logs, a in found.terms)
    return sp.Add(*parts) + sp.Order(x**n, x)


def _power(small: sp.Expr, exponent: sp.Expr, logs: int, x: sp.Symbol, n: int) -> sp.Expr:
    """small**exponent log(small)**logs as a series."""
    made = small**exponent * sp.log(small) ** logs
    return made.series(x, 0, n) if made.has(x) else made


def kernel_leading_term(alpha: sp.Expr, c: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The leading term of J(alpha, c(x)) for x -> 0; alpha may be a symbol."""
    start = sp.limit(c, x, 0) if c.subs(x, 0) is sp.nan else c.subs(x, 0)
    if start == -1:
        small = ((1 + c) / 2).as_leading_term(x)
        return scale(alpha) * small ** (alpha + sp.Rational(1, 2))
    from derive.kernels.functions import J

    return J(alpha, start)


def gap_leading_term(alpha: sp.Expr, d: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The leading term of 1 - J(alpha, 1 - d(x)) for x -> 0; at d = 0 alpha has to be a number."""
    from derive.kernels.functions import one_minus_J

    if d.subs(x, 0) != 0:
        return one_minus_J(alpha, d.subs(x, 0))
    small = d.as_leading_term(x)
    for order in (2, 3):
        main = (1 - kernel_series(alpha, 1 - small, x, order * int(small.as_coeff_exponent(x)[1] + 1))).removeO()
        if main != 0:
            return main.as_leading_term(x)
    raise UnsupportedError(f"the leading term of 1 - J({alpha}, 1 - {d}) was not found")
