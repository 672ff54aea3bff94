r"""Skip connections over k blocks: the effective cumulant is a product, and the weights need another scale."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

from . import _rdiagonal

c = sp.Symbol("c", real=True)
w, d, L = sp.symbols("w d L", positive=True)
k = sp.Symbol("k", integer=True, positive=True)

CLAIM = Claim(
    id="isometry_skips_over_blocks",
    title="effective cumulant of skip connections over several blocks",
    statement=sp.Eq(c, L ** (1 - k) * w**k * d**k),
    source=Source("tarnowski2019", "section 3.1, last paragraph: skip connections over more than one block"),
    meaning=(
        "L skip connections, each over k blocks D W with weights of variance w/(N L) and d = E phi'^2 in each: the sum "
        "of the c_2 of the branches.  It tends to 0 for k > 1; variances proportional to L^(-1/k) keep it"
    ),
    assumptions="the blocks of a branch are free R-diagonal elements; " + _rdiagonal.DEFINITION,
    variables={w: "w > 0", d: "d > 0", L: "number of skip connections", k: "blocks under one of them"},
    printed=Printed(
        text="results remain unaltered with L the number of skip connections",
        statement=sp.Eq(c, w**k * d**k),
        condition="k = 1",
    ),
)


def derive() -> sp.Expr:
    """tau(X_1 ... X_k X_k^T ... X_1^T): the innermost pair is free from the rest and leaves its mean, k times."""
    block = w / L * d
    branch, count = sp.Function("branch"), sp.Symbol("count", integer=True, positive=True)
    found = sp.rsolve(branch(count + 1) - block * branch(count), branch(count), {branch(1): block})
    return sp.powsimp(sp.expand_power_base(sp.simplify(L * found.subs(count, k)), force=True))


def colours(statement, point):
    """The moment over non-crossing partitions, cumulants of different blocks being 0 (freeness)."""
    blocks, depth, weight, slope = int(point[k]), *(sp.Rational(point[s]) for s in (L, w, d))
    letters = [(j, 0) for j in range(blocks)] + [(j, 1) for j in reversed(range(blocks))]
    sequence = [weight * slope / depth, sp.Rational(7, 3), sp.Rational(-2, 5)]  # the higher ones do not matter
    total = 0
    for partition in _rdiagonal.planar(2 * blocks):
        value = sp.Integer(1)
        for block in partition:
            mixed = len({letters[i][0] for i in block}) > 1
            value *= 0 if mixed else _rdiagonal.cumulant(tuple(letters[i][1] for i in block), 0, sequence)
        total += value
    return bool(statement.rhs.subs({k: blocks, L: depth, w: weight, d: slope}) == depth * total)


POINTS = [{k: n, L: 10, w: sp.Rational(1, 4), d: sp.Rational(2, 3)} for n in (2, 3, 4)]
SINGLE = [{k: 1, L: 10, w: sp.Rational(1, 4), d: sp.Rational(2, 3)}, {k: 1, L: 3, w: 2, d: 5}]
METHOD = "all non-crossing partitions of the word, blocks of one branch free"


def checks():
    yield holds("non-crossing partitions", colours, [*POINTS, *SINGLE], method=METHOD)


def printed_checks():
    yield under(holds("one block", colours, SINGLE, method=METHOD))
    yield outside(holds("several blocks", colours, POINTS, method=METHOD))
