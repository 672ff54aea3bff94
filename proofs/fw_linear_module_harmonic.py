r"""Residual modules that end linearly: the sum of the squares of the scales decides, not the sum of the scales."""

import mpmath
import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds, outside, under

I = sp.Symbol("I", nonnegative=True)
WITH_RELU = sp.Symbol("with_relu", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_linear_module_harmonic",
    title="scales 1/l with modules ending linearly keep the mean squared length finite",
    statement=sp.Eq(I, sp.sqrt(2) * sp.pi / sp.sinh(sp.sqrt(2) * sp.pi)),
    source=Source("hanin2018", "Theorem 6, (8)"),
    meaning=(
        "I is the limit of 1/E M_L for scales 1/l and modules whose last layer is linear (weights of variance "
        "2/fan-in, any symmetric law and depth), M_0 = 1: E M_L = prod (1 + 2/l^2). The sum of the scales is infinite"
    ),
    variables={I: "limit of 1/E M_L"},
    uses=("fw_mean_length", "fw_relu_module_step"),
    printed=Printed(
        text="sup M_L is finite if and only if the sum of the scales is: for scales 1/l it is infinite",
        statement=sp.Eq(I, 0),
        condition="the last layer of every module has a ReLU, as in the paper's equation (3)",
    ),
)


def derive() -> sp.Expr:
    """E |x + eta N(x)|^2 = |x|^2 (1 + eta^2 E|N|^2/|x|^2) for a symmetric last layer; then the product."""
    from derive.finite_width import ResidualReLU

    factors = {ResidualReLU([1], n, "linear", module_depth=m).moment(1) for n, m in ((2, 1), (3, 2), (5, 4))}
    (at_one,) = factors  # 1 + eta^2 k at eta = 1
    k = at_one - 1
    x = sp.Symbol("x", positive=True)
    product = sp.sinh(sp.pi * x) / (sp.pi * x)  # Euler: the product of 1 + x^2/l^2
    return 1 / product.subs(x, sp.sqrt(k))


def signs(statement, point):
    """The product, its factors from enumerating all signs of one linear module of width 2 for |x|^2 = 1."""
    from itertools import product

    ratios = []
    for eta in (1, mpmath.mpf(1) / 2):
        total = mpmath.mpf(0)
        for s in product((1, -1), repeat=4):
            total += (1 + eta * s[0]) ** 2 + (eta * s[2]) ** 2  # x = (1, 0); 2/fan-in = 1
        ratios.append(total / 16)
    k = ratios[0] - 1
    assert abs(ratios[1] - 1 - k / 4) < 1e-12
    return mpmath.exp(-mpmath.nsum(lambda j: mpmath.log1p(k / j**2), [1, mpmath.inf]))


def _product():
    return digits(
        "product over the modules",
        signs,
        digits=12,
        method="all signs of one module of width two; the sum of logarithms by mpmath.nsum",
    )


def printed_checks():
    def finite(statement, point):
        """For linear modules the partial products increase and stay below exp(2 pi^2/6): finite, and between bounds."""
        if statement.rhs == 0:
            return False
        value = 1 / statement.rhs
        low = sp.prod([1 + sp.Rational(2, j * j) for j in range(1, 40)])
        high = low * sp.exp(sp.Rational(2, 39))
        return bool(sp.N(value - low, 30) > 0) and bool(sp.N(high - value, 30) > 0)

    def infinite(statement, point):
        """For modules ending with ReLU, prod (1 + 1/(l sqrt(pi)))^2 bounds E M_L below, and sum 1/l diverges."""
        j = sp.Symbol("j", positive=True, integer=True)
        diverges = sp.Sum(1 / j, (j, 1, sp.oo)).is_convergent() == sp.false
        return bool(diverges) and statement.rhs == 0

    yield under(holds("modules with ReLU", infinite, method="divergence of the lower bound's product"))
    yield outside(holds("linear modules", finite, method="partial products and the bound exp(2/39) of the rest"))


def checks():
    yield _product()
