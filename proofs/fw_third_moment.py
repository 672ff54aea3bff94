r"""The third moment of the squared length of one critical Gaussian ReLU layer."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

n = sp.Symbol("n", positive=True, integer=True)
f3 = sp.Function("f3")

CLAIM = Claim(
    id="fw_third_moment",
    title="third moment of the squared length after a critical Gaussian ReLU layer",
    statement=sp.Eq(f3(n), 1 + 15 / n + 44 / n**2),
    source=Source("derive", "finite width: all moments for Gaussian weights"),
    meaning="f3(n) = E (M_j/M_(j-1))^3 for n units with Gaussian weights of variance 2/fan-in and no biases",
    variables={n: "width"},
    uses=("fw_second_moment_layer",),
)


def derive() -> sp.Expr:
    """k! times the coefficient of t^k in (1 + sum_r E y^(2r) t^r/r!)^n, for symbolic n."""
    t = sp.Symbol("t")
    one = 1 + sum(sp.factorial2(2 * r - 1) * t**r / sp.factorial(r) for r in range(1, 4)) / 2
    power = sp.series(sp.exp(n * sp.log(one)), t, 0, 4).removeO()
    return sp.expand(6 * sp.expand(power).coeff(t, 3) * (2 / n) ** 3)


def mixture(statement, point) -> bool:
    return statement.rhs.subs(point) == _fw.rational(_fw.layer_factor(int(point[n]), 3))


def operator(statement, point) -> bool:
    """The moment operator of the package, which enumerates which factors fall on the same unit."""
    from derive.finite_width import ReLUNet

    width = int(point[n])
    return statement.rhs.subs(point) == ReLUNet([1, width]).moment(3)


def checks():
    points = [{n: k} for k in (1, 2, 3, 10, 57)]
    yield holds("chi-square mixture", mixture, points, method="third moments of chi-square laws, binomially mixed")
    yield holds("moment operator", operator, points, method="pulling the cube of the length back through the layer")
