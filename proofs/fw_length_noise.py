r"""The scatter of the length in one layer of a reduced residual network of finite width, for any odd activation."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

p, m2, m4 = sp.symbols("p m2 m4", positive=True)
S = sp.Symbol("S", positive=True)
WIDTH = sp.Symbol("width", positive=True, integer=True)

CLAIM = Claim(
    id="fw_length_noise",
    title="variance of the length after one reduced residual layer",
    statement=sp.Eq(S, 4 * p * m2 + m4 - m2**2),
    source=Source("derive", "finite width: corrections of order 1/width"),
    meaning=(
        "S is the width times the variance of p_l given the layer before, x' = x + phi(W x + b), phi odd; exact at "
        "every width. The variance of p_l over nets is then C_l/width to first order, C' = (1 + sw2 V')^2 C + S"
    ),
    variables={p: "mean square of the stream", m2: "E phi^2", m4: "E phi^4"},
)


def derive() -> sp.Expr:
    """The chain of the package at skip 1, with E phi = E phi^3 = 0."""
    from derive.finite_width.correction_layers import PARAMETERS, chain, mean_symbol
    from derive.finite_width.correction_layers import p as length

    noise = chain("reduced_residual").noise[0, 0].subs(PARAMETERS["skip"], 1)
    odd = {mean_symbol(1): 0, mean_symbol(3): 0, mean_symbol(2): m2, mean_symbol(4): m4, length: p}
    return sp.expand(noise.subs(odd))


def entries(statement, point):
    """phi(h) = h^3 + h with h normal of variance q, all units integrated separately."""
    width = int(point[WIDTH])
    h, q = sp.symbols(f"h0:{width}"), sp.Rational(1, 3)
    x = [sp.Integer(2), sp.Integer(-1), sp.Integer(1)][:width]

    def mean(expr):
        poly = sp.Poly(sp.expand(expr), *h)
        return sum(
            c * sp.prod([q ** (k // 2) * sp.factorial2(k - 1) for k in powers])
            for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True)
            if all(k % 2 == 0 for k in powers)
        )

    length = sum((a + b**3 + b) ** 2 for a, b in zip(x, h, strict=True)) / width
    exact = width * (mean(length**2) - mean(length) ** 2)
    f = h[0] ** 3 + h[0]
    values = {p: sum(a**2 for a in x) / sp.Integer(width), m2: mean(f**2), m4: mean(f**4)}
    return sp.expand(statement.rhs.subs(values) - exact) == 0


def checks():
    points = [{WIDTH: k} for k in (1, 2, 3)]
    yield holds("cubic activation", entries, points, method="exact Gaussian moments, phi(h) = h^3 + h, widths 1 to 3")
