r"""Where phi' jumps, xi_c is twice as long on the chaotic side of the edge: the map bends like (1 - c)^(3/2)."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds, symbolic

a, e = sp.symbols("a e", positive=True)
p = sp.Symbol("p", positive=True)
ratio = sp.Symbol("ratio", positive=True)

CLAIM = Claim(
    id="ff_kinks_double_the_chaotic_amplitude",
    title="amplitudes of xi_c on both sides of the edge",
    statement=sp.Eq(ratio, 1 / p),
    source=Source("derive", "schoenholz2017, below eq. 9: xi_c diverges at any order-to-chaos transition"),
    meaning=(
        "xi_c(+delta)/xi_c(-delta) as delta -> 0 in sigma_w2, for epsilon' = chi_1 epsilon - K "
        "epsilon^(1+p) + ...: p = 1 for "
        "smooth phi, p = 1/2 where phi' jumps (hard tanh), because E (phi'(u1) - phi'(u2))^2 is there proportional to "
        "E |u1 - u2|"
    ),
    variables={p: "p > 0"},
)


def derive() -> sp.Expr:
    """The slope at the fixed point epsilon^p = a/K beyond the edge, chi_1 = 1 + a, against that at 0 before it."""
    K = sp.Symbol("K", positive=True)
    image = (1 + a) * e - K * e ** (1 + p)
    slope = sp.expand(sp.diff(image, e)).subs(e**p, a / K)
    slope = sp.simplify(slope.subs(e ** (1 + p), e * a / K))
    return sp.simplify(a / (1 - slope))  # 1/(1 - slope) over 1/(1 - (1 - a))


def relu_kink(statement, _point) -> bool:
    """p = 1/2 for a kink: (1 - C)/(1 - c) = 1 - k (1 - c)^(1/2), exactly, for the arc-cosine kernel of ReLU."""
    t = sp.Symbol("t", positive=True)
    kernel = (sp.sin(t) + (sp.pi - t) * sp.cos(t)) / sp.pi
    bend = sp.series((1 - sp.cos(t)) - (1 - kernel), t, 0, 4).removeO()  # K epsilon^(3/2), epsilon = t^2/2
    power = sp.Rational(sp.degree(sp.Poly(sp.expand(bend * sp.pi), t)), 2) - 1
    return bool(statement.rhs.subs(p, power) == 2)


def by_numbers() -> sp.Expr:
    """log-derivative: near its root a map x M(x) has slope 1 + d log M/d log x."""
    return sp.simplify(1 / (e * sp.diff(p * sp.log(e), e)))


def checks():
    yield holds("kink of ReLU", relu_kink, method="arc-cosine kernel (Cho and Saul), expanded at angle 0", sees=_sees)
    yield symbolic("logarithmic derivative", by_numbers, method="slope 1 + d log(M)/d log(epsilon) at M = 1")


def _sees(statement, perturbed) -> bool:
    return perturbed.rhs.subs(p, sp.Rational(1, 2)) != statement.rhs.subs(p, sp.Rational(1, 2))
