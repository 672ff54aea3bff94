r"""The tanh network of Figure 3, sigma_w2 = 2 and sigma_b2 = 0.05, is chaotic, not "squarely in the ordered phase"."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import Check, Verdict, digits

from . import _critical

chi_1 = sp.Symbol("chi_1", positive=True)

CLAIM = Claim(
    id="tanh_network_of_figure_3_is_chaotic",
    title="chi_1 of the network of Figure 3",
    statement=sp.Eq(chi_1, sp.Rational("1.0476659995757353")),
    source=Source("pabari", "section 4.4, Figure 3"),
    meaning=(
        "chi_1 of a tanh network with sigma_w2 = 2, sigma_b2 = 1/20, to 16 decimals; it is critical at sigma_w2 = "
        "1.76095"
    ),
    variables={chi_1: "susceptibility"},
    printed=Printed(
        text="sigma_w2 = 2, sigma_b2 = 0.05, tanh is squarely in the ordered phase", statement=sp.Lt(chi_1, 1)
    ),
)


def ball():
    """chi_1 at the sign change of 2 V(q) + 1/20 - q between 1/2 and 1; V/q decreases, so it is the only one."""
    from flint import arb, ctx

    with ctx.workprec(140):
        a, b = arb("0.5").mid(), arb(1)
        for _ in range(80):
            m = ((a + b) / 2).mid()
            value = 2 * _critical.means("tanh", m)[0] + arb(1) / 20 - m
            if not (value > 0 or value < 0):
                break
            a, b = (m, b) if value > 0 else (a, m)
        return 2 * _critical.means("tanh", a)[1].union(_critical.means("tanh", b)[1])


_memory: list = []


def verdicts(statement):
    """Decide the relation for the ball."""
    from flint import arb, ctx, fmpq

    if not _memory:
        _memory.append(ball())
    with ctx.workprec(140):
        distance = _memory[0] - arb(fmpq(int(statement.rhs.p), int(statement.rhs.q)))
        near, tolerance = abs(distance), arb(10) ** -16
    if isinstance(statement, sp.Equality):
        answer = True if near < tolerance else (False if near > tolerance else None)
    else:
        less = True if distance < 0 else (False if distance > 0 else None)
        below = isinstance(statement, (sp.StrictLessThan, sp.LessThan))
        answer = less if below or less is None else not less
    yield Verdict(answer, "sigma_w2 = 2, sigma_b2 = 1/20", 16 if answer else 0)


def iteration(_point, _digits):
    """The length recurrence iterated with a trapezoidal sum in mpmath."""
    import mpmath

    h = mpmath.mpf(1) / 8
    nodes = [(k * h, h * mpmath.npdf(k * h)) for k in range(-88, 89)]
    q = mpmath.mpf(1)
    for _ in range(60):
        r = mpmath.sqrt(q)
        q = 2 * mpmath.fsum(w * mpmath.tanh(r * z) ** 2 for z, w in nodes) + mpmath.mpf(1) / 20
    r = mpmath.sqrt(q)
    return 2 * mpmath.fsum(w * mpmath.sech(r * z) ** 4 for z, w in nodes)


def _check():
    return Check(
        "chi_1 in a ball",
        "enclosure",
        "bisection for q* in balls, E phi'^2 there",
        verdicts,
        covers="the number itself",
    )


def checks():
    yield _check()
    yield digits("iteration", iteration, digits=15, method="60 layers with trapezoidal sums in mpmath")


def printed_checks():
    yield _check()
