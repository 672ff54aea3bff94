r"""The orbits of :math:`x_{n+1} = x_n^2 - 2`: a Boettcher series that ends."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

from ._iterated import orbit, x

c = sp.Symbol("c", positive=True)
m = sp.Symbol("m", positive=True)

CLAIM = Claim(
    id="x_square_minus_two_expansion",
    title="orbits of x^2 - 2",
    statement=sp.Eq(orbit(m), c**m + c**-m),
    source=Source("ahosloane1973", "x^2 - 2"),
    meaning=(
        "x(m) is the n-th iterate for m = 2**n, x_{n+1} = x_n^2 - 2, x_0 > 2; "
        "c = lim x_n**(2**-n) = (x_0 + sqrt(x_0^2 - 4))/2"
    ),
    variables={m: "m = 1, 2, 4, 8, ...", c: "c > 1, the constant of the start"},
)


def derive() -> sp.Expr:
    """Boettcher's equation at infinity; all further terms vanish."""
    from derive.difference import Recurrence

    law = Recurrence(x, x**2 - 2).asymptotics(terms=6)
    assert law.error == 0
    return law.expr.subs({law.n: sp.log(m) / sp.log(2), law.c: c}, simultaneous=True)


def exact_step(statement, place) -> bool:
    """One step from m to 2m in exact arithmetic, and the start x_0 = m-th root taken out: x(1) = c + 1/c."""
    value = lambda times: statement.rhs.subs(m, times * m).subs(place)  # noqa: E731
    first = statement.rhs.subs(m, 1).subs(place)
    return value(2) == value(1) ** 2 - 2 and (first + sp.sqrt(first**2 - 4)) / 2 == place[c]


def checks():
    yield holds(
        "one step and the start",
        exact_step,
        [{c: sp.Rational(3, 2), m: 1}, {c: 2, m: 4}, {c: sp.Rational(7, 3), m: 2}],
        method="x(2m) = x(m)^2 - 2 and the formula for c, in rational numbers",
    )
