r"""Biases in residual modules: a bounded variance changes constants, an unbounded one whether lengths stay bounded."""

from fractions import Fraction
from itertools import product

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

from . import _fw

eta, M0, beta = sp.symbols("eta M0 beta", positive=True)
n, L = sp.symbols("n L", positive=True, integer=True)
bounded = sp.Symbol("bounded", integer=True, nonnegative=True)
EM = sp.Function("EM")
GROWTH = sp.Symbol("growth", positive=True, integer=True)

CLAIM = Claim(
    id="fw_residual_biases",
    title="mean squared length of residual nets with biases",
    statement=sp.Eq(EM(L), (M0 + n * beta / 2) * (1 + 2 * eta**2) ** L - n * beta / 2),
    source=Source("hanin2018", "section 3.2, below (2)"),
    meaning=(
        "EM(L) is E M_L for L modules of one linear layer, weights of variance 2/n, biases of variance beta, both "
        "symmetric, scales eta. M + n beta/2 grows as M does without biases; with scales eta_l the power is the "
        "product of 1 + 2 eta_l^2, and with variances beta_l the sum over l of n eta_l^2 beta_l times the later "
        "factors is added"
    ),
    variables={eta: "scale", M0: "|input|^2", beta: "variance of the biases", n: "width", L: "modules"},
    printed=Printed(
        text=(
            "zero biases are for simplicity and do not affect the results: bounded = 1 where the mean lengths are "
            "bounded over the modules, here for scales 2^-l and biases of variance growth^l in module l"
        ),
        statement=sp.Eq(bounded, 1),
        condition="the variances of the biases are bounded over the modules (growth <= 1; even growth < 4 will do)",
    ),
)


def derive() -> sp.Expr:
    """The linear recurrence that one module gives; its fixed point is -n beta/2."""
    from derive.finite_width.residual_modules import ModuleMoments
    from derive.finite_width.weights import weight_law

    slopes = set()
    for width in (1, 3, 8):
        variance = sp.Rational(2, width)
        module = ModuleMoments(
            (width, width), [variance], weight_law("uniform"), 1, lambda x: sp.sympify(x, strict=True)
        )
        step = module.step(1, eta, beta)
        slopes.add((sp.expand(step[1,]), sp.expand(step[()] / width)))
    ((slope, shift),) = slopes  # M -> slope M + n shift
    fixed = n * shift / (1 - slope)
    return sp.simplify(fixed) + slope**L * (M0 - sp.simplify(fixed))


def signs(statement, point) -> bool:
    """Width two, all signs of weights (of variance 2/2) and of biases of one size; input (1, 3)."""
    scale, size = (Fraction(int(point[s].p), int(point[s].q)) for s in (eta, beta))
    bias, states = _fw.root(size), {(Fraction(1), Fraction(3)): Fraction(1)}
    for _ in range(int(point[L])):
        following: dict = {}
        for x, p in states.items():
            for s in product((1, -1), repeat=6):
                y = tuple(x[i] + scale * (s[i] * x[0] + s[2 + i] * x[1] + s[4 + i] * bias) for i in (0, 1))
                following[y] = following.get(y, 0) + p / 64
        states = following
    exact = _fw.rational(sum(p * (x[0] ** 2 + x[1] ** 2) for x, p in states.items()))
    return sp.simplify(statement.rhs.subs({**point, M0: 10, n: 2}) - exact) == 0


def package(statement, point) -> bool:
    """Modules of one layer, Gaussian weights, by the operators on polynomials in M."""
    from derive.finite_width import ResidualReLU

    width, modules = int(point[n]), int(point[L])
    net = ResidualReLU([point[eta]] * modules, width, "linear", bias_variances=point[beta], input_norm=2)
    return sp.simplify(statement.rhs.subs({**point, M0: 4}) - net.moment(1)) == 0


def checks():
    points = [(sp.Rational(1, 2), 1, 1), (sp.Rational(1, 3), sp.Rational(1, 4), 2), (2, 4, 2)]
    yield holds("all signs", signs, [{eta: a, beta: b, L: c} for a, b, c in points], method="enumeration at width two")
    points = [{n: a, eta: sp.Rational(1, a), beta: sp.Rational(1, 5), L: 4} for a in (1, 3, 7)]
    yield holds("package", package, points, method="ResidualReLU with Gaussian weights and biases")


def _converges(growth):
    """sup E M_L for scales 2^-l and n = M_0 = 1 lies between sum_l 4^-l growth^l and e^(2/3) (1 + that sum)."""
    l = sp.Symbol("l", positive=True, integer=True)
    return sp.Sum(sp.Rational(growth, 4) ** l, (l, 1, sp.oo)).is_convergent()


def _bounded(growths):
    def test(statement, point):
        return statement.rhs == int(bool(_converges(int(point[GROWTH]))))

    return holds("sum of the biases", test, [{GROWTH: g} for g in growths], method="convergence of sum 4^-l growth^l")


def printed_checks():
    yield under(_bounded([1]))
    yield outside(_bounded([4, 8]), truth=sp.Eq(bounded, 0))
