r"""More dropout lowers c*, where phi is odd and rises concavely for x > 0."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from . import _dropout

w, b, rho, q, V, chi_q, chi_c = sp.symbols("sigma_w2 sigma_b2 rho q V chi_q chi_c", positive=True)
D = sp.Symbol("D", real=True)
slope, change = sp.Symbol("slope", real=True), sp.Symbol("change", real=True)

CLAIM = Claim(
    id="dropout_lowers_the_correlation",
    title="the asymptotic correlation as a function of dropout",
    statement=sp.Eq(slope, w * V * (w * D + b) / (rho**2 * q**2 * (1 - chi_q) * (1 - chi_c))),
    source=Source("schoenholz2017", "section 3, Figure 3 (a) and (b): c* falls monotonically with dropout"),
    meaning=(
        "slope = dc*/drho along a stable fixed point (chi_q, chi_c < 1), D = E (phi(u1) - u1 phi'(u1)) phi(u2) at c*.  "
        "Where phi is odd, positive and concave for x > 0 (tanh, erf, arctan, softsign), phi - x phi' is positive "
        "there too, so D >= 0 (quadrants_of_a_gaussian_pair), the slope is positive, and every bit of dropout "
        "lowers c*; for other activations see dropout_may_raise_the_correlation"
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
    },
    uses=("ff_length_recurrence", "ff_covariance_recurrence", "quadrants_of_a_gaussian_pair"),
    printed=Printed(
        text="for tanh c* falls monotonically as dropout increases (change = c* at rho minus c* at 17 rho/18)",
        statement=sp.Gt(change, 0),
    ),
)


def derive() -> sp.Expr:
    """Both fixed-point equations differentiated by rho; the scaling u -> s u gives q W_q + lam W_lam = W - D."""
    lam, scale, speed = sp.symbols("lam scale speed")
    means = sp.Function("W")
    W = means(q, lam)
    grown = means(scale**2 * q, scale**2 * lam).diff(scale).subs(scale, 1).doit() / 2  # E u1 phi'(u1) phi(u2)
    W_q, W_lam = sp.symbols("W_q W_lam")
    euler = grown.subs({W.diff(q): W_q, W.diff(lam): W_lam}) - (W - D)
    q_rho = sp.solve(w * (chi_q * rho / w) * speed / rho - w * V / rho**2 - speed, speed)[0]
    lam_rho = sp.solve(w * (W_q * q_rho + W_lam * speed) - speed, speed)[0]
    moved = (lam_rho / q - lam * q_rho / q**2).subs(W_q, sp.solve(euler, W_q)[0])
    return sp.factor(sp.simplify(moved.subs({W_lam: chi_c / w, W: (lam - b) / w})))


def exact(statement, _point) -> bool:
    """The cube, at a fixed point with rational numbers."""
    numbers = _dropout.cubic_numbers()
    at = {s: numbers[s.name] for s in (w, b, rho, q, V, chi_q, chi_c, D)}
    return statement.rhs.subs(at) == _dropout.cubic_slopes()[0]


def checks():
    yield holds("cubic activation", exact, method="polynomial fixed-point equations differentiated, exact")


def printed_checks():
    yield _dropout.falls(0, change, w, b, rho, "c* between two signs, in balls")
