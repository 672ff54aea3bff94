r"""Over 6 xi_c, the depth of the overlays, a signal falls to exp(-6); twice the depth scale would leave exp(-2)."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import enclosure

n = sp.Symbol("n", positive=True)
left = sp.Function("left")

CLAIM = Claim(
    id="attenuation_over_six_depth_scales",
    title="what is left of a signal after n depth scales",
    statement=sp.Eq(left(n), sp.exp(-n)),
    source=Source("schoenholz2017", "section 5: overlays of 'twice the predicted depth scale, 6 xi_c'"),
    meaning=(
        "left(n) = |c_l - c*| at l = n xi_c over its value at l = 0, 1/xi_c = -log chi_c, in the linear regime.  Six "
        "depth scales are drawn in Figures 5 (b) to (d) and 6, as in Figure 5 (a)"
    ),
    variables={n: "n > 0"},
    uses=("ff_correlation_susceptibility",),
    printed=Printed(
        text="twice the predicted depth scale, 6 xi_c (read: exp(-n/3) is left after n xi_c)",
        statement=sp.Eq(left(n), sp.exp(-n / 3)),
    ),
)


def derive() -> sp.Expr:
    """chi_c^l at l = -n/log chi_c."""
    chi = sp.Symbol("chi", positive=True)
    return sp.simplify(sp.exp(sp.log(chi) * n / -sp.log(chi)))


def power(point, bits):
    """(1/2)^l with l = n xi_c, chi_c = 1/2, in balls."""
    from flint import arb, ctx

    from derive.numerics.compile import to_arb

    with ctx.workprec(bits + 20):
        half = arb(1) / 2
        return half ** (to_arb(point[n]) / -half.log())


def _check():
    limit = Fraction(1, 10**30)
    return enclosure("n = 6", power, [{n: sp.Integer(6)}], radius=limit, within=limit, method="chi_c = 1/2, in balls")


def checks():
    yield _check()


def printed_checks():
    yield _check()
