r"""The scatter of the length in one full residual layer of finite width, for any activation."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

p, m2, m4, G, sigma_v2, sigma_a2 = sp.symbols("p m2 m4 G sigma_v2 sigma_a2", positive=True)
S = sp.Symbol("S", positive=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_length_noise_full",
    title="variance of the length after one full residual layer",
    statement=sp.Eq(
        S,
        4 * p * (sigma_v2 * m2 + sigma_a2) + 2 * (sigma_v2 * m2 + sigma_a2) ** 2 + sigma_v2**2 * (m4 - m2**2),
        evaluate=False,
    ),
    source=Source("derive", "finite width: corrections of order 1/width"),
    meaning=(
        "S is the limit, as the width grows, of the width times the variance of p_l given the layer before, "
        "x' = x + V phi(W x + b) + a; at width N it is larger by 2 sigma_v2^2 (m4 - m2^2)/N"
    ),
    variables={
        p: "mean square of the stream",
        m2: "E phi^2",
        m4: "E phi^4",
        sigma_v2: "variance of the outer weights times the width",
        sigma_a2: "variance of the outer biases",
    },
)


def derive() -> sp.Expr:
    """The chain of the package."""
    from derive.finite_width.correction_layers import PARAMETERS, chain, mean_symbol
    from derive.finite_width.correction_layers import p as length

    names = {PARAMETERS["sigma_v2"]: sigma_v2, PARAMETERS["sigma_a2"]: sigma_a2, length: p}
    return sp.expand(chain("full_residual").noise[0, 0].subs({**names, mean_symbol(2): m2, mean_symbol(4): m4}))


def entries(statement, point):
    """Width N = 1, 2 with phi taking the values 0 and 2 (probability 1/2): every Gaussian integrated on its own."""
    width = int(point[CASE]) + 1
    v2, a2 = sp.Rational(2, 3), sp.Rational(1, 5)
    x = [sp.Integer(2), sp.Integer(-1)][:width]
    total, square = sp.Integer(0), sp.Integer(0)
    for active in range(2**width):
        count = bin(active).count("1")
        g = v2 * sp.Rational(4 * count, width) + a2  # variance of an output given the hidden units
        mean = sum(a**2 for a in x) / sp.Integer(width) + g
        # Var (x + g)^2 = 4 x^2 G + 2 G^2 for each unit
        spread = sum(4 * a**2 * g + 2 * g**2 for a in x) / sp.Integer(width) ** 2
        total += mean / 2**width
        square += (mean**2 + spread) / 2**width
    exact = width * (square - total**2)
    values = {p: sum(a**2 for a in x) / sp.Integer(width), m2: 2, m4: 8, sigma_v2: v2, sigma_a2: a2}
    return statement.rhs.subs(values) + 2 * v2**2 * (8 - 4) / sp.Integer(width) == exact


def checks():
    yield holds(
        "two-valued activation",
        entries,
        [{CASE: 0}, {CASE: 1}],
        method="all hidden states of layers of width 1 and 2, Gaussian outputs in closed form",
    )
