r"""More dropout shortens xi_c, where phi is odd and rises concavely for x > 0."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _dropout

w, b, rho, q, V, chi_q, chi_c = sp.symbols("sigma_w2 sigma_b2 rho q V chi_q chi_c", positive=True)
D, B, S = sp.symbols("D B S", real=True)
slope, change = sp.Symbol("slope", real=True), sp.Symbol("change", real=True)

CLAIM = Claim(
    id="dropout_shortens_the_depth_scale",
    title="the depth scale of the correlation as a function of dropout",
    statement=sp.Eq(slope, w**2 * V * (B + S * (w * D + b) / (1 - chi_c)) / (rho**2 * q * (1 - chi_q))),
    source=Source("schoenholz2017", "section 3, end, and Figure 3 (c): more dropout, shorter xi_c at fixed sigma_w^2"),
    meaning=(
        "slope = dchi_c/drho along a stable fixed point, 1/xi_c = -log chi_c; D = E (phi(u1) - u1 phi'(u1)) phi(u2), "
        "B = -E u1 phi''(u1) phi'(u2), S = E phi''(u1) phi''(u2), all at c*.  Where phi is odd, increasing and concave "
        "for x > 0, none of the three is negative (x phi'' <= 0 <= phi', and quadrants_of_a_gaussian_pair), so "
        "chi_c and xi_c fall with every bit of dropout"
    ),
    variables={
        w: "sigma_w2 > 0",
        b: "sigma_b2 >= 0",
        rho: "0 < rho <= 1, the probability that a unit is kept",
        q: "q* > 0",
        V: "V = E phi(u)^2 at q*",
        chi_q: "chi_q < 1",
        chi_c: "chi_c < 1",
        D: "D real",
        B: "B real",
        S: "S real",
    },
    uses=("dropout_lowers_the_correlation", "quadrants_of_a_gaussian_pair"),
    printed=Printed(
        text="for tanh more dropout shortens xi_c at fixed sigma_w^2 (change = chi_c at rho less that at 17 rho/18)",
        statement=sp.Gt(change, 0),
    ),
)


def derive() -> sp.Expr:
    """chi_c = sigma_w2 K(q, q c) along the fixed point; q K_q + lam K_lam = -B by scaling, K_lam = S by Price."""
    from .dropout_lowers_the_correlation import CLAIM as LOWER

    lam, scale, c = sp.symbols("lam scale c")
    means = sp.Function("K")
    K = means(q, lam)
    K_q, K_lam = sp.symbols("K_q K_lam")
    at = {K.diff(q): K_q, K.diff(lam): K_lam}
    grown = means(scale**2 * q, scale**2 * lam).diff(scale).subs(scale, 1).doit() / 2  # E u1 phi''(u1) phi'(u2)
    inner = means(q, q * c)
    by_q = inner.diff(q).doit().subs(q * c, lam).doit().subs(at).subs(c, lam / q)
    by_c = inner.diff(c).doit().subs(q * c, lam).doit().subs(at)
    known = sp.solve([grown.subs(at) + B, K_lam - S], [K_q, K_lam], dict=True)[0]
    q_rho = -w * V / rho**2 / (1 - chi_q)
    total = w * (by_q * q_rho + by_c * LOWER.statement.rhs)
    return sp.simplify(total.subs(known))


def exact(statement, _point) -> bool:
    """The cube, at a fixed point with rational numbers."""
    numbers = _dropout.cubic_numbers()
    at = {s: numbers[s.name] for s in (w, b, rho, q, V, chi_q, chi_c, D, B, S)}
    return statement.rhs.subs(at) == _dropout.cubic_slopes()[1]


def checks():
    yield holds("cubic activation", exact, method="polynomial fixed-point equations differentiated, exact")


def printed_checks():
    yield _dropout.falls(1, change, w, b, rho, "q* and c* between two signs, in balls")
