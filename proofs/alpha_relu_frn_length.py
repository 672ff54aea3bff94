r"""ReLU: the length of a full residual network is a geometric sum, at every depth."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds
from derive.networks.residual.equations import SYMBOLS as S

n = sp.Symbol("l", integer=True, nonnegative=True)
p0, sa2, sb2 = sp.symbols("p_0 sigma_a2 sigma_b2", nonnegative=True)
p = sp.Function("p")
B = 1 + S.sigma_v2 * S.sigma_w2 / 2
REST = (sa2 + S.sigma_v2 * sb2 / 2) / (B - 1)  # sigma_a2/(B-1) + sigma_b2/sigma_w2
LAW = B**n * (p0 + REST) - REST

CLAIM = Claim(
    id="alpha_relu_frn_length",
    title="length of a ReLU full residual network",
    statement=sp.Eq(p(n), LAW),
    source=Source("yang2017", "section 5.2 and theorem B.2.1, alpha = 1 (formula stripped, rebuilt)"),
    meaning="B = 1 + sigma_v2 sigma_w2/2 is the factor of growth; the gradient chi_0/chi_l is exactly B^l",
    variables={
        n: "l = 0, 1, 2, ...",
        p0: "p_0 >= 0",
        S.sigma_v2: "sigma_v2 > 0",
        S.sigma_w2: "sigma_w2 > 0",
        sa2: "sigma_a2 >= 0",
        sb2: "sigma_b2 >= 0",
    },
    uses=("frn_length_recurrence",),
    printed=Printed(text="p grows like B^l, B = 1 + sigma_v2 sigma_w2/2", statement=sp.Eq(p(n), LAW)),
)


def derive() -> sp.Expr:
    """The layer equations with E relu^2 = q/2 put in, solved."""
    from derive.networks import FullResidual

    rows = FullResidual("relu").recurrences()
    step = rows["p"].rhs.doit().subs(S.q, rows["q"].rhs).doit().subs({S.sigma_a2: sa2, S.sigma_b2: sb2})
    slope, shift = sp.diff(step, S.p_), sp.cancel(step.subs(S.p_, 0) / (sp.diff(step, S.p_) - 1))
    power = sp.Symbol("power", positive=True)  # slope**n, times slope at the next layer
    layer = power * (p0 + shift) - shift
    assert sp.cancel(layer.subs(power, slope * power) - step.subs(S.p_, layer)) == 0
    return slope**n * (p0 + shift) - shift


def layers(statement, point) -> bool:
    """Seven layers in rational numbers."""
    length = point[p0]
    for depth in range(8):
        if statement.rhs.subs({**point, n: depth}) != length:
            return False
        length = length + point[S.sigma_v2] * (point[S.sigma_w2] * length + point[sb2]) / 2 + point[sa2]
    return True


def checks():
    point = {
        p0: sp.Rational(7, 5),
        S.sigma_v2: sp.Rational(9, 8),
        S.sigma_w2: sp.Rational(3, 4),
        sa2: sp.Rational(3, 8),
        sb2: sp.Rational(2, 3),
    }
    yield holds("seven layers", layers, [point], method="the layer equations in exact rational numbers, E relu^2 = q/2")


def printed_checks():
    yield from checks()
