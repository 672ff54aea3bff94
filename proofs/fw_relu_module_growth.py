r"""Residual nets of ReLU modules: the mean squared length is exponential in the sum of the scales, with constants.

E M_l given x lies below (1 + 2 eta/sqrt(pi) + eta^2) M. For the other side let A be the sum of the entries: it never
falls, |x|^2 >= A^2/n, and E (A + eta sum ReLU)^2 >= (A + eta sqrt(n M/pi))^2 >= A^2 (1 + eta/sqrt(pi))^2 for A >= 0.
"""

import mpmath
import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

n = sp.Symbol("n", positive=True, integer=True)
EM, low = sp.symbols("EM low", positive=True)
e1, e2 = sp.symbols("eta1 eta2", positive=True)
c = 1 / sp.sqrt(sp.pi)

CLAIM = Claim(
    id="fw_relu_module_growth",
    title="lower bound of the mean squared length of two residual ReLU modules",
    statement=sp.Ge(EM, (1 + e1 * c) ** 2 * (1 + e2 * c) ** 2),
    source=Source("hanin2018", "Theorems 2 and 6, (8)"),
    meaning=(
        "EM is E M_2 for an input of equal entries, M_0 = 1 (so A_0^2/n = 1), one-layer modules ending with ReLU; the "
        "same product over L modules bounds E M_L below, and prod (1 + 2 eta/sqrt(pi) + eta^2) bounds it above"
    ),
    variables={EM: "E M_2", e1: "first scale", e2: "second scale"},
    uses=("fw_relu_module_step", "fw_relu_module_sum"),
)


def integral(statement, point):
    """Width two: the two pre-activations of the first module integrated over, the second module in closed form."""
    first, second = (mpmath.mpf(int(point[e].p)) / int(point[e].q) for e in (e1, e2))
    with mpmath.workdps(15):
        start = 1 / mpmath.sqrt(2)

        def length(h1, h2):
            x = (start + first * max(h1, 0), start + first * max(h2, 0))
            size = x[0] ** 2 + x[1] ** 2
            return (1 + second**2) * size + 2 * second * sum(x) * mpmath.sqrt(size / (2 * mpmath.pi))

        # variance 2/n |x|^2 = 1; a unit is inactive with probability 1/2
        def both(h1, h2):
            return length(h1, h2) * mpmath.npdf(h1) * mpmath.npdf(h2)

        one = mpmath.quad(lambda h: length(h, -1) * mpmath.npdf(h), [0, 7])
        two = mpmath.quad(both, [0, 7], [0, 7])
        mean = length(-1, -1) / 4 + one + two
        bound = mpmath.mpf(sp.N(statement.rhs.subs(point), 20))
        margin = mean - bound
        if abs(margin) < 1e-6:
            return None
        return bool(margin > 0) == isinstance(statement, (sp.Ge, sp.Gt))


def proof():
    """n M >= A^2, and E A'^2 >= A^2 (1 + eta/sqrt(pi))^2 for A >= 0 by fw_relu_module_sum; A never falls."""
    from . import fw_relu_module_sum as one

    over = sp.Symbol("over", nonnegative=True)
    total = sp.Symbol("total", nonnegative=True)  # A
    mean = one.CLAIM.statement.rhs.subs({one.A: total, one.M: (total**2 + over) / one.n})
    least = total**2 * (1 + one.eta * c) ** 2
    # sqrt(A^2 + over) = A + more
    more = sp.Symbol("more", nonnegative=True)
    gap = (
        sp.expand(mean - least).subs(sp.sqrt(total**2 + over), total + more).subs(over, (total + more) ** 2 - total**2)
    )
    gap = sp.factor(sp.expand(gap))
    _fw.step(not gap.has(sp.sqrt(total**2 + over)) and _signs(gap), "E A'^2 against A^2")
    return sp.Ge(EM, (1 + e1 * c) ** 2 * (1 + e2 * c) ** 2)


def _signs(gap):
    """Whether every term is not negative: pi is larger than 1."""
    numerator, denominator = sp.fraction(sp.together(gap.subs(sp.pi, 1 + sp.Symbol("pi_less_one", positive=True))))
    return bool(denominator.is_positive and sp.expand(numerator).is_nonnegative)


def checks():
    yield _fw.shown("module by module", proof, method="signs of the terms of E A'^2 - A^2 (1 + eta/sqrt(pi))^2")
    points = [{e1: a, e2: b} for a, b in ((sp.Rational(1, 2), sp.Rational(1, 4)), (sp.Rational(1, 50), 2))]
    yield holds("width two", integral, points, method="two-dimensional quadrature; undecided where closer than 1e-6")
