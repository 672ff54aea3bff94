r"""The sum of reciprocal widths at a fixed sum of powers of the widths: the inequality of power means."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from . import _fw

S, N, p = sp.symbols("S N p", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
CASE = sp.Symbol("case", integer=True, nonnegative=True)

CLAIM = Claim(
    id="fw_equal_widths_sum",
    title="equal widths minimise the sum of reciprocal widths",
    statement=sp.Ge(S, d ** (1 + 1 / p) * N ** (-1 / p)),
    source=Source("hanin2018", "section 3.3: by the inequality of power means"),
    meaning=(
        "S is the sum of 1/n_j and N that of n_j^p over d layers: p = 1 counts neurons, p = 2 (roughly) parameters; "
        "equality for equal widths alone"
    ),
    variables={S: "sum of 1/n_j", N: "sum of n_j^p", p: "power", d: "depth"},
)


def proof():
    """1/x >= (1 + 1/p)/m - x^p/(p m^(p + 1)) for the mean m, layer by layer; the sum of the right sides is d/m."""
    t, u, y = sp.symbols("t u y", positive=True)
    gap = 1 / t + t**p / p - (1 + 1 / p)  # t = x/m, times m
    _fw.step(sp.simplify(gap.subs(t, 1)) == 0, "equality at x = m")
    slope = sp.powsimp(sp.expand(sp.diff(gap, t) * t**2))
    _fw.step(sp.simplify(slope - (t ** (p + 1) - 1)) == 0, "the slope of the gap has the sign of t^(p + 1) - 1")
    # t = e^u: the sign of e^((p + 1) u) - 1 is that of u
    exponent = sp.log((sp.exp(u)) ** (p + 1)).expand(force=True)
    _fw.step(exponent.is_positive, "t^(p + 1) > 1 for t > 1, and so < 1 for 1/t")
    _fw.not_negative_from_zero(sp.exp(y) - 1, y, 1)
    m = (N / d) ** (1 / p)
    total = d * (1 + 1 / p) / m - N / (p * m ** (p + 1))
    _fw.step(sp.simplify(total - d / m) == 0, "sum over the layers")
    return sp.Ge(S, sp.powsimp(sp.expand_power_base(d / m)))


NETS = [[15, 15], [10, 20], [7], [3, 3, 3], [1, 2, 50, 4]]


def lists(statement, point):
    widths, power = NETS[int(point[CASE])], int(point[p])
    values = {S: sum(sp.Rational(1, w) for w in widths), N: sum(w**power for w in widths), d: len(widths), p: power}
    return _fw.relation_at(statement, values)


def checks():
    yield _fw.shown("layer by layer", proof, method="sign of the derivative of the gap to a tangent, for every power")
    points = [{CASE: i, p: power} for i in range(len(NETS)) for power in (1, 2)]
    yield holds(
        "lists of widths", lists, points, method="both sides from the widths, exactly; equality for equal widths"
    )
