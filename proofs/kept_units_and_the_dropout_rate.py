r"""With masks p/rho that keep the mean, rho is the chance that a unit is kept; the dropout rate is 1 - rho."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

rho = sp.Symbol("rho", positive=True)
dropped = sp.Function("dropped")

CLAIM = Claim(
    id="kept_units_and_the_dropout_rate",
    title="the chance that dropout removes a unit",
    statement=sp.Eq(dropped(rho), 1 - rho),
    source=Source("schoenholz2017", "eq. 10 and section 7.3: p ~ Bernoulli(rho), rho is the dropout rate"),
    meaning=(
        "dropped = the chance that p = 0, for p in {0, 1} with E p/rho = 1.  The formulas are right with rho as the "
        "chance of keeping; 'as the dropout rate increases' means that rho falls, and rho = 1 is no dropout"
    ),
    variables={rho: "0 < rho <= 1"},
    printed=Printed(
        text="rho is the dropout rate, the chance that a unit is dropped", statement=sp.Eq(dropped(rho), rho)
    ),
)


def derive() -> sp.Expr:
    """The chance k of keeping with E p/rho = k/rho = 1."""
    k = sp.Symbol("k")
    return 1 - sp.solve(sp.Eq(k * 1 / rho + (1 - k) * 0, 1), k)[0]


def ten_units(statement, point) -> bool:
    """Of ten units rho 10 are kept, each scaled by 1/rho: their sum is that of ten."""
    kept = next(k for k in range(11) if k / point[rho] == 10)
    return bool(statement.rhs.subs(point) * 10 == 10 - kept)


def _check():
    return holds("ten units", ten_units, [{rho: sp.Rational(4, 5)}, {rho: sp.Rational(9, 10)}], method="counting")


def checks():
    yield _check()


def printed_checks():
    yield _check()
